/*-------------------------------------------------------------------------
 *
 * sign_test.h
 *		The exact sign test: how likely so many wins are by chance alone.
 *
 * Part of the kernel: C11 and nothing else.
 *
 *-------------------------------------------------------------------------
 */
#ifndef RGK_SIGN_TEST_H
#define RGK_SIGN_TEST_H

#include <math.h>

/*
 * The probability of "wins" heads or more in n tosses of a fair coin, one
 * sided: 1 of 1 is 0.5, 4 of 4 are 0.0625.  The terms C(n, k) / 2^n are
 * added from k = n downwards, so that the smallest come first.  Exact but
 * for the rounding of float8, up to n = 1022.
 */
static inline double
rgk_sign_test(int wins, int n)
{
	double		term = ldexp(1.0, -n);
	double		sum = 0.0;

	if (wins <= 0)
		return 1.0;
	for (int k = n; k >= wins; k--)
	{
		sum += term;
		term *= (double) k / (n - k + 1);
	}
	return sum < 1.0 ? sum : 1.0;
}

#endif							/* RGK_SIGN_TEST_H */
