-- What tune_factors() and tuning_verdict() refuse, in whose name they answer, and what they leave alone. P2, X.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile('industrial') <> '' AS applied;
SELECT count(add_year(y)) FROM generate_series(2022, 2024) y;
INSERT INTO units (code, name, kind) VALUES ('co', 'Co', 'company'), ('leaf', 'Leaf', 'company');
INSERT INTO units (code, name, kind, parent_id)
SELECT 'r' || i, 'R' || i, 'region', (SELECT unit_id FROM units WHERE code = 'co') FROM generate_series(1, 2) i;

-- Unknown things first, then the duty, then arguments.
SELECT error_of($$SELECT FROM tune_factors('2022Q9', '2024Q4', 'nobody', 7)$$);
SELECT error_of($$SELECT FROM tune_factors('2022Q1', '2024Q4', 'nobody', 7)$$);
SELECT error_of($$SELECT FROM tuning_verdict('2022Q1', '2024Q9')$$);
SELECT error_of($$SELECT FROM tune_factors(NULL, '2024Q4', 'co')$$);
SELECT error_of($$SELECT FROM tune_factors('2022Q1', '2024Q4')$$);
SELECT error_of($$SELECT FROM tune_factors('2024Q1', '2022Q4', 'co', 7)$$);
SELECT error_of($$SELECT FROM tune_factors('2022Q1', '2024Q4', 'co', 7)$$);
SELECT error_of($$SELECT FROM tune_factors('2022Q1', '2024Q4', 'co', 0)$$);
SELECT error_of($$SELECT FROM tune_factors('2022Q1', '2024Q4', 'co', -0.1)$$);
SELECT error_of($$SELECT FROM tune_factors('2022Q1', '2024Q4', 'co', 0.3)$$);
SELECT error_of($$SELECT FROM tune_factors('2022Q1', '2024Q4', 'co', 'NaN')$$);
SELECT error_of($$SELECT FROM tune_factors('2022Q1', '2024Q4', 'co', 'Infinity')$$);
-- Eight factors: 888,030 weightings in steps of 0.05, far too many in steps of 0.01.
SELECT error_of($$SELECT FROM tune_factors('2022Q1', '2024Q4', 'co', 0.01)$$);
SELECT error_of($$SELECT FROM tune_factors('2022Q1', '2024Q4', 'co', 0.0000000000000000001)$$);
-- Nothing on record, nobody below the root, one period alone.
SELECT error_of($$SELECT FROM tune_factors('2022Q1', '2024Q4', 'co', 0.05)$$);
SELECT error_of($$SELECT FROM tune_factors('2022Q1', '2024Q4', 'leaf')$$);
\x on
SELECT * FROM tuning_verdict('2022Q1', '2024Q4', 'co');
\x off
INSERT INTO deals (source, source_id, unit_id, opened_on, closed_on, won, amount)
SELECT 'test', row_number() OVER (ORDER BY u.unit_id, p.during), u.unit_id, lower(p.during), lower(p.during), true, 100 + 7 * u.unit_id
FROM units u, periods p WHERE u.kind = 'region';
SELECT error_of($$SELECT FROM tune_factors('2023Q1', '2023Q1', 'co')$$);
SELECT count(*) FROM tune_factors('2023Q1', '2023Q2', 'co', 1);
-- A weight of 0 in all of a factor's signals: they count alike. A factor that is negative somewhere takes no part.
INSERT INTO factors (signal, factor, weight) VALUES ('up', 'both', 0), ('down', 'both', 0), ('bad', 'bad', 0);
INSERT INTO signals (unit_id, signal, as_of, value, source)
SELECT u.unit_id, s.signal, '2022-01-01', s.value, 'test' FROM units u,
	LATERAL (VALUES ('up', u.unit_id), ('down', 1), ('bad', 3 - u.unit_id)) AS s(signal, value) WHERE u.kind = 'region';
SELECT rank, factors, round(error::numeric, 6) AS error FROM tune_factors('2023Q1', '2023Q4', 'co', 1);
SELECT round(error::numeric, 6) AS error FROM backtest_summary('2023Q1', '2023Q3', 'co', '{"both": 1}')
WHERE method = 'suggested' AND depth = 1;

-- For planners of the root; what one does not see does not exist.
CREATE ROLE regress_regtarget_tuner;
CREATE ROLE regress_regtarget_viewer;
SELECT grant_duty('regress_regtarget_tuner', 'co', 'planner'), grant_duty('regress_regtarget_viewer', 'co', 'viewer');
GRANT EXECUTE ON FUNCTION error_of(text) TO PUBLIC;
SET ROLE regress_regtarget_viewer;
SELECT error_of($$SELECT FROM tune_factors('2023Q1', '2023Q4', 'co', 7)$$);
SELECT error_of($$SELECT FROM tuning_verdict('2023Q1', '2023Q4', 'co')$$);
SELECT error_of($$SELECT FROM tuning_verdict('2023Q1', '2023Q4', 'leaf')$$);
SET ROLE regress_regtarget_tuner;
SELECT error_of($$SELECT FROM tune_factors('2023Q1', '2023Q4', 'leaf')$$);
SELECT count(*) > 0 AS answers FROM tune_factors('2023Q1', '2023Q4', 'co', 0.2);
SELECT verdict FROM tuning_verdict('2023Q1', '2023Q4', 'co');
RESET ROLE;
-- Nothing is written: the transaction reads only from here on.
SET TRANSACTION READ ONLY;
SELECT count(*) > 0 AS answers FROM tune_factors('2023Q1', '2023Q4', 'co', 0.2);

ROLLBACK;
