/*-------------------------------------------------------------------------
 *
 * apportion_select.h
 *		The last steps: selection by exact comparison, never a sort of all.
 *
 * Private to apportion.c.
 *
 *-------------------------------------------------------------------------
 */
#ifndef RGK_APPORTION_SELECT_H
#define RGK_APPORTION_SELECT_H

#include "apportion_number.h"

/* ---------- the last steps ---------- */

/*
 * The order of steps where their rounded quotients cannot tell:
 * (2kx - 1) * weight of y against (2ky - 1) * weight of x, exactly.
 */
static bool
comes_before(const job *j, const step *x, const step *y)
{
	int64_t		kx = j->part[x->part] + x->nth;
	int64_t		ky = j->part[y->part] + y->nth;
	decoded		wx;
	decoded		wy;
	rgk_uint128 cross_x;
	rgk_uint128 cross_y;
	int64_t		e;

	if (double_bits(j->weight[x->part]) == double_bits(j->weight[y->part]))
		return kx != ky ? kx < ky : x->part < y->part;
	wx = decode(j->weight[x->part]);
	wy = decode(j->weight[y->part]);
	cross_x = (rgk_uint128) (uint64_t) (2 * kx - 1) * wy.mantissa;
	cross_y = (rgk_uint128) (uint64_t) (2 * ky - 1) * wx.mantissa;
	e = wy.exponent - wx.exponent;

	/* now cross_x * 2^e against cross_y, and neither is 0 */
	if (e >= 128 || (e > 0 && cross_x > ~(rgk_uint128) 0 >> e))
		return false;
	if (e <= -128 || (e < 0 && cross_y > ~(rgk_uint128) 0 >> -e))
		return true;
	if (e > 0)
		cross_x <<= e;
	else
		cross_y <<= -e;
	if (cross_x != cross_y)
		return cross_x < cross_y;
	return x->part < y->part;
}

/*
 * The strict order of steps.  A rounded quotient is at most two units in the
 * last place off, so beyond eight it decides.
 */
ALWAYS_INLINE bool
before(const job *j, const step *x, const step *y)
{
	int64_t		apart = (int64_t) double_bits(x->crit) - (int64_t) double_bits(y->crit);

	if (LIKELY(apart < -8 || apart > 8))
		return apart < 0;
	return comes_before(j, x, y);
}

ALWAYS_INLINE void
swap(step *x, step *y)
{
	step		kept = *x;

	*x = *y;
	*y = kept;
}

static void
sort_few(const job *j, step *s, size_t count)
{
	for (size_t i = 1; i < count; i++)
	{
		step		moved = s[i];
		size_t		k = i;

		for (; k > 0 && before(j, &moved, &s[k - 1]); k--)
			s[k] = s[k - 1];
		s[k] = moved;
	}
}

static void
sift_down(const job *j, step *heap, size_t size, size_t at)
{
	size_t		child;

	while ((child = 2 * at + 1) < size)
	{
		if (child + 1 < size && before(j, &heap[child], &heap[child + 1]))
			child++;
		if (!before(j, &heap[at], &heap[child]))
			return;
		swap(&heap[at], &heap[child]);
		at = child;
	}
}

/* Bring the first "need" of the steps to the front, n log n at the worst. */
static void
select_by_heap(const job *j, step *s, size_t count, size_t need)
{
	if (need == 0)
		return;
	for (size_t at = need / 2; at-- > 0;)
		sift_down(j, s, need, at);
	for (size_t i = need; i < count; i++)
		if (before(j, &s[i], &s[0]))
		{
			swap(&s[i], &s[0]);
			sift_down(j, s, need, 0);
		}
}

/*
 * Partition around the median of three; returns the length of the lower side,
 * which is neither empty nor everything.  Gathered ties stand in index order
 * and halve without a swap.
 */
static size_t
partition(const job *j, step *s, size_t count)
{
	size_t		middle = (count - 1) / 2;
	size_t		i = 0;
	size_t		k = count - 1;
	step		pivot;

	if (before(j, &s[middle], &s[0]))
		swap(&s[middle], &s[0]);
	if (before(j, &s[k], &s[middle]))
	{
		swap(&s[k], &s[middle]);
		if (before(j, &s[middle], &s[0]))
			swap(&s[middle], &s[0]);
	}
	pivot = s[middle];
	for (;;)
	{
		while (before(j, &s[i], &pivot))
			i++;
		while (before(j, &pivot, &s[k]))
			k--;
		if (i >= k)
			return k + 1;
		swap(&s[i++], &s[k--]);
	}
}

/* Bring the first "need" of the steps to the front. */
static void
select_steps(const job *j, step *s, size_t count, size_t need)
{
	size_t		budget = count * RGK_SELECT_BUDGET;

	while (count > SORTED_STEPS && need > 0 && need < count)
	{
		size_t		lower;

		if (budget < count)
		{
			select_by_heap(j, s, count, need);
			return;
		}
		budget -= count;
		lower = partition(j, s, count);
		if (need <= lower)
			count = lower;
		else
		{
			s += lower;
			count -= lower;
			need -= lower;
		}
	}
	if (count <= SORTED_STEPS)
		sort_few(j, s, count);
}

/* Add the first "need" of the gathered steps to the parts. */
static void
hand_out(const job *j, size_t count, size_t need)
{
	step	   *s = j->steps;

	if (need > 0 && need < count)
	{
		for (size_t i = 0; i < count; i++)
			s[i].crit = (double) (2 * (j->part[s[i].part] + s[i].nth) - 1) /
				j->weight[s[i].part];
		select_steps(j, s, count, need);
	}
	for (size_t i = 0; i < need; i++)
		j->part[s[i].part]++;
}

#endif							/* RGK_APPORTION_SELECT_H */
