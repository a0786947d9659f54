-- The first and the last day that PostgreSQL knows are days like any other: activity is kept on them by day and by
-- month, and years before 1 are told as PostgreSQL tells them.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

INSERT INTO units (unit_id, code) VALUES (1, 'A'), (2, 'B');
INSERT INTO visits (unit_id, visited_on) SELECT 1, d FROM unnest(ARRAY['4714-11-24 BC', '4714-11-30 BC', '4714-12-01 BC',
	'0001-12-31 BC', '0001-01-01', '5874897-12-01', '5874897-12-31']::date[]) AS d;
INSERT INTO deals (unit_id, opened_on, closed_on, won, amount) VALUES (2, '4714-11-24 BC', '4714-11-25 BC', true, 5);
SELECT * FROM verify('{activity}');
SELECT fold_activity();
SELECT * FROM verify('{activity}');
SELECT unit_id, month, visits, won FROM activity_months ORDER BY month, unit_id;
SELECT rebuild_activity();
SELECT unit_id, month, visits, won FROM activity_months ORDER BY month, unit_id;
SELECT * FROM verify('{activity}');

-- Folded on top of what is there, and taken out again.
INSERT INTO visits (unit_id, visited_on) VALUES (1, '4714-11-24 BC'), (1, '5874897-12-31');
SELECT fold_activity();
DELETE FROM visits WHERE visited_on IN ('4714-11-30 BC', '0001-12-31 BC');
SELECT fold_activity();
SELECT unit_id, month, visits, won FROM activity_months ORDER BY month, unit_id;
SELECT * FROM verify('{activity}');

-- Reports on these days, with a window that begins before the calendar does.
SELECT error_of($$SELECT * FROM unit_signals('0044-03-15 BC')$$);
INSERT INTO policies (effective_from, window_months, timezone) VALUES ('4714-11-24 BC', 6, 'UTC');
INSERT INTO employees (employee_id) VALUES (1);
INSERT INTO assignments (employee_id, unit_id, during) VALUES (1, 1, '[4714-11-24 BC,4714-12-31 BC]');
SELECT day, s.signal, round(s.value::numeric, 4) AS value
FROM unnest(ARRAY['4714-11-24 BC', '4714-11-30 BC', '4714-12-31 BC', '4713-01-01 BC', '4713-05-31 BC', '4713-07-01 BC']::date[]) AS day,
	unit_signals(day) AS s
WHERE s.unit_id = 1 AND s.signal IN ('visits_per_head', 'headcount') ORDER BY day, s.signal;
SELECT day, count(*), count(h.health) FROM unnest(ARRAY['4714-11-24 BC', '4714-12-01 BC', '5874897-12-31']::date[]) AS day,
	health_ranking(day) AS h GROUP BY day ORDER BY day;
SELECT count(*) FROM calibrate_metrics('4714-11-24 BC');

-- Damage is told by the day as it is.
UPDATE activity_days SET visits = 7 WHERE day = '4714-11-24 BC';
SELECT detail FROM verify('{activity}');

-- So are days in messages.
SELECT error_of($$SELECT * FROM allocate_targets('0044Q1', 1)$$);
INSERT INTO periods VALUES ('Ides', '[0044-03-01 BC,0044-06-01 BC)');
UPDATE units SET parent_id = 1, opened_on = '0044-03-15 BC' WHERE unit_id = 2;
SELECT error_of($$SELECT * FROM allocate_targets('Ides', 1, root => 'B')$$);

ROLLBACK;
