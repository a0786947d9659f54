/*
 * plans/check.c
 *	  What a plan must hold: before it is published, and ever after, when verify() looks.
 *
 * The targets are read once and judged in memory, whatever the planner knows of a plan that was written
 * a moment ago.  Whoever publishes is told the first fault by the order of the list below and, of several
 * units, that of the lowest unit_id; verify() counts them all.  The figures come from a query of their own.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "apportion.h"
#include "plans/plans.h"
#include "plans/publish.h"
#include "regtarget.h"
#include "units/units.h"

/* What is wrong with a plan: in the order in which it is told. */
typedef enum Fault
{
	FAULT_EMPTY, FAULT_PUBLISHED, FAULT_BASELINE, FAULT_PENALTY, FAULT_STEP, FAULT_TARGET, FAULT_AMOUNT, FAULT_CAP,
	FAULT_CHILDREN, FAULT_TOTAL
} Fault;

/* The figures of a target, for the message. */
#define TARGET_FIGURES(words, columns) \
	RGT_QUERY("SELECT format(" words ", coalesce(u.code, t.unit_id::text), " columns ") " \
			  "FROM regtarget.targets t LEFT JOIN regtarget.units u ON u.unit_id = t.unit_id " \
			  "WHERE t.plan_id = $1 AND t.unit_id = $2", INT8OID, INT4OID)
#define ALL_FIGURES \
	TARGET_FIGURES("regtarget.translated('Unit \"%s\": suggested %s, baseline %s, amount %s, cap %s.')", \
				   "t.suggested, t.baseline, t.amount, t.cap")

