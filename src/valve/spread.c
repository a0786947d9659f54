/*
 * valve/spread.c
 *	  A change of a published target goes down the plan's tree, and respread().
 *
 * The children of a unit whose amount changed are split again: what they had together and the change
 * on top, by the method of every split, weighted by what each has, each within its own cap.  What the
 * caps cannot hold stays with the parent.  Then the same below each child that changed.
 *
 * Rows are read and locked level by level, so in the order of depth and unit_id, and written by one
 * statement, which the guard checks and the ledger hears of.
 */
#include "postgres.h"

#include "access/tableam.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "access/access.h"
#include "apportion.h"
#include "kernel/apportion.h"
#include "ledger/ledger.h"
#include "regtarget.h"
#include "valve/request.h"

void
rgt_spread_begin(RgtSpread *spread, int64 plan_id, const RgtStep *step, Numeric cap)
{
	spread->plan_id = plan_id;
	spread->step = *step;
	spread->cap = rgt_fraction(cap);
	spread->n = 0;
	spread->allocated = 64;
	spread->rows = palloc(sizeof(RgtSpreadRow) * spread->allocated);
}

/* ---- reading --------------------------------------------------------------------------------- */

/* Targets are found by their parents, or by one unit; their columns. */
typedef struct Reading
{
	Snapshot	snapshot;
	RgtLookup	by_parent;
	AttrNumber	target_id,
				unit_id,
				parent_unit_id,
				baseline,
				penalty,
				amount;
} Reading;

static void
begin_reading(Reading *reading)
{
	TupleDesc	desc;

	reading->snapshot = rgt_snapshot(RGT_FRESH);
	rgt_lookup_begin(&reading->by_parent, "targets", "targets_parent_idx", 2, RowShareLock, reading->snapshot);
	desc = RelationGetDescr(reading->by_parent.table);
	reading->target_id = rgt_attnum(desc, "target_id");
	reading->unit_id = rgt_attnum(desc, "unit_id");
	reading->parent_unit_id = rgt_attnum(desc, "parent_unit_id");
	reading->baseline = rgt_attnum(desc, "baseline");
	reading->penalty = rgt_attnum(desc, "penalty");
	reading->amount = rgt_attnum(desc, "amount");
}

static void
end_reading(Reading *reading)
{
	rgt_lookup_end(&reading->by_parent);
	UnregisterSnapshot(reading->snapshot);
}

static int64
in_steps(const RgtSpread *spread, Datum amount)
{
	int64		steps;

	if (rgt_to_steps(&spread->step, DatumGetNumeric(amount), &steps) != RGT_FITS)
		elog(ERROR, "an amount of plan " INT64_FORMAT " is not a number of steps", spread->plan_id);
	return steps;
}

/* Append the row that was locked; its parent is the unit_id still, for link_children() to find. */
static void
add_row(RgtSpread *spread, const Reading *reading, TupleTableSlot *slot)
{
	RgtSpreadRow *row;
	const Datum *values;

	RGT_GROW(spread->rows, spread->n, spread->allocated);
	row = &spread->rows[spread->n++];
	slot_getallattrs(slot);
	values = slot->tts_values;
	row->target_id = DatumGetInt64(values[reading->target_id - 1]);
	row->unit_id = DatumGetInt32(values[reading->unit_id - 1]);
	row->parent = slot->tts_isnull[reading->parent_unit_id - 1] ? 0 : DatumGetInt32(values[reading->parent_unit_id - 1]);
	row->first_child = row->children = 0;
	row->baseline = in_steps(spread, values[reading->baseline - 1]);
	row->penalty = in_steps(spread, values[reading->penalty - 1]);
	row->before = row->amount = in_steps(spread, values[reading->amount - 1]);
}

/* Rows that were found, to be locked in the order of their units. */
typedef struct Found
{
	int32		unit_id;
	ItemPointerData tid;
} Found;

