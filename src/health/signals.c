/*
 * health/signals.c
 *	  Every number about a unit on a day: entered signals, health, and where the others come from.
 *
 * A signal is measured for all units of a tree at once, by a few grouped queries, when it is first
 * asked for, and kept.  SQL adds up numerics and integers, whose sums do not depend on the order of
 * the rows; they become float8 once per unit and are rolled up in the order of the tree.  So the
 * same facts give the same bits.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "facts/facts.h"
#include "health/health.h"
#include "health/signal_set.h"
#include "kernel/score.h"
#include "regtarget.h"
#include "units/units.h"

/* A signal that somebody enters, as it is known on the day. */
typedef struct EnteredSignal
{
	char	   *name;
	RgtSignal	signal;
} EnteredSignal;

static void measure_health(RgtSignals *signals);

/* What is computed, and who computes it. */
static const struct
{
	const char *name;
	void		(*measure) (RgtSignals *signals);
}			computed[RGT_COMPUTED] =
{
	[RGT_ACTUAL] = {"actual", rgt_measure_actuals},
	[RGT_ACTUAL_LAST_YEAR] = {"actual_last_year", rgt_measure_actuals},
	[RGT_ACTUAL_PREVIOUS] = {"actual_previous", rgt_measure_actuals},
	[RGT_ATTRITION_RATE] = {"attrition_rate", rgt_measure_attrition},
	[RGT_CAPACITY] = {"capacity", rgt_measure_people},
	[RGT_CHURN_RATE] = {"churn_rate", rgt_measure_customers},
	[RGT_CONVERSION_RATE] = {"conversion_rate", rgt_measure_activity},
	[RGT_CUSTOMERS_ACTIVE] = {"customers_active", rgt_measure_customers},
	[RGT_CUSTOMERS_PER_HEAD] = {"customers_per_head", rgt_measure_customers_per_head},
	[RGT_HEADCOUNT] = {"headcount", rgt_measure_people},
	[RGT_HEALTH] = {"health", measure_health},
	[RGT_OUTPUT_PER_HEAD] = {"output_per_head", rgt_measure_activity},
	[RGT_PACE] = {"pace", rgt_measure_pace},
	[RGT_TENURE] = {"tenure", rgt_measure_people},
	[RGT_VISITS_PER_HEAD] = {"visits_per_head", rgt_measure_activity},
	[RGT_WEEKLY_CHURN_RATE] = {"weekly_churn_rate", rgt_measure_customers},
};

/* Room for n things, all zero, that lives as long as the signals do. */
void *
rgt_signals_array(const RgtSignals *signals, Size size, int64 n)
{
	return MemoryContextAllocExtended(signals->context, size * (Size) Max(n, 1),
									  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
}

static RgtSignal
unknown_signal(const RgtSignals *signals)
{
	RgtSignal	signal;

	signal.value = rgt_signals_array(signals, sizeof(double), signals->tree->n);
	signal.known = rgt_signals_array(signals, sizeof(bool), signals->tree->n);
	return signal;
}

/* A computed signal for its measure to fill: unknown everywhere to begin with. */
RgtSignal *
rgt_signal_start(RgtSignals *signals, RgtComputed which)
{
	signals->computed[which] = unknown_signal(signals);
	return &signals->computed[which];
}

/* Say what a signal is for the unit at position p. */
void
rgt_signal_set(RgtSignal *signal, int p, double value)
{
	signal->known[p] = true;
	signal->value[p] = value;
}

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
	signals->window_start = rgt_month_start(as_of, -policy.window_months);
	signals->window_end = rgt_month_start(as_of, 0);
	return signals;
}

/* Which computed signal bears a name; RGT_COMPUTED: none. */
static RgtComputed
find_computed(const char *name)
{
	int			which = 0;

	while (which < RGT_COMPUTED && strcmp(computed[which].name, name) != 0)
		which++;
	return which;
}

/* Is a name one that is computed, and so cannot be entered? */
bool
rgt_signal_is_computed(const char *name)
{
	return find_computed(name) != RGT_COMPUTED;
}

/* A computed signal, measured if it is asked for the first time. */
const RgtSignal *
rgt_signal_computed(RgtSignals *signals, RgtComputed which)
{
	if (signals->computed[which].value == NULL)
		computed[which].measure(signals);
	return &signals->computed[which];
}

/* ---- entered signals ------------------------------------------------------------------------ */

typedef enum Rollup
{
	ROLLUP_NONE, ROLLUP_SUM, ROLLUP_MEAN
} Rollup;

/* The kind of a signal: how it is rolled up, and the first day whose entries still count. */
static Rollup
read_kind(const RgtSignals *signals, Datum name, DateADT *valid_from)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT rollup" OP(=) "'sum', valid_days FROM regtarget.signal_kinds "
		"WHERE signal" OP(=) "$1",
		TEXTOID);
	Datum		values[2];
	bool		isnull[2];

	*valid_from = DATEVAL_NOBEGIN;
	if (!rgt_one(&query, signals->snapshot, &name, NULL, values, isnull, 2))
		return ROLLUP_NONE;
	if (!isnull[1])
		*valid_from = Max((int64) signals->as_of - DatumGetInt32(values[1]), DATEVAL_NOBEGIN);
	if (isnull[0])
		return ROLLUP_NONE;
	return DatumGetBool(values[0]) ? ROLLUP_SUM : ROLLUP_MEAN;
}

