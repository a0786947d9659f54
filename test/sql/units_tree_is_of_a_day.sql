-- A unit that moves: every day has its own tree, and nobody's past changes.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all
SELECT apply_profile() <> '' AS applied;
SELECT add_year(2025);
INSERT INTO regtarget.units (unit_id, code, name, kind, parent_id) VALUES (1, 'CN', 'China', 'company', NULL),
	(2, 'EAST', NULL, 'region', 1), (3, 'MID', NULL, 'region', 1), (4, 'SH', NULL, 'group', 2), (5, 'HF', NULL, 'group', 2),
	(6, 'WH', NULL, 'group', 3);
CREATE VIEW trees AS SELECT day::date, string_agg(path, ' ' ORDER BY t.unit_id) AS paths
FROM unnest(ARRAY['2025-01-01', '2025-05-14', '2025-05-15', '2025-08-01', '2300-01-01']::date[]) day,
	regtarget.unit_tree_on(day::date) t WHERE is_leaf GROUP BY 1;

SELECT regtarget.move_unit('HF', 'MID', '2025-05-15');
TABLE regtarget.past_parents;
SELECT unit_id, parent_id FROM regtarget.units WHERE code = 'HF';
SELECT * FROM trees ORDER BY day;
SELECT path, parent, parent_id FROM regtarget.unit_tree WHERE unit = 'HF';
SELECT ancestor FROM regtarget.unit_ancestors WHERE unit = 'HF' ORDER BY distance;
-- On or before it: refused. After it: goes on. Ahead of time: today's tree stays.
SELECT public.refusal($$SELECT regtarget.move_unit('HF', 'EAST', '2025-05-15')$$);
SELECT public.refusal($$SELECT regtarget.move_unit('HF', 'EAST', '2025-03-01')$$);
SELECT public.refusal($$SELECT regtarget.move_unit('HF', 'MID', '2025-08-01')$$);
SELECT regtarget.move_unit('HF', 'EAST', '2025-08-01');
SELECT regtarget.move_unit('WH', NULL, '2300-01-01');
SELECT * FROM trees ORDER BY day;
SELECT unit, path, parent_id, is_leaf FROM regtarget.unit_tree ORDER BY unit_id;
-- An UPDATE by hand corrects the record from the last move on.
UPDATE regtarget.units SET parent_id = 2 WHERE code = 'WH';
SELECT * FROM trees ORDER BY day;
UPDATE regtarget.units SET parent_id = NULL WHERE code = 'WH';

