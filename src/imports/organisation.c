/*
 * imports/organisation.c
 *	  What is said of the organisation over time: moves, the same row by unit and first day, and successions, the same
 *	  row by unit and predecessor.
 *
 * The moves of a statement are laid over those on record in memory, unit by unit in the order of their days, as
 * move_unit() would take them one after another.  A day that is on record already is corrected; before the last move
 * on record there is none to add.  One statement writes them all, so that the tree is judged as it is after the last.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "imports/imports.h"
#include "ledger/ledger.h"
#include "regtarget.h"
#include "units/units.h"

enum
{
	UNIT, PARENT, FROM_DATE
};

/* From its day on, until the next of the unit, a unit is below a parent (0: at the top); the first is of all time. */
typedef struct Place
{
	int32		unit_id;
	DateADT		day;			/* DATEVAL_NOBEGIN: of the first */
	int32		parent_id;
	int32		was;			/* the parent on record; of what is not on record, before it */
	bool		on_record;
} Place;

/* The places of the units that rows are about, by unit and day. */
typedef struct Places
{
	Place	   *places;
	int			n;
	int			allocated;
	DateADT		closed;			/* before this day periods are closed */
} Places;

static void
add_place(TupleTableSlot *slot, void *arg)
{
	Places	   *all = arg;
	const Datum *value = slot->tts_values;

	RGT_GROW(all->places, all->n, all->allocated);
	all->places[all->n++] = (Place) {
		DatumGetInt32(value[0]), slot->tts_isnull[1] ? DATEVAL_NOBEGIN : DatumGetDateADT(value[1]), DatumGetInt32(value[2]),
		DatumGetInt32(value[2]), true
	};
}

static int
compare_places(const void *a, const void *b)
{
	const Place *left = a;
	const Place *right = b;

	if (left->unit_id != right->unit_id)
		return RGT_ORDER(left->unit_id, right->unit_id);
	return RGT_ORDER(left->day, right->day);
}

static Datum
units_of(RgtImportRow **rows, int n)
{
	Datum	   *units = palloc_extended(sizeof(Datum) * (Size) Max(n, 1), MCXT_ALLOC_HUGE);

	for (int i = 0; i < n; i++)
		units[i] = Int32GetDatum(rows[i]->unit_id);
	return rgt_import_array(units, n, INT4OID);
}

/* What is on record of the units of the rows; nobody else moves units, or closes their periods, from now on. */
static Places
read_places(RgtImportRow **rows, int n)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT m.unit_id, lag(m.until_on) OVER (PARTITION BY m.unit_id ORDER BY m.until_on), coalesce(m.parent_id, 0) "
		"FROM (SELECT unit_id, until_on, parent_id FROM regtarget.past_parents WHERE unit_id = ANY ($1) "
		"UNION ALL SELECT unit_id, 'infinity', parent_id FROM regtarget.units WHERE unit_id = ANY ($1)) AS m", INT4ARRAYOID);
	static RgtQuery closed = RGT_QUERY0(
		"SELECT max(upper(q.during)) FROM regtarget.periods q WHERE EXISTS (SELECT FROM regtarget.plans p "
		"WHERE p.period = q.period AND p.mode = 'live' AND p.status = 'closed')");
	Places		all = {palloc(sizeof(Place) * 64), 0, 64, DATEVAL_NOBEGIN};
	Datum		units = units_of(rows, n);
	DateADT		earliest = DATEVAL_NOEND;
	Datum		day;
	bool		isnull;

	for (int i = 0; i < n; i++)
		earliest = Min(earliest, DatumGetDateADT(rows[i]->value[FROM_DATE]));
	rgt_lock_object(rgt_relation("units"), ExclusiveLock);
	rgt_hold_periods(earliest);
	rgt_run(&query, RGT_LATEST, &units, NULL, add_place, &all);
	qsort(all.places, all.n, sizeof(Place), compare_places);
	rgt_one(&closed, RGT_LATEST, NULL, NULL, &day, &isnull, 1);
	if (!isnull)
		all.closed = DatumGetDateADT(day);
	return all;
}

