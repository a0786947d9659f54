-- I5: an id of Salesforce is one record in its form of 15 characters (reports, files) and of 18 (answers), whichever comes
-- first; numbers of other systems stay what they are.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile();
INSERT INTO units_in (code) VALUES ('A'), ('B');
CREATE FUNCTION public.answer(type text, record jsonb, source text) RETURNS text LANGUAGE sql
RETURN (SELECT format('%s %s %s', target, accepted, rejected) FROM import_salesforce(jsonb_build_object('done', true, 'records',
	jsonb_build_array(record || jsonb_build_object('attributes', jsonb_build_object('type', type)))), source));

-- A file of a source called salesforce: written in the long form, as answers have it; both forms in one statement are one.
INSERT INTO employees_in (source, source_id, name, unit, hired_on) VALUES ('salesforce', '0055g00000AbCdE', 'Li', 'A', '2020-01-01'), ('Salesforce_CN', '0055g00000AbCdE', 'Li', 'A', '2020-01-01');
INSERT INTO customers_in (source, source_id, name, unit) VALUES ('salesforce', '0015g00000XyZab', 'Sun', 'A');
INSERT INTO visits_in VALUES ('salesforce', '00U5g00000AAAaa', NULL, '0055g00000AbCdE', '0015g00000XyZab', '2025-03-01');
INSERT INTO deals_in VALUES ('salesforce', '0065g00000AAAaa', NULL, '0055g00000AbCdE', '0015g00000XyZab', '2025-01-01', '2025-03-01', 'Won', '1'),
	('salesforce', '0065g00000AAAaaAAA', NULL, '0055g00000AbCdEAAV', '0015g00000XyZabAAF', '2025-01-01', '2025-03-01', 'Won', '2'),
	('salesforce', '0065g00000AAAaaAAH', NULL, '0055g00000AbCdEAAV', '0015g00000XyZabAAF', '2025-01-01', '2025-03-01', 'Won', '3'),
	('salesforce', '0065g00000aAAaa', NULL, '0055g00000AbCdE', NULL, '2025-01-01', '2025-03-01', 'Won', '4');
SELECT source, source_id, name FROM employees ORDER BY 1;
SELECT source_id FROM customers;
SELECT source_id, employee_id, customer_id FROM visits;
SELECT source_id, employee_id, customer_id, amount FROM deals ORDER BY amount;
SELECT line, reason FROM import_rejects;
SELECT public.answer('Opportunity', '{"Id": "0065g00000AAAaaAAH", "Amount": 5}', 'salesforce'), public.answer('Account', '{"Id": "0015g00000XyZabAAF", "Name": "Moon"}', 'salesforce'),
	public.answer('User', '{"Id": "0055g00000AbCdE", "Name": "Wei"}', 'salesforce'), public.answer('Event', '{"Id": "00U5g00000AAAaaEAH", "ActivityDate": "2025-03-02"}', 'salesforce');
INSERT INTO assignments_in VALUES ('salesforce', '0055g00000AbCdE', 'B', '2024-01-01', NULL);
SELECT (SELECT count(*) FROM deals) AS deals, (SELECT count(*) FROM customers) AS customers, (SELECT count(*) FROM employees) AS employees, (SELECT count(*) FROM visits) AS visits;
SELECT public.answer('Opportunity', '{"Id": "0065g00000AAAaa", "IsDeleted": true}', 'salesforce');
SELECT source_id, amount FROM deals ORDER BY amount;

-- In a source of another name: whichever form is on record is the record, of the row itself and of whom it names.
SELECT public.answer('User', '{"Id": "0055g00000AbCdEAAV", "Name": "Li"}', 'crm'), public.answer('User', '{"Id": "0055g00000AbCdFAAV", "Name": "Wang"}', 'crm');
INSERT INTO assignments_in VALUES ('crm', '0055g00000AbCdE', 'A', '2020-01-01', NULL), ('crm', '0055g00000AbCdFAAV', 'B', '2020-01-01', NULL);
SELECT public.answer('Opportunity', '{"Id": "0065g00000AAAaaAAH", "OwnerId": "0055g00000AbCdEAAV", "IsClosed": true, "IsWon": true, "CloseDate": "2025-03-01", "Amount": 1}', 'crm');
INSERT INTO deals_in VALUES ('crm', '0065g00000AAAaa', NULL, '0055g00000AbCdF', NULL, NULL, '2025-03-01', 'Won', '2'), ('crm', '0065g00000BBBbb', 'A', NULL, NULL, NULL, '2025-03-01', 'Won', '3'),
	('crm', '0065g00000BBBbb', 'A', '0055g00000AbCdG', NULL, NULL, '2025-03-01', 'Won', '9');
SELECT public.answer('Opportunity', '{"Id": "0065g00000BBBbbAAH", "Amount": 4}', 'crm'), public.answer('Opportunity', '{"Id": "0065g00000BBBbb", "CloseDate": "2025-03-02"}', 'crm');
SELECT source_id, unit_id, closed_on, amount FROM deals WHERE source = 'crm' ORDER BY amount;
SELECT reason FROM import_rejects WHERE source = 'crm';
SELECT public.answer('Opportunity', '{"Id": "0065g00000BBBbbAAH", "IsDeleted": true}', 'crm');
SELECT source_id FROM deals WHERE source = 'crm';

-- By an alias, too.
INSERT INTO employees (source, source_id, name) VALUES ('hr', '7', 'Zhao');
INSERT INTO aliases SELECT 'employee', 'crm', '0055g00000AbCdH', employee_id FROM employees WHERE source = 'hr';
INSERT INTO customers (source, source_id, unit_id) VALUES ('erp', '7', 1);
INSERT INTO aliases SELECT 'customer', 'crm', '0015g00000XyZac', customer_id FROM customers WHERE source = 'erp';
SELECT public.answer('User', '{"Id": "0055g00000AbCdHAAV", "Name": "Min", "Email": "zhao@x.com"}', 'crm'), public.answer('Account', '{"Id": "0015g00000XyZacAAF", "Name": "Star"}', 'crm');
INSERT INTO visits_in VALUES ('crm', 'v', 'A', '0055g00000AbCdHAAV', '0015g00000XyZacAAF', '2025-03-01');
SELECT e.name, e.email, c.name FROM visits v JOIN employees e USING (employee_id) JOIN customers c USING (customer_id) WHERE v.source = 'crm';
SELECT count(*) FROM employees WHERE source = 'crm';

-- What only looks alike: digits of other systems, an ending that is not the id's own, letters beyond ASCII.
INSERT INTO deals_in (source, source_id, unit, amount) VALUES ('erp', '006000000000001', 'A', '1'), ('erp', '006000000000001AAB', 'A', '2'), ('erp', '0065g00000AAAaa', 'A', '3'),
	('erp', '0065g00000AAAaaAAA', 'A', '4'), ('erp', '0065g00000AAAaaAA', 'A', '5'), ('erp', '0065g00000AAAaé', 'A', '6'), ('other', '0065g00000AAAaaAAH', 'A', '7');
SELECT source, source_id FROM deals WHERE source IN ('erp', 'other') ORDER BY amount;

ROLLBACK;
