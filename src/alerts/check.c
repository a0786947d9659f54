/*
 * alerts/check.c
 *	  What the tables of the room may hold, for verify(): rows beside each other, and all of them beside the ledger, which has
 *	  every event, alert and review from its beginning to its end.
 *
 * Entries are compared as jsonb, so that no text in one that somebody made can end the check by an error.  Alerts that the
 * ledger has and the table has not were purged, if an entry says so.
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "alerts/alerts.h"
#include "alerts/raise.h"
#include "regtarget.h"

/* A moment as the ledger has it: in microseconds since 1970. */
#define MOMENT(column) "to_jsonb(extract(epoch FROM " column ") * 1000000)"
#define DAY(column) \
	"CASE WHEN isfinite(" column ") THEN to_jsonb(to_char(" column ", CASE WHEN " column " < '0001-01-01' THEN 'YYYY-MM-DD BC' " \
	"ELSE 'YYYY-MM-DD' END)) ELSE to_jsonb(" column "::text) END"
/* The details of the last entry of an action. */
#define SAID(action) "(array_agg(l.details ORDER BY l.entry DESC) FILTER (WHERE l.action = '" action "'))[1]"
#define BY(action) "(array_agg(l.actor ORDER BY l.entry DESC) FILTER (WHERE l.action = '" action "'))[1]"
/* What an entry says is not what the column holds; a null is told by silence. */
#define OTHER(entry, key, value) entry "->'" key "' IS DISTINCT FROM " value

/* ---- rows beside each other ---------------------------------------------------------------------------- */

static RgtQuery rows = RGT_QUERY0(
	"SELECT format(regtarget.translated('alert %s is covered by one of another rule, or a later one'), a.alert_id) FROM "
	"regtarget.alerts a "
	"JOIN regtarget.alerts c ON c.alert_id = a.covered_by WHERE c.rule <> a.rule OR c.on_day > a.on_day OR c.unit_id = a.unit_id "
	"UNION ALL SELECT "
	"format(regtarget.translated('alert %s is not of the day or the unit of its event, or that is not confirmed'), a.alert_id) "
	"FROM regtarget.alerts a JOIN regtarget.market_events e ON e.event_id = a.event_id "
	"WHERE a.on_day <> e.happened_on OR a.unit_id <> e.unit_id OR e.confirmed_by IS NULL "
	"UNION ALL SELECT "
	"format(regtarget.translated('review %s is of another unit than its alert, of one that is covered, or due too early'), "
	"r.review_id) "
	"FROM regtarget.reviews r JOIN regtarget.alerts a ON a.alert_id = r.alert_id "
	"WHERE r.unit_id <> a.unit_id OR a.covered_by IS NOT NULL OR r.due_on < a.on_day + " RGT_REVIEW_DAYS_TEXT " "
	"UNION ALL SELECT format(regtarget.translated('review %s is closed, and its alert is not resolved'), r.review_id) "
	"FROM regtarget.reviews r JOIN regtarget.alerts a ON a.alert_id = r.alert_id WHERE r.status = 'closed' AND a.status <> "
	"'resolved' "
	"UNION ALL SELECT format(regtarget.translated('review %s is answered by request %s, which names review %s'), r.review_id, "
	"b.adjustment_id, "
	"b.review_id) "
	"FROM regtarget.reviews r JOIN regtarget.adjustments b ON b.adjustment_id = r.adjustment_id "
	"WHERE b.unit_id <> r.unit_id OR b.review_id <> r.review_id "
	"UNION ALL SELECT format(regtarget.translated('request %s names review %s, which it does not answer'), b.adjustment_id, "
	"b.review_id) "
	"FROM regtarget.adjustments b JOIN regtarget.reviews r ON r.review_id = b.review_id "
	"WHERE r.adjustment_id IS DISTINCT FROM b.adjustment_id");

/* ---- beside the ledger ------------------------------------------------------------------------------------ */

