-- The worked company: a fast-moving-goods firm of 156 people, 8 regions and 32 groups, with last
-- year's quarter and the eight months behind it as facts. Plain SQL; what looks like chance is a
-- hash of a fixed seed, so that every run on the same day gives the same company.
--
-- Dates hang on today. Whatever day that is, six whole months are full of facts before the first
-- day of its quarter and before the first day of its month, and every monthly rhythm repeats after
-- six months at most, so that health does not swing with the calendar.

-- Many short statements: compiling them would take longer than running them.
SET jit = off;

SELECT regtarget.apply_profile('fmcg');
UPDATE regtarget.policies SET timezone = 'Asia/Shanghai';
SET timezone = 'Asia/Shanghai';

SELECT regtarget.add_year(extract(year FROM regtarget.today())::int + y) FROM generate_series(-1, 1) AS y;

CREATE TEMP TABLE clock AS
SELECT today, date_trunc('month', today)::date AS month, date_trunc('quarter', today)::date AS quarter,
	(date_trunc('quarter', today) - interval '1 year')::date AS last_year
FROM (SELECT regtarget.today()) AS t (today);

-- A number from 0 up to 1 that depends on its arguments alone.
CREATE FUNCTION pg_temp.dice(what text, a bigint, b bigint DEFAULT 0) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ('x' || left(md5('20260101 '::text || what || ' '::text || a::text || ' '::text || b::text), 8))
	::bit(32)::bigint / 4294967296.0::float8;

-- ---- the organisation -------------------------------------------------------------------------

-- What a region does per head and month: visits (and by how much of them more each month), deals
-- won of those closed, amount won; its share of last year's sales; what the industry report gives
-- its market; how far strategy leans to it.
CREATE TEMP TABLE regions (region int, code text, name text, visits float8, trend float8, conversion float8,
	output float8, last_year float8, report float8, tilt float8);
INSERT INTO regions VALUES
	(1, 'EAST',      '华东 East',      292,      0, 0.577, 455000, 0.210, 21.5e8, 1.0),
	(2, 'SOUTH',     '华南 South',     272,  0.020, 0.541, 400000, 0.180, 18.0e8, 1.0),
	(3, 'NORTH',     '华北 North',     274, -0.010, 0.540, 360000, 0.170, 14.0e8, 0.9),
	(4, 'CENTRAL',   '华中 Central',   258,  0.015, 0.522, 330000, 0.105, 12.5e8, 1.2),
	(5, 'SOUTHWEST', '西南 Southwest', 250,      0, 0.470, 320000, 0.130, 13.0e8, 1.4),
	(6, 'MINGAN',    '闽赣 Min-Gan',   276, -0.015, 0.572, 372000, 0.085,  8.0e8, 1.1),
	(7, 'NORTHEAST', '东北 Northeast', 252, -0.010, 0.468, 300000, 0.070,  6.0e8, 0.8),
	(8, 'NORTHWEST', '西北 Northwest', 248,  0.020, 0.446, 290000, 0.050,  5.0e8, 1.3);

