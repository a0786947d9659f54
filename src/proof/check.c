/*
 * proof/check.c
 *	  plan_check(): what a careful planner would ask before publishing.
 *
 * Each question is a function below; what publishing would refuse comes first.  Figures are those of the period's first
 * day, through its tree, as the split has them.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "access/access.h"
#include "facts/facts.h"
#include "health/health.h"
#include "regtarget.h"
#include "units/units.h"

enum
{
	OUT_SEVERITY, OUT_TOPIC, OUT_UNIT_ID, OUT_UNIT, OUT_WHAT, OUT_FIGURE, OUT_BESIDE, OUT_COLUMNS
};

/* A target further from last year's than this, by the plan's own growth, is a jump. */
#define JUMP 1.5

typedef struct Check
{
	ReturnSetInfo *result;
	int64		plan_id;
	RgtPeriod	period;
	int32		root;
	const RgtTree *tree;		/* of the period's first day */
	RgtSignals *signals;
	DateADT		window_start;	/* that health looks at */
	DateADT		window_end;
	bool	   *planned;		/* by position: has it a target? */
	double	   *baseline;
} Check;

/* A figure that is not known. */
#define NO_FIGURE NAN

static void
find(const Check *check, const char *severity, const char *topic, int32 unit_id, const char *what, double figure, double beside)
{
	Datum		values[OUT_COLUMNS] = {
		CStringGetTextDatum(severity), CStringGetTextDatum(topic), Int32GetDatum(unit_id)
	};
	bool		nulls[OUT_COLUMNS] = {false};

	nulls[OUT_UNIT_ID] = nulls[OUT_UNIT] = unit_id == 0;
	if (unit_id != 0)
		values[OUT_UNIT] = CStringGetTextDatum(rgt_unit_name(unit_id));
	values[OUT_WHAT] = CStringGetTextDatum(what);
	values[OUT_FIGURE] = Float8GetDatum(figure);
	values[OUT_BESIDE] = Float8GetDatum(beside);
	nulls[OUT_FIGURE] = isnan(figure);
	nulls[OUT_BESIDE] = isnan(beside);
	tuplestore_putvalues(check->result->setResult, check->result->setDesc, values, nulls);
}

/* ---- units that a plan leaves out ------------------------------------------------------------------ */

/* For each position, whether something below it has a target. */
static bool *
find_planned_below(const Check *check)
{
	bool	   *below = palloc0(sizeof(bool) * (Size) Max(check->tree->n, 1));

	for (int p = check->tree->n - 1; p >= check->tree->roots; p--)
		below[check->tree->parent[p]] |= below[p] || check->planned[p];
	return below;
}

/* Has a sibling of it a target? */
static bool
has_planned_sibling(const Check *check, int position)
{
	int			parent = check->tree->parent[position];

	for (int c = 0; c < check->tree->children[parent]; c++)
	{
		if (check->planned[check->tree->first_child[parent] + c])
			return true;
	}
	return false;
}

/* A parent of its units that is missing: those below it hang on the unit above, and nobody's sum holds them. */
static void
ask_missing(const Check *check)
{
	const RgtTree *tree = check->tree;
	bool	   *below = find_planned_below(check);
	bool	   *inside = palloc0(sizeof(bool) * (Size) Max(tree->n, 1));

	for (int p = 0; p < tree->n; p++)
	{
		inside[p] = tree->unit_id[p] == check->root || (tree->parent[p] >= 0 && inside[tree->parent[p]]);
		if (!inside[p] || check->planned[p] || !below[p])
			continue;
		if (tree->parent[p] >= 0 && has_planned_sibling(check, p))
			find(check, "stop", "missing_unit", tree->unit_id[p],
				 rgt_text("is not in the plan, though a sibling and units below it are: publishing will refuse it"),
				 NO_FIGURE, NO_FIGURE);
		else
			find(check, "ask", "missing_unit", tree->unit_id[p],
				 rgt_text("is not in the plan, though units below it are: is a level left out?"), NO_FIGURE, NO_FIGURE);
	}
}

/* ---- records that nobody goes on with ---------------------------------------------------------------- */

static void
tell_lost(const RgtLostRecord *lost, void *arg)
{
	const Check *check = arg;
	int			p = rgt_tree_find(check->tree, lost->opened);

	if (p < 0 || !check->planned[p])
		return;
	find(check, "ask", "record_not_inherited", lost->opened,
		 psprintf(rgt_text("was opened below \"%s\", where \"%s\" was closed with %d refused quarters running; no succession "
						   "says that it goes on from it"),
				  rgt_unit_name(lost->parent), rgt_unit_name(lost->closed), lost->denied_quarters),
		 lost->denied_quarters, NO_FIGURE);
}

/* ---- rows that wait ------------------------------------------------------------------------------------- */

