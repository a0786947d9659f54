/*
 * base/key_set.c
 *	  The distinct keys of a column in the rows of a transition table.
 *
 * A load of a million facts names a thousand units, some thousand people, and up to a million customers, in no
 * order.  Keys that are numbers are bits of words of 64: ids that come from a sequence are dense, so a few
 * kilobytes hold them all, and they come out in order.  Texts (periods, months) are few and sorted.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "port/pg_bitutils.h"
#include "utils/lsyscache.h"

#include "base/key_set.h"
#include "regtarget.h"

/* Keys from 64 * number on, a bit each. */
typedef struct Word
{
	int64		number;
	uint64		bits;
	char		status;			/* of the hash table's slot */
} Word;

#define SH_PREFIX words
#define SH_ELEMENT_TYPE Word
#define SH_KEY_TYPE int64
#define SH_KEY number
#define SH_HASH_KEY(set, key) murmurhash32((uint32) (key) ^ (uint32) ((uint64) (key) >> 32))
#define SH_EQUAL(set, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/* One column while its keys are gathered. */
typedef struct Column
{
	AttrNumber	attnum;
	Oid			type;
	words_hash *words;			/* of numbers */
	Word	   *last;			/* where the last one was: neighbours are often alike */
	Datum	   *texts;			/* some of them more than once */
	int64		n;
	int64		allocated;
} Column;

/* All that are gathered in one walk over the rows. */
typedef struct Gathering
{
	Column	   *columns;
	int			n;
} Gathering;

/* ---- order --------------------------------------------------------------------------------------------- */

static int64
number_of(Oid type, Datum value)
{
	return type == INT4OID ? DatumGetInt32(value) : DatumGetInt64(value);
}

static Datum
datum_of(Oid type, int64 number)
{
	return type == INT4OID ? Int32GetDatum((int32) number) : Int64GetDatum(number);
}

/* Any order will do, as long as equal texts are equal bytes. */
static int
compare_texts(Datum left, Datum right)
{
	text	   *a = DatumGetTextPP(left);
	text	   *b = DatumGetTextPP(right);
	int			length = Min(VARSIZE_ANY_EXHDR(a), VARSIZE_ANY_EXHDR(b));
	int			result = memcmp(VARDATA_ANY(a), VARDATA_ANY(b), length);

	if (result == 0)
		result = (VARSIZE_ANY_EXHDR(a) > VARSIZE_ANY_EXHDR(b)) - (VARSIZE_ANY_EXHDR(a) < VARSIZE_ANY_EXHDR(b));
	if ((Pointer) a != DatumGetPointer(left))
		pfree(a);
	if ((Pointer) b != DatumGetPointer(right))
		pfree(b);
	return result;
}

static int
compare_text_slots(const void *a, const void *b)
{
	return compare_texts(*(const Datum *) a, *(const Datum *) b);
}

static int
compare_keys(Oid type, Datum left, Datum right)
{
	int64		a;
	int64		b;

	if (type == TEXTOID)
		return compare_texts(left, right);
	a = number_of(type, left);
	b = number_of(type, right);
	return (a > b) - (a < b);
}

static int
compare_words(const void *a, const void *b)
{
	int64		left = ((const Word *) a)->number;
	int64		right = ((const Word *) b)->number;

	return (left > right) - (left < right);
}

/* ---- gathering ------------------------------------------------------------------------------------------- */

static void
add_number(Column *column, int64 value)
{
	/* Rounded down, of negative ones too. */
	int64		number = value >> 6;
	bool		found;

	if (column->last == NULL || column->last->number != number)
	{
		column->last = words_insert(column->words, number, &found);
		if (!found)
			column->last->bits = 0;
	}
	column->last->bits |= UINT64CONST(1) << (value & 63);
}

static void
add_text(Column *column, Datum value)
{
	if (column->n > 0 && compare_texts(column->texts[column->n - 1], value) == 0)
		return;
	if (column->n == column->allocated)
	{
		column->allocated = Max(column->allocated * 2, 8);
		column->texts = column->texts == NULL ? palloc(sizeof(Datum) * column->allocated) :
			repalloc_huge(column->texts, sizeof(Datum) * column->allocated);
	}
	column->texts[column->n++] = PointerGetDatum(DatumGetTextPCopy(value));
}

static void
add_row(TupleTableSlot *slot, void *arg)
{
	Gathering  *gathering = arg;

	for (int i = 0; i < gathering->n; i++)
	{
		Column	   *column = &gathering->columns[i];
		Datum		value = slot->tts_values[column->attnum - 1];

		if (slot->tts_isnull[column->attnum - 1])
			continue;
		if (column->type == TEXTOID)
			add_text(column, value);
		else
			add_number(column, number_of(column->type, value));
	}
}