#define RAISED_OTHERWISE \
	OTHER("l.raised", "rule", "to_jsonb(a.rule)") " OR " OTHER("l.raised", "level", "to_jsonb(a.level)") " OR " \
	OTHER("l.raised", "on_day", DAY("a.on_day")) " OR " OTHER("l.raised", "event_id", "to_jsonb(a.event_id)") " OR " \
	OTHER("l.raised", "value_before", "to_jsonb(a.value_before::numeric)") " OR " \
	OTHER("l.raised", "value_after", "to_jsonb(a.value_after::numeric)") " OR " \
	OTHER("l.raised", "certainty", "to_jsonb(a.certainty::numeric)") " OR " \
	OTHER("l.raised", "covered_by", "to_jsonb(a.covered_by)")

/* An alert that is gone: one without a review that was resolved before a day up to which alerts were purged. */
#define PURGED \
	"l.reviewed IS NULL AND EXISTS (SELECT FROM regtarget.ledger p WHERE p.unit_id = 0 AND p.action = 'alerts_purged' " \
	"AND p.details->>'resolved_before' > l.resolved->>'resolved_on')"

static RgtQuery alerts = RGT_QUERY0(
	"SELECT format(regtarget.translated('alert %s of unit %s: %s'), coalesce(a.alert_id::text, l.id::text, "
	"regtarget.translated('without a number')), "
	"coalesce(a.unit_id, l.unit_id), w.words) FROM regtarget.alerts a FULL JOIN ("
	"SELECT l.unit_id, l.details->'alert_id' AS id, " SAID("alert_raised") " AS raised, " SAID("alert_resolved") " AS resolved, "
	SAID("alert_acknowledged") " AS seen, " BY("alert_acknowledged") " AS seen_by, " SAID("review_opened") " AS reviewed, "
	SAID("alert_data") " AS data FROM regtarget.ledger l "
	"WHERE l.action IN ('alert_raised', 'alert_resolved', 'alert_acknowledged', 'alert_data', 'review_opened') GROUP BY 1, 2) "
	"AS l "
	"ON l.unit_id = a.unit_id AND l.id = to_jsonb(a.alert_id) CROSS JOIN LATERAL (SELECT CASE "
	"WHEN a.alert_id IS NULL THEN CASE WHEN " PURGED " THEN NULL ELSE "
	"regtarget.translated('it is in the ledger and not in the table') END "
	"WHEN l.raised IS NULL THEN regtarget.translated('no entry of the ledger says that it was raised') ELSE concat_ws(', ', "
	"CASE WHEN " RAISED_OTHERWISE " THEN regtarget.translated('what was raised differs from the ledger') END, "
	"CASE WHEN a.status <> CASE WHEN l.resolved IS NOT NULL THEN 'resolved' WHEN l.seen IS NOT NULL THEN 'acknowledged' "
	"ELSE 'firing' END OR " OTHER("l.resolved", "resolved_on", DAY("a.resolved_on")) " "
	"THEN regtarget.translated('whether and when it was resolved differs from the ledger') END, "
	"CASE WHEN (a.acknowledged_by IS NULL) <> (l.seen IS NULL) OR a.acknowledged_by IS DISTINCT FROM l.seen_by "
	"OR " OTHER("l.seen", "comment", "to_jsonb(a.comment)") " OR "
	"" OTHER("l.seen", "acknowledged_at", MOMENT("a.acknowledged_at")) " "
	"THEN regtarget.translated('who has acknowledged it differs from the ledger') END, "
	"CASE WHEN " OTHER("nullif(l.data, l.data || '{\"no_data_since\": null}')", "no_data_since", DAY("a.no_data_since")) " "
	"THEN regtarget.translated('since when there are no data differs from the ledger') END) END) AS w (words) WHERE w.words <> "
	"'' ORDER BY 1");

