/*
 * proof/replay.c
 *	  Past periods as they were known on their first days.
 *
 * A period is replayed with the tree of its first day and the signals of that day, which are made of what is dated up
 * to and including it.  What has no date is what it is today: factors, metrics, anchors, kinds of signals, the ramp,
 * and whose customer somebody is.  Its actual total is what it brought in the end: a backtest asks how well a total is
 * split, not how well it was foreseen.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/memutils.h"

#include "access/access.h"
#include "activity/activity.h"
#include "facts/facts.h"
#include "health/health.h"
#include "proof/replay.h"

/* ---- what is asked for ------------------------------------------------------------------------ */

typedef struct PeriodList
{
	RgtReplay  *replay;
	int			allocated;
	DateADT		today;
	int			not_over;
} PeriodList;

/* Columns: period, its first day, the day after its last. */
static void
add_period(TupleTableSlot *slot, void *arg)
{
	PeriodList *list = arg;
	RgtReplay  *replay = list->replay;
	MemoryContext old;

	if (DatumGetDateADT(slot->tts_values[2]) > list->today)
	{
		list->not_over++;
		return;
	}
	old = MemoryContextSwitchTo(GetMemoryChunkContext(replay->periods));
	RGT_GROW(replay->periods, replay->n, list->allocated);
	replay->periods[replay->n++] = (RgtPeriod) {
		DatumGetTextPCopy(slot->tts_values[0]), DatumGetDateADT(slot->tts_values[1]), DatumGetDateADT(slot->tts_values[2])
	};
	MemoryContextSwitchTo(old);
}

/* Those of the span that are over.  Of others nobody knows what they bring: they are left out, and said to be. */
static void
read_periods(RgtReplay *replay, const RgtPeriod *from, const RgtPeriod *to)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT period, pg_catalog.lower(during), pg_catalog.upper(during) FROM regtarget.periods "
		"WHERE pg_catalog.lower(during) OPERATOR(pg_catalog.>=) $1 AND pg_catalog.lower(during) OPERATOR(pg_catalog.<=) $2 "
		"ORDER BY pg_catalog.lower(during)", DATEOID, DATEOID);
	Datum		days[2] = {DateADTGetDatum(from->first), DateADTGetDatum(to->first)};
	PeriodList	list = {.replay = replay, .allocated = 16, .today = rgt_today_of(RGT_CALLER)};

	replay->periods = palloc(sizeof(RgtPeriod) * list.allocated);
	rgt_run(&query, RGT_CALLER, days, NULL, add_period, &list);
	if (list.not_over > 0)
		ereport(NOTICE,
				(errmsg_plural("%d period is not over and left out", "%d periods are not over and left out",
							   list.not_over, list.not_over),
				 errdetail("A period is over on the day after its last; today is %s.", rgt_date_text(list.today))));
}

/* The unit of that code; without one, the one unit that has no parent on a day. */
static int32
find_root(text *root, DateADT day)
{
	const RgtTree *tree;

	if (root != NULL)
		return rgt_unit_by_code(root);
	tree = rgt_tree_read(RGT_CALLER, day);
	if (tree->roots != 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("root must be named: %d units have no parent", tree->roots),
				 errhint("Name the unit whose total is to be split.")));
	return tree->unit_id[0];
}

/* From the arguments: unknown things first, then the duty, then the order of the periods. */
RgtReplay
rgt_replay(FunctionCallInfo fcinfo, int from_arg, int to_arg, int root_arg)
{
	RgtReplay	replay = {0};
	RgtPeriod	from = rgt_period(rgt_required_text(fcinfo, from_arg, "from_period"));
	RgtPeriod	to = rgt_period(rgt_required_text(fcinfo, to_arg, "to_period"));

	replay.root = find_root(PG_ARGISNULL(root_arg) ? NULL : PG_GETARG_TEXT_PP(root_arg), to.first);
	rgt_require_planner(replay.root);
	if (from.first > to.first)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("period \"%s\" is after period \"%s\"", text_to_cstring(from.period), text_to_cstring(to.period)),
				 errdetail("They begin on %s and %s.", rgt_date_text(from.first), rgt_date_text(to.first))));
	read_periods(&replay, &from, &to);
	replay.past = rgt_past(RGT_CALLER);
	return replay;
}

/* ---- what a period brought ---------------------------------------------------------------------- */

typedef struct Actuals
{
	RgtReplayed *replayed;
	bool		revenues;
	MemoryContext context;
} Actuals;

static void
keep_amount(const RgtActivity *activity, void *arg)
{
	Actuals    *actuals = arg;
	Numeric		amount = actuals->revenues ? activity->revenue_amount : activity->won_amount;
	int			p = rgt_tree_find(actuals->replayed->tree, activity->unit_id);
	MemoryContext old;

	if (p < 0 || amount == NULL)
		return;
	old = MemoryContextSwitchTo(actuals->context);
	actuals->replayed->actual[p] = DatumGetNumeric(datumCopy(NumericGetDatum(amount), false, -1));
	MemoryContextSwitchTo(old);
}

