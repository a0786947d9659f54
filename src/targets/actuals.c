/*
 * targets/actuals.c
 *	  period_actuals(): what every unit achieved in a period, exactly.
 *
 * Reads of the activity that is kept, then numeric sums up the tree.  The sums are kept for the
 * statement, because a planner without statistics may well ask for the same period again for every
 * target.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/memutils.h"

#include "access/access.h"
#include "activity/activity.h"
#include "facts/facts.h"
#include "regtarget.h"
#include "units/units.h"

enum
{
	OF_PERIOD, SO_FAR, AMOUNTS
};

typedef struct Actuals
{
	text	   *period;
	DateADT		up_to;
	const RgtTree *tree;
	Numeric    *amount[AMOUNTS];	/* by position; NULL: 0 */
	MemoryContext context;
} Actuals;

/* What units brought themselves in some span of days, and where it goes. */
typedef struct Span
{
	const RgtTree *tree;
	Numeric    *amount;
	bool		revenues;
	MemoryContext context;
} Span;

static void
keep_amount(const RgtActivity *activity, void *arg)
{
	Span	   *span = arg;
	Numeric		amount = span->revenues ? activity->revenue_amount : activity->won_amount;
	int			p = rgt_tree_find(span->tree, activity->unit_id);
	MemoryContext old;

	if (p < 0 || amount == NULL)
		return;
	old = MemoryContextSwitchTo(span->context);
	span->amount[p] = DatumGetNumeric(datumCopy(NumericGetDatum(amount), false, -1));
	MemoryContextSwitchTo(old);
}

/* From the first day to the day before `past`. */
static void
read_own(Actuals *actuals, Numeric *amount, bool revenues, DateADT first, DateADT past)
{
	Span		span = {actuals->tree, amount, revenues, actuals->context};

	rgt_activity(RGT_CALLER, NULL, 0, first, past, revenues ? RGT_REVENUE_AMOUNT : RGT_WON_AMOUNT, keep_amount, &span);
}

/* The whole period, and of it what is dated up to and including a day. */
static void
read_period(Actuals *actuals, const RgtPeriod *period, DateADT up_to)
{
	bool		revenues = rgt_policy(period->first, RGT_CALLER).actuals_are_revenues;

	read_own(actuals, actuals->amount[OF_PERIOD], revenues, period->first, period->end);
	if (up_to >= period->end - 1)
		memcpy(actuals->amount[SO_FAR], actuals->amount[OF_PERIOD], sizeof(Numeric) * actuals->tree->n);
	else if (up_to >= period->first)
		read_own(actuals, actuals->amount[SO_FAR], revenues, period->first, up_to + 1);
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

/* Measure a period into `context`. */
static void
measure(Actuals *actuals, text *key, bool whole, DateADT up_to)
{
	RgtPeriod	period = rgt_period(key);

	MemoryContextSwitchTo(actuals->context);
	actuals->period = DatumGetTextPCopy(PointerGetDatum(key));
	actuals->up_to = up_to;
	actuals->tree = rgt_tree_read(RGT_CALLER);
	for (int i = 0; i < AMOUNTS; i++)
		actuals->amount[i] = palloc_extended(sizeof(Numeric) * Max(actuals->tree->n, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	read_period(actuals, &period, whole ? period.end : up_to);
	for (int i = 0; i < AMOUNTS; i++)
		sum_up(actuals->tree, actuals->amount[i]);
}

/* The actuals asked for, measured unless the statement had them last. */
static const Actuals *
find_actuals(FunctionCallInfo fcinfo)
{
	text	   *key = rgt_required_text(fcinfo, 0, "period");
	DateADT		up_to = PG_ARGISNULL(1) ? DATEVAL_NOEND : PG_GETARG_DATEADT(1);
	Actuals    *actuals = fcinfo->flinfo->fn_extra;

	if (actuals != NULL && actuals->up_to == up_to &&
		VARSIZE_ANY_EXHDR(actuals->period) == VARSIZE_ANY_EXHDR(key) &&
		memcmp(VARDATA_ANY(actuals->period), VARDATA_ANY(key), VARSIZE_ANY_EXHDR(key)) == 0)
		return actuals;
	fcinfo->flinfo->fn_extra = NULL;
	if (actuals == NULL)
	{
		actuals = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(Actuals));
		actuals->context = AllocSetContextCreate(fcinfo->flinfo->fn_mcxt, "regtarget actuals", ALLOCSET_DEFAULT_SIZES);
	}
	MemoryContextReset(actuals->context);
	measure(actuals, key, PG_ARGISNULL(1), up_to);
	fcinfo->flinfo->fn_extra = actuals;
	return actuals;
}

/*
 * period_actuals(period, up_to): (unit_id, actual, so_far) of every unit in sight: what the whole period
 * brought, and what of it is dated up to and including the day; 0 where nothing was won or booked.
 */
PG_FUNCTION_INFO_V1(rgt_period_actuals);
Datum
rgt_period_actuals(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	const Actuals *actuals;
	RgtSession	session;
	Oid			caller;

	InitMaterializedSRF(fcinfo, 0);
	rgt_enter(&session);
	caller = rgt_caller();
	actuals = find_actuals(fcinfo);
	for (int p = 0; p < actuals->tree->n; p++)
	{
		Datum		values[1 + AMOUNTS] = {Int32GetDatum(actuals->tree->unit_id[p])};
		bool		nulls[1 + AMOUNTS] = {false};

		CHECK_FOR_INTERRUPTS();
		if (!rgt_in_sight(caller, actuals->tree->unit_id[p]))
			continue;
		for (int i = 0; i < AMOUNTS; i++)
			values[i + 1] = NumericGetDatum(actuals->amount[i][p] == NULL ? int64_to_numeric(0) : actuals->amount[i][p]);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	rgt_end(&session);
	return (Datum) 0;
}
