/*
 * proof/sensitivity.c
 *	  sensitivity(): how far a factor's weight may move before a target does.
 *
 * Weights are taken as the plan's rules have them, divided by their sum.  One of them, t, moves, the others stay.  Among
 * the children of a parent, of which factors U say something, a unit's share is then
 *
 *		s(t) = (A + t S) / (C + t)		A = sum of weight x share, C = sum of weight, over U without the factor,
 *										S = its share by the factor
 *
 * and its target is the plan's total times the product of such shares, from the top down to it, times what penalties
 * add, which do not depend on t.  So the target at t is today's times the product of s(t) / s(today) over the levels at
 * which the factor counts.  Where that is one level, t is solved for; else the product, whose factors are monotone, is
 * bracketed and halved until its first exit is found.
 *
 * Not covered, and said so: what a bound decides, what was typed over the split, moved or transferred since.  Rounding is
 * not followed either: targets are taken as if there were no step, and move when they have moved by one.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

#include "access/access.h"
#include "regtarget.h"

enum
{
	OUT_UNIT_ID, OUT_UNIT, OUT_FACTOR, OUT_WEIGHT, OUT_SHARE, OUT_TARGET, OUT_MOVES, OUT_COVERED = OUT_MOVES + 4, OUT_COLUMNS
};

typedef struct Factor
{
	char	   *name;
	double		weight;			/* as the rules have it; those of all add up to 1 */
} Factor;

/* A target of the plan; shares lie in an array beside, one a factor. */
typedef struct Target
{
	int32		unit_id;
	int32		parent_id;		/* 0: none */
	int			parent;			/* its place; -1: none in the plan */
	int			children;
	bool		at_bound;
	bool		off;			/* some child's suggestion is not what the split gives */
	bool	   *used;			/* by factor: does it say something among the children?  NULL: nothing does */
	double		suggested;
	double		baseline;
	Datum		amount;			/* the baseline as it is stored */
	text	   *code;
} Target;

typedef struct SplitPlan
{
	int64		plan_id;
	double		step;
	int			nfactors;
	int			factors_allocated;
	Factor	   *factor;
	int			n;
	int			allocated;
	Target	   *target;			/* by unit_id */
	double	   *share;			/* n x nfactors; -1: not among those of its parent's basis */
	MemoryContext context;
} SplitPlan;

/* ---- reading -------------------------------------------------------------------------------------- */

/* Columns: factor, weight. */
static void
add_factor(TupleTableSlot *slot, void *arg)
{
	SplitPlan  *plan = arg;
	MemoryContext old = MemoryContextSwitchTo(plan->context);

	RGT_GROW(plan->factor, plan->nfactors, plan->factors_allocated);
	plan->factor[plan->nfactors++] = (Factor) {
		TextDatumGetCString(slot->tts_values[0]), DatumGetFloat8(slot->tts_values[1])
	};
	MemoryContextSwitchTo(old);
}

/* Those that counted, with their weights as shares of the sum. */
static void
read_factors(SplitPlan *plan)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT f.factor, sum(f.weight) FROM regtarget.plans p, "
		"jsonb_to_recordset(p.rules -> 'factors') AS f (factor text, weight float8) "
		"WHERE p.plan_id = $1 AND f.weight > 0 GROUP BY f.factor ORDER BY f.factor COLLATE \"C\"", INT8OID);
	Datum		argument = Int64GetDatum(plan->plan_id);
	double		sum = 0;

	rgt_run(&query, RGT_CALLER, &argument, NULL, add_factor, plan);
	for (int f = 0; f < plan->nfactors; f++)
		sum += plan->factor[f].weight;
	for (int f = 0; f < plan->nfactors; f++)
		plan->factor[f].weight /= sum;
}

