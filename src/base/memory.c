/*
 * base/memory.c
 *	  What a function remembers from one of its calls to the next, within a statement.
 *
 * A view asks a function about each of its rows.  Of a few rows each is answered by its keys; from so many on
 * everything is read at once and kept for the rest.  What is kept holds for the snapshot that it was read in: an
 * expression may outlive its statement, as those of PL/pgSQL do.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "regtarget.h"

static bool
is_same_snapshot(const RgtMemory *memory, Snapshot snapshot)
{
	return memory->xmin == snapshot->xmin && memory->xmax == snapshot->xmax && memory->xcnt == snapshot->xcnt &&
		memory->command == snapshot->curcid && memory->completed == snapshot->snapXactCompletionCount;
}

/*
 * The memory of a function: `size` bytes that begin with an RgtMemory, all zero behind it at the first call
 * under a snapshot.  What they point to is allocated in memory->context.
 */
void *
rgt_memory(FunctionCallInfo fcinfo, Size size)
{
	RgtMemory  *memory = fcinfo->flinfo->fn_extra;
	Snapshot	snapshot = GetActiveSnapshot();

	if (memory == NULL)
	{
		memory = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, size);
		memory->context = AllocSetContextCreate(fcinfo->flinfo->fn_mcxt, "regtarget statement", ALLOCSET_SMALL_SIZES);
		fcinfo->flinfo->fn_extra = memory;
	}
	else if (is_same_snapshot(memory, snapshot))
		return memory;
	else
	{
		MemoryContextReset(memory->context);
		memset((char *) memory + sizeof(RgtMemory), 0, size - sizeof(RgtMemory));
	}
	memory->xmin = snapshot->xmin;
	memory->xmax = snapshot->xmax;
	memory->xcnt = snapshot->xcnt;
	memory->command = snapshot->curcid;
	memory->completed = snapshot->snapXactCompletionCount;
	return memory;
}

/* A row of the function's own type, of which the description is kept in *desc. */
Datum
rgt_row(FunctionCallInfo fcinfo, RgtMemory *memory, TupleDesc *desc, Datum *values, bool *nulls)
{
	if (*desc == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(memory->context);
		TupleDesc	own;

		if (get_call_result_type(fcinfo, NULL, &own) != TYPEFUNC_COMPOSITE)
			elog(ERROR, "a function of regtarget does not return rows");
		*desc = BlessTupleDesc(own);
		MemoryContextSwitchTo(old);
	}
	return HeapTupleGetDatum(heap_form_tuple(*desc, values, nulls));
}
