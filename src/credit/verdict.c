/*
 * credit/verdict.c
 *	  Which quarters count against a unit, and what follows; credit_outlook() of all, outlook_of_unit() of one.
 *
 * A quarter counts when the unit asked to lower its target and was granted nothing.  After
 * penalty_quarters such quarters running the next period begins with a penalty, and after every
 * further one.  Below a punished unit nobody pays besides, and the run goes on.
 *
 * So a verdict depends on the unit and those above it: of one unit no others are read.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "access/access.h"
#include "credit/inherit.h"
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

static RgtVerdict *
verdict_of_unit(RgtCredit *credit, int32 unit_id)
{
	return verdict_of(credit, Int32GetDatum(unit_id));
}

static bool
begins_without(int32 unit_id, void *arg)
{
	const RgtVerdict *verdict = verdict_of_unit(arg, unit_id);

	return verdict != NULL && verdict->member;
}

/* It begins with what its predecessors brought. */
static void
add_inherited(int32 unit_id, int denied, Numeric rate, void *arg)
{
	verdict_of_unit(arg, unit_id)->denied_before = denied;
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
add_request(TupleTableSlot *slot, void *arg)
{
	RgtVerdict *verdict = verdict_of(arg, slot->tts_values[0]);

	if (verdict == NULL)
		return;
	verdict->approved |= DatumGetBool(slot->tts_values[1]);
	verdict->asked_in_vain |= !slot->tts_isnull[2] && DatumGetBool(slot->tts_values[2]);
}

/* A statement about all units, and the same about those of an array, its last parameter. */
#define OF_ALL(sql, ...) RGT_QUERY(sql, __VA_ARGS__)
#define OF_SOME(sql, unit, parameter, ...) \
	RGT_KEY_QUERY(sql " AND " unit OP(=) "ANY (" parameter ")", __VA_ARGS__, INT4ARRAYOID)
#define OP(symbol) " OPERATOR(pg_catalog." #symbol ") "

#define MOST_ARGUMENTS 4

/* Run one of the two, whichever the tree calls for. */
static void
run(RgtCredit *credit, RgtSnapshot snapshot, RgtQuery *of_all, RgtQuery *of_some, const Datum *arguments, RgtRowFn row)
{
	Datum		values[MOST_ARGUMENTS];
	Datum	   *units;

	if (!credit->tree->part)
	{
		rgt_run(of_all, snapshot, arguments, NULL, row, credit);
		return;
	}
	Assert(of_some->nargs <= MOST_ARGUMENTS);
	memcpy(values, arguments, sizeof(Datum) * (of_some->nargs - 1));
	units = palloc(sizeof(Datum) * Max(credit->tree->n, 1));
	for (int p = 0; p < credit->tree->n; p++)
		units[p] = Int32GetDatum(credit->tree->unit_id[p]);
	values[of_some->nargs - 1] =
		PointerGetDatum(construct_array(units, credit->tree->n, INT4OID, sizeof(int32), true, TYPALIGN_INT));
	rgt_run(of_some, snapshot, values, NULL, row, credit);
}

#define MEMBERS \
	"SELECT t.unit_id FROM regtarget.plans p JOIN regtarget.targets t ON t.plan_id" OP(=) "p.plan_id " \
	"WHERE p.period" OP(=) "$1 AND p.mode" OP(=) "'live' " \
	"AND p.status" OP(=) "ANY ('{published,closed}'::pg_catalog.text[])"
#define STANDINGS \
	"SELECT unit_id, denied_quarters, penalty_rate, penalty_rate" OP(>) "0 FROM regtarget.standings WHERE period" OP(=) "$1"

/* What the units of the period brought into it. */
static void
read_standings(RgtCredit *credit, const RgtPeriod *period, RgtSnapshot snapshot)
{
	static RgtQuery members = OF_ALL(MEMBERS, TEXTOID);
	static RgtQuery some_members = OF_SOME(MEMBERS, "t.unit_id", "$2", TEXTOID);
	static RgtQuery standings = OF_ALL(STANDINGS, TEXTOID);
	static RgtQuery some_standings = OF_SOME(STANDINGS, "unit_id", "$2", TEXTOID);
	Datum		argument = PointerGetDatum(period->period);

	run(credit, snapshot, &members, &some_members, &argument, add_member);
	run(credit, snapshot, &standings, &some_standings, &argument, add_standing);
	rgt_inherited(period, snapshot, begins_without, add_inherited, credit);
}

/* Standings of the next period that somebody wrote already: they never change, whatever this one comes to. */
static void
read_decided(RgtCredit *credit, const RgtPeriod *next, RgtSnapshot snapshot)
{
	static RgtQuery standings = OF_ALL(STANDINGS, TEXTOID);
	static RgtQuery some_standings = OF_SOME(STANDINGS, "unit_id", "$2", TEXTOID);
	Datum		argument = PointerGetDatum(next->period);

	run(credit, snapshot, &standings, &some_standings, &argument, add_decided);
}

/*
 * A downward request of the period that no review gave birth to, and whether it counts: it does that was
 * refused; that nobody decided, if silence counts; and that was withdrawn, unless soon and before anybody
 * signed.  Days are of 24 hours, whatever the session's time zone does.
 */
#define REQUESTS \
	"SELECT a.unit_id, a.granted IS NOT NULL, CASE a.status WHEN 'rejected' THEN true " \
	"WHEN 'withdrawn' THEN a.ended_at" OP(>) \
	"(a.requested_at" OP(+) "pg_catalog.make_interval(hours => 24" OP(*) "$3)) OR EXISTS (" \
	"SELECT FROM regtarget.signatures s WHERE s.adjustment_id" OP(=) "a.adjustment_id AND s.approved IS NOT NULL) " \
	"ELSE $2 END " \
	"FROM regtarget.adjustments a WHERE a.period" OP(=) "$1 AND a.change" OP(<) "0 AND a.review_id IS NULL"

static void
read_requests(RgtCredit *credit, const RgtPeriod *period, RgtSnapshot snapshot)
{
	static RgtQuery requests = OF_ALL(REQUESTS, TEXTOID, BOOLOID, INT4OID);
	static RgtQuery some_requests = OF_SOME(REQUESTS, "a.unit_id", "$4", TEXTOID, BOOLOID, INT4OID);
	Datum		arguments[3] = {PointerGetDatum(period->period), BoolGetDatum(credit->policy.silence_counts),
	Int32GetDatum(Min(credit->policy.regret_days, PG_INT32_MAX / 24))};

	run(credit, snapshot, &requests, &some_requests, arguments, add_request);
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
		verdict->counts = verdict->asked_in_vain && !verdict->approved;
		if (!verdict->member || verdict->decided)
			continue;
		verdict->denied = verdict->counts ? one_more(verdict->denied_before) : 0;
		if (!verdict->spared && verdict->denied >= credit->policy.penalty_quarters)
			verdict->punished = true;
		Assert(!verdict->punished || verdict->counts);
	}
}

