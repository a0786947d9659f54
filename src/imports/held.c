/*
 * imports/held.c
 *	  Rows that wait until their column has shown which language it speaks.
 *
 * Where a cell such as 22,368 has been met and none yet that says for sure how it is meant, more rows can
 * still change how it is read.  So its batch waits, and whatever comes after it waits behind it: rows are
 * taken in the order in which they came, because the last one for a key wins.  What waits is kept raw in a
 * tuplestore, which goes to disk beyond work_mem, until a cell has settled it or the statement ends; then it
 * is read once more.  A statement of one batch has nothing to wait for, and most columns are settled by one
 * of their first rows.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/datum.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/tuplestore.h"

#include "imports/imports.h"
#include "regtarget.h"

typedef struct RgtHeld
{
	Tuplestorestate *rows;
	TupleDesc	desc;			/* the raw cells, and the row's line */
	TupleTableSlot *slot;
} RgtHeld;

/* Does the way in which rows are read depend on what is yet to come? */
bool
rgt_import_waits(const RgtImport *import)
{
	return !import->retry && !import->partial && rgk_column_open(&import->shown);
}

static RgtHeld *
begin_holding(RgtImport *import)
{
	int			ncolumns = import->target->ncolumns;
	MemoryContext context = MemoryContextSwitchTo(import->context);
	ResourceOwner owner = CurrentResourceOwner;
	RgtHeld    *held = palloc(sizeof(RgtHeld));

	held->desc = CreateTemplateTupleDesc(ncolumns + 1);
	for (int c = 0; c < ncolumns; c++)
		TupleDescInitEntry(held->desc, c + 1, import->target->column[c].name, TEXTOID, -1, 0);
	TupleDescInitEntry(held->desc, ncolumns + 1, "line", INT8OID, -1, 0);
	held->slot = MakeSingleTupleTableSlot(held->desc, &TTSOpsMinimalTuple);
	/* Its files live as long as the import, which is the (sub)transaction's. */
	CurrentResourceOwner = CurTransactionResourceOwner;
	held->rows = tuplestore_begin_heap(false, false, work_mem);
	CurrentResourceOwner = owner;
	MemoryContextSwitchTo(context);
	return held;
}

/* Put the rows at hand aside. */
void
rgt_import_hold(RgtImport *import)
{
	int			ncolumns = import->target->ncolumns;
	Datum		values[RGT_IMPORT_COLUMNS + 1];
	bool		nulls[RGT_IMPORT_COLUMNS + 1];

	if (import->held == NULL)
		import->held = begin_holding(import);
	for (int i = 0; i < import->n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		for (int c = 0; c < ncolumns; c++)
		{
			values[c] = import->rows[i]->raw[c];
			nulls[c] = values[c] == 0;
		}
		values[ncolumns] = Int64GetDatum(import->rows[i]->line);
		nulls[ncolumns] = false;
		tuplestore_putvalues(import->held->rows, import->held->desc, values, nulls);
	}
}

/* The next row that waited, in their order: its cells in a context, their size and its line; false: there is no other. */
bool
rgt_held_next(struct RgtHeld *held, MemoryContext context, Datum *raw, Size *bytes, int64 *line)
{
	int			ncolumns = held->desc->natts - 1;
	MemoryContext old;

	if (!tuplestore_gettupleslot(held->rows, true, false, held->slot))
		return false;
	slot_getallattrs(held->slot);
	*bytes = 0;
	old = MemoryContextSwitchTo(context);
	for (int c = 0; c < ncolumns; c++)
	{
		raw[c] = held->slot->tts_isnull[c] ? 0 : datumCopy(held->slot->tts_values[c], false, -1);
		if (raw[c] != 0)
			*bytes += VARSIZE_ANY(DatumGetPointer(raw[c]));
	}
	MemoryContextSwitchTo(old);
	*line = DatumGetInt64(held->slot->tts_values[ncolumns]);
	return true;
}

void
rgt_held_end(struct RgtHeld *held)
{
	ExecDropSingleTupleTableSlot(held->slot);
	tuplestore_end(held->rows);
}
