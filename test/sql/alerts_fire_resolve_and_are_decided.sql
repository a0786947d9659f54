-- Alerts from their rule to the review that a person decides.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile();
SELECT rule, level, signal, event_kind, compare, threshold, span, spans, min_count, after_share, leading_only, certainty, cooldown_days, opens_review
FROM alert_rules ORDER BY rule;
SELECT add_year(2025);
INSERT INTO units (unit_id, code, kind, parent_id) VALUES (1, 'CN', 'company', NULL), (2, 'EAST', 'region', 1), (3, 'WEST', 'region', 1),
	(4, 'SH', 'group', 2), (5, 'HZ', 'group', 2), (6, 'XA', 'group', 3);
SET LOCAL client_min_messages = error;
CREATE ROLE alerts_boss; CREATE ROLE alerts_east; CREATE ROLE alerts_sh; CREATE ROLE alerts_west;
SELECT grant_duty('alerts_boss', 'CN', 'planner'), grant_duty('alerts_east', 'EAST', 'manager'), grant_duty('alerts_sh', 'SH', 'manager'), grant_duty('alerts_west', 'WEST', 'manager');
RESET client_min_messages;

-- Weeks of 2025: week n begins on Monday 2024-12-30 + 7 (n - 1). So many go in each, of a thousand that stay or go later.
CREATE FUNCTION pg_temp.week(n int) RETURNS date LANGUAGE sql AS 'SELECT date ''2024-12-30'' + 7 * (n - 1)';
CREATE FUNCTION pg_temp.go(u int, week int, n int) RETURNS void LANGUAGE sql AS $$
	INSERT INTO customers (unit_id, churned_on) SELECT u, pg_temp.week(week) + i % 7 FROM generate_series(1, n) i;
$$;
CREATE FUNCTION pg_temp.scanned(day date) RETURNS TABLE (rule text, level text, unit text, on_day date, before numeric, after numeric, certainty numeric, covered_by bigint) LANGUAGE sql AS $$
	SELECT a.rule, a.level, u.code, a.on_day, round(a.value_before::numeric, 6), round(a.value_after::numeric, 6), round(a.certainty::numeric, 4), a.covered_by
	FROM scan_alerts(day) a JOIN units u USING (unit_id) ORDER BY alert_id
$$;

-- ---- A1: exactly 20 per cent is red, a hair less is not; from 0 is a rise; small numbers stay quiet ----

-- XA: of 100 customers 10 go in week 20; of the 90 then 10.8 would be a fifth more. So 100 join who go later.
INSERT INTO customers (unit_id, acquired_on, churned_on) SELECT 6, NULL, CASE WHEN i <= 10 THEN pg_temp.week(20) WHEN i <= 22 THEN pg_temp.week(21) END FROM generate_series(1, 100) i;
INSERT INTO customers (unit_id, acquired_on) SELECT 6, pg_temp.week(20) FROM generate_series(1, 10);
SELECT * FROM pg_temp.scanned(pg_temp.week(22));
SAVEPOINT hair;
DELETE FROM alert_rules WHERE rule <> 'churn';
INSERT INTO customers (unit_id, acquired_on) VALUES (6, pg_temp.week(20));
SET LOCAL session_replication_role = replica;
DELETE FROM reviews; DELETE FROM alerts;
SET LOCAL session_replication_role = origin;
SELECT * FROM pg_temp.scanned(pg_temp.week(22));
UPDATE alert_rules SET threshold = 0.18;
SELECT * FROM pg_temp.scanned(pg_temp.week(22) + 3);
UPDATE alert_rules SET min_count = 13;
SELECT count(*) AS already FROM scan_alerts(pg_temp.week(22) + 6);
ROLLBACK TO hair;
-- Twice, or any day of the week after, is once; the review of WEST is open, its group is covered.
SELECT count(*) AS again FROM scan_alerts(pg_temp.week(22)), generate_series(1, 2);
SELECT count(*) AS later FROM scan_alerts(pg_temp.week(22) + 6);
SELECT r.review_id, u.code, r.due_on, r.status FROM reviews r JOIN units u USING (unit_id);
-- Next week nobody goes, and two join: resolved.
INSERT INTO customers (unit_id, acquired_on) SELECT 6, pg_temp.week(22) FROM generate_series(1, 2);
SELECT * FROM pg_temp.scanned(pg_temp.week(23) + 2);
SELECT a.alert_id, u.code, a.status, a.resolved_on FROM alerts a JOIN units u USING (unit_id) ORDER BY 1;
-- A spike within the cool-down is quiet; a later one, from 0, is not; its review is open already.
SELECT pg_temp.go(6, 23, 9);
SELECT count(*) AS quiet FROM scan_alerts(pg_temp.week(24));
INSERT INTO customers (unit_id, acquired_on) VALUES (6, pg_temp.week(24));
SELECT pg_temp.go(6, 25, 4);
SELECT count(*) AS too_few FROM scan_alerts(pg_temp.week(26));
SELECT pg_temp.go(6, 25, 1);
SELECT * FROM pg_temp.scanned(pg_temp.week(26));
SELECT count(*) AS reviews FROM reviews;
-- A week of which nothing is on record at all resolves nothing, and says so.
SELECT count(*) AS news FROM scan_alerts(pg_temp.week(27) + 1);
SELECT alert_id, status, no_data_since FROM alerts WHERE status <> 'resolved' ORDER BY 1;

-- ---- acknowledging, deciding ----

