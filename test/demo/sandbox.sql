-- One page for an owner who does not trust systems: what the formula would have said of his own twelve
-- quarters, the one that it lost first, and of a thirteenth in the shadow of his own numbers. Every
-- figure comes out of the extension. Runs in an empty database: psql -X -q -f test/demo/sandbox.sql.

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
ALTER DATABASE :"DBNAME" SET search_path = regtarget, public;
ALTER DATABASE :"DBNAME" SET timezone = 'Asia/Shanghai';

\o /dev/null
\ir factory.sql
SET search_path = regtarget, public, pg_temp;

-- His own numbers, quarter by quarter, as published plans; a total that he hit to a hundred thousand.
INSERT INTO plans (period, root_unit_id, total)
SELECT period, 1, round(amount, -5)
FROM quarters JOIN (SELECT n, sum(amount) AS amount FROM sold GROUP BY n) AS s USING (n) ORDER BY n;
INSERT INTO targets (plan_id, unit_id, suggested)
SELECT p.plan_id, u.unit_id, CASE u.kind WHEN 'company' THEN p.total ELSE p.total * g.share END
FROM plans p CROSS JOIN units u LEFT JOIN gut g ON g.period = p.period AND g.unit_id = u.unit_id;
SELECT publish_plan(plan_id) FROM plans ORDER BY plan_id;
ANALYZE;

SELECT min(period) FILTER (WHERE n = -13) AS first, min(period) FILTER (WHERE n = -2) AS last,
	min(period) FILTER (WHERE n = -1) AS shadow FROM quarters \gset

-- A text in lines that fit on the page.
CREATE FUNCTION pg_temp.in_lines(said text) RETURNS text LANGUAGE sql IMMUTABLE
RETURN rtrim(regexp_replace(said, '(.{1,98})( |$|(?<=[。，；]))', E'   \\1\n', 'g'), E'\n');

-- Money in the wrong region: half of what the regions are off together, in 10,000 yuan.
CREATE TEMP TABLE replay AS
SELECT b.period, b.unit_id, b.unit, u.name, b.actual / 10000 AS sold, b.official / 10000 AS owner,
	b.suggested / 10000 AS formula, b.previous / 10000 AS previous, b.naive / 10000 AS last_year
FROM backtest(:'first', :'last') AS b JOIN units u USING (unit_id) WHERE u.kind = 'region';
CREATE TEMP TABLE misplaced AS
SELECT period, sum(abs(owner - sold)) / 2 AS owner, sum(abs(formula - sold)) / 2 AS formula,
	sum(abs(previous - sold)) / 2 AS previous, sum(abs(last_year - sold)) / 2 AS last_year
FROM replay GROUP BY period;
SELECT period AS lost, round(formula) AS lost_formula, round(owner) AS lost_owner, round(formula - owner) AS lost_by
FROM misplaced ORDER BY formula - owner DESC NULLS LAST, period LIMIT 1 \gset
SELECT name AS lost_where, round(sold) AS lost_sold, round(formula) AS lost_said
FROM replay WHERE period = :'lost' ORDER BY abs(formula - sold) DESC, unit LIMIT 1 \gset
SELECT count(*) AS n, count(*) FILTER (WHERE formula < owner) AS wins, count(*) FILTER (WHERE formula <> owner) AS decided,
	round(sum(formula)) AS all_formula, round(sum(owner)) AS all_owner
FROM misplaced \gset
SELECT round(100 * sum(factorial(:decided) / (factorial(k) * factorial(:decided - k))) / 2 ^ :decided) AS coin
FROM generate_series(:wins, :decided) AS k \gset
SELECT CASE WHEN :coin <= 5 THEN '不像是运气，可这是翻旧账：往下看没人见过的。' ELSE '到这里还没有理由相信它。' END AS so_zh,
	CASE WHEN :coin <= 5 THEN 'Hardly luck; but these are old accounts. What nobody had seen comes below.'
		ELSE 'So far, no reason to believe in it.' END AS so_en \gset
SELECT count(*) AS people FROM employees WHERE left_on IS NULL \gset
\o

\echo
\echo '给不信系统的老板：一页 / For an owner who does not trust systems: one page'
\echo '======================================================================================================'
\echo '水泵厂，':people' 人，三个大区。':first' 到 ':last' 十二个季度：你的数字，和一个只看得到各季首日为止的公式，'
\echo '比谁把钱放错了大区（万元）。'
\echo 'A maker of pumps, ':people' people, three regions. Your numbers of twelve quarters beside a formula that was'
\echo 'shown nothing dated after the first day of each. Counted is money in the wrong region, in 万元 (10,000 yuan).'
\echo
\echo '1. 先看公式输的那个季度 / First the quarter that the formula lost: ':lost
\echo
SELECT name AS "大区 Region", round(sold) AS "卖了 Sold", round(owner) AS "你 You", round(formula) AS "公式 Formula",
	round(owner - sold) AS "你差 You off", round(formula - sold) AS "公式差 Formula off"
