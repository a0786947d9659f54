-- Rows in every table of the extension, of every kind that survives a dump: what was published and
-- what is a draft, closed units, odd days, nulls, odd texts, penalties, bounds, amounts that moved.
-- All of it through what any user may do.

SELECT regtarget.apply_profile('industrial', '2024-01-01');
SELECT regtarget.apply_profile();
INSERT INTO regtarget.policies (effective_from, cap, penalty_rate, penalty_quarters, silence_counts,
	regret_days, sign_levels, sign_within_days, window_months, min_coverage, actuals, churn_days,
	timezone, memory)
VALUES ('2025-07-01', 0.2, 0.075, 3, false, 1, 2, 7, 3, 0.25, 'revenues', 90, 'Asia/Shanghai', 0.35);

-- Units: three levels, a second root, one closed and one not yet opened, ids that left gaps, and
-- one id that was given out and is gone, so that the sequence stands beyond the rows.
INSERT INTO regtarget.units (code, name, kind, opened_on)
VALUES ('CN', 'Company', 'company', '2001-02-03');
INSERT INTO regtarget.units (code, name, kind, parent_id)
SELECT 'R' || g, CASE g WHEN 1 THEN E'quote '' " \\ \\N\ttab\nline' WHEN 2 THEN ''
	ELSE 'Region ' || chr(CASE getdatabaseencoding() WHEN 'UTF8' THEN 21326 ELSE 65 END) END,
	'region', u.unit_id
FROM generate_series(1, 3) g, regtarget.units u WHERE u.code = 'CN';
INSERT INTO regtarget.units (code, kind, parent_id, opened_on, closed_on)
SELECT u.code || '-' || g, 'group', u.unit_id,
	CASE u.code || g WHEN 'R25' THEN date '2026-01-01' END,
	CASE u.code || g WHEN 'R35' THEN date '2024-12-31' END
FROM regtarget.units u, generate_series(1, 5) g WHERE u.kind = 'region' ORDER BY u.unit_id, g;
INSERT INTO regtarget.units (unit_id, code) VALUES (1000, 'HK');
INSERT INTO regtarget.units (code) VALUES ('gone');
DELETE FROM regtarget.units WHERE code = 'gone';

-- Moves: of the past, to the top and back, and one that lies ahead.
INSERT INTO regtarget.past_parents
SELECT u.unit_id, m.until_on, p.unit_id FROM (VALUES ('R2-3', date '2020-01-01', 'R1'), ('R2-3', '2021-01-01', NULL),
	('R1-5', '2999-01-01', 'R1')) AS m (unit, until_on, parent)
JOIN regtarget.units u ON u.code = m.unit LEFT JOIN regtarget.units p ON p.code = m.parent;
-- Successions, to more than one, and of a part.
INSERT INTO regtarget.successions
SELECT u.unit_id, p.unit_id, s.share FROM (VALUES ('R2-3', 'R1-5', 0.25), ('R1-4', 'R1-5', 0.75), ('R1-4', 'R2-3', 1)) AS s (unit, predecessor, share)
JOIN regtarget.units u ON u.code = s.unit JOIN regtarget.units p ON p.code = s.predecessor;

-- Adoptions: of the past, and one that lies ahead.
INSERT INTO regtarget.adoptions SELECT unit_id, CASE code WHEN 'R1' THEN date '2025-02-15' ELSE '2999-01-01' END
FROM regtarget.units WHERE code IN ('R1', 'R2');

-- Duties.
SELECT regtarget.grant_duty(current_user, 'CN', 'planner');
SELECT regtarget.grant_duty(current_user, 'R1-1', 'finance');

-- Calendars: a calendar year, one of weeks, a period by hand with odd days, shares.
SELECT regtarget.add_year(2024);
SELECT regtarget.add_year(2025);
SELECT regtarget.add_year(2026, '2026-01-05', '4-4-5', 53);
INSERT INTO regtarget.periods VALUES ('odd', '[2030-03-01,2030-03-21)');
INSERT INTO regtarget.months VALUES ('odd-1', 'odd', '[2030-03-02,2030-03-10)', 0.125),
	('odd-2', 'odd', '[2030-03-15,2030-03-20)', NULL);
