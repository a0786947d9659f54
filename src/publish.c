/*
 * publish.c
 *	  propose_plan() and publish_plan(): a draft is shown, checked and frozen.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "regtarget.h"

typedef struct PlanRow
{
	int64		plan_id;
	text	   *period;
	char	   *mode;
	char	   *status;
} PlanRow;

/* The plan, with its period and itself locked against every other change; 42704 without it. */
static PlanRow
lock_plan(int64 plan_id)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT period, mode, status FROM regtarget.plans WHERE plan_id OPERATOR(pg_catalog.=) $1", INT8OID);
	static RgtQuery lock_period = RGT_QUERY(
		"SELECT FROM regtarget.periods WHERE period OPERATOR(pg_catalog.=) $1 FOR UPDATE", TEXTOID);
	static RgtQuery lock_row = RGT_QUERY(
		"SELECT FROM regtarget.plans WHERE plan_id OPERATOR(pg_catalog.=) $1 FOR UPDATE", INT8OID);
	Datum		argument = Int64GetDatum(plan_id);
	Datum		values[3];
	bool		isnull[3];
	PlanRow		plan = {.plan_id = plan_id};

	if (rgt_one(&query, RGT_LATEST, &argument, NULL, values, isnull, 3))
	{
		rgt_run(&lock_period, RGT_FRESH, values, NULL, NULL, NULL);
		rgt_run(&lock_row, RGT_FRESH, &argument, NULL, NULL, NULL);
		rgt_lock_plan(plan_id, ExclusiveLock);
	}
	if (!rgt_one(&query, RGT_LATEST, &argument, NULL, values, isnull, 3))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("plan " INT64_FORMAT " does not exist", plan_id)));
	plan.period = DatumGetTextPP(values[0]);
	plan.mode = TextDatumGetCString(values[1]);
	plan.status = TextDatumGetCString(values[2]);
	return plan;
}

static void
require_live(const PlanRow *plan)
{
	if (strcmp(plan->mode, "live") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("plan " INT64_FORMAT " is a %s plan", plan->plan_id, plan->mode),
				 errhint("Only live plans are proposed and published.")));
}

static void
require_status(const PlanRow *plan, bool also_proposed)
{
	if (strcmp(plan->status, "draft") != 0 && !(also_proposed && strcmp(plan->status, "proposed") == 0))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("plan " INT64_FORMAT " is already %s", plan->plan_id, plan->status)));
}

/* What a plan must hold before it is published: each query returns the first row that does not. */
typedef struct Check
{
	const char *message;
	const char *hint;
	RgtQuery	query;			/* of plan $1; one text: the figures */
} Check;

