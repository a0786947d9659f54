/*
 * credit/verdict.c
 *	  Which quarters count against a unit, and what follows; credit_outlook().
 *
 * A quarter counts when the unit asked to lower its target and was granted nothing.  After
 * penalty_quarters such quarters running the next period begins with a penalty, and after every
 * further one.  Below a punished unit nobody pays besides, and the run goes on.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "access/access.h"
#include "credit/verdict.h"
#include "facts/facts.h"
#include "regtarget.h"
#include "units/units.h"

static RgtVerdict *
verdict_of(RgtCredit *credit, Datum unit_id)
{
	int			p = rgt_tree_find(credit->tree, DatumGetInt32(unit_id));

	return p < 0 ? NULL : &credit->verdicts[p];
}

static void
add_member(TupleTableSlot *slot, void *arg)
{
	RgtVerdict *verdict = verdict_of(arg, slot->tts_values[0]);

	if (verdict != NULL)
		verdict->member = true;
}

static void
add_standing(TupleTableSlot *slot, void *arg)
{
	RgtVerdict *verdict = verdict_of(arg, slot->tts_values[0]);

	if (verdict != NULL)
		verdict->denied_before = DatumGetInt32(slot->tts_values[1]);
}

static void
add_decided(TupleTableSlot *slot, void *arg)
{
	RgtCredit  *credit = arg;
	RgtVerdict *verdict = verdict_of(credit, slot->tts_values[0]);
	MemoryContext old = MemoryContextSwitchTo(credit->context);

	if (verdict != NULL)
	{
		verdict->decided = true;
		verdict->denied = DatumGetInt32(slot->tts_values[1]);
		verdict->rate = DatumGetNumericCopy(slot->tts_values[2]);
		verdict->punished = DatumGetBool(slot->tts_values[3]);
	}
	MemoryContextSwitchTo(old);
}

static void
add_requests(TupleTableSlot *slot, void *arg)
{
	RgtVerdict *verdict = verdict_of(arg, slot->tts_values[0]);

	if (verdict == NULL)
		return;
	verdict->approved = DatumGetBool(slot->tts_values[1]);
	verdict->counts = !verdict->approved && DatumGetBool(slot->tts_values[2]);
}

/* What the units of the period brought into it. */
static void
read_standings(RgtCredit *credit, const RgtPeriod *period, RgtSnapshot snapshot)
{
	static RgtQuery members = RGT_QUERY(
		"SELECT t.unit_id FROM regtarget.plans p JOIN regtarget.targets t ON t.plan_id = p.plan_id "
		"WHERE p.period = $1 AND p.mode = 'live' AND p.status IN ('published', 'closed')", TEXTOID);
	static RgtQuery standings = RGT_QUERY(
		"SELECT unit_id, denied_quarters FROM regtarget.standings WHERE period = $1", TEXTOID);
	Datum		argument = PointerGetDatum(period->period);

	rgt_run(&members, snapshot, &argument, NULL, add_member, credit);
	rgt_run(&standings, snapshot, &argument, NULL, add_standing, credit);
}

/* Standings of the next period that somebody wrote already: they never change, whatever this one comes to. */
static void
read_decided(RgtCredit *credit, const RgtPeriod *next, RgtSnapshot snapshot)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT unit_id, denied_quarters, penalty_rate, penalty_rate > 0 FROM regtarget.standings WHERE period = $1", TEXTOID);
	Datum		argument = PointerGetDatum(next->period);

	rgt_run(&query, snapshot, &argument, NULL, add_decided, credit);
}

/*
 * The period's downward requests that no review gave birth to.  A request counts that was refused;
 * that nobody decided, if silence counts; and that was withdrawn, unless soon and before anybody
 * signed.  Days are of 24 hours, whatever the session's time zone does.
 */
static void
read_requests(RgtCredit *credit, const RgtPeriod *period, RgtSnapshot snapshot)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT a.unit_id, bool_or(a.granted IS NOT NULL), bool_or(CASE a.status WHEN 'rejected' THEN true "
		"WHEN 'withdrawn' THEN a.ended_at > a.requested_at + make_interval(hours => 24 * $3) OR EXISTS ("
		"SELECT FROM regtarget.signatures s WHERE s.adjustment_id = a.adjustment_id AND s.approved IS NOT NULL) "
		"ELSE $2 END) "
		"FROM regtarget.adjustments a WHERE a.period = $1 AND a.change < 0 AND a.review_id IS NULL "
		"GROUP BY a.unit_id", TEXTOID, BOOLOID, INT4OID);
	Datum		arguments[3] = {PointerGetDatum(period->period), BoolGetDatum(credit->policy.silence_counts),
	Int32GetDatum(Min(credit->policy.regret_days, PG_INT32_MAX / 24))};

	rgt_run(&query, snapshot, arguments, NULL, add_requests, credit);
}

