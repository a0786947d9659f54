/*
 * imports/salesforce.c
 *	  Answers of Salesforce's REST query, a page at a time.
 *
 *	  Opportunity	deals_in; open ones have neither a day nor a result
 *	  Task, Event	visits_in: which of them are visits is the query's business
 *	  Account		customers_in, of the unit that its owner is in today
 *	  User			employees_in
 *
 * A record that Salesforce calls deleted is deleted here too.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "imports/services.h"
#include "regtarget.h"

#define SERVICE "Salesforce"
#define EXPECTED "{\"done\", \"records\": [{\"attributes\": {\"type\"}, ...}]}"

/* ---- ids ------------------------------------------------------------------------------------------------ */

static bool
is_short_id(const char *id, int length)
{
	for (int i = 0; i < length; i++)
	{
		if (!isalnum((unsigned char) id[i]))
			return false;
	}
	return length == 15;
}

/*
 * An id in its long form: reports show 15 characters, of which case matters; the API appends three
 * that say which of them are capitals.
 */
static Datum
long_id(Datum id)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
	char		buffer[18];
	text	   *given = (text *) DatumGetPointer(id);

	if (given == NULL || !is_short_id(VARDATA_ANY(given), VARSIZE_ANY_EXHDR(given)))
		return id;
	memcpy(buffer, VARDATA_ANY(given), 15);
	for (int part = 0; part < 3; part++)
	{
		int			capitals = 0;

		for (int i = 0; i < 5; i++)
		{
			if (buffer[part * 5 + i] >= 'A' && buffer[part * 5 + i] <= 'Z')
				capitals |= 1 << i;
		}
		buffer[15 + part] = digits[capitals];
	}
	return PointerGetDatum(cstring_to_text_with_len(buffer, sizeof(buffer)));
}

static Datum
id_field(JsonbContainer *record, const char *name)
{
	return long_id(rgt_service_text(record, name));
}

/* An id of the record itself or, where the query did not ask for it, of the parent that it came with. */
static Datum
parent_id(JsonbContainer *record, const char *column, const char *parent)
{
	Datum		id = id_field(record, column);

	return id != 0 ? id : id_field(rgt_service_object(record, parent), "Id");
}

/* ---- records --------------------------------------------------------------------------------------------- */

static void
take_opportunity(RgtAnswer *answer, JsonbContainer *record)
{
	bool		closed = rgt_service_is(record, "IsClosed", "true");
	bool		known = rgt_service_text(record, "IsClosed") != 0;
	Datum		raw[RGT_IMPORT_COLUMNS] = {
		[1] = id_field(record, "Id"),
		[3] = parent_id(record, "OwnerId", "Owner"),
		[4] = parent_id(record, "AccountId", "Account"),
		[5] = rgt_service_text(record, "CreatedDate"),
		[6] = closed || (!known && rgt_service_is(record, "IsWon", "true")) ? rgt_service_text(record, "CloseDate") : (Datum) 0,
		[7] = closed || (!known && rgt_service_is(record, "IsWon", "true")) ? rgt_service_text(record, "IsWon") : (Datum) 0,
		[8] = rgt_service_text(record, "Amount")
	};

	rgt_answer_add(answer, &rgt_deals_in, raw);
}

/* Whom an activity was with: its account, or what it is about when that is one (accounts' ids begin with 001). */
static Datum
activity_account(JsonbContainer *record)
{
	Datum		account = parent_id(record, "AccountId", "Account");
	Datum		about = id_field(record, "WhatId");

	if (account != 0 || about == 0)
		return account;
	return strncmp(TextDatumGetCString(about), "001", 3) == 0 ? about : (Datum) 0;
}

static void
take_activity(RgtAnswer *answer, JsonbContainer *record)
{
	Datum		day = rgt_service_text(record, "ActivityDate");
	Datum		raw[RGT_IMPORT_COLUMNS] = {
		[1] = id_field(record, "Id"),
		[3] = parent_id(record, "OwnerId", "Owner"),
		[4] = activity_account(record),
		[5] = day != 0 ? day : rgt_service_text(record, "ActivityDateTime")
	};

	rgt_answer_add(answer, &rgt_visits_in, raw);
}

static void
take_account(RgtAnswer *answer, JsonbContainer *record)
{
	Datum		raw[RGT_IMPORT_COLUMNS] = {
		[1] = id_field(record, "Id"),
		[2] = rgt_service_text(record, "Name"),
		[4] = rgt_service_text(record, "CreatedDate"),
		[6] = parent_id(record, "OwnerId", "Owner")
	};

	rgt_answer_add(answer, &rgt_customers_in, raw);
}

static void
take_user(RgtAnswer *answer, JsonbContainer *record)
{
	Datum		raw[RGT_IMPORT_COLUMNS] = {
		[1] = id_field(record, "Id"),
		[2] = rgt_service_text(record, "Name"),
		[3] = rgt_service_text(record, "Email")
	};

	rgt_answer_add(answer, &rgt_employees_in, raw);
}

typedef struct Type
{
	const char *name;
	const RgtTarget *target;
	void		(*take) (RgtAnswer *answer, JsonbContainer *record);
	RgtQuery	remove;			/* of source $1, the record $2 */
} Type;

#define REMOVE(table) \
	RGT_QUERY("DELETE FROM regtarget." table " WHERE source = $1 AND source_id = $2", TEXTOID, TEXTOID)

