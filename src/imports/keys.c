/*
 * imports/keys.c
 *	  Which row a refused one is, and whether anything of it may be kept.
 *
 * Most rows that come in were never refused, and most that are refused were not before.  A statement that has
 * the view to itself tells so by a filter of the keys that are kept, without a look at the table.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/cryptohash.h"
#include "common/sha2.h"
#include "lib/bloomfilter.h"
#include "port/pg_bswap.h"
#include "utils/builtins.h"

#include "imports/imports.h"
#include "regtarget.h"

/* ---- keys ---------------------------------------------------------------------------------------------- */

/* Longer keys are kept as their hash. */
#define LONGEST_KEPT 200

/*
 * How many keys the filter is laid out for, and its size in kB: a few looks at a key, of which one in two hundred is told
 * wrongly when a million are in it, are better than the ten looks that a smaller number would make of it.
 */
#define FILTER_KEYS 4000000
#define FILTER_SIZE 2048

/* Bytes behind their number, which mostly takes one byte: keys are kept twice, with the row and in the index. */
static void
add_bytes(StringInfo key, const char *bytes, int length)
{
	if (length < 255)
		appendStringInfoChar(key, (char) length);
	else
	{
		uint32		size = pg_hton32(length);

		appendStringInfoChar(key, (char) 255);
		appendBinaryStringInfo(key, (char *) &size, sizeof(size));
	}
	appendBinaryStringInfo(key, bytes, length);
}

static void
add_text(StringInfo key, Datum text)
{
	struct varlena *stored = (struct varlena *) DatumGetPointer(text);

	add_bytes(key, stored == NULL ? "" : VARDATA_ANY(stored), stored == NULL ? 0 : VARSIZE_ANY_EXHDR(stored));
}

static void
add_number(StringInfo key, int32 number)
{
	uint32		bytes = pg_hton32((uint32) number);

	add_bytes(key, (char *) &bytes, sizeof(bytes));
}

/* What the name in the key stands for; 0: that is not known, or there is none. */
static int32
meant_by(const RgtTarget *target, const RgtImportRow *row)
{
	if (target->named == NULL)
		return 0;
	return target->named->kind == RGT_NAME_UNIT ? row->unit_id : row->employee_id;
}

