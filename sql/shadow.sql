-- shadow: the engine's own split beside management's, hidden until it is revealed, and who was closer.

CREATE FUNCTION regtarget.reveal_shadow(period text) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_reveal_shadow';
COMMENT ON FUNCTION regtarget.reveal_shadow(text) IS
'Shows the shadow plans of a period whose root the caller plans: from then on whoever sees a unit sees its target in them, with all that a published one shows. For good: nothing hides them again; twice is once. Each is an entry shadow_revealed in the chain of its root. Errors: 42704 unknown period; 42501 not a planner, or not of the root of a shadow plan that is there; 55000 there is none.';

CREATE FUNCTION regtarget.shadow_amount(plan_id bigint, unit_id int, amount numeric) RETURNS numeric
LANGUAGE c STABLE PARALLEL RESTRICTED COST 20 AS 'MODULE_PATHNAME', 'rgt_shadow_amount';
COMMENT ON FUNCTION regtarget.shadow_amount(bigint, int, numeric) IS
'An amount of a shadow plan scaled to the total of the published one: times the root''s published amount / its amount in the shadow plan, to 4 decimals; where the root itself has none, by the sums over the roots of the published plans below it. Null without a published plan, for a total of 0, and for a target that is not visible.';

-- A unit and period in one row, and each month in one more.
CREATE VIEW regtarget.shadow_comparison WITH (security_invoker = true) AS
SELECT p.plan_id, o.plan_id AS live_plan_id, p.period, w.month, s.unit_id, u.code AS unit, u.name, (x.row).region AS region,
	(x.row).depth AS depth, (x.row).is_leaf AS is_leaf,
	f.management::numeric(19, 4) AS management, f.engine::numeric(38, 4) AS engine, f.actual::numeric(38, 4) AS actual,
	CASE WHEN w.is_over THEN abs(f.management - f.actual) END::numeric(38, 4) AS error_management,
	CASE WHEN w.is_over THEN abs(f.engine - f.actual) END::numeric(38, 4) AS error_engine,
	CASE WHEN w.is_over THEN CASE sign(abs(f.engine - f.actual) - abs(f.management - f.actual))
		WHEN -1 THEN 'engine' WHEN 1 THEN 'management' WHEN 0 THEN 'equal' END END AS closer,
	w.is_over, p.late, p.label, p.revealed_at IS NOT NULL AS is_revealed, w.starts_on, w.ends_on
FROM regtarget.plans p
JOIN regtarget.plans o ON o.period = p.period AND o.mode = 'live' AND o.status IN ('published', 'closed')
JOIN regtarget.targets s ON s.plan_id = p.plan_id
JOIN regtarget.targets l ON l.plan_id = o.plan_id AND l.unit_id = s.unit_id
JOIN regtarget.units u ON u.unit_id = s.unit_id
JOIN (
	SELECT c.period, c.month, c.starts_on, c.ends_on, c.ends_on < (SELECT regtarget.today()) AS is_over
	FROM (
		SELECT q.period, NULL::text AS month, lower(q.during) AS starts_on, upper(q.during) - 1 AS ends_on FROM regtarget.periods q
		UNION ALL
		SELECT m.period, m.month, lower(m.during), upper(m.during) - 1 FROM regtarget.months m
	) AS c
) AS w ON w.period = p.period
CROSS JOIN LATERAL (SELECT regtarget.place_in_plan(o.plan_id, s.unit_id) AS row OFFSET 0) AS x
CROSS JOIN LATERAL (SELECT regtarget.shadow_amount(p.plan_id, s.unit_id, s.baseline) AS engine OFFSET 0) AS e
CROSS JOIN LATERAL (
	SELECT CASE WHEN w.month IS NULL THEN l.amount ELSE regtarget.month_of_target(p.period, l.amount, o.step, w.starts_on) END AS management,
		CASE WHEN w.month IS NULL THEN e.engine ELSE regtarget.month_of_target(p.period, e.engine, 0.0001, w.starts_on) END AS engine,
		(regtarget.actuals_of_span(s.unit_id, p.period, w.starts_on, w.ends_on, w.ends_on)).actual AS actual
	OFFSET 0
) AS f
WHERE p.mode = 'shadow';

