/*
 * alerts/scan.c
 *	  scan_alerts(): every rule that watches a signal, judged of every open unit.
 *
 * One alert a spell: while a unit's alert of a rule is not resolved, there is no other; and from its day on the rule is
 * quiet for the unit for its days of cool-down.  Units come from the top down, so that the alert of a region is there
 * before those of its groups, which it covers.
 *
 * Rules on weekly churn are judged as of the Monday after their weeks, whichever day of the week is scanned: tree, policy and
 * open units are that day's.  All others are judged as of the day itself.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datetime.h"

#include "access/access.h"
#include "alerts/judge.h"
#include "alerts/raise.h"
#include "facts/facts.h"
#include "health/health.h"
#include "regtarget.h"
#include "units/units.h"

/* From so many units on each rule is told of, as it takes a while. */
#define UNITS_WORTH_A_NOTICE 100000

/* An alert of the rule in hand that is not resolved; alert_id 0: there is none. */
typedef struct Unresolved
{
	int64		alert_id;
	DateADT		on_day;
	int64		covered_by;
	bool		no_data;
	bool		acknowledged;
	bool		unsure;			/* too uncertain for a review when it was raised, and has none yet */
} Unresolved;

typedef struct AlertScan
{
	RgtTree    *tree;
	RgtJudging	judging;
	RgtRaising *raising;
	bool		weekly;			/* rules on weekly churn, else all others */
	char	  **kind;			/* of units, by position; NULL: none */
	RgtRule    *rules;
	int			nrules;
	int			allocated;
	MemoryContext context;
	/* Of the rule in hand, by position: */
	DateADT		on_day;			/* of the alerts that it raises */
	Unresolved *open;
	bool	   *quiet;
} AlertScan;

/* ---- what is read ------------------------------------------------------------------------------------ */

static char *
text_or_null(TupleTableSlot *slot, int column)
{
	return slot->tts_isnull[column] ? NULL : TextDatumGetCString(slot->tts_values[column]);
}

static RgtCompare
compare_of(const char *name)
{
	static const char *const names[] = {[RGT_RISE] = "rise", [RGT_FALL] = "fall", [RGT_BELOW] = "below", [RGT_ABOVE] = "above"};
	int			compare = 0;

	while (compare < (int) lengthof(names) && strcmp(names[compare], name) != 0)
		compare++;
	return compare;
}

static void
add_rule(TupleTableSlot *slot, void *arg)
{
	AlertScan	   *scan = arg;
	MemoryContext old = MemoryContextSwitchTo(scan->context);
	Datum	   *values = slot->tts_values;
	RgtRule    *rule;

	RGT_GROW(scan->rules, scan->nrules, scan->allocated);
	rule = &scan->rules[scan->nrules];
	rule->rule = text_or_null(slot, 0);
	rule->level = text_or_null(slot, 1);
	rule->signal = text_or_null(slot, 2);
	rule->compare = compare_of(TextDatumGetCString(values[3]));
	rule->threshold = DatumGetNumericCopy(values[4]);
	rule->relative = DatumGetBool(values[5]);
	rule->months = DatumGetBool(values[6]);
	rule->spans = DatumGetInt32(values[7]);
	rule->min_count = DatumGetInt32(values[8]);
	rule->after_share = DatumGetFloat8(values[9]);
	rule->unit_kind = text_or_null(slot, 10);
	rule->certainty.known = !slot->tts_isnull[11];
	rule->certainty.value = rule->certainty.known ? DatumGetFloat8(values[11]) : 0;
	rule->cooldown_days = DatumGetInt32(values[12]);
	rule->opens_review = DatumGetBool(values[13]);
	scan->nrules += rgt_rule_is_weekly(rule) == scan->weekly;
	MemoryContextSwitchTo(old);
}

