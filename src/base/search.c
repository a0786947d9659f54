/*
 * base/search.c
 *	  Rows that have one of some keys in a column, found by whatever index there is.
 *
 * Not by a statement, because the snapshot may be one that a statement cannot have: one that shows rows of
 * transactions under way.  The ways, the best first:
 * - an index that begins with the column;
 * - one that begins with plan_id and goes on with the column: there are few plans;
 * - an index of ranges (BRIN) that has the column: the pages that it cannot rule out are read.  That is what the
 *	 tables of facts have, because it costs a load next to nothing;
 * - the whole table.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/pg_am.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
#include "utils/typcache.h"

#include "base/search.h"
#include "regtarget.h"

/* With more keys than this, the whole table is read once rather than something for each of them. */
#define FEW_KEYS 32

typedef struct Search
{
	Relation	table;
	AttrNumber	column;
	const RgtKeys *keys;
	Snapshot	snapshot;
	RgtFoundFn	found;
	void	   *arg;
} Search;

/* An index that may be of use, and which of its columns is ours. */
typedef struct UsableIndex
{
	Oid			oid;
	int			position;		/* from 1 on */
} UsableIndex;

/* ---- which index ------------------------------------------------------------------------------------- */

static bool
begins_with_plan(const Search *search, Relation index)
{
	AttrNumber	first = index->rd_index->indkey.values[0];

	return first > 0 && index->rd_opcintype[0] == INT8OID &&
		namestrcmp(&TupleDescAttr(RelationGetDescr(search->table), first - 1)->attname, "plan_id") == 0;
}

/* At which position an index that serves everybody and holds all rows has our column; 0: it does not. */
static int
position_in(const Search *search, Relation index)
{
	Form_pg_index form = index->rd_index;

	if (!form->indisvalid || form->indcheckxmin || RelationGetIndexPredicate(index) != NIL)
		return 0;
	for (int i = 0; i < IndexRelationGetNumberOfKeyAttributes(index); i++)
	{
		if (form->indkey.values[i] == search->column && index->rd_opcintype[i] == search->keys->type)
			return i + 1;
	}
	return 0;
}

/* How good an index is, the less the better; 0: of no use. */
static int
rank(const Search *search, Relation index, int position)
{
	if (position == 0)
		return 0;
	if (index->rd_rel->relam == BTREE_AM_OID)
		return position == 1 ? 1 : position == 2 && search->keys->n <= FEW_KEYS && begins_with_plan(search, index) ? 2 : 0;
	return index->rd_rel->relam == BRIN_AM_OID && search->keys->n <= FEW_KEYS ? 3 : 0;
}

/* The best index and its rank; 0: there is none. */
static int
find_index(const Search *search, UsableIndex *best)
{
	List	   *indexes = RelationGetIndexList(search->table);
	int			best_rank = 0;

	for (int i = 0; i < list_length(indexes); i++)
	{
		Relation	index = index_open(list_nth_oid(indexes, i), AccessShareLock);
		int			position = position_in(search, index);
		int			its_rank = rank(search, index, position);

		if (its_rank > 0 && (best_rank == 0 || its_rank < best_rank))
		{
			best_rank = its_rank;
			best->oid = RelationGetRelid(index);
			best->position = position;
		}
		index_close(index, NoLock);
	}
	list_free(indexes);
	return best_rank;
}

/* ---- by an index of single rows ------------------------------------------------------------------------ */

static RegProcedure
equality(Oid type)
{
	return type == INT4OID ? F_INT4EQ : type == INT8OID ? F_INT8EQ : F_TEXTEQ;
}

static void
equal_to(ScanKey scan_key, Relation index, int position, StrategyNumber strategy, Datum value)
{
	Oid			type = index->rd_opcintype[position - 1];

	ScanKeyEntryInitialize(scan_key, 0, position, strategy, type, index->rd_indcollation[position - 1], equality(type), value);
}

/* All rows of a scan that has been positioned; true: that is enough. */
static bool
each_row(const Search *search, IndexScanDesc scan, TupleTableSlot *slot, Datum key)
{
	while (index_getnext_slot(scan, ForwardScanDirection, slot))
	{
		CHECK_FOR_INTERRUPTS();
		if (search->found(slot, key, search->arg))
			return true;
	}
	return false;
}

