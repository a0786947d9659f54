/*
 * proof/tuning.c
 *	  The best weightings of a panel's candidates.
 *
 * One set of periods judges all weightings of a search, or comparing them would lie: those that previous can split.  Of
 * a candidate that has nothing in one of them the weight goes to the others, as in any split; a weighting that has
 * nothing at all in one of them is no answer.  Now and then last_year alone, over the fewer periods that it can split, has
 * a lower error than anything over all of them; then those judge.  So no rival is ever closer than the best weighting,
 * each over its own periods.
 *
 * A candidate that has nothing in any of the periods, or a negative value in one, takes no part.
 *
 * The kernel finds weightings by shares; the order in which they are told is that of the errors of their splits, which
 * backtest() would print.
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/fmgrprotos.h"

#include "kernel/tuning.h"
#include "proof/race.h"
#include "proof/tuning.h"

/* From the best so many of the grid on, the optimum is looked for. */
#define STARTS 10

#define MOST_POINTS_UNASKED 1000000

/* How many cuts are remembered, and how many rows are worked through between two looks for interrupts. */
#define CUTS 96
#define WORK 2000000

/* ---- errors ------------------------------------------------------------------------------------------ */

/* What a weighting was off by in a period; false when it had nothing to split by. */
bool
rgt_off_of(RgtPanel *panel, int period, const RgtWeighting *weighting, RgtOff *off)
{
	double	   *weight = palloc(sizeof(double) * Max(panel->candidates, 1));
	bool		split;

	for (int c = 0; c < panel->candidates; c++)
		weight[c] = (double) weighting->weight[c] / weighting->parts;
	split = rgt_panel_off(panel, period, weight, off);
	pfree(weight);
	return split;
}

/* Over the periods that are judged and that it can split; false when that is none. */
bool
rgt_error_over(RgtPanel *panel, const bool *judged, const RgtWeighting *weighting, double *error)
{
	RgtOff		sum = {0};
	RgtOff		off;

	for (int i = 0; i < panel->n; i++)
	{
		if (!judged[i] || !rgt_off_of(panel, i, weighting, &off))
			continue;
		sum.off += off.off;
		sum.actual += off.actual;
	}
	*error = sum.off / sum.actual;
	return sum.actual > 0;
}

/* The same of a rival; `all`: only where it can split all of them. */
bool
rgt_rival_error_over(RgtPanel *panel, const bool *judged, RgtRival rival, bool all, double *error)
{
	RgtOff		sum = {0};
	RgtOff		off;

	for (int i = 0; i < panel->n; i++)
	{
		if (!judged[i])
			continue;
		if (rgt_panel_rival_off(panel, i, rival, &off))
		{
			sum.off += off.off;
			sum.actual += off.actual;
		}
		else if (all)
			return false;
	}
	*error = sum.off / sum.actual;
	return sum.actual > 0;
}

/* ---- the weightings found ------------------------------------------------------------------------------ */

typedef struct Found
{
	RgtPanel   *panel;
	const bool *judged;
	RgtWeighting *list;
	int			n;
	int			allocated;
} Found;

static bool
same_weights(const RgtPanel *panel, const RgtWeighting *a, const RgtWeighting *b)
{
	for (int c = 0; c < panel->candidates; c++)
	{
		if ((int64) a->weight[c] * b->parts != (int64) b->weight[c] * a->parts)
			return false;
	}
	return true;
}

/* Can it split all periods that are judged? */
static bool
splits_all(RgtPanel *panel, const bool *judged, const RgtWeighting *weighting)
{
	RgtOff		off;

	for (int i = 0; i < panel->n; i++)
	{
		if (judged[i] && !rgt_off_of(panel, i, weighting, &off))
			return false;
	}
	return true;
}

/* Add a weighting, unless it is there. */
static void
add_found(Found *found, int32 parts, const int32 *weight)
{
	RgtPanel   *panel = found->panel;
	RgtWeighting added = {parts, palloc0(sizeof(int32) * Max(panel->candidates, 1)), 0, 0};

	memcpy(added.weight, weight, sizeof(int32) * panel->candidates);
	for (int i = 0; i < found->n; i++)
	{
		if (same_weights(panel, &found->list[i], &added))
			return;
	}
	CHECK_FOR_INTERRUPTS();
	if (!splits_all(panel, found->judged, &added) || !rgt_error_over(panel, found->judged, &added, &added.error))
		return;
	for (int c = 0; c < panel->candidates; c++)
		added.distance += fabs((double) added.weight[c] / parts - panel->candidate[c].in_force);
	RGT_GROW(found->list, found->n, found->allocated);
	found->list[found->n++] = added;
}

