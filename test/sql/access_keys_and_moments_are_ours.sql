-- X4: keys, moments and snapshots are the extension's to fill. No duty writes them; whoever the DBA lets is
-- overruled; the owner, who may restore, is not.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied;
INSERT INTO periods VALUES ('P', '[2025-07-01,2025-10-01)'), ('Q', '[2025-10-01,2026-01-01)');
INSERT INTO units (unit_id, code, parent_id) VALUES (1, 'CN', NULL), (2, 'EAST', 1), (3, 'SOUTH', 1), (4, 'SH', 2);
ALTER SEQUENCE units_unit_id_seq RESTART 10;
CREATE ROLE regress_regtarget_top;
CREATE ROLE regress_regtarget_planner;
CREATE ROLE regress_regtarget_others;
CREATE ROLE regress_regtarget_wide;
SELECT grant_duty('regress_regtarget_top', 'CN', 'planner'), grant_duty('regress_regtarget_planner', 'EAST', 'planner'),
	grant_duty('regress_regtarget_others', 'EAST', d) FROM unnest(ARRAY['manager', 'finance', 'viewer']) d;
SELECT grant_duty('regress_regtarget_wide', 'EAST', 'planner');
GRANT ALL ON plans, targets TO regress_regtarget_wide;
GRANT EXECUTE ON FUNCTION refusal(text), error_of(text) TO PUBLIC;

-- Every column that a duty writes: of no table its generated key, a moment, a snapshot, or what functions decide.
CREATE VIEW public.writable AS
SELECT r.role, c.relname AS relation, p.privilege, string_agg(a.attname, ', ' ORDER BY a.attnum) AS columns,
	string_agg(a.attname, ', ' ORDER BY a.attnum) FILTER (WHERE a.attidentity <> '' OR a.atttypid IN ('timestamptz'::regtype, 'jsonb'::regtype)) AS ours
FROM unnest(ARRAY['top', 'planner', 'others']) AS r (role)
CROSS JOIN pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
CROSS JOIN unnest(ARRAY['INSERT', 'UPDATE']) AS p (privilege)
WHERE c.relnamespace = 'regtarget'::regnamespace AND c.relkind IN ('r', 'v')
	AND has_column_privilege('regress_regtarget_' || r.role, c.oid, a.attnum, p.privilege)
GROUP BY 1, 2, 3;
SELECT role, relation, privilege, ours FROM public.writable WHERE ours IS NOT NULL ORDER BY 1, 2, 3;
SELECT role, relation, privilege, columns FROM public.writable
WHERE relation IN ('plans', 'targets', 'units', 'bounds', 'targets_in', 'revenues_in') ORDER BY 1, 2, 3;
SELECT count(*) AS sequences FROM pg_class c, unnest(ARRAY['top', 'planner', 'others']) r
WHERE c.relnamespace = 'regtarget'::regnamespace AND c.relkind = 'S' AND has_sequence_privilege('regress_regtarget_' || r, c.oid, 'USAGE, SELECT, UPDATE');

-- An INSERT need name only keys and references.
SET LOCAL ROLE regress_regtarget_planner;
INSERT INTO plans (period, root_unit_id, total) VALUES ('P', 2, 100) RETURNING plan_id, mode, label, status, step, cap, published_at, rules;
INSERT INTO plans (period, root_unit_id, mode, label, total, step) VALUES ('P', 2, 'sandbox', 'mine', 100, 1) RETURNING plan_id, mode, label, step;
INSERT INTO targets (plan_id, unit_id, suggested) VALUES (1, 2, 100), (1, 4, 100) RETURNING target_id, plan_id, unit_id, amount;
SELECT s, public.refusal(s) FROM unnest(ARRAY[
	$$INSERT INTO plans (plan_id, period, root_unit_id, total) SELECT n, 'P', 2, 0 FROM generate_series(3, 20002) n$$,
	$$INSERT INTO plans (period, root_unit_id, total, created_at) VALUES ('P', 2, 0, '2001-01-01')$$,
	$$INSERT INTO plans (period, root_unit_id, total, rules) VALUES ('P', 2, 0, '{}')$$,
	$$INSERT INTO plans (period, root_unit_id, total, cap) VALUES ('P', 2, 0, 0.9)$$,
	$$INSERT INTO plans (period, root_unit_id, total, created_by) VALUES ('P', 2, 0, 'boss')$$,
	$$INSERT INTO plans (period, root_unit_id, total, status) VALUES ('P', 2, 0, 'published')$$,
	$$UPDATE plans SET plan_id = 7$$, $$UPDATE plans SET created_at = now()$$, $$UPDATE plans SET status = 'proposed'$$,
	$$INSERT INTO targets (target_id, plan_id, unit_id) VALUES (9, 2, 2)$$,
	$$INSERT INTO targets (plan_id, unit_id, suggested, penalty) VALUES (2, 2, 1, 0)$$,
	$$UPDATE targets SET target_id = 9$$, $$UPDATE targets SET unit_id = 4$$]) AS s;
