/*
 * ledger/log.c
 *	  What triggers write into the ledger: every change of a published amount, by whatever statement,
 *	  and every standing that is not 0.
 *
 * Both look at the statement's transition tables twice: once for the chains that it concerns, which
 * are locked together and in order, then to append.  A statement that concerns none, such as any on a
 * draft, takes no lock.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "common/hashfn.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "ledger/chain.h"
#include "ledger/ledger.h"
#include "regtarget.h"

/* ---- the cause of a change --------------------------------------------------------------------------- */

static RgtWhy cause;
static bool caused = false;

static void
forget_at_end(XactEvent event, void *arg)
{
	caused = false;
}

static void
forget_at_abort(SubXactEvent event, SubTransactionId mine, SubTransactionId parent, void *arg)
{
	if (event == SUBXACT_EVENT_ABORT_SUB)
		caused = false;
}

/*
 * Why the amounts change that the next UPDATE of targets touches, all of published plans.  It holds for that one statement,
 * whether it changes any or not; one that fails leaves nothing behind.  NULL: no cause after all.
 */
void
rgt_ledger_cause(const RgtWhy *why)
{
	static bool registered = false;

	if (!registered)
	{
		RegisterXactCallback(forget_at_end, NULL);
		RegisterSubXactCallback(forget_at_abort, NULL);
		registered = true;
	}
	caused = why != NULL;
	if (caused)
		cause = *why;
}

/* The cause of the statement that has just run, if there is any; without one, that of a plain UPDATE. */
static RgtWhy
take_cause(bool *has_cause)
{
	RgtWhy		taken = {.action = "update"};

	*has_cause = caused;
	if (caused)
		taken = cause;
	caused = false;
	return taken;
}

static const char *
cause_word(const RgtWhy *why)
{
	if (why->adjustment_id != 0)
		return "adjustment";
	if (why->reason != NULL)
		return why->reason;
	return why->action;
}

/* ---- amounts ------------------------------------------------------------------------------------------ */

/* Is a plan's change of amounts to be logged?  Asked once a plan. */
typedef struct PlanStatus
{
	int64		plan_id;
	bool		published;		/* or closed */
	char		status;
} PlanStatus;

#define SH_PREFIX plans
#define SH_ELEMENT_TYPE PlanStatus
#define SH_KEY_TYPE int64
#define SH_KEY plan_id
#define SH_HASH_KEY(tb, key) murmurhash32((uint32) (key))
#define SH_EQUAL(tb, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/* The changes of one statement. */
typedef struct Changes
{
	AttrNumber	target_id,
				plan_id,
				unit_id,
				period,
				parent_unit_id,
				suggested,
				baseline,
				amount;
	plans_hash *plans;
	RgtWhy		cause;
	bool		has_cause;		/* so the plan is a published one */
	RgtLocks	locks;
	int64		n;
	RgtEntries	entries;
} Changes;

typedef void (*PairFn) (TupleTableSlot *old, TupleTableSlot *new, Changes *changes);

static Datum
value(TupleTableSlot *slot, AttrNumber column)
{
	bool		isnull;

	return slot_getattr(slot, column, &isnull);
}

static bool
read_published(int64 plan_id)
{
	static const char *const columns[] = {"status"};
	Snapshot	snapshot = rgt_snapshot(RGT_LATEST);
	Datum		status;
	bool		isnull;
	bool		found = rgt_row_by_key("plans", plan_id, snapshot, columns, 1, &status, &isnull);
	char	   *word = found ? TextDatumGetCString(status) : "";

	UnregisterSnapshot(snapshot);
	return strcmp(word, "published") == 0 || strcmp(word, "closed") == 0;
}

static bool
is_published(Changes *changes, int64 plan_id)
{
	bool		found;
	PlanStatus *plan = plans_insert(changes->plans, plan_id, &found);

	if (!found)
		plan->published = changes->has_cause || read_published(plan_id);
	return plan->published;
}

static bool
differs(TupleTableSlot *old, TupleTableSlot *new, AttrNumber column)
{
	return rgt_compare_numerics(value(old, column), value(new, column)) != 0;
}

/* The parent in the plan; 0: none. */
static int32
parent_in(TupleTableSlot *slot, const Changes *changes)
{
	return slot->tts_isnull[changes->parent_unit_id - 1] ? 0 : DatumGetInt32(value(slot, changes->parent_unit_id));
}

