-- Whoever has lost a unit by a move sees its past no more, the new superior sees all of it; sums, ranks and balances stay
-- computed over all; and what a planner may do goes by today's tree, not by a move that lies ahead.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all
SELECT apply_profile() <> '' AS applied;
SELECT add_year(2025);
--	CN 1000 = EAST (SH 300, HF 200) 500 + MID (WH 500) 500, published before HF moves.
INSERT INTO units (unit_id, code, kind, parent_id) VALUES (1, 'CN', 'company', NULL), (2, 'EAST', 'region', 1), (3, 'MID', 'region', 1),
	(4, 'SH', 'group', 2), (5, 'HF', 'group', 2), (6, 'WH', 'group', 3);
INSERT INTO deals (unit_id, closed_on, won, amount) SELECT u, '2025-07-10', true, 10 * u FROM generate_series(4, 6) u;
INSERT INTO employees (employee_id, name) SELECT u, 'of ' || u FROM generate_series(4, 6) u;
INSERT INTO assignments SELECT u, u, '[2025-01-01,)' FROM generate_series(4, 6) u;
INSERT INTO standings VALUES (5, '2025Q3', 1, 0), (4, '2025Q3', 0, 0);
INSERT INTO plans (period, root_unit_id, total, step) VALUES ('2025Q3', 1, 1000, 1);
INSERT INTO targets (plan_id, unit_id, suggested) VALUES (1, 1, 1000), (1, 2, 500), (1, 3, 500), (1, 4, 300), (1, 5, 200), (1, 6, 500);
SELECT publish_plan(1);
UPDATE targets SET amount = 210 WHERE unit_id = 5;
INSERT INTO successions VALUES (5, 4, 0.5);
CREATE ROLE regress_east; CREATE ROLE regress_mid; CREATE ROLE regress_hf; CREATE ROLE regress_mid_planner; CREATE ROLE regress_cn;
SELECT grant_duty('regress_east', 'EAST', 'manager'), grant_duty('regress_mid', 'MID', 'manager'), grant_duty('regress_hf', 'HF', 'manager'),
	grant_duty('regress_mid_planner', 'MID', 'planner'), grant_duty('regress_cn', 'CN', 'planner');
-- What a role sees of HF, table by table and view by view; and of its superiors' figures.
CREATE FUNCTION public.of_hf(role name) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	source text;
	n int;
	said text := '';
BEGIN
	PERFORM set_config('role', role, true);
	FOREACH source IN ARRAY '{units,past_parents,successions,deals,assignments,standings,targets,ledger,activity,target_board,target_months,
		health_trend,credit_board,reorganisations,target_history,unit_ancestors}'::text[] LOOP
		EXECUTE format('SELECT count(*) FROM regtarget.%I WHERE unit_id = 5', source) INTO n;
		said := said || source || ' ' || (n > 0) || ', ';
	END LOOP;
	EXECUTE 'SELECT count(*) FROM regtarget.unit_tree_on(''2025-01-01'') WHERE unit_id = 5' INTO n;
	said := said || 'the tree of January ' || (n > 0);
	PERFORM set_config('role', 'none', true);
	RETURN said;
END
$$;
CREATE FUNCTION public.sums_of(role name) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('role', role, true);
	RETURN QUERY SELECT concat_ws(' ', b.unit, b.amount, b.actual, 'children', p.children_amount) FROM regtarget.target_board b
	LEFT JOIN regtarget.plan_balance p USING (plan_id, unit_id) ORDER BY b.unit_id;
	PERFORM set_config('role', 'none', true);
END
$$;
SELECT r, public.of_hf(r) FROM unnest('{regress_east,regress_mid,regress_hf}'::name[]) r;
SELECT public.sums_of('regress_east');
SELECT move_unit('HF', 'MID', '2025-08-15');
-- All of it has gone from the one to the other; HF's own manager sees what he saw.
SELECT r, public.of_hf(r) FROM unnest('{regress_east,regress_mid,regress_hf}'::name[]) r;
-- EAST's figures have HF's in them still, through the plan's tree, although its rows are out of sight; MID's have not.
SELECT public.sums_of('regress_east');
SELECT public.sums_of('regress_mid');
SET ROLE regress_east;
SELECT public.refusal($$SELECT * FROM explain_target('HF', '2025Q3', 1)$$);
SELECT public.refusal($$SELECT transfer_target('HF', 'SH', '2025Q3', 1, 'why')$$);
SELECT public.refusal($$SELECT move_target('HF', 'MID', '2025Q3', 'why')$$);
-- The common one is CN: MID's planner alone moves nothing out of EAST, CN's does.
SET ROLE regress_mid_planner;
SELECT public.refusal($$SELECT move_target('HF', 'MID', '2025Q3', 'why')$$);
SELECT public.refusal($$SELECT transfer_target('HF', 'WH', '2025Q3', 1, 'why')$$);
SELECT public.refusal($$SELECT move_unit('HF', 'WH', '2025-09-01')$$);
SET ROLE regress_cn;
SELECT move_target('HF', 'MID', '2025Q3', 'as the unit');
SET ROLE regress_mid_planner;
SELECT transfer_target('HF', 'WH', '2025Q3', 1, 'why');
RESET ROLE;
SELECT public.sums_of('regress_east');
SELECT public.sums_of('regress_mid');
-- Signatures go by today's superiors: of HF's request by MID's and CN's people.
INSERT INTO shared_logins VALUES (session_user);
SET ROLE regress_hf;
SELECT request_adjustment('HF', 0.01, 'why', '2025-09-10');
RESET ROLE;
SELECT u.code FROM signatures s JOIN units u USING (unit_id) ORDER BY s.level;
-- A move to the top that lies ahead makes nobody a planner of the whole yet, and takes nothing from who is one.
SELECT move_unit('MID', NULL, today() + 20);
SELECT grant_duty('regress_hf', 'MID', 'planner');
SELECT has_table_privilege('regress_hf', 'periods', 'INSERT') AS ahead;
SET ROLE regress_hf;
SELECT is_top_planner(), edits_unit(5);
RESET ROLE;
UPDATE past_parents SET until_on = today() WHERE unit_id = 3;
SELECT grant_duty('regress_hf', 'HF', 'viewer'), grant_duty('regress_hf', 'MID', 'planner');
SELECT has_table_privilege('regress_hf', 'periods', 'INSERT') AS today;
SET ROLE regress_hf;
SELECT is_top_planner(), edits_unit(5);
RESET ROLE;
SET ROLE regress_cn;
SELECT code FROM units ORDER BY unit_id;
RESET ROLE;
SELECT * FROM verify() WHERE NOT ok;
ROLLBACK;
