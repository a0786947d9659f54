/*
 * imports/cells.c
 *	  The cells of a row, read by the kernel, as PostgreSQL's values.
 *
 * The kernel reads UTF-8; in a database of another encoding a cell is converted on the way, unless
 * it is ASCII, as nearly all are.
 */
#include "postgres.h"

#include "datatype/timestamp.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/date.h"
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

static Bytes
bytes_of(Datum cell)
{
	text	   *stored = (text *) DatumGetPointer(cell);
	Bytes		bytes = {VARDATA_ANY(stored), VARSIZE_ANY_EXHDR(stored)};

	if (GetDatabaseEncoding() != PG_UTF8 && !is_ascii(bytes.data, bytes.length))
	{
		char	   *converted = pg_server_to_any(bytes.data, bytes.length, PG_UTF8);

		if (converted != bytes.data)
		{
			bytes.data = converted;
			bytes.length = strlen(converted);
		}
	}
	return bytes;
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

/* Text without the spaces around it; the cell itself when there are none. */
static rgk_cell
read_text(Datum cell, Datum *value)
{
	Bytes		bytes = bytes_of(cell);
	const char *start = bytes.data;
	size_t		length = rgk_cell_trim(&start, bytes.length);

	if (length == 0)
		return RGK_CELL_EMPTY;
	if (length == bytes.length)
		*value = cell;
	else if (GetDatabaseEncoding() == PG_UTF8)
		*value = PointerGetDatum(cstring_to_text_with_len(start, length));
	else
	{
		char	   *trimmed = pnstrdup(start, length);

		*value = CStringGetTextDatum(is_ascii(trimmed, length) ? trimmed :
									 pg_any_to_server(trimmed, length, PG_UTF8));
	}
	return RGK_CELL_VALUE;
}

static rgk_cell
read_day(const RgtImport *import, Bytes bytes, Datum *value, rgk_refusal *why)
{
	rgk_day		day;
	rgk_cell	result = rgk_cell_day(bytes.data, bytes.length, &day, why);

	if (result == RGK_CELL_VALUE)
		*value = DateADTGetDatum(day.zoned ? local_day(import, day.instant) : day.day - EPOCH_DAYS);
	return result;
}

static rgk_cell
read_amount(Bytes bytes, Datum *value, rgk_refusal *why)
{
	rgk_decimal decimal;
	rgk_cell	result = rgk_cell_amount(bytes.data, bytes.length, &decimal, why);

	if (result == RGK_CELL_VALUE)
		*value = NumericGetDatum(to_numeric(&decimal));
	return result;
}

static rgk_cell
read_number(Bytes bytes, Datum *value, rgk_refusal *why)
{
	double		number;
	rgk_cell	result = rgk_cell_number(bytes.data, bytes.length, &number, why);

	if (result == RGK_CELL_VALUE)
		*value = Float8GetDatum(number);
	return result;
}

static rgk_cell
read_boolean(Bytes bytes, Datum *value, rgk_refusal *why)
{
	bool		boolean;
	rgk_cell	result = rgk_cell_boolean(bytes.data, bytes.length, &boolean, why);

	if (result == RGK_CELL_VALUE)
		*value = BoolGetDatum(boolean);
	return result;
}

static rgk_cell
read_cell(const RgtImport *import, RgtCell cell, Datum raw, Datum *value, rgk_refusal *why)
{
	switch (cell)
	{
		case RGT_CELL_TEXT:
			return read_text(raw, value);
		case RGT_CELL_DAY:
			return read_day(import, bytes_of(raw), value, why);
		case RGT_CELL_BOOLEAN:
			return read_boolean(bytes_of(raw), value, why);
		case RGT_CELL_AMOUNT:
			return read_amount(bytes_of(raw), value, why);
		case RGT_CELL_NUMBER:
			return read_number(bytes_of(raw), value, why);
	}
	elog(ERROR, "unknown kind of cell %d", cell);
}

static void
refuse_cell(RgtImportRow *row, const char *column, Datum raw, const rgk_refusal *why)
{
	char		words[RGK_REFUSAL_TEXT];

	rgk_refusal_text(why, words, sizeof(words));
	rgt_import_refuse(row, "%s \"%s\": %s", column, rgt_import_shown(raw), words);
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

/* Read every cell of a row; all that is wrong with it is told at once. */
void
rgt_import_read(RgtImport *import, RgtImportRow *row)
{
	const RgtTarget *target = import->target;

	for (int c = 0; c < target->ncolumns; c++)
	{
		const RgtImportColumn *column = &target->column[c];
		rgk_cell	result = RGK_CELL_EMPTY;
		rgk_refusal why;

		if (row->odd & RGT_COLUMN(c))
		{
			row->isnull[c] = true;
			rgt_import_refuse_odd(import, row, c);
			continue;
		}
		if (row->raw[c] != 0)
			result = read_cell(import, column->cell, row->raw[c], &row->value[c], &why);
		row->isnull[c] = result != RGK_CELL_VALUE;
		if (result == RGK_CELL_REFUSED)
			refuse_cell(row, column->name, row->raw[c], &why);
		else if (result == RGK_CELL_VALUE && column->cell == RGT_CELL_TEXT && is_key(target, c) &&
				 VARSIZE_ANY_EXHDR(DatumGetPointer(row->value[c])) > LONGEST_KEY)
			rgt_import_refuse(row, "%s \"%s\" is too long: more than %d bytes", column->name,
							  rgt_import_shown(row->raw[c]), LONGEST_KEY);
		else if (result == RGK_CELL_EMPTY && column->required && !(c == target->source && import->source != NULL) &&
				 !rgt_import_fills(import, row, c))
			rgt_import_refuse(row, "%s is missing", column->name);
	}
	if (target->source >= 0 && row->isnull[target->source] && import->source != NULL)
	{
		row->value[target->source] = PointerGetDatum(import->source);
		row->isnull[target->source] = false;
	}
}
