/*
 * plans/publish_check.c
 *	  What a plan must hold before it is published.
 *
 * The targets are read once and judged in memory, whatever the planner knows of a plan that was written
 * a moment ago.  Of several faults the first by the order of the list below is told, and of several
 * units the one of the lowest unit_id, with figures that a query of its own fetches.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "apportion.h"
#include "plans/publish.h"
#include "regtarget.h"
#include "units/units.h"

/* What is wrong with a plan: in the order in which it is told. */
typedef enum Fault
{
	FAULT_EMPTY, FAULT_PUBLISHED, FAULT_PERIOD_BEFORE, FAULT_PENALTY, FAULT_TARGET, FAULT_CAP, FAULT_CHILDREN, FAULT_TOTAL
} Fault;

/* How each is told: of plan $1 and unit $2 (0: none) a text with the figures, or no row: no fault. */
static struct
{
	const char *message;
	const char *hint;
	RgtQuery	figures;
}			faults[] =
{
	[FAULT_EMPTY] = {"the plan has no targets", "Run regtarget.allocate_targets(), or insert targets.",
		RGT_QUERY("SELECT format('Plan %s is empty.', $1 + $2)", INT8OID, INT4OID)},
	[FAULT_PUBLISHED] = {"a unit of the plan is already published for the period",
		"A published amount may move within its cap; another split is for another period.",
		RGT_QUERY("SELECT format('Unit \"%s\" stands in plan %s.', coalesce(u.code, t.unit_id::text), o.plan_id) "
				  "FROM regtarget.plans p JOIN regtarget.plans o ON o.period = p.period AND o.plan_id <> p.plan_id "
				  "AND o.mode = 'live' AND o.status IN ('published', 'closed') "
				  "JOIN regtarget.targets t ON t.plan_id = o.plan_id AND t.unit_id = $2 "
				  "LEFT JOIN regtarget.units u ON u.unit_id = t.unit_id WHERE p.plan_id = $1", INT8OID, INT4OID)},
	[FAULT_PERIOD_BEFORE] = {"the period before it is not closed",
		"Run regtarget.close_period() first: its requests decide the standings.",
		RGT_QUERY("SELECT format('Period \"%s\" has a published plan and %s requests.', b.period, "
				  "(SELECT count(*) FROM regtarget.adjustments a WHERE a.period = b.period)) "
				  "FROM regtarget.plans p JOIN regtarget.periods q ON q.period = p.period "
				  "CROSS JOIN LATERAL (SELECT x.period FROM regtarget.periods x WHERE x.during << q.during "
				  "ORDER BY lower(x.during) DESC LIMIT 1) AS b "
				  "WHERE p.plan_id = $1 AND $2 = 0 AND EXISTS (SELECT FROM regtarget.adjustments a WHERE a.period = b.period) "
				  "AND EXISTS (SELECT FROM regtarget.plans o WHERE o.period = b.period AND o.mode = 'live' "
				  "AND o.status = 'published')", INT8OID, INT4OID)},
	[FAULT_PENALTY] = {"a penalty of the plan does not match the unit's standing", "Allocate the plan again.",
		RGT_QUERY("SELECT format('Unit \"%s\": penalty %s, by its standing %s.', coalesce(u.code, t.unit_id::text), t.penalty, e.penalty) "
				  "FROM regtarget.plans p JOIN regtarget.targets t ON t.plan_id = p.plan_id AND t.unit_id = $2 "
				  "LEFT JOIN regtarget.standings s ON s.unit_id = t.unit_id AND s.period = p.period AND t.unit_id <> p.root_unit_id "
				  "LEFT JOIN regtarget.units u ON u.unit_id = t.unit_id "
				  "CROSS JOIN LATERAL (SELECT div(2 * t.suggested * coalesce(s.penalty_rate, 0) + p.step, 2 * p.step) * p.step) AS e(penalty) "
				  "WHERE p.plan_id = $1", INT8OID, INT4OID)},
	[FAULT_TARGET] = {"a target of the plan is not as its plan makes it", "Allocate the plan again.",
		RGT_QUERY("SELECT format('Unit \"%s\": suggested %s, baseline %s, amount %s, cap %s.', "
				  "coalesce(u.code, t.unit_id::text), t.suggested, t.baseline, t.amount, t.cap) "
				  "FROM regtarget.targets t LEFT JOIN regtarget.units u ON u.unit_id = t.unit_id "
				  "WHERE t.plan_id = $1 AND t.unit_id = $2", INT8OID, INT4OID)},
	[FAULT_CAP] = {"the cap of the plan is not its policy's", "Allocate the plan again, or type it anew.",
		RGT_QUERY("SELECT format('The plan has %s, the policy in force on the first day of %s has %s.', p.cap, p.period, c.cap) "
				  "FROM regtarget.plans p JOIN regtarget.periods q ON q.period = p.period "
				  "LEFT JOIN LATERAL (SELECT y.cap FROM regtarget.policies y WHERE y.effective_from <= lower(q.during) "
				  "ORDER BY y.effective_from DESC LIMIT 1) AS c ON true "
				  "WHERE p.plan_id = $1 AND $2 = 0 AND c.cap IS DISTINCT FROM p.cap", INT8OID, INT4OID)},
	[FAULT_CHILDREN] = {"children do not add up to their parent", "Correct the numbers, or allocate the plan again.",
		RGT_QUERY("SELECT format('Below unit \"%s\": baseline %s, its children''s suggested %s, %s too %s.', "
				  "coalesce(u.code, t.unit_id::text), t.baseline, c.suggested, abs(c.suggested - t.baseline), "
				  "CASE WHEN c.suggested > t.baseline THEN 'much' ELSE 'little' END) "
				  "FROM regtarget.targets t "
				  "CROSS JOIN (SELECT sum(suggested) AS suggested FROM regtarget.targets WHERE plan_id = $1 AND parent_unit_id = $2) AS c "
				  "LEFT JOIN regtarget.units u ON u.unit_id = t.unit_id "
				  "WHERE t.plan_id = $1 AND t.unit_id = $2", INT8OID, INT4OID)},
	[FAULT_TOTAL] = {"the plan does not add up to its total", "Correct the total or the numbers, or allocate the plan again.",
		RGT_QUERY("SELECT format('Total %s, the units at the top %s.', p.total, sum(t.suggested)) "
				  "FROM regtarget.plans p JOIN regtarget.targets t ON t.plan_id = p.plan_id AND $2 = 0 "
				  "WHERE p.plan_id = $1 AND NOT EXISTS (SELECT FROM regtarget.targets above "
				  "WHERE above.plan_id = t.plan_id AND above.unit_id = t.parent_unit_id) "
				  "GROUP BY p.plan_id HAVING sum(t.suggested) <> p.total", INT8OID, INT4OID)}
};

