-- I5: what an answer does not say stays as it is; a null sets null; what cannot be meant is refused. Every field of every
-- object of both services: absent, null, empty, of another type.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile();
INSERT INTO units_in (code) VALUES ('A'), ('B'), ('1');
INSERT INTO aliases VALUES ('unit', 'dingtalk', '10', 'A'), ('unit', 'dingtalk', '20', 'B');
INSERT INTO employees_in (source, source_id, unit, hired_on) VALUES ('salesforce', '0055g000001owneAAA', 'A', '2020-01-01'), ('salesforce', '0055g000002owneAAA', 'B', '2020-01-01');
INSERT INTO customers_in (source, source_id, unit) VALUES ('salesforce', '0015g00000accouAAA', 'A'), ('salesforce', '0015g00000accovAAA', 'B');

-- What an object becomes here, in one line.
CREATE FUNCTION public.outcome(object text) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' | ', CASE object
		WHEN 'Opportunity' THEN (SELECT string_agg(format('%s: %s of %s with %s, from %s to %s', CASE WHEN d.won THEN 'won' WHEN NOT d.won THEN 'lost' ELSE 'open' END, coalesce(d.amount::text, '-'), coalesce(u.code || ' ' || substr(e.source_id, 11, 1), u.code), coalesce(substr(c.source_id, 15, 1), '-'), coalesce(d.opened_on::text, '-'), coalesce(d.closed_on::text, '-')), ' + ' ORDER BY d.source_id)
			FROM deals d JOIN units u USING (unit_id) LEFT JOIN employees e USING (employee_id) LEFT JOIN customers c USING (customer_id))
		WHEN 'Task' THEN (SELECT string_agg(format('%s with %s on %s', coalesce(u.code || ' ' || substr(e.source_id, 11, 1), u.code), coalesce(substr(c.source_id, 15, 1), '-'), v.visited_on), ' + ' ORDER BY v.source_id)
			FROM visits v JOIN units u USING (unit_id) LEFT JOIN employees e USING (employee_id) LEFT JOIN customers c USING (customer_id))
		WHEN 'Account' THEN (SELECT string_agg(format('%s in %s since %s, gone %s', coalesce(c.name, '-'), u.code, coalesce(c.acquired_on::text, '-'), coalesce(c.churned_on::text, '-')), ' + ' ORDER BY c.source_id)
			FROM customers c JOIN units u USING (unit_id) WHERE c.name IS NOT NULL OR c.acquired_on IS NOT NULL)
		WHEN 'User' THEN (SELECT string_agg(format('%s <%s>', coalesce(e.name, '-'), coalesce(e.email, '-')), ' + ' ORDER BY e.employee_id) FROM employees e WHERE e.hired_on IS NULL)
		WHEN 'department' THEN (SELECT format('%s, %s, below %s, since %s', coalesce(u.name, '-'), coalesce(u.kind, '-'), coalesce(p.code, '-'), coalesce(u.opened_on::text, '-')) FROM units u LEFT JOIN units p ON p.unit_id = u.parent_id WHERE u.code = '99')
		ELSE (SELECT string_agg(format('%s <%s> %s to %s %s in %s', coalesce(e.name, '-'), coalesce(e.email, '-'), coalesce(e.hired_on::text, '-'), coalesce(e.left_on::text, '-'), coalesce(e.leave_reason, '-'),
				(SELECT string_agg(u.code, ', ' ORDER BY lower(a.during)) FROM assignments a JOIN units u USING (unit_id) WHERE a.employee_id = e.employee_id)), ' + ' ORDER BY e.employee_id)
			FROM employees e WHERE e.source = 'dingtalk')
		END, (SELECT string_agg('refused: ' || reason, '; ') FROM import_rejects), (SELECT 'tried again: ' || n FROM retry_rejects() AS n WHERE n > 0))
$$;

