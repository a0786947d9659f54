/*
 * imports/stays.c
 *	  What a statement's assignments make of those that are on record.
 *
 * A row takes the place of the assignment with its first day, whatever else that says.  Of all others the days
 * that the person's rows cover go, and the days before and after stay: what is cut in its middle becomes two.
 * The days between two rows of a person are covered, too: had he been anywhere, his record would say so.  But
 * where a row of his was refused it may have been about just those days, and they stay as they are.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "imports/imports.h"
#include "regtarget.h"

/* Assignments in columns. */
typedef struct Columns
{
	Datum	   *employee;
	Datum	   *unit;
	Datum	   *was;			/* the first day on record */
	Datum	   *first;
	Datum	   *last;
	int			n;
	int			allocated;
} Columns;

typedef struct Work
{
	const RgtClaim *claims;		/* by employee and day */
	int			nclaims;
	int			at;				/* the first claim of the person whose assignments come from the record */
	bool	   *there;			/* is the claim on record as it is? */
	Columns		gone;
	Columns		cut;
	Columns		made;
} Work;

/* ---- what the rows cover ------------------------------------------------------------------------------------- */

static int
compare_ids(const void *a, const void *b)
{
	return RGT_ORDER(*(const int32 *) a, *(const int32 *) b);
}

/* The people of whom a row of the statement was refused, in order. */
static int32 *
doubtful_people(const RgtImport *import, int *n)
{
	int32	   *people = palloc_extended(sizeof(int32) * (Size) Max(import->n, 1), MCXT_ALLOC_HUGE);

	*n = 0;
	for (int i = 0; i < import->n; i++)
	{
		if (import->rows[i]->reason != NULL && import->rows[i]->employee_id != 0)
			people[(*n)++] = import->rows[i]->employee_id;
	}
	qsort(people, *n, sizeof(int32), compare_ids);
	return people;
}

/* Each row covers its days, and those up to the person's next row. */
static void
cover(const RgtImport *import, RgtClaim *claims, int n)
{
	int			ndoubtful;
	int32	   *doubtful = doubtful_people(import, &ndoubtful);

	for (int i = 0; i < n; i++)
	{
		claims[i].until = claims[i].last;
		if (import->retry || i == n - 1 || claims[i + 1].employee_id != claims[i].employee_id)
			continue;
		if (bsearch(&claims[i].employee_id, doubtful, ndoubtful, sizeof(int32), compare_ids) == NULL)
			claims[i].until = claims[i + 1].first - 1;
	}
}

/* ---- what is on record ---------------------------------------------------------------------------------------- */

static void
add(Columns *columns, int32 employee_id, int32 unit_id, DateADT was, DateADT first, DateADT last)
{
	if (columns->n == columns->allocated)
	{
		Size		bytes = sizeof(Datum) * (Size) (columns->allocated *= 2);

		columns->employee = repalloc_huge(columns->employee, bytes);
		columns->unit = repalloc_huge(columns->unit, bytes);
		columns->was = repalloc_huge(columns->was, bytes);
		columns->first = repalloc_huge(columns->first, bytes);
		columns->last = repalloc_huge(columns->last, bytes);
	}
	columns->employee[columns->n] = Int32GetDatum(employee_id);
	columns->unit[columns->n] = Int32GetDatum(unit_id);
	columns->was[columns->n] = DateADTGetDatum(was);
	columns->first[columns->n] = DateADTGetDatum(first);
	columns->last[columns->n++] = DateADTGetDatum(last);
}

static Columns
no_columns(void)
{
	Columns		columns = {.allocated = 64};
	Datum	  **column[] = {&columns.employee, &columns.unit, &columns.was, &columns.first, &columns.last};

	for (int i = 0; i < (int) lengthof(column); i++)
		*column[i] = palloc(sizeof(Datum) * columns.allocated);
	return columns;
}

/* The claim that has the first day of an assignment, as it is or otherwise; NULL: none has. */
static const RgtClaim *
same_row(const Work *work, int32 employee_id, DateADT first)
{
	for (int i = work->at; i < work->nclaims && work->claims[i].employee_id == employee_id; i++)
	{
		if (work->claims[i].first == first)
			return &work->claims[i];
	}
	return NULL;
}

/* Keep of an assignment some of its days, in its own row or, when that has others, in a new one. */
static void
keep(Work *work, const RgtClaim *stay, bool *own, DateADT first, DateADT last)
{
	add(*own ? &work->made : &work->cut, stay->employee_id, stay->unit_id, stay->first, first, last);
	*own = true;
}

/* Keep of an assignment the days that no row of the person covers. */
static void
cut(Work *work, const RgtClaim *stay)
{
	DateADT		from = stay->first;
	bool		touched = false;
	bool		kept = false;

	for (int i = work->at; i < work->nclaims && work->claims[i].employee_id == stay->employee_id; i++)
	{
		const RgtClaim *claim = &work->claims[i];

		if (claim->until < from || claim->first > stay->last)
			continue;
		touched = true;
		if (claim->first > from)
			keep(work, stay, &kept, from, claim->first - 1);
		if (claim->until >= stay->last)
		{
			if (!kept)
				add(&work->gone, stay->employee_id, stay->unit_id, stay->first, stay->first, stay->last);
			return;
		}
		from = claim->until + 1;
	}
	if (touched)
		keep(work, stay, &kept, from, stay->last);
}

