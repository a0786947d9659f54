/*
 * proof/backtest.c
 *	  backtest(), backtest_totals(): what the engine would have said of past periods, beside what came and what others said.
 *
 * Periods are gone through one after the other; what one of them needs is forgotten before the next.  So time is
 * linear in periods and units, and memory is that of one period.
 */
#include "postgres.h"

#include <math.h>

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

#include "health/health.h"
#include "proof/rivals.h"

enum
{
	ARG_FROM, ARG_TO, ARG_ROOT, ARG_FACTORS
};

enum
{
	OUT_PERIOD, OUT_UNIT_ID, OUT_UNIT, OUT_ACTUAL, OUT_METHODS, OUT_COLUMNS = OUT_METHODS + RGT_METHODS
};

static Datum
amount_of(const RgtReplayed *replayed, int position)
{
	Numeric		actual = replayed->actual[position];

	return NumericGetDatum(actual == NULL ? int64_to_numeric(0) : actual);
}

static void
put_row(ReturnSetInfo *result, const RgtReplayed *replayed, const RgtPlaces *places, const RgtContest *contest, int m)
{
	int			p = contest->members->position[m];
	Datum		values[OUT_COLUMNS] = {
		PointerGetDatum(replayed->period->period), Int32GetDatum(replayed->tree->unit_id[p]),
		PointerGetDatum(places->label[p].code), amount_of(replayed, p)
	};
	bool		nulls[OUT_COLUMNS] = {false};

	for (int i = 0; i < RGT_METHODS; i++)
	{
		nulls[OUT_METHODS + i] = contest->part[i][m] == RGT_NO_PART;
		if (!nulls[OUT_METHODS + i])
			values[OUT_METHODS + i] = NumericGetDatum(rgt_to_amount(&replayed->step, contest->part[i][m]));
	}
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* All units of one period, parents first. */
static void
put_period(ReturnSetInfo *result, const RgtReplayed *replayed, RgtFactors factors)
{
	RgtContest	contest = rgt_contest(replayed, factors);
	RgtPlaces	places = rgt_places_read(replayed->tree);
	MemoryContext row = AllocSetContextCreate(CurrentMemoryContext, "regtarget backtest row", ALLOCSET_SMALL_SIZES);

	for (int m = 0; m < contest.members->n; m++)
	{
		MemoryContext old = MemoryContextSwitchTo(row);

		CHECK_FOR_INTERRUPTS();
		put_row(result, replayed, &places, &contest, m);
		MemoryContextSwitchTo(old);
		MemoryContextReset(row);
	}
}

/*
 * backtest(from_period, to_period, root, factors): for each period that is over, every unit of its first day's tree:
 * what came, what the engine would have suggested, and the rivals' figures scaled to the same total.
 */
PG_FUNCTION_INFO_V1(rgt_backtest);
Datum
rgt_backtest(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	RgtSession	session;
	RgtReplay	replay;
	RgtFactors	factors;
	MemoryContext context;

	InitMaterializedSRF(fcinfo, 0);
	rgt_enter(&session);
	replay = rgt_replay(fcinfo, ARG_FROM, ARG_TO, ARG_ROOT);
	factors = rgt_factors(PG_ARGISNULL(ARG_FACTORS) ? NULL : PG_GETARG_JSONB_P(ARG_FACTORS), RGT_CALLER);
	context = AllocSetContextCreate(CurrentMemoryContext, "regtarget backtest period", ALLOCSET_DEFAULT_SIZES);
	for (int i = 0; i < replay.n; i++)
	{
		MemoryContext old = MemoryContextSwitchTo(context);
		RgtReplayed replayed = rgt_replay_period(&replay, i);

		if (replayed.root >= 0)
			put_period(result, &replayed, factors);
		MemoryContextSwitchTo(old);
		MemoryContextReset(context);
	}
	rgt_end(&session);
	return (Datum) 0;
}

/* ---- the totals themselves ---------------------------------------------------------------------- */

enum
{
	TOTAL_PERIOD, TOTAL_ACTUAL, TOTAL_NAIVE, TOTAL_PREVIOUS, TOTAL_OFFICIAL, TOTAL_COLUMNS
};

/* What the root brought in a past period, inherited included, to the cent; false where nobody knows. */
static bool
past_total(const RgtReplayed *replayed, RgtMethod method, Datum *total)
{
	const RgtSignal *signal = rgt_rival_signal(replayed, method);
	RgtStep		hundredth;

	if (!signal->known[replayed->root])
		return false;
	rgt_step_init(&hundredth, int64_div_fast_to_numeric(1, 2));
	*total = NumericGetDatum(rgt_to_amount(&hundredth, (int64) rint(signal->value[replayed->root] * 100)));
	return true;
}

static void
put_total(ReturnSetInfo *result, const RgtReplayed *replayed)
{
	RgtBaselines baselines = rgt_official_baselines(replayed->period);
	const RgtBaseline *official = rgt_find_baseline(&baselines, replayed->tree->unit_id[replayed->root]);
	Datum		values[TOTAL_COLUMNS] = {
		PointerGetDatum(replayed->period->period), amount_of(replayed, replayed->root)
	};
	bool		nulls[TOTAL_COLUMNS] = {false};

	nulls[TOTAL_NAIVE] = !past_total(replayed, RGT_NAIVE, &values[TOTAL_NAIVE]);
	nulls[TOTAL_PREVIOUS] = !past_total(replayed, RGT_PREVIOUS, &values[TOTAL_PREVIOUS]);
	nulls[TOTAL_OFFICIAL] = official == NULL;
	if (official != NULL)
		values[TOTAL_OFFICIAL] = NumericGetDatum(official->baseline);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/*
 * backtest_totals(from_period, to_period, root): what the unit brought in each period that is over, beside what one might
 * have planned for it: the fourth period before, the one before, management's baseline; none of them scaled.
 */
PG_FUNCTION_INFO_V1(rgt_backtest_totals);
Datum
rgt_backtest_totals(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	RgtSession	session;
	RgtReplay	replay;
	MemoryContext context;

	InitMaterializedSRF(fcinfo, 0);
	rgt_enter(&session);
	replay = rgt_replay(fcinfo, ARG_FROM, ARG_TO, ARG_ROOT);
	context = AllocSetContextCreate(CurrentMemoryContext, "regtarget backtest total", ALLOCSET_DEFAULT_SIZES);
	for (int i = 0; i < replay.n; i++)
	{
		MemoryContext old = MemoryContextSwitchTo(context);
		RgtReplayed replayed = rgt_replay_period(&replay, i);

		if (replayed.root >= 0)
			put_total(result, &replayed);
		MemoryContextSwitchTo(old);
		MemoryContextReset(context);
	}
	rgt_end(&session);
	return (Datum) 0;
}
