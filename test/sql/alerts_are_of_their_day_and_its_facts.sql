-- Alerts are of the tree of their day; they last as long as their event's week or their rule; what is judged is on record.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set company :srcdir '/sql/valve.psql'
\set ECHO none
\i :prelude
\i :company
\set ECHO all

CREATE VIEW pg_temp.told AS SELECT a.alert_id, a.rule, u.code AS unit, a.on_day, a.status, a.resolved_on, a.no_data_since, r.review_id
FROM alerts a JOIN units u USING (unit_id) LEFT JOIN reviews r USING (alert_id);

-- ---- the tree of the day ----

-- A1 stands at the top from August on, below A before; an event of every unit is one of those below the top on its day.
INSERT INTO past_parents (unit_id, until_on, parent_id) SELECT unit_id, '2025-08-01', parent_id FROM units WHERE code = 'A1';
UPDATE units SET parent_id = NULL WHERE code = 'A1';
SELECT report_event('policy_change', 'of July', NULL, '2025-07-09') > 0 AS july;
SELECT report_event('policy_change', 'of August', NULL, '2025-08-06') > 0 AS august;
SELECT unit, on_day, review_id FROM pg_temp.told ORDER BY alert_id;
-- A review waits for whoever was above that day.
SELECT report_event('policy_change', 'A1 in July', 'A1', '2025-07-09') > 0 AS july;
SELECT report_event('policy_change', 'A1 in August', 'A1', '2025-08-06') > 0 AS august;
SELECT unit, on_day, review_id FROM pg_temp.told WHERE unit = 'A1' ORDER BY alert_id;

-- ---- to the end of the week, and longer while a review waits ----

SELECT count(*) AS news FROM scan_alerts('2025-08-10');
SELECT unit, on_day, status FROM pg_temp.told WHERE unit IN ('A', 'A1') ORDER BY alert_id;
SELECT close_review(review_id, 'keep', 'no') FROM pg_temp.told WHERE unit = 'A1' AND review_id IS NOT NULL;
SELECT count(*) AS news FROM scan_alerts('2025-08-14');
SELECT unit, on_day, status, CASE WHEN review_id IS NULL THEN resolved_on::text ELSE 'with its review' END AS resolved, review_id FROM pg_temp.told WHERE unit IN ('A', 'A1') AND status = 'resolved' ORDER BY alert_id;
-- A rule that is gone, or not in force, judges nothing.
INSERT INTO alert_rules (rule, level, signal, compare, threshold) VALUES ('one', 'blue', 'mood', 'above', 1), ('two', 'blue', 'mood', 'above', 1);
INSERT INTO signals (unit_id, signal, as_of, value) SELECT unit_id, 'mood', '2025-09-01', 2 FROM units WHERE code = 'B';
SELECT rule, on_day FROM scan_alerts('2025-09-02') ORDER BY 1;
DELETE FROM alert_rules WHERE rule = 'one';
UPDATE alert_rules SET enabled = false WHERE rule = 'two';
SELECT count(*) AS news FROM scan_alerts('2025-09-07');
SELECT rule, status FROM pg_temp.told WHERE rule IN ('one', 'two') ORDER BY 1;
SELECT count(*) AS news FROM scan_alerts('2025-09-08');
SELECT rule, status, resolved_on FROM pg_temp.told WHERE rule IN ('one', 'two') ORDER BY 1;

-- ---- what is judged is on record ----

DELETE FROM alert_rules;
INSERT INTO alert_rules (rule, level, signal, compare, threshold, relative, span, min_count)
VALUES ('churn', 'red', 'weekly_churn_rate', 'rise', 0.2, true, 'week', 1), ('fewer', 'blue', 'customers_active', 'fall', 0.1, true, 'week', NULL);
INSERT INTO customers (unit_id, churned_on) SELECT 5, CASE WHEN i < 3 THEN date '2025-09-17' ELSE '2025-09-24' END FROM generate_series(1, 10) i;
INSERT INTO customers (unit_id, churned_on) SELECT 3, CASE WHEN i < 3 THEN date '2025-10-01' END FROM generate_series(1, 10) i;
SELECT rule, unit_id, on_day, value_before, value_after FROM scan_alerts('2025-09-22') ORDER BY alert_id;
-- All that were left go in the next week; in the week after there is nobody who might go, so that it holds no more.
SELECT rule, unit_id FROM scan_alerts('2025-09-29') ORDER BY alert_id;
SELECT rule, unit_id FROM scan_alerts('2025-10-06') ORDER BY alert_id;
SELECT rule, unit, status, resolved_on, no_data_since FROM pg_temp.told WHERE rule IN ('churn', 'fewer') ORDER BY alert_id;
-- Nothing is on record any more: what fires goes on, and says since when.
SELECT rule, unit_id FROM scan_alerts('2025-10-13') ORDER BY alert_id;
SELECT rule, unit, status, resolved_on, no_data_since FROM pg_temp.told WHERE rule IN ('churn', 'fewer') AND status <> 'resolved' ORDER BY alert_id;

-- ---- a request answers one review ----

SELECT count(*) FROM apply_profile();
SELECT asks('b', 'B', '0.01', '2025-07-10') AS request \gset
SELECT count(close_review(review_id, 'adjust', 'as asked', CASE WHEN unit_id = 3 THEN :request END)) FROM reviews WHERE status = 'open';
SELECT report_event('policy_change', 'law', 'B', '2025-07-14') > 0 AS reported;
SELECT error_of(format('SELECT close_review(%s, ''adjust'', ''as asked'', %s)', review_id, :request)) FROM reviews WHERE status = 'open';
SELECT check_name, detail FROM verify() WHERE NOT ok;

ROLLBACK;
