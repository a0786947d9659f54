/*
 * shadow/cases.c
 *	  The ended periods in which the engine and management can be judged, and how much money each had put into the
 *	  wrong region.
 *
 * Of a period and root the shadow plan counts that was allocated last in time, by the ledger: its last entry says
 * that it was not late, was made by the first day that the period has now, and has the digests of what is there.  So
 * neither a plan made afterwards, nor one that was changed, nor a calendar that was moved for a while counts.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/memutils.h"

#include "access/access.h"
#include "ledger/ledger.h"
#include "shadow/shadow.h"
#include "targets/targets.h"
#include "units/units.h"

/* A shadow plan of an ended period, with what the ledger has of it. */
typedef struct Shadow
{
	int64		plan_id;
	int32		root;
	text	   *period;
	bool		in_time;
	char	   *digest;
	char	   *record;
} Shadow;

typedef struct ShadowList
{
	MemoryContext context;
	List	   *shadows;		/* the latest period first, in it by root, of one root the one allocated last */
} ShadowList;

static void
add_shadow(TupleTableSlot *slot, void *arg)
{
	ShadowList *list = arg;
	MemoryContext old = MemoryContextSwitchTo(list->context);
	Shadow	   *shadow = palloc(sizeof(Shadow));

	shadow->plan_id = DatumGetInt64(slot->tts_values[0]);
	shadow->root = DatumGetInt32(slot->tts_values[1]);
	shadow->period = DatumGetTextPCopy(slot->tts_values[2]);
	shadow->in_time = DatumGetBool(slot->tts_values[3]);
	shadow->digest = slot->tts_isnull[4] ? "" : TextDatumGetCString(slot->tts_values[4]);
	shadow->record = slot->tts_isnull[5] ? "" : TextDatumGetCString(slot->tts_values[5]);
	if (rgt_plan_in_sight(rgt_caller(), shadow->plan_id, shadow->root) && rgt_plan_is_known(rgt_caller(), shadow->plan_id))
		list->shadows = lappend(list->shadows, shadow);
	MemoryContextSwitchTo(old);
}

static List *
read_shadows(void)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT p.plan_id, p.root_unit_id, p.period, NOT p.late AND l.details->'late' = 'false' "
		"AND coalesce(CASE WHEN l.details->>'allocated_on' ~ '^\\d{4}-\\d\\d-\\d\\d$' "
		"THEN (l.details->>'allocated_on')::date END <= lower(q.during), false), l.details->>'digest', l.details->>'record' "
		"FROM regtarget.plans p JOIN regtarget.periods q ON q.period = p.period CROSS JOIN LATERAL ("
		"SELECT e.entry, e.at, e.details FROM regtarget.ledger e WHERE e.unit_id = p.root_unit_id "
		"AND e.action = 'shadow_allocated' AND e.details->'plan_id' = to_jsonb(p.plan_id) ORDER BY e.entry DESC LIMIT 1) AS l "
		"WHERE p.mode = 'shadow' AND p.late IS NOT NULL AND upper(q.during) <= $1 "
		"ORDER BY lower(q.during) DESC, p.root_unit_id, l.entry DESC", DATEOID);
	Datum		today = DateADTGetDatum(rgt_today_of(RGT_CALLER));
	ShadowList	list = {CurrentMemoryContext, NIL};

	rgt_run(&query, RGT_CALLER, &today, NULL, add_shadow, &list);
	return list.shadows;
}

static bool
is_untouched(const Shadow *shadow)
{
	int64		units;

	return strcmp(shadow->digest, rgt_plan_digest(shadow->plan_id, RGT_CALLER, &units)) == 0 &&
		strcmp(shadow->record, rgt_plan_record(shadow->plan_id, RGT_CALLER)) == 0;
}

