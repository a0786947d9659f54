/*
 * plans/allocate.c
 *	  allocate_targets() and preview_targets(): the split of a period's total over the tree.
 *
 * One read of each input, one pass of the kernel down the tree, one write.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/tstoreReceiver.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/snapmgr.h"
#include "utils/tuplestore.h"

#include "access/access.h"
#include "apportion.h"
#include "facts/facts.h"
#include "health/health.h"
#include "kernel/apportion.h"
#include "plans/draft.h"
#include "plans/plans.h"
#include "regtarget.h"
#include "units/units.h"

/* A plan of so many units takes seconds to write: say how far it is. */
#define UNITS_WORTH_A_NOTICE 100000

enum
{
	ARG_PERIOD, ARG_TOTAL, ARG_MODE, ARG_ROOT, ARG_STEP, ARG_FACTORS, ARG_LABEL
};

/* ---- what was asked for ---------------------------------------------------------------------- */

static void
read_mode(RgtAllocation *allocation)
{
	char	   *mode = text_to_cstring(allocation->mode);

	allocation->live = strcmp(mode, "live") == 0;
	allocation->sandbox = strcmp(mode, "sandbox") == 0;
	if (!allocation->live && !allocation->sandbox && strcmp(mode, "shadow") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown mode \"%s\"", mode),
				 errhint("Modes are live, shadow and sandbox.")));
}

/* Step and total of a plan: T7. */
static void
read_total(RgtAllocation *allocation, Numeric total, Numeric step)
{
	Datum		finest = NumericGetDatum(int64_div_fast_to_numeric(1, 4));
	Datum		limit = NumericGetDatum(int64_to_numeric(INT64CONST(1000000000000000)));

	if (!rgt_is_finite(total))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("total must be a finite number")));
	rgt_step_init(&allocation->job.step, step);
	if (rgt_compare_numerics(NumericGetDatum(step), finest) < 0 ||
		rgt_compare_numerics(NumericGetDatum(step), limit) >= 0)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("step of a plan is out of range"),
				 errdetail("Step is %s; a plan's step is at least 0.0001 and below 10^15.", rgt_numeric_text(step))));
	if (allocation->job.step.scale > 4)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("step of a plan must be a multiple of 0.0001"),
				 errdetail("Step is %s.", rgt_numeric_text(step))));
	if (rgt_compare_numerics(NumericGetDatum(total), limit) >= 0)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("total is out of range"),
				 errdetail("Total is %s; a plan's total is below 10^15.", rgt_numeric_text(total))));
	allocation->job.total = rgt_total_steps(&allocation->job.step, total);
	allocation->total = total;
}

/* The root's position; without a name, the one unit without a parent. */
static void
read_root(RgtAllocation *allocation, text *root)
{
	const RgtTree *tree = allocation->job.tree;

	if (root == NULL && tree->roots != 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("root must be named: %d units have no parent", tree->roots),
				 errhint("Name the unit whose total is to be split.")));
	allocation->root = root == NULL ? tree->unit_id[0] : rgt_unit_by_code(root);
	allocation->job.root = rgt_tree_find(tree, allocation->root);
	if (allocation->job.root < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unit \"%s\" is not in the tree of units", rgt_unit_name(allocation->root)),
				 errhint("SELECT * FROM regtarget.verify('{tree}'); tells what is wrong with the tree.")));
}

static void
check_root_open(const RgtAllocation *allocation)
{
	if (!rgt_tree_open(allocation->job.tree, allocation->job.root, allocation->job.day))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unit \"%s\" is not open on %s, the first day of period \"%s\"",
						rgt_unit_name(allocation->root), rgt_date_text(allocation->job.day),
						text_to_cstring(allocation->period.period))));
}

