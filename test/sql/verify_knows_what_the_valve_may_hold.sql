-- verify('{valve}'): rows of requests, signatures, filings and answers that no rule allows, made behind the
-- triggers' backs, are found by themselves, beside each other and beside the ledger.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set company :srcdir '/sql/valve.psql'
\set ECHO none
\i :prelude
\i :company
\set ECHO all

-- 1: applied and acknowledged, 2: asked for, half signed, 3: refused, 4: withdrawn after it was approved, 5: approved.
SELECT public.asks('a', 'A', '0.10'), public.asks('a1', 'A1', '-0.10'), public.asks('b', 'B', '-0.10'),
	public.asks('a2', 'A2', '0.05'), public.asks('b', 'B', '0.05', '2025-08-15');
SELECT public.signs('cn', 1, '0.05'), public.applies('cn', 1), public.signs('a', 2), public.refuses('cn', 3),
	public.signs('a', 4), public.signs('cn', 4), public.withdraws('a2', 4), public.signs('cn', 5);
SELECT public.as_role('money', $$SELECT acknowledge_filing(1, 'F1')$$), public.as_role('b', 'SELECT answer_target(3, false)');
SELECT public.broken();

CREATE FUNCTION public.found_after(damage text) RETURNS text LANGUAGE plpgsql
AS $$
DECLARE
	found text;
BEGIN
	EXECUTE damage;
	SELECT detail INTO found FROM verify('{valve}');
	RAISE EXCEPTION USING errcode = 'TEST0', message = coalesce(found, 'nothing');
EXCEPTION WHEN sqlstate 'TEST0' THEN
	RETURN SQLERRM;
WHEN integrity_constraint_violation THEN
	RETURN 'refused: ' || SQLERRM;
END
$$;
SET LOCAL session_replication_role = replica;

-- Requests.
SELECT d AS damage, public.found_after(format('UPDATE adjustments SET %s WHERE adjustment_id = %s', substr(d, 3), left(d, 1))) AS found FROM unnest(ARRAY[
	'2 status = ''nonsense''', '2 status = ''''', '2 change = ''NaN''', '2 change = ''-Infinity''', '2 change = 0', '1 granted = -0.05', '1 granted = 0.11',
	'2 requested_at = ''infinity''', '2 requested_on = ''-infinity''', '2 requested_by = ''''', '5 granted = NULL', '2 granted = -0.10', '2 decided_at = requested_at',
	'3 decided_at = NULL', '1 ended_at = NULL', '2 ended_at = requested_at', '2 amount_after = ''NaN''', '2 amount_after = 1e15', '2 amount_after = 324.005',
	'2 amount_after = 396', '2 health = 101', '2 health = ''NaN''', '2 pace = ''Infinity''', '2 unit_id = 5', '2 period = ''2025Q4''',
	'2 requested_by = ''regress_b''', '2 requested_login = ''nobody''', '2 requested_at = requested_at - interval ''1 day''', '2 requested_on = ''2025-07-16''', '2 month = ''2025-09''',
	'2 change = -0.11', '2 reason = ''another''', '2 health_at_plan = 50', '2 amount_before = 359.99', '2 status = ''lapsed'', ended_at = now()',
	'4 ended_at = ended_at + interval ''1 us''', '3 decided_at = decided_at + interval ''1 us''', '1 amount_after = 629', '5 granted = 0.04']) AS d;
SELECT s AS damage, public.found_after(s) AS found FROM unnest(ARRAY['DELETE FROM adjustments WHERE adjustment_id = 2',
	'INSERT INTO adjustments (adjustment_id, target_id, unit_id, period, month, change, reason, requested_by, requested_at, requested_on, amount_before, amount_after) '
	'VALUES (99, 4, 4, ''2025Q3'', ''2025-09'', 0.1, ''made up'', ''me'', now(), ''2025-09-10'', 360, 396)']) AS s;

-- Signatures.
SELECT d AS damage, public.found_after(format('UPDATE signatures SET %s', d)) AS found FROM unnest(ARRAY[
	'level = -1 WHERE adjustment_id = 1', 'level = 3 WHERE adjustment_id = 2 AND level = 2', 'approved = NULL WHERE adjustment_id = 1', 'signed_at = now() WHERE adjustment_id = 2 AND unit_id = 1',
	'comment = ''so'' WHERE adjustment_id = 2 AND unit_id = 1', 'granted = 0.01 WHERE adjustment_id = 3', 'granted = -0.05 WHERE adjustment_id = 1', 'granted = 0.2 WHERE adjustment_id = 1',
	'granted = ''NaN'' WHERE adjustment_id = 1', 'signed_by = '''' WHERE adjustment_id = 1', 'signed_at = ''infinity'' WHERE adjustment_id = 1', 'asking_unit_id = 5 WHERE adjustment_id = 1',
	'unit_id = 2 WHERE adjustment_id = 1', 'unit_id = 3 WHERE adjustment_id = 1', 'signed_by = ''regress_b'' WHERE adjustment_id = 1', 'comment = ''gladly'' WHERE adjustment_id = 1',
	'signed_at = signed_at + interval ''1 us'' WHERE adjustment_id = 1',
	'approved = NULL, signed_by = NULL, signed_login = NULL, signed_at = NULL WHERE adjustment_id = 2 AND unit_id = 2']) AS d;
SELECT public.found_after('DELETE FROM signatures WHERE adjustment_id = 2 AND unit_id = 1'), public.found_after('INSERT INTO signatures VALUES (2, 3, 4, 3)');

-- Filings.
SELECT d AS damage, public.found_after(format('UPDATE filings SET %s', d)) AS found FROM unnest(ARRAY[
	'acknowledged_at = NULL', 'acknowledged_by = NULL', 'reference = NULL', 'acknowledged_by = NULL, acknowledged_at = NULL, reference = NULL', 'acknowledged_by = ''''',
	'filed_at = ''-infinity''', 'acknowledged_at = ''infinity''', 'unit_id = 3', 'filed_at = filed_at + interval ''1 us''', 'acknowledged_by = ''regress_b''', 'reference = ''F2''',
	'acknowledged_at = acknowledged_at + interval ''1 us''', 'filing_id = 9',
	'acknowledged_by = NULL, acknowledged_at = NULL, acknowledged_login = NULL, reference = NULL']) AS d;

-- Answers.
SELECT d AS damage, public.found_after(format('UPDATE answers SET %s', d)) AS found FROM unnest(ARRAY[
	'plan_id = 9', 'unit_id = 2', 'target_id = 2', 'answered_by = ''''', 'answered_at = ''infinity''', 'answered_login = ''''']) AS d;
SELECT public.found_after('UPDATE plans SET mode = ''shadow''');
-- No harm is left.
SET LOCAL session_replication_role = origin;
SELECT public.broken();

ROLLBACK;
