-- The guard of targets against its rule written in numeric: which amounts a published target takes,
-- and which penalty a draft's gets, over thousands of random figures.
BEGIN;
SET LOCAL search_path = public, regtarget;
SET LOCAL client_min_messages = warning;
SELECT plan(5);
SELECT setseed(0.15);

-- Plans of every step and cap, one unit each.
CREATE TABLE cases AS
SELECT g, (ARRAY[0.01, 1, 0.0001, 10000, 0.25])[g % 5 + 1] AS step,
	(ARRAY[0.15, 0, 0.333333333333333333, 0.999999999999999999, 0.1])[g / 5 % 5 + 1] AS cap,
	floor(power(10, random() * 11))::bigint AS steps
FROM generate_series(1, 100) g;
INSERT INTO periods SELECT 'P' || g, daterange(date '2025-01-01' + g, date '2025-01-02' + g)
	FROM cases;
INSERT INTO policies (effective_from, cap) SELECT date '2025-01-01' + g, cap FROM cases;
INSERT INTO units (unit_id, code) SELECT g, 'U' || g FROM cases;
INSERT INTO plans (plan_id, period, root_unit_id, total, step) SELECT g, 'P' || g, g, steps * step,
	step FROM cases;
INSERT INTO targets (plan_id, unit_id, suggested) SELECT g, g, steps * step FROM cases;
SELECT is_empty('SELECT * FROM targets t JOIN cases c ON c.g = t.plan_id WHERE t.cap <> c.cap OR t.baseline <> c.steps * c.step',
	'the caps are those of the policies');
SELECT is(count(publish_plan(plan_id)), 100::bigint, 'a hundred plans are published') FROM plans;

CREATE FUNCTION taken(target bigint, new_amount numeric) RETURNS text LANGUAGE plpgsql
AS $$
BEGIN
	UPDATE targets SET amount = new_amount WHERE target_id = target;
	RETURN 'taken';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END
$$;
-- Amounts anywhere, at the edges, a step and less than a step beside them.
CREATE TABLE tries AS
SELECT t.target_id, t.baseline, t.cap, c.step, a.amount
FROM targets t JOIN cases c ON c.g = t.plan_id,
	LATERAL (SELECT t.baseline + round(t.baseline * t.cap * 2 * (random()::numeric - 0.5) * 2 / c.step) * c.step FROM generate_series(1, 10)
		UNION ALL SELECT t.baseline + side * (trunc(t.baseline * t.cap / c.step) + k) * c.step
			FROM (VALUES (-1), (1)) AS s (side), generate_series(-1, 2) k
		UNION ALL SELECT t.baseline + c.step / 3 UNION ALL SELECT t.baseline + c.step / 100)
			AS a (amount);
CREATE TABLE results AS SELECT *, taken(target_id, amount) AS result FROM tries;
SELECT is_empty($$
	SELECT *, CASE WHEN amount % step <> 0 THEN '22023'
		WHEN abs(amount - baseline) > cap * baseline THEN '23514' ELSE 'taken' END AS expected
	FROM results
	WHERE result <> CASE WHEN amount % step <> 0 THEN '22023'
		WHEN abs(amount - baseline) > cap * baseline THEN '23514' ELSE 'taken' END$$,
	'2,000 amounts: on the step and within the cap are taken, no other');
SELECT is_empty('SELECT * FROM verify() WHERE NOT ok', 'and verify() agrees');

-- Penalties: 3,000 rows at once in a draft.
INSERT INTO units (unit_id, code, parent_id) SELECT 1000 + g, 'V' || g, 1
	FROM generate_series(1, 3000) g;
INSERT INTO periods SELECT 'Q', '[2026-01-01,2026-04-01)';
INSERT INTO standings (unit_id, period, penalty_rate)
SELECT 1000 + g, 'Q', round(random()::numeric * 0.9, (g % 5) + 1) FROM generate_series(1, 3000) g
	WHERE g % 3 > 0;
INSERT INTO plans (plan_id, period, root_unit_id, total, step) VALUES (1001, 'Q', 1, 0, 0.01),
	(1002, 'Q', 1, 0, 10000), (1003, 'Q', 1, 0, 0.0001);
INSERT INTO targets (plan_id, unit_id, suggested)
SELECT p.plan_id, 1000 + g, floor(power(10, random() * 10)) * p.step FROM plans p,
	generate_series(1, 3000) g WHERE p.plan_id > 1000;
SELECT is_empty($$
	SELECT t.*, s.penalty_rate FROM targets t JOIN plans p ON p.plan_id = t.plan_id
	LEFT JOIN standings s ON s.unit_id = t.unit_id AND s.period = t.period
	WHERE t.plan_id > 1000 AND (t.penalty <> round(t.suggested * coalesce(s.penalty_rate,
		0) / p.step) * p.step
		OR t.baseline <> t.suggested + t.penalty OR t.amount <> t.baseline)$$,
	'9,000 penalties: suggested x rate, rounded half up to the step');

SELECT * FROM finish();
ROLLBACK;