SELECT alert_id AS west FROM alerts WHERE unit_id = 3 AND status = 'firing' \gset
SET LOCAL ROLE alerts_west;
SELECT acknowledge_alert(:west, 'seen');
SELECT * FROM error_of(format('SELECT acknowledge_alert(%s)', :west));
SELECT * FROM error_of('SELECT acknowledge_alert(NULL)');
SELECT * FROM error_of('SELECT close_review(1, ''keep'', ''why'')');
SET LOCAL ROLE alerts_sh;
SELECT count(*) AS seen FROM alerts;
SELECT * FROM error_of('SELECT acknowledge_alert(1)');
SELECT * FROM error_of('SELECT close_review(1, ''keep'', ''why'')');
SELECT * FROM error_of('SELECT * FROM scan_alerts()');
SET LOCAL ROLE alerts_boss;
SELECT * FROM error_of('SELECT close_review(1, ''move'', ''why'')');
SELECT * FROM error_of('SELECT close_review(1, ''keep'', NULL)');
SELECT * FROM error_of('SELECT close_review(1, ''adjust'', ''why'', 7)');
SELECT close_review(1, 'keep', 'a bad week');
SELECT * FROM error_of('SELECT close_review(1, ''keep'', ''again'')');
RESET ROLE;
SELECT review_id, status, decision, comment, closed_by FROM reviews;
SELECT * FROM error_of('UPDATE alerts SET status = ''resolved''');
SELECT * FROM error_of('DELETE FROM reviews');
SELECT * FROM error_of('INSERT INTO market_events (kind, subject, happened_on, reported_by, reported_at) VALUES (''a'', ''b'', now(), ''c'', now())');

-- ---- events ----

SET LOCAL ROLE alerts_sh;
SELECT report_event('competitor_promotion', 'Rival', 'SH', '2025-07-01', 'two for one') AS event \gset
SELECT * FROM error_of('SELECT report_event(''competitor_promotion'', ''Rival'', ''XA'')');
SELECT * FROM error_of(format('SELECT confirm_event(%s)', :event));
SELECT count(*) AS waits FROM alerts WHERE event_id = :event;
SET LOCAL ROLE alerts_boss;
SELECT confirm_event(:event);
SELECT * FROM error_of(format('SELECT confirm_event(%s)', :event));
SELECT * FROM error_of('SELECT confirm_event(99)');
SELECT * FROM error_of('SELECT report_event('''', ''Rival'', ''SH'')');
SELECT * FROM error_of('SELECT report_event(''policy_change'', NULL)');
INSERT INTO competitors VALUES ('Rival', false), ('Giant', true);
SELECT report_event('competitor_price_cut', 'Rival', 'HZ', '2025-07-02') > 0 AS not_leading;
SELECT report_event('competitor_price_cut', 'Giant', 'HZ', '2025-07-02') > 0 AS leading;
SELECT report_event('policy_change', 'VAT', NULL, '2025-07-03') > 0 AS of_every_unit;
RESET ROLE;
SELECT a.rule, a.level, u.code, a.on_day, e.subject, a.status, r.due_on FROM alerts a JOIN units u USING (unit_id) JOIN market_events e USING (event_id)
LEFT JOIN reviews r USING (alert_id) ORDER BY alert_id;
-- While no unit is of kind region, those below the top are.
UPDATE units SET kind = NULL;
SELECT report_event('policy_change', 'again', NULL, '2025-07-04') AS event \gset
SELECT u.code FROM alerts a JOIN units u USING (unit_id) WHERE event_id = :event ORDER BY 1;

-- ---- A2: other signals, one of the user's own ----

INSERT INTO alert_rules (rule, level, signal, compare, threshold, relative, span, spans, unit_kind) VALUES ('mood', 'blue', 'mood', 'fall', 0.1, true, 'month', 1, NULL);
INSERT INTO alert_rules (rule, level, signal, compare, threshold, unit_kind) VALUES ('low mood', 'yellow', 'mood', 'below', 5, 'shop');
INSERT INTO signals (unit_id, signal, as_of, value) VALUES (4, 'mood', '2025-02-28', 0.3), (4, 'mood', '2025-03-31', 0.27), (5, 'mood', '2025-02-28', 0.3), (5, 'mood', '2025-03-31', 0.271);
UPDATE units SET kind = 'shop' WHERE unit_id = 5;
SELECT * FROM pg_temp.scanned('2025-03-31');
SELECT count(*) AS same_spell FROM scan_alerts('2025-04-15');
INSERT INTO signals (unit_id, signal, as_of, value) VALUES (4, 'mood', '2025-04-16', 0.9), (5, 'mood', '2025-04-16', 5);
SELECT count(*) AS news FROM scan_alerts('2025-04-16');
SELECT a.rule, u.code, a.status, a.resolved_on FROM alerts a JOIN units u USING (unit_id) WHERE rule LIKE '%mood' ORDER BY alert_id;

-- ---- the views ----

SELECT unit, rule, level, on_day, status, certainty_said, subject, review_status FROM alert_board ORDER BY alert_id;
SELECT unit, rule, status, certainty_said, comment, resolved_on, decision FROM alert_log WHERE rule = 'churn' ORDER BY alert_id;
SELECT unit, rule, on_day, waits_on, due_on, overdue FROM review_queue ORDER BY review_id;

-- All of it is in the ledger, and nothing is wrong.
SELECT action, count(*) FROM ledger WHERE action ~ 'alert|review' GROUP BY 1 ORDER BY 1;
SELECT check_name, detail FROM verify() WHERE NOT ok;

ROLLBACK;
