/*
 * measures.c
 *	  Computed signals from activity: what visits, deals, revenues and targets say about a unit.
 *
 * Each is over a unit and all units below it, closed ones too, from what is dated up to and
 * including the day.  The facts are never read, only what is kept of them: see RGT_ACTIVITY.
 *
 * The window is [first day of the month of as_of minus window_months, first day of that month).
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "signals.h"

/* ---- what the whole history says ------------------------------------------------------------ */

enum
{
	HISTORY_VISITS, HISTORY_WON, HISTORY_COLUMNS
};

/* Up to so many units are looked up; for more of them the whole history is read in one go. */
#define FEW_UNITS 100

/*
 * How many visits and won deals the wanted units and those below them have ever had
 * before a day.  History is long and mostly not needed: only units without any in a recent span
 * are asked about.  `wanted` must hold for all units below a wanted one; what comes back for
 * others means nothing.
 */
static RgtColumns
history(RgtSignals *signals, DateADT before, const bool *wanted)
{
	static RgtQuery few = RGT_QUERY(
		"SELECT * FROM (" RGT_ACTIVITY_BY_UNIT(SUM(visits) ", " SUM(won)) ") AS a WHERE unit_id" OP(=) "ANY ($5)",
		DATEOID, DATEOID, DATEOID, DATEOID, INT4ARRAYOID);
	static RgtQuery all = RGT_QUERY(
		RGT_ACTIVITY_BY_UNIT(SUM(visits) ", " SUM(won)),
		DATEOID, DATEOID, DATEOID, DATEOID);
	Datum		units[FEW_UNITS];
	Datum		arguments[RGT_ACTIVITY_ARGUMENTS + 1];
	int			n = 0;

	rgt_activity_arguments(DATEVAL_NOBEGIN, before, arguments);
	for (int p = 0; p < signals->tree->n && n <= FEW_UNITS; p++)
	{
		if (!wanted[p])
			continue;
		if (n < FEW_UNITS)
			units[n] = Int32GetDatum(signals->tree->unit_id[p]);
		n++;
	}
	if (n > FEW_UNITS)
		return rgt_sums_rolled_up(signals, &all, arguments, HISTORY_COLUMNS);
	arguments[RGT_ACTIVITY_ARGUMENTS] = PointerGetDatum(
		construct_array(units, n, INT4OID, sizeof(int32), true, TYPALIGN_INT));
	return rgt_sums_rolled_up(signals, &few, arguments, HISTORY_COLUMNS);
}

/* Extend a set of units to all that are below one of them; false when it is empty. */
static bool
extend_downwards(const RgtTree *tree, bool *units)
{
	bool		any = false;

	for (int p = 0; p < tree->n; p++)
	{
		units[p] |= tree->parent[p] >= 0 && units[tree->parent[p]];
		any |= units[p];
	}
	return any;
}

/* ---- the window: activity ------------------------------------------------------------------- */

enum
{
	WINDOW_VISITS, WINDOW_WON, WINDOW_LOST, WINDOW_CENTS, WINDOW_COLUMNS
};

/* Does a query over all activity before a day say true? */
static bool
ever_before(const RgtSignals *signals, RgtQuery *query, DateADT day)
{
	Datum		arguments[RGT_ACTIVITY_ARGUMENTS];
	Datum		found;
	bool		isnull;

	rgt_activity_arguments(DATEVAL_NOBEGIN, day, arguments);
	return rgt_one(query, signals->snapshot, arguments, NULL, &found, &isnull, 1) &&
		!isnull && DatumGetBool(found);
}

static bool
lost_deal_on_record(RgtSignals *signals)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT pg_catalog.sum(lost)" OP(>) "0 FROM " RGT_ACTIVITY, DATEOID, DATEOID, DATEOID, DATEOID);

	return ever_before(signals, &query, signals->window_end);
}

/*
 * conversion_rate: won / (won + lost) in the window.  Unknown without a deal closed in it, and
 * while no lost deal is on record: then only the won ones are written down.  Needs no headcount.
 */
