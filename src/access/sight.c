/*
 * access/sight.c
 *	  Who has which duty, and what is visible to whom.
 *
 * For each role that asks, its duties are read once, and those of all roles that it inherits from.  Where
 * the tree has been read (hierarchy.c), the places of their units and of all below them are made a list of
 * stretches with the duties over each: few, whatever the size of the tree.  How long this holds is said in
 * validity.c.
 */
#include "postgres.h"

#include "catalog/pg_auth_members.h"
#include "catalog/pg_authid.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "access/access.h"
#include "access/hierarchy.h"
#include "access/validity.h"
#include "regtarget.h"

/* Roles whose duties are kept; with one more all are forgotten. */
#define MOST_ROLES 64

/* What a role may whatever its duties: known without reading any. */
typedef struct Rights
{
	Oid			role;
	uint64		changes;
	bool		everything;		/* the owner's rights, or a superuser */
	bool		sees_all;		/* that, or not bound by row security */
} Rights;

typedef struct Duty
{
	int32		unit_id;
	int			bits;
} Duty;

/* From this place to before the next stretch: */
typedef struct Stretch
{
	int32		first;
	uint8		over;			/* duties at a unit or at all above it */
	uint8		at_top;			/* those of them at the unit without a parent */
} Stretch;

/* What one role has. */
typedef struct RoleSight
{
	Oid			role;
	MemoryContext context;
	int			n;
	Duty	   *duties;			/* in the order of their units */
	/* What follows from them and from the tree of that version. */
	uint64		version;
	bool		settled;		/* else some unit is missing or nowhere: asked anew each time */
	int			anywhere;		/* duties it has at all */
	int			at_top;			/* at units without a parent */
	int			nstretches;
	Stretch    *stretches;		/* the first begins at place 0 */
	struct RoleSight *next;
} RoleSight;

static Rights rights;

static RgtValidity roles_valid;
static MemoryContext roles_context = NULL;
static RoleSight *roles = NULL;		/* the last to ask comes first */
static int	nroles = 0;

/* ---- rights whatever the duties ---------------------------------------------------------------- */

static void
read_rights(Oid role)
{
	Rights		made = {.role = role};

	made.changes = rgt_valid_from_now_on(RGT_OF_DUTIES).changes;
	made.everything = superuser_arg(role) || has_privs_of_role(role, rgt_owner());
	made.sees_all = made.everything || has_bypassrls_privilege(role);
	rights = made;
}

/* A superuser, the owner of the extension, or whoever has the owner's privileges. */
bool
rgt_may_everything(Oid role)
{
	if (rights.role != role || rights.changes != rgt_changes[RGT_OF_DUTIES])
		read_rights(role);
	return rights.everything;
}

/* One of those, or a role that row security does not bind. */
bool
rgt_sees_all(Oid role)
{
	if (rights.role != role || rights.changes != rgt_changes[RGT_OF_DUTIES])
		read_rights(role);
	return rights.sees_all;
}

/* ---- the duties of a role ------------------------------------------------------------------------ */

/* The bit of a duty by its name; 0: there is none. */
int
rgt_duty_bit(const char *duty)
{
	static const struct
	{
		const char *name;
		int			bit;
	}			names[] = {
		{"planner", RGT_PLANNER}, {"manager", RGT_MANAGER}, {"finance", RGT_FINANCE}, {"viewer", RGT_VIEWER}
	};

	for (int i = 0; i < (int) lengthof(names); i++)
	{
		if (strcmp(names[i].name, duty) == 0)
			return names[i].bit;
	}
	return 0;
}

/*
 * Does a duty of that role count for this one?  For whoever inherits it; for a superuser, who has
 * everybody's privileges, only as a member, so that it is one on record.
 */
static bool
counts_for(Oid role, Oid of)
{
	return superuser_arg(role) ? is_member_of_role_nosuper(role, of) : has_privs_of_role(role, of);
}

/* The roles whose duties count for a role: itself, and those that it is a member of, at any remove. */
static List *
roles_behind(Oid role)
{
	List	   *behind = list_make1_oid(role);

	if (counts_for(role, ROLE_PG_DATABASE_OWNER))
		behind = list_append_unique_oid(behind, ROLE_PG_DATABASE_OWNER);
	for (int i = 0; i < list_length(behind); i++)
	{
		CatCList   *of = SearchSysCacheList1(AUTHMEMMEMROLE, ObjectIdGetDatum(list_nth_oid(behind, i)));

		for (int m = 0; m < of->n_members; m++)
		{
			Oid			next = ((Form_pg_auth_members) GETSTRUCT(&of->members[m]->tuple))->roleid;

			if (counts_for(role, next))
				behind = list_append_unique_oid(behind, next);
		}
		ReleaseSysCacheList(of);
	}
	return behind;
}

