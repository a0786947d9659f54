/*
 * imports/events.c
 *	  Market events from lists of elsewhere: the same event by kind, subject, unit and day, from whichever source.
 *
 * Whoever may load is taken at his word: an event that comes in is confirmed, and raises its alerts at once.  One that
 * somebody has reported and nobody has confirmed yet is confirmed so.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "alerts/alerts.h"
#include "imports/imports.h"
#include "regtarget.h"

enum
{
	SOURCE, KIND, SUBJECT, UNIT, HAPPENED_ON, NOTE
};

static int
compare_events(const RgtImportRow *a, const RgtImportRow *b)
{
	DateADT		left = DatumGetDateADT(a->value[HAPPENED_ON]);
	DateADT		right = DatumGetDateADT(b->value[HAPPENED_ON]);
	int			result;

	if (left != right)
		return RGT_ORDER(left, right);
	if (a->unit_id != b->unit_id)
		return RGT_ORDER(a->unit_id, b->unit_id);
	result = rgt_import_compare_text(a->value[KIND], b->value[KIND]);
	return result != 0 ? result : rgt_import_compare_text(a->value[SUBJECT], b->value[SUBJECT]);
}

/* A row without a unit is of every unit. */
static void
resolve_events(RgtImport *import, RgtImportRow **rows, int n)
{
	for (int i = 0; i < n; i++)
	{
		if (!rows[i]->isnull[UNIT])
			rows[i]->name[RGT_NAME_UNIT] = rgt_name(import, RGT_NAME_UNIT, rgt_import_source(import, rows[i]),
													rows[i]->value[UNIT]);
	}
	rgt_names_look_up(import);
	for (int i = 0; i < n; i++)
	{
		const RgtName *unit = rows[i]->name[RGT_NAME_UNIT];

		rows[i]->unit_id = unit == NULL ? 0 : unit->id;
		if (unit != NULL && unit->id == 0)
			rgt_import_refuse_name(rows[i], unit, UNIT);
	}
}

/* Events that a statement has written: gathered first, as a statement of ours does not run within another. */
typedef struct Fresh
{
	int64	   *event_id;
	int			n;
	int			allocated;
} Fresh;

static void
note_fresh(TupleTableSlot *slot, void *arg)
{
	Fresh	   *fresh = arg;

	RGT_GROW(fresh->event_id, fresh->n, fresh->allocated);
	fresh->event_id[fresh->n++] = DatumGetInt64(slot->tts_values[0]);
}

/* The rows as arrays: kind, subject, unit_id (0: every unit), day, note and source ('': none). */
static void
make_arrays(const RgtImport *import, RgtImportRow **rows, int n, Datum *arrays)
{
	static const int texts[] = {KIND, SUBJECT, NOTE};
	Datum	   *values = palloc_extended(sizeof(Datum) * (Size) n, MCXT_ALLOC_HUGE);
	Datum		empty = PointerGetDatum(cstring_to_text(""));

	for (int t = 0; t < (int) lengthof(texts); t++)
	{
		for (int i = 0; i < n; i++)
			values[i] = rows[i]->isnull[texts[t]] ? empty : rows[i]->value[texts[t]];
		arrays[t] = rgt_import_array(values, n, TEXTOID);
	}
	for (int i = 0; i < n; i++)
	{
		values[i] = rgt_import_source(import, rows[i]);
		if (DatumGetPointer(values[i]) == NULL)
			values[i] = empty;
	}
	arrays[3] = rgt_import_array(values, n, TEXTOID);
	for (int i = 0; i < n; i++)
		values[i] = Int32GetDatum(rows[i]->unit_id);
	arrays[4] = rgt_import_array(values, n, INT4OID);
	for (int i = 0; i < n; i++)
		values[i] = rows[i]->value[HAPPENED_ON];
	arrays[5] = rgt_import_array(values, n, DATEOID);
	arrays[6] = CStringGetTextDatum(GetUserNameFromId(import->role, false));
}

