-- What is visible, in trees that change at random: units added, moved, deleted, renamed, duties granted and
-- taken away, memberships, savepoints rolled back, branches that a broken restore left without a way to the
-- top. After each change every question of row security is compared with a model in SQL that reads the tables.
BEGIN;
SET LOCAL jit = off;
SET LOCAL search_path = public;
SET LOCAL client_min_messages = warning;
SELECT format('LOCK TABLE %s IN SHARE UPDATE EXCLUSIVE MODE', string_agg(oid::regclass::text, ', '))
FROM pg_class WHERE relnamespace = 'regtarget'::regnamespace AND relkind = 'r' \gexec
SELECT plan(4);
SELECT setseed(0.21);

CREATE TABLE roles (role name PRIMARY KEY, n int);
INSERT INTO roles SELECT 'trees ' || n, n FROM generate_series(1, 6) n;
DO $$
DECLARE
	r name;
BEGIN
	FOR r IN SELECT role FROM roles LOOP
		EXECUTE format('CREATE ROLE %I', r);
		EXECUTE format('GRANT USAGE ON SCHEMA regtarget TO %I', r);
		EXECUTE format('GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA regtarget TO %I', r);
	END LOOP;
	-- 3 inherits from 1 and 2; 4 from 3; 5 is a member of 1 that does not inherit.
	GRANT "trees 1", "trees 2" TO "trees 3";
	GRANT "trees 3" TO "trees 4";
	ALTER ROLE "trees 5" NOINHERIT;
	GRANT "trees 1" TO "trees 5";
END
$$;

-- ---- the model: each unit with those above it, unless it is above itself --------------------------------

CREATE FUNCTION model(OUT role name, OUT unit_id int, OUT sees boolean, OUT plans boolean, OUT edits boolean, OUT has_plan boolean, OUT has_open_plan boolean)
RETURNS SETOF record LANGUAGE sql STABLE AS $$
WITH RECURSIVE up AS (
	SELECT u.unit_id, u.unit_id AS at, u.parent_id AS next, ARRAY[u.unit_id] AS way, false AS circular FROM regtarget.units u
	UNION ALL
	SELECT up.unit_id, u.unit_id, u.parent_id, up.way || u.unit_id, u.unit_id = ANY (up.way)
	FROM up JOIN regtarget.units u ON u.unit_id = up.next WHERE NOT up.circular),
above AS (SELECT up.unit_id, up.at, up.next IS NULL AS top FROM up
	WHERE up.unit_id NOT IN (SELECT c.unit_id FROM up c WHERE c.circular)),
counts AS (SELECT r.role, d.unit_id, d.duty = 'planner' AS planner FROM public.roles r JOIN regtarget.duties d ON pg_has_role(r.role, d.role, 'USAGE')),
over AS (SELECT c.role, a.unit_id, bool_or(c.planner) AS planner, bool_or(c.planner AND a.top) AS at_top
	FROM above a JOIN counts c ON c.unit_id = a.at GROUP BY c.role, a.unit_id),
below AS (SELECT c.role, a.at AS unit_id, bool_or(c.planner) AS planner FROM above a JOIN counts c ON c.unit_id = a.unit_id GROUP BY c.role, a.at)
SELECT r.role, u.unit_id, o.role IS NOT NULL, coalesce(o.planner, false), coalesce(o.at_top, false),
	coalesce(o.planner, false) OR coalesce(b.planner, false), o.role IS NOT NULL OR b.role IS NOT NULL
FROM public.roles r CROSS JOIN regtarget.units u
LEFT JOIN over o ON o.role = r.role AND o.unit_id = u.unit_id LEFT JOIN below b ON b.role = r.role AND b.unit_id = u.unit_id
$$;
CREATE TABLE modelled AS SELECT * FROM model();
CREATE FUNCTION model_of_roles(OUT role name, OUT anywhere boolean, OUT top boolean) RETURNS SETOF record LANGUAGE sql STABLE AS $$
SELECT r.role, coalesce(bool_or(m.sees), false), coalesce(bool_or(m.plans AND u.parent_id IS NULL), false)
FROM public.roles r LEFT JOIN public.modelled m ON m.role = r.role LEFT JOIN regtarget.units u ON u.unit_id = m.unit_id GROUP BY r.role
$$;

