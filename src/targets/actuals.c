/*
 * targets/actuals.c
 *	  What units achieved in a period, exactly: period_actuals() of all, actuals_of_unit() of one.
 *
 * Reads of the activity that is kept, then numeric sums up the tree.  Views ask unit by unit: a unit is added up over
 * itself and those below it, which answers for all of these; where a few such parts are not enough, all units are.
 * Either is kept for the statement.
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
#include "targets/targets.h"
#include "units/units.h"

enum
{
	OF_PERIOD, SO_FAR, AMOUNTS
};

typedef struct Actuals
{
	text	   *period;
	DateADT		up_to;			/* DATEVAL_NOEND: the period's end */
	const RgtTree *tree;
	Numeric    *amount[AMOUNTS];	/* by position; NULL: 0 */
	MemoryContext context;
} Actuals;

typedef struct ActualsMemory
{
	RgtMemory	memory;
	TupleDesc	desc;
	List	   *known;			/* of Actuals, of all units or of parts */
} ActualsMemory;

/* So many parts of a period are read: who shows many units that are not below one another pays for these besides. */
#define FEW_PARTS 4

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

	rgt_activity(RGT_CALLER, actuals->tree->part ? actuals->tree->unit_id : NULL, actuals->tree->n, first, past,
				 revenues ? RGT_REVENUE_AMOUNT : RGT_WON_AMOUNT, keep_amount, &span);
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

/* The whole period, and of it what is dated up to and including a day. */
static void
read_period(Actuals *actuals, const RgtPeriod *period, DateADT up_to)
{
	bool		revenues = rgt_policy(period->first, RGT_CALLER).actuals_are_revenues;

	read_own(actuals, actuals->amount[OF_PERIOD], revenues, period->first, period->end);
	sum_up(actuals->tree, actuals->amount[OF_PERIOD]);
	if (up_to >= period->end - 1)
		memcpy(actuals->amount[SO_FAR], actuals->amount[OF_PERIOD], sizeof(Numeric) * actuals->tree->n);
	else if (up_to >= period->first)
	{
		read_own(actuals, actuals->amount[SO_FAR], revenues, period->first, up_to + 1);
		sum_up(actuals->tree, actuals->amount[SO_FAR]);
	}
}

