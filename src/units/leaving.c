/*
 * units/leaving.c
 *	  Units that somebody is deleting at this moment, or giving another key.
 *
 * All units are read, which costs a third of what reading the tree does: so whoever writes for many of them need not
 * look up each.
 */
#include "postgres.h"

#include "access/table.h"
#include "access/tableam.h"
#include "miscadmin.h"
#include "utils/snapmgr.h"

#include "regtarget.h"
#include "units/units.h"

/* Called for each unit; `leaving`: somebody is taking away its key, or changing its code. */
typedef void (*UnitFn) (int32 unit_id, bool leaving, void *arg);

static void
each_unit(UnitFn unit, void *arg)
{
	Snapshot	snapshot = rgt_snapshot(RGT_LATEST);
	Relation	units = table_open(rgt_relation("units"), AccessShareLock);
	AttrNumber	column = rgt_attnum(RelationGetDescr(units), "unit_id");
	TupleTableSlot *slot = table_slot_create(units, NULL);
	TableScanDesc scan = table_beginscan(units, snapshot, 0, NULL);

	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		bool		isnull;
		int32		unit_id = DatumGetInt32(slot_getattr(slot, column, &isnull));

		CHECK_FOR_INTERRUPTS();
		unit(unit_id, TransactionIdIsValid(rgt_key_taker(slot)), arg);
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	table_close(units, NoLock);
	UnregisterSnapshot(snapshot);
}

typedef struct Staying
{
	const RgtTree *tree;
	int			n;
} Staying;

static void
count_staying(int32 unit_id, bool leaving, void *arg)
{
	Staying    *staying = arg;

	staying->n += !leaving && rgt_tree_find(staying->tree, unit_id) >= 0;
}

/* Are all units of the tree there now, and nobody is taking one away? */
bool
rgt_units_stay(const RgtTree *tree)
{
	Staying		staying = {tree, 0};

	each_unit(count_staying, &staying);
	return staying.n == tree->n;
}

static void
add_leaving(int32 unit_id, bool leaving, void *arg)
{
	List	  **units = arg;

	if (leaving)
		*units = lappend_int(*units, unit_id);
}

static bool
is_at_or_below(const RgtTree *tree, int position, int root)
{
	while (position >= 0 && position != root)
		position = tree->parent[position];
	return position >= 0;
}

/*
 * Wait for whoever is deleting a unit at or below this one in a period (NULL: any unit), so that what is computed over
 * all of them next need not be refused when it is written.
 */
void
rgt_await_leaving_units(text *root, text *period)
{
	List	   *units = NIL;
	RgtTree    *tree = NULL;
	int			position = -1;

	each_unit(add_leaving, &units);
	if (units != NIL && root != NULL)
	{
		tree = rgt_tree_read(RGT_LATEST, rgt_period(period).first);
		position = rgt_tree_find(tree, rgt_unit_by_code(root));
	}
	for (int i = 0; i < list_length(units); i++)
	{
		int32		unit_id = list_nth_int(units, i);

		if (tree == NULL || is_at_or_below(tree, rgt_tree_find(tree, unit_id), position))
			rgt_await_claim(rgt_relation("units"), unit_id);
	}
}
