-- Nothing refers to a target that is not there: with a target of a draft go the answers to it and the
-- bound that its split obeyed, whatever statement takes it away; and a plan keeps bounds of its own units
-- alone.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set company :srcdir '/sql/valve.psql'
\set ECHO none
\i :prelude
\i :company
\set ECHO all

DELETE FROM factors;
INSERT INTO factors (signal) VALUES ('market');
INSERT INTO signals (unit_id, signal, as_of, value) SELECT u, 'market', '2025-01-01', 1 FROM generate_series(2, 5) u;
INSERT INTO units (unit_id, code) VALUES (6, 'elsewhere');
INSERT INTO bounds (period, unit_id, at_least, at_most) VALUES ('2025Q4', 2, 100, 900), ('2025Q4', 4, NULL, 800),
	('2025Q4', 5, NULL, NULL), ('2025Q4', 6, 1, 2), ('2026Q1', 4, 1, 2);
CREATE FUNCTION public.left_of(plan bigint) RETURNS text LANGUAGE sql
RETURN format('targets %s; answers to %s; bounds of %s; orphans: %s',
	(SELECT string_agg(unit_id::text, ' ' ORDER BY unit_id) FROM targets WHERE plan_id = plan),
	(SELECT string_agg(unit_id::text, ' ' ORDER BY unit_id, answer_id) FROM answers WHERE plan_id = plan),
	(SELECT string_agg(unit_id::text, ' ' ORDER BY unit_id) FROM plan_bounds WHERE plan_id = plan),
	(SELECT coalesce(detail, 'none') FROM verify('{references}')));

-- Of all bounds of the period, those of the plan's units: of the company, of a region, at the second time too.
SELECT plan_id AS draft FROM allocate_targets('2025Q4', 1000, root => 'CN') LIMIT 1 \gset
SELECT public.left_of(:draft);
SELECT plan_id AS region FROM allocate_targets('2025Q4', 500, root => 'A', label => 'region') LIMIT 1 \gset
SELECT public.left_of(:region);
SELECT count(*) FROM allocate_targets('2025Q4', 1000, root => 'CN');
SELECT public.left_of(:draft);
-- (A sandbox obeys none.)
SELECT plan_id AS sandbox FROM allocate_targets('2025Q4', 500, 'sandbox', 'CN') LIMIT 1 \gset
SELECT public.left_of(:sandbox);

-- Answers to a proposed plan, two of them by one manager.
SELECT propose_plan(:draft);
SELECT count(*) FROM generate_series(4, 5) u, targets t, LATERAL public.as_role('a' || u - 3, format('SELECT answer_target(%s, true)', target_id)) a
WHERE t.plan_id = :draft AND t.unit_id = u;
SELECT public.as_role('a1', format('SELECT answer_target(%s, false)', target_id)) FROM targets WHERE plan_id = :draft AND unit_id = 4;
SELECT public.left_of(:draft);

SAVEPOINT answered;
-- Deleted by a planner, by his row security; by several ways.
SELECT public.as_role('cn', format('WITH gone AS (DELETE FROM regtarget.targets WHERE plan_id = %s AND unit_id = 4 RETURNING 1) SELECT count(*) FROM gone', :draft));
SELECT public.left_of(:draft);
MERGE INTO targets t USING (SELECT 5 AS unit) x ON t.unit_id = x.unit AND t.plan_id = :draft WHEN MATCHED THEN DELETE;
SELECT public.left_of(:draft);
ROLLBACK TO answered;
-- It becomes another unit's, another plan's, gets another key: by the owner.
INSERT INTO units (unit_id, code, parent_id) VALUES (7, 'A3', 2);
UPDATE targets SET unit_id = 7 WHERE plan_id = :draft AND unit_id = 4;
SELECT public.left_of(:draft);
ROLLBACK TO answered;
UPDATE targets SET target_id = 9999 WHERE plan_id = :draft AND unit_id = 4;
SELECT public.left_of(:draft);
ROLLBACK TO answered;
DELETE FROM targets WHERE plan_id = :region AND unit_id = 4;
UPDATE targets SET plan_id = :region WHERE plan_id = :draft AND unit_id = 4;
SELECT public.left_of(:draft), public.left_of(:region);
ROLLBACK TO answered;
-- A number that is typed over leaves both.
UPDATE targets SET suggested = 1 WHERE plan_id = :draft AND unit_id = 4;
SELECT public.left_of(:draft);
-- Allocated again, deleted, as ever.
SELECT count(*) FROM allocate_targets('2025Q4', 1000, root => 'CN');
SELECT public.left_of(:draft);
DELETE FROM plans WHERE plan_id = :draft;
SELECT public.left_of(:draft);
ROLLBACK TO answered;

-- Truncated, which no published plan lets: the plans that are drafts stay, empty.
SELECT refusal('TRUNCATE targets');
DO $$
BEGIN
	SET LOCAL session_replication_role = replica;
	DELETE FROM targets WHERE plan_id = 1;
	DELETE FROM plans WHERE plan_id = 1;
	DELETE FROM ledger;
	SET LOCAL session_replication_role = origin;
END
$$;
SELECT refusal('TRUNCATE targets');
SELECT public.left_of(:draft);
ROLLBACK TO answered;

-- Behind the triggers' backs, verify() finds what leads nowhere.
CREATE FUNCTION public.found_after(damage text) RETURNS text LANGUAGE plpgsql
AS $$
DECLARE
	found text;
BEGIN
	SET LOCAL session_replication_role = replica;
	EXECUTE damage;
	SELECT string_agg(detail, ' | ') INTO found FROM verify('{references}') WHERE NOT ok;
	RAISE EXCEPTION USING MESSAGE = coalesce(found, 'nothing');
EXCEPTION WHEN raise_exception THEN
	RETURN SQLERRM;
END
$$;
SELECT s AS damage, regexp_replace(public.found_after(s), 'plan \d+', 'plan N', 'g') AS found FROM unnest(ARRAY[
	'UPDATE answers SET target_id = 99 WHERE answer_id = (SELECT min(answer_id) FROM answers)',
	'UPDATE plan_bounds SET unit_id = 99 WHERE unit_id = 2',
	'UPDATE plan_bounds SET unit_id = 6 WHERE unit_id = 2',
	'INSERT INTO plan_bounds SELECT plan_id, 1 FROM plans WHERE label = ''region''',
	'UPDATE plan_basis SET parent_unit_id = 99 WHERE parent_unit_id = 1',
	'UPDATE targets SET parent_unit_id = 99 WHERE plan_id = 1 AND unit_id = 5']) AS s;

-- What refers to a unit keeps it; what is not a unit is not referred to.
SELECT refusal(s) FROM unnest(ARRAY['UPDATE plan_bounds SET unit_id = 99 WHERE unit_id = 2 AND at_least = 100 AND plan_id = (SELECT max(plan_id) FROM plan_bounds)', 'UPDATE plan_basis SET parent_unit_id = 99 WHERE parent_unit_id = 1',
	'INSERT INTO plan_bounds VALUES (1, 99)']) AS s;

ROLLBACK;
