-- The aggregate health_score: arithmetic, refusals, states, windows, parallel plans.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

-- What a statement is refused with, in one line.
CREATE FUNCTION pg_temp.fails(statement text) RETURNS text LANGUAGE sql AS
	$$SELECT string_agg(line, ' | ') FROM public.error_of(statement) line$$;

-- ---- arithmetic: 100 x sum of weight x points / sum of weight ----

-- By hand: visits 55 of 10-100 is 0.5, conversion 0.35 of 0.1-0.6 is 0.5, output 350k of 100k-600k
-- is 0.5, attrition 0.05 of 0.25-0 is 0.8; (0.5 + 0.5 + 0.5 + 0.8) / 4 = 0.575.
SELECT round(regtarget.health_score(value, worst, best, weight)::numeric, 10) AS health
FROM (VALUES (55, 10, 100, 0.25), (0.35, 0.1, 0.6, 0.25), (350000, 100000, 600000, 0.25), (0.05, 0.25, 0, 0.25))
	AS m (value, worst, best, weight);

-- Both ends, beyond them, and reversed: 0, 0, 1, 1 and 1, 1, 0, 0.
SELECT value,
	regtarget.health_score(value, 10, 20, 1) AS rising, regtarget.health_score(value, 20, 10, 1) AS falling
FROM unnest(ARRAY[-5, 10, 12.5, 15, 20, 1e9]) value GROUP BY value ORDER BY value;

-- Weights need no sum of 1; a weight of 0 counts for nothing: (3 x 1 + 1 x 0) / 4.
SELECT regtarget.health_score(value, 0, 1, weight)
FROM (VALUES (1, 3), (0, 1), (1, 0)) AS m (value, weight);

-- A row without a value is left out, whatever else it lacks; nothing left is null, no weight is null.
SELECT regtarget.health_score(value, worst, best, weight)
FROM (VALUES (1, 0, 1, 1.0::float8), (NULL, NULL, NULL, NULL), (NULL, 1, 1, -1), (NULL, 0, 1, 'NaN'))
	AS m (value, worst, best, weight);
SELECT regtarget.health_score(NULL, 0, 1, 1) AS nothing_known, regtarget.health_score(1, 0, 1, 0) AS no_weight;
SELECT regtarget.health_score(1, 0, 1, 1) AS no_rows WHERE false;

-- The whole range of float8: anchors and values whose differences overflow, and the smallest ones.
SELECT regtarget.health_score(0, -1.7e308, 1.7e308, 1) AS half,
	regtarget.health_score(1.7e308, -1.7e308, 0, 1) AS beyond,
	regtarget.health_score(-1.7e308, 1.7e308, 0, 1) AS beyond_too,
	regtarget.health_score(5e-324, 0, 5e-324, 5e-324) AS smallest;

-- Against plain SQL over 4,000 random rows in 40 groups.
CREATE TEMP TABLE random_rows AS
SELECT g, CASE WHEN i % 7 > 0 THEN random() * 200 - 50 END AS value, 10 * random() AS worst, 20 + 80 * random() AS best,
	CASE WHEN i % 5 > 0 THEN random() ELSE 0 END AS weight
FROM (SELECT setseed(0.42)) s, generate_series(1, 40) g, generate_series(1, 100) i;
UPDATE random_rows SET worst = best, best = worst WHERE g % 3 = 0;
SELECT count(*) AS groups, count(*) FILTER (WHERE abs(a - b) > 1e-9) AS wrong
FROM (
	SELECT g, regtarget.health_score(value, worst, best, weight) AS a,
		100 * sum(weight * least(1, greatest(0, (value - worst) / (best - worst)))) / sum(weight) FILTER (WHERE value IS NOT NULL) AS b
	FROM random_rows GROUP BY g
) s;

-- ---- refusals ----

SELECT what, pg_temp.fails(format('SELECT regtarget.health_score(%s)', arguments))
FROM (VALUES
	(1, 'no worst', '1, NULL, 1, 1'), (2, 'no best', '1, 0, NULL, 1'), (3, 'no weight', '1, 0, 1, NULL'),
	(4, 'worst = best', '1, 3, 3, 1'), (5, 'zeros differ in sign alone', $$1, 0, '-0', 1$$),
	(6, 'negative weight', '1, 0, 1, -0.25'),
	(7, 'value', $$'NaN', 0, 1, 1$$), (8, 'value', $$'-Infinity', 0, 1, 1$$),
	(9, 'worst', $$1, 'NaN', 1, 1$$), (10, 'worst', $$1, '-Infinity', 1, 1$$),
	(11, 'best', $$1, 0, 'NaN', 1$$), (12, 'best', $$1, 0, 'Infinity', 1$$),
	(13, 'weight', $$1, 0, 1, 'NaN'$$), (14, 'weight', $$1, 0, 1, 'Infinity'$$)) AS c (i, what, arguments)
