/*
 * plans/status.c
 *	  The plan's row: draft -> proposed -> published -> closed, through functions alone.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/acl.h"
#include "utils/datum.h"
#include "utils/timestamp.h"

#include "apportion.h"
#include "facts/facts.h"
#include "plans/plans.h"
#include "regtarget.h"

/* ---- the guard of plans ---------------------------------------------------------------------- */

static Datum
column(HeapTuple tuple, TupleDesc desc, const char *name, bool *isnull)
{
	return heap_getattr(tuple, rgt_attnum(desc, name), desc, isnull);
}

static char *
status_of(HeapTuple tuple, TupleDesc desc)
{
	bool		isnull;
	Datum		status = column(tuple, desc, "status", &isnull);

	return isnull ? "" : TextDatumGetCString(status);
}

static int64
plan_id_of(HeapTuple tuple, TupleDesc desc)
{
	bool		isnull;
	Datum		plan_id = column(tuple, desc, "plan_id", &isnull);

	return isnull ? 0 : DatumGetInt64(plan_id);
}

static bool
is_published(const char *status)
{
	return strcmp(status, "published") == 0 || strcmp(status, "closed") == 0;
}

/* The cap of the policy in force on the period's first day; 0 for a period that does not exist. */
static Datum
cap_of_period(Datum period)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT pg_catalog.lower(during) FROM regtarget.periods WHERE period OPERATOR(pg_catalog.=) $1", TEXTOID);
	MemoryContext context = CurrentMemoryContext;
	RgtSession	session;
	Datum		first;
	Datum		cap = NumericGetDatum(int64_to_numeric(0));
	bool		isnull;

	rgt_begin(&session);
	if (rgt_one(&query, RGT_LATEST, &period, NULL, &first, &isnull, 1))
	{
		Numeric		of_policy = rgt_policy(DatumGetDateADT(first), RGT_LATEST).cap;

		MemoryContextSwitchTo(context);
		cap = datumCopy(NumericGetDatum(of_policy), false, -1);
	}
	rgt_end(&session);
	MemoryContextSwitchTo(context);
	return cap;
}

/* A total must be a whole number of steps; what the columns' constraints refuse is left to them. */
static void
check_total(HeapTuple tuple, TupleDesc desc)
{
	bool		total_null;
	bool		step_null;
	Datum		total = column(tuple, desc, "total", &total_null);
	Datum		step_value = column(tuple, desc, "step", &step_null);
	RgtStep		step;

	if (total_null || step_null ||
		!rgt_is_finite(DatumGetNumeric(total)) || !rgt_is_finite(DatumGetNumeric(step_value)) ||
		rgt_sign_of(total) < 0 || rgt_sign_of(step_value) <= 0)
		return;
	rgt_step_init(&step, DatumGetNumeric(step_value));
	rgt_total_steps(&step, DatumGetNumeric(total));
}

/*
 * What only the owner, who may restore, writes of a new plan: its number, the moment, a snapshot of the rules
 * that no split of ours has obeyed, whether a shadow plan was late, and when it was revealed.
 */
static HeapTuple
fill_ours(Relation relation, HeapTuple new)
{
	TupleDesc	desc = RelationGetDescr(relation);
	int			columns[5] = {
		rgt_attnum(desc, "created_at"), rgt_attnum(desc, "rules"), rgt_attnum(desc, "late"), rgt_attnum(desc, "revealed_at"),
		rgt_attnum(desc, "plan_id")
	};
	Datum		values[5] = {TimestampTzGetDatum(GetCurrentTimestamp())};
	bool		nulls[5] = {false, true, true, true, false};
	bool		numbered = rgt_overruled(relation, columns[4]);

	if (has_privs_of_role(GetUserId(), rgt_owner()))
		return new;
	if (numbered)
		values[4] = Int64GetDatum(rgt_next_key("plans_plan_id_seq"));
	return heap_modify_tuple_by_cols(new, desc, numbered ? 5 : 4, columns, values, nulls);
}

