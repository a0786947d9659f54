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

static DateADT
day_by_clock(void)
{
	Snapshot	snapshot = rgt_snapshot(RGT_LATEST);
	DateADT		day = rgt_today_by_clock(snapshot);

	UnregisterSnapshot(snapshot);
	return day;
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
