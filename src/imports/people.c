/*
 * imports/people.c
 *	  Employees: the same row by (source, source_id), and the same person by his e-mail address.
 *
 * A row is about
 *	  - the person of that source and number, whom it describes anew;
 *	  - a person whom an alias calls so, or whose e-mail address it has: he is described by another
 *		system, and the row fills in only what nobody has said yet;
 *	  - else a newcomer.
 * Two numbers in one source are two people whatever their address: to make them one would be a guess.
 */
#include "postgres.h"

#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/formatting.h"

#include "imports/imports.h"
#include "regtarget.h"

enum
{
	SOURCE, SOURCE_ID, NAME, EMAIL, UNIT, HIRED_ON, LEFT_ON, REASON
};

/* What row->other says of a row whose person is known. */
enum
{
	NEWCOMER, OWN, BY_ALIAS, BY_EMAIL, LATER
};

static int
compare_people(const RgtImportRow *a, const RgtImportRow *b)
{
	int			result = rgt_import_compare_text(a->value[SOURCE], b->value[SOURCE]);

	return result != 0 ? result : rgt_import_compare_text(a->value[SOURCE_ID], b->value[SOURCE_ID]);
}

/* ---- who it is --------------------------------------------------------------------------------------- */

enum
{
	FOUND_NUMBER, FOUND_OWN, FOUND_ALIAS, FOUND_COUNT, FOUND_EMAIL, FOUND_WHO, FOUND_SAME_SOURCE, FOUND_HIRED_ON, FOUND_LEFT_ON
};

typedef struct People
{
	RgtImportRow **rows;
	bool		partial;
} People;

/*
 * A row that does not say all leaves the person with days of its own and days on record: that he left
 * before he was hired is refused here, in words.  His own source says so when he is back, though.
 */
static void
check_record(RgtImportRow *row, const Datum *values, const bool *isnull)
{
	bool		own = row->other == OWN;
	bool		hired_new = !row->isnull[HIRED_ON] && (own || isnull[FOUND_HIRED_ON]);
	bool		left_new = !row->isnull[LEFT_ON] && (own || isnull[FOUND_LEFT_ON]);

	if (left_new && !hired_new && !isnull[FOUND_HIRED_ON] &&
		DatumGetDateADT(row->value[LEFT_ON]) < DatumGetDateADT(values[FOUND_HIRED_ON]))
		rgt_import_refuse(row, RGT_CAUSE_DAYS_CROSSED, LEFT_ON, "left_on %s is before hired_on %s, which is on record",
						  rgt_date_text(DatumGetDateADT(row->value[LEFT_ON])),
						  rgt_date_text(DatumGetDateADT(values[FOUND_HIRED_ON])));
	if (hired_new && !left_new && !own && !isnull[FOUND_LEFT_ON] &&
		DatumGetDateADT(row->value[HIRED_ON]) > DatumGetDateADT(values[FOUND_LEFT_ON]))
		rgt_import_refuse(row, RGT_CAUSE_DAYS_CROSSED, HIRED_ON, "hired_on %s is after left_on %s, which is on record",
						  rgt_date_text(DatumGetDateADT(row->value[HIRED_ON])),
						  rgt_date_text(DatumGetDateADT(values[FOUND_LEFT_ON])));
}

static void
note_person(TupleTableSlot *slot, void *arg)
{
	const People *people = arg;
	RgtImportRow *row = people->rows[DatumGetInt64(slot->tts_values[FOUND_NUMBER]) - 1];
	const Datum *values = slot->tts_values;
	int64		n = DatumGetInt64(values[FOUND_COUNT]);

	if (!slot->tts_isnull[FOUND_OWN])
	{
		row->other = OWN;
		row->employee_id = DatumGetInt32(values[FOUND_OWN]);
	}
	else if (!slot->tts_isnull[FOUND_ALIAS])
	{
		row->other = BY_ALIAS;
		row->employee_id = DatumGetInt32(values[FOUND_ALIAS]);
	}
	else if (n > 1)
		rgt_import_refuse(row, RGT_CAUSE_AMBIGUOUS_EMAIL, EMAIL, "e-mail address \"%s\" belongs to more than one employee: %s",
						  rgt_import_shown(row->value[EMAIL]), TextDatumGetCString(values[FOUND_WHO]));
	else if (n == 1 && DatumGetBool(values[FOUND_SAME_SOURCE]))
		rgt_import_refuse(row, RGT_CAUSE_TAKEN_EMAIL, EMAIL, "e-mail address \"%s\" already belongs to another employee of the same source: %s",
						  rgt_import_shown(row->value[EMAIL]), TextDatumGetCString(values[FOUND_WHO]));
	else if (n == 1)
	{
		row->other = BY_EMAIL;
		row->employee_id = DatumGetInt32(values[FOUND_EMAIL]);
	}
	if (row->other != NEWCOMER && (row->other != OWN || people->partial))
		check_record(row, values, slot->tts_isnull);
}

