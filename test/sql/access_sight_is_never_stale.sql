-- What a role sees follows every change at once: of the role in force, of duties, memberships, units
-- and plans, and of what was rolled back; in prepared statements, parallel plans and old snapshots.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

INSERT INTO units (unit_id, code, parent_id) VALUES (1, 'CN', NULL), (2, 'EAST', 1), (3, 'SOUTH', 1), (4, 'SH', 2), (5, 'GZ', 3);
CREATE ROLE regress_regtarget_east;
CREATE ROLE regress_regtarget_south;
CREATE ROLE regress_regtarget_heir;
SELECT grant_duty('regress_regtarget_east', 'EAST', 'manager'), grant_duty('regress_regtarget_south', 'SOUTH', 'manager');

-- One prepared statement, several roles; a generic plan, too.
PREPARE mine AS SELECT array_agg(unit_id ORDER BY unit_id) AS units, (SELECT array_agg(t.unit_id ORDER BY t.unit_id) FROM unit_tree t) AS tree FROM units;
SET LOCAL plan_cache_mode = force_generic_plan;
SET LOCAL ROLE regress_regtarget_east;
EXECUTE mine;
SET LOCAL ROLE regress_regtarget_south;
EXECUTE mine;
RESET ROLE;
EXECUTE mine;
SET LOCAL ROLE regress_regtarget_east;
EXECUTE mine;
RESET ROLE;

-- A cursor shows at each FETCH what the role in force sees, as policies with current_user do.
SET LOCAL ROLE regress_regtarget_east;
DECLARE open_one CURSOR FOR SELECT unit_id FROM units ORDER BY unit_id;
FETCH 1 FROM open_one;
SET LOCAL ROLE regress_regtarget_south;
FETCH ALL FROM open_one;
CLOSE open_one;
RESET ROLE;

-- Membership, its option, and its end.
GRANT USAGE ON SCHEMA regtarget TO regress_regtarget_heir;
GRANT SELECT ON units TO regress_regtarget_heir;
GRANT EXECUTE ON FUNCTION sees_unit(int), edits_unit(int) TO regress_regtarget_heir;
PREPARE heirs AS SELECT array_agg(unit_id ORDER BY unit_id) AS units FROM regtarget.units;
SET LOCAL ROLE regress_regtarget_heir;
EXECUTE heirs;
RESET ROLE;
GRANT regress_regtarget_east TO regress_regtarget_heir;
SET LOCAL ROLE regress_regtarget_heir;
EXECUTE heirs;
RESET ROLE;
SAVEPOINT before_revoke;
REVOKE regress_regtarget_east FROM regress_regtarget_heir;
SET LOCAL ROLE regress_regtarget_heir;
EXECUTE heirs;
ROLLBACK TO before_revoke;
SET LOCAL ROLE regress_regtarget_heir;
EXECUTE heirs;
RESET ROLE;

-- Duties, rolled back with a savepoint and with the statement that failed after it.
SAVEPOINT before_grant;
SELECT grant_duty('regress_regtarget_south', 'SH', 'viewer');
SET LOCAL ROLE regress_regtarget_south;
EXECUTE mine;
ROLLBACK TO before_grant;
SET LOCAL ROLE regress_regtarget_south;
EXECUTE mine;
RESET ROLE;
-- Read in the very statement that is undone.
CREATE FUNCTION public.sees_sh(role name) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	sees boolean;
BEGIN
	EXECUTE format('SET LOCAL ROLE %I', role);
	sees := regtarget.sees_unit(4);
	RESET ROLE;
	RETURN sees;
END
$$;
CREATE FUNCTION public.insert_and_fail() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	saw boolean;
BEGIN
	BEGIN
		WITH w AS (INSERT INTO regtarget.duties VALUES ('regress_regtarget_south', 4, 'viewer') RETURNING public.sees_sh('regress_regtarget_south') AS saw)
		SELECT w.saw INTO saw FROM w;
		PERFORM public.sees_sh('regress_regtarget_south');
		RAISE SQLSTATE 'RT000';
	EXCEPTION WHEN SQLSTATE 'RT000' THEN
		RETURN public.sees_sh('regress_regtarget_south');
	END;
