/*
 * health/staff.c
 *	  People and their assignments, read once: who is there on the day, who was in the window, who has left.
 *
 * Of all units: two reads, of people and of their assignments.  Statements that join and group the same cost
 * several times as much, and every report of health pays for it.  The history of assignments is read, too, as it
 * is not much longer than those of today.  Of a few units: their assignments by unit, and those people by key.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "utils/memutils.h"
#include "utils/rangetypes.h"
#include "utils/snapmgr.h"
#include "utils/typcache.h"

#include "health/signal_set.h"
#include "health/staff.h"
#include "regtarget.h"
#include "units/units.h"

/* Everybody, and the last assignment begun by the day that he left. */
typedef struct Employee
{
	int32		employee_id;
	DateADT		hired_on;		/* DATEVAL_NOBEGIN: not known */
	DateADT		left_on;		/* DATEVAL_NOEND: has not left */
	DateADT		since;
	int32		unit_id;
	bool		assigned;
	char		status;
} Employee;

#define SH_PREFIX employees
#define SH_ELEMENT_TYPE Employee
#define SH_KEY_TYPE int32
#define SH_KEY employee_id
#define SH_HASH_KEY(table, key) murmurhash32((uint32) (key))
#define SH_EQUAL(table, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/* Columns of the two tables; 0: not looked up yet. */
typedef struct StaffColumns
{
	AttrNumber	employee_id;
	AttrNumber	hired_on;
	AttrNumber	left_on;
	AttrNumber	assigned_id;
	AttrNumber	unit_id;
	AttrNumber	during;
} StaffColumns;

typedef struct Reading
{
	RgtSignals *signals;
	RgtStaff   *staff;
	MemoryContext context;
	employees_hash *employees;
	TypeCacheEntry *range;
	StaffColumns at;
	RgtColumns	columns;
	RgtLookup	people;			/* by key, where some units are read */
	RgtLookup	assignments;	/* by employee, likewise */
} Reading;

enum
{
	DAYS, LEAVERS, STAFF_COLUMNS
};

/* An assignment as its range has it, of which the upper end is the day after the last. */
typedef struct Assignment
{
	int32		employee_id;
	int32		unit_id;
	DateADT		since;
	DateADT		past;
} Assignment;

static DateADT
day_of(TupleTableSlot *slot, AttrNumber column, DateADT unknown)
{
	return slot->tts_isnull[column - 1] ? unknown : DatumGetDateADT(slot->tts_values[column - 1]);
}

static Employee *
add_employee(TupleTableSlot *slot, Reading *reading)
{
	Employee   *employee;
	bool		found;

	if (reading->at.employee_id == 0)
	{
		reading->at.employee_id = rgt_attnum(slot->tts_tupleDescriptor, "employee_id");
		reading->at.hired_on = rgt_attnum(slot->tts_tupleDescriptor, "hired_on");
		reading->at.left_on = rgt_attnum(slot->tts_tupleDescriptor, "left_on");
	}
	employee = employees_insert(reading->employees, DatumGetInt32(slot->tts_values[reading->at.employee_id - 1]), &found);
	employee->hired_on = day_of(slot, reading->at.hired_on, DATEVAL_NOBEGIN);
	employee->left_on = day_of(slot, reading->at.left_on, DATEVAL_NOEND);
	employee->assigned = false;
	if (reading->staff != NULL && employee->left_on < reading->signals->window_end)
		reading->staff->leaver_on_record = true;
	return employee;
}

static void
add_everybody(TupleTableSlot *slot, void *arg)
{
	add_employee(slot, arg);
}

static DateADT
bound_of(const RangeBound *bound, DateADT infinite)
{
	return bound->infinite ? infinite : DatumGetDateADT(bound->val);
}

