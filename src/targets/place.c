/*
 * targets/place.c
 *	  place_in_plan(): where a unit stands in the tree of a plan.
 *
 * A plan keeps its tree in the parents of its targets, and its figures are summed through it.  So views of targets name
 * the parent, region and depth of that tree, whoever has moved since.  Above the plan's root, and above a unit of a draft
 * whose parent has no target in it, the tree of the period's first day goes on.
 *
 * Views ask target by target: what is above one is read by keys.  From so many on the whole plan is read once, as an
 * array by the positions of that day's tree.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/snapmgr.h"

#include "access/access.h"
#include "regtarget.h"
#include "units/units.h"

/* All units as they stand on a day. */
typedef struct Day
{
	DateADT		day;
	RgtPlaces	places;
} Day;

/* What an array of a plan says of units that have no parent in it. */
#define NO_TARGET (-2)
#define IS_ROOT (-1)

typedef struct PlanTree
{
	int64		plan_id;
	DateADT		first;			/* day of its period */
	int			most;			/* so many units are read by their keys */
	int			read;			/* and these have been */
	const Day  *day;			/* NULL: the plan has not been read */
	int		   *above;			/* by position in the day's tree: the parent's, in the plan */
	bool	   *has_below;		/* has a target in the plan this parent? */
} PlanTree;

typedef struct PlanMemory
{
	RgtMemory	memory;
	TupleDesc	desc;
	List	   *plans;			/* of PlanTree, the newest in front */
	List	   *days;			/* of Day */
} PlanMemory;

/* A unit and those above it, up to the root. */
typedef struct Way
{
	int			n;				/* 0: it has no target in the plan */
	int			allocated;
	int32	   *unit_id;
	const RgtLabel **label;
	bool		is_leaf;
} Way;

/* ---- what the statement remembers ------------------------------------------------------------ */

/* The first day of a plan's period, at which it takes the rest of the tree; false when there is no such plan. */
static bool
find_first_day(int64 plan_id, DateADT *first)
{
	static RgtQuery query = RGT_KEY_QUERY(
		"SELECT pg_catalog.lower(q.during) FROM regtarget.plans p JOIN regtarget.periods q ON q.period OPERATOR(pg_catalog.=) "
		"p.period WHERE p.plan_id OPERATOR(pg_catalog.=) $1", INT8OID);
	Datum		argument = Int64GetDatum(plan_id);
	RgtSession	session;
	Datum		day;
	bool		isnull;
	bool		found;

	rgt_enter(&session);
	found = rgt_one(&query, RGT_CALLER, &argument, NULL, &day, &isnull, 1);
	rgt_end(&session);
	*first = found ? DatumGetDateADT(day) : 0;
	return found;
}

/* NULL: there is no such plan. */
static PlanTree *
find_plan(PlanMemory *memory, int64 plan_id)
{
	MemoryContext old;
	ListCell   *cell;
	DateADT		first;
	PlanTree   *plan;

	foreach(cell, memory->plans)
	{
		plan = lfirst(cell);
		if (plan->plan_id == plan_id)
			return plan;
	}
	if (!find_first_day(plan_id, &first))
		return NULL;
	old = MemoryContextSwitchTo(memory->memory.context);
	plan = palloc0(sizeof(PlanTree));
	plan->plan_id = plan_id;
	plan->first = first;
	plan->most = rgt_most_in_part();
	memory->plans = lcons(plan, memory->plans);
	MemoryContextSwitchTo(old);
	return plan;
}

static const Day *
find_day(PlanMemory *memory, DateADT first)
{
	ListCell   *cell;
	Day		   *day;

	foreach(cell, memory->days)
	{
		day = lfirst(cell);
		if (day->day == first)
			return day;
	}
	day = palloc(sizeof(Day));
	day->day = first;
	day->places = rgt_places_read(rgt_tree_read(RGT_CALLER, first));
	memory->days = lcons(day, memory->days);
	return day;
}

/* ---- a plan as a whole ------------------------------------------------------------------------ */

static void
add_target(PlanTree *plan, int32 unit_id, int32 parent_id)
{
	const RgtTree *tree = plan->day->places.tree;
	int			p = rgt_tree_find(tree, unit_id);
	int			parent = parent_id == 0 ? IS_ROOT : rgt_tree_find(tree, parent_id);

	if (p >= 0)
		plan->above[p] = parent;
	if (parent >= 0)
		plan->has_below[parent] = true;
}

