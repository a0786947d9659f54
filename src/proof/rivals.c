/*
 * proof/rivals.c
 *	  The engine's split of a past period and its rivals', of one total, so that shares alone are compared.
 *
 * naive and previous are splits by one unscaled signal each, actual_last_year and actual_previous: whoever tunes
 * factors finds each among the weightings.  official is what management published, handed down in its proportions.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/memutils.h"

#include "kernel/apportion.h"
#include "proof/rivals.h"

static const char *const names[RGT_METHODS] = {
	[RGT_SUGGESTED] = "suggested",
	[RGT_NAIVE] = "naive",
	[RGT_PREVIOUS] = "previous",
	[RGT_OFFICIAL] = "official"
};

const char *
rgt_method_name(RgtMethod method)
{
	return names[method];
}

/* ---- the past as it was ------------------------------------------------------------------------- */

static char *
signal_of(RgtMethod method)
{
	return method == RGT_NAIVE ? "actual_last_year" : "actual_previous";
}

/* What a rival goes by, of naive and previous. */
const RgtSignal *
rgt_rival_signal(const RgtReplayed *replayed, RgtMethod method)
{
	return rgt_signal(replayed->signals, signal_of(method));
}

/* Each unit's figure of a past period, in proportion. */
static const int64 *
split_by_past(const RgtReplayed *replayed, RgtMethod method)
{
	RgtFactor	factor = {signal_of(method), signal_of(method), 1, NULL};
	RgtSplit   *split = rgt_replay_split(replayed, (RgtFactors) {1, &factor});

	for (int m = 0; m < split->n && !rgt_rival_signal(replayed, method)->known[replayed->root]; m++)
		split->suggested[m] = RGT_NO_PART;
	return split->suggested;
}

/* ---- what management published --------------------------------------------------------------------- */

/* Columns: unit_id, baseline. */
static void
add_baseline(TupleTableSlot *slot, void *arg)
{
	RgtBaselines *baselines = arg;
	MemoryContext old = MemoryContextSwitchTo(GetMemoryChunkContext(baselines->unit));

	RGT_GROW(baselines->unit, baselines->n, baselines->allocated);
	baselines->unit[baselines->n++] = (RgtBaseline) {
		DatumGetInt32(slot->tts_values[0]), DatumGetNumeric(datumCopy(slot->tts_values[1], false, -1))
	};
	MemoryContextSwitchTo(old);
}

/* Of the period's live plans, whatever their roots: a unit stands in one of them at most. */
RgtBaselines
rgt_official_baselines(const RgtPeriod *period)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT t.unit_id, t.baseline FROM regtarget.plans p JOIN regtarget.targets t "
		"ON t.plan_id OPERATOR(pg_catalog.=) p.plan_id WHERE p.period OPERATOR(pg_catalog.=) $1 "
		"AND p.mode OPERATOR(pg_catalog.=) 'live' AND p.status OPERATOR(pg_catalog.=) ANY ('{published,closed}')", TEXTOID);
	Datum		argument = PointerGetDatum(period->period);
	RgtBaselines baselines = {.allocated = 16};

	baselines.unit = palloc(sizeof(RgtBaseline) * baselines.allocated);
	rgt_run(&query, RGT_CALLER, &argument, NULL, add_baseline, &baselines);
	qsort(baselines.unit, baselines.n, sizeof(RgtBaseline), rgt_order_by_unit);
	return baselines;
}

/* NULL: the unit had no target. */
const RgtBaseline *
rgt_find_baseline(const RgtBaselines *baselines, int32 unit_id)
{
	return bsearch(&unit_id, baselines->unit, baselines->n, sizeof(RgtBaseline), rgt_order_by_unit);
}

/*
 * Hand a parent's part down to its children by their baselines; those without one get none, and nobody does where
 * there is no positive one.
 */
static bool
hand_down(const RgtReplayed *replayed, const RgtSplit *members, const RgtBaselines *baselines, int parent, int64 *part)
{
	int			n = members->children[parent];
	int			first = members->first_child[parent];
	double	   *weight = palloc_extended(sizeof(double) * (Size) n, MCXT_ALLOC_HUGE);
	void	   *scratch = palloc_extended(rgk_apportion_scratch(n), MCXT_ALLOC_HUGE);
	bool		any = false;
	bool		handed;

	for (int i = 0; i < n; i++)
	{
		const RgtBaseline *baseline = rgt_find_baseline(baselines, replayed->tree->unit_id[members->position[first + i]]);

		weight[i] = baseline == NULL ? 0 :
			DatumGetFloat8(DirectFunctionCall1(numeric_float8, NumericGetDatum(baseline->baseline)));
		any |= baseline != NULL;
	}
	handed = any && rgk_apportion(n, weight, NULL, NULL, part[parent], &part[first], scratch, NULL) == RGK_OK;
	for (int i = 0; i < n; i++)
	{
		if (!handed || rgt_find_baseline(baselines, replayed->tree->unit_id[members->position[first + i]]) == NULL)
			part[first + i] = RGT_NO_PART;
	}
	pfree(weight);
	pfree(scratch);
	return handed;
}

/* The root has an official figure where it or a child of its has one. */
static const int64 *
split_as_published(const RgtReplayed *replayed, const RgtSplit *members)
{
	RgtBaselines baselines = rgt_official_baselines(replayed->period);
	int64	   *part = palloc_extended(sizeof(int64) * (Size) members->n, MCXT_ALLOC_HUGE);
	bool		handed;

	for (int m = 0; m < members->n; m++)
		part[m] = RGT_NO_PART;
	if (baselines.n == 0 || replayed->total <= 0)
		return part;
	part[0] = replayed->total;
	for (int m = 0; m < members->n; m++)
	{
		if (members->children[m] == 0 || part[m] == RGT_NO_PART)
			continue;
		handed = hand_down(replayed, members, &baselines, m, part);
		if (m == 0 && !handed && rgt_find_baseline(&baselines, replayed->tree->unit_id[members->position[0]]) == NULL)
			part[0] = RGT_NO_PART;
	}
	return part;
}

/* ---- all of them ------------------------------------------------------------------------------------- */

/* Everybody's split of what the root brought. */
RgtContest
rgt_contest(const RgtReplayed *replayed, RgtFactors factors)
{
	RgtContest	contest;
	RgtSplit   *split = rgt_replay_split(replayed, factors);

	contest.members = split;
	contest.part[RGT_SUGGESTED] = split->suggested;
	contest.part[RGT_NAIVE] = split_by_past(replayed, RGT_NAIVE);
	contest.part[RGT_PREVIOUS] = split_by_past(replayed, RGT_PREVIOUS);
	contest.part[RGT_OFFICIAL] = split_as_published(replayed, split);
	return contest;
}
