/*
 * libFuzzer: a panel made of bytes, and the proof of the best weightings.
 *
 * Every point of the grid is judged again by the rules, one by one.  What is told must be the best of them, in order,
 * with cuts and without, in one piece and in many; and no weighting of the grid may be better than the optimum off it
 * where that is one.  Cells whose sums could overflow are refused, and no others.  Memory is allocated to the byte, so
 * that the sanitizers see every slip.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "tuning.h"

#define MOST_ROWS	60
#define MOST_POINTS 3000

__extension__ typedef __int128 int128;

typedef struct trial
{
	rgk_panel	panel;
	size_t	   *first;
	uint32_t   *alive;
	int64_t    *cell;
	int64_t		in_force[RGK_MAX_FACTORS];
	int32_t		parts;
	bool		convex;
	rgk_weighting *points;
	size_t		n;
} trial;

#define REQUIRE(t, condition) \
	do { if (!(condition)) give_up((t), #condition); } while (0)

static void
give_up(const trial *t, const char *what)
{
	fprintf(stderr, "violated: %s\nfactors %d rows %zu groups %zu parts %d points %zu\n", what, t->panel.factors,
			t->panel.rows, t->panel.groups, (int) t->parts, t->n);
	abort();
}

/* ---------- a panel of bytes ---------- */

static int64_t
take_cell(bytes *b, unsigned kind)
{
	static const size_t width[] = {1, 1, 2, 4, 6};
	int64_t		cell = (int64_t) take(b, width[kind]);
	int64_t		half = INT64_C(1) << (8 * width[kind] - 1);

	return kind == 0 ? cell % 5 - 2 : cell - half;
}

static void
fill_panel(trial *t, bytes *b)
{
	unsigned	kind = (unsigned) (take(b, 1) % 5);

	for (size_t g = 0; g < t->panel.groups; g++)
		for (size_t r = t->first[g]; r < t->first[g + 1]; r++)
			for (int f = 0; f < t->panel.factors; f++)
				t->cell[(size_t) f * t->panel.rows + r] = t->alive[g] >> f & 1 ? take_cell(b, kind) : 0;
}

static trial
take_trial(bytes *b)
{
	static const int32_t most_parts[] = {0, 50, 200, 50, 20, 10, 7};
	trial		t = {.convex = true};
	uint32_t	all;

	t.panel.factors = 1 + (int) (take(b, 1) % 6);
	t.parts = 1 + (int32_t) (take(b, 1) % (uint64_t) most_parts[t.panel.factors]);
	t.panel.groups = take(b, 1) % 4;
	t.first = allocate(sizeof(size_t) * (t.panel.groups + 1));
	t.alive = allocate(sizeof(uint32_t) * t.panel.groups);
	all = (UINT32_C(1) << t.panel.factors) - 1;
	for (size_t g = 0; g < t.panel.groups; g++)
	{
		t.first[g] = t.panel.rows;
		t.panel.rows += take(b, 1) % (MOST_ROWS / 3);
		t.alive[g] = take(b, 1) & all;
		t.alive[g] = take(b, 1) % 2 ? all : t.alive[g];
		t.convex = t.convex && t.alive[g] == all;
	}
	t.first[t.panel.groups] = t.panel.rows;
	t.cell = allocate(sizeof(int64_t) * t.panel.rows * (size_t) t.panel.factors);
	t.panel.first = t.first;
	t.panel.alive = t.alive;
	t.panel.cell = t.cell;
	fill_panel(&t, b);
	for (int f = 0; f < t.panel.factors; f++)
		t.in_force[f] = f == 0 ? RGK_IN_FORCE : 0;
	return t;
}

/* ---------- every point ---------- */

static int64_t
judge(const trial *t, const int32_t *weight)
{
	int128		error = 0;

	for (size_t g = 0; g < t->panel.groups; g++)
	{
		int128		off = 0;
		int64_t		alive = 0;

		for (int f = 0; f < t->panel.factors; f++)
			alive += t->alive[g] >> f & 1 ? weight[f] : 0;
		if (alive == 0)
			return RGK_NO_ERROR;
		for (size_t r = t->first[g]; r < t->first[g + 1]; r++)
		{
			int128		sum = 0;

			for (int f = 0; f < t->panel.factors; f++)
				sum += (int128) weight[f] * t->cell[(size_t) f * t->panel.rows + r];
			off += sum < 0 ? -sum : sum;
		}
		error += off * t->parts / alive;
	}
	return (int64_t) error;
}

