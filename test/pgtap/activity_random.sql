-- Activity against a recount after any mix of statements on facts: inserts, updates, deletes, upserts,
-- MERGE, statements of several, truncation, savepoints rolled back, folds, rebuilds, many sums at
-- once. The recount is written for itself here, and verify() must agree with it.
BEGIN;
SET LOCAL search_path = public, regtarget;
SET LOCAL client_min_messages = warning;
SELECT plan(15);
SELECT setseed(0.19);

INSERT INTO units (unit_id, code) SELECT g, 'U' || g FROM generate_series(1, 9) g;

CREATE FUNCTION r(n int) RETURNS int LANGUAGE sql VOLATILE RETURN floor(random() * n)::int;
CREATE FUNCTION maybe(p float8) RETURNS boolean LANGUAGE sql VOLATILE RETURN random() < p;
CREATE FUNCTION any_day() RETURNS date LANGUAGE sql VOLATILE RETURN date '2024-11-20' + r(90);
CREATE FUNCTION any_unit() RETURNS int LANGUAGE sql VOLATILE RETURN 1 + r(9);
CREATE FUNCTION any_amount() RETURNS numeric LANGUAGE sql VOLATILE
RETURN CASE WHEN maybe(0.8) THEN round((random() * 2000 - 200)::numeric, r(12))
	WHEN maybe(0.5) THEN round((random() * 9e14 - 4e14)::numeric, 2) + round(random()::numeric, r(20)) END;

-- Fact by fact: nothing here is grouped as the extension groups it.
CREATE VIEW counted AS
SELECT unit_id, day, coalesce(visits, 0) AS visits, coalesce(won, 0) AS won, coalesce(lost, 0) AS lost,
	coalesce(won_amount, 0)::numeric(38, 6) AS won_amount, coalesce(revenues, 0) AS revenues,
	coalesce(revenue_amount, 0)::numeric(38, 6) AS revenue_amount
FROM (SELECT unit_id, visited_on AS day, count(*) AS visits FROM visits GROUP BY 1, 2) AS v
FULL JOIN (SELECT unit_id, closed_on AS day, count(*) AS won, sum(amount) AS won_amount
	FROM deals WHERE won AND closed_on IS NOT NULL GROUP BY 1, 2) AS w USING (unit_id, day)
FULL JOIN (SELECT unit_id, closed_on AS day, count(*) AS lost
	FROM deals WHERE NOT won AND closed_on IS NOT NULL GROUP BY 1, 2) AS l USING (unit_id, day)
FULL JOIN (SELECT unit_id, booked_on AS day, count(*) AS revenues, sum(amount) AS revenue_amount
	FROM revenues GROUP BY 1, 2) AS e USING (unit_id, day);
CREATE FUNCTION wrong() RETURNS bigint LANGUAGE sql
RETURN (SELECT (SELECT count(*) FROM (TABLE counted EXCEPT TABLE activity) AS a)
	+ (SELECT count(*) FROM (TABLE activity EXCEPT TABLE counted) AS a)
	+ (SELECT count(*) FROM verify('{activity}') WHERE NOT ok));

CREATE FUNCTION days() RETURNS bigint LANGUAGE sql RETURN (SELECT count(*) FROM activity);

