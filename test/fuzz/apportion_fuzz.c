/*
 * libFuzzer: a split made of bytes, and the proof of its answer.
 *
 * The status is computed again from the rules.  An answer must keep the
 * bounds, add up, and have its last step come before the first that it leaves
 * out; that is all there is to being right.  Small splits are also done step
 * by step, and one step more in total may lower nobody.  Memory is allocated
 * to the byte, so that the sanitizers see every slip.
 */
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apportion.h"
#include "fuzz.h"

#define MOST_PARTS	1500
#define MOST_PASSES 100
#define SMALL_SPARE 200

__extension__ typedef unsigned __int128 uint128;
__extension__ typedef __int128 int128;

typedef struct split
{
	size_t		n;
	int64_t		total;
	double	   *weight;
	int64_t    *at_least;		/* or NULL */
	int64_t    *at_most;		/* or NULL */
	int64_t    *part;
	rgk_trouble trouble;
	rgk_status	status;
} split;

#define REQUIRE(s, condition) \
	do { if (!(condition)) give_up((s), #condition); } while (0)

static void
give_up(const split *s, const char *what)
{
	fprintf(stderr, "violated: %s\nn %zu total %" PRId64 " status %d passes %d\n",
			what, s->n, s->total, (int) s->status, s->trouble.passes);
	for (size_t i = 0; i < s->n; i++)
		fprintf(stderr, "%zu: %a [%" PRId64 ", %" PRId64 "] -> %" PRId64 "\n", i, s->weight[i],
				s->at_least ? s->at_least[i] : 0, s->at_most ? s->at_most[i] : INT64_MAX,
				s->part[i]);
	abort();
}

/* ---------- a split of bytes ---------- */

static double
take_weight(bytes *b, int kind)
{
	uint64_t	bits;
	double		weight;

	switch (kind)
	{
		case 0:
			return (double) take(b, 1);
		case 1:
			return (double) (take(b, 1) & 3);
		case 2:
			bits = UINT64_C(0x3ff0000000000000) + (take(b, 1) & 7);
			break;
		case 3:
			return ldexp((double) (1 + take(b, 2)), (int) (take(b, 2) % 2000) - 1070);
		case 4:
			return (double) take(b, 7) * 5e-324;
		case 5:
			return (double) take(b, 2) / 100.0;
		default:
			bits = take(b, 8);
			break;
	}
	memcpy(&weight, &bits, sizeof(weight));
	return weight;
}

/* Up to 10^16, of every size; now and then out of range. */
static int64_t
take_steps(bytes *b)
{
	uint64_t	width = take(b, 1);

	if (width == 255)
		return (int64_t) take(b, 8);
	if (width == 254)
		return RGK_MAX_STEPS - (int64_t) take(b, 1);
	if (width == 253)
		return INT64_MAX;
	return (int64_t) (take(b, width % 8) % (RGK_MAX_STEPS + 1));
}

static split
take_split(bytes *b)
{
	uint64_t	head = take(b, 2);
	split		s = {.n = take(b, 2) % (head & 0x8000 ? MOST_PARTS : 20)};
	int			kind = (int) (head & 7);

	s.total = take_steps(b);
	s.weight = malloc(s.n * sizeof(double));
	s.part = calloc(s.n, sizeof(int64_t));
	s.at_least = head & 0x100 ? malloc(s.n * sizeof(int64_t)) : NULL;
	s.at_most = head & 0x200 ? malloc(s.n * sizeof(int64_t)) : NULL;
	for (size_t i = 0; i < s.n; i++)
		s.weight[i] = take_weight(b, head & 0x400 ? (int) take(b, 1) & 7 : kind);
	for (size_t i = 0; i < s.n && s.at_least; i++)
		s.at_least[i] = head & 0x800 && take(b, 1) & 1 ? 0 : take_steps(b);
	for (size_t i = 0; i < s.n && s.at_most; i++)
	{
		s.at_most[i] = head & 0x1000 && take(b, 1) & 1 ? INT64_MAX : take_steps(b);
		if (s.at_least && head & 0x2000 && s.at_most[i] < s.at_least[i])
			s.at_most[i] = s.at_least[i];
	}
	return s;
}

static void
apportion(split *s)
{
	void	   *scratch = malloc(rgk_apportion_scratch(s->n));

	s->status = rgk_apportion(s->n, s->weight, s->at_least, s->at_most, s->total, s->part,
							  scratch, &s->trouble);
	free(scratch);
}

/* ---------- what must hold ---------- */

static int64_t
lowest(const split *s, size_t i)
{
	return s->at_least ? s->at_least[i] : 0;
}

/* The most that a part may get. */
static int64_t
highest(const split *s, size_t i)
{
	int64_t		most = s->at_most ? s->at_most[i] : INT64_MAX;

	if (s->weight[i] == 0.0)
		return lowest(s, i);
	return most < s->total ? most : s->total;
}

static int64_t
clip(int128 x)
{
	return x > INT64_MAX ? INT64_MAX : (int64_t) x;
}

/* Status, culprit and amount by the rules; returns the status. */
static rgk_status
judge(const split *s, size_t *culprit, int64_t *amount)
{
	int128		floors = 0;
	int128		ceilings = 0;
	bool		weighty = false;

	*culprit = RGK_NOBODY;
	*amount = 0;
	if (s->total < 0 || s->total > RGK_MAX_STEPS)
		return RGK_BAD_RANGE;
	for (*culprit = 0; *culprit < s->n; ++*culprit)
		if (!isfinite(s->weight[*culprit]) || s->weight[*culprit] < 0.0)
			return RGK_BAD_WEIGHT;
	for (*culprit = 0; *culprit < s->n; ++*culprit)
	{
		int64_t		most = s->at_most ? s->at_most[*culprit] : INT64_MAX;

		if (lowest(s, *culprit) < 0 || lowest(s, *culprit) > RGK_MAX_STEPS || most < 0)
			return RGK_BAD_RANGE;
		if (lowest(s, *culprit) > most)
			return RGK_CROSSED;
		floors += lowest(s, *culprit);
		ceilings += highest(s, *culprit);
		weighty |= s->weight[*culprit] != 0.0;
	}
	*culprit = RGK_NOBODY;
	*amount = floors > s->total ? clip(floors - s->total) : 0;
	if (floors > s->total)
		return RGK_FLOORS;
	*amount = clip(s->total - (weighty ? ceilings : floors));
	if (!weighty && floors < s->total)
		return RGK_NO_WEIGHT;
	if (ceilings < s->total)
		return RGK_CEILINGS;
	*amount = 0;
	return RGK_OK;
}

/* Does step kx of part x come before step ky of part y? */
static bool
precedes(const split *s, size_t x, int64_t kx, size_t y, int64_t ky)
{
	int			ex;
	int			ey;
	uint64_t	mx = (uint64_t) ldexp(frexp(s->weight[x], &ex), 53);
	uint64_t	my = (uint64_t) ldexp(frexp(s->weight[y], &ey), 53);
	uint128		left = (uint128) (uint64_t) (2 * kx - 1) * my;
	uint128		right = (uint128) (uint64_t) (2 * ky - 1) * mx;

	for (; ey > ex; ey--, left <<= 1)
		if (left >> 126)
			return false;
	for (; ex > ey; ex--, right <<= 1)
		if (right >> 126)
			return true;
	return left != right ? left < right : x < y;
}

static void
prove(const split *s)
{
	size_t		last = SIZE_MAX;
	size_t		next = SIZE_MAX;
	int64_t		sum = 0;

	for (size_t i = 0; i < s->n; i++)
	{
		int64_t		k = s->part[i];

		REQUIRE(s, k >= lowest(s, i) && k <= highest(s, i));
		sum += k;
		if (k > lowest(s, i) && (last == SIZE_MAX || precedes(s, last, s->part[last], i, k)))
			last = i;
		if (k < highest(s, i) &&
			(next == SIZE_MAX || precedes(s, i, k + 1, next, s->part[next] + 1)))
			next = i;
	}
	REQUIRE(s, sum == s->total);
	REQUIRE(s, s->trouble.passes <= MOST_PASSES);
	REQUIRE(s, last == SIZE_MAX || next == SIZE_MAX ||
			precedes(s, last, s->part[last], next, s->part[next] + 1));
}

/* The definition: from the floors, the next step to whoever comes first. */
static void
repeat_by_steps(const split *s)
{
	int64_t    *part = calloc(s->n, sizeof(int64_t));
	int64_t		spare = s->total;

	for (size_t i = 0; i < s->n; i++)
		spare -= part[i] = lowest(s, i);
	for (; spare > 0 && spare <= SMALL_SPARE; spare--)
	{
		size_t		next = SIZE_MAX;

		for (size_t i = 0; i < s->n; i++)
			if (part[i] < highest(s, i) &&
				(next == SIZE_MAX || precedes(s, i, part[i] + 1, next, part[next] + 1)))
				next = i;
		part[next]++;
	}
	if (spare == 0 && s->n > 0)
		REQUIRE(s, memcmp(part, s->part, s->n * sizeof(int64_t)) == 0);
	free(part);
}

/* One step more lowers nobody. */
static void
raise_total(const split *s)
{
	split		more = *s;

	more.total++;
	more.part = calloc(s->n, sizeof(int64_t));
	apportion(&more);
	for (size_t i = 0; i < s->n && more.status == RGK_OK; i++)
		REQUIRE(s, more.part[i] >= s->part[i]);
	free(more.part);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bytes		b = {data, size};
	split		s = take_split(&b);
	size_t		culprit;
	int64_t		amount;

	apportion(&s);
	REQUIRE(&s, s.status == judge(&s, &culprit, &amount));
	REQUIRE(&s, s.trouble.culprit == culprit);
	REQUIRE(&s, s.trouble.amount == amount);
	if (s.status == RGK_OK)
	{
		prove(&s);
		repeat_by_steps(&s);
		raise_total(&s);
	}
	free(s.weight);
	free(s.at_least);
	free(s.at_most);
	free(s.part);
	return 0;
}
