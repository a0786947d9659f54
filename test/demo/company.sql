-- The worked company: a fast-moving-goods firm of 156 people, 8 regions and 32 groups, with last
-- year's quarter and the eight months behind it as facts. Plain SQL; what looks like chance is a
-- hash of a fixed seed, so that every run on the same day gives the same company.
--
-- Its rules and its calendar are set here. All else is written into files as other systems export it,
-- a few slips among it, in the directory that :files names: units.csv, employees.csv, customers.csv,
-- visits.csv, deals.csv, legacy.csv, signals.csv, revenues.csv (in GB18030).
--
-- Dates hang on today. Whatever day that is, six whole months are full of facts before the first
-- day of its quarter and before the first day of its month, and every monthly rhythm repeats after
-- six months at most, so that health does not swing with the calendar.

\cd :files

-- Many short statements: compiling them would take longer than running them. Sorts fit into memory.
SET jit = off;
SET work_mem = '64MB';

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

-- The youngest group is not yet in the list of units.
COPY (
	SELECT code, name, kind, parent, NULL AS opened_on, NULL AS closed_on
	FROM (
		SELECT 0, 0, 'CN', '全国 Company', 'company', NULL
		UNION ALL SELECT 1, region, code, name, 'region', 'CN' FROM regions
		UNION ALL SELECT 2, t.team, t.code, t.name, 'group', r.code FROM teams t JOIN regions r USING (region)
		WHERE t.code <> 'LANZHOU'
	) AS u (depth, place, code, name, kind, parent)
	ORDER BY depth, place
) TO STDOUT (FORMAT csv, HEADER) \g units.csv

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
SELECT p.*, CASE WHEN holder = 2 THEN lag(left_on) OVER (PARTITION BY team, place ORDER BY holder) + 14
		ELSE c.month - 400 - floor(2600 * pg_temp.dice('hired', person))::int END AS hired_on
FROM (
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
	) AS p
) AS p
CROSS JOIN clock c;

-- What they are called; nobody's address is another's.
CREATE TEMP TABLE names AS
SELECT person, split_part(surname, ' ', 1) || split_part(given_name, ' ', 1) AS name,
	split_part(given_name, ' ', 2) || '.' || split_part(surname, ' ', 2)
	|| coalesce(nullif(row_number() OVER (PARTITION BY surname, given_name ORDER BY person), 1)::text, '')
	|| '@example.com' AS email
FROM (
	SELECT person, (string_to_array('王 wang,李 li,张 zhang,刘 liu,陈 chen,杨 yang,赵 zhao,黄 huang,周 zhou,吴 wu,徐 xu,孙 sun,'
			'胡 hu,朱 zhu,高 gao,林 lin,何 he,郭 guo,马 ma,罗 luo,梁 liang,宋 song,郑 zheng,谢 xie,韩 han,唐 tang,冯 feng,'
			'于 yu,董 dong,萧 xiao', ','))[1 + floor(30 * pg_temp.dice('surname', person))::int],
		(string_to_array('伟 wei,芳 fang,娜 na,敏 min,静 jing,丽 li,强 qiang,磊 lei,军 jun,洋 yang,勇 yong,艳 yan,杰 jie,'
			'娟 juan,涛 tao,明 ming,超 chao,霞 xia,平 ping,刚 gang,秀兰 xiulan,桂英 guiying,建国 jianguo,文静 wenjing,'
			'志强 zhiqiang,雪梅 xuemei,俊杰 junjie,子涵 zihan,浩然 haoran,欣怡 xinyi', ','))
			[1 + floor(30 * pg_temp.dice('given name', person))::int]
	FROM people
) AS n (person, surname, given_name);

-- Whoever is at headquarters has no unit.
COPY (
	SELECT 'hr' AS source, 'E' || 1000 + p.person AS source_id, n.name, n.email, coalesce(t.code, r.code) AS unit,
		to_char(p.hired_on, 'YYYY"年"FMMM"月"FMDD"日"') AS hired_on,
		to_char(p.left_on, 'YYYY"年"FMMM"月"FMDD"日"') AS left_on, p.reason AS leave_reason
	FROM people p
	JOIN names n USING (person)
	LEFT JOIN teams t ON t.team = p.team
	LEFT JOIN regions r ON r.region = p.region
	ORDER BY p.person
) TO STDOUT (FORMAT csv, HEADER) \g employees.csv

