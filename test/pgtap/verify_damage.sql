-- Damage: each column of each table, in each way that its type allows, behind the triggers' backs, in a row
-- of each sort that the table holds. A constraint refuses it or a check of verify() finds it; what neither
-- does is in the list below, with the reason. A column that is new and not in the list must be found; what
-- is in the list and found must go from it.
BEGIN;
SET LOCAL jit = off;
SET LOCAL search_path = public;
SET LOCAL client_min_messages = warning;
SELECT plan(8);

-- ---- a company with rows of every sort ----------------------------------------------------------------

SELECT regtarget.apply_profile() <> '' AS applied \gset
INSERT INTO regtarget.policies (effective_from, cap) VALUES ('2020-01-01', 0.2);
SELECT regtarget.add_year(2025), regtarget.add_year(2026);
UPDATE regtarget.months SET share = 0.3 WHERE month = '2025-08';
INSERT INTO regtarget.units (unit_id, code, name, kind, parent_id, opened_on) VALUES (1, 'CN', 'China', 'company', NULL, '2001-01-01'),
	(2, 'A', 'a', 'region', 1, NULL), (3, 'B', 'b', 'region', 1, NULL), (4, 'A1', 'a1', 'group', 2, NULL), (5, 'A2', 'a2', 'group', 2, NULL),
	(6, 'HK', NULL, NULL, NULL, NULL), (8, 'B1', NULL, 'group', 3, NULL);
INSERT INTO regtarget.units VALUES (7, 'A3', NULL, 'group', 2, NULL, '2024-12-31');
INSERT INTO regtarget.ramp VALUES (0, 0.5), (6, 1);
INSERT INTO regtarget.employees (employee_id, source, source_id, name, email, hired_on, left_on, leave_reason) VALUES
	(1, 'hr', 'e1', 'One', 'one@example.com', '2024-01-01', '2025-06-30', 'pressure'), (2, 'hr', 'e2', 'Two', NULL, '2024-02-01', NULL, NULL);
INSERT INTO regtarget.assignments VALUES (1, 2, '[2024-01-01,2025-02-01)'), (1, 3, '[2025-02-01,2025-07-01)'), (2, 4, '[2024-02-01,)');
INSERT INTO regtarget.customers (customer_id, source, source_id, unit_id, name, acquired_on, churned_on) VALUES
	(1, 'crm', 'c1', 2, 'First', '2024-01-01', '2025-06-30'), (2, 'crm', 'c2', 3, NULL, NULL, NULL);
INSERT INTO regtarget.visits (source, source_id, unit_id, employee_id, customer_id, visited_on) VALUES
	('crm', 'v1', 2, 1, 1, '2025-01-10'), ('crm', 'v2', 4, 2, NULL, '2025-02-10');
INSERT INTO regtarget.deals (source, source_id, unit_id, employee_id, customer_id, opened_on, closed_on, won, amount) VALUES
	('crm', 'd1', 2, 1, 1, '2025-01-01', '2025-01-11', true, 1000), ('crm', 'd2', 4, 2, 2, '2025-01-01', '2025-02-11', false, 2000),
	('crm', 'd3', 3, NULL, NULL, '2025-03-01', NULL, NULL, 3000);
INSERT INTO regtarget.revenues (source, source_id, unit_id, employee_id, customer_id, booked_on, amount) VALUES
	('erp', 'r1', 2, 1, 1, '2025-01-12', 900), ('erp', 'r2', 4, NULL, NULL, '2025-02-12', 1900);
SELECT regtarget.fold_activity();
INSERT INTO regtarget.visits (source, source_id, unit_id, visited_on) VALUES ('crm', 'v3', 5, '2025-03-10');
INSERT INTO regtarget.signals (unit_id, signal, as_of, value, source)
SELECT u, s, '2024-12-01', u, 'x' FROM generate_series(2, 8) u, unnest('{tender_amount,report_estimate,strategic_tilt}'::text[]) s;
INSERT INTO regtarget.aliases VALUES ('unit', 'erp', 'u2', 'A'), ('employee', 'erp', 'p1', '1'), ('customer', 'erp', 'k1', '1'), ('leave_reason', 'hr', '4', 'pressure');
INSERT INTO regtarget.deals_in (source, source_id, unit, amount) VALUES ('crm', 'x1', 'nowhere', '5');
INSERT INTO regtarget.bounds (period, unit_id, at_least, at_most) SELECT q, 4, 10, 900 FROM unnest('{2025Q2,2025Q3,2025Q4}'::text[]) q
UNION ALL SELECT '2025Q3', 5, NULL, NULL;

INSERT INTO regtarget.past_parents VALUES (4, '2020-01-01', 3), (5, '2020-01-01', NULL);
INSERT INTO regtarget.successions VALUES (8, 7, 0.5), (5, 7, 1);
INSERT INTO regtarget.adoptions VALUES (2, '2025-02-01'), (3, '2025-05-01');