ORDER BY i;

-- Weights that add up to more than float8 holds.
SELECT pg_temp.fails('SELECT regtarget.health_score(1, 0, 1, 1e308) FROM generate_series(1, 2)');
SELECT regtarget.health_score(i, 1, 2, 8e307) FROM generate_series(1, 2) i;
SELECT regtarget.health_score(1.7e308, -1.7e308, 1.7e308, 1.7e308);

-- Its functions are for the executor: they would change what is not theirs.
SELECT pg_temp.fails('SELECT regtarget.health_score_add(''(0,0)'', 1, 0, 1, 1)');
SELECT pg_temp.fails('SELECT regtarget.health_score_combine(''(0,0)'', ''(0,0)'')');
SELECT pg_temp.fails('SELECT regtarget.health_score_final(''(0,0)'')');

-- ---- states made by hand ----

CREATE FUNCTION pg_temp.second(state point, next point) RETURNS point LANGUAGE sql IMMUTABLE AS 'SELECT next';
CREATE AGGREGATE pg_temp.final_of(point) (SFUNC = pg_temp.second, STYPE = point, FINALFUNC = regtarget.health_score_final);
CREATE AGGREGATE pg_temp.combined(point) (SFUNC = regtarget.health_score_combine, STYPE = point);
CREATE AGGREGATE pg_temp.score_of_combined(point)
	(SFUNC = regtarget.health_score_combine, STYPE = point, FINALFUNC = regtarget.health_score_final);
CREATE AGGREGATE pg_temp.no_start(float8, float8, float8, float8) (SFUNC = regtarget.health_score_add, STYPE = point);

SELECT state, pg_temp.fails(format('SELECT pg_temp.final_of(%L)', state)) AS final,
	pg_temp.fails(format('SELECT pg_temp.combined(s) FROM (VALUES (point %L), (point ''(1,2)'')) v (s)', state)) AS first,
	pg_temp.fails(format('SELECT pg_temp.combined(s) FROM (VALUES (point ''(1,2)''), (point %L)) v (s)', state)) AS second
FROM unnest(ARRAY['(1,2)', '(2,2)', '(0,0)', '(2,1)', '(-1,2)', '(NaN,2)', '(1,NaN)', '(1,Infinity)', '(Infinity,Infinity)']) state;

-- Combining: nulls on either side, and sums.
SELECT pg_temp.combined(NULL) AS nothing;
SELECT pg_temp.combined(s) FROM unnest(ARRAY[NULL, '(1,2)', NULL, '(2,3)', NULL]::point[]) s;
SELECT pg_temp.score_of_combined(s) FROM unnest(ARRAY['(1,2)', '(2,2)']::point[]) s;
SELECT pg_temp.fails('SELECT pg_temp.combined(s) FROM unnest(ARRAY[''(1,1e308)'', ''(1,1e308)'']::point[]) s');
SELECT pg_temp.fails('SELECT pg_temp.no_start(1, 0, 1, 1)');

-- 10,000 random bit patterns: a score between 0 and 100, null or 22023, nothing else.
DO $$
DECLARE
	score float8;
	refused int := 0;
	x float8;
	y float8;
BEGIN
	PERFORM setseed(0.1);
	FOR i IN 1..10000 LOOP
		x := (random() - 0.3) * 10 ^ (random() * 600 - 300);
		y := CASE i % 3 WHEN 0 THEN x * (1 + random()) ELSE (random() - 0.1) * 10 ^ (random() * 600 - 300) END;
		IF i % 50 = 0 THEN x := 'NaN'; ELSIF i % 51 = 0 THEN y := 'Infinity'; END IF;
		BEGIN
			SELECT pg_temp.final_of(point(x, y)) INTO score;
			IF NOT (score IS NULL AND y = 0 OR score BETWEEN 0 AND 100) OR score IS NULL AND y <> 0 THEN
				RAISE EXCEPTION 'state (%, %) scores %', x, y, score;
			END IF;
			IF NOT (x >= 0 AND x <= y) THEN RAISE EXCEPTION 'state (%, %) was accepted', x, y; END IF;
		EXCEPTION WHEN invalid_parameter_value THEN
			refused := refused + 1;
			IF x >= 0 AND x <= y AND y < 'Infinity' THEN RAISE EXCEPTION 'state (%, %) was refused', x, y; END IF;
		END;
	END LOOP;
	IF refused NOT BETWEEN 1000 AND 9000 THEN RAISE EXCEPTION 'of 10,000 states % were refused', refused; END IF;
