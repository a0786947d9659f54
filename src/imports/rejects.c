/*
 * imports/rejects.c
 *	  Rows that were refused: kept whole until the same row comes in.
 *
 * Which row it is, its target, source and key say, and what is kept has them.  Refused again, the row
 * replaces what was kept of it; taken in a later line or statement, it drops it, for it would only be undone
 * if that were tried again.  A row whose key cannot be read is the same only as one that is alike in every
 * cell.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

#include "imports/imports.h"
#include "regtarget.h"

/* ---- the rows of a batch that are kept -------------------------------------------------------------------- */

typedef struct Latest
{
	text	   *key;
	RgtImportRow *refused;		/* its last row, if that was */
	uint32		hash;
	char		status;
} Latest;

#define SH_PREFIX latest
#define SH_ELEMENT_TYPE Latest
#define SH_KEY_TYPE text *
#define SH_KEY key
#define SH_HASH_KEY(tb, key) hash_bytes((const unsigned char *) VARDATA_ANY(key), VARSIZE_ANY_EXHDR(key))
#define SH_EQUAL(tb, a, b) (rgt_import_compare_text(PointerGetDatum(a), PointerGetDatum(b)) == 0)
#define SH_STORE_HASH
#define SH_GET_HASH(tb, a) ((a)->hash)
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/*
 * Of rows of one key the last one counts: if it was refused, it is kept, and if it was not, nothing of them is; of
 * a service's rows, for each column that they say.  Rows stand in the order of their lines.  Returns how many are
 * kept.
 */
static int
pick_refused(const RgtImport *import, RgtImportRow **rows, int n, RgtImportRow **kept)
{
	struct latest_hash *latest = latest_create(CurrentMemoryContext, Max(n, 16), NULL);
	int			nkept = 0;

	for (int i = 0; i < n; i++)
	{
		bool		found;
		Latest	   *entry = latest_insert(latest, (text *) DatumGetPointer(rgt_row_key_kept(import, rows[i])), &found);

		if (found && entry->refused != NULL)
			entry->refused = rgt_import_supersede(import, entry->refused, rows[i]);
		else
			entry->refused = rows[i]->reason != NULL ? rows[i] : NULL;
	}
	for (int i = 0; i < n; i++)
	{
		if (rows[i]->reason != NULL && !rows[i]->replaced)
			kept[nkept++] = rows[i];
	}
	latest_destroy(latest);
	return nkept;
}

/* ---- keeping ------------------------------------------------------------------------------------------ */

static void
push_text(JsonbParseState **state, JsonbIteratorToken token, const char *data, int length)
{
	JsonbValue	value = {.type = jbvString, .val.string = {.len = length, .val = unconstify(char *, data)}};

	pushJsonbValue(state, token, &value);
}

/* As jsonb orders its keys: the shorter first, and those of one length by their bytes. */
static bool
is_before(const char *a, const char *b)
{
	size_t		left = strlen(a);
	size_t		right = strlen(b);

	return left != right ? left < right : strcmp(a, b) < 0;
}

/* The columns of the target in that order: jsonb need not sort the keys of every row then. */
static void
order_columns(RgtImport *import)
{
	const RgtImportColumn *column = import->target->column;

	for (int c = 0; c < import->target->ncolumns; c++)
	{
		int			at = c;

		for (; at > 0 && is_before(column[c].name, column[import->order[at - 1]].name); at--)
			import->order[at] = import->order[at - 1];
		import->order[at] = c;
	}
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
	for (int i = 0; i < target->ncolumns; i++)
	{
		int			c = import->order[i];
		text	   *cell = (text *) DatumGetPointer(row->raw[c]);

		if (cell == NULL && (import->partial ? (row->unsaid & RGT_COLUMN(c)) != 0 : c >= target->shown))
			continue;
		push_text(&state, WJB_KEY, target->column[c].name, VARSIZE_ANY_EXHDR(DatumGetPointer(import->column_name[c])));
		if (cell == NULL)
			pushJsonbValue(&state, WJB_VALUE, &none);
		else if (row->odd & RGT_COLUMN(c))
			push_json(&state, cell);
		else
			push_text(&state, WJB_VALUE, VARDATA_ANY(cell), VARSIZE_ANY_EXHDR(cell));
	}
	return JsonbPGetDatum(JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL)));
}

enum
{
	TARGET, SOURCE, LINE, ROW, REASON, BY_DUTY_OF, CAUSE, COLUMN_NAME, DECIMAL_MARK, ROW_KEY, REJECT_ID
};

static const RgtMadeColumn reject_columns[] = {
	[TARGET] = {"target", TEXTOID}, [SOURCE] = {"source", TEXTOID}, [LINE] = {"line", INT8OID}, [ROW] = {"row", JSONBOID},
	[REASON] = {"reason", TEXTOID}, [BY_DUTY_OF] = {"by_duty_of", TEXTOID}, [CAUSE] = {"cause", TEXTOID},
	[COLUMN_NAME] = {"column_name", TEXTOID}, [DECIMAL_MARK] = {"decimal_mark", TEXTOID}, [ROW_KEY] = {"row_key", BYTEAOID},
	[REJECT_ID] = {"reject_id", INT8OID}
};

