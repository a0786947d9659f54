/*
 * health/signal_set.h
 *	  The signals of one day: arrays over a tree, for the measures to fill.
 *
 * The room in floors, each of which knows those below it: this set; staff.c, which reads people; the measures
 * (measures.h); signals.c, which knows who measures what; reports and calibration.
 */
#ifndef REGTARGET_HEALTH_SIGNAL_SET_H
#define REGTARGET_HEALTH_SIGNAL_SET_H

#include "nodes/pg_list.h"

#include "health/health.h"
#include "regtarget.h"
#include "units/units.h"

/* The computed signals, in the order of their names. */
typedef enum RgtComputed
{
	RGT_ACTUAL,
	RGT_ACTUAL_LAST_YEAR,
	RGT_ACTUAL_PREVIOUS,
	RGT_ACTUAL_SEASONAL,
	RGT_ACTUAL_TRAILING,
	RGT_ATTRITION_RATE,
	RGT_CAPACITY,
	RGT_CHURN_RATE,
	RGT_CONVERSION_RATE,
	RGT_CUSTOMERS_ACTIVE,
	RGT_CUSTOMERS_PER_HEAD,
	RGT_HEADCOUNT,
	RGT_HEALTH,
	RGT_OUTPUT_PER_HEAD,
	RGT_PACE,
	RGT_TENURE,
	RGT_VISITS_PER_HEAD,
	RGT_WEEKLY_CHURN_CERTAINTY,
	RGT_WEEKLY_CHURN_COUNT,
	RGT_WEEKLY_CHURN_RATE,
	RGT_COMPUTED				/* how many there are */
} RgtComputed;

/* A row of table metrics. */
typedef struct RgtMetric
{
	char	   *name;
	double		weight;
	double		worst;
	double		best;
} RgtMetric;

/* What all units together did in periods, for who measures several days or units in a statement. */
typedef struct RgtTotals
{
	MemoryContext context;		/* lives as long as the statement */
	List	   *totals;			/* see shares.c */
} RgtTotals;

/* What was read of a whole organisation for one day and serves others, too, in memory that lives as long as they. */
typedef struct RgtKept
{
	MemoryContext context;
	List	   *spans;			/* what units did: see achieved.c */
	List	   *entries;		/* of a signal: see entered.c */
} RgtKept;

/*
 * Every signal of every unit of a tree on a day, measured when first asked for and kept in
 * `context`.  A signal whose `value` is NULL has not been measured yet.
 */
struct RgtSignals
{
	const RgtTree *tree;
	DateADT		as_of;
	RgtSnapshot snapshot;
	MemoryContext context;
	int			window_months;
	DateADT		window_start;	/* the window's first day */
	DateADT		window_end;		/* the day after its last */
	double		min_coverage;
	int			churn_days;		/* 0: only by churned_on */
	bool		replayed;		/* a day of the past, on which nothing is known that was written of days after it */
	double		fading;			/* what a period weighs of the one after it, in what the past says of shares */
	RgtSignal	computed[RGT_COMPUTED];
	RgtSignal	coverage;
	struct RgtStaff *staff;		/* NULL: not read yet */
	const RgtTree *whole;		/* of all units, for what a part inherits; NULL: not read yet */
	RgtTotals  *totals;			/* read before, and kept for later; NULL: for this day alone */
	RgtKept    *kept;			/* NULL: nothing is read for other days */
	const struct RgtPeople *people; /* all there are, read before; NULL: to be read */
	RgtMetric  *metrics;		/* in the order of their names; NULL: not read yet */
	int			nmetrics;
	List	   *entered;		/* of RgtEntered: see signals.c */
};

/* Names in full: a statement means the same under any search_path, and callers are free in theirs. */
#define OP(symbol) " OPERATOR(pg_catalog." #symbol ") "

extern void *rgt_signals_array(const RgtSignals *signals, Size size, int64 n);
extern RgtSignal rgt_signal_unknown(const RgtSignals *signals);
extern RgtSignal *rgt_signal_start(RgtSignals *signals, RgtComputed which);
extern void rgt_signal_set(RgtSignal *signal, int p, double value);

/* The units to ask about by their keys; NULL: all there are. */
extern const int32 *rgt_signal_units(const RgtSignals *signals);

/* ---- numbers to be added up the tree --------------------------------------------------------- */

#define RGT_MAX_COLUMNS 5

typedef struct RgtColumns
{
	const RgtTree *tree;
	int			n;
	double	   *sum[RGT_MAX_COLUMNS];	/* by position */
} RgtColumns;

extern RgtColumns rgt_columns(const RgtSignals *signals, const RgtTree *tree, int n);
extern void rgt_columns_roll_up(RgtColumns *columns);
extern void rgt_columns_free(RgtColumns *columns);

#endif							/* REGTARGET_HEALTH_SIGNAL_SET_H */
