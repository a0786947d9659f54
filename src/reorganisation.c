/*
 * reorganisation.c
 *	  move_target() and transfer_target(): what was published goes elsewhere in its plan, exactly.
 *
 * Both take a figure off the targets on one way up and put it on those on another, up to the first target above
 * both, which stays as it is.  So all sums above and beside stay what they were, and no fact is touched.  Penalties
 * stay what they were published as: they are no part of what was handed down.
 *
 * The plan is locked against every other step (requests, signatures that are applied, closing), then read as it is
 * by then, and written by one statement, which the guard judges and of which the ledger has an entry a target.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "access/access.h"
#include "ledger/ledger.h"
#include "regtarget.h"

/* A target on one of the ways; figures in steps. */
typedef struct WayRow
{
	int64		target_id;
	int32		unit_id;
	int32		parent_id;		/* 0: none */
	int64		suggested;
	int64		penalty;
	int64		baseline;
	int64		amount;
} WayRow;

/* From a unit's target up to the plan's root. */
typedef struct Way
{
	const struct Job *job;
	WayRow	   *rows;
	int			n;
	int			allocated;
} Way;

typedef struct Job
{
	RgtPeriod	period;
	char	   *reason;
	int64		plan_id;
	RgtStep		step;
	RgtFraction cap;
	char	   *status;
} Job;

/* What changes: a row of one of the ways with its new figures. */
typedef struct Changes
{
	WayRow	   *rows;
	int			n;
} Changes;

/* ---- the plan ------------------------------------------------------------------------------------ */

/* The unit's published live plan of the period, which nobody else touches from now on. */
static void
lock_plan(Job *job, int32 unit_id)
{
	static RgtQuery query = RGT_KEY_QUERY(
		"SELECT p.plan_id, p.step, p.cap, p.status FROM regtarget.plans p "
		"JOIN regtarget.targets t ON t.plan_id = p.plan_id AND t.unit_id = $2 "
		"WHERE p.period = $1 AND p.mode = 'live' AND p.status IN ('published', 'closed')", TEXTOID, INT4OID);
	Datum		arguments[2] = {PointerGetDatum(job->period.period), Int32GetDatum(unit_id)};
	Datum		values[4];
	bool		isnull[4];

	if (!rgt_one(&query, RGT_LATEST, arguments, NULL, values, isnull, 4))
		rgt_refuse_state("targets", psprintf(rgt_text("unit \"%s\" has no published target for period \"%s\""),
											 rgt_unit_name(unit_id),
											 text_to_cstring(job->period.period)), NULL,
						 rgt_text("A draft is allocated again, or typed over."));
	job->plan_id = DatumGetInt64(values[0]);
	rgt_lock_plan(job->plan_id, ExclusiveLock);
	if (!rgt_one(&query, RGT_LATEST, arguments, NULL, values, isnull, 4))
		elog(ERROR, "plan " INT64_FORMAT " is gone", job->plan_id);
	rgt_step_init(&job->step, DatumGetNumeric(values[1]));
	job->cap = rgt_fraction(DatumGetNumeric(values[2]));
	job->status = TextDatumGetCString(values[3]);
}

static void
require_published(const Job *job)
{
	if (strcmp(job->status, "published") != 0)
		rgt_refuse_state("plans", psprintf(rgt_text("plan %" PRId64 " is %s"), job->plan_id, job->status),
						 psprintf(rgt_text("It is of period \"%s\"."), text_to_cstring(job->period.period)),
						 rgt_text("What was closed stays as it is: move and transfer in a period that is not."));
}

static void
bad_argument(const char *message, const char *detail, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg_internal("%s", message),
			 detail ? errdetail_internal("%s", detail) : 0,
			 hint ? errhint("%s", hint) : 0));
}

/* ---- the ways -------------------------------------------------------------------------------------- */

static int64
in_steps(const Job *job, Datum amount)
{
	int64		steps;

	if (rgt_to_steps(&job->step, DatumGetNumeric(amount), &steps) != RGT_FITS)
		elog(ERROR, "an amount of plan " INT64_FORMAT " is not a number of steps", job->plan_id);
	return steps;
}

