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

#include "common/int.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "activity/activity.h"
#include "activity/days.h"
#include "regtarget.h"

/* An amount of all units together. */
typedef struct Amount
{
	int			column;
	RgtStep		hundredth;
	int64		hundredths;		/* as many as fit, */
	Numeric		rest;			/* and what does not; NULL: 0 */
	MemoryContext context;		/* of the rest */
} Amount;

typedef struct Reader
{
	Snapshot	snapshot;
	const int32 *units;			/* NULL: all */
	int32	   *sorted;			/* the same in order */
	int			n;
	int			wanted;			/* RGT_WON_AMOUNT, ... */
	int			columns;		/* so many hold it */
	DateADT		first;			/* the days that are read now */
	DateADT		past;
	RgtDaySums	sums;			/* by unit, all on one day */
	Amount	   *amount;			/* NULL: it is asked by unit */
} Reader;

/* Exactly.  Most are whole hundredths, which cost little. */
static void
add_amount(Amount *amount, Numeric more)
{
	int64		hundredths;
	MemoryContext old;
	Numeric		rest;

	if (rgt_to_steps(&amount->hundredth, more, &hundredths) == RGT_FITS &&
		!pg_add_s64_overflow(amount->hundredths, hundredths, &amount->hundredths))
		return;
	old = MemoryContextSwitchTo(amount->context);
	rest = DatumGetNumeric(DirectFunctionCall2(numeric_add, NumericGetDatum(more), NumericGetDatum(
		amount->rest == NULL ? int64_to_numeric(0) : amount->rest)));
	if (amount->rest != NULL)
		pfree(amount->rest);
	amount->rest = rest;
	MemoryContextSwitchTo(old);
}

/* Emptied after each row, what an addition leaves would cost as much as the addition. */
#define ROWS_BETWEEN_CLEARS 64

