-- What visibility costs: a question about a unit looks up that one and those above it; the whole tree is read
-- when many units are asked about, and again when one has moved or is gone, but not when units are renamed,
-- closed or added.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

INSERT INTO units (unit_id, code) VALUES (1, 'CN');
INSERT INTO units (unit_id, code, parent_id) SELECT n, 'R' || n, 1 FROM generate_series(2, 11) n;
INSERT INTO units (unit_id, code, parent_id) SELECT n, 'G' || n, 2 + n % 10 FROM generate_series(12, 5000) n;
ALTER SEQUENCE units_unit_id_seq RESTART 5001;
CREATE ROLE regress_regtarget_east;
CREATE ROLE regress_regtarget_planner;
SELECT grant_duty('regress_regtarget_east', 'R2', 'manager'), grant_duty('regress_regtarget_planner', 'CN', 'planner');

-- How often the table of units has been read from end to end in this transaction, beside what the statement itself reads.
CREATE VIEW public.reads AS SELECT seq_scan AS n FROM pg_stat_xact_user_tables WHERE relid = 'regtarget.units'::regclass;
SELECT n AS before FROM public.reads \gset
CREATE VIEW public.asked AS SELECT count(*) FILTER (WHERE regtarget.sees_unit(n)) AS visible, min(n) FILTER (WHERE regtarget.sees_unit(n)) AS first,
	max(n) FILTER (WHERE regtarget.sees_unit(n)) AS last FROM generate_series(1, 10000) n;
GRANT SELECT ON public.reads, public.asked TO PUBLIC;

SET LOCAL ROLE regress_regtarget_east;
SELECT sees_unit(20), sees_unit(21), sees_unit(4999), sees_unit(9999);
SELECT n - :before AS reads FROM public.reads;
SELECT * FROM public.asked;
SELECT n - :before AS reads FROM public.reads;

-- Renamed, closed, given the parent that it has: nothing has moved.
RESET ROLE;
UPDATE units SET name = 'x' || unit_id, closed_on = '2030-01-01';
UPDATE units SET parent_id = parent_id, kind = 'group' WHERE unit_id > 11;
INSERT INTO units (unit_id, code, parent_id) VALUES (12, 'G12', 4) ON CONFLICT (unit_id) DO UPDATE SET name = excluded.name;
SELECT n AS before FROM public.reads \gset
SET LOCAL ROLE regress_regtarget_east;
SELECT * FROM public.asked;
SELECT n - :before AS reads FROM public.reads;

-- Added, one by one and with a branch of their own; gone with the savepoint.
RESET ROLE;
SAVEPOINT before_adding;
INSERT INTO units (unit_id, code, parent_id) VALUES (5001, 'N1', 2), (5002, 'N2', 3);
INSERT INTO units (unit_id, code, parent_id) VALUES (5003, 'N3', 5001);
SELECT grant_duty('regress_regtarget_east', 'N2', 'viewer');
INSERT INTO units (unit_id, code, parent_id) VALUES (5004, 'N4', 5002), (5005, 'N5', NULL);
SELECT n AS before FROM public.reads \gset
SET LOCAL ROLE regress_regtarget_east;
SELECT * FROM public.asked;
SELECT sees_unit(5001), sees_unit(5003), sees_unit(5002), sees_unit(5004), sees_unit(5005);
SELECT n - :before AS reads FROM public.reads;
RESET ROLE;
ROLLBACK TO before_adding;
SET LOCAL ROLE regress_regtarget_east;
SELECT sees_unit(5001) AS still, * FROM public.asked;
RESET ROLE;

-- A planner who adds units one by one reads nothing anew.  (Keys are generated for him; here he may write them.)
GRANT INSERT (unit_id) ON units TO regress_regtarget_planner;
SET LOCAL ROLE regress_regtarget_planner;
SELECT edits_unit(20), visible FROM public.asked;
RESET ROLE;
SELECT n AS before FROM public.reads \gset
SET LOCAL ROLE regress_regtarget_planner;
DO $$
BEGIN
	FOR n IN 5001 .. 5020 LOOP
		INSERT INTO regtarget.units (unit_id, code, parent_id) VALUES (n, 'N' || n, 2 + n % 10);
		PERFORM regtarget.sees_unit(n);
	END LOOP;
END
$$;
SELECT n - :before AS reads FROM public.reads;
RESET ROLE;

-- Moved and deleted: read anew, and the right answer.
UPDATE units SET parent_id = 3 WHERE unit_id IN (20, 30);
SELECT n AS before FROM public.reads \gset
SET LOCAL ROLE regress_regtarget_east;
SELECT sees_unit(20), sees_unit(40);
SELECT * FROM public.asked;
SELECT n - :before AS reads FROM public.reads;
RESET ROLE;
DELETE FROM units WHERE unit_id IN (30, 40);
SET LOCAL ROLE regress_regtarget_east;
SELECT sees_unit(40), * FROM public.asked;
RESET ROLE;