CREATE TABLE told (role name, unit_id int, sees boolean, plans boolean, edits boolean, has_plan boolean, has_open_plan boolean);
CREATE TABLE told_of_roles (role name, anywhere boolean, top boolean);
CREATE TABLE units_now (unit_id int);
GRANT ALL ON told, told_of_roles TO PUBLIC;
GRANT SELECT ON units_now TO PUBLIC;

-- Ask as each role: of all units, of some, or of one only.
CREATE FUNCTION ask(share float8) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	r name;
BEGIN
	DELETE FROM public.told;
	DELETE FROM public.told_of_roles;
	DELETE FROM public.units_now;
	INSERT INTO public.units_now SELECT unit_id FROM regtarget.units WHERE random() <= share ORDER BY random();
	FOR r IN SELECT role FROM public.roles ORDER BY random() LOOP
		EXECUTE format('SET LOCAL ROLE %I', r);
		INSERT INTO public.told SELECT r, unit_id, regtarget.sees_unit(unit_id), regtarget.plans_unit(unit_id), regtarget.edits_unit(unit_id),
			regtarget.sees_plan(unit_id, 'shadow', 'draft'), regtarget.sees_plan(unit_id, 'live', 'published') FROM public.units_now;
		INSERT INTO public.told_of_roles VALUES (r, regtarget.has_duty(), regtarget.is_top_planner());
		RESET ROLE;
	END LOOP;
END
$$;

