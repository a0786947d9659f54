-- apportion() over random splits, against independent exact arithmetic: whole numbers in numeric.
BEGIN;
SET LOCAL search_path = public, regtarget;
SELECT plan(12);
SELECT setseed(0.2025);

-- A weight as mantissa and exponent of two.
CREATE FUNCTION mantissa(w float8) RETURNS numeric LANGUAGE sql IMMUTABLE
RETURN (('x' || encode(float8send(w), 'hex'))::bit(64)::bigint & 4503599627370495)
	+ CASE WHEN w >= 2.2250738585072014e-308 THEN 4503599627370496 ELSE 0 END;
CREATE FUNCTION exponent(w float8) RETURNS int LANGUAGE sql IMMUTABLE
RETURN greatest((('x' || encode(float8send(w), 'hex'))::bit(64)::bigint >> 52)::int, 1);
SELECT is(mantissa(0.75) * power(2::numeric, exponent(0.75)) * 4,
	3 * mantissa(1) * power(2::numeric, exponent(1)),
	'the arithmetic of this test takes a weight apart rightly');

-- Splits of up to 8 rows and 60 steps: weights that tie, that are binary fractions, that are far
-- apart, that are 0; bounds on some, always with an answer.
CREATE TABLE splits AS
SELECT s, s % 8 AS kind, (ARRAY[0.01, 1, 0.0001, 10, 2.5, 0.000000000001])[s % 6 + 1] AS step,
	floor(random() * 61)::int AS steps, floor(random() * 8 + 1)::int AS n
FROM generate_series(1, 2000) s;
CREATE TABLE parts AS
SELECT s, x, steps, step,
	CASE WHEN x = n THEN 1 ELSE CASE kind WHEN 0 THEN 1 WHEN 1 THEN floor(random() * 5) WHEN 2
		THEN random() * 1000
		WHEN 3 THEN power(10, random() * 40 - 20) WHEN 4 THEN floor(random() * 12) / 10
		WHEN 5 THEN floor(random() * 4 + 1) / 3 WHEN 6 THEN 5e-324 * floor(random() * 100)
		ELSE 1.7e308 * random() END END::float8 AS w,
	CASE WHEN random() < 0.3 THEN floor(random() * (steps / n + 1))::int END AS lo,
	CASE WHEN random() < 0.3 AND x < n THEN floor(random() * 30)::int END AS hi,
		NULL::numeric AS m, random() AS shuffled
FROM splits, generate_series(1, n) x;
CREATE INDEX ON parts (s);
-- A floor is at most steps / n, so that the floors leave enough; a ceiling is not below the floor;
-- the last row has none, and a weight.
UPDATE parts SET hi = lo WHERE hi < lo;
UPDATE parts p SET m = mantissa(w) * power(2::numeric, exponent(w) - (SELECT min(exponent(q.w))
	FROM parts q WHERE q.s = p.s));

-- Step by step: each goes to the row of the least (2k - 1) / weight, the earliest of equals.
CREATE FUNCTION highest_averages(m numeric[], lo int[], hi int[], steps int) RETURNS int[]
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
	part int[] := lo;
	best int;
BEGIN
	FOR i IN 1 .. cardinality(m) LOOP
		steps := steps - lo[i];
	END LOOP;
	FOR k IN 1 .. steps LOOP
		best := NULL;
		FOR i IN 1 .. cardinality(m) LOOP
			IF m[i] > 0 AND part[i] < hi[i]
				AND (best IS NULL OR (2 * part[i] + 1) * m[best] < (2 * part[best] + 1) * m[i]) THEN
				best := i;
			END IF;
		END LOOP;
		part[best] := part[best] + 1;
	END LOOP;
	RETURN part;
END
$$;

CREATE TABLE answers AS
SELECT s, x, steps, step, w, m, lo, hi,
	apportion(steps * step, w, step, lo * step, hi * step) OVER (PARTITION BY s ORDER BY x) AS part
FROM parts;
SELECT is(count(*), (SELECT count(*) FROM parts), 'every row has a part') FROM answers
	WHERE part >= 0;
SELECT is_empty($$SELECT s FROM answers GROUP BY s, steps, step HAVING sum(part) <> steps * step$$,
	'2,000 random splits: the parts add up exactly');
SELECT is_empty($$SELECT * FROM answers WHERE part % step <> 0
	OR scale(part) <> scale(trim_scale(step))$$,
	'every part is a multiple of the step, with its decimals');
SELECT is_empty($$SELECT * FROM answers WHERE part < lo * step OR part > hi * step$$,
	'bounds hold');
