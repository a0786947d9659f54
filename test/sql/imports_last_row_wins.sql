-- I3: the last row for a key wins, in a batch and across statements; loading the same again writes nothing.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile();
INSERT INTO units_in (code) VALUES ('A'), ('B');
INSERT INTO employees_in (source, source_id, name, unit, hired_on) VALUES ('hr', 'e1', 'Li', 'A', '2020-01-01');
INSERT INTO customers_in (source, source_id, name, unit) VALUES ('crm', 'c1', 'one', 'A'), ('crm', 'c1', 'last', 'B');
SELECT source_id, name, unit_id FROM customers;

INSERT INTO deals_in VALUES ('crm', 'd1', 'A', NULL, 'c1', '2025-01-01', NULL, NULL, '1'), ('crm', 'd2', 'A', NULL, NULL, NULL, NULL, NULL, '5'),
	('crm', 'd1', 'B', NULL, NULL, NULL, '2025-02-01', 'Won', '2'), ('crm', 'd1', 'B', NULL, NULL, NULL, '2025-02-01', 'Won', 'bad');
SELECT source_id, unit_id, customer_id, opened_on, closed_on, won, amount FROM deals ORDER BY 1;
INSERT INTO deals_in VALUES ('crm', 'd1', 'A', NULL, 'c1', '2025-01-01', NULL, NULL, '3');
SELECT source_id, unit_id, customer_id, opened_on, closed_on, won, amount FROM deals ORDER BY 1;

-- A reload of everything leaves every row where it is: not one new version.
INSERT INTO visits_in VALUES ('crm', 'v1', 'A', NULL, 'c1', '2025-03-01');
INSERT INTO revenues_in VALUES ('fin', 'r1', 'A', NULL, NULL, '2025-03-01', '7.50');
INSERT INTO assignments_in VALUES ('hr', 'e1', 'A', '2020-01-01', NULL);
INSERT INTO signals_in VALUES ('rep', 'A', 'tilt', '2025-01-01', '1.5');
CREATE TEMP TABLE before AS
SELECT 'units' AS t, ctid::text AS at, u::text AS r FROM units u UNION ALL SELECT 'employees', ctid::text, e::text FROM employees e
UNION ALL SELECT 'assignments', ctid::text, a::text FROM assignments a UNION ALL SELECT 'customers', ctid::text, c::text FROM customers c
UNION ALL SELECT 'visits', ctid::text, v::text FROM visits v UNION ALL SELECT 'deals', ctid::text, d::text FROM deals d
UNION ALL SELECT 'revenues', ctid::text, r::text FROM revenues r UNION ALL SELECT 'signals', ctid::text, s::text FROM signals s
UNION ALL SELECT 'rejects', ctid::text, i::text FROM import_rejects i;
INSERT INTO units_in SELECT * FROM units_in;
INSERT INTO employees_in SELECT * FROM employees_in;
INSERT INTO assignments_in SELECT * FROM assignments_in;
INSERT INTO customers_in SELECT * FROM customers_in;
INSERT INTO visits_in SELECT * FROM visits_in;
INSERT INTO deals_in SELECT * FROM deals_in;
INSERT INTO revenues_in SELECT * FROM revenues_in;
INSERT INTO signals_in SELECT * FROM signals_in;
SELECT t, count(*) FROM before GROUP BY t ORDER BY t;
CREATE TEMP TABLE after AS
SELECT 'units' AS t, ctid::text AS at, u::text AS r FROM units u UNION ALL SELECT 'employees', ctid::text, e::text FROM employees e
UNION ALL SELECT 'assignments', ctid::text, a::text FROM assignments a UNION ALL SELECT 'customers', ctid::text, c::text FROM customers c
UNION ALL SELECT 'visits', ctid::text, v::text FROM visits v UNION ALL SELECT 'deals', ctid::text, d::text FROM deals d
UNION ALL SELECT 'revenues', ctid::text, r::text FROM revenues r UNION ALL SELECT 'signals', ctid::text, s::text FROM signals s
UNION ALL SELECT 'rejects', ctid::text, i::text FROM import_rejects i;
SELECT count(*) AS changed FROM (TABLE before EXCEPT TABLE after UNION ALL (TABLE after EXCEPT TABLE before)) c;

