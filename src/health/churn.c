/*
 * health/churn.c
 *	  Customers who were there and customers who went, in any spans of days.
 *
 * A customer with a churned_on is gone from that day on.  Else, where the policy has churn_days, he is gone on the
 * day that is so many days after a purchase (a deal won, a revenue) unless he has bought again by then, and back on
 * the day of his next purchase; who never bought is never gone so.  What is dated after the signals' day is not
 * known yet.
 *
 * Customers are read once, and purchases once where churn_days asks for them.  Of the purchases before all spans only
 * the last matters, so that memory holds a customer's purchases within the spans and no history.
 */
#include "postgres.h"

#include <math.h>

#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/datetime.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "health/churn.h"
#include "health/signal_set.h"
#include "regtarget.h"
#include "units/units.h"

/* The days of a customer's purchases are chained, as they come in no order. */
typedef struct Purchase
{
	DateADT		day;
	int64		next;			/* -1: none */
} Purchase;

/* A customer who goes by silence. */
typedef struct Customer
{
	int64		customer_id;
	int			position;
	DateADT		acquired_on;	/* DATEVAL_NOBEGIN: always was one */
} Customer;

/* Where customers are whose keys lie far apart. */
typedef struct Place
{
	int64		customer_id;
	int64		place;
	char		status;
} Place;

#define SH_PREFIX places
#define SH_ELEMENT_TYPE Place
#define SH_KEY_TYPE int64
#define SH_KEY customer_id
#define SH_HASH_KEY(table, key) murmurhash32((uint32) ((key) ^ ((key) >> 32)))
#define SH_EQUAL(table, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/*
 * Those who go by silence, in the order in which they were read.  What each purchase looks at lies apart from the rest and
 * close together: purchases come in any order, and waiting for memory is what most of the time would go into.
 */
typedef struct Silent
{
	Customer   *customers;
	int64		n;
	int64		allocated;
	int64		least_id;
	int64		greatest_id;
	int64	   *place_of;		/* by key, from the least on; -1: nobody; NULL: keys lie far apart */
	places_hash *places;
	DateADT    *last_before;	/* the last purchase before all spans; DATEVAL_NOBEGIN: none */
	int64	   *first;			/* the chain of purchases since; -1: none */
} Silent;

/* Columns of the table that is being read; 0: not looked up yet. */
typedef struct CustomerColumns
{
	AttrNumber	customer_id;
	AttrNumber	unit_id;
	AttrNumber	acquired_on;
	AttrNumber	churned_on;
} CustomerColumns;

typedef struct PurchaseColumns
{
	AttrNumber	customer_id;
	AttrNumber	day;
	AttrNumber	won;			/* 0: all are purchases */
} PurchaseColumns;

typedef struct Counting
{
	const RgtSignals *signals;
	RgtSpan    *spans;
	int			n;
	DateADT		first;			/* of all spans */
	double	   *always;			/* customers there at the start of all spans, and never away: by position */
	bool	   *gone;			/* of the customer in hand, by span */
	bool	   *away;
	bool		absent;			/* was he ever? */
	CustomerColumns at;
	PurchaseColumns bought;
	Silent	   *silent;			/* NULL: nobody goes by silence */
	Purchase   *purchases;
	int64		npurchases;
	int64		allocated;
	DateADT    *days;			/* of the customer in hand */
	int64		ndays;
	int64		days_allocated;
} Counting;

/* The Monday of a day's ISO week. */
DateADT
rgt_iso_monday(DateADT day)
{
	return day - (j2day(day + POSTGRES_EPOCH_JDATE) + 6) % 7;
}

/* A span for rgt_count_churn() to count in. */
RgtSpan
rgt_span(const RgtSignals *signals, DateADT first, DateADT past)
{
	RgtSpan		span = {.first = first, .past = past};

	span.active = rgt_signals_array(signals, sizeof(double), signals->tree->n);
	span.gone = rgt_signals_array(signals, sizeof(double), signals->tree->n);
	return span;
}

/* ---- one customer ----------------------------------------------------------------------------- */

static void
start_customer(Counting *counting)
{
	counting->absent = false;
}

/* He went on a day, and was back on another.  Who is back on a span's first day was not there at its start. */
static void
add_absence(Counting *counting, int64 went, int64 back)
{
	if (!counting->absent)
	{
		memset(counting->gone, 0, sizeof(bool) * (Size) counting->n);
		memset(counting->away, 0, sizeof(bool) * (Size) counting->n);
	}
	counting->absent = true;
	for (int i = 0; i < counting->n; i++)
	{
		const RgtSpan *span = &counting->spans[i];

		counting->gone[i] |= went >= span->first && went < span->past;
		counting->away[i] |= went < span->first && back >= span->first;
	}
}

