/*
 * imports/facts.c
 *	  Customers, visits, deals and revenues: the same row by (source, source_id).
 *
 * A fact whose unit is left out belongs to the unit that its employee was in that day.
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "access/access.h"
#include "imports/imports.h"
#include "regtarget.h"

/* The columns that all facts begin with. */
enum
{
	SOURCE, SOURCE_ID, UNIT, EMPLOYEE, CUSTOMER, FIRST_OWN
};

/* The columns of customers; the owner is not in the view: a service says it. */
enum
{
	CUSTOMER_NAME = 2, CUSTOMER_UNIT, CUSTOMER_ACQUIRED, CUSTOMER_CHURNED, CUSTOMER_OWNER
};

/* Where a target has what names and days. */
typedef struct Shape
{
	int			unit;
	int			employee;
	int			customer;		/* -1: none */
	int			day;			/* the first of these that is given; -1: today */
	int			other_day;
} Shape;

/* ---- names to keys ----------------------------------------------------------------------------------- */

static void
ask(RgtImport *import, RgtImportRow *row, RgtNameKind kind, int column)
{
	row->name[kind] = column < 0 || row->isnull[column] ? NULL :
		rgt_name(import, kind, rgt_import_source(import, row), row->value[column]);
}

static int64
answer(RgtImportRow *row, RgtNameKind kind)
{
	const RgtName *name = row->name[kind];

	if (name == NULL)
		return row->on_record[kind];
	if (name->id == 0)
		rgt_import_refuse(row, "%s", name->why);
	return name->id;
}

/* The day of the fact; false when it has none. */
static bool
day_of(const RgtImport *import, const RgtImportRow *row, const Shape *shape, DateADT *day)
{
	if (shape->day < 0)
		*day = import->today;
	else if (!row->isnull[shape->day])
		*day = DatumGetDateADT(row->value[shape->day]);
	else if (shape->other_day >= 0 && !row->isnull[shape->other_day])
		*day = DatumGetDateADT(row->value[shape->other_day]);
	else
		return false;
	return true;
}

static void
note_unit(TupleTableSlot *slot, void *arg)
{
	RgtImportRow **rows = arg;

	rows[DatumGetInt64(slot->tts_values[0]) - 1]->unit_id = DatumGetInt32(slot->tts_values[1]);
}

/* Rows without a unit, all with an employee and a day: his unit of that day. */
static void
find_units_of_day(RgtImportRow **rows, const Datum *days, int n, bool today)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT k.i, a.unit_id FROM unnest($1, $2) WITH ORDINALITY AS k(employee_id, day, i) "
		"JOIN regtarget.employees e ON e.employee_id = k.employee_id AND (e.left_on IS NULL OR e.left_on >= k.day) "
		"JOIN regtarget.assignments a ON a.employee_id = k.employee_id AND a.during @> k.day",
		INT4ARRAYOID, DATEARRAYOID);
	Datum	   *employees = palloc(sizeof(Datum) * n);
	Datum		arguments[2];

	for (int i = 0; i < n; i++)
		employees[i] = Int32GetDatum(rows[i]->employee_id);
	arguments[0] = rgt_import_array(employees, n, INT4OID);
	arguments[1] = rgt_import_array(days, n, DATEOID);
	rgt_run(&query, RGT_FRESH, arguments, NULL, note_unit, rows);
	for (int i = 0; i < n; i++)
	{
		const RgtName *employee = rows[i]->name[RGT_NAME_EMPLOYEE];

		if (rows[i]->unit_id != 0)
			continue;
		if (today)
			rgt_import_refuse(rows[i], "no unit is given, and employee \"%.*s\" is in none today",
							  employee->name_length, employee->name);
		else
			rgt_import_refuse(rows[i], "no unit is given, and employee \"%.*s\" was in none on %s",
							  employee->name_length, employee->name, rgt_date_text(DatumGetDateADT(days[i])));
	}
}

static void
settle_units(RgtImport *import, RgtImportRow **rows, int n, const Shape *shape)
{
	RgtImportRow **without = palloc_extended(sizeof(RgtImportRow *) * (Size) n, MCXT_ALLOC_HUGE);
	Datum	   *days = palloc_extended(sizeof(Datum) * (Size) n, MCXT_ALLOC_HUGE);
	int			nwithout = 0;

	for (int i = 0; i < n; i++)
	{
		DateADT		day;

		if (rows[i]->reason != NULL || rows[i]->unit_id != 0)
			continue;
		if (rows[i]->employee_id == 0)
			rgt_import_refuse(rows[i], shape->customer < 0 ? "no unit is given" : "neither a unit nor an employee is given");
		else if (!day_of(import, rows[i], shape, &day))
			rgt_import_refuse(rows[i], "no unit is given, and no day to tell the employee's unit of");
		else
		{
			days[nwithout] = DateADTGetDatum(day);
			without[nwithout++] = rows[i];
		}
	}
	if (nwithout > 0)
		find_units_of_day(without, days, nwithout, shape->day < 0);
}

