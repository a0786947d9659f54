-- A company of :units units with sixteen quarters behind it, of which backtests replay up to twelve: :fan units below each, two
-- people a leaf, deals and visits in every quarter, folded.

CREATE SCHEMA bench;
SELECT setseed(0.5);
SELECT regtarget.apply_profile();
SELECT regtarget.add_year(y) FROM generate_series(2019, 2023) y;
INSERT INTO regtarget.units (unit_id, code, name, parent_id)
SELECT u, 'U' || u, 'Unit ' || u, CASE WHEN u > 1 THEN (u + :fan - 2) / :fan END FROM generate_series(1, :units) u;
CREATE TABLE bench.leaves AS SELECT unit_id FROM regtarget.units u WHERE NOT EXISTS (SELECT FROM regtarget.units c WHERE c.parent_id = u.unit_id);
INSERT INTO regtarget.employees (employee_id, hired_on)
SELECT l.unit_id * 2 + k, date '2018-01-01' + (l.unit_id + k) % 900 FROM bench.leaves l, generate_series(0, 1) k;
INSERT INTO regtarget.assignments SELECT e.employee_id, e.employee_id / 2, daterange(e.hired_on, NULL) FROM regtarget.employees e;
INSERT INTO regtarget.deals (unit_id, opened_on, closed_on, won, amount)
SELECT l.unit_id, lower(p.during), lower(p.during) + 1 + l.unit_id % 85, l.unit_id % 7 > 0, round((random() * 100000)::numeric, 2)
FROM bench.leaves l, regtarget.periods p;
INSERT INTO regtarget.visits (unit_id, visited_on) SELECT l.unit_id, lower(p.during) + l.unit_id % 80 FROM bench.leaves l, regtarget.periods p;
INSERT INTO regtarget.signals (unit_id, signal, as_of, value)
SELECT l.unit_id, s, lower(p.during), 1 + random() * 10 FROM bench.leaves l, unnest('{tender_amount,report_estimate,strategic_tilt}'::text[]) s, regtarget.periods p;
SELECT regtarget.fold_activity();
-- A plan of the last quarter, to be looked at.
SELECT count(*) FROM regtarget.allocate_targets('2023Q4', 1000000000, 'sandbox');
SELECT count(*) FROM regtarget.allocate_targets('2023Q4', 1000000000, 'sandbox', factors => '{"health": 1, "trailing": 1}');
VACUUM (ANALYZE);
