/*
 * activity_store.c
 *	  The tables of activity, written row by row: deltas appended and taken out, days and months added to.
 *
 * By the executor's own means rather than by statements.  A single row of facts would pay for the
 * difference when it is appended; and when it is folded, a look-up in an index costs the same however
 * much history there is, whatever statistics say of a table that is being filled.
 *
 * Who writes days and months, or takes deltas out, holds the lock of the fold: nobody else does until
 * his transaction ends.
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "rewrite/rewriteHandler.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "activity.h"
#include "compat.h"

/* ---- one of the tables ----------------------------------------------------------------------- */

typedef struct Table
{
	Relation	relation;
	EState	   *estate;
	ResultRelInfo *result;
	EPQState	epq;
	TupleTableSlot *row;		/* to be written */
	int			columns;		/* ours, and what somebody has added */
	ExprState **defaults;		/* of those from COLUMNS on; NULL: null */
	Oid			user;
	int			sec_context;
} Table;

/* Columns that somebody has added are filled as INSERT would fill them. */
static void
prepare_defaults(Table *table)
{
	table->columns = RelationGetDescr(table->relation)->natts;
	table->defaults = palloc0(sizeof(ExprState *) * table->columns);
	for (int i = COLUMNS; i < table->columns; i++)
	{
		Form_pg_attribute att = TupleDescAttr(RelationGetDescr(table->relation), i);
		Node	   *expression = NULL;

		if (!att->attisdropped && att->attgenerated == '\0')
			expression = build_column_default(table->relation, i + 1);
		if (expression != NULL)
			table->defaults[i] = ExecPrepareExpr((Expr *) expression, table->estate);
	}
}

/*
 * As a statement of ours would be: with the owner's rights, because triggers, defaults and constraints
 * may have been added, and with a query level for the AFTER triggers among them.
 */
static Table *
open_to_write(const char *name, Snapshot snapshot)
{
	Table	   *table = palloc0(sizeof(Table));

	GetUserIdAndSecContext(&table->user, &table->sec_context);
	SetUserIdAndSecContext(rgt_owner(), table->sec_context | SECURITY_LOCAL_USERID_CHANGE | SECURITY_NOFORCE_RLS);
	AfterTriggerBeginQuery();
	table->relation = table_open(rgt_relation(name), RowExclusiveLock);
	table->estate = CreateExecutorState();
	table->estate->es_snapshot = snapshot;
	table->result = makeNode(ResultRelInfo);
	table->row = ExecInitExtraTupleSlot(table->estate, RelationGetDescr(table->relation), &TTSOpsVirtual);
	InitResultRelInfo(table->result, table->relation, 0, NULL, 0);
	table->estate->es_opened_result_relations = list_make1(table->result);
	ExecOpenIndices(table->result, false);
	rgt_epq_init(&table->epq, table->estate);
	prepare_defaults(table);
	return table;
}

/* The lock stays until the end of the transaction, as a statement's does. */
static void
close_written(Table *table)
{
	AfterTriggerEndQuery(table->estate);
	EvalPlanQualEnd(&table->epq);
	ExecCloseIndices(table->result);
	ExecResetTupleTable(table->estate->es_tupleTable, false);
	FreeExecutorState(table->estate);
	table_close(table->relation, NoLock);
	SetUserIdAndSecContext(table->user, table->sec_context);
	pfree(table);
}

