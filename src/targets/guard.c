/*
 * targets/guard.c
 *	  The guard of the table of targets: what no client can go around.
 *
 * In a draft it computes what follows from `suggested`: penalty, baseline, amount, and the columns
 * that plan and tree decide.  In a published plan only `amount` moves, on the step and within the
 * cap; what a target is made of, and where it stands, by functions of ours alone.  In a closed one nothing does.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datum.h"

#include "access/access.h"
#include "plans/plans.h"
#include "regtarget.h"
#include "targets/guard.h"

/* ---- errors ------------------------------------------------------------------------------------ */

static char *
plan_name(const RgtGuardedPlan *plan)
{
	return psprintf(plan->closed ? rgt_text("Plan %" PRId64 " of %s is closed.") :
					rgt_text("Plan %" PRId64 " of %s is published."),
					plan->plan_id, TextDatumGetCString(plan->period));
}

/* ---- a row of a draft ---------------------------------------------------------------------------------- */

static void
refuse_above_cap(const RgtGuardedPlan *plan, int32 unit_id, int64 baseline, Numeric amount)
{
	int64		room = rgt_cap_steps(baseline, plan->cap_fraction);

	rgt_refuse_row("targets", "targets_cap",
				   psprintf(rgt_text("target of unit \"%s\" would leave its cap"), rgt_unit_name(unit_id)),
				   psprintf(rgt_text("Amount %s is outside %s to %s: baseline %s, cap %s either way."),
							rgt_numeric_text(amount), rgt_amount_text(&plan->step, baseline - room),
							rgt_amount_text(&plan->step, baseline + room),
							rgt_amount_text(&plan->step, baseline), rgt_numeric_text(DatumGetNumeric(plan->cap))),
				   rgt_text("The cap is measured from the published baseline and is the same all period."));
}

/* An amount of NaN is outside the cap whatever the baseline: tell the range that was allowed. */
static void
refuse_amount(const RgtGuard *guard, const RgtGuardedPlan *plan, int32 unit_id, Numeric amount)
{
	Datum		suggested = guard->values[guard->at.suggested - 1];
	int64		steps = 0;

	if (!guard->nulls[guard->at.suggested - 1] && rgt_is_finite(DatumGetNumeric(suggested)) &&
		rgt_to_steps(&plan->step, DatumGetNumeric(suggested), &steps) != RGT_TOO_LARGE && steps >= 0)
		refuse_above_cap(plan, unit_id, steps + rgt_guard_penalty(plan, unit_id, steps), amount);
}

/* NaN and infinities are refused before anything is overruled. */
static void
refuse_not_finite(const RgtGuard *guard, const RgtGuardedPlan *plan, TupleDesc desc, int32 unit_id)
{
	AttrNumber	columns[] = {guard->at.amount, guard->at.suggested, guard->at.penalty, guard->at.baseline, guard->at.cap};

	for (int i = 0; i < (int) lengthof(columns); i++)
	{
		Datum		value = guard->values[columns[i] - 1];

		if (guard->nulls[columns[i] - 1] || rgt_is_finite_stored(value))
			continue;
		if (columns[i] == guard->at.amount)
			refuse_amount(guard, plan, unit_id, DatumGetNumeric(value));
		rgt_refuse_row("targets", columns[i] == guard->at.suggested ? "targets_suggested_check" : "targets_cap",
					   psprintf(rgt_text("%s of a target must be a finite number"),
								NameStr(TupleDescAttr(desc, columns[i] - 1)->attname)),
					   psprintf(rgt_text("It is %s."), rgt_numeric_text(DatumGetNumeric(value))), NULL);
	}
}

static void
off_step(const RgtGuardedPlan *plan, const char *column, Numeric value)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s is not a multiple of the plan's step", column),
			 errdetail("It is %s, the step of plan %" PRId64 " is %s.",
					   rgt_numeric_text(value), plan->plan_id, rgt_numeric_text(plan->step.numeric))));
}

static void
too_large(const char *column, const char *value)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("%s of a target is out of range", column),
			 errdetail("It is %s; amounts are below 10^15 and at most 10^16 steps.", value)));
}

