-- The worked company: a story to read, told by the statements that a user would type. Every number
-- comes out of the extension. Runs in an empty database: psql -X -q -f test/demo/demo.sql

\set ON_ERROR_STOP on
\encoding UTF8
SET client_min_messages = warning;
\pset pager off
\pset border 0
\pset footer off
\pset numericlocale on
\pset null ''

CREATE EXTENSION regtarget CASCADE;

\o /dev/null
\ir company.sql
\o

-- So that whoever looks around afterwards finds names and days as they are here.
ALTER DATABASE :"DBNAME" SET search_path = regtarget, public;
ALTER DATABASE :"DBNAME" SET timezone = 'Asia/Shanghai';
SET search_path = regtarget, public;

\set total 120000000
SELECT p.period, lower(p.during) AS first_day, upper(p.during) - lower(p.during) AS days,
	t.today - lower(p.during) + 1 AS days_gone, l.period AS period_last_year, t.today
FROM (SELECT today()) AS t (today)
JOIN periods p ON p.during @> t.today
JOIN periods l ON lower(l.during) = lower(p.during) - interval '1 year' \gset
SELECT count(*) FILTER (WHERE kind = 'region') AS regions, count(*) FILTER (WHERE kind = 'group') AS groups
FROM units \gset
SELECT count(*) AS people FROM employees WHERE left_on IS NULL \gset
SELECT value AS field FROM unit_signals(today()) JOIN units USING (unit_id)
WHERE code = 'CN' AND signal = 'headcount' \gset
SELECT to_char(count(*), 'FM999,999') AS visits, min(visited_on) AS since FROM visits \gset
SELECT to_char(count(*), 'FM999,999') AS deals FROM deals \gset
SELECT count(*) AS shops FROM customers \gset
-- The plan's own rules in words.
SELECT string_agg(format('%s %s %%', factor, weight), ', ' ORDER BY weight DESC, factor) AS factors
FROM (SELECT factor, round((100 * sum(weight))::numeric) FROM factors GROUP BY factor) AS f (factor, weight) \gset

\echo
\echo 'regtarget: 用规则代替争吵的区域目标 / regional sales targets by rule, inside PostgreSQL'
\echo '=============================================================================================================='
\echo '一家快消公司:':people' 人(一线 ':field' 人),':regions' 个大区,':groups' 个小组,':shops' 家门店。今天 ':today',本季度 ':period'。'
\echo 'A fast-moving-goods company: ':people' people, ':field' of them in the field, ':regions' regions, ':groups' groups,'
\echo :shops' shops; ':visits' visits and ':deals' deals on record since ':since' and in the same quarter of last year.'
\echo

\echo
\echo '1. 健康度 / Health of the regions today'
\echo '   => SELECT * FROM region_health;'
\echo
SELECT rank AS "#", name AS "大区 Region",
	round(health::numeric) AS "健康度 Health", round(change::numeric, 1) AS "较上月 +/-",
	round(visits_per_head::numeric) AS "拜访 Visits", round((100 * conversion_rate)::numeric, 1) AS "转化 Won %",
	round(output_per_head::numeric) AS "产出 Output", round((100 * attrition_rate)::numeric, 1) AS "离职 Left %",
	repeat('#', round(health / 5)::int) || repeat('.', 20 - round(health / 5)::int) AS "0               100"
FROM region_health WHERE kind = 'region' ORDER BY health DESC;
\echo '拜访、产出为人均每月;取本月之前六个整月。每项从最差到最好得 0 到 100 分,各占四分之一。'
\echo 'Visits and output are per head and month, over the six whole months before this one. Each of the four'
\echo 'figures scores 0 to 100 between its worst and its best (table metrics) and counts a quarter.'
\echo

\echo
\echo '2. 拆解 / ¥120,000,000 for ':period', split by ':factors
\echo '   => SELECT * FROM allocate_targets(':'period'', ':total', step => 1000);'
\echo
\o /dev/null
SELECT * FROM allocate_targets(:'period', :total, step => 1000);
\o
WITH before AS (
	SELECT a.unit_id, apportion(:total, a.actual::float8, 1000) OVER (ORDER BY a.unit_id) AS amount
	FROM period_actuals(:'period_last_year') AS a JOIN units u USING (unit_id) WHERE u.kind = 'region'
), split AS (
	SELECT u.name, t.unit_id, t.suggested, b.amount, t.suggested - b.amount AS difference
	FROM targets t JOIN units u USING (unit_id) JOIN before b USING (unit_id)
)
SELECT CASE WHEN grouping(name) = 1 THEN '合计 Total' ELSE name END AS "大区 Region",
	sum(suggested) AS "目标 Target ¥", round(100 * sum(suggested) / :total, 1) AS "份额 Share %",
	sum(amount) AS "去年×增长 Last year × growth", sum(difference) AS "差额 Difference",
	CASE WHEN grouping(name) = 1 THEN ''
		ELSE repeat(CASE WHEN sum(difference) < 0 THEN '-' ELSE '+' END, round(abs(sum(difference)) / 250000)::int)
		END AS "每格 25万 each"
FROM split GROUP BY GROUPING SETS ((name, unit_id), ()) ORDER BY grouping(name), unit_id;
\echo '各级之和与总额分文不差;健康度、战略按人力加权,取季度第一天所知。'
\echo 'Every level adds up to the yuan. Health and strategy are scaled by capacity; all as known on ':first_day'.'
\echo

