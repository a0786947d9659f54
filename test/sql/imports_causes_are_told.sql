-- I3: causes: rows of one kind of fault are one row, with what to do about it.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile();
SELECT add_year(2025);
INSERT INTO units_in (code) VALUES ('A'), ('B');
INSERT INTO employees_in (source, source_id, email, unit, hired_on) VALUES ('hr', '1', 'li@x', 'A', '2020-01-01'), ('hr', '2', 'wang@x', 'A', '2020-01-01'), ('crm', '3', NULL, NULL, NULL);
INSERT INTO deals_in (source, source_id, unit, amount) SELECT 'crm', 'd' || g, CASE g % 3 WHEN 0 THEN 'N' || g % 7 ELSE 'A' END, CASE g % 3 WHEN 1 THEN g || ',5' ELSE '1' END
FROM generate_series(1, 900) g;
INSERT INTO deals_in VALUES ('crm', 'e1', 'A', NULL, NULL, '03/04/2025', '2025-02-30', 'maybe', '#VALUE!'), ('crm', 'e2', 'A', NULL, NULL, '-', '31.12.2025', '-', '-'),
	('crm', 'e3', 'A', 'nobody', 'none', NULL, NULL, NULL, NULL), ('crm', 'e4', 'A', NULL, NULL, '1599494400000', NULL, NULL, NULL), (NULL, 'e5', 'A', NULL, NULL, NULL, NULL, NULL, NULL),
	('crm', '9.6E+15', 'A', NULL, NULL, NULL, NULL, NULL, NULL), ('crm', 'e6', NULL, '3', NULL, '2025-01-01', NULL, NULL, NULL), ('crm', 'e7', 'A', NULL, NULL, '7/1/25', '24:00', NULL, '5兆'),
	('crm', 'e8', 'A', NULL, NULL, '2025-07-01 24:00', NULL, NULL, NULL), ('crm', 'e9', 'A', NULL, NULL, NULL, NULL, NULL, '1e20'), ('crm', 'e10', 'A', NULL, NULL, NULL, NULL, NULL, '€5');
INSERT INTO visits_in VALUES ('crm', 'v1', 'A', NULL, NULL, '-'), ('crm', 'v2', 'A', NULL, NULL, NULL);
INSERT INTO revenues_in VALUES ('fin', 'r1', 'A', NULL, NULL, '2025-01-01', '-'), ('fin', 'r2', 'A', NULL, NULL, '#N/A', '1');
INSERT INTO assignments_in VALUES ('hr', '1', 'B', '2025-01-01', NULL), ('hr', '1', 'A', '2025-02-01', '2025-01-01'), ('hr', '1', 'A', '2025-03-01', NULL);
INSERT INTO employees_in (source, source_id, email, hired_on, left_on) VALUES ('hr', '4', 'li@x', NULL, NULL), ('hr', '5', NULL, '2025-02-01', '2025-01-01');
INSERT INTO units_in (code, parent) VALUES ('C', 'D'), ('D', 'C'), ('E', 'Z');
INSERT INTO signals_in VALUES ('one', 'A', 'tilt', '2025-01-01', '1'), ('two', 'A', 'tilt', '2025-01-01', '2'), ('one', 'A', 'health', '2025-01-01', '2');
INSERT INTO targets_in VALUES ('2025Q1', 'A', '-1'), ('2025Q1', 'B', '0.001'), ('2025Q9', 'A', '1');
INSERT INTO aliases VALUES ('unit', 'crm', 'old', 'gone');
INSERT INTO deals_in (source, source_id, unit) VALUES ('crm', 'a1', 'old');
ALTER TABLE deals ADD CONSTRAINT no_seven CHECK (amount <> 7);
INSERT INTO deals_in (source, source_id, unit, amount) VALUES ('crm', 'a2', 'A', '7');
ALTER TABLE deals DROP CONSTRAINT no_seven;
SELECT target, source, cause, column_name, rows, first_line, example FROM reject_causes ORDER BY target, source, cause, column_name;
-- What to do is right for the column.
SELECT DISTINCT cause, target, column_name, what_to_do FROM reject_causes ORDER BY 1, 2, 3;
-- Of every column: nobody is told to leave a cell empty that may not be, or to write 0 where no number stands.
CREATE TEMP VIEW advice AS
SELECT c.table_name AS target, c.column_name, k AS cause, reject_advice(k, c.table_name, c.column_name) AS what_to_do,
	c.column_name IN ('source', 'source_id', 'code', 'visited_on', 'booked_on', 'as_of', 'value', 'suggested', 'period', 'from_date', 'signal', 'happened_on', 'subject')
		AND (c.table_name, c.column_name) <> ('market_events_in', 'source')
	OR c.table_name = 'revenues_in' AND c.column_name = 'amount' OR c.table_name IN ('signals_in', 'targets_in', 'assignments_in') AND c.column_name = 'unit'
	OR c.table_name = 'assignments_in' AND c.column_name = 'employee' AS required
