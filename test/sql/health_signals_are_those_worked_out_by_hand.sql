-- Every signal of a small company, against figures worked out by hand.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

-- The day is Wednesday 2025-07-16: window April to June (91 days), week 7 to 13 July, period 2025Q3.
INSERT INTO regtarget.policies (effective_from, window_months, actuals, timezone) VALUES
	('2000-01-01', 6, 'revenues', 'UTC'), ('2024-10-01', 3, 'deals', 'UTC');
INSERT INTO regtarget.periods (period, during) VALUES
	('2024Q2', '[2024-04-01,2024-07-01)'), ('2024Q3', '[2024-07-01,2024-10-01)'), ('2024Q4', '[2024-10-01,2025-01-01)'),
	('2025Q1', '[2025-01-01,2025-04-01)'), ('2025Q2', '[2025-04-01,2025-07-01)'), ('2025Q3', '[2025-07-01,2025-10-01)');
INSERT INTO regtarget.units (unit_id, code, parent_id, closed_on) VALUES
	(1, 'ACME', NULL, NULL), (2, 'EAST', 1, NULL), (3, 'WEST', 1, NULL), (4, 'E1', 2, NULL), (5, 'E2', 2, NULL),
	(6, 'OLD', 3, '2025-05-31'), (7, 'NEW', 1, NULL), (8, 'LATE', 1, NULL);

INSERT INTO regtarget.employees (employee_id, name, hired_on, left_on) VALUES
	(1, 'Ann', '2024-01-15', NULL),
	(2, 'Bob', '2025-06-01', NULL),
	(3, 'Cid', '2023-03-10', '2025-06-30'),    -- the window's last day
	(4, 'Dee', NULL, '2025-04-01'),            -- its first
	(5, 'Eve', '2025-07-16', NULL),
	(6, 'Flo', '2025-02-28', '2025-07-16'),    -- still there on the day
	(7, 'Gus', '2025-01-01', '2025-07-15'),
	(8, 'Hal', '2024-01-01', '2025-03-31'),    -- before the window
	(9, 'Ida', NULL, NULL);
INSERT INTO regtarget.assignments (employee_id, unit_id, during) VALUES
	(1, 4, '[2024-01-15,)'), (2, 4, '[2025-06-01,)'),
	(3, 5, '[2023-03-10,2025-05-15)'), (3, 4, '[2025-05-15,)'),
	(4, 6, '[2024-01-01,2025-06-01)'), (5, 5, '[2025-07-16,)'), (6, 3, '[2025-02-28,)'),
	(7, 3, '[2025-01-01,)'), (8, 3, '[2024-01-01,)'), (9, 3, '[2025-07-01,2025-07-17)');
INSERT INTO regtarget.ramp (months_of_service, share) VALUES (1, 0.3), (3, 0.7), (6, 1);

INSERT INTO regtarget.visits (unit_id, visited_on)
SELECT 4, d FROM unnest(ARRAY['2025-03-31', '2025-04-01', '2025-06-30', '2025-07-01']::date[]) d
UNION ALL SELECT 4, '2025-05-20' FROM generate_series(1, 8)
UNION ALL SELECT 5, '2025-03-31'               -- had one and stopped
UNION ALL SELECT 6, '2025-07-01';              -- the first ever is after the window
INSERT INTO regtarget.deals (unit_id, closed_on, won, amount) VALUES
	(4, '2024-09-30', true, 70), (4, '2025-04-01', true, 100), (4, '2025-06-30', true, 50.50), (4, '2025-05-01', false, 800),
	(4, '2025-07-01', true, 1000.10), (4, '2025-07-16', true, 200.20), (4, '2025-07-17', true, 999),
	(4, NULL, NULL, 60), (4, '2025-05-05', NULL, 60), (4, NULL, true, 60),
	(5, '2025-03-31', true, 300), (6, '2025-04-15', true, NULL), (3, '2025-04-15', false, 10), (3, '2025-06-15', false, 10),
	(8, '2025-07-16', true, 7);                -- the first ever is on the day itself
INSERT INTO regtarget.revenues (unit_id, booked_on, amount) VALUES
	(4, '2024-08-01', 33.30), (4, '2024-10-01', 1), (3, '2025-07-01', 5);
