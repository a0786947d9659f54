/*
 * units/periods.c
 *	  Periods in their order: the locks of whoever publishes or closes, the period that follows, and those that are over.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "regtarget.h"
#include "units/units.h"

/*
 * Lock the periods up to and including the one that begins on `last`, from the earliest on that has a
 * live plan to publish or to close: whoever publishes or closes is one after the other, and in order.
 */
void
rgt_lock_periods(DateADT last)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT FROM regtarget.periods q WHERE lower(q.during) <= $1 AND lower(q.during) >= coalesce("
		"(SELECT min(lower(o.during)) FROM regtarget.plans p JOIN regtarget.periods o ON o.period = p.period "
		"WHERE p.mode = 'live' AND p.status <> 'closed' AND lower(o.during) <= $1), $1) "
		"ORDER BY lower(q.during) FOR UPDATE", DATEOID);
	Datum		argument = DateADTGetDatum(last);

	rgt_run(&query, RGT_FRESH, &argument, NULL, NULL, NULL);
}

/*
 * Nobody closes a period that ends after a day while we are at it: whoever does has its row for himself.
 */
void
rgt_hold_periods(DateADT day)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT FROM regtarget.periods q WHERE pg_catalog.upper(q.during) OPERATOR(pg_catalog.>) $1 "
		"ORDER BY pg_catalog.lower(q.during) FOR SHARE", DATEOID);
	Datum		argument = DateADTGetDatum(day);

	rgt_run(&query, RGT_FRESH, &argument, NULL, NULL, NULL);
}

typedef struct PlanIds
{
	int64	   *ids;
	int			n;
	int			allocated;
} PlanIds;

static void
add_plan(TupleTableSlot *slot, void *arg)
{
	PlanIds    *plans = arg;

	RGT_GROW(plans->ids, plans->n, plans->allocated);
	plans->ids[plans->n++] = DatumGetInt64(slot->tts_values[0]);
}

/*
 * With their periods locked, lock the published live plans of periods that begin before `end`, so that
 * nobody is in the middle of a request; returns the plans, by plan_id.
 */
int64 *
rgt_lock_open_plans(DateADT end, int *n)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT p.plan_id FROM regtarget.plans p JOIN regtarget.periods q ON q.period = p.period "
		"WHERE p.mode = 'live' AND p.status = 'published' AND lower(q.during) < $1 ORDER BY p.plan_id", DATEOID);
	Datum		argument = DateADTGetDatum(end);
	PlanIds		plans = {palloc(sizeof(int64) * 8), 0, 8};

	rgt_run(&query, RGT_LATEST, &argument, NULL, add_plan, &plans);
	for (int i = 0; i < plans.n; i++)
		rgt_lock_plan(plans.ids[i], ExclusiveLock);
	*n = plans.n;
	return plans.ids;
}

/* The period that follows; false when there is none. */
bool
rgt_next_period(const RgtPeriod *period, RgtSnapshot snapshot, RgtPeriod *next)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT period, pg_catalog.lower(during), pg_catalog.upper(during) FROM regtarget.periods "
		"WHERE pg_catalog.lower(during) OPERATOR(pg_catalog.>=) $1 ORDER BY pg_catalog.lower(during) LIMIT 1", DATEOID);
	Datum		argument = DateADTGetDatum(period->end);
	Datum		values[3];
	bool		isnull[3];

	if (!rgt_one(&query, snapshot, &argument, NULL, values, isnull, 3))
		return false;
	next->period = DatumGetTextPP(values[0]);
	next->first = DatumGetDateADT(values[1]);
	next->end = DatumGetDateADT(values[2]);
	return true;
}

/* ---- a span of them ---------------------------------------------------------------------------- */

typedef struct Reading
{
	RgtPeriods	periods;
	int			allocated;
	DateADT		today;
	MemoryContext context;
} Reading;

/* Columns: period, its first day, the day after its last. */
static void
add_period(TupleTableSlot *slot, void *arg)
{
	Reading    *reading = arg;
	RgtPeriods *periods = &reading->periods;
	MemoryContext old;

	if (DatumGetDateADT(slot->tts_values[2]) > reading->today)
	{
		periods->running++;
		return;
	}
	old = MemoryContextSwitchTo(reading->context);
	RGT_GROW(periods->period, periods->n, reading->allocated);
	periods->period[periods->n++] = (RgtPeriod) {
		DatumGetTextPCopy(slot->tts_values[0]), DatumGetDateADT(slot->tts_values[1]), DatumGetDateADT(slot->tts_values[2])
	};
	MemoryContextSwitchTo(old);
}

/* From one to another those that are over today, in their order; in the current memory context. */
RgtPeriods
rgt_periods_over(const RgtPeriod *from, const RgtPeriod *to)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT period, pg_catalog.lower(during), pg_catalog.upper(during) FROM regtarget.periods "
		"WHERE pg_catalog.lower(during) OPERATOR(pg_catalog.>=) $1 AND pg_catalog.lower(during) OPERATOR(pg_catalog.<=) $2 "
		"ORDER BY pg_catalog.lower(during)", DATEOID, DATEOID);
	Datum		days[2] = {DateADTGetDatum(from->first), DateADTGetDatum(to->first)};
	Reading		reading = {.allocated = 16, .today = rgt_today_of(RGT_CALLER), .context = CurrentMemoryContext};

	reading.periods.period = palloc(sizeof(RgtPeriod) * reading.allocated);
	rgt_run(&query, RGT_CALLER, days, NULL, add_period, &reading);
	return reading.periods;
}
