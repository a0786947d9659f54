/*
 * health/inherited.c
 *	  History follows: what predecessors achieved before a unit's first day counts towards its actuals of the past.
 *
 * It is added to the unit alone and not to those above it, whose sums count every fact once, where it was done.
 * Of a predecessor counts what it and all below it did, and what it inherited itself.  Where a unit began within a
 * period, what the predecessor did in it before that day.
 *
 * Successions are few, mostly none; who has none pays for a look into an empty table.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "health/measures.h"
#include "health/signal_set.h"
#include "regtarget.h"
#include "units/units.h"

/* A unit goes on from its predecessors on its first day. */
typedef struct Link
{
	int32		unit_id;
	int32		predecessor_id;
	double		share;
	DateADT		first;
} Link;

enum
{
	UNKNOWN, UNDER_WAY, KNOWN
};

/* What units did from the period's first day to the day before `past`, inherited included; by position of the tree. */
typedef struct UpTo
{
	DateADT		past;
	double	   *own;			/* with all below */
	double	   *all;			/* where it is KNOWN */
	char	   *state;
} UpTo;

typedef struct Inheritance
{
	RgtSignals *signals;
	const RgtTree *tree;		/* of all units */
	DateADT		first;
	bool		revenues;
	Link	   *links;			/* by unit and predecessor */
	int			n;
	int			allocated;
	List	   *sums;			/* of UpTo */
} Inheritance;

static void
add_link(TupleTableSlot *slot, void *arg)
{
	Inheritance *inheritance = arg;
	const Datum *value = slot->tts_values;

	RGT_GROW(inheritance->links, inheritance->n, inheritance->allocated);
	inheritance->links[inheritance->n++] = (Link) {
		DatumGetInt32(value[0]), DatumGetInt32(value[1]), DatumGetFloat8(value[2]), DatumGetDateADT(value[3])
	};
}

/* Of units that began after the period's first day; where the past is replayed, not of those that are yet to begin. */
static void
read_links(Inheritance *inheritance)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT s.unit_id, s.predecessor_id, s.share::pg_catalog.float8, u.opened_on FROM regtarget.successions s "
		"JOIN regtarget.units u ON u.unit_id" OP(=) "s.unit_id WHERE u.opened_on" OP(>) "$1 "
		"AND u.opened_on" OP(<=) "$2 ORDER BY s.unit_id, s.predecessor_id", DATEOID, DATEOID);
	const RgtSignals *signals = inheritance->signals;
	Datum		days[2] = {
		DateADTGetDatum(inheritance->first), DateADTGetDatum(signals->replayed ? signals->as_of : DATEVAL_NOEND)
	};

	inheritance->allocated = 8;
	inheritance->links = palloc(sizeof(Link) * inheritance->allocated);
	rgt_run(&query, signals->snapshot, days, NULL, add_link, inheritance);
}

/* Is one of the links of a unit of the signals' tree? */
static bool
concerns(const Inheritance *inheritance)
{
	for (int i = 0; i < inheritance->n; i++)
	{
		if (rgt_tree_find(inheritance->signals->tree, inheritance->links[i].unit_id) >= 0)
			return true;
	}
	return false;
}

static UpTo *
sums_up_to(Inheritance *inheritance, DateADT past)
{
	const RgtTree *tree = inheritance->tree;
	ListCell   *cell;
	UpTo	   *sums;

	foreach(cell, inheritance->sums)
	{
		sums = lfirst(cell);
		if (sums->past == past)
			return sums;
	}
	sums = palloc(sizeof(UpTo));
	sums->past = past;
	sums->own = rgt_achieved_cents(inheritance->signals, tree, inheritance->first, past, inheritance->revenues);
	sums->all = palloc_extended(sizeof(double) * (Size) Max(tree->n, 1), MCXT_ALLOC_HUGE);
	sums->state = palloc_extended((Size) Max(tree->n, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	inheritance->sums = lappend(inheritance->sums, sums);
	return sums;
}

/* The first link of a unit; those of one stand together. */
static int
first_link(const Inheritance *inheritance, int32 unit_id)
{
	int			low = 0;
	int			high = inheritance->n;

	while (low < high)
	{
		int			middle = (low + high) / 2;

		if (inheritance->links[middle].unit_id < unit_id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static double with_inherited(Inheritance *inheritance, int32 unit_id, DateADT past);

/* What a unit inherits of the days before `past`. */
static double
inherited(Inheritance *inheritance, int32 unit_id, DateADT past)
{
	double		sum = 0;

	for (int i = first_link(inheritance, unit_id); i < inheritance->n && inheritance->links[i].unit_id == unit_id; i++)
	{
		const Link *link = &inheritance->links[i];

		sum += link->share * with_inherited(inheritance, link->predecessor_id, Min(past, link->first));
	}
	return sum;
}

/* What a unit did before `past`, with what it inherits; a circle, which only damage makes, ends where it began. */
static double
with_inherited(Inheritance *inheritance, int32 unit_id, DateADT past)
{
	UpTo	   *sums = sums_up_to(inheritance, past);
	int			p = rgt_tree_find(inheritance->tree, unit_id);

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	if (p < 0 || sums->state[p] == UNDER_WAY)
		return 0;
	if (sums->state[p] == UNKNOWN)
	{
		sums->state[p] = UNDER_WAY;
		sums->all[p] = sums->own[p] + inherited(inheritance, unit_id, past);
		sums->state[p] = KNOWN;
	}
	return sums->all[p];
}

/* A predecessor may stand anywhere. */
static const RgtTree *
tree_of_all(RgtSignals *signals)
{
	if (signals->tree->part && signals->whole == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(signals->context);

		signals->whole = rgt_tree_read(signals->snapshot, signals->as_of);
		MemoryContextSwitchTo(old);
	}
	return signals->tree->part ? signals->whole : signals->tree;
}

static void
free_sums(Inheritance *inheritance)
{
	ListCell   *cell;

	foreach(cell, inheritance->sums)
	{
		UpTo	   *sums = lfirst(cell);

		pfree(sums->own);
		pfree(sums->all);
		pfree(sums->state);
	}
	list_free_deep(inheritance->sums);
}

/* Add to the actuals of a period, first day to the day before `end`, what units inherit. */
void
rgt_add_inherited(RgtSignals *signals, DateADT first, DateADT end, bool revenues, RgtSignal *actual)
{
	Inheritance inheritance = {.signals = signals, .first = first, .revenues = revenues};

	read_links(&inheritance);
	if (!concerns(&inheritance))
		return;
	inheritance.tree = tree_of_all(signals);
	for (int i = 0; i < inheritance.n; i++)
	{
		int32		unit_id = inheritance.links[i].unit_id;
		int			p = rgt_tree_find(signals->tree, unit_id);

		if (p >= 0 && actual->known[p] && i == first_link(&inheritance, unit_id))
			actual->value[p] += inherited(&inheritance, unit_id, end) / 100;
	}
	free_sums(&inheritance);
}
