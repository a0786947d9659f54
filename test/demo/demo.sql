-- The worked company: a story to read, told by the statements that a user would type. Every number
-- comes out of the extension. As it stands it speaks Chinese and English; in_language makes one of them of it. Runs in an empty database: psql -X -q -f test/demo/demo.sql. It makes
-- roles, which belong to the whole server: let that be one to throw away, as test/demo/run's is.

\set ON_ERROR_STOP on
\encoding UTF8
SET client_min_messages = warning;
\pset pager off
\pset border 0
\pset footer off
\pset numericlocale on
\pset null ''

CREATE SCHEMA extensions;
CREATE EXTENSION regtarget SCHEMA extensions CASCADE;

-- So that whoever looks around afterwards finds names and days as they are here.
ALTER DATABASE :"DBNAME" SET search_path = regtarget, public;
ALTER DATABASE :"DBNAME" SET timezone = 'Asia/Shanghai';
SET search_path = regtarget, public;

-- The files are written, and read, in a directory of their own.
\set files `mktemp -d`
\o /dev/null
\ir company.sql
\o

\set total 120000000
\set next_total 125000000
\set third_total 130000000
\set factors_ahead '{"potential": 0.6, "strategy": 0.4}'
SELECT p.period, lower(p.during) AS first_day, upper(p.during) - lower(p.during) AS days,
	t.today - lower(p.during) + 1 AS days_gone, l.period AS period_last_year, t.today,
	least(t.today, lower(p.during) + 45) AS moved_on
FROM (SELECT today()) AS t (today)
JOIN periods p ON p.during @> t.today
JOIN periods l ON lower(l.during) = lower(p.during) - interval '1 year' \gset
-- The quarters that follow, and a day in the next.
SELECT max(period) FILTER (WHERE n = 1) AS next_period, max(day) FILTER (WHERE n = 1) AS next_day,
	max(period) FILTER (WHERE n = 2) AS third_period
FROM (
	SELECT row_number() OVER (ORDER BY during) AS n, period, lower(during) + 19 AS day
	FROM periods WHERE during >> daterange(:'today', :'today', '[]')
) AS p \gset
-- The plan's own rules in words.
SELECT string_agg(format('%s %s %%', factor, weight), ', ' ORDER BY weight DESC, factor) AS factors
FROM (SELECT factor, round((100 * sum(weight))::numeric) FROM factors GROUP BY factor) AS f (factor, weight) \gset

\echo
\echo 'regtarget: 用规则代替争吵的区域目标 / regional sales targets by rule, inside PostgreSQL'
\echo '=============================================================================================================='
\echo '一家快消公司。今天 ':today'，本季度 ':period'。它的一切都从别的系统导出的文件里来。'
\echo 'A fast-moving-goods company. Today is ':today', the quarter ':period'. All that is known of it comes in files'
\echo 'as other systems export them.'
\echo

\echo
\echo '1. 数据导入 / Data in: eight files as people export them, a line of each, and what was refused'
\echo
SET client_min_messages = notice;
\set row `sed -n 3p units.csv`
\echo '   => \\copy units_in FROM ''units.csv'' CSV HEADER'
\echo '      ':row
\copy units_in FROM 'units.csv' CSV HEADER
\set row `sed -n 9p employees.csv`
\echo '   => \\copy employees_in FROM ''employees.csv'' CSV HEADER'
\echo '      ':row
\copy employees_in FROM 'employees.csv' CSV HEADER
\set row `sed -n 2p customers.csv`
\echo '   => \\copy customers_in FROM ''customers.csv'' CSV HEADER'
\echo '      ':row
\copy customers_in FROM 'customers.csv' CSV HEADER
\set row `sed -n 2p visits.csv`
\echo '   => \\copy visits_in FROM ''visits.csv'' CSV HEADER'
\echo '      ':row
\copy visits_in FROM 'visits.csv' CSV HEADER
\set row `sed -n 3p deals.csv`
\echo '   => \\copy deals_in FROM ''deals.csv'' CSV HEADER'
\echo '      ':row
\copy deals_in FROM 'deals.csv' CSV HEADER
\set row `sed -n 2p legacy.csv`
\echo '   => \\copy deals_in FROM ''legacy.csv'' CSV HEADER'
\echo '      ':row
\copy deals_in FROM 'legacy.csv' CSV HEADER
\set row `sed -n 2p signals.csv`
\echo '   => \\copy signals_in FROM ''signals.csv'' CSV HEADER'
\echo '      ':row
\copy signals_in FROM 'signals.csv' CSV HEADER
\set row `iconv -f GB18030 -t UTF-8 revenues.csv | grep -m 1 上海`
\echo '   => \\copy revenues_in FROM ''revenues.csv'' CSV HEADER ENCODING ''GB18030'''
\echo '      ':row
\copy revenues_in FROM 'revenues.csv' CSV HEADER ENCODING 'GB18030'
SET client_min_messages = warning;
\cd /
\set files `rm -r :'files'`
\echo
\echo '   => SELECT * FROM data_freshness;'
\echo
SELECT fact AS "业务数据 Fact", source AS "来源 Source", rows AS "行数 Rows", last_on AS "最近 Last", lag_days AS "天前 Days ago",
	nullif(rejects, 0) AS "被拒 Refused"
