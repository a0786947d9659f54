/*
 * targets/basis.c
 *	  Why suggestions are what they are: basis_of_target(), and the same in words.
 *
 * A row of plan_basis holds the figures of all siblings: only the unit's own are told, and of a target that the caller
 * does not see nothing.  Siblings are asked about one after the other, so what was read of their parent is kept for the
 * statement, as long as that is not too much.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/snapmgr.h"

#include "access/access.h"
#include "regtarget.h"

/* A signal among the children of a parent, by their places. */
typedef struct Part
{
	text	   *signal;
	text	   *factor;
	double		weight;
	int			n;
	const int32 *units;
	const double *values;
	const bool *imputed;
	const double *scales;		/* NULL: plain shares */
	const double *shares;
} Part;

typedef struct ParentKey
{
	int64		plan_id;
	int32		unit_id;
	int32		unused;			/* 0: keys are compared as they are in memory */
} ParentKey;

typedef struct Parent
{
	ParentKey	key;
	int			n;
	Part	   *part;
	int			place;			/* of the child that was found last */
	char		status;
} Parent;

#define SH_PREFIX parents
#define SH_ELEMENT_TYPE Parent
#define SH_KEY_TYPE ParentKey
#define SH_KEY key
#define SH_HASH_KEY(table, key) hash_bytes((const unsigned char *) &(key), sizeof(ParentKey))
#define SH_EQUAL(table, a, b) (memcmp(&(a), &(b), sizeof(ParentKey)) == 0)
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

typedef struct BasisMemory
{
	RgtMemory	memory;
	TupleDesc	desc;
	MemoryContext of_parents;	/* NULL: nothing is read yet */
	parents_hash *parents;
	int64		asked;			/* the plan that was asked last whether it has a basis; 0: none was */
	bool		has_basis;
	/* The set that is being told. */
	bool		telling;
	ExprContext *until;			/* the end of which ends it */
	const Parent *parent;
	int32		unit_id;
	int			next;
} BasisMemory;

/* What is kept of parents before all of it is let go. */
#define MOST_KEPT (16 * 1024 * 1024)

/* ---- reading ------------------------------------------------------------------------------------- */

enum
{
	AT_SIGNAL, AT_FACTOR, AT_WEIGHT, AT_UNITS, AT_VALUES, AT_IMPUTED, AT_SCALES, AT_SHARES, AT_COLUMNS
};

static const char *const column_names[AT_COLUMNS] = {
	"signal", "factor", "weight", "unit_ids", "values", "imputed", "scales", "shares"
};

/* The elements of an array without nulls, and how many there are; NULL for no array. */
static const void *
elements(TupleTableSlot *slot, AttrNumber column, int *n)
{
	bool		isnull;
	Datum		value = slot_getattr(slot, column, &isnull);
	ArrayType  *array;

	if (isnull)
		return NULL;
	array = DatumGetArrayTypePCopy(value);
	*n = Min(*n, ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array)));
	return ARR_HASNULL(array) ? NULL : ARR_DATA_PTR(array);
}

static Part
read_part(TupleTableSlot *slot, const AttrNumber *at)
{
	Part		part = {.n = INT_MAX};
	bool		isnull;

	part.signal = DatumGetTextPCopy(slot_getattr(slot, at[AT_SIGNAL], &isnull));
	part.factor = DatumGetTextPCopy(slot_getattr(slot, at[AT_FACTOR], &isnull));
	part.weight = DatumGetFloat8(slot_getattr(slot, at[AT_WEIGHT], &isnull));
	part.units = elements(slot, at[AT_UNITS], &part.n);
	part.values = elements(slot, at[AT_VALUES], &part.n);
	part.imputed = elements(slot, at[AT_IMPUTED], &part.n);
	part.scales = elements(slot, at[AT_SCALES], &part.n);
	part.shares = elements(slot, at[AT_SHARES], &part.n);
	if (part.units == NULL || part.values == NULL || part.imputed == NULL || part.shares == NULL)
		part.n = 0;
	return part;
}

/* All signals of a parent's children, into the current memory context. */
static void
read_parts(Parent *parent)
{
	Snapshot	snapshot = rgt_snapshot(RGT_CALLER);
	Datum		keys[2] = {Int64GetDatum(parent->key.plan_id), Int32GetDatum(parent->key.unit_id)};
	AttrNumber	at[AT_COLUMNS];
	RgtLookup	basis;
	int			allocated = 4;

	rgt_lookup_begin(&basis, "plan_basis", NULL, 2, AccessShareLock, snapshot);
	for (int i = 0; i < AT_COLUMNS; i++)
		at[i] = rgt_attnum(RelationGetDescr(basis.table), column_names[i]);
	parent->n = 0;
	parent->place = 0;
	parent->part = palloc(sizeof(Part) * allocated);
	rgt_lookup_keys(&basis, keys);
	while (rgt_lookup_next(&basis, ForwardScanDirection))
	{
		RGT_GROW(parent->part, parent->n, allocated);
		parent->part[parent->n++] = read_part(basis.slot, at);
	}
	rgt_lookup_end(&basis);
	UnregisterSnapshot(snapshot);
}