static void
resolve(RgtImport *import, RgtImportRow **rows, int n, const Shape *shape)
{
	for (int i = 0; i < n; i++)
	{
		ask(import, rows[i], RGT_NAME_UNIT, shape->unit);
		ask(import, rows[i], RGT_NAME_EMPLOYEE, shape->employee);
		ask(import, rows[i], RGT_NAME_CUSTOMER, shape->customer);
	}
	rgt_names_look_up(import);
	for (int i = 0; i < n; i++)
	{
		rows[i]->unit_id = answer(rows[i], RGT_NAME_UNIT);
		rows[i]->employee_id = answer(rows[i], RGT_NAME_EMPLOYEE);
		rows[i]->customer_id = answer(rows[i], RGT_NAME_CUSTOMER);
	}
	settle_units(import, rows, n, shape);
}

static int
compare_keys(const RgtImportRow *a, const RgtImportRow *b)
{
	int			result = rgt_import_compare_text(a->value[SOURCE], b->value[SOURCE]);

	return result != 0 ? result : rgt_import_compare_text(a->value[SOURCE_ID], b->value[SOURCE_ID]);
}

/* ---- what the statements read -------------------------------------------------------------------------- */

#define FACT_COLUMNS \
	{"source", TEXTOID}, {"source_id", TEXTOID}, {"unit_id", INT4OID}, {"employee_id", INT4OID}, {"customer_id", INT8OID}

/* The columns that all facts have, then their own as they stand in the row. */
static void
make_fact(const RgtImportRow *row, Datum *values, bool *nulls, int nown)
{
	values[SOURCE] = row->value[SOURCE];
	values[SOURCE_ID] = row->value[SOURCE_ID];
	values[UNIT] = Int32GetDatum(row->unit_id);
	values[EMPLOYEE] = Int32GetDatum(row->employee_id);
	nulls[EMPLOYEE] = row->employee_id == 0;
	values[CUSTOMER] = Int64GetDatum(row->customer_id);
	nulls[CUSTOMER] = row->customer_id == 0;
	for (int c = FIRST_OWN; c < FIRST_OWN + nown; c++)
	{
		values[c] = row->value[c];
		nulls[c] = row->isnull[c];
	}
}

/* The whole statement, or without its last part for rows that are new. */
#define UPSERT(import, insert, conflict) ((import)->plain ? insert : insert " ON CONFLICT (source, source_id) DO UPDATE SET " conflict)

#define FACT_SAME "unit_id = excluded.unit_id, employee_id = excluded.employee_id, customer_id = excluded.customer_id"

/* ---- visits -------------------------------------------------------------------------------------------- */

static const Shape visit_shape = {UNIT, EMPLOYEE, CUSTOMER, FIRST_OWN, -1};

static void
resolve_visits(RgtImport *import, RgtImportRow **rows, int n)
{
	resolve(import, rows, n, &visit_shape);
}

static void
make_visit(const RgtImport *import, const RgtImportRow *row, Datum *values, bool *nulls)
{
	make_fact(row, values, nulls, 1);
}

static void
write_visits(RgtImport *import, RgtImportRow **rows, int n)
{
	static const RgtMadeColumn columns[] = {FACT_COLUMNS, {"visited_on", DATEOID}};

	rgt_import_write(
		import, UPSERT(import, "INSERT INTO regtarget.visits AS v (source, source_id, unit_id, employee_id, customer_id, visited_on) "
		"SELECT r.source, r.source_id, r.unit_id, r.employee_id, r.customer_id, r.visited_on FROM made_rows r",
			FACT_SAME ", visited_on = excluded.visited_on "
		"WHERE (v.unit_id, v.employee_id, v.customer_id, v.visited_on) IS DISTINCT FROM "
		"(excluded.unit_id, excluded.employee_id, excluded.customer_id, excluded.visited_on)"),
		columns, lengthof(columns), make_visit, rows, n);
}

