/*
 * targets/guard.h
 *	  What the guard of targets knows while a statement runs.
 */
#ifndef REGTARGET_TARGETS_GUARD_H
#define REGTARGET_TARGETS_GUARD_H

#include "regtarget.h"
#include "units/units.h"

/* A plan as the guard sees it. */
typedef struct RgtGuardedPlan
{
	int64		plan_id;
	bool		draft;			/* or proposed */
	bool		closed;
	bool		sandbox;
	bool		on_record;		/* a shadow plan that was allocated: what it says is in the ledger */
	bool		late;			/* and after its period's first day */
	bool		revealed;
	bool		may_write;		/* the draft, as far as asked */
	bool		asked_followers;	/* is the next known? */
	bool		has_followers;	/* rows that go with a target: answers, bounds that its split obeyed */
	int32		root;
	DateADT		first;			/* of the period; of a draft alone, as are rates */
	DateADT		last;
	Datum		period;
	Datum		cap;
	RgtFraction cap_fraction;
	RgtStep		step;
	int64		max_steps;		/* the greatest amount: below 10^15, 10^16 steps */
	Numeric		zero;			/* with the decimals of the step */
	struct rates_hash *rates;	/* of units that are punished; NULL: nobody is */
	const RgtTree *tree;		/* of the period's first day, once it is read; plans of one period share it */
	bool	   *below_root;		/* by position in it */
	struct RgtGuardedPlan *next;
} RgtGuardedPlan;

/* Column numbers of targets. */
typedef struct RgtTargetColumns
{
	AttrNumber	target_id,
				plan_id,
				unit_id,
				parent_unit_id,
				period,
				suggested,
				penalty,
				baseline,
				amount,
				cap;
} RgtTargetColumns;

/* Rows of a statement whose units are looked up one by one before the whole tree is read. */
#define RGT_LOOKUPS_BEFORE_TREE 50

/* Units that the rows of a statement name, as keys to be looked up; some of them more than once. */
typedef struct RgtWrittenUnits
{
	Datum	   *ids;
	int64		n;
	int64		allocated;
} RgtWrittenUnits;

/* The state of one statement. */
typedef struct RgtGuard
{
	MemoryContext context;
	RgtTargetColumns at;
	Datum	   *values;			/* room for the columns of one row */
	bool	   *nulls;
	Datum	   *old_values;		/* and for those that a published one had */
	bool	   *old_nulls;
	RgtGuardedPlan *plans;
	uint64		plan_writes;	/* when they were read: see rgt_plan_writes() */
	int			lookups;
	bool		overruled;		/* what the user's statement says of target_id */
	/* What written.c keeps. */
	bool		listed;
	bool		trees_lost;		/* by which units were looked up */
	RgtWriters	before;			/* the first unit was looked up */
	RgtWrittenUnits units;
	RgtWrittenUnits parents;
	MemoryContextCallback end;
	struct RgtGuard *outer;
} RgtGuard;

extern RgtGuard *rgt_guard(FunctionCallInfo fcinfo, Relation relation);
extern RgtGuardedPlan *rgt_guard_plan(RgtGuard *guard, int64 plan_id);
extern int32 rgt_guard_parent(RgtGuard *guard, RgtGuardedPlan *plan, int32 unit_id);
extern void rgt_guard_note(RgtGuard *guard, int32 unit_id, int32 parent);
extern int64 rgt_guard_penalty(const RgtGuardedPlan *plan, int32 unit_id, int64 suggested);

#endif							/* REGTARGET_TARGETS_GUARD_H */