/* The weeks that rules take together, each number once. */
static void
note_weeks(AlertScan *scan)
{
	RgtJudging *judging = &scan->judging;

	judging->weeks = palloc(sizeof(int) * (Size) Max(scan->nrules, 1));
	for (int i = 0; i < scan->nrules; i++)
	{
		int			w = 0;

		while (w < judging->nweeks && judging->weeks[w] != scan->rules[i].spans)
			w++;
		judging->weeks[w] = scan->rules[i].spans;
		judging->nweeks = Max(judging->nweeks, w + 1);
	}
}

/* Those of the kind that the scan is of, by their names. */
static void
read_rules(AlertScan *scan)
{
	static RgtQuery query = RGT_QUERY0(
		"SELECT rule, level, signal, compare, threshold, relative, coalesce(span = 'month', false), spans, coalesce(min_count, "
		"0), "
		"coalesce(after_share::float8, -1), unit_kind, certainty, cooldown_days, opens_review "
		"FROM regtarget.alert_rules WHERE enabled AND signal IS NOT NULL ORDER BY rule COLLATE \"C\"");

	scan->allocated = 16;
	scan->rules = palloc(sizeof(RgtRule) * 16);
	rgt_run(&query, RGT_FRESH, NULL, NULL, add_rule, scan);
	if (scan->weekly)
		note_weeks(scan);
}

static void
add_kind(TupleTableSlot *slot, void *arg)
{
	AlertScan	   *scan = arg;
	int			p = rgt_tree_find(scan->tree, DatumGetInt32(slot->tts_values[0]));

	if (p >= 0)
		scan->kind[p] = MemoryContextStrdup(scan->context, TextDatumGetCString(slot->tts_values[1]));
}

static void
add_earlier(TupleTableSlot *slot, void *arg)
{
	AlertScan	   *scan = arg;
	int			p = rgt_tree_find(scan->tree, DatumGetInt32(slot->tts_values[1]));

	if (p < 0)
		return;
	scan->quiet[p] = true;
	if (!DatumGetBool(slot->tts_values[3]))
		scan->open[p] = (Unresolved) {DatumGetInt64(slot->tts_values[0]), DatumGetDateADT(slot->tts_values[2]),
			slot->tts_isnull[4] ? 0 : DatumGetInt64(slot->tts_values[4]), DatumGetBool(slot->tts_values[5]),
			DatumGetBool(slot->tts_values[6]), DatumGetBool(slot->tts_values[7])};
}

/* The rule's alerts that are not resolved, that held on the day, or after or before which it is quiet. */
static void
read_earlier(AlertScan *scan, const RgtRule *rule)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT a.alert_id, a.unit_id, a.on_day, a.status = 'resolved', a.covered_by, a.no_data_since IS NOT NULL, "
		"a.status = 'acknowledged', $4 AND coalesce(a.certainty < $5, false) "
		"AND NOT EXISTS (SELECT FROM regtarget.reviews r WHERE r.alert_id = a.alert_id) FROM regtarget.alerts a "
		"WHERE a.rule = $1 AND a.event_id IS NULL AND (a.status <> 'resolved' OR a.on_day = $2 OR a.on_day <= $2 "
		"AND a.resolved_on > $2 OR abs(a.on_day - $2) < $3)", TEXTOID, DATEOID, INT4OID, BOOLOID, FLOAT8OID);
	Datum		values[5] = {CStringGetTextDatum(rule->rule), DateADTGetDatum(scan->on_day), Int32GetDatum(rule->cooldown_days),
	BoolGetDatum(rule->opens_review && rule->certainty.known), Float8GetDatum(rule->certainty.value)};

	memset(scan->open, 0, sizeof(Unresolved) * (Size) scan->tree->n);
	memset(scan->quiet, 0, sizeof(bool) * (Size) scan->tree->n);
	rgt_run(&query, RGT_FRESH, values, NULL, add_earlier, scan);
}

/* ---- a unit ---------------------------------------------------------------------------------------- */

