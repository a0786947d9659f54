/*
 * How long the kernel takes beside what it cannot do without and beside what is quickest to write: apportionment in
 * nanoseconds a leaf, the cell reader in nanoseconds a cell.
 *
 *	kernel_bench [LARGEST [ROUNDS]]
 *
 * Prints CSV, set,n,variant,round,ns: ROUNDS (9) rounds, in each of which all variants of one set and size run in
 * turn, so that ratios are to be taken round by round.  n is the size of a group, 30 and 10^3 .. LARGEST (10^7).  A
 * measurement goes through groups of at least a million leaves together, so that no group is still in the caches, or
 * known to the branch predictor, when its turn comes again.  Processor time counts: nothing here waits.
 *
 *	pass	 adding up the weights and rounding each quotient down: the least that any split does
 *	sort	 the same, and sorting all parts for the last steps, in doubles
 *	random	 the kernel, random weights
 *	equal	 the kernel, equal weights: every last step is a tie
 *	bounded	 the kernel, random weights, a bound that binds at a third
 *
 * Then the cells, a million of a kind, one a line of one buffer of some ten megabytes; of each kind
 *
 *	digits	 making a number of the digits and passing by all else
 *	strtod	 for plain numbers: the C library's way
 *	reader	 the kernel
 *
 *	cells plain		123456.78 as an amount
 *	cells grouped	1,234,567.80
 *	cells numbers	the plain ones as a double
 *	cells Chinese	1.2亿, 350万, ￥1,200.50元
 *	cells days		2025-07-01
 *	cells times		2025-07-01 09:05:30+08
 *	cells refused	1.234,50, with its readings
 *
 *	cc -O2 -ffp-contract=off -Isrc/kernel test/bench/kernel_bench.c src/kernel/[ac]*.c
 */
#define _POSIX_C_SOURCE 200809L

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "apportion.h"
#include "cells.h"

#define POOL		((size_t) 1000000)
#define STEPS_A_LEAF 10000

typedef struct pool
{
	size_t		n;				/* leaves a group */
	size_t		groups;
	double	   *weight;
	double	   *equal;
	int64_t    *at_least;
	int64_t    *at_most;
	int64_t    *part;
	void	   *scratch;		/* the rival's entries fit as well */
} pool;

typedef struct entry
{
	double		priority;
	size_t		i;
} entry;

typedef struct variant
{
	const char *name;
	void		(*run) (const pool *, size_t first);
} variant;

static volatile double sink;

static void *
allocate(size_t count, size_t size)
{
	void	   *memory = calloc(count, size);

	if (memory == NULL)
	{
		fputs("kernel_bench: out of memory\n", stderr);
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

/* Not a multiple of the parts, so that there are last steps to give. */
static int64_t
total_of(const pool *p)
{
	return (int64_t) p->n * STEPS_A_LEAF + (int64_t) p->n * 3 / 10;
}

/* A sixth of the floors above the fair share, a sixth of the ceilings below. */
static void
fill_group(const pool *p, size_t first)
{
	double		sum = 0.0;

	for (size_t i = first; i < first + p->n; i++)
	{
		p->equal[i] = 1.0;
		p->weight[i] = 0.5 + 10.0 * random_share();
		sum += p->weight[i];
	}
	for (size_t i = first; i < first + p->n; i++)
	{
		double		fair = p->weight[i] / sum * (double) total_of(p);
		double		kind = random_share() * 6.0;
		double		off = 0.05 + 0.25 * random_share();

		p->at_least[i] = kind < 1.0 ? (int64_t) (fair * (1.0 + off)) : 0;
		p->at_most[i] = kind > 5.0 ? (int64_t) (fair * (1.0 - off)) : RGK_NO_CEILING;
	}
}

static pool
make_pool(size_t n)
{
	pool		p = {.n = n, .groups = n < POOL ? POOL / n : 1};
	size_t		leaves = p.n * p.groups;

	p.weight = allocate(leaves, sizeof(double));
	p.equal = allocate(leaves, sizeof(double));
	p.at_least = allocate(leaves, sizeof(int64_t));
	p.at_most = allocate(leaves, sizeof(int64_t));
	p.part = allocate(leaves, sizeof(int64_t));
	p.scratch = allocate(1, rgk_apportion_scratch(n));
	for (size_t g = 0; g < p.groups; g++)
		fill_group(&p, g * n);
	return p;
}

static void
free_pool(pool *p)
{
	free(p->weight);
	free(p->equal);
	free(p->at_least);
	free(p->at_most);
	free(p->part);
	free(p->scratch);
}

/* ---------- variants ---------- */

static double
sum_of(const pool *p, size_t first)
{
	double		sum = 0.0;

	for (size_t i = first; i < first + p->n; i++)
		sum += p->weight[i];
	return sum;
}

/* What is left to give. */
static int64_t
round_down(const pool *p, size_t first)
{
	double		level = (double) total_of(p) / sum_of(p, first);
	int64_t		missing = total_of(p);

	for (size_t i = first; i < first + p->n; i++)
	{
		p->part[i] = (int64_t) (p->weight[i] * level);
		missing -= p->part[i];
	}
	return missing;
}

static void
run_pass(const pool *p, size_t first)
{
	sink = (double) round_down(p, first);
}

static int
by_priority(const void *x, const void *y)
{
	const entry *a = x;
	const entry *b = y;

	if (a->priority != b->priority)
		return a->priority < b->priority ? -1 : 1;
	return a->i < b->i ? -1 : a->i > b->i;
}

static void
run_sort(const pool *p, size_t first)
{
	entry	   *entries = p->scratch;
	int64_t		missing = round_down(p, first);

	for (size_t i = 0; i < p->n; i++)
		entries[i] = (entry) {(double) (2 * p->part[first + i] + 1) / p->weight[first + i], i};
	qsort(entries, p->n, sizeof(entry), by_priority);
	for (size_t i = 0; i < p->n && missing > 0; i++, missing--)
		p->part[first + entries[i].i]++;
}

static void
require(rgk_status status)
{
	if (status != RGK_OK)
	{
		fprintf(stderr, "kernel_bench: status %d\n", (int) status);
		exit(1);
	}
}

static void
run_random(const pool *p, size_t first)
{
	require(rgk_apportion(p->n, p->weight + first, NULL, NULL, total_of(p),
						  p->part + first, p->scratch, NULL));
}

static void
run_equal(const pool *p, size_t first)
{
	require(rgk_apportion(p->n, p->equal + first, NULL, NULL, total_of(p),
						  p->part + first, p->scratch, NULL));
}

static void
run_bounded(const pool *p, size_t first)
{
	require(rgk_apportion(p->n, p->weight + first, p->at_least + first, p->at_most + first,
						  total_of(p), p->part + first, p->scratch, NULL));
}

static const variant variants[] = {
	{"pass", run_pass},
	{"sort", run_sort},
	{"random", run_random},
	{"equal", run_equal},
	{"bounded", run_bounded},
};

#define VARIANTS (sizeof(variants) / sizeof(variants[0]))

/* ---------- measuring ---------- */

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double) t.tv_sec * 1e9 + (double) t.tv_nsec;
}

