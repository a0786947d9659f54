/*
 * targets/spans.c
 *	  What a unit and all below it achieved in a span of days: sums_of_unit(), actuals_of_span().
 *
 * Views ask unit by unit and month by month, in whatever order the planner likes.  A unit is added up over itself and
 * those below it, read by their keys, which answers for all of these; so a region costs what it is.  Where a few such
 * parts are not enough, all units are added up once.  Either is kept for the rest of the statement.
 */
#include "postgres.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/memutils.h"

#include "access/access.h"
#include "activity/activity.h"
#include "facts/facts.h"
#include "regtarget.h"
#include "units/units.h"

/* What is added up: by position in a tree. */
typedef struct Sums
{
	const RgtTree *tree;
	MemoryContext context;
	int64	   *won;
	int64	   *revenues;
	Numeric    *won_amount;		/* NULL: 0 */
	Numeric    *revenue_amount;
} Sums;

/* The tree that sums go up: today's, or that of a period as its published plans have it. */
typedef struct Root
{
	text	   *key;			/* of the period; NULL: today */
	RgtPeriod	period;
	DateADT		today;
	bool		revenues;		/* are the period's actuals what was booked? */
	const RgtTree *tree;		/* of all units; NULL: not read */
	const RgtTree *part;		/* a unit and those below it, the one that was read last; NULL: none */
	int			parts;			/* so many were read */
} Root;

/* One span, and a tree: the sums of all units, or of the part that was read last. */
typedef struct Span
{
	const Root *root;
	DateADT		first;
	DateADT		past;
	const Sums *all;			/* NULL: not read */
	const Sums *part;
} Span;

typedef struct SpanMemory
{
	RgtMemory	memory;
	TupleDesc	desc;
	List	   *roots;			/* of Root */
	List	   *spans;			/* of Span, the one that was asked for last in front */
} SpanMemory;

/* So many parts are read: who shows many units that are not below one another pays for these besides. */
#define FEW_PARTS 4

/* ---- adding up --------------------------------------------------------------------------------- */

static Numeric
plus(Numeric a, Numeric b)
{
	if (a == NULL || b == NULL)
		return a == NULL ? b : a;
	return DatumGetNumeric(DirectFunctionCall2(numeric_add, NumericGetDatum(a), NumericGetDatum(b)));
}

static Numeric
copy_amount(Numeric amount)
{
	return amount == NULL ? NULL : DatumGetNumeric(datumCopy(NumericGetDatum(amount), false, -1));
}

static void
keep_activity(const RgtActivity *activity, void *arg)
{
	Sums	   *sums = arg;
	int			p = rgt_tree_find(sums->tree, activity->unit_id);
	MemoryContext old;

	if (p < 0)
		return;
	old = MemoryContextSwitchTo(sums->context);
	sums->won[p] = activity->won;
	sums->revenues[p] = activity->revenues;
	sums->won_amount[p] = copy_amount(activity->won_amount);
	sums->revenue_amount[p] = copy_amount(activity->revenue_amount);
	MemoryContextSwitchTo(old);
}

static void
sum_up(Sums *sums)
{
	for (int p = sums->tree->n - 1; p >= sums->tree->roots; p--)
	{
		int			above = sums->tree->parent[p];

		sums->won[above] += sums->won[p];
		sums->revenues[above] += sums->revenues[p];
		sums->won_amount[above] = plus(sums->won_amount[above], sums->won_amount[p]);
		sums->revenue_amount[above] = plus(sums->revenue_amount[above], sums->revenue_amount[p]);
	}
}

