-- Who sees a part of the organisation gets the same figures and ranks as whoever sees all, and pays for that part.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all
TRUNCATE targets, plan_basis, plan_bounds, plans, units, assignments, employees, customers, visits, deals, revenues, signals;
-- Eight regions of ten areas, four groups in each, a year of facts.
SELECT apply_profile() <> '' AS applied, add_year(2024), add_year(2025);
INSERT INTO units (unit_id, code, kind, parent_id) SELECT i, 'U' || i, CASE WHEN i BETWEEN 2 AND 9 THEN 'region' END,
	CASE WHEN i > 89 THEN 10 + (i - 90) / 4 WHEN i > 9 THEN 2 + (i - 10) / 10 WHEN i > 1 THEN 1 END FROM generate_series(1, 409) i;
INSERT INTO employees (employee_id, hired_on, left_on) SELECT i, '2023-01-01', CASE WHEN i % 9 = 0 THEN date '2025-02-01' + i % 100 END FROM generate_series(1, 409) i;
INSERT INTO assignments (employee_id, unit_id, during) SELECT i, i, '[2023-01-01,)' FROM generate_series(1, 409) i;
INSERT INTO customers (customer_id, unit_id, acquired_on, churned_on)
SELECT i, 1 + i % 409, '2023-01-01', CASE WHEN i % 7 = 0 THEN date '2025-01-01' + i % 200 END FROM generate_series(1, 1227) i;
INSERT INTO visits (unit_id, employee_id, customer_id, visited_on)
SELECT 1 + i % 409, 1 + i % 409, 1 + (i % 409 + 408) % 409, date '2024-07-01' + i % 400 FROM generate_series(1, 8000) i;
INSERT INTO deals (unit_id, closed_on, won, amount) SELECT 1 + i % 409, date '2024-07-01' + i % 401, i * 7 % 5 > 1, 100 + i % 17 FROM generate_series(1, 6000) i;
INSERT INTO signals (unit_id, signal, as_of, value) SELECT i, 'market', '2024-01-01', i % 13 FROM generate_series(1, 409) i;
-- What stands elsewhere in time: an area that changes its region, a group that was at the top, one that changed its area, one that goes on from another.
SELECT move_unit('U13', 'U5', '2025-03-10'), move_unit('U130', 'U25', '2025-04-20'), move_unit('U131', NULL, '2025-02-11'), move_unit('U131', 'U20', '2025-05-01');
UPDATE units SET opened_on = '2025-02-01' WHERE unit_id IN (94, 250);
INSERT INTO successions VALUES (94, 300, 1), (250, 91, 0.5);
SELECT count(*) > 400 AS allocated FROM allocate_targets('2025Q2', 40000000, root => 'U1');
SELECT publish_plan(max(plan_id)) FROM plans;
INSERT INTO metrics VALUES ('pace', 1, 0, 2) ON CONFLICT DO NOTHING;
CREATE ROLE regress_region;
CREATE ROLE regress_areas;
CREATE ROLE regress_group;
CREATE ROLE regress_nobody;
CREATE ROLE regress_seer;
INSERT INTO shared_logins VALUES (session_user);
SELECT grant_duty('regress_region', 'U3', 'manager'), grant_duty('regress_areas', 'U10', 'manager'), grant_duty('regress_areas', 'U92', 'viewer'),
	grant_duty('regress_areas', 'U25', 'manager'), grant_duty('regress_areas', 'U131', 'manager'), grant_duty('regress_areas', 'U13', 'viewer'),
	grant_duty('regress_group', 'U94', 'manager'), grant_duty('regress_seer', 'U1', 'viewer');
GRANT EXECUTE ON FUNCTION unit_signals(date), unit_health(date), health_ranking(date), health_points(date) TO PUBLIC;
SELECT fold_activity() >= 0 AS folded;
ANALYZE;

