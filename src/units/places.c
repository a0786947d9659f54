/*
 * units/places.c
 *	  place_of_unit(), ancestors_of_unit(), unit_tree_on(): where visible units stand in the tree of all units.
 *
 * Views ask unit by unit, so that what they show of one unit costs that unit and those above it.  Of so many units
 * the whole tree is read once.  A path is made for a unit that is told, and for no other: a deep tree costs what is
 * shown of it.
 */
#include "postgres.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"

#include "access/access.h"
#include "regtarget.h"
#include "units/units.h"

typedef struct PlaceMemory
{
	RgtMemory	memory;
	TupleDesc	desc;
	int			read;			/* so many units were read one by one */
	bool		knows_today;
	DateADT		today;
	RgtPlaces	all;			/* tree NULL: not read */
} PlaceMemory;

/* ---- reading --------------------------------------------------------------------------------- */

typedef struct LabelReader
{
	RgtPlaces  *places;
	MemoryContext context;
	AttrNumber	unit_id;		/* columns of the table; 0: not looked up yet */
	AttrNumber	code;
	AttrNumber	kind;
} LabelReader;

static bool
is_region(const text *kind)
{
	return VARSIZE_ANY_EXHDR(kind) == strlen("region") && memcmp(VARDATA_ANY(kind), "region", strlen("region")) == 0;
}

/* Into the labels of a tree, those that it has. */
static void
add_label(TupleTableSlot *slot, void *arg)
{
	LabelReader *reader = arg;
	MemoryContext old;
	RgtLabel   *label;
	int			p;

	if (reader->unit_id == 0)
	{
		reader->unit_id = rgt_attnum(slot->tts_tupleDescriptor, "unit_id");
		reader->code = rgt_attnum(slot->tts_tupleDescriptor, "code");
		reader->kind = rgt_attnum(slot->tts_tupleDescriptor, "kind");
	}
	p = rgt_tree_find(reader->places->tree, DatumGetInt32(slot->tts_values[reader->unit_id - 1]));
	if (p < 0)
		return;
	old = MemoryContextSwitchTo(reader->context);
	label = &reader->places->label[p];
	label->code = DatumGetTextPCopy(slot->tts_values[reader->code - 1]);
	label->kind = slot->tts_isnull[reader->kind - 1] ? NULL : DatumGetTextPCopy(slot->tts_values[reader->kind - 1]);
	label->is_region = label->kind != NULL && is_region(label->kind);
	MemoryContextSwitchTo(old);
}

