-- target_board: actual, attainment, pace, forecast, gap and room of a past, a running and a future
-- period; pace is actual / what the months called for up to and including today.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied;
CREATE FUNCTION public.day(n int) RETURNS date LANGUAGE sql RETURN today() + n;
-- Thirty days behind us, thirty around today, of which today is the eleventh, thirty to come.
INSERT INTO periods SELECT p, daterange(public.day(a), public.day(b))
FROM (VALUES ('past', -40, -10), ('running', -10, 20), ('future', 20, 50)) AS v(p, a, b);
INSERT INTO months (month, period, during) SELECT p || ' ' || n, p,
	daterange(public.day(a + 10 * n - 10), public.day(a + 10 * n))
FROM (VALUES ('past', -40), ('running', -10), ('future', 20)) AS v(p, a), generate_series(1, 3) n;
INSERT INTO units (unit_id, code, name, kind, parent_id) VALUES (1, 'CN', 'Company', 'company',
	NULL), (2, 'A', 'North', 'region', 1),
	(3, 'B', 'South', 'region', 1), (4, 'A1', NULL, 'group', 2);
DELETE FROM factors;
INSERT INTO factors (signal) VALUES ('market');
INSERT INTO signals (unit_id, signal, as_of, value) VALUES (2, 'market', '2020-01-01', 1),
	(3, 'market', '2020-01-01', 2);
SELECT count(*) FROM allocate_targets('past', 900);
SELECT count(*) FROM allocate_targets('running', 900);
SELECT count(*) FROM allocate_targets('future', 900);
SELECT publish_plan(1), publish_plan(2);

-- Won deals count on the day they were closed, first and last days of the period inside; lost and
-- open ones, and those without an amount, do not.
INSERT INTO deals (unit_id, closed_on, won, amount) VALUES (4, public.day(-40), true, 100),
	(2, public.day(-11), true, 50),
	(3, public.day(-20), true, 300.25), (4, public.day(-41), true, 1e6),
		(4, public.day(-15), false, 1e6),
	(4, NULL, NULL, 1e6), (4, public.day(-15), true, NULL), (1, public.day(-12), true, 10),
	(4, public.day(-10), true, 55), (4, public.day(0), true, 55), (3, public.day(-5), true, 220);
-- past: A 150 of 300, due 300. B 300.25 of 600. CN 460.25 of 900. running: ten days of the first
-- month and one of the second, 11/30 of 300 is 110, A won just that; B 220 of the 220 due; CN 330
-- of 330: at this pace all of it. future: nothing due, nothing known.
SELECT period, unit, status, amount, actual, round(attainment::numeric, 6) AS attainment,
	round(pace::numeric, 6) AS pace,
	forecast, gap, room_up, room_down
FROM target_board ORDER BY plan_id, unit_id;
-- What the tree says of them.
SELECT DISTINCT ON (unit_id) unit_id, unit, name, kind, parent, region, depth, is_leaf
	FROM target_board ORDER BY unit_id;

-- Behind: half of it, so half in the end. In days of a month that has begun: 10 days are 1/3 of 300
-- from the first month, 1 of 10 from the second.
DELETE FROM deals WHERE closed_on >= public.day(-10) AND unit_id = 4;
INSERT INTO deals (unit_id, closed_on, won, amount) VALUES (4, public.day(-1), true, 55);
SELECT unit, amount, actual, round(attainment::numeric, 6) AS attainment,
	round(pace::numeric, 6) AS pace, forecast, gap
FROM target_board WHERE period = 'running' AND unit IN ('A', 'A1') ORDER BY unit_id;
-- Shares move what is due: 0.8 of it in the first month, and a tenth of 0.1: A 243.
UPDATE months SET share = CASE WHEN month = 'running 1' THEN 0.8 ELSE 0.1 END
	WHERE period = 'running';
SELECT unit, round(pace::numeric, 6) AS pace, round(55.0 / 243, 6) AS expected, forecast
	FROM target_board WHERE period = 'running' AND unit = 'A';
SELECT unit_id, due FROM targets_due(public.day(-1)) UNION ALL SELECT unit_id, due
	FROM targets_due(public.day(0)) ORDER BY 1, 2;
UPDATE months SET share = NULL;

-- An amount that moved: gap and room are to it.  0.15 x 300 is 45 either way.
UPDATE targets SET amount = 310 WHERE plan_id = 2 AND unit_id = 2;
SELECT amount, gap, room_up, room_down FROM target_board WHERE period = 'running' AND unit = 'A';

-- By booked revenue, when the policy of the period's first day says so.
INSERT INTO policies (effective_from, actuals) SELECT public.day(-10), 'revenues';
INSERT INTO revenues (unit_id, booked_on, amount) VALUES (4, public.day(-10), 20),
	(4, public.day(19), 2.5), (4, public.day(-11), 1e6), (3, public.day(0), -5);
SELECT period, unit, actual FROM target_board WHERE period <> 'future' ORDER BY plan_id, unit_id;

-- One row a unit and period: the published one, else that of the newest live draft; no shadow, no
-- sandbox.
SELECT count(*) FROM allocate_targets('future', 800, label => 'second');
SELECT count(*) FROM allocate_targets('future', 700, 'shadow');
SELECT count(*) FROM allocate_targets('future', 600, 'sandbox');
SELECT count(*) FROM allocate_targets('future', 50, root => 'A', label => 'third');
SELECT period, unit, status, amount FROM target_board WHERE period = 'future' ORDER BY unit_id;
SELECT publish_plan(3);
SELECT period, unit, status, amount FROM target_board WHERE period = 'future' ORDER BY unit_id;
-- A target of 0 has no attainment and no pace.
INSERT INTO units (unit_id, code) VALUES (9, 'HK');
SELECT count(*) FROM allocate_targets('running', 0, root => 'HK');
SELECT actual, attainment, pace, forecast, gap FROM target_board WHERE unit = 'HK';

ROLLBACK;
