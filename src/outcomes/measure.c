/*
 * outcomes/measure.c
 *	  What came of a period: counts of each unit itself, added up the tree of the period's plans, and made shares.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/float.h"

#include "facts/facts.h"
#include "outcomes/measure.h"
#include "targets/targets.h"

const char *const rgt_outcome_names[RGT_OUTCOMES] = {
	[RGT_ATTAINMENT_AMOUNT] = "attainment_amount",
	[RGT_ATTAINMENT_BASELINE] = "attainment_baseline",
	[RGT_ATTRITION] = "attrition",
	[RGT_ATTRITION_PRESSURE] = "attrition_pressure",
	[RGT_NEWCOMERS_KEPT] = "newcomers_kept",
	[RGT_CUSTOMER_CHURN] = "customer_churn",
	[RGT_REQUESTS] = "requests",
	[RGT_REFUSALS] = "refusals",
	[RGT_DAYS_TO_DECIDE] = "days_to_decide",
	[RGT_DISPUTED_SHARE] = "disputed_share",
	[RGT_DAYS_TO_PUBLISH] = "days_to_publish",
	[RGT_WITHIN_20] = "within_20"
};

/* A newcomer has stayed who is still there so many days after his first. */
#define DAYS_TO_STAY 90

/* What is counted of each unit itself and then added up. */
typedef enum Count
{
	DAYS,						/* of people assigned */
	LEFT,
	LEFT_PRESSED,
	HIRED,
	KEPT,
	UNRIPE,						/* newcomers of whom one cannot know yet */
	ACTIVE,						/* customers */
	GONE,
	ASKED,
	REFUSED,
	DECIDED,
	DECIDED_DAYS,
	ANSWERED,
	DISPUTED,
	TARGETS,
	LEAVES,						/* with a baseline above 0 */
	LEAVES_WITHIN,
	COUNTS
} Count;

typedef struct Measuring
{
	RgtMeasure *measure;
	const RgtTree *tree;
	DateADT		today;
	double	   *count[COUNTS];
	Numeric    *actual;			/* by position, of which NULL is 0; NULL: no policy says what counts */
} Measuring;

static double *
numbers(const RgtTree *tree, double value)
{
	double	   *array = palloc_extended(sizeof(double) * (Size) Max(tree->n, 1), MCXT_ALLOC_HUGE);

	for (int p = 0; p < tree->n; p++)
		array[p] = value;
	return array;
}

static void
set(Measuring *measuring, RgtOutcome which, int p, double value)
{
	measuring->measure->outcomes.value[which][p] = value;
}

/* ---- what is read -------------------------------------------------------------------------------- */

/* The keys of a query: the period, and of a part its units. */
static void
keys_of(const Measuring *measuring, Datum *keys)
{
	const RgtTree *tree = measuring->tree;
	Datum	   *units = palloc(sizeof(Datum) * Max(tree->n, 1));

	keys[0] = PointerGetDatum(measuring->measure->period);
	for (int p = 0; tree->part && p < tree->n; p++)
		units[p] = Int32GetDatum(tree->unit_id[p]);
	keys[1] = PointerGetDatum(construct_array(units, tree->part ? tree->n : 0, INT4OID, sizeof(int32), true, TYPALIGN_INT));
}

#define PUBLISHED "o.period = $1 AND o.mode = 'live' AND o.status IN ('published', 'closed') "

/* Actual / a target; NaN for a target of 0. */
static double
share_of(const Measuring *measuring, int p, Datum target)
{
	Datum		share;

	if (measuring->actual == NULL || rgt_sign_of(target) <= 0)
		return get_float8_nan();
	if (measuring->actual[p] == NULL)
		return 0;
	share = DirectFunctionCall2(numeric_div, NumericGetDatum(measuring->actual[p]), target);
	return DatumGetFloat8(DirectFunctionCall1(numeric_float8, share));
}

