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

/* Where a value of a fact's table comes from: a cell, by its column, or what a name stands for. */
enum
{
	FROM_UNIT = -1, FROM_EMPLOYEE = -2, FROM_CUSTOMER = -3
};

typedef struct FactColumn
{
	const char *name;			/* in the table */
	Oid			type;
	int			from;
} FactColumn;

#define MOST_COLUMNS 10

/* A table of facts; the first two columns are its key. */
typedef struct Fact
{
	const char *table;
	int			stored;			/* how many of the columns the table has; one behind them is ours to look at */
	int			ncolumns;
	FactColumn	column[MOST_COLUMNS];
	/* Where the view has what names and days; -1: not at all. */
	int			unit;
	int			employee;
	int			customer;
	int			day;			/* the first of these that is given; of no day, today */
	int			other_day;
} Fact;

/* The columns that the views of facts begin with. */
enum
{
	SOURCE, SOURCE_ID, UNIT, EMPLOYEE, CUSTOMER, FIRST_OWN
};

/* The columns of customers_in; the owner is not in the view: a service says it. */
enum
{
	CUSTOMER_NAME = 2, CUSTOMER_UNIT, CUSTOMER_ACQUIRED, CUSTOMER_CHURNED, CUSTOMER_OWNER
};

#define COLUMN(name, type, from) {name, type, from}
#define KEY COLUMN("source", TEXTOID, SOURCE), COLUMN("source_id", TEXTOID, SOURCE_ID)
#define WHO COLUMN("unit_id", INT4OID, FROM_UNIT), COLUMN("employee_id", INT4OID, FROM_EMPLOYEE), \
	COLUMN("customer_id", INT8OID, FROM_CUSTOMER)

static const Fact visits = {
	"visits", 6, 6, {KEY, WHO, COLUMN("visited_on", DATEOID, FIRST_OWN)}, UNIT, EMPLOYEE, CUSTOMER, FIRST_OWN, -1
};

static const Fact deals = {
	"deals", 9, 9,
	{KEY, WHO, COLUMN("opened_on", DATEOID, FIRST_OWN), COLUMN("closed_on", DATEOID, FIRST_OWN + 1),
	COLUMN("won", BOOLOID, FIRST_OWN + 2), COLUMN("amount", NUMERICOID, FIRST_OWN + 3)},
	UNIT, EMPLOYEE, CUSTOMER, FIRST_OWN + 1, FIRST_OWN
};

static const Fact revenues = {
	"revenues", 7, 7, {KEY, WHO, COLUMN("booked_on", DATEOID, FIRST_OWN), COLUMN("amount", NUMERICOID, FIRST_OWN + 1)},
	UNIT, EMPLOYEE, CUSTOMER, FIRST_OWN, -1
};

static const Fact customers = {
	"customers", 6, 7,
	{KEY, COLUMN("name", TEXTOID, CUSTOMER_NAME), COLUMN("unit_id", INT4OID, FROM_UNIT),
		COLUMN("acquired_on", DATEOID, CUSTOMER_ACQUIRED), COLUMN("churned_on", DATEOID, CUSTOMER_CHURNED),
	COLUMN("known_id", INT8OID, FROM_CUSTOMER)},
	CUSTOMER_UNIT, CUSTOMER_OWNER, -1, -1, -1
};

static const Fact *
fact_of(const RgtImport *import)
{
	return import->target->own;
}

/* ---- names to keys ----------------------------------------------------------------------------------- */

static void
ask(RgtImport *import, RgtImportRow *row, RgtNameKind kind, int column)
{
	row->name[kind] = column < 0 || row->isnull[column] ? NULL :
		rgt_name(import, kind, rgt_import_source(import, row), row->value[column]);
}

static int64
answer(RgtImportRow *row, RgtNameKind kind, int column)
{
	const RgtName *name = row->name[kind];

	if (name == NULL)
		return row->on_record[kind];
	if (name->id == 0)
		rgt_import_refuse_name(row, name, column);
	return name->id;
}

