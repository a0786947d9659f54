-- schema: where everything lives, and the trigger functions that several rooms share.

CREATE SCHEMA regtarget;
COMMENT ON SCHEMA regtarget IS 'Regional sales targets: organisation, facts, health scores, the split of a total, targets under a guard';

-- References between our tables are checked by these two (see src/base/references.c for the list and
-- for why they are no declared foreign keys): the first on the referencing side, the second on the
-- referenced one.

CREATE FUNCTION regtarget.check_references() RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'rgt_check_references';
COMMENT ON FUNCTION regtarget.check_references() IS
'Trigger, on the referencing side: every key that a statement wrote must exist (23503). Leaves the rows of a restored dump alone; verify() finds orphans.';

CREATE FUNCTION regtarget.check_referenced() RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'rgt_check_referenced';
COMMENT ON FUNCTION regtarget.check_referenced() IS
'Trigger, on the referenced side: a key that is still referred to is neither changed nor deleted (23503).';

-- The list of references.
CREATE FUNCTION regtarget.declared_references()
RETURNS TABLE (child text, child_column text, parent text, parent_column text)
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'rgt_declared_references';
COMMENT ON FUNCTION regtarget.declared_references() IS
'Which column refers to which: references are checked by triggers and not declared as foreign keys, because pg_restore loads the tables of an extension in any order.';

-- What a user reads as a sentence is written in English and stands in this function, as one sentence: columns are filled
-- in by format(). It is STABLE, because a session may change lc_messages.
CREATE FUNCTION regtarget.translated(english text) RETURNS text
LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rgt_translated';
COMMENT ON FUNCTION regtarget.translated(text) IS
'A text of the extension in the language of lc_messages; as it is where the catalogue of that language lacks it, or the database''s encoding its letters.';
