-- No look-ahead: random changes of anything that is dated after a period's first day change no suggestion for it, nor what
-- the rivals of the past say.  Companies are random, and so are the changes; every computed signal is a factor.
--
-- What the period brought in all is the backtest's to know.  So after each round of changes a deal of the root's own puts
-- the total back, and suggestions must be the same to the last step.

BEGIN;
SET LOCAL search_path = public, pg_catalog;
SET LOCAL client_min_messages = error;

SELECT setseed(0.53);
CREATE FUNCTION pg_temp.r(n int) RETURNS int LANGUAGE sql VOLATILE AS 'SELECT floor(random() * n)::int';
CREATE FUNCTION pg_temp.maybe(p float8) RETURNS boolean LANGUAGE sql VOLATILE AS 'SELECT random() < p';
-- A day of the history; a day after another, of which the first ones and the far ones are as likely as all between.
CREATE FUNCTION pg_temp.day() RETURNS date LANGUAGE sql VOLATILE AS $$ SELECT date '2023-01-01' + pg_temp.r(1095) $$;
CREATE FUNCTION pg_temp.later(day date) RETURNS date LANGUAGE sql VOLATILE AS $$
	SELECT day + 1 + CASE pg_temp.r(3) WHEN 0 THEN pg_temp.r(3) WHEN 1 THEN pg_temp.r(92) ELSE pg_temp.r(500) END
$$;

-- ---- a random company --------------------------------------------------------------------------------

CREATE FUNCTION pg_temp.make_rules(company int) RETURNS void LANGUAGE sql AS $$
	INSERT INTO regtarget.policies (effective_from, window_months, min_coverage, actuals, churn_days, memory, timezone)
	VALUES ('2000-01-01', 1 + pg_temp.r(8), 0, 'deals', CASE WHEN company % 4 <> 1 THEN 20 + pg_temp.r(80) END, 0.6, 'UTC');
	INSERT INTO regtarget.metrics (metric, weight, worst, best) VALUES ('visits_per_head', 1, 0, 3), ('conversion_rate', 1, 0, 1),
		('output_per_head', 1, 0, 300), ('attrition_rate', 1, 1, 0), ('pace', 1, 0, 2);
	INSERT INTO regtarget.factors (signal, weight, scaled_by)
	SELECT s, 1, CASE WHEN pg_temp.maybe(0.3) THEN (ARRAY['capacity', 'headcount', 'customers_active'])[1 + pg_temp.r(3)] END
	FROM unnest('{actual,actual_last_year,actual_previous,actual_seasonal,actual_trailing,attrition_rate,capacity,churn_rate,conversion_rate,customers_active,customers_per_head,headcount,health,output_per_head,pace,tenure,visits_per_head,weekly_churn_count,weekly_churn_rate,tender,tilt}'::text[]) s;
	INSERT INTO regtarget.signal_kinds (signal, rollup, valid_days) VALUES ('tender', 'sum', NULL), ('tilt', 'mean', 300);
	INSERT INTO regtarget.ramp (months_of_service, share) VALUES (0, 0.2), (3, 0.6), (6, 1);
	INSERT INTO regtarget.periods (period, during) SELECT to_char(d, 'YYYY"Q"Q'), daterange(d::date, (d + interval '3 months')::date)
	FROM generate_series(timestamp '2023-01-01', timestamp '2025-10-01', interval '3 months') d;
	INSERT INTO regtarget.months (month, period, during)
	SELECT to_char(d, 'YYYY-MM'), to_char(d, 'YYYY"Q"Q'), daterange(d::date, (d + interval '1 month')::date)
	FROM generate_series(timestamp '2023-01-01', timestamp '2025-12-01', interval '1 month') d;
$$;