static bool
is_region(const AlertScan *scan, int p)
{
	return scan->kind[p] != NULL && strcmp(scan->kind[p], "region") == 0;
}

/* The alert that speaks for a unit: of the nearest region above it or, where none is of that kind, of the unit below the top. */
static int64
cover_of(const AlertScan *scan, int position)
{
	const int  *parent = scan->tree->parent;
	int			region = -1;

	if (is_region(scan, position))
		return 0;
	for (int p = parent[position]; p >= 0 && parent[p] >= 0; p = parent[p])
	{
		region = p;
		if (is_region(scan, p))
			break;
	}
	return region < 0 ? 0 : scan->open[region].alert_id;
}

/* Is it as certain as the rule asks? */
static bool
is_sure(const RgtRule *rule, const RgtJudgement *judgement)
{
	return !rule->certainty.known || !judgement->certainty.known || judgement->certainty.value >= rule->certainty.value;
}

static void
raise_at(AlertScan *scan, const RgtRule *rule, const RgtJudgement *judgement, int p)
{
	RgtAlert	alert = {.rule = rule->rule, .level = rule->level, .unit_id = scan->tree->unit_id[p], .on_day = scan->on_day,
		.before = judgement->before, .after = judgement->after, .certainty = judgement->certainty,
			.covered_by = cover_of(scan, p)};

	rgt_raise(scan->raising, &alert, rule->opens_review && is_sure(rule, judgement));
	scan->open[p] = (Unresolved) {.alert_id = alert.alert_id, .on_day = scan->on_day, .covered_by = alert.covered_by};
}

static void
resolve_at(AlertScan *scan, const RgtRule *rule, int p)
{
	RgtAlert	alert = {.alert_id = scan->open[p].alert_id, .rule = rule->rule, .level = rule->level,
		.unit_id = scan->tree->unit_id[p], .on_day = scan->open[p].on_day, .covered_by = scan->open[p].covered_by};

	rgt_resolve(scan->raising, &alert, scan->on_day);
	scan->open[p].alert_id = 0;
}

/* An alert that was raised too uncertain goes on, and has become certain. */
static void
review_at(AlertScan *scan, const RgtRule *rule, const RgtJudgement *judgement, int p)
{
	const Unresolved *open = &scan->open[p];
	RgtAlert	alert = {.alert_id = open->alert_id, .rule = rule->rule, .level = rule->level, .unit_id = scan->tree->unit_id[p],
		.on_day = open->on_day, .certainty = judgement->certainty};

	rgt_review_later(scan->raising, &alert, scan->on_day, !open->acknowledged);
}

/* There are no facts to judge an alert by, or there are again. */
static void
note_no_data(AlertScan *scan, int p, bool no_data)
{
	static RgtQuery query = RGT_QUERY(
		"UPDATE regtarget.alerts SET no_data_since = CASE WHEN $2 THEN $3 END WHERE alert_id = $1", INT8OID, BOOLOID, DATEOID);
	Datum		values[3] = {Int64GetDatum(scan->open[p].alert_id), BoolGetDatum(no_data), DateADTGetDatum(scan->on_day)};

	if (scan->open[p].no_data != no_data)
	{
		RgtJson    *details = rgt_json();

		rgt_run(&query, RGT_FRESH, values, NULL, NULL, NULL);
		rgt_json_int(details, "alert_id", scan->open[p].alert_id);
		rgt_json_text(details, "no_data_since", no_data ? rgt_date_text(scan->on_day) : NULL);
		rgt_raising_note(scan->raising, scan->tree->unit_id[p], "alert_data", details);
	}
	scan->open[p].no_data = no_data;
}

