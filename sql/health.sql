-- health: signals of a unit on a day, the metrics among them that count, and the score they make.

CREATE TABLE regtarget.metrics (
	metric text PRIMARY KEY CHECK (metric <> ''),
	weight float8 NOT NULL DEFAULT 1 CHECK (weight >= 0 AND weight < 'Infinity'),
	worst  float8 NOT NULL DEFAULT 0 CHECK (worst > '-Infinity' AND worst < 'Infinity'),
	best   float8 NOT NULL DEFAULT 1 CHECK (best > '-Infinity' AND best < 'Infinity'),
	CONSTRAINT metrics_no_health CHECK (metric <> 'health'),
	CONSTRAINT metrics_anchors CHECK (worst <> best)
);
COMMENT ON TABLE regtarget.metrics IS 'What counts towards the health score: signals with their weights and anchors. Filled by apply_profile().';
COMMENT ON COLUMN regtarget.metrics.metric IS 'Name of a signal, entered or computed; not health itself';
COMMENT ON COLUMN regtarget.metrics.weight IS 'What it counts for; only the proportions between the metrics matter';
COMMENT ON COLUMN regtarget.metrics.worst IS 'The value that scores 0, in the signal''s own unit; values beyond it score 0 too';
COMMENT ON COLUMN regtarget.metrics.best IS 'The value that scores 100; best < worst reverses the scale: the smaller the better';

SELECT pg_catalog.pg_extension_config_dump('regtarget.metrics', '');

-- The aggregate. Its functions refuse to be called outside of one: they change their state in place.

CREATE FUNCTION regtarget.health_score_add(state point, value float8, worst float8, best float8, weight float8)
RETURNS point
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rgt_health_score_add';

CREATE FUNCTION regtarget.health_score_combine(state point, other point) RETURNS point
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rgt_health_score_combine';

CREATE FUNCTION regtarget.health_score_final(state point) RETURNS float8
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rgt_health_score_final';

CREATE AGGREGATE regtarget.health_score(value float8, worst float8, best float8, weight float8) (
	SFUNC = regtarget.health_score_add,
	STYPE = point,
	INITCOND = '(0,0)',
	COMBINEFUNC = regtarget.health_score_combine,
	FINALFUNC = regtarget.health_score_final,
	PARALLEL = SAFE
);

COMMENT ON FUNCTION regtarget.health_score_add(point, float8, float8, float8, float8) IS 'Transition function of the aggregate health_score';
COMMENT ON FUNCTION regtarget.health_score_combine(point, point) IS 'Combine function of the aggregate health_score';
COMMENT ON FUNCTION regtarget.health_score_final(point) IS 'Final function of the aggregate health_score';
COMMENT ON AGGREGATE regtarget.health_score(float8, float8, float8, float8) IS
'Health score, 0 to 100: 100 x the weighted mean of (value - worst) / (best - worst), each cut to 0..1. Rows without a value are left out; null when none has one or the weights add up to 0. Error 22023 for a null anchor or weight beside a value, worst = best, a negative weight, NaN or infinity; 22003 when the weights add up to more than float8 holds.';

-- Reports of a day. They compute over all units, whoever asks, and tell of those visible; RESTRICTED, because each worker of a
-- parallel plan would do the whole work again.

CREATE FUNCTION regtarget.unit_signals(as_of date DEFAULT CURRENT_DATE)
RETURNS TABLE (unit_id int, signal text, value float8)
LANGUAGE c STABLE PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_unit_signals';
REVOKE ALL ON FUNCTION regtarget.unit_signals(date) FROM PUBLIC;
COMMENT ON FUNCTION regtarget.unit_signals(date) IS
'Every known signal of every unit on a day, computed and entered, by unit_id and signal; what is not known has no row. Computed ones are over the unit and all units below it, from what is dated up to and including the day. Error 22023 for a null or infinite day, 55000 when no policy is in force on it.';

CREATE FUNCTION regtarget.unit_health(as_of date DEFAULT CURRENT_DATE)
RETURNS TABLE (unit_id int, unit text, health float8, coverage float8,
	visits_per_head float8, conversion_rate float8, output_per_head float8, attrition_rate float8)