static Type types[] = {
	{"Opportunity", &rgt_deals_in, take_opportunity, REMOVE("deals")},
	{"Task", &rgt_visits_in, take_activity, REMOVE("visits")},
	{"Event", &rgt_visits_in, take_activity, REMOVE("visits")},
	{"Account", &rgt_customers_in, take_account,
		RGT_QUERY("DELETE FROM regtarget.customers c WHERE c.source = $1 AND c.source_id = $2 "
				  "AND NOT EXISTS (SELECT FROM regtarget.visits v WHERE v.customer_id = c.customer_id) "
				  "AND NOT EXISTS (SELECT FROM regtarget.deals d WHERE d.customer_id = c.customer_id) "
				  "AND NOT EXISTS (SELECT FROM regtarget.revenues r WHERE r.customer_id = c.customer_id)", TEXTOID, TEXTOID)},
	{"User", &rgt_employees_in, take_user, RGT_QUERY0(NULL)},
};

static Type *
type_of(JsonbContainer *record)
{
	Datum		name = rgt_service_text(rgt_service_object(record, "attributes"), "type");
	char	   *type;

	if (name == 0)
		rgt_answer_refuse(SERVICE, EXPECTED);
	type = TextDatumGetCString(name);
	for (int i = 0; i < (int) lengthof(types); i++)
	{
		if (strcmp(types[i].name, type) == 0)
			return &types[i];
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("records of type \"%s\" are not known here", type),
			 errhint("Query Opportunity, Task, Event, Account or User.")));
}

/* What was deleted there goes here too, and is not tried again; an account with facts stays with them. */
static void
remove_record(RgtAnswer *answer, Type *type, JsonbContainer *record)
{
	static RgtQuery forget = RGT_QUERY(
		"DELETE FROM regtarget.import_rejects WHERE target = $3 AND source = $1 AND \"row\" ->> 'source_id' = $2",
		TEXTOID, TEXTOID, TEXTOID);
	Datum		arguments[3] = {PointerGetDatum(answer->source), id_field(record, "Id"), CStringGetTextDatum(type->target->view)};

	if (type->remove.sql == NULL || arguments[1] == 0)
		return;
	rgt_run(&type->remove, RGT_FRESH, arguments, NULL, NULL, NULL);
	rgt_run(&forget, RGT_FRESH, arguments, NULL, NULL, NULL);
	rgt_answer_import(answer, type->target)->accepted++;
}

/* An owner who came with his e-mail address is who has it: kept as an alias before he is looked up. */
static void
meet_owner(RgtAnswer *answer, JsonbContainer *record)
{
	static RgtQuery query = RGT_QUERY(
		"INSERT INTO regtarget.aliases (kind, source, source_id, means) "
		"SELECT 'employee', $1, $2, min(e.employee_id)::pg_catalog.text FROM regtarget.employees e "
		"WHERE lower(btrim(e.email)) = lower(btrim($3)) "
		"AND NOT EXISTS (SELECT FROM regtarget.employees o WHERE o.source = $1 AND o.source_id = $2) "
		"HAVING count(*) = 1 ON CONFLICT DO NOTHING", TEXTOID, TEXTOID, TEXTOID);
	Datum		arguments[3] = {PointerGetDatum(answer->source), parent_id(record, "OwnerId", "Owner"),
	rgt_service_text(rgt_service_object(record, "Owner"), "Email")};

	if (arguments[1] != 0 && arguments[2] != 0)
		rgt_run(&query, RGT_FRESH, arguments, NULL, NULL, NULL);
}

/* ---- the answer -------------------------------------------------------------------------------------------- */

/* Salesforce's own error, in its words. */
static void
raise_error(JsonbContainer *root)
{
	JsonbContainer *error = JsonContainerIsArray(root) ? rgt_service_element(root, 0) : root;
	Datum		code = rgt_service_text(error, JsonContainerIsArray(root) ? "errorCode" : "error");
	Datum		message = rgt_service_text(error, JsonContainerIsArray(root) ? "message" : "error_description");

	if (code == 0 && message == 0)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("Salesforce answered with an error: %s", message == 0 ? "(no message)" : TextDatumGetCString(message)),
			 code == 0 ? 0 : errdetail("Its code is %s.", TextDatumGetCString(code))));
}

static void
take_records(RgtAnswer *answer, JsonbContainer *records)
{
	for (int i = 0; i < (int) JsonContainerSize(records); i++)
	{
		JsonbContainer *record = rgt_service_element(records, i);
		Type	   *type = type_of(record);

		if (rgt_service_is(record, "IsDeleted", "true"))
		{
			remove_record(answer, type, record);
			continue;
		}
		meet_owner(answer, record);
		type->take(answer, record);
	}
}

/* import_salesforce(payload, source): one answer of a query; returns what was taken, by target. */
PG_FUNCTION_INFO_V1(rgt_import_salesforce);
Datum
rgt_import_salesforce(PG_FUNCTION_ARGS)
{
	RgtSession	session;
	RgtAnswer  *answer = rgt_answer_begin(fcinfo, &session);
	JsonbContainer *root = &PG_GETARG_JSONB_P(0)->root;
	JsonbContainer *records = rgt_service_object(root, "records");

	if (records == NULL)
		raise_error(root);
	if (records == NULL || !JsonContainerIsArray(records))
		rgt_answer_refuse(SERVICE, EXPECTED);
	take_records(answer, records);
	if (rgt_service_is(root, "done", "false"))
	{
		Datum		next = rgt_service_text(root, "nextRecordsUrl");

		ereport(NOTICE,
				(errmsg("Salesforce has more records of this query: fetch %s next",
						next == 0 ? "(no nextRecordsUrl)" : TextDatumGetCString(next))));
	}
	return rgt_answer_end(fcinfo, answer, &session);
}