static void
count_customer(Counting *counting, int position, DateADT acquired_on)
{
	if (!counting->absent && acquired_on < counting->first)
	{
		counting->always[position]++;
		return;
	}
	for (int i = 0; i < counting->n; i++)
	{
		RgtSpan    *span = &counting->spans[i];

		span->active[position] += acquired_on < span->first && !(counting->absent && counting->away[i]);
		span->gone[position] += counting->absent && counting->gone[i];
	}
}

static int
compare_days(const void *a, const void *b)
{
	return RGT_ORDER(*(const DateADT *) a, *(const DateADT *) b);
}

static void
add_day(Counting *counting, DateADT day)
{
	RGT_GROW(counting->days, counting->ndays, counting->days_allocated);
	counting->days[counting->ndays++] = day;
}

/* By his purchases in their order: each makes him go after churn_days unless the next comes by then. */
static void
count_by_silence(Counting *counting, int64 place)
{
	const Customer *customer = &counting->silent->customers[place];

	counting->ndays = 0;
	if (counting->silent->last_before[place] != DATEVAL_NOBEGIN)
		add_day(counting, counting->silent->last_before[place]);
	for (int64 i = counting->silent->first[place]; i >= 0; i = counting->purchases[i].next)
		add_day(counting, counting->purchases[i].day);
	qsort(counting->days, counting->ndays, sizeof(DateADT), compare_days);
	start_customer(counting);
	for (int64 i = 0; i < counting->ndays; i++)
	{
		int64		went = (int64) counting->days[i] + counting->signals->churn_days;
		int64		back = i + 1 < counting->ndays ? counting->days[i + 1] : PG_INT64_MAX;

		if (went < back)
			add_absence(counting, went, back);
	}
	count_customer(counting, customer->position, customer->acquired_on);
}

/* ---- what is read ------------------------------------------------------------------------------- */

static DateADT
day_of(TupleTableSlot *slot, AttrNumber column, DateADT unknown)
{
	return slot->tts_isnull[column - 1] ? unknown : DatumGetDateADT(slot->tts_values[column - 1]);
}

static void
remember_customer(Silent *silent, int64 customer_id, int position, DateADT acquired_on)
{
	RGT_GROW(silent->customers, silent->n, silent->allocated);
	silent->customers[silent->n++] = (Customer) {customer_id, position, acquired_on};
	silent->least_id = Min(silent->least_id, customer_id);
	silent->greatest_id = Max(silent->greatest_id, customer_id);
}

/* Room for what is known of each, and the way from keys to them: an array where keys are numbers one after the other. */
static void
place_customers(Silent *silent)
{
	uint64		span = silent->n == 0 ? 0 : (uint64) silent->greatest_id - (uint64) silent->least_id + 1;
	Size		n = Max(silent->n, 1);
	bool		found;

	silent->last_before = palloc_extended(sizeof(DateADT) * n, MCXT_ALLOC_HUGE);
	silent->first = palloc_extended(sizeof(int64) * n, MCXT_ALLOC_HUGE);
	if (span <= 4 * (uint64) n)
	{
		silent->place_of = palloc_extended(sizeof(int64) * Max(span, 1), MCXT_ALLOC_HUGE);
		memset(silent->place_of, -1, sizeof(int64) * span);
	}
	else
		silent->places = places_create(CurrentMemoryContext, Min(n, PG_UINT32_MAX / 2), NULL);
	for (int64 i = 0; i < silent->n; i++)
	{
		silent->last_before[i] = DATEVAL_NOBEGIN;
		silent->first[i] = -1;
		if (silent->place_of != NULL)
			silent->place_of[silent->customers[i].customer_id - silent->least_id] = i;
		else
			places_insert(silent->places, silent->customers[i].customer_id, &found)->place = i;
	}
}

/* Where a customer is; -1: he does not go by silence, or is in no unit that is asked about. */
static inline int64
find_place(const Silent *silent, int64 customer_id)
{
	Place	   *place;

	if (customer_id < silent->least_id || customer_id > silent->greatest_id)
		return -1;
	if (silent->place_of != NULL)
		return silent->place_of[customer_id - silent->least_id];
	place = places_lookup(silent->places, customer_id);
	return place == NULL ? -1 : place->place;
}

