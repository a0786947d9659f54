-- Companies whose quarters came about by known weights of three factors: tuning finds the weights within a step of its
-- grid, with noise and without. P2.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile('standard') <> '' AS applied;
DELETE FROM factors;
INSERT INTO factors (signal, factor, weight) VALUES ('a', 'a', 1), ('b', 'b', 1), ('c', 'c', 1);
SELECT count(add_year(y)) FROM generate_series(2022, 2024) y;

-- A number from 0 to 1 for each word.
CREATE FUNCTION public.chance(word text) RETURNS float8 IMMUTABLE LANGUAGE sql
RETURN ('x' || left(md5(word), 8))::bit(32)::bigint / 4294967296.0;

CREATE TEMP TABLE truth (root text, a numeric, b numeric, c numeric, noise float8);
INSERT INTO truth VALUES ('even', 0.4, 0.3, 0.3, 0), ('one', 1, 0, 0, 0), ('two', 0, 0.7, 0.3, 0), ('fine', 0.15, 0.8, 0.05, 0),
	('noisy', 0.6, 0.2, 0.2, 0.02), ('noisier', 0.2, 0.5, 0.3, 0.05);
INSERT INTO units (code, name, kind) SELECT root, root, 'company' FROM truth;
INSERT INTO units (code, name, kind, parent_id)
SELECT u.code || i, u.code || i, 'region', u.unit_id FROM units u, generate_series(1, 9) i;

-- What was known of a region on each quarter's first day, and what it brought in it.
CREATE TEMP TABLE known AS
SELECT t.root, u.unit_id, u.code, p.period, lower(p.during) AS day,
	0.2 + chance('a' || u.code || p.period) AS a, 0.2 + chance('b' || u.code || p.period) AS b,
	0.2 + chance('c' || u.code || p.period) AS c, t.noise * (2 * chance('n' || u.code || p.period) - 1) AS noise
FROM truth t JOIN units r ON r.code = t.root JOIN units u ON u.parent_id = r.unit_id, periods p;
INSERT INTO signals (unit_id, signal, as_of, value, source)
SELECT k.unit_id, s.signal, k.day, s.value, 'test'
FROM known k, LATERAL (VALUES ('a', k.a), ('b', k.b), ('c', k.c)) AS s(signal, value);
INSERT INTO deals (source, source_id, unit_id, opened_on, closed_on, won, amount)
SELECT 'test', row_number() OVER (ORDER BY k.unit_id, k.day), k.unit_id, k.day, k.day + 40, true,
	round((1e6 * (1 + k.noise) * (t.a * k.a / sum(k.a) OVER w + t.b * k.b / sum(k.b) OVER w + t.c * k.c / sum(k.c) OVER w))::numeric, 2)
FROM known k JOIN truth t USING (root)
WINDOW w AS (PARTITION BY k.root, k.period);

-- On a grid, and off it.
SELECT t.root, g.grid, f.factors, round(f.error::numeric, 3) AS error,
	(SELECT bool_and(abs(coalesce((f.factors ->> w.factor)::numeric, 0) - w.weight) <= coalesce(g.grid, 0.05))
	 FROM (VALUES ('a', t.a), ('b', t.b), ('c', t.c)) AS w(factor, weight)) AS within_a_step
FROM truth t, (VALUES (0.2), (0.1), (0.05)) AS g(grid),
	LATERAL tune_factors('2022Q1', '2024Q4', t.root, g.grid) f
WHERE f.rank = 1 ORDER BY 1, 2;
-- The optimum is the truth where there is no noise, to a few units of its last digit.
SELECT t.root, round(f.error::numeric, 3) AS error,
	(SELECT max(abs(coalesce((f.factors ->> w.factor)::numeric, 0) - w.weight)) <= CASE WHEN t.noise = 0 THEN 0.00001 ELSE 0.05 END
	 FROM (VALUES ('a', t.a), ('b', t.b), ('c', t.c)) AS w(factor, weight)) AS found
FROM truth t, LATERAL tune_factors('2022Q1', '2024Q4', t.root) f
WHERE f.rank = 1 ORDER BY 1;

ROLLBACK;