-- People of each group; tenders are won amounts of the year so far; a tilt where one was decided.
CREATE TEMP TABLE teams (region int, team int, code text, name text, people int, tender float8, tilt float8);
INSERT INTO teams VALUES
	(1,  1, 'SHANGHAI',     '上海 Shanghai',     5, 21.0e6, 1.0),
	(1,  2, 'HANGZHOU',     '杭州 Hangzhou',     4, 15.5e6, 1.2),
	(1,  3, 'NANJING',      '南京 Nanjing',      3, 11.0e6, 1.0),
	(1,  4, 'SUZHOU',       '苏州 Suzhou',       3, 10.5e6, 0.9),
	(1,  5, 'HEFEI',        '合肥 Hefei',        3,  8.0e6, 1.3),
	(1,  6, 'NINGBO',       '宁波 Ningbo',       2,  6.0e6, 0.9),
	(2,  7, 'GUANGZHOU',    '广州 Guangzhou',    4, 16.0e6, NULL),
	(2,  8, 'SHENZHEN',     '深圳 Shenzhen',     4, 18.5e6, NULL),
	(2,  9, 'FOSHAN',       '佛山 Foshan',       3,  9.0e6, NULL),
	(2, 10, 'NANNING',      '南宁 Nanning',      3,  7.0e6, NULL),
	(2, 11, 'HAIKOU',       '海口 Haikou',       2,  5.5e6, NULL),
	(3, 12, 'BEIJING',      '北京 Beijing',      4, 15.0e6, NULL),
	(3, 13, 'TIANJIN',      '天津 Tianjin',      3,  8.0e6, NULL),
	(3, 14, 'SHIJIAZHUANG', '石家庄 Shijiazhuang', 3, 6.5e6, NULL),
	(3, 15, 'JINAN',        '济南 Jinan',        3,  9.5e6, NULL),
	(3, 16, 'TAIYUAN',      '太原 Taiyuan',      2,  4.0e6, NULL),
	(4, 17, 'WUHAN',        '武汉 Wuhan',        4, 14.5e6, NULL),
	(4, 18, 'CHANGSHA',     '长沙 Changsha',     3, 10.5e6, NULL),
	(4, 19, 'ZHENGZHOU',    '郑州 Zhengzhou',    3,  9.0e6, NULL),
	(4, 20, 'YICHANG',      '宜昌 Yichang',      2,  3.5e6, NULL),
	(5, 21, 'CHENGDU',      '成都 Chengdu',      4, 16.5e6, 1.6),
	(5, 22, 'CHONGQING',    '重庆 Chongqing',    3, 12.0e6, 1.4),
	(5, 23, 'KUNMING',      '昆明 Kunming',      2,  6.5e6, 1.2),
	(5, 24, 'GUIYANG',      '贵阳 Guiyang',      2,  5.0e6, NULL),
	(6, 25, 'FUZHOU',       '福州 Fuzhou',       3,  7.5e6, NULL),
	(6, 26, 'XIAMEN',       '厦门 Xiamen',       3,  8.5e6, NULL),
	(6, 27, 'NANCHANG',     '南昌 Nanchang',     3,  6.0e6, NULL),
	(7, 28, 'SHENYANG',     '沈阳 Shenyang',     3,  6.0e6, NULL),
	(7, 29, 'DALIAN',       '大连 Dalian',       2,  5.5e6, NULL),
	(7, 30, 'HARBIN',       '哈尔滨 Harbin',     2,  3.5e6, NULL),
	(8, 31, 'XIAN',         '西安 Xi''an',       4,  9.5e6, NULL),
	(8, 32, 'LANZHOU',      '兰州 Lanzhou',      2,  4.0e6, NULL);

INSERT INTO regtarget.units (code, name, kind) VALUES ('CN', '全国 Company', 'company');
INSERT INTO regtarget.units (code, name, kind, parent_id)
SELECT r.code, r.name, 'region', c.unit_id
FROM regions r JOIN regtarget.units c ON c.code = 'CN' ORDER BY r.region;
INSERT INTO regtarget.units (code, name, kind, parent_id)
SELECT t.code, t.name, 'group', u.unit_id
FROM teams t JOIN regions r USING (region) JOIN regtarget.units u ON u.code = r.code ORDER BY t.team;

-- ---- people -----------------------------------------------------------------------------------

-- Who left: the last place of a group, so many months before this one. The next one comes two
-- weeks later.
CREATE TEMP TABLE leavers (team int, months int, reason text);
INSERT INTO leavers VALUES
	(4, 5, 'family'), (10, 4, 'better offer'), (14, 5, 'pressure'), (13, 1, 'pressure'),
	(19, 7, 'better offer'), (22, 4, 'pressure'), (29, 5, 'better offer');

-- Everybody's place: a manager for each region (place 0), the groups' people, and 52 at headquarters
-- who stand in no sales unit and so count for none. A place has one holder after another.
CREATE TEMP TABLE people AS
SELECT row_number() OVER (ORDER BY region, team, place, holder)::int AS person, p.*
FROM (
	SELECT r.region, NULL::int AS team, 0 AS place, 1 AS holder, NULL::date AS left_on, NULL::text AS reason
	FROM regions r
	UNION ALL
	SELECT t.region, t.team, place, holder,
		CASE WHEN holder = 1 THEN l.left_on END, CASE WHEN holder = 1 THEN l.reason END
	FROM teams t
	CROSS JOIN LATERAL generate_series(1, t.people) AS place
	LEFT JOIN LATERAL (
		SELECT (c.month - make_interval(months => l.months, days => -10))::date AS left_on, l.reason
		FROM leavers l, clock c WHERE l.team = t.team AND place = t.people
	) AS l ON true
	CROSS JOIN LATERAL generate_series(1, CASE WHEN l.left_on IS NULL THEN 1 ELSE 2 END) AS holder
	UNION ALL
	SELECT NULL, NULL, place, 1, NULL, NULL FROM generate_series(1, 52) AS place
) AS p;

