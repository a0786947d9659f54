/*
 * plans/split.c
 *	  A total handed down a tree: for each parent, in order, its baseline is split over its children.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "apportion.h"
#include "kernel/apportion.h"
#include "plans/plans.h"
#include "regtarget.h"
#include "units/units.h"

static void *
array_of(Size size, int n)
{
	return palloc_extended(size * (Size) Max(n, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
}

static void
add_member(RgtSplit *split, int position, int parent)
{
	split->position[split->n] = position;
	split->parent[split->n] = parent;
	split->n++;
}

/*
 * Who takes part: the root, and every unit below it that is open on the day; a unit below a closed
 * one is not.
 */
RgtSplit *
rgt_split_members(const RgtSplitJob *job)
{
	const RgtTree *tree = job->tree;
	RgtSplit   *split = palloc0(sizeof(RgtSplit));

	AssertCheckTree(tree);
	split->position = array_of(sizeof(int), tree->n);
	split->parent = array_of(sizeof(int), tree->n);
	split->first_child = array_of(sizeof(int), tree->n);
	split->children = array_of(sizeof(int), tree->n);
	add_member(split, job->root, -1);
	for (int m = 0; m < split->n; m++)
	{
		int			p = split->position[m];

		split->first_child[m] = split->n;
		for (int c = tree->first_child[p]; c < tree->first_child[p] + tree->children[p]; c++)
		{
			if (rgt_tree_open(tree, c, job->day))
				add_member(split, c, m);
		}
		split->children[m] = split->n - split->first_child[m];
	}
	split->suggested = array_of(sizeof(int64), split->n);
	split->penalty = array_of(sizeof(int64), split->n);
	return split;
}

/* Room for one group of siblings, the largest of the tree. */
typedef struct Siblings
{
	RgtWeights *weights;
	double	   *weight;
	int64	   *at_least;
	int64	   *at_most;
	int32	   *unit_ids;
	void	   *scratch;
} Siblings;

static Siblings
make_group(const RgtSplitJob *job, const RgtSplit *split)
{
	Siblings	group;
	int			largest = 0;

	for (int m = 0; m < split->n; m++)
		largest = Max(largest, split->children[m]);
	group.weights = rgt_weights_begin(job->tree, job->signals, job->factors, largest);
	if (job->lenient)
		rgt_weights_allow_negative(group.weights);
	group.weight = array_of(sizeof(double), largest);
	group.at_least = array_of(sizeof(int64), largest);
	group.at_most = array_of(sizeof(int64), largest);
	group.unit_ids = array_of(sizeof(int32), largest);
	group.scratch = palloc_extended(rgk_apportion_scratch(largest), MCXT_ALLOC_HUGE);
	return group;
}

static char *
name_of(const RgtSplitJob *job, int position)
{
	return psprintf(rgt_text("unit \"%s\""), rgt_unit_name(job->tree->unit_id[position]));
}

/* Nothing is left to split by: say whose children, which signals were asked, and what a newcomer without health can do. */
static void
refuse_no_weights(const RgtSplitJob *job, int parent, int64 amount)
{
	StringInfoData signals;
	bool		health = false;

	initStringInfo(&signals);
	for (int f = 0; f < job->factors.n; f++)
	{
		if (job->factors.factor[f].weight > 0)
		{
			appendStringInfo(&signals, "%s%s", signals.len > 0 ? ", " : "", job->factors.factor[f].signal);
			health = health || strcmp(job->factors.factor[f].signal, "health") == 0;
		}
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("nothing to split by among the units below %s", name_of(job, parent)),
			 errdetail("%s is to be split; no signal has a value above 0 there on %s: %s.",
					   rgt_amount_text(&job->step, amount), rgt_date_text(job->day),
					   signals.len > 0 ? signals.data : "no factor has a weight"),
			 health ?
			 errhint("Load facts until regtarget.unit_health() has a score, enter the other signals, or split by past results: "
					 "factors => '{\"trailing\": 1}'.") :
			 errhint("Enter signals, or see regtarget.factors and regtarget.unit_signals().")));
}

/* The bounds of a group; false when it has none. */
static bool
collect_bounds(const RgtSplitJob *job, const int *positions, int n, Siblings *group)
{
	bool		any = false;

	for (int i = 0; job->at_least != NULL && i < n; i++)
	{
		group->at_least[i] = job->at_least[positions[i]];
		group->at_most[i] = job->at_most[positions[i]];
		any = any || group->at_least[i] > 0 || group->at_most[i] != RGK_NO_CEILING;
	}
	return any;
}

static void
report_basis(const RgtSplitJob *job, int parent, const int *positions, int n, Siblings *group)
{
	int			nbasis;
	const RgtBasis *basis = rgt_weights_basis(group->weights, &nbasis);

	for (int i = 0; i < n; i++)
		group->unit_ids[i] = job->tree->unit_id[positions[i]];
	for (int b = 0; b < nbasis; b++)
		job->basis(job->tree->unit_id[parent], group->unit_ids, &basis[b], job->basis_arg);
}

/*
 * Weights of the children of a parent that has `amount` to hand down.  A lone child needs none, nor
 * does an amount of 0.
 */
