-- A key that goes is looked for in the pages that may have it, under no lock that keeps anybody from writing;
-- and many keys take few locks.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

-- New files, which go with the transaction: dead pages would make later tests plan otherwise.
TRUNCATE units, employees, customers, visits, deals, revenues, plans, targets;
SELECT apply_profile() <> '' AS applied;
INSERT INTO units (unit_id, code) SELECT g, 'U' || g FROM generate_series(1, 120) g;
INSERT INTO employees (employee_id) SELECT generate_series(1, 1200);
INSERT INTO customers (customer_id, unit_id) SELECT g, 1 + g % 100 FROM generate_series(1, 9000) g;
INSERT INTO visits (unit_id, employee_id, customer_id)
SELECT 1 + g % 100, 1 + abs(hashint4(g)) % 1000, 1 + abs(hashint4(-g)) % 2000 FROM generate_series(1, 20000) g;
INSERT INTO deals (unit_id, employee_id, customer_id) SELECT unit_id, employee_id, customer_id FROM visits;
INSERT INTO revenues (unit_id, employee_id, customer_id) SELECT unit_id, employee_id, customer_id FROM visits;
-- What vacuum does.
SELECT brin_summarize_new_values(i::regclass) > 0 AS summarized
FROM unnest('{visits_keys_idx,deals_keys_idx,revenues_keys_idx}'::text[]) i;

CREATE FUNCTION public.rows_read(OUT facts bigint, OUT customers bigint) LANGUAGE sql VOLATILE AS $$
SELECT sum(seq_tup_read + idx_tup_fetch) FILTER (WHERE relname <> 'customers')::bigint,
	sum(seq_tup_read + idx_tup_fetch) FILTER (WHERE relname = 'customers')::bigint
FROM pg_stat_xact_user_tables WHERE schemaname = 'regtarget' AND relname IN ('visits', 'deals', 'revenues', 'customers')
$$;
CREATE FUNCTION public.after(statement text, OUT facts text, OUT customers text) LANGUAGE plpgsql AS $$
DECLARE
	before record;
	now record;
BEGIN
	SELECT * INTO before FROM public.rows_read();
	EXECUTE statement;
	SELECT * INTO now FROM public.rows_read();
	facts := CASE WHEN now.facts - before.facts < 6000 THEN 'few' ELSE (now.facts - before.facts)::text END;
	customers := CASE WHEN now.customers - before.customers < 1000 THEN 'few' ELSE (now.customers - before.customers)::text END;
END
$$;
SELECT s AS statement, a.facts, a.customers
FROM unnest(ARRAY[
	'DELETE FROM customers WHERE customer_id = 8999',
	'DELETE FROM employees WHERE employee_id = 1199',
	'DELETE FROM units WHERE unit_id = 119',
	'UPDATE customers SET customer_id = 12345 WHERE customer_id = 8998',
	'UPDATE employees SET employee_id = 12345 WHERE employee_id = 1198',
	'UPDATE units SET unit_id = 12345 WHERE unit_id = 118']) s, public.after(s) a;

-- One that somebody refers to is found, wherever it is, and so without any index.
SELECT split_part(refusal('DELETE FROM customers WHERE customer_id = 14'), ': ', 1) AS refused;
SELECT split_part(refusal('DELETE FROM employees WHERE employee_id = 7'), ': ', 1) AS refused;
INSERT INTO revenues (unit_id, customer_id) VALUES (117, 8997);
SELECT split_part(refusal('DELETE FROM units WHERE unit_id = 117'), ': ', 1) AS refused;
SELECT split_part(refusal('DELETE FROM customers WHERE customer_id IN (8996, 8997)'), ': ', 1) AS refused;
SELECT split_part(refusal('DELETE FROM customers WHERE customer_id > 8950'), ': ', 1) AS refused;
SAVEPOINT indexes;
CREATE INDEX ON revenues (customer_id);
DROP INDEX visits_keys_idx;
SELECT split_part(refusal('DELETE FROM customers WHERE customer_id = 8997'), ': ', 1) AS refused;
SELECT split_part(refusal('DELETE FROM customers WHERE customer_id = 14'), ': ', 1) AS refused;
SELECT refusal('DELETE FROM customers WHERE customer_id = 8995');
ROLLBACK TO SAVEPOINT indexes;

-- Whoever writes facts meanwhile is not kept out.
SELECT relation::regclass, array_agg(DISTINCT mode) AS modes FROM pg_locks
WHERE pid = pg_backend_pid() AND relation IN ('assignments'::regclass, 'duties'::regclass)
	AND mode <> 'ShareUpdateExclusiveLock' -- which the prelude takes against autovacuum
GROUP BY relation ORDER BY relation::regclass::text COLLATE "C";

-- Many at once, and many one by one.
SELECT refusal('DELETE FROM customers WHERE customer_id BETWEEN 3000 AND 8900');
DO $$
BEGIN
	FOR i IN 2100..2400 LOOP
		DELETE FROM customers WHERE customer_id = i;
	END LOOP;
END
$$;
SELECT count(*) AS left_over FROM customers WHERE customer_id BETWEEN 2100 AND 8900;
INSERT INTO periods VALUES ('P', '[2025-07-01,2025-10-01)');
SELECT refusal('UPDATE customers SET customer_id = customer_id + 100000 WHERE customer_id > 8900 AND customer_id <> 8997');
INSERT INTO plans (period, root_unit_id, total, mode) SELECT 'P', 1, g, 'sandbox' FROM generate_series(1, 1500) g;
INSERT INTO targets (plan_id, unit_id) SELECT plan_id, 1 FROM plans;
UPDATE targets SET suggested = 1;
DELETE FROM plans WHERE total > 10;
SELECT classid::regclass, count(DISTINCT (objid, objsubid)) <= 600 AS few FROM pg_locks
WHERE locktype = 'object' AND pid = pg_backend_pid() AND classid > 16384
GROUP BY classid ORDER BY classid::regclass::text COLLATE "C";

ROLLBACK;
