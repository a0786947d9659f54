-- add_year makes four periods and twelve months, named by the fiscal year, whenever it starts.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

CREATE VIEW public.year AS
SELECT p.period, lower(p.during) AS starts_on, upper(p.during) - 1 AS ends_on,
	string_agg(m.month || ' ' || (upper(m.during) - lower(m.during)), ', '
		ORDER BY lower(m.during)) AS days
FROM periods p LEFT JOIN months m ON m.period = p.period AND m.during <@ p.during
GROUP BY p.period, p.during ORDER BY lower(p.during);

-- A calendar year: 31 28 31, 30 31 30, 31 31 30, 31 30 31 days.
SELECT add_year(2025);
SELECT * FROM public.year;

-- Without a start the next one goes on where it ended; 2028 would, but there is no 2027: 1 January.
SELECT add_year(2026), add_year(2028);
SELECT * FROM public.year WHERE period >= '2026';
SELECT error_of($$SELECT add_year(2025)$$);
-- A year that overlaps another one is refused whole.
SELECT error_of($$SELECT add_year(2030, '2028-12-31')$$);
DELETE FROM months;
DELETE FROM periods;

-- Fiscal 2025 from April 2024; and the one after it, without saying so.
SELECT add_year(2025, '2024-04-01'), add_year(2026);
SELECT * FROM public.year;
DELETE FROM months;
DELETE FROM periods;

-- Weeks: a quarter has 4 + 4 + 5 = 13 of them, 91 days; 52 make 364, so 2026 begins on 2025-12-29.
SELECT add_year(2025, '2024-12-30', '4-4-5'), add_year(2026, NULL, '4-5-4'),
	add_year(2027, NULL, '5-4-4');
SELECT * FROM public.year;
DELETE FROM months;
DELETE FROM periods;

-- A 53rd week goes to the last month: 5 + 1 weeks, 4 + 1, 4 + 1. 371 days: 2026 begins on
-- 2026-01-05.
SELECT add_year(2025, '2024-12-30', '4-4-5', 53), add_year(2026, NULL, '4-5-4', 53),
	add_year(2027, NULL, '5-4-4', 53);
SELECT * FROM public.year WHERE period LIKE '%Q4';
SELECT min(lower(during)), max(upper(during)) - min(lower(during)) AS days FROM periods;
DELETE FROM months;
DELETE FROM periods;

-- From the 31st, the last day of shorter months: 31 January to 28 February is 28 days, and so on.
SELECT add_year(2025, '2025-01-31');
SELECT * FROM public.year;
DELETE FROM months;
DELETE FROM periods;

-- From 29 February 2024 a year later is 28 February 2025, as date + interval '1 year' has it: 365
-- days.
SELECT add_year(2024, '2024-02-29');
SELECT max(upper(during)) - 1 AS ends_on, max(upper(during)) - min(lower(during)) AS days
	FROM periods;
DELETE FROM months;
DELETE FROM periods;

-- Arguments.
SELECT error_of($$SELECT add_year(NULL)$$);
SELECT error_of($$SELECT add_year(2025, pattern => NULL)$$);
SELECT error_of($$SELECT add_year(2025, weeks => NULL)$$);
SELECT error_of($$SELECT add_year(2025, pattern => '4-4-4')$$);
SELECT error_of($$SELECT add_year(2025, weeks => 53)$$);
SELECT error_of($$SELECT add_year(2025, pattern => '4-4-5', weeks => 51)$$);
SELECT error_of($$SELECT add_year(2025, pattern => '4-4-5', weeks => 54)$$);
SELECT error_of($$SELECT add_year(0)$$);
SELECT error_of($$SELECT add_year(10000)$$);
SELECT error_of($$SELECT add_year(2025, 'infinity')$$);
SELECT error_of($$SELECT add_year(2025, '-infinity')$$);
SELECT error_of($$SELECT add_year(2025, '5874897-06-01')$$);
SELECT count(*) FROM periods;

-- The first and the last year that there are.
SELECT add_year(1), add_year(9999);
SELECT * FROM public.year WHERE period IN ('0001Q1', '9999Q4');

ROLLBACK;