LANGUAGE c STABLE PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_unit_health';
REVOKE ALL ON FUNCTION regtarget.unit_health(date) FROM PUBLIC;
COMMENT ON FUNCTION regtarget.unit_health(date) IS
'Health (0 to 100) of every unit on a day, the share of the metrics'' weight that was known (0 to 1), and four metrics over the months of the window: visits per head and month, won / closed deals, won amount per head and month, leavers / average headcount. Null is not known; health is null below the policy''s min_coverage. Error 22023 for a null or infinite day, 55000 when no policy is in force on it.';

CREATE FUNCTION regtarget.health_of_unit(unit_id int, as_of date) RETURNS float8
LANGUAGE c STABLE PARALLEL RESTRICTED COST 1000 AS 'MODULE_PATHNAME', 'rgt_health_of_unit';
REVOKE ALL ON FUNCTION regtarget.health_of_unit(int, date) FROM PUBLIC;
COMMENT ON FUNCTION regtarget.health_of_unit(int, date) IS
'Health of one unit on a day, as unit_health has it, for the cost of that unit and those below it; null where it is not known, and for a unit that is not visible. Errors as in unit_health.';

CREATE FUNCTION regtarget.health_row_of_unit(unit_id int, as_of date, OUT health float8, OUT coverage float8,
	OUT visits_per_head float8, OUT conversion_rate float8, OUT output_per_head float8, OUT attrition_rate float8)
LANGUAGE c STABLE PARALLEL RESTRICTED COST 1000 AS 'MODULE_PATHNAME', 'rgt_health_row_of_unit';
REVOKE ALL ON FUNCTION regtarget.health_row_of_unit(int, date) FROM PUBLIC;
COMMENT ON FUNCTION regtarget.health_row_of_unit(int, date) IS
'The row of unit_health of one unit on a day, for the cost of that unit and those below it; all null for a unit that is not visible. Errors as in unit_health.';

CREATE FUNCTION regtarget.health_rank_of_unit(unit_id int, as_of date) RETURNS int
LANGUAGE c STABLE PARALLEL RESTRICTED COST 1000 AS 'MODULE_PATHNAME', 'rgt_health_rank_of_unit';
REVOKE ALL ON FUNCTION regtarget.health_rank_of_unit(int, date) FROM PUBLIC;
COMMENT ON FUNCTION regtarget.health_rank_of_unit(int, date) IS
'Rank of one unit by health among the units of the same parent on a day, as health_ranking has it; null without health, and for a unit that is not visible. Errors as in unit_health.';

CREATE FUNCTION regtarget.health_ranking(as_of date DEFAULT CURRENT_DATE)
RETURNS TABLE (unit_id int, unit text, depth int, health float8, coverage float8, rank int,
	health_before float8, change float8,
	visits_per_head float8, conversion_rate float8, output_per_head float8, attrition_rate float8)
LANGUAGE c STABLE PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_health_ranking';
REVOKE ALL ON FUNCTION regtarget.health_ranking(date) FROM PUBLIC;
COMMENT ON FUNCTION regtarget.health_ranking(date) IS
'unit_health with each unit''s depth in the tree (a root: 0), its rank by health among the units of the same parent (1 is the best; equal health, equal rank; no health, no rank), and its health one month before with the change since. Errors as in unit_health.';

CREATE FUNCTION regtarget.health_points(as_of date DEFAULT CURRENT_DATE)
RETURNS TABLE (unit_id int, unit text, metric text, value float8, worst float8, best float8,
	weight float8, points_gained float8, points_lost float8)
LANGUAGE c STABLE PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_health_points';
REVOKE ALL ON FUNCTION regtarget.health_points(date) FROM PUBLIC;
COMMENT ON FUNCTION regtarget.health_points(date) IS
'What each metric adds to each unit''s health: its value and anchors, the share of the weight that it counts for (0 when not known: the others count for more), the points it gained and the points it could still gain. Points gained add up to health; null where health or the value is not known. Errors as in unit_health.';

CREATE FUNCTION regtarget.calibrate_metrics(as_of date DEFAULT CURRENT_DATE)
RETURNS TABLE (metric text, worst float8, best float8)
LANGUAGE c STABLE PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_calibrate_metrics';
REVOKE ALL ON FUNCTION regtarget.calibrate_metrics(date) FROM PUBLIC;
COMMENT ON FUNCTION regtarget.calibrate_metrics(date) IS
'Proposes anchors for the metrics from history and changes nothing: the 5th and the 95th percentile over the units without children on the first days of the last twelve months, as_of''s month included, the way round that the present anchors are. With fewer than 20 such values, units with children that are no roots count too. Metrics without any spread are left out. Errors as in unit_health.';