INSERT INTO regtarget.shared_logins VALUES (session_user);
CREATE ROLE "damage boss";
CREATE ROLE "damage manager";
CREATE ROLE "damage money";
SELECT regtarget.grant_duty('damage boss', 'CN', 'planner');
CREATE ROLE damage_group;
GRANT SELECT ON regtarget.units TO damage_group;
SELECT regtarget.grant_access('damage_group', d) FROM unnest('{viewer,finance}'::text[]) d;
SELECT regtarget.grant_duty('damage boss', 'A', 'manager');
SELECT regtarget.grant_duty('damage manager', code, 'manager') FROM regtarget.units WHERE unit_id IN (2, 3, 4, 5, 8);
SELECT regtarget.grant_duty('damage money', 'CN', 'finance');
CREATE FUNCTION pg_temp.act(role text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	said text;
BEGIN
	PERFORM set_config('role', 'damage ' || role, true);
	EXECUTE statement INTO said;
	PERFORM set_config('role', 'none', true);
	RETURN said;
END
$$;
CREATE FUNCTION pg_temp.asks(unit text, change text, day text) RETURNS bigint LANGUAGE sql
RETURN pg_temp.act('manager', format('SELECT regtarget.request_adjustment(%L, %L, ''because'', %L)', unit, change, day))::bigint;
CREATE FUNCTION pg_temp.signs(id bigint, approve bool, comment text DEFAULT NULL, granted text DEFAULT NULL) RETURNS text LANGUAGE sql
RETURN pg_temp.act('boss', format('SELECT regtarget.countersign(%s, %L, %L, %L)', id, approve, comment, granted));
CREATE FUNCTION pg_temp.plan(period text, total numeric, mode text DEFAULT 'live', label text DEFAULT NULL) RETURNS bigint LANGUAGE sql
RETURN (SELECT min(plan_id) FROM regtarget.allocate_targets(period, total, mode, 'CN', label => label));

-- History that the owner brings: nothing, denied quarters, a penalty.
INSERT INTO regtarget.standings VALUES (2, '2025Q2', 0, 0), (3, '2025Q2', 1, 0), (5, '2025Q3', 2, 0.05);
-- A quarter that is closed: one request lapsed, one refused, one applied.
SELECT regtarget.publish_plan(pg_temp.plan('2025Q2', 1000));
SELECT pg_temp.asks('A', '-0.1', '2025-04-10') AS lapses, pg_temp.asks('B', '-0.1', '2025-04-10') AS refused, pg_temp.asks('A1', '0.1', '2025-04-10') AS applied \gset
SELECT pg_temp.signs(:refused, false, 'no'), pg_temp.signs(:applied, true, 'yes', '0.05'),
	pg_temp.act('boss', format('SELECT target_id FROM regtarget.apply_adjustment(%s)', :applied));
SELECT regtarget.close_period('2025Q2');
-- The quarter that runs: requests of every status, one half signed; a target moved by hand.
SELECT regtarget.publish_plan(pg_temp.plan('2025Q3', 2000)) AS ok, max(plan_id) AS running FROM regtarget.plans \gset
SELECT regtarget.grant_duty('damage money', 'A', 'manager');
SELECT pg_temp.asks('A', '0.1', '2025-07-10') AS applied, pg_temp.asks('B', '-0.1', '2025-07-10') AS rejected, pg_temp.asks('A2', '0.1', '2025-07-10') AS half,
	pg_temp.asks('A1', '-0.05', '2025-07-10') AS withdrawn, pg_temp.asks('B1', '0.02', '2025-07-10') AS approved, pg_temp.asks('A', '0.01', '2025-08-10') AS requested \gset
SELECT pg_temp.signs(:applied, true, 'yes', '0.05'), pg_temp.signs(:rejected, false, 'no'), pg_temp.signs(:approved, true);
SELECT regtarget.revoke_duty('damage boss', 'A', 'manager');
SELECT pg_temp.signs(:half, true), pg_temp.signs(:withdrawn, true, 'fine'), pg_temp.act('money', format('SELECT regtarget.countersign(%s, true)', :withdrawn));
SELECT pg_temp.act('manager', format('SELECT regtarget.withdraw_adjustment(%s)', :withdrawn));
SELECT pg_temp.act('boss', format('SELECT target_id FROM regtarget.apply_adjustment(%s)', :applied));
SELECT pg_temp.act('money', 'SELECT regtarget.acknowledge_filing(max(filing_id), ''F-1'') FROM regtarget.filings');
UPDATE regtarget.targets SET amount = amount + 1 WHERE plan_id = (SELECT max(plan_id) FROM regtarget.plans) AND unit_id = 3;
-- What is not published: a proposed plan that is answered, a draft typed by hand, a shadow, a sandbox.
SELECT pg_temp.plan('2025Q4', 3000) AS proposed \gset
SELECT regtarget.propose_plan(:proposed);
SELECT pg_temp.act('manager', format('SELECT regtarget.answer_target(%s, false, ''too much'')', target_id)) FROM regtarget.targets WHERE plan_id = :proposed AND unit_id = 4;
SELECT pg_temp.act('manager', format('SELECT regtarget.answer_target(%s, true)', target_id)) FROM regtarget.targets WHERE plan_id = :proposed AND unit_id = 5;
SELECT pg_temp.plan('2025Q3', 1000, 'shadow'), pg_temp.plan('2025Q3', 1000, 'sandbox', 'what if');
SELECT regtarget.reveal_shadow('2025Q3');
INSERT INTO regtarget.plans (period, root_unit_id, total, label) VALUES ('2026Q1', 2, 100, 'typed');
INSERT INTO regtarget.targets (plan_id, unit_id, suggested) SELECT max(plan_id), u, 100 FROM regtarget.plans, (VALUES (2), (4)) AS v (u) GROUP BY u;

-- Alerts: of an event that a manager reported and a planner confirmed, of scans, covered, acknowledged, resolved; reviews.
INSERT INTO regtarget.competitors VALUES ('Rival', true), ('Other', false);
INSERT INTO regtarget.silences (rule, unit_id, during, comment) VALUES ('churn', 4, '[2025-07-01,2025-07-08)', 'stocktaking'), (NULL, NULL, '[2025-08-01,2025-09-08)', 'holidays');
INSERT INTO regtarget.alert_rules (rule, level, signal, compare, threshold, unit_kind, certainty, min_count) VALUES ('odd', 'blue', 'headcount', 'below', 1, 'region', 2, 0);
SELECT pg_temp.act('manager', 'SELECT regtarget.report_event(''competitor_promotion'', ''Rival'', ''A1'', ''2025-07-01'', ''two for one'')') AS event \gset
SELECT pg_temp.act('boss', format('SELECT regtarget.confirm_event(%s)', :event));
SELECT pg_temp.act('manager', 'SELECT regtarget.report_event(''competitor_price_cut'', ''Rival'', ''A2'', ''2025-07-02'')');
SELECT regtarget.report_event('policy_change', 'law', NULL, '2025-07-03');
INSERT INTO regtarget.customers (customer_id, source, source_id, unit_id, name, churned_on)
SELECT 100 + i, 'crm', 'gone ' || i, 4, 'gone', CASE WHEN i < 8 THEN date '2025-07-08' WHEN i < 12 THEN date '2025-07-14' + 7 END FROM generate_series(1, 20) i;
SELECT count(*) FROM regtarget.scan_alerts('2025-07-16');
SELECT pg_temp.act('boss', format('SELECT regtarget.acknowledge_alert(%s, ''seen'')', alert_id)) FROM regtarget.alerts WHERE rule = 'churn' AND unit_id = 2;
SELECT count(*) FROM regtarget.scan_alerts('2025-07-23');
SELECT count(*) FROM regtarget.scan_alerts('2025-08-13');
SELECT pg_temp.act('boss', format('SELECT regtarget.close_review(%s, ''adjust'', ''it hurts'', %s)', review_id,
	(SELECT min(adjustment_id) FROM regtarget.adjustments WHERE unit_id = 4))) FROM regtarget.reviews WHERE unit_id = 4;
SELECT pg_temp.act('boss', format('SELECT regtarget.close_review(%s, ''keep'', ''no'')', min(review_id))) FROM regtarget.reviews WHERE status = 'open';

INSERT INTO regtarget.market_events_in VALUES ('press', 'competitor_price_cut', 'Other', 'B', '2025-07-04', 'printed'), ('radio', 'odd', 'Other', NULL, '2025-07-04', NULL);
INSERT INTO regtarget.market_events_in VALUES ('press', 'competitor_price_cut', 'Other', 'B', '2025-07-04', 'printed twice');
SELECT count(regtarget.remind_overdue(d)) FROM unnest('{2025-07-21,2030-07-01}'::date[]) d;
SELECT regtarget.run_job('overdue'), regtarget.run_job('purge');
CREATE FUNCTION pg_temp.fail() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END';
CREATE TRIGGER fail BEFORE INSERT ON regtarget.alerts FOR EACH ROW EXECUTE FUNCTION pg_temp.fail();
INSERT INTO regtarget.alert_rules (rule, level, signal, compare, threshold) VALUES ('fails', 'blue', 'headcount', 'below', 1000);
SET LOCAL client_min_messages = error;
SELECT regtarget.run_job('monthly_scan');
RESET client_min_messages;
DELETE FROM regtarget.alert_rules WHERE rule = 'fails';
DROP TRIGGER fail ON regtarget.alerts;

CREATE TABLE public.elsewhere (unit_id int, visited_on date, closed_on date, won boolean, amount numeric);
INSERT INTO public.elsewhere VALUES (4, '2025-03-11', '2025-03-11', true, 5.5), (5, '2025-03-12', '2025-03-12', false, 1), (4, '2025-03-12', '2025-03-12', true, 2),
	(99, '2025-03-12', '2025-03-12', true, 7), (98, '2025-03-13', '2025-03-13', true, 7);
SELECT regtarget.attach_facts('visits', 'public.elsewhere'), regtarget.attach_facts('deals', 'public.elsewhere');
SELECT regtarget.refresh_activity('2025-03-01', '2025-03-31');

SELECT is((SELECT string_agg(check_name || ': ' || detail, '; ') FROM regtarget.record_verify() WHERE NOT ok), NULL, 'the company is sound');
INSERT INTO regtarget.verify_runs (ran_at, ran_by, login, ok, found) VALUES (now(), 'me', 'me', false, 'caps: 1');

-- ---- the sorts of rows that a table holds --------------------------------------------------------------

CREATE TEMP TABLE sorts (tab name PRIMARY KEY, sort text NOT NULL);
INSERT INTO sorts VALUES
	('plans', 'CASE WHEN status IN (''published'', ''closed'') THEN status ELSE ''draft '' || mode || coalesce('' '' || label, '''') END'),
	('targets', '(SELECT CASE WHEN p.status IN (''published'', ''closed'') THEN p.status WHEN p.mode = ''shadow'' THEN ''record'' ELSE ''draft '' || p.mode END FROM regtarget.plans p WHERE p.plan_id = x.plan_id) '
		'|| CASE WHEN parent_unit_id IS NULL THEN '' root'' ELSE '''' END || CASE WHEN penalty > 0 THEN '' punished'' ELSE '''' END'),
	('plan_basis', '(SELECT CASE WHEN p.status IN (''published'', ''closed'') THEN ''published'' WHEN p.mode = ''shadow'' THEN ''record'' ELSE ''draft'' END FROM regtarget.plans p WHERE p.plan_id = x.plan_id) '
		'|| CASE WHEN scales IS NULL THEN '''' ELSE '' scaled'' END'),
	('plan_bounds', '(SELECT CASE WHEN p.status IN (''published'', ''closed'') THEN ''published'' WHEN p.mode = ''shadow'' THEN ''record'' ELSE ''draft'' END FROM regtarget.plans p WHERE p.plan_id = x.plan_id)'),
	('adjustments', 'status'), ('alerts', 'status || CASE WHEN event_id IS NOT NULL THEN '' event'' WHEN covered_by IS NOT NULL THEN '' covered'' ELSE '''' END'), ('reviews', 'coalesce(decision, status)'),
	('market_events', 'CASE WHEN source IS NOT NULL THEN ''list '' || coalesce(unit_id::text, ''all'') WHEN confirmed_by IS NULL THEN ''waiting'' ELSE ''confirmed'' END'),
	('reminders', 'CASE WHEN review_id IS NULL THEN ''signature'' ELSE ''review'' END'), ('job_runs', 'CASE WHEN error IS NULL THEN ''done'' ELSE ''failed'' END'),
	('alert_rules', 'CASE WHEN signal IS NULL THEN ''event'' ELSE compare END'),
	('signatures', 'CASE WHEN approved THEN ''approved'' || CASE WHEN granted IS NULL THEN '''' ELSE '' less'' END WHEN NOT approved THEN ''refused'' ELSE ''open'' END'),
	('filings', 'CASE WHEN acknowledged_by IS NULL THEN ''waiting'' ELSE ''acknowledged'' END'),
	('standings', 'CASE WHEN penalty_rate > 0 THEN ''penalty'' WHEN denied_quarters > 0 THEN ''denied'' ELSE ''nothing'' END || CASE period WHEN ''2025Q3'' THEN '''' ELSE '' history'' END'),
	('ledger', 'CASE WHEN entry = 1 THEN ''first'' WHEN entry = (SELECT max(o.entry) FROM regtarget.ledger o WHERE o.unit_id = x.unit_id) THEN ''last'' ELSE ''between'' END '
		'|| CASE unit_id WHEN 0 THEN '' of the company'' ELSE '''' END'),
	('assignments', 'CASE WHEN upper_inf(during) THEN ''open'' WHEN EXISTS (SELECT FROM regtarget.assignments o '
		'WHERE o.employee_id = x.employee_id AND o.during >> x.during) THEN ''followed'' ELSE ''ended'' END'),
	('deals', 'CASE WHEN won THEN ''won'' WHEN NOT won THEN ''lost'' ELSE ''open'' END'),
	('aliases', 'kind'), ('duties', 'duty'), ('signal_kinds', 'coalesce(rollup, ''none'')'),
	('verify_runs', 'CASE WHEN ok THEN ''right'' ELSE ''wrong'' END'), ('activity_days', '(visits > 0)::text'), ('activity_months', '(visits > 0)::text'),
	('attached_days', 'attachment_id::text'), ('attached_strays', 'attachment_id::text'), ('attachments', 'fact'), ('attached_relations', 'attachment_id::text');

-- Words that a column may hold, so that another valid one is tried.
CREATE TEMP TABLE words (tab name, col name, word text);
INSERT INTO words SELECT t, c, unnest(w::text[]) FROM (VALUES
	('adjustments', 'status', '{requested,approved,applied,rejected,withdrawn,lapsed}'), ('plans', 'status', '{draft,proposed,published,closed}'),
	('plans', 'mode', '{live,shadow,sandbox}'), ('duties', 'duty', '{planner,manager,finance,viewer}'), ('access_grants', 'duty', '{planner,manager,finance,viewer,top planner}'), ('policies', 'actuals', '{deals,revenues}'),
	('alerts', 'level', '{red,yellow,blue}'), ('alerts', 'status', '{firing,acknowledged,resolved}'), ('reviews', 'status', '{open,closed}'), ('reviews', 'decision', '{keep,adjust}'),
	('alert_rules', 'level', '{red,yellow,blue}'), ('alert_rules', 'compare', '{rise,fall,below,above}'), ('alert_rules', 'span', '{week,month}'),
	('policies', 'timezone', '{UTC,Asia/Shanghai}'), ('policies', 'currency', '{CNY,EUR}'), ('policies', 'date_order', '{dmy,mdy}'), ('import_rejects', 'decimal_mark', '{",",.}'), ('signal_kinds', 'rollup', '{sum,mean}'), ('aliases', 'kind', '{unit,employee,customer,leave_reason}'),
	('attachments', 'fact', '{visits,deals,revenues}'), ('ledger', 'action', '{amount_changed,adjustment_approved,plan_published}')) AS v (t, c, w);

-- ---- the ways to damage a value, by type -----------------------------------------------------------------

CREATE TEMP TABLE ways (typ regtype, kind text, expr text);
INSERT INTO ways SELECT t::regtype, k, e FROM (VALUES
	('int', 'zero', '0'), ('int', 'negative', '-7'), ('int', 'other', '%1$I %% 1000000 + 1'), ('int', 'orphan', '2147483000'),
	('oid', 'other', '4294967290'), ('bigint', 'zero', '0'), ('bigint', 'negative', '-7'), ('bigint', 'other', '%1$I %% 1000000 + 1'), ('bigint', 'orphan', '9223372036854775000'),
	('numeric', 'nan', '''NaN'''), ('numeric', 'infinite', '''Infinity'''), ('numeric', 'infinite', '''-Infinity'''), ('numeric', 'huge', '1e30'), ('numeric', 'negative', '-7'),
	('numeric', 'negative', '-%1$I'), ('numeric', 'zero', '0'), ('numeric', 'other', '%1$I + 1'), ('numeric', 'other', '%1$I * 0.5'), ('numeric', 'dust', '%1$I + 0.0000001'),
	('float8', 'nan', '''NaN'''), ('float8', 'infinite', '''Infinity'''), ('float8', 'infinite', '''-Infinity'''), ('float8', 'huge', '1e300'), ('float8', 'negative', '-7'), ('float8', 'other', '%1$I + 0.25'),
	('text', 'empty', ''''''), ('text', 'nonsense', '''nonsense'''), ('text', 'other', '%1$I || ''x'''),
	('name', 'empty', ''''''), ('name', 'nonsense', '''nonsense'''),
	('boolean', 'other', 'NOT %1$I'),
	('date', 'infinite', '''infinity'''), ('date', 'infinite', '''-infinity'''), ('date', 'other', '%1$I + 1'), ('date', 'other', '%1$I - 40'),
	('timestamptz', 'infinite', '''infinity'''), ('timestamptz', 'infinite', '''-infinity'''), ('timestamptz', 'other', '%1$I + interval ''1 day'''), ('timestamptz', 'other', '%1$I - interval ''0.000001'''),
	('daterange', 'empty range', '''empty'''), ('daterange', 'unbounded', 'daterange(lower(%1$I), NULL)'), ('daterange', 'unbounded', 'daterange(NULL, upper(%1$I))'),
	('daterange', 'infinite', 'daterange(lower(%1$I), ''infinity'')'), ('daterange', 'other', 'daterange(lower(%1$I) + 1, upper(%1$I))'), ('daterange', 'other', 'daterange(lower(%1$I), lower(%1$I) + 1)'),
	('jsonb', 'wrong type', '''null'''), ('jsonb', 'wrong type', '''5'''), ('jsonb', 'wrong type', '''"text"'''), ('jsonb', 'wrong type', '''[]'''), ('jsonb', 'other', '''{}'''),
	('jsonb', 'other', 'CASE jsonb_typeof(%1$I) WHEN ''object'' THEN %1$I || ''{"plan_id": 987654, "target_id": 987654, "policy": null}'' END'),
	('uuid', 'other', 'md5(%1$I::text)::uuid'),
	('bytea', 'empty', ''''''), ('bytea', 'other', 'CASE WHEN length(%1$I) > 0 THEN set_byte(%1$I, 0, 255 - get_byte(%1$I, 0)) ELSE ''\xff'' END'), ('bytea', 'truncated', 'substr(%1$I, 2)'),
	('int[]', 'empty', '''{}'''), ('int[]', 'truncated', '%1$I[2:]'), ('int[]', 'longer', '%1$I || 987654'), ('int[]', 'null inside', 'array_append(%1$I[2:], NULL)'),
	('int[]', 'other', 'array_prepend(%1$I[2], %1$I[1:1] || %1$I[3:])'), ('int[]', 'orphan', '%1$I[2:] || 987654'), ('int[]', 'double', '%1$I[2:] || %1$I[2]'),
	('float8[]', 'empty', '''{}'''), ('float8[]', 'truncated', '%1$I[2:]'), ('float8[]', 'longer', '%1$I || 1::float8'), ('float8[]', 'null inside', 'array_append(%1$I[2:], NULL)'),
	('float8[]', 'nan', '%1$I[2:] || ''NaN''::float8'), ('float8[]', 'infinite', '%1$I[2:] || ''Infinity''::float8'), ('float8[]', 'negative', '%1$I[2:] || -1::float8'), ('float8[]', 'other', '%1$I[2:] || 0.125::float8'),
	('boolean[]', 'empty', '''{}'''), ('boolean[]', 'truncated', '%1$I[2:]'), ('boolean[]', 'longer', '%1$I || true'), ('boolean[]', 'null inside', 'array_append(%1$I[2:], NULL)'), ('boolean[]', 'other', '%1$I[2:] || NOT %1$I[1]')
) AS v (t, k, e);
-- Of every type: nothing, and what another row has.
INSERT INTO ways SELECT DISTINCT typ, 'nothing', 'NULL' FROM ways
UNION ALL SELECT DISTINCT typ, 'swapped', '(SELECT o.%1$I FROM regtarget.%2$I o WHERE o.%1$I IS DISTINCT FROM x.%1$I ORDER BY o.ctid LIMIT 1)' FROM ways;

CREATE TEMP VIEW tables AS
SELECT c.oid, c.relname AS tab, coalesce(s.sort, '''''') AS sort FROM pg_class c
JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
	AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'regtarget')
