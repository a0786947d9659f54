/*
 * health/health.h
 *	  What the room health offers: every number about a unit on a day.
 */
#ifndef REGTARGET_HEALTH_HEALTH_H
#define REGTARGET_HEALTH_HEALTH_H

#include "units/units.h"

/* ---- signals.c: every number about a unit on a day ------------------------------------------ */

/* One signal of every unit of a tree; known[p] says whether value[p] means anything. */
typedef struct RgtSignal
{
	double	   *value;
	bool	   *known;
} RgtSignal;

typedef struct RgtSignals RgtSignals;

extern RgtSignals *rgt_signals(const RgtTree *tree, DateADT as_of, RgtSnapshot snapshot);
extern const RgtSignal *rgt_signal(RgtSignals *signals, const char *name);
extern bool rgt_signal_is_computed(const char *name);

/* ---- past.c: one day of the past after another ------------------------------------------------ */

typedef struct RgtPast RgtPast;

extern RgtPast *rgt_past(RgtSnapshot snapshot);
extern RgtSignals *rgt_signals_of_past(RgtPast *past, const RgtTree *tree, DateADT as_of);

/* ---- churn.c: customers who went in whole weeks ------------------------------------------------ */

/* Of so many whole ISO weeks before the signals' day, and as many before those; by position. */
typedef struct RgtChurn
{
	DateADT		first;
	DateADT		past;
	bool		by_silence;		/* whoever does not buy is gone in the end */
	double	   *active;			/* customers at the start */
	double	   *gone;
	double	   *active_before;
	double	   *gone_before;
	RgtSignal	certainty;		/* how far from chance */
} RgtChurn;

/* Customers of any span of days, over each unit and all below it, by position. */
typedef struct RgtChurnSpan
{
	DateADT		first;
	DateADT		past;			/* the day after its last, at most the one after the signals' day */
	double	   *active;			/* at the start of the first day */
	double	   *gone;
} RgtChurnSpan;

extern void rgt_churn_of_spans(RgtSignals *signals, RgtChurnSpan *spans, int n);
extern DateADT rgt_iso_monday(DateADT day);
extern bool rgt_goes_by_silence(const RgtSignals *signals);
extern RgtChurn *rgt_churn(RgtSignals *signals, const int *weeks, int n);

#endif							/* REGTARGET_HEALTH_HEALTH_H */
