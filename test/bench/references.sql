-- A company of 1,000 groups, 8,000 people and a customer for each ten of :facts facts: six of ten visits, three deals,
-- one revenue, each of a unit, an employee and a customer in no order.  And units, people and customers nobody refers to.

CREATE SCHEMA bench;
SELECT pg_catalog.setseed(0.5);
SELECT regtarget.apply_profile();
INSERT INTO regtarget.units (unit_id, code) VALUES (2001, 'CN');
INSERT INTO regtarget.units (unit_id, code, parent_id) SELECT g, 'G' || g, 2001 FROM generate_series(1, 2000) g;
INSERT INTO regtarget.employees (employee_id) SELECT generate_series(1, 9000);
INSERT INTO regtarget.customers (customer_id, unit_id) SELECT g, 1 + g % 1000 FROM generate_series(1, :facts / 10 + 1000) g;
CREATE FUNCTION bench.keys(n int, OUT unit_id int, OUT employee_id int, OUT customer_id bigint) RETURNS SETOF record
LANGUAGE sql AS $$
SELECT 1 + (random() * 999)::int, 1 + (random() * 7999)::int, 1 + (random() * (n - 1))::bigint FROM generate_series(1, n * 10)
$$;

SET session_replication_role = replica;
INSERT INTO regtarget.visits (source, source_id, unit_id, employee_id, customer_id)
SELECT 'crm', row_number() OVER (), k.* FROM bench.keys(:facts / 10) k LIMIT :facts / 10 * 6;
INSERT INTO regtarget.deals (source, source_id, unit_id, employee_id, customer_id)
SELECT 'crm', row_number() OVER (), k.* FROM bench.keys(:facts / 10) k LIMIT :facts / 10 * 3;
INSERT INTO regtarget.revenues (source, source_id, unit_id, employee_id, customer_id)
SELECT 'crm', row_number() OVER (), k.* FROM bench.keys(:facts / 10) k LIMIT :facts / 10;
RESET session_replication_role;
VACUUM (ANALYZE);
CREATE TABLE bench.blocks AS SELECT pg_relation_size('regtarget.visits') / current_setting('block_size')::int AS visits;

-- Takes away what was loaded, with the index of keys kept from now on or not.
CREATE PROCEDURE bench.unload(keys boolean) LANGUAGE plpgsql AS $$
BEGIN
	SET LOCAL session_replication_role = replica;
	DELETE FROM regtarget.visits WHERE source = 'load';
	DELETE FROM regtarget.activity_days;
	DELETE FROM regtarget.activity_months;
	DELETE FROM regtarget.activity_deltas;
	UPDATE pg_index SET indisready = keys WHERE indexrelid = 'regtarget.visits_keys_idx'::regclass;
END
$$;

-- Vacuum has looked at pages that were full of what was loaded, and are gone: nobody would have yet.
CREATE PROCEDURE bench.forget_ranges(pages int) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM brin_desummarize_range('regtarget.visits_keys_idx', b) FROM bench.blocks,
		generate_series(visits / 4 * 4, visits + pages, 4) b;
END
$$;
