/*
 * base/references.c
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
 * A statement's keys are gathered in one walk over its transition table and looked up once each: a
 * million facts of 32 units are 32 look-ups.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "common/hashfn.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"

#include "regtarget.h"

typedef struct Reference
{
	const char *child;
	const char *column;
	const char *parent;
	const char *key;
	bool		by_guard;		/* written under a guard or by functions alone, which look themselves */
	/* The parent's guard lets rows that are referred to stay as they are, or takes along what refers to them. */
	bool		parent_stays;
	RgtQuery	used;			/* of the keys in $1, one that the child has */
	RgtQuery	orphans;		/* the child's rows whose key the parent lacks, in words */
} Reference;

#define REFERENCE(from, from_column, to, to_key, ...) \
	{.child = (from), .column = (from_column), .parent = (to), .key = (to_key), ##__VA_ARGS__}

/* Every reference there is; verify() looks for orphans along the same list. */
static Reference references[] = {
	REFERENCE("units", "parent_id", "units", "unit_id"),
	REFERENCE("past_parents", "unit_id", "units", "unit_id"),
	REFERENCE("past_parents", "parent_id", "units", "unit_id"),
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
	REFERENCE("plan_basis", "parent_unit_id", "units", "unit_id"),
	REFERENCE("adjustments", "target_id", "targets", "target_id", .by_guard = true, .parent_stays = true),
	REFERENCE("adjustments", "unit_id", "units", "unit_id", .by_guard = true),
	REFERENCE("adjustments", "period", "periods", "period", .by_guard = true),
	REFERENCE("adjustments", "month", "months", "month", .by_guard = true),
	REFERENCE("signatures", "adjustment_id", "adjustments", "adjustment_id", .by_guard = true, .parent_stays = true),
	REFERENCE("signatures", "unit_id", "units", "unit_id", .by_guard = true),
	REFERENCE("signatures", "asking_unit_id", "units", "unit_id", .by_guard = true),
	REFERENCE("filings", "adjustment_id", "adjustments", "adjustment_id", .by_guard = true, .parent_stays = true),
	REFERENCE("filings", "unit_id", "units", "unit_id", .by_guard = true),
	REFERENCE("answers", "target_id", "targets", "target_id", .by_guard = true, .parent_stays = true),
	REFERENCE("answers", "plan_id", "plans", "plan_id", .by_guard = true),
	REFERENCE("answers", "unit_id", "units", "unit_id", .by_guard = true),
	REFERENCE("plan_bounds", "plan_id", "plans", "plan_id"),
	REFERENCE("plan_bounds", "unit_id", "units", "unit_id"),
	REFERENCE("targets", "plan_id", "plans", "plan_id", .by_guard = true),
	REFERENCE("targets", "unit_id", "units", "unit_id", .by_guard = true),
	REFERENCE("targets", "parent_unit_id", "units", "unit_id", .by_guard = true),
};

/* Which tables of a reference need triggers of ours; false: there are no more references. */
bool
rgt_reference_sides(int i, RgtReferenceSides *sides)
{
	if (i >= (int) lengthof(references))
		return false;
	sides->referencing = references[i].by_guard ? NULL : references[i].child;
	sides->referenced = references[i].parent_stays ? NULL : references[i].parent;
	return true;
}

/* ---- the keys of a statement ------------------------------------------------------------------- */

typedef struct Key
{
	Datum		value;
	uint32		hash;
	char		status;			/* of the hash table's slot */
} Key;

/* Any order will do, as long as equal texts are equal bytes. */
static int
compare_texts(Datum left, Datum right)
{
	text	   *a = DatumGetTextPP(left);
	text	   *b = DatumGetTextPP(right);
	int			length = Min(VARSIZE_ANY_EXHDR(a), VARSIZE_ANY_EXHDR(b));
	int			result = memcmp(VARDATA_ANY(a), VARDATA_ANY(b), length);

	if (result == 0)
		result = RGT_ORDER(VARSIZE_ANY_EXHDR(a), VARSIZE_ANY_EXHDR(b));
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
			return RGT_ORDER(DatumGetInt32(left), DatumGetInt32(right));
		case INT8OID:
			return RGT_ORDER(DatumGetInt64(left), DatumGetInt64(right));
		default:
			return compare_texts(left, right);
	}
}

static uint32
hash_key(Oid type, Datum value)
{
	text	   *string;
	uint32		hash;

	switch (type)
	{
		case INT4OID:
			return murmurhash32((uint32) DatumGetInt32(value));
		case INT8OID:
			return hash_combine(murmurhash32((uint32) DatumGetInt64(value)), (uint32) (DatumGetInt64(value) >> 32));
		default:
			string = DatumGetTextPP(value);
			hash = hash_bytes((unsigned char *) VARDATA_ANY(string), VARSIZE_ANY_EXHDR(string));
			if ((Pointer) string != DatumGetPointer(value))
				pfree(string);
			return hash;
	}
}