/* The day of the fact; false when it has none. */
static bool
day_of(const RgtImport *import, const RgtImportRow *row, const Fact *fact, DateADT *day)
{
	if (fact->day < 0)
		*day = import->today;
	else if (!row->isnull[fact->day])
		*day = DatumGetDateADT(row->value[fact->day]);
	else if (fact->other_day >= 0 && !row->isnull[fact->other_day])
		*day = DatumGetDateADT(row->value[fact->other_day]);
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
find_units_of_day(const Fact *fact, RgtImportRow **rows, const Datum *days, int n)
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
		if (fact->day < 0)
			rgt_import_refuse(rows[i], RGT_CAUSE_NO_UNIT, fact->unit,
							  rgt_text("no unit is given, and employee \"%.*s\" is in none today"),
							  employee->name_length, employee->name);
		else
			rgt_import_refuse(rows[i], RGT_CAUSE_NO_UNIT, fact->unit,
							  rgt_text("no unit is given, and employee \"%.*s\" was in none on %s"),
							  employee->name_length, employee->name, rgt_date_text(DatumGetDateADT(days[i])));
	}
}

static void
settle_units(RgtImport *import, RgtImportRow **rows, int n)
{
	const Fact *fact = fact_of(import);
	RgtImportRow **without = palloc_extended(sizeof(RgtImportRow *) * (Size) n, MCXT_ALLOC_HUGE);
	Datum	   *days = palloc_extended(sizeof(Datum) * (Size) n, MCXT_ALLOC_HUGE);
	int			nwithout = 0;

	for (int i = 0; i < n; i++)
	{
		DateADT		day;

		if (rows[i]->reason != NULL || rows[i]->unit_id != 0)
			continue;
		if (rows[i]->employee_id == 0)
			rgt_import_refuse(rows[i], RGT_CAUSE_NO_UNIT, fact->unit,
							  fact->customer < 0 ? rgt_text("no unit is given") :
								  rgt_text("neither a unit nor an employee is given"));
		else if (!day_of(import, rows[i], fact, &day))
			rgt_import_refuse(rows[i], RGT_CAUSE_NO_UNIT, fact->unit,
							  rgt_text("no unit is given, and no day to tell the employee's unit of"));
		else
		{
			days[nwithout] = DateADTGetDatum(day);
			without[nwithout++] = rows[i];
		}
	}
	if (nwithout > 0)
		find_units_of_day(fact, without, days, nwithout);
}

static void
resolve(RgtImport *import, RgtImportRow **rows, int n)
{
	const Fact *fact = fact_of(import);

	for (int i = 0; i < n; i++)
	{
		ask(import, rows[i], RGT_NAME_UNIT, fact->unit);
		ask(import, rows[i], RGT_NAME_EMPLOYEE, fact->employee);
		ask(import, rows[i], RGT_NAME_CUSTOMER, fact->customer);
	}
	rgt_names_look_up(import);
	for (int i = 0; i < n; i++)
	{
		rows[i]->unit_id = answer(rows[i], RGT_NAME_UNIT, fact->unit);
		rows[i]->employee_id = answer(rows[i], RGT_NAME_EMPLOYEE, fact->employee);
		rows[i]->customer_id = answer(rows[i], RGT_NAME_CUSTOMER, fact->customer);
	}
	settle_units(import, rows, n);
}

static int
compare_keys(const RgtImportRow *a, const RgtImportRow *b)
{
	int			result = rgt_import_compare_text(a->value[SOURCE], b->value[SOURCE]);

	return result != 0 ? result : rgt_import_compare_text(a->value[SOURCE_ID], b->value[SOURCE_ID]);
}

/* ---- writing --------------------------------------------------------------------------------------------- */

