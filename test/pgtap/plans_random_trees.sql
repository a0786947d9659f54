-- allocate_targets() over random trees with gaps of every kind, bounds, penalties and closed units,
-- against a second computation in SQL: who takes part, what each signal says, and every last step.
BEGIN;
SET LOCAL search_path = public, regtarget;
SET LOCAL client_min_messages = warning;
SELECT plan(11);
SELECT setseed(0.40);

DO 'BEGIN PERFORM apply_profile(); END';
DELETE FROM factors;
DELETE FROM signal_kinds;
-- Two signals in one factor, one that is scaled, and one that everybody has.
INSERT INTO factors VALUES ('a', 'pair', 0.3, NULL), ('b', 'pair', 0.2, NULL),
	('c', NULL, 0.4, 'size'), ('base', NULL, 0.1, NULL);
INSERT INTO periods VALUES ('P', '[2025-07-01,2025-10-01)');

-- Forty trees, each under a root of its own, of up to sixty units.
CREATE TABLE trees AS
SELECT t, floor(random() * 58 + 3)::int AS n, (ARRAY[0.01, 1, 0.0001, 100,
	10000])[t % 5 + 1] AS step,
	floor(power(10, random() * 8))::bigint AS steps
FROM generate_series(1, 40) t;
INSERT INTO units (unit_id, code, parent_id, opened_on, closed_on)
SELECT t * 100 + u, format('T%s-%s', t, u), CASE WHEN u > 1
	THEN t * 100 + 1 + floor(random() * (u - 1))::int END,
	CASE WHEN u > 1 AND dice < 0.05 THEN date '2025-07-02' END, CASE WHEN u > 1 AND dice > 0.95
		THEN date '2025-06-30' END
FROM trees, LATERAL (SELECT u, random() AS dice FROM generate_series(1, n) u) AS u ORDER BY t, u;
-- Who has a value: nearly nobody in some trees, nearly everybody in others; zeros; scales of 0.
INSERT INTO signals (unit_id, signal, as_of, value)
SELECT u.unit_id, s.signal, '2025-07-01', CASE WHEN random() < s.zero THEN 0
	ELSE random() * s.size END
FROM units u, (VALUES ('a', 0.5, 0.2, 100), ('b', 0.7, 0.1, 1e9), ('c', 0.6, 0.1, 1),
	('size', 0.8, 0.3, 50)) AS s (signal, known, zero, size)
WHERE random() < s.known * (u.unit_id / 100 % 4) / 3;
INSERT INTO signals (unit_id, signal, as_of, value) SELECT unit_id, 'base', '2025-01-01',
	floor(random() * 5) + 1 FROM units;
INSERT INTO standings (unit_id, period, penalty_rate)
SELECT unit_id, 'P', round(random()::numeric / 4, 4) FROM units WHERE random() < 0.1;
-- Bounds that leave room: small floors, wide ceilings, never on all children of a unit.
INSERT INTO bounds (period, unit_id, at_least, at_most)
SELECT 'P', u.unit_id, CASE WHEN random() < 0.5
	THEN round(random()::numeric * t.steps * t.step / 1000, 5) END,
	CASE WHEN random() < 0.5 THEN round((random()::numeric + 0.01) * t.steps * t.step, 5) END
FROM units u JOIN trees t ON t.t = u.unit_id / 100
WHERE random() < 0.1 AND u.parent_id IS NOT NULL;

-- An answer, or what was refused.
CREATE FUNCTION allocated(tree trees) RETURNS text LANGUAGE plpgsql
AS $$
BEGIN
	PERFORM allocate_targets('P', tree.steps * tree.step, 'shadow', format('T%s-1', tree.t),
		tree.step);
	RETURN 'yes';
EXCEPTION WHEN invalid_parameter_value THEN
	RETURN SQLERRM;
