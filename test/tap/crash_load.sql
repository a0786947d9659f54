-- A company with a published plan, and act(): one random step by whoever may take it, for many clients at
-- once. Used by the crash test; nothing of it is part of the extension.

SELECT regtarget.apply_profile();
INSERT INTO regtarget.shared_logins VALUES (session_user);
UPDATE regtarget.policies SET cap = 0.4;
DELETE FROM regtarget.factors;
INSERT INTO regtarget.factors (signal) VALUES ('market');
-- Months of a day, so that there are many to ask in.
INSERT INTO regtarget.periods VALUES ('2025Q1', '[2025-01-01,2025-04-01)'), ('2025Q2', '[2025-04-01,2025-07-01)');
INSERT INTO regtarget.months (month, period, during)
SELECT to_char(day, 'YYYY-MM-DD'), '2025Q1', daterange(day::date, day::date + 1)
FROM generate_series(timestamp '2025-01-01', '2025-03-31', '1 day') AS day;
-- Periods of a day, years before, to publish and close one after the other.
INSERT INTO regtarget.periods
SELECT to_char(day, '"D"YYYY-MM-DD'), daterange(day::date, day::date + 1)
FROM generate_series(timestamp '2020-01-01', '2022-12-31', '1 day') AS day;
INSERT INTO regtarget.units (unit_id, code, parent_id)
SELECT 1, 'CN', NULL::int
UNION ALL SELECT 2000 + u, 'S' || u, CASE WHEN u > 0 THEN 2000 END FROM generate_series(0, 5) u
UNION ALL SELECT 1 + r, 'R' || r, 1 FROM generate_series(1, 3) r
UNION ALL SELECT 10 * r + g, format('R%s-%s', r, g), 1 + r FROM generate_series(1, 3) r, generate_series(1, 3) g
UNION ALL SELECT 100 * r + 10 * g + t, format('R%s-%s-%s', r, g, t), 10 * r + g
	FROM generate_series(1, 3) r, generate_series(1, 3) g, generate_series(1, 3) t;
INSERT INTO regtarget.signals (unit_id, signal, as_of, value)
SELECT unit_id, 'market', '2019-01-01', 1 + unit_id % 7 FROM regtarget.units;

DO $$
DECLARE
	unit record;
BEGIN
	CREATE ROLE boss;
	PERFORM regtarget.grant_duty('boss', 'CN', 'planner');
	PERFORM regtarget.grant_duty('boss', 'CN', 'finance');
	FOR unit IN SELECT * FROM regtarget.units WHERE unit_id BETWEEN 2 AND 1999 LOOP
		EXECUTE format('CREATE ROLE m%s', unit.unit_id);
		PERFORM regtarget.grant_duty(('m' || unit.unit_id)::name, unit.code, 'manager');
	END LOOP;
END
$$;

SELECT count(*) FROM regtarget.allocate_targets('2025Q1', 12345678.9, root => 'CN');
SELECT regtarget.publish_plan(max(plan_id)) FROM regtarget.plans;

-- A statement loads so many rows, all with its number.
CREATE SEQUENCE loads;

-- One step, and what came of it: 'ok' or the SQLSTATE. id: of the request, the filing, the load, the plan or, of an
-- amount that was typed, the unit; mark: the ledger's entry of such a change, the period that was closed as a number.
CREATE FUNCTION act(kinds text[], OUT kind text, OUT id bigint, OUT mark bigint, OUT outcome text) LANGUAGE plpgsql AS $$
DECLARE
	who text;
	sign float8 := CASE WHEN random() < 0.5 THEN -1 ELSE 1 END;
	step numeric := sign * floor(random() * 1000);
