/*-------------------------------------------------------------------------
 *
 * apportion.c
 *		Splitting a whole number of steps by weight, exactly.
 *
 * How it works.  For a multiplier L let S(L) be the number of steps that come
 * no later than L, each part's floor included: part i holds
 * floor(L * weight[i] + 1/2) of them, moved into its bounds.  S never falls,
 * and whenever S(L) = total, those are the parts.  A probe computes S at two
 * multipliers a <= b in one pass over the weights, stores the parts at a and
 * gathers the steps that lie in (a, b].  As soon as S(a) <= total <= S(b)
 * with the steps gathered, the first total - S(a) of them, by exact
 * comparison, are all that is missing.
 *
 * Without bounds total / sum(weight) misses total by some sqrt(n) steps, so
 * the first probe usually ends the search.  With bounds a few Newton steps
 * come first.  A bracket that every probe narrows, and trisection when Newton
 * is slow, keep hostile inputs below a hundred passes.
 *
 * A multiplier is a float of our own, a 64-bit "key": 12 bits of exponent
 * above 52 of mantissa with its leading one implied.  Keys order and bisect
 * like the integers they are, and the exponent is wide enough for every
 * quotient of a step number and a double, where a double is not.  Between two
 * adjacent keys lies at most one step of a part, and one more for every 2^52
 * steps that it holds: at most n + 2 in all, which always fit into the scratch.
 *
 *-------------------------------------------------------------------------
 */
#include "apportion.h"

#include "apportion_number.h"
#include "apportion_select.h"

/* ---------- judging the input ---------- */

static rgk_status
blame(rgk_trouble *trouble, rgk_status status, size_t culprit, int64_t amount)
{
	trouble->culprit = culprit;
	trouble->amount = amount;
	return status;
}

/*
 * Sum the weights times scale.  Returns false when one of them may be bad;
 * negative zero raises that alarm too.
 */
static bool
sum_weights(job *j)
{
	const double *w = j->weight;
	double		scale = j->scale;
	double		s0 = 0.0,
				s1 = 0.0,
				s2 = 0.0,
				s3 = 0.0;
	uint64_t	bad = 0;
	size_t		i;

	for (i = 0; i + 4 <= j->n; i += 4)
	{
		bad |= (uint64_t) (double_bits(w[i]) >= DOUBLE_INF) |
			(uint64_t) (double_bits(w[i + 1]) >= DOUBLE_INF) |
			(uint64_t) (double_bits(w[i + 2]) >= DOUBLE_INF) |
			(uint64_t) (double_bits(w[i + 3]) >= DOUBLE_INF);
		s0 += w[i] * scale;
		s1 += w[i + 1] * scale;
		s2 += w[i + 2] * scale;
		s3 += w[i + 3] * scale;
	}
	for (; i < j->n; i++)
	{
		bad |= (uint64_t) (double_bits(w[i]) >= DOUBLE_INF);
		s0 += w[i] * scale;
	}
	j->weight_sum = (s0 + s1) + (s2 + s3);
	return bad == 0;
}

static rgk_status
survey_weights(job *j, rgk_trouble *trouble)
{
	j->scale = 1.0;
	if (!sum_weights(j))
		for (size_t i = 0; i < j->n; i++)
			if (!(j->weight[i] >= 0.0 && j->weight[i] <= DBL_MAX))
				return blame(trouble, RGK_BAD_WEIGHT, i, 0);
	if (j->weight_sum > DBL_MAX)
	{
		j->scale = 0x1p-64;
		sum_weights(j);
	}
	return RGK_OK;
}

static rgk_status
survey_bounds(job *j, rgk_trouble *trouble)
{
	rgk_uint128 floors = 0;
	rgk_uint128 ceilings = 0;

	for (size_t i = 0; i < j->n; i++)
	{
		int64_t		floor = floor_of(j, i);
		int64_t		ceiling = ceiling_of(j, i);

		if (UNLIKELY(floor < 0 || floor > RGK_MAX_STEPS || ceiling < 0))
			return blame(trouble, RGK_BAD_RANGE, i, 0);
		if (UNLIKELY(floor > ceiling))
			return blame(trouble, RGK_CROSSED, i, 0);
		ceiling = ceiling < j->total ? ceiling : j->total;
		ceiling = j->weight[i] > 0.0 ? ceiling : floor;
		floors += (uint64_t) floor;
		ceilings += (uint64_t) ceiling;
	}
	j->floors = saturate(floors);
	j->ceilings = saturate(ceilings);
	return RGK_OK;
}

