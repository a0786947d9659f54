-- An organisation of four levels with :leaves leaves, in random order in its heap, one entered signal
-- that decides its split; rivals of the split and of the guard.  :module is the benchmark's own library.

CREATE SCHEMA bench;
SELECT pg_catalog.setseed(0.5);
SELECT regtarget.apply_profile();
SELECT regtarget.add_year(2025);
DELETE FROM regtarget.factors;
INSERT INTO regtarget.factors (signal, factor, weight, scaled_by) VALUES ('market', 'market', 1, NULL);
INSERT INTO regtarget.signal_kinds (signal, rollup) VALUES ('market', 'sum');

-- Places: 1 the root, then 40 regions, up to 32 groups in each, leaves.  Ids are shuffled.
CREATE TABLE bench.org AS
WITH shape AS (
	SELECT least(32, greatest(1, :leaves / 400)) AS per_region
), places AS (
	SELECT p.place, 41 + 40 * s.per_region AS inner_places,
		CASE WHEN p.place = 1 THEN NULL
			WHEN p.place <= 41 THEN 1
			WHEN p.place <= 41 + 40 * s.per_region THEN 2 + (p.place - 42) / s.per_region
			ELSE 42 + p.place % (40 * s.per_region) END AS parent_place
	FROM shape s, LATERAL generate_series(1, 41 + 40 * s.per_region + :leaves) AS p (place)
)
SELECT place, parent_place, place > inner_places AS leaf,
	(row_number() OVER (ORDER BY random()))::int AS unit_id
FROM places;
ANALYZE bench.org;

INSERT INTO regtarget.units (unit_id, code, name, kind, parent_id)
SELECT o.unit_id, 'U' || o.unit_id, 'Unit ' || o.unit_id,
	CASE WHEN o.leaf THEN 'group' WHEN o.place = 1 THEN 'company' ELSE 'region' END, p.unit_id
FROM bench.org o LEFT JOIN bench.org p ON p.place = o.parent_place
ORDER BY random();
-- Whole numbers, whose sums are exact in whatever order they are taken.
INSERT INTO regtarget.signals (unit_id, signal, as_of, value)
SELECT unit_id, 'market', '2025-06-30', 1 + floor(1e6 * random() ^ 3) FROM bench.org WHERE leaf
ORDER BY random();
VACUUM (FREEZE, ANALYZE) regtarget.units, regtarget.signals;

-- How many rows a split has.
SELECT count(*) AS units FROM bench.org \gset

-- What both rivals start from: the signal summed up the levels.
CREATE VIEW bench.level_1 AS
SELECT unit_id, parent_id FROM regtarget.units
WHERE parent_id = (SELECT unit_id FROM regtarget.units WHERE parent_id IS NULL);
CREATE VIEW bench.level_2 AS
SELECT u.unit_id, u.parent_id FROM regtarget.units u JOIN bench.level_1 p ON p.unit_id = u.parent_id;
CREATE VIEW bench.level_3 AS
SELECT u.unit_id, u.parent_id, s.value
FROM regtarget.units u
JOIN bench.level_2 p ON p.unit_id = u.parent_id
JOIN regtarget.signals s ON s.unit_id = u.unit_id AND s.signal = 'market' AND s.as_of <= '2025-07-01';

CREATE FUNCTION bench.rows_out(n bigint)
RETURNS TABLE (unit_id int, parent_unit_id int, suggested numeric, penalty numeric, baseline numeric)
LANGUAGE c VOLATILE AS :'module', 'bench_rows';
CREATE FUNCTION bench.noop() RETURNS trigger LANGUAGE c AS :'module', 'bench_noop';
CREATE FUNCTION bench.noop_after() RETURNS trigger LANGUAGE c AS :'module', 'bench_noop_after';