/* The labels of a tree's units, in the current memory context. */
RgtPlaces
rgt_places_read(const RgtTree *tree)
{
	RgtPlaces	places = {.tree = tree};
	LabelReader reader = {.places = &places, .context = CurrentMemoryContext};
	Snapshot	snapshot = rgt_snapshot(RGT_CALLER);

	places.label = palloc_extended(sizeof(RgtLabel) * (Size) Max(tree->n, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	rgt_each_stored_of("units", "unit_id", tree->part ? tree->unit_id : NULL, tree->n, snapshot, add_label, &reader);
	UnregisterSnapshot(snapshot);
	return places;
}

/* The unit and those above it at least. */
static RgtPlaces
places_above(PlaceMemory *memory, int32 unit_id)
{
	MemoryContext old;

	if (!memory->knows_today)
		memory->today = rgt_today_of(RGT_CALLER);
	memory->knows_today = true;
	if (memory->all.tree == NULL && memory->read < RGT_FEW_UNITS)
	{
		const RgtTree *tree = rgt_tree_above(RGT_CALLER, memory->today, unit_id, RGT_FEW_UNITS);

		memory->read += tree->part ? Max(tree->n, 1) : RGT_FEW_UNITS;
		if (tree->part)
			return rgt_places_read(tree);
	}
	if (memory->all.tree == NULL)
	{
		old = MemoryContextSwitchTo(memory->memory.context);
		memory->all = rgt_places_read(rgt_tree_read(RGT_CALLER, memory->today));
		MemoryContextSwitchTo(old);
	}
	return memory->all;
}

/* Where the argument stands, if it is a visible unit; -1 if not. */
static int
find_argument(FunctionCallInfo fcinfo, PlaceMemory *memory, RgtPlaces *places)
{
	if (PG_ARGISNULL(0) || !rgt_in_sight(rgt_caller(), PG_GETARG_INT32(0)))
		return -1;
	*places = places_above(memory, PG_GETARG_INT32(0));
	return rgt_tree_find(places->tree, PG_GETARG_INT32(0));
}

/* ---- place_of_unit --------------------------------------------------------------------------- */

/* The codes from the root down to a unit, with slashes between them. */
static text *
path_of(const RgtPlaces *places, int p)
{
	Size		length = 0;
	text	   *path;
	char	   *end;

	for (int q = p; q >= 0; q = places->tree->parent[q])
		length += 1 + VARSIZE_ANY_EXHDR(places->label[q].code);
	path = palloc(VARHDRSZ + length - 1);
	SET_VARSIZE(path, VARHDRSZ + length - 1);
	end = VARDATA(path) + length - 1;
	for (int q = p; q >= 0; q = places->tree->parent[q])
	{
		const text *code = places->label[q].code;

		end -= VARSIZE_ANY_EXHDR(code);
		memcpy(end, VARDATA_ANY(code), VARSIZE_ANY_EXHDR(code));
		if (places->tree->parent[q] >= 0)
			*--end = '/';
	}
	return path;
}

/* The nearest unit of kind "region" at or above, else the one below the root; NULL for a root. */
static text *
region_of(const RgtPlaces *places, int p)
{
	int			top = -1;

	for (; p >= 0; p = places->tree->parent[p])
	{
		if (places->label[p].is_region)
			return places->label[p].code;
		if (places->tree->parent[p] >= 0)
			top = p;
	}
	return top < 0 ? NULL : places->label[top].code;
}

/* Whose children are looked for, in a part of the tree that has those above it alone. */
typedef struct Parent
{
	int32		unit_id;
	const RgtParents *moved;
} Parent;

/* Is the unit of a row below the one by its own row, and has not moved after the day? */
static bool
is_below(TupleTableSlot *slot, const void *arg)
{
	const Parent *parent = arg;
	TupleDesc	desc = slot->tts_tupleDescriptor;
	bool		isnull;
	Datum		parent_id = slot_getattr(slot, rgt_attnum(desc, "parent_id"), &isnull);

	return !isnull && DatumGetInt32(parent_id) == parent->unit_id &&
		rgt_find_parent(parent->moved, DatumGetInt32(slot_getattr(slot, rgt_attnum(desc, "unit_id"), &isnull))) == NULL;
}

/* Is any unit below the one by its own row? */
static bool
has_stayed_below(const Parent *parent)
{
	Snapshot	snapshot = rgt_snapshot(RGT_CALLER);
	Datum		key = Int32GetDatum(parent->unit_id);
	RgtLookup	lookup;
	bool		found = false;

	if (rgt_lookup_begin_by(&lookup, "units", rgt_column("units", "parent_id"), 1, AccessShareLock, snapshot))
	{
		rgt_lookup_keys(&lookup, &key);
		while (!found && rgt_lookup_next(&lookup, ForwardScanDirection))
			found = is_below(lookup.slot, parent);
		rgt_lookup_end(&lookup);
	}
	else
		found = rgt_any_stored("units", snapshot, 0, is_below, parent);
	UnregisterSnapshot(snapshot);
	return found;
}

static bool
is_leaf(const RgtTree *tree, int p)
{
	Parent		parent = {tree->unit_id[p], &tree->moved};

	if (!tree->part)
		return tree->children[p] == 0;
	for (int m = 0; m < tree->moved.n; m++)
	{
		if (tree->moved.parents[m].parent_id == parent.unit_id)
			return false;
	}
	return !has_stayed_below(&parent);
}

enum
{
	PLACE_PARENT_ID, PLACE_PARENT, PLACE_DEPTH, PLACE_PATH, PLACE_REGION, PLACE_IS_LEAF, PLACE_COLUMNS
};

/* A unit's place, column by column. */
static void
fill_place(const RgtPlaces *places, int p, Datum *values, bool *nulls)
{
	int			parent = places->tree->parent[p];
	text	   *region = region_of(places, p);

	memset(nulls, 0, sizeof(bool) * PLACE_COLUMNS);
	nulls[PLACE_PARENT] = parent < 0;
	nulls[PLACE_PARENT_ID] = parent < 0;
	values[PLACE_PARENT_ID] = parent < 0 ? (Datum) 0 : Int32GetDatum(places->tree->unit_id[parent]);
	values[PLACE_PARENT] = parent < 0 ? (Datum) 0 : PointerGetDatum(places->label[parent].code);
	values[PLACE_DEPTH] = Int32GetDatum(rgt_tree_depth(places->tree, p));
	values[PLACE_PATH] = PointerGetDatum(path_of(places, p));
	nulls[PLACE_REGION] = region == NULL;
	values[PLACE_REGION] = PointerGetDatum(region);
	values[PLACE_IS_LEAF] = BoolGetDatum(is_leaf(places->tree, p));
}

/*
 * place_of_unit(unit_id): (parent_id, parent, depth, path, region, is_leaf), all null for a unit that is not there or not in
 * sight.
 */
PG_FUNCTION_INFO_V1(rgt_place_of_unit);
Datum
rgt_place_of_unit(PG_FUNCTION_ARGS)
{
	PlaceMemory *memory = rgt_memory(fcinfo, sizeof(PlaceMemory));
	Datum		values[PLACE_COLUMNS];
	bool		nulls[PLACE_COLUMNS];
	RgtPlaces	places;
	int			p = find_argument(fcinfo, memory, &places);

	if (p < 0)
		PG_RETURN_NULL();
	fill_place(&places, p, values, nulls);
	return rgt_row(fcinfo, &memory->memory, &memory->desc, values, nulls);
}

/* ---- unit_tree_on ------------------------------------------------------------------------------ */

enum
{
	TREE_UNIT_ID, TREE_UNIT, TREE_NAME, TREE_KIND, TREE_PLACE, TREE_OPENED_ON = TREE_PLACE + PLACE_COLUMNS,
	TREE_CLOSED_ON, TREE_COLUMNS
};

typedef struct TreeRows
{
	ReturnSetInfo *result;
	Oid			caller;
	RgtPlaces	places;
} TreeRows;

/* Columns: unit_id, code, name, kind, opened_on, closed_on. */
static void
put_tree_row(TupleTableSlot *slot, void *arg)
{
	static const int at[] = {TREE_UNIT_ID, TREE_UNIT, TREE_NAME, TREE_KIND, TREE_OPENED_ON, TREE_CLOSED_ON};
	TreeRows   *rows = arg;
	int32		unit_id = DatumGetInt32(slot->tts_values[0]);
	int			p = rgt_tree_find(rows->places.tree, unit_id);
	Datum		values[TREE_COLUMNS];
	bool		nulls[TREE_COLUMNS];

	if (p < 0 || !rgt_in_sight(rows->caller, unit_id))
		return;
	for (int i = 0; i < (int) lengthof(at); i++)
	{
		values[at[i]] = slot->tts_values[i];
		nulls[at[i]] = slot->tts_isnull[i];
	}
	fill_place(&rows->places, p, &values[TREE_PLACE], &nulls[TREE_PLACE]);
	tuplestore_putvalues(rows->result->setResult, rows->result->setDesc, values, nulls);
}

/* unit_tree_on(day): the columns of view unit_tree, of every unit that is visible today. */
PG_FUNCTION_INFO_V1(rgt_unit_tree_on);
Datum
rgt_unit_tree_on(PG_FUNCTION_ARGS)
{
	static RgtQuery query = RGT_QUERY0(
		"SELECT unit_id, code, name, kind, opened_on, closed_on FROM regtarget.units ORDER BY unit_id");
	DateADT		day = rgt_required_day(fcinfo, 0, "day");
	TreeRows	rows = {.result = (ReturnSetInfo *) fcinfo->resultinfo};
	RgtSession	session;

	InitMaterializedSRF(fcinfo, 0);
	rgt_enter(&session);
	rows.caller = rgt_caller();
	rows.places = rgt_places_read(rgt_tree_read(RGT_CALLER, day));
	rgt_run(&query, RGT_CALLER, NULL, NULL, put_tree_row, &rows);
	rgt_end(&session);
	return (Datum) 0;
}

/* ---- ancestors_of_unit ------------------------------------------------------------------------- */

/* ancestors_of_unit(unit_id): (ancestor_id, ancestor, ancestor_kind, distance), the unit itself first. */
PG_FUNCTION_INFO_V1(rgt_ancestors_of_unit);
Datum
rgt_ancestors_of_unit(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	RgtPlaces	places;
	int			distance = 0;

	InitMaterializedSRF(fcinfo, 0);
	for (int p = find_argument(fcinfo, rgt_memory(fcinfo, sizeof(PlaceMemory)), &places); p >= 0; p = places.tree->parent[p])
	{
		Datum		values[4] = {
			Int32GetDatum(places.tree->unit_id[p]), PointerGetDatum(places.label[p].code),
			PointerGetDatum(places.label[p].kind), Int32GetDatum(distance++)
		};
		bool		nulls[4] = {false, false, places.label[p].kind == NULL, false};

		CHECK_FOR_INTERRUPTS();
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}