/* A row of assignments; false when it has no day. */
static bool
read_assignment(TupleTableSlot *slot, Reading *reading, Assignment *assignment)
{
	RangeBound	lower;
	RangeBound	upper;
	bool		empty;

	if (reading->at.assigned_id == 0)
	{
		reading->at.assigned_id = rgt_attnum(slot->tts_tupleDescriptor, "employee_id");
		reading->at.unit_id = rgt_attnum(slot->tts_tupleDescriptor, "unit_id");
		reading->at.during = rgt_attnum(slot->tts_tupleDescriptor, "during");
	}
	range_deserialize(reading->range, DatumGetRangeTypeP(slot->tts_values[reading->at.during - 1]), &lower, &upper, &empty);
	if (empty)
		return false;
	assignment->employee_id = DatumGetInt32(slot->tts_values[reading->at.assigned_id - 1]);
	assignment->unit_id = DatumGetInt32(slot->tts_values[reading->at.unit_id - 1]);
	assignment->since = bound_of(&lower, DATEVAL_NOBEGIN);
	assignment->past = bound_of(&upper, DATEVAL_NOEND);
	return true;
}

static bool
left_in_window(const Reading *reading, const Employee *employee)
{
	return employee->left_on >= reading->signals->window_start && employee->left_on < reading->signals->window_end;
}

/* Keep the last of the assignments that he had begun by the day he left. */
static void
keep_last(Employee *employee, const Assignment *assignment)
{
	if (assignment->since > employee->left_on || (employee->assigned && employee->since > assignment->since))
		return;
	employee->assigned = true;
	employee->unit_id = assignment->unit_id;
	employee->since = assignment->since;
}

/* ---- some units: people by key ----------------------------------------------------------------- */

/* The last assignment of somebody who left may be in a unit that is not read. */
static void
find_last(Reading *reading, Employee *employee)
{
	Datum		key = Int32GetDatum(employee->employee_id);
	Assignment	assignment;

	rgt_lookup_keys(&reading->assignments, &key);
	while (rgt_lookup_next(&reading->assignments, ForwardScanDirection))
	{
		slot_getallattrs(reading->assignments.slot);
		if (read_assignment(reading->assignments.slot, reading, &assignment))
			keep_last(employee, &assignment);
	}
}

/* The person of an assignment; NULL: a loose end, which verify() names. */
static Employee *
find_employee(Reading *reading, int32 employee_id)
{
	Employee   *employee = employees_lookup(reading->employees, employee_id);
	Datum		key = Int32GetDatum(employee_id);
	MemoryContext old;

	if (employee != NULL || !reading->signals->tree->part)
		return employee;
	old = MemoryContextSwitchTo(reading->context);	/* a scan keeps what it allocates */
	rgt_lookup_keys(&reading->people, &key);
	if (rgt_lookup_next(&reading->people, ForwardScanDirection))
	{
		slot_getallattrs(reading->people.slot);
		employee = add_employee(reading->people.slot, reading);
		if (left_in_window(reading, employee))
			find_last(reading, employee);
	}
	MemoryContextSwitchTo(old);
	return employee;
}

/* ---- what an assignment adds --------------------------------------------------------------------- */

static void
add_present(RgtStaff *staff, int position, DateADT hired_on)
{
	RGT_GROW(staff->present, staff->n, staff->allocated);
	staff->present[staff->n].position = position;
	staff->present[staff->n++].hired_on = hired_on;
}

/* Days of the window, none after the last day of work; and whether he is there on the day.  -1: in no unit of the tree. */
static void
count_assignment(Reading *reading, const Assignment *assignment, Employee *employee, int p)
{
	const RgtSignals *signals = reading->signals;
	DateADT		first = Max(assignment->since, signals->window_start);
	DateADT		past = Min(assignment->past, signals->window_end);

	keep_last(employee, assignment);
	if (p < 0)
		return;
	if (!DATE_IS_NOEND(employee->left_on))
		past = Min(past, employee->left_on + 1);
	if (past > first)
		reading->columns.sum[DAYS][p] += past - first;
	if (assignment->since <= signals->as_of && signals->as_of < assignment->past && employee->left_on >= signals->as_of)
		add_present(reading->staff, p, employee->hired_on);
}

static void
add_assignment(TupleTableSlot *slot, void *arg)
{
	Reading    *reading = arg;
	Assignment	assignment;
	Employee   *employee;
	int			p;

	if (!read_assignment(slot, reading, &assignment))
		return;
	p = rgt_tree_find(reading->signals->tree, assignment.unit_id);
	if (p < 0 && reading->signals->tree->part)
		return;
	employee = find_employee(reading, assignment.employee_id);
	if (employee != NULL)
		count_assignment(reading, &assignment, employee, p);
}