-- Bad input.
SELECT public.refusal($$SELECT regtarget.move_unit('XX', 'MID')$$);
SELECT public.refusal($$SELECT regtarget.move_unit('SH', 'XX')$$);
SELECT public.refusal($$SELECT regtarget.move_unit(NULL, 'MID')$$);
SELECT public.refusal($$SELECT regtarget.move_unit('SH', 'MID', NULL)$$);
SELECT public.refusal($$SELECT regtarget.move_unit('SH', 'MID', 'infinity')$$);
SELECT public.refusal($$SELECT regtarget.move_unit('SH', 'SH', '2025-06-01')$$);
SELECT public.refusal($$SELECT regtarget.move_unit('EAST', 'SH', '2025-06-01')$$);
SELECT public.refusal($$SELECT regtarget.unit_tree_on(NULL)$$);
SELECT public.refusal($$SELECT regtarget.unit_tree_on('-infinity')$$);
SELECT public.refusal($$INSERT INTO regtarget.past_parents VALUES (4, 'infinity', 1)$$);
SELECT public.refusal($$INSERT INTO regtarget.past_parents VALUES (4, '2025-01-01', 99)$$);
INSERT INTO regtarget.units (unit_id, code, parent_id, opened_on, closed_on) VALUES (7, 'OLD', 2, '2025-01-01', '2025-05-31');
SELECT public.refusal($$SELECT regtarget.move_unit('OLD', 'MID', '2025-06-01')$$);
SELECT public.refusal($$SELECT regtarget.move_unit('SH', 'OLD', '2025-06-01')$$);
-- A cycle on any day, whoever writes: MID below EAST until August would close one with EAST below MID.
SELECT regtarget.move_unit('EAST', 'MID', '2025-06-01');
SELECT public.refusal($$INSERT INTO regtarget.past_parents VALUES (3, '2025-07-01', 2)$$);
INSERT INTO regtarget.past_parents VALUES (3, '2025-06-01', 2);
SELECT public.refusal($$DELETE FROM regtarget.past_parents WHERE (unit_id, until_on) = (2, '2025-06-01')$$);
SELECT public.refusal($$UPDATE regtarget.past_parents SET until_on = '2025-06-02' WHERE (unit_id, until_on) = (3, '2025-06-01')$$);
SELECT public.refusal($$UPDATE regtarget.units SET parent_id = 2 WHERE code = 'MID'$$);
SELECT * FROM trees ORDER BY day;
SELECT details FROM regtarget.ledger WHERE action = 'unit_moved' ORDER BY unit_id, entry;
-- With moves that lie ahead each unit's place, asked for alone, is that of today's tree: who will lose all children is no
-- leaf yet, who will have some still is one.
SAVEPOINT ahead;
SELECT regtarget.move_unit('HF', 'SH', '2400-01-01'), regtarget.move_unit('WH', 'HF', '2400-01-01'), regtarget.move_unit('HF', 'CN', '2401-01-01');
CREATE FUNCTION places() RETURNS TABLE (unit_id int, parent_id int, path text, region text, is_leaf boolean) LANGUAGE plpgsql AS $$
BEGIN
	FOR unit_id IN SELECT u.unit_id FROM regtarget.units u LOOP
		EXECUTE format('SELECT p.parent_id, p.path, p.region, p.is_leaf FROM regtarget.place_of_unit(%s) p', unit_id) INTO parent_id, path, region, is_leaf;
		RETURN NEXT;
	END LOOP;
END
$$;
SELECT count(*) AS places, count(*) FILTER (WHERE is_leaf) AS leaves FROM places();
SELECT unit_id, parent_id, path, region, is_leaf FROM places() EXCEPT SELECT unit_id, parent_id, path, region, is_leaf FROM regtarget.unit_tree_on(current_date);
ROLLBACK TO ahead;
-- A new unit costs the same however many moves are on record; a cycle among new ones is found.
SAVEPOINT many;
INSERT INTO regtarget.past_parents SELECT 6, date '2000-01-01' + d, 2 + d % 2 FROM generate_series(1, 500) d;
CREATE FUNCTION rows_read() RETURNS bigint LANGUAGE sql VOLATILE AS
'SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint FROM pg_stat_xact_all_tables WHERE schemaname = ''regtarget''';
SELECT rows_read() AS before \gset
INSERT INTO regtarget.units (unit_id, code, parent_id) VALUES (50, 'N1', 6), (51, 'N2', 50);
SELECT rows_read() - :before < 100 AS few_were_read;
SELECT public.refusal($$INSERT INTO regtarget.units (unit_id, code, parent_id) VALUES (60, 'N3', 61), (61, 'N4', 60)$$);
ROLLBACK TO many;
-- Nobody deletes a parent of the past.
SELECT public.refusal($$DELETE FROM regtarget.units WHERE code = 'CN'$$);
SELECT check_name, ok FROM regtarget.verify() WHERE NOT ok;
ALTER TABLE regtarget.past_parents DISABLE TRIGGER ALL;
INSERT INTO regtarget.past_parents VALUES (2, '2025-01-01', 3), (1, '2024-01-01', 99);
ALTER TABLE regtarget.past_parents ENABLE TRIGGER ALL;
SELECT * FROM regtarget.verify('{tree,references}');
ROLLBACK;