/* What `suggested` is in steps; 22003 and 22023 as the contract has them. */
static int64
suggested_steps(const RgtGuardedPlan *plan, Numeric suggested)
{
	int64		steps = 0;
	RgtFit		fit = rgt_to_steps(&plan->step, suggested, &steps);

	if (fit == RGT_TOO_LARGE || steps > plan->max_steps)
		too_large("suggested", rgt_numeric_text(suggested));
	if (steps < 0)
		rgt_refuse_row("targets", "targets_suggested_check", rgt_text("suggested must not be negative"),
					   psprintf(rgt_text("It is %s."), rgt_numeric_text(suggested)), NULL);
	if (fit == RGT_OFF_STEP)
		off_step(plan, "suggested", suggested);
	return steps;
}

/* Are two values of a column the same, to the byte? */
static bool
same_image(Form_pg_attribute att, Datum a, bool a_null, Datum b, bool b_null)
{
	if (a_null || b_null)
		return a_null && b_null;
	return datum_image_eq(a, b, att->attbyval, att->attlen);
}

/* Give a column its value; false when it has it already. */
static bool
set_column(RgtGuard *guard, TupleDesc desc, AttrNumber column, Datum value, bool isnull)
{
	int			i = column - 1;

	if (same_image(TupleDescAttr(desc, i), guard->values[i], guard->nulls[i], value, isnull))
		return false;
	guard->values[i] = value;
	guard->nulls[i] = isnull;
	return true;
}

/* The tuple of the columns at hand, in the place of another. */
static HeapTuple
form_in_place(const RgtGuard *guard, HeapTuple old, TupleDesc desc)
{
	HeapTuple	tuple = heap_form_tuple(desc, guard->values, guard->nulls);

	tuple->t_data->t_ctid = old->t_data->t_ctid;
	tuple->t_self = old->t_self;
	tuple->t_tableOid = old->t_tableOid;
	return tuple;
}

/*
 * The row as plan, tree and standing make it, with this key unless that is 0.  For most rows, whose unit has no
 * penalty, baseline and amount are what was typed.  A row that is so already, as one that comes from a copy, stays
 * the tuple that it is: comparing costs less than putting a tuple together, and the executor need not take it in again.
 */
static HeapTuple
settle_draft(RgtGuard *guard, RgtGuardedPlan *plan, HeapTuple tuple, TupleDesc desc, int32 unit_id, int64 target_id)
{
	const RgtTargetColumns *at = &guard->at;
	Datum		suggested = guard->values[at->suggested - 1];
	Datum		baseline;
	int64		steps;
	int64		penalty;
	int32		parent;
	bool		changed;

	if (guard->nulls[at->suggested - 1])
		return tuple;			/* the column's constraint says it better */
	parent = rgt_guard_parent(guard, plan, unit_id);
	steps = suggested_steps(plan, DatumGetNumeric(suggested));
	penalty = rgt_guard_penalty(plan, unit_id, steps);
	if (steps + penalty > plan->max_steps)
		too_large("baseline", rgt_amount_text(&plan->step, steps + penalty));
	baseline = penalty == 0 ? suggested : NumericGetDatum(rgt_to_amount(&plan->step, steps + penalty));
	changed = target_id != 0 && set_column(guard, desc, at->target_id, Int64GetDatum(target_id), false);
	changed |= set_column(guard, desc, at->parent_unit_id, Int32GetDatum(parent), parent == 0);
	changed |= set_column(guard, desc, at->period, plan->period, false);
	changed |= set_column(guard, desc, at->penalty, penalty == 0 ? NumericGetDatum(plan->zero) :
						  NumericGetDatum(rgt_to_amount(&plan->step, penalty)), false);
	changed |= set_column(guard, desc, at->baseline, baseline, false);
	changed |= set_column(guard, desc, at->amount, baseline, false);
	changed |= set_column(guard, desc, at->cap, plan->cap, false);
	return changed ? form_in_place(guard, tuple, desc) : tuple;
}

/* ---- what goes with a target of a draft ------------------------------------------------------------------ */

/* Has the plan any?  Asked once a statement: whoever answers to a draft waits for those who write its targets. */
static void
look_for_followers(RgtGuardedPlan *plan)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT FROM regtarget.answers WHERE plan_id OPERATOR(pg_catalog.=) $1 "
		"UNION ALL SELECT FROM regtarget.plan_bounds WHERE plan_id OPERATOR(pg_catalog.=) $1 LIMIT 1", INT8OID);
	Datum		argument = Int64GetDatum(plan->plan_id);

	RgtSession	session;

	if (plan->asked_followers)
		return;
	rgt_begin(&session);
	plan->has_followers = rgt_run(&query, RGT_LATEST, &argument, NULL, NULL, NULL) > 0;
	plan->asked_followers = true;
	rgt_end(&session);
}