/* Exactly, by the policy of the first day, through the tree of that day. */
static void
read_actuals(RgtReplayed *replayed)
{
	const RgtTree *tree = replayed->tree;
	bool		revenues = rgt_policy(replayed->period->first, RGT_CALLER).actuals_are_revenues;
	Actuals		actuals = {replayed, revenues, CurrentMemoryContext};

	replayed->actual = palloc_extended(sizeof(Numeric) * (Size) Max(tree->n, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	rgt_activity(RGT_CALLER, NULL, 0, replayed->period->first, replayed->period->end,
				 revenues ? RGT_REVENUE_AMOUNT : RGT_WON_AMOUNT, keep_amount, &actuals);
	for (int p = tree->n - 1; p >= tree->roots; p--)
	{
		Numeric    *above = &replayed->actual[tree->parent[p]];

		if (replayed->actual[p] == NULL)
			continue;
		*above = *above == NULL ? replayed->actual[p] :
			DatumGetNumeric(DirectFunctionCall2(numeric_add, NumericGetDatum(*above), NumericGetDatum(replayed->actual[p])));
	}
}

/* What a unit brought, rounded to the step. */
int64
rgt_replayed_steps(const RgtReplayed *replayed, int position)
{
	Numeric		actual = replayed->actual[position];
	int64		steps;

	if (actual == NULL)
		return 0;
	actual = DatumGetNumeric(DirectFunctionCall2(numeric_round, NumericGetDatum(actual), Int32GetDatum(replayed->step.scale)));
	if (rgt_to_steps(&replayed->step, actual, &steps) == RGT_TOO_LARGE)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("what unit \"%s\" brought in period \"%s\" is out of range",
						rgt_unit_name(replayed->tree->unit_id[position]), text_to_cstring(replayed->period->period)),
				 errdetail("It is %s.", rgt_numeric_text(actual))));
	return steps;
}

/* Steps of 0.0001, or, where a unit's figure is too great for that, of the finest power of ten that it is not. */
static void
choose_step(RgtReplayed *replayed)
{
	static const int64 most = RGT_MAX_STEPS / 10000;	/* as an amount */
	Datum		greatest = NumericGetDatum(int64_to_numeric(0));
	int			scale = 4;
	Datum		limit = NumericGetDatum(int64_to_numeric(most));
	Datum		ten = NumericGetDatum(int64_to_numeric(10));

	for (int p = 0; p < replayed->tree->n; p++)
	{
		if (replayed->actual[p] != NULL && rgt_compare_sizes(NumericGetDatum(replayed->actual[p]), greatest) > 0)
			greatest = NumericGetDatum(replayed->actual[p]);
	}
	while (scale > 0 && rgt_compare_sizes(greatest, limit) > 0)
	{
		limit = DirectFunctionCall2(numeric_mul, limit, ten);
		scale--;
	}
	rgt_step_init(&replayed->step, int64_div_fast_to_numeric(1, scale));
}

/* The i-th period; its root is -1 where it was not open on the first day, and then there is no more. */
RgtReplayed
rgt_replay_period(const RgtReplay *replay, int i)
{
	RgtReplayed replayed = {.period = &replay->periods[i]};

	CHECK_FOR_INTERRUPTS();
	replayed.tree = rgt_tree_read(RGT_CALLER, replayed.period->first);
	replayed.root = rgt_tree_find(replayed.tree, replay->root);
	if (replayed.root >= 0 && !rgt_tree_open(replayed.tree, replayed.root, replayed.period->first))
		replayed.root = -1;
	if (replayed.root < 0)
		return replayed;
	replayed.signals = rgt_signals_of_past(replay->past, replayed.tree, replayed.period->first);
	read_actuals(&replayed);
	choose_step(&replayed);
	replayed.total = rgt_replayed_steps(&replayed, replayed.root);
	return replayed;
}

/* ---- the split of its total ----------------------------------------------------------------------- */

/*
 * A parent without figures for those below it has none itself where it got all of its parent's for want of
 * siblings, and so on up to the root.
 */
static void
forget_lone_parents(RgtSplit *split)
{
	for (int m = split->n - 1; m >= 0; m--)
	{
		bool		lone = split->parent[m] < 0 || split->children[split->parent[m]] == 1;

		if (lone && split->children[m] > 0 && split->suggested[split->first_child[m]] == RGT_NO_PART)
			split->suggested[m] = RGT_NO_PART;
	}
}

/*
 * The engine's split of what the root brought, by these factors: no bounds, no penalties.  RGT_NO_PART where there is
 * nothing to split, or nothing to split by.
 */
RgtSplit *
rgt_replay_split(const RgtReplayed *replayed, RgtFactors factors)
{
	RgtSplitJob job = {
		.tree = replayed->tree, .signals = replayed->signals, .factors = factors, .root = replayed->root,
		.day = replayed->period->first, .step = replayed->step, .total = Max(replayed->total, 0), .lenient = true
	};
	RgtSplit   *split = rgt_split_members(&job);

	rgt_split(&job, split);
	for (int m = 0; m < split->n && replayed->total <= 0; m++)
		split->suggested[m] = RGT_NO_PART;
	forget_lone_parents(split);
	return split;
}
