/*
 * proof/tune_factors.c
 *	  tune_factors(): which weights of the factors would have split past periods best.
 */
#include "postgres.h"

#include <math.h>

#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/tuplestore.h"

#include "proof/tuning.h"

#define MOST_POINTS 10000000

enum
{
	ARG_FROM, ARG_TO, ARG_ROOT, ARG_GRID
};

enum
{
	OUT_RANK, OUT_FACTORS, OUT_ERROR, OUT_HELD_OUT, OUT_COLUMNS
};

/* ---- the grid ---------------------------------------------------------------------------------------- */

static _Noreturn void
refuse_grid(Numeric grid)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("grid must divide 1"),
			 errdetail("It is %s.", rgt_numeric_text(grid)),
			 errhint("Such are 0.01, 0.02, 0.05, 0.1, 0.2.")));
}

static _Noreturn void
refuse_points(Numeric grid, int factors)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("a grid of %s has too many points", rgt_numeric_text(grid)),
			 errdetail("%d factors have more than %d weightings on it.", factors, MOST_POINTS),
			 errhint("Take a coarser grid, or none: then the best are followed to the optimum.")));
}

/* How many parts make 1, RGT_FINEST without a grid.  All factors of the table count. */
static int32
read_grid(FunctionCallInfo fcinfo, int factors)
{
	Numeric		grid;
	Datum		one = NumericGetDatum(int64_to_numeric(1));
	Datum		parts;

	if (PG_ARGISNULL(ARG_GRID))
		return RGT_FINEST;
	grid = PG_GETARG_NUMERIC(ARG_GRID);
	if (!rgt_is_finite(grid) || rgt_sign_of(NumericGetDatum(grid)) <= 0 || rgt_compare_numerics(NumericGetDatum(grid), one) > 0)
		refuse_grid(grid);
	parts = DirectFunctionCall2(numeric_round, DirectFunctionCall2(numeric_div, one, NumericGetDatum(grid)), Int32GetDatum(0));
	if (rgt_compare_numerics(DirectFunctionCall2(numeric_mul, parts, NumericGetDatum(grid)), one) != 0)
		refuse_grid(grid);
	if (rgt_compare_numerics(parts, NumericGetDatum(int64_to_numeric(MOST_POINTS))) > 0 ||
		rgk_tuning_points(factors, DatumGetInt32(DirectFunctionCall1(numeric_int4, parts))) > MOST_POINTS)
		refuse_points(grid, factors);
	return DatumGetInt32(DirectFunctionCall1(numeric_int4, parts));
}

/* ---- what is told -------------------------------------------------------------------------------------- */

/* Say which of the periods that are not held out judged, where that is not all. */
static void
tell_periods(const RgtPanel *panel, const RgtTuned *tuned, int training)
{
	int			first = 0;

	if (tuned->periods == training || tuned->periods == 0)
		return;
	while (!tuned->judged[first])
		first++;
	ereport(NOTICE,
			(errmsg("weightings are judged by %d of %d periods, from \"%s\" on", tuned->periods, training,
					text_to_cstring(panel->period[first].period->period)),
			 errdetail("In the others nothing came, or what they are compared with has nothing to split by.")));
}

static _Noreturn void
refuse_to_tune(int periods)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("no weighting can be judged"),
			 errdetail("Periods that are over: %d. The last quarter of them is held out, and in none of the others can factors "
					   "split what came among the units below the root.", periods),
			 errhint("Name more periods, or see regtarget.factors and regtarget.backtest().")));
}

static void
put_row(ReturnSetInfo *result, RgtPanel *panel, const RgtWeighting *weighting, int rank, const bool *held_out)
{
	double		error;
	bool		nulls[OUT_COLUMNS] = {false};
	Datum		values[OUT_COLUMNS] = {
		Int32GetDatum(rank), rgt_weighting_jsonb(panel, weighting), Float8GetDatum(weighting->error)
	};

	nulls[OUT_HELD_OUT] = !rgt_error_over(panel, held_out, weighting, &error);
	if (!nulls[OUT_HELD_OUT])
		values[OUT_HELD_OUT] = Float8GetDatum(error);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/*
 * tune_factors(from_period, to_period, root, grid): the best weightings of all factors by the error at the root's
 * children, over all periods but the last quarter, and their error there.
 */
PG_FUNCTION_INFO_V1(rgt_tune_factors);
Datum
rgt_tune_factors(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	RgtSession	session;
	RgtReplay	replay;
	RgtPanel   *panel;
	RgtTuned	tuned;
	bool	   *training;
	bool	   *held_out;
	int32		parts;
	int			trained;

	InitMaterializedSRF(fcinfo, 0);
	rgt_enter(&session);
	replay = rgt_replay(fcinfo, ARG_FROM, ARG_TO, ARG_ROOT);
	parts = read_grid(fcinfo, rgt_count_candidates());
	panel = rgt_panel(&replay);
	training = palloc0(sizeof(bool) * Max(panel->n, 1));
	held_out = palloc0(sizeof(bool) * Max(panel->n, 1));
	trained = panel->n - (panel->n + 3) / 4;
	for (int i = 0; i < panel->n; i++)
	{
		training[i] = i < trained;
		held_out[i] = i >= trained && panel->period[i].usable;
	}
	tuned = rgt_tune(panel, training, parts, RGT_BEST);
	if (tuned.n == 0)
		refuse_to_tune(panel->n);
	tell_periods(panel, &tuned, trained);
	for (int i = 0; i < tuned.n; i++)
		put_row(result, panel, &tuned.best[i], i + 1, held_out);
	rgt_end(&session);
	return (Datum) 0;
}
