-- What allocate_targets refuses, and in which order: unknown object, argument, state.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

INSERT INTO periods VALUES ('P', '[2025-07-01,2025-10-01)');
INSERT INTO units (unit_id, code, parent_id) VALUES (1, 'CN', NULL), (2, 'A', 1), (3, 'B', 1);

-- No policy, as in a fresh extension; one that begins too late; one of the first day.
SELECT error_of($$SELECT allocate_targets('P', 100)$$);
SELECT error_of($$INSERT INTO plans (period, root_unit_id, total) VALUES ('P', 1, 100)$$);
INSERT INTO policies (effective_from) VALUES ('2025-07-02');
SELECT refusal($$SELECT allocate_targets('P', 100)$$);
INSERT INTO policies (effective_from) VALUES ('2025-07-01');
-- No profile, so no factor.
SELECT error_of($$SELECT allocate_targets('P', 100)$$);
-- Which a lone child, and a total of 0, do not need.
SELECT count(*) FROM allocate_targets('P', 0);
UPDATE units SET parent_id = 2 WHERE code = 'B';
SELECT count(*) FROM allocate_targets('P', 100);
UPDATE units SET parent_id = 1 WHERE code = 'B';

-- Unknown.
SELECT error_of($$SELECT allocate_targets('2025Q9', 100)$$);
SELECT error_of($$SELECT allocate_targets('P', 100, root => 'X')$$);
SELECT error_of($$SELECT allocate_targets('P', 100, 'dry')$$);
SELECT error_of($$SELECT allocate_targets('P', 100, '')$$);

-- Null where a value is required.
SELECT error_of($$SELECT allocate_targets(NULL, 100)$$);
SELECT error_of($$SELECT allocate_targets('P', NULL)$$);
SELECT error_of($$SELECT allocate_targets('P', 100, NULL)$$);
SELECT error_of($$SELECT allocate_targets('P', 100, step => NULL)$$);

-- Unknown things first, then arguments, then the state of things.
SELECT refusal($$SELECT allocate_targets('X', -1, 'dry')$$);
SELECT refusal($$SELECT allocate_targets('P', -1, 'dry', 'X')$$);
DELETE FROM policies;
SELECT refusal($$SELECT allocate_targets('P', -1)$$);
SELECT refusal($$SELECT allocate_targets('P', 1, factors => '{"x": 1}')$$);
SELECT refusal($$SELECT allocate_targets('P', 1)$$);

-- The other functions on plans.
SELECT error_of($$SELECT propose_plan(999)$$);
SELECT error_of($$SELECT propose_plan(NULL)$$);
SELECT error_of($$SELECT publish_plan(999)$$);
SELECT error_of($$SELECT publish_plan(NULL)$$);
SELECT error_of($$SELECT * FROM explain_target('X', 'P')$$);
SELECT error_of($$SELECT * FROM explain_target('CN', 'X')$$);
SELECT error_of($$SELECT * FROM explain_target('CN', 'P', 999)$$);
SELECT error_of($$SELECT * FROM explain_target(NULL, 'P')$$);
SELECT error_of($$SELECT * FROM explain_target('CN', NULL)$$);
SELECT error_of($$SELECT * FROM period_actuals('X')$$);
SELECT error_of($$SELECT * FROM period_actuals(NULL)$$);
SELECT error_of($$SELECT * FROM verify(ARRAY['sums', 'sense'])$$);
SELECT error_of($$SELECT * FROM verify(ARRAY['sums', NULL])$$);

ROLLBACK;
