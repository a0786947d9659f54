/*
 * activity/compare.c
 *	  Is activity what the facts are?  Told by one walk through their days, for verify().
 *
 * Facts and what is kept are read by their indexes of days, side by side, and a day is compared before the next is
 * read: so it takes the memory of one day's units, however long the history, and sorts nothing.  Where it finds a
 * difference, or an index is missing, a statement has to look again, which tells in words what it finds.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "activity/days.h"
#include "regtarget.h"

/* A table in the order of its days. */
typedef struct Cursor
{
	RgtLookup	lookup;
	bool		begun;
	bool		at_end;
	AttrNumber	day_column;
	DateADT		day;			/* of the row in the slot */
} Cursor;

enum
{
	OF_VISITS, OF_DEALS, OF_REVENUES, OF_ATTACHED, OF_DAYS, OF_MONTHS, CURSORS
};

static const struct
{
	const char *table;
	const char *day;
}			tables[CURSORS] = {
	[OF_VISITS] = {"visits", "visited_on"},
	[OF_DEALS] = {"deals", "closed_on"},
	[OF_REVENUES] = {"revenues", "booked_on"},
	[OF_ATTACHED] = {"attached_days", "day"},
	[OF_DAYS] = {"activity_days", "day"},
	[OF_MONTHS] = {"activity_months", "month"},
};

typedef struct Walk
{
	Snapshot	snapshot;
	Cursor		cursor[CURSORS];
	AttrNumber	unit_id[OF_ATTACHED];	/* columns of the tables of facts */
	AttrNumber	amount[OF_ATTACHED];
	AttrNumber	won;
	RgtDaySums	deltas;			/* by day and unit */
	int64		next_delta;
	RgtDaySums	days;			/* of one day: what is kept less what the facts are */
	RgtDaySums	months;			/* of one month: its days less what is kept of it */
	bool		in_month;
	DateADT		month;
	bool		wrong;
} Walk;

/* Counts beyond it are no counts; added up they might not fit. */
#define MOST_COUNTED (1 << 30)

/* ---- rows in the order of their days --------------------------------------------------------------- */

static void
advance(Cursor *cursor)
{
	bool		isnull = true;

	CHECK_FOR_INTERRUPTS();
	/* Nulls come last. */
	if (rgt_lookup_next(&cursor->lookup, ForwardScanDirection))
		cursor->day = DatumGetDateADT(slot_getattr(cursor->lookup.slot, cursor->day_column, &isnull));
	cursor->at_end = isnull;
}

/* False when no index has the days in order. */
static bool
begin_cursor(Walk *walk, int i)
{
	Cursor	   *cursor = &walk->cursor[i];

	cursor->day_column = rgt_column(tables[i].table, tables[i].day);
	cursor->begun = rgt_lookup_begin_by(&cursor->lookup, tables[i].table, cursor->day_column, 0, AccessShareLock, walk->snapshot);
	if (!cursor->begun)
		return false;
	rgt_lookup_keys(&cursor->lookup, NULL);
	if (i < OF_ATTACHED)
	{
		walk->unit_id[i] = rgt_column(tables[i].table, "unit_id");
		walk->amount[i] = i == OF_VISITS ? 0 : rgt_column(tables[i].table, "amount");
	}
	advance(cursor);
	return true;
}

static bool
is_on(const Cursor *cursor, DateADT day)
{
	return !cursor->at_end && cursor->day == day;
}

/* ---- a day -------------------------------------------------------------------------------------------- */

/* Take the fact in the slot away from what is kept of its day. */
static void
take_fact(Walk *walk, int i)
{
	static const int count_of[][2] = {
		[OF_VISITS] = {VISITS, VISITS}, [OF_DEALS] = {LOST, WON}, [OF_REVENUES] = {REVENUES, REVENUES}
	};
	TupleTableSlot *slot = walk->cursor[i].lookup.slot;
	RgtChange	change = {.day = walk->cursor[i].day, .n = -1, .amount_of = -1, .sign = -1};
	bool		won = true;
	bool		isnull = false;

	if (i == OF_DEALS)
		won = DatumGetBool(slot_getattr(slot, walk->won, &isnull));
	if (isnull)
		return;
	change.unit_id = DatumGetInt32(slot_getattr(slot, walk->unit_id[i], &isnull));
	change.count = count_of[i][won];
	if (i != OF_VISITS && won)
		change.amount = slot_getattr(slot, walk->amount[i], &isnull);
	if (i != OF_VISITS && won && !isnull)
		change.amount_of = i == OF_DEALS ? WON_AMOUNT : REVENUE_AMOUNT;
	rgt_day_sums_change(&walk->days, &change);
}

/* A row that is kept; false when its counts cannot be added up, or it is of no day. */
static bool
is_sound(TupleTableSlot *slot)
{
	for (int i = 0; i < COUNTS; i++)
	{
		int32		count = DatumGetInt32(slot->tts_values[rgt_count_column[i]]);

		if (count > MOST_COUNTED || count < -MOST_COUNTED)
			return false;
	}
	return !DATE_NOT_FINITE(DatumGetDateADT(slot->tts_values[DAY]));
}

/* The same with what was counted elsewhere. */
static void
take_attached(Walk *walk)
{
	TupleTableSlot *slot = walk->cursor[OF_ATTACHED].lookup.slot;

	slot_getallattrs(slot);
	if (is_sound(slot))
		rgt_day_sums_take_row(slot, &walk->days);
	else
		walk->wrong = true;
}

