/*
 * outcomes/fairness.c
 *	  fairness_of_unit(): does how well targets are met depend on how large they were, or on how much they grew?
 *
 * Over the lowest targets at or below a unit, moments are added up the tree: each unit's from its children's, in the
 * tree's order, so that the bits are the same whoever asks and however much is read.
 */
#include "postgres.h"

#include <math.h>

#include "funcapi.h"
#include "utils/float.h"

#include "access/access.h"
#include "facts/facts.h"
#include "health/health.h"
#include "outcomes/measure.h"

/* Fewer points than these lie on a line whatever they are. */
#define LEAST_TO_CORRELATE 3

/* A variance below this part of the mean's square is what rounding leaves of none. */
#define NO_SPREAD 1e-20

/* Of pairs (x, attainment): their number, means, and sums of squares and products about these. */
typedef struct Moments
{
	double		n;
	double		x;
	double		y;
	double		xx;
	double		yy;
	double		xy;
} Moments;

/* The lowest targets at or below a unit. */
typedef struct Fairness
{
	Moments		size;			/* x: the baseline */
	Moments		growth;			/* x: the baseline / what was achieved a year before */
	double		within;
	double		over;
	double		under;
} Fairness;

/* Of all units of a measure. */
typedef struct Fair
{
	const RgtMeasure *measure;
	Fairness   *of;				/* by position */
} Fair;

enum
{
	UNITS, ATTAINMENT, CORRELATION_SIZE, CORRELATION_GROWTH, SPREAD, WITHIN_20, OVER, UNDER, COLUMNS
};

/* Put more pairs to those there are. */
static void
add_moments(Moments *to, const Moments *more)
{
	double		n = to->n + more->n;
	double		dx = more->x - to->x;
	double		dy = more->y - to->y;
	double		weight = to->n * more->n / n;

	if (more->n == 0)
		return;
	if (to->n == 0)
	{
		*to = *more;
		return;
	}
	to->xx += more->xx + dx * dx * weight;
	to->yy += more->yy + dy * dy * weight;
	to->xy += more->xy + dx * dy * weight;
	to->x += dx * more->n / n;
	to->y += dy * more->n / n;
	to->n = n;
}

static void
add_fairness(Fairness *to, const Fairness *more)
{
	add_moments(&to->size, &more->size);
	add_moments(&to->growth, &more->growth);
	to->within += more->within;
	to->over += more->over;
	to->under += more->under;
}

static double
correlation(const Moments *m)
{
	double		r;

	if (m->n < LEAST_TO_CORRELATE || m->xx <= NO_SPREAD * m->n * m->x * m->x || m->yy <= NO_SPREAD * m->n * m->y * m->y)
		return get_float8_nan();
	r = m->xy / (sqrt(m->xx) * sqrt(m->yy));
	return Max(-1.0, Min(1.0, r));
}

/* The lowest targets themselves. */
static void
start_fairness(const Fair *fair)
{
	const RgtMeasure *measure = fair->measure;
	const RgtTree *tree = measure->outcomes.tree;
	const RgtSignal *last_year;
	RgtPolicy	policy;

	/* Without a policy nobody knows what counts, and so no attainment either. */
	if (!rgt_find_policy(measure->first, RGT_CALLER, &policy))
		return;
	last_year = rgt_signal(rgt_signals(tree, measure->first, RGT_CALLER), "actual_last_year");
	for (int p = 0; p < tree->n; p++)
	{
		double		y = measure->outcomes.value[RGT_ATTAINMENT_BASELINE][p];
		Fairness   *of = &fair->of[p];

		if (!measure->leaf[p] || isnan(y))
			continue;
		of->size = (Moments) {.n = 1, .x = measure->baseline[p], .y = y};
		if (last_year->known[p] && last_year->value[p] > 0)
			of->growth = (Moments) {.n = 1, .x = measure->baseline[p] / last_year->value[p], .y = y};
		of->within = y >= 0.8 && y <= 1.2;
		of->over = y > 1.2;
		of->under = y < 0.8;
	}
}

static const Fair *
fair_of(RgtOutcomeMemory *memory, const RgtMeasure *measure)
{
	const RgtTree *tree = measure->outcomes.tree;
	MemoryContext old;
	ListCell   *cell;
	Fair	   *fair;

	foreach(cell, memory->fair)
	{
		fair = lfirst(cell);
		if (fair->measure == measure)
			return fair;
	}
	old = MemoryContextSwitchTo(memory->memory.context);
	fair = palloc(sizeof(Fair));
	fair->measure = measure;
	fair->of = palloc_extended(sizeof(Fairness) * (Size) Max(tree->n, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	start_fairness(fair);
	for (int p = tree->n - 1; p >= tree->roots; p--)
		add_fairness(&fair->of[tree->parent[p]], &fair->of[p]);
	memory->fair = lcons(fair, memory->fair);
	MemoryContextSwitchTo(old);
	return fair;
}

static void
set(Datum *values, bool *nulls, int column, double value)
{
	nulls[column] = isnan(value);
	values[column] = Float8GetDatum(value);
}

static void
fill_row(const Fairness *of, Datum *values, bool *nulls)
{
	double		n = of->size.n;
	double		unknown = get_float8_nan();

	values[UNITS] = Int64GetDatum((int64) n);
	nulls[UNITS] = false;
	set(values, nulls, ATTAINMENT, n > 0 ? of->size.y : unknown);
	set(values, nulls, CORRELATION_SIZE, correlation(&of->size));
	set(values, nulls, CORRELATION_GROWTH, correlation(&of->growth));
	set(values, nulls, SPREAD, n > 1 ? sqrt(of->size.yy / (n - 1)) : unknown);
	set(values, nulls, WITHIN_20, n > 0 ? of->within / n : unknown);
	set(values, nulls, OVER, n > 0 ? of->over / n : unknown);
	set(values, nulls, UNDER, n > 0 ? of->under / n : unknown);
}

/* fairness_of_unit(unit_id, period): over the lowest targets at or below it; all null for a unit that is not visible. */
PG_FUNCTION_INFO_V1(rgt_fairness_of_unit);
Datum
rgt_fairness_of_unit(PG_FUNCTION_ARGS)
{
	RgtOutcomeMemory *memory = rgt_shared_memory(fcinfo, "outcomes", sizeof(RgtOutcomeMemory));
	MemoryContext context = CurrentMemoryContext;
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS];
	const RgtMeasure *measure;
	RgtSession	session;
	int			p;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || !rgt_in_sight(rgt_caller(), PG_GETARG_INT32(0)))
		PG_RETURN_NULL();
	rgt_enter(&session);
	measure = rgt_measure_known(memory, PG_GETARG_TEXT_PP(1), PG_GETARG_INT32(0));
	if (measure == NULL)
		measure = rgt_measure_with(memory, PG_GETARG_TEXT_PP(1), PG_GETARG_INT32(0));
	p = rgt_tree_find(measure->outcomes.tree, PG_GETARG_INT32(0));
	if (p >= 0)
		fill_row(&fair_of(memory, measure)->of[p], values, nulls);
	MemoryContextSwitchTo(context);
	rgt_end(&session);
	if (p < 0)
		PG_RETURN_NULL();
	return rgt_row(fcinfo, &memory->memory, &memory->fairness_desc, values, nulls);
}
