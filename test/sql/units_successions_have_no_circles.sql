-- R: successions: shares from 0 to 1, no circle, whoever writes them and however; the ledger has every change.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all
SELECT apply_profile() <> '' AS applied;
INSERT INTO regtarget.units (unit_id, code, kind, parent_id) VALUES (1, 'CN', 'company', NULL), (2, 'E', 'region', 1),
	(3, 'M', 'region', 1), (4, 'A', 'group', 2), (5, 'B', 'group', 2), (6, 'C', 'group', 3);
INSERT INTO regtarget.successions (unit_id, predecessor_id) VALUES (5, 4) RETURNING *;
INSERT INTO regtarget.successions VALUES (6, 5, 0.4), (6, 4, 0);
TABLE regtarget.successions;
-- Bad input: unit, figure and way out; nothing is half done.
SELECT public.error_of($$INSERT INTO regtarget.successions VALUES (4, 6)$$);
SELECT public.error_of($$INSERT INTO regtarget.successions VALUES (4, 4)$$);
SELECT public.error_of($$INSERT INTO regtarget.successions VALUES (5, 6), (2, 3)$$);
SELECT public.error_of($$UPDATE regtarget.successions SET unit_id = 4, predecessor_id = 6 WHERE unit_id = 6 AND predecessor_id = 4$$);
SELECT public.error_of($$INSERT INTO regtarget.successions VALUES (3, 2, 1.01)$$);
SELECT public.error_of($$INSERT INTO regtarget.successions VALUES (3, 2, -0.01)$$);
SELECT public.error_of($$INSERT INTO regtarget.successions VALUES (3, 2, 'NaN')$$);
SELECT public.error_of($$INSERT INTO regtarget.successions VALUES (3, 2, 'Infinity')$$);
SELECT public.error_of($$INSERT INTO regtarget.successions VALUES (3, 2, NULL)$$);
SELECT public.error_of($$UPDATE regtarget.successions SET share = 2 WHERE unit_id = 5$$);
SELECT public.refusal($$INSERT INTO regtarget.successions VALUES (3, 99)$$);
SELECT public.refusal($$INSERT INTO regtarget.successions VALUES (99, 3)$$);
SELECT public.refusal($$INSERT INTO regtarget.successions VALUES (5, 4, 0.5)$$);
SELECT public.refusal($$DELETE FROM regtarget.units WHERE code = 'A'$$);
SELECT * FROM regtarget.successions ORDER BY 1, 2;
-- The way out: what was said wrong is taken back, then the other may be said.
DELETE FROM regtarget.successions WHERE unit_id = 6;
INSERT INTO regtarget.successions VALUES (4, 6, 1);
UPDATE regtarget.successions SET share = 0.25 WHERE unit_id = 4;
UPDATE regtarget.successions SET share = share;
TRUNCATE regtarget.successions;
SELECT unit_id, action, details FROM ledger WHERE action LIKE 'succession%' ORDER BY unit_id, entry;
SELECT * FROM verify('{tree,ledger,references}') WHERE NOT ok;
-- By planners of the whole organisation: others see those of the units that they see.
INSERT INTO regtarget.successions VALUES (5, 4, 1), (6, 4, 0.5);
CREATE ROLE regress_top; CREATE ROLE regress_e;
SELECT grant_duty('regress_top', 'CN', 'planner'), grant_duty('regress_e', 'E', 'planner');
SET ROLE regress_e;
SELECT * FROM regtarget.successions;
SELECT unit, predecessor, share FROM regtarget.successions_in;
SELECT unit, kind, from_unit, to_unit, share FROM regtarget.reorganisations WHERE kind LIKE 'succession%' ORDER BY unit_id, entry;
SELECT public.refusal($$INSERT INTO regtarget.successions VALUES (2, 5)$$);
SET ROLE regress_top;
INSERT INTO regtarget.successions VALUES (2, 3, 0.5);
UPDATE regtarget.successions SET share = 0.75 WHERE unit_id = 2;
DELETE FROM regtarget.successions WHERE unit_id = 2;
RESET ROLE;
-- What only damage makes is found.
SET LOCAL session_replication_role = replica;
INSERT INTO regtarget.successions VALUES (4, 6);
UPDATE regtarget.successions SET share = 0.3 WHERE unit_id = 5;
SET LOCAL session_replication_role = origin;
SELECT check_name, detail FROM verify('{tree,ledger}') WHERE NOT ok;
ROLLBACK;
