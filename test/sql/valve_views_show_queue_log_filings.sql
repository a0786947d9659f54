-- adjustment_queue, adjustment_log, filing_queue: what waits and for whom, everything that was ever asked
-- with what each signer said, and what finance has not seen.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set company :srcdir '/sql/valve.psql'
\set ECHO none
\i :prelude
\i :company
\set ECHO all

SET LOCAL timezone = 'Asia/Shanghai';
UPDATE policies SET timezone = 'Asia/Shanghai';
SELECT public.asks('a1', 'A1', '-0.10'), public.asks('a2', 'A2', '0.05'), public.asks('b', 'B', '0.10'), public.asks('b', 'B', '-0.01', '2025-08-01');
SELECT public.signs('a', 1, '-0.08'), public.as_role('cn', $$SELECT countersign(2, false, 'no "reason"; none')$$),
	public.signs('cn', 3, '0.05'), public.as_role('cn', $$SELECT countersign(4, true, 'fine')$$), public.applies('cn', 4);
-- The queue: requested ones wait for signatures, approved ones to be applied; others do not wait.
SELECT adjustment_id, unit, period, month, status, change, granted, amount_before AS before, amount_after AS after, reason, requested_by,
	signed, missing, waiting_for, next_signer, days_waiting AS days, overdue
FROM adjustment_queue ORDER BY adjustment_id;
SELECT public.asks('a2', 'A2', '0.05', '2025-09-01');
SELECT signed, missing, waiting_for, next_signer FROM adjustment_queue WHERE unit = 'A2';
-- Days since it was asked or, once approved, since it was decided; overdue after more than five.
SELECT public.backdate(1, now() - interval '5 days');
SELECT adjustment_id, days_waiting, overdue FROM adjustment_queue ORDER BY 1;
SELECT public.backdate(1, now() - interval '6 days'), public.backdate(3, now() - interval '6 days');
SELECT adjustment_id, days_waiting, overdue FROM adjustment_queue ORDER BY 1;
UPDATE policies SET sign_within_days = 6;
SELECT adjustment_id, days_waiting, overdue FROM adjustment_queue ORDER BY 1;
SELECT public.backdate(1, now());

-- The log: all of them, with every signature in words.
CREATE FUNCTION public.today_is(said text) RETURNS text LANGUAGE sql
RETURN regexp_replace(said, to_char(now(), 'YYYY-MM-DD') || ' \d\d:\d\d', 'TODAY', 'g');
SELECT adjustment_id, unit, status, change, granted, amount_before AS before, amount_after AS after, filing_id, public.today_is(signatures) FROM adjustment_log ORDER BY adjustment_id;
SELECT adjustment_id, requested_at BETWEEN local_time(now()) AND local_time(clock_timestamp()) AS requested, decided_at BETWEEN local_time(now()) AND local_time(clock_timestamp()) AS decided, ended_at BETWEEN local_time(now()) AND local_time(clock_timestamp()) AS ended, requested_on, review_id
FROM adjustment_log WHERE adjustment_id <> 3 ORDER BY adjustment_id;
SELECT filing_id, unit, amount_before, amount_after, difference FROM filing_queue;

-- The unit has moved since it asked: those above it then sign still, and are named as before; to who does not see them, by key.
SELECT public.asks('a1', 'A1', '-0.05', '2025-09-01'), move_unit('A1', 'B', today()), public.backdate(6, now() - interval '9 days');
SELECT adjustment_id, waiting_for, next_signer, escalated_to FROM adjustment_queue WHERE unit = 'A1' ORDER BY 1;
SELECT adjustment_id, public.today_is(signatures) FROM adjustment_log WHERE unit = 'A1' ORDER BY 1;
SELECT public.as_role('a1', 'SELECT waiting_for FROM adjustment_queue WHERE adjustment_id = 6');

-- Closed: nothing waits but what finance has not seen.
SELECT close_period('2025Q3');
SELECT count(*) FROM adjustment_queue;
SELECT adjustment_id, status, ended_at IS NOT NULL AS ended FROM adjustment_log ORDER BY 1;
SELECT count(*) FROM filing_queue;

ROLLBACK;
