-- I2: the policy of the day of loading says in which currency, with which decimal mark and in which order of dates.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile();
SELECT currency, decimal_comma, date_order FROM policies;
INSERT INTO units_in (code) VALUES ('A');
CREATE TEMP TABLE cells (id int, day text, amount text);
CREATE FUNCTION pg_temp.load() RETURNS TABLE (id int, day text, opened_on date, amount text, read numeric, reason text) LANGUAGE sql AS $$
	DELETE FROM deals;
	DELETE FROM import_rejects;
	INSERT INTO deals_in (source, source_id, unit, opened_on, amount) SELECT 'x', c.id, 'A', c.day, c.amount FROM cells c ORDER BY c.id;
	SELECT c.id, c.day, d.opened_on, c.amount, d.amount, r.reason FROM cells c LEFT JOIN deals d ON d.source_id = c.id::text
	LEFT JOIN import_rejects r ON r.row ->> 'source_id' = c.id::text ORDER BY c.id;
$$;
INSERT INTO cells VALUES (1, '31.12.2025', '$1,234.50'), (2, '12/31/2025', '1,234.50 USD'), (3, '03/04/2025', 'US$ 5'), (4, '2025-07-01', '5 dollars'),
	(5, '31122025', '500万美元'), (6, '7/1/25', '€5'), (7, '2025/7/1', '¥5'), (8, '45839', 'HK$5'), (9, '30.02.2025', '5'), (10, '31.12.2025 14:30', '5');
-- Ours.
SELECT * FROM pg_temp.load();
-- Dollars, the month first.
UPDATE policies SET currency = 'USD', date_order = 'mdy';
SELECT * FROM pg_temp.load();
-- Euros, the day first, decimal commas.
UPDATE policies SET currency = 'EUR', date_order = 'dmy', decimal_comma = true;
TRUNCATE cells;
INSERT INTO cells VALUES (1, '31.12.2025', '1.234,50 €'), (2, '12/31/2025', '€ 1234,5'), (3, '03/04/2025', '5 EUR'), (4, '7/1/25', '1234.50'), (5, NULL, '$5'),
	(6, NULL, '1.078.379,97'), (7, NULL, '5,-'), (8, NULL, '5 Euro');
SELECT * FROM pg_temp.load();
-- A currency that only has its code.
UPDATE policies SET currency = 'ZAR', date_order = NULL, decimal_comma = false;
TRUNCATE cells;
INSERT INTO cells VALUES (1, NULL, 'ZAR 1 234.50'), (2, NULL, '5 EUR');
SELECT * FROM pg_temp.load();
-- That of the day of loading, not one to come nor one that was.
INSERT INTO policies (effective_from, currency) VALUES (CURRENT_DATE - 1, 'GBP'), (CURRENT_DATE + 2, 'CHF');
TRUNCATE cells;
INSERT INTO cells VALUES (1, NULL, '£5'), (2, NULL, 'CHF 5'), (3, NULL, 'ZAR 5');
SELECT * FROM pg_temp.load();
-- Without any policy as without a word: yuan, points.
DELETE FROM policies;
TRUNCATE cells;
INSERT INTO cells VALUES (1, '03/04/2025', '¥1.50');
SELECT * FROM pg_temp.load();
-- apply_profile() puts back what the profiles say.
SELECT apply_profile('fmcg');
SELECT currency, decimal_comma, date_order FROM policies;
-- Services speak their own language, whatever the company writes; its currency is the company's.
UPDATE policies SET currency = 'EUR', decimal_comma = true, date_order = 'dmy';
DELETE FROM import_rejects;
INSERT INTO employees_in (source, source_id, unit, hired_on) VALUES ('salesforce', '005A00000000000AAA', 'A', '01.01.2020');
SELECT * FROM import_salesforce('{"done": true, "records": [{"attributes": {"type": "Opportunity"}, "Id": "006A00000000001AAA", "OwnerId": "005A00000000000AAA",
	"Amount": 1234.567, "CloseDate": "2025-07-01", "IsClosed": true, "IsWon": true}]}');
SELECT closed_on, amount FROM deals WHERE source = 'salesforce';
-- What the views show is written so as to be loaded again: nothing changes.
UPDATE policies SET currency = 'CNY';
DELETE FROM deals;
INSERT INTO deals_in (source, source_id, unit, amount) VALUES ('x', '1', 'A', '22,368'), ('x', '2', 'A', '22.368'), ('x', '3', 'A', '-0,5'), ('x', '4', 'A', NULL);
INSERT INTO revenues_in VALUES ('x', '1', 'A', NULL, NULL, '01.02.2025', '907,152');
INSERT INTO signals_in VALUES ('x', 'A', 'small', '01.02.2025', '1,5E-07'), ('x', 'A', 'large', '01.02.2025', '1,5E+22');
CREATE TEMP TABLE copied AS SELECT source_id, amount FROM deals_in UNION ALL SELECT 'r' || source_id, amount FROM revenues_in UNION ALL SELECT signal, value FROM signals_in;
SELECT * FROM copied ORDER BY 1;
CREATE TEMP VIEW there AS SELECT source_id, amount FROM deals UNION ALL SELECT 'r' || source_id, amount FROM revenues UNION ALL SELECT signal, value::numeric FROM signals;
CREATE TEMP TABLE before AS SELECT * FROM there;
INSERT INTO deals_in SELECT * FROM deals_in;
INSERT INTO revenues_in SELECT * FROM revenues_in;
INSERT INTO signals_in SELECT * FROM signals_in;
SELECT count(*) AS changed FROM (TABLE before EXCEPT TABLE there UNION ALL (TABLE there EXCEPT TABLE before)) c;
SELECT count(*) AS rejects FROM import_rejects;
UPDATE policies SET decimal_comma = false;
SELECT source_id, amount FROM deals_in ORDER BY 1;
-- Values that are none.
SELECT public.refusal($$UPDATE policies SET currency = 'eur'$$), public.refusal($$UPDATE policies SET currency = 'EURO'$$), public.refusal($$UPDATE policies SET currency = NULL$$);
SELECT public.refusal($$UPDATE policies SET date_order = 'ymd'$$), public.refusal($$UPDATE policies SET decimal_comma = NULL$$);

ROLLBACK;
