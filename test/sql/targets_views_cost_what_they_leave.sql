-- What people write behind WHERE is pushed down: no view but data_warnings reads facts, and that by an index of days; no function is
-- scanned once a row; of one unit, one period or one month the tables that grow with the company are not read to the end.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

-- In files of their own: what other tests have left behind makes other plans, and this leaves nothing to theirs.
TRUNCATE targets, plan_basis, plan_bounds, plans, units, assignments, employees, customers, visits, deals, revenues, signals;

-- Two thousand units, two years of months, four quarters published.
SELECT apply_profile() <> '' AS applied, setseed(0.13) IS NOT NULL AS seeded;
CREATE FUNCTION public.month(n int) RETURNS date LANGUAGE sql RETURN (date_trunc('month', today()) + make_interval(months => n))::date;
INSERT INTO periods SELECT 'Q' || q, daterange(public.month(3 * q - 24), public.month(3 * q - 21)) FROM generate_series(1, 8) q;
INSERT INTO months (month, period, during) SELECT to_char(public.month(n), 'YYYY-MM'), 'Q' || (n + 24) / 3, daterange(public.month(n), public.month(n + 1)) FROM generate_series(-21, 2) n;
INSERT INTO units (unit_id, code, kind, parent_id)
SELECT i, 'U' || i, CASE WHEN i BETWEEN 2 AND 9 THEN 'region' END, CASE WHEN i > 9 THEN 2 + i % 8 WHEN i > 1 THEN 1 END FROM generate_series(1, 2000) i;
INSERT INTO employees (employee_id, hired_on) SELECT i, public.month(-30) FROM generate_series(1, 2000) i;
INSERT INTO assignments (employee_id, unit_id, during) SELECT i, i, daterange(public.month(-30), NULL) FROM generate_series(1, 2000) i;
INSERT INTO customers (customer_id, unit_id, acquired_on) SELECT i, 1 + i % 2000, public.month(-30) FROM generate_series(1, 2000) i;
INSERT INTO visits (unit_id, employee_id, customer_id, visited_on) SELECT 1 + i % 2000, 1 + i % 2000, 1 + i % 2000, public.month(-21) + i % 640 FROM generate_series(1, 40000) i;
INSERT INTO deals (unit_id, closed_on, won, amount) SELECT 10 + i % 1991, public.month(-21) + i % 640, i % 3 > 0, 100 FROM generate_series(1, 20000) i;
INSERT INTO revenues (unit_id, booked_on, amount) SELECT 10 + i % 1991, public.month(-21) + i % 640, 100 FROM generate_series(1, 10000) i;
SELECT fold_activity() >= 0 AS folded;
INSERT INTO visits (unit_id, employee_id, customer_id, visited_on) SELECT 1 + i % 2000, 1 + i % 2000, 1 + i % 2000, today() - 1 FROM generate_series(1, 100) i;
INSERT INTO signals (unit_id, signal, as_of, value) SELECT i, 'market', public.month(-30), i FROM generate_series(1, 2000) i;
DELETE FROM factors;
INSERT INTO factors (signal, scaled_by) VALUES ('market', NULL), ('health', 'capacity');
CREATE ROLE regress_head;
CREATE ROLE regress_second;
CREATE ROLE regress_plans;
CREATE ROLE regress_region;
INSERT INTO shared_logins VALUES (session_user);
SELECT grant_duty('regress_plans', 'U1', 'planner'), grant_duty('regress_region', 'U2', 'manager'), count(grant_duty('regress_head', 'U' || i, 'manager')),
	grant_duty('regress_second', 'U1', 'manager') FROM generate_series(10, 60) i;
