-- plan_check(): what a careful planner would ask before publishing, each once.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied;
SELECT add_year(2020), add_year(2021);
INSERT INTO units (unit_id, code, parent_id) VALUES (1, 'HQ', NULL), (2, 'N', 1), (3, 'S', 1), (4, 'N1', 2), (5, 'N2', 2), (6, 'S1', 3), (7, 'S2', 3);
INSERT INTO deals (unit_id, closed_on, won, amount) VALUES (4, '2020-02-01', true, 100), (5, '2020-02-01', true, 100), (6, '2020-02-01', true, 100), (7, '2020-02-01', true, 100);
INSERT INTO deals (unit_id, closed_on, won, amount) SELECT u, '2020-11-01', true, 100 FROM unnest('{4,5,6}'::int[]) u;
INSERT INTO visits (unit_id, visited_on) SELECT u, d FROM unnest('{4,5,6,7}'::int[]) u, unnest('{2020-02-01,2020-11-01}'::date[]) d WHERE u <> 5 OR d < '2020-07-01';
INSERT INTO employees (employee_id, hired_on) SELECT i, '2019-01-01' FROM generate_series(4, 7) i;
INSERT INTO assignments SELECT i, i, '[2019-01-01,)' FROM generate_series(4, 7) i;
INSERT INTO signals (unit_id, signal, as_of, value) SELECT u, s, '2020-06-01', 1 FROM unnest('{4,5,6,7}'::int[]) u, unnest('{tender_amount,report_estimate,strategic_tilt}'::text[]) s;

-- Nothing to ask but what has stopped: S2 has no won deal in the window, N2 no visit.
SELECT count(*) FROM allocate_targets('2021Q1', 400);
SELECT * FROM plan_check(1);

-- Signals that nobody has said, of N1; a floor that binds, of S2; and so jumps: S2's by the floor.
DELETE FROM signals WHERE unit_id = 4 AND signal <> 'strategic_tilt';
INSERT INTO bounds (period, unit_id, at_least, at_most) VALUES ('2021Q1', 7, 170, 1000), ('2021Q1', 2, 0, 500);
SELECT count(*) FROM allocate_targets('2021Q1', 400);
SELECT topic, unit, what, figure, beside FROM plan_check(1) WHERE topic <> 'stopped_logging';
-- The root by itself, all others by the plan's own growth; who brought nothing last year cannot have grown.
DELETE FROM bounds;
DELETE FROM deals WHERE unit_id = 5 AND closed_on < '2020-06-01';
SELECT count(*) FROM allocate_targets('2021Q1', 900);
SELECT unit, what, figure, beside FROM plan_check(1) WHERE topic = 'jump';

-- A level left out: N stands in no plan with N1 and N2 in it.  With S beside, publishing refuses it.
INSERT INTO plans (plan_id, period, root_unit_id, total) VALUES (20, '2021Q2', 1, 40);
INSERT INTO targets (plan_id, unit_id, suggested) VALUES (20, 1, 40), (20, 3, 20), (20, 4, 10), (20, 5, 10);
SELECT severity, unit, what FROM plan_check(20) WHERE topic = 'missing_unit';
SELECT public.error_of('SELECT publish_plan(20)');
DELETE FROM targets WHERE plan_id = 20 AND unit_id = 3;
SELECT severity, unit, what FROM plan_check(20) WHERE topic = 'missing_unit';

-- Rows of targets_in that wait, of this period alone.
INSERT INTO targets_in (period, unit, suggested) VALUES ('2021Q2', 'NN', '5'), ('2021Q3', 'NN', '5'), ('2021Q2', 'S', 'much');
SELECT severity, unit, what, figure FROM plan_check(20) WHERE topic = 'reject';

-- Records that nobody goes on with: N2, refused twice, is closed, and N3 opened in its place.
INSERT INTO standings (unit_id, period, denied_quarters) VALUES (5, '2021Q2', 2);
UPDATE units SET closed_on = '2021-05-31' WHERE unit_id = 5;
INSERT INTO units (unit_id, code, parent_id, opened_on) VALUES (8, 'N3', 2, '2021-06-01');
SELECT count(*) FROM allocate_targets('2021Q3', 400, 'sandbox');
SELECT severity, unit, what, figure FROM plan_check(2) WHERE topic = 'record_not_inherited';
INSERT INTO successions VALUES (8, 5, 1);
SELECT severity, unit, what, figure FROM plan_check(2) WHERE topic = 'record_not_inherited';

-- Rejects are shown to whom row security shows them: a planner of HQ who did not load them does not see them.
CREATE ROLE regtarget_test_hq;
CREATE ROLE regtarget_test_v;
SELECT grant_duty('regtarget_test_hq', 'HQ', 'planner'), grant_duty('regtarget_test_v', 'HQ', 'viewer');
SET ROLE regtarget_test_hq;
SELECT count(*) FROM plan_check(20) WHERE topic = 'reject';
SET ROLE regtarget_test_v;
SELECT public.error_of('SELECT * FROM plan_check(20)');
RESET ROLE;
SELECT publish_plan(1);
SET ROLE regtarget_test_v;
SELECT public.error_of('SELECT * FROM plan_check(1)');
RESET ROLE;
SELECT public.error_of('SELECT * FROM plan_check(99)');
SELECT public.error_of('SELECT * FROM plan_check(NULL)');
ROLLBACK;
