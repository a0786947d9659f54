/*
 * plans/weights.c
 *	  From signals to the weights of siblings.
 *
 * Each signal becomes a share among siblings, value x scale over the sum; a unit's weight is the sum
 * of weight x share over the signals.  Gaps are filled by rule and marked: a unit without a value or
 * scale gets the mean of its siblings'; one whose scale is 0 but whose value somebody entered, as in
 * a new market without people, gets the smallest positive scale.  A signal that says nothing here is
 * dropped, and its weight goes to the rest of its factor, or, when none is left, to the other factors.
 *
 * Sums run in unit_id order without fused multiply-add, and the final weights are rounded to 2^-40
 * of the siblings' sum, so that every platform decides alike.
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "health/health.h"
#include "plans/plans.h"
#include "regtarget.h"
#include "units/units.h"

struct RgtWeights
{
	const RgtTree *tree;
	RgtSignals *signals;
	RgtFactors	factors;
	RgtBasis   *basis;			/* one a factor; weight 0: dropped here */
	RgtBasis   *used;			/* those that are not dropped */
	int			nused;
	double	  **scale;			/* room for scales, one array a factor */
	bool		allow_negative; /* then nothing can be split by these children's signals, and that is no error */
	bool		negative;		/* some value of the signal in hand is */
	bool	   *refused;		/* signals of which some value of the children in hand is negative */
};

/*
 * Make ready for splits of up to `largest` siblings.
 */
RgtWeights *
rgt_weights_begin(const RgtTree *tree, RgtSignals *signals, RgtFactors factors, int largest)
{
	RgtWeights *weights = palloc0(sizeof(RgtWeights));
	Size		room = sizeof(double) * (Size) Max(largest, 1);

	weights->tree = tree;
	weights->signals = signals;
	weights->factors = factors;
	weights->basis = palloc0(sizeof(RgtBasis) * Max(factors.n, 1));
	weights->used = palloc0(sizeof(RgtBasis) * Max(factors.n, 1));
	weights->scale = palloc0(sizeof(double *) * Max(factors.n, 1));
	weights->refused = palloc0(sizeof(bool) * Max(factors.n, 1));
	for (int f = 0; f < factors.n; f++)
	{
		weights->basis[f].factor = &factors.factor[f];
		weights->basis[f].value = palloc_extended(room, MCXT_ALLOC_HUGE);
		weights->basis[f].share = palloc_extended(room, MCXT_ALLOC_HUGE);
		weights->basis[f].imputed = palloc_extended(Max(largest, 1), MCXT_ALLOC_HUGE);
		if (factors.factor[f].scaled_by != NULL)
			weights->scale[f] = palloc_extended(room, MCXT_ALLOC_HUGE);
	}
	return weights;
}

/* Let a negative value mean that there is nothing to split by, for whoever looks at many days and stops at none. */
void
rgt_weights_allow_negative(RgtWeights *weights)
{
	weights->allow_negative = true;
}

static void
refuse_negative(const RgtTree *tree, int position, const char *signal, double value)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("signal \"%s\" of unit \"%s\" is negative", signal, rgt_unit_name(tree->unit_id[position])),
			 errdetail("It is %g; a total cannot be split by negative values.", value),
			 errhint("Enter a value of 0 or above, or take the signal out of the factors.")));
}

/*
 * The values of a signal, gaps filled with the mean of the others.  False when nobody has one.
 */
static bool
fill_values(RgtWeights *weights, const char *name, const int *positions, int n, double *value, bool *imputed)
{
	const RgtSignal *signal = rgt_signal(weights->signals, name);
	double		sum = 0;
	int			known = 0;

	for (int i = 0; i < n; i++)
	{
		int			p = positions[i];

		imputed[i] = !signal->known[p];
		if (imputed[i])
			continue;
		if (signal->value[p] < 0 && !weights->allow_negative)
			refuse_negative(weights->tree, p, name, signal->value[p]);
		weights->negative |= signal->value[p] < 0;
		value[i] = signal->value[p];
		known++;
	}
	/* Divided before they are added, so that huge values do not overflow. */
	for (int i = 0; i < n; i++)
		sum += imputed[i] ? 0 : value[i] / known;
	for (int i = 0; i < n; i++)
		value[i] = imputed[i] ? sum : value[i];
	return known > 0;
}

/* The smallest of the values that are known and above 0; 0 when there is none. */
static double
smallest_positive(const double *value, const bool *missing, int n)
{
	double		smallest = 0;

	for (int i = 0; i < n; i++)
	{
		if (!missing[i] && value[i] > 0 && (smallest == 0 || value[i] < smallest))
			smallest = value[i];
	}
	return smallest;
}

/*
 * The scales of a signal, gaps filled; false when nobody has a positive one, so that shares are plain.
 */
static bool
fill_scales(RgtWeights *weights, int f, const int *positions, int n)
{
	const char *name = weights->factors.factor[f].scaled_by;
	RgtBasis   *basis = &weights->basis[f];
	double	   *scale = weights->scale[f];
	bool		computed = rgt_signal_is_computed(weights->factors.factor[f].signal);
	bool	   *missing = palloc_extended(n, MCXT_ALLOC_HUGE);
	double		smallest = 0;

	if (fill_values(weights, name, positions, n, scale, missing))
		smallest = smallest_positive(scale, missing, n);
	for (int i = 0; i < n && smallest > 0; i++)
	{
		/* A value that is known, and not computed, was entered at the unit or below it. */
		bool		new_market = !missing[i] && scale[i] == 0 && !computed && !basis->imputed[i];

		if (new_market)
			scale[i] = smallest;
		basis->imputed[i] |= missing[i] || new_market;
	}
	pfree(missing);
	return smallest > 0;
}