static void
add_row(TupleTableSlot *slot, void *arg)
{
	Way		   *way = arg;
	const Datum *values = slot->tts_values;

	RGT_GROW(way->rows, way->n, way->allocated);
	way->rows[way->n++] = (WayRow) {
		.target_id = DatumGetInt64(values[0]),
		.unit_id = DatumGetInt32(values[1]),
		.parent_id = slot->tts_isnull[2] ? 0 : DatumGetInt32(values[2]),
		.suggested = in_steps(way->job, values[3]),
		.penalty = in_steps(way->job, values[4]),
		.baseline = in_steps(way->job, values[5]),
		.amount = in_steps(way->job, values[6])
	};
}

/* Empty where the plan has no target of the unit. */
static Way
read_way(const Job *job, int32 unit_id)
{
	static RgtQuery query = RGT_KEY_QUERY(
		"WITH RECURSIVE up AS ("
		"SELECT t.*, 0 AS level FROM regtarget.targets t WHERE t.plan_id = $1 AND t.unit_id = $2 "
		"UNION ALL SELECT t.*, up.level + 1 FROM up JOIN regtarget.targets t ON t.plan_id = $1 AND t.unit_id = up.parent_unit_id "
		"WHERE up.level < 100000) "
		"SELECT target_id, unit_id, parent_unit_id, suggested, penalty, baseline, amount FROM up "
		"ORDER BY level", INT8OID, INT4OID);
	Way			way = {.job = job, .rows = palloc(sizeof(WayRow) * 8), .allocated = 8};
	Datum		arguments[2] = {Int64GetDatum(job->plan_id), Int32GetDatum(unit_id)};

	rgt_run(&query, RGT_LATEST, arguments, NULL, add_row, &way);
	return way;
}

static int
find_on(const Way *way, int32 unit_id)
{
	for (int i = 0; i < way->n; i++)
	{
		if (way->rows[i].unit_id == unit_id)
			return i;
	}
	return -1;
}

/*
 * Where two ways meet: from there up they are the same.  22023 where the other unit has no target in the plan, or
 * nothing is above both.
 */
static void
meet(const Job *job, const Way *one, int from, const Way *other, int32 other_unit, int *at, int *other_at)
{
	for (*at = from; other->n > 0 && *at < one->n; (*at)++)
	{
		*other_at = find_on(other, one->rows[*at].unit_id);
		if (*other_at >= 0)
			return;
	}
	bad_argument(psprintf(rgt_text("unit \"%s\" has no target in plan %" PRId64 " beside \"%s\""), rgt_unit_name(other_unit),
						  job->plan_id, rgt_unit_name(one->rows[0].unit_id)),
				 rgt_text("Targets move, and amounts are transferred, within one plan."),
				 rgt_text("Name a unit that has a target in that plan; a unit that was opened since gets one in the next "
						  "period's."));
}

/* ---- what changes ---------------------------------------------------------------------------------- */

static void
check_row(const Job *job, const WayRow *row)
{
	int64		room;

	if (row->suggested < 0 || row->baseline < 0)
		bad_argument(psprintf(rgt_text("the baseline of unit \"%s\" would fall below 0"), rgt_unit_name(row->unit_id)),
					 psprintf(rgt_text("Suggested would be %s, the baseline %s."), rgt_amount_text(&job->step, row->suggested),
							  rgt_amount_text(&job->step, row->baseline)),
					 rgt_text("Transfer less, or a part from another unit."));
	room = rgt_cap_steps(row->baseline, job->cap);
	if (row->amount <= row->baseline + room && row->amount >= row->baseline - room)
		return;
	rgt_refuse_row("targets", "targets_cap", psprintf(rgt_text("target of unit \"%s\" would leave its cap"),
													  rgt_unit_name(row->unit_id)),
				   psprintf(rgt_text("Amount %s would be outside %s to %s: baseline %s."),
							rgt_amount_text(&job->step, row->amount),
							rgt_amount_text(&job->step, row->baseline - room), rgt_amount_text(&job->step, row->baseline + room),
							rgt_amount_text(&job->step, row->baseline)),
				   psprintf(rgt_text("Let the targets follow their parents again first: SELECT regtarget.respread(%" PRId64 ", "
									 "unit)."),
							job->plan_id));
}