static void
by_column(const Search *search, Relation index, TupleTableSlot *slot)
{
	IndexScanDesc scan = rgt_index_beginscan(search->table, index, search->snapshot, 1);
	bool		enough = false;

	for (int64 i = 0; i < search->keys->n && !enough; i++)
	{
		ScanKeyData scan_key;

		CHECK_FOR_INTERRUPTS();
		equal_to(&scan_key, index, 1, BTEqualStrategyNumber, search->keys->values[i]);
		index_rescan(scan, &scan_key, 1, NULL, 0);
		enough = each_row(search, scan, slot, search->keys->values[i]);
	}
	index_endscan(scan);
}

/* The next plan that the index has an entry of, whoever may see the row; false: there is no other. */
static bool
next_plan(IndexScanDesc plans, Datum *plan_id)
{
	ScanKeyData after;
	bool		isnull;

	ScanKeyInit(&after, 1, BTGreaterStrategyNumber, F_INT8GT, *plan_id);
	index_rescan(plans, &after, 1, NULL, 0);
	if (index_getnext_tid(plans, ForwardScanDirection) == NULL)
		return false;
	*plan_id = index_getattr(plans->xs_itup, 1, plans->xs_itupdesc, &isnull);
	return true;
}

/* For each plan, each key.  No plan has the least id there is: ids are positive. */
static void
by_plan(const Search *search, Relation index, TupleTableSlot *slot)
{
	IndexScanDesc plans = rgt_index_beginscan(search->table, index, search->snapshot, 1);
	IndexScanDesc scan = rgt_index_beginscan(search->table, index, search->snapshot, 2);
	Datum		plan_id = Int64GetDatum(PG_INT64_MIN);
	bool		enough = false;

	plans->xs_want_itup = true;
	while (!enough && next_plan(plans, &plan_id))
	{
		for (int64 i = 0; i < search->keys->n && !enough; i++)
		{
			ScanKeyData scan_keys[2];

			CHECK_FOR_INTERRUPTS();
			equal_to(&scan_keys[0], index, 1, BTEqualStrategyNumber, plan_id);
			equal_to(&scan_keys[1], index, 2, BTEqualStrategyNumber, search->keys->values[i]);
			index_rescan(scan, scan_keys, 2, NULL, 0);
			enough = each_row(search, scan, slot, search->keys->values[i]);
		}
	}
	index_endscan(scan);
	index_endscan(plans);
}

/* ---- by pages ---------------------------------------------------------------------------------------------- */

/* All rows of a scan of pages that have one of the keys; true: that is enough. */
static bool
each_row_of_pages(const Search *search, TableScanDesc scan, TupleTableSlot *slot, bool whole)
{
	while (whole ? table_scan_getnextslot(scan, ForwardScanDirection, slot) :
		   table_scan_getnextslot_tidrange(scan, ForwardScanDirection, slot))
	{
		bool		isnull;
		Datum		key = slot_getattr(slot, search->column, &isnull);

		CHECK_FOR_INTERRUPTS();
		if (!isnull && rgt_keys_have(search->keys, key) && search->found(slot, key, search->arg))
			return true;
	}
	return false;
}

static void
by_reading_all(const Search *search, TupleTableSlot *slot)
{
	TableScanDesc scan = table_beginscan(search->table, search->snapshot, 0, NULL);

	each_row_of_pages(search, scan, slot, true);
	table_endscan(scan);
}

