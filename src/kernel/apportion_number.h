/*-------------------------------------------------------------------------
 *
 * apportion_number.h
 *		What apportion.c is made of: its types, multipliers, quotas.
 *
 * Private to apportion.c and apportion_select.h.
 *
 *-------------------------------------------------------------------------
 */
#ifndef RGK_APPORTION_NUMBER_H
#define RGK_APPORTION_NUMBER_H

#include "apportion.h"

#include <float.h>
#include <stdbool.h>
#include <string.h>

__extension__ typedef unsigned __int128 rgk_uint128;

#define LIKELY(x)	__builtin_expect((x) != 0, 1)
#define UNLIKELY(x) __builtin_expect((x) != 0, 0)
#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* More steps than any total has; quotas stop here. */
#define PLENTY		(INT64_C(1) << 55)

/* Parts whose quotas are summed in 64 bits: RUN_PARTS * PLENTY <= 2^63. */
#define RUN_PARTS	256

/* Entries of scratch beyond one a part. */
#define SPARE_STEPS(n) ((n) / 16 + 64)

/*
 * Gathering this many steps costs no more than another probe would.  They must
 * fit into the spare entries, for all may be of one part.
 */
#define FEW_STEPS(n) ((int64_t) ((n) / 16) + 24)

/* Probes that Newton may have before trisection takes every other one. */
#define NEWTON_PROBES 6

#define KEY_FRACTION_BITS 52
#define KEY_FRACTION ((UINT64_C(1) << KEY_FRACTION_BITS) - 1)
#define KEY_BIAS	2048
#define KEY_LEAST	(UINT64_C(1) << KEY_FRACTION_BITS)	/* below any step */
#define KEY_GREATEST (UINT64_C(4095) << KEY_FRACTION_BITS)	/* above any */

#define TOP_BIT		(UINT64_C(1) << 63)
#define DOUBLE_ONE	UINT64_C(0x3ff0000000000000)
#define DOUBLE_INF	UINT64_C(0x7ff0000000000000)

/* Segments up to this length are sorted instead of partitioned. */
#define SORTED_STEPS 24

/* Work that selection may do, in entries a gathered step, before it gives up
 * on pivots.  Overridden in tests. */
#ifndef RGK_SELECT_BUDGET
#define RGK_SELECT_BUDGET 12
#endif

/* One gathered step: the nth after the part's quota at the lower multiplier. */
typedef struct step
{
	double		crit;			/* (2k - 1) / weight, rounded */
	uint32_t	part;
	uint32_t	nth;			/* 1, 2, ... */
} step;

/* A multiplier, ready for quota(). */
typedef struct multiplier
{
	uint64_t	mantissa;		/* top bit set */
	int64_t		shift;			/* the exponents apart from the weight's */
} multiplier;

/* What is split. */
typedef struct job
{
	size_t		n;
	const double *weight;
	const int64_t *at_least;	/* may be NULL */
	const int64_t *at_most;		/* may be NULL */
	int64_t		total;
	int64_t    *part;
	step	   *steps;
	double		scale;			/* keeps weight_sum finite */
	double		weight_sum;		/* of weight * scale */
	int64_t		floors;			/* sum of at_least */
	int64_t		ceilings;		/* sum of at_most up to total, saturated */
} job;

/* What one probe found. */
typedef struct probe
{
	uint64_t	a;
	uint64_t	b;
	int64_t		sum_a;			/* saturated */
	int64_t		sum_b;
	double		moving;			/* scaled weight of parts within bounds at a */
	bool		gather;			/* also where a part has several steps? */
	size_t		count;			/* gathered steps; all in (a, b] if as many as
								 * sum_b - sum_a */
	size_t		spare;			/* entries of scratch not needed yet */
} probe;

/* Where the answer is known to lie, and where to look next. */
typedef struct search
{
	uint64_t	low;			/* S(low) <= total */
	uint64_t	high;			/* S(high) >= total */
	int64_t		low_sum;
	int64_t		high_sum;
	uint64_t	origin;			/* the key of total / sum(weight) */
	uint64_t	base;			/* the next guess is made from here: */
	double		gap;			/* steps missing at base, */
	double		gain;			/* steps that base * (1 + x) adds, over x */
	bool		bracketed;		/* did the last probe have total inside? */
	int			passes;
} search;

ALWAYS_INLINE int64_t
floor_of(const job *j, size_t i)
{
	return j->at_least ? j->at_least[i] : 0;
}

ALWAYS_INLINE int64_t
ceiling_of(const job *j, size_t i)
{
	return j->at_most ? j->at_most[i] : RGK_NO_CEILING;
}

ALWAYS_INLINE bool
is_bounded(const job *j)
{
	return j->at_least || j->at_most;
}

/* ---------- numbers ---------- */

