-- C, V6: close_period() lapses, closes and writes the standings of the next period, 0 too; twice is once;
-- earlier plans that are still open go first; it may come before the period's end.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set company :srcdir '/sql/valve.psql'
\set ECHO none
\i :prelude
\i :company
\set ECHO all

-- Nothing published: a draft is nothing; no such period; nobody but a planner of the whole.
SELECT public.error_for('super', $$SELECT close_period('2025Q4')$$);
INSERT INTO plans (period, root_unit_id, total) VALUES ('2025Q4', 3, 5);
INSERT INTO targets (plan_id, unit_id, suggested) VALUES (2, 3, 5);
SELECT public.as_role('super', $$SELECT close_period('2025Q4')$$);
SELECT public.error_for('super', $$SELECT close_period('2031Q1')$$);
SELECT grant_duty('regress_b', 'A', 'planner');
SELECT r AS role, public.as_role(r, $$SELECT close_period('2025Q3')$$), public.as_role(r, $$SELECT close_period('2031Q1')$$)
FROM unnest('{a,b,money,eye,nobody}'::text[]) AS r;
SELECT public.error_for('b', $$SELECT close_period('2025Q3')$$);
SELECT public.as_role('cn', 'SELECT close_period(NULL)');

-- Undecided and approved requests lapse, the others stay as they are.
SELECT public.asks('a1', 'A1', '-0.10'), public.asks('a2', 'A2', '-0.10'), public.asks('b', 'B', '-0.10'),
	public.asks('a', 'A', '0.10'), public.asks('a1', 'A1', '0.10', '2025-08-01'), public.asks('b', 'B', '0.01', '2025-08-01');
SELECT public.signs('a', 2), public.signs('cn', 2), public.signs('cn', 3), public.applies('cn', 3), public.refuses('cn', 4), public.withdraws('a1', 5), public.signs('cn', 6);
SELECT public.as_role('cn', $$SELECT close_period('2025Q3')$$);
SELECT public.request(adjustment_id) FROM adjustments ORDER BY adjustment_id;
SELECT plan_id, status, published_at IS NOT NULL AS was_published FROM plans ORDER BY plan_id;
SELECT * FROM standings ORDER BY unit_id;
SELECT unit_id, action, actor, public.told(details) AS details FROM ledger WHERE action IN ('adjustment_lapsed', 'period_closed') ORDER BY unit_id, entry;
SELECT public.broken();
-- Nothing of the plan changes any more.
SELECT refusal('UPDATE targets SET amount = 361 WHERE unit_id = 4'), public.signs('a', 1), public.applies('cn', 2), public.withdraws('a1', 1);

-- Twice is once: no second entry, no other standing; one that was not there is not made.
SELECT public.as_role('cn', $$SELECT close_period('2025Q3')$$), (SELECT count(*) FROM standings) AS standings,
	(SELECT count(*) FROM ledger WHERE action = 'period_closed') AS entries;

-- In order: closing 2026Q1 closes 2025Q4 first, which nobody had closed (it had no requests).
SELECT public.plan('2025Q4'), public.plan('2026Q1');
SELECT public.as_role('cn', $$SELECT close_period('2026Q1')$$);
SELECT plan_id, period, status FROM plans ORDER BY plan_id;
SELECT unit_id, details FROM ledger WHERE action = 'period_closed' ORDER BY entry;
SELECT public.standing('2026Q1'), public.standing('2026Q2');

-- One more request of B that nobody decides.
SELECT public.plan('2026Q2');
SELECT public.asks('b', 'B', '-0.10', '2026-04-01');
-- History that the owner brought stays, whatever the quarter comes to; the others get theirs.
INSERT INTO standings VALUES (3, '2026Q3', 9, 0.10), (1, '2026Q3', 0, 0);
SELECT close_period('2026Q2'), public.standing('2026Q3'), public.plan('2026Q3');
SELECT count(*) FROM standings WHERE period = '2026Q3';
-- And it counts: nine and one more are ten.
SELECT public.denied('b', 'B', '2026-07-01');
SELECT close_period('2026Q3'), public.standing('2026Q4'), public.plan('2026Q4');

-- No next period: an error that says so, and nothing has changed; once it is there, it closes.
SELECT public.asks('b', 'B', '-0.01', '2026-10-01');
SELECT public.error_for('cn', $$SELECT close_period('2026Q4')$$);
SELECT public.request(public.last_of('B')), (SELECT status FROM plans WHERE period = '2026Q4');
SELECT add_year(2027);
SELECT public.as_role('cn', $$SELECT close_period('2026Q4')$$), public.standing('2027Q1');
SELECT public.publish('2027Q4', '{3,10}');
SELECT public.error_for('cn', $$SELECT close_period('2027Q4')$$);
INSERT INTO periods VALUES ('odd', '[2028-02-01,2028-02-15)');
SELECT public.as_role('cn', $$SELECT close_period('2027Q4')$$), public.standing('odd'), public.as_role('cn', $$SELECT close_period('2027Q4')$$);
SELECT public.broken();

-- A second plan of the period, published after it was closed, is closed by closing again.
INSERT INTO units (unit_id, code) VALUES (50, 'HK');
SELECT public.publish('2027Q4', '{50,10}');
SELECT public.as_role('cn', $$SELECT close_period('2027Q4')$$), public.standing('odd');
SELECT period, status, count(*) FROM plans WHERE period = '2027Q4' GROUP BY 1, 2;
-- No policy in force: the rule that judges is missing.
SELECT public.publish('odd', '{50,10}');
INSERT INTO periods VALUES ('last', '[2028-03-01,2028-03-15)');
SAVEPOINT s;
UPDATE policies SET effective_from = '2029-01-01';
SELECT split_part(public.as_role('cn', $$SELECT close_period('odd')$$), ':', 1);
ROLLBACK TO s;
SELECT public.broken();

ROLLBACK;
