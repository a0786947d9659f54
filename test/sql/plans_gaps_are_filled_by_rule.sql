-- S1, S2: signals become shares among siblings, and every kind of gap has its rule.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied;
INSERT INTO periods VALUES ('P', '[2025-07-01,2025-10-01)');
INSERT INTO units (unit_id, code, parent_id)
VALUES (1, 'CN', NULL), (2, 'A', 1), (3, 'B', 1), (4, 'C', 1), (5, 'D', 1);
DELETE FROM factors;
DELETE FROM signal_kinds;

-- The four regions' parts of a total, and what the last split was made of.
CREATE FUNCTION public.split(total numeric, step numeric DEFAULT 1) RETURNS text LANGUAGE sql
BEGIN ATOMIC
	SELECT string_agg(u.code || ' ' || t.suggested, ', ' ORDER BY t.unit_id)
	FROM allocate_targets('P', split.total, 'sandbox', 'CN', split.step) t
		JOIN units u ON u.unit_id = t.unit_id
	WHERE t.unit_id > 1;
END;
CREATE VIEW public.basis AS
SELECT u.code, b.signal, b.factor, b.value, b.imputed, b.scale, round(b.share::numeric, 6) AS share,
	round(b.weight::numeric, 6) AS weight
FROM target_basis b JOIN units u ON u.unit_id = b.unit_id
WHERE b.plan_id = (SELECT max(plan_id) FROM plans)
ORDER BY b.signal COLLATE "C", b.unit_id;
CREATE PROCEDURE public.enter(signal text, a float8, b float8, c float8, d float8) LANGUAGE sql
BEGIN ATOMIC
	DELETE FROM signals s WHERE s.signal = enter.signal;
	INSERT INTO signals (unit_id, signal, as_of, value)
	SELECT e.u, enter.signal, date '2025-07-01', e.v
	FROM (VALUES (2, enter.a), (3, enter.b), (4, enter.c), (5, enter.d)) AS e (u, v)
		WHERE e.v IS NOT NULL;
END;

-- A unit has no value: the mean of its siblings', (30 + 10 + 20) / 3 = 20. Of 800: 30 : 10 : 20 :
-- 20.
INSERT INTO factors (signal, weight) VALUES ('market', 1);
CALL public.enter('market', 30, 10, NULL, 20);
SELECT public.split(800);
SELECT * FROM public.basis;

-- Scaled: value x size.  80 x 10, 60 x 20, 70 x 30, 60 x 5 is 800, 1200, 2100, 300: 4400 in all.
DELETE FROM factors;
INSERT INTO factors (signal, weight, scaled_by) VALUES ('score', 1, 'size');
CALL public.enter('score', 80, 60, 70, 60);
CALL public.enter('size', 10, 20, 30, 5);
SELECT public.split(4400);
SELECT * FROM public.basis;

-- A unit has no scale: the mean, (10 + 20 + 30) / 3 = 20. 800, 1200, 70 x 20 = 1400, 60 x 30 =
-- 1800.
CALL public.enter('size', 10, 20, NULL, 30);
SELECT public.split(5200);
SELECT * FROM public.basis;

-- A scale of 0, the value entered: the smallest positive one.  800, 1200, 2100, 60 x 10 = 600.
CALL public.enter('size', 10, 20, 30, 0);
SELECT public.split(4700);
SELECT * FROM public.basis;
-- So when the value was entered below: D1 and D2 bring D a mean of 60.
INSERT INTO units (unit_id, code, parent_id) VALUES (6, 'D1', 5), (7, 'D2', 5);
INSERT INTO signal_kinds VALUES ('score', 'mean', NULL);
CALL public.enter('score', 80, 60, 70, NULL);
INSERT INTO signals (unit_id, signal, as_of, value) VALUES (6, 'score', '2025-07-01', 50),
	(7, 'score', '2025-07-01', 70);
SELECT split_part(public.split(4700), ', D1', 1) AS split;
SELECT * FROM public.basis WHERE code = 'D';
-- A scale of 0 and no value entered at all: the mean of the values, and still nothing to scale it
-- by.
DELETE FROM plans;
DELETE FROM signals WHERE unit_id > 5;
DELETE FROM units WHERE unit_id > 5;
SELECT public.split(4100);
SELECT * FROM public.basis WHERE code = 'D';

-- No sibling has a positive scale, be it 0 or unknown: plain shares, and nothing is imputed.
CALL public.enter('score', 80, 60, 70, 90);
CALL public.enter('size', 0, 0, 0, 0);
SELECT public.split(300);
SELECT * FROM public.basis;
CALL public.enter('size', 0, NULL, NULL, NULL);
SELECT public.split(300);
CALL public.enter('size', NULL, NULL, NULL, NULL);
SELECT public.split(300);
SELECT DISTINCT imputed, scale FROM public.basis;

