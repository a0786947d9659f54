-- Lists of market events: what comes in is confirmed and raises its alerts at once; the same event twice is once.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set company :srcdir '/sql/valve.psql'
\set ECHO none
\i :prelude
\i :company
\set ECHO all

INSERT INTO aliases VALUES ('unit', 'press', 'North', 'A');
INSERT INTO competitors VALUES ('Giant', true);
-- What a manager reports waits for a planner, or for a list that says the same.
SELECT as_role('b', 'SELECT report_event(''policy_change'', ''VAT'', ''B'', ''2025-07-03'', ''heard of it'')') AS reported;
INSERT INTO market_events_in VALUES ('press', 'policy_change', 'VAT', 'B', '2025/7/3', 'printed'),
	('press', 'competitor_price_cut', 'Giant', 'North', '2025年7月4日', 'a tenth off'),
	('press', 'competitor_price_cut', 'Dwarf', 'A2', '2025-07-04', NULL),
	('press', 'competitor_price_cut', 'Giant', '', '2025-07-05', NULL),
	('press', 'competitor_price_cut', 'Giant', 'Mars', '2025-07-05', NULL),
	('press', '', 'Giant', 'A', '2025-07-05', NULL),
	('press', 'policy_change', 'law', 'A', 'soon', NULL);
SELECT e.event_id, e.kind, e.subject, u.code, e.happened_on, e.note, e.source, e.reported_by ~ 'regress_' AS by_hand, e.confirmed_by IS NOT NULL AS confirmed
FROM market_events e LEFT JOIN units u USING (unit_id) ORDER BY e.event_id;
SELECT a.alert_id, a.rule, u.code, a.on_day, e.subject, r.review_id FROM alerts a JOIN units u USING (unit_id) JOIN market_events e USING (event_id)
LEFT JOIN reviews r USING (alert_id) ORDER BY 1;
SELECT line, cause, column_name, reason FROM import_rejects ORDER BY 1;

-- Loaded again, and from another source: nothing new; a source's own later word replaces its note.
INSERT INTO market_events_in SELECT * FROM market_events_in;
INSERT INTO market_events_in VALUES ('radio', 'competitor_price_cut', 'Giant', 'A', '2025-07-04', 'heard too'),
	('press', 'competitor_price_cut', 'Giant', 'North', '2025-07-04', 'a fifth off'), ('press', 'competitor_price_cut', 'Giant', 'A', '2025-07-04', 'a fourth off');
SELECT source, kind, subject, unit, happened_on, note FROM market_events_in ORDER BY kind, subject, unit NULLS FIRST;
SELECT count(*) AS alerts FROM alerts;
-- Mended, a reject comes in with its alert.
INSERT INTO aliases VALUES ('unit', 'press', 'Mars', 'A1');
SELECT retry_rejects() AS came_in;
SELECT a.rule, u.code, a.on_day FROM alerts a JOIN units u USING (unit_id) ORDER BY alert_id DESC LIMIT 1;
-- It takes the privilege; each role sees the events of what it sees, and those of every unit.
SELECT as_role('cn', 'INSERT INTO regtarget.market_events_in VALUES (''x'', ''policy_change'', ''y'', ''A'', ''2025-07-09'') RETURNING 1') AS planner;
GRANT INSERT ON market_events_in TO regress_eye;
SELECT as_role('eye', 'INSERT INTO regtarget.market_events_in VALUES (''x'', ''policy_change'', ''y'', ''A'', ''2025-07-09'') RETURNING unit') AS granted;
SELECT e.confirmed_by FROM market_events e WHERE subject = 'y';
SELECT as_role('b', 'SELECT string_agg(coalesce(unit, ''every''), '' '' ORDER BY happened_on) FROM regtarget.market_events_in') AS of_b;
SELECT check_name, detail FROM verify() WHERE NOT ok;

ROLLBACK;
