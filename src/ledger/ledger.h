/*
 * ledger/ledger.h
 *	  What the room ledger offers: entries, their cause, and whether the chains hold.
 */
#ifndef REGTARGET_LEDGER_LEDGER_H
#define REGTARGET_LEDGER_LEDGER_H

#include "regtarget.h"

/* ---- the chains ----------------------------------------------------------------------------- */

typedef struct RgtEntry
{
	int32		unit_id;
	const char *action;
	Datum		details;		/* jsonb */
} RgtEntry;

extern void rgt_ledger_append(RgtEntry *entries, int n);
extern void rgt_ledger_note(int32 unit_id, const char *action, RgtJson *details);

/* Why the amounts of the next statement change; the entries of the changes say so. */
typedef struct RgtWhy
{
	const char *action;			/* a constant, of the entry of the unit itself: adjustment_applied, respread */
	int64		adjustment_id;	/* 0: none */
	int32		unit_id;		/* the unit whose own change it is; 0: none */
	/* Of targets that move and amounts that are transferred; the entries of all have the action then. */
	const char *reason;			/* NULL: it is neither */
	int32		from;			/* units; of a move the parents */
	int32		to;
	int32		common;			/* the first target above both, which stays as it is */
	Numeric		moved;			/* what went from one way to the other */
} RgtWhy;

extern void rgt_ledger_cause(const RgtWhy *cause);

extern char *rgt_plan_digest(int64 plan_id, RgtSnapshot snapshot, int64 *units);
extern char *rgt_plan_record(int64 plan_id, RgtSnapshot snapshot);

extern void rgt_ledger_check(RgtTellFn tell, void *arg);

#endif							/* REGTARGET_LEDGER_LEDGER_H */
