/*
 * units/successions.c
 *	  Which unit goes on where others ended: shares from 0 to 1, nobody follows himself by whatever way, and the ledger
 *	  has every succession that is recorded, changed or removed.
 *
 * Who writes successions waits for whoever else does, and looks at all that is committed by then: so two of them
 * cannot close a circle together.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "access/access.h"
#include "ledger/ledger.h"
#include "regtarget.h"
#include "units/units.h"

/* ---- shares --------------------------------------------------------------------------------------- */

static bool
is_share(Numeric share)
{
	return rgt_is_finite(share) &&
		!DatumGetBool(DirectFunctionCall2(numeric_lt, NumericGetDatum(share), NumericGetDatum(int64_to_numeric(0)))) &&
		!DatumGetBool(DirectFunctionCall2(numeric_gt, NumericGetDatum(share), NumericGetDatum(int64_to_numeric(1))));
}

/*
 * The column's constraint refuses a wrong share too, but with less to go by; it stays alone where the unit is not in
 * the caller's sight, whom row security is about to refuse.
 */
static void
check_share(HeapTuple row, TupleDesc desc)
{
	bool		no_unit;
	bool		no_share;
	int32		unit_id = DatumGetInt32(heap_getattr(row, rgt_attnum(desc, "unit_id"), desc, &no_unit));
	Datum		share = heap_getattr(row, rgt_attnum(desc, "share"), desc, &no_share);
	RgtSession	session;

	if (no_unit || no_share || is_share(DatumGetNumeric(share)))
		return;
	rgt_begin(&session);
	if (rgt_in_sight(rgt_caller(), unit_id))
		rgt_refuse_row("successions", "successions_share_check",
					   psprintf(rgt_text("the share of a succession of unit \"%s\" is not between 0 and 1"),
								rgt_unit_name(unit_id)),
					   psprintf(rgt_text("It is %s."), rgt_numeric_text(DatumGetNumeric(share))),
					   rgt_text("It says what part of the predecessor's history goes on in the unit: 1 is all of it."));
	rgt_end(&session);
}

/* BEFORE INSERT or UPDATE of successions, for each row. */
PG_FUNCTION_INFO_V1(rgt_guard_successions);
Datum
rgt_guard_successions(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = rgt_trigger(fcinfo, "regtarget.guard_successions", "successions", RGT_BEFORE_ROW);
	HeapTuple	row = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ? trigger->tg_newtuple : trigger->tg_trigtuple;

	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event) && rgt_restoring())
		return PointerGetDatum(row);
	check_share(row, RelationGetDescr(trigger->tg_relation));
	return PointerGetDatum(row);
}

/* ---- what a statement changes ------------------------------------------------------------------------ */

typedef struct Succession
{
	int32		unit_id;
	int32		predecessor_id;
	Numeric		share;
} Succession;

typedef struct Successions
{
	AttrNumber	unit_id;
	AttrNumber	predecessor_id;
	AttrNumber	share;
	Succession *rows;
	int			n;
	int			allocated;
	MemoryContext context;
} Successions;

static void
add_succession(TupleTableSlot *slot, void *arg)
{
	Successions *list = arg;
	const Datum *value = slot->tts_values - 1;
	MemoryContext old = MemoryContextSwitchTo(list->context);

	RGT_GROW(list->rows, list->n, list->allocated);
	list->rows[list->n++] = (Succession) {
		DatumGetInt32(value[list->unit_id]), DatumGetInt32(value[list->predecessor_id]),
		DatumGetNumericCopy(value[list->share])
	};
	MemoryContextSwitchTo(old);
}

static int
compare_successions(const void *a, const void *b)
{
	const Succession *left = a;
	const Succession *right = b;

	if (left->unit_id != right->unit_id)
		return RGT_ORDER(left->unit_id, right->unit_id);
	return RGT_ORDER(left->predecessor_id, right->predecessor_id);
}

/* By unit and predecessor. */
static Successions
collect(Tuplestorestate *rows, TupleDesc desc)
{
	Successions list = {.allocated = 16, .context = CurrentMemoryContext};

	list.unit_id = rgt_attnum(desc, "unit_id");
	list.predecessor_id = rgt_attnum(desc, "predecessor_id");
	list.share = rgt_attnum(desc, "share");
	list.rows = palloc(sizeof(Succession) * list.allocated);
	if (rows != NULL)
		rgt_each_row(rows, desc, add_succession, &list);
	qsort(list.rows, list.n, sizeof(Succession), compare_successions);
	return list;
}

/* ---- circles ------------------------------------------------------------------------------------------ */

