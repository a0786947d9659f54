/*
 * outcomes/people.c
 *	  Who worked where and when, who came and who left: read once for all periods that a statement shows.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"

#include "outcomes/measure.h"

/* Which of somebody's stays is his first, and which the last that had begun when he left, takes all of them. */
#define STAYS_OF(people) \
	"SELECT a.unit_id, lower(a.during), upper(a.during), e.hired_on, e.left_on, coalesce(e.leave_reason = 'pressure', false), " \
	"row_number() OVER w = 1, lower(a.during) <= e.left_on AND coalesce(lead(lower(a.during)) OVER w > e.left_on, true) " \
	"FROM regtarget.assignments a JOIN regtarget.employees e ON e.employee_id = a.employee_id " people \
	"WINDOW w AS (PARTITION BY a.employee_id ORDER BY lower(a.during))"

static DateADT
day_or(TupleTableSlot *slot, int column, DateADT unknown)
{
	return slot->tts_isnull[column] ? unknown : DatumGetDateADT(slot->tts_values[column]);
}

static void
add_stay(TupleTableSlot *slot, void *arg)
{
	RgtStays   *stays = arg;
	RgtStay    *stay;

	RGT_GROW(stays->stays, stays->n, stays->allocated);
	stay = &stays->stays[stays->n++];
	stay->unit_id = DatumGetInt32(slot->tts_values[0]);
	stay->since = DatumGetDateADT(slot->tts_values[1]);
	stay->past = day_or(slot, 2, DATEVAL_NOEND);
	stay->hired_on = day_or(slot, 3, DATEVAL_NOBEGIN);
	stay->left_on = day_or(slot, 4, DATEVAL_NOEND);
	stay->pressed = DatumGetBool(slot->tts_values[5]);
	stay->first = DatumGetBool(slot->tts_values[6]);
	stay->last = !slot->tts_isnull[7] && DatumGetBool(slot->tts_values[7]);
}

static Datum
unit_array(const RgtTree *tree)
{
	Datum	   *units = palloc(sizeof(Datum) * Max(tree->n, 1));

	for (int p = 0; p < tree->n; p++)
		units[p] = Int32GetDatum(tree->unit_id[p]);
	return PointerGetDatum(construct_array(units, tree->n, INT4OID, sizeof(int32), true, TYPALIGN_INT));
}

static DateADT
earliest(RgtQuery *query)
{
	Datum		day;
	bool		isnull;

	return rgt_one(query, RGT_CALLER, NULL, NULL, &day, &isnull, 1) && !isnull ? DatumGetDateADT(day) : DATEVAL_NOEND;
}

/* Of the units of a tree, a part or all; in the current memory context. */
RgtStays *
rgt_stays_read(const RgtTree *tree)
{
	static RgtQuery of_all = RGT_QUERY0(STAYS_OF(""));
	static RgtQuery of_part = RGT_KEY_QUERY(
		STAYS_OF("WHERE a.employee_id IN (SELECT b.employee_id FROM regtarget.assignments b WHERE b.unit_id = ANY ($1)) "),
		INT4ARRAYOID);
	static RgtQuery leaver = RGT_QUERY0(
		"SELECT left_on FROM regtarget.employees WHERE left_on IS NOT NULL ORDER BY left_on LIMIT 1");
	static RgtQuery reason = RGT_QUERY0(
		"SELECT left_on FROM regtarget.employees WHERE left_on IS NOT NULL AND leave_reason IS NOT NULL "
		"ORDER BY left_on LIMIT 1");
	RgtStays   *stays = palloc0(sizeof(RgtStays));
	Datum		units;

	stays->allocated = 64;
	stays->stays = palloc(sizeof(RgtStay) * stays->allocated);
	if (tree->part)
	{
		units = unit_array(tree);
		rgt_run(&of_part, RGT_CALLER, &units, NULL, add_stay, stays);
	}
	else
		rgt_run(&of_all, RGT_CALLER, NULL, NULL, add_stay, stays);
	stays->first_leaver = earliest(&leaver);
	stays->first_reason = earliest(&reason);
	return stays;
}
