-- Whoever is granted INSERT on a view loads through it and needs no more; nothing of his runs as the owner.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile();
INSERT INTO units_in (code) VALUES ('A');
CREATE ROLE regress_loader;
GRANT USAGE ON SCHEMA regtarget TO regress_loader;
GRANT INSERT ON deals_in, visits_in TO regress_loader;
GRANT CREATE ON SCHEMA public TO regress_loader;
SET LOCAL ROLE regress_loader;
INSERT INTO deals_in (source, source_id, unit, amount) VALUES ('x', '1', 'A', '5'), ('x', '2', 'B', '5');
SELECT public.refusal('SELECT * FROM deals_in');
SELECT public.refusal('INSERT INTO revenues_in (source) VALUES (1)');
SELECT public.refusal('SELECT retry_rejects()');
SELECT public.refusal($$SELECT * FROM import_salesforce('{}')$$);

-- An operator of his own in front of the system's is not asked.
CREATE FUNCTION public.evil(a text, b text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'evil ran as %', current_user; END $$;
CREATE OPERATOR public.= (LEFTARG = text, RIGHTARG = text, FUNCTION = public.evil);
CREATE FUNCTION public.evil(a int, b int) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'evil ran as %', current_user; END $$;
CREATE OPERATOR public.= (LEFTARG = int, RIGHTARG = int, FUNCTION = public.evil);
SET LOCAL search_path = public, pg_catalog;
INSERT INTO regtarget.deals_in (source, source_id, unit, amount) VALUES ('x', '1', 'A', '6'), ('x', '3', 'C', '6');
SHOW search_path;
RESET ROLE;
SET LOCAL search_path = regtarget, public;
SELECT source_id, amount FROM deals;
SELECT row ->> 'source_id' AS source_id, reason FROM import_rejects ORDER BY reject_id;

-- The trigger function serves its views only.
SELECT public.refusal('SELECT import_rows()');

ROLLBACK;
