/*
 * imports/ids.c
 *	  Salesforce's ids: of 15 characters in reports, of 18 in answers, one record.
 *
 * Of 15 characters case matters; the three that the API appends say which of them are capitals.  So either
 * form follows from the other, and who has one of them on record means it by the other.  In sources that are
 * called salesforce both are written in the long form.  Elsewhere an id is taken for one of Salesforce's only
 * when its other form is on record, because other systems have numbers of 15 digits, too.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"

#include "imports/imports.h"
#include "regtarget.h"

#define SHORT 15
#define LONG 18

/* ---- forms ------------------------------------------------------------------------------------------------ */

static bool
is_alphanumeric(const char *id, int length)
{
	for (int i = 0; i < length; i++)
	{
		char		c = id[i];

		if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')))
			return false;
	}
	return true;
}

/* What the API appends to an id of 15 characters. */
static void
make_ending(const char *id, char ending[LONG - SHORT])
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

	for (int part = 0; part < LONG - SHORT; part++)
	{
		int			capitals = 0;

		for (int i = 0; i < 5; i++)
		{
			char		c = id[part * 5 + i];

			if (c >= 'A' && c <= 'Z')
				capitals |= 1 << i;
		}
		ending[part] = digits[capitals];
	}
}

/* The other form of an id; 0 when it has none. */
Datum
rgt_other_form(Datum id)
{
	text	   *given = (text *) DatumGetPointer(id);
	int			length = given == NULL ? 0 : VARSIZE_ANY_EXHDR(given);
	char		other[LONG];

	if ((length != SHORT && length != LONG) || !is_alphanumeric(VARDATA_ANY(given), length))
		return (Datum) 0;
	memcpy(other, VARDATA_ANY(given), SHORT);
	make_ending(other, other + SHORT);
	if (length == SHORT)
		return PointerGetDatum(cstring_to_text_with_len(other, LONG));
	if (memcmp(other, VARDATA_ANY(given), LONG) != 0)
		return (Datum) 0;
	return PointerGetDatum(cstring_to_text_with_len(other, SHORT));
}

/* An id in its long form; as it is, when it has none. */
Datum
rgt_long_id(Datum id)
{
	text	   *given = (text *) DatumGetPointer(id);
	Datum		other = given != NULL && VARSIZE_ANY_EXHDR(given) == SHORT ? rgt_other_form(id) : (Datum) 0;

	return other != 0 ? other : id;
}

/* Is the source called salesforce, or by a name that begins so? */
bool
rgt_is_salesforce(Datum source)
{
	static const char name[] = "salesforce";
	text	   *given = (text *) DatumGetPointer(source);

	return given != NULL && VARSIZE_ANY_EXHDR(given) >= sizeof(name) - 1 &&
		pg_strncasecmp(VARDATA_ANY(given), name, sizeof(name) - 1) == 0;
}

/* ---- keys of rows -------------------------------------------------------------------------------------------- */

enum
{
	SOURCE, SOURCE_ID
};

/* What the records of an object are here, and what their ids begin with. */
typedef struct Object
{
	const RgtTarget *target;
	const char *prefix[2];
	const char *table;
	const char *index;			/* of the table, by source and id */
	const char *alias;			/* the kind of its aliases; NULL: it has none */
} Object;

static const Object objects[] = {
	{&rgt_deals_in, {"006"}, "deals", "deals_source_source_id_key", NULL},
	{&rgt_visits_in, {"00T", "00U"}, "visits", "visits_source_source_id_key", NULL},
	{&rgt_customers_in, {"001"}, "customers", "customers_source_source_id_key", "customer"},
	{&rgt_employees_in, {"005"}, "employees", "employees_source_source_id_key", "employee"},
};

static bool
begins_with(Datum id, const char *prefix)
{
	text	   *given = (text *) DatumGetPointer(id);

	return prefix != NULL && VARSIZE_ANY_EXHDR(given) >= strlen(prefix) &&
		memcmp(VARDATA_ANY(given), prefix, strlen(prefix)) == 0;
}

/* How an id is told apart: in the long form, where it may be one of Salesforce's. */
Datum
rgt_record_id(const RgtTarget *target, Datum id)
{
	text	   *given = (text *) DatumGetPointer(id);

	if (given == NULL || VARSIZE_ANY_EXHDR(given) != SHORT)
		return id;
	for (int i = 0; i < (int) lengthof(objects); i++)
	{
		if (objects[i].target == target && (begins_with(id, objects[i].prefix[0]) || begins_with(id, objects[i].prefix[1])))
			return rgt_long_id(id);
	}
	return id;
}

/*
 * What is on record.  It is looked up without a statement, whose plan might read the whole table for the rows of
 * a batch, where next to none has another form.
 */
typedef struct Known
{
	Snapshot	snapshot;
	RgtLookup	table;
	RgtLookup	aliases;
	Datum		alias;			/* 0: there are none */
} Known;

static void
begin_known(Known *known, const Object *object)
{
	known->snapshot = rgt_snapshot(RGT_FRESH);
	known->alias = object->alias == NULL ? (Datum) 0 : CStringGetTextDatum(object->alias);
	rgt_lookup_begin(&known->table, object->table, object->index, 2, AccessShareLock, known->snapshot);
	if (known->alias != 0)
		rgt_lookup_begin(&known->aliases, "aliases", "aliases_pkey", 3, AccessShareLock, known->snapshot);
}

static void
end_known(Known *known)
{
	rgt_lookup_end(&known->table);
	if (known->alias != 0)
		rgt_lookup_end(&known->aliases);
	UnregisterSnapshot(known->snapshot);
}

static bool
is_known(Known *known, Datum source, Datum id)
{
	Datum		keys[3] = {known->alias, source, id};

	rgt_lookup_keys(&known->table, keys + 1);
	if (rgt_lookup_next(&known->table, ForwardScanDirection))
		return true;
	if (known->alias == 0)
		return false;
	rgt_lookup_keys(&known->aliases, keys);
	return rgt_lookup_next(&known->aliases, ForwardScanDirection);
}

/* The form of a row's id that is on record; in a source called salesforce a new one bears the long form. */
static void
settle_id(Known *known, const Object *object, RgtImportRow *row)
{
	Datum		source = row->value[SOURCE];
	Datum		id = row->value[SOURCE_ID];
	Datum		other;

	if (row->isnull[SOURCE] || row->isnull[SOURCE_ID])
		return;
	if (rgt_is_salesforce(source))
		id = row->value[SOURCE_ID] = rgt_long_id(id);
	else if (!begins_with(id, object->prefix[0]) && !begins_with(id, object->prefix[1]))
		return;
	other = rgt_other_form(id);
	if (other != 0 && is_known(known, source, other) && !is_known(known, source, id))
		row->value[SOURCE_ID] = other;
}

/* Let the rows bear the form of their ids that is on record. */
void
rgt_import_same_ids(const RgtTarget *target, RgtImportRow **rows, int n)
{
	for (int i = 0; i < (int) lengthof(objects); i++)
	{
		Known		known;

		if (objects[i].target != target)
			continue;
		begin_known(&known, &objects[i]);
		for (int r = 0; r < n; r++)
		{
			CHECK_FOR_INTERRUPTS();
			settle_id(&known, &objects[i], rows[r]);
		}
		end_known(&known);
	}
}