/* How each is told: of plan $1 and unit $2 (0: none) a text with the figures, or no row: no fault. */
static struct
{
	const char *message;
	const char *hint;
	RgtQuery	figures;
}			faults[] =
{
	[FAULT_EMPTY] = {gettext_noop("the plan has no targets"),
		gettext_noop("Run regtarget.allocate_targets(), or insert targets."),
		RGT_QUERY("SELECT format(regtarget.translated('Plan %s is empty.'), $1 + $2)", INT8OID, INT4OID)},
	[FAULT_PUBLISHED] = {gettext_noop("a unit of the plan is already published for the period"),
		gettext_noop("A published amount may move within its cap; another split is for another period."),
		RGT_QUERY("SELECT format(regtarget.translated('Unit \"%s\" stands in plan %s.'), "
				  "coalesce(u.code, t.unit_id::text), o.plan_id) "
				  "FROM regtarget.plans p JOIN regtarget.plans o ON o.period = p.period AND o.plan_id <> p.plan_id "
				  "AND o.mode = 'live' AND o.status IN ('published', 'closed') "
				  "JOIN regtarget.targets t ON t.plan_id = o.plan_id AND t.unit_id = $2 "
				  "LEFT JOIN regtarget.units u ON u.unit_id = t.unit_id WHERE p.plan_id = $1", INT8OID, INT4OID)},
	[FAULT_BASELINE] = {gettext_noop("a baseline is not suggestion and penalty together"),
		gettext_noop("Allocate the plan again."),
		TARGET_FIGURES("regtarget.translated('Unit \"%s\": suggested %s, penalty %s, baseline %s.')",
					   "t.suggested, t.penalty, t.baseline")},
	[FAULT_PENALTY] = {gettext_noop("a penalty of the plan does not match the unit's standing"),
		gettext_noop("Allocate the plan again."),
		RGT_QUERY("SELECT format(regtarget.translated('Unit \"%s\": penalty %s, by its standing %s.'), "
				  "coalesce(u.code, t.unit_id::text), t.penalty, "
				  "e.penalty) "
				  "FROM regtarget.plans p JOIN regtarget.targets t ON t.plan_id = p.plan_id AND t.unit_id = $2 "
				  "LEFT JOIN regtarget.standings s ON s.unit_id = t.unit_id AND s.period = p.period "
				  "LEFT JOIN regtarget.units u ON u.unit_id = t.unit_id "
				  "CROSS JOIN LATERAL (SELECT div(2 * t.suggested * coalesce(s.penalty_rate, 0) + p.step, 2 * p.step) * p.step) "
				  "AS e(penalty) "
				  "WHERE p.plan_id = $1", INT8OID, INT4OID)},
	[FAULT_STEP] = {gettext_noop("the total is not a multiple of the step"),
		gettext_noop("Correct the total, or allocate the plan again."),
		RGT_QUERY("SELECT format(regtarget.translated('Total %s, step %s.'), total, step) FROM regtarget.plans WHERE plan_id = "
				  "$1 "
				  "AND $2 = 0", INT8OID, INT4OID)},
	[FAULT_TARGET] = {gettext_noop("a target of the plan is not as its plan makes it"),
		gettext_noop("Allocate the plan again."),
		ALL_FIGURES},
	[FAULT_AMOUNT] = {gettext_noop("an amount is beyond its cap"),
		gettext_noop("Amounts move within the cap of the plan."),
		ALL_FIGURES},
	[FAULT_CAP] = {gettext_noop("the cap of the plan is not its policy's"),
		gettext_noop("Allocate the plan again, or type it anew."),
		RGT_QUERY("SELECT format(regtarget.translated('The plan has %s, the policy in force on the first day of %s has %s.'), "
				  "p.cap, p.period, c.cap) "
				  "FROM regtarget.plans p JOIN regtarget.periods q ON q.period = p.period "
				  "LEFT JOIN LATERAL (SELECT y.cap FROM regtarget.policies y WHERE y.effective_from <= lower(q.during) "
				  "ORDER BY y.effective_from DESC LIMIT 1) AS c ON true "
				  "WHERE p.plan_id = $1 AND $2 = 0 AND c.cap IS DISTINCT FROM p.cap", INT8OID, INT4OID)},
	[FAULT_CHILDREN] = {gettext_noop("children do not add up to their parent"),
		gettext_noop("Correct the numbers, or allocate the plan again."),
		RGT_QUERY("SELECT format(CASE WHEN c.suggested > t.baseline "
				  "THEN regtarget.translated('Below unit \"%s\": baseline %s, its children''s suggested %s, %s too much.') "
				  "ELSE regtarget.translated('Below unit \"%s\": baseline %s, its children''s suggested %s, %s too little.') "
				  "END, "
				  "coalesce(u.code, t.unit_id::text), t.baseline, c.suggested, abs(c.suggested - t.baseline)) "
				  "FROM regtarget.targets t "
				  "CROSS JOIN (SELECT sum(suggested) AS suggested FROM regtarget.targets WHERE plan_id = $1 "
				  "AND parent_unit_id = $2) AS c "
				  "LEFT JOIN regtarget.units u ON u.unit_id = t.unit_id "
				  "WHERE t.plan_id = $1 AND t.unit_id = $2", INT8OID, INT4OID)},
	[FAULT_TOTAL] = {gettext_noop("the plan does not add up to its total"),
		gettext_noop("Correct the total or the numbers, or allocate the plan again."),
		RGT_QUERY("SELECT format(regtarget.translated('Total %s, the units at the top %s.'), p.total, sum(t.suggested)) "
				  "FROM regtarget.plans p JOIN regtarget.targets t ON t.plan_id = p.plan_id AND $2 = 0 "
				  "WHERE p.plan_id = $1 AND NOT EXISTS (SELECT FROM regtarget.targets above "
				  "WHERE above.plan_id = t.plan_id AND above.unit_id = t.parent_unit_id) "
				  "GROUP BY p.plan_id HAVING sum(t.suggested) <> p.total", INT8OID, INT4OID)}
};

/* ---- whom to tell ---------------------------------------------------------------------------------------- */

/* So many faults of a plan are told with their figures. */
#define FAULTS_IN_FULL 3

