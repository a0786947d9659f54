/*
 * units/period_tree.c
 *	  The tree of a period: that of its first day, but where a published live plan has a unit, as the plan has it.
 *
 * A plan keeps its tree: whoever moves later, or is put elsewhere by a correction, what the plan's figures are
 * compared with is summed as the plan was made, or as its targets have moved since.  Mostly the two are the same, and
 * only what differs is read.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"

#include "regtarget.h"
#include "units/units.h"

#define OP(symbol) " OPERATOR(pg_catalog." #symbol ") "
#define IS_PUBLISHED \
	"p.period" OP(=) "$1 AND p.mode" OP(=) "'live' AND p.status" OP(=) "ANY ('{published,closed}'::pg_catalog.text[]) "
#define PUBLISHED \
	"FROM regtarget.plans p JOIN regtarget.targets t ON t.plan_id" OP(=) "p.plan_id WHERE " IS_PUBLISHED

typedef struct PlanParents
{
	RgtParents	parents;
	int			allocated;
} PlanParents;

static void
add_parent(TupleTableSlot *slot, void *arg)
{
	PlanParents *all = arg;

	RGT_GROW(all->parents.parents, all->parents.n, all->allocated);
	all->parents.parents[all->parents.n++] = (RgtParent) {
		DatumGetInt32(slot->tts_values[0]), DatumGetInt32(slot->tts_values[1])
	};
}

/*
 * The parents in published plans of units whose own row says another, or that are among `moved`: where both agree,
 * nothing need be said.  A plan's root is where the tree has it.
 */
static RgtParents
parents_in_plans(RgtSnapshot which, const RgtPeriod *period, const RgtParents *moved)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT t.unit_id, t.parent_unit_id " PUBLISHED "AND t.parent_unit_id IS NOT NULL AND (t.unit_id" OP(=) "ANY ($2) "
		"OR NOT EXISTS (SELECT FROM regtarget.units u WHERE u.unit_id" OP(=) "t.unit_id "
		"AND u.parent_id" OP(=) "t.parent_unit_id)) "
		"ORDER BY t.unit_id", TEXTOID, INT4ARRAYOID);
	PlanParents all = {.parents = {palloc(sizeof(RgtParent) * 16), 0, DATEVAL_NOEND}, .allocated = 16};
	int32	   *units = palloc(sizeof(int32) * Max(moved->n, 1));
	Datum		arguments[2] = {PointerGetDatum(period->period)};

	for (int i = 0; i < moved->n; i++)
		units[i] = moved->parents[i].unit_id;
	arguments[1] = rgt_int_array(units, moved->n);
	rgt_run(&query, which, arguments, NULL, add_parent, &all);
	return all.parents;
}

/* Both lists by unit_id; where a unit is in both, the second counts. */
static RgtParents
merge(const RgtParents *first, const RgtParents *second)
{
	RgtParents	merged = {palloc(sizeof(RgtParent) * Max(first->n + second->n, 1)), 0, DATEVAL_NOEND};

	for (int i = 0, j = 0; i < first->n || j < second->n;)
	{
		int			order = i == first->n ? 1 : j == second->n ? -1 :
			RGT_ORDER(first->parents[i].unit_id, second->parents[j].unit_id);

		merged.parents[merged.n++] = order < 0 ? first->parents[i] : second->parents[j];
		i += order <= 0;
		j += order >= 0;
	}
	return merged;
}

/* All units in the tree of a period. */
RgtTree *
rgt_tree_of_period(RgtSnapshot which, const RgtPeriod *period)
{
	Snapshot	snapshot = rgt_snapshot(which);
	RgtParents	moved = rgt_parents_on(snapshot, period->first);
	RgtParents	planned;
	RgtParents	merged;
	RgtTree    *tree;

	UnregisterSnapshot(snapshot);
	planned = parents_in_plans(which, period, &moved);
	if (planned.n == 0)
		return rgt_tree_with(which, &moved);
	merged = merge(&moved, &planned);
	tree = rgt_tree_with(which, &merged);
	/* A correction may have put a plan's root below the plan: then the day's tree is the one that leads to all. */
	return tree->n < tree->nids ? rgt_tree_with(which, &moved) : tree;
}

/* Does a published plan have a unit of the part elsewhere, or, of a part downwards, another unit below one of it? */
static bool
differs(RgtSnapshot which, const RgtPeriod *period, const RgtTree *part, bool downwards)
{
	/* Unit by unit, so that no plan reads all targets of a plan for the few of a part. */
	static RgtQuery elsewhere = RGT_KEY_QUERY(
		"SELECT FROM regtarget.plans p CROSS JOIN ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3)) AS u (unit_id, "
		"parent_id) CROSS JOIN LATERAL ("
		"SELECT t.parent_unit_id FROM regtarget.targets t WHERE t.plan_id" OP(=) "p.plan_id "
		"AND t.unit_id" OP(=) "u.unit_id OFFSET 0) AS t "
		"WHERE " IS_PUBLISHED "AND t.parent_unit_id" OP(<>) "u.parent_id LIMIT 1", TEXTOID, INT4ARRAYOID, INT4ARRAYOID);
	static RgtQuery below = RGT_KEY_QUERY(
		"SELECT FROM regtarget.plans p CROSS JOIN pg_catalog.unnest($2) AS u (unit_id) CROSS JOIN LATERAL ("
		"SELECT t.unit_id FROM regtarget.targets t WHERE t.plan_id" OP(=) "p.plan_id "
		"AND t.parent_unit_id" OP(=) "u.unit_id OFFSET 0) AS t "
		"WHERE " IS_PUBLISHED "AND t.unit_id" OP(<>) "ALL ($2) LIMIT 1", TEXTOID, INT4ARRAYOID);
	int32	   *parents = palloc(sizeof(int32) * Max(part->n, 1));
	Datum		arguments[3] = {PointerGetDatum(period->period), rgt_int_array(part->unit_id, part->n)};

	for (int p = part->roots; p < part->n; p++)
		parents[p] = part->unit_id[part->parent[p]];
	arguments[2] = rgt_int_array(parents + part->roots, part->n - part->roots);
	if (downwards && rgt_run(&below, which, arguments, NULL, NULL, NULL) > 0)
		return true;
	arguments[1] = rgt_int_array(part->unit_id + part->roots, part->n - part->roots);
	return rgt_run(&elsewhere, which, arguments, NULL, NULL, NULL) > 0;
}

/* Does a published plan have a unit of the part, or of what is below a unit of it, elsewhere? */
bool
rgt_plans_differ(RgtSnapshot which, const RgtPeriod *period, const RgtTree *part)
{
	return differs(which, period, part, true);
}

/* A unit and all below it, as rgt_tree_below() reads them. */
RgtTree *
rgt_tree_of_period_below(RgtSnapshot which, const RgtPeriod *period, int32 unit_id, int most)
{
	RgtTree    *part = rgt_tree_below(which, period->first, unit_id, most);

	return !part->part || differs(which, period, part, true) ? rgt_tree_of_period(which, period) : part;
}

/* A unit and all above it. */
RgtTree *
rgt_tree_of_period_above(RgtSnapshot which, const RgtPeriod *period, int32 unit_id, int most)
{
	RgtTree    *part = rgt_tree_above(which, period->first, unit_id, most);

	return !part->part || differs(which, period, part, false) ? rgt_tree_of_period(which, period) : part;
}
