/*
 * plans/plans.h
 *	  What the room plans offers: the plan's row, and the split of a total down the tree.
 */
#ifndef REGTARGET_PLANS_PLANS_H
#define REGTARGET_PLANS_PLANS_H

#include "health/health.h"

/* ---- writes.c: the plan's row --------------------------------------------------------------- */

extern void rgt_write_plan(RgtQuery *query, const Datum *values, const char *nulls, int64 plan_id);
extern void rgt_note_plan_write(void);
extern uint64 rgt_plan_writes(void);

/* ---- on_record.c: shadow plans in the ledger ----------------------------------------------- */

extern void rgt_refuse_on_record(int64 plan_id, const text *period, DateADT first, bool late, const char *message);
extern void rgt_refuse_revealed(int64 plan_id);
extern void rgt_note_off_record(int64 plan_id);
extern void rgt_plan_off_record(int64 plan_id, const text *period, DateADT first, bool late);

/* ---- check.c: what plans must hold ----------------------------------------------------------- */

typedef enum RgtPlanQuestion
{
	RGT_PLAN_SUMS, RGT_PLAN_CAPS, RGT_PLAN_PENALTIES
} RgtPlanQuestion;

extern void rgt_plans_check(RgtPlanQuestion question, RgtTellFn tell, void *arg);

/* ---- factors.c, weights.c: from signals to the weights of siblings -------------------------- */

/* One signal that counts in a split, as table `factors` or the caller has it. */
typedef struct RgtFactor
{
	char	   *signal;
	char	   *factor;
	double		weight;
	char	   *scaled_by;		/* NULL: plain shares */
} RgtFactor;

typedef struct RgtFactors
{
	int			n;
	RgtFactor  *factor;
} RgtFactors;

extern RgtFactors rgt_factors(Jsonb *weights, RgtSnapshot snapshot);

/* What one signal contributed to the split of one parent: arrays over the n children. */
typedef struct RgtBasis
{
	const RgtFactor *factor;
	double		weight;			/* in effect here; those of all signals add up to 1 */
	int			n;
	double	   *value;
	bool	   *imputed;
	double	   *scale;			/* NULL: plain shares */
	double	   *share;
} RgtBasis;

typedef void (*RgtBasisFn) (int32 parent, const int32 *unit_ids, const RgtBasis *basis, void *arg);

typedef struct RgtWeights RgtWeights;

extern RgtWeights *rgt_weights_begin(const RgtTree *tree, RgtSignals *signals, RgtFactors factors, int largest);
extern void rgt_weights_allow_negative(RgtWeights *weights);
extern void rgt_weights_read(RgtWeights *weights, const int *positions, int n);
extern void rgt_weights_change(RgtWeights *weights, const double *weight);
extern bool rgt_weights_refused(const RgtWeights *weights, int f);
extern bool rgt_weights_blend(RgtWeights *weights, int n, double *weight);
extern bool rgt_weights_of(RgtWeights *weights, const int *positions, int n, double *weight);
extern const RgtBasis *rgt_weights_basis(const RgtWeights *weights, int *n);

/* ---- split.c: a total handed down a tree ---------------------------------------------------- */

/* What to split; arrays run over the positions of the tree and may be NULL. */
typedef struct RgtSplitJob
{
	const RgtTree *tree;
	RgtSignals *signals;
	RgtFactors	factors;
	int			root;			/* position */
	DateADT		day;			/* units open on it take part */
	RgtStep		step;
	int64		total;
	int64	   *at_least;
	int64	   *at_most;
	RgtFraction *rate;			/* penalty of each unit */
	bool		lenient;		/* a parent with nothing to split by is no error: its children get RGT_NO_PART */
	RgtBasisFn	basis;			/* called for each parent and signal */
	void	   *basis_arg;
} RgtSplitJob;

/* In place of a part: there was nothing to split by.  What is below it has none either. */
#define RGT_NO_PART (-1)

/* The parts: member 0 is the root; parents before their children, siblings together by unit_id. */
typedef struct RgtSplit
{
	int			n;
	int		   *position;
	int		   *parent;			/* member, -1 for the root */
	int		   *first_child;
	int		   *children;
	int64	   *suggested;
	int64	   *penalty;
} RgtSplit;

extern RgtSplit *rgt_split_members(const RgtSplitJob *job);
extern void rgt_split(const RgtSplitJob *job, RgtSplit *split);

/* A finished split: parts within their bounds, penalties as their rates make them, children add up to their parent. */
#ifdef USE_ASSERT_CHECKING
extern void rgt_assert_split(const RgtSplitJob *job, const RgtSplit *split);
#define AssertCheckSplit(job, split) rgt_assert_split(job, split)
#else
#define AssertCheckSplit(job, split) ((void) 0)
#endif

#endif							/* REGTARGET_PLANS_PLANS_H */
