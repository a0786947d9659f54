/*
 * references.c
 *	  References between our tables, checked without declared foreign keys.
 *
 * Why not foreign keys: pg_restore -j loads an extension's tables in any order, while its
 * constraints are there from the start; every row that comes before the row it names would be lost.
 * A trigger of ours can tell a restore from ordinary work (see rgt_restoring), a foreign key cannot.
 *
 * How it is safe under concurrency without locking the rows referred to:
 * - A statement that writes the referencing table holds ROW EXCLUSIVE on it until its transaction
 *	 ends, and then looks for the keys it wrote with a snapshot of all that is committed by now.
 * - A statement that took keys away from the referenced table, which is rare, takes SHARE on each
 *	 referencing table, so waits for all such writers, and then looks with a newer snapshot.
 * Whoever comes second sees the first.  For the table that refers to itself (units) the same is done
 * by a lock of its own, because both sides hold ROW EXCLUSIVE on it anyway.
 *
 * A statement's keys are collected from its transition table, sorted, made unique, and looked up by
 * one query: a million facts of 32 units are 32 look-ups.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "regtarget.h"

typedef struct Reference
{
	const char *child;
	const char *column;
	const char *parent;
	const char *key;
	bool		by_guard;		/* written under a guard or by functions alone, which look themselves */
	RgtQuery	missing;		/* of the keys in $1, one that the parent lacks */
	RgtQuery	used;			/* of the keys in $1, one that the child has */
	RgtQuery	orphans;		/* the child's rows whose key the parent lacks, in words */
} Reference;

