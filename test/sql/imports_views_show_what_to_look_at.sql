-- Freshness, finance beside sales, and what was accepted but looks odd.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile();
SELECT add_year(2025);
INSERT INTO units_in (code, parent) VALUES ('CN', NULL), ('A', 'CN'), ('B', 'CN');
INSERT INTO customers_in (source, source_id, unit, acquired_on) VALUES ('crm', 'c1', 'A', '2024-01-01'), ('crm', 'c2', 'A', '2999-01-01');
INSERT INTO employees_in (source, source_id, hired_on) VALUES ('crm', 'e1', '2020-01-01');
INSERT INTO deals_in SELECT 'crm', 'd' || g, 'A', NULL, 'c1', '2025-01-01', '2025-01-' || 10 + g, CASE WHEN g < 10 THEN 'Won' ELSE 'Lost' END, 1000 FROM generate_series(1, 10) g;
INSERT INTO deals_in VALUES ('crm', 'far', 'A', NULL, NULL, NULL, '2025-02-01', 'Won', '30000'), ('crm', 'near', 'A', NULL, NULL, NULL, '2025-02-01', 'Won', '29999.99'),
	('crm', 'tiny', 'A', NULL, NULL, NULL, '2025-02-01', 'Won', '33.33'), ('crm', 'open', 'A', NULL, NULL, '2025-01-01', '2999-01-01', NULL, '1000'),
	('crm', 'future', 'A', NULL, NULL, NULL, '2999-01-01', 'Won', '1000'), ('erp', 'd3', 'A', NULL, NULL, NULL, NULL, 'Won', '1000'),
	('crm', 'bad', 'A', NULL, NULL, NULL, NULL, NULL, 'x'), ('erp', 'double', 'A', NULL, NULL, NULL, '2025-01-13', 'Won', '1000');
UPDATE deals SET customer_id = 1 WHERE source_id = 'double';
INSERT INTO revenues_in VALUES ('fin', 'r1', 'CN', NULL, NULL, '2025-01-20', '8000'), ('fin', 'r2', 'B', NULL, NULL, '2025-02-20', '500'), ('fin', 'r3', 'B', NULL, NULL, '2999-02-20', '500');
INSERT INTO visits_in VALUES ('crm', 'v1', 'A', 'e1', 'c1', '2025-01-05'), ('ding', 'v9', 'A', NULL, NULL, '2999-01-05');
INSERT INTO visits (source, source_id, unit_id, employee_id, customer_id, visited_on) SELECT 'ding', 'v1', unit_id, employee_id, customer_id, visited_on FROM visits WHERE source_id = 'v1';
INSERT INTO signals_in VALUES ('rep', 'A', 'tilt', '2025-03-01', '1'), (NULL, 'A', 'tilt', '2025-04-01', '1'), ('gone', 'A', 'tilt', '2025-03-01', '1');

SELECT fact, source, rows, last_on, lag_days = today() - last_on AS right_lag, rejects FROM data_freshness ORDER BY 1, 2;
SELECT unit_id, unit, month, deals_won, won_amount, revenues, revenue_amount, difference, booked_share FROM actuals_check ORDER BY 1, 3;
SELECT fact, source, source_id, day, amount, warning, detail FROM data_warnings_since('-infinity') ORDER BY warning, fact, source, source_id;
-- The view is of what is dated in the last 31 days, or later, or not at all.
INSERT INTO deals (source, source_id, unit_id, closed_on, won) VALUES ('erp', 'd4', 1, NULL, true);
INSERT INTO deals (source, source_id, unit_id, opened_on, won)
VALUES ('erp', 'd5', 1, today() - 31, true), ('erp', 'd6', 1, today() - 32, true), ('erp', 'd7', 1, today(), false);
SELECT fact, source, source_id, CASE WHEN day <= today() THEN today() - day END AS days_ago, day > today() AS ahead, warning FROM data_warnings ORDER BY warning, fact, source, source_id;
SELECT fact, source, source_id, warning FROM data_warnings_since(today() - 32) EXCEPT SELECT fact, source, source_id, warning FROM data_warnings;

ROLLBACK;
