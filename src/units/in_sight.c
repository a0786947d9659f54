/*
 * units/in_sight.c
 *	  The part of the organisation that somebody sees, so that what he asks of all units costs what he sees.
 *
 * Sight is by today's tree, as committed by now; the part is of any day: each unit that he sees today, with all that
 * were below it on that day.
 */
#include "postgres.h"

#include "access/access.h"
#include "regtarget.h"
#include "units/units.h"

/* Ids in order, each once. */
typedef struct Ids
{
	int32	   *unit_id;
	int			n;
} Ids;

static void
sort_ids(Ids *ids)
{
	int			n = 0;

	qsort(ids->unit_id, ids->n, sizeof(int32), rgt_order_by_unit);
	for (int i = 0; i < ids->n; i++)
	{
		if (n == 0 || ids->unit_id[n - 1] != ids->unit_id[i])
			ids->unit_id[n++] = ids->unit_id[i];
	}
	ids->n = n;
}

/* The units of a tree, and room for as many more. */
static Ids
ids_of(const RgtTree *tree)
{
	Ids			ids = {palloc_extended(sizeof(int32) * 2 * (Size) Max(tree->n, 1), MCXT_ALLOC_HUGE), tree->n};

	memcpy(ids.unit_id, tree->unit_id, sizeof(int32) * (Size) tree->n);
	return ids;
}

/* The unit above one on a day; 0: none. */
static int32
parent_on(RgtSnapshot which, DateADT day, int32 unit_id)
{
	const RgtTree *way = rgt_tree_above(which, day, unit_id, RGT_FEW_UNITS);
	int			p = rgt_tree_find(way, unit_id);

	return p < 0 || way->parent[p] < 0 ? 0 : way->unit_id[way->parent[p]];
}

/* A part with all siblings of its units and what is below them; NULL: that is too much, or one of them has no parent. */
static RgtTree *
with_siblings(RgtSnapshot which, DateADT day, const RgtTree *part, int most)
{
	Ids			ids = ids_of(part);

	for (int p = 0; p < part->roots; p++)
	{
		int32		parent_id = parent_on(which, day, part->unit_id[p]);

		if (parent_id == 0)
			return NULL;
		ids.unit_id[ids.n++] = parent_id;
	}
	sort_ids(&ids);
	return rgt_tree_below_all(which, day, ids.unit_id, ids.n, most);
}

/* What a role sees, if that is no more than `most`; else NULL. */
static RgtTree *
part_in_sight(RgtSnapshot which, DateADT day, Oid role, bool siblings, int most)
{
	RgtSnapshot newest = rgt_newest_snapshot();
	Ids			ids;
	RgtTree    *part;

	ids.unit_id = rgt_units_of_duties(role, &ids.n);
	part = rgt_tree_below_all(newest, rgt_today_of(newest), ids.unit_id, ids.n, most);
	if (part == NULL)
		return NULL;
	ids = ids_of(part);
	sort_ids(&ids);
	part = rgt_tree_below_all(which, day, ids.unit_id, ids.n, most);
	return siblings && part != NULL ? with_siblings(which, day, part, most) : part;
}

/*
 * The units that a role sees and all below them on a day and, if wanted, all their siblings on it, read by their keys.
 * Where they are more than `most`: all units.
 */
RgtTree *
rgt_tree_in_sight(RgtSnapshot which, DateADT day, Oid role, bool siblings, int most)
{
	RgtTree    *part = NULL;

	if (!rgt_sees_all(role) && rgt_duties_at_top(role) == 0)
		part = part_in_sight(which, day, role, siblings, most);
	return part != NULL ? part : rgt_tree_read(which, day);
}