-- What can happen to facts; each in one statement unless it says otherwise.
CREATE FUNCTION happen(what int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	CASE what
	WHEN 0 THEN
		INSERT INTO visits (source_id, unit_id, visited_on)
		SELECT 'v' || r(400), any_unit(), any_day() FROM generate_series(0, r(30)) ON CONFLICT DO NOTHING;
	WHEN 1 THEN
		INSERT INTO deals (source_id, unit_id, closed_on, won, amount)
		SELECT DISTINCT ON (id) id, any_unit(), CASE WHEN maybe(0.8) THEN any_day() END,
			CASE WHEN maybe(0.8) THEN maybe(0.6) END, any_amount()
		FROM (SELECT 'd' || r(400) AS id FROM generate_series(0, r(30))) AS i
		ON CONFLICT (source, source_id) DO UPDATE SET unit_id = excluded.unit_id,
			closed_on = excluded.closed_on, won = excluded.won, amount = excluded.amount;
	WHEN 2 THEN
		MERGE INTO revenues e USING (SELECT DISTINCT 'r' || r(400) AS id FROM generate_series(0, r(30))) AS s
		ON e.source_id = s.id
		WHEN MATCHED AND maybe(0.3) THEN DELETE
		WHEN MATCHED AND maybe(0.3) THEN DO NOTHING
		WHEN MATCHED THEN UPDATE SET booked_on = any_day(), amount = coalesce(any_amount(), 0)
		WHEN NOT MATCHED THEN INSERT (source_id, unit_id, booked_on, amount)
			VALUES (s.id, any_unit(), any_day(), coalesce(any_amount(), 0));
	WHEN 3 THEN
		UPDATE visits SET unit_id = any_unit(), visited_on = any_day() WHERE maybe(0.2);
	WHEN 4 THEN
		UPDATE deals SET closed_on = CASE WHEN maybe(0.8) THEN any_day() END,
			won = CASE WHEN maybe(0.8) THEN NOT coalesce(won, false) END WHERE maybe(0.2);
	WHEN 5 THEN
		UPDATE deals SET amount = any_amount(), customer_id = NULL WHERE maybe(0.3);
	WHEN 6 THEN
		DELETE FROM visits WHERE maybe(0.2);
	WHEN 7 THEN
		DELETE FROM deals WHERE maybe(0.1);
	WHEN 8 THEN
		WITH gone AS (DELETE FROM visits WHERE maybe(0.1) RETURNING unit_id, visited_on),
			moved AS (UPDATE deals SET unit_id = any_unit() WHERE maybe(0.1))
		INSERT INTO revenues (unit_id, booked_on, amount) SELECT unit_id, visited_on, 1.5 FROM gone;
	WHEN 9 THEN
		BEGIN
			PERFORM happen(r(9)) FROM generate_series(0, r(3));
			IF maybe(0.3) THEN
				PERFORM fold_activity();
			END IF;
			IF maybe(0.7) THEN
				RAISE EXCEPTION USING ERRCODE = 'RT000';
			END IF;
		EXCEPTION WHEN SQLSTATE 'RT000' THEN
			NULL;
		END;
	WHEN 10 THEN
		PERFORM fold_activity();
	WHEN 11 THEN
		-- Somebody's statement is the one that folds.
		PERFORM setval('activity_ticks', 100000);
	WHEN 12 THEN
		EXECUTE 'TRUNCATE ' || (ARRAY['visits', 'deals', 'revenues', 'visits, revenues'])[1 + r(4)];
	WHEN 13 THEN
		PERFORM rebuild_activity();
	END CASE;
END
$$;

-- The rarer, the more it levels what went before.
CREATE TABLE outcome AS
SELECT g, what, happen(what) IS NULL AS happened, wrong() AS wrong,
	days() AS days
FROM (SELECT g, CASE WHEN maybe(0.9) THEN r(12) WHEN maybe(0.3) THEN 12 WHEN maybe(0.3) THEN 13 ELSE 9 END AS what
	FROM generate_series(1, 200) g OFFSET 0) AS w;
SELECT is((SELECT count(*) FROM outcome), 200::bigint, '200 things happened');
SELECT is((SELECT count(DISTINCT what) FROM outcome), 14::bigint, 'of every kind');
SELECT is_empty('SELECT * FROM outcome WHERE wrong > 0 ORDER BY g LIMIT 3',
	'after each of them activity is what a recount says, and verify() agrees');
SELECT cmp_ok((SELECT max(days) FROM outcome), '>', 100::bigint, 'of more than a few days');

-- Thousands of sums in one statement, added, moved and taken away.
INSERT INTO visits (source, unit_id, visited_on)
SELECT 'many', any_unit(), date '2000-01-01' + r(3000) FROM generate_series(1, 9000);
SELECT is_empty('SELECT * FROM verify(''{activity}'') WHERE NOT ok', 'thousands of sums are added');
UPDATE visits SET visited_on = visited_on + r(3), unit_id = any_unit() WHERE source = 'many';
SELECT is_empty('SELECT * FROM verify(''{activity}'') WHERE NOT ok', 'moved');
DELETE FROM visits WHERE source = 'many';
SELECT is_empty('SELECT * FROM verify(''{activity}'') WHERE NOT ok', 'and taken away');
-- Amounts that changed in between, by statements whose sums wait.
INSERT INTO deals (source, unit_id, closed_on, won, amount)
SELECT 'many', any_unit(), date '2000-01-01' + r(3000), true, any_amount() FROM generate_series(1, 9000);
UPDATE deals SET amount = coalesce(amount, 0) + 0.125 WHERE source = 'many' AND unit_id = 1;
DELETE FROM deals WHERE source = 'many';
SELECT is_empty('SELECT * FROM verify(''{activity}'') WHERE NOT ok', 'so are amounts that had changed');
SELECT fold_activity();
SELECT is_empty('SELECT * FROM verify(''{activity}'') WHERE NOT ok', 'folded');

-- Folds that meet days with rows of every unit, of few and of none, and rows that were emptied before.
INSERT INTO units (unit_id, code) SELECT 100 + g, 'M' || g FROM generate_series(1, 900) g;
CREATE FUNCTION visits_of_every(nth int, first int, last int, day date) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO visits (source, unit_id, visited_on)
	SELECT 'every', 100 + g, day FROM generate_series(first, last, nth) g;
	PERFORM fold_activity();
END
$$;
CREATE FUNCTION wrong_every() RETURNS bigint LANGUAGE sql
RETURN (SELECT count(*) FROM verify('{activity}') WHERE NOT ok) + (SELECT count(*) FROM activity_deltas);
SELECT visits_of_every(1, 1, 900, '2010-01-01'), visits_of_every(200, 7, 900, '2010-01-02');
SELECT is(wrong_every(), 0::bigint, 'days without rows');
SELECT visits_of_every(1, 1, 900, '2010-01-02'), visits_of_every(300, 7, 900, '2010-01-01');
SELECT is(wrong_every(), 0::bigint, 'a row for each sum, and hundreds of rows for a sum');
DELETE FROM visits WHERE source = 'every' AND unit_id % 5 > 0;
SELECT fold_activity();
SELECT is((SELECT count(*) FROM activity_days WHERE day IN ('2010-01-01', '2010-01-02')), 360::bigint, 'rows that are emptied go');
SELECT visits_of_every(3, 1, 899, '2010-01-01'), visits_of_every(50, 1, 900, '2010-01-02'),
	visits_of_every(1, 1, 40, '2010-01-02'), visits_of_every(1, 880, 900, '2010-01-02');
SELECT is(wrong_every(), 0::bigint, 'some rows there, some emptied');
INSERT INTO visits (source, unit_id, visited_on)
SELECT 'every', 100 + g, date '2009-12-30' + d FROM generate_series(1, 900) g, generate_series(0, 5) d WHERE (g + d) % 7 > 0;
SELECT is(wrong_every(), 0::bigint, 'all at once, without a fold');
DELETE FROM visits WHERE source = 'every';
SELECT fold_activity();
SELECT is((SELECT count(*) FROM activity_days WHERE day BETWEEN '2009-12-30' AND '2010-01-04'), 0::bigint, 'and nothing stays');

SELECT * FROM finish();
ROLLBACK;