#define SH_PREFIX key_set
#define SH_ELEMENT_TYPE Key
#define SH_KEY_TYPE Datum
#define SH_KEY value
#define SH_HASH_KEY(set, key) hash_key(*(Oid *) (set)->private_data, key)
#define SH_EQUAL(set, a, b) (compare_keys(&(a), &(b), (set)->private_data) == 0)
#define SH_STORE_HASH
#define SH_GET_HASH(set, key) (key)->hash
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/* The distinct keys of one column: gathered in the set, then listed in order. */
typedef struct Keys
{
	AttrNumber	attnum;
	Oid			type;
	key_set_hash *set;
	Datum		last;			/* 0: none yet, or a key that is 0 */
	Datum	   *values;
	int64		n;
} Keys;

/* All that are gathered in one walk over the rows of a transition table. */
typedef struct Gathering
{
	Keys	   *keys;
	int			n;
} Gathering;

/* Add the row's keys; neighbours that are the same, as in most loads, are not even looked up. */
static void
add_row(TupleTableSlot *slot, void *arg)
{
	Gathering  *gathering = arg;

	for (int i = 0; i < gathering->n; i++)
	{
		Keys	   *keys = &gathering->keys[i];
		Datum		value = slot->tts_values[keys->attnum - 1];
		bool		found;
		Key		   *key;

		if (slot->tts_isnull[keys->attnum - 1] || (keys->last != 0 && compare_keys(&keys->last, &value, &keys->type) == 0))
			continue;
		key = key_set_insert(keys->set, value, &found);
		if (!found && keys->type == TEXTOID)
		{
			MemoryContext old = MemoryContextSwitchTo(keys->set->ctx);

			key->value = PointerGetDatum(DatumGetTextPCopy(value));
			MemoryContextSwitchTo(old);
		}
		keys->last = key->value;
	}
}

static void
list_in_order(Keys *keys)
{
	key_set_iterator iterator;
	Key		   *key;

	keys->values = palloc_extended(sizeof(Datum) * Max(keys->set->members, 1), MCXT_ALLOC_HUGE);
	key_set_start_iterate(keys->set, &iterator);
	while ((key = key_set_iterate(keys->set, &iterator)) != NULL)
		keys->values[keys->n++] = key->value;
	qsort_arg(keys->values, keys->n, sizeof(Datum), compare_keys, &keys->type);
}

/* The keys of these columns, each distinct one once and in order; rows: NULL for none. */
static Keys *
gather_keys(Tuplestorestate *rows, TupleDesc desc, const char *const *columns, int n)
{
	Gathering	gathering = {palloc0(sizeof(Keys) * n), n};

	for (int i = 0; i < n; i++)
	{
		Keys	   *keys = &gathering.keys[i];

		keys->attnum = rgt_attnum(desc, columns[i]);
		keys->type = TupleDescAttr(desc, keys->attnum - 1)->atttypid;
		keys->set = key_set_create(CurrentMemoryContext, 8, &keys->type);
	}
	if (rows != NULL)
		rgt_each_row(rows, desc, add_row, &gathering);
	for (int i = 0; i < n; i++)
		list_in_order(&gathering.keys[i]);
	return gathering.keys;
}

/* Keep the keys of the first that the second has not. */
static void
subtract_keys(Keys *keys, const Keys *others)
{
	int64		kept = 0;

	for (int64 i = 0, j = 0; i < keys->n; i++)
	{
		while (j < others->n && compare_keys(&others->values[j], &keys->values[i], &keys->type) < 0)
			j++;
		if (j == others->n || compare_keys(&others->values[j], &keys->values[i], &keys->type) != 0)
			keys->values[kept++] = keys->values[i];
	}
	keys->n = kept;
}

static char *
key_text(const Keys *keys, Datum value)
{
	Oid			function;
	bool		is_varlena;

	getTypeOutputInfo(keys->type, &function, &is_varlena);
	return OidOutputFunctionCall(function, value);
}

/* ---- what is wrong ------------------------------------------------------------------------------- */

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

static bool
refers_to_itself(const Reference *reference)
{
	return strcmp(reference->child, reference->parent) == 0;
}

/* ---- the referencing side ------------------------------------------------------------------------ */

/* Every key that the statement brought in must exist: looked up in the parent's primary key. */
static void
check_child(const Reference *reference, const Keys *brought_in)
{
	Snapshot	snapshot;
	RgtLookup	parent;

	if (refers_to_itself(reference))
		rgt_lock_object(rgt_relation(reference->child), ShareLock);
	snapshot = rgt_snapshot(RGT_LATEST);
	rgt_lookup_begin(&parent, reference->parent, NULL, 1, AccessShareLock, snapshot);
	for (int64 i = 0; i < brought_in->n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		rgt_lookup_keys(&parent, &brought_in->values[i]);
		if (!rgt_lookup_next(&parent, ForwardScanDirection))
			violation(reference, reference->child, key_text(brought_in, brought_in->values[i]), true);
	}
	rgt_lookup_end(&parent);
	UnregisterSnapshot(snapshot);
}

