/*
 * imports/names.c
 *	  Who is who: the names that a source uses, looked up once a batch and kept for the statement.
 *
 * A name is what the source itself calls the thing; what is not known so is looked up in aliases.  A
 * person may also be named by his e-mail address: if that is one person's, it is he, and an alias
 * keeps it.  Nothing else makes two people one: the same name is no reason.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "imports/imports.h"
#include "regtarget.h"

typedef struct NameEntry
{
	RgtName    *name;
	uint32		hash;
	char		status;
} NameEntry;

static inline uint32
hash_name(const RgtName *name)
{
	return hash_combine(hash_bytes((const unsigned char *) name->source, name->source_length),
						hash_bytes((const unsigned char *) name->name, name->name_length));
}

static inline bool
same_name(const RgtName *a, const RgtName *b)
{
	return a->name_length == b->name_length && a->source_length == b->source_length &&
		memcmp(a->name, b->name, a->name_length) == 0 &&
		memcmp(a->source, b->source, a->source_length) == 0;
}

#define SH_PREFIX names
#define SH_ELEMENT_TYPE NameEntry
#define SH_KEY_TYPE RgtName *
#define SH_KEY name
#define SH_HASH_KEY(tb, key) hash_name(key)
#define SH_EQUAL(tb, a, b) same_name(a, b)
#define SH_STORE_HASH
#define SH_GET_HASH(tb, a) ((a)->hash)
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/* ---- the names of a batch ------------------------------------------------------------------------ */

/* The source of a row: its own, or that of the import; 0 when neither says. */
Datum
rgt_import_source(const RgtImport *import, const RgtImportRow *row)
{
	int			column = import->target->source;

	if (column >= 0 && !row->isnull[column])
		return row->value[column];
	return PointerGetDatum(import->source);
}

static char *
copy_bytes(const char *bytes, int length)
{
	return length == 0 ? "" : memcpy(palloc(length), bytes, length);
}

/* The name, which is looked up with all others that are new when the batch has them together. */
RgtName *
rgt_name(RgtImport *import, RgtNameKind kind, Datum source, Datum name)
{
	text	   *source_text = (text *) DatumGetPointer(source);
	text	   *name_text = (text *) DatumGetPointer(name);
	RgtName		probe = {
		.source = source_text == NULL ? "" : VARDATA_ANY(source_text),
		.source_length = source_text == NULL ? 0 : VARSIZE_ANY_EXHDR(source_text),
		.name = VARDATA_ANY(name_text),
		.name_length = VARSIZE_ANY_EXHDR(name_text)
	};
	MemoryContext old;
	NameEntry  *entry;
	bool		found;

	if (import->names[kind] == NULL)
		import->names[kind] = names_create(import->lookup, 256, NULL);
	entry = names_insert(import->names[kind], &probe, &found);
	if (found)
		return entry->name;
	old = MemoryContextSwitchTo(import->lookup);
	entry->name = palloc0(sizeof(RgtName));
	*entry->name = probe;
	entry->name->source = copy_bytes(probe.source, probe.source_length);
	entry->name->name = copy_bytes(probe.name, probe.name_length);
	import->unknown[kind] = lappend(import->unknown[kind], entry->name);
	import->nnames++;
	MemoryContextSwitchTo(old);
	return entry->name;
}

/* Forget all names: what was looked up in a subtransaction that failed, or too many. */
void
rgt_names_forget(RgtImport *import)
{
	memset(import->names, 0, sizeof(import->names));
	memset(import->unknown, 0, sizeof(import->unknown));
	import->nnames = 0;
	import->state = NULL;
	MemoryContextReset(import->lookup);
}

/* ---- looking up ------------------------------------------------------------------------------------ */