typedef struct LatestEntries
{
	const RgtTree *tree;
	RgtSignal  *signal;
	DateADT    *entered_on;
} LatestEntries;

/* Columns: unit_id, as_of, value.  The key of the table leaves no ties. */
static void
keep_latest(TupleTableSlot *slot, void *arg)
{
	LatestEntries *latest = arg;
	int			p = rgt_tree_find(latest->tree, DatumGetInt32(slot->tts_values[0]));
	DateADT		day = DatumGetDateADT(slot->tts_values[1]);

	if (p < 0 || (latest->signal->known[p] && latest->entered_on[p] > day))
		return;
	latest->signal->known[p] = true;
	latest->signal->value[p] = DatumGetFloat8(slot->tts_values[2]);
	latest->entered_on[p] = day;
}

/* Each unit's latest entry that still counts.  Read unordered: a sort would cost more than this. */
static void
read_entries(RgtSignals *signals, Datum name, DateADT valid_from, RgtSignal *signal)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT unit_id, as_of, value FROM regtarget.signals "
		"WHERE signal" OP(=) "$1 AND as_of" OP(>=) "$2 AND as_of" OP(<=) "$3",
		TEXTOID, DATEOID, DATEOID);
	Datum		arguments[3] = {name, DateADTGetDatum(valid_from), DateADTGetDatum(signals->as_of)};
	LatestEntries latest = {signals->tree, signal, NULL};

	latest.entered_on = rgt_signals_array(signals, sizeof(DateADT), signals->tree->n);
	rgt_run(&query, signals->snapshot, arguments, NULL, keep_latest, &latest);
	pfree(latest.entered_on);
}

/* A parent's value from those of its open children; unknown when none of them has one. */
static void
roll_up_children(const RgtSignals *signals, const char *name, Rollup rollup, int p,
				 RgtSignal *signal)
{
	const RgtTree *tree = signals->tree;
	int			end = tree->first_child[p] + tree->children[p];
	double		sum = 0;
	int			known = 0;

	for (int c = tree->first_child[p]; c < end; c++)
	{
		if (!signal->known[c] || !rgt_tree_open(tree, c, signals->as_of))
			continue;
		sum += signal->value[c];
		known++;
	}
	if (isinf(sum))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("signal \"%s\" adds up to more than float8 holds below unit \"%s\"",
						name, rgt_unit_name(tree->unit_id[p])),
				 errhint("Correct the entries in regtarget.signals.")));
	signal->known[p] = known > 0;
	signal->value[p] = known > 0 && rollup == ROLLUP_MEAN ? sum / known : sum;
}

static EnteredSignal *
read_entered(RgtSignals *signals, const char *name)
{
	const RgtTree *tree = signals->tree;
	EnteredSignal *entered = rgt_signals_array(signals, sizeof(EnteredSignal), 1);
	Datum		name_datum = CStringGetTextDatum(name);
	DateADT		valid_from;
	Rollup		rollup = read_kind(signals, name_datum, &valid_from);

	entered->name = MemoryContextStrdup(signals->context, name);
	entered->signal = unknown_signal(signals);
	read_entries(signals, name_datum, valid_from, &entered->signal);
	for (int p = tree->n - 1; p >= 0; p--)
	{
		if (rollup != ROLLUP_NONE && !entered->signal.known[p])
			roll_up_children(signals, name, rollup, p, &entered->signal);
	}
	return entered;
}

/* An entered signal, read if it is asked for the first time; unknown if nobody entered it. */
static EnteredSignal *
find_entered(RgtSignals *signals, const char *name)
{
	EnteredSignal *found;
	MemoryContext old;
	ListCell   *cell;

	foreach(cell, signals->entered)
	{
		found = lfirst(cell);
		if (strcmp(found->name, name) == 0)
			return found;
	}
	found = read_entered(signals, name);
	old = MemoryContextSwitchTo(signals->context);
	signals->entered = lappend(signals->entered, found);
	MemoryContextSwitchTo(old);
	return found;
}

/* Any signal by its name. */
const RgtSignal *
rgt_signal(RgtSignals *signals, const char *name)
{
	RgtComputed which = find_computed(name);

	if (which != RGT_COMPUTED)
		return rgt_signal_computed(signals, which);
	return &find_entered(signals, name)->signal;
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
		list.names[i] = unconstify(char *, computed[i].name);
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

	signals->coverage = unknown_signal(signals);
	for (int p = 0; p < signals->tree->n && total > 0; p++)
	{
		signals->coverage.known[p] = true;
		signals->coverage.value[p] = weight[p] / total;
		if (weight[p] > 0 &&
			signals->coverage.value[p] >= signals->min_coverage - COVERAGE_SLACK)
		{
			health->known[p] = true;
			health->value[p] = 100.0 * (gained[p] / weight[p]);
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