static void
judge_from(trial *t, rgk_weighting *at, int factor, int32_t left)
{
	if (factor < t->panel.factors - 1)
	{
		for (int32_t w = 0; w <= left; w++)
		{
			at->weight[factor] = w;
			judge_from(t, at, factor + 1, left - w);
		}
		return;
	}
	at->weight[factor] = left;
	at->error = judge(t, at->weight);
	at->distance = 0;
	for (int f = 0; f < t->panel.factors; f++)
		at->distance += llabs(at->weight[f] * RGK_IN_FORCE - t->in_force[f] * t->parts);
	REQUIRE(t, t->n < MOST_POINTS);
	if (at->error != RGK_NO_ERROR)
		t->points[t->n++] = *at;
}

static int	compared;			/* factors */

static int
compare(const void *a, const void *b)
{
	const rgk_weighting *x = a;
	const rgk_weighting *y = b;

	if (x->error != y->error)
		return x->error < y->error ? -1 : 1;
	if (x->distance != y->distance)
		return x->distance < y->distance ? -1 : 1;
	for (int f = 0; f < compared; f++)
		if (x->weight[f] != y->weight[f])
			return x->weight[f] > y->weight[f] ? -1 : 1;
	return 0;
}

/* ---------- the kernel ---------- */

/* Do the greatest cells of all rows, times parts, add up to no more than the kernel promises to take? */
static bool
in_range(const trial *t)
{
	int128		sum = 0;

	for (size_t r = 0; r < t->panel.rows; r++)
	{
		int64_t		greatest = 0;

		for (int f = 0; f < t->panel.factors; f++)
		{
			int64_t		size = llabs(t->cell[(size_t) f * t->panel.rows + r]);

			greatest = size > greatest ? size : greatest;
		}
		sum += greatest;
	}
	return sum * t->parts <= RGK_MAX_ERROR;
}

/* Out of range is said, and there is nothing more to compare. */
static void
refuse(const trial *t)
{
	rgk_tuning	s;
	void	   *scratch = allocate(rgk_tuning_scratch(&t->panel, t->parts, 1, 0));

	REQUIRE(t, rgk_tuning_begin(&s, &t->panel, t->parts, t->in_force, 1, 0, scratch) == RGK_TUNING_RANGE);
	free(scratch);
}

static void
search(const trial *t, size_t keep, size_t cuts, uint64_t work)
{
	rgk_tuning	s;
	void	   *scratch = allocate(rgk_tuning_scratch(&t->panel, t->parts, keep, cuts));

	REQUIRE(t, rgk_tuning_begin(&s, &t->panel, t->parts, t->in_force, keep, cuts, scratch) == RGK_TUNING_DONE);
	while (rgk_tuning_run(&s, work) == RGK_TUNING_MORE)
		;
	REQUIRE(t, s.found == (t->n < keep ? t->n : keep));
	for (size_t i = 0; i < s.found; i++)
		REQUIRE(t, compare(&s.best[i], &t->points[i]) == 0);
	free(scratch);
}

static void
find_optimum(const trial *t)
{
	double		weight[RGK_MAX_FACTORS] = {0};
	double		sum = 0;
	double		error = 0;
	double		size = 0;
	void	   *scratch = allocate(rgk_optimum_scratch(&t->panel));

	for (int f = 0; f < t->panel.factors; f++)
		weight[f] = 1.0 / t->panel.factors;
	rgk_optimum(&t->panel, weight, scratch);
	free(scratch);
	for (int f = 0; f < t->panel.factors; f++)
	{
		REQUIRE(t, weight[f] >= 0);
		sum += weight[f];
	}
	REQUIRE(t, fabs(sum - 1) < 1e-9);
	if (!t->convex || t->n == 0)
		return;
	for (size_t r = 0; r < t->panel.rows; r++)
	{
		double		off = 0;

		for (int f = 0; f < t->panel.factors; f++)
		{
			off += weight[f] * (double) t->cell[(size_t) f * t->panel.rows + r];
			size += fabs((double) t->cell[(size_t) f * t->panel.rows + r]);
		}
		error += fabs(off);
	}
	REQUIRE(t, error <= (double) t->points[0].error / t->parts + size * 1e-9);
}

static void
prove(trial *t, size_t keep, size_t cuts, uint64_t work)
{
	rgk_weighting at;

	memset(&at, 0, sizeof(at));
	t->points = allocate(sizeof(rgk_weighting) * MOST_POINTS);
	judge_from(t, &at, 0, t->parts);
	compared = t->panel.factors;
	if (t->n > 0)
		qsort(t->points, t->n, sizeof(rgk_weighting), compare);
	search(t, keep, 0, work);
	search(t, keep, cuts, UINT64_MAX);
	find_optimum(t);
	free(t->points);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bytes		b = {data, size};
	size_t		keep = 1 + take(&b, 1) % 120;
	size_t		cuts = take(&b, 1) % 20;
	uint64_t	work = 1 + take(&b, 2);
	trial		t = take_trial(&b);

	if (in_range(&t))
		prove(&t, keep, cuts, work);
	else
		refuse(&t);
	free(t.first);
	free(t.alive);
	free(t.cell);
	return 0;
}