static void
add_target(TupleTableSlot *slot, void *arg)
{
	Measuring  *measuring = arg;
	const Datum *values = slot->tts_values;
	int			p = rgt_tree_find(measuring->tree, DatumGetInt32(values[0]));
	double		share;

	if (p < 0)
		return;
	share = share_of(measuring, p, values[2]);
	measuring->measure->leaf[p] = true;
	measuring->measure->baseline[p] = DatumGetFloat8(DirectFunctionCall1(numeric_float8, values[2]));
	measuring->count[TARGETS][p] = 1;
	set(measuring, RGT_ATTAINMENT_BASELINE, p, share);
	set(measuring, RGT_ATTAINMENT_AMOUNT, p, rgt_compare_numerics(values[1], values[2]) == 0 ? share :
		share_of(measuring, p, values[1]));
	set(measuring, RGT_DAYS_TO_PUBLISH, p, DatumGetFloat8(values[3]));
}

static void
read_targets(Measuring *measuring)
{
	static RgtQuery of_all = RGT_QUERY(
		"SELECT t.unit_id, t.amount, t.baseline, (extract(epoch FROM o.published_at - o.created_at) / 86400)::float8 "
		"FROM regtarget.plans o JOIN regtarget.targets t ON t.plan_id = o.plan_id WHERE " PUBLISHED, TEXTOID);
	static RgtQuery of_part = RGT_KEY_QUERY(
		"SELECT t.unit_id, t.amount, t.baseline, (extract(epoch FROM o.published_at - o.created_at) / 86400)::float8 "
		"FROM regtarget.plans o CROSS JOIN unnest($2) AS u (unit_id) CROSS JOIN LATERAL (SELECT * FROM regtarget.targets x "
		"WHERE x.plan_id = o.plan_id AND x.unit_id = u.unit_id OFFSET 0) AS t WHERE " PUBLISHED, TEXTOID, INT4ARRAYOID);
	const RgtTree *tree = measuring->tree;
	Datum		keys[2];

	keys_of(measuring, keys);
	rgt_run(tree->part ? &of_part : &of_all, RGT_CALLER, keys, NULL, add_target, measuring);
	/* A target is a leaf until one below it is found. */
	for (int p = tree->n - 1; p >= tree->roots; p--)
	{
		if (measuring->count[TARGETS][p] > 0)
			measuring->measure->leaf[tree->parent[p]] = false;
	}
}

static void
add_requests(TupleTableSlot *slot, void *arg)
{
	Measuring  *measuring = arg;
	int			p = rgt_tree_find(measuring->tree, DatumGetInt32(slot->tts_values[0]));

	if (p < 0)
		return;
	measuring->count[ASKED][p] = DatumGetInt64(slot->tts_values[1]);
	measuring->count[REFUSED][p] = DatumGetInt64(slot->tts_values[2]);
	measuring->count[DECIDED][p] = DatumGetInt64(slot->tts_values[3]);
	measuring->count[DECIDED_DAYS][p] = slot->tts_isnull[4] ? 0 : DatumGetFloat8(slot->tts_values[4]);
}

static void
add_answers(TupleTableSlot *slot, void *arg)
{
	Measuring  *measuring = arg;
	int			p = rgt_tree_find(measuring->tree, DatumGetInt32(slot->tts_values[0]));

	if (p < 0)
		return;
	measuring->count[ANSWERED][p] = DatumGetInt64(slot->tts_values[1]);
	measuring->count[DISPUTED][p] = DatumGetInt64(slot->tts_values[2]);
}

#define REQUESTS_OF(units) \
	"SELECT unit_id, count(*), count(*) FILTER (WHERE status = 'rejected'), count(decided_at), " \
	"(sum(extract(epoch FROM decided_at - requested_at)) / 86400)::float8 " \
	"FROM regtarget.adjustments WHERE period = $1 " units "GROUP BY unit_id"
#define ANSWERS_FROM(targets) \
	"SELECT a.unit_id, count(*), count(*) FILTER (WHERE NOT a.accepted) FROM (" \
	"SELECT DISTINCT ON (a.target_id) a.unit_id, a.accepted FROM regtarget.plans o " targets \
	"WHERE " PUBLISHED "ORDER BY a.target_id, a.answer_id DESC) AS a GROUP BY a.unit_id"

