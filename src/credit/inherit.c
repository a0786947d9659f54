/*
 * credit/inherit.c
 *	  The standings that units bring into their first period from their predecessors; written by close_period(), and by
 *	  whatever statement brings standings or successions.
 *
 * From its first period on a unit has standings of its own, and so the record goes on like any other.  One that the plan of
 * that period does not have comes to its first in the next, with what its predecessors have come to by then.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"

#include "credit/inherit.h"
#include "regtarget.h"
#include "units/units.h"

#define OP(symbol) " OPERATOR(pg_catalog." #symbol ") "

/* ---- standings that are inherited -------------------------------------------------------------------- */

typedef struct Heir
{
	bool		inherits;
	bool		paying;			/* in the period, by a standing or by what it inherits */
	int			denied;
	Numeric		rate;
} Heir;

typedef struct Heirs
{
	const RgtTree *tree;
	Heir	   *heirs;			/* by position */
	DateADT		day;			/* on which heirs are open */
	MemoryContext context;
} Heirs;

static Heir *
heir_of(const Heirs *all, int32 unit_id)
{
	int			p = rgt_tree_find(all->tree, unit_id);

	return p < 0 ? NULL : &all->heirs[p];
}

/* A unit that has a standing for a later period is past its first; what those up to this one say, records.c knows. */
static bool
has_later_standing(int32 unit_id, DateADT day)
{
	static RgtQuery query = RGT_KEY_QUERY(
		"SELECT FROM regtarget.standings t JOIN regtarget.periods q ON q.period" OP(=) "t.period "
		"WHERE t.unit_id" OP(=) "$1 AND pg_catalog.lower(q.during)" OP(>) "$2 LIMIT 1", INT4OID, DATEOID);
	Datum		arguments[2] = {Int32GetDatum(unit_id), DateADTGetDatum(day)};

	return rgt_run(&query, RGT_LATEST, arguments, NULL, NULL, NULL) > 0;
}

static bool
may_begin(int32 unit_id, void *arg)
{
	const Heirs *all = arg;
	const Heir *heir = heir_of(all, unit_id);

	return heir != NULL && rgt_tree_open(all->tree, heir - all->heirs, all->day) &&
		!has_later_standing(unit_id, all->day);
}

static void
add_heir(int32 unit_id, int denied, Numeric rate, void *arg)
{
	const Heirs *all = arg;
	Heir	   *heir = heir_of(all, unit_id);
	MemoryContext old = MemoryContextSwitchTo(all->context);

	heir->inherits = true;
	heir->denied = denied;
	heir->rate = DatumGetNumericCopy(NumericGetDatum(rate));
	heir->paying = rgt_sign_of(NumericGetDatum(rate)) > 0;
	MemoryContextSwitchTo(old);
}

static void
note_paying(TupleTableSlot *slot, void *arg)
{
	Heir	   *heir = heir_of(arg, DatumGetInt32(slot->tts_values[0]));

	if (heir != NULL)
		heir->paying = true;
}

/* What has a target is judged by itself: in the period before, or in a plan of this one that is published already. */
static void
note_member(TupleTableSlot *slot, void *arg)
{
	Heir	   *heir = heir_of(arg, DatumGetInt32(slot->tts_values[0]));

	if (heir != NULL)
		heir->inherits = heir->paying = false;
}

