-- T2: penalty = suggested x the standing's rate for the period, rounded half up to the step;
-- baseline and amount follow; what a statement says of them, and of cap, period and parent, is
-- overruled.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied;
INSERT INTO periods VALUES ('P', '[2025-07-01,2025-10-01)'), ('Q', '[2025-10-01,2026-01-01)');
INSERT INTO units (unit_id, code, parent_id) VALUES (1, 'CN', NULL), (2, 'A', 1), (3, 'B', 1),
	(4, 'C', 1), (5, 'A1', 2), (6, 'A2', 2);
-- A is to pay 5 %, B nothing, C the longest third there is; the root half of what it gets.
INSERT INTO standings VALUES (1, 'P', 2, 0.5), (2, 'P', 2, 0.05), (3, 'P', 1, 0),
	(4, 'P', 3, 0.333333333333333333);
CREATE FUNCTION public.penalty_of(unit_id int, suggested numeric, step numeric,
	mode text DEFAULT 'live', period text DEFAULT 'P')
RETURNS text LANGUAGE plpgsql
AS $$
DECLARE
	t record;
BEGIN
	INSERT INTO plans (plan_id, period, mode, root_unit_id, total, step)
		VALUES (1, $5, $4, 1, 0, $3);
	INSERT INTO targets (plan_id, unit_id, suggested) VALUES (1, $1, $2) RETURNING * INTO t;
	DELETE FROM plans WHERE plan_id = 1;
	RETURN concat_ws(' ', t.suggested, '+', t.penalty, '=', t.baseline, 'amount', t.amount);
END
$$;

-- 5 % of 10.10 is 0.505: half up; of 10.09 it is 0.5045; of 9.90 0.495; of nothing nothing; of a
-- step 0.0005.
SELECT s AS suggested, public.penalty_of(2, s, 0.01) FROM unnest(ARRAY[10.10, 10.09, 9.90, 10, 0,
	0.01, 0.10, 0.09]) AS s;
-- In steps of 1, 10000 and 0.0001: 0.5, 0.45; 5000, 4500; 0.00005.
SELECT s AS suggested, public.penalty_of(2, s, 1) FROM unnest(ARRAY[10, 9, 30]) AS s;
SELECT s AS suggested, public.penalty_of(2, s, 10000) FROM unnest(ARRAY[100000, 90000, 10000]) AS s;
SELECT s AS suggested, public.penalty_of(2, s, 0.0001) FROM unnest(ARRAY[0.001, 0.0009, 1]) AS s;
-- A third of 3, a hair less than 1; of 0.05, a hair less than a half step; of 5 million million.
SELECT s AS suggested, public.penalty_of(4, s, 0.01) FROM unnest(ARRAY[3, 0.05, 0.06,
	5000000000000.55]) AS s;
-- 5 % of 9523809523809523 steps is 476190476190476.15: exact at any size.
SELECT public.penalty_of(2, 95238095238095.23, 0.01);
-- The root pays like any other. Nobody else: no standing, a rate of 0, a sandbox, another period; shadow plans pay.
SELECT public.penalty_of(5, 10, 0.01) AS none, public.penalty_of(3, 10, 0.01) AS zero,
	public.penalty_of(1, 10, 0.01) AS root;
SELECT public.penalty_of(2, 10, 0.01, 'sandbox') AS sandbox, public.penalty_of(2, 10, 0.01, 'live',
	'Q') AS another_period,
	public.penalty_of(2, 10, 0.01, 'shadow') AS shadow;

-- What the statement says is overruled: inserted, updated, all columns at once, in a proposed plan
-- too.
INSERT INTO plans (plan_id, period, root_unit_id, total, step, cap, created_by)
	VALUES (1, 'P', 1, 60, 0.01, 0.9, 'nobody');
SELECT cap, created_by = current_user AS mine FROM plans;
INSERT INTO targets (target_id, plan_id, unit_id, parent_unit_id, period, suggested, penalty,
	baseline, amount, cap)
VALUES (1, 1, 1, 99, 'X', 60, 7, 8, 9, 0.5), (2, 1, 2, 99, 'Q', 40, 0, 0, 0, 0),
	(3, 1, 3, NULL, 'P', 20, 1, 1, 1, 1);
SELECT * FROM targets ORDER BY target_id;
UPDATE targets SET penalty = 0, baseline = 1, amount = 2, cap = 0.99, period = 'Q',
	parent_unit_id = 3;
SELECT * FROM targets ORDER BY target_id;
SELECT propose_plan(1);
UPDATE targets SET suggested = 39, penalty = 0, amount = 1 WHERE unit_id = 2;
SELECT * FROM targets WHERE unit_id = 2;
UPDATE targets SET unit_id = 4 WHERE unit_id = 3;
SELECT * FROM targets WHERE unit_id = 4;

-- What is suggested must be on the step, not negative, in range, of a unit of the plan's tree that
-- is open in the period.
SELECT error_of($$UPDATE targets SET suggested = 10.005 WHERE unit_id = 2$$);
SELECT error_of($$UPDATE targets SET suggested = -1 WHERE unit_id = 2$$);
SELECT error_of($$UPDATE targets SET suggested = 1e15 WHERE unit_id = 2$$);
SELECT error_of($$UPDATE targets SET suggested = 99999999999999.99 WHERE unit_id = 2$$);
SELECT refusal($$UPDATE targets SET suggested = NULL WHERE unit_id = 2$$);
SELECT error_of($$UPDATE targets SET suggested = 'NaN' WHERE unit_id = 2$$);
SELECT error_of($$UPDATE targets SET amount = 'NaN' WHERE unit_id = 2$$);
INSERT INTO units (unit_id, code) VALUES (7, 'HK');
INSERT INTO units (unit_id, code, parent_id, opened_on, closed_on)
	VALUES (8, 'late', 1, '2025-10-01', NULL), (9, 'gone', 1, NULL, '2025-06-30');
SELECT error_of($$INSERT INTO targets (plan_id, unit_id) VALUES (1, 7)$$);
SELECT error_of($$INSERT INTO targets (plan_id, unit_id) VALUES (1, 8)$$);
SELECT refusal($$INSERT INTO targets (plan_id, unit_id) VALUES (1, 9)$$);
SELECT refusal($$INSERT INTO targets (plan_id, unit_id) VALUES (1, 2)$$);
SELECT refusal($$INSERT INTO targets (plan_id) VALUES (1)$$),
	refusal($$INSERT INTO targets (unit_id) VALUES (1)$$);
-- A hundred rows take another way to the same answers.
INSERT INTO units (unit_id, code, parent_id) SELECT 100 + g, 'U' || g, CASE WHEN g = 77 THEN 7
	ELSE 2 END FROM generate_series(1, 100) g;
SELECT error_of($$INSERT INTO targets (plan_id, unit_id, suggested) SELECT 1, 100 + g, g
	FROM generate_series(1, 100) g$$);
SELECT refusal($$INSERT INTO targets (plan_id, unit_id, suggested) SELECT 1, CASE g WHEN 77
	THEN 999 ELSE 100 + g END, g FROM generate_series(1, 100) g$$);
SELECT refusal($$INSERT INTO targets (plan_id, unit_id, suggested) SELECT 1, CASE g WHEN 77 THEN 9
	ELSE 100 + g END, g FROM generate_series(1, 100) g$$);
INSERT INTO targets (plan_id, unit_id, suggested) SELECT 1, 100 + g, g
	FROM generate_series(1, 100) g WHERE g <> 77;
SELECT parent_unit_id, count(*), sum(baseline) FROM targets WHERE unit_id > 100 GROUP BY 1;

ROLLBACK;