typedef struct FoundRows
{
	Found	   *rows;
	int			n;
	int			allocated;
} FoundRows;

static void
collect_children(const RgtSpread *spread, Reading *reading, int32 unit_id, FoundRows *found)
{
	TupleTableSlot *slot = reading->by_parent.slot;
	Datum		keys[2] = {Int64GetDatum(spread->plan_id), Int32GetDatum(unit_id)};

	rgt_lookup_keys(&reading->by_parent, keys);
	while (rgt_lookup_next(&reading->by_parent, ForwardScanDirection))
	{
		bool		isnull;

		CHECK_FOR_INTERRUPTS();
		RGT_GROW(found->rows, found->n, found->allocated);
		found->rows[found->n].unit_id = DatumGetInt32(slot_getattr(slot, reading->unit_id, &isnull));
		found->rows[found->n++].tid = slot->tts_tid;
	}
}

/*
 * Lock what was found and append it.  The plan is published and locked: amounts may have changed
 * meanwhile, but not who is whose child.
 */
static void
lock_found(RgtSpread *spread, Reading *reading, FoundRows *found)
{
	TupleTableSlot *slot = table_slot_create(reading->by_parent.table, NULL);

	qsort(found->rows, found->n, sizeof(Found), rgt_order_by_unit);
	for (int i = 0; i < found->n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (rgt_lock_row(reading->by_parent.table, reading->by_parent.snapshot, &found->rows[i].tid, slot))
			add_row(spread, reading, slot);
	}
	ExecDropSingleTupleTableSlot(slot);
}

typedef struct Place
{
	int32		unit_id;
	int			index;
} Place;

/* By parent, and among siblings by unit_id. */
static int
compare_rows(const void *a, const void *b)
{
	const RgtSpreadRow *left = a;
	const RgtSpreadRow *right = b;

	if (left->parent != right->parent)
		return left->parent < right->parent ? -1 : 1;
	return RGT_ORDER(left->unit_id, right->unit_id);
}

/* Hang the rows from `from` on under their parents, which are among the n places. */
static void
link_children(RgtSpread *spread, int from, const Place *places, int n)
{
	for (int i = from; i < spread->n; i++)
	{
		Place		key = {.unit_id = spread->rows[i].parent};
		const Place *place = bsearch(&key, places, n, sizeof(Place), rgt_order_by_unit);

		spread->rows[i].parent = place->index;
	}
	qsort(&spread->rows[from], spread->n - from, sizeof(RgtSpreadRow), compare_rows);
	for (int i = from; i < spread->n; i++)
	{
		RgtSpreadRow *parent = &spread->rows[spread->rows[i].parent];

		if (parent->children++ == 0)
			parent->first_child = i;
	}
}

static FoundRows
nothing_found(void)
{
	FoundRows	found = {palloc(sizeof(Found) * 64), 0, 64};

	return found;
}

/* Lock and read the children of the rows from .. upto, of those only that changed or of all. */
static void
read_level(RgtSpread *spread, int from, int upto, bool all)
{
	Place	   *places = palloc_extended(sizeof(Place) * Max(upto - from, 1), MCXT_ALLOC_HUGE);
	FoundRows	found;
	Reading		reading;
	int			n = 0;
	int			end = spread->n;

	for (int i = from; i < upto; i++)
	{
		if (all || spread->rows[i].amount != spread->rows[i].before)
			places[n++] = (Place) {spread->rows[i].unit_id, i};
	}
	if (n > 0)
	{
		qsort(places, n, sizeof(Place), rgt_order_by_unit);
		found = nothing_found();
		begin_reading(&reading);
		for (int i = 0; i < n; i++)
			collect_children(spread, &reading, places[i].unit_id, &found);
		lock_found(spread, &reading, &found);
		end_reading(&reading);
		link_children(spread, end, places, n);
		pfree(found.rows);
	}
	pfree(places);
}