FROM data_freshness ORDER BY fact, source;
\echo '   => SELECT * FROM import_rejects;  -- 同类只列一行 / one of each kind'
\echo
SELECT CASE WHEN n = 1 THEN rows END AS "行 Rows", CASE WHEN n = 1 THEN target END AS "去向 Bound for",
	CASE WHEN n = 1 THEN line END AS "首见行号 Line", words AS "原因 Reason"
FROM (
	SELECT count(*) AS rows, target, min(reject_id) AS first_id, (array_agg(line ORDER BY line))[1] AS line,
		(array_agg(fault ORDER BY line))[1] AS fault
	FROM import_rejects, split_part(reason, '; ', 1) AS fault
	GROUP BY target, CASE WHEN cause = 'unknown_unit' THEN fault ELSE cause END
) AS kinds
CROSS JOIN LATERAL regexp_split_to_table(fault, '(?<=:) (?=this may be)') WITH ORDINALITY AS part (words, n)
ORDER BY first_id, n;
\echo '好行照收，坏行整行留下，写明原因；有两种读法的不猜。缺什么补什么，再试一次：'
\echo 'Good rows are in, bad ones are kept whole with the reason; what has two readings is not guessed. The mend:'
\echo
SELECT 'C' || 20000 + shop AS shop, name AS shop_name, unit AS shop_unit, acquired_on AS shop_since FROM forgotten_shop \gset
SELECT string_agg(format($$('crm', 'D%s', '%s', '%s', 'C%s', '%s', '%s', '赢单', '%s')$$, deal, unit, employee,
	20000 + shop, opened_on, closed_on, amount), E',\n      ' ORDER BY deal) AS mended
FROM deals_made, slips WHERE deal IN (two_days, two_amounts) \gset
\echo '   => INSERT INTO units_in VALUES (''LANZHOU'', ''兰州 Lanzhou'', ''group'', ''NORTHWEST'');'
INSERT INTO units_in VALUES ('LANZHOU', '兰州 Lanzhou', 'group', 'NORTHWEST');
\echo '   => INSERT INTO customers_in VALUES (''crm'', ':'shop'', ':'shop_name'', ':'shop_unit'', ':'shop_since'');'
INSERT INTO customers_in VALUES ('crm', :'shop', :'shop_name', :'shop_unit', :'shop_since');
\echo '   => INSERT INTO aliases VALUES (''unit'', ''finance'', ''上海分公司'', ''SHANGHAI'');'
INSERT INTO aliases VALUES ('unit', 'finance', '上海分公司', 'SHANGHAI');
\echo '   => INSERT INTO deals_in VALUES'
\echo '      ':mended';'
INSERT INTO deals_in VALUES :mended;
\echo '   => SELECT retry_rejects();'
SELECT to_char(retry_rejects(), 'FM999,999') AS came_in \gset
\echo '      ':came_in
\echo '   => SELECT * FROM import_rejects;  -- 这两行等人来定 / two that somebody has to decide'
\echo
SELECT target AS "去向 Bound for", line AS "行号 Line", row ->> 'source_id' AS id, row ->> 'unit' AS unit,
	reason AS "原因 Reason"
FROM import_rejects ORDER BY reject_id;
ANALYZE;
\echo '已经收下、但数值可疑的，自动列出 / Accepted but odd, and nobody has to hunt for it:'
\echo '   => SELECT * FROM actuals_check;  SELECT * FROM data_warnings_since(''-infinity'');'
\echo
SELECT name AS "大区 Region", month AS "月 Month", won_amount::numeric(15) AS "赢单 Won ¥",
	revenue_amount::numeric(15) AS "入账 Booked ¥", round((100 * booked_share)::numeric, 1) AS "入账 Booked %"
