/*
 * health/of_unit.c
 *	  health_of_unit(): the health of one unit, for views that show a few.
 *
 * Of a few units each is measured over itself and those below it; of so many, all are measured once and kept for
 * the statement.
 */
#include "postgres.h"

#include "access/access.h"
#include "health/health.h"
#include "health/signals.h"
#include "regtarget.h"
#include "units/units.h"

typedef struct HealthMemory
{
	RgtMemory	memory;
	int			read;			/* so many units were read one by one */
	RgtSignals *all;			/* of all units; NULL: not measured */
	RgtTotals	totals;
} HealthMemory;

/* One by one, up to so many are read. */
#define FEW_READ 20

/* The signals of the unit at least; they were not measured of all units for that day. */
static RgtSignals *
measure_below(HealthMemory *memory, int32 unit_id, DateADT as_of)
{
	MemoryContext old;
	RgtSignals *signals;

	memory->totals.context = memory->memory.context;
	if (memory->read < FEW_READ)
	{
		RgtTree    *tree = rgt_tree_below(RGT_CALLER, as_of, unit_id, RGT_FEW_UNITS);

		memory->read += tree->part ? Max(tree->n, 1) : FEW_READ;
		if (tree->part)
		{
			signals = rgt_signals(tree, as_of, RGT_CALLER);
			signals->totals = &memory->totals;
			return signals;
		}
	}
	old = MemoryContextSwitchTo(memory->memory.context);
	signals = rgt_signals(rgt_tree_read(RGT_CALLER, as_of), as_of, RGT_CALLER);
	MemoryContextSwitchTo(old);
	signals->totals = &memory->totals;
	rgt_signal_computed(signals, RGT_HEALTH);
	memory->all = signals;
	return signals;
}

static Datum
health_in(FunctionCallInfo fcinfo, RgtSignals *signals)
{
	const RgtSignal *health = rgt_signal_computed(signals, RGT_HEALTH);
	int			p = rgt_tree_find(signals->tree, PG_GETARG_INT32(0));

	if (p < 0 || !health->known[p])
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(health->value[p]);
}

/* health_of_unit(unit_id, as_of): its health; null where it is not known, and for a unit that is not visible. */
PG_FUNCTION_INFO_V1(rgt_health_of_unit);
Datum
rgt_health_of_unit(PG_FUNCTION_ARGS)
{
	HealthMemory *memory = rgt_memory(fcinfo, sizeof(HealthMemory));
	MemoryContext context = CurrentMemoryContext;
	DateADT		as_of = rgt_required_day(fcinfo, 1, "as_of");
	RgtSignals *signals;
	RgtSession	session;
	Datum		health;

	if (PG_ARGISNULL(0) || !rgt_in_sight(rgt_caller(), PG_GETARG_INT32(0)))
		PG_RETURN_NULL();
	if (memory->all != NULL && memory->all->as_of == as_of)
		return health_in(fcinfo, memory->all);
	rgt_enter(&session);
	signals = measure_below(memory, PG_GETARG_INT32(0), as_of);
	MemoryContextSwitchTo(context);
	health = health_in(fcinfo, signals);
	rgt_end(&session);
	return health;
}
