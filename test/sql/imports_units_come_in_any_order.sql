-- I1: units by code; a parent may stand behind its children; what would be above itself is refused.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

INSERT INTO units_in VALUES ('G1', 'Group', 'group', 'R1', NULL, NULL), ('R1', 'Region', 'region', 'CN', '2020-01-01', '2030年12月31日'), ('CN', 'Company', 'company', NULL, NULL, NULL);
SELECT * FROM units_in ORDER BY 1;
-- The whole row is the row: what it leaves out is nothing.
INSERT INTO units_in VALUES ('R1', 'Region One', NULL, 'CN', NULL, NULL);
SELECT * FROM units_in ORDER BY 1;
INSERT INTO units_in VALUES ('X', 'x', NULL, 'Y', NULL, NULL), ('Y', 'y', NULL, 'NOPE', NULL, NULL), ('S', 's', NULL, 'S', NULL, NULL), ('CN', 'c', NULL, 'G1', NULL, NULL),
	('G1', 'g', NULL, 'CN', NULL, NULL), ('T', 't', NULL, 'CN', '2025-01-02', '2025-01-01'), ('U', 'u', NULL, 'T', NULL, NULL), ('', 'v', NULL, NULL, NULL, NULL);
SELECT * FROM units_in ORDER BY 1;
SELECT line, row ->> 'code' AS code, reason FROM import_rejects ORDER BY line;
-- A unit that a later row of the statement hangs elsewhere is no cycle.
INSERT INTO units_in VALUES ('CN', 'c', NULL, 'G1', NULL, NULL), ('G1', 'g', NULL, NULL, NULL, NULL);
SELECT code, parent FROM units_in ORDER BY 1;
SELECT * FROM verify('{tree,references}');

ROLLBACK;