/* A target that goes, or becomes another unit's: the answers to it and the bound that it obeyed go with it. */
static void
drop_followers(const RgtGuard *guard, RgtGuardedPlan *plan, HeapTuple old, TupleDesc desc)
{
	static RgtQuery answers = RGT_QUERY("DELETE FROM regtarget.answers WHERE target_id OPERATOR(pg_catalog.=) $1", INT8OID);
	static RgtQuery bounds = RGT_QUERY(
		"DELETE FROM regtarget.plan_bounds WHERE plan_id OPERATOR(pg_catalog.=) $1 AND unit_id OPERATOR(pg_catalog.=) $2",
		INT8OID, INT4OID);
	static RgtQuery left = RGT_QUERY("SELECT FROM regtarget.answers WHERE target_id OPERATOR(pg_catalog.=) $1", INT8OID);
	bool		isnull;
	Datum		target_id = heap_getattr(old, guard->at.target_id, desc, &isnull);
	Datum		key[2] = {Int64GetDatum(plan->plan_id), heap_getattr(old, guard->at.unit_id, desc, &isnull)};
	RgtSession	session;

	look_for_followers(plan);
	if (!plan->has_followers)
		return;
	rgt_begin(&session);
	rgt_run(&answers, RGT_FRESH, &target_id, NULL, NULL, NULL);
	rgt_run(&bounds, RGT_FRESH, key, NULL, NULL, NULL);
	if (rgt_run(&left, RGT_LATEST, &target_id, NULL, NULL, NULL) > 0)
		rgt_too_new(psprintf(rgt_text("could not serialize access to the answers to target %" PRId64), DatumGetInt64(target_id)));
	rgt_end(&session);
}

/* All drafts lose their targets: nothing is published where the table may be emptied. */
static void
drop_all_followers(void)
{
	static RgtQuery answers = RGT_QUERY0("DELETE FROM regtarget.answers");
	static RgtQuery bounds = RGT_QUERY0("DELETE FROM regtarget.plan_bounds");
	static RgtQuery left = RGT_QUERY0("SELECT FROM regtarget.answers LIMIT 1");

	rgt_run(&answers, RGT_FRESH, NULL, NULL, NULL, NULL);
	rgt_run(&bounds, RGT_FRESH, NULL, NULL, NULL, NULL);
	if (rgt_run(&left, RGT_LATEST, NULL, NULL, NULL, NULL) > 0)
		rgt_too_new(rgt_text("could not serialize access to the answers to targets"));
}

/* Is it another key, unit or plan? */
static bool
is_another_target(const RgtGuard *guard, HeapTuple old, HeapTuple new, TupleDesc desc)
{
	AttrNumber	columns[] = {guard->at.target_id, guard->at.plan_id, guard->at.unit_id};

	for (int i = 0; i < (int) lengthof(columns); i++)
	{
		bool		old_null;
		bool		new_null;
		Datum		before = heap_getattr(old, columns[i], desc, &old_null);
		Datum		after = heap_getattr(new, columns[i], desc, &new_null);

		if (old_null || new_null || before != after)
			return true;
	}
	return false;
}

/* ---- a row of a published plan -------------------------------------------------------------------------- */

static bool
same_value(Form_pg_attribute att, Datum a, bool a_null, Datum b, bool b_null)
{
	return same_image(att, a, a_null, b, b_null) ||
		(att->atttypid == NUMERICOID && !a_null && !b_null && rgt_compare_numerics(a, b) == 0);
}

/* May a statement of ours, which moves targets or what they are made of, change that column of a published target? */
static bool
is_ours_to_move(const RgtGuard *guard, AttrNumber column)
{
	return (column == guard->at.suggested || column == guard->at.baseline || column == guard->at.parent_unit_id) &&
		rgt_own_statement();
}

/* The first column in which the row differs from what it was and may not; NULL: none. */
static const char *
changed_column(const RgtGuard *guard, TupleDesc desc)
{
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (!att->attisdropped && att->attnum != guard->at.amount &&
			!same_value(att, guard->old_values[i], guard->old_nulls[i], guard->values[i], guard->nulls[i]) &&
			!is_ours_to_move(guard, att->attnum))
			return NameStr(att->attname);
	}
	return NULL;
}

