-- V6: a request's status goes its way, through functions alone: not a superuser's plain SQL, on none of
-- the four tables, by no kind of statement.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set company :srcdir '/sql/valve.psql'
\set ECHO none
\i :prelude
\i :company
\set ECHO all

SELECT public.asks('a1', 'A1', '0.10'), public.asks('a2', 'A2', '-0.10'), public.asks('b', 'B', '0.10');
SELECT public.signs('a', 2), public.signs('cn', 2), public.signs('cn', 3), public.applies('cn', 3);
SELECT public.as_role('b', 'SELECT answer_target(3, true)');
CREATE VIEW public.all_rows AS SELECT string_agg(r, '; ') AS r FROM (
	SELECT a::text AS r FROM adjustments a UNION ALL SELECT s::text FROM signatures s
	UNION ALL SELECT f::text FROM filings f UNION ALL SELECT w::text FROM answers w ORDER BY 1) AS x;
CREATE TABLE public.rows_before AS SELECT * FROM public.all_rows;

-- Every status to every status, by UPDATE.
SELECT a.adjustment_id, a.status, to_.status AS to,
	split_part(refusal(format('UPDATE adjustments SET status = %L WHERE adjustment_id = %s', to_.status, a.adjustment_id)), ':', 1) AS refused
FROM adjustments a, unnest('{requested,approved,applied,rejected,withdrawn,lapsed}'::text[]) AS to_(status)
ORDER BY 1, 3;
SELECT error_of($$UPDATE adjustments SET status = 'approved', granted = 0.10, decided_at = now() WHERE adjustment_id = 1$$);
SELECT error_of($$UPDATE signatures SET approved = true, signed_by = 'me', signed_at = now() WHERE adjustment_id = 1$$);
SELECT error_of($$UPDATE filings SET acknowledged_by = 'me', acknowledged_at = now(), reference = 'r'$$);
SELECT error_of($$UPDATE answers SET accepted = false$$);
-- Columns that say nothing new; all kinds of statements.
SELECT n, split_part(refusal(s), ':', 1) AS refused FROM unnest(ARRAY[
	'UPDATE adjustments SET status = status', 'UPDATE adjustments SET reason = ''better''',
	'UPDATE adjustments SET review_id = 1', 'UPDATE adjustments SET change = 0.12, amount_after = 403',
	'DELETE FROM adjustments', 'DELETE FROM adjustments WHERE adjustment_id = 2', 'TRUNCATE adjustments',
	'TRUNCATE adjustments, signatures, filings, answers', 'TRUNCATE targets, plans, plan_basis, adjustments, signatures, filings, answers',
	'INSERT INTO adjustments SELECT 99, target_id, unit_id, period, ''2025-09'', change, granted, reason, requested_by, requested_at, requested_on, ''requested'', amount_before, amount_after FROM adjustments WHERE adjustment_id = 1',
	'INSERT INTO adjustments SELECT * FROM adjustments ON CONFLICT DO NOTHING',
	'INSERT INTO adjustments SELECT * FROM adjustments ON CONFLICT (adjustment_id) DO UPDATE SET status = ''applied''',
	'MERGE INTO adjustments a USING adjustments b ON a.adjustment_id = b.adjustment_id WHEN MATCHED THEN UPDATE SET status = ''lapsed''',
	'MERGE INTO adjustments a USING adjustments b ON a.adjustment_id = b.adjustment_id WHEN MATCHED THEN DELETE',
	'WITH x AS (DELETE FROM adjustments RETURNING 1) SELECT count(*) FROM x',
	'UPDATE signatures SET signed_by = ''me''', 'UPDATE signatures SET granted = 0.01 WHERE approved', 'DELETE FROM signatures', 'TRUNCATE signatures',
	'INSERT INTO signatures VALUES (1, 3, 4, 3)', 'INSERT INTO signatures VALUES (1, 2, 4, 1) ON CONFLICT (adjustment_id, unit_id) DO UPDATE SET approved = true',
	'MERGE INTO signatures s USING (SELECT 1) x ON s.adjustment_id = 1 WHEN MATCHED THEN DELETE',
	'INSERT INTO filings (adjustment_id, unit_id, amount_before, amount_after, filed_at) VALUES (1, 4, 360, 396, now())',
	'UPDATE filings SET amount_after = 1', 'DELETE FROM filings', 'TRUNCATE filings',
	'INSERT INTO answers (target_id, plan_id, unit_id, accepted, answered_by, answered_at) VALUES (4, 1, 4, true, ''me'', now())',
	'DELETE FROM answers', 'TRUNCATE answers']) WITH ORDINALITY AS w (s, n) ORDER BY n;
