/*
 * base/argument.c
 *	  The arguments of public functions: required ones, units and periods by their codes; days and their months.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/snapmgr.h"

#include "regtarget.h"

/* A null where a value is required is an error, never a silent nothing. */
void
rgt_require(FunctionCallInfo fcinfo, int arg, const char *name)
{
	if (PG_ARGISNULL(arg))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"%s\" must not be null", name)));
}

text *
rgt_required_text(FunctionCallInfo fcinfo, int arg, const char *name)
{
	rgt_require(fcinfo, arg, name);
	return PG_GETARG_TEXT_PP(arg);
}

/* A day: neither null nor infinite. */
DateADT
rgt_required_day(FunctionCallInfo fcinfo, int arg, const char *name)
{
	DateADT		day;

	rgt_require(fcinfo, arg, name);
	day = PG_GETARG_DATEADT(arg);
	if (DATE_NOT_FINITE(day))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"%s\" must be a finite date", name),
				 errdetail("It is %s.", rgt_date_text(day))));
	return day;
}

/* The unit of that code, or 42704. */
int32
rgt_unit_by_code(text *code)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT unit_id FROM regtarget.units WHERE code OPERATOR(pg_catalog.=) $1", TEXTOID);
	Datum		argument = PointerGetDatum(code);
	Datum		unit_id;
	bool		isnull;

	if (!rgt_one(&query, RGT_CALLER, &argument, NULL, &unit_id, &isnull, 1))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("unit \"%s\" does not exist", text_to_cstring(code)),
				 errhint("Units are named by their code; see regtarget.unit_tree.")));
	return DatumGetInt32(unit_id);
}

/*
 * A unit for a message: its code as it is by now, what this statement wrote included.  Without a statement, so that
 * it does not matter whether a session of ours has begun.
 */
char *
rgt_unit_name(int32 unit_id)
{
	static const char *const columns[] = {"code"};
	Snapshot	snapshot = rgt_snapshot(IsInParallelMode() ? RGT_CALLER : RGT_LATEST);
	Datum		code;
	bool		isnull;
	bool		found = rgt_row_by_key("units", unit_id, snapshot, columns, 1, &code, &isnull);

	UnregisterSnapshot(snapshot);
	return found ? TextDatumGetCString(code) : psprintf("%d", unit_id);
}

/* The period of that key with its days, or 42704. */
RgtPeriod
rgt_period(text *period)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT pg_catalog.lower(during), pg_catalog.upper(during) FROM regtarget.periods "
		"WHERE period OPERATOR(pg_catalog.=) $1", TEXTOID);
	Datum		argument = PointerGetDatum(period);
	Datum		days[2];
	bool		isnull[2];
	RgtPeriod	result;

	if (!rgt_one(&query, RGT_CALLER, &argument, NULL, days, isnull, 2))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("period \"%s\" does not exist", text_to_cstring(period)),
				 errhint("Add it with regtarget.add_year() or an INSERT into regtarget.periods.")));
	result.period = period;
	result.first = DatumGetDateADT(days[0]);
	result.end = DatumGetDateADT(days[1]);
	return result;
}

/*
 * The first day of the calendar month `add` months after the one that holds `day`.  The calendar begins within a
 * month, on 24 November 4714 BC: that is the first day of this month and of all before it.
 */
DateADT
rgt_month_start(DateADT day, int add)
{
	const DateADT first = DATETIME_MIN_JULIAN - POSTGRES_EPOCH_JDATE;
	int			year;
	int			month;
	int			mday;

	j2date(day + POSTGRES_EPOCH_JDATE, &year, &month, &mday);
	month += add - 1;
	year += month >= 0 ? month / 12 : -((11 - month) / 12);
	month = (month % 12 + 12) % 12;
	return Max(date2j(year, month + 1, 1) - POSTGRES_EPOCH_JDATE, first);
}

/* A day for a message, in ISO format under any DateStyle. */
char *
rgt_date_text(DateADT day)
{
	int			year;
	int			month;
	int			mday;

	if (DATE_NOT_FINITE(day))
		return DATE_IS_NOBEGIN(day) ? "-infinity" : "infinity";
	j2date(day + POSTGRES_EPOCH_JDATE, &year, &month, &mday);
	return psprintf("%04d-%02d-%02d%s", year > 0 ? year : 1 - year, month, mday, year > 0 ? "" : " BC");
}
