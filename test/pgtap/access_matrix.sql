-- The hostile matrix: each duty at the top, at a region and at a group, against each table, view and
-- function, at one's own unit, the one above, the ones below and the one beside. What each role sees
-- and may do is compared with a model in SQL that knows the tree and the duties only.
BEGIN;
SET LOCAL jit = off;
SET LOCAL search_path = public;
SET LOCAL client_min_messages = warning;
SELECT format('LOCK TABLE %s IN SHARE UPDATE EXCLUSIVE MODE', string_agg(oid::regclass::text, ', '))
FROM pg_class WHERE relnamespace = 'regtarget'::regnamespace AND relkind = 'r' \gexec
SELECT plan(28);

-- ---- a company with rows in every table -----------------------------------------------------------

SELECT regtarget.apply_profile() <> '' AS applied \gset
INSERT INTO regtarget.shared_logins VALUES (session_user);
SELECT regtarget.add_year(2025);
INSERT INTO regtarget.units (unit_id, code, kind, parent_id) VALUES (1, 'CN', 'company', NULL),
	(2, 'EAST', 'region', 1), (3, 'SOUTH', 'region', 1), (4, 'SH', 'group', 2), (5, 'HZ', 'group', 2),
	(6, 'GZ', 'group', 3), (7, 'SZ', 'group', 3), (8, 'HK', 'company', NULL), (9, 'HK1', 'group', 8);
INSERT INTO regtarget.past_parents VALUES (5, '2020-01-01', 3), (6, '2021-01-01', NULL), (9, '2020-01-01', NULL);
-- Each from a unit below it, so that whoever sees the one sees the other.
INSERT INTO regtarget.successions VALUES (2, 4, 0.5), (3, 6, 1), (8, 9, 1), (1, 5, 0);
INSERT INTO regtarget.adoptions SELECT u, '2025-02-01' FROM generate_series(1, 9) u;
INSERT INTO regtarget.ramp VALUES (0, 0.5), (6, 1);
INSERT INTO regtarget.employees (employee_id, source, source_id, hired_on) SELECT n, 'hr', n, '2024-01-01' FROM generate_series(1, 20) n;
INSERT INTO regtarget.assignments
SELECT n, n % 9 + 1, daterange('2024-01-01', CASE WHEN n > 9 THEN date '2025-03-01' END) FROM generate_series(1, 18) n;
INSERT INTO regtarget.assignments SELECT n, (n + 3) % 9 + 1, '[2025-03-01,)' FROM generate_series(10, 18) n;
INSERT INTO regtarget.customers (customer_id, source, source_id, unit_id, acquired_on)
SELECT n, 'crm', 'C' || n, n % 9 + 1, '2024-01-01' FROM generate_series(1, 27) n;
-- Facts of people and customers of the same unit, whom their sources know by other names.
INSERT INTO regtarget.aliases SELECT 'employee', 'crm', 'E' || n, n FROM generate_series(1, 20) n;
INSERT INTO regtarget.aliases SELECT 'customer', 'fin', 'K' || n, n FROM generate_series(1, 27) n;
INSERT INTO regtarget.aliases SELECT 'unit', 'fin', 'F ' || code, code FROM regtarget.units;
INSERT INTO regtarget.aliases VALUES ('leave_reason', 'hr', '4', 'pressure'), ('unit', 'fin', 'nowhere', 'NJ');
INSERT INTO regtarget.visits (source, source_id, unit_id, employee_id, customer_id, visited_on)
SELECT 'crm', n, n % 9 + 1, (n + 8) % 9 + 1, (n + 8) % 9 + 1, date '2025-01-01' + n FROM generate_series(1, 180) n;
INSERT INTO regtarget.deals (source, source_id, unit_id, employee_id, closed_on, won, amount)
SELECT 'crm', n, n % 9 + 1, (n + 8) % 9 + 1, date '2025-01-01' + n, n % 4 > 0, 1000 * n FROM generate_series(1, 240) n;
INSERT INTO regtarget.revenues (source, source_id, unit_id, customer_id, booked_on, amount)
SELECT 'fin', n, n % 9 + 1, (n + 8) % 9 + 1, date '2025-01-01' + n, n FROM generate_series(1, 90) n;
-- What data_warnings finds: far amounts, days to come, doubles, deals without a closing day.
INSERT INTO regtarget.deals (source, source_id, unit_id, opened_on, amount)
SELECT 'odd', n, n, '2025-06-01', 1e9 FROM generate_series(1, 9) n;
-- Of days that the view looks at, too.
INSERT INTO regtarget.visits (source, source_id, unit_id, employee_id, customer_id, visited_on)
SELECT 'now', n, 1 + n / 2 % 9, 1 + n / 2 % 9, (n / 2 + 8) % 9 + 1, CURRENT_DATE FROM generate_series(0, 17) n;
INSERT INTO regtarget.deals (source, source_id, unit_id, opened_on, won) SELECT 'now undated', n, n, CURRENT_DATE, false FROM generate_series(1, 9) n;
INSERT INTO regtarget.visits (source, source_id, unit_id, visited_on) SELECT 'odd', n, n, '2999-01-01' FROM generate_series(1, 9) n;
INSERT INTO regtarget.visits (source, source_id, unit_id, employee_id, customer_id, visited_on)
SELECT 'twice', source_id, unit_id, employee_id, customer_id, visited_on FROM regtarget.visits WHERE visit_id % 7 = 0 AND source = 'crm';
INSERT INTO regtarget.deals (source, source_id, unit_id, opened_on, won) SELECT 'undated', n, n, '2025-06-01', true FROM generate_series(1, 9) n;
INSERT INTO regtarget.signals (unit_id, signal, as_of, value)
SELECT u, s, '2025-01-01', u FROM generate_series(1, 9) u, unnest(ARRAY['tender_amount', 'report_estimate', 'strategic_tilt']) s;
INSERT INTO regtarget.import_rejects (target, source, line, row, reason, by_duty_of)
SELECT v, 'crm', 1, jsonb_build_object('source_id', v || u.code), 'why', format('matrix finance of %s', u.code)
FROM unnest(ARRAY['deals_in', 'revenues_in']) v, regtarget.units u WHERE u.code IN ('CN', 'EAST', 'SH', 'GZ');
INSERT INTO regtarget.import_rejects (target, source, line, row, reason) VALUES ('revenues_in', 'crm', 1, '{}', 'the owner''s'), ('gone_in', 'crm', 1, '{}', 'why');
SELECT FROM regtarget.record_verify();
INSERT INTO regtarget.standings SELECT u, '2025Q3', 2, CASE WHEN u IN (4, 7) THEN 0.05 ELSE 0 END FROM generate_series(1, 9) u;
INSERT INTO regtarget.bounds SELECT p, u, u, 1e9 FROM generate_series(1, 9) u, unnest(ARRAY['2025Q3', '2025Q4']) p;
ALTER SEQUENCE regtarget.plans_plan_id_seq RESTART;
-- 1: published. 2: a draft. 3: proposed, of a region. 4: shadow. 5: sandbox. 6: another root's. 7: shadow, of a region, revealed.
SELECT count(*) FROM regtarget.allocate_targets('2025Q3', 1000000, root => 'CN');
SELECT regtarget.publish_plan(1);
SELECT count(*) FROM regtarget.allocate_targets('2025Q4', 1000000, root => 'CN');
SELECT count(*) FROM regtarget.allocate_targets('2025Q2', 500000, root => 'EAST');
SELECT regtarget.propose_plan(3);
SELECT count(*) FROM regtarget.allocate_targets('2025Q3', 2000000, 'shadow', 'CN');
SELECT count(*) FROM regtarget.allocate_targets('2025Q3', 3000000, 'sandbox', 'CN');
SELECT count(*) FROM regtarget.allocate_targets('2025Q3', 7000, root => 'HK');
SELECT regtarget.publish_plan(6);
SELECT count(*) FROM regtarget.allocate_targets('2025Q3', 8000, 'shadow', 'EAST');
UPDATE regtarget.targets SET amount = round(baseline * 1.1, 2) WHERE plan_id = 1 AND unit_id IN (2, 6);
-- Past the guard: what the valve would have written.
SET LOCAL session_replication_role = replica;
UPDATE regtarget.plans SET revealed_at = now() WHERE plan_id = 7;
INSERT INTO regtarget.adjustments (adjustment_id, target_id, unit_id, period, month, change, reason, requested_by,
	requested_at, requested_on, amount_before, amount_after)
