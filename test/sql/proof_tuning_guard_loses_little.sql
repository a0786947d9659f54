-- Whoever follows tuning_verdict() quarter by quarter, taking the tuned weighting where it says adopt and the previous
-- quarter's shares otherwise, never loses more than 2 % against the previous quarter's shares alone, whatever kind of
-- company he has, and wins clearly where there is a season. P2.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile('standard') <> '' AS applied;
DELETE FROM factors WHERE factor NOT IN ('previous', 'last_year', 'trailing', 'seasonal');
SELECT count(add_year(y)) FROM generate_series(2019, 2024) y;

CREATE FUNCTION public.chance(word text) RETURNS float8 IMMUTABLE LANGUAGE sql
RETURN ('x' || left(md5(word), 8))::bit(32)::bigint / 4294967296.0;
-- About normal, standard deviation 1.
CREATE FUNCTION public.noise(word text) RETURNS float8 IMMUTABLE LANGUAGE sql
RETURN (chance(word || 1) + chance(word || 2) + chance(word || 3) - 1.5) * 2;

-- A company of each kind, of sixteen regions.
CREATE TEMP TABLE kinds AS
SELECT k AS root, k AS kind FROM unnest('{flat,season,trend,break,both,walk}'::text[]) k;
INSERT INTO units (code, name, kind) SELECT root, root, 'company' FROM kinds;
INSERT INTO units (code, name, kind, parent_id)
SELECT u.code || '-' || i, u.code || '-' || i, 'region', u.unit_id FROM units u, generate_series(1, 16) i;
CREATE TEMP TABLE brought AS
SELECT k.root, u.unit_id, p.day, exp(noise(u.code) * 0.5 + noise(u.code || p.day) * 0.08
	+ CASE WHEN k.kind IN ('season', 'both') THEN 0.3 * noise(u.code || p.quarter) ELSE 0 END
	+ CASE WHEN k.kind IN ('trend', 'both') THEN 0.03 * noise(u.code || 't') * p.n ELSE 0 END
	+ CASE WHEN k.kind = 'break' AND p.n >= 15 THEN 0.6 * noise(u.code || 'b') ELSE 0 END
	+ CASE WHEN k.kind = 'walk' THEN (SELECT sum(0.1 * noise(u.code || 'w' || m)) FROM generate_series(1, p.n) m) ELSE 0 END) AS size
FROM kinds k JOIN units r ON r.code = k.root JOIN units u ON u.parent_id = r.unit_id,
	(SELECT lower(during) AS day, extract(quarter FROM lower(during)) AS quarter, row_number() OVER (ORDER BY during)::int AS n
	 FROM periods) p;
INSERT INTO deals (source, source_id, unit_id, opened_on, closed_on, won, amount)
SELECT 'test', row_number() OVER (ORDER BY unit_id, day), unit_id, day, day, true, round((10000 * size)::numeric, 2) FROM brought;

-- Three of the last five quarters, each by what was said on its first day.
CREATE TEMP TABLE followed AS
SELECT k.kind, k.root, p.period, v.adopt, guarded.error AS guarded, guarded.previous, came.actual
FROM kinds k, periods p,
	LATERAL (SELECT max(q.period) AS before FROM periods q WHERE q.period < p.period) b,
	LATERAL tuning_verdict('2021Q1', b.before, k.root) v,
	LATERAL (SELECT max(s.error) FILTER (WHERE method = 'suggested') AS error, max(s.error) FILTER (WHERE method = 'previous') AS previous
		FROM backtest_summary(p.period, p.period, k.root, CASE WHEN v.adopt THEN v.factors ELSE '{"previous": 1}' END) s
		WHERE s.depth = 1) guarded,
	LATERAL (SELECT sum(size) AS actual FROM brought WHERE root = k.root AND day = lower(p.during)) came
WHERE p.period IN ('2023Q4', '2024Q2', '2024Q4');
SELECT kind, count(*) AS quarters, count(*) FILTER (WHERE adopt) > 0 AS adopted,
	sum(guarded * actual) <= 1.02 * sum(previous * actual) AS loses_little,
	sum(guarded * actual) <= 0.8 * sum(previous * actual) AS wins
FROM followed GROUP BY kind ORDER BY kind;

ROLLBACK;
