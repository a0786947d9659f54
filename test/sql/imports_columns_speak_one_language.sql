-- I2: a column speaks one language. A lone 22,368 counts as thousands, unless its column shows a sure decimal comma and
-- no sure thousands; then it has two readings, whichever cell comes first.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile();
INSERT INTO units_in (code) VALUES ('A');
CREATE TEMP VIEW outcome AS
SELECT coalesce(d.source_id, r.row ->> 'source_id') AS id, d.amount, r.row ->> 'amount' AS refused, r.cause, r.column_name, r.decimal_mark AS shown, r.reason
FROM deals d FULL JOIN import_rejects r ON r.row ->> 'source_id' = d.source_id ORDER BY 1;

-- A file with decimal commas, in either order: nothing becomes thousands.
INSERT INTO deals_in (source, source_id, unit, amount) VALUES ('x', '1', 'A', '261,96'), ('x', '2', 'A', '22,368'), ('x', '3', 'A', '907,152'), ('x', '4', 'A', '1234');
SELECT * FROM outcome;
DELETE FROM deals; DELETE FROM import_rejects;
INSERT INTO deals_in (source, source_id, unit, amount) VALUES ('x', '2', 'A', '22,368'), ('x', '3', 'A', '907,152'), ('x', '1', 'A', '0,444');
SELECT id, amount, refused, cause FROM outcome;
DELETE FROM deals; DELETE FROM import_rejects;
-- With sure thousands in the column only the decimal comma is refused.
INSERT INTO deals_in (source, source_id, unit, amount) VALUES ('x', '1', 'A', '261,96'), ('x', '2', 'A', '22,368'), ('x', '3', 'A', '907,152'), ('x', '4', 'A', '1,078,379.97');
SELECT id, amount, refused, cause FROM outcome;
DELETE FROM deals; DELETE FROM import_rejects;
-- Alone: thousands. So they are in a statement of their own.
INSERT INTO deals_in (source, source_id, unit, amount) VALUES ('x', '2', 'A', '22,368'), ('x', '3', 'A', '907,152');
INSERT INTO deals_in (source, source_id, unit, amount) VALUES ('x', '1', 'A', '261,96');
SELECT id, amount, refused, cause FROM outcome;
DELETE FROM deals; DELETE FROM import_rejects;
-- The point of a German thousand is none either; an amount in another currency shows its language, too.
INSERT INTO deals_in (source, source_id, unit, amount) VALUES ('x', '1', 'A', '261,96 €'), ('x', '2', 'A', '22.368'), ('x', '3', 'A', '-1,5'), ('x', '4', 'A', '7');
SELECT id, amount, refused, cause, reason FROM outcome;
DELETE FROM deals; DELETE FROM import_rejects;
-- Other columns are other columns, and numbers are as amounts.
INSERT INTO signals_in VALUES ('r', 'A', 'one', '2025-01-01', '22,368'), ('r', 'A', 'two', '2025-01-01', '0,5');
SELECT row ->> 'value' AS value, cause FROM import_rejects ORDER BY line;
DELETE FROM import_rejects;

-- What was refused for two readings has them still when it is tried again alone; the policy decides, not chance.
INSERT INTO deals_in (source, source_id, unit, amount) VALUES ('x', '1', 'A', '261,96'), ('x', '2', 'A', '22,368'), ('x', '3', 'A', '1.078.379,97'), ('x', '4', 'A', '22.368');
INSERT INTO deals_in (source, source_id, unit, amount) VALUES ('x', '1', 'A', '261.96');
SELECT retry_rejects();
SELECT id, amount, refused, cause FROM outcome;
UPDATE policies SET decimal_comma = true;
SELECT retry_rejects();
SELECT id, amount, refused, cause FROM outcome;
DELETE FROM deals;

-- With decimal commas as the company's: the mirror image.
INSERT INTO deals_in (source, source_id, unit, amount) VALUES ('x', '1', 'A', '261.96'), ('x', '2', 'A', '22.368'), ('x', '3', 'A', '907.152'), ('x', '4', 'A', '1234');
SELECT * FROM outcome;
DELETE FROM deals; DELETE FROM import_rejects;
INSERT INTO deals_in (source, source_id, unit, amount) VALUES ('x', '2', 'A', '22.368'), ('x', '1', 'A', '261.96'), ('x', '4', 'A', '1.078.379,97');
SELECT id, amount, refused, cause FROM outcome;
DELETE FROM deals; DELETE FROM import_rejects;
INSERT INTO deals_in (source, source_id, unit, amount) VALUES ('x', '2', 'A', '22.368'), ('x', '3', 'A', '22,368'), ('x', '5', 'A', '1.234,50');
SELECT id, amount, refused, cause FROM outcome;
DELETE FROM deals; DELETE FROM import_rejects;
UPDATE policies SET decimal_comma = false;

-- Over batches: the cell that decides is the last of 70,000; what had been read before it is not in.
CREATE TEMP TABLE file (id int, key text, unit text, amount text);
INSERT INTO file SELECT g, 'd' || g, 'A', CASE WHEN g % 3 = 0 THEN '22,368' ELSE '1234' END FROM generate_series(1, 70000) g;
INSERT INTO deals_in (source, source_id, unit, amount) SELECT 'x', key, unit, amount FROM file ORDER BY id;
SELECT count(*), sum(amount) FROM deals;
DELETE FROM deals;
INSERT INTO deals_in (source, source_id, unit, amount) SELECT 'x', key, unit, amount FROM file UNION ALL VALUES ('x', 'last', 'A', '261,96');
SELECT amount, count(*) FROM deals GROUP BY 1;
SELECT target, source, cause, column_name, rows, first_line, example FROM reject_causes ORDER BY rows;
DELETE FROM deals; DELETE FROM import_rejects;
-- Settled on the way, in the third batch; the last row for a key wins, whether it waited or not, and what came before the first that waits.
UPDATE file SET amount = '5' WHERE id < 33000;
UPDATE file SET key = 'twice' WHERE id IN (10, 33300, 69999);
UPDATE file SET key = 'waits last' WHERE id IN (20, 33003);
UPDATE file SET key = 'good last' WHERE id IN (33006, 69000);
UPDATE file SET amount = '1,234,567' WHERE id = 68000;
UPDATE file SET unit = 'Z' WHERE id IN (33009, 69003);
INSERT INTO deals_in (source, source_id, unit, amount) SELECT 'x', key, unit, amount FROM file ORDER BY id;
SELECT count(*), sum(amount) FROM deals;
SELECT source_id, amount FROM deals WHERE source_id IN ('twice', 'waits last', 'good last') ORDER BY 1;
SELECT line, cause FROM import_rejects ORDER BY line;
SELECT count(*) FROM verify() WHERE NOT ok;

ROLLBACK;