/* ---- laying rows over what is on record ----------------------------------------------------------------- */

static int32
parent_of(const RgtImportRow *row)
{
	return row->isnull[PARENT] ? 0 : row->other_unit_id;
}

static int
compare_lines(const void *a, const void *b)
{
	const RgtImportRow *left = *(RgtImportRow *const *) a;
	const RgtImportRow *right = *(RgtImportRow *const *) b;
	DateADT		left_day = DatumGetDateADT(left->value[FROM_DATE]);
	DateADT		right_day = DatumGetDateADT(right->value[FROM_DATE]);

	if (left->unit_id != right->unit_id)
		return RGT_ORDER(left->unit_id, right->unit_id);
	if (left_day != right_day)
		return RGT_ORDER(left_day, right_day);
	return RGT_ORDER(left->line, right->line);
}

/* The first place of a unit, from where it was looked for last, and the one after its last. */
static void
find_places(const Places *all, int32 unit_id, int *first, int *past)
{
	while (*first < all->n && all->places[*first].unit_id < unit_id)
		(*first)++;
	for (*past = *first; *past < all->n && all->places[*past].unit_id == unit_id; (*past)++)
		;
}

static void
refuse_state(RgtImportRow *row, RgtCause cause, const char *why)
{
	rgt_import_refuse(row, cause, cause == RGT_CAUSE_SAME_PARENT ? PARENT : FROM_DATE, "%s", why);
}

/* Lay a row over the places [first, past) of its unit; those of the rows before it are among them. */
static void
lay(Places *all, RgtImportRow *row, int first, int past)
{
	DateADT		day = DatumGetDateADT(row->value[FROM_DATE]);
	int			at = past - 1;
	Place	   *last = &all->places[past - 1];

	while (at > first && all->places[at].day > day)
		at--;
	if (at > first && all->places[at].day == day)
	{
		if (all->places[at].parent_id == parent_of(row))
			return;
		if (day < all->closed)
			refuse_state(row, RGT_CAUSE_CLOSED_PERIOD, psprintf(rgt_text("a period that %s is in, or one after it, is closed"),
																rgt_date_text(day)));
		else
			all->places[at].parent_id = parent_of(row);
		return;
	}
	if (last->day > day)
		refuse_state(row, RGT_CAUSE_OVERTAKEN, psprintf(rgt_text("a move of the unit on %s is on record"),
														rgt_date_text(last->day)));
	else if (last->parent_id == parent_of(row))
		refuse_state(row, RGT_CAUSE_SAME_PARENT, row->isnull[PARENT] ? rgt_text("the unit is at the top already") :
					 psprintf(rgt_text("the unit is below \"%s\" already"), rgt_import_shown(row->value[PARENT])));
	else if (day < all->closed)
		refuse_state(row, RGT_CAUSE_CLOSED_PERIOD, psprintf(rgt_text("a period that %s is in, or one after it, is closed"),
															rgt_date_text(day)));
	else
	{
		Place		added = {row->unit_id, day, parent_of(row), last->parent_id, false};

		RGT_GROW(all->places, all->n, all->allocated);
		memmove(&all->places[past + 1], &all->places[past], sizeof(Place) * (all->n - past));
		all->places[past] = added;
		all->n++;
	}
}

/* Rows by unit, day and line; of those for one day the last counts. */
static void
lay_all(Places *all, RgtImportRow **rows, int n)
{
	int			first = 0;
	int			past;

	for (int i = 0; i < n; i++)
	{
		bool		replaced = i + 1 < n && rows[i]->unit_id == rows[i + 1]->unit_id &&
			DatumGetDateADT(rows[i]->value[FROM_DATE]) == DatumGetDateADT(rows[i + 1]->value[FROM_DATE]);

		CHECK_FOR_INTERRUPTS();
		if (replaced || rows[i]->reason != NULL)
			continue;
		find_places(all, rows[i]->unit_id, &first, &past);
		if (first < past)
			lay(all, rows[i], first, past);
	}
}