static RgtQuery visits_on_record = RGT_QUERY(
	"SELECT k.i, v.unit_id, v.employee_id, v.customer_id, v.visited_on "
	"FROM unnest($1, $2) WITH ORDINALITY AS k(source, source_id, i) "
	"JOIN regtarget.visits v ON v.source = k.source AND v.source_id = k.source_id ORDER BY k.i FOR NO KEY UPDATE OF v",
	TEXTARRAYOID, TEXTARRAYOID);

static const RgtRecord visits_record = {
	.query = &visits_on_record,
	.unit = UNIT,
	.employee = EMPLOYEE,
	.customer = CUSTOMER,
	.nvalues = 1,
	.value = {FIRST_OWN}
};

const RgtTarget rgt_visits_in = {
	.view = "visits_in",
	.ncolumns = 6,
	.shown = 6,
	.record = &visits_record,
	.column = {{"source", RGT_CELL_TEXT, true}, {"source_id", RGT_CELL_TEXT, true}, {"unit", RGT_CELL_TEXT, false},
	{"employee", RGT_CELL_TEXT, false}, {"customer", RGT_CELL_TEXT, false}, {"visited_on", RGT_CELL_DAY, true}},
	.source = SOURCE,
	.nkeys = 2,
	.key = {SOURCE, SOURCE_ID},
	.resolve = resolve_visits,
	.compare = compare_keys,
	.write = write_visits
};

/* ---- deals --------------------------------------------------------------------------------------------- */

enum
{
	OPENED_ON = FIRST_OWN, CLOSED_ON, WON, DEAL_AMOUNT
};

static const Shape deal_shape = {UNIT, EMPLOYEE, CUSTOMER, CLOSED_ON, OPENED_ON};

static void
resolve_deals(RgtImport *import, RgtImportRow **rows, int n)
{
	resolve(import, rows, n, &deal_shape);
}

static void
make_deal(const RgtImport *import, const RgtImportRow *row, Datum *values, bool *nulls)
{
	make_fact(row, values, nulls, 4);
}

static void
write_deals(RgtImport *import, RgtImportRow **rows, int n)
{
	static const RgtMadeColumn columns[] = {FACT_COLUMNS, {"opened_on", DATEOID}, {"closed_on", DATEOID},
	{"won", BOOLOID}, {"amount", NUMERICOID}};

	rgt_import_write(
		import, UPSERT(import, "INSERT INTO regtarget.deals AS d (source, source_id, unit_id, employee_id, customer_id, "
		"opened_on, closed_on, won, amount) "
		"SELECT r.source, r.source_id, r.unit_id, r.employee_id, r.customer_id, r.opened_on, r.closed_on, r.won, r.amount "
		"FROM made_rows r",
			FACT_SAME ", opened_on = excluded.opened_on, "
		"closed_on = excluded.closed_on, won = excluded.won, amount = excluded.amount "
		"WHERE (d.unit_id, d.employee_id, d.customer_id, d.opened_on, d.closed_on, d.won, d.amount) IS DISTINCT FROM "
		"(excluded.unit_id, excluded.employee_id, excluded.customer_id, excluded.opened_on, excluded.closed_on, "
		"excluded.won, excluded.amount)"),
		columns, lengthof(columns), make_deal, rows, n);
}

const RgtTarget rgt_deals_in = {
	.view = "deals_in",
	.ncolumns = 11,
	.shown = 9,
	.record = &rgt_deals_record,
	.column = {{"source", RGT_CELL_TEXT, true}, {"source_id", RGT_CELL_TEXT, true}, {"unit", RGT_CELL_TEXT, false},
		{"employee", RGT_CELL_TEXT, false}, {"customer", RGT_CELL_TEXT, false}, {"opened_on", RGT_CELL_DAY, false},
		{"closed_on", RGT_CELL_DAY, false}, {"won", RGT_CELL_BOOLEAN, false}, {"amount", RGT_CELL_AMOUNT, false},
	{"is_closed", RGT_CELL_BOOLEAN, false}, {"currency", RGT_CELL_TEXT, false}},
	.source = SOURCE,
	.nkeys = 2,
	.key = {SOURCE, SOURCE_ID},
	.resolve = resolve_deals,
	.compare = compare_keys,
	.write = write_deals
};

/* ---- revenues ------------------------------------------------------------------------------------------ */

static void
resolve_revenues(RgtImport *import, RgtImportRow **rows, int n)
{
	resolve(import, rows, n, &visit_shape);
	rgt_import_check_revenues(import, rows, n);
}

static void
make_revenue(const RgtImport *import, const RgtImportRow *row, Datum *values, bool *nulls)
{
	make_fact(row, values, nulls, 2);
}

