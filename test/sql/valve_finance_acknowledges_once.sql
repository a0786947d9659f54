-- Finance acknowledges each filing once, under its own reference.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set company :srcdir '/sql/valve.psql'
\set ECHO none
\i :prelude
\i :company
\set ECHO all

SELECT public.asks('a1', 'A1', '0.10'), public.signs('a', 1), public.signs('cn', 1), public.applies('cn', 1);
SELECT public.asks('b', 'B', '-0.10'), public.signs('cn', 2), public.applies('cn', 2);
SELECT filing_id, adjustment_id, unit_id, unit, name, period, month, amount_before, amount_after,
	difference, reason, requested_by, filed_at BETWEEN local_time(now()) AND local_time(clock_timestamp()) AS now, days_waiting
FROM filing_queue ORDER BY filing_id;
-- Only those with duty finance there or above.
SELECT r AS role, public.as_role(r, $$SELECT acknowledge_filing(1, 'F-1')$$)
FROM unnest('{a1,a,cn,eye,super,nobody}'::text[]) AS r;
SELECT grant_duty('regress_b', 'B', 'finance');
SELECT public.error_for('b', $$SELECT acknowledge_filing(1, 'F-1')$$);
SELECT public.error_for('eye', $$SELECT acknowledge_filing(1, 'F-1')$$);
SELECT public.as_role('b', $$SELECT acknowledge_filing(2, 'F-2')$$);
-- Object, duty, argument, state.
SELECT public.as_role('b', $$SELECT acknowledge_filing(99, NULL)$$), public.as_role('b', $$SELECT acknowledge_filing(1, NULL)$$),
	public.as_role('eye', $$SELECT acknowledge_filing(1, NULL)$$),
	public.as_role('money', $$SELECT acknowledge_filing(2, NULL)$$), public.as_role('money', $$SELECT acknowledge_filing(NULL, 'r')$$);
SELECT public.error_for('money', $$SELECT acknowledge_filing(2, 'again')$$);
SELECT public.as_role('money', $$SELECT acknowledge_filing(1, 'F-1')$$), public.as_role('money', $$SELECT acknowledge_filing(1, 'F-1')$$);
SELECT filing_id, acknowledged_by, public.just_now(acknowledged_at) AS now, reference FROM filings ORDER BY filing_id;
SELECT count(*) FROM filing_queue;
SELECT unit_id, actor, public.told(details) AS details FROM ledger WHERE action = 'filing_acknowledged' ORDER BY unit_id;
-- The period's closing takes nothing away from finance.
SELECT public.asks('a2', 'A2', '0.10'), public.signs('a', 3), public.signs('cn', 3), public.applies('cn', 3);
SELECT close_period('2025Q3');
SELECT unit, difference FROM filing_queue;
SELECT public.as_role('money', format('SELECT acknowledge_filing(3, %L)', repeat(U&'\5907', 400000)));
SELECT length(reference) FROM filings WHERE filing_id = 3;
SELECT public.broken();

ROLLBACK;