/* The columns of a fact, as its table names them. */
static void
make_fact(const RgtImport *import, const RgtImportRow *row, Datum *values, bool *nulls)
{
	const Fact *fact = fact_of(import);

	for (int c = 0; c < fact->ncolumns; c++)
	{
		int			from = fact->column[c].from;

		switch (from)
		{
			case FROM_UNIT:
				values[c] = Int32GetDatum(row->unit_id);
				break;
			case FROM_EMPLOYEE:
				values[c] = Int32GetDatum(row->employee_id);
				nulls[c] = row->employee_id == 0;
				break;
			case FROM_CUSTOMER:
				values[c] = Int64GetDatum(row->customer_id);
				nulls[c] = row->customer_id == 0;
				break;
			default:
				values[c] = row->value[from];
				nulls[c] = row->isnull[from];
		}
	}
}

/* "prefix.column, ..." for the columns from one on. */
static void
append_columns(StringInfo sql, const Fact *fact, int from, const char *prefix)
{
	for (int c = from; c < fact->stored; c++)
		appendStringInfo(sql, "%s%s%s", c > from ? ", " : "", prefix, fact->column[c].name);
}

/* ON CONFLICT: rows that are there become what the statement says, where that is anything new. */
static void
append_update(StringInfo sql, const Fact *fact)
{
	appendStringInfoString(sql, " ON CONFLICT (source, source_id) DO UPDATE SET ");
	for (int c = 2; c < fact->stored; c++)
		appendStringInfo(sql, "%s%s = excluded.%s", c > 2 ? ", " : "", fact->column[c].name, fact->column[c].name);
	appendStringInfoString(sql, " WHERE (");
	append_columns(sql, fact, 2, "t.");
	appendStringInfoString(sql, ") IS DISTINCT FROM (");
	append_columns(sql, fact, 2, "excluded.");
	appendStringInfoChar(sql, ')');
}

static void
write_made(const RgtImport *import, const char *sql, RgtImportRow **rows, int n)
{
	const Fact *fact = fact_of(import);
	RgtMadeColumn made[MOST_COLUMNS];

	for (int c = 0; c < fact->ncolumns; c++)
		made[c] = (RgtMadeColumn) {fact->column[c].name, fact->column[c].type};
	rgt_import_write(import, sql, made, fact->ncolumns, make_fact, rows, n);
}

/* Rows that are known under another key are not written. */
static void
write_facts(RgtImport *import, RgtImportRow **rows, int n)
{
	const Fact *fact = fact_of(import);
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "INSERT INTO regtarget.%s AS t (", fact->table);
	append_columns(&sql, fact, 0, "");
	appendStringInfoString(&sql, ") SELECT ");
	append_columns(&sql, fact, 0, "r.");
	appendStringInfoString(&sql, " FROM made_rows r");
	if (fact->stored < fact->ncolumns)
		appendStringInfo(&sql, " WHERE r.%s IS NULL", fact->column[fact->stored].name);
	if (!import->plain)
		append_update(&sql, fact);
	write_made(import, sql.data, rows, n);
	pfree(sql.data);
}

/* ---- visits, deals, revenues ------------------------------------------------------------------------------- */

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
	.column = {{"source", RGT_CELL_TEXT, true}, {"source_id", RGT_CELL_ID, true}, {"unit", RGT_CELL_ID, false},
	{"employee", RGT_CELL_ID, false}, {"customer", RGT_CELL_ID, false}, {"visited_on", RGT_CELL_DAY, true}},
	.source = SOURCE,
	.nkeys = 2,
	.key = {SOURCE, SOURCE_ID},
	.own = &visits,
	.resolve = resolve,
	.compare = compare_keys,
	.write = write_facts
};

const RgtTarget rgt_deals_in = {
	.view = "deals_in",
	.ncolumns = 11,
	.shown = 9,
	.record = &rgt_deals_record,
	.column = {{"source", RGT_CELL_TEXT, true}, {"source_id", RGT_CELL_ID, true}, {"unit", RGT_CELL_ID, false},
		{"employee", RGT_CELL_ID, false}, {"customer", RGT_CELL_ID, false}, {"opened_on", RGT_CELL_DAY, false},
		{"closed_on", RGT_CELL_DAY, false}, {"won", RGT_CELL_BOOLEAN, false}, {"amount", RGT_CELL_AMOUNT, false},
	{"is_closed", RGT_CELL_BOOLEAN, false}, {"currency", RGT_CELL_TEXT, false}},
	.source = SOURCE,
	.nkeys = 2,
	.key = {SOURCE, SOURCE_ID},
	.own = &deals,
	.resolve = resolve,
	.compare = compare_keys,
	.write = write_facts
};