UPDATE regtarget.months SET share = CASE month WHEN '2025-07' THEN 0.2 ELSE 0.45 END
WHERE month IN ('2025-07', '2025-08');

-- People.
INSERT INTO regtarget.employees (source, source_id, name, email, hired_on, left_on, leave_reason)
SELECT CASE g % 2 WHEN 0 THEN 'hr' ELSE 'crm' END, CASE WHEN g % 7 > 0 THEN 'e' || g END,
	'Person ' || g,
	CASE WHEN g % 3 = 0 THEN 'p' || g || '@example.com' END, date '2023-01-01' + g,
	CASE WHEN g % 9 = 0 THEN date '2025-03-31' END, CASE WHEN g % 9 = 0 THEN 'pressure' END
FROM generate_series(1, 40) g;
INSERT INTO regtarget.assignments
SELECT e.employee_id, u.unit_id,
	daterange('2024-01-01', CASE WHEN e.employee_id % 4 = 0 THEN date '2025-02-01' END)
FROM regtarget.employees e
JOIN regtarget.units u ON u.code = format('R%s-%s', e.employee_id % 3 + 1, e.employee_id % 4 + 1);
INSERT INTO regtarget.assignments
SELECT a.employee_id, r.unit_id, '[2025-02-01,)' FROM regtarget.assignments a, regtarget.units r
WHERE r.code = 'R1' AND upper(a.during) = '2025-02-01';
INSERT INTO regtarget.ramp VALUES (0, 0.25), (3, 0.5), (6, 1);

-- Facts.
INSERT INTO regtarget.customers (source, source_id, unit_id, name, acquired_on, churned_on)
SELECT 'crm', 'c' || g, u.unit_id, 'Customer ' || g,
	CASE WHEN g % 6 > 0 THEN date '2024-01-01' + g END,
	CASE WHEN g % 10 = 0 THEN date '2025-06-30' END
FROM generate_series(1, 60) g
JOIN regtarget.units u ON u.code = format('R%s-%s', g % 3 + 1, g % 4 + 1);
INSERT INTO regtarget.visits (source, source_id, unit_id, employee_id, customer_id, visited_on)
SELECT 'crm', 'v' || g, c.unit_id, CASE WHEN g % 5 > 0 THEN g % 40 + 1 END, c.customer_id,
	date '2024-12-01' + g
FROM generate_series(1, 300) g JOIN regtarget.customers c ON c.source_id = 'c' || g % 60 + 1;
-- (Their activity is folded; that of the other facts waits.)
SELECT regtarget.fold_activity();
INSERT INTO regtarget.deals (source_id, unit_id, employee_id, customer_id, opened_on, closed_on,
	won, amount)
SELECT 'd' || g, c.unit_id, g % 40 + 1, CASE WHEN g % 3 > 0 THEN c.customer_id END,
	date '2024-11-01' + g, CASE WHEN g % 8 > 0 THEN date '2024-12-01' + g END,
	CASE WHEN g % 8 > 0 THEN g % 3 > 0 END, g * 1000.1 - g % 7
FROM generate_series(1, 240) g JOIN regtarget.customers c ON c.source_id = 'c' || g % 60 + 1;
INSERT INTO regtarget.deals (unit_id, amount)
SELECT u.unit_id, -0.000001 FROM regtarget.units u WHERE u.code = 'R1';
INSERT INTO regtarget.revenues (source, source_id, unit_id, booked_on, amount)
SELECT 'erp', 'r' || g, u.unit_id, date '2025-01-01' + 2 * g, 12345.67 * g
FROM generate_series(1, 100) g
JOIN regtarget.units u ON u.code = format('R%s-%s', g % 3 + 1, g % 4 + 1);
INSERT INTO regtarget.signals (unit_id, signal, as_of, value, source)
SELECT u.unit_id, s.signal, d.as_of, s.base * (u.unit_id % 7 + 1) / 3, s.source
FROM regtarget.units u,
	(VALUES ('tender_amount', 3e6::float8, 'tenders'), ('report_estimate', 0.1, 'reports'),
		('strategic_tilt', 1e-300, NULL)) AS s (signal, base, source),
	(VALUES (date '2024-01-01'), ('2025-04-01')) AS d (as_of)
