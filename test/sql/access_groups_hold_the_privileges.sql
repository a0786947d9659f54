-- grant_access() and revoke_access(): a group role holds the privileges of a duty, its ten thousand members are
-- granted duties and lengthen no access list; what is revoked is what was given, and nothing else.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

INSERT INTO units (unit_id, code, parent_id) VALUES (1, 'CN', NULL), (2, 'EAST', 1), (3, 'SH', 2);
CREATE ROLE regress_regtarget_group;
CREATE ROLE regress_regtarget_member IN ROLE regress_regtarget_group;
CREATE ROLE regress_regtarget_outsider NOINHERIT IN ROLE regress_regtarget_group;
CREATE ROLE regress_regtarget_other;
CREATE ROLE regress_regtarget_top;
GRANT EXECUTE ON FUNCTION refusal(text), error_of(text) TO PUBLIC;

-- Unknown objects first, then the duty, then the argument.
SELECT refusal(s), s AS statement FROM unnest(ARRAY[
	$$SELECT grant_access(NULL, 'viewer')$$,
	$$SELECT grant_access('regress_regtarget_group', NULL)$$,
	$$SELECT grant_access('regress_regtarget_nobody', 'boss')$$,
	$$SELECT grant_access('regress_regtarget_group', 'boss')$$,
	$$SELECT grant_access('public', 'viewer')$$,
	$$SELECT revoke_access(NULL, 'viewer')$$,
	$$SELECT revoke_access('regress_regtarget_group', NULL)$$,
	$$SELECT revoke_access('regress_regtarget_nobody', 'viewer')$$,
	$$SELECT revoke_access('regress_regtarget_group', 'boss')$$]) AS s;
SELECT error_of($$SELECT grant_access('regress_regtarget_group', 'boss')$$);
SELECT refusal($$INSERT INTO access_grants VALUES ('x', 'boss')$$);

-- What a role has: directly, and in all.
CREATE VIEW public.acls AS
SELECT 'SCHEMA ' || nspname AS object, nspacl AS acl FROM pg_namespace WHERE nspname = 'regtarget'
UNION ALL SELECT 'TABLE ' || oid::regclass, relacl FROM pg_class WHERE relnamespace = 'regtarget'::regnamespace
UNION ALL SELECT format('COLUMN %s.%s', attrelid::regclass, attname), attacl FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
	WHERE relnamespace = 'regtarget'::regnamespace
UNION ALL SELECT 'FUNCTION ' || oid::regprocedure, proacl FROM pg_proc WHERE pronamespace = 'regtarget'::regnamespace;
CREATE VIEW public.has AS
SELECT r.rolname AS role, has_schema_privilege(r.oid, 'regtarget', 'USAGE') AND has_table_privilege(r.oid, 'regtarget.target_board', 'SELECT')
		AND has_function_privilege(r.oid, 'regtarget.explain_target(text, text, bigint)', 'EXECUTE') AS common,
	has_table_privilege(r.oid, 'regtarget.bounds', 'INSERT, UPDATE, DELETE') AND has_column_privilege(r.oid, 'regtarget.plans', 'total', 'UPDATE') AS planner,
	has_table_privilege(r.oid, 'regtarget.policies', 'INSERT, UPDATE, DELETE')
		AND has_function_privilege(r.oid, 'regtarget.verify(text[])', 'EXECUTE') AS top,
	has_column_privilege(r.oid, 'regtarget.revenues_in', 'amount', 'INSERT') AS finance,
	(SELECT count(*) FROM public.acls, aclexplode(acl) x WHERE x.grantee = r.oid) > 0 AS directly
FROM pg_roles r WHERE r.rolname LIKE 'regress\_regtarget\_%';

-- Each duty's, one after the other; planners at the top need more, which has a word of its own.
CREATE FUNCTION public.try(duty text) RETURNS SETOF public.has LANGUAGE plpgsql AS $$
BEGIN
	PERFORM grant_access('regress_regtarget_other', duty);
	RETURN QUERY SELECT * FROM public.has WHERE role = 'regress_regtarget_other';
	PERFORM revoke_access('regress_regtarget_other', duty);
