/*
 * base/json.c
 *	  Small jsonb objects, key by key: what ledger entries and notices say.
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "regtarget.h"

struct RgtJson
{
	JsonbParseState *state;
};

/* A new object.  Keys and values are not copied: they must stay until rgt_json_done(). */
RgtJson *
rgt_json(void)
{
	RgtJson    *json = palloc0(sizeof(RgtJson));

	pushJsonbValue(&json->state, WJB_BEGIN_OBJECT, NULL);
	return json;
}

static void
push_string(RgtJson *json, JsonbIteratorToken token, const char *string)
{
	JsonbValue	value = {.type = jbvString};

	value.val.string.val = unconstify(char *, string);
	value.val.string.len = strlen(string);
	pushJsonbValue(&json->state, token, &value);
}

static void
push_value(RgtJson *json, const char *key, JsonbValue *value)
{
	push_string(json, WJB_KEY, key);
	pushJsonbValue(&json->state, WJB_VALUE, value);
}

static void
push_null(RgtJson *json, const char *key)
{
	JsonbValue	value = {.type = jbvNull};

	push_value(json, key, &value);
}

/* NULL: a null. */
void
rgt_json_text(RgtJson *json, const char *key, const char *value)
{
	if (value == NULL)
	{
		push_null(json, key);
		return;
	}
	push_string(json, WJB_KEY, key);
	push_string(json, WJB_VALUE, value);
}

void
rgt_json_int(RgtJson *json, const char *key, int64 value)
{
	rgt_json_numeric(json, key, int64_to_numeric(value));
}

void
rgt_json_bool(RgtJson *json, const char *key, bool value)
{
	JsonbValue	boolean = {.type = jbvBool};

	boolean.val.boolean = value;
	push_value(json, key, &boolean);
}

/* NULL: a null.  What JSON has no number for (NaN) is told as text. */
void
rgt_json_numeric(RgtJson *json, const char *key, Numeric value)
{
	JsonbValue	numeric = {.type = jbvNumeric};

	if (value == NULL)
	{
		push_null(json, key);
		return;
	}
	if (!rgt_is_finite(value))
	{
		rgt_json_text(json, key, rgt_numeric_text(value));
		return;
	}
	numeric.val.numeric = value;
	push_value(json, key, &numeric);
}

/* A moment as whole microseconds since 1970, as the hashes of the ledger have it. */
void
rgt_json_moment(RgtJson *json, const char *key, TimestampTz moment)
{
	rgt_json_int(json, key, moment + (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY);
}

/* A number as binary floating point has it, to 15 digits. */
void
rgt_json_float(RgtJson *json, const char *key, double value)
{
	rgt_json_numeric(json, key, DatumGetNumeric(DirectFunctionCall1(float8_numeric, Float8GetDatum(value))));
}

/* An object inside, whose builder is used up. */
void
rgt_json_object(RgtJson *json, const char *key, RgtJson *object)
{
	Jsonb	   *inner = DatumGetJsonbP(rgt_json_done(object));
	JsonbValue	value = {.type = jbvBinary};

	value.val.binary.data = &inner->root;
	value.val.binary.len = VARSIZE(inner) - VARHDRSZ;
	push_value(json, key, &value);
}

/* The object as a jsonb datum; the builder is used up. */
Datum
rgt_json_done(RgtJson *json)
{
	return JsonbPGetDatum(JsonbValueToJsonb(pushJsonbValue(&json->state, WJB_END_OBJECT, NULL)));
}
