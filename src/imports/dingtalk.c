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
#define EXPECTED rgt_text("Expected: {\"errcode\": 0, \"result\": ...} with departments, users, a roster or leavers.")

/* China has been eight hours ahead, summer and winter, since 1991. */
#define CHINA_MSECS (INT64CONST(8) * 3600 * 1000)
#define DAY_MSECS (INT64CONST(24) * 3600 * 1000)

/* ---- values ------------------------------------------------------------------------------------------------- */

/*
 * Milliseconds as a day; anything else, seconds of ten digits too, is left for the reader of cells to judge.  But
 * a number is no day of a spreadsheet.
 */
static RgtSaid
day_of(RgtSaid cell)
{
	char	   *digits;
	char	   *end;
	int64		msecs;
	int64		days;

	if (cell.text == 0 || cell.odd)
		return cell;
	digits = TextDatumGetCString(cell.text);
	cell.odd = cell.number && strlen(digits) < 8;
	msecs = strtoll(digits, &end, 10);
	if (*end != '\0' || end - digits < 11 || end - digits > 14)
		return cell;
	msecs += CHINA_MSECS;
	days = msecs / DAY_MSECS - (msecs % DAY_MSECS < 0);
	cell.text = CStringGetTextDatum(rgt_date_text((DateADT) days - (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE)));
	return cell;
}

/* An id, which may be a number or the same as text. */
static RgtSaid
id_field(JsonbContainer *record, const char *name)
{
	return rgt_said(record, name, RGT_JSON_NUMBER);
}

/* The code of the unit that a department is: an alias's, else its number. */
static RgtSaid
unit_code(const RgtAnswer *answer, RgtSaid department)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT means FROM regtarget.aliases WHERE kind = 'unit' AND source = $1 AND source_id = $2", TEXTOID, TEXTOID);
	Datum		arguments[2] = {PointerGetDatum(answer->source), department.text};
	Datum		means;
	bool		isnull;

	if (department.text != 0 && !department.odd && rgt_one(&query, RGT_FRESH, arguments, NULL, &means, &isnull, 1))
		department.text = means;
	return department;
}

/* The unit of a user: his main department's, else that of the first of his list that is known, else the list. */
static RgtSaid
unit_of_user(const RgtAnswer *answer, JsonbContainer *user)
{
	RgtSaid		unit = id_field(user, "main_dept_id");
	RgtSaid		said = rgt_said(user, "dept_id_list", 0);
	JsonbContainer *list = rgt_service_object(user, "dept_id_list");
	RgtDepartments departments = {0};

	if (rgt_is_said(unit))
		return unit_code(answer, unit);
	if (!rgt_is_said(said))
		return said.said ? said : unit;
	if (said.odd && (list == NULL || !JsonContainerIsArray(list) || !rgt_list_departments(list, &departments)))
		return said;
	/* Text that is no list is a department. */
	if (!said.odd && !rgt_list_departments_in_text(said.text, &departments))
		return unit_code(answer, said);
	said = (RgtSaid) {.said = true};
	if (departments.n > 0)
		said.text = rgt_first_known(PointerGetDatum(answer->source), &departments);
	if (departments.n > 0 && said.text == 0)
		said.text = rgt_departments_text(&departments);
	return said;
}

/* ---- records ------------------------------------------------------------------------------------------------ */

static void
take_department(RgtAnswer *answer, JsonbContainer *record)
{
	RgtAnswerRow row = {0};

	rgt_answer_say(&row, 0, unit_code(answer, id_field(record, "dept_id")));
	rgt_answer_say(&row, 1, rgt_said(record, "name", 0));
	rgt_answer_say(&row, 3, unit_code(answer, id_field(record, "parent_id")));
	rgt_answer_add(answer, &rgt_units_in, &row);
}

/* The address of his own, else the one that the organisation gave him. */
static RgtSaid
email_of_user(JsonbContainer *record)
{
	RgtSaid		own = rgt_said(record, "email", 0);
	RgtSaid		given = rgt_said(record, "org_email", 0);

	return rgt_is_said(own) || !rgt_is_said(given) ? own : given;
}

static void
take_user(RgtAnswer *answer, JsonbContainer *record)
{
	RgtAnswerRow row = {0};

	rgt_answer_say(&row, 1, id_field(record, "userid"));
	rgt_answer_say(&row, 2, rgt_said(record, "name", 0));
	rgt_answer_say(&row, 3, email_of_user(record));
	rgt_answer_say(&row, 4, unit_of_user(answer, record));
	rgt_answer_say(&row, 5, day_of(rgt_said(record, "hired_date", RGT_JSON_NUMBER)));
	rgt_answer_add(answer, &rgt_employees_in, &row);
}

