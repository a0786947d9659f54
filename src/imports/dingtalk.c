/*
 * imports/dingtalk.c
 *	  Answers of DingTalk: departments, users, the roster, leavers.
 *
 * What a record is shows in its fields.  A department is a unit whose code is its number, unless an
 * alias says which unit it is.  Milliseconds are read as days in China, whose midnights they are.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "datatype/timestamp.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "imports/services.h"
#include "regtarget.h"

#define SERVICE "DingTalk"
#define EXPECTED "{\"errcode\": 0, \"result\": ...} with departments, users, a roster or leavers"

/* China has been eight hours ahead, summer and winter, since 1991. */
#define CHINA_MSECS (INT64CONST(8) * 3600 * 1000)
#define DAY_MSECS (INT64CONST(24) * 3600 * 1000)

/* ---- values ------------------------------------------------------------------------------------------------- */

/* Milliseconds as a day; anything else, seconds of ten digits too, is left for the reader of cells to judge. */
static Datum
day_of(Datum cell)
{
	char	   *digits;
	char	   *end;
	int64		msecs;
	int64		days;

	if (cell == 0)
		return cell;
	digits = TextDatumGetCString(cell);
	msecs = strtoll(digits, &end, 10);
	if (*end != '\0' || end - digits < 11 || end - digits > 14)
		return cell;
	msecs += CHINA_MSECS;
	days = msecs / DAY_MSECS - (msecs % DAY_MSECS < 0);
	return CStringGetTextDatum(rgt_date_text((DateADT) days - (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE)));
}

static bool
is_blank(Datum cell)
{
	return cell == 0 || strspn(TextDatumGetCString(cell), " ") == VARSIZE_ANY_EXHDR(DatumGetPointer(cell));
}

/* The code of the unit that a department is: an alias's, else its number. */
static Datum
unit_code(const RgtAnswer *answer, Datum department)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT means FROM regtarget.aliases WHERE kind = 'unit' AND source = $1 AND source_id = $2", TEXTOID, TEXTOID);
	Datum		arguments[2] = {PointerGetDatum(answer->source), department};
	Datum		means;
	bool		isnull;

	if (department == 0 || !rgt_one(&query, RGT_FRESH, arguments, NULL, &means, &isnull, 1))
		return department;
	return means;
}

/* Of several departments the first that is a unit here; 0: none is. */
static Datum
first_known(const RgtAnswer *answer, const Datum *departments, int n)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT coalesce(m.code, u.code) FROM unnest($2) WITH ORDINALITY AS d(name, i) "
		"LEFT JOIN regtarget.units u ON u.code = d.name "
		"LEFT JOIN regtarget.aliases a ON a.kind = 'unit' AND a.source = $1 AND a.source_id = d.name "
		"LEFT JOIN regtarget.units m ON m.code = a.means "
		"WHERE coalesce(m.code, u.code) IS NOT NULL ORDER BY d.i LIMIT 1", TEXTOID, TEXTARRAYOID);
	Datum		arguments[2] = {PointerGetDatum(answer->source), rgt_import_array(departments, n, TEXTOID)};
	Datum		code;
	bool		isnull;

	return rgt_one(&query, RGT_FRESH, arguments, NULL, &code, &isnull, 1) ? code : (Datum) 0;
}

/* The unit of a user: his main department's, else that of the first of his list that is known. */
static Datum
unit_of_user(const RgtAnswer *answer, JsonbContainer *user)
{
	Datum		main_department = rgt_service_text(user, "main_dept_id");
	JsonbContainer *list = rgt_service_object(user, "dept_id_list");
	Datum	   *departments;
	Datum		known;
	int			n = 0;

	if (main_department != 0)
		return unit_code(answer, main_department);
	if (list == NULL || !JsonContainerIsArray(list) || JsonContainerSize(list) == 0)
		return (Datum) 0;
	departments = palloc(sizeof(Datum) * JsonContainerSize(list));
	for (int i = 0; i < (int) JsonContainerSize(list); i++)
	{
		JsonbValue *value = getIthJsonbValueFromContainer(list, i);

		if (value->type == jbvNumeric)
			departments[n++] = CStringGetTextDatum(rgt_numeric_text(value->val.numeric));
		else if (value->type == jbvString)
			departments[n++] = PointerGetDatum(cstring_to_text_with_len(value->val.string.val, value->val.string.len));
	}
	if (n == 0)
		return (Datum) 0;
	known = first_known(answer, departments, n);
	return known != 0 ? known : departments[0];
}

/* ---- records ------------------------------------------------------------------------------------------------ */

static void
take_department(RgtAnswer *answer, JsonbContainer *record)
{
	Datum		raw[RGT_IMPORT_COLUMNS] = {
		[0] = unit_code(answer, rgt_service_text(record, "dept_id")),
		[1] = rgt_service_text(record, "name"),
		[3] = unit_code(answer, rgt_service_text(record, "parent_id"))
	};

	rgt_answer_add(answer, &rgt_units_in, raw);
}

static void
take_user(RgtAnswer *answer, JsonbContainer *record)
{
	Datum		email = rgt_service_text(record, "email");
	Datum		raw[RGT_IMPORT_COLUMNS] = {
		[1] = rgt_service_text(record, "userid"),
		[2] = rgt_service_text(record, "name"),
		[3] = is_blank(email) ? rgt_service_text(record, "org_email") : email,
		[4] = unit_of_user(answer, record),
		[5] = day_of(rgt_service_text(record, "hired_date"))
	};

	rgt_answer_add(answer, &rgt_employees_in, raw);
}

