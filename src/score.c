/*
 * score.c
 *	  The aggregate health_score(value, worst, best, weight).
 *
 * The state is a float8 array of two: the sum of weight x points and the sum of weights.  Points are
 * at most 1 and rounding is monotone, so the first never exceeds the second, however they were added
 * up; neither is negative, infinite or NaN.  A fixed-length array that is changed in place costs less
 * than an internal state: it needs no serialisation and its size is known to the planner.
 */
#include "postgres.h"

#include <float.h>
#include <math.h>

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/float.h"

#include "kernel/score.h"
#include "regtarget.h"

enum
{
	STATE_GAINED, STATE_WEIGHT, STATE_LENGTH
};

/* These functions change their first argument: only the executor's own aggregates may call them. */
static inline void
require_aggregate(FunctionCallInfo fcinfo)
{
	if (unlikely(!AggCheckCallContext(fcinfo, NULL)))
		ereport(ERROR,
				(errcode(ERRCODE_EXTERNAL_ROUTINE_INVOCATION_EXCEPTION),
				 errmsg("a function of the aggregate health_score was called outside an aggregate"),
				 errhint("Call regtarget.health_score(value, worst, best, weight).")));
}

/* The two sums of a state, whatever they say; its shape is checked because SQL can make one. */
static inline double *
state_sums(ArrayType *state)
{
	if (unlikely(ARR_NDIM(state) != 1 || ARR_DIMS(state)[0] != STATE_LENGTH ||
				 ARR_HASNULL(state) || ARR_ELEMTYPE(state) != FLOAT8OID))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a state of health_score must be an array of two float8 values"),
				 errhint("Such states come from health_score itself.")));
	return (double *) ARR_DATA_PTR(state);
}

/* The same, its contents checked too. */
static const double *
checked_sums(ArrayType *state)
{
	const double *sums = state_sums(state);
	double		gained = sums[STATE_GAINED];
	double		weight = sums[STATE_WEIGHT];

	if (!(gained >= 0 && gained <= weight && weight <= DBL_MAX))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a state of health_score is damaged"),
				 errdetail("It says that %s of a weight of %s was gained.",
						   float8out_internal(gained), float8out_internal(weight)),
				 errhint("Such states come from health_score itself.")));
	return sums;
}

static pg_noinline void
refuse_sum(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("the weights in health_score add up to more than float8 holds"),
			 errhint("Only their proportions matter: make them smaller.")));
}

static const char *
argument_text(FunctionCallInfo fcinfo, int arg)
{
	return PG_ARGISNULL(arg) ? "null" : float8out_internal(PG_GETARG_FLOAT8(arg));
}

static int
row_detail(FunctionCallInfo fcinfo)
{
	return errdetail("The row has value %s, worst %s, best %s and weight %s.",
					 argument_text(fcinfo, 1), argument_text(fcinfo, 2),
					 argument_text(fcinfo, 3), argument_text(fcinfo, 4));
}

/* Say what is wrong with a row; not in the way of the good ones. */
static pg_noinline void
refuse_row(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(2) || PG_ARGISNULL(3) || PG_ARGISNULL(4))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("health_score: a value needs both anchors and a weight"),
				 row_detail(fcinfo),
				 errhint("Leave a row out by making its value null.")));
	for (int arg = 1; arg <= 4; arg++)
	{
		if (!isfinite(PG_GETARG_FLOAT8(arg)))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("health_score: NaN and infinity are refused"),
					 row_detail(fcinfo),
					 errhint("Leave a row out by making its value null.")));
	}
	if (PG_GETARG_FLOAT8(2) == PG_GETARG_FLOAT8(3))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("health_score: the worst and the best value must differ"),
				 row_detail(fcinfo),
				 errhint("The anchors are the values that score 0 and 100; best < worst reverses the scale.")));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("health_score: the weight must not be negative"),
			 row_detail(fcinfo),
			 errhint("Swap worst and best where a greater value is worse.")));
}

/* Transition: add a row to the state, in place.  A row without a value is left out. */
PG_FUNCTION_INFO_V1(rgt_health_score_add);
Datum
rgt_health_score_add(PG_FUNCTION_ARGS)
{
	ArrayType  *state;
	double	   *sums;
	double		value;
	double		worst;
	double		best;
	double		weight;

	require_aggregate(fcinfo);
	rgt_require(fcinfo, 0, "state");
	state = PG_GETARG_ARRAYTYPE_P(0);
	sums = state_sums(state);
	if (PG_ARGISNULL(1))
		PG_RETURN_ARRAYTYPE_P(state);
	if (unlikely(PG_ARGISNULL(2) || PG_ARGISNULL(3) || PG_ARGISNULL(4)))
		refuse_row(fcinfo);
	value = PG_GETARG_FLOAT8(1);
	worst = PG_GETARG_FLOAT8(2);
	best = PG_GETARG_FLOAT8(3);
	weight = PG_GETARG_FLOAT8(4);
	if (unlikely(!isfinite(value) || !isfinite(worst) || !isfinite(best) || !isfinite(weight) ||
				 worst == best || weight < 0))
		refuse_row(fcinfo);
	sums[STATE_GAINED] += weight * rgk_points(value, worst, best);
	sums[STATE_WEIGHT] += weight;
	if (unlikely(isinf(sums[STATE_WEIGHT])))
		refuse_sum();
	PG_RETURN_ARRAYTYPE_P(state);
}

/* A copy of a state that lives as long as the aggregate. */
static ArrayType *
copied_state(FunctionCallInfo fcinfo, ArrayType *state)
{
	MemoryContext context;
	ArrayType  *copy;

	AggCheckCallContext(fcinfo, &context);
	copy = MemoryContextAlloc(context, VARSIZE(state));
	memcpy(copy, state, VARSIZE(state));
	return copy;
}

/* Combine: add the second state to the first; a worker that saw nothing may have none. */
PG_FUNCTION_INFO_V1(rgt_health_score_combine);
Datum
rgt_health_score_combine(PG_FUNCTION_ARGS)
{
	ArrayType  *state;
	double	   *sums;
	const double *more;

	require_aggregate(fcinfo);
	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		checked_sums(PG_GETARG_ARRAYTYPE_P(0));
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	more = checked_sums(PG_GETARG_ARRAYTYPE_P(1));
	if (PG_ARGISNULL(0))
		PG_RETURN_ARRAYTYPE_P(copied_state(fcinfo, PG_GETARG_ARRAYTYPE_P(1)));
	state = PG_GETARG_ARRAYTYPE_P(0);
	checked_sums(state);
	sums = state_sums(state);
	sums[STATE_GAINED] += more[STATE_GAINED];
	sums[STATE_WEIGHT] += more[STATE_WEIGHT];
	if (unlikely(isinf(sums[STATE_WEIGHT])))
		refuse_sum();
	PG_RETURN_ARRAYTYPE_P(state);
}

/* Final: 0 to 100; null when there was no value, or no weight.  The state stays as it is. */
PG_FUNCTION_INFO_V1(rgt_health_score_final);
Datum
rgt_health_score_final(PG_FUNCTION_ARGS)
{
	const double *sums;

	require_aggregate(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	sums = checked_sums(PG_GETARG_ARRAYTYPE_P(0));
	if (sums[STATE_WEIGHT] == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(100.0 * (sums[STATE_GAINED] / sums[STATE_WEIGHT]));
}