/* Is there an answer at all? */
static rgk_status
survey(job *j, rgk_trouble *trouble)
{
	rgk_status	status;

	if (j->total < 0 || j->total > RGK_MAX_STEPS || j->n > RGK_MAX_PARTS)
		return blame(trouble, RGK_BAD_RANGE, RGK_NOBODY, 0);
	status = survey_weights(j, trouble);
	if (status != RGK_OK)
		return status;
	j->floors = 0;
	j->ceilings = INT64_MAX;
	if (is_bounded(j))
		status = survey_bounds(j, trouble);
	if (status != RGK_OK)
		return status;
	if (j->floors > j->total)
		return blame(trouble, RGK_FLOORS, RGK_NOBODY,
					 j->floors == INT64_MAX ? INT64_MAX : j->floors - j->total);
	if (j->floors < j->total && !(j->weight_sum > 0.0))
		return blame(trouble, RGK_NO_WEIGHT, RGK_NOBODY, j->total - j->floors);
	if (j->ceilings < j->total)
		return blame(trouble, RGK_CEILINGS, RGK_NOBODY, j->total - j->ceilings);
	return RGK_OK;
}

/* ---------- a pass over the parts ---------- */

/*
 * Gather the steps of a part that has several between the multipliers.  Each
 * beyond the first takes one of the spare entries; once those do not suffice,
 * nothing more is stored.
 */
static __attribute__((noinline)) size_t
gather_many(probe *p, step *steps, size_t count, size_t part, int64_t many)
{
	if ((uint64_t) many > p->spare)
		return count;
	p->spare -= (size_t) many - 1;
	for (uint32_t nth = 1; nth <= (uint32_t) many; nth++)
	{
		steps[count].part = (uint32_t) part;
		steps[count].nth = nth;
		count++;
	}
	return count;
}

/* The sum of all runs so far, which stays large once it is. */
static int64_t
add_run(int64_t sum, uint64_t run)
{
	uint64_t	both = (uint64_t) sum + run;

	return both < (uint64_t) INT64_MAX ? (int64_t) both : INT64_MAX;
}

/*
 * One run of a sweep.  The gathering writes an entry for every part and counts
 * it where it is one: with small groups a branch would be mispredicted half
 * the time.
 */
ALWAYS_INLINE void
sweep_run(const job *j, probe *p, size_t from, size_t to, const bool bounded)
{
	const multiplier a = decode_key(p->a);
	const multiplier b = decode_key(p->b);
	const double *const weight = j->weight;
	const int64_t total = j->total;
	int64_t    *const part = j->part;
	step	   *const steps = j->steps;
	const int64_t several = p->gather ? 1 : PLENTY;
	uint64_t	sum_a = 0;
	uint64_t	sum_b = 0;
	double		moving = 0.0;
	size_t		count = p->count;

	for (size_t i = from; i < to; i++)
	{
		decoded		w = decode(weight[i]);
		int64_t		at_a = quota(a, w);
		int64_t		at_b = quota(b, w);

		if (bounded)
		{
			int64_t		floor = floor_of(j, i);
			int64_t		ceiling = ceiling_of(j, i);
			bool		moves = (floor <= at_a) & (at_a <= ceiling);

			moving += bits_double(double_bits(weight[i]) & -(uint64_t) moves) * j->scale;
			ceiling = ceiling < total ? ceiling : total;
			at_a = at_a < ceiling ? at_a : ceiling;
			at_a = at_a > floor ? at_a : floor;
			at_b = at_b < ceiling ? at_b : ceiling;
			at_b = at_b > floor ? at_b : floor;
		}
		part[i] = at_a;
		sum_a += (uint64_t) at_a;
		sum_b += (uint64_t) at_b;
		steps[count].part = (uint32_t) i;
		steps[count].nth = 1;
		count += at_b - at_a == 1;
		if (UNLIKELY(at_b - at_a > several))
			count = gather_many(p, steps, count, i, at_b - at_a);
	}
	p->sum_a = add_run(p->sum_a, sum_a);
	p->sum_b = add_run(p->sum_b, sum_b);
	p->moving += moving;
	p->count = count;
}