SELECT t.unit_id, t.target_id, t.unit_id, t.period, '2025-07', 0.01, 'why', 'who', now(), '2025-07-01', t.amount, t.amount + 1
FROM regtarget.targets t WHERE t.plan_id IN (1, 6);
INSERT INTO regtarget.signatures (adjustment_id, unit_id, asking_unit_id, level)
SELECT a.adjustment_id, u.parent_id, a.unit_id, 1
FROM regtarget.adjustments a JOIN regtarget.units u ON u.unit_id = a.unit_id WHERE u.parent_id IS NOT NULL;
INSERT INTO regtarget.filings (adjustment_id, unit_id, amount_before, amount_after, filed_at)
SELECT a.adjustment_id, a.unit_id, a.amount_before, a.amount_after, now() FROM regtarget.adjustments a;
ALTER SEQUENCE regtarget.adjustments_adjustment_id_seq RESTART 1000;
INSERT INTO regtarget.answers (target_id, plan_id, unit_id, accepted, answered_by, answered_at)
SELECT t.target_id, t.plan_id, t.unit_id, true, 'who', now() FROM regtarget.targets t WHERE t.plan_id IN (1, 3, 6);
INSERT INTO regtarget.market_events (unit_id, kind, subject, happened_on, reported_by, reported_at)
SELECT nullif(n, 0), 'policy_change', 'law', '2025-07-01', 'who', now() FROM generate_series(0, 9) n;
INSERT INTO regtarget.alerts (alert_id, rule, level, unit_id, on_day) SELECT n, 'churn', 'red', n, '2025-07-07' FROM generate_series(1, 9) n;
INSERT INTO regtarget.reviews (review_id, alert_id, unit_id, due_on) SELECT n, n, n, '2025-07-14' FROM generate_series(1, 9) n;
INSERT INTO regtarget.reminders (review_id, unit_id, told_unit_id, on_day, told_at) SELECT n, n, 1, '2025-07-15', now() FROM generate_series(2, 9) n;
INSERT INTO regtarget.job_runs (job, started_at, ended_at, done) VALUES ('fold', now(), now(), 5);
INSERT INTO regtarget.attachments (attachment_id, fact, schema_name, relation_name, made_there, rows, unknown_rows, counted_from, counted_to, counted_at)
VALUES (1, 'visits', 'elsewhere', 'visits', true, 9, 2, '2025-01-01', '2025-01-31', now());
INSERT INTO regtarget.attached_relations VALUES (1, 4294967290);
INSERT INTO regtarget.attached_strays VALUES (1, '2025-01-05', 2, 0);
INSERT INTO regtarget.attached_days SELECT n, '2025-01-01', 1, 0, 0, 0, 0, 0, 1 FROM generate_series(1, 9) n;
SET LOCAL session_replication_role = origin;
SELECT regtarget.rebuild_activity();
INSERT INTO regtarget.competitors VALUES ('Rival', true);
INSERT INTO regtarget.silences (unit_id, during, comment) VALUES (4, '[2025-07-01,2025-07-08)', 'stocktaking');

-- ---- roles and the model ----------------------------------------------------------------------------

CREATE TABLE cast_of (role name, duty text, unit_id int);
INSERT INTO cast_of
SELECT format('matrix %s of %s', d, u.code), d, u.unit_id
FROM unnest(ARRAY['planner', 'manager', 'finance', 'viewer']) d, regtarget.units u WHERE u.code IN ('CN', 'EAST', 'SH');
-- Two duties; one inherited, one not; none at all, but every privilege that a DBA can think of.
INSERT INTO cast_of VALUES ('matrix both', 'manager', 4), ('matrix both', 'planner', 3),
	('matrix heir', 'manager', 2), ('matrix stranger', NULL, NULL), ('matrix outsider', NULL, NULL);
CREATE FUNCTION make_roles() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	c record;
BEGIN
	FOR c IN SELECT DISTINCT role FROM cast_of LOOP
		EXECUTE format('CREATE ROLE %I', c.role);
	END LOOP;
	FOR c IN SELECT d.role, u.code, d.duty FROM cast_of d JOIN regtarget.units u USING (unit_id)
		WHERE d.role <> 'matrix heir' LOOP
		PERFORM regtarget.grant_duty(c.role, c.code, c.duty);
	END LOOP;
	GRANT "matrix manager of EAST" TO "matrix heir";
	ALTER ROLE "matrix outsider" NOINHERIT;
	GRANT "matrix manager of CN" TO "matrix outsider";
	GRANT USAGE ON SCHEMA regtarget TO "matrix stranger", "matrix outsider";
	GRANT ALL ON ALL TABLES IN SCHEMA regtarget TO "matrix stranger", "matrix outsider";
	GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA regtarget TO "matrix stranger", "matrix outsider";
END
$$;
SELECT make_roles();
-- Which privileges are whose: on the record only.
INSERT INTO regtarget.access_grants
VALUES ('matrix viewer of SH', 'viewer'), ('matrix manager of EAST', 'top planner'), ('matrix stranger', 'finance'), ('gone', 'planner');
INSERT INTO regtarget.kept_privileges SELECT role, 'TABLE regtarget.units', 'SELECT' FROM regtarget.access_grants WHERE role <> 'matrix stranger';

CREATE VIEW above AS
WITH RECURSIVE up AS (
	SELECT unit_id, unit_id AS ancestor FROM regtarget.units
	UNION ALL SELECT up.unit_id, u.parent_id FROM up JOIN regtarget.units u ON u.unit_id = up.ancestor WHERE u.parent_id IS NOT NULL)
SELECT * FROM up;
CREATE TABLE seen AS SELECT DISTINCT c.role, a.unit_id FROM cast_of c JOIN above a ON a.ancestor = c.unit_id;
CREATE TABLE planned AS SELECT DISTINCT c.role, a.unit_id FROM cast_of c JOIN above a ON a.ancestor = c.unit_id WHERE c.duty = 'planner';
-- Who decides over a unit: planners of one above it; at the top, its own.
CREATE TABLE decided AS SELECT DISTINCT c.role, u.unit_id
FROM cast_of c JOIN above a ON a.ancestor = c.unit_id JOIN regtarget.units u ON u.unit_id = a.unit_id
WHERE c.duty = 'planner' AND (c.unit_id <> u.unit_id OR u.parent_id IS NULL);
CREATE TABLE seen_plans AS
SELECT DISTINCT c.role, p.plan_id
FROM regtarget.plans p, cast_of c
WHERE (c.duty = 'planner' OR p.mode = 'live' AND p.status IN ('proposed', 'published', 'closed') OR p.revealed_at IS NOT NULL)
	AND EXISTS (SELECT FROM above a WHERE (a.unit_id, a.ancestor) IN ((p.root_unit_id, c.unit_id), (c.unit_id, p.root_unit_id)));
CREATE TABLE tops AS
SELECT c.role, bool_or(c.duty = 'planner') AS planner
FROM cast_of c JOIN regtarget.units u ON u.unit_id = c.unit_id AND u.parent_id IS NULL GROUP BY c.role;
CREATE VIEW everyone AS SELECT DISTINCT role, bool_or(duty IS NOT NULL) AS has_duty FROM cast_of GROUP BY role;
CREATE TABLE me (role name);

