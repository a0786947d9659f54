/*
 * activity/read.c
 *	  What units did in a span of days, of what is kept: for every report of health and of actuals.
 *
 * The sum of whole months from activity_months, of the days before and after them from activity_days, and of
 * what is not folded yet from activity_deltas.  A single row of these says nothing: deltas may be negative.
 *
 * Read without statements, because a statement costs several times what it reads: each row would pass
 * through five nodes to be added up.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "activity/activity.h"
#include "activity/days.h"
#include "regtarget.h"

typedef struct Reader
{
	Snapshot	snapshot;
	int			wanted;			/* RGT_WON_AMOUNT, ... */
	int			columns;		/* so many hold it */
	DateADT		first;			/* the days that are read now */
	DateADT		past;
	RgtDaySums	sums;			/* by unit, all on one day */
} Reader;

static void
add_row(TupleTableSlot *slot, void *arg)
{
	Reader	   *reader = arg;
	DateADT		day = DatumGetDateADT(slot->tts_values[DAY]);

	if (day >= reader->first && day < reader->past)
		rgt_day_sums_add_unit(slot, reader->wanted, &reader->sums);
}

static void
add_found(Reader *reader, RgtLookup *lookup)
{
	while (rgt_lookup_next(lookup, ForwardScanDirection))
	{
		CHECK_FOR_INTERRUPTS();
		slot_getsomeattrs(lookup->slot, reader->columns);
		add_row(lookup->slot, reader);
	}
}

/* The rows of a table whose day is from `first` to the one before `past`: all of it is read. */
static void
read_whole(Reader *reader, const char *table, DateADT first, DateADT past)
{
	reader->first = first;
	reader->past = past;
	rgt_each_stored(table, reader->snapshot, reader->columns, add_row, reader);
}

/* The same by an index of days, unless it is all or there is none. */
static void
read_span(Reader *reader, const char *table, DateADT first, DateADT past)
{
	RgtLookup	lookup;

	if (first >= past)
		return;
	if (DATE_IS_NOBEGIN(first) ||
		!rgt_lookup_begin_by(&lookup, table, DAY + 1, 2, AccessShareLock, reader->snapshot))
	{
		read_whole(reader, table, first, past);
		return;
	}
	reader->first = first;
	reader->past = past;
	rgt_lookup_days(&lookup, first, past);
	add_found(reader, &lookup);
	rgt_lookup_end(&lookup);
}

/* The months of some units before one; of all units when no index finds them. */
static void
read_months_of(Reader *reader, const int32 *units, int n, DateADT past)
{
	RgtLookup	lookup;

	if (!rgt_lookup_begin_by(&lookup, "activity_months", UNIT_ID + 1, 1, AccessShareLock, reader->snapshot))
	{
		read_whole(reader, "activity_months", DATEVAL_NOBEGIN, past);
		return;
	}
	reader->first = DATEVAL_NOBEGIN;
	reader->past = past;
	for (int i = 0; i < n; i++)
	{
		Datum		key = Int32GetDatum(units[i]);

		rgt_lookup_keys(&lookup, &key);
		add_found(reader, &lookup);
	}
	rgt_lookup_end(&lookup);
}

static Reader
start(RgtSnapshot which, int wanted)
{
	Reader		reader = {.snapshot = rgt_snapshot(which), .sums = rgt_day_sums_begin(1024)};

	reader.wanted = (wanted & RGT_REVENUE_AMOUNT) != 0 ? wanted | RGT_REVENUES : wanted;
	reader.columns = 1 + ((wanted & RGT_REVENUE_AMOUNT) != 0 ? C_REVENUE_AMOUNT :
						  (wanted & RGT_REVENUES) != 0 ? C_REVENUES :
						  (wanted & RGT_WON_AMOUNT) != 0 ? C_WON_AMOUNT : C_LOST);
	return reader;
}

/* Of units that did nothing, nothing is told. */
static void
finish(Reader *reader, RgtActivityFn tell, void *arg)
{
	rgt_day_sums_list(&reader->sums);
	for (int64 i = 0; i < reader->sums.n; i++)
	{
		const RgtDaySum *sum = rgt_listed_sum(&reader->sums, i);
		RgtActivity activity = {
			.unit_id = rgt_unit_of(sum),
			.visits = sum->count[VISITS],
			.won = sum->count[WON],
			.lost = sum->count[LOST],
			.revenues = sum->count[REVENUES],
			.won_amount = rgt_day_sum_amount(sum, WON_AMOUNT),
			.revenue_amount = rgt_day_sum_amount(sum, REVENUE_AMOUNT)
		};
		MemoryContext old = MemoryContextSwitchTo(reader->sums.scratch);

		tell(&activity, arg);
		MemoryContextSwitchTo(old);
		MemoryContextReset(reader->sums.scratch);
	}
	rgt_day_sums_end(&reader->sums);
	UnregisterSnapshot(reader->snapshot);
}

/*
 * What each unit did from the first day (DATEVAL_NOBEGIN: ever) to the day before `past`, in no order; of
 * amounts and revenues what is wanted (RGT_WON_AMOUNT | RGT_REVENUE_AMOUNT | RGT_REVENUES).  `tell` is called in
 * a memory context that is emptied after each unit; the amounts do not outlive rgt_activity(), either.
 */
void
rgt_activity(RgtSnapshot which, DateADT first, DateADT past, int wanted, RgtActivityFn tell, void *arg)
{
	Reader		reader = start(which, wanted);
	DateADT		months = first;
	DateADT		months_past = rgt_month_start(past, 0);

	if (!DATE_IS_NOBEGIN(first) && rgt_month_start(first, 0) != first)
		months = rgt_month_start(first, 1);
	if (months > months_past)
		months = months_past = past;
	read_span(&reader, "activity_months", months, months_past);
	read_span(&reader, "activity_days", first, months);
	read_span(&reader, "activity_days", months_past, past);
	read_whole(&reader, "activity_deltas", first, past);
	finish(&reader, tell, arg);
}

/*
 * What some units had ever done before a day, without amounts.  Others may be told of, too: what is told of
 * them means nothing.
 */
void
rgt_activity_before(RgtSnapshot which, DateADT past, const int32 *units, int n, RgtActivityFn tell, void *arg)
{
	Reader		reader = start(which, 0);
	DateADT		months_past = rgt_month_start(past, 0);

	read_months_of(&reader, units, n, months_past);
	read_span(&reader, "activity_days", months_past, past);
	read_whole(&reader, "activity_deltas", DATEVAL_NOBEGIN, past);
	finish(&reader, tell, arg);
}