#define REFERENCE(from, from_column, to, to_key, ...) \
	{.child = (from), .column = (from_column), .parent = (to), .key = (to_key), ##__VA_ARGS__}

/* Every reference there is; verify() looks for orphans along the same list. */
static Reference references[] = {
	REFERENCE("units", "parent_id", "units", "unit_id"),
	REFERENCE("duties", "unit_id", "units", "unit_id"),
	REFERENCE("months", "period", "periods", "period"),
	REFERENCE("assignments", "employee_id", "employees", "employee_id"),
	REFERENCE("assignments", "unit_id", "units", "unit_id"),
	REFERENCE("customers", "unit_id", "units", "unit_id"),
	REFERENCE("visits", "unit_id", "units", "unit_id"),
	REFERENCE("visits", "employee_id", "employees", "employee_id"),
	REFERENCE("visits", "customer_id", "customers", "customer_id"),
	REFERENCE("deals", "unit_id", "units", "unit_id"),
	REFERENCE("deals", "employee_id", "employees", "employee_id"),
	REFERENCE("deals", "customer_id", "customers", "customer_id"),
	REFERENCE("revenues", "unit_id", "units", "unit_id"),
	REFERENCE("revenues", "employee_id", "employees", "employee_id"),
	REFERENCE("revenues", "customer_id", "customers", "customer_id"),
	REFERENCE("signals", "unit_id", "units", "unit_id"),
	REFERENCE("bounds", "period", "periods", "period"),
	REFERENCE("bounds", "unit_id", "units", "unit_id"),
	REFERENCE("standings", "period", "periods", "period"),
	REFERENCE("standings", "unit_id", "units", "unit_id"),
	REFERENCE("plans", "period", "periods", "period"),
	REFERENCE("plans", "root_unit_id", "units", "unit_id"),
	REFERENCE("plan_basis", "plan_id", "plans", "plan_id"),
	REFERENCE("adjustments", "target_id", "targets", "target_id", .by_guard = true),
	REFERENCE("adjustments", "unit_id", "units", "unit_id", .by_guard = true),
	REFERENCE("adjustments", "period", "periods", "period", .by_guard = true),
	REFERENCE("adjustments", "month", "months", "month", .by_guard = true),
	REFERENCE("signatures", "adjustment_id", "adjustments", "adjustment_id", .by_guard = true),
	REFERENCE("signatures", "unit_id", "units", "unit_id", .by_guard = true),
	REFERENCE("signatures", "asking_unit_id", "units", "unit_id", .by_guard = true),
	REFERENCE("filings", "adjustment_id", "adjustments", "adjustment_id", .by_guard = true),
	REFERENCE("filings", "unit_id", "units", "unit_id", .by_guard = true),
	REFERENCE("answers", "plan_id", "plans", "plan_id", .by_guard = true),
	REFERENCE("answers", "unit_id", "units", "unit_id", .by_guard = true),
	REFERENCE("plan_bounds", "plan_id", "plans", "plan_id"),
	REFERENCE("targets", "plan_id", "plans", "plan_id", .by_guard = true),
	REFERENCE("targets", "unit_id", "units", "unit_id", .by_guard = true),
};

/* The keys of one column of a transition table. */
typedef struct Keys
{
	AttrNumber	attnum;
	Oid			type;
	Datum	   *values;
	int			n;
	int			allocated;
	MemoryContext context;
} Keys;

/* Any order will do, as long as equal texts are equal bytes. */
static int
compare_texts(Datum left, Datum right)
{
	text	   *a = DatumGetTextPP(left);
	text	   *b = DatumGetTextPP(right);
	int			length = Min(VARSIZE_ANY_EXHDR(a), VARSIZE_ANY_EXHDR(b));
	int			result = memcmp(VARDATA_ANY(a), VARDATA_ANY(b), length);

	if (result == 0)
		result = (VARSIZE_ANY_EXHDR(a) > VARSIZE_ANY_EXHDR(b)) - (VARSIZE_ANY_EXHDR(a) < VARSIZE_ANY_EXHDR(b));
	if ((Pointer) a != DatumGetPointer(left))
		pfree(a);
	if ((Pointer) b != DatumGetPointer(right))
		pfree(b);
	return result;
}

static int
compare_keys(const void *a, const void *b, void *arg)
{
	Datum		left = *(const Datum *) a;
	Datum		right = *(const Datum *) b;

	switch (*(Oid *) arg)
	{
		case INT4OID:
			return (DatumGetInt32(left) > DatumGetInt32(right)) - (DatumGetInt32(left) < DatumGetInt32(right));
		case INT8OID:
			return (DatumGetInt64(left) > DatumGetInt64(right)) - (DatumGetInt64(left) < DatumGetInt64(right));
		default:
			return compare_texts(left, right);
	}
}

static void
sort_unique(Keys *keys)
{
	int			kept = 0;

	qsort_arg(keys->values, keys->n, sizeof(Datum), compare_keys, &keys->type);
	for (int i = 0; i < keys->n; i++)
	{
		if (kept == 0 || compare_keys(&keys->values[kept - 1], &keys->values[i], &keys->type) != 0)
			keys->values[kept++] = keys->values[i];
	}
	keys->n = kept;
}

/* Add a key; neighbours that are the same, as in most loads, count once. */
static void
add_key(TupleTableSlot *slot, void *arg)
{
	Keys	   *keys = arg;
	Datum		value = slot->tts_values[keys->attnum - 1];
	MemoryContext old;

	if (slot->tts_isnull[keys->attnum - 1] ||
		(keys->n > 0 && compare_keys(&keys->values[keys->n - 1], &value, &keys->type) == 0))
		return;
	if (keys->n == keys->allocated)
	{
		/* Few distinct keys are the rule: make room by dropping doubles before asking for more. */
		sort_unique(keys);
		if (keys->n > keys->allocated / 2)
		{
			keys->allocated *= 2;
			keys->values = repalloc_huge(keys->values, sizeof(Datum) * (Size) keys->allocated);
		}
	}
	old = MemoryContextSwitchTo(keys->context);
	keys->values[keys->n++] = keys->type == TEXTOID ?
		PointerGetDatum(DatumGetTextPCopy(value)) : value;
	MemoryContextSwitchTo(old);
}

static Keys
collect_keys(Tuplestorestate *rows, TupleDesc desc, const char *column)
{
	Keys		keys = {.allocated = 64, .context = CurrentMemoryContext};

	keys.attnum = rgt_attnum(desc, column);
	keys.type = TupleDescAttr(desc, keys.attnum - 1)->atttypid;
	keys.values = palloc(sizeof(Datum) * keys.allocated);
	if (rows != NULL)
		rgt_each_row(rows, desc, add_key, &keys);
	sort_unique(&keys);
	return keys;
}

static Datum
keys_array(const Keys *keys)
{
	int16		length;
	bool		by_value;
	char		align;

	get_typlenbyvalalign(keys->type, &length, &by_value, &align);
	return PointerGetDatum(construct_array(keys->values, keys->n, keys->type, length, by_value, align));
}

/* The text of a look-up: names come from the list above, values are parameters. */
static void
prepare_query(RgtQuery *query, Oid type, const char *format, const char *table, const char *column)
{
	if (query->sql != NULL)
		return;
	query->nargs = 1;
	query->argtypes[0] = get_array_type(type);
	query->sql = MemoryContextStrdup(TopMemoryContext, psprintf(format, table, column));
}

#define MISSING_KEY \
	"SELECT k::pg_catalog.text FROM pg_catalog.unnest($1) AS k " \
	"WHERE NOT EXISTS (SELECT FROM regtarget.%s AS p WHERE p.%s OPERATOR(pg_catalog.=) k) LIMIT 1"
#define USED_KEY \
	"SELECT c.%2$s::pg_catalog.text FROM regtarget.%1$s AS c " \
	"WHERE c.%2$s OPERATOR(pg_catalog.=) ANY ($1) LIMIT 1"

static char *
constraint_name(const Reference *reference)
{
	return psprintf("%s_%s_fkey", reference->child, reference->column);
}

/* Raise 23503 as a foreign key would, naming the constraint, the key and both tables. */
static _Noreturn void
violation(const Reference *reference, const char *at, const char *key, bool missing)
{
	ereport(ERROR,
			(errcode(ERRCODE_FOREIGN_KEY_VIOLATION),
			 missing ?
			 errmsg("insert or update on table \"%s\" violates reference \"%s\"",
					reference->child, constraint_name(reference)) :
			 errmsg("update or delete on table \"%s\" violates reference \"%s\" of table \"%s\"",
					reference->parent, constraint_name(reference), reference->child),
			 missing ?
			 errdetail("Key (%s)=(%s) is not present in table \"%s\".", reference->column, key, reference->parent) :
			 errdetail("Key (%s)=(%s) is still referred to by table \"%s\".", reference->key, key, reference->child),
			 err_generic_string(PG_DIAG_SCHEMA_NAME, "regtarget"),
			 err_generic_string(PG_DIAG_TABLE_NAME, at),
			 err_generic_string(PG_DIAG_CONSTRAINT_NAME, constraint_name(reference))));
}

/* Raise 23503 for a key that a guard looked up itself. */
void
rgt_missing_reference(const char *child, const char *column, const char *key)
{
	for (int i = 0; i < (int) lengthof(references); i++)
	{
		if (strcmp(references[i].child, child) == 0 && strcmp(references[i].column, column) == 0)
			violation(&references[i], child, key, true);
	}
	elog(ERROR, "no reference is declared from %s.%s", child, column);
}

/* Does the query find a key?  With all that is committed by now, whatever the isolation level. */
static char *
find_key(RgtQuery *query, const Keys *keys)
{
	Datum		array = keys_array(keys);
	Datum		key;
	bool		isnull;

	return rgt_one(query, RGT_LATEST, &array, NULL, &key, &isnull, 1) ? TextDatumGetCString(key) : NULL;
}

static bool
refers_to_itself(const Reference *reference)
{
	return strcmp(reference->child, reference->parent) == 0;
}

/* Keep the keys of the first that the second has not. */
static void
subtract_keys(Keys *keys, const Keys *others)
{
	int			kept = 0;

	for (int i = 0, j = 0; i < keys->n; i++)
	{
		while (j < others->n && compare_keys(&others->values[j], &keys->values[i], &keys->type) < 0)
			j++;
		if (j == others->n || compare_keys(&others->values[j], &keys->values[i], &keys->type) != 0)
			keys->values[kept++] = keys->values[i];
	}
	keys->n = kept;
}

/* The referencing side: every key that the statement brought in must exist. */
static void
check_child(Reference *reference, TriggerData *trigger)
{
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	Keys		keys = collect_keys(trigger->tg_newtable, desc, reference->column);
	Keys		before = collect_keys(trigger->tg_oldtable, desc, reference->column);
	char	   *key;

	subtract_keys(&keys, &before);
	if (keys.n == 0)
		return;
	prepare_query(&reference->missing, keys.type, MISSING_KEY, reference->parent, reference->key);
	if (refers_to_itself(reference))
		rgt_lock_object(rgt_relation(reference->child), ShareLock);
	key = find_key(&reference->missing, &keys);
	if (key != NULL)
		violation(reference, reference->child, key, true);
}

/* AFTER INSERT or UPDATE, for each statement, with the new rows as transition table. */
PG_FUNCTION_INFO_V1(rgt_check_references);
Datum
rgt_check_references(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = rgt_trigger(fcinfo, "regtarget.check_references", NULL, RGT_AFTER_STATEMENT);
	const char *table = RelationGetRelationName(trigger->tg_relation);
	RgtSession	session;

	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event) && rgt_restoring())
		return PointerGetDatum(NULL);
	rgt_begin(&session);
	for (int i = 0; i < (int) lengthof(references); i++)
	{
		if (!references[i].by_guard && strcmp(references[i].child, table) == 0)
			check_child(&references[i], trigger);
	}
	rgt_end(&session);
	return PointerGetDatum(NULL);
}