END
$$;

-- ---- windows: any frame gives what a group of its rows gives ----

-- Eighths as points and whole weights: sums are exact in any order.

CREATE TEMP TABLE steps AS
SELECT i, (i * 37 % 11)::float8 AS value, 0::float8 AS worst, 8::float8 AS best, (1 + i % 4)::float8 AS weight FROM generate_series(1, 30) i;
UPDATE steps SET value = NULL WHERE i % 6 = 0;
SELECT frame, count(*) AS rows, count(*) FILTER (WHERE score IS DISTINCT FROM alone) AS wrong
FROM (
	SELECT 'running' AS frame, regtarget.health_score(value, worst, best, weight) OVER (ORDER BY i) AS score,
		(SELECT regtarget.health_score(b.value, b.worst, b.best, b.weight) FROM steps b WHERE b.i <= a.i) AS alone
	FROM steps a
	UNION ALL
	SELECT 'moving', regtarget.health_score(value, worst, best, weight) OVER (ORDER BY i ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING),
		(SELECT regtarget.health_score(b.value, b.worst, b.best, b.weight) FROM steps b WHERE b.i BETWEEN a.i - 2 AND a.i + 1)
	FROM steps a
	UNION ALL
	SELECT 'remaining', regtarget.health_score(value, worst, best, weight) OVER (ORDER BY i RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING),
		(SELECT regtarget.health_score(b.value, b.worst, b.best, b.weight) FROM steps b WHERE b.i >= a.i)
	FROM steps a
	UNION ALL
	SELECT 'others', regtarget.health_score(value, worst, best, weight)
			OVER (ORDER BY i ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW),
		(SELECT regtarget.health_score(b.value, b.worst, b.best, b.weight) FROM steps b WHERE b.i <> a.i)
	FROM steps a
	UNION ALL
	SELECT 'whole partition', regtarget.health_score(value, worst, best, weight) OVER (PARTITION BY i % 3),
		(SELECT regtarget.health_score(b.value, b.worst, b.best, b.weight) FROM steps b WHERE b.i % 3 = a.i % 3)
	FROM steps a
) w GROUP BY frame ORDER BY frame;

-- ---- parallel: the same scores, from partial states ----

CREATE TABLE public.parallel_rows (g int, value float8, weight float8);
INSERT INTO public.parallel_rows
SELECT i % 13, CASE WHEN i % 9 > 0 THEN i * 7 % 11 - 1 END, i % 5 FROM generate_series(1, 40000) i;
ANALYZE public.parallel_rows;
CREATE FUNCTION pg_temp.plan_says(statement text, words text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	line text;
	found boolean := false;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || statement LOOP
		found := found OR line LIKE '%' || words || '%';
	END LOOP;
	RETURN found;
END
$$;
SET LOCAL max_parallel_workers_per_gather = 0;
CREATE TEMP TABLE serial AS
SELECT g, regtarget.health_score(value, 0, 8, weight) AS score FROM public.parallel_rows GROUP BY g;
SET LOCAL max_parallel_workers_per_gather = 2;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SELECT pg_temp.plan_says('SELECT g, regtarget.health_score(value, 0, 8, weight) FROM public.parallel_rows GROUP BY g', 'Partial') AS is_parallel;
SELECT count(*) AS groups, count(*) FILTER (WHERE s.score IS DISTINCT FROM p.score) AS wrong,
	min(s.score) BETWEEN 1 AND 99 AS plausible
FROM serial s FULL JOIN (SELECT g, regtarget.health_score(value, 0, 8, weight) AS score FROM public.parallel_rows GROUP BY g) p USING (g);
SELECT abs(regtarget.health_score(value, 0, 8, weight) - (
	SELECT 100 * sum(weight * least(8, greatest(0, value))) / 8 / sum(weight) FROM public.parallel_rows WHERE value IS NOT NULL)) < 1e-9 AS ungrouped
FROM public.parallel_rows;

ROLLBACK;
