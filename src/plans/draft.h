/*
 * plans/draft.h
 *	  What allocate.c and draft.c share about one allocation.
 */
#ifndef REGTARGET_PLANS_DRAFT_H
#define REGTARGET_PLANS_DRAFT_H

#include "plans/plans.h"
#include "regtarget.h"

/* What was asked for, checked. */
typedef struct RgtAllocation
{
	RgtPeriod	period;
	text	   *mode;
	text	   *label;			/* NULL: none */
	Numeric		total;
	int32		root;
	bool		live;
	bool		sandbox;
	RgtSplitJob job;
} RgtAllocation;

/* The rows of plan_basis, one a parent and signal, gathered while the split goes down the tree. */
typedef struct RgtBasisRows
{
	Tuplestorestate *rows;
	TupleDesc	desc;
	MemoryContext context;		/* reset at every row */
} RgtBasisRows;

extern void rgt_refuse_published(const RgtAllocation *allocation, const RgtSplit *split);
extern int64 rgt_draft_make(const RgtAllocation *allocation);
extern void rgt_bounds_write(const RgtAllocation *allocation, int64 plan_id);
extern void rgt_put_on_record(const RgtAllocation *allocation, int64 plan_id);
extern RgtBasisRows rgt_basis_begin(void);
extern void rgt_basis_add(int32 parent, const int32 *unit_ids, const RgtBasis *basis, void *arg);
extern void rgt_basis_write(int64 plan_id, const RgtBasisRows *rows);
extern void rgt_targets_write(const RgtAllocation *allocation, const RgtSplit *split, int64 plan_id,
							  DestReceiver *dest);

#endif							/* REGTARGET_PLANS_DRAFT_H */
