/*
 * imports/said.c
 *	  What a service's row says, and what it leaves as it is.
 *
 * An answer has the fields that were asked for.  A field that is not in it is not null: its column stays what
 * it is on record, or what an earlier row of the same key in the batch says.  So the columns of which a row
 * says nothing are filled in before it is resolved, and from then on it is like any other row.
 *
 * What is filled in must not change until it is written: an import of a service's answers has its view to
 * itself, and the rows that it reads are locked, in the order of their keys.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "imports/imports.h"
#include "regtarget.h"

/* Does the row itself, or one before it in the batch, say what the column is? */
bool
rgt_import_says(const RgtImportRow *row, int column)
{
	return (row->missing & RGT_COLUMN(column)) == 0;
}

/* The columns that may be filled in: neither keys nor the source. */
static uint32
fillable(const RgtTarget *target)
{
	uint32		columns = RGT_COLUMN(target->ncolumns) - 1;

	if (target->record == NULL)
		return 0;
	for (int k = 0; k < target->nkeys; k++)
		columns &= ~RGT_COLUMN(target->key[k]);
	return columns;
}

/* Is the column of the row one that may be filled in? */
bool
rgt_import_fills(const RgtImport *import, const RgtImportRow *row, int column)
{
	return import->partial && (row->unsaid & fillable(import->target) & RGT_COLUMN(column)) != 0;
}

/* ---- rows of one key in a batch ------------------------------------------------------------------------------ */

/* By key, and those of one key in the order in which they came. */
static int
compare_rows(const void *a, const void *b, void *target)
{
	const RgtImportRow *left = *(RgtImportRow *const *) a;
	const RgtImportRow *right = *(RgtImportRow *const *) b;
	int			result = ((const RgtTarget *) target)->compare(left, right);

	return result != 0 ? result : RGT_ORDER(left->line, right->line);
}

/* A row as it came: it may have been filled in for a try that failed. */
static void
empty(const RgtTarget *target, RgtImportRow *row)
{
	row->missing = row->unsaid & fillable(target);
	row->known = false;
	memset(row->on_record, 0, sizeof(row->on_record));
	for (int c = 0; c < target->ncolumns; c++)
	{
		if (!rgt_import_says(row, c))
			row->isnull[c] = true;
	}
}

/* What the row does not say and the one before it does. */
static void
inherit(const RgtTarget *target, RgtImportRow *row, const RgtImportRow *before)
{
	for (int c = 0; c < target->ncolumns; c++)
	{
		if (rgt_import_says(row, c) || !rgt_import_says(before, c))
			continue;
		row->value[c] = before->value[c];
		row->isnull[c] = before->isnull[c];
		row->missing &= ~RGT_COLUMN(c);
	}
}

/* ---- what is on record ---------------------------------------------------------------------------------------- */

enum
{
	FOUND_NUMBER, FOUND_UNIT, FOUND_EMPLOYEE, FOUND_CUSTOMER, FOUND_VALUES
};

typedef struct Found
{
	const RgtTarget *target;
	RgtImportRow **rows;
	MemoryContext context;
} Found;

static Datum
copy_value(const RgtTarget *target, int column, Datum value)
{
	switch (target->column[column].cell)
	{
		case RGT_CELL_DAY:
		case RGT_CELL_BOOLEAN:
			return value;
		default:
			return PointerGetDatum(PG_DETOAST_DATUM_COPY(value));
	}
}

/* The key of what a column names stays, when the row does not say the column. */
static int64
stays(const RgtImportRow *row, int column, const Datum *values, const bool *isnull, int found)
{
	if (column < 0 || rgt_import_says(row, column) || isnull[found])
		return 0;
	return found == FOUND_CUSTOMER ? DatumGetInt64(values[found]) : DatumGetInt32(values[found]);
}

static void
note_record(TupleTableSlot *slot, void *arg)
{
	Found	   *found = arg;
	const RgtRecord *record = found->target->record;
	const Datum *values = slot->tts_values;
	const bool *isnull = slot->tts_isnull;
	RgtImportRow *row = found->rows[DatumGetInt64(values[FOUND_NUMBER]) - 1];
	MemoryContext old = MemoryContextSwitchTo(found->context);

	row->known = true;
	row->on_record[RGT_NAME_EMPLOYEE] = stays(row, record->employee, values, isnull, FOUND_EMPLOYEE);
	row->on_record[RGT_NAME_CUSTOMER] = stays(row, record->customer, values, isnull, FOUND_CUSTOMER);
	/* Whose it is tells the unit; who says that tells the unit anew. */
	if (record->unit >= 0 && (!rgt_import_says(row, record->employee) || row->isnull[record->employee]))
		row->on_record[RGT_NAME_UNIT] = stays(row, record->unit, values, isnull, FOUND_UNIT);
	for (int v = 0; v < record->nvalues; v++)
	{
		int			c = record->value[v];

		if (rgt_import_says(row, c) || isnull[FOUND_VALUES + v])
			continue;
		row->value[c] = copy_value(found->target, c, values[FOUND_VALUES + v]);
		row->isnull[c] = false;
	}
	if (record->note != NULL)
		record->note(row, values + FOUND_VALUES, isnull + FOUND_VALUES);
	MemoryContextSwitchTo(old);
}