static void *
zeros(int n, Size size)
{
	return palloc_extended(mul_size(size, Max(n, 1)), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
}

/* What the units of a tree achieved from the first day to the one before `past`, into the current memory context. */
static Sums *
add_up(const RgtTree *tree, DateADT first, DateADT past)
{
	Sums	   *sums = palloc(sizeof(Sums));

	sums->tree = tree;
	sums->context = CurrentMemoryContext;
	sums->won = zeros(tree->n, sizeof(int64));
	sums->revenues = zeros(tree->n, sizeof(int64));
	sums->won_amount = zeros(tree->n, sizeof(Numeric));
	sums->revenue_amount = zeros(tree->n, sizeof(Numeric));
	if (first < past)
		rgt_activity(RGT_CALLER, tree->part ? tree->unit_id : NULL, tree->n, first, past,
					 RGT_WON_AMOUNT | RGT_REVENUE_AMOUNT | RGT_REVENUES, keep_activity, sums);
	sum_up(sums);
	return sums;
}

/* ---- what the statement remembers ---------------------------------------------------------------- */

static bool
is_key(const text *a, const text *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return VARSIZE_ANY_EXHDR(a) == VARSIZE_ANY_EXHDR(b) &&
		memcmp(VARDATA_ANY(a), VARDATA_ANY(b), VARSIZE_ANY_EXHDR(a)) == 0;
}

/* Of a period, or of today (key NULL); NULL: the statement has not had it yet. */
static Root *
known_root(const SpanMemory *memory, const text *key)
{
	ListCell   *cell;

	foreach(cell, memory->roots)
	{
		if (is_key(((const Root *) lfirst(cell))->key, key))
			return lfirst(cell);
	}
	return NULL;
}

static Root *
read_root(SpanMemory *memory, text *key)
{
	MemoryContext old = MemoryContextSwitchTo(memory->memory.context);
	Root	   *root = palloc0(sizeof(Root));

	if (key == NULL)
		root->today = rgt_today_of(RGT_CALLER);
	else
	{
		root->key = DatumGetTextPCopy(PointerGetDatum(key));
		root->period = rgt_period(root->key);
		root->revenues = rgt_policy(root->period.first, RGT_CALLER).actuals_are_revenues;
	}
	memory->roots = lcons(root, memory->roots);
	MemoryContextSwitchTo(old);
	return root;
}

static Span *
find_span(SpanMemory *memory, const Root *root, DateADT first, DateADT past)
{
	MemoryContext old;
	ListCell   *cell;
	Span	   *span;

	foreach(cell, memory->spans)
	{
		span = lfirst(cell);
		if (span->root == root && span->first == first && span->past == past)
			return span;
	}
	old = MemoryContextSwitchTo(memory->memory.context);
	span = palloc0(sizeof(Span));
	span->root = root;
	span->first = first;
	span->past = past;
	memory->spans = lcons(span, memory->spans);
	MemoryContextSwitchTo(old);
	return span;
}

/* The tree of all units, which the statement keeps. */
static const RgtTree *
whole_tree(SpanMemory *memory, Root *root)
{
	MemoryContext old = MemoryContextSwitchTo(memory->memory.context);

	if (root->tree == NULL)
		root->tree = root->key == NULL ? rgt_tree_read(RGT_CALLER, root->today) :
			rgt_tree_of_period(RGT_CALLER, &root->period);
	MemoryContextSwitchTo(old);
	return root->tree;
}

/* A part that has the unit and all below it; NULL: all units are to be read. */
static const RgtTree *
part_with(SpanMemory *memory, Root *root, int32 unit_id)
{
	MemoryContext old;
	const RgtTree *tree;

	if (root->tree != NULL)
		return NULL;
	if (root->part != NULL && rgt_tree_find(root->part, unit_id) >= 0)
		return root->part;
	if (root->parts++ == FEW_PARTS)
		return NULL;
	old = MemoryContextSwitchTo(memory->memory.context);
	tree = root->key == NULL ? rgt_tree_below(RGT_CALLER, root->today, unit_id, rgt_most_in_part()) :
		rgt_tree_of_period_below(RGT_CALLER, &root->period, unit_id, rgt_most_in_part());
	MemoryContextSwitchTo(old);
	if (tree->part)
		root->part = tree;
	else
		root->tree = tree;
	return tree->part ? tree : NULL;
}

static const Sums *
keep_sums(SpanMemory *memory, const Span *span, const RgtTree *tree)
{
	MemoryContext old = MemoryContextSwitchTo(memory->memory.context);
	Sums	   *sums = add_up(tree, span->first, span->past);

	MemoryContextSwitchTo(old);
	return sums;
}

/* Sums that have the unit, if there is such a unit. */
static const Sums *
sums_with(SpanMemory *memory, Root *root, Span *span, int32 unit_id)
{
	const RgtTree *part;

	if (span->all != NULL)
		return span->all;
	part = part_with(memory, root, unit_id);
	if (part == NULL)
		return span->all = keep_sums(memory, span, whole_tree(memory, root));
	if (span->part == NULL || span->part->tree != part)
		span->part = keep_sums(memory, span, part);
	return span->part;
}

/* Those that have been read already; NULL: none that has the unit. */
static const Sums *
known_sums(const Root *root, const Span *span, int32 unit_id)
{
	if (span->all != NULL)
		return span->all;
	return span->part != NULL && span->part->tree == root->part && rgt_tree_find(root->part, unit_id) >= 0 ? span->part : NULL;
}

/* ---- sums_of_unit ---------------------------------------------------------------------------------- */

static Datum
amount_or_zero(Numeric amount)
{
	return NumericGetDatum(amount == NULL ? int64_to_numeric(0) : amount);
}

static Datum
sums_row(FunctionCallInfo fcinfo, SpanMemory *memory, const Sums *sums)
{
	int			p = rgt_tree_find(sums->tree, PG_GETARG_INT32(0));
	bool		nulls[4] = {false};
	Datum		values[4];

	if (p < 0)
		PG_RETURN_NULL();
	values[0] = Int64GetDatum(sums->won[p]);
	values[1] = amount_or_zero(sums->won_amount[p]);
	values[2] = Int64GetDatum(sums->revenues[p]);
	values[3] = amount_or_zero(sums->revenue_amount[p]);
	return rgt_row(fcinfo, &memory->memory, &memory->desc, values, nulls);
}

/*
 * sums_of_unit(unit_id, first, past): (won, won_amount, revenues, revenue_amount) of a unit and all below it today, from
 * the first day to the one before `past`; all null for a unit that is not visible.
 */
PG_FUNCTION_INFO_V1(rgt_sums_of_unit);
Datum
rgt_sums_of_unit(PG_FUNCTION_ARGS)
{
	SpanMemory *memory = rgt_memory(fcinfo, sizeof(SpanMemory));
	MemoryContext context = CurrentMemoryContext;
	RgtSession	session;
	const Sums *sums;
	Span	   *span;
	Root	   *root;
	Datum		row;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2) || !rgt_in_sight(rgt_caller(), PG_GETARG_INT32(0)))
		PG_RETURN_NULL();
	root = known_root(memory, NULL);
	span = root == NULL ? NULL : find_span(memory, root, PG_GETARG_DATEADT(1), PG_GETARG_DATEADT(2));
	sums = span == NULL ? NULL : known_sums(root, span, PG_GETARG_INT32(0));
	if (sums != NULL)
		return sums_row(fcinfo, memory, sums);
	rgt_enter(&session);
	if (root == NULL)
		root = read_root(memory, NULL);
	span = find_span(memory, root, PG_GETARG_DATEADT(1), PG_GETARG_DATEADT(2));
	sums = sums_with(memory, root, span, PG_GETARG_INT32(0));
	MemoryContextSwitchTo(context);
	row = sums_row(fcinfo, memory, sums);
	rgt_end(&session);
	return row;
}