/* The columns that say which row it is: the same whatever way their cells are written. */
static void
add_columns(const RgtTarget *target, const RgtImportRow *row, int32 meant, StringInfo key)
{
	for (int k = 0; k < target->nkeys; k++)
	{
		int			c = target->key[k];

		if (target->column[c].cell == RGT_CELL_DAY)
			add_number(key, DatumGetDateADT(row->value[c]));
		else if (meant != 0 && c == target->named->column)
			add_number(key, meant);
		else if (c != target->source)
			add_text(key, rgt_record_id(target, row->value[c]));
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

static void
make_key(const RgtImport *import, const RgtImportRow *row, int32 meant, StringInfo key)
{
	const RgtTarget *target = import->target;

	resetStringInfo(key);
	add_bytes(key, target->view, strlen(target->view));
	if (meant != 0)
		add_bytes(key, "=", 1);
	if (meant == 0 || !target->named->any_source)
		add_text(key, rgt_import_source(import, row));
	if (has_key(target, row))
		add_columns(target, row, meant, key);
	else
		add_cells(target, row, key);
	if (key->len > LONGEST_KEPT)
		shorten(key);
}

/* What says which row it is, of which source and for which target; the same for each of its versions. */
void
rgt_row_key(const RgtImport *import, const RgtImportRow *row, StringInfo key)
{
	make_key(import, row, has_key(import->target, row) ? meant_by(import->target, row) : 0, key);
}

/* The same as long as nobody knew whom or what the name in it stands for. */
void
rgt_row_key_as_written(const RgtImport *import, const RgtImportRow *row, StringInfo key)
{
	make_key(import, row, 0, key);
}

/* A key as a value. */
Datum
rgt_key_bytes(const StringInfo key)
{
	return PointerGetDatum(cstring_to_text_with_len(key->data, key->len));
}

/* The key of a row, made once: what it stands for is settled by now. */
Datum
rgt_row_key_kept(const RgtImport *import, RgtImportRow *row)
{
	MemoryContext old;

	if (row->row_key != 0)
		return row->row_key;
	rgt_row_key(import, row, import->key);
	old = MemoryContextSwitchTo(import->batch);
	row->row_key = rgt_key_bytes(import->key);
	MemoryContextSwitchTo(old);
	return row->row_key;
}

/* Find out what the names in the keys of refused rows stand for. */
void
rgt_rows_identify(RgtImport *import, RgtImportRow **rows, int n)
{
	const RgtKeyName *named = import->target->named;

	for (int i = 0; named != NULL && i < n; i++)
		rows[i]->name[named->kind] = rows[i]->isnull[named->column] ? NULL :
			rgt_name(import, named->kind, rgt_import_source(import, rows[i]), rows[i]->value[named->column]);
	if (named != NULL)
		rgt_names_look_up(import);
	for (int i = 0; named != NULL && i < n; i++)
	{
		const RgtName *name = rows[i]->name[named->kind];

		if (named->kind == RGT_NAME_UNIT)
			rows[i]->unit_id = name == NULL ? 0 : name->id;
		else
			rows[i]->employee_id = name == NULL ? 0 : name->id;
	}
}

/*
 * Is a row that is tried again kept under another key than its own, because the name in that was not known?  Then
 * what is on record of it may have come in later, by the name that was.
 */
bool
rgt_is_met_anew(const RgtImport *import, const RgtImportRow *row)
{
	StringInfoData key;
	struct varlena *kept = (struct varlena *) DatumGetPointer(row->kept_key);
	bool		same;

	if (!import->retry || kept == NULL)
		return false;
	initStringInfo(&key);
	rgt_row_key(import, row, &key);
	same = key.len == (int) VARSIZE_ANY_EXHDR(kept) && memcmp(key.data, VARDATA_ANY(kept), key.len) == 0;
	pfree(key.data);
	return !same;
}

/* ---- the filter of keys that are kept --------------------------------------------------------------------- */

static void
note_kept(TupleTableSlot *slot, void *arg)
{
	struct varlena *key = PG_DETOAST_DATUM_PACKED(slot->tts_values[0]);

	bloom_add_element(arg, (unsigned char *) VARDATA_ANY(key), VARSIZE_ANY_EXHDR(key));
}

/* Nobody else refuses rows of the view now: what is kept, and what this statement keeps, is all there is. */
void
rgt_kept_begin(RgtImport *import)
{
	static RgtQuery query = RGT_QUERY("SELECT row_key FROM regtarget.import_rejects WHERE target = $1", TEXTOID);
	Datum		target = CStringGetTextDatum(import->target->view);
	MemoryContext old = MemoryContextSwitchTo(import->context);

	import->filter = bloom_create(FILTER_KEYS, FILTER_SIZE, 0);
	MemoryContextSwitchTo(old);
	if (import->kept)
		rgt_run(&query, RGT_FRESH, &target, NULL, note_kept, import->filter);
}

static bool
lacks(const RgtImport *import, const char *key, int length)
{
	return bloom_lacks_element(import->filter, unconstify(unsigned char *, (const unsigned char *) key), length);
}

/* Is there perhaps something kept of the row? */
static bool
may_be_kept(RgtImport *import, const RgtImportRow *row)
{
	struct varlena *key = (struct varlena *) DatumGetPointer(row->row_key);

	if (import->filter == NULL)
		return import->kept;
	if (key == NULL)
		rgt_row_key(import, row, import->key);
	if (!(key == NULL ? lacks(import, import->key->data, import->key->len) :
		  lacks(import, VARDATA_ANY(key), VARSIZE_ANY_EXHDR(key))))
		return true;
	if (meant_by(import->target, row) == 0)
		return false;
	rgt_row_key_as_written(import, row, import->key);
	return !lacks(import, import->key->data, import->key->len);
}

/* Put the rows of which something may be kept in front; returns how many. */
int
rgt_kept_first(RgtImport *import, RgtImportRow **rows, int n)
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

/* These rows are kept now. */
void
rgt_kept_add(RgtImport *import, RgtImportRow **rows, int n)
{
	import->kept |= n > 0;
	for (int i = 0; i < n && import->filter != NULL; i++)
	{
		struct varlena *key = (struct varlena *) DatumGetPointer(rgt_row_key_kept(import, rows[i]));

		bloom_add_element(import->filter, (unsigned char *) VARDATA_ANY(key), VARSIZE_ANY_EXHDR(key));
	}
}
