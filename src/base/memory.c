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

/* With the same bounds transactions only leave a snapshot, and so their numbers tell. */
static bool
is_same_snapshot(const RgtMemory *memory, Snapshot snapshot)
{
	return memory->xmin == snapshot->xmin && memory->xmax == snapshot->xmax && memory->xcnt == snapshot->xcnt &&
		memory->subxcnt == snapshot->subxcnt && memory->command == snapshot->curcid &&
		memory->completed == snapshot->snapXactCompletionCount;
}

/* Memory that several functions of a statement share: they are initialized in the same memory context. */
typedef struct Shared
{
	MemoryContext owner;
	const char *what;
	RgtMemory  *memory;
	MemoryContextCallback callback;
	struct Shared *next;
} Shared;

static Shared *all_shared = NULL;

/* The statement is over. */
static void
forget_shared(void *arg)
{
	Shared	  **link = &all_shared;

	while (*link != NULL && *link != arg)
		link = &(*link)->next;
	if (*link != NULL)
		*link = (*link)->next;
}

static RgtMemory *
make_memory(MemoryContext owner, Size size)
{
	RgtMemory  *memory = MemoryContextAllocZero(owner, size);

	memory->context = AllocSetContextCreate(owner, "regtarget statement", ALLOCSET_SMALL_SIZES);
	return memory;
}

static RgtMemory *
find_shared(MemoryContext owner, const char *what, Size size)
{
	Shared	   *shared;

	for (shared = all_shared; shared != NULL; shared = shared->next)
	{
		if (shared->owner == owner && strcmp(shared->what, what) == 0)
			return shared->memory;
	}
	shared = MemoryContextAllocZero(owner, sizeof(Shared));
	shared->owner = owner;
	shared->what = what;
	shared->memory = make_memory(owner, size);
	shared->callback.func = forget_shared;
	shared->callback.arg = shared;
	shared->next = all_shared;
	all_shared = shared;
	MemoryContextRegisterResetCallback(owner, &shared->callback);
	return shared->memory;
}

/*
 * The memory of a function: `size` bytes that begin with an RgtMemory, all zero behind it at the first call
 * under a snapshot.  What they point to is allocated in memory->context.
 */
void *
rgt_memory(FunctionCallInfo fcinfo, Size size)
{
	return rgt_shared_memory(fcinfo, NULL, size);
}

/* The same, shared by all functions and calls of the statement that name it so (NULL: the function's own). */
void *
rgt_shared_memory(FunctionCallInfo fcinfo, const char *what, Size size)
{
	FmgrInfo   *function = fcinfo->flinfo;
	RgtMemory  *memory = function->fn_extra;
	Snapshot	snapshot = GetActiveSnapshot();

	if (memory == NULL)
	{
		memory = what == NULL ? make_memory(function->fn_mcxt, size) : find_shared(function->fn_mcxt, what, size);
		function->fn_extra = memory;
	}
	if (is_same_snapshot(memory, snapshot))
		return memory;
	MemoryContextReset(memory->context);
	memset((char *) memory + sizeof(RgtMemory), 0, size - sizeof(RgtMemory));
	memory->xmin = snapshot->xmin;
	memory->xmax = snapshot->xmax;
	memory->xcnt = snapshot->xcnt;
	memory->subxcnt = snapshot->subxcnt;
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