-- One change at random; some past the guard, as a restore of a broken dump would bring it.
CREATE FUNCTION some_unit() RETURNS int LANGUAGE sql VOLATILE AS 'SELECT unit_id FROM regtarget.units ORDER BY random() LIMIT 1';
CREATE FUNCTION some_parent() RETURNS int LANGUAGE sql VOLATILE AS 'SELECT parent_id FROM regtarget.units ORDER BY random() * (parent_id IS NOT NULL)::int DESC LIMIT 1';
CREATE FUNCTION some_role() RETURNS name LANGUAGE sql VOLATILE AS 'SELECT role FROM public.roles WHERE n <> 5 ORDER BY random() LIMIT 1';
CREATE FUNCTION change(round int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	dice int := floor(random() * 14);
	u int := public.some_unit();
BEGIN
	CASE
		WHEN dice < 3 THEN
			-- Ids come again, after a deletion or a rollback.
			INSERT INTO regtarget.units (unit_id, code, parent_id)
			SELECT id, 'U' || id, CASE WHEN random() < 0.9 THEN u END FROM floor(random() * 30 + 100) AS id ON CONFLICT DO NOTHING;
		WHEN dice = 3 THEN
			INSERT INTO regtarget.units (unit_id, code, parent_id) VALUES (2000000 + 7919 * round, 'F' || round, u);
		WHEN dice < 6 THEN
			UPDATE regtarget.units SET parent_id = CASE WHEN random() < 0.9 THEN public.some_unit() END WHERE unit_id = u;
		WHEN dice = 6 THEN
			IF random() < 0.1 THEN
				SET LOCAL session_replication_role = replica;
			END IF;
			DELETE FROM regtarget.units WHERE unit_id = u;
			SET LOCAL session_replication_role = origin;
		WHEN dice = 7 THEN
			UPDATE regtarget.units SET name = round, closed_on = '2030-01-01';
		WHEN dice < 10 THEN
			INSERT INTO regtarget.duties VALUES (public.some_role(), CASE WHEN random() < 0.5 THEN u ELSE public.some_parent() END, (ARRAY['planner', 'manager', 'viewer'])[1 + floor(random() * 3)]) ON CONFLICT DO NOTHING;
		WHEN dice = 10 THEN
			DELETE FROM regtarget.duties WHERE ctid IN (SELECT ctid FROM regtarget.duties ORDER BY random() LIMIT 1);
		WHEN dice = 11 THEN
			IF pg_has_role('trees 6', 'trees 1', 'MEMBER') THEN
				REVOKE "trees 1" FROM "trees 6";
			ELSE
				GRANT "trees 1" TO "trees 6";
			END IF;
		WHEN dice = 12 THEN
			SET LOCAL session_replication_role = replica;
			UPDATE regtarget.units SET parent_id = CASE WHEN random() < 0.8 THEN 500000 + floor(random() * 3)::int ELSE public.some_unit() END WHERE unit_id = u;
			SET LOCAL session_replication_role = origin;
		ELSE
			-- Whom others lacked: no longer missing.
			SET LOCAL session_replication_role = replica;
			INSERT INTO regtarget.units (unit_id, code, parent_id)
			SELECT unit_id, 'M' || unit_id, u FROM (SELECT parent_id FROM regtarget.units UNION SELECT unit_id FROM regtarget.duties EXCEPT SELECT unit_id FROM regtarget.units) AS m (unit_id)
			WHERE unit_id IS NOT NULL;
			SET LOCAL session_replication_role = origin;
	END CASE;
	RETURN 'done';
EXCEPTION WHEN check_violation OR foreign_key_violation THEN
	SET LOCAL session_replication_role = origin;
	RETURN 'refused';
END
$$;

CREATE TABLE wrong (round int, role name, unit_id int, why text);
CREATE TABLE rounds (round int, result text, asked bigint, visible bigint);
CREATE FUNCTION compare(at int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM public.ask((ARRAY[1, 0.3, 0.02])[1 + at % 3]);
	DELETE FROM public.modelled;
	INSERT INTO public.modelled SELECT * FROM public.model();
	INSERT INTO public.wrong SELECT at, role, unit_id, 'unit' FROM (TABLE public.told EXCEPT TABLE public.modelled) AS t;
	INSERT INTO public.wrong SELECT at, role, NULL, 'role' FROM (TABLE public.told_of_roles EXCEPT SELECT * FROM public.model_of_roles()) AS t;
END
$$;
CREATE FUNCTION play(first int, last int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	FOR n IN first .. last LOOP
		IF n % 5 = 0 THEN
			-- Changed, asked about, and undone.
			BEGIN
				PERFORM public.change(n), public.change(n + 500);
				PERFORM public.ask((ARRAY[1, 0.1])[1 + n % 2]);
				RAISE SQLSTATE 'RT000';
			EXCEPTION WHEN SQLSTATE 'RT000' THEN
				result := 'undone';
			END;
		ELSE
			result := public.change(n);
		END IF;
		PERFORM public.compare(n);
		INSERT INTO public.rounds SELECT n, result, count(*), count(*) FILTER (WHERE sees) FROM public.told;
	END LOOP;
END
$$;

INSERT INTO regtarget.units (unit_id, code, parent_id)
SELECT n, 'S' || n, CASE WHEN n > 2 THEN 1 + floor(random() * (n - 1))::int END FROM generate_series(1, 40) n;
INSERT INTO regtarget.duties SELECT DISTINCT some_role(), some_parent(), 'planner' FROM generate_series(1, 8);
SELECT play(1, 150);
SELECT is_empty('SELECT * FROM wrong ORDER BY 1, 2, 3', 'what row security is told is what the tables say, after each of 150 changes');
SELECT cmp_ok((SELECT count(*) FROM rounds WHERE result = 'done'), '>', 75::bigint, 'most changes were made');
SELECT cmp_ok((SELECT sum(visible) / sum(asked) FROM rounds), '>', 0.1, 'and much was visible');

-- The same with more units than are looked up one by one, most of them added behind the session's back.
INSERT INTO regtarget.units (unit_id, code, parent_id)
SELECT 10000 + n, 'B' || n, CASE WHEN n > 1 THEN 10000 + n / 2 ELSE some_unit() END FROM generate_series(1, 600) n;
DELETE FROM wrong;
SELECT play(151, 170);
SELECT is_empty('SELECT * FROM wrong ORDER BY 1, 2, 3', 'the same in a larger tree');
SELECT * FROM finish();
ROLLBACK;
