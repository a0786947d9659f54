-- grant_duty() and revoke_duty(): who may, what is refused, and which privileges come and go.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

INSERT INTO units (unit_id, code, parent_id) VALUES (1, 'CN', NULL), (2, 'EAST', 1), (3, 'SH', 2), (4, 'HK', NULL);
CREATE ROLE regress_regtarget_top;
CREATE ROLE regress_regtarget_anna;
CREATE ROLE "regress_regtarget ""o'dd"" name";
GRANT EXECUTE ON FUNCTION refusal(text), error_of(text) TO PUBLIC;

-- Unknown objects first, then the duty, then the argument.
SELECT refusal(s), s AS statement FROM unnest(ARRAY[
	$$SELECT grant_duty(NULL, 'CN', 'planner')$$,
	$$SELECT grant_duty('regress_regtarget_anna', NULL, 'planner')$$,
	$$SELECT grant_duty('regress_regtarget_anna', 'CN', NULL)$$,
	$$SELECT grant_duty('regress_regtarget_nobody', 'nowhere', 'boss')$$,
	$$SELECT grant_duty('regress_regtarget_anna', 'nowhere', 'boss')$$,
	$$SELECT grant_duty('regress_regtarget_anna', 'CN', 'boss')$$,
	$$SELECT grant_duty('public', 'CN', 'viewer')$$,
	$$SELECT revoke_duty(NULL, 'CN', 'planner')$$,
	$$SELECT revoke_duty('regress_regtarget_anna', NULL, 'planner')$$,
	$$SELECT revoke_duty('regress_regtarget_anna', 'CN', NULL)$$,
	$$SELECT revoke_duty('regress_regtarget_nobody', 'CN', 'planner')$$,
	$$SELECT revoke_duty('regress_regtarget_anna', 'nowhere', 'planner')$$,
	$$SELECT revoke_duty('regress_regtarget_anna', 'CN', 'boss')$$]) AS s;
SELECT error_of($$SELECT grant_duty('regress_regtarget_anna', 'CN', 'boss')$$);
-- The table's own rules, for the owner's plain statements.
SELECT refusal($$INSERT INTO duties VALUES ('x', 1, 'boss')$$);
SELECT refusal($$INSERT INTO duties VALUES ('x', 99, 'viewer')$$);

-- What a role may try: usage, reading, calling; planners write drafts, those at the top the settings.
CREATE VIEW public.privileges AS
SELECT r.rolname AS role, has_schema_privilege(r.oid, 'regtarget', 'USAGE') AS usage,
	has_table_privilege(r.oid, 'regtarget.targets', 'SELECT') AS reads,
	has_table_privilege(r.oid, 'regtarget.target_board', 'SELECT') AS views,
	has_function_privilege(r.oid, 'regtarget.explain_target(text, text, bigint)', 'EXECUTE') AS calls,
	has_column_privilege(r.oid, 'regtarget.targets', 'suggested', 'INSERT') AND has_table_privilege(r.oid, 'regtarget.targets', 'DELETE')
		AND has_column_privilege(r.oid, 'regtarget.targets', 'suggested', 'UPDATE')
		AND has_table_privilege(r.oid, 'regtarget.bounds', 'INSERT, UPDATE, DELETE')
		AND has_column_privilege(r.oid, 'regtarget.plans', 'total', 'UPDATE') AS drafts,
	has_column_privilege(r.oid, 'regtarget.units', 'parent_id', 'INSERT') AND has_table_privilege(r.oid, 'regtarget.units', 'DELETE')
		AND has_table_privilege(r.oid, 'regtarget.policies', 'INSERT, UPDATE, DELETE') AS settings,
	has_function_privilege(r.oid, 'regtarget.verify(text[])', 'EXECUTE') AS verifies,
	has_column_privilege(r.oid, 'regtarget.targets', 'amount', 'UPDATE')
		OR has_column_privilege(r.oid, 'regtarget.targets', 'target_id', 'INSERT')
		OR has_column_privilege(r.oid, 'regtarget.units', 'unit_id', 'INSERT')
		OR has_column_privilege(r.oid, 'regtarget.plans', 'status', 'UPDATE')
		OR has_any_column_privilege(r.oid, 'regtarget.duties', 'INSERT, UPDATE')
		OR has_any_column_privilege(r.oid, 'regtarget.standings', 'INSERT, UPDATE')
		OR has_any_column_privilege(r.oid, 'regtarget.adjustments', 'INSERT, UPDATE') AS too_much
