-- Attaching and counting is the extension's owner's, and takes the right to read the relation besides; the relation itself is
-- read as its owner, so that nothing that he has put into it runs with anybody else's rights; row security hides nothing.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied;
INSERT INTO units (unit_id, code, parent_id) VALUES (1, 'CN', NULL), (2, 'A', 1);
CREATE ROLE "attached mallory";
CREATE ROLE "attached planner";
SELECT grant_duty('attached planner', 'CN', 'planner');
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO "attached mallory"', current_database()); END $$;

-- A view with a function of its owner's, which looks whose rights it has, and tries to become more.
SET LOCAL ROLE "attached mallory";
CREATE SCHEMA mallory;
GRANT USAGE ON SCHEMA mallory TO PUBLIC;
CREATE TABLE mallory.log (who name, session name, as_super text, path text);
CREATE TABLE mallory.rows (unit_id int, visited_on date);
INSERT INTO mallory.rows VALUES (2, '2025-01-01'), (2, '2025-01-01'), (1, '2025-01-02');
CREATE FUNCTION mallory.try(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE statement;
	RETURN 'done';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE; -- majors word it differently
END
$$;
CREATE FUNCTION mallory.spy() RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
	RAISE NOTICE 'as %: %; %; %', current_user, mallory.try('SET ROLE NONE'),
		mallory.try('ALTER ROLE "attached mallory" SUPERUSER'), mallory.try('SELECT regtarget.refresh_activity(''2025-01-01'', ''2025-01-02'')');
	RETURN true;
END
$$;
CREATE VIEW mallory.visits AS SELECT unit_id, visited_on FROM mallory.rows WHERE (SELECT mallory.spy());
GRANT SELECT ON mallory.visits TO PUBLIC;
RESET ROLE;

-- Whoever has not the owner's rights may neither attach nor count nor detach.
SET LOCAL ROLE "attached planner";
SELECT s, public.refusal('SELECT ' || s) FROM unnest(ARRAY['regtarget.attach_facts(''visits'', ''mallory.visits'')',
	'regtarget.refresh_activity(''2025-01-01'', ''2025-01-02'')', 'regtarget.detach_facts(''visits'', ''mallory.visits'')']) s;
RESET ROLE;
GRANT EXECUTE ON FUNCTION attach_facts(text, regclass), detach_facts(text, regclass), refresh_activity(date, date) TO "attached planner";
SET LOCAL ROLE "attached planner";
-- An unknown relation comes before the duty, arguments after it.
SELECT s, public.refusal('SELECT ' || s) FROM unnest(ARRAY['regtarget.attach_facts(''visits'', ''mallory.visits'')', 'regtarget.attach_facts(''visits'', 999999)',
	'regtarget.attach_facts(''nonsense'', ''mallory.visits'')',
	'regtarget.refresh_activity(''2025-01-02'', ''2025-01-01'')', 'regtarget.detach_facts(''nonsense'', ''mallory.visits'')']) s;
RESET ROLE;

SELECT attach_facts('visits', 'mallory.visits');
SET LOCAL client_min_messages = notice;
SELECT refresh_activity('2025-01-01', '2025-01-02');
SELECT current_user = session_user AS as_before, current_setting('row_security') AS row_security,
	current_setting('enable_partitionwise_aggregate') AS partitionwise;
SELECT unit_id, day, visits FROM activity ORDER BY 1, 2;
-- verify() neither, for whomever.
SET LOCAL ROLE "attached planner";
SELECT ok FROM regtarget.verify('{activity}');
SELECT current_user;
SELECT relation, rows FROM regtarget.attached_facts;
RESET ROLE;
SELECT detach_facts('visits', 'mallory.visits');
SET LOCAL client_min_messages = warning;

-- What is being counted cannot be dropped, detached or counted from within, whoever owns it.
SELECT attach_facts('visits', 'mallory.visits');
CREATE FUNCTION public.counted_with(statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('CREATE OR REPLACE FUNCTION mallory.spy() RETURNS boolean LANGUAGE plpgsql AS %L', format('BEGIN EXECUTE %L; RETURN true; END', statement));
	RETURN QUERY SELECT public.error_of('SELECT regtarget.refresh_activity(''2025-01-01'', ''2025-01-02'')');
END
$$;
SELECT s, state FROM unnest(ARRAY['DROP VIEW mallory.visits', 'ALTER VIEW mallory.visits ALTER visited_on SET DEFAULT NULL',
	'DROP SCHEMA mallory CASCADE']) s, LATERAL public.counted_with(s) AS state WHERE length(state) = 5; -- majors word it differently
GRANT CREATE ON SCHEMA mallory TO CURRENT_USER;
DO $$ BEGIN EXECUTE format('ALTER VIEW mallory.visits OWNER TO %I', current_user); END $$;
GRANT SELECT ON mallory.rows TO PUBLIC;
SELECT s, public.counted_with(s) FROM unnest(ARRAY['SELECT regtarget.detach_facts(''visits'', ''mallory.visits'')',
	'SELECT regtarget.attach_facts(''visits'', ''mallory.rows'')', 'SELECT regtarget.refresh_activity(''2025-01-01'', ''2025-01-02'')']) s;
SELECT detach_facts('visits', 'mallory.visits');
SELECT * FROM verify('{activity,references}');

-- Who has the owner's rights and is no superuser may have counted what he may read himself, and all rows of it.
CREATE ROLE "attached deputy";
SELECT format('GRANT %s TO "attached deputy"', nspowner::regrole) FROM pg_namespace WHERE nspname = 'regtarget' \gexec
SET LOCAL ROLE "attached mallory";
CREATE TABLE mallory.secrets (unit_id int, visited_on date, secret text);
INSERT INTO mallory.secrets VALUES (2, '2025-01-01', 'x'), (1, '2025-01-01', 'y');
RESET ROLE;
SET LOCAL ROLE "attached deputy";
SELECT * FROM public.error_of('SELECT regtarget.attach_facts(''visits'', ''mallory.secrets'')');
SET LOCAL ROLE "attached mallory";
GRANT SELECT (unit_id) ON mallory.secrets TO "attached deputy";
SET LOCAL ROLE "attached deputy";
SELECT * FROM public.error_of('SELECT regtarget.attach_facts(''visits'', ''mallory.secrets'')');
SET LOCAL ROLE "attached mallory";
GRANT SELECT (visited_on) ON mallory.secrets TO "attached deputy";
SET LOCAL ROLE "attached deputy";
SELECT regtarget.attach_facts('visits', 'mallory.secrets');
SELECT regtarget.refresh_activity('2025-01-01', '2025-01-02');
SET LOCAL ROLE "attached mallory";
ALTER TABLE mallory.secrets ENABLE ROW LEVEL SECURITY;
CREATE POLICY a_part ON mallory.secrets USING (unit_id = 2);
SET LOCAL ROLE "attached deputy";
SELECT * FROM public.error_of('SELECT regtarget.refresh_activity(''2025-01-01'', ''2025-01-02'')');
SET LOCAL ROLE "attached mallory";
REVOKE SELECT (unit_id, visited_on) ON mallory.secrets FROM "attached deputy";
SET LOCAL ROLE "attached deputy";
SELECT * FROM public.error_of('SELECT regtarget.refresh_activity(''2025-01-01'', ''2025-01-02'')');
-- To take it away, none is needed.
SELECT regtarget.detach_facts('visits', 'mallory.secrets');
RESET ROLE;

-- Row security: of the relation's owner it hides nothing; where it is forced on him it is an error and not a part of the rows.
SELECT attach_facts('visits', 'mallory.secrets');
SELECT refresh_activity('2025-01-01', '2025-01-02');
ALTER TABLE mallory.secrets FORCE ROW LEVEL SECURITY;
SELECT * FROM public.error_of('SELECT refresh_activity(''2025-01-01'', ''2025-01-02'')');
SELECT current_setting('row_security') AS row_security, current_setting('enable_partitionwise_aggregate') AS partitionwise;
ALTER TABLE mallory.secrets NO FORCE ROW LEVEL SECURITY;
-- Whoever reads it may not have lost his right to: the owner himself has none now.
REVOKE ALL ON mallory.secrets FROM "attached mallory";
SELECT * FROM public.error_of('SELECT refresh_activity(''2025-01-01'', ''2025-01-02'')');
GRANT ALL ON mallory.secrets TO "attached mallory";
SELECT * FROM verify('{activity}');

ROLLBACK;
