/*
 * activity/sums.c
 *	  What facts come to by unit and day: a hash table of exact sums, and the rows made of it.
 *
 * A load of a million facts adds to some hundred thousand sums in no order: what it waits for is memory.
 * So changes are gathered, and the slots of the table that they need are fetched meanwhile; the same
 * again with the amounts, which are kept side by side without a piece of memory each.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "activity/activity.h"
#include "activity/days.h"
#include "regtarget.h"

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
#define ST_COMPARE(a, b) RGT_ORDER((*(a))->key, (*(b))->key)
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

/* ---- amounts ---------------------------------------------------------------------------------- */

/* A numeric: here as long as it is no larger than amounts of money are, or elsewhere. */
typedef struct Amount
{
	Numeric		value;			/* NULL: none */
	int32		here[4];
} Amount;

typedef struct RgtAmounts
{
	Amount	of[AMOUNTS];
} RgtAmounts;

#define AMOUNTS_AT_ONCE 128

static RgtAmounts *
new_amounts(RgtDaySums *sums)
{
	RgtAmounts *amounts;

	if (sums->nspare == 0)
	{
		sums->spare = MemoryContextAlloc(sums->context, sizeof(RgtAmounts) * sums->next_spare);
		sums->nspare = sums->next_spare;
		sums->next_spare = AMOUNTS_AT_ONCE;
	}
	amounts = &sums->spare[--sums->nspare];
	for (int i = 0; i < AMOUNTS; i++)
		amounts->of[i].value = NULL;
	return amounts;
}

/* Put a copy of a value there. */
static void
set_amount(Amount *amount, Datum value, MemoryContext context)
{
	struct varlena *from = PG_DETOAST_DATUM_PACKED(value);
	Size		size = VARSIZE_ANY_EXHDR(from) + VARHDRSZ;

	if (amount->value != NULL && amount->value != (Numeric) amount->here)
		pfree(amount->value);
	amount->value = size <= sizeof(amount->here) ? (Numeric) amount->here : MemoryContextAlloc(context, size);
	SET_VARSIZE(amount->value, size);
	memcpy(VARDATA(amount->value), VARDATA_ANY(from), size - VARHDRSZ);
}

/* Is it 0 without decimals, which a sum need not be told of? */
static bool
is_plain_zero(const RgtDaySums *sums, Datum amount)
{
	struct varlena *value = (struct varlena *) DatumGetPointer(amount);

	return !VARATT_IS_EXTERNAL(value) && !VARATT_IS_COMPRESSED(value) &&
		VARSIZE_ANY_EXHDR(value) == VARSIZE(sums->zero) - VARHDRSZ &&
		memcmp(VARDATA_ANY(value), VARDATA(sums->zero), VARSIZE(sums->zero) - VARHDRSZ) == 0;
}

/* Exactly, whatever the scale: what is taken away again leaves 0. */
static void
add_amount(RgtDaySums *sums, Amount *sum, Datum amount, int sign)
{
	MemoryContext old = MemoryContextSwitchTo(sums->scratch);
	Amount	unpacked = {.value = NULL};

	set_amount(&unpacked, amount, sums->scratch);
	amount = NumericGetDatum(unpacked.value);
	if (sum->value != NULL || sign < 0)
		amount = DirectFunctionCall2(sign > 0 ? numeric_add : numeric_sub,
									 NumericGetDatum(sum->value == NULL ? sums->zero : sum->value), amount);
	set_amount(sum, amount, sums->context);
	MemoryContextSwitchTo(old);
}

/* ---- sums ------------------------------------------------------------------------------------- */

/* A change on its way to the table. */
typedef struct RgtWaiting
{
	uint64		key;
	uint32		hash;
	int			count;
	int64		n;
	int			amount_of;
	int			sign;
	Amount	amount;
	RgtAmounts *amounts;		/* to which it is added */
} RgtWaiting;

#define MOST_WAITING 64

/* No sums yet, but room for so many; in contexts of their own below the current one. */
RgtDaySums
rgt_day_sums_begin(int expected)
{
	RgtDaySums	sums = {.next_spare = 1};

	sums.context = AllocSetContextCreate(CurrentMemoryContext, "regtarget activity", ALLOCSET_DEFAULT_SIZES);
	sums.scratch = AllocSetContextCreate(sums.context, "regtarget amounts", ALLOCSET_SMALL_SIZES);
	sums.days = day_sums_create(sums.context, expected, NULL);
	sums.waiting = MemoryContextAlloc(sums.context, sizeof(RgtWaiting) * MOST_WAITING);
	sums.zero = int64_to_numeric(0);
	return sums;
}

