-- Each way in which apportion() cannot answer, and what it says.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

-- Rows are (order, total, weight, step, at_least, at_most).
CREATE FUNCTION public.refused(data text) RETURNS SETOF text LANGUAGE sql
BEGIN ATOMIC
	SELECT error_of(format('SELECT apportion(t::numeric, w::float8, s::numeric, lo::numeric, hi::numeric)
		OVER (ORDER BY x) FROM (VALUES %s) v(x, t, w, s, lo, hi)', data));
END;

-- Nulls: total, weight, step.  Bounds may be null.
SELECT refused($$(1, NULL, 1, 1, NULL, NULL)$$);
SELECT refused($$(1, 10, 1, 1, NULL, NULL), (2, NULL, 1, 1, NULL, NULL)$$);
SELECT refused($$(1, 10, 1, 1, NULL, NULL), (2, 10, NULL, 1, NULL, NULL)$$);
SELECT refused($$(1, 10, 1, NULL, NULL, NULL)$$);
SELECT refused($$(1, 10, 1, 1, NULL, NULL)$$);

-- Weights.
SELECT refused($$(1, 10, 1, 1, NULL, NULL), (2, 10, -1e-300, 1, NULL, NULL)$$);
SELECT refused($$(1, 10, 'NaN', 1, NULL, NULL)$$);
SELECT refused($$(1, 10, 1, 1, NULL, NULL), (2, 10, 1, 1, NULL, NULL),
	(3, 10, float8 'Infinity', 1, NULL, NULL)$$);
SELECT refused($$(1, 10, '-0', 1, NULL, NULL), (2, 10, 1, 1, NULL, NULL)$$);

-- Totals and steps: two of them, off the step, negative, none, out of range.
SELECT refused($$(1, 10, 1, 1, NULL, NULL), (2, 11, 1, 1, NULL, NULL)$$);
SELECT refused($$(1, 10, 1, 1, NULL, NULL), (2, 10, 1, 2, NULL, NULL)$$);
SELECT refused($$(1, 10.001, 1, 0.01, NULL, NULL)$$);
SELECT refused($$(1, 1e13 + 0.001, 1, 0.01, NULL, NULL)$$);
SELECT refused($$(1, 15, 1, 10, NULL, NULL)$$);
SELECT refused($$(1, -0.01, 1, 0.01, NULL, NULL)$$);
SELECT refused($$(1, -1e100, 1, 0.01, NULL, NULL)$$);
SELECT refused($$(1, 'NaN', 1, 1, NULL, NULL)$$);
SELECT refused($$(1, 'Infinity', 1, 1, NULL, NULL)$$);
SELECT refused($$(1, 10, 1, 0, NULL, NULL)$$);
SELECT refused($$(1, 10, 1, -1, NULL, NULL)$$);
SELECT refused($$(1, 10, 1, 'NaN', NULL, NULL)$$);
SELECT refused($$(1, 10, 1, 'Infinity', NULL, NULL)$$);
SELECT refused($$(1, 1e14 + 0.01, 1, 0.01, NULL, NULL)$$);
SELECT refused($$(1, 1e100, 1, 1, NULL, NULL)$$);
SELECT refused($$(1, 0, 1, 0.0000000000001, NULL, NULL)$$);
SELECT refused($$(1, 0, 1, 1e20, NULL, NULL)$$);

-- Bounds: not numbers, negative, crossing, crossing once rounded inwards.
SELECT refused($$(1, 10, 1, 1, 'NaN', NULL)$$);
SELECT refused($$(1, 10, 1, 1, NULL, NULL), (2, 10, 1, 1, NULL, 'Infinity')$$);
SELECT refused($$(1, 10, 1, 1, -1, NULL)$$);
SELECT refused($$(1, 10, 1, 1, NULL, -1)$$);
SELECT refused($$(1, 10, 1, 1, 6, 5), (2, 10, 1, 1, NULL, NULL)$$);
SELECT refused($$(1, 10, 1, 1, NULL, NULL), (2, 10, 1, 1, 5.1, 5.9)$$);

-- Infeasible: floors of 6 + 7 = 13 exceed 10 by 3; ceilings of 4 + 5 = 9 miss it by 1; the ceiling
-- of a weight of 0 is its floor: 2 + 5 = 7 misses 10 by 3; nobody with a weight, 10 - 2 = 8 left.
SELECT refused($$(1, 10, 1, 1, 6, NULL), (2, 10, 1, 1, 7, NULL)$$);
SELECT refused($$(1, 10, 1, 1, NULL, 4), (2, 10, 1, 1, NULL, 5)$$);
SELECT refused($$(1, 10, 0, 1, 2, NULL), (2, 10, 1, 1, NULL, 5)$$);
SELECT refused($$(1, 10, 0, 1, 2, NULL), (2, 10, 0, 1, NULL, NULL)$$);
-- In the step's own decimals, and past all range.
SELECT refused($$(1, 10, 1, 0.01, 6.001, NULL), (2, 10, 1, 0.01, 7.002, NULL)$$);
SELECT refused($$(1, 10, 1, 1, 1e300, NULL)$$);
SELECT refused($$(1, 10, 1, 1, 1e300, 1e200)$$);

-- Not over a window.
SELECT error_of($$SELECT apportion(10, 1)$$);
SELECT error_of($$SELECT apportion(10, 1, 1, 1, 1)$$);

ROLLBACK;