INSERT INTO regtarget.employees (employee_id, source, source_id, name, hired_on, left_on, leave_reason)
SELECT p.person, 'hr', 'E' || 1000 + p.person,
	(string_to_array('王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 胡 朱 高 林 何 郭 马 罗 梁 宋 郑 谢 韩 唐 冯 于 董 萧', ' '))
		[1 + floor(30 * pg_temp.dice('surname', p.person))::int]
	|| (string_to_array('伟 芳 娜 敏 静 丽 强 磊 军 洋 勇 艳 杰 娟 涛 明 超 霞 平 刚 '
		|| '秀兰 桂英 建国 文静 志强 雪梅 俊杰 子涵 浩然 欣怡', ' '))[1 + floor(30 * pg_temp.dice('given name', p.person))::int],
	CASE WHEN p.holder = 2 THEN earlier.left_on + 14
		ELSE c.month - 400 - floor(2600 * pg_temp.dice('hired', p.person))::int END,
	p.left_on, p.reason
FROM people p
CROSS JOIN clock c
LEFT JOIN people earlier ON earlier.team = p.team AND earlier.place = p.place AND earlier.holder = p.holder - 1;
SELECT setval('regtarget.employees_employee_id_seq', (SELECT max(person) FROM people));

INSERT INTO regtarget.assignments (employee_id, unit_id, during)
SELECT p.person, u.unit_id, daterange(e.hired_on, NULL)
FROM people p
JOIN regtarget.employees e ON e.employee_id = p.person
LEFT JOIN teams t ON t.team = p.team
JOIN regions r ON r.region = p.region
JOIN regtarget.units u ON u.code = coalesce(t.code, r.code);

-- Newcomers carry less at first.
INSERT INTO regtarget.ramp VALUES (0, 0.5), (3, 0.8), (6, 1);

-- ---- customers --------------------------------------------------------------------------------

-- Six to each place of a group, numbered within their city; first_shop is the group's lowest id.
ALTER TABLE teams ADD COLUMN first_shop int;
UPDATE teams SET first_shop = 1 + 6 * coalesce((SELECT sum(t.people) FROM teams t WHERE t.team < teams.team), 0);

INSERT INTO regtarget.customers (customer_id, source, source_id, unit_id, name, acquired_on, churned_on)
SELECT shop, 'crm', 'C' || 20000 + shop, u.unit_id,
	format('%s%s %s', split_part(t.name, ' ', 1),
		(ARRAY['便利店', '超市', '批发部', '连锁店', '食品商行', '经销商'])[1 + shop % 6], shop - t.first_shop + 1),
	CASE WHEN d.seniority < 0.9 THEN c.month - 300 - floor(1500 * d.seniority)::int
		ELSE c.month - floor(2400 * (1 - d.seniority))::int END,
	CASE WHEN d.luck < 0.03 AND d.seniority < 0.9 THEN c.month - 1 - floor(3000 * d.luck)::int END
FROM teams t
JOIN regtarget.units u ON u.code = t.code
CROSS JOIN LATERAL generate_series(t.first_shop, t.first_shop + 6 * t.people - 1) AS shop
CROSS JOIN clock c
CROSS JOIN LATERAL (SELECT pg_temp.dice('acquired', shop), pg_temp.dice('churned', shop)) AS d (seniority, luck);
SELECT setval('regtarget.customers_customer_id_seq', (SELECT max(customer_id) FROM regtarget.customers));

-- ---- visits and deals -------------------------------------------------------------------------