-- A bad row with a good one of its key below it in the same statement is refused no more; one that stands below the
-- good one is, and is tried again, and so is a repeated one whose last place is below.
SELECT line FROM import_rejects ORDER BY reject_id;
DELETE FROM import_rejects;
INSERT INTO deals_in (source, source_id, unit, amount) VALUES ('crm', 'above', 'N', '1'), ('crm', 'above', 'A', '2'), ('crm', 'below', 'A', '2'),
	('crm', 'below', 'N', '1'), ('crm', 'both', 'N', '1'), ('crm', 'both', 'A', '2'), ('crm', 'both', 'N', '1'), ('fin', 'above', 'N', '1');
SELECT source, row ->> 'source_id' AS id, line FROM import_rejects ORDER BY line;
INSERT INTO units_in (code) VALUES ('N');
SELECT retry_rejects();
SELECT d.source, d.source_id, u.code, d.amount FROM deals d JOIN units u USING (unit_id) WHERE d.source_id IN ('above', 'below', 'both') ORDER BY 1, 2;
SELECT count(*) FROM import_rejects;

-- Over more than one batch, too; and refused again alone, it is refused.
INSERT INTO deals_in (source, source_id, unit, amount)
SELECT 'far', CASE WHEN g IN (1, 40000) THEN 'x' WHEN g IN (2, 20000, 50000) THEN 'y' ELSE 'n' || g END, CASE WHEN g IN (1, 2, 50000) THEN 'M' ELSE 'A' END, g
FROM generate_series(1, 50000) g;
SELECT row ->> 'source_id' AS id, line FROM import_rejects ORDER BY line;
INSERT INTO deals_in (source, source_id, unit, amount) VALUES ('far', 'x', 'M', '1');
SELECT row ->> 'source_id' AS id, line FROM import_rejects ORDER BY line;
DELETE FROM import_rejects;
DELETE FROM deals WHERE source = 'far';

-- Two systems' rows that look alike are two rejects.
INSERT INTO signals_in VALUES ('one', 'A', 'x', '2025-01-01', 'bad'), ('two', 'A', 'x', '2025-01-01', 'bad'), ('one', 'A', 'x', '2025-01-01', 'bad');
SELECT source, line FROM import_rejects ORDER BY line;
SELECT * FROM import_dingtalk('{"errcode": 0, "result": {"list": [{"userid": "u", "name": "w", "dept_id_list": [9]}]}}', 'ding1');
SELECT * FROM import_dingtalk('{"errcode": 0, "result": {"list": [{"userid": "u", "name": "w", "dept_id_list": [9]}]}}', 'ding2');
SELECT source FROM import_rejects WHERE target = 'employees_in' ORDER BY reject_id;
DELETE FROM import_rejects;

-- More rows than one batch: new ones, then the same with every tenth changed, the last of three for a key.
INSERT INTO deals_in (source, source_id, unit, amount) SELECT 'big', g, 'A', g FROM generate_series(1, 70000) g;
SELECT count(*), sum(amount), count(DISTINCT source_id) FROM deals WHERE source = 'big';
INSERT INTO deals_in (source, source_id, unit, amount)
SELECT 'big', g, 'A', CASE WHEN g % 10 = 0 THEN n ELSE g END FROM generate_series(1, 3) n, generate_series(1, 70000) g;
SELECT count(*), sum(amount) FROM deals WHERE source = 'big';
SELECT sum(CASE WHEN g % 10 = 0 THEN 3 ELSE g END) AS expected FROM generate_series(1, 70000) g;

-- RETURNING gives the raw row; views take neither UPDATE nor DELETE.
INSERT INTO deals_in (source, source_id, unit, amount) VALUES ('ret', 1, 'A', '1万') RETURNING *;
SELECT * FROM public.error_of('UPDATE deals_in SET amount = 1');
SELECT * FROM public.error_of('DELETE FROM deals_in');

ROLLBACK;
