/*
 * imports/rejects.c
 *	  Rows that were refused: kept whole, dropped when a later version has come in.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

#include "imports/imports.h"
#include "regtarget.h"

/* ---- later versions ------------------------------------------------------------------------------------ */

/* Which rejects are older than this statement; 0: none are. */
void
rgt_rejects_begin(RgtImport *import)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT coalesce(max(reject_id), 0) FROM regtarget.import_rejects WHERE target = $1", TEXTOID);
	Datum		argument = CStringGetTextDatum(import->target->view);
	Datum		last;
	bool		isnull;

	rgt_one(&query, RGT_FRESH, &argument, NULL, &last, &isnull, 1);
	import->last_reject = DatumGetInt64(last);
}

/* What tells which row it is of which source, and where it stood: key columns, source, line. */
#define MOST_KEYS 3

static void
make_key(const RgtImport *import, const RgtImportRow *row, Datum *values, bool *nulls)
{
	const RgtTarget *target = import->target;

	for (int k = 0; k < target->nkeys; k++)
	{
		values[k] = row->raw[target->key[k]];
		nulls[k] = row->raw[target->key[k]] == 0;
	}
	values[target->nkeys] = rgt_import_source(import, row);
	nulls[target->nkeys] = values[target->nkeys] == 0;
	values[target->nkeys + 1] = Int64GetDatum(row->line);
}

/*
 * Run a statement on rejects t for whichever of them are versions, of the same source, of one of these
 * rows r.  A load by duty reaches rejects of its own only.
 */
static void
write_versions(RgtImport *import, const char *start, const char *condition, RgtImportRow **good, int n)
{
	static const char *const names[MOST_KEYS] = {"k0", "k1", "k2"};
	const RgtTarget *target = import->target;
	RgtMadeColumn columns[MOST_KEYS + 2];
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "%s made_rows r WHERE t.target = '%s' AND t.source IS NOT DISTINCT FROM r.source AND %s",
					 start, target->view, condition);
	if (import->by_duty_of != NULL)
		appendStringInfo(&sql, " AND t.by_duty_of = %s", quote_literal_cstr(import->by_duty_of));
	for (int k = 0; k < target->nkeys; k++)
	{
		columns[k] = (RgtMadeColumn) {names[k], TEXTOID};
		if (target->key[k] != target->source)
			appendStringInfo(&sql, " AND btrim(t.row ->> '%s') = btrim(r.%s)",
							 target->column[target->key[k]].name, names[k]);
	}
	columns[target->nkeys] = (RgtMadeColumn) {"source", TEXTOID};
	columns[target->nkeys + 1] = (RgtMadeColumn) {"line", INT8OID};
	rgt_import_write(import, sql.data, columns, target->nkeys + 2, make_key, good, n);
}

/*
 * A later version of a row has come in: what earlier statements were refused of it would only undo it if
 * it were tried again.
 */
void
rgt_rejects_settle(RgtImport *import, RgtImportRow **good, int n)
{
	if (import->retry || import->last_reject == 0)
		return;
	write_versions(import, "DELETE FROM regtarget.import_rejects t USING",
				   psprintf("t.reject_id <= " INT64_FORMAT, import->last_reject), good, n);
}

/*
 * What this very statement was refused is kept for people to read, and passed over when it comes to
 * trying again.
 */
static void
mark_outdated(RgtImport *import, RgtImportRow **good, int n)
{
	write_versions(import, "UPDATE regtarget.import_rejects t SET outdated = true FROM",
				   psprintf("t.reject_id > " INT64_FORMAT " AND t.line < r.line", import->last_reject), good, n);
}

/* ---- keeping ------------------------------------------------------------------------------------------ */

static void
push_text(JsonbParseState **state, JsonbIteratorToken token, const char *data, int length)
{
	JsonbValue	value = {.type = jbvString, .val.string = {.len = length, .val = unconstify(char *, data)}};

	pushJsonbValue(state, token, &value);
}

/* The JSON of a cell that is none. */
static void
push_json(JsonbParseState **state, text *json)
{
	Jsonb	   *parsed = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(text_to_cstring(json))));
	JsonbValue	value;

	JsonbToJsonbValue(parsed, &value);
	pushJsonbValue(state, WJB_VALUE, &value);
}

/* The row as it came: all columns of the view, or of a service's row what it says. */
static Datum
row_as_json(const RgtImport *import, const RgtImportRow *row)
{
	const RgtTarget *target = import->target;
	JsonbParseState *state = NULL;
	JsonbValue	none = {.type = jbvNull};

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	for (int c = 0; c < target->ncolumns; c++)
	{
		text	   *cell = (text *) DatumGetPointer(row->raw[c]);

		if (cell == NULL && (import->partial ? (row->unsaid & RGT_COLUMN(c)) != 0 : c >= target->shown))
			continue;
		push_text(&state, WJB_KEY, target->column[c].name, strlen(target->column[c].name));
		if (cell == NULL)
			pushJsonbValue(&state, WJB_VALUE, &none);
		else if (row->odd & RGT_COLUMN(c))
			push_json(&state, cell);
		else
			push_text(&state, WJB_VALUE, VARDATA_ANY(cell), VARSIZE_ANY_EXHDR(cell));
	}
	return JsonbPGetDatum(JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL)));
}

