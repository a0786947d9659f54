/*
 * units/places.c
 *	  unit_places() and unit_pairs(): where each unit in sight stands in the tree of all units.
 *
 * The tree is read once, whatever its depth.  Paths are made only for the units that are told, so that the cost
 * of a deep tree is that of the rows shown.
 */
#include "postgres.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/snapmgr.h"

#include "access/access.h"
#include "regtarget.h"
#include "units/units.h"

/* What the tree does not know of a unit; NULL: nothing on record. */
typedef struct Label
{
	text	   *code;
	text	   *name;
	text	   *kind;
	int32		parent_id;		/* 0: none */
	bool		is_region;
} Label;

typedef struct Places
{
	ReturnSetInfo *result;
	Oid			caller;
	RgtTree    *tree;
	Label	   *label;			/* by position */
	MemoryContext context;
	AttrNumber	unit_id;		/* columns of the table; 0: not looked up yet */
	AttrNumber	code;
	AttrNumber	name;
	AttrNumber	kind;
	AttrNumber	parent_id;
} Places;

static void
find_columns(Places *places, TupleDesc desc)
{
	places->unit_id = rgt_attnum(desc, "unit_id");
	places->code = rgt_attnum(desc, "code");
	places->name = rgt_attnum(desc, "name");
	places->kind = rgt_attnum(desc, "kind");
	places->parent_id = rgt_attnum(desc, "parent_id");
}

static text *
text_of(TupleTableSlot *slot, AttrNumber column)
{
	return slot->tts_isnull[column - 1] ? NULL : DatumGetTextPCopy(slot->tts_values[column - 1]);
}

static bool
is_region(const text *kind)
{
	return kind != NULL && VARSIZE_ANY_EXHDR(kind) == strlen("region") &&
		memcmp(VARDATA_ANY(kind), "region", strlen("region")) == 0;
}

static void
add_label(TupleTableSlot *slot, void *arg)
{
	Places	   *places = arg;
	MemoryContext old;
	Label	   *label;
	int			p;

	if (places->unit_id == 0)
		find_columns(places, slot->tts_tupleDescriptor);
	p = rgt_tree_find(places->tree, DatumGetInt32(slot->tts_values[places->unit_id - 1]));
	if (p < 0)
		return;
	old = MemoryContextSwitchTo(places->context);
	label = &places->label[p];
	label->code = text_of(slot, places->code);
	label->name = text_of(slot, places->name);
	label->kind = text_of(slot, places->kind);
	label->parent_id = slot->tts_isnull[places->parent_id - 1] ? 0 :
		DatumGetInt32(slot->tts_values[places->parent_id - 1]);
	label->is_region = is_region(label->kind);
	MemoryContextSwitchTo(old);
}

static Places
read_places(FunctionCallInfo fcinfo)
{
	Places		places = {.result = (ReturnSetInfo *) fcinfo->resultinfo, .context = CurrentMemoryContext};
	Snapshot	snapshot = rgt_snapshot(RGT_CALLER);

	places.caller = rgt_caller();
	places.tree = rgt_tree_read(RGT_CALLER);
	places.label = palloc_extended(sizeof(Label) * (Size) Max(places.tree->n, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	rgt_each_stored("units", snapshot, 0, add_label, &places);
	UnregisterSnapshot(snapshot);
	return places;
}

/* Call `tell` for each unit in sight, parents before their children. */
static void
each_in_sight(Places *places, void (*tell) (Places *places, int p))
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "regtarget place", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);

	for (int p = 0; p < places->tree->n; p++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!rgt_in_sight(places->caller, places->tree->unit_id[p]))
			continue;
		tell(places, p);
		MemoryContextReset(context);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}

/* ---- unit_places ---------------------------------------------------------------------------- */

/* The codes from the root down to a unit, with slashes between them. */
static text *
path_of(const Places *places, int p)
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
region_of(const Places *places, int p)
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

enum
{
	PLACE_ID, PLACE_CODE, PLACE_NAME, PLACE_KIND, PLACE_PARENT_ID, PLACE_PARENT, PLACE_DEPTH, PLACE_PATH,
	PLACE_REGION, PLACE_IS_LEAF, PLACE_OPENED_ON, PLACE_CLOSED_ON, PLACE_COLUMNS
};

