-- Who sees what goes by today's tree: before a move that lies ahead nothing changes, then at midnight of the policy's day.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all
SELECT apply_profile() <> '' AS applied;
SELECT add_year(2025);
INSERT INTO regtarget.units (unit_id, code, kind, parent_id) VALUES (1, 'CN', 'company', NULL),
	(2, 'EAST', 'region', 1), (3, 'MID', 'region', 1), (5, 'HF', 'group', 2);
CREATE ROLE regress_east; CREATE ROLE regress_mid; CREATE ROLE regress_top; CREATE ROLE regress_east_planner;
SELECT regtarget.grant_duty('regress_east', 'EAST', 'manager'), regtarget.grant_duty('regress_mid', 'MID', 'manager'),
	regtarget.grant_duty('regress_top', 'CN', 'planner'), regtarget.grant_duty('regress_east_planner', 'EAST', 'planner');
GRANT SELECT ON ALL TABLES IN SCHEMA regtarget TO regress_east, regress_mid, regress_top, regress_east_planner;
-- By planners of both parents alone; at the top by planners there.
SET ROLE regress_mid;
SELECT public.refusal($$SELECT regtarget.move_unit('HF', 'MID')$$);
SET ROLE regress_east_planner;
SELECT public.refusal($$SELECT regtarget.move_unit('HF', 'MID')$$);
SELECT public.refusal($$SELECT regtarget.move_unit('HF', NULL)$$);
SET ROLE regress_top;
SELECT regtarget.move_unit('HF', 'MID', current_date + 2);
SET ROLE regress_east;
SELECT code FROM regtarget.units ORDER BY 1;
SELECT unit, path FROM regtarget.unit_tree ORDER BY 1;
SELECT unit_id, until_on > current_date AS ahead, parent_id FROM regtarget.past_parents;
SET ROLE regress_mid;
SELECT code FROM regtarget.units ORDER BY 1;
TABLE regtarget.past_parents;
RESET ROLE;
-- The day has come: as if the record said so.
UPDATE regtarget.past_parents SET until_on = current_date - 2;
SET ROLE regress_east;
SELECT code FROM regtarget.units ORDER BY 1;
SELECT * FROM regtarget.unit_tree_on('2020-01-01') WHERE unit = 'HF';
SET ROLE regress_mid;
SELECT code FROM regtarget.units ORDER BY 1;
SELECT path FROM regtarget.unit_tree_on('2020-01-01') WHERE unit = 'HF';
RESET ROLE;
SELECT setval('regtarget.units_unit_id_seq', 60);
-- A new unit is in sight where its parent is, until it is there.
UPDATE regtarget.past_parents SET until_on = current_date + 2;
SET ROLE regress_top;
INSERT INTO regtarget.units (code, parent_id) VALUES ('NEW', 3) RETURNING code;
RESET ROLE;
ROLLBACK;
