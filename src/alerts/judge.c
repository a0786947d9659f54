/*
 * alerts/judge.c
 *	  Whether the condition of a rule holds, of each unit of a tree on a day.
 *
 * Weekly churn is compared as fractions of whole numbers, so that exactly 20 % more is exactly that; other signals as
 * the float8 that they are, with a hair of slack for what decimals cannot say.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

#include "alerts/judge.h"
#include "facts/facts.h"
#include "health/health.h"
#include "regtarget.h"
#include "units/units.h"

/* Relative to what is compared. */
#define SLACK 1e-12

static double
threshold_of(const RgtRule *rule)
{
	return DatumGetFloat8(DirectFunctionCall1(numeric_float8, NumericGetDatum(rule->threshold)));
}

/* ---- facts on record ------------------------------------------------------------------------------ */

/* What a signal comes from, of which something has to be on record in the span that is judged. */
typedef enum Facts
{
	FACTS_NONE,					/* nothing in particular: people, what is entered */
	FACTS_VISITS,
	FACTS_CLOSED,				/* deals, won or lost */
	FACTS_WON,
	FACTS_PURCHASES,			/* deals won, revenues */
	FACTS_ANY,
	FACTS_CUSTOMERS				/* that came or went; where churn_days is set, purchases */
} Facts;

static Facts
facts_of(const char *signal)
{
	static const struct
	{
		const char *signal;
		Facts		facts;
	}			known[] = {
		{"actual", FACTS_PURCHASES}, {"pace", FACTS_PURCHASES}, {"visits_per_head", FACTS_VISITS},
		{"conversion_rate", FACTS_CLOSED}, {"output_per_head", FACTS_WON}, {"health", FACTS_ANY},
		{"churn_rate", FACTS_CUSTOMERS}, {"customers_active", FACTS_CUSTOMERS}, {"customers_per_head", FACTS_CUSTOMERS},
		{"weekly_churn_rate", FACTS_CUSTOMERS}, {"weekly_churn_count", FACTS_CUSTOMERS},
		{"weekly_churn_certainty", FACTS_CUSTOMERS}
	};

	for (int i = 0; i < (int) lengthof(known); i++)
	{
		if (strcmp(known[i].signal, signal) == 0)
			return known[i].facts;
	}
	return FACTS_NONE;
}

#define ANY_ACTIVITY(table) \
	"EXISTS (SELECT FROM regtarget." table " a WHERE a.day >= $2 AND a.day < $3 AND ($1 IN (1, 5) AND a.visits > 0 " \
	"OR $1 IN (2, 3, 4, 5) AND a.won > 0 OR $1 IN (2, 5) AND a.lost > 0 OR $1 IN (4, 5) AND a.revenues > 0))"

/*
 * Is any fact at all on record, of whatever unit, in some days of what a signal comes from?  Activity has it by day; one that
 * was taken away again since it was folded last still counts.
 */
static bool
has_facts(const char *signal, DateADT first, DateADT past, bool by_silence)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT CASE WHEN $1 = 6 THEN EXISTS (SELECT FROM regtarget.customers c "
		"WHERE c.churned_on >= $2 AND c.churned_on < $3 OR c.acquired_on >= $2 AND c.acquired_on < $3) "
		"ELSE " ANY_ACTIVITY("activity_deltas") " OR " ANY_ACTIVITY("activity_days") " END", INT4OID, DATEOID, DATEOID);
	Facts		facts = facts_of(signal);
	Datum		values[3];
	Datum		any;
	bool		isnull;

	if (facts == FACTS_NONE)
		return true;
	if (facts == FACTS_CUSTOMERS && by_silence)
		facts = FACTS_PURCHASES;
	values[0] = Int32GetDatum(facts);
	values[1] = DateADTGetDatum(first);
	values[2] = DateADTGetDatum(past);
	rgt_one(&query, RGT_FRESH, values, NULL, &any, &isnull, 1);
	return DatumGetBool(any);
}

/* ---- weekly churn ----------------------------------------------------------------------------------- */

/* Is it about whole weeks, and so judged as of the Monday after them? */
bool
rgt_rule_is_weekly(const RgtRule *rule)
{
	return !rule->months && strncmp(rule->signal, "weekly_churn_", strlen("weekly_churn_")) == 0;
}

