-- I5: the documented answers of DingTalk: departments, users, the roster, leavers.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile();
INSERT INTO units_in (code) VALUES ('CN'), ('EAST');
INSERT INTO aliases VALUES ('unit', 'dingtalk', '1', 'CN'), ('unit', 'dingtalk', '100', 'EAST'), ('leave_reason', 'dingtalk', '4', 'pressure');
SET LOCAL client_min_messages = notice;

-- Departments, ids as numbers or strings; an alias says which of them is a unit that is known.
SELECT * FROM import_dingtalk('{"errcode": 0, "errmsg": "ok", "request_id": "r", "result": [{"dept_id": 100, "name": "East", "parent_id": 1, "auto_add_user": true},
	{"dept_id": "202", "name": "Team 2", "parent_id": "201"}, {"dept_id": 201, "name": "上海", "parent_id": 100}, {"dept_id": 300, "name": "Lost", "parent_id": 999}]}');
SELECT * FROM units_in ORDER BY 1;
SELECT reason FROM import_rejects;

-- Users: days in China, units by department, booleans as strings.
SELECT * FROM import_dingtalk('{"errcode": "0", "result": {"has_more": true, "next_cursor": "100", "list": [
	{"userid": "u1", "name": "李伟", "dept_id_list": [201], "hired_date": "1599494400000", "active": "true", "email": "li@x.com"},
	{"userid": "u2", "name": "王", "dept_id_list": [999, 202, 100], "hired_date": 1599580799000, "org_email": "wang@x.com", "email": ""},
	{"userid": "u3", "name": "赵", "dept_id_list": []}, {"userid": "u4", "name": "钱", "dept_id_list": [998], "hired_date": "soon"}]}}');
SELECT e.source_id, e.name, e.email, e.hired_on, u.code, lower(a.during) = e.hired_on AS since FROM employees e LEFT JOIN assignments a USING (employee_id) LEFT JOIN units u USING (unit_id) ORDER BY 1;
SELECT row ->> 'source_id' AS user, reason FROM import_rejects WHERE target = 'employees_in';

-- Leavers: left on their last day, for a reason that an alias translates; nothing else of them changes.
SELECT * FROM import_dingtalk('{"errcode": 0, "result": [{"userid": "u1", "last_work_day": 1599494400000, "main_dept_id": 201, "reason_memo": "too much", "reason_type": 4},
	{"userid": "u2", "last_work_day": 1735574400000, "main_dept_id": 999, "reason_memo": "moved away", "reason_type": 1}, {"userid": "u9", "last_work_day": "1735574400000", "main_dept_id": 201}]}');
SELECT source_id, name, email, hired_on, left_on, leave_reason FROM employees ORDER BY 1;
SELECT e.source_id, u.code, a.during FROM employees e JOIN assignments a USING (employee_id) JOIN units u USING (unit_id) ORDER BY 1;

-- Seconds, of ten digits, are not taken for milliseconds (a day of 1970): refused, not guessed.
SELECT * FROM import_dingtalk('{"errcode": 0, "result": {"list": [{"userid": "s1", "name": "秒", "dept_id_list": [201], "hired_date": 1599494400}]}}');
SELECT row ->> 'source_id' AS user, reason FROM import_rejects WHERE row ->> 'source_id' = 's1';
SELECT * FROM import_dingtalk('{"errcode": 0, "result": {"list": [{"userid": "s1", "name": "秒", "dept_id_list": [201], "hired_date": "1599494400000"}]}}');
SELECT (SELECT hired_on FROM employees WHERE source_id = 's1') AS hired_on, (SELECT count(*) FROM import_rejects WHERE row ->> 'source_id' = 's1') AS rejects;

-- The roster, of either version.
SELECT * FROM import_dingtalk('{"errcode": 0, "result": [{"userid": "u3", "field_data_list": [{"field_code": "sys00-name", "field_value_list": [{"value": "赵一", "label": "赵一"}]},
	{"field_code": "sys00-email", "field_value_list": [{"value": "zhao@x.com"}]}, {"field_code": "sys00-mainDeptId", "field_value_list": [{"value": "201", "label": "上海"}]},
	{"field_code": "sys00-confirmJoinTime", "field_value_list": [{"value": "2021-05-01"}]}, {"field_code": "sys00-tel", "field_value_list": []}]},
	{"userid": "u5", "field_list": [{"field_code": "sys00-name", "value": "孙"}, {"field_code": "sys00-confirmJoinTime", "value": "2022-05-01"}]}]}');