/* Only the amount, on the step, and within the cap; in this order of complaints. */
static void
check_published(const RgtGuard *guard, const RgtGuardedPlan *plan, TupleDesc desc, int32 unit_id)
{
	const char *column = changed_column(guard, desc);
	const Datum *row = rgt_own_statement() ? guard->values : guard->old_values;
	bool		finite = rgt_is_finite_stored(guard->values[guard->at.amount - 1]);
	Numeric		amount = DatumGetNumeric(guard->values[guard->at.amount - 1]);
	int64		base = 0;
	int64		steps = 0;
	int64		room;
	RgtFit		fit = RGT_TOO_LARGE;

	rgt_to_steps(&plan->step, DatumGetNumeric(row[guard->at.baseline - 1]), &base);
	if (finite)
		fit = rgt_to_steps(&plan->step, amount, &steps);
	if (finite && (fit == RGT_TOO_LARGE || steps > plan->max_steps || steps < -plan->max_steps))
		too_large("amount", rgt_numeric_text(amount));
	if (fit == RGT_OFF_STEP)
		off_step(plan, "amount", amount);
	if (plan->closed)
		rgt_refuse_state("targets", rgt_text("targets of a closed plan do not change"), plan_name(plan), NULL);
	if (column != NULL)
		rgt_refuse_state("targets", psprintf(rgt_text("column \"%s\" of a published target does not change"), column),
						 plan_name(plan), rgt_text("Only \"amount\" moves, within the cap; another split is another plan."));
	room = rgt_cap_steps(base, plan->cap_fraction);
	if (fit == RGT_TOO_LARGE || steps - base > room || base - steps > room)
		refuse_above_cap(plan, unit_id, base, amount);
}

/* ---- the trigger ------------------------------------------------------------------------------------------ */

static int64
plan_id_of(const RgtGuard *guard, HeapTuple tuple, TupleDesc desc, int32 *unit_id)
{
	bool		plan_null;
	bool		unit_null;
	Datum		plan_id = heap_getattr(tuple, guard->at.plan_id, desc, &plan_null);

	*unit_id = DatumGetInt32(heap_getattr(tuple, guard->at.unit_id, desc, &unit_null));
	return plan_null || unit_null ? 0 : DatumGetInt64(plan_id);
}

/*
 * Row security refuses a row that is not the user's to write only after this trigger, whose own
 * complaints would tell him about others' plans and penalties.  A plan that he does not see is not there.
 */
static void
check_writer(RgtGuardedPlan *plan)
{
	Oid			user = GetUserId();

	if (!plan->may_write && !rgt_plan_is_known(user, plan->plan_id))
		rgt_missing_reference("targets", "plan_id", psprintf(INT64_FORMAT, plan->plan_id));
	if (!plan->may_write && !rgt_may_write_draft(user, plan->plan_id))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("role \"%s\" is not a planner of plan %" PRId64, GetUserNameFromId(user, false), plan->plan_id),
				 errdetail("It takes duty planner of the plan's root or of a unit above it.")));
	plan->may_write = true;
}

/*
 * What a shadow plan says was put on record when it was allocated.  Once its period has begun nobody's hand mends one that
 * was in time; else who types into it takes it off the record, so that it counts nowhere, until it is allocated again.
 */
static void
leave_record(RgtGuardedPlan *plan)
{
	RgtSession	session;

	if (rgt_own_statement())
		return;
	if (plan->revealed)
		rgt_refuse_revealed(plan->plan_id);
	if (!plan->on_record)
		return;
	rgt_begin(&session);
	rgt_plan_off_record(plan->plan_id, DatumGetTextPP(plan->period), plan->first, plan->late);
	rgt_end(&session);
	plan->on_record = false;
}

/* A row of a draft, new or changed; with this key, whatever it says itself, unless that is 0. */
static HeapTuple
guard_draft(RgtGuard *guard, HeapTuple new, TupleDesc desc, int64 target_id)
{
	RgtGuardedPlan *plan;
	int64		plan_id;
	int32		unit_id;

	heap_deform_tuple(new, desc, guard->values, guard->nulls);
	if (guard->nulls[guard->at.plan_id - 1] || guard->nulls[guard->at.unit_id - 1])
		return new;				/* a null key: the column's constraint says it */
	plan_id = DatumGetInt64(guard->values[guard->at.plan_id - 1]);
	unit_id = DatumGetInt32(guard->values[guard->at.unit_id - 1]);
	plan = rgt_guard_plan(guard, plan_id);
	if (plan == NULL)
		rgt_missing_reference("targets", "plan_id", psprintf(INT64_FORMAT, plan_id));
	check_writer(plan);
	if (!plan->draft)
		rgt_refuse_state("targets", rgt_text("a published plan takes no new targets"), plan_name(plan),
						 rgt_text("Another split is another plan."));
	refuse_not_finite(guard, plan, desc, unit_id);
	leave_record(plan);
	return settle_draft(guard, plan, new, desc, unit_id, target_id);
}