-- Views. The functions tell of the visible units; figures and ranks are over all.  Where no policy is in force
-- today, there is nothing to tell: OFFSET keeps the planner from asking the function first.

CREATE VIEW regtarget.region_health WITH (security_invoker = true) AS
SELECT h.unit_id, u.unit, u.name, u.kind, u.parent, h.depth, t.as_of,
	h.health, h.coverage, h.rank, h.health_before, h.change,
	h.visits_per_head, h.conversion_rate, h.output_per_head, h.attrition_rate,
	(SELECT CASE max(CASE a.level WHEN 'red' THEN 3 WHEN 'yellow' THEN 2 ELSE 1 END) WHEN 3 THEN 'red' WHEN 2 THEN 'yellow' WHEN 1 THEN 'blue' END
		FROM regtarget.alerts a WHERE a.unit_id = h.unit_id AND a.status <> 'resolved') AS alert_level
FROM (SELECT d.as_of FROM (SELECT regtarget.today() AS as_of) AS d
	WHERE EXISTS (SELECT FROM regtarget.policies y WHERE y.effective_from <= d.as_of) OFFSET 0) AS t
CROSS JOIN LATERAL regtarget.health_ranking(t.as_of) h
JOIN regtarget.unit_tree u ON u.unit_id = h.unit_id;

COMMENT ON VIEW regtarget.region_health IS 'Health of every unit today: score, coverage, rank among its siblings, change on the month before, and the four metrics behind it';
COMMENT ON COLUMN regtarget.region_health.unit_id IS 'Unit';
COMMENT ON COLUMN regtarget.region_health.unit IS 'Code of the unit';
COMMENT ON COLUMN regtarget.region_health.name IS 'Name of the unit';
COMMENT ON COLUMN regtarget.region_health.kind IS 'Kind of unit, as entered: company, region, group';
COMMENT ON COLUMN regtarget.region_health.parent IS 'Code of the unit above; null for a root';
COMMENT ON COLUMN regtarget.region_health.depth IS 'Levels below the root; 0 for a root';
COMMENT ON COLUMN regtarget.region_health.as_of IS 'Today, in the time zone of the policy';
COMMENT ON COLUMN regtarget.region_health.health IS 'Health score, 0 to 100; null when too little is known';
COMMENT ON COLUMN regtarget.region_health.coverage IS 'Share of the metrics'' weight that was known, 0 to 1';
COMMENT ON COLUMN regtarget.region_health.rank IS 'Rank by health among the units of the same parent, 1 is the best; null without health';
COMMENT ON COLUMN regtarget.region_health.health_before IS 'Health score one month before';
COMMENT ON COLUMN regtarget.region_health.change IS 'Points gained (or lost, negative) since one month before';
COMMENT ON COLUMN regtarget.region_health.visits_per_head IS 'Visits per average headcount and month of the window; null when not known';
COMMENT ON COLUMN regtarget.region_health.conversion_rate IS 'Won / closed deals of the window, 0 to 1; null when not known';
COMMENT ON COLUMN regtarget.region_health.output_per_head IS 'Won amount per average headcount and month of the window, in the database''s currency; null when not known';
COMMENT ON COLUMN regtarget.region_health.attrition_rate IS 'Leavers / average headcount of the window; null when not known';
COMMENT ON COLUMN regtarget.region_health.alert_level IS 'The highest level of the unit''s alerts that are not resolved: red, yellow or blue; null: none';

-- Each unit is asked about, so that a filter on one unit costs that one.  The rank stands in the list of columns: who does not ask
-- for it does not pay for siblings whom nobody may see.  OFFSET has the row made once, without the scan of a function, which costs
-- more than the row.  That a policy is in force is asked for by a difference: a span between two ends would be taken to be short.
CREATE VIEW regtarget.health_trend WITH (security_invoker = true) AS
SELECT u.unit_id, u.unit, u.name, m.month, lower(m.during) AS as_of, (h.row).health AS health,
	(h.row).coverage AS coverage, (h.row).visits_per_head AS visits_per_head, (h.row).conversion_rate AS conversion_rate,
	(h.row).output_per_head AS output_per_head, (h.row).attrition_rate AS attrition_rate, u.depth, u.region,
	regtarget.health_rank_of_unit(u.unit_id, lower(m.during)) AS rank
