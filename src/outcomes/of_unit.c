/*
 * outcomes/of_unit.c
 *	  outcomes_of_unit(): what came of a period for one unit, for the view that shows many.
 *
 * The view asks unit by unit and period by period, in whatever order the planner likes.  A unit is measured over itself
 * and those below it, which answers for all of these; where a few such parts of a period are not enough, all units are.
 * What is measured, and the people and customers that it was measured from, are kept for the statement.
 */
#include "postgres.h"

#include <math.h>

#include "funcapi.h"

#include "access/access.h"
#include "outcomes/measure.h"

/* The row of a unit: RGT_OUTCOMES columns. */
static Datum
row_of(FunctionCallInfo fcinfo, RgtOutcomeMemory *memory, const RgtMeasure *measure)
{
	int			p = rgt_tree_find(measure->outcomes.tree, PG_GETARG_INT32(0));
	Datum		values[RGT_OUTCOMES];
	bool		nulls[RGT_OUTCOMES];

	if (p < 0)
		PG_RETURN_NULL();
	for (int i = 0; i < RGT_OUTCOMES; i++)
	{
		nulls[i] = isnan(measure->outcomes.value[i][p]);
		values[i] = Float8GetDatum(measure->outcomes.value[i][p]);
	}
	return rgt_row(fcinfo, &memory->memory, &memory->desc, values, nulls);
}

/* outcomes_of_unit(unit_id, period): its outcomes; all null for a unit that is not visible. */
PG_FUNCTION_INFO_V1(rgt_outcomes_of_unit);
Datum
rgt_outcomes_of_unit(PG_FUNCTION_ARGS)
{
	RgtOutcomeMemory *memory = rgt_shared_memory(fcinfo, "outcomes", sizeof(RgtOutcomeMemory));
	MemoryContext context = CurrentMemoryContext;
	const RgtMeasure *measure;
	RgtSession	session;
	Datum		row;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || !rgt_in_sight(rgt_caller(), PG_GETARG_INT32(0)))
		PG_RETURN_NULL();
	measure = rgt_measure_known(memory, PG_GETARG_TEXT_PP(1), PG_GETARG_INT32(0));
	if (measure != NULL)
		return row_of(fcinfo, memory, measure);
	rgt_enter(&session);
	measure = rgt_measure_with(memory, PG_GETARG_TEXT_PP(1), PG_GETARG_INT32(0));
	MemoryContextSwitchTo(context);
	row = row_of(fcinfo, memory, measure);
	rgt_end(&session);
	return row;
}
