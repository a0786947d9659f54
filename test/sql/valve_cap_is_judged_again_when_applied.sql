-- V1, T1: the cap is judged when it is asked and again when it is applied; measured from the published
-- baseline, it does not compound over the months.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set company :srcdir '/sql/valve.psql'
\set ECHO none
\i :prelude
\i :company
\set ECHO all

-- Two requests of one unit, each within the cap when asked, together beyond it: 360 + 36 + 36 > 414.
SELECT public.asks('a1', 'A1', '0.10', '2025-07-01'), public.asks('a1', 'A1', '0.10', '2025-08-01');
SELECT public.signs('a', id), public.signs('cn', id) FROM generate_series(1, 2) AS id;
SELECT public.applies('cn', 2);
SELECT public.error_for('cn', 'SELECT apply_adjustment(1)');
SELECT public.request(1), public.request(2), public.amounts(), (SELECT count(*) FROM filings);
-- It stays approved: once there is room again it applies. 396 - 20 + 36 = 412.
UPDATE targets SET amount = 376 WHERE unit_id = 4;
SELECT public.applies('cn', 1), public.request(1);
-- Whatever moved it in between: 0.005 of 360 is 1.80.
SELECT public.asks('a1', 'A1', '0.005', '2025-09-01');
SELECT public.last_of('A1') AS id \gset
SELECT public.signs('a', :id), public.signs('cn', :id);
UPDATE targets SET amount = 414 WHERE unit_id = 4;
SELECT public.applies('cn', :id);
UPDATE targets SET amount = 412.2 WHERE unit_id = 4;
SELECT public.applies('cn', :id), public.request(:id);
-- To the edge and no further, upwards and down: 414 is the cap, and 306.
SELECT public.asks('a2', 'A2', '-0.15', '2025-07-01'), public.asks('a2', 'A2', '-0.00005', '2025-08-01');
SELECT public.signs('a', id), public.signs('cn', id), public.applies('cn', id), public.request(id)
FROM generate_series(4, 5) AS id;
SELECT public.asks('a2', 'A2', '-0.00005', '2025-09-01');
-- What was granted is judged, not what was asked for: 440 + 0.04 of 400 = 456, + 0.10 would be 480.
SAVEPOINT s;
SELECT public.asks('b', 'B', '0.10', '2025-07-01'), public.asks('b', 'B', '0.10', '2025-08-01');
SELECT public.signs('cn', public.last_of('B') - 1), public.signs('cn', public.last_of('B'), '0.04');
SELECT public.applies('cn', public.last_of('B') - 1), public.applies('cn', public.last_of('B'));
SELECT public.request(public.last_of('B'));
ROLLBACK TO s;
-- Month after month within the quarter: 15 % in all.
SELECT m AS month, public.asks('b', 'B', '0.06', m || '-01'), public.signs('cn', public.last_of('B')),
	public.applies('cn', public.last_of('B'))
FROM unnest('{2025-07,2025-08,2025-09}'::text[]) AS m;
SELECT public.amounts(), public.broken();

ROLLBACK;