FROM actuals_check JOIN units USING (unit_id, name) WHERE kind = 'region' AND month = (SELECT month FROM months WHERE upper(during) = date_trunc('month', :'today'::date))
ORDER BY won_amount DESC;
SELECT fact, source_id AS id, unit, day, amount::numeric(15) AS "amount ¥", warning, detail FROM data_warnings_since('-infinity');
SELECT format($$('finance', 'F%s', '%s', NULL, NULL, '%s', '%s')$$, booking, unit, booked_on, amount) AS booked FROM in_cents \gset
\echo '财务把分当成了元 / Finance had exported cents:'
\echo '   => INSERT INTO revenues_in VALUES ':booked';'
\echo
INSERT INTO revenues_in VALUES :booked;
SELECT count(*) FILTER (WHERE kind = 'region') AS regions, count(*) FILTER (WHERE kind = 'group') AS groups
FROM units \gset
SELECT count(*) AS people FROM employees WHERE left_on IS NULL \gset
SELECT value AS field FROM unit_signals(today()) JOIN units USING (unit_id)
WHERE code = 'CN' AND signal = 'headcount' \gset
SELECT to_char(count(*), 'FM999,999') AS visits, min(visited_on) AS since FROM visits \gset
SELECT to_char(count(*), 'FM999,999') AS deals FROM deals \gset
SELECT count(*) AS shops FROM customers \gset
\echo '一行不少：':people' 人（一线 ':field' 人），':regions' 个大区，':groups' 个小组，':shops' 家门店，':visits' 次拜访，':deals' 笔商机。'
\echo 'Not a row is lost: ':people' people, ':field' of them in the field, ':regions' regions, ':groups' groups, ':shops' shops;'
\echo :visits' visits and ':deals' deals since ':since' and in the same quarter of last year.'
\echo

\echo
\echo '2. 区域健康度 / Health of the regions today'
\echo '   => SELECT * FROM region_health;'
\echo
SELECT rank AS "#", name AS "大区 Region",
	round(health::numeric) AS "健康度 Health", round(change::numeric, 1) AS "较上月 +/-",
	round(visits_per_head::numeric) AS "拜访 Visits", round((100 * conversion_rate)::numeric, 1) AS "赢单率 Won %",
	round(output_per_head::numeric) AS "产出 Output", round((100 * attrition_rate)::numeric, 1) AS "离职 Left %",
	repeat('#', round(health / 5)::int) || repeat('.', 20 - round(health / 5)::int) AS "0               100"
FROM region_health WHERE kind = 'region' ORDER BY health DESC;
\echo '拜访、产出为人均每月；取本月之前六个整月。每项从最差到最好得 0 到 100 分，各占四分之一。'
\echo 'Visits and output are per head and month, over the six whole months before this one. Each of the four'
\echo 'figures scores 0 to 100 between its worst and its best (table metrics) and counts a quarter.'
\echo

\echo
\echo '3. 目标拆解 / ¥120,000,000 for ':period', split by ':factors
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
		END AS "每格25万 each 250,000"
FROM split GROUP BY GROUPING SETS ((name, unit_id), ()) ORDER BY grouping(name), sum(suggested) DESC;
\echo '各级之和与总额分文不差；健康度、战略按人力加权，取季度第一天所知。'
\echo 'Every level adds up to the yuan. Health and strategy are scaled by capacity; all as known on ':first_day'.'
\echo

\echo
\echo '4. 小组 / Down to the groups: 华东 and 西南'
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
WHERE t.region IN ('EAST', 'SOUTHWEST') ORDER BY t.region, t.depth, t.suggested DESC;
\echo '份额是三个因子份额的加权平均；新人按服务月数折算人力。'
\echo 'A share is the weighted mean of the three factors'' shares beside it; newcomers count for less (table ramp).'
\echo

\echo
\echo '5. 这个数怎么来的? / Where does a number come from? 合肥 Hefei, from top to bottom'
\echo '   => SELECT * FROM explain_target(''HEFEI'', ':'period'');'
\echo
SELECT step AS "#", what AS "项目 What", round(amount) AS "金额 Amount ¥",
	regexp_replace(regexp_replace(detail, '(\.\d*?)0+(?!\d)', '\1', 'g'), '\.(?!\d)', '', 'g') AS "说明 Detail"
FROM explain_target('HEFEI', :'period');

\echo
\echo '6. 发布与管控 / Published, guarded: a target moves by 15 % of its baseline at most, whoever types it'
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
\echo '7. 分月 / Over the months, by their days'
\echo '   => SELECT * FROM target_months;'
\echo
SELECT m.name AS "单元 Unit", coalesce(month, '合计 Total') AS month, to_char(sum(amount), '999,999,999') AS amount
FROM target_months m JOIN units u USING (unit_id) WHERE u.kind IN ('company', 'region')
GROUP BY GROUPING SETS ((m.unit_id, m.name, month), (m.unit_id, m.name))
ORDER BY max(sum(amount)) OVER (PARTITION BY m.unit_id) DESC, m.unit_id, month \crosstabview "单元 Unit" month amount

\echo
\echo '8. 目标看板 / The board today: ':days_gone' of ':days' days gone'
\echo '   => SELECT * FROM target_board;'
\echo
SELECT name AS "单元 Unit", amount::numeric(15) AS "目标 Target ¥", actual::numeric(15) AS "实绩 Actual ¥",
	round((100 * attainment)::numeric, 1) AS "完成 Done %", round((100 * pace)::numeric, 1) AS "序时进度达成率 Pace %",
	round(forecast, -3)::numeric(15) AS "预计 Forecast ¥",
	repeat('#', bar) || repeat('.', 20 - bar) AS "0               100"
