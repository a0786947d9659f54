-- S5: bounds hold for what is suggested, the root's too; they round inwards to the step; what they
-- withhold or add is shared by the others in proportion; what cannot be is refused, by how much.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied;
INSERT INTO periods VALUES ('P', '[2025-07-01,2025-10-01)'), ('Q', '[2025-10-01,2026-01-01)');
INSERT INTO units (unit_id, code, parent_id) VALUES (1, 'CN', NULL), (2, 'A', 1), (3, 'B', 1),
	(4, 'C', 1), (5, 'D', 1),
	(6, 'A1', 2), (7, 'A2', 2), (8, 'B1', 3), (9, 'HK', NULL);
DELETE FROM factors;
INSERT INTO factors (signal) VALUES ('market');
INSERT INTO signals (unit_id, signal, as_of, value) VALUES (2, 'market', '2025-01-01', 40),
	(3, 'market', '2025-01-01', 30),
	(4, 'market', '2025-01-01', 20), (5, 'market', '2025-01-01', 10),
		(6, 'market', '2025-01-01', 1), (7, 'market', '2025-01-01', 1);
CREATE FUNCTION public.split(mode text DEFAULT 'live', period text DEFAULT 'P',
	total numeric DEFAULT 100) RETURNS text LANGUAGE sql
BEGIN ATOMIC
	SELECT string_agg(u.code || ' ' || t.suggested, ', ' ORDER BY t.unit_id)
	FROM allocate_targets(split.period, split.total, split.mode, 'CN', 1) t
		JOIN units u ON u.unit_id = t.unit_id;
END;
CREATE PROCEDURE public.bound(VARIADIC rows text[]) LANGUAGE plpgsql
AS $$
BEGIN
	DELETE FROM bounds;
	INSERT INTO bounds (period, unit_id, at_least, at_most)
	SELECT 'P', u.unit_id, nullif(split_part(r, ' ', 2), '-')::numeric,
		nullif(split_part(r, ' ', 3), '-')::numeric
	FROM unnest(rows) AS r JOIN units u ON u.code = split_part(r, ' ', 1);
END
$$;

SELECT public.split();
-- A floor: 25 for D, and 75 by 40 : 30 : 20, which is 33.33, 25, 16.67.  A's 33 is 17 and 16.
CALL public.bound('D 25 -');
SELECT public.split();
-- A ceiling: 20 for A, and 80 by 30 : 20 : 10, which is 40, 26.67, 13.33.
CALL public.bound('A - 20');
SELECT public.split();
-- A locked unit: 5 for C, and 95 by 40 : 30 : 10, which is 47.5, 35.625, 11.875: up to the rank of
-- 47.5 A has 47, B 36 and D 12, and that is all.
CALL public.bound('C 5 5');
SELECT public.split();
-- Several, at two levels: C 40, D 1; the other 59 by 40 : 30, 33.71 and 25.29; of A's 34 A1 has at
-- most 4.
CALL public.bound('C 40 -', 'D - 1', 'A1 - 4', 'B1 - 99', 'A - -');
SELECT public.split();
-- A unit of no weight gets its floor, no more.
UPDATE signals SET value = 0 WHERE unit_id = 5;
CALL public.bound('D 7 50');
SELECT public.split();
UPDATE signals SET value = 10 WHERE unit_id = 5;

-- Inwards: at least 24.001 is 25, at most 20.999 is 20.
CALL public.bound('D 24.001 -');
SELECT public.split();
CALL public.bound('A - 20.999');
SELECT public.split();
CALL public.bound('C 5.5 5.5');
SELECT error_of($$SELECT public.split()$$);
CALL public.bound('C 5.1 6.9');
SELECT public.split();

-- The root's own.
CALL public.bound('CN 99.5 100.5');
SELECT public.split();
CALL public.bound('CN 150 -');
SELECT error_of($$SELECT public.split()$$);
CALL public.bound('CN - 89.99');
SELECT error_of($$SELECT public.split()$$);
SELECT error_of($$SELECT public.split('shadow')$$);

-- Infeasible: floors 60 + 50 exceed 100 by 10; four ceilings of 20 leave 20; below A, whose 40 is
-- less than the floors of 30 and 25, by 15; a lone child that may not take its parent's 30, by 1; a
-- parent of 0 whose child has a floor.
CALL public.bound('C 50 -', 'D 60 -');
SELECT error_of($$SELECT public.split()$$);
CALL public.bound('A - 20', 'B - 20', 'C - 20', 'D - 20');
SELECT error_of($$SELECT public.split()$$);
CALL public.bound('A1 30 -', 'A2 25 -');
SELECT error_of($$SELECT public.split()$$);
CALL public.bound('B1 - 29');
SELECT error_of($$SELECT public.split()$$);
CALL public.bound('A - 0', 'A1 1 -');
SELECT error_of($$SELECT public.split()$$);
CALL public.bound('A1 1 -');
SELECT error_of($$SELECT public.split(total => 0)$$);

-- Sandbox plans know no bounds, nor does another period; shadow plans obey.  A bound of a unit that
-- is not in the plan is nobody's.
CALL public.bound('D 25 -', 'HK 1000 -');
SELECT public.split('sandbox');
SELECT public.split('live', 'Q');
SELECT public.split('shadow');
UPDATE units SET closed_on = '2025-06-30' WHERE code = 'D';
SELECT public.split();

-- The table refuses what can never be.
SELECT b AS bounds, split_part(refusal(format('INSERT INTO bounds VALUES (''P'', 3, %s)', b)),
	': ', 1) AS refused
FROM unnest(ARRAY['2, 1', '-1, NULL', 'NULL, -1', '1e15, NULL', 'NULL, 1e15', '1, 1']) AS b;

ROLLBACK;
