-- The company of the sandbox: makers of industrial pumps, 43 people, 29 of whom sell in three regions,
-- with thirteen quarters behind them. Plain SQL; what looks like chance is a hash of a fixed seed, so
-- that every run in the same quarter gives the same company.
--
-- What happens to it: pumps for heating are bought in autumn, most of all in the North. Eight quarters
-- ago four people were sent to the West, newcomers all of them; four quarters ago two left the
-- East, and two were hired in the West. The owner sets the targets by what each region sold a year before, rounded as one rounds.

SET jit = off;

SELECT regtarget.apply_profile('industrial');
UPDATE regtarget.policies SET timezone = 'Asia/Shanghai';
SET timezone = 'Asia/Shanghai';
INSERT INTO regtarget.ramp VALUES (0, 0.25), (3, 0.5), (6, 1);

CREATE TEMP TABLE clock AS
SELECT date_trunc('quarter', regtarget.today())::date AS quarter;
SELECT regtarget.add_year(y) FROM clock,
	generate_series(extract(year FROM quarter - interval '39 months')::int, extract(year FROM quarter)::int) AS y;

-- The quarters by how many there are until today's: -13 to -2 are history, -1 is the shadow's. The
-- season goes round with them, so that the story does not depend on when it is told.
CREATE TEMP TABLE quarters AS
SELECT n, p.period, lower(p.during) AS first_day, upper(p.during) AS end_day, (n + 16) % 4 AS season
FROM clock CROSS JOIN generate_series(-13, -1) AS n
JOIN regtarget.periods p ON lower(p.during) = (quarter + make_interval(months => 3 * n))::date;

-- A number from 0 up to 1 that depends on its arguments alone.
CREATE FUNCTION pg_temp.dice(what text, a bigint, b bigint DEFAULT 0) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ('x' || left(md5('20260101 '::text || what || ' '::text || a::text || ' '::text || b::text), 8))
	::bit(32)::bigint / 4294967296.0::float8;

-- ---- units and people -------------------------------------------------------------------------

INSERT INTO regtarget.units (unit_id, code, name, kind, parent_id) VALUES
	(1, 'PUMPS', '水泵厂 Pumps', 'company', NULL), (2, 'EAST', '华东 East', 'region', 1),
	(3, 'NORTH', '华北 North', 'region', 1), (4, 'WEST', '西部 West', 'region', 1);

-- What a region does: won amount per head and quarter, visits per head and month, deals won of those
-- closed, and how its quarters differ.
CREATE TEMP TABLE regions (unit_id int, output float8, visits int, conversion float8, season float8[]);
INSERT INTO regions VALUES
	(2, 1300000, 19, 0.30, '{0.95,1.00,1.00,1.05}'),
	(3, 1250000, 17, 0.28, '{0.85,0.90,1.00,1.25}'),
	(4, 1200000, 16, 0.26, '{0.95,1.00,1.00,1.05}');

-- 12 in the East, 9 in the North, 4 and then 8 in the West; 14 at the works, who sell nothing. Two
-- left the East; others came in their place.
CREATE TEMP TABLE people AS
SELECT row_number() OVER (ORDER BY unit_id NULLS LAST, place, holder)::int AS person, p.*
FROM (
	SELECT 2 AS unit_id, place, 1 AS holder, -40 AS since, CASE WHEN place IN (3, 8) THEN -4 END AS until FROM generate_series(1, 12) AS place
	UNION ALL SELECT 3, place, 1, -30, NULL FROM generate_series(1, 9) AS place
	UNION ALL SELECT 4, place, 1, CASE WHEN place > 8 THEN -4 WHEN place > 4 THEN -8 ELSE -30 END, NULL FROM generate_series(1, 10) AS place
	UNION ALL SELECT NULL, place, 1, -50, NULL FROM generate_series(1, 14) AS place
) AS p;
INSERT INTO regtarget.employees (employee_id, source, source_id, name, hired_on, left_on, leave_reason)
SELECT person, 'hr', person, 'Person ' || person, (quarter + make_interval(months => 3 * since))::date,
	(quarter + make_interval(months => 3 * until, days => 20))::date, CASE WHEN until IS NOT NULL THEN 'better offer' END
