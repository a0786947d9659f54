/*
 * sums.c
 *	  Numbers by unit from one grouped query, for the computed signals.
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "signals.h"

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

/* Run a query of a unit_id and n columns of int8 or float8; the sums are for the caller to free. */
RgtColumns
rgt_sums_by_unit(RgtSignals *signals, RgtQuery *query, const Datum *arguments, int n)
{
	RgtColumns	columns = {.tree = signals->tree};

	Assert(n <= RGT_MAX_COLUMNS);
	for (int i = 0; i < n; i++)
		columns.sum[i] = rgt_signals_array(signals, sizeof(double), signals->tree->n);
	rgt_run(query, signals->snapshot, arguments, NULL, add_columns, &columns);
	return columns;
}

/*
 * The same over each unit and all below it.  Amounts come in hundredths, which add up exactly as
 * long as they are whole.
 */
RgtColumns
rgt_sums_rolled_up(RgtSignals *signals, RgtQuery *query, const Datum *arguments, int n)
{
	RgtColumns	columns = rgt_sums_by_unit(signals, query, arguments, n);

	for (int i = 0; i < n; i++)
		rgt_tree_sum_up(signals->tree, columns.sum[i]);
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

/* Does a query with one day as its argument say true? */
bool
rgt_any_before(const RgtSignals *signals, RgtQuery *query, DateADT day)
{
	Datum		argument = DateADTGetDatum(day);
	Datum		found;
	bool		isnull;

	return rgt_one(query, signals->snapshot, &argument, NULL, &found, &isnull, 1) &&
		!isnull && DatumGetBool(found);
}
