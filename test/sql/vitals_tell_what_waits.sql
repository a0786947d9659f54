-- vitals: what a monitor looks at, for whoever has a duty at the top, over all units; a figure of 0 has its row.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set company :srcdir '/sql/valve.psql'
\set ECHO none
\i :prelude
\i :company
\set ECHO all

CREATE VIEW public.told WITH (security_invoker = true) AS
SELECT name, about, value, measure, since IS NOT NULL AS since, advice <> '' AS advised FROM vitals ORDER BY name, about;
GRANT SELECT ON public.told TO PUBLIC;
-- 2025Q3 is over and not closed.
SELECT * FROM public.told;
SELECT since FROM vitals WHERE name = 'periods_to_close';
INSERT INTO visits (source, unit_id, visited_on) SELECT 'crm', 4, today() - n FROM generate_series(3, 9) n;
INSERT INTO deals (unit_id, opened_on) VALUES (4, today() - 2);
INSERT INTO deals_in (source_id, unit, opened_on) VALUES ('1', 'NOWHERE', '2025-07-01'), ('2', 'A1', 'never');
SELECT public.asks('a1', 'A1', '-0.10'), public.asks('b', 'B', '0.05'), public.signs('cn', 2), public.applies('cn', 2);
SELECT public.backdate(1, now() - interval '9 days');
SELECT * FROM public.told;
SELECT fold_activity() IS NOT NULL AS folded, close_period('2025Q3');
SELECT name, about, value FROM public.told WHERE name IN ('unfolded_deltas', 'periods_to_close', 'requests_overdue');
-- The nightly run: what it found and when; who may not run it, may not record it.
SELECT public.as_role('cn', 'SELECT string_agg(check_name || CASE WHEN ok THEN '''' ELSE '' wrong'' END, '' '') FROM regtarget.record_verify()');
SELECT name, about, value, measure, since = local_time(ran_at) AS since, ran_by, ok FROM vitals, verify_runs WHERE name LIKE 'verify%' ORDER BY 1;
SET LOCAL session_replication_role = replica;
UPDATE targets SET amount = amount + 1 WHERE target_id = 1;
INSERT INTO visits (unit_id, visited_on) VALUES (4, today());
SET LOCAL session_replication_role = origin;
SELECT check_name, ok FROM record_verify() WHERE NOT ok ORDER BY 1;
SELECT name, about, value FROM vitals WHERE name LIKE 'verify%' ORDER BY 1;
UPDATE verify_runs SET ran_at = ran_at - interval '3 days';
SELECT name, value FROM vitals WHERE name = 'verify_age';
SELECT r AS role, public.as_role(r, 'SELECT count(*) FROM regtarget.record_verify()') AS record, public.as_role(r, 'SELECT count(*) FROM regtarget.verify_runs') AS sees,
	public.as_role(r, 'INSERT INTO regtarget.verify_runs (ran_at, ran_by, login, ok) VALUES (now(), ''a'', ''a'', true)') AS writes
FROM unnest('{cn,money,eye,a,a1,nobody}'::text[]) r;
SELECT count(*) FROM verify_runs;

-- Who reads it: a duty at the top.  Over all units, so that others are not told.
SELECT r AS role, public.as_role(r, 'SELECT count(*) || '' '' || sum(value) FROM public.told') FROM unnest('{super,cn,money,eye,a,a1}'::text[]) r;
SELECT public.as_role('nobody', 'SELECT count(*) FROM regtarget.vitals');

ROLLBACK;
