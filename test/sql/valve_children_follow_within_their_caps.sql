-- V5: a parent's change is passed down: what the children have, and the change, split again by what
-- they have, each within its own cap; what the caps cannot hold stays with the parent. By hand.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set company :srcdir '/sql/valve.psql'
\set ECHO none
\i :prelude
\i :company
\set ECHO all

-- Somebody granted everything at once.
CREATE FUNCTION public.moves(role text, unit text, change text, day text) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
	said text := public.asks(role, unit, change, day);
BEGIN
	IF said !~ '^\d+$' THEN
		RETURN said;
	END IF;
	IF unit IN ('A1', 'A2', 'A11') THEN
		PERFORM public.signs('a', said::bigint);
	END IF;
	IF unit = 'A11' THEN
		PERFORM public.signs('a1', said::bigint);
	END IF;
	PERFORM public.signs('cn', said::bigint);
	RETURN public.applies('cn', said::bigint);
END
$$;
CREATE FUNCTION public.balance(plan bigint) RETURNS SETOF text LANGUAGE sql
BEGIN ATOMIC
	SELECT concat_ws(' ', b.unit, b.amount, 'children', b.children_amount, 'difference', b.difference,
		'from penalty', b.from_penalty, 'adjustment', b.from_adjustment, 'rounding', b.from_rounding)
	FROM regtarget.plan_balance b WHERE b.plan_id = balance.plan ORDER BY b.unit_id;
END;
INSERT INTO units (unit_id, code, parent_id) VALUES (6, 'A11', 4), (7, 'A12', 4), (8, 'A3', 2);
SELECT grant_duty('regress_b', 'A11', 'manager');

-- 60 and 40 below 100, and 10 more: 110 as 60 to 40 is 66 and 44, each at 10 %.
SELECT publish('2025Q4', '{1,200, 2,100, 3,100, 4,60, 5,40}');
SELECT public.moves('a', 'A', '0.10', '2025-10-01'), public.amounts(2);
SELECT * FROM public.balance(2);
-- A child's own change leaves parent and sibling; 66 - 6 (a tenth of 60) = 60.
SELECT public.moves('a1', 'A1', '-0.10', '2025-10-01'), public.amounts(2);
SELECT * FROM public.balance(2);
-- The parent moves again, by -5: 104 - 5 = 99 as 60 to 44 is 57.115 and 41.884.
SELECT public.moves('a', 'A', '-0.05', '2025-11-01'), public.amounts(2);
-- The caps bind. A is at 105; down to 90, by -15: 99 - 15 = 84 as 57.12 to 41.88 is 48.47 and 35.53;
-- A1 has 51 at least, so A2 33, which is less than its 34: 85 in all. Of the 5 between them and A's 90, 6
-- are A1's own change, and 1 is what the caps could not take.
SELECT public.moves('a', 'A', '-0.15', '2025-12-01'), public.amounts(2);
SELECT * FROM public.balance(2);
SELECT public.broken();

-- Three levels; one child's cap binds and the other takes over. A1 stands at its cap: 360 + 54.
SELECT close_period('2025Q4');
SELECT public.publish('2026Q1', '{1,1000, 2,600, 3,400, 4,360, 5,140, 8,100, 6,300, 7,60}');
SELECT public.moves('a1', 'A1', '0.15', '2026-01-01'), public.amounts(3);
-- A +10 % is 60 on top of 654: 714 as 414 : 140 : 100 would be 451.98, 152.84, 109.17; A1 holds 414, so
-- that 300 goes to A2 and A3 as 140 to 100: 175 and 125; they hold 161 and 115: 690 in all.
SELECT public.moves('a', 'A', '0.10', '2026-01-01'), public.amounts(3);
SELECT * FROM public.balance(3);
-- Downwards through three levels: A -15 % is -90; 690 - 90 = 600 as 414 : 161 : 115 is 360, 140, 100;
-- A1 falls by 54, so A11 and A12, at 345 and 69: 414 - 54 = 360 as 345 to 69 is 300 and 60.
SELECT public.moves('a', 'A', '-0.15', '2026-02-01'), public.amounts(3);
SELECT * FROM public.balance(3);
-- A lone step: 0.01 more goes to whoever is next by Webster: 600.01 as 360 : 140 : 100 rounds to 360.01.
SELECT public.moves('a', 'A', '0.00002', '2026-03-01'), public.amounts(3);
SELECT public.broken();

-- Penalties: A1 pays 5 %, so that A's children have 618 for its 600, and keep their 18 on top.
SELECT close_period('2026Q1');
INSERT INTO standings VALUES (4, '2026Q3', 2, 0.05);
SELECT public.publish('2026Q3', '{1,1000, 2,600, 3,400, 4,360, 5,240}');
SELECT public.amounts(4);
SELECT * FROM public.balance(4);
-- A +10 %: 678 as 378 to 240 is 414.699 and 263.301.
SELECT public.moves('a', 'A', '0.10', '2026-07-01'), public.amounts(4);
SELECT * FROM public.balance(4);
SELECT public.broken();

-- Steps of 1000: room is whole steps. A may move by 2 (2700), A1 by 1 (1800), A2 by none (900), A3 has
-- nothing: 20 as 12 to 6 would be 13 and 7, but 13 and 6 it is.
SELECT close_period('2026Q3');
SELECT public.publish('2026Q4', '{1,20000, 2,18000, 3,2000, 4,12000, 5,6000, 8,0, 6,12000, 7,0}', 1000);
SELECT public.moves('a', 'A', '0.12', '2026-10-01'), public.amounts(5);
SELECT * FROM public.balance(5);
SELECT public.moves('a', 'A', '-0.23', '2026-11-01'), public.amounts(5);
SELECT public.broken();
ROLLBACK;