-- Is the row of me? Of a unit; of a unit in a plan; of whoever has a duty.
CREATE FUNCTION of_unit(u int) RETURNS boolean LANGUAGE sql STABLE AS
$$SELECT EXISTS (SELECT FROM seen JOIN me USING (role) WHERE unit_id = u)$$;
CREATE FUNCTION of_plan(p bigint) RETURNS boolean LANGUAGE sql STABLE AS
$$SELECT EXISTS (SELECT FROM seen_plans JOIN me USING (role) WHERE plan_id = p)$$;
CREATE FUNCTION of_target(p bigint, u int) RETURNS boolean LANGUAGE sql STABLE AS
$$SELECT EXISTS (SELECT FROM planned JOIN me USING (role) WHERE unit_id = u)
	OR EXISTS (SELECT FROM seen JOIN me USING (role) WHERE unit_id = u) AND (SELECT mode = 'live' AND status <> 'draft' OR revealed_at IS NOT NULL
		FROM regtarget.plans WHERE plan_id = p)$$;
CREATE FUNCTION of_duty() RETURNS boolean LANGUAGE sql STABLE AS
$$SELECT has_duty FROM everyone JOIN me USING (role)$$;
CREATE FUNCTION of_code(c text) RETURNS boolean LANGUAGE sql STABLE AS
$$SELECT of_unit((SELECT unit_id FROM regtarget.units WHERE code = c))$$;
CREATE FUNCTION of_employee(e bigint) RETURNS boolean LANGUAGE sql STABLE AS
$$SELECT EXISTS (SELECT FROM regtarget.assignments a WHERE a.employee_id = e AND of_unit(a.unit_id))
	OR e > 18 AND EXISTS (SELECT FROM tops JOIN me USING (role))$$;
CREATE FUNCTION of_alias(kind text, means text) RETURNS boolean LANGUAGE sql STABLE AS
$$SELECT coalesce(CASE kind WHEN 'unit' THEN of_code(means) WHEN 'employee' THEN of_employee(means::bigint)
	WHEN 'customer' THEN of_unit((SELECT unit_id FROM regtarget.customers WHERE customer_id = means::bigint))
	ELSE of_duty() END, false) OR EXISTS (SELECT FROM tops JOIN me USING (role) WHERE planner)$$;
CREATE FUNCTION of_draft(p text, c text) RETURNS boolean LANGUAGE sql STABLE AS
$$SELECT of_target((SELECT plan_id FROM regtarget.plans WHERE period = p AND mode = 'live' AND status IN ('draft', 'proposed')),
	(SELECT unit_id FROM regtarget.units WHERE code = c))$$;

CREATE FUNCTION of_role(r name) RETURNS boolean LANGUAGE sql STABLE AS
$$SELECT EXISTS (SELECT FROM me WHERE r = CASE role WHEN 'matrix heir' THEN 'matrix manager of EAST' ELSE role END)
	OR EXISTS (SELECT FROM tops JOIN me USING (role))$$;

