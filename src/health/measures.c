/*
 * health/measures.c
 *	  Computed signals from activity: what visits, deals, revenues and targets say about a unit.
 *
 * The facts are never read, only what is kept of them: see activity/read.c.  See measures.h for what all
 * computed signals have in common.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "activity/activity.h"
#include "facts/facts.h"
#include "health/measures.h"
#include "health/signal_set.h"
#include "health/staff.h"
#include "regtarget.h"
#include "phasing.h"
#include "units/units.h"

/* ---- what the whole history says ------------------------------------------------------------ */

enum
{
	HISTORY_VISITS, HISTORY_WON, HISTORY_COLUMNS
};

/* Of all units, up to so many are looked up; for more of them the whole history is read in one go. */
#define FEW_WANTED 100

static void
add_history(const RgtActivity *activity, void *arg)
{
	RgtColumns *columns = arg;
	int			p = rgt_tree_find(columns->tree, activity->unit_id);

	if (p < 0)
		return;
	columns->sum[HISTORY_VISITS][p] = activity->visits;
	columns->sum[HISTORY_WON][p] = activity->won;
}

/*
 * How many visits and won deals the wanted units and those below them have ever had
 * before a day.  History is long and mostly not needed: only units without any in a recent span
 * are asked about.  `wanted` must hold for all units below a wanted one; what comes back for
 * others means nothing.
 */
static RgtColumns
history(RgtSignals *signals, DateADT before, const bool *wanted)
{
	RgtColumns	columns = rgt_columns(signals, signals->tree, HISTORY_COLUMNS);
	int32	   *units = palloc_extended(sizeof(int32) * (Size) Max(signals->tree->n, 1), MCXT_ALLOC_HUGE);
	int			n = 0;

	for (int p = 0; p < signals->tree->n; p++)
	{
		if (wanted[p])
			units[n++] = signals->tree->unit_id[p];
	}
	rgt_activity(signals->snapshot, signals->tree->part || n <= FEW_WANTED ? units : NULL, n, DATEVAL_NOBEGIN, before, 0,
				 add_history, &columns);
	pfree(units);
	rgt_columns_roll_up(&columns);
	return columns;
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

/* Where the window is added up; amounts in hundredths. */
typedef struct Window
{
	RgtColumns	columns;
	RgtStep		hundredth;
} Window;

static void
add_window(const RgtActivity *activity, void *arg)
{
	Window	   *window = arg;
	double	  **sum = window->columns.sum;
	int			p = rgt_tree_find(window->columns.tree, activity->unit_id);

	if (p < 0)
		return;
	sum[WINDOW_VISITS][p] = activity->visits;
	sum[WINDOW_WON][p] = activity->won;
	sum[WINDOW_LOST][p] = activity->lost;
	sum[WINDOW_CENTS][p] = rgt_hundredths(&window->hundredth, activity->won_amount);
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
	if (!on_record && !rgt_activity_on_record(signals->snapshot, signals->window_end, RGT_COUNT_LOST))
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
	const double *days = rgt_staff(signals)->days;
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
	rgt_columns_free(&before);
	pfree(wanted);
}

void
rgt_measure_activity(RgtSignals *signals)
{
	Window		window = {.columns = rgt_columns(signals, signals->tree, WINDOW_COLUMNS), .hundredth = rgt_hundredth()};

	rgt_activity(signals->snapshot, rgt_signal_units(signals), signals->tree->n, signals->window_start, signals->window_end,
				 RGT_WON_AMOUNT, add_window, &window);
	rgt_columns_roll_up(&window.columns);
	measure_conversion(signals, &window.columns);
	measure_per_head(signals, &window.columns);
	rgt_columns_free(&window.columns);
}

/* ---- the period: actuals -------------------------------------------------------------------- */

typedef struct Periods
{
	RgtDays    *spans;
	int			n;
	int			allocated;
} Periods;

/* Columns: the first day of a period, the day after its last. */
static void
add_period(TupleTableSlot *slot, void *arg)
{
	Periods    *periods = arg;

	RGT_GROW(periods->spans, periods->n, periods->allocated);
	periods->spans[periods->n++] = (RgtDays) {
		DatumGetDateADT(slot->tts_values[0]), DatumGetDateADT(slot->tts_values[1])
	};
}

/*
 * The period that holds the day, up to and including the day, and those before it, the last first: `most` of all
 * these.  None when no period holds the day.
 */
RgtDays *
rgt_periods_back(const RgtSignals *signals, int most, int *n)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT pg_catalog.lower(during), pg_catalog.upper(during) FROM regtarget.periods "
		"WHERE pg_catalog.lower(during)" OP(<=) "$1 ORDER BY pg_catalog.lower(during) DESC LIMIT $2",
		DATEOID, INT4OID);
	Datum		arguments[2] = {DateADTGetDatum(signals->as_of), Int32GetDatum(most)};
	Periods		periods = {.allocated = 8};

	periods.spans = palloc(sizeof(RgtDays) * periods.allocated);
	rgt_run(&query, signals->snapshot, arguments, NULL, add_period, &periods);
	*n = periods.n > 0 && periods.spans[0].end > signals->as_of ? periods.n : 0;
	periods.spans[0].end = signals->as_of + 1;
	return periods.spans;
}

/*
 * What a period brought, by the policy in force on its first day; of one that is past, with what units inherit.  A
 * period without a policy is like a period that is not there: nothing says what counts in it.  Unknown everywhere
 * while the database has no such fact by the period's end; then on, who has none brought 0.
 */