FROM replay WHERE period = :'lost' ORDER BY unit_id;
\echo '公式放错 ':lost_formula'，你放错 ':lost_owner'。差在 ':lost_where'：卖了 ':lost_sold'，公式说 ':lost_said'。你记得去年这个季节，它不记得。'
\echo 'It put ':lost_formula' into the wrong region, you ':lost_owner'. Most of it was ':lost_where': sold ':lost_sold', the formula said ':lost_said'.'
\echo 'You remembered what last year''s season was like; as delivered, the formula does not look at it.'
\echo
\echo '2. 十二个季度 / All twelve quarters, money in the wrong region'
\echo '   => SELECT * FROM backtest(':'first'', ':'last'');'
\echo
SELECT period AS "季度 Quarter", round(owner) AS "你 You", round(formula) AS "公式 Formula", round(previous) AS "照上季 Last quarter",
	round(last_year) AS "照去年 Last year", CASE WHEN formula < owner THEN '公式 formula' WHEN formula > owner THEN '你 you' ELSE '一样 equal' END AS "更近 Closer"
FROM misplaced
UNION ALL
SELECT '合计 All', round(sum(owner)), round(sum(formula)), NULL, NULL, NULL FROM misplaced
ORDER BY 1;
\echo '公式 ':n' 次里近 ':wins' 次；抛硬币有 ':coin'% 的机会也做得到。':so_zh
\echo 'The formula was closer in ':wins' of ':n'; a coin does as well or better ':coin' % of the time.'
\echo :so_en
\echo
\echo '3. 让它向你的历史学 / Let it learn from your history, and judge what it learnt on what it had not seen'
\echo '   => SELECT * FROM tuning_verdict(':'first'', ':'last'');'
\echo
SELECT factors, round((100 * error_rolling)::numeric, 1) AS rolling, round((100 * error_rolling_previous)::numeric, 1) AS rolling_previous, said
FROM tuning_verdict(:'first', :'last') \gset tuned_
SELECT string_agg(format('%s %s %%', CASE key WHEN 'last_year' THEN '去年同季 last year' WHEN 'previous' THEN '上季 last quarter'
		WHEN 'strategy' THEN '人数与倾斜 people and tilt' WHEN 'health' THEN '健康度 health' WHEN 'seasonal' THEN '季节 season'
		WHEN 'potential' THEN '市场 market' WHEN 'trailing' THEN '历史 history' WHEN 'expected_output' THEN '人均产出 output of the people there'
		ELSE key END, round(100 * value::numeric)), ', ' ORDER BY value::numeric DESC) AS words
FROM jsonb_each_text(:'tuned_factors') WHERE value::numeric >= 0.005 \gset tuned_
\echo '   权重 / Weights: ':tuned_words
SELECT pg_temp.in_lines(:'tuned_said') \g (format=unaligned tuples_only=on)
\echo '   每次只用当时知道的来学：错 ':tuned_rolling'%，照上季分错 ':tuned_rolling_previous'%。'
\echo
\echo '4. 影子季度 / A quarter in the shadow: ':shadow
\echo '   => SELECT allocate_targets(':'shadow'', …, ''shadow'', factors => …);   -- 首日 / on its first day'
\echo
SET client_min_messages = error;
\o /dev/null
SELECT count(*) FROM plans p, LATERAL allocate_targets(p.period, p.total, 'shadow', factors => :'tuned_factors'::jsonb)
WHERE p.period = :'shadow' AND p.mode = 'live';
-- The quarter is over, and the plan was made today: late, and counted nowhere. A real one takes its quarter. Here, on a
-- server to throw away, the owner of the database puts back the clock by hand; the ledger's chain shows it.
SET session_replication_role = replica;
UPDATE plans SET late = false WHERE mode = 'shadow';
UPDATE ledger l SET details = details || jsonb_build_object('late', false, 'allocated_on', lower(p.during))
FROM periods p WHERE p.period = l.details ->> 'period' AND l.action = 'shadow_allocated';
SET session_replication_role = origin;
SELECT reveal_shadow(:'shadow');
\o
SET client_min_messages = warning;
SELECT name AS "大区 Region", round(actual / 10000) AS "卖了 Sold", round(management / 10000) AS "你 You",
	round(engine / 10000) AS "公式 Formula", CASE closer WHEN 'engine' THEN '公式 formula' WHEN 'management' THEN '你 you' ELSE '一样 equal' END AS "更近 Closer"
FROM shadow_comparison WHERE month IS NULL AND depth = 1 ORDER BY unit_id;
\echo '   => SELECT said FROM shadow_verdict();'
SELECT pg_temp.in_lines(said) FROM shadow_verdict() \g (format=unaligned tuples_only=on)
\echo '（真的影子季度要等一个季度；这里为了给你看，把日期拨回首日。账本看得出来，verify() 会说。）'
\echo '(A real shadow quarter takes its quarter. To show you one, its date was put back by hand: the ledger shows it,'
\echo 'and verify() says so.)'
\echo
\echo '5. 怎么办 / What to do'
\echo '什么都没有变：计划还是你的数字。下季度让公式再做一次影子，谁也不给看。连赢五个季度以前，信你自己。'
\echo 'Nothing has changed: the plan is your own numbers. Let the formula run in the shadow again. Until it has won five'
\echo 'quarters of five, chance can do as well, so trust yourself; each quarter that it loses will stand at the top of this page.'
\echo