typedef struct ClosedUnits
{
	RgtImportRow **rows;
	MemoryContext context;		/* of what is said of them */
} ClosedUnits;

static void
refuse_closed(TupleTableSlot *slot, void *arg)
{
	ClosedUnits *closed = arg;
	RgtImportRow *row = closed->rows[DatumGetInt64(slot->tts_values[0]) - 1];
	MemoryContext old = MemoryContextSwitchTo(closed->context);

	rgt_import_refuse(row, RGT_CAUSE_NOT_OPEN, FROM_DATE, rgt_text("unit \"%s\" is not open on %s"),
					  TextDatumGetCString(slot->tts_values[1]), rgt_date_text(DatumGetDateADT(row->value[FROM_DATE])));
	MemoryContextSwitchTo(old);
}

/* Unit and parent are open on the day. */
static void
refuse_not_open(RgtImportRow **rows, int n)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT k.i, u.code FROM unnest($1, $2, $3) WITH ORDINALITY AS k(unit_id, parent_id, day, i) "
		"JOIN regtarget.units u ON u.unit_id IN (k.unit_id, k.parent_id) WHERE u.opened_on > k.day OR u.closed_on < k.day "
		"ORDER BY k.i, u.unit_id <> k.unit_id", INT4ARRAYOID, INT4ARRAYOID, DATEARRAYOID);
	ClosedUnits closed = {rows, CurrentMemoryContext};
	Datum	   *values = palloc_extended(sizeof(Datum) * (Size) Max(n, 1), MCXT_ALLOC_HUGE);
	Datum		arguments[3] = {units_of(rows, n)};

	for (int i = 0; i < n; i++)
		values[i] = Int32GetDatum(parent_of(rows[i]));
	arguments[1] = rgt_import_array(values, n, INT4OID);
	for (int i = 0; i < n; i++)
		values[i] = rows[i]->value[FROM_DATE];
	arguments[2] = rgt_import_array(values, n, DATEOID);
	rgt_run(&query, RGT_FRESH, arguments, NULL, refuse_closed, &closed);
}

/* The unit of a row, and the other unit that it names in a column; both looked up. */
static void
look_up(RgtImport *import, RgtImportRow **rows, int n, int other)
{
	RgtName   **others = palloc0(sizeof(RgtName *) * Max(n, 1));

	for (int i = 0; i < n; i++)
	{
		rows[i]->name[RGT_NAME_UNIT] = rgt_name(import, RGT_NAME_UNIT, (Datum) 0, rows[i]->value[UNIT]);
		if (!rows[i]->isnull[other])
			others[i] = rgt_name(import, RGT_NAME_UNIT, (Datum) 0, rows[i]->value[other]);
	}
	rgt_names_look_up(import);
	for (int i = 0; i < n; i++)
	{
		rows[i]->unit_id = rows[i]->name[RGT_NAME_UNIT]->id;
		rows[i]->other_unit_id = others[i] == NULL ? 0 : others[i]->id;
		if (rows[i]->unit_id == 0)
			rgt_import_refuse_name(rows[i], rows[i]->name[RGT_NAME_UNIT], UNIT);
		if (others[i] != NULL && rows[i]->other_unit_id == 0)
			rgt_import_refuse_name(rows[i], others[i], other);
	}
}

static void
resolve_moves(RgtImport *import, RgtImportRow **rows, int n)
{
	RgtImportRow **good = palloc_extended(sizeof(RgtImportRow *) * (Size) Max(n, 1), MCXT_ALLOC_HUGE);
	Places		all;

	look_up(import, rows, n, PARENT);
	n = rgt_import_good(rows, n, good);
	for (int i = 0; i < n; i++)
		good[i]->other = DatumGetDateADT(good[i]->value[FROM_DATE]);
	refuse_not_open(good, n);
	n = rgt_import_good(good, n, good);
	if (n == 0)
		return;
	qsort(good, n, sizeof(RgtImportRow *), compare_lines);
	all = read_places(good, n);
	lay_all(&all, good, n);
}

