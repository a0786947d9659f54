-- Bad input: each error names the unit, the figure and the way out, and nothing is half done.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all
SELECT apply_profile() <> '' AS applied;
SELECT add_year(2025), add_year(2026);
--	CN 1200 = E 600 + M 400 + S 200; E = SH 360 + HF 240; M = WH 400; S = GZ 200.  HK has a plan of its own.
INSERT INTO units (unit_id, code, kind, parent_id) VALUES (1, 'CN', 'company', NULL), (2, 'E', 'region', 1), (3, 'M', 'region', 1),
	(4, 'S', 'region', 1), (5, 'SH', 'group', 2), (6, 'HF', 'group', 2), (7, 'WH', 'group', 3), (8, 'GZ', 'group', 4), (9, 'HK', 'company', NULL);
INSERT INTO units (unit_id, code, kind, parent_id, opened_on, closed_on) VALUES (10, 'OLD', 'group', 2, NULL, '2025-06-30'), (11, 'NEW', 'group', 2, '2025-08-01', NULL);
INSERT INTO plans (period, root_unit_id, total, step) VALUES ('2025Q2', 1, 0, 10), ('2025Q3', 1, 1200, 10), ('2025Q3', 9, 500, 1);
INSERT INTO targets (plan_id, unit_id, suggested) VALUES (1, 1, 0), (2, 1, 1200), (2, 2, 600), (2, 3, 400), (2, 4, 200), (2, 5, 360), (2, 6, 240),
	(2, 7, 400), (2, 8, 200), (3, 9, 500);
SELECT publish_plan(1); SELECT close_period('2025Q2'); SELECT publish_plan(2), publish_plan(3);
SELECT move_unit('HF', 'M', '2025-08-15');
UPDATE targets SET amount = amount + 90 WHERE unit_id = 2;
CREATE VIEW public.all_there_is AS
SELECT md5(concat((SELECT string_agg(t::text, ' ' ORDER BY t.unit_id, t.plan_id) FROM targets t), (SELECT string_agg(u::text, ' ' ORDER BY u.unit_id) FROM units u),
	(SELECT string_agg(p::text, ' ' ORDER BY p.unit_id, p.until_on) FROM past_parents p), (SELECT string_agg(s::text, ' ' ORDER BY s.unit_id, s.predecessor_id) FROM successions s),
	(SELECT count(*) FROM ledger))) AS digest;
CREATE TABLE public.before AS TABLE public.all_there_is;
-- Units.
SELECT public.error_of($$SELECT move_unit('E', 'SH', '2025-09-01')$$);
SELECT public.error_of($$SELECT move_unit('E', 'E', '2025-09-01')$$);
SELECT public.error_of($$SELECT move_unit('M', 'HF', '2025-08-20')$$);
SELECT public.error_of($$SELECT move_unit('M', 'HF', '2025-07-20')$$);
SELECT public.error_of($$SELECT move_unit('HF', 'S', '2025-08-15')$$);
SELECT public.error_of($$SELECT move_unit('HF', 'S', '2025-08-14')$$);
SELECT public.error_of($$SELECT move_unit('HF', 'M', '2025-09-01')$$);
SELECT public.error_of($$SELECT move_unit('XX', 'M', '2025-09-01')$$);
SELECT public.error_of($$SELECT move_unit('SH', 'XX', '2025-09-01')$$);
SELECT public.error_of($$SELECT move_unit('OLD', 'M', '2025-09-01')$$);
SELECT public.error_of($$SELECT move_unit('SH', 'OLD', '2025-09-01')$$);
SELECT public.error_of($$SELECT move_unit('NEW', 'M', '2025-07-31')$$);
SELECT public.error_of($$SELECT move_unit('SH', 'M', '2025-06-30')$$);
SELECT public.error_of($$SELECT move_unit('SH', 'M', NULL)$$);
SELECT public.error_of($$SELECT move_unit('SH', 'M', 'infinity')$$);
SELECT public.error_of($$SELECT move_unit(NULL, 'M', '2025-09-01')$$);
-- Targets.
SELECT public.error_of($$SELECT move_target('E', 'SH', '2025Q3', 'why')$$);
SELECT public.error_of($$SELECT move_target('CN', 'E', '2025Q3', 'why')$$);
SELECT public.error_of($$SELECT move_target('HF', 'E', '2025Q3', 'why')$$);
SELECT public.error_of($$SELECT move_target('HF', 'HK', '2025Q3', 'why')$$);
SELECT public.error_of($$SELECT move_target('NEW', 'M', '2025Q3', 'why')$$);
SELECT public.error_of($$SELECT move_target('HF', 'NEW', '2025Q3', 'why')$$);
SELECT public.error_of($$SELECT move_target('HF', 'M', '2025Q4', 'why')$$);
SELECT public.error_of($$SELECT move_target('HF', 'M', '2025Q9', 'why')$$);
-- E's amount would be 690 - 240, its baseline 600 - 240.
SELECT public.error_of($$SELECT move_target('HF', 'M', '2025Q3', 'why')$$);
-- Amounts.
SELECT public.error_of($$SELECT transfer_target('SH', 'GZ', '2025Q3', 15, 'why')$$);
SELECT public.error_of($$SELECT transfer_target('SH', 'GZ', '2025Q3', 370, 'why')$$);
SELECT public.error_of($$SELECT transfer_target('SH', 'HK', '2025Q3', 10, 'why')$$);
SELECT public.error_of($$SELECT transfer_target('SH', 'GZ', '2025Q3', 0, 'why')$$);
SELECT public.error_of($$SELECT transfer_target('SH', 'GZ', '2025Q3', -10, 'why')$$);
SELECT public.error_of($$SELECT transfer_target('SH', 'GZ', '2025Q3', 'NaN', 'why')$$);
SELECT public.error_of($$SELECT transfer_target('SH', 'GZ', '2025Q3', 1e20, 'why')$$);
SELECT public.error_of($$SELECT transfer_target('SH', 'SH', '2025Q3', 10, 'why')$$);
SELECT public.error_of($$SELECT transfer_target('SH', 'GZ', '2025Q3', 10, '')$$);
-- A cap somewhere on the way: E's, 90 above 590 would be more than 15 %.
SELECT public.error_of($$SELECT transfer_target('SH', 'GZ', '2025Q3', 10, 'why')$$);
SELECT public.error_of($$SELECT transfer_target('CN', 'CN', '2025Q2', 10, 'why')$$);
SELECT public.error_of($$SELECT move_target('CN', 'E', '2025Q2', 'why')$$);
-- (Successions: units_successions_have_no_circles.)
SELECT b.digest = a.digest AS nothing_is_half_done FROM public.before b, public.all_there_is a;
-- The ways out lead out.
UPDATE targets SET amount = amount - 90 WHERE unit_id = 2;
SELECT move_target('HF', 'M', '2025Q3', 'why');
SELECT transfer_target('SH', 'GZ', '2025Q3', 10, 'why');
SELECT move_unit('SH', 'M', '2025-07-01');
SELECT * FROM verify() WHERE NOT ok;
ROLLBACK;