/* The references of a table that nobody else looks after; returns how many. */
static int
find_references(const char *child, Reference **found, const char **columns)
{
	int			n = 0;

	for (int i = 0; i < (int) lengthof(references); i++)
	{
		if (references[i].by_guard || strcmp(references[i].child, child) != 0)
			continue;
		columns[n] = references[i].column;
		found[n++] = &references[i];
	}
	return n;
}

/* AFTER INSERT or UPDATE, for each statement, with the new rows as transition table. */
PG_FUNCTION_INFO_V1(rgt_check_references);
Datum
rgt_check_references(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = rgt_trigger(fcinfo, "regtarget.check_references", NULL, RGT_AFTER_STATEMENT);
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	Reference  *of_table[lengthof(references)];
	const char *columns[lengthof(references)];
	int			n = find_references(RelationGetRelationName(trigger->tg_relation), of_table, columns);
	Keys	   *before;
	Keys	   *after;

	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event) && rgt_restoring())
		return PointerGetDatum(NULL);
	before = gather_keys(trigger->tg_oldtable, desc, columns, n);
	after = gather_keys(trigger->tg_newtable, desc, columns, n);
	for (int i = 0; i < n; i++)
	{
		subtract_keys(&after[i], &before[i]);
		if (after[i].n > 0)
			check_child(of_table[i], &after[i]);
	}
	return PointerGetDatum(NULL);
}

/* ---- the referenced side --------------------------------------------------------------------------- */

/*
 * Writers of targets and answers hold their plan's lock, and whoever deletes a plan has it: no other is
 * needed.
 */
static bool
is_under_plan_lock(const Reference *reference)
{
	return reference->by_guard && strcmp(reference->parent, "plans") == 0;
}

#define USED_KEY \
	"SELECT c.%2$s::pg_catalog.text FROM regtarget.%1$s AS c " \
	"WHERE c.%2$s OPERATOR(pg_catalog.=) ANY ($1) LIMIT 1"

/* Names come from the list above, keys are a parameter. */
static void
prepare_used(Reference *reference, Oid type)
{
	if (reference->used.sql != NULL)
		return;
	reference->used.nargs = 1;
	reference->used.argtypes[0] = get_array_type(type);
	reference->used.sql = MemoryContextStrdup(TopMemoryContext, psprintf(USED_KEY, reference->child, reference->column));
}

static Datum
keys_array(const Keys *keys)
{
	int16		length;
	bool		by_value;
	char		align;

	get_typlenbyvalalign(keys->type, &length, &by_value, &align);
	return PointerGetDatum(construct_array(keys->values, (int) keys->n, keys->type, length, by_value, align));
}

/* Keys taken away: nobody may have them any more, with all that is committed by now. */
static void
check_parent(Reference *reference, const Keys *gone)
{
	Datum		keys = keys_array(gone);
	Datum		key;
	bool		isnull;

	prepare_used(reference, gone->type);
	if (refers_to_itself(reference))
		rgt_lock_object(rgt_relation(reference->child), ExclusiveLock);
	else if (!is_under_plan_lock(reference))
		LockRelationOid(rgt_relation(reference->child), ShareLock);
	if (rgt_one(&reference->used, RGT_LATEST, &keys, NULL, &key, &isnull, 1))
		violation(reference, reference->parent, TextDatumGetCString(key), false);
}

/* The keys that a statement took away: those of the old rows that none of the new rows has. */
static Keys *
keys_gone(TriggerData *trigger, const char *column)
{
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	Keys	   *gone = gather_keys(trigger->tg_oldtable, desc, &column, 1);

	subtract_keys(gone, gather_keys(trigger->tg_newtable, desc, &column, 1));
	return gone;
}

/* After TRUNCATE every key is gone: any row that refers to one is too much. */
static void
check_truncated(Reference *reference)
{
	RgtQuery	query = RGT_QUERY0(psprintf("SELECT %s::pg_catalog.text FROM regtarget.%s WHERE %s IS NOT NULL LIMIT 1",
											reference->column, reference->child, reference->column));
	Datum		key;
	bool		isnull;
	bool		found = rgt_one(&query, RGT_LATEST, NULL, NULL, &key, &isnull, 1);

	SPI_freeplan(query.plan);
	if (found)
		violation(reference, reference->parent, TextDatumGetCString(key), false);
}

/* AFTER DELETE, UPDATE or TRUNCATE, for each statement, with the old (and new) rows. */
PG_FUNCTION_INFO_V1(rgt_check_referenced);
Datum
rgt_check_referenced(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = rgt_trigger(fcinfo, "regtarget.check_referenced", NULL, RGT_AFTER_STATEMENT);
	const char *table = RelationGetRelationName(trigger->tg_relation);
	const char *column = NULL;
	Keys	   *gone = NULL;
	RgtSession	session;

	rgt_begin(&session);
	for (int i = 0; i < (int) lengthof(references); i++)
	{
		Reference  *reference = &references[i];

		if (strcmp(reference->parent, table) != 0)
			continue;
		if (TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event))
		{
			check_truncated(reference);
			continue;
		}
		if (column == NULL || strcmp(column, reference->key) != 0)
			gone = keys_gone(trigger, column = reference->key);
		if (gone->n > 0)
			check_parent(reference, gone);
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
