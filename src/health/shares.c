/*
 * health/shares.c
 *	  What the past says of shares: actual_trailing and actual_seasonal.
 *
 * A unit's share of a period is what it and all below it did, by the day's own tree, of what all units together did;
 * with what it inherits, which the whole does not count again.  The whole is the same for every unit and is read
 * for itself, so that of one unit only its own history is read besides.  Each period counts what its own policy says.
 *
 * A period in which the whole is 0 has no shares, and neither has one without a policy.
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "activity/activity.h"
#include "facts/facts.h"
#include "health/measures.h"
#include "health/signal_set.h"
#include "regtarget.h"
#include "units/units.h"

/* Two years of quarters. */
#define SEASONS 4
#define OF_SEASONS 8

/* A mean that is so small beside what it is the mean of is what rounding leaves of 0. */
#define ROUNDED_ZERO 1e-12

/* What is added up of each unit's shares, by position. */
typedef struct Shares
{
	double		last_whole;		/* what all units together did in the period before the day's */
	double	   *trailing;		/* amounts at the size of the last period, each times its period's weight */
	double		weights;
	double	   *last_year;		/* shares of the last four periods, added up */
	double	   *same_season;	/* of the fourth and the eighth before the day's */
	double	   *two_years;		/* of the last eight */
	double	   *sizes;			/* of the same, without their signs */
	int			seasons;		/* so many of the last eight have shares */
} Shares;

static double
to_float(Numeric amount)
{
	Datum		rounded = DirectFunctionCall2(numeric_round, NumericGetDatum(amount), Int32GetDatum(11));

	return DatumGetFloat8(DirectFunctionCall1(numeric_float8, rounded));
}

typedef struct Total
{
	RgtDays		period;
	bool		revenues;
	double		total;
} Total;

static const Total *
find_kept(const RgtTotals *totals, const RgtDays *period, bool revenues)
{
	ListCell   *cell;

	foreach(cell, totals == NULL ? NIL : totals->totals)
	{
		const Total *kept = lfirst(cell);

		if (kept->period.first == period->first && kept->period.end == period->end && kept->revenues == revenues)
			return kept;
	}
	return NULL;
}

static void
keep_total(RgtTotals *totals, const RgtDays *period, bool revenues, double total)
{
	MemoryContext old = MemoryContextSwitchTo(totals->context);
	Total	   *kept = palloc(sizeof(Total));

	*kept = (Total) {*period, revenues, total};
	totals->totals = lappend(totals->totals, kept);
	MemoryContextSwitchTo(old);
}

/* What all units together did in a period; false when it has no policy. */
static bool
find_total(const RgtSignals *signals, const RgtDays *period, bool *revenues, double *total)
{
	RgtPolicy	policy;
	const Total *kept;

	if (!rgt_find_policy(period->first, signals->snapshot, &policy))
		return false;
	*revenues = policy.actuals_are_revenues;
	kept = find_kept(signals->totals, period, *revenues);
	*total = kept != NULL ? kept->total :
		to_float(rgt_activity_total(signals->snapshot, period->first, period->end,
									*revenues ? RGT_REVENUE_AMOUNT : RGT_WON_AMOUNT));
	if (kept == NULL && signals->totals != NULL)
		keep_total(signals->totals, period, *revenues, *total);
	return true;
}

/* What each unit did in a period, and inherits of it. */
static RgtSignal
measure_period(RgtSignals *signals, const RgtDays *period, bool revenues)
{
	RgtSignal	did = rgt_signal_unknown(signals);
	double	   *cents = rgt_achieved_cents(signals, signals->tree, period->first, period->end, revenues);

	for (int p = 0; p < signals->tree->n; p++)
		rgt_signal_set(&did, p, cents[p] / 100);
	rgt_add_inherited(signals, period->first, period->end, revenues, &did);
	pfree(cents);
	return did;
}