-- A factor of two signals, 0.2 and 0.1, beside another of 0.7. All there: of tender 1 : 1 : 1 : 1,
-- report 1 : 2 : 3 : 4 and tilt 4 : 3 : 2 : 1, A gets 0.05 + 0.01 + 0.28 = 0.34, B 0.05 + 0.02 +
-- 0.21 = 0.28, C 0.05 + 0.03 + 0.14 = 0.22, D 0.05 + 0.04 + 0.07 = 0.16.
DELETE FROM factors;
INSERT INTO factors (signal, factor, weight)
VALUES ('tender', 'potential', 0.2), ('report', 'potential', 0.1), ('tilt', 'strategy', 0.7);
CALL public.enter('tender', 5, 5, 5, 5);
CALL public.enter('report', 10, 20, 30, 40);
CALL public.enter('tilt', 4, 3, 2, 1);
SELECT public.split(100);
SELECT * FROM public.basis;
-- Nobody has a tender: its 0.2 goes to report. A 0.03 + 0.28, B 0.06 + 0.21, C 0.09 + 0.14, D 0.12
-- + 0.07.
CALL public.enter('tender', NULL, NULL, NULL, NULL);
SELECT public.split(100);
SELECT signal, weight FROM public.basis WHERE code = 'B';
-- All are 0: the same.
CALL public.enter('tender', 0, 0, NULL, 0);
SELECT public.split(100);
SELECT signal, weight FROM public.basis WHERE code = 'B';
-- No report either: the factor is dropped, and strategy decides alone.
CALL public.enter('report', NULL, NULL, NULL, NULL);
SELECT public.split(100);
SELECT signal, weight FROM public.basis WHERE code = 'B';
-- With a third factor of 0.1 (1 : 0 : 0 : 0): 0.7 and 0.1 of 0.8. A 0.875 x 0.4 + 0.125 = 0.475, B
-- 0.2625, C 0.175, D 0.0875.
INSERT INTO factors (signal, weight) VALUES ('market', 0.1);
CALL public.enter('market', 1, 0, 0, 0);
SELECT public.split(100, 0.01);
SELECT signal, weight FROM public.basis WHERE code = 'B';

-- What is dropped is dropped among these siblings only: tilt is known above, not below A.
INSERT INTO units (unit_id, code, parent_id) VALUES (8, 'A1', 2), (9, 'A2', 2);
INSERT INTO signals (unit_id, signal, as_of, value) VALUES (8, 'market', '2025-07-01', 1),
	(9, 'market', '2025-07-01', 3);
SELECT public.split(100, 0.01);
SELECT code, signal, weight FROM public.basis WHERE code IN ('A', 'A1') ORDER BY code COLLATE "C",
	signal COLLATE "C";

-- Nothing is left: below A, naming it and the signals that count; a factor of weight 0 is not
-- asked.
DELETE FROM signals WHERE unit_id IN (8, 9);
INSERT INTO factors (signal, weight) VALUES ('weather', 0);
SELECT error_of($$SELECT allocate_targets('P', 100, 'sandbox')$$);
-- A lone child needs nothing, nor does a parent that has nothing to hand down.
UPDATE units SET closed_on = '2025-06-30' WHERE code = 'A2';
SELECT public.split(100, 0.01);
UPDATE units SET closed_on = NULL WHERE code = 'A2';
CALL public.enter('market', NULL, 1, 1, 1);
CALL public.enter('tilt', 0, 3, 2, 1);
UPDATE factors SET weight = 0 WHERE signal = 'market';
SELECT public.split(60);
SELECT count(*) FROM allocate_targets('P', 0, 'sandbox', 'A');

-- A negative value names unit and signal; so does a negative scale.  Unused, it does no harm.
CALL public.enter('tilt', 1, 3, -2.5, 1);
SELECT error_of($$SELECT allocate_targets('P', 100, 'sandbox')$$);
UPDATE units SET parent_id = NULL WHERE code IN ('A1', 'A2');
UPDATE factors SET weight = CASE signal WHEN 'market' THEN 1 ELSE 0 END;
SELECT public.split(4);
UPDATE factors SET scaled_by = 'size' WHERE signal = 'market';
CALL public.enter('market', 1, 1, 1, 1);
CALL public.enter('size', 1, 1, 1, -1e-300);
SELECT error_of($$SELECT allocate_targets('P', 100, 'sandbox', 'CN')$$);

ROLLBACK;
