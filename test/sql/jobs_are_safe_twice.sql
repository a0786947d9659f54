-- Jobs may run at any time and as often as one likes; job_log says what they did; purge takes what is old and nothing else.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set company :srcdir '/sql/valve.psql'
\set ECHO none
\i :prelude
\i :company
\set ECHO all

CREATE VIEW pg_temp.ran AS SELECT run_id, job, done, succeeded, replace(error, today()::text, 'today') AS error, seconds >= 0 AS timed, started_at >= local_time(now()) AS just_now FROM job_log;

-- ---- they need pg_cron, or another scheduler ----

SELECT * FROM error_of('SELECT schedule_jobs()') WHERE error_of NOT LIKE 'HINT%';
SELECT * FROM error_of('SELECT unschedule_jobs()') WHERE error_of NOT LIKE 'HINT%';
SELECT * FROM error_of('SELECT run_job(''nothing'')');
SELECT * FROM error_of('SELECT run_job(NULL)');
SELECT * FROM error_of('SELECT purge(NULL)');
SELECT * FROM error_of('SELECT purge(interval ''-1 day'')');
SELECT * FROM error_of('SELECT remind_overdue(NULL)');
-- The owner's alone, as the functions ask whoever has the privilege.
GRANT EXECUTE ON FUNCTION run_job, remind_overdue, schedule_jobs, unschedule_jobs, purge TO regress_cn;
SELECT as_role('cn', s) FROM unnest('{SELECT run_job(''fold''),SELECT remind_overdue(),SELECT schedule_jobs(),SELECT unschedule_jobs(),SELECT purge(''1 day'')}'::text[]) s;

-- ---- each of them, twice ----

INSERT INTO customers (unit_id, churned_on) SELECT 4, CASE WHEN i < 7 THEN date_trunc('week', today())::date - 1 END FROM generate_series(1, 50) i;
SELECT run_job('weekly_scan') AS alerts, run_job('weekly_scan') AS again;
-- Weeks that were missed are scanned each as of its Monday: here the alert of four weeks ago, which does not hold any more.
SET LOCAL session_replication_role = replica;
DELETE FROM alerts; DELETE FROM reviews;
UPDATE job_runs SET started_at = started_at - interval '35 days', ended_at = ended_at - interval '35 days';
SET LOCAL session_replication_role = origin;
UPDATE customers SET churned_on = churned_on - 28 WHERE churned_on IS NOT NULL;
INSERT INTO customers (unit_id, acquired_on) SELECT 4, date_trunc('week', today())::date - 7 * i FROM generate_series(1, 5) i;
SELECT run_job('weekly_scan') AS alerts, run_job('weekly_scan') AS again;
SELECT u.code, date_trunc('week', today())::date - a.on_day AS days_ago, a.status, a.resolved_on - a.on_day AS days FROM alerts a JOIN units u USING (unit_id) ORDER BY alert_id;
INSERT INTO signals (unit_id, signal, as_of, value) VALUES (3, 'mood', '2025-01-01', 2);
INSERT INTO alert_rules (rule, level, signal, compare, threshold) VALUES ('mood', 'blue', 'mood', 'above', 1);
SELECT run_job('monthly_scan') AS alerts, run_job('monthly_scan') AS again;
SELECT rule, on_day = date_trunc('month', today())::date AS first_of_month FROM alerts WHERE rule = 'mood';
-- A period that has ended is closed; what nobody decided lapses.
SELECT asks('a1', 'A1', '-0.05', '2025-07-10');
SELECT run_job('close_periods') AS closed, run_job('close_periods') AS again;
SELECT p.status, a.status AS request FROM plans p, adjustments a;
SELECT run_job('fold') AS folded, run_job('fold') AS again;
-- What fails is undone and noted.
DELETE FROM policies;
SET LOCAL client_min_messages = error;
SELECT run_job('weekly_scan') AS failed;
SET LOCAL client_min_messages = warning;
SELECT * FROM pg_temp.ran ORDER BY run_id;
SELECT as_role('cn', 'SELECT count(*) FROM regtarget.job_log') AS of_planner, as_role('a', 'SELECT count(*) FROM regtarget.job_log') AS of_manager;
SELECT * FROM error_of('DELETE FROM job_runs');
SELECT count(*) FROM apply_profile();

-- ---- purge ----

WITH p AS (INSERT INTO plans (period, root_unit_id, mode, total) VALUES ('2026Q1', 1, 'sandbox', 1000) RETURNING plan_id)
INSERT INTO targets (plan_id, unit_id, suggested) SELECT plan_id, 1, 1000 FROM p;
INSERT INTO deals_in (source, source_id, unit) VALUES ('crm', '1', 'nowhere'), ('crm', '2', 'nowhere');
CREATE VIEW pg_temp.kept AS SELECT (SELECT count(*) FROM plans) AS plans, (SELECT count(*) FROM targets) AS targets, (SELECT count(*) FROM import_rejects) AS rejects,
	(SELECT string_agg(concat_ws(' ', rule, alert_id, status), ', ' ORDER BY alert_id) FROM alerts) AS alerts, (SELECT count(*) FROM reviews) AS reviews;
SELECT * FROM pg_temp.kept;
SET LOCAL session_replication_role = replica;
UPDATE plans SET created_at = now() - interval '40 days' WHERE mode = 'sandbox';
UPDATE import_rejects SET at = now() - interval '40 days' WHERE row ->> 'source_id' = '2';
DELETE FROM alerts; DELETE FROM reviews;
-- Old and closed: 11 alone, 12 with a review, 13 covers 14, which is old, 15 covers 16, which is not; 17 fires.
INSERT INTO alerts (alert_id, rule, level, unit_id, on_day, status, resolved_on, covered_by)
SELECT n, 'old', 'red', 4, today() - 50 - n, CASE WHEN n = 17 THEN 'firing' ELSE 'resolved' END, CASE n WHEN 17 THEN NULL WHEN 16 THEN today() - 5 ELSE today() - 40 END,
	CASE n WHEN 14 THEN 13 WHEN 16 THEN 15 END FROM generate_series(11, 17) n;
INSERT INTO reviews (alert_id, unit_id, due_on, status, decision, comment, closed_by, closed_at) VALUES (12, 4, today() - 40, 'closed', 'keep', 'no', 'somebody', now());
SET LOCAL session_replication_role = origin;
SELECT purge('10000 years') AS nothing_so_old;
SELECT purge('50 days') AS nothing;
SELECT purge('30 days') AS gone, purge('30 days') AS again;
SELECT * FROM pg_temp.kept;
SELECT details - 'resolved_before' AS details, details ->> 'resolved_before' = (today() - 30)::text AS by_its_day FROM ledger WHERE action = 'alerts_purged';

ROLLBACK;