static void
put_text(const char *text, int c, Datum *values, bool *nulls)
{
	nulls[c] = text == NULL;
	values[c] = text == NULL ? (Datum) 0 : CStringGetTextDatum(text);
}

static void
make_reject(const RgtImport *import, const RgtImportRow *row, Datum *values, bool *nulls)
{
	char		mark[2] = {row->decimal_mark, 0};

	values[TARGET] = import->view_name;
	values[SOURCE] = rgt_import_source(import, row);
	nulls[SOURCE] = values[SOURCE] == 0;
	values[LINE] = Int64GetDatum(row->line);
	values[ROW] = row_as_json(import, row);
	put_text(row->reason, REASON, values, nulls);
	put_text(import->by_duty_of, BY_DUTY_OF, values, nulls);
	values[CAUSE] = import->cause_word[row->cause];
	nulls[COLUMN_NAME] = row->column < 0;
	values[COLUMN_NAME] = row->column < 0 ? (Datum) 0 : import->column_name[row->column];
	put_text(row->decimal_mark == 0 ? NULL : mark, DECIMAL_MARK, values, nulls);
	values[ROW_KEY] = row->row_key;
	nulls[ROW_KEY] = row->row_key == 0;
	values[REJECT_ID] = Int64GetDatum(row->reject_id);
}

#define REJECT_COLUMNS "target, source, line, row, reason, by_duty_of, cause, column_name, decimal_mark, row_key"

#define KEPT_AT_ONCE 4096

#define KEEP "INSERT INTO regtarget.import_rejects AS t (" REJECT_COLUMNS ") SELECT " REJECT_COLUMNS " FROM made_rows"

/* So many rows are worth a filter of what is kept. */
#define FILTER_FROM 4096

/* Some thousand at a time: what is made of them need not all be in memory at once. */
static void
keep_these(const RgtImport *import, const char *sql, RgtImportRow **rows, int n)
{
	for (int done = 0; done < n; done += KEPT_AT_ONCE)
		rgt_import_write(import, sql, reject_columns, lengthof(reject_columns) - 1, make_reject, rows + done,
						 Min(KEPT_AT_ONCE, n - done));
}

/* Both keys of a row, whose name is known by now. */
static void
make_keys(const RgtImport *import, const RgtImportRow *row, Datum *values, bool *nulls)
{
	rgt_row_key(import, row, import->key);
	values[0] = rgt_key_bytes(import->key);
	rgt_row_key_as_written(import, row, import->key);
	values[1] = rgt_key_bytes(import->key);
}

/* What was kept of these rows while nobody knew what the names in their keys stand for is of the same rows. */
static void
meet_again(const RgtImport *import, RgtImportRow **rows, int n)
{
	static const RgtMadeColumn columns[] = {{"row_key", BYTEAOID}, {"written_key", BYTEAOID}};
	const char *mine = quote_literal_cstr(import->by_duty_of == NULL ? "" : import->by_duty_of);
	const char *same;

	if (import->target->named == NULL || !import->kept)
		return;
	same = psprintf("made_rows r WHERE t.row_key = r.written_key AND coalesce(t.by_duty_of, '') = %s "
					"AND r.row_key <> r.written_key", mine);
	rgt_import_write(import, psprintf("UPDATE regtarget.import_rejects t SET row_key = r.row_key FROM %s "
									  "AND NOT EXISTS (SELECT FROM regtarget.import_rejects o WHERE o.row_key = r.row_key "
									  "AND coalesce(o.by_duty_of, '') = %s)", same, mine),
					 columns, lengthof(columns), make_keys, rows, n);
	rgt_import_write(import, psprintf("DELETE FROM regtarget.import_rejects t USING %s", same),
					 columns, lengthof(columns), make_keys, rows, n);
}

/*
 * Keep rows; what was kept of the same rows before, they replace.  But what a service's row said and the new one does
 * not say is kept with it.
 */
static void
keep(RgtImport *import, RgtImportRow **rows, int n)
{
	int			known = import->filter == NULL ? n : rgt_kept_first(import, rows, n);
	char	   *row = "excluded.row";

	if (import->partial)
		row = psprintf("CASE WHEN %s THEN t.row || excluded.row ELSE excluded.row END", rgt_partial_reject(import->target));
	keep_these(import, KEEP, rows + known, n - known);
	meet_again(import, rows, known);
	keep_these(import, psprintf(
			   KEEP " ON CONFLICT (row_key, coalesce(by_duty_of, '')) DO UPDATE SET line = excluded.line, row = %1$s, "
			   "reason = excluded.reason, cause = excluded.cause, column_name = excluded.column_name, "
			   "decimal_mark = excluded.decimal_mark "
			   "WHERE (t.line, t.row, t.reason, t.cause, t.column_name, t.decimal_mark) IS DISTINCT FROM "
			   "(excluded.line, %1$s, excluded.reason, excluded.cause, excluded.column_name, excluded.decimal_mark)", row),
			   rows, known);
	rgt_kept_add(import, rows, n);
}

