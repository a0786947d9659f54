-- From load to signature, with much that is refused on the way: for 023_languages.pl, which runs it in several languages
-- and encodings and compares. ASCII alone, days given, roles that are there already.
SET search_path = regtarget, public;
SET timezone = 'UTC';

\echo == rules
SELECT apply_profile('none');
SELECT apply_profile();
SELECT add_year(2025);
SELECT add_year(2025, '2025-01-01', '4-4-6');

\echo == organisation
INSERT INTO units_in (code, name, kind, parent) VALUES ('CN', 'China', 'company', NULL), ('EAST', 'East', 'region', 'CN'),
	('SOUTH', 'South', 'region', 'CN'), ('SH', 'Shanghai', 'group', 'EAST'), ('HZ', 'Hangzhou', 'group', 'EAST'),
	('GZ', 'Guangzhou', 'group', 'SOUTH'), ('LOST', 'Lost', 'group', 'NOWHERE');
INSERT INTO employees_in (source, source_id, name, unit, hired_on, left_on) VALUES
	('hr', '1', 'Li', 'SH', '2023-01-01', NULL), ('hr', '2', 'Wu', 'HZ', '2023-01-01', NULL), ('hr', '3', 'He', 'GZ', '03/04/2023', NULL),
	('hr', '4', 'Xu', 'GZ', '2024-01-01', '2023-01-01'), ('hr', '5', 'Gu', 'GZ', '2023-01-01', NULL);
INSERT INTO assignments_in (source, employee, unit, from_date, to_date) VALUES ('hr', '5', 'GZ', '2025-01-01', '2024-01-01');

\echo == facts
INSERT INTO deals_in (source, source_id, unit, employee, customer, opened_on, closed_on, won, amount)
SELECT 'crm', n::text, (ARRAY['SH', 'HZ', 'GZ'])[n % 3 + 1], NULL, NULL, NULL, to_char(date '2025-01-01' + n, 'YYYY-MM-DD'),
	CASE WHEN n % 4 < 2 THEN 'Won' ELSE 'Lost' END, (1000 * n)::text
FROM generate_series(1, 150) AS n;
INSERT INTO deals_in (source, source_id, unit, employee, customer, opened_on, closed_on, won, amount) VALUES
	('crm', '201', 'XX', NULL, NULL, NULL, '2025-03-01', 'Won', '5'), ('crm', '202', NULL, NULL, NULL, NULL, '2025-03-01', 'Won', '5'),
	('crm', '203', 'SH', '77', NULL, NULL, '2025-03-01', 'Won', '5'), ('crm', '204', 'SH', NULL, '88', NULL, '2025-03-01', 'Won', '5'),
	('crm', '205', 'SH', NULL, NULL, NULL, '2025-02-30', 'Won', '5'), ('crm', '206', 'SH', NULL, NULL, NULL, '202503', 'Won', '5'),
	('crm', '207', 'SH', NULL, NULL, NULL, '45800', 'Won', '-'), ('crm', '208', 'SH', NULL, NULL, NULL, '2025-03-01', 'perhaps', '5'),
	('crm', '209', 'SH', NULL, NULL, NULL, '2025-03-01', 'Won', 'USD 5'), ('crm', '210', 'SH', NULL, NULL, NULL, '2025-03-01', 'Won', '$5'),
	('crm', '211', 'SH', NULL, NULL, NULL, '2025-03-01', 'Won', '261,96'), ('crm', '212', 'SH', NULL, NULL, NULL, '2025-03-01', 'Won', '22,368'),
	('crm', '9.61565E+15', 'SH', NULL, NULL, NULL, '2025-03-01', 'Won', '5'), ('crm', NULL, 'SH', NULL, NULL, NULL, NULL, NULL, NULL),
	('crm', '215', 'SH', NULL, NULL, NULL, '1750000000', 'Won', '#REF!'), ('crm', '216', 'SH', NULL, NULL, NULL, '2025-03-01', 'Won', '1,23'),
	('crm', '217', 'SH', NULL, NULL, NULL, '2025', 'Won', '5'), ('crm', '218', 'SH', NULL, NULL, NULL, NULL, 'Won', '5'),
	('crm', '219', 'SH', NULL, NULL, NULL, '2099-01-01', 'Won', '5'), ('crm', '220', 'SH', NULL, NULL, NULL, '2025-06-01', 'Won', '99999999'),
	('crm', '221', 'SH', NULL, NULL, NULL, '200506', 'Won', '5');
