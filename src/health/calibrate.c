/*
 * health/calibrate.c
 *	  calibrate_metrics(): anchors for the health score from the company's own history.
 */
#include "postgres.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "access/access.h"
#include "facts/facts.h"
#include "health/health.h"
#include "health/signals.h"
#include "regtarget.h"
#include "units/units.h"

/* The month starts that are looked at, as_of's own the last. */
#define MONTHS 12

/* With fewer values of units without children than this, units with children count too. */
#define ENOUGH_VALUES 20

/* The share of values that lies beyond each of the anchors. */
#define TAIL 0.05

/* Trees from here on take long enough that one wants to know how far it is. */
#define LARGE_TREE 100000

typedef struct Sample
{
	double	   *value;
	int64		n;
	int64		allocated;
} Sample;

/* What a metric was worth, month by month and unit by unit. */
typedef struct History
{
	Sample		leaves;			/* units without children */
	Sample		parents;		/* the others that are no roots */
} History;

static void
add_to_sample(Sample *sample, double value)
{
	if (sample->allocated == 0)
	{
		sample->allocated = 1024;
		sample->value = palloc(sizeof(double) * sample->allocated);
	}
	RGT_GROW(sample->value, sample->n, sample->allocated);
	sample->value[sample->n++] = value;
}

static void
add_signal_to_history(const RgtTree *tree, const RgtSignal *signal, History *history)
{
	for (int p = 0; p < tree->n; p++)
	{
		if (!signal->known[p])
			continue;
		if (tree->children[p] == 0)
			add_to_sample(&history->leaves, signal->value[p]);
		else if (tree->parent[p] >= 0)
			add_to_sample(&history->parents, signal->value[p]);
	}
}

/* Add the values of one day, over its own tree; a day without a policy in force says nothing. */
static void
add_day(DateADT day, const RgtMetric *metrics, int n, History *history)
{
	MemoryContext keep = CurrentMemoryContext;
	MemoryContext context;
	RgtSignals *signals;
	RgtPolicy	policy;
	RgtTree    *tree;

	if (!rgt_find_policy(day, RGT_CALLER, &policy))
		return;
	context = AllocSetContextCreate(keep, "regtarget signals of a month", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(context);
	tree = rgt_tree_read(RGT_CALLER, day);
	signals = rgt_signals(tree, day, RGT_CALLER);
	for (int m = 0; m < n; m++)
	{
		const RgtSignal *signal = rgt_signal(signals, metrics[m].name);

		MemoryContextSwitchTo(keep);
		add_signal_to_history(tree, signal, &history[m]);
		CHECK_FOR_INTERRUPTS();
	}
	MemoryContextSwitchTo(keep);
	MemoryContextDelete(context);
}

static int
compare_values(const void *a, const void *b)
{
	return RGT_ORDER(*(const double *) a, *(const double *) b);
}

/* The value below which a share of a sorted sample lies, as percentile_cont() has it. */
static double
percentile(const Sample *sample, double share)
{
	double		place = share * (double) (sample->n - 1);
	int64		below = (int64) place;
	double		part = place - (double) below;

	if (below + 1 >= sample->n)
		return sample->value[sample->n - 1];
	return sample->value[below] + part * (sample->value[below + 1] - sample->value[below]);
}

/* The anchors that a history proposes; false when it has no spread. */
static bool
propose(History *history, RgtMetric *metric)
{
	Sample	   *sample = &history->leaves;
	bool		reversed = metric->best < metric->worst;
	double		low;
	double		high;

	for (int64 i = 0; sample->n < ENOUGH_VALUES && i < history->parents.n; i++)
		add_to_sample(sample, history->parents.value[i]);
	if (sample->n == 0)
		return false;
	qsort(sample->value, sample->n, sizeof(double), compare_values);
	low = percentile(sample, TAIL);
	high = percentile(sample, 1 - TAIL);
	metric->worst = reversed ? high : low;
	metric->best = reversed ? low : high;
	return low < high;
}

/*
 * calibrate_metrics(as_of): the 5th and the 95th percentile of each metric over the units without
 * children at the last twelve month starts, the way round that its present anchors are.
 */
PG_FUNCTION_INFO_V1(rgt_calibrate_metrics);
Datum
rgt_calibrate_metrics(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *info = (ReturnSetInfo *) fcinfo->resultinfo;
	const RgtMetric *metrics;
	History    *history;
	RgtTree    *tree;
	RgtSession	session;
	DateADT		as_of;
	int			n;

	rgt_require_top_planner();
	as_of = rgt_required_day(fcinfo, 0, "as_of");
	InitMaterializedSRF(fcinfo, 0);
	rgt_enter(&session);
	tree = rgt_tree_read(RGT_CALLER, as_of);
	metrics = rgt_metrics(rgt_signals(tree, as_of, RGT_CALLER), &n);
	history = palloc0(sizeof(History) * (Size) Max(n, 1));
	for (int month = 1 - MONTHS; month <= 0; month++)
	{
		add_day(rgt_month_start(as_of, month), metrics, n, history);
		if (tree->n >= LARGE_TREE)
			ereport(NOTICE,
					(errmsg("calibrate_metrics: %d of %d months read", month + MONTHS, MONTHS)));
	}
	for (int m = 0; m < n; m++)
	{
		RgtMetric	proposed = metrics[m];
		Datum		values[3];
		bool		nulls[3] = {false, false, false};

		if (!propose(&history[m], &proposed))
			continue;
		values[0] = CStringGetTextDatum(proposed.name);
		values[1] = Float8GetDatum(proposed.worst);
		values[2] = Float8GetDatum(proposed.best);
		tuplestore_putvalues(info->setResult, info->setDesc, values, nulls);
	}
	rgt_end(&session);
	return (Datum) 0;
}
