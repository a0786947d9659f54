/*
 * alerts/judge.h
 *	  A rule, and what it says of each unit on a day.
 */
#ifndef REGTARGET_ALERTS_JUDGE_H
#define REGTARGET_ALERTS_JUDGE_H

#include "alerts/raise.h"
#include "health/health.h"
#include "regtarget.h"
#include "units/units.h"

typedef enum RgtCompare
{
	RGT_RISE,
	RGT_FALL,
	RGT_BELOW,
	RGT_ABOVE
} RgtCompare;

/* A row of alert_rules that watches a signal. */
typedef struct RgtRule
{
	char	   *rule;
	char	   *level;
	char	   *signal;
	RgtCompare	compare;
	Numeric		threshold;
	bool		relative;
	bool		months;			/* spans are months, else weeks */
	int			spans;
	int			min_count;
	double		after_share;	/* negative: at any time */
	char	   *unit_kind;		/* NULL: all */
	RgtKnown	certainty;
	int			cooldown_days;
	bool		opens_review;
} RgtRule;

/* What a rule says of a unit. */
typedef struct RgtJudgement
{
	bool		known;			/* false: there is nothing to judge by */
	bool		holds;
	RgtKnown	before;
	RgtKnown	after;
	RgtKnown	certainty;
} RgtJudgement;

typedef struct RgtJudging
{
	const RgtTree *tree;
	DateADT		as_of;
	RgtSignals *signals;		/* of the day */
	int		   *weeks;			/* that rules on churn take together, each number once */
	int			nweeks;
	RgtChurn   *churn;			/* of each of those; NULL: not counted yet */
} RgtJudging;

extern bool rgt_rule_is_weekly(const RgtRule *rule);
extern RgtJudgement *rgt_judge(RgtJudging *judging, const RgtRule *rule);

#endif							/* REGTARGET_ALERTS_JUDGE_H */
