-- Rows to be scored, three tables ten times apart: bench.scores_1, _2, _3.  The greatest has :rows rows.

CREATE SCHEMA bench;
SELECT pg_catalog.setseed(0.5);

CREATE TABLE bench.scores_3 (
	g8      int NOT NULL,
	g1000   int NOT NULL,
	g100000 int NOT NULL,
	value   float8,
	worst   float8,
	best    float8,
	weight  float8
);
CREATE TABLE bench.scores_2 (LIKE bench.scores_3 INCLUDING ALL);
CREATE TABLE bench.scores_1 (LIKE bench.scores_3 INCLUDING ALL);

-- Not by CREATE TABLE AS: this way the pages stay in shared_buffers.
INSERT INTO bench.scores_3
SELECT r * 8, r * 1000, r * 100000, random() * 120, 10, 100, 0.25 + 0.25 * (n % 3)
FROM (SELECT n, random() AS r FROM generate_series(1, :rows) AS n OFFSET 0) AS s;
INSERT INTO bench.scores_2 SELECT * FROM bench.scores_3 LIMIT :rows / 10;
INSERT INTO bench.scores_1 SELECT * FROM bench.scores_3 LIMIT :rows / 100;
VACUUM (FREEZE, ANALYZE) bench.scores_1, bench.scores_2, bench.scores_3;

-- The floor: an aggregate over the same arguments that does nothing.  :module is the benchmark's own library.
CREATE FUNCTION bench.same(state point, value float8, worst float8, best float8, weight float8) RETURNS point
LANGUAGE c IMMUTABLE PARALLEL SAFE AS :'module', 'bench_same';
CREATE FUNCTION bench.same(state point, more point) RETURNS point
LANGUAGE c IMMUTABLE PARALLEL SAFE AS :'module', 'bench_same';
CREATE AGGREGATE bench.no_score(value float8, worst float8, best float8, weight float8) (
	SFUNC = bench.same, STYPE = point, INITCOND = '(0,0)', COMBINEFUNC = bench.same, PARALLEL = SAFE
);

-- The rival that is quickest to write: an aggregate with transitions in SQL.
CREATE FUNCTION bench.score_add(state float8[], value float8, worst float8, best float8, weight float8)
RETURNS float8[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN value IS NULL THEN state
	ELSE ARRAY[state[1] + weight * greatest(0, least(1, (value - worst) / nullif(best - worst, 0))), state[2] + weight]
	END;
CREATE FUNCTION bench.score_final(state float8[])
RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 100 * state[1] / nullif(state[2], 0);
CREATE AGGREGATE bench.score_in_sql(value float8, worst float8, best float8, weight float8) (
	SFUNC = bench.score_add, STYPE = float8[], INITCOND = '{0,0}', FINALFUNC = bench.score_final, PARALLEL = SAFE
);
