-- A company of :units units and :facts facts over two years, as a dashboard looks at it: regions of 218 units, four people and twenty
-- customers a unit; eight quarters published, asked in, decided, and all but the last closed.

CREATE SCHEMA bench;
SELECT setseed(0.5);
SELECT regtarget.apply_profile();
SELECT extract(year FROM CURRENT_DATE)::int - 2 AS year \gset
SELECT regtarget.add_year(:year), regtarget.add_year(:year + 1), regtarget.add_year(:year + 2);
SELECT (date_trunc('quarter', CURRENT_DATE) - interval '21 months')::date AS starts \gset
-- A region, its 31 areas, six groups each; the last region has what is left.
INSERT INTO regtarget.units (unit_id, code, name, kind, parent_id) VALUES (1, 'U1', 'Company', 'company', NULL);
CREATE TABLE bench.place AS
SELECT u AS unit_id, (u - 2) / 218 AS region, (u - 2) % 218 AS n FROM generate_series(2, :units) u;
INSERT INTO regtarget.units (unit_id, code, name, kind, parent_id)
SELECT unit_id, 'U' || unit_id, 'Unit ' || unit_id, CASE WHEN n = 0 THEN 'region' WHEN (n - 1) % 7 = 0 THEN 'area' ELSE 'group' END,
	CASE WHEN n = 0 THEN 1 WHEN (n - 1) % 7 = 0 THEN 2 + region * 218 ELSE 2 + region * 218 + 1 + (n - 1) / 7 * 7 END
FROM bench.place;
CREATE TABLE bench.leaves AS
SELECT row_number() OVER (ORDER BY unit_id)::int - 1 AS n, unit_id FROM regtarget.units u
WHERE NOT EXISTS (SELECT FROM regtarget.units c WHERE c.parent_id = u.unit_id);
SELECT count(*) AS leaves FROM bench.leaves \gset
INSERT INTO regtarget.employees (employee_id, source, source_id, name, hired_on, left_on)
SELECT e, 'dingtalk', 'e' || e, 'Person ' || e, :'starts'::date - 700 + e % 600,
	CASE WHEN e % 12 = 0 THEN :'starts'::date + e % 690 END
FROM generate_series(1, :units * 4) e;
INSERT INTO regtarget.assignments (employee_id, unit_id, during)
SELECT e.employee_id, l.unit_id, daterange(e.hired_on, NULL) FROM regtarget.employees e JOIN bench.leaves l ON l.n = e.employee_id % :leaves;
INSERT INTO regtarget.customers (customer_id, source, source_id, unit_id, name, acquired_on, churned_on)
SELECT c, 'crm', 'c' || c, l.unit_id, 'Customer ' || c, :'starts'::date - 500 + c % 1000,
	CASE WHEN c % 9 = 0 THEN :'starts'::date + 510 + c % 190 END
FROM generate_series(1, :units * 20) c JOIN bench.leaves l ON l.n = c % :leaves;
-- A fact's customer is one of its unit, so is its employee.
CREATE FUNCTION bench.keys(facts int, units int, leaves int, OUT i int, OUT unit_id int, OUT employee_id int, OUT customer_id bigint,
	OUT day date, OUT x float8)
RETURNS SETOF record LANGUAGE sql AS $$
SELECT r.i, l.unit_id, r.e, r.c, q.starts + (r.d * (CURRENT_DATE - q.starts))::int, r.x
FROM (SELECT i, n, CASE WHEN n = 0 THEN leaves ELSE n END + leaves * (b * (units * 4 / leaves - 1))::int AS e,
	CASE WHEN n = 0 THEN leaves ELSE n END + leaves * (a * (units * 20 / leaves - 1))::int AS c, random() AS d, random() AS x
	FROM (SELECT i, (random() * (leaves - 1))::int AS n, random() AS a, random() AS b FROM generate_series(1, facts) i OFFSET 0) AS s OFFSET 0) AS r
JOIN bench.leaves l ON l.n = r.n
CROSS JOIN (SELECT (date_trunc('quarter', CURRENT_DATE) - interval '21 months')::date AS starts) AS q
$$;
INSERT INTO regtarget.visits (source, source_id, unit_id, employee_id, customer_id, visited_on)
SELECT 'crm', 'v' || k.i, k.unit_id, k.employee_id, k.customer_id, k.day FROM bench.keys(:facts / 10 * 6, :units, :leaves) k;
INSERT INTO regtarget.deals (source, source_id, unit_id, employee_id, customer_id, opened_on, closed_on, won, amount)
SELECT 'crm', 'd' || k.i, k.unit_id, k.employee_id, k.customer_id, k.day - (k.x * 60)::int, CASE WHEN k.i % 20 <> 0 THEN k.day END,
	CASE WHEN k.i % 20 <> 0 THEN k.x < 0.4 END, round((exp(random() * 3) * 20000)::numeric, 2)