FROM target_board CROSS JOIN LATERAL (SELECT least(round(20 * attainment), 20)::int AS bar) AS b
WHERE kind IN ('company', 'region') ORDER BY amount DESC;

\echo
\echo '9. 职责 / Duties: who may do what, and sees what'
\echo '   => CREATE ROLE southwest;'
\echo '   => SELECT grant_duty(''southwest'', ''SOUTHWEST'', ''manager'');  -- 其余照此 / and so on'
\echo '   => INSERT INTO shared_logins VALUES (session_user);  -- 此脚本一人分饰各角 / one login plays all parts here'
\echo
CREATE ROLE planning;
CREATE ROLE director;
CREATE ROLE east;
CREATE ROLE southwest;
CREATE ROLE finance;
\o /dev/null
SELECT grant_duty('planning', 'CN', 'planner'), grant_duty('director', 'CN', 'manager'), grant_duty('east', 'EAST', 'manager'),
	grant_duty('southwest', 'SOUTHWEST', 'manager'), grant_duty('finance', 'CN', 'finance');
\o
INSERT INTO shared_logins VALUES (session_user);
SELECT d.role AS "角色 Role", d.duty AS "职责 Duty", u.name AS "单元及以下 Of the unit and all below"
FROM duties d JOIN units u USING (unit_id) ORDER BY u.kind, d.unit_id, d.duty DESC, d.role;
\echo '   => SET ROLE southwest;'
\echo '   => SELECT * FROM target_board;  SELECT * FROM region_health;'
\echo
SET ROLE southwest;
SELECT t.name AS "单元 Unit", t.amount::numeric(15) AS "目标 Target ¥", round((100 * t.pace)::numeric, 1) AS "序时进度达成率 Pace %",
	h.rank AS "健康度名次 Health rank"
FROM target_board t JOIN region_health h USING (unit_id) WHERE t.period = :'period' ORDER BY t.depth, t.amount DESC;
RESET ROLE;
\echo '别的大区一行也看不到；名次仍是在全部同级单元中排的。'
\echo 'Not a row of the other regions; ranks are among all siblings nevertheless.'
\echo

\echo
\echo '10. 下调被拒 / 西南 Southwest asks for 10 % less, and is refused'
\echo '   => SET ROLE southwest;'
\echo '   => SELECT * FROM credit_board WHERE unit = ''SOUTHWEST'';  -- 申请之前 / before asking'
\echo
SET ROLE southwest;
SELECT name AS "单元 Unit", denied_quarters AS "已连续被拒 Denied so far", denied_if_refused AS "若再被拒 If refused",
	round(100 * rate_if_refused, 1) AS "下季加码 Next quarter +%", penalty_at_risk::numeric(15) AS "加码金额 At risk ¥"
FROM credit_board WHERE unit = 'SOUTHWEST' AND period = :'period';
\echo '   => SELECT request_adjustment(''SOUTHWEST'', -0.10, ''重庆老员工离职 / an old hand left Chongqing'', ':'today'');'
SELECT request_adjustment('SOUTHWEST', -0.10, '重庆老员工离职 / an old hand left Chongqing', :'today') AS refused \gset
\echo '      ':refused
\echo '   => SELECT countersign(':refused', true);  -- 自己签 / his own'
\set ON_ERROR_STOP off
SELECT countersign(:refused, true);
\set ON_ERROR_STOP on
\echo '   => SET ROLE director;'
\echo '   => SELECT * FROM adjustment_queue;'
\echo
SET ROLE director;
SELECT adjustment_id AS "#", name AS "单元 Unit", month AS "月 Month", round((100 * change)::numeric, 1) AS "申请 Asks %",
	amount_before::numeric(15) AS "现在 Now ¥", amount_after::numeric(15) AS "调后 Then ¥", waiting_for AS "待签 To sign",
	reason AS "理由 Reason"
FROM adjustment_queue;
\echo '   => SELECT countersign(':refused', false, ''拆解时已计入 / the split has that in it'');'
SELECT countersign(:refused, false, '拆解时已计入 / the split has that in it') AS status \gset
\echo '      ':status
RESET ROLE;

