-- T3: once a plan is published only `amount` of its targets changes, and no target is added or
-- deleted; once it is closed nothing changes.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied;
INSERT INTO periods VALUES ('P', '[2025-07-01,2025-10-01)'), ('Q', '[2025-10-01,2026-01-01)');
INSERT INTO units (unit_id, code, parent_id) VALUES (1, 'CN', NULL), (2, 'A', 1), (3, 'B', 1),
	(4, 'HK', NULL);
DELETE FROM factors;
INSERT INTO factors (signal) VALUES ('market');
INSERT INTO signals (unit_id, signal, as_of, value) VALUES (2, 'market', '2025-01-01', 1),
	(3, 'market', '2025-01-01', 1);
SELECT count(*) FROM allocate_targets('P', 100, root => 'CN');
SELECT count(*) FROM allocate_targets('Q', 100, root => 'CN');
SELECT publish_plan(1);
CREATE TABLE public.before AS SELECT * FROM targets;

-- Every column but amount.
SELECT attname AS column,
	refusal(format('UPDATE targets SET %I = %s WHERE plan_id = 1 AND unit_id = 2', attname,
	CASE atttypid WHEN 'text'::regtype THEN '''Q''' ELSE '77' END))
FROM pg_attribute WHERE attrelid = 'targets'::regclass AND attnum > 0 AND NOT attisdropped
	ORDER BY attnum;
SELECT error_of($$UPDATE targets SET suggested = 60 WHERE plan_id = 1 AND unit_id = 2$$);
SELECT refusal($$UPDATE targets SET suggested = 60, amount = 55 WHERE plan_id = 1
	AND unit_id = 2$$) AS with_amount,
	refusal($$UPDATE targets SET parent_unit_id = NULL WHERE plan_id = 1
		AND unit_id = 2$$) AS to_null,
	refusal($$UPDATE targets SET parent_unit_id = 2 WHERE plan_id = 1
		AND unit_id = 1$$) AS from_null,
	refusal($$UPDATE targets SET suggested = 50.000, period = 'P' WHERE plan_id = 1
		AND unit_id = 2$$) AS same_value;
-- From one plan into the other, either way.
SELECT refusal($$UPDATE targets SET plan_id = 2 WHERE plan_id = 1 AND unit_id = 2$$) AS out,
	refusal($$UPDATE targets SET plan_id = 1 WHERE plan_id = 2 AND unit_id = 2$$) AS into_it;

-- Deleted, added.
SELECT error_of($$DELETE FROM targets WHERE unit_id = 2$$);
SELECT error_of($$INSERT INTO targets (plan_id, unit_id, suggested) VALUES (1, 4, 0)$$);
SELECT error_of($$TRUNCATE targets$$);
SELECT refusal($$DELETE FROM targets WHERE plan_id = 1 AND unit_id = 3$$) AS deleted,
	refusal($$INSERT INTO targets (plan_id, unit_id, suggested)
		VALUES (1, 2, 50)$$) AS there_already,
	refusal($$INSERT INTO targets (plan_id, unit_id) VALUES (1, 2)
		ON CONFLICT DO NOTHING$$) AS do_nothing,
	refusal($$DELETE FROM plans WHERE plan_id = 1$$) AS plan_deleted,
	refusal($$TRUNCATE targets, plans, plan_basis$$) AS truncated;
SELECT refusal($$MERGE INTO targets t USING (VALUES (1, 2)) v(p, u) ON t.plan_id = v.p
	AND t.unit_id = v.u
		WHEN MATCHED THEN DELETE$$) AS merge_delete,
	refusal($$MERGE INTO targets t USING (VALUES (1, 4)) v(p, u) ON t.plan_id = v.p
		AND t.unit_id = v.u
		WHEN NOT MATCHED THEN INSERT (plan_id, unit_id) VALUES (v.p, v.u)$$) AS merge_insert;

-- The draft beside it is free.
SELECT refusal($$DELETE FROM targets WHERE plan_id = 2 AND unit_id = 2$$) AS deleted,
	refusal($$INSERT INTO targets (plan_id, unit_id, suggested) VALUES (2, 2, 70)$$) AS added,
	refusal($$UPDATE targets SET suggested = 30 WHERE plan_id = 2 AND unit_id = 3$$) AS changed;
SELECT count(*) FROM (SELECT * FROM public.before
	WHERE plan_id = 1 EXCEPT TABLE targets) AS changed;

-- Published by the very statement that writes the draft: its later rows are those of a published
-- plan.
CREATE FUNCTION public.sneak(unit_id int, suggested numeric) RETURNS numeric LANGUAGE plpgsql
AS $$
BEGIN
	IF unit_id = 2 THEN
		PERFORM publish_plan(3);
	END IF;
	RETURN CASE unit_id WHEN 3 THEN 77 ELSE suggested END;
END
$$;
INSERT INTO periods VALUES ('R', '[2026-01-01,2026-04-01)');
SELECT count(*) FROM allocate_targets('R', 100, root => 'CN');
SELECT error_of($$UPDATE targets SET suggested = public.sneak(unit_id, suggested)
	WHERE plan_id = 3$$);
SELECT error_of($$INSERT INTO targets (plan_id, unit_id, suggested) SELECT 3, 4, suggested
	FROM (SELECT public.sneak(2, 0) AS suggested OFFSET 0) AS s$$);

-- Closed: not even the amount, though the same value again is no change.
SELECT close_period('P');
SELECT error_of($$UPDATE targets SET amount = 51 WHERE plan_id = 1 AND unit_id = 2$$);
SELECT refusal($$UPDATE targets SET amount = 9999 WHERE plan_id = 1$$) AS beyond_the_cap,
	refusal($$UPDATE targets SET amount = 50.001 WHERE plan_id = 1
		AND unit_id = 2$$) AS off_the_step,
	refusal($$UPDATE targets SET suggested = 51 WHERE plan_id = 1$$) AS suggested,
	refusal($$DELETE FROM targets WHERE plan_id = 1$$) AS deleted,
	refusal($$INSERT INTO targets (plan_id, unit_id) VALUES (1, 4)$$) AS added,
	refusal($$TRUNCATE targets$$) AS truncated,
	refusal($$DELETE FROM plans WHERE plan_id = 1$$) AS plan_deleted;
SELECT count(*) FROM verify() WHERE NOT ok;

ROLLBACK;
