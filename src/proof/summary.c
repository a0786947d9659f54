/*
 * proof/summary.c
 *	  backtest_summary(): how far off each method was, by level of the tree.
 *
 * What is added up are whole steps, in the order of periods and units, so that the same facts give the same figures.
 */
#include "postgres.h"

#include <math.h>

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

#include "proof/rivals.h"

enum
{
	ARG_FROM, ARG_TO, ARG_ROOT, ARG_FACTORS
};

enum
{
	OUT_METHOD, OUT_DEPTH, OUT_PERIODS, OUT_ERROR, OUT_WINS, OUT_WORST_PERIOD, OUT_WORST_ERROR, OUT_COLUMNS
};

/* What is off and what came, of the units that a method has figures for. */
typedef struct Sums
{
	double		off;
	double		actual;
	double		off_beside;		/* of the units that previous has figures for, too, */
	double		previous_off;	/* and what that is off there */
	bool		any;
	bool		beside;
} Sums;

/* A method at one level of the tree, over all periods. */
typedef struct Record
{
	int			periods;
	double		off;
	double		actual;
	int			wins;
	int			worst;			/* period; -1: none yet */
	double		worst_error;
} Record;

typedef struct Summary
{
	int			depths;
	int			allocated;
	Record	   *record;			/* RGT_METHODS a depth */
	MemoryContext context;
} Summary;

/* The level of each member below the root. */
static int *
depths_of(const RgtSplit *members, int *depths)
{
	int		   *depth = palloc_extended(sizeof(int) * (Size) members->n, MCXT_ALLOC_HUGE);

	*depths = 1;
	depth[0] = 0;
	for (int m = 1; m < members->n; m++)
	{
		depth[m] = depth[members->parent[m]] + 1;
		*depths = Max(*depths, depth[m] + 1);
	}
	return depth;
}

static void
make_room(Summary *summary, int depths)
{
	MemoryContext old = MemoryContextSwitchTo(summary->context);

	if (depths > summary->allocated)
	{
		summary->allocated = Max(depths, 2 * summary->allocated);
		summary->record = summary->record == NULL ?
			palloc_extended(sizeof(Record) * RGT_METHODS * (Size) summary->allocated, MCXT_ALLOC_HUGE) :
			repalloc_huge(summary->record, sizeof(Record) * RGT_METHODS * (Size) summary->allocated);
	}
	for (; summary->depths < depths; summary->depths++)
	{
		for (int i = 0; i < RGT_METHODS; i++)
			summary->record[summary->depths * RGT_METHODS + i] = (Record) {.worst = -1};
	}
	MemoryContextSwitchTo(old);
}

/* One unit: where the engine has nothing to say, nobody is judged. */
static void
add_unit(Sums *sums, const RgtContest *contest, int m, int64 actual)
{
	int64		previous = contest->part[RGT_PREVIOUS][m];

	for (int i = 0; i < RGT_METHODS; i++)
	{
		int64		part = contest->part[i][m];

		if (part == RGT_NO_PART)
			continue;
		sums[i].any = true;
		sums[i].off += fabs((double) (part - actual));
		sums[i].actual += (double) actual;
		if (previous == RGT_NO_PART)
			continue;
		sums[i].beside = true;
		sums[i].off_beside += fabs((double) (part - actual));
		sums[i].previous_off += fabs((double) (previous - actual));
	}
}

/* Add a period to the record of a method at a level. */
static void
close_period(Record *record, const Sums *sums, int period, double step)
{
	double		error;

	if (!sums->any)
		return;
	record->periods++;
	record->off += sums->off * step;
	record->actual += sums->actual * step;
	record->wins += sums->beside && sums->off_beside < sums->previous_off;
	if (sums->actual <= 0)
		return;
	error = sums->off / sums->actual;
	if (record->worst >= 0 && error <= record->worst_error)
		return;
	record->worst = period;
	record->worst_error = error;
}

/* One period; where nothing came in all, there is nothing to be judged by. */
static void
add_period(Summary *summary, const RgtReplayed *replayed, RgtFactors factors, int period)
{
	RgtContest	contest = rgt_contest(replayed, factors);
	int			depths;
	int		   *depth = depths_of(contest.members, &depths);
	Sums	   *sums = palloc0(sizeof(Sums) * RGT_METHODS * (Size) depths);
	double		step = (double) replayed->step.units / pow(10, replayed->step.scale);

	make_room(summary, depths);
	for (int m = 0; m < contest.members->n; m++)
	{
		CHECK_FOR_INTERRUPTS();
		if (contest.part[RGT_SUGGESTED][m] != RGT_NO_PART)
			add_unit(&sums[depth[m] * RGT_METHODS], &contest, m, rgt_replayed_steps(replayed, contest.members->position[m]));
	}
	for (int i = 0; i < depths * RGT_METHODS; i++)
		close_period(&summary->record[i], &sums[i], period, step);
}

static void
put_record(ReturnSetInfo *result, const RgtReplay *replay, const Record *record, RgtMethod method, int depth)
{
	Datum		values[OUT_COLUMNS] = {
		CStringGetTextDatum(rgt_method_name(method)), Int32GetDatum(depth), Int32GetDatum(record->periods)
	};
	bool		nulls[OUT_COLUMNS] = {false};

	nulls[OUT_ERROR] = record->actual <= 0;
	if (!nulls[OUT_ERROR])
		values[OUT_ERROR] = Float8GetDatum(record->off / record->actual);
	values[OUT_WINS] = Int32GetDatum(record->wins);
	nulls[OUT_WORST_PERIOD] = nulls[OUT_WORST_ERROR] = record->worst < 0;
	if (record->worst >= 0)
	{
		values[OUT_WORST_PERIOD] = PointerGetDatum(replay->periods[record->worst].period);
		values[OUT_WORST_ERROR] = Float8GetDatum(record->worst_error);
	}
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/*
 * backtest_summary(from_period, to_period, root, factors): a row for each method and level of the tree, the root's
 * children being level 1.
 */
PG_FUNCTION_INFO_V1(rgt_backtest_summary);
Datum
rgt_backtest_summary(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Summary		summary = {0};
	RgtSession	session;
	RgtReplay	replay;
	RgtFactors	factors;
	MemoryContext context;

	InitMaterializedSRF(fcinfo, 0);
	rgt_enter(&session);
	replay = rgt_replay(fcinfo, ARG_FROM, ARG_TO, ARG_ROOT);
	factors = rgt_factors(PG_ARGISNULL(ARG_FACTORS) ? NULL : PG_GETARG_JSONB_P(ARG_FACTORS), RGT_CALLER);
	summary.context = CurrentMemoryContext;
	context = AllocSetContextCreate(CurrentMemoryContext, "regtarget backtest period", ALLOCSET_DEFAULT_SIZES);
	for (int i = 0; i < replay.n; i++)
	{
		MemoryContext old = MemoryContextSwitchTo(context);
		RgtReplayed replayed = rgt_replay_period(&replay, i);

		if (replayed.root >= 0 && replayed.total > 0)
			add_period(&summary, &replayed, factors, i);
		MemoryContextSwitchTo(old);
		MemoryContextReset(context);
	}
	for (int i = 0; i < summary.depths * RGT_METHODS; i++)
		put_record(result, &replay, &summary.record[i], i % RGT_METHODS, i / RGT_METHODS);
	rgt_end(&session);
	return (Datum) 0;
}