-- What is read, how each row belongs, and in which form it is compared.
CREATE TABLE readings (reading int GENERATED ALWAYS AS IDENTITY, source text PRIMARY KEY, belongs text);
INSERT INTO readings (source, belongs) VALUES
	('regtarget.units', 'of_unit(r.unit_id)'), ('regtarget.past_parents', 'of_unit(r.unit_id)'), ('regtarget.successions', 'of_unit(r.unit_id)'), ('regtarget.adoptions', 'of_unit(r.unit_id)'), ('regtarget.unit_tree_on(''2020-12-31'')', 'of_unit(r.unit_id)'),
	('regtarget.periods', 'of_duty()'), ('regtarget.months', 'of_duty()'),
	('regtarget.ramp', 'of_duty()'), ('regtarget.shared_logins', 'of_duty()'), ('regtarget.policies', 'of_duty()'), ('regtarget.signal_kinds', 'of_duty()'),
	('regtarget.metrics', 'of_duty()'), ('regtarget.factors', 'of_duty()'),
	('regtarget.alert_rules', 'of_duty()'), ('regtarget.competitors', 'of_duty()'), ('regtarget.silences', 'of_duty()'),
	('regtarget.market_events', 'CASE WHEN r.unit_id IS NULL THEN of_duty() ELSE of_unit(r.unit_id) END'),
	('regtarget.alerts', 'of_unit(r.unit_id)'), ('regtarget.reviews', 'of_unit(r.unit_id)'),
	('regtarget.alert_board', 'of_unit(r.unit_id)'), ('regtarget.alert_log', 'of_unit(r.unit_id)'), ('regtarget.review_queue', 'of_unit(r.unit_id)'),
	('regtarget.alert_feed', 'of_code(r.labels::json ->> ''unit'')'), ('regtarget.reminders', 'of_unit(r.unit_id)'),
	('regtarget.market_events_in', 'CASE WHEN r.unit IS NULL THEN of_duty() ELSE of_code(r.unit) END'),
	('regtarget.job_runs', 'EXISTS (SELECT FROM tops JOIN me USING (role) WHERE planner)'),
	('regtarget.job_log', 'EXISTS (SELECT FROM tops JOIN me USING (role) WHERE planner)'),
	('regtarget.employees', 'of_employee(r.employee_id)'), ('regtarget.aliases', 'of_alias(r.kind, r.means)'),
	('regtarget.import_rejects', 'NOT of_duty() AND r.target <> ''gone_in'' OR r.by_duty_of = (SELECT role FROM me)'),
	('regtarget.units_in', 'of_code(r.code)'), ('regtarget.employees_in', 'of_employee(r.source_id::bigint)'),
	('regtarget.assignments_in', 'of_code(r.unit)'), ('regtarget.customers_in', 'of_code(r.unit)'),
	('regtarget.visits_in', 'of_code(r.unit)'), ('regtarget.deals_in', 'of_code(r.unit)'),
	('regtarget.revenues_in', 'of_code(r.unit)'), ('regtarget.signals_in', 'of_code(r.unit)'),
	('regtarget.moves_in', 'of_code(r.unit) AND (r.parent IS NULL OR of_code(r.parent))'), ('regtarget.successions_in', 'of_code(r.unit) AND of_code(r.predecessor)'),
	('regtarget.targets_in', 'of_draft(r.period, r.unit)'), ('regtarget.data_freshness', 'of_duty()'),
	('regtarget.actuals_check', 'of_unit(r.unit_id)'), ('regtarget.data_warnings', 'of_unit(r.unit_id)'),
	('regtarget.source_freshness()', 'of_duty()'),
	('regtarget.vitals', 'EXISTS (SELECT FROM tops JOIN me USING (role))'), ('regtarget.vital_signs()', 'EXISTS (SELECT FROM tops JOIN me USING (role))'),
	 ('regtarget.employee_units()', 'of_employee(r.employee_id)'),
	('regtarget.assignments', 'of_unit(r.unit_id)'), ('regtarget.customers', 'of_unit(r.unit_id)'),
	('regtarget.visits', 'of_unit(r.unit_id)'), ('regtarget.deals', 'of_unit(r.unit_id)'),
	('regtarget.revenues', 'of_unit(r.unit_id)'), ('regtarget.signals', 'of_unit(r.unit_id)'),
	('regtarget.duties', 'of_unit(r.unit_id) OR r.role = (SELECT CASE role WHEN ''matrix heir'' THEN ''matrix manager of EAST'' ELSE role END FROM me)'),
	('regtarget.access_grants', 'of_role(r.role)'), ('regtarget.kept_privileges', 'of_role(r.role)'),
	('regtarget.bounds', 'of_unit(r.unit_id)'), ('regtarget.plans', 'of_plan(r.plan_id)'),
	('regtarget.plan_basis', 'of_target(r.plan_id, r.parent_unit_id)'),
	('regtarget.plan_bounds', 'of_target(r.plan_id, r.unit_id) AND (of_plan(r.plan_id) OR EXISTS (SELECT FROM planned JOIN me USING (role) WHERE unit_id = r.unit_id))'),
	('regtarget.targets', 'of_target(r.plan_id, r.unit_id)'), ('regtarget.standings', 'of_unit(r.unit_id)'),
	('regtarget.adjustments', 'of_unit(r.unit_id)'), ('regtarget.signatures', 'of_unit(r.asking_unit_id)'),
	('regtarget.filings', 'of_unit(r.unit_id)'), ('regtarget.answers', 'of_target(r.plan_id, r.unit_id)'),
	('regtarget.activity_days', 'of_unit(r.unit_id)'), ('regtarget.activity_months', 'of_unit(r.unit_id)'),
	('regtarget.activity_deltas', 'of_unit(r.unit_id)'), ('regtarget.attached_days', 'of_unit(r.unit_id)'),
	('regtarget.attachments', 'EXISTS (SELECT FROM tops JOIN me USING (role) WHERE planner)'),
	('regtarget.attached_relations', 'EXISTS (SELECT FROM tops JOIN me USING (role) WHERE planner)'),
	('regtarget.attached_strays', 'EXISTS (SELECT FROM tops JOIN me USING (role) WHERE planner)'),
	('regtarget.attached_facts', 'EXISTS (SELECT FROM tops JOIN me USING (role) WHERE planner)'),
	('regtarget.verify_runs', 'EXISTS (SELECT FROM tops JOIN me USING (role))'), ('regtarget.source_days', 'of_duty()'), ('regtarget.source_deltas', 'of_duty()'),
	('regtarget.data_warnings_since(''-infinity'')', 'of_unit(r.unit_id)'),
	('regtarget.ledger', 'CASE WHEN r.action = ''shadow_allocated'' THEN of_target((r.details ->> ''plan_id'')::bigint, r.unit_id)
		ELSE of_unit(r.unit_id) OR r.unit_id = 0 AND EXISTS (SELECT FROM tops JOIN me USING (role)) END'),
	('regtarget.ledger_digest()', 'of_unit(r.unit_id) OR r.unit_id = 0 AND EXISTS (SELECT FROM tops JOIN me USING (role))'),
	('regtarget.target_history', 'of_unit(r.unit_id)'), ('regtarget.reorganisations', 'of_unit(r.unit_id)'), ('regtarget.adjustment_queue', 'of_unit(r.unit_id)'),
	('regtarget.adjustment_log', 'of_unit(r.unit_id)'), ('regtarget.filing_queue', 'of_unit(r.unit_id)'),
	('regtarget.valve_advice', 'of_unit(r.unit_id)'), ('regtarget.credit_board', 'of_unit(r.unit_id)'),
	('regtarget.credit_history', 'of_unit(r.unit_id)'),
	('regtarget.credit_outlook(''2025Q3'')', 'of_unit(r.unit_id)'),
	('regtarget.unit_tree', 'of_unit(r.unit_id)'), ('regtarget.unit_ancestors', 'of_unit(r.unit_id)'),
	('regtarget.calendar', 'of_duty()'), ('regtarget.activity', 'of_unit(r.unit_id)'),
	('regtarget.target_basis', 'of_target(r.plan_id, r.unit_id)'), ('regtarget.target_breakdown', 'of_target(r.plan_id, r.unit_id)'),
	('regtarget.plan_board', 'of_plan(r.plan_id)'), ('regtarget.plan_balance', 'of_target(r.plan_id, r.unit_id)'),
	('regtarget.target_months', 'of_target(r.plan_id, r.unit_id)'), ('regtarget.month_board', 'of_target(r.plan_id, r.unit_id)'),
	('regtarget.target_board', 'of_target(r.plan_id, r.unit_id)'), ('regtarget.shadow_comparison', 'of_target(r.plan_id, r.unit_id)'),
	('regtarget.outcomes', 'of_unit(r.unit_id)'), ('regtarget.quota_fairness', 'of_unit(r.unit_id)'),
	('(SELECT * FROM (SELECT p.plan_id, u.unit_id, regtarget.shadow_amount(p.plan_id, u.unit_id, 100) AS amount FROM generate_series(1, 7) p (plan_id),
		generate_series(1, 9) u (unit_id) WHERE p.plan_id <> 7 OR u.unit_id IN (2, 4, 5) OFFSET 0) x WHERE amount IS NOT NULL)', 'of_target(r.plan_id, r.unit_id)'),
	('regtarget.region_health', 'of_unit(r.unit_id)'), ('regtarget.health_trend', 'of_unit(r.unit_id)'),
	('regtarget.health_breakdown', 'of_unit(r.unit_id)'),
	('(SELECT u.unit_id, x.* FROM generate_series(1, 9) u (unit_id), LATERAL regtarget.place_of_unit(u.unit_id) x
		WHERE x.depth IS NOT NULL)', 'of_unit(r.unit_id)'),
	('(SELECT u.unit_id, x.* FROM generate_series(1, 9) u (unit_id), LATERAL regtarget.ancestors_of_unit(u.unit_id) x)', 'of_unit(r.unit_id)'),
	('regtarget.unit_signals(''2025-07-01'')', 'of_unit(r.unit_id)'), ('regtarget.unit_health(''2025-07-01'')', 'of_unit(r.unit_id)'),
	('regtarget.health_ranking(''2025-07-01'')', 'of_unit(r.unit_id)'), ('regtarget.health_points(''2025-07-01'')', 'of_unit(r.unit_id)'),
	('regtarget.period_actuals(''2025Q2'')', 'of_unit(r.unit_id)'), ('regtarget.targets_due(''2025-08-15'')', 'of_unit(r.unit_id)'),
	('(SELECT p.plan_id, u.unit_id, x.* FROM generate_series(1, 7) p (plan_id), generate_series(1, 9) u (unit_id),
		LATERAL regtarget.place_in_plan(p.plan_id, u.unit_id) x WHERE x.depth IS NOT NULL)', 'of_target(r.plan_id, r.unit_id)'),
	('(SELECT p.plan_id, x.* FROM generate_series(1, 7) p (plan_id), LATERAL regtarget.plan_totals(p.plan_id) x)', 'of_plan(r.plan_id)'),
	('(SELECT p.plan_id, x.* FROM generate_series(1, 7) p (plan_id), LATERAL regtarget.plan_parents(p.plan_id) x)', 'of_target(r.plan_id, r.unit_id)'),
	('(SELECT p.plan_id, u.unit_id, x.* FROM generate_series(1, 7) p (plan_id), generate_series(1, 9) u (unit_id),
		generate_series(1, 9) a, LATERAL regtarget.basis_of_target(p.plan_id, a, u.unit_id) x)', 'of_target(r.plan_id, r.unit_id)');
SELECT is_empty($$SELECT c.oid::regclass FROM pg_class c JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid
	JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND e.extname = 'regtarget'
	WHERE c.relkind IN ('r', 'v') AND c.oid::regclass::text NOT IN (SELECT source FROM readings)
	AND c.oid <> 'regtarget.reject_causes'::regclass$$,
	'every table and view of the extension is in the matrix');

-- ---- what is seen -----------------------------------------------------------------------------------

CREATE TABLE expected (role name, source text, line text);
CREATE TABLE visible (role name, source text, line text);
CREATE TABLE leaked (role name, source text, line text);
CREATE TABLE broken (role name, source text, error text);
CREATE INDEX ON expected (role, source);
CREATE INDEX ON visible (role, source);