\echo
\echo
\echo '11. 上调、部分批准、生效 / 华东 East asks for 12 % more, is granted 8 %; its groups follow'
\echo '   => SET ROLE east;'
\echo '   => SELECT request_adjustment(''EAST'', 0.12, ''新签两家连锁 / two chains signed up'', ':'today'');'
SET ROLE east;
SELECT request_adjustment('EAST', 0.12, '新签两家连锁 / two chains signed up', :'today') AS granted \gset
\echo '      ':granted
\echo '   => SET ROLE director;'
\echo '   => SELECT countersign(':granted', true, ''先给 8 % / 8 % for now'', granted => 0.08);'
SET ROLE director;
SELECT countersign(:granted, true, '先给 8 % / 8 % for now', granted => 0.08) AS status \gset
\echo '      ':status
\echo '   => SET ROLE planning;'
\echo '   => SELECT * FROM apply_adjustment(':granted');'
SET ROLE planning;
\o /dev/null
SELECT * FROM apply_adjustment(:granted);
\o
\echo '   => SELECT * FROM target_board;'
\echo
SELECT CASE kind WHEN 'region' THEN name ELSE '   ' || name END AS "单元 Unit", baseline::numeric(15) AS "基线 Baseline ¥",
	amount::numeric(15) AS "目标 Target ¥", (amount - baseline)::numeric(15) AS "变动 Change ¥",
	round(100 * (amount - baseline) / baseline, 1) AS "变动 Change %", room_up::numeric(15) AS "可上调 Room up"
FROM target_board WHERE region = 'EAST' AND period = :'period' ORDER BY depth, amount DESC;
RESET ROLE;
\echo '目标、小组、财务备案、账本在同一个事务里；各小组同样不超出自己的 ±15 %。'
\echo 'Target, groups, filing and ledger in one transaction; each group stays within its own 15 %, too.'
\echo

\echo
\echo '12. 财务备案与变动记录 / Finance acknowledges; everything can be looked up'
\echo '   => SET ROLE finance;'
\echo '   => SELECT * FROM filing_queue;'
\echo
SET ROLE finance;
SELECT filing_id AS "#", name AS "单元 Unit", month AS "月 Month", amount_before::numeric(15) AS "调前 Before ¥",
	amount_after::numeric(15) AS "调后 After ¥", difference::numeric(15) AS "差额 Difference ¥", reason AS "理由 Reason"
FROM filing_queue;
SELECT filing_id AS filing FROM filing_queue \gset
\echo '   => SELECT acknowledge_filing(':filing', ''FIN-0815'');'
\o /dev/null
SELECT acknowledge_filing(:filing, 'FIN-0815');
\o
\echo '   => SELECT * FROM adjustment_log;'
\echo
SELECT adjustment_id AS "#", unit, month AS "月 Month", status AS "状态 Status", round((100 * change)::numeric, 1) AS "申请 Asked %",
	round((100 * granted)::numeric, 1) AS "批准 Granted %", round(health::numeric) AS "健康度 Health",
	round((100 * pace)::numeric) AS "序时进度达成率 Pace %", filing_id AS "备案 Filing"
FROM adjustment_log ORDER BY adjustment_id;
\echo '   => SELECT * FROM target_history;'
\echo
SELECT name AS "单元 Unit", changed_by AS "何人 By", why AS "为何 Why", adjustment_id AS "#", before::numeric(15) AS "调前 Before ¥",
	after::numeric(15) AS "调后 After ¥", change::numeric(15) AS "变动 Change ¥"
FROM target_history ORDER BY changed_at, after DESC;
RESET ROLE;

\echo
\echo '13. 组织调整 / Reorganised: from ':moved_on' on 合肥 Hefei is led by 华中 Central, and its target follows'
\echo '   => SET ROLE planning;'
\echo '   => SELECT move_unit(''HEFEI'', ''CENTRAL'', ':'moved_on'');'
SET ROLE planning;
\o /dev/null
SELECT move_unit('HEFEI', 'CENTRAL', :'moved_on');
\o
\echo '   => SELECT * FROM target_board;  -- 只移动单元：数字一个不变 / the unit alone: not a figure changes'
\echo
SELECT u.name AS "单元 Unit", p.name AS "方案中归 Below, in the plan", b.amount::numeric(15) AS "目标 Target ¥", b.actual::numeric(15) AS "实绩 Actual ¥",
	round(100 * b.attainment::numeric, 1) AS "完成 Done %"
FROM target_board b JOIN targets t USING (target_id) JOIN units u ON u.unit_id = t.unit_id LEFT JOIN units p ON p.unit_id = t.parent_unit_id
WHERE b.period = :'period' AND b.unit IN ('CN', 'EAST', 'CENTRAL', 'HEFEI', 'NANJING') ORDER BY b.amount DESC;
\echo '   => SELECT move_target(''HEFEI'', ''CENTRAL'', ':'period'', ''现由武汉管理 / led from Wuhan now'');'
SELECT move_target('HEFEI', 'CENTRAL', :'period', '现由武汉管理 / led from Wuhan now') AS changed \gset
\echo '      ':changed
\echo '   => SELECT transfer_target(''NANJING'', ''HEFEI'', ':'period'', 500000, ''一家连锁的门店 / the shops of one chain'');'
SELECT transfer_target('NANJING', 'HEFEI', :'period', 500000, '一家连锁的门店 / the shops of one chain') AS changed \gset
\echo '      ':changed
\echo '   => SELECT * FROM target_board;'
\echo
SELECT u.name AS "单元 Unit", p.name AS "方案中归 Below, in the plan", b.amount::numeric(15) AS "目标 Target ¥", b.actual::numeric(15) AS "实绩 Actual ¥",
	round(100 * b.attainment::numeric, 1) AS "完成 Done %"
