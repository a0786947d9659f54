-- I4: a newcomer's unit opens an assignment, anybody else's moves him as of today; a fact without a unit
-- belongs to its employee's unit of that day.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile();
INSERT INTO units_in (code) VALUES ('A'), ('B'), ('C');
CREATE TEMP VIEW stays AS SELECT e.source_id, u.code,
	CASE WHEN lower(a.during) = today() THEN 'today' ELSE lower(a.during)::text END AS first,
	CASE WHEN upper(a.during) = today() THEN 'today' ELSE upper(a.during)::text END AS until
FROM assignments a JOIN employees e USING (employee_id) JOIN units u USING (unit_id) ORDER BY 1, lower(a.during);

-- Newcomers: from the first day, or today; who has left before today from his last day at the latest.
INSERT INTO employees_in (source, source_id, unit, hired_on, left_on) VALUES ('hr', '1', 'A', '2020-01-01', NULL), ('hr', '2', 'A', NULL, NULL),
	('hr', '3', 'A', '2020-01-01', '2021-12-31'), ('hr', '4', 'A', NULL, '2021-12-31'), ('hr', '5', 'A', '2999-01-01', NULL), ('hr', '6', NULL, NULL, NULL);
SELECT * FROM stays;
-- The same again changes nothing; so does saying nothing.
INSERT INTO employees_in (source, source_id, unit, hired_on, left_on) VALUES ('hr', '1', 'A', '2020-01-01', NULL), ('hr', '2', 'A', NULL, NULL),
	('hr', '3', 'A', '2020-01-01', '2021-12-31'), ('hr', '4', 'A', NULL, '2021-12-31'), ('hr', '5', 'A', '2999-01-01', NULL), ('hr', '6', NULL, NULL, NULL);
INSERT INTO employees_in (source, source_id, hired_on) VALUES ('hr', '1', '2020-01-01');
SELECT * FROM stays;
-- Moves: today; twice on a day; who has left moves no more; a move that is known already bounds the new one.
INSERT INTO assignments_in VALUES ('hr', '1', 'A', '2020-01-01', '2998-12-31'), ('hr', '1', 'C', '2999-01-01', NULL);
INSERT INTO employees_in (source, source_id, unit, hired_on, left_on) VALUES ('hr', '1', 'B', '2020-01-01', NULL), ('hr', '2', 'B', NULL, NULL),
	('hr', '3', 'B', '2020-01-01', '2021-12-31'), ('hr', '6', 'C', NULL, NULL);
SELECT * FROM stays;
INSERT INTO employees_in (source, source_id, unit, hired_on) VALUES ('hr', '1', 'C', '2020-01-01');
SELECT * FROM stays WHERE source_id = '1';

-- Who left and is hired again: the days between count nowhere, whoever moves him afterwards.
INSERT INTO employees_in (source, source_id, unit, hired_on, left_on, leave_reason) VALUES ('hr', '8', 'A', '2020-01-01', '2021-12-31', 'pressure'),
	('hr', '9', 'A', '2020-01-01', '2021-12-31', 'pressure');
INSERT INTO employees_in (source, source_id, unit, hired_on) VALUES ('hr', '8', 'B', '2023-05-01'), ('hr', '9', NULL, '2020-01-01');
SELECT * FROM stays WHERE source_id IN ('8', '9');
INSERT INTO employees_in (source, source_id, unit, hired_on) VALUES ('hr', '8', 'B', '2023-05-01'), ('hr', '9', 'A', '2020-01-01');
SELECT * FROM stays WHERE source_id IN ('8', '9');
SELECT source_id, hired_on, left_on, leave_reason FROM employees WHERE source_id IN ('8', '9') ORDER BY 1;

-- Facts by the day.
INSERT INTO employees_in (source, source_id) VALUES ('hr', '7');
INSERT INTO assignments_in VALUES ('hr', '7', 'A', '2024-01-01', '2024-06-30'), ('hr', '7', 'B', '2024-07-01', '2024-12-31'), ('hr', '7', 'A', '2025-01-01', NULL);
INSERT INTO visits_in SELECT 'hr', d, NULL, '7', NULL, d FROM unnest(ARRAY['2023-12-31', '2024-01-01', '2024-06-30', '2024-07-01', '2025-01-01']) AS d;
SELECT v.source_id, u.code FROM visits v JOIN units u USING (unit_id) ORDER BY 1;
-- Of a deal the day that it was closed, of an open one the day that it was opened.
INSERT INTO deals_in VALUES ('hr', 'a', NULL, '7', NULL, '2024-01-01', '2024-08-01', 'Won', '1'), ('hr', 'b', '', '7', NULL, '2024-01-01', NULL, NULL, '1'),
	('hr', 'c', NULL, '7', NULL, NULL, NULL, NULL, '1'), ('hr', 'd', NULL, NULL, NULL, '2024-01-01', NULL, NULL, '1'), ('hr', 'e', 'C', '7', NULL, '2024-01-01', NULL, NULL, '1');
INSERT INTO revenues_in VALUES ('hr', 'a', NULL, '3', NULL, '2021-12-31', '1'), ('hr', 'b', NULL, '3', NULL, '2022-01-01', '1');
SELECT d.source_id, u.code FROM deals d JOIN units u USING (unit_id) UNION ALL SELECT 'revenue ' || r.source_id, u.code FROM revenues r JOIN units u USING (unit_id) ORDER BY 1;
SELECT row ->> 'source_id' AS source_id, reason FROM import_rejects ORDER BY reject_id;

-- Keys of ten digits are employees too.
INSERT INTO employees (employee_id, source, source_id, email) VALUES (2000000001, 'hr', 'ten', 'ten@example.cn');
INSERT INTO visits_in VALUES ('fin', '1', 'A', 'ten@example.cn', NULL, '2025-01-01');
INSERT INTO visits_in VALUES ('fin', '2', 'A', 'ten@example.cn', NULL, '2025-01-01');
INSERT INTO employees_in (source, source_id, email) VALUES ('chat', 't', 'ten@example.cn');
INSERT INTO employees_in (source, source_id, name) VALUES ('chat', 't', 'Ten');
SELECT source_id, employee_id FROM visits WHERE source = 'fin' ORDER BY 1;
SELECT employee_id, name FROM employees WHERE source_id IN ('ten', 't');

ROLLBACK;