/* Raise a fault, if its query has anything to tell. */
static void
tell(const RgtPlanRow *plan, Fault fault, int32 unit_id)
{
	Datum		arguments[2] = {Int64GetDatum(plan->plan_id), Int32GetDatum(unit_id)};
	Datum		figures;
	bool		isnull;

	if (!rgt_one(&faults[fault].figures, RGT_LATEST, arguments, NULL, &figures, &isnull, 1))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("plan " INT64_FORMAT " cannot be published: %s", plan->plan_id, faults[fault].message),
			 errdetail("%s", TextDatumGetCString(figures)),
			 errhint("%s", faults[fault].hint)));
}

static void
raise_fault(const RgtPlanRow *plan, Fault fault, int32 unit_id)
{
	tell(plan, fault, unit_id);
	elog(ERROR, "plan " INT64_FORMAT " cannot be published: fault %d of unit %d", plan->plan_id, fault, unit_id);
}

/* ---- the targets in memory ------------------------------------------------------------------------- */

typedef struct Target
{
	int32		unit_id;
	int32		parent_id;		/* 0: none */
	int64		suggested;		/* in steps */
	int64		penalty;
	int64		baseline;
	int64		children;		/* what they are suggested together */
	bool		has_children;
	bool		odd;			/* not as its plan makes it */
} Target;