static bool
same_period(const text *a, const text *b)
{
	return VARSIZE_ANY_EXHDR(a) == VARSIZE_ANY_EXHDR(b) &&
		memcmp(VARDATA_ANY(a), VARDATA_ANY(b), VARSIZE_ANY_EXHDR(a)) == 0;
}

/* ---- one plan ----------------------------------------------------------------------------------- */

typedef struct IntList
{
	MemoryContext context;
	List	   *units;
} IntList;

static void
add_unit(TupleTableSlot *slot, void *arg)
{
	IntList    *list = arg;
	MemoryContext old = MemoryContextSwitchTo(list->context);

	list->units = lappend_int(list->units, DatumGetInt32(slot->tts_values[0]));
	MemoryContextSwitchTo(old);
}

static List *
children_of_root(const Shadow *shadow)
{
	static RgtQuery query = RGT_KEY_QUERY(
		"SELECT unit_id FROM regtarget.targets WHERE plan_id = $1 AND parent_unit_id = $2", INT8OID, INT4OID);
	Datum		arguments[2] = {Int64GetDatum(shadow->plan_id), Int32GetDatum(shadow->root)};
	IntList		list = {CurrentMemoryContext, NIL};

	rgt_run(&query, RGT_CALLER, arguments, NULL, add_unit, &list);
	return list.units;
}

/* What units achieved in a period, as two arrays. */
static void
actual_arrays(const List *units, const RgtTree *tree, const Numeric *actual, Datum *arrays)
{
	Datum	   *keys = palloc(sizeof(Datum) * Max(list_length(units), 1));
	Datum	   *amounts = palloc(sizeof(Datum) * Max(list_length(units), 1));
	int			n = 0;
	ListCell   *cell;

	foreach(cell, units)
	{
		int			p = rgt_tree_find(tree, lfirst_int(cell));

		if (p < 0)
			continue;
		keys[n] = Int32GetDatum(lfirst_int(cell));
		amounts[n++] = NumericGetDatum(actual[p] == NULL ? int64_to_numeric(0) : actual[p]);
	}
	arrays[0] = PointerGetDatum(construct_array(keys, n, INT4OID, sizeof(int32), true, TYPALIGN_INT));
	arrays[1] = PointerGetDatum(construct_array(amounts, n, NUMERICOID, -1, false, TYPALIGN_INT));
}

/*
 * Half of what both are off by, over the children of the root that both plans have, and how far the total is off, which
 * is the same for both; false where management has none of them.
 */
static bool
judge(const Shadow *shadow, const RgtTree *tree, const Numeric *actual, Datum *sums)
{
	static RgtQuery query = RGT_KEY_QUERY(
		"SELECT trim_scale(sum(abs(round(s.baseline * $4 / $5, 4) - a.actual)) * 0.5), "
		"trim_scale(sum(abs(l.amount - a.actual)) * 0.5), "
		"trim_scale(abs(sum(l.amount) - sum(a.actual))) FROM regtarget.plans o CROSS JOIN "
		"ROWS FROM (unnest($2), unnest($3)) AS a (unit_id, actual) "
		"JOIN regtarget.targets l ON l.plan_id = o.plan_id AND l.unit_id = a.unit_id "
		"JOIN regtarget.targets s ON s.plan_id = $1 AND s.unit_id = a.unit_id "
		"WHERE o.period = $6 AND o.mode = 'live' AND o.status IN ('published', 'closed')",
		INT8OID, INT4ARRAYOID, NUMERICARRAYOID, NUMERICOID, NUMERICOID, TEXTOID);
	RgtScale	scale = rgt_shadow_scale(shadow->plan_id);
	Datum		arguments[6] = {Int64GetDatum(shadow->plan_id)};
	bool		isnull[3];

	if (scale.engine == NULL)
		return false;
	actual_arrays(children_of_root(shadow), tree, actual, &arguments[1]);
	arguments[3] = NumericGetDatum(scale.management);
	arguments[4] = NumericGetDatum(scale.engine);
	arguments[5] = PointerGetDatum(shadow->period);
	return rgt_one(&query, RGT_CALLER, arguments, NULL, sums, isnull, 3) && !isnull[0];
}