/* Add a period up over a tree, into the current memory context. */
static Actuals *
measure(const RgtTree *tree, const RgtPeriod *period, DateADT up_to)
{
	Actuals    *actuals = palloc0(sizeof(Actuals));

	actuals->context = CurrentMemoryContext;
	actuals->period = DatumGetTextPCopy(PointerGetDatum(period->period));
	actuals->up_to = up_to;
	actuals->tree = tree;
	for (int i = 0; i < AMOUNTS; i++)
		actuals->amount[i] = palloc_extended(sizeof(Numeric) * (Size) Max(tree->n, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	read_period(actuals, period, up_to);
	return actuals;
}

/* What each unit of a tree and all below it achieved in a whole period, by position; NULL: 0.  In the current memory context. */
Numeric *
rgt_period_sums(const RgtTree *tree, const RgtPeriod *period)
{
	return measure(tree, period, DATEVAL_NOEND)->amount[OF_PERIOD];
}

static bool
is_of(const Actuals *actuals, const text *key, DateADT up_to)
{
	return actuals->up_to == up_to && VARSIZE_ANY_EXHDR(actuals->period) == VARSIZE_ANY_EXHDR(key) &&
		memcmp(VARDATA_ANY(actuals->period), VARDATA_ANY(key), VARSIZE_ANY_EXHDR(key)) == 0;
}

/* Those of all units (unit_id 0), or that have a unit at least, that the statement has had already; NULL: none. */
static const Actuals *
find_known(const ActualsMemory *memory, const text *key, DateADT up_to, int32 unit_id)
{
	ListCell   *cell;

	foreach(cell, memory->known)
	{
		const Actuals *actuals = lfirst(cell);

		if (is_of(actuals, key, up_to) &&
			(!actuals->tree->part || (unit_id != 0 && rgt_tree_find(actuals->tree, unit_id) >= 0)))
			return actuals;
	}
	return NULL;
}

static int
count_parts(const ActualsMemory *memory, const text *key, DateADT up_to)
{
	ListCell   *cell;
	int			n = 0;

	foreach(cell, memory->known)
	{
		if (is_of(lfirst(cell), key, up_to))
			n++;
	}
	return n;
}

/* Add a period up over all units (unit_id 0), or over one and all below it, and keep that. */
static const Actuals *
measure_and_keep(ActualsMemory *memory, text *key, DateADT up_to, int32 unit_id)
{
	MemoryContext old = MemoryContextSwitchTo(memory->memory.context);
	RgtPeriod	period = rgt_period(key);
	Actuals    *actuals;

	if (unit_id != 0 && count_parts(memory, key, up_to) < FEW_PARTS)
		actuals = measure(rgt_tree_of_period_below(RGT_CALLER, &period, unit_id, rgt_most_in_part()), &period, up_to);
	else
		actuals = measure(rgt_tree_of_period(RGT_CALLER, &period), &period, up_to);
	memory->known = lcons(actuals, memory->known);
	MemoryContextSwitchTo(old);
	return actuals;
}

static Datum
amount_at(const Actuals *actuals, int which, int position)
{
	Numeric		amount = actuals->amount[which][position];

	return NumericGetDatum(amount == NULL ? int64_to_numeric(0) : amount);
}

static DateADT
last_day(FunctionCallInfo fcinfo, int arg)
{
	return PG_ARGISNULL(arg) ? DATEVAL_NOEND : PG_GETARG_DATEADT(arg);
}

/*
 * period_actuals(period, up_to): (unit_id, actual, so_far) of every visible unit: what the whole period
 * brought, and what of it is dated up to and including the day; 0 where nothing was won or booked.
 */
PG_FUNCTION_INFO_V1(rgt_period_actuals);
Datum
rgt_period_actuals(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	ActualsMemory *memory = rgt_memory(fcinfo, sizeof(ActualsMemory));
	text	   *key = rgt_required_text(fcinfo, 0, "period");
	const Actuals *actuals;
	RgtSession	session;
	Oid			caller;

	InitMaterializedSRF(fcinfo, 0);
	rgt_enter(&session);
	caller = rgt_caller();
	actuals = find_known(memory, key, last_day(fcinfo, 1), 0);
	if (actuals == NULL)
		actuals = measure_and_keep(memory, key, last_day(fcinfo, 1), 0);
	for (int p = 0; p < actuals->tree->n; p++)
	{
		Datum		values[1 + AMOUNTS] = {
			Int32GetDatum(actuals->tree->unit_id[p]), amount_at(actuals, OF_PERIOD, p), amount_at(actuals, SO_FAR, p)
		};
		bool		nulls[1 + AMOUNTS] = {false};

		CHECK_FOR_INTERRUPTS();
		if (rgt_in_sight(caller, actuals->tree->unit_id[p]))
			tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	rgt_end(&session);
	return (Datum) 0;
}

/* A row of actuals_of_unit(); NULL for a unit that is not there. */
static Datum
row_of(FunctionCallInfo fcinfo, ActualsMemory *memory, const Actuals *actuals)
{
	int			p = rgt_tree_find(actuals->tree, PG_GETARG_INT32(0));
	Datum		values[AMOUNTS];
	bool		nulls[AMOUNTS] = {false};

	if (p < 0)
		PG_RETURN_NULL();
	for (int i = 0; i < AMOUNTS; i++)
		values[i] = amount_at(actuals, i, p);
	return rgt_row(fcinfo, &memory->memory, &memory->desc, values, nulls);
}

/* actuals_of_unit(unit_id, period, up_to): (actual, so_far), both null for a unit that is not visible. */
PG_FUNCTION_INFO_V1(rgt_actuals_of_unit);
Datum
rgt_actuals_of_unit(PG_FUNCTION_ARGS)
{
	ActualsMemory *memory = rgt_memory(fcinfo, sizeof(ActualsMemory));
	MemoryContext context = CurrentMemoryContext;
	const Actuals *actuals;
	RgtSession	session;
	Datum		row;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || !rgt_in_sight(rgt_caller(), PG_GETARG_INT32(0)))
		PG_RETURN_NULL();
	actuals = find_known(memory, PG_GETARG_TEXT_PP(1), last_day(fcinfo, 2), PG_GETARG_INT32(0));
	if (actuals != NULL)
		return row_of(fcinfo, memory, actuals);
	rgt_enter(&session);
	actuals = measure_and_keep(memory, PG_GETARG_TEXT_PP(1), last_day(fcinfo, 2), PG_GETARG_INT32(0));
	MemoryContextSwitchTo(context);
	row = row_of(fcinfo, memory, actuals);
	rgt_end(&session);
	return row;
}
