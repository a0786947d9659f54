-- I1: signals by unit, signal and day; a second source for it is a reject, and so is a computed signal.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

INSERT INTO units_in (code) VALUES ('A'), ('B');
INSERT INTO aliases VALUES ('unit', 'rep', '华东', 'A');
INSERT INTO signals (unit_id, signal, as_of, value) VALUES (1, 'typed', '2025-01-01', 1);
INSERT INTO signals_in VALUES ('rep', 'A', 'tender_amount', '2025-01-01', '1,000万'), ('rep', '华东', 'tender_amount', '2025-02-01', '2000万'),
	('other', 'A', 'tender_amount', '2025-01-01', '5'), ('rep', 'A', 'tender_amount', '2025-01-01', '3000万'), ('rep', 'A', 'health', '2025-01-01', '50'),
	('rep', 'A', 'typed', '2025-01-01', '2'), (NULL, 'A', 'typed', '2025-01-01', '3'), (NULL, 'B', 'typed', '2025-01-01', '4'), ('rep', 'B', 'typed', '2025-01-01', '5'),
	('rep', 'Z', 'typed', '2025-01-01', '5'), ('rep', 'B', 'x', '2025-01-01', 'Infinity');
SELECT * FROM signals ORDER BY 1, 2, 3;
SELECT line, source, reason FROM import_rejects ORDER BY line;
INSERT INTO signals_in VALUES ('other', 'A', 'tender_amount', '2025-02-01', '7'), ('rep', 'A', 'tender_amount', '2025-02-01', '8');
SELECT * FROM signals WHERE as_of = '2025-02-01';
SELECT line, reason FROM import_rejects WHERE source = 'other' ORDER BY reject_id;

-- What one source is refused is not settled by another's value.
SELECT line, source, row ->> 'signal' AS signal FROM import_rejects WHERE source = 'other' ORDER BY reject_id;
INSERT INTO signals_in VALUES ('rep', 'A', 'tender_amount', '2025-01-01', '4000万');
SELECT line, source, row ->> 'signal' AS signal FROM import_rejects WHERE source = 'other' ORDER BY reject_id;
DELETE FROM signals WHERE signal = 'tender_amount';
INSERT INTO signals_in VALUES ('other', 'A', 'tender_amount', '2025-01-01', '6');
SELECT line, source, row ->> 'as_of' AS as_of FROM import_rejects WHERE source = 'other' ORDER BY reject_id;

-- Many at once, and each is told who said it first.
INSERT INTO units_in (code) VALUES ('MANY');
INSERT INTO signals_in SELECT 'a first source whose name goes on and on', 'MANY', 'many', (date '1900-01-01' + i)::text, '1' FROM generate_series(1, 30000) AS i;
INSERT INTO signals_in SELECT 'a second one', 'MANY', 'many', (date '1900-01-01' + i)::text, '2' FROM generate_series(1, 30000) AS i;
SELECT reason, count(*) FROM import_rejects WHERE source = 'a second one' GROUP BY reason;

ROLLBACK;
