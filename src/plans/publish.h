/*
 * plans/publish.h
 *	  What the files of publishing share: the plan that is to be published, and its targets.
 */
#ifndef REGTARGET_PLANS_PUBLISH_H
#define REGTARGET_PLANS_PUBLISH_H

#include "regtarget.h"
#include "units/units.h"

typedef struct RgtPlanRow
{
	int64		plan_id;
	text	   *period;
	DateADT		first;			/* of the period */
	char	   *mode;
	char	   *status;
	int32		root;
} RgtPlanRow;

typedef struct RgtPlanTarget
{
	int32		unit_id;
	int32		parent_id;		/* 0: none */
	int64		suggested;		/* in steps */
	int64		penalty;
	int64		baseline;
	int64		amount;
	int64		children;		/* what they are suggested together */
	bool		has_children;
	bool		off_step;		/* some of them is not a whole number of steps */
	bool		other_cap;		/* than its plan */
	bool		other_period;
} RgtPlanTarget;

/* ---- check.c ----------------------------------------------------------------------------------- */

extern void rgt_check_plan(const RgtPlanRow *plan);
extern _Noreturn void rgt_refuse_plan(const RgtPlanRow *plan, const char *why, const char *detail, const char *hint);

/* ---- publish_tree.c: against the tree of the period's first day -------------------------------- */

extern void rgt_check_plan_tree(const RgtPlanRow *plan, const RgtTree *tree, const RgtPlanTarget *targets, int n);

#endif							/* REGTARGET_PLANS_PUBLISH_H */