/* In the unit of his last assignment. */
static void
count_leaver(Reading *reading, const Employee *employee)
{
	int			p = employee->assigned && left_in_window(reading, employee) ?
		rgt_tree_find(reading->signals->tree, employee->unit_id) : -1;

	if (p >= 0)
		reading->columns.sum[LEAVERS][p]++;
}

static void
count_leavers(Reading *reading)
{
	employees_iterator iterator;
	Employee   *employee;

	employees_start_iterate(reading->employees, &iterator);
	while ((employee = employees_iterate(reading->employees, &iterator)) != NULL)
		count_leaver(reading, employee);
}

/* ---- everybody, once for many days ----------------------------------------------------------------- */

struct RgtPeople
{
	Employee   *employee;		/* by employee_id */
	int64		n;
	Assignment *assignment;
	int64	   *whose;			/* the place of its employee, -1: a loose end */
	int64		nassignments;
	int64		allocated;
};

static int
compare_employees(const void *a, const void *b)
{
	return RGT_ORDER(((const Employee *) a)->employee_id, ((const Employee *) b)->employee_id);
}

typedef struct PeopleReading
{
	Reading		reading;		/* of a table's columns, and the employees by key */
	RgtPeople  *people;
} PeopleReading;

static void
keep_assignment(TupleTableSlot *slot, void *arg)
{
	PeopleReading *all = arg;
	RgtPeople  *people = all->people;
	Employee	key;
	const Employee *found;

	if (people->nassignments == people->allocated)
	{
		people->allocated *= 2;
		people->assignment = repalloc_huge(people->assignment, sizeof(Assignment) * (Size) people->allocated);
		people->whose = repalloc_huge(people->whose, sizeof(int64) * (Size) people->allocated);
	}
	if (!read_assignment(slot, &all->reading, &people->assignment[people->nassignments]))
		return;
	key.employee_id = people->assignment[people->nassignments].employee_id;
	found = bsearch(&key, people->employee, people->n, sizeof(Employee), compare_employees);
	people->whose[people->nassignments++] = found == NULL ? -1 : found - people->employee;
}

static void
list_employees(PeopleReading *all)
{
	RgtPeople  *people = all->people;
	employees_iterator iterator;
	const Employee *employee;

	people->employee = palloc_extended(sizeof(Employee) * (Size) Max(all->reading.employees->members, 1), MCXT_ALLOC_HUGE);
	employees_start_iterate(all->reading.employees, &iterator);
	while ((employee = employees_iterate(all->reading.employees, &iterator)) != NULL)
		people->employee[people->n++] = *employee;
	qsort(people->employee, people->n, sizeof(Employee), compare_employees);
}

/* Read them into the current memory context. */
RgtPeople *
rgt_people(RgtSnapshot which)
{
	PeopleReading all = {.people = palloc0(sizeof(RgtPeople))};
	Snapshot	snapshot = rgt_snapshot(which);

	all.people->allocated = 1024;
	all.people->assignment = palloc(sizeof(Assignment) * all.people->allocated);
	all.people->whose = palloc(sizeof(int64) * all.people->allocated);
	all.reading.range = lookup_type_cache(DATERANGEOID, TYPECACHE_RANGE_INFO);
	all.reading.employees = employees_create(CurrentMemoryContext, 1024, NULL);
	rgt_each_stored("employees", snapshot, 0, add_everybody, &all.reading);
	list_employees(&all);
	employees_destroy(all.reading.employees);
	rgt_each_stored("assignments", snapshot, 0, keep_assignment, &all);
	UnregisterSnapshot(snapshot);
	return all.people;
}

/* One day's counts out of them. */
static void
count_people(Reading *reading, const RgtPeople *people)
{
	Employee   *now = palloc_extended(sizeof(Employee) * (Size) Max(people->n, 1), MCXT_ALLOC_HUGE);

	memcpy(now, people->employee, sizeof(Employee) * people->n);
	for (int64 i = 0; i < people->n; i++)
		reading->staff->leaver_on_record |= now[i].left_on < reading->signals->window_end;
	for (int64 i = 0; i < people->nassignments; i++)
	{
		const Assignment *assignment = &people->assignment[i];

		if (people->whose[i] >= 0)
			count_assignment(reading, assignment, &now[people->whose[i]],
							 rgt_tree_find(reading->signals->tree, assignment->unit_id));
	}
	for (int64 i = 0; i < people->n; i++)
		count_leaver(reading, &now[i]);
	pfree(now);
}

