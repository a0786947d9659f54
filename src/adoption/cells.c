/*
 * adoption/cells.c
 *	  Which way of each outcome is better, and what is known of it.
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"
#include "utils/memutils.h"

#include "adoption/panel.h"

/* Is more of it better? */
bool
rgt_higher_is_better(RgtOutcome outcome)
{
	switch (outcome)
	{
		case RGT_ATTAINMENT_AMOUNT:
		case RGT_ATTAINMENT_BASELINE:
		case RGT_NEWCOMERS_KEPT:
		case RGT_WITHIN_20:
			return true;
		case RGT_ATTRITION:
		case RGT_ATTRITION_PRESSURE:
		case RGT_CUSTOMER_CHURN:
		case RGT_REQUESTS:
		case RGT_REFUSALS:
		case RGT_DAYS_TO_DECIDE:
		case RGT_DISPUTED_SHARE:
		case RGT_DAYS_TO_PUBLISH:
		case RGT_OUTCOMES:
			return false;
	}
	pg_unreachable();
}

/* The outcomes of one period, in the places of its units. */
static void
keep_period(RgtCells *cells, const RgtCompared *compared, const RgtOutcomes *outcomes, int t)
{
	for (int u = 0; u < compared->n; u++)
	{
		int			position = rgt_tree_find(outcomes->tree, compared->unit_id[u]);
		Size		cell = (Size) t * compared->n + u;

		for (int o = 0; o < RGT_OUTCOMES; o++)
		{
			double		value = position < 0 ? (double) NAN : outcomes->value[o][position];

			cells->known[o][cell] = isfinite(value);
			cells->value[o][cell] = isfinite(value) ? value : 0;
		}
	}
}

/* What is known of the units that are compared, period by period. */
RgtCells
rgt_read_cells(const RgtEffectSpan *span, const RgtCompared *compared)
{
	Size		n = Max((Size) span->n * compared->n, 1);
	MemoryContext keep = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(keep, "regtarget outcomes of a period", ALLOCSET_DEFAULT_SIZES);
	RgtCells	cells;

	for (int o = 0; o < RGT_OUTCOMES; o++)
	{
		cells.value[o] = palloc_extended(n * sizeof(double), MCXT_ALLOC_HUGE);
		cells.known[o] = palloc_extended(n * sizeof(bool), MCXT_ALLOC_HUGE);
	}
	for (int t = 0; compared->n > 0 && t < span->n; t++)
	{
		CHECK_FOR_INTERRUPTS();
		MemoryContextSwitchTo(context);
		keep_period(&cells, compared, rgt_outcomes(&span->period[t]), t);
		MemoryContextSwitchTo(keep);
		MemoryContextReset(context);
	}
	MemoryContextDelete(context);
	return cells;
}
