/*
 * imports/rejects.c
 *	  Rows that were refused: kept whole until the same row comes in.
 *
 * Which row it is, its target, source and key say, and what is kept has them.  Refused again, the row
 * replaces what was kept of it; taken in a later line or statement, it drops it, for it would only be undone
 * if that were tried again.  A row whose key cannot be read is the same only as one that is alike in every
 * cell.
 *
 * Most rows that come in were never refused, and most that are refused were not before.  A statement that has
 * the view to itself tells so by a filter of the keys that are kept, without a look at the table.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/cryptohash.h"
#include "common/hashfn.h"
#include "common/sha2.h"
#include "lib/bloomfilter.h"
#include "port/pg_bswap.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

#include "imports/imports.h"
#include "regtarget.h"

/* ---- keys ---------------------------------------------------------------------------------------------- */

/* Longer keys are kept as their hash. */
#define LONGEST_KEPT 200

/* How many keys the filter tells apart well, and its size in kB. */
#define FILTER_KEYS 1000000
#define FILTER_SIZE 2048

static void
add_bytes(StringInfo key, const char *bytes, int length)
{
	uint32		size = pg_hton32(length);

	appendBinaryStringInfo(key, (char *) &size, sizeof(size));
	appendBinaryStringInfo(key, bytes, length);
}

static void
add_text(StringInfo key, Datum text)
{
	struct varlena *stored = (struct varlena *) DatumGetPointer(text);

	add_bytes(key, stored == NULL ? "" : VARDATA_ANY(stored), stored == NULL ? 0 : VARSIZE_ANY_EXHDR(stored));
}

/* The columns that say which row it is: the same whatever way their cells are written. */
static void
add_columns(const RgtTarget *target, const RgtImportRow *row, StringInfo key)
{
	for (int k = 0; k < target->nkeys; k++)
	{
		int			c = target->key[k];

		if (target->column[c].cell == RGT_CELL_DAY)
		{
			uint32		day = pg_hton32((uint32) DatumGetDateADT(row->value[c]));

			add_bytes(key, (char *) &day, sizeof(day));
		}
		else if (c != target->source)
			add_text(key, row->value[c]);
	}
}

/* Where one of these cannot be read, all cells as they came. */
static void
add_cells(const RgtTarget *target, const RgtImportRow *row, StringInfo key)
{
	for (int c = 0; c < target->ncolumns; c++)
	{
		add_bytes(key, row->raw[c] == 0 ? "-" : "+", 1);
		add_text(key, row->raw[c]);
	}
}

static bool
has_key(const RgtTarget *target, const RgtImportRow *row)
{
	for (int k = 0; k < target->nkeys; k++)
	{
		if (row->isnull[target->key[k]])
			return false;
	}
	return true;
}

static void
shorten(StringInfo key)
{
	pg_cryptohash_ctx *context = pg_cryptohash_create(PG_SHA256);
	uint8		hash[PG_SHA256_DIGEST_LENGTH];

	if (context == NULL || pg_cryptohash_init(context) < 0 ||
		pg_cryptohash_update(context, (uint8 *) key->data, key->len) < 0 ||
		pg_cryptohash_final(context, hash, sizeof(hash)) < 0)
		elog(ERROR, "could not hash the key of a row: %s", pg_cryptohash_error(context));
	pg_cryptohash_free(context);
	resetStringInfo(key);
	appendBinaryStringInfo(key, (char *) hash, sizeof(hash));
}

/* What says which row it is, of which source and for which target; the same for each of its versions. */
static void
make_key(const RgtImport *import, const RgtImportRow *row, StringInfo key)
{
	const RgtTarget *target = import->target;

	resetStringInfo(key);
	add_bytes(key, target->view, strlen(target->view));
	add_text(key, rgt_import_source(import, row));
	if (has_key(target, row))
		add_columns(target, row, key);
	else
		add_cells(target, row, key);
	if (key->len > LONGEST_KEPT)
		shorten(key);
}

static Datum
as_bytea(const StringInfo key)
{
	return PointerGetDatum(cstring_to_text_with_len(key->data, key->len));
}

/* ---- the filter of keys that are kept --------------------------------------------------------------------- */

