/*
 * activity/store.c
 *	  The tables of activity, written row by row: deltas appended and taken out, days and months added to.
 *
 * Rows are written without statements: a statement that appends one delta costs several times what the row
 * does; and a fold finds the rows to add to by an index, however much history there is, whatever statistics say of
 * a table that is being filled.
 *
 * So nothing but the table and its indexes is written.  What a statement would heed besides (columns with defaults,
 * triggers, constraints, rules) the extension's own tables do not have, and what somebody has added is refused.
 *
 * Who writes days and months, or takes deltas out, holds the lock of the fold: nobody else does until
 * his transaction ends.
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "activity/days.h"
#include "compat.h"
#include "regtarget.h"

/* ---- what is not the extension's own ----------------------------------------------------------- */

static const Oid types[COLUMNS] = {INT4OID, DATEOID, INT4OID, INT4OID, INT4OID, NUMERICOID, INT4OID, NUMERICOID};

/*
 * In what a table is not as the extension made it, with n columns of such types; NULL: in nothing.  What was added and
 * dropped again is no harm.
 */
static const char *
find_change(Relation table, const Oid *of, int n)
{
	TupleDesc	desc = RelationGetDescr(table);

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (i < n && att->atttypid != of[i])
			return psprintf(rgt_text("Column %d was altered or dropped."), i + 1);
		if (i >= n && !att->attisdropped)
			return psprintf(rgt_text("It has column \"%s\"."), NameStr(att->attname));
	}
	if (table->trigdesc != NULL)
	{
		const Trigger *trigger = &table->trigdesc->triggers[0];

		if (OidIsValid(trigger->tgconstraint))
			return psprintf(rgt_text("It has constraint \"%s\"."), get_constraint_name(trigger->tgconstraint));
		return psprintf(rgt_text("It has trigger \"%s\"."), trigger->tgname);
	}
	if (desc->constr != NULL && desc->constr->num_check > 0)
		return psprintf(rgt_text("It has constraint \"%s\"."), desc->constr->check[0].ccname);
	return table->rd_rules != NULL ? rgt_text("It has a rule.") : NULL;
}

/* 55000 when a table is not as the extension made it. */
void
rgt_require_own_table(Relation table, const Oid *of, int n)
{
	const char *change = find_change(table, of, n);

	if (change != NULL)
		rgt_refuse_state(RelationGetRelationName(table),
						 psprintf(rgt_text("table \"%s\" is not as the extension made it"), RelationGetRelationName(table)),
							 change,
						 rgt_text("Undo it: facts are counted into this table row by row, past columns, triggers, rules and "
								  "constraints of your own.  Indexes are allowed."));
}

static void
require_own(Relation table)
{
	rgt_require_own_table(table, types, COLUMNS);
}

/* Counts the changes of relations, of whichever, that this backend has heard of. */
static uint64 relation_changes = 1;

static void
relation_changed(Datum arg, Oid relation)
{
	relation_changes++;
}

/* Look at a table, unless somebody rebuilds it (VACUUM FULL), who is not waited for; false: it was not looked at. */
static bool
look_at(const char *name)
{
	Oid			oid = rgt_relation(name);
	Relation	table;

	if (!ConditionalLockRelationOid(oid, AccessShareLock))
		return false;
	table = table_open(oid, NoLock);
	require_own(table);
	table_close(table, AccessShareLock);
	return true;
}

/*
 * 55000 when any of the tables is changed, whichever is written now: so the fault is told to whoever writes first and
 * not to whoever happens to fold.
 */
void
rgt_require_own_tables(void)
{
	static bool listening = false;
	static uint64 looked_at = 0;
	uint64		changes = relation_changes;

	if (looked_at == changes)
		return;
	if (!listening)
		CacheRegisterRelcacheCallback(relation_changed, (Datum) 0);
	listening = true;
	if (look_at("activity_deltas") && look_at("activity_days") && look_at("activity_months"))
		looked_at = changes;
}

/* ---- one of the tables ----------------------------------------------------------------------- */

#define MOST_WAITING 256

typedef struct Table
{
	Relation	relation;
	EState	   *estate;
	ResultRelInfo *result;
	EPQState	epq;
	TupleTableSlot *row;		/* the new version of one that is there */
	TupleTableSlot *waiting[MOST_WAITING];	/* new rows, to be written together */
	int			nwaiting;
} Table;

