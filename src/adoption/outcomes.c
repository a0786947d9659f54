/*
 * adoption/outcomes.c
 *	  The outcomes, which way is better, and what is known of them.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"

#include "adoption/panel.h"
#include "regtarget.h"

/* In the order of the columns below. */
const RgtOutcome rgt_outcomes[RGT_OUTCOMES] = {
	{"attainment_amount", true},
	{"attainment_baseline", true},
	{"attrition", false},
	{"attrition_pressure", false},
	{"newcomers_kept", true},
	{"customer_churn", false},
	{"requests", false},
	{"refusals", false},
	{"days_to_decide", false},
	{"disputed_share", false},
	{"days_to_publish", false},
	{"within_20", true},
};

typedef struct Reading
{
	const RgtCompared *compared;
	RgtCells	cells;
} Reading;

/* A row: the unit, the period's place from 1 on, its outcomes. */
static void
keep_row(TupleTableSlot *slot, void *arg)
{
	Reading    *reading = arg;
	const RgtCompared *compared = reading->compared;
	int32		unit_id = DatumGetInt32(slot->tts_values[0]);
	const int32 *found = bsearch(&unit_id, compared->unit_id, compared->n, sizeof(int32), rgt_order_by_unit);
	Size		cell;

	if (found == NULL)
		return;
	cell = (Size) (DatumGetInt64(slot->tts_values[1]) - 1) * compared->n + (found - compared->unit_id);
	for (int o = 0; o < RGT_OUTCOMES; o++)
	{
		reading->cells.known[o][cell] = !slot->tts_isnull[o + 2];
		reading->cells.value[o][cell] = slot->tts_isnull[o + 2] ? 0 : DatumGetFloat8(slot->tts_values[o + 2]);
	}
}

static ArrayType *
array_of_units(const RgtCompared *compared)
{
	Datum	   *units = palloc(sizeof(Datum) * Max(compared->n, 1));

	for (int i = 0; i < compared->n; i++)
		units[i] = Int32GetDatum(compared->unit_id[i]);
	return construct_array(units, compared->n, INT4OID, sizeof(int32), true, TYPALIGN_INT);
}

RgtCells
rgt_read_cells(const RgtEffectSpan *span, const RgtCompared *compared)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT o.unit_id, p.place, o.attainment_amount, o.attainment_baseline, o.attrition, o.attrition_pressure, "
		"o.newcomers_kept, o.customer_churn, o.requests::float8, o.refusals::float8, o.days_to_decide, o.disputed_share, "
		"o.days_to_publish, o.within_20 FROM regtarget.outcomes o "
		"JOIN unnest($1) WITH ORDINALITY AS p (period, place) ON p.period = o.period "
		"WHERE o.period = ANY ($1) AND o.unit_id = ANY ($2)", TEXTARRAYOID, INT4ARRAYOID);
	Size		n = Max((Size) span->n * compared->n, 1);
	Reading		reading = {.compared = compared};
	Datum		arguments[2];

	for (int o = 0; o < RGT_OUTCOMES; o++)
	{
		reading.cells.value[o] = palloc_extended(n * sizeof(double), MCXT_ALLOC_HUGE);
		reading.cells.known[o] = palloc_extended(n * sizeof(bool), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	}
	arguments[0] = PointerGetDatum(span->periods);
	arguments[1] = PointerGetDatum(array_of_units(compared));
	rgt_run(&query, RGT_CALLER, arguments, NULL, keep_row, &reading);
	return reading.cells;
}