/* ---- actuals_of_span ------------------------------------------------------------------------------- */

enum
{
	ARG_UNIT, ARG_PERIOD, ARG_FIRST, ARG_LAST, ARG_UP_TO
};

/* What a unit achieved from one day to another, both inside, in the current memory context. */
static Datum
achieved(SpanMemory *memory, Root *root, int32 unit_id, DateADT first, DateADT last, bool *known)
{
	Span	   *span = find_span(memory, root, first, last + 1);
	const Sums *sums = sums_with(memory, root, span, unit_id);
	int			p = rgt_tree_find(sums->tree, unit_id);

	*known = p >= 0;
	return p < 0 ? (Datum) 0 : amount_or_zero(root->revenues ? sums->revenue_amount[p] : sums->won_amount[p]);
}

/* Both columns; those of one span are the same where it is over by the day.  False for a unit that is not in the tree. */
static bool
fill_actuals(FunctionCallInfo fcinfo, SpanMemory *memory, Root *root, Datum *values)
{
	int32		unit_id = PG_GETARG_INT32(ARG_UNIT);
	DateADT		first = PG_GETARG_DATEADT(ARG_FIRST);
	DateADT		last = PG_GETARG_DATEADT(ARG_LAST);
	DateADT		up_to = PG_GETARG_DATEADT(ARG_UP_TO);
	bool		known;

	values[0] = achieved(memory, root, unit_id, first, last, &known);
	values[1] = values[0];
	if (up_to < first)
		values[1] = amount_or_zero(NULL);
	else if (up_to < last)
		values[1] = achieved(memory, root, unit_id, first, up_to, &known);
	return known;
}

