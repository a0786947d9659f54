/*
 * phasing.c
 *	  A target over the months of its period, exactly, and what they called for by a day.
 *
 * The method of every split, S4, by the calendar's weights: the months' amounts are multiples of the plan's step
 * and add up to the target.  What is due is all of the months that are over and of the month in progress the
 * share of its days, counted up to and including the day.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"

#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "access/access.h"
#include "apportion.h"
#include "kernel/apportion.h"
#include "regtarget.h"
#include "phasing.h"

/* ---- the months of a period ------------------------------------------------------------------ */

typedef struct Month
{
	text	   *name;
	DateADT		starts_on;
	DateADT		ends_on;		/* its last day */
	int32		days;
} Month;

/* In their order, with room for splits. */
typedef struct Months
{
	MemoryContext context;
	text	   *period;
	Month	   *month;
	double	   *weight;
	int64	   *part;
	void	   *scratch;
	int			n;
	int			allocated;
} Months;

/* Columns: month, starts_on, ends_on, days, weight. */
static void
add_month(TupleTableSlot *slot, void *arg)
{
	Months	   *months = arg;
	MemoryContext old = MemoryContextSwitchTo(months->context);
	Month	   *month;

	if (months->n == months->allocated)
	{
		months->allocated *= 2;
		months->month = repalloc(months->month, sizeof(Month) * months->allocated);
		months->weight = repalloc(months->weight, sizeof(double) * months->allocated);
	}
	month = &months->month[months->n];
	month->name = DatumGetTextPCopy(slot->tts_values[0]);
	month->starts_on = DatumGetDateADT(slot->tts_values[1]);
	month->ends_on = DatumGetDateADT(slot->tts_values[2]);
	month->days = DatumGetInt32(slot->tts_values[3]);
	months->weight[months->n++] = DatumGetFloat8(slot->tts_values[4]);
	MemoryContextSwitchTo(old);
}

/* The months of a period, into the current memory context. */
static Months *
read_months(RgtSnapshot which, text *period)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT month, starts_on, ends_on, days, weight FROM regtarget.calendar "
		"WHERE period OPERATOR(pg_catalog.=) $1 ORDER BY starts_on", TEXTOID);
	Months	   *months = palloc0(sizeof(Months));
	Datum		argument = PointerGetDatum(period);

	months->context = CurrentMemoryContext;
	months->period = DatumGetTextPCopy(argument);
	months->allocated = 4;
	months->month = palloc(sizeof(Month) * months->allocated);
	months->weight = palloc(sizeof(double) * months->allocated);
	rgt_run(&query, which, &argument, NULL, add_month, months);
	months->part = palloc(sizeof(int64) * Max(months->n, 1));
	months->scratch = palloc(rgk_apportion_scratch(months->n));
	return months;
}

/* Split an amount over the months, into months->part. */
static void
split(const Months *months, const RgtStep *step, Numeric amount)
{
	rgk_trouble trouble;
	rgk_status	status = rgk_apportion(months->n, months->weight, NULL, NULL, rgt_total_steps(step, amount),
									   months->part, months->scratch, &trouble);

	if (status != RGK_OK)
		rgt_apportion_error(status, &trouble, step, rgt_text("the months"),
							trouble.culprit == RGK_NOBODY ? rgt_text("the months") :
							psprintf(rgt_text("month \"%s\""), text_to_cstring(months->month[trouble.culprit].name)));
}

static Datum
to_numeric(int64 value)
{
	return NumericGetDatum(int64_to_numeric(value));
}

/* The type modifier of numeric(19, 4). */
#define MONEY_TYPMOD (((19 << 16) | 4) + VARHDRSZ)

/* What a month's part comes to, with the decimals of money. */
static Datum
part_of(const Months *months, const RgtStep *step, int i)
{
	return DirectFunctionCall2(numeric, NumericGetDatum(rgt_to_amount(step, months->part[i])),
							   Int32GetDatum(MONEY_TYPMOD));
}

/*
 * What an amount's months had called for by a day, exactly but for the month in progress, whose share of days
 * rounds as numerics do.  The period must have months.
 */