CREATE FUNCTION public.quarter(n int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM FROM regtarget.allocate_targets('Q' || n, 20000000);
	PERFORM regtarget.publish_plan(max(plan_id)) FROM regtarget.plans;
	SET LOCAL ROLE regress_head;
	PERFORM regtarget.request_adjustment('U' || i, -0.05, 'because', public.month(3 * n - 24)) FROM generate_series(10, 60) i;
	SET LOCAL ROLE regress_second;
	PERFORM regtarget.countersign(adjustment_id, adjustment_id % 2 = 0) FROM regtarget.adjustments WHERE status = 'requested' AND adjustment_id % 5 > 0;
	RESET ROLE;
	PERFORM regtarget.apply_adjustment(adjustment_id) FROM regtarget.adjustments WHERE status = 'approved';
	PERFORM regtarget.close_period('Q' || n) WHERE n < 8;
END
$$;
SELECT public.quarter(n) FROM generate_series(5, 8) n;
ANALYZE;

-- The nodes of a plan, as it ran.
CREATE FUNCTION public.nodes(role text, statement text) RETURNS SETOF jsonb LANGUAGE plpgsql AS $$
DECLARE
	plan jsonb;
BEGIN
	PERFORM set_config('role', role, true);
	EXECUTE 'EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ' || statement INTO plan;
	PERFORM set_config('role', 'none', true);
	RETURN QUERY WITH RECURSIVE node AS (SELECT plan -> 0 -> 'Plan' AS n
		UNION ALL SELECT c FROM node, jsonb_array_elements(n -> 'Plans') c)
		SELECT n FROM node;
END
$$;
CREATE TABLE public.asked (view text, filter text, role text, statement text);
INSERT INTO public.asked
SELECT c.relname, f.filter, f.role, format('SELECT v.* FROM regtarget.%I v %s', c.relname, f.condition)
FROM pg_class c, (VALUES ('all', 'plans', '', '{}'::text[]), ('all', 'region', '', '{}'), ('unit', 'plans', 'WHERE v.unit = ''U20''', '{unit}'),
	('unit_id', 'plans', 'WHERE v.unit_id = 20', '{unit_id}'), ('region', 'plans', 'WHERE v.region = ''U3''', '{region}'),
	('period', 'plans', 'WHERE v.period = ''Q8''', '{period}'), ('month', 'plans', format('WHERE v.month >= %L', to_char(public.month(0), 'YYYY-MM')), '{month}'),
	('ancestor', 'plans', 'JOIN regtarget.unit_ancestors a ON a.unit_id = v.unit_id WHERE a.ancestor = ''U3''', '{unit_id}'),
	('ancestor and period', 'plans', 'JOIN regtarget.unit_ancestors a ON a.unit_id = v.unit_id WHERE a.ancestor = ''U3'' AND v.period = ''Q8''', '{unit_id,period}')) AS f (filter, role, condition, needs)
WHERE c.relnamespace = 'regtarget'::regnamespace AND c.relkind = 'v' AND c.relname !~ '_in$' AND c.relname NOT IN ('activity', 'alert_board', 'alert_log', 'review_queue')
	AND NOT EXISTS (SELECT FROM unnest(f.needs) n WHERE NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = n));
SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) AS read_before FROM pg_stat_xact_all_tables WHERE schemaname = 'regtarget' AND relname IN ('visits', 'deals', 'revenues') \gset
CREATE TABLE public.ran AS SELECT a.view, a.filter, a.role, n ->> 'Node Type' AS node, n ->> 'Relation Name' AS relation, n ->> 'Function Name' AS function,
	(n ->> 'Actual Loops')::bigint AS loops, ((n ->> 'Actual Rows')::numeric * (n ->> 'Actual Loops')::bigint)::bigint AS rows,
	coalesce((n ->> 'Rows Removed by Filter')::bigint, 0) * (n ->> 'Actual Loops')::bigint AS removed
FROM public.asked a, LATERAL public.nodes('regress_' || a.role, a.statement) n WHERE a.view <> 'data_warnings';
-- Nor inside functions: the tables of facts have not been touched since.
CREATE FUNCTION public.facts_read() RETURNS bigint LANGUAGE sql VOLATILE
RETURN (SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_all_tables WHERE schemaname = 'regtarget' AND relname IN ('visits', 'deals', 'revenues'));
SELECT public.facts_read() - :read_before AS facts_read;
INSERT INTO public.ran SELECT a.view, a.filter, a.role, n ->> 'Node Type', n ->> 'Relation Name', n ->> 'Function Name',
	(n ->> 'Actual Loops')::bigint, ((n ->> 'Actual Rows')::numeric * (n ->> 'Actual Loops')::bigint)::bigint, coalesce((n ->> 'Rows Removed by Filter')::bigint, 0) * (n ->> 'Actual Loops')::bigint
FROM public.asked a, LATERAL public.nodes('regress_' || a.role, a.statement) n WHERE a.view = 'data_warnings';
SELECT public.facts_read() - :read_before BETWEEN 1 AND (SELECT 7 * count(*) FROM visits) * 2 / 5 AS warnings_read_some;
SELECT count(DISTINCT view) AS views, count(DISTINCT (view, filter, role)) AS forms FROM public.ran;
-- No scan of facts; where warnings look for them, by an index.
SELECT view, filter, role, node, relation FROM public.ran
WHERE relation IN ('visits', 'deals', 'revenues', 'customers', 'signals', 'employees', 'assignments', 'activity_days') AND view <> 'data_warnings' ORDER BY 1, 2, 3;
SELECT DISTINCT relation, node FROM public.ran WHERE relation IN ('visits', 'deals', 'revenues') AND node = 'Seq Scan' ORDER BY 1, 2;
SELECT DISTINCT relation FROM public.ran WHERE relation IN ('visits', 'deals', 'revenues') AND view = 'data_warnings' ORDER BY 1;
-- Functions that are scanned: once, whatever is shown.
SELECT function, max(loops) AS loops, string_agg(DISTINCT view, ', ') AS views FROM public.ran WHERE node = 'Function Scan' GROUP BY 1 ORDER BY 1;
-- Of one unit, tables that grow with the company are not read to the end: but for health, which is over all units where a rank or a
-- month before is told, and for who changed what, which is looked for among the targets of the unit.
SELECT view, filter, relation, max(rows + removed) AS read FROM public.ran
WHERE filter IN ('unit', 'unit_id') AND relation IN ('targets', 'units', 'activity_months', 'plan_basis', 'standings', 'adjustments', 'ledger') AND rows + removed > 200
	AND view NOT IN ('region_health', 'health_breakdown', 'data_warnings', 'plan_balance', 'target_history') GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;

ROLLBACK;