FROM target_board b JOIN targets t USING (target_id) JOIN units u ON u.unit_id = t.unit_id LEFT JOIN units p ON p.unit_id = t.parent_unit_id
WHERE b.period = :'period' AND b.unit IN ('CN', 'EAST', 'CENTRAL', 'HEFEI', 'NANJING') ORDER BY b.amount DESC;
\echo '两边各级上级的目标一减一增，分文不差，全国的一分不动；历史不改写。'
\echo 'What one way up gives up the other takes, to the yuan; the company stays as it is, and no history is rewritten.'
\echo
\echo '   => SELECT * FROM ledger;  -- 每个目标一条，变动前后 / an entry for each target, before and after'
\echo
SELECT u.name AS "单元 Unit", l.entry AS "#", l.actor AS "何人 By", l.action AS "何事 What", l.details ->> 'why' AS "为何 Why",
	(l.details ->> 'before')::numeric(15) AS "调前 Before ¥", (l.details ->> 'after')::numeric(15) AS "调后 After ¥"
FROM ledger l JOIN units u USING (unit_id) WHERE l.action IN ('unit_moved', 'target_moved', 'amount_transferred')
ORDER BY l.at, u.unit_id;
\echo '   => SET ROLE east;'
\echo '   => SELECT * FROM target_board;'
\echo
SET ROLE east;
SELECT string_agg(name, ', ' ORDER BY amount DESC) AS "华东所见 What East sees" FROM target_board WHERE period = :'period';
RESET ROLE;

\echo '14. 预警与重审 / Alerts: a rival strikes, a rule changes, customers leave; a person decides whether a target moves'
\echo '   => INSERT INTO competitors VALUES (''对手 Rival'', true);'
\echo '   => SET ROLE east;'
\echo '   => SELECT report_event(''competitor_price_cut'', ''对手 Rival'', ''EAST'', ':'today'', ''全线九折 / ten per cent off'');'
INSERT INTO competitors VALUES ('对手 Rival', true);
SET ROLE east;
SELECT report_event('competitor_price_cut', '对手 Rival', 'EAST', :'today', '全线九折 / ten per cent off') AS event \gset
\echo '   => SET ROLE planning;'
\echo '   => SELECT confirm_event(':event');'
\echo '   => SELECT report_event(''policy_change'', ''新税率 / a new rate'', ''NORTH'', ':'today'');'
SET ROLE planning;
\o /dev/null
SELECT confirm_event(:event);
SELECT report_event('policy_change', '新税率 / a new rate', 'NORTH', :'today');
\o
\echo '   => INSERT INTO customers_in …  -- 上周对手签走了成都六家门店 / last week a rival signed six shops of Chengdu'
\echo '   => SELECT * FROM scan_alerts();'
\o /dev/null
RESET ROLE;
INSERT INTO customers_in (source, source_id, name, unit, acquired_on, churned_on)
SELECT i.source, i.source_id, i.name, i.unit, i.acquired_on, (date_trunc('week', :'today'::date)::date - 1 - (row_number() OVER (ORDER BY i.source_id))::int % 7)::text
FROM customers_in i WHERE i.unit = 'CHENGDU' AND i.churned_on IS NULL ORDER BY i.source_id LIMIT 6;
SET ROLE planning;
SELECT * FROM scan_alerts(:'today');
\o
\echo '   => SELECT * FROM alert_board;'
\echo
SELECT CASE level WHEN 'red' THEN '红 red' WHEN 'yellow' THEN '黄 yellow' ELSE '蓝 blue' END AS "级别 Level", name AS "单元 Unit", rule AS "规则 Rule", on_day AS "日期 Day",
	round((100 * value_before)::numeric, 2) AS "之前 Before %", round((100 * value_after)::numeric, 2) AS "之后 After %",
	coalesce(certainty_said, subject) AS "把握、对象 Certainty, subject", review_status AS "重审 Review"
