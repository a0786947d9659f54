/*
 * health/signals.c
 *	  Every number about a unit on a day by its name, and health.
 *
 * A signal is measured for all units of a tree at once when it is first asked for, and kept.  Who measures what,
 * and of which other signals, is said here and nowhere else.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "facts/facts.h"
#include "health/health.h"
#include "health/measures.h"
#include "health/signal_set.h"
#include "health/signals.h"
#include "kernel/score.h"
#include "regtarget.h"
#include "units/units.h"

/* A signal that somebody enters, as it is known on the day. */
typedef struct RgtEntered
{
	char	   *name;
	RgtSignal	signal;
} RgtEntered;

static const char *const computed_names[RGT_COMPUTED] = {
	[RGT_ACTUAL] = "actual",
	[RGT_ACTUAL_LAST_YEAR] = "actual_last_year",
	[RGT_ACTUAL_PREVIOUS] = "actual_previous",
	[RGT_ACTUAL_SEASONAL] = "actual_seasonal",
	[RGT_ACTUAL_TRAILING] = "actual_trailing",
	[RGT_ATTRITION_RATE] = "attrition_rate",
	[RGT_CAPACITY] = "capacity",
	[RGT_CHURN_RATE] = "churn_rate",
	[RGT_CONVERSION_RATE] = "conversion_rate",
	[RGT_CUSTOMERS_ACTIVE] = "customers_active",
	[RGT_CUSTOMERS_PER_HEAD] = "customers_per_head",
	[RGT_HEADCOUNT] = "headcount",
	[RGT_HEALTH] = "health",
	[RGT_OUTPUT_PER_HEAD] = "output_per_head",
	[RGT_PACE] = "pace",
	[RGT_TENURE] = "tenure",
	[RGT_VISITS_PER_HEAD] = "visits_per_head",
	[RGT_WEEKLY_CHURN_CERTAINTY] = "weekly_churn_certainty",
	[RGT_WEEKLY_CHURN_COUNT] = "weekly_churn_count",
	[RGT_WEEKLY_CHURN_RATE] = "weekly_churn_rate"
};

/*
 * The signals of a day, none measured yet; 55000 when no policy is in force on it.  They live in
 * the memory context of the call.
 */
RgtSignals *
rgt_signals(const RgtTree *tree, DateADT as_of, RgtSnapshot snapshot)
{
	RgtSignals *signals = palloc0(sizeof(RgtSignals));
	RgtPolicy	policy;

	signals->tree = tree;
	signals->as_of = as_of;
	signals->snapshot = snapshot;
	signals->context = CurrentMemoryContext;
	policy = rgt_policy(as_of, snapshot);
	signals->min_coverage = policy.min_coverage;
	signals->window_months = policy.window_months;
	signals->churn_days = policy.churn_days;
	signals->fading = policy.fading;
	signals->window_start = rgt_month_start(as_of, -policy.window_months);
	signals->window_end = rgt_month_start(as_of, 0);
	Assert(signals->window_start <= signals->window_end && signals->window_end <= as_of);
	return signals;
}

/* Which computed signal bears a name; RGT_COMPUTED: none. */
static RgtComputed
find_computed(const char *name)
{
	int			which = 0;

	while (which < RGT_COMPUTED && strcmp(computed_names[which], name) != 0)
		which++;
	return which;
}

/* Is a name one that is computed, and so cannot be entered? */
bool
rgt_signal_is_computed(const char *name)
{
	return find_computed(name) != RGT_COMPUTED;
}

static void measure_health(RgtSignals *signals);

