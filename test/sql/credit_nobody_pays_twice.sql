-- C2: below a unit that is punished for the same period the rate is 0, however deep, so that nobody pays
-- twice; the run goes on.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set company :srcdir '/sql/valve.psql'
\set ECHO none
\i :prelude
\i :company
\set ECHO all

INSERT INTO units (unit_id, code, parent_id) VALUES (6, 'A11', 4);
SELECT grant_duty('regress_eye', 'A11', 'manager');
INSERT INTO signals (unit_id, signal, as_of, value) VALUES (6, 'market', '2025-01-01', 1);
SELECT close_period('2025Q3'), public.plan('2025Q4');
-- A, A1 and A11 have two running, A2 and B one.
SELECT public.denied('a', 'A', '2025-10-01'), public.denied('a1', 'A1', '2025-10-01'), public.denied('eye', 'A11', '2025-10-01');
SELECT close_period('2025Q4'), public.standing('2026Q1'), public.plan('2026Q1');
SELECT public.denied('a', 'A', '2026-01-01'), public.denied('a1', 'A1', '2026-01-01'), public.denied('eye', 'A11', '2026-01-01'),
	public.denied('a2', 'A2', '2026-01-01'), public.denied('b', 'B', '2026-01-01');
SELECT unit, counts, denied_now, rate_now::real, denied_if_refused, rate_if_refused::real FROM credit_board ORDER BY unit_id;
-- A pays; the others' runs go on.
SELECT close_period('2026Q1'), public.standing('2026Q2'), public.plan('2026Q2');
SELECT unit, suggested, penalty, amount FROM target_board WHERE period = '2026Q2' ORDER BY unit_id;
SELECT unit, difference, from_penalty FROM plan_balance WHERE period = '2026Q2' ORDER BY unit_id;
-- A does not ask, so that A1 pays next, and A11 still does not; A2's second would have it pay.
SELECT public.denied('a1', 'A1', '2026-04-01'), public.denied('eye', 'A11', '2026-04-01'), public.denied('a2', 'A2', '2026-04-01');
SAVEPOINT s;
SELECT close_period('2026Q2'), public.standing('2026Q3'), public.plan('2026Q3');
SELECT public.broken();
ROLLBACK TO s;

-- What the owner brings for the next period decides as well: A punished by him spares all below it...
INSERT INTO standings VALUES (2, '2026Q3', 7, 0.02);
SELECT unit, denied_now, rate_now::real, denied_if_refused, rate_if_refused::real FROM credit_board ORDER BY unit_id;
SELECT close_period('2026Q2'), public.standing('2026Q3');
-- ... and whom he lets off pays nothing, so that who is below does pay.
ROLLBACK TO s;
INSERT INTO standings VALUES (4, '2026Q3', 3, 0);
SELECT unit, denied_now, rate_now::real, denied_if_refused, rate_if_refused::real FROM credit_board ORDER BY unit_id;
SELECT close_period('2026Q2'), public.standing('2026Q3'), public.plan('2026Q3');
SELECT public.broken();

ROLLBACK;
