/*
 * base/lookup.c
 *	  Rows of our tables, read and locked without a statement: by the keys of an index, or all.
 *
 * For what is asked for a row or two at a time: a statement costs many times what the row does.  And
 * for tables that grow: a plan that was made while the table was young would read all of it for the
 * rest of the session.  And for what every report reads and adds up.
 *
 * Only our own tables; nothing here asks who may read.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/relscan.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_am.h"
#include "catalog/pg_index.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/datum.h"
#include "utils/fmgroids.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "regtarget.h"

/* A snapshot as that of a statement, to be given back to UnregisterSnapshot(). */
Snapshot
rgt_snapshot(RgtSnapshot which)
{
	if (which == RGT_CALLER)
		return RegisterSnapshot(GetActiveSnapshot());
	CommandCounterIncrement();
	return RegisterSnapshot(which == RGT_LATEST ? GetLatestSnapshot() : GetTransactionSnapshot());
}

static void
begin_scan(RgtLookup *lookup, Oid index, int nkeys, Snapshot snapshot)
{
	lookup->index = index_open(index, AccessShareLock);
	lookup->snapshot = snapshot;
	lookup->slot = table_slot_create(lookup->table, NULL);
	lookup->nkeys = nkeys;
	lookup->scan = rgt_index_beginscan(lookup->table, lookup->index, snapshot, nkeys);
}

/*
 * Look into a table by the first columns of one of its indexes (NULL: its primary key).  The lock of the table is kept
 * until the end of the transaction, as a statement's is.
 */
void
rgt_lookup_begin(RgtLookup *lookup, const char *table, const char *index, int nkeys, LOCKMODE mode, Snapshot snapshot)
{
	lookup->table = table_open(rgt_relation(table), mode);
	if (index == NULL)
		list_free(RelationGetIndexList(lookup->table)); /* which finds the primary key, too */
	begin_scan(lookup, index == NULL ? lookup->table->rd_pkindex : rgt_relation(index), nkeys, snapshot);
}

/* Does an index serve everybody, by a column first, and hold all rows? */
static bool
is_index_by(Oid oid, AttrNumber column)
{
	Relation	index = index_open(oid, AccessShareLock);
	Form_pg_index form = index->rd_index;
	bool		serves = form->indisvalid && !form->indcheckxmin && index->rd_rel->relam == BTREE_AM_OID &&
		form->indkey.values[0] == column && RelationGetIndexPredicate(index) == NIL &&
		index->rd_opcintype[0] == TupleDescAttr(RelationGetDescr(index), 0)->atttypid;

	index_close(index, NoLock);
	return serves;
}

/*
 * The same by whatever index of the table begins with a column; false, and nothing is begun, when there is none:
 * a DBA may have dropped it, or be making it anew.
 */
bool
rgt_lookup_begin_by(RgtLookup *lookup, const char *table, AttrNumber column, int nkeys, LOCKMODE mode, Snapshot snapshot)
{
	List	   *indexes;
	Oid			found = InvalidOid;

	lookup->table = table_open(rgt_relation(table), mode);
	indexes = RelationGetIndexList(lookup->table);
	for (int i = 0; i < list_length(indexes) && !OidIsValid(found); i++)
	{
		if (is_index_by(list_nth_oid(indexes, i), column))
			found = list_nth_oid(indexes, i);
	}
	list_free(indexes);
	if (OidIsValid(found))
		begin_scan(lookup, found, nkeys, snapshot);
	else
		table_close(lookup->table, NoLock);
	return OidIsValid(found);
}

static RegProcedure
comparison_of(Oid type, StrategyNumber strategy)
{
	if (strategy == BTGreaterEqualStrategyNumber && type == INT4OID)
		return F_INT4GE;
	Assert(strategy == BTEqualStrategyNumber);

	switch (type)
	{
		case INT4OID:
			return F_INT4EQ;
		case INT8OID:
			return F_INT8EQ;
		case DATEOID:
			return F_DATE_EQ;
		case TEXTOID:
			return F_TEXTEQ;
		case NAMEOID:
			return F_NAMEEQ;
	}
	elog(ERROR, "no look-up by type %u", type);
}

static void
look(RgtLookup *lookup, const Datum *keys, StrategyNumber last)
{
	ScanKeyData scan_keys[RGT_LOOKUP_KEYS];

	Assert(lookup->nkeys <= RGT_LOOKUP_KEYS);
	for (int i = 0; i < lookup->nkeys; i++)
	{
		Oid			type = lookup->index->rd_opcintype[i];
		StrategyNumber strategy = i == lookup->nkeys - 1 ? last : BTEqualStrategyNumber;

		ScanKeyEntryInitialize(&scan_keys[i], 0, i + 1, strategy, type,
							   lookup->index->rd_indcollation[i], comparison_of(type, strategy), keys[i]);
	}
	index_rescan(lookup->scan, scan_keys, lookup->nkeys, NULL, 0);
}

