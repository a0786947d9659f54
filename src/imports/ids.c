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

#define KNOWN(table, more, id) \
	"(EXISTS (SELECT FROM regtarget." table " t WHERE t.source = k.source AND t.source_id = k." id ")" more ")"
#define ALIAS(kind, id) \
	" OR EXISTS (SELECT FROM regtarget.aliases a WHERE a.kind = '" kind "' AND a.source = k.source AND a.source_id = k." id ")"

/* Of the ids in $2, of sources $1, those that are on record in their other form, $3, alone. */
#define ONLY_OTHER(table, alias, alias_other) \
	RGT_QUERY("SELECT k.i FROM unnest($1, $2, $3) WITH ORDINALITY AS k(source, id, other, i) " \
			  "WHERE " KNOWN(table, alias_other, "other") " AND NOT " KNOWN(table, alias, "id"), \
			  TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID)

/* What the records of an object are here, and what their ids begin with. */
static struct
{
	const RgtTarget *target;
	const char *prefix[2];
	const char *table;			/* one that is large, and its index by source and id; else NULL */
	const char *index;
	RgtQuery	query;
}			objects[] = {
	{&rgt_deals_in, {"006"}, "deals", "deals_source_source_id_key", ONLY_OTHER("deals", "", "")},
	{&rgt_visits_in, {"00T", "00U"}, "visits", "visits_source_source_id_key", ONLY_OTHER("visits", "", "")},
	{&rgt_customers_in, {"001"}, NULL, NULL, ONLY_OTHER("customers", ALIAS("customer", "id"), ALIAS("customer", "other"))},
	{&rgt_employees_in, {"005"}, NULL, NULL, ONLY_OTHER("employees", ALIAS("employee", "id"), ALIAS("employee", "other"))},
};

static bool
begins_with(Datum id, const char *prefix)
{
	text	   *given = (text *) DatumGetPointer(id);

	return prefix != NULL && VARSIZE_ANY_EXHDR(given) >= strlen(prefix) &&
		memcmp(VARDATA_ANY(given), prefix, strlen(prefix)) == 0;
}

/* Rows whose ids have two forms: the one that they bear, and the other. */
typedef struct Forms
{
	RgtImportRow **rows;
	Datum	   *source;
	Datum	   *id;
	Datum	   *other;
	int			n;
} Forms;

static void
note_other(TupleTableSlot *slot, void *arg)
{
	const Forms *forms = arg;
	int64		i = DatumGetInt64(slot->tts_values[0]) - 1;

	forms->rows[i]->value[SOURCE_ID] = forms->other[i];
}

/* Add a row whose id is one of Salesforce's, or looks like one; in sources called salesforce it bears the long form. */
static void
add_row(Forms *forms, RgtImportRow *row, const char *const *prefix)
{
	Datum		id = row->value[SOURCE_ID];

	if (row->isnull[SOURCE] || row->isnull[SOURCE_ID])
		return;
	if (rgt_is_salesforce(row->value[SOURCE]))
		id = row->value[SOURCE_ID] = rgt_long_id(id);
	else if (!begins_with(id, prefix[0]) && !begins_with(id, prefix[1]))
		return;
	forms->other[forms->n] = rgt_other_form(id);
	if (forms->other[forms->n] == 0)
		return;
	forms->source[forms->n] = row->value[SOURCE];
	forms->id[forms->n] = id;
	forms->rows[forms->n++] = row;
}

/* Leave those whose other form is in a table: a statement would read all of it, where next to none is. */
static void
keep_known(Forms *forms, const char *table, const char *index)
{
	Snapshot	snapshot = rgt_snapshot(RGT_FRESH);
	RgtLookup	lookup;
	int			kept = 0;

	rgt_lookup_begin(&lookup, table, index, 2, AccessShareLock, snapshot);
	for (int i = 0; i < forms->n; i++)
	{
		Datum		keys[2] = {forms->source[i], forms->other[i]};

		CHECK_FOR_INTERRUPTS();
		rgt_lookup_keys(&lookup, keys);
		if (!rgt_lookup_next(&lookup, ForwardScanDirection))
			continue;
		forms->rows[kept] = forms->rows[i];
		forms->source[kept] = forms->source[i];
		forms->id[kept] = forms->id[i];
		forms->other[kept++] = forms->other[i];
	}
	rgt_lookup_end(&lookup);
	UnregisterSnapshot(snapshot);
	forms->n = kept;
}

/* Let the rows bear the form of their ids that is on record. */
void
rgt_import_same_ids(const RgtTarget *target, RgtImportRow **rows, int n)
{
	int			object = 0;
	Forms		forms = {0};
	Datum		arguments[3];

	while (object < (int) lengthof(objects) && objects[object].target != target)
		object++;
	if (object == (int) lengthof(objects) || n == 0)
		return;
	forms.rows = palloc_extended(sizeof(RgtImportRow *) * (Size) n, MCXT_ALLOC_HUGE);
	forms.source = palloc_extended(sizeof(Datum) * (Size) n * 3, MCXT_ALLOC_HUGE);
	forms.id = forms.source + n;
	forms.other = forms.id + n;
	for (int i = 0; i < n; i++)
		add_row(&forms, rows[i], objects[object].prefix);
	if (objects[object].table != NULL && forms.n > 0)
		keep_known(&forms, objects[object].table, objects[object].index);
	if (forms.n == 0)
		return;
	arguments[0] = rgt_import_array(forms.source, forms.n, TEXTOID);
	arguments[1] = rgt_import_array(forms.id, forms.n, TEXTOID);
	arguments[2] = rgt_import_array(forms.other, forms.n, TEXTOID);
	rgt_run(&objects[object].query, RGT_FRESH, arguments, NULL, note_other, &forms);
}