static Table *
open_to_write(const char *name, Snapshot snapshot)
{
	Table	   *table = palloc0(sizeof(Table));

	table->relation = table_open(rgt_relation(name), RowExclusiveLock);
	require_own(table->relation);
	table->estate = CreateExecutorState();
	table->estate->es_snapshot = snapshot;
	table->result = makeNode(ResultRelInfo);
	table->row = ExecInitExtraTupleSlot(table->estate, RelationGetDescr(table->relation), &TTSOpsVirtual);
	InitResultRelInfo(table->result, table->relation, 0, NULL, 0);
	table->estate->es_opened_result_relations = list_make1(table->result);
	ExecOpenIndices(table->result, false);
	rgt_epq_init(&table->epq, table->estate);
	return table;
}

/* The new rows that wait into the heap together, as COPY does it, and then into the indexes. */
static void
write_waiting(Table *table)
{
	MemoryContext old = MemoryContextSwitchTo(GetPerTupleMemoryContext(table->estate));

	if (table->nwaiting > 0)
		table_multi_insert(table->relation, table->waiting, table->nwaiting, GetCurrentCommandId(true), 0, NULL);
	MemoryContextSwitchTo(old);
	for (int i = 0; table->result->ri_NumIndices > 0 && i < table->nwaiting; i++)
	{
		ResetPerTupleExprContext(table->estate);
		list_free(rgt_insert_index_tuples(table->result, table->waiting[i], table->estate));
	}
	ResetPerTupleExprContext(table->estate);
	table->nwaiting = 0;
}

/* The lock stays until the end of the transaction, as a statement's does. */
static void
close_written(Table *table)
{
	write_waiting(table);
	EvalPlanQualEnd(&table->epq);
	ExecCloseIndices(table->result);
	ExecResetTupleTable(table->estate->es_tupleTable, false);
	FreeExecutorState(table->estate);
	table_close(table->relation, NoLock);
	pfree(table);
}

/* A row's columns, to be filled in; what they point to has to stay until it is written. */
static Datum *
start_row(TupleTableSlot *row)
{
	CHECK_FOR_INTERRUPTS();
	ExecClearTuple(row);
	memset(row->tts_isnull, false, COLUMNS);
	memset(row->tts_isnull + COLUMNS, true, row->tts_tupleDescriptor->natts - COLUMNS);
	return row->tts_values;
}

/*
 * Nobody else folds, but somebody may be at the row by hand: wait for him and take its newest version;
 * false when it is gone.  A transaction with a snapshot of its own cannot write what others have written
 * since: 40001.
 */
static bool
claim(Table *table, TupleTableSlot *found)
{
	ItemPointerData tid = found->tts_tid;
	bool		isnull;
	Datum		xmax = slot_getsysattr(found, MaxTransactionIdAttributeNumber, &isnull);

	if (!IsolationUsesXactSnapshot() && !TransactionIdIsValid(DatumGetTransactionId(xmax)))
		return true;
	return rgt_lock_row(table->relation, table->estate->es_snapshot, &tid, found);
}

/* Insert a sum as a row, at the latest when the table is closed: the sums have to stay until then. */
static void
insert_sum(Table *table, const RgtDaySums *sums, const RgtDaySum *sum)
{
	TupleTableSlot *row;

	if (table->waiting[table->nwaiting] == NULL)
		table->waiting[table->nwaiting] =
			ExecInitExtraTupleSlot(table->estate, RelationGetDescr(table->relation), &TTSOpsVirtual);
	row = table->waiting[table->nwaiting++];
	rgt_day_sum_to_row(sums, sum, start_row(row));
	ExecStoreVirtualTuple(row);
	if (table->nwaiting == MOST_WAITING)
		write_waiting(table);
}

/* ---- deltas ---------------------------------------------------------------------------------- */

/* A single row of facts would pay for more than this. */
static void
append_one(Relation deltas, const RgtDaySums *sums)
{
	TupleTableSlot *row = MakeSingleTupleTableSlot(RelationGetDescr(deltas), &TTSOpsVirtual);

	rgt_day_sum_to_row(sums, sums->list[0], start_row(row));
	ExecStoreVirtualTuple(row);
	simple_table_tuple_insert(deltas, row);
	ExecDropSingleTupleTableSlot(row);
}

