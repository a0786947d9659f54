-- I1: assignments by employee and first day; a row that would overlap another of its statement is a reject, whatever the order.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

INSERT INTO units_in (code) VALUES ('A'), ('B'), ('C');
INSERT INTO employees_in (source, source_id) VALUES ('hr', '1'), ('hr', '2'), ('hr', '3');
CREATE TEMP VIEW stays AS SELECT e.source_id, u.code, a.during FROM assignments a JOIN employees e USING (employee_id) JOIN units u USING (unit_id) ORDER BY 1, 3;
INSERT INTO assignments_in VALUES ('hr', '1', 'A', '2024-01-01', NULL), ('hr', '2', 'A', '2024-01-01', '2024-12-31'), ('hr', '2', 'B', '2025-01-01', NULL);
SELECT * FROM stays;

-- An open end is closed and what follows is opened by one file, in either order; units are swapped, too.
INSERT INTO assignments_in VALUES ('hr', '1', 'B', '2025-01-01', NULL), ('hr', '1', 'A', '2024-01-01', '2024-12-31'),
	('hr', '2', 'B', '2024-01-01', '2024-11-30'), ('hr', '2', 'A', '2025-01-01', NULL);
SELECT * FROM stays;
SELECT line, reason FROM import_rejects ORDER BY reject_id;

-- Of two rows that overlap the later is refused; the last one for a first day wins; a row that is refused moves nothing.
INSERT INTO assignments_in VALUES ('hr', '3', 'A', '2024-01-01', '2024-12-31'), ('hr', '3', 'B', '2024-06-01', NULL), ('hr', '3', 'C', '2025-01-01', NULL),
	('hr', '3', 'C', '2024-01-01', '2024-06-30'), ('hr', '1', 'C', '2024-01-01', '2025-01-01'), ('hr', '1', 'C', '2025-06-01', '2025-05-31'),
	('hr', '1', 'C', '2025-07-01', '2025-07-31'), ('hr', '9', 'Z', '2025-07-01', NULL);
SELECT * FROM stays;
SELECT line, reason FROM import_rejects ORDER BY reject_id;

ROLLBACK;
