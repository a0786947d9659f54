/*
 * outcomes/known.c
 *	  What the functions of the room remember within a statement, and how much they measure at once.
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/memutils.h"

#include "facts/facts.h"
#include "outcomes/measure.h"

/* So many parts of a period are measured: who shows many units that are not below one another pays for these besides. */
#define FEW_PARTS 4

static bool
is_of(const RgtMeasure *measure, const text *period)
{
	return VARSIZE_ANY_EXHDR(measure->period) == VARSIZE_ANY_EXHDR(period) &&
		memcmp(VARDATA_ANY(measure->period), VARDATA_ANY(period), VARSIZE_ANY_EXHDR(period)) == 0;
}

/* A measure of the period that has the unit, or has all there are; NULL: none yet. */
const RgtMeasure *
rgt_measure_known(const RgtOutcomeMemory *memory, const text *period, int32 unit_id)
{
	ListCell   *cell;

	foreach(cell, memory->known)
	{
		const RgtMeasure *measure = lfirst(cell);

		if (is_of(measure, period) && (!measure->outcomes.tree->part || rgt_tree_find(measure->outcomes.tree, unit_id) >= 0))
			return measure;
	}
	return NULL;
}

static int
count_parts(const RgtOutcomeMemory *memory, const text *period)
{
	ListCell   *cell;
	int			n = 0;

	foreach(cell, memory->known)
		n += is_of(lfirst(cell), period);
	return n;
}

static bool
same_units(const RgtTree *a, const RgtTree *b)
{
	return a->n == b->n && memcmp(a->unit_id, b->unit_id, sizeof(int32) * a->n) == 0;
}

/* The people of a tree: of all units once, of a part again while it stays the same. */
static const RgtStays *
stays_of(RgtOutcomeMemory *memory, const RgtTree *tree)
{
	if (memory->stays == NULL && !tree->part)
		memory->stays = rgt_stays_read(tree);
	if (!tree->part)
		return memory->stays;
	if (memory->part == NULL || !same_units(memory->part, tree))
	{
		memory->part_stays = rgt_stays_read(tree);
		memory->part = tree;
	}
	return memory->part_stays;
}

static const RgtCustomers *
customers_of(RgtOutcomeMemory *memory, const RgtTree *tree)
{
	RgtPolicy	policy;

	if (memory->customers == NULL && !tree->part && rgt_find_policy(memory->today, RGT_CALLER, &policy))
		memory->customers = rgt_customers_read(tree, memory->today);
	return tree->part ? NULL : memory->customers;
}

/* Measure a period with a unit and all below it, or all units, and keep that. */
const RgtMeasure *
rgt_measure_with(RgtOutcomeMemory *memory, text *key, int32 unit_id)
{
	MemoryContext old = MemoryContextSwitchTo(memory->memory.context);
	RgtPeriod	period = rgt_period(key);
	const RgtTree *tree;
	RgtMeasure *measure;

	if (memory->today == 0)
		memory->today = rgt_today_of(RGT_CALLER);
	if (count_parts(memory, key) < FEW_PARTS)
		tree = rgt_tree_of_period_below(RGT_CALLER, &period, unit_id, rgt_most_in_part());
	else
		tree = rgt_tree_of_period(RGT_CALLER, &period);
	measure = rgt_measure_period(&period, tree, memory->today, stays_of(memory, tree), customers_of(memory, tree));
	memory->known = lcons(measure, memory->known);
	MemoryContextSwitchTo(old);
	return measure;
}
