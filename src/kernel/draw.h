/*-------------------------------------------------------------------------
 *
 * draw.h
 *		Chance that anybody can repeat: a fixed generator, and an order drawn
 *		with it.
 *
 * Part of the kernel: C11 and nothing else.  The numbers are part of what the
 * manual promises, so that whoever doubts a draw can make it again in any
 * language; they never change.
 *
 *-------------------------------------------------------------------------
 */
#ifndef RGK_DRAW_H
#define RGK_DRAW_H

#include <stddef.h>
#include <stdint.h>

/* splitmix64: Steele, Lea and Flood, 2014.  The state is the seed. */
static inline uint64_t
rgk_draw(uint64_t *state)
{
	uint64_t	z = (*state += UINT64_C(0x9E3779B97F4A7C15));

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

/*
 * A number from 0 to n - 1, n above 0, each as likely as any other: draws
 * below 2^64 mod n, of which the remainders would come once too often, are
 * drawn again.
 */
static inline uint64_t
rgk_draw_below(uint64_t *state, uint64_t n)
{
	uint64_t	too_few = (0 - n) % n;
	uint64_t	drawn;

	do
		drawn = rgk_draw(state);
	while (drawn < too_few);
	return drawn % n;
}

/* Fisher and Yates: from the last place down, swap with one drawn from those up to it. */
static inline void
rgk_shuffle(uint64_t *state, int *element, size_t n)
{
	for (size_t i = n; i > 1; i--)
	{
		size_t		j = (size_t) rgk_draw_below(state, i);
		int			kept = element[i - 1];

		element[i - 1] = element[j];
		element[j] = kept;
	}
}

#endif							/* RGK_DRAW_H */
