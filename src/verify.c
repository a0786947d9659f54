/*
 * verify.c
 *	  verify(): every invariant recomputed from the tables, in the snapshot of the calling statement.
 *
 * Each check is one query that returns what breaks the rule, as text, one row each.  A check's first
 * finds are told, and how many there are.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "access/access.h"
#include "activity/activity.h"
#include "alerts/alerts.h"
#include "attached/attached.h"
#include "ledger/ledger.h"
#include "plans/plans.h"
#include "regtarget.h"
#include "units/units.h"
#include "valve/valve.h"

#define FINDS_TOLD 3

typedef struct Finds
{
	StringInfoData told;
	int64		n;
} Finds;

typedef struct Check
{
	const char *name;
	void		(*more) (Finds *finds); /* what no single query finds; NULL: nothing */
	RgtQuery	query;			/* without text: none */
} Check;

static void find_wrong_sums(Finds *finds);
static void find_wrong_caps(Finds *finds);
static void find_wrong_penalties(Finds *finds);
static void find_stale_activity(Finds *finds);
static void find_orphans(Finds *finds);
static void find_cycles(Finds *finds);
static void find_forgeries(Finds *finds);
static void find_odd_requests(Finds *finds);
static void find_odd_alerts(Finds *finds);
static void find_misdated(Finds *finds);

static Check checks[] = {
	/* T4, S3: what was published adds up, and to its total. */
	{"sums", find_wrong_sums, RGT_QUERY0(NULL)},
	/* T1, T7: within the cap of the plan, on its step. */
	{"caps", find_wrong_caps, RGT_QUERY0(NULL)},
	/* T2: penalties are those of the standings, sandboxes pay none. */
	{"penalties", find_wrong_penalties, RGT_QUERY0(NULL)},
	/* T4: one published live target a unit and period; targets are of their plan's period. */
	{"statuses", find_misdated, RGT_QUERY0(
		"SELECT format(CASE WHEN published_at IS NULL THEN regtarget.translated('plan %s is %s but was never published') "
		"ELSE regtarget.translated('plan %s is %s but was published') END, plan_id, status) "
		"FROM regtarget.plans WHERE (published_at IS NOT NULL) <> (status IN ('published', 'closed')) "
		"UNION ALL "
		"SELECT format(regtarget.translated('plan %s is a %s plan but %s'), plan_id, mode, status) "
		"FROM regtarget.plans WHERE mode <> 'live' AND status <> 'draft' "
		"UNION ALL "
		"SELECT format(regtarget.translated('plan %s is a %s plan but marked as a shadow plan'), plan_id, mode) "
		"FROM regtarget.plans WHERE mode <> 'shadow' AND (late IS NOT NULL OR revealed_at IS NOT NULL) "
		"UNION ALL "
		"SELECT format(regtarget.translated('unit %s stands in %s published plans of period %s'), t.unit_id, count(*), p.period) "
		"FROM regtarget.plans p JOIN regtarget.targets t ON t.plan_id = p.plan_id "
		"WHERE p.mode = 'live' AND p.status IN ('published', 'closed') GROUP BY p.period, t.unit_id HAVING count(*) > 1 "
		"UNION ALL "
		"SELECT format(regtarget.translated('target %s is of period %s, its plan of %s'), t.target_id, t.period, p.period) "
		"FROM regtarget.targets t JOIN regtarget.plans p ON p.plan_id = t.plan_id WHERE t.period <> p.period "
		/* V3, V6: what was approved has all its signatures, what was refused a refusal, the smallest grant stands. */
		"UNION ALL "
		"SELECT format("
		"regtarget.translated('request %s is %s, granted %s; of its signatures %s are given, %s refused, the least grants %s'), "
		"a.adjustment_id, a.status, coalesce(a.granted::text, regtarget.translated('nothing')), s.given, s.refused, s.least) "
		"FROM regtarget.adjustments a CROSS JOIN LATERAL ("
		"SELECT count(s.approved) AS given, count(*) FILTER (WHERE NOT s.approved) AS refused, count(*) AS needed, "
		"min(abs(coalesce(s.granted, a.change))) * sign(a.change) AS least "
		"FROM regtarget.signatures s WHERE s.adjustment_id = a.adjustment_id) AS s "
		"WHERE s.needed = 0 OR (a.status = 'rejected') <> (s.refused > 0) "
		"OR (a.granted IS NOT NULL) <> (s.given = s.needed AND s.refused = 0) OR a.granted <> s.least "
		"UNION ALL "
		"SELECT format(regtarget.translated('request %s is %s and its filing is %s'), a.adjustment_id, a.status, "
		"coalesce(f.filing_id::text, regtarget.translated('missing'))) "
		"FROM regtarget.adjustments a LEFT JOIN regtarget.filings f ON f.adjustment_id = a.adjustment_id "
		"WHERE (a.status = 'applied') <> (f.filing_id IS NOT NULL) "
		"OR f.amount_before <> a.amount_before OR f.amount_after <> a.amount_after "
		"UNION ALL "
		"SELECT format(regtarget.translated('request %s is %s although plan %s is %s'), a.adjustment_id, a.status, p.plan_id, "
		"p.status) "
		"FROM regtarget.adjustments a JOIN regtarget.targets t ON t.target_id = a.target_id "
		"JOIN regtarget.plans p ON p.plan_id = t.plan_id "
		"WHERE p.status <> 'published' AND (p.status <> 'closed' OR a.status IN ('requested', 'approved')) ORDER BY 1")},
	/* L: unbroken chains, and what they say is so. */
	{"ledger", find_forgeries, RGT_QUERY0(NULL)},
	/* F2, I6: what is kept of the facts equals them, of those that stay elsewhere as well. */
	{"activity", find_stale_activity, RGT_QUERY0(NULL)},
	/* What would be foreign keys: one query each, and one of two columns: a plan keeps bounds of its own units. */
	{"references", find_orphans, RGT_QUERY0(
		"SELECT format(regtarget.translated('plan_bounds has unit %s, which plan %s has not'), b.unit_id, b.plan_id) FROM "
		"regtarget.plan_bounds b "
		"WHERE NOT EXISTS (SELECT FROM regtarget.targets t WHERE t.plan_id = b.plan_id AND t.unit_id = b.unit_id)")},
	/* U: units form a tree, months lie inside their periods. */
	{"tree", find_cycles, RGT_QUERY0(
		"SELECT format(regtarget.translated('month %s does not lie inside period %s'), m.month, p.period) "
		"FROM regtarget.months m JOIN regtarget.periods p ON p.period = m.period WHERE NOT m.during <@ p.during")},
	/* V: what its tables may hold. */
	{"valve", find_odd_requests, RGT_QUERY0(NULL)},
	/* A: what was raised, decided and reported is what the ledger says. */
	{"alerts", find_odd_alerts, RGT_QUERY0(NULL)},
};

