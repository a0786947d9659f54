-- unit_health and the reports made of it: scores, coverage, ranks, points, trend, calibration.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

-- What a statement is refused with, in one line.
CREATE FUNCTION pg_temp.fails(statement text) RETURNS text LANGUAGE sql AS
	$$SELECT string_agg(line, ' | ') FROM public.error_of(statement) line$$;

-- ---- errors: the argument before the state ----

SELECT f, pg_temp.fails(format('SELECT * FROM regtarget.%s(NULL)', f)) AS null_day,
	pg_temp.fails(format('SELECT * FROM regtarget.%s(''infinity'')', f)) AS infinite,
	pg_temp.fails(format('SELECT * FROM regtarget.%s(''-infinity'')', f)) AS minus_infinite
FROM unnest(ARRAY['unit_signals', 'unit_health', 'health_ranking', 'health_points', 'calibrate_metrics']) f;
SELECT f, pg_temp.fails(format('SELECT * FROM regtarget.%s(''2025-07-16'')', f)) AS no_policy
FROM unnest(ARRAY['unit_signals', 'unit_health', 'health_ranking', 'health_points', 'calibrate_metrics']) f;
INSERT INTO regtarget.policies (effective_from, window_months, timezone) VALUES ('2025-07-17', 6, 'UTC');
SELECT pg_temp.fails('SELECT * FROM regtarget.unit_health(''2025-07-16'')') AS the_day_before, pg_temp.fails('SELECT * FROM regtarget.unit_health(''2025-07-17'')') AS the_day;

-- Nothing at all is no rows; units without metrics have neither health nor coverage.
SELECT * FROM regtarget.unit_health('2025-08-01');
INSERT INTO regtarget.units (unit_id, code) VALUES (1, 'ACME');
SELECT * FROM regtarget.unit_health('2025-08-01');
SELECT * FROM regtarget.health_points('2025-08-01');
SELECT * FROM regtarget.calibrate_metrics('2025-08-01');

-- The ends of the calendar.
INSERT INTO regtarget.policies (effective_from, window_months, timezone) VALUES ('4714-11-24 BC', 1200, 'UTC');
SELECT day, h.unit_id, h.health FROM unnest(ARRAY['4714-11-24 BC', '4714-12-31 BC', '0001-01-01', '5874897-12-31']::date[]) day, regtarget.unit_health(day) h;
SELECT count(*) FROM unnest(ARRAY['4714-11-24 BC', '5874897-12-31']::date[]) day, regtarget.health_ranking(day);
DELETE FROM regtarget.policies;

-- ---- table metrics ----

SELECT pg_temp.fails(format('INSERT INTO regtarget.metrics (metric, weight, worst, best) VALUES (%s)', v))
FROM unnest(ARRAY[$$'m', 1, 2, 2$$, $$'m', -1, 0, 1$$, $$'m', 'NaN', 0, 1$$, $$'m', 'Infinity', 0, 1$$, $$'m', 1, '-Infinity', 1$$,
	$$'m', 1, 0, 'NaN'$$, $$'health', 1, 0, 1$$, $$'', 1, 0, 1$$, $$NULL, 1, 0, 1$$]) v;
INSERT INTO regtarget.metrics (metric) VALUES ('staff') RETURNING *;
DELETE FROM regtarget.metrics;

-- ---- scores by hand ----

-- Entered signals as metrics, so that every figure can be seen: a worth half of all, b reversed, c nothing.
INSERT INTO regtarget.policies (effective_from, min_coverage, timezone) VALUES ('2000-01-01', 0.5, 'UTC');
INSERT INTO regtarget.metrics (metric, weight, worst, best) VALUES ('a', 4, 0, 10), ('b', 2, 100, 0), ('c', 0, 0, 1), ('d', 2, -1, 1);
INSERT INTO regtarget.units (unit_id, code, name, kind, parent_id) VALUES
	(2, 'ALL', 'knows all', 'region', 1), (3, 'HALF', 'knows a', 'region', 1), (4, 'LESS', 'knows b', 'region', 1),
	(5, 'CONLY', 'knows c', 'region', 1), (6, 'NONE', 'knows nothing', 'region', 1), (7, 'TIE', 'as good as ALL', 'region', 1),
	(8, 'BELOW', 'the only child', 'group', 2), (9, 'LONER', 'a root of its own', NULL, NULL);