static void
scan_unit(AlertScan *scan, const RgtRule *rule, const RgtJudgement *judgement, int p)
{
	bool		judged = rgt_tree_open(scan->tree, p, scan->judging.as_of) &&
		(rule->unit_kind == NULL || (scan->kind[p] != NULL && strcmp(scan->kind[p], rule->unit_kind) == 0));
	bool		is_open = scan->open[p].alert_id != 0;

	if (is_open && scan->on_day > scan->open[p].on_day)
	{
		if (judged && !judgement->known)
			note_no_data(scan, p, true);
		else if (judged && judgement->holds)
		{
			note_no_data(scan, p, false);
			if (scan->open[p].unsure && scan->open[p].covered_by == 0 && is_sure(rule, judgement))
				review_at(scan, rule, judgement, p);
		}
		else
			resolve_at(scan, rule, p);
	}
	else if (!is_open && !scan->quiet[p] && judged && judgement->known && judgement->holds)
		raise_at(scan, rule, judgement, p);
}

/* ---- all of them ------------------------------------------------------------------------------------- */

static void
scan_rule(AlertScan *scan, const RgtRule *rule)
{
	RgtJudgement *judgements = rgt_judge(&scan->judging, rule);

	scan->on_day = scan->judging.as_of;
	read_earlier(scan, rule);
	for (int p = 0; p < scan->tree->n; p++)
	{
		CHECK_FOR_INTERRUPTS();
		scan_unit(scan, rule, &judgements[p], p);
	}
	if (scan->tree->n >= UNITS_WORTH_A_NOTICE)
		ereport(NOTICE,
				(errmsg("rule \"%s\" judged of %d units", rule->rule, scan->tree->n)));
	pfree(judgements);
}

static AlertScan
start_scan(RgtRaising *raising, DateADT as_of, bool weekly)
{
	static RgtQuery query = RGT_QUERY0("SELECT unit_id, kind FROM regtarget.units WHERE kind IS NOT NULL");
	AlertScan		scan = {.context = CurrentMemoryContext, .raising = raising, .weekly = weekly};
	Size		n;

	scan.tree = rgt_tree_read(RGT_FRESH, as_of);
	n = Max(scan.tree->n, 1);
	scan.judging = (RgtJudging) {.tree = scan.tree, .as_of = as_of, .signals = rgt_signals(scan.tree, as_of, RGT_FRESH)};
	scan.kind = palloc0(sizeof(char *) * n);
	scan.open = palloc0(sizeof(Unresolved) * n);
	scan.quiet = palloc0(sizeof(bool) * n);
	rgt_run(&query, RGT_FRESH, NULL, NULL, add_kind, &scan);
	read_rules(&scan);
	return scan;
}

/* Judge one kind of rules.  Of weeks before the first policy nothing is known. */
static void
scan_rules(RgtRaising *raising, DateADT as_of, bool weekly)
{
	AlertScan	scan;
	RgtPolicy	policy;

	if (weekly && !rgt_find_policy(as_of, RGT_FRESH, &policy))
		return;
	scan = start_scan(raising, as_of, weekly);
	for (int i = 0; i < scan.nrules; i++)
		scan_rule(&scan, &scan.rules[i]);
}

/* Alerts that no rule judges any more. */
typedef struct Spent
{
	MemoryContext context;
	RgtAlert   *alerts;
	int			n;
	int			allocated;
} Spent;

static void
add_spent(TupleTableSlot *slot, void *arg)
{
	Spent	   *spent = arg;
	MemoryContext old = MemoryContextSwitchTo(spent->context);
	Datum	   *values = slot->tts_values;

	RGT_GROW(spent->alerts, spent->n, spent->allocated);
	spent->alerts[spent->n++] = (RgtAlert) {.alert_id = DatumGetInt64(values[0]), .rule = TextDatumGetCString(values[1]),
		.level = TextDatumGetCString(values[2]), .unit_id = DatumGetInt32(values[3]), .on_day = DatumGetDateADT(values[4]),
		.event_id = slot->tts_isnull[5] ? 0 : DatumGetInt64(values[5]),
			.covered_by = slot->tts_isnull[6] ? 0 : DatumGetInt64(values[6])};
	MemoryContextSwitchTo(old);
}