static void
read_record(RgtImport *import, RgtImportRow **rows, int n)
{
	const RgtTarget *target = import->target;
	Found		found = {target, rows, CurrentMemoryContext};
	Datum	   *texts = palloc_extended(sizeof(Datum) * (Size) Max(n, 1), MCXT_ALLOC_HUGE);
	Datum		arguments[lengthof(target->key)];

	for (int k = 0; k < target->nkeys; k++)
	{
		for (int i = 0; i < n; i++)
			texts[i] = rows[i]->value[target->key[k]];
		arguments[k] = rgt_import_array(texts, n, TEXTOID);
	}
	rgt_run(target->record->query, RGT_FRESH, arguments, NULL, note_record, &found);
	pfree(texts);
}

static void
check_required(RgtImport *import, RgtImportRow *row)
{
	for (int c = 0; c < import->target->ncolumns; c++)
	{
		if (import->target->column[c].required && !rgt_import_says(row, c) && row->isnull[c])
			rgt_import_refuse(row, RGT_CAUSE_MISSING, c, rgt_text("%s is missing"), import->target->column[c].name);
	}
}

/* Fill in what the rows of a service leave out; `good` gets those that hold up, in the order of their keys. */
int
rgt_import_fill(RgtImport *import, RgtImportRow **rows, int n, RgtImportRow **good)
{
	const RgtTarget *target = import->target;

	memcpy(good, rows, sizeof(RgtImportRow *) * (Size) n);
	if (target->record == NULL)
		return n;
	qsort_arg(good, n, sizeof(RgtImportRow *), compare_rows, (void *) target);
	for (int i = 0; i < n; i++)
	{
		empty(target, good[i]);
		if (i > 0 && target->compare(good[i - 1], good[i]) == 0)
			inherit(target, good[i], good[i - 1]);
	}
	if (target->record->query != NULL)
		read_record(import, good, n);
	for (int i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		check_required(import, good[i]);
		if (target->record->settle != NULL && good[i]->reason == NULL)
			target->record->settle(import, good[i]);
	}
	return rgt_import_good(good, n, good);
}

/* ---- rows that were refused ------------------------------------------------------------------------------------ */

/* The columns of which a service's row says something, its key aside. */
uint32
rgt_import_said(const RgtTarget *target, const RgtImportRow *row)
{
	uint32		said = ~row->unsaid & (RGT_COLUMN(target->ncolumns) - 1);

	for (int k = 0; k < target->nkeys; k++)
		said &= ~RGT_COLUMN(target->key[k]);
	return said;
}

/* A service's row that was refused says also what one before it, refused as well, has said. */
static void
say_as_well(const RgtTarget *target, RgtImportRow *row, const RgtImportRow *before)
{
	for (int c = 0; c < target->ncolumns; c++)
	{
		if ((row->unsaid & ~before->unsaid & RGT_COLUMN(c)) == 0)
			continue;
		row->raw[c] = before->raw[c];
		row->odd |= before->odd & RGT_COLUMN(c);
		row->unsaid &= ~RGT_COLUMN(c);
	}
}

/* One that has come in leaves of a row that was refused before it what it does not say; is there anything left? */
static bool
leave_unsaid(const RgtTarget *target, RgtImportRow *refused, const RgtImportRow *good)
{
	uint32		said = rgt_import_said(target, good);

	for (int c = 0; c < target->ncolumns; c++)
	{
		if (said & RGT_COLUMN(c))
			refused->raw[c] = (Datum) 0;
	}
	refused->unsaid |= said;
	refused->odd &= ~said;
	return rgt_import_said(target, refused) != 0;
}

/* A row of a key of which one was refused before it. */
RgtImportRow *
rgt_import_supersede(const RgtImport *import, RgtImportRow *refused, RgtImportRow *row)
{
	bool		good = row->reason == NULL;

	if (import->partial && good && leave_unsaid(import->target, refused, row))
		return refused;
	if (import->partial && !good)
		say_as_well(import->target, row, refused);
	refused->replaced = true;
	refused->came_in = good;
	return good ? NULL : row;
}