/* A plan that is judged: for whoever publishes it, or for verify(). */
typedef struct Judge
{
	const RgtPlanRow *plan;
	RgtSnapshot snapshot;
	RgtTellFn	tell;			/* NULL: the first fault is an error */
	void	   *arg;
	int			told;
	const RgtTree *tree;		/* of the period's first day; NULL: not read yet */
} Judge;

/* The figures of a fault in words; NULL: it is none. */
static char *
figures(const Judge *judge, Fault fault, int32 unit_id)
{
	Datum		arguments[2] = {Int64GetDatum(judge->plan->plan_id), Int32GetDatum(unit_id)};
	Datum		words;
	bool		isnull;

	if (!rgt_one(&faults[fault].figures, judge->snapshot, arguments, NULL, &words, &isnull, 1))
		return NULL;
	return TextDatumGetCString(words);
}

/* Raise a fault, if its query has anything to tell. */
static void
raise_fault(const Judge *judge, Fault fault, int32 unit_id)
{
	char	   *words = figures(judge, fault, unit_id);

	if (words != NULL)
		rgt_refuse_plan(judge->plan, rgt_text(faults[fault].message), words, rgt_text(faults[fault].hint));
}

/* A fault that was seen: the end of publishing, or one more for verify(). */
static void
note_fault(Judge *judge, Fault fault, int32 unit_id)
{
	char	   *words;

	if (judge->tell == NULL)
	{
		raise_fault(judge, fault, unit_id);
		elog(ERROR, "plan " INT64_FORMAT " cannot be published: fault %d of unit %d", judge->plan->plan_id, fault, unit_id);
	}
	words = judge->told++ < FAULTS_IN_FULL ? figures(judge, fault, unit_id) : NULL;
	if (words == NULL)
		words = psprintf(rgt_text("Unit %d."), unit_id);
	/* Without the last full stop, whatever it looks like. */
	words[pg_mbcharcliplen(words, strlen(words), pg_mbstrlen(words) - 1)] = '\0';
	judge->tell(psprintf(rgt_text("plan %" PRId64 ": %s. %s"), judge->plan->plan_id, rgt_text(faults[fault].message), words),
				judge->arg);
}

/* ---- judging them ------------------------------------------------------------------------------------ */

typedef struct Doubles
{
	const RgtPlanTargets *all;
	int32		unit_id;		/* the lowest that is in both; 0: none */
} Doubles;

static void
note_double(TupleTableSlot *slot, void *arg)
{
	Doubles    *doubles = arg;
	int32		unit_id = DatumGetInt32(slot->tts_values[0]);

	if ((doubles->unit_id == 0 || unit_id < doubles->unit_id) && rgt_plan_target(doubles->all, unit_id) != NULL)
		doubles->unit_id = unit_id;
}

/* No unit stands in two published plans of a period. */
static void
check_published(Judge *judge, const RgtPlanTargets *all)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT t.unit_id FROM regtarget.plans o JOIN regtarget.targets t ON t.plan_id = o.plan_id "
		"WHERE o.period = $1 AND o.plan_id <> $2 AND o.mode = 'live' AND o.status IN ('published', 'closed')",
		TEXTOID, INT8OID);
	Datum		arguments[2] = {PointerGetDatum(judge->plan->period), Int64GetDatum(judge->plan->plan_id)};
	Doubles		doubles = {all, 0};

	rgt_run(&query, judge->snapshot, arguments, NULL, note_double, &doubles);
	if (doubles.unit_id != 0)
		note_fault(judge, FAULT_PUBLISHED, doubles.unit_id);
}

/* Take a unit's due penalty off the one it has: what is left is a fault. */
static void
settle_penalty(TupleTableSlot *slot, void *arg)
{
	RgtPlanTarget *target = rgt_plan_target(arg, DatumGetInt32(slot->tts_values[0]));

	if (target != NULL)
		target->penalty -= rgt_penalty_steps(target->suggested, rgt_fraction(DatumGetNumeric(slot->tts_values[1])));
}

