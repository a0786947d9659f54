-- Customers who went: by a date that somebody entered, else by silence, against figures worked out by hand and
-- against arithmetic day by day.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

-- The day is Wednesday 2025-07-16; the week 7 to 13 July, the window June. Ten days of silence.
INSERT INTO regtarget.policies (effective_from, window_months, churn_days, timezone) VALUES ('2000-01-01', 1, NULL, 'UTC'), ('2025-06-01', 1, 10, 'UTC');
INSERT INTO regtarget.units (unit_id, code, parent_id) VALUES (1, 'ACME', NULL), (2, 'EAST', 1), (3, 'WEST', 1);
INSERT INTO regtarget.customers (customer_id, unit_id, name, acquired_on, churned_on) VALUES
	(1, 2, 'never bought', NULL, NULL),
	(2, 2, 'gone on Monday', NULL, NULL),        -- bought on 27 June
	(3, 2, 'gone on Sunday', NULL, NULL),        -- bought on 3 July
	(4, 2, 'gone after the week', NULL, NULL),   -- bought on 4 July
	(5, 2, 'buys on the tenth day', NULL, NULL), -- 28 June and 8 July
	(6, 2, 'back in the week', NULL, NULL),      -- 1 June, 9 July
	(7, 2, 'entered goes first', NULL, '2025-07-10'),
	(8, 2, 'entered, and silent since long', NULL, '2025-09-01'),
	(9, 3, 'lost deals are none', NULL, NULL),
	(10, 3, 'by revenue', NULL, NULL),           -- booked on 30 June
	(11, 3, 'tomorrow is not known', NULL, NULL),-- 6 July, and 17 July
	(12, 3, 'twice in June', NULL, NULL);        -- 22 May, 5 June, 18 June
INSERT INTO regtarget.deals (unit_id, customer_id, closed_on, won, amount) VALUES
	(2, 2, '2025-06-27', true, 1), (2, 3, '2025-07-03', true, 1), (2, 4, '2025-07-04', true, NULL), (3, 5, '2025-07-08', true, 1),
	(3, 5, '2025-06-28', true, 1), (2, 6, '2025-06-01', true, 1), (2, 6, '2025-07-09', true, 1), (2, 7, '2025-07-09', true, 1),
	(2, 8, '2024-01-01', true, 1), (3, 9, '2025-06-30', false, 1), (3, 9, '2025-06-30', NULL, 1), (3, 9, NULL, true, 1),
	(3, 11, '2025-07-06', true, 1), (3, 11, '2025-07-17', true, 1),
	(3, 12, '2025-05-22', true, 1), (3, 12, '2025-06-05', true, 1), (3, 12, '2025-06-18', true, 1), (2, NULL, '2025-06-27', true, 1);
INSERT INTO regtarget.revenues (unit_id, customer_id, booked_on, amount) VALUES (3, 10, '2025-06-30', 5);

CREATE FUNCTION pg_temp.told(day date) RETURNS TABLE (unit text, signal text, value numeric) LANGUAGE sql AS $$
	SELECT u.code, s.signal, round(s.value::numeric, 9)
	FROM regtarget.unit_signals(day) s JOIN regtarget.units u USING (unit_id)
	WHERE s.signal IN ('customers_active', 'churn_rate', 'weekly_churn_rate', 'weekly_churn_count', 'weekly_churn_certainty')
	ORDER BY u.unit_id, s.signal
$$;

-- EAST: in the week 2, 3 and 7 of 1 to 5, 7, 8 (6 was away); in June 6 of eight. Today 1, 5, 6, 8: 4 has gone.
-- WEST: 10 of 9, 10, 11; in June 12, once. Today 9: 11 has gone on the day, and 12 is silent since 18 June.
SELECT * FROM pg_temp.told('2025-07-16');
-- The day after: 11 has bought and is back.
SELECT * FROM pg_temp.told('2025-07-17') WHERE signal = 'customers_active';
-- By a policy without churn_days nobody goes by silence.
SELECT * FROM pg_temp.told('2025-05-31') WHERE unit = 'ACME';
UPDATE regtarget.policies SET churn_days = NULL;
SELECT * FROM pg_temp.told('2025-07-16') WHERE unit = 'EAST';

-- ---- certainty, by hand ----

-- A thousand customers and more; so many go in each of 13 weeks: the last 20, before it 8, 12, 8, 12 ...
-- m = 10 if the stock did not change. It does: each week counts by its rate.
DELETE FROM regtarget.deals;
DELETE FROM regtarget.revenues;
DELETE FROM regtarget.customers;
INSERT INTO regtarget.customers (unit_id, churned_on)
SELECT 2, date '2025-07-07' - 7 * w FROM generate_series(0, 12) w, generate_series(1, CASE WHEN w = 0 THEN 20 WHEN w % 2 = 1 THEN 8 ELSE 12 END)
UNION ALL SELECT 2, NULL FROM generate_series(1, 1000);
WITH weeks AS (
	SELECT w, count(*) FILTER (WHERE c.churned_on = date '2025-07-07' - 7 * w) AS gone,
		count(*) FILTER (WHERE c.churned_on IS NULL OR c.churned_on >= date '2025-07-07' - 7 * w) AS active
	FROM generate_series(0, 12) w, regtarget.customers c GROUP BY w
), scaled AS (
	SELECT gone::float8 / active * (SELECT active FROM weeks WHERE w = 0) AS v FROM weeks WHERE w > 0
), fit AS (SELECT avg(v) AS m, var_samp(v) AS s, count(*) AS k FROM scaled)
SELECT round(m::numeric, 6) AS m, k, round(((20 - m) / sqrt(greatest(1, s / m) * m * (1 + 1.0 / k)))::numeric, 9) AS z FROM fit;
SELECT * FROM pg_temp.told('2025-07-16') WHERE unit IN ('ACME', 'EAST');

