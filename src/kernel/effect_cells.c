/*-------------------------------------------------------------------------
 *
 * effect_cells.c
 *		Changes of those who adopt less changes of those who have not: see effect.h.
 *
 *-------------------------------------------------------------------------
 */
#include "effect_work.h"

/* Sums of changes over some units. */
typedef struct changes
{
	int64_t		n;
	int64_t		value;
	int64_t		adopted;
} changes;

/* The changes from period s to t, of the units whose labels are from one up to, and not including, another. */
static changes
sum_changes(const rgk_effect_work *w, size_t from, size_t to, size_t s, size_t t)
{
	const int64_t *value_from = w->sum_value + from * w->periods;
	const int64_t *value_to = w->sum_value + to * w->periods;
	const int64_t *adopted_from = w->sum_adopted + from * w->periods;
	const int64_t *adopted_to = w->sum_adopted + to * w->periods;
	changes		sum = {
		.n = (int64_t) (w->first_whole[to] - w->first_whole[from]),
		.value = (value_to[t] - value_from[t]) - (value_to[s] - value_from[s]),
		.adopted = (adopted_to[t] - adopted_from[t]) - (adopted_to[s] - adopted_from[s])
	};

	for (size_t i = w->first_gappy[from]; i < w->first_gappy[to]; i++)
	{
		size_t		u = w->gappy[i];
		size_t		adopted = (size_t) w->panel->adopted[u];

		if (!w->known[u * w->periods + s] || !w->known[u * w->periods + t])
			continue;
		sum.n++;
		sum.value += w->value[u * w->periods + t] - w->value[u * w->periods + s];
		sum.adopted += s < adopted && adopted <= t;
	}
	return sum;
}

/* The cell of a group's change against that of the units with labels from `others` on. */
static void
add_cell(const rgk_effect_work *w, rgk_mean *mean, size_t group, size_t others, size_t s, size_t t)
{
	changes		in = sum_changes(w, group, group + 1, s, t);
	changes		out;
	double		ratio;

	if (in.n == 0)
		return;
	out = sum_changes(w, others, w->periods + 1, s, t);
	if (out.n == 0)
		return;
	ratio = (double) in.n / (double) out.n;
	mean->n += (double) in.n;
	mean->value += (double) in.value - ratio * (double) out.value;
	mean->adopted += (double) in.adopted - ratio * (double) out.adopted;
	mean->length += (double) in.n * (double) (t - s);
}

static bool
has_group(const rgk_effect_work *w, size_t group)
{
	return w->first[group] < w->first[group + 1];
}

/* From adoption on, against those not adopted by then. */
rgk_mean
rgk_mean_after(const rgk_effect_work *w)
{
	rgk_mean		mean = {0};

	for (size_t g = 1; g < w->periods; g++)
	{
		for (size_t t = g; has_group(w, g) && t < w->periods; t++)
			add_cell(w, &mean, g, t + 1, g - 1, t);
	}
	return mean;
}

/* Up to the last period before adoption, against those that adopt later. */
rgk_mean
rgk_mean_before(const rgk_effect_work *w)
{
	rgk_mean		mean = {0};

	for (size_t g = 2; g < w->periods; g++)
	{
		for (size_t t = 0; has_group(w, g) && t < g - 1; t++)
			add_cell(w, &mean, g, g + 1, t, g - 1);
	}
	return mean;
}

/* The step that ends so many periods before adoption, over all groups that have one. */
rgk_mean
rgk_mean_step(const rgk_effect_work *w, size_t distance)
{
	rgk_mean		mean = {0};

	for (size_t g = distance + 1; g < w->periods; g++)
	{
		if (has_group(w, g))
			add_cell(w, &mean, g, g + 1, g - distance - 1, g - distance);
	}
	return mean;
}
