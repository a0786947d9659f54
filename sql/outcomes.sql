-- outcomes: what came of the targets, by which the method is measured; and whether targets were fair.

-- Which columns there are, p. e. for the effect of adoption, is promised: they are only ever appended.
CREATE FUNCTION regtarget.outcomes_of_unit(unit_id int, period text, OUT attainment_amount float8, OUT attainment_baseline float8,
	OUT attrition float8, OUT attrition_pressure float8, OUT newcomers_kept float8, OUT customer_churn float8, OUT requests float8,
	OUT refusals float8, OUT days_to_decide float8, OUT disputed_share float8, OUT days_to_publish float8, OUT within_20 float8)
LANGUAGE c STABLE PARALLEL RESTRICTED COST 1000 AS 'MODULE_PATHNAME', 'rgt_outcomes_of_unit';
COMMENT ON FUNCTION regtarget.outcomes_of_unit(int, text) IS
'What came of a period for a unit and all below it; the columns of view outcomes. All null for a unit that is not visible. Error 42704 for an unknown period.';

CREATE VIEW regtarget.outcomes WITH (security_invoker = true) AS
SELECT u.unit_id, u.code AS unit, u.name, u.kind, q.period, lower(q.during) AS starts_on, upper(q.during) - 1 AS ends_on,
	upper(q.during) <= (SELECT regtarget.today()) AS is_over,
	(o.row).attainment_amount AS attainment_amount, (o.row).attainment_baseline AS attainment_baseline,
	(o.row).attrition AS attrition, (o.row).attrition_pressure AS attrition_pressure, (o.row).newcomers_kept AS newcomers_kept,
	(o.row).customer_churn AS customer_churn, (o.row).requests::bigint AS requests, (o.row).refusals::bigint AS refusals,
	(o.row).days_to_decide AS days_to_decide, (o.row).disputed_share AS disputed_share,
	(o.row).days_to_publish AS days_to_publish, (o.row).within_20 AS within_20
FROM regtarget.periods q
JOIN regtarget.units u ON (u.opened_on IS NULL OR u.opened_on < upper(q.during))
	AND (u.closed_on IS NULL OR u.closed_on >= lower(q.during))
CROSS JOIN LATERAL (SELECT regtarget.outcomes_of_unit(u.unit_id, q.period) AS row OFFSET 0) AS o
WHERE lower(q.during) <= (SELECT regtarget.today());

COMMENT ON VIEW regtarget.outcomes IS 'What came of each period that has begun, a row for each unit open in it: of the unit and all below it, in the tree of the period''s plans. Null where it cannot be known; of a period that is not over, so far';
COMMENT ON COLUMN regtarget.outcomes.unit_id IS 'Unit';
COMMENT ON COLUMN regtarget.outcomes.unit IS 'Code of the unit';
COMMENT ON COLUMN regtarget.outcomes.name IS 'Name of the unit';
COMMENT ON COLUMN regtarget.outcomes.kind IS 'Kind of unit, as entered';
COMMENT ON COLUMN regtarget.outcomes.period IS 'Key of the period';
COMMENT ON COLUMN regtarget.outcomes.starts_on IS 'First day of the period';
COMMENT ON COLUMN regtarget.outcomes.ends_on IS 'Last day of the period';
COMMENT ON COLUMN regtarget.outcomes.is_over IS 'The period has ended; else the figures are those so far';
COMMENT ON COLUMN regtarget.outcomes.attainment_amount IS 'Actual / published target as it stands; null without one, or for 0';
COMMENT ON COLUMN regtarget.outcomes.attainment_baseline IS 'Actual / its baseline, which no adjustment moves: what effects are claimed on; null without one, or for 0';
COMMENT ON COLUMN regtarget.outcomes.attrition IS 'People who left in the period, where they were last assigned / average headcount; null without headcount, and while nobody in the whole database has left';
COMMENT ON COLUMN regtarget.outcomes.attrition_pressure IS 'The same of those whose leave_reason is pressure; null, too, while no reason of anybody who left is on record';
COMMENT ON COLUMN regtarget.outcomes.newcomers_kept IS 'Of the people hired in the period, where they were first assigned, the share who were still there 90 days later; null while one of them has not had 90 days, and for none';
COMMENT ON COLUMN regtarget.outcomes.customer_churn IS 'Customers who went in the period / active at its start; null without any';
COMMENT ON COLUMN regtarget.outcomes.requests IS 'Requests to move a target; null where nothing was published';
COMMENT ON COLUMN regtarget.outcomes.refusals IS 'How many of them were refused; null where nothing was published';
COMMENT ON COLUMN regtarget.outcomes.days_to_decide IS 'Mean days from a request to its approval or refusal; null when none was decided';
COMMENT ON COLUMN regtarget.outcomes.disputed_share IS 'Of the published targets that were answered, the share disputed by the last answer; null when none was answered';
COMMENT ON COLUMN regtarget.outcomes.days_to_publish IS 'Days from the draft of its plan to publishing, the length of the planning round; null without a published target';
COMMENT ON COLUMN regtarget.outcomes.within_20 IS 'Of the lowest targets of the plan at or below the unit, the share whose attainment of the baseline is 0.8 to 1.2; null for none above 0';