WHERE u.kind = 'group' AND u.unit_id % 5 > 0;
UPDATE regtarget.signal_kinds SET valid_days = 500 WHERE signal = 'report_estimate';

-- Data in: aliases of every kind, rows that were refused, a file that names people by their addresses.
INSERT INTO regtarget.aliases (kind, source, source_id, means) VALUES ('unit', 'ding', '537215', 'R1'),
	('employee', 'ding', 'manager01', '7'), ('customer', 'ding', E'quote '' " \\', '3'),
	('leave_reason', 'ding', '4', 'pressure');
SET client_min_messages = warning;
INSERT INTO regtarget.deals_in (source, source_id, unit, employee, closed_on, won, amount)
VALUES ('ding', 'x1', 'R1-1', NULL, '2025/7/1', 'Won', '1,234.50'), ('ding', 'x2', NULL, 'p3@example.com', '20250701', 'no', '5'),
	('ding', 'x3', 'R9', NULL, NULL, NULL, E'quote '' " \\'), (NULL, 'x4', 'R1', NULL, '03/04/2025', NULL, NULL);
RESET client_min_messages;

-- Standings: clean ones, one that is punished, one that brings history.
INSERT INTO regtarget.standings (unit_id, period, denied_quarters, penalty_rate)
SELECT u.unit_id, '2025Q3', CASE u.code WHEN 'R2' THEN 2 ELSE 0 END,
	CASE u.code WHEN 'R2' THEN 0.075 ELSE 0 END
FROM regtarget.units u WHERE u.kind = 'region';
INSERT INTO regtarget.standings (unit_id, period, denied_quarters)
SELECT u.unit_id, '2024Q4', 1 FROM regtarget.units u WHERE u.code = 'R1-1';

-- Bounds: a floor, a ceiling, a locked unit, one that says nothing.
INSERT INTO regtarget.bounds (period, unit_id, at_least, at_most)
SELECT '2025Q3', u.unit_id, b.at_least, b.at_most
FROM (VALUES ('R1', 30000000.005, NULL), ('R1-1', NULL, 9999999.999), ('R2-2', 7000000, 7000000),
	('R3', NULL, NULL)) AS b (unit, at_least, at_most)
JOIN regtarget.units u ON u.code = b.unit;

-- Plans: a published one and a second root's, amounts that moved within the cap; a draft, a
-- proposed one, a shadow, sandboxes, coarse and fine steps, a plan typed by hand and an empty one.
SELECT count(*) FROM regtarget.allocate_targets('2025Q3', 120000000, root => 'CN');
SELECT regtarget.publish_plan(p.plan_id) FROM regtarget.plans p;
UPDATE regtarget.targets t
SET amount = round(t.baseline * CASE u.code WHEN 'R3' THEN 0.9 ELSE 1.1 END, 2)
FROM regtarget.units u WHERE u.unit_id = t.unit_id AND u.code IN ('R1-2', 'R3');
SELECT count(*) FROM regtarget.allocate_targets('2025Q3', 70000, root => 'HK', step => 10000);
SELECT regtarget.publish_plan(p.plan_id)
FROM regtarget.plans p JOIN regtarget.units u ON u.unit_id = p.root_unit_id WHERE u.code = 'HK';
SELECT count(*)
FROM regtarget.allocate_targets('2025Q4', 130000000.0001, root => 'CN', step => 0.0001);
SELECT count(*) FROM regtarget.allocate_targets('2025Q4', 5000, root => 'R2', label => 'second');
SELECT regtarget.propose_plan(p.plan_id) FROM regtarget.plans p WHERE p.label = 'second';
SELECT count(*)
FROM regtarget.allocate_targets('2025Q3', 110000000, 'shadow', 'CN', label => E'engine''s "own"\\');
-- It is late, and revealed; others are in time and hidden, allocated twice, typed into.
SELECT regtarget.reveal_shadow('2025Q3');
SELECT count(*) FROM generate_series(1, 2) AS twice,
	LATERAL regtarget.allocate_targets('odd', 1000 * twice, 'shadow', 'CN', label => 'in time') a,
	LATERAL regtarget.allocate_targets('odd', 5000, 'shadow', 'R2', label => 'typed into') b;
