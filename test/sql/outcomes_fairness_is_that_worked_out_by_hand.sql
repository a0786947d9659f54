-- View quota_fairness: correlations, spread and shares worked out by hand, over all units and by region.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied, add_year(2023), add_year(2024);
INSERT INTO units (unit_id, code, name, kind, parent_id) VALUES (1, 'CN', 'Company', 'company', NULL), (2, 'E', 'East', 'region', 1),
	(3, 'W', 'West', 'region', 1), (9, 'S', 'South', NULL, 1);
INSERT INTO units (unit_id, code, kind, parent_id) SELECT n, 'E' || n, 'group', 2 FROM generate_series(4, 7) n
UNION ALL VALUES (8, 'W8', 'group', 3);
-- Last year's third quarter: E4 50, E5 100, E6 100, E7 nothing, W8 100, S 100.
INSERT INTO deals (unit_id, closed_on, won, amount) VALUES (4, '2023-07-01', true, 50), (5, '2023-09-30', true, 100), (6, '2023-08-01', true, 100),
	(8, '2023-08-01', true, 100), (9, '2023-08-01', true, 100);
-- Targets E4 100, E5 200, E6 300, E7 400, W8 100, S 0: typed.
INSERT INTO plans (period, root_unit_id, total) VALUES ('2024Q3', 1, 1100), ('2024Q4', 1, 0);
INSERT INTO targets (plan_id, unit_id, suggested) VALUES (1, 1, 1100), (1, 2, 1000), (1, 3, 100), (1, 9, 0), (1, 4, 100), (1, 5, 200),
	(1, 6, 300), (1, 7, 400), (1, 8, 100);
SELECT publish_plan(1);
-- Attainment: E4 1.3, E5 1.1, E6 0.9, E7 0.7: exactly against size. W8 1.2.
INSERT INTO deals (unit_id, closed_on, won, amount) VALUES (4, '2024-07-01', true, 130), (5, '2024-09-30', true, 220), (6, '2024-08-01', true, 270),
	(7, '2024-08-01', true, 280), (8, '2024-08-01', true, 120), (9, '2024-08-01', true, 5);
-- Growth: E4 2, E5 2, E6 3, W8 1; E7 has nothing to grow from. All: sizes 100, 200, 300, 400, 100.
SELECT plan_id, period, unit, name, is_all, units, round(attainment::numeric, 4) AS attainment, round(correlation_size::numeric, 6) AS size,
	round(correlation_growth::numeric, 6) AS growth, round(spread::numeric, 6) AS spread, round(within_20::numeric, 4) AS within,
	round("over"::numeric, 4) AS over, round(under::numeric, 4) AS under FROM quota_fairness ORDER BY unit_id;
-- By the server's own aggregates.
WITH leaves (region, x, g, y) AS (VALUES ('E', 100.0, 2.0, 1.3), ('E', 200, 2, 1.1), ('E', 300, 3, 0.9), ('E', 400, NULL, 0.7), ('W', 100, 1, 1.2))
SELECT coalesce(region, 'all') AS region, count(*), round(avg(y), 4) AS attainment, round(corr(y, x)::numeric, 6) AS size,
	round(corr(y, g)::numeric, 6) AS growth, round(stddev_samp(y), 6) AS spread FROM leaves GROUP BY GROUPING SETS ((), (region)) ORDER BY 2 DESC;
-- An amount that moved is not what fairness is judged by.
UPDATE targets SET amount = 110 WHERE plan_id = 1 AND unit_id = 4;
SELECT round(correlation_size::numeric, 6) AS size FROM quota_fairness WHERE unit = 'E';
-- All alike: no correlation to be had, and none is made up.
UPDATE deals SET amount = 0.9 * t.suggested FROM targets t WHERE t.plan_id = 1 AND t.unit_id = deals.unit_id AND closed_on > '2024-01-01' AND t.suggested > 0;
SELECT unit, units, round(attainment::numeric, 4) AS attainment, correlation_size, correlation_growth, spread < 1e-9 AS no_spread, within_20 FROM quota_fairness ORDER BY unit_id;

-- To whom: each region's to whoever sees it, the same as the owner sees.
CREATE ROLE regress_east;
SELECT grant_duty('regress_east', 'E', 'manager');
CREATE TABLE public.all_rows AS SELECT * FROM quota_fairness;
GRANT SELECT ON public.all_rows TO PUBLIC;
SET LOCAL ROLE regress_east;
SELECT unit FROM regtarget.quota_fairness;
SELECT count(*) AS other FROM (TABLE regtarget.quota_fairness EXCEPT TABLE public.all_rows) x;
RESET ROLE;
ROLLBACK;