FROM regtarget.unit_tree u
CROSS JOIN regtarget.months m
CROSS JOIN LATERAL (SELECT regtarget.health_row_of_unit(u.unit_id, lower(m.during)) AS row OFFSET 0) AS h
WHERE lower(m.during) <= (SELECT regtarget.today())
	AND lower(m.during) - (SELECT min(p.effective_from) FROM regtarget.policies p) >= 0;

COMMENT ON VIEW regtarget.health_trend IS 'Health of every unit on the first day of every month that has begun and has a policy in force';
COMMENT ON COLUMN regtarget.health_trend.unit_id IS 'Unit';
COMMENT ON COLUMN regtarget.health_trend.unit IS 'Code of the unit';
COMMENT ON COLUMN regtarget.health_trend.name IS 'Name of the unit';
COMMENT ON COLUMN regtarget.health_trend.month IS 'Key of the month';
COMMENT ON COLUMN regtarget.health_trend.as_of IS 'First day of the month: the day of the figures';
COMMENT ON COLUMN regtarget.health_trend.health IS 'Health score, 0 to 100; null when too little was known';
COMMENT ON COLUMN regtarget.health_trend.coverage IS 'Share of the metrics'' weight that was known, 0 to 1';
COMMENT ON COLUMN regtarget.health_trend.visits_per_head IS 'Visits per average headcount and month of the window; null when not known';
COMMENT ON COLUMN regtarget.health_trend.conversion_rate IS 'Won / closed deals of the window, 0 to 1; null when not known';
COMMENT ON COLUMN regtarget.health_trend.output_per_head IS 'Won amount per average headcount and month of the window, in the database''s currency; null when not known';
COMMENT ON COLUMN regtarget.health_trend.attrition_rate IS 'Leavers / average headcount of the window; null when not known';
COMMENT ON COLUMN regtarget.health_trend.depth IS 'Levels below the root today; 0 for a root';
COMMENT ON COLUMN regtarget.health_trend.region IS 'Code of its region today; see unit_tree';
COMMENT ON COLUMN regtarget.health_trend.rank IS 'Rank by health among the units of the same parent, 1 is the best; null without health. Costs the health of all that the reader sees on that day, and of the siblings of these: leave it out for the line of one unit';

CREATE VIEW regtarget.health_breakdown WITH (security_invoker = true) AS
SELECT h.unit_id, u.code AS unit, u.name, h.metric, h.value, h.worst, h.best, h.weight,
	h.points_gained, h.points_lost
FROM (SELECT d.as_of FROM (SELECT regtarget.today() AS as_of) AS d
	WHERE EXISTS (SELECT FROM regtarget.policies y WHERE y.effective_from <= d.as_of) OFFSET 0) AS t
CROSS JOIN LATERAL regtarget.health_points(t.as_of) h
JOIN regtarget.units u ON u.unit_id = h.unit_id;

COMMENT ON VIEW regtarget.health_breakdown IS 'Today''s health of every unit, metric by metric; points gained add up to the score';
COMMENT ON COLUMN regtarget.health_breakdown.unit_id IS 'Unit';
COMMENT ON COLUMN regtarget.health_breakdown.unit IS 'Code of the unit';
COMMENT ON COLUMN regtarget.health_breakdown.name IS 'Name of the unit';
COMMENT ON COLUMN regtarget.health_breakdown.metric IS 'The signal that counts';
COMMENT ON COLUMN regtarget.health_breakdown.value IS 'Its value today, in its own unit; null when not known';
COMMENT ON COLUMN regtarget.health_breakdown.worst IS 'The value that scores 0';
COMMENT ON COLUMN regtarget.health_breakdown.best IS 'The value that scores 100';
COMMENT ON COLUMN regtarget.health_breakdown.weight IS 'Share of the score that it decides here, 0 to 1: its weight over that of all metrics known of the unit; 0 when its value is not known, null without a score';
COMMENT ON COLUMN regtarget.health_breakdown.points_gained IS 'Points that it adds to the score; null when not known';
COMMENT ON COLUMN regtarget.health_breakdown.points_lost IS 'Points that it could still add; null when not known';

-- Row security: only the owner, superusers and roles that bypass it see what no policy shows.

ALTER TABLE regtarget.metrics ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.metrics FOR SELECT
USING (regtarget.has_duty());
CREATE POLICY by_top_planners ON regtarget.metrics FOR ALL
USING (regtarget.is_top_planner());
