/*
 * imports/signals.c
 *	  Signals: the same row by unit, signal and day.  What one source has said no other may overrule.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "health/health.h"
#include "imports/imports.h"
#include "regtarget.h"

enum
{
	SOURCE, UNIT, SIGNAL, AS_OF, VALUE
};

static int
compare_signals(const RgtImportRow *a, const RgtImportRow *b)
{
	DateADT		left = DatumGetDateADT(a->value[AS_OF]);
	DateADT		right = DatumGetDateADT(b->value[AS_OF]);
	int			result;

	if (a->unit_id != b->unit_id)
		return a->unit_id < b->unit_id ? -1 : 1;
	result = rgt_import_compare_text(a->value[SIGNAL], b->value[SIGNAL]);
	return result != 0 ? result : (left > right) - (left < right);
}

static int
compare_lines(const void *a, const void *b)
{
	const RgtImportRow *left = *(RgtImportRow *const *) a;
	const RgtImportRow *right = *(RgtImportRow *const *) b;
	int			result = compare_signals(left, right);

	return result != 0 ? result : (left->line > right->line) - (left->line < right->line);
}

/* Who has said something about these units, signals and days already. */
typedef struct Said
{
	RgtImportRow **rows;
	Datum	   *source;			/* 0: nobody in particular */
	double	   *value;
	bool	   *said;
	MemoryContext context;		/* of what outlives the statement that finds it */
} Said;

static void
note_said(TupleTableSlot *slot, void *arg)
{
	Said	   *said = arg;
	int64		i = DatumGetInt64(slot->tts_values[0]) - 1;

	said->said[i] = true;
	said->value[i] = DatumGetFloat8(slot->tts_values[2]);
	if (!slot->tts_isnull[1])
	{
		MemoryContext old = MemoryContextSwitchTo(said->context);

		said->source[i] = PointerGetDatum(DatumGetTextPCopy(slot->tts_values[1]));
		MemoryContextSwitchTo(old);
	}
}

static void
read_said(Said *said, int n)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT k.i, s.source, s.value FROM unnest($1, $2, $3) WITH ORDINALITY AS k(unit_id, signal, as_of, i) "
		"JOIN regtarget.signals s ON s.unit_id = k.unit_id AND s.signal = k.signal AND s.as_of = k.as_of",
		INT4ARRAYOID, TEXTARRAYOID, DATEARRAYOID);
	Datum	   *values = palloc_extended(sizeof(Datum) * (Size) n, MCXT_ALLOC_HUGE);
	Datum		arguments[3];

	for (int i = 0; i < n; i++)
		values[i] = Int32GetDatum(said->rows[i]->unit_id);
	arguments[0] = rgt_import_array(values, n, INT4OID);
	for (int i = 0; i < n; i++)
		values[i] = said->rows[i]->value[SIGNAL];
	arguments[1] = rgt_import_array(values, n, TEXTOID);
	for (int i = 0; i < n; i++)
		values[i] = said->rows[i]->value[AS_OF];
	arguments[2] = rgt_import_array(values, n, DATEOID);
	rgt_run(&query, RGT_FRESH, arguments, NULL, note_said, said);
}

static bool
same_source(Datum a, Datum b)
{
	return a == 0 || b == 0 ? a == b : rgt_import_compare_text(a, b) == 0;
}