/* A leaver's reason: what he said, unless an alias knows what the number of its type means. */
static RgtSaid
reason_of(const RgtAnswer *answer, JsonbContainer *record)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT true FROM regtarget.aliases WHERE kind = 'leave_reason' AND source = $1 AND source_id = $2", TEXTOID, TEXTOID);
	RgtSaid		memo = rgt_said(record, "reason_memo", 0);
	RgtSaid		type = id_field(record, "reason_type");
	Datum		arguments[2] = {PointerGetDatum(answer->source), type.text};
	Datum		found;
	bool		isnull;

	if (!rgt_is_said(type))
		return memo.said ? memo : type;
	if (!rgt_is_said(memo) || type.odd || rgt_one(&query, RGT_FRESH, arguments, NULL, &found, &isnull, 1))
		return type;
	return memo;
}

/* That he left must not hang on whether his last department is known. */
static void
take_leaver(RgtAnswer *answer, JsonbContainer *record)
{
	RgtSaid		department = id_field(record, "main_dept_id");
	RgtAnswerRow row = {0};

	if (department.text != 0 && !department.odd)
		department.text = rgt_first_known(PointerGetDatum(answer->source), &(RgtDepartments) {&department.text, 1});
	rgt_answer_say(&row, 1, id_field(record, "userid"));
	rgt_answer_say(&row, 2, rgt_said(record, "name", 0));
	rgt_answer_say(&row, 4, department);
	rgt_answer_say(&row, 6, day_of(rgt_said(record, "last_work_day", RGT_JSON_NUMBER)));
	rgt_answer_say(&row, 7, reason_of(answer, record));
	rgt_answer_add(answer, &rgt_employees_in, &row);
}

/* A field of the roster: the first version has its value beside its code, the second in a list, which may be empty. */
static JsonbContainer *
roster_entry(JsonbContainer *fields, const char *code)
{
	for (int i = 0; i < (int) JsonContainerSize(fields); i++)
	{
		JsonbContainer *entry = rgt_service_element(fields, i);

		if (rgt_service_is(entry, "field_code", code))
			return entry;
	}
	return NULL;
}

static RgtSaid
roster_value(JsonbContainer *fields, const char *code, int kinds)
{
	JsonbContainer *entry = roster_entry(fields, code);
	JsonbContainer *values = rgt_service_object(entry, "field_value_list");
	RgtSaid		list = rgt_said(entry, "field_value_list", 0);

	if (list.text == 0)
		return list.said && !rgt_said(entry, "value", 0).said ? list : rgt_said(entry, "value", kinds);
	if (values != NULL && JsonContainerIsArray(values) && JsonContainerSize(values) == 0)
		return (RgtSaid) {.said = true};
	values = values == NULL || !JsonContainerIsArray(values) ? NULL : rgt_service_element(values, 0);
	if (values == NULL)
		return (RgtSaid) {.said = true, .odd = true, .text = CStringGetTextDatum(JsonbToCString(NULL, entry, 64))};
	return rgt_said(values, "value", kinds);
}

static void
take_roster(RgtAnswer *answer, JsonbContainer *record, JsonbContainer *fields)
{
	RgtAnswerRow row = {0};

	rgt_answer_say(&row, 1, id_field(record, "userid"));
	rgt_answer_say(&row, 2, roster_value(fields, "sys00-name", 0));
	rgt_answer_say(&row, 3, roster_value(fields, "sys00-email", 0));
	rgt_answer_say(&row, 4, unit_code(answer, roster_value(fields, "sys00-mainDeptId", RGT_JSON_NUMBER)));
	rgt_answer_say(&row, 5, day_of(roster_value(fields, "sys00-confirmJoinTime", RGT_JSON_NUMBER)));
	rgt_answer_add(answer, &rgt_employees_in, &row);
}

static bool
is_leaver(JsonbContainer *record)
{
	return rgt_said(record, "last_work_day", 0).said || rgt_said(record, "reason_memo", 0).said ||
		rgt_said(record, "reason_type", 0).said;
}

/* What a record is shows in which fields it has, whatever they say. */
static void
take_record(RgtAnswer *answer, JsonbContainer *record)
{
	JsonbContainer *fields = rgt_service_object(record, "field_data_list");

	if (fields == NULL)
		fields = rgt_service_object(record, "field_list");
	if (!rgt_said(record, "userid", 0).said)
	{
		if (!rgt_said(record, "dept_id", 0).said)
			rgt_answer_refuse(SERVICE, EXPECTED);
		take_department(answer, record);
	}
	else if (is_leaver(record))
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
