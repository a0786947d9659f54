/*
 * imports/units.c
 *	  Units: the same row by code.  A parent may stand anywhere in the same statement.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "imports/imports.h"
#include "regtarget.h"

enum
{
	CODE, NAME, KIND, PARENT, OPENED_ON, CLOSED_ON
};

/* A unit by its code: one of the table, one that a row brings, or one that is only named. */
typedef struct Unit
{
	text	   *code;
	struct Unit *parent;		/* as the table has it or, with a row, as the row says */
	RgtImportRow *row;
	bool		exists;
	int			visit;			/* when it was passed last */
} Unit;

typedef struct UnitEntry
{
	text	   *code;
	Unit	   *unit;
	char		status;
} UnitEntry;

static inline uint32
hash_code(const text *code)
{
	return hash_bytes((const unsigned char *) VARDATA_ANY(code), VARSIZE_ANY_EXHDR(code));
}

#define SH_PREFIX codes
#define SH_ELEMENT_TYPE UnitEntry
#define SH_KEY_TYPE text *
#define SH_KEY code
#define SH_HASH_KEY(tb, key) hash_code(key)
#define SH_EQUAL(tb, a, b) (rgt_import_compare_text(PointerGetDatum(a), PointerGetDatum(b)) == 0)
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

typedef struct Units
{
	struct codes_hash *codes;
	MemoryContext context;
} Units;

static Unit *
unit_of(Units *units, text *code)
{
	bool		found;
	UnitEntry  *entry = codes_insert(units->codes, code, &found);

	if (!found)
	{
		MemoryContext old = MemoryContextSwitchTo(units->context);

		entry->unit = palloc0(sizeof(Unit));
		entry->unit->code = entry->code = DatumGetTextPCopy(PointerGetDatum(code));
		MemoryContextSwitchTo(old);
	}
	return entry->unit;
}

/* ---- the tree as it is and would be ---------------------------------------------------------------------- */

static void
note_unit(TupleTableSlot *slot, void *arg)
{
	Unit	   *unit = unit_of(arg, DatumGetTextPP(slot->tts_values[0]));

	unit->exists = true;
	if (!slot->tts_isnull[1])
		unit->parent = unit_of(arg, DatumGetTextPP(slot->tts_values[1]));
}

static void
read_units(Units *units)
{
	static RgtQuery query = RGT_QUERY0(
		"SELECT u.code, p.code FROM regtarget.units u LEFT JOIN regtarget.units p ON p.unit_id = u.parent_id");

	rgt_run(&query, RGT_FRESH, NULL, NULL, note_unit, units);
}

/* Lay the rows over what is there; of those for one unit the last one that is good. */
static void
overlay(Units *units, RgtImportRow **rows, int n)
{
	for (int i = 0; i < n; i++)
	{
		RgtImportRow *row = rows[i];

		if (row->reason != NULL)
			continue;
		unit_of(units, (text *) DatumGetPointer(row->value[CODE]))->row = row;
	}
	for (int i = 0; i < n; i++)
	{
		RgtImportRow *row = rows[i];
		Unit	   *unit;

		if (row->reason != NULL)
			continue;
		unit = unit_of(units, (text *) DatumGetPointer(row->value[CODE]));
		if (unit->row != row)
			continue;
		if (!row->isnull[PARENT])
			unit->parent = unit_of(units, (text *) DatumGetPointer(row->value[PARENT]));
		else
			unit->parent = NULL;
	}
}

/* Refuse a row whose parent is neither there nor comes. */
static int
refuse_orphans(Units *units, RgtImportRow **rows, int n)
{
	int			refused = 0;

	for (int i = 0; i < n; i++)
	{
		Unit	   *parent;

		if (rows[i]->reason != NULL || rows[i]->isnull[PARENT])
			continue;
		parent = unit_of(units, (text *) DatumGetPointer(rows[i]->value[PARENT]));
		if (parent->exists || parent->row != NULL)
			continue;
		rgt_import_refuse(rows[i], RGT_CAUSE_UNKNOWN_UNIT, PARENT, rgt_text("parent: no unit has the code \"%s\""),
						  rgt_import_shown(rows[i]->value[PARENT]));
		refused++;
	}
	return refused;
}

/* Going up from the unit, does one come back to it?  Passed units are marked: there may be a cycle above it. */
static bool
is_own_ancestor(Unit *unit, int visit)
{
	Unit	   *up = unit->parent;

	while (up != NULL && up->visit != visit && up != unit)
	{
		up->visit = visit;
		up = up->parent;
	}
	return up == unit;
}

static int
refuse_cycles(Units *units, RgtImportRow **rows, int n, int *visit)
{
	int			refused = 0;

	for (int i = 0; i < n; i++)
	{
		Unit	   *unit;

		if (rows[i]->reason != NULL)
			continue;
		unit = unit_of(units, (text *) DatumGetPointer(rows[i]->value[CODE]));
		if (unit->row == rows[i] && is_own_ancestor(unit, ++*visit))
		{
			rgt_import_refuse(rows[i], RGT_CAUSE_CYCLE, PARENT, rgt_text("unit \"%s\" would be above itself"),
							  rgt_import_shown(rows[i]->value[CODE]));
			refused++;
		}
	}
	return refused;
}