/* Have a signal measured. */
static void
measure(RgtSignals *signals, RgtComputed which)
{
	switch (which)
	{
		case RGT_ACTUAL:
		case RGT_ACTUAL_LAST_YEAR:
		case RGT_ACTUAL_PREVIOUS:
			rgt_measure_actual(signals, which);
			return;
		case RGT_ACTUAL_SEASONAL:
		case RGT_ACTUAL_TRAILING:
			rgt_measure_shares(signals);
			return;
		case RGT_ATTRITION_RATE:
			rgt_measure_attrition(signals);
			return;
		case RGT_CAPACITY:
		case RGT_HEADCOUNT:
		case RGT_TENURE:
			rgt_measure_people(signals);
			return;
		case RGT_CHURN_RATE:
		case RGT_CUSTOMERS_ACTIVE:
		case RGT_WEEKLY_CHURN_CERTAINTY:
		case RGT_WEEKLY_CHURN_COUNT:
		case RGT_WEEKLY_CHURN_RATE:
			rgt_measure_customers(signals);
			return;
		case RGT_CONVERSION_RATE:
		case RGT_OUTPUT_PER_HEAD:
		case RGT_VISITS_PER_HEAD:
			rgt_measure_activity(signals);
			return;
		case RGT_CUSTOMERS_PER_HEAD:
			rgt_measure_customers_per_head(signals, rgt_signal_computed(signals, RGT_CUSTOMERS_ACTIVE),
										   rgt_signal_computed(signals, RGT_HEADCOUNT));
			return;
		case RGT_HEALTH:
			measure_health(signals);
			return;
		case RGT_PACE:
			rgt_measure_pace(signals, rgt_signal_computed(signals, RGT_ACTUAL));
			return;
		case RGT_COMPUTED:
			break;
	}
	elog(ERROR, "no signal of number %d", which);
}

/* A computed signal, measured if it is asked for the first time. */
const RgtSignal *
rgt_signal_computed(RgtSignals *signals, RgtComputed which)
{
	if (signals->computed[which].value == NULL)
		measure(signals, which);
	return &signals->computed[which];
}

/* An entered signal, read if it is asked for the first time; unknown if nobody entered it. */
static const RgtSignal *
find_entered(RgtSignals *signals, const char *name)
{
	RgtEntered *entered;
	MemoryContext old;
	ListCell   *cell;

	foreach(cell, signals->entered)
	{
		entered = lfirst(cell);
		if (strcmp(entered->name, name) == 0)
			return &entered->signal;
	}
	entered = rgt_signals_array(signals, sizeof(RgtEntered), 1);
	entered->name = MemoryContextStrdup(signals->context, name);
	entered->signal = rgt_measure_entered(signals, name);
	old = MemoryContextSwitchTo(signals->context);
	signals->entered = lappend(signals->entered, entered);
	MemoryContextSwitchTo(old);
	return &entered->signal;
}

/* Any signal by its name. */
const RgtSignal *
rgt_signal(RgtSignals *signals, const char *name)
{
	RgtComputed which = find_computed(name);

	return which != RGT_COMPUTED ? rgt_signal_computed(signals, which) : find_entered(signals, name);
}

/* ---- their names ---------------------------------------------------------------------------- */

typedef struct NameList
{
	const RgtSignals *signals;
	char	  **names;
	int			n;
	int			allocated;
} NameList;

static void
add_name(TupleTableSlot *slot, void *arg)
{
	NameList   *list = arg;
	char	   *name = TextDatumGetCString(slot->tts_values[0]);

	RGT_GROW(list->names, list->n, list->allocated);
	list->names[list->n++] = MemoryContextStrdup(list->signals->context, name);
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

/* The names of all signals, in order: the computed ones and what has been entered by the day. */
char	  **
rgt_signal_names(RgtSignals *signals, int *n)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT DISTINCT signal FROM regtarget.signals WHERE as_of" OP(<=) "$1", DATEOID);
	Datum		as_of = DateADTGetDatum(signals->as_of);
	NameList	list = {signals, NULL, RGT_COMPUTED, 2 * RGT_COMPUTED};

	list.names = rgt_signals_array(signals, sizeof(char *), list.allocated);
	for (int i = 0; i < RGT_COMPUTED; i++)
		list.names[i] = unconstify(char *, computed_names[i]);
	rgt_run(&query, signals->snapshot, &as_of, NULL, add_name, &list);
	qsort(list.names, list.n, sizeof(char *), compare_names);
	*n = list.n;
	return list.names;
}

