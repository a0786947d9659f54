-- The views of facts look an alias up in its index for whoever reads them, row security or not: a fact
-- never costs a walk through all aliases.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

INSERT INTO units (unit_id, code, parent_id) VALUES (1, 'HQ', NULL), (2, 'N', 1), (3, 'S', 1);
INSERT INTO employees (employee_id, source, source_id) VALUES (7, 'hr', 'e7'), (8, 'hr', 'e8');
INSERT INTO assignments (employee_id, unit_id, during) VALUES (7, 2, '[2025-01-01,)'), (8, 3, '[2025-01-01,)');
INSERT INTO customers (customer_id, source, source_id, unit_id) VALUES (7, 'crm', 'c7', 2), (8, 'crm', 'c8', 3);
INSERT INTO aliases VALUES ('employee', 'app', 'Li', 7), ('employee', 'app', 'Wu', 8), ('customer', 'app', 'Acme', 7),
	('customer', 'app', 'Umbrella', 8), ('customer', 'other', 'no such', 999999999999999999), ('unit', 'app', 'gone', 'X');
INSERT INTO visits (source, source_id, unit_id, employee_id, customer_id, visited_on)
VALUES ('app', 'v1', 2, 7, 7, '2025-07-01'), ('app', 'v2', 2, 8, 8, '2025-07-01'), ('app', 'v3', 3, 8, 8, '2025-07-01');
INSERT INTO aliases SELECT kind, 'app', 'unseen ' || g, g
FROM unnest(ARRAY['employee', 'customer']) AS kind, generate_series(1001, 3000) g;
ANALYZE aliases;
CREATE ROLE manager_of_n;
SELECT grant_duty('manager_of_n', 'N', 'manager');

CREATE FUNCTION public.lookups_of(statement text) RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
	line text;
	n bigint := 0;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS off) ' || statement LOOP
		n := n + (line ~ 'Index Cond: .*kind = .*source = .*means = ')::int;
	END LOOP;
	RETURN n;
END
$$;
SET LOCAL enable_seqscan = off;
SET LOCAL enable_bitmapscan = off;
SELECT view, public.lookups_of('SELECT * FROM regtarget.' || view) AS lookups
FROM unnest(ARRAY['visits_in', 'deals_in', 'revenues_in']) AS view;
SET LOCAL ROLE manager_of_n;
SELECT view, public.lookups_of('SELECT * FROM regtarget.' || view) AS lookups
FROM unnest(ARRAY['visits_in', 'deals_in', 'revenues_in']) AS view;

-- And shows the names of those in sight only.
SELECT * FROM regtarget.visits_in ORDER BY source_id;
SELECT * FROM regtarget.aliases ORDER BY kind, source, source_id;
RESET ROLE;
SELECT * FROM visits_in ORDER BY source_id;

ROLLBACK;