-- What a session remembers is some bytes a unit, and little more with each role that asks.
CREATE VIEW public.kept AS SELECT sum(total_bytes) AS bytes FROM pg_backend_memory_contexts WHERE name LIKE 'regtarget%';
SET LOCAL ROLE regress_regtarget_east;
SELECT * FROM public.asked;
RESET ROLE;
SELECT bytes BETWEEN 1 AND 12 * 5000 + 32768 AS small FROM public.kept;
DO $$
BEGIN
	FOR n IN 1 .. 20 LOOP
		EXECUTE format('CREATE ROLE %I', 'regress_regtarget_' || n);
		PERFORM regtarget.grant_duty('regress_regtarget_' || n, 'R2', 'viewer');
	END LOOP;
END
$$;
SET LOCAL ROLE regress_regtarget_east;
SELECT * FROM public.asked;
RESET ROLE;
SELECT bytes AS before FROM public.kept \gset
DO $$
BEGIN
	FOR n IN 1 .. 20 LOOP
		EXECUTE format('SET LOCAL ROLE %I', 'regress_regtarget_' || n);
		PERFORM FROM public.asked WHERE visible <> 500;
		RESET ROLE;
	END LOOP;
END
$$;
SELECT bytes - :before BETWEEN 1 AND 20 * 2048 AS small FROM public.kept;

-- Ids far apart, a deep branch, and one who has a duty at every level of it.
INSERT INTO units (unit_id, code, parent_id) VALUES (2000000000, 'FAR', 2);
INSERT INTO units (unit_id, code, parent_id) SELECT 1000000000 + n * 1000, 'D' || n, CASE n WHEN 1 THEN 3 ELSE 1000000000 + n * 1000 - 1000 END
FROM generate_series(1, 500) n;
INSERT INTO duties SELECT 'regress_regtarget_1', 1000000000 + n * 1000, 'planner' FROM generate_series(2, 400, 3) n;
SET LOCAL ROLE regress_regtarget_1;
SELECT sees_unit(2000000000), sees_unit(1000001000), sees_unit(1000002000), plans_unit(1000500000), edits_unit(1000500000);
SELECT * FROM public.asked;
SELECT count(*) FILTER (WHERE sees_unit(1000000000 + n * 1000)), min(n) FILTER (WHERE plans_unit(1000000000 + n * 1000)) FROM generate_series(1, 500) n;
RESET ROLE;

-- Ids that come again after a rollback, at another place.
DELETE FROM units WHERE unit_id = 2000000000;
SAVEPOINT before_adding;
INSERT INTO units (unit_id, code, parent_id) VALUES (2000000000, 'FAR', 2);
SET LOCAL ROLE regress_regtarget_east;
SELECT sees_unit(2000000000);
ROLLBACK TO before_adding;
INSERT INTO units (unit_id, code, parent_id) VALUES (2000000000, 'FAR', 3);
SET LOCAL ROLE regress_regtarget_east;
SELECT sees_unit(2000000000);
RESET ROLE;

-- What only a broken restore can bring: a unit without the one above it, a duty without its unit.  What was
-- missing counts as soon as it is there.
CREATE ROLE regress_regtarget_lost;
GRANT USAGE ON SCHEMA regtarget TO regress_regtarget_lost;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA regtarget TO regress_regtarget_lost;
SET LOCAL session_replication_role = replica;
INSERT INTO units (unit_id, code, parent_id) VALUES (7001, 'ORPHAN', 7000), (7002, 'BELOW', 7001);
INSERT INTO duties VALUES ('regress_regtarget_lost', 7000, 'planner');
SET LOCAL session_replication_role = origin;
SET LOCAL ROLE regress_regtarget_lost;
SELECT has_duty(), is_top_planner(), sees_unit(7001), sees_unit(7002), edits_unit(7002);
RESET ROLE;
INSERT INTO duties VALUES ('regress_regtarget_lost', 7001, 'viewer');
SET LOCAL ROLE regress_regtarget_lost;
SELECT has_duty(), is_top_planner(), sees_unit(7001), sees_unit(7002), edits_unit(7002);
RESET ROLE;
INSERT INTO units (unit_id, code) VALUES (7000, 'FOUND');
SET LOCAL ROLE regress_regtarget_lost;
SELECT has_duty(), is_top_planner(), sees_unit(7001), sees_unit(7002), edits_unit(7002);
RESET ROLE;

ROLLBACK;
