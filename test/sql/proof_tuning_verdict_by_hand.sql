-- The verdict on companies that are worked out by hand. P2.
--
-- Two regions bring 100 together in every quarter. In `season` the first one brings 60 and 40 in turn: the quarter
-- before is off by 20 at each, 0.4 of what came, and last year's same quarter is exact. In `still` it is 60 in every
-- quarter: the quarter before is exact, and nothing is closer. In `turn` it is 60 in all quarters but the last, 80. In
-- `shift` it is 60 and 40 in turn until 2023, and 60 in all of 2024.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile('standard') <> '' AS applied;
DELETE FROM factors WHERE factor NOT IN ('previous', 'last_year');
SELECT count(add_year(y)) FROM generate_series(2020, 2024) y;
INSERT INTO units (code, name, kind) SELECT c, c, 'company' FROM unnest('{season,still,turn,shift}'::text[]) c;
INSERT INTO units (code, name, kind, parent_id)
SELECT u.code || i, u.code || i, 'region', u.unit_id FROM units u, generate_series(1, 2) i;
CREATE TEMP TABLE brought AS
SELECT r.code AS root, p.period, lower(p.during) AS day, CASE r.code
	WHEN 'season' THEN 40 + 20 * (extract(quarter FROM lower(p.during))::int % 2)
	WHEN 'still' THEN 60
	WHEN 'shift' THEN CASE WHEN p.period < '2024' THEN 40 + 20 * (extract(quarter FROM lower(p.during))::int % 2) ELSE 60 END
	ELSE CASE WHEN p.period = '2024Q4' THEN 80 ELSE 60 END END AS first
FROM units r, periods p WHERE r.parent_id IS NULL;
INSERT INTO deals (source, source_id, unit_id, opened_on, closed_on, won, amount)
SELECT 'test', row_number() OVER (ORDER BY b.root, b.day, i), u.unit_id, b.day, b.day, true, CASE i WHEN 1 THEN b.first ELSE 100 - b.first END
FROM brought b, generate_series(1, 2) i, units u WHERE u.code = b.root || i;

-- From the fifth quarter on, sixteen periods: thirteen are judged by those before them, and won. Of as many throws of
-- a coin all fall on one side in 1 of 2^13.
\x on
SELECT * FROM tuning_verdict('2021Q1', '2024Q4', 'season');
SELECT chance * 8192 AS one FROM tuning_verdict('2021Q1', '2024Q4', 'season');
-- Eight periods: five are won, in 1 of 32. Seven: four of four in 1 of 16, which can never be enough.
SELECT periods, wins, chance, adopt, verdict FROM tuning_verdict('2023Q1', '2024Q4', 'season');
SELECT periods, wins, chance, adopt, verdict FROM tuning_verdict('2023Q2', '2024Q4', 'season');
-- Three periods: none is judged by those before it. Two: too few to adopt anything.
SELECT * FROM tuning_verdict('2024Q2', '2024Q4', 'season');
SELECT periods, adopt, verdict FROM tuning_verdict('2024Q3', '2024Q4', 'season');
-- Where nothing is better, all are ties.
SELECT * FROM tuning_verdict('2021Q1', '2024Q4', 'still');
-- A turn that nobody saw coming: both are off by 20 at each region in the last quarter, 40 of 1,600 that came.
SELECT * FROM tuning_verdict('2021Q1', '2024Q4', 'turn');
-- Last year's quarter is exact up to 2024Q1 and in 2024Q3, when the quarter before is too; in the other two of that year
-- only the quarter before is. So 10 of 12 are won and one is equal; of 12 throws of a coin 10 or more fall on one side in
-- (66 + 12 + 1) of 4,096. Off: 0.4 twice, of 16 and of 13; the quarter before 13 and 10 times.
SELECT * FROM tuning_verdict('2021Q1', '2024Q4', 'shift');
SELECT round((chance * 4096)::numeric, 9) AS of_4096 FROM tuning_verdict('2021Q1', '2024Q4', 'shift');
-- With the first year, in which last_year has nothing: judged by the periods that it can split, as over all of them
-- nothing is as close as it is there.
SELECT periods, error, error_previous FROM tuning_verdict('2020Q1', '2024Q4', 'season');
\x off

ROLLBACK;
