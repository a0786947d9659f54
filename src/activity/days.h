/*
 * activity/days.h
 *	  What the files of the room activity share: what a statement did, by unit and day.
 */
#ifndef REGTARGET_ACTIVITY_DAYS_H
#define REGTARGET_ACTIVITY_DAYS_H

#include "activity/activity.h"
#include "regtarget.h"

enum
{
	VISITS, WON, LOST, REVENUES, COUNTS
};

enum
{
	WON_AMOUNT, REVENUE_AMOUNT, AMOUNTS
};

StaticAssertDecl(RGT_WON_AMOUNT == 1 << WON_AMOUNT && RGT_REVENUE_AMOUNT == 1 << REVENUE_AMOUNT,
				 "amounts are asked for by the bits of their numbers");

/*
 * What was added to (or, negative, taken from) a unit's day.  Small, for a load has a great many, and each is
 * somewhere else in memory.
 */
typedef struct RgtDaySum
{
	uint64		key;			/* orders by day, then unit: the day in the upper half */
	int32		count[COUNTS];
	struct RgtAmounts *amounts; /* NULL: none */
	char		status;			/* of the hash table's slot */
} RgtDaySum;

typedef RgtDaySum *RgtDaySumPointer;

/* A change of one count of a unit's day, and of an amount with it. */
typedef struct RgtChange
{
	int32		unit_id;
	DateADT		day;
	int			count;			/* which */
	int64		n;				/* so many more or, negative, fewer */
	int			amount_of;		/* which, -1: none */
	Datum		amount;			/* numeric */
	int			sign;			/* of the amount: 1 to add it, -1 to take it away */
} RgtChange;

/* The sums of many days; only sums.c looks into the table and what waits to be put there. */
struct day_sums_hash;
struct RgtWaiting;

typedef struct RgtDaySums
{
	struct day_sums_hash *days;
	struct RgtWaiting *waiting; /* changes that are not in the table yet */
	int			nwaiting;
	struct RgtAmounts *spare;	/* not in use yet */
	int			nspare;
	int			next_spare;		/* how many are made next */
	MemoryContext context;		/* of all the sums */
	MemoryContext scratch;		/* of additions */
	Numeric		zero;
	int			uncleared;		/* rows since scratch was emptied */
	RgtDaySumPointer *list;		/* those that are not 0; made by rgt_day_sums_list() or rgt_day_sums_sort() */
	int64		n;
} RgtDaySums;

/* One of the list.  They are all over the table: fetch some that come next, too. */
static inline const RgtDaySum *
rgt_listed_sum(const RgtDaySums *sums, int64 i)
{
	if (i + 8 < sums->n)
		__builtin_prefetch(sums->list[i + 8]);
	return sums->list[i];
}

/* The columns of all four tables, in their order; of activity_months, the day is the first of the month. */
enum
{
	UNIT_ID, DAY, C_VISITS, C_WON, C_LOST, C_WON_AMOUNT, C_REVENUES, C_REVENUE_AMOUNT, COLUMNS
};

/* ---- sums.c -------------------------------------------------------------------------- */

extern const int rgt_count_column[COUNTS];
extern const int rgt_amount_column[AMOUNTS];

extern int32 rgt_unit_of(const RgtDaySum *sum);
extern DateADT rgt_day_of(const RgtDaySum *sum);
extern RgtDaySums rgt_day_sums_begin(int expected);
extern void rgt_day_sums_end(RgtDaySums *sums);
extern void rgt_day_sums_change(RgtDaySums *sums, const RgtChange *change);
extern void rgt_day_sums_plus(RgtDaySums *sums, int32 unit_id, DateADT day, const RgtDaySum *more);
extern Numeric rgt_day_sum_amount(const RgtDaySum *sum, int which);
extern void rgt_day_sums_list(RgtDaySums *sums);
extern void rgt_day_sums_sort(RgtDaySums *sums);
extern void rgt_day_sum_to_row(const RgtDaySums *sums, const RgtDaySum *sum, Datum *values);
extern void rgt_day_sums_add_row(TupleTableSlot *slot, RgtDaySums *sums);
extern void rgt_day_sums_take_row(TupleTableSlot *slot, RgtDaySums *sums);
extern void rgt_day_sums_add_unit(TupleTableSlot *slot, int wanted, RgtDaySums *sums);
extern bool rgt_is_zero_amount(const RgtDaySums *sums, Numeric amount);

/* The list is in the order of days and units, each once, none of them 0: as the tables are read in step with it. */
#ifdef USE_ASSERT_CHECKING
extern void rgt_assert_sorted(const RgtDaySums *sums);
#define AssertCheckSorted(sums) rgt_assert_sorted(sums)
#else
#define AssertCheckSorted(sums) ((void) 0)
#endif

/* ---- compare.c ----------------------------------------------------------------------- */

extern bool rgt_activity_is_right(void);

/* ---- store.c ------------------------------------------------------------------------- */

extern void rgt_require_own_table(Relation table, const Oid *of, int n);
extern void rgt_require_own_tables(void);
extern void rgt_deltas_append(const RgtDaySums *sums);
extern int64 rgt_deltas_take(int64 at_most, RgtDaySums *sums);
extern void rgt_days_add(const RgtDaySums *days);

#endif							/* REGTARGET_ACTIVITY_DAYS_H */