/* The one target of a unit in the plan. */
static void
find_unit(const RgtSpread *spread, const Reading *reading, int32 unit_id, FoundRows *found)
{
	RgtLookup	by_unit;
	Datum		keys[2] = {Int64GetDatum(spread->plan_id), Int32GetDatum(unit_id)};

	rgt_lookup_begin(&by_unit, "targets", "targets_plan_id_unit_id_key", 2, RowShareLock, reading->snapshot);
	rgt_lookup_keys(&by_unit, keys);
	if (rgt_lookup_next(&by_unit, ForwardScanDirection))
		found->rows[found->n++] = (Found) {unit_id, by_unit.slot->tts_tid};
	rgt_lookup_end(&by_unit);
}

/* Lock and read a unit's target and those of its children; false when the plan has none of the unit. */
bool
rgt_spread_read(RgtSpread *spread, int32 unit_id)
{
	Place		place = {unit_id, 0};
	FoundRows	unit = nothing_found();
	FoundRows	children = nothing_found();
	Reading		reading;

	begin_reading(&reading);
	find_unit(spread, &reading, unit_id, &unit);
	collect_children(spread, &reading, unit_id, &children);
	lock_found(spread, &reading, &unit);
	if (spread->n > 0)
		lock_found(spread, &reading, &children);
	end_reading(&reading);
	if (spread->n == 0)
		return false;
	spread->rows[0].parent = -1;
	link_children(spread, 1, &place, 1);
	return true;
}

/* ---- splitting again ----------------------------------------------------------------------------- */

static void *
array_of(Size size, int n)
{
	return palloc_extended(size * (Size) n, MCXT_ALLOC_HUGE);
}

/* Give the children of a row `total`, or as much of it as their caps can hold. */
static void
distribute(RgtSpread *spread, const RgtSpreadRow *parent, int64 total)
{
	int			n = parent->children;
	RgtSpreadRow *child = &spread->rows[parent->first_child];
	double	   *weight = array_of(sizeof(double), n);
	int64	   *at_least = array_of(sizeof(int64), n);
	int64	   *at_most = array_of(sizeof(int64), n);
	int64	   *part = array_of(sizeof(int64), n);
	void	   *scratch = palloc_extended(rgk_apportion_scratch(n), MCXT_ALLOC_HUGE);
	int64		least = 0;
	int64		most = 0;
	rgk_trouble trouble;
	rgk_status	status;

	for (int i = 0; i < n; i++)
	{
		int64		room = rgt_cap_steps(child[i].baseline, spread->cap);

		weight[i] = (double) child[i].before;
		least += at_least[i] = child[i].baseline - room;
		most += at_most[i] = child[i].baseline + room;
	}
	total = Max(Min(total, most), least);
	status = rgk_apportion(n, weight, at_least, at_most, total, part, scratch, &trouble);
	if (status != RGK_OK)
		rgt_apportion_error(status, &trouble, &spread->step,
							psprintf("the units below unit \"%s\"", rgt_unit_name(parent->unit_id)),
							trouble.culprit == RGK_NOBODY ? psprintf("unit \"%s\"", rgt_unit_name(parent->unit_id)) :
							psprintf("unit \"%s\"", rgt_unit_name(child[trouble.culprit].unit_id)));
	for (int i = 0; i < n; i++)
		child[i].amount = part[i];
	pfree(weight);
	pfree(at_least);
	pfree(at_most);
	pfree(part);
	pfree(scratch);
}

/* What the children have, and their parent's change on top. */
static int64
passed_down(const RgtSpread *spread, const RgtSpreadRow *parent)
{
	int64		total = parent->amount - parent->before;

	for (int i = 0; i < parent->children; i++)
		total += spread->rows[parent->first_child + i].before;
	return total;
}