static void
start_parents(BasisMemory *memory)
{
	if (memory->of_parents != NULL)
		MemoryContextDelete(memory->of_parents);
	memory->of_parents = AllocSetContextCreate(memory->memory.context, "regtarget basis", ALLOCSET_DEFAULT_SIZES);
	memory->parents = parents_create(memory->of_parents, 64, NULL);
}

static Parent *
find_parent(BasisMemory *memory, int64 plan_id, int32 unit_id)
{
	ParentKey	key = {plan_id, unit_id, 0};
	Parent	   *parent = memory->of_parents == NULL ? NULL : parents_lookup(memory->parents, key);
	MemoryContext old;
	RgtSession	session;
	bool		found;

	if (parent != NULL)
		return parent;
	if (memory->of_parents == NULL || MemoryContextMemAllocated(memory->of_parents, true) > MOST_KEPT)
		start_parents(memory);
	parent = parents_insert(memory->parents, key, &found);
	rgt_enter(&session);
	old = MemoryContextSwitchTo(memory->of_parents);
	read_parts(parent);
	MemoryContextSwitchTo(old);
	rgt_end(&session);
	return parent;
}

/* Has the split of a plan a basis on record?  What was typed has none. */
static bool
has_basis(BasisMemory *memory, int64 plan_id)
{
	Snapshot	snapshot;
	Datum		key = Int64GetDatum(plan_id);
	RgtLookup	basis;
	RgtSession	session;

	if (memory->asked == plan_id)
		return memory->has_basis;
	rgt_enter(&session);
	snapshot = rgt_snapshot(RGT_CALLER);
	rgt_lookup_begin(&basis, "plan_basis", NULL, 1, AccessShareLock, snapshot);
	rgt_lookup_keys(&basis, &key);
	memory->has_basis = rgt_lookup_next(&basis, ForwardScanDirection);
	memory->asked = plan_id;
	rgt_lookup_end(&basis);
	UnregisterSnapshot(snapshot);
	rgt_end(&session);
	return memory->has_basis;
}

/* The parent below which a target was published that has moved to another one since; 0: it has not. */
static int32
first_parent(int64 plan_id, int32 unit_id)
{
	static RgtQuery query = RGT_KEY_QUERY(
		"SELECT (l.details->'parent_before')::int FROM regtarget.ledger l WHERE l.unit_id = $2 "
		"AND l.action = 'target_moved' AND l.details->'plan_id' = to_jsonb($1) "
		"AND l.details->'parent_before' <> l.details->'parent_after' "
		"AND jsonb_typeof(l.details->'parent_before') = 'number' ORDER BY l.entry LIMIT 1", INT8OID, INT4OID);
	Datum		arguments[2] = {Int64GetDatum(plan_id), Int32GetDatum(unit_id)};
	RgtSession	session;
	Datum		parent;
	bool		isnull;
	bool		moved;

	rgt_enter(&session);
	moved = rgt_one(&query, RGT_CALLER, arguments, NULL, &parent, &isnull, 1);
	rgt_end(&session);
	return moved && !isnull ? DatumGetInt32(parent) : 0;
}

/* Where a part has a unit; -1: nowhere.  Siblings come in their order mostly. */
static int
place_in(const Part *part, int32 unit_id, int from)
{
	for (int i = 0; i < part->n; i++)
	{
		int			place = from + i < part->n ? from + i : from + i - part->n;

		if (part->units[place] == unit_id)
			return place;
	}
	return -1;
}

/* Has a parent figures of a unit? */
static bool
has_child(const Parent *parent, int32 unit_id)
{
	for (int i = 0; i < parent->n; i++)
	{
		if (place_in(&parent->part[i], unit_id, parent->place) >= 0)
			return true;
	}
	return false;
}

/* The parent that has the figures of a target: where it has moved, the one below which it was published. */
static const Parent *
parent_of(BasisMemory *memory, int64 plan_id, int32 parent_id, int32 unit_id)
{
	const Parent *parent = find_parent(memory, plan_id, parent_id);

	if (!has_child(parent, unit_id) && has_basis(memory, plan_id))
	{
		int32		first = first_parent(plan_id, unit_id);

		if (first != 0)
			return find_parent(memory, plan_id, first);
	}
	return parent;
}