/* Sort them, and make those at one unit one. */
static void
order_duties(RoleSight *r)
{
	int			n = 0;

	qsort(r->duties, r->n, sizeof(Duty), rgt_order_by_unit);
	for (int i = 0; i < r->n; i++)
	{
		if (n > 0 && r->duties[n - 1].unit_id == r->duties[i].unit_id)
			r->duties[n - 1].bits |= r->duties[i].bits;
		else
			r->duties[n++] = r->duties[i];
	}
	r->n = n;
}

static void
add_duties(RoleSight *r, RgtLookup *lookup, int *allocated)
{
	TupleDesc	desc = RelationGetDescr(lookup->table);
	AttrNumber	unit_id = rgt_attnum(desc, "unit_id");
	AttrNumber	duty = rgt_attnum(desc, "duty");
	bool		isnull;

	while (rgt_lookup_next(lookup, ForwardScanDirection))
	{
		RGT_GROW(r->duties, r->n, *allocated);
		r->duties[r->n].unit_id = DatumGetInt32(slot_getattr(lookup->slot, unit_id, &isnull));
		r->duties[r->n].bits = rgt_duty_bit(TextDatumGetCString(slot_getattr(lookup->slot, duty, &isnull)));
		r->n++;
	}
}

/* Duties are on record by the names of roles. */
static void
read_duties(RoleSight *r)
{
	List	   *behind = roles_behind(r->role);
	Snapshot	snapshot = rgt_snapshot(rgt_newest_snapshot());
	int			allocated = 4;
	RgtLookup	lookup;

	r->duties = palloc(sizeof(Duty) * allocated);
	rgt_lookup_begin(&lookup, "duties", NULL, 1, AccessShareLock, snapshot);
	for (int i = 0; i < list_length(behind); i++)
	{
		char	   *name = GetUserNameFromId(list_nth_oid(behind, i), true);
		NameData	key;
		Datum		value;

		if (name == NULL)
			continue;
		namestrcpy(&key, name);
		value = NameGetDatum(&key);
		rgt_lookup_keys(&lookup, &value);
		add_duties(r, &lookup, &allocated);
	}
	rgt_lookup_end(&lookup);
	UnregisterSnapshot(snapshot);
	order_duties(r);
}

/* ---- what follows from them in the tree ----------------------------------------------------------- */

