-- P1: a past period is split by what was dated up to and including its first day, through that day's tree; every figure
-- worked out by hand.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied;
SELECT add_year(2020), add_year(2021);
-- HQ: N (N1, N2) and S.  N2 goes to S in the middle of 2021Q2; T opens on its second day.
INSERT INTO units (unit_id, code, parent_id, opened_on) VALUES
	(1, 'HQ', NULL, NULL), (2, 'N', 1, NULL), (3, 'S', 1, NULL), (4, 'N1', 2, NULL), (5, 'N2', 2, NULL), (6, 'T', 1, '2021-04-02');
SELECT move_unit('N2', 'S', '2021-05-15');
CREATE TEMP TABLE brought (unit_id int, day date, amount numeric);
INSERT INTO brought VALUES
	(4, '2020-02-01', 100), (5, '2020-02-01', 200), (3, '2020-02-01', 300),
	(4, '2020-05-01', 100), (5, '2020-05-01', 100), (3, '2020-05-01', 200),
	(4, '2020-11-01',  10), (5, '2020-11-01',  20), (3, '2020-11-01',  70),
	(4, '2021-02-01', 150), (5, '2021-02-01', 150), (3, '2021-02-01', 300),
	(4, '2021-04-01',  30), (5, '2021-06-30',  60), (3, '2021-04-01', 100), (6, '2021-05-01', 7), (2, '2021-05-01', 3);
INSERT INTO deals (unit_id, closed_on, won, amount) SELECT unit_id, day, true, amount FROM brought;

-- Nothing to split by: suggestions are null, and what the past says is there as soon as there is a past.
SELECT * FROM backtest('2020Q1', '2020Q2');

-- The day itself counts, the day after does not; and what N1 and N2 have is for N to hand down.
-- 2021Q1: N 60, S 40 of 600; N1 1, N2 3.  2021Q2: T is not open; the total of 200 holds its 7 all the same, and N's own 3.
INSERT INTO signals (unit_id, signal, as_of, value) VALUES (2, 'tender_amount', '2021-01-01', 60), (3, 'tender_amount', '2020-12-31', 40),
	(3, 'tender_amount', '2021-01-02', 1000), (4, 'tender_amount', '2021-01-01', 1), (5, 'tender_amount', '2021-01-01', 3),
	(3, 'tender_amount', '2021-04-01', 20);
SELECT * FROM backtest('2021Q1', '2021Q2', factors => '{"potential": 1}');
-- By half of each: 2021Q1 by what 2020Q4 brought, N 30 and S 70 of 100; so N (0.6 + 0.3) / 2 of 600, and N1 (1/4 + 1/3) / 2 of it.
SELECT unit, suggested, round(600 * 0.45 * (1.0 / 4 + 1.0 / 3) / 2, 4) AS n1 FROM backtest('2021Q1', '2021Q1', factors => '{"potential": 0.5, "previous": 0.5}')
WHERE unit IN ('N', 'S', 'N1');
-- The rivals are splits by one candidate each: previous, last_year.
SELECT count(*) AS units, count(*) FILTER (WHERE p.suggested IS DISTINCT FROM b.previous) AS previous,
	count(*) FILTER (WHERE y.suggested IS DISTINCT FROM b.naive) AS naive
FROM backtest('2020Q2', '2021Q4') b JOIN backtest('2020Q2', '2021Q4', factors => '{"previous": 1}') p USING (period, unit_id)
JOIN backtest('2020Q2', '2021Q4', factors => '{"last_year": 1}') y USING (period, unit_id) WHERE b.actual > 0 AND period > '2021';
-- A part of the tree is split by itself: 300 of 2021Q1.
SELECT * FROM backtest('2021Q1', '2021Q1', 'N', '{"potential": 1}');
-- It is the split that a sandbox makes of the same total.
SELECT count(*) AS units, count(*) FILTER (WHERE b.suggested IS DISTINCT FROM t.suggested) AS differ
FROM backtest('2021Q2', '2021Q2') b JOIN allocate_targets('2021Q2', 200, 'sandbox', step => 0.0001) t USING (unit_id);

-- official: baselines of the published plan of the period, whatever its root.  N and S have their own; 3 : 1 of 600, and
-- below N only N1 has one, so that nothing is said of N2.
INSERT INTO plans (plan_id, period, root_unit_id, total) VALUES (101, '2021Q1', 2, 30), (102, '2021Q1', 3, 10), (103, '2021Q2', 1, 50);
INSERT INTO targets (plan_id, unit_id, suggested) VALUES (101, 2, 30), (101, 4, 30), (102, 3, 10), (103, 1, 50), (103, 2, 20), (103, 3, 30);
SELECT publish_plan(101), publish_plan(102);
SELECT unit, suggested, official FROM backtest('2021Q1', '2021Q2', factors => '{"potential": 1}');
SELECT * FROM backtest_totals('2020Q4', '2021Q2');
SELECT * FROM backtest_totals('2021Q1', '2021Q1', 'N');

-- Error by level: 2021Q1 and 2021Q2 together.  At level 1 the engine gives 360, 240 of 300, 300 and 150, 50 of 93, 100:
-- (60 + 60 + 57 + 50) / (600 + 193); naive 300, 300 and 100, 100: (0 + 0 + 7 + 0) / 793; previous 180, 420 and 100, 100: 247 / 793.
SELECT method, depth, periods, round(error::numeric, 9) AS error, wins, worst_period, round(worst_error::numeric, 9) AS worst_error
FROM backtest_summary('2020Q1', '2021Q2', factors => '{"potential": 1}');
SELECT round((60 + 60 + 57 + 50) / 793.0, 9) AS engine, round(7 / 793.0, 9) AS naive, round(247 / 793.0, 9) AS previous, round(300 / 600.0, 9) AS official,
	round(107 / 193.0, 9) AS worst;