/* The first source of a key, in the table or in the file, is the one that may say more. */
static void
refuse_second_sources(const RgtImport *import, RgtImportRow **rows, int n)
{
	Said		said = {rows, palloc0(sizeof(Datum) * Max(n, 1)), palloc0(sizeof(double) * Max(n, 1)), palloc0(Max(n, 1)),
						CurrentMemoryContext};
	Datum		first = 0;

	if (n == 0)
		return;
	qsort(rows, n, sizeof(RgtImportRow *), compare_lines);
	read_said(&said, n);
	for (int i = 0; i < n; i++)
	{
		Datum		source = rows[i]->isnull[SOURCE] ? (Datum) 0 : rows[i]->value[SOURCE];

		if (said.said[i])
			first = said.source[i];
		else if (i == 0 || compare_signals(rows[i - 1], rows[i]) != 0)
			first = source;
		if (!same_source(first, source))
			rgt_import_refuse(rows[i], RGT_CAUSE_SECOND_SOURCE, SOURCE,
							  first == 0 ?
							  rgt_text("the value of this unit, signal and day comes from nobody in particular already") :
							  rgt_text("the value of this unit, signal and day comes from source \"%s\" already"),
							  first == 0 ? NULL : rgt_import_shown(first));
		else if (said.said[i] && said.value[i] != DatumGetFloat8(rows[i]->value[VALUE]) && rgt_is_met_anew(import, rows[i]))
			rgt_import_refuse(rows[i], RGT_CAUSE_ON_RECORD, UNIT,
							  rgt_text("the value of this unit, signal and day is on record already, and unit \"%s\" was not "
									   "known by this name when the row was refused"),
							  rgt_import_shown(rows[i]->value[UNIT]));
	}
}

static void
resolve_signals(RgtImport *import, RgtImportRow **rows, int n)
{
	RgtImportRow **good = palloc_extended(sizeof(RgtImportRow *) * (Size) n, MCXT_ALLOC_HUGE);

	for (int i = 0; i < n; i++)
		rows[i]->name[RGT_NAME_UNIT] = rgt_name(import, RGT_NAME_UNIT, rgt_import_source(import, rows[i]), rows[i]->value[UNIT]);
	rgt_names_look_up(import);
	for (int i = 0; i < n; i++)
	{
		const RgtName *unit = rows[i]->name[RGT_NAME_UNIT];
		char	   *signal = TextDatumGetCString(rows[i]->value[SIGNAL]);

		rows[i]->unit_id = unit->id;
		if (unit->id == 0)
			rgt_import_refuse_name(rows[i], unit, UNIT);
		if (rgt_signal_is_computed(signal))
			rgt_import_refuse(rows[i], RGT_CAUSE_COMPUTED_SIGNAL, SIGNAL,
							  rgt_text("signal \"%s\" is computed from the facts and cannot be entered"), signal);
	}
	n = rgt_import_good(rows, n, good);
	refuse_second_sources(import, good, n);
}

static void
make_signal(const RgtImport *import, const RgtImportRow *row, Datum *values, bool *nulls)
{
	values[0] = Int32GetDatum(row->unit_id);
	values[1] = row->value[SIGNAL];
	values[2] = row->value[AS_OF];
	values[3] = row->value[VALUE];
	values[4] = row->value[SOURCE];
	nulls[4] = row->isnull[SOURCE];
}

static void
write_signals(RgtImport *import, RgtImportRow **rows, int n)
{
	static const RgtMadeColumn columns[] = {{"unit_id", INT4OID}, {"signal", TEXTOID}, {"as_of", DATEOID},
	{"value", FLOAT8OID}, {"source", TEXTOID}};

	rgt_import_write(
		import, "INSERT INTO regtarget.signals AS s (unit_id, signal, as_of, value, source) "
		"SELECT r.unit_id, r.signal, r.as_of, r.value, r.source FROM made_rows r "
		"ON CONFLICT (unit_id, signal, as_of) DO UPDATE SET value = excluded.value "
		"WHERE s.value <> excluded.value AND s.source IS NOT DISTINCT FROM excluded.source",
		columns, lengthof(columns), make_signal, rows, n);
}

static const RgtKeyName signal_unit = {UNIT, RGT_NAME_UNIT, false};

const RgtTarget rgt_signals_in = {
	.view = "signals_in",
	.ncolumns = 5,
	.shown = 5,
	.column = {{"source", RGT_CELL_TEXT, false}, {"unit", RGT_CELL_ID, true}, {"signal", RGT_CELL_TEXT, true},
	{"as_of", RGT_CELL_DAY, true}, {"value", RGT_CELL_NUMBER, true}},
	.source = SOURCE,
	.nkeys = 3,
	.key = {UNIT, SIGNAL, AS_OF},
	.named = &signal_unit,
	.alone = true,
	.resolve = resolve_signals,
	.compare = compare_signals,
	.write = write_signals
};