/* Who inherits what in the period, in the tree of its first day; nobody pays below somebody who does. */
static Heirs
read_heirs(const RgtPeriod *period)
{
	static RgtQuery paying = RGT_QUERY(
		"SELECT unit_id FROM regtarget.standings WHERE period" OP(=) "$1 AND penalty_rate" OP(>) "0", TEXTOID);
	static RgtQuery members = RGT_QUERY(
		"SELECT t.unit_id FROM regtarget.successions s JOIN regtarget.targets t ON t.unit_id" OP(=) "s.unit_id "
		"JOIN regtarget.plans p ON p.plan_id" OP(=) "t.plan_id AND p.mode" OP(=) "'live' "
		"AND p.status" OP(=) "ANY ('{published,closed}'::pg_catalog.text[]) WHERE p.period" OP(=) "$1 OR p.period" OP(=)
		"(SELECT q.period FROM regtarget.periods q WHERE pg_catalog.lower(q.during)" OP(<) "$2 "
		"ORDER BY pg_catalog.lower(q.during) DESC LIMIT 1)", TEXTOID, DATEOID);
	Datum		arguments[2] = {PointerGetDatum(period->period), DateADTGetDatum(period->first)};
	Heirs		all = {rgt_tree_read(RGT_LATEST, period->first), NULL, period->first, CurrentMemoryContext};

	all.heirs = palloc_extended(sizeof(Heir) * Max(all.tree->n, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	rgt_inherited(period, RGT_LATEST, may_begin, add_heir, &all);
	rgt_run(&members, RGT_LATEST, arguments, NULL, note_member, &all);
	rgt_run(&paying, RGT_LATEST, arguments, NULL, note_paying, &all);
	for (int p = 0; p < all.tree->n; p++)
	{
		Heir	   *heir = &all.heirs[p];

		if (all.tree->parent[p] < 0 || !all.heirs[all.tree->parent[p]].paying)
			continue;
		heir->paying = true;
		heir->rate = int64_to_numeric(0);
	}
	return all;
}

/* Some unit has a predecessor: mostly none has. */
static bool
any_succession(void)
{
	static RgtQuery query = RGT_QUERY0("SELECT FROM regtarget.successions LIMIT 1");

	return rgt_run(&query, RGT_LATEST, NULL, NULL, NULL, NULL) > 0;
}

/*
 * The standings that units bring into a period from their predecessors.  A unit that is not open on its first day
 * comes to it in a later period; one that has a target in the period before is judged by itself, and one whose target is
 * published in this one has begun without.
 */
void
rgt_write_inherited(const RgtPeriod *period)
{
	static RgtQuery query = RGT_QUERY(
		"INSERT INTO regtarget.standings (unit_id, period, denied_quarters, penalty_rate) "
		"SELECT s.unit_id, $4, s.denied, s.rate FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), "
		"pg_catalog.unnest($3)) AS s(unit_id, denied, rate) ON CONFLICT DO NOTHING",
		INT4ARRAYOID, INT4ARRAYOID, NUMERICARRAYOID, TEXTOID);
	Heirs		all;
	Datum	   *units;
	Datum	   *denied;
	Datum	   *rates;
	Datum		arguments[4] = {0, 0, 0, PointerGetDatum(period->period)};
	int			n = 0;

	if (!any_succession())
		return;
	all = read_heirs(period);
	units = palloc(sizeof(Datum) * Max(all.tree->n, 1));
	denied = palloc(sizeof(Datum) * Max(all.tree->n, 1));
	rates = palloc(sizeof(Datum) * Max(all.tree->n, 1));
	for (int p = 0; p < all.tree->n; p++)
	{
		if (!all.heirs[p].inherits)
			continue;
		units[n] = Int32GetDatum(all.tree->unit_id[p]);
		denied[n] = Int32GetDatum(all.heirs[p].denied);
		rates[n++] = NumericGetDatum(all.heirs[p].rate);
	}
	if (n == 0)
		return;
	arguments[0] = PointerGetDatum(construct_array(units, n, INT4OID, sizeof(int32), true, TYPALIGN_INT));
	arguments[1] = PointerGetDatum(construct_array(denied, n, INT4OID, sizeof(int32), true, TYPALIGN_INT));
	arguments[2] = PointerGetDatum(construct_array(rates, n, NUMERICOID, -1, false, TYPALIGN_INT));
	rgt_run(&query, RGT_FRESH, arguments, NULL, NULL, NULL);
}

/* ---- as soon as something is said --------------------------------------------------------------------- */

/* What the rows of a statement have in a column: texts, of which there are few, once each. */
typedef struct Values
{
	AttrNumber	column;
	bool		texts;
	Datum	   *values;
	int			n;
	int			allocated;
	MemoryContext context;
} Values;

static void
add_value(TupleTableSlot *slot, void *arg)
{
	Values	   *all = arg;
	Datum		value = slot->tts_values[all->column - 1];
	MemoryContext old;

	for (int i = all->n - 1; all->texts && i >= 0; i--)
	{
		if (datumIsEqual(all->values[i], value, false, -1))
			return;
	}
	old = MemoryContextSwitchTo(all->context);
	RGT_GROW(all->values, all->n, all->allocated);
	all->values[all->n++] = all->texts ? datumCopy(value, false, -1) : value;
	MemoryContextSwitchTo(old);
}

static Values
values_in(const TriggerData *trigger, const char *column, bool texts)
{
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	Values		all = {rgt_attnum(desc, column), texts, palloc(sizeof(Datum) * 8), 0, 8, CurrentMemoryContext};

	rgt_each_row(trigger->tg_newtable, desc, add_value, &all);
	return all;
}

typedef struct PeriodList
{
	RgtPeriod  *periods;
	int			n;
	int			allocated;
	MemoryContext context;
} PeriodList;

static void
add_period(TupleTableSlot *slot, void *arg)
{
	PeriodList *list = arg;
	MemoryContext old = MemoryContextSwitchTo(list->context);

	RGT_GROW(list->periods, list->n, list->allocated);
	list->periods[list->n++] = (RgtPeriod) {
		DatumGetTextPCopy(slot->tts_values[0]), DatumGetDateADT(slot->tts_values[1]), DatumGetDateADT(slot->tts_values[2])
	};
	MemoryContextSwitchTo(old);
}

/* The periods of an array, the last first. */
static PeriodList
periods_named(Datum names)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT q.period, pg_catalog.lower(q.during), pg_catalog.upper(q.during) FROM regtarget.periods q "
		"WHERE q.period" OP(=) "ANY ($1) ORDER BY pg_catalog.lower(q.during) DESC", TEXTARRAYOID);
	PeriodList	list = {palloc(sizeof(RgtPeriod) * 8), 0, 8, CurrentMemoryContext};

	rgt_run(&query, RGT_LATEST, &names, NULL, add_period, &list);
	return list;
}

