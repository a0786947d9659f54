-- I4: the same person in several systems is one, by his address or an alias; nothing is merged by a guess.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile();
INSERT INTO units_in (code) VALUES ('A'), ('B'), ('C');
INSERT INTO employees_in VALUES ('hr', '1', 'Li Wei', 'Li.Wei@x.com', 'A', '2020-01-01', NULL, NULL),
	('hr', '2', 'Wang', NULL, 'B', '2021-01-01', NULL, NULL);

-- Salesforce knows him by his address, whatever its case; what it adds is added, what HR said stands.
INSERT INTO employees_in VALUES ('salesforce', '005A', 'Wei Li', ' LI.WEI@X.COM ', NULL, '2019-01-01', NULL, NULL);
SELECT employee_id, source, source_id, name, email, hired_on FROM employees ORDER BY 1;
SELECT * FROM aliases;
INSERT INTO deals_in VALUES ('salesforce', 'd1', NULL, '005A', NULL, NULL, '2025-03-01', 'Won', '1'),
	('finance', 'd1', NULL, 'li.wei@X.com', NULL, NULL, '2025-03-01', 'Won', '1');
SELECT source, employee_id, unit_id FROM deals ORDER BY 1;
SELECT * FROM aliases ORDER BY source;

-- The same name is no reason, nor is an unknown address; nobody is made up for a fact.
INSERT INTO employees_in (source, source_id, name) VALUES ('ding', 'w1', 'Wang');
INSERT INTO visits_in VALUES ('ding', 'v1', NULL, 'nobody', NULL, '2025-03-01'), ('ding', 'v2', NULL, 'no@x.com', NULL, '2025-03-01');
SELECT count(*) FROM employees;
SELECT line, reason FROM import_rejects ORDER BY reject_id;

-- An alias says it.
INSERT INTO aliases VALUES ('employee', 'ding', 'nobody', '2'), ('unit', 'ding', '537', 'C'), ('customer', 'ding', 'k1', '1'),
	('leave_reason', 'ding', '压力大', 'pressure'), ('employee', 'ding', 'gone', '99'), ('unit', 'ding', 'lost', 'Z');
INSERT INTO customers_in (source, source_id, unit) VALUES ('crm', 'c1', 'A');
SELECT retry_rejects();
INSERT INTO visits_in VALUES ('ding', 'v3', '537', 'nobody', 'k1', '2025-03-01'), ('ding', 'v4', 'lost', 'gone', 'k2', '2025-03-01');
SELECT source_id, unit_id, employee_id, customer_id FROM visits ORDER BY 1;
SELECT reason FROM import_rejects WHERE row ->> 'source_id' = 'v4';
INSERT INTO employees_in VALUES ('ding', 'nobody', NULL, 'wang@x.com', NULL, NULL, '2025-05-31', '压力大');
SELECT employee_id, source, source_id, name, email, left_on, leave_reason FROM employees ORDER BY 1;
SELECT * FROM public.error_of($$INSERT INTO aliases VALUES ('employee', 'x', '1', 'Li')$$);

-- Two people with one address are not told apart by it, and two numbers of one source are two people.
INSERT INTO employees (source, source_id, email) VALUES ('old', '1', 'office@x.com'), ('old', '2', 'Office@x.com');
INSERT INTO employees_in (source, source_id, email) VALUES ('ding', 'o', 'office@x.com'), ('hr', '3', 'li.wei@x.com');
INSERT INTO visits_in VALUES ('ding', 'v5', 'A', 'office@x.com', NULL, '2025-03-01');
SELECT line, reason FROM import_rejects WHERE reject_id > 3 ORDER BY reject_id;

-- Newcomers with one address in one file: of two sources they are one, of one source the second is refused.
INSERT INTO employees_in (source, source_id, name, email) VALUES ('hr', '10', 'Zhao', 'zhao@x.com'), ('crm', 'z', 'Zhao', 'ZHAO@x.com'),
	('hr', '11', 'Qian', 'q@x.com'), ('hr', '12', 'Sun', 'q@x.com');
SELECT e.source, e.source_id, e.name, a.source AS also, a.source_id AS there FROM employees e
LEFT JOIN aliases a ON a.kind = 'employee' AND a.means = e.employee_id::text WHERE e.email ~ '^(zhao|q)@' ORDER BY 2;
SELECT reason FROM import_rejects WHERE row ->> 'source_id' = '12';

-- Another source's days that contradict those on record.
INSERT INTO employees_in (source, source_id, email, hired_on, left_on) VALUES ('hr', '13', 'han@x.com', '2024-03-01', NULL), ('hr', '14', 'jin@x.com', NULL, '2024-03-31');
INSERT INTO employees_in (source, source_id, email, hired_on, left_on) VALUES ('ding', 'h', 'han@x.com', NULL, '2023-12-31'), ('ding', 'j', 'jin@x.com', '2024-04-01', NULL);
SELECT row ->> 'source_id' AS id, reason FROM import_rejects WHERE row ->> 'source_id' IN ('h', 'j') ORDER BY 1;

-- Many at once, and each keeps what was said of it.
INSERT INTO employees_in (source, source_id, email) SELECT 'many', i::text, 'office@x.com' FROM generate_series(1, 3000) AS i;
SELECT reason, count(*) FROM import_rejects WHERE source = 'many' GROUP BY reason;

ROLLBACK;
