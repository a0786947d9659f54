/*
 * activity.h
 *	  What the files of the room activity share: what a statement did, by unit and day.
 */
#ifndef REGTARGET_ACTIVITY_H
#define REGTARGET_ACTIVITY_H

#include "regtarget.h"

enum
{
	VISITS, WON, LOST, REVENUES, COUNTS
};

enum
{
	WON_AMOUNT, REVENUE_AMOUNT, AMOUNTS
};

/* What was added to (or, negative, taken from) a unit's day.  Small, for a load has a great many. */
typedef struct RgtDaySum
{
	uint64		key;			/* orders by day, then unit: the day in the upper half */
	int32		count[COUNTS];
	Numeric    *amount;			/* AMOUNTS of them, NULL: 0; or NULL: none */
	char		status;			/* of the hash table's slot */
} RgtDaySum;

typedef RgtDaySum *RgtDaySumPointer;

/* The sums of many days; only activity_sums.c looks into the table. */
struct day_sums_hash;

typedef struct RgtDaySums
{
	struct day_sums_hash *days;
	MemoryContext context;		/* of all the sums */
	Numeric		zero;
	RgtDaySumPointer *sorted;	/* those that are not 0, by day and unit; made by rgt_day_sums_sort() */
	int64		n;
} RgtDaySums;

/* The columns of activity_days and of activity_deltas, in their order. */
enum
{
	UNIT_ID, DAY, C_VISITS, C_WON, C_LOST, C_WON_AMOUNT, C_REVENUES, C_REVENUE_AMOUNT, COLUMNS
};

/* ---- activity_sums.c -------------------------------------------------------------------------- */

extern const int rgt_count_column[COUNTS];
extern const int rgt_amount_column[AMOUNTS];

extern int32 rgt_unit_of(const RgtDaySum *sum);
extern DateADT rgt_day_of(const RgtDaySum *sum);
extern RgtDaySums rgt_day_sums_begin(void);
extern void rgt_day_sums_end(RgtDaySums *sums);
extern RgtDaySum *rgt_day_sum(RgtDaySums *sums, int32 unit_id, DateADT day);
extern void rgt_day_sum_count(RgtDaySum *sum, int which, int64 n);
extern void rgt_day_sum_amount(RgtDaySums *sums, RgtDaySum *sum, int which, Datum amount, int sign);
extern void rgt_day_sum_plus(RgtDaySums *sums, RgtDaySum *sum, const RgtDaySum *more);
extern void rgt_day_sums_sort(RgtDaySums *sums);
extern void rgt_day_sum_to_row(const RgtDaySums *sums, const RgtDaySum *sum, Datum *values);
extern void rgt_day_sums_add_row(TupleTableSlot *slot, RgtDaySums *sums);
extern bool rgt_is_zero_amount(const RgtDaySums *sums, Numeric amount);

/* ---- activity_store.c ------------------------------------------------------------------------- */

extern void rgt_deltas_append(const RgtDaySums *sums);
extern int64 rgt_deltas_take(int64 at_most, RgtDaySums *sums);
extern void rgt_days_add(const RgtDaySums *days);

#endif							/* REGTARGET_ACTIVITY_H */
