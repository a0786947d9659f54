/*
 * imports/moves.c
 *	  What rows about people say of where they are: a newcomer's unit, a move, a first day that becomes known.
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "imports/imports.h"
#include "regtarget.h"

static void
make_place(const RgtImport *import, const RgtImportRow *row, Datum *values, bool *nulls)
{
	values[0] = row->value[0];
	values[1] = row->value[1];
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

void
rgt_write_places(RgtImport *import, RgtImportRow **rows, int n)
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
make_first_day(const RgtImport *import, const RgtImportRow *row, Datum *values, bool *nulls)
{
	values[0] = Int32GetDatum(row->employee_id);
	values[1] = BoolGetDatum(row->first_day);
}

/*
 * Whoever came without a first day was assigned from the day on which he came.  Now that the day is known, the
 * first of his assignments begins on it.
 */
void
rgt_write_first_days(RgtImport *import, RgtImportRow **rows, int n)
{
	static const RgtMadeColumn columns[] = {{"employee_id", INT4OID}, {"first_day", BOOLOID}};
	bool		any = false;

	for (int i = 0; i < n; i++)
		any |= rows[i]->first_day;
	if (!any)
		return;
	rgt_import_write(
		import, "UPDATE regtarget.assignments a SET during = daterange(e.hired_on, upper(a.during)) "
		"FROM (SELECT DISTINCT m.employee_id FROM made_rows m WHERE m.first_day) r "
		"JOIN regtarget.employees e ON e.employee_id = r.employee_id "
		"WHERE a.employee_id = e.employee_id AND lower(a.during) <> e.hired_on "
		"AND (upper(a.during) IS NULL OR e.hired_on < upper(a.during)) "
		"AND NOT EXISTS (SELECT FROM regtarget.assignments b "
		"WHERE b.employee_id = a.employee_id AND lower(b.during) < lower(a.during))",
		columns, lengthof(columns), make_first_day, rows, n);
}
