-- What functions say to who may not: unknown object first, then the duty, the argument, the state.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied;
INSERT INTO units (unit_id, code, parent_id) VALUES (1, 'CN', NULL), (2, 'EAST', 1), (3, 'SOUTH', 1), (4, 'SH', 2), (5, 'GZ', 3);
INSERT INTO periods VALUES ('P', '[2025-07-01,2025-10-01)'), ('Q', '[2025-10-01,2026-01-01)');
DELETE FROM factors;
INSERT INTO factors (signal) VALUES ('market');
INSERT INTO signals (unit_id, signal, as_of, value) SELECT unit_id, 'market', '2025-01-01', unit_id FROM units;
INSERT INTO bounds VALUES ('P', 2, 10, NULL), ('P', 3, 20, 90);
SELECT count(*) FROM allocate_targets('P', 100);
SELECT count(*) FROM allocate_targets('P', 100, 'shadow');
CREATE ROLE regress_regtarget_manager;
CREATE ROLE regress_regtarget_planner;
SELECT grant_duty('regress_regtarget_manager', 'EAST', 'manager'), grant_duty('regress_regtarget_planner', 'EAST', 'planner');
GRANT EXECUTE ON FUNCTION refusal(text), error_of(text) TO PUBLIC;

SET LOCAL ROLE regress_regtarget_manager;
SELECT public.refusal(s), s AS statement FROM unnest(ARRAY[
	$$SELECT allocate_targets('nowhen', -1, 'odd', 'nowhere')$$,
	$$SELECT allocate_targets('P', -1, 'odd', 'nowhere')$$,
	$$SELECT allocate_targets('P', -1, 'odd', 'EAST')$$,
	$$SELECT allocate_targets('P', -1, 'odd')$$,
	$$SELECT preview_targets('P', -1, 'odd', 'SOUTH')$$,
	$$SELECT propose_plan(99)$$,
	$$SELECT propose_plan(1)$$,
	$$SELECT publish_plan(2)$$,
	$$SELECT explain_target('nowhere', 'P')$$,
	$$SELECT explain_target('SH', 'nowhen')$$,
	$$SELECT explain_target('GZ', 'P')$$,
	$$SELECT explain_target('SH', 'P')$$,
	$$SELECT explain_target('SH', 'P', 1)$$,
	$$SELECT explain_target('SH', 'P', 2)$$,
	$$SELECT apply_profile('nobody''s')$$,
	$$SELECT apply_profile('fmcg', 'infinity')$$,
	$$SELECT add_year(-1)$$,
	$$SELECT calibrate_metrics(NULL)$$,
	$$SELECT grant_duty('regress_regtarget_manager', 'EAST', NULL)$$,
	$$SELECT revoke_duty('regress_regtarget_manager', 'EAST', NULL)$$,
	$$SELECT grant_access('regress_regtarget_manager', NULL)$$,
	$$SELECT revoke_access('regress_regtarget_manager', NULL)$$,
	$$SELECT verify()$$]) AS s;
SELECT public.error_of($$SELECT allocate_targets('P', 100)$$);
SELECT public.error_of($$SELECT explain_target('GZ', 'P')$$);
SELECT public.error_of($$SELECT apply_profile()$$);

-- A planner of a region plans his region: its own draft, of which the manager sees what is proposed.
SET LOCAL ROLE regress_regtarget_planner;
SELECT public.refusal($$SELECT allocate_targets('Q', 100)$$) AS company, public.refusal($$SELECT allocate_targets('Q', 100, root => 'SOUTH')$$) AS beside,
	public.refusal($$SELECT propose_plan(1)$$) AS above;
SELECT plan_id, unit_id, suggested FROM allocate_targets('Q', 50, root => 'EAST') ORDER BY unit_id;
SELECT plan_id, unit_id, amount FROM targets ORDER BY 1, 2;
SELECT plan_id, mode, root, total, units FROM plan_board ORDER BY 1;
SELECT * FROM plan_bounds ORDER BY 1, 2;
UPDATE targets SET suggested = 40 WHERE plan_id = 3;
SELECT public.error_of($$SELECT publish_plan(3)$$);
UPDATE plans SET total = 40 WHERE plan_id = 3;
SET LOCAL ROLE regress_regtarget_manager;
SELECT (SELECT count(*) FROM targets) AS targets, (SELECT count(*) FROM plans) AS plans, (SELECT count(*) FROM plan_bounds) AS bounds;
SET LOCAL ROLE regress_regtarget_planner;
SELECT propose_plan(3);
SET LOCAL ROLE regress_regtarget_manager;
SELECT plan_id, unit_id, amount FROM targets ORDER BY 1, 2;
SELECT plan_id, created_by, status FROM plan_board;
RESET ROLE;
SELECT publish_plan(3);
SELECT step, what, amount FROM explain_target('SH', 'Q');
SET LOCAL ROLE regress_regtarget_manager;
SELECT step, what, amount FROM explain_target('SH', 'Q');
-- Published: nothing of it is his to write, until the DBA lets him set the amount.
SELECT public.refusal($$UPDATE targets SET amount = 41$$) AS denied;
RESET ROLE;
GRANT UPDATE (amount) ON targets TO regress_regtarget_manager;
SET LOCAL ROLE regress_regtarget_manager;
UPDATE targets SET amount = 41;
SELECT public.refusal($$UPDATE targets SET amount = 60 WHERE unit_id = (SELECT unit_id FROM units WHERE code = 'EAST')$$) AS beyond, public.refusal($$DELETE FROM targets$$) AS deleted,
	public.refusal($$INSERT INTO targets (plan_id, unit_id, suggested) VALUES (3, 4, 1)$$) AS inserted;
RESET ROLE;
SELECT plan_id, unit_id, amount FROM targets ORDER BY 1, 2;
SELECT * FROM verify() WHERE NOT ok;

-- Bounds that were obeyed are kept with the plan, each to whom it concerns.
SELECT * FROM plan_bounds ORDER BY 1, 2;

ROLLBACK;
