-- credit: each unit's standing, which the guard of targets obeys.

CREATE TABLE regtarget.standings (
	unit_id         int NOT NULL,
	period          text NOT NULL,
	denied_quarters int NOT NULL DEFAULT 0 CHECK (denied_quarters >= 0),
	penalty_rate    numeric NOT NULL DEFAULT 0
		CHECK (penalty_rate >= 0 AND penalty_rate < 1 AND scale(penalty_rate) <= 18),
	PRIMARY KEY (unit_id, period)
);
CREATE INDEX standings_denied_idx ON regtarget.standings (period) WHERE denied_quarters > 0;
CREATE INDEX standings_punished_idx ON regtarget.standings (period) WHERE penalty_rate > 0;

COMMENT ON TABLE regtarget.standings IS 'What a unit brings into a period: denied quarters running, and the penalty that follows, often 0. Written by close_period() for the period after; or by the owner who brings history. A row once written never changes (55000), and a penalty comes before the plan it bears on is published.';
COMMENT ON COLUMN regtarget.standings.unit_id IS 'Unit';
COMMENT ON COLUMN regtarget.standings.period IS 'Period whose targets it bears on';
COMMENT ON COLUMN regtarget.standings.denied_quarters IS 'Denied quarters running that it brings, the last one being that of the period before';
COMMENT ON COLUMN regtarget.standings.penalty_rate IS 'Penalty as a fraction of the unit''s suggestion, 0 to below 1';

CREATE FUNCTION regtarget.guard_standings() RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'rgt_guard_standings';
COMMENT ON FUNCTION regtarget.guard_standings() IS
'Trigger: standings are neither changed nor deleted, and a penalty comes before the plan that it bears on is published (55000)';

CREATE TRIGGER standings_guard BEFORE INSERT OR UPDATE OR DELETE ON regtarget.standings
FOR EACH ROW EXECUTE FUNCTION regtarget.guard_standings();
CREATE TRIGGER standings_guard_truncate BEFORE TRUNCATE ON regtarget.standings
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.guard_standings();

CREATE FUNCTION regtarget.inherit_standings() RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'rgt_inherit_standings';
COMMENT ON FUNCTION regtarget.inherit_standings() IS
'Trigger: a unit that goes on where others ended begins its first period with the longest run and the highest penalty among them, as soon as both are on record';

CREATE TRIGGER standings_inherit AFTER INSERT ON regtarget.standings
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.inherit_standings();
-- After successions_tree_insert, by its name.
CREATE TRIGGER successions_write_standings AFTER INSERT ON regtarget.successions
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.inherit_standings();

CREATE FUNCTION regtarget.close_period(period text) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_close_period';
COMMENT ON FUNCTION regtarget.close_period(text) IS
'Closes a period''s live plans: requests that nobody decided or applied lapse, nothing of the plans changes any more, and each of their units gets its standing for the next period (with rate 0 too). Units without a target that have predecessors (successions) get the longest run and the highest penalty among them; records that a unit opened anew would lose are named by NOTICE. Earlier published plans that are still open are closed first; twice is once, but for what units inherit by successions recorded since; it need not wait for the period''s end. Errors: 42704 unknown period; 42501 not a planner of a unit without a parent; 55000 nothing published, no next period.';

CREATE FUNCTION regtarget.credit_outlook(period text)
RETURNS TABLE (unit_id int, denied_before int, counts boolean, denied_now int, rate_now numeric, denied_if_refused int, rate_if_refused numeric)
LANGUAGE c STABLE PARALLEL RESTRICTED COST 100000 ROWS 1000
SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_credit_outlook';
COMMENT ON FUNCTION regtarget.credit_outlook(text) IS
'What a period makes of the credit of each unit that has a published target in it: denied quarters running that it brought in; whether this one counts as things stand; the run and the penalty rate of the next period if it closed now; and if the unit asked for less now and were refused. Computed over all units, shown for those that are visible. Errors: 42704 unknown period; 22023 a null; 55000 no policy in force.';

CREATE FUNCTION regtarget.outlook_of_unit(unit_id int, period text, OUT denied_before int, OUT counts boolean, OUT denied_now int,
	OUT rate_now numeric, OUT denied_if_refused int, OUT rate_if_refused numeric)
