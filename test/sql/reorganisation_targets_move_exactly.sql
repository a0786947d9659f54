-- R3, R4: a published target moves in its plan, an amount goes from one to another: each figure worked out by hand.
--	CN 1200 = E 600 + M 400 + S 200; E 600 = SH 360 + HF 240; M 400 = WH 250 + CS 150; S 200 = GZ 200.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all
SELECT apply_profile() <> '' AS applied;
SELECT add_year(2025);
INSERT INTO units (unit_id, code, kind, parent_id) VALUES (1, 'CN', 'company', NULL), (2, 'E', 'region', 1), (3, 'M', 'region', 1),
	(4, 'S', 'region', 1), (5, 'SH', 'group', 2), (6, 'HF', 'group', 2), (7, 'WH', 'group', 3), (8, 'CS', 'group', 3), (9, 'GZ', 'group', 4);
INSERT INTO plans (period, root_unit_id, total, step) VALUES ('2025Q3', 1, 1200, 1);
INSERT INTO targets (plan_id, unit_id, suggested) SELECT 1, u, s FROM (VALUES (1, 1200), (2, 600), (3, 400), (4, 200), (5, 360), (6, 240),
	(7, 250), (8, 150), (9, 200)) AS t (u, s);
INSERT INTO deals (unit_id, closed_on, won, amount) SELECT u, '2025-07-10', true, 10 * u FROM generate_series(5, 9) u;
-- Before it is published: nothing to move.
SELECT public.error_of($$SELECT move_target('HF', 'M', '2025Q3', 'why')$$);
SELECT publish_plan(1);
CREATE VIEW public.figures AS SELECT u.code, p.code AS parent, t.suggested, t.penalty, t.baseline, t.amount, a.actual
FROM targets t JOIN units u USING (unit_id) LEFT JOIN units p ON p.unit_id = t.parent_unit_id
JOIN period_actuals('2025Q3') a ON a.unit_id = t.unit_id ORDER BY t.unit_id;

-- The unit moves in mid-quarter: no published number does.
SELECT move_unit('HF', 'M', '2025-08-15');
SELECT * FROM public.figures;
UPDATE targets SET amount = amount + CASE unit_id WHEN 2 THEN 30 ELSE 10 END WHERE unit_id IN (2, 6);
-- The target after it: E 600 - 240, amount 630 - 250; M 400 + 240, amount 400 + 250.
SELECT move_target('HF', 'M', '2025Q3', 'as the unit');
SELECT * FROM public.figures;
SELECT unit, actual FROM target_board ORDER BY unit_id;
SELECT u.code, (actuals_of_unit(u.unit_id, '2025Q3')).actual FROM units u ORDER BY unit_id;
SELECT unit, amount, children, children_amount, difference, from_penalty, from_adjustment, from_rounding FROM plan_balance ORDER BY unit_id;
-- 50 of SH's customers go to GZ: up to the company, which stays.
SELECT transfer_target('SH', 'GZ', '2025Q3', 50, 'Acme');
-- Between two of one region: the region stays. And from one above to one below.
SELECT transfer_target('WH', 'CS', '2025Q3', 1, 'one');
SELECT transfer_target('M', 'CS', '2025Q3', 2, 'a reserve');
SELECT * FROM public.figures;
SELECT * FROM verify() WHERE NOT ok;
SELECT unit_id, action, details - '{target_id,plan_id,period}'::text[] AS details FROM ledger WHERE action LIKE '%moved' OR action = 'amount_transferred' ORDER BY unit_id, entry;
SELECT unit, kind, why, on_day, period, from_unit, to_unit, amount FROM reorganisations ORDER BY unit_id, entry;
SELECT unit, why, before, after FROM target_history ORDER BY unit_id, entry;
-- It goes on as if it had been published so: children follow, a cap is of the new baseline.
SELECT respread(1, 'M');
SELECT * FROM verify() WHERE NOT ok;

