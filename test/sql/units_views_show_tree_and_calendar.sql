-- unit_tree, unit_ancestors and calendar say what the tables mean.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

--          CN (company)                  HK (no kind, a second root)
--      N (region)        S (no kind)
--   N1      N2         S1      S2 (region)
--   N1a                          S2a
INSERT INTO units (unit_id, code, name, kind, parent_id, opened_on, closed_on) VALUES
	(1, 'CN', 'Company', 'company', NULL, NULL, NULL), (2, 'N', 'North', 'region', 1, '2020-01-01',
		NULL),
	(3, 'S', 'South', NULL, 1, NULL, '2025-12-31'), (4, 'N1', NULL, 'group', 2, NULL, NULL),
	(5, 'N2', NULL, 'group', 2, NULL, NULL), (6, 'S1', NULL, 'group', 3, NULL, NULL),
	(7, 'S2', NULL, 'region', 3, NULL, NULL), (8, 'N1a', NULL, NULL, 4, NULL, NULL),
	(9, 'S2a', NULL, NULL, 7, NULL, NULL), (10, 'HK', NULL, NULL, NULL, NULL, NULL);

-- The region is the nearest unit of that kind, at or above; else the unit at depth 1; a root has
-- none.
SELECT unit_id, unit, kind, parent_id, parent, depth, path, region, is_leaf, opened_on, closed_on
FROM unit_tree ORDER BY path COLLATE "C";

-- Every pair, itself included: 10 units and their depths, 0 + 1 + 1 + 2 + 2 + 2 + 2 + 3 + 3 + 0 =
-- 16.
SELECT count(*), count(*) FILTER (WHERE distance > 0) AS above FROM unit_ancestors;
SELECT * FROM unit_ancestors WHERE unit = 'N1a' ORDER BY distance;
SELECT string_agg(unit, ' ' ORDER BY unit_id) FROM unit_ancestors WHERE ancestor = 'S';

-- Weights of months.  Without shares, by days: 31/92, 31/92, 30/92.
INSERT INTO periods VALUES ('2025Q3', '[2025-07-01,2025-10-01)'),
	('2025Q4', '[2025-10-01,2026-01-01)'),
	('odd', '[2026-01-01,2026-01-11)');
INSERT INTO months (month, period, during, share) VALUES
	('2025-07', '2025Q3', '[2025-07-01,2025-08-01)', NULL), ('2025-08', '2025Q3',
		'[2025-08-01,2025-09-01)', NULL),
	('2025-09', '2025Q3', '[2025-09-01,2025-10-01)', NULL),
-- With one share given, 0.5, the others share the rest by days: 0.5 x 30/61, 0.5 x 31/61.
	('2025-10', '2025Q4', '[2025-10-01,2025-11-01)', 0.5), ('2025-11', '2025Q4',
		'[2025-11-01,2025-12-01)', NULL),
	('2025-12', '2025Q4', '[2025-12-01,2026-01-01)', NULL),
-- Typed by hand, with days that belong to no month: by days again, 3/7 and 4/7.
	('odd-1', 'odd', '[2026-01-02,2026-01-04]', NULL), ('odd-2', 'odd', '[2026-01-07,2026-01-10]',
		NULL);
SELECT month, period, starts_on, ends_on, days, share, round(weight::numeric, 6) AS weight,
	period_starts_on, period_ends_on
FROM calendar ORDER BY starts_on;
-- Which is 0.336957 0.336957 0.326087; 0.5 0.245902 0.254098; 0.428571 0.571429.
SELECT period, sum(weight) = 1 AS whole FROM calendar GROUP BY period ORDER BY period COLLATE "C";

-- Shares beyond 1 leave nothing for the rest, and count in proportion: 0.9 : 0.6 is 0.6 : 0.4.
UPDATE months SET share = CASE month WHEN '2025-07' THEN 0.9 WHEN '2025-08' THEN 0.6 END
	WHERE period = '2025Q3';
-- All given, and short of 1: 0.1 : 0.1 : 0.2.
UPDATE months SET share = CASE month WHEN '2025-12' THEN 0.2 ELSE 0.1 END WHERE period = '2025Q4';
-- All given and 0: by days.
UPDATE months SET share = 0 WHERE period = 'odd';
SELECT month, share, round(weight::numeric, 6) AS weight FROM calendar ORDER BY starts_on;

ROLLBACK;