#define ROWS "FROM unnest($1, $2, $3, $4, $5, $6) WITH ORDINALITY AS r (kind, subject, note, source, unit_id, happened_on, line) "
#define SAME "e.kind = r.kind AND e.subject = r.subject AND e.happened_on = r.happened_on AND coalesce(e.unit_id, 0) = r.unit_id"
#define ARGUMENTS TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID, INT4ARRAYOID, DATEARRAYOID, TEXTOID

static int
by_id(const void *a, const void *b)
{
	int64		x = *(const int64 *) a;
	int64		y = *(const int64 *) b;

	return (x > y) - (x < y);
}

/*
 * Run a statement; of each event that it writes there is an entry in the ledger, and its alerts are raised, in the order of
 * the events, whatever plan the statement had.
 */
static void
take_steps(RgtQuery *query, const Datum *arrays, const char *action, bool raises)
{
	Fresh		fresh = {.allocated = 16};

	fresh.event_id = palloc(sizeof(int64) * (Size) fresh.allocated);
	rgt_run(query, RGT_FRESH, arrays, NULL, note_fresh, &fresh);
	qsort(fresh.event_id, fresh.n, sizeof(int64), by_id);
	for (int i = 0; i < fresh.n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		rgt_event_step(fresh.event_id[i], action, raises);
	}
}

/* What is there already: the note of its own source is brought up to date, what waits is confirmed, what is new comes in. */
static void
write_events(RgtImport *import, RgtImportRow **rows, int n)
{
	static RgtQuery update = RGT_QUERY(
		"UPDATE regtarget.market_events e SET note = nullif(r.note, '') " ROWS "WHERE " SAME " AND coalesce(e.source, '') = "
		"r.source "
		"AND coalesce(e.note, '') <> r.note RETURNING e.event_id", ARGUMENTS);
	static RgtQuery confirm = RGT_QUERY(
		"UPDATE regtarget.market_events e SET confirmed_by = $7 " ROWS "WHERE " SAME " AND e.confirmed_by IS NULL "
		"RETURNING e.event_id", ARGUMENTS);
	static RgtQuery insert = RGT_QUERY(
		"INSERT INTO regtarget.market_events (unit_id, kind, subject, happened_on, note, reported_by, reported_at, confirmed_by, "
		"source) SELECT nullif(r.unit_id, 0), r.kind, r.subject, r.happened_on, nullif(r.note, ''), $7, clock_timestamp(), $7, "
		"nullif(r.source, '') " ROWS "WHERE NOT EXISTS (SELECT FROM regtarget.market_events e WHERE " SAME ") "
		"ORDER BY r.line RETURNING event_id", ARGUMENTS);
	Datum		arrays[7];

	rgt_lock_alerts();
	make_arrays(import, rows, n, arrays);
	take_steps(&update, arrays, "event_noted", false);
	take_steps(&insert, arrays, "event_reported", true);
	for (int i = 0; i < n; i++)
	{
		Datum		unit_id = Int32GetDatum(rows[i]->unit_id);

		if (rows[i]->unit_id != 0)
			rgt_check_reference("market_events", "unit_id", &unit_id, 1);
	}
	take_steps(&confirm, arrays, "event_confirmed", true);
}

const RgtTarget rgt_market_events_in = {
	.view = "market_events_in",
	.ncolumns = 6,
	.shown = 6,
	.column = {{"source", RGT_CELL_TEXT, false}, {"kind", RGT_CELL_TEXT, true}, {"subject", RGT_CELL_TEXT, true},
	{"unit", RGT_CELL_ID, false}, {"happened_on", RGT_CELL_DAY, true}, {"note", RGT_CELL_TEXT, false}},
	.source = SOURCE,
	.nkeys = 4,
	.key = {KIND, SUBJECT, UNIT, HAPPENED_ON},
	.alone = true,
	.resolve = resolve_events,
	.compare = compare_events,
	.write = write_events
};
