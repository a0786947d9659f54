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
#define EXPECTED rgt_text("Expected: {\"done\", \"records\": [{\"attributes\": {\"type\"}, ...}]}.")

/* ---- records --------------------------------------------------------------------------------------------- */

/* An id, in its long form. */
static RgtSaid
id_field(JsonbContainer *record, const char *name)
{
	RgtSaid		id = rgt_said(record, name, 0);

	if (!id.odd)
		id.text = rgt_long_id(id.text);
	return id;
}

/*
 * The id of a parent: a field of the record or, where the query did not ask for that, of the parent that came
 * with it.  A record without a parent has null in its place.
 */
static RgtSaid
parent_id(JsonbContainer *record, const char *column, const char *parent)
{
	RgtSaid		id = id_field(record, column);
	RgtSaid		whole = rgt_said(record, parent, 0);
	JsonbContainer *object = rgt_service_object(record, parent);

	if (id.said || !whole.said)
		return id;
	return whole.text == 0 || object == NULL || !JsonContainerIsObject(object) ? whole : id_field(object, "Id");
}

/* Where the query converts amounts under Salesforce's own name for that, they are in the currency of whoever asks. */
static void
say_amount(RgtAnswerRow *row, JsonbContainer *record)
{
	RgtSaid		converted = rgt_said(record, "convertedAmount", RGT_JSON_NUMBER);

	if (converted.said)
	{
		rgt_answer_say(row, RGT_DEAL_AMOUNT, converted);
		return;
	}
	rgt_answer_say(row, RGT_DEAL_AMOUNT, rgt_said(record, "Amount", RGT_JSON_NUMBER));
	rgt_answer_say(row, RGT_DEAL_CURRENCY, rgt_said(record, "CurrencyIsoCode", 0));
}

/* What closing day and result make of the deal is seen when it is known what is on record: opportunities.c. */
static void
take_opportunity(RgtAnswer *answer, JsonbContainer *record)
{
	RgtAnswerRow row = {0};

	rgt_answer_say(&row, 1, id_field(record, "Id"));
	rgt_answer_say(&row, 3, parent_id(record, "OwnerId", "Owner"));
	rgt_answer_say(&row, 4, parent_id(record, "AccountId", "Account"));
	rgt_answer_say(&row, 5, rgt_said(record, "CreatedDate", 0));
	rgt_answer_say(&row, RGT_DEAL_CLOSED_ON, rgt_said(record, "CloseDate", 0));
	rgt_answer_say(&row, RGT_DEAL_WON, rgt_said(record, "IsWon", RGT_JSON_BOOLEAN));
	rgt_answer_say(&row, RGT_DEAL_IS_CLOSED, rgt_said(record, "IsClosed", RGT_JSON_BOOLEAN));
	say_amount(&row, record);
	rgt_answer_add(answer, &rgt_deals_in, &row);
}

/*
 * Whom an activity was with: its account, or what it is about when that is one (accounts' ids begin with 001).
 * What else it is about does not tell.
 */
static RgtSaid
activity_account(JsonbContainer *record)
{
	RgtSaid		account = parent_id(record, "AccountId", "Account");
	RgtSaid		about = id_field(record, "WhatId");

	if (account.text != 0 || !about.said)
		return account;
	if (about.text == 0 || about.odd)
		return about;
	return strncmp(TextDatumGetCString(about.text), "001", 3) == 0 ? about : account;
}

static void
take_activity(RgtAnswer *answer, JsonbContainer *record)
{
	RgtSaid		day = rgt_said(record, "ActivityDate", 0);
	RgtSaid		moment = rgt_said(record, "ActivityDateTime", 0);
	RgtAnswerRow row = {0};

	rgt_answer_say(&row, 1, id_field(record, "Id"));
	rgt_answer_say(&row, 3, parent_id(record, "OwnerId", "Owner"));
	rgt_answer_say(&row, 4, activity_account(record));
	rgt_answer_say(&row, 5, rgt_is_said(day) || !rgt_is_said(moment) ? day : moment);
	rgt_answer_add(answer, &rgt_visits_in, &row);
}

static void
take_account(RgtAnswer *answer, JsonbContainer *record)
{
	RgtAnswerRow row = {0};

	rgt_answer_say(&row, 1, id_field(record, "Id"));
	rgt_answer_say(&row, 2, rgt_said(record, "Name", 0));
	rgt_answer_say(&row, 4, rgt_said(record, "CreatedDate", 0));
	rgt_answer_say(&row, 6, parent_id(record, "OwnerId", "Owner"));
	rgt_answer_add(answer, &rgt_customers_in, &row);
}

static void
take_user(RgtAnswer *answer, JsonbContainer *record)
{
	RgtAnswerRow row = {0};

	rgt_answer_say(&row, 1, id_field(record, "Id"));
	rgt_answer_say(&row, 2, rgt_said(record, "Name", 0));
	rgt_answer_say(&row, 3, rgt_said(record, "Email", 0));
	rgt_answer_add(answer, &rgt_employees_in, &row);
}

typedef struct Type
{
	const char *name;
	const RgtTarget *target;
	void		(*take) (RgtAnswer *answer, JsonbContainer *record);
	RgtQuery	remove;
} Type;

