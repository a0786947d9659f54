-- 10,000 units in ten regions, their published targets, and who reads them: a manager of one region
-- and a viewer of everything through row security, a clerk who bypasses it.

SELECT regtarget.apply_profile(), regtarget.add_year(2025);
INSERT INTO regtarget.units (unit_id, code, kind) VALUES (1, 'CN', 'company');
INSERT INTO regtarget.units (unit_id, code, kind, parent_id) SELECT g, 'R' || g, 'region', 1 FROM generate_series(2, 11) g;
INSERT INTO regtarget.units (unit_id, code, kind, parent_id)
SELECT g, 'G' || g, 'group', 2 + g % 10 FROM generate_series(12, 10000) g;
DELETE FROM regtarget.factors;
INSERT INTO regtarget.factors (signal) VALUES ('market');
INSERT INTO regtarget.signals (unit_id, signal, as_of, value) SELECT unit_id, 'market', '2025-01-01', 1 + unit_id % 7 FROM regtarget.units;
SELECT count(*) FROM regtarget.allocate_targets('2025Q3', 123456789.01);
SELECT regtarget.publish_plan(1);
VACUUM ANALYZE;

CREATE ROLE bench_region LOGIN;
CREATE ROLE bench_all LOGIN;
CREATE ROLE bench_bypass LOGIN BYPASSRLS;
CREATE ROLE bench_planner LOGIN;
SELECT regtarget.grant_duty('bench_region', 'R5', 'manager'), regtarget.grant_duty('bench_all', 'CN', 'viewer'),
	regtarget.grant_duty('bench_bypass', 'R5', 'manager'), regtarget.grant_duty('bench_planner', 'CN', 'planner');

-- Ids of the region's targets, which all three see, in a random order that is the same for all.
CREATE SCHEMA bench;
CREATE TABLE bench.ids AS
SELECT row_number() OVER (ORDER BY md5(t.target_id::text)) AS n, t.target_id
FROM regtarget.targets t JOIN regtarget.unit_tree u USING (unit_id) WHERE u.region = 'R5';
CREATE PROCEDURE bench.read_points(passes int) LANGUAGE plpgsql AS $$
DECLARE
	ids bigint[] := ARRAY(SELECT target_id FROM bench.ids ORDER BY n);
	id bigint;
	found_amount numeric;
BEGIN
	FOR pass IN 1 .. passes LOOP
		FOREACH id IN ARRAY ids LOOP
			SELECT t.amount INTO STRICT found_amount FROM regtarget.targets t WHERE t.target_id = id;
		END LOOP;
	END LOOP;
END
$$;
-- Units added one by one, each in a transaction of its own.
CREATE PROCEDURE bench.add_units(n int) LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 1 .. n LOOP
		INSERT INTO regtarget.units (code, parent_id) VALUES (gen_random_uuid(), 2 + i % 10);
		COMMIT;
	END LOOP;
END
$$;
SELECT setval('regtarget.units_unit_id_seq', 10000);
GRANT USAGE ON SCHEMA bench TO PUBLIC;
GRANT SELECT ON bench.ids TO PUBLIC;
