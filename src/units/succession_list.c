/*
 * units/succession_list.c
 *	  All successions in memory: they are few, and what follows from them goes back through any number of units.
 *
 * By a recursive statement it would be one look-up less here and there; but of a table that was never analysed the
 * planner expects so much that the server compiles the statement, which takes a second.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "regtarget.h"
#include "units/units.h"

typedef struct Reading
{
	RgtSuccessions list;
	int			allocated;
} Reading;

static void
add_pair(TupleTableSlot *slot, void *arg)
{
	Reading    *reading = arg;

	RGT_GROW(reading->list.pairs, reading->list.n, reading->allocated);
	reading->list.pairs[reading->list.n++] = (RgtSuccession) {
		DatumGetInt32(slot->tts_values[0]), DatumGetInt32(slot->tts_values[1])
	};
}

static int
compare_pairs(const void *a, const void *b)
{
	const RgtSuccession *left = a;
	const RgtSuccession *right = b;

	if (left->unit_id != right->unit_id)
		return RGT_ORDER(left->unit_id, right->unit_id);
	return RGT_ORDER(left->predecessor_id, right->predecessor_id);
}

/* By unit and predecessor. */
RgtSuccessions
rgt_successions(RgtSnapshot which)
{
	static RgtQuery query = RGT_QUERY0("SELECT unit_id, predecessor_id FROM regtarget.successions");
	Reading		reading = {{palloc(sizeof(RgtSuccession) * 8), 0}, 8};

	rgt_run(&query, which, NULL, NULL, add_pair, &reading);
	qsort(reading.list.pairs, reading.list.n, sizeof(RgtSuccession), compare_pairs);
	return reading.list;
}

/* Where those of a unit begin, or would. */
int
rgt_successions_of(const RgtSuccessions *list, int32 unit_id)
{
	int			low = 0;
	int			high = list->n;

	while (low < high)
	{
		int			middle = (low + high) / 2;

		if (list->pairs[middle].unit_id < unit_id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The units that are in it on either side, once each, in order. */
int32 *
rgt_succession_units(const RgtSuccessions *list, int *n)
{
	int32	   *units = palloc(sizeof(int32) * Max(2 * list->n, 1));

	*n = 0;
	for (int i = 0; i < list->n; i++)
	{
		units[2 * i] = list->pairs[i].unit_id;
		units[2 * i + 1] = list->pairs[i].predecessor_id;
	}
	qsort(units, 2 * list->n, sizeof(int32), rgt_order_by_unit);
	for (int i = 0; i < 2 * list->n; i++)
	{
		if (i == 0 || units[i] != units[*n - 1])
			units[(*n)++] = units[i];
	}
	return units;
}

/* Does one come to a unit going back from another?  A circle ends where it began. */
bool
rgt_goes_back_to(const RgtSuccessions *list, int32 from, int32 to)
{
	bool	   *passed = palloc0(Max(list->n, 1));
	int32	   *waiting = palloc(sizeof(int32) * (list->n + 1));
	int			n = 0;
	bool		found = false;

	waiting[n++] = from;
	while (n > 0 && !found)
	{
		int32		at = waiting[--n];

		CHECK_FOR_INTERRUPTS();
		for (int i = rgt_successions_of(list, at); i < list->n && list->pairs[i].unit_id == at && !passed[i]; i++)
		{
			passed[i] = true;
			found = found || list->pairs[i].predecessor_id == to;
			waiting[n++] = list->pairs[i].predecessor_id;
		}
	}
	pfree(passed);
	pfree(waiting);
	return found;
}