ALWAYS_INLINE uint64_t
double_bits(double x)
{
	uint64_t	bits;

	memcpy(&bits, &x, sizeof(bits));
	return bits;
}

ALWAYS_INLINE double
bits_double(uint64_t bits)
{
	double		x;

	memcpy(&x, &bits, sizeof(x));
	return x;
}

static inline int64_t
saturate(rgk_uint128 x)
{
	return x > (rgk_uint128) INT64_MAX ? INT64_MAX : (int64_t) x;
}

/*
 * A weight as mantissa * 2^(exponent - 1023 - 63), the mantissa's top bit set.
 * Zero has no mantissa, and an exponent so low that its quota is 0 at every
 * multiplier.
 */
typedef struct decoded
{
	uint64_t	mantissa;
	int64_t		exponent;
} decoded;

static __attribute__((noinline)) decoded
decode_tiny(uint64_t fraction)
{
	int			zeros;

	if (fraction == 0)
		return (decoded) {0, -8192};
	zeros = __builtin_clzll(fraction);
	return (decoded) {fraction << zeros, 12 - zeros};
}

ALWAYS_INLINE decoded
decode(double weight)
{
	uint64_t	bits = double_bits(weight) & ~TOP_BIT;

	if (UNLIKELY(bits <= KEY_FRACTION))
		return decode_tiny(bits);
	return (decoded) {bits << 11 | TOP_BIT, (int64_t) (bits >> 52)};
}

static inline multiplier
decode_key(uint64_t key)
{
	multiplier	m;

	m.mantissa = key << 11 | TOP_BIT;
	m.shift = 60 + 1023 + KEY_BIAS - (int64_t) (key >> KEY_FRACTION_BITS);
	return m;
}

/*
 * floor(m * weight + 1/2), exactly, or PLENTY where that is the smaller.
 *
 * The product of the mantissas has 127 or 128 bits.  Twice the quotient is
 * that product shifted right by 65 + shift, so only the upper word is needed;
 * of a number x, floor(x + 1/2) is floor((floor(2x) + 1) / 2).  A shift of 6
 * leaves at least 2^54, more than any total.
 */
ALWAYS_INLINE int64_t
quota(multiplier m, decoded weight)
{
	uint64_t	upper = (uint64_t) (((rgk_uint128) m.mantissa * weight.mantissa) >> 64);
	int64_t		shift = m.shift - weight.exponent;

	if (UNLIKELY(shift < 7))
		return PLENTY;
	shift = shift < 63 ? shift : 63;
	return (int64_t) (((upper >> 1 >> shift) + 1) >> 1);
}

/* The key of x * 2^exponent, x positive and normal. */
static inline uint64_t
make_key(double x, int exponent)
{
	uint64_t	bits = double_bits(x);
	int			e = (int) (bits >> 52) - 1023 + exponent + KEY_BIAS;

	if (e < 1)
		return KEY_LEAST;
	if (e >= 4095)
		return KEY_GREATEST;
	return (uint64_t) e << KEY_FRACTION_BITS | (bits & KEY_FRACTION);
}

/* The mantissa of a key, 1 <= x < 2. */
static inline double
key_mantissa(uint64_t key)
{
	return bits_double(DOUBLE_ONE | (key & KEY_FRACTION));
}

static inline int
key_exponent(uint64_t key)
{
	return (int) (key >> KEY_FRACTION_BITS) - KEY_BIAS;
}

/* The key times a factor, which is kept between 1/16 and 2^100. */
static inline uint64_t
scale_key(uint64_t key, double factor)
{
	factor = factor > 0.0625 ? factor : 0.0625;
	factor = factor < 0x1p100 ? factor : 0x1p100;
	return make_key(key_mantissa(key) * factor, key_exponent(key));
}

/* About x / y; DBL_MAX or 0 where that is far away. */
static inline double
key_ratio(uint64_t x, uint64_t y)
{
	int			e = key_exponent(x) - key_exponent(y);

	if (e > 1000)
		return DBL_MAX;
	if (e < -1000)
		return 0.0;
	return key_mantissa(x) / key_mantissa(y) *
		bits_double((uint64_t) (1023 + e) << 52);
}

/*
 * The margin for the rounding errors of n quotas, whose sum has a standard
 * deviation of sqrt(n / 12).  A miss costs a pass, a wider margin more
 * selection; the former weighs more with many parts.
 */
static inline double
noise(size_t n)
{
	int			bits = 64 - __builtin_clzll((uint64_t) n);
	double		root = (double) (UINT64_C(1) << bits / 2);

	root = bits % 2 ? root * 1.4142 : root;
	return 1.0 + root * (n < 4096 ? 0.5 : 1.5);
}

#endif							/* RGK_APPORTION_NUMBER_H */
