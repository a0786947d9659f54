/*
 * proof/replay.h
 *	  Past periods as they were known on their first days: for backtests and for tuning.
 */
#ifndef REGTARGET_PROOF_REPLAY_H
#define REGTARGET_PROOF_REPLAY_H

#include "health/health.h"
#include "plans/plans.h"
#include "regtarget.h"
#include "units/units.h"

/* What is asked for: so many past periods in their order, and the unit whose actual total is split. */
typedef struct RgtReplay
{
	RgtPeriod  *periods;
	int			n;
	int32		root;
	RgtPast    *past;
} RgtReplay;

/* One of them.  It lives in the memory context that was current when it was read. */
typedef struct RgtReplayed
{
	const RgtPeriod *period;
	const RgtTree *tree;		/* of its first day */
	int			root;			/* position; -1: not open on that day */
	RgtSignals *signals;		/* of that day */
	Numeric    *actual;			/* by position, over each unit and all below it; NULL: 0 */
	RgtStep		step;
	int64		total;			/* what the root brought, in steps, rounded; 0 or below: nothing to split */
} RgtReplayed;

extern RgtReplay rgt_replay(FunctionCallInfo fcinfo, int from_arg, int to_arg, int root_arg);
extern RgtReplayed rgt_replay_period(const RgtReplay *replay, int i);
extern int64 rgt_replayed_steps(const RgtReplayed *replayed, int position);
extern RgtSplit *rgt_replay_split(const RgtReplayed *replayed, RgtFactors factors);

#endif							/* REGTARGET_PROOF_REPLAY_H */