/* The lower error, then the nearer to the weights in force, then whoever gives more to the first factor, and so on. */
static int
order_weightings(const void *a, const void *b, void *arg)
{
	const RgtPanel *panel = arg;
	const RgtWeighting *x = a;
	const RgtWeighting *y = b;

	if (x->error != y->error)
		return RGT_ORDER(x->error, y->error);
	if (x->distance != y->distance)
		return RGT_ORDER(x->distance, y->distance);
	for (int c = 0; c < panel->candidates; c++)
	{
		int64		more = (int64) x->weight[c] * y->parts - (int64) y->weight[c] * x->parts;

		if (more != 0)
			return more > 0 ? -1 : 1;
	}
	return 0;
}

/* ---- the search ------------------------------------------------------------------------------------------ */

/* Weights of those in the race as a whole number of parts, from fractions: what rounding leaves goes to the greatest rests. */
static void
to_parts(const RgtRace *race, const double *fraction, int32 parts, int32 *weight, int candidates)
{
	double		rest[RGK_MAX_FACTORS];
	int32		left = parts;

	memset(weight, 0, sizeof(int32) * candidates);
	for (int f = 0; f < race->panel.factors; f++)
	{
		double		exact = Max(fraction[f], 0) * parts;
		int32		whole = (int32) Min(floor(exact), (double) left);

		rest[f] = exact - whole;
		weight[race->candidate[f]] = whole;
		left -= whole;
	}
	for (; left > 0; left--)
	{
		int			most = 0;

		for (int f = 1; f < race->panel.factors; f++)
			most = rest[f] > rest[most] ? f : most;
		weight[race->candidate[most]]++;
		rest[most] -= 1;
	}
}

/* The optimum off the grid, from some weights. */
static void
add_optimum(Found *found, const RgtRace *race, double *fraction)
{
	int32	   *weight = palloc(sizeof(int32) * Max(found->panel->candidates, 1));
	void	   *scratch = palloc_extended(rgk_optimum_scratch(&race->panel), MCXT_ALLOC_HUGE);

	CHECK_FOR_INTERRUPTS();
	rgk_optimum(&race->panel, fraction, scratch);
	to_parts(race, fraction, RGT_FINE_PARTS, weight, found->panel->candidates);
	add_found(found, RGT_FINE_PARTS, weight);
	pfree(scratch);
	pfree(weight);
}

/* The finest of these grids that has not too many points. */
static int32
finest_grid(int factors)
{
	static const int32 parts[] = {100, 50, 20, 10};

	for (int i = 0; i < (int) lengthof(parts); i++)
	{
		if (rgk_tuning_points(factors, parts[i]) <= MOST_POINTS_UNASKED)
			return parts[i];
	}
	return 5;
}

/* The best of the grid; from the best few of them, or where the optimum is one, from anywhere, off it if wanted. */
static void
search_grid(Found *found, const RgtRace *race, int32 parts, int keep, bool refine)
{
	int			factors = race->panel.factors;
	int32	   *weight = palloc0(sizeof(int32) * Max(found->panel->candidates, 1));
	void	   *scratch = palloc_extended(rgk_tuning_scratch(&race->panel, parts, keep, CUTS), MCXT_ALLOC_HUGE);
	rgk_tuning *search = palloc(sizeof(rgk_tuning));

	if (rgk_tuning_begin(search, &race->panel, parts, race->in_force, keep, CUTS, scratch) != RGK_TUNING_DONE)
		elog(ERROR, "errors of past periods are out of range");
	while (rgk_tuning_run(search, WORK) == RGK_TUNING_MORE)
		CHECK_FOR_INTERRUPTS();
	for (int i = 0; i < (int) search->found; i++)
	{
		for (int f = 0; f < factors; f++)
			weight[race->candidate[f]] = search->best[i].weight[f];
		add_found(found, parts, weight);
	}
	for (int i = 0; refine && i < (race->convex ? 1 : Min(STARTS, (int) search->found)); i++)
	{
		double		fraction[RGK_MAX_FACTORS];

		for (int f = 0; f < factors; f++)
			fraction[f] = search->found == 0 ? 1.0 / factors : (double) search->best[i].weight[f] / parts;
		add_optimum(found, race, fraction);
	}
	pfree(search);
	pfree(scratch);
	pfree(weight);
}

/* Each candidate alone, so that every rival is among the answers, and the weights in force. */
static void
add_known(Found *found, const RgtRace *race, int32 parts, bool in_force)
{
	RgtPanel   *panel = found->panel;
	int32	   *weight = palloc0(sizeof(int32) * Max(panel->candidates, 1));
	double		fraction[RGK_MAX_FACTORS];
	double		sum = 0;

	for (int f = 0; f < race->panel.factors; f++)
	{
		weight[race->candidate[f]] = parts;
		add_found(found, parts, weight);
		weight[race->candidate[f]] = 0;
		sum += panel->candidate[race->candidate[f]].in_force;
	}
	for (int f = 0; f < race->panel.factors && sum > 0; f++)
		fraction[f] = panel->candidate[race->candidate[f]].in_force / sum;
	if (in_force && sum > 0)
	{
		to_parts(race, fraction, RGT_FINE_PARTS, weight, panel->candidates);
		add_found(found, RGT_FINE_PARTS, weight);
	}
	pfree(weight);
}

