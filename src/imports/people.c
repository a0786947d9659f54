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

#include "imports/services.h"
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
	FOUND_NUMBER, FOUND_OWN, FOUND_ALIAS, FOUND_COUNT, FOUND_EMAIL, FOUND_WHO, FOUND_SAME_SOURCE, FOUND_HIRED_ON, FOUND_LEFT_ON,
	FOUND_NAME, FOUND_OWN_EMAIL, FOUND_REASON
};

typedef struct People
{
	RgtImportRow **rows;
	bool		partial;
	MemoryContext context;
} People;

/* A column stays as it is on record. */
static void
keep(RgtImportRow *row, int column, const Datum *values, const bool *isnull, int found)
{
	row->isnull[column] = isnull[found];
	if (isnull[found])
		return;
	row->value[column] = column == HIRED_ON || column == LEFT_ON ? values[found] :
		PointerGetDatum(PG_DETOAST_DATUM_COPY(values[found]));
}

/*
 * What the person's own source does not say stays; and in a file an address that is left empty.  But whoever
 * is hired after he left is back.
 */
static void
keep_rest(const People *people, RgtImportRow *row, const Datum *values, const bool *isnull)
{
	bool		back = rgt_import_says(row, HIRED_ON) && !rgt_import_says(row, LEFT_ON) && !row->isnull[HIRED_ON] &&
		!isnull[FOUND_LEFT_ON] && DatumGetDateADT(row->value[HIRED_ON]) > DatumGetDateADT(values[FOUND_LEFT_ON]);

	if (!rgt_import_says(row, NAME))
		keep(row, NAME, values, isnull, FOUND_NAME);
	if (!rgt_import_says(row, EMAIL) || (row->isnull[EMAIL] && !people->partial))
		keep(row, EMAIL, values, isnull, FOUND_OWN_EMAIL);
	if (!rgt_import_says(row, HIRED_ON))
		keep(row, HIRED_ON, values, isnull, FOUND_HIRED_ON);
	if (!rgt_import_says(row, LEFT_ON) && !back)
		keep(row, LEFT_ON, values, isnull, FOUND_LEFT_ON);
	if (!rgt_import_says(row, REASON) && !back)
		keep(row, REASON, values, isnull, FOUND_REASON);
}

/*
 * A row that does not say all leaves the person with days of its own and days on record: that he left
 * before he was hired is refused here, in words.  His own source says so when he is back, though.
 */
static void
check_record(RgtImportRow *row, const Datum *values, const bool *isnull)
{
	bool		own = row->other == OWN;
	bool		hired_new = own ? rgt_import_says(row, HIRED_ON) : !row->isnull[HIRED_ON] && isnull[FOUND_HIRED_ON];
	bool		left_new = !row->isnull[LEFT_ON] && (own ? rgt_import_says(row, LEFT_ON) : isnull[FOUND_LEFT_ON]);

	if (left_new && !hired_new && !isnull[FOUND_HIRED_ON] &&
		DatumGetDateADT(row->value[LEFT_ON]) < DatumGetDateADT(values[FOUND_HIRED_ON]))
		rgt_import_refuse(row, RGT_CAUSE_DAYS_CROSSED, LEFT_ON, rgt_text("left_on %s is before hired_on %s, which is on record"),
						  rgt_date_text(DatumGetDateADT(row->value[LEFT_ON])),
						  rgt_date_text(DatumGetDateADT(values[FOUND_HIRED_ON])));
	if (hired_new && !left_new && !own && !isnull[FOUND_LEFT_ON] &&
		DatumGetDateADT(row->value[HIRED_ON]) > DatumGetDateADT(values[FOUND_LEFT_ON]))
		rgt_import_refuse(row, RGT_CAUSE_DAYS_CROSSED, HIRED_ON, rgt_text("hired_on %s is after left_on %s, which is on record"),
						  rgt_date_text(DatumGetDateADT(row->value[HIRED_ON])),
						  rgt_date_text(DatumGetDateADT(values[FOUND_LEFT_ON])));
}

/* A service that tells why somebody left means that he did: without the day he would stay. */
static void
check_leaver(RgtImportRow *row, const bool *isnull)
{
	if (rgt_import_says(row, REASON) && !row->isnull[REASON] && row->isnull[LEFT_ON] &&
		(row->other == OWN || row->other == NEWCOMER || isnull[FOUND_LEFT_ON]))
		rgt_import_refuse(row, RGT_CAUSE_MISSING, LEFT_ON, rgt_text("left_on is missing: why he left is said, and not when"));
}

/* What is kept and what is said of a row must outlive the statement that found the person. */
static void
note_person(TupleTableSlot *slot, void *arg)
{
	const People *people = arg;
	RgtImportRow *row = people->rows[DatumGetInt64(slot->tts_values[FOUND_NUMBER]) - 1];
	const Datum *values = slot->tts_values;
	int64		n = DatumGetInt64(values[FOUND_COUNT]);
	MemoryContext old = MemoryContextSwitchTo(people->context);

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
		rgt_import_refuse(row, RGT_CAUSE_AMBIGUOUS_EMAIL, EMAIL,
						  rgt_text("e-mail address \"%s\" belongs to more than one employee: %s"),
						  rgt_import_shown(row->value[EMAIL]), TextDatumGetCString(values[FOUND_WHO]));
	else if (n == 1 && DatumGetBool(values[FOUND_SAME_SOURCE]))
		rgt_import_refuse(row, RGT_CAUSE_TAKEN_EMAIL, EMAIL,
						  rgt_text("e-mail address \"%s\" already belongs to another employee of the same source: %s"),
						  rgt_import_shown(row->value[EMAIL]), TextDatumGetCString(values[FOUND_WHO]));
	else if (n == 1)
	{
		row->other = BY_EMAIL;
		row->employee_id = DatumGetInt32(values[FOUND_EMAIL]);
	}
	if (row->other == OWN)
		keep_rest(people, row, values, slot->tts_isnull);
	if (row->other != NEWCOMER)
	{
		check_record(row, values, slot->tts_isnull);
		row->first_day = slot->tts_isnull[FOUND_HIRED_ON] && !row->isnull[HIRED_ON];
	}
	if (people->partial)
		check_leaver(row, slot->tts_isnull);
	MemoryContextSwitchTo(old);
}