static const RgtMadeColumn reject_columns[] = {{"target", TEXTOID}, {"source", TEXTOID}, {"line", INT8OID},
{"row", JSONBOID}, {"reason", TEXTOID}, {"reject_id", INT8OID}, {"by_duty_of", TEXTOID}};

static void
make_reject(const RgtImport *import, const RgtImportRow *row, Datum *values, bool *nulls)
{
	Datum		source = rgt_import_source(import, row);

	values[0] = CStringGetTextDatum(import->target->view);
	values[1] = source;
	nulls[1] = source == 0;
	values[2] = Int64GetDatum(row->line);
	values[3] = row_as_json(import, row);
	values[4] = CStringGetTextDatum(row->reason);
	values[5] = Int64GetDatum(row->reject_id);
	nulls[6] = import->by_duty_of == NULL;
	if (!nulls[6])
		values[6] = CStringGetTextDatum(import->by_duty_of);
}

/* Rows that were tried again: those at fault have a fresh reason, the others leave. */
static void
write_retried(RgtImport *import, RgtImportRow **rows, int n)
{
	static RgtQuery leave = RGT_QUERY("DELETE FROM regtarget.import_rejects WHERE reject_id = ANY ($1)", INT8ARRAYOID);
	RgtImportRow **bad = palloc_extended(sizeof(RgtImportRow *) * (Size) Max(n, 1), MCXT_ALLOC_HUGE);
	Datum	   *good = palloc_extended(sizeof(Datum) * (Size) Max(n, 1), MCXT_ALLOC_HUGE);
	int			nbad = 0;
	int			ngood = 0;
	Datum		array;

	for (int i = 0; i < n; i++)
	{
		if (rows[i]->reason != NULL)
			bad[nbad++] = rows[i];
		else
			good[ngood++] = Int64GetDatum(rows[i]->reject_id);
	}
	array = rgt_import_array(good, ngood, INT8OID);
	rgt_run(&leave, RGT_FRESH, &array, NULL, NULL, NULL);
	if (nbad > 0)
		rgt_import_write(import, "UPDATE regtarget.import_rejects t SET reason = r.reason FROM made_rows r "
						 "WHERE t.reject_id = r.reject_id AND t.reason <> r.reason",
						 reject_columns, lengthof(reject_columns), make_reject, bad, nbad);
}

/* Keep the rows that were refused, each once, where it stood last. */
static void
write_refused(RgtImport *import, RgtImportRow **bad, int n)
{
	StringInfoData sql;

	if (n == 0)
		return;
	initStringInfo(&sql);
	appendStringInfo(&sql, "INSERT INTO regtarget.import_rejects AS t (target, source, line, row, reason, by_duty_of) "
					 "SELECT d.target, d.source, d.line, d.row, d.reason, d.by_duty_of FROM ("
					 "SELECT DISTINCT ON (m.source, m.row::pg_catalog.text) m.* FROM made_rows m "
					 "ORDER BY m.source, m.row::pg_catalog.text, m.line DESC) d ORDER BY d.line "
					 "ON CONFLICT (target, coalesce(source, ''), coalesce(by_duty_of, ''), md5(row::pg_catalog.text)) "
					 "DO UPDATE SET reason = excluded.reason, outdated = false, "
					 "line = CASE WHEN t.reject_id > %1$lld THEN excluded.line ELSE t.line END "
					 "WHERE t.reason <> excluded.reason OR t.outdated OR t.reject_id > %1$lld",
					 (long long) import->last_reject);
	rgt_import_write(import, sql.data, reject_columns, lengthof(reject_columns), make_reject, bad, n);
}

/* Of rows that were taken: keep those that were refused. */
void
rgt_rejects_write(RgtImport *import, RgtImportRow **rows, int n)
{
	RgtImportRow **bad;
	RgtImportRow **good;
	int			nbad = 0;
	int			ngood = 0;

	if (import->retry)
	{
		write_retried(import, rows, n);
		return;
	}
	bad = palloc_extended(sizeof(RgtImportRow *) * (Size) Max(n, 1), MCXT_ALLOC_HUGE);
	good = palloc_extended(sizeof(RgtImportRow *) * (Size) Max(n, 1), MCXT_ALLOC_HUGE);
	for (int i = 0; i < n; i++)
	{
		if (rows[i]->reason != NULL)
			bad[nbad++] = rows[i];
		else
			good[ngood++] = rows[i];
	}
	write_refused(import, bad, nbad);
	if (ngood > 0 && import->rejected + nbad > 0)
		mark_outdated(import, good, ngood);
	pfree(bad);
	pfree(good);
}