SET client_min_messages = warning;
UPDATE regtarget.plans SET total = 4999 WHERE label = 'typed into';
RESET client_min_messages;
SELECT count(*)
FROM regtarget.allocate_targets('2025Q3', 90000000, 'sandbox', 'CN', 10000, '{"potential": 1}');
SELECT count(*) FROM regtarget.allocate_targets('2024Q4', 0, 'sandbox', 'CN');
INSERT INTO regtarget.plans (period, root_unit_id, total)
SELECT '2026Q1', u.unit_id, 100 FROM regtarget.units u WHERE u.code = 'R3';
INSERT INTO regtarget.targets (plan_id, unit_id, suggested)
SELECT p.plan_id, u.unit_id, CASE u.code WHEN 'R3' THEN 100 ELSE 25 END
FROM regtarget.plans p, regtarget.units u
WHERE p.period = '2026Q1' AND u.code IN ('R3', 'R3-1', 'R3-2', 'R3-3', 'R3-4');
INSERT INTO regtarget.plans (period, root_unit_id, total, label)
SELECT 'odd', u.unit_id, 0, l.label FROM regtarget.units u, (VALUES (''), ('gone')) AS l (label)
WHERE u.code = 'CN';
DELETE FROM regtarget.plans WHERE label = 'gone';

-- The valve: a request that waits, one refused, one applied and acknowledged, one withdrawn; a quarter
-- closed; answers; duties. Roles live outside of the database, so they may be there already.
SET client_min_messages = error;
DO $$
DECLARE
	role name;
BEGIN
	FOREACH role IN ARRAY ARRAY['regtarget_fill_group', 'regtarget_fill_manager', 'regtarget_fill_boss', 'regtarget "fill" finance'] LOOP
		IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
			EXECUTE format('CREATE ROLE %I', role);
		END IF;
	END LOOP;
END
$$;
RESET client_min_messages;
SELECT regtarget.grant_access('regtarget_fill_group', d) FROM unnest('{viewer,"top planner"}'::text[]) d;
GRANT SELECT ON regtarget.units TO regtarget_fill_manager;
SELECT regtarget.grant_duty('regtarget_fill_manager', u.code, 'manager') FROM regtarget.units u
WHERE u.code IN ('R1', 'R2', 'R3', 'R1-1') ORDER BY u.code;
SELECT regtarget.grant_duty('regtarget_fill_boss', 'CN', d) FROM unnest('{planner,manager}'::text[]) d;
SELECT regtarget.grant_duty('regtarget "fill" finance', 'CN', 'finance');
INSERT INTO regtarget.shared_logins VALUES (session_user);
SET ROLE regtarget_fill_manager;
SELECT regtarget.request_adjustment('R1', 0.05, E'odd ''reason'' \ \n', '2025-07-10');
SELECT regtarget.request_adjustment('R2', -0.10, 'weak', '2025-07-11');
SELECT regtarget.request_adjustment('R3', -0.01, '', '2025-08-01');
SELECT regtarget.request_adjustment('R1-1', -0.02, 'late', '2025-09-30');
SELECT regtarget.answer_target(t.target_id, t.unit_id % 2 = 0, 'so be it')
FROM regtarget.targets t JOIN regtarget.units u ON u.unit_id = t.unit_id
JOIN regtarget.plans p ON p.plan_id = t.plan_id
WHERE p.status IN ('proposed', 'published') AND u.code IN ('R1', 'R2', 'R3');
SET ROLE regtarget_fill_boss;
SELECT regtarget.countersign(1, true, 'less', 0.031);
SELECT regtarget.countersign(2, false, 'no');
SELECT regtarget.apply_adjustment(1);
SET ROLE "regtarget ""fill"" finance";
SELECT regtarget.acknowledge_filing(1, 'FIN-1');
RESET ROLE;
SELECT count(*) FROM regtarget.allocate_targets('2024Q1', 1000, root => 'HK');
SELECT regtarget.publish_plan(max(plan_id)) FROM regtarget.plans;
SET ROLE regtarget_fill_manager;
SELECT regtarget.withdraw_adjustment(3);
RESET ROLE;
SELECT regtarget.close_period('2024Q1');

