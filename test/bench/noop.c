/*
 * noop.c
 *	  What the benchmark compares with: triggers and an aggregate that do nothing, and a function that
 *	  only returns rows.  Built and loaded by test/bench/run alone; no part of the extension.
 */
#include "postgres.h"

#include "commands/trigger.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/tuplestore.h"

PG_MODULE_MAGIC;

#define RESULT_COLUMNS 5

/* The cost of having a row trigger at all. */
PG_FUNCTION_INFO_V1(bench_noop);
Datum
bench_noop(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		return PointerGetDatum(trigger->tg_newtuple);
	return PointerGetDatum(trigger->tg_trigtuple);
}

/* The cost of listening to a statement's rows at all. */
PG_FUNCTION_INFO_V1(bench_noop_after);
Datum
bench_noop_after(PG_FUNCTION_ARGS)
{
	return PointerGetDatum(NULL);
}

/* A transition that leaves the state as it is: the cost of having an aggregate at all. */
PG_FUNCTION_INFO_V1(bench_same);
Datum
bench_same(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(PG_GETARG_DATUM(0));
}

/*
 * bench_rows(n): n rows as wide as those of preview_targets(), out of nothing.  The amounts are made
 * anew for each row, as whoever returns amounts must.
 */
PG_FUNCTION_INFO_V1(bench_rows);
Datum
bench_rows(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	int64		n = PG_GETARG_INT64(0);
	MemoryContext context;

	InitMaterializedSRF(fcinfo, 0);
	context = AllocSetContextCreate(CurrentMemoryContext, "bench row", ALLOCSET_SMALL_SIZES);
	for (int64 i = 0; i < n; i++)
	{
		MemoryContext old = MemoryContextSwitchTo(context);
		bool		nulls[RESULT_COLUMNS] = {false};
		Datum		values[RESULT_COLUMNS];

		CHECK_FOR_INTERRUPTS();
		values[0] = Int32GetDatum((int32) i);
		values[1] = Int32GetDatum((int32) (i / 800));
		values[2] = NumericGetDatum(int64_div_fast_to_numeric(i * 7919, 2));
		values[3] = NumericGetDatum(int64_div_fast_to_numeric(0, 2));
		values[4] = NumericGetDatum(int64_div_fast_to_numeric(i * 7919, 2));
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
		MemoryContextSwitchTo(old);
		MemoryContextReset(context);
	}
	return (Datum) 0;
}
