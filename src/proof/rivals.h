/*
 * proof/rivals.h
 *	  The engine's split of a past period and its rivals', beside each other.
 */
#ifndef REGTARGET_PROOF_RIVALS_H
#define REGTARGET_PROOF_RIVALS_H

#include "proof/replay.h"

typedef enum RgtMethod
{
	RGT_SUGGESTED, RGT_NAIVE, RGT_PREVIOUS, RGT_OFFICIAL, RGT_METHODS
} RgtMethod;

/* All methods' parts of one total, in steps; RGT_NO_PART where a method has none. */
typedef struct RgtContest
{
	const RgtSplit *members;	/* who takes part, in which order */
	const int64 *part[RGT_METHODS]; /* by member */
} RgtContest;

/* What management gave each unit in a period, by unit_id. */
typedef struct RgtBaseline
{
	int32		unit_id;
	Numeric		baseline;
} RgtBaseline;

typedef struct RgtBaselines
{
	RgtBaseline *unit;
	int			n;
	int			allocated;
} RgtBaselines;

extern const char *rgt_method_name(RgtMethod method);
extern RgtContest rgt_contest(const RgtReplayed *replayed, RgtFactors factors);
extern const RgtSignal *rgt_rival_signal(const RgtReplayed *replayed, RgtMethod method);
extern RgtBaselines rgt_official_baselines(const RgtPeriod *period);
extern const RgtBaseline *rgt_find_baseline(const RgtBaselines *baselines, int32 unit_id);

#endif							/* REGTARGET_PROOF_RIVALS_H */