LANGUAGE c STABLE PARALLEL RESTRICTED COST 100 AS 'MODULE_PATHNAME', 'rgt_outlook_of_unit';
COMMENT ON FUNCTION regtarget.outlook_of_unit(int, text) IS
'credit_outlook of one unit, for view credit_board; all null for a unit that has no published target in the period or is not visible.';

CREATE VIEW regtarget.credit_board WITH (security_invoker = true) AS
SELECT t.unit_id, u.code AS unit, u.name, q.period, n.period AS next_period,
	coalesce(s.penalty_rate, 0)::numeric(6, 4) AS penalty_rate, (o.row).denied_before AS denied_quarters,
	(o.row).counts AS counts, (o.row).denied_now AS denied_now, (o.row).rate_now::numeric(6, 4) AS rate_now,
	(o.row).denied_if_refused AS denied_if_refused, (o.row).rate_if_refused::numeric(6, 4) AS rate_if_refused,
	round((o.row).rate_if_refused * t.baseline, 4)::numeric(19, 4) AS penalty_at_risk,
	q.during @> (SELECT regtarget.today()) AS is_current, lower(q.during) AS starts_on, upper(q.during) - 1 AS ends_on
FROM regtarget.periods q
JOIN regtarget.plans p ON p.period = q.period AND p.mode = 'live' AND p.status = 'published'
JOIN regtarget.targets t ON t.plan_id = p.plan_id
CROSS JOIN LATERAL (SELECT regtarget.outlook_of_unit(t.unit_id, q.period) AS row OFFSET 0) AS o
JOIN regtarget.units u ON u.unit_id = t.unit_id
LEFT JOIN regtarget.standings s ON s.unit_id = t.unit_id AND s.period = q.period
LEFT JOIN LATERAL (
	SELECT f.period FROM regtarget.periods f WHERE lower(f.during) >= upper(q.during) ORDER BY lower(f.during) LIMIT 1
) AS n ON true
WHERE (o.row).denied_before IS NOT NULL;

COMMENT ON VIEW regtarget.credit_board IS 'Credit of every unit with a published target in a period that is not closed: what it brought in, whether this quarter counts as things stand, and what a refusal would cost';
COMMENT ON COLUMN regtarget.credit_board.unit_id IS 'Unit';
COMMENT ON COLUMN regtarget.credit_board.unit IS 'Its code';
COMMENT ON COLUMN regtarget.credit_board.name IS 'Its name';
COMMENT ON COLUMN regtarget.credit_board.period IS 'Period';
COMMENT ON COLUMN regtarget.credit_board.next_period IS 'The period that bears the consequences; null: not there yet';
COMMENT ON COLUMN regtarget.credit_board.penalty_rate IS 'Penalty rate of this period, by its standing';
COMMENT ON COLUMN regtarget.credit_board.denied_quarters IS 'Denied quarters running that it brought into this period';
COMMENT ON COLUMN regtarget.credit_board.counts IS 'Would this quarter count against it if it closed now?';
COMMENT ON COLUMN regtarget.credit_board.denied_now IS 'Denied quarters running if it closed now';
COMMENT ON COLUMN regtarget.credit_board.rate_now IS 'Penalty rate of the next period if it closed now';
COMMENT ON COLUMN regtarget.credit_board.denied_if_refused IS 'Denied quarters running if it asked for less now and were refused; 0 once a downward request was approved';
COMMENT ON COLUMN regtarget.credit_board.rate_if_refused IS 'Penalty rate of the next period then';
COMMENT ON COLUMN regtarget.credit_board.penalty_at_risk IS 'What that would be on a target like this period''s baseline';
COMMENT ON COLUMN regtarget.credit_board.is_current IS 'The period holds today';
COMMENT ON COLUMN regtarget.credit_board.starts_on IS 'First day of the period';
COMMENT ON COLUMN regtarget.credit_board.ends_on IS 'Last day of the period';

