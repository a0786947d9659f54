-- valve_advice: who has moved by 5 points of health since the plan, or is off its pace by a tenth; what
-- one would ask is the lesser of what both say, where they agree in direction, within the room.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied;
CREATE FUNCTION public.day(n int) RETURNS date LANGUAGE sql RETURN today() + n;
-- Thirty days, of which today is the eleventh: 11/30 of each target are due. The next thirty.
INSERT INTO periods VALUES ('running', daterange(public.day(-10), public.day(20))), ('next', daterange(public.day(20), public.day(50)));
INSERT INTO months (month, period, during) SELECT p || n, p, daterange(public.day(a + 10 * n), public.day(a + 10 * n + 10))
FROM (VALUES ('running', -10), ('next', 20)) AS v (p, a), generate_series(0, 2) n;
-- Health is one entered signal, half of the split; the other half is the same for all, and so was health:
-- 300 each, 110 of them due. "skill" is what it is today, "won" what was won so far.
DELETE FROM metrics;
INSERT INTO metrics (metric, weight, worst, best) VALUES ('skill', 1, 0, 100);
DELETE FROM factors;
INSERT INTO factors (signal, factor, weight) VALUES ('health', 'health', 0.5), ('market', 'market', 0.5);
CREATE TABLE public.cases (unit_id int GENERATED ALWAYS AS IDENTITY (START 10), code text, skill float8, won numeric);
INSERT INTO public.cases (code, skill, won) VALUES ('as planned', 50, 110), ('slow, health the same', 50, 99),
	('slow, health unknown', NULL, 99), ('a little slow, health unknown', NULL, 99.01), ('fast, health unknown', NULL, 121),
	('both down', 35, 99), ('health down, fast', 35, 143), ('health up, slow', 60, 99), ('both up, beyond the room', 90, 143),
	('four points down', 46, 110), ('five points down', 45, 110), ('both down, health less', 44, 100), ('nothing won', 0, 0);
INSERT INTO units (unit_id, code) VALUES (1, 'CN');
INSERT INTO units (unit_id, code, parent_id) SELECT unit_id, code, 1 FROM public.cases;
INSERT INTO signals (unit_id, signal, as_of, value)
SELECT unit_id, 'market', '2020-01-01'::date, 1 FROM public.cases
UNION ALL SELECT unit_id, 'skill', '2020-01-01', 50 FROM public.cases WHERE skill IS NOT NULL
UNION ALL SELECT unit_id, 'skill', public.day(-1), skill FROM public.cases WHERE skill IS NOT NULL;
SELECT DISTINCT amount FROM allocate_targets('running', 3900) WHERE unit_id > 1;
SELECT count(*) FROM valve_advice;
SELECT publish_plan(1);
INSERT INTO deals (unit_id, closed_on, won, amount) SELECT unit_id, public.day(-3), true, won FROM public.cases WHERE won > 0;
-- By health: half of the score's relative change; by pace: what is missing of 1. The room is 15 %.
CREATE VIEW public.advice AS
SELECT unit, health_at_plan AS at_plan, health, health_change AS change, round(pace::numeric, 6) AS pace, by_health, round(by_pace::numeric, 6) AS by_pace,
	advised, room_up, room_down
FROM valve_advice ORDER BY unit_id;
SELECT * FROM public.advice;
-- Little room: 30 of 45 are used already, upwards; 330, of which 121 are due.
UPDATE targets SET amount = 330 WHERE unit_id = 18;
SELECT unit, round(pace::numeric, 6) AS pace, by_health, advised, room_up, room_down FROM public.advice WHERE room_up <> room_down;
UPDATE targets SET amount = 321.01 WHERE unit_id = 18;
SELECT unit, by_health, advised, room_up, room_down FROM public.advice WHERE room_up <> room_down;
UPDATE targets SET amount = 345 WHERE unit_id = 18;
SELECT unit, by_health, advised, room_up, room_down FROM public.advice WHERE room_up <> room_down;
-- What is advised can be asked for, down to the last per cent.
CREATE ROLE regress_boss;
CREATE ROLE regress_head;
SELECT grant_duty('regress_boss', 'CN', 'planner');
SELECT count(grant_duty('regress_head', code, 'manager')) FROM public.cases;
SET LOCAL ROLE regress_head;
SELECT count(request_adjustment(unit, advised::numeric, 'advised', today())) FROM valve_advice WHERE advised <> 0;
RESET ROLE;
SELECT u.code, a.change, a.amount_before, a.amount_after FROM adjustments a JOIN units u ON u.unit_id = a.unit_id ORDER BY a.unit_id;
-- The facts of the day are kept on the request.
SELECT u.code, a.health_at_plan, a.health, round(a.pace::numeric, 6) AS pace FROM adjustments a JOIN units u ON u.unit_id = a.unit_id ORDER BY a.unit_id;
-- Of another period, and once it is closed, nothing.
SELECT close_period('running');
SELECT count(*) FROM valve_advice;

ROLLBACK;
