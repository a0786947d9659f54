/*
 * health/staff.h
 *	  What staff.c reads of people and their assignments, for the measures.
 */
#ifndef REGTARGET_HEALTH_STAFF_H
#define REGTARGET_HEALTH_STAFF_H

#include "health/signal_set.h"

/* Somebody who is assigned on the day and has not left before it. */
typedef struct RgtPresent
{
	int			position;		/* of the unit */
	DateADT		hired_on;		/* DATEVAL_NOBEGIN: not known */
} RgtPresent;

typedef struct RgtStaff
{
	double	   *days;			/* employee-days in the window, rolled up */
	double	   *leavers;		/* how many left in the window, rolled up */
	bool		leaver_on_record;	/* among those that were read */
	RgtPresent *present;
	int64		n;
	int64		allocated;
} RgtStaff;

/* Everybody and all assignments, for whoever asks about one day after another. */
typedef struct RgtPeople RgtPeople;

extern RgtPeople *rgt_people(RgtSnapshot which);
extern RgtStaff *rgt_staff(RgtSignals *signals);
extern double rgt_average_headcount(const RgtSignals *signals, double days);
extern bool rgt_leaver_on_record(RgtSignals *signals);

#endif							/* REGTARGET_HEALTH_STAFF_H */