/* ---- health --------------------------------------------------------------------------------- */

static void
add_metric(TupleTableSlot *slot, void *arg)
{
	RgtSignals *signals = arg;
	RgtMetric  *metric;

	signals->metrics = repalloc(signals->metrics,
								sizeof(RgtMetric) * (Size) (signals->nmetrics + 1));
	metric = &signals->metrics[signals->nmetrics++];
	metric->name = MemoryContextStrdup(signals->context, TextDatumGetCString(slot->tts_values[0]));
	metric->weight = DatumGetFloat8(slot->tts_values[1]);
	metric->worst = DatumGetFloat8(slot->tts_values[2]);
	metric->best = DatumGetFloat8(slot->tts_values[3]);
}

/* What counts towards health; in the order of the names, so that sums are the same everywhere. */
const RgtMetric *
rgt_metrics(RgtSignals *signals, int *n)
{
	static RgtQuery query = RGT_QUERY0(
		"SELECT metric, weight, worst, best FROM regtarget.metrics "
		"ORDER BY metric COLLATE pg_catalog.\"C\"");

	if (signals->metrics == NULL)
	{
		signals->metrics = rgt_signals_array(signals, sizeof(RgtMetric), 1);
		rgt_run(&query, signals->snapshot, NULL, NULL, add_metric, signals);
	}
	*n = signals->nmetrics;
	return signals->metrics;
}

/* The weight of all metrics together. */
static double
total_weight(const RgtMetric *metrics, int n)
{
	double		total = 0;

	for (int m = 0; m < n; m++)
		total += metrics[m].weight;
	if (isinf(total))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("the weights in regtarget.metrics add up to more than float8 holds"),
				 errhint("Only their proportions matter: make them smaller.")));
	return total;
}

/*
 * How far a share of weights may fall short of min_coverage: decimal weights do not add up exactly,
 * and 0.3 of 0.1 + 0.2 + 0.3 is meant to be one half.
 */
#define COVERAGE_SLACK 1e-9

/* From the weight that is known, of all, and what it gained, to health and coverage. */
static void
score_units(RgtSignals *signals, const double *gained, const double *weight, double total)
{
	RgtSignal  *health = rgt_signal_start(signals, RGT_HEALTH);

	signals->coverage = rgt_signal_unknown(signals);
	for (int p = 0; p < signals->tree->n && total > 0; p++)
	{
		signals->coverage.known[p] = true;
		signals->coverage.value[p] = weight[p] / total;
		if (weight[p] > 0 &&
			signals->coverage.value[p] >= signals->min_coverage - COVERAGE_SLACK)
		{
			health->known[p] = true;
			health->value[p] = 100.0 * (gained[p] / weight[p]);
			Assert(health->value[p] >= 0 && health->value[p] <= 100);
		}
	}
}

/* Health and its coverage: 100 x sum of weight x points / sum of weight, over what is known. */
static void
measure_health(RgtSignals *signals)
{
	int			n;
	const RgtMetric *metrics = rgt_metrics(signals, &n);
	double		total = total_weight(metrics, n);
	double	   *gained = rgt_signals_array(signals, sizeof(double), signals->tree->n);
	double	   *weight = rgt_signals_array(signals, sizeof(double), signals->tree->n);

	for (int m = 0; m < n; m++)
	{
		const RgtMetric *metric = &metrics[m];
		const RgtSignal *signal = rgt_signal(signals, metric->name);

		for (int p = 0; p < signals->tree->n; p++)
		{
			if (!signal->known[p])
				continue;
			gained[p] += metric->weight * rgk_points(signal->value[p], metric->worst, metric->best);
			weight[p] += metric->weight;
		}
	}
	score_units(signals, gained, weight, total);
	pfree(gained);
	pfree(weight);
}

/* The share of the metrics' weight that was known; unknown when there is no weight at all. */
const RgtSignal *
rgt_signal_coverage(RgtSignals *signals)
{
	rgt_signal_computed(signals, RGT_HEALTH);
	return &signals->coverage;
}