static void
note(Finds *finds, const char *what)
{
	if (++finds->n > FINDS_TOLD)
		return;
	if (finds->told.len > 0)
		appendStringInfoString(&finds->told, "; ");
	appendStringInfoString(&finds->told, what);
}

static void
tell(TupleTableSlot *slot, void *arg)
{
	note(arg, TextDatumGetCString(slot->tts_values[0]));
}

static void
find_stale_activity(Finds *finds)
{
	rgt_stale_activity(tell, finds);
	rgt_stale_attached(tell, finds);
}

static void
find_odd_requests(Finds *finds)
{
	rgt_valve_check(tell, finds);
}

static void
find_odd_alerts(Finds *finds)
{
	rgt_alerts_check(tell, finds);
}

static void
find_orphans(Finds *finds)
{
	rgt_orphans(tell, finds);
}

typedef struct Unreached
{
	const RgtTree *tree;
	DateADT		day;
	Finds	   *finds;
} Unreached;

static void
tell_unreached(TupleTableSlot *slot, void *arg)
{
	Unreached  *unreached = arg;

	if (rgt_tree_find(unreached->tree, DatumGetInt32(slot->tts_values[0])) < 0)
		note(unreached->finds, unreached->day == DATEVAL_NOEND ?
			 psprintf(rgt_text("unit %s is in a cycle or below one"), TextDatumGetCString(slot->tts_values[1])) :
			 psprintf(rgt_text("unit %s is in a cycle or below one on %s"), TextDatumGetCString(slot->tts_values[1]),
					  rgt_date_text(unreached->day)));
}

