-- Nothing is lost in silence: facts of units that are not there are told, kept apart and counted when the unit comes;
-- what is no amount is refused; days without an end, nulls and odd spans have their rule.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied;
INSERT INTO units (unit_id, code, parent_id) VALUES (1, 'CN', NULL), (2, 'A', 1);
CREATE SCHEMA mine;
CREATE TABLE mine.sales (unit_id int, booked_on date, amount numeric);
INSERT INTO mine.sales VALUES (2, '2025-01-01', 10), (9, '2025-01-01', 20), (NULL, '2025-01-02', 30), (9, '2025-01-03', NULL),
	(2, NULL, 1e14), (2, 'infinity', 1e14), (2, '-infinity', 1e14), (2, '2025-01-03', NULL), (2, '2025-01-03', -2.5);
SELECT attach_facts('revenues', 'mine.sales');

SET LOCAL client_min_messages = notice;
SELECT refresh_activity('2025-01-01', '2025-01-31');
SET LOCAL client_min_messages = warning;
SELECT rows, unknown_rows FROM attached_facts;
SELECT unit_id, day, revenues, revenue_amount FROM activity ORDER BY 1, 2;
SELECT * FROM attached_strays ORDER BY 1, 2;
SELECT * FROM verify('{activity}');

-- The unit comes: found, and then counted. A unit with facts elsewhere stays, until they are detached.
INSERT INTO units (unit_id, code, parent_id) VALUES (9, 'C', 1);
SELECT detail FROM verify('{activity}');
SELECT refresh_activity('2025-01-01', '2025-01-31');
SELECT rows, unknown_rows FROM attached_facts;
SELECT day, revenues, revenue_amount FROM activity WHERE unit_id = 9 ORDER BY 1;
SELECT * FROM verify('{activity}');
SELECT * FROM public.error_of('DELETE FROM units WHERE unit_id = 9');

-- Spans: a single day, all days that there are, days on which there is nothing.
SELECT refresh_activity('2025-01-01', '2025-01-01'), refresh_activity('4714-11-24 BC', '5874897-12-31'),
	refresh_activity('4714-11-24 BC', '4714-11-24 BC'), refresh_activity('5874897-12-31', '5874897-12-31');
SELECT counted_from, counted_to, rows FROM attached_facts;
INSERT INTO mine.sales VALUES (2, '4714-11-24 BC', 1), (2, '5874897-12-31', 2);
SELECT refresh_activity('4714-11-24 BC', '5874897-12-31');
SELECT day, revenue_amount FROM activity WHERE unit_id = 2 ORDER BY day;
SELECT * FROM verify('{activity}');

-- No amounts, and sums that no rows within the range add up to.
CREATE FUNCTION public.refusal_with(amount numeric) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO mine.sales VALUES (2, '2025-01-05', 1), (2, '2025-01-05', amount);
	RETURN QUERY SELECT public.error_of('SELECT refresh_activity(''2025-01-01'', ''2025-01-31'')');
	DELETE FROM mine.sales WHERE booked_on = '2025-01-05';
END
$$;
SELECT a AS with_amount, r FROM unnest('{NaN,Infinity,-Infinity,2e15,-3e15,1e40,999999999999999.99}'::numeric[]) WITH ORDINALITY AS t (a, n),
	LATERAL public.refusal_with(a) r ORDER BY n;
SELECT refresh_activity('2025-01-01', '2025-01-31');
SELECT * FROM verify('{activity}');

-- Arguments, in their order.
SELECT a, public.refusal(format('SELECT refresh_activity(%s)', a)) FROM unnest(ARRAY['NULL, ''2025-01-01''', '''2025-01-01'', NULL',
	'''-infinity'', ''2025-01-01''', '''2025-01-01'', ''infinity''', '''2025-01-02'', ''2025-01-01''']) a;

-- What was counted is written by functions alone.
SELECT s, public.refusal(s) FROM unnest(ARRAY[
	'INSERT INTO attachments (fact, schema_name, relation_name, made_there) VALUES (''visits'', ''a'', ''b'', true)',
	'UPDATE attachments SET rows = 0', 'DELETE FROM attachments', 'TRUNCATE attachments', 'UPDATE attached_days SET visits = 1',
	'INSERT INTO attached_days VALUES (2, ''2025-01-01'', 1, 0, 0, 0, 0, 0, 7)', 'DELETE FROM attached_days', 'TRUNCATE attached_days',
	'DELETE FROM attached_strays', 'INSERT INTO attached_strays VALUES (1, ''2025-01-01'', 1, 1)', 'TRUNCATE attached_strays',
	'DELETE FROM attached_relations', 'TRUNCATE attached_relations']) s;

-- Damage that a session has done behind the triggers' backs.
CREATE FUNCTION public.found_after(damage text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	found text;
BEGIN
	SET LOCAL session_replication_role = replica;
	EXECUTE damage;
	SET LOCAL session_replication_role = origin;
	SELECT detail INTO found FROM verify('{activity}');
	RAISE EXCEPTION USING MESSAGE = coalesce(found, 'nothing');
EXCEPTION WHEN raise_exception THEN
	RETURN SQLERRM;
END
$$;
SELECT d, public.found_after(d) FROM unnest(ARRAY['SELECT 1',
	'UPDATE attached_days SET revenue_amount = revenue_amount + 0.001 WHERE day = ''2025-01-01'' AND unit_id = 2',
	'UPDATE attached_days SET day = day + 1 WHERE day = ''2025-01-01'' AND unit_id = 2',
	'DELETE FROM attached_days WHERE day = ''2025-01-01'' AND unit_id = 9',
	'INSERT INTO attached_days SELECT unit_id, day, visits, won, lost, won_amount, revenues, revenue_amount, 77 FROM attached_days WHERE unit_id = 9',
	'UPDATE attachments SET rows = rows + 1', 'UPDATE attachments SET unknown_rows = 5', 'UPDATE attachments SET counted_from = ''2025-01-03''',
	'INSERT INTO attached_strays SELECT attachment_id, ''2025-01-02'', 2, 3 FROM attachments ON CONFLICT (attachment_id, day) DO UPDATE SET rows = 2']) d;

ROLLBACK;
