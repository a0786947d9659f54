/*
 * health/customers.c
 *	  Computed signals from customers.
 *
 * See measures.h for what all computed signals have in common, churn.c for who is active and who has gone.
 */
#include "postgres.h"

#include "health/churn.h"
#include "health/measures.h"
#include "health/signal_set.h"
#include "regtarget.h"
#include "units/units.h"

/* The spans that the signals look at: today's end, the window, the last whole ISO week and those before it. */
enum
{
	TODAY, WINDOW, WEEK, WEEKS_BEFORE, SPANS = WEEKS_BEFORE + RGT_SPANS_BEFORE
};

static void
count_customers(RgtSignals *signals, RgtSpan *spans)
{
	DateADT		week_end = rgt_iso_monday(signals->as_of);

	/* Who is there on the day is who is active at the start of the next. */
	spans[TODAY] = rgt_span(signals, signals->as_of + 1, signals->as_of + 1);
	spans[WINDOW] = rgt_span(signals, signals->window_start, signals->window_end);
	for (int i = WEEK; i < SPANS; i++)
		spans[i] = rgt_span(signals, week_end - 7 * (i - WEEK + 1), week_end - 7 * (i - WEEK));
	rgt_count_churn(signals, spans, SPANS);
}

static void
set_rate(RgtSignal *rate, const RgtSpan *span, int p)
{
	if (span->active[p] > 0)
		rgt_signal_set(rate, p, span->gone[p] / span->active[p]);
}

/*
 * customers_active: acquired by the day and not gone on it.  churn_rate, weekly_churn_rate: gone in the window, in the
 * last whole ISO week before the day's own / active at the start of its first day; unknown when nobody was.  Active at
 * a day's start: acquired before it (always, when nobody wrote down when) and not gone before it: who goes on the
 * first day of a week goes in that week.  weekly_churn_count: how many went in that week; weekly_churn_certainty: how
 * far that is from what chance gives.
 */
void
rgt_measure_customers(RgtSignals *signals)
{
	RgtSpan		spans[SPANS];
	RgtSignal  *active = rgt_signal_start(signals, RGT_CUSTOMERS_ACTIVE);
	RgtSignal  *churn = rgt_signal_start(signals, RGT_CHURN_RATE);
	RgtSignal  *weekly = rgt_signal_start(signals, RGT_WEEKLY_CHURN_RATE);
	RgtSignal  *weekly_count = rgt_signal_start(signals, RGT_WEEKLY_CHURN_COUNT);
	RgtSignal  *certainty = rgt_signal_start(signals, RGT_WEEKLY_CHURN_CERTAINTY);
	double		z;

	count_customers(signals, spans);
	for (int p = 0; p < signals->tree->n; p++)
	{
		rgt_signal_set(active, p, spans[TODAY].active[p]);
		set_rate(churn, &spans[WINDOW], p);
		set_rate(weekly, &spans[WEEK], p);
		rgt_signal_set(weekly_count, p, spans[WEEK].gone[p]);
		if (rgt_churn_certainty(&spans[WEEK], &spans[WEEKS_BEFORE], RGT_SPANS_BEFORE, p, &z))
			rgt_signal_set(certainty, p, z);
	}
	for (int i = 0; i < SPANS; i++)
	{
		pfree(spans[i].active);
		pfree(spans[i].gone);
	}
}

/* customers_per_head: active customers / people assigned on the day; unknown without any. */
void
rgt_measure_customers_per_head(RgtSignals *signals, const RgtSignal *active, const RgtSignal *headcount)
{
	RgtSignal  *per_head = rgt_signal_start(signals, RGT_CUSTOMERS_PER_HEAD);

	for (int p = 0; p < signals->tree->n; p++)
	{
		if (headcount->value[p] > 0)
			rgt_signal_set(per_head, p, active->value[p] / headcount->value[p]);
	}
}