static RgtQuery reviews = RGT_QUERY0(
	"SELECT format(regtarget.translated('review %s of unit %s: %s'), coalesce(r.review_id::text, l.id::text, "
	"regtarget.translated('without a number')), "
	"coalesce(r.unit_id, l.unit_id), w.words) FROM regtarget.reviews r FULL JOIN ("
	"SELECT l.unit_id, l.details->'review_id' AS id, " SAID("review_opened") " AS opened, " SAID("review_closed") " AS closed, "
	BY("review_closed") " AS closed_by FROM regtarget.ledger l WHERE l.action IN ('review_opened', 'review_closed') GROUP BY 1, "
	"2) AS l "
	"ON l.unit_id = r.unit_id AND l.id = to_jsonb(r.review_id) CROSS JOIN LATERAL (SELECT CASE "
	"WHEN r.review_id IS NULL THEN regtarget.translated('it is in the ledger and not in the table') "
	"WHEN l.opened IS NULL THEN regtarget.translated('no entry of the ledger says that it was opened') ELSE concat_ws(', ', "
	"CASE WHEN " OTHER("l.opened", "alert_id", "to_jsonb(r.alert_id)") " OR " OTHER("l.opened", "due_on", DAY("r.due_on")) " "
	"OR " OTHER("l.opened", "certainty", "to_jsonb(r.certainty::numeric)") " "
	"THEN regtarget.translated('its alert, its certainty or the day on which it is due differs from the ledger') END, "
	"CASE WHEN r.status <> CASE WHEN l.closed IS NULL THEN 'open' ELSE 'closed' END "
	"OR r.closed_by IS DISTINCT FROM l.closed_by "
	"OR " OTHER("l.closed", "decision", "to_jsonb(r.decision)") " OR " OTHER("l.closed", "comment", "to_jsonb(r.comment)") " "
	"OR " OTHER("l.closed", "closed_at", MOMENT("r.closed_at")) " "
	"THEN regtarget.translated('its decision differs from the ledger') END, "
	"CASE WHEN coalesce(l.closed->'adjustment_id', to_jsonb((SELECT b.adjustment_id FROM regtarget.adjustments b "
	"WHERE b.review_id = r.review_id LIMIT 1))) IS DISTINCT FROM to_jsonb(r.adjustment_id) "
	"THEN regtarget.translated('the request that answers it differs from the ledger') END) END) AS w (words) WHERE w.words <> "
	"'' ORDER BY 1");

static RgtQuery events = RGT_QUERY0(
	"SELECT format(regtarget.translated('event %s: %s'), coalesce(e.event_id::text, l.id::text, "
	"regtarget.translated('without a number')), w.words) "
	"FROM regtarget.market_events e FULL JOIN ("
	"SELECT l.unit_id, l.details->'event_id' AS id, " SAID("event_reported") " AS reported, " SAID("event_noted") " AS noted, "
	SAID("event_confirmed") " AS confirmed FROM regtarget.ledger l "
	"WHERE l.action IN ('event_reported', 'event_noted', 'event_confirmed') GROUP BY 1, 2) AS l "
	"ON l.unit_id = coalesce(e.unit_id, 0) AND l.id = to_jsonb(e.event_id) CROSS JOIN LATERAL (SELECT CASE "
	"WHEN e.event_id IS NULL THEN regtarget.translated('it is in the ledger and not in the table') "
	"WHEN l.reported IS NULL THEN regtarget.translated('no entry of the ledger says that it was reported') ELSE concat_ws(', ', "
	"CASE WHEN " OTHER("l.reported", "kind", "to_jsonb(e.kind)") " OR " OTHER("l.reported", "subject", "to_jsonb(e.subject)") " "
	"OR " OTHER("l.reported", "happened_on", DAY("e.happened_on")) " OR " OTHER("l.reported", "source", "to_jsonb(e.source)") " "
	"OR " OTHER("l.reported", "reported_by", "to_jsonb(e.reported_by)") " "
	"OR " OTHER("l.reported", "reported_at", MOMENT("e.reported_at")) " "
	"OR " OTHER("coalesce(l.noted, "
				"l.reported)", "note", "to_jsonb(e.note)") " "
	"THEN regtarget.translated('what was reported differs from the ledger') "
	"END, "
	"CASE WHEN coalesce(l.reported->'confirmed_by', l.confirmed->'confirmed_by') IS DISTINCT FROM to_jsonb(e.confirmed_by) "
	"THEN regtarget.translated('who has confirmed it differs from the ledger') END) END) AS w (words) WHERE w.words <> '' "
	"ORDER BY 1");

/* verify('{alerts}'): what breaks a rule, a row of one text each. */
void
rgt_alerts_check(RgtRowFn row, void *arg)
{
	RgtQuery   *queries[] = {&rows, &alerts, &reviews, &events};

	for (int i = 0; i < (int) lengthof(queries); i++)
		rgt_run(queries[i], RGT_CALLER, NULL, NULL, row, arg);
}