/* Add the shares of the period that is so many before the day's, whose whole is not 0. */
static void
add_period(Shares *shares, int n, int back, const double *did, double whole, double weight)
{
	double		to_last = weight * (shares->last_whole / whole);

	shares->weights += weight;
	for (int p = 0; p < n; p++)
		shares->trailing[p] += did[p] * to_last;
	if (back > OF_SEASONS)
		return;
	shares->seasons++;
	for (int p = 0; p < n; p++)
	{
		double		share = did[p] / whole;

		if (back <= SEASONS)
			shares->last_year[p] += share;
		if (back % SEASONS == 0)
			shares->same_season[p] += share;
		shares->two_years[p] += share;
		shares->sizes[p] += fabs(share);
	}
}

/*
 * All periods before the day's, from the last backwards as long as one counts for anything.  False where the last says
 * nothing: it is not there, has no policy, or by its end nobody had any such fact.
 */
static bool
add_periods(RgtSignals *signals, Shares *shares)
{
	int			n;
	const RgtDays *periods = rgt_periods_back(signals, PG_INT32_MAX, &n);
	double		weight = 1;

	for (int back = 1; back < n && (back <= OF_SEASONS || weight > 0); back++, weight *= signals->fading)
	{
		double		whole;
		bool		revenues;
		bool		ruled = find_total(signals, &periods[back], &revenues, &whole);

		CHECK_FOR_INTERRUPTS();
		if (back == 1)
		{
			if (!ruled || !rgt_activity_on_record(signals->snapshot, periods[back].end,
												  revenues ? RGT_COUNT_REVENUES : RGT_COUNT_WON))
				return false;
			shares->last_whole = whole;
		}
		if (shares->last_whole == 0)
			return true;
		if (ruled && whole != 0)
		{
			RgtSignal	did = measure_period(signals, &periods[back], revenues);

			add_period(shares, signals->tree->n, back, did.value, whole, weight);
			pfree(did.value);
			pfree(did.known);
		}
	}
	return n > 1;
}

static Shares
start_shares(const RgtSignals *signals)
{
	Shares		shares = {0};
	double	  **arrays[] = {&shares.trailing, &shares.last_year, &shares.same_season, &shares.two_years, &shares.sizes};

	for (int i = 0; i < (int) lengthof(arrays); i++)
		*arrays[i] = rgt_signals_array(signals, sizeof(double), signals->tree->n);
	return shares;
}

static void
free_shares(Shares *shares)
{
	pfree(shares->trailing);
	pfree(shares->last_year);
	pfree(shares->same_season);
	pfree(shares->two_years);
	pfree(shares->sizes);
}

/* From the sums to the signals.  Where the last whole is 0, so is whatever part of it. */
static void
set_signals(RgtSignals *signals, const Shares *shares)
{
	RgtSignal  *trailing = &signals->computed[RGT_ACTUAL_TRAILING];
	RgtSignal  *seasonal = &signals->computed[RGT_ACTUAL_SEASONAL];

	for (int p = 0; p < signals->tree->n; p++)
	{
		double		season = shares->last_whole * shares->last_year[p] * shares->same_season[p];

		rgt_signal_set(trailing, p, shares->last_whole == 0 ? 0 : shares->trailing[p] / shares->weights);
		/* The means' divisors, 4 and 2 x 8, cancel out with the 2 of the two seasons. */
		if (shares->seasons == OF_SEASONS && fabs(shares->two_years[p]) > ROUNDED_ZERO * shares->sizes[p])
			rgt_signal_set(seasonal, p, season / shares->two_years[p]);
	}
}

/*
 * actual_trailing: what all did in the period before the day's x the mean of the unit's shares of all periods before,
 * each counted (1 - memory) times as much as the one after it.  actual_seasonal: the same x the mean share of the last
 * four periods x how the unit stands in this season, the fourth and the eighth before, to its mean of all eight; unknown
 * unless all eight have shares, and where the mean is 0.  Both are unknown where actual_previous is.
 */
void
rgt_measure_shares(RgtSignals *signals)
{
	Shares		shares = start_shares(signals);

	rgt_signal_start(signals, RGT_ACTUAL_TRAILING);
	rgt_signal_start(signals, RGT_ACTUAL_SEASONAL);
	if (add_periods(signals, &shares))
		set_signals(signals, &shares);
	free_shares(&shares);
}