-- The months that get facts, by how many they are ago; the one to come (-1) feeds the pipeline.
-- They have two rhythms, of effort and of season, whose mean is 1.
CREATE TEMP TABLE calendar AS
SELECT ago, m.first_day, (m.first_day + interval '1 month')::date - 1 AS last_day,
	(ARRAY[1.02, 0.97, 1.01, 0.98, 1.03, 0.99])[1 + (extract(month FROM m.first_day)::int - 1) % 6] AS effort,
	(ARRAY[0.93, 0.98, 1.09])[1 + (extract(month FROM m.first_day)::int - 1) % 3] AS season
FROM clock c
CROSS JOIN generate_series(-1, 8) AS ago
CROSS JOIN LATERAL (SELECT (c.month - make_interval(months => ago))::date) AS m (first_day);

-- Who was there in which month, from when till when, and for what part of it. His stretch of the
-- region's work, of 1 in all, is from .. upto: the longer, the better his group and he are
-- (managers do not sell).
CREATE TEMP TABLE presence AS
SELECT d.*, (sum(strength) OVER up_to_him - strength) / sum(strength) OVER everybody AS "from",
	sum(strength) OVER up_to_him / sum(strength) OVER everybody AS upto
FROM (
	SELECT p.person, p.region, p.team, m.ago, i.first_day, i.last_day - i.first_day + 1 AS days, i.part,
		CASE WHEN p.team IS NULL THEN 0 ELSE i.part * (0.95 + 0.10 * pg_temp.dice('group', p.team))
			* (0.85 + 0.30 * pg_temp.dice('person', p.team, p.place)) END AS strength
	FROM people p
	JOIN regtarget.employees e ON e.employee_id = p.person
	CROSS JOIN calendar m
	CROSS JOIN LATERAL (
		SELECT w.first_day, w.last_day, (w.last_day - w.first_day + 1)::float8 / (m.last_day - m.first_day + 1) AS part
		FROM (SELECT greatest(m.first_day, e.hired_on), least(m.last_day, e.left_on)) AS w (first_day, last_day)
	) AS i
	WHERE p.region IS NOT NULL AND i.part > 0
) AS d
WINDOW everybody AS (PARTITION BY region, ago), up_to_him AS (PARTITION BY region, ago ORDER BY team, person);

-- What each region does in a month: so many visits, closed deals and won amount per head, a little
-- more or less. Of the closed deals so many are won that the rate comes out over any months.
CREATE TEMP TABLE doings AS
SELECT region, ago, visits, deals, amount,
	(round(conversion * sum(deals) OVER so_far) - round(conversion * (sum(deals) OVER so_far - deals)))::int AS won
FROM (
	SELECT r.region, m.ago, r.conversion, round(sum(p.part) * 12 * m.season)::int AS deals,
		round(sum(p.part) * r.visits * m.effort * (1 + r.trend * (3.5 - m.ago))
			* (0.98 + 0.04 * pg_temp.dice('busy', r.region, m.ago)))::int AS visits,
		sum(p.part) * r.output * m.season * (0.97 + 0.06 * pg_temp.dice('rich', r.region, m.ago)) AS amount
	FROM presence p JOIN regions r USING (region) JOIN calendar m USING (ago)
	GROUP BY r.region, r.conversion, r.visits, r.trend, r.output, m.ago, m.effort, m.season
) AS d
WINDOW so_far AS (PARTITION BY region ORDER BY ago DESC);

-- Each visit falls into somebody's stretch, on some day, to the next of the group's shops. (OFFSET 0
-- has each die thrown once.)
INSERT INTO regtarget.visits (source, source_id, unit_id, employee_id, customer_id, visited_on)
SELECT 'crm', 'V' || row_number() OVER (ORDER BY v.day, p.region, n), u.unit_id, p.person, k.customer_id, v.day
FROM doings d
CROSS JOIN LATERAL generate_series(1, d.visits) AS n
JOIN presence p ON p.region = d.region AND p.ago = d.ago
	AND n - 0.5::float8 >= p."from" * d.visits AND n - 0.5::float8 < p.upto * d.visits
JOIN teams t ON t.team = p.team
JOIN regtarget.units u ON u.code = t.code
CROSS JOIN LATERAL (
	SELECT p.first_day + floor(p.days * pg_temp.dice('visit', 10 * n + p.region, p.ago))::int
	OFFSET 0
) AS v (day)
LEFT JOIN regtarget.customers k ON k.customer_id = t.first_shop + n % (6 * t.people)
	AND v.day >= k.acquired_on AND v.day >= k.churned_on IS NOT TRUE
