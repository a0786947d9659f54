-- allocate_targets writes the draft of a period, mode, root and label anew, under the same plan_id;
-- a sandbox call makes a new plan each time.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied;
INSERT INTO periods VALUES ('P', '[2025-07-01,2025-10-01)'), ('Q', '[2025-10-01,2026-01-01)');
INSERT INTO units (unit_id, code, parent_id)
VALUES (1, 'CN', NULL), (2, 'A', 1), (3, 'B', 1), (4, 'A1', 2), (5, 'A2', 2);
DELETE FROM factors;
INSERT INTO factors (signal) VALUES ('market');
INSERT INTO signals (unit_id, signal, as_of, value) SELECT unit_id, 'market', '2025-01-01', unit_id
	FROM units;
CREATE FUNCTION public.plan_of(period text DEFAULT 'P', total numeric DEFAULT 100,
	mode text DEFAULT 'live',
	root text DEFAULT NULL, label text DEFAULT NULL, step numeric DEFAULT 0.01)
RETURNS bigint LANGUAGE sql
BEGIN ATOMIC
	SELECT DISTINCT t.plan_id FROM allocate_targets(plan_of.period, plan_of.total, plan_of.mode,
		plan_of.root,
		plan_of.step, NULL, plan_of.label) t;
END;

-- Every level of the tree comes back, parents first; 100 by 2 : 3 is 40 : 60, 40 by 4 : 5 is 17.78
-- : 22.22.
SELECT * FROM allocate_targets('P', 100);
SELECT count(*) FROM targets;

-- Anew: another total and step, a unit less, a unit more; no row of the first is left.
UPDATE units SET closed_on = '2025-01-01' WHERE code = 'A2';
INSERT INTO units (unit_id, code, parent_id) VALUES (6, 'C', 1);
SELECT plan_id, unit_id, parent_unit_id, suggested FROM allocate_targets('P', 80, step => 10);
SELECT plan_id, total, step, status, mode, label FROM plans;
SELECT count(*) FROM targets;
SELECT u.code, b.value, b.imputed FROM target_basis b JOIN units u ON u.unit_id = b.unit_id
	ORDER BY b.unit_id;

-- Everything that a key is made of makes another plan, and that plan comes back when asked again.
SELECT public.plan_of(label => 'x') AS labelled, public.plan_of(label => '') AS empty,
	public.plan_of(root => 'A') AS root,
	public.plan_of('Q') AS period, public.plan_of(mode => 'shadow') AS shadow;
SELECT public.plan_of(label => 'x') AS labelled, public.plan_of(label => '') AS empty,
	public.plan_of(root => 'A') AS root,
	public.plan_of('Q') AS period, public.plan_of(mode => 'shadow') AS shadow,
		public.plan_of() AS first;
SELECT plan_id, period, mode, root, label, status, total, units FROM plan_board ORDER BY plan_id;

-- A sandbox never comes back.
SELECT public.plan_of(mode => 'sandbox') AS a, public.plan_of(mode => 'sandbox') AS b,
	public.plan_of(mode => 'sandbox', label => 'x') AS c, public.plan_of(mode => 'sandbox',
		label => 'x') AS d;

-- What was proposed becomes a draft again, under its number.
SELECT propose_plan(1);
SELECT status FROM plans WHERE plan_id = 1;
SELECT public.plan_of();
SELECT status FROM plans WHERE plan_id = 1;

-- A plan typed by hand is the draft of its key, too; its numbers go.
INSERT INTO plans (plan_id, period, root_unit_id, total, label) VALUES (100, 'P', 1, 5, 'typed');
INSERT INTO targets (plan_id, unit_id, suggested) VALUES (100, 1, 5), (100, 3, 5);
SELECT public.plan_of(total => 7, label => 'typed');
SELECT unit_id, suggested FROM targets WHERE plan_id = 100 ORDER BY unit_id;
SELECT total FROM plans WHERE plan_id = 100;

-- A draft that failed is as it was.
SELECT refusal($$SELECT allocate_targets('P', 7, label => 'typed', factors => '{"market": 0}')$$);
SELECT count(*), sum(suggested) FROM targets WHERE plan_id = 100;

-- Deleted, it takes targets and basis with it; and the next one has another number.
DELETE FROM plans WHERE plan_id <> 1;
SELECT (SELECT count(*) FROM targets WHERE plan_id <> 1) AS targets,
	(SELECT count(*) FROM plan_basis WHERE plan_id <> 1) AS basis;

-- Once published the number stays with what was published: over its units no live draft is made, of
-- other units, periods and modes others are.
SELECT publish_plan(1);
SELECT error_of($$SELECT public.plan_of()$$);
SELECT error_of($$SELECT public.plan_of(root => 'A', label => 'x')$$);
SELECT public.plan_of(mode => 'shadow') > 1 AS shadow,
	public.plan_of(mode => 'sandbox') > 1 AS sandbox,
	public.plan_of('Q') > 1 AS next_period;
INSERT INTO units (unit_id, code) VALUES (7, 'HK');
SELECT public.plan_of(root => 'HK') > 1 AS other_root;
SELECT plan_id, status, total, units FROM plan_board WHERE plan_id = 1;
SELECT bool_and(ok) FROM verify();

ROLLBACK;