RESET ROLE;
SET LOCAL ROLE regress_regtarget_top;
SELECT public.refusal($$INSERT INTO units (unit_id, code, parent_id) VALUES (11, 'NJ', 2)$$), public.refusal($$UPDATE units SET unit_id = 99 WHERE unit_id = 4$$);
INSERT INTO units (code, name, kind, parent_id, opened_on, closed_on) VALUES ('NJ', 'x', 'group', 2, '2025-01-01', '2026-01-01');
UPDATE units SET code = 'NJG', name = 'y', kind = 'g', parent_id = 3, opened_on = NULL, closed_on = NULL WHERE code = 'NJ';
RESET ROLE;
SELECT * FROM units WHERE code = 'NJG';

-- Whoever has more from the DBA is overruled: numbers come from the sequence, moments from the clock.
CREATE VIEW public.seen AS SELECT plan_id, created_at >= now() AND created_at <= clock_timestamp() AS made_now, rules FROM plans;
SET LOCAL ROLE regress_regtarget_wide;
INSERT INTO plans (plan_id, period, root_unit_id, total, created_at, created_by, rules, cap)
VALUES (1000, 'P', 2, 100, '2001-01-01', 'boss', '{"cap": 9}', 0.9) RETURNING plan_id < 1000 AS ours, created_by, cap, rules;
INSERT INTO targets (target_id, plan_id, unit_id, suggested)
SELECT 500, plan_id, 2, 100 FROM plans WHERE plan_id > 2 RETURNING target_id < 500 AS ours, suggested;
UPDATE targets SET target_id = 600, suggested = 90 WHERE plan_id > 2 RETURNING target_id < 500 AS ours, suggested;
RESET ROLE;
SELECT made_now, rules FROM public.seen ORDER BY plan_id;
-- Nobody's numbers are in the way of the next ones.
SELECT count(*) AS made, bool_and(plan_id < 1000) AS ours FROM (SELECT DISTINCT plan_id FROM generate_series(1, 5) n, allocate_targets('Q', 5 + 0 * n, 'sandbox', 'EAST')) p;

-- The owner restores as it was.
INSERT INTO plans (plan_id, period, root_unit_id, total, created_at, rules)
VALUES (2000, 'Q', 3, 100, '2001-01-01 00:00+00', '{"cap": 9}') RETURNING plan_id, created_at, rules;
INSERT INTO targets (target_id, plan_id, unit_id, suggested) VALUES (3000, 2000, 3, 100) RETURNING target_id;

-- 0 and less are no keys: to functions 0 means none.
SELECT s, public.refusal(s) FROM unnest(ARRAY[
	$$INSERT INTO plans (plan_id, period, root_unit_id, total) VALUES (0, 'P', 1, 0)$$,
	$$INSERT INTO plans (plan_id, period, root_unit_id, total) VALUES (-1, 'P', 1, 0)$$,
	$$INSERT INTO targets (target_id, plan_id, unit_id) VALUES (0, 2000, 10)$$,
	$$INSERT INTO units (unit_id, code) VALUES (0, 'zero')$$,
	$$INSERT INTO employees (employee_id) VALUES (0)$$, $$INSERT INTO employees (employee_id) VALUES (-5)$$,
	$$INSERT INTO customers (customer_id, unit_id) VALUES (0, 1)$$,
	$$INSERT INTO import_rejects (reject_id, target, line, row, reason) VALUES (0, 'deals_in', 1, '{}', 'why')$$]) AS s;

ROLLBACK;