static Datum
due(const Months *months, const RgtStep *step, Numeric amount, DateADT day)
{
	Datum		sum = (Datum) 0;

	split(months, step, amount);
	for (int i = 0; i < months->n; i++)
	{
		const Month *month = &months->month[i];
		int32		gone = Min(Max(day - month->starts_on + 1, 0), month->days);
		Datum		share = DirectFunctionCall2(numeric_mul, part_of(months, step, i), to_numeric(gone));

		share = DirectFunctionCall2(numeric_div, share, to_numeric(month->days));
		sum = i == 0 ? share : DirectFunctionCall2(numeric_add, sum, share);
	}
	return sum;
}

/* ---- published targets ------------------------------------------------------------------------ */

/* The published live plans of the period that holds a day. */
typedef struct DuePlan
{
	int64		plan_id;
	RgtStep		step;
} DuePlan;

typedef struct DuePlans
{
	MemoryContext context;
	DuePlan    *plan;
	int			n;
	text	   *period;			/* of them all; NULL: there are none */
} DuePlans;

/* Columns: plan_id, step, period. */
static void
add_plan(TupleTableSlot *slot, void *arg)
{
	DuePlans   *plans = arg;
	MemoryContext old = MemoryContextSwitchTo(plans->context);

	plans->plan = plans->n == 0 ? palloc(sizeof(DuePlan)) : repalloc(plans->plan, sizeof(DuePlan) * (plans->n + 1));
	plans->plan[plans->n].plan_id = DatumGetInt64(slot->tts_values[0]);
	rgt_step_init(&plans->plan[plans->n++].step, DatumGetNumericCopy(slot->tts_values[1]));
	plans->period = DatumGetTextPCopy(slot->tts_values[2]);
	MemoryContextSwitchTo(old);
}

static DuePlans
read_plans(RgtSnapshot which, DateADT day)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT p.plan_id, p.step, p.period FROM regtarget.periods q "
		"JOIN regtarget.plans p ON p.period OPERATOR(pg_catalog.=) q.period "
		"WHERE q.during OPERATOR(pg_catalog.@>) $1 AND p.mode OPERATOR(pg_catalog.=) 'live' "
		"AND p.status OPERATOR(pg_catalog.=) ANY ('{published,closed}'::pg_catalog.text[]) ORDER BY p.plan_id", DATEOID);
	DuePlans	plans = {.context = CurrentMemoryContext};
	Datum		argument = DateADTGetDatum(day);

	rgt_run(&query, which, &argument, NULL, add_plan, &plans);
	return plans;
}

/* Targets of one plan on their way to be told of. */
typedef struct Telling
{
	const Months *months;
	const DuePlan *plan;
	DateADT		day;
	RgtDueFn	tell;
	void	   *arg;
	MemoryContext context;		/* emptied after each */
} Telling;

static void
tell_due(Telling *telling, int32 unit_id, int32 parent_id, Datum amount)
{
	MemoryContext old = MemoryContextSwitchTo(telling->context);
	Datum		called_for = due(telling->months, &telling->plan->step, DatumGetNumeric(amount), telling->day);

	telling->tell(unit_id, parent_id, DatumGetFloat8(DirectFunctionCall1(numeric_float8, called_for)), telling->arg);
	MemoryContextSwitchTo(old);
	MemoryContextReset(telling->context);
}

/* Columns: unit_id, amount, parent_unit_id. */
static void
tell_target(TupleTableSlot *slot, void *arg)
{
	tell_due(arg, DatumGetInt32(slot->tts_values[0]), slot->tts_isnull[2] ? 0 : DatumGetInt32(slot->tts_values[2]),
			 slot->tts_values[1]);
}

static void
tell_plan(Telling *telling, RgtSnapshot which)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT unit_id, amount, parent_unit_id FROM regtarget.targets WHERE plan_id OPERATOR(pg_catalog.=) $1", INT8OID);
	Datum		argument = Int64GetDatum(telling->plan->plan_id);

	rgt_run(&query, which, &argument, NULL, tell_target, telling);
}