static void
write_revenues(RgtImport *import, RgtImportRow **rows, int n)
{
	static const RgtMadeColumn columns[] = {FACT_COLUMNS, {"booked_on", DATEOID}, {"amount", NUMERICOID}};

	rgt_import_write(
		import, UPSERT(import, "INSERT INTO regtarget.revenues AS v (source, source_id, unit_id, employee_id, customer_id, booked_on, amount) "
		"SELECT r.source, r.source_id, r.unit_id, r.employee_id, r.customer_id, r.booked_on, r.amount FROM made_rows r",
			FACT_SAME ", booked_on = excluded.booked_on, amount = excluded.amount "
		"WHERE (v.unit_id, v.employee_id, v.customer_id, v.booked_on, v.amount) IS DISTINCT FROM "
		"(excluded.unit_id, excluded.employee_id, excluded.customer_id, excluded.booked_on, excluded.amount)"),
		columns, lengthof(columns), make_revenue, rows, n);
}

const RgtTarget rgt_revenues_in = {
	.view = "revenues_in",
	.ncolumns = 7,
	.shown = 7,
	.column = {{"source", RGT_CELL_TEXT, true}, {"source_id", RGT_CELL_TEXT, true}, {"unit", RGT_CELL_TEXT, false},
		{"employee", RGT_CELL_TEXT, false}, {"customer", RGT_CELL_TEXT, false}, {"booked_on", RGT_CELL_DAY, true},
	{"amount", RGT_CELL_AMOUNT, true}},
	.source = SOURCE,
	.nkeys = 2,
	.key = {SOURCE, SOURCE_ID},
	.duty = RGT_FINANCE,
	.resolve = resolve_revenues,
	.compare = compare_keys,
	.write = write_revenues
};

/* ---- customers ----------------------------------------------------------------------------------------- */

static const Shape customer_shape = {CUSTOMER_UNIT, CUSTOMER_OWNER, -1, -1, -1};

static void
note_customer(TupleTableSlot *slot, void *arg)
{
	RgtImportRow **rows = arg;

	rows[DatumGetInt64(slot->tts_values[0]) - 1]->customer_id = DatumGetInt64(slot->tts_values[1]);
}

/* Customers that an alias knows by this name: the alias's customer is the one to write. */
static void
find_by_alias(RgtImport *import, RgtImportRow **rows, int n)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT k.i, c.customer_id FROM unnest($1, $2) WITH ORDINALITY AS k(source, source_id, i) "
		"JOIN regtarget.aliases a ON a.kind = 'customer' AND a.source = k.source AND a.source_id = k.source_id "
		"JOIN regtarget.customers c ON c.customer_id = a.means::pg_catalog.int8 "
		"WHERE NOT EXISTS (SELECT FROM regtarget.customers o WHERE o.source = k.source AND o.source_id = k.source_id)",
		TEXTARRAYOID, TEXTARRAYOID);
	Datum	   *sources = palloc(sizeof(Datum) * n);
	Datum	   *ids = palloc(sizeof(Datum) * n);
	Datum		arguments[2];

	for (int i = 0; i < n; i++)
	{
		sources[i] = rows[i]->value[SOURCE];
		ids[i] = rows[i]->value[SOURCE_ID];
		rows[i]->customer_id = 0;
	}
	arguments[0] = rgt_import_array(sources, n, TEXTOID);
	arguments[1] = rgt_import_array(ids, n, TEXTOID);
	rgt_run(&query, RGT_FRESH, arguments, NULL, note_customer, rows);
}

static void
resolve_customers(RgtImport *import, RgtImportRow **rows, int n)
{
	resolve(import, rows, n, &customer_shape);
	find_by_alias(import, rows, n);
	for (int i = 0; i < n; i++)
	{
		const Datum *value = rows[i]->value;
		const bool *isnull = rows[i]->isnull;

		if (!isnull[CUSTOMER_ACQUIRED] && !isnull[CUSTOMER_CHURNED] &&
			DatumGetDateADT(value[CUSTOMER_CHURNED]) < DatumGetDateADT(value[CUSTOMER_ACQUIRED]))
			rgt_import_refuse(rows[i], "churned_on %s is before acquired_on %s",
							  rgt_date_text(DatumGetDateADT(value[CUSTOMER_CHURNED])),
							  rgt_date_text(DatumGetDateADT(value[CUSTOMER_ACQUIRED])));
	}
}