static void
tell_place(Places *places, int p)
{
	const RgtTree *tree = places->tree;
	const Label *label = &places->label[p];
	text	   *parent = tree->parent[p] < 0 ? NULL : places->label[tree->parent[p]].code;
	text	   *region = region_of(places, p);
	Datum		values[PLACE_COLUMNS] = {
		[PLACE_ID] = Int32GetDatum(tree->unit_id[p]),
		[PLACE_CODE] = PointerGetDatum(label->code),
		[PLACE_NAME] = PointerGetDatum(label->name),
		[PLACE_KIND] = PointerGetDatum(label->kind),
		[PLACE_PARENT_ID] = Int32GetDatum(label->parent_id),
		[PLACE_PARENT] = PointerGetDatum(parent),
		[PLACE_DEPTH] = Int32GetDatum(rgt_tree_depth(tree, p)),
		[PLACE_PATH] = PointerGetDatum(path_of(places, p)),
		[PLACE_REGION] = PointerGetDatum(region),
		[PLACE_IS_LEAF] = BoolGetDatum(tree->children[p] == 0),
		[PLACE_OPENED_ON] = DateADTGetDatum(tree->opened_on[p]),
		[PLACE_CLOSED_ON] = DateADTGetDatum(tree->closed_on[p])
	};
	bool		nulls[PLACE_COLUMNS] = {
		[PLACE_NAME] = label->name == NULL,
		[PLACE_KIND] = label->kind == NULL,
		[PLACE_PARENT_ID] = label->parent_id == 0,
		[PLACE_PARENT] = parent == NULL,
		[PLACE_REGION] = region == NULL,
		[PLACE_OPENED_ON] = DATE_IS_NOBEGIN(tree->opened_on[p]),
		[PLACE_CLOSED_ON] = DATE_IS_NOEND(tree->closed_on[p])
	};

	tuplestore_putvalues(places->result->setResult, places->result->setDesc, values, nulls);
}

/* unit_places(): the rows of view unit_tree. */
PG_FUNCTION_INFO_V1(rgt_unit_places);
Datum
rgt_unit_places(PG_FUNCTION_ARGS)
{
	RgtSession	session;
	Places		places;

	InitMaterializedSRF(fcinfo, 0);
	rgt_enter(&session);
	places = read_places(fcinfo);
	each_in_sight(&places, tell_place);
	rgt_end(&session);
	return (Datum) 0;
}

/* ---- unit_pairs ----------------------------------------------------------------------------- */

enum
{
	PAIR_ID, PAIR_CODE, PAIR_ANCESTOR_ID, PAIR_ANCESTOR, PAIR_ANCESTOR_KIND, PAIR_DISTANCE, PAIR_COLUMNS
};

/* The unit with itself, and with each unit above it. */
static void
tell_pairs(Places *places, int p)
{
	const RgtTree *tree = places->tree;
	int			distance = 0;

	for (int above = p; above >= 0; above = tree->parent[above])
	{
		const Label *label = &places->label[above];
		Datum		values[PAIR_COLUMNS] = {
			[PAIR_ID] = Int32GetDatum(tree->unit_id[p]),
			[PAIR_CODE] = PointerGetDatum(places->label[p].code),
			[PAIR_ANCESTOR_ID] = Int32GetDatum(tree->unit_id[above]),
			[PAIR_ANCESTOR] = PointerGetDatum(label->code),
			[PAIR_ANCESTOR_KIND] = PointerGetDatum(label->kind),
			[PAIR_DISTANCE] = Int32GetDatum(distance++)
		};
		bool		nulls[PAIR_COLUMNS] = {[PAIR_ANCESTOR_KIND] = label->kind == NULL};

		CHECK_FOR_INTERRUPTS();
		tuplestore_putvalues(places->result->setResult, places->result->setDesc, values, nulls);
	}
}

/* unit_pairs(): the rows of view unit_ancestors. */
PG_FUNCTION_INFO_V1(rgt_unit_pairs);
Datum
rgt_unit_pairs(PG_FUNCTION_ARGS)
{
	RgtSession	session;
	Places		places;

	InitMaterializedSRF(fcinfo, 0);
	rgt_enter(&session);
	places = read_places(fcinfo);
	each_in_sight(&places, tell_pairs);
	rgt_end(&session);
	return (Datum) 0;
}