SELECT is_empty($$
	SELECT s FROM answers GROUP BY s, steps
	HAVING array_agg((part / step)::int ORDER BY x)
		<> highest_averages(array_agg(m ORDER BY x), array_agg(coalesce(lo, 0) ORDER BY x),
			array_agg(coalesce(hi, 1000) ORDER BY x), steps)$$,
	'every part is that of giving step after step by exact comparison');

-- Rows may arrive in any order: the window's decides.
CREATE TABLE shuffled AS SELECT * FROM parts ORDER BY shuffled;
SELECT is_empty($$
	SELECT a.s, a.x FROM answers a JOIN (SELECT s, x,
		apportion(steps * step, w, step, lo * step, hi * step)
			OVER (PARTITION BY s ORDER BY x) AS part FROM shuffled) b
	ON a.s = b.s AND a.x = b.x AND a.part <> b.part$$,
	'the order in which rows arrive changes nothing');

-- House monotonicity: a step more, and nobody has less.
SELECT is_empty($$
	SELECT a.s, a.x FROM answers a JOIN (SELECT s, x, apportion((steps + 1) * step, w, step,
		lo * step, hi * step)
		OVER (PARTITION BY s ORDER BY x) AS part FROM parts) b
	ON a.s = b.s AND a.x = b.x AND b.part < a.part$$,
	'raising the total lowers no part');

-- Up to 10^16 steps, where giving them one by one takes too long: the parts are right when they add
-- up and no step that was given ranks behind one that was not.
CREATE TABLE large AS
SELECT s, x, s % 8 AS kind, total, n, CASE WHEN x = n THEN w + 1 ELSE w END AS w,
	CASE WHEN random() < 0.2 THEN trunc(random()::numeric * total / n / 2, 2) END AS lo,
		NULL::numeric AS hi
FROM (SELECT s, (floor(power(10, random() * 15 + 1)) / 100)::numeric(20, 2) AS total,
	floor(random() * 20 + 1)::int AS n
	FROM generate_series(1, 500) s) AS s,
	LATERAL (SELECT x, CASE s % 4 WHEN 0 THEN random() WHEN 1 THEN floor(random() * 10)
		WHEN 2 THEN power(10, random() * 20 - 10) ELSE floor(random() * 3) / 3 END AS w
			FROM generate_series(1, n) x) AS x;
UPDATE large SET hi = lo + trunc(random()::numeric * total / n, 2) WHERE random() < 0.2
	AND lo IS NOT NULL AND x < n;
CREATE TABLE large_answers AS
SELECT s, x, total, w, coalesce(lo, 0) * 100 AS lo, hi * 100 AS hi,
	apportion(total, w, 0.01, lo, hi) OVER (PARTITION BY s ORDER BY x) * 100 AS part,
	mantissa(w) * power(2::numeric, exponent(w) - min(exponent(w)) OVER (PARTITION BY s)) AS m
FROM large;
CREATE INDEX ON large_answers (s);
SELECT is_empty($$SELECT s FROM large_answers GROUP BY s, total HAVING sum(part) <> total * 100$$,
	'500 large splits: the parts add up exactly');
SELECT is_empty($$SELECT * FROM large_answers WHERE part < lo OR part > hi OR w = 0
	AND part <> lo$$,
	'bounds hold, and a weight of 0 gets its floor');
SELECT is_empty($$
	SELECT a.s, a.x, b.x FROM large_answers a JOIN large_answers b ON a.s = b.s AND a.x <> b.x
	WHERE a.part > a.lo AND b.m > 0 AND b.part < coalesce(b.hi, b.part + 1)
		AND ((2 * a.part - 1) * b.m > (2 * b.part + 1) * a.m
			OR (2 * a.part - 1) * b.m = (2 * b.part + 1) * a.m AND b.x < a.x)$$,
	'no step given ranks behind one that was not');

-- The default step is 0.01, and bounds that say nothing are none.
SELECT is_empty($$
	SELECT * FROM (SELECT apportion(total, w) OVER p AS two, apportion(total, w, 0.01)
		OVER p AS three,
		apportion(total, w, 0.01, NULL) OVER p AS four, apportion(total, w, 0.01, NULL, NULL)
			OVER p AS five
		FROM large WINDOW p AS (PARTITION BY s ORDER BY x)) AS a
	WHERE NOT (two = three AND three = four AND four = five)$$,
	'two, three, four and five arguments agree');

SELECT * FROM finish();
ROLLBACK;