-- Newcomers carry less at first.
INSERT INTO regtarget.ramp VALUES (0, 0.5), (3, 0.8), (6, 1);

-- ---- customers --------------------------------------------------------------------------------

-- Six to each place of a group, numbered within their city; first_shop is the group's lowest id.
ALTER TABLE teams ADD COLUMN first_shop int;
UPDATE teams SET first_shop = 1 + 6 * coalesce((SELECT sum(t.people) FROM teams t WHERE t.team < teams.team), 0);

CREATE TEMP TABLE shops AS
SELECT shop, t.team, t.code AS unit,
	format('%s%s %s', split_part(t.name, ' ', 1),
		(ARRAY['便利店', '超市', '批发部', '连锁店', '食品商行', '经销商'])[1 + shop % 6], shop - t.first_shop + 1) AS name,
	CASE WHEN d.seniority < 0.9 THEN c.month - 300 - floor(1500 * d.seniority)::int
		ELSE c.month - floor(2400 * (1 - d.seniority))::int END AS acquired_on,
	CASE WHEN d.luck < 0.03 AND d.seniority < 0.9 THEN c.month - 1 - floor(3000 * d.luck)::int END AS churned_on
FROM teams t
CROSS JOIN LATERAL generate_series(t.first_shop, t.first_shop + 6 * t.people - 1) AS shop
CROSS JOIN clock c
CROSS JOIN LATERAL (SELECT pg_temp.dice('acquired', shop), pg_temp.dice('churned', shop)) AS d (seniority, luck);

-- The shop that somebody forgot to export.
CREATE TEMP TABLE forgotten_shop AS
SELECT s.* FROM shops s, clock c
WHERE s.unit = 'HANGZHOU' AND s.acquired_on < c.month - 300 AND s.churned_on IS NULL ORDER BY s.shop LIMIT 1;

COPY (
	SELECT 'crm' AS source, 'C' || 20000 + shop AS source_id, name, unit,
		to_char(acquired_on, 'YYYY.FMMM.FMDD') AS acquired_on, to_char(churned_on, 'YYYY.FMMM.FMDD') AS churned_on
	FROM shops WHERE shop NOT IN (SELECT shop FROM forgotten_shop) ORDER BY shop
) TO STDOUT (FORMAT csv, HEADER) \g customers.csv

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
	CROSS JOIN calendar m
	CROSS JOIN LATERAL (
		SELECT w.first_day, w.last_day, (w.last_day - w.first_day + 1)::float8 / (m.last_day - m.first_day + 1) AS part
		FROM (SELECT greatest(m.first_day, p.hired_on), least(m.last_day, p.left_on)) AS w (first_day, last_day)
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
-- has each die thrown once.) A shop is called on once a day; the other calls are at kiosks, which are
-- no customers. The CRM knows people by their addresses and no units.
COPY (
	SELECT 'crm' AS source, 'V' || row_number() OVER (ORDER BY v.day, v.region, v.n) AS source_id,
		NULL AS unit, e.email AS employee,
		CASE WHEN row_number() OVER (PARTITION BY v.person, k.shop, v.day ORDER BY v.n) = 1
			THEN 'C' || 20000 + k.shop END AS customer,
		to_char(v.day, 'YYYY/FMMM/FMDD') AS visited_on
	FROM (
		SELECT d.region, n, p.person, p.team, p.first_day
			+ floor(p.days * pg_temp.dice('visit', 10 * n + p.region, p.ago))::int AS day
		FROM doings d
		JOIN presence p ON p.region = d.region AND p.ago = d.ago
		CROSS JOIN LATERAL generate_series(ceil(p."from" * d.visits + 0.5)::int, ceil(p.upto * d.visits + 0.5)::int - 1) AS n
		OFFSET 0
	) AS v
	JOIN names e USING (person)
	JOIN teams t USING (team)
	LEFT JOIN shops k ON k.shop = t.first_shop + v.n % (6 * t.people)
		AND v.day >= k.acquired_on AND v.day >= k.churned_on IS NOT TRUE
	WHERE v.day <= (SELECT today FROM clock)
) TO STDOUT (FORMAT csv, HEADER) \g visits.csv