BEGIN
	kind := kinds[1 + floor(random() * array_length(kinds, 1))];
	mark := 0;
	outcome := 'ok';
	SELECT CASE kind
		WHEN 'request' THEN (SELECT unit_id FROM regtarget.units WHERE unit_id BETWEEN 2 AND 1999 ORDER BY random() LIMIT 1)
		WHEN 'sign' THEN (SELECT adjustment_id FROM regtarget.adjustments WHERE status = 'requested' ORDER BY random() LIMIT 1)
		WHEN 'withdraw' THEN (SELECT adjustment_id FROM regtarget.adjustments WHERE status IN ('requested', 'approved') ORDER BY random() LIMIT 1)
		WHEN 'apply' THEN (SELECT adjustment_id FROM regtarget.adjustments WHERE status = 'approved' ORDER BY random() LIMIT 1)
		WHEN 'load' THEN nextval('loads')
		WHEN 'fold' THEN 1
		WHEN 'scan' THEN 1 + floor(random() * 52)::int
		WHEN 'allocate' THEN 1
		WHEN 'publish' THEN (SELECT plan_id FROM regtarget.plans WHERE status = 'draft' ORDER BY random() LIMIT 1)
		WHEN 'close' THEN (SELECT to_char(lower(p.during), 'YYYYMMDD')::bigint FROM regtarget.periods p JOIN regtarget.plans USING (period)
			WHERE status = 'published' AND p.period LIKE 'D%' ORDER BY p.during LIMIT 1)
		WHEN 'acknowledge' THEN (SELECT filing_id FROM regtarget.filings WHERE acknowledged_at IS NULL ORDER BY random() LIMIT 1)
		ELSE (SELECT unit_id FROM regtarget.units WHERE unit_id BETWEEN 2 AND 1999 ORDER BY random() LIMIT 1) END INTO id;
	IF id IS NULL THEN
		outcome := 'idle';
		id := 0;
		RETURN;
	END IF;
	SELECT CASE kind WHEN 'request' THEN 'm' || id
		WHEN 'sign' THEN (SELECT coalesce((SELECT 'm' || s.unit_id FROM regtarget.signatures s
			WHERE s.adjustment_id = act.id AND s.approved IS NULL AND s.unit_id > 1 ORDER BY s.level LIMIT 1), 'boss'))
		WHEN 'withdraw' THEN (SELECT 'm' || a.unit_id FROM regtarget.adjustments a WHERE a.adjustment_id = act.id)
		WHEN 'apply' THEN 'boss' WHEN 'acknowledge' THEN 'boss' WHEN 'respread' THEN 'boss' ELSE 'none' END INTO who;
	BEGIN
		PERFORM set_config('role', who, true);
		CASE kind
			WHEN 'request' THEN
				SELECT regtarget.request_adjustment(code, (sign * (1 + floor(random() * 60)) / 1000)::numeric, 'load',
					date '2025-01-01' + floor(random() * 90)::int) INTO id FROM (VALUES (NULL)) AS v
				CROSS JOIN LATERAL (SELECT u.code FROM public.codes u WHERE u.unit_id = act.id) AS c;
			WHEN 'sign' THEN
				PERFORM regtarget.countersign(id, random() < 0.95);
			WHEN 'withdraw' THEN
				PERFORM regtarget.withdraw_adjustment(id);
			WHEN 'apply' THEN
				PERFORM regtarget.apply_adjustment(id);
			WHEN 'acknowledge' THEN
				PERFORM regtarget.acknowledge_filing(id, 'F' || id);
			WHEN 'respread' THEN
				PERFORM regtarget.respread(1, (SELECT u.code FROM public.codes u WHERE u.unit_id = act.id));
			WHEN 'load' THEN
				IF random() < 0.5 THEN
					INSERT INTO regtarget.visits_in (source, source_id, unit, visited_on)
					SELECT 'load', id || '-' || i, code, (date '2025-01-01' + floor(random() * 90)::int)::text
					FROM generate_series(1, 20) i CROSS JOIN LATERAL (SELECT c.code FROM public.codes c WHERE i > 0 ORDER BY random() LIMIT 1) AS c;
				ELSE
					INSERT INTO regtarget.deals_in (source, source_id, unit, closed_on, won, amount)
					SELECT 'load', id || '-' || i, code, (date '2025-01-01' + floor(random() * 90)::int)::text, 'yes', i::text
					FROM generate_series(1, 20) i CROSS JOIN LATERAL (SELECT c.code FROM public.codes c WHERE i > 0 ORDER BY random() LIMIT 1) AS c;
				END IF;
			WHEN 'fold' THEN
				PERFORM regtarget.fold_activity();
			WHEN 'scan' THEN
				PERFORM regtarget.scan_alerts(date '2024-12-30' + 7 * id::int);
			WHEN 'allocate' THEN
				SELECT max(plan_id) INTO id FROM regtarget.allocate_targets((
					SELECT p.period FROM regtarget.periods p WHERE p.period LIKE 'D%' AND NOT EXISTS (
						SELECT FROM regtarget.plans q WHERE q.period = p.period AND q.status IN ('published', 'closed'))
					ORDER BY random() LIMIT 1), 1000, root => 'S0');
			WHEN 'publish' THEN
				PERFORM regtarget.publish_plan(id);
			WHEN 'close' THEN
				PERFORM regtarget.close_period(to_char(to_date(id::text, 'YYYYMMDD'), '"D"YYYY-MM-DD'));
			WHEN 'amount' THEN
				-- What it is already is no change, and leaves no entry.
				UPDATE regtarget.targets t SET amount = t.baseline + step
				WHERE t.plan_id = 1 AND t.unit_id = act.id AND t.amount <> t.baseline + step;
				IF FOUND THEN
					SELECT max(l.entry) INTO mark FROM regtarget.ledger l WHERE l.unit_id = act.id;
				END IF;
		END CASE;
	EXCEPTION WHEN OTHERS THEN
		outcome := SQLSTATE;
		RAISE LOG 'outcome % of %: %', SQLSTATE, kind, SQLERRM;
	END;
	PERFORM set_config('role', 'none', true);
END
$$;
CREATE TABLE codes AS SELECT unit_id, code FROM regtarget.units;
GRANT SELECT ON codes TO PUBLIC;
