-- V1, V2: the manager of the very unit asks, in a month of its published target, once, with room for
-- it; the request says what it says, and a signature row waits for each superior.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set company :srcdir '/sql/valve.psql'
\set ECHO none
\i :prelude
\i :company
\set ECHO all

-- A1 asks for a tenth more.
SELECT public.asks('a1', 'A1', '0.10');
SELECT adjustment_id, target_id, unit_id, period, month, change, granted, reason, requested_by,
	public.just_now(requested_at) AS now, requested_on, status, amount_before, amount_after, health_at_plan,
	health, pace, review_id, decided_at, ended_at
FROM adjustments;
SELECT * FROM signatures ORDER BY level;
-- Nothing has moved, nothing is filed; the ledger has it.
SELECT public.amounts(), (SELECT count(*) FROM filings) AS filings;
SELECT unit_id, action, actor, public.told(details) AS details FROM ledger WHERE action LIKE 'adjustment%';

-- Nobody else asks for it: its superior, its sibling, planner, finance and viewer of the whole, a
-- superuser without the duty, somebody without any.
SELECT r AS role, public.asks(r, 'A1', '0.10', '2025-08-01')
FROM unnest('{a,a2,cn,money,eye,super,nobody}'::text[]) WITH ORDINALITY AS w (r, n) ORDER BY n;
SELECT public.error_for('a', $$SELECT request_adjustment('A1', 0.1, 'r', '2025-08-01')$$);
-- Nor does he ask for another unit, the one below or above.
SELECT u AS unit, public.asks('a', u, '0.10') FROM unnest('{CN,B,A2}'::text[]) AS u;
-- With the duty on record, the superuser does.
SAVEPOINT s;
SELECT grant_duty(current_user, 'A2', 'manager');
SELECT public.asks('super', 'A2', '0.10');
SELECT requested_by = current_user AS mine, public.signatures(adjustment_id) FROM adjustments
WHERE unit_id = 5;
ROLLBACK TO s;

-- Once a month while it is requested; another month is free, and so is another unit.
SELECT public.error_for('a1', $$SELECT request_adjustment('A1', -0.01, 'r', '2025-07-31')$$);
SELECT public.asks('a1', 'A1', '0.01', '2025-08-01') AS next_month, public.asks('a', 'A', '0.02')
	AS parent, public.asks('a2', 'A2', '-0.03') AS sibling;
-- Approved, and applied.
SELECT public.signs('a', 1), public.signs('cn', 1);
SELECT public.asks('a1', 'A1', '0.01');
SELECT public.applies('cn', 1);
SELECT public.error_for('a1', $$SELECT request_adjustment('A1', 0.01, 'r', '2025-07-31')$$);
-- Rejected or withdrawn, he may ask again.
SELECT public.refuses('a', public.last_of('A1')), public.asks('a1', 'A1', '0.02', '2025-08-31');
SELECT public.withdraws('a1', public.last_of('A1')), public.asks('a1', 'A1', '0.02', '2025-08-31');
SELECT public.request(adjustment_id) FROM adjustments ORDER BY adjustment_id;

-- A day in no month, before the target and after: there is no such thing, whoever asks.
SELECT public.error_for('a1', $$SELECT request_adjustment('A1', 0.1, 'r', '2024-12-31')$$);
SELECT public.asks('a1', 'A1', '0.1', '2027-01-01'), public.asks('nobody', 'A1', '0.1', '2027-01-01');
-- A month of another period, which has nothing published.
SELECT public.error_for('a1', $$SELECT request_adjustment('A1', 0.1, 'r', '2025-06-30')$$);
SELECT public.asks('a1', 'A1', '0.1', '2025-10-01');
-- The first and the last day of the quarter are inside.
SELECT public.asks('b', 'B', '0.01', '2025-07-01'), public.asks('b', 'B', '0.01', '2025-09-30');

-- Room: A1 stands at 396 of 360; 15 % are 54, so 18 are left upwards and 90 downwards.
SELECT public.amounts();
SELECT public.error_for('a1', $$SELECT request_adjustment('A1', 0.0501, 'r', '2025-09-01')$$);
SELECT public.error_for('a1', $$SELECT request_adjustment('A1', -0.2501, 'r', '2025-09-01')$$);
SAVEPOINT s;
SELECT public.asks('a1', 'A1', '0.05', '2025-09-01'), public.request(public.last_of('A1'));
ROLLBACK TO s;
SELECT public.asks('a1', 'A1', '-0.25', '2025-09-01');
SELECT public.request(public.last_of('A1'));
SELECT public.broken();

ROLLBACK;