/* Look for rows of which those columns have these values. */
void
rgt_lookup_keys(RgtLookup *lookup, const Datum *keys)
{
	look(lookup, keys, BTEqualStrategyNumber);
}

/* The same, of the last of the columns this value or a larger one; it must be an int. */
void
rgt_lookup_from(RgtLookup *lookup, const Datum *keys)
{
	look(lookup, keys, BTGreaterEqualStrategyNumber);
}

/* Look for rows whose first column, a day, is from `first` to the one before `past`. */
void
rgt_lookup_days(RgtLookup *lookup, DateADT first, DateADT past)
{
	ScanKeyData scan_keys[2];

	Assert(lookup->nkeys == 2);
	ScanKeyInit(&scan_keys[0], 1, BTGreaterEqualStrategyNumber, F_DATE_GE, DateADTGetDatum(first));
	ScanKeyInit(&scan_keys[1], 1, BTLessStrategyNumber, F_DATE_LT, DateADTGetDatum(past));
	index_rescan(lookup->scan, scan_keys, 2, NULL, 0);
}

/* The next of them into the slot, in the index's order or against it; false when there is no other. */
bool
rgt_lookup_next(RgtLookup *lookup, ScanDirection direction)
{
	return index_getnext_slot(lookup->scan, direction, lookup->slot);
}

/* From now on keys are read before rows: rgt_lookup_next_key() and, of those wanted, rgt_lookup_row(). */
void
rgt_lookup_by_key(RgtLookup *lookup)
{
	lookup->scan->xs_want_itup = true;
}

/*
 * The last of the columns looked for in the next entry of the index, an int, whether or not its row is to be
 * seen; false when there is no other.
 */
bool
rgt_lookup_next_key(RgtLookup *lookup, int32 *key)
{
	bool		isnull;

	if (index_getnext_tid(lookup->scan, ForwardScanDirection) == NULL)
		return false;
	*key = DatumGetInt32(index_getattr(lookup->scan->xs_itup, lookup->nkeys, lookup->scan->xs_itupdesc, &isnull));
	return true;
}

/* The row of the entry that was read last into the slot; false when it is not to be seen. */
bool
rgt_lookup_row(RgtLookup *lookup)
{
	return index_fetch_heap(lookup->scan, lookup->slot);
}

static void
refuse_concurrent(bool deleted)
{
	ereport(ERROR,
			(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
			 deleted ? errmsg("could not serialize access due to concurrent delete") :
			 errmsg("could not serialize access due to concurrent update")));
}

/*
 * Lock a row that was found, as SELECT ... FOR UPDATE does, wait for whoever has it, and put its newest
 * version into a slot; false when it is deleted.  Keys are not looked at again: whoever asks must
 * know that they stay.
 */
bool
rgt_lock_row(Relation table, Snapshot snapshot, ItemPointer tid, TupleTableSlot *slot)
{
	TM_FailureData failure;
	TM_Result	result = table_tuple_lock(table, tid, snapshot, slot, GetCurrentCommandId(true),
										  LockTupleExclusive, LockWaitBlock,
										  IsolationUsesXactSnapshot() ? 0 : TUPLE_LOCK_FLAG_FIND_LAST_VERSION, &failure);

	if ((result == TM_Updated || result == TM_Deleted) && IsolationUsesXactSnapshot())
		refuse_concurrent(result == TM_Deleted);
	if (result != TM_Ok && result != TM_Deleted)
		elog(ERROR, "could not lock a row of regtarget.%s: %d", RelationGetRelationName(table), result);
	return result == TM_Ok;
}

void
rgt_lookup_end(RgtLookup *lookup)
{
	index_endscan(lookup->scan);
	ExecDropSingleTupleTableSlot(lookup->slot);
	index_close(lookup->index, NoLock);
	table_close(lookup->table, NoLock);
}

/* Rows go to a callback, each in a memory context that is emptied after it. */
typedef struct Telling
{
	RgtRowFn	row;
	void	   *arg;
	int			columns;		/* so many are deformed; 0: all */
	MemoryContext context;
} Telling;

static Telling
start_telling(RgtRowFn row, void *arg, int columns)
{
	Telling		telling = {.row = row, .arg = arg, .columns = columns};

	telling.context = AllocSetContextCreate(CurrentMemoryContext, "regtarget row", ALLOCSET_SMALL_SIZES);
	return telling;
}