static void
add_row(TupleTableSlot *slot, void *arg)
{
	Reader	   *reader = arg;
	DateADT		day = DatumGetDateADT(slot->tts_values[DAY]);

	if (day < reader->first || day >= reader->past)
		return;
	if (reader->amount == NULL)
		rgt_day_sums_add_unit(slot, reader->wanted, &reader->sums);
	else
	{
		MemoryContext old = MemoryContextSwitchTo(reader->sums.scratch);

		add_amount(reader->amount, DatumGetNumeric(slot->tts_values[reader->amount->column]));
		MemoryContextSwitchTo(old);
		if (++reader->sums.uncleared % ROWS_BETWEEN_CLEARS == 0)
			MemoryContextReset(reader->sums.scratch);
	}
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

/* The months of some units; of all units when no index finds them. */
static void
read_months_of(Reader *reader, DateADT first, DateADT past)
{
	RgtLookup	lookup;

	if (first >= past)
		return;
	if (!rgt_lookup_begin_by(&lookup, "activity_months", UNIT_ID + 1, 1, AccessShareLock, reader->snapshot))
	{
		read_whole(reader, "activity_months", first, past);
		return;
	}
	reader->first = first;
	reader->past = past;
	for (int i = 0; i < reader->n; i++)
	{
		Datum		key = Int32GetDatum(reader->units[i]);

		rgt_lookup_keys(&lookup, &key);
		add_found(reader, &lookup);
	}
	rgt_lookup_end(&lookup);
}

/* The days of some units in less than two months: each by its key; of all units when no index finds them so. */
static void
read_days_of(Reader *reader, DateADT first, DateADT past)
{
	RgtLookup	lookup;
	bool		by_unit;

	if (first >= past)
		return;
	by_unit = rgt_lookup_begin_by(&lookup, "activity_days", DAY + 1, 2, AccessShareLock, reader->snapshot);
	if (by_unit && lookup.index->rd_index->indkey.values[1] != UNIT_ID + 1)
	{
		rgt_lookup_end(&lookup);
		by_unit = false;
	}
	if (!by_unit)
	{
		read_span(reader, "activity_days", first, past);
		return;
	}
	reader->first = first;
	reader->past = past;
	for (DateADT day = first; day < past; day++)
	{
		for (int i = 0; i < reader->n; i++)
		{
			Datum		keys[2] = {DateADTGetDatum(day), Int32GetDatum(reader->units[i])};

			rgt_lookup_keys(&lookup, keys);
			add_found(reader, &lookup);
		}
	}
	rgt_lookup_end(&lookup);
}

/* A delta of one of some units. */
static void
add_delta_of(TupleTableSlot *slot, void *arg)
{
	Reader	   *reader = arg;
	int32		unit_id = DatumGetInt32(slot->tts_values[UNIT_ID]);

	if (bsearch(&unit_id, reader->sorted, reader->n, sizeof(int32), rgt_order_by_unit) == NULL)
		return;
	slot_getsomeattrs(slot, reader->columns);
	add_row(slot, reader);
}

/* Deltas have no index: they are few, whatever there is of units. */
static void
read_deltas(Reader *reader, DateADT first, DateADT past)
{
	if (reader->units == NULL)
	{
		read_whole(reader, "activity_deltas", first, past);
		return;
	}
	reader->sorted = palloc(sizeof(int32) * Max(reader->n, 1));
	memcpy(reader->sorted, reader->units, sizeof(int32) * reader->n);
	qsort(reader->sorted, reader->n, sizeof(int32), rgt_order_by_unit);
	reader->first = first;
	reader->past = past;
	rgt_each_stored("activity_deltas", reader->snapshot, UNIT_ID + 1, add_delta_of, reader);
	pfree(reader->sorted);
}

static Reader
start(RgtSnapshot which, const int32 *units, int n, int wanted)
{
	Reader		reader = {.snapshot = rgt_snapshot(which), .units = units, .n = n};

	reader.sums = rgt_day_sums_begin(units == NULL ? 1024 : n);
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

static void
read_all(Reader *reader, DateADT first, DateADT past)
{
	DateADT		months = first;
	DateADT		months_past = rgt_month_start(past, 0);

	if (!DATE_IS_NOBEGIN(first) && rgt_month_start(first, 0) != first)
		months = rgt_month_start(first, 1);
	if (months > months_past)
		months = months_past = past;
	if (reader->units == NULL)
	{
		read_span(reader, "activity_months", months, months_past);
		read_span(reader, "activity_days", first, months);
		read_span(reader, "activity_days", months_past, past);
	}
	else
	{
		read_months_of(reader, months, months_past);
		read_days_of(reader, first, months);
		read_days_of(reader, months_past, past);
	}
	read_deltas(reader, first, past);
}

/*
 * What each of n units (units NULL: of all) did from the first day (DATEVAL_NOBEGIN: ever) to the day before
 * `past`, in no order; of amounts and revenues what is wanted (RGT_WON_AMOUNT | RGT_REVENUE_AMOUNT |
 * RGT_REVENUES).  While an index is missing others are told of, too.  `tell` is called in a memory context that is
 * emptied after each unit; the amounts do not outlive rgt_activity(), either.
 */
void
rgt_activity(RgtSnapshot which, const int32 *units, int n, DateADT first, DateADT past, int wanted,
			 RgtActivityFn tell, void *arg)
{
	Reader		reader = start(which, units, n, wanted);

	read_all(&reader, first, past);
	finish(&reader, tell, arg);
}

/*
 * An amount (RGT_WON_AMOUNT or RGT_REVENUE_AMOUNT) of all units together in such a span, exactly: what one unit's is
 * compared with costs no more than reading the rows.
 */
Numeric
rgt_activity_total(RgtSnapshot which, DateADT first, DateADT past, int wanted)
{
	Reader		reader = start(which, NULL, 0, wanted);
	Amount		amount = {
		.column = wanted == RGT_WON_AMOUNT ? C_WON_AMOUNT : C_REVENUE_AMOUNT,
		.context = CurrentMemoryContext
	};
	Numeric		total;

	rgt_step_init(&amount.hundredth, int64_div_fast_to_numeric(1, 2));
	reader.amount = &amount;
	read_all(&reader, first, past);
	rgt_day_sums_end(&reader.sums);
	UnregisterSnapshot(reader.snapshot);
	total = int64_div_fast_to_numeric(amount.hundredths, 2);
	return amount.rest == NULL ? total : DatumGetNumeric(DirectFunctionCall2(
		numeric_add, NumericGetDatum(total), NumericGetDatum(amount.rest)));
}

/* ---- is there any at all? ------------------------------------------------------------------- */

/* What is looked for, and what deltas that are not folded yet say of it. */
typedef struct Search
{
	int			column;
	DateADT		first;			/* the days that are looked through now */
	DateADT		past;
	int32	   *taken_from;		/* units of which some was taken away before `past` */
	int			n;
	int			allocated;
	bool		waiting;		/* there is some that was added or taken away before `past` */
} Search;

static void
note_delta(TupleTableSlot *slot, void *arg)
{
	Search	   *search = arg;
	int32		count = DatumGetInt32(slot->tts_values[search->column]);

	if (count == 0 || DatumGetDateADT(slot->tts_values[DAY]) >= search->past)
		return;
	search->waiting = true;
	if (count > 0)
		return;
	RGT_GROW(search->taken_from, search->n, search->allocated);
	search->taken_from[search->n++] = DatumGetInt32(slot->tts_values[UNIT_ID]);
}

/* A day or month that has some, whatever the deltas say: nobody took any away from that unit. */
static bool
has_some(TupleTableSlot *slot, const void *arg)
{
	const Search *search = arg;
	int32		unit_id = DatumGetInt32(slot->tts_values[UNIT_ID]);
	DateADT		day = DatumGetDateADT(slot->tts_values[DAY]);

	return DatumGetInt32(slot->tts_values[search->column]) > 0 && day >= search->first && day < search->past &&
		bsearch(&unit_id, search->taken_from, search->n, sizeof(int32), rgt_order_by_unit) == NULL;
}

/* Does a table have such a day or month in a span?  Read no further than the first. */
static bool
find_some(Search *search, const char *table, DateADT first, DateADT past, Snapshot snapshot)
{
	RgtLookup	lookup;
	bool		found = false;

	search->first = first;
	search->past = past;
	if (first >= past)
		return false;
	if (!rgt_lookup_begin_by(&lookup, table, DAY + 1, 2, AccessShareLock, snapshot))
		return rgt_any_stored(table, snapshot, search->column + 1, has_some, search);
	rgt_lookup_days(&lookup, first, past);
	while (!found && rgt_lookup_next(&lookup, ForwardScanDirection))
	{
		CHECK_FOR_INTERRUPTS();
		slot_getsomeattrs(lookup.slot, search->column + 1);
		found = has_some(lookup.slot, search);
	}
	rgt_lookup_end(&lookup);
	return found;
}

typedef struct Total
{
	RgtCounted	counted;
	int64		n;
} Total;

static void
add_to_total(const RgtActivity *activity, void *arg)
{
	Total	   *total = arg;

	total->n += total->counted == RGT_COUNT_WON ? activity->won :
		total->counted == RGT_COUNT_LOST ? activity->lost : activity->revenues;
}

/*
 * Has any unit had a won deal, a lost one, a revenue before a day?  Where there are some, the first month that
 * is read mostly has one.
 */
bool
rgt_activity_on_record(RgtSnapshot which, DateADT past, RgtCounted counted)
{
	Search		search = {.past = past, .allocated = 16};
	Total		total = {counted, 0};
	Snapshot	snapshot = rgt_snapshot(which);
	DateADT		month = rgt_month_start(past, 0);
	bool		found;

	search.column = counted == RGT_COUNT_WON ? C_WON : counted == RGT_COUNT_LOST ? C_LOST : C_REVENUES;
	search.taken_from = palloc(sizeof(int32) * search.allocated);
	rgt_each_stored("activity_deltas", snapshot, search.column + 1, note_delta, &search);
	qsort(search.taken_from, search.n, sizeof(int32), rgt_order_by_unit);
	found = find_some(&search, "activity_months", DATEVAL_NOBEGIN, month, snapshot) ||
		find_some(&search, "activity_days", month, past, snapshot);
	pfree(search.taken_from);
	UnregisterSnapshot(snapshot);
	if (!found && search.waiting)
		rgt_activity(which, NULL, 0, DATEVAL_NOBEGIN, past, counted == RGT_COUNT_REVENUES ? RGT_REVENUES : 0,
					 add_to_total, &total);
	return found || total.n > 0;
}