FROM bench.keys(:facts / 10 * 3, :units, :leaves) k;
INSERT INTO regtarget.revenues (source, source_id, unit_id, employee_id, customer_id, booked_on, amount)
SELECT 'finance', 'r' || k.i, k.unit_id, k.employee_id, k.customer_id, k.day, round((exp(random() * 3) * 24000)::numeric, 2)
FROM bench.keys(:facts / 10, :units, :leaves) k;
INSERT INTO regtarget.signals (unit_id, signal, as_of, value, source)
SELECT l.unit_id, s, :'starts'::date - 30 + 90 * q, 1 + (l.unit_id + q) % 7, 'market' 
FROM bench.leaves l, unnest(ARRAY['tender_amount', 'report_estimate', 'strategic_tilt']) s, generate_series(0, 7) q;
SELECT regtarget.fold_activity();
-- A day's load that is not folded yet.
INSERT INTO regtarget.visits (source, source_id, unit_id, employee_id, customer_id, visited_on)
SELECT 'crm', 'w' || k.i, k.unit_id, k.employee_id, k.customer_id, CURRENT_DATE - 1 FROM bench.keys(:units, :units, :leaves) k;
VACUUM (ANALYZE);

SELECT format('CREATE ROLE %I LOGIN', role) FROM unnest(ARRAY['views_planner', 'views_manager', 'views_asker', 'views_superior']) AS role
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) \gexec
INSERT INTO regtarget.shared_logins VALUES (session_user);
CREATE TABLE bench.asking AS
SELECT l.n, u.code AS unit, p.code AS parent FROM bench.leaves l JOIN regtarget.units u ON u.unit_id = l.unit_id
JOIN regtarget.units p ON p.unit_id = u.parent_id WHERE l.n % 13 = 0;
SELECT count(regtarget.grant_duty('views_asker', unit, 'manager')) FROM bench.asking;
SELECT count(regtarget.grant_duty('views_superior', parent, 'manager')) FROM (SELECT DISTINCT parent FROM bench.asking) p;
SELECT regtarget.grant_duty('views_planner', 'U1', 'planner'), regtarget.grant_duty('views_manager', 'U2', 'manager');
GRANT USAGE ON SCHEMA bench TO PUBLIC;
GRANT SELECT ON bench.asking TO PUBLIC;
CREATE FUNCTION bench.ask(unit text, change numeric, day date, yes boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	id bigint;
BEGIN
	SET LOCAL ROLE views_asker;
	id := regtarget.request_adjustment(unit, change, 'reason of ' || unit, day);
	SET LOCAL ROLE views_superior;
	PERFORM regtarget.countersign(id, yes, 'what the signer says');
	IF yes THEN
		SET LOCAL ROLE views_planner;
		PERFORM regtarget.countersign(id, yes) FROM regtarget.signatures s WHERE s.adjustment_id = id AND s.unit_id = 1;
		SET LOCAL ROLE views_manager;
		PERFORM regtarget.countersign(id, yes) FROM regtarget.signatures s WHERE s.adjustment_id = id AND s.unit_id = 2;
		SET LOCAL ROLE views_planner;
		PERFORM regtarget.apply_adjustment(id);
	END IF;
	RESET ROLE;
END
$$;
CREATE PROCEDURE bench.quarters() LANGUAGE plpgsql AS $$
DECLARE
	q record;
BEGIN
	FOR q IN SELECT p.period, lower(p.during) AS first, upper(p.during) AS past, p.during @> CURRENT_DATE AS runs,
		row_number() OVER (ORDER BY p.during) AS n FROM regtarget.periods p
		WHERE lower(p.during) BETWEEN (date_trunc('quarter', CURRENT_DATE) - interval '21 months')::date AND CURRENT_DATE ORDER BY p.during
	LOOP
		PERFORM count(*) FROM regtarget.allocate_targets(q.period, 1000000000);
		PERFORM regtarget.publish_plan(p.plan_id) FROM regtarget.plans p WHERE p.period = q.period;
		COMMIT;
		PERFORM bench.ask(a.unit, CASE WHEN a.n % 2 = 0 THEN -0.05 ELSE 0.02 END, q.first, a.n % 3 <> 0) FROM bench.asking a;
		COMMIT;
		IF NOT q.runs THEN
			PERFORM regtarget.close_period(q.period);
		ELSE
			SET LOCAL ROLE views_asker;
			PERFORM regtarget.request_adjustment(a.unit, -0.02, 'waits', CURRENT_DATE) FROM bench.asking a WHERE a.n % 4 = 0;
			RESET ROLE;
		END IF;
		COMMIT;
	END LOOP;
END
$$;
CALL bench.quarters();
VACUUM (ANALYZE);