-- What became of each closed period: its consequences stand in the standing of the period after.
CREATE VIEW regtarget.credit_history WITH (security_invoker = true) AS
SELECT t.unit_id, u.code AS unit, u.name, CASE WHEN t.unit_id > 0 THEN (w.row).region END AS region, (w.row).depth AS depth,
	q.period, lower(q.during) AS starts_on, upper(q.during) - 1 AS ends_on, s.period AS next_period, a.requests, a.lowering, a.refused, s.denied_quarters > 0 AS counts, s.denied_quarters,
	s.penalty_rate::numeric(6, 4) AS penalty_rate,
	(SELECT after.penalty FROM regtarget.plans f JOIN regtarget.targets after ON after.plan_id = f.plan_id
		WHERE f.period = s.period AND f.mode = 'live' AND f.status IN ('published', 'closed')
			AND after.unit_id = t.unit_id)::numeric(19, 4) AS penalty
FROM regtarget.plans p
JOIN regtarget.periods q ON q.period = p.period
JOIN regtarget.targets t ON t.plan_id = p.plan_id
JOIN regtarget.units u ON u.unit_id = t.unit_id
CROSS JOIN LATERAL (SELECT regtarget.place_in_plan(p.plan_id, t.unit_id) AS row OFFSET 0) AS w
CROSS JOIN LATERAL (
	SELECT n.period FROM regtarget.periods n WHERE lower(n.during) >= upper(q.during) ORDER BY lower(n.during) LIMIT 1
) AS n
JOIN regtarget.standings s ON s.unit_id = t.unit_id AND s.period = n.period
CROSS JOIN LATERAL (
	SELECT count(*) AS requests, count(*) FILTER (WHERE a.change < 0) AS lowering,
		count(*) FILTER (WHERE a.change < 0 AND a.status = 'rejected') AS refused
	FROM regtarget.adjustments a WHERE a.unit_id = t.unit_id AND a.target_id = t.target_id
) AS a
WHERE p.mode = 'live' AND p.status = 'closed';

COMMENT ON VIEW regtarget.credit_history IS 'What every closed period made of the credit of each unit that had a target in it';
COMMENT ON COLUMN regtarget.credit_history.unit_id IS 'Unit';
COMMENT ON COLUMN regtarget.credit_history.unit IS 'Its code';
COMMENT ON COLUMN regtarget.credit_history.name IS 'Its name';
COMMENT ON COLUMN regtarget.credit_history.region IS 'Code of its region in the plan; see target_board';
COMMENT ON COLUMN regtarget.credit_history.depth IS 'Levels below the root in the plan; 0 for a root';
COMMENT ON COLUMN regtarget.credit_history.period IS 'The closed period';
COMMENT ON COLUMN regtarget.credit_history.starts_on IS 'First day of the period';
COMMENT ON COLUMN regtarget.credit_history.ends_on IS 'Last day of the period';
COMMENT ON COLUMN regtarget.credit_history.next_period IS 'The period that bears the consequences';
COMMENT ON COLUMN regtarget.credit_history.requests IS 'Requests that the unit made in the period';
COMMENT ON COLUMN regtarget.credit_history.lowering IS 'Of these, those that asked for less';
COMMENT ON COLUMN regtarget.credit_history.refused IS 'Of those that asked for less, the rejected ones; others lapsed undecided, were withdrawn or approved';
COMMENT ON COLUMN regtarget.credit_history.counts IS 'Did the quarter count against it? What was undecided at the closing counts unless the policy says otherwise, what was born of a review never';
COMMENT ON COLUMN regtarget.credit_history.denied_quarters IS 'Denied quarters running at the end of the period';
COMMENT ON COLUMN regtarget.credit_history.penalty_rate IS 'Penalty rate of the next period that followed';
COMMENT ON COLUMN regtarget.credit_history.penalty IS 'What that made of the unit''s published target of the next period; null: none is published yet';

SELECT pg_catalog.pg_extension_config_dump('regtarget.standings', '');

-- Row security: only the owner, superusers and roles that bypass it see what no policy shows.

-- Written by functions alone, and standings by the owner.
ALTER TABLE regtarget.standings ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.standings FOR SELECT
USING (regtarget.sees_unit(unit_id));