enum
{
	UNKNOWN, UNDER_WAY, NOTHING, SOMETHING
};

/* The last period that a unit has a standing for, and that one of its predecessors has one for. */
typedef struct Ended
{
	int32		unit_id;
	char		own;
	char		before;
	RgtPeriod	own_period;
	RgtPeriod	before_period;
} Ended;

typedef struct EndedList
{
	RgtSuccessions successions;
	Ended	   *units;			/* by unit */
	int			n;
} EndedList;

static void
find_own_end(Ended *unit)
{
	static RgtQuery query = RGT_KEY_QUERY(
		"SELECT q.period, pg_catalog.lower(q.during), pg_catalog.upper(q.during) FROM regtarget.standings t "
		"JOIN regtarget.periods q ON q.period" OP(=) "t.period WHERE t.unit_id" OP(=) "$1 "
		"ORDER BY pg_catalog.lower(q.during) DESC LIMIT 1", INT4OID);
	Datum		argument = Int32GetDatum(unit->unit_id);
	Datum		values[3];
	bool		isnull[3];

	unit->own = NOTHING;
	if (!rgt_one(&query, RGT_LATEST, &argument, NULL, values, isnull, 3))
		return;
	unit->own = SOMETHING;
	unit->own_period = (RgtPeriod) {DatumGetTextPP(values[0]), DatumGetDateADT(values[1]), DatumGetDateADT(values[2])};
}

static void
take_later(Ended *unit, char state, const RgtPeriod *period)
{
	if (state != SOMETHING || (unit->before == SOMETHING && unit->before_period.first >= period->first))
		return;
	unit->before = SOMETHING;
	unit->before_period = *period;
}

static Ended *
find_end(const EndedList *list, int32 unit_id)
{
	Ended	   *unit = bsearch(&unit_id, list->units, list->n, sizeof(Ended), rgt_order_by_unit);
	const RgtSuccessions *all = &list->successions;

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	if (unit->before != UNKNOWN)
		return unit;
	unit->before = UNDER_WAY;	/* only damage makes a circle */
	for (int i = rgt_successions_of(all, unit_id); i < all->n && all->pairs[i].unit_id == unit_id; i++)
	{
		Ended	   *before = find_end(list, all->pairs[i].predecessor_id);

		if (before->own == UNKNOWN)
			find_own_end(before);
		take_later(unit, before->own, &before->own_period);
		take_later(unit, before->before, &before->before_period);
	}
	if (unit->before == UNDER_WAY)
		unit->before = NOTHING;
	return unit;
}

