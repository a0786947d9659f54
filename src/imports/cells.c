/*
 * imports/cells.c
 *	  The cells of a row, read by the kernel, as PostgreSQL's values.
 *
 * The kernel reads UTF-8; in a database of another encoding a cell is converted on the way, unless
 * it is ASCII, as nearly all are.  A character that has no counterpart in Unicode spoils a number or a
 * day; a text that has one, or in a database of SQL_ASCII other bytes than UTF-8, is taken as it is.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "datatype/timestamp.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "imports/imports.h"
#include "kernel/cells.h"
#include "regtarget.h"

/* A reason quotes no more of a cell than this. */
#define MOST_QUOTED 100

/* A key has to fit into an index. */
#define LONGEST_KEY 1000

/* From the kernel's days, counted from 1970, to PostgreSQL's. */
#define EPOCH_DAYS (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE)

/* A cell's bytes in UTF-8. */
typedef struct Bytes
{
	const char *data;
	size_t		length;
} Bytes;

static bool
is_ascii(const char *data, int length)
{
	for (int i = 0; i < length; i++)
	{
		if (IS_HIGHBIT_SET(data[i]))
			return false;
	}
	return true;
}

/* Convert to UTF-8 or from it; false when a character has no counterpart. */
static bool
convert(Bytes from, bool to_utf8, Bytes *to)
{
	static Oid	procs[2];
	int			source = to_utf8 ? GetDatabaseEncoding() : PG_UTF8;
	int			target = to_utf8 ? PG_UTF8 : GetDatabaseEncoding();
	Size		size = (Size) from.length * MAX_CONVERSION_GROWTH + 1;
	char	   *converted;

	if (!OidIsValid(procs[to_utf8]))
		procs[to_utf8] = FindDefaultConversionProc(source, target);
	if (!OidIsValid(procs[to_utf8]) || !AllocSizeIsValid(size))
		return false;
	converted = palloc(size);
	if (pg_do_encoding_conversion_buf(procs[to_utf8], source, target, (unsigned char *) unconstify(char *, from.data),
									  (int) from.length, (unsigned char *) converted, (int) size, true) < (int) from.length)
		return false;
	*to = (Bytes) {converted, strlen(converted)};
	return true;
}

/* A cell's bytes in UTF-8; false when it has no such. */
static bool
bytes_of(Datum cell, Bytes *bytes)
{
	text	   *stored = (text *) DatumGetPointer(cell);
	int			encoding = GetDatabaseEncoding();

	*bytes = (Bytes) {VARDATA_ANY(stored), VARSIZE_ANY_EXHDR(stored)};
	if (encoding == PG_UTF8 || encoding == PG_SQL_ASCII || is_ascii(bytes->data, bytes->length))
		return true;
	return convert(*bytes, true, bytes);
}

/* A cell for a message: not more of it than one would read. */
char *
rgt_import_shown(Datum cell)
{
	text	   *stored = (text *) DatumGetPointer(cell);
	int			length = VARSIZE_ANY_EXHDR(stored);
	int			shown = pg_mbcliplen(VARDATA_ANY(stored), length, MOST_QUOTED);

	return psprintf("%.*s%s", shown, VARDATA_ANY(stored), shown < length ? "..." : "");
}

/* The day of a moment in the policy's time zone. */
static DateADT
local_day(const RgtImport *import, int64 microseconds)
{
	TimestampTz moment = microseconds - EPOCH_DAYS * USECS_PER_DAY;
	Datum		local = DirectFunctionCall2(timestamptz_zone, PointerGetDatum(import->zone), TimestampTzGetDatum(moment));

	return DatumGetDateADT(DirectFunctionCall1(timestamp_date, local));
}

static Numeric
to_numeric(const rgk_decimal *decimal)
{
	char		digits[RGK_DECIMAL_TEXT];
	int64		units;

	if (rgk_decimal_units(decimal, &units))
		return decimal->decimals == 0 ? int64_to_numeric(units) : int64_div_fast_to_numeric(units, decimal->decimals);
	rgk_decimal_text(decimal, digits, sizeof(digits));
	return DatumGetNumeric(DirectFunctionCall3(numeric_in, CStringGetDatum(digits), ObjectIdGetDatum(InvalidOid),
											   Int32GetDatum(-1)));
}

/* A part of a cell, in UTF-8, as a text of the database; 0 when it cannot be one. */
static Datum
text_of(const char *start, size_t length)
{
	Bytes		part = {start, length};
	int			encoding = GetDatabaseEncoding();

	if (encoding != PG_UTF8 && encoding != PG_SQL_ASCII && !is_ascii(start, length) && !convert(part, false, &part))
		return (Datum) 0;
	return PointerGetDatum(cstring_to_text_with_len(part.data, part.length));
}

