/*
 * imports/assignments.c
 *	  Who works in which unit when: the same row by employee and first day.
 *
 * The rows of one person in one statement are his record for the span that they cover, from the first of their
 * days to the last: what is on record there otherwise goes (stays.c), so that transfers that were corrected are
 * loaded as they are now.  A row that would overlap another one of the statement is a reject.
 *
 * Rows that are tried again came before what is on record: of them one that would overlap that is a reject.
 * Neither the order of rows nor what is moved out of the way on the way matters: it is worked out in memory.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "imports/imports.h"
#include "regtarget.h"

enum
{
	SOURCE, EMPLOYEE, UNIT, FROM_DATE, TO_DATE
};

/* An assignment as the table has it or as a row makes it. */
typedef struct Stay
{
	int32		employee_id;
	DateADT		first;
	DateADT		last;			/* DATEVAL_NOEND: still there */
	int32		unit_id;
	char	   *unit;
	RgtImportRow *row;			/* NULL: of the table */
	bool		met_anew;		/* may be older than what the table has */
	int64		line;			/* 0: of the table */
} Stay;

typedef struct Stays
{
	Stay	   *stay;
	int			n;
	int			allocated;
	MemoryContext context;
} Stays;

static void
add_stay(Stays *stays, const Stay *stay)
{
	RGT_GROW(stays->stay, stays->n, stays->allocated);
	stays->stay[stays->n++] = *stay;
}

static void
note_stay(TupleTableSlot *slot, void *arg)
{
	Stays	   *stays = arg;
	MemoryContext old = MemoryContextSwitchTo(stays->context);
	Stay		stay = {
		.employee_id = DatumGetInt32(slot->tts_values[0]),
		.first = DatumGetDateADT(slot->tts_values[1]),
		.last = slot->tts_isnull[2] ? DATEVAL_NOEND : DatumGetDateADT(slot->tts_values[2]),
		.unit = TextDatumGetCString(slot->tts_values[3]),
		.unit_id = DatumGetInt32(slot->tts_values[4])
	};

	add_stay(stays, &stay);
	MemoryContextSwitchTo(old);
}

/* By employee and day; of one first day what the table has, then the rows in their order. */
static int
compare_stays(const void *a, const void *b)
{
	const Stay *left = a;
	const Stay *right = b;

	if (left->employee_id != right->employee_id)
		return left->employee_id < right->employee_id ? -1 : 1;
	if (left->first != right->first)
		return left->first < right->first ? -1 : 1;
	return (left->line > right->line) - (left->line < right->line);
}

static void
read_record(Stays *stays, RgtImportRow **rows, int n)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT a.employee_id, lower(a.during), upper(a.during) - 1, u.code, a.unit_id FROM regtarget.assignments a "
		"JOIN regtarget.units u ON u.unit_id = a.unit_id WHERE a.employee_id = ANY ($1)", INT4ARRAYOID);
	Datum	   *employees = palloc_extended(sizeof(Datum) * (Size) Max(n, 1), MCXT_ALLOC_HUGE);
	Datum		array;

	for (int i = 0; i < n; i++)
		employees[i] = Int32GetDatum(rows[i]->employee_id);
	array = rgt_import_array(employees, n, INT4OID);
	rgt_run(&query, RGT_FRESH, &array, NULL, note_stay, stays);
}

static void
add_rows(const RgtImport *import, Stays *stays, RgtImportRow **rows, int n)
{
	for (int i = 0; i < n; i++)
	{
		Stay		stay = {
			.employee_id = rows[i]->employee_id,
			.first = DatumGetDateADT(rows[i]->value[FROM_DATE]),
			.last = rows[i]->isnull[TO_DATE] ? DATEVAL_NOEND : DatumGetDateADT(rows[i]->value[TO_DATE]),
			.unit_id = rows[i]->unit_id,
			.unit = TextDatumGetCString(rows[i]->value[UNIT]),
			.row = rows[i],
			.met_anew = rgt_is_met_anew(import, rows[i]),
			.line = rows[i]->line
		};

		add_stay(stays, &stay);
	}
}

/* Does a row take the place of another stay?  One that may be older does not, of what the table has. */
static bool
replaces(const Stay *stay, const Stay *other)
{
	if (other->employee_id != stay->employee_id || other->first != stay->first)
		return false;
	return !stay->met_anew || other->row != NULL || (other->unit_id == stay->unit_id && other->last == stay->last);
}

/* The last of each employee and first day: what would be in force. */
static int
in_force(const Stays *stays, Stay *force)
{
	int			kept = 0;

	for (int i = 0; i < stays->n; i++)
	{
		const Stay *stay = &stays->stay[i];

		if (stay->row != NULL && stay->row->reason != NULL)
			continue;
		force[kept > 0 && replaces(stay, &force[kept - 1]) ? kept - 1 : kept++] = *stay;
	}
	return kept;
}

/* Of two that overlap the row that came later is refused; what the table has stays. */
static void
refuse_overlap(const Stay *earlier, const Stay *later)
{
	const Stay *bad = later->line >= earlier->line ? later : earlier;
	const Stay *good = bad == later ? earlier : later;

	if (bad->row == NULL)
		return;
	if (DATE_IS_NOEND(good->last))
		rgt_import_refuse(bad->row, RGT_CAUSE_OVERLAP, FROM_DATE,
						  rgt_text("overlaps with the assignment to unit \"%s\" from %s on, which has no last day"),
						  good->unit, rgt_date_text(good->first));
	else
		rgt_import_refuse(bad->row, RGT_CAUSE_OVERLAP, FROM_DATE,
						  rgt_text("overlaps with the assignment to unit \"%s\" from %s to %s"),
						  good->unit, rgt_date_text(good->first), rgt_date_text(good->last));
}

