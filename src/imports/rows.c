/*
 * imports/rows.c
 *	  What all targets do with their rows: refuse them, pick the good ones, write what is made of them.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

#include "imports/imports.h"
#include "regtarget.h"

/* Make the row a reject, or add to its reasons; `column` says which of the view's is at fault, -1 none in particular. */
void
rgt_import_refuse(RgtImportRow *row, RgtCause cause, int column, const char *format,...)
{
	char		buffer[512];
	char	   *words = buffer;
	va_list		args;
	Size		needed;

	va_start(args, format);
	needed = pvsnprintf(buffer, sizeof(buffer), format, args);
	va_end(args);
	if (needed >= sizeof(buffer))
	{
		words = palloc(needed);
		va_start(args, format);
		pvsnprintf(words, needed, format, args);
		va_end(args);
	}
	if (row->reason == NULL)
	{
		row->cause = cause;
		row->column = column;
		row->reason = words == buffer ? pstrdup(words) : words;
	}
	else
		row->reason = psprintf("%s; %s", row->reason, words);
}

/* The same for a name that stands for nothing. */
void
rgt_import_refuse_name(RgtImportRow *row, const RgtName *name, int column)
{
	rgt_import_refuse(row, name->cause, column, "%s", name->why);
}

/* What is made of a batch stays in memory: it is not much more than the batch. */
#define MADE_ROWS_KB (64 * 1024)

/* The rows that are no rejects; returns how many. */
int
rgt_import_good(RgtImportRow **rows, int n, RgtImportRow **good)
{
	int			kept = 0;

	for (int i = 0; i < n; i++)
	{
		if (rows[i]->reason == NULL)
			good[kept++] = rows[i];
	}
	return kept;
}

/* By bytes: any order will do, as long as every session's is the same. */
int
rgt_import_compare_text(Datum a, Datum b)
{
	text	   *left = (text *) DatumGetPointer(a);
	text	   *right = (text *) DatumGetPointer(b);
	int			length = Min(VARSIZE_ANY_EXHDR(left), VARSIZE_ANY_EXHDR(right));
	int			result = memcmp(VARDATA_ANY(left), VARDATA_ANY(right), length);

	if (result != 0)
		return result;
	return (int) VARSIZE_ANY_EXHDR(left) - (int) VARSIZE_ANY_EXHDR(right);
}

/* An array without nulls, for a look-up of a whole batch. */
Datum
rgt_import_array(const Datum *values, int n, Oid type)
{
	int16		length;
	bool		by_value;
	char		align;

	get_typlenbyvalalign(type, &length, &by_value, &align);
	return PointerGetDatum(construct_array((Datum *) values, n, type, length, by_value, align));
}

/* Run a statement that reads what `make` makes of the rows as "made_rows". */
void
rgt_import_write(const RgtImport *import, const char *sql, const RgtMadeColumn *columns, int ncolumns, RgtMakeFn make,
				 RgtImportRow **rows, int n)
{
	TupleDesc	desc = CreateTemplateTupleDesc(ncolumns);
	Tuplestorestate *made = tuplestore_begin_heap(false, false, Max(work_mem, MADE_ROWS_KB));
	Datum	   *values = palloc(sizeof(Datum) * ncolumns);
	bool	   *nulls = palloc(sizeof(bool) * ncolumns);
	MemoryContext making = AllocSetContextCreate(CurrentMemoryContext, "regtarget made row", ALLOCSET_DEFAULT_SIZES);
	MemoryContext context = MemoryContextSwitchTo(making);

	for (int c = 0; c < ncolumns; c++)
		TupleDescInitEntry(desc, c + 1, columns[c].name, columns[c].type, -1, 0);
	for (int i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		memset(nulls, 0, sizeof(bool) * ncolumns);
		make(import, rows[i], values, nulls);
		tuplestore_putvalues(made, desc, values, nulls);
		MemoryContextReset(making);
	}
	MemoryContextSwitchTo(context);
	MemoryContextDelete(making);
	rgt_run_rows(sql, made, desc, None_Receiver);
	tuplestore_end(made);
}