/* Text without the spaces around it; the cell itself when there are none, or when it cannot be told. */
static rgk_cell
read_text(const RgtImport *import, RgtCell cell, Datum raw, Datum *value, rgk_refusal *why)
{
	Bytes		bytes;
	const char *start;
	size_t		length;

	*value = raw;
	if (!bytes_of(raw, &bytes))
		return RGK_CELL_VALUE;
	start = bytes.data;
	length = rgk_cell_trim(&start, bytes.length);
	if (length == 0)
		return RGK_CELL_EMPTY;
	if (length < bytes.length)
	{
		Datum		trimmed = text_of(start, length);

		if (trimmed != 0)
			*value = trimmed;
	}
	return cell == RGT_CELL_ID ? rgk_cell_id(&import->convention, start, length, why) : RGK_CELL_VALUE;
}

static rgk_cell
read_day(const RgtImport *import, Bytes bytes, Datum *value, rgk_refusal *why)
{
	rgk_day		day;
	rgk_cell	result = rgk_cell_day(&import->convention, bytes.data, bytes.length, &day, why);

	if (result == RGK_CELL_VALUE)
		*value = DateADTGetDatum(day.zoned ? local_day(import, day.instant) : day.day - EPOCH_DAYS);
	return result;
}

static rgk_cell
read_amount(RgtImport *import, Bytes bytes, Datum *value, rgk_refusal *why)
{
	rgk_decimal decimal;
	rgk_cell	result = rgk_cell_amount(&import->convention, &import->shown, bytes.data, bytes.length, &decimal, why);

	if (result == RGK_CELL_VALUE)
		*value = NumericGetDatum(to_numeric(&decimal));
	return result;
}

static rgk_cell
read_number(RgtImport *import, Bytes bytes, Datum *value, rgk_refusal *why)
{
	double		number;
	rgk_cell	result = rgk_cell_number(&import->convention, &import->shown, bytes.data, bytes.length, &number, why);

	if (result == RGK_CELL_VALUE)
		*value = Float8GetDatum(number);
	return result;
}

static rgk_cell
read_boolean(const RgtImport *import, Bytes bytes, Datum *value, rgk_refusal *why)
{
	bool		boolean;
	rgk_cell	result = rgk_cell_boolean(&import->convention, bytes.data, bytes.length, &boolean, why);

	if (result == RGK_CELL_VALUE)
		*value = BoolGetDatum(boolean);
	return result;
}

static rgk_cell
read_cell(RgtImport *import, RgtCell cell, Datum raw, Datum *value, rgk_refusal *why)
{
	static const rgk_kind kinds[] = {
		[RGT_CELL_DAY] = RGK_DAY, [RGT_CELL_BOOLEAN] = RGK_BOOLEAN, [RGT_CELL_AMOUNT] = RGK_AMOUNT, [RGT_CELL_NUMBER] = RGK_NUMBER
	};
	Bytes		bytes;

	if (cell == RGT_CELL_TEXT || cell == RGT_CELL_ID)
		return read_text(import, cell, raw, value, why);
	if (!bytes_of(raw, &bytes))
	{
		*why = (rgk_refusal) {.reason = RGK_BAD_TEXT, .kind = kinds[cell], .convention = import->convention};
		return RGK_CELL_REFUSED;
	}
	switch (cell)
	{
		case RGT_CELL_DAY:
			return read_day(import, bytes, value, why);
		case RGT_CELL_BOOLEAN:
			return read_boolean(import, bytes, value, why);
		case RGT_CELL_AMOUNT:
			return read_amount(import, bytes, value, why);
		default:
			return read_number(import, bytes, value, why);
	}
}

static const char *
in_language(const char *english)
{
	return rgt_text(english);
}

static void
refuse_cell(const RgtImport *import, RgtImportRow *row, int c, const rgk_refusal *why)
{
	const RgtImportColumn *column = &import->target->column[c];
	char		words[RGK_REFUSAL_TEXT];

	rgk_refusal_text(why, column->required, in_language, words, sizeof(words));
	rgt_import_refuse(row, rgt_cause_of_cell(why), c, rgt_text("%s \"%s\": %s"), column->name, rgt_import_shown(row->raw[c]),
					  words);
}