INSERT INTO visits_in (source, source_id, unit, visited_on)
SELECT 'crm', n::text, (ARRAY['SH', 'HZ', 'GZ'])[n % 3 + 1], to_char(date '2025-01-01' + n % 180, 'YYYY-MM-DD') FROM generate_series(1, 300) n;
INSERT INTO signals_in (source, unit, signal, as_of, value) VALUES ('desk', 'SH', 'tender_amount', '2025-06-15', '4000'),
	('desk', 'HZ', 'tender_amount', '2025-06-15', '2000'), ('other', 'HZ', 'tender_amount', '2025-06-15', '2500'),
	('desk', 'GZ', 'headcount', '2025-06-15', '7'), ('desk', 'SH', 'report_estimate', '2025-06-15', '5'), ('desk', 'GZ', 'report_estimate', '2025-06-15', '5'),
	(NULL, 'SH', 'strategic_tilt', '2025-06-15', '1'), ('desk', 'SH', 'strategic_tilt', '2025-06-15', '2');
SELECT import_salesforce('{"done": true, "records": [{"attributes": {"type": "Opportunity"}, "Id": "006000000000001", "Amount": 5}]}');
SELECT import_salesforce('[{"errorCode": "INVALID_SESSION_ID", "message": "Session expired"}]');
SELECT import_salesforce('{"a": 1}');
SELECT import_dingtalk('{"errcode": 40014, "errmsg": "invalid token"}');

\echo == duties
SELECT grant_duty('l10n_boss', 'CN', 'planner'), grant_duty('l10n_east', 'EAST', 'manager'), grant_duty('l10n_sh', 'SH', 'manager'),
	grant_duty('l10n_money', 'CN', 'finance'), grant_duty('l10n_guest', 'GZ', 'viewer');
SELECT grant_duty('l10n_guest', 'GZ', 'owner');
SELECT grant_duty('l10n_nobody', 'GZ', 'viewer');
INSERT INTO shared_logins VALUES (session_user);

\echo == split
SET ROLE l10n_guest;
SELECT allocate_targets('2025Q3', 1000000);
SET ROLE l10n_boss;
SELECT count(*) FROM allocate_targets('2025Q3', 1000000, step => 100);
SELECT allocate_targets('2025Q3', 1000050, step => 100);
SELECT allocate_targets('2025Q9', 1000000);
SELECT allocate_targets('2025Q3', 1000000, mode => 'wish');
SELECT allocate_targets('2025Q3', 1000000, factors => '{"luck": 1}');
SELECT allocate_targets('2025Q3', 1000000, factors => '{"health": "much"}');
INSERT INTO bounds SELECT '2025Q3', unit_id, 999999, NULL FROM units WHERE code IN ('EAST', 'SOUTH');
SELECT allocate_targets('2025Q3', 1000000, step => 1);
DELETE FROM bounds;
UPDATE targets SET suggested = suggested + 100 WHERE unit_id = (SELECT unit_id FROM units WHERE code = 'SH');
SELECT publish_plan((SELECT max(plan_id) FROM plans));
SELECT count(*) FROM allocate_targets('2025Q3', 1000000, step => 100);
SELECT propose_plan((SELECT max(plan_id) FROM plans));
SELECT publish_plan((SELECT max(plan_id) FROM plans));
SELECT publish_plan((SELECT max(plan_id) FROM plans));
SELECT publish_plan(4711);
RESET ROLE;
SELECT coalesce(max(plan_id), 0) AS plan FROM plans \gset

