-- I2: an id that a spreadsheet has shortened is none: several rows would become one.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile();
INSERT INTO units_in (code) VALUES ('A'), ('1E15');
INSERT INTO employees_in (source, source_id, unit) VALUES ('crm', 'e1', 'A');
INSERT INTO deals_in (source, source_id, unit, amount) VALUES ('crm', '9.61565E+15', 'A', '1'), ('crm', '9.61565E+15', 'A', '2'), ('crm', '9.61565E+15', 'A', '3'),
	('crm', '9615650000000001', 'A', '4'), ('crm', '1E15', '1E15', '5'), ('crm', '2E-7', 'A', '6'), ('crm', '#N/A', 'A', '7'), ('crm', '-', 'A', '8'), ('crm', '#12', 'A', '9');
SELECT source_id, amount FROM deals ORDER BY amount;
SELECT line, cause, column_name, reason FROM import_rejects ORDER BY line;
DELETE FROM import_rejects;

-- Wherever an id stands.
INSERT INTO units_in (code, parent) VALUES ('1.2E+11', NULL), ('B', '1.2E+11');
INSERT INTO employees_in (source, source_id, unit) VALUES ('crm', '1.2E+11', 'A'), ('crm', 'e2', '1.2E+11');
INSERT INTO assignments_in VALUES ('crm', '1,2E+11', 'A', '2025-01-01', NULL), ('crm', 'e1', '1.2E+11', '2025-01-01', NULL);
INSERT INTO customers_in (source, source_id, unit) VALUES ('crm', '1.2E+11', 'A'), ('crm', 'c1', '1.2E+11');
INSERT INTO visits_in VALUES ('crm', 'v1', 'A', '1.2E+11', NULL, '2025-01-01'), ('crm', 'v2', 'A', NULL, '1.2E+11', '2025-01-01'), ('crm', '1.2E+11', 'A', NULL, NULL, '2025-01-01');
INSERT INTO revenues_in VALUES ('crm', 'r1', '1.2E+11', NULL, NULL, '2025-01-01', '1'), ('crm', 'r2', 'A', '-', NULL, '2025-01-01', '1');
INSERT INTO signals_in VALUES ('crm', '1.2E+11', 'x', '2025-01-01', '1');
INSERT INTO targets_in VALUES ('2025Q1', '1.2E+11', '1');
SELECT target, line, cause, column_name FROM import_rejects ORDER BY reject_id;
-- A name, a source, a reason for leaving, a signal are texts.
INSERT INTO employees_in VALUES ('1E+15', 'e3', '1.2E+11', NULL, 'A', NULL, NULL, '#N/A');
INSERT INTO signals_in VALUES ('-', 'A', '1.2E+11', '2025-01-01', '1.2E+11');
SELECT source, name, leave_reason FROM employees WHERE source_id = 'e3';
SELECT source, signal, value FROM signals;

ROLLBACK;