/* Of the names in $1 (sources) and $2: number, key, what an alias says, whom an e-mail address names. */
static RgtQuery queries[] = {
	[RGT_NAME_UNIT] = RGT_QUERY(
		"SELECT k.i, coalesce(u.unit_id, m.unit_id)::pg_catalog.int8, a.means, NULL::pg_catalog.text, false "
		"FROM unnest($1, $2) WITH ORDINALITY AS k(source, name, i) "
		"LEFT JOIN regtarget.units u ON u.code = k.name "
		"LEFT JOIN regtarget.aliases a ON u.unit_id IS NULL "
		"AND a.kind = 'unit' AND a.source = k.source AND a.source_id = k.name "
		"LEFT JOIN regtarget.units m ON m.code = a.means",
		TEXTARRAYOID, TEXTARRAYOID),
	[RGT_NAME_EMPLOYEE] = RGT_QUERY(
		"SELECT k.i, coalesce(e.employee_id, m.employee_id, CASE WHEN p.n = 1 THEN p.employee_id END)::pg_catalog.int8, "
		"a.means, CASE WHEN p.n > 1 THEN p.who END, e.employee_id IS NULL AND m.employee_id IS NULL AND p.n = 1 "
		"FROM unnest($1, $2) WITH ORDINALITY AS k(source, name, i) "
		"LEFT JOIN regtarget.employees e ON e.source = k.source AND e.source_id = k.name "
		"LEFT JOIN regtarget.aliases a ON e.employee_id IS NULL "
		"AND a.kind = 'employee' AND a.source = k.source AND a.source_id = k.name "
		"LEFT JOIN regtarget.employees m ON m.employee_id = a.means::pg_catalog.int8 "
		"LEFT JOIN LATERAL (SELECT count(*) AS n, min(x.employee_id) AS employee_id, "
		"string_agg(concat_ws(' ', x.source, x.source_id), ', ' ORDER BY x.employee_id) AS who "
		"FROM regtarget.employees x WHERE lower(btrim(x.email)) = lower(k.name)) p "
		"ON e.employee_id IS NULL AND m.employee_id IS NULL AND k.name LIKE '%@%'",
		TEXTARRAYOID, TEXTARRAYOID),
	[RGT_NAME_CUSTOMER] = RGT_QUERY(
		"SELECT k.i, coalesce(c.customer_id, m.customer_id), a.means, NULL::pg_catalog.text, false "
		"FROM unnest($1, $2) WITH ORDINALITY AS k(source, name, i) "
		"LEFT JOIN regtarget.customers c ON c.source = k.source AND c.source_id = k.name "
		"LEFT JOIN regtarget.aliases a ON c.customer_id IS NULL "
		"AND a.kind = 'customer' AND a.source = k.source AND a.source_id = k.name "
		"LEFT JOIN regtarget.customers m ON m.customer_id = a.means::pg_catalog.int8",
		TEXTARRAYOID, TEXTARRAYOID),
	[RGT_NAME_REASON] = RGT_QUERY(
		"SELECT k.i, 0::pg_catalog.int8, coalesce(a.means, k.name), NULL::pg_catalog.text, false "
		"FROM unnest($1, $2) WITH ORDINALITY AS k(source, name, i) "
		"LEFT JOIN regtarget.aliases a ON a.kind = 'leave_reason' AND a.source = k.source AND a.source_id = k.name",
		TEXTARRAYOID, TEXTARRAYOID),
};

enum
{
	FOUND_NUMBER, FOUND_ID, FOUND_MEANS, FOUND_WHO, FOUND_BY_EMAIL
};

typedef struct LookUp
{
	RgtImport  *import;
	RgtNameKind kind;
	List	   *names;
	List	   *by_email;
} LookUp;

/* Say why a name stands for nothing. */
static void
explain(const LookUp *look, RgtName *name, const char *means, const char *who)
{
	static const RgtCause unknown[RGT_NAME_KINDS] = {
		RGT_CAUSE_UNKNOWN_UNIT, RGT_CAUSE_UNKNOWN_EMPLOYEE, RGT_CAUSE_UNKNOWN_CUSTOMER
	};
	static const char *const broken[RGT_NAME_KINDS] = {
		gettext_noop("an alias says that unit \"%s\" is \"%s\", which does not exist"),
		gettext_noop("an alias says that employee \"%s\" is \"%s\", which does not exist"),
		gettext_noop("an alias says that customer \"%s\" is \"%s\", which does not exist"),
		gettext_noop("an alias says that leave_reason \"%s\" is \"%s\", which does not exist")
	};
	const char *shown = rgt_import_shown(PointerGetDatum(cstring_to_text_with_len(name->name, name->name_length)));

	name->cause = who != NULL ? RGT_CAUSE_AMBIGUOUS_EMAIL : means != NULL ? RGT_CAUSE_BROKEN_ALIAS : unknown[look->kind];
	if (who != NULL)
		name->why = psprintf(rgt_text("e-mail address \"%s\" belongs to more than one employee: %s"), shown, who);
	else if (means != NULL)
		name->why = psprintf(rgt_text(broken[look->kind]), shown, means);
	else if (look->kind == RGT_NAME_UNIT)
		name->why = psprintf(rgt_text("no unit has the code \"%s\""), shown);
	else
		name->why = psprintf(look->kind == RGT_NAME_REASON ?
							 rgt_text("leave_reason \"%s\" is not known in source \"%s\"") :
							 look->kind == RGT_NAME_EMPLOYEE ? rgt_text("employee \"%s\" is not known in source \"%s\"") :
							 rgt_text("customer \"%s\" is not known in source \"%s\""), shown,
							 rgt_import_shown(PointerGetDatum(cstring_to_text_with_len(name->source, name->source_length))));
}