static void
resolve_revenues(RgtImport *import, RgtImportRow **rows, int n)
{
	resolve(import, rows, n);
	rgt_import_check_revenues(import, rows, n);
}

const RgtTarget rgt_revenues_in = {
	.view = "revenues_in",
	.ncolumns = 7,
	.shown = 7,
	.column = {{"source", RGT_CELL_TEXT, true}, {"source_id", RGT_CELL_ID, true}, {"unit", RGT_CELL_ID, false},
		{"employee", RGT_CELL_ID, false}, {"customer", RGT_CELL_ID, false}, {"booked_on", RGT_CELL_DAY, true},
	{"amount", RGT_CELL_AMOUNT, true}},
	.source = SOURCE,
	.nkeys = 2,
	.key = {SOURCE, SOURCE_ID},
	.duty = RGT_FINANCE,
	.own = &revenues,
	.resolve = resolve_revenues,
	.compare = compare_keys,
	.write = write_facts
};

/* ---- customers ----------------------------------------------------------------------------------------- */

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
	resolve(import, rows, n);
	find_by_alias(import, rows, n);
	for (int i = 0; i < n; i++)
	{
		const Datum *value = rows[i]->value;
		const bool *isnull = rows[i]->isnull;

		if (!isnull[CUSTOMER_ACQUIRED] && !isnull[CUSTOMER_CHURNED] &&
			DatumGetDateADT(value[CUSTOMER_CHURNED]) < DatumGetDateADT(value[CUSTOMER_ACQUIRED]))
			rgt_import_refuse(rows[i], RGT_CAUSE_DAYS_CROSSED, CUSTOMER_CHURNED,
							  rgt_text("churned_on %s is before acquired_on %s"),
							  rgt_date_text(DatumGetDateADT(value[CUSTOMER_CHURNED])),
							  rgt_date_text(DatumGetDateADT(value[CUSTOMER_ACQUIRED])));
	}
}

/* Another system's rows for a known customer fill in what nobody has said; its owner's rows stand. */
static void
write_customers(RgtImport *import, RgtImportRow **rows, int n)
{
	bool		known = false;

	for (int i = 0; i < n; i++)
		known |= rows[i]->customer_id != 0;
	import->plain = false;		/* fewer than facts, and mostly known */
	write_facts(import, rows, n);
	if (known)
		write_made(
			import, "UPDATE regtarget.customers c SET name = coalesce(c.name, r.name), "
			"acquired_on = coalesce(c.acquired_on, r.acquired_on), churned_on = coalesce(c.churned_on, r.churned_on) "
			"FROM (SELECT DISTINCT ON (m.known_id) m.* FROM made_rows m WHERE m.known_id > 0 ORDER BY m.known_id, m.source) r "
			"WHERE c.customer_id = r.known_id AND (c.name IS NULL AND r.name IS NOT NULL "
			"OR c.acquired_on IS NULL AND r.acquired_on IS NOT NULL OR c.churned_on IS NULL AND r.churned_on IS NOT NULL)",
			rows, n);
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
	.column = {{"source", RGT_CELL_TEXT, true}, {"source_id", RGT_CELL_ID, true}, {"name", RGT_CELL_TEXT, false},
		{"unit", RGT_CELL_ID, false}, {"acquired_on", RGT_CELL_DAY, false}, {"churned_on", RGT_CELL_DAY, false},
	{"owner", RGT_CELL_ID, false}},
	.source = SOURCE,
	.nkeys = 2,
	.key = {SOURCE, SOURCE_ID},
	.own = &customers,
	.resolve = resolve_customers,
	.compare = compare_keys,
	.write = write_customers
};
