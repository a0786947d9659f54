-- Activity follows the facts, whatever the statement that changes them: each line is what the view
-- says after it, worked out by hand. Late, moved and cancelled deals change the right day and unit.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

INSERT INTO units (unit_id, code) VALUES (1, 'A'), (2, 'B');
CREATE VIEW public.seen AS
SELECT unit_id, day, visits, won, lost, trim_scale(won_amount) AS won_amount, revenues,
	trim_scale(revenue_amount) AS revenue_amount FROM activity ORDER BY unit_id, day;
TABLE public.seen;

-- Insert, many rows and one; a deal counts once it is closed, and a lost one by its number only.
INSERT INTO visits (unit_id, visited_on) VALUES (1, '2025-07-01'), (1, '2025-07-01'), (2, '2025-07-01'),
	(1, '2025-07-02');
INSERT INTO deals (unit_id, opened_on, closed_on, won, amount) VALUES
	(1, '2025-06-01', '2025-07-01', true, 100.25), (1, '2025-06-01', '2025-07-01', false, 70),
	(1, '2025-06-01', NULL, NULL, 1000), (1, NULL, '2025-07-01', NULL, 5), (1, NULL, NULL, true, 7),
	(2, NULL, '2025-07-01', true, NULL);
INSERT INTO revenues (unit_id, booked_on, amount) VALUES (2, '2025-07-01', -3.5);
TABLE public.seen;

-- A late deal is won; a deal moves to another unit, and to another day; one is cancelled.
UPDATE deals SET closed_on = '2025-07-03', won = true WHERE deal_id = 3;
TABLE public.seen;
UPDATE deals SET unit_id = 2 WHERE deal_id = 3;
TABLE public.seen;
UPDATE deals SET closed_on = '2025-08-01' WHERE deal_id = 3;
TABLE public.seen;
UPDATE deals SET won = NOT won WHERE deal_id IN (1, 2);
TABLE public.seen;
UPDATE deals SET closed_on = NULL, won = NULL WHERE deal_id = 3;
DELETE FROM deals WHERE deal_id = 1;
TABLE public.seen;
-- What does not count changes nothing, and leaves nothing behind.
SELECT count(*) AS waiting FROM activity_deltas \gset
UPDATE deals SET employee_id = NULL, customer_id = NULL, opened_on = '2025-01-01';
UPDATE visits SET source_id = 'v' || visit_id;
DELETE FROM deals WHERE deal_id = 4;
UPDATE visits SET unit_id = 2 WHERE false;
SELECT count(*) - :waiting AS more FROM activity_deltas;

-- Upsert and MERGE insert, update, delete and do nothing in one statement.
INSERT INTO visits (source_id, unit_id, visited_on) VALUES ('v1', 2, '2025-07-05'), ('v9', 2, '2025-07-05')
ON CONFLICT (source, source_id) DO UPDATE SET unit_id = excluded.unit_id, visited_on = excluded.visited_on;
INSERT INTO visits (source_id, unit_id, visited_on) VALUES ('v1', 1, '2025-07-06'), ('v8', 1, '2025-07-06')
ON CONFLICT DO NOTHING;
TABLE public.seen;
MERGE INTO visits v USING (VALUES ('v1', 'move'), ('v2', 'delete'), ('v3', 'leave'), ('v7', 'new')) AS s (id, what)
ON v.source_id = s.id
WHEN MATCHED AND what = 'move' THEN UPDATE SET unit_id = 1
WHEN MATCHED AND what = 'delete' THEN DELETE
WHEN MATCHED THEN DO NOTHING
WHEN NOT MATCHED THEN INSERT (source_id, unit_id, visited_on) VALUES (s.id, 1, '2025-07-07');
TABLE public.seen;
-- So does a statement of several.
WITH gone AS (DELETE FROM visits WHERE source_id = 'v7' RETURNING *),
	moved AS (UPDATE visits SET visited_on = '2025-07-08' WHERE source_id = 'v8')
INSERT INTO revenues (unit_id, booked_on, amount) SELECT unit_id, visited_on, 10 FROM gone;
TABLE public.seen;
COPY visits (unit_id, visited_on) FROM STDIN;
1	2025-07-09
1	2025-07-09
\.
TABLE public.seen;

-- A savepoint that is rolled back takes its changes along, folded or not.
SAVEPOINT before;
DELETE FROM visits;
SELECT fold_activity() > 0 AS folded;
TRUNCATE revenues;
SELECT count(*) FROM activity WHERE visits > 0 OR revenues > 0;
ROLLBACK TO before;
TABLE public.seen;
SELECT * FROM verify('{activity}');

-- TRUNCATE takes away what the table had added, folded or not, and leaves the others'.
SELECT fold_activity() > 0 AS folded;
INSERT INTO visits (unit_id, visited_on) VALUES (1, '2025-07-10');
TRUNCATE visits;
TABLE public.seen;
TRUNCATE deals, revenues, visits;
TABLE public.seen;
SELECT * FROM verify('{activity}');

-- A row is counted on its own day, however far.
INSERT INTO visits (unit_id, visited_on) VALUES (1, '4713-02-01 BC'), (1, '5874897-12-31');
SELECT fold_activity();
TABLE public.seen;
SELECT unit_id, month, visits FROM activity_months ORDER BY month;
SELECT * FROM verify('{activity}');

ROLLBACK;