/* Does it compare what went in its spans with those before? */
static bool
compares_churn(const RgtRule *rule)
{
	return rgt_rule_is_weekly(rule) && (rule->compare == RGT_RISE || rule->compare == RGT_FALL) &&
		strcmp(rule->signal, "weekly_churn_certainty") != 0;
}

static Numeric
product(double a, double b)
{
	return DatumGetNumeric(DirectFunctionCall2(numeric_mul, NumericGetDatum(int64_to_numeric((int64) a)),
											   NumericGetDatum(int64_to_numeric((int64) b))));
}

/* Is more/of at least the threshold above less/base? All are whole numbers; exactly. */
static bool
is_above_by(const RgtRule *rule, double more, double of, double less, double base, bool relative_to_more)
{
	Datum		scale = NumericGetDatum(!rule->relative ? product(of, base) : relative_to_more ? product(more, base) :
										product(less, of));
	Datum		difference = DirectFunctionCall2(numeric_sub, NumericGetDatum(product(more, base)),
												 NumericGetDatum(product(less, of)));

	return rgt_sign_of(difference) > 0 &&
		rgt_compare_numerics(difference, DirectFunctionCall2(numeric_mul, NumericGetDatum(rule->threshold), scale)) >= 0;
}

/* How a unit's churn of the spans judged stands to that of those before. */
static RgtJudgement
judge_churn(const RgtRule *rule, const RgtChurn *churn, int p)
{
	RgtJudgement judgement = {.known = true};
	bool		rate = strcmp(rule->signal, "weekly_churn_rate") == 0;
	double		of = rate ? churn->active[p] : 1;
	double		of_before = rate ? churn->active_before[p] : 1;

	/* A span that starts without customers raises nothing. */
	if (churn->active[p] <= 0 || churn->active_before[p] <= 0)
		return judgement;
	judgement.before = (RgtKnown) {churn->gone_before[p] / of_before, true};
	judgement.after = (RgtKnown) {churn->gone[p] / of, true};
	judgement.certainty = (RgtKnown) {churn->certainty.value[p], churn->certainty.known[p]};
	judgement.holds = rule->compare == RGT_RISE ?
		is_above_by(rule, churn->gone[p], of, churn->gone_before[p], of_before, false) :
		is_above_by(rule, churn->gone_before[p], of_before, churn->gone[p], of, true);
	judgement.holds = judgement.holds && churn->gone[p] >= rule->min_count;
	return judgement;
}

/* The churn of so many weeks together.  Customers and purchases are read once for all rules. */
static const RgtChurn *
churn_of(RgtJudging *judging, int weeks)
{
	int			i = 0;

	if (judging->churn == NULL)
		judging->churn = rgt_churn(judging->signals, judging->weeks, judging->nweeks);
	while (judging->weeks[i] != weeks)
		i++;
	return &judging->churn[i];
}

static RgtJudgement *
judge_all_churn(RgtJudging *judging, const RgtRule *rule)
{
	RgtJudgement *all = palloc0(sizeof(RgtJudgement) * (Size) Max(judging->tree->n, 1));
	const RgtChurn *churn = churn_of(judging, rule->spans);

	if (!has_facts(rule->signal, churn->first, churn->past, churn->by_silence))
		return all;
	for (int p = 0; p < judging->tree->n; p++)
		all[p] = judge_churn(rule, churn, p);
	return all;
}

/* ---- any other signal --------------------------------------------------------------------------------- */

/* The day so many weeks or months before; of months that are too short the last. */
static DateADT
day_before(DateADT day, const RgtRule *rule)
{
	Interval	span = {.month = rule->months ? rule->spans : 0, .day = rule->months ? 0 : 7 * rule->spans};
	Datum		moment = DirectFunctionCall1(date_timestamp, DateADTGetDatum(day));

	return DatumGetDateADT(DirectFunctionCall1(timestamp_date,
											   DirectFunctionCall2(timestamp_mi_interval, moment, PointerGetDatum(&span))));
}

static bool
holds(const RgtRule *rule, double before, double after)
{
	double		threshold = threshold_of(rule);
	double		by = rule->compare == RGT_FALL ? before - after : after - before;
	double		least = rule->relative ? threshold * fabs(before) : threshold;
	double		slack = SLACK * Max(fabs(before), fabs(after));

	if (rule->compare == RGT_BELOW)
		return after < threshold - SLACK * fabs(threshold);
	if (rule->compare == RGT_ABOVE)
		return after > threshold + SLACK * fabs(threshold);
	return by > 0 && by >= least - slack;
}