/* A row that is refused lets another one, or the table's, be in force again: until nothing overlaps. */
static void
refuse_overlaps(const Stays *stays)
{
	Stay	   *force = palloc_extended(sizeof(Stay) * (Size) Max(stays->n, 1), MCXT_ALLOC_HUGE);
	bool		found;

	do
	{
		int			n = in_force(stays, force);

		found = false;
		for (int i = 1; i < n; i++)
		{
			if (force[i].employee_id != force[i - 1].employee_id || force[i].first > force[i - 1].last ||
				(force[i].row == NULL && force[i - 1].row == NULL))
				continue;
			refuse_overlap(&force[i - 1], &force[i]);
			found = true;
			i++;				/* what follows is judged anew without it */
		}
	} while (found);
	pfree(force);
}

/* Look up whom the rows name, those too that were refused for another cell: they are about somebody. */
static void
look_up(RgtImport *import, RgtImportRow **rows, int n)
{
	for (int i = 0; i < n; i++)
	{
		rows[i]->name[RGT_NAME_UNIT] = rgt_name(import, RGT_NAME_UNIT, rows[i]->value[SOURCE], rows[i]->value[UNIT]);
		rows[i]->name[RGT_NAME_EMPLOYEE] = rgt_name(import, RGT_NAME_EMPLOYEE, rows[i]->value[SOURCE], rows[i]->value[EMPLOYEE]);
	}
	for (int i = 0; i < import->n; i++)
	{
		RgtImportRow *row = import->rows[i];

		if (row->reason != NULL && !row->isnull[EMPLOYEE])
			row->name[RGT_NAME_EMPLOYEE] = rgt_name(import, RGT_NAME_EMPLOYEE, rgt_import_source(import, row),
													row->value[EMPLOYEE]);
	}
	rgt_names_look_up(import);
	for (int i = 0; i < import->n; i++)
	{
		const RgtName *employee = import->rows[i]->name[RGT_NAME_EMPLOYEE];

		import->rows[i]->employee_id = employee == NULL ? 0 : employee->id;
	}
}

static void
resolve_assignments(RgtImport *import, RgtImportRow **rows, int n)
{
	Stays		stays = {.allocated = 64, .context = CurrentMemoryContext};
	RgtImportRow **good = palloc_extended(sizeof(RgtImportRow *) * (Size) n, MCXT_ALLOC_HUGE);

	stays.stay = palloc(sizeof(Stay) * stays.allocated);
	look_up(import, rows, n);
	for (int i = 0; i < n; i++)
	{
		const RgtName *unit = rows[i]->name[RGT_NAME_UNIT];
		const RgtName *employee = rows[i]->name[RGT_NAME_EMPLOYEE];

		rows[i]->unit_id = unit->id;
		if (unit->id == 0)
			rgt_import_refuse_name(rows[i], unit, UNIT);
		if (employee->id == 0)
			rgt_import_refuse_name(rows[i], employee, EMPLOYEE);
		if (!rows[i]->isnull[TO_DATE] &&
			DatumGetDateADT(rows[i]->value[TO_DATE]) < DatumGetDateADT(rows[i]->value[FROM_DATE]))
			rgt_import_refuse(rows[i], RGT_CAUSE_DAYS_CROSSED, TO_DATE, rgt_text("to_date %s is before from_date %s"),
							  rgt_date_text(DatumGetDateADT(rows[i]->value[TO_DATE])),
							  rgt_date_text(DatumGetDateADT(rows[i]->value[FROM_DATE])));
	}
	n = rgt_import_good(rows, n, good);
	if (import->retry)
		read_record(&stays, good, n);
	add_rows(import, &stays, good, n);
	qsort(stays.stay, stays.n, sizeof(Stay), compare_stays);
	refuse_overlaps(&stays);
}

static int
compare_assignments(const RgtImportRow *a, const RgtImportRow *b)
{
	DateADT		left = DatumGetDateADT(a->value[FROM_DATE]);
	DateADT		right = DatumGetDateADT(b->value[FROM_DATE]);

	if (a->employee_id != b->employee_id)
		return a->employee_id < b->employee_id ? -1 : 1;
	return (left > right) - (left < right);
}

/* What the rows say for the days that they cover, gaps between those of a person included. */
static void
write_assignments(RgtImport *import, RgtImportRow **rows, int n)
{
	RgtClaim   *claims = palloc_extended(sizeof(RgtClaim) * (Size) n, MCXT_ALLOC_HUGE);

	for (int i = 0; i < n; i++)
		claims[i] = (RgtClaim) {
			.employee_id = rows[i]->employee_id,
			.unit_id = rows[i]->unit_id,
			.first = DatumGetDateADT(rows[i]->value[FROM_DATE]),
			.last = rows[i]->isnull[TO_DATE] ? DATEVAL_NOEND : DatumGetDateADT(rows[i]->value[TO_DATE])
		};
	rgt_write_stays(import, claims, n);
	pfree(claims);
}

static const RgtKeyName assigned = {EMPLOYEE, RGT_NAME_EMPLOYEE, true};

const RgtTarget rgt_assignments_in = {
	.view = "assignments_in",
	.ncolumns = 5,
	.shown = 5,
	.column = {{"source", RGT_CELL_TEXT, true}, {"employee", RGT_CELL_ID, true}, {"unit", RGT_CELL_ID, true},
	{"from_date", RGT_CELL_DAY, true}, {"to_date", RGT_CELL_DAY, false}},
	.source = SOURCE,
	.nkeys = 3,
	.key = {SOURCE, EMPLOYEE, FROM_DATE},
	.named = &assigned,
	.whole = true,
	.alone = true,
	.resolve = resolve_assignments,
	.compare = compare_assignments,
	.write = write_assignments
};