-- Each function's rows as a role is told them.
CREATE TABLE public.told (role text, what text, day date, unit_id int, told jsonb);
CREATE FUNCTION public.tell(role text, day date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	what text;
BEGIN
	FOREACH what IN ARRAY ARRAY['unit_signals', 'unit_health', 'health_ranking', 'health_points'] LOOP
		EXECUTE format('INSERT INTO public.told SELECT %L, %L, %L, x.unit_id, x.told FROM public.asked(%L, %L, %L) x', role, what, day, role, what, day);
	END LOOP;
	EXECUTE format('INSERT INTO public.told SELECT %L, %L, %L, x.unit_id, x.told FROM public.asked(%L, %L, %L) x', role, 'rows and ranks', day, role, '', day);
END
$$;
CREATE FUNCTION public.asked(role text, what text, day date) RETURNS TABLE (unit_id int, told jsonb) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('role', role, true);
	IF what <> '' THEN
		RETURN QUERY EXECUTE format('SELECT h.unit_id, to_jsonb(h) FROM regtarget.%I(%L) h', what, day);
	ELSE
		-- In an order in which those below come first, and by itself.
		RETURN QUERY SELECT u.unit_id, jsonb_build_object('row', to_jsonb(regtarget.health_row_of_unit(u.unit_id, day)),
			'rank', regtarget.health_rank_of_unit(u.unit_id, day)) FROM (SELECT n AS unit_id FROM generate_series(409, 1, -1) n) u WHERE regtarget.sees_unit(u.unit_id);
		RETURN QUERY SELECT u.unit_id, jsonb_build_object('row alone', to_jsonb(regtarget.health_row_of_unit(u.unit_id, day)))
			FROM (SELECT n AS unit_id FROM generate_series(409, 1, -1) n) u WHERE regtarget.sees_unit(u.unit_id);
	END IF;
	PERFORM set_config('role', 'none', true);
END
$$;
GRANT USAGE ON SCHEMA public TO PUBLIC;
SELECT count(public.tell(role, day::date)) AS told FROM generate_series(date '2025-01-15', '2025-07-15', '2 months') day,
	unnest(ARRAY['none', 'regress_seer', 'regress_region', 'regress_areas', 'regress_group', 'regress_nobody']) role;
-- Nobody is told another figure than whoever sees all; of each unit that he sees, all of them.
SELECT t.role, t.what, count(DISTINCT t.unit_id) AS units, count(*) FILTER (WHERE a.told IS NULL) AS others,
	count(*) - (SELECT count(*) FROM public.told a WHERE a.role = 'none' AND a.what = t.what
		AND a.unit_id IN (SELECT s.unit_id FROM public.told s WHERE s.role = t.role AND s.what = 'rows and ranks')) AS missing
FROM public.told t LEFT JOIN public.told a ON a.role = 'none' AND a.what = t.what AND a.day = t.day AND a.unit_id = t.unit_id AND a.told = t.told
WHERE t.role <> 'none' GROUP BY 1, 2 ORDER BY 1, 2;
SELECT count(told #>> '{rank}') > 50 AS ranks, count(DISTINCT told #>> '{row,health}') > 10 AS healths,
	count(*) FILTER (WHERE told #>> '{signal}' = 'pace') > 10 AS paces FROM public.told WHERE role = 'regress_areas';

-- What is read for it: of what grows with the company as much as he sees; where ranks are told, his units' siblings, too.
CREATE FUNCTION public.rows_read() RETURNS bigint LANGUAGE sql VOLATILE
RETURN (SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_all_tables WHERE schemaname = 'regtarget'
	AND relname IN ('assignments', 'employees', 'customers', 'activity_months', 'activity_days'));
CREATE FUNCTION public.read_by(role text, statement text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	before bigint;
BEGIN
	PERFORM set_config('role', role, true);
	EXECUTE statement;
	PERFORM set_config('role', 'none', true);
	before := public.rows_read();
	PERFORM set_config('role', role, true);
	EXECUTE statement;
	PERFORM set_config('role', 'none', true);
	RETURN public.rows_read() - before;
END
$$;
SELECT s.statement, public.read_by('regress_group', s.statement) * 10 < a.read AS group_pays_its_part,
	public.read_by('regress_region', s.statement) * 2 < a.read AS region_pays_its_part
FROM unnest(ARRAY['SELECT FROM regtarget.unit_health(''2025-07-01'')', 'SELECT FROM regtarget.health_points(''2025-07-01'')',
	'SELECT FROM regtarget.health_ranking(''2025-07-01'')', 'SELECT regtarget.health_row_of_unit(n, ''2025-07-01'') FROM generate_series(1, 409) n']) AS s (statement),
	LATERAL (SELECT public.read_by('regress_seer', s.statement) AS read) AS a;
ROLLBACK;
