-- I5: the documented answers of Salesforce's REST query, page by page.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile();
UPDATE policies SET timezone = 'Asia/Shanghai';
INSERT INTO units_in (code) VALUES ('A'), ('B');
INSERT INTO employees_in (source, source_id, name, email, unit, hired_on) VALUES ('hr', '1', 'Li Wei', 'li@x.com', 'A', '2020-01-01'), ('hr', '2', 'Wang', 'wang@x.com', 'B', '2020-01-01');
SET LOCAL client_min_messages = notice;

-- Users become employees; who is known by his address is that person.
SELECT * FROM import_salesforce('{"totalSize": 3, "done": true, "records": [
	{"attributes": {"type": "User", "url": "/services/data/v58.0/sobjects/User/0055g00000AbCdEAAV"}, "Id": "0055g00000AbCdEAAV", "Name": "Wei Li", "Email": "LI@x.com", "IsActive": true},
	{"attributes": {"type": "User"}, "Id": "0055g00000AbCdFAAV", "Name": "New One", "Email": "new@x.com", "IsActive": true},
	{"attributes": {"type": "User"}, "Id": null, "Name": "No Id"}]}');
SELECT * FROM aliases;
SELECT source, source_id, name FROM employees ORDER BY employee_id;

-- Accounts become customers of their owner's unit; an owner who comes with his address is known by it.
SELECT * FROM import_salesforce('{"totalSize": 3, "done": true, "records": [
	{"attributes": {"type": "Account"}, "Id": "0015g00000XyZabAAF", "Name": "Sun", "CreatedDate": "2024-12-31T16:00:00.000+0000", "OwnerId": "0055g00000AbCdEAAV"},
	{"attributes": {"type": "Account"}, "Id": "0015g00000XyZacAAF", "Name": "Moon", "OwnerId": "0055g00000AbCdGAAV", "Owner": {"attributes": {"type": "User"}, "Name": "Wang", "Email": "wang@X.com"}},
	{"attributes": {"type": "Account"}, "Id": "0015g00000XyZadAAF", "Name": "Star", "OwnerId": "0055g00000AbCdFAAV"}]}');
SELECT source_id, name, unit_id, acquired_on FROM customers ORDER BY 1;

-- Opportunities: won, lost, open; 15 characters and 18 are one id; nulls, nested parents and children.
SELECT * FROM import_salesforce('{"totalSize": 5, "done": false, "nextRecordsUrl": "/services/data/v58.0/query/01gD-2000", "records": [
	{"attributes": {"type": "Opportunity"}, "Id": "0065g00000AAAaaAAH", "Name": "n", "StageName": "Closed Won", "Amount": 1.2E+6, "CloseDate": "2025-03-01", "CreatedDate": "2025-01-31T16:30:00.000+0000", "IsClosed": true, "IsWon": true, "OwnerId": "0055g00000AbCdE", "AccountId": "0015g00000XyZab"},
	{"attributes": {"type": "Opportunity"}, "Id": "0065g00000AAAabAAH", "Amount": null, "CloseDate": "2025-03-02", "IsClosed": true, "IsWon": false, "OwnerId": "0055g00000AbCdEAAV", "AccountId": null},
	{"attributes": {"type": "Opportunity"}, "Id": "0065g00000AAAacAAH", "Amount": 5.5, "CloseDate": "2099-03-02", "CreatedDate": "2025-02-01T00:00:00.000+0000", "IsClosed": false, "IsWon": false, "Owner": {"attributes": {"type": "User"}, "Id": "0055g00000AbCdEAAV", "Name": "Wei Li"}, "Account": {"attributes": {"type": "Account"}, "Id": "0015g00000XyZacAAF", "Name": "Moon"}, "OpportunityLineItems": null},
	{"attributes": {"type": "Opportunity"}, "Id": "0065g00000AAAadAAH", "Amount": 1, "CloseDate": "2025-03-02", "IsClosed": true, "IsWon": true, "OwnerId": "0055g00000ZZZZZAAV"},
	{"attributes": {"type": "Opportunity"}, "Id": "0065g00000aAAadAAH", "Amount": 2, "CloseDate": "2025-03-02", "IsClosed": true, "IsWon": true, "OwnerId": "0055g00000AbCdEAAV"}]}');
