-- H6: actual_trailing and actual_seasonal, each figure worked out by hand.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

-- The day is 2025-07-01, memory 0.5.  The eight periods before it are 2025Q2 back to 2023Q3; 2023Q1 and 2023Q2 have no
-- facts.  2025Q2 begins and ends within months.  Until 2024 revenues count, and another policy's memory is not asked.
INSERT INTO regtarget.policies (effective_from, actuals, memory, timezone) VALUES ('2000-01-01', 'revenues', 0.9, 'UTC'), ('2024-01-01', 'deals', 0.5, 'UTC');
INSERT INTO regtarget.periods (period, during) VALUES
	('2023Q1', '[2023-01-01,2023-04-01)'), ('2023Q2', '[2023-04-01,2023-07-01)'), ('2023Q3', '[2023-07-01,2023-10-01)'),
	('2023Q4', '[2023-10-01,2024-01-01)'), ('2024Q1', '[2024-01-01,2024-04-01)'), ('2024Q2', '[2024-04-01,2024-07-01)'),
	('2024Q3', '[2024-07-01,2024-10-01)'), ('2024Q4', '[2024-10-01,2025-01-01)'), ('2025Q1', '[2025-01-01,2025-03-30)'),
	('2025Q2', '[2025-03-30,2025-06-29)'), ('2025Q3', '[2025-06-29,2025-10-01)');
-- CN = A (A1, which came from B on the day itself) + B + N, which goes on with half of O, + O + Z.  Nobody is above OV.
INSERT INTO regtarget.units (unit_id, code, parent_id, opened_on, closed_on) VALUES (1, 'CN', NULL, NULL, NULL), (2, 'OV', NULL, NULL, NULL),
	(3, 'A', 1, NULL, NULL), (4, 'A1', 3, NULL, NULL), (5, 'B', 1, NULL, NULL), (6, 'N', 1, '2025-01-01', NULL),
	(7, 'O', 1, NULL, '2024-12-31'), (8, 'Z', 1, '2025-06-01', NULL);
INSERT INTO regtarget.past_parents (unit_id, until_on, parent_id) VALUES (4, '2025-07-01', 5);
INSERT INTO regtarget.successions (unit_id, predecessor_id, share) VALUES (6, 7, 0.5);
-- What each did itself.  Every period comes to 100, 2025Q2 to 200.
CREATE TEMP TABLE did (period text, day date, ov numeric, a numeric, a1 numeric, b numeric, n numeric, o numeric);
INSERT INTO did VALUES
	('2025Q2', '2025-03-30', 60, 50, 30, 40, 20, 0), ('2025Q1', '2025-03-29', 40, 20,  0, 30, 10,  0),
	('2024Q4', '2024-12-31', 40, 20, 10, 20,  0, 10), ('2024Q3', '2024-07-01', 20, 40, 10, 10,  0, 20),
	('2024Q2', '2024-05-01', 40, 40,  0, 10,  0, 10), ('2024Q1', '2024-03-31', 30, 10, 10, 30,  0, 20),
	('2023Q4', '2023-12-31', 20, 30,  0, 20,  0, 30), ('2023Q3', '2023-07-01', 10, 60, 10,  0,  0, 20);
CREATE TEMP VIEW by_unit AS SELECT period, day, unit_id, amount FROM did,
	LATERAL (VALUES (2, ov), (3, a), (4, a1), (5, b), (6, n), (7, o)) u (unit_id, amount) WHERE amount > 0;
INSERT INTO regtarget.deals (unit_id, closed_on, won, amount)
SELECT unit_id, day, true, amount / 2 FROM by_unit CROSS JOIN generate_series(1, 2) WHERE period >= '2024';
INSERT INTO regtarget.revenues (unit_id, booked_on, amount) SELECT unit_id, day, amount FROM by_unit WHERE period < '2024';
-- None of these counts: the other kind, lost, and in the period that holds the day.
INSERT INTO regtarget.deals (unit_id, closed_on, won, amount) VALUES (5, '2023-08-01', true, 999), (5, '2024-05-01', false, 999), (5, '2025-06-29', true, 999);
INSERT INTO regtarget.revenues (unit_id, booked_on, amount) VALUES (5, '2024-08-01', 999);

