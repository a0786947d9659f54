-- The verdict on companies that are worked out by hand. P2.
--
-- Two regions bring 100 together in every quarter. In `season` the first one brings 60 and 40 in turn: the quarter
-- before is off by 20 at each, 0.4 of what came, and last year's same quarter is exact. In `still` it is 60 in every
-- quarter: the quarter before is exact, and nothing is closer. In `turn` it is 60 in all quarters but the last, 80.
\set VERBOSITY terse
\pset null '-'
SET client_min_messages = warning;
SELECT FROM regtarget.apply_profile('standard');
DELETE FROM regtarget.factors WHERE factor NOT IN ('previous', 'last_year');
SELECT FROM generate_series(2020, 2024) y, regtarget.add_year(y);
INSERT INTO regtarget.units (code, name, kind) SELECT c, c, 'company' FROM unnest('{season,still,turn}'::text[]) c;
INSERT INTO regtarget.units (code, name, kind, parent_id)
SELECT u.code || i, u.code || i, 'region', u.unit_id FROM regtarget.units u, generate_series(1, 2) i;
CREATE TABLE brought AS
SELECT r.code AS root, p.period, lower(p.during) AS day, CASE r.code
	WHEN 'season' THEN 40 + 20 * (extract(quarter FROM lower(p.during))::int % 2)
	WHEN 'still' THEN 60
	ELSE CASE WHEN p.period = '2024Q4' THEN 80 ELSE 60 END END AS first
FROM regtarget.units r, regtarget.periods p WHERE r.parent_id IS NULL;
INSERT INTO regtarget.deals (source, source_id, unit_id, opened_on, closed_on, won, amount)
SELECT 'test', row_number() OVER (ORDER BY b.root, b.day, i), u.unit_id, b.day, b.day, true, CASE i WHEN 1 THEN b.first ELSE 100 - b.first END
FROM brought b, generate_series(1, 2) i, regtarget.units u WHERE u.code = b.root || i;

-- From the fifth quarter on, sixteen periods: thirteen are judged by those before them, and won. Of as many throws of
-- a coin all fall on one side in 1 of 2^13.
\x on
SELECT * FROM regtarget.tuning_verdict('2021Q1', '2024Q4', 'season');
SELECT chance * 8192 AS one FROM regtarget.tuning_verdict('2021Q1', '2024Q4', 'season');
-- Eight periods: five are won, in 1 of 32. Seven: four of four in 1 of 16, which can never be enough.
SELECT periods, wins, chance, adopt, verdict FROM regtarget.tuning_verdict('2023Q1', '2024Q4', 'season');
SELECT periods, wins, chance, adopt, verdict FROM regtarget.tuning_verdict('2023Q2', '2024Q4', 'season');
-- Three periods: none is judged by those before it. Two: too few to adopt anything.
SELECT * FROM regtarget.tuning_verdict('2024Q2', '2024Q4', 'season');
SELECT periods, adopt, verdict FROM regtarget.tuning_verdict('2024Q3', '2024Q4', 'season');
-- Where nothing is better, all are ties.
SELECT * FROM regtarget.tuning_verdict('2021Q1', '2024Q4', 'still');
-- A turn that nobody saw coming: both are off by 20 at each region in the last quarter, 40 of 1,600 that came.
SELECT * FROM regtarget.tuning_verdict('2021Q1', '2024Q4', 'turn');
-- With the first year, in which last_year has nothing: judged by the periods that it can split, as over all of them
-- nothing is as close as it is there.
SELECT periods, error, error_previous FROM regtarget.tuning_verdict('2020Q1', '2024Q4', 'season');
\x off
DROP TABLE brought;
