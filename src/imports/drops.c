/*
 * imports/drops.c
 *	  Rejects of rows that have come in since: they are refused no more, and would only undo what came later if
 *	  they were tried again.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/acl.h"
#include "utils/builtins.h"

#include "access/access.h"
#include "imports/imports.h"
#include "regtarget.h"

/* The columns that are no keys, as an array. */
static char *
other_columns(const RgtTarget *target)
{
	StringInfoData names;

	initStringInfo(&names);
	for (int c = 0; c < target->ncolumns; c++)
	{
		bool		key = false;

		for (int k = 0; k < target->nkeys; k++)
			key |= target->key[k] == c;
		if (!key)
			appendStringInfo(&names, "%s%s", names.len > 0 ? "," : "{", target->column[c].name);
	}
	appendStringInfoChar(&names, '}');
	return names.data;
}

/* Is a reject t one of a service's?  It lacks a column of the view. */
char *
rgt_partial_reject(const RgtTarget *target)
{
	StringInfoData condition;

	initStringInfo(&condition);
	appendStringInfoString(&condition, "NOT t.row ?& '{");
	for (int c = 0; c < target->shown; c++)
		appendStringInfo(&condition, "%s%s", c > 0 ? "," : "", target->column[c].name);
	appendStringInfoString(&condition, "}'");
	return condition.data;
}

/* The names of columns. */
static Datum
names_of(const RgtTarget *target, uint32 columns)
{
	Datum		names[RGT_IMPORT_COLUMNS];
	int			n = 0;

	for (int c = 0; c < target->ncolumns; c++)
	{
		if (columns & RGT_COLUMN(c))
			names[n++] = CStringGetTextDatum(target->column[c].name);
	}
	return rgt_import_array(names, n, TEXTOID);
}

static void
make_row_key(const RgtImport *import, const RgtImportRow *row, Datum *values, bool *nulls)
{
	rgt_row_key(import, row, import->key);
	values[0] = rgt_key_bytes(import->key);
	values[1] = names_of(import->target, import->partial ? rgt_import_said(import->target, row) : 0);
}

static void
make_written_key(const RgtImport *import, const RgtImportRow *row, Datum *values, bool *nulls)
{
	rgt_row_key_as_written(import, row, import->key);
	values[0] = rgt_key_bytes(import->key);
	values[1] = names_of(import->target, 0);
}

static const RgtMadeColumn key_columns[] = {{"row_key", BYTEAOID}, {"said", TEXTARRAYOID}};

/*
 * Drop rejects of these rows, on a condition.  Of a service's rejects what these rows, a service's as well, do not say
 * stays, to be tried again.
 */
static void
drop_where(RgtImport *import, const char *condition, RgtImportRow **rows, int n)
{
	char	   *same = psprintf("made_rows r WHERE t.row_key = r.row_key%s", condition);
	char	   *rest = "";

	if (import->partial)
	{
		char	   *partial = rgt_partial_reject(import->target);

		rgt_import_write(import, psprintf("UPDATE regtarget.import_rejects t SET row = t.row - r.said "
										  "FROM %s AND %s", same, partial),
						 key_columns, lengthof(key_columns), make_row_key, rows, n);
		rest = psprintf(" AND NOT (%s AND t.row ?| '%s')", partial, other_columns(import->target));
	}
	rgt_import_write(import, psprintf("DELETE FROM regtarget.import_rejects t USING %s%s", same, rest),
					 key_columns, lengthof(key_columns), make_row_key, rows, n);
	if (import->target->named != NULL)
		rgt_import_write(import, psprintf("DELETE FROM regtarget.import_rejects t USING %s", same),
						 key_columns, lengthof(key_columns), make_written_key, rows, n);
}

typedef struct Roles
{
	List	   *names;
	MemoryContext context;
} Roles;

static void
note_role(TupleTableSlot *slot, void *arg)
{
	Roles	   *roles = arg;
	MemoryContext old = MemoryContextSwitchTo(roles->context);

	roles->names = lappend(roles->names, TextDatumGetCString(slot->tts_values[0]));
	MemoryContextSwitchTo(old);
}

/* What other roles were refused of these rows by their duties, where these reach the rows' units. */
static void
drop_others(RgtImport *import, RgtImportRow **rows, int n)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT DISTINCT by_duty_of FROM regtarget.import_rejects WHERE target = $1 AND by_duty_of <> $2", TEXTOID, TEXTOID);
	Datum		arguments[2] = {CStringGetTextDatum(import->target->view), CStringGetTextDatum(import->by_duty_of)};
	RgtImportRow **reached = palloc_extended(sizeof(RgtImportRow *) * (Size) n, MCXT_ALLOC_HUGE);
	Roles		roles = {NIL, CurrentMemoryContext};
	ListCell   *cell;

	rgt_run(&query, RGT_FRESH, arguments, NULL, note_role, &roles);
	foreach(cell, roles.names)
	{
		Oid			role = get_role_oid(lfirst(cell), true);
		int			nreached = 0;

		for (int i = 0; OidIsValid(role) && i < n; i++)
		{
			if ((rgt_duties_over(role, rows[i]->unit_id) & import->target->duty) != 0)
				reached[nreached++] = rows[i];
		}
		drop_where(import, psprintf(" AND t.by_duty_of = %s", quote_literal_cstr(lfirst(cell))), reached, nreached);
	}
}

/*
 * Drop what earlier lines and statements were refused of these rows.  A load by duty drops what could undo its rows:
 * rejects of its own, and those of whoever may write the rows too.  But targets go into each planner's own draft.
 */
void
rgt_rejects_drop(RgtImport *import, RgtImportRow **rows, int n)
{
	const char *mine;

	n = rgt_kept_first(import, rows, n);
	if (n == 0)
		return;
	if (import->by_duty_of == NULL)
	{
		drop_where(import, "", rows, n);
		return;
	}
	mine = quote_literal_cstr(import->by_duty_of);
	if (import->target->duty == RGT_PLANNER)
	{
		drop_where(import, psprintf(" AND t.by_duty_of = %s", mine), rows, n);
		return;
	}
	drop_where(import, psprintf(" AND (t.by_duty_of = %s OR t.by_duty_of IS NULL)", mine), rows, n);
	drop_others(import, rows, n);
}
