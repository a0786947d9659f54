-- What would be foreign keys: no row refers to a key that is not there, and no key goes that is
-- referred to, by whatever statement.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied;
INSERT INTO units (unit_id, code) SELECT g, 'U' || g FROM generate_series(1, 20) g;
INSERT INTO periods SELECT 'P' || g, daterange(date '2025-01-01' + 30 * g,
	date '2025-01-01' + 30 * g + 30)
	FROM generate_series(1, 6) g;
INSERT INTO employees (employee_id) SELECT g FROM generate_series(1, 5) g;
INSERT INTO customers (customer_id, unit_id) SELECT g, 20 FROM generate_series(1, 4) g;

-- The side that refers, by insert; of some hundred rows the one that leads nowhere is found.
SELECT error_of($$INSERT INTO visits (unit_id) SELECT CASE g WHEN 77 THEN 99 ELSE g % 20 + 1 END
	FROM generate_series(1, 300) g$$);
SELECT split_part(refusal(s), ': ', 1) AS refused, s AS statement FROM unnest(ARRAY[
	$$INSERT INTO units (unit_id, code, parent_id) VALUES (50, 'X', 99)$$,
	$$INSERT INTO past_parents VALUES (99, '2025-01-01', NULL)$$,
	$$INSERT INTO past_parents VALUES (1, '2025-01-01', 99)$$,
	$$INSERT INTO successions VALUES (99, 1)$$,
	$$INSERT INTO successions VALUES (1, 99)$$,
	$$INSERT INTO duties VALUES ('nobody', 99, 'viewer')$$,
	$$INSERT INTO months VALUES ('M', 'P99', '[2025-02-01,2025-02-02)')$$,
	$$INSERT INTO assignments VALUES (99, 1, '[2025-01-01,)')$$,
	$$INSERT INTO assignments VALUES (1, 99, '[2025-01-01,)')$$,
	$$INSERT INTO customers (customer_id, unit_id) VALUES (50, 99)$$,
	$$INSERT INTO visits (unit_id) VALUES (99)$$,
	$$INSERT INTO visits (unit_id, employee_id) VALUES (1, 99)$$,
	$$INSERT INTO visits (unit_id, customer_id) VALUES (1, 99)$$,
	$$INSERT INTO deals (unit_id) VALUES (99)$$,
	$$INSERT INTO deals (unit_id, employee_id) VALUES (1, 99)$$,
	$$INSERT INTO deals (unit_id, customer_id) VALUES (1, 99)$$,
	$$INSERT INTO revenues (unit_id) VALUES (99)$$,
	$$INSERT INTO revenues (unit_id, employee_id) VALUES (1, 99)$$,
	$$INSERT INTO revenues (unit_id, customer_id) VALUES (1, 99)$$,
	$$INSERT INTO signals (unit_id, signal, value) VALUES (99, 'x', 1)$$,
	$$INSERT INTO adoptions VALUES (99, '2025-01-01')$$,
	$$INSERT INTO bounds (period, unit_id) VALUES ('P99', 1)$$,
	$$INSERT INTO bounds (period, unit_id) VALUES ('P1', 99)$$,
	$$INSERT INTO standings (period, unit_id) VALUES ('P99', 1)$$,
	$$INSERT INTO standings (period, unit_id) VALUES ('P1', 99)$$,
	$$INSERT INTO plans (period, root_unit_id, total) VALUES ('P99', 1, 0)$$,
	$$INSERT INTO plans (period, root_unit_id, total) VALUES ('P1', 99, 0)$$,
	$$INSERT INTO plan_basis VALUES (99, 1, 'x', 'x', 1, '{}', '{}', '{}', NULL, '{}')$$,
	$$INSERT INTO plan_bounds VALUES (99, 1)$$,
	$$INSERT INTO targets (plan_id, unit_id) VALUES (99, 1)$$]) AS s;

-- A row for each reference, with a key that nothing else refers to.
INSERT INTO units (unit_id, code, parent_id) VALUES (21, 'child', 1);
INSERT INTO past_parents VALUES (21, '2020-01-01', 1);
INSERT INTO successions VALUES (21, 1);
INSERT INTO duties VALUES ('nobody', 16, 'viewer');
INSERT INTO months VALUES ('M', 'P1', '[2025-02-01,2025-02-02)');
INSERT INTO assignments VALUES (1, 2, '[2025-01-01,)');
INSERT INTO customers (customer_id, unit_id) VALUES (9, 3);
INSERT INTO visits (unit_id, employee_id, customer_id) VALUES (4, 2, 1);
INSERT INTO deals (unit_id, employee_id, customer_id) VALUES (5, 3, 2);
INSERT INTO revenues (unit_id, employee_id, customer_id) VALUES (6, 4, 3);
INSERT INTO signals (unit_id, signal, as_of, value) VALUES (7, 'x', '2025-01-01', 1);
INSERT INTO units (unit_id, code) VALUES (22, 'adopter');
INSERT INTO adoptions VALUES (22, '2025-01-01');
INSERT INTO bounds (period, unit_id) VALUES ('P2', 8);
INSERT INTO standings (period, unit_id) VALUES ('P3', 9);
INSERT INTO plans (plan_id, period, root_unit_id, total) VALUES (1, 'P4', 10, 0), (2, 'P5', 11, 0);
UPDATE units SET parent_id = CASE unit_id WHEN 12 THEN 19 ELSE 11 END WHERE unit_id IN (12, 19);
INSERT INTO targets (plan_id, unit_id) VALUES (2, 12);
UPDATE units SET parent_id = NULL WHERE unit_id IN (12, 19);
INSERT INTO plan_bounds VALUES (1, 17);
INSERT INTO silences (unit_id, during, comment) VALUES (20, '[2025-07-01,2025-07-08)', 'why');
INSERT INTO plan_basis VALUES (1, 18, 'x', 'x', 1, '{10}', '{1}', '{f}', NULL, '{1}');
SELECT error_of(s) FROM unnest(ARRAY['INSERT INTO targets (plan_id, unit_id) VALUES (2, 99)', 'INSERT INTO plan_bounds VALUES (1, 99)',
	$$INSERT INTO plan_basis VALUES (1, 99, 'x', 'x', 1, '{}', '{}', '{}', NULL, '{}')$$]) AS s;

