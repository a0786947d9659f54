-- View outcomes: a quarter that is over, worked out by hand; null where it cannot be known; the tree of the period's plan;
-- the same figures whoever asks.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied;
INSERT INTO shared_logins VALUES (session_user);
CREATE FUNCTION public.day(n int) RETURNS date LANGUAGE sql RETURN today() + n;
-- A hundred days that ended a hundred days ago, a hundred until yesterday, a hundred from today on, a hundred to come.
INSERT INTO periods SELECT p, daterange(public.day(a), public.day(a + 100))
FROM (VALUES ('old', -200), ('last', -100), ('now', 0), ('next', 100)) AS v (p, a);
INSERT INTO months (month, period, during) SELECT period, period, during FROM periods;
INSERT INTO units (unit_id, code, kind, parent_id, opened_on, closed_on) VALUES (1, 'CN', 'company', NULL, NULL, NULL),
	(2, 'A', 'region', 1, NULL, NULL), (3, 'B', 'region', 1, NULL, NULL), (4, 'A1', 'group', 2, NULL, NULL), (5, 'A2', 'group', 2, NULL, NULL),
	(6, 'B1', 'group', 3, NULL, NULL), (7, 'OLD', 'group', 3, NULL, public.day(-101)), (8, 'NEW', 'group', 3, public.day(-40), NULL);
DELETE FROM factors;
INSERT INTO factors (signal) VALUES ('market');
INSERT INTO signals (unit_id, signal, as_of, value) VALUES (2, 'market', '2020-01-01', 3), (3, 'market', '2020-01-01', 1),
	(4, 'market', '2020-01-01', 2), (5, 'market', '2020-01-01', 1), (6, 'market', '2020-01-01', 1);

-- While nothing is on record nothing is known, and nothing is NaN.
SELECT count(*), count(attainment_amount), count(attrition), count(newcomers_kept), count(customer_churn), count(requests), count(within_20) FROM outcomes;

-- CN 400: A 300 of A1 200 and A2 100, B 100 of B1.
SELECT count(*) FROM allocate_targets('last', 400);
SELECT publish_plan(1);
-- The planning round took ten days.
SET LOCAL session_replication_role = replica;
UPDATE plans SET created_at = clock_timestamp() - interval '12 days', published_at = clock_timestamp() - interval '2 days';
SET LOCAL session_replication_role = origin;
-- A1 160 of 200 is exactly 0.8, A2 121 of 100 is above 1.2, B1 120 of 100 exactly 1.2. First and last days are inside.
INSERT INTO deals (unit_id, closed_on, won, amount) VALUES (4, public.day(-100), true, 100), (4, public.day(-1), true, 60),
	(5, public.day(-50), true, 121), (6, public.day(-50), true, 120), (6, public.day(-101), true, 1e6), (6, public.day(0), true, 1e6),
	(6, public.day(-50), false, 1e6);

-- People. 1, 2 and 3 in A1 all the time; 3 left on the last day, under pressure, which is a day of work.
-- 4 in A1 for forty days, then in A2 until he left on the sixtieth day. 5 in B1 all the time, left before the quarter.
-- 6 hired into B1 on the first day, still there; 7 hired ten days later, left after 90 days to the day; 8 left after 89.
-- 9 hired into A2 on the last day: nobody knows yet.
INSERT INTO employees (employee_id, source, source_id, hired_on, left_on, leave_reason) VALUES (1, 'hr', '1', '2020-01-01', NULL, NULL),
	(2, 'hr', '2', '2020-01-01', NULL, NULL), (3, 'hr', '3', '2020-01-01', public.day(-1), 'pressure'),
	(4, 'hr', '4', '2020-01-01', public.day(-41), 'other'), (5, 'hr', '5', '2020-01-01', public.day(-101), 'pressure'),
	(6, 'hr', '6', public.day(-100), NULL, NULL), (7, 'hr', '7', public.day(-90), public.day(0), NULL),
	(8, 'hr', '8', public.day(-95), public.day(-6), 'pressure'), (9, 'hr', '9', public.day(-1), NULL, NULL);