static EndedList
begin_ends(void)
{
	EndedList	list = {.successions = rgt_successions(RGT_LATEST)};
	int32	   *units = rgt_succession_units(&list.successions, &list.n);

	list.units = palloc0(sizeof(Ended) * Max(list.n, 1));
	for (int i = 0; i < list.n; i++)
		list.units[i].unit_id = units[i];
	return list;
}

static int
compare_periods(const void *a, const void *b)
{
	return RGT_ORDER(((const RgtPeriod *) b)->first, ((const RgtPeriod *) a)->first);
}

/* The period after the last that was closed; false: there is none. */
static bool
first_not_closed(RgtPeriod *period)
{
	static RgtQuery query = RGT_QUERY0(
		"SELECT q.period, pg_catalog.lower(q.during), pg_catalog.upper(q.during) FROM regtarget.periods q "
		"WHERE pg_catalog.lower(q.during)" OP(>) "(SELECT pg_catalog.max(pg_catalog.lower(c.during)) FROM regtarget.plans p "
		"JOIN regtarget.periods c ON c.period" OP(=) "p.period WHERE p.mode" OP(=) "'live' AND p.status" OP(=) "'closed') "
		"ORDER BY pg_catalog.lower(q.during) LIMIT 1");
	Datum		values[3];
	bool		isnull[3];

	if (!rgt_one(&query, RGT_LATEST, NULL, NULL, values, isnull, 3))
		return false;
	*period = (RgtPeriod) {DatumGetTextPP(values[0]), DatumGetDateADT(values[1]), DatumGetDateADT(values[2])};
	return true;
}

/*
 * Of each unit of the rows the last period that one of its predecessors has a standing for, but no period that is closed:
 * nobody begins in it.  The last of all first.
 */
static PeriodList
periods_of_predecessors(const TriggerData *trigger)
{
	Values		units = values_in(trigger, "unit_id", false);
	EndedList	ends = begin_ends();
	PeriodList	list = {palloc(sizeof(RgtPeriod) * 8), 0, 8, CurrentMemoryContext};
	RgtPeriod	earliest;
	bool		any_closed = first_not_closed(&earliest);
	int			kept = 0;

	for (int i = 0; i < units.n; i++)
	{
		const Ended *unit = find_end(&ends, DatumGetInt32(units.values[i]));

		if (unit->before != SOMETHING)
			continue;
		RGT_GROW(list.periods, list.n, list.allocated);
		list.periods[list.n++] = any_closed && unit->before_period.first < earliest.first ? earliest : unit->before_period;
	}
	qsort(list.periods, list.n, sizeof(RgtPeriod), compare_periods);
	for (int i = 0; i < list.n; i++)
	{
		if (i == 0 || list.periods[i].first != list.periods[kept - 1].first)
			list.periods[kept++] = list.periods[i];
	}
	list.n = kept;
	return list;
}

/* The periods that standings were written for, or that successions bring something into. */
static PeriodList
periods_concerned(const TriggerData *trigger)
{
	Values		names;

	if (strcmp(RelationGetRelationName(trigger->tg_relation), "standings") != 0)
		return periods_of_predecessors(trigger);
	names = values_in(trigger, "period", true);
	return periods_named(PointerGetDatum(construct_array(names.values, names.n, TEXTOID, -1, false, TYPALIGN_INT)));
}

/*
 * AFTER INSERT of standings and of successions, for each statement: who brings history, or says who follows whom,
 * need not close a period again.
 */
PG_FUNCTION_INFO_V1(rgt_inherit_standings);
Datum
rgt_inherit_standings(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = rgt_trigger(fcinfo, "regtarget.inherit_standings", NULL, RGT_AFTER_STATEMENT);
	RgtSession	session;
	PeriodList	list;

	if (rgt_restoring())
		return PointerGetDatum(NULL);
	if (trigger->tg_newtable == NULL)
		rgt_wrong_trigger("regtarget.inherit_standings");
	rgt_begin(&session);
	if (any_succession())
	{
		list = periods_concerned(trigger);
		for (int i = 0; i < list.n; i++)
			rgt_write_inherited(&list.periods[i]);
	}
	rgt_end(&session);
	return PointerGetDatum(NULL);
}