/* A new plan is a draft, made by the role in force, with the cap of its policy. */
static HeapTuple
guard_insert(Relation relation, HeapTuple new)
{
	TupleDesc	desc = RelationGetDescr(relation);
	bool		isnull;
	Datum		period = column(new, desc, "period", &isnull);
	int			columns[2] = {rgt_attnum(desc, "cap"), rgt_attnum(desc, "created_by")};
	Datum		values[2];
	bool		nulls[2] = {false, false};

	check_total(new, desc);
	if (strcmp(status_of(new, desc), "draft") != 0)
		rgt_refuse_state("plans", rgt_text("a plan starts as a draft"), psprintf(rgt_text("Its status is \"%s\"."),
																				 status_of(new, desc)),
						 rgt_text("Publish it with regtarget.publish_plan()."));
	if (isnull)
		return new;				/* the column's constraint says it */
	values[0] = column(new, desc, "cap", &isnull);
	if (isnull || rgt_is_finite(DatumGetNumeric(values[0])))
		values[0] = cap_of_period(period);	/* else the column's constraint says it */
	values[1] = CStringGetTextDatum(rgt_caller_name());
	return fill_ours(relation, heap_modify_tuple_by_cols(new, desc, 2, columns, values, nulls));
}

/* Columns that may be written by hand while a plan is a draft. */
static bool
is_free(const char *name)
{
	return strcmp(name, "total") == 0 || strcmp(name, "label") == 0;
}

/* Is it a shadow plan that was allocated, of which the ledger has a digest? */
static bool
is_on_record(HeapTuple tuple, TupleDesc desc)
{
	return !heap_attisnull(tuple, rgt_attnum(desc, "late"), desc);
}

static void
guard_update(HeapTuple old, HeapTuple new, TupleDesc desc)
{
	char	   *status = status_of(old, desc);

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		char	   *name = NameStr(att->attname);
		bool		old_null;
		bool		new_null;
		Datum		before;
		Datum		after;

		if (att->attisdropped || (is_free(name) && !is_published(status)))
			continue;
		before = heap_getattr(old, att->attnum, desc, &old_null);
		after = heap_getattr(new, att->attnum, desc, &new_null);
		if (old_null == new_null && (old_null || datum_image_eq(before, after, att->attbyval, att->attlen)))
			continue;
		rgt_refuse_state("plans", psprintf(rgt_text("column \"%s\" of a plan is not written by hand"), name),
						 psprintf(rgt_text("Plan %" PRId64 " is %s."), plan_id_of(old, desc), status),
						 rgt_text("Use regtarget.allocate_targets(), propose_plan() or publish_plan()."));
	}
}

/* A shadow plan that was revealed, or was made in time for a period that has begun, is neither typed into nor deleted. */
static void
refuse_settled(HeapTuple old, TupleDesc desc, const char *message)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT pg_catalog.lower(during) FROM regtarget.periods WHERE period OPERATOR(pg_catalog.=) $1", TEXTOID);
	bool		isnull;
	Datum		period = column(old, desc, "period", &isnull);
	bool		late = DatumGetBool(column(old, desc, "late", &isnull));
	Datum		first;

	if (!heap_attisnull(old, rgt_attnum(desc, "revealed_at"), desc))
		rgt_refuse_revealed(plan_id_of(old, desc));
	if (is_on_record(old, desc) && rgt_one(&query, RGT_LATEST, &period, NULL, &first, &isnull, 1))
		rgt_refuse_on_record(plan_id_of(old, desc), DatumGetTextPP(period), DatumGetDateADT(first), late, message);
}

/* Total and label are part of what is on record: the row as it is after they were typed, which is that of a plan that is not. */
static HeapTuple
leave_record(HeapTuple old, HeapTuple new, TupleDesc desc)
{
	int			column = rgt_attnum(desc, "late");
	Datum		value = (Datum) 0;
	bool		isnull = true;
	RgtSession	session;

	if (!is_on_record(old, desc) && heap_attisnull(old, rgt_attnum(desc, "revealed_at"), desc))
		return new;
	rgt_begin(&session);
	refuse_settled(old, desc, rgt_text("a shadow plan is not typed into once its period has begun"));
	rgt_end(&session);
	rgt_note_off_record(plan_id_of(old, desc));
	return heap_modify_tuple_by_cols(new, desc, 1, &column, &value, &isnull);
}