/* ---- rows that were taken ------------------------------------------------------------------------------------ */

/* Are there any rejects that rows of the statement could be the same as? */
void
rgt_rejects_begin(RgtImport *import)
{
	static RgtQuery query = RGT_QUERY0("SELECT EXISTS (SELECT FROM regtarget.import_rejects)");
	MemoryContext old;
	Datum		any;
	bool		isnull;

	rgt_one(&query, RGT_FRESH, NULL, NULL, &any, &isnull, 1);
	import->kept = DatumGetBool(any);
	order_columns(import);
	old = MemoryContextSwitchTo(import->context);
	import->view_name = CStringGetTextDatum(import->target->view);
	for (int c = 0; c < import->target->ncolumns; c++)
		import->column_name[c] = CStringGetTextDatum(import->target->column[c].name);
	MemoryContextSwitchTo(old);
}

/* The words for what the rows were refused for. */
static void
say_causes(RgtImport *import, RgtImportRow **rows, int n)
{
	MemoryContext old = MemoryContextSwitchTo(import->context);

	for (int i = 0; i < n; i++)
	{
		if (import->cause_word[rows[i]->cause] == 0)
			import->cause_word[rows[i]->cause] = CStringGetTextDatum(rgt_cause_word(rows[i]->cause));
	}
	MemoryContextSwitchTo(old);
}

/* Rows that were tried again: those at fault have a fresh reason, the others leave. */
static void
write_retried(const RgtImport *import, RgtImportRow **bad, int nbad, RgtImportRow **good, int ngood)
{
	static RgtQuery leave = RGT_QUERY("DELETE FROM regtarget.import_rejects WHERE reject_id = ANY ($1)", INT8ARRAYOID);
	Datum	   *ids = palloc_extended(sizeof(Datum) * (Size) Max(ngood, 1), MCXT_ALLOC_HUGE);
	Datum		array;

	for (int i = 0; i < ngood; i++)
		ids[i] = Int64GetDatum(good[i]->reject_id);
	array = rgt_import_array(ids, ngood, INT8OID);
	rgt_run(&leave, RGT_FRESH, &array, NULL, NULL, NULL);
	if (nbad > 0)
		rgt_import_write(import, "UPDATE regtarget.import_rejects t SET reason = r.reason, cause = r.cause, "
						 "column_name = r.column_name, decimal_mark = r.decimal_mark FROM made_rows r "
						 "WHERE t.reject_id = r.reject_id "
						 "AND (t.reason, t.cause, t.column_name, t.decimal_mark) IS DISTINCT FROM "
						 "(r.reason, r.cause, r.column_name, r.decimal_mark)",
						 reject_columns, lengthof(reject_columns), make_reject, bad, nbad);
	pfree(ids);
}

static void
write_taken(RgtImport *import, RgtImportRow **rows, int n, RgtImportRow **bad, int nbad, RgtImportRow **good, int ngood)
{
	if (import->exclusive && import->filter == NULL && n >= FILTER_FROM && (nbad > 0 || import->kept))
		rgt_kept_begin(import);
	if (import->kept)
		rgt_rejects_drop(import, good, ngood);
	if (nbad > 0)
		keep(import, bad, pick_refused(import, rows, n, bad));
}

/* Of rows that were taken: keep those that were refused, drop what was kept of those that have come in. */
void
rgt_rejects_write(RgtImport *import, RgtImportRow **rows, int n)
{
	RgtImportRow **bad = palloc_extended(sizeof(RgtImportRow *) * (Size) Max(n, 1), MCXT_ALLOC_HUGE);
	RgtImportRow **good = palloc_extended(sizeof(RgtImportRow *) * (Size) Max(n, 1), MCXT_ALLOC_HUGE);
	int			nbad = 0;
	int			ngood = 0;
	StringInfoData key;

	for (int i = 0; i < n; i++)
	{
		if (rows[i]->reason != NULL)
			bad[nbad++] = rows[i];
		else
			good[ngood++] = rows[i];
	}
	initStringInfo(&key);
	import->key = &key;
	rgt_rows_identify(import, bad, nbad);
	say_causes(import, bad, nbad);
	if (import->retry)
		write_retried(import, bad, nbad, good, ngood);
	else
		write_taken(import, rows, n, bad, nbad, good, ngood);
	import->key = NULL;
	pfree(key.data);
	pfree(bad);
	pfree(good);
}
