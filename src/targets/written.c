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

/* Reading all units costs as much as looking up so many times fewer. */
#define LOOKUP_COSTS 8

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

/* Are all units that the guard knows there, and nobody is taking one away? */
static bool
nothing_happened(const RgtGuard *guard)
{
	if (rgt_nobody_wrote_since(&guard->before))
		return true;
	return guard->tree != NULL && guard->units.n > guard->tree->n / LOOKUP_COSTS && rgt_units_stay(guard->tree);
}

static void
check_written(RgtGuard *guard)
{
	if (!nothing_happened(guard))
	{
		rgt_check_reference("targets", "unit_id", guard->units.ids, guard->units.n);
		rgt_check_reference("targets", "parent_unit_id", guard->parents.ids, guard->parents.n);
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