/* How many units stand above a row's: parents go first when the rows are halved. */
static void
measure_depths(Units *units, RgtImportRow **rows, int n)
{
	for (int i = 0; i < n; i++)
	{
		if (rows[i]->reason != NULL)
			continue;
		rows[i]->other = 0;
		for (Unit *up = unit_of(units, (text *) DatumGetPointer(rows[i]->value[CODE]))->parent; up != NULL; up = up->parent)
			rows[i]->other++;
	}
}

/*
 * A row that is refused takes its unit back to what the table has, or away, which others may lean
 * on: look again until nothing more is refused.
 */
static void
resolve_units(RgtImport *import, RgtImportRow **rows, int n)
{
	int			visit = 0;
	int			refused;

	for (int i = 0; i < n; i++)
	{
		if (!rows[i]->isnull[OPENED_ON] && !rows[i]->isnull[CLOSED_ON] &&
			DatumGetDateADT(rows[i]->value[CLOSED_ON]) < DatumGetDateADT(rows[i]->value[OPENED_ON]))
			rgt_import_refuse(rows[i], RGT_CAUSE_DAYS_CROSSED, CLOSED_ON, rgt_text("closed_on %s is before opened_on %s"),
							  rgt_date_text(DatumGetDateADT(rows[i]->value[CLOSED_ON])),
							  rgt_date_text(DatumGetDateADT(rows[i]->value[OPENED_ON])));
	}
	do
	{
		Units		units = {.context = AllocSetContextCreate(import->batch, "regtarget units", ALLOCSET_DEFAULT_SIZES)};

		units.codes = codes_create(units.context, 1024, NULL);
		read_units(&units);
		overlay(&units, rows, n);
		refused = refuse_orphans(&units, rows, n);
		if (refused == 0)
			refused = refuse_cycles(&units, rows, n, &visit);
		if (refused == 0)
			measure_depths(&units, rows, n);
		MemoryContextDelete(units.context);
	} while (refused > 0);
}

/* ---- writing ----------------------------------------------------------------------------------------------- */

static int
compare_units(const RgtImportRow *a, const RgtImportRow *b)
{
	return rgt_import_compare_text(a->value[CODE], b->value[CODE]);
}

static void
make_unit(const RgtImport *import, const RgtImportRow *row, Datum *values, bool *nulls)
{
	for (int c = CODE; c <= CLOSED_ON; c++)
	{
		values[c] = row->value[c];
		nulls[c] = row->isnull[c];
	}
}

static void
make_move(const RgtImport *import, const RgtImportRow *row, Datum *values, bool *nulls)
{
	values[0] = row->value[CODE];
	values[1] = row->value[PARENT];
	nulls[1] = row->isnull[PARENT];
}

/* Units first, then where they hang: parents may come in any order. */
static void
write_units(RgtImport *import, RgtImportRow **rows, int n)
{
	static const RgtMadeColumn columns[] = {{"code", TEXTOID}, {"name", TEXTOID}, {"kind", TEXTOID}, {"parent", TEXTOID},
	{"opened_on", DATEOID}, {"closed_on", DATEOID}};
	static const RgtMadeColumn moves[] = {{"code", TEXTOID}, {"parent", TEXTOID}};

	rgt_import_write(
		import, "INSERT INTO regtarget.units AS u (code, name, kind, opened_on, closed_on) "
		"SELECT r.code, r.name, r.kind, r.opened_on, r.closed_on FROM made_rows r "
		"ON CONFLICT (code) DO UPDATE SET name = excluded.name, kind = excluded.kind, opened_on = excluded.opened_on, "
		"closed_on = excluded.closed_on WHERE (u.name, u.kind, u.opened_on, u.closed_on) IS DISTINCT FROM "
		"(excluded.name, excluded.kind, excluded.opened_on, excluded.closed_on)",
		columns, lengthof(columns), make_unit, rows, n);
	rgt_import_write(
		import, "UPDATE regtarget.units u SET parent_id = p.unit_id FROM made_rows r "
		"LEFT JOIN regtarget.units p ON p.code = r.parent WHERE u.code = r.code AND u.parent_id IS DISTINCT FROM p.unit_id",
		moves, lengthof(moves), make_move, rows, n);
}

static RgtQuery units_on_record = RGT_QUERY(
	"SELECT k.i, NULL::pg_catalog.int4, NULL::pg_catalog.int4, NULL::pg_catalog.int8, u.name, u.kind, p.code, u.opened_on, "
	"u.closed_on "
	"FROM unnest($1) WITH ORDINALITY AS k(code, i) JOIN regtarget.units u ON u.code = k.code "
	"LEFT JOIN regtarget.units p ON p.unit_id = u.parent_id", TEXTARRAYOID);

static const RgtRecord units_record = {
	.query = &units_on_record,
	.unit = -1,
	.employee = -1,
	.customer = -1,
	.nvalues = 5,
	.value = {NAME, KIND, PARENT, OPENED_ON, CLOSED_ON}
};

const RgtTarget rgt_units_in = {
	.view = "units_in",
	.ncolumns = 6,
	.shown = 6,
	.record = &units_record,
	.column = {{"code", RGT_CELL_ID, true}, {"name", RGT_CELL_TEXT, false}, {"kind", RGT_CELL_TEXT, false},
			   {"parent", RGT_CELL_ID, false},
	{"opened_on", RGT_CELL_DAY, false}, {"closed_on", RGT_CELL_DAY, false}},
	.source = -1,
	.nkeys = 1,
	.key = {CODE},
	.whole = true,
	.alone = true,
	.resolve = resolve_units,
	.compare = compare_units,
	.write = write_units
};
