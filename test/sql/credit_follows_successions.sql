-- R5: in its first period a unit with predecessors goes on with the longest run and the highest penalty among them, and
-- so do its later ones; records that nobody goes on with are named.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set company :srcdir '/sql/valve.psql'
\set ECHO none
\i :prelude
\i :company
\set ECHO all
SET LOCAL client_min_messages = notice;

-- A1 is refused twice running, A2 once: then both are closed, and M is opened in their place.
SELECT public.denied('a1', 'A1', '2025-07-01');
SELECT close_period('2025Q3'), public.standing('2025Q4'), public.plan('2025Q4');
SELECT public.denied('a1', 'A1', '2025-10-01'), public.denied('a2', 'A2', '2025-10-01');
UPDATE units SET closed_on = '2025-12-31' WHERE code IN ('A1', 'A2');
INSERT INTO units (unit_id, code, parent_id, opened_on) VALUES (6, 'M', 2, '2026-01-01'), (7, 'OTHER', 3, '2026-01-01');
SAVEPOINT ended;
-- Nobody says so: named, for A1 and for A2; of B's new unit nothing is, because nobody below B was refused.
SELECT close_period('2025Q4'), public.standing('2026Q1');
SAVEPOINT named;
-- By whoever allocates, if he sees both.
SELECT count(*) FROM allocate_targets('2026Q1', 1000, factors => '{"market": 1}');
SELECT grant_duty('regress_nobody', 'B', 'planner');
SET ROLE regress_nobody;
SELECT count(*) FROM allocate_targets('2026Q1', 1000, root => 'B');
RESET ROLE;
-- Said afterwards, of A2 alone: what closing again brings is A2's, and A1's record is named still.
INSERT INTO successions (unit_id, predecessor_id) VALUES (6, 5);
SELECT close_period('2025Q4'), public.standing('2026Q1');
ROLLBACK TO named;
-- Of both: the longest run, and the highest penalty.
INSERT INTO successions VALUES (6, 5, 1), (6, 4, 0.5);
SELECT close_period('2025Q4'), public.standing('2026Q1');
-- Twice is once.
SELECT close_period('2025Q4'), public.standing('2026Q1');
SELECT unit_id, action, details FROM ledger WHERE unit_id = 6 ORDER BY entry;
SELECT unit, kind, from_unit, to_unit, share FROM reorganisations ORDER BY unit_id, entry;
SELECT public.broken();
ROLLBACK TO ended;

-- Said in time: closing writes it, the plan's guard obeys it, and no notice is due.
INSERT INTO successions VALUES (6, 5), (6, 4);
SELECT close_period('2025Q4'), public.standing('2026Q1'), public.plan('2026Q1');
-- It goes on: refused again, the third quarter running; asking for nothing breaks the run.
CREATE ROLE regress_m; SELECT grant_duty('regress_m', 'M', 'manager');
SELECT unit, denied_quarters, denied_now, denied_if_refused, rate_if_refused FROM credit_board WHERE period = '2026Q1' ORDER BY unit_id;
SAVEPOINT goes_on;
SELECT public.denied('m', 'M', '2026-01-10');
SELECT close_period('2026Q1'), public.standing('2026Q2');
ROLLBACK TO goes_on;
SELECT close_period('2026Q1'), public.standing('2026Q2');
SELECT public.broken();
ROLLBACK TO ended;

-- Said only after the plan was published: no penalty bears on that plan any more, but the run goes on.
SELECT close_period('2025Q4'), public.plan('2026Q1');
INSERT INTO successions VALUES (6, 4);
SELECT close_period('2025Q4'), public.standing('2026Q1');
CREATE ROLE regress_m; SELECT grant_duty('regress_m', 'M', 'manager');
SELECT unit, denied_quarters, denied_if_refused FROM credit_board WHERE period = '2026Q1' AND unit = 'M';
SELECT (outlook_of_unit(6, '2026Q1')).denied_if_refused;
SELECT public.denied('m', 'M', '2026-01-10');
SELECT close_period('2026Q1'), public.standing('2026Q2');
SELECT public.broken();
ROLLBACK TO ended;