/* Unknown objects come before duties, bad arguments after, and then the state of things. */
static void
read_arguments(FunctionCallInfo fcinfo, RgtAllocation *allocation, RgtSnapshot snapshot)
{
	RgtSplitJob *job = &allocation->job;

	allocation->period = rgt_period(rgt_required_text(fcinfo, ARG_PERIOD, "period"));
	job->day = allocation->period.first;
	job->tree = rgt_tree_read(snapshot, job->day);
	read_root(allocation, PG_ARGISNULL(ARG_ROOT) ? NULL : PG_GETARG_TEXT_PP(ARG_ROOT));
	rgt_require_planner(allocation->root);
	allocation->mode = rgt_required_text(fcinfo, ARG_MODE, "mode");
	read_mode(allocation);
	rgt_require(fcinfo, ARG_TOTAL, "total");
	rgt_require(fcinfo, ARG_STEP, "step");
	read_total(allocation, PG_GETARG_NUMERIC(ARG_TOTAL), PG_GETARG_NUMERIC(ARG_STEP));
	check_root_open(allocation);
	job->factors = rgt_factors(PG_ARGISNULL(ARG_FACTORS) ? NULL : PG_GETARG_JSONB_P(ARG_FACTORS), snapshot);
	rgt_policy(job->day, snapshot); /* none in force: an error */
	job->signals = rgt_signals(job->tree, job->day, snapshot);
}

/* ---- bounds and penalties ---------------------------------------------------------------------- */

static void
add_bound(TupleTableSlot *slot, void *arg)
{
	RgtSplitJob *job = arg;
	int			p = rgt_tree_find(job->tree, DatumGetInt32(slot->tts_values[0]));

	if (p < 0)
		return;
	if (!slot->tts_isnull[1])
		job->at_least[p] = rgt_floor_steps(&job->step, DatumGetNumeric(slot->tts_values[1]));
	if (!slot->tts_isnull[2])
		job->at_most[p] = rgt_ceiling_steps(&job->step, DatumGetNumeric(slot->tts_values[2]));
}

static void
read_bounds(RgtAllocation *allocation, RgtSnapshot snapshot)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT unit_id, at_least, at_most FROM regtarget.bounds WHERE period OPERATOR(pg_catalog.=) $1", TEXTOID);
	RgtSplitJob *job = &allocation->job;
	Datum		argument = PointerGetDatum(allocation->period.period);
	Size		size = sizeof(int64) * Max(job->tree->n, 1);

	job->at_least = palloc_extended(size, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	job->at_most = palloc_extended(size, MCXT_ALLOC_HUGE);
	for (int p = 0; p < job->tree->n; p++)
		job->at_most[p] = RGK_NO_CEILING;
	if (rgt_run(&query, snapshot, &argument, NULL, add_bound, job) > 0)
		return;
	pfree(job->at_least);
	pfree(job->at_most);
	job->at_least = job->at_most = NULL;
}

static void
add_rate(TupleTableSlot *slot, void *arg)
{
	RgtSplitJob *job = arg;
	int			p = rgt_tree_find(job->tree, DatumGetInt32(slot->tts_values[0]));

	if (p >= 0)
		job->rate[p] = rgt_fraction(DatumGetNumeric(slot->tts_values[1]));
}

static void
read_rates(RgtAllocation *allocation, RgtSnapshot snapshot)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT unit_id, penalty_rate FROM regtarget.standings "
		"WHERE period OPERATOR(pg_catalog.=) $1 AND penalty_rate OPERATOR(pg_catalog.>) 0", TEXTOID);
	RgtSplitJob *job = &allocation->job;
	Datum		argument = PointerGetDatum(allocation->period.period);

	job->rate = palloc_extended(sizeof(RgtFraction) * Max(job->tree->n, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	if (rgt_run(&query, snapshot, &argument, NULL, add_rate, job) > 0)
		return;
	pfree(job->rate);
	job->rate = NULL;
}

/* Bounds and penalties are for live and shadow plans. */
static void
read_guardrails(RgtAllocation *allocation, RgtSnapshot snapshot)
{
	if (allocation->sandbox)
		return;
	read_bounds(allocation, snapshot);
	read_rates(allocation, snapshot);
}

/* ---- entry points ---------------------------------------------------------------------------------- */

/*
 * Hold the period's row, so that nothing of it is published or closed before we are done.  It is shared, so that planners of
 * different units allocate at once.  Whoever publishes in the same transaction asks for more: two who do can deadlock, which
 * doc/operation.md says; to have it exclusively from the start would make all of them wait for the end of each other's
 * transactions.
 */
static void
lock_period(text *period)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT FROM regtarget.periods WHERE period OPERATOR(pg_catalog.=) $1 FOR SHARE", TEXTOID);
	Datum		argument = PointerGetDatum(period);

	rgt_run(&query, RGT_FRESH, &argument, NULL, NULL, NULL);
}