/* The duties at this very unit. */
static int
duties_at(const RoleSight *r, int32 unit_id)
{
	int			low = 0;
	int			high = r->n;

	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (r->duties[middle].unit_id < unit_id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < r->n && r->duties[low].unit_id == unit_id ? r->duties[low].bits : 0;
}

/* The places of a unit and of all below it, and the duties at the unit. */
typedef struct Span
{
	int32		first;
	int32		last;
	int			bits;
	bool		top;
} Span;

static int
compare_spans(const void *a, const void *b)
{
	return RGT_ORDER(((const Span *) a)->first, ((const Span *) b)->first);
}

static void
add_stretch(RoleSight *r, int32 first, uint8 over, uint8 at_top)
{
	if (r->nstretches > 0 && r->stretches[r->nstretches - 1].first == first)
		r->nstretches--;
	r->stretches[r->nstretches++] = (Stretch) {first, over, at_top};
}

/*
 * Spans lie within each other or apart.  Each begins a stretch, and so does what comes after it, which has
 * what the span around it has.
 */
static void
make_stretches(RoleSight *r, Span *spans, int n)
{
	int		   *around = palloc(sizeof(int) * (n + 1));	/* the spans that are open, by depth */
	Stretch    *has = palloc(sizeof(Stretch) * (n + 1));	/* what each of them has; at first nothing */
	int			depth = 0;

	qsort(spans, n, sizeof(Span), compare_spans);
	has[0] = (Stretch) {0};
	add_stretch(r, 0, 0, 0);
	for (int i = 0; i <= n; i++)
	{
		while (depth > 0 && (i == n || spans[around[depth]].last < spans[i].first))
		{
			int32		after = spans[around[depth--]].last + 1;

			add_stretch(r, after, has[depth].over, has[depth].at_top);
		}
		if (i == n)
			break;
		around[++depth] = i;
		has[depth].over = has[depth - 1].over | spans[i].bits;
		has[depth].at_top = has[depth - 1].at_top | (spans[i].top ? spans[i].bits : 0);
		add_stretch(r, spans[i].first, has[depth].over, has[depth].at_top);
	}
	pfree(around);
	pfree(has);
}

/* Where the units of its duties stand: what it has anywhere and at the top, and the spans of those that have a place. */
static int
collect_spans(RoleSight *r, Span *spans, bool *missing)
{
	int			n = 0;

	r->anywhere = 0;
	r->at_top = 0;
	*missing = false;
	for (int i = 0; i < r->n; i++)
	{
		const Duty *duty = &r->duties[i];
		RgtWay		way;
		bool		top;

		if (!rgt_way_up(duty->unit_id, &way))
		{
			*missing = true;
			continue;
		}
		top = way.n == 0 ? rgt_is_top_place(way.place) : way.n == 1 && way.place < 0 && way.to_top;
		r->anywhere |= duty->bits;
		r->at_top |= top ? duty->bits : 0;
		if (way.n == 0)
			spans[n++] = (Span) {way.place, rgt_last_place_below(way.place), duty->bits, top};
	}
	return n;
}

/* Say what follows from a role's duties in the tree of now.  It may change, or be read, meanwhile: then again. */
static void
settle(RoleSight *r)
{
	Span	   *spans = palloc(sizeof(Span) * Max(r->n, 1));
	uint64		version;
	bool		missing;
	int			n;

	r->settled = false;			/* in case of an error */
	do
	{
		version = rgt_places_version();
		n = collect_spans(r, spans, &missing);
	} while (version != rgt_places_version());
	r->nstretches = 0;
	if (r->stretches != NULL)
		pfree(r->stretches);
	r->stretches = NULL;
	r->stretches = MemoryContextAllocHuge(r->context, sizeof(Stretch) * (2 * (Size) n + 1));
	make_stretches(r, spans, n);
	pfree(spans);
	r->version = version;
	r->settled = !missing;
}

static const Stretch *
stretch_of(const RoleSight *r, int32 place)
{
	int			low = 0;
	int			high = r->nstretches;

	while (high - low > 1)
	{
		int			middle = low + (high - low) / 2;

		if (r->stretches[middle].first <= place)
			low = middle;
		else
			high = middle;
	}
	return &r->stretches[low];
}

/* ---- one role ------------------------------------------------------------------------------------ */

static void
forget_roles(void)
{
	if (roles_context == NULL)
		roles_context = AllocSetContextCreate(TopMemoryContext, "regtarget duties", ALLOCSET_SMALL_SIZES);
	roles = NULL;
	nroles = 0;
	MemoryContextReset(roles_context);
	roles_valid = rgt_valid_from_now_on(RGT_OF_DUTIES);
}

/* Read what a role has; NULL when something of it has changed meanwhile. */
static RoleSight *
read_role(Oid role)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "regtarget duties of a role", ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	RgtValidity valid = rgt_valid_from_now_on(RGT_OF_DUTIES);
	RoleSight  *r = palloc0(sizeof(RoleSight));

	r->role = role;
	r->context = context;
	read_duties(r);
	MemoryContextSwitchTo(old);
	if (!rgt_add_to(&roles_valid, &valid, RGT_OF_DUTIES))
	{
		MemoryContextDelete(context);
		return NULL;
	}
	MemoryContextSetParent(context, roles_context);
	r->next = roles;
	roles = r;
	nroles++;
	return r;
}

/* Find one that was read before, and put it in front. */
static RoleSight *
find_role(Oid role)
{
	for (RoleSight **link = &roles; *link != NULL; link = &(*link)->next)
	{
		RoleSight  *r = *link;

		if (r->role != role)
			continue;
		*link = r->next;
		r->next = roles;
		roles = r;
		return r;
	}
	return NULL;
}

/* What a role has. */
static const RoleSight *
sight_of(Oid role)
{
	RoleSight  *r = NULL;

	while (r == NULL)
	{
		if (roles_context == NULL || !rgt_is_valid(&roles_valid, RGT_OF_DUTIES))
			forget_roles();
		r = find_role(role);
		if (r == NULL && nroles == MOST_ROLES)
			forget_roles();
		if (r == NULL)
			r = read_role(role);
	}
	if (!r->settled || r->version != rgt_places_version())
		settle(r);
	return r;
}

/* What a role has, and the way up from a unit; NULL when there is no such unit, or when it is above itself. */
static const RoleSight *
sight_along(Oid role, int32 unit_id, RgtWay *way)
{
	const RoleSight *r;

	do
	{
		r = sight_of(role);
		if (!rgt_way_up(unit_id, way))
			return NULL;
	} while (r->version != rgt_places_version());
	return r;
}