-- Opened in the middle of a quarter, it comes to its first period later; a unit in between that never had one hands on.
UPDATE units SET opened_on = '2026-02-01', closed_on = '2026-03-01' WHERE unit_id = 6;
INSERT INTO units (unit_id, code, parent_id, opened_on) VALUES (8, 'LATE', 2, '2026-03-02');
INSERT INTO successions VALUES (6, 4), (8, 6);
SELECT close_period('2025Q4'), public.standing('2026Q1'), public.publish('2026Q1', '{1,1000, 2,600, 3,400}');
SELECT close_period('2026Q1'), public.standing('2026Q2');
-- Below a unit that pays the rate is 0, so that nobody pays twice; the run goes on.
ROLLBACK TO ended;
INSERT INTO units (unit_id, code, parent_id, opened_on) VALUES (9, 'M1', 6, '2026-01-01');
INSERT INTO successions VALUES (6, 4), (9, 4);
SELECT close_period('2025Q4'), public.standing('2026Q1');
-- Whoever brings history need close nothing: standings and successions meet in either order, and the draft's guard obeys.
ROLLBACK TO ended;
INSERT INTO units (unit_id, code, parent_id, opened_on) VALUES (9, 'N', 3, '2026-04-01'), (10, 'O', 3, NULL), (11, 'P', 2, '2026-04-01');
INSERT INTO successions VALUES (9, 10);
INSERT INTO standings VALUES (10, '2026Q2', 2, 0.05), (10, '2026Q1', 1, 0);
SELECT public.standing('2026Q1'), public.standing('2026Q2');
INSERT INTO successions VALUES (11, 9);
SELECT public.standing('2026Q2');
INSERT INTO plans (period, root_unit_id, total) VALUES ('2026Q2', 3, 100); INSERT INTO targets (plan_id, unit_id, suggested) SELECT max(plan_id), 9, 100 FROM plans;
SELECT penalty, baseline FROM targets WHERE unit_id = 9;
SELECT public.broken();
-- Under any search_path.
CREATE FUNCTION public.never(text, text) RETURNS boolean LANGUAGE sql RETURN false;
CREATE OPERATOR public.= (LEFTARG = text, RIGHTARG = text, FUNCTION = public.never);
SET LOCAL search_path = public, pg_catalog, regtarget;
INSERT INTO units (unit_id, code, parent_id, opened_on) VALUES (12, 'Q', 2, '2026-04-01');
INSERT INTO successions VALUES (12, 10);
SELECT denied_quarters, penalty_rate FROM standings WHERE unit_id = 12;
SET LOCAL search_path = regtarget, public;
-- A standing of its own stays what it was.
ROLLBACK TO ended;
INSERT INTO standings VALUES (6, '2026Q1', 1, 0);
INSERT INTO successions VALUES (6, 4);
SELECT close_period('2025Q4'), public.standing('2026Q1');
-- Said while the quarter runs, of a unit that its plan does not have: the unit begins in the next one, and with what the quarter
-- came to.  So does one that goes on from such a unit.
ROLLBACK TO ended;
UPDATE units SET opened_on = NULL WHERE unit_id = 6;
INSERT INTO units (unit_id, code, parent_id, opened_on, closed_on) VALUES (9, 'N', 3, '2025-10-01', '2025-12-31'), (10, 'O', 3, '2026-01-01', NULL);
INSERT INTO successions VALUES (6, 4), (9, 4), (10, 9);
SELECT public.standing('2025Q4');
SELECT close_period('2025Q4'), public.standing('2026Q1'), public.publish('2026Q1', '{1,1000, 2,600, 3,400}');
-- Left out once more, it still goes on; from then on its own record counts.
SELECT close_period('2026Q1'), public.standing('2026Q2'), public.publish('2026Q2', '{1,1000, 2,600, 3,400, 6,600}');
SELECT close_period('2026Q2'), public.standing('2026Q3'), public.broken();
-- The owner brings one predecessor's standing ahead of time: what the others come to when the quarter is closed is awaited.
ROLLBACK TO ended;
INSERT INTO successions VALUES (6, 4), (6, 5), (6, 3);
INSERT INTO units (unit_id, code, parent_id, opened_on) VALUES (9, 'N', 2, '2026-01-01');
INSERT INTO successions VALUES (9, 6);
INSERT INTO standings VALUES (3, '2026Q1', 0, 0.20);
SELECT public.standing('2026Q1');
SELECT close_period('2025Q4'), public.standing('2026Q1'), public.broken();
-- Of one that has had no target for a while its last record follows, into the first period that is not closed.
ROLLBACK TO ended;
SELECT close_period('2025Q4'), public.publish('2026Q1', '{1,1000, 2,600, 3,400}');
SELECT close_period('2026Q1'), public.standing('2026Q1'), public.standing('2026Q2');
INSERT INTO units (unit_id, code, parent_id) VALUES (9, 'N', 3);
INSERT INTO successions VALUES (9, 4);
SELECT public.standing('2026Q1'), public.standing('2026Q2'), public.publish('2026Q2', '{1,1000, 2,600, 3,400, 9,400}');
SELECT penalty FROM targets WHERE period = '2026Q2' AND unit_id = 9;
SELECT public.broken();
ROLLBACK;