typedef struct Targets
{
	RgtStep		step;
	int64		total;
	Target	   *targets;		/* by unit_id, once sorted */
	int			n;
	int			allocated;
} Targets;

enum
{
	UNIT_ID, PARENT_ID, SUGGESTED, PENALTY, BASELINE, AS_PLANNED
};

static int64
in_steps(const Targets *all, Datum amount, bool *odd)
{
	int64		steps = 0;

	if (rgt_to_steps(&all->step, DatumGetNumeric(amount), &steps) != RGT_FITS)
		*odd = true;
	return steps;
}

static void
add_target(TupleTableSlot *slot, void *arg)
{
	Targets    *all = arg;
	Target	   *target;

	RGT_GROW(all->targets, all->n, all->allocated);
	target = &all->targets[all->n++];
	target->unit_id = DatumGetInt32(slot->tts_values[UNIT_ID]);
	target->parent_id = slot->tts_isnull[PARENT_ID] ? 0 : DatumGetInt32(slot->tts_values[PARENT_ID]);
	target->odd = !DatumGetBool(slot->tts_values[AS_PLANNED]);
	target->suggested = in_steps(all, slot->tts_values[SUGGESTED], &target->odd);
	target->penalty = in_steps(all, slot->tts_values[PENALTY], &target->odd);
	target->baseline = in_steps(all, slot->tts_values[BASELINE], &target->odd);
	target->children = 0;
	target->has_children = false;
}

static Target *
find_target(const Targets *all, int32 unit_id)
{
	Target		key = {.unit_id = unit_id};

	return bsearch(&key, all->targets, all->n, sizeof(Target), rgt_order_by_unit);
}

static void
read_targets(const RgtPlanRow *plan, Targets *all)
{
	static RgtQuery plan_query = RGT_QUERY("SELECT step, total FROM regtarget.plans WHERE plan_id = $1", INT8OID);
	static RgtQuery query = RGT_QUERY(
		"SELECT t.unit_id, t.parent_unit_id, t.suggested, t.penalty, t.baseline, "
		"t.amount = t.baseline AND t.cap = p.cap AND t.period = p.period "
		"FROM regtarget.plans p JOIN regtarget.targets t ON t.plan_id = p.plan_id WHERE p.plan_id = $1", INT8OID);
	Datum		argument = Int64GetDatum(plan->plan_id);
	Datum		values[2];
	bool		isnull[2];

	if (!rgt_one(&plan_query, RGT_LATEST, &argument, NULL, values, isnull, 2))
		elog(ERROR, "plan " INT64_FORMAT " does not exist", plan->plan_id);
	rgt_step_init(&all->step, DatumGetNumeric(values[0]));
	all->total = rgt_total_steps(&all->step, DatumGetNumeric(values[1]));
	all->n = 0;
	all->allocated = 1024;
	all->targets = palloc(sizeof(Target) * all->allocated);
	rgt_run(&query, RGT_LATEST, &argument, NULL, add_target, all);
	qsort(all->targets, all->n, sizeof(Target), rgt_order_by_unit);
}

/* ---- judging them ------------------------------------------------------------------------------------ */

typedef struct Doubles
{
	const Targets *all;
	int32		unit_id;		/* the lowest that is in both; 0: none */
} Doubles;

static void
note_double(TupleTableSlot *slot, void *arg)
{
	Doubles    *doubles = arg;
	int32		unit_id = DatumGetInt32(slot->tts_values[0]);

	if ((doubles->unit_id == 0 || unit_id < doubles->unit_id) && find_target(doubles->all, unit_id) != NULL)
		doubles->unit_id = unit_id;
}