/* A penalty is of what was suggested when the plan was published, whatever has moved since. */
static void
take_published(TupleTableSlot *slot, void *arg)
{
	RgtPlanTargets *all = arg;
	RgtPlanTarget *target = rgt_plan_target(all, DatumGetInt32(slot->tts_values[0]));

	if (target != NULL)
		rgt_to_steps(&all->step, DatumGetNumeric(slot->tts_values[1]), &target->suggested);
}

static void
suggest_as_published(const Judge *judge, RgtPlanTargets *all)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT DISTINCT ON (unit_id) unit_id, (details->'suggested_before')::numeric FROM regtarget.ledger "
		"WHERE action IN ('target_moved', 'amount_transferred') AND details->'plan_id' = to_jsonb($1) "
		"AND jsonb_typeof(details->'suggested_before') = 'number' "
		"ORDER BY unit_id, entry", INT8OID);
	Datum		argument = Int64GetDatum(judge->plan->plan_id);

	rgt_run(&query, judge->snapshot, &argument, NULL, take_published, all);
}

static void
check_penalties(Judge *judge, RgtPlanTargets *all)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT unit_id, penalty_rate FROM regtarget.standings WHERE period = $1 AND penalty_rate > 0 "
		"AND penalty_rate < 1", TEXTOID);
	Datum		argument = PointerGetDatum(judge->plan->period);

	if (judge->tell != NULL)
		suggest_as_published(judge, all);
	if (strcmp(judge->plan->mode, "sandbox") != 0)
		rgt_run(&query, judge->snapshot, &argument, NULL, settle_penalty, all);
	for (int i = 0; i < all->n; i++)
	{
		if (all->targets[i].penalty != 0)
			note_fault(judge, FAULT_PENALTY, all->targets[i].unit_id);
	}
}

/* What is suggested and the penalty, together. */
static void
check_baselines(Judge *judge, const RgtPlanTargets *all)
{
	for (int i = 0; i < all->n; i++)
	{
		if (all->targets[i].baseline != all->targets[i].suggested + all->targets[i].penalty)
			note_fault(judge, FAULT_BASELINE, all->targets[i].unit_id);
	}
}

/* The root alone has nobody above it; while it is not published, a target's amount is its baseline. */
static bool
is_as_planned(const RgtPlanTarget *target, int32 root, bool published)
{
	return !target->off_step && !target->other_cap && (target->parent_id == 0) == (target->unit_id == root) &&
		(published || target->amount == target->baseline);
}

/* Figures on the step, the cap of the plan, amounts within it. */
static void
check_caps(Judge *judge, const RgtPlanTargets *all, bool published)
{
	if (all->total < 0)
		note_fault(judge, FAULT_STEP, 0);
	for (int i = 0; i < all->n; i++)
	{
		const RgtPlanTarget *target = &all->targets[i];
		int64		room = rgt_cap_steps(target->baseline, all->cap);

		CHECK_FOR_INTERRUPTS();
		if (!is_as_planned(target, judge->plan->root, published))
			note_fault(judge, FAULT_TARGET, target->unit_id);
		else if (target->amount > target->baseline + room || target->amount < target->baseline - room)
			note_fault(judge, FAULT_AMOUNT, target->unit_id);
	}
}

/* Each as the plan makes it, and of a unit that there is. */
static void
check_targets(Judge *judge, const RgtTree *tree, const RgtPlanTargets *all)
{
	for (int i = 0; i < all->n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!is_as_planned(&all->targets[i], judge->plan->root, false) || all->targets[i].other_period ||
			rgt_tree_find(tree, all->targets[i].unit_id) < 0)
			note_fault(judge, FAULT_TARGET, all->targets[i].unit_id);
	}
}

/* Parts typed by hand may come to more than 64 bits hold: past all amounts there are, a sum stays there. */
static int64
add_up(int64 sum, int64 part)
{
	return Min(sum + part, 2 * RGT_MAX_STEPS);
}

