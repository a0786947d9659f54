/*
 * The kernel's edge cases, and large splits with a proof of each answer.
 * TAP on stdout.
 */
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apportion.h"
#include "score.h"

#define MOST_PASSES 100

__extension__ typedef unsigned __int128 uint128;

static int	tests = 0;
static int	failures = 0;

static void
ok(bool good, const char *name)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++tests, name);
	if (!good)
		failures++;
}

/* ---------- a split and its proof ---------- */

typedef struct split
{
	size_t		n;
	double	   *weight;
	int64_t    *at_least;
	int64_t    *at_most;
	bool		bounded;
	int64_t		total;
	int64_t    *part;
	rgk_trouble trouble;
} split;

static void *
allocate(size_t size)
{
	void	   *memory = malloc(size > 0 ? size : 1);

	if (memory == NULL)
		abort();
	return memory;
}

static split
make_split(size_t n, int64_t total)
{
	split		s = {.n = n, .total = total};

	s.weight = allocate(n * sizeof(double));
	s.at_least = allocate(n * sizeof(int64_t));
	s.at_most = allocate(n * sizeof(int64_t));
	s.part = allocate(n * sizeof(int64_t));
	for (size_t i = 0; i < n; i++)
	{
		s.weight[i] = 1.0;
		s.at_least[i] = 0;
		s.at_most[i] = RGK_NO_CEILING;
	}
	return s;
}

static void
free_split(split *s)
{
	free(s->weight);
	free(s->at_least);
	free(s->at_most);
	free(s->part);
}

static rgk_status
apportion(split *s)
{
	void	   *scratch = allocate(rgk_apportion_scratch(s->n));
	rgk_status	status = rgk_apportion(s->n, s->weight, s->bounded ? s->at_least : NULL,
									   s->bounded ? s->at_most : NULL, s->total, s->part,
									   scratch, &s->trouble);

	free(scratch);
	return status;
}

/*
 * Does step kx of part x come before step ky of part y?  The quotients are
 * compared as (2 kx - 1) * wy and (2 ky - 1) * wx, over frexp's exponents.
 */
static bool
precedes(const split *s, size_t x, int64_t kx, size_t y, int64_t ky)
{
	int			ex;
	int			ey;
	uint64_t	mx = (uint64_t) ldexp(frexp(s->weight[x], &ex), 53);
	uint64_t	my = (uint64_t) ldexp(frexp(s->weight[y], &ey), 53);
	uint128		left = (uint128) (uint64_t) (2 * kx - 1) * my;
	uint128		right = (uint128) (uint64_t) (2 * ky - 1) * mx;

	for (; ey > ex; ey--)
	{
		if (left >> 126)
			return false;
		left <<= 1;
	}
	for (; ex > ey; ex--)
	{
		if (right >> 126)
			return true;
		right <<= 1;
	}
	return left != right ? left < right : x < y;
}

/*
 * An answer is right if it keeps the bounds, adds up, and its last step comes
 * before the first that it leaves out.
 */
static bool
proved(const split *s)
{
	size_t		last = SIZE_MAX;
	size_t		next = SIZE_MAX;
	int64_t		sum = 0;

	for (size_t i = 0; i < s->n; i++)
	{
		int64_t		floor = s->bounded ? s->at_least[i] : 0;
		int64_t		ceiling = s->bounded ? s->at_most[i] : RGK_NO_CEILING;
		int64_t		k = s->part[i];

		sum += k;
		if (k < floor || k > ceiling || (s->weight[i] == 0.0 && k != floor))
			return false;
		if (k > floor && (last == SIZE_MAX || precedes(s, last, s->part[last], i, k)))
			last = i;
		if (k < ceiling && s->weight[i] > 0.0 &&
			(next == SIZE_MAX || precedes(s, i, k + 1, next, s->part[next] + 1)))
			next = i;
	}
	if (sum != s->total || s->trouble.passes > MOST_PASSES)
		return false;
	return last == SIZE_MAX || next == SIZE_MAX ||
		precedes(s, last, s->part[last], next, s->part[next] + 1);
}

static bool
proved_split(split *s)
{
	return apportion(s) == RGK_OK && proved(s);
}