SELECT source_id, name, email, hired_on FROM employees WHERE source_id IN ('u3', 'u5') ORDER BY 1;

-- A refused row is still a service's when it is tried again: what it did not say is left alone.
INSERT INTO units_in (code) VALUES ('998');
UPDATE import_rejects SET row = row || '{"hired_on": "2023-01-01"}' WHERE row ->> 'source_id' = 'u4';
INSERT INTO employees (source, source_id, email, leave_reason) VALUES ('dingtalk', 'u4', 'qian@x.com', 'kept');
SELECT retry_rejects();
SELECT source_id, name, email, hired_on, leave_reason FROM employees WHERE source_id = 'u4';

-- Who left and is in the list of users again, hired later, is back; his old leave, read again, is refused in words.
SELECT * FROM import_dingtalk('{"errcode": 0, "result": {"list": [{"userid": "b1", "name": "回", "dept_id_list": [201], "hired_date": "1599494400000"}]}}');
SELECT * FROM import_dingtalk('{"errcode": 0, "result": [{"userid": "b1", "last_work_day": 1640880000000, "main_dept_id": 201, "reason_memo": "tired"}]}');
SELECT * FROM import_dingtalk('{"errcode": 0, "result": {"list": [{"userid": "b1", "name": "回", "dept_id_list": [201], "hired_date": "1654012800000"}]}}');
SELECT e.hired_on, e.left_on, e.leave_reason, a.during FROM employees e JOIN assignments a USING (employee_id) WHERE e.source_id = 'b1' ORDER BY a.during;
SELECT * FROM import_dingtalk('{"errcode": 0, "result": [{"userid": "b1", "last_work_day": 1640880000000, "main_dept_id": 201, "reason_memo": "tired"}]}');
SELECT reason FROM import_rejects WHERE row ->> 'source_id' = 'b1';
SELECT hired_on, left_on FROM employees WHERE source_id = 'b1';

-- Errors in its words, and what is no answer.
SELECT * FROM public.error_of($$SELECT import_dingtalk('{"errcode": 40014, "errmsg": "不合法的access_token", "request_id": "r"}')$$);
SELECT * FROM public.error_of($$SELECT import_dingtalk('{"code": "InvalidAuthentication", "message": "不合法的access_token", "requestid": "r"}')$$);
SELECT * FROM public.error_of($$SELECT import_dingtalk('{"errcode": 0, "result": {"userid_list": ["a"]}}')$$);
SELECT public.refusal(format('SELECT import_dingtalk(%L)', j)) FROM unnest(ARRAY['5', '[]', '{}', '{"errcode": 0}', '{"errcode": 0, "result": [5]}', '{"errcode": 0, "result": {"list": [[]]}}']) AS j;
SELECT * FROM import_dingtalk('{"errcode": 0, "result": {"has_more": false, "list": []}}');

-- A list of departments of which none is a unit stays whole: whichever is one later counts, the first of the list first.
SELECT * FROM import_dingtalk('{"errcode": 0, "result": {"list": [{"userid": "l1", "name": "单", "dept_id_list": [771, 772, 773]},
	{"userid": "l2", "name": "文", "dept_id_list": "[771, \"772\"]"}, {"userid": "l3", "name": "一", "dept_id_list": "[771]"}]}}');
SELECT row ->> 'source_id' AS id, row ->> 'unit' AS unit, reason FROM import_rejects ORDER BY reject_id DESC LIMIT 3;
INSERT INTO units_in (code) VALUES ('773'), ('W');
INSERT INTO aliases VALUES ('unit', 'dingtalk', '772', 'W');
SELECT retry_rejects() > 0 AS came_in;
SELECT e.source_id, u.code FROM employees e LEFT JOIN assignments a USING (employee_id) LEFT JOIN units u USING (unit_id)
WHERE e.source_id IN ('l1', 'l2', 'l3') ORDER BY 1;

ROLLBACK;
