-- Folding changes where activity is kept, not what it is; months are the sums of days; amounts are
-- exact, whatever their scale, so that what is taken away leaves nothing.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

INSERT INTO units (unit_id, code) VALUES (1, 'A'), (2, 'B');
SELECT fold_activity();
INSERT INTO deals (unit_id, closed_on, won, amount)
SELECT 1 + g % 2, date '2025-01-30' + g, g % 3 > 0, 0.0000000001 * g + g FROM generate_series(1, 6) g;
INSERT INTO revenues (unit_id, booked_on, amount) VALUES (1, '2025-02-01', 999999999999999.999999999999),
	(1, '2025-02-01', 0.000000000001);
CREATE TABLE public.before AS SELECT * FROM activity;
SELECT count(*) FROM activity_deltas;
SELECT fold_activity();
SELECT count(*) FROM activity_deltas;
SELECT count(*) FROM (TABLE activity EXCEPT TABLE public.before) AS d;
SELECT * FROM activity_days ORDER BY day, unit_id;
SELECT * FROM activity_months ORDER BY month, unit_id;
SELECT fold_activity();

-- Folded onto what is there; what comes to nothing has no row, of a month neither.
DELETE FROM deals WHERE closed_on < '2025-02-01';
UPDATE revenues SET amount = amount - 0.000000000001 WHERE amount < 1;
SELECT fold_activity();
SELECT * FROM activity_days WHERE day < '2025-02-02' ORDER BY day, unit_id;
SELECT * FROM activity_months ORDER BY month, unit_id;
SELECT * FROM verify('{activity}');
DELETE FROM deals;
DELETE FROM revenues;
SELECT fold_activity();
SELECT (SELECT count(*) FROM activity_days) AS days, (SELECT count(*) FROM activity_months) AS months,
	(SELECT count(*) FROM activity_deltas) AS deltas;

-- A statement with thousands of sums goes to days and months directly: so its inverse, and one that
-- meets deltas that wait.
INSERT INTO visits (unit_id, visited_on) VALUES (1, '2025-01-01');
INSERT INTO visits (unit_id, visited_on) SELECT 1, date '2025-01-01' + g FROM generate_series(0, 5000) g;
SELECT (SELECT count(*) FROM activity_days) AS days, (SELECT count(*) FROM activity_months) AS months,
	(SELECT count(*) FROM activity_deltas) AS deltas, (SELECT sum(visits) FROM activity) AS visits;
SELECT * FROM verify('{activity}');
DELETE FROM visits;
SELECT (SELECT count(*) FROM activity) AS seen, (SELECT count(*) FROM activity_deltas) AS deltas;
SELECT * FROM verify('{activity}');
SELECT fold_activity();
SELECT * FROM verify('{activity}');

-- Writers fold by themselves, before as many as 50,000 deltas wait: when 20,000 have been appended, one by one,
SELECT setval('activity_ticks', 19980);
DO $$
DECLARE
	waiting text := '';
BEGIN
	FOR i IN 1..25 LOOP
		INSERT INTO visits (unit_id, visited_on) VALUES (1 + i % 2, date '2025-01-01' + i % 7);
		waiting := waiting || ' ' || (SELECT count(*) FROM activity_deltas);
	END LOOP;
	RAISE WARNING 'waiting:%', waiting;
END
$$;
-- or by thousands.
DO $$
DECLARE
	waiting text := '';
BEGIN
	FOR i IN 1..12 LOOP
		INSERT INTO visits (unit_id, visited_on) SELECT 1, date '2025-01-01' + g FROM generate_series(1, 4000) g;
		waiting := waiting || ' ' || (SELECT count(*) FROM activity_deltas);
	END LOOP;
	RAISE WARNING 'waiting:%', waiting;
END
$$;
SELECT * FROM verify('{activity}');