FROM information_schema.columns c, unnest(ARRAY['lone_dash', 'sheet_error', 'two_readings', 'not_a_number', 'not_a_day']) AS k WHERE c.table_schema = 'regtarget' AND c.table_name ~ '_in$';
SELECT count(*) > 100 AS many, count(what_to_do) = count(*) AS all FROM advice;
SELECT * FROM advice WHERE required AND target <> 'signals_in' AND what_to_do ~ '(cells? empty|by nothing)';
SELECT * FROM advice WHERE cause <> 'not_a_number' AND what_to_do ~ ' 0 |number|decimal' AND column_name NOT IN ('amount', 'value', 'suggested', 'share');
SELECT count(*) AS causes, bool_and(what_to_do <> '') AS advised FROM reject_causes;
SELECT (SELECT sum(rows) FROM reject_causes) = count(*) AS complete FROM import_rejects;
SELECT reject_advice('nonsense', 'deals_in', NULL) IS NULL, reject_advice(NULL, NULL, NULL) IS NULL, reject_advice('lone_dash', 'nothing', 'nothing');
SELECT DISTINCT cause FROM import_rejects WHERE cause !~ '^[a-z0-9_]+$';

-- The same row refused again is not stored twice, whatever has changed in it, and however its key is written.
DELETE FROM import_rejects;
INSERT INTO deals_in (source, source_id, unit, amount) VALUES ('crm', 'k1', 'N1', '1'), ('crm', 'k2', 'N1', '1'), ('crm', 'k1', 'N2', '2');
SELECT row ->> 'source_id' AS id, line, reason FROM import_rejects ORDER BY reject_id;
INSERT INTO deals_in (source, source_id, unit, amount) VALUES ('crm', 'k2', 'N1', '5'), ('crm', U&' k1\3000', 'N1', '3');
SELECT row ->> 'source_id' AS id, row ->> 'amount' AS amount, line, reason FROM import_rejects ORDER BY reject_id;
INSERT INTO assignments_in VALUES ('hr', '2', 'N1', '2025-01-01', NULL);
INSERT INTO assignments_in VALUES ('hr', '2', 'N2', '2025/1/1', NULL);
SELECT row ->> 'unit' AS unit FROM import_rejects WHERE target = 'assignments_in';
-- Rows without a key that can be read are the same when they are alike.
INSERT INTO deals_in (source, source_id, unit, amount) VALUES ('crm', '', 'A', '1'), ('crm', '', 'A', '2'), ('crm', '', 'A', '1');
INSERT INTO deals_in (source, source_id, unit, amount) VALUES ('crm', '', 'A', '2');
SELECT line, row ->> 'amount' AS amount FROM import_rejects WHERE cause = 'missing' ORDER BY line;
-- A row whose key has come in since, right, is refused no more: in a later statement, below it in its own, across batches, by another spelling.
INSERT INTO deals_in (source, source_id, unit, amount) VALUES ('crm', 'k1', 'A', '4');
INSERT INTO assignments_in VALUES ('hr', '2', 'B', '2025年1月1日', NULL), ('hr', '2', 'A', '2020-01-01', '2024-12-31');
SELECT target, row ->> 'source_id' AS id FROM import_rejects WHERE cause <> 'missing';
DELETE FROM import_rejects;
SET LOCAL client_min_messages = notice;
INSERT INTO deals_in (source, source_id, unit, amount) VALUES ('crm', 'b1', 'N1', '1'), ('crm', 'b1', 'A', '2'), ('crm', 'b2', 'A', '1'), ('crm', 'b2', 'N1', '2');
SET LOCAL client_min_messages = warning;
SELECT row ->> 'source_id' AS id, line FROM import_rejects;
INSERT INTO deals_in (source, source_id, unit, amount)
SELECT 'far', CASE WHEN g IN (1, 40000) THEN 'x' WHEN g IN (2, 20000, 50000) THEN 'y' ELSE 'n' || g END, CASE WHEN g IN (1, 2, 50000) THEN 'M' ELSE 'A' END, g FROM generate_series(1, 50000) g;
SELECT row ->> 'source_id' AS id, line FROM import_rejects WHERE source = 'far';
-- Another source's, or another target's, is another row.
INSERT INTO deals_in (source, source_id, unit, amount) VALUES ('one', 's', 'N1', '1'), ('two', 's', 'A', '1');
INSERT INTO visits_in VALUES ('one', 's', 'A', NULL, NULL, '2025-01-01');
SELECT source FROM import_rejects WHERE row ->> 'source_id' = 's';
-- Refused again, a row keeps its number and the time when it was refused first.
UPDATE import_rejects SET at = '2025-01-01' WHERE source = 'one';
SELECT reject_id AS first FROM import_rejects WHERE source = 'one' \gset
INSERT INTO deals_in (source, source_id, unit, amount) VALUES ('one', 's', 'N2', '2');
SELECT reject_id = :first AS same, at::date, row ->> 'unit' AS unit FROM import_rejects WHERE source = 'one';

-- What to do is told to whoever may read the rejects.
CREATE ROLE regress_etl;
GRANT USAGE ON SCHEMA regtarget TO regress_etl;
GRANT INSERT ON deals_in TO regress_etl;
GRANT SELECT ON import_rejects, reject_causes TO regress_etl;
GRANT EXECUTE ON FUNCTION reject_advice TO regress_etl;
SET LOCAL ROLE regress_etl;
SELECT source, cause, rows FROM reject_causes ORDER BY source;
RESET ROLE;

ROLLBACK;