/* Going back from the unit, does one come to it again? */
static void
refuse_circle(const RgtSuccessions *all, int32 unit_id, int32 predecessor_id)
{
	if (unit_id != predecessor_id && !rgt_goes_back_to(all, predecessor_id, unit_id))
		return;
	rgt_refuse_row("successions", "successions_tree",
				   psprintf(rgt_text("unit \"%s\" would be its own predecessor"), rgt_unit_name(unit_id)),
				   unit_id == predecessor_id ? rgt_text("A unit does not follow itself.") :
				   psprintf(rgt_text("Unit \"%s\", which it would follow, goes back to it by the successions on record."),
							rgt_unit_name(predecessor_id)),
				   rgt_text("Say which of the units was there first, and delete the other rows of regtarget.successions."));
}

/* Of the rows that a statement has written none closes a circle, by whomever the others were written. */
static void
check_circles(const Successions *new)
{
	RgtSuccessions all;

	if (new->n == 0)
		return;
	all = rgt_successions(RGT_LATEST);
	for (int i = 0; i < new->n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		refuse_circle(&all, new->rows[i].unit_id, new->rows[i].predecessor_id);
	}
}

/* ---- the ledger --------------------------------------------------------------------------------------- */

/* Of a pair: how much of it went on before, and does now; NULL: nothing was or is recorded. */
static RgtEntry
entry_of(const Succession *pair, Numeric before, Numeric after)
{
	RgtJson    *details = rgt_json();

	rgt_json_int(details, "from", pair->predecessor_id);
	rgt_json_int(details, "to", pair->unit_id);
	if (before != NULL)
		rgt_json_numeric(details, "share_before", before);
	if (after != NULL)
		rgt_json_numeric(details, "share", after);
	return (RgtEntry) {
		pair->unit_id, after != NULL ? "succession_recorded" : "succession_removed", rgt_json_done(details)
	};
}

static bool
same_share(Numeric a, Numeric b)
{
	return rgt_compare_numerics(NumericGetDatum(a), NumericGetDatum(b)) == 0;
}

/* Both lists by unit and predecessor: what is in one alone, or differs, is noted. */
static void
note_changes(const Successions *old, const Successions *new)
{
	RgtEntry   *entries = palloc(sizeof(RgtEntry) * Max(old->n + new->n, 1));
	int			n = 0;

	for (int i = 0, j = 0; i < old->n || j < new->n;)
	{
		int			order = i == old->n ? 1 : j == new->n ? -1 : compare_successions(&old->rows[i], &new->rows[j]);

		if (order < 0)
			entries[n++] = entry_of(&old->rows[i], old->rows[i].share, NULL);
		else if (order > 0)
			entries[n++] = entry_of(&new->rows[j], NULL, new->rows[j].share);
		else if (!same_share(old->rows[i].share, new->rows[j].share))
			entries[n++] = entry_of(&new->rows[j], old->rows[i].share, new->rows[j].share);
		i += order <= 0;
		j += order >= 0;
	}
	if (n > 0)
		rgt_ledger_append(entries, n);
}

/* What a TRUNCATE takes goes row by row first, so that the ledger has it. */
static void
delete_all(void)
{
	static RgtQuery query = RGT_QUERY0("DELETE FROM regtarget.successions");
	RgtSession	session;

	rgt_begin(&session);
	rgt_run(&query, RGT_FRESH, NULL, NULL, NULL, NULL);
	rgt_end(&session);
}

/* AFTER INSERT, UPDATE or DELETE of successions, and BEFORE TRUNCATE, for each statement. */
PG_FUNCTION_INFO_V1(rgt_check_successions);
Datum
rgt_check_successions(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = rgt_trigger(fcinfo, "regtarget.check_successions", "successions", RGT_AFTER_STATEMENT);
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	RgtSession	session;
	Successions old;
	Successions new;

	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event) && rgt_restoring())
		return PointerGetDatum(NULL);
	if (TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event))
	{
		delete_all();
		return PointerGetDatum(NULL);
	}
	rgt_begin(&session);
	old = collect(trigger->tg_oldtable, desc);
	new = collect(trigger->tg_newtable, desc);
	/* What is inherited comes into a period: who closes one goes first, as in all steps, and then to the chains. */
	if (new.n > 0)
		rgt_hold_periods(DATEVAL_NOBEGIN);
	if (old.n + new.n > 0)
		rgt_lock_object(RelationGetRelid(trigger->tg_relation), ExclusiveLock);
	check_circles(&new);
	note_changes(&old, &new);
	rgt_end(&session);
	return PointerGetDatum(NULL);
}
