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

enum
{
	OF_PERIOD, SO_FAR, AMOUNTS
};

typedef struct Actuals
{
	const RgtTree *tree;
	Numeric    *amount[AMOUNTS];	/* by position; NULL: 0 */
	MemoryContext context;
} Actuals;

/* Columns: unit_id, what the period brought, what it brought so far (null: nothing). */
static void
add_amounts(TupleTableSlot *slot, void *arg)
{
	Actuals    *actuals = arg;
	int			p = rgt_tree_find(actuals->tree, DatumGetInt32(slot->tts_values[0]));
	MemoryContext old;

	if (p < 0)
		return;
	old = MemoryContextSwitchTo(actuals->context);
	for (int i = 0; i < AMOUNTS; i++)
	{
		if (!slot->tts_isnull[i + 1])
			actuals->amount[i][p] = DatumGetNumeric(datumCopy(slot->tts_values[i + 1], false, -1));
	}
	MemoryContextSwitchTo(old);
}

static void
read_own(Actuals *actuals, const RgtPeriod *period, DateADT up_to)
{
	static RgtQuery won = RGT_QUERY(
		"SELECT unit_id, sum(won_amount), sum(won_amount) FILTER (WHERE day <= $3) FROM regtarget.activity "
		"WHERE day >= $1 AND day < $2 GROUP BY unit_id", DATEOID, DATEOID, DATEOID);
	static RgtQuery booked = RGT_QUERY(
		"SELECT unit_id, sum(revenue_amount), sum(revenue_amount) FILTER (WHERE day <= $3) FROM regtarget.activity "
		"WHERE day >= $1 AND day < $2 GROUP BY unit_id", DATEOID, DATEOID, DATEOID);
	RgtPolicy	policy = rgt_policy(period->first, RGT_CALLER);
	Datum		arguments[3] = {DateADTGetDatum(period->first), DateADTGetDatum(period->end), DateADTGetDatum(up_to)};

	rgt_run(policy.actuals_are_revenues ? &booked : &won, RGT_CALLER, arguments, NULL, add_amounts, actuals);
}

static void
sum_up(const RgtTree *tree, Numeric *amount)
{
	for (int p = tree->n - 1; p >= tree->roots; p--)
	{
		Numeric    *above = &amount[tree->parent[p]];

		if (amount[p] == NULL)
			continue;
		*above = *above == NULL ? amount[p] :
			DatumGetNumeric(DirectFunctionCall2(numeric_add, NumericGetDatum(*above), NumericGetDatum(amount[p])));
	}
}

/*
 * period_actuals(period, up_to): (unit_id, actual, so_far) of every unit: what the whole period
 * brought, and what of it is dated up to and including the day; 0 where nothing was won or booked.
 */
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
	for (int i = 0; i < AMOUNTS; i++)
		actuals.amount[i] = palloc_extended(sizeof(Numeric) * Max(actuals.tree->n, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	read_own(&actuals, &period, PG_ARGISNULL(1) ? period.end : PG_GETARG_DATEADT(1));
	for (int i = 0; i < AMOUNTS; i++)
		sum_up(actuals.tree, actuals.amount[i]);
	for (int p = 0; p < actuals.tree->n; p++)
	{
		Datum		values[1 + AMOUNTS] = {Int32GetDatum(actuals.tree->unit_id[p])};
		bool		nulls[1 + AMOUNTS] = {false};

		CHECK_FOR_INTERRUPTS();
		for (int i = 0; i < AMOUNTS; i++)
			values[i + 1] = NumericGetDatum(actuals.amount[i][p] == NULL ? int64_to_numeric(0) : actuals.amount[i][p]);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	rgt_end(&session);
	return (Datum) 0;
}