-- Who may write facts, and nothing else, folds as well.
CREATE ROLE writer_of_facts;
GRANT USAGE ON SCHEMA regtarget TO writer_of_facts;
GRANT INSERT ON visits TO writer_of_facts;
CREATE POLICY all_of_them ON visits TO writer_of_facts USING (true);
SET LOCAL ROLE writer_of_facts;
INSERT INTO regtarget.visits (unit_id, visited_on) SELECT 1, '2098-01-01'::date + g FROM generate_series(1, 20) g;
RESET ROLE;
SELECT setval('activity_ticks', 20000);
SET LOCAL ROLE writer_of_facts;
INSERT INTO regtarget.visits (unit_id, visited_on) VALUES (1, '2098-01-01');
INSERT INTO regtarget.visits (unit_id, visited_on) SELECT 1, '2098-01-01'::date + g FROM generate_series(1, 5000) g;
RESET ROLE;
SELECT count(*) AS waiting, (SELECT last_value FROM activity_ticks) FROM activity_deltas;
SELECT * FROM verify('{activity}');

-- An index or a trigger that somebody adds to the deltas is kept in step.
CREATE INDEX deltas_by_day ON activity_deltas (day);
INSERT INTO visits (unit_id, visited_on) SELECT 2, '2099-01-01'::date + g % 3 FROM generate_series(1, 9) g;
SET LOCAL enable_seqscan = off;
SELECT day, sum(visits) FROM activity_deltas WHERE day >= '2099-01-01' GROUP BY day ORDER BY day;
RESET enable_seqscan;
SELECT fold_activity() > 0 AS folded;
SELECT * FROM verify('{activity}');

-- A publication of all tables does not keep anybody from folding.
SET LOCAL client_min_messages = error;
CREATE PUBLICATION everything FOR ALL TABLES;
INSERT INTO visits (unit_id, visited_on) VALUES (1, '2024-12-31');
SELECT fold_activity() > 0 AS folded;

-- Health is the same, too: what waits is added to what is folded before it becomes a float, which would hold no
-- hundredths of these. Nor does it need the indexes that it likes best.
SELECT apply_profile();
INSERT INTO employees (employee_id, hired_on, left_on) VALUES (1, '2020-01-01', NULL), (2, '2020-01-01', '2025-01-10');
INSERT INTO assignments VALUES (1, 2, '[2020-01-01,)'), (2, 2, '[2020-01-01,)');
INSERT INTO deals (unit_id, closed_on, won, amount) SELECT 2, '2025-01-15', true, 900000000000000 FROM generate_series(1, 20);
SELECT fold_activity() > 0 AS folded;
DELETE FROM deals WHERE amount > 1e14;
INSERT INTO deals (unit_id, closed_on, won, amount) VALUES (2, '2025-01-15', true, 600.03);
CREATE TABLE public.unfolded AS SELECT * FROM unit_health('2025-02-01');
SELECT unit, round((output_per_head * (SELECT window_months FROM policies))::numeric, 6) AS per_head_in_all, attrition_rate > 0 AS left
FROM public.unfolded ORDER BY unit_id;
SELECT fold_activity() > 0 AS folded;
SELECT count(*) FROM (TABLE public.unfolded EXCEPT SELECT * FROM unit_health('2025-02-01')) AS d;
DROP INDEX activity_months_unit;
CREATE INDEX activity_months_unit ON activity_months (month, unit_id) WHERE month > '2025-01-01';
ALTER TABLE activity_months DROP CONSTRAINT activity_months_pkey;
SELECT count(*) FROM (TABLE public.unfolded EXCEPT SELECT * FROM unit_health('2025-02-01')) AS d;
-- Who is assigned and is nobody does not count.
SET LOCAL session_replication_role = replica;
INSERT INTO assignments SELECT 100 + g, 2, '[2020-01-01,)' FROM generate_series(1, 9) g;
RESET session_replication_role;
SELECT count(*) FROM (TABLE public.unfolded EXCEPT SELECT * FROM unit_health('2025-02-01')) AS d;
ALTER TABLE activity_months ADD PRIMARY KEY (month, unit_id);
DELETE FROM visits;
SELECT visits_per_head AS never FROM unit_health('2025-06-01') WHERE unit_id = 2;
INSERT INTO visits (unit_id, visited_on) VALUES (2, '2024-01-15');
SELECT fold_activity() > 0 AS folded;
SELECT visits_per_head AS no_more FROM unit_health('2025-06-01') WHERE unit_id = 2;

ROLLBACK;