static void
find_people(const RgtImport *import, RgtImportRow **rows, int n)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT k.i, e.employee_id, m.employee_id, coalesce(p.n, 0), p.employee_id, p.who, coalesce(p.same_source, false), "
		"CASE WHEN e.employee_id IS NULL THEN coalesce(m.hired_on, p.hired_on) ELSE e.hired_on END, "
		"CASE WHEN e.employee_id IS NULL THEN coalesce(m.left_on, p.left_on) ELSE e.left_on END, "
		"e.name, e.email, e.leave_reason "
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
	People		people = {rows, import->partial, CurrentMemoryContext};

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
		rows[i]->first_day = false;
	}
	rgt_run(&query, RGT_FRESH, arguments, NULL, note_person, &people);
}

static void
check_days(RgtImportRow *row)
{
	if (!row->isnull[HIRED_ON] && !row->isnull[LEFT_ON] &&
		DatumGetDateADT(row->value[LEFT_ON]) < DatumGetDateADT(row->value[HIRED_ON]))
		rgt_import_refuse(row, RGT_CAUSE_DAYS_CROSSED, LEFT_ON, rgt_text("left_on %s is before hired_on %s"),
						  rgt_date_text(DatumGetDateADT(row->value[LEFT_ON])),
						  rgt_date_text(DatumGetDateADT(row->value[HIRED_ON])));
}

static void
resolve_people(RgtImport *import, RgtImportRow **rows, int n)
{
	for (int i = 0; i < n; i++)
	{
		Datum		source = rows[i]->value[SOURCE];

		if (import->partial && !rows[i]->isnull[UNIT])
			rows[i]->value[UNIT] = rgt_unit_of_list(source, rows[i]->value[UNIT]);
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
			rgt_import_refuse(row, RGT_CAUSE_TAKEN_EMAIL, EMAIL,
							  rgt_text("e-mail address \"%s\" already belongs to another employee of the same source: %s %s"),
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
	values[6] = row->name[RGT_NAME_REASON] != NULL ? row->name[RGT_NAME_REASON]->means : row->value[REASON];
	nulls[6] = row->isnull[REASON];
	values[7] = Int32GetDatum(row->employee_id);
	values[8] = Int32GetDatum((int32) row->other);
	values[9] = Int64GetDatum(row->line);
}

static const RgtMadeColumn person_columns[] = {
	{"source", TEXTOID}, {"source_id", TEXTOID}, {"name", TEXTOID}, {"email", TEXTOID}, {"hired_on", DATEOID},
	{"left_on", DATEOID}, {"leave_reason", TEXTOID}, {"employee_id", INT4OID}, {"how", INT4OID}, {"line", INT8OID}
};

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
		import, "INSERT INTO regtarget.employees AS e (source, source_id, name, email, hired_on, left_on, leave_reason) "
		"SELECT r.source, r.source_id, r.name, r.email, r.hired_on, r.left_on, r.leave_reason FROM made_rows r "
		"WHERE r.how <= 1 ON CONFLICT (source, source_id) DO UPDATE SET name = excluded.name, email = excluded.email, "
		"hired_on = excluded.hired_on, left_on = excluded.left_on, leave_reason = excluded.leave_reason "
		"WHERE (e.name, e.email, e.hired_on, e.left_on, e.leave_reason) IS DISTINCT FROM "
		"(excluded.name, excluded.email, excluded.hired_on, excluded.left_on, excluded.leave_reason)",
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

/* ---- all of it ------------------------------------------------------------------------------------------------ */

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
		rgt_write_places(import, placed, nplaced);
	rgt_write_first_days(import, rows, nnow);
	if (nlater == 0)
		return;
	find_people(import, later, nlater);
	nlater = rgt_import_good(later, nlater, later);
	if (nlater > 0)
		write_people(import, later, nlater);
}

static const RgtRecord people_record = {
	.query = NULL,				/* find_people() knows */
	.unit = -1,
	.employee = -1,
	.customer = -1
};

const RgtTarget rgt_employees_in = {
	.view = "employees_in",
	.ncolumns = 8,
	.shown = 8,
	.record = &people_record,
	.column = {{"source", RGT_CELL_TEXT, true}, {"source_id", RGT_CELL_ID, true}, {"name", RGT_CELL_TEXT, false},
		{"email", RGT_CELL_TEXT, false}, {"unit", RGT_CELL_ID, false}, {"hired_on", RGT_CELL_DAY, false},
			{"left_on", RGT_CELL_DAY, false},
	{"leave_reason", RGT_CELL_TEXT, false}},
	.source = SOURCE,
	.nkeys = 2,
	.key = {SOURCE, SOURCE_ID},
	.alone = true,
	.resolve = resolve_people,
	.compare = compare_people,
	.write = write_people
};