\echo == guard
UPDATE targets SET amount = amount * 2 WHERE unit_id = (SELECT unit_id FROM units WHERE code = 'SH');
UPDATE targets SET amount = amount + 0.5 WHERE unit_id = (SELECT unit_id FROM units WHERE code = 'SH');
UPDATE targets SET suggested = 1 WHERE unit_id = (SELECT unit_id FROM units WHERE code = 'SH');
DELETE FROM targets;
DELETE FROM plans;
UPDATE plans SET total = 1;
UPDATE units SET parent_id = unit_id WHERE code = 'EAST';
DELETE FROM ledger;
UPDATE adjustments SET status = 'applied';
INSERT INTO alerts (rule) VALUES ('x');

\echo == valve
SET ROLE l10n_boss;
SELECT request_adjustment('SH', -0.05, 'not mine', '2025-07-10');
SET ROLE l10n_sh;
SELECT request_adjustment('SH', -0.5, 'too much', '2025-07-10');
SELECT request_adjustment('SH', 0, 'nothing', '2025-07-10');
SELECT request_adjustment('SH', -0.05, 'no month', '1999-07-10');
SELECT request_adjustment('SH', -0.05, 'a fair closed', '2025-07-10') > 0 AS asked;
SELECT request_adjustment('SH', -0.05, 'again', '2025-07-11');
SELECT countersign((SELECT max(adjustment_id) FROM adjustments), true);
SELECT apply_adjustment((SELECT max(adjustment_id) FROM adjustments));
SET ROLE l10n_money;
SELECT countersign((SELECT max(adjustment_id) FROM adjustments), true);
SET ROLE l10n_boss;
SELECT apply_adjustment((SELECT max(adjustment_id) FROM adjustments));
SELECT countersign((SELECT max(adjustment_id) FROM adjustments), true, 'yes', 0.05);
SET ROLE l10n_east;
SELECT countersign((SELECT max(adjustment_id) FROM adjustments), true, 'half will do', -0.03);
SET ROLE l10n_boss;
SELECT countersign((SELECT max(adjustment_id) FROM adjustments), true);
SELECT countersign(4711, true);
SELECT (a.apply_adjustment).amount > 0 AS applied FROM (SELECT apply_adjustment((SELECT max(adjustment_id) FROM adjustments))) a;
SET ROLE l10n_money;
SELECT acknowledge_filing((SELECT max(filing_id) FROM filings), 'F-1');
SELECT acknowledge_filing((SELECT max(filing_id) FROM filings), 'F-2');
RESET ROLE;
SELECT close_review(4711, 'keep', 'why');
SELECT acknowledge_alert(4711);
SELECT answer_target(4711, true);
SELECT withdraw_adjustment((SELECT max(adjustment_id) FROM adjustments));

\echo == reorganisation
SELECT move_unit('SH', 'EAST', '2026-01-01');
SELECT move_unit('SH', 'SOUTH', '2025-01-01') IS NULL;
SELECT move_target('SH', 'SH', '2025Q3', 'why');
SELECT move_target('SH', 'EAST', '2025Q3', 'why');
SELECT transfer_target('SH', 'HZ', '2025Q3', 0, 'why');
SELECT transfer_target('SH', 'HZ', '2025Q3', 1000, 'a customer') > 0 AS transferred;

\echo == others
SELECT close_period('2025Q3') IS NULL;
SELECT close_period('2025Q4');
SELECT health_score(1::float8, 2::float8, 2::float8, 1::float8);
SELECT apportion(100.5, 1, 1) OVER ();
SELECT unit_health(NULL);
SELECT verify('{nothing}');
SELECT schedule_jobs();
SELECT run_job('dance');
SELECT purge('-1 day');
SELECT report_event('competitor_promotion', '', 'SH', '2025-07-10');

