-- A company of :leaves leaves, :leaves a multiple of 1,000, a hundred in each group and five hundred in each region; one person in ten
-- leaves.  Each leaf has visits on two days of the half-year before July 2025, :visits of them on a day on average; bench.load() loads them, a
-- day in a statement.

CREATE SCHEMA bench;
SELECT regtarget.apply_profile();
SELECT regtarget.add_year(2025);
-- Visits alone tell healthy units from others; leaves with nobody get the share that their siblings' median has.
UPDATE regtarget.metrics SET worst = 0, best = 0.8 * :visits WHERE metric = 'visits_per_head';
UPDATE regtarget.policies SET min_coverage = 0.2;
UPDATE regtarget.factors SET scaled_by = NULL WHERE signal = 'health';

-- Keys: leaves from 1, then groups, regions, countries of a hundred regions, the root.
CREATE VIEW bench.shape AS
SELECT leaves, visits, leaves / 100 AS groups, leaves / 500 AS regions, (leaves / 500 + 99) / 100 AS countries
FROM (VALUES (:leaves, :visits)) AS v (leaves, visits);
CREATE VIEW bench.places AS
SELECT s.leaves + s.groups + s.regions + s.countries + 1 AS unit_id, 'company' AS kind, NULL::int AS parent_id FROM bench.shape s
UNION ALL
SELECT s.leaves + s.groups + s.regions + c, 'country', s.leaves + s.groups + s.regions + s.countries + 1
FROM bench.shape s, generate_series(1, s.countries) c
UNION ALL
SELECT s.leaves + s.groups + r, 'region', s.leaves + s.groups + s.regions + 1 + (r - 1) / 100 FROM bench.shape s, generate_series(1, s.regions) r
UNION ALL
SELECT s.leaves + g, 'group', s.leaves + s.groups + 1 + (g - 1) / 5 FROM bench.shape s, generate_series(1, s.groups) g
UNION ALL
SELECT l, 'group', s.leaves + 1 + (l - 1) / 100 FROM bench.shape s, generate_series(1, s.leaves) l;

CREATE PROCEDURE bench.units() LANGUAGE sql AS $$
INSERT INTO regtarget.units (unit_id, code, kind, parent_id) SELECT p.unit_id, 'U' || p.unit_id, p.kind, p.parent_id FROM bench.places p
$$;
CREATE PROCEDURE bench.people() LANGUAGE sql AS $$
INSERT INTO regtarget.employees (employee_id, hired_on) SELECT e, '2024-01-01' FROM bench.shape s, generate_series(1, s.leaves / 10) e;
INSERT INTO regtarget.assignments (employee_id, unit_id, during)
SELECT e, e * 10, '[2024-01-01,)' FROM bench.shape s, generate_series(1, s.leaves / 10) e
$$;
-- The days come in their order, each with its leaves from all over the company, some of which have more visits than others.
CREATE PROCEDURE bench.load() LANGUAGE plpgsql AS $$
DECLARE
	leaves int := (SELECT s.leaves FROM bench.shape s);
	visits int := (SELECT s.visits FROM bench.shape s);
BEGIN
	FOR d IN 0..179 LOOP
		INSERT INTO regtarget.visits (unit_id, visited_on)
		SELECT l, date '2025-01-02' + d FROM generate_series(d % 90 + 1, leaves, 90) l, generate_series(1, 1 + (l / 10 * 7) % (2 * visits - 1));
		COMMIT;
	END LOOP;
END
$$;
CREATE PROCEDURE bench.publish() LANGUAGE sql AS $$
SELECT regtarget.publish_plan(p.plan_id) FROM regtarget.plans p
$$;

SELECT format('CREATE ROLE %I', 'scale_manager') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'scale_manager') \gexec
INSERT INTO regtarget.shared_logins VALUES (session_user);
