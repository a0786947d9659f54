/*
 * health/signal_set.c
 *	  The arrays that hold the signals of a day, and numbers that are added up the tree.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "health/signal_set.h"

/* Room for n things, all zero, that lives as long as the signals do. */
void *
rgt_signals_array(const RgtSignals *signals, Size size, int64 n)
{
	return MemoryContextAllocExtended(signals->context, size * (Size) Max(n, 1),
									  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
}

/* A signal of which nothing is known of any unit. */
RgtSignal
rgt_signal_unknown(const RgtSignals *signals)
{
	RgtSignal	signal;

	signal.value = rgt_signals_array(signals, sizeof(double), signals->tree->n);
	signal.known = rgt_signals_array(signals, sizeof(bool), signals->tree->n);
	return signal;
}

/* A computed signal for its measure to fill: unknown everywhere to begin with. */
RgtSignal *
rgt_signal_start(RgtSignals *signals, RgtComputed which)
{
	signals->computed[which] = rgt_signal_unknown(signals);
	return &signals->computed[which];
}

/* Say what a signal is for the unit at position p. */
void
rgt_signal_set(RgtSignal *signal, int p, double value)
{
	signal->known[p] = true;
	signal->value[p] = value;
}

const int32 *
rgt_signal_units(const RgtSignals *signals)
{
	return signals->tree->part ? signals->tree->unit_id : NULL;
}

/* n columns of 0 over a tree; for the caller to free. */
RgtColumns
rgt_columns(const RgtSignals *signals, const RgtTree *tree, int n)
{
	RgtColumns	columns = {.tree = tree, .n = n};

	Assert(n <= RGT_MAX_COLUMNS);
	for (int i = 0; i < n; i++)
		columns.sum[i] = rgt_signals_array(signals, sizeof(double), tree->n);
	return columns;
}

/* Add to each unit's columns those of all below it. */
void
rgt_columns_roll_up(RgtColumns *columns)
{
	for (int i = 0; i < columns->n; i++)
		rgt_tree_sum_up(columns->tree, columns->sum[i]);
}

void
rgt_columns_free(RgtColumns *columns)
{
	for (int i = 0; i < columns->n; i++)
		pfree(columns->sum[i]);
}
