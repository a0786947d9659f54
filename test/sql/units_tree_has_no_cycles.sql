-- The units and their parents form a tree, whatever statement would make a cycle.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

INSERT INTO units (unit_id, code, parent_id) VALUES (1, 'A', NULL), (2, 'B', 1), (3, 'C', 2),
	(4, 'D', 3);

-- A unit above itself, by insert and by update.
SELECT error_of($$INSERT INTO units (unit_id, code, parent_id) VALUES (9, 'X', 9)$$);
SELECT error_of($$UPDATE units SET parent_id = 1 WHERE code = 'A'$$);
SELECT error_of($$UPDATE units SET unit_id = 9, parent_id = 9 WHERE code = 'D'$$);

-- Two steps: the parent below its child; and three.
SELECT error_of($$UPDATE units SET parent_id = 2 WHERE code = 'A'$$);
SELECT error_of($$UPDATE units SET parent_id = 4 WHERE code = 'A'$$);

-- Two rows of one statement that are each other's parents.
SELECT refusal($$INSERT INTO units (unit_id, code, parent_id) VALUES (10, 'X', 11),
	(11, 'Y', 10)$$);
SELECT refusal($$UPDATE units SET parent_id = CASE code WHEN 'C' THEN 4 ELSE 3 END
	WHERE code IN ('C', 'D')$$);

-- An upsert and a merge are an insert and an update.
SELECT refusal($$INSERT INTO units (unit_id, code) VALUES (90, 'B')
	ON CONFLICT (code) DO UPDATE SET parent_id = 4$$);
SELECT refusal($$MERGE INTO units u USING (VALUES ('B', 4)) v(code, parent_id) ON u.code = v.code
	WHEN MATCHED THEN UPDATE SET parent_id = v.parent_id$$);

-- A statement that leaves a tree behind may turn it around: B above A.
UPDATE units SET parent_id = CASE code WHEN 'A' THEN 2 END WHERE code IN ('A', 'B');
SELECT unit, parent, path FROM unit_tree ORDER BY path COLLATE "C";

-- A hundred rows in one statement take another way: a ring, a ring further down, and none.
SELECT error_of($$INSERT INTO units (unit_id, code, parent_id)
	SELECT 100 + g, 'R' || g, 100 + g % 100 + 1 FROM generate_series(1, 100) g$$);
INSERT INTO units (unit_id, code, parent_id)
	SELECT 100 + g, 'L' || g, CASE WHEN g = 1 THEN 1 ELSE 99 + g END FROM generate_series(1, 100) g;
SELECT refusal($$UPDATE units SET parent_id = CASE WHEN unit_id = 150 THEN 199 ELSE unit_id - 1 END
	WHERE unit_id BETWEEN 150 AND 200$$);
-- Upside down, 51 edges at once, and still a tree.
UPDATE units SET parent_id = CASE WHEN unit_id = 200 THEN 149 ELSE unit_id + 1 END
	WHERE unit_id BETWEEN 150 AND 200;
SELECT unit, depth, is_leaf FROM unit_tree WHERE unit IN ('L49', 'L100', 'L51', 'L50')
	ORDER BY depth;

-- What has not changed is not looked at again; a unit may come to stand at the top.
UPDATE units SET name = code, parent_id = parent_id;
UPDATE units SET parent_id = NULL WHERE code = 'C';
SELECT count(*) FROM unit_tree WHERE parent_id IS NULL;
SELECT check_name, ok FROM verify(ARRAY['tree', 'references']);

ROLLBACK;
