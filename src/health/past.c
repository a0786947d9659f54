/*
 * health/past.c
 *	  Signals of days that are long past, one after another, as they were known on each.
 *
 * A signal of a day is made of what is dated up to and including it, and so the past is read as any day is, with three
 * exceptions.  A customer who is to go on a later day goes by silence meanwhile, as nobody knew that day.  Nobody inherits
 * through a unit that is yet to begin.  And pace is not known: it compares with targets as they stand today, whoever has
 * moved them since.
 */
#include "postgres.h"

#include "health/health.h"
#include "health/signal_set.h"
#include "health/staff.h"
#include "regtarget.h"

/* What all days have in common, read once. */
struct RgtPast
{
	RgtSnapshot snapshot;
	const RgtPeople *people;
	RgtTotals	totals;
	RgtKept		kept;
};

/* It lives in the current memory context. */
RgtPast *
rgt_past(RgtSnapshot snapshot)
{
	RgtPast    *past = palloc0(sizeof(RgtPast));

	past->snapshot = snapshot;
	past->people = rgt_people(snapshot);
	past->totals.context = past->kept.context = CurrentMemoryContext;
	return past;
}

/* The signals of a day, none measured yet; 55000 when no policy is in force on it. */
RgtSignals *
rgt_signals_of_past(RgtPast *past, const RgtTree *tree, DateADT as_of)
{
	RgtSignals *signals = rgt_signals(tree, as_of, past->snapshot);

	Assert(!tree->part);
	signals->replayed = true;
	signals->people = past->people;
	signals->totals = &past->totals;
	signals->kept = &past->kept;
	rgt_signal_start(signals, RGT_PACE);
	return signals;
}