/* The pages that an index of ranges cannot rule out for any of the keys; NULL: it knows no equality. */
static TIDBitmap *
possible_pages(const Search *search, Relation index, int position)
{
	Oid			equal = lookup_type_cache(search->keys->type, TYPECACHE_EQ_OPR)->eq_opr;
	StrategyNumber strategy = get_op_opfamily_strategy(equal, index->rd_opfamily[position - 1]);
	Snapshot	snapshot;
	IndexScanDesc scan;
	TIDBitmap  *pages;

	if (strategy == 0)
		return NULL;
	/* Pages have no snapshot, but the scan wants one. */
	snapshot = rgt_snapshot(RGT_LATEST);
	scan = rgt_index_beginscan_bitmap(index, snapshot, 1);
	pages = tbm_create(work_mem * 1024L, NULL);
	for (int64 i = 0; i < search->keys->n; i++)
	{
		ScanKeyData scan_key;

		CHECK_FOR_INTERRUPTS();
		equal_to(&scan_key, index, position, strategy, search->keys->values[i]);
		index_rescan(scan, &scan_key, 1, NULL, 0);
		index_getbitmap(scan, pages);
	}
	index_endscan(scan);
	UnregisterSnapshot(snapshot);
	return pages;
}

/* The rows of the pages from one to another; `scan`: NULL before the first time. */
static bool
read_pages(const Search *search, TableScanDesc *scan, BlockNumber first, BlockNumber last, TupleTableSlot *slot)
{
	ItemPointerData least;
	ItemPointerData greatest;

	ItemPointerSet(&least, first, FirstOffsetNumber);
	ItemPointerSet(&greatest, last, MaxOffsetNumber);
	if (*scan == NULL)
		*scan = table_beginscan_tidrange(search->table, search->snapshot, &least, &greatest);
	else
		table_rescan_tidrange(*scan, &least, &greatest);
	return each_row_of_pages(search, *scan, slot, false);
}

/* Neighbouring pages are read as one range. */
static void
by_possible_pages(const Search *search, TIDBitmap *pages, TupleTableSlot *slot)
{
	RgtPages   *iterator = rgt_pages_begin(pages);
	TableScanDesc scan = NULL;
	BlockNumber first = InvalidBlockNumber;
	BlockNumber last = InvalidBlockNumber;
	BlockNumber page;
	bool		enough = false;

	while (!enough && rgt_pages_next(iterator, &page))
	{
		if (first != InvalidBlockNumber && page != last + 1)
		{
			enough = read_pages(search, &scan, first, last, slot);
			first = InvalidBlockNumber;
		}
		if (first == InvalidBlockNumber)
			first = page;
		last = page;
	}
	if (!enough && first != InvalidBlockNumber)
		read_pages(search, &scan, first, last, slot);
	rgt_pages_end(iterator);
	if (scan != NULL)
		table_endscan(scan);
}

static void
by_ranges(const Search *search, Relation index, int position, TupleTableSlot *slot)
{
	TIDBitmap  *pages = possible_pages(search, index, position);

	if (pages == NULL)
	{
		by_reading_all(search, slot);
		return;
	}
	by_possible_pages(search, pages, slot);
	tbm_free(pages);
}

/* ---- the search -------------------------------------------------------------------------------------------- */

static void
search_by_index(const Search *search, int rank, const UsableIndex *best, TupleTableSlot *slot)
{
	Relation	index = index_open(best->oid, AccessShareLock);

	if (rank == 1)
		by_column(search, index, slot);
	else if (rank == 2)
		by_plan(search, index, slot);
	else
		by_ranges(search, index, best->position, slot);
	index_close(index, NoLock);
}

/*
 * Call `found` for every row of a table that has one of the keys in a column, as far as the snapshot shows it.  The lock of
 * the table, ACCESS SHARE, is kept until the end of the transaction, as a statement's is.
 */
void
rgt_search(const char *table, const char *column, const RgtKeys *keys, Snapshot snapshot, RgtFoundFn found, void *arg)
{
	Search		search = {.keys = keys, .snapshot = snapshot, .found = found, .arg = arg};
	TupleTableSlot *slot;
	UsableIndex best = {0};
	int			its_rank;

	search.table = table_open(rgt_relation(table), AccessShareLock);
	search.column = rgt_attnum(RelationGetDescr(search.table), column);
	slot = table_slot_create(search.table, NULL);
	its_rank = find_index(&search, &best);
	if (its_rank == 0)
		by_reading_all(&search, slot);
	else
		search_by_index(&search, its_rank, &best, slot);
	ExecDropSingleTupleTableSlot(slot);
	table_close(search.table, NoLock);
}
