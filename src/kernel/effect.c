/*-------------------------------------------------------------------------
 *
 * effect.c
 *		What the adoption of something did to an outcome: see effect.h.
 *
 * The interval.  Take a constant effect e out of the units that adopted, from
 * their periods on.  An assignment whose statistic is A on the values and B on
 * the adoptions themselves (1 where a unit has truly adopted by then, else 0)
 * has A - eB on what is left, for the statistic is linear; the true one has
 * A0 - e.  The first is at least as large as the second for e between the two
 * places where they are equal, since |B| <= 1, and that stretch holds A0.  So
 * p as a function of e is a heap of stretches over A0 that falls to both
 * sides, and the interval ends where so many stretches as the test allows
 * have ended: two sorts, no search.  Where |B| = 1 a stretch is open.
 *
 *-------------------------------------------------------------------------
 */
#include "effect_work.h"

#include <math.h>
#include <stdlib.h>

/* Differences below this part of the largest change in the panel are none: what is left of sums in binary. */
#define TIE 1e-9

/* Room for sums: |value| < 2^61 / units. */
#define SUM_BITS 61

static rgk_figure
figure(double value)
{
	return (rgk_figure) {.known = true, .value = value};
}

/* In the panel's own measure. */
static double
value_of(const rgk_effect_work *w, double steps)
{
	return ldexp(steps, -w->shift);
}

/* What is smaller than a tie is nothing. */
static double
statistic(const rgk_effect_work *w, const rgk_mean *mean)
{
	double		value = mean->value / mean->n;

	return fabs(value) > w->tie ? value : 0;
}

static rgk_figure
figure_of(const rgk_effect_work *w, const rgk_mean *mean)
{
	return mean->n > 0 ? figure(value_of(w, statistic(w, mean))) : (rgk_figure) {0};
}

/* ---------- judging ---------- */

static size_t
aligned(size_t size)
{
	return (size + 15) / 16 * 16;
}

size_t
rgk_effect_scratch(size_t units, size_t periods)
{
	return aligned(sizeof(rgk_effect_work)) + aligned(units * periods * sizeof(int64_t)) +
		aligned(units * periods) + aligned(units * sizeof(bool)) + aligned(units * sizeof(int)) +
		aligned(units * sizeof(size_t)) + 3 * aligned((periods + 3) * sizeof(size_t)) +
		2 * aligned((periods + 2) * periods * sizeof(int64_t)) + 2 * aligned(RGK_ALL_ASSIGNMENTS * sizeof(double));
}

static void *
take(char **scratch, size_t size)
{
	void	   *taken = *scratch;

	*scratch += aligned(size);
	return taken;
}

static rgk_effect_work *
make_work(const rgk_effect_panel *panel, double certainty, char *scratch)
{
	size_t		cells = panel->units * panel->periods;
	rgk_effect_work *w = take(&scratch, sizeof(rgk_effect_work));

	*w = (rgk_effect_work) {.panel = panel, .units = panel->units, .periods = panel->periods, .certainty = certainty};
	w->value = take(&scratch, cells * sizeof(int64_t));
	w->known = take(&scratch, cells);
	w->whole = take(&scratch, w->units * sizeof(bool));
	w->label = take(&scratch, w->units * sizeof(int));
	w->gappy = take(&scratch, w->units * sizeof(size_t));
	w->first = take(&scratch, (w->periods + 3) * sizeof(size_t));
	w->first_whole = take(&scratch, (w->periods + 3) * sizeof(size_t));
	w->first_gappy = take(&scratch, (w->periods + 3) * sizeof(size_t));
	w->sum_value = take(&scratch, (w->periods + 2) * w->periods * sizeof(int64_t));
	w->sum_adopted = take(&scratch, (w->periods + 2) * w->periods * sizeof(int64_t));
	w->effect = take(&scratch, RGK_ALL_ASSIGNMENTS * sizeof(double));
	w->of_adoption = take(&scratch, RGK_ALL_ASSIGNMENTS * sizeof(double));
	return w;
}

/* So fine that the sum of the changes of all units still fits. */
static int
choose_shift(const rgk_effect_panel *panel)
{
	double		largest = 0;
	int			of_value = 0;
	int			of_units = 0;

	for (size_t i = 0; i < panel->units * panel->periods; i++)
	{
		if (panel->known[i])
			largest = fmax(largest, fabs(panel->value[i]));
	}
	frexp(largest, &of_value);
	while (((size_t) 1 << of_units) < panel->units)
		of_units++;
	return SUM_BITS - of_units - of_value;
}