/* Assignments come by employee and day, as the claims stand. */
static void
note_stay(TupleTableSlot *slot, void *arg)
{
	Work	   *work = arg;
	RgtClaim	stay = {
		.employee_id = DatumGetInt32(slot->tts_values[0]),
		.unit_id = DatumGetInt32(slot->tts_values[1]),
		.first = DatumGetDateADT(slot->tts_values[2]),
		.last = slot->tts_isnull[3] ? DATEVAL_NOEND : DatumGetDateADT(slot->tts_values[3])
	};
	const RgtClaim *same;

	while (work->claims[work->at].employee_id < stay.employee_id)
		work->at++;
	same = same_row(work, stay.employee_id, stay.first);
	if (same == NULL)
		cut(work, &stay);
	else if (same->unit_id == stay.unit_id && same->last == stay.last)
		work->there[same - work->claims] = true;
	else
		add(&work->gone, stay.employee_id, stay.unit_id, stay.first, stay.first, stay.last);
}

static void
read_record(Work *work)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT a.employee_id, a.unit_id, lower(a.during), upper(a.during) - 1 FROM regtarget.assignments a "
		"WHERE a.employee_id = ANY ($1) ORDER BY a.employee_id, a.during", INT4ARRAYOID);
	Datum	   *employees = palloc_extended(sizeof(Datum) * (Size) work->nclaims, MCXT_ALLOC_HUGE);
	Datum		array;

	for (int i = 0; i < work->nclaims; i++)
		employees[i] = Int32GetDatum(work->claims[i].employee_id);
	array = rgt_import_array(employees, work->nclaims, INT4OID);
	rgt_run(&query, RGT_FRESH, &array, NULL, note_stay, work);
}

/* ---- writing --------------------------------------------------------------------------------------------------- */

static void
run(RgtQuery *query, const Columns *columns)
{
	Datum		arguments[5];

	if (columns->n == 0)
		return;
	arguments[0] = rgt_import_array(columns->employee, columns->n, INT4OID);
	arguments[1] = rgt_import_array(columns->was, columns->n, DATEOID);
	arguments[2] = rgt_import_array(columns->unit, columns->n, INT4OID);
	arguments[3] = rgt_import_array(columns->first, columns->n, DATEOID);
	arguments[4] = rgt_import_array(columns->last, columns->n, DATEOID);
	rgt_run(query, RGT_FRESH, arguments, NULL, NULL, NULL);
}

/* What goes, goes first, so that nothing overlaps on the way. */
static void
write_work(const Work *work)
{
	static RgtQuery leave = RGT_QUERY(
		"DELETE FROM regtarget.assignments a USING unnest($1, $2) AS g(employee_id, was) "
		"WHERE a.employee_id = g.employee_id AND lower(a.during) = g.was", INT4ARRAYOID, DATEARRAYOID);
	static RgtQuery shrink = RGT_QUERY(
		"UPDATE regtarget.assignments a SET during = daterange(c.first, nullif(c.last, 'infinity'), '[]') "
		"FROM unnest($1, $2, $3, $4, $5) AS c(employee_id, was, unit_id, first, last) "
		"WHERE a.employee_id = c.employee_id AND lower(a.during) = c.was",
		INT4ARRAYOID, DATEARRAYOID, INT4ARRAYOID, DATEARRAYOID, DATEARRAYOID);
	static RgtQuery come = RGT_QUERY(
		"INSERT INTO regtarget.assignments (employee_id, unit_id, during) "
		"SELECT m.employee_id, m.unit_id, daterange(m.first, nullif(m.last, 'infinity'), '[]') "
		"FROM unnest($1, $2, $3, $4, $5) AS m(employee_id, was, unit_id, first, last)",
		INT4ARRAYOID, DATEARRAYOID, INT4ARRAYOID, DATEARRAYOID, DATEARRAYOID);

	run(&leave, &work->gone);
	run(&shrink, &work->cut);
	run(&come, &work->made);
}

/* Write what the rows say, which stand by employee and first day. */
void
rgt_write_stays(const RgtImport *import, RgtClaim *claims, int n)
{
	Work		work = {.claims = claims, .nclaims = n, .gone = no_columns(), .cut = no_columns(), .made = no_columns()};

	cover(import, claims, n);
	work.there = palloc_extended(sizeof(bool) * (Size) Max(n, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	if (n > 0)
		read_record(&work);
	for (int i = 0; i < n; i++)
	{
		if (!work.there[i])
			add(&work.made, claims[i].employee_id, claims[i].unit_id, claims[i].first, claims[i].first, claims[i].last);
	}
	write_work(&work);
}