/* Columns: unit as it was written, line, cause, reason. */
static void
tell_reject(TupleTableSlot *slot, void *arg)
{
	const Check *check = arg;
	const Datum *value = slot->tts_values;

	find(check, "ask", "reject", 0,
		 psprintf(rgt_text("a row of targets_in for unit \"%s\" waits in import_rejects: %s (%s)"),
				  slot->tts_isnull[0] ? "" : TextDatumGetCString(value[0]), TextDatumGetCString(value[3]),
				  TextDatumGetCString(value[2])),
		 slot->tts_isnull[1] ? NO_FIGURE : (double) DatumGetInt64(value[1]), NO_FIGURE);
}

/* Of those that the caller sees, as row security has it. */
static void
ask_rejects(const Check *check)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT r.\"row\" ->> 'unit', r.line::bigint, r.cause, r.reason FROM regtarget.import_rejects r "
		"WHERE r.target = 'targets_in' AND btrim(r.\"row\" ->> 'period') = $1 "
		"AND (has_table_privilege($2, 'regtarget.targets_in', 'INSERT') "
		"OR pg_has_role($2, to_regrole(quote_ident(r.by_duty_of))::oid, 'USAGE')) ORDER BY r.reject_id", TEXTOID, OIDOID);
	Datum		arguments[2] = {PointerGetDatum(check->period.period), ObjectIdGetDatum(rgt_caller())};

	rgt_run(&query, RGT_CALLER, arguments, NULL, tell_reject, (void *) check);
}

/* ---- bounds --------------------------------------------------------------------------------------------- */

/* Columns: unit_id, suggested, bound, whether it is a floor. */
static void
tell_bound(TupleTableSlot *slot, void *arg)
{
	const Datum *value = slot->tts_values;
	bool		floor = DatumGetBool(value[4]);

	find(arg, "note", "bound", DatumGetInt32(value[0]),
		 psprintf(floor ? rgt_text("its floor of %s binds: the split is not by factors alone here") :
				  rgt_text("its ceiling of %s binds: the split is not by factors alone here"),
				  rgt_numeric_text(DatumGetNumeric(value[3]))),
		 DatumGetFloat8(value[1]), DatumGetFloat8(value[2]));
}

static void
ask_bounds(const Check *check)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT t.unit_id, t.suggested::float8, x.bound::float8, x.bound, x.floor FROM regtarget.plans p "
		"JOIN regtarget.targets t ON t.plan_id = p.plan_id "
		"JOIN regtarget.plan_bounds b ON b.plan_id = t.plan_id AND b.unit_id = t.unit_id "
		"CROSS JOIN LATERAL (VALUES (b.at_least, true), (b.at_most, false)) AS x (bound, floor) "
		"WHERE p.plan_id = $1 AND CASE WHEN x.floor THEN x.bound > 0 AND t.suggested < x.bound + p.step "
		"ELSE t.suggested > x.bound - p.step END ORDER BY t.unit_id, x.floor DESC", INT8OID);
	Datum		argument = Int64GetDatum(check->plan_id);

	rgt_run(&query, RGT_CALLER, &argument, NULL, tell_bound, (void *) check);
}

/* ---- what is missing among the signals ------------------------------------------------------------------ */

static void
ask_stopped(const Check *check)
{
	static const struct
	{
		const char *signal;
		const char *what;
	}			logged[] = {
		{"visits_per_head", gettext_noop("had visits once and none from %s to %s: has it stopped, or has only the record?")},
		{"output_per_head", gettext_noop("had won deals once and none from %s to %s: has it stopped, or has only the record?")}
	};

	for (int i = 0; i < (int) lengthof(logged); i++)
	{
		const RgtSignal *signal = rgt_signal(check->signals, logged[i].signal);

		for (int p = 0; p < check->tree->n; p++)
		{
			if (check->planned[p] && signal->known[p] && signal->value[p] == 0)
				find(check, "ask", "stopped_logging", check->tree->unit_id[p],
					 psprintf(rgt_text(logged[i].what), rgt_date_text(check->window_start),
							  rgt_date_text(check->window_end - 1)),
					 0, NO_FIGURE);
		}
	}
}

/* Columns: unit_id, signals, their weight. */
static void
tell_imputed(TupleTableSlot *slot, void *arg)
{
	double		weight = DatumGetFloat8(slot->tts_values[2]);

	find(arg, "ask", "imputed", DatumGetInt32(slot->tts_values[0]),
		 psprintf(rgt_text("%s: nobody has said, and what its siblings have counts instead (%.0f %% of its weight)"),
				  TextDatumGetCString(slot->tts_values[1]), 100 * weight), weight, NO_FIGURE);
}

static void
ask_imputed(const Check *check)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT s.unit_id, string_agg(b.signal, ', ' ORDER BY b.signal COLLATE \"C\"), sum(b.weight) "
		"FROM regtarget.plan_basis b CROSS JOIN unnest(b.unit_ids, b.imputed) AS s (unit_id, imputed) "
		"WHERE b.plan_id = $1 AND s.imputed AND EXISTS (SELECT FROM regtarget.targets t WHERE t.plan_id = $1 "
		"AND t.unit_id = s.unit_id) GROUP BY s.unit_id ORDER BY s.unit_id", INT8OID);
	Datum		argument = Int64GetDatum(check->plan_id);

	rgt_run(&query, RGT_CALLER, &argument, NULL, tell_imputed, (void *) check);
}