/* What the parent has, and the children's penalties on top, which the plan gave them so. */
static int64
settled(const RgtSpread *spread, const RgtSpreadRow *parent)
{
	int64		total = parent->amount;

	for (int i = 0; i < parent->children; i++)
		total += spread->rows[parent->first_child + i].penalty;
	return total;
}

/* Level by level: split the children of each row again, then read theirs. */
static void
go_down(RgtSpread *spread, int64 (*total_of) (const RgtSpread *, const RgtSpreadRow *), bool all)
{
	int			from = 0;
	int			upto = 1;

	while (from < upto)
	{
		for (int i = from; i < upto; i++)
		{
			CHECK_FOR_INTERRUPTS();
			if (spread->rows[i].children > 0)
				distribute(spread, &spread->rows[i], total_of(spread, &spread->rows[i]));
		}
		from = upto;
		upto = spread->n;
		read_level(spread, from, upto, all);
	}
}

/* The first row's amount has changed: pass the change down. */
void
rgt_spread_pass_down(RgtSpread *spread)
{
	go_down(spread, passed_down, false);
}

/* Let everybody below the first row follow its amount. */
void
rgt_spread_settle(RgtSpread *spread)
{
	go_down(spread, settled, true);
}

/* ---- writing ------------------------------------------------------------------------------------- */

typedef struct Written
{
	Datum		target;
	MemoryContext context;		/* outlasts the statement */
} Written;

static void
keep_target(TupleTableSlot *slot, void *arg)
{
	Written    *written = arg;
	MemoryContext old;

	if (slot->tts_isnull[0])
		return;
	old = MemoryContextSwitchTo(written->context);
	written->target = datumCopy(slot->tts_values[0], false, -1);
	MemoryContextSwitchTo(old);
}

/* The rows are locked: only somebody's own trigger or rule can have kept them as they were. */
static void
not_all_written(const RgtSpread *spread, int n, uint64 rows)
{
	ereport(ERROR,
			(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
			 errmsg("not all amounts of plan " INT64_FORMAT " were written", spread->plan_id),
			 errdetail("Of %d targets that change, " UINT64_FORMAT " did.", n, rows),
			 errhint("A trigger of your own on regtarget.targets must let every row through."),
			 err_generic_string(PG_DIAG_SCHEMA_NAME, "regtarget"),
			 err_generic_string(PG_DIAG_TABLE_NAME, "targets")));
}

/*
 * Write the amounts that changed, by one statement, and say why to the ledger.  Returns the first
 * row's target as it is now, 0 when it did not change.
 */
Datum
rgt_spread_write(const RgtSpread *spread, const RgtCause *cause, int *changed)
{
	static RgtQuery one = RGT_KEY_QUERY(
		"UPDATE regtarget.targets t SET amount = $2 WHERE t.target_id = $1 RETURNING t", INT8OID, NUMERICOID);
	static RgtQuery many = RGT_KEY_QUERY(
		"UPDATE regtarget.targets t SET amount = c.amount FROM unnest($1, $2) AS c(target_id, amount) "
		"WHERE t.target_id = c.target_id RETURNING CASE WHEN t.target_id = $3 THEN t END",
		INT8ARRAYOID, NUMERICARRAYOID, INT8OID);
	Datum	   *ids = array_of(sizeof(Datum), Max(spread->n, 1));
	Datum	   *amounts = array_of(sizeof(Datum), Max(spread->n, 1));
	Written		written = {(Datum) 0, CurrentMemoryContext};
	uint64		rows;
	int			n = 0;

	for (int i = 0; i < spread->n; i++)
	{
		if (spread->rows[i].amount == spread->rows[i].before)
			continue;
		ids[n] = Int64GetDatum(spread->rows[i].target_id);
		amounts[n++] = NumericGetDatum(rgt_to_amount(&spread->step, spread->rows[i].amount));
	}
	*changed = n;
	if (n == 0)
		return written.target;
	rgt_ledger_cause(cause);
	if (n == 1)
	{
		Datum		arguments[2] = {ids[0], amounts[0]};

		rows = rgt_run(&one, RGT_FRESH, arguments, NULL, keep_target, &written);
	}
	else
	{
		Datum		arguments[3] = {
			PointerGetDatum(construct_array(ids, n, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE)),
			PointerGetDatum(construct_array(amounts, n, NUMERICOID, -1, false, TYPALIGN_INT)),
			Int64GetDatum(spread->rows[0].target_id)
		};

		rows = rgt_run(&many, RGT_FRESH, arguments, NULL, keep_target, &written);
	}
	if (rows != (uint64) n)
		not_all_written(spread, n, rows);
	return written.target;
}

