-- alert_feed is what Alertmanager takes; the boards of targets and of health show each unit's highest level.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set company :srcdir '/sql/valve.psql'
\set ECHO none
\i :prelude
\i :company
\set ECHO all

UPDATE policies SET timezone = 'Asia/Shanghai';
INSERT INTO alert_rules (rule, level, signal, compare, threshold, unit_kind) VALUES ('mood', 'blue', 'mood', 'above', 1, NULL);
INSERT INTO signals (unit_id, signal, as_of, value) SELECT unit_id, 'mood', '2025-07-14', 2.5 FROM units WHERE code IN ('A', 'A1', 'B');
INSERT INTO customers (unit_id, churned_on) SELECT 3, CASE WHEN i < 9 THEN '2025-07-08'::date - CASE WHEN i < 4 THEN 7 WHEN i < 7 THEN 0 ELSE 28 END END FROM generate_series(1, 50) i;
UPDATE alert_rules SET min_count = 1, threshold = 0 WHERE rule = 'churn';
SELECT rule, unit_id, covered_by FROM scan_alerts('2025-07-14') ORDER BY alert_id;
SELECT report_event('competitor_price_cut', 'Rival "A"', 'B', '2025-07-11') > 0 AS reported;
SELECT labels, annotations, starts_at, ends_at FROM alert_feed ORDER BY alert_id;
SELECT unit, alert_level FROM target_board ORDER BY unit_id;
SELECT unit, alert_level FROM region_health ORDER BY unit_id;
SET LOCAL ROLE regress_a1;
SELECT unit, alert_level FROM target_board ORDER BY unit_id;
SELECT labels::json ->> 'unit' AS unit FROM alert_feed;
RESET ROLE;

-- What is acknowledged or resolved ends, and is told for a week; what is silenced is not told.
SELECT acknowledge_alert(alert_id, 'call them') FROM alerts WHERE rule = 'mood' AND unit_id = 2;
SELECT close_review(review_id, 'keep', 'no') FROM reviews WHERE unit_id = 3;
SELECT labels::json ->> 'alertname' AS rule, labels::json ->> 'unit' AS unit, annotations::json ->> 'acknowledged' AS acknowledged, annotations::json ->> 'review' AS review,
	ends_at::timestamptz > now() - interval '1 day' AND ends_at::timestamptz <= clock_timestamp() AND ends_at ~ '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$' AS ended_today
FROM alert_feed ORDER BY alert_id;
SELECT unit, alert_level FROM target_board ORDER BY unit_id;
INSERT INTO silences (rule, unit_id, during, comment) VALUES ('mood', 1, daterange(today(), today() + 1), 'known'), ('mood', 3, daterange(today() - 9, today() - 8), 'was known');
SELECT labels::json ->> 'alertname' AS rule, labels::json ->> 'unit' AS unit FROM alert_feed ORDER BY alert_id;
SET LOCAL session_replication_role = replica;
UPDATE alerts SET acknowledged_at = now() - interval '9 days' WHERE status = 'acknowledged';
UPDATE alerts SET resolved_on = today() - 9 WHERE status = 'resolved';
SET LOCAL session_replication_role = origin;
DELETE FROM silences;
SELECT labels::json ->> 'alertname' AS rule, labels::json ->> 'unit' AS unit FROM alert_feed ORDER BY alert_id;
-- Days begin when they begin there: in summer, in winter, on the days of change, and where midnight is skipped.
UPDATE policies SET timezone = 'America/New_York';
SELECT day, rfc3339(day) FROM unnest('{2025-03-09,2025-03-10,2025-11-02,2025-11-03,2026-01-01}'::date[]) day;
UPDATE policies SET timezone = 'America/Santiago';
SELECT day, rfc3339(day) FROM unnest('{2025-09-06,2025-09-07,2025-09-08}'::date[]) day;
-- Days have years of four digits, as other systems write them: what lies outside would end the view for everybody, for good.
SAVEPOINT days;
SELECT public.refusal(format('SELECT report_event(''policy_change'', ''law'', NULL, %L)', day)) AS event,
	public.refusal(format('SELECT * FROM scan_alerts(%L)', day)) AS scan
FROM unnest('{infinity,5874897-12-31,10000-01-01,0001-12-31 BC,4713-01-01 BC}'::date[]) day;
SELECT public.refusal(format('SELECT report_event(''policy_change'', ''law'', NULL, %L)', day)) AS event
FROM unnest('{9999-12-31,0001-01-01}'::date[]) day;
SELECT starts_at FROM alert_feed WHERE labels::json ->> 'alertname' = 'policy_change' ORDER BY alert_id;
ROLLBACK TO days;

ROLLBACK;
