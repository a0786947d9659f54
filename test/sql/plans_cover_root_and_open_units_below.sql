-- S3: a plan holds its root and every unit below it that is open on the period's first day; a unit
-- below a closed one is not.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied;
INSERT INTO periods VALUES ('P', '[2025-07-01,2025-10-01)');
INSERT INTO units (unit_id, code, parent_id, opened_on, closed_on)
	VALUES (1, 'CN', NULL, NULL, NULL),
	(2, 'first day is its last', 1, NULL, '2025-07-01'), (3, 'closed the day before', 1, NULL,
		'2025-06-30'),
	(4, 'opens on the first day', 1, '2025-07-01', NULL), (5, 'opens a day later', 1, '2025-07-02',
		NULL),
	(6, 'below closed', 3, NULL, NULL), (7, 'below below closed', 6, NULL, NULL),
		(8, 'below not yet open', 5, NULL, NULL),
	(9, 'below', 4, NULL, NULL), (10, 'below below', 9, NULL, NULL), (11, 'HK', NULL, NULL, NULL);
DELETE FROM factors;
INSERT INTO factors (signal) VALUES ('market');
INSERT INTO signals (unit_id, signal, as_of, value) SELECT unit_id, 'market', '2025-01-01', 1
	FROM units;

SELECT u.code, t.suggested FROM allocate_targets('P', 100, root => 'CN') t
	JOIN units u USING (unit_id) ORDER BY t.unit_id;
-- From the middle of the tree: its root has no parent in the plan, and takes the total.
SELECT u.code, t.parent_unit_id, t.suggested
FROM allocate_targets('P', 100, root => 'opens on the first day') t JOIN units u USING (unit_id)
	ORDER BY t.unit_id;
SELECT count(*) FROM allocate_targets('P', 100, root => 'HK');

-- Without a root, the one unit without a parent; here there are two, and there none.
SELECT error_of($$SELECT allocate_targets('P', 100)$$);
SELECT error_of($$SELECT allocate_targets('P', 100, root => 'closed the day before')$$);
SELECT error_of($$SELECT allocate_targets('P', 100, root => 'opens a day later')$$);
-- A root below a closed unit is open itself: the plan is its own.
SELECT count(*) FROM allocate_targets('P', 100, root => 'below closed');
DELETE FROM plans;
DELETE FROM signals;
UPDATE units SET parent_id = NULL;
DELETE FROM units;
SELECT error_of($$SELECT allocate_targets('P', 100)$$);

-- A deep tree, where everybody is an only child.
INSERT INTO units (unit_id, code, parent_id) SELECT g, 'U' || g, nullif(g - 1, 0)
	FROM generate_series(1, 200) g;
SELECT count(*), min(suggested), max(suggested) FROM allocate_targets('P', 100);
SELECT max(depth) FROM target_board;
SELECT amount, what FROM explain_target('U200', 'P') ORDER BY step DESC LIMIT 1;

ROLLBACK;
