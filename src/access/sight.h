/*
 * access/sight.h
 *	  What sight.c and plan_sight.c share: how long something that was read holds.
 */
#ifndef REGTARGET_ACCESS_SIGHT_H
#define REGTARGET_ACCESS_SIGHT_H

#include "access/xact.h"

#include "regtarget.h"

/* How long something that was read holds. */
typedef struct RgtValidity
{
	uint64		changes;		/* as the counter stood before it was read */
	bool		own_changes;	/* read by a transaction that had written something */
	bool		lasting;		/* else for this statement only */
	TimestampTz statement;
} RgtValidity;

/* Counts the changes of plans that this backend has heard of. */
extern uint64 rgt_plan_changes;

extern void rgt_sight_listen(void);
extern RgtValidity rgt_valid_from_now_on(uint64 changes);
extern RgtSnapshot rgt_newest_snapshot(void);
extern void rgt_plans_rolled_back(void);

static inline bool
rgt_is_valid(const RgtValidity *valid, uint64 changes)
{
	return valid->changes == changes &&
		(valid->lasting || (IsInParallelMode() && valid->statement == GetCurrentStatementStartTimestamp()));
}

#endif							/* REGTARGET_ACCESS_SIGHT_H */