-- Deals in the same way. The luckiest of a month are won, and some groups are luckier; amounts vary
-- and add up to what the region does. What would close after today is open still, or not yet there.
CREATE TEMP TABLE deals_made AS
SELECT row_number() OVER (ORDER BY w.day, w.region, w.n) AS deal, t.code AS unit, e.email AS employee, k.shop,
	w.opened_on, CASE WHEN w.day <= c.today THEN w.day END AS closed_on, CASE WHEN w.day <= c.today THEN w.won END AS won,
	round((w.amount * w.size / w.size_won)::numeric, -2) AS amount
FROM (
	SELECT w.*, sum(size) FILTER (WHERE won) OVER (PARTITION BY region, ago) AS size_won
	FROM (
		SELECT d.region, d.ago, d.amount, n, p.person, p.team, v.day, v.day - 5 - floor(30 * v.patience)::int AS opened_on,
			(0.4 + 1.2 * v.size) * (0.95 + 0.10 * pg_temp.dice('group size', p.team)) AS size,
			rank() OVER (PARTITION BY d.region, d.ago
				ORDER BY v.luck + 0.15 * pg_temp.dice('skill', p.team) DESC, n) <= d.won AS won,
			row_number() OVER (PARTITION BY p.team ORDER BY v.day, n) AS turn
		FROM doings d
		JOIN presence p ON p.region = d.region AND p.ago = d.ago
		CROSS JOIN LATERAL generate_series(ceil(p."from" * d.deals + 0.5)::int, ceil(p.upto * d.deals + 0.5)::int - 1) AS n
		CROSS JOIN LATERAL (
			SELECT p.first_day + floor(p.days * pg_temp.dice('deal', 10 * n + p.region, p.ago))::int,
				pg_temp.dice('luck', 10 * n + p.region, p.ago), pg_temp.dice('size', 10 * n + p.region, p.ago),
				pg_temp.dice('patience', 10 * n + p.region, p.ago)
			OFFSET 0
		) AS v (day, luck, size, patience)
	) AS w
) AS w
JOIN teams t ON t.team = w.team
JOIN names e ON e.person = w.person
CROSS JOIN clock c
LEFT JOIN shops k ON k.shop = t.first_shop + w.turn % (6 * t.people)
	AND w.day >= k.acquired_on AND w.day >= k.churned_on IS NOT TRUE
WHERE w.opened_on <= c.today;

-- Typed by hand: a day that may be two days, an amount that may be two amounts.
CREATE TEMP TABLE slips AS
SELECT max(deal) FILTER (WHERE deal % 2 = 0 AND extract(day FROM opened_on) <= 12
		AND extract(day FROM opened_on) <> extract(month FROM opened_on)) AS two_days,
	max(deal) FILTER (WHERE deal % 2 = 1) AS two_amounts
FROM deals_made WHERE won AND shop IS NOT NULL AND shop NOT IN (SELECT shop FROM forgotten_shop) AND unit <> 'LANZHOU';

-- After them two that are no deals of this company's yet: one in dollars, one that a spreadsheet lost.
COPY (
	SELECT 'crm' AS source, 'D' || d.deal AS source_id, d.unit, d.employee, 'C' || 20000 + d.shop AS customer,
		to_char(d.opened_on, CASE WHEN d.deal = s.two_days THEN 'DD/MM/YYYY' ELSE 'YYYY/FMMM/FMDD' END) AS opened_on,
		to_char(d.closed_on, 'YYYY-MM-DD 16:30') AS closed_on, CASE WHEN d.won THEN '赢单' WHEN NOT d.won THEN '输单' END AS won,
		CASE WHEN d.deal = s.two_amounts THEN translate(to_char(d.amount, 'FM999,999,999.00'), ',.', '.,')
			WHEN d.deal % 3 = 0 THEN '¥ ' || to_char(d.amount, 'FM999,999,999.00')
			WHEN d.deal % 3 = 1 THEN trim_scale(d.amount / 10000) || '万'
			ELSE d.amount::text END AS amount
	FROM deals_made d, slips s
	UNION ALL
	SELECT 'crm', 'D' || l.last + x.n, x.unit, NULL, NULL, to_char(c.today, 'YYYY/FMMM/FMDD'), NULL, NULL, x.amount
	FROM (SELECT max(deal) FROM deals_made) AS l (last), clock c,
		(VALUES (1, 'SHENZHEN', '$ 52,000'), (2, 'XIAMEN', '#N/A')) AS x (n, unit, amount)
) TO STDOUT (FORMAT csv, HEADER) \g deals.csv

