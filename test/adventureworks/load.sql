-- AdventureWorks' reseller business into regtarget: psql -v data=DIRECTORY -f load.sql, in a database
-- that has the extension. DIRECTORY holds adventureworks/*.csv and potential/territory_gdp.csv, which
-- the server reads.
--
-- What was chosen where the data leave a choice:
--   * An order belongs to its own territory (always its customer's too), not to where its sales person
--     stood that day: managers sell without a territory, and colleagues across borders.
--   * Its amount is sub_total, without tax and freight, to four decimals.
--   * Every reseller order counts as a deal won on its day: nothing is known of lost ones.
--   * A year's GDP is known from 1 July of the next year on, when both offices publish it.

SET client_min_messages = warning;
CREATE SCHEMA aw;

CREATE TABLE aw.territory (territory_id int, name text, country text, territory_group text);
CREATE TABLE aw.orders (sales_order_id int, order_date date, due_date date, ship_date date, status int,
	online int, purchase_order text, customer_id int, sales_person_id int, territory_id int, ship_method_id int,
	sub_total numeric, tax numeric, freight numeric, total_due numeric);
CREATE TABLE aw.moves (business_entity_id int, territory_id int, start_date date, end_date date);
CREATE TABLE aw.quotas (business_entity_id int, quota_date date, quota numeric, modified_date date);
CREATE TABLE aw.employees (business_entity_id int, login_id text, node text, level int, manager_id int,
	job_title text, hire_date date, salaried int, current int);
CREATE TABLE aw.gdp (territory_id int, territory text, year int, million_usd numeric, source text);

\set file :data /adventureworks/sales_territory.csv
COPY aw.territory FROM :'file' (FORMAT csv, HEADER);
\set file :data /adventureworks/sales_order_header.csv
COPY aw.orders FROM :'file' (FORMAT csv, HEADER);
\set file :data /adventureworks/sales_territory_history.csv
COPY aw.moves FROM :'file' (FORMAT csv, HEADER);
\set file :data /adventureworks/sales_person_quota_history.csv
COPY aw.quotas FROM :'file' (FORMAT csv, HEADER);
\set file :data /adventureworks/employee.csv
COPY aw.employees FROM :'file' (FORMAT csv, HEADER);
\set file :data /potential/territory_gdp.csv
COPY aw.gdp FROM :'file' (FORMAT csv, HEADER);

SELECT regtarget.apply_profile('standard');

INSERT INTO regtarget.units (code, kind) VALUES ('AdventureWorks', 'company');
INSERT INTO regtarget.units (code, kind, parent_id)
SELECT DISTINCT t.territory_group, 'region', u.unit_id
FROM aw.territory t, regtarget.units u WHERE u.kind = 'company' ORDER BY 1;
INSERT INTO regtarget.units (code, kind, parent_id)
SELECT t.name, 'territory', u.unit_id
FROM aw.territory t JOIN regtarget.units u ON u.code = t.territory_group ORDER BY t.territory_id;

-- Quarters begin on the days of the quotas, the ninth on 2013-05-30.
INSERT INTO regtarget.periods (period, during)
SELECT 'Q' || row_number() OVER days, daterange(quota_date, lead(quota_date, 1, '2013-05-30') OVER days)
FROM (SELECT DISTINCT quota_date FROM aw.quotas) AS q WINDOW days AS (ORDER BY quota_date);

-- Whoever sold to a reseller or had a territory, and where he stood when.
INSERT INTO regtarget.employees (employee_id, source, source_id, name, hired_on)
SELECT e.business_entity_id, 'adventureworks', e.login_id, e.job_title, e.hire_date
FROM aw.employees e
WHERE e.business_entity_id IN (SELECT sales_person_id FROM aw.orders UNION SELECT business_entity_id FROM aw.moves);
INSERT INTO regtarget.assignments (employee_id, unit_id, during)
SELECT m.business_entity_id, u.unit_id, daterange(m.start_date, m.end_date, '[]')
FROM aw.moves m JOIN aw.territory t USING (territory_id) JOIN regtarget.units u ON u.code = t.name;

INSERT INTO regtarget.deals (source, source_id, unit_id, employee_id, opened_on, closed_on, won, amount)
SELECT 'adventureworks', o.sales_order_id, u.unit_id, o.sales_person_id, o.order_date, o.order_date, true, o.sub_total
FROM aw.orders o JOIN aw.territory t USING (territory_id) JOIN regtarget.units u ON u.code = t.name
WHERE o.sales_person_id IS NOT NULL;

INSERT INTO regtarget.signals (unit_id, signal, as_of, value, source)
SELECT u.unit_id, 'report_estimate', make_date(g.year + 1, 7, 1), g.million_usd, g.source
FROM aw.gdp g JOIN aw.territory t USING (territory_id) JOIN regtarget.units u ON u.code = t.name;

-- What each territory sold in each quarter, and the two splits to compare with: the fourth quarter
-- before and the one before, each scaled to the same total.
CREATE VIEW aw.actuals AS
SELECT substr(p.period, 2)::int AS n, a.unit_id, a.actual
FROM regtarget.periods p
CROSS JOIN LATERAL regtarget.period_actuals(p.period) AS a
JOIN regtarget.units u ON u.unit_id = a.unit_id
WHERE u.kind = 'territory';

CREATE VIEW aw.naive AS
SELECT m.method, a.n, a.unit_id, a.actual,
	b.actual / sum(b.actual) OVER quarter * sum(a.actual) OVER quarter AS split
FROM aw.actuals a
CROSS JOIN (VALUES ('last year x growth', 4), ('previous quarter', 1)) AS m (method, back)
JOIN aw.actuals b ON b.n = a.n - m.back AND b.unit_id = a.unit_id
WHERE a.n BETWEEN 5 AND 8
WINDOW quarter AS (PARTITION BY a.n, m.method);

-- The engine's: sandbox plans of the very total, labelled by the factors that they used.
CREATE VIEW aw.engine AS
SELECT p.label AS method, a.n, a.unit_id, a.actual, t.suggested AS split
FROM regtarget.plans p
JOIN regtarget.targets t USING (plan_id)
JOIN aw.actuals a ON a.unit_id = t.unit_id AND 'Q' || a.n = p.period
WHERE p.mode = 'sandbox';

-- Sum of |split - actual| / sum of actual, in percent: each misplaced amount counts twice, missing
-- here and too much there.
CREATE VIEW aw.errors AS
SELECT method, n, 100 * sum(abs(split - actual)) / sum(actual) AS error
FROM (TABLE aw.naive UNION ALL TABLE aw.engine) AS s GROUP BY method, n;