static void
find_people(const RgtImport *import, RgtImportRow **rows, int n)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT k.i, e.employee_id, m.employee_id, coalesce(p.n, 0), p.employee_id, p.who, coalesce(p.same_source, false), "
		"coalesce(e.hired_on, m.hired_on, p.hired_on), coalesce(e.left_on, m.left_on, p.left_on) "
		"FROM unnest($1, $2, $3) WITH ORDINALITY AS k(source, source_id, email, i) "
		"LEFT JOIN regtarget.employees e ON e.source = k.source AND e.source_id = k.source_id "
		"LEFT JOIN regtarget.aliases a ON e.employee_id IS NULL "
		"AND a.kind = 'employee' AND a.source = k.source AND a.source_id = k.source_id "
		"LEFT JOIN regtarget.employees m ON m.employee_id = a.means::pg_catalog.int8 "
		"LEFT JOIN LATERAL (SELECT count(*) AS n, min(x.employee_id) AS employee_id, "
		"min(x.hired_on) AS hired_on, min(x.left_on) AS left_on, "
		"bool_or(x.source = k.source AND x.source_id IS NOT NULL) AS same_source, "
		"string_agg(concat_ws(' ', x.source, x.source_id), ', ' ORDER BY x.employee_id) AS who "
		"FROM regtarget.employees x WHERE lower(btrim(x.email)) = lower(k.email)) p "
		"ON e.employee_id IS NULL AND m.employee_id IS NULL AND k.email <> ''",
		TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID);
	static const int from[3] = {SOURCE, SOURCE_ID, EMAIL};
	Datum	   *texts = palloc_extended(sizeof(Datum) * (Size) n, MCXT_ALLOC_HUGE);
	Datum		none = CStringGetTextDatum("");
	Datum		arguments[3];
	People		people = {rows, import->partial};

	for (int k = 0; k < 3; k++)
	{
		for (int i = 0; i < n; i++)
			texts[i] = rows[i]->isnull[from[k]] ? none : rows[i]->value[from[k]];
		arguments[k] = rgt_import_array(texts, n, TEXTOID);
	}
	for (int i = 0; i < n; i++)
	{
		rows[i]->other = NEWCOMER;
		rows[i]->employee_id = 0;
	}
	rgt_run(&query, RGT_FRESH, arguments, NULL, note_person, &people);
}

static void
check_days(RgtImportRow *row)
{
	if (!row->isnull[HIRED_ON] && !row->isnull[LEFT_ON] &&
		DatumGetDateADT(row->value[LEFT_ON]) < DatumGetDateADT(row->value[HIRED_ON]))
		rgt_import_refuse(row, RGT_CAUSE_DAYS_CROSSED, LEFT_ON, "left_on %s is before hired_on %s",
						  rgt_date_text(DatumGetDateADT(row->value[LEFT_ON])),
						  rgt_date_text(DatumGetDateADT(row->value[HIRED_ON])));
}

static void
resolve_people(RgtImport *import, RgtImportRow **rows, int n)
{
	for (int i = 0; i < n; i++)
	{
		Datum		source = rows[i]->value[SOURCE];

		rows[i]->name[RGT_NAME_UNIT] = rows[i]->isnull[UNIT] ? NULL :
			rgt_name(import, RGT_NAME_UNIT, source, rows[i]->value[UNIT]);
		rows[i]->name[RGT_NAME_REASON] = rows[i]->isnull[REASON] ? NULL :
			rgt_name(import, RGT_NAME_REASON, source, rows[i]->value[REASON]);
	}
	rgt_names_look_up(import);
	for (int i = 0; i < n; i++)
	{
		const RgtName *unit = rows[i]->name[RGT_NAME_UNIT];

		rows[i]->unit_id = unit == NULL ? 0 : unit->id;
		if (unit != NULL && unit->id == 0)
			rgt_import_refuse_name(rows[i], unit, UNIT);
		check_days(rows[i]);
	}
	find_people(import, rows, n);
}