FROM pg_roles r WHERE r.rolname LIKE 'regress\_regtarget\_%' OR r.rolname LIKE 'regress\_regtarget "%';
SELECT * FROM public.privileges ORDER BY role COLLATE "C";
SELECT grant_duty('regress_regtarget_anna', 'SH', 'manager');
SELECT grant_duty('regress_regtarget_anna', 'SH', 'manager');
SELECT grant_duty('regress_regtarget_anna', 'EAST', 'planner');
SELECT grant_duty('regress_regtarget_top', 'CN', 'planner');
SELECT grant_duty('regress_regtarget "o''dd" name', 'EAST', 'viewer');
SELECT * FROM duties ORDER BY role COLLATE "C", unit_id, duty COLLATE "C";
SELECT * FROM public.privileges ORDER BY role COLLATE "C";

-- A planner at the top grants and revokes in his own tree; a planner of a region does not.
SET LOCAL ROLE regress_regtarget_anna;
SELECT public.error_of($$SELECT grant_duty('regress_regtarget_anna', 'CN', 'planner')$$);
SELECT public.refusal($$SELECT grant_duty('regress_regtarget_anna', 'SH', 'planner')$$);
SELECT public.refusal($$SELECT revoke_duty('regress_regtarget_top', 'CN', 'planner')$$);
SET LOCAL ROLE regress_regtarget_top;
SELECT public.refusal($$SELECT grant_duty('regress_regtarget_top', 'HK', 'planner')$$);
SELECT grant_duty('regress_regtarget_anna', 'SH', 'finance');
SELECT revoke_duty('regress_regtarget_anna', 'EAST', 'planner');
SELECT revoke_duty('regress_regtarget_anna', 'EAST', 'planner');
SELECT * FROM duties ORDER BY role COLLATE "C", unit_id, duty COLLATE "C";
RESET ROLE;
SELECT * FROM public.privileges ORDER BY role COLLATE "C";

-- With the last duty the rest goes, but not what the DBA added.
GRANT UPDATE (amount) ON targets TO regress_regtarget_anna;
SELECT revoke_duty('regress_regtarget_anna', 'SH', 'manager'), revoke_duty('regress_regtarget_anna', 'SH', 'finance');
SELECT revoke_duty('regress_regtarget_top', 'CN', 'planner');
SELECT revoke_duty('regress_regtarget "o''dd" name', 'EAST', 'viewer');
SELECT * FROM public.privileges ORDER BY role COLLATE "C";
SELECT count(*) AS duties FROM duties;

-- A role that was dropped: its duties count for nobody, and can be taken off the record.
SELECT grant_duty('regress_regtarget_top', 'CN', 'planner');
REVOKE UPDATE (amount) ON targets FROM regress_regtarget_anna;
DROP ROLE regress_regtarget_anna;
SELECT refusal($$DROP ROLE regress_regtarget_top$$);
DROP OWNED BY regress_regtarget_top;
DROP ROLE regress_regtarget_top;
SELECT * FROM duties;
SELECT refusal($$SELECT grant_duty('regress_regtarget_top', 'CN', 'viewer')$$);
SELECT revoke_duty('regress_regtarget_top', 'CN', 'planner');
SELECT refusal($$SELECT revoke_duty('regress_regtarget_top', 'CN', 'planner')$$);
SELECT * FROM duties;
-- A unit of which somebody has a duty stays.
SELECT grant_duty('regress_regtarget "o''dd" name', 'HK', 'viewer');
SELECT refusal($$DELETE FROM units WHERE code = 'HK'$$);
SELECT * FROM verify(ARRAY['references']);

ROLLBACK;
