-- L: a change made in the ledger behind its back is found by verify(): entries edited, removed, put in,
-- moved; and what they say of plans and amounts. What a chain cannot show is here as well.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied;
INSERT INTO periods VALUES ('P', '[2025-07-01,2025-10-01)'), ('Q', '[2025-10-01,2026-01-01)'),
	('R', '[2026-01-01,2026-04-01)');
INSERT INTO units (unit_id, code, parent_id) VALUES (1, 'CN', NULL), (2, 'A', 1), (3, 'B', 1);
INSERT INTO standings VALUES (2, 'P', 2, 0.05);
DELETE FROM factors;
INSERT INTO factors (signal) VALUES ('market');
INSERT INTO signals (unit_id, signal, as_of, value) VALUES (2, 'market', '2025-01-01', 1),
	(3, 'market', '2025-01-01', 1);
SELECT count(*) FROM allocate_targets('P', 100);
SELECT count(*) FROM allocate_targets('Q', 100);
SELECT publish_plan(1), publish_plan(2);
SELECT count(*) FROM allocate_targets('R', 100);
UPDATE targets SET amount = amount + 1 WHERE plan_id = 1 AND unit_id > 1;
UPDATE targets SET amount = amount + 1 WHERE plan_id = 1 AND unit_id = 2;
UPDATE targets SET amount = amount + 1 WHERE plan_id = 2 AND unit_id = 2;
UPDATE targets SET amount = amount - 1 WHERE unit_id = 2 AND plan_id = 1;
UPDATE targets SET amount = amount - 1 WHERE unit_id = 2 AND plan_id = 2;
SELECT unit_id, entry, action, public.told(details - 'digest') AS details FROM ledger ORDER BY unit_id, entry;
SELECT check_name, ok, detail FROM verify() WHERE check_name = 'ledger' OR NOT ok;

-- The hash of an entry as it stands: what a forger would compute.
CREATE FUNCTION public.rehash(l regtarget.ledger) RETURNS bytea LANGUAGE sql
AS $$
	SELECT sha256(string_agg(convert_to(octet_length(f.field) || ':' || f.field, 'UTF8'), '' ORDER BY f.n))
	FROM unnest(ARRAY[encode(l.previous, 'hex'), l.unit_id::text, l.entry::text,
		(extract(epoch FROM l.at) * 1000000)::bigint::text, l.actor, l.action, l.details::text, l.login])
		WITH ORDINALITY AS f (field, n)
$$;
-- The damage, done by a superuser without any trigger, and what verify() says of it.
CREATE FUNCTION public.found_after(damage text) RETURNS text LANGUAGE plpgsql
AS $$
DECLARE
	found text;
BEGIN
	SET LOCAL session_replication_role = replica;
	EXECUTE damage;
	SELECT string_agg(check_name || ': ' || detail, ' | ') INTO found FROM verify() WHERE NOT ok;
	RAISE EXCEPTION USING MESSAGE = coalesce(found, 'nothing');
EXCEPTION WHEN raise_exception THEN
	RETURN SQLERRM;
