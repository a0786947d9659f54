/*
 * credit/verdict.h
 *	  What a quarter's requests make of each unit's credit: C1 and C2, judged in one place for
 *	  close_period() and for whoever asks beforehand.
 */
#ifndef REGTARGET_CREDIT_VERDICT_H
#define REGTARGET_CREDIT_VERDICT_H

#include "facts/facts.h"
#include "regtarget.h"
#include "units/units.h"

/* A unit's quarter. */
typedef struct RgtVerdict
{
	bool		member;			/* it has a published target in the period */
	int			denied_before;	/* quarters running that it brought into the period */
	bool		approved;		/* a downward request was approved, whatever followed */
	bool		asked_in_vain;	/* one was refused, or counts like it */
	bool		counts;			/* the quarter counts against it */
	int			denied;			/* quarters running that it takes into the next period */
	bool		spared;			/* below a unit that is punished for the same period */
	bool		punished;
	bool		decided;		/* the next period's standing is there already: what it says stays */
	Numeric		rate;			/* which it says */
} RgtVerdict;

typedef struct RgtCredit
{
	const RgtTree *tree;
	RgtPolicy	policy;
	RgtVerdict *verdicts;		/* by position of the tree */
	MemoryContext context;		/* which they are in */
} RgtCredit;

extern RgtCredit rgt_credit(const RgtTree *tree, const RgtPeriod *period, const RgtPeriod *next, RgtSnapshot snapshot);

#endif							/* REGTARGET_CREDIT_VERDICT_H */