-- Three weeks with customers before it are too few, four are enough; nobody ever gone says nothing either.
DELETE FROM regtarget.customers WHERE churned_on < '2025-06-16';
UPDATE regtarget.customers SET acquired_on = '2025-06-15';
SELECT * FROM pg_temp.told('2025-07-16') WHERE unit = 'EAST' AND signal LIKE 'weekly%';
UPDATE regtarget.customers SET acquired_on = '2025-06-08';
SELECT * FROM pg_temp.told('2025-07-16') WHERE unit = 'EAST' AND signal LIKE 'weekly%';
DELETE FROM regtarget.customers WHERE churned_on < '2025-07-07';
SELECT * FROM pg_temp.told('2025-07-16') WHERE unit = 'EAST' AND signal LIKE 'weekly%';

-- ---- random customers, day by day ----

-- State of a customer on a day, from the rule's words alone: gone when a date says so, else when he has bought and the
-- last time is churn_days back or more.
SELECT setseed(0.5);
UPDATE regtarget.policies SET churn_days = 17, window_months = 3;
DELETE FROM regtarget.customers;
INSERT INTO regtarget.customers (customer_id, unit_id, acquired_on, churned_on)
SELECT i, 1 + i % 3, CASE WHEN i % 4 > 0 THEN date '2023-12-01' + floor(random() * 500)::int END, CASE WHEN i % 5 = 0 THEN date '2025-05-01' + i END
FROM generate_series(1, 90) i;
INSERT INTO regtarget.deals (unit_id, customer_id, closed_on, won)
SELECT 2, 1 + floor(random() * 90)::int, date '2024-01-01' + floor(random() * 600)::int, random() < 0.7 FROM generate_series(1, 2000);
INSERT INTO regtarget.revenues (unit_id, customer_id, booked_on)
SELECT 3, 1 + floor(random() * 90)::int, date '2024-01-01' + floor(random() * 600)::int FROM generate_series(1, 600);
CREATE TEMP TABLE bought AS
SELECT customer_id, closed_on AS day FROM regtarget.deals WHERE won UNION SELECT customer_id, booked_on FROM regtarget.revenues;
CREATE INDEX ON bought (customer_id, day);
CREATE TEMP TABLE states AS
SELECT c.customer_id, c.unit_id, d::date AS day,
	CASE WHEN c.churned_on IS NOT NULL THEN c.churned_on <= d
		ELSE coalesce((SELECT max(b.day) FROM bought b WHERE b.customer_id = c.customer_id AND b.day <= d) <= d::date - 17, false) END AS gone,
	coalesce(c.acquired_on <= d, true) AS acquired
FROM regtarget.customers c, generate_series(timestamp '2024-10-01', '2025-07-31', '1 day') d;
CREATE INDEX ON states (day);
CREATE TEMP TABLE went AS
SELECT a.customer_id, a.unit_id, b.day FROM states a JOIN states b ON b.customer_id = a.customer_id AND b.day = a.day + 1 AND b.gone AND NOT a.gone;
CREATE FUNCTION pg_temp.expected(at date) RETURNS TABLE (unit_id int, signal text, value float8) LANGUAGE sql AS $$
	WITH spans (signal, starts, past) AS (VALUES
		('churn_rate', (date_trunc('month', at) - interval '3 months')::date, date_trunc('month', at)::date),
		('weekly_churn_rate', date_trunc('week', at)::date - 7, date_trunc('week', at)::date)),
	counted AS (
		SELECT u.unit_id, s.signal,
			(SELECT count(DISTINCT customer_id) FROM went w WHERE w.day >= s.starts AND w.day < s.past AND u.unit_id IN (1, w.unit_id)) AS gone,
			(SELECT count(*) FROM states x WHERE x.day = s.starts - 1 AND x.acquired AND NOT x.gone AND u.unit_id IN (1, x.unit_id)) AS active
		FROM regtarget.units u, spans s)
	SELECT unit_id, signal, gone::float8 / active FROM counted WHERE active > 0
	UNION ALL SELECT unit_id, 'weekly_churn_count', gone FROM counted WHERE signal LIKE 'weekly%'
	UNION ALL SELECT u.unit_id, 'customers_active', (SELECT count(*) FROM states x WHERE x.day = at AND x.acquired AND NOT x.gone AND u.unit_id IN (1, x.unit_id))
	FROM regtarget.units u
$$;
SELECT count(*) AS compared, count(*) FILTER (WHERE e.value IS DISTINCT FROM s.value) AS differ, count(*) FILTER (WHERE e.value > 0) AS above_zero
FROM generate_series(timestamp '2025-06-10', '2025-07-30', '5 days') d,
	LATERAL (SELECT * FROM pg_temp.expected(d::date)) e
	FULL JOIN LATERAL (SELECT * FROM regtarget.unit_signals(d::date) WHERE signal IN ('churn_rate', 'weekly_churn_rate', 'weekly_churn_count', 'customers_active')) s
		USING (unit_id, signal);
-- A unit alone, as a request measures it, has the same bits.
INSERT INTO regtarget.metrics (metric, weight, worst, best) VALUES ('weekly_churn_rate', 1, 0.2, 0), ('weekly_churn_certainty', 1, 5, -5), ('churn_rate', 1, 1, 0);
SELECT count(*) AS days, count(*) FILTER (WHERE h.health IS DISTINCT FROM regtarget.health_of_unit(2, d::date)) AS differ
FROM generate_series(timestamp '2025-06-10', '2025-07-30', '7 days') d, LATERAL (SELECT health FROM regtarget.unit_health(d::date) WHERE unit_id = 2) h;

ROLLBACK;
