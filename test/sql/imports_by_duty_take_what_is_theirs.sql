-- X: whoever is granted INSERT on a view loads anything; a duty loads for its units, and the rest is told apart.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied;
SELECT add_year(2025);
INSERT INTO units_in (code, parent) VALUES ('CN', NULL), ('EAST', 'CN'), ('SOUTH', 'CN'), ('SH', 'EAST'), ('GZ', 'SOUTH'), ('HK', NULL);
INSERT INTO employees_in (source, source_id, unit, hired_on) VALUES ('fin', 'li', 'SH', '2024-01-01'), ('fin', 'wu', 'GZ', '2024-01-01');
INSERT INTO aliases VALUES ('unit', 'fin', '4711', 'SH'), ('unit', 'fin', '4712', 'GZ');
CREATE ROLE regress_finance;
CREATE ROLE regress_other;
CREATE ROLE regress_planner;
CREATE ROLE regress_manager;
CREATE ROLE regress_loader;
SELECT grant_duty('regress_finance', 'EAST', 'finance'), grant_duty('regress_other', 'SOUTH', 'finance'),
	grant_duty('regress_planner', 'EAST', 'planner'), grant_duty('regress_manager', 'EAST', 'manager');
GRANT EXECUTE ON FUNCTION refusal(text), error_of(text) TO PUBLIC;
CREATE VIEW public.shown AS SELECT r.source_id, u.code, r.amount FROM revenues r JOIN units u USING (unit_id) ORDER BY r.source_id COLLATE "C";

-- Finance: its own units, by code, by alias and by the employee's unit of the day.
SET LOCAL ROLE regress_finance;
INSERT INTO revenues_in VALUES ('fin', '1', 'SH', NULL, NULL, '2025-07-01', '1'), ('fin', '2', 'GZ', NULL, NULL, '2025-07-01', '2'),
	('fin', '3', '4711', NULL, NULL, '2025-07-01', '3'), ('fin', '4', '4712', NULL, NULL, '2025-07-01', '4'),
	('fin', '5', NULL, 'li', NULL, '2025-07-01', '5'), ('fin', '6', NULL, 'wu', NULL, '2025-07-01', '6'),
	('fin', '7', 'NJ', NULL, NULL, '2025-07-01', '7'), ('fin', '8', 'CN', NULL, NULL, '2025-07-01', '8'), ('fin', '9', 'EAST', NULL, NULL, '2025-07-01', '9');
INSERT INTO revenues_in (source, source_id, unit, booked_on, amount) VALUES ('fin', '10', 'SH', '2025-07-02', '10') RETURNING source_id, unit, amount;
COPY revenues_in FROM STDIN WITH (FORMAT csv, HEADER match);
source,source_id,unit,employee,customer,booked_on,amount
fin,11,SH,,,2025-07-03,11
fin,12,GZ,,,2025-07-03,12
\.
SELECT row ->> 'source_id' AS source_id, reason, by_duty_of FROM import_rejects ORDER BY reject_id;
SELECT public.refusal(s), s AS statement FROM unnest(ARRAY[
	$$INSERT INTO deals_in (source, source_id, unit) VALUES ('crm', '1', 'SH')$$,
	$$INSERT INTO targets_in VALUES ('2025Q3', 'EAST', '1')$$,
	$$INSERT INTO revenues (source_id, unit_id, booked_on, amount) VALUES ('x', 4, '2025-07-01', 1)$$,
	$$SELECT retry_rejects()$$,
	$$SELECT * FROM import_dingtalk('{}')$$,
	$$DELETE FROM import_rejects$$]) AS s;

-- Another's rejects are not in sight, though he loads into the same view; what he loads he takes from nobody.
SET LOCAL ROLE regress_other;
SELECT count(*) FROM import_rejects;
INSERT INTO revenues_in VALUES ('fin', '2', 'GZ', NULL, NULL, '2025-07-01', '22'), ('fin', '1', 'GZ', NULL, NULL, '2025-07-01', '11');
SELECT row ->> 'source_id' AS source_id, reason FROM import_rejects ORDER BY reject_id;
RESET ROLE;
SELECT * FROM public.shown;
-- His row for key 2 came in; what finance of EAST was refused of it is still kept.
SELECT row ->> 'source_id' AS source_id, by_duty_of FROM import_rejects ORDER BY reject_id;

-- The same row refused again is there once for each of them: nobody takes another's reject over.
SET LOCAL ROLE regress_finance;
INSERT INTO revenues_in VALUES ('fin', '1', 'GZ', NULL, NULL, '2025-07-01', '11');
INSERT INTO revenues_in VALUES ('fin', '1', 'GZ', NULL, NULL, '2025-07-01', '11');
RESET ROLE;
SELECT row ->> 'source_id' AS source_id, reason, by_duty_of FROM import_rejects WHERE row ->> 'source_id' = '1';

-- Tried again by the owner they take no more than their duty may: the later rows for 1 and 2 stand.
INSERT INTO units_in (code, parent) VALUES ('NJ', 'EAST');
SELECT retry_rejects();
SELECT row ->> 'source_id' AS source_id, by_duty_of FROM import_rejects ORDER BY reject_id;
SELECT * FROM public.shown WHERE source_id IN ('1', '2', '7');

