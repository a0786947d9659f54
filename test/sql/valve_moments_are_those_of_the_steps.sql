-- X4: a moment is that of its step, not of the start of its transaction, and never before what it follows.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set company :srcdir '/sql/valve.psql'
\set ECHO none
\i :prelude
\i :company
\set ECHO all

-- All of it in one transaction, and every step has a moment of its own, in order.
SELECT public.asks('a1', 'A1', '-0.10'), public.signs('a', 1), public.signs('cn', 1), public.applies('cn', 1);
SELECT public.as_role('money', 'SELECT acknowledge_filing(1, ''F-1'')');
SELECT public.as_role('a1', 'SELECT answer_target(target_id, true) FROM targets WHERE unit_id = 4');
SELECT now() < p.created_at AS made, p.created_at < p.published_at AS published, p.published_at < a.requested_at AS requested,
	a.requested_at < s.first AS signed, s.first < s.last AS signed_again, s.last < a.decided_at AS decided,
	a.decided_at < a.ended_at AS applied, a.ended_at = f.filed_at AS filed, f.filed_at < f.acknowledged_at AS acknowledged,
	f.acknowledged_at < n.answered_at AS answered, n.answered_at < clock_timestamp() AS over
FROM plans p, adjustments a, filings f, answers n,
	(SELECT min(signed_at) AS first, max(signed_at) AS last FROM signatures) s;
INSERT INTO deals_in (source, source_id, unit) VALUES ('crm', '1', 'nowhere');
SELECT now() < at AND at < clock_timestamp() AS refused FROM import_rejects;
SELECT public.asks('a2', 'A2', '-0.10'), public.withdraws('a2', 2);
SELECT public.asks('a2', 'A2', '-0.10'), public.refuses('a', 3);
SELECT public.asks('a2', 'A2', '-0.10'), public.signs('a', 4);
SELECT close_period('2025Q3');
SELECT adjustment_id, status, now() < requested_at AS requested, requested_at < decided_at AS decided, requested_at < ended_at AS ended
FROM adjustments WHERE adjustment_id > 1 ORDER BY 1;
SELECT DISTINCT regexp_replace(action, 'd$', 'd') AS action, l.at >= a.requested_at AS after_asking
FROM ledger l JOIN adjustments a ON a.adjustment_id = (l.details ->> 'adjustment_id')::bigint WHERE action LIKE 'adjustment%' ORDER BY 1;

-- The server's clock is put back: what follows is dated no earlier than what went before.
SELECT public.publish('2025Q4', '{1,1000, 2,600, 3,400, 4,360, 5,240}');
SELECT public.asks('a1', 'A1', '-0.10', '2025-10-15'), public.backdate(5, now() + interval '1 day'), public.signs('a', 5), public.signs('cn', 5),
	public.applies('cn', 5);
SELECT public.as_role('money', 'SELECT acknowledge_filing(2, ''F-2'')');
SELECT bool_and(s.signed_at = a.requested_at) AS signed, a.decided_at = a.requested_at AS decided, a.ended_at = a.requested_at AS applied,
	f.filed_at = a.requested_at AS filed, f.acknowledged_at = f.filed_at AS acknowledged
FROM adjustments a JOIN signatures s USING (adjustment_id) JOIN filings f USING (adjustment_id) WHERE adjustment_id = 5
GROUP BY a.adjustment_id, f.filing_id;
SELECT public.asks('a2', 'A2', '-0.10', '2025-10-15'), public.backdate(6, now() + interval '1 day'), public.withdraws('a2', 6);
SELECT public.asks('b', 'B', '-0.10', '2025-10-15'), public.backdate(7, now() + interval '1 day'), close_period('2025Q4');
SELECT adjustment_id, status, ended_at = requested_at AS ended FROM adjustments WHERE adjustment_id > 5 ORDER BY 1;
INSERT INTO plans (plan_id, period, root_unit_id, total, created_at) VALUES (90, '2026Q1', 1, 0, now() + interval '1 day');
INSERT INTO targets (plan_id, unit_id) VALUES (90, 1);
SELECT publish_plan(90);
SELECT published_at = created_at AS published FROM plans WHERE plan_id = 90;
-- (That the moments of three were moved is found beside the ledger.)
SELECT public.broken();

-- What ended before it began is found.
CREATE FUNCTION public.found_after(damage text) RETURNS text LANGUAGE plpgsql
AS $$
DECLARE
	found text;
BEGIN
	SET LOCAL session_replication_role = replica;
	EXECUTE damage;
	SET LOCAL session_replication_role = origin;
	SELECT string_agg(check_name || ': ' || detail, '; ') INTO found FROM verify('{statuses}') WHERE NOT ok;
	RAISE EXCEPTION USING errcode = 'TEST0';
EXCEPTION WHEN sqlstate 'TEST0' THEN
	RETURN regexp_replace(found, '\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?\+00', 'T', 'g');
END
$$;
SELECT s AS damage, public.found_after(s) AS found FROM unnest(ARRAY[
	$$UPDATE adjustments SET ended_at = requested_at - interval '1 us' WHERE adjustment_id = 2$$,
	$$UPDATE adjustments SET ended_at = decided_at - interval '1 us' WHERE adjustment_id = 1$$,
	$$UPDATE adjustments SET decided_at = requested_at - interval '1 us' WHERE adjustment_id = 3$$,
	$$UPDATE signatures SET signed_at = (SELECT requested_at FROM adjustments WHERE adjustment_id = 4) - interval '1 us' WHERE adjustment_id = 4 AND approved$$,
	$$UPDATE signatures SET signed_at = (SELECT decided_at FROM adjustments WHERE adjustment_id = 1) + interval '1 us' WHERE adjustment_id = 1 AND level = 1$$,
	$$UPDATE filings SET filed_at = filed_at - interval '1 us' WHERE filing_id = 1$$,
	$$UPDATE filings SET acknowledged_at = filed_at - interval '1 us' WHERE filing_id = 1$$,
	$$UPDATE plans SET published_at = created_at - interval '1 us' WHERE plan_id = 1$$,
	$$UPDATE adjustments SET requested_at = 'infinity' WHERE adjustment_id = 2$$]) AS s;

ROLLBACK;
