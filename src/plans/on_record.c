/*
 * plans/on_record.c
 *	  What a shadow plan says is put on record when it is allocated, before anybody can know how its period went.
 *
 * One entry in the chain of the plan's root: a digest of the amounts and one of all else (factors, weights, shares,
 * bounds, rules), made as publishing makes them, and the day by the clock.  Nothing of the plan itself is in it.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"

#include "ledger/ledger.h"
#include "plans/draft.h"
#include "plans/plans.h"
#include "regtarget.h"
#include "units/units.h"

static DateADT
day_by_clock(void)
{
	Snapshot	snapshot = rgt_snapshot(RGT_LATEST);
	DateADT		day = rgt_today_by_clock(snapshot);

	UnregisterSnapshot(snapshot);
	return day;
}

/* 55000 for a plan that was in time once its period has begun: nobody mends or drops what it lost. */
void
rgt_refuse_on_record(int64 plan_id, const text *period, DateADT first, bool late, const char *message)
{
	if (late || first >= rgt_today_of(RGT_LATEST))
		return;
	rgt_refuse_state("plans", message,
					 psprintf(rgt_text("Plan %" PRId64 " was made in time for period \"%s\", which has begun."), plan_id,
							  text_to_cstring(period)),
					 rgt_text("It counts in regtarget.shadow_verdict(), whatever it comes to. Another label makes "
							  "another plan."));
}

/* What was revealed stays as it was shown. */
void
rgt_refuse_revealed(int64 plan_id)
{
	rgt_refuse_state("plans", psprintf(rgt_text("shadow plan %" PRId64 " was revealed, and stays as it was shown"), plan_id),
					 NULL,
					 rgt_text("Allocating again makes another plan, which is hidden."));
}

/* Whoever types into a shadow plan that is on record is told that it is none any more. */
void
rgt_note_off_record(int64 plan_id)
{
	ereport(NOTICE,
			(errmsg("shadow plan %" PRId64 " is not on record any more, and counts in no verdict", plan_id),
			 errhint("Allocate it again to put it on record.")));
}

/* Somebody types into it: see rgt_refuse_on_record(). */
void
rgt_plan_off_record(int64 plan_id, const text *period, DateADT first, bool late)
{
	static RgtQuery query = RGT_QUERY(
		"UPDATE regtarget.plans SET late = NULL WHERE plan_id OPERATOR(pg_catalog.=) $1", INT8OID);
	Datum		argument = Int64GetDatum(plan_id);

	rgt_refuse_on_record(plan_id, period, first, late, rgt_text("a shadow plan is not typed into once its period has begun"));
	rgt_write_plan(&query, &argument, NULL, plan_id);
	rgt_note_off_record(plan_id);
}

static void
mark(int64 plan_id, bool late)
{
	static RgtQuery query = RGT_QUERY("UPDATE regtarget.plans SET late = $2 WHERE plan_id = $1", INT8OID, BOOLOID);
	Datum		arguments[2] = {Int64GetDatum(plan_id), BoolGetDatum(late)};

	rgt_write_plan(&query, arguments, NULL, plan_id);
}

/* A shadow plan whose targets are written: late or in time, and bound by the ledger. */
void
rgt_put_on_record(const RgtAllocation *allocation, int64 plan_id)
{
	RgtJson    *details = rgt_json();
	DateADT		day = day_by_clock();
	bool		late = day > allocation->job.day;
	int64		units;
	char	   *digest;

	mark(plan_id, late);
	digest = rgt_plan_digest(plan_id, RGT_LATEST, &units);
	rgt_json_int(details, "plan_id", plan_id);
	rgt_json_text(details, "period", text_to_cstring(allocation->period.period));
	rgt_json_text(details, "allocated_on", rgt_date_text(day));
	rgt_json_text(details, "first_day", rgt_date_text(allocation->job.day));
	rgt_json_bool(details, "late", late);
	rgt_json_int(details, "units", units);
	rgt_json_text(details, "digest", digest);
	rgt_json_text(details, "record", rgt_plan_record(plan_id, RGT_LATEST));
	rgt_ledger_note(allocation->root, "shadow_allocated", details);
}