/* ---- respread ------------------------------------------------------------------------------------ */

enum
{
	PLAN_STATUS, PLAN_STEP, PLAN_CAP, PLAN_HAS_UNIT, PLAN_COLUMNS
};

/* A plan with its lock held, and whether it has a target of the unit; 42704 when either is not there. */
static void
lock_plan(int64 plan_id, int32 unit_id, Datum *values)
{
	static RgtQuery query = RGT_KEY_QUERY(
		"SELECT status, step, cap, EXISTS (SELECT FROM regtarget.targets t WHERE t.plan_id = p.plan_id AND t.unit_id = $2) "
		"FROM regtarget.plans p WHERE plan_id = $1", INT8OID, INT4OID);
	Datum		arguments[2] = {Int64GetDatum(plan_id), Int32GetDatum(unit_id)};
	bool		isnull[PLAN_COLUMNS];

	rgt_lock_plan(plan_id, ShareLock);
	if (!rgt_one(&query, RGT_LATEST, arguments, NULL, values, isnull, PLAN_COLUMNS))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("plan " INT64_FORMAT " does not exist", plan_id)));
	if (!DatumGetBool(values[PLAN_HAS_UNIT]))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("plan " INT64_FORMAT " has no target of unit \"%s\"", plan_id, rgt_unit_name(unit_id))));
}

static int
respread(int64 plan_id, int32 unit_id, const Datum *plan)
{
	RgtCause	cause = {"respread", 0, 0};
	RgtSpread	spread;
	RgtStep		step;
	int			changed;

	rgt_step_init(&step, DatumGetNumeric(plan[PLAN_STEP]));
	rgt_spread_begin(&spread, plan_id, &step, DatumGetNumeric(plan[PLAN_CAP]));
	if (!rgt_spread_read(&spread, unit_id))
		rgt_too_new(psprintf("plan " INT64_FORMAT, plan_id));
	rgt_spread_settle(&spread);
	rgt_spread_write(&spread, &cause, &changed);
	return changed;
}

/*
 * respread(plan_id, unit): everybody below the unit follows again, at every level: the children get
 * their parent's amount and their penalties together, as far as their caps hold it.  Returns how many
 * targets changed.
 */
PG_FUNCTION_INFO_V1(rgt_respread);
Datum
rgt_respread(PG_FUNCTION_ARGS)
{
	int64		plan_id;
	int32		unit_id;
	Datum		plan[PLAN_COLUMNS];
	RgtSession	session;
	char	   *status;
	int			changed;

	rgt_require(fcinfo, 0, "plan_id");
	plan_id = PG_GETARG_INT64(0);
	rgt_enter_to_write(&session, "regtarget.respread()");
	unit_id = rgt_unit_by_code(rgt_required_text(fcinfo, 1, "unit"));
	lock_plan(plan_id, unit_id, plan);
	rgt_require_planner(unit_id);
	status = TextDatumGetCString(plan[PLAN_STATUS]);
	if (strcmp(status, "published") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("plan " INT64_FORMAT " is %s", plan_id, status),
				 errhint("Only the targets of a published plan are spread again; a draft is allocated again.")));
	changed = respread(plan_id, unit_id, plan);
	rgt_end(&session);
	PG_RETURN_INT32(changed);
}
