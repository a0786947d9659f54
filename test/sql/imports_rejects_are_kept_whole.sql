-- I3: a bad row goes whole to import_rejects, once, and comes in when what it lacked is there.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile();
INSERT INTO units_in (code) VALUES ('A');
SET LOCAL client_min_messages = notice;
INSERT INTO deals_in VALUES ('crm', 'd1', 'A', NULL, NULL, NULL, NULL, NULL, '1'), ('crm', 'd2', 'B', 'e1', 'c1', '2025-01-01', NULL, NULL, '2'),
	('crm', 'd3', 'A', NULL, NULL, NULL, NULL, NULL, 'x'), (' crm ', 'd4', 'B', '', NULL, NULL, NULL, NULL, '4');
SET LOCAL client_min_messages = warning;
SELECT reject_id, target, source, line, row, reason, public.just_now(at) AS now FROM import_rejects ORDER BY 1;

-- Refused again: the row stands once, with its latest reason.
INSERT INTO deals_in VALUES ('crm', 'd3', 'A', NULL, NULL, NULL, NULL, NULL, 'x'), ('crm', 'd3', 'A', NULL, NULL, NULL, NULL, NULL, 'x');
INSERT INTO units_in (code) VALUES ('B');
INSERT INTO deals_in VALUES ('crm', 'd2', 'B', 'e1', 'c1', '2025-01-01', NULL, NULL, '2');
SELECT reject_id, line, reason FROM import_rejects ORDER BY 1;

-- Mended piece by piece: a unit is there now, then an employee, then a customer.
SELECT retry_rejects();
SELECT reject_id, reason FROM import_rejects ORDER BY 1;
INSERT INTO employees_in (source, source_id) VALUES ('crm', 'e1');
SELECT retry_rejects();
INSERT INTO customers_in (source, source_id, unit) VALUES ('crm', 'c1', 'A');
SELECT retry_rejects();
SELECT reject_id, reason FROM import_rejects ORDER BY 1;
SELECT source_id, unit_id, employee_id, customer_id, amount FROM deals ORDER BY 1;

-- What was refused of a row goes when a later version of it comes in: it would only undo that.
INSERT INTO deals_in VALUES ('crm', 'd3', 'A', NULL, NULL, NULL, NULL, NULL, '33');
SELECT count(*) FROM import_rejects;

-- Of two refused versions the later one is kept, and the one that stands.
INSERT INTO deals_in VALUES ('crm', 'd9', 'C', NULL, NULL, NULL, NULL, NULL, '1');
INSERT INTO deals_in VALUES ('crm', 'd9', 'C', NULL, NULL, NULL, NULL, NULL, '2');
INSERT INTO units_in (code) VALUES ('C');
SELECT retry_rejects();
SELECT amount FROM deals WHERE source_id = 'd9';

-- Rejects of every view come back through the same door.
INSERT INTO employees_in (source, source_id, unit) VALUES ('hr', '1', 'D');
INSERT INTO assignments_in VALUES ('hr', '2', 'A', '2025-01-01', NULL);
INSERT INTO customers_in (source, source_id, unit) VALUES ('crm', 'c9', 'D');
INSERT INTO visits_in VALUES ('crm', 'v1', 'D', NULL, NULL, '2025-01-01');
INSERT INTO revenues_in VALUES ('fin', 'r1', 'D', NULL, NULL, '2025-01-01', '1');
INSERT INTO signals_in VALUES ('rep', 'D', 'tilt', '2025-01-01', '1');
INSERT INTO units_in (code, parent) VALUES ('D', 'E');
SELECT add_year(2025);
INSERT INTO targets_in VALUES ('2025Q1', 'D', '1');
SELECT target, source, reason FROM import_rejects ORDER BY reject_id;
INSERT INTO units_in (code) VALUES ('E');
INSERT INTO employees_in (source, source_id) VALUES ('hr', '2');
SELECT retry_rejects();
SELECT target, reason FROM import_rejects ORDER BY reject_id;
SELECT retry_rejects();
SELECT count(*) FROM import_rejects;

-- A column that the view does not have fails the statement.
SELECT * FROM public.error_of($$INSERT INTO deals_in (source, nothing) VALUES (1, 2)$$);

-- A cell of many megabytes is refused, whole, and in a name it is taken.
INSERT INTO deals_in (source, source_id, unit, amount) VALUES ('long', '1', 'A', repeat('9', 10000000));
INSERT INTO deals_in (source, source_id, unit, amount) SELECT 'long', string_agg(md5(g::text), ''), 'A', '1' FROM generate_series(1, 300000) g;
INSERT INTO customers_in (source, source_id, unit, name) VALUES ('long', '1', 'A', repeat('n', 10000000));
SELECT line, length(row ->> 'amount') AS amount, length(row ->> 'source_id') AS source_id, left(reason, 60) AS reason,
	length(reason) < 500 AS short FROM import_rejects ORDER BY reject_id;
SELECT length(name) FROM customers WHERE source = 'long';

ROLLBACK;
