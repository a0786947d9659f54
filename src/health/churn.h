/*
 * health/churn.h
 *	  Customers who were there and customers who went, in any spans of days.
 */
#ifndef REGTARGET_HEALTH_CHURN_H
#define REGTARGET_HEALTH_CHURN_H

#include "health/signal_set.h"

/* A span and its counts by position, over each unit and all below it. */
typedef struct RgtSpan
{
	DateADT		first;
	DateADT		past;			/* the day after its last */
	double	   *active;			/* customers active at the start of its first day */
	double	   *gone;			/* customers who went in it, each once */
} RgtSpan;

/* How many spans before one are looked at, and how many at least say what chance gives. */
#define RGT_SPANS_BEFORE 12
#define RGT_SPANS_LEAST 4

extern RgtSpan rgt_span(const RgtSignals *signals, DateADT first, DateADT past);
extern void rgt_count_churn(RgtSignals *signals, RgtSpan *spans, int n);
extern bool rgt_churn_certainty(const RgtSpan *span, const RgtSpan *before, int nbefore, int position, double *z);

#endif							/* REGTARGET_HEALTH_CHURN_H */