/* ---- writing moves --------------------------------------------------------------------------------------- */

static int
compare_moves(const RgtImportRow *a, const RgtImportRow *b)
{
	DateADT		left = DatumGetDateADT(a->value[FROM_DATE]);
	DateADT		right = DatumGetDateADT(b->value[FROM_DATE]);

	return a->unit_id != b->unit_id ? RGT_ORDER(a->unit_id, b->unit_id) : RGT_ORDER(left, right);
}

/* What to write: the parent of a unit until a day, and what its own row says (DATEVAL_NOEND in place of a day). */
typedef struct Written
{
	Datum	   *unit_id;
	Datum	   *until_on;
	Datum	   *parent_id;
	int			n;
	RgtEntry   *entries;
	int			nentries;
} Written;

static char *
code_or_null(int32 unit_id)
{
	return unit_id == 0 ? NULL : rgt_unit_name(unit_id);
}

static void
note_place(Written *written, const Place *place)
{
	RgtJson    *details = rgt_json();

	rgt_json_text(details, "from", code_or_null(place->was));
	rgt_json_text(details, "to", code_or_null(place->parent_id));
	rgt_json_text(details, "on", rgt_date_text(place->day));
	written->entries[written->nentries++] = (RgtEntry) {place->unit_id, "unit_moved", rgt_json_done(details)};
}

/* A place ends where the next one of the unit begins. */
static void
write_place(Written *written, const Place *place, DateADT until)
{
	written->unit_id[written->n] = Int32GetDatum(place->unit_id);
	written->until_on[written->n] = DateADTGetDatum(until);
	written->parent_id[written->n++] = Int32GetDatum(place->parent_id);
}

static Written
work_out(const Places *all)
{
	Written		written = {
		.unit_id = palloc(sizeof(Datum) * Max(all->n, 1)), .until_on = palloc(sizeof(Datum) * Max(all->n, 1)),
		.parent_id = palloc(sizeof(Datum) * Max(all->n, 1)), .entries = palloc(sizeof(RgtEntry) * Max(all->n, 1))
	};

	for (int i = 0; i < all->n; i++)
	{
		const Place *place = &all->places[i];
		const Place *next = i + 1 < all->n && place[1].unit_id == place->unit_id ? place + 1 : NULL;
		bool		changed = !place->on_record || place->parent_id != place->was;

		if (changed)
			note_place(&written, place);
		if (changed || (next != NULL && !next->on_record))
			write_place(&written, place, next == NULL ? DATEVAL_NOEND : next->day);
	}
	return written;
}

static void
write_moves(RgtImport *import, RgtImportRow **rows, int n)
{
	static RgtQuery query = RGT_QUERY(
		"WITH said AS (SELECT * FROM unnest($1, $2, $3) AS s(unit_id, until_on, parent_id)), "
		"past AS (INSERT INTO regtarget.past_parents AS t (unit_id, until_on, parent_id) "
		"SELECT unit_id, until_on, nullif(parent_id, 0) FROM said WHERE until_on < 'infinity' "
		"ON CONFLICT (unit_id, until_on) DO UPDATE SET parent_id = excluded.parent_id "
		"WHERE t.parent_id IS DISTINCT FROM excluded.parent_id) "
		"UPDATE regtarget.units u SET parent_id = nullif(s.parent_id, 0) FROM said s WHERE s.until_on = 'infinity' "
		"AND u.unit_id = s.unit_id AND u.parent_id IS DISTINCT FROM nullif(s.parent_id, 0)",
		INT4ARRAYOID, DATEARRAYOID, INT4ARRAYOID);
	Places		all = read_places(rows, n);
	Written		written;
	Datum		arguments[3];

	lay_all(&all, rows, n);
	written = work_out(&all);
	if (written.n == 0)
		return;
	arguments[0] = rgt_import_array(written.unit_id, written.n, INT4OID);
	arguments[1] = rgt_import_array(written.until_on, written.n, DATEOID);
	arguments[2] = rgt_import_array(written.parent_id, written.n, INT4OID);
	rgt_run(&query, RGT_FRESH, arguments, NULL, NULL, NULL);
	if (written.nentries > 0)
		rgt_ledger_append(written.entries, written.nentries);
}