/*
 * After a transfer the unit that gave has children who are suggested so much more than it has, and the one that took
 * so much less.  Counted once, by the entry of one of the two.
 */
static void
add_transfer(TupleTableSlot *slot, void *arg)
{
	RgtPlanTargets *all = arg;
	int64		steps = 0;
	RgtPlanTarget *from = rgt_plan_target(all, DatumGetInt32(slot->tts_values[0]));
	RgtPlanTarget *to = rgt_plan_target(all, DatumGetInt32(slot->tts_values[1]));

	rgt_to_steps(&all->step, DatumGetNumeric(slot->tts_values[2]), &steps);
	if (from != NULL)
		from->children -= steps;
	if (to != NULL)
		to->children += steps;
}

static void
allow_for_transfers(const Judge *judge, RgtPlanTargets *all)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT (details->'from')::int, (details->'to')::int, (details->'moved')::numeric FROM regtarget.ledger "
		"WHERE action = 'amount_transferred' AND details->'plan_id' = to_jsonb($1) "
		"AND jsonb_typeof(details->'from') = 'number' AND jsonb_typeof(details->'to') = 'number' "
		"AND jsonb_typeof(details->'moved') = 'number' "
		"AND to_jsonb(unit_id) = CASE WHEN details->'common' = details->'to' THEN details->'from' "
		"ELSE details->'to' END", INT8OID);
	Datum		argument = Int64GetDatum(judge->plan->plan_id);

	rgt_run(&query, judge->snapshot, &argument, NULL, add_transfer, all);
}

/* The first entry of a target that moved, gave or took says where it was published, and with which baseline. */
static void
take_first(TupleTableSlot *slot, void *arg)
{
	RgtPlanTargets *all = arg;
	RgtPlanTarget *target = rgt_plan_target(all, DatumGetInt32(slot->tts_values[0]));

	if (target == NULL)
		return;
	target->first_parent = DatumGetInt32(slot->tts_values[1]);
	rgt_to_steps(&all->step, DatumGetNumeric(slot->tts_values[2]), &target->first_baseline);
}

static void
recall_first(const Judge *judge, RgtPlanTargets *all)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT DISTINCT ON (unit_id) unit_id, (details->'parent_before')::int, (details->'baseline_before')::numeric "
		"FROM regtarget.ledger WHERE action IN ('target_moved', 'amount_transferred') AND details->'plan_id' = to_jsonb($1) "
		"AND jsonb_typeof(details->'parent_before') = 'number' AND jsonb_typeof(details->'baseline_before') = 'number' "
		"ORDER BY unit_id, entry", INT8OID);
	Datum		argument = Int64GetDatum(judge->plan->plan_id);

	rgt_run(&query, judge->snapshot, &argument, NULL, take_first, all);
}

/*
 * What a unit does not hand down stays what it was published with: nothing where targets were below it, else its
 * whole baseline.  A move takes as much off a parent's baseline as off its children's together, or puts it on both.
 */
static int64
kept_back(const RgtPlanTarget *target)
{
	return target->had_children ? 0 : target->first_baseline;
}

/*
 * The nearest unit above a target that the plan has; NULL: it is at the top.  Where its parent is not in the plan, a level
 * is left out between the two.
 */
static RgtPlanTarget *
nearest_above(Judge *judge, const RgtPlanTargets *all, const RgtPlanTarget *target)
{
	int32		unit_id = target->parent_id;
	RgtPlanTarget *above = unit_id == 0 ? NULL : rgt_plan_target(all, unit_id);

	while (above == NULL && unit_id != 0 && unit_id != judge->plan->root)
	{
		int			p;

		if (judge->tree == NULL)
			judge->tree = rgt_tree_read(judge->snapshot, judge->plan->first);
		p = rgt_tree_find(judge->tree, unit_id);
		unit_id = p < 0 || judge->tree->parent[p] < 0 ? 0 : judge->tree->unit_id[judge->tree->parent[p]];
		above = unit_id == 0 ? NULL : rgt_plan_target(all, unit_id);
	}
	return above;
}