CREATE FUNCTION pg_temp.make_units() RETURNS void LANGUAGE sql AS $$
	INSERT INTO regtarget.units (unit_id, code, parent_id) VALUES (1, 'ROOT', NULL);
	INSERT INTO regtarget.units (unit_id, code, parent_id, opened_on, closed_on)
	SELECT i, 'U' || i, CASE WHEN i <= 4 THEN 1 ELSE 2 + pg_temp.r(i - 2) END, o, CASE WHEN pg_temp.maybe(0.15) THEN greatest(o, pg_temp.day()) END
	FROM (SELECT i, CASE WHEN pg_temp.maybe(0.25) THEN pg_temp.day() END AS o FROM generate_series(2, 14) i) u;
	INSERT INTO regtarget.past_parents (unit_id, until_on, parent_id)
	SELECT i, pg_temp.day(), 1 FROM generate_series(5, 14) i WHERE pg_temp.maybe(0.2);
$$;

CREATE FUNCTION pg_temp.try(statement text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE statement;
	RETURN true;
EXCEPTION WHEN OTHERS THEN
	RETURN false;
END
$$;

CREATE FUNCTION pg_temp.make_history() RETURNS void LANGUAGE sql AS $$
	INSERT INTO regtarget.employees (employee_id, name, hired_on, left_on)
	SELECT i, 'E' || i, h, CASE WHEN pg_temp.maybe(0.4) THEN h + pg_temp.r(700) END
	FROM (SELECT i, pg_temp.day() - 300 AS h FROM generate_series(1, 40) i) e;
	INSERT INTO regtarget.assignments (employee_id, unit_id, during)
	SELECT employee_id, 2 + pg_temp.r(13), daterange(hired_on, CASE WHEN pg_temp.maybe(0.5) THEN hired_on + 1 + pg_temp.r(600) END)
	FROM regtarget.employees;
	INSERT INTO regtarget.customers (customer_id, unit_id, acquired_on, churned_on)
	SELECT i, 2 + pg_temp.r(13), a, CASE WHEN pg_temp.maybe(0.3) THEN a + pg_temp.r(800) END
	FROM (SELECT i, CASE WHEN pg_temp.maybe(0.9) THEN pg_temp.day() - 200 END AS a FROM generate_series(1, 80) i) c;
	INSERT INTO regtarget.visits (unit_id, employee_id, customer_id, visited_on)
	SELECT 2 + pg_temp.r(13), 1 + pg_temp.r(40), 1 + pg_temp.r(80), pg_temp.day() FROM generate_series(1, 300);
	INSERT INTO regtarget.deals (unit_id, employee_id, customer_id, closed_on, won, amount)
	SELECT 1 + pg_temp.r(14), 1 + pg_temp.r(40), 1 + pg_temp.r(80), pg_temp.day(), pg_temp.maybe(0.7), pg_temp.r(100000) / 100.0
	FROM generate_series(1, 400);
	INSERT INTO regtarget.revenues (unit_id, customer_id, booked_on, amount)
	SELECT 1 + pg_temp.r(14), 1 + pg_temp.r(80), pg_temp.day(), pg_temp.r(100000) / 100.0 FROM generate_series(1, 200);
	INSERT INTO regtarget.signals (unit_id, signal, as_of, value)
	SELECT 1 + pg_temp.r(14), (ARRAY['tender', 'tilt'])[1 + pg_temp.r(2)], pg_temp.day(), pg_temp.r(50) FROM generate_series(1, 120)
	ON CONFLICT DO NOTHING;
$$;

CREATE FUNCTION pg_temp.make_successions() RETURNS void LANGUAGE sql AS $$
	SELECT count(pg_temp.try(format('INSERT INTO regtarget.successions VALUES (%s, %s, 0.5)', u.unit_id, 2 + pg_temp.r(13))))
	FROM regtarget.units u WHERE u.opened_on IS NOT NULL AND pg_temp.maybe(0.7);
$$;

-- ---- random changes of what comes after a day -----------------------------------------------------------

CREATE FUNCTION pg_temp.change_facts(day date) RETURNS void LANGUAGE sql AS $$
	DELETE FROM regtarget.visits WHERE visited_on > day AND pg_temp.maybe(0.3);
	UPDATE regtarget.visits SET unit_id = 1 + pg_temp.r(14), visited_on = pg_temp.later(day) WHERE visited_on > day AND pg_temp.maybe(0.3);
	INSERT INTO regtarget.visits (unit_id, visited_on) SELECT 1 + pg_temp.r(14), pg_temp.later(day) FROM generate_series(1, 20);
	DELETE FROM regtarget.deals WHERE closed_on > day AND pg_temp.maybe(0.3);
	UPDATE regtarget.deals SET unit_id = 1 + pg_temp.r(14), won = pg_temp.maybe(0.5), amount = pg_temp.r(100000) / 100.0,
		customer_id = 1 + pg_temp.r(80), closed_on = CASE WHEN pg_temp.maybe(0.8) THEN pg_temp.later(day) END
	WHERE (closed_on > day OR closed_on IS NULL) AND pg_temp.maybe(0.4);
	INSERT INTO regtarget.deals (unit_id, customer_id, closed_on, won, amount)
	SELECT 1 + pg_temp.r(14), 1 + pg_temp.r(80), pg_temp.later(day), pg_temp.maybe(0.7), pg_temp.r(100000) / 100.0 FROM generate_series(1, 20);
	UPDATE regtarget.revenues SET unit_id = 1 + pg_temp.r(14), amount = pg_temp.r(100000) / 100.0 WHERE booked_on > day AND pg_temp.maybe(0.4);
	INSERT INTO regtarget.revenues (unit_id, customer_id, booked_on, amount)
	SELECT 1 + pg_temp.r(14), 1 + pg_temp.r(80), pg_temp.later(day), pg_temp.r(100000) / 100.0 FROM generate_series(1, 20);
	UPDATE regtarget.signals SET value = pg_temp.r(50) WHERE as_of > day AND pg_temp.maybe(0.5);
	DELETE FROM regtarget.signals WHERE as_of > day AND pg_temp.maybe(0.3);
	INSERT INTO regtarget.signals (unit_id, signal, as_of, value)
	SELECT 1 + pg_temp.r(14), (ARRAY['tender', 'tilt', 'weather'])[1 + pg_temp.r(3)], pg_temp.later(day), pg_temp.r(50) FROM generate_series(1, 20)
	ON CONFLICT DO NOTHING;
$$;

CREATE FUNCTION pg_temp.change_people(day date) RETURNS void LANGUAGE sql AS $$
	UPDATE regtarget.employees SET left_on = CASE WHEN pg_temp.maybe(0.6) THEN greatest(hired_on, pg_temp.later(day)) END
	WHERE (left_on > day OR left_on IS NULL) AND pg_temp.maybe(0.4);
	UPDATE regtarget.employees SET hired_on = pg_temp.later(day), left_on = NULL
	WHERE hired_on > day AND (left_on > day OR left_on IS NULL) AND pg_temp.maybe(0.3);
	SELECT count(pg_temp.try(format('UPDATE regtarget.assignments SET during = daterange(%L, %L) WHERE employee_id = %s AND during = %L',
		lower(a.during), CASE WHEN pg_temp.maybe(0.6) THEN pg_temp.later(day + 1) END, a.employee_id, a.during)))
	FROM regtarget.assignments a WHERE (upper(a.during) > day + 1 OR upper_inf(a.during)) AND lower(a.during) <= day AND pg_temp.maybe(0.5);
	DELETE FROM regtarget.assignments WHERE lower(during) > day AND pg_temp.maybe(0.3);
	SELECT count(pg_temp.try(format('INSERT INTO regtarget.assignments VALUES (%s, %s, daterange(%L, NULL))',
		1 + pg_temp.r(40), 1 + pg_temp.r(14), pg_temp.later(day)))) FROM generate_series(1, 10);
	UPDATE regtarget.customers SET churned_on = CASE WHEN pg_temp.maybe(0.6) THEN greatest(acquired_on, pg_temp.later(day)) END
	WHERE (churned_on > day OR churned_on IS NULL) AND pg_temp.maybe(0.5);
	UPDATE regtarget.customers SET acquired_on = pg_temp.later(day), churned_on = NULL
	WHERE acquired_on > day AND pg_temp.maybe(0.3);
	INSERT INTO regtarget.customers (customer_id, unit_id, acquired_on) SELECT 1000 + pg_temp.r(1000000000), 1 + pg_temp.r(14), pg_temp.later(day)
	FROM generate_series(1, 10) ON CONFLICT DO NOTHING;
$$;

CREATE FUNCTION pg_temp.change_units(day date) RETURNS void LANGUAGE sql AS $$
	SELECT count(pg_temp.try(format('UPDATE regtarget.units SET closed_on = %L WHERE unit_id = %s',
		CASE WHEN pg_temp.maybe(0.6) THEN pg_temp.later(day) END, unit_id)))
	FROM regtarget.units WHERE unit_id > 1 AND (closed_on > day OR closed_on IS NULL) AND pg_temp.maybe(0.3);
	SELECT count(pg_temp.try(format('UPDATE regtarget.units SET opened_on = %L, closed_on = NULL WHERE unit_id = %s', pg_temp.later(day), unit_id)))
	FROM regtarget.units WHERE opened_on > day AND (closed_on > day OR closed_on IS NULL) AND pg_temp.maybe(0.5);
	SELECT count(pg_temp.try(format('DELETE FROM regtarget.successions WHERE unit_id = %s', unit_id)))
	FROM regtarget.units WHERE opened_on > day AND pg_temp.maybe(0.5);
	SELECT count(pg_temp.try(format('INSERT INTO regtarget.successions VALUES (%s, %s, 0.25)', u.unit_id, 2 + pg_temp.r(13))))
	FROM regtarget.units u WHERE u.opened_on > day AND pg_temp.maybe(0.7);
	INSERT INTO regtarget.units (unit_id, code, parent_id, opened_on) SELECT i, 'NEW' || i, 1 + pg_temp.r(14), pg_temp.later(day)
	FROM (SELECT 100 + pg_temp.r(1000000000) AS i FROM generate_series(1, 2)) u ON CONFLICT DO NOTHING;
	SELECT count(pg_temp.try(format('SELECT regtarget.move_unit(%L, %L, %L)', 'U' || 2 + pg_temp.r(13),
		CASE WHEN pg_temp.maybe(0.7) THEN 'U' || 2 + pg_temp.r(13) ELSE 'ROOT' END, pg_temp.later(day)))) FROM generate_series(1, 3);
	DELETE FROM regtarget.policies WHERE effective_from > day;
	INSERT INTO regtarget.policies (effective_from, window_months, actuals, churn_days, memory, timezone)
	VALUES (pg_temp.later(day), 1 + pg_temp.r(8), (ARRAY['deals', 'revenues'])[1 + pg_temp.r(2)], 5 + pg_temp.r(80), 0.3, 'UTC');
$$;

-- ---- the promise --------------------------------------------------------------------------------------------

CREATE FUNCTION pg_temp.told(period text) RETURNS TABLE (unit_id int, suggested numeric, naive numeric, previous numeric) LANGUAGE sql AS $$
	SELECT unit_id, suggested, naive, previous FROM regtarget.backtest(period, period, 'ROOT')
$$;

-- What management published, and moved since, is of no more account.
CREATE FUNCTION pg_temp.publish(of_period text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	plan bigint;
BEGIN
	SELECT max(plan_id) INTO plan FROM regtarget.allocate_targets(of_period, 1000 + pg_temp.r(1000), root => 'ROOT', label => 'x', factors => '{"tender": 1, "headcount": 1, "capacity": 1}');
	PERFORM regtarget.publish_plan(plan);
	UPDATE regtarget.targets SET amount = round(baseline * (0.9 + random()::numeric * 0.2), 2) WHERE plan_id = plan;
EXCEPTION WHEN OTHERS THEN
	NULL;
END
$$;

-- Where nothing is known today that was not known on the day, it is the split that anybody would make of the same total.
CREATE FUNCTION pg_temp.differs_from_split(of_period text, total numeric) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT count(*) FILTER (WHERE b.suggested IS DISTINCT FROM p.suggested)
		FROM regtarget.preview_targets(of_period, total, 'sandbox', 'ROOT', 0.0001) p FULL JOIN pg_temp.told(of_period) b USING (unit_id));
EXCEPTION WHEN invalid_parameter_value THEN
	RETURN NULL;
END
$$;

CREATE FUNCTION pg_temp.round_of_changes(of_period text, published boolean) RETURNS TABLE (units int, split int, differ int, other int) LANGUAGE plpgsql AS $$
DECLARE
	first date := (SELECT lower(p.during) FROM regtarget.periods p WHERE p.period = of_period);
	total numeric := (SELECT b.actual FROM regtarget.backtest(of_period, of_period, 'ROOT') b WHERE b.unit_id = 1);
BEGIN
	DROP TABLE IF EXISTS before;
	CREATE TEMP TABLE before AS SELECT * FROM pg_temp.told(of_period);
	PERFORM pg_temp.change_facts(first), pg_temp.change_people(first), pg_temp.change_units(first);
	IF published THEN
		PERFORM pg_temp.publish(of_period);
	END IF;
	INSERT INTO regtarget.deals (unit_id, closed_on, won, amount)
	SELECT 1, first + 1, true, total - b.actual FROM regtarget.backtest(of_period, of_period, 'ROOT') b WHERE b.unit_id = 1;
	RETURN QUERY SELECT count(*)::int, count(b.suggested)::int,
		count(*) FILTER (WHERE (b.suggested, b.naive, b.previous) IS DISTINCT FROM (a.suggested, a.naive, a.previous))::int,
		CASE WHEN NOT published AND (SELECT bool_and(p.churn_days IS NULL) FROM regtarget.policies p WHERE p.effective_from <= first)
			THEN pg_temp.differs_from_split(of_period, total) END
	FROM before b FULL JOIN pg_temp.told(of_period) a USING (unit_id);
END
$$;

CREATE TEMP TABLE rounds (company int, period text, units int, split int, differ int, other int);

-- Each company is made within a subtransaction, and gone with it.
DO $$
DECLARE
	found rounds[] := '{}';
	one rounds;
BEGIN
	FOR company IN 1..8 LOOP
		BEGIN
			PERFORM pg_temp.make_rules(company), pg_temp.make_units(), pg_temp.make_history(), pg_temp.make_successions();
			FOREACH one.period IN ARRAY ARRAY['2025Q3', '2025Q1', '2024Q3', '2024Q1'] LOOP
				one.company := company;
				SELECT * INTO one.units, one.split, one.differ, one.other FROM pg_temp.round_of_changes(one.period, company % 2 = 0);
				found := found || one;
			END LOOP;
			RAISE EXCEPTION USING ERRCODE = 'ZZ001';
		EXCEPTION WHEN SQLSTATE 'ZZ001' THEN
			NULL;
		END;
	END LOOP;
	INSERT INTO rounds SELECT * FROM unnest(found);
END
$$;

SELECT plan(5);
SELECT is((SELECT count(*) FROM rounds), 32::bigint, 'eight companies, four periods each');
SELECT cmp_ok((SELECT sum(split) FROM rounds), '>', 150::bigint, 'and there was something to split by: ' || (SELECT sum(split) || ' suggestions' FROM rounds));
SELECT is((SELECT coalesce(string_agg(company || ' ' || period || ': ' || differ, ', '), '') FROM rounds WHERE differ > 0), '',
	'changes of what comes after the first day change no suggestion for it');
SELECT cmp_ok((SELECT count(other) FROM rounds), '>', 0::bigint, 'some periods can be split as well by who does not replay them');
SELECT is((SELECT sum(other) FROM rounds), 0::bigint, 'and are split alike');
SELECT * FROM finish();
ROLLBACK;
