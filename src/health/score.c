/*
 * health/score.c
 *	  The aggregate health_score(value, worst, best, weight).
 *
 * The state is a point: x is the sum of weight x points, y the sum of weights.  Points are at most
 * 1 and rounding is monotone, so x never exceeds y, however they were added up; neither is
 * negative, infinite or NaN.
 *
 * Why a point: it is the fixed-length type that holds two float8, by reference and so changed
 * in place.  An internal state would need serialisation and is planned at 8 kB a group; an array
 * costs a twentieth more time, for its header to be looked at on every row.
 */
#include "postgres.h"

#include <float.h>
#include <math.h>

#include "nodes/execnodes.h"
#include "utils/float.h"
#include "utils/geo_decls.h"
#include "utils/memutils.h"

#include "kernel/score.h"
#include "regtarget.h"

/* These functions change their first argument: only the executor's own aggregates may call them. */
static pg_noinline void
require_other_aggregate(FunctionCallInfo fcinfo)
{
	if (!AggCheckCallContext(fcinfo, NULL))
		ereport(ERROR,
				(errcode(ERRCODE_EXTERNAL_ROUTINE_INVOCATION_EXCEPTION),
				 errmsg("a function of the aggregate health_score was called outside an aggregate"),
				 errhint("Call regtarget.health_score(value, worst, best, weight).")));
}

/* A plain aggregate is known at a glance, because it asks once a row. */
static inline void
require_aggregate(FunctionCallInfo fcinfo)
{
	if (unlikely(fcinfo->context == NULL || !IsA(fcinfo->context, AggState)))
		require_other_aggregate(fcinfo);
}

/* A state for sure: SQL can make any point. */
static const Point *
checked_state(const Point *state)
{
	if (!(state->x >= 0 && state->x <= state->y && state->y <= DBL_MAX))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a state of health_score is damaged"),
				 errdetail("It says that %s of a weight of %s was gained.",
						   float8out_internal(state->x), float8out_internal(state->y)),
				 errhint("Such states come from health_score itself.")));
	return state;
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

/* Say what is wrong with a row, if anything is; not in the way of the good ones. */
static pg_noinline void
check_row(FunctionCallInfo fcinfo)
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
				 errhint("They score 0 and 100 points; best < worst reverses the scale.")));
	if (PG_GETARG_FLOAT8(4) < 0)
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
	Point	   *state;
	double		value;
	double		worst;
	double		best;
	double		weight;

	require_aggregate(fcinfo);
	if (unlikely(PG_ARGISNULL(0)))
		rgt_require(fcinfo, 0, "state");
	state = PG_GETARG_POINT_P(0);
	if (PG_ARGISNULL(1))
		PG_RETURN_POINT_P(state);
	if (unlikely(PG_ARGISNULL(2) || PG_ARGISNULL(3) || PG_ARGISNULL(4)))
		check_row(fcinfo);
	value = PG_GETARG_FLOAT8(1);
	worst = PG_GETARG_FLOAT8(2);
	best = PG_GETARG_FLOAT8(3);
	weight = PG_GETARG_FLOAT8(4);
	/* One that is not finite leaves no finite sum; great ones may do so, too, and pass the check. */
	if (unlikely(!isfinite(value + worst + best + weight) || worst == best || weight < 0))
		check_row(fcinfo);
	state->x += weight * rgk_points(value, worst, best);
	state->y += weight;
	if (unlikely(isinf(state->y)))
		refuse_sum();
	PG_RETURN_POINT_P(state);
}

/* A copy of a state that lives as long as the aggregate. */
static Point *
copied_state(FunctionCallInfo fcinfo, const Point *state)
{
	MemoryContext context;
	Point	   *copy;

	AggCheckCallContext(fcinfo, &context);
	copy = MemoryContextAlloc(context, sizeof(Point));
	*copy = *state;
	return copy;
}

/* Combine: add the second state to the first; a worker that saw nothing may have none. */
PG_FUNCTION_INFO_V1(rgt_health_score_combine);
Datum
rgt_health_score_combine(PG_FUNCTION_ARGS)
{
	Point	   *state;
	const Point *more;

	require_aggregate(fcinfo);
	state = PG_ARGISNULL(0) ? NULL : PG_GETARG_POINT_P(0);
	more = PG_ARGISNULL(1) ? NULL : checked_state(PG_GETARG_POINT_P(1));
	if (state == NULL && more == NULL)
		PG_RETURN_NULL();
	if (state == NULL)
		PG_RETURN_POINT_P(copied_state(fcinfo, more));
	checked_state(state);
	if (more != NULL)
	{
		state->x += more->x;
		state->y += more->y;
	}
	if (unlikely(isinf(state->y)))
		refuse_sum();
	PG_RETURN_POINT_P(state);
}

/* Final: 0 to 100; null when there was no value, or no weight.  The state stays as it is. */
PG_FUNCTION_INFO_V1(rgt_health_score_final);
Datum
rgt_health_score_final(PG_FUNCTION_ARGS)
{
	const Point *state;

	require_aggregate(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = checked_state(PG_GETARG_POINT_P(0));
	if (state->y == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(100.0 * (state->x / state->y));
}