static void
list_numbers(const Column *column, RgtKeys *keys)
{
	Word	   *sorted = palloc_extended(sizeof(Word) * Max(column->words->members, 1), MCXT_ALLOC_HUGE);
	words_iterator iterator;
	Word	   *word;
	int64		n = 0;
	int64		bits = 0;

	words_start_iterate(column->words, &iterator);
	while ((word = words_iterate(column->words, &iterator)) != NULL)
	{
		sorted[n++] = *word;
		bits += pg_popcount64(word->bits);
	}
	qsort(sorted, n, sizeof(Word), compare_words);
	keys->values = palloc_extended(sizeof(Datum) * Max(bits, 1), MCXT_ALLOC_HUGE);
	for (int64 i = 0; i < n; i++)
	{
		for (uint64 rest = sorted[i].bits; rest != 0; rest &= rest - 1)
			keys->values[keys->n++] = datum_of(keys->type, sorted[i].number * 64 + pg_rightmost_one_pos64(rest));
	}
	pfree(sorted);
	words_destroy(column->words);
}

static void
list_texts(const Column *column, RgtKeys *keys)
{
	qsort(column->texts, column->n, sizeof(Datum), compare_text_slots);
	keys->values = column->texts;
	for (int64 i = 0; i < column->n; i++)
	{
		if (keys->n == 0 || compare_texts(keys->values[keys->n - 1], column->texts[i]) != 0)
			keys->values[keys->n++] = column->texts[i];
	}
}

static void
begin_column(Column *column, TupleDesc desc, const char *name)
{
	column->attnum = rgt_attnum(desc, name);
	column->type = TupleDescAttr(desc, column->attnum - 1)->atttypid;
	Assert(column->type == INT4OID || column->type == INT8OID || column->type == TEXTOID);
	if (column->type != TEXTOID)
		column->words = words_create(CurrentMemoryContext, 8, NULL);
}

/* The keys of these columns, each distinct one once and in order; rows: NULL for none. */
RgtKeys *
rgt_keys_gather(Tuplestorestate *rows, TupleDesc desc, const char *const *columns, int n)
{
	Gathering	gathering = {palloc0(sizeof(Column) * n), n};
	RgtKeys    *keys = palloc0(sizeof(RgtKeys) * n);

	for (int i = 0; i < n; i++)
		begin_column(&gathering.columns[i], desc, columns[i]);
	if (rows != NULL)
		rgt_each_row(rows, desc, add_row, &gathering);
	for (int i = 0; i < n; i++)
	{
		keys[i].type = gathering.columns[i].type;
		if (keys[i].type == TEXTOID)
			list_texts(&gathering.columns[i], &keys[i]);
		else
			list_numbers(&gathering.columns[i], &keys[i]);
	}
	return keys;
}

/* ---- what is done with them -------------------------------------------------------------------------------- */

/* Keep the keys of the first that the second has not. */
void
rgt_keys_subtract(RgtKeys *keys, const RgtKeys *others)
{
	int64		kept = 0;

	for (int64 i = 0, j = 0; i < keys->n; i++)
	{
		while (j < others->n && compare_keys(keys->type, others->values[j], keys->values[i]) < 0)
			j++;
		if (j == others->n || compare_keys(keys->type, others->values[j], keys->values[i]) != 0)
			keys->values[kept++] = keys->values[i];
	}
	keys->n = kept;
}

/* Is a value one of them? */
bool
rgt_keys_have(const RgtKeys *keys, Datum value)
{
	int64		low = 0;

	for (int64 high = keys->n; low < high;)
	{
		int64		middle = low + (high - low) / 2;

		if (compare_keys(keys->type, keys->values[middle], value) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < keys->n && compare_keys(keys->type, keys->values[low], value) == 0;
}

/* A number that stands for a key in the tag of a lock. */
uint64
rgt_key_number(Oid type, Datum value)
{
	text	   *string;
	uint64		hash;

	if (type != TEXTOID)
		return (uint64) number_of(type, value);
	string = DatumGetTextPP(value);
	hash = hash_bytes_extended((unsigned char *) VARDATA_ANY(string), VARSIZE_ANY_EXHDR(string), 0);
	if ((Pointer) string != DatumGetPointer(value))
		pfree(string);
	return hash;
}

char *
rgt_key_text(Oid type, Datum value)
{
	Oid			function;
	bool		is_varlena;

	getTypeOutputInfo(type, &function, &is_varlena);
	return OidOutputFunctionCall(function, value);
}
