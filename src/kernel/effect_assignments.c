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

/* Put the units in order of their labels; which of a label comes first does not matter to sums of integers. */
void
rgk_order_by_label(rgk_effect_work *w)
{
	memset(w->first, 0, (w->periods + 2) * sizeof(size_t));
	for (size_t u = 0; u < w->units; u++)
		w->first[w->label[u]]++;
	for (size_t l = 1; l <= w->periods; l++)
		w->first[l] += w->first[l - 1];
	for (size_t u = w->units; u-- > 0;)
		w->order[--w->first[w->label[u]]] = u;
	w->first[w->periods + 1] = w->units;
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
	rgk_order_by_label(w);
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