/* R5, R6: nobody is his own predecessor. */
static void
find_circles(Finds *finds)
{
	RgtSuccessions list = rgt_successions(RGT_CALLER);

	for (int i = 0; i < list.n; i++)
	{
		int32		unit_id = list.pairs[i].unit_id;

		if ((i == 0 || list.pairs[i - 1].unit_id != unit_id) && rgt_goes_back_to(&list, unit_id, unit_id))
			note(finds, psprintf(rgt_text("unit %s is its own predecessor"), rgt_unit_name(unit_id)));
	}
}

/* Units that no root leads to, on any day: the tree in memory leaves them out. */
static void
find_cycles(Finds *finds)
{
	static RgtQuery query = RGT_QUERY0("SELECT unit_id, code FROM regtarget.units ORDER BY unit_id");
	Unreached	unreached = {.finds = finds};
	int			n;
	DateADT    *days = rgt_days_of_trees(RGT_CALLER, &n);

	for (int d = n - 1; d >= 0; d--)
	{
		unreached.tree = rgt_tree_read(RGT_CALLER, days[d]);
		unreached.day = days[d];
		rgt_run(&query, RGT_CALLER, NULL, NULL, tell_unreached, &unreached);
	}
	find_circles(finds);
}

static void
tell_words(const char *what, void *arg)
{
	note(arg, what);
}

static void
find_forgeries(Finds *finds)
{
	rgt_ledger_check(tell_words, finds);
}

static void
find_wrong_sums(Finds *finds)
{
	rgt_plans_check(RGT_PLAN_SUMS, tell_words, finds);
}

static void
find_wrong_caps(Finds *finds)
{
	rgt_plans_check(RGT_PLAN_CAPS, tell_words, finds);
}

static void
find_wrong_penalties(Finds *finds)
{
	rgt_plans_check(RGT_PLAN_PENALTIES, tell_words, finds);
}

/* X4: nothing ended before it began. */
static void
find_misdated(Finds *finds)
{
	static RgtQuery query = RGT_QUERY0(
		"SELECT format(regtarget.translated('plan %s was published on %s, before it was made on %s'), plan_id, published_at, "
		"created_at) "
		"FROM regtarget.plans WHERE published_at < created_at "
		"UNION ALL "
		"SELECT format(regtarget.translated('plan %s was revealed on %s, before it was made on %s'), plan_id, revealed_at, "
		"created_at) "
		"FROM regtarget.plans WHERE revealed_at < created_at "
		"UNION ALL "
		"SELECT format(regtarget.translated('request %s was made on %s, decided on %s, and ended on %s'), adjustment_id, "
		"requested_at, "
		"coalesce(decided_at::text, regtarget.translated('no day')), coalesce(ended_at::text, regtarget.translated('no day'))) "
		"FROM regtarget.adjustments WHERE decided_at < requested_at OR ended_at < requested_at OR ended_at < decided_at "
		"UNION ALL "
		"SELECT format(regtarget.translated('request %s was made on %s, signed for unit %s on %s, and decided on %s'), "
		"a.adjustment_id, "
		"a.requested_at, "
		"s.unit_id, s.signed_at, coalesce(a.decided_at::text, regtarget.translated('no day'))) "
		"FROM regtarget.adjustments a JOIN regtarget.signatures s ON s.adjustment_id = a.adjustment_id "
		"WHERE s.signed_at < a.requested_at OR s.signed_at > a.decided_at "
		"UNION ALL "
		"SELECT format(regtarget.translated('request %s was applied on %s, filed on %s, and acknowledged on %s'), "
		"a.adjustment_id, a.ended_at, "
		"f.filed_at, coalesce(f.acknowledged_at::text, regtarget.translated('no day'))) "
		"FROM regtarget.filings f JOIN regtarget.adjustments a ON a.adjustment_id = f.adjustment_id "
		"WHERE f.filed_at < a.ended_at OR f.acknowledged_at < f.filed_at");

	rgt_run(&query, RGT_CALLER, NULL, NULL, tell, finds);
}

static void
note_root(TupleTableSlot *slot, void *arg)
{
	bool	   *all = arg;

	*all = *all && rgt_in_sight(rgt_caller(), DatumGetInt32(slot->tts_values[0]));
}

/* What is wrong is told to whoever sees all units, from every top on; else it might tell of those not visible. */
static bool
sees_all_units(void)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT u.unit_id FROM regtarget.units u WHERE (" RGT_PARENT_ON("u", "$1") ") IS NULL", DATEOID);
	Datum		today = DateADTGetDatum(rgt_today_of(RGT_CALLER));
	bool		all = true;

	rgt_run(&query, RGT_CALLER, &today, NULL, note_root, &all);
	return all && rgt_sees_anything(rgt_caller());
}

