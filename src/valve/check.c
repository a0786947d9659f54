/*
 * valve/check.c
 *	  What the tables of the valve may hold, for verify(): each row by itself, rows beside each other, and all
 *	  of them beside the ledger, which has every step that was taken.
 *
 * The first would be CHECKs, were it not for what they cost: the server reads the expression of each from the
 * catalog anew in every statement, and one alone, of a single comparison, makes applying an adjustment some 5
 * per cent slower, all of them a third.  So only answers have CHECKs, which are on nobody's way, and the others
 * have their rules here.
 *
 * What steps of 0.1.0 wrote into the ledger says less than what is written now: where an entry has no moment,
 * none is compared.  Entries are compared as jsonb, so that no text in one that somebody made can end the check
 * by an error.
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "regtarget.h"
#include "valve/valve.h"

/* A rule of one row, as the CHECK would have it: what a null leaves open breaks none. */
#define RULE(what, condition) "CASE WHEN (" condition ") IS FALSE THEN regtarget.translated(" "'" what "') END"

/* A row and the rules that it breaks, in words. */
#define ROWS(name, key, table, rules) \
	"SELECT format(regtarget.translated(" "'" name "'), " key ", w.words) FROM " table \
	" CROSS JOIN LATERAL (SELECT concat_ws(', ', " rules ")) AS w (words) WHERE w.words <> '' ORDER BY " key

#define A_NUMBER(column) "abs(" column ") < 1e15"
#define SAME_SIGN(part, whole) "sign(" part ") = sign(" whole ") AND abs(" part ") <= abs(" whole ")"

/* A moment as the ledger has it: in microseconds since 1970. */
#define MOMENT(column) "to_jsonb(extract(epoch FROM " column ") * 1000000)"
/* A moment of a row that is not the one of its entry. */
#define OTHER_MOMENT(details, key, column) \
	"(" details " ? '" key "' AND " details "->'" key "' IS DISTINCT FROM " MOMENT(column) ")"

/* ---- each row by itself, and beside its request ------------------------------------------------------- */

static RgtQuery requests = RGT_QUERY0(ROWS("request %s: %s", "a.adjustment_id",
	"regtarget.adjustments a LEFT JOIN regtarget.targets t ON t.target_id = a.target_id "
	"LEFT JOIN regtarget.plans p ON p.plan_id = t.plan_id",
	RULE("status is not one of the six",
		 "a.status IN ('requested', 'approved', 'applied', 'rejected', 'withdrawn', 'lapsed')") ", "
	RULE("change is 0 or not a number", "a.change <> 0 AND abs(a.change) < 'Infinity'") ", "
	RULE("granted is not a part of change", SAME_SIGN("a.granted", "a.change")) ", "
	RULE("granted does not fit the status",
		 "CASE WHEN a.granted IS NULL THEN a.status NOT IN ('approved', 'applied') "
		 "ELSE a.status IN ('approved', 'applied', 'withdrawn', 'lapsed') END") ", "
	RULE("requested_by or requested_login is empty", "a.requested_by <> '' AND a.requested_login <> ''") ", "
	RULE("a day or moment is infinite",
		 "isfinite(a.requested_on) AND isfinite(a.requested_at) "
		 "AND coalesce(isfinite(a.decided_at), true) AND coalesce(isfinite(a.ended_at), true)") ", "
	RULE("decided_at does not fit the status",
		 "(a.decided_at IS NOT NULL) = (a.granted IS NOT NULL OR a.status = 'rejected')") ", "
	RULE("ended_at does not fit the status",
		 "(a.ended_at IS NOT NULL) = (a.status IN ('applied', 'withdrawn', 'lapsed'))") ", "
	RULE("amounts are out of range", A_NUMBER("a.amount_before") " AND " A_NUMBER("a.amount_after")) ", "
	RULE("amounts are not multiples of the step",
		 "a.amount_before % nullif(p.step, 0) = 0 AND a.amount_after % nullif(p.step, 0) = 0") ", "
	RULE("amounts move against change", "sign(a.amount_after - a.amount_before) = sign(a.change)") ", "
	RULE("health is not between 0 and 100",
		 "coalesce(a.health BETWEEN 0 AND 100, true) AND coalesce(a.health_at_plan BETWEEN 0 AND 100, true)") ", "
	RULE("pace is not a number", "abs(a.pace) < 'Infinity'") ", "
	RULE("unit_id is not that of the target", "a.unit_id = t.unit_id") ", "
	RULE("period is not that of the target", "a.period = t.period")));