static void
note_kept(TupleTableSlot *slot, void *arg)
{
	struct varlena *key = PG_DETOAST_DATUM_PACKED(slot->tts_values[0]);

	bloom_add_element(arg, (unsigned char *) VARDATA_ANY(key), VARSIZE_ANY_EXHDR(key));
}

/* Nobody else refuses rows of the view now: what is kept, and what this statement keeps, is all there is. */
static void
begin_filter(RgtImport *import)
{
	static RgtQuery query = RGT_QUERY("SELECT row_key FROM regtarget.import_rejects WHERE target = $1", TEXTOID);
	Datum		target = CStringGetTextDatum(import->target->view);
	MemoryContext old = MemoryContextSwitchTo(import->context);

	import->filter = bloom_create(FILTER_KEYS, FILTER_SIZE, 0);
	MemoryContextSwitchTo(old);
	if (import->kept)
		rgt_run(&query, RGT_FRESH, &target, NULL, note_kept, import->filter);
}

/* Is there perhaps something kept of the row? */
static bool
may_be_kept(RgtImport *import, const RgtImportRow *row)
{
	if (import->filter == NULL)
		return import->kept;
	make_key(import, row, import->key);
	return !bloom_lacks_element(import->filter, (unsigned char *) import->key->data, import->key->len);
}

/* Put the rows of which something may be kept in front; returns how many. */
static int
sort_out(RgtImport *import, RgtImportRow **rows, int n)
{
	RgtImportRow **others = palloc_extended(sizeof(RgtImportRow *) * (Size) Max(n, 1), MCXT_ALLOC_HUGE);
	int			nfront = 0;
	int			nothers = 0;

	for (int i = 0; i < n; i++)
	{
		if (may_be_kept(import, rows[i]))
			rows[nfront++] = rows[i];
		else
			others[nothers++] = rows[i];
	}
	memcpy(rows + nfront, others, sizeof(RgtImportRow *) * nothers);
	pfree(others);
	return nfront;
}

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
 * Of rows of one key the last one counts: if it was refused, it is kept, and if it was not, nothing of them is.
 * Rows stand in the order of their lines.  Returns how many are kept.
 */
