-- Entries that 0.1.0 wrote into the ledger say less: no login, no moments, no figures and signers of requests, no
-- record of a plan, and none of standings without a penalty. verify() compares what they say and finds nothing;
-- what they do say is found as ever.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set company :srcdir '/sql/valve.psql'
\set ECHO none
\i :prelude
\i :company
\set ECHO all

SELECT public.asks('a', 'A', '0.10'), public.asks('a1', 'A1', '-0.10'), public.asks('b', 'B', '-0.10'), public.asks('a2', 'A2', '0.05');
SELECT public.signs('cn', 1, '0.05'), public.applies('cn', 1), public.signs('a', 2), public.refuses('cn', 3), public.signs('a', 4), public.withdraws('a2', 4);
SELECT public.as_role('money', $$SELECT acknowledge_filing(1, 'F1')$$), close_period('2025Q3');
SELECT action, count(*) FROM ledger GROUP BY action ORDER BY action COLLATE "C";

-- As the first release would have written it all.
SET LOCAL session_replication_role = replica;
UPDATE adjustments SET requested_login = NULL;
UPDATE signatures SET signed_login = NULL;
UPDATE filings SET acknowledged_login = NULL;
DELETE FROM ledger WHERE action = 'standing_written' AND details @> '{"penalty_rate": 0}';
UPDATE ledger SET login = NULL, details = details - '{record,denied,requested_at,requested_on,amount_before,amount_after,health_at_plan,health,pace,signers,signed_at,decided_at,ended_at,acknowledged_at}'::text[];
DO $$
DECLARE
	e record;
	last_unit int := -1;
	head bytea;
	n bigint;
BEGIN
	FOR e IN SELECT * FROM ledger ORDER BY unit_id, entry LOOP
		IF e.unit_id <> last_unit THEN
			head := '';
			n := 0;
		END IF;
		last_unit := e.unit_id;
		n := n + 1;
		UPDATE ledger l SET entry = n, previous = head, hash = (
			SELECT sha256(string_agg(convert_to(octet_length(convert_to(f.field, 'UTF8')) || ':' || f.field, 'UTF8'), '' ORDER BY f.place))
			FROM unnest(ARRAY[encode(head, 'hex'), e.unit_id::text, n::text, (extract(epoch FROM e.at) * 1000000)::bigint::text, e.actor, e.action,
				e.details::text]) WITH ORDINALITY AS f (field, place))
		WHERE l.unit_id = e.unit_id AND l.entry = e.entry RETURNING l.hash INTO head;
	END LOOP;
END
$$;
SELECT public.broken();

-- What they say.
CREATE FUNCTION public.found_after(damage text) RETURNS text LANGUAGE plpgsql
AS $$
DECLARE
	found text;
BEGIN
	EXECUTE damage;
	found := public.broken();
	RAISE EXCEPTION USING errcode = 'TEST0', message = found;
EXCEPTION WHEN sqlstate 'TEST0' THEN
	RETURN SQLERRM;
END
$$;
SELECT s AS damage, public.found_after(s) AS found FROM unnest(ARRAY['UPDATE adjustments SET reason = ''another'' WHERE adjustment_id = 2', 'UPDATE adjustments SET requested_by = ''regress_b'' WHERE adjustment_id = 2',
	'UPDATE adjustments SET granted = 0.04 WHERE adjustment_id = 1', 'UPDATE signatures SET comment = ''so'' WHERE adjustment_id = 3', 'UPDATE filings SET reference = ''F2''', 'UPDATE plans SET status = ''published''',
	'UPDATE adjustments SET requested_at = requested_at - interval ''1 day'' WHERE adjustment_id = 2', 'UPDATE plans SET created_by = ''another''',
	'UPDATE standings SET denied_quarters = 5 WHERE unit_id = 3']) AS s;

ROLLBACK;