/* The part of the largest change of a unit that is taken for none. */
static double
choose_tie(const rgk_effect_work *w)
{
	int64_t		largest = 0;

	for (size_t u = 0; u < w->units; u++)
	{
		int64_t		low = INT64_MAX;
		int64_t		high = INT64_MIN;

		for (size_t i = u * w->periods; i < (u + 1) * w->periods; i++)
		{
			if (w->known[i])
			{
				low = w->value[i] < low ? w->value[i] : low;
				high = w->value[i] > high ? w->value[i] : high;
			}
		}
		if (high > low && high - low > largest)
			largest = high - low;
	}
	return TIE * (double) largest;
}

static void
fill_cells(rgk_effect_work *w)
{
	const rgk_effect_panel *panel = w->panel;

	w->shift = choose_shift(panel);
	for (size_t u = 0; u < w->units; u++)
	{
		w->whole[u] = true;
		for (size_t t = 0; t < w->periods; t++)
		{
			size_t		from = t * w->units + u;
			size_t		to = u * w->periods + t;

			w->known[to] = panel->known[from];
			w->value[to] = panel->known[from] ? (int64_t) llrint(ldexp(panel->value[from], w->shift)) : 0;
			w->whole[u] = w->whole[u] && panel->known[from];
		}
	}
	w->tie = choose_tie(w);
}

rgk_effect_work *
rgk_effect_begin(const rgk_effect_panel *panel, double certainty, void *scratch)
{
	rgk_effect_work *w = make_work(panel, certainty, scratch);
	rgk_mean		before;

	fill_cells(w);
	rgk_true_labels(w);
	before = rgk_mean_before(w);
	w->has_before = before.n > 0;
	w->before = w->has_before ? statistic(w, &before) : 0;
	w->total = rgk_count_assignments(w);
	w->drawn = w->total > RGK_ALL_ASSIGNMENTS;
	if (w->drawn)
		w->total = RGK_DRAWN_ASSIGNMENTS + 1;
	w->chance = RGK_ASSIGNMENT_SEED;
	rgk_first_labels(w);
	return w;
}

/* Is one at least as large as another, either way? */
static bool
as_large(const rgk_effect_work *w, double one, double other)
{
	return fabs(one) >= fabs(other) - w->tie;
}

/* Judge the assignment at hand.  One without a cell counts against the effect: nobody knows what it would have been. */
static void
judge(rgk_effect_work *w)
{
	rgk_mean		after;
	rgk_mean		before = {0};

	rgk_sum_by_label(w);
	after = rgk_mean_after(w);
	w->effect[w->judged] = after.n > 0 ? statistic(w, &after) : NAN;
	w->of_adoption[w->judged] = after.n > 0 ? after.adopted / after.n : NAN;
	if (w->has_before)
		before = rgk_mean_before(w);
	w->as_early += before.n == 0 || as_large(w, statistic(w, &before), w->before);
}

/* The effect without one unit, if that adopted.  The labels are the true ones. */
static void
leave_out(rgk_effect_work *w, size_t u)
{
	rgk_mean		without;
	rgk_figure	effect;

	if ((size_t) w->panel->adopted[u] >= w->periods)
		return;
	rgk_take_out(w, u);
	without = rgk_mean_after(w);
	rgk_put_back(w, u);
	effect = figure_of(w, &without);
	if (effect.known && (!w->least.known || effect.value < w->least.value))
		w->least = effect;
	if (effect.known && (!w->most.known || effect.value > w->most.value))
		w->most = effect;
}

bool
rgk_effect_more(rgk_effect_work *w, size_t most)
{
	for (; most > 0 && w->judged < w->total; most--)
	{
		judge(w);
		if (++w->judged < w->total)
			rgk_next_labels(w);
		else
			rgk_true_labels(w);
	}
	for (; most > 0 && w->left_out < w->units; most--)
		leave_out(w, w->left_out++);
	return w->judged < w->total || w->left_out < w->units;
}

/* ---------- what comes of it ---------- */

/* The share of the assignments whose effect is as large as that one. */
static rgk_figure
share_as_large(const rgk_effect_work *w, double effect)
{
	size_t		n = 0;

	for (size_t i = 0; i < w->total; i++)
		n += isnan(w->effect[i]) || as_large(w, w->effect[i], effect);
	return figure((double) n / (double) w->total);
}

