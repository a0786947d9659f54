/*
 * health/customers.c
 *	  Computed signals from customers.
 *
 * See measures.h for what all computed signals have in common.
 */
#include "postgres.h"

#include "utils/datetime.h"
#include "utils/snapmgr.h"

#include "health/measures.h"
#include "health/signal_set.h"
#include "regtarget.h"
#include "units/units.h"

enum
{
	ACTIVE_TODAY, ACTIVE_AT_WINDOW, GONE_IN_WINDOW, ACTIVE_AT_WEEK, GONE_IN_WEEK, CUSTOMER_COLUMNS
};

typedef struct Counting
{
	const RgtSignals *signals;
	DateADT		week;			/* the Monday of the last whole week, */
	DateADT		week_end;		/* and of the day's own */
	RgtColumns	counts;
	AttrNumber	unit_id;		/* columns of the table; 0: not looked up yet */
	AttrNumber	acquired_on;
	AttrNumber	churned_on;
} Counting;

/* The Monday of a day's ISO week. */
static DateADT
iso_monday(DateADT day)
{
	return day - (j2day(day + POSTGRES_EPOCH_JDATE) + 6) % 7;
}

static DateADT
day_of(TupleTableSlot *slot, AttrNumber column, DateADT unknown)
{
	return slot->tts_isnull[column - 1] ? unknown : DatumGetDateADT(slot->tts_values[column - 1]);
}

static void
count_customer(TupleTableSlot *slot, void *arg)
{
	Counting   *counting = arg;
	const RgtSignals *signals = counting->signals;
	double	  **count = counting->counts.sum;
	DateADT		acquired;
	DateADT		gone;
	int			p;

	if (counting->unit_id == 0)
	{
		counting->unit_id = rgt_attnum(slot->tts_tupleDescriptor, "unit_id");
		counting->acquired_on = rgt_attnum(slot->tts_tupleDescriptor, "acquired_on");
		counting->churned_on = rgt_attnum(slot->tts_tupleDescriptor, "churned_on");
	}
	p = rgt_tree_find(signals->tree, DatumGetInt32(slot->tts_values[counting->unit_id - 1]));
	if (p < 0)
		return;
	acquired = day_of(slot, counting->acquired_on, DATEVAL_NOBEGIN);
	gone = day_of(slot, counting->churned_on, DATEVAL_NOEND);
	count[ACTIVE_TODAY][p] += acquired <= signals->as_of && gone > signals->as_of;
	count[ACTIVE_AT_WINDOW][p] += acquired < signals->window_start && gone >= signals->window_start;
	count[GONE_IN_WINDOW][p] += gone >= signals->window_start && gone < signals->window_end;
	count[ACTIVE_AT_WEEK][p] += acquired < counting->week && gone >= counting->week;
	count[GONE_IN_WEEK][p] += gone >= counting->week && gone < counting->week_end;
}

static RgtColumns
count_customers(RgtSignals *signals)
{
	Counting	counting = {.signals = signals, .counts = rgt_columns(signals, CUSTOMER_COLUMNS)};
	Snapshot	snapshot = rgt_snapshot(signals->snapshot);

	counting.week_end = iso_monday(signals->as_of);
	counting.week = counting.week_end - 7;
	rgt_each_stored_of("customers", "unit_id", rgt_signal_units(signals), signals->tree->n, snapshot,
					   count_customer, &counting);
	UnregisterSnapshot(snapshot);
	rgt_columns_roll_up(&counting.counts);
	return counting.counts;
}

/*
 * customers_active: acquired by the day and not gone on it.  churn_rate, weekly_churn_rate: gone in
 * the window, in the last whole ISO week before the day's own / active at the start of its first
 * day; unknown when nobody was.  Active at a day's start: acquired before it (always, when nobody
 * wrote down when) and not gone before it: who goes on the first day of a week goes in that week.
 */
void
rgt_measure_customers(RgtSignals *signals)
{
	RgtColumns	counts = count_customers(signals);
	double	  **count = counts.sum;
	RgtSignal  *active = rgt_signal_start(signals, RGT_CUSTOMERS_ACTIVE);
	RgtSignal  *churn = rgt_signal_start(signals, RGT_CHURN_RATE);
	RgtSignal  *weekly = rgt_signal_start(signals, RGT_WEEKLY_CHURN_RATE);

	for (int p = 0; p < signals->tree->n; p++)
	{
		rgt_signal_set(active, p, count[ACTIVE_TODAY][p]);
		if (count[ACTIVE_AT_WINDOW][p] > 0)
			rgt_signal_set(churn, p, count[GONE_IN_WINDOW][p] / count[ACTIVE_AT_WINDOW][p]);
		if (count[ACTIVE_AT_WEEK][p] > 0)
			rgt_signal_set(weekly, p, count[GONE_IN_WEEK][p] / count[ACTIVE_AT_WEEK][p]);
	}
	rgt_columns_free(&counts);
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
