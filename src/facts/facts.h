/*
 * facts/facts.h
 *	  What the room facts offers: the rules in force on a day.
 */
#ifndef REGTARGET_FACTS_FACTS_H
#define REGTARGET_FACTS_FACTS_H

#include "regtarget.h"

/* ---- policy.c: the rules in force ----------------------------------------------------------- */

typedef struct RgtPolicy
{
	DateADT		effective_from;
	Numeric		cap;
	Numeric		penalty_rate;
	int			window_months;
	double		min_coverage;
	bool		actuals_are_revenues;
	int			penalty_quarters;
	bool		silence_counts;
	int			regret_days;
	int			sign_levels;	/* PG_INT32_MAX: all */
	int			churn_days;		/* 0: who does not buy is not gone */
	double		fading;			/* 1 - memory, exactly: what a period weighs of the one after it */
} RgtPolicy;

extern RgtPolicy rgt_policy(DateADT day, RgtSnapshot snapshot);
extern bool rgt_find_policy(DateADT day, RgtSnapshot snapshot, RgtPolicy *policy);

#endif							/* REGTARGET_FACTS_FACTS_H */
