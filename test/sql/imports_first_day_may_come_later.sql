-- I4: whoever came without hired_on is assigned as of today; once the day is known, the first of his assignments begins on it,
-- and facts that were refused for want of a unit come in.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile();
INSERT INTO units_in (code) VALUES ('A'), ('B');
CREATE TEMP VIEW stays AS SELECT e.source_id, u.code,
	CASE WHEN lower(a.during) = today() THEN 'today' ELSE lower(a.during)::text END AS first,
	CASE WHEN upper(a.during) = today() THEN 'today' ELSE upper(a.during)::text END AS until
FROM assignments a JOIN employees e USING (employee_id) JOIN units u USING (unit_id) ORDER BY 1, lower(a.during);

INSERT INTO employees_in (source, source_id, unit) VALUES ('hr', '1', 'A');
INSERT INTO deals_in VALUES ('crm', 'd1', NULL, '1', NULL, '2024-01-01', '2024-06-01', 'Won', '5'), ('hr', 'd2', NULL, '1', NULL, '2024-01-01', '2024-06-01', 'Won', '7'), ('hr', 'd3', NULL, '1', NULL, NULL, '2022-06-01', 'Won', '9');
SELECT * FROM stays;
SELECT reason FROM import_rejects ORDER BY reject_id;
INSERT INTO employees_in (source, source_id, hired_on) VALUES ('hr', '1', '2023-01-01');
SELECT * FROM stays;
SELECT retry_rejects();
SELECT d.source_id, u.code, d.amount FROM deals d JOIN units u USING (unit_id);
SELECT reason FROM import_rejects ORDER BY reject_id;
DELETE FROM import_rejects;

-- With a move at once; on the day that he came it is no move; after several assignments the first of them.
INSERT INTO employees_in (source, source_id, unit) VALUES ('hr', '2', 'A'), ('hr', '3', 'A'), ('hr', '4', NULL);
UPDATE assignments a SET during = daterange('2025-02-01', NULL) FROM employees e WHERE e.employee_id = a.employee_id AND e.source_id = '2';
INSERT INTO assignments_in VALUES ('hr', '4', 'A', '2024-05-01', '2024-12-31'), ('hr', '4', 'B', '2025-01-01', NULL);
INSERT INTO employees_in (source, source_id, unit, hired_on) VALUES ('hr', '2', 'B', '2023-01-01'), ('hr', '3', 'B', '2023-01-01'), ('hr', '4', NULL, '2023-01-01');
SELECT * FROM stays WHERE source_id IN ('2', '3', '4');

-- A day to come; one after the first assignment's last, which stays; one that is on record already is not moved by another.
INSERT INTO employees_in (source, source_id, unit) VALUES ('hr', '5', 'A'), ('hr', '6', NULL);
INSERT INTO assignments_in VALUES ('hr', '6', 'A', '2024-05-01', '2024-12-31'), ('hr', '6', 'B', '2025-01-01', NULL);
INSERT INTO employees_in (source, source_id, unit, hired_on) VALUES ('hr', '5', 'A', '2999-01-01'), ('hr', '6', NULL, '2025-01-15'), ('hr', '4', NULL, '2022-01-01');
SELECT * FROM stays WHERE source_id IN ('4', '5', '6');

-- Another system may be the one that knows it: by his address, by an alias, by a service's answer.
INSERT INTO employees_in (source, source_id, email, unit) VALUES ('hr', '7', '7@x.com', 'A'), ('hr', '8', NULL, 'A'), ('hr', '9', '9@x.com', 'A');
INSERT INTO aliases SELECT 'employee', 'chat', 'acht', employee_id FROM employees WHERE source_id = '8';
INSERT INTO employees_in (source, source_id, email, hired_on) VALUES ('chat', 'sieben', '7@X.com', '2023-07-01'), ('chat', 'acht', NULL, '2023-08-01');
SELECT * FROM import_dingtalk('{"errcode": 0, "result": {"list": [{"userid": "neun", "email": "9@x.com", "hired_date": "1599494400000"}]}}');
SELECT * FROM stays WHERE source_id IN ('7', '8', '9');
SELECT source_id, hired_on FROM employees WHERE source_id IN ('7', '8', '9') ORDER BY 1;

ROLLBACK;