static double
greatest(const double *value, int n)
{
	double		result = 0;

	for (int i = 0; i < n; i++)
		result = Max(result, value[i]);
	return result;
}

/* Shares of value x scale; false when the sum is 0.  Powers of two keep products within range. */
static bool
fill_shares(RgtBasis *basis)
{
	double		unit = basis->scale == NULL ? 1 : greatest(basis->scale, basis->n);
	int			value_exponent;
	int			scale_exponent;
	double		sum = 0;

	frexp(greatest(basis->value, basis->n), &value_exponent);
	frexp(unit, &scale_exponent);
	for (int i = 0; i < basis->n; i++)
	{
		basis->share[i] = ldexp(basis->value[i], -value_exponent) *
			(basis->scale == NULL ? 1 : ldexp(basis->scale[i], -scale_exponent));
		sum += basis->share[i];
	}
	for (int i = 0; i < basis->n && sum > 0; i++)
		basis->share[i] /= sum;
	return sum > 0;
}

/* One signal among these siblings: false when it says nothing. */
static bool
fill_basis(RgtWeights *weights, int f, const int *positions, int n)
{
	const RgtFactor *factor = &weights->factors.factor[f];
	RgtBasis   *basis = &weights->basis[f];

	basis->n = n;
	basis->scale = NULL;
	if (factor->weight == 0 ||
		!fill_values(weights, factor->signal, positions, n, basis->value, basis->imputed))
		return false;
	if (factor->scaled_by != NULL && fill_scales(weights, f, positions, n))
		basis->scale = weights->scale[f];
	return fill_shares(basis);
}

static bool
same_factor(const RgtBasis *a, const RgtBasis *b)
{
	return strcmp(a->factor->factor, b->factor->factor) == 0;
}

/* Does a signal count here: has it a weight, and anything to say? */
static bool
counts(const RgtWeights *weights, int f)
{
	return weights->basis[f].n > 0 && weights->factors.factor[f].weight > 0;
}

/*
 * The weights in effect: a factor keeps its weight as long as one of its signals is left; those of
 * the factors that are left are raised so that all add up to 1.
 */
static void
spread_dropped(RgtWeights *weights)
{
	int			n = weights->factors.n;
	double		left = 0;

	for (int f = 0; f < n; f++)
	{
		double		whole = 0;
		double		here = 0;

		for (int g = 0; g < n; g++)
		{
			if (!same_factor(&weights->basis[f], &weights->basis[g]))
				continue;
			whole += weights->factors.factor[g].weight;
			here += counts(weights, g) ? weights->factors.factor[g].weight : 0;
		}
		weights->basis[f].weight = counts(weights, f) ?
			weights->factors.factor[f].weight / here * whole : 0;
		left += weights->basis[f].weight;
	}
	weights->nused = 0;
	for (int f = 0; f < n; f++)
	{
		if (!counts(weights, f))
			continue;
		weights->basis[f].weight /= left;
		weights->used[weights->nused++] = weights->basis[f];
	}
}

/* Round to whole multiples of 2^-40 of the sum. */
static void
round_weights(double *weight, int n)
{
	double		sum = 0;

	for (int i = 0; i < n; i++)
		sum += weight[i];
	for (int i = 0; i < n && sum > 0; i++)
	{
		weight[i] = rint(weight[i] / sum * 1099511627776.0);
		Assert(weight[i] >= 0 && weight[i] <= 1099511627776.0);
	}
}

/* Read what the signals that have a weight say of siblings, in unit_id order. */
void
rgt_weights_read(RgtWeights *weights, const int *positions, int n)
{
	for (int f = 0; f < weights->factors.n; f++)
	{
		weights->negative = false;
		if (!fill_basis(weights, f, positions, n))
			weights->basis[f].n = 0;
		weights->refused[f] = weights->negative;
	}
}

/* Other weights for the signals that were read, one for each factor of rgt_weights_begin(). */
void
rgt_weights_change(RgtWeights *weights, const double *weight)
{
	for (int f = 0; f < weights->factors.n; f++)
		weights->factors.factor[f].weight = weight[f];
}

/* Is a negative value among those of a signal that was read? */
bool
rgt_weights_refused(const RgtWeights *weights, int f)
{
	return weights->refused[f];
}

/* From what was read to the weights of the n siblings, as rgt_weights_of() gives them. */
bool
rgt_weights_blend(RgtWeights *weights, int n, double *weight)
{
	for (int f = 0; f < weights->factors.n; f++)
	{
		if (weights->refused[f] && weights->factors.factor[f].weight > 0)
			return false;
	}
	spread_dropped(weights);
	for (int i = 0; i < n; i++)
	{
		weight[i] = 0;
		for (int u = 0; u < weights->nused; u++)
			weight[i] += weights->used[u].weight * weights->used[u].share[i];
	}
	round_weights(weight, n);
	return weights->nused > 0;
}

/*
 * The weights of siblings, in unit_id order, as whole numbers up to 2^40.  False, and all 0, when
 * nothing is left to split by.
 */
bool
rgt_weights_of(RgtWeights *weights, const int *positions, int n, double *weight)
{
	rgt_weights_read(weights, positions, n);
	return rgt_weights_blend(weights, n, weight);
}

/* What the last weights were made of: one entry for each signal that was not dropped. */
const RgtBasis *
rgt_weights_basis(const RgtWeights *weights, int *n)
{
	*n = weights->nused;
	return weights->used;
}