const RgtTarget rgt_moves_in = {
	.view = "moves_in",
	.ncolumns = 3,
	.shown = 3,
	.column = {{"unit", RGT_CELL_ID, true}, {"parent", RGT_CELL_ID, false}, {"from_date", RGT_CELL_DAY, true}},
	.source = -1,
	.nkeys = 2,
	.key = {UNIT, FROM_DATE},
	.whole = true,
	.alone = true,
	.resolve = resolve_moves,
	.compare = compare_moves,
	.write = write_moves
};

/* ---- successions --------------------------------------------------------------------------------------------- */

enum
{
	PREDECESSOR = 1, SHARE
};

static bool
is_share(Numeric share)
{
	return rgt_sign_of(NumericGetDatum(share)) >= 0 &&
		rgt_compare_numerics(NumericGetDatum(share), NumericGetDatum(int64_to_numeric(1))) <= 0;
}

static void
resolve_successions(RgtImport *import, RgtImportRow **rows, int n)
{
	look_up(import, rows, n, PREDECESSOR);
	for (int i = 0; i < n; i++)
	{
		if (rows[i]->unit_id != 0 && rows[i]->unit_id == rows[i]->other_unit_id)
			rgt_import_refuse(rows[i], RGT_CAUSE_CYCLE, PREDECESSOR, rgt_text("unit \"%s\" would be its own predecessor"),
							  rgt_import_shown(rows[i]->value[UNIT]));
		if (!rows[i]->isnull[SHARE] && !is_share(DatumGetNumeric(rows[i]->value[SHARE])))
			rgt_import_refuse(rows[i], RGT_CAUSE_NOT_A_SHARE, SHARE, rgt_text("share %s is not between 0 and 1"),
							  rgt_numeric_text(DatumGetNumeric(rows[i]->value[SHARE])));
	}
}

static int
compare_successions(const RgtImportRow *a, const RgtImportRow *b)
{
	return a->unit_id != b->unit_id ? RGT_ORDER(a->unit_id, b->unit_id) : RGT_ORDER(a->other_unit_id, b->other_unit_id);
}

static void
make_succession(const RgtImport *import, const RgtImportRow *row, Datum *values, bool *nulls)
{
	values[0] = Int32GetDatum(row->unit_id);
	values[1] = Int32GetDatum(row->other_unit_id);
	values[2] = row->isnull[SHARE] ? NumericGetDatum(int64_to_numeric(1)) : row->value[SHARE];
}

static void
write_successions(RgtImport *import, RgtImportRow **rows, int n)
{
	static const RgtMadeColumn columns[] = {{"unit_id", INT4OID}, {"predecessor_id", INT4OID}, {"share", NUMERICOID}};

	rgt_import_write(
		import, "INSERT INTO regtarget.successions AS s (unit_id, predecessor_id, share) "
		"SELECT r.unit_id, r.predecessor_id, r.share FROM made_rows r "
		"ON CONFLICT (unit_id, predecessor_id) DO UPDATE SET share = excluded.share WHERE s.share <> excluded.share",
		columns, lengthof(columns), make_succession, rows, n);
}

const RgtTarget rgt_successions_in = {
	.view = "successions_in",
	.ncolumns = 3,
	.shown = 3,
	.column = {{"unit", RGT_CELL_ID, true}, {"predecessor", RGT_CELL_ID, true}, {"share", RGT_CELL_AMOUNT, false}},
	.source = -1,
	.nkeys = 2,
	.key = {UNIT, PREDECESSOR},
	.alone = true,
	.resolve = resolve_successions,
	.compare = compare_successions,
	.write = write_successions
};
