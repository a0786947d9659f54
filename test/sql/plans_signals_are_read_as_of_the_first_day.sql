-- S1, S2: signals are those of the period's first day, not older than valid_days, entered or rolled
-- up from open children; the profiles' factors weigh and scale them as documented.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied;
INSERT INTO periods VALUES ('P', '[2025-07-01,2025-10-01)');
INSERT INTO units (unit_id, code, parent_id)
VALUES (1, 'CN', NULL), (2, 'A', 1), (3, 'B', 1), (4, 'C', 1), (5, 'A1', NULL), (6, 'A2', NULL);
DELETE FROM factors;
DELETE FROM signal_kinds;
INSERT INTO factors (signal) VALUES ('market');
CREATE VIEW public.basis AS
SELECT u.code, b.signal, b.value, b.imputed, b.scale, round(b.share::numeric, 6) AS share,
	round(b.weight::numeric, 6) AS weight
FROM target_basis b JOIN units u ON u.unit_id = b.unit_id
WHERE b.plan_id = (SELECT max(plan_id) FROM plans)
ORDER BY b.signal COLLATE "C", b.unit_id;

-- The latest entry up to and including the first day: A's of that day, not of the one after; B's of
-- years ago; C has one of the day after only, so none.
INSERT INTO signals (unit_id, signal, as_of, value) VALUES
	(2, 'market', '2025-06-30', 1), (2, 'market', '2025-07-01', 30), (2, 'market', '2025-07-02', 1),
	(3, 'market', '1999-12-31', 1), (3, 'market', '2001-01-01', 10),
		(4, 'market', '2025-07-02', 99);
SELECT count(*) FROM allocate_targets('P', 60, 'sandbox', 'CN');
SELECT * FROM public.basis;

-- Not older than valid_days: 30 days before counts, 31 does not; 0 days is the very day.
INSERT INTO signal_kinds VALUES ('market', NULL, 30);
DELETE FROM signals;
INSERT INTO signals (unit_id, signal, as_of, value) VALUES (2, 'market', '2025-06-01', 7),
	(3, 'market', '2025-05-31', 50),
	(4, 'market', '2025-07-01', 3);
SELECT count(*) FROM allocate_targets('P', 60, 'sandbox', 'CN');
SELECT * FROM public.basis;
UPDATE signal_kinds SET valid_days = 0;
SELECT count(*) FROM allocate_targets('P', 60, 'sandbox', 'CN');
SELECT * FROM public.basis;

-- A parent without a value of its own: the sum, or the mean, of its children's; not listed: none.
UPDATE units SET parent_id = 2 WHERE code IN ('A1', 'A2');
DELETE FROM signals;
INSERT INTO signals (unit_id, signal, as_of, value) VALUES (5, 'market', '2025-06-01', 7),
	(6, 'market', '2025-06-01', 5),
	(3, 'market', '2025-06-01', 8), (4, 'market', '2025-06-01', 8);
UPDATE signal_kinds SET valid_days = NULL, rollup = 'sum';
SELECT count(*) FROM allocate_targets('P', 60, 'sandbox', 'CN');
SELECT * FROM public.basis WHERE code IN ('A', 'A1');
UPDATE signal_kinds SET rollup = 'mean';
SELECT count(*) FROM allocate_targets('P', 60, 'sandbox', 'CN');
SELECT * FROM public.basis WHERE code IN ('A', 'A1');
UPDATE signal_kinds SET rollup = NULL;
SELECT count(*) FROM allocate_targets('P', 60, 'sandbox', 'CN');
SELECT * FROM public.basis WHERE code IN ('A', 'A1');
-- Its own value beats them; a child that is closed on the day does not count, on its last day it
-- does.
UPDATE signal_kinds SET rollup = 'sum';
UPDATE units SET closed_on = '2025-07-01' WHERE code = 'A2';
SELECT count(*) FROM allocate_targets('P', 60, 'sandbox', 'CN');
SELECT * FROM public.basis WHERE code = 'A';
UPDATE units SET closed_on = '2025-06-30' WHERE code = 'A2';
SELECT count(*) FROM allocate_targets('P', 60, 'sandbox', 'CN');
SELECT * FROM public.basis WHERE code = 'A';
INSERT INTO signals (unit_id, signal, as_of, value) VALUES (2, 'market', '2025-06-01', 100);
SELECT count(*) FROM allocate_targets('P', 60, 'sandbox', 'CN');
SELECT * FROM public.basis WHERE code = 'A';

-- The standard profile: health 0.5 and tilt 0.2 by capacity, tender and report 0.15 each. Health is
-- what one metric, 0 to 100, makes it; A has two people and B and C one each.
UPDATE units SET parent_id = NULL WHERE code IN ('A1', 'A2');
SELECT apply_profile() <> '' AS applied;
DELETE FROM metrics;
INSERT INTO metrics VALUES ('mood', 1, 0, 100);
DELETE FROM signals;
INSERT INTO signals (unit_id, signal, as_of, value) VALUES (2, 'mood', '2025-01-01', 60),
	(3, 'mood', '2025-01-01', 80),
	(4, 'mood', '2025-01-01', 40), (2, 'tender_amount', '2025-01-01', 2e6),
		(3, 'tender_amount', '2025-01-01', 1e6),
	(4, 'tender_amount', '2025-01-01', 1e6), (2, 'report_estimate', '2025-01-01', 10),
		(3, 'report_estimate', '2025-01-01', 5),
	(4, 'report_estimate', '2025-01-01', 5), (2, 'strategic_tilt', '2025-01-01', 1),
		(3, 'strategic_tilt', '2025-01-01', 1),
	(4, 'strategic_tilt', '2025-01-01', 2);
INSERT INTO employees (employee_id) VALUES (1), (2), (3), (4);
INSERT INTO assignments VALUES (1, 2, '[2025-01-01,)'), (2, 2, '[2025-01-01,)'),
	(3, 3, '[2025-01-01,)'), (4, 4, '[2025-01-01,)');
SELECT unit_id, suggested FROM allocate_targets('P', 10000, 'sandbox', 'CN', 1);
SELECT * FROM public.basis;
-- health 120 : 80 : 40 is 1/2 : 1/3 : 1/6; tender and report 1/2 : 1/4 : 1/4; tilt 2 : 1 : 2 is 2/5
-- : 1/5 : 2/5. A 0.25 + 0.15 + 0.08 = 0.48, B 0.1667 + 0.075 + 0.04 = 0.2817, C 0.0833 + 0.075 +
-- 0.08 = 0.2383: 4800, 2816.67, 2383.33.

-- The plan keeps the rules that it was made by.
SELECT f.* FROM plans p, jsonb_to_recordset(p.rules -> 'factors')
	AS f (signal text, factor text, weight float8, scaled_by text)
WHERE plan_id = (SELECT max(plan_id) FROM plans);
SELECT rules -> 'policy' ->> 'cap' AS cap,
	ARRAY(SELECT b.unit_id FROM plan_bounds b WHERE b.plan_id = p.plan_id) AS bounds FROM plans p
	ORDER BY plan_id DESC LIMIT 1;

ROLLBACK;