/* Rows from .. upto of a way get so much more, or less. */
static void
change_rows(const Job *job, Changes *changes, const Way *way, int from, int upto, int64 figure, int64 amount)
{
	for (int i = from; i < upto; i++)
	{
		WayRow	   *row = &changes->rows[changes->n++];

		*row = way->rows[i];
		row->suggested += figure;
		row->baseline += figure;
		row->amount += amount;
		check_row(job, row);
	}
}

/* An open request was made of figures that are about to change. */
static void
refuse_open_requests(const Changes *changes)
{
	static RgtQuery query = RGT_KEY_QUERY(
		"SELECT adjustment_id, unit_id, status FROM regtarget.adjustments WHERE target_id = $1 "
		"AND status IN ('requested', 'approved') ORDER BY adjustment_id LIMIT 1", INT8OID);

	for (int i = 0; i < changes->n; i++)
	{
		Datum		argument = Int64GetDatum(changes->rows[i].target_id);
		Datum		values[3];
		bool		isnull[3];

		if (rgt_one(&query, RGT_LATEST, &argument, NULL, values, isnull, 3))
			rgt_refuse_state("targets", psprintf(rgt_text("unit \"%s\" has an open request"),
												 rgt_unit_name(DatumGetInt32(values[1]))),
							 psprintf(rgt_text("Request %" PRId64 " is %s."), DatumGetInt64(values[0]),
									  TextDatumGetCString(values[2])),
							 rgt_text("It is signed and applied, refused or withdrawn first."));
	}
}