INSERT INTO assignments SELECT e, u, daterange(coalesce(f, '2020-01-01'), t) FROM (VALUES (1, 4, NULL, NULL), (2, 4, NULL, NULL), (3, 4, NULL, NULL),
	(4, 4, NULL, public.day(-60)), (4, 5, public.day(-60), NULL), (5, 6, NULL, NULL), (6, 6, public.day(-100), NULL), (7, 6, public.day(-90), NULL),
	(8, 6, public.day(-95), NULL), (9, 5, public.day(-1), NULL)) AS v (e, u, f, t);
-- Customers: ten of A1 at the start; three went in the quarter, on its first and last days and one who had come in it; one before, one after it.
INSERT INTO customers (customer_id, source, source_id, unit_id, acquired_on, churned_on)
SELECT n, 'crm', n, 4, '2020-01-01', CASE n WHEN 1 THEN public.day(-100) WHEN 2 THEN public.day(-1) WHEN 3 THEN public.day(0) WHEN 11 THEN public.day(-101) END
FROM generate_series(1, 11) n UNION ALL SELECT 12, 'crm', '12', 4, public.day(-20), public.day(-10);

-- Requests and answers.
CREATE FUNCTION public.make_roles() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	r record;
BEGIN
	FOR r IN SELECT * FROM (VALUES ('planner', 'CN'), ('manager', 'A'), ('manager', 'A1'), ('manager', 'A2'), ('manager', 'B1'), ('viewer', 'CN')) AS v (duty, unit) LOOP
		EXECUTE format('CREATE ROLE %I', 'regress_' || r.duty || '_' || r.unit);
		PERFORM grant_duty(('regress_' || r.duty || '_' || r.unit)::name, r.unit, r.duty);
	END LOOP;
