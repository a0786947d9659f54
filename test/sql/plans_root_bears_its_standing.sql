-- T2: the root of a plan bears its own standing, as every other unit does: whoever plans for himself
-- alone pays as he would in the company's plan.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied;
INSERT INTO periods VALUES ('P', '[2025-07-01,2025-10-01)'), ('Q', '[2025-10-01,2026-01-01)');
INSERT INTO units (unit_id, code, parent_id)
VALUES (1, 'CN', NULL), (2, 'EAST', 1), (3, 'WEST', 1), (4, 'SH', 2), (5, 'HZ', 2);
DELETE FROM factors;
INSERT INTO factors (signal) VALUES ('market');
INSERT INTO signals (unit_id, signal, as_of, value) SELECT unit_id, 'market', '2025-01-01', unit_id FROM units;
INSERT INTO standings VALUES (2, 'P', 2, 0.05), (4, 'P', 2, 0.1);

-- Rooted at itself: the total and 5 % of it, all of which is handed down.
SELECT unit_id, suggested, penalty, baseline FROM preview_targets('P', 900.01, root => 'EAST') ORDER BY unit_id;
SELECT unit_id, parent_unit_id, suggested, penalty, baseline, amount FROM allocate_targets('P', 900.01, root => 'EAST')
ORDER BY unit_id;
SELECT unit_id, penalty FROM allocate_targets('P', 900.01, 'shadow', 'EAST') ORDER BY unit_id;
SELECT unit_id, penalty FROM allocate_targets('P', 900.01, 'sandbox', 'EAST') ORDER BY unit_id;
SELECT * FROM explain_target('EAST', 'P');
SELECT step, what, amount, detail FROM explain_target('SH', 'P') WHERE what LIKE '%: %ed' OR what LIKE '%: penalty';
SELECT root, total, units, penalty FROM plan_board WHERE mode = 'live';
SELECT unit, amount, children_amount, difference, from_penalty, from_adjustment, from_rounding, penalty
FROM plan_balance WHERE mode = 'live';

-- As much as the company's plan would make it pay.
SELECT unit_id, suggested, penalty, baseline FROM preview_targets('P', 2250.03) WHERE unit_id = 2;

-- A root's row without its penalty is not published; nor is a penalty without a standing.
SAVEPOINT forged;
SET LOCAL session_replication_role = replica;
UPDATE targets SET penalty = 0, baseline = suggested, amount = suggested WHERE plan_id = 1 AND unit_id = 2;
SET LOCAL session_replication_role = origin;
SELECT error_of($$SELECT publish_plan(1)$$);
ROLLBACK TO forged;

SELECT publish_plan(1);
SELECT * FROM verify() WHERE NOT ok;
-- A standing comes before the plan that it bears on, the root's too.
SELECT error_of($$INSERT INTO standings VALUES (2, 'Q', 3, 0.05)$$);
SELECT unit_id, penalty FROM allocate_targets('Q', 100, root => 'EAST') ORDER BY unit_id;
DELETE FROM plans WHERE period = 'Q';
INSERT INTO plans (plan_id, period, root_unit_id, total) VALUES (99, 'Q', 3, 100);
INSERT INTO targets (plan_id, unit_id, suggested) VALUES (99, 3, 100);
SELECT publish_plan(99);
SELECT error_of($$INSERT INTO standings VALUES (3, 'Q', 2, 0.05)$$);

-- The root's penalty taken away afterwards is found.
SET LOCAL session_replication_role = replica;
UPDATE targets SET penalty = 0, baseline = suggested, amount = suggested WHERE plan_id = 1 AND unit_id = 2;
SET LOCAL session_replication_role = origin;
SELECT check_name, detail FROM verify('{sums,penalties}');

ROLLBACK;