/* ---- all of it ------------------------------------------------------------------------------------ */

static void
read_all(Reading *reading, Snapshot snapshot)
{
	rgt_each_stored("employees", snapshot, 0, add_everybody, reading);
	rgt_each_stored("assignments", snapshot, 0, add_assignment, reading);
}

static void
read_some(Reading *reading, Snapshot snapshot)
{
	const RgtTree *tree = reading->signals->tree;

	rgt_lookup_begin(&reading->people, "employees", NULL, 1, AccessShareLock, snapshot);
	rgt_lookup_begin(&reading->assignments, "assignments", NULL, 1, AccessShareLock, snapshot);
	rgt_each_stored_of("assignments", "unit_id", tree->unit_id, tree->n, snapshot, add_assignment, reading);
	rgt_lookup_end(&reading->assignments);
	rgt_lookup_end(&reading->people);
}

static RgtStaff *
read_staff(RgtSignals *signals)
{
	Reading		reading = {.signals = signals};
	Snapshot	snapshot = rgt_snapshot(signals->snapshot);

	reading.staff = rgt_signals_array(signals, sizeof(RgtStaff), 1);
	reading.staff->allocated = signals->tree->part ? 16 : 1024;
	reading.staff->present = rgt_signals_array(signals, sizeof(RgtPresent), reading.staff->allocated);
	reading.context = AllocSetContextCreate(CurrentMemoryContext, "regtarget people", ALLOCSET_DEFAULT_SIZES);
	reading.employees = employees_create(reading.context, signals->tree->part ? 16 : 1024, NULL);
	reading.range = lookup_type_cache(DATERANGEOID, TYPECACHE_RANGE_INFO);
	reading.columns = rgt_columns(signals, signals->tree, STAFF_COLUMNS);
	if (signals->tree->part)
		read_some(&reading, snapshot);
	else if (signals->people == NULL)
		read_all(&reading, snapshot);
	else
		count_people(&reading, signals->people);
	UnregisterSnapshot(snapshot);
	count_leavers(&reading);
	rgt_columns_roll_up(&reading.columns);
	reading.staff->days = reading.columns.sum[DAYS];
	reading.staff->leavers = reading.columns.sum[LEAVERS];
	MemoryContextDelete(reading.context);
	return reading.staff;
}

/* The people of the signals' units, read when first asked for. */
RgtStaff *
rgt_staff(RgtSignals *signals)
{
	if (signals->staff == NULL)
		signals->staff = read_staff(signals);
	return signals->staff;
}

/* The average headcount of a unit in the window, of its employee-days. */
double
rgt_average_headcount(const RgtSignals *signals, double days)
{
	return days / (signals->window_end - signals->window_start);
}

/* ---- has anybody left? ------------------------------------------------------------------------------ */

typedef struct LeftBefore
{
	AttrNumber	left_on;
	DateADT		day;
} LeftBefore;

static bool
has_left_before(TupleTableSlot *slot, const void *arg)
{
	const LeftBefore *before = arg;

	return day_of(slot, before->left_on, DATEVAL_NOEND) < before->day;
}

static bool
find_leaver(DateADT past, Snapshot snapshot)
{
	LeftBefore	before = {rgt_column("employees", "left_on"), past};
	RgtLookup	lookup;
	bool		found;

	if (!rgt_lookup_begin_by(&lookup, "employees", before.left_on, 2, AccessShareLock, snapshot))
		return rgt_any_stored("employees", snapshot, before.left_on, has_left_before, &before);
	rgt_lookup_days(&lookup, DATEVAL_NOBEGIN, past);
	found = rgt_lookup_next(&lookup, ForwardScanDirection);
	rgt_lookup_end(&lookup);
	return found;
}

/* Has anybody in the whole database left before the window's end?  If not, nobody has kept the record. */
bool
rgt_leaver_on_record(RgtSignals *signals)
{
	RgtStaff   *staff = rgt_staff(signals);

	if (!staff->leaver_on_record && signals->tree->part)
	{
		Snapshot	snapshot = rgt_snapshot(signals->snapshot);

		staff->leaver_on_record = find_leaver(signals->window_end, snapshot);
		UnregisterSnapshot(snapshot);
	}
	return staff->leaver_on_record;
}