/*
 * Writers of targets and answers hold their plan's lock, and whoever deletes a plan has it: no other is
 * needed.
 */
static bool
is_under_plan_lock(const Reference *reference)
{
	return reference->by_guard && strcmp(reference->parent, "plans") == 0;
}

/* The referenced side, keys taken away: nobody may have them any more. */
static void
check_parent(Reference *reference, const Keys *gone)
{
	char	   *key;

	prepare_query(&reference->used, gone->type, USED_KEY, reference->child, reference->column);
	if (refers_to_itself(reference))
		rgt_lock_object(rgt_relation(reference->child), ExclusiveLock);
	else if (!is_under_plan_lock(reference))
		LockRelationOid(rgt_relation(reference->child), ShareLock);
	key = find_key(&reference->used, gone);
	if (key != NULL)
		violation(reference, reference->parent, key, false);
}

/* The keys that a statement took away: those of the old rows that none of the new rows has. */
static Keys
keys_gone(TriggerData *trigger, const char *column)
{
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	Keys		old = collect_keys(trigger->tg_oldtable, desc, column);
	Keys		new = collect_keys(trigger->tg_newtable, desc, column);

	subtract_keys(&old, &new);
	return old;
}

/* After TRUNCATE every key is gone: any row that refers to one is too much. */
static void
check_truncated(Reference *reference)
{
	RgtQuery	query = RGT_QUERY0(psprintf("SELECT %s::pg_catalog.text FROM regtarget.%s WHERE %s IS NOT NULL LIMIT 1",
											reference->column, reference->child, reference->column));
	Datum		key;
	bool		isnull;

	if (rgt_one(&query, RGT_LATEST, NULL, NULL, &key, &isnull, 1))
		violation(reference, reference->parent, TextDatumGetCString(key), false);
	SPI_freeplan(query.plan);
}