INSERT INTO regtarget.customers (unit_id, name, acquired_on, churned_on) VALUES
	(4, 'since ever', NULL, NULL), (4, 'since today', '2025-07-16', NULL), (4, 'from tomorrow', '2025-07-17', NULL),
	(4, 'until yesterday', '2024-01-01', '2025-07-16'), (4, 'gone on Monday', '2024-01-01', '2025-07-07'),
	(4, 'gone on Sunday', '2024-01-01', '2025-07-13'), (4, 'gone after the week', '2024-01-01', '2025-07-14'),
	(4, 'new on Monday', '2025-07-07', NULL), (4, 'a day in April', '2025-04-01', '2025-04-01'),
	(4, 'gone in June', '2025-03-31', '2025-06-30'), (4, 'gone in March', '2024-01-01', '2025-03-31'),
	(4, 'gone in July', '2024-01-01', '2025-07-01'), (5, 'new', '2025-07-16', NULL);

INSERT INTO regtarget.signal_kinds (signal, rollup, valid_days) VALUES ('tender', 'sum', NULL), ('tilt', 'mean', 30), ('notes', NULL, 0);
INSERT INTO regtarget.signals (unit_id, signal, as_of, value) VALUES
	(4, 'tender', '2025-01-01', 10), (4, 'tender', '2025-07-16', 20), (4, 'tender', '2025-07-17', 99), (5, 'tender', '2025-01-01', 5),
	(3, 'tender', '2025-02-01', 100), (6, 'tender', '2025-02-01', 7),
	(4, 'tilt', '2025-06-16', 1), (5, 'tilt', '2025-06-15', 3), (6, 'tilt', '2025-07-01', 9), (7, 'tilt', '2025-07-16', 2),
	(4, 'weather', '2020-01-01', -3.5), (4, 'notes', '2025-07-16', 1), (5, 'notes', '2025-07-15', 1);

-- Employee-days in the window: E1 Ann 91 + Bob 30 + Cid 47, E2 Cid 44, WEST Flo 91 + Gus 91, OLD Dee 1.
CREATE TEMP TABLE by_hand (unit text, signal text, value float8);
INSERT INTO by_hand
SELECT unit, s.signal, s.value
FROM (VALUES
	('E1', 168.0, 10.0, 150.50, 1), ('E2', 44, 0, 0, 0), ('EAST', 212, 10, 150.50, 1),
	('OLD', 1, NULL, 0, 1), ('WEST', 183, NULL, 0, 1), ('ACME', 395, 10, 150.50, 2)) AS w (unit, days, visits, won_amount, leavers)
CROSS JOIN LATERAL (VALUES
	('visits_per_head', visits / (days / 91) / 3), ('output_per_head', won_amount / (days / 91) / 3),
	('attrition_rate', leavers / (days / 91))) AS s (signal, value)
