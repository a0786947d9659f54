/*
 * alerts/guard.c
 *	  The guard of market events, alerts, reviews, reminders and runs of jobs: they are written by functions alone, whoever asks.
 */
#include "postgres.h"

#include "commands/trigger.h"

#include "regtarget.h"

static const char *
hint_for(const char *table)
{
	if (strcmp(table, "job_runs") == 0)
		return rgt_text("Use run_job() of schema regtarget.");
	if (strcmp(table, "reminders") == 0)
		return rgt_text("Use remind_overdue() of schema regtarget.");
	return rgt_text("Use report_event(), confirm_event(), scan_alerts(), acknowledge_alert() and close_review() of schema "
					"regtarget.");
}

/* BEFORE INSERT, UPDATE or DELETE, for each row; BEFORE TRUNCATE, for each statement. */
PG_FUNCTION_INFO_V1(rgt_guard_alerts);
Datum
rgt_guard_alerts(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = rgt_trigger(fcinfo, "regtarget.guard_alerts", NULL, RGT_BEFORE_ROW);
	const char *table = RelationGetRelationName(trigger->tg_relation);
	bool		insert = TRIGGER_FIRED_BY_INSERT(trigger->tg_event);

	if (!rgt_own_statement() && !(insert && rgt_restoring()))
		rgt_refuse_state(table, psprintf(rgt_text("table \"%s\" is written by functions alone"), table), NULL, hint_for(table));
	return PointerGetDatum(TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ? trigger->tg_newtuple : trigger->tg_trigtuple);
}