void
rgt_day_sums_end(RgtDaySums *sums)
{
	MemoryContextDelete(sums->context);
}

/* What a unit's day comes to; nothing when it is new. */
static RgtDaySum *
find_sum(RgtDaySums *sums, uint64 key, uint32 hash)
{
	bool		found;
	RgtDaySum  *sum = day_sums_insert_hash(sums->days, key, hash, &found);

	if (!found)
	{
		memset(sum->count, 0, sizeof(sum->count));
		sum->amounts = NULL;
	}
	return sum;
}

static RgtAmounts *
amounts_of(RgtDaySums *sums, RgtDaySum *sum)
{
	if (sum->amounts == NULL)
		sum->amounts = new_amounts(sums);
	return sum->amounts;
}

static void
add_count(RgtDaySum *sum, int which, int64 n)
{
	int64		count = sum->count[which] + n;

	if (count < PG_INT32_MIN || count > PG_INT32_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("activity of unit %d is out of range", rgt_unit_of(sum))));
	sum->count[which] = (int32) count;
}

/* After a row; not after each, for that costs as much as an addition. */
static void
clear_scratch(RgtDaySums *sums)
{
	if (++sums->uncleared < MOST_WAITING)
		return;
	sums->uncleared = 0;
	MemoryContextReset(sums->scratch);
}

static void
put_waiting(RgtDaySums *sums)
{
	for (int i = 0; i < sums->nwaiting; i++)
	{
		RgtWaiting *change = &sums->waiting[i];
		RgtDaySum  *sum = find_sum(sums, change->key, change->hash);

		add_count(sum, change->count, change->n);
		if (change->amount_of < 0)
			continue;
		change->amounts = amounts_of(sums, sum);
		__builtin_prefetch(&change->amounts->of[change->amount_of]);
	}
	for (int i = 0; i < sums->nwaiting; i++)
	{
		RgtWaiting *change = &sums->waiting[i];

		if (change->amount_of >= 0)
			add_amount(sums, &change->amounts->of[change->amount_of], NumericGetDatum(change->amount.value), change->sign);
	}
	sums->nwaiting = 0;
	MemoryContextReset(sums->scratch);
}

/* Add a change of a unit's day, now or a little later. */
void
rgt_day_sums_change(RgtDaySums *sums, const RgtChange *change)
{
	RgtWaiting *waiting = &sums->waiting[sums->nwaiting];

	waiting->key = day_key(change->unit_id, change->day);
	waiting->hash = hash_key(waiting->key);
	__builtin_prefetch(&sums->days->data[waiting->hash & sums->days->sizemask]);
	waiting->count = change->count;
	waiting->n = change->n;
	waiting->amount_of = change->amount_of;
	waiting->sign = change->sign;
	waiting->amount.value = NULL;
	if (change->amount_of >= 0)
	{
		MemoryContext old = MemoryContextSwitchTo(sums->scratch);

		set_amount(&waiting->amount, change->amount, sums->scratch);
		MemoryContextSwitchTo(old);
	}
	if (++sums->nwaiting == MOST_WAITING)
		put_waiting(sums);
}

/* Add to a unit's day what another has. */
void
rgt_day_sums_plus(RgtDaySums *sums, int32 unit_id, DateADT day, const RgtDaySum *more)
{
	uint64		key = day_key(unit_id, day);
	RgtDaySum  *sum = find_sum(sums, key, hash_key(key));

	for (int i = 0; i < COUNTS; i++)
		add_count(sum, i, more->count[i]);
	for (int i = 0; more->amounts != NULL && i < AMOUNTS; i++)
	{
		if (more->amounts->of[i].value != NULL)
			add_amount(sums, &amounts_of(sums, sum)->of[i], NumericGetDatum(more->amounts->of[i].value), 1);
	}
	clear_scratch(sums);
}

/* The same with a row of activity_days, activity_months or activity_deltas: what of it is wanted. */
static void
add_row(RgtDaySums *sums, DateADT day, TupleTableSlot *slot, int wanted)
{
	uint64		key = day_key(DatumGetInt32(slot->tts_values[UNIT_ID]), day);
	RgtDaySum  *sum = find_sum(sums, key, hash_key(key));

	for (int i = 0; i < COUNTS; i++)
	{
		if (i != REVENUES || (wanted & RGT_REVENUES) != 0)
			add_count(sum, i, DatumGetInt32(slot->tts_values[rgt_count_column[i]]));
	}
	for (int i = 0; i < AMOUNTS; i++)
	{
		Datum		amount = slot->tts_values[rgt_amount_column[i]];

		if ((wanted & 1 << i) != 0 && !is_plain_zero(sums, amount))
			add_amount(sums, &amounts_of(sums, sum)->of[i], amount, 1);
	}
	clear_scratch(sums);
}