END
$$;
CREATE TABLE answers AS SELECT tree.t, allocated(tree) AS answer FROM trees tree;
SELECT cmp_ok(count(*), '>=', 30::bigint, 'at least 30 of 40 trees have an answer') FROM answers
	WHERE answer = 'yes';
SELECT is_empty($$SELECT * FROM answers WHERE answer <> 'yes' AND answer !~ 'bounds'$$,
	'the others have bounds that nothing satisfies');

-- Who takes part: the root and whoever is open on the first day below units that are.
CREATE TABLE members AS
WITH RECURSIVE m AS (
	SELECT p.plan_id, p.root_unit_id AS unit_id, NULL::int AS parent_id FROM plans p
	UNION ALL
	SELECT m.plan_id, u.unit_id, u.parent_id FROM m JOIN units u ON u.parent_id = m.unit_id
	WHERE coalesce(u.opened_on, '-infinity') <= '2025-07-01' AND coalesce(u.closed_on,
		'infinity') >= '2025-07-01'
)
SELECT * FROM m;
SELECT set_eq('SELECT plan_id, unit_id, parent_unit_id FROM targets', 'SELECT * FROM members',
	'the plans hold whom they should');

-- The rows, with what their standings and bounds say.
CREATE TABLE rows AS
SELECT t.*, p.step, p.total, p.root_unit_id, coalesce(s.penalty_rate, 0) AS rate, b.at_least,
	b.at_most,
	count(*) OVER (PARTITION BY t.plan_id, t.parent_unit_id) AS siblings, above.baseline AS given
FROM targets t JOIN plans p ON p.plan_id = t.plan_id
LEFT JOIN standings s ON s.unit_id = t.unit_id AND s.period = 'P'
LEFT JOIN bounds b ON b.unit_id = t.unit_id AND b.period = 'P'
LEFT JOIN targets above ON above.plan_id = t.plan_id AND above.unit_id = t.parent_unit_id;
CREATE INDEX ON rows (plan_id, parent_unit_id);
SELECT is_empty($$SELECT * FROM rows WHERE parent_unit_id IS NULL AND suggested <> total$$,
	'the root has the total');
SELECT is_empty($$SELECT plan_id, parent_unit_id FROM rows WHERE parent_unit_id IS NOT NULL
	GROUP BY 1, 2, given HAVING sum(suggested) <> given$$,
	'what the children of each unit are suggested adds up to its baseline, exactly');
SELECT is_empty($$SELECT * FROM rows WHERE suggested % step <> 0 OR suggested < at_least
	OR suggested > at_most$$,
	'every suggestion is on the step and within its bounds');
SELECT is_empty($$SELECT * FROM rows WHERE penalty <> round(suggested * rate / step) * step
	OR baseline <> suggested + penalty OR amount <> baseline$$,
		'every penalty is what the standing says');

-- What each signal should say among siblings, by S2.
CREATE TABLE raw AS
SELECT r.plan_id, r.parent_unit_id, r.unit_id, f.signal, coalesce(f.factor, f.signal) AS factor,
	f.weight, f.scaled_by, v.value::numeric AS v,
	z.value::numeric AS z, v.value IS NOT NULL AS entered
FROM rows r CROSS JOIN factors f
LEFT JOIN signals v ON v.unit_id = r.unit_id AND v.signal = f.signal
LEFT JOIN signals z ON z.unit_id = r.unit_id AND z.signal = f.scaled_by
WHERE r.siblings > 1 AND r.given > 0;
CREATE TABLE filled AS
SELECT plan_id, parent_unit_id, unit_id, signal, factor, weight, coalesce(v, avg(v) OVER g) AS v,
	CASE WHEN max(z) OVER g > 0 THEN
		CASE WHEN z IS NULL THEN avg(z) OVER g WHEN z = 0 AND entered
			THEN min(z) FILTER (WHERE z > 0) OVER g ELSE z END END AS z,
	v IS NULL OR coalesce(max(z) OVER g > 0 AND (z IS NULL OR z = 0 AND entered), false) AS imputed
