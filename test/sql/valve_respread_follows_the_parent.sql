-- V5: respread() lets everybody below a unit follow its parent again, at every level: the parent's
-- amount and the children's penalties, split by what they have, each within its cap. By hand.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set company :srcdir '/sql/valve.psql'
\set ECHO none
\i :prelude
\i :company
\set ECHO all

INSERT INTO units (unit_id, code, parent_id) VALUES (6, 'A11', 4), (7, 'A12', 4);
INSERT INTO standings VALUES (4, '2025Q4', 2, 0.05), (7, '2025Q4', 2, 0.10);
-- Before anything has moved nothing does.
SELECT respread(1, 'CN'), public.amounts(1);
-- A's amount is set by hand, which leaves its children where they were; then they follow: 630 as 360 to
-- 240 is 378 and 252.
UPDATE targets SET amount = 630 WHERE unit_id = 2;
SELECT public.amounts(1);
SELECT public.as_role('cn', $$SELECT respread(1, 'A')$$) AS changed, public.amounts(1);
SELECT public.as_role('cn', $$SELECT respread(1, 'A')$$) AS changed;
-- From the top: 1000 as 630 to 400 is 611.65 and 388.35; A's 611.65 as 378 to 252 is 366.99 and 244.66.
SELECT respread(1, 'CN'), public.amounts(1);
SELECT unit_id, action, actor, details FROM ledger WHERE action <> 'plan_published' ORDER BY unit_id, entry;
-- A child's own change is levelled out again; what it has counts. A1 + 36 = 402.99; 611.65 as 402.99 to
-- 244.66 is 380.59 and 231.06.
UPDATE targets SET amount = 402.99 WHERE unit_id = 4;
SELECT respread(1, 'A'), public.amounts(1);
-- A leaf has nobody below; a lone child gets all.
SELECT respread(1, 'B'), respread(1, 'A2');
SELECT public.broken();

-- Penalties stay on top: A1 pays 5 % of 360, A12 10 % of 78: 600 + 18 below A, 378 + 7.80 below A1.
SELECT public.publish('2025Q4', '{1,1000, 2,600, 3,400, 4,360, 5,240, 6,300, 7,78}');
SELECT public.amounts(2), respread(2, 'CN'), public.amounts(2);
-- A to 660: 678 as 378 to 240 is 414.70 and 263.30; 414.70 + 7.80 = 422.50 as 300 to 85.80 is 328.54 and
-- 93.96.
UPDATE targets SET amount = 660 WHERE plan_id = 2 AND unit_id = 2;
SELECT respread(2, 'A'), public.amounts(2);
-- Down to A's cap, two levels down: 510; 528 as 414.70 to 263.30 is 322.95 and 205.05; then A1's 322.95 +
-- 7.80 = 330.75 as 328.54 to 93.96 is 257.19 and 73.56. Nobody's cap binds: A1 holds 321.30, A12 72.93.
UPDATE targets SET amount = 510 WHERE plan_id = 2 AND unit_id = 2;
SELECT respread(2, 'A'), public.amounts(2);
-- What the caps cannot hold is left at the parent: CN at 850 calls for 850 of A (510) and B (400): 476.37
-- and 373.63; A holds 510, so B gets its 340.
UPDATE targets SET amount = 850 WHERE plan_id = 2 AND unit_id = 1;
SELECT respread(2, 'CN'), public.amounts(2);
-- A child's cap binds, its sibling makes up for it: A1 at 434.70, its most; 528 as 434.70 to 205.05 is
-- 358.77 and 169.23, but A2 holds 204, so that A1 gets 324; 331.80 as 257.19 to 73.56 is 258.01 and 73.79.
SAVEPOINT s;
UPDATE targets SET amount = 434.70 WHERE plan_id = 2 AND unit_id = 4;
SELECT respread(2, 'A'), public.amounts(2);
ROLLBACK TO s;
SELECT unit, amount, children_amount, difference, from_penalty, from_adjustment FROM plan_balance WHERE plan_id = 2 ORDER BY unit_id;
SELECT public.broken();

-- Who may: a planner of the unit or above. What comes first: object, duty, argument, state.
SELECT grant_duty('regress_b', 'B', 'planner');
SELECT r AS role, public.as_role(r, $$SELECT respread(1, 'A')$$)
FROM unnest('{a,a1,b,money,eye,nobody,cn,super}'::text[]) AS r;
SELECT public.as_role('b', $$SELECT respread(1, 'B')$$), public.as_role('b', $$SELECT respread(1, 'CN')$$);
SELECT public.error_for('cn', $$SELECT respread(99, 'A')$$);
SELECT public.error_for('cn', $$SELECT respread(1, 'A9')$$);
SELECT public.error_for('cn', $$SELECT respread(1, 'A11')$$);
SELECT public.as_role('cn', $$SELECT respread(NULL, 'A')$$), public.as_role('cn', $$SELECT respread(1, NULL)$$);
-- A draft, a closed plan, a shadow plan.
INSERT INTO plans (period, root_unit_id, total) VALUES ('2026Q1', 2, 5);
INSERT INTO targets (plan_id, unit_id, suggested) VALUES (3, 2, 5), (3, 4, 5);
INSERT INTO plans (period, root_unit_id, total, mode) VALUES ('2026Q1', 2, 5, 'shadow');
INSERT INTO targets (plan_id, unit_id, suggested) VALUES (4, 2, 5), (4, 4, 5);
SELECT public.error_for('cn', $$SELECT respread(3, 'A')$$);
SELECT public.as_role('cn', $$SELECT respread(4, 'A')$$);
SELECT close_period('2025Q3');
SELECT public.error_for('cn', $$SELECT respread(1, 'A')$$);

ROLLBACK;
