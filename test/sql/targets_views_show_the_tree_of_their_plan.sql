-- A plan keeps its tree, and views of its targets show that tree: after move_unit() without move_target() the parent, region, depth and
-- leaves of a board are those that its sums go by; move_target() changes them, and a correction of parent_id does not.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all
SELECT apply_profile() <> '' AS applied;
SELECT add_year(2025);
--	CN 1000 = EAST 600 (SH 300, HF 200 = (F1 120, F2 80), HZ 100) + MID 400 (WH 400). MID is a region by its depth alone.
INSERT INTO units (unit_id, code, kind, parent_id) VALUES (1, 'CN', 'company', NULL), (2, 'EAST', 'region', 1), (3, 'MID', 'area', 1),
	(4, 'SH', 'group', 2), (5, 'HF', 'group', 2), (6, 'WH', 'group', 3), (7, 'HZ', 'group', 2), (8, 'F1', 'team', 5), (9, 'F2', 'team', 5);
INSERT INTO deals (unit_id, closed_on, won, amount) SELECT u, '2025-07-10', true, 10 * u FROM unnest('{4,6,7,8,9}'::int[]) u;
INSERT INTO plans (period, root_unit_id, total, step) VALUES ('2025Q3', 1, 1000, 1), ('2025Q4', 1, 1000, 1);
INSERT INTO targets (plan_id, unit_id, suggested) SELECT p, u, s FROM generate_series(1, 2) p,
	(VALUES (1, 1000), (2, 600), (3, 400), (4, 300), (5, 200), (6, 400), (7, 100), (8, 120), (9, 80)) AS v (u, s);
INSERT INTO plans (period, mode, root_unit_id, total, step) VALUES ('2025Q3', 'sandbox', 2, 600, 1);
INSERT INTO targets (plan_id, unit_id, suggested) SELECT 3, u, s FROM (VALUES (2, 600), (4, 300), (5, 200), (7, 100), (8, 120), (9, 80)) AS v (u, s);
SELECT publish_plan(1);
CREATE FUNCTION public.board(p bigint) RETURNS TABLE (unit text, parent text, region text, depth int, is_leaf boolean, amount int, actual int)
LANGUAGE sql BEGIN ATOMIC
	SELECT unit, parent, region, depth, is_leaf, amount::int, actual::int FROM target_board WHERE plan_id = p ORDER BY unit_id;
END;
-- What adds up, by plan: units below each unit, the rows of depth 1, the leaves, the leaves of each region; and where the views say another thing than the board.
CREATE FUNCTION public.sums(p bigint) RETURNS TABLE (total int, children_differ bigint, depth_1 int, leaves int, regions text, months_differ bigint,
	month_board_differs bigint, balance_differs bigint)
LANGUAGE sql BEGIN ATOMIC
	SELECT (SELECT total::int FROM plans WHERE plan_id = p),
		(SELECT count(*) FROM target_board b WHERE plan_id = p AND NOT is_leaf AND (amount, actual) IS DISTINCT FROM
			(SELECT (sum(c.amount), sum(c.actual)) FROM target_board c WHERE c.plan_id = p AND c.parent = b.unit)),
		(SELECT sum(amount)::int FROM target_board WHERE plan_id = p AND depth = 1), (SELECT sum(amount)::int FROM target_board WHERE plan_id = p AND is_leaf),
		(SELECT string_agg(concat_ws(' ', b.unit, b.amount::int, l.amount, b.actual::int, l.actual), ', ' ORDER BY b.unit_id) FROM target_board b
			CROSS JOIN LATERAL (SELECT sum(c.amount)::int AS amount, sum(c.actual)::int AS actual FROM target_board c
				WHERE c.plan_id = p AND c.region = b.unit AND c.is_leaf) AS l WHERE b.plan_id = p AND b.depth = 1),
		(SELECT count(*) FROM target_months m JOIN target_board b USING (target_id) WHERE m.plan_id = p
			AND (m.region, m.depth, m.is_leaf) IS DISTINCT FROM (b.region, b.depth, b.is_leaf)),
		(SELECT count(*) FROM month_board m JOIN target_board b USING (target_id) WHERE m.plan_id = p
			AND (m.region, m.depth, m.is_leaf) IS DISTINCT FROM (b.region, b.depth, b.is_leaf)),
		(SELECT count(*) FROM plan_balance m JOIN target_board b USING (plan_id, unit_id) WHERE plan_id = p AND (m.region, m.depth) IS DISTINCT FROM (b.region, b.depth));
