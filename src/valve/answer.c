/*
 * valve/answer.c
 *	  answer_target(): a manager accepts or disputes the target of his unit.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "access/access.h"
#include "regtarget.h"
#include "valve/request.h"

enum
{
	TARGET_UNIT, TARGET_PLAN, TARGET_STATUS, TARGET_MODE, TARGET_COLUMNS
};

/* A target that is there and visible to the caller, or 42704. */
static void
read_target(int64 target_id, Datum *values)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT t.unit_id, t.plan_id, p.status, p.mode FROM regtarget.targets t "
		"JOIN regtarget.plans p ON p.plan_id = t.plan_id WHERE t.target_id = $1", INT8OID);
	Datum		argument = Int64GetDatum(target_id);
	bool		isnull[TARGET_COLUMNS];

	if (!rgt_one(&query, RGT_LATEST, &argument, NULL, values, isnull, TARGET_COLUMNS) ||
		!rgt_plan_in_sight(rgt_caller(), DatumGetInt64(values[TARGET_PLAN]), DatumGetInt32(values[TARGET_UNIT])))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("target %" PRId64 " does not exist", target_id)));
}

static void
require_shown(int64 target_id, const Datum *target)
{
	char	   *status = TextDatumGetCString(target[TARGET_STATUS]);
	char	   *mode = TextDatumGetCString(target[TARGET_MODE]);

	if (strcmp(mode, "live") == 0 && (strcmp(status, "proposed") == 0 || strcmp(status, "published") == 0))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("target %" PRId64 " is not to be answered", target_id),
			 errdetail("Plan %" PRId64 " is a %s plan and %s.", DatumGetInt64(target[TARGET_PLAN]), mode, status),
			 errhint("Targets of proposed and published live plans are.")));
}

/*
 * Hold the plan as it is.  A target that is not published may be deleted by whoever types the draft, and
 * its answers with it: those who write its targets share a lock on the plan, and this one waits for them.
 */
static void
lock_plan(const Datum *target)
{
	bool		published = strcmp(TextDatumGetCString(target[TARGET_STATUS]), "published") == 0;

	rgt_lock_plan(DatumGetInt64(target[TARGET_PLAN]), published ? ShareLock : RowExclusiveLock);
}

/*
 * answer_target(target_id, accept, comment): the unit's manager accepts or disputes a proposed or
 * published target.  It decides nothing; the last answer counts.
 */
PG_FUNCTION_INFO_V1(rgt_answer_target);
Datum
rgt_answer_target(PG_FUNCTION_ARGS)
{
	static RgtQuery query = RGT_QUERY(
		"INSERT INTO regtarget.answers (target_id, plan_id, unit_id, accepted, comment, answered_by, answered_at, "
		"answered_login) "
		"VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp(), session_user)", INT8OID, INT8OID, INT4OID, BOOLOID, TEXTOID, TEXTOID);
	Datum		target[TARGET_COLUMNS];
	Datum		values[6];
	RgtSession	session;

	rgt_require(fcinfo, 0, "target_id");
	rgt_enter_to_write(&session, "regtarget.answer_target()");
	read_target(PG_GETARG_INT64(0), target);
	rgt_require_manager(DatumGetInt32(target[TARGET_UNIT]));
	rgt_require(fcinfo, 1, "accept");
	lock_plan(target);
	read_target(PG_GETARG_INT64(0), target);
	require_shown(PG_GETARG_INT64(0), target);
	values[0] = Int64GetDatum(PG_GETARG_INT64(0));
	values[1] = target[TARGET_PLAN];
	values[2] = target[TARGET_UNIT];
	values[3] = BoolGetDatum(PG_GETARG_BOOL(1));
	values[4] = PG_ARGISNULL(2) ? (Datum) 0 : PG_GETARG_DATUM(2);
	values[5] = CStringGetTextDatum(rgt_caller_name());
	rgt_run(&query, RGT_FRESH, values, PG_ARGISNULL(2) ? "    n " : NULL, NULL, NULL);
	rgt_end(&session);
	PG_RETURN_VOID();
}