COMMENT ON VIEW regtarget.shadow_comparison IS 'Shadow plans beside the published ones of their period, a row for each unit and period (month null) and for each of its months: management''s amount, the engine''s, what was achieved, who was closer. Plans that are not revealed show to their planners alone';
COMMENT ON COLUMN regtarget.shadow_comparison.plan_id IS 'The shadow plan';
COMMENT ON COLUMN regtarget.shadow_comparison.live_plan_id IS 'The published plan';
COMMENT ON COLUMN regtarget.shadow_comparison.period IS 'Key of the period';
COMMENT ON COLUMN regtarget.shadow_comparison.month IS 'Key of the month; null: the whole period';
COMMENT ON COLUMN regtarget.shadow_comparison.unit_id IS 'Unit';
COMMENT ON COLUMN regtarget.shadow_comparison.unit IS 'Code of the unit';
COMMENT ON COLUMN regtarget.shadow_comparison.name IS 'Name of the unit';
COMMENT ON COLUMN regtarget.shadow_comparison.region IS 'Code of its region in the published plan; see target_board';
COMMENT ON COLUMN regtarget.shadow_comparison.depth IS 'Levels below the root in the published plan; 0 for a root';
COMMENT ON COLUMN regtarget.shadow_comparison.is_leaf IS 'No target of the published plan is below it: sum leaves only, parents contain their children';
COMMENT ON COLUMN regtarget.shadow_comparison.management IS 'The published target as it stands, or the month''s part of it';
COMMENT ON COLUMN regtarget.shadow_comparison.engine IS 'The shadow plan''s target, scaled to the total of the published plan, or the month''s part of that; null where there is nothing to scale';
COMMENT ON COLUMN regtarget.shadow_comparison.actual IS 'Achieved in the period or month by the unit and all below it, in the tree of the published plan';
COMMENT ON COLUMN regtarget.shadow_comparison.error_management IS 'How far management''s amount is from the actual; null until the period or month is over';
COMMENT ON COLUMN regtarget.shadow_comparison.error_engine IS 'How far the engine''s amount is from the actual; null until the period or month is over';
COMMENT ON COLUMN regtarget.shadow_comparison.closer IS 'engine, management or equal; null until the period or month is over';
COMMENT ON COLUMN regtarget.shadow_comparison.is_over IS 'The period or month has ended';
COMMENT ON COLUMN regtarget.shadow_comparison.late IS 'The shadow plan was allocated after the period''s first day and counts in no verdict; null for one that was typed, or typed into since, which does not either';
COMMENT ON COLUMN regtarget.shadow_comparison.label IS 'Label of the shadow plan';
COMMENT ON COLUMN regtarget.shadow_comparison.is_revealed IS 'The shadow plan was revealed: plan_board says when; else only planners see it';
COMMENT ON COLUMN regtarget.shadow_comparison.starts_on IS 'First day of the period or month';
COMMENT ON COLUMN regtarget.shadow_comparison.ends_on IS 'Last day of the period or month';

CREATE FUNCTION regtarget.shadow_verdict(periods int DEFAULT 1, OUT wins int, OUT cases int, OUT money_engine numeric,
	OUT money_management numeric, OUT lost text, OUT lost_by numeric, OUT chance float8, OUT verdict text, OUT total_missed numeric,
	OUT late int, OUT said text)
LANGUAGE c STABLE PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_shadow_verdict';
COMMENT ON FUNCTION regtarget.shadow_verdict(int) IS
'Who was closer over the last so many ended periods that have both a shadow plan made in time and a published one: one row. wins: periods in which the engine put less money into the wrong region than management; cases: periods judged; money_engine, money_management: half of the sum, over the children of the plan''s root, of |amount - actual|, the engine''s scaled to management''s total, all periods together; lost: the period that the engine lost by most, lost_by: by how much, null for none; chance: how likely so many wins are, or more, if each period were a toss of a coin (exact sign test, equal ones left out), null without a case; verdict: closer (chance of at most 0.05), too few to say (fewer than five periods decided, which can never show it), not closer; total_missed: how far the total itself was off, the same for both, half of which is in each sum; late: shadow plans of these periods that were allocated after the first day and so are not counted; said: all of it in words. Counted are plans that the caller sees with their root, of a period and root the one allocated last in time, where the ledger has it as it is. periods: 1 or more, else 22023.';
