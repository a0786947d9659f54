-- The profiles list candidates of weight 0: they cost a split nothing and leave no trace in it until they are named or given
-- a weight; a factor whose weights are all 0 counts its signals alike when it is named.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT public.error_of('SELECT apply_profile(''none'')');
CREATE TEMP TABLE listed AS SELECT NULL::text AS profile, f.* FROM factors f WITH NO DATA;
DO $$
DECLARE
	profile text;
BEGIN
	FOREACH profile IN ARRAY ARRAY['industrial', 'fmcg', 'standard'] LOOP
		PERFORM apply_profile(profile);
		INSERT INTO listed SELECT profile, f.* FROM factors f WHERE weight = 0;
	END LOOP;
END
$$;
SELECT factor, signal, scaled_by, count(*) AS profiles FROM listed GROUP BY factor, signal, scaled_by ORDER BY factor COLLATE "C";

SELECT add_year(2020), add_year(2021);
INSERT INTO units (unit_id, code, parent_id) VALUES (1, 'HQ', NULL), (2, 'N', 1), (3, 'S', 1);
INSERT INTO deals (unit_id, closed_on, won, amount) VALUES (2, '2020-02-01', true, 10), (3, '2020-02-01', true, 30), (2, '2020-11-01', true, 20), (3, '2020-11-01', true, 20);
INSERT INTO employees (employee_id, hired_on) VALUES (1, '2019-01-01'), (2, '2019-01-01'), (3, '2019-01-01');
INSERT INTO assignments VALUES (1, 2, '[2019-01-01,)'), (2, 3, '[2019-01-01,2020-12-31)'), (3, 2, '[2020-12-31,)'), (2, 2, '[2020-12-31,)');
INSERT INTO signals (unit_id, signal, as_of, value) VALUES (2, 'tender_amount', '2020-01-01', 3), (3, 'tender_amount', '2020-01-01', 1);

-- As without them: no row of the basis, no word of the rules, no weight that goes elsewhere.
SELECT unit_id, suggested FROM allocate_targets('2021Q1', 100, 'sandbox');
CREATE TEMP TABLE kept AS SELECT * FROM factors WHERE weight = 0;
CREATE TEMP TABLE found AS SELECT signal, factor, weight, share, unit_id FROM target_basis;
DELETE FROM factors WHERE weight = 0;
SELECT unit_id, suggested FROM allocate_targets('2021Q1', 100, 'sandbox');
SELECT count(*) AS rows, count(*) FILTER (WHERE f IS NULL) AS differ FROM target_basis b LEFT JOIN found f USING (signal, factor, weight, share, unit_id);
SELECT count(DISTINCT rules) AS rules FROM plans;
INSERT INTO factors SELECT * FROM kept;

-- Named: each is one signal, unscaled; expected_output is output per head times the capacity of the day.  The window is
-- 2020-07 to 2020-12: both sold 20, N with three people on the day, S with none; a computed value is no new market, so that
-- S's capacity of 0 stays.
SELECT factor, unit_id, suggested FROM unnest('{previous,last_year,trailing,expected_output}'::text[]) factor,
	LATERAL (SELECT unit_id, suggested FROM preview_targets('2021Q1', 100, factors => jsonb_build_object(factor, 1))) t ORDER BY 1, 2;
SELECT public.error_of($$SELECT * FROM preview_targets('2021Q1', 100, factors => '{"seasonal": 1}')$$);
-- Trailing: shares 20/40 one period back and 10/40 four back, others brought nothing; weights 1 and 0.2^3.
SELECT round(100 * (0.5 + 0.008 * 0.25) / 1.008, 2) AS n;

-- Two signals of weight 0 under one name count alike: (1/4 + 1/2) / 2.
UPDATE factors SET factor = 'past' WHERE signal IN ('actual_last_year', 'actual_previous');
SELECT unit_id, suggested FROM preview_targets('2021Q1', 100, factors => '{"past": 3}');
-- A weight in the table is a weight.
UPDATE factors SET weight = 1 WHERE signal = 'actual_previous';
SELECT unit_id, suggested FROM preview_targets('2021Q1', 100, factors => '{"past": 3}');
ROLLBACK;