WHERE v.day <= (SELECT today FROM clock);

-- Deals in the same way. The luckiest of a month are won, and some groups are luckier; amounts vary
-- and add up to what the region does. What would close after today is open still, or not yet there.
INSERT INTO regtarget.deals (source, source_id, unit_id, employee_id, customer_id,
	opened_on, closed_on, won, amount)
SELECT 'crm', 'D' || row_number() OVER (ORDER BY w.day, w.region, w.n), u.unit_id, w.person, k.customer_id,
	w.opened_on, CASE WHEN w.day <= c.today THEN w.day END, CASE WHEN w.day <= c.today THEN w.won END,
	round((w.amount * w.size / sum(w.size) FILTER (WHERE w.won) OVER (PARTITION BY w.region, w.ago))::numeric, -2)
FROM (
	SELECT d.region, d.ago, d.amount, n, p.person, p.team, v.day, v.day - 5 - floor(30 * v.patience)::int AS opened_on,
		(0.4 + 1.2 * v.size) * (0.95 + 0.10 * pg_temp.dice('group size', p.team)) AS size,
		rank() OVER (PARTITION BY d.region, d.ago
			ORDER BY v.luck + 0.15 * pg_temp.dice('skill', p.team) DESC, n) <= d.won AS won,
		row_number() OVER (PARTITION BY p.team ORDER BY v.day, n) AS turn
	FROM doings d
	CROSS JOIN LATERAL generate_series(1, d.deals) AS n
	JOIN presence p ON p.region = d.region AND p.ago = d.ago
		AND n - 0.5::float8 >= p."from" * d.deals AND n - 0.5::float8 < p.upto * d.deals
	CROSS JOIN LATERAL (
		SELECT p.first_day + floor(p.days * pg_temp.dice('deal', 10 * n + p.region, p.ago))::int,
			pg_temp.dice('luck', 10 * n + p.region, p.ago), pg_temp.dice('size', 10 * n + p.region, p.ago),
			pg_temp.dice('patience', 10 * n + p.region, p.ago)
		OFFSET 0
	) AS v (day, luck, size, patience)
) AS w
JOIN teams t ON t.team = w.team
JOIN regtarget.units u ON u.code = t.code
CROSS JOIN clock c
LEFT JOIN regtarget.customers k ON k.customer_id = t.first_shop + w.turn % (6 * t.people)
	AND w.day >= k.acquired_on AND w.day >= k.churned_on IS NOT TRUE
WHERE w.opened_on <= c.today;

-- The same quarter a year ago, out of the old system: what was won, 104 million in all.
INSERT INTO regtarget.deals (source, source_id, unit_id, opened_on, closed_on, won, amount)
SELECT 'legacy', 'L' || row_number() OVER (ORDER BY day, team, n), unit_id, day - 20, day, true,
	round((104e6 * last_year * size / sum(size) OVER (PARTITION BY region))::numeric, -2)
FROM (
	SELECT t.region, t.team, n, u.unit_id, r.last_year, 0.4 + 1.2 * pg_temp.dice('size then', t.team, n) AS size,
		c.last_year + floor(90 * pg_temp.dice('day then', t.team, n))::int AS day
	FROM teams t
	JOIN regions r USING (region)
	JOIN regtarget.units u ON u.code = t.code
	CROSS JOIN LATERAL generate_series(1, 16 * t.people) AS n
	CROSS JOIN clock c
) AS d;

-- ---- what else is known of the markets, before the quarter begins --------------------------------

INSERT INTO regtarget.signals (unit_id, signal, as_of, value, source)
SELECT u.unit_id, v.signal, c.quarter - v.age, v.value, v.source
FROM (
	SELECT code, 'tender_amount', 7, tender, 'tenders' FROM teams
	UNION ALL SELECT code, 'report_estimate', 30, report, 'report' FROM regions
	UNION ALL SELECT code, 'strategic_tilt', 3, tilt, 'board' FROM regions
	UNION ALL SELECT code, 'strategic_tilt', 3, tilt, 'board' FROM teams WHERE tilt IS NOT NULL
) AS v (code, signal, age, value, source)
JOIN regtarget.units u ON u.code = v.code
CROSS JOIN clock c;

ANALYZE;
