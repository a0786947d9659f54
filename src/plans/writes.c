/*
 * plans/writes.c
 *	  Writing the plan's row past its guard, and how often that was done.
 */
#include "postgres.h"

#include "plans/plans.h"
#include "regtarget.h"

/* How often a function of ours has written a plan's row, in this backend; see rgt_guard(). */
static uint64 plan_writes = 0;

uint64
rgt_plan_writes(void)
{
	return plan_writes;
}

void
rgt_note_plan_write(void)
{
	plan_writes++;
}

/*
 * Run a statement that writes the row of one plan, past the guard.  A transaction with an older
 * snapshot than the plan, which we may know by a newer one, cannot: it has to start again.
 */
void
rgt_write_plan(RgtQuery *query, const Datum *values, const char *nulls, int64 plan_id)
{
	rgt_note_plan_write();
	if (rgt_run(query, RGT_FRESH, values, nulls, NULL, NULL) == 0)
		rgt_too_new(psprintf(rgt_text("could not serialize access to plan %" PRId64), plan_id));
}
