/*
 * units/tree.c
 *	  The organisation in memory, in an order that makes rolling up and handing down one pass each.
 *
 * One unordered read, sorted here: a million units take a fraction of a second.  Ids that come from a
 * sequence are dense: there an array finds and sorts them; ids typed with great gaps are sorted and searched.
 */
#include "postgres.h"

#include "access/table.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "regtarget.h"
#include "units/units.h"

typedef struct Unit
{
	int32		unit_id;
	int32		parent_id;		/* 0: none; ids are positive */
	DateADT		opened_on;
	DateADT		closed_on;
} Unit;

typedef struct UnitArray
{
	Unit	   *units;
	int			n;
	int			allocated;
	AttrNumber	unit_id;		/* columns of the table; 0: not looked up yet */
	AttrNumber	parent_id;
	AttrNumber	opened_on;
	AttrNumber	closed_on;
	RgtParents	moved;			/* units with another parent on the day */
	const int32 *begun;			/* of a part: the units that it begins with, in order */
	int			nbegun;
} UnitArray;

static void
add_unit(TupleTableSlot *slot, void *arg)
{
	UnitArray  *array = arg;
	TupleDesc	desc = slot->tts_tupleDescriptor;
	const bool *isnull = slot->tts_isnull - 1;
	const Datum *value = slot->tts_values - 1;
	Unit	   *unit;

	if (array->unit_id == 0)
	{
		array->unit_id = rgt_attnum(desc, "unit_id");
		array->parent_id = rgt_attnum(desc, "parent_id");
		array->opened_on = rgt_attnum(desc, "opened_on");
		array->closed_on = rgt_attnum(desc, "closed_on");
	}
	RGT_GROW(array->units, array->n, array->allocated);
	unit = &array->units[array->n++];
	unit->unit_id = DatumGetInt32(value[array->unit_id]);
	unit->parent_id = isnull[array->parent_id] ? 0 : DatumGetInt32(value[array->parent_id]);
	unit->opened_on = isnull[array->opened_on] ? DATEVAL_NOBEGIN : DatumGetDateADT(value[array->opened_on]);
	unit->closed_on = isnull[array->closed_on] ? DATEVAL_NOEND : DatumGetDateADT(value[array->closed_on]);
}