/* Does a target stand elsewhere, or is it made of something else? */
static bool
has_moved(TupleTableSlot *old, TupleTableSlot *new, const Changes *changes)
{
	return changes->cause.reason != NULL &&
		(differs(old, new, changes->suggested) || differs(old, new, changes->baseline) ||
		 parent_in(old, changes) != parent_in(new, changes));
}

/* By the plan first: of a draft, amounts are not even taken out of the rows. */
static bool
is_change(TupleTableSlot *old, TupleTableSlot *new, Changes *changes)
{
	return is_published(changes, DatumGetInt64(value(new, changes->plan_id))) &&
		(differs(old, new, changes->amount) || has_moved(old, new, changes));
}

static void
need_chain(TupleTableSlot *old, TupleTableSlot *new, Changes *changes)
{
	if (!is_change(old, new, changes))
		return;
	rgt_need_lock(&changes->locks, DatumGetInt32(value(new, changes->unit_id)));
	changes->n++;
}

/* What a target was made of and where it stood, before and after, and what has moved it. */
static void
add_move(RgtJson *details, TupleTableSlot *old, TupleTableSlot *new, const Changes *changes)
{
	const RgtWhy *why = &changes->cause;

	rgt_json_numeric(details, "suggested_before", DatumGetNumeric(value(old, changes->suggested)));
	rgt_json_numeric(details, "suggested_after", DatumGetNumeric(value(new, changes->suggested)));
	rgt_json_numeric(details, "baseline_before", DatumGetNumeric(value(old, changes->baseline)));
	rgt_json_numeric(details, "baseline_after", DatumGetNumeric(value(new, changes->baseline)));
	rgt_json_int(details, "parent_before", parent_in(old, changes));
	rgt_json_int(details, "parent_after", parent_in(new, changes));
	rgt_json_int(details, "from", why->from);
	rgt_json_int(details, "to", why->to);
	rgt_json_int(details, "common", why->common);
	rgt_json_int(details, "of", why->unit_id);
	rgt_json_numeric(details, "moved", why->moved);
}

static void
add_change(TupleTableSlot *old, TupleTableSlot *new, Changes *changes)
{
	const RgtWhy *why = &changes->cause;
	int32		unit_id = DatumGetInt32(value(new, changes->unit_id));
	MemoryContext context;
	RgtJson    *details;

	if (!is_change(old, new, changes))
		return;
	context = MemoryContextSwitchTo(changes->entries.context);
	details = rgt_json();
	rgt_json_int(details, "target_id", DatumGetInt64(value(new, changes->target_id)));
	rgt_json_int(details, "plan_id", DatumGetInt64(value(new, changes->plan_id)));
	rgt_json_text(details, "period", TextDatumGetCString(value(new, changes->period)));
	rgt_json_numeric(details, "before", DatumGetNumeric(value(old, changes->amount)));
	rgt_json_numeric(details, "after", DatumGetNumeric(value(new, changes->amount)));
	rgt_json_text(details, "why", cause_word(why));
	if (why->adjustment_id != 0)
		rgt_json_int(details, "adjustment_id", why->adjustment_id);
	if (why->reason != NULL)
		add_move(details, old, new, changes);
	rgt_entries_add(&changes->entries, unit_id,
					why->unit_id == unit_id || why->reason != NULL ? why->action : "amount_changed", details);
	MemoryContextSwitchTo(context);
}

/* Old and new rows come in the same order: a row goes into both tables at the same moment. */
static void
each_pair(TriggerData *trigger, PairFn pair, Changes *changes)
{
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	TupleTableSlot *old = MakeSingleTupleTableSlot(desc, &TTSOpsMinimalTuple);
	TupleTableSlot *new = MakeSingleTupleTableSlot(desc, &TTSOpsMinimalTuple);

	tuplestore_rescan(trigger->tg_oldtable);
	tuplestore_rescan(trigger->tg_newtable);
	while (tuplestore_gettupleslot(trigger->tg_newtable, true, false, new))
	{
		CHECK_FOR_INTERRUPTS();
		if (!tuplestore_gettupleslot(trigger->tg_oldtable, true, false, old))
			elog(ERROR, "old and new rows of targets are not in step");
		pair(old, new, changes);
	}
	ExecDropSingleTupleTableSlot(old);
	ExecDropSingleTupleTableSlot(new);
}

