-- Customers who go by silence are found whatever their keys are: one after the other, or far apart.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT count(*) FROM apply_profile('fmcg');
INSERT INTO units (unit_id, code, parent_id) VALUES (1, 'near', NULL), (2, 'far', NULL), (3, 'one', NULL), (4, 'nobody', NULL);
CREATE TABLE public.keys AS SELECT 1 AS unit_id, 1000 + n AS k, n FROM generate_series(1, 300) n
UNION ALL SELECT 2, CASE WHEN n % 2 = 0 THEN 1000000000 + 40000000000000::bigint * n ELSE 10000 + 100 * n END, n FROM generate_series(1, 300) n
UNION ALL SELECT 3, 9223372036854775807, 6;
INSERT INTO customers (customer_id, unit_id) SELECT k, unit_id FROM public.keys;
-- Each buys up to three times, or more.
INSERT INTO deals (unit_id, customer_id, closed_on, won, amount)
SELECT 4, k, date '2025-01-01' + n % 97 + 31 * i, i < 3, 1 FROM public.keys, generate_series(0, 3) i WHERE (n + i) % 4 > 0;
INSERT INTO revenues (unit_id, customer_id, booked_on, amount) SELECT 4, k, date '2025-04-01' + n % 61, 1 FROM public.keys WHERE n % 7 = 0;
-- Older purchases come in last.
INSERT INTO revenues (unit_id, customer_id, booked_on, amount) SELECT 4, k, date '2024-06-01' + n % 11, 1 FROM public.keys;
SELECT day, u.code, max(value) FILTER (WHERE signal = 'customers_active') AS active, max(value) FILTER (WHERE signal = 'weekly_churn_count') AS gone,
	round(max(value) FILTER (WHERE signal = 'churn_rate')::numeric, 6) AS rate, round(max(value) FILTER (WHERE signal = 'weekly_churn_certainty')::numeric, 6) AS certainty
FROM unnest('{2025-05-06,2025-06-04,2025-07-01,2025-08-08}'::date[]) day CROSS JOIN LATERAL unit_signals(day) s JOIN units u USING (unit_id) WHERE unit_id < 4
GROUP BY day, u.code ORDER BY day, u.code DESC;
-- Near and far have the same.
SELECT count(*) AS differ FROM unnest('{2025-05-06,2025-06-04,2025-07-01,2025-08-08}'::date[]) day CROSS JOIN LATERAL (
	SELECT signal, value FROM unit_signals(day) WHERE unit_id = 1 EXCEPT SELECT signal, value FROM unit_signals(day) WHERE unit_id = 2) d;
-- Without those whose keys are far, the others have what they had.
DELETE FROM deals USING public.keys WHERE customer_id = k AND keys.unit_id > 1;
DELETE FROM revenues USING public.keys WHERE customer_id = k AND keys.unit_id > 1;
DELETE FROM customers WHERE unit_id > 1;
SELECT day, max(value) FILTER (WHERE signal = 'customers_active') AS active, max(value) FILTER (WHERE signal = 'weekly_churn_count') AS gone
FROM unnest('{2025-05-06,2025-06-04,2025-07-01,2025-08-08}'::date[]) day CROSS JOIN LATERAL unit_signals(day) s WHERE unit_id = 1 GROUP BY day ORDER BY day;

ROLLBACK;
