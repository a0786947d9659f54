-- I3: what is tried again never undoes a row that came in later, whatever name, form or duty the later one came by; and a
-- row that is refused again, by a name that is known by now, is not stored twice.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied;
SELECT add_year(2025);
INSERT INTO units_in (code, parent) VALUES ('CN', NULL), ('N', 'CN'), ('S', 'CN'), ('NA', 'N'), ('NB', 'N'), ('SA', 'S');

-- A signal whose unit had a name that nobody knew, and a later value of the unit by its code.
INSERT INTO signals_in VALUES ('f', 'Suden', 's', '2025-01-01', '5'), ('f', 'Suden', 's', '2025-02-01', '6'), ('f', 'SA', 's', '2025-03-01', 'x');
INSERT INTO signals_in VALUES ('f', 'SA', 's', '2025-01-01', '7');
INSERT INTO aliases VALUES ('unit', 'f', 'Suden', 'SA');
SELECT retry_rejects();
SELECT as_of, value FROM signals ORDER BY 1;
SELECT line, cause, column_name, reason FROM import_rejects ORDER BY line;
-- By the name that is known now it comes in, and nothing of it is left.
INSERT INTO signals_in VALUES ('f', 'Suden', 's', '2025-01-01', '8'), ('f', 'Suden', 's', '2025-03-01', '9');
SELECT as_of, value FROM signals ORDER BY 1;
SELECT count(*) FROM import_rejects;
-- What was good before a version that was refused, that version replaces: nothing came in later.
INSERT INTO signals_in VALUES ('f', 'Suden', 's', '2025-01-01', '0,5'), ('f', 'SA', 's', '2025-01-01', '1,5');
SELECT row ->> 'value' AS value FROM import_rejects;
UPDATE policies SET decimal_comma = true;
SELECT retry_rejects();
UPDATE policies SET decimal_comma = false;
SELECT value FROM signals WHERE as_of = '2025-01-01';

-- A target by a name that nobody knew.
INSERT INTO targets_in VALUES ('2025Q1', 'Nord', '60'), ('2025Q1', 'CN', '100'), ('2025Q1', 'S', '40');
INSERT INTO targets_in VALUES ('2025Q1', 'N', '70');
INSERT INTO aliases VALUES ('unit', '', 'Nord', 'N');
SELECT retry_rejects();
SELECT u.code, suggested FROM targets JOIN units u USING (unit_id) ORDER BY 1;
SELECT cause, column_name, reason FROM import_rejects;
INSERT INTO targets_in VALUES ('2025Q1', 'Nord', '60');
SELECT count(*) FROM import_rejects;

-- Somebody who is called by his address, by another source, by another form of his number.
INSERT INTO employees_in (source, source_id) VALUES ('hr', '1');
INSERT INTO assignments_in VALUES ('hr', 'li@x', 'NA', '2025-01-01', '2025-03-31');
INSERT INTO assignments_in VALUES ('hr', '1', 'NB', '2025-01-01', NULL);
UPDATE employees SET email = 'li@x';
SELECT retry_rejects();
SELECT cause, reason FROM import_rejects;
INSERT INTO employees_in (source, source_id, email) VALUES ('crm', '0055g00000AbCdEAAV', 'li@x');
INSERT INTO assignments_in VALUES ('crm', '0055g00000AbCdE', 'NZ', '2025-01-01', NULL);
SELECT row ->> 'employee' AS employee, row ->> 'unit' AS unit, cause FROM import_rejects ORDER BY reject_id;
INSERT INTO assignments_in VALUES ('hr', '1', 'SA', '2025-01-01', NULL);
SELECT count(*) FROM import_rejects;
SELECT u.code, during FROM assignments JOIN units u USING (unit_id);