END
$$;
SELECT duty, t.common, t.planner, t.top, t.finance FROM unnest('{viewer,manager,finance,planner,top planner}'::text[]) AS duty, public.try(duty) t;
SELECT * FROM public.has WHERE role = 'regress_regtarget_other';

-- Access shows nothing: it is privileges, and no duty.
SELECT grant_access('regress_regtarget_group', 'manager'), grant_access('regress_regtarget_group', 'manager');
SET LOCAL ROLE regress_regtarget_member;
SELECT count(*) FROM regtarget.units;
RESET ROLE;

-- A member's duty takes no entry in any list; who does not inherit needs his own.
SELECT grant_duty('regress_regtarget_member', 'EAST', 'manager'), grant_duty('regress_regtarget_outsider', 'EAST', 'manager'),
	grant_duty('regress_regtarget_other', 'EAST', 'manager');
SELECT * FROM public.has ORDER BY role;
SET LOCAL ROLE regress_regtarget_member;
SELECT code FROM units ORDER BY code;
SET LOCAL ROLE regress_regtarget_outsider;
SELECT code FROM units ORDER BY code;
RESET ROLE;

-- Ten thousand of them: every list is as long as it was.
SELECT sum(pg_column_size(acl)) AS before, count(*) AS lists FROM public.acls \gset
DO $$
BEGIN
	FOR n IN 1 .. 10000 LOOP
		EXECUTE format('CREATE ROLE %I IN ROLE regress_regtarget_group', 'regress_regtarget_member' || n);
	END LOOP;
	FOR n IN 1 .. 10000 BY 100 LOOP
		PERFORM regtarget.grant_duty('regress_regtarget_member' || n, 'SH', CASE n % 3 WHEN 0 THEN 'manager' ELSE 'viewer' END);
	END LOOP;
END
$$;
INSERT INTO duties SELECT 'regress_regtarget_member' || n, 3, 'viewer' FROM generate_series(1, 10000) n ON CONFLICT DO NOTHING;
SELECT sum(pg_column_size(acl)) - :before AS longer FROM public.acls;
SELECT grant_duty('regress_regtarget_member10000', 'EAST', 'manager');
SELECT sum(pg_column_size(acl)) - :before AS longer FROM public.acls;
SET LOCAL ROLE regress_regtarget_member10000;
SELECT code FROM units ORDER BY code;
RESET ROLE;

-- What the group has not is given to the member: a planner's. What was taken from the group is not.
REVOKE SELECT ON employees FROM regress_regtarget_group;
SELECT grant_duty('regress_regtarget_member', 'SH', 'planner');
SELECT common, planner, directly, has_table_privilege(role, 'regtarget.employees', 'SELECT') AS people FROM public.has WHERE role = 'regress_regtarget_member';
SELECT object, x.privilege_type FROM public.acls, aclexplode(acl) x WHERE x.grantee = 'regress_regtarget_member'::regrole ORDER BY 1, 2;
SELECT revoke_duty('regress_regtarget_member', 'SH', 'planner');
SELECT common, planner, directly FROM public.has WHERE role = 'regress_regtarget_member';

-- Revoking a duty leaves the access of the role itself, and the other way round.
SELECT grant_access('regress_regtarget_other', 'planner');
SELECT revoke_duty('regress_regtarget_other', 'EAST', 'manager');
SELECT common, planner FROM public.has WHERE role = 'regress_regtarget_other';
SELECT grant_duty('regress_regtarget_other', 'EAST', 'finance'), revoke_access('regress_regtarget_other', 'planner');
SELECT common, planner, finance FROM public.has WHERE role = 'regress_regtarget_other';
SELECT revoke_duty('regress_regtarget_other', 'EAST', 'finance');
SELECT * FROM public.has WHERE role = 'regress_regtarget_other';