/* Goes through the pool until 10 ms are over. */
static double
measure(const pool *p, const variant *v)
{
	double		start = now();
	double		took = 0.0;
	size_t		leaves = 0;

	while (took < 1e7)
	{
		for (size_t g = 0; g < p->groups; g++)
			v->run(p, g * p->n);
		leaves += p->groups * p->n;
		took = now() - start;
	}
	return took / (double) leaves;
}

static void
print_round(const char *set, size_t n, const char *name, int round, double ns)
{
	printf("%s,%zu,%s,%d,%.3f\n", set, n, name, round, ns);
	fflush(stdout);
}

static void
bench(size_t n, int rounds)
{
	pool		p = make_pool(n);

	for (int r = 1; r <= rounds; r++)
		for (size_t v = 0; v < VARIANTS; v++)
			print_round("apportion", n, variants[v].name, r, measure(&p, &variants[v]));
	free_pool(&p);
}

/* ---------- cells ---------- */

#define CELLS		((size_t) 1000000)
#define LONGEST_CELL 40

typedef struct cells
{
	char	   *text;
	uint32_t   *end;			/* of each: a line feed; the next begins behind it */
} cells;

/* Writes one cell; returns its length. */
typedef int (*cell_writer) (char *s);

/* Reads all of them; what it returns keeps it from being optimised away. */
typedef int64_t (*cell_reader) (const cells *c);

static int64_t
random_below(double limit)
{
	return (int64_t) (random_share() * limit);
}

static int
write_plain(char *s)
{
	static const double limits[] = {1e3, 1e4, 1e5, 1e6, 1e7};

	return sprintf(s, "%" PRId64 ".%02d", random_below(limits[random_below(5)]), (int) random_below(100));
}

static int
write_grouped(char *s)
{
	return sprintf(s, "%d,%03d,%03d.%02d", 1 + (int) random_below(200), (int) random_below(1000),
				   (int) random_below(1000), (int) random_below(100));
}

static int
write_chinese(char *s)
{
	int			x = 1 + (int) random_below(900);

	switch (random_below(3))
	{
		case 0:
			return sprintf(s, "%d.%d亿", x % 10, x % 7);
		case 1:
			return sprintf(s, "%d万", x);
		default:
			return sprintf(s, "￥%d,%03d.50元", x, x);
	}
}

static int
write_day(char *s)
{
	return sprintf(s, "20%02d-%02d-%02d", (int) random_below(30), 1 + (int) random_below(12),
				   1 + (int) random_below(28));
}

