/*
 * health/people.c
 *	  Computed signals from people on the day, and from customers.
 *
 * See measures.c for what all computed signals have in common.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/datetime.h"

#include "health/health.h"
#include "health/signal_set.h"
#include "regtarget.h"
#include "units/units.h"

/* ---- the day: people ------------------------------------------------------------------------ */

#define NO_SERVICE (-1)			/* whole months of service, when not known */

/* What a row of table ramp counts for, in billionths: decimal shares add up exactly. */
#define RAMP_UNIT 1e9

typedef struct Person
{
	int			position;
	int			months;
} Person;

/* Everybody who is assigned on the day. */
typedef struct People
{
	const RgtSignals *signals;
	Person	   *person;
	int64		n;
	int64		allocated;
} People;

typedef struct RampRow
{
	int			months;
	double		share;
} RampRow;

typedef struct Ramp
{
	RampRow    *row;
	int			n;
} Ramp;

/* Whole months between two days, as age() counts them; 0 when the first is yet to come. */
static int
whole_months(DateADT from, DateADT to)
{
	int			year[2];
	int			month[2];
	int			day[2];

	if (from > to)
		return 0;
	j2date(from + POSTGRES_EPOCH_JDATE, &year[0], &month[0], &day[0]);
	j2date(to + POSTGRES_EPOCH_JDATE, &year[1], &month[1], &day[1]);
	return (year[1] - year[0]) * MONTHS_PER_YEAR + month[1] - month[0] - (day[1] < day[0]);
}

/* RgtColumns: unit_id, hired_on. */
static void
add_person(TupleTableSlot *slot, void *arg)
{
	People	   *people = arg;
	int			p = rgt_tree_find(people->signals->tree, DatumGetInt32(slot->tts_values[0]));

	if (p < 0)
		return;
	RGT_GROW(people->person, people->n, people->allocated);
	people->person[people->n].position = p;
	people->person[people->n++].months = slot->tts_isnull[1] ? NO_SERVICE :
		whole_months(DatumGetDateADT(slot->tts_values[1]), people->signals->as_of);
}

/* By service, so that shares are added in the order of the ramp whatever the order of the rows. */
static int
compare_people(const void *a, const void *b)
{
	return RGT_ORDER(((const Person *) a)->months, ((const Person *) b)->months);
}

static People
read_people(RgtSignals *signals)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT a.unit_id, e.hired_on FROM regtarget.assignments a "
		"JOIN regtarget.employees e ON e.employee_id" OP(=) "a.employee_id "
		"WHERE a.during" OP(@>) "$1 AND (e.left_on IS NULL OR e.left_on" OP(>=) "$1)",
		DATEOID);
	Datum		as_of = DateADTGetDatum(signals->as_of);
	People		people = {signals, NULL, 0, 1024};

	people.person = rgt_signals_array(signals, sizeof(Person), people.allocated);
	rgt_run(&query, signals->snapshot, &as_of, NULL, add_person, &people);
	qsort(people.person, people.n, sizeof(Person), compare_people);
	return people;
}

static void
add_ramp_row(TupleTableSlot *slot, void *arg)
{
	Ramp	   *ramp = arg;

	ramp->row = repalloc(ramp->row, sizeof(RampRow) * (Size) (ramp->n + 1));
	ramp->row[ramp->n].months = DatumGetInt32(slot->tts_values[0]);
	ramp->row[ramp->n++].share = DatumGetFloat8(slot->tts_values[1]);
}

static Ramp
read_ramp(const RgtSignals *signals)
{
	static RgtQuery query = RGT_QUERY0(
		"SELECT months_of_service, (share" OP(*) "1e9)::pg_catalog.float8 FROM regtarget.ramp "
		"ORDER BY months_of_service");
	Ramp		ramp = {rgt_signals_array(signals, sizeof(RampRow), 1), 0};

	rgt_run(&query, signals->snapshot, NULL, NULL, add_ramp_row, &ramp);
	return ramp;
}

/* What everybody counts for: the greatest row not above his months, else the lowest row. */
static double *
sum_capacity(RgtSignals *signals, const People *people)
{
	double	   *capacity = rgt_signals_array(signals, sizeof(double), signals->tree->n);
	Ramp		ramp = read_ramp(signals);
	int			row = 0;

	for (int64 i = 0; i < people->n; i++)
	{
		const Person *person = &people->person[i];

		while (row + 1 < ramp.n && ramp.row[row + 1].months <= person->months)
			row++;
		capacity[person->position] +=
			ramp.n == 0 || person->months == NO_SERVICE ? RAMP_UNIT : ramp.row[row].share;
	}
	pfree(ramp.row);
	rgt_tree_sum_up(signals->tree, capacity);
	return capacity;
}