/* A run that the owner brought as history may be as long as can be said. */
static int
one_more(int denied)
{
	return denied < PG_INT32_MAX ? denied + 1 : denied;
}

/* Runs and penalties, from the roots down: nobody pays below somebody who does. */
static void
judge(RgtCredit *credit)
{
	const RgtTree *tree = credit->tree;

	AssertCheckTree(tree);
	for (int p = 0; p < tree->n; p++)
	{
		RgtVerdict *verdict = &credit->verdicts[p];
		const RgtVerdict *above = tree->parent[p] < 0 ? NULL : &credit->verdicts[tree->parent[p]];

		verdict->spared = above != NULL && (above->punished || above->spared);
		if (!verdict->member || verdict->decided)
			continue;
		verdict->denied = verdict->counts ? one_more(verdict->denied_before) : 0;
		if (!verdict->spared && verdict->denied >= credit->policy.penalty_quarters)
			verdict->punished = true;
		Assert(!verdict->punished || verdict->counts);
	}
}

/* As things stand in the period; next NULL: there is none yet. */
RgtCredit
rgt_credit(const RgtPeriod *period, const RgtPeriod *next, RgtSnapshot snapshot)
{
	RgtCredit	credit = {.policy = rgt_policy(period->first, snapshot)};

	credit.tree = rgt_tree_read(snapshot);
	credit.context = CurrentMemoryContext;
	credit.verdicts = palloc_extended(sizeof(RgtVerdict) * Max(credit.tree->n, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	read_standings(&credit, period, snapshot);
	if (next != NULL)
		read_decided(&credit, next, snapshot);
	read_requests(&credit, period, snapshot);
	judge(&credit);
	return credit;
}

/* ---- for whoever asks beforehand ------------------------------------------------------------------ */

/* What the next period's penalty would be after so many quarters running, unless it is decided already. */
static Datum
rate_after(const RgtCredit *credit, const RgtVerdict *verdict, int denied)
{
	if (verdict->decided)
		return NumericGetDatum(verdict->rate);
	return NumericGetDatum(!verdict->spared && denied >= credit->policy.penalty_quarters ?
						   credit->policy.penalty_rate : int64_to_numeric(0));
}

static void
put_verdict(const RgtCredit *credit, int p, ReturnSetInfo *result)
{
	const RgtVerdict *verdict = &credit->verdicts[p];
	int			if_refused = verdict->decided ? verdict->denied : verdict->approved ? 0 : one_more(verdict->denied_before);
	Datum		values[7] = {
		Int32GetDatum(credit->tree->unit_id[p]), Int32GetDatum(verdict->denied_before), BoolGetDatum(verdict->counts),
		Int32GetDatum(verdict->denied), rate_after(credit, verdict, verdict->denied),
		Int32GetDatum(if_refused), rate_after(credit, verdict, if_refused)
	};
	bool		nulls[7] = {false};

	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/*
 * credit_outlook(period): of every unit with a published target, if the period closed now: (unit_id,
 * denied_before, counts, denied_now, rate_now), and if it asked and were refused (denied_if_refused,
 * rate_if_refused).
 */
PG_FUNCTION_INFO_V1(rgt_credit_outlook);
Datum
rgt_credit_outlook(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	RgtSession	session;
	RgtPeriod	period;
	RgtPeriod	next;
	RgtCredit	credit;
	Oid			caller = rgt_caller();

	InitMaterializedSRF(fcinfo, 0);
	rgt_enter(&session);
	period = rgt_period(rgt_required_text(fcinfo, 0, "period"));
	credit = rgt_credit(&period, rgt_next_period(&period, RGT_CALLER, &next) ? &next : NULL, RGT_CALLER);
	for (int p = 0; p < credit.tree->n; p++)
	{
		CHECK_FOR_INTERRUPTS();
		if (credit.verdicts[p].member && rgt_in_sight(caller, credit.tree->unit_id[p]))
			put_verdict(&credit, p, result);
	}
	rgt_end(&session);
	return (Datum) 0;
}
