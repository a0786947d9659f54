-- moves_in is what move_unit() does, a row at a time in the order of the days; successions_in says who goes on where
-- others ended.  Both take what people export, keep what is wrong with its cause, and are copied in as they are copied out.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all
SELECT apply_profile() <> '' AS applied;
SELECT add_year(2025);
INSERT INTO regtarget.units (unit_id, code, kind, parent_id, opened_on, closed_on) VALUES (1, 'CN', 'company', NULL, NULL, NULL),
	(2, 'E', 'region', 1, NULL, NULL), (3, 'M', 'region', 1, NULL, NULL), (4, 'S', 'region', 1, NULL, '2025-06-30'),
	(5, 'SH', 'group', 2, NULL, NULL), (6, 'HF', 'group', 2, NULL, NULL), (7, 'WH', 'group', 3, NULL, NULL), (8, 'NEW', 'group', 3, '2025-05-01', NULL);
CREATE VIEW public.refused AS SELECT line, row, cause, column_name, reason FROM import_rejects ORDER BY reject_id;

-- In any order of the file; another system's name; days as people write them; the same key twice: the last counts.
INSERT INTO aliases VALUES ('unit', '', 'Hefei', 'HF');
INSERT INTO moves_in VALUES ('HF', 'E', '2025-09-01'), ('Hefei', 'M', '2025年5月15日'), ('SH', 'E', '2025-07-01'), ('SH', 'M', '2025/7/1');
SELECT * FROM moves_in ORDER BY unit, from_date;
SELECT * FROM past_parents ORDER BY unit_id, until_on;
SELECT code, parent_id FROM units WHERE code IN ('HF', 'SH') ORDER BY code;
SELECT unit_id, action, details FROM ledger WHERE action = 'unit_moved' ORDER BY unit_id, entry;
-- As move_unit() would have it.
SAVEPOINT loaded;
CREATE TABLE public.loaded AS SELECT day, t.* FROM unnest('{2025-05-14,2025-05-15,2025-07-01,2025-09-01}'::date[]) day, unit_tree_on(day) t;
UPDATE units SET parent_id = 2 WHERE code IN ('HF', 'SH'); DELETE FROM past_parents;
SELECT move_unit('HF', 'M', '2025-05-15'), move_unit('SH', 'M', '2025-07-01'), move_unit('HF', 'E', '2025-09-01');
SELECT count(*) FROM (TABLE public.loaded EXCEPT SELECT day, t.* FROM unnest('{2025-05-14,2025-05-15,2025-07-01,2025-09-01}'::date[]) day, unit_tree_on(day) t) x;
ROLLBACK TO loaded;
-- Again: nothing changes. The same day with another parent corrects what is on record.
INSERT INTO moves_in SELECT * FROM moves_in;
SELECT count(*) FROM ledger WHERE action = 'unit_moved';
INSERT INTO moves_in VALUES ('HF', NULL, '2025-05-15');
SELECT * FROM past_parents ORDER BY unit_id, until_on;
INSERT INTO moves_in VALUES ('HF', 'M', '2025-09-01');
SELECT * FROM moves_in ORDER BY unit, from_date;
SELECT details FROM ledger WHERE action = 'unit_moved' ORDER BY unit_id, entry DESC LIMIT 2;
-- units_in takes no part in it: what is copied out of it and in again undoes no move, one that lies ahead neither.
SAVEPOINT ahead;
SELECT move_unit('HF', 'E', current_date + 30);
INSERT INTO units_in SELECT * FROM units_in;
SELECT code, parent FROM units_in WHERE code = 'HF';
SELECT unit, parent FROM unit_tree WHERE unit = 'HF';
ROLLBACK TO ahead;
-- Two that change places on one day: the tree is judged when both are in.
INSERT INTO moves_in VALUES ('WH', NULL, '2025-10-01'), ('M', 'WH', '2025-10-01');
SELECT unit, path FROM unit_tree_on('2025-10-01') ORDER BY unit_id;

-- What is wrong, each with its cause; the good rows beside it are in.
SET LOCAL client_min_messages = notice;
INSERT INTO moves_in VALUES ('XX', 'M', '2025-10-01'), ('SH', 'XX', '2025-10-01'), (NULL, 'M', '2025-10-01'), ('SH', 'E', NULL),
	('SH', 'E', '2025-13-01'), ('SH', 'E', '2025-06-30'), ('SH', 'M', '2025-10-01'), ('SH', 'S', '2025-10-02'), ('NEW', 'E', '2025-04-30'),
	('CN', 'E', '2025-10-03'), ('E', 'WH', '2025-10-04');
SELECT * FROM public.refused;
SELECT * FROM reject_causes ORDER BY cause, column_name;
SELECT * FROM moves_in WHERE unit = 'E';
SELECT * FROM verify() WHERE NOT ok;
-- Mended and tried again.
UPDATE units SET closed_on = NULL WHERE code = 'S';
SELECT retry_rejects();
SELECT * FROM moves_in WHERE unit = 'SH' ORDER BY from_date;
DELETE FROM import_rejects;
-- In a closed period none.
INSERT INTO plans (period, root_unit_id, total) VALUES ('2025Q4', 1, 10); INSERT INTO targets (plan_id, unit_id, suggested) SELECT plan_id, 1, 10 FROM plans;
SELECT publish_plan(plan_id) FROM plans; SELECT add_year(2026); SELECT close_period('2025Q4');
INSERT INTO moves_in VALUES ('NEW', 'E', '2025-12-31'), ('NEW', 'S', '2026-01-01'), ('SH', 'E', '2025-10-02');
SELECT * FROM public.refused;
SELECT * FROM moves_in WHERE unit = 'NEW';
DELETE FROM import_rejects;

-- Successions.
INSERT INTO successions_in VALUES ('NEW', 'SH', NULL), ('NEW', 'HF', '40%'), ('WH', 'NEW', '0.25');
SELECT * FROM successions_in ORDER BY 1, 2;
INSERT INTO successions_in VALUES ('SH', 'WH', '1'), ('NEW', 'NEW', '1'), ('NEW', 'XX', '1'), ('HF', 'SH', '1.5'), ('HF', 'WH', '-1%'), ('HF', NULL, '1'), ('HF', 'M', 'half'),
	('NEW', 'HF', '0.5');
SELECT * FROM public.refused;
SELECT * FROM successions_in ORDER BY 1, 2;
INSERT INTO successions_in SELECT * FROM successions_in;
SELECT count(*) FROM ledger WHERE action LIKE 'succession%';
SELECT * FROM reject_causes ORDER BY cause, column_name;
DELETE FROM successions WHERE unit_id = 4 OR unit_id = 7;
SELECT retry_rejects();
SELECT * FROM successions_in ORDER BY 1, 2;
SELECT * FROM verify() WHERE NOT ok;
-- Decimals as the policy says.
UPDATE policies SET decimal_comma = true;
SELECT * FROM successions_in ORDER BY 1, 2;
INSERT INTO successions_in VALUES ('S', 'HF', '0,125');
SELECT * FROM successions WHERE unit_id = 4;
-- Whoever sees a part sees moves and successions of that part; a move below what he does not see is not shown.
CREATE ROLE regress_e; SELECT grant_duty('regress_e', 'M', 'viewer');
SET ROLE regress_e;
SELECT * FROM moves_in ORDER BY 1, 3;
SELECT * FROM successions_in;
SELECT public.refusal($$INSERT INTO moves_in VALUES ('SH', 'E', '2026-10-02')$$);
RESET ROLE;
ROLLBACK;