static __attribute__((noinline)) void
sweep_run_free(const job *j, probe *p, size_t from, size_t to)
{
	sweep_run(j, p, from, to, false);
}

static __attribute__((noinline)) void
sweep_run_bounded(const job *j, probe *p, size_t from, size_t to)
{
	sweep_run(j, p, from, to, true);
}

/*
 * Compute the sums at p->a <= p->b, store the parts at a, and gather the steps
 * between as far as p->gather asks for it and they fit.
 */
static void
sweep(const job *j, probe *p)
{
	bool		bounded = is_bounded(j);

	p->sum_a = 0;
	p->sum_b = 0;
	p->moving = bounded ? 0.0 : j->weight_sum;
	p->count = 0;
	p->spare = SPARE_STEPS(j->n);
	for (size_t from = 0; from < j->n; from += RUN_PARTS)
	{
		size_t		to = j->n - from < RUN_PARTS ? j->n : from + RUN_PARTS;

		if (bounded)
			sweep_run_bounded(j, p, from, to);
		else
			sweep_run_free(j, p, from, to);
	}
}

/* The parts at their floors, or at their ceilings. */
static void
fill(const job *j, bool full)
{
	for (size_t i = 0; i < j->n; i++)
	{
		int64_t		ceiling = ceiling_of(j, i);

		if (full && j->weight[i] > 0.0)
			j->part[i] = ceiling < j->total ? ceiling : j->total;
		else
			j->part[i] = floor_of(j, i);
	}
}

/* ---------- the search ---------- */

static void
begin(const job *j, search *s)
{
	decoded		sum = decode(j->weight_sum);
	double		mantissa = bits_double(DOUBLE_ONE | (sum.mantissa << 1 >> 12));
	int			exponent = 1023 - (int) sum.exponent - (j->scale < 1.0 ? 64 : 0);

	s->origin = make_key((double) j->total / mantissa, exponent);
	s->low = KEY_LEAST;
	s->high = KEY_GREATEST;
	s->low_sum = j->floors;
	s->high_sum = j->ceilings;
	s->base = s->origin;
	s->gap = 0.0;
	s->gain = (double) j->total;
	s->bracketed = true;
	s->passes = 0;
}

/*
 * Newton's choice of the next two multipliers: the base moved by the gap, with
 * a margin on both sides for what rounding and changing slopes may do.  Once
 * one has missed by no more than a step a part and bounds cannot be the cause,
 * ties are likely, and the margin goes far enough beyond for n quotas rounded
 * the wrong way.  Gathering is for windows that may be the last; in wide ones
 * it costs a mispredicted branch a part.
 */
static void
aim_by_slope(const job *j, const search *s, probe *p)
{
	double		n = (double) j->n;
	double		gap = s->gap > 0.0 ? s->gap : -s->gap;
	double		turn = gap < s->gain ? gap / s->gain : 1.0;
	double		margin = noise(j->n) + gap * turn * 0.25;
	double		least = s->gap - margin;
	double		most = s->gap + margin;

	p->gather = most - least <= n * 0.5 + 16.0;
	if (!s->bracketed && gap <= n && (s->passes > 1 || !is_bounded(j)))
	{
		p->gather = true;
		least = s->gap > 0.0 ? 0.0 : s->gap - n * 0.5 - 1.0;
		most = s->gap > 0.0 ? s->gap + n * 0.5 + 1.0 : 0.0;
	}
	p->a = scale_key(s->base, 1.0 + least / s->gain);
	p->b = scale_key(s->base, 1.0 + most / s->gain);
}

/*
 * Where hardly a part moves, slopes say nothing.  Leave the base behind by
 * leaps that grow.
 */