/* ---- against last year ------------------------------------------------------------------------------------ */

static void
tell_jump(const Check *check, int p, double last_year, double growth)
{
	double		baseline = check->baseline[p];

	if (last_year <= 0)
		find(check, "ask", "jump", check->tree->unit_id[p],
			 rgt_text("is given a target and brought nothing in this quarter last year"), baseline, last_year);
	else if (check->tree->unit_id[p] == check->root)
		find(check, "ask", "jump", check->root,
			 psprintf(rgt_text("the whole plan is %+.0f %% against last year's actual"), 100 * (baseline / last_year - 1)),
			 baseline, last_year);
	else
		find(check, "ask", "jump", check->tree->unit_id[p],
			 psprintf(rgt_text("its target is %+.0f %% against last year's actual, the whole plan %+.0f %%"),
					  100 * (baseline / last_year - 1), 100 * (growth - 1)), baseline, last_year);
}

/* The root by itself, all others by the growth that the plan asks of the root. */
static void
ask_jumps(const Check *check)
{
	const RgtSignal *last_year = rgt_signal(check->signals, "actual_last_year");
	int			root = rgt_tree_find(check->tree, check->root);
	double		growth = 1;

	if (root >= 0 && check->planned[root] && last_year->known[root] && last_year->value[root] > 0)
		growth = check->baseline[root] / last_year->value[root];
	for (int p = 0; p < check->tree->n; p++)
	{
		double		expected = last_year->known[p] ? last_year->value[p] * (p == root ? 1 : growth) : 0;

		if (check->planned[p] && last_year->known[p] && check->baseline[p] + expected > 0 &&
			(check->baseline[p] > JUMP * expected || check->baseline[p] * JUMP < expected))
			tell_jump(check, p, last_year->value[p], growth);
	}
}

/* ---- all of it ---------------------------------------------------------------------------------------------- */

/* Columns: unit_id, baseline. */
static void
add_target(TupleTableSlot *slot, void *arg)
{
	Check	   *check = arg;
	int			p = rgt_tree_find(check->tree, DatumGetInt32(slot->tts_values[0]));

	if (p < 0)
		return;
	check->planned[p] = true;
	check->baseline[p] = DatumGetFloat8(slot->tts_values[1]);
}

/* The plan of the argument, for its planner alone: it says what drafts, bounds and others' signals are. */
static void
find_plan(FunctionCallInfo fcinfo, Check *check)
{
	static RgtQuery query = RGT_QUERY("SELECT period, root_unit_id FROM regtarget.plans WHERE plan_id = $1", INT8OID);
	Datum		argument;
	Datum		values[2];
	bool		isnull[2];

	rgt_require(fcinfo, 0, "plan_id");
	check->plan_id = PG_GETARG_INT64(0);
	argument = Int64GetDatum(check->plan_id);
	if (!rgt_one(&query, RGT_CALLER, &argument, NULL, values, isnull, 2))
		rgt_unknown_plan(check->plan_id);
	check->root = DatumGetInt32(values[1]);
	rgt_require_planner_of_plan(check->plan_id, check->root);
	check->period = rgt_period(DatumGetTextPP(values[0]));
}

static void
read_plan(Check *check)
{
	static RgtQuery query = RGT_QUERY("SELECT unit_id, baseline::float8 FROM regtarget.targets WHERE plan_id = $1", INT8OID);
	Datum		argument = Int64GetDatum(check->plan_id);
	DateADT		day = check->period.first;

	check->tree = rgt_tree_read(RGT_CALLER, day);
	check->signals = rgt_signals(check->tree, day, RGT_CALLER);
	check->window_start = rgt_month_start(day, -rgt_policy(day, RGT_CALLER).window_months);
	check->window_end = rgt_month_start(day, 0);
	check->planned = palloc0(sizeof(bool) * (Size) Max(check->tree->n, 1));
	check->baseline = palloc0(sizeof(double) * (Size) Max(check->tree->n, 1));
	rgt_run(&query, RGT_CALLER, &argument, NULL, add_target, check);
}

/*
 * plan_check(plan_id): a row for each thing to look at: severity (stop: publishing will refuse it; ask; note), topic,
 * unit, what in words, and the figure with the one that it is compared with.
 */
PG_FUNCTION_INFO_V1(rgt_plan_check);
Datum
rgt_plan_check(PG_FUNCTION_ARGS)
{
	Check		check = {.result = (ReturnSetInfo *) fcinfo->resultinfo};
	RgtSession	session;

	InitMaterializedSRF(fcinfo, 0);
	rgt_enter(&session);
	find_plan(fcinfo, &check);
	read_plan(&check);
	ask_missing(&check);
	rgt_lost_records(&check.period, tell_lost, &check);
	ask_rejects(&check);
	ask_bounds(&check);
	ask_stopped(&check);
	ask_imputed(&check);
	ask_jumps(&check);
	rgt_end(&session);
	return (Datum) 0;
}
