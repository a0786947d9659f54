/*
 * ledger.c
 *	  The ledger's guard, and the cause of the changes that the next statement makes.
 */
#include "postgres.h"

#include "access/xact.h"
#include "commands/trigger.h"

#include "ledger.h"

/* ---- the guard of the ledger ------------------------------------------------------------------------ */

static void
refuse(const char *message)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("%s", message),
			 errdetail("Every entry is bound to the one before it by its hash."),
			 err_generic_string(PG_DIAG_SCHEMA_NAME, "regtarget"),
			 err_generic_string(PG_DIAG_TABLE_NAME, "ledger")));
}

/* BEFORE INSERT, UPDATE or DELETE of the ledger, for each row; BEFORE TRUNCATE, for each statement. */
PG_FUNCTION_INFO_V1(rgt_guard_ledger);
Datum
rgt_guard_ledger(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = rgt_trigger(fcinfo, "regtarget.guard_ledger", "ledger", RGT_BEFORE_ROW);

	if (!TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
		refuse("an entry of the ledger does not change once it is written");
	if (!rgt_ledger_appending() && !rgt_restoring())
		refuse("the ledger is written by functions alone");
	return PointerGetDatum(trigger->tg_trigtuple);
}

/* ---- the cause of a change --------------------------------------------------------------------------- */

static RgtCause cause;
static bool caused = false;

static void
forget_at_end(XactEvent event, void *arg)
{
	caused = false;
}

static void
forget_at_abort(SubXactEvent event, SubTransactionId mine, SubTransactionId parent, void *arg)
{
	if (event == SUBXACT_EVENT_ABORT_SUB)
		caused = false;
}

/*
 * Why the amounts change that the next UPDATE of targets touches.  It holds for that one statement;
 * one that fails leaves nothing behind.  NULL: no cause after all.
 */
void
rgt_ledger_cause(const RgtCause *why)
{
	static bool registered = false;

	if (!registered)
	{
		RegisterXactCallback(forget_at_end, NULL);
		RegisterSubXactCallback(forget_at_abort, NULL);
		registered = true;
	}
	caused = why != NULL;
	if (caused)
		cause = *why;
}
