/*
 * plans/publish.c
 *	  propose_plan() and publish_plan(): a draft is shown, checked and frozen.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "access/access.h"
#include "ledger/ledger.h"
#include "plans/plans.h"
#include "plans/publish.h"
#include "regtarget.h"
#include "units/units.h"

/* The plan, or 42704. */
static RgtPlanRow
read_plan(int64 plan_id)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT p.period, lower(q.during), p.mode, p.status, p.root_unit_id FROM regtarget.plans p "
		"JOIN regtarget.periods q ON q.period = p.period WHERE p.plan_id = $1", INT8OID);
	Datum		argument = Int64GetDatum(plan_id);
	Datum		values[5];
	bool		isnull[5];
	RgtPlanRow		plan = {.plan_id = plan_id};

	if (!rgt_one(&query, RGT_LATEST, &argument, NULL, values, isnull, 5))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("plan " INT64_FORMAT " does not exist", plan_id)));
	plan.period = DatumGetTextPP(values[0]);
	plan.first = DatumGetDateADT(values[1]);
	plan.mode = TextDatumGetCString(values[2]);
	plan.status = TextDatumGetCString(values[3]);
	plan.root = DatumGetInt32(values[4]);
	return plan;
}

/*
 * A plan that the caller may plan, locked against every other change: its period and the ones before it
 * that are not closed, the plans published for those, in whose months somebody may be asking, and itself.
 */
static RgtPlanRow
lock_plan(int64 plan_id)
{
	static RgtQuery lock_row = RGT_QUERY(
		"SELECT FROM regtarget.plans WHERE plan_id = $1 FOR UPDATE", INT8OID);
	Datum		argument = Int64GetDatum(plan_id);
	RgtPlanRow		plan = read_plan(plan_id);
	int			open;

	rgt_require_planner_of_plan(plan.plan_id);
	rgt_lock_periods(plan.first);
	rgt_lock_open_plans(plan.first, &open);
	rgt_run(&lock_row, RGT_FRESH, &argument, NULL, NULL, NULL);
	rgt_lock_plan(plan_id, ExclusiveLock);
	return read_plan(plan_id);
}

static void
require_live(const RgtPlanRow *plan)
{
	if (strcmp(plan->mode, "live") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("plan " INT64_FORMAT " is a %s plan", plan->plan_id, plan->mode),
				 errhint("Only live plans are proposed and published.")));
}

static void
require_status(const RgtPlanRow *plan, bool also_proposed)
{
	if (strcmp(plan->status, "draft") != 0 && !(also_proposed && strcmp(plan->status, "proposed") == 0))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("plan " INT64_FORMAT " is already %s", plan->plan_id, plan->status)));
}

/* propose_plan(plan_id): shows a draft to the managers. */
PG_FUNCTION_INFO_V1(rgt_propose_plan);
Datum
rgt_propose_plan(PG_FUNCTION_ARGS)
{
	static RgtQuery query = RGT_QUERY("UPDATE regtarget.plans SET status = 'proposed' WHERE plan_id = $1", INT8OID);
	RgtSession	session;
	RgtPlanRow		plan;
	Datum		argument;

	rgt_require(fcinfo, 0, "plan_id");
	rgt_enter_to_write(&session, "regtarget.propose_plan()");
	plan = lock_plan(PG_GETARG_INT64(0));
	require_live(&plan);
	require_status(&plan, false);
	argument = Int64GetDatum(plan.plan_id);
	rgt_write_plan(&query, &argument, NULL, plan.plan_id);
	rgt_end(&session);
	PG_RETURN_VOID();
}

/* One entry, whatever the plan's size: its digest binds every baseline, its record all else. */
static void
note_published(const RgtPlanRow *plan)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT coalesce(u.code, p.root_unit_id::text), p.total FROM regtarget.plans p "
		"LEFT JOIN regtarget.units u ON u.unit_id = p.root_unit_id WHERE p.plan_id = $1", INT8OID);
	Datum		argument = Int64GetDatum(plan->plan_id);
	Datum		values[2];
	bool		isnull[2];
	int64		units;
	char	   *digest = rgt_plan_digest(plan->plan_id, RGT_LATEST, &units);
	RgtJson    *details = rgt_json();

	if (!rgt_one(&query, RGT_LATEST, &argument, NULL, values, isnull, 2))
		elog(ERROR, "plan " INT64_FORMAT " is gone", plan->plan_id);
	rgt_json_int(details, "plan_id", plan->plan_id);
	rgt_json_text(details, "period", text_to_cstring(plan->period));
	rgt_json_text(details, "root", TextDatumGetCString(values[0]));
	rgt_json_int(details, "units", units);
	rgt_json_numeric(details, "total", DatumGetNumeric(values[1]));
	rgt_json_text(details, "digest", digest);
	rgt_json_text(details, "record", rgt_plan_record(plan->plan_id, RGT_LATEST));
	rgt_ledger_note(RGT_COMPANY, "plan_published", details);
}

/* publish_plan(plan_id): checks every sum and penalty, and freezes the plan. */
PG_FUNCTION_INFO_V1(rgt_publish_plan);
Datum
rgt_publish_plan(PG_FUNCTION_ARGS)
{
	static RgtQuery query = RGT_QUERY(
		"UPDATE regtarget.plans SET status = 'published', published_at = pg_catalog.now() WHERE plan_id = $1", INT8OID);
	RgtSession	session;
	RgtPlanRow		plan;
	Datum		argument;

	rgt_require(fcinfo, 0, "plan_id");
	rgt_enter_to_write(&session, "regtarget.publish_plan()");
	plan = lock_plan(PG_GETARG_INT64(0));
	require_live(&plan);
	require_status(&plan, true);
	rgt_check_plan(&plan);
	argument = Int64GetDatum(plan.plan_id);
	rgt_write_plan(&query, &argument, NULL, plan.plan_id);
	note_published(&plan);
	rgt_end(&session);
	PG_RETURN_VOID();
}
