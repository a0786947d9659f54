/*
 * credit/standings.c
 *	  The guard of standings: a row once written never changes.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "utils/builtins.h"

#include "regtarget.h"

/*
 * A penalty must be there before the plan it bears on is published: afterwards it would be no rule,
 * and verify() would find the plan without it.  Whoever publishes holds the period's row.
 */
static void
guard_insert(HeapTuple row, TupleDesc desc)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT t.plan_id FROM regtarget.plans p "
		"JOIN regtarget.targets t ON t.plan_id OPERATOR(pg_catalog.=) p.plan_id "
		"WHERE p.period OPERATOR(pg_catalog.=) $1 AND t.unit_id OPERATOR(pg_catalog.=) $2 "
		"AND p.mode OPERATOR(pg_catalog.=) 'live' "
		"AND p.status OPERATOR(pg_catalog.=) ANY ('{published,closed}'::pg_catalog.text[]) "
		"AND pg_catalog.round(t.suggested OPERATOR(pg_catalog.*) $3 OPERATOR(pg_catalog./) p.step) OPERATOR(pg_catalog.>) 0",
		TEXTOID, INT4OID, NUMERICOID);
	static RgtQuery lock_period = RGT_QUERY(
		"SELECT FROM regtarget.periods WHERE period OPERATOR(pg_catalog.=) $1 FOR SHARE", TEXTOID);
	static const char *const names[3] = {"period", "unit_id", "penalty_rate"};
	Datum		values[3];
	Datum		plan_id;
	bool		isnull;
	RgtSession	session;

	for (int i = 0; i < 3; i++)
	{
		values[i] = heap_getattr(row, rgt_attnum(desc, names[i]), desc, &isnull);
		if (isnull)
			return;				/* the column's constraint says it */
	}
	if (!rgt_is_finite(DatumGetNumeric(values[2])))
		return;
	rgt_begin(&session);
	rgt_run(&lock_period, RGT_FRESH, values, NULL, NULL, NULL);
	if (rgt_one(&query, RGT_LATEST, values, NULL, &plan_id, &isnull, 1))
		rgt_refuse_state("standings", rgt_text("a penalty comes before the plan it bears on is published"),
						 psprintf(rgt_text("Unit \"%s\" stands in plan %" PRId64 " of period \"%s\"."),
								  rgt_unit_name(DatumGetInt32(values[1])), DatumGetInt64(plan_id),
									TextDatumGetCString(values[0])),
						 NULL);
	rgt_end(&session);
}

/* BEFORE INSERT, UPDATE or DELETE of standings, for each row; BEFORE TRUNCATE, for each statement. */
PG_FUNCTION_INFO_V1(rgt_guard_standings);
Datum
rgt_guard_standings(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = rgt_trigger(fcinfo, "regtarget.guard_standings", "standings", RGT_BEFORE_ROW);

	if (!TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
		rgt_refuse_state("standings", rgt_text("a standing does not change once it is written"),
						 rgt_text("It is what a closed quarter left behind."), NULL);
	if (!rgt_restoring())
		guard_insert(trigger->tg_trigtuple, RelationGetDescr(trigger->tg_relation));
	return PointerGetDatum(trigger->tg_trigtuple);
}