static void *
array_of(Size size, int64 n)
{
	return palloc_extended(size * (Size) Max(n, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
}

/* Make the array of a tree's finder when the ids are dense enough for one. */
static void
begin_finder(RgtTree *tree, const UnitArray *array)
{
	int32		least = PG_INT32_MAX;
	int32		greatest = 0;

	for (int i = 0; i < array->n; i++)
	{
		least = Min(least, array->units[i].unit_id);
		greatest = Max(greatest, array->units[i].unit_id);
	}
	tree->n = array->n;
	tree->least_id = least;
	tree->span = array->n == 0 ? 0 : (int64) greatest - least + 1;
	if (tree->span <= (int64) array->n * 8 + 1024)
		tree->by_id = array_of(sizeof(int), tree->span);
}

/* Put the units in order of their ids; the finder then leads from an id to its rank. */
static void
sort_units(RgtTree *tree, UnitArray *array)
{
	Unit	   *sorted;
	int			rank = 0;

	if (tree->by_id == NULL)
	{
		qsort(array->units, array->n, sizeof(Unit), rgt_order_by_unit);
		tree->ids = array_of(sizeof(int32), array->n);
		tree->position = array_of(sizeof(int), array->n);
		for (int i = 0; i < array->n; i++)
		{
			tree->ids[i] = array->units[i].unit_id;
			tree->position[i] = i;
		}
		return;
	}
	for (int i = 0; i < array->n; i++)
		tree->by_id[array->units[i].unit_id - tree->least_id] = i + 1;
	sorted = array_of(sizeof(Unit), array->n);
	for (int64 id = 0; id < tree->span; id++)
	{
		if (tree->by_id[id] == 0)
			continue;
		sorted[rank] = array->units[tree->by_id[id] - 1];
		tree->by_id[id] = ++rank;
	}
	pfree(array->units);
	array->units = sorted;
}

/* Units in order of their ids get the parents that they have on the day. */
static void
replace_parents(UnitArray *array)
{
	int			i = 0;

	for (int m = 0; m < array->moved.n; m++)
	{
		while (i < array->n && array->units[i].unit_id < array->moved.parents[m].unit_id)
			i++;
		if (i < array->n && array->units[i].unit_id == array->moved.parents[m].unit_id)
			array->units[i].parent_id = array->moved.parents[m].parent_id;
	}
}

/* A unit's position (while the tree is being made: its rank by id), -1 when there is none of that id. */
int
rgt_tree_find(const RgtTree *tree, int32 unit_id)
{
	int			low = 0;
	int			high;

	if (tree->by_id != NULL)
	{
		int64		offset = (int64) unit_id - tree->least_id;

		return offset < 0 || offset >= tree->span ? -1 : tree->by_id[offset] - 1;
	}
	for (high = tree->nids; low < high;)
	{
		int			middle = low + (high - low) / 2;

		if (tree->ids[middle] < unit_id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < tree->nids && tree->ids[low] == unit_id ? tree->position[low] : -1;
}

/*
 * List the children of every unit: those of the unit at rank i are child[start[i]] ..
 * child[start[i + 1] - 1], and the roots child[start[n]] .. .  A unit whose parent does not exist
 * counts as a root: verify() names it.
 */
static void
list_children(const RgtTree *tree, const UnitArray *array, int *start, int *child)
{
	int			n = array->n;
	int		   *parent = array_of(sizeof(int), n);

	for (int i = 0; i < n; i++)
	{
		parent[i] = array->units[i].parent_id == 0 ? -1 : rgt_tree_find(tree, array->units[i].parent_id);
		if (parent[i] < 0)
			parent[i] = n;
		start[parent[i] + 1]++;
	}
	for (int i = 0; i <= n; i++)
		start[i + 1] += start[i];
	for (int i = 0; i < n; i++)
		child[start[parent[i]]++] = i;
	/* Filling moved every start to the next one's: move them back. */
	for (int i = n; i >= 0; i--)
		start[i + 1] = start[i];
	start[0] = 0;
	pfree(parent);
}

/* Give the unit of a rank the next position. */
static void
place(RgtTree *tree, const Unit *unit, int rank, int parent, int *rank_at)
{
	int			p = tree->n++;

	tree->unit_id[p] = unit->unit_id;
	tree->parent[p] = parent;
	tree->opened_on[p] = unit->opened_on;
	tree->closed_on[p] = unit->closed_on;
	rank_at[p] = rank;
}

/* Roots first, then the children of each unit placed so far. */
static void
place_all(RgtTree *tree, const UnitArray *array, const int *start, const int *child, int *rank_at)
{
	tree->n = 0;
	for (int c = start[array->n]; c < start[array->n + 1]; c++)
		place(tree, &array->units[child[c]], child[c], -1, rank_at);
	tree->roots = tree->n;
	for (int p = 0; p < tree->n; p++)
	{
		int			rank = rank_at[p];

		tree->first_child[p] = tree->n;
		tree->children[p] = start[rank + 1] - start[rank];
		for (int c = start[rank]; c < start[rank + 1]; c++)
			place(tree, &array->units[child[c]], child[c], p, rank_at);
	}
}

/* From now on the finder leads to positions; units that have none are not found. */
static void
end_finder(RgtTree *tree, const int *rank_at)
{
	if (tree->by_id != NULL)
	{
		memset(tree->by_id, 0, sizeof(int) * tree->span);
		for (int p = 0; p < tree->n; p++)
			tree->by_id[tree->unit_id[p] - tree->least_id] = p + 1;
		return;
	}
	for (int i = 0; i < tree->nids; i++)
		tree->position[i] = -1;
	for (int p = 0; p < tree->n; p++)
		tree->position[rank_at[p]] = p;
}

static RgtTree *
allocate_tree(int n)
{
	RgtTree    *tree = palloc0(sizeof(RgtTree));

	tree->nids = n;
	tree->unit_id = array_of(sizeof(int32), n);
	tree->parent = array_of(sizeof(int), n);
	tree->first_child = array_of(sizeof(int), n);
	tree->children = array_of(sizeof(int), n);
	tree->opened_on = array_of(sizeof(DateADT), n);
	tree->closed_on = array_of(sizeof(DateADT), n);
	return tree;
}

#ifdef USE_ASSERT_CHECKING
void
rgt_assert_tree(const RgtTree *tree)
{
	int			child = tree->roots;

	Assert(tree->roots >= 0 && tree->roots <= tree->n && tree->n <= tree->nids);
	for (int p = 0; p < tree->n; p++)
	{
		Assert(rgt_tree_find(tree, tree->unit_id[p]) == p);
		Assert(p < tree->roots ? tree->parent[p] == -1 : tree->parent[p] >= 0 && tree->parent[p] < p);
		Assert(p == 0 || tree->parent[p] > tree->parent[p - 1] ||
			   (tree->parent[p] == tree->parent[p - 1] && tree->unit_id[p] > tree->unit_id[p - 1]));
		Assert(tree->children[p] >= 0 && tree->first_child[p] == child);
		child += tree->children[p];
		Assert(child <= tree->n);
		Assert(tree->children[p] == 0 || (tree->parent[tree->first_child[p]] == p && tree->parent[child - 1] == p));
	}
	Assert(child == tree->n);
}
#endif

static UnitArray
no_units(void)
{
	UnitArray	array = {.units = palloc(sizeof(Unit) * 1024), .allocated = 1024};

	return array;
}

/*
 * Put units into a tree.  Those in a cycle, which the table's trigger refuses but a restore could bring,
 * are left out: nothing leads to them from a root.
 */
static RgtTree *
make_tree(UnitArray *array)
{
	RgtTree    *tree = allocate_tree(array->n);
	int		   *start = array_of(sizeof(int), (int64) array->n + 2);
	int		   *child = array_of(sizeof(int), array->n);
	int		   *rank_at = array_of(sizeof(int), array->n);

	begin_finder(tree, array);
	sort_units(tree, array);
	replace_parents(array);
	list_children(tree, array, start, child);
	place_all(tree, array, start, child, rank_at);
	end_finder(tree, rank_at);
	pfree(start);
	pfree(child);
	pfree(rank_at);
	pfree(array->units);
	AssertCheckTree(tree);
	return tree;
}

/* Read all units, some of them below others than their rows say. */
RgtTree *
rgt_tree_with(RgtSnapshot which, const RgtParents *parents)
{
	UnitArray	array = no_units();
	Snapshot	snapshot = rgt_snapshot(which);

	rgt_each_stored("units", snapshot, 0, add_unit, &array);
	array.moved = *parents;
	UnregisterSnapshot(snapshot);
	return make_tree(&array);
}

/* Read all units as they stand on a day; DATEVAL_NOEND: after the last move on record. */
RgtTree *
rgt_tree_read(RgtSnapshot which, DateADT day)
{
	Snapshot	snapshot = rgt_snapshot(which);
	RgtParents	parents = rgt_parents_on(snapshot, day);

	UnregisterSnapshot(snapshot);
	return rgt_tree_with(which, &parents);
}

/* The company's day, by the policy of a snapshot. */
DateADT
rgt_today_of(RgtSnapshot which)
{
	Snapshot	snapshot = rgt_snapshot(which);
	DateADT		today = rgt_today(snapshot);

	UnregisterSnapshot(snapshot);
	return today;
}

/* ---- a part of it --------------------------------------------------------------------------- */

/* The unit itself; false when there is none. */
static bool
find_unit(UnitArray *array, Snapshot snapshot, int32 unit_id)
{
	RgtLookup	lookup;
	Datum		key = Int32GetDatum(unit_id);
	bool		found;

	rgt_lookup_begin(&lookup, "units", NULL, 1, AccessShareLock, snapshot);
	rgt_lookup_keys(&lookup, &key);
	found = rgt_lookup_next(&lookup, ForwardScanDirection);
	if (found)
	{
		slot_getallattrs(lookup.slot);
		add_unit(lookup.slot, array);
	}
	rgt_lookup_end(&lookup);
	return found;
}

/* Units by their ids, those that there are; false when they are more than `most`. */
static bool
find_begun(UnitArray *array, Snapshot snapshot, int most)
{
	for (int i = 0; i < array->nbegun && array->n <= most; i++)
		(void) find_unit(array, snapshot, array->begun[i]);
	return array->n <= most;
}

/* Does a part that begins with several units begin with this one?  Then it is there already. */
static bool
is_begun(const UnitArray *array, int32 unit_id)
{
	return array->nbegun > 1 &&
		bsearch(&unit_id, array->begun, array->nbegun, sizeof(int32), rgt_order_by_unit) != NULL;
}

/* The units that are below one by their own rows and have not moved after the day. */
static void
find_children(UnitArray *array, RgtLookup *lookup, int32 unit_id, int most)
{
	Datum		key = Int32GetDatum(unit_id);

	rgt_lookup_keys(lookup, &key);
	while (array->n <= most && rgt_lookup_next(lookup, ForwardScanDirection))
	{
		CHECK_FOR_INTERRUPTS();
		slot_getallattrs(lookup->slot);
		add_unit(lookup->slot, array);
		if (rgt_find_parent(&array->moved, array->units[array->n - 1].unit_id) != NULL ||
			is_begun(array, array->units[array->n - 1].unit_id))
			array->n--;
	}
}

/* The units that were below one on the day and have moved since. */
static void
find_moved_children(UnitArray *array, Snapshot snapshot, int32 unit_id, int most)
{
	for (int m = 0; m < array->moved.n && array->n <= most; m++)
	{
		if (array->moved.parents[m].parent_id == unit_id && !is_begun(array, array->moved.parents[m].unit_id))
			(void) find_unit(array, snapshot, array->moved.parents[m].unit_id);
	}
}

/* The units below those that are there; false when that makes more than `most`, or no index leads to them. */
static bool
find_below(UnitArray *array, Snapshot snapshot, int most)
{
	RgtLookup	lookup;

	if (!rgt_lookup_begin_by(&lookup, "units", array->parent_id, 1, AccessShareLock, snapshot))
		return false;
	for (int i = 0; i < array->n && array->n <= most; i++)
	{
		find_children(array, &lookup, array->units[i].unit_id, most);
		find_moved_children(array, snapshot, array->units[i].unit_id, most);
	}
	rgt_lookup_end(&lookup);
	return array->n <= most;
}

/* Where a unit is on the day: 0 for no parent. */
static int32
parent_of(const UnitArray *array, const Unit *unit)
{
	const RgtParent *moved = rgt_find_parent(&array->moved, unit->unit_id);

	return moved == NULL ? unit->parent_id : moved->parent_id;
}

/* The units above the one that is there; false when that makes more than `most`. */
static bool
find_above(UnitArray *array, Snapshot snapshot, int most)
{
	int32		parent_id;

	do
	{
		CHECK_FOR_INTERRUPTS();
		parent_id = parent_of(array, &array->units[array->n - 1]);
	} while (parent_id != 0 && array->n <= most && find_unit(array, snapshot, parent_id));
	return array->n <= most;
}

/* Some units, in order of their ids, and those above or below them; NULL when that makes more than `most`. */
static RgtTree *
read_part(RgtSnapshot which, const RgtParents *moved, const int32 *unit_id, int n, int most,
		  bool (*find_others) (UnitArray *, Snapshot, int))
{
	UnitArray	array = no_units();
	Snapshot	snapshot = rgt_snapshot(which);
	RgtTree    *tree;
	bool		few;

	array.moved = *moved;
	array.begun = unit_id;
	array.nbegun = n;
	few = find_begun(&array, snapshot, most) && (array.n == 0 || find_others(&array, snapshot, most));
	UnregisterSnapshot(snapshot);
	if (!few)
	{
		pfree(array.units);
		return NULL;
	}
	tree = make_tree(&array);
	tree->part = true;
	tree->moved = array.moved;
	return tree;
}

static RgtParents
parents_on(RgtSnapshot which, DateADT day)
{
	Snapshot	snapshot = rgt_snapshot(which);
	RgtParents	moved = rgt_parents_on(snapshot, day);

	UnregisterSnapshot(snapshot);
	return moved;
}

/* A part that begins with one unit, or the whole tree. */
static RgtTree *
part_or_all(RgtSnapshot which, DateADT day, int32 unit_id, int most, bool (*find_others) (UnitArray *, Snapshot, int))
{
	RgtParents	moved = parents_on(which, day);
	RgtTree    *part = read_part(which, &moved, &unit_id, 1, most, find_others);

	return part != NULL ? part : rgt_tree_with(which, &moved);
}

/*
 * A unit and all below it, read by their keys, so that it costs what they are and not what the organisation is.
 * Where they are more than `most`, reading all is no dearer: then it is the whole tree.
 */
RgtTree *
rgt_tree_below(RgtSnapshot which, DateADT day, int32 unit_id, int most)
{
	return part_or_all(which, day, unit_id, most, find_below);
}

/*
 * The same of several units, in order of their ids and each once; NULL where they and those below are more than `most`.
 * A unit whose parent is not among all these is a root.
 */
RgtTree *
rgt_tree_below_all(RgtSnapshot which, DateADT day, const int32 *unit_id, int n, int most)
{
	RgtParents	moved = parents_on(which, day);

	return read_part(which, &moved, unit_id, n, most, find_below);
}

/* The same of a unit and all above it. */
RgtTree *
rgt_tree_above(RgtSnapshot which, DateADT day, int32 unit_id, int most)
{
	return part_or_all(which, day, unit_id, most, find_above);
}

/* Units by themselves, each a root and once: for whoever asks for their names alone. */
RgtTree *
rgt_tree_of_units(const int32 *unit_id, int n)
{
	int32	   *sorted = palloc(sizeof(int32) * Max(n, 1));
	UnitArray	array = no_units();
	RgtTree    *tree;

	memcpy(sorted, unit_id, sizeof(int32) * n);
	qsort(sorted, n, sizeof(int32), rgt_order_by_unit);
	for (int i = 0; i < n; i++)
	{
		if (i > 0 && sorted[i] == sorted[i - 1])
			continue;
		RGT_GROW(array.units, array.n, array.allocated);
		array.units[array.n++] = (Unit) {sorted[i], 0, DATEVAL_NOBEGIN, DATEVAL_NOEND};
	}
	tree = make_tree(&array);
	tree->part = true;
	pfree(sorted);
	return tree;
}

/* Is the unit itself open on a day?  It is on its first and on its last one. */
bool
rgt_tree_open(const RgtTree *tree, int position, DateADT day)
{
	return tree->opened_on[position] <= day && day <= tree->closed_on[position];
}

/* How many units are above it. */
int
rgt_tree_depth(const RgtTree *tree, int position)
{
	int			depth = 0;

	while ((position = tree->parent[position]) >= 0)
		depth++;
	return depth;
}

/* Turn each unit's own value into the sum over it and all units below, in one fixed order. */
void
rgt_tree_sum_up(const RgtTree *tree, double *values)
{
	AssertCheckTree(tree);
	for (int p = tree->n - 1; p >= tree->roots; p--)
		values[tree->parent[p]] += values[p];
}

/* A unit with more than this share of all units below it is not read by their keys: that would cost more than all. */
#define PART_OF_ALL 20
#define SMALL_PART 100

/* Up to how many units below one are read by their keys where sums go up the tree, by what the last vacuum counted. */
int
rgt_most_in_part(void)
{
	Relation	units = table_open(rgt_relation("units"), AccessShareLock);
	double		n = units->rd_rel->reltuples;

	table_close(units, NoLock);
	return (int) Max(n / PART_OF_ALL, SMALL_PART);
}
