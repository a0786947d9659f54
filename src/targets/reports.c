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

/* ---- why a suggestion is what it is ---------------------------------------------------------------- */

static bool
is_argument_in_sight(FunctionCallInfo fcinfo, int plan, int unit)
{
	return !PG_ARGISNULL(plan) && !PG_ARGISNULL(unit) &&
		rgt_plan_in_sight(rgt_caller(), PG_GETARG_INT64(plan), PG_GETARG_INT32(unit));
}

/*
 * basis_of_target(plan_id, parent_unit_id, unit_id): (signal, factor, value, imputed, scale, share, weight), what
 * each signal contributed to the unit's suggestion.  A row of plan_basis holds the figures of all siblings: only
 * the unit's own are told, and of a target that the caller does not see nothing.  Of one that has moved, what it was
 * published with, below its first parent.
 */
PG_FUNCTION_INFO_V1(rgt_basis_of_target);
Datum
rgt_basis_of_target(PG_FUNCTION_ARGS)
{
	static RgtQuery query = RGT_KEY_QUERY(
		"SELECT b.signal, b.factor, b.\"values\"[e.place], b.imputed[e.place], b.scales[e.place], b.shares[e.place], b.weight "
		"FROM regtarget.plan_basis b CROSS JOIN LATERAL array_position(b.unit_ids, $3) AS e (place) "
		"WHERE b.plan_id = $1 AND b.parent_unit_id = $2 AND e.place IS NOT NULL", INT8OID, INT4OID, INT4OID);
	static RgtQuery as_published = RGT_KEY_QUERY(
		"SELECT b.signal, b.factor, b.\"values\"[e.place], b.imputed[e.place], b.scales[e.place], b.shares[e.place], b.weight "
		"FROM (SELECT l.details->'parent_before' AS parent FROM regtarget.ledger l WHERE l.unit_id = $3 "
		"AND l.action = 'target_moved' AND l.details->'plan_id' = to_jsonb($1) "
		"AND l.details->'parent_before' <> l.details->'parent_after' ORDER BY l.entry LIMIT 1) AS f "
		"JOIN regtarget.plan_basis b ON to_jsonb(b.parent_unit_id) = f.parent "
		"CROSS JOIN LATERAL array_position(b.unit_ids, $3) AS e (place) "
		"WHERE b.plan_id = $1 AND e.place IS NOT NULL AND $2 IS NOT NULL", INT8OID, INT4OID, INT4OID);
	DestReceiver *dest = rgt_result(fcinfo);
	RgtSession	session;

	rgt_enter(&session);
	if (is_argument_in_sight(fcinfo, 0, 2) && rgt_run_arguments(&query, fcinfo, dest) == 0)
		rgt_run_arguments(&as_published, fcinfo, dest);
	rgt_end(&session);
	return (Datum) 0;
}

/* ---- what plans add up to -------------------------------------------------------------------------- */

/* Does the caller see the plan's row? */
static bool
sees_plan(int64 plan_id)
{
	static RgtQuery query = RGT_KEY_QUERY(
		"SELECT root_unit_id, mode = 'live' AND status <> 'draft' FROM regtarget.plans WHERE plan_id = $1", INT8OID);
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
	if (PG_ARGISNULL(0))
		return (Datum) 0;
	rgt_enter(&session);
	rows.caller = rgt_caller();
	rows.plan_id = PG_GETARG_INT64(0);
	argument = PG_GETARG_DATUM(0);
	rgt_run(&query, RGT_CALLER, &argument, NULL, put_if_in_sight, &rows);
	rgt_end(&session);
	return (Datum) 0;
}
