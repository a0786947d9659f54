/*
 * tree.c
 *	  The organisation in memory, in an order that makes rolling up and handing down one pass each.
 *
 * One unordered read, sorted here: a million units take a fraction of a second, and no ORDER BY
 * stands in the way of the scan.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "regtarget.h"

/* Where a unit stands, by its id. */
typedef struct PositionEntry
{
	int32		unit_id;
	int			position;
	char		status;
} PositionEntry;

#define SH_PREFIX rgt_position
#define SH_ELEMENT_TYPE PositionEntry
#define SH_KEY_TYPE int32
#define SH_KEY unit_id
#define SH_HASH_KEY(tb, key) murmurhash32((uint32) (key))
#define SH_EQUAL(tb, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

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
} UnitArray;

static void
add_unit(TupleTableSlot *slot, void *arg)
{
	UnitArray  *array = arg;
	Unit	   *unit;

	if (array->n == array->allocated)
	{
		array->allocated *= 2;
		array->units = repalloc_huge(array->units, sizeof(Unit) * (Size) array->allocated);
	}
	unit = &array->units[array->n++];
	unit->unit_id = DatumGetInt32(slot->tts_values[0]);
	unit->parent_id = slot->tts_isnull[1] ? 0 : DatumGetInt32(slot->tts_values[1]);
	unit->opened_on = slot->tts_isnull[2] ? DATEVAL_NOBEGIN : DatumGetDateADT(slot->tts_values[2]);
	unit->closed_on = slot->tts_isnull[3] ? DATEVAL_NOEND : DatumGetDateADT(slot->tts_values[3]);
}

static int
compare_units(const void *a, const void *b)
{
	int32		left = ((const Unit *) a)->unit_id;
	int32		right = ((const Unit *) b)->unit_id;

	return (left > right) - (left < right);
}

static void *
array_of(Size size, int n)
{
	return palloc_extended(size * (Size) Max(n, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
}

/*
 * List the children of every unit: those of the unit at index i of `units` (sorted by id) are
 * child[start[i]] .. child[start[i + 1] - 1], and start[n] .. are the roots.  A unit whose parent
 * does not exist counts as a root: verify() names it.
 */
static void
list_children(const UnitArray *array, rgt_position_hash *indexes, int *start, int *child)
{
	int			n = array->n;
	int		   *parent = array_of(sizeof(int), n);

	for (int i = 0; i < n; i++)
	{
		PositionEntry *entry = array->units[i].parent_id == 0 ? NULL :
			rgt_position_lookup(indexes, array->units[i].parent_id);

		parent[i] = entry == NULL ? n : entry->position;
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

static RgtTree *
allocate_tree(int n)
{
	RgtTree    *tree = palloc0(sizeof(RgtTree));

	tree->unit_id = array_of(sizeof(int32), n);
	tree->parent = array_of(sizeof(int), n);
	tree->first_child = array_of(sizeof(int), n);
	tree->children = array_of(sizeof(int), n);
	tree->opened_on = array_of(sizeof(DateADT), n);
	tree->closed_on = array_of(sizeof(DateADT), n);
	return tree;
}

static void
place(RgtTree *tree, const Unit *unit, int parent)
{
	int			p = tree->n++;

	tree->unit_id[p] = unit->unit_id;
	tree->parent[p] = parent;
	tree->opened_on[p] = unit->opened_on;
	tree->closed_on[p] = unit->closed_on;
}

/*
 * Read the units.  Those in a cycle, which the table's trigger refuses but a restore could bring,
 * are left out: nothing leads to them from a root.
 */
RgtTree *
rgt_tree_read(RgtSnapshot snapshot)
{
	static RgtQuery query = RGT_QUERY0("SELECT unit_id, parent_id, opened_on, closed_on FROM regtarget.units");
	UnitArray	array = {palloc(sizeof(Unit) * 1024), 0, 1024};
	RgtTree    *tree;
	int		   *start;
	int		   *child;
	int		   *index;

	rgt_run(&query, snapshot, NULL, NULL, add_unit, &array);
	qsort(array.units, array.n, sizeof(Unit), compare_units);
	tree = allocate_tree(array.n);
	tree->positions = rgt_position_create(CurrentMemoryContext, array.n, NULL);
	for (int i = 0; i < array.n; i++)
	{
		bool		found;

		rgt_position_insert(tree->positions, array.units[i].unit_id, &found)->position = i;
	}
	start = array_of(sizeof(int), array.n + 2);
	child = array_of(sizeof(int), array.n);
	index = array_of(sizeof(int), array.n);
	list_children(&array, tree->positions, start, child);

	for (int c = start[array.n]; c < start[array.n + 1]; c++)
	{
		index[tree->n] = child[c];
		place(tree, &array.units[child[c]], -1);
	}
	tree->roots = tree->n;
	for (int p = 0; p < tree->n; p++)
	{
		int			i = index[p];

		tree->first_child[p] = tree->n;
		tree->children[p] = start[i + 1] - start[i];
		for (int c = start[i]; c < start[i + 1]; c++)
		{
			index[tree->n] = child[c];
			place(tree, &array.units[child[c]], p);
		}
		rgt_position_lookup(tree->positions, tree->unit_id[p])->position = p;
	}
	/* Forget what no root leads to. */
	for (int i = 0; tree->n < array.n && i < array.n; i++)
	{
		int			p = rgt_position_lookup(tree->positions, array.units[i].unit_id)->position;

		if (p >= tree->n || tree->unit_id[p] != array.units[i].unit_id)
			rgt_position_delete(tree->positions, array.units[i].unit_id);
	}
	pfree(start);
	pfree(child);
	pfree(index);
	pfree(array.units);
	return tree;
}

/* A unit's position, -1 when the tree has none of that id. */
int
rgt_tree_find(const RgtTree *tree, int32 unit_id)
{
	PositionEntry *entry = rgt_position_lookup(tree->positions, unit_id);

	return entry == NULL ? -1 : entry->position;
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
	for (int p = tree->n - 1; p >= tree->roots; p--)
		values[tree->parent[p]] += values[p];
}
