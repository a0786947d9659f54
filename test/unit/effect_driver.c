/*
 * Reads panels, judges each, prints what comes of it: for a program that knows another way to get there.
 *
 * A panel is "units periods", the period of each unit's adoption, and the values by period, "x" where none is
 * known.  A line is the counts, whether assignments were drawn, and the figures in the order of rgk_effect, "x"
 * for none.  Besides, with "order SEED N": what rgk_shuffle() makes of 0 .. N - 1.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "draw.h"
#include "effect.h"

static void *
allocate(size_t size)
{
	void	   *memory = malloc(size > 0 ? size : 1);

	if (memory == NULL)
		abort();
	return memory;
}

static void
print_figure(rgk_figure figure)
{
	if (figure.known)
		printf(" %.17g", figure.value);
	else
		printf(" x");
}

static void
print_result(const rgk_effect *r)
{
	const rgk_figure figures[] = {r->effect, r->p_value, r->smallest_p, r->low, r->high, r->deviation,
	r->before, r->before_p, r->breaks_at, r->least, r->most};

	printf("%zu %zu %zu %d", r->adopters, r->others, r->assignments, r->drawn);
	for (size_t i = 0; i < sizeof(figures) / sizeof(*figures); i++)
		print_figure(figures[i]);
	printf("\n");
}

static bool
read_cell(double *value, bool *known)
{
	char		word[64];

	if (scanf("%63s", word) != 1)
		return false;
	*known = strcmp(word, "x") != 0;
	*value = *known ? strtod(word, NULL) : 0;
	return true;
}

/* In stretches of different lengths, which must make no difference. */
static void
judge(const rgk_effect_panel *panel)
{
	void	   *scratch = allocate(rgk_effect_scratch(panel->units, panel->periods));
	rgk_effect_work *work = rgk_effect_begin(panel, 0.9, scratch);
	rgk_effect	result;

	for (size_t most = 1; rgk_effect_more(work, most); most += 7)
		;
	rgk_effect_end(work, &result);
	print_result(&result);
	free(scratch);
}

static bool
judge_next(void)
{
	rgk_effect_panel	panel;
	int		   *adopted;
	double	   *value;
	bool	   *known;

	if (scanf("%zu %zu", &panel.units, &panel.periods) != 2)
		return false;
	panel.adopted = adopted = allocate(panel.units * sizeof(int));
	panel.value = value = allocate(panel.units * panel.periods * sizeof(double));
	panel.known = known = allocate(panel.units * panel.periods * sizeof(bool));
	for (size_t u = 0; u < panel.units; u++)
	{
		if (scanf("%d", &adopted[u]) != 1)
			abort();
	}
	for (size_t i = 0; i < panel.units * panel.periods; i++)
	{
		if (!read_cell(&value[i], &known[i]))
			abort();
	}
	judge(&panel);
	free(adopted);
	free(value);
	free(known);
	return true;
}

static void
print_order(int seed, size_t n)
{
	int		   *order = allocate(n * sizeof(int));
	uint64_t	state = (uint64_t) (int64_t) seed;

	for (size_t i = 0; i < n; i++)
		order[i] = (int) i;
	rgk_shuffle(&state, order, n);
	for (size_t i = 0; i < n; i++)
		printf("%d ", order[i]);
	printf("\n");
	free(order);
}

int
main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "order") == 0)
		print_order(atoi(argv[2]), (size_t) atol(argv[3]));
	else
	{
		while (judge_next())
			;
	}
	return 0;
}
