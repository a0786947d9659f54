-- references: the triggers that check references between our tables, on both sides.  Which references
-- there are is said once, in src/base/references.c; src/base/reference_triggers.c makes the triggers from
-- that list.  An update script that brings a new reference says the same three statements.

CREATE FUNCTION regtarget.make_reference_triggers() RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'rgt_make_reference_triggers';

SELECT regtarget.make_reference_triggers();

DROP FUNCTION regtarget.make_reference_triggers();

-- Whether it is registered where somebody may sweep it away; the schema that holds its objects is its own.
CREATE FUNCTION regtarget.note_home() RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'rgt_note_home';

SELECT regtarget.note_home();

DROP FUNCTION regtarget.note_home();