INSERT INTO regtarget.signals (unit_id, signal, as_of, value) VALUES
	(2, 'a', '2025-01-01', 7.5), (2, 'b', '2025-01-01', 50), (2, 'c', '2025-01-01', 1), (2, 'd', '2025-01-01', 0),
	(7, 'a', '2025-01-01', 7.5), (7, 'b', '2025-01-01', 50), (7, 'd', '2025-01-01', 0),
	(3, 'a', '2025-01-01', 9), (4, 'b', '2025-01-01', 0), (4, 'd', '2024-01-01', 99), (5, 'c', '2025-01-01', 1),
	(8, 'a', '2025-01-01', -5), (8, 'b', '2025-01-01', 500), (8, 'd', '2025-01-01', 1e300), (9, 'a', '2025-01-01', 10), (9, 'd', '2025-01-01', -1);
INSERT INTO regtarget.signal_kinds (signal, valid_days) VALUES ('d', 365);

-- ALL: (4 x 0.75 + 2 x 0.5 + 0 + 2 x 0.5) / 8. HALF: 4 of 8 is enough. LESS: its d is too old, 2 of 8 is not.
-- CONLY: no weight. BELOW: 0, 0 and 1 of weights 4, 2, 2. LONER: (4 x 1 + 2 x 0) / 6.
SELECT h.unit, h.health, h.coverage, e.health AS by_hand, e.coverage AS coverage_by_hand
FROM regtarget.unit_health('2025-02-01') h
LEFT JOIN (VALUES
	('ALL', (4 * 0.75 + 2 * 0.5 + 2 * 0.5) / 8 * 100, 1.0), ('HALF', 90, 0.5), ('LESS', NULL, 0.25), ('CONLY', NULL, 0), ('NONE', NULL, 0),
	('ACME', NULL, 0), ('TIE', 62.5, 1), ('BELOW', 25, 1), ('LONER', 100 * 4 / 6.0, 0.75)) AS e (unit, health, coverage) USING (unit)
ORDER BY unit_id;

-- min_coverage: the edge is enough, also where decimal weights do not quite add up to it.
SAVEPOINT coverage;
UPDATE regtarget.policies SET min_coverage = 0.75;
SELECT unit, health, coverage FROM regtarget.unit_health('2025-02-01') WHERE health IS NOT NULL;
UPDATE regtarget.policies SET min_coverage = 0.7500001;
SELECT string_agg(unit, ' ') AS with_health FROM regtarget.unit_health('2025-02-01') WHERE health IS NOT NULL;
UPDATE regtarget.policies SET min_coverage = 0;
SELECT string_agg(unit, ' ') AS with_health FROM regtarget.unit_health('2025-02-01') WHERE health IS NOT NULL;
UPDATE regtarget.policies SET min_coverage = 0.5;
UPDATE regtarget.metrics SET weight = CASE metric WHEN 'a' THEN 0.3 WHEN 'b' THEN 0.1 WHEN 'c' THEN 0.2 ELSE 0 END;
SELECT unit, round(health::numeric, 9) AS health FROM regtarget.unit_health('2025-02-01') WHERE unit = 'HALF';
UPDATE regtarget.metrics SET weight = 0;
SELECT count(*) AS units, count(health) AS healths, count(coverage) AS coverages FROM regtarget.unit_health('2025-02-01');
UPDATE regtarget.metrics SET weight = 1e308;
SELECT pg_temp.fails('SELECT * FROM regtarget.unit_health(''2025-02-01'')');
ROLLBACK TO coverage;

