/*
 * plans/publish_tree.c
 *	  A plan that is to be published against the tree of its period's first day: every unit of it stands where
 *	  the plan has it and is open, and none is missing from the middle.
 *
 * Numbers may be typed, so a plan need not hold every unit.  But where a unit is missing of which both a sibling
 * and something below are there, the units below it would count at the top beside its siblings, and the sums
 * would still be met.  A level that is left out as a whole is no such case.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "plans/publish.h"
#include "regtarget.h"
#include "units/units.h"

/* Raise 55000: what keeps a plan from being published. */
void
rgt_refuse_plan(const RgtPlanRow *plan, const char *why, const char *detail, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("plan %" PRId64 " cannot be published: %s", plan->plan_id, why),
			 errdetail_internal("%s", detail),
			 errhint("%s", hint)));
}

/* The tree as the plan uses it; arrays over its positions. */
typedef struct Places
{
	const RgtPlanRow *plan;
	const RgtTree *tree;
	bool	   *in_plan;
	bool	   *holds;			/* the plan has a unit below it */
	int		   *children;		/* of them, how many the plan has */
	bool	   *within;			/* is the plan's root or below it */
	int		   *closed;			/* the nearest that is not open on the day, itself or above it up to the root; -1: none */
} Places;

static void *
array_of(Size size, int n)
{
	return palloc_extended(size * (Size) Max(n, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
}

/* From the roots down: what is the plan's, and what is open. */
static void
place_units(Places *places)
{
	const RgtTree *tree = places->tree;

	for (int p = 0; p < tree->n; p++)
	{
		int			parent = tree->parent[p];
		bool		is_root = tree->unit_id[p] == places->plan->root;

		places->within[p] = is_root || (parent >= 0 && places->within[parent]);
		if (!places->within[p])
			continue;
		places->closed[p] = !rgt_tree_open(tree, p, places->plan->first) ? p : is_root ? -1 : places->closed[parent];
	}
}

/* From the leaves up: what the plan has, and below what. */
static void
place_targets(Places *places, const RgtPlanTarget *targets, int n)
{
	const RgtTree *tree = places->tree;

	for (int i = 0; i < n; i++)
	{
		int			p = rgt_tree_find(tree, targets[i].unit_id);

		if (p >= 0)
			places->in_plan[p] = true;
	}
	for (int p = tree->n - 1; p >= tree->roots; p--)
	{
		int			parent = tree->parent[p];

		places->children[parent] += places->in_plan[p];
		places->holds[parent] |= places->in_plan[p] || places->holds[p];
	}
}

static char *
name_at(const Places *places, int p)
{
	return rgt_unit_name(places->tree->unit_id[p]);
}

/* ---- where each unit stands -------------------------------------------------------------------------- */

/*
 * The plan says where the unit stood; where it stands now is perhaps not the caller's to know.
 */
static void
refuse_moved(const Places *places, const RgtPlanTarget *target)
{
	int			p = rgt_tree_find(places->tree, target->unit_id);
	int			parent = places->tree->parent[p];
	int32		parent_id = parent < 0 ? 0 : places->tree->unit_id[parent];
	char	   *day = rgt_date_text(places->plan->first);

	rgt_refuse_plan(places->plan, rgt_text("its tree is not that of the period's first day any more"),
					target->parent_id != 0 && target->parent_id != parent_id ?
					psprintf(rgt_text("Unit \"%s\" is below \"%s\" in the plan, but not on %s."), name_at(places, p),
							 rgt_unit_name(target->parent_id), day) :
					psprintf(rgt_text("Unit \"%s\" is not below \"%s\", the plan's root, on %s."), name_at(places, p),
							 rgt_unit_name(places->plan->root), day),
					rgt_text("Allocate the plan again, or type its numbers anew."));
}

/* When a unit is open that is not on the period's first day. */
static char *
days_open(const char *unit, DateADT from, DateADT until, const char *day)
{
	if (from == DATEVAL_NOBEGIN)
		return psprintf(rgt_text("Unit \"%s\" is open until %s, the period begins on %s."), unit, rgt_date_text(until), day);
	if (until == DATEVAL_NOEND)
		return psprintf(rgt_text("Unit \"%s\" is open from %s, the period begins on %s."), unit, rgt_date_text(from), day);
	return psprintf(rgt_text("Unit \"%s\" is open from %s to %s, the period begins on %s."), unit, rgt_date_text(from),
					rgt_date_text(until), day);
}

/* The same of a unit above it. */
static char *
days_open_above(const char *unit, const char *above, DateADT from, DateADT until, const char *day)
{
	if (from == DATEVAL_NOBEGIN)
		return psprintf(rgt_text("Unit \"%s\" is below \"%s\", which is open until %s; the period begins on %s."), unit, above,
						rgt_date_text(until), day);
	if (until == DATEVAL_NOEND)
		return psprintf(rgt_text("Unit \"%s\" is below \"%s\", which is open from %s; the period begins on %s."), unit, above,
						rgt_date_text(from), day);
	return psprintf(rgt_text("Unit \"%s\" is below \"%s\", which is open from %s to %s; the period begins on %s."), unit, above,
					rgt_date_text(from), rgt_date_text(until), day);
}

static void
refuse_closed(const Places *places, int p)
{
	int			closed = places->closed[p];
	DateADT		from = places->tree->opened_on[closed];
	DateADT		until = places->tree->closed_on[closed];
	char	   *day = rgt_date_text(places->plan->first);

	rgt_refuse_plan(places->plan, rgt_text("a unit of it is not open on the period's first day"),
					closed == p ? days_open(name_at(places, p), from, until, day) :
					days_open_above(name_at(places, p), name_at(places, closed), from, until, day),
					rgt_text("Allocate the plan again, or delete the target."));
}

/* Each unit that there is; who is gone from the tree is for others to tell. */
static void
check_places(const Places *places, const RgtPlanTarget *targets, int n)
{
	const RgtTree *tree = places->tree;

	for (int i = 0; i < n; i++)
	{
		int			p = rgt_tree_find(tree, targets[i].unit_id);
		int32		parent_id;

		if (p < 0)
			continue;
		parent_id = targets[i].unit_id == places->plan->root || tree->parent[p] < 0 ? 0 : tree->unit_id[tree->parent[p]];
		if (!places->within[p] || targets[i].parent_id != parent_id)
			refuse_moved(places, &targets[i]);
	}
	for (int i = 0; i < n; i++)
	{
		int			p = rgt_tree_find(tree, targets[i].unit_id);

		if (p >= 0 && places->closed[p] >= 0)
			refuse_closed(places, p);
	}
}

/* ---- who is missing ------------------------------------------------------------------------------------ */

/* A child of the unit that the plan has. */
static int
child_in_plan(const Places *places, int parent)
{
	int			c = places->tree->first_child[parent];

	while (!places->in_plan[c])
		c++;
	return c;
}

/* A unit below that the plan has, which there is. */
static int
below_in_plan(const Places *places, int p)
{
	while (places->children[p] == 0)
	{
		int			c = places->tree->first_child[p];

		while (!places->holds[c])
			c++;
		p = c;
	}
	return child_in_plan(places, p);
}

/*
 * What to do about a missing unit.  An import may have refused its row, which waits: named to whom the row is
 * shown.  A row may also name its unit by an alias, or wrongly, so that it cannot be known for sure.
 */
static char *
advice_on(const Places *places, int p)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT string_agg(reject_id::text, ', ' ORDER BY reject_id) FILTER (WHERE is_of_unit), "
		"string_agg(reject_id::text, ', ' ORDER BY reject_id) FROM ("
		"SELECT w.*, row_number() OVER (PARTITION BY is_of_unit ORDER BY reject_id) AS n FROM ("
		"SELECT r.reject_id, u.code IS NOT NULL AS is_of_unit FROM regtarget.import_rejects r "
		"LEFT JOIN regtarget.units u ON u.unit_id = $2 AND (u.code = btrim(r.row ->> 'unit') OR EXISTS ("
		"SELECT FROM regtarget.aliases a WHERE a.kind = 'unit' AND a.source = coalesce(r.source, '') "
		"AND a.source_id = btrim(r.row ->> 'unit') AND a.means = u.code)) "
		"WHERE r.target = 'targets_in' AND btrim(r.row ->> 'period') = $1 "
		"AND (has_table_privilege($3, 'regtarget.targets_in', 'INSERT') "
		"OR pg_has_role($3, to_regrole(quote_ident(r.by_duty_of))::oid, 'USAGE'))) w) x WHERE n <= 3",
		TEXTOID, INT4OID, OIDOID);
	Datum		arguments[3] = {PointerGetDatum(places->plan->period), Int32GetDatum(places->tree->unit_id[p]),
	ObjectIdGetDatum(rgt_caller())};
	Datum		ids[2];
	bool		none[2];

	rgt_one(&query, RGT_LATEST, arguments, NULL, ids, none, 2);
	if (!none[0])
		return psprintf(rgt_text("targets_in has refused its row, which waits in import_rejects (reject_id %s): mend it and "
								 "load it again."),
						TextDatumGetCString(ids[0]));
	if (!none[1])
		return psprintf(rgt_text("Insert its target, or leave out its whole level. Rows of the period wait in import_rejects "
								 "(reject_id %s)."),
						TextDatumGetCString(ids[1]));
	return rgt_text("Insert its target, or leave out its whole level.");
}

