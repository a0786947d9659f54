-- L: the hashes are those that the documentation says, so that anyone can recompute them, in SQL or
-- without a database; and no setting of a session changes any of it.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

-- The query of the documentation: entries that are not what their hash covers, or not bound to the
-- one before, or not the next.
CREATE VIEW public.broken AS
SELECT l.unit_id, l.entry
FROM (SELECT *, lag(hash, 1, '') OVER chain AS before, row_number() OVER chain AS n
	FROM regtarget.ledger WINDOW chain AS (PARTITION BY unit_id ORDER BY entry)) AS l
CROSS JOIN LATERAL (
	SELECT sha256(string_agg(convert_to(octet_length(convert_to(f.field, 'UTF8')) || ':' || f.field, 'UTF8'), ''
		ORDER BY f.n)) AS hash
	FROM unnest(ARRAY[encode(l.before, 'hex'), l.unit_id::text, l.entry::text,
		(extract(epoch FROM l.at) * 1000000)::bigint::text, l.actor, l.action, l.details::text, l.login])
		WITH ORDINALITY AS f (field, n) WHERE f.field IS NOT NULL) AS r
WHERE l.hash <> r.hash OR l.previous <> l.before OR l.entry <> l.n;

-- A chain made by another language, brought in as a restore would.
SET LOCAL check_function_bodies = off;
SET LOCAL row_security = off;
INSERT INTO ledger VALUES
	(7, 1, '2025-07-01 00:00:00+00', 'boss', 'noted', '{"period": "2025Q3", "amount": 1.50}', '',
		'\xfbb04389e8ffa735822eda21985e4a50cee43eff325e18d648c6b455140d01c1'),
	(7, 2, '2025-07-01 00:00:00.000001+00', 'boss', 'noted', '{}',
		'\xfbb04389e8ffa735822eda21985e4a50cee43eff325e18d648c6b455140d01c1',
		'\xa2262b85c352559f241240c50ec761c7de7f21cc612ffa1883e2928fd32f5c4a'),
	(7, 3, '1969-12-31 23:59:59.999999+00', 'sales operations', 'noted',
		'{"text": "line\nline \"quoted\" \\", "a": [1, null, true]}',
		'\xa2262b85c352559f241240c50ec761c7de7f21cc612ffa1883e2928fd32f5c4a',
		'\x866384e5293c221a40b5232e23f4fdda5d2fb458050048ff5585028652fa2dbe');
SET LOCAL check_function_bodies = on;
SET LOCAL row_security = on;
SELECT ok, detail FROM verify('{ledger}');
SELECT * FROM public.broken;

-- A chain made here, each of its entries under other settings, and all of it read under each.
SELECT apply_profile() <> '' AS applied;
INSERT INTO periods VALUES ('P', '[2025-07-01,2025-10-01)');
INSERT INTO units (unit_id, code, parent_id) VALUES (1, 'CN', NULL), (2, 'A', 1), (3, 'B', 1);
INSERT INTO standings VALUES (2, 'P', 2, 0.05);
DELETE FROM factors;
INSERT INTO factors (signal) VALUES ('market');
INSERT INTO signals (unit_id, signal, as_of, value) VALUES (2, 'market', '2025-01-01', 1),
	(3, 'market', '2025-01-01', 1);
SELECT count(*) FROM allocate_targets('P', 100);
SELECT publish_plan(1);

CREATE FUNCTION public.under(setting text, new_value text) RETURNS text LANGUAGE plpgsql
AS $$
DECLARE
	found text;
	old_value text := current_setting(setting);
BEGIN
	PERFORM set_config(setting, new_value, true);
	UPDATE regtarget.targets SET amount = amount + 0.01 WHERE unit_id IN (2, 3);
	SELECT concat_ws(' ', (SELECT ok FROM regtarget.verify('{ledger}')),
		(SELECT count(*) FROM public.broken), (SELECT max(entry) FROM regtarget.ledger)) INTO found;
	PERFORM set_config(setting, old_value, true);
	RETURN found;
END
$$;
SELECT s.setting, s.value, public.under(s.setting, s.value) FROM (VALUES
	(1, 'DateStyle', 'German, DMY'), (2, 'DateStyle', 'SQL, MDY'), (3, 'DateStyle', 'Postgres, YMD'),
	(4, 'TimeZone', 'Asia/Shanghai'), (5, 'TimeZone', 'America/New_York'), (6, 'TimeZone', 'UTC'),
	(7, 'IntervalStyle', 'sql_standard'), (8, 'extra_float_digits', '-15'), (9, 'extra_float_digits', '3'),
	(10, 'lc_numeric', 'POSIX'), (11, 'lc_monetary', 'POSIX'), (12, 'lc_time', 'POSIX'), (13, 'bytea_output', 'escape'),
	(14, 'standard_conforming_strings', 'off'), (15, 'backslash_quote', 'on'), (16, 'quote_all_identifiers', 'on'),
	(17, 'search_path', 'public'), (18, 'array_nulls', 'off'), (19, 'enable_indexscan', 'off'),
	(20, 'transform_null_equals', 'on')) AS s (n, setting, value)
ORDER BY s.n;
SELECT ok, detail FROM verify('{ledger}');
SELECT count(*) FROM public.broken;

-- The digest of a plan: from another language (1 is 100, 2 is 52.5, 3 is 50), and by the query of the
-- documentation.
SELECT details ->> 'digest' = '86b28a5a7306427c7536ed3aadcfd58be2b9b45c58982f4579e6d0cafcc9670c' AS golden,
	details ->> 'digest' = (
		SELECT encode(sha256(convert_to(string_agg(length(f.unit) || ':' || f.unit || length(f.baseline) || ':' || f.baseline,
			'' ORDER BY f.unit_id), 'UTF8')), 'hex')
		FROM (SELECT t.unit_id, t.unit_id::text AS unit, trim_scale(t.baseline)::text AS baseline
			FROM targets t WHERE t.plan_id = 1) AS f) AS by_sql,
	public.told(details - 'digest') AS details
FROM ledger WHERE action = 'plan_published';
-- Decimals that mean nothing do not count.
UPDATE targets SET baseline = baseline * 1.000 WHERE plan_id = 1;
SELECT baseline FROM targets WHERE plan_id = 1 ORDER BY unit_id;
SELECT ok, detail FROM verify('{ledger}');

ROLLBACK;