static void
aim_by_leap(const search *s, probe *p)
{
	uint64_t	leap = UINT64_C(1) << (KEY_FRACTION_BITS + (s->passes < 10 ? s->passes : 10));

	if (s->gap > 0.0)
		p->a = s->high - s->base > leap ? s->base + leap : s->high;
	else
		p->a = s->base - s->low > leap ? s->base - leap : s->low;
	p->b = p->a;
	p->gather = false;
}

/* Choose the multipliers of the next probe: low <= a <= b <= high. */
static void
aim(const job *j, const search *s, probe *p)
{
	double		gap = s->gap > 0.0 ? s->gap : -s->gap;
	uint64_t	third;

	p->a = s->low;
	p->b = s->high;
	p->gather = true;
	if (s->high - s->low <= 1 || s->high_sum - s->low_sum <= FEW_STEPS(j->n))
		return;
	if (s->passes < NEWTON_PROBES || s->passes % 2 == 0)
	{
		if (s->gain * 16.0 > gap && s->gain <= DBL_MAX)
			aim_by_slope(j, s, p);
		else
			aim_by_leap(s, p);
		p->a = p->a > s->low ? p->a : s->low;
		p->b = p->b < s->high ? p->b : s->high;
		if (p->a <= p->b && p->b > s->low && p->a < s->high &&
			(p->a > s->low || p->b < s->high))
			return;
	}
	third = (s->high - s->low) / 3;
	third = third > 0 ? third : 1;
	p->a = s->low + third;
	p->b = s->high - third;
	p->gather = s->high_sum - s->low_sum <= (int64_t) j->n;
}

/* Narrow the bracket by what a probe has found, and choose the next base. */
static void
learn(const job *j, search *s, const probe *p)
{
	bool		a_low = p->sum_a <= j->total;
	bool		b_low = p->sum_b < j->total;
	uint64_t	above = a_low ? (b_low ? s->high : p->b) : p->a;
	int64_t		above_sum = a_low ? (b_low ? s->high_sum : p->sum_b) : p->sum_a;

	if (a_low)
	{
		s->low = b_low ? p->b : p->a;
		s->low_sum = b_low ? p->sum_b : p->sum_a;
	}
	s->high = above;
	s->high_sum = above_sum;
	s->bracketed = a_low && !b_low;
	s->base = b_low ? p->b : p->a;
	s->gap = (double) j->total - (double) (b_low ? p->sum_b : p->sum_a);
	if (s->bracketed)
		s->gain = ((double) p->sum_b - (double) p->sum_a) /
			(key_ratio(p->b, p->a) - 1.0);
	else
		s->gain = (double) j->total * (p->moving / j->weight_sum) *
			key_ratio(s->base, s->origin);
}

static void
find(const job *j, int *passes)
{
	search		s;
	probe		p;

	begin(j, &s);
	for (;;)
	{
		aim(j, &s, &p);
		sweep(j, &p);
		*passes = ++s.passes;
		if (p.sum_a == j->total)
			return;
		if (p.sum_a < j->total && j->total <= p.sum_b && p.count == (uint64_t) (p.sum_b - p.sum_a))
			break;
		learn(j, &s, &p);
		if (p.sum_a < j->total && p.sum_b == j->total)
			s.low = s.high;
	}
	hand_out(j, p.count, (size_t) (j->total - p.sum_a));
}

size_t
rgk_apportion_scratch(size_t n)
{
	return (n + SPARE_STEPS(n)) * sizeof(step);
}

rgk_status
rgk_apportion(size_t n, const double *weight,
			  const int64_t *at_least, const int64_t *at_most,
			  int64_t total, int64_t *part,
			  void *scratch, rgk_trouble *trouble)
{
	rgk_trouble unread;
	job			j = {.n = n, .weight = weight, .at_least = at_least,
	.at_most = at_most, .total = total, .part = part, .steps = scratch};
	rgk_status	status;

	trouble = trouble ? trouble : &unread;
	trouble->culprit = RGK_NOBODY;
	trouble->amount = 0;
	trouble->passes = 0;
	status = survey(&j, trouble);
	if (status != RGK_OK)
		return status;
	if (total == j.floors || total == j.ceilings)
		fill(&j, total != j.floors);
	else
		find(&j, &trouble->passes);
	return RGK_OK;
}