/* AFTER DELETE, UPDATE or TRUNCATE, for each statement, with the old (and new) rows. */
PG_FUNCTION_INFO_V1(rgt_check_referenced);
Datum
rgt_check_referenced(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = rgt_trigger(fcinfo, "regtarget.check_referenced", NULL, RGT_AFTER_STATEMENT);
	const char *table = RelationGetRelationName(trigger->tg_relation);
	RgtSession	session;

	rgt_begin(&session);
	for (int i = 0; i < (int) lengthof(references); i++)
	{
		Reference  *reference = &references[i];
		Keys		gone;

		if (strcmp(reference->parent, table) != 0)
			continue;
		if (TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event))
		{
			check_truncated(reference);
			continue;
		}
		gone = keys_gone(trigger, reference->key);
		if (gone.n > 0)
			check_parent(reference, &gone);
	}
	rgt_end(&session);
	return PointerGetDatum(NULL);
}

/* Every row whose reference leads nowhere, as one text each; in the caller's snapshot. */
void
rgt_orphans(RgtRowFn row, void *arg)
{
	for (int i = 0; i < (int) lengthof(references); i++)
	{
		Reference  *reference = &references[i];

		if (reference->orphans.sql == NULL)
			reference->orphans.sql = MemoryContextStrdup(TopMemoryContext, psprintf(
				"SELECT format('%1$s.%2$s %%s is not in %3$s', c.%2$s) FROM regtarget.%1$s c "
				"WHERE c.%2$s IS NOT NULL AND NOT EXISTS (SELECT FROM regtarget.%3$s p WHERE p.%4$s = c.%2$s)",
				reference->child, reference->column, reference->parent, reference->key));
		rgt_run(&reference->orphans, RGT_CALLER, NULL, NULL, row, arg);
	}
}

/* The list, for verify() and for whoever draws a diagram. */
PG_FUNCTION_INFO_V1(rgt_declared_references);
Datum
rgt_declared_references(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < (int) lengthof(references); i++)
	{
		Datum		values[4] = {
			CStringGetTextDatum(references[i].child), CStringGetTextDatum(references[i].column),
			CStringGetTextDatum(references[i].parent), CStringGetTextDatum(references[i].key)
		};
		bool		nulls[4] = {false};

		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}