static void
refuse_hole(const Places *places, int p)
{
	char	   *beside = name_at(places, child_in_plan(places, places->tree->parent[p]));
	char	   *below = name_at(places, below_in_plan(places, p));

	rgt_refuse_plan(places->plan, rgt_text("a unit is missing from the middle of it"),
					psprintf(rgt_text("Unit \"%s\" has no target, but \"%s\" beside it and \"%s\" below it have one."),
							 name_at(places, p), beside, below),
					advice_on(places, p));
}

/* Of several the one of the lowest unit_id. */
static void
check_holes(const Places *places)
{
	const RgtTree *tree = places->tree;
	int			first = -1;

	for (int p = tree->roots; p < tree->n; p++)
	{
		if (places->in_plan[p] || !places->holds[p] || !places->within[p] || !places->within[tree->parent[p]] ||
			places->children[tree->parent[p]] == 0)
			continue;
		if (first < 0 || tree->unit_id[p] < tree->unit_id[first])
			first = p;
	}
	if (first >= 0)
		refuse_hole(places, first);
}

/* Raise 55000 for the first unit that is not where the plan has it, not open, or missing; targets by unit_id. */
void
rgt_check_plan_tree(const RgtPlanRow *plan, const RgtTree *tree, const RgtPlanTarget *targets, int n)
{
	Places		places = {
		.plan = plan,
		.tree = tree,
		.in_plan = array_of(sizeof(bool), tree->n),
		.holds = array_of(sizeof(bool), tree->n),
		.children = array_of(sizeof(int), tree->n),
		.within = array_of(sizeof(bool), tree->n),
		.closed = array_of(sizeof(int), tree->n)
	};

	CHECK_FOR_INTERRUPTS();
	place_units(&places);
	place_targets(&places, targets, n);
	check_places(&places, targets, n);
	check_holes(&places);
}
