/*
 * targets/guard_reads.c
 *	  What the guard of targets needs of plans, standings and tree, read once a statement.
 *
 * At the first row that names a plan it is read and kept in the trigger's call info, which lives as
 * long as the statement.  Reading takes a lock that stands for the plan, shared with other writers of
 * its targets; whoever changes a plan's status takes it exclusively (see plans/status.c), so the
 * status read here holds until the transaction ends.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "access/access.h"
#include "plans/plans.h"
#include "regtarget.h"
#include "targets/guard.h"
#include "units/units.h"

typedef struct RateEntry
{
	int32		unit_id;
	RgtFraction rate;
	char		status;
} RateEntry;

#define SH_PREFIX rates
#define SH_ELEMENT_TYPE RateEntry
#define SH_KEY_TYPE int32
#define SH_KEY unit_id
#define SH_HASH_KEY(tb, key) murmurhash32((uint32) (key))
#define SH_EQUAL(tb, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/* ---- what a statement needs to know --------------------------------------------------------------- */

static RgtTargetColumns
find_columns(TupleDesc desc)
{
	RgtTargetColumns		at = {
		.target_id = rgt_attnum(desc, "target_id"),
		.plan_id = rgt_attnum(desc, "plan_id"),
		.unit_id = rgt_attnum(desc, "unit_id"),
		.parent_unit_id = rgt_attnum(desc, "parent_unit_id"),
		.period = rgt_attnum(desc, "period"),
		.suggested = rgt_attnum(desc, "suggested"),
		.penalty = rgt_attnum(desc, "penalty"),
		.baseline = rgt_attnum(desc, "baseline"),
		.amount = rgt_attnum(desc, "amount"),
		.cap = rgt_attnum(desc, "cap")
	};

	return at;
}

RgtGuard *
rgt_guard(FunctionCallInfo fcinfo, Relation relation)
{
	TupleDesc	desc = RelationGetDescr(relation);
	RgtGuard	   *guard = fcinfo->flinfo->fn_extra;

	if (guard == NULL)
	{
		MemoryContext context = fcinfo->flinfo->fn_mcxt;

		guard = MemoryContextAllocZero(context, sizeof(RgtGuard));
		guard->context = context;
		guard->at = find_columns(desc);
		guard->overruled = rgt_overruled(relation, guard->at.target_id);
		guard->values = MemoryContextAlloc(context, sizeof(Datum) * desc->natts);
		guard->nulls = MemoryContextAlloc(context, sizeof(bool) * desc->natts);
		guard->old_values = MemoryContextAlloc(context, sizeof(Datum) * desc->natts);
		guard->old_nulls = MemoryContextAlloc(context, sizeof(bool) * desc->natts);
		fcinfo->flinfo->fn_extra = guard;
	}
	/* A function that the statement itself calls may have published the plan meanwhile. */
	if (guard->plan_writes != rgt_plan_writes())
	{
		guard->plan_writes = rgt_plan_writes();
		guard->plans = NULL;
		guard->trees_lost = guard->listed;
	}
	return guard;
}

typedef struct RateLoad
{
	RgtGuardedPlan *plan;
	MemoryContext context;
} RateLoad;

static void
add_rate(TupleTableSlot *slot, void *arg)
{
	RateLoad   *load = arg;
	bool		found;

	if (load->plan->rates == NULL)
		load->plan->rates = rates_create(load->context, 64, NULL);
	rates_insert(load->plan->rates, DatumGetInt32(slot->tts_values[0]), &found)->rate =
		rgt_fraction(DatumGetNumeric(slot->tts_values[1]));
}

static void
load_rates(RgtGuard *guard, RgtGuardedPlan *plan)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT unit_id, penalty_rate FROM regtarget.standings "
		"WHERE period OPERATOR(pg_catalog.=) $1 AND penalty_rate OPERATOR(pg_catalog.>) 0", TEXTOID);
	RateLoad	load = {plan, guard->context};

	if (!plan->sandbox)
		rgt_run(&query, RGT_LATEST, &plan->period, NULL, add_rate, &load);
}

/* The greatest amount in steps: below 10^15, and at most 10^16 of them. */
static int64
greatest_steps(const RgtStep *step)
{
	int64		steps = 0;
	RgtFit		fit = rgt_to_steps(step, int64_to_numeric(INT64CONST(1000000000000000)), &steps);

	if (fit == RGT_TOO_LARGE)
		return RGT_MAX_STEPS;
	return fit == RGT_FITS ? steps - 1 : steps;
}

enum
{
	PLAN_STATUS, PLAN_MODE, PLAN_PERIOD, PLAN_ROOT, PLAN_STEP, PLAN_CAP, PLAN_LATE, PLAN_REVEALED_AT,
	PLAN_COLUMNS
};