-- Import the answers one after the other, tell the outcome, undo all.
CREATE FUNCTION public.after(object text, VARIADIC records jsonb[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	record jsonb;
	told text;
BEGIN
	FOREACH record IN ARRAY array_remove(records, NULL) LOOP
		IF object IN ('Opportunity', 'Task', 'Account', 'User') THEN
			PERFORM import_salesforce(jsonb_build_object('done', true, 'records', jsonb_build_array(record || jsonb_build_object('attributes', jsonb_build_object('type', object)))));
		ELSE
			PERFORM import_dingtalk(jsonb_build_object('errcode', 0, 'result', jsonb_build_array(record)));
		END IF;
	END LOOP;
	told := public.outcome(object);
	RAISE EXCEPTION USING ERRCODE = 'ZZ999', MESSAGE = told;
EXCEPTION
	WHEN SQLSTATE 'ZZ999' THEN RETURN told;
	WHEN OTHERS THEN RETURN SQLSTATE || ': ' || SQLERRM;
END
$$;

-- A record with one field otherwise.
CREATE FUNCTION public.with_field(record jsonb, field text, said text) RETURNS jsonb LANGUAGE sql
RETURN CASE said WHEN 'absent' THEN record - field ELSE record || jsonb_build_object(field, said::jsonb) END;

CREATE TABLE public.cases (place int GENERATED ALWAYS AS IDENTITY, said text);
INSERT INTO public.cases (said) VALUES ('absent'), ('null'), ('""'), ('"x"'), ('7'), ('true'), ('{"a": 1}'), ('[1]');

-- On record: won. The answer: lost, with everything else.
\set one '{"Id": "0065g00000AAAaaAAA", "OwnerId": "0055g000001owneAAA", "AccountId": "0015g00000accouAAA", "CreatedDate": "2025-01-01T00:00:00.000+0000", "CloseDate": "2025-03-01", "IsClosed": true, "IsWon": true, "Amount": 100, "CurrencyIsoCode": "CNY", "IsDeleted": false}'
\set two '{"Id": "0065g00000AAAaaAAA", "OwnerId": "0055g000002owneAAA", "AccountId": "0015g00000accovAAA", "CreatedDate": "2025-01-02T00:00:00.000+0000", "CloseDate": "2025-03-02", "IsClosed": true, "IsWon": false, "Amount": 200, "CurrencyIsoCode": "CNY", "IsDeleted": false}'
SELECT public.after('Opportunity', :'one'), public.after('Opportunity', :'one', :'two');
SELECT f.field, c.said, public.after('Opportunity', :'one', public.with_field(:'two', f.field, c.said)) AS on_record
FROM jsonb_object_keys(:'two') WITH ORDINALITY AS f(field, i), public.cases c ORDER BY f.i, c.place;
SELECT f.field, c.said, public.after('Opportunity', public.with_field(:'two', f.field, c.said)) AS not_on_record
FROM jsonb_object_keys(:'two') WITH ORDINALITY AS f(field, i), public.cases c WHERE c.said IN ('absent', 'null', '""') ORDER BY f.i, c.place;

-- What flags and day say together, by what is on record.
SELECT w.won AS record, s.said, public.after('Opportunity', w.record, jsonb '{"Id": "0065g00000AAAaaAAA"}' || s.said) AS outcome
FROM (VALUES (1, 'open', :'one'::jsonb || '{"IsClosed": false, "IsWon": false}'), (2, 'lost', :'one'::jsonb || '{"IsWon": false}'), (3, 'won', :'one'), (4, 'none', NULL)) AS w(i, won, record),
	unnest(ARRAY['{}', '{"Amount": 5}', '{"CloseDate": "2025-04-04"}', '{"IsClosed": true}', '{"IsClosed": false}', '{"IsWon": true}', '{"IsWon": false}',
		'{"IsClosed": true, "IsWon": true}', '{"IsClosed": true, "IsWon": false}', '{"IsClosed": false, "IsWon": false}', '{"IsClosed": false, "IsWon": true}',
		'{"IsWon": true, "CloseDate": "2025-04-04"}', '{"IsClosed": true, "CloseDate": "2025-04-04"}', '{"IsClosed": true, "IsWon": true, "CloseDate": "2025-04-04"}',
		'{"IsClosed": false, "IsWon": false, "CloseDate": "2025-04-04"}']::jsonb[]) WITH ORDINALITY AS s(said, j) ORDER BY w.i, s.j;

-- Parents that come as objects.
SELECT s.said, public.after('Opportunity', :'one', jsonb '{"Id": "0065g00000AAAaaAAA"}' || s.said) AS outcome
FROM unnest(ARRAY['{"Owner": {"Id": "0055g000002owneAAA"}}', '{"Owner": {"Name": "x"}}', '{"Owner": null}', '{"Owner": "x"}', '{"Owner": [1]}', '{"Owner": {"Id": 5}}',
	'{"Account": {"Id": "0015g00000accovAAA"}}', '{"Account": {"Name": "x"}}', '{"Account": null}', '{"Account": true}']::jsonb[]) WITH ORDINALITY AS s(said, j) ORDER BY s.j;

\set one '{"Id": "00T5g00000AAAaaAAA", "OwnerId": "0055g000001owneAAA", "AccountId": "0015g00000accouAAA", "WhatId": "0065g00000AAAaaAAA", "ActivityDate": "2025-03-01", "ActivityDateTime": null}'
\set two '{"Id": "00T5g00000AAAaaAAA", "OwnerId": "0055g000002owneAAA", "AccountId": "0015g00000accovAAA", "WhatId": "0065g00000AAAabAAA", "ActivityDate": "2025-03-02", "ActivityDateTime": "2025-03-03T00:00:00.000+0000"}'
SELECT public.after('Task', :'one'), public.after('Task', :'one', :'two');
SELECT f.field, c.said, public.after('Task', :'one', public.with_field(:'two', f.field, c.said)) AS on_record, public.after('Task', public.with_field(:'two', f.field, c.said)) AS not_on_record
FROM jsonb_object_keys(:'two') WITH ORDINALITY AS f(field, i), public.cases c ORDER BY f.i, c.place;
SELECT s.said, public.after('Task', :'one', jsonb '{"Id": "00T5g00000AAAaaAAA"}' || s.said) AS outcome
FROM unnest(ARRAY['{}', '{"WhatId": "0015g00000accovAAA"}', '{"WhatId": "0065g00000AAAabAAA"}', '{"WhatId": null}', '{"AccountId": null}', '{"AccountId": null, "WhatId": "0015g00000accovAAA"}',
	'{"AccountId": null, "WhatId": "0065g00000AAAabAAA"}', '{"ActivityDateTime": "2025-03-03T00:00:00.000+0000"}', '{"ActivityDateTime": null}']::jsonb[]) WITH ORDINALITY AS s(said, j) ORDER BY s.j;

\set one '{"Id": "0015g00000NewaaAAA", "Name": "Sun", "CreatedDate": "2025-01-01T00:00:00.000+0000", "OwnerId": "0055g000001owneAAA"}'
\set two '{"Id": "0015g00000NewaaAAA", "Name": "Moon", "CreatedDate": "2025-01-02T00:00:00.000+0000", "OwnerId": "0055g000002owneAAA"}'
SELECT public.after('Account', :'one'), public.after('Account', :'one', :'two');
SELECT f.field, c.said, public.after('Account', :'one', public.with_field(:'two', f.field, c.said)) AS on_record, public.after('Account', public.with_field(:'two', f.field, c.said)) AS not_on_record
FROM jsonb_object_keys(:'two') WITH ORDINALITY AS f(field, i), public.cases c ORDER BY f.i, c.place;

\set one '{"Id": "0055g00000NewaaAAA", "Name": "Li", "Email": "li@x.com"}'
\set two '{"Id": "0055g00000NewaaAAA", "Name": "Wei", "Email": "wei@x.com"}'
SELECT public.after('User', :'one'), public.after('User', :'one', :'two');
SELECT f.field, c.said, public.after('User', :'one', public.with_field(:'two', f.field, c.said)) AS on_record, public.after('User', public.with_field(:'two', f.field, c.said)) AS not_on_record
FROM jsonb_object_keys(:'two') WITH ORDINALITY AS f(field, i), public.cases c ORDER BY f.i, c.place;

-- DingTalk.
\set one '{"dept_id": 99, "name": "One", "parent_id": 10}'
\set two '{"dept_id": 99, "name": "Two", "parent_id": 20}'
SELECT public.after('department', :'one'), public.after('department', :'one', :'two');
SELECT f.field, c.said, public.after('department', :'one', public.with_field(:'two', f.field, c.said)) AS on_record
FROM jsonb_object_keys(:'two') WITH ORDINALITY AS f(field, i), public.cases c ORDER BY f.i, c.place;

\set one '{"userid": "u", "name": "Li", "email": "li@x.com", "org_email": "li@org.com", "main_dept_id": 10, "dept_id_list": [10], "hired_date": "1599494400000"}'
\set two '{"userid": "u", "name": "Wei", "email": "wei@x.com", "org_email": "wei@org.com", "main_dept_id": 20, "dept_id_list": [20], "hired_date": "1599580800000"}'
SELECT public.after('user', :'one'), public.after('user', :'one', :'two');
SELECT f.field, c.said, public.after('user', :'one', public.with_field(:'two', f.field, c.said)) AS on_record
FROM jsonb_object_keys(:'two') WITH ORDINALITY AS f(field, i), public.cases c ORDER BY f.i, c.place;
-- Lists of departments, also as text, where no main one is said.
SELECT s.said, public.after('user', jsonb '{"userid": "u"}' || jsonb_build_object('dept_id_list', s.said)) AS outcome
FROM unnest(ARRAY['[20]', '["20"]', '[77, 20, 10]', '"[20]"', '"[77, 20, 10]"', '" [ \"20\" ,10 ] "', '"20"', '[]', '"[]"', '"[ ]"', '[77]', '"[77,78]"',
	'"[20"', '"20,10"', '"[20,]"', '"[,20]"', '"[20] x"', '[null]', '[[20]]', '[{"id": 20}]', '20', '{"id": 20}']::jsonb[]) WITH ORDINALITY AS s(said, j) ORDER BY s.j;

\set two '{"userid": "u", "name": "Wei", "main_dept_id": 20, "last_work_day": 1735574400000, "reason_memo": "tired", "reason_type": 4}'
SELECT public.after('user', :'one', :'two');
SELECT f.field, c.said, public.after('user', :'one', public.with_field(:'two', f.field, c.said)) AS on_record
FROM jsonb_object_keys(:'two') WITH ORDINALITY AS f(field, i), public.cases c ORDER BY f.i, c.place;
SELECT s.said, public.after('user', :'one', :'two', jsonb '{"userid": "u"}' || s.said) AS outcome
FROM unnest(ARRAY['{"reason_memo": "moved"}', '{"reason_memo": null}', '{"last_work_day": 1735660800000}', '{"last_work_day": null}', '{"name": "Zhao"}', '{"hired_date": "1735747200000"}']::jsonb[]) WITH ORDINALITY AS s(said, j) ORDER BY s.j;

-- The roster: a field that is not in the list, one without a value, with an empty list, null, of another type.
\set two '{"userid": "u", "field_data_list": [{"field_code": "sys00-name", "field_value_list": [{"value": "Wei"}]}, {"field_code": "sys00-email", "field_value_list": [{"value": "wei@x.com"}]}, {"field_code": "sys00-mainDeptId", "field_value_list": [{"value": "20"}]}, {"field_code": "sys00-confirmJoinTime", "field_value_list": [{"value": "2020-09-09"}]}]}'
SELECT public.after('user', :'one', :'two');
SELECT (:'two'::jsonb) -> 'field_data_list' -> f.i ->> 'field_code' AS field, c.said, public.after('user', :'one', CASE c.said WHEN 'absent' THEN :'two'::jsonb #- ARRAY['field_data_list', f.i::text]
	WHEN 'no value' THEN :'two'::jsonb #- ARRAY['field_data_list', f.i::text, 'field_value_list']
	WHEN 'empty list' THEN jsonb_set(:'two', ARRAY['field_data_list', f.i::text, 'field_value_list'], '[]')
	WHEN 'no list' THEN jsonb_set(:'two', ARRAY['field_data_list', f.i::text, 'field_value_list'], '"x"')
	ELSE jsonb_set(:'two', ARRAY['field_data_list', f.i::text, 'field_value_list', '0', 'value'], c.said::jsonb) END) AS on_record
FROM generate_series(0, 3) AS f(i), unnest(ARRAY['absent', 'no value', 'empty list', 'no list', 'null', '""', '"x"', '7', 'true', '[1]']) WITH ORDINALITY AS c(said, j) ORDER BY f.i, c.j;

-- Several rows of one record in an answer: each says what the one before it does not.
SELECT * FROM import_salesforce('{"done": true, "records": [
	{"attributes": {"type": "Opportunity"}, "Id": "0065g00000BBBaaAAA", "OwnerId": "0055g000001owneAAA", "IsClosed": true, "IsWon": true, "CloseDate": "2025-05-01", "Amount": 7},
	{"attributes": {"type": "Opportunity"}, "Id": "0065g00000BBBaaAAA", "Amount": 8},
	{"attributes": {"type": "Opportunity"}, "Id": "0065g00000BBBaaAAA", "OwnerId": "0055g000002owneAAA"}]}');
SELECT d.won, d.amount, u.code, d.closed_on FROM deals d JOIN units u USING (unit_id);

-- A reject says no more when it is tried again; what it did not say stays as it has become meanwhile. JSON that is no cell
-- stays none.
SELECT * FROM import_salesforce('{"done": true, "records": [{"attributes": {"type": "Opportunity"}, "Id": "0065g00000CCCaaAAA", "OwnerId": "0055g000001owneAAA", "CloseDate": {"a": 1}, "Amount": true},
	{"attributes": {"type": "Opportunity"}, "Id": "0065g00000BBBaaAAA", "OwnerId": "0055g000009owneAAA", "AccountId": null}]}');