/* ---------- chance ---------- */

static uint64_t random_state = 88172645463325252u;

static uint64_t
random_bits(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

static double
random_share(void)
{
	return (double) (random_bits() >> 11) * 0x1p-53;
}

/* Bounds near the fair share that can be met. */
static void
bind(split *s)
{
	double		sum = 0.0;

	s->bounded = true;
	for (size_t i = 0; i < s->n; i++)
		sum += s->weight[i];
	for (size_t i = 0; i < s->n; i++)
	{
		double		fair = s->weight[i] / sum * (double) s->total;
		uint64_t	kind = random_bits() % 6;

		s->at_least[i] = kind == 0 ? (int64_t) (fair * (1.0 + 0.5 * random_share())) : 0;
		s->at_most[i] = RGK_NO_CEILING;
		if (kind == 1)
			s->at_most[i] = (int64_t) (fair * (0.5 + 0.5 * random_share()));
	}
}

/* ---------- tests ---------- */

static bool
refused(split *s, rgk_status status, size_t culprit, int64_t amount)
{
	bool		good = apportion(s) == status && s->trouble.culprit == culprit &&
		s->trouble.amount == amount;

	if (!good)
		printf("# culprit %zu, amount %" PRId64 "\n", s->trouble.culprit, s->trouble.amount);
	return good;
}

static void
test_bad_weights(void)
{
	const double bad[] = {NAN, INFINITY, -INFINITY, -1.0, -5e-324};
	split		s = make_split(9, 10);
	bool		good = true;

	for (size_t k = 0; k < sizeof(bad) / sizeof(bad[0]); k++)
		for (size_t i = 0; i < s.n; i++)
		{
			s.weight[i] = bad[k];
			good &= refused(&s, RGK_BAD_WEIGHT, i, 0);
			s.weight[i] = 1.0;
		}
	ok(good, "NaN, infinite and negative weights are refused at every index");
	s.weight[2] = -0.0;
	ok(proved_split(&s) && s.part[2] == 0, "negative zero is a weight of zero");
	free_split(&s);
}

static void
test_bad_bounds(void)
{
	split		s = make_split(3, 10);

	s.bounded = true;
	s.at_least[1] = -1;
	ok(refused(&s, RGK_BAD_RANGE, 1, 0), "a negative floor is refused");
	s.at_least[1] = RGK_MAX_STEPS + 1;
	ok(refused(&s, RGK_BAD_RANGE, 1, 0), "a floor above the range is refused");
	s.at_least[1] = 0;
	s.at_most[2] = -1;
	ok(refused(&s, RGK_BAD_RANGE, 2, 0), "a negative ceiling is refused");
	s.at_most[2] = 4;
	s.at_least[2] = 5;
	ok(refused(&s, RGK_CROSSED, 2, 0), "a floor above its ceiling is refused");
	s.at_most[2] = RGK_MAX_STEPS + 1;
	ok(proved_split(&s), "a ceiling above the range is none");
	s.total = -1;
	ok(refused(&s, RGK_BAD_RANGE, RGK_NOBODY, 0), "a negative total is refused");
	s.total = RGK_MAX_STEPS + 1;
	ok(refused(&s, RGK_BAD_RANGE, RGK_NOBODY, 0), "a total above the range is refused");
	free_split(&s);
}

static void
test_infeasible(void)
{
	split		s = make_split(3, 10);

	s.bounded = true;
	s.at_least[0] = s.at_least[1] = 6;
	ok(refused(&s, RGK_FLOORS, RGK_NOBODY, 2), "floors above the total: by 2");
	s.at_least[0] = s.at_least[1] = 0;
	s.at_most[0] = s.at_most[1] = s.at_most[2] = 3;
	ok(refused(&s, RGK_CEILINGS, RGK_NOBODY, 1), "ceilings below the total: by 1");
	s.at_most[2] = 4;
	ok(proved_split(&s), "ceilings that just suffice");
	s.weight[2] = 0.0;
	ok(refused(&s, RGK_CEILINGS, RGK_NOBODY, 4), "a weight of 0 takes no more than its floor");
	s.weight[0] = s.weight[1] = 0.0;
	s.at_least[1] = 3;
	ok(refused(&s, RGK_NO_WEIGHT, RGK_NOBODY, 7), "no weight and 7 above the floors");
	s.total = 3;
	ok(proved_split(&s) && s.part[1] == 3, "no weight and just the floors");
	free_split(&s);

	s = make_split(2000, 5);
	s.bounded = true;
	for (size_t i = 0; i < s.n; i++)
		s.at_least[i] = RGK_MAX_STEPS;
	ok(refused(&s, RGK_FLOORS, RGK_NOBODY, INT64_MAX), "a shortfall beyond 64 bits saturates");
	free_split(&s);
}

static void
test_small(void)
{
	split		s = make_split(0, 0);

	ok(apportion(&s) == RGK_OK, "nothing among nobody");
	s.total = 5;
	ok(refused(&s, RGK_NO_WEIGHT, RGK_NOBODY, 5), "something among nobody is refused");
	free_split(&s);

	s = make_split(1, RGK_MAX_STEPS);
	s.weight[0] = 5e-324;
	ok(proved_split(&s) && s.part[0] == RGK_MAX_STEPS, "all to the only one, least weight");
	s.weight[0] = DBL_MAX;
	ok(proved_split(&s) && s.part[0] == RGK_MAX_STEPS, "all to the only one, greatest weight");
	s.total = 0;
	ok(proved_split(&s) && s.part[0] == 0, "nothing to split");
	ok(rgk_apportion(1, s.weight, NULL, NULL, -1, s.part, NULL, NULL) == RGK_BAD_RANGE,
	   "trouble may be NULL");
	free_split(&s);

	s = make_split(4, 102);
	ok(proved_split(&s) && s.part[0] == 26 && s.part[1] == 26 && s.part[2] == 25,
	   "ties go to the lower index");
	s.total = RGK_MAX_STEPS - 1;
	ok(proved_split(&s) && s.part[3] == s.part[0] - 1, "ties at the end of the range");
	s.bounded = true;
	s.at_least[3] = s.at_most[3] = 7;
	ok(proved_split(&s) && s.part[3] == 7, "a locked part");
	free_split(&s);
}

static void
test_extremes(void)
{
	split		s = make_split(1000, 123456789);
	bool		good = true;

	for (int round = 0; round < 40; round++)
	{
		s.bounded = round % 2 == 1;
		for (size_t i = 0; i < s.n; i++)
		{
			s.weight[i] = ldexp(0.5 + random_share(), (int) (random_bits() % 2090) - 1070);
			s.at_least[i] = (int64_t) (random_bits() % 1000);
			s.at_most[i] = s.at_least[i] + (int64_t) (random_bits() % 1000000);
		}
		good &= proved_split(&s);
	}
	ok(good, "weights over the whole range of doubles, in few passes");
	s.bounded = true;
	for (size_t i = 0; i < s.n; i++)
	{
		s.weight[i] = i % 2 ? 1e-250 : 1e250;
		s.at_least[i] = 0;
		s.at_most[i] = i % 2 ? RGK_NO_CEILING : 200000;
	}
	ok(proved_split(&s), "the answer far away from the first guess");
	free_split(&s);
}

/* Weights that make ties, near ties and patterns for the selection. */
static double
patterned(int pattern, size_t i, size_t n)
{
	switch (pattern)
	{
		case 0:
			return 3.0;
		case 1:
			return (double) (1 + i % 2);
		case 2:
			return 1.0 + (double) i * DBL_EPSILON;
		case 3:
			return 1.0 + (double) (n - i) * DBL_EPSILON;
		case 4:
			return 1.0 + (double) (i < n / 2 ? i : n - i) * DBL_EPSILON;
		case 5:
			return 1.0 + (double) (random_bits() % 1024) * DBL_EPSILON;
		case 6:
			return ldexp(1.0, (int) (i % 40));
		default:
			return (double) (random_bits() % 5);
	}
}

static void
test_patterns(void)
{
	static const int64_t more[] = {1, 333, 500, 10007, 999983, 77777777777};
	bool		good = true;

	for (int pattern = 0; pattern < 8; pattern++)
		for (size_t k = 0; k < sizeof(more) / sizeof(more[0]); k++)
			for (size_t n = 30; n <= 3000; n *= 10)
			{
				split		s = make_split(n, more[k]);

				for (size_t i = 0; i < n; i++)
					s.weight[i] = patterned(pattern, i, n);
				good &= proved_split(&s);
				bind(&s);
				good &= apportion(&s) == RGK_CEILINGS || proved(&s);
				free_split(&s);
			}
	ok(good, "ties, near ties and patterns");
}

static void
test_sizes(void)
{
	bool		good = true;

	for (size_t n = 1; n <= 700; n++)
	{
		split		s = make_split(n, (int64_t) (random_bits() % 100000));

		for (size_t i = 0; i < n; i++)
			s.weight[i] = 0.5 + 10.0 * random_share();
		good &= proved_split(&s);
		bind(&s);
		good &= apportion(&s) != RGK_OK || proved(&s);
		free_split(&s);
	}
	ok(good, "every size up to 700");
}

static void
test_large(void)
{
	split		s = make_split(1000000, 9876543210123);

	for (size_t i = 0; i < s.n; i++)
		s.weight[i] = 0.5 + 10.0 * random_share();
	ok(proved_split(&s) && s.trouble.passes <= 3, "a million parts");
	bind(&s);
	ok(proved_split(&s) && s.trouble.passes <= 10, "a million parts with bounds");
	s.bounded = false;
	for (size_t i = 0; i < s.n; i++)
		s.weight[i] = 1.0;
	ok(proved_split(&s) && s.trouble.passes <= 3, "a million ties");
	s.total = 400001;
	ok(proved_split(&s) && s.trouble.passes <= 3, "fewer steps than parts");
	for (size_t i = 0; i < s.n; i++)
		s.weight[i] = DBL_MAX;
	ok(proved_split(&s) && s.trouble.passes <= 3, "weights whose sum overflows");
	free_split(&s);
}

static void
test_points(void)
{
	bool		good = true;
	double		before = 0.0;

	ok(rgk_points(3.0, 1.0, 5.0) == 0.5 && rgk_points(3.0, 5.0, 1.0) == 0.5,
	   "points: linear, and reversed");
	ok(rgk_points(0.0, 1.0, 5.0) == 0.0 && rgk_points(9.0, 1.0, 5.0) == 1.0 &&
	   rgk_points(9.0, 5.0, 1.0) == 0.0 && rgk_points(0.0, 5.0, 1.0) == 1.0, "points: clamped");
	ok(rgk_points(0.1, 0.1, 0.3) == 0.0 && rgk_points(0.3, 0.1, 0.3) == 1.0 &&
	   !signbit(rgk_points(5.0, 5.0, 1.0)), "points: exact at the anchors, no negative zero");
	ok(rgk_points(0.0, -DBL_MAX, DBL_MAX) == 0.5 && rgk_points(DBL_MAX, -DBL_MAX, DBL_MAX) == 1.0 &&
	   rgk_points(-DBL_MAX, DBL_MAX, -DBL_MAX) == 1.0, "points: anchors whose distance overflows");
	ok(rgk_points(DBL_MAX, -DBL_MAX, 0.0) == 1.0 && rgk_points(-DBL_MAX, 1.0, DBL_MAX) == 0.0 &&
	   rgk_points(INFINITY, 0.0, 1.0) == 1.0 && rgk_points(-INFINITY, -DBL_MAX, DBL_MAX) == 0.0 &&
	   isnan(rgk_points(NAN, 0.0, 1.0)), "points: huge values, and NaN is left alone");
	ok(rgk_points(5e-324, 0.0, 1e-323) == 0.5, "points: anchors as close as doubles get");
	for (int i = 0; i <= 1000; i++)
	{
		double		points = rgk_points(0.1 + i * 0.0007, 0.1, 0.8);

		good &= points >= before && points <= 1.0;
		before = points;
	}
	ok(good, "points: monotone");
}

int
main(void)
{
	test_bad_weights();
	test_bad_bounds();
	test_infeasible();
	test_small();
	test_extremes();
	test_patterns();
	test_sizes();
	test_large();
	test_points();
	printf("1..%d\n", tests);
	return failures > 0;
}