END
$$;
CREATE FUNCTION public.as_role(role text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	told text;
BEGIN
	PERFORM set_config('role', role, true);
	EXECUTE statement INTO told;
	PERFORM set_config('role', 'none', true);
	RETURN told;
END
$$;
SELECT public.make_roles();
SELECT public.as_role('regress_manager_' || u, format('SELECT regtarget.request_adjustment(%L, -0.05, ''why'', %L)', u, public.day(-90)))
FROM unnest('{A1,A2,B1}'::text[]) u;
SELECT public.as_role('regress_manager_A', 'SELECT regtarget.countersign(1, false)'), public.as_role('regress_manager_A', 'SELECT regtarget.countersign(2, true)'),
	public.as_role('regress_planner_CN', 'SELECT regtarget.countersign(2, true)'), public.as_role('regress_planner_CN', 'SELECT regtarget.apply_adjustment(2)');
-- Refused after two days, approved after five; the third waits.
SET LOCAL session_replication_role = replica;
UPDATE adjustments SET requested_at = decided_at - CASE adjustment_id WHEN 1 THEN interval '2 days' ELSE interval '5 days' END WHERE decided_at IS NOT NULL;
SET LOCAL session_replication_role = origin;
SELECT public.as_role('regress_manager_' || u, format('SELECT regtarget.answer_target((SELECT target_id FROM regtarget.targets WHERE unit_id = %s), %L)', i, yes))
FROM (VALUES (1, 'A1', 4, true), (2, 'A1', 4, false), (3, 'A2', 5, true), (4, 'B1', 6, true)) AS v (n, u, i, yes) ORDER BY n;

CREATE VIEW public.told AS
SELECT period, unit, is_over, round(attainment_amount::numeric, 4) AS amount, round(attainment_baseline::numeric, 4) AS baseline,
	round(attrition::numeric, 4) AS attrition, round(attrition_pressure::numeric, 4) AS pressure, round(newcomers_kept::numeric, 4) AS kept,
	round(customer_churn::numeric, 4) AS churn, requests, refusals, round(days_to_decide::numeric, 2) AS decide,
	round(disputed_share::numeric, 4) AS disputed, round(days_to_publish::numeric, 2) AS publish, round(within_20::numeric, 4) AS within
FROM outcomes;
-- A2's amount is 95 since its request was applied: its baseline still is 100.
-- Average headcount: A1 3.4, A2 (20 + 1) / 100, B1 1 + 0.90 + 0.90. Leavers: A1 1 of 3.4, A2 1 of 0.21 (not under pressure), B1 1 of 2.8.
-- Kept: B1 two of three; A2 and those above not known yet.
SELECT * FROM public.told WHERE period = 'last' ORDER BY (SELECT unit_id FROM units u WHERE u.code = unit);
SELECT round(1 / 3.4, 4) AS a1, round(1 / 0.21, 4) AS a2, round(1 / 2.8, 4) AS b1, round(2 / 3.61, 4) AS a, round(3 / 6.41, 4) AS cn,
	round(1 / 3.61, 4) AS a_pressure, round(2 / 6.41, 4) AS cn_pressure, round(401 / 400.0, 4) AS cn_baseline, round(281 / 300.0, 4) AS a_baseline;
-- Of the quarter before, without a plan: who left in it; of the one that runs, so far; of the one to come, nothing.
SELECT * FROM public.told WHERE period <> 'last' ORDER BY period, (SELECT unit_id FROM units u WHERE u.code = unit);

-- The same whoever asks, and however much is shown.
CREATE TABLE public.all_rows AS SELECT * FROM outcomes;
GRANT SELECT ON public.all_rows TO PUBLIC;
SELECT role, public.as_role(role, 'SELECT count(*) FROM regtarget.outcomes') AS rows,
	public.as_role(role, 'SELECT count(*) FROM (TABLE regtarget.outcomes EXCEPT TABLE public.all_rows) x') AS other
FROM unnest('{regress_planner_CN,regress_viewer_CN,regress_manager_A,regress_manager_A1,regress_manager_B1}'::text[]) role;
SELECT count(*) FROM units u, LATERAL (SELECT o.* FROM outcomes o WHERE o.unit_id = u.unit_id EXCEPT TABLE public.all_rows) x;

-- Who moves later moves no figure of the past: the plan keeps its tree.
SELECT move_unit('A2', 'B', today());
SELECT unit, period, baseline, attrition, churn, requests FROM public.told WHERE period = 'last' AND unit IN ('A', 'B') ORDER BY 1;
-- And the quarter that runs is read through the tree of its first day.
SELECT unit, attrition FROM public.told WHERE period = 'now' AND unit IN ('A', 'B') ORDER BY 1;
-- Silent customers: by the policy of today.
UPDATE policies SET churn_days = 30;
INSERT INTO deals (unit_id, customer_id, closed_on, won, amount) VALUES (4, 4, public.day(-120), true, 0);
SELECT unit, churn FROM public.told WHERE period = 'last' AND unit = 'A1';
-- A period before any policy makes none of the others unknown.
INSERT INTO periods VALUES ('dark', '[1999-01-01,1999-04-01)');
UPDATE policies SET effective_from = '2000-01-01';
SELECT count(*) AS rows, count(attainment_baseline) AS known, bool_and(attrition IS NULL) AS unknown FROM outcomes WHERE period = 'dark';
SELECT unit, baseline FROM public.told WHERE period = 'last' AND unit = 'A1';
SELECT count(*) FROM quota_fairness;
-- Nor does one that rules later than today.
UPDATE policies SET effective_from = '2999-01-01';
SELECT count(*) AS rows, count(attainment_baseline) AS known, count(customer_churn) AS churn, count(requests) AS requests FROM outcomes WHERE period = 'last';
SELECT count(*) AS rows, sum(units) AS units FROM quota_fairness;
-- Columns of the function and of the view agree in name.
SELECT a.attname FROM pg_attribute a WHERE a.attrelid = 'outcomes'::regclass AND a.attnum > 8
EXCEPT SELECT unnest(proargnames) FROM pg_proc WHERE oid = 'outcomes_of_unit'::regproc;
ROLLBACK;
