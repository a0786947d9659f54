-- What nobody does every day, and what must hold all the same.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied;
INSERT INTO periods VALUES ('P', '[2025-07-01,2025-10-01)'), ('Q', '[2025-10-01,2026-01-01)');
INSERT INTO units (unit_id, code, parent_id) VALUES (1, 'CN', NULL), (2, 'A', 1), (3, 'B', 1);
DELETE FROM factors;
INSERT INTO factors (signal) VALUES ('market');
INSERT INTO signals (unit_id, signal, as_of, value) VALUES (2, 'market', '2025-01-01', 1),
	(3, 'market', '2025-01-01', 3);
SELECT unit_id, suggested FROM allocate_targets('P', 100) ORDER BY unit_id;

-- Restore settings are nothing without the owner's rights: a clerk who may insert forges nothing.
CREATE ROLE regress_regtarget_clerk BYPASSRLS;
SELECT grant_duty('regress_regtarget_clerk', 'CN', 'planner');
GRANT USAGE ON SCHEMA regtarget TO regress_regtarget_clerk;
GRANT SELECT, INSERT ON regtarget.targets, regtarget.plans TO regress_regtarget_clerk;
GRANT EXECUTE ON FUNCTION refusal(text), error_of(text) TO regress_regtarget_clerk;
SET LOCAL ROLE regress_regtarget_clerk;
SET LOCAL check_function_bodies = off;
SET LOCAL row_security = off;
SELECT refusal($$INSERT INTO regtarget.targets (plan_id, unit_id, parent_unit_id, period, suggested, baseline, amount, cap)
	VALUES (1, 18, 18, 'P', 9, 9, 9, 0.15)$$);
SELECT refusal($$INSERT INTO regtarget.plans (period, root_unit_id, status, total, cap, created_by, published_at)
	VALUES ('Q', 1, 'published', 100, 0.15, 'boss', now())$$);
RESET ROLE;
SET LOCAL check_function_bodies = on;
SET LOCAL row_security = on;

-- A plan that a statement deletes while it inserts into it takes no more targets.
CREATE FUNCTION public.drop_plan(id bigint) RETURNS numeric LANGUAGE plpgsql AS
	$$BEGIN DELETE FROM regtarget.plans WHERE plan_id = id; RETURN 5; END$$;
INSERT INTO plans (plan_id, period, root_unit_id, total) VALUES (2, 'Q', 1, 100);
SELECT refusal($$INSERT INTO regtarget.targets (plan_id, unit_id, suggested)
	SELECT 2, u, CASE WHEN u = 2 THEN public.drop_plan(2) ELSE 100 END FROM generate_series(1, 3) u$$);
SELECT count(*) FROM targets WHERE plan_id = 2;

-- More plans in one statement than there are locks.
INSERT INTO plans (period, root_unit_id, total, mode) SELECT 'P', 1, n, 'sandbox' FROM generate_series(1, 20000) n;
WITH gone AS (DELETE FROM plans WHERE mode = 'sandbox' RETURNING 1) SELECT count(*) FROM gone;

-- Columns that an upgrade or the owner took away and added.
ALTER TABLE targets ADD taken int;
ALTER TABLE targets DROP taken;
ALTER TABLE targets ADD note text DEFAULT 'n';
SELECT unit_id, suggested, note FROM allocate_targets('P', 200) ORDER BY unit_id;

-- Months weigh the same in whatever order they were written.
INSERT INTO months (month, period, during, share) VALUES
	('P3', 'P', '[2025-09-01,2025-10-01)', 0.15), ('P2', 'P', '[2025-08-01,2025-09-01)', 0.25), ('P1', 'P', '[2025-07-01,2025-08-01)', 0.05),
	('Q1', 'Q', '[2025-10-01,2025-11-01)', 0.05), ('Q2', 'Q', '[2025-11-01,2025-12-01)', 0.25), ('Q3', 'Q', '[2025-12-01,2026-01-01)', 0.15);
SELECT array_agg(p.weight = q.weight) AS alike
FROM calendar p JOIN calendar q ON q.period = 'Q' AND right(q.month, 1) = right(p.month, 1) WHERE p.period = 'P';

-- A partition that does not fit into memory is read once all the same.
SET LOCAL work_mem = '64kB';
SELECT sum(part) FROM (SELECT apportion(1000, n) OVER () AS part FROM generate_series(1, 20000) n) s;

SELECT * FROM verify() WHERE NOT ok;
ROLLBACK;
