/*
 * proof/compare.c
 *	  compare_plans(): two plans unit by unit, and factor by factor where both are splits.
 *
 * Everything is computed over both plans as they are; of that the caller is told what he sees.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "access/access.h"
#include "regtarget.h"

enum
{
	OUT_UNIT_ID, OUT_UNIT, OUT_FACTOR, OUT_AMOUNT_A, OUT_AMOUNT_B, OUT_DIFFERENCE, OUT_SHARE_A, OUT_SHARE_B, OUT_COLUMNS,
	/* Behind them: whether the unit is in each plan. */
	IN_A = OUT_COLUMNS, IN_B
};

typedef struct Comparison
{
	ReturnSetInfo *result;
	Oid			caller;
	int64		plan[2];
} Comparison;

static void
put_if_in_sight(TupleTableSlot *slot, void *arg)
{
	Comparison *comparison = arg;
	int32		unit_id = DatumGetInt32(slot->tts_values[OUT_UNIT_ID]);

	CHECK_FOR_INTERRUPTS();
	for (int i = 0; i < 2; i++)
	{
		if (DatumGetBool(slot->tts_values[IN_A + i]) && !rgt_plan_in_sight(comparison->caller, comparison->plan[i], unit_id))
			return;
	}
	tuplestore_putvalues(comparison->result->setResult, comparison->result->setDesc, slot->tts_values, slot->tts_isnull);
}

/* The plan of an argument, if the caller sees it. */
static int64
required_plan(FunctionCallInfo fcinfo, int arg, const char *name)
{
	rgt_require(fcinfo, arg, name);
	if (!rgt_plan_is_known(rgt_caller(), PG_GETARG_INT64(arg)))
		rgt_unknown_plan(PG_GETARG_INT64(arg));
	return PG_GETARG_INT64(arg);
}

/* What a factor gave each unit of a plan: of what its parent had to hand down, weight x share over its signals. */
#define GIVEN(plan) \
	"(SELECT s.unit_id, b.factor, round((t.baseline * sum(b.weight * s.share)::numeric), 4) AS amount " \
	"FROM regtarget.plan_basis b JOIN regtarget.targets t ON t.plan_id = b.plan_id AND t.unit_id = b.parent_unit_id " \
	"CROSS JOIN unnest(b.unit_ids, b.shares) AS s (unit_id, share) WHERE b.plan_id = " plan \
	" GROUP BY s.unit_id, b.factor, t.baseline)"

/*
 * compare_plans(plan_a, plan_b): for each unit of either its amounts, b less a, and their shares of the plans' totals;
 * then, where both are splits, the same of what each factor gave it.
 */
PG_FUNCTION_INFO_V1(rgt_compare_plans);
Datum
rgt_compare_plans(PG_FUNCTION_ARGS)
{
	static RgtQuery query = RGT_QUERY(
		"WITH rows AS (SELECT unit_id, NULL::text AS factor, a.amount AS a, b.amount AS b, a.unit_id IS NOT NULL AS in_a, "
		"b.unit_id IS NOT NULL AS in_b "
		"FROM (SELECT t.unit_id, t.amount FROM regtarget.targets t WHERE t.plan_id = $1) a "
		"FULL JOIN (SELECT t.unit_id, t.amount FROM regtarget.targets t WHERE t.plan_id = $2) b USING (unit_id) "
		"UNION ALL SELECT unit_id, factor, coalesce(a.amount, 0), coalesce(b.amount, 0), true, true "
		"FROM " GIVEN("$1") " a FULL JOIN " GIVEN("$2") " b USING (unit_id, factor) "
		"WHERE EXISTS (SELECT FROM regtarget.targets t WHERE t.plan_id = $1 AND t.unit_id = coalesce(a.unit_id, b.unit_id)) "
		"AND EXISTS (SELECT FROM regtarget.targets t WHERE t.plan_id = $2 AND t.unit_id = coalesce(a.unit_id, b.unit_id)) "
		"AND EXISTS (SELECT FROM regtarget.plan_basis p WHERE p.plan_id = $1) "
		"AND EXISTS (SELECT FROM regtarget.plan_basis p WHERE p.plan_id = $2)) "
		"SELECT r.unit_id, u.code, r.factor, r.a, r.b, r.b - r.a, (r.a / nullif(pa.total, 0))::float8, "
		"(r.b / nullif(pb.total, 0))::float8, r.in_a, r.in_b FROM rows r JOIN regtarget.units u ON u.unit_id = r.unit_id "
		"JOIN regtarget.plans pa ON pa.plan_id = $1 JOIN regtarget.plans pb ON pb.plan_id = $2 "
		"ORDER BY r.unit_id, r.factor COLLATE \"C\" NULLS FIRST", INT8OID, INT8OID);
	Comparison	comparison = {.result = (ReturnSetInfo *) fcinfo->resultinfo};
	RgtSession	session;
	Datum		arguments[2];

	InitMaterializedSRF(fcinfo, 0);
	rgt_enter(&session);
	comparison.caller = rgt_caller();
	comparison.plan[0] = required_plan(fcinfo, 0, "plan_a");
	comparison.plan[1] = required_plan(fcinfo, 1, "plan_b");
	arguments[0] = Int64GetDatum(comparison.plan[0]);
	arguments[1] = Int64GetDatum(comparison.plan[1]);
	rgt_run(&query, RGT_CALLER, arguments, NULL, put_if_in_sight, &comparison);
	rgt_end(&session);
	return (Datum) 0;
}
