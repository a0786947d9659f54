-- T5: the manager of a unit answers to its target, proposed or published; every answer is kept, the last
-- one counts; it decides nothing.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set company :srcdir '/sql/valve.psql'
\set ECHO none
\i :prelude
\i :company
\set ECHO all

-- Published: by the manager of the very unit.
SELECT r AS role, public.as_role(r, 'SELECT answer_target(4, true)') FROM unnest('{a,a2,cn,b,money,eye,super,nobody,a1}'::text[]) AS r;
SELECT public.error_for('a', 'SELECT answer_target(4, false)');
SELECT public.as_role('a1', $$SELECT answer_target(4, false, 'too much')$$), public.as_role('a1', $$SELECT answer_target(4, true, '')$$),
	public.as_role('a2', $$SELECT answer_target(5, false, U&'\592A\9AD8')$$);
SELECT answer_id, target_id, plan_id, unit_id, accepted, comment, answered_by, public.just_now(answered_at) AS now FROM answers ORDER BY answer_id;
-- The last one of each.
SELECT DISTINCT ON (target_id) target_id, accepted, comment FROM answers ORDER BY target_id, answer_id DESC;
-- It decides nothing.
SELECT public.amounts(), (SELECT status FROM plans), public.broken();

-- A draft is not shown, a proposed one is; once it is allocated again its answers are gone, and it is a
-- draft.
INSERT INTO signals (unit_id, signal, as_of, value) SELECT u, 'market', '2025-01-01', 1 FROM generate_series(2, 5) u;
DELETE FROM factors;
INSERT INTO factors (signal) VALUES ('market');
SELECT plan_id AS draft FROM allocate_targets('2025Q4', 1000) LIMIT 1 \gset
SELECT target_id AS target FROM targets WHERE plan_id = :draft AND unit_id = 4 \gset
SELECT public.error_for('a1', format('SELECT answer_target(%s, true)', :target));
SAVEPOINT s;
SELECT grant_duty('regress_a1', 'A1', 'planner');
SELECT public.error_for('a1', format('SELECT answer_target(%s, true)', :target));
ROLLBACK TO s;
SELECT propose_plan(:draft);
SELECT public.as_role('a1', format('SELECT answer_target(%s, true)', :target)), (SELECT count(*) FROM answers);
SELECT count(*) FROM allocate_targets('2025Q4', 1100);
SELECT status FROM plans WHERE plan_id = :draft;
SELECT count(*), max(target_id) FROM answers;
SELECT target_id AS target FROM targets WHERE plan_id = :draft AND unit_id = 4 \gset
SELECT public.as_role('a1', format('SELECT answer_target(%s, true)', :target));
-- Answers to a proposed plan stay when it is published; they go with a plan that is deleted.
SELECT propose_plan(:draft);
SELECT public.as_role('a1', format('SELECT answer_target(%s, false)', :target));
SAVEPOINT s;
DELETE FROM plans WHERE plan_id = :draft;
SELECT count(*), max(target_id) FROM answers;
ROLLBACK TO s;
SELECT publish_plan(:draft);
SELECT count(*), max(target_id) = :target AS of_it FROM answers;
-- Closed, shadow, sandbox: nothing to answer.
SELECT close_period('2025Q3');
SELECT public.error_for('a1', 'SELECT answer_target(4, true)');
SELECT target_id AS shadow FROM allocate_targets('2026Q1', 1000, 'shadow') WHERE unit_id = 4 \gset
SELECT target_id AS sandbox FROM allocate_targets('2026Q1', 1000, 'sandbox') WHERE unit_id = 4 \gset
SELECT public.as_role('a1', format('SELECT answer_target(%s, true)', :shadow)), public.as_role('a1', format('SELECT answer_target(%s, true)', :sandbox));
SAVEPOINT s;
SELECT grant_duty('regress_a1', 'A1', 'planner');
SELECT public.as_role('a1', format('SELECT answer_target(%s, true)', :shadow)), public.as_role('a1', format('SELECT answer_target(%s, true)', :sandbox));
ROLLBACK TO s;
-- Object, duty, argument, state.
SELECT public.as_role('a1', 'SELECT answer_target(9999, NULL)'), public.as_role('a1', 'SELECT answer_target(3, NULL)'),
	public.as_role('eye', 'SELECT answer_target(3, NULL)'),
	public.as_role('a1', 'SELECT answer_target(4, NULL)'), public.as_role('a1', 'SELECT answer_target(NULL, true)');
SELECT public.as_role('a1', format('SELECT answer_target(%s, true, %L)', :target, repeat('x', 1000000)));
SELECT max(length(comment)) FROM answers;
SELECT public.broken();

ROLLBACK;