/*
 * Below a unit, or at the top where none is named, parts do not come to the whole.  Queries know of parents that the plan
 * has; where it leaves levels out, the figures are ours.
 */
static void
note_sum(Judge *judge, Fault fault, const RgtPlanTargets *all, const RgtPlanTarget *below, int64 parts, bool levels_left_out)
{
	int64		whole = below == NULL ? all->total : below->baseline;

	if (!levels_left_out || judge->tell != NULL)
		note_fault(judge, fault, below == NULL ? 0 : below->unit_id);
	else if (below == NULL)
		rgt_refuse_plan(judge->plan, rgt_text(faults[fault].message),
						psprintf(rgt_text("Total %s, the units at the top %s."), rgt_amount_text(&all->step, whole),
								 rgt_amount_text(&all->step, parts)), rgt_text(faults[fault].hint));
	else
		rgt_refuse_plan(judge->plan, rgt_text(faults[fault].message),
						psprintf(parts > whole ?
								 rgt_text("Below unit \"%s\": baseline %s, the suggested of the nearest units in the plan %s, "
										  "%s too much.") :
								 rgt_text("Below unit \"%s\": baseline %s, the suggested of the nearest units in the plan %s, "
										  "%s too little."),
								 rgt_unit_name(below->unit_id), rgt_amount_text(&all->step, whole),
								 rgt_amount_text(&all->step, parts),
								 rgt_amount_text(&all->step, Max(parts, whole) - Min(parts, whole))),
						rgt_text(faults[fault].hint));
}

/*
 * Children add up to their parent, the units at the top to the total.  Where a level is left out, the next units below
 * add up to the next above when the plan is published; what moves later moves between units that it has.
 */
static void
check_sums(Judge *judge, RgtPlanTargets *all)
{
	int64		top = 0;
	bool		levels_left_out = false;

	if (judge->tell != NULL)
		recall_first(judge, all);
	for (int i = 0; i < all->n; i++)
	{
		const RgtPlanTarget *target = &all->targets[i];
		RgtPlanTarget *above = nearest_above(judge, all, target);
		bool		left_out = above != NULL && above->unit_id != target->parent_id;
		RgtPlanTarget *first = judge->tell == NULL ? above :
			target->first_parent == 0 ? NULL : rgt_plan_target(all, target->first_parent);

		levels_left_out |= left_out;
		if (above == NULL)
			top = add_up(top, target->suggested);
		else if (!left_out || judge->tell == NULL)
			above->children = add_up(above->children, target->suggested);
		if (first != NULL)
			first->had_children = true;
	}
	if (judge->tell != NULL)
		allow_for_transfers(judge, all);
	for (int i = 0; i < all->n; i++)
	{
		if (all->targets[i].baseline - all->targets[i].children != kept_back(&all->targets[i]))
			note_sum(judge, FAULT_CHILDREN, all, &all->targets[i], all->targets[i].children, levels_left_out);
	}
	if (top != all->total)
		note_sum(judge, FAULT_TOTAL, all, NULL, top, levels_left_out);
}

/* ---- before publishing ----------------------------------------------------------------------------------- */

/* Raise 55000 for the first thing that the plan does not hold. */
void
rgt_check_plan(const RgtPlanRow *plan)
{
	Judge		judge = {.plan = plan, .snapshot = RGT_LATEST};
	RgtTree    *tree = rgt_tree_read(RGT_LATEST, plan->first);
	RgtPlanTargets		all;

	if (!rgt_plan_targets(plan->plan_id, judge.snapshot, &all))
		elog(ERROR, "plan " INT64_FORMAT " does not exist", plan->plan_id);
	if (all.n == 0)
		note_fault(&judge, FAULT_EMPTY, 0);
	rgt_check_plan_tree(plan, tree, all.targets, all.n);
	judge.tree = tree;
	check_published(&judge, &all);
	check_baselines(&judge, &all);
	check_penalties(&judge, &all);
	check_targets(&judge, tree, &all);
	raise_fault(&judge, FAULT_CAP, 0);
	check_sums(&judge, &all);
}

