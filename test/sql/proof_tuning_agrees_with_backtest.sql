-- A weighting has one error, whether tune_factors() tells it or backtest_summary(); and no rival is ever closer than the
-- best weighting. P2.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile('industrial') <> '' AS applied;
SELECT count(add_year(y)) FROM generate_series(2020, 2024) y;

CREATE FUNCTION public.chance(word text) RETURNS float8 IMMUTABLE LANGUAGE sql
RETURN ('x' || left(md5(word), 8))::bit(32)::bigint / 4294967296.0;

INSERT INTO units (code, name, kind) VALUES ('co', 'Co', 'company');
INSERT INTO units (code, name, kind, parent_id)
SELECT 'r' || i, 'R' || i, 'region', (SELECT unit_id FROM units WHERE code = 'co') FROM generate_series(1, 7) i;
INSERT INTO units (code, name, kind, parent_id)
SELECT u.code || 'g' || i, u.code || 'g' || i, 'group', u.unit_id FROM units u, generate_series(1, 2) i WHERE u.kind = 'region';
-- A region that is new in the middle, and one that is closed.
UPDATE units SET opened_on = '2022-02-10' WHERE code = 'r7';
UPDATE units SET closed_on = '2023-05-31' WHERE code = 'r2';
INSERT INTO employees (source, source_id, name, hired_on)
SELECT 'test', u.code || '-' || i, u.code, '2020-01-01' FROM units u, generate_series(1, 3) i WHERE u.kind = 'group';
INSERT INTO assignments (employee_id, unit_id, during)
SELECT e.employee_id, u.unit_id, daterange('2020-01-01', NULL)
FROM employees e JOIN units u ON u.code = e.name;
INSERT INTO signals (unit_id, signal, as_of, value, source)
SELECT u.unit_id, s, lower(p.during), round((1 + 3 * chance(s || u.code || p.period))::numeric, 2), 'test'
FROM units u, periods p, unnest('{tender_amount,strategic_tilt}'::text[]) s
WHERE u.kind = 'group' AND p.period >= '2021Q3';
INSERT INTO deals (source, source_id, unit_id, opened_on, closed_on, won, amount)
SELECT 'test', row_number() OVER (ORDER BY u.unit_id, p.during), u.unit_id, lower(p.during), lower(p.during) + 50, true,
	round((50000 * (0.5 + chance(u.code)) * (1 + 0.4 * sin(length(u.code) + u.unit_id + extract(quarter FROM lower(p.during)) * 1.5708))
		* (0.8 + 0.4 * chance(u.code || p.period)))::numeric, 2)
FROM units u, periods p
WHERE u.kind = 'group' AND NOT (u.code LIKE 'r7%' AND p.period < '2022Q2') AND NOT (u.code LIKE 'r2%' AND p.period > '2023Q2');

-- All rivals are there in every period: every row's errors are those of a backtest with its factors, to the last bit.
CREATE TEMP TABLE tuned AS SELECT * FROM tune_factors('2022Q1', '2024Q4');
SELECT count(*), min(rank), max(rank), bool_and(t.error = s.error) AS same_error, bool_and(t.error_held_out = h.error) AS same_held_out
FROM tuned t, LATERAL backtest_summary('2022Q1', '2024Q1', factors => t.factors) s,
	LATERAL backtest_summary('2024Q2', '2024Q4', factors => t.factors) h
WHERE s.method = 'suggested' AND s.depth = 1 AND h.method = 'suggested' AND h.depth = 1 AND rank % 9 = 1;
-- Errors ascend, weights are decimals that add up to 1.
SELECT bool_and(error >= before) AS in_order, bool_and(whole = 1) AS whole
FROM (SELECT error, lag(error) OVER (ORDER BY rank) AS before,
	(SELECT sum(value::numeric) FROM jsonb_each_text(factors)) AS whole FROM tuned) t;
-- Nobody is closer in sample: the columns of backtest, each factor alone, the weights in force.
SELECT s.method, bool_and(t.error <= s.error) AS not_closer
FROM tuned t, LATERAL backtest_summary('2022Q1', '2024Q1', factors => t.factors) s
WHERE t.rank = 1 AND s.depth = 1 AND s.error IS NOT NULL GROUP BY 1 ORDER BY 1;
SELECT f.factor, s.periods, t.error <= s.error AS not_closer
FROM tuned t, (SELECT DISTINCT factor FROM factors) f,
	LATERAL backtest_summary('2022Q1', '2024Q1', factors => jsonb_build_object(f.factor, 1)) s
WHERE t.rank = 1 AND s.method = 'suggested' AND s.depth = 1 ORDER BY 1;
SELECT t.error <= s.error AS not_closer
FROM tuned t, backtest_summary('2022Q1', '2024Q1') s WHERE t.rank = 1 AND s.method = 'suggested' AND s.depth = 1;

-- From the first quarter on: previous has nothing in it, last_year in the first four, seasonal in the first eight.
SET client_min_messages = notice;
SELECT error, factors FROM tune_factors('2020Q1', '2022Q4') WHERE rank = 1 \gset early_
SET client_min_messages = warning;
SELECT s.method, s.periods, :early_error <= s.error AS not_closer
FROM backtest_summary('2020Q1', '2022Q1', factors => '{"previous": 1}') s WHERE s.depth = 1 AND s.error IS NOT NULL ORDER BY 1;
-- Where the rivals differ so much between early and late that what judges them matters: last_year is exact as soon as it is there.
UPDATE deals d SET amount = 1000 + 100 * (d.unit_id * (1 + extract(quarter FROM d.closed_on)::int) % 17);
SELECT error, factors FROM tune_factors('2020Q1', '2022Q4') WHERE rank = 1 \gset early_
SELECT s.method, s.periods, :early_error <= s.error AS not_closer
FROM backtest_summary('2020Q1', '2022Q1', factors => '{"previous": 1}') s WHERE s.depth = 1 AND s.error IS NOT NULL ORDER BY 1;

-- Equal errors: the weights in force are nearest to themselves.
UPDATE deals SET amount = 100;
UPDATE units SET opened_on = NULL, closed_on = NULL;
DELETE FROM factors WHERE factor NOT IN ('previous', 'last_year', 'trailing');
UPDATE factors SET weight = CASE factor WHEN 'previous' THEN 0.35 WHEN 'trailing' THEN 0.65 ELSE 0 END;
DELETE FROM deals d USING units u WHERE u.unit_id = d.unit_id AND u.code ~ '^r[27]';
SELECT rank, factors, error, error_held_out FROM tune_factors('2022Q1', '2024Q4') WHERE rank <= 3;
SELECT rank, factors, error, error_held_out FROM tune_factors('2022Q1', '2024Q4', grid => 0.1) WHERE rank <= 3;

ROLLBACK;
