/*
 * health/measures.h
 *	  The measures: each fills the computed signals it is named after and those that cost nothing more.
 *
 * Each is over a unit and all units below it, closed ones too, from what is dated up to and including the day.
 * A measure that needs another signal is given it: who measures what is known to signals.c alone.
 *
 * Of all units by a few reads of whole tables; of a part of the tree (tree->part) by keys.  Counts and exact sums
 * do not depend on the order of the rows; they become float8 once per unit and are rolled up in the order of the
 * tree.  So the same facts give the same bits, and a unit has the same in a part as in the whole.
 *
 * The window is [first day of the month of as_of minus window_months, first day of that month).
 */
#ifndef REGTARGET_HEALTH_MEASURES_H
#define REGTARGET_HEALTH_MEASURES_H

#include "health/signal_set.h"

/* ---- achieved.c: what units brought in a span of days -------------------------------------------- */

/* Its columns. */
enum
{
	RGT_ACHIEVED_COUNT, RGT_ACHIEVED_CENTS, RGT_ACHIEVED_COLUMNS
};

extern RgtStep rgt_hundredth(void);
extern double rgt_hundredths(const RgtStep *hundredth, Numeric amount);
extern RgtColumns rgt_achieved(RgtSignals *signals, const RgtTree *tree, DateADT first, DateADT past, bool revenues);
extern double *rgt_achieved_cents(RgtSignals *signals, const RgtTree *tree, DateADT first, DateADT past, bool revenues);

/* ---- measures.c: from activity and targets ------------------------------------------------------ */

extern void rgt_measure_activity(RgtSignals *signals);
extern void rgt_measure_actual(RgtSignals *signals, RgtComputed which);
extern void rgt_measure_pace(RgtSignals *signals, const RgtSignal *actual);

/* The days of a period. */
typedef struct RgtDays
{
	DateADT		first;
	DateADT		end;			/* the day after its last */
} RgtDays;

extern RgtDays *rgt_periods_back(const RgtSignals *signals, int most, int *n);

/* ---- shares.c: what the past says of shares ------------------------------------------------------ */

extern void rgt_measure_shares(RgtSignals *signals);

/* ---- inherited.c: what predecessors achieved --------------------------------------------------- */

extern void rgt_add_inherited(RgtSignals *signals, DateADT first, DateADT end, bool revenues, RgtSignal *actual);

/* ---- people.c --------------------------------------------------------------------------------------- */

extern void rgt_measure_people(RgtSignals *signals);
extern void rgt_measure_attrition(RgtSignals *signals);

/* ---- customers.c ------------------------------------------------------------------------------------ */

extern void rgt_measure_customers(RgtSignals *signals);
extern void rgt_measure_customers_per_head(RgtSignals *signals, const RgtSignal *active, const RgtSignal *headcount);

/* ---- entered.c -------------------------------------------------------------------------------------- */

extern RgtSignal rgt_measure_entered(const RgtSignals *signals, const char *name);

#endif							/* REGTARGET_HEALTH_MEASURES_H */
