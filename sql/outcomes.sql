-- outcomes: what came of the targets, by which the method is measured; and whether targets were fair.

-- Which columns there are, p. e. for the effect of adoption, is promised: they are only ever appended.
CREATE FUNCTION regtarget.outcomes_of_unit(unit_id int, period text, OUT attainment_amount float8, OUT attainment_baseline float8,
	OUT attrition float8, OUT attrition_pressure float8, OUT newcomers_kept float8, OUT customer_churn float8, OUT requests float8,
	OUT refusals float8, OUT days_to_decide float8, OUT disputed_share float8, OUT days_to_publish float8, OUT within_20 float8)
LANGUAGE c STABLE PARALLEL RESTRICTED COST 1000 AS 'MODULE_PATHNAME', 'rgt_outcomes_of_unit';
COMMENT ON FUNCTION regtarget.outcomes_of_unit(int, text) IS
'What came of a period for a unit and all below it; the columns of view outcomes. All null for a unit that is not visible. Errors: 42704 unknown period; 55000 no policy in force.';

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