WHERE s.value IS NOT NULL;
INSERT INTO by_hand VALUES
	('E1', 'conversion_rate', 2 / 3.0), ('EAST', 'conversion_rate', 2 / 3.0), ('OLD', 'conversion_rate', 1),
	('WEST', 'conversion_rate', 1 / 3.0), ('ACME', 'conversion_rate', 3 / 6.0),
	-- Ann and Bob; Eve; Flo and Ida. Service: 18, 1; 0; 4 and unknown. Eve is below the lowest row.
	('E1', 'headcount', 2), ('E2', 'headcount', 1), ('EAST', 'headcount', 3), ('WEST', 'headcount', 2), ('OLD', 'headcount', 0),
	('NEW', 'headcount', 0), ('LATE', 'headcount', 0), ('ACME', 'headcount', 5),
	('E1', 'capacity', 1 + 0.3), ('E2', 'capacity', 0.3), ('EAST', 'capacity', 1.6), ('WEST', 'capacity', 0.7 + 1),
	('OLD', 'capacity', 0), ('NEW', 'capacity', 0), ('LATE', 'capacity', 0), ('ACME', 'capacity', 3.3),
	('E1', 'tenure', (18 + 1) / 2.0), ('E2', 'tenure', 0), ('EAST', 'tenure', 19 / 3.0), ('WEST', 'tenure', 4), ('ACME', 'tenure', 23 / 4.0),
	('E1', 'customers_active', 3), ('E2', 'customers_active', 1), ('EAST', 'customers_active', 4), ('WEST', 'customers_active', 0),
	('OLD', 'customers_active', 0), ('NEW', 'customers_active', 0), ('LATE', 'customers_active', 0), ('ACME', 'customers_active', 4),
	('E1', 'customers_per_head', 3 / 2.0), ('E2', 'customers_per_head', 1), ('EAST', 'customers_per_head', 4 / 3.0),
	('WEST', 'customers_per_head', 0), ('ACME', 'customers_per_head', 4 / 5.0),
	-- Gone in April and June of seven; gone on Monday and Sunday of five.
	('E1', 'churn_rate', 2 / 7.0), ('EAST', 'churn_rate', 2 / 7.0), ('ACME', 'churn_rate', 2 / 7.0),
	('E1', 'weekly_churn_rate', 2 / 5.0), ('EAST', 'weekly_churn_rate', 2 / 5.0), ('ACME', 'weekly_churn_rate', 2 / 5.0),
	('E1', 'weekly_churn_count', 2), ('EAST', 'weekly_churn_count', 2), ('ACME', 'weekly_churn_count', 2), ('E2', 'weekly_churn_count', 0),
	('WEST', 'weekly_churn_count', 0), ('OLD', 'weekly_churn_count', 0), ('NEW', 'weekly_churn_count', 0), ('LATE', 'weekly_churn_count', 0),
	-- Two of seven went the week before, nobody in the eleven before that: m = 2/7 * 5 / 12 = 5/42, phi = 12 m.
	('E1', 'weekly_churn_certainty', (2 - 5 / 42.0) / sqrt(10 / 7.0 * 5 / 42.0 * 13 / 12.0)),
	('EAST', 'weekly_churn_certainty', (2 - 5 / 42.0) / sqrt(10 / 7.0 * 5 / 42.0 * 13 / 12.0)),
	('ACME', 'weekly_churn_certainty', (2 - 5 / 42.0) / sqrt(10 / 7.0 * 5 / 42.0 * 13 / 12.0)),
	-- Deals, and in 2024Q3 revenues: both on record by then, so who had none brought 0.
	('E1', 'actual', 1200.30), ('E2', 'actual', 0), ('EAST', 'actual', 1200.30), ('OLD', 'actual', 0), ('WEST', 'actual', 0),
	('LATE', 'actual', 7), ('NEW', 'actual', 0), ('ACME', 'actual', 1207.30),
	('E1', 'actual_previous', 150.50), ('E2', 'actual_previous', 0), ('EAST', 'actual_previous', 150.50), ('OLD', 'actual_previous', 0),
	('WEST', 'actual_previous', 0), ('LATE', 'actual_previous', 0), ('NEW', 'actual_previous', 0), ('ACME', 'actual_previous', 150.50),
	('E1', 'actual_last_year', 33.30), ('EAST', 'actual_last_year', 33.30), ('WEST', 'actual_last_year', 0), ('ACME', 'actual_last_year', 33.30),
	('E2', 'actual_last_year', 0), ('OLD', 'actual_last_year', 0), ('LATE', 'actual_last_year', 0), ('NEW', 'actual_last_year', 0),
	-- All in E1 in the period before, all in E2 before that, nothing, all in E1: 1, 0.2, 0.008 of 1.208. Too few for seasons.
	('E1', 'actual_trailing', 150.50 * 1.008 / 1.208), ('E2', 'actual_trailing', 150.50 * 0.2 / 1.208), ('EAST', 'actual_trailing', 150.50),
	('OLD', 'actual_trailing', 0), ('WEST', 'actual_trailing', 0), ('LATE', 'actual_trailing', 0), ('NEW', 'actual_trailing', 0),
	('ACME', 'actual_trailing', 150.50),
	('ACME', 'pace', 0.5), ('WEST', 'pace', 0), ('NEW', 'pace', 0),
	-- Entered: own values first; sums and means of open children that have one.
	('E1', 'tender', 20), ('E2', 'tender', 5), ('EAST', 'tender', 25), ('WEST', 'tender', 100), ('OLD', 'tender', 7), ('ACME', 'tender', 125),
	('E1', 'tilt', 1), ('EAST', 'tilt', 1), ('OLD', 'tilt', 9), ('NEW', 'tilt', 2), ('ACME', 'tilt', 1.5),
	('E1', 'weather', -3.5), ('E1', 'notes', 1);