/* Append the sums as they are. */
void
rgt_deltas_append(const RgtDaySums *sums)
{
	Relation	deltas = table_open(rgt_relation("activity_deltas"), RowExclusiveLock);

	require_own(deltas);
	if (sums->n == 1 && !deltas->rd_rel->relhasindex)
		append_one(deltas, sums);
	else
	{
		Table	   *table = open_to_write("activity_deltas", NULL);

		for (int64 i = 0; i < sums->n; i++)
			insert_sum(table, sums, rgt_listed_sum(sums, i));
		close_written(table);
	}
	table_close(deltas, NoLock);
}

/* Take out so many deltas, or all of them (0), and add them to the sums; returns how many there were. */
int64
rgt_deltas_take(int64 at_most, RgtDaySums *sums)
{
	Snapshot	snapshot = rgt_snapshot(RGT_FRESH);
	Table	   *deltas = open_to_write("activity_deltas", snapshot);
	TupleTableSlot *slot = table_slot_create(deltas->relation, NULL);
	TableScanDesc scan = table_beginscan(deltas->relation, snapshot, 0, NULL);
	int64		taken = 0;

	while ((at_most == 0 || taken < at_most) && table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		CHECK_FOR_INTERRUPTS();
		if (!claim(deltas, slot))
			continue;
		slot_getallattrs(slot);
		rgt_day_sums_add_row(slot, sums);
		ExecSimpleRelationDelete(deltas->result, deltas->estate, &deltas->epq, slot);
		ResetPerTupleExprContext(deltas->estate);
		taken++;
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	close_written(deltas);
	UnregisterSnapshot(snapshot);
	return taken;
}

/* ---- days and months --------------------------------------------------------------------------- */

/* The row that was found with a sum added to it; false when nothing is left of it. */
static bool
make_added(Table *table, TupleTableSlot *found, const RgtDaySums *sums, const RgtDaySum *sum)
{
	Datum	   *values = start_row(table->row);
	MemoryContext old = MemoryContextSwitchTo(GetPerTupleMemoryContext(table->estate));
	bool		left = false;

	ResetPerTupleExprContext(table->estate);
	slot_getallattrs(found);
	memcpy(values, found->tts_values, sizeof(Datum) * COLUMNS);
	for (int i = 0; i < COUNTS; i++)
	{
		Datum	   *count = &values[rgt_count_column[i]];

		*count = DirectFunctionCall2(int4pl, *count, Int32GetDatum(sum->count[i]));
		left = left || DatumGetInt32(*count) != 0;
	}
	for (int i = 0; i < AMOUNTS; i++)
	{
		Datum	   *amount = &values[rgt_amount_column[i]];
		Numeric		more = rgt_day_sum_amount(sum, i);

		if (more != NULL)
			*amount = DirectFunctionCall2(numeric_add, *amount, NumericGetDatum(more));
		left = left || !rgt_is_zero_amount(sums, DatumGetNumeric(*amount));
	}
	MemoryContextSwitchTo(old);
	ExecStoreVirtualTuple(table->row);
	return left;
}

/*
 * A transaction with a snapshot of its own may not see the row that others have made since: 40001 rather
 * than a duplicate key.
 */
static void
refuse_unseen(const char *name, const Datum *key)
{
	Snapshot	snapshot;
	RgtLookup	lookup;

	if (!IsolationUsesXactSnapshot())
		return;
	snapshot = RegisterSnapshot(GetLatestSnapshot());
	rgt_lookup_begin(&lookup, name, NULL, 2, AccessShareLock, snapshot);
	rgt_lookup_keys(&lookup, key);
	if (rgt_lookup_next(&lookup, ForwardScanDirection))
		rgt_too_new(rgt_text("could not serialize access to a day of activity"));
	rgt_lookup_end(&lookup);
	UnregisterSnapshot(snapshot);
}

/*
 * The index of a table, read in step with sums that come in its order: the entry after the one before is
 * often the one wanted, or shows that there is none.  Where a day has many entries for each sum, every sum is
 * searched for.
 */
typedef struct Reading
{
	RgtLookup	lookup;
	bool		begun;
	DateADT		day;
	bool		many;			/* of this day */
	bool		at_end;			/* no entry of the day is left */
	int32		unit_id;		/* of the entry */
} Reading;

#define MOST_STEPS 32

static void
step(Reading *reading)
{
	reading->at_end = !rgt_lookup_next_key(&reading->lookup, &reading->unit_id);
}

static void
search(Reading *reading, const Datum *key)
{
	if (reading->many)
		rgt_lookup_keys(&reading->lookup, key);
	else
		rgt_lookup_from(&reading->lookup, key);
	step(reading);
}

/* To the first entry that is not before a unit's day, or to its own. */
static void
read_on(Reading *reading, const Datum *key)
{
	DateADT		day = DatumGetDateADT(key[0]);
	int			steps = 0;

	if (!reading->begun || reading->day != day)
	{
		reading->begun = true;
		reading->day = day;
		reading->many = false;
		search(reading, key);
		return;
	}
	while (!reading->many && !reading->at_end && reading->unit_id < DatumGetInt32(key[1]))
	{
		if (steps++ == MOST_STEPS)
			reading->many = true;
		else
			step(reading);
	}
	if (reading->many)
		search(reading, key);
}

/* Is there a row of a unit's day, which comes after the one before?  It is then in the slot. */
static bool
read_to(Reading *reading, const Datum *key)
{
	read_on(reading, key);
	while (!reading->at_end && reading->unit_id == DatumGetInt32(key[1]))
	{
		if (rgt_lookup_row(&reading->lookup))
			return true;
		step(reading);
	}
	return false;
}

/* Add sums to a table whose primary key is (day, unit_id), and drop its rows of which nothing is left. */
static void
add_to(const char *name, const RgtDaySums *sums)
{
	Snapshot	snapshot = rgt_snapshot(RGT_FRESH);
	Table	   *table = open_to_write(name, snapshot);
	Reading		reading = {.begun = false};
	TupleTableSlot *found;

	rgt_lookup_begin(&reading.lookup, name, NULL, 2, AccessShareLock, snapshot);
	rgt_lookup_by_key(&reading.lookup);
	found = reading.lookup.slot;
	AssertCheckSorted(sums);
	for (int64 i = 0; i < sums->n; i++)
	{
		const RgtDaySum *sum = rgt_listed_sum(sums, i);
		Datum		key[2] = {DateADTGetDatum(rgt_day_of(sum)), Int32GetDatum(rgt_unit_of(sum))};

		if (!read_to(&reading, key) || !claim(table, found))
		{
			refuse_unseen(name, key);
			insert_sum(table, sums, sum);
		}
		else if (make_added(table, found, sums, sum))
			ExecSimpleRelationUpdate(table->result, table->estate, &table->epq, found, table->row);
		else
			ExecSimpleRelationDelete(table->result, table->estate, &table->epq, found);
	}
	rgt_lookup_end(&reading.lookup);
	close_written(table);
	UnregisterSnapshot(snapshot);
}

#ifdef USE_ASSERT_CHECKING
static int64
total_count(const RgtDaySums *sums)
{
	int64		total = 0;

	for (int64 i = 0; i < sums->n; i++)
	{
		for (int c = 0; c < COUNTS; c++)
			total += sums->list[i]->count[c];
	}
	return total;
}
#endif

/* The same by month: what a month has added to it is the sum of what its days have. */
static RgtDaySums
by_month(const RgtDaySums *days)
{
	RgtDaySums	months = rgt_day_sums_begin(1024);

	for (int64 d = 0; d < days->n; d++)
	{
		const RgtDaySum *day = rgt_listed_sum(days, d);
		DateADT		month = rgt_month_start(rgt_day_of(day), 0);

		rgt_day_sums_plus(&months, rgt_unit_of(day), month, day);
	}
	rgt_day_sums_sort(&months);
	Assert(total_count(&months) == total_count(days));
	return months;
}

/* Add sums of days to both, under the lock of the fold. */
void
rgt_days_add(const RgtDaySums *days)
{
	RgtDaySums	months = by_month(days);

	add_to("activity_days", days);
	add_to("activity_months", &months);
	rgt_day_sums_end(&months);
}