/*
 * allocate_targets(period, total, mode, root, step, factors, label): writes the draft anew and
 * returns its targets, every level of the tree, parents first.
 */
PG_FUNCTION_INFO_V1(rgt_allocate_targets);
Datum
rgt_allocate_targets(PG_FUNCTION_ARGS)
{
	RgtAllocation	allocation = {0};
	DestReceiver *dest = rgt_result(fcinfo);
	RgtSession	session;
	RgtSplit   *split;
	RgtBasisRows	basis;
	int64		plan_id;

	rgt_enter_to_write(&session, "regtarget.allocate_targets()");
	/* Nobody moves units meanwhile: the guard must see the tree that the total is split over. */
	rgt_lock_object(rgt_relation("units"), ShareLock);
	lock_period(rgt_required_text(fcinfo, ARG_PERIOD, "period"));
	rgt_await_leaving_units(PG_ARGISNULL(ARG_ROOT) ? NULL : PG_GETARG_TEXT_PP(ARG_ROOT), PG_GETARG_TEXT_PP(ARG_PERIOD));
	/* With the locks held, everything is read in one snapshot, as new as the guard's will be. */
	CommandCounterIncrement();
	PushActiveSnapshot(GetLatestSnapshot());
	read_arguments(fcinfo, &allocation, RGT_CALLER);
	allocation.label = PG_ARGISNULL(ARG_LABEL) ? NULL : PG_GETARG_TEXT_PP(ARG_LABEL);
	read_guardrails(&allocation, RGT_CALLER);
	basis = rgt_basis_begin();
	allocation.job.basis = rgt_basis_add;
	allocation.job.basis_arg = &basis;
	split = rgt_split_members(&allocation.job);
	rgt_split(&allocation.job, split);
	if (allocation.live)
		rgt_refuse_published(&allocation, split);
	PopActiveSnapshot();
	if (split->n >= UNITS_WORTH_A_NOTICE)
		ereport(NOTICE,
				(errmsg("the total is split over %d units; writing their targets", split->n)));
	plan_id = rgt_draft_make(&allocation);
	rgt_basis_write(plan_id, &basis);
	rgt_targets_write(&allocation, split, plan_id, dest);
	rgt_bounds_write(&allocation, plan_id);
	if (!allocation.live && !allocation.sandbox)
		rgt_put_on_record(&allocation, plan_id);
	if (allocation.live)
		rgt_name_lost_records(&allocation.period);
	rgt_end(&session);
	return (Datum) 0;
}

/*
 * preview_targets(period, total, mode, root, step, factors): what allocate_targets would suggest,
 * writing nothing: (unit_id, parent_unit_id, suggested, penalty, baseline).
 */
PG_FUNCTION_INFO_V1(rgt_preview_targets);
Datum
rgt_preview_targets(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	RgtAllocation	allocation = {0};
	RgtSession	session;
	RgtSplit   *split;
	MemoryContext context;

	InitMaterializedSRF(fcinfo, 0);
	rgt_enter(&session);
	read_arguments(fcinfo, &allocation, RGT_CALLER);
	read_guardrails(&allocation, RGT_CALLER);
	split = rgt_split_members(&allocation.job);
	rgt_split(&allocation.job, split);
	context = AllocSetContextCreate(CurrentMemoryContext, "regtarget preview row", ALLOCSET_SMALL_SIZES);
	for (int m = 0; m < split->n; m++)
	{
		MemoryContext old = MemoryContextSwitchTo(context);
		const RgtStep *step = &allocation.job.step;
		const int32 *unit_id = allocation.job.tree->unit_id;
		Datum		values[5] = {
			Int32GetDatum(unit_id[split->position[m]]),
			m == 0 ? (Datum) 0 : Int32GetDatum(unit_id[split->position[split->parent[m]]]),
			NumericGetDatum(rgt_to_amount(step, split->suggested[m])),
			NumericGetDatum(rgt_to_amount(step, split->penalty[m])),
			NumericGetDatum(rgt_to_amount(step, split->suggested[m] + split->penalty[m]))
		};
		bool		nulls[5] = {false, m == 0, false, false, false};

		CHECK_FOR_INTERRUPTS();
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
		MemoryContextSwitchTo(old);
		MemoryContextReset(context);
	}
	rgt_end(&session);
	return (Datum) 0;
}
