/*
 * activity/activity.h
 *	  What the room activity offers: what units did in a span of days, and whether that agrees with the facts.
 */
#ifndef REGTARGET_ACTIVITY_ACTIVITY_H
#define REGTARGET_ACTIVITY_ACTIVITY_H

#include "regtarget.h"

/* ---- read.c: what units did in a span of days ----------------------------------------------- */

/* What a unit itself did, not those below it. */
typedef struct RgtActivity
{
	int32		unit_id;
	int64		visits;
	int64		won;
	int64		lost;
	int64		revenues;		/* 0 when not asked for */
	Numeric		won_amount;		/* exactly; NULL: 0, or not asked for */
	Numeric		revenue_amount;
} RgtActivity;

typedef void (*RgtActivityFn) (const RgtActivity *activity, void *arg);

/* What is read besides visits, won and lost. */
#define RGT_WON_AMOUNT 1
#define RGT_REVENUE_AMOUNT 2
#define RGT_REVENUES 4

extern void rgt_activity(RgtSnapshot which, const int32 *units, int n, DateADT first, DateADT past, int wanted,
						 RgtActivityFn tell, void *arg);

/* What there may be none of in the whole database. */
typedef enum RgtCounted
{
	RGT_COUNT_WON,
	RGT_COUNT_LOST,
	RGT_COUNT_REVENUES
} RgtCounted;

extern Numeric rgt_activity_total(RgtSnapshot which, DateADT first, DateADT past, int wanted);
extern bool rgt_activity_on_record(RgtSnapshot which, DateADT past, RgtCounted counted);

/* ---- recount.c: what the facts say ---------------------------------------------------------- */

extern void rgt_stale_activity(RgtRowFn row, void *arg);

#endif							/* REGTARGET_ACTIVITY_ACTIVITY_H */
