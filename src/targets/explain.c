/*
 * targets/explain.c
 *	  explain_target(): a number's derivation, from the total down to the amount.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/tstoreReceiver.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "access/access.h"
#include "regtarget.h"

/* A plan among those that have the unit; what the caller does not see is not there. */
typedef struct Search
{
	Oid			caller;
	int32		unit_id;
	int64		plan_id;		/* 0: none so far */
} Search;

static void
take_first_in_sight(TupleTableSlot *slot, void *arg)
{
	Search	   *search = arg;
	int64		plan_id = DatumGetInt64(slot->tts_values[0]);

	if (search->plan_id == 0 && rgt_plan_in_sight(search->caller, plan_id, search->unit_id))
		search->plan_id = plan_id;
}

/* The plan to explain: the published live one, else the newest live draft that has the unit. */
static int64
find_plan(int32 unit_id, text *period)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT p.plan_id FROM regtarget.plans p JOIN regtarget.targets t ON t.plan_id = p.plan_id AND t.unit_id = $1 "
		"WHERE p.period = $2 AND p.mode = 'live' "
		"ORDER BY (p.status IN ('published', 'closed')) DESC, p.plan_id DESC", INT4OID, TEXTOID);
	Datum		arguments[2] = {Int32GetDatum(unit_id), PointerGetDatum(period)};
	Search		search = {rgt_caller(), unit_id, 0};

	rgt_run(&query, RGT_CALLER, arguments, NULL, take_first_in_sight, &search);
	if (search.plan_id == 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("unit \"%s\" has no live target for period \"%s\"",
						rgt_unit_name(unit_id), text_to_cstring(period)),
				 errhint("Run regtarget.allocate_targets(), or name the plan_id of a shadow or sandbox plan.")));
	return search.plan_id;
}

static void
check_plan(int64 plan_id, int32 unit_id, text *period)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT FROM regtarget.targets WHERE plan_id = $1 AND unit_id = $2 AND period = $3",
		INT8OID, INT4OID, TEXTOID);
	Datum		arguments[3] = {Int64GetDatum(plan_id), Int32GetDatum(unit_id), PointerGetDatum(period)};

	if (rgt_run(&query, RGT_CALLER, arguments, NULL, NULL, NULL) == 0 ||
		!rgt_plan_in_sight(rgt_caller(), plan_id, unit_id))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("plan %" PRId64 " has no target of unit \"%s\" for period \"%s\"",
						plan_id, rgt_unit_name(unit_id), text_to_cstring(period))));
}

/*
 * What a target was published with, before it first moved, gave or took: its first entry says so.  Figures and parent
 * are those of its row where there is none.
 */
#define AS_PUBLISHED \
	" LEFT JOIN LATERAL (SELECT (e.details->'suggested_before')::numeric AS suggested," \
	"  (e.details->'baseline_before')::numeric AS baseline, nullif((e.details->'parent_before')::int, 0) AS parent" \
	"  FROM regtarget.ledger e WHERE e.unit_id = t.unit_id AND e.details->'target_id' = to_jsonb(t.target_id)" \
	"  AND jsonb_typeof(e.details->'suggested_before') = 'number' AND jsonb_typeof(e.details->'baseline_before') = 'number'" \
	"  AND jsonb_typeof(e.details->'parent_before') = 'number' ORDER BY e.entry LIMIT 1) AS f ON true"
#define PUBLISHED_COLUMNS \
	"coalesce(f.suggested, t.suggested) AS first_suggested, coalesce(f.baseline, t.baseline) AS first_baseline," \
	" CASE WHEN f.suggested IS NULL THEN t.parent_unit_id ELSE f.parent END AS first_parent"

/*
 * The derivation of target (plan $1, unit $2).  For each unit on the way down, as it was published: what its parent
 * had to hand down, what each signal contributed, the suggestion, the penalty, the baseline; then what has moved to
 * and from the target since; last the amount.
 */