END;
SELECT * FROM public.board(1);
SELECT * FROM public.sums(1);
SELECT count(*) FILTER (WHERE (b.parent, b.region, b.depth, b.is_leaf) IS DISTINCT FROM (u.parent, u.region, u.depth, u.is_leaf)) AS differ_from_today
FROM target_board b JOIN unit_tree u USING (unit_id);

-- The unit alone moves, with what is below it, and so does a region's whole content: nothing changes on the board of the plan.
CREATE TABLE public.before AS SELECT * FROM target_board;
SELECT move_unit('HF', 'MID', '2025-08-15');
SELECT move_unit('MID', 'EAST', '2025-08-15');
SELECT unit, parent, region, depth, is_leaf FROM unit_tree WHERE unit IN ('HF', 'F1', 'MID', 'WH') ORDER BY unit_id;
SELECT * FROM public.board(1);
SELECT * FROM public.sums(1);
SELECT count(*) AS changed FROM (TABLE public.before EXCEPT TABLE target_board) AS d;
-- Nor in a draft, nor in a sandbox, whose root stays at its depth; the months of all three are read in one statement, and one unit's alone.
SELECT * FROM public.sums(2);
SELECT unit, region, depth, is_leaf FROM target_months WHERE plan_id = 3 AND month = '2025-07' ORDER BY unit_id;
SELECT unit, region, depth FROM plan_balance WHERE plan_id = 3 ORDER BY unit_id;
SELECT plan_id, region, depth, is_leaf FROM target_months WHERE unit = 'HF' AND month IN ('2025-07', '2025-10') ORDER BY plan_id;
SELECT unit FROM target_board WHERE region = 'EAST' AND period = '2025Q3' ORDER BY unit_id;
SELECT unit FROM target_board WHERE parent = 'MID';
-- A plan made now for a period after the move has the new tree.
INSERT INTO plans (period, mode, root_unit_id, total, step) VALUES ('2025Q4', 'sandbox', 1, 1000, 1);
INSERT INTO targets (plan_id, unit_id, suggested) SELECT 4, unit_id, suggested FROM targets WHERE plan_id = 2;
SELECT unit, region, depth, is_leaf FROM target_months WHERE plan_id = 4 AND month = '2025-10' ORDER BY unit_id;
-- A draft typed in part: above a unit whose parent has no target in it the tree of the period's first day goes on.
INSERT INTO plans (period, mode, root_unit_id, total, step) VALUES ('2025Q3', 'sandbox', 1, 1000, 1);
INSERT INTO targets (plan_id, unit_id, suggested) VALUES (5, 1, 1000), (5, 8, 100);
SELECT unit, region, depth, is_leaf FROM target_months WHERE plan_id = 5 AND month = '2025-07' ORDER BY unit_id;
-- What is above a target is read by keys at first, and from so many on with the whole plan: the same in either way.
CREATE FUNCTION public.ways_differ(OUT targets bigint, OUT differ bigint, OUT unlike_months bigint) LANGUAGE plpgsql AS $$
DECLARE
	t record;
	places text[];