/* A draft goes with its targets and what was answered to them. */
static void
guard_delete(HeapTuple old, TupleDesc desc)
{
	static RgtQuery delete_targets = RGT_QUERY(
		"DELETE FROM regtarget.targets WHERE plan_id OPERATOR(pg_catalog.=) $1", INT8OID);
	static RgtQuery delete_basis = RGT_QUERY(
		"DELETE FROM regtarget.plan_basis WHERE plan_id OPERATOR(pg_catalog.=) $1", INT8OID);
	static RgtQuery delete_answers = RGT_QUERY(
		"DELETE FROM regtarget.answers WHERE plan_id OPERATOR(pg_catalog.=) $1", INT8OID);
	static RgtQuery delete_bounds = RGT_QUERY(
		"DELETE FROM regtarget.plan_bounds WHERE plan_id OPERATOR(pg_catalog.=) $1", INT8OID);
	Datum		plan_id = Int64GetDatum(plan_id_of(old, desc));
	RgtSession	session;

	if (is_published(status_of(old, desc)))
		rgt_refuse_state("plans", rgt_text("a published plan is not deleted"),
						 psprintf(rgt_text("Plan %" PRId64 " is %s."), DatumGetInt64(plan_id), status_of(old, desc)),
						 rgt_text("What was published stays on record."));
	rgt_note_plan_write();
	rgt_begin(&session);
	refuse_settled(old, desc, rgt_text("a shadow plan is not deleted once its period has begun"));
	rgt_lock_plan(DatumGetInt64(plan_id), ExclusiveLock);
	rgt_run(&delete_basis, RGT_FRESH, &plan_id, NULL, NULL, NULL);
	rgt_run(&delete_answers, RGT_FRESH, &plan_id, NULL, NULL, NULL);
	rgt_run(&delete_bounds, RGT_FRESH, &plan_id, NULL, NULL, NULL);
	/* Last: nothing is left that would go with each of them. */
	rgt_run(&delete_targets, RGT_FRESH, &plan_id, NULL, NULL, NULL);
	rgt_end(&session);
}

static void
guard_truncate(void)
{
	static RgtQuery query = RGT_QUERY0(
		"SELECT FROM regtarget.plans WHERE status OPERATOR(pg_catalog.=) "
		"ANY ('{published,closed}'::pg_catalog.text[]) LIMIT 1");
	RgtSession	session;
	bool		published;

	rgt_begin(&session);
	published = rgt_run(&query, RGT_LATEST, NULL, NULL, NULL, NULL) > 0;
	rgt_end(&session);
	if (published)
		rgt_refuse_state("plans", rgt_text("a published plan is not deleted"), rgt_text("The table has some."),
						 rgt_text("What was published stays on record."));
}

/* BEFORE INSERT, UPDATE or DELETE of plans, for each row; BEFORE TRUNCATE, for each statement. */
PG_FUNCTION_INFO_V1(rgt_guard_plans);
Datum
rgt_guard_plans(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = rgt_trigger(fcinfo, "regtarget.guard_plans", "plans", RGT_BEFORE_ROW);
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	HeapTuple	row = trigger->tg_trigtuple;

	if (TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event))
	{
		guard_truncate();
		return PointerGetDatum(NULL);
	}
	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
		return PointerGetDatum(rgt_restoring() ? row : guard_insert(trigger->tg_relation, row));
	if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
	{
		check_total(trigger->tg_newtuple, desc);
		if (rgt_own_statement())
			return PointerGetDatum(trigger->tg_newtuple);
		guard_update(row, trigger->tg_newtuple, desc);
		return PointerGetDatum(leave_record(row, trigger->tg_newtuple, desc));
	}
	guard_delete(row, desc);
	return PointerGetDatum(row);
}
