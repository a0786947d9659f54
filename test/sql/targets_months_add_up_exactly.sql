-- T6: target_months splits each amount over its period's months by months.share, exactly, by S4.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied;
SELECT add_year(2025), add_year(2026, '2026-01-05', '4-4-5');
INSERT INTO periods VALUES ('none', '[2024-01-01,2024-04-01)');
INSERT INTO units (unit_id, code, parent_id) VALUES (1, 'CN', NULL), (2, 'A', 1), (3, 'B', 1);
DELETE FROM factors;
INSERT INTO factors (signal) VALUES ('market');
INSERT INTO signals (unit_id, signal, as_of, value) VALUES (2, 'market', '2020-01-01', 1),
	(3, 'market', '2020-01-01', 3);
CREATE VIEW public.months_of AS
SELECT m.period, m.unit, t.amount, string_agg(m.amount::numeric(19, 2)::text, ' '
	ORDER BY m.starts_on) AS months,
	sum(m.amount) = t.amount AS adds_up
FROM target_months m JOIN targets t ON t.target_id = m.target_id GROUP BY m.period, m.unit,
	t.amount, t.unit_id
ORDER BY m.period, t.unit_id;

-- By days: 2025Q3 has 31, 31, 30 of 92. 1000 is 336.957, 336.957, 326.087; 250 is 84.239, 84.239,
-- 81.522. In fen 33695.65, 33695.65, 32608.70: rounded, 33696 + 33696 + 32609 is one too many, so
-- the highest multiplier that fits: the second 33696 ranks (67391 / 2) / 31 = 1086.952, 32609
-- (65217 / 2) / 30 = 1086.95.
SELECT count(*) FROM allocate_targets('2025Q3', 1000);
SELECT * FROM public.months_of;

-- With shares 0.3, 0.3, 0.4; with 0.5 given and the rest by days, 31 and 30 of 61; with all of it
-- given to one month.
UPDATE months SET share = CASE WHEN month = '2025-09' THEN 0.4 ELSE 0.3 END WHERE period = '2025Q3';
SELECT * FROM public.months_of;
UPDATE months SET share = CASE WHEN month = '2025-09' THEN 0.5 END WHERE period = '2025Q3';
SELECT * FROM public.months_of;
UPDATE months SET share = CASE WHEN month = '2025-09' THEN 1 END WHERE period = '2025Q3';
SELECT * FROM public.months_of;
UPDATE months SET share = NULL;

-- 4-4-5 weeks: 28, 28, 35 of 91 days.  91 is 28, 28, 35.
SELECT count(*) FROM allocate_targets('2026Q1', 364);
SELECT * FROM public.months_of WHERE period = '2026Q1';

-- In steps of 10000 months are whole steps, too: 10 of them by 31 : 31 : 30 are 3.37, 3.37, 3.26:
-- three each, and the tenth to July, the first of two that rank alike.
SELECT count(*) FROM allocate_targets('2025Q3', 100000, 'shadow', step => 10000);
SELECT m.unit, m.month, m.starts_on, m.ends_on, m.days, m.amount
FROM target_months m JOIN plans p ON p.plan_id = m.plan_id AND p.mode = 'shadow'
	ORDER BY m.unit_id, m.starts_on;

-- They follow the amount.
SELECT publish_plan(1);
UPDATE targets SET amount = 1150 WHERE plan_id = 1 AND unit_id = 1;
SELECT * FROM public.months_of WHERE period = '2025Q3' AND unit = 'CN';
-- A period without months has none.
SELECT count(*) FROM allocate_targets('none', 10);
SELECT count(*) FROM target_months WHERE period = 'none';

-- Whatever the shares and amounts, they add up.
INSERT INTO units (unit_id, code, parent_id) SELECT 100 + g, 'U' || g, 1
	FROM generate_series(1, 40) g;
INSERT INTO signals (unit_id, signal, as_of, value) SELECT 100 + g, 'market', '2020-01-01', sqrt(g)
	FROM generate_series(1, 40) g;
UPDATE months SET share = (ARRAY[0.123456, 0.333333, NULL, 0.1, 0.000001])[extract(month
	FROM lower(during))::int % 5 + 1];
SELECT count(*) FROM allocate_targets('2025Q4', 98765432.1234, step => 0.0001);
SELECT count(*), bool_and(whole) FROM (
	SELECT sum(m.amount) = t.amount AS whole FROM target_months m
		JOIN targets t ON t.target_id = m.target_id
	WHERE m.period = '2025Q4' GROUP BY t.target_id, t.amount) AS s;

-- What cannot be split is refused, whoever asks the functions of the views himself.
SELECT amount, step, public.refusal(format('SELECT count(*) FROM months_of_target(''2025Q4'', %L, %L)', amount, step)) AS months,
	public.refusal(format('SELECT due_of_target(''2025Q4'', %L, %L, ''2025-11-05'')', amount, step)) AS due
FROM (VALUES ('NaN', '0.01'), ('Infinity', '0.01'), ('-Infinity', '0.01'), ('-1', '0.01'), ('1e30', '0.01'), ('0.001', '0.01'), ('1', 'NaN'), ('1', '0')) AS v (amount, step);

ROLLBACK;