static int
write_time(char *s)
{
	int			n = write_day(s);

	return n + sprintf(s + n, " %02d:%02d:%02d+08", (int) random_below(24), (int) random_below(60),
					   (int) random_below(60));
}

static int
write_refused(char *s)
{
	return sprintf(s, "%d.%03d,%02d", 1 + (int) random_below(999), (int) random_below(1000),
				   (int) random_below(100));
}

static int64_t
read_digits(const cells *c)
{
	int64_t		sum = 0;
	uint64_t	number = 0;

	for (uint32_t i = 0; i <= c->end[CELLS - 1]; i++)
	{
		unsigned	digit = (unsigned) (unsigned char) c->text[i] - '0';

		if (digit < 10)
			number = number * 10 + digit;
		else if (c->text[i] == '\n')
		{
			sum += (int64_t) number;
			number = 0;
		}
	}
	return sum;
}

static int64_t
read_by_strtod(const cells *c)
{
	double		sum = 0.0;
	uint32_t	start = 0;

	for (size_t i = 0; i < CELLS; start = c->end[i++] + 1)
		sum += strtod(c->text + start, NULL);
	return (int64_t) sum;
}

static void
require_cell(rgk_cell result, rgk_cell wanted)
{
	if (result != wanted)
	{
		fprintf(stderr, "kernel_bench: a cell was read otherwise (%d)\n", (int) result);
		exit(1);
	}
}

static const rgk_convention ours = RGK_CONVENTION;

#define READER(name, type, field, call, wanted) \
static int64_t \
name(const cells *c) \
{ \
	rgk_column	column = {0}; \
	int64_t		sum = 0; \
	uint32_t	start = 0; \
	rgk_refusal why; \
	type		value = {0}; \
\
	for (size_t i = 0; i < CELLS; start = c->end[i++] + 1) \
	{ \
		require_cell(call, wanted); \
		sum += (int64_t) (field); \
	} \
	return sum + column.seen; \
}

#define CELL c->text + start, c->end[i] - start, &value, &why

READER(read_amounts, rgk_decimal, value.whole, rgk_cell_amount(&ours, &column, CELL), RGK_CELL_VALUE)
READER(read_numbers, double, value, rgk_cell_number(&ours, &column, CELL), RGK_CELL_VALUE)
READER(read_days, rgk_day, value.day, rgk_cell_day(&ours, CELL), RGK_CELL_VALUE)
READER(read_refused, rgk_decimal, value.whole + why.readings, rgk_cell_amount(&ours, &column, CELL), RGK_CELL_REFUSED)

static const struct
{
	const char *name;
	cell_writer write;
	cell_reader read;
	bool		plain;			/* strtod() reads it as well */
}			kinds[] = {
	{"cells plain", write_plain, read_amounts, true},
	{"cells grouped", write_grouped, read_amounts, false},
	{"cells numbers", write_plain, read_numbers, true},
	{"cells Chinese", write_chinese, read_amounts, false},
	{"cells days", write_day, read_days, false},
	{"cells times", write_time, read_days, false},
	{"cells refused", write_refused, read_refused, false},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static cells
make_cells(cell_writer write)
{
	cells		c = {allocate(CELLS, LONGEST_CELL), allocate(CELLS, sizeof(uint32_t))};
	uint32_t	end = 0;

	for (size_t i = 0; i < CELLS; i++)
	{
		c.end[i] = end += (uint32_t) write(c.text + end);
		c.text[end++] = '\n';
	}
	return c;
}

static void
measure_cells(const char *set, const char *name, int round, cell_reader read, const cells *c)
{
	double		start = now();

	sink = (double) read(c);
	print_round(set, CELLS, name, round, (now() - start) / (double) CELLS);
}

static void
bench_cells(int rounds)
{
	for (size_t k = 0; k < KINDS; k++)
	{
		cells		c = make_cells(kinds[k].write);

		for (int r = 1; r <= rounds; r++)
		{
			measure_cells(kinds[k].name, "digits", r, read_digits, &c);
			if (kinds[k].plain)
				measure_cells(kinds[k].name, "strtod", r, read_by_strtod, &c);
			measure_cells(kinds[k].name, "reader", r, kinds[k].read, &c);
		}
		free(c.text);
		free(c.end);
	}
}

int
main(int argc, char **argv)
{
	double		largest = argc > 1 ? strtod(argv[1], NULL) : 1e7;
	int			rounds = argc > 2 ? atoi(argv[2]) : 9;

	if (!(largest >= 30.0 && largest <= 1e8) || rounds < 1)
	{
		fputs("usage: kernel_bench [LARGEST [ROUNDS]]\n", stderr);
		return 2;
	}
	puts("set,n,variant,round,ns");
	bench(30, rounds);
	for (size_t n = 1000; (double) n <= largest; n *= 10)
		bench(n, rounds);
	bench_cells(rounds);
	return 0;
}
