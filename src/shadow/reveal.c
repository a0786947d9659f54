/*
 * shadow/reveal.c
 *	  reveal_shadow(): shadow plans are shown, once and for good.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "access/access.h"
#include "ledger/ledger.h"
#include "plans/plans.h"
#include "regtarget.h"

/* A shadow plan of the period. */
typedef struct Shadow
{
	int64		plan_id;
	int32		root;
	bool		revealed;
} Shadow;

typedef struct Found
{
	MemoryContext context;
	List	   *shadows;		/* whose root the caller plans */
	Shadow	   *other;			/* one that he sees, but does not plan; NULL: none */
} Found;

static void
note_shadow(TupleTableSlot *slot, void *arg)
{
	Found	   *found = arg;
	MemoryContext old = MemoryContextSwitchTo(found->context);
	Oid			caller = rgt_caller();
	Shadow	   *shadow = palloc(sizeof(Shadow));

	shadow->plan_id = DatumGetInt64(slot->tts_values[0]);
	shadow->root = DatumGetInt32(slot->tts_values[1]);
	shadow->revealed = DatumGetBool(slot->tts_values[2]);
	if (rgt_may_everything(caller) || (rgt_duties_over(caller, shadow->root) & RGT_PLANNER) != 0)
		found->shadows = lappend(found->shadows, shadow);
	else if (rgt_plan_is_known(caller, shadow->plan_id))
		found->other = shadow;
	MemoryContextSwitchTo(old);
}

static void
require_planner_anywhere(void)
{
	Oid			caller = rgt_caller();

	if (!rgt_may_everything(caller) && (rgt_duties_anywhere(caller) & RGT_PLANNER) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("role \"%s\" is not a planner", rgt_caller_name()),
				 errhint("Shadow plans are revealed by planners of their root or of a unit above it.")));
}

/* Those of a period, in the order of their numbers; 42501 or 55000 when there are none for the caller to reveal. */
static List *
find_shadows(const RgtPeriod *period)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT plan_id, root_unit_id, revealed_at IS NOT NULL FROM regtarget.plans "
		"WHERE period = $1 AND mode = 'shadow' ORDER BY plan_id", TEXTOID);
	Datum		argument = PointerGetDatum(period->period);
	Found		found = {.context = CurrentMemoryContext};

	rgt_run(&query, RGT_LATEST, &argument, NULL, note_shadow, &found);
	if (found.shadows == NIL && found.other != NULL)
		rgt_require_planner_of_plan(found.other->plan_id, found.other->root);
	if (found.shadows == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("period \"%s\" has no shadow plan", text_to_cstring(period->period)),
				 errhint("Make one before the period begins: regtarget.allocate_targets(period, total, 'shadow').")));
	return found.shadows;
}

/* Locked like a step of any plan: whoever allocates it again meanwhile waits, and then makes another. */
static bool
reveal(const Shadow *shadow)
{
	static RgtQuery query = RGT_QUERY(
		"UPDATE regtarget.plans SET revealed_at = " RGT_MOMENT_AFTER("created_at") " WHERE plan_id = $1", INT8OID);
	static RgtQuery hidden = RGT_QUERY("SELECT FROM regtarget.plans WHERE plan_id = $1 AND revealed_at IS NULL", INT8OID);
	Datum		argument = Int64GetDatum(shadow->plan_id);

	if (shadow->revealed)
		return false;
	rgt_lock_plan(shadow->plan_id, ExclusiveLock);
	if (rgt_run(&hidden, RGT_LATEST, &argument, NULL, NULL, NULL) == 0)
		return false;			/* revealed or deleted while we waited */
	rgt_write_plan(&query, &argument, NULL, shadow->plan_id);
	return true;
}

static RgtEntry
entry_of(const RgtPeriod *period, const Shadow *shadow)
{
	static RgtQuery query = RGT_QUERY("SELECT revealed_at FROM regtarget.plans WHERE plan_id = $1", INT8OID);
	Datum		argument = Int64GetDatum(shadow->plan_id);
	RgtJson    *details = rgt_json();
	Datum		moment;
	bool		isnull;

	if (!rgt_one(&query, RGT_LATEST, &argument, NULL, &moment, &isnull, 1) || isnull)
		elog(ERROR, "shadow plan " INT64_FORMAT " was not revealed", shadow->plan_id);

	rgt_json_int(details, "plan_id", shadow->plan_id);
	rgt_json_text(details, "period", text_to_cstring(period->period));
	rgt_json_moment(details, "revealed_at", DatumGetTimestampTz(moment));
	return (RgtEntry) {shadow->root, "shadow_revealed", rgt_json_done(details)};
}

/* reveal_shadow(period): all shadow plans of it whose root the caller plans. */
PG_FUNCTION_INFO_V1(rgt_reveal_shadow);
Datum
rgt_reveal_shadow(PG_FUNCTION_ARGS)
{
	RgtSession	session;
	RgtPeriod	period;
	List	   *shadows;
	RgtEntry   *entries;
	ListCell   *cell;
	int			n = 0;

	rgt_required_text(fcinfo, 0, "period");
	rgt_enter_to_write(&session, "regtarget.reveal_shadow()");
	period = rgt_period(PG_GETARG_TEXT_PP(0));
	require_planner_anywhere();
	shadows = find_shadows(&period);
	entries = palloc(sizeof(RgtEntry) * list_length(shadows));
	foreach(cell, shadows)
	{
		if (reveal(lfirst(cell)))
			entries[n++] = entry_of(&period, lfirst(cell));
	}
	/* Chains come after all plans, in their own order. */
	if (n > 0)
		rgt_ledger_append(entries, n);
	rgt_end(&session);
	PG_RETURN_VOID();
}