static int
pick_refused(const RgtImport *import, RgtImportRow **rows, int n, RgtImportRow **kept)
{
	struct latest_hash *latest = latest_create(CurrentMemoryContext, Max(n, 16), NULL);
	int			nkept = 0;

	for (int i = 0; i < n; i++)
	{
		bool		found;
		text	   *bytes;
		Latest	   *entry;

		make_key(import, rows[i], import->key);
		bytes = cstring_to_text_with_len(import->key->data, import->key->len);
		entry = latest_insert(latest, bytes, &found);
		if (found && entry->refused != NULL)
		{
			entry->refused->replaced = true;
			entry->refused->came_in = rows[i]->reason == NULL;
		}
		entry->refused = rows[i]->reason != NULL ? rows[i] : NULL;
		if (found)
			pfree(bytes);
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

		if (cell == NULL && (import->partial || c >= target->shown))
			continue;
		push_text(&state, WJB_KEY, target->column[c].name, strlen(target->column[c].name));
		if (cell == NULL)
			pushJsonbValue(&state, WJB_VALUE, &none);
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

	put_text(import->target->view, TARGET, values, nulls);
	values[SOURCE] = rgt_import_source(import, row);
	nulls[SOURCE] = values[SOURCE] == 0;
	values[LINE] = Int64GetDatum(row->line);
	values[ROW] = row_as_json(import, row);
	put_text(row->reason, REASON, values, nulls);
	put_text(import->by_duty_of, BY_DUTY_OF, values, nulls);
	put_text(rgt_cause_word(row->cause), CAUSE, values, nulls);
	put_text(row->column < 0 ? NULL : import->target->column[row->column].name, COLUMN_NAME, values, nulls);
	put_text(row->decimal_mark == 0 ? NULL : mark, DECIMAL_MARK, values, nulls);
	make_key(import, row, import->key);
	values[ROW_KEY] = as_bytea(import->key);
	values[REJECT_ID] = Int64GetDatum(row->reject_id);
}

#define REJECT_COLUMNS "target, source, line, row, reason, by_duty_of, cause, column_name, decimal_mark, row_key"

#define KEPT_AT_ONCE 4096

#define KEEP "INSERT INTO regtarget.import_rejects AS t (" REJECT_COLUMNS ") SELECT " REJECT_COLUMNS " FROM made_rows"

/* Some thousand at a time: what is made of them need not all be in memory at once. */
static void
keep_these(const RgtImport *import, const char *sql, RgtImportRow **rows, int n)
{
	for (int done = 0; done < n; done += KEPT_AT_ONCE)
		rgt_import_write(import, sql, reject_columns, lengthof(reject_columns) - 1, make_reject, rows + done,
						 Min(KEPT_AT_ONCE, n - done));
}

/* Keep rows; what was kept of the same rows before, they replace. */
static void
keep(RgtImport *import, RgtImportRow **rows, int n)
{
	int			known = import->filter == NULL ? n : sort_out(import, rows, n);

	keep_these(import, KEEP, rows + known, n - known);
	keep_these(import, KEEP " ON CONFLICT (row_key, coalesce(by_duty_of, '')) DO UPDATE SET line = excluded.line, "
			   "row = excluded.row, reason = excluded.reason, cause = excluded.cause, column_name = excluded.column_name, "
			   "decimal_mark = excluded.decimal_mark "
			   "WHERE (t.line, t.row, t.reason, t.cause, t.column_name, t.decimal_mark) IS DISTINCT FROM "
			   "(excluded.line, excluded.row, excluded.reason, excluded.cause, excluded.column_name, excluded.decimal_mark)",
			   rows, known);
	import->kept = true;
	for (int i = known; i < n; i++)
	{
		make_key(import, rows[i], import->key);
		bloom_add_element(import->filter, (unsigned char *) import->key->data, import->key->len);
	}
}

/* ---- rows that have come in ----------------------------------------------------------------------------- */

static void
make_row_key(const RgtImport *import, const RgtImportRow *row, Datum *values, bool *nulls)
{
	make_key(import, row, import->key);
	values[0] = as_bytea(import->key);
}

/* Drop what earlier lines and statements were refused of these rows; a load by duty reaches rejects of its own only. */
static void
drop(RgtImport *import, RgtImportRow **rows, int n)
{
	static const RgtMadeColumn columns[] = {{"row_key", BYTEAOID}};
	const char *sql = "DELETE FROM regtarget.import_rejects t USING made_rows r WHERE t.row_key = r.row_key";

	n = sort_out(import, rows, n);
	if (n == 0)
		return;
	if (import->by_duty_of != NULL)
		sql = psprintf("%s AND t.by_duty_of = %s", sql, quote_literal_cstr(import->by_duty_of));
	rgt_import_write(import, sql, columns, lengthof(columns), make_row_key, rows, n);
}

/* Are there any rejects that rows of the statement could be the same as? */
void
rgt_rejects_begin(RgtImport *import)
{
	static RgtQuery query = RGT_QUERY0("SELECT EXISTS (SELECT FROM regtarget.import_rejects)");
	Datum		any;
	bool		isnull;

	rgt_one(&query, RGT_FRESH, NULL, NULL, &any, &isnull, 1);
	import->kept = DatumGetBool(any);
	order_columns(import);
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
		rgt_import_write(import, "UPDATE regtarget.import_rejects t SET reason = r.reason, cause = r.cause, column_name = r.column_name, "
						 "decimal_mark = r.decimal_mark FROM made_rows r WHERE t.reject_id = r.reject_id "
						 "AND (t.reason, t.cause, t.column_name, t.decimal_mark) IS DISTINCT FROM "
						 "(r.reason, r.cause, r.column_name, r.decimal_mark)",
						 reject_columns, lengthof(reject_columns), make_reject, bad, nbad);
	pfree(ids);
}

static void
write_taken(RgtImport *import, RgtImportRow **rows, int n, RgtImportRow **bad, int nbad, RgtImportRow **good, int ngood)
{
	if (import->exclusive && import->filter == NULL && (nbad > 0 || import->kept))
		begin_filter(import);
	if (import->kept)
		drop(import, good, ngood);
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
	if (import->retry)
		write_retried(import, bad, nbad, good, ngood);
	else
		write_taken(import, rows, n, bad, nbad, good, ngood);
	import->key = NULL;
	pfree(key.data);
	pfree(bad);
	pfree(good);
}