/*
 * What no rule judges any more: alerts of events, which are of one day, unless a review of their unit waits, and those of rules
 * that are gone or not in force.  They last to the end of their week, whichever day is scanned.
 */
static void
resolve_spent(RgtRaising *raising, DateADT monday)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT a.alert_id, a.rule, a.level, a.unit_id, a.on_day, a.event_id, a.covered_by FROM regtarget.alerts a "
		"WHERE a.status <> 'resolved' AND a.on_day < $1 AND CASE WHEN a.event_id IS NULL "
		"THEN NOT EXISTS (SELECT FROM regtarget.alert_rules r WHERE r.rule = a.rule AND r.enabled AND r.signal IS NOT NULL) "
		"ELSE NOT EXISTS (SELECT FROM regtarget.reviews r WHERE r.unit_id = a.unit_id AND r.status = 'open') END "
		"ORDER BY a.alert_id", DATEOID);
	Datum		argument = DateADTGetDatum(monday);
	Spent		spent = {.context = CurrentMemoryContext, .allocated = 16};

	spent.alerts = palloc(sizeof(RgtAlert) * 16);
	rgt_run(&query, RGT_FRESH, &argument, NULL, add_spent, &spent);
	for (int i = 0; i < spent.n; i++)
		rgt_resolve(raising, &spent.alerts[i], monday);
}

/* The new alerts that the caller sees. */
static void
tell(const RgtRaising *raising, DestReceiver *dest)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT a.* FROM regtarget.alerts a WHERE a.alert_id = ANY ($1) AND regtarget.sees_unit(a.unit_id) ORDER BY a.alert_id",
		INT8ARRAYOID);
	Datum		ids = PointerGetDatum(construct_array(raising->raised, raising->nraised, INT8OID, 8, true, TYPALIGN_DOUBLE));

	rgt_run_into(&query, RGT_FRESH, &ids, NULL, dest);
}

/* 40001 where the transaction has a snapshot of its own and others have raised or resolved since: it would do so again. */
static void
require_latest(void)
{
	static RgtQuery query = RGT_QUERY0(
		"SELECT count(*), count(*) FILTER (WHERE status = 'resolved') FROM regtarget.alerts");
	Datum		ours[2];
	Datum		latest[2];
	bool		isnull[2];

	if (!IsolationUsesXactSnapshot())
		return;
	rgt_one(&query, RGT_FRESH, NULL, NULL, ours, isnull, 2);
	rgt_one(&query, RGT_LATEST, NULL, NULL, latest, isnull, 2);
	if (DatumGetInt64(ours[0]) != DatumGetInt64(latest[0]) || DatumGetInt64(ours[1]) != DatumGetInt64(latest[1]))
		rgt_too_new(rgt_text("could not serialize access to table \"alerts\""));
}

/* scan_alerts(as_of): judges, raises, resolves; the new alerts. */
PG_FUNCTION_INFO_V1(rgt_scan_alerts);
Datum
rgt_scan_alerts(PG_FUNCTION_ARGS)
{
	DestReceiver *dest = rgt_result(fcinfo);
	RgtSession	session;
	RgtRaising	raising;
	DateADT		as_of;

	rgt_enter_to_write(&session, "regtarget.scan_alerts()");
	rgt_require_top_planner();
	as_of = rgt_alert_day(fcinfo, 0, "as_of");
	rgt_lock_alerts();
	require_latest();
	rgt_await_leaving_units(NULL, NULL);
	raising = rgt_raising(as_of);
	scan_rules(&raising, rgt_iso_monday(as_of), true);
	scan_rules(&raising, as_of, false);
	resolve_spent(&raising, rgt_iso_monday(as_of));
	rgt_raising_done(&raising);
	tell(&raising, dest);
	rgt_end(&session);
	return (Datum) 0;
}
