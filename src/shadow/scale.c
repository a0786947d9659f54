/*
 * shadow/scale.c
 *	  shadow_amount(): the engine's amount at management's total.
 *
 * Two splits are compared as splits: of one total.  A plan's total is what its root bears; where the published plans of
 * the period are those of regions below the shadow plan's root, it is what these roots bear together.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/datum.h"

#include "access/access.h"
#include "shadow/shadow.h"

#define PUBLISHED \
	"FROM regtarget.plans p JOIN regtarget.plans o ON o.period = p.period AND o.mode = 'live' " \
	"AND o.status IN ('published', 'closed') "

#define SHADOW "p.plan_id = $1 AND p.mode = 'shadow'"

static Numeric
copy(Datum value, bool isnull)
{
	return isnull ? NULL : DatumGetNumeric(datumCopy(value, false, -1));
}

/* Of a shadow plan; in the current memory context. */
RgtScale
rgt_shadow_scale(int64 plan_id)
{
	static RgtQuery of_root = RGT_KEY_QUERY(
		"SELECT l.amount, s.baseline " PUBLISHED
		"JOIN regtarget.targets l ON l.plan_id = o.plan_id AND l.unit_id = p.root_unit_id "
		"JOIN regtarget.targets s ON s.plan_id = p.plan_id AND s.unit_id = p.root_unit_id WHERE " SHADOW, INT8OID);
	static RgtQuery of_roots = RGT_KEY_QUERY(
		"SELECT sum(l.amount), sum(s.baseline) " PUBLISHED
		"JOIN regtarget.targets l ON l.plan_id = o.plan_id AND l.unit_id = o.root_unit_id "
		"JOIN regtarget.targets s ON s.plan_id = p.plan_id AND s.unit_id = l.unit_id WHERE " SHADOW, INT8OID);
	Datum		argument = Int64GetDatum(plan_id);
	Datum		values[2] = {0};
	bool		isnull[2] = {true, true};
	RgtScale	scale = {NULL, NULL};

	if (!rgt_one(&of_root, RGT_CALLER, &argument, NULL, values, isnull, 2))
		rgt_one(&of_roots, RGT_CALLER, &argument, NULL, values, isnull, 2);
	if (!isnull[0] && !isnull[1] && rgt_sign_of(values[1]) > 0)
	{
		scale.management = copy(values[0], false);
		scale.engine = copy(values[1], false);
	}
	return scale;
}

/* The plans that a statement has asked about. */
typedef struct Known
{
	int64		plan_id;
	RgtScale	scale;
} Known;

typedef struct ScaleMemory
{
	RgtMemory	memory;
	List	   *known;			/* of Known, the newest in front */
} ScaleMemory;

static const RgtScale *
scale_of(ScaleMemory *memory, int64 plan_id)
{
	MemoryContext old;
	RgtSession	session;
	ListCell   *cell;
	Known	   *known;

	foreach(cell, memory->known)
	{
		known = lfirst(cell);
		if (known->plan_id == plan_id)
			return &known->scale;
	}
	rgt_enter(&session);
	old = MemoryContextSwitchTo(memory->memory.context);
	known = palloc(sizeof(Known));
	known->plan_id = plan_id;
	known->scale = rgt_shadow_scale(plan_id);
	memory->known = lcons(known, memory->known);
	MemoryContextSwitchTo(old);
	rgt_end(&session);
	return &known->scale;
}

/* shadow_amount(plan_id, unit_id, amount): the amount at management's total; null for a target that is not visible. */
PG_FUNCTION_INFO_V1(rgt_shadow_amount);
Datum
rgt_shadow_amount(PG_FUNCTION_ARGS)
{
	ScaleMemory *memory = rgt_memory(fcinfo, sizeof(ScaleMemory));
	const RgtScale *scale;
	Datum		product;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2) ||
		!rgt_plan_in_sight(rgt_caller(), PG_GETARG_INT64(0), PG_GETARG_INT32(1)) ||
		!rgt_plan_is_known(rgt_caller(), PG_GETARG_INT64(0)))
		PG_RETURN_NULL();
	if (!rgt_is_finite(PG_GETARG_NUMERIC(2)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("amount must be a finite number")));
	scale = scale_of(memory, PG_GETARG_INT64(0));
	if (scale->engine == NULL)
		PG_RETURN_NULL();
	product = DirectFunctionCall2(numeric_mul, PG_GETARG_DATUM(2), NumericGetDatum(scale->management));
	PG_RETURN_DATUM(DirectFunctionCall2(numeric_round,
										DirectFunctionCall2(numeric_div, product, NumericGetDatum(scale->engine)),
										Int32GetDatum(4)));
}
