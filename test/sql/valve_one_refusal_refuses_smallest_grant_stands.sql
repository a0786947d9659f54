-- V3: one refusal refuses; all signed, the smallest grant stands; grants that are none; once.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set company :srcdir '/sql/valve.psql'
\set ECHO none
\i :prelude
\i :company
\set ECHO all

-- Asked for a tenth less, A grants 8 %, CN all of it: 8 %. 240 - 19.2.
SELECT public.asks('a2', 'A2', '-0.10');
SELECT public.signs('a', 1, '-0.08'), public.request(1);
SELECT public.signs('cn', 1), public.signatures(1), public.request(1), public.applies('cn', 1);
SELECT public.request(1);
-- The smaller one, whoever gives it; what was asked for is a grant, too.
SELECT public.asks('a2', 'A2', '0.10', '2025-08-01');
SELECT public.signs('cn', 2, '0.03'), public.signs('a', 2, '0.10'), public.signatures(2), public.applies('cn', 2);
SELECT public.asks('a2', 'A2', '-0.10', '2025-09-01');
SELECT public.signs('cn', 3, '-0.02'), public.signs('a', 3, '-0.01'), public.request(3);
SELECT public.just_now(decided_at) AS now, count(*) FROM adjustments GROUP BY 1;

-- One refusal refuses: nobody signs after it.
SELECT public.asks('a1', 'A1', '-0.10');
SELECT public.refuses('cn', 4), public.signatures(4), public.request(4);
SELECT public.error_for('a', 'SELECT countersign(4, true)');
SELECT public.asks('a1', 'A1', '-0.10');
SELECT public.signs('a', 5, '-0.05'), public.refuses('cn', 5), public.signatures(5), public.request(5);

-- Grants that are none: another sign, more than was asked, nothing, a part of a step; of a refusal.
SELECT public.asks('a1', 'A1', '-0.10');
SELECT g AS granted, public.signs('a', 6, g)
FROM unnest('{0.05,0,-0.1000000001,-0.11,-0.00002777,-1e-400,NaN,Infinity,-Infinity}'::text[]) AS g;
SELECT public.error_for('a', 'SELECT countersign(6, true, NULL, 0.05)');
SELECT public.error_for('a', 'SELECT countersign(6, true, NULL, -0.00002777)');
SELECT public.error_for('a', 'SELECT countersign(6, false, NULL, -0.05)');
SELECT public.signatures(6);
-- A step is one: 0.00002778 of 360 is 0.0100008.
SELECT public.signs('a', 6, '-0.00002778'), public.signs('cn', 6), public.applies('cn', 6), public.request(6);

-- Signing twice: the other way, too; after the decision.
SELECT public.asks('b', 'B', '0.10');
INSERT INTO units (unit_id, code, parent_id) VALUES (9, 'TOP', NULL);
UPDATE units SET parent_id = 9 WHERE unit_id = 1;
SELECT grant_duty('regress_eye', 'TOP', 'manager');
SELECT public.asks('b', 'B', '0.02', '2025-08-01'), public.signatures(public.last_of('B'));
SELECT public.signs('cn', 8), public.signs('cn', 8), public.refuses('cn', 8), public.signs('cn', 8, '0.01');
SELECT public.error_for('cn', 'SELECT countersign(8, true)');
SELECT public.signs('eye', 8), public.signs('eye', 8), public.refuses('cn', 8);
SELECT public.error_for('eye', 'SELECT countersign(8, true)');
SELECT public.applies('cn', 8), public.refuses('cn', 8);
SELECT public.withdraws('b', 7), public.signs('cn', 7);

-- What comes first: request, duty, argument, state.
SELECT public.as_role('a1', 'SELECT countersign(99, NULL)') AS request,
	public.as_role('a1', 'SELECT countersign(8, NULL)') AS hidden, public.as_role('money', 'SELECT countersign(8, NULL)') AS duty,
	public.as_role('cn', 'SELECT countersign(8, NULL)') AS argument,
	public.as_role('cn', 'SELECT countersign(8, true, NULL, -0.01)') AS grant_,
	public.as_role('cn', 'SELECT countersign(NULL, true)') AS no_request;

-- Comments of 1 MB, in any letters, empty; what an encoding cannot hold never gets here.
SELECT public.asks('a1', 'A1', '0.01', '2025-09-01');
SELECT public.as_role('a', format('SELECT countersign(9, true, %L)', repeat(U&'\540C\610F\+01F600', 110000)));
SELECT public.as_role('cn', $$SELECT countersign(9, true, '')$$);
SELECT level, length(comment), octet_length(comment) FROM signatures WHERE adjustment_id = 9 ORDER BY level;
SELECT length(signatures) FROM adjustment_log WHERE adjustment_id = 9;
SELECT unit_id, action, length(details ->> 'comment') AS comment FROM ledger
WHERE details @> '{"adjustment_id": 9}' ORDER BY entry;
SELECT split_part(public.as_role('a', $$SELECT countersign(9, true, convert_from('\xff', 'UTF8'))$$), ':', 1);
SELECT public.broken();

ROLLBACK;