/* All that is found over some periods, in order. */
static RgtTuned
search(RgtPanel *panel, bool *judged, int32 parts, int keep)
{
	RgtTuned	tuned = {.judged = judged};
	RgtRace    *race = rgt_race(panel, judged, parts > 0 ? parts : 100);
	Found		found = {panel, judged, palloc(sizeof(RgtWeighting) * 128), 0, 128};
	bool		refine = parts <= 0;

	for (int i = 0; i < panel->n; i++)
		tuned.periods += judged[i];
	for (int r = 0; r < RGT_RIVALS; r++)
	{
		if (!rgt_rival_error_over(panel, judged, r, true, &tuned.rival_error[r]))
			tuned.rival_error[r] = get_float8_nan();
	}
	if (race->panel.factors == 0)
		return tuned;
	if (parts == RGT_NO_GRID && race->convex)
	{
		double		fraction[RGK_MAX_FACTORS];

		for (int f = 0; f < race->panel.factors; f++)
			fraction[f] = 1.0 / race->panel.factors;
		add_optimum(&found, race, fraction);
	}
	else
		search_grid(&found, race, parts > 0 ? parts : finest_grid(race->panel.factors), Max(keep, STARTS), refine);
	add_known(&found, race, parts > 0 ? parts : RGT_FINE_PARTS, refine);
	qsort_arg(found.list, found.n, sizeof(RgtWeighting), order_weightings, panel);
	tuned.best = found.list;
	tuned.n = Min(found.n, keep);
	rgt_race_end(race);
	return tuned;
}

/* Has any candidate something in a period? */
static bool
has_something(const RgtPanel *panel, int period)
{
	for (int c = 0; c < panel->candidates && panel->period[period].usable; c++)
	{
		if (panel->period[period].share[c] != NULL)
			return true;
	}
	return false;
}

/* The periods among some that a rival can split, and any candidate; false when there are none. */
static bool
periods_of(RgtPanel *panel, const bool *among, RgtRival rival, bool *judged)
{
	bool		any = false;
	RgtOff		off;

	for (int i = 0; i < panel->n; i++)
	{
		judged[i] = among[i] && has_something(panel, i) && rgt_panel_rival_off(panel, i, rival, &off);
		any |= judged[i];
	}
	return any;
}

static void
periods_of_any(const RgtPanel *panel, const bool *among, bool *judged)
{
	for (int i = 0; i < panel->n; i++)
		judged[i] = among[i] && has_something(panel, i);
}

/*
 * The best `keep` weightings by the periods among some, at most, on a grid of so many parts.  Lives in the current memory
 * context.
 */
RgtTuned
rgt_tune(RgtPanel *panel, const bool *among, int32 parts, int keep)
{
	bool	   *judged = palloc0(sizeof(bool) * Max(panel->n, 1));
	bool	   *fewer = palloc0(sizeof(bool) * Max(panel->n, 1));
	RgtTuned	tuned;
	double		error;

	if (!periods_of(panel, among, RGT_RIVAL_PREVIOUS, judged))
		periods_of_any(panel, among, judged);
	tuned = search(panel, judged, parts, keep);
	if (panel->alone[RGT_RIVAL_LAST_YEAR] >= 0 && periods_of(panel, judged, RGT_RIVAL_LAST_YEAR, fewer) &&
		rgt_rival_error_over(panel, fewer, RGT_RIVAL_LAST_YEAR, true, &error) &&
		(tuned.n == 0 || error < tuned.best[0].error))
		tuned = search(panel, fewer, parts, keep);
	return tuned;
}

/* ---- as others take it --------------------------------------------------------------------------------- */

/* {"previous": 0.7, "health": 0.3}: exact decimals, those of weight 0 left out; as allocate_targets() takes it. */
Datum
rgt_weighting_jsonb(const RgtPanel *panel, const RgtWeighting *weighting)
{
	RgtJson    *json = rgt_json();
	Numeric		parts = int64_to_numeric(weighting->parts);

	for (int c = 0; c < panel->candidates; c++)
	{
		Datum		weight;

		if (weighting->weight[c] == 0)
			continue;
		/* With so many digits the quotient is exact: parts divide 10^23. */
		weight = DirectFunctionCall2(numeric_round, NumericGetDatum(int64_to_numeric(weighting->weight[c])), Int32GetDatum(30));
		weight = DirectFunctionCall2(numeric_div, weight, NumericGetDatum(parts));
		rgt_json_numeric(json, panel->candidate[c].name,
						 DatumGetNumeric(DirectFunctionCall1(numeric_trim_scale, weight)));
	}
	return rgt_json_done(json);
}