static RgtQuery signatures = RGT_QUERY0(ROWS("signature of unit %s for request %s: %s", "s.unit_id, s.adjustment_id",
	"regtarget.signatures s LEFT JOIN regtarget.adjustments a ON a.adjustment_id = s.adjustment_id",
	RULE("level is below 1", "s.level >= 1") ", "
	RULE("approved, signed_by and signed_at do not go together",
		 "(s.approved IS NULL) = (s.signed_by IS NULL) AND (s.approved IS NULL) = (s.signed_at IS NULL)") ", "
	RULE("it is not signed, but has a comment, a grant or a login",
		 "s.approved IS NOT NULL OR s.granted IS NULL AND s.comment IS NULL AND s.signed_login IS NULL") ", "
	RULE("it refuses, but grants", "s.granted IS NULL OR s.approved IS NOT FALSE") ", "
	RULE("granted is not a part of change", SAME_SIGN("s.granted", "a.change")) ", "
	RULE("signed_by or signed_login is empty", "s.signed_by <> '' AND s.signed_login <> ''") ", "
	RULE("signed_at is infinite", "isfinite(s.signed_at)") ", "
	RULE("asking_unit_id is not the unit of the request", "s.asking_unit_id = a.unit_id") ", "
	RULE("a unit signs its own request", "s.unit_id <> s.asking_unit_id")));

static RgtQuery filings = RGT_QUERY0(ROWS("filing %s: %s", "f.filing_id",
	"regtarget.filings f LEFT JOIN regtarget.adjustments a ON a.adjustment_id = f.adjustment_id",
	RULE("acknowledged_by, acknowledged_at and reference do not go together",
		 "(f.acknowledged_by IS NULL) = (f.acknowledged_at IS NULL) "
		 "AND (f.acknowledged_by IS NULL) = (f.reference IS NULL) "
		 "AND (f.acknowledged_by IS NOT NULL OR f.acknowledged_login IS NULL)") ", "
	RULE("acknowledged_by or acknowledged_login is empty",
		 "f.acknowledged_by <> '' AND f.acknowledged_login <> ''") ", "
	RULE("a moment is infinite", "isfinite(f.filed_at) AND coalesce(isfinite(f.acknowledged_at), true)") ", "
	RULE("unit_id is not that of the request", "f.unit_id = a.unit_id") ", "
	RULE("filed_at is not ended_at of the request", "f.filed_at = a.ended_at")));

static RgtQuery answers = RGT_QUERY0(ROWS("answer %s: %s", "n.answer_id",
	"regtarget.answers n JOIN regtarget.targets t ON t.target_id = n.target_id "
	"JOIN regtarget.plans p ON p.plan_id = t.plan_id",
	RULE("plan_id is not that of the target", "n.plan_id = t.plan_id") ", "
	RULE("unit_id is not that of the target", "n.unit_id = t.unit_id") ", "
	RULE("its plan is a draft, or not a live one", "p.mode = 'live' AND p.status <> 'draft'")));

/* The levels of a request's signatures are 1 and so on. */
static RgtQuery levels = RGT_QUERY0(
	"SELECT format(regtarget.translated('the signatures of request %s are of levels %s'), s.adjustment_id, "
	"string_agg(s.level::text, ', ' ORDER BY s.level)) FROM regtarget.signatures s GROUP BY s.adjustment_id "
	"HAVING min(s.level) <> 1 OR max(s.level) <> count(*) OR count(DISTINCT s.level) <> count(*) "
	"ORDER BY s.adjustment_id");

/* ---- beside the ledger ------------------------------------------------------------------------------- */

/* The first entry of a request of one of these actions. */
#define STEP(actions) "(array_agg(l.details ORDER BY l.entry) FILTER (WHERE l.action IN (" actions ")))[1]"

