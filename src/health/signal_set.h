/*
 * health/signal_set.h
 *	  What signals.c, measures.c, people.c, people_window.c and health.c share about the signals of one day.
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
	RgtSignal	computed[RGT_COMPUTED];
	RgtSignal	coverage;
	double	   *employee_days;	/* in the window, rolled up; NULL: not measured yet */
	double	   *leavers;		/* the same way */
	bool		leaver_on_record;
	RgtMetric  *metrics;		/* in the order of their names; NULL: not read yet */
	int			nmetrics;
	List	   *entered;		/* of EnteredSignal: see signals.c */
};

/* Names in full: a statement means the same under any search_path, and callers are free in theirs. */
#define OP(symbol) " OPERATOR(pg_catalog." #symbol ") "

/* ---- signals.c: one signal of all units ----------------------------------------------------- */

extern void *rgt_signals_array(const RgtSignals *signals, Size size, int64 n);
extern RgtSignal *rgt_signal_start(RgtSignals *signals, RgtComputed which);
extern const RgtSignal *rgt_signal_computed(RgtSignals *signals, RgtComputed which);
extern const RgtMetric *rgt_metrics(RgtSignals *signals, int *n);
extern char **rgt_signal_names(RgtSignals *signals, int *n);

extern void rgt_signal_set(RgtSignal *signal, int p, double value);

/* ---- sums.c: numbers by unit --------------------------------------------------------------- */

#define RGT_MAX_COLUMNS 5

/* Numbers of units, by position, to be added up. */
typedef struct RgtColumns
{
	const RgtTree *tree;
	int			n;
	double	   *sum[RGT_MAX_COLUMNS];
} RgtColumns;

extern RgtColumns rgt_sums_start(RgtSignals *signals, int n);
extern void rgt_sums_roll_up(RgtColumns *columns);
extern RgtColumns rgt_sums_by_unit(RgtSignals *signals, RgtQuery *query, const Datum *arguments, int n);
extern RgtColumns rgt_sums_rolled_up(RgtSignals *signals, RgtQuery *query, const Datum *arguments,
								int n);
extern void rgt_sums_free(RgtColumns *columns);

/* ---- measures.c: the signals that come from activity ------------------------------------------ */

/* A measure fills the computed signals it is named after and those that cost nothing more. */
extern void rgt_measure_activity(RgtSignals *signals);
extern void rgt_measure_actuals(RgtSignals *signals);
extern void rgt_measure_pace(RgtSignals *signals);

/* ---- people_window.c: the signals that come from people over the window ---------------------- */

extern const double *rgt_employee_days(RgtSignals *signals);
extern double rgt_average_headcount(const RgtSignals *signals, double days);
extern void rgt_measure_attrition(RgtSignals *signals);

/* ---- people.c: the signals that come from people on the day, and from customers --------------- */

extern void rgt_measure_people(RgtSignals *signals);
extern void rgt_measure_customers(RgtSignals *signals);
extern void rgt_measure_customers_per_head(RgtSignals *signals);

#endif							/* REGTARGET_HEALTH_SIGNAL_SET_H */
