-- T4: publish_plan checks every sum and penalty; numbers may be typed by hand.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied;
INSERT INTO periods VALUES ('P', '[2025-07-01,2025-10-01)'), ('Q', '[2025-10-01,2026-01-01)'),
	('R', '[2026-01-01,2026-04-01)');
INSERT INTO units (unit_id, code, parent_id)
VALUES (1, 'CN', NULL), (2, 'A', 1), (3, 'B', 1), (4, 'A1', 2), (5, 'A2', 2), (6, 'HK', NULL);
INSERT INTO standings VALUES (3, 'P', 2, 0.05);

-- Typed by hand: an empty plan; without its root, whose units at the top are the total; step by
-- step.
INSERT INTO plans (plan_id, period, root_unit_id, total, label) VALUES (1, 'P', 1, 100, 'by hand');
SELECT error_of($$SELECT publish_plan(1)$$);
INSERT INTO targets (plan_id, unit_id, suggested) VALUES (1, 2, 60), (1, 3, 39.99);
SELECT error_of($$SELECT publish_plan(1)$$);
UPDATE plans SET total = 99.99 WHERE plan_id = 1;
SAVEPOINT without_root;
SELECT publish_plan(1);
SELECT count(*) FROM verify() WHERE NOT ok;
ROLLBACK TO without_root;
-- With it, the root is the top.
INSERT INTO targets (plan_id, unit_id, suggested) VALUES (1, 1, 100);
SELECT error_of($$SELECT publish_plan(1)$$);
UPDATE targets SET suggested = 40 WHERE unit_id = 3;
SELECT error_of($$SELECT publish_plan(1)$$);
UPDATE plans SET total = 100 WHERE plan_id = 1;
-- Where a parent has children in the plan they must add up to its baseline: B's is 42 with its
-- penalty, A's children are short, then too much.
INSERT INTO targets (plan_id, unit_id, suggested) VALUES (1, 4, 30);
SELECT error_of($$SELECT publish_plan(1)$$);
INSERT INTO targets (plan_id, unit_id, suggested) VALUES (1, 5, 30.01);
SELECT error_of($$SELECT publish_plan(1)$$);
UPDATE targets SET suggested = 30 WHERE unit_id = 5;
INSERT INTO units (unit_id, code, parent_id) VALUES (7, 'B1', 3);
INSERT INTO targets (plan_id, unit_id, suggested) VALUES (1, 7, 40);
SELECT error_of($$SELECT publish_plan(1)$$);
UPDATE targets SET suggested = 42 WHERE unit_id = 7;
SAVEPOINT balanced;

-- A standing that came after the numbers; allocating, or typing them again, makes it right.
INSERT INTO standings VALUES (4, 'P', 2, 0.1);
SELECT error_of($$SELECT publish_plan(1)$$);
UPDATE targets SET suggested = suggested WHERE unit_id = 4;
SELECT suggested, penalty, baseline FROM targets WHERE unit_id = 4;
SELECT refusal($$SELECT publish_plan(1)$$) AS typed_again;
ROLLBACK TO balanced;
-- A penalty that has no standing.
SAVEPOINT forged;
SET LOCAL session_replication_role = replica;
UPDATE targets SET penalty = 1, baseline = 31, amount = 31 WHERE unit_id = 4;
SET LOCAL session_replication_role = origin;
SELECT error_of($$SELECT publish_plan(1)$$);
ROLLBACK TO forged;
-- A row that its plan would not have made: amount, cap, period, step, a unit that is gone.
CREATE TABLE public.forgeries AS SELECT * FROM (VALUES
	(1, 'UPDATE targets SET amount = 31 WHERE unit_id = 4'), (2,
		'UPDATE targets SET cap = 0.2 WHERE unit_id = 4'),
	(3, 'UPDATE targets SET period = ''Q'' WHERE unit_id = 4'),
	(4, 'UPDATE targets SET suggested = suggested + CASE unit_id WHEN 4 THEN 0.005 ELSE -0.005 END,
		baseline = baseline + CASE unit_id WHEN 4 THEN 0.005 ELSE -0.005 END,
		amount = amount + CASE unit_id WHEN 4 THEN 0.005 ELSE -0.005 END WHERE unit_id IN (4, 5)'),
	(5, 'DELETE FROM units WHERE unit_id = 4')) AS f (n, statement);
CREATE FUNCTION public.published_after(forgery text) RETURNS text LANGUAGE plpgsql
AS $$
BEGIN
	SET LOCAL session_replication_role = replica;
	EXECUTE forgery;
	SET LOCAL session_replication_role = origin;
	PERFORM publish_plan(1);
	RETURN 'published';
END
$$;
SELECT n, error_of(format('SELECT public.published_after(%L)', statement)) FROM public.forgeries
	ORDER BY n;
RESET session_replication_role;

-- Right: published.
SELECT publish_plan(1);
SELECT unit_id, suggested, penalty, baseline, amount FROM targets ORDER BY unit_id;
SELECT unit, amount, children_amount, difference, from_penalty, from_adjustment, from_rounding
	FROM plan_balance ORDER BY unit_id;
SELECT count(*) FROM verify() WHERE NOT ok;

-- A second plan of the same unit and period is not, whichever unit it shares; of others it is.
INSERT INTO plans (plan_id, period, root_unit_id, total, label) VALUES (2, 'P', 2, 60, 'again'),
	(3, 'Q', 2, 60, NULL), (4, 'P', 6, 5, NULL);
INSERT INTO targets (plan_id, unit_id, suggested) VALUES (2, 5, 60), (3, 5, 60), (4, 6, 5);
SELECT error_of($$SELECT publish_plan(2)$$);
SELECT refusal($$SELECT publish_plan(3)$$) AS next_period,
	refusal($$SELECT publish_plan(4)$$) AS other_unit;

-- A typed total must be met as well, penalties and all.
INSERT INTO plans (plan_id, period, root_unit_id, total) VALUES (5, 'R', 6, 6);
INSERT INTO targets (plan_id, unit_id, suggested) VALUES (5, 6, 7);
SELECT error_of($$SELECT publish_plan(5)$$);
UPDATE plans SET total = 7 WHERE plan_id = 5;
SELECT refusal($$SELECT publish_plan(5)$$) AS met;
SELECT count(*) FROM verify() WHERE NOT ok;

-- Nor are parts whose sum is more than 64 bits hold, and would be 0 of them: 1844 of 10^16 - 10 steps and a rest.
INSERT INTO units (unit_id, code, parent_id) SELECT 1000 + i, 'HK' || i, 6 FROM generate_series(1, 1845) i;
INSERT INTO plans (plan_id, period, root_unit_id, total, step, label) VALUES (6, 'Q', 6, 0, 0.1, 'too much');
INSERT INTO targets (plan_id, unit_id, suggested) VALUES (6, 6, 0);
INSERT INTO targets (plan_id, unit_id, suggested)
SELECT 6, 1000 + i, CASE WHEN i < 1845 THEN 999999999999999.0 ELSE round((2::numeric ^ 64 - 1844 * 9999999999999990.0) / 10, 1) END
FROM generate_series(1, 1845) i;
SELECT error_of($$SELECT publish_plan(6)$$);

ROLLBACK;