-- Refused while nobody knew him, and again when somebody does: once.
INSERT INTO assignments_in VALUES ('hr', '9', 'NZ', '2025-01-01', NULL), ('hr', '9', 'NZ', '2025-05-01', NULL);
SELECT min(reject_id) AS first FROM import_rejects WHERE row ->> 'employee' = '9' \gset
INSERT INTO employees_in (source, source_id) VALUES ('hr', '9');
INSERT INTO assignments_in VALUES ('hr', '9', 'NZ', '2025-01-01', NULL), ('hr', '9', 'NZ', '2025/5/1', NULL);
SELECT reject_id - :first AS id, line, row ->> 'from_date' AS from_date, cause FROM import_rejects WHERE row ->> 'employee' = '9' ORDER BY 1;
INSERT INTO units_in (code, parent) VALUES ('NZ', 'N');
SELECT retry_rejects();
SELECT line, cause FROM import_rejects;
DELETE FROM import_rejects;

-- What says the same as is on record by now comes in.
INSERT INTO assignments_in VALUES ('hr', '8', 'NA', '2025-01-01', NULL), ('hr', '7', 'NA', '2025-01-01', NULL);
INSERT INTO signals_in VALUES ('f', 'Osten', 's', '2025-01-01', '5');
INSERT INTO targets_in VALUES ('2025Q1', 'Osten', '5');
INSERT INTO employees_in (source, source_id, unit, hired_on) VALUES ('hr', '8', 'NA', '2025-01-01'), ('hr', '7', 'NB', '2025-01-01');
INSERT INTO signals_in VALUES ('f', 'NB', 's', '2025-01-01', '5');
INSERT INTO targets_in VALUES ('2025Q1', 'NB', '5');
INSERT INTO aliases SELECT 'unit', source, 'Osten', 'NB' FROM unnest(ARRAY['', 'f']) AS source;
SELECT retry_rejects();
SELECT target, row ->> 'employee' AS employee, cause FROM import_rejects;
DELETE FROM import_rejects;

-- An id of Salesforce's in a source of another name, refused in one form and come in by the other.
INSERT INTO deals_in (source, source_id, unit, amount) VALUES ('crm', '0065g00000AbCdE', 'XX', '5'), ('crm', '0065g00000AbCdFAAV', 'XX', '5'), ('crm', '0065g00000AbCdG', 'XX', '5');
INSERT INTO deals_in (source, source_id, unit, amount) VALUES ('crm', '0065g00000AbCdEAAV', 'NA', '7'), ('crm', '0065g00000AbCdF', 'NA', '7');
INSERT INTO deals_in (source, source_id, unit, amount) VALUES ('crm', '0065g00000AbCdGAAV', 'XX', '6');
SELECT row ->> 'source_id' AS id, row ->> 'amount' AS amount FROM import_rejects;
INSERT INTO units_in (code, parent) VALUES ('XX', 'N');
SELECT retry_rejects();
SELECT source_id, amount FROM deals ORDER BY source_id COLLATE "C";

-- The owner's row, and then finance's: refused by two of the same duty, and by one who has none over the unit.
CREATE ROLE regress_finance;
CREATE ROLE regress_other;
CREATE ROLE regress_south;
SELECT grant_duty('regress_finance', 'N', 'finance'), grant_duty('regress_other', 'NA', 'finance'), grant_duty('regress_south', 'S', 'finance');
INSERT INTO revenues_in VALUES ('fin', 'r1', 'NA', NULL, NULL, '2025-01-01', '261,96');
SET LOCAL ROLE regress_other;
INSERT INTO revenues_in VALUES ('fin', 'r1', 'NA', NULL, NULL, '2025-01-01', '261,97');
SET LOCAL ROLE regress_south;
INSERT INTO revenues_in VALUES ('fin', 'r1', 'NA', NULL, NULL, '2025-01-01', '261,98');
SET LOCAL ROLE regress_finance;
INSERT INTO revenues_in VALUES ('fin', 'r1', 'NA', NULL, NULL, '2025-01-01', '300');
RESET ROLE;
SELECT by_duty_of, row ->> 'amount' AS amount FROM import_rejects;
UPDATE policies SET decimal_comma = true;
SELECT retry_rejects();
SELECT source_id, amount FROM revenues;
SELECT by_duty_of, cause FROM import_rejects;
SELECT * FROM verify() WHERE NOT ok;

ROLLBACK;