SELECT source, source_id, unit_id, employee_id, customer_id, opened_on, closed_on, won, amount FROM deals ORDER BY source_id COLLATE "C";
SELECT * FROM import_salesforce('{"done": true, "records": [{"attributes": {"type": "Opportunity"}, "Id": "0065g00000AAAaa", "Amount": 7, "CloseDate": "2025-03-01", "IsClosed": true, "IsWon": true, "OwnerId": "0055g00000AbCdE"}]}');
SELECT count(*), sum(amount) FROM deals;

-- Tasks and events: visits.
SELECT * FROM import_salesforce('{"done": true, "records": [
	{"attributes": {"type": "Task"}, "Id": "00T5g00000AAAaaAAH", "OwnerId": "0055g00000AbCdEAAV", "WhatId": "0015g00000XyZabAAF", "ActivityDate": "2025-03-01", "Subject": "visit", "TaskSubtype": "Task"},
	{"attributes": {"type": "Event"}, "Id": "00U5g00000AAAaaAAH", "OwnerId": "0055g00000AbCdEAAV", "WhatId": "0065g00000AAAaaAAH", "AccountId": "0015g00000XyZacAAF", "ActivityDate": "2025-03-02"},
	{"attributes": {"type": "Event"}, "Id": "00U5g00000AAAabAAH", "OwnerId": "0055g00000AbCdEAAV", "WhatId": "0065g00000AAAaaAAH", "ActivityDate": null}]}');
SELECT source_id, unit_id, employee_id, customer_id, visited_on FROM visits ORDER BY 1;
SELECT target, source, line, row, reason FROM import_rejects ORDER BY reject_id;

-- Deleted there, deleted here; an account with facts stays with them.
SELECT * FROM import_salesforce('{"done": true, "records": [{"attributes": {"type": "Opportunity"}, "Id": "0065g00000AAAabAAH", "IsDeleted": true},
	{"attributes": {"type": "Opportunity"}, "Id": "0065g00000AAAadAAH", "IsDeleted": true}, {"attributes": {"type": "Task"}, "Id": "00T5g00000AAAaaAAH", "IsDeleted": true},
	{"attributes": {"type": "Account"}, "Id": "0015g00000XyZab", "IsDeleted": true}, {"attributes": {"type": "Account"}, "Id": "0015g00000XyZac", "IsDeleted": true}]}');
SELECT (SELECT count(*) FROM deals) AS deals, (SELECT count(*) FROM visits) AS visits, (SELECT string_agg(name, ', ' ORDER BY name) FROM customers) AS customers,
	(SELECT count(*) FROM import_rejects WHERE target = 'deals_in') AS rejects;

-- What cannot be an answer, and answers that are errors.
SELECT * FROM import_salesforce('{"totalSize": 0, "done": true, "records": []}');
SELECT * FROM public.error_of($$SELECT import_salesforce('[{"message": "unexpected token: FORM", "errorCode": "MALFORMED_QUERY"}]')$$);
SELECT * FROM public.error_of($$SELECT import_salesforce('{"error": "invalid_grant", "error_description": "expired access/refresh token"}')$$);
SELECT * FROM public.error_of($$SELECT import_salesforce('{"done": true, "records": [{"attributes": {"type": "AggregateResult"}, "expr0": 300.0}]}')$$);
SELECT * FROM public.error_of($$SELECT import_salesforce('{"records": [5]}')$$);
SELECT * FROM public.error_of($$SELECT import_salesforce('{"records": 5}')$$);
SELECT public.refusal(format('SELECT import_salesforce(%L)', j)) FROM unnest(ARRAY['5', '[]', '{}', '"x"', 'null', '[[1]]', '{"records": {}}', '{"records": [{"attributes": 5}]}']) AS j;
SELECT public.refusal('SELECT import_salesforce(NULL)'), public.refusal($$SELECT import_salesforce('{}', NULL)$$);

ROLLBACK;