/* Of a unit, its requests and the last answers to its targets. */
static void
read_valve(Measuring *measuring)
{
	static RgtQuery requests = RGT_QUERY(REQUESTS_OF(""), TEXTOID);
	static RgtQuery requests_of_part = RGT_KEY_QUERY(REQUESTS_OF("AND unit_id = ANY ($2) "), TEXTOID, INT4ARRAYOID);
	static RgtQuery answers = RGT_QUERY(
		ANSWERS_FROM("JOIN regtarget.answers a ON a.plan_id = o.plan_id "), TEXTOID);
	static RgtQuery answers_of_part = RGT_KEY_QUERY(
		ANSWERS_FROM("CROSS JOIN unnest($2) AS u (unit_id) CROSS JOIN LATERAL (SELECT x.target_id FROM regtarget.targets x "
					 "WHERE x.plan_id = o.plan_id AND x.unit_id = u.unit_id OFFSET 0) AS t "
					 "JOIN regtarget.answers a ON a.target_id = t.target_id "), TEXTOID, INT4ARRAYOID);
	bool		part = measuring->tree->part;
	Datum		keys[2];

	keys_of(measuring, keys);
	rgt_run(part ? &requests_of_part : &requests, RGT_CALLER, keys, NULL, add_requests, measuring);
	rgt_run(part ? &answers_of_part : &answers, RGT_CALLER, keys, NULL, add_answers, measuring);
}

/* ---- people ---------------------------------------------------------------------------------------- */

static bool
within(DateADT day, const RgtMeasure *measure)
{
	return day >= measure->first && day < measure->past;
}

static void
count_newcomer(Measuring *measuring, const RgtStay *stay, int p)
{
	DateADT		ripe = stay->hired_on + DAYS_TO_STAY;

	measuring->count[HIRED][p]++;
	if (stay->left_on >= ripe && ripe <= measuring->today)
		measuring->count[KEPT][p]++;
	else if (stay->left_on >= ripe || stay->left_on > measuring->today)
		measuring->count[UNRIPE][p]++;
}

static void
count_stay(Measuring *measuring, const RgtStay *stay, int p)
{
	const RgtMeasure *measure = measuring->measure;
	DateADT		first = Max(stay->since, measure->first);
	DateADT		past = Min(stay->past, measure->past);

	if (!DATE_IS_NOEND(stay->left_on))
		past = Min(past, stay->left_on + 1);
	if (past > first)
		measuring->count[DAYS][p] += past - first;
	if (stay->last && within(stay->left_on, measure))
	{
		measuring->count[LEFT][p]++;
		measuring->count[LEFT_PRESSED][p] += stay->pressed;
	}
	if (stay->first && !DATE_IS_NOBEGIN(stay->hired_on) && within(stay->hired_on, measure))
		count_newcomer(measuring, stay, p);
}

static void
count_people(Measuring *measuring, const RgtStays *stays)
{
	for (int64 i = 0; i < stays->n; i++)
	{
		int			p = rgt_tree_find(measuring->tree, stays->stays[i].unit_id);

		if (p >= 0)
			count_stay(measuring, &stays->stays[i], p);
	}
}

/* ---- from counts to outcomes ------------------------------------------------------------------------- */

static double
ratio(double a, double b)
{
	return b > 0 ? a / b : get_float8_nan();
}

static void
count_leaves(Measuring *measuring)
{
	const RgtMeasure *measure = measuring->measure;

	for (int p = 0; p < measuring->tree->n; p++)
	{
		double		share = measure->outcomes.value[RGT_ATTAINMENT_BASELINE][p];

		if (!measure->leaf[p] || isnan(share))
			continue;
		measuring->count[LEAVES][p] = 1;
		measuring->count[LEAVES_WITHIN][p] = share >= 0.8 && share <= 1.2;
	}
}

