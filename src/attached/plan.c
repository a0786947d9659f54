/*
 * attached/plan.c
 *	  Where a plan makes its sums: where the rows are, or here, after all of them have come over.
 *
 * A scan of what is elsewhere (a foreign table, or Citus' tables on its workers) below an aggregate brings rows.  With
 * no aggregate above it, it brings the sums.
 */
#include "postgres.h"

#include "nodes/extensible.h"
#include "nodes/plannodes.h"
#include "utils/plancache.h"

#include "attached/relation.h"
#include "regtarget.h"

static void look_at(const Plan *plan, bool summed_here, RgtCountingPlan *found);

static void
look_at_each(const List *plans, bool summed_here, RgtCountingPlan *found)
{
	ListCell   *cell;

	foreach(cell, plans)
		look_at(lfirst(cell), summed_here, found);
}

static void
note_elsewhere(const Plan *plan, bool summed_here, RgtCountingPlan *found)
{
	found->elsewhere++;
	found->fetched += summed_here;
	found->in_turn += !plan->async_capable;
}

static bool
is_distributed(const CustomScan *scan)
{
	return strncmp(scan->methods->CustomName, "Citus", 5) == 0;
}

static void
look_at(const Plan *plan, bool summed_here, RgtCountingPlan *found)
{
	if (plan == NULL)
		return;
	switch (nodeTag(plan))
	{
		case T_Agg:
		case T_Group:
			summed_here = true;
			break;
		case T_Append:
			look_at_each(((const Append *) plan)->appendplans, summed_here, found);
			break;
		case T_MergeAppend:
			look_at_each(((const MergeAppend *) plan)->mergeplans, summed_here, found);
			break;
		case T_SubqueryScan:
			look_at(((const SubqueryScan *) plan)->subplan, summed_here, found);
			break;
		case T_ForeignScan:
			note_elsewhere(plan, summed_here, found);
			return;
		case T_CustomScan:
			if (is_distributed((const CustomScan *) plan))
				note_elsewhere(plan, summed_here, found);
			look_at_each(((const CustomScan *) plan)->custom_plans, summed_here, found);
			break;
		default:
			break;
	}
	look_at(plan->lefttree, summed_here, found);
	look_at(plan->righttree, summed_here, found);
}

/* Of a statement that was just prepared: of the plan that serves any days. */
RgtCountingPlan
rgt_counting_plan(SPIPlanPtr plan)
{
	RgtCountingPlan found = {0};
	CachedPlan *cached = SPI_plan_get_cached_plan(plan);

	if (cached == NULL)
		elog(ERROR, "there is no plan to look at");
	for (int i = 0; i < list_length(cached->stmt_list); i++)
	{
		const PlannedStmt *statement = list_nth_node(PlannedStmt, cached->stmt_list, i);

		look_at(statement->planTree, false, &found);
		look_at_each(statement->subplans, false, &found);
	}
	ReleaseCachedPlan(cached, NULL);
	return found;
}