-- Bad input.
SELECT public.refusal(s), s FROM unnest(ARRAY[
	$$SELECT move_target('XX', 'M', '2025Q3', 'why')$$, $$SELECT move_target('HF', 'XX', '2025Q3', 'why')$$,
	$$SELECT move_target('HF', 'M', '2031Q1', 'why')$$, $$SELECT move_target(NULL, 'M', '2025Q3', 'why')$$,
	$$SELECT move_target('HF', NULL, '2025Q3', 'why')$$, $$SELECT move_target('HF', 'E', '2025Q3', NULL)$$,
	$$SELECT move_target('HF', 'E', '2025Q3', '')$$, $$SELECT move_target('HF', 'M', '2025Q3', 'why')$$,
	$$SELECT move_target('M', 'HF', '2025Q3', 'why')$$, $$SELECT move_target('M', 'M', '2025Q3', 'why')$$,
	$$SELECT move_target('CN', 'M', '2025Q3', 'why')$$, $$SELECT move_target('HF', 'E', '2025Q4', 'why')$$,
	$$SELECT transfer_target('SH', 'GZ', '2025Q3', 0, 'why')$$, $$SELECT transfer_target('SH', 'GZ', '2025Q3', -1, 'why')$$,
	$$SELECT transfer_target('SH', 'GZ', '2025Q3', 'NaN', 'why')$$, $$SELECT transfer_target('SH', 'GZ', '2025Q3', 'Infinity', 'why')$$,
	$$SELECT transfer_target('SH', 'GZ', '2025Q3', 0.5, 'why')$$, $$SELECT transfer_target('SH', 'GZ', '2025Q3', NULL, 'why')$$,
	$$SELECT transfer_target('SH', 'GZ', '2025Q3', 10000, 'why')$$, $$SELECT transfer_target('SH', 'SH', '2025Q3', 1, 'why')$$,
	$$SELECT transfer_target('SH', 'GZ', '2025Q3', 1e30, 'why')$$, $$UPDATE targets SET parent_unit_id = 2 WHERE unit_id = 6$$,
	$$UPDATE targets SET suggested = suggested + 1, baseline = baseline + 1 WHERE unit_id = 6$$]) s;
-- A cap on the way: E's amount would be further from its baseline than 15 %.
SELECT amount - baseline AS above FROM targets WHERE unit_id = 2;
SELECT public.error_of($$SELECT transfer_target('SH', 'GZ', '2025Q3', 300, 'why')$$);
-- An open request of one that changes.
INSERT INTO shared_logins VALUES (session_user);
CREATE ROLE regress_gz; CREATE ROLE regress_s; CREATE ROLE regress_m;
SELECT grant_duty('regress_gz', 'GZ', 'manager'), grant_duty('regress_s', 'S', 'manager'), grant_duty('regress_m', 'M', 'planner');
SET ROLE regress_gz;
SELECT request_adjustment('GZ', 0.01, 'why', '2025-08-01');
RESET ROLE;
SELECT public.error_of($$SELECT transfer_target('SH', 'GZ', '2025Q3', 1, 'why')$$);
-- By a planner of the common one: of M alone, within M.
SET ROLE regress_m;
SELECT transfer_target('WH', 'CS', '2025Q3', 1, 'mine');
SELECT public.refusal($$SELECT transfer_target('WH', 'GZ', '2025Q3', 1, 'why')$$);
SELECT public.refusal($$SELECT move_target('HF', 'M', '2025Q3', 'why')$$);
SELECT unit, kind, why FROM reorganisations ORDER BY unit_id, entry;
RESET ROLE;
-- Closed: nothing moves any more, and no unit on a day of it.
SELECT close_period('2025Q3');
SELECT public.error_of($$SELECT transfer_target('WH', 'CS', '2025Q3', 1, 'why')$$);
SELECT public.error_of($$SELECT move_unit('SH', 'M', '2025-09-30')$$);
SELECT move_unit('SH', 'M', '2025-10-01');
SELECT * FROM verify() WHERE NOT ok;
-- What does not agree with the ledger is found.
SET LOCAL session_replication_role = replica;
UPDATE targets SET parent_unit_id = 2 WHERE unit_id = 6;
UPDATE targets SET suggested = suggested + 1, baseline = baseline + 1 WHERE unit_id = 9;
SET LOCAL session_replication_role = origin;
SELECT check_name, detail FROM verify() WHERE NOT ok;
ROLLBACK;
