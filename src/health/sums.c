/*
 * health/sums.c
 *	  Numbers by unit from one grouped query, for the computed signals.
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "health/health.h"
#include "health/signal_set.h"
#include "regtarget.h"
#include "units/units.h"

/* A null adds nothing; units that the tree does not know are no unit's business. */
static void
add_columns(TupleTableSlot *slot, void *arg)
{
	RgtColumns *columns = arg;
	TupleDesc	desc = slot->tts_tupleDescriptor;
	int			p = slot->tts_isnull[0] ? -1 :
		rgt_tree_find(columns->tree, DatumGetInt32(slot->tts_values[0]));

	for (int i = 1; p >= 0 && i < desc->natts; i++)
	{
		if (slot->tts_isnull[i])
			continue;
		columns->sum[i - 1][p] += TupleDescAttr(desc, i)->atttypid == INT8OID ?
			(double) DatumGetInt64(slot->tts_values[i]) : DatumGetFloat8(slot->tts_values[i]);
	}
}

/* n columns of 0; for the caller to free. */
RgtColumns
rgt_sums_start(RgtSignals *signals, int n)
{
	RgtColumns	columns = {.tree = signals->tree, .n = n};

	Assert(n <= RGT_MAX_COLUMNS);
	for (int i = 0; i < n; i++)
		columns.sum[i] = rgt_signals_array(signals, sizeof(double), signals->tree->n);
	return columns;
}

/* Add to each unit's columns those of all below it. */
void
rgt_sums_roll_up(RgtColumns *columns)
{
	for (int i = 0; i < columns->n; i++)
		rgt_tree_sum_up(columns->tree, columns->sum[i]);
}

/* Run a query of a unit_id and n columns of int8 or float8. */
RgtColumns
rgt_sums_by_unit(RgtSignals *signals, RgtQuery *query, const Datum *arguments, int n)
{
	RgtColumns	columns = rgt_sums_start(signals, n);

	rgt_run(query, signals->snapshot, arguments, NULL, add_columns, &columns);
	return columns;
}

/* The same over each unit and all below it. */
RgtColumns
rgt_sums_rolled_up(RgtSignals *signals, RgtQuery *query, const Datum *arguments, int n)
{
	RgtColumns	columns = rgt_sums_by_unit(signals, query, arguments, n);

	rgt_sums_roll_up(&columns);
	return columns;
}

void
rgt_sums_free(RgtColumns *columns)
{
	for (int i = 0; i < RGT_MAX_COLUMNS; i++)
	{
		if (columns->sum[i] != NULL)
			pfree(columns->sum[i]);
	}
}