/* What the ledger says of each request: the entries that a row can be compared with. */
#define STEPS \
	"SELECT l.unit_id, l.details->'adjustment_id' AS id, " \
	"count(*) FILTER (WHERE l.action = 'adjustment_requested') AS asked, " \
	"min(l.actor) FILTER (WHERE l.action = 'adjustment_requested') AS actor, " \
	"min(l.login) FILTER (WHERE l.action = 'adjustment_requested') AS login, " \
	STEP("'adjustment_requested'") " AS request, " \
	STEP("'adjustment_approved', 'adjustment_rejected'") " AS decision, " \
	STEP("'adjustment_withdrawn', 'adjustment_lapsed'") " AS ending, " \
	STEP("'adjustment_applied'") " AS applied, " \
	"(array_agg(l.action ORDER BY l.entry DESC) " \
	"FILTER (WHERE l.action NOT IN ('adjustment_signed', 'adjustment_refused')))[1] AS last " \
	"FROM regtarget.ledger l WHERE l.action IN ('adjustment_requested', 'adjustment_signed', 'adjustment_refused', " \
	"'adjustment_approved', 'adjustment_rejected', 'adjustment_withdrawn', 'adjustment_lapsed', 'adjustment_applied') " \
	"GROUP BY 1, 2"

/* What the first entry says of a column is not what it holds; a null is told by silence. */
#define NOT_AS_SAID(key, value) "l.request->'" key "' IS DISTINCT FROM " value
/* The same of what entries say since they have moments. */
#define NOT_AS_ASKED(key, value) "l.request ? 'requested_at' AND " NOT_AS_SAID(key, value)

#define DAY_TEXT(column) \
	"to_jsonb(to_char(" column ", CASE WHEN " column " < '0001-01-01' THEN 'YYYY-MM-DD BC' ELSE 'YYYY-MM-DD' END))"

#define ASKED_OTHERWISE \
	NOT_AS_SAID("target_id", "to_jsonb(a.target_id)") " OR " NOT_AS_SAID("month", "to_jsonb(a.month)") " OR " \
	NOT_AS_SAID("change", "to_jsonb(a.change)") " OR " NOT_AS_SAID("comment", "to_jsonb(a.reason)") " OR " \
	NOT_AS_ASKED("requested_at", MOMENT("a.requested_at")) " OR " \
	NOT_AS_ASKED("requested_on", DAY_TEXT("a.requested_on")) " OR " \
	NOT_AS_ASKED("health_at_plan", "to_jsonb(a.health_at_plan::numeric)") " OR " \
	NOT_AS_ASKED("health", "to_jsonb(a.health::numeric)") " OR " NOT_AS_ASKED("pace", "to_jsonb(a.pace::numeric)") " OR " \
	NOT_AS_ASKED("review_id", "to_jsonb(a.review_id)")

#define OTHER_AMOUNTS \
	"CASE WHEN a.status = 'applied' THEN l.applied->'before' IS DISTINCT FROM to_jsonb(a.amount_before) " \
	"OR l.applied->'after' IS DISTINCT FROM to_jsonb(a.amount_after) " \
	"ELSE " NOT_AS_ASKED("amount_before", "to_jsonb(a.amount_before)") " OR " \
	NOT_AS_ASKED("amount_after", "to_jsonb(a.amount_after)") " END"

#define SIGNERS \
	"(SELECT jsonb_object_agg(s.unit_id::text, s.level) FROM regtarget.signatures s WHERE s.adjustment_id = a.adjustment_id)"

static RgtQuery steps_of_requests = RGT_QUERY0(
	"SELECT format(regtarget.translated('request %s of unit %s: %s'), coalesce(a.adjustment_id::text, l.id::text, "
	"regtarget.translated('without a number')), "
	"coalesce(a.unit_id, l.unit_id), w.words) FROM regtarget.adjustments a "
	"FULL JOIN (" STEPS ") AS l ON l.unit_id = a.unit_id AND l.id = to_jsonb(a.adjustment_id) "
	"CROSS JOIN LATERAL (SELECT CASE WHEN a.adjustment_id IS NULL THEN "
	"regtarget.translated('it is in the ledger and not in the table') "
	"WHEN l.asked IS DISTINCT FROM 1 THEN regtarget.translated('no entry of the ledger says that it was made') ELSE "
	"concat_ws(', ', "
	"CASE WHEN a.requested_by <> l.actor OR a.requested_login IS DISTINCT FROM l.login "
	"THEN regtarget.translated('requested_by or requested_login differs from the ledger') END, "
	"CASE WHEN " ASKED_OTHERWISE " THEN regtarget.translated('what was asked for, and when, differs from the ledger') END, "
	"CASE WHEN 'adjustment_' || a.status <> l.last "
	"THEN format(regtarget.translated('status is %s, in the ledger %s'), a.status, substr(l.last, 12)) END, "
	"CASE WHEN a.granted IS NOT NULL AND l.decision->'granted' IS DISTINCT FROM to_jsonb(a.granted) "
	"THEN regtarget.translated('granted differs from the ledger') END, "
	"CASE WHEN a.decided_at IS NOT NULL AND " OTHER_MOMENT("l.decision", "decided_at", "a.decided_at") " "
	"OR a.ended_at IS NOT NULL AND " OTHER_MOMENT("l.ending", "ended_at", "a.ended_at") " "
	"THEN regtarget.translated('decided_at or ended_at differs from the ledger') END, "
	"CASE WHEN " OTHER_AMOUNTS " THEN regtarget.translated('amounts differ from the ledger') END, "
	"CASE WHEN " NOT_AS_ASKED("signers", SIGNERS) " THEN regtarget.translated('its signatures are not those of the ledger') "
	"END) END) "
	"AS w (words) WHERE w.words <> '' ORDER BY 1");