static void
fill_plan(RgtGuard *guard, RgtGuardedPlan *plan, const Datum *values, const bool *isnull)
{
	MemoryContext old = MemoryContextSwitchTo(guard->context);
	char	   *status = TextDatumGetCString(values[PLAN_STATUS]);

	plan->draft = strcmp(status, "draft") == 0 || strcmp(status, "proposed") == 0;
	plan->closed = strcmp(status, "closed") == 0;
	plan->sandbox = strcmp(TextDatumGetCString(values[PLAN_MODE]), "sandbox") == 0;
	plan->on_record = !isnull[PLAN_LATE];
	plan->late = plan->on_record && DatumGetBool(values[PLAN_LATE]);
	plan->revealed = !isnull[PLAN_REVEALED_AT];
	plan->period = datumCopy(values[PLAN_PERIOD], false, -1);
	plan->root = DatumGetInt32(values[PLAN_ROOT]);
	plan->cap = datumCopy(values[PLAN_CAP], false, -1);
	plan->cap_fraction = rgt_fraction(DatumGetNumeric(plan->cap));
	rgt_step_init(&plan->step, DatumGetNumeric(values[PLAN_STEP]));
	plan->max_steps = greatest_steps(&plan->step);
	plan->zero = rgt_to_amount(&plan->step, 0);
	MemoryContextSwitchTo(old);
}

/* What a draft's rows are computed from besides; false when the period is not there. */
static bool
fill_draft(RgtGuard *guard, RgtGuardedPlan *plan)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT pg_catalog.lower(during), pg_catalog.upper(during) OPERATOR(pg_catalog.-) 1 "
		"FROM regtarget.periods WHERE period OPERATOR(pg_catalog.=) $1", TEXTOID);
	RgtSession	session;
	Datum		days[2];
	bool		isnull[2];
	bool		found;

	rgt_begin(&session);
	found = rgt_one(&query, RGT_LATEST, &plan->period, NULL, days, isnull, 2);
	if (found)
	{
		plan->first = DatumGetDateADT(days[0]);
		plan->last = DatumGetDateADT(days[1]);
		load_rates(guard, plan);
	}
	rgt_end(&session);
	return found;
}

static RgtGuardedPlan *
read_plan(RgtGuard *guard, int64 plan_id)
{
	static const char *const columns[PLAN_COLUMNS] = {
		"status", "mode", "period", "root_unit_id", "step", "cap", "late", "revealed_at"
	};
	RgtGuardedPlan *plan;
	Snapshot	snapshot;
	Datum		values[PLAN_COLUMNS];
	bool		isnull[PLAN_COLUMNS];
	bool		found;

	rgt_lock_plan(plan_id, ShareLock);
	snapshot = rgt_snapshot(RGT_LATEST);
	found = rgt_row_by_key("plans", plan_id, snapshot, columns, PLAN_COLUMNS, values, isnull);
	UnregisterSnapshot(snapshot);
	if (!found)
		return NULL;
	plan = MemoryContextAllocZero(guard->context, sizeof(RgtGuardedPlan));
	plan->plan_id = plan_id;
	fill_plan(guard, plan, values, isnull);
	return plan->draft && !fill_draft(guard, plan) ? NULL : plan;
}

/* The plan, read at its first row in the statement; NULL when there is none. */
RgtGuardedPlan *
rgt_guard_plan(RgtGuard *guard, int64 plan_id)
{
	RgtGuardedPlan *plan;

	for (plan = guard->plans; plan != NULL; plan = plan->next)
	{
		if (plan->plan_id == plan_id)
			return plan;
	}
	plan = read_plan(guard, plan_id);
	if (plan != NULL)
	{
		plan->next = guard->plans;
		guard->plans = plan;
	}
	return plan;
}

/* ---- a unit's place in the plan --------------------------------------------------------------------- */

/* A unit that the user does not see is not there. */
static void
not_in_plan(const RgtGuardedPlan *plan, int32 unit_id, bool below)
{
	if (!below && !rgt_in_sight(GetUserId(), unit_id))
		rgt_missing_reference("targets", "unit_id", psprintf("%d", unit_id));
	if (!below)
		rgt_refuse_row("targets", "targets_tree",
					   psprintf(rgt_text("unit \"%s\" is not in the tree of plan %" PRId64), rgt_unit_name(unit_id),
								plan->plan_id),
					   psprintf(rgt_text("The plan covers \"%s\" and the units below it."), rgt_unit_name(plan->root)), NULL);
	rgt_refuse_row("targets", "targets_open",
				   psprintf(rgt_text("unit \"%s\" is not open in period \"%s\""),
							rgt_unit_name(unit_id), TextDatumGetCString(plan->period)), NULL,
				   rgt_text("Close or open units by opened_on and closed_on of regtarget.units."));
}

