/*
 * access/hierarchy.c
 *	  Which unit is below which in today's tree: looked up one by one or read all at once, and kept.
 *
 * Many sessions ask about a few units only.  So a unit that is asked about is looked up by its key, with
 * those above it.  When so many have been looked up that it would have cost less to read all, all are read:
 * then each unit has a place in an order in which all units below a unit follow it without a gap, so one is
 * below another when its place is between the other's and the last below that.  This takes 8 bytes a unit
 * where ids are dense, else 12.
 *
 * - A unit that was added later has no place; it is looked up as before, and its way up ends at a place.
 *	 So an INSERT changes nothing that is kept here, and neither does an UPDATE of other columns.
 * - A unit whose way up does not end at one without a parent (a parent is missing, or it is above itself:
 *	 only a broken restore can bring that) is never kept, and looked up each time.
 *
 * What is said of `units` and of who has moved is said in the functions under "the reader" alone.
 */
#include "postgres.h"

#include "access/table.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "access/access.h"
#include "access/hierarchy.h"
#include "access/validity.h"
#include "regtarget.h"

/*
 * So many units are looked up before all are read: for each block of the table, and at least.  After a change,
 * in a session that asked for so many before, the least is enough.
 */
#define LOOKED_UP_PER_BLOCK 2
#define LOOKED_UP_AT_LEAST 32

/* A unit and its parent (0: none; ids are positive). */
typedef struct Link
{
	int32		unit_id;
	int32		parent_id;
	char		status;			/* of the hash table's slot */
} Link;

#define SH_PREFIX links
#define SH_ELEMENT_TYPE Link
#define SH_KEY_TYPE int32
#define SH_KEY unit_id
#define SH_HASH_KEY(table, key) murmurhash32((uint32) (key))
#define SH_EQUAL(table, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

typedef struct Places
{
	MemoryContext context;
	RgtParents	moved;			/* units that stand elsewhere today than units.parent_id says */
	links_hash *looked_up;		/* units without a place; of each, all above it are here too, or have one */
	uint32		most_looked_up;
	int32		n;				/* places; 0: all is looked up */
	int32	   *last;			/* by place: the last place below it */
	int32	   *tops;			/* places of units without a parent, in order */
	int32		ntops;
	/* From ids to places: by_id[id - least_id] - 1, or where that is NULL by search. */
	int32	   *by_id;
	int32		least_id;
	int64		span;
	int32	   *ids;			/* sorted, n of them */
	int32	   *place;
} Places;

static Places *places = NULL;
RgtPlaceArray rgt_place_array = {0};

/* The way that was asked for last. */
static int32 *way_units = NULL;
static int	way_allocated = 0;

/* ---- the reader ------------------------------------------------------------------------------- */

typedef struct Links
{
	Link	   *links;
	int32		n;
	int32		allocated;
	AttrNumber	unit_id;
	AttrNumber	parent_id;
} Links;

static void
add_link(TupleTableSlot *slot, void *arg)
{
	Links	   *all = arg;
	Link	   *link;

	RGT_GROW(all->links, all->n, all->allocated);
	link = &all->links[all->n++];
	link->unit_id = DatumGetInt32(slot->tts_values[all->unit_id - 1]);
	link->parent_id = slot->tts_isnull[all->parent_id - 1] ? 0 : DatumGetInt32(slot->tts_values[all->parent_id - 1]);
}

/* The parent of a unit today, given that of its row. */
static int32
todays_parent(const RgtParents *moved, int32 unit_id, int32 parent_id)
{
	const RgtParent *parent = rgt_find_parent(moved, unit_id);

	return parent == NULL ? parent_id : parent->parent_id;
}

/* Who stands elsewhere today than his row says, into the current context, and until when. */
static RgtParents
read_moved(TimestampTz *until)
{
	Snapshot	snapshot = rgt_snapshot(rgt_newest_snapshot());
	RgtParents	moved = rgt_parents_today(snapshot, until);

	UnregisterSnapshot(snapshot);
	return moved;
}

/* All units with their parents. */
static Links
read_links(const RgtParents *moved)
{
	Links		all = {.links = palloc(sizeof(Link) * 1024), .allocated = 1024};
	Snapshot	snapshot = rgt_snapshot(rgt_newest_snapshot());
	Relation	units = table_open(rgt_relation("units"), AccessShareLock);

	all.unit_id = rgt_attnum(RelationGetDescr(units), "unit_id");
	all.parent_id = rgt_attnum(RelationGetDescr(units), "parent_id");
	table_close(units, NoLock);
	rgt_each_stored("units", snapshot, Max(all.unit_id, all.parent_id), add_link, &all);
	UnregisterSnapshot(snapshot);
	for (int32 i = 0; moved->n > 0 && i < all.n; i++)
		all.links[i].parent_id = todays_parent(moved, all.links[i].unit_id, all.links[i].parent_id);
	return all;
}

