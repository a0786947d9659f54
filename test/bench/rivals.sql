-- The same split in SQL, twice: exact in numeric (bench.exact_split), and by the window function
-- apportion level by level (bench.window_split).  Total: 123456789.01 in steps of 0.01.
--
-- Webster with exact arithmetic, per group of siblings: weights are whole numbers (2^-40 of the
-- siblings' sum); everyone starts from the nearest whole number to his quotient; `off` steps are
-- missing (or, negative, too many).  The next steps in the order of (2k + 1) / weight make good for
-- them: nobody past the off-th in that order gets one, those before it may get several.  Scaled by
-- 10^26 and cut off, these fractions of whole numbers up to 2^40 still differ wherever they differ.

SELECT $head$
CREATE VIEW bench.exact_split AS
WITH values_3 AS (SELECT unit_id, parent_id, value FROM bench.level_3),
values_2 AS (
	SELECT l.unit_id, l.parent_id, c.value FROM bench.level_2 l
	JOIN (SELECT parent_id, sum(value) AS value FROM values_3 GROUP BY parent_id) c ON c.parent_id = l.unit_id),
values_1 AS (
	SELECT l.unit_id, l.parent_id, c.value FROM bench.level_1 l
	JOIN (SELECT parent_id, sum(value) AS value FROM values_2 GROUP BY parent_id) c ON c.parent_id = l.unit_id),
split_0 AS (
	SELECT unit_id, parent_id, 12345678901::numeric AS steps FROM regtarget.units WHERE parent_id IS NULL)
$head$ || string_agg(format($level$,
shares_%1$s AS (
	SELECT v.unit_id, v.parent_id, p.steps AS total, v.value / sum(v.value) OVER siblings AS share
	FROM values_%1$s v JOIN split_%2$s p ON p.unit_id = v.parent_id
	WINDOW siblings AS (PARTITION BY v.parent_id ORDER BY v.unit_id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)),
weights_%1$s AS (
	SELECT unit_id, parent_id, total,
		round(share / sum(share) OVER siblings * 1099511627776)::numeric AS weight
	FROM shares_%1$s
	WINDOW siblings AS (PARTITION BY parent_id ORDER BY unit_id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)),
quotients_%1$s AS (
	SELECT unit_id, parent_id, total, weight,
		div(2 * total * weight + sum(weight) OVER siblings, 2 * sum(weight) OVER siblings) AS steps
	FROM weights_%1$s
	WINDOW siblings AS (PARTITION BY parent_id ORDER BY unit_id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)),
rounded_%1$s AS (
	SELECT unit_id, parent_id, weight, steps, total - sum(steps) OVER siblings AS off
	FROM quotients_%1$s
	WINDOW siblings AS (PARTITION BY parent_id ORDER BY unit_id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)),
next_%1$s AS (
	SELECT *, row_number() OVER (PARTITION BY parent_id ORDER BY next_step, tie) AS place
	FROM (
		SELECT unit_id, parent_id, weight, steps, off, sign(off) * unit_id AS tie,
			sign(off) * div((2 * steps + sign(off)) * 1e26, weight) AS next_step
		FROM rounded_%1$s WHERE off <> 0 AND weight > 0 AND (off > 0 OR steps > 0)) AS r),
candidates_%1$s AS (
	SELECT c.unit_id, c.off,
		row_number() OVER (PARTITION BY c.parent_id
			ORDER BY sign(c.off) * div((2 * (c.steps + sign(c.off) * k) + sign(c.off)) * 1e26, c.weight), c.tie) AS place
	FROM (
		SELECT *, max(next_step) OVER (PARTITION BY parent_id) AS last_step FROM next_%1$s WHERE place <= abs(off)) AS c
	CROSS JOIN LATERAL generate_series(0, least(abs(c.off) - 1, CASE
		WHEN c.off > 0 THEN greatest(0, div(div((c.last_step + 1) * c.weight, 1e26) + 1, 2) - c.steps)
		ELSE least(c.steps - 1, greatest(0, c.steps - div(div(-c.last_step * c.weight, 1e26), 2))) END)) AS k),
corrections_%1$s AS (
	SELECT unit_id, count(*) AS steps FROM candidates_%1$s WHERE place <= abs(off) GROUP BY unit_id),
split_%1$s AS (
	SELECT r.unit_id, r.parent_id, r.steps + sign(r.off) * coalesce(c.steps, 0) AS steps
	FROM rounded_%1$s r LEFT JOIN corrections_%1$s c ON c.unit_id = r.unit_id)
$level$, k, k - 1), '' ORDER BY k) || $tail$
SELECT unit_id, parent_id, steps * 0.01 AS suggested FROM (
	SELECT * FROM split_0 UNION ALL SELECT * FROM split_1 UNION ALL SELECT * FROM split_2
	UNION ALL SELECT * FROM split_3) AS s
$tail$
FROM generate_series(1, 3) AS k
\gexec

CREATE VIEW bench.window_split AS
WITH values_3 AS (SELECT unit_id, parent_id, value FROM bench.level_3),
values_2 AS (
	SELECT l.unit_id, l.parent_id, c.value FROM bench.level_2 l
	JOIN (SELECT parent_id, sum(value) AS value FROM values_3 GROUP BY parent_id) c ON c.parent_id = l.unit_id),
values_1 AS (
	SELECT l.unit_id, l.parent_id, c.value FROM bench.level_1 l
	JOIN (SELECT parent_id, sum(value) AS value FROM values_2 GROUP BY parent_id) c ON c.parent_id = l.unit_id),
split_0 AS (
	SELECT unit_id, parent_id, 123456789.01 AS amount FROM regtarget.units WHERE parent_id IS NULL),
split_1 AS (
	SELECT v.unit_id, v.parent_id,
		regtarget.apportion(p.amount, v.value) OVER (PARTITION BY v.parent_id ORDER BY v.unit_id) AS amount
	FROM values_1 v JOIN split_0 p ON p.unit_id = v.parent_id),
split_2 AS (
	SELECT v.unit_id, v.parent_id,
		regtarget.apportion(p.amount, v.value) OVER (PARTITION BY v.parent_id ORDER BY v.unit_id) AS amount
	FROM values_2 v JOIN split_1 p ON p.unit_id = v.parent_id),
split_3 AS (
	SELECT v.unit_id, v.parent_id,
		regtarget.apportion(p.amount, v.value) OVER (PARTITION BY v.parent_id ORDER BY v.unit_id) AS amount
	FROM values_3 v JOIN split_2 p ON p.unit_id = v.parent_id)
SELECT unit_id, parent_id, amount AS suggested FROM (
	SELECT * FROM split_0 UNION ALL SELECT * FROM split_1 UNION ALL SELECT * FROM split_2
	UNION ALL SELECT * FROM split_3) AS s;