/* Returns how much it found. */
static int64
run_check(Check *check, ReturnSetInfo *result)
{
	Finds		finds = {.n = 0};
	Datum		values[3];
	bool		nulls[3] = {false};

	initStringInfo(&finds.told);
	if (check->more != NULL)
		check->more(&finds);
	if (check->query.sql != NULL)
		rgt_run(&check->query, RGT_CALLER, NULL, NULL, tell, &finds);
	if (finds.n > 0 && !sees_all_units())
	{
		resetStringInfo(&finds.told);
		appendStringInfo(&finds.told, rgt_text("%" PRId64 " found; told to whoever sees all units"), finds.n);
	}
	else if (finds.n > FINDS_TOLD)
		appendStringInfo(&finds.told, rgt_text("; and %" PRId64 " more"), finds.n - FINDS_TOLD);
	values[0] = CStringGetTextDatum(check->name);
	values[1] = BoolGetDatum(finds.n == 0);
	nulls[2] = finds.n == 0;
	values[2] = nulls[2] ? (Datum) 0 : CStringGetTextDatum(finds.told.data);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	return finds.n;
}

static Check *
find_check(const char *name)
{
	for (int i = 0; i < (int) lengthof(checks); i++)
	{
		if (strcmp(checks[i].name, name) == 0)
			return &checks[i];
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("there is no check \"%s\"", name),
			 errhint("Without an argument, verify() runs and names them all.")));
}

static void
run_named(ArrayType *names, ReturnSetInfo *result)
{
	Datum	   *values;
	bool	   *nulls;
	int			n;

	deconstruct_array(names, TEXTOID, -1, false, TYPALIGN_INT, &values, &nulls, &n);
	for (int i = 0; i < n; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("the name of a check must not be null")));
		run_check(find_check(TextDatumGetCString(values[i])), result);
	}
}

/* verify(checks): one row a check; all of them without an argument. */
PG_FUNCTION_INFO_V1(rgt_verify);
Datum
rgt_verify(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	RgtSession	session;

	InitMaterializedSRF(fcinfo, 0);
	rgt_enter(&session);
	if (!PG_ARGISNULL(0))
		run_named(PG_GETARG_ARRAYTYPE_P(0), result);
	for (int i = 0; PG_ARGISNULL(0) && i < (int) lengthof(checks); i++)
		run_check(&checks[i], result);
	rgt_end(&session);
	return (Datum) 0;
}

/* ---- record_verify ---------------------------------------------------------------------------- */

/* Keep when it was run, on whose behalf, and how much each check found: what, is told to the caller alone. */
static void
keep_run(const char *found)
{
	static RgtQuery query = RGT_QUERY(
		"INSERT INTO regtarget.verify_runs (ran_at, ran_by, login, ok, found) "
		"VALUES (clock_timestamp(), $1, $2, $3 IS NULL, $3)", TEXTOID, TEXTOID, TEXTOID);
	Datum		values[3] = {
		CStringGetTextDatum(rgt_caller_name()), CStringGetTextDatum(rgt_login_name()),
		found[0] == '\0' ? (Datum) 0 : CStringGetTextDatum(found)
	};
	char		nulls[4] = {' ', ' ', found[0] == '\0' ? 'n' : ' ', '\0'};

	rgt_run(&query, RGT_FRESH, values, nulls, NULL, NULL);
}

/* record_verify(): the rows of verify(), and a record of them for vitals. */
PG_FUNCTION_INFO_V1(rgt_record_verify);
Datum
rgt_record_verify(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	StringInfoData found;
	RgtSession	session;

	InitMaterializedSRF(fcinfo, 0);
	rgt_enter_to_write(&session, "regtarget.record_verify()");
	rgt_require_top_planner();
	initStringInfo(&found);
	for (int i = 0; i < (int) lengthof(checks); i++)
	{
		int64		n = run_check(&checks[i], result);

		if (n > 0)
			appendStringInfo(&found, "%s%s: " INT64_FORMAT, found.len > 0 ? ", " : "", checks[i].name, n);
	}
	keep_run(found.data);
	rgt_end(&session);
	return (Datum) 0;
}