/* Refuse a cell that is JSON of another kind than the column takes. */
static void
refuse_odd(const RgtImport *import, RgtImportRow *row, int column)
{
	char	   *shown = rgt_import_shown(row->raw[column]);
	const char *words = shown[0] == '{' ? rgt_text("%s %s: an object is not expected there") :
		shown[0] == '[' ? rgt_text("%s %s: a list is not expected there") :
		strcmp(shown, "true") == 0 || strcmp(shown, "false") == 0 ? rgt_text("%s %s: true or false is not expected there") :
		rgt_text("%s %s: a number is not expected there");

	rgt_import_refuse(row, RGT_CAUSE_WRONG_TYPE, column, words, import->target->column[column].name, shown);
}

static bool
is_key(const RgtTarget *target, int column)
{
	for (int k = 0; k < target->nkeys; k++)
	{
		if (target->key[k] == column)
			return true;
	}
	return false;
}

/* Is it a text that no index would take? */
static bool
is_too_long(const RgtTarget *target, int c, Datum value)
{
	RgtCell		cell = target->column[c].cell;

	return (cell == RGT_CELL_TEXT || cell == RGT_CELL_ID) && VARSIZE_ANY_EXHDR(DatumGetPointer(value)) > LONGEST_KEY &&
		is_key(target, c);
}

static void
read_column(RgtImport *import, RgtImportRow *row, int c)
{
	const RgtTarget *target = import->target;
	const RgtImportColumn *column = &target->column[c];
	rgk_cell	result = RGK_CELL_EMPTY;
	rgk_refusal why;

	if (row->odd & RGT_COLUMN(c))
	{
		row->isnull[c] = true;
		refuse_odd(import, row, c);
		return;
	}
	if (row->raw[c] != 0)
		result = read_cell(import, column->cell, row->raw[c], &row->value[c], &why);
	row->isnull[c] = result != RGK_CELL_VALUE;
	if (result == RGK_CELL_REFUSED)
		refuse_cell(import, row, c, &why);
	else if (result == RGK_CELL_VALUE && is_too_long(target, c, row->value[c]))
	{
		row->isnull[c] = true;
		rgt_import_refuse(row, RGT_CAUSE_TOO_LONG, c, rgt_text("%s \"%s\" is too long: more than %d bytes"), column->name,
						  rgt_import_shown(row->raw[c]), LONGEST_KEY);
	}
	else if (result == RGK_CELL_EMPTY && column->required && !(c == target->source && import->source != NULL) &&
			 !rgt_import_fills(import, row, c))
		rgt_import_refuse(row, RGT_CAUSE_MISSING, c, rgt_text("%s is missing"), column->name);
	if (result == RGK_CELL_VALUE && c == import->figure)
		row->shows = import->shown.last;
}

/* Read every cell of a row; all that is wrong with it is told at once. */
void
rgt_import_read(RgtImport *import, RgtImportRow *row)
{
	const RgtTarget *target = import->target;

	for (int c = 0; c < target->ncolumns; c++)
		read_column(import, row, c);
	if (target->source >= 0 && row->isnull[target->source] && import->source != NULL)
	{
		row->value[target->source] = PointerGetDatum(import->source);
		row->isnull[target->source] = false;
	}
}

/* ---- the language of a column -------------------------------------------------------------------------- */

/* What the column of a row has shown; of one that is tried again, what it showed when the row was refused. */
static unsigned int
shown_to(const RgtImport *import, const RgtImportRow *row)
{
	char		own = import->convention.decimal_comma ? ',' : '.';

	if (!import->retry)
		return import->shown.seen;
	return row->decimal_mark != 0 && row->decimal_mark != own ? RGK_OTHER : 0;
}

/*
 * All of the column has been read: refuse the rows whose amount or number has two readings by what the others
 * show.  What a service answers is written by a machine, and speaks the one language that machines speak.
 */
void
rgt_import_doubt(RgtImport *import, RgtImportRow **rows, int n)
{
	rgk_kind	kind;

	if (import->figure < 0 || import->partial)
		return;
	kind = import->target->column[import->figure].cell == RGT_CELL_AMOUNT ? RGK_AMOUNT : RGK_NUMBER;
	for (int i = 0; i < n; i++)
	{
		RgtImportRow *row = rows[i];
		rgk_refusal why;
		Bytes		bytes;

		if (!rgk_column_doubts(shown_to(import, row), row->shows) || !bytes_of(row->raw[import->figure], &bytes))
			continue;
		rgk_cell_doubted(&import->convention, kind, bytes.data, bytes.length, &why);
		refuse_cell(import, row, import->figure, &why);
		row->decimal_mark = import->convention.decimal_comma ? '.' : ',';
	}
}