BEGIN
	targets := 0; differ := 0; unlike_months := 0;
	FOR t IN SELECT m.plan_id, m.unit_id, p.code AS parent, r.parent_unit_id AS parent_id, m.region, m.depth, m.is_leaf FROM regtarget.target_months m
		JOIN regtarget.targets r USING (target_id) LEFT JOIN regtarget.units p ON p.unit_id = r.parent_unit_id
		WHERE m.month IN ('2025-07', '2025-10') AND r.plan_id <> 5 LOOP
		EXECUTE format('SELECT array_agg(DISTINCT place_in_plan(%s, %s)::text) FROM generate_series(1, 120)', t.plan_id, t.unit_id) INTO places;
		targets := targets + 1;
		differ := differ + (cardinality(places) <> 1)::int;
		unlike_months := unlike_months + (places[1] IS DISTINCT FROM (CASE WHEN t.parent_id IS NULL
			THEN (SELECT row(x.parent_id, x.parent, t.depth, t.region, t.is_leaf)::text FROM regtarget.place_in_plan(t.plan_id, t.unit_id) x)
			ELSE row(t.parent_id, t.parent, t.depth, t.region, t.is_leaf)::text END))::int;
	END LOOP;
END
$$;
SELECT * FROM public.ways_differ();

-- The target follows.
SELECT move_target('HF', 'MID', '2025Q3', 'HF works for MID now');
SELECT * FROM public.board(1);
SELECT * FROM public.sums(1);
-- The last of a unit's own: who had teams below him has another group besides.
SELECT move_target('HZ', 'HF', '2025Q3', 'HZ too');
SELECT unit, parent, region, depth, is_leaf, amount::int FROM target_board WHERE plan_id = 1 AND unit IN ('HZ', 'HF', 'SH') ORDER BY unit_id;
SELECT * FROM public.sums(1);
SELECT h.unit, h.region, h.change::int, u.region AS region_today FROM target_history h JOIN unit_tree u USING (unit_id) ORDER BY h.unit_id, entry;

-- A correction of the record moves no target either; a plan's root may end up below the plan.
UPDATE units SET parent_id = 3 WHERE code = 'SH';
SELECT parent, region, depth FROM target_board WHERE plan_id = 1 AND unit = 'SH';
SELECT * FROM public.sums(1);
DELETE FROM past_parents;
UPDATE units SET parent_id = NULL WHERE code IN ('SH', 'MID');
UPDATE units SET parent_id = 4 WHERE code = 'CN';
UPDATE units SET parent_id = 1 WHERE code IN ('EAST', 'MID');
SELECT unit, parent, depth, region FROM unit_tree WHERE unit IN ('SH', 'CN', 'EAST') ORDER BY unit_id;
SELECT unit, parent, depth - (SELECT depth FROM target_board r WHERE r.plan_id = 1 AND r.unit = 'CN') AS below_root, region, is_leaf FROM target_board WHERE plan_id = 1 ORDER BY unit_id;
SELECT * FROM public.ways_differ();
UPDATE units SET parent_id = NULL WHERE code = 'CN';
UPDATE units SET parent_id = 2 WHERE code = 'SH';

-- A unit that opens later has no target and makes no parent of a leaf; so the leaves add up still.
INSERT INTO units (unit_id, code, parent_id, opened_on) VALUES (10, 'S1', 4, '2025-08-01');
SELECT is_leaf FROM unit_tree WHERE unit = 'SH';
SELECT * FROM public.sums(1);

-- Who sees what goes by today's tree: a unit's new superior sees its target, below a parent whose code is all he learns.
CREATE ROLE regress_mid; CREATE ROLE regress_east; CREATE ROLE regress_none;
SELECT grant_duty('regress_mid', 'MID', 'manager'), grant_duty('regress_east', 'EAST', 'manager');
SELECT move_unit('SH', 'MID', '2025-09-01');
SET LOCAL ROLE regress_mid;
SELECT unit, parent, region, depth, is_leaf FROM target_board WHERE period = '2025Q3' ORDER BY unit_id;
SELECT place_in_plan(1, 2), place_in_plan(1, 4), place_in_plan(3, 4), place_in_plan(99, 4), place_in_plan(NULL, 4), place_in_plan(1, NULL);
SET LOCAL ROLE regress_east;
SELECT unit, parent, region, depth, is_leaf FROM target_board WHERE period = '2025Q3' ORDER BY unit_id;
SELECT unit, region, depth, children FROM plan_balance ORDER BY unit_id;
RESET ROLE;

ROLLBACK;
