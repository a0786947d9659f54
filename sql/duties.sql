-- duties: which role has which duty at which unit, and the questions that row security asks about it.
-- Its policies are with those of all tables, in access.

CREATE TABLE regtarget.duties (
	role    name NOT NULL CHECK (role <> ''),
	unit_id int NOT NULL,
	duty    text NOT NULL CHECK (duty IN ('planner', 'manager', 'finance', 'viewer')),
	PRIMARY KEY (role, unit_id, duty)
);
CREATE INDEX duties_unit_id_idx ON regtarget.duties (unit_id);

COMMENT ON TABLE regtarget.duties IS 'Who has which duty at which unit: it counts for the unit and all below it. Written by grant_duty() and revoke_duty(), which see to the privileges too.';
COMMENT ON COLUMN regtarget.duties.role IS 'Name of the role; the duty counts for roles that inherit it, too, and for nobody once the role is gone';
COMMENT ON COLUMN regtarget.duties.unit_id IS 'The unit';
COMMENT ON COLUMN regtarget.duties.duty IS 'planner, manager, finance or viewer';

-- Poolers and web applications log in as one role for many people: then a login does not tell who acts.
CREATE TABLE regtarget.shared_logins (
	login name PRIMARY KEY CHECK (login <> '')
);

COMMENT ON TABLE regtarget.shared_logins IS 'Logins that many people share, as poolers and web applications do: a request made with one of them may be signed with the same login in another role. The owner''s to fill.';
COMMENT ON COLUMN regtarget.shared_logins.login IS 'Name of the login role';

-- Roles that have the privileges of a duty without any unit, for their members.
CREATE TABLE regtarget.access_grants (
	role name NOT NULL CHECK (role <> ''),
	duty text NOT NULL CHECK (duty IN ('planner', 'top planner', 'manager', 'finance', 'viewer')),
	PRIMARY KEY (role, duty)
);

COMMENT ON TABLE regtarget.access_grants IS 'Which role has the privileges of which duty without any unit: a group role whose members are granted duties. Written by grant_access() and revoke_access().';
COMMENT ON COLUMN regtarget.access_grants.role IS 'Name of the role';
COMMENT ON COLUMN regtarget.access_grants.duty IS 'planner, manager, finance, viewer, or top planner: what planners of a unit without a parent need besides';

-- What a role had before is not ours to take back; PostgreSQL does not keep who gave which privilege.
CREATE TABLE regtarget.kept_privileges (
	role      name NOT NULL CHECK (role <> ''),
	object    text NOT NULL CHECK (object ~ '^(SCHEMA regtarget$|(TABLE|FUNCTION) regtarget\.)'),
	privilege text NOT NULL CHECK (privilege ~ '^(USAGE|EXECUTE|(SELECT|INSERT|UPDATE|DELETE)( \(.+\))?)$'),
	PRIMARY KEY (role, object, privilege)
);

COMMENT ON TABLE regtarget.kept_privileges IS 'Privileges that a role had been granted by somebody else before grant_duty() or grant_access() would have given them: what is revoked leaves them. Written by these functions.';
COMMENT ON COLUMN regtarget.kept_privileges.role IS 'Name of the role';
COMMENT ON COLUMN regtarget.kept_privileges.object IS 'The schema, table, view or function, as GRANT names it';
COMMENT ON COLUMN regtarget.kept_privileges.privilege IS 'The privilege, with a column in parentheses where it is one of a column';

CREATE FUNCTION regtarget.forget_sight() RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'rgt_forget_sight';
COMMENT ON FUNCTION regtarget.forget_sight() IS 'Trigger: every session forgets what it knew of duties, of plans, or of the tree when a unit has moved, will move or is gone, and reads it anew when row security asks next';

CREATE FUNCTION regtarget.grant_duty(role name, unit text, duty text) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_grant_duty';
COMMENT ON FUNCTION regtarget.grant_duty(name, text, text) IS
'Gives a role a duty (planner, manager, finance or viewer) at a unit and all below it, and the privileges that it needs and has not, directly or by a role that it inherits from; twice is once. For planners of the unit at the top, and the extension''s owner. Error 42704 for an unknown role or unit, 42501 for others, 22023 for a null or an unknown duty.';

CREATE FUNCTION regtarget.revoke_duty(role name, unit text, duty text) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_revoke_duty';
COMMENT ON FUNCTION regtarget.revoke_duty(name, text, text) IS
'Takes a duty back, and the privileges that it gave, but for what the role''s other duties and its access need; twice is once. A role that is gone may be named while it is on record. For whoever may grant it. Errors as in grant_duty.';

CREATE FUNCTION regtarget.grant_access(role name, duty text) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_grant_access';
COMMENT ON FUNCTION regtarget.grant_access(name, text) IS
'Gives a role the privileges of a duty (planner, manager, finance, viewer, or top planner: of a unit without a parent) without any unit: for a group role whose members are granted duties, who then are given no privileges of their own. Twice is once. For planners of a unit without a parent, and the extension''s owner. Error 42704 for an unknown role, 42501 for others, 22023 for a null or an unknown duty.';