FROM alert_board WHERE covered_by IS NULL AND (rule = 'churn' OR event_id IS NOT NULL)
ORDER BY CASE level WHEN 'red' THEN 1 WHEN 'yellow' THEN 2 ELSE 3 END, alert_id;
SELECT alert_id AS blue FROM alert_board WHERE rule = 'policy_change' \gset
SELECT review_id AS review FROM review_queue WHERE unit = 'EAST' \gset
\echo '   => SELECT acknowledge_alert(':blue', ''已在算 / being worked out'');  -- 不再通知 / no more notices of it'
\o /dev/null
SELECT acknowledge_alert(:blue, '已在算 / being worked out');
\o
\echo '   => SELECT * FROM review_queue;'
\echo
SELECT review_id AS "#", name AS "单元 Unit", rule AS "规则 Rule", waits_on AS "待谁 Waits on", due_on AS "期限 Due"
FROM review_queue ORDER BY review_id;
\echo '   => SET ROLE director;'
\echo '   => SELECT close_review(':review', ''adjust'', ''让他们再申请一次 / let them ask once more'');'
SET ROLE director;
\o /dev/null
SELECT close_review(:review, 'adjust', '让他们再申请一次 / let them ask once more');
\o
\echo '   => SET ROLE east;  -- 本月已有一个申请 / there is a request this month already'
\echo '   => SELECT request_adjustment(''EAST'', -0.04, ''对手降价 / the rival''''s prices'', ':'today'');'
SET ROLE east;
SELECT request_adjustment('EAST', -0.04, '对手降价 / the rival''s prices', :'today') AS extra \gset
\echo '      ':extra
RESET ROLE;
SELECT a.adjustment_id AS "#", u.name AS "单元 Unit", a.month AS "月 Month", round(100 * a.change, 1) AS "申请 Asks %", a.status AS "状态 Status", a.review_id AS "重审 Review",
	r.decision AS "决定 Decision", r.comment AS "理由 Why"
FROM adjustments a JOIN units u USING (unit_id) LEFT JOIN reviews r USING (review_id) WHERE u.code = 'EAST' ORDER BY 1;
\echo '红色预警按方法触发；每个预警说明偏离正常波动有多远；目标调不调由上级决定。由重审而来的申请不计入信用。'
\echo 'Red fires as the method says; every alert says how far it is from chance; a superior decides whether a target moves. What is'
\echo 'asked for after a review never counts against credit.'
\echo

-- The company as it stands today, for the dashboard (-v stop=today): what follows is ahead of the calendar.
SELECT :{?stop} AS stop \gset
\if :stop
\quit
\endif

\echo
\echo '15. 季末与下一季 / The quarter is closed; in ':next_period' 西南 Southwest asks again, is refused again'
\echo '   => SET ROLE planning;'
\echo '   => SELECT close_period(':'period'');'
\echo '   => SELECT * FROM allocate_targets(':'next_period'', ':next_total', step => 1000,'
\echo '        factors => ''':factors_ahead''');'
\echo '   => SELECT publish_plan(2);'
\echo
SET ROLE planning;
\o /dev/null
SELECT close_period(:'period');
SELECT * FROM allocate_targets(:'next_period', :next_total, step => 1000, factors => :'factors_ahead');
SELECT publish_plan(2);
\o
SELECT plan_id, period, root, mode, status, total::numeric(15) AS "total ¥", units, round(100 * cap, 1) AS "cap %"
FROM plan_board ORDER BY plan_id;
\echo '（走在日历前面：那时的健康度今天还不知道，这两季只按潜力与战略拆。）'
\echo '(Ahead of the calendar nobody knows health: these two quarters are split by potential and strategy alone.)'
\echo
\echo '   => SET ROLE southwest;'
\echo '   => SELECT * FROM credit_board WHERE unit = ''SOUTHWEST'';'
\echo
SET ROLE southwest;
SELECT name AS "单元 Unit", denied_quarters AS "已连续被拒 Denied so far", denied_if_refused AS "若再被拒 If refused",
	round(100 * rate_if_refused, 1) AS "下季加码 Next quarter +%", penalty_at_risk::numeric(15) AS "加码金额 At risk ¥"
FROM credit_board WHERE unit = 'SOUTHWEST' AND period = :'next_period';
\echo '   => SELECT request_adjustment(''SOUTHWEST'', -0.10, ''还是太高 / still too high'', ':'next_day'');'
SELECT request_adjustment('SOUTHWEST', -0.10, '还是太高 / still too high', :'next_day') AS again \gset
\echo '      ':again
\echo '   => SET ROLE director;'
\echo '   => SELECT countersign(':again', false, ''没有新情况 / nothing has changed'');'
SET ROLE director;
SELECT countersign(:again, false, '没有新情况 / nothing has changed') AS status \gset
\echo '      ':status
RESET ROLE;

\echo
\echo
\echo '16. 规则加码 / Two denied quarters running: in ':third_period' 5 % more appear by themselves'
\echo '   => SET ROLE planning;'
\echo '   => SELECT close_period(':'next_period'');'
\echo '   => SELECT * FROM standings;'
\echo
SET ROLE planning;
\o /dev/null
SELECT close_period(:'next_period');
\o
SELECT u.name AS "单元 Unit", s.period AS "目标期 Period", s.denied_quarters AS "连续被拒 Denied quarters",
	round(100 * s.penalty_rate, 1) AS "惩罚性加码 Penalty %"
FROM standings s JOIN units u USING (unit_id) WHERE s.denied_quarters > 0 ORDER BY s.period, s.unit_id;
\echo '   => SELECT * FROM allocate_targets(':'third_period'', ':third_total', step => 1000,'
\echo '        factors => ''':factors_ahead''');'
\echo
\o /dev/null
SELECT * FROM allocate_targets(:'third_period', :third_total, step => 1000, factors => :'factors_ahead');
\o
SELECT CASE WHEN grouping(u.name) = 1 THEN '合计 Total' ELSE u.name END AS "大区 Region", sum(t.suggested) AS "建议 Suggested ¥",
	sum(nullif(t.penalty, 0)) AS "惩罚性加码 Penalty ¥", sum(t.baseline) AS "基线 Baseline ¥"
FROM targets t JOIN units u USING (unit_id) WHERE t.plan_id = 3 AND u.kind = 'region'
GROUP BY GROUPING SETS ((u.name, t.unit_id), ()) ORDER BY grouping(u.name), sum(t.suggested) DESC;
\echo '   => SELECT * FROM plan_balance;  SELECT * FROM explain_target(''SOUTHWEST'', ':'third_period'');'
\echo
SELECT unit AS "单元 Unit", amount::numeric(15) AS "目标 Amount ¥", children_amount::numeric(15) AS "下级合计 Children ¥",
	difference::numeric(15) AS "差额 Difference ¥", from_penalty::numeric(15) AS "其中加码 From penalty ¥"
FROM plan_balance WHERE plan_id = 3 AND unit IN ('CN', 'SOUTHWEST') ORDER BY amount DESC;
SELECT step AS "#", what AS "项目 What", round(amount) AS "金额 Amount ¥",
	regexp_replace(regexp_replace(detail, '(\.\d*?)0+(?!\d)', '\1', 'g'), '\.(?!\d)', '', 'g') AS "说明 Detail"
FROM explain_target('SOUTHWEST', :'third_period') WHERE what ~ '^SOUTHWEST(: (suggested|penalty|baseline|amount)$|：)';
RESET ROLE;
\echo '无需人工录入，任何人也不能豁免：惩罚性加码在总额之外，明账列出。'
\echo 'Nobody entered it and nobody can waive it: it comes on top of the total, where all can see it.'
\echo

\echo
\echo '17. 账本 / The ledger: a chain of hashes for each unit'
\echo '   => SELECT * FROM ledger;'
\echo
SELECT l.entry AS "#", l.actor AS "何人 By", l.action AS "何事 What",
	left(coalesce(l.details ->> 'comment', concat_ws(' ', l.details ->> 'period', l.details ->> 'penalty_rate',
		l.details ->> 'month')), 46) AS "内容 Details", left(encode(l.previous, 'hex'), 8) AS "前 previous",
	left(encode(l.hash, 'hex'), 8) AS "哈希 hash"
FROM ledger l JOIN units u USING (unit_id) WHERE u.code = 'SOUTHWEST' ORDER BY l.entry;
\echo '有人在背后改了它 / Somebody changes it behind its back, a superuser:'
\echo '   => BEGIN;'
\echo '   => ALTER TABLE ledger DISABLE TRIGGER ledger_guard;'
\echo '   => UPDATE ledger SET details = jsonb_set(details, ''{comment}'', ''"同意 / agreed"'')'
\echo '      WHERE action = ''adjustment_refused'' AND details ->> ''adjustment_id'' = ''':refused''';'
\echo '   => SELECT * FROM verify(''{ledger}'');'
\echo
BEGIN;
ALTER TABLE ledger DISABLE TRIGGER ledger_guard;
UPDATE ledger SET details = jsonb_set(details, '{comment}', '"同意 / agreed"')
WHERE action = 'adjustment_refused' AND details ->> 'adjustment_id' = :'refused';
SELECT check_name AS "check", CASE WHEN ok THEN 'ok' ELSE 'NOT OK' END AS result, detail FROM verify('{ledger}');
ROLLBACK;
\echo '   => ROLLBACK;'
\echo
\echo '整条链连同哈希一起重写的，链本身看不出来：链头请另处保存（ledger_digest()）。'
\echo 'A chain written anew as a whole, hashes too, looks sound: keep the heads elsewhere (ledger_digest()).'
\echo

\echo
\echo '18. 自检 / It proves itself'
\echo '   => SELECT * FROM verify();'
\echo
SELECT check_name AS "check", CASE WHEN ok THEN 'ok' ELSE 'NOT OK' END AS result, detail FROM verify();

\echo
\echo '继续自己看 / Look around in this company yourself:  make demo-psql'
\echo '   => SELECT * FROM valve_advice;  SELECT * FROM health_breakdown;  SELECT * FROM import_rejects;  \\dv  \\df'
\echo '   => SET ROLE southwest;  SELECT * FROM target_board;  RESET ROLE;'
\echo '读下去 / Read on:  doc/imports.md  doc/health.md  doc/split.md  doc/targets.md  doc/valve.md  doc/reorganisation.md  doc/alerts.md  doc/ledger.md  doc/access.md'
\echo
