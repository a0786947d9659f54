-- I2: what people export is read, and what has two readings is refused with both of them.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile();
UPDATE policies SET timezone = 'Asia/Shanghai';
INSERT INTO units_in (code) VALUES ('A');

-- Amounts: one reading each.
CREATE TEMP TABLE cells (id int, cell text);
INSERT INTO cells VALUES (1, '1234'), (2, '1,234,567.80'), (3, '1.2亿'), (4, '350万'), (5, '1亿2000万'), (6, '¥1,000'),
	(7, '￥ 1000 元'), (8, 'RMB 5'), (9, '5 CNY'), (10, '(5)'), (11, '5-'), (12, '1.2E+08'), (13, '１２３．５'), (14, U&'\00A0 7\3000'),
	(15, '12%'), (16, '-0.0001'), (17, '1,2345,6789'), (18, ''), (19, NULL), (20, '999999999999999.99');
INSERT INTO deals_in (source, source_id, unit, amount) SELECT 'x', id, 'A', cell FROM cells;
SELECT c.id, c.cell, d.amount FROM cells c LEFT JOIN deals d ON d.source_id = c.id::text ORDER BY 1;

-- Days; a time with a zone is the policy's day, a time without one its own.
TRUNCATE cells;
INSERT INTO cells VALUES (1, '2025-07-01'), (2, '2025/7/1'), (3, '20250701'), (4, '2025年7月1日'), (5, '45839'), (6, '45839.75'),
	(7, '2025-07-01T15:59:59Z'), (8, '2025-07-01T16:00:00Z'), (9, '2025-07-01 23:30'), (10, '2025-07-01T00:30:00.000+0000'),
	(11, '2025-07-01T00:30:00+09:00'), (12, '1'), (13, '2958465'), (14, '２０２５／７／１');
INSERT INTO visits_in (source, source_id, unit, visited_on) SELECT 'x', id, 'A', cell FROM cells;
SELECT c.id, c.cell, v.visited_on FROM cells c LEFT JOIN visits v ON v.source_id = c.id::text ORDER BY 1;

-- Won or lost.
TRUNCATE cells;
INSERT INTO cells SELECT row_number() OVER (), w FROM unnest(ARRAY['yes', 'No', 'Y', 'n', 'TRUE', 'false', '1', '0', '是', '否', 'Won',
	'LOST', '赢单', '输单', ' Closed Won ', '']) AS w;
INSERT INTO deals_in (source, source_id, unit, closed_on, won) SELECT 'y', id, 'A', '2025-01-01', cell FROM cells;
SELECT c.id, c.cell, d.won FROM cells c LEFT JOIN deals d ON d.source = 'y' AND d.source_id = c.id::text ORDER BY 1;

-- Numbers that are no amounts.
INSERT INTO signals_in VALUES ('r', 'A', 'tilt', '2025-01-01', '12%'), ('r', 'A', 'estimate', '2025-01-01', '1.2亿');
SELECT signal, value FROM signals ORDER BY 1;

-- Names and keys without the spaces around them, a byte-order mark among these.
INSERT INTO customers_in VALUES (U&'\FEFFerp', U&'\00A0 c1 ', '  阳光 食品  ', ' A ', NULL, NULL);
SELECT source, source_id, name, unit_id FROM customers;
SELECT count(*) AS rejects FROM import_rejects;

-- Refused, each with its reason.
INSERT INTO deals_in (source, source_id, unit, opened_on, closed_on, won, amount) VALUES
	('z', '1', 'A', '03/04/2025', NULL, NULL, NULL), ('z', '2', 'A', NULL, NULL, NULL, '1.234,50'), ('z', '3', 'A', NULL, NULL, NULL, '-'),
	('z', '4', 'A', NULL, NULL, NULL, '$5'), ('z', '5', 'A', NULL, NULL, NULL, '3万5'), ('z', '6', 'A', '60', NULL, NULL, NULL),
	('z', '7', 'A', '2958466', NULL, NULL, NULL), ('z', '8', 'A', '2025-02-30', NULL, NULL, NULL), ('z', '9', 'A', NULL, NULL, 'maybe', NULL),
	('z', '10', 'A', NULL, NULL, NULL, '1000000000000000'), ('z', '11', 'A', NULL, NULL, NULL, '#VALUE!'),
	('z', '12', 'A', '31.12.2025', NULL, 'perhaps', 'NaN'), ('z', '', 'A', NULL, NULL, NULL, NULL), (NULL, '14', 'A', NULL, NULL, NULL, NULL),
	('z', '15', 'A', 'infinity', NULL, NULL, NULL);
SELECT line, reason FROM import_rejects ORDER BY line;
SELECT count(*) FROM deals WHERE source = 'z';

ROLLBACK;