-- A row may move within a duty, and what was refused of it goes when a later version comes in.
SET LOCAL ROLE regress_finance;
INSERT INTO revenues_in VALUES ('fin', '1', 'EAST', NULL, NULL, '2025-07-01', '1'), ('fin', '7', 'SH', NULL, NULL, '2025-07-01', '77');
SELECT row ->> 'source_id' AS source_id FROM import_rejects ORDER BY reject_id;
RESET ROLE;
SELECT * FROM public.shown WHERE source_id IN ('1', '7');

-- Granted INSERT on the view itself, he loads everything, with a duty or without.
GRANT INSERT ON revenues_in TO regress_finance;
SET LOCAL ROLE regress_finance;
INSERT INTO revenues_in VALUES ('fin', '4', '4712', NULL, NULL, '2025-07-01', '4');
SELECT row ->> 'source_id' AS source_id, by_duty_of FROM import_rejects ORDER BY reject_id;
RESET ROLE;
REVOKE INSERT ON revenues_in FROM regress_finance;
SELECT retry_rejects();
SELECT row ->> 'source_id' AS source_id FROM import_rejects ORDER BY reject_id;
SELECT * FROM public.shown;

-- A role that was renamed has left its duty behind, and the privilege that came with it loads nothing.
SELECT grant_duty('regress_finance', 'EAST', 'finance');
ALTER ROLE regress_finance RENAME TO regress_renamed;
SET LOCAL ROLE regress_renamed;
INSERT INTO revenues_in VALUES ('fin', 'new', 'SH', NULL, NULL, '2025-07-01', '1');
RESET ROLE;
SELECT row ->> 'source_id' AS source_id, reason FROM import_rejects WHERE by_duty_of = 'regress_renamed';
ALTER ROLE regress_renamed RENAME TO regress_finance;
-- Nor does what was refused of a role that is gone.
SELECT retry_rejects();
SELECT row ->> 'source_id' AS source_id, reason FROM import_rejects WHERE by_duty_of = 'regress_renamed';
SELECT revoke_duty('regress_finance', 'EAST', 'finance');
SET LOCAL ROLE regress_finance;
SELECT public.refusal($$INSERT INTO regtarget.revenues_in VALUES ('fin', 'new', 'SH', NULL, NULL, '2025-07-01', '1')$$);
RESET ROLE;

-- The importer: INSERT on views, SELECT of the rejects, no duty; a function of his that others may call loads as he does.
TRUNCATE import_rejects;
GRANT USAGE ON SCHEMA regtarget TO regress_loader;
GRANT INSERT ON deals_in, revenues_in, targets_in TO regress_loader;
GRANT SELECT ON import_rejects TO regress_loader;
CREATE FUNCTION public.load_one(id text, unit text) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS
$$INSERT INTO regtarget.revenues_in VALUES ('fin', id, unit, NULL, NULL, '2025-07-01', '1')$$;
ALTER FUNCTION public.load_one OWNER TO regress_loader;
SET LOCAL ROLE regress_loader;
INSERT INTO deals_in (source, source_id, unit, amount) VALUES ('crm', '1', 'SH', '1'), ('crm', '2', 'XM', '1');
SET LOCAL ROLE regress_other;
SELECT public.load_one('by function', 'SH'), public.load_one('not there', 'XM');
INSERT INTO revenues_in VALUES ('fin', 'mine', 'SH', NULL, NULL, '2025-07-01', '1');
SELECT row ->> 'source_id' AS source_id, by_duty_of FROM import_rejects ORDER BY reject_id;
SET LOCAL ROLE regress_loader;
SELECT target, row ->> 'source_id' AS source_id, by_duty_of FROM import_rejects ORDER BY reject_id;
SELECT public.refusal('SELECT * FROM revenues_in') AS reads, public.refusal('SELECT * FROM aliases') AS aliases;
RESET ROLE;
SELECT * FROM public.shown WHERE source_id = 'by function';

-- Targets: the importer fills and makes any draft.
SET LOCAL ROLE regress_loader;
INSERT INTO targets_in VALUES ('2025Q1', 'CN', '100'), ('2025Q1', 'EAST', '60'), ('2025Q1', 'SOUTH', '40');
RESET ROLE;
SELECT plan_id, period, created_by, total, (SELECT count(*) FROM targets t WHERE t.plan_id = p.plan_id) AS targets FROM plans p ORDER BY 1;
-- A planner fills the drafts of his units, whatever others have, and makes none of the unit above.
SET LOCAL ROLE regress_planner;
INSERT INTO targets_in VALUES ('2025Q1', 'EAST', '61'), ('2025Q2', 'EAST', '5');
SELECT row, reason FROM import_rejects ORDER BY reject_id;
INSERT INTO plans (period, root_unit_id, total) SELECT '2025Q1', unit_id, 60 FROM units WHERE code = 'EAST';
INSERT INTO targets_in VALUES ('2025Q1', 'EAST', '61'), ('2025Q1', 'SH', '61'), ('2025Q1', 'GZ', '1') RETURNING unit, suggested;
INSERT INTO plans (period, root_unit_id, total) SELECT '2025Q1', unit_id, 60 FROM units WHERE code = 'SH';
INSERT INTO targets_in VALUES ('2025Q1', 'SH', '62');
SELECT row, reason FROM import_rejects ORDER BY reject_id;
SELECT * FROM targets_in ORDER BY period, unit, suggested;
SET LOCAL ROLE regress_manager;
SELECT public.refusal($$INSERT INTO targets_in VALUES ('2025Q1', 'EAST', '62')$$);
RESET ROLE;
SELECT plan_id, root_unit_id, total FROM plans ORDER BY 1;
SELECT * FROM verify() WHERE NOT ok;

ROLLBACK;