/* A row as it is. */
void
rgt_day_sums_add_row(TupleTableSlot *slot, RgtDaySums *sums)
{
	add_row(sums, DatumGetDateADT(slot->tts_values[DAY]), slot, RGT_WON_AMOUNT | RGT_REVENUE_AMOUNT | RGT_REVENUES);
}

/* The same taken away. */
void
rgt_day_sums_take_row(TupleTableSlot *slot, RgtDaySums *sums)
{
	uint64		key = day_key(DatumGetInt32(slot->tts_values[UNIT_ID]), DatumGetDateADT(slot->tts_values[DAY]));
	RgtDaySum  *sum = find_sum(sums, key, hash_key(key));

	for (int i = 0; i < COUNTS; i++)
		add_count(sum, i, -(int64) DatumGetInt32(slot->tts_values[rgt_count_column[i]]));
	for (int i = 0; i < AMOUNTS; i++)
	{
		Datum		amount = slot->tts_values[rgt_amount_column[i]];

		if (!is_plain_zero(sums, amount))
			add_amount(sums, &amounts_of(sums, sum)->of[i], amount, -1);
	}
	clear_scratch(sums);
}

/* A row by its unit alone. */
void
rgt_day_sums_add_unit(TupleTableSlot *slot, int wanted, RgtDaySums *sums)
{
	add_row(sums, 0, slot, wanted);
}

/* One of its amounts; NULL: none. */
Numeric
rgt_day_sum_amount(const RgtDaySum *sum, int which)
{
	return sum->amounts == NULL ? NULL : sum->amounts->of[which].value;
}

bool
rgt_is_zero_amount(const RgtDaySums *sums, Numeric amount)
{
	return rgt_compare_numerics(NumericGetDatum(amount), NumericGetDatum(sums->zero)) == 0;
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
		Numeric		amount = rgt_day_sum_amount(sum, i);

		if (amount != NULL && !rgt_is_zero_amount(sums, amount))
			return false;
	}
	return true;
}

/* All that is complete: list the sums but those of zero, in no order. */
void
rgt_day_sums_list(RgtDaySums *sums)
{
	day_sums_iterator iterator;
	RgtDaySum  *sum;

	put_waiting(sums);
	sums->list = MemoryContextAllocHuge(sums->context, sizeof(RgtDaySumPointer) * Max(sums->days->members, 1));
	sums->n = 0;
	day_sums_start_iterate(sums->days, &iterator);
	while ((sum = day_sums_iterate(sums->days, &iterator)) != NULL)
	{
		if (!is_zero(sums, sum))
			sums->list[sums->n++] = sum;
	}
}

#ifdef USE_ASSERT_CHECKING
void
rgt_assert_sorted(const RgtDaySums *sums)
{
	Assert(sums->nwaiting == 0 && sums->n >= 0 && sums->n <= sums->days->members);
	for (int64 i = 0; i < sums->n; i++)
	{
		Assert(i == 0 || sums->list[i - 1]->key < sums->list[i]->key);
		Assert(!is_zero(sums, sums->list[i]));
	}
}
#endif

/* The same by day and unit. */
void
rgt_day_sums_sort(RgtDaySums *sums)
{
	rgt_day_sums_list(sums);
	sort_by_key(sums->list, sums->n);
	AssertCheckSorted(sums);
}

/* A sum as a row of any of the tables. */
void
rgt_day_sum_to_row(const RgtDaySums *sums, const RgtDaySum *sum, Datum *values)
{
	values[UNIT_ID] = Int32GetDatum(rgt_unit_of(sum));
	values[DAY] = DateADTGetDatum(rgt_day_of(sum));
	for (int i = 0; i < COUNTS; i++)
		values[rgt_count_column[i]] = Int32GetDatum(sum->count[i]);
	for (int i = 0; i < AMOUNTS; i++)
	{
		Numeric		amount = rgt_day_sum_amount(sum, i);

		values[rgt_amount_column[i]] = NumericGetDatum(amount == NULL ? sums->zero : amount);
	}
}