-- A policy's window is of the day asked about; a signal may be both a metric and a column.
INSERT INTO regtarget.metrics (metric, weight, worst, best) VALUES ('headcount', 8, 0, 4), ('nobody_enters_this', 1, 0, 1);
INSERT INTO regtarget.employees (employee_id, name) VALUES (1, 'Ann'), (2, 'Bob');
INSERT INTO regtarget.assignments (employee_id, unit_id, during) VALUES (1, 6, '[2025-01-01,)'), (2, 6, '[2025-01-01,)');
SELECT unit, health, coverage FROM regtarget.unit_health('2025-02-01') WHERE unit IN ('ACME', 'NONE', 'ALL');
ROLLBACK TO coverage;

-- ---- ranks and the month before ----

INSERT INTO regtarget.signals (unit_id, signal, as_of, value) VALUES (7, 'a', '2025-02-28', 5), (3, 'a', '2025-03-01', 1), (8, 'a', '2025-03-31', 10);
SELECT unit, depth, health, rank, health_before, change FROM regtarget.health_ranking('2025-03-31') ORDER BY unit_id;
-- The month before 31 March ends on 28 February; that of 1 January 2000 has no policy.
SELECT unit, health_before, change FROM regtarget.health_ranking('2000-01-15') WHERE unit = 'ALL';
SELECT count(*) AS differ
FROM regtarget.health_ranking('2025-03-31') r JOIN regtarget.unit_health('2025-03-31') h USING (unit_id)
LEFT JOIN regtarget.unit_health('2025-02-28') b USING (unit_id)
WHERE (r.unit, r.health, r.coverage, r.visits_per_head, r.health_before) IS DISTINCT FROM (h.unit, h.health, h.coverage, h.visits_per_head, b.health);

-- ---- points ----

SELECT unit, metric, value, worst, best, weight, points_gained, points_lost
FROM regtarget.health_points('2025-02-01') WHERE unit IN ('ALL', 'HALF', 'LESS', 'BELOW') ORDER BY unit_id, metric;
SELECT h.unit, h.health, sum(p.points_gained) AS gained, sum(p.points_lost) AS lost, sum(p.weight) AS weights
FROM regtarget.unit_health('2025-02-01') h JOIN regtarget.health_points('2025-02-01') p USING (unit_id)
GROUP BY h.unit_id, h.unit, h.health ORDER BY h.unit_id;

-- ---- views: of today, and of the months that have begun ----

INSERT INTO regtarget.periods (period, during)
SELECT 'P', daterange((date_trunc('month', regtarget.today()) - interval '4 months')::date, (date_trunc('month', regtarget.today()) + interval '3 months')::date);
INSERT INTO regtarget.months (month, period, during)
SELECT 'M' || i, 'P', daterange(start::date, (start + interval '1 month')::date)
FROM generate_series(-4, 2) i, LATERAL (SELECT date_trunc('month', regtarget.today()) + make_interval(months => i)) m (start);
UPDATE regtarget.policies SET effective_from = date_trunc('month', regtarget.today()) - interval '45 days';
UPDATE regtarget.signal_kinds SET valid_days = NULL;
INSERT INTO regtarget.signals (unit_id, signal, as_of, value) SELECT 3, 'a', date_trunc('month', regtarget.today()) - interval '1 month', 4;

SELECT unit_id, unit, name, kind, parent, depth, as_of = regtarget.today() AS today, health, coverage, rank FROM regtarget.region_health ORDER BY unit_id;
SELECT count(*) AS differ FROM regtarget.region_health v FULL JOIN regtarget.health_ranking(regtarget.today()) r USING (unit_id)
WHERE (v.unit, v.health, v.coverage, v.rank, v.health_before, v.change, v.attrition_rate) IS DISTINCT FROM
	(r.unit, r.health, r.coverage, r.rank, r.health_before, r.change, r.attrition_rate);
