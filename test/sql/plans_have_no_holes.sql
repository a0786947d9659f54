-- T4: a plan that lacks a unit of which both a sibling and something below are in it is not published. A
-- level left out as a whole stays possible, and so does a plan without its root.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied;
INSERT INTO periods VALUES ('P', '[2025-07-01,2025-10-01)'), ('Q', '[2025-10-01,2026-01-01)'), ('R', '[2026-01-01,2026-04-01)');
INSERT INTO units (unit_id, code, parent_id)
VALUES (1, 'CN', NULL), (2, 'EAST', 1), (3, 'WEST', 1), (4, 'SH', 2), (5, 'HZ', 2), (6, 'CD', 3), (7, 'SH1', 4), (8, 'HK', NULL), (9, 'HK1', 8);

-- A region's row refused, its groups published without it: that was the total of two regions and one group.
INSERT INTO targets_in VALUES ('P', 'CN', '100'), ('P', 'EAST', '60x'), ('P', 'WEST', '100'), ('P', 'SH', '40'), ('P', 'HZ', '20'), ('P', 'CD', '100');
SELECT reject_id, line, row, reason FROM import_rejects;
SELECT error_of('SELECT publish_plan(1)');
-- Named by an alias, with spaces around it: its row is known all the same. That of an unknown unit may be it.
UPDATE import_rejects SET row = jsonb_set(row, '{unit}', '" Ost "');
INSERT INTO aliases VALUES ('unit', '', 'Ost', 'EAST');
SELECT error_of('SELECT publish_plan(1)');
DELETE FROM aliases;
SELECT error_of('SELECT publish_plan(1)');
INSERT INTO import_rejects (reject_id, target, line, row, reason)
SELECT 10 + n, 'targets_in', n, '{"period": "P", "unit": "?", "suggested": "1"}'::jsonb || jsonb_build_object('suggested', n), 'why' FROM generate_series(1, 10) n;
SELECT error_of('SELECT publish_plan(1)');
-- Those of another view or period do not wait for it.
UPDATE import_rejects SET target = 'deals_in' WHERE reject_id <= 16;
UPDATE import_rejects SET row = jsonb_set(row, '{period}', '"Q"') WHERE reject_id > 16;
SELECT error_of('SELECT publish_plan(1)');
-- A planner is told of the rejects that he sees.
CREATE ROLE regress_regtarget_planner;
SELECT grant_duty('regress_regtarget_planner', 'CN', 'planner');
GRANT EXECUTE ON FUNCTION error_of(text) TO PUBLIC;
UPDATE import_rejects SET row = '{"period": "P", "unit": "EAST", "suggested": "60x"}', target = 'targets_in' WHERE reject_id = 1;
SET LOCAL ROLE regress_regtarget_planner;
SELECT public.error_of('SELECT publish_plan(1)');
RESET ROLE;
UPDATE import_rejects SET by_duty_of = 'regress_regtarget_planner' WHERE reject_id = 1;
SET LOCAL ROLE regress_regtarget_planner;
SELECT public.error_of('SELECT publish_plan(1)');
RESET ROLE;
-- Mended.
INSERT INTO targets_in VALUES ('P', 'EAST', '60'), ('P', 'WEST', '40'), ('P', 'CD', '40');
SELECT refusal('SELECT publish_plan(1)') AS mended;

-- What is missing and what is not a hole, typed by hand: amounts always add up.
CREATE FUNCTION public.published(members text[]) RETURNS text LANGUAGE plpgsql
AS $$
DECLARE
	said text;
BEGIN
	INSERT INTO plans (plan_id, period, root_unit_id, total) VALUES (50, 'Q', 1, 0);
	INSERT INTO targets (plan_id, unit_id, suggested) SELECT 50, unit_id, 0 FROM units WHERE code = ANY (members);
	said := concat_ws(' | ', VARIADIC ARRAY(SELECT * FROM public.error_of('SELECT publish_plan(50)')));
	RAISE EXCEPTION USING errcode = 'TEST0';
EXCEPTION WHEN sqlstate 'TEST0' THEN
	RETURN said;
END
$$;
SELECT members, public.published(members::text[]) FROM (VALUES
	('{CN}'), ('{EAST,WEST}'), ('{CN,SH,HZ,CD}'), ('{SH,HZ,CD}'), ('{SH1,CD}'), ('{CN,EAST,WEST,SH,CD}'), ('{EAST,SH1,HZ}'),
	('{CN,WEST,SH}'), ('{WEST,SH1}'), ('{EAST,CD}'), ('{CN,EAST,WEST,HZ,SH1}'), ('{CN,SH1}'), ('{CN,EAST,SH1}'), ('{CN,EAST,WEST,SH1,CD}')
	) AS v (members);

-- The top rows' sum without the root, as imports make it.
INSERT INTO targets_in VALUES ('R', 'EAST', '60'), ('R', 'WEST', '40'), ('R', 'SH', '60');
SELECT plan_id, total, refusal(format('SELECT publish_plan(%s)', plan_id)) FROM plans WHERE period = 'R' AND root_unit_id = 1;

-- A level left out as a whole, with amounts: what is next below adds up to what is next above, and counts once.
INSERT INTO periods VALUES ('T', '[2026-04-01,2026-07-01)'), ('U', '[2026-07-01,2026-10-01)'), ('V', '[2026-10-01,2027-01-01)');
INSERT INTO targets_in VALUES ('T', 'CN', '100'), ('T', 'SH', '40'), ('T', 'HZ', '20'), ('T', 'CD', '30');
SELECT plan_id, total, error_of(format('SELECT publish_plan(%s)', plan_id)) FROM plans WHERE period = 'T';
INSERT INTO targets_in VALUES ('T', 'CD', '40');
SELECT plan_id, total, refusal(format('SELECT publish_plan(%s)', plan_id)) FROM plans WHERE period = 'T';
-- Without the root, the groups left out, one row after the other: the total is what the regions come to.
INSERT INTO units (unit_id, code, parent_id) VALUES (10, 'CD1', 6);
INSERT INTO targets_in VALUES ('U', 'SH1', '60');
INSERT INTO targets_in VALUES ('U', 'EAST', '60'), ('U', 'CD1', '40');
INSERT INTO targets_in VALUES ('U', 'WEST', '40');
SELECT plan_id, total, refusal(format('SELECT publish_plan(%s)', plan_id)) FROM plans WHERE period = 'U';
INSERT INTO plans (plan_id, period, root_unit_id, total) VALUES (60, 'V', 1, 190);
INSERT INTO targets (plan_id, unit_id, suggested) VALUES (60, 2, 60), (60, 3, 40), (60, 7, 60), (60, 10, 40);
SELECT error_of('SELECT publish_plan(60)');
UPDATE plans SET total = 100 WHERE plan_id = 60;
SELECT refusal('SELECT publish_plan(60)');
SELECT * FROM verify() WHERE NOT ok;

ROLLBACK;
