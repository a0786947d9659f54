/*
 * access/plan_sight.c
 *	  What of a plan is visible to whom, and who may write it: plans that were asked about are kept in the
 *	  backend.  How long this holds is said in validity.c.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "utils/memutils.h"

#include "access/access.h"
#include "access/validity.h"
#include "regtarget.h"

typedef struct PlanSight
{
	int64		plan_id;
	int32		root;			/* 0: there is no such plan */
	bool		open;			/* live and shown to the managers, or a shadow plan that was revealed */
	bool		draft;			/* or proposed */
	char		status;
} PlanSight;

#define SH_PREFIX plan_sights
#define SH_ELEMENT_TYPE PlanSight
#define SH_KEY_TYPE int64
#define SH_KEY plan_id
#define SH_HASH_KEY(tb, key) murmurhash32((uint32) (key) ^ (uint32) ((uint64) (key) >> 32))
#define SH_EQUAL(tb, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

static RgtValidity plans_valid;
static plan_sights_hash *plans = NULL;

static void
read_plan(PlanSight *plan)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT root_unit_id, (mode OPERATOR(pg_catalog.=) 'live' AND status OPERATOR(pg_catalog.<>) 'draft') "
		"OR (mode OPERATOR(pg_catalog.=) 'shadow' AND revealed_at IS NOT NULL), "
		"status OPERATOR(pg_catalog.=) ANY ('{draft,proposed}'::pg_catalog.text[]) "
		"FROM regtarget.plans WHERE plan_id OPERATOR(pg_catalog.=) $1", INT8OID);
	Datum		argument = Int64GetDatum(plan->plan_id);
	Datum		values[3];
	bool		isnull[3];
	RgtSession	session;

	rgt_begin(&session);
	if (rgt_one(&query, rgt_newest_snapshot(), &argument, NULL, values, isnull, 3))
	{
		plan->root = DatumGetInt32(values[0]);
		plan->open = DatumGetBool(values[1]);
		plan->draft = DatumGetBool(values[2]);
	}
	rgt_end(&session);
}

/* The plan that was asked about last: rows of one come together. */
static PlanSight last_plan;
static uint64 last_plan_changes = 0;

static void
keep_plan(PlanSight plan)
{
	bool		found;
	PlanSight  *entry = plan_sights_insert(plans, plan.plan_id, &found);

	plan.status = entry->status;
	*entry = plan;
}

/* Look a plan up, in memory or in the table. */
static PlanSight
look_up_plan(int64 plan_id)
{
	PlanSight	plan = {.plan_id = plan_id};
	PlanSight  *entry;
	RgtValidity valid;

	if (plans == NULL)
		plans = plan_sights_create(TopMemoryContext, 64, NULL);
	if (!rgt_is_valid(&plans_valid, RGT_OF_PLANS))
	{
		plan_sights_reset(plans);
		plans_valid = rgt_valid_from_now_on(RGT_OF_PLANS);
	}
	entry = plan_sights_lookup(plans, plan_id);
	if (entry != NULL)
		return *entry;
	valid = rgt_valid_from_now_on(RGT_OF_PLANS);
	read_plan(&plan);
	if (rgt_add_to(&plans_valid, &valid, RGT_OF_PLANS))
		keep_plan(plan);
	return plan;
}

/* A plan as far as visibility depends on it.  By value: the next question may empty the table. */
static PlanSight
find_plan(int64 plan_id)
{
	if (last_plan_changes != rgt_changes[RGT_OF_PLANS] || last_plan.plan_id != plan_id || !plans_valid.lasting)
	{
		uint64		changes = rgt_changes[RGT_OF_PLANS];

		last_plan = look_up_plan(plan_id);
		last_plan_changes = plans_valid.changes == changes ? changes : 0;
	}
	return last_plan;
}

/* The last plan that a role was found to see, until anything changes: asked for every row of its targets. */
static struct
{
	Oid			role;
	int64		plan_id;
	uint64		changes[RGT_TOPICS];
}			known;

/* Is there such a plan, and does the role see its row? */
bool
rgt_plan_is_known(Oid role, int64 plan_id)
{
	uint64		changes[RGT_TOPICS];
	PlanSight	plan;

	if (known.role == role && known.plan_id == plan_id && !IsInParallelMode() &&
		memcmp(known.changes, rgt_changes, sizeof(rgt_changes)) == 0)
		return true;
	memcpy(changes, rgt_changes, sizeof(rgt_changes));
	plan = find_plan(plan_id);
	if (plan.root == 0 || !rgt_plan_row_in_sight(role, plan.root, plan.open))
		return false;
	if (!IsInParallelMode())
	{
		known.role = role;
		known.plan_id = plan_id;
		memcpy(known.changes, changes, sizeof(changes));
	}
	return true;
}

static bool
has_target(int64 plan_id, int32 unit_id)
{
	static RgtQuery query = RGT_KEY_QUERY(
		"SELECT FROM regtarget.targets WHERE plan_id OPERATOR(pg_catalog.=) $1 AND unit_id OPERATOR(pg_catalog.=) $2",
		INT8OID, INT4OID);
	Datum		arguments[2] = {Int64GetDatum(plan_id), Int32GetDatum(unit_id)};
	RgtSession	session;
	bool		found;

	rgt_begin(&session);
	found = rgt_run(&query, rgt_newest_snapshot(), arguments, NULL, NULL, NULL) > 0;
	rgt_end(&session);
	return found;
}

/*
 * Of a plan whose row it does not see, a role may see targets: those of units that have moved since.  That there
 * is such a plan it must not learn by asking of another unit.
 */
static bool
is_of_plan(Oid role, int64 plan_id, int32 unit_id)
{
	return rgt_plan_is_known(role, plan_id) || has_target(plan_id, unit_id);
}

/* Does it see the target of a unit in a plan? */
bool
rgt_plan_in_sight(Oid role, int64 plan_id, int32 unit_id)
{
	int			duties;

	if (rgt_sees_all(role))
		return true;
	duties = rgt_duties_over(role, unit_id);
	return (duties & RGT_PLANNER) != 0 ||
		(duties != 0 && find_plan(plan_id).open && is_of_plan(role, plan_id, unit_id));
}

/* May it write the targets of a draft, that is, is it a planner of the root or above? */
bool
rgt_may_write_draft(Oid role, int64 plan_id)
{
	return rgt_may_everything(role) || (rgt_duties_over(role, find_plan(plan_id).root) & RGT_PLANNER) != 0;
}

/* May it update the target, if its columns are granted? */
bool
rgt_may_update_target(Oid role, int64 plan_id, int32 unit_id)
{
	if (rgt_may_everything(role))
		return true;
	return find_plan(plan_id).draft ? rgt_may_write_draft(role, plan_id) :
		rgt_plan_in_sight(role, plan_id, unit_id) && is_of_plan(role, plan_id, unit_id);
}