/* By a query of its own: cheap for a few rows. */
static int32
look_up_parent(const RgtGuardedPlan *plan, int32 unit_id)
{
	static RgtQuery query = RGT_QUERY(
		"WITH RECURSIVE up(unit_id, parent_id, opened_on, closed_on) AS ("
		"SELECT u.unit_id, " RGT_PARENT_ON("u", "$3") ", u.opened_on, u.closed_on FROM regtarget.units u "
		"WHERE u.unit_id OPERATOR(pg_catalog.=) $1 "
		"UNION SELECT u.unit_id, " RGT_PARENT_ON("u", "$3") ", u.opened_on, u.closed_on "
		"FROM up JOIN regtarget.units u ON u.unit_id OPERATOR(pg_catalog.=) up.parent_id "
		"WHERE up.unit_id OPERATOR(pg_catalog.<>) $2) "
		"SELECT pg_catalog.max(parent_id) FILTER (WHERE unit_id OPERATOR(pg_catalog.=) $1), "
		"pg_catalog.bool_or(unit_id OPERATOR(pg_catalog.=) $2), "
		"pg_catalog.bool_and((opened_on IS NULL OR opened_on OPERATOR(pg_catalog.<=) $4) "
		"AND (closed_on IS NULL OR closed_on OPERATOR(pg_catalog.>=) $3)) "
		"FILTER (WHERE unit_id OPERATOR(pg_catalog.=) $1) FROM up",
		INT4OID, INT4OID, DATEOID, DATEOID);
	Datum		arguments[4] = {Int32GetDatum(unit_id), Int32GetDatum(plan->root),
	DateADTGetDatum(plan->first), DateADTGetDatum(plan->last)};
	Datum		values[3];
	bool		isnull[3];
	RgtSession	session;

	rgt_begin(&session);
	rgt_one(&query, RGT_LATEST, arguments, NULL, values, isnull, 3);
	rgt_end(&session);
	if (isnull[1])
		rgt_missing_reference("targets", "unit_id", psprintf("%d", unit_id));
	if (!DatumGetBool(values[1]) || !DatumGetBool(values[2]))
		not_in_plan(plan, unit_id, DatumGetBool(values[1]));
	return unit_id == plan->root || isnull[0] ? 0 : DatumGetInt32(values[0]);
}

/* Which positions of the tree are the plan's root or below it. */
static void
mark_below_root(RgtGuard *guard, RgtGuardedPlan *plan)
{
	const RgtTree *tree = plan->tree;

	plan->below_root = MemoryContextAllocExtended(guard->context, Max(tree->n, 1), MCXT_ALLOC_HUGE);
	for (int p = 0; p < tree->n; p++)
		plan->below_root[p] = tree->unit_id[p] == plan->root ||
			(tree->parent[p] >= 0 && plan->below_root[tree->parent[p]]);
}

/* By the whole tree in memory: cheap for many rows. */
static int32
find_parent(RgtGuard *guard, RgtGuardedPlan *plan, int32 unit_id)
{
	const RgtTree *tree = plan->tree;
	int			p = rgt_tree_find(tree, unit_id);

	if (p < 0)
		rgt_missing_reference("targets", "unit_id", psprintf("%d", unit_id));
	if (plan->below_root == NULL)
		mark_below_root(guard, plan);
	if (!plan->below_root[p] || tree->opened_on[p] > plan->last || tree->closed_on[p] < plan->first)
		not_in_plan(plan, unit_id, plan->below_root[p]);
	return unit_id == plan->root || tree->parent[p] < 0 ? 0 : tree->unit_id[tree->parent[p]];
}

/* The tree of the period's first day, which another plan of the statement may have had read. */
static const RgtTree *
tree_of(RgtGuard *guard, const RgtGuardedPlan *plan)
{
	const RgtTree *tree;
	RgtSession	session;

	for (const RgtGuardedPlan *other = guard->plans; other != NULL; other = other->next)
	{
		if (other->tree != NULL && other->first == plan->first)
			return other->tree;
	}
	rgt_begin(&session);
	MemoryContextSwitchTo(guard->context);
	tree = rgt_tree_read(RGT_LATEST, plan->first);
	rgt_end(&session);
	return tree;
}

static int32
parent_in_plan(RgtGuard *guard, RgtGuardedPlan *plan, int32 unit_id)
{
	if (plan->tree == NULL && guard->lookups++ < RGT_LOOKUPS_BEFORE_TREE)
		return look_up_parent(plan, unit_id);
	if (plan->tree == NULL)
		plan->tree = tree_of(guard, plan);
	return find_parent(guard, plan, unit_id);
}

/*
 * The parent of a unit in the plan's tree, 0 for the plan's root; an error for a unit not in it.  Both are noted,
 * to be looked up again when the row is written.
 */
int32
rgt_guard_parent(RgtGuard *guard, RgtGuardedPlan *plan, int32 unit_id)
{
	int32		parent;

	if (!guard->listed)
		guard->before = rgt_writers();
	parent = parent_in_plan(guard, plan, unit_id);
	rgt_guard_note(guard, unit_id, parent);
	return parent;
}

/* The penalty of a unit in steps; the plan's root bears its own, too.  None in a sandbox. */
int64
rgt_guard_penalty(const RgtGuardedPlan *plan, int32 unit_id, int64 suggested)
{
	RateEntry  *entry = plan->rates == NULL ? NULL : rates_lookup(plan->rates, unit_id);

	return entry == NULL ? 0 : rgt_penalty_steps(suggested, entry->rate);
}