/* Columns: unit_id, parent_unit_id, suggested, baseline, the same as numeric, code, whether a bound holds it, step. */
static void
add_target(TupleTableSlot *slot, void *arg)
{
	SplitPlan  *plan = arg;
	const Datum *value = slot->tts_values;
	MemoryContext old = MemoryContextSwitchTo(plan->context);

	RGT_GROW(plan->target, plan->n, plan->allocated);
	plan->target[plan->n++] = (Target) {
		.unit_id = DatumGetInt32(value[0]), .parent_id = slot->tts_isnull[1] ? 0 : DatumGetInt32(value[1]), .parent = -1,
		.suggested = DatumGetFloat8(value[2]), .baseline = DatumGetFloat8(value[3]),
		.amount = PointerGetDatum(DatumGetNumericCopy(value[4])), .code = DatumGetTextPCopy(value[5]),
		.at_bound = DatumGetBool(value[6])
	};
	plan->step = DatumGetFloat8(value[7]);
	MemoryContextSwitchTo(old);
}

static int
find_target(const SplitPlan *plan, int32 unit_id)
{
	const Target *target = bsearch(&unit_id, plan->target, plan->n, sizeof(Target), rgt_order_by_unit);

	return target == NULL ? -1 : target - plan->target;
}

static void
read_targets(SplitPlan *plan)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT t.unit_id, t.parent_unit_id, t.suggested::float8, t.baseline::float8, t.baseline, u.code, "
		"coalesce(b.at_least > 0 AND t.suggested < b.at_least + p.step, false) "
		"OR coalesce(t.suggested > b.at_most - p.step, false), "
		"p.step::float8 FROM regtarget.plans p JOIN regtarget.targets t ON t.plan_id = p.plan_id "
		"JOIN regtarget.units u ON u.unit_id = t.unit_id "
		"LEFT JOIN regtarget.plan_bounds b ON b.plan_id = t.plan_id AND b.unit_id = t.unit_id "
		"WHERE p.plan_id = $1 ORDER BY t.unit_id", INT8OID);
	Datum		argument = Int64GetDatum(plan->plan_id);

	rgt_run(&query, RGT_CALLER, &argument, NULL, add_target, plan);
	plan->share = palloc_extended(sizeof(double) * (Size) Max(plan->n * Max(plan->nfactors, 1), 1), MCXT_ALLOC_HUGE);
	for (int i = 0; i < plan->n * plan->nfactors; i++)
		plan->share[i] = -1;
	for (int i = 0; i < plan->n; i++)
	{
		plan->target[i].parent = find_target(plan, plan->target[i].parent_id);
		if (plan->target[i].parent >= 0)
			plan->target[plan->target[i].parent].children++;
	}
}

static int
find_factor(const SplitPlan *plan, const char *name)
{
	int			f = 0;

	while (f < plan->nfactors && strcmp(plan->factor[f].name, name) != 0)
		f++;
	return f;
}

/* Columns: parent, factor, and of each child its key and its share by the factor, its signals taken together. */
static void
add_basis(TupleTableSlot *slot, void *arg)
{
	SplitPlan  *plan = arg;
	int			parent = find_target(plan, DatumGetInt32(slot->tts_values[0]));
	int			f = find_factor(plan, TextDatumGetCString(slot->tts_values[1]));
	int			child = find_target(plan, DatumGetInt32(slot->tts_values[2]));

	if (parent < 0 || f == plan->nfactors || child < 0 || plan->target[child].parent != parent)
		return;
	if (plan->target[parent].used == NULL)
		plan->target[parent].used = MemoryContextAllocZero(plan->context, sizeof(bool) * plan->nfactors);
	plan->target[parent].used[f] = true;
	plan->share[child * plan->nfactors + f] = DatumGetFloat8(slot->tts_values[3]);
}

static void
read_basis(SplitPlan *plan)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT b.parent_unit_id, b.factor, s.unit_id, sum(b.weight * s.share) / sum(b.weight) "
		"FROM regtarget.plan_basis b CROSS JOIN unnest(b.unit_ids, b.shares) AS s (unit_id, share) "
		"WHERE b.plan_id = $1 AND b.weight > 0 GROUP BY b.parent_unit_id, b.factor, s.unit_id", INT8OID);
	Datum		argument = Int64GetDatum(plan->plan_id);

	rgt_run(&query, RGT_CALLER, &argument, NULL, add_basis, plan);
}

/* ---- one level ------------------------------------------------------------------------------------- */

/* What a unit's share among its siblings is made of, as one factor's weight moves; the letters are those of the head. */
typedef struct Level
{
	double		a;
	double		c;
	double		s;
	double		today;			/* s(t) at today's t */
} Level;

