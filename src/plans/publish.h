/*
 * plans/publish.h
 *	  What publish.c and check.c share: the plan that is to be published.
 */
#ifndef REGTARGET_PLANS_PUBLISH_H
#define REGTARGET_PLANS_PUBLISH_H

#include "regtarget.h"

typedef struct RgtPlanRow
{
	int64		plan_id;
	text	   *period;
	DateADT		first;			/* of the period */
	char	   *mode;
	char	   *status;
	int32		root;
} RgtPlanRow;

extern void rgt_check_plan(const RgtPlanRow *plan);

#endif							/* REGTARGET_PLANS_PUBLISH_H */