static double
largest_effect(const rgk_effect_work *w)
{
	double		largest = 0;

	for (size_t i = 0; i < w->total; i++)
		largest = fmax(largest, fabs(w->effect[i]));	/* a NaN is no number and loses */
	return largest;
}

static rgk_figure
deviation(const rgk_effect_work *w)
{
	double		sum = 0;
	double		squares = 0;
	size_t		n = 0;

	for (size_t i = 0; i < w->total; i++)
	{
		if (!isnan(w->effect[i]))
		{
			sum += w->effect[i];
			n++;
		}
	}
	for (size_t i = 0; i < w->total; i++)
	{
		if (!isnan(w->effect[i]))
			squares += (w->effect[i] - sum / (double) n) * (w->effect[i] - sum / (double) n);
	}
	return figure(value_of(w, sqrt(squares / (double) n)));
}

/* The stretch of constant effects for which an assignment has as large an effect as the true one: see above. */
static void
stretch(const rgk_effect_work *w, double a, double b, double a0, double *low, double *high)
{
	double		one;
	double		other;

	*low = -INFINITY;
	*high = INFINITY;
	if (isnan(a))
		return;
	if (fabs(b) < 1 - TIE)
	{
		one = (a0 - a) / (1 - b);
		other = (a0 + a) / (1 + b);
		*low = fmin(one, other);
		*high = fmax(one, other);
		return;
	}
	if (b < 0)
		a = -a;
	if (a < a0 - w->tie)
		*low = (a0 + a) / 2;
	else if (a > a0 + w->tie)
		*high = (a0 + a) / 2;
}

static int
compare_values(const void *a, const void *b)
{
	return (*(const double *) a > *(const double *) b) - (*(const double *) a < *(const double *) b);
}

/* Takes the arrays of the assignments for its stretches: the last thing that is done with them. */
static void
find_interval(rgk_effect_work *w, double a0, rgk_effect *result)
{
	size_t		end = (size_t) floor((1 - w->certainty) * (double) w->total + TIE);
	double	   *low = w->effect;
	double	   *high = w->of_adoption;

	for (size_t i = 0; i < w->total; i++)
		stretch(w, w->effect[i], w->of_adoption[i], a0, &low[i], &high[i]);
	qsort(low, w->total, sizeof(double), compare_values);
	qsort(high, w->total, sizeof(double), compare_values);
	if (isfinite(low[end]))
		result->low = figure(value_of(w, low[end]));
	if (isfinite(high[w->total - 1 - end]))
		result->high = figure(value_of(w, high[w->total - 1 - end]));
}

/* How many times the largest step seen before a drift must be, each period, to make up the effect. */
static rgk_figure
breaking_drift(const rgk_effect_work *w, const rgk_mean *effect)
{
	double		largest = 0;

	for (size_t distance = 1; distance < w->periods; distance++)
	{
		rgk_mean		step = rgk_mean_step(w, distance);

		if (step.n > 0)
			largest = fmax(largest, fabs(statistic(w, &step)));
	}
	return largest > w->tie ? figure(fabs(statistic(w, effect)) * effect->n / (largest * effect->length)) : (rgk_figure) {0};
}

/* What is said of the true assignment alone, whose labels are in place; false: it has no effect to judge. */
static bool
tell_true_one(rgk_effect_work *w, rgk_effect *result, double *effect)
{
	rgk_mean		after = rgk_mean_after(w);

	result->effect = figure_of(w, &after);
	result->adopters = w->first[w->periods];
	result->others = w->units - result->adopters;
	if (!result->effect.known)
		return false;
	*effect = statistic(w, &after);
	result->breaks_at = breaking_drift(w, &after);
	result->least = w->least;
	result->most = w->most;
	return true;
}

void
rgk_effect_end(rgk_effect_work *w, rgk_effect *result)
{
	double		effect;

	*result = (rgk_effect) {.assignments = w->total, .drawn = w->drawn};
	if (w->has_before)
	{
		result->before = figure(value_of(w, w->before));
		result->before_p = figure((double) w->as_early / (double) w->total);
	}
	if (!tell_true_one(w, result, &effect))
		return;
	result->p_value = share_as_large(w, effect);
	result->smallest_p = share_as_large(w, largest_effect(w));
	result->deviation = deviation(w);
	find_interval(w, effect, result);
}
