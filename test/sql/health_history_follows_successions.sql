-- R6: actual_previous and actual_last_year of a unit add, for the days before its first, its share of what its
-- predecessors did; sums of those above count every fact once.  Each figure worked out by hand.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all
SELECT apply_profile() <> '' AS applied;
SELECT add_year(2024), add_year(2025), add_year(2026);
--	CN = E (A, B, and below B: B1) + M (C).  C is opened on 2025-07-01 in place of A, D on 2025-08-15 out of B.
INSERT INTO regtarget.units (unit_id, code, kind, parent_id, opened_on, closed_on) VALUES (1, 'CN', 'company', NULL, NULL, NULL),
	(2, 'E', 'region', 1, NULL, NULL), (3, 'M', 'region', 1, NULL, NULL), (4, 'A', 'group', 2, NULL, '2025-06-30'),
	(5, 'B', 'group', 2, NULL, NULL), (6, 'B1', 'team', 5, NULL, NULL), (7, 'C', 'group', 3, '2025-07-01', NULL),
	(8, 'D', 'group', 3, '2025-08-15', NULL), (9, 'C2', 'group', 3, '2026-01-01', NULL);
-- 2024Q3 and 2025Q2: A 100 and 110, B 40 and 50, B1 4 and 5; 2025Q3: B 60 before D began and 7 from then on, B1 6;
-- C 200, D 30; 2025Q4: C 250, D 80, B 11.
INSERT INTO deals (unit_id, closed_on, won, amount) VALUES (4, '2024-08-01', true, 100), (4, '2025-05-01', true, 110),
	(5, '2024-08-01', true, 40), (5, '2025-05-01', true, 50), (6, '2024-08-01', true, 4), (6, '2025-05-01', true, 5),
	(5, '2025-08-14', true, 60), (5, '2025-08-15', true, 7), (6, '2025-07-01', true, 6), (7, '2025-09-01', true, 200),
	(8, '2025-09-01', true, 30), (7, '2025-11-01', true, 250), (8, '2025-11-01', true, 80), (5, '2025-11-01', true, 11);
CREATE VIEW public.past AS
SELECT d.day, u.code, max(s.value) FILTER (WHERE s.signal = 'actual') AS actual,
	max(s.value) FILTER (WHERE s.signal = 'actual_previous') AS previous,
	max(s.value) FILTER (WHERE s.signal = 'actual_last_year') AS last_year
FROM unnest('{2025-07-01,2025-10-01,2026-01-01,2026-07-01}'::date[]) d (day), unit_signals(d.day) s JOIN units u USING (unit_id)
WHERE s.signal LIKE 'actual%' GROUP BY 1, 2, u.unit_id ORDER BY 1, u.unit_id;
SELECT * FROM public.past WHERE code IN ('C', 'D', 'C2');
INSERT INTO regtarget.successions VALUES (7, 4, 1), (8, 5, 0.4), (9, 7, 0.5), (9, 8, 1);
-- 2025-07-01: C 110 and 100 of A; D 0.4 of B's 55 and 44; C2 half of C's, and all of D's.
-- 2025-10-01: the period before is C's own; D 30 + 0.4 of the 66 before it began; C2 half of 200, and that 56.4.
-- 2026-01-01: own, and last year as A's and B's were: those have nothing in 2025Q1.
-- 2026-07-01: last year is 2025Q3 again.
SELECT * FROM public.past;
-- Of a part of the tree it is the same.
INSERT INTO regtarget.metrics VALUES ('actual_previous', 1, 0, 1000);
DELETE FROM regtarget.metrics WHERE metric <> 'actual_previous';
SELECT u.code, health_of_unit(u.unit_id, '2025-10-01') AS of_one, h.health AS of_all FROM units u JOIN unit_health('2025-10-01') h USING (unit_id)
ORDER BY u.unit_id;
-- A split by what the period before brought: below E it has A's part of it at once, 110 to B's 55.
UPDATE regtarget.units SET parent_id = 2 WHERE code = 'C';
SELECT u.code, suggested FROM preview_targets('2025Q3', 16500, root => 'CN', factors => '{"previous": 1}') t JOIN units u USING (unit_id) ORDER BY u.unit_id;
-- A unit that was always open has no days before its first.
UPDATE regtarget.units SET opened_on = NULL WHERE code = 'C';
SELECT * FROM public.past WHERE code = 'C';
ROLLBACK;