LEFT JOIN sorts s ON s.tab = c.relname WHERE c.relkind = 'r';
CREATE TEMP VIEW columns AS
SELECT t.tab, t.sort, a.attname AS col, a.atttypid::regtype AS typ FROM tables t
JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped;

-- ---- doing it ----------------------------------------------------------------------------------------------

CREATE TEMP TABLE results (tab name, sort text, col name, kind text, how text, outcome text);

-- What came of a statement: what refused it, what found it, 'same' where it changed nothing, or 'left'.
CREATE FUNCTION pg_temp.outcome(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	said text;
	changed bigint;
BEGIN
	BEGIN
		EXECUTE statement;
		GET DIAGNOSTICS changed = ROW_COUNT;
	EXCEPTION WHEN integrity_constraint_violation OR invalid_parameter_value THEN
		RETURN 'refused';
	WHEN OTHERS THEN
		RETURN 'cannot be tried: ' || SQLERRM;
	END;
	IF changed = 0 THEN
		said := 'same';
	ELSE
		BEGIN
			SELECT coalesce('found by ' || string_agg(check_name, ', '), 'left') INTO said FROM regtarget.verify() WHERE NOT ok;
		EXCEPTION WHEN OTHERS THEN
			said := 'verify() fails: ' || SQLERRM;
		END;
	END IF;
	RAISE EXCEPTION USING ERRCODE = 'RT000', MESSAGE = said;
EXCEPTION WHEN SQLSTATE 'RT000' THEN
	RETURN SQLERRM;
END
$$;

CREATE PROCEDURE pg_temp.damage_all() LANGUAGE plpgsql AS $$
DECLARE
	t record;
	r record;
	c record;
	new_value text;
BEGIN
	FOR t IN SELECT * FROM tables LOOP
		FOR r IN EXECUTE format('SELECT (array_agg(x.ctid ORDER BY x.ctid))[1] AS ctid, coalesce((%s)::text, '''') AS sort FROM regtarget.%I x GROUP BY 2', t.sort, t.tab) LOOP
			FOR c IN SELECT o.col, w.kind, w.expr FROM columns o JOIN ways w ON w.typ = o.typ WHERE o.tab = t.tab
				UNION ALL SELECT v.col, 'word', quote_literal(v.word) FROM words v WHERE v.tab = t.tab LOOP
				new_value := format(c.expr, c.col, t.tab);
				INSERT INTO results VALUES (t.tab, r.sort, c.col, c.kind, new_value, pg_temp.outcome(
					format('UPDATE regtarget.%I x SET %I = %s WHERE ctid = %L AND x.%I IS DISTINCT FROM (%s)', t.tab, c.col, new_value, r.ctid, c.col, new_value)));
			END LOOP;
			INSERT INTO results VALUES (t.tab, r.sort, '(row)', 'gone', 'DELETE', pg_temp.outcome(format('DELETE FROM regtarget.%I WHERE ctid = %L', t.tab, r.ctid)));
		END LOOP;
	END LOOP;
END
$$;
-- (Set once: each change of it has all statements planned anew.)
SET LOCAL session_replication_role = replica;
CALL pg_temp.damage_all();
SET LOCAL session_replication_role = origin;

-- ---- what may be left, and why -----------------------------------------------------------------------------

-- Of which table and columns, in which sorts of rows (a pattern), which ways.
CREATE TEMP TABLE exempt (tab name, sorts text, cols name[], kinds text[], reason text);

INSERT INTO exempt SELECT t, '', c::name[], k::text[], 'What systems and people enter: it is said nowhere else. Days and amounts that were counted are found.'
FROM (VALUES
	('units', '{name,kind}', '{empty,nonsense,nothing,other,swapped}'), ('units', '{code}', '{nonsense,other}'),
	('units', '{opened_on}', '{nothing,other,swapped}'), ('units', '{closed_on}', '{swapped}'),
	('months', '{month}', '{nonsense,other}'), ('months', '{during}', '{other}'), ('months', '{share}', '{swapped,zero}'), ('months', '{(row)}', '{gone}'),
	('employees', '{name,email,leave_reason}', '{empty,nonsense,nothing,other,swapped}'),
	('customers', '{name}', '{empty,nonsense,nothing,other,swapped}'), ('customers', '{churned_on}', '{nothing,other,swapped}'), ('customers', '{unit_id}', '{other,swapped}'),
	('assignments', '{unit_id}', '{other,swapped}'), ('assignments', '{during}', '{other,swapped}'), ('assignments', '{(row)}', '{gone}'),
	('visits', '{employee_id,customer_id}', '{nothing,other,swapped}'), ('revenues', '{employee_id,customer_id}', '{nothing,other,swapped}'),
	('deals', '{employee_id,customer_id}', '{nothing,other,swapped}'),
	('signals', '{signal}', '{nonsense,other}'), ('signals', '{value}', '{huge,negative,other,swapped}')) AS v (t, c, k);
INSERT INTO exempt VALUES
	('assignments', 'ended', '{during}', '{unbounded}', 'Whether somebody is still there is what people enter.'),
	('deals', 'lost|open', '{amount}', '{dust,negative,nothing,other,swapped,zero}', 'Only what is won is counted.'),
	('deals', 'open', '{unit_id}', '{other,swapped}', 'An open deal is counted nowhere yet.'), ('deals', 'open', '{won}', '{swapped}', 'An open deal is counted nowhere yet.');
INSERT INTO exempt SELECT t, '', '{source_id}', '{empty,nonsense,other}', 'Names of other systems: free text.'
FROM unnest('{employees,customers,visits,deals,revenues}'::name[]) t;
INSERT INTO exempt SELECT t, '', '{source_id}', '{nothing}', 'Rows may have no name elsewhere.'
FROM unnest('{employees,customers,visits,deals,revenues}'::name[]) t;
INSERT INTO exempt VALUES
	('aliases', '', '{source}', '{empty,nonsense,other,swapped}', 'Names of other systems: free text.'),
	('aliases', '', '{source_id}', '{nonsense,other,swapped}', 'Names of other systems: free text.'),
	('aliases', '', '{kind}', '{swapped,word}', 'An alias that leads nowhere is passed over, and imports say so.'),
	('aliases', 'unit|leave_reason', '{means}', '{nonsense,other,swapped}', 'An alias that leads nowhere is passed over, and imports say so.'),
	('aliases', '', '{(row)}', '{gone}', 'The owner may take it away.'),
	('import_rejects', '', '{source}', '{empty,nonsense,nothing,other,swapped}', 'What waits to be tried again is judged then.'),
	('import_rejects', '', '{target,reason}', '{nonsense,other}', 'What waits to be tried again is judged then.'),
	('import_rejects', '', '{reason}', '{empty}', 'Words for people.'),
	('import_rejects', '', '{cause}', '{nonsense,other}', 'What waits to be tried again is judged then.'),
	('import_rejects', '', '{column_name}', '{empty,nonsense,nothing,other,swapped}', 'Told, and used for nothing.'),
	('import_rejects', '', '{decimal_mark}', '{word}', 'What waits to be tried again is judged then.'),
	('import_rejects', '', '{row_key}', '{empty,other,truncated}', 'What waits to be tried again is judged then.'),
	('import_rejects', '', '{by_duty_of}', '{nonsense}', 'A role that is not there sees nothing.'),
	('import_rejects', '', '{row}', '{other,wrong type}', 'A row that is none is refused again.'),
	('import_rejects', '', '{at}', '{infinite,other}', 'Told, and used for nothing.'),
	('import_rejects', '', '{line}', '{negative,orphan,other,zero}', 'Told, and used for nothing.'),
	('import_rejects', '', '{(row)}', '{gone}', 'What waits may be given up.');

INSERT INTO exempt SELECT t, s, c::name[], k::text[], 'A key to which nothing refers.'
FROM (VALUES ('visits', '', '{visit_id}', '{negative,orphan,zero}'), ('deals', '', '{deal_id}', '{negative,orphan,other,zero}'), ('revenues', '', '{revenue_id}', '{negative,orphan,zero}'),
	('answers', '', '{answer_id}', '{negative,orphan,zero}'), ('filings', 'waiting', '{filing_id}', '{negative,orphan,zero}'),
	('import_rejects', '', '{reject_id}', '{orphan,other}'), ('targets', 'root|draft|record', '{target_id}', '{orphan}')) AS v (t, s, c, k);

INSERT INTO exempt SELECT t, '', c::name[], k::text[], 'Settings and grants are the owner''s: any value in the range is one.'
FROM (VALUES
	('policies', '{cap,penalty_rate,min_coverage}', '{dust,other,zero}'), ('policies', '{cap}', '{swapped}'), ('policies', '{churn_days,sign_levels}', '{orphan}'),
	('policies', '{penalty_quarters}', '{orphan,other}'), ('policies', '{regret_days,sign_within_days}', '{orphan,other,zero}'),
	('policies', '{effective_from,silence_counts,window_months,decimal_comma}', '{other}'), ('policies', '{memory}', '{dust,other}'), ('policies', '{actuals,timezone,currency,date_order}', '{word}'), ('policies', '{(row)}', '{gone}'),
	('factors', '{signal}', '{nonsense,other}'), ('factors', '{factor,scaled_by}', '{nonsense,nothing,other,swapped}'), ('factors', '{weight}', '{huge,other,swapped}'), ('factors', '{(row)}', '{gone}'),
	('metrics', '{metric}', '{nonsense,other}'), ('metrics', '{best,worst}', '{huge,negative,other,swapped}'), ('metrics', '{weight}', '{huge,other}'), ('metrics', '{(row)}', '{gone}'),
	('signal_kinds', '{signal}', '{nonsense,other}'), ('signal_kinds', '{rollup}', '{nothing,swapped,word}'), ('signal_kinds', '{valid_days}', '{orphan,zero}'), ('signal_kinds', '{(row)}', '{gone}'),
	('ramp', '{share}', '{dust,huge,other,swapped,zero}'), ('ramp', '{months_of_service}', '{orphan,other}'), ('ramp', '{(row)}', '{gone}'),
	('bounds', '{at_least,at_most}', '{dust,nothing,other,swapped}'), ('bounds', '{at_least}', '{zero}'), ('bounds', '{unit_id}', '{other,swapped}'), ('bounds', '{(row)}', '{gone}'),
	('past_parents', '{parent_id}', '{nothing,swapped}'), ('past_parents', '{until_on}', '{other}'), ('past_parents', '{(row)}', '{gone}'),
	('adoptions', '{adopted_on}', '{other,swapped}'), ('adoptions', '{(row)}', '{gone}'),
	('duties', '{role}', '{nonsense,swapped}'), ('duties', '{unit_id}', '{other,swapped}'), ('duties', '{duty}', '{swapped,word}'), ('duties', '{(row)}', '{gone}'),
	('access_grants', '{role}', '{nonsense}'), ('access_grants', '{duty}', '{word}'), ('access_grants', '{(row)}', '{gone}'),
	('kept_privileges', '{role}', '{nonsense}'), ('kept_privileges', '{object}', '{other}'), ('kept_privileges', '{(row)}', '{gone}'),
	('shared_logins', '{login}', '{nonsense}'), ('shared_logins', '{(row)}', '{gone}')) AS v (t, c, k);

INSERT INTO exempt SELECT t, s, c::name[], k::text[], 'A draft is typed over freely; publishing judges it, and takes down what it is made of.'
FROM (VALUES
	('plans', 'draft', '{total}', '{other,swapped,zero}'), ('plans', 'draft', '{label}', '{empty,nonsense,nothing,other,swapped}'), ('plans', 'draft', '{created_by}', '{nonsense,other}'),
	('plans', 'draft', '{created_at}', '{other,swapped}'), ('plans', 'draft', '{rules}', '{nothing,other,swapped}'), ('plans', 'draft', '{step}', '{other}'),
	('plans', 'draft (live typed|sandbox|shadow)', '{mode}', '{swapped,word}'), ('plans', 'draft live typed', '{status}', '{word}'),
	('targets', 'draft|record', '{parent_unit_id}', '{other}'), ('plans', 'draft shadow', '{late}', '{nothing,swapped}'), ('targets', 'draft', '{(row)}', '{gone}'),
	('plan_basis', 'draft', '{signal}', '{nonsense,other}'), ('plan_basis', 'draft', '{factor}', '{nonsense,other,swapped}'), ('plan_basis', 'draft', '{scales}', '{nothing,other,swapped}'),
	('plan_basis', 'draft', '{imputed,shares,values,weight}', '{other,swapped}'), ('plan_basis', 'draft', '{unit_ids}', '{double,orphan,other,swapped}'), ('plan_basis', 'draft', '{(row)}', '{gone}'),
	('plan_bounds', 'draft', '{at_least,at_most}', '{dust,nothing,other,swapped,zero}'), ('plan_bounds', 'draft', '{unit_id}', '{other,swapped}'), ('plan_bounds', 'draft', '{(row)}', '{gone}')) AS v (t, s, c, k);

INSERT INTO exempt SELECT t, s, c::name[], k::text[], 'What a run found is told, and used for nothing: the next run finds it again.'
FROM (VALUES ('verify_runs', '', '{run_id}', '{negative,orphan,zero}'), ('verify_runs', '', '{ran_at}', '{other,swapped}'), ('verify_runs', '', '{ran_by,login}', '{nonsense,other,swapped}'),
	('verify_runs', 'wrong', '{run_id}', '{other}'), ('verify_runs', 'wrong', '{found}', '{nonsense,other}'), ('verify_runs', '', '{(row)}', '{gone}')) AS v (t, s, c, k);
INSERT INTO exempt VALUES
	('answers', '', '{accepted,answered_at}', '{other,swapped}', 'An answer decides nothing, and so is not in the ledger.'),
	('answers', '', '{answered_by}', '{nonsense,other}', 'An answer decides nothing, and so is not in the ledger.'),
	('answers', '', '{answered_login}', '{nonsense,nothing,other,swapped}', 'An answer decides nothing, and so is not in the ledger.'),
	('answers', '', '{comment}', '{empty,nonsense,nothing,other,swapped}', 'An answer decides nothing, and so is not in the ledger.'),
	('answers', '', '{(row)}', '{gone}', 'An answer decides nothing, and so is not in the ledger.'),
	('standings', 'nothing history', '{denied_quarters}', '{orphan,other,swapped}', 'History that the owner brought, of a time that the ledger does not know.'),
	('standings', 'nothing history', '{(row)}', '{gone}', 'History that the owner brought, of a time that the ledger does not know.');

INSERT INTO exempt SELECT t, '', c::name[], k::text[], 'Settings are the owner''s: any value in the range is one.'
FROM (VALUES
	('alert_rules', '{threshold}', '{dust,huge,negative,other,swapped,zero}'), ('alert_rules', '{after_share}', '{dust,nothing,other,swapped,zero}'), ('alert_rules', '{(row)}', '{gone}'),
	('alert_rules', '{certainty}', '{huge,negative,swapped}'), ('alert_rules', '{event_kind,rule}', '{nonsense,other}'), ('alert_rules', '{signal}', '{nonsense,other,swapped}'),
	('alert_rules', '{unit_kind}', '{nonsense,swapped}'), ('alert_rules', '{min_count}', '{nothing,orphan,other,swapped,zero}'), ('alert_rules', '{enabled,spans}', '{other}'),
	('alert_rules', '{leading_only,opens_review,relative}', '{other,swapped}'), ('alert_rules', '{cooldown_days}', '{other,zero}'), ('alert_rules', '{compare,level,span}', '{swapped,word}'),
	('competitors', '{(row)}', '{gone}'), ('competitors', '{name}', '{nonsense,other}'), ('competitors', '{leading}', '{other,swapped}'), ('silences', '{(row)}', '{gone}'),
	('silences', '{rule}', '{nonsense,nothing,other,swapped}'), ('silences', '{made_by}', '{nonsense,other}'), ('silences', '{comment}', '{nonsense,other,swapped}'),
	('silences', '{unit_id}', '{nothing,other,swapped}'), ('silences', '{silence_id}', '{orphan}'), ('silences', '{during}', '{other,swapped}')) AS v (t, c, k);
INSERT INTO exempt SELECT t, '', c::name[], k::text[], 'What was told and what ran is told once, and is nothing to decide by.'
FROM (VALUES
	('reminders', '{reminder_id}', '{orphan}'), ('reminders', '{told_at}', '{other,swapped}'), ('reminders', '{on_day}', '{other,swapped}'), ('reminders', '{(row)}', '{gone}'),
	('reminders', '{unit_id,told_unit_id}', '{other,swapped}'), ('reminders', '{adjustment_id}', '{other}'),
	('job_runs', '{run_id}', '{orphan,other}'), ('job_runs', '{job}', '{nonsense,other,swapped}'), ('job_runs', '{started_at,ended_at}', '{other,swapped}'),
	('job_runs', '{done}', '{other,orphan}'), ('job_runs', '{error}', '{empty,nonsense,other}'), ('job_runs', '{(row)}', '{gone}')) AS v (t, c, k);
INSERT INTO exempt SELECT t, '', c::name[], k::text[], r FROM (VALUES
	('attachments', '{schema_name,relation_name}', '{nonsense,other}', 'The name is for a dump: here a relation is known by its number.'),
	('attachments', '{counted_from,counted_to,counted_at,made_there}', '{other}', 'Told, and used for nothing where it agrees with the days that have facts.'),
	('attachments', '{counted_at}', '{swapped}', 'Told, and used for nothing.'),
	('attached_relations', '{relation}', '{other}', 'Of a relation that is gone nothing can be said; attached_facts shows it.'),
	('attached_relations', '{(row)}', '{gone}', 'Without its number a relation is found by its name.')) AS v (t, c, k, r);


-- ---- asserts -----------------------------------------------------------------------------------------------

CREATE TEMP VIEW exemptions AS
SELECT e.tab, e.sorts, c.col, k.kind FROM exempt e, unnest(e.cols) AS c (col), unnest(e.kinds) AS k (kind);

SELECT is_empty('SELECT tab FROM tables EXCEPT SELECT tab FROM results', 'every table has rows to damage');
SELECT is_empty('SELECT tab, col, typ FROM columns WHERE typ NOT IN (SELECT typ FROM ways)', 'every type of a column has its ways');
SELECT is_empty($$SELECT tab, col FROM columns EXCEPT SELECT tab, col FROM results WHERE outcome <> 'same'$$, 'every column has been damaged');
SELECT is_empty($$SELECT tab, sort, col, how, outcome FROM results WHERE outcome !~ '^(refused|same|left|found by .*)$'$$,
	'each damage can be tried, and verify() ends by no error');
SELECT is_empty($$SELECT r.tab, r.sort, r.col, r.kind, r.how FROM results r WHERE r.outcome = 'left' AND NOT EXISTS (
	SELECT FROM exemptions e WHERE e.tab = r.tab AND e.col = r.col AND e.kind = r.kind AND r.sort ~ e.sorts)$$,
	'each is refused or found, or in the list with its reason');
SELECT is_empty($$SELECT e.tab, e.sorts, e.col, e.kind FROM exemptions e WHERE NOT EXISTS (
	SELECT FROM results r WHERE r.outcome = 'left' AND r.tab = e.tab AND r.col = e.col AND r.kind = e.kind AND r.sort ~ e.sorts)$$,
	'nothing is in the list that is refused or found');
SELECT is((SELECT string_agg(check_name || ': ' || detail, '; ') FROM regtarget.verify() WHERE NOT ok), NULL, 'no harm is left');

SELECT * FROM finish();
ROLLBACK;