\echo
\echo '3. 小组 / Down to the groups: 华东 and 西南'
\echo '   => SELECT * FROM target_board;  SELECT * FROM target_basis;'
\echo
SELECT CASE t.kind WHEN 'region' THEN t.name ELSE '   ' || t.name END AS "单元 Unit",
	t.suggested::numeric(15) AS "目标 Target ¥", round(100 * t.suggested / above.suggested, 1) AS "份额 Share %",
	round((100 * b.by_health)::numeric, 1) AS "健康 health",
	round((100 * b.by_potential)::numeric, 1) AS "潜力 potential",
	round((100 * b.by_strategy)::numeric, 1) AS "战略 strategy",
	round(b.health::numeric) AS "健康度 Score", round(b.capacity::numeric, 1) AS "人力 Heads"
FROM target_board t
JOIN target_board above ON above.plan_id = t.plan_id AND above.unit = t.parent
JOIN (
	SELECT target_id, max(value) FILTER (WHERE signal = 'health') AS health,
		max(scale) FILTER (WHERE signal = 'health') AS capacity,
		sum(share) FILTER (WHERE factor = 'health') AS by_health,
		sum(weight * share) FILTER (WHERE factor = 'potential')
			/ sum(weight) FILTER (WHERE factor = 'potential') AS by_potential,
		sum(share) FILTER (WHERE factor = 'strategy') AS by_strategy
	FROM target_basis GROUP BY target_id
) AS b ON b.target_id = t.target_id
WHERE t.region IN ('EAST', 'SOUTHWEST') ORDER BY t.region, t.depth, t.unit_id;
\echo '份额是三个因子份额的加权平均;新人按服务月数折算人力。'
\echo 'A share is the weighted mean of the three factors'' shares beside it; newcomers count for less (table ramp).'
\echo

\echo
\echo '4. 这个数怎么来的? / Where does a number come from? 合肥 Hefei, from top to bottom'
\echo '   => SELECT * FROM explain_target(''HEFEI'', ':'period'');'
\echo
SELECT step AS "#", what, round(amount) AS "amount ¥",
	regexp_replace(regexp_replace(detail, '(\.\d*?)0+(?!\d)', '\1', 'g'), '\.(?!\d)', '', 'g') AS detail
FROM explain_target('HEFEI', :'period');

\echo
\echo '5. 发布与守卫 / Published, guarded: a target moves by 15 % of its baseline at most, whoever types it'
\echo '   => SELECT publish_plan(1);'
\o /dev/null
SELECT publish_plan(1);
\o
\echo
SELECT plan_id, period, root, mode, status, total::numeric(15) AS "total ¥", units, round(100 * cap, 1) AS "cap %"
FROM plan_board;
\echo '   => UPDATE targets t SET amount = round(baseline * 1.20, -3)'
\echo '      FROM units u WHERE u.unit_id = t.unit_id AND u.code = ''CHENGDU'';'
\set ON_ERROR_STOP off
UPDATE targets t SET amount = round(baseline * 1.20, -3)
FROM units u WHERE u.unit_id = t.unit_id AND u.code = 'CHENGDU';
\set ON_ERROR_STOP on
\echo
\echo '   => UPDATE targets t SET amount = round(baseline * 1.10, -3)'
\echo '      FROM units u WHERE u.unit_id = t.unit_id AND u.code = ''CHENGDU'';'
UPDATE targets t SET amount = round(baseline * 1.10, -3)
FROM units u WHERE u.unit_id = t.unit_id AND u.code = 'CHENGDU';
\echo
SELECT name AS "单元 Unit", baseline::numeric(15) AS "基线 Baseline ¥", amount::numeric(15) AS "目标 Target ¥",
	room_up::numeric(15) AS "可上调 Room up", room_down::numeric(15) AS "可下调 Room down"
FROM target_board WHERE unit = 'CHENGDU';

\echo
\echo '6. 分月 / Over the months, by their days'
\echo '   => SELECT * FROM target_months;'
\echo
SELECT name AS "单元 Unit", coalesce(month, '合计 Total') AS month, to_char(sum(amount), '999,999,999') AS amount
FROM target_months m JOIN units u USING (unit_id) WHERE u.kind IN ('company', 'region')
GROUP BY GROUPING SETS ((m.unit_id, name, month), (m.unit_id, name))
ORDER BY m.unit_id, month \crosstabview "单元 Unit" month amount

\echo
\echo '7. 目标看板 / The board today: ':days_gone' of ':days' days gone'
\echo '   => SELECT * FROM target_board;'
\echo
SELECT name AS "单元 Unit", amount::numeric(15) AS "目标 Target ¥", actual::numeric(15) AS "实绩 Actual ¥",
	round((100 * attainment)::numeric, 1) AS "完成 Done %", round((100 * pace)::numeric, 1) AS "进度 Pace %",
	round(forecast, -3)::numeric(15) AS "预计 Forecast ¥",
	repeat('#', bar) || repeat('.', 20 - bar) AS "0               100"
FROM target_board CROSS JOIN LATERAL (SELECT least(round(20 * attainment), 20)::int AS bar) AS b
WHERE kind IN ('company', 'region') ORDER BY unit_id;

\echo
\echo '8. 自证 / It proves itself'
\echo '   => SELECT * FROM verify();'
\echo
SELECT check_name AS "check", CASE WHEN ok THEN 'ok' ELSE 'NOT OK' END AS result, detail FROM verify();

\echo
\echo '接着自己看 / Look around in this company yourself:  make demo-psql'
\echo '   => SELECT * FROM health_breakdown;  SELECT * FROM plan_balance;  \\dv  \\df'
\echo