/*
 * headcount: people assigned on the day who have not left before it.  capacity: the same, each
 * counted by the ramp; in full when his first day is not known.  tenure: the mean of their whole
 * months of service, over those whose first day is known; unknown when there is none.
 */
void
rgt_measure_people(RgtSignals *signals)
{
	const RgtTree *tree = signals->tree;
	RgtSignal  *headcount = rgt_signal_start(signals, RGT_HEADCOUNT);
	RgtSignal  *capacity = rgt_signal_start(signals, RGT_CAPACITY);
	RgtSignal  *tenure = rgt_signal_start(signals, RGT_TENURE);
	double	   *served = rgt_signals_array(signals, sizeof(double), tree->n);
	People		people = read_people(signals);
	double	   *billionths = sum_capacity(signals, &people);

	for (int64 i = 0; i < people.n; i++)
	{
		const Person *person = &people.person[i];

		headcount->value[person->position] += 1;
		if (person->months == NO_SERVICE)
			continue;
		served[person->position] += 1;
		tenure->value[person->position] += person->months;
	}
	rgt_tree_sum_up(tree, headcount->value);
	rgt_tree_sum_up(tree, served);
	rgt_tree_sum_up(tree, tenure->value);
	for (int p = 0; p < tree->n; p++)
	{
		headcount->known[p] = true;
		rgt_signal_set(capacity, p, billionths[p] / RAMP_UNIT);
		if (served[p] > 0)
			rgt_signal_set(tenure, p, tenure->value[p] / served[p]);
	}
	pfree(billionths);
	pfree(people.person);
	pfree(served);
}

/* ---- customers ------------------------------------------------------------------------------ */

enum
{
	ACTIVE_TODAY, ACTIVE_AT_WINDOW, GONE_IN_WINDOW, ACTIVE_AT_WEEK, GONE_IN_WEEK, CUSTOMER_COLUMNS
};

/* The Monday of a day's ISO week. */
static DateADT
iso_monday(DateADT day)
{
	return day - (j2day(day + POSTGRES_EPOCH_JDATE) + 6) % 7;
}

/*
 * customers_active: acquired by the day and not gone on it.  churn_rate, weekly_churn_rate: gone in
 * the window, in the last whole ISO week before the day's own / active at the start of its first
 * day; unknown when nobody was.  Active at a day's start: acquired before it (always, when nobody
 * wrote down when) and not gone before it: who goes on the first day of a week goes in that week.
 *
 * The inner query says from when to when each customer is one.
 */
void
rgt_measure_customers(RgtSignals *signals)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT unit_id, "
		"pg_catalog.count(*) FILTER (WHERE acquired" OP(<=) "$1 AND gone" OP(>) "$1), "
		"pg_catalog.count(*) FILTER (WHERE acquired" OP(<) "$2 AND gone" OP(>=) "$2), "
		"pg_catalog.count(*) FILTER (WHERE gone" OP(>=) "$2 AND gone" OP(<) "$3), "
		"pg_catalog.count(*) FILTER (WHERE acquired" OP(<) "$4 AND gone" OP(>=) "$4), "
		"pg_catalog.count(*) FILTER (WHERE gone" OP(>=) "$4 AND gone" OP(<) "$5) "
		"FROM (SELECT unit_id, COALESCE(acquired_on, '-infinity') AS acquired, "
		"COALESCE(churned_on, 'infinity') AS gone FROM regtarget.customers) c "
		"GROUP BY unit_id",
		DATEOID, DATEOID, DATEOID, DATEOID, DATEOID);
	DateADT		monday = iso_monday(signals->as_of);
	Datum		arguments[5] = {DateADTGetDatum(signals->as_of),
		DateADTGetDatum(signals->window_start), DateADTGetDatum(signals->window_end),
	DateADTGetDatum(monday - 7), DateADTGetDatum(monday)};
	RgtColumns	counts = rgt_sums_rolled_up(signals, &query, arguments, CUSTOMER_COLUMNS);
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
	rgt_sums_free(&counts);
}

/* customers_per_head: active customers / people assigned on the day; unknown without any. */
void
rgt_measure_customers_per_head(RgtSignals *signals)
{
	const RgtSignal *active = rgt_signal_computed(signals, RGT_CUSTOMERS_ACTIVE);
	const RgtSignal *headcount = rgt_signal_computed(signals, RGT_HEADCOUNT);
	RgtSignal  *per_head = rgt_signal_start(signals, RGT_CUSTOMERS_PER_HEAD);

	for (int p = 0; p < signals->tree->n; p++)
	{
		if (headcount->value[p] > 0)
			rgt_signal_set(per_head, p, active->value[p] / headcount->value[p]);
	}
}
