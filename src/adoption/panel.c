/*
 * adoption/panel.c
 *	  Who is compared with whom when adoption is judged.
 *
 * Units at one depth of today's tree: those that adopted, and those beside them that did not.  A group below a region
 * that adopted works by the method as well, and a region above a group that did partly so: neither is anybody to
 * compare with, and the group's own row says nothing that the region's does not.  Who was not there all the time, or
 * worked by the method from the first period on, has no change to show.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "adoption/panel.h"

/* ---- periods --------------------------------------------------------------------------------------- */

typedef struct Reading
{
	RgtEffectSpan span;
	MemoryContext context;
	int			allocated;
	DateADT		today;
} Reading;

static void
add_period(TupleTableSlot *slot, void *arg)
{
	Reading    *reading = arg;
	RgtPeriod	period = {
		.first = DatumGetDateADT(slot->tts_values[1]),
		.end = DatumGetDateADT(slot->tts_values[2])
	};
	MemoryContext old;

	if (period.end > reading->today)
	{
		reading->span.running++;
		return;
	}
	old = MemoryContextSwitchTo(reading->context);
	period.period = DatumGetTextPCopy(slot->tts_values[0]);
	MemoryContextSwitchTo(old);
	RGT_GROW(reading->span.period, reading->span.n, reading->allocated);
	reading->span.period[reading->span.n++] = period;
}

/* The periods from one to another that are over. */
RgtEffectSpan
rgt_effect_span(const RgtPeriod *from, const RgtPeriod *to)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT q.period, lower(q.during), upper(q.during) FROM regtarget.periods q "
		"WHERE lower(q.during) >= $1 AND upper(q.during) <= $2 ORDER BY lower(q.during)", DATEOID, DATEOID);
	Datum		arguments[2] = {DateADTGetDatum(from->first), DateADTGetDatum(to->end)};
	Reading		reading = {
		.span = {.period = palloc(sizeof(RgtPeriod) * 16), .first = from->first},
		.context = CurrentMemoryContext,
		.allocated = 16,
		.today = rgt_today_of(RGT_CALLER)
	};

	rgt_run(&query, RGT_CALLER, arguments, NULL, add_period, &reading);
	return reading.span;
}

/* ---- units ------------------------------------------------------------------------------------------ */

/* What is known of each unit of the tree, by position. */
typedef struct Adopters
{
	const RgtTree *tree;
	DateADT    *on;				/* DATEVAL_NOEND: never */
	int		   *depth;
	bool	   *above;			/* something below it adopted */
	bool	   *below;			/* something above it adopted */
} Adopters;

static void
note_adoption(TupleTableSlot *slot, void *arg)
{
	Adopters   *adopters = arg;
	int			position = rgt_tree_find(adopters->tree, DatumGetInt32(slot->tts_values[0]));

	if (position >= 0)
		adopters->on[position] = DatumGetDateADT(slot->tts_values[1]);
}

static bool
is_adopter(const Adopters *adopters, int position)
{
	return adopters->on[position] != DATEVAL_NOEND;
}

static Adopters
read_adopters(const RgtTree *tree)
{
	static RgtQuery query = RGT_QUERY0("SELECT unit_id, adopted_on FROM regtarget.adoptions");
	Size		n = Max(tree->n, 1);
	Adopters	adopters = {
		tree, palloc(sizeof(DateADT) * n), palloc(sizeof(int) * n), palloc0(sizeof(bool) * n), palloc0(sizeof(bool) * n)
	};

	for (int p = 0; p < tree->n; p++)
		adopters.on[p] = DATEVAL_NOEND;
	rgt_run(&query, RGT_CALLER, NULL, NULL, note_adoption, &adopters);
	for (int p = 0; p < tree->n; p++)
	{
		int			parent = tree->parent[p];

		adopters.depth[p] = parent < 0 ? 0 : adopters.depth[parent] + 1;
		adopters.below[p] = parent >= 0 && (adopters.below[parent] || is_adopter(&adopters, parent));
	}
	for (int p = tree->n - 1; p >= 0; p--)
	{
		if (tree->parent[p] >= 0 && (adopters.above[p] || is_adopter(&adopters, p)))
			adopters.above[tree->parent[p]] = true;
	}
	return adopters;
}

/* Was it open from the first day to the last? */
static bool
open_throughout(const RgtTree *tree, int position, const RgtEffectSpan *span)
{
	return span->n > 0 && tree->opened_on[position] <= span->first &&
		tree->closed_on[position] >= span->period[span->n - 1].end - 1;
}

/* One that adopted for itself: not along with one above it. */
static bool
counts_as_adopter(const Adopters *adopters, int position, const RgtEffectSpan *span)
{
	return is_adopter(adopters, position) && !adopters->below[position] && open_throughout(adopters->tree, position, span);
}

/* The depth at which most adopters stand; of several, the one nearest the top; -1: there are none. */
static int
choose_depth(const Adopters *adopters, const RgtEffectSpan *span)
{
	int		   *count = palloc0(sizeof(int) * (Size) (adopters->tree->n + 1));
	int			chosen = -1;

	for (int p = 0; p < adopters->tree->n; p++)
		count[adopters->depth[p]] += counts_as_adopter(adopters, p, span);
	for (int d = 0; d < adopters->tree->n; d++)
	{
		if (count[d] > 0 && (chosen < 0 || count[d] > count[chosen]))
			chosen = d;
	}
	pfree(count);
	return chosen;
}

/* The period that a unit adopted in, or the first after it; their number: not by their end. */
static int
period_of(const RgtEffectSpan *span, DateADT day)
{
	int			i = 0;

	if (day < span->first)
		return 0;
	while (i < span->n && (day == DATEVAL_NOEND || span->period[i].end <= day))
		i++;
	return i;
}

/* Does a unit of the chosen depth stand for or against adoption? */
static bool
is_compared(const Adopters *adopters, int position, int depth, const RgtEffectSpan *span)
{
	if (adopters->depth[position] != depth || adopters->below[position] || !open_throughout(adopters->tree, position, span))
		return false;
	return is_adopter(adopters, position) || !adopters->above[position];
}

typedef struct Pair
{
	int32		unit_id;
	int			adopted;
} Pair;

/* The units that are compared over the periods. */
RgtCompared
rgt_compared_units(const RgtEffectSpan *span)
{
	RgtTree    *tree = rgt_tree_read(RGT_CALLER, rgt_today_of(RGT_CALLER));
	Adopters	adopters = read_adopters(tree);
	int			depth = choose_depth(&adopters, span);
	Pair	   *pairs = palloc(sizeof(Pair) * (Size) Max(tree->n, 1));
	RgtCompared compared = {0};

	for (int p = 0; p < tree->n; p++)
	{
		int			adopted = period_of(span, adopters.on[p]);

		CHECK_FOR_INTERRUPTS();
		if (!is_compared(&adopters, p, depth, span))
			compared.elsewhere += is_adopter(&adopters, p) && !adopters.below[p];
		else if (adopted == 0)
			compared.early++;
		else
			pairs[compared.n++] = (Pair) {tree->unit_id[p], adopted};
	}
	qsort(pairs, compared.n, sizeof(Pair), rgt_order_by_unit);
	compared.unit_id = palloc(sizeof(int32) * (Size) Max(compared.n, 1));
	compared.adopted = palloc(sizeof(int) * (Size) Max(compared.n, 1));
	for (int i = 0; i < compared.n; i++)
	{
		compared.unit_id[i] = pairs[i].unit_id;
		compared.adopted[i] = pairs[i].adopted;
	}
	return compared;
}
