/*
 * health/people.c
 *	  Computed signals from people: who is there on the day, and who has left in the window.
 *
 * See measures.h for what all computed signals have in common.
 */
#include "postgres.h"

#include "utils/datetime.h"

#include "health/measures.h"
#include "health/signal_set.h"
#include "health/staff.h"
#include "regtarget.h"
#include "units/units.h"

/* ---- the day -------------------------------------------------------------------------------- */

#define NO_SERVICE (-1)			/* whole months of service, when not known */

/* What a row of table ramp counts for, in billionths: decimal shares add up exactly. */
#define RAMP_UNIT 1e9

/* Somebody assigned on the day, and his whole months of service. */
typedef struct Person
{
	int			position;
	int			months;
} Person;

typedef struct People
{
	Person	   *person;
	int64		n;
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

/* By service, so that shares are added in the order of the ramp whatever the order of the rows. */
static int
compare_people(const void *a, const void *b)
{
	return RGT_ORDER(((const Person *) a)->months, ((const Person *) b)->months);
}

static People
present_people(RgtSignals *signals)
{
	const RgtStaff *staff = rgt_staff(signals);
	People		people = {rgt_signals_array(signals, sizeof(Person), staff->n), staff->n};

	for (int64 i = 0; i < staff->n; i++)
	{
		const RgtPresent *present = &staff->present[i];

		people.person[i].position = present->position;
		people.person[i].months = DATE_IS_NOBEGIN(present->hired_on) ? NO_SERVICE :
			whole_months(present->hired_on, signals->as_of);
	}
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
	People		people = present_people(signals);
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

/* ---- the window ------------------------------------------------------------------------------ */

/*
 * attrition_rate: leavers in the window / average headcount.  A leaver counts in the unit of his
 * last assignment begun by the day he left.  Unknown without headcount, and while no leaver before
 * the window's end is on record in the whole database: then nobody has kept the record.
 */
void
rgt_measure_attrition(RgtSignals *signals)
{
	RgtSignal  *attrition = rgt_signal_start(signals, RGT_ATTRITION_RATE);
	const RgtStaff *staff = rgt_staff(signals);

	if (!rgt_leaver_on_record(signals))
		return;
	for (int p = 0; p < signals->tree->n; p++)
	{
		if (staff->days[p] > 0)
			rgt_signal_set(attrition, p, staff->leavers[p] / rgt_average_headcount(signals, staff->days[p]));
	}
}