/* ---- one period ----------------------------------------------------------------------------------- */

static bool
is_in_plan(int32 unit_id, int64 plan_id)
{
	static RgtQuery query = RGT_KEY_QUERY(
		"SELECT FROM regtarget.targets WHERE plan_id = $1 AND unit_id = $2", INT8OID, INT4OID);
	Datum		arguments[2] = {Int64GetDatum(plan_id), Int32GetDatum(unit_id)};

	return rgt_run(&query, RGT_CALLER, arguments, NULL, NULL, NULL) > 0;
}

/* Is its root below another that counts?  Then its regions are parts of that one's. */
static bool
is_within(const Shadow *shadow, const List *counted)
{
	ListCell   *cell;

	foreach(cell, counted)
	{
		const Shadow *other = lfirst(cell);

		if (other->root != shadow->root && is_in_plan(shadow->root, other->plan_id))
			return true;
	}
	return false;
}

static Numeric
plus(Numeric sum, Datum more)
{
	Datum		total = sum == NULL ? datumCopy(more, false, -1) :
		DirectFunctionCall2(numeric_add, NumericGetDatum(sum), more);

	return DatumGetNumeric(total);
}

/* A period over its plans that count; false where there is nothing to judge.  Tree and actuals are forgotten before the next. */
static bool
judge_period(const List *counted, RgtCase *result)
{
	MemoryContext keep = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(keep, "regtarget shadow period", ALLOCSET_DEFAULT_SIZES);
	const Shadow *first = linitial(counted);
	RgtPeriod	period;
	const RgtTree *tree;
	const Numeric *actual;
	ListCell   *cell;

	*result = (RgtCase) {.period = first->period};
	MemoryContextSwitchTo(context);
	period = rgt_period(first->period);
	tree = rgt_tree_of_period(RGT_CALLER, &period);
	actual = rgt_period_sums(tree, &period);
	foreach(cell, counted)
	{
		Datum		sums[3];

		if (is_within(lfirst(cell), counted) || !judge(lfirst(cell), tree, actual, sums))
			continue;
		MemoryContextSwitchTo(keep);
		result->engine = plus(result->engine, sums[0]);
		result->management = plus(result->management, sums[1]);
		result->missed = plus(result->missed, sums[2]);
		MemoryContextSwitchTo(context);
	}
	MemoryContextSwitchTo(keep);
	MemoryContextDelete(context);
	return result->engine != NULL;
}

/* Of each root of a period the plan that counts, from `at` on; where the next period begins. */
static int
count_period(const List *shadows, int at, List **counted, int *late)
{
	const Shadow *first = list_nth(shadows, at);

	*counted = NIL;
	for (; at < list_length(shadows); at++)
	{
		Shadow	   *shadow = list_nth(shadows, at);
		const Shadow *last = *counted == NIL ? NULL : llast(*counted);

		if (!same_period(shadow->period, first->period))
			break;
		*late += !shadow->in_time;
		if (shadow->in_time && (last == NULL || last->root != shadow->root) && is_untouched(shadow))
			*counted = lappend(*counted, shadow);
	}
	return at;
}

/* At most so many of the latest periods that can be judged. */
RgtCases
rgt_shadow_cases(int most)
{
	List	   *shadows = read_shadows();
	RgtCases	cases = {.cases = palloc(sizeof(RgtCase) * Max(list_length(shadows), 1))};
	List	   *counted;

	for (int at = 0; at < list_length(shadows) && cases.n < most;)
	{
		CHECK_FOR_INTERRUPTS();
		at = count_period(shadows, at, &counted, &cases.late);
		if (counted != NIL && judge_period(counted, &cases.cases[cases.n]))
			cases.n++;
	}
	return cases;
}
