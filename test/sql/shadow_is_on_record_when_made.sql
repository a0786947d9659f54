-- What a shadow plan says is in the ledger from the moment it is allocated: anybody can compute the digest again, verify()
-- finds what differs, and who types into one takes it off the record.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied;
INSERT INTO periods VALUES ('past', '[2020-01-01,2020-04-01)'), ('begun', daterange(today(), today() + 90)),
	('next', daterange(today() + 90, today() + 180));
INSERT INTO units (unit_id, code, parent_id) VALUES (1, 'CN', NULL), (2, 'A', 1), (3, 'B', 1);
DELETE FROM factors;
INSERT INTO factors (signal) VALUES ('market');
INSERT INTO signals (unit_id, signal, as_of, value) VALUES (2, 'market', '2019-01-01', 1), (3, 'market', '2019-01-01', 2);
SELECT plan_id, unit_id, amount FROM allocate_targets('past', 900, 'shadow');
SELECT plan_id, unit_id, amount FROM allocate_targets('begun', 900, 'shadow');
SELECT plan_id, unit_id, amount FROM allocate_targets('next', 900.50, 'shadow', step => 0.5);
SELECT DISTINCT plan_id FROM allocate_targets('next', 900, 'sandbox');
INSERT INTO plans (period, root_unit_id, total, mode) VALUES ('next', 2, 5, 'shadow');
INSERT INTO targets (plan_id, unit_id, suggested) VALUES (5, 2, 5);

-- The first day is in time, the day after it is not; live plans, sandboxes and what was typed are neither.
SELECT plan_id, period, mode, late, revealed_at FROM plan_board ORDER BY plan_id;
SELECT unit_id, entry, action, details ->> 'plan_id' AS plan_id, details -> 'late' AS late,
	(details ->> 'allocated_on')::date = today() AS today, details ->> 'units' AS units FROM ledger ORDER BY 1, 2;
-- The digest: unit_id and baseline of each target, in this order, without trailing zeros, each with its length before it.
CREATE FUNCTION public.field(t text) RETURNS text LANGUAGE sql RETURN length(t) || ':' || t;
SELECT l.details ->> 'digest' = encode(sha256(convert_to(string_agg(public.field(t.unit_id::text) || public.field(trim_scale(t.baseline)::text),
	'' ORDER BY t.unit_id), 'UTF8')), 'hex') AS the_same
FROM ledger l JOIN targets t ON t.plan_id = (l.details ->> 'plan_id')::bigint GROUP BY l.unit_id, l.entry, l.details ORDER BY l.entry;
SELECT ok, detail FROM verify('{ledger}');

-- Allocated again: another entry; the last one counts.
SELECT DISTINCT plan_id FROM allocate_targets('next', 901, 'shadow');
SELECT entry, details ->> 'plan_id' AS plan_id, details -> 'late' AS late FROM ledger WHERE unit_id = 1 ORDER BY entry;
SELECT ok, detail FROM verify('{ledger}');

UPDATE periods SET during = daterange(today() - 1, today() + 90) WHERE period = 'begun';
-- Once its period has begun nobody types into one that was in time, nor drops it.
SELECT error_of('UPDATE targets SET suggested = suggested + 1 WHERE plan_id = 2 AND unit_id = 2');
SELECT refusal(s) FROM unnest(ARRAY['DELETE FROM targets WHERE plan_id = 2', 'INSERT INTO targets (plan_id, unit_id, suggested) VALUES (2, 2, 1)',
	'UPDATE plans SET total = 5 WHERE plan_id = 2', 'UPDATE plans SET label = ''x'' WHERE plan_id = 2', 'DELETE FROM plans WHERE plan_id = 2']) s;
-- Before, and of one that is late, one may: it is on record no more, and told so.
SET LOCAL client_min_messages = notice;
UPDATE targets SET suggested = suggested + 1 WHERE plan_id = 3;
UPDATE plans SET total = 5 WHERE plan_id = 1;
SET LOCAL client_min_messages = warning;
SELECT plan_id, late FROM plans WHERE mode = 'shadow' ORDER BY 1;
SELECT ok, detail FROM verify('{ledger}');
SELECT DISTINCT plan_id, period FROM allocate_targets('next', 902, 'shadow');
SELECT plan_id, late FROM plans WHERE plan_id = 3;
DELETE FROM plans WHERE plan_id = 3;
SELECT count(*) FROM ledger WHERE details ->> 'plan_id' = '3';
SELECT ok, detail FROM verify('{ledger}');

-- What nobody may is found.
CREATE FUNCTION public.found_after(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	found text;
BEGIN
	BEGIN
		SET LOCAL session_replication_role = replica;
		EXECUTE statement;
		SET LOCAL session_replication_role = origin;
		SELECT coalesce(detail, 'nothing') INTO found FROM regtarget.verify('{ledger}');
		RAISE SQLSTATE 'RT000';
	EXCEPTION WHEN SQLSTATE 'RT000' THEN
		RETURN found;
	END;
END
$$;
SELECT public.found_after(s) FROM unnest(ARRAY[
	'UPDATE targets SET suggested = 301, baseline = 301, amount = 301 WHERE plan_id = 2 AND unit_id = 2',
	'UPDATE targets SET amount = 301 WHERE plan_id = 2 AND unit_id = 2',
	'DELETE FROM targets WHERE plan_id = 2 AND unit_id = 3',
	'UPDATE plan_basis SET weight = 0.5 WHERE plan_id = 2',
	'UPDATE plans SET rules = jsonb_set(rules, ''{factors,0,weight}'', ''2'') WHERE plan_id = 2',
	'UPDATE plans SET late = true WHERE plan_id = 2', 'UPDATE plans SET revealed_at = ''2000-01-01 00:00+00'' WHERE plan_id = 2',
	'UPDATE plans SET late = false WHERE plan_id = 5']) s;
ROLLBACK;