/* A column of a row of targets, by its number; 0 for none. */
static int32
int_of(TupleTableSlot *slot, AttrNumber column)
{
	bool		isnull;
	Datum		value = slot_getattr(slot, column, &isnull);

	return isnull ? 0 : DatumGetInt32(value);
}

static void
read_targets(PlanTree *plan)
{
	AttrNumber	unit_id = rgt_column("targets", "unit_id");
	AttrNumber	parent_id = rgt_column("targets", "parent_unit_id");
	Datum		key = Int64GetDatum(plan->plan_id);
	Snapshot	snapshot = rgt_snapshot(RGT_CALLER);
	RgtLookup	lookup;

	rgt_lookup_begin(&lookup, "targets", "targets_plan_id_unit_id_key", 1, AccessShareLock, snapshot);
	rgt_lookup_keys(&lookup, &key);
	while (rgt_lookup_next(&lookup, ForwardScanDirection))
	{
		CHECK_FOR_INTERRUPTS();
		add_target(plan, int_of(lookup.slot, unit_id), int_of(lookup.slot, parent_id));
	}
	rgt_lookup_end(&lookup);
	UnregisterSnapshot(snapshot);
}

static void
read_plan(PlanMemory *memory, PlanTree *plan)
{
	MemoryContext old = MemoryContextSwitchTo(memory->memory.context);
	int			n;

	plan->day = find_day(memory, plan->first);
	n = Max(plan->day->places.tree->n, 1);
	plan->above = palloc_extended(sizeof(int) * (Size) n, MCXT_ALLOC_HUGE);
	plan->has_below = palloc_extended(sizeof(bool) * (Size) n, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (int p = 0; p < n; p++)
		plan->above[p] = NO_TARGET;
	read_targets(plan);
	MemoryContextSwitchTo(old);
}

static void
add_step(Way *way, int32 unit_id, const RgtLabel *label)
{
	if (way->n == way->allocated)
	{
		way->allocated = Max(2 * way->allocated, 8);
		way->unit_id = way->n == 0 ? palloc(sizeof(int32) * way->allocated) :
			repalloc(way->unit_id, sizeof(int32) * way->allocated);
		way->label = way->n == 0 ? palloc(sizeof(RgtLabel *) * way->allocated) :
			repalloc(way->label, sizeof(RgtLabel *) * way->allocated);
	}
	way->unit_id[way->n] = unit_id;
	way->label[way->n++] = label;
}

/*
 * Up the parents of the plan as far as they lead, and then those of the day: a correction may have put the root of a plan
 * below the plan, so the two do not mix.  No way (n 0) for a unit without a target; nor for one above itself, which no
 * statement of ours makes but a restore could bring.
 */
static Way
way_in_plan(const PlanTree *plan, int32 unit_id)
{
	const RgtPlaces *places = &plan->day->places;
	const RgtTree *tree = places->tree;
	int			p = rgt_tree_find(tree, unit_id);
	bool		inside = true;
	Way			way = {0};

	if (p < 0 || plan->above[p] == NO_TARGET)
		return way;
	way.is_leaf = !plan->has_below[p];
	while (p >= 0 && way.n <= tree->n)
	{
		add_step(&way, tree->unit_id[p], &places->label[p]);
		inside = inside && plan->above[p] >= 0;
		p = inside ? plan->above[p] : tree->parent[p];
	}
	if (way.n > tree->n)
		way.n = 0;
	return way;
}

/* ---- one target, by keys --------------------------------------------------------------------- */

/* From a unit up the parents that the plan has; false when these are more than may be read. */
static bool
go_up_plan(const PlanTree *plan, Snapshot snapshot, int32 unit_id, Way *way)
{
	AttrNumber	parent_id = rgt_column("targets", "parent_unit_id");
	RgtLookup	lookup;

	rgt_lookup_begin(&lookup, "targets", "targets_plan_id_unit_id_key", 2, AccessShareLock, snapshot);
	while (unit_id != 0 && way->n <= plan->most)
	{
		Datum		keys[2] = {Int64GetDatum(plan->plan_id), Int32GetDatum(unit_id)};
		bool		found;

		rgt_lookup_keys(&lookup, keys);
		found = rgt_lookup_next(&lookup, ForwardScanDirection);
		if (!found && way->n == 0)
			break;
		add_step(way, unit_id, NULL);
		unit_id = found ? int_of(lookup.slot, parent_id) : 0;
	}
	rgt_lookup_end(&lookup);
	return way->n <= plan->most;
}

/* From the last unit of a way up the tree of the day; false when that is not read by keys. */
static bool
go_up_day(const PlanTree *plan, Way *way)
{
	const RgtTree *tree = rgt_tree_above(RGT_CALLER, plan->first, way->unit_id[way->n - 1], plan->most);
	int			p = rgt_tree_find(tree, way->unit_id[way->n - 1]);

	if (!tree->part)
		return false;
	while (p >= 0 && (p = tree->parent[p]) >= 0)
		add_step(way, tree->unit_id[p], NULL);
	return true;
}

/* Has no target of the plan this parent? */
static bool
is_leaf(const PlanTree *plan, Snapshot snapshot, int32 unit_id)
{
	Datum		keys[2] = {Int64GetDatum(plan->plan_id), Int32GetDatum(unit_id)};
	RgtLookup	lookup;
	bool		found;

	rgt_lookup_begin(&lookup, "targets", "targets_parent_idx", 2, AccessShareLock, snapshot);
	rgt_lookup_keys(&lookup, keys);
	found = rgt_lookup_next(&lookup, ForwardScanDirection);
	rgt_lookup_end(&lookup);
	return !found;
}

/* The names of the units of a way. */
static void
label_way(Way *way)
{
	RgtPlaces	places = rgt_places_read(rgt_tree_of_units(way->unit_id, way->n));

	for (int i = 0; i < way->n; i++)
		way->label[i] = &places.label[rgt_tree_find(places.tree, way->unit_id[i])];
}

/* False when so much is to be read that the plan as a whole is no dearer. */
static bool
way_by_keys(PlanTree *plan, int32 unit_id, Way *way)
{
	Snapshot	snapshot = rgt_snapshot(RGT_CALLER);
	bool		few = plan->read < plan->most && go_up_plan(plan, snapshot, unit_id, way);

	if (few && way->n > 0)
		few = go_up_day(plan, way);
	plan->read += few ? way->n + 1 : 0;
	if (few && way->n > 0)
	{
		way->is_leaf = is_leaf(plan, snapshot, unit_id);
		label_way(way);
	}
	UnregisterSnapshot(snapshot);
	return few;
}

/* ---- place_in_plan ----------------------------------------------------------------------------- */

/* The nearest unit of kind "region" at or above, else the one below the root; NULL for a root. */
static text *
region_on(const Way *way)
{
	for (int i = 0; i < way->n; i++)
	{
		if (way->label[i]->is_region)
			return way->label[i]->code;
	}
	return way->n < 2 ? NULL : way->label[way->n - 2]->code;
}

static Way
find_way(PlanMemory *memory, int64 plan_id, int32 unit_id)
{
	PlanTree   *plan = find_plan(memory, plan_id);
	Way			way = {0};

	if (plan == NULL || (plan->day == NULL && way_by_keys(plan, unit_id, &way)))
		return way;
	if (plan->day == NULL)
		read_plan(memory, plan);
	return way_in_plan(plan, unit_id);
}

/*
 * place_in_plan(plan_id, unit_id): (parent_id, parent, depth, region, is_leaf), all null where there is no such target or
 * it is not visible.  Who is above it is named whether or not he is visible, as in explain_target().
 */
PG_FUNCTION_INFO_V1(rgt_place_in_plan);
Datum
rgt_place_in_plan(PG_FUNCTION_ARGS)
{
	PlanMemory *memory = rgt_memory(fcinfo, sizeof(PlanMemory));
	const RgtLabel *parent;
	Datum		values[5];
	bool		nulls[5];
	text	   *region;
	Way			way;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || !rgt_plan_in_sight(rgt_caller(), PG_GETARG_INT64(0), PG_GETARG_INT32(1)))
		PG_RETURN_NULL();
	way = find_way(memory, PG_GETARG_INT64(0), PG_GETARG_INT32(1));
	if (way.n == 0)
		PG_RETURN_NULL();
	parent = way.n > 1 ? way.label[1] : NULL;
	region = region_on(&way);
	values[0] = Int32GetDatum(parent == NULL ? 0 : way.unit_id[1]);
	nulls[0] = parent == NULL;
	values[1] = PointerGetDatum(parent == NULL ? NULL : parent->code);
	nulls[1] = DatumGetPointer(values[1]) == NULL;
	values[2] = Int32GetDatum(way.n - 1);
	nulls[2] = false;
	values[3] = PointerGetDatum(region);
	nulls[3] = region == NULL;
	values[4] = BoolGetDatum(way.is_leaf);
	nulls[4] = false;
	return rgt_row(fcinfo, &memory->memory, &memory->desc, values, nulls);
}