/* As things stand in the period for the units of a tree, which has those above each; next NULL: there is none yet. */
RgtCredit
rgt_credit(const RgtTree *tree, const RgtPeriod *period, const RgtPeriod *next, RgtSnapshot snapshot)
{
	RgtCredit	credit = {.tree = tree, .policy = rgt_policy(period->first, snapshot)};

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

enum
{
	DENIED_BEFORE, COUNTS, DENIED_NOW, RATE_NOW, DENIED_IF_REFUSED, RATE_IF_REFUSED, OUTLOOK_COLUMNS
};

static void
fill_outlook(const RgtCredit *credit, const RgtVerdict *verdict, Datum *values)
{
	int			if_refused = verdict->decided ? verdict->denied : verdict->approved ? 0 : one_more(verdict->denied_before);

	values[DENIED_BEFORE] = Int32GetDatum(verdict->denied_before);
	values[COUNTS] = BoolGetDatum(verdict->counts);
	values[DENIED_NOW] = Int32GetDatum(verdict->denied);
	values[RATE_NOW] = rate_after(credit, verdict, verdict->denied);
	values[DENIED_IF_REFUSED] = Int32GetDatum(if_refused);
	values[RATE_IF_REFUSED] = rate_after(credit, verdict, if_refused);
}

/* The credit of the units of a tree in a period, as the calling statement sees it. */
static RgtCredit
credit_of(const RgtTree *tree, const RgtPeriod *period)
{
	RgtPeriod	next;

	return rgt_credit(tree, period, rgt_next_period(period, RGT_CALLER, &next) ? &next : NULL, RGT_CALLER);
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
	RgtCredit	credit;
	Oid			caller = rgt_caller();

	InitMaterializedSRF(fcinfo, 0);
	rgt_enter(&session);
	period = rgt_period(rgt_required_text(fcinfo, 0, "period"));
	credit = credit_of(rgt_tree_of_period(RGT_CALLER, &period), &period);
	for (int p = 0; p < credit.tree->n; p++)
	{
		Datum		values[1 + OUTLOOK_COLUMNS] = {Int32GetDatum(credit.tree->unit_id[p])};
		bool		nulls[1 + OUTLOOK_COLUMNS] = {false};

		CHECK_FOR_INTERRUPTS();
		if (!credit.verdicts[p].member || !rgt_in_sight(caller, credit.tree->unit_id[p]))
			continue;
		fill_outlook(&credit, &credit.verdicts[p], &values[1]);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	rgt_end(&session);
	return (Datum) 0;
}

/* ---- of one unit, for views ------------------------------------------------------------------------- */

typedef struct OutlookMemory
{
	RgtMemory	memory;
	TupleDesc	desc;
	int			read;			/* so many units were read one by one */
	text	   *period;			/* of which all were read; NULL: of none */
	RgtCredit	all;
} OutlookMemory;

/* One by one, up to so many are read. */
#define FEW_READ 100

static bool
has_all(const OutlookMemory *memory, const text *period)
{
	return memory->period != NULL && VARSIZE_ANY_EXHDR(memory->period) == VARSIZE_ANY_EXHDR(period) &&
		memcmp(VARDATA_ANY(memory->period), VARDATA_ANY(period), VARSIZE_ANY_EXHDR(period)) == 0;
}

/* The credit of the unit and those above it at least, of which not all have been read. */
static RgtCredit
credit_above(OutlookMemory *memory, int32 unit_id, text *key)
{
	RgtPeriod	period = rgt_period(key);
	MemoryContext old;

	if (memory->read < FEW_READ)
	{
		const RgtTree *tree = rgt_tree_of_period_above(RGT_CALLER, &period, unit_id, RGT_FEW_UNITS);

		memory->read += tree->part ? Max(tree->n, 1) : FEW_READ;
		if (tree->part)
			return credit_of(tree, &period);
	}
	old = MemoryContextSwitchTo(memory->memory.context);
	memory->period = NULL;
	memory->all = credit_of(rgt_tree_of_period(RGT_CALLER, &period), &period);
	memory->period = DatumGetTextPCopy(PointerGetDatum(key));
	MemoryContextSwitchTo(old);
	return memory->all;
}

/* A row of outlook_of_unit(); NULL for a unit that has no published target. */
static Datum
row_of(FunctionCallInfo fcinfo, OutlookMemory *memory, const RgtCredit *credit)
{
	int			p = rgt_tree_find(credit->tree, PG_GETARG_INT32(0));
	Datum		values[OUTLOOK_COLUMNS];
	bool		nulls[OUTLOOK_COLUMNS] = {false};

	if (p < 0 || !credit->verdicts[p].member)
		PG_RETURN_NULL();
	fill_outlook(credit, &credit->verdicts[p], values);
	return rgt_row(fcinfo, &memory->memory, &memory->desc, values, nulls);
}

/* outlook_of_unit(unit_id, period): the same, all null for a unit that has no published target or is not visible. */
PG_FUNCTION_INFO_V1(rgt_outlook_of_unit);
Datum
rgt_outlook_of_unit(PG_FUNCTION_ARGS)
{
	OutlookMemory *memory = rgt_memory(fcinfo, sizeof(OutlookMemory));
	MemoryContext context = CurrentMemoryContext;
	RgtCredit	credit;
	RgtSession	session;
	Datum		row;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || !rgt_in_sight(rgt_caller(), PG_GETARG_INT32(0)))
		PG_RETURN_NULL();
	if (has_all(memory, PG_GETARG_TEXT_PP(1)))
		return row_of(fcinfo, memory, &memory->all);
	rgt_enter(&session);
	credit = credit_above(memory, PG_GETARG_INT32(0), PG_GETARG_TEXT_PP(1));
	MemoryContextSwitchTo(context);
	row = row_of(fcinfo, memory, &credit);
	rgt_end(&session);
	return row;
}