/* ---- newcomers with one e-mail address ------------------------------------------------------------------ */

typedef struct Address
{
	char	   *email;
	RgtImportRow *row;
} Address;

static int
compare_addresses(const void *a, const void *b)
{
	const Address *left = a;
	const Address *right = b;
	int			result = strcmp(left->email, right->email);

	return result != 0 ? result : (left->row->line > right->row->line) - (left->row->line < right->row->line);
}

/*
 * Of newcomers with one e-mail address the first is written now.  The others have to wait until he is
 * there to be found, or, with another number of the same source, are two people: refused.
 */
static int
put_off_doubles(RgtImportRow **rows, int n, RgtImportRow **later)
{
	Address    *addresses = palloc_extended(sizeof(Address) * (Size) n, MCXT_ALLOC_HUGE);
	int			naddresses = 0;
	int			nlater = 0;

	for (int i = 0; i < n; i++)
	{
		text	   *email = (text *) DatumGetPointer(rows[i]->value[EMAIL]);

		if (rows[i]->other != NEWCOMER || rows[i]->isnull[EMAIL])
			continue;
		addresses[naddresses].email = str_tolower(VARDATA_ANY(email), VARSIZE_ANY_EXHDR(email), DEFAULT_COLLATION_OID);
		addresses[naddresses++].row = rows[i];
	}
	qsort(addresses, naddresses, sizeof(Address), compare_addresses);
	for (int i = 1, first = 0; i < naddresses; i++)
	{
		RgtImportRow *row = addresses[i].row;
		RgtImportRow *known = addresses[first].row;

		if (strcmp(addresses[i].email, addresses[first].email) != 0)
			first = i;
		else if (rgt_import_compare_text(row->value[SOURCE], known->value[SOURCE]) == 0)
			rgt_import_refuse(row, RGT_CAUSE_TAKEN_EMAIL, EMAIL, "e-mail address \"%s\" already belongs to another employee of the same source: %s %s",
							  rgt_import_shown(row->value[EMAIL]), rgt_import_shown(known->value[SOURCE]),
							  rgt_import_shown(known->value[SOURCE_ID]));
		else
		{
			row->other = LATER;
			later[nlater++] = row;
		}
	}
	return nlater;
}

/* ---- the person -------------------------------------------------------------------------------------------- */

static void
make_person(const RgtImport *import, const RgtImportRow *row, Datum *values, bool *nulls)
{
	static const int from[] = {SOURCE, SOURCE_ID, NAME, EMAIL, HIRED_ON, LEFT_ON};

	for (int c = 0; c < (int) lengthof(from); c++)
	{
		values[c] = row->value[from[c]];
		nulls[c] = row->isnull[from[c]];
	}
	values[6] = nulls[6] = row->name[RGT_NAME_REASON] == NULL;
	if (!nulls[6])
		values[6] = row->name[RGT_NAME_REASON]->means;
	values[7] = Int32GetDatum(row->employee_id);
	values[8] = Int32GetDatum((int32) row->other);
	values[9] = Int64GetDatum(row->line);
}

static const RgtMadeColumn person_columns[] = {
	{"source", TEXTOID}, {"source_id", TEXTOID}, {"name", TEXTOID}, {"email", TEXTOID}, {"hired_on", DATEOID},
	{"left_on", DATEOID}, {"leave_reason", TEXTOID}, {"employee_id", INT4OID}, {"how", INT4OID}, {"line", INT8OID}
};

#define PEOPLE_UPSERT(name, hired, left, reason) \
	"INSERT INTO regtarget.employees AS e (source, source_id, name, email, hired_on, left_on, leave_reason) " \
	"SELECT r.source, r.source_id, r.name, r.email, r.hired_on, r.left_on, r.leave_reason FROM made_rows r " \
	"WHERE r.how <= 1 ON CONFLICT (source, source_id) DO UPDATE SET name = " name ", " \
	"email = coalesce(excluded.email, e.email), hired_on = " hired ", left_on = " left ", leave_reason = " reason " " \
	"WHERE (e.name, e.email, e.hired_on, e.left_on, e.leave_reason) IS DISTINCT FROM " \
	"(" name ", coalesce(excluded.email, e.email), " hired ", " left ", " reason ")"