FROM raw WINDOW g AS (PARTITION BY plan_id, parent_unit_id, signal);
CREATE TABLE expected AS
SELECT f.*, f.v * coalesce(f.z, 1) / s.whole AS share,
	(f.weight / sum(f.weight) OVER of_factor) * s.factor_weight AS part
FROM filled f
JOIN (SELECT plan_id, parent_unit_id, signal, sum(v * coalesce(z, 1)) AS whole,
		(SELECT sum(x.weight) FROM factors x WHERE coalesce(x.factor,
			x.signal) = filled.factor) AS factor_weight
	FROM filled GROUP BY 1, 2, 3, factor) AS s USING (plan_id, parent_unit_id, signal)
WHERE s.whole > 0
WINDOW of_factor AS (PARTITION BY f.plan_id, f.unit_id, f.factor);
CREATE TABLE expected_weights AS
SELECT *, part / sum(part) OVER (PARTITION BY plan_id, unit_id) AS effective FROM expected;
SELECT set_eq('SELECT plan_id, unit_id, signal, factor, imputed FROM target_basis',
	'SELECT plan_id, unit_id, signal, factor, imputed FROM expected_weights',
	'the signals that count, and what was filled in, are those of the rules');
SELECT is_empty($$
	SELECT b.plan_id, b.unit_id, b.signal, b.value, e.v, b.scale, e.z, b.share, e.share, b.weight,
		e.effective
	FROM target_basis b JOIN expected_weights e USING (plan_id, unit_id, signal)
	WHERE abs(b.value - e.v) > 1e-9 * abs(e.v) OR (b.scale IS NULL) <> (e.z IS NULL)
		OR abs(b.scale - e.z) > 1e-9 * abs(e.z)
		OR abs(b.share - e.share) > 1e-12 OR abs(b.weight - e.effective) > 1e-12$$,
	'values, scales, shares and weights are those of the rules');

-- Every last step, from the integer weights that the plan was split by: sums of weight x share in
-- float8, rounded to 2^-40 of their siblings' sum.
CREATE TABLE weights AS
SELECT plan_id, unit_id, round(w / sum(w) OVER siblings * 1099511627776)::numeric AS w
FROM (SELECT b.plan_id, b.unit_id, t.parent_unit_id, sum(b.weight * b.share
	ORDER BY b.factor COLLATE "C", b.signal COLLATE "C") AS w
	FROM target_basis b JOIN targets t ON t.target_id = b.target_id GROUP BY 1, 2, 3) AS b
WINDOW siblings AS (PARTITION BY plan_id, parent_unit_id
	ORDER BY unit_id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING);
CREATE TABLE steps AS
SELECT r.plan_id, r.parent_unit_id, r.unit_id, w.w, r.suggested / r.step AS part,
	coalesce(ceil(r.at_least / r.step), 0) AS lo, coalesce(floor(r.at_most / r.step), 1e17) AS hi
FROM rows r JOIN weights w USING (plan_id, unit_id);
SELECT is(count(*), (SELECT count(*) FROM rows WHERE siblings > 1 AND given > 0),
	'wherever there is something to split there are weights')
FROM steps;
SELECT is_empty($$
	SELECT a.plan_id, a.unit_id, b.unit_id FROM steps a JOIN steps b USING (plan_id, parent_unit_id)
	WHERE a.unit_id <> b.unit_id AND a.part > a.lo AND b.w > 0 AND b.part < b.hi
		AND ((2 * a.part - 1) * b.w > (2 * b.part + 1) * a.w
			OR (2 * a.part - 1) * b.w = (2 * b.part + 1) * a.w AND b.unit_id < a.unit_id)$$,
	'no step was given that ranks behind one that was not: every part is right to the last step');

SELECT * FROM finish();
ROLLBACK;
