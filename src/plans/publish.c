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
		rgt_unknown_plan(plan_id);
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

	rgt_require_planner_of_plan(plan.plan_id, plan.root);
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
				 errmsg("plan %" PRId64 " is a %s plan", plan->plan_id, plan->mode),
				 errhint("Only live plans are proposed and published.")));
}

static void
require_status(const RgtPlanRow *plan, bool also_proposed)
{
	if (strcmp(plan->status, "draft") != 0 && !(also_proposed && strcmp(plan->status, "proposed") == 0))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("plan %" PRId64 " is already %s", plan->plan_id, plan->status)));
}

/* A planner of a unit above the plan's root, whose role is there; 0: none. */
static int32
unit_that_decides(int32 root)
{
	static RgtQuery query = RGT_QUERY(
		"WITH RECURSIVE up(unit_id, parent_id, level) AS ("
		"SELECT u.unit_id, " RGT_PARENT_ON("u", "$2") ", 0 FROM regtarget.units u WHERE u.unit_id = $1 "
		"UNION ALL SELECT u.unit_id, " RGT_PARENT_ON("u", "$2") ", up.level + 1 FROM up JOIN regtarget.units u "
		"ON u.unit_id = up.parent_id "
		"WHERE up.level < 100000) "
		"SELECT up.unit_id FROM up WHERE up.level > 0 AND EXISTS ("
		"SELECT FROM regtarget.duties d JOIN pg_catalog.pg_roles r ON r.rolname = d.role "
		"WHERE d.unit_id = up.unit_id AND d.duty = 'planner') ORDER BY up.level LIMIT 1", INT4OID, DATEOID);
	Datum		arguments[2] = {Int32GetDatum(root), DateADTGetDatum(rgt_today_of(RGT_LATEST))};
	Datum		unit_id;
	bool		isnull;

	return rgt_one(&query, RGT_LATEST, arguments, NULL, &unit_id, &isnull, 1) ? DatumGetInt32(unit_id) : 0;
}

/* Publishing decides over the root's unit: 42501 for its own planner while any planner stands above it. */
static void
require_publisher(const RgtPlanRow *plan)
{
	int32		decides = rgt_is_planner_above(rgt_caller(), plan->root) ? 0 : unit_that_decides(plan->root);

	if (strcmp(plan->mode, "live") != 0 || decides == 0)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("role \"%s\" may not publish a plan of unit \"%s\"", rgt_caller_name(), rgt_unit_name(plan->root)),
			 errdetail("A planner is on record at unit \"%s\" above it, and decides.", rgt_unit_name(decides)),
			 errhint("Show it to him: regtarget.propose_plan().")));
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

static void
count_requests(TupleTableSlot *slot, void *arg)
{
	int64	   *n = arg;

	if (rgt_in_sight(rgt_caller(), DatumGetInt32(slot->tts_values[0])))
		*n += DatumGetInt64(slot->tts_values[1]);
}

/*
 * The requests of a period decide the standings of the next: a published one that has any is closed first.  Told is
 * how many of them the caller sees.
 */
static void
require_period_before_closed(const RgtPlanRow *plan)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT b.period FROM (SELECT x.period FROM regtarget.periods x JOIN regtarget.periods q ON x.during << q.during "
		"WHERE q.period = $1 ORDER BY lower(x.during) DESC LIMIT 1) AS b "
		"WHERE EXISTS (SELECT FROM regtarget.adjustments a WHERE a.period = b.period) "
		"AND EXISTS (SELECT FROM regtarget.plans o WHERE o.period = b.period AND o.mode = 'live' AND o.status = 'published')",
		TEXTOID);
	static RgtQuery requests = RGT_QUERY(
		"SELECT unit_id, count(*) FROM regtarget.adjustments WHERE period = $1 GROUP BY unit_id", TEXTOID);
	Datum		argument = PointerGetDatum(plan->period);
	Datum		period;
	bool		isnull;
	int64		n = 0;

	if (!rgt_one(&query, RGT_LATEST, &argument, NULL, &period, &isnull, 1))
		return;
	rgt_run(&requests, RGT_LATEST, &period, NULL, count_requests, &n);
	rgt_refuse_plan(plan, rgt_text("the period before it is not closed"),
					n == 0 ? psprintf(rgt_text("Period \"%s\" has a published plan and requests."), TextDatumGetCString(period)) :
					psprintf(rgt_text("Period \"%s\" has a published plan and %" PRId64 " requests."),
							 TextDatumGetCString(period), n),
					rgt_text("Run regtarget.close_period() first: its requests decide the standings."));
}

/* publish_plan(plan_id): checks every sum and penalty, and freezes the plan. */
PG_FUNCTION_INFO_V1(rgt_publish_plan);
Datum
rgt_publish_plan(PG_FUNCTION_ARGS)
{
	static RgtQuery query = RGT_QUERY(
		"UPDATE regtarget.plans SET status = 'published', published_at = " RGT_MOMENT_AFTER("created_at") " "
		"WHERE plan_id = $1", INT8OID);
	RgtSession	session;
	RgtPlanRow		plan;
	RgtPeriod	period;
	Datum		argument;

	rgt_require(fcinfo, 0, "plan_id");
	rgt_enter_to_write(&session, "regtarget.publish_plan()");
	/* Nobody moves units meanwhile: the plan keeps the tree that it is checked against. */
	rgt_lock_object(rgt_relation("units"), ShareLock);
	plan = lock_plan(PG_GETARG_INT64(0));
	require_publisher(&plan);
	require_live(&plan);
	require_status(&plan, true);
	require_period_before_closed(&plan);
	rgt_check_plan(&plan);
	argument = Int64GetDatum(plan.plan_id);
	rgt_write_plan(&query, &argument, NULL, plan.plan_id);
	note_published(&plan);
	period = rgt_period(plan.period);
	rgt_name_lost_records(&period);
	rgt_end(&session);
	PG_RETURN_VOID();
}
