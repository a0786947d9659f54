-- schema: where everything lives, and the trigger functions that several rooms share.

CREATE SCHEMA regtarget;

-- References between our tables are checked by these two (see src/base/references.c for the list and
-- for why they are no declared foreign keys): the first on the referencing side, the second on the
-- referenced one.

CREATE FUNCTION regtarget.check_references() RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'rgt_check_references';

CREATE FUNCTION regtarget.check_referenced() RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'rgt_check_referenced';

-- The day that it is for the company: now, in the time zone of the policy in force.
-- (SQL functions that read tables are in the rooms of those tables.)

CREATE FUNCTION regtarget.declared_references()
RETURNS TABLE (child text, child_column text, parent text, parent_column text)
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'rgt_declared_references';
