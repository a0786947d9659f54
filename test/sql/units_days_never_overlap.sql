-- Periods, months and one person's assignments never overlap; months lie inside their periods;
-- all of them have days, and none is infinite but an assignment's end, which may be open.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

INSERT INTO units (unit_id, code) VALUES (1, 'A'), (2, 'B');
INSERT INTO employees (employee_id, name) VALUES (1, 'Ada'), (2, 'Bob');
INSERT INTO periods VALUES ('P1', '[2025-01-01,2025-04-01)'), ('P2', '[2025-04-01,2025-06-30]');
INSERT INTO months (month, period, during) VALUES ('M1', 'P1', '[2025-01-01,2025-02-01)'),
	('M3', 'P1', '[2025-03-01,2025-03-31]');
INSERT INTO assignments VALUES (1, 1, '[2025-01-01,2025-03-31]');

-- By a day, by all, and the neighbours that do not.
SELECT error_of($$INSERT INTO periods VALUES ('P3', '[2025-06-30,2025-09-30]')$$);
SELECT refusal($$INSERT INTO periods VALUES ('P3', '[2024-01-01,2026-01-01)')$$);
SELECT refusal($$INSERT INTO periods VALUES ('P3', '[2025-07-01,2025-07-01]')$$);
SELECT error_of($$INSERT INTO months VALUES ('M2', 'P1', '[2025-02-01,2025-03-01]')$$);
SELECT refusal($$INSERT INTO months VALUES ('M2', 'P1', '[2025-02-01,2025-03-01)')$$);
SELECT error_of($$INSERT INTO assignments VALUES (1, 2, '[2025-03-31,)')$$);
SELECT refusal($$INSERT INTO assignments VALUES (1, 2, '[2025-04-01,)')$$);
-- Another person may be there at the same time.
SELECT refusal($$INSERT INTO assignments VALUES (2, 1, '[2025-01-01,)')$$);

-- Unbounded, infinite, empty, upside down, none.
SELECT days, refusal(format($$INSERT INTO periods VALUES ('P9', %L)$$, days)) AS periods,
	refusal(format($$INSERT INTO months VALUES ('M9', 'P2', %L)$$, days)) AS months
FROM unnest(ARRAY['[2026-01-01,)', '(,2020-01-01)', '[2026-01-01,infinity)',
	'[-infinity,2020-01-01)', 'empty',
	'[2026-02-01,2026-01-01)', NULL]) AS days;
SELECT days, refusal(format($$INSERT INTO assignments VALUES (2, 1, %L)$$, days)) AS assignments
FROM unnest(ARRAY['(,2020-01-01)', '[-infinity,2020-01-01)', '[2020-01-01,infinity)', 'empty',
	NULL]) AS days;

-- A month lies inside its period: by insert, by update of either, by the edge of a day.
SELECT error_of($$INSERT INTO months VALUES ('M4', 'P1', '[2025-04-01,2025-04-30]')$$);
SELECT refusal($$INSERT INTO months VALUES ('M4', 'P2', '[2025-06-01,2025-07-01]')$$);
SELECT refusal($$UPDATE months SET period = 'P2' WHERE month = 'M3'$$);
SELECT refusal($$UPDATE months SET during = '[2025-03-01,2025-04-01]' WHERE month = 'M3'$$);
SELECT error_of($$UPDATE periods SET during = '[2025-01-01,2025-03-30]' WHERE period = 'P1'$$);
SELECT refusal($$UPDATE periods SET during = '[2024-12-01,2025-03-31]' WHERE period = 'P1'$$);

-- Keys and shares.
SELECT refusal($$INSERT INTO periods VALUES ('', '[2030-01-01,2030-02-01)')$$);
SELECT refusal($$INSERT INTO periods VALUES ('P1', '[2030-01-01,2030-02-01)')$$);
SELECT refusal($$INSERT INTO months VALUES ('', 'P2', '[2025-04-01,2025-04-02)')$$);
SELECT share, refusal(format($$UPDATE months SET share = %L WHERE month = 'M1'$$, share))
FROM unnest(ARRAY['-0.01', '1.01', 'NaN', '0', '1']) AS share;

SELECT check_name, ok FROM verify(ARRAY['tree', 'references']);

ROLLBACK;