static void
make_customer(const RgtImport *import, const RgtImportRow *row, Datum *values, bool *nulls)
{
	for (int c = SOURCE; c <= CUSTOMER_CHURNED; c++)
	{
		values[c] = row->value[c];
		nulls[c] = row->isnull[c];
	}
	values[CUSTOMER_UNIT] = Int32GetDatum(row->unit_id);
	nulls[CUSTOMER_UNIT] = false;
	values[CUSTOMER_CHURNED + 1] = Int64GetDatum(row->customer_id);
}

/* Another system's rows for a known customer fill in what nobody has said; its owner's rows stand. */
static void
write_customers(RgtImport *import, RgtImportRow **rows, int n)
{
	static const RgtMadeColumn columns[] = {{"source", TEXTOID}, {"source_id", TEXTOID}, {"name", TEXTOID},
	{"unit_id", INT4OID}, {"acquired_on", DATEOID}, {"churned_on", DATEOID}, {"known_id", INT8OID}};
	bool		known = false;

	for (int i = 0; i < n; i++)
		known |= rows[i]->customer_id != 0;
	rgt_import_write(
		import, "INSERT INTO regtarget.customers AS c (source, source_id, name, unit_id, acquired_on, churned_on) "
		"SELECT r.source, r.source_id, r.name, r.unit_id, r.acquired_on, r.churned_on FROM made_rows r WHERE r.known_id = 0 "
		"ON CONFLICT (source, source_id) DO UPDATE SET name = excluded.name, unit_id = excluded.unit_id, "
		"acquired_on = excluded.acquired_on, churned_on = excluded.churned_on "
		"WHERE (c.name, c.unit_id, c.acquired_on, c.churned_on) IS DISTINCT FROM "
		"(excluded.name, excluded.unit_id, excluded.acquired_on, excluded.churned_on)",
		columns, lengthof(columns), make_customer, rows, n);
	if (known)
		rgt_import_write(
			import, "UPDATE regtarget.customers c SET name = coalesce(c.name, r.name), "
			"acquired_on = coalesce(c.acquired_on, r.acquired_on), churned_on = coalesce(c.churned_on, r.churned_on) "
			"FROM (SELECT DISTINCT ON (m.known_id) m.* FROM made_rows m WHERE m.known_id > 0 ORDER BY m.known_id, m.source) r "
			"WHERE c.customer_id = r.known_id AND (c.name IS NULL AND r.name IS NOT NULL "
			"OR c.acquired_on IS NULL AND r.acquired_on IS NOT NULL OR c.churned_on IS NULL AND r.churned_on IS NOT NULL)",
			columns, lengthof(columns), make_customer, rows, n);
}

/* A customer whom an alias knows by this name stays in his unit. */
static RgtQuery customers_on_record = RGT_QUERY(
	"SELECT k.i, c.unit_id, NULL::pg_catalog.int4, NULL::pg_catalog.int8, c.name, c.acquired_on, c.churned_on "
	"FROM unnest($1, $2) WITH ORDINALITY AS k(source, source_id, i) "
	"LEFT JOIN regtarget.customers o ON o.source = k.source AND o.source_id = k.source_id "
	"LEFT JOIN regtarget.aliases a ON o.customer_id IS NULL "
	"AND a.kind = 'customer' AND a.source = k.source AND a.source_id = k.source_id "
	"JOIN regtarget.customers c ON c.customer_id = coalesce(o.customer_id, a.means::pg_catalog.int8) "
	"ORDER BY k.i FOR NO KEY UPDATE OF c", TEXTARRAYOID, TEXTARRAYOID);

static const RgtRecord customers_record = {
	.query = &customers_on_record,
	.unit = CUSTOMER_UNIT,
	.employee = CUSTOMER_OWNER,
	.customer = -1,
	.nvalues = 3,
	.value = {CUSTOMER_NAME, CUSTOMER_ACQUIRED, CUSTOMER_CHURNED}
};

const RgtTarget rgt_customers_in = {
	.view = "customers_in",
	.ncolumns = 7,
	.shown = 6,
	.record = &customers_record,
	.column = {{"source", RGT_CELL_TEXT, true}, {"source_id", RGT_CELL_TEXT, true}, {"name", RGT_CELL_TEXT, false},
		{"unit", RGT_CELL_TEXT, false}, {"acquired_on", RGT_CELL_DAY, false}, {"churned_on", RGT_CELL_DAY, false},
	{"owner", RGT_CELL_TEXT, false}},
	.source = SOURCE,
	.nkeys = 2,
	.key = {SOURCE, SOURCE_ID},
	.resolve = resolve_customers,
	.compare = compare_keys,
	.write = write_customers
};
