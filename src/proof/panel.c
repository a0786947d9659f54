/*
 * proof/panel.c
 *	  What each factor would have made of past periods among the root's children.
 *
 * A period is replayed once, as backtest() does; what its signals say of the root's children is kept, the rest is
 * forgotten before the next.  Whatever weighting is judged then is split by the same arithmetic as in backtest(), to the
 * last step: gaps, scales, dropped signals, rounding.  So a weighting has one error, whoever computes it.
 *
 * Rivals are beside the factors, whether the table has them or not: previous and last_year, as backtest() has them.
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"
#include "utils/memutils.h"

#include "kernel/apportion.h"
#include "proof/panel.h"

static const char *const rival_signal[RGT_RIVALS] = {
	[RGT_RIVAL_PREVIOUS] = "actual_previous",
	[RGT_RIVAL_LAST_YEAR] = "actual_last_year"
};

static void *
array_of(Size size, int n)
{
	return palloc_extended(size * (Size) Max(n, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
}

/* ---- candidates ------------------------------------------------------------------------------------ */

/* Factors are together in the list of signals: one candidate a factor. */
static void
find_candidates(RgtPanel *panel, RgtFactors table)
{
	double		sum = 0;

	for (int f = 0; f < table.n; f++)
	{
		const RgtFactor *factor = &table.factor[f];
		RgtCandidate *candidate = &panel->candidate[panel->candidates - 1];

		if (f == 0 || strcmp(factor->factor, candidate->name) != 0)
		{
			candidate = &panel->candidate[panel->candidates++];
			candidate->name = factor->factor;
		}
		candidate->whole += factor->weight;
		candidate->signals++;
		panel->candidate_of[f] = panel->candidates - 1;
		sum += factor->weight;
	}
	for (int c = 0; c < panel->candidates && sum > 0; c++)
		panel->candidate[c].in_force = panel->candidate[c].whole / sum;
}

/* The candidate that is nothing but one rival's signal. */
static int
find_alone(const RgtPanel *panel, RgtRival rival)
{
	for (int f = 0; f < panel->nsignals; f++)
	{
		if (strcmp(panel->factors.factor[f].signal, rival_signal[rival]) == 0 &&
			panel->factors.factor[f].scaled_by == NULL && panel->candidate[panel->candidate_of[f]].signals == 1)
			return panel->candidate_of[f];
	}
	return -1;
}

static RgtPanel *
start_panel(const RgtReplay *replay)
{
	RgtPanel   *panel = palloc0(sizeof(RgtPanel));
	RgtFactors	table = rgt_factors(NULL, RGT_CALLER);

	panel->nsignals = table.n;
	panel->factors.n = table.n + RGT_RIVALS;
	panel->factors.factor = array_of(sizeof(RgtFactor), panel->factors.n);
	memcpy(panel->factors.factor, table.factor, sizeof(RgtFactor) * table.n);
	/* No factor of the table has a name without letters. */
	for (int r = 0; r < RGT_RIVALS; r++)
		panel->factors.factor[table.n + r] = (RgtFactor) {
			pstrdup(rival_signal[r]), r == 0 ? "" : "\n", 1, NULL
		};
	panel->candidate_of = array_of(sizeof(int), table.n);
	panel->candidate = array_of(sizeof(RgtCandidate), table.n + 1);
	panel->signal_weight = array_of(sizeof(double), panel->factors.n);
	find_candidates(panel, table);
	for (int r = 0; r < RGT_RIVALS; r++)
		panel->alone[r] = find_alone(panel, r);
	panel->n = replay->n;
	panel->period = array_of(sizeof(RgtPanelPeriod), replay->n);
	return panel;
}

/* How many factors the table has. */
int
rgt_count_candidates(void)
{
	RgtFactors	table = rgt_factors(NULL, RGT_CALLER);
	int			n = 0;

	for (int f = 0; f < table.n; f++)
		n += f == 0 || strcmp(table.factor[f].factor, table.factor[f - 1].factor) != 0;
	return n;
}

/* ---- periods ----------------------------------------------------------------------------------------- */

/* The signals' weights that a weighting comes to, as rgt_factors() makes them of a caller's. */
static void
spread_weights(RgtPanel *panel, const double *weight)
{
	memset(panel->signal_weight, 0, sizeof(double) * panel->factors.n);
	for (int f = 0; f < panel->nsignals; f++)
	{
		const RgtCandidate *candidate = &panel->candidate[panel->candidate_of[f]];
		double		w = weight[panel->candidate_of[f]];

		panel->signal_weight[f] = candidate->whole > 0 ?
			w * (panel->factors.factor[f].weight / candidate->whole) : w / candidate->signals;
	}
}

/* What a candidate alone makes of a period's total. */
static void
read_candidate(RgtPanel *panel, RgtPanelPeriod *period, int c)
{
	double	   *weight = palloc0(sizeof(double) * panel->candidates);
	double		sum = 0;
	double	   *share;

	weight[c] = 1;
	spread_weights(panel, weight);
	for (int f = 0; f < panel->nsignals; f++)
		period->refused[c] |= panel->signal_weight[f] > 0 && rgt_weights_refused(period->weights, f);
	rgt_weights_change(period->weights, panel->signal_weight);
	share = array_of(sizeof(double), period->n);
	if (rgt_weights_blend(period->weights, period->n, share))
	{
		for (int i = 0; i < period->n; i++)
			sum += share[i];
		for (int i = 0; i < period->n; i++)
			share[i] /= sum;
		period->share[c] = share;
	}
	else
		pfree(share);
	pfree(weight);
}