static void
log_changes(TriggerData *trigger, Changes *changes)
{
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	RgtSession	session;

	changes->target_id = rgt_attnum(desc, "target_id");
	changes->plan_id = rgt_attnum(desc, "plan_id");
	changes->unit_id = rgt_attnum(desc, "unit_id");
	changes->period = rgt_attnum(desc, "period");
	changes->amount = rgt_attnum(desc, "amount");
	changes->parent_unit_id = rgt_attnum(desc, "parent_unit_id");
	changes->suggested = rgt_attnum(desc, "suggested");
	changes->baseline = rgt_attnum(desc, "baseline");
	rgt_begin(&session);
	changes->plans = plans_create(CurrentMemoryContext, 8, NULL);
	each_pair(trigger, need_chain, changes);
	if (changes->n > 0)
	{
		rgt_lock_chains(&changes->locks);
		rgt_entries_begin(&changes->entries);
		each_pair(trigger, add_change, changes);
		rgt_entries_end(&changes->entries);
	}
	rgt_end(&session);
}

/* AFTER UPDATE of targets, for each statement, with the old and the new rows. */
PG_FUNCTION_INFO_V1(rgt_log_amounts);
Datum
rgt_log_amounts(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = rgt_trigger(fcinfo, "regtarget.log_amounts", "targets", RGT_AFTER_STATEMENT);
	Changes		changes = {.n = 0};

	changes.cause = take_cause(&changes.has_cause);
	if (trigger->tg_oldtable == NULL || trigger->tg_newtable == NULL)
		rgt_wrong_trigger("regtarget.log_amounts");
	if (tuplestore_tuple_count(trigger->tg_newtable) > 0)
		log_changes(trigger, &changes);
	return PointerGetDatum(NULL);
}

/* ---- standings ---------------------------------------------------------------------------------------- */

typedef struct Standings
{
	AttrNumber	unit_id,
				period,
				denied_quarters,
				penalty_rate;
	RgtLocks	locks;
	int64		n;
	RgtEntries	entries;
} Standings;

/* Is there anything to a standing?  Most are those of units that nobody refused. */
static bool
says_something(TupleTableSlot *slot, const Standings *standings)
{
	return DatumGetInt32(value(slot, standings->denied_quarters)) > 0 || rgt_sign_of(value(slot, standings->penalty_rate)) > 0;
}

static void
need_chain_of_standing(TupleTableSlot *slot, void *arg)
{
	Standings  *standings = arg;

	if (!says_something(slot, standings))
		return;
	rgt_need_lock(&standings->locks, DatumGetInt32(value(slot, standings->unit_id)));
	standings->n++;
}

static void
add_standing(TupleTableSlot *slot, void *arg)
{
	Standings  *standings = arg;
	MemoryContext context;
	RgtJson    *details;

	if (!says_something(slot, standings))
		return;
	context = MemoryContextSwitchTo(standings->entries.context);
	details = rgt_json();
	rgt_json_text(details, "period", TextDatumGetCString(value(slot, standings->period)));
	rgt_json_int(details, "denied_quarters", DatumGetInt32(value(slot, standings->denied_quarters)));
	rgt_json_numeric(details, "penalty_rate", DatumGetNumeric(value(slot, standings->penalty_rate)));
	rgt_entries_add(&standings->entries, DatumGetInt32(value(slot, standings->unit_id)), "standing_written", details);
	MemoryContextSwitchTo(context);
}

/* AFTER INSERT of standings, for each statement, with the new rows; not while a dump is restored. */
PG_FUNCTION_INFO_V1(rgt_log_standings);
Datum
rgt_log_standings(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = rgt_trigger(fcinfo, "regtarget.log_standings", "standings", RGT_AFTER_STATEMENT);
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	Standings	standings = {.n = 0};
	RgtSession	session;

	if (rgt_restoring())
		return PointerGetDatum(NULL);
	if (trigger->tg_newtable == NULL)
		rgt_wrong_trigger("regtarget.log_standings");
	standings.unit_id = rgt_attnum(desc, "unit_id");
	standings.period = rgt_attnum(desc, "period");
	standings.denied_quarters = rgt_attnum(desc, "denied_quarters");
	standings.penalty_rate = rgt_attnum(desc, "penalty_rate");
	rgt_begin(&session);
	rgt_each_row(trigger->tg_newtable, desc, need_chain_of_standing, &standings);
	if (standings.n > 0)
	{
		rgt_lock_chains(&standings.locks);
		rgt_entries_begin(&standings.entries);
		rgt_each_row(trigger->tg_newtable, desc, add_standing, &standings);
		rgt_entries_end(&standings.entries);
	}
	rgt_end(&session);
	return PointerGetDatum(NULL);
}
