/*
 * base/past.c
 *	  Where units stood in the past, and where they stand until a move that lies ahead: the rows of past_parents that
 *	  count on a day.
 *
 * units.parent_id is what holds from the last recorded move on.  Before the day `until_on` of a row, and from the one
 * before it of that unit, the unit was below the row's parent.  So on a day a unit's parent is that of its row with
 * the least until_on after the day, and units.parent_id where there is none.
 *
 * The rows after today are few, mostly none, and found by an index: who never moves a unit pays for a look into an
 * empty one.
 */
#include "postgres.h"

#include "access/xact.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "regtarget.h"

/* ---- the rows --------------------------------------------------------------------------------- */

typedef struct PastRow
{
	RgtParent	parent;			/* begins with a unit_id */
	DateADT		until_on;
} PastRow;

typedef struct Reading
{
	DateADT		day;
	AttrNumber	unit_id;
	AttrNumber	until_on;
	AttrNumber	parent_id;
	PastRow    *rows;
	int			n;
	int			allocated;
} Reading;

static void
add_row(TupleTableSlot *slot, void *arg)
{
	Reading    *reading = arg;
	const Datum *value = slot->tts_values - 1;
	PastRow    *row;

	if (DatumGetDateADT(value[reading->until_on]) <= reading->day)
		return;
	if (reading->rows == NULL)
		elog(ERROR, "no room for rows of past_parents");
	RGT_GROW(reading->rows, reading->n, reading->allocated);
	row = &reading->rows[reading->n++];
	row->parent.unit_id = DatumGetInt32(value[reading->unit_id]);
	row->parent.parent_id = slot->tts_isnull[reading->parent_id - 1] ? 0 : DatumGetInt32(value[reading->parent_id]);
	row->until_on = DatumGetDateADT(value[reading->until_on]);
}

static int
compare_rows(const void *a, const void *b)
{
	const PastRow *left = a;
	const PastRow *right = b;

	if (left->parent.unit_id != right->parent.unit_id)
		return RGT_ORDER(left->parent.unit_id, right->parent.unit_id);
	return RGT_ORDER(left->until_on, right->until_on);
}

/* All rows after a day, by unit and day. */
static Reading
read_rows(Snapshot snapshot, DateADT day)
{
	Reading		reading = {.day = day, .allocated = 16};
	RgtLookup	lookup;

	reading.until_on = rgt_column("past_parents", "until_on");
	reading.unit_id = rgt_column("past_parents", "unit_id");
	reading.parent_id = rgt_column("past_parents", "parent_id");
	reading.rows = palloc(sizeof(PastRow) * reading.allocated);
	if (rgt_lookup_begin_by(&lookup, "past_parents", reading.until_on, 2, AccessShareLock, snapshot))
	{
		rgt_lookup_days(&lookup, day == DATEVAL_NOBEGIN ? day : day + 1, DATEVAL_NOEND);
		while (rgt_lookup_next(&lookup, ForwardScanDirection))
		{
			slot_getallattrs(lookup.slot);
			add_row(lookup.slot, &reading);
		}
		rgt_lookup_end(&lookup);
	}
	else
		rgt_each_stored("past_parents", snapshot, 0, add_row, &reading);
	qsort(reading.rows, reading.n, sizeof(PastRow), compare_rows);
	return reading;
}

/* Of each unit the row with the least until_on. */
static RgtParents
first_of_each(const Reading *reading)
{
	RgtParents	parents = {.parents = palloc(sizeof(RgtParent) * Max(reading->n, 1)), .next = DATEVAL_NOEND};

	for (int i = 0; i < reading->n; i++)
	{
		parents.next = Min(parents.next, reading->rows[i].until_on);
		if (i == 0 || reading->rows[i].parent.unit_id != reading->rows[i - 1].parent.unit_id)
			parents.parents[parents.n++] = reading->rows[i].parent;
	}
	return parents;
}

/*
 * The units whose parent on a day is another row's than their own, by unit_id.  On DATEVAL_NOEND there are none: that
 * is the tree after the last move.
 */
