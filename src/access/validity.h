/*
 * access/validity.h
 *	  How long what a backend has read about visibility holds.
 */
#ifndef REGTARGET_ACCESS_VALIDITY_H
#define REGTARGET_ACCESS_VALIDITY_H

#include "access/xact.h"
#include "datatype/timestamp.h"

#include "regtarget.h"

/* What is kept, by what makes it invalid. */
typedef enum RgtTopic
{
	RGT_OF_DUTIES,				/* duties, roles and their memberships */
	RGT_OF_TREE,				/* units and their parents of today */
	RGT_OF_PLANS,
	RGT_TOPICS
} RgtTopic;

typedef struct RgtValidity
{
	uint64		changes;		/* as the topic's counter stood before anything was read */
	bool		lasting;		/* else for this statement only */
	TimestampTz statement;
	TimestampTz until;			/* no statement that begins then or later; DT_NOEND: any */
} RgtValidity;

/* Counts the changes of each topic that this backend has heard of. */
extern uint64 rgt_changes[RGT_TOPICS];

extern RgtValidity rgt_valid_from_now_on(RgtTopic topic);
extern bool rgt_add_to(RgtValidity *kept, const RgtValidity *more, RgtTopic topic);
extern void rgt_tell_change(RgtTopic topic);

static inline bool
rgt_is_valid(const RgtValidity *valid, RgtTopic topic)
{
	return valid->changes == rgt_changes[topic] &&
		(valid->until == DT_NOEND || GetCurrentStatementStartTimestamp() < valid->until) &&
		(valid->lasting || (IsInParallelMode() && valid->statement == GetCurrentStatementStartTimestamp()));
}

#endif							/* REGTARGET_ACCESS_VALIDITY_H */