/* A leaver's reason: what he said, unless an alias knows what the number of its type means. */
static Datum
reason_of(const RgtAnswer *answer, JsonbContainer *record)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT true FROM regtarget.aliases WHERE kind = 'leave_reason' AND source = $1 AND source_id = $2", TEXTOID, TEXTOID);
	Datum		memo = rgt_service_text(record, "reason_memo");
	Datum		arguments[2] = {PointerGetDatum(answer->source), rgt_service_text(record, "reason_type")};
	Datum		found;
	bool		isnull;

	if (arguments[1] == 0)
		return memo;
	if (is_blank(memo) || rgt_one(&query, RGT_FRESH, arguments, NULL, &found, &isnull, 1))
		return arguments[1];
	return memo;
}

/* That he left must not hang on whether his last department is known. */
static void
take_leaver(RgtAnswer *answer, JsonbContainer *record)
{
	Datum		department = rgt_service_text(record, "main_dept_id");
	Datum		raw[RGT_IMPORT_COLUMNS] = {
		[1] = rgt_service_text(record, "userid"),
		[2] = rgt_service_text(record, "name"),
		[4] = department == 0 ? (Datum) 0 : first_known(answer, &department, 1),
		[6] = day_of(rgt_service_text(record, "last_work_day")),
		[7] = reason_of(answer, record)
	};

	rgt_answer_add(answer, &rgt_employees_in, raw);
}

/* A field of the roster: the first version has its value beside its code, the second in a list. */
static Datum
roster_value(JsonbContainer *fields, const char *code)
{
	for (int i = 0; i < (int) JsonContainerSize(fields); i++)
	{
		JsonbContainer *entry = rgt_service_element(fields, i);
		JsonbContainer *values = rgt_service_object(entry, "field_value_list");

		if (!rgt_service_is(entry, "field_code", code))
			continue;
		if (values != NULL && JsonContainerIsArray(values))
			return JsonContainerSize(values) == 0 ? (Datum) 0 : rgt_service_text(rgt_service_element(values, 0), "value");
		return rgt_service_text(entry, "value");
	}
	return (Datum) 0;
}

static void
take_roster(RgtAnswer *answer, JsonbContainer *record, JsonbContainer *fields)
{
	Datum		raw[RGT_IMPORT_COLUMNS] = {
		[1] = rgt_service_text(record, "userid"),
		[2] = roster_value(fields, "sys00-name"),
		[3] = roster_value(fields, "sys00-email"),
		[4] = unit_code(answer, roster_value(fields, "sys00-mainDeptId")),
		[5] = day_of(roster_value(fields, "sys00-confirmJoinTime"))
	};

	rgt_answer_add(answer, &rgt_employees_in, raw);
}

static void
take_record(RgtAnswer *answer, JsonbContainer *record)
{
	JsonbContainer *fields = rgt_service_object(record, "field_data_list");

	if (fields == NULL)
		fields = rgt_service_object(record, "field_list");
	if (rgt_service_text(record, "userid") == 0)
	{
		if (rgt_service_text(record, "dept_id") == 0)
			rgt_answer_refuse(SERVICE, EXPECTED);
		take_department(answer, record);
	}
	else if (rgt_service_text(record, "last_work_day") != 0)
		take_leaver(answer, record);
	else if (fields != NULL && JsonContainerIsArray(fields))
		take_roster(answer, record, fields);
	else
		take_user(answer, record);
}

/* ---- the answer ----------------------------------------------------------------------------------------------- */

/* DingTalk's own error, in its words; its newer interface calls them otherwise. */
static void
raise_error(JsonbContainer *root)
{
	Datum		code = rgt_service_text(root, "errcode");
	Datum		message = rgt_service_text(root, "errmsg");

	if (code == 0)
	{
		code = rgt_service_text(root, "code");
		message = rgt_service_text(root, "message");
	}
	if (code == 0)
		rgt_answer_refuse(SERVICE, EXPECTED);
	if (strcmp(TextDatumGetCString(code), "0") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("DingTalk answered with an error: %s", message == 0 ? "(no message)" : TextDatumGetCString(message)),
				 errdetail("Its code is %s.", TextDatumGetCString(code))));
}

static void
take_records(RgtAnswer *answer, JsonbContainer *records)
{
	for (int i = 0; i < (int) JsonContainerSize(records); i++)
		take_record(answer, rgt_service_element(records, i));
}

/* import_dingtalk(payload, source): one answer; returns what was taken, by target. */
PG_FUNCTION_INFO_V1(rgt_import_dingtalk);
Datum
rgt_import_dingtalk(PG_FUNCTION_ARGS)
{
	RgtSession	session;
	RgtAnswer  *answer = rgt_answer_begin(fcinfo, &session);
	JsonbContainer *root = &PG_GETARG_JSONB_P(0)->root;
	JsonbContainer *result = rgt_service_object(root, "result");
	JsonbContainer *list = rgt_service_object(result, "list");

	raise_error(root);
	if (result == NULL)
		rgt_answer_refuse(SERVICE, EXPECTED);
	if (JsonContainerIsArray(result))
		take_records(answer, result);
	else if (list != NULL && JsonContainerIsArray(list))
		take_records(answer, list);
	else
		take_record(answer, result);
	if (rgt_service_is(result, "has_more", "true"))
	{
		Datum		next = rgt_service_text(result, "next_cursor");

		ereport(NOTICE,
				(errmsg("DingTalk has more of this list: fetch cursor %s next",
						next == 0 ? "(no next_cursor)" : TextDatumGetCString(next))));
	}
	return rgt_answer_end(fcinfo, answer, &session);
}
