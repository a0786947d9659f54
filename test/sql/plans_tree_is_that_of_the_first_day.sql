-- T4: a draft is published only while its tree is that of its period's first day, and all of its units are
-- open then.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied;
INSERT INTO periods VALUES ('P', '[2025-07-01,2025-10-01)'), ('Q', '[2025-10-01,2026-01-01)');
INSERT INTO units (unit_id, code, parent_id)
VALUES (1, 'CN', NULL), (2, 'EAST', 1), (3, 'WEST', 1), (4, 'SH', 2), (5, 'HZ', 2), (6, 'CD', 3), (7, 'SH1', 4), (8, 'HK', NULL);
DELETE FROM factors;
INSERT INTO factors (signal) VALUES ('market');
INSERT INTO signals (unit_id, signal, as_of, value) SELECT unit_id, 'market', '2025-01-01', unit_id FROM units;
SELECT count(*) FROM allocate_targets('P', 100, root => 'CN');

-- What publishing says after a change of the units.
CREATE FUNCTION public.published_after(change text, plan bigint DEFAULT 1) RETURNS SETOF text LANGUAGE plpgsql
AS $$
BEGIN
	EXECUTE change;
	RETURN QUERY SELECT * FROM public.error_of(format('SELECT publish_plan(%s)', plan));
	RAISE EXCEPTION USING errcode = 'TEST0';
EXCEPTION WHEN sqlstate 'TEST0' THEN
	RETURN;
END
$$;

-- A unit is below another one than in the draft: a sibling's, its own grandparent, a stranger; at the top.
SELECT public.published_after('UPDATE units SET parent_id = 3 WHERE unit_id = 4');
SELECT public.published_after('UPDATE units SET parent_id = 1 WHERE unit_id = 4');
SELECT public.published_after('UPDATE units SET parent_id = 8 WHERE unit_id = 3');
SELECT public.published_after('UPDATE units SET parent_id = NULL WHERE unit_id = 2');
-- The root itself may get or change its parent: the plan is of what is below it.
SELECT public.published_after('UPDATE units SET parent_id = 8 WHERE unit_id = 1');
-- Where a level is left out, the parent is the same and yet no longer below the root.
INSERT INTO plans (plan_id, period, root_unit_id, total, label) VALUES (11, 'P', 1, 100, 'typed');
INSERT INTO targets (plan_id, unit_id, suggested) VALUES (11, 4, 60), (11, 5, 15), (11, 6, 25);
SELECT public.published_after('UPDATE units SET parent_id = 8 WHERE unit_id = 2', 11);
SELECT public.published_after('SELECT', 11);

-- Not open on the first day: closed before it, opened after it, below a closed one, the root.
SELECT public.published_after($$UPDATE units SET closed_on = '2025-06-30' WHERE unit_id = 5$$);
SELECT public.published_after($$UPDATE units SET opened_on = '2025-07-02' WHERE unit_id = 5$$);
SELECT public.published_after($$UPDATE units SET opened_on = '2025-01-01', closed_on = '2025-06-01' WHERE unit_id = 2$$, 11);
SELECT public.published_after($$UPDATE units SET closed_on = '2025-06-30' WHERE unit_id = 1$$);
-- On the edges they are; so is one that closes within the period, and what is not in the plan does not matter.
SELECT public.published_after($$UPDATE units SET closed_on = '2025-07-01' WHERE unit_id = 5$$);
SELECT public.published_after($$UPDATE units SET opened_on = '2025-07-01' WHERE unit_id = 5$$);
SELECT public.published_after($$INSERT INTO units (unit_id, code, parent_id) VALUES (21, 'NEW', 2)$$);
-- A unit that opens in the middle of the period may be typed, but is not of the plan.
INSERT INTO units (unit_id, code, parent_id, opened_on) VALUES (20, 'LATE', 3, '2025-08-01');
SELECT public.published_after('INSERT INTO targets (plan_id, unit_id, suggested) VALUES (1, 20, 0)');

-- A proposed plan, too. Allocated again, or where typed, typed again, it goes.
SELECT propose_plan(1);
UPDATE units SET parent_id = 3 WHERE unit_id = 4;
SELECT error_of('SELECT publish_plan(1)');
SELECT count(*) FROM allocate_targets('P', 100, root => 'CN');
SELECT refusal('SELECT publish_plan(1)') AS allocated_again;
SELECT * FROM verify() WHERE NOT ok;
INSERT INTO plans (plan_id, period, root_unit_id, total) VALUES (12, 'Q', 1, 100);
INSERT INTO targets (plan_id, unit_id, suggested) VALUES (12, 1, 100), (12, 2, 40), (12, 3, 60), (12, 4, 60);
UPDATE units SET parent_id = 2 WHERE unit_id = 4;
SELECT refusal('SELECT publish_plan(12)') AS moved;
UPDATE targets SET suggested = CASE unit_id WHEN 4 THEN 40 ELSE suggested END WHERE plan_id = 12;
SELECT refusal('SELECT publish_plan(12)') AS typed_again;
SELECT * FROM verify() WHERE NOT ok;

ROLLBACK;