static bool
weigh(const RgtSplitJob *job, int parent, const int *positions, int n, int64 amount, Siblings *group)
{
	bool		weighed;

	if (n == 1 || amount == 0)
	{
		for (int i = 0; i < n; i++)
			group->weight[i] = 1;
		return true;
	}
	weighed = rgt_weights_of(group->weights, positions, n, group->weight);
	if (weighed && job->basis != NULL)
		report_basis(job, parent, positions, n, group);
	return weighed;
}

static void
give_no_parts(const RgtSplit *split, int member)
{
	for (int c = split->first_child[member]; c < split->first_child[member] + split->children[member]; c++)
		split->suggested[c] = RGT_NO_PART;
}

/* Split a parent's baseline over its children. */
static void
split_group(const RgtSplitJob *job, RgtSplit *split, int member, Siblings *group)
{
	int			n = split->children[member];
	const int  *positions = &split->position[split->first_child[member]];
	int			parent = split->position[member];
	int64		amount = split->suggested[member] + split->penalty[member];
	bool		weighed = weigh(job, parent, positions, n, amount, group);
	bool		bounded = collect_bounds(job, positions, n, group);
	rgk_trouble trouble;
	rgk_status	status;

	if (!weighed && job->lenient)
	{
		give_no_parts(split, member);
		return;
	}
	status = rgk_apportion(n, group->weight, bounded ? group->at_least : NULL, bounded ? group->at_most : NULL, amount,
						   &split->suggested[split->first_child[member]], group->scratch, &trouble);
	if (status == RGK_OK)
		return;
	if (!weighed && (status == RGK_NO_WEIGHT || status == RGK_CEILINGS))
		refuse_no_weights(job, parent, amount);
	rgt_apportion_error(status, &trouble, &job->step, psprintf(rgt_text("the units below %s"), name_of(job, parent)),
						trouble.culprit == RGK_NOBODY ? name_of(job, parent) : name_of(job, positions[trouble.culprit]));
}

/* The root's target is the total; its own bounds must let it. */
static void
check_root(const RgtSplitJob *job)
{
	int64		at_least = job->at_least == NULL ? 0 : job->at_least[job->root];
	int64		at_most = job->at_most == NULL ? RGK_NO_CEILING : job->at_most[job->root];

	if (at_least <= job->total && job->total <= at_most)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("total breaks the bounds of %s", name_of(job, job->root)),
			 job->total < at_least ?
			 errdetail("Total %s is too low by %s.", rgt_amount_text(&job->step, job->total),
					   rgt_amount_text(&job->step, at_least - job->total)) :
			 errdetail("Total %s is too high by %s.", rgt_amount_text(&job->step, job->total),
					   rgt_amount_text(&job->step, job->total - at_most))));
}

#ifdef USE_ASSERT_CHECKING
/* One member as its place, bounds and rate have it. */
static void
assert_member(const RgtSplitJob *job, const RgtSplit *split, int m)
{
	int			p = split->position[m];
	int			parent = split->parent[m];

	Assert(m == 0 ? parent == -1 && p == job->root : parent >= 0 && parent < m &&
		   job->tree->parent[p] == split->position[parent] && rgt_tree_open(job->tree, p, job->day));
	if (job->lenient && split->suggested[m] == RGT_NO_PART)
		return;
	Assert(split->suggested[m] >= 0 && split->suggested[m] <= RGT_MAX_STEPS);
	Assert(job->at_least == NULL || (split->suggested[m] >= job->at_least[p] && split->suggested[m] <= job->at_most[p]));
	Assert(split->penalty[m] == (job->rate == NULL ? 0 : rgt_penalty_steps(split->suggested[m], job->rate[p])));
}

void
rgt_assert_split(const RgtSplitJob *job, const RgtSplit *split)
{
	int			child = 1;

	Assert(split->n > 0 && split->suggested[0] == job->total);
	for (int m = 0; m < split->n; m++)
	{
		int64		sum = 0;
		int			end = split->first_child[m] + split->children[m];
		bool		parts = split->children[m] > 0 && split->suggested[split->first_child[m]] != RGT_NO_PART;

		assert_member(job, split, m);
		Assert(split->first_child[m] == child && end <= split->n);
		for (; child < end; child++)
		{
			Assert(split->parent[child] == m);
			Assert((split->suggested[child] != RGT_NO_PART) == parts);
			sum += split->suggested[child];
		}
		Assert(!parts || sum == split->suggested[m] + split->penalty[m]);
	}
	Assert(child == split->n);
}
#endif

/* Fill suggested and penalty of every member, from the root down. */
void
rgt_split(const RgtSplitJob *job, RgtSplit *split)
{
	Siblings	group = make_group(job, split);

	check_root(job);
	split->suggested[0] = job->total;
	for (int m = 0; m < split->n; m++)
	{
		CHECK_FOR_INTERRUPTS();
		if (split->suggested[m] == RGT_NO_PART)
		{
			give_no_parts(split, m);
			continue;
		}
		if (job->rate != NULL)
			split->penalty[m] = rgt_penalty_steps(split->suggested[m], job->rate[split->position[m]]);
		if (split->children[m] > 0)
			split_group(job, split, m, &group);
	}
	AssertCheckSplit(job, split);
}
