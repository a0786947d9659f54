/*-------------------------------------------------------------------------
 *
 * effect_assignments.c
 *		The ways in which the dates could have fallen on the units, one after the other.
 *
 *-------------------------------------------------------------------------
 */
#include "effect_work.h"

#include <stdlib.h>
#include <string.h>

#include "draw.h"

/* Add a whole unit to what its label has. */
static void
add_whole(rgk_effect_work *w, size_t u)
{
	size_t		row = ((size_t) w->label[u] + 1) * w->periods;
	size_t		adopted = (size_t) w->panel->adopted[u];

	w->first_whole[w->label[u] + 1]++;
	for (size_t t = 0; t < w->periods; t++)
		w->sum_value[row + t] += w->value[u * w->periods + t];
	if (adopted < w->periods)
		w->sum_adopted[row + adopted]++;
}

/* From what each label has to what those below it have; from who adopts in a period to who has by then. */
static void
add_up_labels(rgk_effect_work *w)
{
	for (size_t l = 1; l <= w->periods + 1; l++)
	{
		int64_t    *value = w->sum_value + l * w->periods;
		int64_t    *adopted = w->sum_adopted + l * w->periods;
		const int64_t *value_below = value - w->periods;
		const int64_t *adopted_below = adopted - w->periods;

		w->first[l] += w->first[l - 1];
		w->first_whole[l] += w->first_whole[l - 1];
		w->first_gappy[l + 1] += w->first_gappy[l];
		for (size_t t = 1; t < w->periods; t++)
			adopted[t] += adopted[t - 1];
		for (size_t t = 0; t < w->periods; t++)
		{
			value[t] += value_below[t];
			adopted[t] += adopted_below[t];
		}
	}
}

/* Sum up what can be summed up once for all cells; integers, so that the order of units does not matter. */
void
rgk_sum_by_label(rgk_effect_work *w)
{
	size_t		rows = w->periods + 2;

	memset(w->first, 0, rows * sizeof(size_t));
	memset(w->first_whole, 0, rows * sizeof(size_t));
	memset(w->first_gappy, 0, (rows + 1) * sizeof(size_t));
	memset(w->sum_value, 0, rows * w->periods * sizeof(int64_t));
	memset(w->sum_adopted, 0, rows * w->periods * sizeof(int64_t));
	for (size_t u = 0; u < w->units; u++)
	{
		w->first[w->label[u] + 1]++;
		if (w->whole[u])
			add_whole(w, u);
		else
			w->first_gappy[w->label[u] + 2]++;
	}
	add_up_labels(w);
	/* As those of a label are put down, what is below it becomes what is below the next. */
	for (size_t u = 0; u < w->units; u++)
	{
		if (!w->whole[u])
			w->gappy[w->first_gappy[w->label[u] + 1]++] = u;
	}
}

/* Add a whole unit to all that holds it in the sums, or take it away. */
static void
change_sums(rgk_effect_work *w, size_t u, int sign)
{
	const int64_t *value = w->value + u * w->periods;
	size_t		adopted = (size_t) w->panel->adopted[u];

	for (size_t l = (size_t) w->label[u] + 1; l <= w->periods + 1; l++)
	{
		w->first_whole[l] += (size_t) sign;
		for (size_t t = 0; t < w->periods; t++)
		{
			w->sum_value[l * w->periods + t] += sign * value[t];
			w->sum_adopted[l * w->periods + t] += t >= adopted ? sign : 0;
		}
	}
}

/* As if nothing were known of a unit, with what is summed up as it is; its group stays one. */
void
rgk_take_out(rgk_effect_work *w, size_t u)
{
	if (w->whole[u])
		change_sums(w, u, -1);
	else
		memset(w->known + u * w->periods, 0, w->periods);
}

void
rgk_put_back(rgk_effect_work *w, size_t u)
{
	if (w->whole[u])
	{
		change_sums(w, u, 1);
		return;
	}
	for (size_t t = 0; t < w->periods; t++)
		w->known[u * w->periods + t] = w->panel->known[t * w->units + u];
}

static void
swap(int *label, size_t i, size_t j)
{
	int			kept = label[i];

	label[i] = label[j];
	label[j] = kept;
}

static int
compare_labels(const void *a, const void *b)
{
	return (*(const int *) a > *(const int *) b) - (*(const int *) a < *(const int *) b);
}

/* The next assignment in dictionary order, with labels that are alike never told apart. */
static void
next_in_order(int *label, size_t n)
{
	size_t		i = n - 1;
	size_t		j = n - 1;

	while (i > 0 && label[i - 1] >= label[i])
		i--;
	if (i == 0)
		return;
	while (label[j] <= label[i - 1])
		j--;
	swap(label, i - 1, j);
	for (j = n - 1; i < j; i++, j--)
		swap(label, i, j);
}

void
rgk_true_labels(rgk_effect_work *w)
{
	for (size_t u = 0; u < w->units; u++)
		w->label[u] = w->panel->adopted[u];
	rgk_sum_by_label(w);
}

/* The first of all; where they are drawn, the true one. */
void
rgk_first_labels(rgk_effect_work *w)
{
	rgk_true_labels(w);
	if (!w->drawn)
		qsort(w->label, w->units, sizeof(int), compare_labels);
}

void
rgk_next_labels(rgk_effect_work *w)
{
	if (w->drawn)
		rgk_shuffle(&w->chance, w->label, w->units);
	else
		next_in_order(w->label, w->units);
}

/* How many different assignments there are; one more than are all gone through when there are more. */
size_t
rgk_count_assignments(const rgk_effect_work *w)
{
	uint64_t	count = 1;
	uint64_t	placed = 0;

	for (size_t l = 1; l <= w->periods; l++)
	{
		/* Times the ways to choose those of the label among those placed so far: never a fraction left over. */
		for (uint64_t k = 1; k <= w->first[l + 1] - w->first[l]; k++)
		{
			count = count * ++placed / k;
			if (count > RGK_ALL_ASSIGNMENTS)
				return RGK_ALL_ASSIGNMENTS + 1;
		}
	}
	return (size_t) count;
}
