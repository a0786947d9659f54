-- I1: targets_in writes the period's one live draft, which is made when there is none.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile();
SELECT add_year(2025);
INSERT INTO units_in (code, kind, parent) VALUES ('CN', 'company', NULL), ('R1', 'region', 'CN'), ('R2', 'region', 'CN'), ('G1', 'group', 'R1'), ('G2', 'group', 'R1'), ('HK', 'company', NULL), ('HK1', 'group', 'HK');
CREATE TEMP VIEW drafts AS SELECT p.plan_id, p.period, u.code AS root, p.status, p.total, string_agg(format('%s %s', t.code, t.amount), ', ' ORDER BY t.unit_id) AS targets
FROM plans p JOIN units u ON u.unit_id = p.root_unit_id LEFT JOIN (SELECT * FROM targets JOIN units USING (unit_id)) t USING (plan_id) GROUP BY 1, 2, 3, 4, 5 ORDER BY 1;

-- Made, with the root's row as its total; the last row for a unit wins; what is bad is told apart.
INSERT INTO targets_in VALUES ('2025Q1', 'G1', '60万'), ('2025Q1', 'R1', '100万'), ('2025Q1', 'CN', '150万'), ('2025Q1', 'G2', '1'), ('2025Q1', 'G2', '400,000'),
	('2025Q1', 'R2', '500000.001'), ('2025Q1', 'ZZ', '1'), ('2025Q9', 'CN', '1'), ('2025Q1', 'R2', '-5'), ('2025Q1', 'HK1', '5'), ('2025Q1', 'R2', '500000');
SELECT * FROM drafts;
SELECT line, reason FROM import_rejects ORDER BY line;
-- Into the same draft; the total follows the root's row.
INSERT INTO targets_in VALUES ('2025Q1', 'G1', '70万'), ('2025Q1', 'R1', '110万');
SELECT * FROM drafts;
INSERT INTO targets_in VALUES ('2025Q1', 'CN', '160万');
SELECT * FROM drafts;
SELECT propose_plan(1);
INSERT INTO targets_in VALUES ('2025Q1', 'CN', '160万'), ('2025Q1', 'G2', '40万');
SELECT * FROM drafts;
SELECT publish_plan(1);
INSERT INTO targets_in VALUES ('2025Q1', 'CN', '170万');
SELECT reason FROM import_rejects ORDER BY reject_id DESC LIMIT 1;

-- Without the root's row: the sum of those at the top.
INSERT INTO targets_in VALUES ('2025Q2', 'R1', '10'), ('2025Q2', 'R2', '20'), ('2025Q2', 'G1', '10');
SELECT * FROM drafts WHERE period = '2025Q2';
-- Several drafts, several roots, no policy: not clear, so not done.
INSERT INTO plans (period, root_unit_id, total) VALUES ('2025Q2', 1, 5);
INSERT INTO targets_in VALUES ('2025Q2', 'R1', '11'), ('2025Q3', 'CN', '1'), ('2025Q3', 'HK', '2'), ('2025Q4', 'R1', '1'), ('2025Q4', 'HK1', '2');
SELECT row ->> 'period' AS period, reason FROM import_rejects WHERE reason LIKE '%live draft%' ORDER BY reject_id;
SELECT * FROM drafts;
-- Row by row, and what was refused at first, comes to the same total; one typed by hand stays.
DELETE FROM plans WHERE period = '2025Q2';
INSERT INTO targets_in VALUES ('2025Q2', 'R1', '10');
INSERT INTO targets_in VALUES ('2025Q2', 'R3', '20');
SELECT * FROM drafts WHERE period = '2025Q2';
INSERT INTO units_in (code, parent) VALUES ('R3', 'CN');
SELECT retry_rejects() > 0 AS taken;
SELECT * FROM drafts WHERE period = '2025Q2';
INSERT INTO targets_in VALUES ('2025Q2', 'R1', '15'), ('2025Q2', 'G1', '15');
SELECT * FROM drafts WHERE period = '2025Q2';
INSERT INTO targets_in VALUES ('2025Q2', 'CN', '40');
INSERT INTO targets_in VALUES ('2025Q2', 'R1', '20');
SELECT * FROM drafts WHERE period = '2025Q2';
INSERT INTO plans (period, root_unit_id, total) SELECT '2025Q3', unit_id, 50 FROM units WHERE code = 'CN';
INSERT INTO targets_in VALUES ('2025Q3', 'R1', '10');
SELECT * FROM drafts WHERE period = '2025Q3';
DELETE FROM policies;
INSERT INTO targets_in VALUES ('2025Q4', 'CN', '1');
SELECT reason FROM import_rejects ORDER BY reject_id DESC LIMIT 1;

ROLLBACK;