/* No unit stands in two published plans of a period. */
static void
check_published(const RgtPlanRow *plan, const Targets *all)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT t.unit_id FROM regtarget.plans o JOIN regtarget.targets t ON t.plan_id = o.plan_id "
		"WHERE o.period = $1 AND o.plan_id <> $2 AND o.mode = 'live' AND o.status IN ('published', 'closed')",
		TEXTOID, INT8OID);
	Datum		arguments[2] = {PointerGetDatum(plan->period), Int64GetDatum(plan->plan_id)};
	Doubles		doubles = {all, 0};

	rgt_run(&query, RGT_LATEST, arguments, NULL, note_double, &doubles);
	if (doubles.unit_id != 0)
		raise_fault(plan, FAULT_PUBLISHED, doubles.unit_id);
}

typedef struct Rates
{
	Targets    *all;
	int32		root;
} Rates;

/* Take a unit's due penalty off the one it has: what is left is a fault. */
static void
settle_penalty(TupleTableSlot *slot, void *arg)
{
	Rates	   *rates = arg;
	int32		unit_id = DatumGetInt32(slot->tts_values[0]);
	Target	   *target = unit_id == rates->root ? NULL : find_target(rates->all, unit_id);

	if (target != NULL)
		target->penalty -= rgt_penalty_steps(target->suggested, rgt_fraction(DatumGetNumeric(slot->tts_values[1])));
}

static void
check_penalties(const RgtPlanRow *plan, Targets *all)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT unit_id, penalty_rate FROM regtarget.standings WHERE period = $1 AND penalty_rate > 0", TEXTOID);
	Datum		argument = PointerGetDatum(plan->period);
	Rates		rates = {all, plan->root};

	rgt_run(&query, RGT_LATEST, &argument, NULL, settle_penalty, &rates);
	for (int i = 0; i < all->n; i++)
	{
		if (all->targets[i].penalty != 0)
			raise_fault(plan, FAULT_PENALTY, all->targets[i].unit_id);
	}
}

/* Each as the plan makes it, and of a unit that there is. */
static void
check_targets(const RgtPlanRow *plan, const Targets *all)
{
	RgtTree    *tree = rgt_tree_read(RGT_LATEST);

	for (int i = 0; i < all->n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (all->targets[i].odd || rgt_tree_find(tree, all->targets[i].unit_id) < 0)
			raise_fault(plan, FAULT_TARGET, all->targets[i].unit_id);
	}
}

/* Parts typed by hand may come to more than 64 bits hold: past all amounts there are, a sum stays there. */
static int64
add_up(int64 sum, int64 part)
{
	return Min(sum + part, 2 * RGT_MAX_STEPS);
}

/* Children add up to their parent, the units at the top to the total. */
static void
check_sums(const RgtPlanRow *plan, const Targets *all)
{
	int64		top = 0;

	for (int i = 0; i < all->n; i++)
	{
		Target	   *parent = all->targets[i].parent_id == 0 ? NULL : find_target(all, all->targets[i].parent_id);

		if (parent == NULL)
			top = add_up(top, all->targets[i].suggested);
		else
		{
			parent->children = add_up(parent->children, all->targets[i].suggested);
			parent->has_children = true;
		}
	}
	for (int i = 0; i < all->n; i++)
	{
		if (all->targets[i].has_children && all->targets[i].children != all->targets[i].baseline)
			raise_fault(plan, FAULT_CHILDREN, all->targets[i].unit_id);
	}
	if (top != all->total)
		raise_fault(plan, FAULT_TOTAL, 0);
}

/* Raise 55000 for the first thing that the plan does not hold. */
void
rgt_check_plan(const RgtPlanRow *plan)
{
	Targets		all;

	read_targets(plan, &all);
	if (all.n == 0)
		raise_fault(plan, FAULT_EMPTY, 0);
	check_published(plan, &all);
	tell(plan, FAULT_PERIOD_BEFORE, 0);
	check_penalties(plan, &all);
	check_targets(plan, &all);
	tell(plan, FAULT_CAP, 0);
	check_sums(plan, &all);
}