/* The row's columns, to be filled in; what they point to has to stay until it is written. */
static Datum *
start_row(Table *table)
{
	CHECK_FOR_INTERRUPTS();
	ResetPerTupleExprContext(table->estate);
	ExecClearTuple(table->row);
	memset(table->row->tts_isnull, false, COLUMNS);
	memset(table->row->tts_isnull + COLUMNS, true, table->columns - COLUMNS);
	return table->row->tts_values;
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

static void
insert_sum(Table *table, const RgtDaySums *sums, const RgtDaySum *sum)
{
	Datum	   *values = start_row(table);

	rgt_day_sum_to_row(sums, sum, values);
	for (int i = COLUMNS; i < table->columns; i++)
	{
		if (table->defaults[i] != NULL)
			values[i] = ExecEvalExprSwitchContext(table->defaults[i], GetPerTupleExprContext(table->estate),
												  &table->row->tts_isnull[i]);
	}
	ExecStoreVirtualTuple(table->row);
	ExecSimpleRelationInsert(table->result, table->estate, table->row);
}

/* ---- deltas ---------------------------------------------------------------------------------- */

#define ROWS_AT_ONCE 256

static void
fill_row(TupleTableSlot *row, const RgtDaySums *sums, const RgtDaySum *sum)
{
	ExecClearTuple(row);
	memset(row->tts_isnull, false, COLUMNS);
	rgt_day_sum_to_row(sums, sum, row->tts_values);
	ExecStoreVirtualTuple(row);
}

static void
append_one(Relation deltas, const RgtDaySums *sums)
{
	TupleTableSlot *row = MakeSingleTupleTableSlot(RelationGetDescr(deltas), &TTSOpsVirtual);

	fill_row(row, sums, sums->sorted[0]);
	simple_table_tuple_insert(deltas, row);
	ExecDropSingleTupleTableSlot(row);
}

static void
append_many(Relation deltas, const RgtDaySums *sums)
{
	int			most = (int) Min(sums->n, ROWS_AT_ONCE);
	TupleTableSlot **rows = palloc(sizeof(TupleTableSlot *) * most);
	CommandId	command = GetCurrentCommandId(true);
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "regtarget deltas", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = CurrentMemoryContext;

	for (int r = 0; r < most; r++)
		rows[r] = MakeSingleTupleTableSlot(RelationGetDescr(deltas), &TTSOpsVirtual);
	for (int64 i = 0; i < sums->n; i += most)
	{
		int			n = (int) Min(most, sums->n - i);

		CHECK_FOR_INTERRUPTS();
		for (int r = 0; r < n; r++)
			fill_row(rows[r], sums, sums->sorted[i + r]);
		MemoryContextSwitchTo(context);
		table_multi_insert(deltas, rows, n, command, 0, NULL);
		MemoryContextSwitchTo(old);
		MemoryContextReset(context);
	}
	for (int r = 0; r < most; r++)
		ExecDropSingleTupleTableSlot(rows[r]);
	MemoryContextDelete(context);
	pfree(rows);
}

/* Has the table no more to it than its heap, as we made it? */
static bool
is_plain(Relation table)
{
	TupleConstr *constraints = RelationGetDescr(table)->constr;

	return RelationGetDescr(table)->natts == COLUMNS && (constraints == NULL || constraints->num_check == 0) &&
		!table->rd_rel->relhasindex && table->trigdesc == NULL;
}

/*
 * Append the sums as they are: straight into the heap, unless somebody has added a column, a constraint,
 * an index or a trigger.
 */
void
rgt_deltas_append(const RgtDaySums *sums)
{
	Relation	deltas = table_open(rgt_relation("activity_deltas"), RowExclusiveLock);
	bool		plain = is_plain(deltas);

	if (plain && sums->n == 1)
		append_one(deltas, sums);
	else if (plain)
		append_many(deltas, sums);
	else
	{
		Table	   *table = open_to_write("activity_deltas", NULL);

		for (int64 i = 0; i < sums->n; i++)
			insert_sum(table, sums, sums->sorted[i]);
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
	Datum	   *values = start_row(table);
	MemoryContext old = MemoryContextSwitchTo(GetPerTupleMemoryContext(table->estate));
	bool		left = false;

	slot_getallattrs(found);
	memcpy(values, found->tts_values, sizeof(Datum) * table->columns);
	memcpy(table->row->tts_isnull, found->tts_isnull, sizeof(bool) * table->columns);
	for (int i = 0; i < COUNTS; i++)
	{
		Datum	   *count = &values[rgt_count_column[i]];

		*count = DirectFunctionCall2(int4pl, *count, Int32GetDatum(sum->count[i]));
		left = left || DatumGetInt32(*count) != 0;
	}
	for (int i = 0; i < AMOUNTS; i++)
	{
		Datum	   *amount = &values[rgt_amount_column[i]];

		if (sum->amount != NULL && sum->amount[i] != NULL)
			*amount = DirectFunctionCall2(numeric_add, *amount, NumericGetDatum(sum->amount[i]));
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
		rgt_too_new("a day of activity");
	rgt_lookup_end(&lookup);
	UnregisterSnapshot(snapshot);
}

/* Add sums to a table whose primary key is (day, unit_id), and drop its rows of which nothing is left. */
static void
add_to(const char *name, const RgtDaySums *sums)
{
	Snapshot	snapshot = rgt_snapshot(RGT_FRESH);
	Table	   *table = open_to_write(name, snapshot);
	RgtLookup	lookup;

	rgt_lookup_begin(&lookup, name, NULL, 2, AccessShareLock, snapshot);
	for (int64 i = 0; i < sums->n; i++)
	{
		const RgtDaySum *sum = sums->sorted[i];
		Datum		key[2] = {DateADTGetDatum(rgt_day_of(sum)), Int32GetDatum(rgt_unit_of(sum))};

		rgt_lookup_keys(&lookup, key);
		if (!rgt_lookup_next(&lookup, ForwardScanDirection) || !claim(table, lookup.slot))
		{
			refuse_unseen(name, key);
			insert_sum(table, sums, sum);
			continue;
		}
		if (make_added(table, lookup.slot, sums, sum))
			ExecSimpleRelationUpdate(table->result, table->estate, &table->epq, lookup.slot, table->row);
		else
			ExecSimpleRelationDelete(table->result, table->estate, &table->epq, lookup.slot);
	}
	rgt_lookup_end(&lookup);
	close_written(table);
	UnregisterSnapshot(snapshot);
}

/* The same by month: what a month has added to it is the sum of what its days have. */
static RgtDaySums
by_month(const RgtDaySums *days)
{
	RgtDaySums	months = rgt_day_sums_begin();

	for (int64 d = 0; d < days->n; d++)
	{
		const RgtDaySum *day = days->sorted[d];
		DateADT		month = rgt_month_start(rgt_day_of(day), 0);

		rgt_day_sum_plus(&months, rgt_day_sum(&months, rgt_unit_of(day), month), day);
	}
	rgt_day_sums_sort(&months);
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
