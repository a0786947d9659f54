-- NaN and infinities are refused everywhere: in every column of every table that could hold one, by
-- update; and by insert, where a trigger might look at a row before its constraints do.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set fill :srcdir '/tap/fill.sql'
\o /dev/null
\i :fill
\o
\set ECHO all

-- Of targets and plans those of drafts, whose columns are not frozen; standings are frozen.  (Nobody
-- writes activity_* and source_*: triggers make these rows of facts that were checked, and verify() compares.)
INSERT INTO past_parents VALUES (1, '2020-01-01', NULL);
CREATE VIEW public.numbers AS
SELECT c.relname AS t, a.attname AS col, v.value,
	CASE c.relname WHEN 'plans' THEN 'status = ''draft'''
		WHEN 'targets' THEN 'plan_id IN (SELECT plan_id FROM plans WHERE status = ''draft'')'
		ELSE 'true' END AS condition
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN (VALUES ('numeric', 'NaN'), ('numeric', 'Infinity'), ('numeric', '-Infinity'),
	('float8', 'NaN'),
	('float8', 'Infinity'), ('float8', '-Infinity'), ('date', 'infinity'), ('date', '-infinity'))
	AS v (type, value) ON v.type::regtype = a.atttypid
WHERE c.relnamespace = 'regtarget'::regnamespace AND c.relkind = 'r' AND c.relname !~ '^(activity|source)_';

CREATE FUNCTION public.answer(statement text, VARIADIC arguments text[]) RETURNS text LANGUAGE sql
RETURN split_part(refusal(format(statement, VARIADIC arguments)), ': ', 1);

-- By update: whatever is refused by anything but a constraint, or not at all.  What functions alone
-- write is refused before that.
SELECT t, col, value, refused
FROM (SELECT n.*, answer('UPDATE %I SET %I = %L WHERE %s', t, col, value, condition) AS refused
	FROM public.numbers n) AS r
WHERE refused NOT LIKE '23514 %' AND NOT (t IN ('standings', 'plans', 'adjustments', 'signatures', 'filings', 'answers', 'ledger', 'market_events', 'alerts', 'reviews', 'reminders', 'attachments', 'attached_days', 'attached_strays') AND refused = '55000')
ORDER BY t COLLATE "C", col COLLATE "C", value COLLATE "C";

INSERT INTO plans (plan_id, period, root_unit_id, total) VALUES (100, '2024Q1', 1, 0);
SELECT col, value, answer('INSERT INTO targets (plan_id, unit_id, %I) VALUES (100, 1, %L)', col,
	value)
FROM public.numbers WHERE t = 'targets' ORDER BY col COLLATE "C", value COLLATE "C";
SELECT col, value, answer('INSERT INTO standings (period, unit_id, %I) VALUES (''2024Q1'', 1, %L)',
	col, value)
FROM public.numbers WHERE t = 'standings' ORDER BY col COLLATE "C", value COLLATE "C";
SELECT col, value,
	answer('INSERT INTO plans (period, root_unit_id, total, %I) VALUES (''2024Q1'', 1, 0, %L)',
	col, value)
FROM public.numbers WHERE t = 'plans' AND col <> 'total' ORDER BY col COLLATE "C",
	value COLLATE "C";
SELECT value, answer('INSERT INTO plans (period, root_unit_id, total) VALUES (''2024Q1'', 1, %L)',
	value)
FROM unnest(ARRAY['NaN', 'Infinity', '-Infinity']) AS value;

-- And out of the functions' arguments.
SELECT value, answer('SELECT allocate_targets(''2024Q1'', %L, ''sandbox'', ''CN'')',
	value) AS total,
	answer('SELECT allocate_targets(''2024Q1'', 1, ''sandbox'', ''CN'', %L)', value) AS step
FROM unnest(ARRAY['NaN', 'Infinity', '-Infinity']) AS value;

ROLLBACK;