static double
share_at(const Level *level, double t)
{
	return (level->a + t * level->s) / (level->c + t);
}

/* The level of a target among its siblings; false where the factor changes nothing there. */
static bool
find_level(const SplitPlan *plan, int i, int f, Level *level)
{
	const Target *target = &plan->target[i];
	const double *share = &plan->share[i * plan->nfactors];
	const bool *used = target->parent < 0 ? NULL : plan->target[target->parent].used;

	*level = (Level) {.s = share[f]};
	for (int g = 0; used != NULL && g < plan->nfactors; g++)
	{
		if (g == f || !used[g])
			continue;
		level->a += plan->factor[g].weight * share[g];
		level->c += plan->factor[g].weight;
	}
	if (used == NULL || !used[f] || level->c <= 0)
		return false;
	level->today = share_at(level, plan->factor[f].weight);
	return level->a != level->c * level->s;
}

/* What the split gives a target today, of what its parent hands down. */
static double
share_today(const SplitPlan *plan, int i)
{
	const Target *parent = &plan->target[plan->target[i].parent];
	double		sum = 0;
	double		weights = 0;

	for (int f = 0; f < plan->nfactors; f++)
	{
		if (!parent->used[f])
			continue;
		sum += plan->factor[f].weight * plan->share[i * plan->nfactors + f];
		weights += plan->factor[f].weight;
	}
	return sum / weights;
}

/* So many steps a part may be off its exact share by rounding. */
#define ROUNDING 2

/* Name the parents below which the split is not what stands in the plan. */
static void
find_off(SplitPlan *plan)
{
	for (int i = 0; i < plan->n; i++)
	{
		const Target *target = &plan->target[i];
		Target	   *parent = target->parent < 0 ? NULL : &plan->target[target->parent];
		double		due;

		if (parent == NULL)
			continue;
		if (parent->used == NULL)
		{
			parent->off |= parent->children > 1 && parent->baseline > 0;
			continue;
		}
		due = parent->baseline * share_today(plan, i);
		/* Written so that one that has no share, which makes it -1 or less, is off, too. */
		parent->off |= target->at_bound || !(fabs(target->suggested - due) <= ROUNDING * plan->step);
	}
}

/* ---- all levels -------------------------------------------------------------------------------------- */

/* The levels of a target at which a factor counts. */
typedef struct Way
{
	Level	   *level;
	int			n;
	int			allocated;
	double		weight;			/* today's */
	bool		covered;
} Way;

static void
find_way(const SplitPlan *plan, int i, int f, Way *way)
{
	way->n = 0;
	way->weight = plan->factor[f].weight;
	way->covered = true;
	for (; plan->target[i].parent >= 0; i = plan->target[i].parent)
	{
		Level		level;

		CHECK_FOR_INTERRUPTS();
		way->covered &= !plan->target[plan->target[i].parent].off;
		if (!find_level(plan, i, f, &level))
			continue;
		RGT_GROW(way->level, way->n, way->allocated);
		way->level[way->n++] = level;
	}
}

/* What becomes of the target, as a fraction of today's, between two weights: the least and the most that it could be. */
static void
bracket(const Way *way, double from, double to, double *least, double *most)
{
	*least = *most = 1;
	for (int i = 0; i < way->n; i++)
	{
		double		a = share_at(&way->level[i], from) / way->level[i].today;
		double		b = share_at(&way->level[i], to) / way->level[i].today;

		*least *= Min(a, b);
		*most *= Max(a, b);
	}
}

/* Closer than this two weights are one. */
#define SAME_WEIGHT 1e-14

/* The first weight from one to another at which the target has moved by a fraction; false: none. */
static bool
find_exit(const Way *way, double from, double to, double fraction, double *weight)
{
	double		middle = from + (to - from) / 2;
	double		least;
	double		most;

	CHECK_FOR_INTERRUPTS();
	bracket(way, from, to, &least, &most);
	if (least > 1 - fraction && most < 1 + fraction)
		return false;
	if (fabs(to - from) <= SAME_WEIGHT || middle == from || middle == to)
	{
		bracket(way, to, to, &least, &most);
		*weight = to;
		return least <= 1 - fraction || most >= 1 + fraction;
	}
	return find_exit(way, from, middle, fraction, weight) || find_exit(way, middle, to, fraction, weight);
}

