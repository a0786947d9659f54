/*
 * health/people_window.c
 *	  Computed signals from people over the window: the average headcount, and how many left.
 *
 * Two reads, of people and of their assignments, and both figures from them.  Statements that
 * join and group the same cost several times as much, and every report of health pays for it.  The history
 * of assignments is read, too, as it is not much longer than those of today.
 *
 * See measures.c for what all computed signals have in common.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "utils/memutils.h"
#include "utils/rangetypes.h"
#include "utils/snapmgr.h"
#include "utils/typcache.h"

#include "health/health.h"
#include "health/signal_set.h"
#include "regtarget.h"
#include "units/units.h"

/* Everybody, when he left, and of those who left the last assignment begun by then. */
typedef struct Person
{
	int32		employee_id;
	DateADT		left_on;		/* DATEVAL_NOEND: not before the window's end */
	DateADT		since;
	int32		unit_id;
	bool		assigned;
	char		status;
} Person;

#define SH_PREFIX people
#define SH_ELEMENT_TYPE Person
#define SH_KEY_TYPE int32
#define SH_KEY employee_id
#define SH_HASH_KEY(table, key) murmurhash32((uint32) (key))
#define SH_EQUAL(table, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

typedef struct Window
{
	RgtSignals *signals;
	people_hash *people;
	TypeCacheEntry *range;
	AttrNumber	employee_id;	/* in the table that is read */
	AttrNumber	left_on;
	AttrNumber	unit_id;
	AttrNumber	during;
	RgtColumns	columns;
} Window;

enum
{
	DAYS, GONE, WINDOW_COLUMNS
};

static void
add_person(TupleTableSlot *slot, void *arg)
{
	Window	   *window = arg;
	Person	   *person;
	bool		found;

	if (window->left_on == 0)
	{
		window->employee_id = rgt_attnum(slot->tts_tupleDescriptor, "employee_id");
		window->left_on = rgt_attnum(slot->tts_tupleDescriptor, "left_on");
	}
	person = people_insert(window->people, DatumGetInt32(slot->tts_values[window->employee_id - 1]), &found);
	person->assigned = false;
	person->left_on = DATEVAL_NOEND;
	if (slot->tts_isnull[window->left_on - 1] ||
		DatumGetDateADT(slot->tts_values[window->left_on - 1]) >= window->signals->window_end)
		return;
	person->left_on = DatumGetDateADT(slot->tts_values[window->left_on - 1]);
	window->signals->leaver_on_record = true;
}

/* An assignment that its employee had begun by the day he left. */
static void
keep_last(Person *person, int32 unit_id, DateADT since)
{
	if (person->assigned && person->since > since)
		return;
	person->assigned = true;
	person->unit_id = unit_id;
	person->since = since;
}

static DateADT
bound_of(const RangeBound *bound, DateADT infinite)
{
	return bound->infinite ? infinite : DatumGetDateADT(bound->val);
}

static void
add_assignment(TupleTableSlot *slot, void *arg)
{
	Window	   *window = arg;
	const RgtSignals *signals = window->signals;
	RangeBound	lower;
	RangeBound	upper;
	bool		empty;
	DateADT		since;
	DateADT		past;
	DateADT		first;
	int32		unit_id;
	Person	   *person;
	int			p;

	if (window->during == 0)
	{
		window->employee_id = rgt_attnum(slot->tts_tupleDescriptor, "employee_id");
		window->unit_id = rgt_attnum(slot->tts_tupleDescriptor, "unit_id");
		window->during = rgt_attnum(slot->tts_tupleDescriptor, "during");
	}
	range_deserialize(window->range, DatumGetRangeTypeP(slot->tts_values[window->during - 1]), &lower, &upper, &empty);
	if (empty)
		return;
	unit_id = DatumGetInt32(slot->tts_values[window->unit_id - 1]);
	since = bound_of(&lower, DATEVAL_NOBEGIN);
	past = Min(bound_of(&upper, DATEVAL_NOEND), signals->window_end);
	person = people_lookup(window->people, DatumGetInt32(slot->tts_values[window->employee_id - 1]));
	if (person == NULL)
		return;					/* a loose end, which verify() names */
	if (!DATE_IS_NOEND(person->left_on))
	{
		past = Min(past, person->left_on + 1);
		if (since <= person->left_on)
			keep_last(person, unit_id, since);
	}
	first = Max(since, signals->window_start);
	p = past > first ? rgt_tree_find(signals->tree, unit_id) : -1;
	if (p >= 0)
		window->columns.sum[DAYS][p] += past - first;
}

/* In the unit of his last assignment. */
static void
count_leavers(Window *window)
{
	people_iterator iterator;
	Person	   *person;

	people_start_iterate(window->people, &iterator);
	while ((person = people_iterate(window->people, &iterator)) != NULL)
	{
		int			p = person->assigned && person->left_on >= window->signals->window_start ?
			rgt_tree_find(window->signals->tree, person->unit_id) : -1;

		if (p >= 0)
			window->columns.sum[GONE][p]++;
	}
}

/* The window's people, measured once. */
static void
measure_window(RgtSignals *signals)
{
	Window		window = {.signals = signals};
	MemoryContext context;
	Snapshot	snapshot;

	if (signals->employee_days != NULL)
		return;
	context = AllocSetContextCreate(CurrentMemoryContext, "regtarget people", ALLOCSET_DEFAULT_SIZES);
	window.range = lookup_type_cache(DATERANGEOID, TYPECACHE_RANGE_INFO);
	window.people = people_create(context, 1024, NULL);
	window.columns = rgt_sums_start(signals, WINDOW_COLUMNS);
	snapshot = rgt_snapshot(signals->snapshot);
	rgt_each_stored("employees", snapshot, 0, add_person, &window);
	rgt_each_stored("assignments", snapshot, 0, add_assignment, &window);
	UnregisterSnapshot(snapshot);
	count_leavers(&window);
	rgt_sums_roll_up(&window.columns);
	signals->employee_days = window.columns.sum[DAYS];
	signals->leavers = window.columns.sum[GONE];
	MemoryContextDelete(context);
}

/*
 * Employee-days in the window, rolled up: each assignment's days in it, none after the last day of
 * work.  Divided by the days of the window they are the average headcount.
 */
const double *
rgt_employee_days(RgtSignals *signals)
{
	measure_window(signals);
	return signals->employee_days;
}

/* The average headcount of a unit in the window, of its employee-days. */
double
rgt_average_headcount(const RgtSignals *signals, double days)
{
	return days / (signals->window_end - signals->window_start);
}

/*
 * attrition_rate: leavers in the window / average headcount.  A leaver counts in the unit of his
 * last assignment begun by the day he left.  Unknown without headcount, and while no leaver before
 * the window's end is on record in the whole database: then nobody has kept the record.
 */
void
rgt_measure_attrition(RgtSignals *signals)
{
	RgtSignal  *attrition = rgt_signal_start(signals, RGT_ATTRITION_RATE);

	measure_window(signals);
	if (!signals->leaver_on_record)
		return;
	for (int p = 0; p < signals->tree->n; p++)
	{
		double		days = signals->employee_days[p];

		if (days > 0)
			rgt_signal_set(attrition, p, signals->leavers[p] / rgt_average_headcount(signals, days));
	}
}