SELECT row, cause, column_name, reason FROM import_rejects ORDER BY reject_id;
UPDATE deals SET amount = 9, closed_on = '2025-05-02', customer_id = (SELECT min(customer_id) FROM customers);
INSERT INTO employees_in (source, source_id, unit, hired_on) VALUES ('salesforce', '0055g000009owneAAA', 'A', '2020-01-01');
SELECT retry_rejects();
SELECT d.won, d.amount, u.code, d.closed_on, d.customer_id FROM deals d JOIN units u USING (unit_id);
SELECT row, reason FROM import_rejects ORDER BY reject_id;
DELETE FROM import_rejects;

-- What was refused of a record is kept for each field that no later answer says: of a row that came in, of one that was refused
-- too, in one answer or in two.
CREATE FUNCTION public.users(VARIADIC records jsonb[]) RETURNS text LANGUAGE sql
RETURN (SELECT format('%s %s', accepted, rejected) FROM import_dingtalk(jsonb_build_object('errcode', 0, 'result', jsonb_build_object('list', to_jsonb(records)))));
SELECT public.users('{"userid": "a", "name": "Li", "main_dept_id": 77, "hired_date": "1599494400000"}', '{"userid": "b", "name": "Li", "main_dept_id": 77, "hired_date": "1599494400000"}',
	'{"userid": "c", "name": "Li", "main_dept_id": 77}', '{"userid": "c", "name": "Wei", "email": "c@x.com"}', '{"userid": "d", "name": "Li", "main_dept_id": 77}', '{"userid": "d", "hired_date": "soon"}', '{"userid": "e", "main_dept_id": 77}', '{"userid": "e", "main_dept_id": 10}');