/* Where one level alone counts: from A + t S = s (C + t). */
static bool
solve(const Way *way, bool up, double fraction, double *weight)
{
	const Level *level = &way->level[0];
	bool		rises = (level->s > level->today) == up;
	double		s = level->today * (rises ? 1 + fraction : 1 - fraction);

	if (s == level->s)
		return false;
	*weight = (level->a - s * level->c) / (s - level->s);
	return up ? *weight > way->weight && *weight <= 1 : *weight < way->weight && *weight >= 0;
}

/* How far the weight may go, up or down, before the target has moved by a fraction of itself; false: it never does. */
static bool
find_room(const Way *way, bool up, double fraction, double *room)
{
	double		weight;

	if (way->n == 0 || !(way->n == 1 ? solve(way, up, fraction, &weight) :
						 find_exit(way, way->weight, up ? 1 : 0, fraction, &weight)))
		return false;
	*room = fabs(weight - way->weight);
	return true;
}

/* ---- rows ------------------------------------------------------------------------------------------------ */

static void
put_row(ReturnSetInfo *result, const SplitPlan *plan, int i, int f, const Way *way)
{
	const Target *target = &plan->target[i];
	double		share = plan->share[i * plan->nfactors + f];
	double		fractions[2] = {plan->step / target->baseline, 0.01};
	Datum		values[OUT_COLUMNS] = {
		Int32GetDatum(target->unit_id), PointerGetDatum(target->code), CStringGetTextDatum(plan->factor[f].name),
		Float8GetDatum(plan->factor[f].weight), Float8GetDatum(share), target->amount
	};
	bool		nulls[OUT_COLUMNS] = {false};

	nulls[OUT_SHARE] = share < 0;
	for (int k = 0; k < 4; k++)
	{
		double		room;

		nulls[OUT_MOVES + k] = !way->covered || target->baseline <= 0 || !find_room(way, k % 2 == 1, fractions[k / 2], &room);
		if (!nulls[OUT_MOVES + k])
			values[OUT_MOVES + k] = Float8GetDatum(room);
	}
	values[OUT_COVERED] = BoolGetDatum(way->covered);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

static void
put_rows(ReturnSetInfo *result, const SplitPlan *plan)
{
	Oid			caller = rgt_caller();
	MemoryContext row = AllocSetContextCreate(CurrentMemoryContext, "regtarget sensitivity row", ALLOCSET_SMALL_SIZES);
	Way			way = {.allocated = 8};

	way.level = palloc(sizeof(Level) * way.allocated);
	for (int i = 0; i < plan->n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!rgt_plan_in_sight(caller, plan->plan_id, plan->target[i].unit_id))
			continue;
		for (int f = 0; f < plan->nfactors; f++)
		{
			MemoryContext old;

			find_way(plan, i, f, &way);
			old = MemoryContextSwitchTo(row);
			put_row(result, plan, i, f, &way);
			MemoryContextSwitchTo(old);
			MemoryContextReset(row);
		}
	}
}

/*
 * sensitivity(plan_id): for each unit and factor its weight, the unit's share by it, the target, and how far the weight
 * may go down or up, the others staying, before the target has moved by a step or by 1 %.
 */
PG_FUNCTION_INFO_V1(rgt_sensitivity);
Datum
rgt_sensitivity(PG_FUNCTION_ARGS)
{
	SplitPlan	plan = {.allocated = 64, .factors_allocated = 8};
	RgtSession	session;

	InitMaterializedSRF(fcinfo, 0);
	rgt_enter(&session);
	rgt_require(fcinfo, 0, "plan_id");
	plan.plan_id = PG_GETARG_INT64(0);
	if (!rgt_plan_is_known(rgt_caller(), plan.plan_id))
		rgt_unknown_plan(plan.plan_id);
	plan.context = CurrentMemoryContext;
	plan.factor = palloc(sizeof(Factor) * plan.factors_allocated);
	plan.target = palloc(sizeof(Target) * plan.allocated);
	read_factors(&plan);
	read_targets(&plan);
	read_basis(&plan);
	find_off(&plan);
	put_rows((ReturnSetInfo *) fcinfo->resultinfo, &plan);
	rgt_end(&session);
	return (Datum) 0;
}