static Datum
array_of_type(Datum *values, int n, Oid type)
{
	if (type == INT4OID)
		return PointerGetDatum(construct_array(values, n, type, sizeof(int32), true, TYPALIGN_INT));
	if (type == INT8OID)
		return PointerGetDatum(construct_array(values, n, type, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	return PointerGetDatum(construct_array(values, n, NUMERICOID, -1, false, TYPALIGN_INT));
}

static void
write_changes(const Job *job, const Changes *changes, const RgtWhy *cause)
{
	static RgtQuery query = RGT_KEY_QUERY(
		"UPDATE regtarget.targets t SET parent_unit_id = nullif(c.parent, 0), suggested = c.suggested, baseline = c.baseline, "
		"amount = c.amount FROM unnest($1, $2, $3, $4, $5) AS c (target_id, parent, suggested, baseline, amount) "
		"WHERE t.target_id = c.target_id", INT8ARRAYOID, INT4ARRAYOID, NUMERICARRAYOID, NUMERICARRAYOID, NUMERICARRAYOID);
	static const Oid types[] = {INT8OID, INT4OID, NUMERICOID, NUMERICOID, NUMERICOID};
	Datum	   *columns[lengthof(types)];
	Datum		arguments[lengthof(types)];

	for (int c = 0; c < (int) lengthof(types); c++)
		columns[c] = palloc(sizeof(Datum) * Max(changes->n, 1));
	for (int i = 0; i < changes->n; i++)
	{
		const WayRow *row = &changes->rows[i];

		columns[0][i] = Int64GetDatum(row->target_id);
		columns[1][i] = Int32GetDatum(row->parent_id);
		columns[2][i] = NumericGetDatum(rgt_to_amount(&job->step, row->suggested));
		columns[3][i] = NumericGetDatum(rgt_to_amount(&job->step, row->baseline));
		columns[4][i] = NumericGetDatum(rgt_to_amount(&job->step, row->amount));
	}
	for (int c = 0; c < (int) lengthof(types); c++)
		arguments[c] = array_of_type(columns[c], changes->n, types[c]);
	rgt_ledger_cause(cause);
	if (rgt_run(&query, RGT_FRESH, arguments, NULL, NULL, NULL) != (uint64) changes->n)
		rgt_too_new(psprintf(rgt_text("could not serialize access to plan %" PRId64), job->plan_id));
}

/* ---- what both begin with --------------------------------------------------------------------------- */

/* Units and period that there are, and units that the caller sees. */
static void
read_objects(FunctionCallInfo fcinfo, Job *job, const char *const *names, int32 *units)
{
	for (int i = 0; i < 2; i++)
		units[i] = rgt_unit_by_code(rgt_required_text(fcinfo, i, names[i]));
	job->period = rgt_period(rgt_required_text(fcinfo, 2, "period"));
	for (int i = 0; i < 2; i++)
		rgt_require_sight(units[i]);
}

static void
read_reason(FunctionCallInfo fcinfo, Job *job, int arg)
{
	job->reason = text_to_cstring(rgt_required_text(fcinfo, arg, "reason"));
	if (job->reason[0] == '\0')
		bad_argument(rgt_text("argument \"reason\" must not be empty"), NULL, rgt_text("Say why: the ledger keeps it."));
}

/* ---- move_target ------------------------------------------------------------------------------------ */

/* Below itself nothing can go; where it is it need not go. */
static void
check_move(const Job *job, const Way *way, const Way *new_way, int32 parent_id)
{
	require_published(job);
	if (find_on(new_way, way->rows[0].unit_id) >= 0)
		rgt_refuse_row("targets", "targets_tree",
					   psprintf(rgt_text("target of unit \"%s\" would be above itself"), rgt_unit_name(way->rows[0].unit_id)),
					   psprintf(rgt_text("Unit \"%s\" is below it in plan %" PRId64 "."), rgt_unit_name(parent_id), job->plan_id),
					   psprintf(rgt_text("Move the target of \"%s\" out from below it first."), rgt_unit_name(parent_id)));
	if (way->rows[0].parent_id == parent_id)
		rgt_refuse_state("targets", psprintf(rgt_text("target of unit \"%s\" is below \"%s\" already"),
											 rgt_unit_name(way->rows[0].unit_id),
											 rgt_unit_name(parent_id)),
						 psprintf(rgt_text("So it is in plan %" PRId64 "."), job->plan_id), rgt_text("Name another parent."));
}

/*
 * move_target(unit, parent, period, reason): a published target goes, with all below it, under another one of its
 * plan.  Returns how many targets changed: its own and those on the two ways.
 */
PG_FUNCTION_INFO_V1(rgt_move_target);
Datum
rgt_move_target(PG_FUNCTION_ARGS)
{
	static const char *const names[] = {"unit", "parent"};
	Job			job = {0};
	Changes		changes = {0};
	RgtWhy		cause = {.action = "target_moved"};
	RgtSession	session;
	int32		units[2];
	Way			way;
	Way			new_way;
	WayRow	   *row;
	int			at;
	int			new_at;

	rgt_enter_to_write(&session, "regtarget.move_target()");
	read_objects(fcinfo, &job, names, units);
	lock_plan(&job, units[0]);
	way = read_way(&job, units[0]);
	new_way = read_way(&job, units[1]);
	if (way.n == 1)
		bad_argument(psprintf(rgt_text("unit \"%s\" is the root of plan %" PRId64), rgt_unit_name(units[0]), job.plan_id),
					 rgt_text("It has nobody above it in its plan."), rgt_text("Move the targets below it."));
	meet(&job, &way, find_on(&new_way, units[0]) >= 0 ? 0 : 1, &new_way, units[1], &at, &new_at);
	rgt_require_planner(way.rows[at].unit_id);
	read_reason(fcinfo, &job, 3);
	check_move(&job, &way, &new_way, units[1]);
	changes.rows = palloc(sizeof(WayRow) * (way.n + new_way.n));
	row = &changes.rows[changes.n++];
	*row = way.rows[0];
	row->parent_id = units[1];
	change_rows(&job, &changes, &way, 1, at, -row->suggested, -(row->amount - row->penalty));
	change_rows(&job, &changes, &new_way, 0, new_at, row->suggested, row->amount - row->penalty);
	refuse_open_requests(&changes);
	cause.unit_id = units[0];
	cause.reason = job.reason;
	cause.from = way.rows[0].parent_id;
	cause.to = units[1];
	cause.common = way.rows[at].unit_id;
	cause.moved = rgt_to_amount(&job.step, row->suggested);
	write_changes(&job, &changes, &cause);
	rgt_end(&session);
	PG_RETURN_INT32(changes.n);
}

/* ---- transfer_target -------------------------------------------------------------------------------- */

/* A figure above 0, on the plan's step. */
static int64
figure_in_steps(const Job *job, int32 from, Numeric amount)
{
	int64		steps = 0;
	RgtFit		fit = RGT_FITS;

	if (rgt_is_finite(amount))
		fit = rgt_to_steps(&job->step, amount, &steps);
	if (!rgt_is_finite(amount) || (fit == RGT_FITS && steps <= 0) || (fit == RGT_OFF_STEP && steps < 0))
		bad_argument(psprintf(rgt_text("what is transferred from unit \"%s\" must be above 0"), rgt_unit_name(from)),
					 psprintf(rgt_text("It is %s."), rgt_numeric_text(amount)),
					 rgt_text("Of two units, name the one that gives first and the one that takes second."));
	if (fit == RGT_TOO_LARGE)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("what is transferred from unit \"%s\" is out of range", rgt_unit_name(from)),
				 errdetail("It is %s.", rgt_numeric_text(amount)),
				 errhint("It is not more than its target.")));
	if (fit == RGT_OFF_STEP)
		bad_argument(psprintf(rgt_text("what is transferred from unit \"%s\" is not a multiple of the plan's step"),
							  rgt_unit_name(from)),
					 psprintf(rgt_text("It is %s, the step of plan %" PRId64 " is %s."), rgt_numeric_text(amount), job->plan_id,
							  rgt_numeric_text(job->step.numeric)), rgt_text("Round it to the step."));
	return steps;
}

