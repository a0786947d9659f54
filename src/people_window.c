/*
 * people_window.c
 *	  Computed signals from people over the window: the average headcount, and how many left.
 *
 * Two reads, of those who have left and of all assignments, and both figures from them.  Statements that
 * join and group the same cost several times as much, and every report of health pays for it.  The history
 * of assignments is read, too, as it is not much longer than those of today.
 *
 * See measures.c for what all computed signals have in common.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/rangetypes.h"
#include "utils/snapmgr.h"
#include "utils/typcache.h"

#include "signals.h"

/* Who left before the window's end, and the last assignment that he had begun by then. */
typedef struct Leaver
{
	int32		employee_id;
	DateADT		left_on;
	DateADT		since;
	int32		unit_id;
	bool		assigned;
	char		status;
} Leaver;

#define SH_PREFIX leavers
#define SH_ELEMENT_TYPE Leaver
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
	leavers_hash *leavers;
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
add_leaver(TupleTableSlot *slot, void *arg)
{
	Window	   *window = arg;
	Leaver	   *leaver;
	bool		found;
	DateADT		left_on;

	if (window->left_on == 0)
	{
		window->employee_id = rgt_attnum(slot->tts_tupleDescriptor, "employee_id");
		window->left_on = rgt_attnum(slot->tts_tupleDescriptor, "left_on");
	}
	left_on = DatumGetDateADT(slot->tts_values[window->left_on - 1]);
	if (slot->tts_isnull[window->left_on - 1] || left_on >= window->signals->window_end)
		return;
	leaver = leavers_insert(window->leavers, DatumGetInt32(slot->tts_values[window->employee_id - 1]), &found);
	leaver->left_on = left_on;
	leaver->assigned = false;
}

/* An assignment that its employee had begun by the day he left. */
static void
keep_last(Leaver *leaver, int32 unit_id, DateADT since)
{
	if (leaver->assigned && leaver->since > since)
		return;
	leaver->assigned = true;
	leaver->unit_id = unit_id;
	leaver->since = since;
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
	Leaver	   *leaver;
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
	leaver = leavers_lookup(window->leavers, DatumGetInt32(slot->tts_values[window->employee_id - 1]));
	if (leaver != NULL)
	{
		past = Min(past, leaver->left_on + 1);
		if (since <= leaver->left_on)
			keep_last(leaver, unit_id, since);
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
	leavers_iterator iterator;
	Leaver	   *leaver;

	leavers_start_iterate(window->leavers, &iterator);
	while ((leaver = leavers_iterate(window->leavers, &iterator)) != NULL)
	{
		int			p = leaver->assigned && leaver->left_on >= window->signals->window_start ?
			rgt_tree_find(window->signals->tree, leaver->unit_id) : -1;

		if (p >= 0)
			window->columns.sum[GONE][p]++;
	}
}

/* Those who have left are few beside all people, and found by their day. */
static void
read_leavers(Window *window, Snapshot snapshot)
{
	RgtLookup	lookup;

	if (!rgt_has_relation("employees_left_on_idx"))
	{
		rgt_each_stored("employees", snapshot, 0, add_leaver, window);
		return;
	}
	rgt_lookup_begin(&lookup, "employees", "employees_left_on_idx", 2, AccessShareLock, snapshot);
	rgt_lookup_days(&lookup, DATEVAL_NOBEGIN, window->signals->window_end);
	while (rgt_lookup_next(&lookup, ForwardScanDirection))
	{
		CHECK_FOR_INTERRUPTS();
		slot_getallattrs(lookup.slot);
		add_leaver(lookup.slot, window);
	}
	rgt_lookup_end(&lookup);
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
	context = AllocSetContextCreate(CurrentMemoryContext, "regtarget leavers", ALLOCSET_DEFAULT_SIZES);
	window.range = lookup_type_cache(DATERANGEOID, TYPECACHE_RANGE_INFO);
	window.leavers = leavers_create(context, 64, NULL);
	window.columns = rgt_sums_start(signals, WINDOW_COLUMNS);
	snapshot = rgt_snapshot(signals->snapshot);
	read_leavers(&window, snapshot);
	rgt_each_stored("assignments", snapshot, 0, add_assignment, &window);
	UnregisterSnapshot(snapshot);
	count_leavers(&window);
	rgt_sums_roll_up(&window.columns);
	signals->employee_days = window.columns.sum[DAYS];
	signals->leavers = window.columns.sum[GONE];
	signals->leaver_on_record = window.leavers->members > 0;
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