/* One unit's parent; false when there is no such unit.  The look-up is by the primary key of units. */
static bool
read_parent(RgtLookup *lookup, const RgtParents *moved, int32 unit_id, int32 *parent_id)
{
	Datum		key = Int32GetDatum(unit_id);
	bool		isnull;
	Datum		parent;

	rgt_lookup_keys(lookup, &key);
	if (!rgt_lookup_next(lookup, ForwardScanDirection))
		return false;
	parent = slot_getattr(lookup->slot, rgt_attnum(RelationGetDescr(lookup->table), "parent_id"), &isnull);
	*parent_id = todays_parent(moved, unit_id, isnull ? 0 : DatumGetInt32(parent));
	return true;
}

/* The unit above it in today's tree; 0: none, or no such unit. */
int32
rgt_parent_today(int32 unit_id)
{
	Snapshot	snapshot = rgt_snapshot(rgt_newest_snapshot());
	TimestampTz until;
	RgtParents	moved = rgt_parents_today(snapshot, &until);
	RgtLookup	lookup;
	int32		parent_id;
	bool		found;

	rgt_lookup_begin(&lookup, "units", NULL, 1, AccessShareLock, snapshot);
	found = read_parent(&lookup, &moved, unit_id, &parent_id);
	rgt_lookup_end(&lookup);
	UnregisterSnapshot(snapshot);
	return found ? parent_id : 0;
}

/* ---- giving places ------------------------------------------------------------------------------ */