-- Shares in percent, from 2025Q2 back; N has half of O's before 2025.
--	OV	30 40 40 20 40 30 20 10		CN	70 60 60 80 60 70 80 90
--	A	40 20 30 50 40 20 30 70		A1	15  0 10 10  0 10  0 10		B	20 30 20 10 10 30 20  0
--	N	10 10  5 10  5 10 15 10		O	 0  0 10 20 10 20 30 20
-- Weights 128, 64, 32, 16, 8, 4, 2, 1 of 255.  A: (128*40 + 64*20 + 32*30 + 16*50 + 8*40 + 4*20 + 2*30 + 1*70) / 255 = 8690 / 255.
-- Seasonal, A: 200 * mean(40 20 30 50) * (50 + 70) / (2 * mean(all)) = 200 * 35 * 120 / (2 * 37.5) percent = 112.
CREATE TEMP TABLE by_hand (unit text, trail float8, seasonal float8);
INSERT INTO by_hand VALUES
	('CN', 200 * 170.10 / 255, 200 * 0.675 * 1.7 / (2 * 5.7 / 8)), ('OV', 200 * 84.90 / 255, 200 * 0.325 * 0.3 / (2 * 2.3 / 8)),
	('A', 200 * 86.90 / 255, 112), ('A1', 200 * 24.50 / 255, 200 * 0.0875 * 0.2 / (2 * 0.55 / 8)),
	('B', 200 * 55.20 / 255, 200 * 0.2 * 0.1 / (2 * 1.4 / 8)), ('N', 200 * 23.60 / 255, 200 * 0.0875 * 0.2 / (2 * 0.75 / 8)),
	('O', 200 * 8.80 / 255, 200 * 0.075 * 0.4 / (2 * 1.1 / 8)), ('Z', 0, NULL);
CREATE FUNCTION public.past(day date) RETURNS TABLE (unit text, previous float8, trail float8, seasonal float8) LANGUAGE sql AS $$
	SELECT u.code, max(value) FILTER (WHERE signal = 'actual_previous'), max(value) FILTER (WHERE signal = 'actual_trailing'),
		max(value) FILTER (WHERE signal = 'actual_seasonal')
	FROM regtarget.units u LEFT JOIN regtarget.unit_signals(day) s USING (unit_id) GROUP BY u.unit_id ORDER BY u.unit_id
$$;
CREATE FUNCTION public.differ(a float8, b float8) RETURNS boolean LANGUAGE sql RETURN (a IS NULL) <> (b IS NULL) OR abs(a - b) > 1e-12 * greatest(1, abs(a));
SELECT unit, round(trail::numeric, 6) AS trail, round(seasonal::numeric, 6) AS seasonal FROM public.past('2025-07-01');
SELECT h.*, p.trail AS got, p.seasonal AS got FROM by_hand h FULL JOIN public.past('2025-07-01') p USING (unit)
WHERE public.differ(h.trail, p.trail) OR public.differ(h.seasonal, p.seasonal);

-- Of one unit it is the same to the last bit; waiting in deltas or folded.  As metrics they are measured of that unit alone.
INSERT INTO regtarget.metrics (metric, weight, worst, best) VALUES ('actual_trailing', 1, -1000, 1000), ('actual_seasonal', 0, -1000, 1000);
CREATE VIEW public.of_one AS
SELECT m.metric, count(*) AS units, count(*) FILTER (WHERE h.value IS NULL) AS unknown,
	count(*) FILTER (WHERE float8send(h.one) IS DISTINCT FROM float8send(h.health)) AS unlike
FROM metrics m CROSS JOIN LATERAL (
	SELECT s.value, h.health, health_of_unit(h.unit_id, '2025-07-01') AS one FROM unit_health('2025-07-01') h
	LEFT JOIN unit_signals('2025-07-01') s ON s.unit_id = h.unit_id AND s.signal = m.metric) h
WHERE m.weight > 0 GROUP BY 1;
SELECT * FROM public.of_one;
UPDATE metrics SET weight = 1 - weight;
SELECT * FROM public.of_one;
SELECT fold_activity() > 0 AS folded;
SELECT * FROM public.of_one;
SELECT count(*) AS unlike FROM by_hand h FULL JOIN public.past('2025-07-01') p USING (unit)
WHERE public.differ(h.trail, p.trail) OR public.differ(h.seasonal, p.seasonal);
DELETE FROM metrics;

-- The day before it A1 was below B, and 2025Q2 was not over: seven periods, and those without facts count for nothing.
-- A: (64*20 + 32*20 + 16*40 + 8*40 + 4*10 + 2*30 + 1*60) / 127 = 3040 / 127; N: (64*10 + 32*5 + 16*10 + 8*5 + 4*10 + 2*15 + 1*10) / 127.
SELECT unit, round(trail::numeric, 6) AS trail, round(by_hand, 6) AS by_hand, seasonal
FROM public.past('2025-06-28') p JOIN (VALUES ('A', 100 * 30.40 / 127), ('N', 100 * 10.80 / 127)) h (unit, by_hand) USING (unit);

