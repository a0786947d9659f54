-- Every signal and every health of thirty random companies, against plain SQL arithmetic that is
-- written after the rules alone: closures of the tree, one row a day and person, age().  And what a request
-- keeps of its unit, which is measured over that unit alone, against the report over all units: bit by bit.

BEGIN;
SET LOCAL search_path = public, pg_catalog;
SET LOCAL client_min_messages = warning;

-- What the targets called for by a day, by view target_months, which is another room's business.
CREATE TEMP TABLE due_now (unit_id int, due float8);

CREATE FUNCTION pg_temp.r(n int) RETURNS int LANGUAGE sql VOLATILE AS 'SELECT floor(random() * n)::int';
CREATE FUNCTION pg_temp.maybe(p float8) RETURNS boolean LANGUAGE sql VOLATILE AS 'SELECT random() < p';

-- Any day, but every third time one where a rule begins or ends: around the day asked about, its
-- week, its period, and the first days of the months before.
CREATE TEMP TABLE edges (day date);
CREATE FUNCTION pg_temp.day() RETURNS date LANGUAGE sql VOLATILE AS $$
	SELECT CASE WHEN pg_temp.maybe(0.35) THEN (SELECT day FROM edges ORDER BY random() LIMIT 1)
		ELSE date '2023-01-01' + pg_temp.r(1200) END
$$;
CREATE FUNCTION pg_temp.make_edges(today date) RETURNS void LANGUAGE sql AS $$
	DELETE FROM edges;
	INSERT INTO edges
	SELECT start::date + i
	FROM (
		SELECT today UNION ALL SELECT date_trunc('week', today) UNION ALL SELECT date_trunc('week', today) - interval '7 days'
		UNION ALL SELECT date_trunc('quarter', today) UNION ALL SELECT date_trunc('quarter', today) - interval '12 months'
		UNION ALL SELECT date_trunc('month', today) - make_interval(months => m) FROM generate_series(0, 9) m
	) s (start), generate_series(-1, 1) i
$$;

-- ---- a random company ------------------------------------------------------------------------