SELECT public.users('{"userid": "a", "name": "Wei"}'), public.users('{"userid": "b", "name": "Wei", "main_dept_id": 78}'), public.users('{"userid": "d", "name": "Wei", "hired_date": null}');
SELECT row, reason FROM import_rejects ORDER BY row ->> 'source_id';
INSERT INTO units_in (code) VALUES ('77'), ('78');
SELECT retry_rejects();
SELECT e.source_id, e.name, e.email, e.hired_on, u.code FROM employees e LEFT JOIN assignments a USING (employee_id) LEFT JOIN units u USING (unit_id) WHERE e.source = 'dingtalk' ORDER BY 1;
SELECT count(*) FROM import_rejects;

-- Wrapped answers, and the tool's own error.
SELECT * FROM import_salesforce('{"status": 0, "result": {"records": [{"attributes": {"type": "User"}, "Id": "0055g00000WrapaAAA", "Name": "W"}], "totalSize": 1, "done": true}, "warnings": []}');
SELECT name FROM employees WHERE source_id = '0055g00000WrapaAAA';
SELECT * FROM public.error_of($$SELECT import_salesforce('{"status": 1, "name": "INVALID_FIELD", "message": "No such column IsWonn", "exitCode": 1}')$$);
SELECT public.refusal(format('SELECT import_salesforce(%L)', j)) FROM unnest(ARRAY['{"status": 0}', '{"status": 0, "result": 5}', '{"status": 0, "result": {}}', '{"result": []}']) AS j;

-- The view tells nothing of what only answers say, and rows of files are as they were.
INSERT INTO deals_in VALUES ('crm', 'f1', 'A', NULL, NULL, NULL, '2025-05-01', NULL, '1'), ('crm', 'f2', 'A', NULL, NULL, NULL, NULL, 'yes', 'x');
SELECT * FROM deals_in WHERE source = 'crm';
SELECT row, reason FROM import_rejects WHERE source = 'crm';

ROLLBACK;