static void
measure_conversion(RgtSignals *signals, const RgtColumns *window)
{
	RgtSignal  *conversion = rgt_signal_start(signals, RGT_CONVERSION_RATE);
	const double *won = window->sum[WINDOW_WON];
	const double *lost = window->sum[WINDOW_LOST];
	bool		on_record = false;

	for (int p = 0; p < signals->tree->roots && !on_record; p++)
		on_record = lost[p] > 0;
	if (!on_record && !lost_deal_on_record(signals))
		return;
	for (int p = 0; p < signals->tree->n; p++)
	{
		if (won[p] + lost[p] > 0)
			rgt_signal_set(conversion, p, won[p] / (won[p] + lost[p]));
	}
}

/*
 * visits_per_head, output_per_head: visits and won amount per average headcount and month.  Unknown
 * without headcount, and where no visit, no won deal is on record before the window's end: who had
 * some and stopped scores 0.
 */
static void
measure_per_head(RgtSignals *signals, const RgtColumns *window)
{
	const RgtTree *tree = signals->tree;
	RgtSignal  *visits = rgt_signal_start(signals, RGT_VISITS_PER_HEAD);
	RgtSignal  *output = rgt_signal_start(signals, RGT_OUTPUT_PER_HEAD);
	const double *days = rgt_employee_days(signals);
	bool	   *wanted = rgt_signals_array(signals, sizeof(bool), tree->n);
	RgtColumns	before = {0};
	bool		any;

	for (int p = 0; p < tree->n; p++)
		wanted[p] = days[p] > 0 &&
			(window->sum[WINDOW_VISITS][p] == 0 || window->sum[WINDOW_WON][p] == 0);
	any = extend_downwards(tree, wanted);
	if (any)
		before = history(signals, signals->window_start, wanted);
	for (int p = 0; p < tree->n; p++)
	{
		double		head_months = rgt_average_headcount(signals, days[p]) * signals->window_months;

		if (days[p] <= 0)
			continue;
		if (window->sum[WINDOW_VISITS][p] > 0 || (any && before.sum[HISTORY_VISITS][p] > 0))
			rgt_signal_set(visits, p, window->sum[WINDOW_VISITS][p] / head_months);
		if (window->sum[WINDOW_WON][p] > 0 || (any && before.sum[HISTORY_WON][p] > 0))
			rgt_signal_set(output, p, window->sum[WINDOW_CENTS][p] / 100 / head_months);
	}
	rgt_sums_free(&before);
	pfree(wanted);
}

void
rgt_measure_activity(RgtSignals *signals)
{
	static RgtQuery query = RGT_QUERY(
		RGT_ACTIVITY_BY_UNIT(SUM(visits) ", " SUM(won) ", " SUM(lost) ", " HUNDREDTHS(won_amount)),
		DATEOID, DATEOID, DATEOID, DATEOID);
	Datum		arguments[RGT_ACTIVITY_ARGUMENTS];
	RgtColumns	window;

	rgt_activity_arguments(signals->window_start, signals->window_end, arguments);
	window = rgt_sums_rolled_up(signals, &query, arguments, WINDOW_COLUMNS);
	measure_conversion(signals, &window);
	measure_per_head(signals, &window);
	rgt_sums_free(&window);
}

/* ---- the period: actuals -------------------------------------------------------------------- */

/* The period that holds the day and those before it; `actual_last_year` is of the fourth. */
#define PERIODS_BACK 4

typedef struct Periods
{
	DateADT		first[PERIODS_BACK + 1];
	DateADT		end[PERIODS_BACK + 1];
	int			n;
} Periods;

/* Columns: the first day of a period, the day after its last. */
static void
add_period(TupleTableSlot *slot, void *arg)
{
	Periods    *periods = arg;

	periods->first[periods->n] = DatumGetDateADT(slot->tts_values[0]);
	periods->end[periods->n++] = DatumGetDateADT(slot->tts_values[1]);
}

/* None when no period holds the day. */
static Periods
read_periods(const RgtSignals *signals)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT pg_catalog.lower(during), pg_catalog.upper(during) FROM regtarget.periods "
		"WHERE pg_catalog.lower(during)" OP(<=) "$1 ORDER BY pg_catalog.lower(during) DESC LIMIT 5",
		DATEOID);
	Datum		as_of = DateADTGetDatum(signals->as_of);
	Periods		periods = {.n = 0};

	rgt_run(&query, signals->snapshot, &as_of, NULL, add_period, &periods);
	if (periods.n > 0 && periods.end[0] <= signals->as_of)
		periods.n = 0;
	if (periods.n > 0)
		periods.end[0] = signals->as_of + 1;
	return periods;
}