static void
read_customer(TupleTableSlot *slot, void *arg)
{
	Counting   *counting = arg;
	DateADT		acquired_on;
	DateADT		churned_on;
	int			p;

	if (counting->at.unit_id == 0)
	{
		counting->at.customer_id = rgt_attnum(slot->tts_tupleDescriptor, "customer_id");
		counting->at.unit_id = rgt_attnum(slot->tts_tupleDescriptor, "unit_id");
		counting->at.acquired_on = rgt_attnum(slot->tts_tupleDescriptor, "acquired_on");
		counting->at.churned_on = rgt_attnum(slot->tts_tupleDescriptor, "churned_on");
	}
	p = rgt_tree_find(counting->signals->tree, DatumGetInt32(slot->tts_values[counting->at.unit_id - 1]));
	if (p < 0)
		return;
	acquired_on = day_of(slot, counting->at.acquired_on, DATEVAL_NOBEGIN);
	churned_on = day_of(slot, counting->at.churned_on, DATEVAL_NOEND);
	/* Where the past is replayed, it is not known yet that he will go: until then he goes as others do. */
	if (counting->signals->replayed && churned_on > counting->signals->as_of)
		churned_on = DATEVAL_NOEND;
	if (counting->silent != NULL && DATE_IS_NOEND(churned_on))
	{
		remember_customer(counting->silent, DatumGetInt64(slot->tts_values[counting->at.customer_id - 1]), p, acquired_on);
		return;
	}
	start_customer(counting);
	if (!DATE_IS_NOEND(churned_on))
		add_absence(counting, churned_on, PG_INT64_MAX);
	count_customer(counting, p, acquired_on);
}

static void
add_purchase(Counting *counting, int64 place, DateADT day)
{
	Silent	   *silent = counting->silent;

	if (day < counting->first)
	{
		silent->last_before[place] = Max(silent->last_before[place], day);
		return;
	}
	RGT_GROW(counting->purchases, counting->npurchases, counting->allocated);
	counting->purchases[counting->npurchases] = (Purchase) {day, silent->first[place]};
	silent->first[place] = counting->npurchases++;
}

static void
read_purchase(TupleTableSlot *slot, void *arg)
{
	Counting   *counting = arg;
	const PurchaseColumns *at = &counting->bought;
	int64		place;
	DateADT		day;

	if (slot->tts_isnull[at->customer_id - 1] || slot->tts_isnull[at->day - 1] ||
		(at->won != 0 && (slot->tts_isnull[at->won - 1] || !DatumGetBool(slot->tts_values[at->won - 1]))))
		return;
	day = DatumGetDateADT(slot->tts_values[at->day - 1]);
	if (day > counting->signals->as_of)
		return;
	place = find_place(counting->silent, DatumGetInt64(slot->tts_values[at->customer_id - 1]));
	if (place >= 0)
		add_purchase(counting, place, day);
}

static void
read_purchases(Counting *counting, const char *table, const char *day, const char *won, Snapshot snapshot)
{
	PurchaseColumns *at = &counting->bought;

	at->customer_id = rgt_column(table, "customer_id");
	at->day = rgt_column(table, day);
	at->won = won != NULL ? rgt_column(table, won) : 0;
	rgt_each_stored(table, snapshot, Max(Max(at->customer_id, at->day), at->won), read_purchase, counting);
}

/* ---- all of it ------------------------------------------------------------------------------------ */

static void
start_silence(Counting *counting)
{
	Silent	   *silent = palloc0(sizeof(Silent));

	silent->allocated = 1024;
	silent->customers = palloc(sizeof(Customer) * (Size) silent->allocated);
	silent->least_id = PG_INT64_MAX;
	silent->greatest_id = PG_INT64_MIN;
	counting->silent = silent;
	counting->allocated = 1024;
	counting->purchases = palloc(sizeof(Purchase) * (Size) counting->allocated);
	counting->days_allocated = 64;
	counting->days = palloc(sizeof(DateADT) * (Size) counting->days_allocated);
}

static void
count_silent(Counting *counting, Snapshot snapshot)
{
	place_customers(counting->silent);
	read_purchases(counting, "deals", "closed_on", "won", snapshot);
	read_purchases(counting, "revenues", "booked_on", NULL, snapshot);
	for (int64 i = 0; i < counting->silent->n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		count_by_silence(counting, i);
	}
}

/* Count active and gone customers in spans that end by the signals' day or the day after it. */
void
rgt_count_churn(RgtSignals *signals, RgtSpan *spans, int n)
{
	Counting	counting = {.signals = signals, .spans = spans, .n = n, .first = DATEVAL_NOEND};
	Snapshot	snapshot = rgt_snapshot(signals->snapshot);
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "regtarget customers", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);

	for (int i = 0; i < n; i++)
		counting.first = Min(counting.first, spans[i].first);
	counting.always = palloc0(sizeof(double) * (Size) Max(signals->tree->n, 1));
	counting.gone = palloc0(sizeof(bool) * (Size) n);
	counting.away = palloc0(sizeof(bool) * (Size) n);
	if (signals->churn_days > 0)
		start_silence(&counting);
	rgt_each_stored_of("customers", "unit_id", rgt_signal_units(signals), signals->tree->n, snapshot,
					   read_customer, &counting);
	if (signals->churn_days > 0)
		count_silent(&counting, snapshot);
	UnregisterSnapshot(snapshot);
	for (int p = 0; p < signals->tree->n; p++)
	{
		for (int i = 0; i < n; i++)
			spans[i].active[p] += counting.always[p];
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	for (int i = 0; i < n; i++)
	{
		rgt_tree_sum_up(signals->tree, spans[i].active);
		rgt_tree_sum_up(signals->tree, spans[i].gone);
	}
}