/* Of n units, each found by its key. */
static void
tell_units(Telling *telling, RgtSnapshot which, const int32 *units, int n)
{
	Snapshot	snapshot = rgt_snapshot(which);
	RgtLookup	targets;
	AttrNumber	amount;
	AttrNumber	parent;

	rgt_lookup_begin(&targets, "targets", "targets_plan_id_unit_id_key", 2, AccessShareLock, snapshot);
	amount = rgt_attnum(RelationGetDescr(targets.table), "amount");
	parent = rgt_attnum(RelationGetDescr(targets.table), "parent_unit_id");
	for (int i = 0; i < n; i++)
	{
		Datum		keys[2] = {Int64GetDatum(telling->plan->plan_id), Int32GetDatum(units[i])};
		Datum		parent_id;
		bool		no_parent;
		bool		isnull;

		CHECK_FOR_INTERRUPTS();
		rgt_lookup_keys(&targets, keys);
		if (!rgt_lookup_next(&targets, ForwardScanDirection))
			continue;
		parent_id = slot_getattr(targets.slot, parent, &no_parent);
		tell_due(telling, units[i], no_parent ? 0 : DatumGetInt32(parent_id), slot_getattr(targets.slot, amount, &isnull));
	}
	rgt_lookup_end(&targets);
	UnregisterSnapshot(snapshot);
}

/*
 * What the published live targets of n units (units NULL: of all) had called for by a day of their period.
 * Nothing is told on a day that no period holds, or whose period has no months.
 */
void
rgt_targets_due(RgtSnapshot which, const int32 *units, int n, DateADT day, RgtDueFn tell, void *arg)
{
	Telling		telling = {.day = day, .tell = tell, .arg = arg};
	DuePlans	plans = read_plans(which, day);

	if (plans.n == 0)
		return;
	telling.months = read_months(which, plans.period);
	if (telling.months->n == 0)
		return;
	telling.context = AllocSetContextCreate(CurrentMemoryContext, "regtarget due", ALLOCSET_SMALL_SIZES);
	for (int i = 0; i < plans.n; i++)
	{
		telling.plan = &plans.plan[i];
		if (units == NULL)
			tell_plan(&telling, which);
		else
			tell_units(&telling, which, units, n);
	}
	MemoryContextDelete(telling.context);
}

/*
 * ---- for views, target by target ---------------------------------------------------------------
 *
 * The calendar is for those who have a duty: to nobody else an amount tells how a period's months share it.
 */

/* What was read of periods, and the step that came last. */
typedef struct DueMemory
{
	RgtMemory	memory;
	List	   *periods;		/* of Months */
	RgtStep		step;			/* numeric NULL: none yet */
} DueMemory;

static bool
is_same_text(const text *a, const text *b)
{
	return VARSIZE_ANY_EXHDR(a) == VARSIZE_ANY_EXHDR(b) &&
		memcmp(VARDATA_ANY(a), VARDATA_ANY(b), VARSIZE_ANY_EXHDR(a)) == 0;
}

/* The months of a period, read when first asked for. */
static const Months *
remembered_months(DueMemory *memory, text *period)
{
	MemoryContext old;
	RgtSession	session;
	ListCell   *cell;

	foreach(cell, memory->periods)
	{
		if (is_same_text(((const Months *) lfirst(cell))->period, period))
			return lfirst(cell);
	}
	rgt_enter(&session);
	old = MemoryContextSwitchTo(memory->memory.context);
	memory->periods = lcons(read_months(RGT_CALLER, period), memory->periods);
	MemoryContextSwitchTo(old);
	rgt_end(&session);
	return linitial(memory->periods);
}

static const RgtStep *
remembered_step(DueMemory *memory, Numeric given)
{
	MemoryContext old;
	RgtStep		step;

	if (memory->step.numeric != NULL && VARSIZE(given) == VARSIZE(memory->step.numeric) &&
		memcmp(given, memory->step.numeric, VARSIZE(given)) == 0)
		return &memory->step;
	old = MemoryContextSwitchTo(memory->memory.context);
	rgt_step_init(&step, DatumGetNumericCopy(NumericGetDatum(given)));	/* which may end in an error */
	memory->step = step;
	MemoryContextSwitchTo(old);
	return &memory->step;
}

enum
{
	ARG_PERIOD, ARG_AMOUNT, ARG_STEP, ARG_DAY
};