/* What an answer leaves out stays; but whoever is hired after he left is back. */
#define STAYS_UNLESS_BACK(column) \
	"coalesce(excluded." column ", CASE WHEN excluded.left_on IS NULL AND excluded.hired_on > e.left_on THEN NULL ELSE e." column " END)"

/* Of whoever is back, the days between are not to count where he was when he left. */
static void
end_old_stays(RgtImport *import, RgtImportRow **rows, int n)
{
	rgt_import_write(
		import, "UPDATE regtarget.assignments a SET during = daterange(lower(a.during), e.left_on + 1) "
		"FROM made_rows r JOIN regtarget.employees e ON e.source = r.source AND e.source_id = r.source_id "
		"WHERE r.how <= 1 AND r.hired_on > e.left_on AND a.employee_id = e.employee_id "
		"AND a.during @> e.left_on AND a.during @> (e.left_on + 1)",
		person_columns, lengthof(person_columns), make_person, rows, n);
}

/* Describe the person anew, or fill in what is not known of him; whoever was found by e-mail keeps an alias. */
static void
write_persons(RgtImport *import, RgtImportRow **rows, int n)
{
	end_old_stays(import, rows, n);
	rgt_import_write(
		import, import->partial ?
		PEOPLE_UPSERT("coalesce(excluded.name, e.name)", "coalesce(excluded.hired_on, e.hired_on)",
					  STAYS_UNLESS_BACK("left_on"), STAYS_UNLESS_BACK("leave_reason")) :
		PEOPLE_UPSERT("excluded.name", "excluded.hired_on", "excluded.left_on", "excluded.leave_reason"),
		person_columns, lengthof(person_columns), make_person, rows, n);
	rgt_import_write(
		import, "UPDATE regtarget.employees e SET name = coalesce(e.name, r.name), email = coalesce(e.email, r.email), "
		"hired_on = coalesce(e.hired_on, r.hired_on), left_on = coalesce(e.left_on, r.left_on), "
		"leave_reason = coalesce(e.leave_reason, r.leave_reason) "
		"FROM (SELECT DISTINCT ON (m.employee_id) m.* FROM made_rows m WHERE m.how >= 2 "
		"ORDER BY m.employee_id, m.line DESC) r "
		"WHERE e.employee_id = r.employee_id AND (e.name, e.email, e.hired_on, e.left_on, e.leave_reason) IS DISTINCT FROM "
		"(coalesce(e.name, r.name), coalesce(e.email, r.email), coalesce(e.hired_on, r.hired_on), "
		"coalesce(e.left_on, r.left_on), coalesce(e.leave_reason, r.leave_reason))",
		person_columns, lengthof(person_columns), make_person, rows, n);
	rgt_import_write(
		import, "INSERT INTO regtarget.aliases (kind, source, source_id, means) "
		"SELECT 'employee', r.source, r.source_id, r.employee_id::pg_catalog.text FROM made_rows r WHERE r.how = 3 "
		"ON CONFLICT DO NOTHING",
		person_columns, lengthof(person_columns), make_person, rows, n);
}

/* ---- the unit ------------------------------------------------------------------------------------------------ */

static void
make_place(const RgtImport *import, const RgtImportRow *row, Datum *values, bool *nulls)
{
	values[0] = row->value[SOURCE];
	values[1] = row->value[SOURCE_ID];
	values[2] = Int32GetDatum(row->employee_id);
	values[3] = Int32GetDatum(row->unit_id);
	values[4] = DateADTGetDatum(import->today);
	values[5] = Int64GetDatum(row->line);
}

/*
 * Where everybody that a row gives a unit should be: a newcomer, who has never been anywhere, or not
 * since he was hired again, from his first day (today when it is not known, but not after his last),
 * anybody else from today on, until where he is known to be next.  Whoever is there already, or has
 * left, stays.
 */