static HeapTuple
guard_insert(RgtGuard *guard, HeapTuple new, TupleDesc desc)
{
	return guard_draft(guard, new, desc, guard->overruled ? rgt_next_key("targets_target_id_seq") : 0);
}

static int64
target_id_of(const RgtGuard *guard, HeapTuple tuple, TupleDesc desc)
{
	bool		isnull;

	return DatumGetInt64(heap_getattr(tuple, guard->at.target_id, desc, &isnull));
}

static HeapTuple
guard_update(RgtGuard *guard, HeapTuple old, HeapTuple new, TupleDesc desc)
{
	int32		unit_id;
	int64		plan_id = plan_id_of(guard, old, desc, &unit_id);
	RgtGuardedPlan *plan = rgt_guard_plan(guard, plan_id);

	/* Without its plan, which only a broken restore can bring, a row may only be mended. */
	if (plan == NULL || plan->draft)
	{
		if (plan != NULL)
			leave_record(plan);
		if (plan != NULL && is_another_target(guard, old, new, desc))
			drop_followers(guard, plan, old, desc);
		return guard_draft(guard, new, desc, guard->overruled ? target_id_of(guard, old, desc) : 0);
	}
	heap_deform_tuple(old, desc, guard->old_values, guard->old_nulls);
	heap_deform_tuple(new, desc, guard->values, guard->nulls);
	if (!guard->nulls[guard->at.amount - 1])	/* else the column's constraint says it */
		check_published(guard, plan, desc, unit_id);
	return new;
}

static HeapTuple
guard_delete(RgtGuard *guard, HeapTuple old, TupleDesc desc)
{
	int32		unit_id;
	RgtGuardedPlan *plan = rgt_guard_plan(guard, plan_id_of(guard, old, desc, &unit_id));

	if (plan != NULL && !plan->draft)
		rgt_refuse_state("targets", rgt_text("targets of a published plan are not deleted"), plan_name(plan), NULL);
	if (plan != NULL)
	{
		leave_record(plan);
		drop_followers(guard, plan, old, desc);
	}
	return old;
}

static void
guard_truncate(void)
{
	static RgtQuery query = RGT_QUERY0(
		"SELECT FROM regtarget.targets t JOIN regtarget.plans p ON p.plan_id OPERATOR(pg_catalog.=) t.plan_id "
		"WHERE p.status OPERATOR(pg_catalog.=) ANY ('{published,closed}'::pg_catalog.text[]) LIMIT 1");
	RgtSession	session;
	bool		published;

	rgt_begin(&session);
	published = rgt_run(&query, RGT_LATEST, NULL, NULL, NULL, NULL) > 0;
	if (!published)
		drop_all_followers();
	rgt_end(&session);
	if (published)
		rgt_refuse_state("targets", rgt_text("targets of a published plan are not deleted"), rgt_text("The table has some."),
						 NULL);
}

/* BEFORE INSERT, UPDATE or DELETE, for each row; BEFORE TRUNCATE, for each statement. */
PG_FUNCTION_INFO_V1(rgt_guard_targets);
Datum
rgt_guard_targets(PG_FUNCTION_ARGS)
{
	/* Who calls cannot change between the rows of a statement: it is checked at the first. */
	TriggerData *trigger = fcinfo->flinfo->fn_extra != NULL ? (TriggerData *) fcinfo->context :
		rgt_trigger(fcinfo, "regtarget.guard_targets", "targets", RGT_BEFORE_ROW);
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	RgtGuard	   *guard;
	HeapTuple	result;

	if (TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event))
	{
		guard_truncate();
		return PointerGetDatum(NULL);
	}
	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event) && rgt_restoring())
		return PointerGetDatum(trigger->tg_trigtuple);
	guard = rgt_guard(fcinfo, trigger->tg_relation);
	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
		result = guard_insert(guard, trigger->tg_trigtuple, desc);
	else if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		result = guard_update(guard, trigger->tg_trigtuple, trigger->tg_newtuple, desc);
	else
		result = guard_delete(guard, trigger->tg_trigtuple, desc);
	return PointerGetDatum(result);
}