#define REMOVE(table) \
	RGT_QUERY("DELETE FROM regtarget." table " WHERE source = $1 AND source_id = ANY ($2)", TEXTOID, TEXTARRAYOID)

static Type types[] = {
	{"Opportunity", &rgt_deals_in, take_opportunity, REMOVE("deals")},
	{"Task", &rgt_visits_in, take_activity, REMOVE("visits")},
	{"Event", &rgt_visits_in, take_activity, REMOVE("visits")},
	{"Account", &rgt_customers_in, take_account,
		RGT_QUERY("DELETE FROM regtarget.customers c WHERE c.source = $1 AND c.source_id = ANY ($2) "
				  "AND NOT EXISTS (SELECT FROM regtarget.visits v WHERE v.customer_id = c.customer_id) "
				  "AND NOT EXISTS (SELECT FROM regtarget.deals d WHERE d.customer_id = c.customer_id) "
				  "AND NOT EXISTS (SELECT FROM regtarget.revenues r WHERE r.customer_id = "
				  "c.customer_id)", TEXTOID, TEXTARRAYOID)},
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

static bool
is_deleted(JsonbContainer *record)
{
	RgtSaid		deleted = rgt_said(record, "IsDeleted", RGT_JSON_BOOLEAN);

	if (!rgt_is_said(deleted) || rgt_service_is(record, "IsDeleted", "false"))
		return false;
	if (!rgt_service_is(record, "IsDeleted", "true"))
		rgt_answer_refuse(SERVICE, rgt_text("Expected: IsDeleted true or false."));
	return true;
}

/* What was deleted there goes here too, and is not tried again; an account with facts stays with them. */
static void
remove_record(RgtAnswer *answer, Type *type, JsonbContainer *record)
{
	static RgtQuery forget = RGT_QUERY(
		"DELETE FROM regtarget.import_rejects WHERE target = $3 AND source = $1 AND \"row\" ->> 'source_id' = ANY ($2)",
		TEXTOID, TEXTARRAYOID, TEXTOID);
	RgtSaid		id = id_field(record, "Id");
	Datum		forms[2] = {id.text, rgt_other_form(id.text)};
	Datum		arguments[3] = {PointerGetDatum(answer->source), 0, CStringGetTextDatum(type->target->view)};

	if (type->remove.sql == NULL || id.text == 0 || id.odd)
		return;
	arguments[1] = rgt_import_array(forms, forms[1] == 0 ? 1 : 2, TEXTOID);
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
		"AND NOT EXISTS (SELECT FROM regtarget.employees o WHERE o.source = $1 AND o.source_id IN ($2, $4)) "
		"HAVING count(*) = 1 ON CONFLICT DO NOTHING", TEXTOID, TEXTOID, TEXTOID, TEXTOID);
	RgtSaid		owner = parent_id(record, "OwnerId", "Owner");
	Datum		email = rgt_service_text(rgt_service_object(record, "Owner"), "Email");
	Datum		other = owner.odd ? (Datum) 0 : rgt_other_form(owner.text);
	Datum		arguments[4] = {PointerGetDatum(answer->source), owner.text, email, other == 0 ? owner.text : other};

	if (owner.text != 0 && !owner.odd && email != 0)
		rgt_run(&query, RGT_FRESH, arguments, NULL, NULL, NULL);
}

/* ---- the answer -------------------------------------------------------------------------------------------- */

/* Salesforce's own error, in its words: of a query, of the command line's tool, of the login. */
static void
raise_error(JsonbContainer *root)
{
	bool		query = JsonContainerIsArray(root);
	bool		tool = rgt_service_text(root, "status") != 0;
	JsonbContainer *error = query ? rgt_service_element(root, 0) : root;
	Datum		code = rgt_service_text(error, query ? "errorCode" : tool ? "name" : "error");
	Datum		message = rgt_service_text(error, query || tool ? "message" : "error_description");

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

		if (is_deleted(record))
		{
			remove_record(answer, type, record);
			continue;
		}
		meet_owner(answer, record);
		type->take(answer, record);
	}
}

/*
 * import_salesforce(payload, source): one answer of a query, as the interface gives it or wrapped by the command
 * line's tool (sf data query --json); returns what was taken, by target.
 */
PG_FUNCTION_INFO_V1(rgt_import_salesforce);
Datum
rgt_import_salesforce(PG_FUNCTION_ARGS)
{
	RgtSession	session;
	RgtAnswer  *answer = rgt_answer_begin(fcinfo, &session);
	JsonbContainer *root = &PG_GETARG_JSONB_P(0)->root;
	JsonbContainer *page = rgt_service_object(root, "result") == NULL ? root : rgt_service_object(root, "result");
	JsonbContainer *records = rgt_service_object(page, "records");

	if (records == NULL)
		raise_error(root);
	if (records == NULL || !JsonContainerIsArray(records))
		rgt_answer_refuse(SERVICE, EXPECTED);
	take_records(answer, records);
	if (rgt_service_is(page, "done", "false"))
	{
		Datum		next = rgt_service_text(page, "nextRecordsUrl");

		ereport(NOTICE,
				(errmsg("Salesforce has more records of this query: fetch %s next",
						next == 0 ? "(no nextRecordsUrl)" : TextDatumGetCString(next))));
	}
	return rgt_answer_end(fcinfo, answer, &session);
}