static void *
array_of(Size size, int64 n)
{
	return palloc_extended(size * (Size) Max(n, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
}

/* Where an id leads: a unit's place (while places are given: its index among the links), -1: to none. */
static int32
find(const Places *p, int32 unit_id)
{
	int32		low = 0;
	int32		high = p->n;

	if (p->by_id != NULL)
	{
		int64		offset = (int64) unit_id - p->least_id;

		return offset < 0 || offset >= p->span ? -1 : p->by_id[offset] - 1;
	}
	while (low < high)
	{
		int32		middle = low + (high - low) / 2;

		if (p->ids[middle] < unit_id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < p->n && p->ids[low] == unit_id ? p->place[low] : -1;
}

/* Make what leads from ids to links: an array where ids are dense enough, else the sorted ids. */
static void
index_links(Places *p, const Links *all)
{
	int32		least = PG_INT32_MAX;
	int32		greatest = 0;

	for (int32 i = 0; i < all->n; i++)
	{
		least = Min(least, all->links[i].unit_id);
		greatest = Max(greatest, all->links[i].unit_id);
	}
	p->n = all->n;
	p->least_id = least;
	p->span = all->n == 0 ? 0 : (int64) greatest - least + 1;
	if (p->span <= (int64) all->n * 2 + 1024)
	{
		p->by_id = array_of(sizeof(int32), p->span);
		for (int32 i = 0; i < all->n; i++)
			p->by_id[all->links[i].unit_id - least] = i + 1;
		return;
	}
	qsort(all->links, all->n, sizeof(Link), rgt_order_by_unit);
	p->ids = array_of(sizeof(int32), all->n);
	p->place = array_of(sizeof(int32), all->n);
	for (int32 i = 0; i < all->n; i++)
	{
		p->ids[i] = all->links[i].unit_id;
		p->place[i] = i;
	}
}

/* The tree by index among the links, -1: none. */
typedef struct Family
{
	int32	   *parent;
	int32	   *first_child;
	int32	   *next;			/* sibling, or unit without a parent */
	int32		first_top;
	int32	   *place;			/* as it is given */
} Family;

/* Units whose parent is missing are nobody's children, and so get no place, nor does what is below them. */
static Family
make_family(const Places *p, const Links *all)
{
	Family		family = {
		.parent = array_of(sizeof(int32), all->n),
		.first_child = array_of(sizeof(int32), all->n),
		.next = array_of(sizeof(int32), all->n),
		.first_top = -1,
		.place = array_of(sizeof(int32), all->n)
	};

	memset(family.first_child, -1, sizeof(int32) * (Size) all->n);
	memset(family.place, -1, sizeof(int32) * (Size) all->n);
	for (int32 i = 0; i < all->n; i++)
	{
		int32		parent = all->links[i].parent_id == 0 ? -1 : find(p, all->links[i].parent_id);
		int32	   *first = all->links[i].parent_id == 0 ? &family.first_top : parent < 0 ? NULL : &family.first_child[parent];

		family.parent[i] = parent;
		if (first == NULL)
			continue;
		family.next[i] = *first;
		*first = i;
	}
	return family;
}

/* Give the unit and all below it their places: each one before those below it. */
static void
place_below(Places *p, Family *family, int32 top, int32 *given)
{
	int32		i = top;

	for (;;)
	{
		family->place[i] = (*given)++;
		if (family->first_child[i] >= 0)
		{
			i = family->first_child[i];
			continue;
		}
		for (; i != top && family->next[i] < 0; i = family->parent[i])
			p->last[family->place[i]] = *given - 1;
		p->last[family->place[i]] = *given - 1;
		if (i == top)
			return;
		i = family->next[i];
	}
}

static void
place_all(Places *p, Family *family)
{
	int32		given = 0;

	p->last = array_of(sizeof(int32), p->n);
	for (int32 i = family->first_top; i >= 0; i = family->next[i])
		p->ntops++;
	p->tops = array_of(sizeof(int32), p->ntops);
	p->ntops = 0;
	for (int32 i = family->first_top; i >= 0; i = family->next[i])
	{
		p->tops[p->ntops++] = given;
		place_below(p, family, i, &given);
	}
}

/* Give places to all units, in the context of `p`; what else it takes is freed. */
static void
read_all(Places *p)
{
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext, "regtarget places in the making", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(scratch);
	Links		all = read_links(&p->moved);
	Family		family;

	MemoryContextSwitchTo(p->context);
	index_links(p, &all);
	MemoryContextSwitchTo(scratch);
	family = make_family(p, &all);
	MemoryContextSwitchTo(p->context);
	place_all(p, &family);
	/* From now on ids lead to places. */
	for (int64 i = 0; i < p->span && p->by_id != NULL; i++)
		p->by_id[i] = p->by_id[i] == 0 ? 0 : family.place[p->by_id[i] - 1] + 1;
	for (int32 i = 0; i < p->n && p->by_id == NULL; i++)
		p->place[i] = family.place[i];
	MemoryContextSwitchTo(old);
	MemoryContextDelete(scratch);
}

/* ---- what is kept ------------------------------------------------------------------------------- */

static uint32
worth_reading_all(bool again)
{
	Relation	units = table_open(rgt_relation("units"), AccessShareLock);
	BlockNumber blocks = again ? 0 : RelationGetNumberOfBlocks(units);

	table_close(units, NoLock);
	return LOOKED_UP_AT_LEAST + LOOKED_UP_PER_BLOCK * Min(blocks, PG_INT32_MAX / LOOKED_UP_PER_BLOCK);
}

/* Begin anew, with nothing looked up yet, or with places for all. */
static void
begin(bool all)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "regtarget places", ALLOCSET_SMALL_SIZES);
	RgtValidity valid = rgt_valid_from_now_on(RGT_OF_TREE);
	Places	   *made = MemoryContextAllocZero(context, sizeof(Places));
	MemoryContext old;

	made->context = context;
	old = MemoryContextSwitchTo(context);
	made->moved = read_moved(&valid.until);
	MemoryContextSwitchTo(old);
	made->most_looked_up = worth_reading_all(!all && places != NULL && places->n > 0);
	made->looked_up = links_create(context, 16, NULL);
	if (all)
		read_all(made);
	MemoryContextSetParent(context, TopMemoryContext);
	if (places != NULL)
		MemoryContextDelete(places->context);
	places = made;
	rgt_place_array = (RgtPlaceArray) {valid, rgt_place_array.version + 1, made->by_id, made->least_id, made->span};
}

static Places *
current_places(void)
{
	if (places == NULL || !rgt_is_valid(&rgt_place_array.valid, RGT_OF_TREE))
		begin(false);
	return places;
}

/* What it is that places are of: as long as it stays the same they mean the same. */
uint64
rgt_places_version(void)
{
	current_places();
	return rgt_place_array.version;
}

/* The last place below a place, itself where there is none. */
int32
rgt_last_place_below(int32 place)
{
	return places->last[place];
}

/* Is it that of a unit without a parent? */
bool
rgt_is_top_place(int32 place)
{
	int32		low = 0;
	int32		high = places->ntops;

	while (low < high)
	{
		int32		middle = low + (high - low) / 2;

		if (places->tops[middle] < place)
			low = middle + 1;
		else
			high = middle;
	}
	return low < places->ntops && places->tops[low] == place;
}

/* ---- the way up ----------------------------------------------------------------------------------- */

static void
add_to_way(RgtWay *way, int32 unit_id)
{
	if (way->n == way_allocated)
	{
		int			more = Max(64, way_allocated * 2);

		way_units = way_units == NULL ? MemoryContextAlloc(TopMemoryContext, sizeof(int32) * more) :
			repalloc(way_units, sizeof(int32) * more);
		way_allocated = more;
	}
	way_units[way->n++] = unit_id;
	way->units = way_units;
}

/* Follow what has been looked up before; false where the unit has not. */
static bool
follow_known(Places *p, int32 unit_id, RgtWay *way)
{
	Link	   *link = links_lookup(p->looked_up, unit_id);

	if (link == NULL)
		return false;
	for (; link != NULL; link = links_lookup(p->looked_up, link->parent_id))
	{
		add_to_way(way, link->unit_id);
		unit_id = link->parent_id;
	}
	way->place = unit_id == 0 ? -1 : find(p, unit_id);
	Assert(unit_id == 0 || way->place >= 0);
	return true;
}

/* What was looked up for a way: its first units, and what is above the last of these. */
typedef struct Found
{
	int			n;
	int32		above;			/* 0: nothing */
} Found;

/*
 * Look up a unit that is not known, and those above it up to one that is; false when there is no such
 * unit, or when it is above itself.
 */
static bool
climb(Places *p, RgtLookup *lookup, int32 unit_id, RgtWay *way, Found *found)
{
	int32		met = unit_id;	/* of a cycle one is met again, when there are no more steps between */
	int32		steps = 0;
	int32		next_meeting = 1;

	for (;;)
	{
		CHECK_FOR_INTERRUPTS();
		if (!read_parent(lookup, &p->moved, unit_id, &found->above))
		{
			way->to_top = false;
			return way->n > 0;
		}
		add_to_way(way, unit_id);
		found->n = way->n;
		unit_id = found->above;
		if (unit_id == met)
			return false;
		if (unit_id == 0 || (way->place = find(p, unit_id)) >= 0 || follow_known(p, unit_id, way))
			return true;
		if (++steps == next_meeting)
		{
			met = unit_id;
			next_meeting *= 2;
			steps = 0;
		}
	}
}

static bool
look_up(Places *p, int32 unit_id, RgtWay *way, Found *found)
{
	Snapshot	snapshot = rgt_snapshot(rgt_newest_snapshot());
	RgtLookup	lookup;
	bool		there;

	rgt_lookup_begin(&lookup, "units", NULL, 1, AccessShareLock, snapshot);
	there = climb(p, &lookup, unit_id, way, found);
	rgt_lookup_end(&lookup);
	UnregisterSnapshot(snapshot);
	return there;
}

/*
 * Keep what was looked up, the highest first, so that nothing is kept without what is above it; when it gets too
 * much, give places to all.
 */
static void
keep(Places *p, const RgtWay *way, const Found *found)
{
	for (int i = found->n - 1; i >= 0; i--)
	{
		bool		is_known;
		Link	   *link = links_insert(p->looked_up, way->units[i], &is_known);

		link->parent_id = i + 1 < found->n ? way->units[i + 1] : found->above;
	}
	if (p->looked_up->members > p->most_looked_up)
		begin(true);
}

/* The way up from a unit; false when there is no such unit, or when it is above itself. */
bool
rgt_way_up(int32 unit_id, RgtWay *way)
{
	if (unit_id <= 0)
		return false;
	for (;;)
	{
		Places	   *p = current_places();
		uint64		before = rgt_place_array.version;
		Found		found = {0};
		RgtValidity valid;
		bool		there;

		way->n = 0;
		way->to_top = true;
		way->place = find(p, unit_id);
		if (way->place >= 0 || follow_known(p, unit_id, way))
			return true;
		valid = rgt_valid_from_now_on(RGT_OF_TREE);
		there = look_up(p, unit_id, way, &found);
		if (valid.changes != rgt_changes[RGT_OF_TREE])
			continue;			/* it changed while we looked */
		if (!there || !way->to_top)
			return there;
		if (rgt_add_to(&rgt_place_array.valid, &valid, RGT_OF_TREE))
			keep(p, way, &found);
		if (rgt_place_array.version == before)
			return true;
	}
}