static void
tell_row(const Telling *telling, TupleTableSlot *slot)
{
	MemoryContext old;

	CHECK_FOR_INTERRUPTS();
	slot_getsomeattrs(slot, telling->columns == 0 ? slot->tts_tupleDescriptor->natts : telling->columns);
	old = MemoryContextSwitchTo(telling->context);
	telling->row(slot, telling->arg);
	MemoryContextSwitchTo(old);
	MemoryContextReset(telling->context);
}

/*
 * Every row of a table, in no order; only so many of its columns are deformed (0: all).  `row` is called in a
 * memory context that is emptied after it.
 */
void
rgt_each_stored(const char *table, Snapshot snapshot, int columns, RgtRowFn row, void *arg)
{
	Telling		telling = start_telling(row, arg, columns);
	Relation	relation = table_open(rgt_relation(table), AccessShareLock);
	TupleTableSlot *slot = table_slot_create(relation, NULL);
	TableScanDesc scan = table_beginscan(relation, snapshot, 0, NULL);

	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
		tell_row(&telling, slot);
	MemoryContextDelete(telling.context);
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	table_close(relation, NoLock);
}

/* Is there a row for which `wanted` holds?  Read no further than the first; so many columns are deformed (0: all). */
bool
rgt_any_stored(const char *table, Snapshot snapshot, int columns, bool (*wanted) (TupleTableSlot *slot, const void *arg),
			   const void *arg)
{
	Relation	relation = table_open(rgt_relation(table), AccessShareLock);
	TupleTableSlot *slot = table_slot_create(relation, NULL);
	TableScanDesc scan = table_beginscan(relation, snapshot, 0, NULL);
	bool		found = false;

	while (!found && table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		CHECK_FOR_INTERRUPTS();
		slot_getsomeattrs(slot, columns == 0 ? slot->tts_tupleDescriptor->natts : columns);
		found = wanted(slot, arg);
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	table_close(relation, NoLock);
	return found;
}

/* The number of a column of one of our tables. */
AttrNumber
rgt_column(const char *table, const char *column)
{
	Relation	relation = table_open(rgt_relation(table), AccessShareLock);
	AttrNumber	number = rgt_attnum(RelationGetDescr(relation), column);

	table_close(relation, NoLock);
	return number;
}

/*
 * The rows of which an int column has one of n values, by whatever index begins with it.  While there is none,
 * and with `keys` NULL, every row of the table: `row` must know which it wants.
 */
void
rgt_each_stored_of(const char *table, const char *column, const int32 *keys, int n, Snapshot snapshot,
				   RgtRowFn row, void *arg)
{
	RgtLookup	lookup;
	Telling		telling;

	if (keys == NULL ||
		!rgt_lookup_begin_by(&lookup, table, rgt_column(table, column), 1, AccessShareLock, snapshot))
	{
		rgt_each_stored(table, snapshot, 0, row, arg);
		return;
	}
	telling = start_telling(row, arg, 0);
	for (int i = 0; i < n; i++)
	{
		Datum		key = Int32GetDatum(keys[i]);

		rgt_lookup_keys(&lookup, &key);
		while (rgt_lookup_next(&lookup, ForwardScanDirection))
			tell_row(&telling, lookup.slot);
	}
	MemoryContextDelete(telling.context);
	rgt_lookup_end(&lookup);
}

/* Columns of one row by its primary key, a number, copied to the caller; false when there is no such row. */
bool
rgt_row_by_key(const char *table, int64 key, Snapshot snapshot, const char *const *columns, int n, Datum *values, bool *isnull)
{
	RgtLookup	lookup;
	Datum		argument;
	TupleDesc	desc;
	bool		found;

	rgt_lookup_begin(&lookup, table, NULL, 1, AccessShareLock, snapshot);
	argument = TupleDescAttr(RelationGetDescr(lookup.index), 0)->atttypid == INT4OID ?
		Int32GetDatum((int32) key) : Int64GetDatum(key);
	rgt_lookup_keys(&lookup, &argument);
	found = rgt_lookup_next(&lookup, ForwardScanDirection);
	desc = RelationGetDescr(lookup.table);
	for (int i = 0; found && i < n; i++)
	{
		AttrNumber	column = rgt_attnum(desc, columns[i]);
		Form_pg_attribute att = TupleDescAttr(desc, column - 1);
		Datum		value = slot_getattr(lookup.slot, column, &isnull[i]);

		values[i] = isnull[i] ? (Datum) 0 : datumCopy(value, att->attbyval, att->attlen);
	}
	rgt_lookup_end(&lookup);
	return found;
}