static RgtQuery derivation = RGT_KEY_QUERY(
	"WITH RECURSIVE way AS ("
	" SELECT t.*, " PUBLISHED_COLUMNS ", 0 AS up FROM regtarget.targets t" AS_PUBLISHED
	" WHERE t.plan_id = $1 AND t.unit_id = $2"
	" UNION ALL SELECT t.*, " PUBLISHED_COLUMNS ", w.up + 1 FROM way w"
	" JOIN regtarget.targets t ON t.plan_id = w.plan_id AND t.unit_id = w.first_parent" AS_PUBLISHED
	"), node AS ("
	" SELECT w.*, coalesce(u.code, w.unit_id::text) AS unit, lead(w.first_baseline) OVER (ORDER BY w.up) AS given,"
	" above_unit.code AS parent,"
	" c.siblings,"
	" s.penalty_rate, s.denied_quarters"
	" FROM way w JOIN regtarget.plans p ON p.plan_id = w.plan_id"
	" LEFT JOIN LATERAL (SELECT coalesce((SELECT max(cardinality(b.unit_ids)) FROM regtarget.plan_basis b"
	"  WHERE b.plan_id = $1 AND b.parent_unit_id = w.first_parent), (SELECT count(*) FROM regtarget.targets s"
	"  WHERE s.plan_id = $1 AND s.parent_unit_id = w.first_parent)) AS siblings) c ON w.first_parent IS NOT NULL"
	" LEFT JOIN regtarget.units u ON u.unit_id = w.unit_id"
	" LEFT JOIN regtarget.units above_unit ON above_unit.unit_id = w.first_parent"
	" LEFT JOIN regtarget.standings s ON s.unit_id = w.unit_id AND s.period = w.period"
	"), moved AS ("
	" SELECT n.unit, e.entry, e.action, e.details->>'why' AS why, (e.details->'suggested_after')::numeric"
	"  - (e.details->'suggested_before')::numeric AS figure, e.details->'parent_before' <> e.details->'parent_after' AS itself"
	" FROM node n JOIN regtarget.ledger e ON e.unit_id = n.unit_id AND e.details->'target_id' = to_jsonb(n.target_id)"
	" WHERE n.up = 0 AND e.action IN ('target_moved', 'amount_transferred')"
	"  AND jsonb_typeof(e.details->'suggested_before') = 'number' AND jsonb_typeof(e.details->'suggested_after') = 'number'"
	"), line AS ("
	" SELECT 1000000 AS up, 0 AS part, '' AS signal, regtarget.translated('total') AS what, p.total AS amount,"
	"  format(regtarget.translated('plan %s, %s, %s, period %s'), p.plan_id, p.mode, p.status, p.period) AS detail"
	"  FROM regtarget.plans p WHERE p.plan_id = $1"
	" UNION ALL SELECT n.up, 1, b.factor || ' ' || b.signal, format('%s: %s', n.unit, b.signal),"
	"  round((b.weight * b.share)::numeric * n.given, 4),"
	"  format(CASE WHEN b.scale IS NULL THEN CASE WHEN b.imputed"
	"    THEN regtarget.translated('%1$s is %2$s %% among %3$s siblings; weighs %4$s %% (%5$s); filled from its siblings')"
	"    ELSE regtarget.translated('%1$s is %2$s %% among %3$s siblings; weighs %4$s %% (%5$s)') END"
	"   WHEN b.imputed"
	"    THEN "
	"regtarget.translated('%1$s times %6$s is %2$s %% among %3$s siblings; weighs %4$s %% (%5$s); filled from its siblings')"
	"   ELSE regtarget.translated('%1$s times %6$s is %2$s %% among %3$s siblings; weighs %4$s %% (%5$s)') END,"
	"   trim_scale(round(b.value::numeric, 4)), trim_scale(round((100 * b.share)::numeric, 4)), n.siblings,"
	"   trim_scale(round((100 * b.weight)::numeric, 4)), b.factor, trim_scale(round(b.scale::numeric, 4)))"
	"  FROM node n CROSS JOIN LATERAL (SELECT b.signal, b.factor, b.weight, b.\"values\"[e.i] AS value,"
	"   b.imputed[e.i] AS imputed, b.scales[e.i] AS scale, b.shares[e.i] AS share FROM regtarget.plan_basis b"
	"   CROSS JOIN LATERAL (SELECT array_position(b.unit_ids, n.unit_id) AS i OFFSET 0) AS e"
	"   WHERE b.plan_id = n.plan_id AND b.parent_unit_id = n.first_parent AND e.i IS NOT NULL) AS b"
	" UNION ALL SELECT n.up, 2, '', format(regtarget.translated('%s: suggested'), n.unit), n.first_suggested,"
	"  CASE WHEN n.given IS NULL THEN regtarget.translated('the top of the plan')"
	"   WHEN n.siblings = 1 AND n.first_suggested = n.given"
	"    THEN format(regtarget.translated('the only unit below %s takes all of %s'), n.parent, n.given)"
	"   WHEN n.given = 0 THEN format(regtarget.translated('%s has nothing to hand down'), n.parent)"
	"   ELSE format(regtarget.translated('%s %% of the %s of %s, rounded so that all parts add up'),"
	"    trim_scale(round(100 * n.first_suggested / n.given, 4)), n.given, n.parent) END FROM node n"
	" UNION ALL SELECT n.up, 3, '', format(regtarget.translated('%s: penalty'), n.unit), n.penalty,"
	"  format(regtarget.translated('%s of suggested, after %s denied quarters running'), n.penalty_rate, n.denied_quarters)"
	"  FROM node n WHERE n.penalty > 0"
	" UNION ALL SELECT n.up, 4, '', format(regtarget.translated('%s: baseline'), n.unit), n.first_baseline,"
	"  CASE WHEN n.penalty > 0 THEN regtarget.translated('suggested + penalty') ELSE regtarget.translated('as suggested') END "
	"FROM node n"
	" UNION ALL SELECT 0, 5, to_char(m.entry, 'FM00000000000000000000'), format(CASE m.action"
	"  WHEN 'target_moved' THEN regtarget.translated('%s: moved') ELSE regtarget.translated('%s: transferred') END, m.unit), "
	"m.figure,"
	"  CASE WHEN m.itself THEN format(regtarget.translated('below another parent: %s'), m.why) ELSE m.why END FROM moved m"
	" UNION ALL SELECT 0, 6, '', format(regtarget.translated('%s: baseline'), n.unit), n.baseline, "
	"regtarget.translated('with what was moved and transferred')"
	"  FROM node n WHERE n.up = 0 AND EXISTS (SELECT FROM moved)"
	" UNION ALL SELECT n.up, 7, '', format(regtarget.translated('%s: amount'), n.unit), n.amount,"
	"  CASE WHEN n.amount = n.baseline THEN regtarget.translated('as the baseline')"
	"   ELSE format(regtarget.translated('%s from the baseline, within the cap of %s either way'), n.amount - n.baseline, "
	"n.cap) END"
	"  FROM node n WHERE n.up = 0"
	") SELECT pg_catalog.row_number() OVER (ORDER BY up DESC, part, signal COLLATE \"C\")::int, what, amount, detail"
	" FROM line ORDER BY 1", INT8OID, INT4OID);

/* explain_target(unit, period, plan_id) */
PG_FUNCTION_INFO_V1(rgt_explain_target);
Datum
rgt_explain_target(PG_FUNCTION_ARGS)
{
	DestReceiver *dest = rgt_result(fcinfo);
	RgtSession	session;
	RgtPeriod	period;
	Datum		arguments[2];
	int32		unit_id;
	int64		plan_id;

	rgt_enter(&session);
	unit_id = rgt_unit_by_code(rgt_required_text(fcinfo, 0, "unit"));
	period = rgt_period(rgt_required_text(fcinfo, 1, "period"));
	rgt_require_sight(unit_id);
	plan_id = PG_ARGISNULL(2) ? find_plan(unit_id, period.period) : PG_GETARG_INT64(2);
	check_plan(plan_id, unit_id, period.period);
	arguments[0] = Int64GetDatum(plan_id);
	arguments[1] = Int32GetDatum(unit_id);
	rgt_run_into(&derivation, RGT_CALLER, arguments, NULL, dest);
	rgt_end(&session);
	return (Datum) 0;
}