static Check checks[] = {
	{"the plan has no targets", "Run regtarget.allocate_targets(), or insert targets.",
		RGT_QUERY("SELECT 'Plan ' || $1 || ' is empty.' "
				  "WHERE NOT EXISTS (SELECT FROM regtarget.targets WHERE plan_id = $1)", INT8OID)},
	{"a unit of the plan is already published for the period", "A published amount may move within its cap; another split is for another period.",
		RGT_QUERY("SELECT pg_catalog.format('Unit \"%s\" stands in plan %s.', coalesce(u.code, t.unit_id::text), o.plan_id) "
				  "FROM regtarget.plans p "
				  "JOIN regtarget.plans o ON o.period = p.period AND o.plan_id <> p.plan_id "
				  "AND o.mode = 'live' AND o.status IN ('published', 'closed') "
				  "JOIN regtarget.targets t ON t.plan_id = o.plan_id "
				  "JOIN regtarget.targets mine ON mine.plan_id = p.plan_id AND mine.unit_id = t.unit_id "
				  "LEFT JOIN regtarget.units u ON u.unit_id = t.unit_id "
				  "WHERE p.plan_id = $1 ORDER BY t.unit_id LIMIT 1", INT8OID)},
	{"a penalty of the plan does not match the unit's standing", "Allocate the plan again.",
		RGT_QUERY("SELECT pg_catalog.format('Unit \"%s\": penalty %s, by its standing %s.', coalesce(u.code, t.unit_id::text), t.penalty, e.penalty) "
				  "FROM regtarget.plans p JOIN regtarget.targets t ON t.plan_id = p.plan_id "
				  "LEFT JOIN regtarget.standings s ON s.unit_id = t.unit_id AND s.period = p.period AND t.unit_id <> p.root_unit_id "
				  "LEFT JOIN regtarget.units u ON u.unit_id = t.unit_id "
				  "CROSS JOIN LATERAL (SELECT pg_catalog.div(2 * t.suggested * coalesce(s.penalty_rate, 0) + p.step, 2 * p.step) * p.step) AS e(penalty) "
				  "WHERE p.plan_id = $1 AND t.penalty <> e.penalty ORDER BY t.unit_id LIMIT 1", INT8OID)},
	{"a target of the plan is not as its plan makes it", "Allocate the plan again.",
		RGT_QUERY("SELECT pg_catalog.format('Unit \"%s\": suggested %s, baseline %s, amount %s, cap %s.', "
				  "coalesce(u.code, t.unit_id::text), t.suggested, t.baseline, t.amount, t.cap) "
				  "FROM regtarget.plans p JOIN regtarget.targets t ON t.plan_id = p.plan_id "
				  "LEFT JOIN regtarget.units u ON u.unit_id = t.unit_id "
				  "WHERE p.plan_id = $1 AND (t.amount <> t.baseline OR t.cap <> p.cap OR t.period <> p.period "
				  "OR t.suggested % p.step <> 0 OR u.unit_id IS NULL) ORDER BY t.unit_id LIMIT 1", INT8OID)},
	{"the cap of the plan is not its policy's", "Allocate the plan again, or type it anew.",
		RGT_QUERY("SELECT pg_catalog.format('The plan has %s, the policy in force on the first day of %s has %s.', p.cap, p.period, c.cap) "
				  "FROM regtarget.plans p JOIN regtarget.periods q ON q.period = p.period "
				  "LEFT JOIN LATERAL (SELECT y.cap FROM regtarget.policies y WHERE y.effective_from <= pg_catalog.lower(q.during) "
				  "ORDER BY y.effective_from DESC LIMIT 1) AS c ON true "
				  "WHERE p.plan_id = $1 AND c.cap IS DISTINCT FROM p.cap", INT8OID)},
	{"children do not add up to their parent", "Correct the numbers, or allocate the plan again.",
		RGT_QUERY("SELECT pg_catalog.format('Below unit \"%s\": baseline %s, its children''s suggested %s, %s too %s.', "
				  "coalesce(u.code, t.unit_id::text), t.baseline, c.suggested, pg_catalog.abs(c.suggested - t.baseline), "
				  "CASE WHEN c.suggested > t.baseline THEN 'much' ELSE 'little' END) "
				  "FROM regtarget.targets t "
				  "JOIN (SELECT parent_unit_id, pg_catalog.sum(suggested) AS suggested FROM regtarget.targets "
				  "WHERE plan_id = $1 GROUP BY parent_unit_id) AS c ON c.parent_unit_id = t.unit_id "
				  "LEFT JOIN regtarget.units u ON u.unit_id = t.unit_id "
				  "WHERE t.plan_id = $1 AND c.suggested <> t.baseline ORDER BY t.unit_id LIMIT 1", INT8OID)},
	{"the plan does not add up to its total", "Correct the total or the numbers, or allocate the plan again.",
		RGT_QUERY("SELECT pg_catalog.format('Total %s, the units at the top %s.', p.total, pg_catalog.sum(t.suggested)) "
				  "FROM regtarget.plans p JOIN regtarget.targets t ON t.plan_id = p.plan_id "
				  "WHERE p.plan_id = $1 AND NOT EXISTS (SELECT FROM regtarget.targets above "
				  "WHERE above.plan_id = t.plan_id AND above.unit_id = t.parent_unit_id) "
				  "GROUP BY p.plan_id HAVING pg_catalog.sum(t.suggested) <> p.total", INT8OID)},
};

static void
run_checks(const PlanRow *plan)
{
	Datum		argument = Int64GetDatum(plan->plan_id);

	for (int i = 0; i < (int) lengthof(checks); i++)
	{
		Datum		figures;
		bool		isnull;

		if (rgt_one(&checks[i].query, RGT_LATEST, &argument, NULL, &figures, &isnull, 1))
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("plan " INT64_FORMAT " cannot be published: %s", plan->plan_id, checks[i].message),
					 errdetail("%s", TextDatumGetCString(figures)),
					 errhint("%s", checks[i].hint)));
	}
}

/* propose_plan(plan_id): shows a draft to the managers. */
PG_FUNCTION_INFO_V1(rgt_propose_plan);
Datum
rgt_propose_plan(PG_FUNCTION_ARGS)
{
	static RgtQuery query = RGT_QUERY("UPDATE regtarget.plans SET status = 'proposed' WHERE plan_id = $1", INT8OID);
	RgtSession	session;
	PlanRow		plan;
	Datum		argument;

	rgt_require(fcinfo, 0, "plan_id");
	rgt_begin(&session);
	rgt_require_planner_of_plan(PG_GETARG_INT64(0));
	plan = lock_plan(PG_GETARG_INT64(0));
	require_live(&plan);
	require_status(&plan, false);
	argument = Int64GetDatum(plan.plan_id);
	rgt_write_plan(&query, &argument, NULL, plan.plan_id);
	rgt_end(&session);
	PG_RETURN_VOID();
}

/* publish_plan(plan_id): checks every sum and penalty, and freezes the plan. */
PG_FUNCTION_INFO_V1(rgt_publish_plan);
Datum
rgt_publish_plan(PG_FUNCTION_ARGS)
{
	static RgtQuery query = RGT_QUERY(
		"UPDATE regtarget.plans SET status = 'published', published_at = pg_catalog.now() WHERE plan_id = $1", INT8OID);
	RgtSession	session;
	PlanRow		plan;
	Datum		argument;

	rgt_require(fcinfo, 0, "plan_id");
	rgt_begin(&session);
	rgt_require_planner_of_plan(PG_GETARG_INT64(0));
	plan = lock_plan(PG_GETARG_INT64(0));
	require_live(&plan);
	require_status(&plan, true);
	run_checks(&plan);
	argument = Int64GetDatum(plan.plan_id);
	rgt_write_plan(&query, &argument, NULL, plan.plan_id);
	rgt_end(&session);
	PG_RETURN_VOID();
}