-- The summary is the rows, added up.
WITH depths AS (SELECT b.*, CASE unit WHEN 'HQ' THEN 0 WHEN 'N' THEN 1 WHEN 'S' THEN 1 ELSE 2 END AS depth
	FROM backtest('2020Q1', '2021Q2', factors => '{"potential": 1}') b),
	told AS (SELECT d.period, d.depth, d.actual, v.method, v.part FROM depths d,
		LATERAL (VALUES ('suggested', suggested), ('naive', naive), ('previous', previous), ('official', official)) v (method, part)
		WHERE d.suggested IS NOT NULL AND v.part IS NOT NULL)
SELECT count(*) AS compared, count(*) FILTER (WHERE abs(s.error - t.error) > 1e-12 OR s.periods <> t.periods) AS differ
FROM (SELECT method, depth, (sum(abs(part - actual)) / sum(actual))::float8 AS error, count(DISTINCT period) AS periods FROM told GROUP BY method, depth) t
JOIN backtest_summary('2020Q1', '2021Q2', factors => '{"potential": 1}') s USING (method, depth);

-- A quarter that lost money, and one in which a factor is negative, are shown and judged by nobody.
INSERT INTO deals (unit_id, closed_on, won, amount) VALUES (3, '2021-08-01', true, -50), (4, '2021-08-01', true, 20), (4, '2021-11-01', true, 10), (3, '2021-11-01', true, 30);
SELECT * FROM backtest('2021Q3', '2021Q4', factors => '{"previous": 1}');
SELECT method, depth, periods, error FROM backtest_summary('2021Q3', '2021Q4', factors => '{"previous": 1}') WHERE depth = 1;

-- In steps of 0.0001; where that is too fine for the total, of the finest power of ten that is not.
INSERT INTO deals (unit_id, closed_on, won, amount) SELECT u, '2020-08-01', true, 9e14 FROM unnest('{3,4}'::int[]) u;
SELECT unit, actual, previous FROM backtest('2020Q3', '2020Q3');

-- Nobody inherits through a unit that is yet to begin: Y, of 2021, goes on from X, and Z, of 2020, from Y.
INSERT INTO units (unit_id, code, parent_id, opened_on) VALUES (7, 'X', 1, NULL), (8, 'Y', 1, '2021-09-01'), (9, 'Z', 1, '2020-12-01');
INSERT INTO deals (unit_id, closed_on, won, amount) VALUES (7, '2020-10-05', true, 100);
INSERT INTO successions VALUES (9, 8, 1);
SELECT unit, previous FROM backtest('2021Q1', '2021Q1') WHERE unit = 'Z';
INSERT INTO successions VALUES (8, 7, 1);
SELECT unit, previous FROM backtest('2021Q1', '2021Q1') WHERE unit = 'Z';

-- Whether anybody has ever won a deal is not asked of what was taken away later: one waits, and goes.
DELETE FROM successions;
DELETE FROM deals;
DELETE FROM units WHERE unit_id > 6;
INSERT INTO deals (deal_id, unit_id, closed_on, won, amount) VALUES (1, 3, '2019-05-01', true, 10), (2, 3, '2021-06-01', true, 10);
SELECT fold_activity() > 0 AS folded;
DELETE FROM deals WHERE deal_id = 2;
SELECT signal, value FROM unit_signals('2021-01-01') WHERE unit_id = 3 AND signal IN ('actual', 'actual_previous') ORDER BY 1;

-- Periods that are not over have no actual yet; a span of them is no row.
INSERT INTO periods VALUES ('NOW', daterange(current_date, current_date + 30)), ('NEXT', daterange(current_date + 30, current_date + 60));
SET LOCAL client_min_messages = notice;
SELECT count(*) FROM backtest('2021Q4', '2021Q4');
\set VERBOSITY terse
SELECT count(*) FROM backtest('2021Q4', 'NEXT');
SELECT count(*) FROM backtest_summary('NOW', 'NEXT');
\set VERBOSITY default
SET LOCAL client_min_messages = warning;

SELECT public.error_of($$SELECT * FROM backtest('2021Q1', '2029Q1')$$);
SELECT public.error_of($$SELECT * FROM backtest('2021Q1', '2020Q4')$$);
SELECT public.error_of($$SELECT * FROM backtest(NULL, '2020Q4')$$);
SELECT public.error_of($$SELECT * FROM backtest_summary('2020Q1', '2020Q4', 'XX')$$);
SELECT public.error_of($$SELECT * FROM backtest_totals('2020Q1', '2020Q4', 'XX')$$);
SELECT public.error_of($$SELECT * FROM backtest('2020Q1', '2020Q4', factors => '{"luck": 1}')$$);
INSERT INTO units (unit_id, code) VALUES (20, 'OV');
SELECT public.error_of($$SELECT * FROM backtest('2020Q1', '2020Q4')$$);
UPDATE policies SET effective_from = '2020-06-01';
SELECT public.error_of($$SELECT * FROM backtest('2020Q1', '2020Q4', 'HQ')$$);
ROLLBACK;
