-- A shadow plan is there for planners alone, in every table and view and for every function, until reveal_shadow();
-- then for whoever sees the unit, for good.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied, add_year(2025);
INSERT INTO units (unit_id, code, kind, parent_id) VALUES (1, 'CN', 'company', NULL), (2, 'A', 'region', 1), (3, 'B', 'region', 1),
	(4, 'A1', 'group', 2), (5, 'B1', 'group', 3), (6, 'HK', 'company', NULL);
DELETE FROM factors;
INSERT INTO factors (signal) VALUES ('market');
INSERT INTO signals (unit_id, signal, as_of, value) SELECT unit_id, 'market', '2024-01-01', unit_id FROM units;
INSERT INTO bounds VALUES ('2025Q3', 2, 1, 900);
CREATE FUNCTION public.make_roles() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	d text;
	u text;
BEGIN
	FOREACH d IN ARRAY '{planner,manager,viewer,finance}'::text[] LOOP
		FOREACH u IN ARRAY '{CN,A,A1}'::text[] LOOP
			EXECUTE format('CREATE ROLE %I', 'regress_' || d || '_' || u);
			PERFORM grant_duty(('regress_' || d || '_' || u)::name, u, d);
		END LOOP;
	END LOOP;
	CREATE ROLE regress_planner_hk;
	PERFORM grant_duty('regress_planner_hk', 'HK', 'planner');
END
$$;
SELECT public.make_roles();
SELECT count(*) FROM allocate_targets('2025Q3', 900, root => 'CN');
SELECT publish_plan(1);
SELECT DISTINCT plan_id FROM allocate_targets('2025Q3', 600, 'shadow', 'CN');

-- Rows about plan 2, by relation: in how many it is found, as whom.
CREATE TABLE public.shadow_targets AS SELECT target_id FROM targets WHERE plan_id = 2;
GRANT SELECT ON public.shadow_targets TO PUBLIC;
CREATE FUNCTION public.seen_by(role text, OUT relation text, OUT rows bigint) RETURNS SETOF record LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('role', role, true);
	FOR relation IN SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'regtarget'::regnamespace AND c.relkind IN ('r', 'v')
		AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname IN ('plan_id', 'target_id', 'details')) ORDER BY 1 LOOP
		EXECUTE format($q$SELECT count(*) FROM (SELECT to_jsonb(x) AS row FROM regtarget.%I x) AS r
			WHERE coalesce(row ->> 'plan_id', row -> 'details' ->> 'plan_id') = '2'
				OR (row ->> 'target_id')::bigint IN (SELECT target_id FROM public.shadow_targets)$q$, relation) INTO rows;
		IF rows > 0 THEN
			RETURN NEXT;
		END IF;
	END LOOP;
	PERFORM set_config('role', 'none', true);