static void
measure_actual(RgtSignals *signals, DateADT first, DateADT end, bool past, RgtSignal *actual)
{
	RgtPolicy	policy;
	RgtColumns	sums;
	bool		any = false;

	if (!rgt_find_policy(first, signals->snapshot, &policy))
		return;
	sums = rgt_achieved(signals, signals->tree, first, end, policy.actuals_are_revenues);
	for (int p = 0; p < signals->tree->roots && !any; p++)
		any = sums.sum[RGT_ACHIEVED_COUNT][p] > 0;
	any = any ||
		rgt_activity_on_record(signals->snapshot, end, policy.actuals_are_revenues ? RGT_COUNT_REVENUES : RGT_COUNT_WON);
	for (int p = 0; p < signals->tree->n && any; p++)
		rgt_signal_set(actual, p, sums.sum[RGT_ACHIEVED_CENTS][p] / 100);
	rgt_columns_free(&sums);
	if (any && past)
		rgt_add_inherited(signals, first, end, policy.actuals_are_revenues, actual);
}

/*
 * actual: what the period that holds the day brought from its first day to the day; actual_previous
 * and actual_last_year: what the whole period before it, and the fourth before it, brought, to the unit or, before
 * its first day, to its predecessors.
 */
void
rgt_measure_actual(RgtSignals *signals, RgtComputed which)
{
	RgtSignal  *actual = rgt_signal_start(signals, which);
	int			back = which == RGT_ACTUAL ? 0 : which == RGT_ACTUAL_PREVIOUS ? 1 : 4;
	int			n;
	const RgtDays *periods = rgt_periods_back(signals, back + 1, &n);

	if (back < n)
		measure_actual(signals, periods[back].first, periods[back].end, back > 0, actual);
}

typedef struct Due
{
	RgtColumns	columns;
	bool		elsewhere;		/* a target stands below another unit than the day's tree has it below */
} Due;

static void
add_due(int32 unit_id, int32 parent_id, double called_for, void *arg)
{
	Due		   *due = arg;
	const RgtTree *tree = due->columns.tree;
	int			p = rgt_tree_find(tree, unit_id);

	if (p < 0)
		return;
	due->columns.sum[0][p] += called_for;
	due->elsewhere |= parent_id != 0 && (tree->parent[p] < 0 ? !tree->part || rgt_tree_find(tree, parent_id) >= 0 :
										 tree->unit_id[tree->parent[p]] != parent_id);
}

/*
 * What is compared with a plan is summed through the plan's tree, from which the day's may differ: then the actuals
 * so far of the period's tree, by position of the signals' own.  NULL: they do not differ.
 */
static double *
actual_of_plans(RgtSignals *signals, const Due *due)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT period, pg_catalog.lower(during), pg_catalog.upper(during) FROM regtarget.periods "
		"WHERE during" OP(@>) "$1", DATEOID);
	Datum		as_of = DateADTGetDatum(signals->as_of);
	Datum		values[3];
	bool		isnull[3];
	RgtPeriod	period;
	RgtPolicy	policy;
	RgtTree    *tree;
	double	   *cents;
	double	   *actual;

	if (!rgt_one(&query, signals->snapshot, &as_of, NULL, values, isnull, 3))
		return NULL;
	period = (RgtPeriod) {DatumGetTextPP(values[0]), DatumGetDateADT(values[1]), DatumGetDateADT(values[2])};
	if ((!due->elsewhere && !(signals->tree->part && rgt_plans_differ(signals->snapshot, &period, signals->tree))) ||
		!rgt_find_policy(period.first, signals->snapshot, &policy))
		return NULL;
	tree = rgt_tree_of_period(signals->snapshot, &period);
	cents = rgt_achieved_cents(signals, tree, period.first, signals->as_of + 1, policy.actuals_are_revenues);
	actual = rgt_signals_array(signals, sizeof(double), signals->tree->n);
	for (int p = 0; p < signals->tree->n; p++)
	{
		int			at = rgt_tree_find(tree, signals->tree->unit_id[p]);

		actual[p] = at < 0 ? 0 : cents[at] / 100;
	}
	return actual;
}

/*
 * pace: the actual so far / what the months of the target had called for by the day, both through the plan's tree.
 * Nothing won is a pace of 0; unknown without a published live target, and while nothing was due.
 */
void
rgt_measure_pace(RgtSignals *signals, const RgtSignal *actual)
{
	RgtSignal  *pace = rgt_signal_start(signals, RGT_PACE);
	Due			due = {.columns = rgt_columns(signals, signals->tree, 1)};
	double	   *of_plans = NULL;
	bool		any = false;

	rgt_targets_due(signals->snapshot, rgt_signal_units(signals), signals->tree->n, signals->as_of, add_due, &due);
	for (int p = 0; p < signals->tree->n && !any; p++)
		any = due.columns.sum[0][p] > 0;
	if (any)
		of_plans = actual_of_plans(signals, &due);
	for (int p = 0; p < signals->tree->n; p++)
	{
		if (due.columns.sum[0][p] > 0)
			rgt_signal_set(pace, p, (of_plans != NULL ? of_plans[p] : actual->known[p] ? actual->value[p] : 0) /
						   due.columns.sum[0][p]);
	}
	rgt_columns_free(&due.columns);
}