/* Active and gone customers of spans that other rooms name, in one reading. */
void
rgt_churn_of_spans(RgtSignals *signals, RgtChurnSpan *spans, int n)
{
	RgtSpan    *counted = palloc(sizeof(RgtSpan) * Max(n, 1));

	for (int i = 0; i < n; i++)
		counted[i] = rgt_span(signals, spans[i].first, spans[i].past);
	rgt_count_churn(signals, counted, n);
	for (int i = 0; i < n; i++)
	{
		spans[i].active = counted[i].active;
		spans[i].gone = counted[i].gone;
	}
	pfree(counted);
}

/* ---- how far from chance ---------------------------------------------------------------------------- */

/*
 * z = (x - m) / sqrt(phi m (1 + 1/k)): x gone in a span, m the mean of the k spans before it that began with
 * customers, each taken at its own rate and the customers active at the start of x's, phi = max(1, sum (v - m)^2 /
 * (m (k - 1))).  False when it cannot be known: fewer than four spans, or nobody ever went in them.  Sums run from the
 * nearest span backwards, so that the bits are the same everywhere.
 */
bool
rgt_churn_certainty(const RgtSpan *span, const RgtSpan *before, int nbefore, int position, double *z)
{
	double		v[RGT_SPANS_BEFORE];
	double		mean = 0;
	double		spread = 0;
	int			k = 0;

	Assert(nbefore <= RGT_SPANS_BEFORE);
	for (int i = 0; i < nbefore; i++)
	{
		if (before[i].active[position] <= 0)
			continue;
		v[k] = before[i].gone[position] / before[i].active[position] * span->active[position];
		mean += v[k++];
	}
	if (k < RGT_SPANS_LEAST || mean <= 0)
		return false;
	mean /= k;
	for (int i = 0; i < k; i++)
		spread += (v[i] - mean) * (v[i] - mean);
	*z = (span->gone[position] - mean) / sqrt(Max(1.0, spread / (mean * (k - 1))) * mean * (1 + 1.0 / k));
	return true;
}

/* Does the policy of the day say that whoever does not buy is gone in the end? */
bool
rgt_goes_by_silence(const RgtSignals *signals)
{
	return signals->churn_days > 0;
}

/* A span, that before it, which it is compared with, and those before, by which chance is judged. */
#define SPANS (1 + RGT_SPANS_BEFORE)

static RgtChurn
churn_of(RgtSignals *signals, const RgtSpan *spans)
{
	RgtChurn	churn = {.first = spans[0].first, .past = spans[0].past, .by_silence = rgt_goes_by_silence(signals)};

	churn.active = spans[0].active;
	churn.gone = spans[0].gone;
	churn.active_before = spans[1].active;
	churn.gone_before = spans[1].gone;
	churn.certainty = rgt_signal_unknown(signals);
	for (int p = 0; p < signals->tree->n; p++)
		churn.certainty.known[p] = rgt_churn_certainty(&spans[0], &spans[1], RGT_SPANS_BEFORE, p, &churn.certainty.value[p]);
	return churn;
}

/*
 * Churn of the last whole ISO weeks before the day, so many together, against those before: of each of n numbers of weeks, by
 * one reading for all.
 */
RgtChurn *
rgt_churn(RgtSignals *signals, const int *weeks, int n)
{
	RgtSpan    *spans = palloc(sizeof(RgtSpan) * SPANS * (Size) Max(n, 1));
	RgtChurn   *churn = rgt_signals_array(signals, sizeof(RgtChurn), Max(n, 1));
	DateADT		past = rgt_iso_monday(signals->as_of);

	for (int i = 0; i < n * SPANS; i++)
	{
		int			days = 7 * weeks[i / SPANS];

		spans[i] = rgt_span(signals, past - days * (i % SPANS + 1), past - days * (i % SPANS));
	}
	rgt_count_churn(signals, spans, n * SPANS);
	for (int i = 0; i < n; i++)
		churn[i] = churn_of(signals, &spans[i * SPANS]);
	pfree(spans);
	return churn;
}