FROM people, clock;
INSERT INTO regtarget.assignments (employee_id, unit_id, during)
SELECT person, unit_id, daterange((quarter + make_interval(months => 3 * since))::date,
	(quarter + make_interval(months => 3 * until, days => 20))::date, '[]')
FROM people, clock WHERE unit_id IS NOT NULL;

-- ---- what they did ------------------------------------------------------------------------------

-- Everybody's months at work, by how long he had been there.
CREATE TEMP TABLE months_worked AS
SELECT p.person, p.unit_id, q.n, q.season, (q.first_day + make_interval(months => m))::date AS month, 3 * q.n + m AS nth,
	least(1, 0.25 * (q.n - p.since + 1)) AS skill
FROM people p JOIN quarters q ON q.n >= p.since AND (p.until IS NULL OR q.n < p.until)
CROSS JOIN generate_series(0, 2) AS m WHERE p.unit_id IS NOT NULL;

INSERT INTO regtarget.visits (source, source_id, unit_id, employee_id, visited_on)
SELECT 'crm', format('V%s-%s-%s', person, month, v), unit_id, person, month + (27 * pg_temp.dice('visit', person * 100 + v, nth))::int
FROM months_worked JOIN regions USING (unit_id)
CROSS JOIN LATERAL generate_series(1, visits + (5 * pg_temp.dice('busy', person, nth))::int) AS v;

-- An order a month from everybody, and those that were lost; what a newcomer sells grows over his
-- first year.
INSERT INTO regtarget.deals (source, source_id, unit_id, employee_id, opened_on, closed_on, won, amount)
SELECT 'crm', format('D%s-%s-%s', person, month, d), unit_id, person, month - 60, month + (27 * pg_temp.dice('deal', person * 100 + d, nth))::int,
	d = 0, CASE WHEN d = 0 THEN round((output / 3 * season_of.factor * skill * (0.7 + 0.6 * pg_temp.dice('amount', person, nth)))::numeric, -2)
		ELSE 300000 END
FROM months_worked w JOIN regions r USING (unit_id)
CROSS JOIN LATERAL (SELECT r.season[w.season + 1] AS factor) AS season_of
CROSS JOIN LATERAL generate_series(0, round(1 / conversion)::int - 1) AS d;

-- What the industry report says of its markets, each January; tenders won; where strategy leans to.
INSERT INTO regtarget.signals (unit_id, signal, as_of, value, source)
SELECT u.unit_id, s.signal, (date_trunc('year', first_day) - make_interval(months => 12 * before, days => -14))::date, s.value, 'report'
FROM quarters CROSS JOIN generate_series(0, 1) AS before CROSS JOIN (VALUES (2), (3), (4)) AS u (unit_id)
CROSS JOIN LATERAL (VALUES ('report_estimate', (ARRAY[9.0, 7.0, 6.0])[u.unit_id - 1] * 1e8),
	('tender_amount', (ARRAY[30.0, 26.0, 15.0])[u.unit_id - 1] * 1e6),
	('strategic_tilt', (ARRAY[1.0, 1.0, 1.2])[u.unit_id - 1])) AS s (signal, value)
ON CONFLICT DO NOTHING;

-- ---- what the owner decided -----------------------------------------------------------------------

-- Shares of last year's quarter, rounded to five per cent, what is over to the East; in the first year,
-- when there was no last one, 50, 30 and 20.
CREATE TEMP TABLE sold AS
SELECT q.n, d.unit_id, sum(d.amount) AS amount FROM quarters q
JOIN regtarget.deals d ON d.won AND d.closed_on >= q.first_day AND d.closed_on < q.end_day GROUP BY 1, 2;
CREATE TEMP TABLE gut AS
SELECT q.n, q.period, u.unit_id, CASE WHEN l.n IS NULL THEN (ARRAY[0.50, 0.30, 0.20])[u.unit_id - 1]
	ELSE round(20 * l.share) / 20 END AS share
FROM quarters q CROSS JOIN (VALUES (2), (3), (4)) AS u (unit_id)
LEFT JOIN (SELECT n, unit_id, amount / sum(amount) OVER (PARTITION BY n) AS share FROM sold) AS l
	ON l.n = q.n - 4 AND l.unit_id = u.unit_id;
UPDATE gut g SET share = 1 - (SELECT sum(share) FROM gut o WHERE o.n = g.n AND o.unit_id > 2) WHERE unit_id = 2;