CREATE FUNCTION pg_temp.make_settings(company int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO regtarget.policies (effective_from, window_months, min_coverage, actuals, timezone, memory) VALUES
		('2000-01-01', 1 + pg_temp.r(9), (ARRAY[0, 0.3, 0.5, 1])[1 + pg_temp.r(4)],
		 (ARRAY['deals', 'revenues'])[1 + pg_temp.r(2)], 'UTC', (ARRAY[0.05, 0.5, 0.8, 1])[1 + company % 4]),
		('2024-05-10', 1 + pg_temp.r(9), (ARRAY[0, 0.3, 0.5, 1])[1 + pg_temp.r(4)],
		 (ARRAY['deals', 'revenues'])[1 + pg_temp.r(2)], 'UTC', (ARRAY[0.3, 0.8, 1])[1 + company % 3]);
	INSERT INTO regtarget.metrics (metric, weight, worst, best) VALUES
		('visits_per_head', 0.1 * pg_temp.r(5), 0, 2),
		('conversion_rate', 0.1 * pg_temp.r(5), 0.1, 0.6),
		('output_per_head', 0.1 * pg_temp.r(5), 5, 100),
		('attrition_rate', 0.1 * pg_temp.r(5), 0.25, 0);
	INSERT INTO regtarget.metrics (metric, weight, worst, best)
	SELECT m, 0.1 * pg_temp.r(4), CASE WHEN m LIKE 'actual%' THEN 2000 ELSE 12 END, 1 FROM unnest(ARRAY['tilt', 'tenure', 'customers_per_head', 'pace', 'nowhere', 'actual_trailing', 'actual_seasonal']) m
	WHERE pg_temp.maybe(0.3);
	IF company % 3 > 0 THEN
		INSERT INTO regtarget.ramp (months_of_service, share)
		SELECT m, round((0.1 + random())::numeric, 2) FROM unnest(ARRAY[0, 1, 3, 6, 12]) m WHERE pg_temp.maybe(0.6);
	END IF;
	INSERT INTO regtarget.periods (period, during)
	SELECT to_char(d, 'YYYY"Q"Q'), daterange(d::date, (d + interval '3 months')::date)
	FROM generate_series(timestamp '2022-01-01', timestamp '2026-10-01', interval '3 months') d
	WHERE company % 4 > 0 OR pg_temp.maybe(0.8);
	INSERT INTO regtarget.signal_kinds (signal, rollup, valid_days) VALUES
		('tender', 'sum', NULL), ('tilt', 'mean', 200), ('weather', NULL, 150), ('staff', 'mean', NULL);
END
$$;

CREATE FUNCTION pg_temp.make_people(units int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	unit int;
	employee int;
	starts date;
	ends date;
BEGIN
	INSERT INTO regtarget.units (unit_id, code, parent_id, opened_on, closed_on)
	SELECT i, 'U' || i, CASE WHEN i > 1 AND pg_temp.maybe(0.95) THEN 1 + pg_temp.r(i - 1) END,
		o, CASE WHEN pg_temp.maybe(0.2) THEN greatest(o, pg_temp.day()) END
	FROM (SELECT i, CASE WHEN pg_temp.maybe(0.2) THEN pg_temp.day() END AS o FROM generate_series(1, units) i) u;
	INSERT INTO regtarget.employees (employee_id, name, hired_on, left_on)
	SELECT i, 'E' || i, h, CASE WHEN pg_temp.maybe(0.3) THEN greatest(h, pg_temp.day()) END
	FROM (SELECT i, CASE WHEN pg_temp.maybe(0.9) THEN pg_temp.day() END AS h FROM generate_series(1, pg_temp.r(40)) i) e;
	FOR employee, starts IN SELECT employee_id, coalesce(hired_on, pg_temp.day()) FROM regtarget.employees LOOP
		FOR stay IN 1..pg_temp.r(4) LOOP
			SELECT unit_id INTO unit FROM regtarget.units ORDER BY random() LIMIT 1;
			ends := CASE WHEN pg_temp.maybe(0.6) THEN greatest(starts + 1, pg_temp.day()) END;
			INSERT INTO regtarget.assignments (employee_id, unit_id, during) VALUES (employee, unit, daterange(starts, ends));
			EXIT WHEN ends IS NULL;
			starts := ends + pg_temp.r(2) * pg_temp.r(60);
		END LOOP;
	END LOOP;
END
$$;

-- In some companies nobody writes down visits, lost deals or amounts; some units have no facts at all.
CREATE FUNCTION pg_temp.make_facts(company int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	busy int[] := ARRAY(SELECT unit_id FROM regtarget.units WHERE pg_temp.maybe(0.6));
	pick text := '$1[1 + pg_temp.r(cardinality($1))]';
BEGIN
	IF cardinality(busy) > 0 THEN
		IF company % 5 > 0 THEN
			EXECUTE 'INSERT INTO regtarget.visits (unit_id, visited_on) SELECT ' || pick ||
				', pg_temp.day() FROM generate_series(1, pg_temp.r(300))' USING busy;
		END IF;
		EXECUTE 'INSERT INTO regtarget.deals (unit_id, opened_on, closed_on, won, amount) SELECT ' || pick ||
			', pg_temp.day(), CASE WHEN pg_temp.maybe(0.9) THEN pg_temp.day() END,
			CASE WHEN pg_temp.maybe(0.95) THEN pg_temp.maybe($2) END,
			CASE WHEN pg_temp.maybe(0.95) THEN round((random() * 1000)::numeric, 2) - 100 END
			FROM generate_series(1, pg_temp.r(200))' USING busy, CASE WHEN company % 6 = 0 THEN 1 ELSE 0.6 END;
		EXECUTE 'INSERT INTO regtarget.revenues (unit_id, booked_on, amount) SELECT ' || pick ||
			', pg_temp.day(), round((random() * 1000)::numeric, 2) FROM generate_series(1, pg_temp.r(100))' USING busy;
	END IF;
	INSERT INTO regtarget.customers (unit_id, acquired_on, churned_on)
	SELECT unit_id, a, CASE WHEN pg_temp.maybe(0.5) THEN greatest(a, pg_temp.day()) END
	FROM (SELECT u.unit_id, CASE WHEN pg_temp.maybe(0.8) THEN pg_temp.day() END AS a
		  FROM unnest(busy) AS u (unit_id), generate_series(1, 20) WHERE pg_temp.maybe(0.7)) c;
	INSERT INTO regtarget.signals (unit_id, signal, as_of, value)
	SELECT unit_id, s, pg_temp.day(), round((random() * 20)::numeric, 3)
	FROM regtarget.units, unnest(ARRAY['tender', 'tilt', 'weather', 'staff', 'unlisted']) s, generate_series(1, 2)
	WHERE pg_temp.maybe(0.4)
	ON CONFLICT DO NOTHING;
END
$$;

-- A published plan of the period that holds the day, as a restore would bring it: months with and without a share
-- and with days between them, targets of most units.
CREATE FUNCTION pg_temp.make_targets(today date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	period text;
	starts date;
BEGIN
	SELECT q.period, lower(q.during) INTO period, starts FROM regtarget.periods q WHERE q.during @> today;
	IF period IS NULL THEN
		RETURN;
	END IF;
	INSERT INTO regtarget.months (month, period, during, share)
	SELECT period || '-' || m, period, daterange(starts + 30 * m, starts + 30 * m + 20 + pg_temp.r(11)),
		CASE WHEN pg_temp.maybe(0.4) THEN round((random() / 2)::numeric, 2) END
	FROM generate_series(0, 2) m;
	SET LOCAL check_function_bodies = off;
	SET LOCAL row_security = off;
	INSERT INTO regtarget.plans (plan_id, period, root_unit_id, status, total, cap, created_by, published_at)
	VALUES (1, period, 1, 'published', 1000, 0.15, 'somebody', now());
	INSERT INTO regtarget.targets (plan_id, unit_id, period, suggested, baseline, amount, cap)
	SELECT 1, unit_id, period, a, a, a, 0.15
	FROM (SELECT unit_id, CASE WHEN pg_temp.maybe(0.9) THEN round((random() * 2000)::numeric, 2) ELSE 0 END AS a
		FROM regtarget.units WHERE pg_temp.maybe(0.7)) t;
	SET LOCAL check_function_bodies = on;
	SET LOCAL row_security = on;
	INSERT INTO due_now
	SELECT m.unit_id, sum(m.amount * least(greatest(today - m.starts_on + 1, 0), m.days) / m.days)::float8
	FROM regtarget.target_months m GROUP BY m.unit_id;
END
$$;

CREATE FUNCTION pg_temp.make_company(company int, day date) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM setseed(company / 100.0);
	PERFORM pg_temp.make_edges(day);
	PERFORM pg_temp.make_settings(company);
	-- Every tenth company has more units than are looked up one by one.
	PERFORM pg_temp.make_people(CASE WHEN company % 10 = 0 THEN 140 ELSE 1 + pg_temp.r(24) END);
	PERFORM pg_temp.make_facts(company);
	PERFORM pg_temp.make_targets(day);
	IF company % 3 > 0 THEN
		PERFORM regtarget.fold_activity();
	END IF;
	UPDATE regtarget.deals SET amount = amount - 0.005 WHERE company % 3 = 1 AND pg_temp.maybe(0.2);
END
$$;

-- ---- what the rules say --------------------------------------------------------------------------

CREATE TEMP TABLE expected (unit_id int, signal text, value float8, PRIMARY KEY (unit_id, signal));
CREATE TEMP TABLE below (top int, unit_id int);

CREATE FUNCTION pg_temp.expect_below() RETURNS void LANGUAGE sql AS $$
	DELETE FROM below;
	INSERT INTO below
	WITH RECURSIVE b AS (
		SELECT unit_id AS top, unit_id FROM regtarget.units
		UNION ALL
		SELECT b.top, u.unit_id FROM b JOIN regtarget.units u ON u.parent_id = b.unit_id
	)
	SELECT top, unit_id FROM b;
$$;

CREATE FUNCTION pg_temp.expect_window(day date) RETURNS void LANGUAGE sql AS $$
	INSERT INTO expected
	WITH p AS (SELECT * FROM regtarget.policies WHERE effective_from <= day ORDER BY effective_from DESC LIMIT 1),
	w AS (
		SELECT (date_trunc('month', day) - make_interval(months => window_months))::date AS ws,
			date_trunc('month', day)::date AS we, window_months AS months
		FROM p
	),
	heads AS (
		SELECT b.top, count(*)::float8 / (SELECT we - ws FROM w) AS n
		FROM w
		CROSS JOIN generate_series(w.ws::timestamp, w.we - interval '1 day', interval '1 day') d
		JOIN regtarget.assignments a ON a.during @> d::date
		JOIN regtarget.employees e ON e.employee_id = a.employee_id AND d::date <= coalesce(e.left_on, 'infinity')
		JOIN below b ON b.unit_id = a.unit_id
		GROUP BY b.top
	),
	visits AS (
		SELECT b.top, count(*) FILTER (WHERE visited_on >= ws) AS n
		FROM w, regtarget.visits v JOIN below b USING (unit_id) WHERE visited_on < we GROUP BY b.top
	),
	deals AS (
		SELECT b.top, count(*) FILTER (WHERE won) AS ever_won,
			count(*) FILTER (WHERE won AND closed_on >= ws) AS won,
			count(*) FILTER (WHERE NOT won AND closed_on >= ws) AS lost,
			coalesce(sum(amount) FILTER (WHERE won AND closed_on >= ws), 0) AS amount
		FROM w, regtarget.deals d JOIN below b USING (unit_id) WHERE closed_on < we GROUP BY b.top
	),
	leavers AS (
		SELECT b.top, count(*) AS n
		FROM (
			SELECT DISTINCT ON (e.employee_id) a.unit_id
			FROM w, regtarget.employees e JOIN regtarget.assignments a USING (employee_id)
			WHERE e.left_on >= ws AND e.left_on < we AND lower(a.during) <= e.left_on
			ORDER BY e.employee_id, lower(a.during) DESC
		) l JOIN below b USING (unit_id)
		GROUP BY b.top
	)
	SELECT top, 'visits_per_head', v.n / h.n / months FROM w, heads h JOIN visits v USING (top)
	UNION ALL
	SELECT top, 'output_per_head', amount::float8 / h.n / months FROM w, heads h JOIN deals d USING (top) WHERE ever_won > 0
	UNION ALL
	SELECT top, 'conversion_rate', won::float8 / (won + lost) FROM deals WHERE won + lost > 0
		AND EXISTS (SELECT FROM w, regtarget.deals WHERE NOT won AND closed_on < we)
	UNION ALL
	SELECT top, 'attrition_rate', coalesce(l.n, 0) / h.n FROM heads h LEFT JOIN leavers l USING (top)
		WHERE EXISTS (SELECT FROM w, regtarget.employees WHERE left_on < we);
$$;

CREATE FUNCTION pg_temp.expect_people(day date) RETURNS void LANGUAGE sql AS $$
	INSERT INTO expected
	WITH people AS (
		SELECT b.top, e.hired_on,
			greatest(0, extract(year FROM age(day, e.hired_on)) * 12 + extract(month FROM age(day, e.hired_on))) AS months
		FROM regtarget.assignments a
		JOIN regtarget.employees e USING (employee_id)
		JOIN below b USING (unit_id)
		WHERE a.during @> day AND coalesce(e.left_on, 'infinity') >= day
	),
	counted AS (
		SELECT top, CASE WHEN hired_on IS NULL THEN 1 ELSE coalesce(
			(SELECT share FROM regtarget.ramp WHERE months_of_service <= months ORDER BY months_of_service DESC LIMIT 1),
			(SELECT share FROM regtarget.ramp ORDER BY months_of_service LIMIT 1), 1) END AS share
		FROM people
	)
	SELECT unit_id, 'headcount', (SELECT count(*) FROM people WHERE top = unit_id) FROM regtarget.units
	UNION ALL
	SELECT unit_id, 'capacity', (SELECT coalesce(sum(share), 0) FROM counted WHERE top = unit_id) FROM regtarget.units
	UNION ALL
	SELECT top, 'tenure', avg(months) FROM people WHERE hired_on IS NOT NULL GROUP BY top;
$$;

CREATE FUNCTION pg_temp.expect_customers(day date) RETURNS void LANGUAGE sql AS $$
	INSERT INTO expected
	WITH p AS (SELECT * FROM regtarget.policies WHERE effective_from <= day ORDER BY effective_from DESC LIMIT 1),
	spans (signal, starts, ends) AS (
		SELECT 'churn_rate', (date_trunc('month', day) - make_interval(months => window_months))::date, date_trunc('month', day)::date FROM p
		UNION ALL
		SELECT 'weekly_churn_rate', date_trunc('week', day)::date - 7, date_trunc('week', day)::date
	),
	rates AS (
		SELECT b.top, s.signal,
			count(*) FILTER (WHERE churned_on >= starts AND churned_on < ends) AS gone,
			count(*) FILTER (WHERE (acquired_on < starts OR acquired_on IS NULL) AND (churned_on >= starts OR churned_on IS NULL)) AS were
		FROM spans s, regtarget.customers c JOIN below b USING (unit_id)
		GROUP BY b.top, s.signal
	)
	SELECT top, signal, gone::float8 / were FROM rates WHERE were > 0
	UNION ALL
	SELECT u.unit_id, 'weekly_churn_count', coalesce((SELECT gone FROM rates r WHERE r.top = u.unit_id AND r.signal = 'weekly_churn_rate'), 0)
	FROM regtarget.units u
	UNION ALL
	SELECT top, 'weekly_churn_certainty', (x - m) / sqrt(greatest(1, s / m) * m * (1 + 1.0 / k))
	FROM (
		SELECT top, max(x) AS x, avg(v) AS m, var_samp(v) AS s, count(v) AS k
		FROM (
			SELECT top, gone::float8 / nullif(were, 0) * first_value(were) OVER w AS v, w, max(gone) FILTER (WHERE w = 0) OVER (PARTITION BY top) AS x
			FROM (
				SELECT b.top, w, count(*) FILTER (WHERE churned_on >= starts AND churned_on < starts + 7) AS gone,
					count(*) FILTER (WHERE (acquired_on < starts OR acquired_on IS NULL) AND (churned_on >= starts OR churned_on IS NULL)) AS were
				FROM (SELECT w, date_trunc('week', day)::date - 7 - 7 * w AS starts FROM generate_series(0, 12) w) s, regtarget.customers c JOIN below b USING (unit_id)
				GROUP BY b.top, w
			) weeks WINDOW w AS (PARTITION BY top ORDER BY w)
		) scaled WHERE w > 0 GROUP BY top
	) fit WHERE k >= 4 AND m > 0
	UNION ALL
	SELECT u.unit_id, 'customers_active', (
		SELECT count(*) FROM regtarget.customers c JOIN below b USING (unit_id) WHERE b.top = u.unit_id
			AND coalesce(acquired_on, '-infinity') <= day AND NOT coalesce(churned_on <= day, false))
	FROM regtarget.units u;
	INSERT INTO expected
	SELECT c.unit_id, 'customers_per_head', c.value / h.value
	FROM expected c JOIN expected h USING (unit_id)
	WHERE c.signal = 'customers_active' AND h.signal = 'headcount' AND h.value > 0;
$$;

CREATE FUNCTION pg_temp.expect_actuals(day date) RETURNS void LANGUAGE sql AS $$
	INSERT INTO expected
	WITH ordered AS (
		SELECT during, lead(during) OVER w AS previous, lead(during, 4) OVER w AS last_year
		FROM regtarget.periods WINDOW w AS (ORDER BY lower(during) DESC)
	),
	spans (signal, during) AS (
		SELECT s.* FROM ordered, LATERAL (VALUES ('actual', during), ('actual_previous', previous), ('actual_last_year', last_year)) s
		WHERE ordered.during @> day
	),
	facts (kind, unit_id, day, amount) AS (
		SELECT 'deals', unit_id, closed_on, coalesce(amount, 0) FROM regtarget.deals WHERE won AND closed_on IS NOT NULL
		UNION ALL
		SELECT 'revenues', unit_id, booked_on, amount FROM regtarget.revenues
	)
	SELECT u.unit_id, s.signal, (
		SELECT coalesce(sum(f.amount), 0) FROM facts f JOIN below b USING (unit_id)
		WHERE b.top = u.unit_id AND f.kind = p.actuals AND s.during @> f.day AND f.day <= expect_actuals.day)
	FROM spans s
	CROSS JOIN LATERAL (SELECT actuals FROM regtarget.policies WHERE effective_from <= lower(s.during) ORDER BY effective_from DESC LIMIT 1) p
	CROSS JOIN regtarget.units u
	WHERE EXISTS (SELECT FROM facts f WHERE f.kind = p.actuals AND f.day < upper(s.during) AND f.day <= expect_actuals.day);
	INSERT INTO expected
	SELECT d.unit_id, 'pace', coalesce((SELECT value FROM expected e WHERE e.unit_id = d.unit_id AND signal = 'actual'), 0) / d.due
	FROM due_now d WHERE d.due <> 0;
$$;

-- What each did in each period before the one that holds the day, beside what those without a parent did.
CREATE FUNCTION pg_temp.expect_past(day date) RETURNS void LANGUAGE sql AS $$
	INSERT INTO expected
	WITH spans AS (
		SELECT p.during, row_number() OVER (ORDER BY p.during DESC) AS k,
			(SELECT actuals FROM regtarget.policies WHERE effective_from <= lower(p.during) ORDER BY effective_from DESC LIMIT 1) AS kind
		FROM regtarget.periods p JOIN regtarget.periods now ON now.during @> day AND p.during << now.during
	),
	facts (kind, unit_id, day, amount) AS (
		SELECT 'deals', unit_id, closed_on, coalesce(amount, 0) FROM regtarget.deals WHERE won AND closed_on IS NOT NULL
		UNION ALL
		SELECT 'revenues', unit_id, booked_on, amount FROM regtarget.revenues
	),
	did AS (
		SELECT u.unit_id, u.parent_id, s.k, (
			SELECT coalesce(sum(f.amount), 0) FROM facts f JOIN below b USING (unit_id) WHERE b.top = u.unit_id AND f.kind = s.kind AND s.during @> f.day) AS amount
		FROM spans s CROSS JOIN regtarget.units u
	),
	totals AS (SELECT k, sum(amount) AS total FROM did WHERE parent_id IS NULL GROUP BY k),
	x AS (SELECT unit_id, k, amount / nullif(total, 0) AS x FROM did JOIN totals USING (k)),
	m AS (SELECT memory AS m FROM regtarget.policies WHERE effective_from <= day ORDER BY effective_from DESC LIMIT 1),
	first AS (
		SELECT total FROM totals JOIN spans s USING (k)
		WHERE k = 1 AND EXISTS (SELECT FROM facts f WHERE f.kind = s.kind AND f.day < upper(s.during))
	)
	SELECT unit_id, 'actual_trailing', CASE WHEN total = 0 THEN 0 ELSE total * sum(m * (1 - m) ^ (k - 1) * x) / sum(m * (1 - m) ^ (k - 1)) END
	FROM x, m, first WHERE x IS NOT NULL OR total = 0 GROUP BY unit_id, total
	UNION ALL
	SELECT unit_id, 'actual_seasonal', total * avg(x) FILTER (WHERE k <= 4) * sum(x) FILTER (WHERE k IN (4, 8)) / (2 * avg(x))
	FROM x, first WHERE k <= 8 GROUP BY unit_id, total HAVING count(x) = 8 AND avg(x) <> 0;
$$;

CREATE FUNCTION pg_temp.expect_entered(today date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	added int;
BEGIN
	INSERT INTO expected
	SELECT DISTINCT ON (unit_id, s.signal) unit_id, s.signal, value
	FROM regtarget.signals s LEFT JOIN regtarget.signal_kinds k USING (signal)
	WHERE as_of <= today AND (valid_days IS NULL OR today - as_of <= valid_days)
	ORDER BY unit_id, s.signal, as_of DESC;
	-- From the deepest units up: a parent when all units below it are done.
	FOR level IN REVERSE 30..1 LOOP
		INSERT INTO expected
		SELECT u.parent_id, k.signal, CASE k.rollup WHEN 'sum' THEN sum(e.value) ELSE avg(e.value) END
		FROM regtarget.units u
		JOIN expected e USING (unit_id)
		JOIN regtarget.signal_kinds k ON k.signal = e.signal AND k.rollup IS NOT NULL
		WHERE coalesce(u.opened_on, '-infinity') <= today AND coalesce(u.closed_on, 'infinity') >= today
			AND (SELECT count(*) FROM below b WHERE b.unit_id = u.parent_id) = level
			AND NOT EXISTS (SELECT FROM expected x WHERE x.unit_id = u.parent_id AND x.signal = k.signal)
		GROUP BY u.parent_id, k.signal, k.rollup;
	END LOOP;
END
$$;

CREATE TEMP TABLE expected_health (unit_id int PRIMARY KEY, health float8, coverage float8);

CREATE FUNCTION pg_temp.expect_health(day date) RETURNS void LANGUAGE sql AS $$
	DELETE FROM expected_health;
	INSERT INTO expected_health
	SELECT unit_id, CASE WHEN w > 0 AND w / total >= min_coverage - 1e-9 THEN 100 * gained / w END, w / nullif(total, 0)
	FROM (
		SELECT u.unit_id,
			coalesce(sum(m.weight) FILTER (WHERE e.value IS NOT NULL), 0) AS w, sum(m.weight) AS total,
			coalesce(sum(m.weight * least(1, greatest(0, (e.value - m.worst) / (m.best - m.worst)))), 0) AS gained
		FROM regtarget.units u CROSS JOIN regtarget.metrics m
		LEFT JOIN expected e ON e.unit_id = u.unit_id AND e.signal = m.metric
		GROUP BY u.unit_id
	) s, (SELECT min_coverage::float8 FROM regtarget.policies WHERE effective_from <= day ORDER BY effective_from DESC LIMIT 1) p;
	INSERT INTO expected SELECT unit_id, 'health', health FROM expected_health WHERE health IS NOT NULL;
$$;

CREATE FUNCTION pg_temp.expect_all(day date) RETURNS void LANGUAGE sql AS $$
	DELETE FROM expected;
	SELECT pg_temp.expect_below();
	SELECT pg_temp.expect_window(day);
	SELECT pg_temp.expect_people(day);
	SELECT pg_temp.expect_customers(day);
	SELECT pg_temp.expect_actuals(day);
	SELECT pg_temp.expect_past(day);
	SELECT pg_temp.expect_entered(day);
	SELECT pg_temp.expect_health(day);
$$;

-- ---- the comparison --------------------------------------------------------------------------------

CREATE FUNCTION pg_temp.differ(a float8, b float8) RETURNS boolean LANGUAGE sql IMMUTABLE AS
	'SELECT (a IS NULL) <> (b IS NULL) OR abs(a - b) > 1e-9 * greatest(1, abs(a), abs(b))';

CREATE FUNCTION pg_temp.differing_signals(day date) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(format('unit %s %s: expected %s, got %s', unit_id, signal, e.value, s.value), '; ' ORDER BY signal, unit_id)
	FROM expected e FULL JOIN regtarget.unit_signals(day) s USING (unit_id, signal)
	WHERE pg_temp.differ(e.value, s.value);
$$;

CREATE FUNCTION pg_temp.differing_health(day date) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(format('unit %s: expected %s, got %s', unit_id, e, h), '; ' ORDER BY unit_id)
	FROM (
		SELECT x.*,
			max(value) FILTER (WHERE signal = 'visits_per_head') AS visits, max(value) FILTER (WHERE signal = 'conversion_rate') AS conversion,
			max(value) FILTER (WHERE signal = 'output_per_head') AS output, max(value) FILTER (WHERE signal = 'attrition_rate') AS attrition
		FROM expected_health x LEFT JOIN expected USING (unit_id) GROUP BY x.unit_id
	) e FULL JOIN regtarget.unit_health(day) h USING (unit_id)
	WHERE pg_temp.differ(e.health, h.health) OR pg_temp.differ(e.coverage, h.coverage)
		OR pg_temp.differ(visits, visits_per_head) OR pg_temp.differ(conversion, conversion_rate)
		OR pg_temp.differ(output, output_per_head) OR pg_temp.differ(attrition, attrition_rate)
		OR h.unit IS DISTINCT FROM (SELECT code FROM regtarget.units u WHERE u.unit_id = h.unit_id);
$$;

-- Points add up to health, what is not gained is lost; ranks, and change, from two days' health.
CREATE FUNCTION pg_temp.differing_reports(day date) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(format('unit %s: %s', unit_id, what), '; ' ORDER BY unit_id)
	FROM (
		SELECT unit_id, 'points ' || p.gained || ' + ' || p.lost || ' for health ' || health AS what
		FROM regtarget.unit_health(day) h
		JOIN (SELECT unit_id, sum(points_gained) AS gained, sum(points_lost) AS lost, sum(weight) AS weight
			  FROM regtarget.health_points(day) GROUP BY unit_id) p USING (unit_id)
		WHERE pg_temp.differ(health, gained) OR pg_temp.differ(100 - health, lost)
			OR pg_temp.differ(weight, CASE WHEN health IS NOT NULL THEN 1 END)
		UNION ALL
		SELECT r.unit_id, 'ranked ' || r::text
		FROM regtarget.health_ranking(day) r
		JOIN regtarget.units u USING (unit_id)
		LEFT JOIN regtarget.unit_health((day - interval '1 month')::date) b USING (unit_id)
		WHERE pg_temp.differ(r.change, r.health - b.health) OR pg_temp.differ(r.health_before, b.health)
			OR r.depth <> (SELECT count(*) - 1 FROM below x WHERE x.unit_id = r.unit_id)
			OR r.rank IS DISTINCT FROM CASE WHEN r.health IS NOT NULL THEN (
				SELECT 1 + count(*) FROM regtarget.unit_health(day) o JOIN regtarget.units s USING (unit_id)
				WHERE s.parent_id IS NOT DISTINCT FROM u.parent_id AND o.health > r.health) END
	) d;
$$;

-- Every unit that can asks for more; what its request keeps is what the reports say, to the last bit.
CREATE ROLE "health_random asks";
CREATE ROLE "health_random signs";
CREATE FUNCTION pg_temp.ask(day date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	asks record;
BEGIN
	INSERT INTO regtarget.duties (role, unit_id, duty)
	SELECT role, unit_id, 'manager' FROM regtarget.units, unnest(ARRAY[current_user, 'health_random signs']) AS role;
	FOR asks IN
		SELECT u.code FROM regtarget.targets t JOIN regtarget.units u USING (unit_id)
		WHERE t.baseline >= 1 AND u.parent_id IS NOT NULL AND EXISTS (SELECT FROM regtarget.months m WHERE m.during @> day)
	LOOP
		PERFORM regtarget.request_adjustment(asks.code, 0.05, 'more', day);
	END LOOP;
END
$$;

CREATE FUNCTION pg_temp.bits(value float8) RETURNS text LANGUAGE sql IMMUTABLE AS
	$$SELECT coalesce(float8send(value)::text, 'not known')$$;

CREATE FUNCTION pg_temp.differing_requests(day date) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(format('unit %s: %s %s %s', a.unit_id, a.health_at_plan, a.health, a.pace), '; ' ORDER BY a.unit_id)
	FROM regtarget.adjustments a
	JOIN regtarget.periods q USING (period)
	LEFT JOIN regtarget.unit_signals(day) h ON h.unit_id = a.unit_id AND h.signal = 'health'
	LEFT JOIN regtarget.unit_signals(day) p ON p.unit_id = a.unit_id AND p.signal = 'pace'
	LEFT JOIN regtarget.unit_health((SELECT lower(q.during) FROM regtarget.periods q WHERE q.during @> day)) b ON b.unit_id = a.unit_id
	WHERE pg_temp.bits(a.health) <> pg_temp.bits(h.value) OR pg_temp.bits(a.pace) <> pg_temp.bits(p.value)
		OR pg_temp.bits(a.health_at_plan) <> pg_temp.bits(b.health)
$$;

-- How often each computed signal was known: the comparison must not be an empty one.
CREATE TEMP TABLE seen (signal text, units bigint);

-- Each company is taken back; what was seen of it stays.
CREATE FUNCTION pg_temp.check_company(company int, day date) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	signals text;
	health text;
	reports text;
	requests text;
	saw seen[];
BEGIN
	BEGIN
		PERFORM pg_temp.make_company(company, day);
		PERFORM pg_temp.expect_all(day);
		signals := pg_temp.differing_signals(day);
		health := pg_temp.differing_health(day);
		reports := pg_temp.differing_reports(day);
		PERFORM pg_temp.ask(day);
		requests := pg_temp.differing_requests(day);
		saw := ARRAY(
			SELECT (signal, count(*))::seen FROM expected GROUP BY signal
			UNION ALL SELECT ('units', count(*))::seen FROM regtarget.units
			UNION ALL SELECT ('health of requests', count(a.health))::seen FROM regtarget.adjustments a
			UNION ALL SELECT ('pace of requests', count(a.pace))::seen FROM regtarget.adjustments a);
		RAISE SQLSTATE 'UNDO0';
	EXCEPTION WHEN SQLSTATE 'UNDO0' THEN
	END;
	INSERT INTO seen SELECT * FROM unnest(saw);
	RETURN NEXT is(signals, NULL, format('company %s: every signal on %s', company, day));
	RETURN NEXT is(health, NULL, format('company %s: health on %s', company, day));
	RETURN NEXT is(reports, NULL, format('company %s: points and ranks on %s', company, day));
	RETURN NEXT is(requests, NULL, format('company %s: what requests of %s keep', company, day));
END
$$;

SELECT plan(30 * 4 + 3);

SELECT pg_temp.check_company(company, date '2024-01-01' + company * 7919 % 800) FROM generate_series(1, 30) company;

SELECT is((SELECT count(DISTINCT signal) FROM seen WHERE signal !~ 'units|requests'), 25::bigint,
	'twenty computed and five entered signals were compared');
SELECT is((
	SELECT string_agg(format('%s: %s of %s', signal, known, units), ', ')
	FROM (SELECT signal, sum(units) AS known FROM seen GROUP BY signal) k,
		(SELECT sum(units) AS units FROM seen WHERE signal = 'units') u
	WHERE signal !~ 'units|requests' AND (known < 40
		OR (known > units - 20 AND signal NOT IN ('headcount', 'capacity', 'customers_active', 'weekly_churn_count')))),
	NULL, 'each was known often, and not known often');
SELECT ok(bool_and(units > 40), 'and so were health and pace of requests')
FROM (SELECT sum(units) AS units FROM seen WHERE signal ~ 'requests' GROUP BY signal) r;

SELECT * FROM finish();
ROLLBACK;