\echo == facts elsewhere
CREATE TABLE public.moments (unit_id bigint, visited_on timestamptz);
CREATE TABLE public.elsewhere (unit_id int, visited_on date);
INSERT INTO public.elsewhere SELECT unit_id, date '2025-07-01' FROM units WHERE code = 'SH' UNION ALL SELECT 99999, date '2025-07-01';
SELECT attach_facts('people', 'public.elsewhere');
SELECT attach_facts('deals', 'public.elsewhere');
SELECT attach_facts('visits', 'public.moments');
SELECT attach_facts('visits', 'regtarget.visits');
SELECT attach_facts('visits', 'public.elsewhere');
SELECT detach_facts('visits', 'public.moments');
SELECT detach_facts('visits', '-');
SELECT refresh_activity('2025-07-02', '2025-07-01');
SELECT refresh_activity('2025-07-01', '2025-07-01');
INSERT INTO public.elsewhere SELECT * FROM public.elsewhere;
UPDATE attached_days SET visits = 7;

\echo == proof
SELECT backtest('2025Q4', '2025Q3');
SELECT tuning_verdict('2025Q1', '1999Q1');
SELECT tune_factors('2025Q3', '2025Q3', grid => 0.07);
SELECT compare_plans(0, 0);
SELECT shadow_verdict(0);
SELECT reveal_shadow('2025Q4');
SELECT draw_adoption_order('{SH,SH}', 1);

\echo == codes
SELECT target, line, cause, column_name, row::text FROM import_rejects ORDER BY 1, 2, 3, 5;
SELECT unit_id, entry, actor, action, details::text ~ '[^ -~]' AS foreign FROM ledger ORDER BY 1, 2;
SELECT name, about, value, measure FROM vitals WHERE name <> 'source_lag' ORDER BY 1, 2;
SELECT fact, source_id, warning FROM data_warnings ORDER BY 1, 2, 3;
SELECT check_name, ok FROM verify() ORDER BY 1;
SELECT unit_id, status, granted FROM adjustments ORDER BY 1;

\echo == texts
\pset format unaligned
\pset tuples_only on
SELECT 'reason ' || cause || ' ' || line || ': ' || reason FROM import_rejects ORDER BY target COLLATE "C", line, cause COLLATE "C", row::text COLLATE "C";
SELECT 'what_to_do ' || cause || ': ' || what_to_do FROM reject_causes ORDER BY (target, cause, column_name)::text COLLATE "C";
SELECT 'warning ' || fact || ' ' || source_id || ': ' || detail FROM data_warnings ORDER BY fact COLLATE "C", source_id COLLATE "C";
SELECT 'explain: ' || what || '|' || coalesce(detail, '') FROM explain_target('SH', '2025Q3') WHERE detail <> 'a customer' ORDER BY step;
SELECT 'breakdown: ' || words FROM target_breakdown WHERE plan_id = :plan ORDER BY target_id, signal COLLATE "C";
SELECT 'signatures: ' || regexp_replace(signatures, '\d{4}-\d\d-\d\d \d\d:\d\d', 'D', 'g') FROM adjustment_log ORDER BY adjustment_id;
SELECT 'advice: ' || advice FROM vitals ORDER BY name COLLATE "C", about COLLATE "C";
SELECT 'advice ' || c || ': ' || reject_advice(c, t, k) FROM (VALUES ('two_readings', 'deals_in', 'closed_on'), ('two_readings', 'deals_in', 'amount'),
	('lone_dash', 'deals_in', 'amount'), ('sheet_error', 'deals_in', 'amount'), ('not_a_day', 'deals_in', 'closed_on'), ('database', NULL, NULL)) v (c, t, k);
SELECT 'attached: ' || detail FROM verify('{activity}') WHERE NOT ok;
SELECT 'weights: ' || said FROM tuning_verdict('2025Q3', '2025Q3');
SELECT 'shadow: ' || said FROM shadow_verdict();
SELECT 'check: ' || what FROM plan_check(:plan) ORDER BY 1;
SELECT 'effect: ' || said FROM adoption_effect('2025Q3', '2025Q3');
