/*
 * valve/guard.c
 *	  The guard of what the valve writes: requests, signatures, filings and answers change through
 *	  functions alone, whoever asks, and a request's status goes its way only.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "commands/trigger.h"
#include "utils/builtins.h"

#include "regtarget.h"

/* Which status may follow which. */
static const struct
{
	const char *from;
	const char *to;
}			steps[] = {
	{"requested", "approved"},
	{"requested", "rejected"},
	{"requested", "withdrawn"},
	{"requested", "lapsed"},
	{"approved", "applied"},
	{"approved", "withdrawn"},
	{"approved", "lapsed"}
};

static char *
status_of(HeapTuple tuple, TupleDesc desc)
{
	bool		isnull;
	Datum		status = heap_getattr(tuple, rgt_attnum(desc, "status"), desc, &isnull);

	return isnull ? "" : TextDatumGetCString(status);
}

static void
check_step(HeapTuple old, HeapTuple new, TupleDesc desc)
{
	char	   *from = status_of(old, desc);
	char	   *to = status_of(new, desc);

	for (int i = 0; i < (int) lengthof(steps); i++)
	{
		if (strcmp(steps[i].from, from) == 0 && strcmp(steps[i].to, to) == 0)
			return;
	}
	elog(ERROR, "a request does not go from %s to %s", from, to);
}

/* BEFORE INSERT, UPDATE or DELETE, for each row; BEFORE TRUNCATE, for each statement. */
PG_FUNCTION_INFO_V1(rgt_guard_valve);
Datum
rgt_guard_valve(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = rgt_trigger(fcinfo, "regtarget.guard_valve", NULL, RGT_BEFORE_ROW);
	const char *table = RelationGetRelationName(trigger->tg_relation);
	bool		insert = TRIGGER_FIRED_BY_INSERT(trigger->tg_event);

	if (!rgt_own_statement() && !(insert && rgt_restoring()))
		rgt_refuse_state(table, psprintf(rgt_text("table \"%s\" is written by functions alone"), table), NULL,
						 rgt_text("Use request_adjustment(), countersign(), withdraw_adjustment(), apply_adjustment(), "
								  "acknowledge_filing() and answer_target() of schema regtarget."));
	if (insert || TRIGGER_FIRED_BY_DELETE(trigger->tg_event))
		return PointerGetDatum(trigger->tg_trigtuple);
	if (strcmp(table, "adjustments") == 0)
		check_step(trigger->tg_trigtuple, trigger->tg_newtuple, RelationGetDescr(trigger->tg_relation));
	return PointerGetDatum(trigger->tg_newtuple);
}