-- With memory 1 the period before is all there is, to the last bit; seasonal remembers as ever.
SAVEPOINT memory;
UPDATE policies SET memory = 1 WHERE effective_from = '2024-01-01';
SELECT p.*, public.differ(h.seasonal, p.seasonal) AS unlike FROM public.past('2025-07-01') p JOIN by_hand h USING (unit) WHERE unit IN ('CN', 'A', 'N', 'O', 'Z');
SELECT count(*) AS unlike FROM public.past('2025-07-01') WHERE previous IS DISTINCT FROM trail;
-- By default 0.8: 1, 0.2, 0.04, ...: 8 periods, 1.2499968 in all.
UPDATE policies SET memory = DEFAULT WHERE effective_from = '2024-01-01' RETURNING memory;
SELECT round(trail::numeric, 6) AS trail, round(200 * (0.4 + 0.04 + 0.012 + 0.004 + 0.00064 + 0.000064 + 0.0000192 + 0.00000896) / 1.2499968, 6) AS by_hand
FROM public.past('2025-07-01') WHERE unit = 'A';
SELECT public.refusal(format('UPDATE policies SET memory = %s', m)) FROM unnest('{0,-0.1,1.1,''NaN'',"NULL"}'::text[]) m;
ROLLBACK TO memory;

-- A period in which nobody did anything has no shares: 24Q4 leaves 223 of 255, and one of the eight is missing.
DELETE FROM deals WHERE closed_on = '2024-12-31';
SELECT unit, round(trail::numeric, 6) AS trail, round(by_hand, 6) AS by_hand, seasonal
FROM public.past('2025-07-01') p JOIN (VALUES ('A', 200 * 77.30 / 223), ('CN', 200 * 150.90 / 223), ('N', 200 * 22.00 / 223)) h (unit, by_hand) USING (unit);
-- Nor has one in which what was done comes to 0, though units did something.
INSERT INTO deals (unit_id, closed_on, won, amount) VALUES (3, '2024-12-31', true, 70), (5, '2024-12-31', true, -70);
SELECT unit, round(trail::numeric, 6) AS trail, seasonal FROM public.past('2025-07-01') WHERE unit = 'A';
-- Who gave back all he had brought has a mean of 0, whatever rounding leaves of 10 + 20 - 30 percent.
ROLLBACK TO memory;
INSERT INTO deals (unit_id, closed_on, won, amount) SELECT unit_id, day, true, sign * amount FROM (VALUES (8, 1), (2, -1)) u (unit_id, sign),
	(VALUES (date '2024-05-01', 10), ('2024-07-01', 20), ('2024-12-31', -30)) d (day, amount);
SELECT unit, seasonal FROM public.past('2025-07-01') WHERE unit IN ('Z', 'A');
-- The period before is the whole that is shared: where it is 0, so is every part.
DELETE FROM deals WHERE closed_on = '2025-03-30';
SELECT DISTINCT previous, trail, seasonal FROM public.past('2025-07-01');
ROLLBACK TO memory;

-- Nobody who has not asked for them pays: no period is looked for, until a metric names one.
CREATE VIEW public.looks AS SELECT seq_scan + idx_scan AS looks FROM pg_stat_xact_user_tables WHERE relid = 'regtarget.periods'::regclass;
CREATE TEMP TABLE before AS TABLE public.looks;
SELECT count(health_of_unit(unit_id, '2025-07-01')) + count(health) AS known FROM unit_health('2025-07-01');
SELECT looks.looks > before.looks AS looked FROM public.looks, before;
INSERT INTO metrics (metric, weight, worst, best) VALUES ('actual_trailing', 1, 0, 100);
SELECT count(health) AS known FROM unit_health('2025-07-01');
SELECT looks.looks > before.looks AS looked FROM public.looks, before;
ROLLBACK TO memory;

-- Not known while nobody had any such fact by the end of the period before, nor without that period or a policy for it.
SELECT day, count(previous) AS previous, count(trail) AS trail, count(seasonal) AS seasonal, count(*) FILTER (WHERE public.differ(previous, trail)) AS unlike
FROM unnest('{2023-02-01,2023-05-01,2023-08-01,2023-11-01,2024-02-01,2025-09-30,2025-10-01}'::date[]) day, public.past(day) GROUP BY 1 ORDER BY 1;
UPDATE policies SET effective_from = '2023-09-01' WHERE effective_from = '2000-01-01';
SELECT day, count(trail) AS trail, count(seasonal) AS seasonal
FROM unnest('{2023-11-01,2024-02-01,2025-07-01}'::date[]) day, public.past(day) GROUP BY 1 ORDER BY 1;

ROLLBACK;
