-- sensitivity(): how far a weight may move before a target has moved by a step or by 1 %: proved by allocating at weights just
-- inside and just outside, through all levels, with penalties.  In steps so fine that rounding is no matter.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied;
SELECT add_year(2021);
-- HQ: A, B, C; A1, A2 below A; A11, A12 below A1; B1 alone below B, and B11, B12 below it.
INSERT INTO units (unit_id, code, parent_id) VALUES (1, 'HQ', NULL), (2, 'A', 1), (3, 'B', 1), (4, 'C', 1), (5, 'A1', 2), (6, 'A2', 2),
	(7, 'A11', 5), (8, 'A12', 5), (9, 'B1', 3), (10, 'B11', 9), (11, 'B12', 9);
DELETE FROM factors;
INSERT INTO factors (signal, factor, weight) VALUES ('u', 'u', 0.5), ('v1', 'v', 0.15), ('v2', 'v', 0.15), ('w', 'w', 0.2);
-- Among A11 and A12 nobody has said anything of v2 and w; below B1 only of u.
INSERT INTO signals (unit_id, signal, as_of, value) SELECT unit_id, signal, '2020-01-01', value FROM (VALUES
	(2, 'u', 5), (3, 'u', 3), (4, 'u', 2), (2, 'v1', 1), (3, 'v1', 1), (4, 'v1', 2), (2, 'v2', 7), (3, 'v2', 1), (4, 'v2', 1), (2, 'w', 1), (3, 'w', 4), (4, 'w', 1),
	(5, 'u', 1), (6, 'u', 3), (5, 'v1', 2), (6, 'v1', 1), (5, 'v2', 1), (6, 'v2', 1), (5, 'w', 9), (6, 'w', 1),
	(7, 'u', 2), (8, 'u', 1), (7, 'v1', 1), (8, 'v1', 4), (10, 'u', 1), (11, 'u', 4)) s (unit_id, signal, value);
INSERT INTO standings (unit_id, period, denied_quarters, penalty_rate) VALUES (2, '2021Q1', 2, 0.05), (8, '2021Q1', 2, 0.1);
-- Two live drafts: coarse, of which the steps are asked about, and the figures are those of the fine one.
SELECT count(*) FROM allocate_targets('2021Q1', 1000000, step => 100, label => 'coarse');
SELECT count(*) FROM allocate_targets('2021Q1', 1000000, step => 0.0001, label => 'fine');

-- One level by hand: of C among A, B, C, u 0.2, v (0.5 + 1/9) / 2 = 11/36, w 1/6 of weights 0.5, 0.3, 0.2: 9/40 of 1,000,000.
-- 1 % more is 0.22725 = (0.1 + 1/30 + t 11/36) / (0.7 + t).
SELECT unit, factor, weight, round(share::numeric, 9) AS share, target, round(up_percent::numeric, 9) AS up_percent,
	round((0.22725 * 0.7 - 0.1 - 1 / 30.0) / (11 / 36.0 - 0.22725) - 0.3, 9) AS by_hand
FROM sensitivity(2) WHERE unit = 'C' AND factor = 'v';

CREATE FUNCTION public.fine(weights jsonb) RETURNS TABLE (unit text, target numeric) LANGUAGE sql AS $$
	SELECT code, baseline FROM preview_targets('2021Q1', 1000000, step => 0.0001, factors => weights) JOIN units USING (unit_id)
$$;
CREATE FUNCTION public.with_weight(factor text, weight float8) RETURNS jsonb LANGUAGE sql
RETURN jsonb_set('{"u": 0.5, "v": 0.3, "w": 0.2}', ARRAY[factor], to_jsonb(weight));
CREATE TEMP TABLE room AS
SELECT s.unit, s.factor, f.target, s.weight, v.sign, v.room, CASE WHEN v.step THEN 100 ELSE f.target / 100 END AS least
FROM sensitivity(1) s JOIN public.fine('{"u": 0.5, "v": 0.3, "w": 0.2}') f USING (unit),
	LATERAL (VALUES (down_step, -1, true), (up_step, 1, true), (down_percent, -1, false), (up_percent, 1, false)) v (room, sign, step) WHERE s.covered;
-- In 25 places on the way, the last of which is just inside, the target has not moved so far; just outside it has.
-- Where no weight from 0 to 1 does it, none of 25 weights does.
SELECT count(*) AS answers, count(*) FILTER (WHERE room IS NULL) AS never, sum((SELECT count(*) FROM generate_series(1, 25) i,
		LATERAL public.fine(public.with_weight(factor, weight + sign * CASE WHEN room IS NULL THEN CASE sign WHEN 1 THEN 1 - weight ELSE weight END * i / 25.0001
			ELSE room * (1 - 0.0002) * i / 25 END)) t
		WHERE t.unit = r.unit AND abs(t.target - r.target) >= r.least)) AS moved_inside,
	count(*) FILTER (WHERE room IS NOT NULL AND NOT EXISTS (SELECT FROM public.fine(public.with_weight(factor, weight + sign * room * (1 + 0.0002))) t
		WHERE t.unit = r.unit AND abs(t.target - r.target) >= r.least)) AS not_moved_outside
FROM room r WHERE target > 0 AND (room IS NULL OR room * 1.0002 <= CASE sign WHEN 1 THEN 1 - weight ELSE weight END);
-- Some targets rise and fall again on the way, as one level gives what another takes.
SELECT unit, factor, round(down_percent::numeric, 4) AS down_percent, round(up_percent::numeric, 4) AS up_percent, share IS NULL AS silent_here
FROM sensitivity(1) WHERE unit IN ('A1', 'A12', 'B11', 'HQ') ORDER BY unit_id, factor;

-- Where a bound binds nothing is promised, beside the unit and below; nor where somebody typed over the split.
INSERT INTO bounds (period, unit_id, at_most) VALUES ('2021Q1', 6, 50000);
SELECT count(*) FROM allocate_targets('2021Q1', 1000000, step => 100, label => 'coarse');
SELECT string_agg(DISTINCT unit, ' ' ORDER BY unit) FILTER (WHERE covered) AS covered,
	string_agg(DISTINCT unit, ' ' ORDER BY unit) FILTER (WHERE NOT covered) AS not_covered, count(coalesce(up_step, down_step, up_percent, down_percent)) FILTER (WHERE NOT covered) AS figures
FROM sensitivity(1);
UPDATE targets SET suggested = suggested + CASE unit_id WHEN 3 THEN 1000 ELSE -1000 END WHERE plan_id = 2 AND unit_id IN (3, 4);
SELECT string_agg(DISTINCT unit, ' ' ORDER BY unit) FILTER (WHERE covered) AS covered FROM sensitivity(2);
-- A typed plan hangs on no factor; a plan of 0 moves nowhere.
INSERT INTO plans (plan_id, period, root_unit_id, total) VALUES (30, '2021Q2', 1, 5);
INSERT INTO targets (plan_id, unit_id, suggested) VALUES (30, 1, 5), (30, 2, 5);
SELECT * FROM sensitivity(30);
SELECT count(*) FROM allocate_targets('2021Q2', 0, 'sandbox');
SELECT count(*) AS rows, count(coalesce(up_step, down_step, up_percent, down_percent)) AS figures FROM sensitivity(3);
SELECT public.error_of('SELECT * FROM sensitivity(99)');
SELECT public.error_of('SELECT * FROM sensitivity(NULL)');
ROLLBACK;