/* ---- for verify() ---------------------------------------------------------------------------------------- */

typedef struct PlanList
{
	RgtPlanRow *plans;
	int			n;
	int			allocated;
	MemoryContext context;
} PlanList;

enum
{
	PLAN_ID, PERIOD, MODE, STATUS, ROOT, FIRST
};

static void
add_plan(TupleTableSlot *slot, void *arg)
{
	PlanList   *list = arg;
	MemoryContext old = MemoryContextSwitchTo(list->context);

	RGT_GROW(list->plans, list->n, list->allocated);
	list->plans[list->n++] = (RgtPlanRow) {
		.plan_id = DatumGetInt64(slot->tts_values[PLAN_ID]),
		.period = DatumGetTextPCopy(slot->tts_values[PERIOD]),
		.mode = TextDatumGetCString(slot->tts_values[MODE]),
		.status = TextDatumGetCString(slot->tts_values[STATUS]),
		.root = DatumGetInt32(slot->tts_values[ROOT]),
		.first = slot->tts_isnull[FIRST] ? DATEVAL_NOBEGIN : DatumGetDateADT(slot->tts_values[FIRST])
	};
	MemoryContextSwitchTo(old);
}

/* Every plan in the caller's snapshot, for one of the questions. */
static void
judge_plan(Judge *judge, RgtPlanQuestion question)
{
	bool		published = strcmp(judge->plan->status, "published") == 0 || strcmp(judge->plan->status, "closed") == 0;
	RgtPlanTargets		all;

	if (question == RGT_PLAN_SUMS && !published)
		return;
	if (!rgt_plan_targets(judge->plan->plan_id, judge->snapshot, &all))
	{
		judge->tell(psprintf(rgt_text("step or cap of plan %" PRId64 " is out of range"), judge->plan->plan_id), judge->arg);
		return;
	}
	switch (question)
	{
		case RGT_PLAN_SUMS:
			if (all.n == 0)
				note_fault(judge, FAULT_EMPTY, 0);
			else
				check_sums(judge, &all);
			break;
		case RGT_PLAN_CAPS:
			check_caps(judge, &all, published);
			break;
		case RGT_PLAN_PENALTIES:
			check_baselines(judge, &all);
			if (published || strcmp(judge->plan->mode, "sandbox") == 0)
				check_penalties(judge, &all);
			break;
	}
}

/*
 * What is wrong with plans as they are, one text each: the sums of those that were published; caps and
 * steps of all; penalties by the standings of those that were published, none in sandboxes.  Before it is
 * published a draft's penalty may have been overtaken by a standing.
 */
void
rgt_plans_check(RgtPlanQuestion question, RgtTellFn tell, void *arg)
{
	static RgtQuery query = RGT_QUERY0(
		"SELECT p.plan_id, p.period, p.mode, p.status, p.root_unit_id, lower(q.during) FROM regtarget.plans p "
		"LEFT JOIN regtarget.periods q ON q.period = p.period ORDER BY p.plan_id");
	PlanList	list = {palloc(sizeof(RgtPlanRow) * 64), 0, 64, CurrentMemoryContext};
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "regtarget plan check", ALLOCSET_DEFAULT_SIZES);

	rgt_run(&query, RGT_CALLER, NULL, NULL, add_plan, &list);
	for (int i = 0; i < list.n; i++)
	{
		Judge		judge = {.plan = &list.plans[i], .snapshot = RGT_CALLER, .tell = tell, .arg = arg};
		MemoryContext old = MemoryContextSwitchTo(context);

		judge_plan(&judge, question);
		MemoryContextSwitchTo(old);
		MemoryContextReset(context);
	}
	MemoryContextDelete(context);
}
