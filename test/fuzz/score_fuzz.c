/*
 * libFuzzer: points between two anchors, and the sign test, against what both mean.
 *
 * Points are compared with the quotient in long double, whose range no difference of doubles leaves; the sign test with
 * Pascal's triangle in whole numbers where it fits into 64 bits, and beyond with what must hold of any.
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "score.h"
#include "sign_test.h"

#define MOST_TOSSES 1022

#define REQUIRE(condition, ...) \
	do { if (!(condition)) give_up(#condition, __VA_ARGS__); } while (0)

static void
give_up(const char *what, double a, double b, double c)
{
	fprintf(stderr, "violated: %s\nwith %a, %a, %a\n", what, a, b, c);
	abort();
}

static double
take_double(bytes *b, unsigned kind)
{
	uint64_t	bits;
	double		value;

	switch (kind % 5)
	{
		case 0:
			return (double) take(b, 1) / 8 - 16;
		case 1:
			bits = UINT64_C(0x3ff0000000000000) + (take(b, 1) & 15);
			break;
		case 2:
			return ldexp((double) take(b, 2) - 32768, (int) (take(b, 2) % 2100) - 1074);
		case 3:
			return DBL_MAX * (((double) take(b, 1) - 128) / 128);
		default:
			bits = take(b, 8);
			break;
	}
	memcpy(&value, &bits, sizeof(value));
	return value;
}

/* ---------- points ---------- */

static void
check_points(bytes *b)
{
	unsigned	kind = (unsigned) take(b, 1);
	double		worst = take_double(b, kind);
	double		best = take_double(b, kind);
	double		value = take_double(b, kind / 5);
	double		other = take_double(b, kind / 25);
	double		points;
	long double share;

	if (!isfinite(worst) || !isfinite(best) || worst == best)
		return;
	points = rgk_points(value, worst, best);
	REQUIRE(rgk_points(worst, worst, best) == 0 && !signbit(rgk_points(worst, worst, best)), 0, worst, best);
	REQUIRE(rgk_points(best, worst, best) == 1, 0, worst, best);
	REQUIRE(isnan(points) == isnan(value), value, worst, best);
	if (isnan(value))
		return;
	REQUIRE(points >= 0 && points <= 1 && !signbit(points), value, worst, best);
	share = ((long double) value - worst) / ((long double) best - worst);
	share = fminl(fmaxl(share, 0), 1);
	/* Halving loses the last bit of what is below all normal doubles, which is nothing beside so large a span. */
	REQUIRE(fabsl(points - share) <= 4 * (long double) DBL_EPSILON * share + 0x1p-1073L, value, worst, best);
	if (!isnan(other) && (value < other) == (worst < best))
		REQUIRE(points <= rgk_points(other, worst, best), value, worst, best);
}

/* ---------- the sign test ---------- */

/* Of n tosses, in how many of all 2^n outcomes are there so many heads or more? */
static uint64_t
outcomes_with(int wins, int n)
{
	uint64_t	row[64] = {1};
	uint64_t	sum = 0;

	for (int i = 1; i <= n; i++)
		for (int k = i; k > 0; k--)
			row[k] += row[k - 1];
	for (int k = wins < 0 ? 0 : wins; k <= n; k++)
		sum += row[k];
	return sum;
}

static void
check_sign_test(bytes *b)
{
	int			most = take(b, 1) % 2 ? MOST_TOSSES : 63;
	int			n = (int) (take(b, 2) % (uint64_t) (most + 1));
	int			wins = (int) (take(b, 2) % (uint64_t) (n + 4)) - 1;
	double		p = rgk_sign_test(wins, n);

	REQUIRE(p >= 0 && p <= 1, wins, n, p);
	REQUIRE((p == 0) == (wins > n), wins, n, p);
	REQUIRE(wins > 0 || p == 1, wins, n, p);
	REQUIRE(rgk_sign_test(wins + 1, n) <= p, wins, n, p);
	/* What is not so many wins is so many losses. */
	REQUIRE(fabs(p + rgk_sign_test(n - wins + 1, n) - 1) < 1e-12, wins, n, p);
	if (n < 64)
		REQUIRE(fabs(p - ldexp((double) outcomes_with(wins, n), -n)) <= 1e-14 * p, wins, n, p);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bytes		b = {data, size};

	if (take(&b, 1) % 4 == 0)
		check_sign_test(&b);
	else
		check_points(&b);
	return 0;
}
