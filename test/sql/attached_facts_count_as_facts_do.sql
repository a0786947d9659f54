-- Facts that stay in a relation of the user's own count as those in the tables do: a partitioned table, a view over another
-- schema's replica, beside what is loaded. What is counted by hand here is what reports say.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied;
SELECT add_year(2025);
INSERT INTO units (unit_id, code, parent_id) VALUES (1, 'CN', NULL), (2, 'A', 1), (3, 'B', 1);
INSERT INTO employees (employee_id, hired_on) VALUES (1, '2024-01-01'), (2, '2024-01-01');
INSERT INTO assignments VALUES (1, 2, '[2024-01-01,)'), (2, 3, '[2024-01-01,)');

-- By day, and by unit below that.
CREATE SCHEMA mine;
CREATE TABLE mine.deals (id int, unit_id int, closed_on date, won boolean, amount numeric, customer text) PARTITION BY RANGE (closed_on);
CREATE TABLE mine.deals_h1 PARTITION OF mine.deals FOR VALUES FROM (MINVALUE) TO ('2025-07-01') PARTITION BY HASH (unit_id);
CREATE TABLE mine.deals_h1_0 PARTITION OF mine.deals_h1 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE mine.deals_h1_1 PARTITION OF mine.deals_h1 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE mine.deals_rest PARTITION OF mine.deals DEFAULT;
INSERT INTO mine.deals VALUES (1, 2, '2025-01-10', true, 100), (2, 2, '2025-01-10', true, 0.50), (3, 2, '2025-01-10', false, 7),
	(4, 3, '2025-02-28', true, 30), (5, 3, '2025-02-28', NULL, 900), (6, 3, NULL, NULL, 900), (7, 2, '2025-03-01', true, NULL),
	(8, 3, '2025-07-01', true, 1000);
-- Another system's replica: a view has its columns by their names.
CREATE TABLE mine.calls (who text, org int, at_day date, kind int);
INSERT INTO mine.calls SELECT 'x', 2 + n % 2, date '2025-01-01' + n % 10, n % 5 FROM generate_series(1, 100) n;
CREATE VIEW mine.visits AS SELECT org AS unit_id, at_day AS visited_on FROM mine.calls WHERE kind <> 4;
-- Beside them, what is loaded.
INSERT INTO deals (unit_id, closed_on, won, amount) VALUES (2, '2025-01-10', true, 1), (3, '2025-01-11', true, 2);

SET LOCAL client_min_messages = notice;
SELECT attach_facts('deals', 'mine.deals');
SELECT attach_facts('visits', 'mine.visits');
-- Nothing is counted yet.
SELECT attachment_id, fact, relation, rows, counted_at, counted_from, counted_to, made_there, unknown_rows, is_there FROM attached_facts ORDER BY 1;
SELECT * FROM activity ORDER BY day, unit_id;
SELECT * FROM verify('{activity}');

SELECT refresh_activity('2025-01-01', '2025-03-31');
SELECT attachment_id, fact, relation, rows, public.just_now(a.counted_at) AS just_now, a.counted_from, a.counted_to, made_there, unknown_rows
FROM attachments a JOIN attached_facts f USING (attachment_id, fact, rows, made_there, unknown_rows) ORDER BY 1;
SET LOCAL client_min_messages = warning;
-- By hand: 100 + 0.50 + 1 of unit 2 on 10 January, one lost; 30 of unit 3; a won deal without an amount; the open ones nowhere.
SELECT * FROM activity WHERE won + lost > 0 ORDER BY day, unit_id;
SELECT day, unit_id, visits FROM activity WHERE visits > 0 EXCEPT
SELECT at_day, org, count(*) FROM mine.calls WHERE kind <> 4 GROUP BY 1, 2;
SELECT sum(visits) FROM activity;

-- Every report has them: A won 101.50 in the first quarter, B 32, which is 30 and 2 that was loaded.
SELECT unit_id, signal, value FROM unit_signals('2025-03-31') WHERE signal = 'actual' ORDER BY 1;
SELECT unit, round(visits_per_head::numeric, 6) AS visits_per_head, round(conversion_rate::numeric, 6) AS conversion_rate,
	round(output_per_head::numeric, 6) AS output_per_head FROM unit_health('2025-07-01') ORDER BY unit_id;
SELECT unit, month, deals_won, won_amount FROM actuals_check WHERE deals_won > 0 ORDER BY 1, 2;
SELECT fact, source, rows, last_on FROM data_freshness ORDER BY 1, 2;

-- Twice is once: nothing is written that is so already.
SELECT count(*) AS waiting FROM activity_deltas \gset
SELECT refresh_activity('2025-01-01', '2025-03-31');
SELECT count(*) - :waiting AS deltas_more FROM activity_deltas;
SELECT * FROM verify('{activity}');

-- What has changed since is found, counted, and only within its span.
UPDATE mine.deals SET amount = 31, closed_on = '2025-02-27' WHERE id = 4;
DELETE FROM mine.deals WHERE id = 3;
INSERT INTO mine.calls VALUES ('y', 3, '2025-01-20', 1);
SELECT detail FROM verify('{activity}');
SELECT refresh_activity('2025-02-28', '2025-02-28');
SELECT day, won, won_amount FROM activity WHERE unit_id = 3 AND won > 0 ORDER BY 1;
SELECT refresh_activity('2025-01-01', '2025-02-28');
SELECT day, won, lost, won_amount FROM activity WHERE won + lost > 0 ORDER BY day, unit_id;
SELECT * FROM verify('{activity}');

-- A later day waits, and is no fault; a day between, or before, that was left out is one.
INSERT INTO mine.deals VALUES (9, 2, '2025-12-31', true, 5), (10, 2, '2024-06-30', true, 6);
SELECT detail FROM verify('{activity}');
SELECT refresh_activity('2024-06-30', '2024-06-30');
SELECT * FROM verify('{activity}');
SELECT refresh_activity('2025-12-31', '2025-12-31');
SELECT detail FROM verify('{activity}');
SELECT refresh_activity('2025-04-01', '2025-12-30');
SELECT * FROM verify('{activity}');
SELECT fact, rows, counted_from, counted_to FROM attached_facts ORDER BY 1;

-- Facts in the table may go; those elsewhere stay.
TRUNCATE deals;
SELECT sum(won), sum(won_amount) FROM activity;
SELECT fold_activity() > 0 AS folded;
SELECT * FROM verify('{activity}');
SELECT rebuild_activity() > 0 AS rebuilt;
SELECT sum(won), sum(won_amount), sum(visits) FROM activity;
SELECT * FROM verify('{activity}');

-- Detached, nothing is left of it.
SELECT detach_facts('visits', 'mine.visits');
SELECT sum(won), sum(won_amount), sum(visits) FROM activity;
SELECT detach_facts('deals', 'mine.deals');
SELECT count(*) FROM activity;
SELECT (SELECT count(*) FROM attached_facts), (SELECT count(*) FROM attached_days), (SELECT count(*) FROM attached_relations);
SELECT * FROM verify() WHERE NOT ok;

ROLLBACK;