END
$$;
SELECT public.insert_and_fail() AS after_it_was_undone, public.sees_sh('regress_regtarget_south') AS still;

-- The tree: a unit that moves takes its sight along, one that is new is seen, one that goes is not.
UPDATE units SET parent_id = 3 WHERE code = 'SH';
INSERT INTO units (unit_id, code, parent_id) VALUES (6, 'SZ', 3);
SET LOCAL ROLE regress_regtarget_south;
EXECUTE mine;
SET LOCAL ROLE regress_regtarget_east;
EXECUTE mine;
RESET ROLE;
DELETE FROM units WHERE code = 'SZ';
SET LOCAL ROLE regress_regtarget_south;
EXECUTE mine;
RESET ROLE;
-- Also where triggers of ordinary sessions do not fire.
SET LOCAL session_replication_role = replica;
UPDATE units SET parent_id = 2 WHERE code = 'SH';
SET LOCAL session_replication_role = origin;
SET LOCAL ROLE regress_regtarget_south;
EXECUTE mine;
RESET ROLE;

-- Plans: shown when proposed, hidden when allocated again, gone when deleted.
SELECT apply_profile() <> '' AS applied;
DELETE FROM factors;
INSERT INTO factors (signal) VALUES ('market');
INSERT INTO signals (unit_id, signal, as_of, value) SELECT unit_id, 'market', '2025-01-01', 1 FROM units;
INSERT INTO periods VALUES ('P', '[2025-07-01,2025-10-01)');
PREPARE targets_seen AS SELECT (SELECT count(*) FROM targets) AS targets, (SELECT count(*) FROM plans) AS plans,
	(SELECT count(*) FROM plan_board) AS board, (SELECT sum(amount) FROM target_board) AS amounts;
SELECT count(*) FROM allocate_targets('P', 100);
SET LOCAL ROLE regress_regtarget_east;
EXECUTE targets_seen;
RESET ROLE;
SELECT propose_plan(1);
SET LOCAL ROLE regress_regtarget_east;
EXECUTE targets_seen;
RESET ROLE;
SELECT count(*) FROM allocate_targets('P', 200);
SET LOCAL ROLE regress_regtarget_east;
EXECUTE targets_seen;
RESET ROLE;
SAVEPOINT before_publishing;
SELECT publish_plan(1);
SET LOCAL ROLE regress_regtarget_east;
EXECUTE targets_seen;
ROLLBACK TO before_publishing;
SET LOCAL ROLE regress_regtarget_east;
EXECUTE targets_seen;
RESET ROLE;

-- Parallel workers know what the leader knows.
INSERT INTO visits (unit_id, visited_on) SELECT n % 5 + 1, '2025-01-01' FROM generate_series(1, 20000) n;
ANALYZE visits;
SET LOCAL max_parallel_workers_per_gather = 2;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL ROLE regress_regtarget_east;
PREPARE counted AS SELECT count(*), min(unit_id), max(unit_id) FROM visits;
EXPLAIN (COSTS OFF) EXECUTE counted;
EXECUTE counted;
RESET ROLE;
SELECT grant_duty('regress_regtarget_east', 'GZ', 'viewer');
SET LOCAL ROLE regress_regtarget_east;
EXECUTE counted;
SET LOCAL ROLE regress_regtarget_south;
EXECUTE counted;
RESET ROLE;

-- A tree that only a broken restore can bring: whoever is in a cycle is in nobody's sight, and nothing hangs.
ALTER TABLE units DISABLE TRIGGER USER;
UPDATE units SET parent_id = 4 WHERE code = 'EAST';
ALTER TABLE units ENABLE TRIGGER USER;
ALTER TABLE units ENABLE ALWAYS TRIGGER units_forget_sight;
UPDATE units SET name = 'x' WHERE code = 'GZ';
SET LOCAL ROLE regress_regtarget_east;
SELECT unit_id FROM units ORDER BY 1;

ROLLBACK;
