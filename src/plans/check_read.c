/*
 * plans/check_read.c
 *	  The targets of a plan in memory, in steps, to be judged by check.c.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/datum.h"
#include "utils/memutils.h"

#include "apportion.h"
#include "plans/publish.h"
#include "regtarget.h"

enum
{
	UNIT_ID, PARENT_ID, SUGGESTED, PENALTY, BASELINE, AMOUNT, SAME_CAP, SAME_PERIOD
};

static int64
in_steps(const RgtPlanTargets *all, Datum amount, bool *off_step)
{
	int64		steps = 0;
	MemoryContext old = MemoryContextSwitchTo(all->row);

	if (!rgt_is_finite(DatumGetNumeric(amount)) || rgt_to_steps(&all->step, DatumGetNumeric(amount), &steps) != RGT_FITS)
		*off_step = true;
	MemoryContextSwitchTo(old);
	return steps;
}

/* A figure that is not negative in any plan; one that is counts as none. */
static int64
in_steps_from_0(const RgtPlanTargets *all, Datum figure, bool *off_step)
{
	int64		steps = in_steps(all, figure, off_step);

	if (steps >= 0)
		return steps;
	*off_step = true;
	return 0;
}

/* One target.  Most amounts are their baselines, and most baselines what was suggested, to the byte. */
static void
add_target(TupleTableSlot *slot, void *arg)
{
	RgtPlanTargets *all = arg;
	const Datum *values = slot->tts_values;
	RgtPlanTarget *target;

	RGT_GROW(all->targets, all->n, all->allocated);
	target = &all->targets[all->n++];
	target->unit_id = DatumGetInt32(values[UNIT_ID]);
	target->parent_id = slot->tts_isnull[PARENT_ID] ? 0 : DatumGetInt32(values[PARENT_ID]);
	target->off_step = false;
	target->suggested = in_steps_from_0(all, values[SUGGESTED], &target->off_step);
	target->penalty = in_steps_from_0(all, values[PENALTY], &target->off_step);
	target->baseline = datum_image_eq(values[BASELINE], values[SUGGESTED], false, -1) ? target->suggested :
		in_steps_from_0(all, values[BASELINE], &target->off_step);
	target->amount = datum_image_eq(values[AMOUNT], values[BASELINE], false, -1) ? target->baseline :
		in_steps(all, values[AMOUNT], &target->off_step);
	target->other_cap = !DatumGetBool(values[SAME_CAP]);
	target->other_period = !DatumGetBool(values[SAME_PERIOD]);
	target->children = 0;
	target->first_parent = target->parent_id;
	target->first_baseline = target->baseline;
	target->had_children = false;
	MemoryContextReset(all->row);
}

/* The target of a unit; NULL: none. */
RgtPlanTarget *
rgt_plan_target(const RgtPlanTargets *all, int32 unit_id)
{
	RgtPlanTarget key = {.unit_id = unit_id};

	return bsearch(&key, all->targets, all->n, sizeof(RgtPlanTarget), rgt_order_by_unit);
}

/* What the figures of all targets are measured by; false when the plan itself has none that make sense. */
static bool
read_measures(int64 plan_id, RgtSnapshot snapshot, RgtPlanTargets *all)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT step, cap, total FROM regtarget.plans WHERE plan_id = $1 AND step > 0 AND step < 1e15 "
		"AND scale(trim_scale(step)) <= 12 AND cap >= 0 AND cap < 1", INT8OID);
	Datum		argument = Int64GetDatum(plan_id);
	Datum		values[3];
	bool		isnull[3];
	bool		off_step = false;

	if (!rgt_one(&query, snapshot, &argument, NULL, values, isnull, 3))
		return false;
	rgt_step_init(&all->step, DatumGetNumeric(values[0]));
	all->cap = rgt_fraction(DatumGetNumeric(values[1]));
	all->row = AllocSetContextCreate(CurrentMemoryContext, "regtarget target", ALLOCSET_SMALL_SIZES);
	all->total = in_steps(all, values[2], &off_step);
	if (off_step)
		all->total = -1;
	return true;
}

/* The targets of a plan by unit_id; false when the plan is not there, or has no step and cap that make sense. */
bool
rgt_plan_targets(int64 plan_id, RgtSnapshot snapshot, RgtPlanTargets *all)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT t.unit_id, t.parent_unit_id, t.suggested, t.penalty, t.baseline, t.amount, t.cap = p.cap, t.period = p.period "
		"FROM regtarget.plans p JOIN regtarget.targets t ON t.plan_id = p.plan_id WHERE p.plan_id = $1", INT8OID);
	Datum		argument = Int64GetDatum(plan_id);

	if (!read_measures(plan_id, snapshot, all))
		return false;
	all->n = 0;
	all->allocated = 1024;
	all->targets = palloc(sizeof(RgtPlanTarget) * all->allocated);
	rgt_run(&query, snapshot, &argument, NULL, add_target, all);
	qsort(all->targets, all->n, sizeof(RgtPlanTarget), rgt_order_by_unit);
	return true;
}
