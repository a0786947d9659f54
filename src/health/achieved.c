/*
 * health/achieved.c
 *	  What units brought in a span of days: won deals or revenues, their number and what they come to, in hundredths.
 *
 * Hundredths add up exactly as long as they are whole.
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/memutils.h"

#include "activity/activity.h"
#include "health/measures.h"
#include "health/signal_set.h"
#include "regtarget.h"
#include "units/units.h"

/* What rgt_hundredths() counts by. */
RgtStep
rgt_hundredth(void)
{
	RgtStep		hundredth;

	rgt_step_init(&hundredth, int64_div_fast_to_numeric(1, 2));
	return hundredth;
}

/* An amount in hundredths.  What is too little for a float8 rounds to 0 instead of failing everybody's report. */
double
rgt_hundredths(const RgtStep *hundredth, Numeric amount)
{
	int64		whole;
	Datum		scaled;

	if (amount == NULL)
		return 0;
	if (rgt_to_steps(hundredth, amount, &whole) == RGT_FITS)
		return (double) whole;
	scaled = DirectFunctionCall2(numeric_mul, NumericGetDatum(amount), NumericGetDatum(int64_to_numeric(100)));
	scaled = DirectFunctionCall2(numeric_round, scaled, Int32GetDatum(9));
	return DatumGetFloat8(DirectFunctionCall1(numeric_float8, scaled));
}

/* Where it is added up. */
typedef struct Achieved
{
	RgtColumns	columns;
	RgtStep		hundredth;
	bool		revenues;		/* these, and not won deals */
} Achieved;

static void
add_achieved(const RgtActivity *activity, void *arg)
{
	Achieved   *achieved = arg;
	double	  **sum = achieved->columns.sum;
	int			p = rgt_tree_find(achieved->columns.tree, activity->unit_id);
	Numeric		amount = achieved->revenues ? activity->revenue_amount : activity->won_amount;

	if (p < 0)
		return;
	sum[RGT_ACHIEVED_COUNT][p] = achieved->revenues ? activity->revenues : activity->won;
	sum[RGT_ACHIEVED_CENTS][p] = rgt_hundredths(&achieved->hundredth, amount);
}

/* ---- kept for other days ------------------------------------------------------------------------- */

/* What a unit itself did. */
typedef struct Did
{
	int32		unit_id;
	double		count;
	double		cents;
} Did;

typedef struct Span
{
	DateADT		first;
	DateADT		past;
	bool		revenues;
	RgtStep		hundredth;
	Did		   *did;
	int			n;
	int			allocated;
} Span;

/* Of so many units it is kept; of more it would take more memory than reading it again takes time. */
#define MOST_KEPT 200000

static void
keep_did(const RgtActivity *activity, void *arg)
{
	Span	   *span = arg;
	Numeric		amount = span->revenues ? activity->revenue_amount : activity->won_amount;
	double		count = span->revenues ? activity->revenues : activity->won;
	double		cents = rgt_hundredths(&span->hundredth, amount);

	RGT_GROW(span->did, span->n, span->allocated);
	span->did[span->n++] = (Did) {activity->unit_id, count, cents};
}

static Span *
read_span(const RgtSignals *signals, DateADT first, DateADT past, bool revenues)
{
	MemoryContext old = MemoryContextSwitchTo(signals->kept->context);
	Span	   *span = palloc0(sizeof(Span));

	*span = (Span) {.first = first, .past = past, .revenues = revenues, .hundredth = rgt_hundredth(), .allocated = 64};
	span->did = palloc(sizeof(Did) * span->allocated);
	rgt_activity(signals->snapshot, NULL, 0, first, past, revenues ? RGT_REVENUE_AMOUNT : RGT_WON_AMOUNT, keep_did, span);
	if (span->n <= MOST_KEPT)
		signals->kept->spans = lappend(signals->kept->spans, span);
	MemoryContextSwitchTo(old);
	return span;
}

static Span *
find_span(const RgtSignals *signals, DateADT first, DateADT past, bool revenues)
{
	ListCell   *cell;

	foreach(cell, signals->kept->spans)
	{
		Span	   *span = lfirst(cell);

		if (span->first == first && span->past == past && span->revenues == revenues)
			return span;
	}
	return read_span(signals, first, past, revenues);
}

/* The same columns from what is kept. */
static void
add_kept(const RgtSignals *signals, RgtColumns *columns, DateADT first, DateADT past, bool revenues)
{
	Span	   *span = find_span(signals, first, past, revenues);

	for (int i = 0; i < span->n; i++)
	{
		int			p = rgt_tree_find(columns->tree, span->did[i].unit_id);

		if (p < 0)
			continue;
		columns->sum[RGT_ACHIEVED_COUNT][p] = span->did[i].count;
		columns->sum[RGT_ACHIEVED_CENTS][p] = span->did[i].cents;
	}
	if (span->n <= MOST_KEPT)
		return;
	pfree(span->did);
	pfree(span);
}

/*
 * What units and all below them in a tree brought from the day `first` to the one before `past`, whatever the signals' own
 * tree is.
 */
RgtColumns
rgt_achieved(RgtSignals *signals, const RgtTree *tree, DateADT first, DateADT past, bool revenues)
{
	Achieved	achieved = {
		.columns = rgt_columns(signals, tree, RGT_ACHIEVED_COLUMNS), .hundredth = rgt_hundredth(), .revenues = revenues
	};

	if (signals->kept != NULL)
		add_kept(signals, &achieved.columns, first, past, revenues);
	else
		rgt_activity(signals->snapshot, tree->part ? tree->unit_id : NULL, tree->n, first, past,
					 revenues ? RGT_REVENUE_AMOUNT : RGT_WON_AMOUNT, add_achieved, &achieved);
	rgt_columns_roll_up(&achieved.columns);
	return achieved.columns;
}

/* The same in hundredths alone, by position of the tree; for the caller to free. */
double *
rgt_achieved_cents(RgtSignals *signals, const RgtTree *tree, DateADT first, DateADT past, bool revenues)
{
	RgtColumns	sums = rgt_achieved(signals, tree, first, past, revenues);

	pfree(sums.sum[RGT_ACHIEVED_COUNT]);
	return sums.sum[RGT_ACHIEVED_CENTS];
}
