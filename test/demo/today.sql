-- What else waits in the worked company on the day of its dashboard: run after demo.sql -v stop=today, as it. The requests are made by
-- statements that a user would type; then they are dated some days back, which a guard forbids, only a superuser of a server to
-- throw away can do, and verify() tells.

\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET search_path = regtarget, public;

\o /dev/null
CREATE ROLE northwest;
CREATE ROLE northeast;
CREATE ROLE mingan;
CREATE ROLE south;
CREATE ROLE central;
CREATE ROLE changsha;
SELECT grant_duty(lower(code), code, 'manager') FROM units WHERE code IN ('NORTHWEST', 'NORTHEAST', 'MINGAN', 'SOUTH', 'CENTRAL', 'CHANGSHA');
SELECT period, today() AS today FROM periods WHERE during @> today() \gset

-- What management had set for the quarter before, by hand: last year's shares of 115 million.
SELECT p.period AS last_period, l.period AS year_before
FROM periods p, periods l
WHERE upper(p.during) = (SELECT lower(during) FROM periods WHERE during @> today()) AND lower(l.during) = lower(p.during) - interval '9 months' \gset
INSERT INTO targets_in (period, unit, suggested)
SELECT :'last_period', u.code, apportion(115000000, a.actual::float8, 1000) OVER (ORDER BY u.unit_id)
FROM period_actuals(:'year_before') AS a JOIN units u USING (unit_id) WHERE u.kind = 'region';
INSERT INTO targets_in (period, unit, suggested) VALUES (:'last_period', 'CN', 115000000);
SELECT publish_plan(plan_id) FROM plans WHERE period = :'last_period';

-- 东北 was refused last quarter: its owner brings that with him.
INSERT INTO standings (unit_id, period, denied_quarters, penalty_rate)
SELECT unit_id, :'period', 1, 0 FROM units WHERE code = 'NORTHEAST';

SET ROLE northwest;
SELECT request_adjustment('NORTHWEST', -0.06, '两名老员工离职 / two old hands left', :'today');
SET ROLE northeast;
SELECT request_adjustment('NORTHEAST', -0.05, '冬季停工 / works stop for the winter', :'today');
SET ROLE changsha;
SELECT request_adjustment('CHANGSHA', -0.10, '经销商换人 / a dealer changed hands', :'today');
SET ROLE mingan;
SELECT request_adjustment('MINGAN', 0.04, '新增一条产品线 / one product line more', :'today') AS approved \gset
SET ROLE south;
SELECT request_adjustment('SOUTH', 0.03, '年货提前 / New Year comes early', :'today') AS applied \gset
SET ROLE director;
SELECT countersign(:approved, true), countersign(:applied, true);
SET ROLE planning;
SELECT apply_adjustment(:applied);
RESET ROLE;

SET session_replication_role = replica;
UPDATE adjustments a SET requested_at = requested_at - d.days * interval '1 day'
FROM (VALUES ('NORTHWEST', 9), ('NORTHEAST', 6), ('CHANGSHA', 3), ('MINGAN', 2), ('EAST', 1)) AS d (code, days)
JOIN units u USING (code) WHERE u.unit_id = a.unit_id AND a.status IN ('requested', 'approved');
RESET session_replication_role;
\o