RgtParents
rgt_parents_on(Snapshot snapshot, DateADT day)
{
	RgtParents	parents = {.next = DATEVAL_NOEND};
	Reading		reading;

	if (day == DATEVAL_NOEND)
		return parents;
	reading = read_rows(snapshot, day);
	if (reading.n > 0)
		parents = first_of_each(&reading);
	pfree(reading.rows);
	return parents;
}

/* The parent that a unit has in place of its own row's; NULL: it is that. */
const RgtParent *
rgt_find_parent(const RgtParents *parents, int32 unit_id)
{
	return parents->n == 0 ? NULL :
		bsearch(&unit_id, parents->parents, parents->n, sizeof(RgtParent), rgt_order_by_unit);
}

/* ---- today -------------------------------------------------------------------------------------- */

typedef struct Zone
{
	DateADT		day;			/* the policy is in force on */
	DateADT		effective_from;
	text	   *name;			/* NULL: no policy */
	MemoryContext context;
} Zone;

static void
take_zone(TupleTableSlot *slot, void *arg)
{
	Zone	   *zone = arg;
	TupleDesc	desc = slot->tts_tupleDescriptor;
	DateADT		from = DatumGetDateADT(slot->tts_values[rgt_attnum(desc, "effective_from") - 1]);
	MemoryContext old;

	if (from > zone->day || (zone->name != NULL && from < zone->effective_from))
		return;
	old = MemoryContextSwitchTo(zone->context);
	zone->effective_from = from;
	zone->name = DatumGetTextPCopy(slot->tts_values[rgt_attnum(desc, "timezone") - 1]);
	MemoryContextSwitchTo(old);
}

/* The time zone of the policy in force, else the session's. */
static Datum
zone_of_policy(Snapshot snapshot)
{
	Zone		zone = {.day = GetSQLCurrentDate(), .context = CurrentMemoryContext};

	rgt_each_stored("policies", snapshot, 0, take_zone, &zone);
	return zone.name == NULL ? CStringGetTextDatum(pg_get_timezone_name(session_timezone)) : PointerGetDatum(zone.name);
}

static DateADT
day_in(Datum zone, TimestampTz moment)
{
	Datum		now = TimestampTzGetDatum(moment);

	return DatumGetDateADT(DirectFunctionCall1(timestamp_date, DirectFunctionCall2(timestamptz_zone, zone, now)));
}

/* The company's day, as view today() has it, at the start of the statement. */
DateADT
rgt_today(Snapshot snapshot)
{
	return day_in(zone_of_policy(snapshot), GetCurrentStatementStartTimestamp());
}

/* The same by the clock, for what must not be dated back by a statement or a transaction that was begun before. */
DateADT
rgt_today_by_clock(Snapshot snapshot)
{
	return day_in(zone_of_policy(snapshot), GetCurrentTimestamp());
}

/* The day somewhere on earth on which nobody's clock has arrived yet, and all before it are over. */
static DateADT
surely_over(void)
{
	TimestampTz now = GetCurrentStatementStartTimestamp();

	return (DateADT) (now / USECS_PER_DAY) - (now < 0 ? 3 : 2);
}

/* The parents of today, and until when they hold; which day it is matters only where a move is near or ahead. */
RgtParents
rgt_parents_today(Snapshot snapshot, TimestampTz *until)
{
	RgtParents	parents = {.next = DATEVAL_NOEND};
	Reading		reading = read_rows(snapshot, surely_over());
	Datum		zone;

	*until = DT_NOEND;
	if (reading.n > 0)
	{
		zone = zone_of_policy(snapshot);
		parents = rgt_parents_on(snapshot, day_in(zone, GetCurrentStatementStartTimestamp()));
		if (parents.next != DATEVAL_NOEND)
			*until = DatumGetTimestampTz(DirectFunctionCall2(timestamp_zone, zone,
															 DirectFunctionCall1(date_timestamp, DateADTGetDatum(parents.next))));
	}
	pfree(reading.rows);
	return parents;
}