-- The cheapest of all conditions, so that a planner which may would ask it first.
CREATE FUNCTION leak(role name, source text, line text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER COST 0.0000001 AS
$$BEGIN INSERT INTO public.leaked VALUES (role, source, line); RETURN true; END$$;
GRANT EXECUTE ON FUNCTION leak(name, text, text) TO PUBLIC;

CREATE FUNCTION lines_as(role name, query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	lines text[];
BEGIN
	EXECUTE format('SET LOCAL ROLE %I', role);
	EXECUTE format('SELECT array_agg(l) FROM (%s) AS q (l)', query) INTO lines;
	RESET ROLE;
	RETURN QUERY SELECT unnest(lines);
END
$$;

-- Each reading is prepared by the owner, and run by him first, and is then run by everybody else.
CREATE TABLE visible_prepared (role name, source text, line text);
CREATE FUNCTION prepared_as(role name, name text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	lines text[];
BEGIN
	EXECUTE format('SET LOCAL ROLE %I', role);
	EXECUTE format('EXECUTE %I', name) INTO lines;
	RESET ROLE;
	RETURN QUERY SELECT unnest(lines);
END
$$;
CREATE FUNCTION prepare_readings() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	g record;
	lines text[];
BEGIN
	FOR g IN SELECT 'reading ' || reading AS name, source FROM readings LOOP
		EXECUTE format('PREPARE %I AS SELECT array_agg(r::text) FROM %s AS r', g.name, g.source);
		EXECUTE format('EXECUTE %I', g.name) INTO lines;
	END LOOP;
END
$$;
SELECT prepare_readings();

CREATE FUNCTION read_everything() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	r record;
BEGIN
	FOR r IN SELECT e.role, 'reading ' || g.reading AS name, g.source, g.belongs FROM everyone e, readings g LOOP
		DELETE FROM me;
		INSERT INTO me VALUES (r.role);
		EXECUTE format('INSERT INTO expected SELECT %L, %L, r::text FROM %s AS r WHERE %s', r.role, r.source, r.source, r.belongs);
		BEGIN
			INSERT INTO visible SELECT r.role, r.source, l
			FROM lines_as(r.role, format('SELECT r::text FROM %s AS r', r.source)) AS l;
			INSERT INTO visible_prepared SELECT r.role, r.source, l FROM prepared_as(r.role, r.name) AS l;
			PERFORM lines_as(r.role, format('SELECT r::text FROM %s AS r WHERE public.leak(%L, %L, r::text)', r.source, r.role, r.source));
		EXCEPTION WHEN OTHERS THEN
			RESET ROLE;
			INSERT INTO broken VALUES (r.role, r.source, SQLERRM);
		END;
	END LOOP;
END
$$;
SELECT read_everything();

SELECT is_empty('SELECT * FROM broken', 'every role can read every table, view and report');
SELECT is_empty('SELECT * FROM visible EXCEPT SELECT * FROM expected', 'nobody sees more than the model says');
SELECT is_empty('SELECT * FROM expected EXCEPT SELECT * FROM visible',
	'nor less; each row, sums, ranks and computed columns included, is the one that the owner sees');
-- (Which plans targets_in shows is no secret, so its own condition need not come first: the tables' policies do.)
SELECT is_empty($$SELECT * FROM leaked EXCEPT SELECT * FROM expected EXCEPT
	SELECT v.role, 'regtarget.targets_in', ROW(t.period, u.code, t.suggested::text)::text FROM visible v
	JOIN regtarget.targets t ON v.source = 'regtarget.targets' AND t::text = v.line JOIN regtarget.units u USING (unit_id)$$,
	'a leaky function in a condition is shown nothing else');
SELECT is_empty('(TABLE visible_prepared EXCEPT TABLE visible) UNION ALL (TABLE visible EXCEPT TABLE visible_prepared)',
	'a statement that the owner prepared shows to each what is his');
SELECT cmp_ok((SELECT count(*) FROM leaked), '>=', (SELECT count(*) FROM visible), 'and was shown something');
SELECT is_empty($$SELECT * FROM visible WHERE role IN ('matrix stranger', 'matrix outsider') 
	AND source NOT IN ('regtarget.import_rejects', 'regtarget.access_grants')$$,
	'privileges without a duty show nothing, and neither does a membership that is not inherited');
SELECT is((SELECT count(*) FROM visible v JOIN regtarget.import_rejects i ON i::text = v.line
	WHERE v.role = 'matrix stranger' AND v.source = 'regtarget.import_rejects'), 9::bigint,
	'but for rejects, which whoever may load into the view sees');
SELECT is_empty($$SELECT e.role, l FROM (SELECT DISTINCT role FROM everyone) e,
	lines_as(e.role, 'SELECT coalesce(sum(rows), 0)::text FROM regtarget.reject_causes') l
	WHERE l::bigint <> (SELECT count(*) FROM visible v WHERE v.role = e.role AND v.source = 'regtarget.import_rejects')$$,
	'reject_causes counts, for each role, the rejects that it sees');
SELECT is_empty($$SELECT source, line FROM visible WHERE role = 'matrix heir' EXCEPT SELECT source, line FROM visible WHERE role = 'matrix manager of EAST'$$,
	'who inherits a duty sees what its role sees');

-- ---- what is done ------------------------------------------------------------------------------------

-- SQLSTATE of a statement by a role, or how many rows it wrote; nothing of it stays.
CREATE FUNCTION outcome(role name, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
	n bigint;
BEGIN
	BEGIN
		EXECUTE format('SET LOCAL ROLE %I', role);
		EXECUTE statement;
		GET DIAGNOSTICS n = ROW_COUNT;
		result := n || ' rows';
		RAISE SQLSTATE 'RT000';
	EXCEPTION WHEN SQLSTATE 'RT000' THEN
		RETURN result;
	WHEN OTHERS THEN
		RETURN SQLSTATE;
	END;
END
$$;

-- Functions that take a unit, or something of one: who may is a planner of it, or of the unit at its top,
-- its own manager, a superior, finance.
CREATE TABLE financed AS SELECT DISTINCT c.role, a.unit_id FROM cast_of c JOIN above a ON a.ancestor = c.unit_id WHERE c.duty = 'finance';
CREATE TABLE calls AS
SELECT e.role, u.unit_id, u.code, f.name, f.statement,
	CASE f.needs WHEN 'planner' THEN EXISTS (SELECT FROM planned p WHERE p.role = e.role AND p.unit_id = u.unit_id)
		WHEN 'sight' THEN EXISTS (SELECT FROM seen s WHERE s.role = e.role AND s.unit_id = u.unit_id)
		WHEN 'acting' THEN EXISTS (SELECT FROM cast_of c JOIN above a ON a.ancestor = c.unit_id WHERE c.role = e.role AND a.unit_id = u.unit_id AND c.duty IN ('planner', 'manager'))
		WHEN 'superior' THEN EXISTS (SELECT FROM cast_of c JOIN above a ON a.ancestor = c.unit_id WHERE c.role = e.role AND a.unit_id = u.parent_id AND c.duty IN ('planner', 'manager'))
		WHEN 'finance' THEN EXISTS (SELECT FROM financed s WHERE s.role = e.role AND s.unit_id = u.unit_id)
		WHEN 'manager' THEN EXISTS (SELECT FROM cast_of c WHERE c.role = e.role AND c.unit_id = u.unit_id AND c.duty = 'manager')
		WHEN 'signer' THEN EXISTS (SELECT FROM cast_of c JOIN above a ON a.ancestor = c.unit_id WHERE c.role = e.role
			AND a.unit_id = u.parent_id AND c.duty IN ('planner', 'manager') AND (c.unit_id = u.parent_id
				OR NOT EXISTS (SELECT FROM cast_of o WHERE o.unit_id = u.parent_id AND o.duty IN ('planner', 'manager'))))
		WHEN 'top' THEN coalesce((SELECT t.planner FROM tops t WHERE t.role = e.role), false) AND u.unit_id < 8 END AS allowed,
	-- What is hidden does not exist: things by their ids; units by their codes are known.
	CASE WHEN f.name IN ('answer_target', 'withdraw_adjustment', 'countersign', 'apply_adjustment', 'acknowledge_filing', 'acknowledge_alert', 'close_review', 'confirm_event')
			AND NOT EXISTS (SELECT FROM seen s WHERE s.role = e.role AND s.unit_id = u.unit_id)
		OR f.name = 'respread' AND NOT EXISTS (SELECT FROM seen_plans s WHERE s.role = e.role AND s.plan_id = CASE WHEN u.unit_id < 8 THEN 1 ELSE 6 END)
		THEN '42704' ELSE '42501' END AS refusal
FROM everyone e, regtarget.units u, LATERAL (VALUES
	('allocate_targets', 'planner', format('SELECT regtarget.allocate_targets(''2025Q1'', 100, root => %L)', u.code)),
	('preview_targets', 'planner', format('SELECT regtarget.preview_targets(''2025Q1'', 100, root => %L)', u.code)),
	('backtest', 'planner', format('SELECT regtarget.backtest(''2025Q1'', ''2025Q1'', %L)', u.code)),
	('backtest_summary', 'planner', format('SELECT regtarget.backtest_summary(''2025Q1'', ''2025Q1'', %L)', u.code)),
	('backtest_totals', 'planner', format('SELECT regtarget.backtest_totals(''2025Q1'', ''2025Q1'', %L)', u.code)),
	('tuning_verdict', 'planner', format('SELECT regtarget.tuning_verdict(''2025Q1'', ''2025Q1'', %L)', u.code)),
	('tune_factors', 'planner', format('SELECT regtarget.tune_factors(''2025Q1'', ''2025Q1'', %L)', u.code)),
	('explain_target', 'sight', format('SELECT regtarget.explain_target(%L, ''2025Q3'')', u.code)),
	('grant_duty', 'top', format('SELECT regtarget.grant_duty(''matrix stranger'', %L, ''viewer'')', u.code)),
	('revoke_duty', 'top', format('SELECT regtarget.revoke_duty(''matrix both'', %L, ''manager'')', u.code)),
	('ledger_digest', 'sight', format('SELECT regtarget.ledger_digest(%L)', u.code)),
	('request_adjustment', 'manager', format('SELECT regtarget.request_adjustment(%L, -0.01, ''why'', ''2025-08-01'')', u.code)),
	('answer_target', 'manager', format('SELECT regtarget.answer_target(%s, true)',
		(SELECT t.target_id FROM regtarget.targets t WHERE t.plan_id IN (1, 6) AND t.unit_id = u.unit_id))),
	('withdraw_adjustment', 'manager', format('SELECT regtarget.withdraw_adjustment(%s)', u.unit_id)),
	('countersign', 'signer', format('SELECT regtarget.countersign(%s, false)', u.unit_id)),
	('apply_adjustment', 'planner', format('SELECT regtarget.apply_adjustment(%s)', u.unit_id)),
	('acknowledge_filing', 'finance', format('SELECT regtarget.acknowledge_filing(%s, ''ref'')',
		(SELECT f.filing_id FROM regtarget.filings f WHERE f.unit_id = u.unit_id))),
	('acknowledge_alert', 'acting', format('SELECT regtarget.acknowledge_alert(%s)', u.unit_id)),
	('close_review', 'superior', format('SELECT regtarget.close_review(%s, ''adjust'', ''why'')', u.unit_id)),
	('report_event', 'acting', format('SELECT regtarget.report_event(''policy_change'', ''law'', %L)', u.code)),
	('confirm_event', 'planner', format('SELECT regtarget.confirm_event(%s)', (SELECT event_id FROM regtarget.market_events m WHERE m.unit_id = u.unit_id))),
	('respread', 'planner', format('SELECT regtarget.respread(%s, %L)', CASE WHEN u.unit_id < 8 THEN 1 ELSE 6 END, u.code))) AS f (name, needs, statement);
CREATE TABLE called AS SELECT c.*, outcome(role, statement) AS o FROM calls c;
SELECT is_empty($$SELECT role, name, code, o FROM called WHERE allowed AND o IN ('42501', '42704')$$,
	'functions of a unit do not refuse whom the model allows');
SELECT is_empty($$SELECT role, name, code, o FROM called WHERE NOT allowed AND o <> refusal$$,
	'and refuse all others with 42501, or with 42704 where it is hidden from them');
SELECT cmp_ok((SELECT count(*) FROM calls WHERE allowed), '>', 150::bigint, 'of either there are many');
SELECT is_empty($$SELECT name FROM calls GROUP BY name HAVING NOT bool_or(allowed) OR bool_and(allowed)$$, 'and some of each function');
SELECT is_empty($$SELECT role, name, code, o FROM called
	WHERE name IN ('request_adjustment', 'answer_target', 'withdraw_adjustment', 'countersign', 'acknowledge_filing', 'respread')
		AND allowed AND o <> CASE WHEN name = 'request_adjustment' AND code = 'CN' THEN '55000' ELSE '1 rows' END$$,
	'those of the valve do what they are asked, but that nobody signs for the top');
-- The same, prepared by the owner once and executed by one after the other.
CREATE FUNCTION prepare_calls() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	c record;
BEGIN
	FOR c IN SELECT DISTINCT name, code, statement FROM calls LOOP
		EXECUTE format('PREPARE %I AS %s', c.name || ' ' || c.code, c.statement);
	END LOOP;
END
$$;
SELECT prepare_calls();
SELECT is_empty($$SELECT role, name, code, o FROM calls, outcome(role, format('EXECUTE %I', name || ' ' || code)) AS o
	WHERE CASE WHEN allowed THEN o IN ('42501', '42704') ELSE o <> refusal END$$,
	'nor does a prepared statement lend anybody the duty of another');

-- Functions of a plan and of the whole organisation.
CREATE TABLE plan_calls AS
SELECT e.role, f.name, f.statement, f.allowed, f.refusal
FROM everyone e, LATERAL (
	SELECT format('%s %s', n, p.plan_id) AS name, format('SELECT regtarget.%I(%s)', n, p.plan_id) AS statement,
		CASE WHEN n = 'publish_plan' AND p.mode = 'live' THEN EXISTS (SELECT FROM decided a WHERE a.role = e.role AND a.unit_id = p.root_unit_id)
			ELSE EXISTS (SELECT FROM planned a WHERE a.role = e.role AND a.unit_id = p.root_unit_id) END AS allowed,
		CASE WHEN EXISTS (SELECT FROM seen_plans s WHERE s.role = e.role AND s.plan_id = p.plan_id) THEN '42501' ELSE '42704' END AS refusal
	FROM regtarget.plans p, unnest(ARRAY['propose_plan', 'publish_plan', 'plan_check']) n
	UNION ALL
	SELECT format('%s %s', n, p.plan_id), format('SELECT regtarget.%I(%s)', n, CASE n WHEN 'compare_plans' THEN format('%s, %1$s', p.plan_id) ELSE p.plan_id::text END),
		EXISTS (SELECT FROM seen_plans s WHERE s.role = e.role AND s.plan_id = p.plan_id), '42704'
	FROM regtarget.plans p, unnest(ARRAY['compare_plans', 'sensitivity']) n
	UNION ALL
	SELECT 'reveal_shadow', 'SELECT regtarget.reveal_shadow(''2025Q3'')',
		EXISTS (SELECT FROM planned a JOIN regtarget.plans p ON p.mode = 'shadow' AND p.root_unit_id = a.unit_id WHERE a.role = e.role),
		CASE WHEN EXISTS (SELECT FROM cast_of c WHERE c.role = e.role AND c.duty = 'planner') AND NOT EXISTS (SELECT FROM seen_plans s
			JOIN regtarget.plans p USING (plan_id) WHERE s.role = e.role AND p.mode = 'shadow') THEN '55000' ELSE '42501' END
	UNION ALL
	SELECT s, 'SELECT regtarget.' || s, coalesce((SELECT t.planner FROM tops t WHERE t.role = e.role), false), '42501'
	FROM unnest(ARRAY['apply_profile()', 'add_year(2030)', 'calibrate_metrics()', 'close_period(''2025Q3'')', 'scan_alerts(''2025-07-16'')',
		'grant_access(''matrix stranger'', ''viewer'')', 'revoke_access(''matrix viewer of SH'', ''viewer'')']) s) AS f;
SELECT is_empty($$SELECT role, name, o FROM plan_calls, outcome(role, statement) AS o
	WHERE CASE WHEN allowed THEN o IN ('42501', '42704') ELSE o <> refusal END$$,
	'functions of a plan are for planners of its root, publishing for those above it, those of the whole organisation for planners at the top');
SELECT is_empty($$SELECT role FROM everyone WHERE has_duty
	AND (outcome(role, 'SELECT regtarget.verify()') = '42501') = coalesce((SELECT t.planner FROM tops t WHERE t.role = everyone.role), false)$$,
	'verify() is for planners at the top');

-- Plain statements: how many rows each may write, by the model; -1 is no privilege at all.
CREATE FUNCTION writable(r name, source text, belongs text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
BEGIN
	DELETE FROM me;
	INSERT INTO me VALUES (r);
	EXECUTE format('SELECT count(*) FROM %s AS r WHERE %s', source, belongs) INTO n;
	RETURN n || ' rows';
END
$$;
CREATE FUNCTION plans_unit(u int) RETURNS boolean LANGUAGE sql STABLE AS
$$SELECT EXISTS (SELECT FROM planned JOIN me USING (role) WHERE unit_id = u)$$;
CREATE FUNCTION decides_over(u int) RETURNS boolean LANGUAGE sql STABLE AS
$$SELECT EXISTS (SELECT FROM decided JOIN me USING (role) WHERE unit_id = u)$$;
CREATE TABLE writes AS
SELECT e.role, w.source, w.statement,
	CASE WHEN NOT e.has_duty THEN w.stranger
		WHEN w.needs = 'planner' AND EXISTS (SELECT FROM planned p WHERE p.role = e.role)
			OR w.needs = 'top' AND coalesce((SELECT t.planner FROM tops t WHERE t.role = e.role), false)
		THEN writable(e.role, w.source, w.belongs)
		ELSE '42501' END AS wanted
FROM everyone e, (VALUES
	('regtarget.targets', 'planner', '0 rows', 'UPDATE regtarget.targets SET suggested = suggested WHERE plan_id IN (2, 3, 4, 5)',
		'r.plan_id IN (2, 3, 4, 5) AND plans_unit((SELECT root_unit_id FROM regtarget.plans p WHERE p.plan_id = r.plan_id))'),
	('regtarget.targets', 'nobody', '0 rows', 'UPDATE regtarget.targets SET amount = amount', 'false'),
	('regtarget.targets', 'planner', '0 rows', 'DELETE FROM regtarget.targets WHERE plan_id IN (2, 3)',
		'r.plan_id IN (2, 3) AND plans_unit((SELECT root_unit_id FROM regtarget.plans p WHERE p.plan_id = r.plan_id))'),
	('regtarget.plans', 'planner', '0 rows', 'UPDATE regtarget.plans SET label = ''x'' WHERE plan_id IN (2, 3)',
		'r.plan_id IN (2, 3) AND plans_unit(r.root_unit_id)'),
	('regtarget.plans', 'planner', '0 rows', 'DELETE FROM regtarget.plans WHERE plan_id IN (2, 3, 4, 5)',
		'r.plan_id IN (2, 3, 4, 5) AND plans_unit(r.root_unit_id)'),
	('regtarget.plans', 'nobody', '0 rows', 'UPDATE regtarget.plans SET status = ''published''', 'false'),
	('regtarget.bounds', 'planner', '0 rows', 'UPDATE regtarget.bounds SET at_least = 0', 'decides_over(r.unit_id)'),
	('regtarget.bounds', 'planner', '0 rows', 'DELETE FROM regtarget.bounds', 'decides_over(r.unit_id)'),
	('regtarget.units', 'top', '0 rows', 'UPDATE regtarget.units SET name = ''x''', 'r.unit_id < 8'),
	('regtarget.past_parents', 'top', '0 rows', 'UPDATE regtarget.past_parents SET until_on = until_on', 'r.unit_id < 8'),
	('regtarget.past_parents', 'top', '0 rows', 'DELETE FROM regtarget.past_parents', 'r.unit_id < 8'),
	('regtarget.successions', 'top', '0 rows', 'UPDATE regtarget.successions SET share = share', 'r.unit_id < 8'),
	('regtarget.successions', 'top', '0 rows', 'DELETE FROM regtarget.successions', 'r.unit_id < 8'),
	('regtarget.adoptions', 'top', '0 rows', 'UPDATE regtarget.adoptions SET adopted_on = adopted_on', 'r.unit_id < 8'),
	('regtarget.adoptions', 'top', '0 rows', 'DELETE FROM regtarget.adoptions', 'r.unit_id < 8'),
	('regtarget.months', 'top', '0 rows', 'UPDATE regtarget.months SET share = NULL', 'true'),
	('regtarget.periods', 'top', '0 rows', 'UPDATE regtarget.periods SET during = during', 'true'),
	('regtarget.ramp', 'top', '0 rows', 'DELETE FROM regtarget.ramp', 'true'),
	('regtarget.policies', 'top', '0 rows', 'UPDATE regtarget.policies SET cap = 0.9', 'true'),
	('regtarget.signal_kinds', 'top', '0 rows', 'DELETE FROM regtarget.signal_kinds', 'true'),
	('regtarget.metrics', 'top', '0 rows', 'DELETE FROM regtarget.metrics', 'true'),
	('regtarget.factors', 'top', '0 rows', 'DELETE FROM regtarget.factors', 'true'),
	('regtarget.aliases', 'top', '0 rows', 'UPDATE regtarget.aliases SET means = means', 'true'),
	('regtarget.aliases', 'top', '0 rows', 'DELETE FROM regtarget.aliases', 'true'),
	('regtarget.alert_rules', 'top', '0 rows', 'UPDATE regtarget.alert_rules SET enabled = false', 'true'),
	('regtarget.competitors', 'top', '0 rows', 'DELETE FROM regtarget.competitors', 'true'),
	('regtarget.silences', 'top', '0 rows', 'UPDATE regtarget.silences SET comment = ''x''', 'true'),
	('regtarget.alerts', 'nobody', '0 rows', 'UPDATE regtarget.alerts SET status = ''resolved''', 'false'),
	('regtarget.reviews', 'nobody', '0 rows', 'DELETE FROM regtarget.reviews', 'false'),
	('regtarget.market_events', 'nobody', '0 rows', 'DELETE FROM regtarget.market_events', 'false'),
	('regtarget.import_rejects', 'nobody', '0 rows', 'UPDATE regtarget.import_rejects SET reason = ''''', 'false'),
	('regtarget.import_rejects', 'nobody', '0 rows', 'DELETE FROM regtarget.import_rejects', 'false'),
	('regtarget.duties', 'nobody', '42501', 'INSERT INTO regtarget.duties VALUES (''matrix stranger'', 1, ''planner'')', 'false'),
	('regtarget.duties', 'nobody', '0 rows', 'DELETE FROM regtarget.duties', 'false'),
	('regtarget.access_grants', 'nobody', '42501', 'INSERT INTO regtarget.access_grants VALUES (''matrix stranger'', ''planner'')', 'false'),
	('regtarget.access_grants', 'nobody', '0 rows', 'DELETE FROM regtarget.access_grants', 'false'),
	('regtarget.kept_privileges', 'nobody', '0 rows', 'DELETE FROM regtarget.kept_privileges', 'false'),
	('regtarget.standings', 'nobody', '0 rows', 'DELETE FROM regtarget.standings', 'false'),
	('regtarget.adjustments', 'nobody', '0 rows', 'UPDATE regtarget.adjustments SET status = ''approved''', 'false'),
	('regtarget.filings', 'nobody', '0 rows', 'UPDATE regtarget.filings SET reference = ''x''', 'false'),
	('regtarget.signatures', 'nobody', '0 rows', 'UPDATE regtarget.signatures SET approved = true', 'false'),
	('regtarget.answers', 'nobody', '0 rows', 'DELETE FROM regtarget.answers', 'false'),
	('regtarget.deals', 'nobody', '0 rows', 'UPDATE regtarget.deals SET amount = 0', 'false'),
	('regtarget.employees', 'nobody', '0 rows', 'DELETE FROM regtarget.employees', 'false'),
	('regtarget.assignments', 'nobody', '0 rows', 'DELETE FROM regtarget.assignments', 'false')) AS w (source, needs, stranger, statement, belongs);
SELECT is_empty($$SELECT role, statement, wanted, outcome(role, statement) FROM writes WHERE wanted <> outcome(role, statement)$$,
	'each writes the rows that are his and no others; without the privilege it is 42501');

-- New rows, of each unit.
CREATE TABLE inserts AS
SELECT e.role, u.unit_id, w.statement,
	CASE w.needs WHEN 'planner' THEN EXISTS (SELECT FROM planned p WHERE p.role = e.role AND p.unit_id = u.unit_id)
		WHEN 'planner above' THEN EXISTS (SELECT FROM decided p WHERE p.role = e.role AND p.unit_id = u.unit_id)
		WHEN 'top' THEN coalesce((SELECT t.planner FROM tops t WHERE t.role = e.role), false) AND u.unit_id < 8
		ELSE false END AS allowed
FROM everyone e, regtarget.units u, LATERAL (VALUES
	('planner above', format('INSERT INTO regtarget.bounds VALUES (''2025Q1'', %s, 1, 2) RETURNING *', u.unit_id)),
	('planner', format('INSERT INTO regtarget.plans (period, root_unit_id, total) VALUES (''2025Q1'', %s, 5) RETURNING *', u.unit_id)),
	('planner', format('WITH p AS (INSERT INTO regtarget.plans (period, root_unit_id, total) VALUES (''2025Q1'', %s, 5) RETURNING 1) SELECT count(*) FROM p', u.unit_id)),
	('top', format('INSERT INTO regtarget.units (code, parent_id) VALUES (''new'', %s) RETURNING *', u.unit_id)),
	('nobody', format('INSERT INTO regtarget.standings VALUES (%s, ''2025Q1'', 0, 0)', u.unit_id)),
	('nobody', format('INSERT INTO regtarget.units (code, kind) VALUES (''new'' || %s, ''top'')', u.unit_id))) AS w (needs, statement);
SELECT is_empty($$SELECT role, statement, outcome(role, statement) FROM inserts WHERE allowed = (outcome(role, statement) = '42501')$$,
	'new bounds, plans and units are for planners above, of that unit, or at its top');
SELECT is_empty($$SELECT e.role, p.plan_id, o FROM everyone e, regtarget.plans p,
	LATERAL outcome(e.role, format('INSERT INTO regtarget.targets (plan_id, unit_id, suggested) VALUES (%s, 9, ''NaN'')', p.plan_id)) AS o
	WHERE o <> CASE WHEN EXISTS (SELECT FROM planned a WHERE a.role = e.role AND a.unit_id = p.root_unit_id) THEN
			CASE WHEN p.status IN ('published', 'closed') THEN '55000' ELSE '23514' END
		WHEN has_column_privilege(e.role, 'regtarget.targets', 'suggested', 'INSERT')
			AND NOT EXISTS (SELECT FROM seen_plans s WHERE s.role = e.role AND s.plan_id = p.plan_id) THEN '23503' ELSE '42501' END$$,
	'new targets are for planners of the plan''s root, and the guard tells others nothing');

SELECT is_empty($$SELECT e.role, o FROM everyone e, outcome(e.role, 'INSERT INTO regtarget.aliases VALUES (''unit'', ''x'', ''y'', ''CN'') RETURNING *') AS o
	WHERE (o = '42501') = coalesce((SELECT t.planner FROM tops t WHERE t.role = e.role), false)$$, 'new aliases are for planners at the top');

-- Rows loaded through the views: all of whoever was granted INSERT on the view; of finance and planners
-- those that are theirs; the rest is refused, row by row, and of others the statement.
CREATE FUNCTION load_outcome(role name, view text, line text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	BEGIN
		DELETE FROM regtarget.import_rejects;
		EXECUTE format('SET LOCAL ROLE %I', role);
		EXECUTE format('INSERT INTO regtarget.%I VALUES (%s)', view, line);
		RESET ROLE;
		SELECT coalesce(min(reason), 'taken') INTO result FROM regtarget.import_rejects;
		RAISE SQLSTATE 'RT000';
	EXCEPTION WHEN SQLSTATE 'RT000' THEN
		RETURN result;
	WHEN OTHERS THEN
		RETURN SQLSTATE;
	END;
END
$$;
CREATE TABLE loads AS
SELECT e.role, u.code, l.view, l.line, CASE WHEN NOT e.has_duty THEN CASE WHEN l.fits THEN 'taken' ELSE 'refused' END
		WHEN NOT EXISTS (SELECT FROM cast_of c WHERE c.role = e.role AND c.duty = l.duty) THEN '42501'
		WHEN l.fits AND EXISTS (SELECT FROM cast_of c JOIN above a ON a.ancestor = c.unit_id
			WHERE c.role = e.role AND c.duty = l.duty AND a.unit_id = l.of) THEN 'taken'
		ELSE 'refused' END AS wanted
FROM everyone e, regtarget.units u, LATERAL (VALUES
	-- A new row; one that is there already, of SH; by the employee's unit.
	('revenues_in', format('''fin'', ''new'', %L, NULL, NULL, ''2025-07-01'', ''5''', u.code), 'finance', u.unit_id, true),
	('revenues_in', format('''fin'', ''new'', %L, NULL, NULL, ''2025-07-01'', ''5''', 'F ' || u.code), 'finance', u.unit_id, true),
	('revenues_in', format('''hr'', ''new'', NULL, %L, NULL, ''2025-01-01'', ''5''', (u.unit_id + 7) % 9 + 1), 'finance', u.unit_id, true),
	-- No draft yet, so it takes the planner of the top; EAST's, proposed; CN's.
	('targets_in', format('''2025Q1'', %L, ''5''', u.code), 'planner', CASE WHEN u.unit_id < 8 THEN 1 ELSE 8 END, true),
	('targets_in', format('''2025Q2'', %L, ''5''', u.code), 'planner', 2, u.unit_id IN (2, 4, 5)),
	('targets_in', format('''2025Q4'', %L, ''5''', u.code), 'planner', 1, u.unit_id < 8),
	('deals_in', format('''crm'', ''new'', %L', u.code), 'nobody', 0, true)) AS l (view, line, duty, of, fits);
SELECT is_empty($$SELECT role, view, line, wanted, o FROM loads, load_outcome(role, view, line) AS o
	WHERE wanted <> CASE WHEN o IN ('taken', '42501') THEN o ELSE 'refused' END$$, 'each loads what is his, and is told of the rest');
SELECT is_empty($$SELECT e.role, r.unit_id, o FROM everyone e, regtarget.revenues r,
	load_outcome(e.role, 'revenues_in', format('''fin'', %L, ''SH'', NULL, NULL, ''2025-07-01'', ''5''', r.source_id)) AS o
	WHERE r.revenue_id <= 9 AND e.has_duty AND o <> CASE
		WHEN NOT EXISTS (SELECT FROM financed f WHERE f.role = e.role) THEN '42501'
		WHEN EXISTS (SELECT FROM financed f WHERE f.role = e.role AND f.unit_id = r.unit_id) THEN 'taken'
		ELSE format('role "%s" has no finance duty over the unit of the row that is there already', e.role) END$$,
	'and takes no row away from another''s unit');

-- Whom or what one may not see is blank in a row that one may.
INSERT INTO regtarget.visits (source, source_id, unit_id, employee_id, customer_id, visited_on) VALUES ('crm', 'abroad', 4, 5, 5, '2025-07-01');
SELECT results_eq($$SELECT l FROM unnest(ARRAY['matrix viewer of CN', 'matrix viewer of SH']) r,
	lines_as(r, 'SELECT concat(employee, '' '', customer) FROM regtarget.visits_in WHERE source_id = ''abroad''') AS l$$, ARRAY['E5 C5', ' '],
	'a person or a customer out of sight is not named');

-- What is hidden is not there.
SELECT is_empty($$SELECT e.role, p.plan_id, o FROM everyone e, regtarget.plans p,
	LATERAL outcome(e.role, format('SELECT regtarget.explain_target(''SH'', %L, %s)', p.period, p.plan_id)) AS o
	WHERE EXISTS (SELECT FROM seen s WHERE s.role = e.role AND s.unit_id = 4)
		AND (o = '42704') = (EXISTS (SELECT FROM planned a WHERE a.role = e.role AND a.unit_id = 4) AND p.plan_id < 6
			OR p.plan_id IN (1, 3, 7))$$, 'a hidden plan is explained as one that does not exist');

-- A policy function of a table is asked by whoever reads it, also inside another's function and view.
CREATE FUNCTION of_the_top() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM regtarget.targets';
ALTER FUNCTION of_the_top() OWNER TO "matrix viewer of CN";
GRANT EXECUTE ON FUNCTION of_the_top() TO PUBLIC;
SELECT is(outcome('matrix viewer of SH', 'SELECT 1 WHERE public.of_the_top() = 13'), '1 rows',
	'another''s function sees what its owner sees');

SELECT * FROM finish();
ROLLBACK;