static int
duties_along(const RoleSight *r, const RgtWay *way)
{
	int			bits = way->place < 0 ? 0 : stretch_of(r, way->place)->over;

	for (int i = 0; i < way->n; i++)
		bits |= duties_at(r, way->units[i]);
	return bits;
}

/* The duties that a role has on record at this very unit. */
int
rgt_duties_at(Oid role, int32 unit_id)
{
	RgtWay		way;
	const RoleSight *r = sight_along(role, unit_id, &way);

	return r == NULL ? 0 : duties_at(r, unit_id);
}

/* The units at which it has any duty, in order; a copy. */
int32 *
rgt_units_of_duties(Oid role, int *n)
{
	const RoleSight *r = sight_of(role);
	int32	   *unit_id = palloc(sizeof(int32) * Max(r->n, 1));

	*n = r->n;
	for (int i = 0; i < r->n; i++)
		unit_id[i] = r->duties[i].unit_id;
	return unit_id;
}

/* The duties that it has on record at the unit and at all units above it.  Asked for every row, so by the shortest way. */
int
rgt_duties_over(Oid role, int32 unit_id)
{
	const RoleSight *r = roles;
	RgtWay		way;

	if (r != NULL && r->role == role && r->settled && rgt_is_valid(&roles_valid, RGT_OF_DUTIES))
	{
		int32		place = rgt_place_at_once(unit_id, r->version);

		if (place >= 0)
			return stretch_of(r, place)->over;
	}
	r = sight_along(role, unit_id, &way);
	return r == NULL ? 0 : duties_along(r, &way);
}

/* The duties that it has on record anywhere. */
int
rgt_duties_anywhere(Oid role)
{
	return sight_of(role)->anywhere;
}

/* The duties that it has on record at units without a parent. */
int
rgt_duties_at_top(Oid role)
{
	return sight_of(role)->at_top;
}

/* The duties that it has on record at the unit without a parent that this one is below. */
int
rgt_duties_at_top_of(Oid role, int32 unit_id)
{
	RgtWay		way;
	const RoleSight *r = sight_along(role, unit_id, &way);

	if (r == NULL || !way.to_top)
		return 0;
	return way.place >= 0 ? stretch_of(r, way.place)->at_top : duties_at(r, way.units[way.n - 1]);
}

/* Has a role any duty, or the rights to do without? */
bool
rgt_sees_anything(Oid role)
{
	return rgt_sees_all(role) || rgt_duties_anywhere(role) != 0;
}

/* Does a role see a unit?  The company's chain of the ledger, unit 0, with a duty at a unit without a parent. */
bool
rgt_in_sight(Oid role, int32 unit_id)
{
	return rgt_sees_all(role) ||
		(unit_id == RGT_COMPANY ? rgt_duties_at_top(role) : rgt_duties_over(role, unit_id)) != 0;
}

/* ---- the row of a plan ------------------------------------------------------------------------------ */

/* Is a unit at the root of a plan or below it?  The root's place: -1 where it has none. */
static bool
is_in_plan(int32 unit_id, int32 root, int32 root_place)
{
	RgtWay		way;

	if (!rgt_way_up(unit_id, &way))
		return false;
	if (root_place >= 0)
		return way.place >= root_place && way.place <= rgt_last_place_below(root_place);
	for (int i = 0; i < way.n; i++)
	{
		if (way.units[i] == root)
			return true;
	}
	return false;
}

/* Is a unit of one of these duties the root of a plan, above it, or below it? */
static bool
has_duty_around(Oid role, int32 root, int bits)
{
	const RoleSight *r;
	RgtWay		way;
	bool		found;

	do
	{
		r = sight_along(role, root, &way);
		if (r == NULL)
			return false;
		found = (duties_along(r, &way) & bits) != 0;
		for (int i = 0; i < r->n && !found; i++)
			found = (r->duties[i].bits & bits) != 0 &&
				is_in_plan(r->duties[i].unit_id, root, way.n == 0 ? way.place : -1);
	} while (r->version != rgt_places_version());
	return found;
}

/*
 * Does a role see a plan's row?  Planners do who have a say anywhere in it; others once it is open to
 * them and they have a duty anywhere in it, or above.
 */
bool
rgt_plan_row_in_sight(Oid role, int32 root, bool open)
{
	return rgt_sees_all(role) || has_duty_around(role, root, open ? RGT_ANY_DUTY : RGT_PLANNER);
}
