-- A company of :units units, ten below each, with people, customers and facts at those that have nobody below,
-- its plan for 2025Q3 published, and people who ask and sign.

CREATE SCHEMA bench;
SELECT pg_catalog.setseed(0.5);
SELECT regtarget.apply_profile(), regtarget.add_year(2024), regtarget.add_year(2025);
INSERT INTO regtarget.units (unit_id, code, kind, parent_id)
SELECT u, 'U' || u, CASE WHEN u = 1 THEN 'company' WHEN u <= 11 THEN 'region' ELSE 'group' END, CASE WHEN u > 1 THEN (u - 2) / 10 + 1 END
FROM generate_series(1, :units) u;
CREATE TABLE bench.leaves AS
SELECT unit_id FROM regtarget.units u WHERE NOT EXISTS (SELECT FROM regtarget.units c WHERE c.parent_id = u.unit_id);

-- Two people each, one in twenty of whom has left; two customers.
INSERT INTO regtarget.employees (employee_id, hired_on, left_on)
SELECT unit_id * 2 + n, date '2024-01-01' + (unit_id % 200)::int, CASE WHEN unit_id % 10 = 0 AND n = 0 THEN date '2025-03-01' END
FROM bench.leaves, generate_series(0, 1) n;
INSERT INTO regtarget.assignments (employee_id, unit_id, during)
SELECT employee_id, employee_id / 2, daterange(hired_on, NULL) FROM regtarget.employees;
INSERT INTO regtarget.customers (unit_id, acquired_on, churned_on)
SELECT unit_id, date '2024-01-01' + n, CASE WHEN (unit_id + n) % 50 = 0 THEN date '2025-02-01' END FROM bench.leaves, generate_series(1, 2) n;

-- A visit and a deal in each month from 2025-03 to 2025-07.
INSERT INTO regtarget.visits (unit_id, visited_on)
SELECT unit_id, m::date + (unit_id % 28)::int FROM generate_series(timestamp '2025-03-01', timestamp '2025-07-01', interval '1 month') m, bench.leaves;
INSERT INTO regtarget.deals (unit_id, closed_on, won, amount)
SELECT unit_id, m::date + (unit_id % 27)::int, (unit_id + extract(month FROM m)::int) % 3 > 0, 1000 + unit_id % 997
FROM generate_series(timestamp '2025-03-01', timestamp '2025-07-01', interval '1 month') m, bench.leaves;
SELECT regtarget.fold_activity();

INSERT INTO regtarget.signals (unit_id, signal, as_of, value)
SELECT unit_id, s, '2025-06-01', 1 + unit_id % 7 FROM bench.leaves, unnest(ARRAY['tender_amount', 'report_estimate']) s;
SELECT count(*) FROM regtarget.allocate_targets('2025Q3', :units * 1000);
SELECT regtarget.publish_plan(1);

-- Who is who: a hundred units ask, those above them and the top sign.  Roles are of the server, not of a database.
SELECT format('CREATE ROLE %I LOGIN', role) FROM unnest(ARRAY['bench_manager', 'bench_superior', 'bench_planner', 'bench_finance',
	'bench_region']) AS role WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) \gexec
CREATE TABLE bench.asking AS
SELECT row_number() OVER (ORDER BY unit_id) AS n, unit_id, 'U' || unit_id AS unit, NULL::bigint AS adjustment_id
FROM (SELECT unit_id FROM bench.leaves ORDER BY unit_id LIMIT 100) l;
SELECT count(regtarget.grant_duty('bench_manager', unit, 'manager')) FROM bench.asking;
SELECT count(regtarget.grant_duty('bench_superior', 'U' || parent_id, 'manager'))
FROM (SELECT DISTINCT u.parent_id FROM bench.asking a JOIN regtarget.units u USING (unit_id)) p;
SELECT regtarget.grant_duty('bench_planner', 'U1', 'planner'), regtarget.grant_duty('bench_finance', 'U1', 'finance'),
	regtarget.grant_duty('bench_region', 'U2', 'manager');
GRANT USAGE ON SCHEMA bench TO PUBLIC;
GRANT SELECT, UPDATE ON bench.asking TO PUBLIC;
VACUUM (ANALYZE);