/* The share of the period that holds the day which is gone by it, the day included; 1: there is none. */
static double
share_gone(DateADT day)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT ($1 - lower(during) + 1)::float8 / (upper(during) - lower(during)) FROM regtarget.periods "
		"WHERE during @> $1", DATEOID);
	Datum		argument = DateADTGetDatum(day);
	Datum		share;
	bool		isnull;

	return rgt_one(&query, RGT_FRESH, &argument, NULL, &share, &isnull, 1) ? DatumGetFloat8(share) : 1;
}

/* The first day of the span that a rule judges: of a rise or fall the day after that of the value before, else of the period. */
static DateADT
first_judged(DateADT day, const RgtRule *rule)
{
	static RgtQuery query = RGT_QUERY("SELECT lower(during) FROM regtarget.periods WHERE during @> $1", DATEOID);
	Datum		argument = DateADTGetDatum(day);
	Datum		first;
	bool		isnull;

	if (rule->compare == RGT_RISE || rule->compare == RGT_FALL)
		return day_before(day, rule) + 1;
	return rgt_one(&query, RGT_FRESH, &argument, NULL, &first, &isnull, 1) ? DatumGetDateADT(first) : day;
}

/* The signal a span before; NULL: no policy was in force then, so that nothing is known. */
static const RgtSignal *
signal_before(RgtJudging *judging, const RgtRule *rule)
{
	DateADT		day = day_before(judging->as_of, rule);
	RgtPolicy	policy;

	if (!rgt_find_policy(day, RGT_FRESH, &policy))
		return NULL;
	return rgt_signal(rgt_signals(judging->tree, day, RGT_FRESH), rule->signal);
}

/* Is anything on record in the days that are judged?  Of weekly churn those are the week before the Monday. */
static bool
has_facts_judged(RgtJudging *judging, const RgtRule *rule)
{
	bool		weekly = rgt_rule_is_weekly(rule);
	DateADT		first = weekly ? judging->as_of - 7 : first_judged(judging->as_of, rule);

	return has_facts(rule->signal, first, judging->as_of + (weekly ? 0 : 1), rgt_goes_by_silence(judging->signals));
}

/* What is said of a week's churn besides: how certain it is, and whether enough customers went. */
static void
judge_week(RgtJudging *judging, const RgtRule *rule, RgtJudgement *all)
{
	const RgtSignal *certainty = rgt_signal(judging->signals, "weekly_churn_certainty");
	const RgtSignal *count = rgt_signal(judging->signals, "weekly_churn_count");

	for (int p = 0; p < judging->tree->n; p++)
	{
		all[p].certainty = (RgtKnown) {certainty->value[p], certainty->known[p]};
		all[p].holds = all[p].holds && count->value[p] >= rule->min_count;
	}
}

static RgtJudgement *
judge_all_values(RgtJudging *judging, const RgtRule *rule)
{
	RgtJudgement *all = palloc0(sizeof(RgtJudgement) * (Size) Max(judging->tree->n, 1));
	bool		compares = rule->compare == RGT_RISE || rule->compare == RGT_FALL;
	bool		early = rule->after_share >= 0 && share_gone(judging->as_of) < rule->after_share;
	const RgtSignal *before = NULL;
	const RgtSignal *after;

	if (!early && !has_facts_judged(judging, rule))
		return all;
	after = rgt_signal(judging->signals, rule->signal);
	if (compares && (before = signal_before(judging, rule)) == NULL)
		return all;
	for (int p = 0; p < judging->tree->n; p++)
	{
		all[p].known = early || (after->known[p] && (!compares || before->known[p]));
		if (early || !all[p].known)
			continue;
		all[p].after = (RgtKnown) {after->value[p], true};
		if (compares)
			all[p].before = (RgtKnown) {before->value[p], true};
		all[p].holds = holds(rule, all[p].before.value, all[p].after.value);
	}
	if (rgt_rule_is_weekly(rule))
		judge_week(judging, rule, all);
	return all;
}

/* What a rule says of every unit of the tree, by position. */
RgtJudgement *
rgt_judge(RgtJudging *judging, const RgtRule *rule)
{
	return compares_churn(rule) ? judge_all_churn(judging, rule) : judge_all_values(judging, rule);
}