/*
 * transfer_target(from_unit, to_unit, period, amount, reason): a part of one published target becomes another's.
 * Returns how many targets changed: those on the two ways.
 */
PG_FUNCTION_INFO_V1(rgt_transfer_target);
Datum
rgt_transfer_target(PG_FUNCTION_ARGS)
{
	static const char *const names[] = {"from_unit", "to_unit"};
	Job			job = {0};
	Changes		changes = {0};
	RgtWhy		cause = {.action = "amount_transferred"};
	RgtSession	session;
	int32		units[2];
	Way			from;
	Way			to;
	int			at;
	int			to_at;
	int64		figure;

	rgt_enter_to_write(&session, "regtarget.transfer_target()");
	read_objects(fcinfo, &job, names, units);
	lock_plan(&job, units[0]);
	from = read_way(&job, units[0]);
	to = read_way(&job, units[1]);
	meet(&job, &from, 0, &to, units[1], &at, &to_at);
	rgt_require_planner(from.rows[at].unit_id);
	rgt_require(fcinfo, 3, "amount");
	read_reason(fcinfo, &job, 4);
	if (units[0] == units[1])
		bad_argument(psprintf(rgt_text("unit \"%s\" cannot transfer to itself"), rgt_unit_name(units[0])), NULL,
					 rgt_text("Name the unit that takes it."));
	figure = figure_in_steps(&job, units[0], PG_GETARG_NUMERIC(3));
	require_published(&job);
	changes.rows = palloc(sizeof(WayRow) * (from.n + to.n));
	change_rows(&job, &changes, &from, 0, at, -figure, -figure);
	change_rows(&job, &changes, &to, 0, to_at, figure, figure);
	refuse_open_requests(&changes);
	cause.unit_id = at > 0 ? units[0] : units[1];
	cause.reason = job.reason;
	cause.from = units[0];
	cause.to = units[1];
	cause.common = from.rows[at].unit_id;
	cause.moved = rgt_to_amount(&job.step, figure);
	write_changes(&job, &changes, &cause);
	rgt_end(&session);
	PG_RETURN_INT32(changes.n);
}
