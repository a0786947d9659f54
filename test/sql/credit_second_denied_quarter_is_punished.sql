-- C2: penalty_quarters such quarters running are punished, and every further one; a quarter without a
-- request, or with one that was granted, breaks the run; the policy of the closed quarter judges.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set company :srcdir '/sql/valve.psql'
\set ECHO none
\i :prelude
\i :company
\set ECHO all

-- One is not, two are, three are again; B asks in the first and the third only.
SELECT public.denied('a1', 'A1', '2025-07-01'), public.denied('b', 'B', '2025-07-01');
SELECT close_period('2025Q3'), public.standing('2025Q4'), public.plan('2025Q4');
SELECT public.denied('a1', 'A1', '2025-10-01');
SELECT close_period('2025Q4'), public.standing('2026Q1'), public.plan('2026Q1');
SELECT public.denied('a1', 'A1', '2026-01-01'), public.denied('b', 'B', '2026-02-01');
SAVEPOINT third;
SELECT close_period('2026Q1'), public.standing('2026Q2'), public.plan('2026Q2');
-- The fourth is, too; B's second running is.
SELECT public.denied('a1', 'A1', '2026-04-01'), public.denied('b', 'B', '2026-04-01');
SELECT close_period('2026Q2'), public.standing('2026Q3'), public.plan('2026Q3');
-- No request: the run is broken, and begins anew.
SELECT close_period('2026Q3'), public.standing('2026Q4'), public.plan('2026Q4');
SELECT public.denied('a1', 'A1', '2026-10-01');
SELECT add_year(2027);
SELECT close_period('2026Q4'), public.standing('2027Q1');
SELECT * FROM standings ORDER BY period, unit_id;
SELECT unit_id, action, details FROM ledger WHERE action = 'standing_written' ORDER BY unit_id, entry;
SELECT public.broken();

-- Granted a little: broken as well.
ROLLBACK TO third;
SELECT public.asks('a1', 'A1', '-0.10', '2026-02-01');
SELECT public.signs('a', public.last_of('A1')), public.signs('cn', public.last_of('A1'), '-0.001'), public.withdraws('a1', public.last_of('A1'));
SELECT close_period('2026Q1'), public.standing('2026Q2');

-- The policy in force on the closed quarter's first day judges, and says the rate: one is enough.
ROLLBACK TO third;
INSERT INTO policies (effective_from, penalty_quarters, penalty_rate) VALUES ('2026-01-01', 1, 0.08), ('2026-04-01', 5, 0.01);
SELECT close_period('2026Q1'), public.standing('2026Q2'), public.plan('2026Q2');
-- A policy from the second day on does not.
ROLLBACK TO third;
INSERT INTO policies (effective_from, penalty_quarters, penalty_rate) VALUES ('2026-01-02', 1, 0.08);
SELECT close_period('2026Q1'), public.standing('2026Q2');
-- Three must run: A1's third is the first that is punished so.
ROLLBACK TO third;
UPDATE policies SET penalty_quarters = 3;
SELECT close_period('2026Q1'), public.standing('2026Q2');
ROLLBACK TO third;
UPDATE policies SET penalty_quarters = 4;
SELECT close_period('2026Q1'), public.standing('2026Q2');
-- A rate of nothing is no penalty; the run goes on.
ROLLBACK TO third;
UPDATE policies SET penalty_rate = 0;
SELECT close_period('2026Q1'), public.standing('2026Q2');

-- A unit that had no target in a quarter comes back with a clean sheet.
ROLLBACK TO third;
SELECT close_period('2026Q1');
SELECT public.publish('2026Q2', '{3,10}');
SELECT close_period('2026Q2'), public.standing('2026Q3'), (SELECT count(*) FROM standings WHERE unit_id = 4 AND period = '2026Q3');
SELECT public.broken();

-- A run that the owner brought may be as long as can be said: it gets no longer, and the quarter closes.
ROLLBACK TO third;
INSERT INTO standings VALUES (5, '2026Q2', 2147483647, 0);
SELECT close_period('2026Q1'), public.plan('2026Q2');
SELECT public.denied('a2', 'A2', '2026-04-01');
SELECT denied_now, rate_now, denied_if_refused, rate_if_refused FROM credit_board WHERE unit = 'A2';
SELECT close_period('2026Q2'), public.standing('2026Q3');

ROLLBACK;
