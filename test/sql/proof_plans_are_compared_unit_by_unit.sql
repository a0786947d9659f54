-- compare_plans(): amounts, difference and shares of each unit of either plan, and what each factor gave where both are splits;
-- of what the caller sees.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied;
SELECT add_year(2021);
INSERT INTO units (unit_id, code, parent_id, closed_on) VALUES (1, 'HQ', NULL, NULL), (2, 'N', 1, NULL), (3, 'S', 1, NULL), (4, 'N1', 2, NULL), (5, 'N2', 2, NULL), (6, 'W', 1, '2021-02-01');
INSERT INTO signals (unit_id, signal, as_of, value) VALUES
	(2, 'tender_amount', '2020-01-01', 60), (3, 'tender_amount', '2020-01-01', 40), (2, 'report_estimate', '2020-01-01', 20), (3, 'report_estimate', '2020-01-01', 80),
	(4, 'tender_amount', '2020-01-01', 1), (5, 'tender_amount', '2020-01-01', 3), (6, 'tender_amount', '2020-01-01', 100), (6, 'report_estimate', '2020-01-01', 0),
	(4, 'strategic_tilt', '2020-01-01', 1), (5, 'strategic_tilt', '2020-01-01', 1), (3, 'strategic_tilt', '2020-01-01', 3), (6, 'strategic_tilt', '2020-01-01', 0);
-- N, S and, in the first quarter, W.  Tenders 30, 20, 50 %, reports 20, 80, 0 %, tilt 25, 75, 0 %; then 60, 40; 20, 80; 25, 75.
SELECT unit_id, suggested FROM allocate_targets('2021Q1', 1000, 'sandbox', factors => '{"potential": 1}');
SELECT unit_id, suggested FROM allocate_targets('2021Q2', 2000, 'sandbox', factors => '{"potential": 1, "strategy": 1}');
SELECT * FROM compare_plans(1, 2);
-- What factors gave adds up to what was suggested.
SELECT unit, sum(amount_a) FILTER (WHERE factor IS NULL) - sum(amount_a) FILTER (WHERE factor IS NOT NULL) AS a,
	sum(amount_b) FILTER (WHERE factor IS NULL) - sum(amount_b) FILTER (WHERE factor IS NOT NULL) AS b
FROM compare_plans(1, 2) WHERE amount_a IS NOT NULL AND amount_b IS NOT NULL GROUP BY unit HAVING count(factor) > 0 ORDER BY unit;
-- A plan that was typed has no factors; one of 0 no shares; one with itself no difference.
INSERT INTO plans (plan_id, period, root_unit_id, total) VALUES (3, '2021Q2', 1, 0);
INSERT INTO targets (plan_id, unit_id, suggested) VALUES (3, 1, 0), (3, 2, 0), (3, 3, 0);
SELECT * FROM compare_plans(2, 3);
SELECT count(*) AS rows, count(*) FILTER (WHERE difference = 0 AND share_a = share_b) AS same FROM compare_plans(2, 2);

SELECT public.error_of('SELECT * FROM compare_plans(1, 99)');
SELECT public.error_of('SELECT * FROM compare_plans(NULL, 1)');
SELECT public.error_of('SELECT * FROM compare_plans(1, NULL)');

-- A manager of N sees no draft; of published plans his own units, with the shares that they have of all.
CREATE ROLE regtarget_test_n;
SELECT grant_duty('regtarget_test_n', 'N', 'manager');
INSERT INTO plans (plan_id, period, root_unit_id, total) VALUES (4, '2021Q3', 1, 80), (5, '2021Q4', 1, 40);
INSERT INTO targets (plan_id, unit_id, suggested) SELECT p, u, s FROM (VALUES (4, 1, 80), (4, 2, 60), (4, 3, 20), (5, 1, 40), (5, 2, 10), (5, 3, 30)) v (p, u, s);
SELECT publish_plan(4), publish_plan(5);
SET ROLE regtarget_test_n;
SELECT public.error_of('SELECT * FROM compare_plans(1, 2)');
SELECT public.error_of('SELECT * FROM compare_plans(4, 2)');
SELECT public.error_of('SELECT * FROM sensitivity(1)');
SELECT public.error_of('SELECT * FROM plan_check(1)');
SELECT public.error_of('SELECT * FROM plan_check(4)');
SELECT * FROM compare_plans(4, 5);
SELECT * FROM sensitivity(4);
SELECT public.error_of($$SELECT * FROM backtest('2021Q1', '2021Q1')$$);
SELECT public.error_of($$SELECT * FROM backtest_summary('2021Q1', '2021Q1', 'N')$$);
SELECT public.error_of($$SELECT * FROM backtest_totals('2021Q1', '2021Q1', 'S')$$);
RESET ROLE;
SELECT grant_duty('regtarget_test_n', 'N', 'planner');
SET ROLE regtarget_test_n;
SELECT count(*) FROM backtest('2021Q1', '2021Q1', 'N');
SELECT public.error_of($$SELECT * FROM backtest('2021Q1', '2021Q1', 'HQ')$$);
RESET ROLE;
ROLLBACK;