-- Alerts: an event of one unit, reported and confirmed, one of all; scans of churn; one acknowledged, reviews of both decisions.
INSERT INTO regtarget.competitors VALUES (E'Rival ''A'' \\', true), ('other', false);
INSERT INTO regtarget.silences (rule, unit_id, during, comment)
SELECT 'churn', u.unit_id, '[2025-07-01,2025-07-08)', E'stock''s \\ taking' FROM regtarget.units u WHERE u.code = 'R3';
SET ROLE regtarget_fill_manager;
SELECT regtarget.report_event('competitor_promotion', E'Rival ''A'' \\', 'R1', '2025-07-08', E'two for one\n');
SELECT regtarget.report_event('competitor_price_cut', 'nobody', 'R2', '2025-07-09');
SET ROLE regtarget_fill_boss;
SELECT regtarget.confirm_event(1);
RESET ROLE;
SELECT regtarget.report_event('policy_change', 'law', NULL, '2025-07-10');
INSERT INTO regtarget.customers (source, source_id, unit_id, acquired_on, churned_on)
SELECT 'fill churn', i, u.unit_id, '2024-01-01', CASE WHEN i <= 6 THEN date '2025-07-09' END
FROM regtarget.units u, generate_series(1, 30) i WHERE u.code = 'R3-1';
SELECT count(*) FROM regtarget.scan_alerts('2025-07-16');
SET ROLE regtarget_fill_boss;
SELECT regtarget.acknowledge_alert(min(alert_id), 'seen') FROM regtarget.alerts WHERE status = 'firing';
SELECT regtarget.close_review(min(review_id), 'adjust', 'it hurts') FROM regtarget.reviews WHERE status = 'open';
SELECT regtarget.close_review(max(review_id), 'keep', '') FROM regtarget.reviews WHERE status = 'open';
RESET ROLE;
SELECT count(*) FROM regtarget.scan_alerts('2025-07-23');
-- Facts elsewhere: in a view, with some of a unit that is not there; one that was attached and is gone.
CREATE SCHEMA "regtarget fill";
CREATE VIEW "regtarget fill".calls (unit_id, visited_on) AS VALUES (2, date '2025-07-01'), (2, date '2025-07-01'), (3, date '2025-07-02'),
	(999999, date '2025-07-02');
CREATE VIEW "regtarget fill"."gone ""of"" it" (unit_id, closed_on, won, amount) AS
VALUES (2, date '2025-07-03', true, 12.34567), (3, date '2025-07-03', false, 5);
SET client_min_messages = warning;
SELECT regtarget.attach_facts('visits', '"regtarget fill".calls'), regtarget.attach_facts('deals', '"regtarget fill"."gone ""of"" it"');
SELECT regtarget.refresh_activity('2025-07-01', '2025-07-31');
DROP VIEW "regtarget fill"."gone ""of"" it";
RESET client_min_messages;
-- A list of events, one of them refused; jobs, one of which failed; who was told of what is overdue.
SET client_min_messages = warning;
INSERT INTO regtarget.market_events_in VALUES ('press', 'competitor_price_cut', E'Rival ''A'' \\', 'R1', '2025-07-11', E'a \\ tenth'),
	('press', 'competitor_price_cut', 'Giant', 'nowhere', '2025-07-11', NULL);
RESET client_min_messages;
SELECT regtarget.run_job('purge'), regtarget.run_job('overdue');
SELECT count(regtarget.remind_overdue(d)) FROM unnest('{2025-07-21,2030-07-01}'::date[]) d;
SELECT check_name, ok FROM regtarget.record_verify();