/* due_of_target(period, amount, step, day): what the months had called for; null where the period has none. */
PG_FUNCTION_INFO_V1(rgt_due_of_target);
Datum
rgt_due_of_target(PG_FUNCTION_ARGS)
{
	DueMemory  *memory;
	const Months *months;

	if (PG_ARGISNULL(ARG_PERIOD) || PG_ARGISNULL(ARG_AMOUNT) || PG_ARGISNULL(ARG_STEP) || PG_ARGISNULL(ARG_DAY))
		PG_RETURN_NULL();
	if (!rgt_sees_anything(rgt_caller()))
		PG_RETURN_NULL();
	memory = rgt_memory(fcinfo, sizeof(DueMemory));
	months = remembered_months(memory, PG_GETARG_TEXT_PP(ARG_PERIOD));
	if (months->n == 0)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(due(months, remembered_step(memory, PG_GETARG_NUMERIC(ARG_STEP)), PG_GETARG_NUMERIC(ARG_AMOUNT),
						PG_GETARG_DATEADT(ARG_DAY)));
}

/* month_of_target(period, amount, step, day): what is called for by the month that begins on the day; null where none does. */
PG_FUNCTION_INFO_V1(rgt_month_of_target);
Datum
rgt_month_of_target(PG_FUNCTION_ARGS)
{
	DueMemory  *memory;
	const Months *months;
	const RgtStep *step;

	if (PG_ARGISNULL(ARG_PERIOD) || PG_ARGISNULL(ARG_AMOUNT) || PG_ARGISNULL(ARG_STEP) || PG_ARGISNULL(ARG_DAY))
		PG_RETURN_NULL();
	if (!rgt_sees_anything(rgt_caller()))
		PG_RETURN_NULL();
	memory = rgt_memory(fcinfo, sizeof(DueMemory));
	months = remembered_months(memory, PG_GETARG_TEXT_PP(ARG_PERIOD));
	for (int i = 0; i < months->n; i++)
	{
		if (months->month[i].starts_on != PG_GETARG_DATEADT(ARG_DAY))
			continue;
		step = remembered_step(memory, PG_GETARG_NUMERIC(ARG_STEP));
		split(months, step, PG_GETARG_NUMERIC(ARG_AMOUNT));
		PG_RETURN_DATUM(part_of(months, step, i));
	}
	PG_RETURN_NULL();
}

/* months_of_target(period, amount, step): (month, starts_on, ends_on, days, amount). */
PG_FUNCTION_INFO_V1(rgt_months_of_target);
Datum
rgt_months_of_target(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	DueMemory  *memory = rgt_memory(fcinfo, sizeof(DueMemory));
	const Months *months;
	const RgtStep *step;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(ARG_PERIOD) || PG_ARGISNULL(ARG_AMOUNT) || PG_ARGISNULL(ARG_STEP))
		return (Datum) 0;
	months = remembered_months(memory, PG_GETARG_TEXT_PP(ARG_PERIOD));
	if (months->n == 0)
		return (Datum) 0;
	step = remembered_step(memory, PG_GETARG_NUMERIC(ARG_STEP));
	split(months, step, PG_GETARG_NUMERIC(ARG_AMOUNT));
	for (int i = 0; i < months->n; i++)
	{
		const Month *month = &months->month[i];
		Datum		values[5] = {
			PointerGetDatum(month->name), DateADTGetDatum(month->starts_on), DateADTGetDatum(month->ends_on),
			Int32GetDatum(month->days), part_of(months, step, i)
		};
		bool		nulls[5] = {false};

		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* ---- targets_due -------------------------------------------------------------------------------- */

/* A row of targets_due() on its way out. */
typedef struct DueRows
{
	ReturnSetInfo *result;
	Oid			caller;
} DueRows;

static void
put_due(int32 unit_id, int32 parent_id, double called_for, void *arg)
{
	DueRows    *rows = arg;
	Datum		values[2] = {Int32GetDatum(unit_id), Float8GetDatum(called_for)};
	bool		nulls[2] = {false, false};

	if (rgt_in_sight(rows->caller, unit_id))
		tuplestore_putvalues(rows->result->setResult, rows->result->setDesc, values, nulls);
}

/* targets_due(day): (unit_id, due) of the published live visible targets. */
PG_FUNCTION_INFO_V1(rgt_targets_due_on);
Datum
rgt_targets_due_on(PG_FUNCTION_ARGS)
{
	DueRows		rows = {.result = (ReturnSetInfo *) fcinfo->resultinfo};
	RgtSession	session;

	InitMaterializedSRF(fcinfo, 0);
	rgt_enter(&session);
	rows.caller = rgt_caller();
	rgt_targets_due(RGT_CALLER, NULL, 0, rgt_required_day(fcinfo, 0, "day"), put_due, &rows);
	rgt_end(&session);
	return (Datum) 0;
}
