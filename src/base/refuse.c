/*
 * base/refuse.c
 *	  The errors that guards of several tables raise: a state that does not allow a step, a row that breaks a rule.
 */
#include "postgres.h"

#include "regtarget.h"

/* Raise 55000.  Table NULL: about none; detail and hint NULL: none. */
void
rgt_refuse_state(const char *table, const char *message, const char *detail, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg_internal("%s", message),
			 detail ? errdetail_internal("%s", detail) : 0,
			 hint ? errhint("%s", hint) : 0,
			 table ? err_generic_string(PG_DIAG_SCHEMA_NAME, "regtarget") : 0,
			 table ? err_generic_string(PG_DIAG_TABLE_NAME, table) : 0));
}

/* Raise 23514 for a row, as a CHECK of that name would. */
void
rgt_refuse_row(const char *table, const char *constraint, const char *message, const char *detail, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_CHECK_VIOLATION),
			 errmsg_internal("%s", message),
			 detail ? errdetail_internal("%s", detail) : 0,
			 hint ? errhint("%s", hint) : 0,
			 err_generic_string(PG_DIAG_SCHEMA_NAME, "regtarget"),
			 err_generic_string(PG_DIAG_TABLE_NAME, table),
			 err_generic_string(PG_DIAG_CONSTRAINT_NAME, constraint)));
}