/* Are the sums there that the answer is made of? */
static bool
is_read(FunctionCallInfo fcinfo, SpanMemory *memory, const Root *root)
{
	int32		unit_id = PG_GETARG_INT32(ARG_UNIT);
	DateADT		first = PG_GETARG_DATEADT(ARG_FIRST);
	DateADT		last = PG_GETARG_DATEADT(ARG_LAST);
	DateADT		up_to = PG_GETARG_DATEADT(ARG_UP_TO);

	return known_sums(root, find_span(memory, root, first, last + 1), unit_id) != NULL &&
		(up_to < first || up_to >= last || known_sums(root, find_span(memory, root, first, up_to + 1), unit_id) != NULL);
}

static Datum
actuals_row(FunctionCallInfo fcinfo, SpanMemory *memory, Root *root, MemoryContext context)
{
	bool		nulls[2] = {false, false};
	Datum		values[2];

	if (!fill_actuals(fcinfo, memory, root, values))
		PG_RETURN_NULL();
	MemoryContextSwitchTo(context);
	return rgt_row(fcinfo, &memory->memory, &memory->desc, values, nulls);
}

/*
 * actuals_of_span(unit_id, period, first, last, up_to): (actual, so_far), what a unit and all below it achieved from one
 * day to another, and what of it is dated up to and including a day, as the period counts it and in the tree of its
 * plan; both null for a unit that is not visible.
 */
PG_FUNCTION_INFO_V1(rgt_actuals_of_span);
Datum
rgt_actuals_of_span(PG_FUNCTION_ARGS)
{
	SpanMemory *memory = rgt_memory(fcinfo, sizeof(SpanMemory));
	MemoryContext context = CurrentMemoryContext;
	RgtSession	session;
	Root	   *root;
	Datum		row;

	for (int i = 0; i <= ARG_UP_TO; i++)
	{
		if (PG_ARGISNULL(i))
			PG_RETURN_NULL();
	}
	if (!rgt_in_sight(rgt_caller(), PG_GETARG_INT32(ARG_UNIT)))
		PG_RETURN_NULL();
	root = known_root(memory, PG_GETARG_TEXT_PP(ARG_PERIOD));
	if (root != NULL && is_read(fcinfo, memory, root))
		return actuals_row(fcinfo, memory, root, context);
	rgt_enter(&session);
	if (root == NULL)
		root = read_root(memory, PG_GETARG_TEXT_PP(ARG_PERIOD));
	row = actuals_row(fcinfo, memory, root, context);
	rgt_end(&session);
	return row;
}
