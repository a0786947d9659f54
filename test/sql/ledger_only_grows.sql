-- L: the ledger is written by functions alone; no entry is changed or removed, by whomever.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied;
INSERT INTO periods VALUES ('P', '[2025-07-01,2025-10-01)');
INSERT INTO units (unit_id, code) VALUES (1, 'CN');
SELECT count(*) FROM allocate_targets('P', 100);
SELECT publish_plan(1);
UPDATE targets SET amount = 101;
CREATE TABLE public.copy AS SELECT * FROM ledger;

SELECT error_of($$UPDATE ledger SET actor = 'nobody'$$);
SELECT error_of($$DELETE FROM ledger$$);
SELECT error_of($$TRUNCATE ledger$$);
SELECT error_of($$INSERT INTO ledger SELECT unit_id, entry + 1, at, actor, action, details, hash, hash FROM ledger$$);
SELECT s AS statement, refusal(s) AS refused FROM unnest(ARRAY[
	'UPDATE ledger SET actor = actor',
	'UPDATE ledger SET entry = 2 WHERE unit_id = 1',
	'DELETE FROM ledger WHERE unit_id = 1',
	'MERGE INTO ledger l USING (VALUES (1)) v (u) ON l.unit_id = v.u WHEN MATCHED THEN DELETE',
	'MERGE INTO ledger l USING (VALUES (1)) v (u) ON l.unit_id = v.u WHEN MATCHED THEN UPDATE SET at = now()',
	'MERGE INTO ledger l USING (VALUES (5)) v (u) ON l.unit_id = v.u WHEN NOT MATCHED THEN INSERT VALUES (5, 1, now(), ''a'', ''b'', ''{}'', '''', sha256(''''))',
	'INSERT INTO ledger SELECT * FROM ledger ON CONFLICT DO NOTHING',
	'INSERT INTO ledger SELECT * FROM ledger ON CONFLICT (unit_id, entry) DO UPDATE SET actor = ''x''',
	'TRUNCATE ledger, targets, plans']) AS s;
-- Nor in a restore session, but for rows that come in.
SET LOCAL check_function_bodies = off;
SET LOCAL row_security = off;
SELECT s AS statement, split_part(refusal(s), ': ', 1) AS refused FROM unnest(ARRAY[
	'UPDATE ledger SET actor = actor', 'DELETE FROM ledger', 'TRUNCATE ledger']) AS s;
SET LOCAL check_function_bodies = on;
SET LOCAL row_security = on;
SELECT count(*) FROM (TABLE ledger EXCEPT TABLE public.copy) AS new;
SELECT count(*) FROM (TABLE public.copy EXCEPT TABLE ledger) AS gone;

-- A trigger of somebody's own that hands no rows to what writes the ledger is told so.
CREATE TRIGGER mine AFTER UPDATE ON targets FOR EACH STATEMENT EXECUTE FUNCTION log_amounts();
SELECT refusal('UPDATE targets SET amount = amount WHERE false');
CREATE TRIGGER mine AFTER INSERT ON standings FOR EACH STATEMENT EXECUTE FUNCTION log_standings();
SELECT refusal('INSERT INTO standings SELECT * FROM standings WHERE false');

ROLLBACK;