CREATE FUNCTION pg_temp.differing(day date) RETURNS TABLE (unit text, signal text, by_hand float8, got float8) LANGUAGE sql AS $$
	SELECT unit, signal, h.value, s.value
	FROM by_hand h
	FULL JOIN (SELECT u.code AS unit, s.signal, s.value FROM regtarget.unit_signals(day) s JOIN regtarget.units u USING (unit_id)) s
		USING (unit, signal)
	WHERE h.value IS NULL OR s.value IS NULL OR abs(h.value - s.value) > 1e-12 * greatest(1, abs(h.value))
	ORDER BY 1, 2
$$;

-- Published targets whose only month is over on the day, and so calls for all of them.
SAVEPOINT targets;
INSERT INTO regtarget.months (month, period, during) VALUES ('2025-07', '2025Q3', '[2025-07-01,2025-07-17)');
SET LOCAL check_function_bodies = off;
SET LOCAL row_security = off;
INSERT INTO regtarget.plans (plan_id, period, root_unit_id, status, total, cap, created_by, published_at)
VALUES (1, '2025Q3', 1, 'published', 2414.6, 0, 'somebody', '2025-07-01');
INSERT INTO regtarget.targets (plan_id, unit_id, period, suggested, baseline, amount)
SELECT 1, unit_id, '2025Q3', due, due, due FROM (VALUES (1, 2414.6), (2, 0), (3, 100), (7, 50)) v (unit_id, due);
SELECT * FROM pg_temp.differing('2025-07-16');
SELECT count(*) AS by_hand, count(DISTINCT signal) AS signals FROM by_hand;

-- What people read to the last digit: shares of a ramp and cents add up exactly.
SELECT unit_id, signal, value FROM regtarget.unit_signals('2025-07-16') WHERE unit_id IN (1, 4) ORDER BY unit_id, signal;

-- Rows come by unit_id and name.
SELECT count(*) AS out_of_order
FROM (SELECT unit_id, signal, lag(unit_id) OVER () AS before_id, lag(signal) OVER () AS before_signal FROM regtarget.unit_signals('2025-07-16')) s
WHERE (before_id, before_signal COLLATE "C") >= (unit_id, signal COLLATE "C");
ROLLBACK TO targets;

-- The days around: a window, a week and a period that begin, the day after all periods.
SELECT s.day, u.code, s.signal, round(s.value::numeric, 6) AS value
FROM (SELECT day::date, r.* FROM unnest(ARRAY['2025-06-30', '2025-07-01', '2025-07-13', '2025-07-14', '2025-09-30', '2025-10-01']::date[]) day,
	regtarget.unit_signals(day::date) r) s JOIN regtarget.units u USING (unit_id)
WHERE u.code = 'E1' AND s.signal IN ('actual', 'actual_previous', 'actual_last_year', 'weekly_churn_rate', 'churn_rate', 'conversion_rate', 'tilt')
ORDER BY s.signal, s.day;

-- ---- H4: what is not known ----

-- Nobody has written down a lost deal, a leaver, a visit, a won deal by the window's end.
CREATE FUNCTION pg_temp.known(day date) RETURNS TABLE (unit text, visits boolean, conversion boolean, output boolean, attrition boolean) LANGUAGE sql AS $$
	SELECT unit, visits_per_head IS NOT NULL, conversion_rate IS NOT NULL, output_per_head IS NOT NULL, attrition_rate IS NOT NULL
	FROM regtarget.unit_health(day) ORDER BY unit_id