-- The same quarter a year ago, out of the old system's workbook: what was won, 104 million in all.
COPY (
	SELECT 'legacy' AS source, 'L' || row_number() OVER (ORDER BY day, team, n) AS source_id, unit,
		NULL AS employee, NULL AS customer, day - 20 - date '1899-12-30' AS opened_on, day - date '1899-12-30' AS closed_on, '是' AS won,
		trim_scale(round((104e6 * last_year * size / sum(size) OVER (PARTITION BY region))::numeric, -2) / 10000) || '万' AS amount
	FROM (
		SELECT t.region, t.team, n, t.code AS unit, r.last_year, 0.4 + 1.2 * pg_temp.dice('size then', t.team, n) AS size,
			c.last_year + floor(90 * pg_temp.dice('day then', t.team, n))::int AS day
		FROM teams t
		JOIN regions r USING (region)
		CROSS JOIN LATERAL generate_series(1, 16 * t.people) AS n
		CROSS JOIN clock c
	) AS d
) TO STDOUT (FORMAT csv, HEADER) \g legacy.csv

-- ---- what else is known of the markets, before the quarter begins --------------------------------

COPY (
	SELECT v.source, v.unit, v.signal, to_char(c.quarter - v.age, 'YYYY-MM-DD') AS as_of, v.value
	FROM (
		SELECT 'tenders' AS source, code AS unit, 'tender_amount' AS signal, 7 AS age,
			translate((tender / 1e4)::numeric || '万', '0123456789', '０１２３４５６７８９') AS value FROM teams
		UNION ALL SELECT 'report', code, 'report_estimate', 30, (report / 1e8)::numeric || '亿' FROM regions
		UNION ALL SELECT 'board', code, 'strategic_tilt', 3, tilt::text FROM regions
		UNION ALL SELECT 'board', code, 'strategic_tilt', 3, tilt::text FROM teams WHERE tilt IS NOT NULL
	) AS v
	CROSS JOIN clock c
) TO STDOUT (FORMAT csv, HEADER) \g signals.csv

-- ---- what finance booked ------------------------------------------------------------------------

-- Each half of a month when it is over, a little less than sales won, returns being off. Finance has
-- its own name for Shanghai, and gave one amount of Kunming's in cents.
CREATE TEMP TABLE bookings AS
SELECT row_number() OVER (ORDER BY h.half, d.unit) AS booking, d.unit, h.half AS booked_on,
	round(sum(d.amount) * (0.97 + 0.02 * pg_temp.dice('booked', ascii(d.unit), h.half - date '2000-01-01'))::numeric, 2) AS amount
FROM deals_made d
CROSS JOIN LATERAL (
	SELECT CASE WHEN extract(day FROM closed_on) <= 15 THEN date_trunc('month', closed_on)::date + 14
		ELSE (date_trunc('month', closed_on) + interval '1 month')::date - 1 END
) AS h (half)
WHERE d.won AND h.half <= (SELECT today FROM clock)
GROUP BY d.unit, h.half;

CREATE TEMP TABLE in_cents AS
SELECT b.* FROM bookings b, clock c WHERE b.unit = 'KUNMING' AND b.booked_on < c.month ORDER BY b.booked_on DESC LIMIT 1;

COPY (
	SELECT 'finance' AS source, 'F' || b.booking AS source_id,
		CASE WHEN b.unit = 'SHANGHAI' THEN '上海分公司' ELSE b.unit END AS unit, NULL AS employee, NULL AS customer, to_char(b.booked_on, 'YYYYMMDD') AS booked_on,
		CASE WHEN x.booking IS NULL THEN to_char(b.amount, 'FM￥999,999,999.00') || ' 元'
			ELSE (100 * b.amount)::bigint::text END AS amount
	FROM bookings b LEFT JOIN in_cents x USING (booking) ORDER BY b.booking
) TO STDOUT (FORMAT csv, HEADER, ENCODING 'GB18030') \g revenues.csv