/* ---- basis_of_target -------------------------------------------------------------------------------- */

static void
stop_telling(Datum arg)
{
	((BasisMemory *) DatumGetPointer(arg))->telling = false;
}

static void
start_telling(FunctionCallInfo fcinfo, BasisMemory *memory)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	memory->parent = NULL;
	memory->next = 0;
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return;
	memory->unit_id = PG_GETARG_INT32(2);
	if (!rgt_plan_in_sight(rgt_caller(), PG_GETARG_INT64(0), memory->unit_id))
		return;
	memory->parent = parent_of(memory, PG_GETARG_INT64(0), PG_GETARG_INT32(1), memory->unit_id);
	memory->telling = true;
	memory->until = result->econtext;
	RegisterExprContextCallback(memory->until, stop_telling, PointerGetDatum(memory));
}

static Datum
part_row(FunctionCallInfo fcinfo, BasisMemory *memory, const Part *part, int place)
{
	Datum		values[7] = {
		PointerGetDatum(part->signal), PointerGetDatum(part->factor), Float8GetDatum(part->values[place]),
		BoolGetDatum(part->imputed[place]), Float8GetDatum(part->scales == NULL ? 0 : part->scales[place]),
		Float8GetDatum(part->shares[place]), Float8GetDatum(part->weight)
	};
	bool		nulls[7] = {false, false, false, false, part->scales == NULL, false, false};

	return rgt_row(fcinfo, &memory->memory, &memory->desc, values, nulls);
}

/*
 * basis_of_target(plan_id, parent_unit_id, unit_id): (signal, factor, value, imputed, scale, share, weight), what each
 * signal contributed to the unit's suggestion, a row a call: siblings are asked about by the thousand.  Of a target that
 * has moved, what it was published with, below its first parent.
 */
PG_FUNCTION_INFO_V1(rgt_basis_of_target);
Datum
rgt_basis_of_target(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	BasisMemory *memory = rgt_memory(fcinfo, sizeof(BasisMemory));

	if (result == NULL || !IsA(result, ReturnSetInfo) || (result->allowedModes & SFRM_ValuePerCall) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("set-valued function called in context that cannot accept a set")));
	if (!memory->telling)
		start_telling(fcinfo, memory);
	while (memory->parent != NULL && memory->next < memory->parent->n)
	{
		const Part *part = &memory->parent->part[memory->next++];
		int			place = place_in(part, memory->unit_id, memory->parent->place);

		if (place < 0)
			continue;
		((Parent *) memory->parent)->place = place;
		result->isDone = ExprMultipleResult;
		return part_row(fcinfo, memory, part, place);
	}
	if (memory->telling)
		UnregisterExprContextCallback(memory->until, stop_telling, PointerGetDatum(memory));
	memory->telling = false;
	result->isDone = ExprEndResult;
	PG_RETURN_NULL();
}

/* ---- in words ------------------------------------------------------------------------------------------ */

/* A number with so many decimals at most, as numeric rounds it, without zeros at its end. */
static char *
plain(double value, int decimals)
{
	Datum		number = DirectFunctionCall1(float8_numeric, Float8GetDatum(value));

	number = DirectFunctionCall2(numeric_round, number, Int32GetDatum(decimals));
	return DatumGetCString(DirectFunctionCall1(numeric_out, DirectFunctionCall1(numeric_trim_scale, number)));
}

/* basis_in_words(signal, value, scale, share, imputed, weight): what target_breakdown says of it. */
PG_FUNCTION_INFO_V1(rgt_basis_in_words);
Datum
rgt_basis_in_words(PG_FUNCTION_ARGS)
{
	static const char *const words[2][2] = {
		{gettext_noop("%1$s: %2$s is %3$s %% among its siblings and weighs %4$s %%"),
		gettext_noop("%1$s: %2$s is %3$s %% among its siblings (filled from its siblings) and weighs %4$s %%")},
		{gettext_noop("%1$s: %2$s times %5$s is %3$s %% among its siblings and weighs %4$s %%"),
		gettext_noop("%1$s: %2$s times %5$s is %3$s %% among its siblings (filled from its siblings) and weighs %4$s %%")}
	};
	bool		scaled = !PG_ARGISNULL(2);

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(3) || PG_ARGISNULL(4) || PG_ARGISNULL(5))
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(psprintf(rgt_text(words[scaled][PG_GETARG_BOOL(4)]), text_to_cstring(PG_GETARG_TEXT_PP(0)),
											  plain(PG_GETARG_FLOAT8(1), 4), plain(100 * PG_GETARG_FLOAT8(3), 2),
											  plain(100 * PG_GETARG_FLOAT8(5), 2), scaled ? plain(PG_GETARG_FLOAT8(2), 4) : "")));
}
