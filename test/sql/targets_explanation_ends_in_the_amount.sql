-- explain_target: a number's derivation from the total down; its last row is the target's amount.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set fill :srcdir '/tap/fill.sql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied;
INSERT INTO periods VALUES ('P', '[2025-07-01,2025-10-01)'), ('Q', '[2025-10-01,2026-01-01)');
INSERT INTO units (unit_id, code, parent_id) VALUES (1, 'CN', NULL), (2, 'A', 1), (3, 'B', 1),
	(4, 'A1', 2), (5, 'A2', 2), (6, 'A1a', 4),
	(7, 'B1', 3), (8, 'B2', 3);
DELETE FROM factors;
INSERT INTO factors VALUES ('score', NULL, 0.75, 'size'), ('market', 'potential', 0.25, NULL);
INSERT INTO signals (unit_id, signal, as_of, value) VALUES (2, 'score', '2025-01-01', 80),
	(3, 'score', '2025-01-01', 40),
	(2, 'size', '2025-01-01', 3), (3, 'size', '2025-01-01', 4), (2, 'market', '2025-01-01', 10),
	(4, 'market', '2025-01-01', 1), (5, 'market', '2025-01-01', 2),
		(3, 'market', '2025-01-01', 30), (7, 'market', '2025-01-01', 0),
	(8, 'market', '2025-01-01', 1);
INSERT INTO standings VALUES (2, 'P', 2, 0.05);

-- A: 240 of 400 times 0.75 is 0.45, and 10 of 40 times 0.25 is 0.0625: 0.5125 of 1000, and 5 %
-- more. A1: a third of 538.13. A1a: all of it.
SELECT count(*) FROM allocate_targets('P', 1000);
SELECT publish_plan(1);
UPDATE targets SET amount = 170 WHERE unit_id = 6;
SELECT * FROM explain_target('A1a', 'P');
SELECT * FROM explain_target('CN', 'P');
-- B1 gets nothing; a unit of whom nobody has said anything.
SELECT what, amount, detail FROM explain_target('B1', 'P') WHERE what LIKE 'B1%';
DELETE FROM signals WHERE unit_id = 3 AND signal = 'score';
SELECT count(*) FROM allocate_targets('Q', 1000);
SELECT what, amount, detail FROM explain_target('B', 'Q') WHERE what LIKE 'B%';
-- The same in words.
SELECT unit, factor, signal, round(weight::numeric, 6) AS weight,
	round(share::numeric, 6) AS share, round(part::numeric, 6) AS part, words
FROM target_breakdown WHERE period = 'P' AND unit IN ('A', 'A1') ORDER BY unit_id,
	signal COLLATE "C";

-- Without a plan: the published live one, else the newest live draft that has the unit; never
-- another mode.
SELECT count(*) FROM allocate_targets('Q', 200, label => 'newer');
SELECT count(*) FROM allocate_targets('Q', 300, root => 'B', label => 'newest, below');
SELECT count(*) FROM allocate_targets('Q', 400, 'shadow');
SELECT count(*) FROM allocate_targets('Q', 500, 'sandbox');
SELECT what, amount FROM explain_target('CN', 'Q') WHERE what LIKE '%amount' UNION ALL
SELECT what, amount FROM explain_target('B', 'Q') WHERE what LIKE '%amount';
SELECT publish_plan(plan_id) FROM plans WHERE period = 'Q' AND mode = 'live' AND label IS NULL;
SELECT what, amount FROM explain_target('CN', 'Q') WHERE what LIKE '%amount';
-- With one, any.
SELECT e.what, e.amount FROM plans p, LATERAL explain_target('CN', 'Q', p.plan_id) AS e
WHERE p.mode <> 'live' AND e.what LIKE '%amount' ORDER BY p.plan_id;
INSERT INTO units (unit_id, code) VALUES (9, 'HK');
SELECT error_of($$SELECT * FROM explain_target('HK', 'P')$$);
SELECT error_of($$SELECT * FROM explain_target('HK', 'P', 1)$$);
SELECT error_of($$SELECT * FROM explain_target('CN', 'Q', 1)$$);
SELECT refusal($$SELECT * FROM explain_target('cn', 'P')$$);

ROLLBACK;

-- Of every target of every plan of a whole company, whatever its status and mode.
\set ECHO none
\i :prelude
\o /dev/null
\i :fill
\o
\set ECHO all
CREATE TABLE public.explained AS
WITH rows AS MATERIALIZED (
	SELECT t.*, u.code, p.total, p.step AS plan_step
	FROM targets t JOIN plans p ON p.plan_id = t.plan_id JOIN units u ON u.unit_id = t.unit_id
)
SELECT r.target_id, r.code, r.period, r.suggested, r.amount AS target_amount, r.total, r.plan_step,
	e.*
FROM rows r, LATERAL explain_target(r.code, r.period, r.plan_id) AS e;
SELECT bool_and(last = target_amount) AS ends_in_amount,
	bool_and(first = total AND what = 'total') AS begins_with_total,
		bool_and(steps = greatest_step) AS numbered
FROM (SELECT target_amount, total, first_value(amount) OVER w AS first, first_value(what)
	OVER w AS what,
		last_value(amount) OVER w AS last, count(*) OVER w AS steps, max(step)
			OVER w AS greatest_step
	FROM public.explained WINDOW w AS (PARTITION BY target_id ORDER BY step
		ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)) AS s;
-- Where no bound has a say the signals' contributions add up to the suggestion, but for rounding.
SELECT max(abs(s.parts - s.suggested)) <= 0.0001 AS close
FROM (SELECT e.target_id, e.suggested, sum(e.amount) AS parts
	FROM public.explained e JOIN target_basis b ON b.target_id = e.target_id
		AND e.what = e.code || ': ' || b.signal
	WHERE e.plan_step = 0.0001 AND NOT EXISTS (SELECT FROM bounds o WHERE o.period = e.period)
	GROUP BY e.target_id, e.suggested) AS s;
ROLLBACK;