-- COPY, into each.
SAVEPOINT copy;
COPY adjustments (target_id, unit_id, period, month, change, reason, requested_by, requested_at, requested_on, amount_before, amount_after) FROM stdin;
4	4	2025Q3	2025-09	0.1	r	me	2025-01-01	2025-01-01	1	2
\.
ROLLBACK TO copy;
COPY signatures (adjustment_id, unit_id, asking_unit_id, level) FROM stdin;
1	3	4	3
\.
ROLLBACK TO copy;
COPY filings (adjustment_id, unit_id, amount_before, amount_after, filed_at) FROM stdin;
1	4	360	396	2025-01-01
\.
ROLLBACK TO copy;
COPY answers (target_id, plan_id, unit_id, accepted, answered_by, answered_at) FROM stdin;
4	1	4	t	me	2025-01-01
\.
ROLLBACK TO copy;
-- Keys that others refer to.
SELECT s AS statement, split_part(refusal(s), ':', 1) AS refused FROM unnest(ARRAY[
	'DELETE FROM targets WHERE unit_id = 4', 'DELETE FROM plans', 'DELETE FROM units WHERE unit_id = 4', 'UPDATE units SET unit_id = 44 WHERE unit_id = 5',
	'UPDATE months SET month = ''x'' WHERE month = ''2025-07''', 'DELETE FROM months WHERE month = ''2025-07''', 'DELETE FROM periods WHERE period = ''2025Q3''']) AS s;
-- The guard's function is nobody's to call.
SELECT refusal('SELECT guard_valve()');
-- All is as it was.
SELECT a.r = b.r AS same FROM public.all_rows a, public.rows_before b;
SELECT public.broken();

-- Where triggers do not fire, verify() finds it: approved without signatures, applied without a filing,
-- rejected without a refusal, a grant beyond the smallest, open in a closed plan.
CREATE FUNCTION public.forged(statement text) RETURNS text LANGUAGE plpgsql
AS $$
DECLARE
	found text;
BEGIN
	BEGIN
		SET LOCAL session_replication_role = replica;
		EXECUTE statement;
		found := public.broken();
		RAISE EXCEPTION USING errcode = 'RB000';
	EXCEPTION WHEN SQLSTATE 'RB000' THEN
		NULL;
	END;
	RETURN found;
END
$$;
SELECT public.forged(s) FROM unnest(ARRAY[
	'UPDATE adjustments SET status = ''approved'', granted = 0.10, decided_at = clock_timestamp() WHERE adjustment_id = 1',
	'UPDATE adjustments SET status = ''applied'', ended_at = clock_timestamp() WHERE adjustment_id = 2',
	'UPDATE adjustments SET status = ''rejected'', decided_at = clock_timestamp() WHERE adjustment_id = 1',
	'UPDATE adjustments SET granted = -0.05 WHERE adjustment_id = 2',
	'UPDATE signatures SET granted = -0.05 WHERE adjustment_id = 2 AND unit_id = 1',
	'UPDATE signatures SET approved = false WHERE adjustment_id = 2 AND unit_id = 1',
	'DELETE FROM signatures WHERE adjustment_id = 1',
	'DELETE FROM filings',
	'UPDATE filings SET amount_after = 1',
	'UPDATE plans SET status = ''closed''']) AS s;
SELECT public.broken();

-- The owner's own trigger may call a function that writes, in the middle of one of ours: ours goes on,
-- and afterwards statements are refused as ever.
DO $$ BEGIN EXECUTE format('GRANT regress_b TO %I', current_user); END $$;
CREATE FUNCTION public.answers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM regtarget.answer_target(3, false, NEW.adjustment_id::text);
	RETURN NEW;
END
$$;
CREATE TRIGGER a BEFORE UPDATE ON adjustments FOR EACH ROW EXECUTE FUNCTION public.answers();
SELECT public.asks('a1', 'A1', '0.10', '2025-08-01'), public.asks('a2', 'A2', '0.10', '2025-08-01');
SELECT close_period('2025Q3');
SELECT adjustment_id, status FROM adjustments ORDER BY adjustment_id;
SELECT accepted, string_agg(comment, ', ' ORDER BY comment) AS comments FROM answers GROUP BY accepted ORDER BY accepted;
SELECT split_part(refusal($$UPDATE adjustments SET reason = 'better'$$), ':', 1) AS refused;
DROP TRIGGER a ON adjustments;
SELECT split_part(refusal($$UPDATE adjustments SET reason = 'better'$$), ':', 1) AS refused;

ROLLBACK;
