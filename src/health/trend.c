/*
 * health/trend.c
 *	  health_row_of_unit(), health_rank_of_unit(): what view health_trend shows of a unit on a day.
 *
 * The view asks about each unit on each of its days, in whatever order the planner likes.  Of a few units a day each
 * is measured over itself and those below it; from so many on all that the caller sees are measured once for that day,
 * and the figures are kept for the rest of the statement.  Where that is much of the organisation, all units are.  A
 * rank is among siblings, whom he may not see, so it is asked for apart: it needs them, too.
 */
#include "postgres.h"

#include "nodes/pg_list.h"
#include "utils/memutils.h"

#include "access/access.h"
#include "health/health.h"
#include "health/signals.h"
#include "health/staff.h"
#include "regtarget.h"
#include "units/units.h"

/* In the order of the function's columns, coverage after health. */
static const RgtComputed metrics_shown[] = {
	RGT_VISITS_PER_HEAD, RGT_CONVERSION_RATE, RGT_OUTPUT_PER_HEAD, RGT_ATTRITION_RATE
};

#define SHOWN (2 + (int) lengthof(metrics_shown))

/* One day: how many units were read one by one on it, or the figures of all in sight. */
typedef struct Day
{
	DateADT		as_of;
	Oid			caller;			/* in whose sight they are */
	int			read;
	RgtTree    *tree;			/* of all units in sight on that day, or of all; NULL: not read */
	bool		siblings;		/* with their siblings */
	RgtSignal  *shown;			/* SHOWN of them; NULL: not measured */
	int		   *rank;			/* NULL: not measured */
} Day;

typedef struct TrendMemory
{
	RgtMemory	memory;
	TupleDesc	desc;
	List	   *days;			/* of Day */
	const struct RgtPeople *people; /* NULL: not read */
	RgtTotals	totals;
} TrendMemory;

/* One by one, so many units are read on a day: who shows all of many days pays for these besides, on each of them. */
#define FEW_READ 2

static Day *
find_day(TrendMemory *memory, DateADT as_of)
{
	MemoryContext old;
	ListCell   *cell;
	Day		   *day;

	foreach(cell, memory->days)
	{
		day = lfirst(cell);
		if (day->as_of == as_of && day->caller == rgt_caller())
			return day;
	}
	old = MemoryContextSwitchTo(memory->memory.context);
	day = palloc0(sizeof(Day));
	day->as_of = as_of;
	day->caller = rgt_caller();
	memory->days = lcons(day, memory->days);
	MemoryContextSwitchTo(old);
	return day;
}

/* The tree of a day, with siblings if wanted, which the statement keeps. */
static void
read_tree(TrendMemory *memory, Day *day, bool siblings)
{
	MemoryContext old = MemoryContextSwitchTo(memory->memory.context);

	day->tree = rgt_tree_in_sight(RGT_CALLER, day->as_of, day->caller, siblings, rgt_most_in_part());
	day->siblings = siblings || !day->tree->part;
	MemoryContextSwitchTo(old);
}

static const RgtSignal *
measure_shown(RgtSignals *signals, int i)
{
	if (i == 0)
		return rgt_signal_computed(signals, RGT_HEALTH);
	return i == 1 ? rgt_signal_coverage(signals) : rgt_signal_computed(signals, metrics_shown[i - 2]);
}

/* A copy of n things that the statement keeps. */
static void *
keep(TrendMemory *memory, const void *from, Size size, int n)
{
	Size		bytes = mul_size(size, Max(n, 1));
	void	   *copy = MemoryContextAllocExtended(memory->memory.context, bytes, MCXT_ALLOC_HUGE);

	memcpy(copy, from, size * n);
	return copy;
}

/* The signals of a day, none measured yet; what is the same on all days is read once. */
static RgtSignals *
signals_of(TrendMemory *memory, const RgtTree *tree, const Day *day)
{
	RgtSignals *signals = rgt_signals(tree, day->as_of, RGT_CALLER);

	memory->totals.context = memory->memory.context;
	signals->totals = &memory->totals;
	return signals;
}

/* Measure all in sight on a day and keep what is shown of them, without what it was measured from. */
static void
measure_day(TrendMemory *memory, Day *day, bool siblings)
{
	RgtSignals *signals;
	MemoryContext old;
	RgtSignal  *shown;

	read_tree(memory, day, siblings);
	signals = signals_of(memory, day->tree, day);
	old = MemoryContextSwitchTo(memory->memory.context);
	shown = MemoryContextAlloc(memory->memory.context, sizeof(RgtSignal) * SHOWN);

	/* Of one day they are read along with what else is; of more, once. */
	if (memory->people == NULL && list_length(memory->days) > 1 && !day->tree->part)
		memory->people = rgt_people(RGT_CALLER);
	MemoryContextSwitchTo(old);
	signals->people = day->tree->part ? NULL : memory->people;
	for (int i = 0; i < SHOWN; i++)
	{
		const RgtSignal *measured = measure_shown(signals, i);

		shown[i].value = keep(memory, measured->value, sizeof(double), day->tree->n);
		shown[i].known = keep(memory, measured->known, sizeof(bool), day->tree->n);
	}
	day->shown = shown;
}