END
$$;
CREATE VIEW public.sight AS
SELECT d || ' of ' || u AS who, string_agg(format('%s %s', s.relation, s.rows), ', ' ORDER BY s.relation) AS sees
FROM unnest('{planner,manager,viewer,finance}'::text[]) WITH ORDINALITY AS d (d, n), unnest('{CN,A1}'::text[]) WITH ORDINALITY AS u (u, m)
LEFT JOIN LATERAL public.seen_by('regress_' || d || '_' || u) AS s ON true GROUP BY d, u, n, m ORDER BY n, m;
TABLE public.sight;
-- The entry of the ledger is hidden as the plan is.
CREATE FUNCTION public.as_role(role text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	told text;
BEGIN
	PERFORM set_config('role', role, true);
	EXECUTE statement INTO told;
	PERFORM set_config('role', 'none', true);
	RETURN coalesce(told, 'null');
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ': ' || SQLERRM;
END
$$;
SELECT public.as_role('regress_planner_CN', 'SELECT count(*) FROM regtarget.ledger WHERE unit_id = 1') AS planner,
	public.as_role('regress_manager_CN', 'SELECT count(*) FROM regtarget.ledger WHERE unit_id = 1') AS manager;
SELECT role, public.as_role(role, 'SELECT amount FROM regtarget.explain_target(''A'', ''2025Q3'', 2) ORDER BY step DESC LIMIT 1') AS explained,
	public.as_role(role, 'SELECT regtarget.shadow_amount(2, 2, 100)') AS scaled,
	public.as_role(role, 'SELECT cases FROM regtarget.shadow_verdict(9)') AS cases
FROM unnest('{regress_planner_CN,regress_planner_A,regress_manager_CN,regress_manager_A,regress_viewer_CN}'::text[]) role;

-- Who reveals: planners of the root.
SELECT role, public.as_role(role, 'SELECT regtarget.reveal_shadow(''2025Q3'')') AS reveals,
	public.as_role(role, 'SELECT regtarget.reveal_shadow(''2025Q4'')') AS nothing_there
FROM unnest('{regress_manager_CN,regress_viewer_CN,regress_finance_CN,regress_planner_A,regress_planner_hk}'::text[]) role;
SELECT error_of('SELECT reveal_shadow(NULL)');
SELECT error_of('SELECT reveal_shadow(''never'')');
SELECT error_of('SELECT reveal_shadow(''2025Q4'')');
SELECT revealed_at FROM plan_board WHERE plan_id = 2;
SELECT public.as_role('regress_planner_CN', 'SELECT regtarget.reveal_shadow(''2025Q3'')');
SELECT public.just_now(revealed_at) FROM plans WHERE plan_id = 2;
SELECT unit_id, entry, action, public.told(details) - 'digest' AS details FROM ledger WHERE unit_id = 1 ORDER BY entry;
TABLE public.sight;
SELECT role, public.as_role(role, 'SELECT amount FROM regtarget.explain_target(''A'', ''2025Q3'', 2) ORDER BY step DESC LIMIT 1') AS explained,
	public.as_role(role, 'SELECT regtarget.shadow_amount(2, 2, 100)') AS scaled,
	public.as_role(role, 'SELECT amount FROM regtarget.targets WHERE plan_id = 2 AND unit_id = 3') AS sibling
FROM unnest('{regress_planner_CN,regress_planner_A,regress_manager_CN,regress_manager_A,regress_viewer_CN,regress_planner_hk}'::text[]) role;
-- What a region's manager is shown is what the owner sees of it: totals do not depend on who asks.
CREATE TABLE public.shown AS SELECT * FROM shadow_comparison;
GRANT SELECT ON public.shown TO PUBLIC;
SELECT public.as_role('regress_manager_A', 'SELECT count(*) FROM (TABLE regtarget.shadow_comparison INTERSECT TABLE public.shown) x') AS the_same,
	public.as_role('regress_manager_A', 'SELECT count(*) FROM regtarget.shadow_comparison') AS of;

-- Twice is once; nothing hides it again; a plan made afterwards is another, and hidden.
SELECT reveal_shadow('2025Q3');
SELECT count(*) FROM ledger WHERE action = 'shadow_revealed';
SELECT refusal(s) FROM unnest(ARRAY['UPDATE plans SET revealed_at = NULL WHERE plan_id = 2', 'UPDATE plans SET label = ''x'' WHERE plan_id = 2',
	'UPDATE targets SET suggested = suggested + 1 WHERE plan_id = 2 AND unit_id = 2', 'DELETE FROM targets WHERE plan_id = 2', 'DELETE FROM plans WHERE plan_id = 2']) s;
SELECT error_of('DELETE FROM plans WHERE plan_id = 2');
SELECT DISTINCT plan_id FROM allocate_targets('2025Q3', 700, 'shadow', 'CN');
SELECT plan_id, total, revealed_at IS NOT NULL AS revealed FROM plans WHERE mode = 'shadow' ORDER BY 1;
SELECT public.as_role('regress_manager_A', 'SELECT string_agg(plan_id::text, '','' ORDER BY plan_id) FROM regtarget.plan_board');
SELECT check_name, ok, detail FROM verify() WHERE NOT ok;
ROLLBACK;