END
$$;
SELECT d.damage, f.found
FROM (VALUES
	(1, 'none', 'SELECT 1'),
	(2, 'another amount', $$UPDATE ledger SET details = jsonb_set(details, '{after}', '50') WHERE (unit_id, entry) = (2, 2)$$),
	(3, 'the same number, written otherwise',
		$$UPDATE ledger SET details = jsonb_set(details, '{after}', '53.500') WHERE (unit_id, entry) = (2, 2)$$),
	(4, 'another actor', $$UPDATE ledger SET actor = 'somebody' WHERE (unit_id, entry) = (2, 3)$$),
	(5, 'another action', $$UPDATE ledger SET action = 'adjustment_applied' WHERE (unit_id, entry) = (2, 3)$$),
	(6, 'a microsecond later', $$UPDATE ledger SET at = at + interval '1 microsecond' WHERE (unit_id, entry) = (2, 3)$$),
	(7, 'actor and action shifted', $$UPDATE ledger SET actor = actor || left(action, 1), action = substr(action, 2) WHERE (unit_id, entry) = (2, 3)$$),
	(8, 'another hash before', $$UPDATE ledger SET previous = sha256('x') WHERE (unit_id, entry) = (2, 3)$$),
	(9, 'another hash', $$UPDATE ledger SET hash = sha256('x') WHERE (unit_id, entry) = (2, 3)$$),
	(10, 'a hash put right after an edit',
		$$UPDATE ledger SET actor = 'somebody' WHERE (unit_id, entry) = (2, 3);
		UPDATE ledger l SET hash = public.rehash(l) WHERE (unit_id, entry) = (2, 3)$$),
	(11, 'the first removed', $$DELETE FROM ledger WHERE (unit_id, entry) = (2, 1)$$),
	(12, 'one removed', $$DELETE FROM ledger WHERE (unit_id, entry) = (2, 3)$$),
	(13, 'one removed, the rest moved up',
		$$DELETE FROM ledger WHERE (unit_id, entry) = (2, 3);
		UPDATE ledger SET entry = entry + 100 WHERE unit_id = 2 AND entry > 3;
		UPDATE ledger SET entry = entry - 101 WHERE entry > 100$$),
	(14, 'one put in between',
		$$UPDATE ledger SET entry = entry + 100 WHERE unit_id = 2 AND entry > 3;
		UPDATE ledger SET entry = entry - 99 WHERE entry > 100;
		INSERT INTO ledger SELECT unit_id, 4, at, actor, action, details, hash, hash FROM ledger WHERE (unit_id, entry) = (2, 3);
		UPDATE ledger l SET hash = public.rehash(l) WHERE (unit_id, entry) = (2, 4)$$),
	(15, 'two exchanged',
		$$UPDATE ledger SET entry = CASE entry WHEN 2 THEN 103 ELSE 102 END WHERE unit_id = 2 AND entry IN (2, 3);
		UPDATE ledger SET entry = entry - 100 WHERE entry > 100$$),
	(16, 'what two say exchanged',
		$$UPDATE ledger l SET details = o.details FROM ledger o WHERE l.unit_id = 2 AND o.unit_id = 2
			AND (l.entry, o.entry) IN ((2, 3), (3, 2))$$),
	(17, 'one in another chain', $$UPDATE ledger SET unit_id = 9 WHERE (unit_id, entry) = (3, 1)$$),
	(18, 'one twice', $$INSERT INTO ledger SELECT 9, entry, at, actor, action, details, previous, hash FROM ledger WHERE unit_id = 3$$),
	(19, 'one of a unit that has none',
		$$INSERT INTO ledger VALUES (9, 1, now(), 'a', 'b', '{}', '', sha256(''))$$),
	(20, 'a chain of one removed', $$DELETE FROM ledger WHERE unit_id = 3$$),
	(21, 'all chains removed', $$DELETE FROM ledger$$),
	(22, 'the end cut off, that an amount tells of', $$DELETE FROM ledger WHERE unit_id = 2 AND entry > 4$$),
	(23, 'the publishing removed', $$DELETE FROM ledger WHERE unit_id = 0 AND entry = 2$$),
	(24, 'the publishing of another plan',
		$$UPDATE ledger SET details = jsonb_set(details, '{plan_id}', '7') WHERE (unit_id, entry) = (0, 2)$$),
	(25, 'an amount moved', $$UPDATE targets SET amount = amount + 0.01 WHERE plan_id = 1 AND unit_id = 3$$),
	(26, 'an amount without an entry moved', $$UPDATE targets SET amount = amount + 0.01 WHERE plan_id = 2 AND unit_id = 3$$),
	(27, 'baselines moved from one to another',
		$$UPDATE targets SET suggested = suggested + 1, baseline = baseline + 1, amount = amount + CASE plan_id WHEN 2 THEN 1 ELSE 0 END
		WHERE unit_id = 3; UPDATE targets SET suggested = suggested - 1, baseline = baseline - 1 WHERE unit_id = 2$$),
	(28, 'published behind its back',
		$$UPDATE plans SET status = 'published', published_at = clock_timestamp() WHERE plan_id = 3$$),
	(29, 'nonsense',
		$$UPDATE ledger SET details = '{"target_id": "x", "before": {}, "after": [], "why": null}' WHERE (unit_id, entry) = (2, 2);
		UPDATE ledger SET details = details - 'digest' - 'plan_id' WHERE unit_id = 0$$),
	(30, 'columns of any length',
		$$UPDATE ledger SET hash = '', previous = hash || hash WHERE (unit_id, entry) = (2, 3);
		UPDATE ledger SET hash = hash || hash WHERE (unit_id, entry) = (2, 4)$$)
) AS d (n, damage, statement) CROSS JOIN LATERAL public.found_after(d.statement) AS f (found) ORDER BY d.n;

-- What no chain shows: an end cut off that no amount and no plan tells of, and a chain that somebody
-- wrote anew as a whole. The heads that are kept elsewhere do.
CREATE TABLE public.kept AS SELECT * FROM ledger_digest();
CREATE FUNCTION public.heads_after(damage text) RETURNS text LANGUAGE plpgsql
AS $$
DECLARE
	found text;
BEGIN
	SET LOCAL session_replication_role = replica;
	EXECUTE damage;
	SELECT concat_ws(' ', 'verify:', coalesce((SELECT string_agg(detail, ', ') FROM verify() WHERE NOT ok), 'nothing'),
		'heads:', (SELECT string_agg(concat_ws(' ', k.unit_id, k.entries, '->', d.entries), ', ' ORDER BY k.unit_id)
			FROM public.kept k LEFT JOIN ledger_digest() d ON d.unit_id = k.unit_id
			WHERE (d.entries, d.head) IS DISTINCT FROM (k.entries, k.head))) INTO found;
	RAISE EXCEPTION USING MESSAGE = found;
EXCEPTION WHEN raise_exception THEN
	RETURN SQLERRM;
END
$$;
SELECT d.damage, public.heads_after(d.statement) AS found
FROM (VALUES
	(1, 'the end cut off, with the amounts it tells of',
		$$DELETE FROM ledger WHERE unit_id = 2 AND entry > 4;
		UPDATE targets SET amount = 53.5 + 1 WHERE plan_id = 1 AND unit_id = 2;
		UPDATE targets SET amount = baseline + 1 WHERE plan_id = 2 AND unit_id = 2$$),
	(2, 'a chain written anew',
		$$UPDATE ledger SET actor = 'somebody' WHERE unit_id = 3;
		UPDATE ledger l SET hash = public.rehash(l) WHERE unit_id = 3$$)
) AS d (n, damage, statement) ORDER BY d.n;

-- No harm is left.
SELECT count(*) FROM verify() WHERE NOT ok;

ROLLBACK;
