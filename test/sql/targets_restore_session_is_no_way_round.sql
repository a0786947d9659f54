-- A session that restores a dump has two settings off, and there INSERT triggers leave rows as they
-- are.  Whoever sets both by hand forges a draft at most: what must hold is checked when it is
-- published, verify() finds the rest, and nothing but inserts is let through.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied;
INSERT INTO periods VALUES ('P', '[2025-07-01,2025-10-01)'), ('Q', '[2025-10-01,2026-01-01)');
INSERT INTO months VALUES ('M', 'P', '[2025-07-01,2025-08-01)');
INSERT INTO units (unit_id, code, parent_id) VALUES (1, 'CN', NULL), (2, 'A', 1), (3, 'B', 1);
INSERT INTO standings VALUES (2, 'P', 2, 0.05);
DELETE FROM factors;
INSERT INTO factors (signal) VALUES ('market');
INSERT INTO signals (unit_id, signal, as_of, value) VALUES (2, 'market', '2025-01-01', 1),
	(3, 'market', '2025-01-01', 1);
INSERT INTO visits (unit_id) VALUES (3);
SELECT count(*) FROM allocate_targets('P', 100);
SELECT publish_plan(1);

SET LOCAL check_function_bodies = off;
-- One of the two is not enough.
SELECT refusal($$INSERT INTO visits (unit_id) VALUES (99)$$);
SET LOCAL row_security = off;
SET LOCAL check_function_bodies = on;
SELECT refusal($$INSERT INTO visits (unit_id) VALUES (99)$$);
SET LOCAL check_function_bodies = off;

-- Published targets, plans and standings are guarded as ever against update, delete and truncate.
SELECT s AS statement, split_part(refusal(s), ': ', 1) AS refused FROM unnest(ARRAY[
	'UPDATE targets SET amount = 500 WHERE unit_id = 1',
		'UPDATE targets SET suggested = 5 WHERE unit_id = 1', 'DELETE FROM targets',
	'TRUNCATE targets', 'UPDATE plans SET status = ''draft''', 'UPDATE plans SET total = 7',
		'DELETE FROM plans',
	'UPDATE standings SET penalty_rate = 0', 'DELETE FROM standings', 'TRUNCATE standings']) AS s;
-- References and the tree are, too.
SELECT s AS statement, split_part(refusal(s), ': ', 1) AS refused FROM unnest(ARRAY[
	'UPDATE visits SET unit_id = 99', 'DELETE FROM units WHERE unit_id = 3',
		'UPDATE units SET unit_id = 99 WHERE unit_id = 3',
	'TRUNCATE units', 'UPDATE units SET parent_id = 2 WHERE unit_id = 1',
		'UPDATE periods SET period = ''X'' WHERE period = ''P''',
	'UPDATE periods SET during = ''[2025-07-02,2025-10-01)'' WHERE period = ''P''']) AS s;

-- Functions work there as they do elsewhere: their own rows are guarded.
SELECT unit_id, suggested, penalty, baseline, cap FROM allocate_targets('P', 100, 'shadow');
SELECT count(*) FROM allocate_targets('Q', 100);
SELECT publish_plan(plan_id) FROM plans WHERE period = 'Q';

-- A forged draft: another tree, no penalty where a standing says so, a cap of its own, amounts off the baseline.
INSERT INTO units (unit_id, code) VALUES (4, 'HK'), (5, 'TW');
INSERT INTO standings VALUES (5, 'P', 2, 0.05);
INSERT INTO plans (plan_id, period, root_unit_id, total, cap, created_by)
	VALUES (10, 'P', 4, 100, 0.9, 'nobody');
INSERT INTO targets (plan_id, unit_id, parent_unit_id, period, suggested, baseline, amount, cap)
	VALUES (10, 4, NULL, 'P', 100, 100, 190, 0.9);
SELECT error_of($$SELECT publish_plan(10)$$);
DELETE FROM targets WHERE plan_id = 10;
INSERT INTO targets (plan_id, unit_id, parent_unit_id, period, suggested, baseline, amount, cap)
	VALUES (10, 5, 4, 'P', 100, 100, 100, 0.9);
SELECT error_of($$SELECT publish_plan(10)$$);
UPDATE units SET parent_id = 4 WHERE unit_id = 5;
SELECT error_of($$SELECT publish_plan(10)$$);
UPDATE units SET parent_id = NULL WHERE unit_id = 5;
DELETE FROM targets WHERE plan_id = 10;

-- A row forged into a published plan, a plan forged as published, a fact of nobody: verify() finds
-- them.
INSERT INTO targets (plan_id, unit_id, parent_unit_id, period, suggested, baseline, amount, cap)
	VALUES (1, 4, 1, 'P', 1, 1, 1, 0.15);
INSERT INTO plans (plan_id, period, root_unit_id, total, cap, created_by, status, published_at)
	VALUES (11, 'P', 5, 100, 0.15, 'nobody', 'published', clock_timestamp());
INSERT INTO targets (plan_id, unit_id, period, suggested, baseline, amount, cap)
	VALUES (11, 2, 'P', 100, 100, 110, 0.15);
INSERT INTO visits (unit_id) VALUES (99);
INSERT INTO units (unit_id, code, parent_id) VALUES (6, 'loop', 7), (7, 'pool', 6);
SELECT check_name, regexp_replace(detail, 'unit \d+', 'unit N', 'g') AS detail FROM verify() WHERE NOT ok;

ROLLBACK;
