-- C, T2: the penalty shows in the next plan by itself: in drafts that are made after the closing, not in
-- one from before it, which cannot be published; no longer than it is due.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set company :srcdir '/sql/valve.psql'
\set ECHO none
\i :prelude
\i :company
\set ECHO all

SELECT public.denied('b', 'B', '2025-07-01'), close_period('2025Q3'), public.plan('2025Q4');
SELECT public.denied('b', 'B', '2025-10-01');
-- A draft of before the closing: no penalty in it.
SELECT plan_id AS draft FROM allocate_targets('2026Q1', 1000) LIMIT 1 \gset
SELECT unit, suggested, penalty, baseline, amount FROM target_board WHERE plan_id = :draft ORDER BY unit_id;
SELECT error_of(format('SELECT publish_plan(%s)', :draft));
SELECT close_period('2025Q4');
SELECT error_of(format('SELECT publish_plan(%s)', :draft));
-- Allocated again, without anybody's hand: 5 % of 400.
SELECT public.plan('2026Q1');
SELECT unit, suggested, penalty, baseline, amount FROM target_board WHERE plan_id = :draft ORDER BY unit_id;
SELECT unit, amount, children_amount, difference, from_penalty, from_adjustment, from_rounding FROM plan_balance WHERE plan_id = :draft ORDER BY unit_id;
SELECT what, amount FROM explain_target('B', '2026Q1') ORDER BY step DESC LIMIT 3;
-- No waiver: neither planner nor superuser types it away; the cap is measured from it.
SELECT refusal('UPDATE targets SET penalty = 0, baseline = 400 WHERE period = ''2026Q1'' AND unit_id = 3');
SELECT public.error_for('b', $$SELECT request_adjustment('B', 0.1501, 'r', '2026-01-01')$$);
-- Sandboxes have none, shadow plans do; it is of its quarter only.
SELECT unit_id, penalty FROM allocate_targets('2026Q1', 1000, 'sandbox') WHERE unit_id = 3;
SELECT unit_id, penalty FROM allocate_targets('2026Q1', 1000, 'shadow') WHERE unit_id = 3;
SELECT close_period('2026Q1'), public.plan('2026Q2');
SELECT public.broken();

ROLLBACK;
