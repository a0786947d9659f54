/*
 * plans/publish.h
 *	  What the files of publishing share: the plan that is to be published, and its targets.
 */
#ifndef REGTARGET_PLANS_PUBLISH_H
#define REGTARGET_PLANS_PUBLISH_H

#include "apportion.h"
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
	int32		first_parent;	/* and baseline, as they were published, */
	int64		first_baseline;
	bool		had_children;	/* and whether any target was below it then */
	bool		off_step;		/* some of them is not a whole number of steps, or less than 0 */
	bool		other_cap;		/* than its plan */
	bool		other_period;
} RgtPlanTarget;

typedef struct RgtPlanTargets
{
	RgtStep		step;
	RgtFraction cap;
	int64		total;			/* -1: not a number of steps */
	MemoryContext row;			/* of one target while it is read */
	RgtPlanTarget *targets;		/* by unit_id */
	int			n;
	int			allocated;
} RgtPlanTargets;

/* ---- check_read.c ------------------------------------------------------------------------------ */

extern bool rgt_plan_targets(int64 plan_id, RgtSnapshot snapshot, RgtPlanTargets *all);
extern RgtPlanTarget *rgt_plan_target(const RgtPlanTargets *all, int32 unit_id);

/* ---- check.c ----------------------------------------------------------------------------------- */

extern void rgt_check_plan(const RgtPlanRow *plan);

/* ---- publish_tree.c: against the tree of the period's first day -------------------------------- */

extern _Noreturn void rgt_refuse_plan(const RgtPlanRow *plan, const char *why, const char *detail, const char *hint);
extern void rgt_check_plan_tree(const RgtPlanRow *plan, const RgtTree *tree, const RgtPlanTarget *targets, int n);

#endif							/* REGTARGET_PLANS_PUBLISH_H */