$$;
SELECT * FROM pg_temp.known('2025-07-16');
SAVEPOINT facts;
DELETE FROM regtarget.deals WHERE NOT won;
SELECT string_agg(unit, ' ') AS conversion_without_losses FROM pg_temp.known('2025-07-16') WHERE conversion;
INSERT INTO regtarget.deals (unit_id, closed_on, won) VALUES (7, '2025-07-01', false);
SELECT string_agg(unit, ' ') AS a_loss_after_the_window FROM pg_temp.known('2025-07-16') WHERE conversion;
INSERT INTO regtarget.deals (unit_id, closed_on, won) VALUES (7, '2001-01-01', false);
SELECT string_agg(unit, ' ') AS a_loss_long_ago_elsewhere FROM pg_temp.known('2025-07-16') WHERE conversion;
ROLLBACK TO facts;
UPDATE regtarget.employees SET left_on = NULL WHERE left_on < '2025-07-01';
SELECT string_agg(unit, ' ') AS attrition_without_leavers FROM pg_temp.known('2025-07-16') WHERE attrition;
UPDATE regtarget.employees SET left_on = '2025-03-31' WHERE name = 'Hal';
SELECT unit, attrition_rate AS a_leaver_before_the_window FROM regtarget.unit_health('2025-07-16') WHERE attrition_rate IS NOT NULL ORDER BY unit_id;
ROLLBACK TO facts;
DELETE FROM regtarget.visits WHERE unit_id = 5;
DELETE FROM regtarget.deals WHERE unit_id = 5;
SELECT * FROM pg_temp.known('2025-07-16') WHERE unit IN ('E2', 'EAST');
ROLLBACK TO facts;
DELETE FROM regtarget.assignments;
SELECT * FROM pg_temp.known('2025-07-16') WHERE visits OR conversion OR output OR attrition;
SELECT signal, count(*) FROM regtarget.unit_signals('2025-07-16') WHERE signal IN ('headcount', 'capacity', 'tenure', 'customers_per_head') GROUP BY 1 ORDER BY 1;
ROLLBACK TO facts;

-- Without any period, with a period before the first policy: no actual. Without a ramp all count 1.
DELETE FROM regtarget.policies WHERE effective_from = '2000-01-01';
DELETE FROM regtarget.ramp;
SELECT signal, count(*) FROM regtarget.unit_signals('2025-07-16') WHERE signal LIKE 'actual%' GROUP BY 1 ORDER BY 1;
SELECT count(*) AS differ FROM (
	SELECT unit_id, min(value) <> max(value) AS differs FROM regtarget.unit_signals('2025-07-16') WHERE signal IN ('headcount', 'capacity') GROUP BY 1) s
WHERE differs;
DELETE FROM regtarget.periods;
SELECT count(*) AS actuals FROM regtarget.unit_signals('2025-07-16') WHERE signal LIKE 'actual%';
ROLLBACK TO facts;

-- A closed child's value is not rolled up, an open parent's own value goes first, the last day counts.
UPDATE regtarget.units SET closed_on = '2025-07-16' WHERE code = 'E1';
SELECT u.code, signal, value FROM regtarget.unit_signals('2025-07-16') JOIN regtarget.units u USING (unit_id) WHERE u.code = 'EAST' AND signal IN ('tender', 'tilt') ORDER BY 2;
UPDATE regtarget.units SET closed_on = '2025-07-15' WHERE code = 'E1';
SELECT u.code, signal, value FROM regtarget.unit_signals('2025-07-16') JOIN regtarget.units u USING (unit_id) WHERE u.code = 'EAST' AND signal IN ('tender', 'tilt') ORDER BY 2;
UPDATE regtarget.units SET opened_on = '2025-07-17', closed_on = NULL WHERE code = 'E1';
SELECT u.code, signal, value FROM regtarget.unit_signals('2025-07-16') JOIN regtarget.units u USING (unit_id) WHERE u.code = 'EAST' AND signal IN ('tender', 'tilt') ORDER BY 2;
ROLLBACK TO facts;

-- valid_days so large that they reach past the first day of all.
UPDATE regtarget.signal_kinds SET valid_days = 2147483647 WHERE signal = 'tender';
SELECT value FROM regtarget.unit_signals('2025-07-16') WHERE unit_id = 1 AND signal = 'tender';

-- Sums beyond float8.
INSERT INTO regtarget.signals (unit_id, signal, as_of, value) VALUES (4, 'tender', '2025-07-15', 1e308), (5, 'tender', '2025-07-15', 1e308);
SELECT * FROM public.error_of('SELECT * FROM regtarget.unit_signals(''2025-07-15'')');

-- Reserved names, and those that only look like one.
SELECT name, regtarget.is_computed_signal(name) FROM unnest(ARRAY['health', 'pace', 'actual', 'weekly_churn_rate', 'Health', 'health ', '']) name;
SELECT count(*) AS computed FROM (SELECT DISTINCT signal FROM by_hand UNION SELECT 'health') s WHERE regtarget.is_computed_signal(signal);

ROLLBACK;