/* Take a month away from its days. */
static void
take_month(Walk *walk, TupleTableSlot *slot)
{
	RgtChange	change = {.unit_id = DatumGetInt32(slot->tts_values[UNIT_ID]), .sign = -1};

	for (int i = 0; i < COUNTS; i++)
	{
		change.count = i;
		change.n = -DatumGetInt32(slot->tts_values[rgt_count_column[i]]);
		change.amount_of = i < AMOUNTS ? i : -1;
		if (i < AMOUNTS)
			change.amount = slot->tts_values[rgt_amount_column[i]];
		rgt_day_sums_change(&walk->months, &change);
	}
}

/* Nothing is left of sums that are compared. */
static bool
is_nothing(RgtDaySums *sums)
{
	rgt_day_sums_list(sums);
	return sums->n == 0;
}

/* The days of the month have been read: are they what is kept of it? */
static void
compare_month(Walk *walk)
{
	Cursor	   *months = &walk->cursor[OF_MONTHS];

	while (walk->in_month && is_on(months, walk->month))
	{
		slot_getallattrs(months->lookup.slot);
		if (is_sound(months->lookup.slot))
			take_month(walk, months->lookup.slot);
		else
			walk->wrong = true;
		advance(months);
	}
	if (walk->in_month)
	{
		walk->wrong = walk->wrong || !is_nothing(&walk->months);
		rgt_day_sums_end(&walk->months);
	}
	walk->in_month = false;
}

/* A row of activity_days is in the slot. */
static void
add_kept(Walk *walk)
{
	TupleTableSlot *slot = walk->cursor[OF_DAYS].lookup.slot;
	DateADT		month;

	slot_getallattrs(slot);
	if (!is_sound(slot))
	{
		walk->wrong = true;
		return;
	}
	month = rgt_month_start(walk->cursor[OF_DAYS].day, 0);
	if (walk->in_month && walk->month != month)
		compare_month(walk);
	if (!walk->in_month)
	{
		walk->in_month = true;
		walk->month = month;
		walk->months = rgt_day_sums_begin(1024);
	}
	rgt_day_sums_add_row(slot, &walk->days);
	rgt_day_sums_add_unit(slot, RGT_WON_AMOUNT | RGT_REVENUE_AMOUNT | RGT_REVENUES, &walk->months);
}

static void
compare_day(Walk *walk, DateADT day)
{
	walk->days = rgt_day_sums_begin(256);
	for (int i = 0; i < OF_ATTACHED; i++)
	{
		for (; is_on(&walk->cursor[i], day); advance(&walk->cursor[i]))
			take_fact(walk, i);
	}
	for (; is_on(&walk->cursor[OF_ATTACHED], day) && !walk->wrong; advance(&walk->cursor[OF_ATTACHED]))
		take_attached(walk);
	for (; is_on(&walk->cursor[OF_DAYS], day) && !walk->wrong; advance(&walk->cursor[OF_DAYS]))
		add_kept(walk);
	for (; walk->next_delta < walk->deltas.n; walk->next_delta++)
	{
		const RgtDaySum *delta = rgt_listed_sum(&walk->deltas, walk->next_delta);

		if (rgt_day_of(delta) != day)
			break;
		rgt_day_sums_plus(&walk->days, rgt_unit_of(delta), day, delta);
	}
	walk->wrong = walk->wrong || !is_nothing(&walk->days);
	rgt_day_sums_end(&walk->days);
}

/* ---- the walk ------------------------------------------------------------------------------------------- */

static void
add_delta(TupleTableSlot *slot, void *arg)
{
	Walk	   *walk = arg;

	if (!is_sound(slot))
		walk->wrong = true;
	else if (!walk->wrong)
		rgt_day_sums_add_row(slot, &walk->deltas);
}

/* The first day that is left; false when none is. */
static bool
next_day(const Walk *walk, DateADT *day)
{
	bool		found = walk->next_delta < walk->deltas.n;

	if (found)
		*day = rgt_day_of(walk->deltas.list[walk->next_delta]);
	for (int i = 0; i <= OF_DAYS; i++)
	{
		if (walk->cursor[i].at_end || (found && walk->cursor[i].day >= *day))
			continue;
		*day = walk->cursor[i].day;
		found = true;
	}
	return found;
}

/* A month of which no day is kept. */
static bool
is_month_alone(const Walk *walk)
{
	return !walk->cursor[OF_MONTHS].at_end &&
		(!walk->in_month || walk->cursor[OF_MONTHS].day < walk->month);
}

static void
walk_days(Walk *walk)
{
	DateADT		day = 0;

	rgt_each_stored("activity_deltas", walk->snapshot, 0, add_delta, walk);
	rgt_day_sums_sort(&walk->deltas);
	walk->won = rgt_column("deals", "won");
	while (!walk->wrong && next_day(walk, &day))
	{
		compare_day(walk, day);
		walk->wrong = walk->wrong || (walk->in_month && is_month_alone(walk));
	}
	if (!walk->wrong)
		compare_month(walk);
	walk->wrong = walk->wrong || is_month_alone(walk);
}

/* True where activity is what the facts are, in the caller's snapshot; false where it is not, or cannot be told so. */
bool
rgt_activity_is_right(void)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "regtarget comparison", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	Walk		walk = {.wrong = false};

	walk.snapshot = rgt_snapshot(RGT_CALLER);
	walk.deltas = rgt_day_sums_begin(1024);
	for (int i = 0; i < CURSORS && !walk.wrong; i++)
		walk.wrong = !begin_cursor(&walk, i);
	if (!walk.wrong)
		walk_days(&walk);
	for (int i = 0; i < CURSORS; i++)
	{
		if (walk.cursor[i].begun)
			rgt_lookup_end(&walk.cursor[i].lookup);
	}
	UnregisterSnapshot(walk.snapshot);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return !walk.wrong;
}
