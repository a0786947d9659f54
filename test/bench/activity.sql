-- A company of 1,000 groups with people, and :facts facts of three years, six of ten visits, three
-- deals, one revenue; or, with :facts 0, no facts but files of :rows rows to be copied in, in :folder.

CREATE SCHEMA bench;
SELECT pg_catalog.setseed(0.5);
SELECT regtarget.apply_profile();
SELECT regtarget.add_year(2025);
INSERT INTO regtarget.units (unit_id, code) VALUES (1001, 'CN');
INSERT INTO regtarget.units (unit_id, code, parent_id) SELECT 1001 + g, 'R' || g, 1001 FROM generate_series(1, 30) g;
INSERT INTO regtarget.units (unit_id, code, parent_id) SELECT g, 'G' || g, 1002 + g % 30 FROM generate_series(1, 1000) g;
INSERT INTO regtarget.employees (employee_id, hired_on, left_on)
SELECT g, '2020-01-01', CASE WHEN g % 20 = 0 THEN date '2025-03-31' END FROM generate_series(1, 3000) g;
INSERT INTO regtarget.assignments SELECT g, 1 + g % 1000, '[2020-01-01,)' FROM generate_series(1, 3000) g;
VACUUM (ANALYZE) regtarget.units, regtarget.employees, regtarget.assignments;

INSERT INTO regtarget.visits (unit_id, visited_on)
SELECT 1 + r * 1000, date '2022-07-01' + (random() * 1095)::int
FROM (SELECT random() AS r FROM generate_series(1, :facts / 10 * 6) OFFSET 0) AS s;
INSERT INTO regtarget.deals (unit_id, closed_on, won, amount)
SELECT 1 + r * 999, date '2022-07-01' + (random() * 1095)::int, (r * 1e6)::int % 10 < 4, round((r * 1e6)::numeric, 2)
FROM (SELECT random() AS r FROM generate_series(1, :facts / 10 * 3) OFFSET 0) AS s;
INSERT INTO regtarget.revenues (unit_id, booked_on, amount)
SELECT 1 + r * 999, date '2022-07-01' + (random() * 1095)::int, round((r * 1e6)::numeric, 2)
FROM (SELECT random() AS r FROM generate_series(1, :facts / 10) OFFSET 0) AS s;
SELECT regtarget.fold_activity();
CREATE INDEX visits_covered ON regtarget.visits (visited_on, unit_id);
CREATE INDEX deals_covered ON regtarget.deals (closed_on, unit_id) INCLUDE (won, amount);
VACUUM (FREEZE, ANALYZE) regtarget.visits, regtarget.deals, regtarget.revenues, regtarget.activity_days,
	regtarget.activity_months, regtarget.activity_deltas;

-- What a report would count without activity: the sums of the window, by unit.
CREATE FUNCTION bench.recount() RETURNS TABLE (unit_id int, visits bigint, won bigint, lost bigint, amount numeric)
LANGUAGE sql STABLE BEGIN ATOMIC
SELECT f.unit_id, sum(f.visits)::bigint, sum(f.won)::bigint, sum(f.lost)::bigint, sum(f.amount)
FROM (
	SELECT v.unit_id, count(*), 0, 0, 0 FROM regtarget.visits v
	WHERE v.visited_on >= '2025-01-01' AND v.visited_on < '2025-07-01' GROUP BY v.unit_id
	UNION ALL
	SELECT d.unit_id, 0, count(*) FILTER (WHERE d.won), count(*) FILTER (WHERE NOT d.won), sum(d.amount) FILTER (WHERE d.won)
	FROM regtarget.deals d WHERE d.closed_on >= '2025-01-01' AND d.closed_on < '2025-07-01' GROUP BY d.unit_id
) AS f (unit_id, visits, won, lost, amount) GROUP BY f.unit_id;
END;

-- What else a database would keep: all facts by unit and day in a materialized view, recomputed when it is refreshed.
CREATE MATERIALIZED VIEW bench.rollup AS
SELECT unit_id, day, sum(visits) AS visits, sum(won) AS won, sum(lost) AS lost, sum(won_amount) AS won_amount,
	sum(revenues) AS revenues, sum(revenue_amount) AS revenue_amount
FROM (
	SELECT unit_id, visited_on AS day, 1 AS visits, 0 AS won, 0 AS lost, 0 AS won_amount, 0 AS revenues, 0::numeric AS revenue_amount
	FROM regtarget.visits
	UNION ALL
	SELECT unit_id, closed_on, 0, won::int, (NOT won)::int, CASE WHEN won THEN amount END, 0, 0 FROM regtarget.deals
	WHERE closed_on IS NOT NULL AND won IS NOT NULL
	UNION ALL
	SELECT unit_id, booked_on, 0, 0, 0, 0, 1, amount FROM regtarget.revenues
) AS f GROUP BY unit_id, day WITH NO DATA;

-- The same of what is kept, as health reads it.
CREATE FUNCTION bench.kept() RETURNS TABLE (unit_id int, visits bigint, won bigint, lost bigint, amount numeric)
LANGUAGE sql STABLE BEGIN ATOMIC
SELECT unit_id, coalesce(m.visits, 0) + coalesce(d.visits, 0), coalesce(m.won, 0) + coalesce(d.won, 0),
	coalesce(m.lost, 0) + coalesce(d.lost, 0), coalesce(m.amount, 0) + coalesce(d.amount, 0)
FROM (
	SELECT m.unit_id, sum(m.visits), sum(m.won), sum(m.lost), sum(m.won_amount) FROM regtarget.activity_months m
	WHERE m.month >= '2025-01-01' AND m.month < '2025-07-01' GROUP BY m.unit_id
) AS m (unit_id, visits, won, lost, amount) FULL JOIN (
	SELECT d.unit_id, sum(d.visits), sum(d.won), sum(d.lost), sum(d.won_amount) FROM regtarget.activity_deltas d
	WHERE d.day >= '2025-01-01' AND d.day < '2025-07-01' GROUP BY d.unit_id
) AS d (unit_id, visits, won, lost, amount) USING (unit_id);
END;

-- Empties facts and activity, with activity kept from now on or not.
CREATE PROCEDURE bench.empty(keep boolean) LANGUAGE plpgsql AS $$
DECLARE
	trigger record;
BEGIN
	SET LOCAL session_replication_role = replica;
	FOR trigger IN SELECT tgrelid::regclass AS relation, tgname AS name FROM pg_trigger
		WHERE tgfoid = 'regtarget.keep_activity'::regproc LOOP
		EXECUTE format('ALTER TABLE %s %s TRIGGER %I', trigger.relation,
			CASE WHEN keep THEN 'ENABLE' ELSE 'DISABLE' END, trigger.name);
	END LOOP;
	TRUNCATE regtarget.visits, regtarget.deals, regtarget.revenues, regtarget.activity_days,
		regtarget.activity_months, regtarget.activity_deltas, regtarget.source_days, regtarget.source_deltas;
END
$$;

-- Statements of 1,000 rows: a day's facts, or any of a quarter's.
CREATE PROCEDURE bench.insert_thousands(days int, statements int) LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 1..statements LOOP
		INSERT INTO regtarget.visits (unit_id, visited_on)
		SELECT 1 + g % 1000, date '2025-04-01' + (i + g * 7) % days FROM generate_series(1, 1000) g;
		COMMIT;
	END LOOP;
END
$$;