CREATE FUNCTION regtarget.revoke_access(role name, duty text) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_revoke_access';
COMMENT ON FUNCTION regtarget.revoke_access(name, text) IS
'Takes back what grant_access gave, but for what the role''s own duties and other access need; its members then lack it, whatever their duties. Twice is once. A role that is gone may be named while it is on record. Errors as in grant_access.';

-- What policies ask, of the role that reads or writes the table.  STABLE: a duty that is granted or
-- revoked counts from the next statement on.

CREATE FUNCTION regtarget.sees_unit(unit_id int) RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'rgt_sees_unit';
COMMENT ON FUNCTION regtarget.sees_unit(int) IS 'Row security: has the current role a duty at the unit or above it?';

CREATE FUNCTION regtarget.plans_unit(unit_id int) RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'rgt_plans_unit';
COMMENT ON FUNCTION regtarget.plans_unit(int) IS 'Row security: is the current role a planner of the unit or of one above it?';

CREATE FUNCTION regtarget.decides_over(unit_id int) RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'rgt_decides_over';
COMMENT ON FUNCTION regtarget.decides_over(int) IS 'Row security: is the current role a planner of a unit above this one or, where there is none above, of the unit itself?';

CREATE FUNCTION regtarget.edits_unit(unit_id int) RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'rgt_edits_unit';
COMMENT ON FUNCTION regtarget.edits_unit(int) IS 'Row security: is the current role a planner of the unit without a parent that this one is below?';

CREATE FUNCTION regtarget.sees_plan(root_unit_id int, mode text, status text) RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'rgt_sees_plan';
COMMENT ON FUNCTION regtarget.sees_plan(int, text, text) IS 'Row security: has the current role a say in a plan of that root? Planners in drafts, shadow plans and sandboxes, too. The status of a shadow plan that was revealed is given as revealed.';

CREATE FUNCTION regtarget.sees_target(plan_id bigint, unit_id int) RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'rgt_sees_target';
COMMENT ON FUNCTION regtarget.sees_target(bigint, int) IS 'Row security: does the current role see what the plan says of the unit? Planners see drafts, shadow plans before they are revealed and sandboxes, too.';

CREATE FUNCTION regtarget.writes_draft(plan_id bigint) RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'rgt_writes_draft';
COMMENT ON FUNCTION regtarget.writes_draft(bigint) IS 'Row security: is the current role a planner of the plan''s root or of a unit above it?';

CREATE FUNCTION regtarget.updates_target(plan_id bigint, unit_id int) RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'rgt_updates_target';
COMMENT ON FUNCTION regtarget.updates_target(bigint, int) IS 'Row security: does the current role plan the draft, or see the published target?';

CREATE FUNCTION regtarget.has_duty() RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'rgt_has_duty';
COMMENT ON FUNCTION regtarget.has_duty() IS 'Row security: has the current role any duty at all?';

CREATE FUNCTION regtarget.is_top_planner() RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'rgt_is_top_planner';
COMMENT ON FUNCTION regtarget.is_top_planner() IS 'Row security: is the current role a planner of a unit without a parent?';

CREATE FUNCTION regtarget.sees_unassigned(employee_id int) RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'rgt_sees_unassigned';
COMMENT ON FUNCTION regtarget.sees_unassigned(int) IS 'Row security: was the employee never assigned to a unit, and has the current role a duty at a unit without a parent?';

CREATE FUNCTION regtarget.sees_alias(kind text, means text) RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'rgt_sees_alias';
COMMENT ON FUNCTION regtarget.sees_alias(text, text) IS 'Row security: does the current role see the unit, person or customer that an alias means?';

CREATE FUNCTION regtarget.sees_duty(role name, unit_id int) RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'rgt_sees_duty';
COMMENT ON FUNCTION regtarget.sees_duty(name, int) IS 'Row security: is the duty one of the current role, or of a unit that it sees?';

SELECT pg_catalog.pg_extension_config_dump('regtarget.duties', '');
SELECT pg_catalog.pg_extension_config_dump('regtarget.access_grants', '');
SELECT pg_catalog.pg_extension_config_dump('regtarget.kept_privileges', '');
SELECT pg_catalog.pg_extension_config_dump('regtarget.shared_logins', '');

-- Row security: only the owner, superusers and roles that bypass it see what no policy shows.

-- Written by functions.
ALTER TABLE regtarget.duties ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.duties FOR SELECT
USING (regtarget.sees_duty(role, unit_id));

-- One's own, and all with a duty at a unit without a parent.

ALTER TABLE regtarget.access_grants ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.access_grants FOR SELECT
USING (regtarget.sees_duty(role, 0));

ALTER TABLE regtarget.kept_privileges ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.kept_privileges FOR SELECT
USING (regtarget.sees_duty(role, 0));

ALTER TABLE regtarget.shared_logins ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.shared_logins FOR SELECT
USING (regtarget.has_duty());
