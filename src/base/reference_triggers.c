/*
 * base/reference_triggers.c
 *	  The triggers that check references, made from the list of references.
 *
 * A script calls this function once, and drops it again: the install script, and each update script of a
 * version whose list is longer.  Why not statements in the script: a hundred lines would say what the list
 * says, and whoever adds a reference would have to know to write seven more.  Why not joined in by the
 * Makefile: an update script is written by hand, and would have to spell them out still.
 *
 * Only what is missing is made, on the tables that are there: so the script of an older version may run
 * with a newer library, and any number of scripts after one another end in the same triggers.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "utils/lsyscache.h"

#include "regtarget.h"

/* The kinds of triggers, by the side of the reference that they are on. */
static const struct Kind
{
	bool		referenced;
	const char *suffix;			/* of the trigger's name, after the table's */
	const char *event;
	const char *tables;			/* transition tables */
	const char *function;
}			kinds[] = {
	{false, "references_insert", "INSERT", "REFERENCING NEW TABLE AS new_rows", "check_references"},
	{false, "references_update", "UPDATE", "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows", "check_references"},
	{true, "referenced_update", "UPDATE", "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows", "check_referenced"},
	{true, "referenced_delete", "DELETE", "REFERENCING OLD TABLE AS old_rows", "check_referenced"},
	{true, "referenced_truncate", "TRUNCATE", "", "check_referenced"}
};

static void
make_trigger(const char *table, const struct Kind *kind)
{
	Oid			relation = get_relname_relid(table, get_namespace_oid("regtarget", false));
	char	   *name = psprintf("%s_%s", table, kind->suffix);
	char	   *statement;
	int			result;

	if (!OidIsValid(relation) || OidIsValid(get_trigger_oid(relation, name, true)))
		return;
	statement = psprintf("CREATE TRIGGER %s AFTER %s ON regtarget.%s %s FOR EACH STATEMENT EXECUTE FUNCTION regtarget.%s()",
						 name, kind->event, table, kind->tables, kind->function);
	result = SPI_execute(statement, false, 0);
	if (result != SPI_OK_UTILITY)
		elog(ERROR, "could not run \"%s\": %s", statement, SPI_result_code_string(result));
}

/* make_reference_triggers(): with the rights of whoever runs the script, who owns the tables. */
PG_FUNCTION_INFO_V1(rgt_make_reference_triggers);
Datum
rgt_make_reference_triggers(PG_FUNCTION_ARGS)
{
	RgtReferenceSides sides;

	SPI_connect();
	for (int i = 0; rgt_reference_sides(i, &sides); i++)
	{
		for (int k = 0; k < (int) lengthof(kinds); k++)
		{
			const char *table = kinds[k].referenced ? sides.referenced : sides.referencing;

			if (table != NULL)
				make_trigger(table, &kinds[k]);
		}
	}
	SPI_finish();
	PG_RETURN_VOID();
}