/* The root's children that were open on the first day. */
static int *
find_children(const RgtReplayed *replayed, int *n)
{
	const RgtTree *tree = replayed->tree;
	int		   *positions = array_of(sizeof(int), tree->children[replayed->root]);

	*n = 0;
	for (int i = 0; i < tree->children[replayed->root]; i++)
	{
		if (rgt_tree_open(tree, tree->first_child[replayed->root] + i, replayed->period->first))
			positions[(*n)++] = tree->first_child[replayed->root] + i;
	}
	return positions;
}

/* Signals are read with all weights 1, so that every one is there to be blended. */
static RgtFactors
copy_of_signals(const RgtPanel *panel)
{
	RgtFactors	copy = {panel->factors.n, array_of(sizeof(RgtFactor), panel->factors.n)};

	memcpy(copy.factor, panel->factors.factor, sizeof(RgtFactor) * copy.n);
	for (int f = 0; f < copy.n; f++)
		copy.factor[f].weight = 1;
	return copy;
}

/* Keep what was read of a period in the panel's context. */
static void
keep_period(RgtPanel *panel, RgtPanelPeriod *period, const RgtReplayed *replayed, const int *positions)
{
	period->usable = true;
	period->total = replayed->total;
	period->step = (double) replayed->step.units / pow(10, replayed->step.scale);
	period->actual = array_of(sizeof(int64), period->n);
	for (int i = 0; i < period->n; i++)
	{
		period->actual[i] = rgt_replayed_steps(replayed, positions[i]);
		period->brought += (double) period->actual[i];
	}
	period->share = array_of(sizeof(double *), panel->candidates);
	period->refused = array_of(sizeof(bool), panel->candidates);
	period->weights = rgt_weights_begin(replayed->tree, replayed->signals, copy_of_signals(panel), period->n);
	rgt_weights_allow_negative(period->weights);
}

/* Replay the i-th period.  `replaying` is forgotten afterwards, with tree and signals, which are not looked at again. */
static void
read_period(RgtPanel *panel, const RgtReplay *replay, int i, MemoryContext replaying)
{
	RgtPanelPeriod *period = &panel->period[i];
	MemoryContext kept = MemoryContextSwitchTo(replaying);
	RgtReplayed replayed = rgt_replay_period(replay, i);
	int		   *positions = NULL;

	period->period = &replay->periods[i];
	if (replayed.root >= 0 && replayed.total > 0)
		positions = find_children(&replayed, &period->n);
	MemoryContextSwitchTo(kept);
	if (period->n == 0)
		return;
	keep_period(panel, period, &replayed, positions);
	MemoryContextSwitchTo(replaying);
	rgt_weights_read(period->weights, positions, period->n);
	MemoryContextSwitchTo(kept);
	for (int c = 0; c < panel->candidates; c++)
		read_candidate(panel, period, c);
}

/* All periods of a replay; lives in the current memory context. */
RgtPanel *
rgt_panel(const RgtReplay *replay)
{
	RgtPanel   *panel = start_panel(replay);
	MemoryContext replaying = AllocSetContextCreate(CurrentMemoryContext, "regtarget panel", ALLOCSET_DEFAULT_SIZES);
	int			largest = 1;

	for (int i = 0; i < replay->n; i++)
	{
		read_period(panel, replay, i, replaying);
		MemoryContextReset(replaying);
		largest = Max(largest, panel->period[i].n);
	}
	MemoryContextDelete(replaying);
	panel->weight = array_of(sizeof(double), largest);
	panel->part = array_of(sizeof(int64), largest);
	panel->scratch = palloc_extended(rgk_apportion_scratch(largest), MCXT_ALLOC_HUGE);
	return panel;
}

/* ---- splits -------------------------------------------------------------------------------------------- */

/*
 * Split a period's total by the signals' weights in hand; false when there is nothing to split by.  `lone`: a lone child
 * gets all, whatever they say.
 */
static bool
split_period(RgtPanel *panel, const RgtPanelPeriod *period, bool lone, RgtOff *off)
{
	double		sum = 0;
	rgk_status	status;

	rgt_weights_change(period->weights, panel->signal_weight);
	if (period->n == 1 && lone)
		panel->weight[0] = 1;
	else if (!rgt_weights_blend(period->weights, period->n, panel->weight))
		return false;
	status = rgk_apportion(period->n, panel->weight, NULL, NULL, period->total, panel->part, panel->scratch, NULL);
	if (status != RGK_OK)
		elog(ERROR, "cannot split the total of a past period: status %d", (int) status);
	for (int i = 0; i < period->n; i++)
		sum += fabs((double) (panel->part[i] - period->actual[i]));
	off->off = sum * period->step;
	off->actual = period->brought * period->step;
	return true;
}

/* What a weighting, a weight for each candidate, was off by in a period that is usable; false when it has nothing. */
bool
rgt_panel_off(RgtPanel *panel, int period, const double *weight, RgtOff *off)
{
	Assert(panel->period[period].usable);
	spread_weights(panel, weight);
	return split_period(panel, &panel->period[period], true, off);
}

/* The same of a rival, which says something of a lone child only where it has something. */
bool
rgt_panel_rival_off(RgtPanel *panel, int period, RgtRival rival, RgtOff *off)
{
	Assert(panel->period[period].usable);
	memset(panel->signal_weight, 0, sizeof(double) * panel->factors.n);
	panel->signal_weight[panel->nsignals + rival] = 1;
	return split_period(panel, &panel->period[period], false, off);
}