static RgtQuery steps_of_signatures = RGT_QUERY0(
	"WITH given AS (SELECT l.unit_id, l.details->'adjustment_id' AS id, l.action = 'adjustment_signed' AS approved, "
	"l.actor, l.login, l.details->'granted' AS granted, l.details->'comment' AS comment, "
	"l.details->'signed_at' AS signed_at FROM regtarget.ledger l "
	"WHERE l.action IN ('adjustment_signed', 'adjustment_refused')) "
	"SELECT format(regtarget.translated('signature of unit %s for request %s: no entry of the ledger matches it'), s.unit_id, "
	"s.adjustment_id) "
	"FROM regtarget.signatures s WHERE s.approved IS NOT NULL AND NOT EXISTS (SELECT FROM given g "
	"WHERE g.unit_id = s.asking_unit_id AND g.id = to_jsonb(s.adjustment_id) AND g.approved = s.approved "
	"AND g.actor = s.signed_by AND g.login IS NOT DISTINCT FROM s.signed_login "
	"AND g.granted IS NOT DISTINCT FROM to_jsonb(s.granted) AND g.comment IS NOT DISTINCT FROM to_jsonb(s.comment) "
	"AND (g.signed_at IS NULL OR g.signed_at->s.unit_id::text IS NOT DISTINCT FROM " MOMENT("s.signed_at") ")) "
	"UNION ALL "
	"SELECT format(regtarget.translated('signature of unit %s for request %s: in the ledger it is signed'), s.unit_id, "
	"s.adjustment_id) "
	"FROM regtarget.signatures s JOIN given g ON g.unit_id = s.asking_unit_id AND g.id = to_jsonb(s.adjustment_id) "
	"AND g.signed_at ? s.unit_id::text WHERE s.approved IS NULL ORDER BY 1");

static RgtQuery steps_of_filings = RGT_QUERY0(
	"SELECT format(regtarget.translated('filing %s of unit %s: %s'), coalesce(f.filing_id::text, l.details->>'filing_id', "
	"regtarget.translated('without a number')), "
	"coalesce(f.unit_id, l.unit_id), CASE WHEN f.filing_id IS NULL THEN regtarget.translated('in the ledger it is acknowledged') "
	"WHEN l.entry IS NULL THEN regtarget.translated('no entry of the ledger says that it was acknowledged') "
	"ELSE regtarget.translated('its acknowledgement differs from the ledger') END) "
	"FROM (SELECT * FROM regtarget.filings WHERE acknowledged_by IS NOT NULL) AS f "
	"FULL JOIN (SELECT * FROM regtarget.ledger WHERE action = 'filing_acknowledged') AS l "
	"ON l.unit_id = f.unit_id AND l.details->'filing_id' = to_jsonb(f.filing_id) "
	"WHERE f.filing_id IS NULL OR l.entry IS NULL OR f.acknowledged_by <> l.actor "
	"OR f.acknowledged_login IS DISTINCT FROM l.login OR l.details->'reference' IS DISTINCT FROM to_jsonb(f.reference) "
	"OR " OTHER_MOMENT("l.details", "acknowledged_at", "f.acknowledged_at") " ORDER BY 1");

/* verify('{valve}'): what breaks a rule, a row of one text each. */
void
rgt_valve_check(RgtRowFn row, void *arg)
{
	RgtQuery   *queries[] = {
		&requests, &signatures, &filings, &answers, &levels, &steps_of_requests, &steps_of_signatures, &steps_of_filings
	};

	for (int i = 0; i < (int) lengthof(queries); i++)
		rgt_run(queries[i], RGT_CALLER, NULL, NULL, row, arg);
}
