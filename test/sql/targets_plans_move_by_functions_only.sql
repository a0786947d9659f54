-- T4: draft -> proposed -> published through functions alone; the other columns of a plan are
-- frozen, but for total and label of a draft.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied;
INSERT INTO periods VALUES ('P', '[2025-07-01,2025-10-01)'), ('Q', '[2025-10-01,2026-01-01)');
INSERT INTO units (unit_id, code) VALUES (1, 'CN'), (2, 'HK');
SELECT count(*) FROM allocate_targets('P', 100, root => 'CN');
SELECT count(*) FROM allocate_targets('P', 100, 'shadow', 'CN');
SELECT count(*) FROM allocate_targets('P', 100, 'sandbox', 'CN');

-- By plain SQL: no status, no way; and no column but total and label, of a draft.
SELECT s AS status, refusal(format('UPDATE plans SET status = %L WHERE plan_id = 1', s))
FROM unnest(ARRAY['proposed', 'published', 'closed', 'rejected', NULL]) AS s;
CREATE VIEW public.columns AS
SELECT attname, attnum, CASE attname WHEN 'plan_id' THEN '77' WHEN 'period' THEN '''Q'''
	WHEN 'root_unit_id' THEN '2' WHEN 'mode' THEN '''shadow'''
	WHEN 'label' THEN '''x''' WHEN 'status' THEN '''proposed''' WHEN 'total' THEN '100.00'
		WHEN 'step' THEN '1' WHEN 'cap' THEN '0.2'
	WHEN 'created_by' THEN '''me''' WHEN 'rules' THEN '''{}''' WHEN 'late' THEN 'true'
		ELSE 'now() + interval ''1 day''' END AS value
FROM pg_attribute WHERE attrelid = 'plans'::regclass AND attnum > 0 AND NOT attisdropped;
SELECT attname AS column, refusal(format('UPDATE plans SET %I = %s WHERE plan_id = 1', attname,
	value)) AS draft
FROM public.columns ORDER BY attnum;
SELECT error_of($$UPDATE plans SET status = 'published', published_at = now() WHERE plan_id = 1$$);
SELECT error_of($$INSERT INTO plans (period, root_unit_id, total, status)
	VALUES ('P', 2, 0, 'published')$$);
SELECT refusal($$INSERT INTO plans (period, root_unit_id, total, status, published_at)
	VALUES ('P', 2, 0, 'published', now())$$) AS published,
	refusal($$INSERT INTO plans (period, root_unit_id, total, status)
		VALUES ('P', 2, 0, 'proposed')$$) AS proposed,
	refusal($$INSERT INTO plans (period, root_unit_id, total, mode)
		VALUES ('P', 2, 0, 'dry')$$) AS mode,
	refusal($$INSERT INTO plans (period, root_unit_id, total, published_at)
		VALUES ('P', 2, 0, now())$$) AS published_at,
	refusal($$UPDATE plans SET total = 100.005 WHERE plan_id = 1$$) AS off_the_step,
	refusal($$UPDATE plans SET total = -1 WHERE plan_id = 1$$) AS negative;

-- By the functions: proposed once, published once, in this order; nothing but a live plan.
SELECT propose_plan(1);
SELECT error_of($$SELECT propose_plan(1)$$);
SELECT refusal($$UPDATE plans SET total = 100.00, label = 'y'
	WHERE plan_id = 1$$) AS free_while_proposed,
	refusal($$UPDATE plans SET status = 'draft' WHERE plan_id = 1$$) AS back;
SELECT publish_plan(1);
SELECT status, public.just_now(published_at) AS now FROM plans WHERE plan_id = 1;
SELECT error_of($$SELECT publish_plan(1)$$);
SELECT error_of($$SELECT propose_plan(1)$$);
SELECT error_of($$SELECT publish_plan(2)$$);
SELECT error_of($$SELECT propose_plan(3)$$);

-- Published: every column, and the plan itself.
SELECT attname AS column, refusal(format('UPDATE plans SET %I = %s WHERE plan_id = 1', attname,
	CASE attname WHEN 'total' THEN '101' WHEN 'label' THEN '''z''' ELSE value END)) AS published
FROM public.columns ORDER BY attnum;
SELECT error_of($$UPDATE plans SET total = 101 WHERE plan_id = 1$$);
SELECT error_of($$DELETE FROM plans WHERE plan_id = 1$$);
SELECT error_of($$TRUNCATE plans, targets, plan_basis$$);
SELECT refusal($$UPDATE plans SET total = total, label = label WHERE plan_id = 1$$) AS same;
-- The others may go.
SELECT refusal($$DELETE FROM plans WHERE plan_id > 1$$) AS drafts;
SELECT plan_id, status FROM plans;

-- Straight from draft to published, too; nothing is left to truncate around.
SELECT plan_id AS second FROM allocate_targets('Q', 7, root => 'HK') \gset
SELECT publish_plan(:second);
SELECT status FROM plans WHERE plan_id = :second;

ROLLBACK;
