/*
 * valve/respread.c
 *	  respread(): the targets below a unit follow their parents again.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "access/access.h"
#include "ledger/ledger.h"
#include "regtarget.h"
#include "valve/request.h"

enum
{
	PLAN_STATUS, PLAN_STEP, PLAN_CAP, PLAN_TARGET, PLAN_COLUMNS
};

/*
 * A plan, its target of the unit, and the duty to spread below it.  42704 where the plan or the target is not there, or
 * not visible to the caller; 42501 for a unit that he does not see, whether the plan has it or not.
 */
static void
find_plan(int64 plan_id, int32 unit_id, Datum *values)
{
	static RgtQuery query = RGT_KEY_QUERY(
		"SELECT p.status, p.step, p.cap, t.target_id FROM regtarget.plans p "
		"LEFT JOIN regtarget.targets t ON t.plan_id = p.plan_id AND t.unit_id = $2 WHERE p.plan_id = $1", INT8OID, INT4OID);
	Datum		arguments[2] = {Int64GetDatum(plan_id), Int32GetDatum(unit_id)};
	bool		isnull[PLAN_COLUMNS];
	Oid			caller = rgt_caller();
	bool		shown;

	if (!rgt_one(&query, RGT_LATEST, arguments, NULL, values, isnull, PLAN_COLUMNS))
		rgt_unknown_plan(plan_id);
	shown = !isnull[PLAN_TARGET] && rgt_plan_in_sight(caller, plan_id, unit_id);
	if (!shown && !rgt_plan_is_known(caller, plan_id))
		rgt_unknown_plan(plan_id);
	if (!shown && rgt_in_sight(caller, unit_id))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("plan %" PRId64 " has no target of unit \"%s\"", plan_id, rgt_unit_name(unit_id))));
	rgt_require_planner(unit_id);
}

/* The same with the plan's lock held; but whoever may not see the plan is refused without waiting for it. */
static void
lock_plan(int64 plan_id, int32 unit_id, Datum *values)
{
	find_plan(plan_id, unit_id, values);
	rgt_lock_plan(plan_id, ShareLock);
	find_plan(plan_id, unit_id, values);
}

static int
respread(int64 plan_id, int32 unit_id, const Datum *plan)
{
	RgtWhy		cause = {.action = "respread"};
	RgtSpread	spread;
	RgtStep		step;
	int			changed;

	rgt_step_init(&step, DatumGetNumeric(plan[PLAN_STEP]));
	rgt_spread_begin(&spread, plan_id, &step, DatumGetNumeric(plan[PLAN_CAP]));
	rgt_spread_read(&spread, unit_id);
	rgt_spread_settle(&spread);
	rgt_spread_write(&spread, &cause, &changed);
	return changed;
}

/*
 * respread(plan_id, unit): everybody below the unit follows again, at every level: the children get
 * their parent's amount and their penalties together, as far as their caps hold it.  Returns how many
 * targets changed.
 */
PG_FUNCTION_INFO_V1(rgt_respread);
Datum
rgt_respread(PG_FUNCTION_ARGS)
{
	int64		plan_id;
	int32		unit_id;
	Datum		plan[PLAN_COLUMNS];
	RgtSession	session;
	char	   *status;
	int			changed;

	rgt_require(fcinfo, 0, "plan_id");
	plan_id = PG_GETARG_INT64(0);
	rgt_enter_to_write(&session, "regtarget.respread()");
	unit_id = rgt_unit_by_code(rgt_required_text(fcinfo, 1, "unit"));
	lock_plan(plan_id, unit_id, plan);
	status = TextDatumGetCString(plan[PLAN_STATUS]);
	if (strcmp(status, "published") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("plan %" PRId64 " is %s", plan_id, status),
				 errhint("Only the targets of a published plan are spread again; a draft is allocated again.")));
	changed = respread(plan_id, unit_id, plan);
	rgt_end(&session);
	PG_RETURN_INT32(changed);
}
