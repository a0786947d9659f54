/*-------------------------------------------------------------------------
 *
 * score.h
 *		Health points: where a value stands between two anchors.
 *
 * Part of the kernel: C11 and nothing else, so that the server, the unit
 * tests and the fuzzer compile the same text.  Build with
 * -ffp-contract=off: every platform must produce the same bits.
 *
 *-------------------------------------------------------------------------
 */
#ifndef RGK_SCORE_H
#define RGK_SCORE_H

#include <float.h>

/*
 * The share of the way from "worst" (0) to "best" (1) that "value" has gone,
 * never outside 0..1.  best < worst reverses the scale: the smaller the
 * value, the better.
 *
 * The caller guarantees that worst and best are finite and differ.  The value
 * may be infinite (it scores 0 or 1); a NaN comes back as a NaN, for the
 * caller to refuse.
 *
 * Exactly 0 at worst, exactly 1 at best, and monotone between: subtraction
 * and division by a constant round monotonically.  Two differing finite
 * anchors have a difference that is not 0 (underflow is gradual), but it may
 * overflow; then everything is halved first, which is exact at that size.  A
 * value whose distance alone overflows gives an infinity of the right sign,
 * which the clamp turns into 0 or 1.
 */
static inline double
rgk_points(double value, double worst, double best)
{
	double		span = best - worst;
	double		share;

	if (span > DBL_MAX || span < -DBL_MAX)
	{
		value *= 0.5;
		worst *= 0.5;
		span = best * 0.5 - worst;
	}
	share = (value - worst) / span;
	if (share < 0.0)
		return 0.0;
	if (share > 1.0)
		return 1.0;
	return share + 0.0;			/* a scale that is reversed gives -0 at worst */
}

#endif							/* RGK_SCORE_H */
