-- I2, I5: an amount whose currency stands beside it is the company's or none: CurrencyIsoCode, and amounts that Salesforce converts.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile();
INSERT INTO units_in (code) VALUES ('A');
INSERT INTO employees_in (source, source_id, unit, hired_on) VALUES ('salesforce', '0055g000001owneAAA', 'A', '2020-01-01');
CREATE FUNCTION public.take(id text, said jsonb) RETURNS text LANGUAGE sql
RETURN (SELECT concat_ws(' ', accepted, rejected) FROM import_salesforce(jsonb_build_object('done', true, 'records', jsonb_build_array(
	jsonb '{"attributes": {"type": "Opportunity"}, "OwnerId": "0055g000001owneAAA", "IsClosed": true, "IsWon": true, "CloseDate": "2025-03-01"}' || jsonb_build_object('Id', id) || said))));
CREATE TEMP VIEW taken AS SELECT (SELECT string_agg(source_id || ' ' || coalesce(amount::text, '-'), ', ' ORDER BY source_id) FROM deals) AS deals,
	(SELECT string_agg(concat_ws(' ', row ->> 'source_id', cause, column_name, reason), '; ' ORDER BY reject_id) FROM import_rejects) AS rejects;

SELECT public.take('1', '{"Amount": 1, "CurrencyIsoCode": "CNY"}'), public.take('2', '{"Amount": 2, "CurrencyIsoCode": "USD"}'), public.take('3', '{"Amount": 3, "CurrencyIsoCode": "cny"}'),
	public.take('4', '{"Amount": null, "CurrencyIsoCode": "USD"}'), public.take('5', '{"CurrencyIsoCode": "USD"}'), public.take('6', '{"Amount": 6, "CurrencyIsoCode": null}'), public.take('7', '{"Amount": 7}');
SELECT * FROM taken;

-- What is on record does not become another currency's, and a converted amount is the company's.
SELECT public.take('1', '{"Amount": 9, "CurrencyIsoCode": "EUR"}'), public.take('3', '{"CurrencyIsoCode": "EUR"}'), public.take('8', '{"Amount": 9, "CurrencyIsoCode": "EUR", "convertedAmount": 72.5}'),
	public.take('4', '{"convertedAmount": null, "CurrencyIsoCode": "USD"}'), public.take('9', '{"convertedAmount": true, "CurrencyIsoCode": "USD"}');
SELECT * FROM taken;

-- The policy of the day of loading says which is the company's; what was refused comes in when it says otherwise.
UPDATE policies SET currency = 'USD';
SELECT retry_rejects();
SELECT public.take('7', '{"Amount": 8, "CurrencyIsoCode": "CNY"}');
SELECT * FROM taken;

-- Other objects have a currency too, and no amount.
SELECT * FROM import_salesforce('{"done": true, "records": [{"attributes": {"type": "Account"}, "Id": "0015g00000XyZabAAF", "Name": "Sun", "CurrencyIsoCode": "EUR", "OwnerId": "0055g000001owneAAA"}]}');

ROLLBACK;
