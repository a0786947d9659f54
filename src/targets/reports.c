/*
 * targets/reports.c
 *	  What the views of plans and targets are made of: computed over all rows, told as far as the caller sees.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "access/access.h"
#include "regtarget.h"

/* ---- what plans add up to -------------------------------------------------------------------------- */

/* Does the caller see the plan's row? */
static bool
sees_plan(int64 plan_id)
{
	static RgtQuery query = RGT_KEY_QUERY(
		"SELECT root_unit_id, mode = 'live' AND status <> 'draft' OR mode = 'shadow' AND revealed_at IS NOT NULL "
		"FROM regtarget.plans WHERE plan_id = $1", INT8OID);
	Datum		argument = Int64GetDatum(plan_id);
	Datum		values[2];
	bool		isnull[2];

	return rgt_one(&query, RGT_CALLER, &argument, NULL, values, isnull, 2) &&
		rgt_plan_row_in_sight(rgt_caller(), DatumGetInt32(values[0]), DatumGetBool(values[1]));
}

/* plan_totals(plan_id): (root, units, penalty), code of the root, how many targets, the sum of their penalties. */
PG_FUNCTION_INFO_V1(rgt_plan_totals);
Datum
rgt_plan_totals(PG_FUNCTION_ARGS)
{
	static RgtQuery query = RGT_KEY_QUERY(
		"SELECT (SELECT u.code FROM regtarget.units u WHERE u.unit_id = p.root_unit_id), t.units, t.penalty "
		"FROM regtarget.plans p CROSS JOIN LATERAL (SELECT count(*) AS units, coalesce(sum(t.penalty), 0) AS penalty "
		"FROM regtarget.targets t WHERE t.plan_id = p.plan_id) AS t WHERE p.plan_id = $1", INT8OID);
	DestReceiver *dest = rgt_result(fcinfo);
	RgtSession	session;

	rgt_enter(&session);
	if (!PG_ARGISNULL(0) && sees_plan(PG_GETARG_INT64(0)))
		rgt_run_arguments(&query, fcinfo, dest);
	rgt_end(&session);
	return (Datum) 0;
}

/* A row that is told of its unit, the first column, in one plan. */
typedef struct TargetRows
{
	ReturnSetInfo *result;
	Oid			caller;
	int64		plan_id;
} TargetRows;

static void
put_if_in_sight(TupleTableSlot *slot, void *arg)
{
	TargetRows *rows = arg;

	if (rgt_plan_in_sight(rows->caller, rows->plan_id, DatumGetInt32(slot->tts_values[0])))
		tuplestore_puttupleslot(rows->result->setResult, slot);
}

/*
 * plan_parents(plan_id): (unit_id, unit, amount, baseline, children, children_amount, suggested, penalty, adjusted,
 * own_penalty), the targets that have children in the plan, with what these add up to: over all children, for
 * whoever sees the parent.
 */
PG_FUNCTION_INFO_V1(rgt_plan_parents);
Datum
rgt_plan_parents(PG_FUNCTION_ARGS)
{
	static RgtQuery query = RGT_KEY_QUERY(
		"SELECT t.unit_id, u.code, t.amount, t.baseline, c.children, c.amount, c.suggested, c.penalty, c.adjusted, t.penalty "
		"FROM regtarget.targets t JOIN regtarget.units u ON u.unit_id = t.unit_id "
		"JOIN (SELECT t.parent_unit_id, count(*) AS children, sum(t.amount) AS amount, sum(t.suggested) AS suggested, "
		"sum(t.penalty) AS penalty, sum(t.amount - t.baseline) AS adjusted "
		"FROM regtarget.targets t WHERE t.plan_id = $1 GROUP BY t.parent_unit_id) AS c ON c.parent_unit_id = t.unit_id "
		"WHERE t.plan_id = $1", INT8OID);
	TargetRows	rows = {.result = (ReturnSetInfo *) fcinfo->resultinfo};
	RgtSession	session;
	Datum		argument;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0) || !rgt_sees_anything(rgt_caller()))
		return (Datum) 0;
	rgt_enter(&session);
	rows.caller = rgt_caller();
	rows.plan_id = PG_GETARG_INT64(0);
	argument = PG_GETARG_DATUM(0);
	rgt_run(&query, RGT_CALLER, &argument, NULL, put_if_in_sight, &rows);
	rgt_end(&session);
	return (Datum) 0;
}