enum
{
	ACTUAL_COUNT, ACTUAL_CENTS, ACTUAL_COLUMNS
};

/* Has anybody won a deal, or booked a revenue, by the end of a period? */
static bool
on_record(RgtSignals *signals, bool revenues, DateADT end)
{
	static RgtQuery won = RGT_QUERY(
		"SELECT pg_catalog.sum(won)" OP(>) "0 FROM " RGT_ACTIVITY, DATEOID, DATEOID, DATEOID, DATEOID);
	static RgtQuery booked = RGT_QUERY(
		"SELECT pg_catalog.sum(revenues)" OP(>) "0 FROM " RGT_ACTIVITY, DATEOID, DATEOID, DATEOID, DATEOID);

	return ever_before(signals, revenues ? &booked : &won, end);
}

/*
 * What a period brought, by the policy in force on its first day.  A period without one is like a
 * period that is not there: nothing says what counts in it.  Unknown everywhere while the database
 * has no such fact by the period's end; then on, who has none brought 0.
 */
static void
measure_actual(RgtSignals *signals, DateADT first, DateADT end, RgtSignal *actual)
{
	static RgtQuery deals = RGT_QUERY(
		RGT_ACTIVITY_BY_UNIT(SUM(won) ", " HUNDREDTHS(won_amount)),
		DATEOID, DATEOID, DATEOID, DATEOID);
	static RgtQuery revenues = RGT_QUERY(
		RGT_ACTIVITY_BY_UNIT(SUM(revenues) ", " HUNDREDTHS(revenue_amount)),
		DATEOID, DATEOID, DATEOID, DATEOID);
	Datum		arguments[RGT_ACTIVITY_ARGUMENTS];
	RgtPolicy	policy;
	RgtColumns	sums;
	bool		any = false;

	if (!rgt_find_policy(first, signals->snapshot, &policy))
		return;
	rgt_activity_arguments(first, end, arguments);
	sums = rgt_sums_rolled_up(signals, policy.actuals_are_revenues ? &revenues : &deals, arguments, ACTUAL_COLUMNS);
	for (int p = 0; p < signals->tree->roots && !any; p++)
		any = sums.sum[ACTUAL_COUNT][p] > 0;
	any = any || on_record(signals, policy.actuals_are_revenues, end);
	for (int p = 0; p < signals->tree->n && any; p++)
		rgt_signal_set(actual, p, sums.sum[ACTUAL_CENTS][p] / 100);
	rgt_sums_free(&sums);
}

/*
 * actual: what the period that holds the day brought from its first day to the day; actual_previous
 * and actual_last_year: what the whole period before it, and the fourth before it, brought.
 */
void
rgt_measure_actuals(RgtSignals *signals)
{
	static const struct
	{
		RgtComputed which;
		int			back;
	}			kinds[] =
	{
		{RGT_ACTUAL, 0}, {RGT_ACTUAL_PREVIOUS, 1}, {RGT_ACTUAL_LAST_YEAR, PERIODS_BACK}
	};
	Periods		periods = read_periods(signals);

	for (int i = 0; i < (int) lengthof(kinds); i++)
	{
		int			back = kinds[i].back;
		RgtSignal  *actual = rgt_signal_start(signals, kinds[i].which);

		if (back < periods.n)
			measure_actual(signals, periods.first[back], periods.end[back], actual);
	}
}

/*
 * pace: the actual so far / what the months of the target had called for by the day.  Nothing won
 * is a pace of 0; unknown without a published live target, and while nothing was due.
 */
void
rgt_measure_pace(RgtSignals *signals)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT unit_id, due FROM regtarget.targets_due($1)", DATEOID);
	const RgtSignal *actual = rgt_signal_computed(signals, RGT_ACTUAL);
	RgtSignal  *pace = rgt_signal_start(signals, RGT_PACE);
	Datum		as_of = DateADTGetDatum(signals->as_of);
	RgtColumns	due = rgt_sums_by_unit(signals, &query, &as_of, 1);

	for (int p = 0; p < signals->tree->n; p++)
	{
		if (due.sum[0][p] > 0)
			rgt_signal_set(pace, p, actual->known[p] ? actual->value[p] / due.sum[0][p] : 0);
	}
	rgt_sums_free(&due);
}
