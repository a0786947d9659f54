-- A company of :units units, :below below each, with people, customers and facts at those that have nobody below;
-- its plan for the quarter that holds today published, and people who ask, sign, apply and receive.

CREATE SCHEMA bench;
SELECT regtarget.apply_profile();
SELECT regtarget.add_year(extract(year FROM CURRENT_DATE)::int - 1), regtarget.add_year(extract(year FROM CURRENT_DATE)::int);
SELECT period, lower(during) AS starts FROM regtarget.periods WHERE during @> CURRENT_DATE \gset
INSERT INTO regtarget.units (unit_id, code, kind, parent_id)
SELECT u, 'U' || u, CASE WHEN u = 1 THEN 'company' WHEN u <= :below + 1 THEN 'region' ELSE 'group' END,
	CASE WHEN u > 1 THEN (u - 2) / :below + 1 END
FROM generate_series(1, :units) u;
CREATE TABLE bench.leaves AS
SELECT unit_id FROM regtarget.units u WHERE NOT EXISTS (SELECT FROM regtarget.units c WHERE c.parent_id = u.unit_id);

-- Two people each, one in twenty of whom has left; two customers.
INSERT INTO regtarget.employees (employee_id, hired_on, left_on)
SELECT unit_id * 2 + n, :'starts'::date - 400 + (unit_id % 200)::int, CASE WHEN unit_id % 10 = 0 AND n = 0 THEN :'starts'::date - 40 END
FROM bench.leaves, generate_series(0, 1) n;
INSERT INTO regtarget.assignments (employee_id, unit_id, during)
SELECT employee_id, employee_id / 2, daterange(hired_on, NULL) FROM regtarget.employees;
INSERT INTO regtarget.customers (unit_id, acquired_on, churned_on)
SELECT unit_id, :'starts'::date - 400 + n, CASE WHEN (unit_id + n) % 50 = 0 THEN :'starts'::date - 40 END FROM bench.leaves, generate_series(1, 2) n;

-- A visit and a deal in each of the three months before the quarter and in its first.
INSERT INTO regtarget.visits (unit_id, visited_on)
SELECT unit_id, (:'starts'::date + make_interval(months => m))::date + (unit_id % 28)::int FROM generate_series(-3, 0) m, bench.leaves;
INSERT INTO regtarget.deals (unit_id, closed_on, won, amount)
SELECT unit_id, (:'starts'::date + make_interval(months => m))::date + (unit_id % 27)::int, (unit_id + m) % 3 <> 0, 1000 + unit_id % 997
FROM generate_series(-3, 0) m, bench.leaves;
SELECT regtarget.fold_activity();

INSERT INTO regtarget.signals (unit_id, signal, as_of, value)
SELECT unit_id, s, :'starts'::date - 30, 1 + unit_id % 7 FROM bench.leaves, unnest(ARRAY['tender_amount', 'report_estimate']) s;
SELECT count(*) FROM regtarget.allocate_targets(:'period', :units * 1000);
SELECT regtarget.publish_plan(1);
-- Somebody has moved since the quarter began, and somebody will.
SELECT regtarget.move_unit('U' || :units, 'U2', CURRENT_DATE), regtarget.move_unit('U' || :units - 1, 'U2', CURRENT_DATE + 30) WHERE :below > 1;

-- Who is who: some units ask, those above them and the top sign.  Roles are of the server, not of a database.
SELECT format('CREATE ROLE %I LOGIN', role) FROM unnest(ARRAY['bench_manager', 'bench_superior', 'bench_planner', 'bench_finance']) AS role
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) \gexec
CREATE TABLE bench.asking AS
SELECT row_number() OVER (ORDER BY u.unit_id) AS n, u.unit_id, u.code AS unit, p.code AS parent, t.target_id
FROM (SELECT unit_id FROM bench.leaves ORDER BY unit_id LIMIT 50) l JOIN regtarget.units u ON u.unit_id = l.unit_id
JOIN regtarget.targets t ON t.unit_id = u.unit_id JOIN regtarget.units p ON p.unit_id = u.parent_id;
CREATE SEQUENCE bench.turn;
SELECT count(regtarget.grant_duty('bench_manager', unit, 'manager')) FROM bench.asking;
SELECT count(regtarget.grant_duty('bench_superior', parent, 'manager')) FROM (SELECT DISTINCT parent FROM bench.asking) p;
SELECT regtarget.grant_duty('bench_planner', 'U1', 'planner'), regtarget.grant_duty('bench_finance', 'U1', 'finance');
VACUUM (ANALYZE);