#define PLACES \
	"WITH place AS (" \
	"SELECT DISTINCT ON (e.employee_id) e.employee_id, r.unit_id, r.today, e.hired_on, e.left_on " \
	"FROM made_rows r CROSS JOIN LATERAL (" \
	"SELECT k.employee_id, k.hired_on, k.left_on FROM regtarget.employees k WHERE k.employee_id = r.employee_id " \
	"UNION ALL SELECT k.employee_id, k.hired_on, k.left_on FROM regtarget.employees k " \
	"WHERE r.employee_id = 0 AND k.source = r.source AND k.source_id = r.source_id) e " \
	"ORDER BY e.employee_id, r.line DESC), " \
	"target AS (" \
	"SELECT p.employee_id, p.unit_id, p.today, now_at.unit_id AS present_unit_id, now_at.during, " \
	"(SELECT min(lower(a.during)) FROM regtarget.assignments a " \
	"WHERE a.employee_id = p.employee_id AND lower(a.during) > p.today) AS until, " \
	"CASE WHEN EXISTS (SELECT FROM regtarget.assignments a WHERE a.employee_id = p.employee_id " \
	"AND NOT coalesce(upper(a.during) <= p.hired_on, false)) " \
	"THEN greatest(p.today, p.hired_on) " \
	"ELSE coalesce(p.hired_on, least(p.today, p.left_on)) END AS since, p.left_on " \
	"FROM place p LEFT JOIN regtarget.assignments now_at ON now_at.employee_id = p.employee_id " \
	"AND now_at.during @> p.today) "

static void
write_places(RgtImport *import, RgtImportRow **rows, int n)
{
	static const RgtMadeColumn columns[] = {{"source", TEXTOID}, {"source_id", TEXTOID}, {"employee_id", INT4OID},
	{"unit_id", INT4OID}, {"today", DATEOID}, {"line", INT8OID}};

	/* Whoever came to where he is only today has never been there. */
	rgt_import_write(
		import, PLACES "UPDATE regtarget.assignments a SET unit_id = t.unit_id FROM target t "
		"WHERE a.employee_id = t.employee_id AND a.during = t.during AND lower(t.during) = t.today "
		"AND t.present_unit_id <> t.unit_id AND (t.left_on IS NULL OR t.left_on >= t.today)",
		columns, lengthof(columns), make_place, rows, n);
	rgt_import_write(
		import, PLACES "UPDATE regtarget.assignments a SET during = daterange(lower(a.during), t.today) FROM target t "
		"WHERE a.employee_id = t.employee_id AND a.during = t.during AND t.present_unit_id <> t.unit_id "
		"AND (t.left_on IS NULL OR t.left_on >= t.today)",
		columns, lengthof(columns), make_place, rows, n);
	rgt_import_write(
		import, PLACES "INSERT INTO regtarget.assignments (employee_id, unit_id, during) "
		"SELECT t.employee_id, t.unit_id, daterange(t.since, t.until) FROM target t "
		"WHERE t.present_unit_id IS NULL AND (t.since < t.today OR t.left_on IS NULL OR t.left_on >= t.today) "
		"AND (t.until IS NULL OR t.since < t.until) ORDER BY t.employee_id",
		columns, lengthof(columns), make_place, rows, n);
}

static void
write_people(RgtImport *import, RgtImportRow **rows, int n)
{
	RgtImportRow **later = palloc_extended(sizeof(RgtImportRow *) * (Size) n, MCXT_ALLOC_HUGE);
	RgtImportRow **placed = palloc_extended(sizeof(RgtImportRow *) * (Size) n, MCXT_ALLOC_HUGE);
	int			nlater = put_off_doubles(rows, n, later);
	int			nplaced = 0;
	int			nnow = 0;

	for (int i = 0; i < n; i++)
	{
		if (rows[i]->reason != NULL || rows[i]->other == LATER)
			continue;
		rows[nnow++] = rows[i];
		if (rows[i]->unit_id != 0)
			placed[nplaced++] = rows[i];
	}
	write_persons(import, rows, nnow);
	if (nplaced > 0)
		write_places(import, placed, nplaced);
	if (nlater == 0)
		return;
	find_people(import, later, nlater);
	nlater = rgt_import_good(later, nlater, later);
	if (nlater > 0)
		write_people(import, later, nlater);
}

const RgtTarget rgt_employees_in = {
	.view = "employees_in",
	.ncolumns = 8,
	.shown = 8,
	.column = {{"source", RGT_CELL_TEXT, true}, {"source_id", RGT_CELL_ID, true}, {"name", RGT_CELL_TEXT, false},
		{"email", RGT_CELL_TEXT, false}, {"unit", RGT_CELL_ID, false}, {"hired_on", RGT_CELL_DAY, false}, {"left_on", RGT_CELL_DAY, false},
	{"leave_reason", RGT_CELL_TEXT, false}},
	.source = SOURCE,
	.nkeys = 2,
	.key = {SOURCE, SOURCE_ID},
	.alone = true,
	.resolve = resolve_people,
	.compare = compare_people,
	.write = write_people
};
