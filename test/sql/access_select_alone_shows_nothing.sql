-- GRANT SELECT ON ALL TABLES is the first thing that a DBA does for a BI tool: without a duty its role sees every table and view
-- empty, and no error; what PUBLIC may call tells it nothing; two statements make it see.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

-- A company with rows in all views.
SELECT apply_profile() <> '' AS applied, setseed(0.13) IS NOT NULL AS seeded;
CREATE FUNCTION public.day(n int) RETURNS date LANGUAGE sql RETURN regtarget.today() + n;
INSERT INTO periods SELECT p, daterange(public.day(a), public.day(b)) FROM (VALUES ('past', -100, -10), ('running', -10, 80), ('next', 80, 170)) AS v (p, a, b);
INSERT INTO months (month, period, during) SELECT p || ' ' || n, p, daterange(public.day(a + 30 * n - 30), public.day(a + 30 * n))
FROM (VALUES ('past', -100), ('running', -10), ('next', 80)) AS v (p, a), generate_series(1, 3) n;
INSERT INTO units (unit_id, code, name, parent_id) VALUES (1, 'CN', 'China', NULL), (2, 'EAST', 'East', 1), (3, 'WEST', 'West', 1), (4, 'SH', 'Shanghai', 2);
INSERT INTO employees (employee_id, source_id, hired_on) SELECT i, i, public.day(-400) FROM generate_series(1, 4) i;
INSERT INTO assignments (employee_id, unit_id, during) SELECT i, i, daterange(public.day(-400), NULL) FROM generate_series(1, 4) i;
INSERT INTO customers (customer_id, source_id, unit_id, acquired_on) SELECT i, i, i, public.day(-400) FROM generate_series(1, 4) i;
INSERT INTO visits (source_id, unit_id, employee_id, customer_id, visited_on) SELECT i, 1 + i % 4, 1 + i % 4, 1 + i % 4, public.day(-i) FROM generate_series(1, 300) i;
INSERT INTO visits (source, source_id, unit_id, employee_id, customer_id, visited_on) SELECT 'twice', source_id, unit_id, employee_id, customer_id, visited_on FROM visits;
INSERT INTO deals (source_id, unit_id, closed_on, won, amount) SELECT i, 1 + i % 4, public.day(-i), i % 3 > 0, 100 * i FROM generate_series(1, 300) i;
SELECT fold_activity() > 0 AS folded;
INSERT INTO revenues (source_id, unit_id, booked_on, amount) SELECT i, 1 + i % 4, public.day(-i), 100 * i FROM generate_series(1, 300) i;
INSERT INTO signals (unit_id, signal, as_of, value) SELECT i, 'market', public.day(-300), i FROM generate_series(1, 4) i;
INSERT INTO aliases (kind, source, source_id, means) VALUES ('unit', 'finance', '0815', 'SH');
INSERT INTO import_rejects (target, line, row, reason) VALUES ('visits_in', 1, '{}', 'why');
INSERT INTO standings VALUES (4, 'past', 1, 0);
INSERT INTO ramp VALUES (0, 0.5);
INSERT INTO bounds VALUES ('next', 4, 1, NULL);
INSERT INTO adoptions VALUES (4, public.day(-100));
INSERT INTO competitors (name) VALUES ('Other');
DELETE FROM factors;
INSERT INTO factors (signal) VALUES ('market');
INSERT INTO shared_logins VALUES (session_user);
CREATE ROLE regress_head;
CREATE ROLE regress_second;
SELECT grant_duty('regress_head', 'SH', 'manager'), grant_duty('regress_second', 'EAST', 'manager'), grant_access('regress_second', 'viewer');
SELECT count(*) FROM allocate_targets('past', 1000);
SELECT publish_plan(1);
CREATE FUNCTION public.ask(change numeric, day date, yes boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	id bigint;
BEGIN
	SET LOCAL ROLE regress_head;
	id := regtarget.request_adjustment('SH', change, 'because', day);
	PERFORM regtarget.answer_target(t.target_id, false) FROM regtarget.target_board t WHERE t.unit = 'SH' AND t.status = 'published';
	SET LOCAL ROLE regress_second;
	PERFORM regtarget.countersign(id, yes) WHERE yes IS NOT NULL;
	RESET ROLE;
	PERFORM regtarget.apply_adjustment(id) WHERE yes;
END
$$;
SELECT public.ask(-0.05, public.day(-90), true), public.ask(-0.05, public.day(-50), false);
SELECT close_period('past');
SELECT count(*) FROM allocate_targets('running', 1000);
-- Beside what was published, the engine's own.
SELECT count(*) FROM allocate_targets('running', 1000, 'shadow');
SELECT publish_plan(2);
SELECT public.ask(-0.05, public.day(-1), NULL);
SELECT count(*) FROM allocate_targets('next', 1000);
SELECT count(*) FROM record_verify() WHERE NOT ok;

-- Every table and view, as many rows of each as there are.
CREATE ROLE regress_bi;
GRANT SELECT ON ALL TABLES IN SCHEMA regtarget TO regress_bi;
CREATE FUNCTION public.rows_of(role text) RETURNS TABLE (relation name, rows bigint) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('role', role, true);
	FOR relation IN SELECT relname FROM pg_class WHERE relnamespace = 'regtarget'::regnamespace AND relkind IN ('r', 'v') ORDER BY relname LOOP
		EXECUTE format('SELECT count(x::text) FROM (SELECT * FROM regtarget.%I OFFSET 0) x', relation) INTO rows;
		RETURN NEXT;
	END LOOP;
	PERFORM set_config('role', 'none', true);
END
$$;
CREATE FUNCTION public.answer_to(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE statement INTO answer;
	RETURN answer;
END
$$;
CREATE TABLE public.owners AS SELECT * FROM public.rows_of('none');
SELECT relation AS empty FROM public.owners WHERE rows = 0 ORDER BY 1;
SELECT relation, rows FROM public.rows_of('regress_bi') WHERE rows > 0;
-- Nor by conditions that are judged before row security, nor by joins.
SET LOCAL ROLE regress_bi;
SELECT count(*) FROM target_board b JOIN unit_ancestors a USING (unit_id) WHERE a.ancestor = 'EAST' AND b.period = 'running';
SELECT today() = CURRENT_DATE AS today, local_time(now()) = now()::timestamp AS local_time, decimal_mark();

-- What it may call, with what there is and with what there is not: the same, nothing.
SELECT split_part(c, '(', 1) AS call, string_agg(DISTINCT coalesce(public.answer_to(format('SELECT %s::text', format(c, v))), 'null'), ' / ') AS answers
FROM unnest(ARRAY['sees_unit(%1$s)', 'plans_unit(%1$s)', 'decides_over(%1$s)', 'edits_unit(%1$s)', 'sees_plan(%1$s, ''live'', ''published'')',
	'sees_target(%1$s, %1$s)', 'writes_draft(%1$s)', 'updates_target(%1$s, %1$s)', 'has_duty()', 'is_top_planner()', 'sees_unassigned(%1$s)',
	'sees_alias(''unit'', ''SH'')', 'sees_duty(''regress_head'', %1$s)', 'place_of_unit(%1$s)', 'place_in_plan(1, %1$s)', 'health_of_unit(%1$s, ''2025-01-01'')',
	'health_row_of_unit(%1$s, ''2025-01-01'')', 'health_rank_of_unit(%1$s, ''2025-01-01'')', 'month_of_target(''running'', 900, 1, CURRENT_DATE - 10)',
	'due_of_target(''running'', 900, 1, CURRENT_DATE)', 'actuals_of_unit(%1$s, ''running'')',
	'actuals_of_span(%1$s, ''running'', CURRENT_DATE - 9, CURRENT_DATE, CURRENT_DATE)', 'sums_of_unit(%1$s, CURRENT_DATE - 9, CURRENT_DATE)',
	'outlook_of_unit(%1$s, ''running'')', 'outlook_of_unit(%1$s, ''never'')']) c, unnest('{1,2,4,99}'::int[]) v
GROUP BY 1 ORDER BY 1;
SELECT (SELECT count(*) FROM ancestors_of_unit(4)) AS ancestors, (SELECT count(*) FROM health_ranking(CURRENT_DATE)) AS ranking,
	(SELECT count(*) FROM health_points('0001-01-01'::date - 1)) AS points, (SELECT count(*) FROM basis_of_target(1, 1, 2)) AS basis,
	(SELECT count(*) FROM plan_totals(1)) AS totals, (SELECT count(*) FROM plan_parents(1)) AS parents, (SELECT count(*) FROM employee_units()) AS people,
	(SELECT count(*) FROM source_freshness()) AS sources, (SELECT count(*) FROM data_warnings_since('-infinity')) AS warnings, (SELECT count(*) FROM vital_signs()) AS vitals;

-- All else is refused.
RESET ROLE;
SELECT count(*) AS not_publics FROM pg_proc p WHERE p.pronamespace = 'regtarget'::regnamespace AND has_function_privilege('regress_bi', p.oid, 'EXECUTE')
	AND NOT EXISTS (SELECT FROM aclexplode(p.proacl) a WHERE a.grantee = 0);
SET LOCAL ROLE regress_bi;
SELECT refusal($$SELECT regtarget.explain_target('SH', 'running')$$), refusal($$SELECT * FROM regtarget.unit_health()$$), refusal($$SELECT regtarget.verify()$$),
	refusal($$UPDATE regtarget.units SET name = 'x'$$);
RESET ROLE;

-- Two statements, and it sees.
CREATE ROLE regress_two;
SELECT grant_duty('regress_two', 'CN', 'viewer');
SELECT o.relation FROM public.owners o JOIN public.rows_of('regress_two') r USING (relation) WHERE r.rows = 0 AND o.rows > 0 ORDER BY 1;
-- The first one too, once it has the duty.
SELECT grant_duty('regress_bi', 'CN', 'viewer');
SELECT count(*) FROM public.rows_of('regress_bi') b JOIN public.rows_of('regress_two') t USING (relation) WHERE b.rows <> t.rows;

ROLLBACK;