CREATE FUNCTION regtarget.fairness_of_unit(unit_id int, period text, OUT units bigint, OUT attainment float8,
	OUT correlation_size float8, OUT correlation_growth float8, OUT spread float8, OUT within_20 float8, OUT over float8,
	OUT under float8)
LANGUAGE c STABLE PARALLEL RESTRICTED COST 1000 AS 'MODULE_PATHNAME', 'rgt_fairness_of_unit';
COMMENT ON FUNCTION regtarget.fairness_of_unit(int, text) IS
'How the attainment of the lowest targets at or below a unit spread and what it went with; the columns of view quota_fairness. All null for a unit that is not visible. Error 42704 for an unknown period.';

-- A plan's root, which stands for all units, and each region below it: see target_board for what a region is.
CREATE VIEW regtarget.quota_fairness WITH (security_invoker = true) AS
SELECT p.plan_id, p.period, lower(q.during) AS starts_on, upper(q.during) - 1 AS ends_on, t.unit_id, u.code AS unit, u.name,
	t.parent_unit_id IS NULL AS is_all, (f.row).units AS units, (f.row).attainment AS attainment,
	(f.row).correlation_size AS correlation_size, (f.row).correlation_growth AS correlation_growth, (f.row).spread AS spread,
	(f.row).within_20 AS within_20, (f.row).over AS over, (f.row).under AS under
FROM regtarget.plans p
JOIN regtarget.periods q ON q.period = p.period
JOIN regtarget.targets t ON t.plan_id = p.plan_id
JOIN regtarget.units u ON u.unit_id = t.unit_id
CROSS JOIN LATERAL (
	SELECT regtarget.fairness_of_unit(t.unit_id, p.period) AS row
	WHERE t.parent_unit_id IS NULL OR (t.parent_unit_id = p.root_unit_id OR u.kind = 'region')
		AND (SELECT (regtarget.place_in_plan(p.plan_id, t.unit_id)).region = u.code) OFFSET 0
) AS f
WHERE p.mode = 'live' AND p.status IN ('published', 'closed') AND upper(q.during) <= (SELECT regtarget.today());

COMMENT ON VIEW regtarget.quota_fairness IS 'Were targets fair? A row for each published plan of a period that is over (all its units, is_all) and for each of its regions: how the attainment of the lowest targets, by their baselines, spread, and whether it went with their size or their growth';
COMMENT ON COLUMN regtarget.quota_fairness.plan_id IS 'The published plan';
COMMENT ON COLUMN regtarget.quota_fairness.period IS 'Key of its period';
COMMENT ON COLUMN regtarget.quota_fairness.starts_on IS 'First day of the period';
COMMENT ON COLUMN regtarget.quota_fairness.ends_on IS 'Last day of the period';
COMMENT ON COLUMN regtarget.quota_fairness.unit_id IS 'The plan''s root, or the region';
COMMENT ON COLUMN regtarget.quota_fairness.unit IS 'Its code';
COMMENT ON COLUMN regtarget.quota_fairness.name IS 'Its name';
COMMENT ON COLUMN regtarget.quota_fairness.is_all IS 'The row is of all units of the plan, else of one region';
COMMENT ON COLUMN regtarget.quota_fairness.units IS 'The lowest targets with a baseline above 0: those judged';
COMMENT ON COLUMN regtarget.quota_fairness.attainment IS 'Mean of their actual / baseline, each counting once';
COMMENT ON COLUMN regtarget.quota_fairness.correlation_size IS 'Correlation of attainment with the baseline, -1 to 1: below 0, large targets were met worse; null for fewer than three, and without any spread';
COMMENT ON COLUMN regtarget.quota_fairness.correlation_growth IS 'Correlation of attainment with baseline / what was achieved in the fourth period before: below 0, who was to grow more met it worse; of those that achieved something then; null as before';
COMMENT ON COLUMN regtarget.quota_fairness.spread IS 'Standard deviation of attainment; null for fewer than two';
COMMENT ON COLUMN regtarget.quota_fairness.within_20 IS 'Share of them with an attainment of 0.8 to 1.2';
COMMENT ON COLUMN regtarget.quota_fairness.over IS 'Share above 1.2';
COMMENT ON COLUMN regtarget.quota_fairness.under IS 'Share below 0.8';
