/*-------------------------------------------------------------------------
 *
 * apportion.h
 *		Splitting a whole number of steps by weight, exactly.
 *
 * Webster / Sainte-Lague with bounds.  Every part i starts at its floor; the
 * steps above it, at_least[i] < k <= at_most[i], form one strict order over
 * all parts: by (2k - 1) / (2 * weight[i]) ascending, and by i ascending
 * where these are equal.  The result is the floors plus the first
 * total - sum(floors) steps of that order.  So a greater total never lowers a
 * part, and ties go to the lower index.
 *
 * A weight is the binary fraction that the double is, subnormal ones
 * included; every decision is made in integers.  Floating point only guesses
 * where to look, so rounding mode, contraction and platform change nothing in
 * the answer.
 *
 * Part of the kernel: no memory is allocated, nothing is global, no callback.
 * Needs a compiler with a 128-bit integer (gcc and clang on 64-bit targets).
 *
 *-------------------------------------------------------------------------
 */
#ifndef RGK_APPORTION_H
#define RGK_APPORTION_H

#include <stddef.h>
#include <stdint.h>

/* The greatest total and the greatest floor, in steps. */
#define RGK_MAX_STEPS INT64_C(10000000000000000)

/* The greatest number of parts of one split. */
#define RGK_MAX_PARTS ((size_t) INT32_MAX)

/* A ceiling that is none. */
#define RGK_NO_CEILING INT64_MAX

/* rgk_trouble.culprit where no single part is to blame. */
#define RGK_NOBODY SIZE_MAX

typedef enum rgk_status
{
	RGK_OK = 0,
	RGK_BAD_WEIGHT,				/* culprit: NaN, infinite or negative */
	RGK_BAD_RANGE,				/* culprit: a negative bound or a floor above
								 * RGK_MAX_STEPS; nobody: total or n */
	RGK_CROSSED,				/* culprit: at_least > at_most */
	RGK_FLOORS,					/* amount: how far the floors exceed total */
	RGK_CEILINGS,				/* amount: how far the ceilings miss it */
	RGK_NO_WEIGHT				/* amount: what is left and nobody may take */
} rgk_status;

typedef struct rgk_trouble
{
	size_t		culprit;		/* index of the first bad part, or RGK_NOBODY */
	int64_t		amount;			/* steps, INT64_MAX where it does not fit */
	int			passes;			/* how often the weights were gone through
								 * after validation; filled on success too */
} rgk_trouble;

/*
 * Bytes of scratch that rgk_apportion needs for n parts, aligned as malloc
 * aligns: 17 a part and one kilobyte.
 */
extern size_t rgk_apportion_scratch(size_t n);

/*
 * Split total into part[0 .. n - 1].
 *
 * at_least NULL means floors of 0; at_most NULL means no ceilings, and a
 * ceiling above total (RGK_NO_CEILING, say) is none either.  A part of weight
 * 0 gets its floor and counts as ceiling = floor when feasibility is judged.
 * The first culprit by index is reported, and faults of single parts before
 * those of the whole: floors, then weight, then ceilings.  On anything but
 * RGK_OK part[] is undefined.  part may not overlap the inputs; trouble may
 * be NULL.
 *
 * Time is linear in n: some three passes without bounds, half a dozen with
 * them, fewer than a hundred for weights and bounds made to defeat it.
 */
extern rgk_status rgk_apportion(size_t n, const double *weight,
								const int64_t *at_least, const int64_t *at_most,
								int64_t total, int64_t *part,
								void *scratch, rgk_trouble *trouble);

#endif							/* RGK_APPORTION_H */
