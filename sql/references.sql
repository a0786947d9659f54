-- references: the triggers that check references between our tables, on both sides.  Which references
-- there are is said once, in src/base/references.c; src/base/reference_triggers.c makes the triggers from
-- that list.  An update script that brings a new reference says the same three statements.

CREATE FUNCTION regtarget.make_reference_triggers() RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'rgt_make_reference_triggers';

SELECT regtarget.make_reference_triggers();

DROP FUNCTION regtarget.make_reference_triggers();
