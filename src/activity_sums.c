/*
 * activity_sums.c
 *	  What facts come to by unit and day: a hash table of exact sums, and the rows made of it.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "activity.h"

static inline uint32
hash_key(uint64 key)
{
	return murmurhash32((uint32) key ^ murmurhash32((uint32) (key >> 32)));
}

#define SH_PREFIX day_sums
#define SH_ELEMENT_TYPE RgtDaySum
#define SH_KEY_TYPE uint64
#define SH_KEY key
#define SH_HASH_KEY(table, key) hash_key(key)
#define SH_EQUAL(table, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

#define ST_SORT sort_by_key
#define ST_ELEMENT_TYPE RgtDaySumPointer
#define ST_COMPARE(a, b) (((*(a))->key > (*(b))->key) - ((*(a))->key < (*(b))->key))
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

const int	rgt_count_column[COUNTS] = {C_VISITS, C_WON, C_LOST, C_REVENUES};
const int	rgt_amount_column[AMOUNTS] = {C_WON_AMOUNT, C_REVENUE_AMOUNT};

/* Both halves biased, so that keys as unsigned numbers are in the order of days and units. */
static uint64
day_key(int32 unit_id, DateADT day)
{
	return (uint64) ((uint32) day ^ 0x80000000U) << 32 | ((uint32) unit_id ^ 0x80000000U);
}

int32
rgt_unit_of(const RgtDaySum *sum)
{
	return (int32) ((uint32) sum->key ^ 0x80000000U);
}

DateADT
rgt_day_of(const RgtDaySum *sum)
{
	return (DateADT) ((uint32) (sum->key >> 32) ^ 0x80000000U);
}

/* No sums yet; in a context of their own below the current one. */
RgtDaySums
rgt_day_sums_begin(void)
{
	RgtDaySums	sums;

	sums.context = AllocSetContextCreate(CurrentMemoryContext, "regtarget activity", ALLOCSET_DEFAULT_SIZES);
	sums.days = day_sums_create(sums.context, 8, NULL);
	sums.zero = int64_to_numeric(0);
	return sums;
}

void
rgt_day_sums_end(RgtDaySums *sums)
{
	MemoryContextDelete(sums->context);
}

/* What a unit's day comes to; 0 when it is new. */
RgtDaySum *
rgt_day_sum(RgtDaySums *sums, int32 unit_id, DateADT day)
{
	bool		found;
	RgtDaySum  *sum = day_sums_insert(sums->days, day_key(unit_id, day), &found);

	if (!found)
	{
		memset(sum->count, 0, sizeof(sum->count));
		sum->amount = NULL;
	}
	return sum;
}

void
rgt_day_sum_count(RgtDaySum *sum, int which, int64 n)
{
	int64		count = sum->count[which] + n;

	if (count < PG_INT32_MIN || count > PG_INT32_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("activity of unit %d is out of range", rgt_unit_of(sum))));
	sum->count[which] = (int32) count;
}

/* Exactly, whatever the scale: what is taken away again leaves 0. */
void
rgt_day_sum_amount(RgtDaySums *sums, RgtDaySum *sum, int which, Datum amount, int sign)
{
	MemoryContext old = MemoryContextSwitchTo(sums->context);
	Numeric		value = DatumGetNumeric(amount);
	Numeric		before;

	if (sum->amount == NULL)
		sum->amount = palloc0(sizeof(Numeric) * AMOUNTS);
	before = sum->amount[which];
	sum->amount[which] = DatumGetNumeric(
		DirectFunctionCall2(sign > 0 ? numeric_add : numeric_sub,
							NumericGetDatum(before == NULL ? sums->zero : before), NumericGetDatum(value)));
	if (before != NULL)
		pfree(before);
	if ((Pointer) value != DatumGetPointer(amount))
		pfree(value);
	MemoryContextSwitchTo(old);
}

void
rgt_day_sum_plus(RgtDaySums *sums, RgtDaySum *sum, const RgtDaySum *more)
{
	for (int i = 0; i < COUNTS; i++)
		rgt_day_sum_count(sum, i, more->count[i]);
	for (int i = 0; i < AMOUNTS; i++)
	{
		if (more->amount != NULL && more->amount[i] != NULL)
			rgt_day_sum_amount(sums, sum, i, NumericGetDatum(more->amount[i]), 1);
	}
}

bool
rgt_is_zero_amount(const RgtDaySums *sums, Numeric amount)
{
	return DatumGetBool(DirectFunctionCall2(numeric_eq, NumericGetDatum(amount), NumericGetDatum(sums->zero)));
}

static bool
is_zero(const RgtDaySums *sums, const RgtDaySum *sum)
{
	for (int i = 0; i < COUNTS; i++)
	{
		if (sum->count[i] != 0)
			return false;
	}
	for (int i = 0; i < AMOUNTS; i++)
	{
		if (sum->amount != NULL && sum->amount[i] != NULL && !rgt_is_zero_amount(sums, sum->amount[i]))
			return false;
	}
	return true;
}

/* All that is complete: list the sums but those of zero, by day and unit. */
void
rgt_day_sums_sort(RgtDaySums *sums)
{
	day_sums_iterator iterator;
	RgtDaySum  *sum;

	sums->sorted = MemoryContextAllocHuge(sums->context, sizeof(RgtDaySumPointer) * Max(sums->days->members, 1));
	sums->n = 0;
	day_sums_start_iterate(sums->days, &iterator);
	while ((sum = day_sums_iterate(sums->days, &iterator)) != NULL)
	{
		if (!is_zero(sums, sum))
			sums->sorted[sums->n++] = sum;
	}
	sort_by_key(sums->sorted, sums->n);
}

/* A sum as a row of activity_deltas. */
void
rgt_day_sum_to_row(const RgtDaySums *sums, const RgtDaySum *sum, Datum *values)
{
	values[UNIT_ID] = Int32GetDatum(rgt_unit_of(sum));
	values[DAY] = DateADTGetDatum(rgt_day_of(sum));
	for (int i = 0; i < COUNTS; i++)
		values[rgt_count_column[i]] = Int32GetDatum(sum->count[i]);
	for (int i = 0; i < AMOUNTS; i++)
		values[rgt_amount_column[i]] = NumericGetDatum(sum->amount == NULL || sum->amount[i] == NULL ? sums->zero : sum->amount[i]);
}

/* And back: add a row of these columns. */
void
rgt_day_sums_add_row(TupleTableSlot *slot, RgtDaySums *sums)
{
	RgtDaySum  *sum = rgt_day_sum(sums, DatumGetInt32(slot->tts_values[UNIT_ID]), DatumGetDateADT(slot->tts_values[DAY]));

	for (int i = 0; i < COUNTS; i++)
		rgt_day_sum_count(sum, i, DatumGetInt32(slot->tts_values[rgt_count_column[i]]));
	for (int i = 0; i < AMOUNTS; i++)
		rgt_day_sum_amount(sums, sum, i, slot->tts_values[rgt_amount_column[i]], 1);
}
