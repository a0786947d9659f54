-- P5: what adoption did, of generated quarters, against figures that test/unit/effect_reference.py worked out.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied \gset
SELECT add_year(y) FROM generate_series(2020, 2021) y;
INSERT INTO units (unit_id, code, kind, parent_id) SELECT i, CASE i WHEN 1 THEN 'CN' ELSE 'R' || i END, CASE WHEN i > 1 THEN 'region' END,
	CASE WHEN i > 1 THEN 1 END FROM generate_series(1, 9) i;

-- Every region's baseline is 100 in every quarter, so that what it brings is its attainment in per cent.
CREATE TEMP TABLE quarters AS SELECT row_number() OVER (ORDER BY during)::int - 1 AS t, period, during FROM periods;
INSERT INTO plans (plan_id, period, root_unit_id, total) SELECT t + 1, period, 1, 800 FROM quarters;
INSERT INTO targets (plan_id, unit_id, suggested) SELECT t + 1, u, CASE u WHEN 1 THEN 800 ELSE 100 END FROM quarters, generate_series(1, 9) u;
DO $$ BEGIN PERFORM publish_plan(t + 1) FROM quarters ORDER BY t; END $$;

-- Three adopt in the fourth quarter, one of them on its last day, two in the sixth; each gains 25 from then on.
INSERT INTO adoptions VALUES (2, '2020-10-01'), (5, '2020-11-15'), (7, '2020-12-31'), (3, '2021-04-01'), (8, '2021-05-01');
CREATE TEMP TABLE panel AS
SELECT t, u, 90 + (u * 7 + t * 5 + u * t * 3) % 11 + 4 * (t % 4)
	+ CASE WHEN a.adopted_on < upper(q.during) THEN 25 ELSE 0 END AS percent
FROM quarters q CROSS JOIN generate_series(2, 9) u LEFT JOIN adoptions a ON a.unit_id = u;
INSERT INTO deals (unit_id, opened_on, closed_on, won, amount)
SELECT u, lower(during), lower(during) + 10, true, percent FROM panel JOIN quarters USING (t);

SELECT outcome, effect, p_value * assignments AS as_large, smallest_p * assignments AS fewest, low, high, assignments
FROM adoption_effect('2020Q1', '2021Q4') WHERE outcome IN ('attainment_baseline', 'within_20');
SELECT outcome, standard_error, before, before_p * assignments AS as_early, breaks_at, least, most
FROM adoption_effect('2020Q1', '2021Q4') WHERE outcome IN ('attainment_baseline', 'within_20');
SELECT outcome, adopters, others, verdict, said FROM adoption_effect('2020Q1', '2021Q4');

-- The other way round a fall is better: units that leave nothing to ask for have nothing to compare.
SELECT outcome, verdict FROM adoption_effect('2020Q1', '2021Q4') WHERE verdict IN ('better', 'worse') ORDER BY outcome;
UPDATE deals SET amount = 200 - amount;
SELECT outcome, verdict FROM adoption_effect('2020Q1', '2021Q4') WHERE verdict IN ('better', 'worse') ORDER BY outcome;
UPDATE deals SET amount = 200 - amount;

-- Where its rows lie changes no bit.
CREATE TEMP TABLE first_time AS SELECT * FROM adoption_effect('2020Q1', '2021Q4');
UPDATE deals SET amount = amount WHERE deal_id % 2 = 0;
SELECT count(*) FROM first_time f JOIN adoption_effect('2020Q1', '2021Q4') s USING (outcome) WHERE f.* IS DISTINCT FROM s.*;

-- A window of its own: who adopted before its second quarter has no before, and is left out.
SET LOCAL client_min_messages = notice;
SELECT outcome, effect, adopters, others, assignments, verdict FROM adoption_effect('2020Q4', '2021Q4') WHERE outcome = 'attainment_baseline';
SELECT outcome, effect, adopters, verdict, said FROM adoption_effect('2020Q1', '2020Q3') WHERE outcome = 'attainment_baseline';
SELECT outcome, effect, adopters, verdict, said FROM adoption_effect('2020Q1', '2020Q1') WHERE outcome = 'attainment_baseline';

-- A group below an adopter adopts along with it; one elsewhere does not, and the region above it is nobody to compare with.
INSERT INTO units (unit_id, code, parent_id) VALUES (20, 'R2a', 2), (21, 'R9a', 9);
INSERT INTO adoptions VALUES (20, '2021-01-01');
SELECT adopters, others, effect = (SELECT f.effect FROM first_time f WHERE outcome = 'attainment_baseline') AS same
FROM adoption_effect('2020Q1', '2021Q4') WHERE outcome = 'attainment_baseline';
INSERT INTO adoptions VALUES (21, '2021-01-01');
SELECT adopters, others FROM adoption_effect('2020Q1', '2021Q4') WHERE outcome = 'attainment_baseline';
DELETE FROM adoptions WHERE unit_id > 9;
-- Who was not there all the time is not compared.
UPDATE units SET opened_on = '2020-01-02' WHERE code = 'R3';
UPDATE units SET closed_on = '2021-12-30' WHERE code = 'R4';
SELECT adopters, others FROM adoption_effect('2020Q1', '2021Q4') WHERE outcome = 'attainment_baseline';
UPDATE units SET opened_on = NULL, closed_on = NULL;

-- One adopter shows nothing, whatever the figures.
DELETE FROM adoptions WHERE unit_id <> 2;
SELECT effect, p_value, smallest_p, low, high, least, verdict, said FROM adoption_effect('2020Q1', '2021Q4') WHERE outcome = 'attainment_baseline';
DELETE FROM adoptions;
SELECT DISTINCT effect, p_value, assignments, verdict, said FROM adoption_effect('2020Q1', '2021Q4') WHERE outcome LIKE 'att%baseline';

-- Errors, the unknown first; and a duty at the top.
SELECT refusal(s) FROM unnest(ARRAY['SELECT adoption_effect(''2020Q1'', ''2099Q1'')', 'SELECT adoption_effect(NULL, ''2021Q4'')',
	'SELECT adoption_effect(''2021Q4'', ''2020Q1'')']) s;
CREATE ROLE regress_top;
CREATE ROLE regress_region;
SELECT grant_duty('regress_top', 'CN', 'viewer');
SELECT grant_duty('regress_region', 'R2', 'planner');
INSERT INTO adoptions VALUES (2, '2020-10-01'), (3, '2020-10-01');
SET LOCAL ROLE regress_region;
SELECT public.refusal('SELECT adoption_effect(''2020Q1'', ''2021Q4'')');
SELECT * FROM adoptions;
SELECT public.refusal('INSERT INTO regtarget.adoptions VALUES (4, ''2020-10-01'')');
SET LOCAL ROLE regress_top;
SELECT adopters, others FROM adoption_effect('2020Q1', '2021Q4') WHERE outcome = 'attainment_baseline';
SELECT count(*) FROM adoptions;
RESET ROLE;
SELECT refusal(s) FROM unnest(ARRAY['INSERT INTO adoptions VALUES (99, ''2020-10-01'')', 'INSERT INTO adoptions VALUES (4, NULL)',
	'INSERT INTO adoptions VALUES (4, ''infinity'')', 'INSERT INTO adoptions VALUES (2, ''2020-10-01'')', 'DELETE FROM units WHERE unit_id = 3']) s;
ROLLBACK;