/* What follows for a unit from what was counted of it and all below it. */
static void
conclude(Measuring *measuring, const RgtStays *stays, int p)
{
	double	  **count = measuring->count;
	DateADT		past = measuring->measure->past;
	double		heads = count[DAYS][p] / Max(past - measuring->measure->first, 1);
	double		unknown = get_float8_nan();

	set(measuring, RGT_ATTRITION, p, stays->first_leaver < past ? ratio(count[LEFT][p], heads) : unknown);
	set(measuring, RGT_ATTRITION_PRESSURE, p, stays->first_reason < past ? ratio(count[LEFT_PRESSED][p], heads) : unknown);
	set(measuring, RGT_NEWCOMERS_KEPT, p, count[UNRIPE][p] > 0 ? unknown : ratio(count[KEPT][p], count[HIRED][p]));
	set(measuring, RGT_CUSTOMER_CHURN, p, ratio(count[GONE][p], count[ACTIVE][p]));
	set(measuring, RGT_REQUESTS, p, count[TARGETS][p] > 0 ? count[ASKED][p] : unknown);
	set(measuring, RGT_REFUSALS, p, count[TARGETS][p] > 0 ? count[REFUSED][p] : unknown);
	set(measuring, RGT_DAYS_TO_DECIDE, p, ratio(count[DECIDED_DAYS][p], count[DECIDED][p]));
	set(measuring, RGT_DISPUTED_SHARE, p, ratio(count[DISPUTED][p], count[ANSWERED][p]));
	set(measuring, RGT_WITHIN_20, p, ratio(count[LEAVES_WITHIN][p], count[LEAVES][p]));
}

static RgtMeasure *
start(const RgtPeriod *period, const RgtTree *tree, DateADT today)
{
	RgtMeasure *measure = palloc0(sizeof(RgtMeasure));

	measure->period = DatumGetTextPCopy(PointerGetDatum(period->period));
	measure->first = period->first;
	measure->end = period->end;
	measure->past = Min(period->end, today + 1);
	measure->outcomes.tree = tree;
	for (int i = 0; i < RGT_OUTCOMES; i++)
		measure->outcomes.value[i] = numbers(tree, get_float8_nan());
	measure->leaf = palloc_extended(sizeof(bool) * (Size) Max(tree->n, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	measure->baseline = numbers(tree, get_float8_nan());
	return measure;
}

/* Measure a period over a tree, in the current memory context; of a period to come all is unknown but its targets. */
RgtMeasure *
rgt_measure_period(const RgtPeriod *period, const RgtTree *tree, DateADT today, const RgtStays *stays,
				   const RgtCustomers *customers)
{
	RgtMeasure *measure = start(period, tree, today);
	Measuring	measuring = {.measure = measure, .tree = tree, .today = today};
	RgtPolicy	policy;

	for (int i = 0; i < COUNTS; i++)
		measuring.count[i] = numbers(tree, 0);
	if (rgt_find_policy(period->first, RGT_CALLER, &policy))
		measuring.actual = rgt_period_sums(tree, period);
	read_targets(&measuring);
	count_leaves(&measuring);
	read_valve(&measuring);
	if (measure->past > measure->first)
	{
		count_people(&measuring, stays);
		if (rgt_find_policy(today, RGT_CALLER, &policy))
			rgt_customers_count(customers, tree, measure->first, measure->past, today, measuring.count[ACTIVE],
								measuring.count[GONE]);
	}
	for (int i = 0; i < COUNTS; i++)
		rgt_tree_sum_up(tree, measuring.count[i]);
	for (int p = 0; p < tree->n; p++)
		conclude(&measuring, stays, p);
	for (int i = 0; i < COUNTS; i++)
		pfree(measuring.count[i]);
	return measure;
}

/* Of all units, whoever asks; see outcomes.h. */
RgtOutcomes *
rgt_outcomes(const RgtPeriod *period)
{
	const RgtTree *tree = rgt_tree_of_period(RGT_CALLER, period);

	return &rgt_measure_period(period, tree, rgt_today_of(RGT_CALLER), rgt_stays_read(tree), NULL)->outcomes;
}