static Datum
row_at(FunctionCallInfo fcinfo, TrendMemory *memory, const RgtSignal *const *shown, int position)
{
	Datum		values[SHOWN];
	bool		nulls[SHOWN];

	if (position < 0)
		PG_RETURN_NULL();
	for (int i = 0; i < SHOWN; i++)
	{
		values[i] = Float8GetDatum(shown[i]->value[position]);
		nulls[i] = !shown[i]->known[position];
	}
	return rgt_row(fcinfo, &memory->memory, &memory->desc, values, nulls);
}

/* The unit's row by itself and those below it; false when that would be little cheaper than all. */
static bool
row_from_below(FunctionCallInfo fcinfo, TrendMemory *memory, Day *day, MemoryContext context, Datum *row)
{
	const RgtSignal *shown[SHOWN];
	RgtSignals *signals;
	RgtTree    *tree;

	if (day->read >= FEW_READ)
		return false;
	tree = rgt_tree_below(RGT_CALLER, day->as_of, PG_GETARG_INT32(0), rgt_most_in_part());
	day->read += tree->part ? 1 : FEW_READ;
	if (!tree->part)
		return false;
	signals = signals_of(memory, tree, day);
	for (int i = 0; i < SHOWN; i++)
		shown[i] = measure_shown(signals, i);
	MemoryContextSwitchTo(context);
	*row = row_at(fcinfo, memory, shown, rgt_tree_find(tree, PG_GETARG_INT32(0)));
	return true;
}

static Datum
row_of_day(FunctionCallInfo fcinfo, TrendMemory *memory, const Day *day)
{
	const RgtSignal *shown[SHOWN];

	for (int i = 0; i < SHOWN; i++)
		shown[i] = &day->shown[i];
	return row_at(fcinfo, memory, shown, rgt_tree_find(day->tree, PG_GETARG_INT32(0)));
}

/*
 * health_row_of_unit(unit_id, as_of): (health, coverage, visits_per_head, conversion_rate, output_per_head,
 * attrition_rate), as unit_health has them; all null for a unit that is not visible.
 */
PG_FUNCTION_INFO_V1(rgt_health_row_of_unit);
Datum
rgt_health_row_of_unit(PG_FUNCTION_ARGS)
{
	TrendMemory *memory = rgt_shared_memory(fcinfo, "trend", sizeof(TrendMemory));
	MemoryContext context = CurrentMemoryContext;
	Day		   *day = find_day(memory, rgt_required_day(fcinfo, 1, "as_of"));
	RgtSession	session;
	Datum		row;

	if (PG_ARGISNULL(0) || !rgt_in_sight(rgt_caller(), PG_GETARG_INT32(0)))
		PG_RETURN_NULL();
	if (day->shown != NULL)
		return row_of_day(fcinfo, memory, day);
	rgt_enter(&session);
	if (!row_from_below(fcinfo, memory, day, context, &row))
	{
		measure_day(memory, day, false);
		MemoryContextSwitchTo(context);
		row = row_of_day(fcinfo, memory, day);
	}
	rgt_end(&session);
	return row;
}

/* Ranks out of the figures of all in sight and their siblings, which the row is made of, too. */
static void
rank_day(TrendMemory *memory, Day *day)
{
	if (day->shown == NULL || !day->siblings)
		measure_day(memory, day, true);
	day->rank = keep(memory, rgt_health_ranks(day->tree, &day->shown[0]), sizeof(int), day->tree->n);
}

/* health_rank_of_unit(unit_id, as_of): its rank by health among its siblings, over all, whoever asks; null without. */
PG_FUNCTION_INFO_V1(rgt_health_rank_of_unit);
Datum
rgt_health_rank_of_unit(PG_FUNCTION_ARGS)
{
	TrendMemory *memory = rgt_shared_memory(fcinfo, "trend", sizeof(TrendMemory));
	Day		   *day = find_day(memory, rgt_required_day(fcinfo, 1, "as_of"));
	RgtSession	session;
	int			position;

	if (PG_ARGISNULL(0) || !rgt_in_sight(rgt_caller(), PG_GETARG_INT32(0)))
		PG_RETURN_NULL();
	if (day->rank == NULL)
	{
		rgt_enter(&session);
		rank_day(memory, day);
		rgt_end(&session);
	}
	position = rgt_tree_find(day->tree, PG_GETARG_INT32(0));
	if (position < 0 || day->rank[position] == 0)
		PG_RETURN_NULL();
	PG_RETURN_INT32(day->rank[position]);
}
