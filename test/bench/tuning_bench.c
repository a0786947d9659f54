/*
 * How long the search for weightings takes beside judging each of them by itself: in nanoseconds a weighting.
 *
 *	tuning_bench [ROUNDS]
 *
 * Prints CSV, set,n,variant,round,ns, as kernel_bench does: ROUNDS (9) rounds, in each of which all variants run in turn.
 * The panel is 12 periods of 1,000 units; n is the number of weightings.
 *
 *	tuning 3 factors	a million weightings: those of three factors in steps of 1/1413
 *	tuning 8 factors	888,030: those of eight in steps of 0.05
 *
 *	points	 judging a weighting by itself, a thousand of them taken for all
 *	lines	 the kernel, every line judged (three factors)
 *	search	 the kernel, with cuts
 *	optimum	 the optimum off the grid, as if all weightings had been judged by it
 *
 *	cc -O2 -ffp-contract=off -Isrc/kernel test/bench/tuning_bench.c src/kernel/tuning*.c -lm
 */
#define _POSIX_C_SOURCE 200809L

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tuning.h"

#define PERIODS 12
#define UNITS	1000
#define ROWS	((size_t) PERIODS * UNITS)
#define KEEP	100
#define CUTS	96
#define SAMPLE	1000

typedef struct problem
{
	rgk_panel	panel;
	int32_t		parts;
	size_t		first[2];
	uint32_t	alive[1];
	int64_t    *cell;
	void	   *scratch;
	void	   *optimum;
} problem;

static volatile int64_t sink;

static void *
allocate(size_t size)
{
	void	   *memory = malloc(size);

	if (memory == NULL)
	{
		fputs("tuning_bench: out of memory\n", stderr);
		exit(1);
	}
	return memory;
}

static double
random_share(void)
{
	static uint64_t state = 88172645463325252u;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (double) (state >> 11) * 0x1p-53;
}

/* Shares of a period: a lasting size of each unit, and so much noise. */
static void
random_shares(double *share, double noise)
{
	double		sum = 0;

	for (int u = 0; u < UNITS; u++)
		sum += share[u] = exp(sin(u * 1.7) + noise * (random_share() + random_share() - 1));
	for (int u = 0; u < UNITS; u++)
		share[u] /= sum;
}

/* What came is made of the first three factors and noise of its own. */
static void
fill_period(problem *p, int period)
{
	static double share[RGK_MAX_FACTORS][UNITS];
	static double actual[UNITS];
	int			factors = p->panel.factors;

	random_shares(actual, 0.2);
	for (int f = 0; f < factors; f++)
		random_shares(share[f], 0.5);
	for (int u = 0; u < UNITS; u++)
	{
		double		came = 0.2 * actual[u] + 0.35 * share[0][u] + 0.25 * share[1][u] + 0.2 * share[2][u];

		for (int f = 0; f < factors; f++)
			p->cell[(size_t) f * ROWS + (size_t) (period * UNITS + u)] = llrint(ldexp(share[f][u] - came, 40) / PERIODS);
	}
}

static void
make_problem(problem *p, int factors, int32_t parts)
{
	memset(p, 0, sizeof(*p));
	p->parts = parts;
	p->cell = allocate(sizeof(int64_t) * ROWS * (size_t) factors);
	p->first[1] = ROWS;
	p->alive[0] = (UINT32_C(1) << factors) - 1;
	p->panel = (rgk_panel) {factors, ROWS, 1, p->first, p->alive, p->cell};
	for (int period = 0; period < PERIODS; period++)
		fill_period(p, period);
	p->scratch = allocate(rgk_tuning_scratch(&p->panel, parts, KEEP, CUTS));
	p->optimum = allocate(rgk_optimum_scratch(&p->panel));
}

/* ---------- variants ---------- */

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double) t.tv_sec * 1e9 + (double) t.tv_nsec;
}

static double
time_points(const problem *p)
{
	double		start = now();

	for (int i = 0; i < SAMPLE; i++)
	{
		int32_t		weight[RGK_MAX_FACTORS] = {0};

		for (int32_t left = p->parts; left > 0; left--)
			weight[(int) (random_share() * p->panel.factors)]++;
		sink = rgk_tuning_error(&p->panel, weight, p->parts);
	}
	return (now() - start) / SAMPLE;
}

static double
time_search(const problem *p, size_t cuts, uint64_t points)
{
	static const int64_t in_force[RGK_MAX_FACTORS] = {RGK_IN_FORCE};
	rgk_tuning	t;
	double		start = now();

	if (rgk_tuning_begin(&t, &p->panel, p->parts, in_force, KEEP, cuts, p->scratch) != RGK_TUNING_DONE)
		exit(1);
	while (rgk_tuning_run(&t, UINT64_MAX) == RGK_TUNING_MORE)
		;
	sink = t.best[0].error;
	return (now() - start) / (double) points;
}

static double
time_optimum(const problem *p, uint64_t points)
{
	double		weight[RGK_MAX_FACTORS] = {1};
	double		start = now();

	rgk_optimum(&p->panel, weight, p->optimum);
	sink = (int64_t) (weight[0] * 1e6);
	return (now() - start) / (double) points;
}

static void
bench(const char *set, int factors, int32_t parts, int rounds)
{
	problem		p;
	uint64_t	points = rgk_tuning_points(factors, parts);

	make_problem(&p, factors, parts);
	for (int r = 1; r <= rounds; r++)
	{
		printf("%s,%" PRIu64 ",points,%d,%.3f\n", set, points, r, time_points(&p));
		if (factors == 3)
			printf("%s,%" PRIu64 ",lines,%d,%.3f\n", set, points, r, time_search(&p, 0, points));
		printf("%s,%" PRIu64 ",search,%d,%.3f\n", set, points, r, time_search(&p, CUTS, points));
		printf("%s,%" PRIu64 ",optimum,%d,%.3f\n", set, points, r, time_optimum(&p, points));
		fflush(stdout);
	}
	free(p.cell);
	free(p.scratch);
	free(p.optimum);
}

int
main(int argc, char **argv)
{
	int			rounds = argc > 1 ? atoi(argv[1]) : 9;

	bench("tuning 3 factors", 3, 1413, rounds);
	bench("tuning 8 factors", 8, 20, rounds);
	return 0;
}