SELECT month, count(*) AS units, max(health) FILTER (WHERE unit = 'HALF') AS half, bool_and(as_of = (SELECT lower(during) FROM regtarget.months m WHERE m.month = t.month)) AS first_day
FROM regtarget.health_trend t GROUP BY month ORDER BY month DESC;
SELECT unit, health FROM regtarget.health_trend WHERE month = 'M0' AND unit_id = 3;
SELECT unit, name, metric, points_gained FROM regtarget.health_breakdown WHERE unit_id = 3 ORDER BY metric;
SELECT count(*) AS differ FROM regtarget.health_breakdown b FULL JOIN regtarget.health_points(regtarget.today()) p USING (unit_id, metric)
WHERE (b.unit, b.value, b.worst, b.best, b.weight, b.points_gained, b.points_lost) IS DISTINCT FROM (p.unit, p.value, p.worst, p.best, p.weight, p.points_gained, p.points_lost);
-- Without a policy today: the trend is empty, the others say why.
DELETE FROM regtarget.policies;
SELECT count(*) FROM regtarget.health_trend;
SELECT left(pg_temp.fails('SELECT * FROM regtarget.region_health'), 32), left(pg_temp.fails('SELECT * FROM regtarget.health_breakdown'), 32);
ROLLBACK TO coverage;

-- ---- calibration ----

-- One deal's dust, too little for a float8, is nothing and keeps nobody from his report.
INSERT INTO regtarget.deals (source_id, unit_id, closed_on, won, amount) SELECT 'dust', min(unit_id), '2025-06-30', true, '1e-16000' FROM regtarget.units;
SELECT count(*) > 0 AS told FROM regtarget.unit_health('2025-07-01');
DELETE FROM regtarget.deals WHERE source_id = 'dust';

-- Twelve month starts to 2025-12-01. Units without children: ten with a = 10 x unit + month; b is the same everywhere;
-- d, reversed here, on one day of one unit; roots count for nothing.
DELETE FROM regtarget.signals;
DELETE FROM regtarget.units;
DELETE FROM regtarget.signal_kinds;
UPDATE regtarget.metrics SET worst = 1, best = 0 WHERE metric = 'd';
INSERT INTO regtarget.units (unit_id, code, parent_id) SELECT i, 'U' || i, CASE WHEN i > 1 THEN 1 END FROM generate_series(1, 11) i;
INSERT INTO regtarget.signals (unit_id, signal, as_of, value)
SELECT u, 'a', make_date(2025, m, 1), 10 * u + m FROM generate_series(2, 11) u, generate_series(1, 12) m
UNION ALL SELECT 1, 'a', '2025-01-01', -1000 UNION ALL SELECT 3, 'a', '2024-12-31', 7777 UNION ALL SELECT 3, 'a', '2025-12-02', 9999
UNION ALL SELECT u, 'b', '2024-01-01', 42 FROM generate_series(2, 11) u
UNION ALL SELECT 5, 'd', '2025-06-02', 3 UNION ALL SELECT 5, 'd', '2025-12-01', 8;
SELECT c.metric, c.worst, c.best, e.low, e.high
FROM regtarget.calibrate_metrics('2025-12-24') c
JOIN (
	SELECT 'a' AS metric, percentile_cont(0.05) WITHIN GROUP (ORDER BY v) AS low, percentile_cont(0.95) WITHIN GROUP (ORDER BY v) AS high
	FROM (SELECT (10 * u + m)::float8 FROM generate_series(2, 11) u, generate_series(1, 12) m) s (v)
	UNION ALL
	SELECT 'd', percentile_cont(0.05) WITHIN GROUP (ORDER BY v), percentile_cont(0.95) WITHIN GROUP (ORDER BY v)
	FROM unnest(ARRAY[3, 3, 3, 3, 3, 8]::float8[]) v
) e USING (metric) ORDER BY metric;
-- Fewer than 20 values below: parents count too, roots still not.
INSERT INTO regtarget.units (unit_id, code, parent_id) VALUES (12, 'G', 5);
SELECT * FROM regtarget.calibrate_metrics('2025-12-24') WHERE metric = 'd';
-- The months before the first policy say nothing; metrics are what they were.
UPDATE regtarget.policies SET effective_from = '2025-12-01';
SELECT * FROM regtarget.calibrate_metrics('2025-12-24');
SELECT * FROM regtarget.metrics ORDER BY metric;
ROLLBACK;
