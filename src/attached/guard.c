/*
 * attached/guard.c
 *	  The guard of attachments and of what was counted of them: they are written by functions alone, whoever asks.
 */
#include "postgres.h"

#include "commands/trigger.h"

#include "regtarget.h"

/* BEFORE INSERT, UPDATE or DELETE, for each row; BEFORE TRUNCATE, for each statement. */
PG_FUNCTION_INFO_V1(rgt_guard_attached);
Datum
rgt_guard_attached(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = rgt_trigger(fcinfo, "regtarget.guard_attached", NULL, RGT_BEFORE_ROW);
	const char *table = RelationGetRelationName(trigger->tg_relation);
	bool		insert = TRIGGER_FIRED_BY_INSERT(trigger->tg_event);

	if (!rgt_own_statement() && !(insert && rgt_restoring()))
		rgt_refuse_state(table, psprintf(rgt_text("table \"%s\" is written by functions alone"), table), NULL,
						 rgt_text("Use attach_facts(), detach_facts() and refresh_activity() of schema regtarget."));
	return PointerGetDatum(TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ? trigger->tg_newtuple : trigger->tg_trigtuple);
}
