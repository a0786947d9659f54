-- X: what decides over a unit is for those above it: its own bounds, and publishing a live plan rooted at it
-- while any planner stands above. At the top, where nobody stands above, its own planner decides.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied;
INSERT INTO periods VALUES ('P', '[2025-07-01,2025-10-01)'), ('Q', '[2025-10-01,2026-01-01)');
INSERT INTO units (unit_id, code, parent_id) VALUES (1, 'CN', NULL), (2, 'EAST', 1), (3, 'WEST', 1), (4, 'SH', 2), (5, 'SH1', 4), (6, 'HK', NULL);
DELETE FROM factors;
INSERT INTO factors (signal) VALUES ('market');
INSERT INTO signals (unit_id, signal, as_of, value) SELECT unit_id, 'market', '2025-01-01', unit_id FROM units;
CREATE FUNCTION public.make_roles() RETURNS void LANGUAGE plpgsql
AS $$
DECLARE
	who record;
BEGIN
	FOR who IN SELECT * FROM (VALUES ('top', 'CN', 'planner'), ('east', 'EAST', 'planner'), ('sh', 'SH', 'planner'), ('hk', 'HK', 'planner'),
		('both', 'EAST', 'planner'), ('both', 'CN', 'planner'), ('boss', 'CN', 'manager'), ('west', 'WEST', 'planner')) AS w (role, unit, duty)
	LOOP
		IF to_regrole('regress_regtarget_' || who.role) IS NULL THEN
			EXECUTE format('CREATE ROLE %I', 'regress_regtarget_' || who.role);
		END IF;
		PERFORM grant_duty(('regress_regtarget_' || who.role)::name, who.unit, who.duty);
	END LOOP;
	CREATE ROLE regress_regtarget_heir;
	GRANT regress_regtarget_top TO regress_regtarget_heir;
	CREATE ROLE regress_regtarget_owner;
	EXECUTE format('GRANT %I TO regress_regtarget_owner', (SELECT nspowner::regrole FROM pg_namespace WHERE nspname = 'regtarget'));
	CREATE ROLE regress_regtarget_bypass BYPASSRLS;
	PERFORM grant_duty('regress_regtarget_bypass', 'EAST', 'planner');
END
$$;
SELECT public.make_roles();
CREATE FUNCTION public.as_role(role text, statement text) RETURNS text LANGUAGE plpgsql
AS $$
DECLARE
	said text;
	written bigint;
BEGIN
	PERFORM set_config('role', 'regress_regtarget_' || role, true);
	said := public.refusal(statement);
	PERFORM set_config('role', 'none', true);
	RETURN said;
END
$$;
GRANT EXECUTE ON FUNCTION refusal(text), error_of(text) TO PUBLIC;

-- Bounds: of what is strictly below; of a unit without a parent, its own.
CREATE FUNCTION public.sets(role text, code text) RETURNS text LANGUAGE plpgsql
AS $$
DECLARE
	unit int := (SELECT unit_id FROM units u WHERE u.code = sets.code);
	written int;
	said text[];
BEGIN
	FOR step IN 1 .. 3 LOOP
		BEGIN
			DELETE FROM bounds;
			INSERT INTO bounds SELECT 'P', unit, 5, 6 WHERE step > 1;
			PERFORM set_config('role', 'regress_regtarget_' || role, true);
			CASE step WHEN 1 THEN INSERT INTO regtarget.bounds VALUES ('P', unit, 1, 2);
				WHEN 2 THEN UPDATE regtarget.bounds SET at_least = 0;
				ELSE DELETE FROM regtarget.bounds; END CASE;
			GET DIAGNOSTICS written = ROW_COUNT;
			said := said || written::text;
			PERFORM set_config('role', 'none', true);
		EXCEPTION WHEN OTHERS THEN
			said := said || SQLSTATE::text;
		END;
	END LOOP;
	DELETE FROM bounds;
	RETURN array_to_string(said, ' ');
END
$$;
-- Inserted, updated, deleted: 1 row or none; 42501 for an insert that is not his.
SELECT role, public.sets(role, 'CN') AS "CN", public.sets(role, 'EAST') AS "EAST", public.sets(role, 'SH') AS "SH",
	public.sets(role, 'SH1') AS "SH1", public.sets(role, 'WEST') AS "WEST", public.sets(role, 'HK') AS "HK"
