/*
 * actuals.c
 *	  period_actuals(): what every unit achieved in a period, exactly.
 *
 * One grouped read of the daily activity, then numeric sums up the tree.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datum.h"

#include "regtarget.h"

typedef struct Actuals
{
	const RgtTree *tree;
	Numeric    *amount;			/* by position; NULL: 0 */
	MemoryContext context;
} Actuals;

static void
add_amount(TupleTableSlot *slot, void *arg)
{
	Actuals    *actuals = arg;
	int			p = rgt_tree_find(actuals->tree, DatumGetInt32(slot->tts_values[0]));
	MemoryContext old;

	if (p < 0)
		return;
	old = MemoryContextSwitchTo(actuals->context);
	actuals->amount[p] = DatumGetNumeric(datumCopy(slot->tts_values[1], false, -1));
	MemoryContextSwitchTo(old);
}

static void
read_own(Actuals *actuals, const RgtPeriod *period)
{
	static RgtQuery won = RGT_QUERY(
		"SELECT unit_id, pg_catalog.sum(won_amount) FROM regtarget.activity "
		"WHERE day >= $1 AND day < $2 GROUP BY unit_id", DATEOID, DATEOID);
	static RgtQuery booked = RGT_QUERY(
		"SELECT unit_id, pg_catalog.sum(revenue_amount) FROM regtarget.activity "
		"WHERE day >= $1 AND day < $2 GROUP BY unit_id", DATEOID, DATEOID);
	RgtPolicy	policy = rgt_policy(period->first, RGT_CALLER);
	Datum		arguments[2] = {DateADTGetDatum(period->first), DateADTGetDatum(period->end)};

	rgt_run(policy.actuals_are_revenues ? &booked : &won, RGT_CALLER, arguments, NULL, add_amount, actuals);
}

static void
sum_up(Actuals *actuals)
{
	const RgtTree *tree = actuals->tree;

	for (int p = tree->n - 1; p >= tree->roots; p--)
	{
		Numeric    *above = &actuals->amount[tree->parent[p]];

		if (actuals->amount[p] == NULL)
			continue;
		*above = *above == NULL ? actuals->amount[p] :
			DatumGetNumeric(DirectFunctionCall2(numeric_add, NumericGetDatum(*above),
												NumericGetDatum(actuals->amount[p])));
	}
}

/* period_actuals(period): (unit_id, actual) of every unit, 0 where nothing was won or booked. */
PG_FUNCTION_INFO_V1(rgt_period_actuals);
Datum
rgt_period_actuals(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Actuals		actuals;
	RgtPeriod	period;
	RgtSession	session;

	InitMaterializedSRF(fcinfo, 0);
	rgt_begin(&session);
	period = rgt_period(rgt_required_text(fcinfo, 0, "period"));
	actuals.tree = rgt_tree_read(RGT_CALLER);
	actuals.context = CurrentMemoryContext;
	actuals.amount = palloc_extended(sizeof(Numeric) * Max(actuals.tree->n, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	read_own(&actuals, &period);
	sum_up(&actuals);
	for (int p = 0; p < actuals.tree->n; p++)
	{
		Numeric		amount = actuals.amount[p] == NULL ? int64_to_numeric(0) : actuals.amount[p];
		Datum		values[2] = {Int32GetDatum(actuals.tree->unit_id[p]), NumericGetDatum(amount)};
		bool		nulls[2] = {false, false};

		CHECK_FOR_INTERRUPTS();
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	rgt_end(&session);
	return (Datum) 0;
}