-- What others gave before stays: of the kind, and of other kinds.
GRANT SELECT ON units, target_board TO regress_regtarget_other;
GRANT UPDATE (suggested) ON targets TO regress_regtarget_other;
GRANT INSERT ON policies TO regress_regtarget_other;
SELECT object, x.privilege_type INTO TEMP granted FROM public.acls, aclexplode(acl) x WHERE x.grantee = 'regress_regtarget_other'::regrole;
SELECT grant_duty('regress_regtarget_other', 'EAST', 'viewer');
SELECT role, object, privilege FROM kept_privileges ORDER BY object;
SELECT grant_duty('regress_regtarget_other', 'CN', 'planner');
SELECT role, object, privilege FROM kept_privileges ORDER BY object;
SELECT common, planner, top FROM public.has WHERE role = 'regress_regtarget_other';
SELECT revoke_duty('regress_regtarget_other', 'CN', 'planner');
SELECT common, planner, top, has_column_privilege(role, 'regtarget.targets', 'suggested', 'UPDATE') AS suggested,
	has_table_privilege(role, 'regtarget.policies', 'INSERT') AS inserts FROM public.has WHERE role = 'regress_regtarget_other';
SELECT revoke_duty('regress_regtarget_other', 'EAST', 'viewer');
SELECT object, x.privilege_type FROM public.acls, aclexplode(acl) x WHERE x.grantee = 'regress_regtarget_other'::regrole
EXCEPT TABLE granted;
TABLE granted EXCEPT SELECT object, x.privilege_type FROM public.acls, aclexplode(acl) x WHERE x.grantee = 'regress_regtarget_other'::regrole;
SELECT count(*) AS kept FROM kept_privileges;
-- Where the DBA takes his own back meanwhile, nothing of it comes again.
SELECT grant_duty('regress_regtarget_other', 'EAST', 'viewer'), revoke_duty('regress_regtarget_other', 'EAST', 'viewer');
REVOKE ALL ON units, target_board, policies FROM regress_regtarget_other;
REVOKE UPDATE (suggested) ON targets FROM regress_regtarget_other;
SELECT grant_duty('regress_regtarget_other', 'EAST', 'viewer'), revoke_duty('regress_regtarget_other', 'EAST', 'viewer');
SELECT directly FROM public.has WHERE role = 'regress_regtarget_other';

-- A planner at the top keeps nothing of it when his unit is not at the top any more.
SELECT grant_duty('regress_regtarget_other', 'CN', 'planner');
INSERT INTO units (unit_id, code) VALUES (9, 'WORLD');
UPDATE units SET parent_id = 9 WHERE code = 'CN';
SELECT revoke_duty('regress_regtarget_other', 'CN', 'planner');
SELECT directly FROM public.has WHERE role = 'regress_regtarget_other';

-- Planners at the top grant access; others do not.
SELECT grant_duty('regress_regtarget_top', 'WORLD', 'planner'), grant_duty('regress_regtarget_other', 'CN', 'planner');
SET LOCAL ROLE regress_regtarget_other;
SELECT public.error_of($$SELECT grant_access('regress_regtarget_other', 'viewer')$$);
SELECT public.refusal($$SELECT revoke_access('regress_regtarget_group', 'manager')$$);
SELECT public.refusal($$INSERT INTO access_grants VALUES ('regress_regtarget_other', 'viewer')$$), public.refusal($$DELETE FROM kept_privileges$$);
SELECT * FROM access_grants;
SET LOCAL ROLE regress_regtarget_top;
SELECT grant_access('regress_regtarget_other', 'viewer');
SELECT * FROM access_grants ORDER BY role, duty;
SELECT revoke_access('regress_regtarget_group', 'manager'), revoke_access('regress_regtarget_group', 'manager');
RESET ROLE;
SELECT * FROM public.has WHERE role IN ('regress_regtarget_group', 'regress_regtarget_member', 'regress_regtarget_outsider') ORDER BY role;

-- All of it is in the ledger, once.
SELECT action, details FROM ledger WHERE action LIKE 'access%' AND details ->> 'role' <> 'regress_regtarget_other' ORDER BY entry;
-- Roles that are gone can be taken off the record.
DROP OWNED BY regress_regtarget_other;
DROP ROLE regress_regtarget_other;
SELECT revoke_access('regress_regtarget_other', 'viewer'), revoke_duty('regress_regtarget_other', 'CN', 'planner');
SELECT refusal($$SELECT revoke_access('regress_regtarget_other', 'viewer')$$);
SELECT * FROM verify() WHERE NOT ok;

ROLLBACK;