static void
note_found(TupleTableSlot *slot, void *arg)
{
	LookUp	   *look = arg;
	RgtName    *name = list_nth(look->names, DatumGetInt64(slot->tts_values[FOUND_NUMBER]) - 1);
	MemoryContext old = MemoryContextSwitchTo(look->import->lookup);
	Datum	   *values = slot->tts_values;
	bool	   *nulls = slot->tts_isnull;

	if (look->kind == RGT_NAME_REASON)
		name->means = PointerGetDatum(DatumGetTextPCopy(values[FOUND_MEANS]));
	else if (!nulls[FOUND_ID])
		name->id = DatumGetInt64(values[FOUND_ID]);
	else
		explain(look, name, nulls[FOUND_MEANS] ? NULL : TextDatumGetCString(values[FOUND_MEANS]),
				nulls[FOUND_WHO] ? NULL : TextDatumGetCString(values[FOUND_WHO]));
	if (!nulls[FOUND_BY_EMAIL] && DatumGetBool(values[FOUND_BY_EMAIL]))
		look->by_email = lappend(look->by_email, name);
	MemoryContextSwitchTo(old);
}

static void
name_arrays(List *names, Datum arrays[2])
{
	int			n = list_length(names);
	Datum	   *sources = palloc(sizeof(Datum) * n);
	Datum	   *texts = palloc(sizeof(Datum) * n);

	for (int i = 0; i < n; i++)
	{
		RgtName    *name = list_nth(names, i);

		sources[i] = PointerGetDatum(cstring_to_text_with_len(name->source, name->source_length));
		texts[i] = PointerGetDatum(cstring_to_text_with_len(name->name, name->name_length));
	}
	arrays[0] = rgt_import_array(sources, n, TEXTOID);
	arrays[1] = rgt_import_array(texts, n, TEXTOID);
}

/* Whoever was found by his e-mail address keeps the name that he was called by. */
static void
keep_aliases(List *names)
{
	static RgtQuery query = RGT_QUERY(
		"INSERT INTO regtarget.aliases (kind, source, source_id, means) "
		"SELECT 'employee', k.source, k.name, k.id::pg_catalog.text FROM unnest($1, $2, $3) AS k(source, name, id) "
		"ORDER BY k.source, k.name ON CONFLICT DO NOTHING", TEXTARRAYOID, TEXTARRAYOID, INT8ARRAYOID);
	int			n = list_length(names);
	Datum	   *ids = palloc(sizeof(Datum) * Max(n, 1));
	Datum		arguments[3];

	if (n == 0)
		return;
	for (int i = 0; i < n; i++)
		ids[i] = Int64GetDatum(((RgtName *) list_nth(names, i))->id);
	name_arrays(names, arguments);
	arguments[2] = rgt_import_array(ids, n, INT8OID);
	rgt_run(&query, RGT_FRESH, arguments, NULL, NULL, NULL);
}

static void
look_up(LookUp *look)
{
	Datum		arguments[2];

	name_arrays(look->names, arguments);
	rgt_run(&queries[look->kind], RGT_FRESH, arguments, NULL, note_found, look);
	keep_aliases(look->by_email);
}

/* The name in the other form of Salesforce's ids; NULL when it has none. */
static RgtName *
in_other_form(const RgtName *name)
{
	text	   *other = (text *) DatumGetPointer(rgt_other_form(PointerGetDatum(cstring_to_text_with_len(name->name,
																										 name->name_length))));
	RgtName    *copy = other == NULL ? NULL : palloc0(sizeof(RgtName));

	if (copy == NULL)
		return NULL;
	copy->source = name->source;
	copy->source_length = name->source_length;
	copy->name = VARDATA_ANY(other);
	copy->name_length = VARSIZE_ANY_EXHDR(other);
	return copy;
}

/* Names that are not known may be known in their other form. */
static void
look_up_other_forms(RgtImport *import, RgtNameKind kind, List *names)
{
	LookUp		look = {import, kind, NIL, NIL};
	List	   *unknown = NIL;
	ListCell   *cell;
	ListCell   *other;

	foreach(cell, names)
	{
		RgtName    *name = lfirst(cell);
		RgtName    *copy = name->id == 0 ? in_other_form(name) : NULL;

		if (copy == NULL)
			continue;
		unknown = lappend(unknown, name);
		look.names = lappend(look.names, copy);
	}
	if (unknown == NIL)
		return;
	look_up(&look);
	forboth(cell, unknown, other, look.names)
		((RgtName *) lfirst(cell))->id = ((RgtName *) lfirst(other))->id;
}

/* Look up all names that are new since the last time, those of a kind by one query. */
void
rgt_names_look_up(RgtImport *import)
{
	for (int kind = 0; kind < RGT_NAME_KINDS; kind++)
	{
		LookUp		look = {import, kind, import->unknown[kind], NIL};

		if (look.names == NIL)
			continue;
		import->unknown[kind] = NIL;
		look_up(&look);
		if (kind == RGT_NAME_EMPLOYEE || kind == RGT_NAME_CUSTOMER)
			look_up_other_forms(import, kind, look.names);
	}
}
