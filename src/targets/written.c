/*
 * targets/written.c
 *	  The units that the targets of a statement name are there when it ends, and stay.
 *
 * The guard looks up units before it lets rows in; until they are in, somebody could delete one of them.  So
 * it notes the units, and a trigger at the end of the statement looks again (see base/references.c for why
 * that is late enough and soon enough).  A transition table would tell the units as well, but cost a tenth of
 * writing the targets.
 *
 * What is noted belongs to the statement's guard, which other triggers cannot reach: so there is a list of guards,
 * which each of them leaves with the memory of its statement, in errors too.
 */
#include "postgres.h"

#include "commands/trigger.h"
#include "utils/memutils.h"

#include "regtarget.h"
#include "targets/guard.h"
#include "units/units.h"

/* The innermost statement first. */
static RgtGuard *guards = NULL;

/* The memory of a statement goes. */
static void
leave_list(void *arg)
{
	RgtGuard  **link = &guards;

	while (*link != NULL && *link != arg)
		link = &(*link)->outer;
	if (*link != NULL)
		*link = (*link)->outer;
}

static void
join_list(RgtGuard *guard)
{
	guard->end.func = leave_list;
	guard->end.arg = guard;
	MemoryContextRegisterResetCallback(guard->context, &guard->end);
	guard->outer = guards;
	guards = guard;
	guard->listed = true;
}

/* Neighbours are often alike, parents above all. */
static void
note(RgtWrittenUnits *written, int32 unit_id, MemoryContext context)
{
	if (written->n > 0 && DatumGetInt32(written->ids[written->n - 1]) == unit_id)
		return;
	if (written->n == written->allocated)
	{
		written->allocated = Max(written->allocated * 2, 16);
		written->ids = written->ids == NULL ? MemoryContextAlloc(context, sizeof(Datum) * written->allocated) :
			repalloc_huge(written->ids, sizeof(Datum) * written->allocated);
	}
	written->ids[written->n++] = Int32GetDatum(unit_id);
}

/* A row is about to be written that names this unit, and this parent (0: none). */
void
rgt_guard_note(RgtGuard *guard, int32 unit_id, int32 parent)
{
	if (!guard->listed)
		join_list(guard);
	note(&guard->units, unit_id, guard->context);
	if (parent != 0)
		note(&guard->parents, parent, guard->context);
}

/* Are all units of the trees there that the guard has read, and nobody is taking one away? */
static bool
trees_stay(const RgtGuard *guard)
{
	const RgtTree *last = NULL;

	for (const RgtGuardedPlan *plan = guard->plans; plan != NULL; plan = plan->next)
	{
		if (plan->tree == NULL || plan->tree == last)
			continue;
		last = plan->tree;
		if (!rgt_units_stay(last))
			return false;
	}
	return last != NULL;
}

/* How many of the noted units have to be looked up one by one: those before the first tree, or all. */
static int64
lookups_needed(const RgtGuard *guard)
{
	if (rgt_nobody_wrote_since(&guard->before))
		return 0;
	if (!guard->trees_lost && guard->units.n > RGT_LOOKUPS_BEFORE_TREE * 2 && trees_stay(guard))
		return RGT_LOOKUPS_BEFORE_TREE;
	return guard->units.n;
}

static void
check_written(RgtGuard *guard)
{
	int64		n = lookups_needed(guard);

	if (n > 0)
	{
		rgt_check_reference("targets", "unit_id", guard->units.ids, n);
		rgt_check_reference("targets", "parent_unit_id", guard->parents.ids, Min(n, guard->parents.n));
	}
	guard->units.n = 0;
	guard->parents.n = 0;
}

/* AFTER INSERT or UPDATE of targets, for each statement. */
PG_FUNCTION_INFO_V1(rgt_check_target_units);
Datum
rgt_check_target_units(PG_FUNCTION_ARGS)
{
	rgt_trigger(fcinfo, "regtarget.check_target_units", "targets", RGT_AFTER_STATEMENT);
	for (RgtGuard *guard = guards; guard != NULL; guard = guard->outer)
	{
		if (guard->units.n > 0)
			check_written(guard);
	}
	return PointerGetDatum(NULL);
}