-- The side that refers, by update.
SELECT split_part(refusal(format('UPDATE %I SET %I = %L', child, child_column,
	CASE parent WHEN 'periods' THEN 'P99' ELSE '99' END)), ': ', 1) AS refused
FROM declared_references()
WHERE child NOT IN ('standings', 'plans', 'adjustments', 'signatures', 'filings', 'answers', 'market_events', 'alerts', 'reviews', 'reminders')
	AND child NOT LIKE 'attached%' AND (child, child_column) <> ('targets', 'parent_unit_id');
-- Standings and plans are frozen before that; what the valve wrote and what was counted elsewhere is too. What is said of a target's parent
-- is overruled.

-- The side that is referred to: the key deleted, and changed.
SELECT error_of($$DELETE FROM units WHERE unit_id = 4$$);
SELECT error_of($$UPDATE periods SET period = 'P88' WHERE period = 'P3'$$);
CREATE TABLE public.keys AS SELECT * FROM (VALUES
	('units', 'unit_id', '1'), ('units', 'unit_id', '2'), ('units', 'unit_id', '3'),
		('units', 'unit_id', '4'),
	('units', 'unit_id', '5'), ('units', 'unit_id', '6'), ('units', 'unit_id', '7'),
		('units', 'unit_id', '8'),
	('units', 'unit_id', '9'), ('units', 'unit_id', '10'), ('units', 'unit_id', '12'), ('units', 'unit_id', '16'), ('units', 'unit_id', '22'),
	('units', 'unit_id', '17'), ('units', 'unit_id', '18'), ('units', 'unit_id', '19'),
		('periods', 'period', 'P1'),
	('periods', 'period', 'P2'), ('periods', 'period', 'P3'), ('periods', 'period', 'P4'),
	('employees', 'employee_id', '1'), ('employees', 'employee_id', '2'),
		('employees', 'employee_id', '3'),
	('employees', 'employee_id', '4'), ('customers', 'customer_id', '1'),
		('customers', 'customer_id', '2'),
	('customers', 'customer_id', '3')) AS k(parent, key, value);
SELECT k.*, split_part(refusal(format('DELETE FROM %I WHERE %I = %L', parent, key, value)), ': ',
	1) AS deleted,
	split_part(refusal(format('UPDATE %I SET %I = %L WHERE %I = %L', parent, key,
		CASE parent WHEN 'periods' THEN 'P88' ELSE '88' END, key, value)), ': ', 1) AS changed
FROM public.keys k;

-- Truncated.
SELECT split_part(refusal('TRUNCATE ' || parent), ': ', 1) AS refused, parent
FROM (SELECT DISTINCT parent FROM declared_references()) r
WHERE parent NOT IN ('plans', 'months', 'targets', 'adjustments', 'market_events', 'alerts', 'reviews', 'reminders', 'attachments')
	ORDER BY parent COLLATE "C";
SELECT error_of($$TRUNCATE plans$$);
-- Which leaves no plan behind.
SELECT count(*) FROM pg_backend_memory_contexts WHERE ident LIKE 'SELECT % FROM regtarget.% IS NOT NULL LIMIT 1';

-- A key that comes back in the same statement has not gone; what nobody refers to may go; both
-- sides may go together, in either order of statements.
SELECT refusal($$UPDATE units SET unit_id = 26 - unit_id WHERE unit_id IN (13)$$);
SELECT refusal($$DELETE FROM units WHERE unit_id IN (13, 14, 15)$$);
SELECT refusal($$UPDATE periods SET period = period$$);
SELECT refusal($$TRUNCATE visits, deals, revenues, customers, assignments, employees$$);
DELETE FROM past_parents;
DELETE FROM successions;
SELECT refusal($$DELETE FROM units WHERE unit_id IN (1, 21)$$);
-- Nothing refers to a null.
SELECT refusal($$INSERT INTO visits (unit_id, employee_id, customer_id) VALUES (2, NULL, NULL)$$);
-- (A bound of a unit that its plan has not is another kind of orphan.)
SELECT * FROM verify(ARRAY['references']);
DELETE FROM plan_bounds;
SELECT * FROM verify(ARRAY['references']);

ROLLBACK;

-- At REPEATABLE READ a transaction sees its own rows, and errors are the same.
\set VERBOSITY terse
\set ON_ERROR_ROLLBACK on
BEGIN ISOLATION LEVEL REPEATABLE READ;
INSERT INTO regtarget.units (unit_id, code) VALUES (1, 'A'), (2, 'B');
INSERT INTO regtarget.visits (unit_id) VALUES (1);
INSERT INTO regtarget.visits (unit_id) VALUES (3);
DELETE FROM regtarget.units WHERE unit_id = 1;
DELETE FROM regtarget.units WHERE unit_id = 2;
DELETE FROM regtarget.visits;
DELETE FROM regtarget.units;
ROLLBACK;