FROM unnest('{top,east,sh,hk,both,boss,west,heir,owner}'::text[]) WITH ORDINALITY AS r (role, n) ORDER BY n;
-- He sees his own, which those above have set, and can neither raise them nor take another unit's place.
INSERT INTO bounds VALUES ('P', 2, 10, 20), ('P', 3, 1, 2), ('P', 4, 5, NULL);
SET LOCAL ROLE regress_regtarget_east;
SELECT unit_id, at_least FROM bounds ORDER BY 1;
UPDATE bounds SET at_least = 6;
SELECT public.refusal('UPDATE bounds SET unit_id = 2 WHERE unit_id = 4'), public.refusal('INSERT INTO bounds VALUES (''P'', 2, 0, 0) ON CONFLICT (period, unit_id) DO UPDATE SET at_most = 0');
SELECT public.refusal('SELECT allocate_targets(''P'', 30, root => ''EAST'')');
RESET ROLE;
SELECT unit_id, at_least, at_most FROM bounds ORDER BY 1;
DELETE FROM bounds;

-- Publishing: proposing stays his, a planner above publishes.
SELECT count(*) FROM allocate_targets('P', 100, root => 'EAST', label => 'his');
SELECT public.as_role('east', 'SELECT publish_plan(1)') AS east, public.as_role('sh', 'SELECT publish_plan(1)') AS sh, public.as_role('boss', 'SELECT publish_plan(1)') AS boss,
	public.as_role('bypass', 'SELECT publish_plan(1)') AS bypass;
SET LOCAL ROLE regress_regtarget_east;
SELECT public.error_of('SELECT publish_plan(1)');
SELECT public.refusal('SELECT propose_plan(1)') AS proposed;
SELECT public.refusal('SELECT publish_plan(1)') AS proposed;
RESET ROLE;
CREATE FUNCTION public.publishes(role text, plan bigint) RETURNS text LANGUAGE plpgsql
AS $$
DECLARE
	said text;
BEGIN
	said := public.as_role(role, format('SELECT regtarget.publish_plan(%s)', plan));
	RAISE EXCEPTION USING errcode = 'TEST0';
EXCEPTION WHEN sqlstate 'TEST0' THEN
	RETURN said;
END
$$;
SELECT role, public.publishes(role, 1) FROM unnest('{top,both,heir,owner}'::text[]) WITH ORDINALITY AS r (role, n) ORDER BY n;
-- A plan of what is below his unit is his to publish, and one of a unit without a parent its planner's.
SELECT count(*) FROM allocate_targets('P', 100, root => 'SH') a, allocate_targets('P', 100, root => 'HK') b;
SELECT public.publishes('sh', p.plan_id) AS sh, public.publishes('east', p.plan_id) AS east FROM plans p WHERE root_unit_id = 4;
SELECT public.publishes('hk', p.plan_id) AS hk, public.publishes('top', p.plan_id) AS top FROM plans p WHERE root_unit_id = 6;
-- Who is not there counts for nobody: a role that is gone, another duty, a planner beside or below.
SELECT revoke_duty('regress_regtarget_top', 'CN', 'planner'), revoke_duty('regress_regtarget_both', 'CN', 'planner');
INSERT INTO duties VALUES ('regress_regtarget_gone', 1, 'planner');
SELECT public.publishes('east', 1) AS nobody_above, public.publishes('bypass', 1) AS bypass;
SELECT public.publishes('sh', p.plan_id) AS sh FROM plans p WHERE root_unit_id = 4;
-- His own bounds stay those above him to set: the owner's, now.
SELECT public.sets('east', 'EAST') AS own, public.sets('east', 'SH') AS below;
-- An unknown plan, a duty, then what it is: not a live one, published already.
SELECT grant_duty('regress_regtarget_top', 'CN', 'planner');
SELECT plan_id, count(*) FROM allocate_targets('P', 100, 'shadow', 'EAST') GROUP BY 1;
SELECT public.as_role('east', format('SELECT publish_plan(%s)', max(plan_id))) AS shadow, public.as_role('east', 'SELECT publish_plan(999)') AS unknown FROM plans;
SELECT publish_plan(1);
SELECT public.as_role('east', 'SELECT publish_plan(1)') AS his_duty, public.as_role('top', 'SELECT publish_plan(1)') AS state;

ROLLBACK;
