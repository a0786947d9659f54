-- The views that a dashboard asks keep their columns and rows: each has its definition of the first release beside
-- it, here as plain SQL, and what was appended is worked out once more from the tables; for a planner, a manager and
-- a viewer, before and after a fold.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude

CREATE VIEW public.old_unit_tree WITH (security_invoker = true) AS
SELECT u.unit_id, u.code AS unit, u.name, u.kind, p.parent_id, p.parent, p.depth, p.path, p.region, p.is_leaf, u.opened_on, u.closed_on
FROM regtarget.units u
CROSS JOIN LATERAL regtarget.place_of_unit(u.unit_id) AS p;
CREATE VIEW public.old_unit_ancestors WITH (security_invoker = true) AS
SELECT u.unit_id, u.code AS unit, p.ancestor_id, p.ancestor, p.ancestor_kind, p.distance
FROM regtarget.units u
CROSS JOIN LATERAL regtarget.ancestors_of_unit(u.unit_id) AS p;
CREATE VIEW public.old_target_months WITH (security_invoker = true) AS
SELECT t.target_id, t.plan_id, t.unit_id, u.unit, t.period, m.month, m.starts_on, m.ends_on, m.days,
	m.amount_of_month::numeric(19, 4) AS amount,
	p.mode, p.status, u.name, u.region, u.depth, u.is_leaf,
	((regtarget.actuals_of_unit(t.unit_id, t.period, m.ends_on)).so_far
		- (regtarget.actuals_of_unit(t.unit_id, t.period, m.starts_on - 1)).so_far)::numeric(38, 4) AS actual,
	CASE WHEN m.amount_of_month > 0 AND (SELECT regtarget.today()) >= m.starts_on THEN
		((regtarget.actuals_of_unit(t.unit_id, t.period, least(m.ends_on, (SELECT regtarget.today())))).so_far
			- (regtarget.actuals_of_unit(t.unit_id, t.period, m.starts_on - 1)).so_far)::float8
		/ (m.amount_of_month * least((SELECT regtarget.today()) - m.starts_on + 1, m.days) / m.days)::float8
	END AS pace,
	(SELECT regtarget.today()) BETWEEN m.starts_on AND m.ends_on AS is_current
FROM regtarget.targets t
JOIN regtarget.plans p ON p.plan_id = t.plan_id
JOIN public.old_unit_tree u ON u.unit_id = t.unit_id
CROSS JOIN LATERAL regtarget.months_of_target(t.period, t.amount, p.step) AS m;
CREATE VIEW public.old_month_board WITH (security_invoker = true) AS
SELECT m.target_id, m.plan_id, m.status, m.period, m.month, m.starts_on, m.ends_on, m.days, m.is_current,
	m.unit_id, m.unit, m.name, m.region, m.depth, m.is_leaf, m.amount, m.actual, m.pace
FROM public.old_target_months m
WHERE m.mode = 'live' AND m.status IN ('published', 'closed');
CREATE VIEW public.old_target_board WITH (security_invoker = true) AS
SELECT t.target_id, t.plan_id, p.status, t.period, t.unit_id, u.unit, u.name, u.kind,
	u.parent, u.region, u.depth, u.is_leaf,
	t.suggested::numeric(19, 4) AS suggested, t.penalty::numeric(19, 4) AS penalty,
	t.baseline::numeric(19, 4) AS baseline, t.amount::numeric(19, 4) AS amount,
	a.actual::numeric(38, 4) AS actual,
	CASE WHEN t.amount > 0 THEN (a.actual / t.amount)::float8 END AS attainment,
	CASE WHEN due.amount > 0 THEN (a.so_far / due.amount)::float8 END AS pace,
	(CASE WHEN due.amount > 0 THEN a.so_far / due.amount * t.amount END)::numeric(38, 4) AS forecast,
	(t.amount - a.actual)::numeric(38, 4) AS gap,
	(t.baseline + room.steps * p.step - t.amount)::numeric(20, 4) AS room_up,
	(t.amount - t.baseline + room.steps * p.step)::numeric(20, 4) AS room_down
FROM regtarget.plans p
JOIN regtarget.targets t ON t.plan_id = p.plan_id
JOIN public.old_unit_tree u ON u.unit_id = t.unit_id
CROSS JOIN LATERAL (SELECT div(t.baseline * t.cap, p.step) AS steps) AS room
CROSS JOIN LATERAL regtarget.due_of_target(t.period, t.amount, p.step, (SELECT regtarget.today())) AS due (amount)
CROSS JOIN LATERAL regtarget.actuals_of_unit(t.unit_id, p.period, (SELECT regtarget.today())) AS a
WHERE p.mode = 'live' AND (p.status IN ('published', 'closed') OR NOT EXISTS (
	SELECT FROM regtarget.plans o JOIN regtarget.targets other ON other.plan_id = o.plan_id AND other.unit_id = t.unit_id
	WHERE o.period = p.period AND o.mode = 'live' AND o.plan_id <> p.plan_id
		AND (o.status IN ('published', 'closed') OR o.plan_id > p.plan_id)));
-- Of one target out of the basis of all siblings, as SQL had it.
CREATE FUNCTION public.old_basis_of_target(plan_id bigint, parent_unit_id int, unit_id int)
RETURNS TABLE (signal text, factor text, value float8, imputed boolean, scale float8, share float8, weight float8)
LANGUAGE sql STABLE SECURITY DEFINER BEGIN ATOMIC
SELECT b.signal, b.factor, b."values"[e.place], b.imputed[e.place], b.scales[e.place], b.shares[e.place], b.weight
FROM regtarget.plan_basis b CROSS JOIN LATERAL array_position(b.unit_ids, $3) AS e (place)
WHERE b.plan_id = $1 AND b.parent_unit_id = $2 AND e.place IS NOT NULL;
END;
CREATE VIEW public.old_target_basis WITH (security_invoker = true) AS
SELECT t.target_id, b.signal, b.factor, b.value, b.imputed, b.scale, b.share, b.weight, t.plan_id, t.unit_id
FROM regtarget.plans p
JOIN regtarget.targets t ON t.plan_id = p.plan_id
CROSS JOIN LATERAL public.old_basis_of_target(t.plan_id, t.parent_unit_id, t.unit_id) AS b;
CREATE VIEW public.old_target_breakdown WITH (security_invoker = true) AS
SELECT b.target_id, b.plan_id, t.period, b.unit_id, u.code AS unit, u.name, b.factor, b.signal, b.weight, b.share,
	b.weight * b.share AS part,
	format('%s: %s%s is %s %% among its siblings%s and weighs %s %%', b.signal, trim_scale(round(b.value::numeric, 4)),
		CASE WHEN b.scale IS NULL THEN '' ELSE format(' times %s', trim_scale(round(b.scale::numeric, 4))) END,
		trim_scale(round((100 * b.share)::numeric, 2)),
		CASE WHEN b.imputed THEN ' (filled from its siblings)' ELSE '' END,
		trim_scale(round((100 * b.weight)::numeric, 2))) AS words
FROM public.old_target_basis b
JOIN regtarget.targets t ON t.target_id = b.target_id
JOIN regtarget.units u ON u.unit_id = b.unit_id;
-- Out of the facts themselves, over all units, for whoever has a duty.
CREATE FUNCTION public.old_source_freshness()
RETURNS TABLE (fact text, source text, rows bigint, last_on date, lag_days int, rejects bigint)
LANGUAGE sql STABLE SECURITY DEFINER BEGIN ATOMIC
WITH t AS (SELECT regtarget.today() AS today), f AS (
	SELECT 'customers' AS fact, c.source, count(*) AS rows, max(c.acquired_on) FILTER (WHERE c.acquired_on <= t.today) AS last_on FROM t, regtarget.customers c GROUP BY c.source
	UNION ALL SELECT 'employees', e.source, count(*), greatest(max(e.hired_on) FILTER (WHERE e.hired_on <= t.today), max(e.left_on) FILTER (WHERE e.left_on <= t.today)) FROM t, regtarget.employees e GROUP BY e.source
	UNION ALL SELECT 'visits', v.source, count(*), max(v.visited_on) FILTER (WHERE v.visited_on <= t.today) FROM t, regtarget.visits v GROUP BY v.source
	UNION ALL SELECT 'deals', d.source, count(*), greatest(max(d.opened_on) FILTER (WHERE d.opened_on <= t.today), max(d.closed_on) FILTER (WHERE d.closed_on <= t.today)) FROM t, regtarget.deals d GROUP BY d.source
	UNION ALL SELECT 'revenues', r.source, count(*), max(r.booked_on) FILTER (WHERE r.booked_on <= t.today) FROM t, regtarget.revenues r GROUP BY r.source
	UNION ALL SELECT 'signals', coalesce(s.source, ''), count(*), max(s.as_of) FILTER (WHERE s.as_of <= t.today) FROM t, regtarget.signals s GROUP BY coalesce(s.source, '')),
r AS (SELECT regexp_replace(i.target, '_in$', '') AS fact, coalesce(i.source, '') AS source, count(*) AS rejects FROM regtarget.import_rejects i GROUP BY 1, 2)
SELECT fact, source, f.rows, f.last_on, t.today - f.last_on, coalesce(r.rejects, 0) FROM f FULL JOIN r USING (fact, source) CROSS JOIN t;
END;
CREATE VIEW public.old_data_freshness WITH (security_invoker = true) AS SELECT * FROM public.old_source_freshness() WHERE regtarget.has_duty();
CREATE VIEW public.old_plan_board WITH (security_invoker = true) AS
SELECT p.plan_id, p.period, p.mode, p.label, p.status, p.root_unit_id, t.root,
	p.total::numeric(19, 4) AS total, t.units,
	t.penalty::numeric(24, 4) AS penalty, p.step::numeric(19, 4) AS step, p.cap::numeric(19, 18) AS cap,
	p.created_by, regtarget.local_time(p.created_at) AS created_at,
	regtarget.local_time(p.published_at) AS published_at
FROM regtarget.plans p
CROSS JOIN LATERAL regtarget.plan_totals(p.plan_id) AS t;
CREATE VIEW public.old_plan_balance WITH (security_invoker = true) AS
SELECT p.plan_id, p.period, p.mode, p.status, t.unit_id, t.unit,
	t.amount::numeric(19, 4) AS amount, t.children, t.children_amount::numeric(24, 4) AS children_amount,
	(t.children_amount - t.amount)::numeric(24, 4) AS difference,
	t.penalty::numeric(24, 4) AS from_penalty,
	(t.adjusted - (t.amount - t.baseline))::numeric(24, 4) AS from_adjustment,
	(t.suggested - t.baseline)::numeric(24, 4) AS from_rounding,
	t.own_penalty::numeric(19, 4) AS penalty
FROM regtarget.plans p
CROSS JOIN LATERAL regtarget.plan_parents(p.plan_id) AS t;
CREATE VIEW public.old_calendar WITH (security_invoker = true) AS
SELECT w.month, w.period, w.starts_on, w.ends_on, w.days, w.share,
	CASE WHEN sum(w.part) OVER of_period > 0 THEN w.part / sum(w.part) OVER of_period
		ELSE w.days::float8 / sum(w.days) OVER of_period END AS weight,
	w.period_starts_on, w.period_ends_on
FROM (
	SELECT m.month, m.period,
		lower(m.during) AS starts_on, upper(m.during) - 1 AS ends_on, upper(m.during) - lower(m.during) AS days,
		m.share::numeric(9, 6) AS share,
		coalesce(m.share::float8,
			greatest(1 - coalesce(sum(m.share) OVER of_period, 0), 0)::float8 * (upper(m.during) - lower(m.during))
			/ sum(upper(m.during) - lower(m.during)) FILTER (WHERE m.share IS NULL) OVER of_period) AS part,
		lower(p.during) AS period_starts_on, upper(p.during) - 1 AS period_ends_on
	FROM regtarget.months m JOIN regtarget.periods p ON p.period = m.period
	WINDOW of_period AS (PARTITION BY m.period)
) AS w
WINDOW of_period AS (PARTITION BY w.period ORDER BY w.starts_on ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING);
CREATE VIEW public.old_credit_board WITH (security_invoker = true) AS
SELECT t.unit_id, u.code AS unit, u.name, q.period, n.period AS next_period,
	coalesce(s.penalty_rate, 0)::numeric(19, 18) AS penalty_rate, o.denied_before AS denied_quarters, o.counts,
	o.denied_now, o.rate_now::numeric(19, 18) AS rate_now,
	o.denied_if_refused, o.rate_if_refused::numeric(19, 18) AS rate_if_refused,
	round(o.rate_if_refused * t.baseline, 4)::numeric(19, 4) AS penalty_at_risk
FROM regtarget.periods q
JOIN regtarget.plans p ON p.period = q.period AND p.mode = 'live' AND p.status = 'published'
JOIN regtarget.targets t ON t.plan_id = p.plan_id
CROSS JOIN LATERAL regtarget.outlook_of_unit(t.unit_id, q.period) AS o
JOIN regtarget.units u ON u.unit_id = t.unit_id
LEFT JOIN regtarget.standings s ON s.unit_id = t.unit_id AND s.period = q.period
LEFT JOIN LATERAL (
	SELECT f.period FROM regtarget.periods f WHERE lower(f.during) >= upper(q.during) ORDER BY lower(f.during) LIMIT 1
) AS n ON true
WHERE o.denied_before IS NOT NULL;
CREATE VIEW public.old_valve_advice WITH (security_invoker = true) AS
SELECT m.target_id, m.plan_id, m.period, m.unit_id, m.unit, m.name, m.health_at_plan, m.health, m.health_change, m.pace,
	m.by_health, m.by_pace,
	(trunc(round((100 * greatest(least(m.asked, m.room_up), -m.room_down))::numeric, 9)) / 100)::float8 AS advised,
	m.room_up, m.room_down
FROM (
	SELECT t.target_id, t.plan_id, t.period, t.unit_id, t.unit, t.name, b.value AS health_at_plan, h.health,
		round((h.health - b.value)::numeric, 12)::float8 AS health_change, t.pace, e.by_health, e.by_pace,
		CASE WHEN e.by_health IS NULL THEN e.by_pace WHEN e.by_pace IS NULL THEN e.by_health
			WHEN sign(e.by_health) <> sign(e.by_pace) THEN 0
			WHEN abs(e.by_health) < abs(e.by_pace) THEN e.by_health ELSE e.by_pace END AS asked,
		(t.room_up / t.baseline)::float8 AS room_up, (t.room_down / t.baseline)::float8 AS room_down
	FROM regtarget.target_board t
	JOIN regtarget.periods q ON q.period = t.period AND q.during @> (SELECT regtarget.today())
	CROSS JOIN LATERAL regtarget.health_of_unit(t.unit_id, (SELECT regtarget.today())) AS h (health)
	LEFT JOIN LATERAL (
		SELECT max(b.value) FILTER (WHERE b.signal = 'health' AND NOT b.imputed) AS value,
			sum(b.weight * b.share) FILTER (WHERE b.signal = 'health') / nullif(sum(b.weight * b.share), 0) AS part
		FROM regtarget.target_basis b WHERE b.target_id = t.target_id
	) AS b ON true
	CROSS JOIN LATERAL (
		SELECT CASE WHEN b.value > 0 THEN round((b.part * (h.health / b.value - 1))::numeric, 12)::float8 END AS by_health,
			round((t.pace - 1)::numeric, 12)::float8 AS by_pace
	) AS e
	WHERE t.status = 'published' AND t.baseline > 0
) AS m
WHERE abs(m.health_change) >= 5 OR abs(m.by_pace) >= 0.1;
CREATE VIEW public.old_target_history WITH (security_invoker = true) AS
SELECT t.target_id, l.entry, t.plan_id, t.period, t.unit_id, u.code AS unit, u.name,
	regtarget.local_time(l.at) AS changed_at, l.actor AS changed_by,
	l.details ->> 'why' AS why, (l.details ->> 'adjustment_id')::bigint AS adjustment_id,
	(l.details ->> 'before')::numeric(19, 4) AS before, (l.details ->> 'after')::numeric(19, 4) AS after,
	((l.details ->> 'after')::numeric - (l.details ->> 'before')::numeric)::numeric(20, 4) AS change
FROM regtarget.units u
CROSS JOIN LATERAL (
	SELECT l.unit_id, l.entry, l.at, l.actor, l.details,
		CASE jsonb_typeof(l.details -> 'target_id') WHEN 'number' THEN (l.details -> 'target_id')::bigint END AS target_id
	FROM regtarget.ledger l
	WHERE l.unit_id = u.unit_id AND l.details ?& '{target_id,before,after,why}' OFFSET 0
) AS l
JOIN regtarget.targets t ON t.target_id = l.target_id AND t.unit_id = l.unit_id;
CREATE VIEW public.old_health_trend WITH (security_invoker = true) AS
SELECT h.unit_id, u.code AS unit, u.name, m.month, lower(m.during) AS as_of, h.health, h.coverage,
	h.visits_per_head, h.conversion_rate, h.output_per_head, h.attrition_rate
FROM regtarget.months m
CROSS JOIN LATERAL regtarget.unit_health(lower(m.during)) h
JOIN regtarget.units u ON u.unit_id = h.unit_id
WHERE lower(m.during) <= (SELECT regtarget.today())
	AND lower(m.during) >= (SELECT min(p.effective_from) FROM regtarget.policies p);
CREATE VIEW public.old_actuals_check WITH (security_invoker = true) AS
SELECT u.unit_id, u.code AS unit, u.name, s.month, s.period, s.deals_won, s.won_amount::numeric(38, 4) AS won_amount,
	s.revenues, s.revenue_amount::numeric(38, 4) AS revenue_amount,
	(s.revenue_amount - s.won_amount)::numeric(38, 4) AS difference,
	CASE WHEN s.won_amount > 0 THEN (s.revenue_amount / s.won_amount)::float8 END AS booked_share
FROM (
	SELECT p.ancestor_id, b.month, b.period, sum(b.won)::bigint AS deals_won, sum(b.won_amount) AS won_amount,
		sum(b.revenues)::bigint AS revenues, sum(b.revenue_amount) AS revenue_amount
	FROM (
		SELECT a.unit_id, m.month, m.period, sum(a.won) AS won, sum(a.won_amount) AS won_amount,
			sum(a.revenues) AS revenues, sum(a.revenue_amount) AS revenue_amount
		FROM regtarget.activity a JOIN regtarget.months m ON m.during @> a.day
		WHERE a.won > 0 OR a.revenues > 0
		GROUP BY a.unit_id, m.month, m.period
	) AS b
	JOIN regtarget.unit_ancestors p ON p.unit_id = b.unit_id
	GROUP BY p.ancestor_id, b.month, b.period
) AS s
JOIN regtarget.units u ON u.unit_id = s.ancestor_id;
-- Of the facts that are dated on a day or later, or not at all: of all with '-infinity', as the first release had them.
CREATE FUNCTION public.old_warnings(since date)
RETURNS TABLE (fact_id bigint, fact text, unit_id int, unit text, source text, source_id text, day date, amount numeric, warning text, detail text)
LANGUAGE sql STABLE BEGIN ATOMIC
WITH t AS (SELECT regtarget.today() AS today),
amounts AS (
	SELECT 'deals' AS fact, d.deal_id AS fact_id, d.source, d.source_id, d.unit_id, d.employee_id, d.customer_id,
		coalesce(d.closed_on, d.opened_on) AS day, d.amount
	FROM regtarget.deals d WHERE d.amount <> 0 AND coalesce(d.closed_on, d.opened_on, 'infinity') >= since
	UNION ALL
	SELECT 'revenues', r.revenue_id, r.source, r.source_id, r.unit_id, r.employee_id, r.customer_id, r.booked_on, r.amount
	FROM regtarget.revenues r WHERE r.amount <> 0 AND r.booked_on >= since
),
usual AS (
	SELECT a.fact, a.unit_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(a.amount)::float8) AS median
	FROM amounts a GROUP BY a.fact, a.unit_id HAVING count(*) >= 10
),
doubles AS (
	SELECT a.*, first_value(a.fact_id) OVER w AS first_id, first_value(concat_ws(' ', a.source, a.source_id)) OVER w AS first_name
	FROM (
		SELECT a.fact, a.fact_id, a.source, a.source_id, a.unit_id, a.employee_id, a.customer_id, a.day, a.amount FROM amounts a
		UNION ALL
		SELECT 'visits', v.visit_id, v.source, v.source_id, v.unit_id, v.employee_id, v.customer_id, v.visited_on, NULL
		FROM regtarget.visits v WHERE v.customer_id IS NOT NULL AND v.employee_id IS NOT NULL AND v.visited_on >= since
	) AS a
	WHERE a.customer_id IS NOT NULL OR a.employee_id IS NOT NULL
	WINDOW w AS (PARTITION BY a.fact, a.unit_id, a.customer_id, a.employee_id, a.day, a.amount ORDER BY a.fact_id)
),
days AS (
	SELECT 'visits' AS fact, v.visit_id AS fact_id, v.source, v.source_id, v.unit_id, v.visited_on AS day, NULL::numeric AS amount,
		'visited_on' AS what
	FROM t, regtarget.visits v WHERE v.visited_on > t.today AND v.visited_on >= since
	UNION ALL
	SELECT 'deals', d.deal_id, d.source, d.source_id, d.unit_id, d.closed_on, d.amount, 'closed_on'
	FROM t, regtarget.deals d WHERE d.closed_on > t.today AND d.won IS NOT NULL AND d.closed_on >= since
	UNION ALL
	SELECT 'deals', d.deal_id, d.source, d.source_id, d.unit_id, d.opened_on, d.amount, 'opened_on'
	FROM t, regtarget.deals d WHERE d.opened_on > t.today AND coalesce(d.closed_on, d.opened_on) >= since
	UNION ALL
	SELECT 'revenues', r.revenue_id, r.source, r.source_id, r.unit_id, r.booked_on, r.amount, 'booked_on'
	FROM t, regtarget.revenues r WHERE r.booked_on > t.today AND r.booked_on >= since
	UNION ALL
	SELECT 'customers', c.customer_id, c.source, c.source_id, c.unit_id, c.acquired_on, NULL, 'acquired_on'
	FROM t, regtarget.customers c WHERE c.acquired_on > t.today AND c.acquired_on >= since
)
SELECT w.fact_id, w.fact, w.unit_id, u.code AS unit, w.source, w.source_id, w.day, w.amount::numeric(38, 4) AS amount,
	w.warning, w.detail
FROM (
	SELECT a.fact_id, a.fact, a.unit_id, a.source, a.source_id, a.day, a.amount, 'far amount' AS warning,
		format('%s times the median of the unit, %s', round((abs(a.amount)::float8 / m.median)::numeric, 4)::float8,
			round(m.median::numeric, 2)) AS detail
	FROM amounts a JOIN usual m ON m.fact = a.fact AND m.unit_id = a.unit_id
	WHERE abs(a.amount)::float8 >= 30 * m.median OR abs(a.amount)::float8 * 30 <= m.median
	UNION ALL
	SELECT f.fact_id, f.fact, f.unit_id, f.source, f.source_id, f.day, f.amount, 'future day',
		format('%s is in the future', f.what)
	FROM days f
	UNION ALL
	SELECT x.fact_id, x.fact, x.unit_id, x.source, x.source_id, x.day, x.amount, 'likely double',
		format('same unit, person, customer, day%s as %s', CASE WHEN x.fact = 'visits' THEN '' ELSE ' and amount' END, x.first_name)
	FROM doubles x WHERE x.fact_id <> x.first_id
	UNION ALL
	SELECT d.deal_id, 'deals', d.unit_id, d.source, d.source_id, d.opened_on, d.amount, 'no closing day',
		CASE WHEN d.won THEN 'won' ELSE 'lost' END || ' without a day, so counted nowhere'
	FROM regtarget.deals d WHERE d.won IS NOT NULL AND d.closed_on IS NULL AND coalesce(d.opened_on, 'infinity') >= since
) AS w
LEFT JOIN regtarget.units u ON u.unit_id = w.unit_id;
END;
CREATE VIEW public.old_data_warnings WITH (security_invoker = true) AS SELECT * FROM public.old_warnings(regtarget.today() - 31);
CREATE VIEW public.old_credit_history WITH (security_invoker = true) AS
SELECT t.unit_id, u.unit, u.name, u.region, u.depth, q.period, lower(q.during) AS starts_on, upper(q.during) - 1 AS ends_on,
	s.period AS next_period, a.requests, a.lowering, a.refused, s.denied_quarters > 0 AS counts, s.denied_quarters,
	s.penalty_rate::numeric(6, 4) AS penalty_rate,
	(SELECT after.penalty FROM regtarget.plans f JOIN regtarget.targets after ON after.plan_id = f.plan_id
		WHERE f.period = s.period AND f.mode = 'live' AND f.status IN ('published', 'closed')
			AND after.unit_id = t.unit_id)::numeric(19, 4) AS penalty
FROM regtarget.plans p
JOIN regtarget.periods q ON q.period = p.period
JOIN regtarget.targets t ON t.plan_id = p.plan_id
JOIN public.old_unit_tree u ON u.unit_id = t.unit_id
CROSS JOIN LATERAL (
	SELECT n.period FROM regtarget.periods n WHERE lower(n.during) >= upper(q.during) ORDER BY lower(n.during) LIMIT 1
) AS n
JOIN regtarget.standings s ON s.unit_id = t.unit_id AND s.period = n.period
CROSS JOIN LATERAL (
	SELECT count(*) AS requests, count(*) FILTER (WHERE a.change < 0) AS lowering,
		count(*) FILTER (WHERE a.change < 0 AND a.status = 'rejected') AS refused
	FROM regtarget.adjustments a WHERE a.target_id = t.target_id
) AS a
WHERE p.mode = 'live' AND p.status = 'closed';
\set ECHO all

-- Forty units at random; a past period that is closed, one that runs, one to come; a shadow and a sandbox plan beside them.
SELECT apply_profile() <> '' AS applied, setseed(0.13) IS NOT NULL AS seeded;
CREATE FUNCTION public.day(n int) RETURNS date LANGUAGE sql RETURN today() + n;
INSERT INTO periods SELECT p, daterange(public.day(a), public.day(b))
FROM (VALUES ('past', -100, -10), ('running', -10, 80), ('next', 80, 170)) AS v (p, a, b);
INSERT INTO months (month, period, during) SELECT p || ' ' || n, p, daterange(public.day(a + 30 * n - 30), public.day(a + 30 * n))
FROM (VALUES ('past', -100), ('running', -10), ('next', 80)) AS v (p, a), generate_series(1, 3) n;
INSERT INTO units (unit_id, code, name, kind, parent_id)
SELECT i, 'U' || i, 'Unit ' || i, CASE WHEN i IN (2, 3, 9) THEN 'region' END, CASE WHEN i > 1 THEN 1 + (random() * least(i - 2, 12))::int END
FROM generate_series(1, 40) i;
INSERT INTO employees (employee_id, hired_on) SELECT i, public.day(-400) FROM generate_series(1, 40) i;
INSERT INTO assignments (employee_id, unit_id, during) SELECT i, i, daterange(public.day(-400), NULL) FROM generate_series(1, 40) i;
INSERT INTO visits (unit_id, employee_id, visited_on)
SELECT 1 + (random() * 39)::int, 1 + (random() * 39)::int, public.day(-(random() * 200)::int) FROM generate_series(1, 1500);
INSERT INTO deals (unit_id, closed_on, won, amount, customer_id)
SELECT 1 + (random() * 39)::int, public.day(-(random() * 200)::int), random() < 0.6, (exp(random() * 9))::numeric(12, 2), NULL FROM generate_series(1, 1500);
INSERT INTO revenues (unit_id, booked_on, amount)
SELECT 1 + (random() * 39)::int, public.day(-(random() * 200)::int), (random() * 2000)::numeric(12, 2) FROM generate_series(1, 700);
-- Sources of every fact, changed and taken back.
UPDATE visits SET source = 'crm', visited_on = visited_on - 3 WHERE visit_id % 3 = 0;
UPDATE deals SET source = CASE WHEN deal_id % 2 = 0 THEN 'crm' ELSE 'erp' END, opened_on = closed_on - 40, closed_on = CASE WHEN deal_id % 7 > 0 THEN closed_on END,
	won = CASE WHEN deal_id % 7 > 0 THEN won END WHERE deal_id % 5 < 3;
DELETE FROM visits WHERE visit_id % 11 = 0;
INSERT INTO customers (source, source_id, unit_id, acquired_on) SELECT 'crm', i, 1 + i % 40, CASE WHEN i % 4 > 0 THEN public.day(-i) END FROM generate_series(1, 100) i;
UPDATE customers SET source = 'erp', acquired_on = public.day(2) WHERE customer_id % 9 = 0;
INSERT INTO signals (unit_id, signal, as_of, value, source) SELECT i, 'rain', public.day(-i), i, CASE WHEN i % 2 = 0 THEN 'met' END FROM generate_series(1, 40) i;
-- Odd ones: of tomorrow, decided without a day, twice the same; booked and taken back.
INSERT INTO deals (unit_id, closed_on, won, amount) VALUES (5, public.day(3), true, 77), (6, NULL, false, 8);
INSERT INTO visits (unit_id, employee_id, visited_on) VALUES (5, 5, public.day(2));
INSERT INTO revenues (unit_id, employee_id, booked_on, amount) VALUES (7, 7, public.day(-5), 50), (7, 7, public.day(-5), 50), (7, NULL, public.day(-5), -50);
INSERT INTO signals (unit_id, signal, as_of, value) SELECT i, 'market', public.day(-300), 1 + random() FROM generate_series(1, 40) i;
DELETE FROM factors;
INSERT INTO factors (signal) VALUES ('market');

CREATE ROLE regress_cn;
CREATE ROLE regress_head;
CREATE ROLE regress_second;
CREATE ROLE regress_two;
CREATE ROLE regress_eye;
INSERT INTO shared_logins VALUES (session_user);
SELECT grant_duty('regress_cn', 'U1', 'planner'), grant_duty('regress_two', 'U2', 'manager'), grant_duty('regress_eye', 'U3', 'viewer'),
	count(grant_duty(r, code, 'manager'))
FROM units, unnest('{regress_head,regress_second}'::name[]) r;
SELECT count(*) FROM allocate_targets('past', 100000);
SELECT publish_plan(1);
CREATE FUNCTION public.ask(unit text, change numeric, day date, yes boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	id bigint;
BEGIN
	SET LOCAL ROLE regress_head;
	id := regtarget.request_adjustment(unit, change, 'reason of ' || unit, day);
	SET LOCAL ROLE regress_second;
	PERFORM regtarget.countersign(id, yes) FROM regtarget.signatures s WHERE s.adjustment_id = id AND s.unit_id <> 1 LIMIT 1;
	SET LOCAL ROLE regress_cn;
	PERFORM regtarget.countersign(id, yes) FROM regtarget.adjustments a WHERE a.adjustment_id = id AND a.status = 'requested';
	PERFORM regtarget.apply_adjustment(id) FROM regtarget.adjustments a WHERE a.adjustment_id = id AND a.status = 'approved';
	RESET ROLE;
END
$$;
SELECT public.ask('U2', -0.05, public.day(-90), true), public.ask('U3', -0.05, public.day(-90), false), public.ask('U9', 0.03, public.day(-50), true);
SELECT close_period('past');
SELECT count(*) FROM allocate_targets('running', 90000);
SELECT publish_plan(2);
SELECT public.ask('U3', -0.05, public.day(-1), false), public.ask('U2', 0.02, public.day(-1), true);
SELECT count(*) FROM allocate_targets('running', 80000, 'shadow');
SELECT count(*) FROM allocate_targets('running', 70000, 'sandbox');
SELECT count(*) FROM allocate_targets('next', 95000);

-- Rows that are not in both, of each view, in the columns that it had.
DO $$ BEGIN
	EXECUTE (SELECT string_agg(format('GRANT SELECT ON %s TO PUBLIC', oid::regclass), ';') FROM pg_class
		WHERE relnamespace = 'public'::regnamespace AND relkind = 'v' AND relname LIKE 'old\_%');
END $$;
CREATE FUNCTION public.differ(role text, only_view text DEFAULT NULL, OUT view text, OUT rows bigint, OUT differ bigint) RETURNS SETOF record LANGUAGE plpgsql AS $$
DECLARE
	columns text;
BEGIN
	FOR view, columns IN SELECT substr(c.relname, 5), string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
		WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'v' AND c.relname LIKE 'old\_%' AND c.relname LIKE 'old_' || coalesce(only_view, '%') GROUP BY 1 ORDER BY 1
	LOOP
		PERFORM set_config('role', role, true);
		EXECUTE format('SELECT (SELECT count(*) FROM public.old_%1$I), count(*) FROM (
			(SELECT %2$s FROM regtarget.%1$I EXCEPT ALL SELECT %2$s FROM public.old_%1$I)
			UNION ALL (SELECT %2$s FROM public.old_%1$I EXCEPT ALL SELECT %2$s FROM regtarget.%1$I)) AS d', view, columns)
		INTO rows, differ;
		RETURN NEXT;
		PERFORM set_config('role', 'none', true);
	END LOOP;
END
$$;
CREATE TABLE public.before_fold AS
SELECT r.role, d.* FROM unnest('{none,regress_cn,regress_two,regress_eye}'::text[]) AS r (role), LATERAL public.differ(r.role) d;
SELECT view, bool_and(rows > 0) AS some, sum(differ) AS differ FROM public.before_fold WHERE role <> 'regress_eye' GROUP BY view ORDER BY view;
SELECT role, view, differ FROM public.before_fold WHERE differ > 0;
SELECT fold_activity() IS NOT NULL AS folded;
SELECT r, d.view, d.differ FROM unnest('{none,regress_cn,regress_two,regress_eye}'::text[]) r, LATERAL public.differ(r) d WHERE d.differ > 0;
-- Warnings of other spans, and of all there is, as the first release had them.
CREATE FUNCTION public.warnings_differ(role text, since date, OUT rows bigint, OUT differ bigint) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('role', role, true);
	SELECT (SELECT count(*) FROM public.old_warnings(since)), count(*) INTO rows, differ FROM (
		(SELECT * FROM regtarget.data_warnings_since(since) EXCEPT ALL SELECT * FROM public.old_warnings(since))
		UNION ALL (SELECT * FROM public.old_warnings(since) EXCEPT ALL SELECT * FROM regtarget.data_warnings_since(since))) AS d;
	PERFORM set_config('role', 'none', true);
END
$$;
SELECT since::date = '-infinity' AS ever, sum(d.rows) > 30 AS some, sum(d.differ) AS differ
FROM unnest('{none,regress_cn,regress_two,regress_eye}'::text[]) r, unnest(ARRAY['-infinity', today() - 100, today() - 1]::date[]) since, LATERAL public.warnings_differ(r, since) d
GROUP BY since ORDER BY since;

-- Months of the calendar are read as they are kept; what is not folded yet comes on top, of them and of others.
SAVEPOINT months;
INSERT INTO periods VALUES ('whole', daterange((date_trunc('month', public.day(-100)) - interval '4 months')::date, public.day(-100)));
INSERT INTO months (month, period, during)
SELECT 'whole ' || i, 'whole', daterange(d::date, least((d + interval '1 month')::date, public.day(-100)))
FROM generate_series(0, 4) i, LATERAL (SELECT date_trunc('month', public.day(-100)) + make_interval(months => i - 4)) AS x (d)
WHERE d::date < public.day(-100);
INSERT INTO deals (unit_id, closed_on, won, amount)
SELECT 1 + (random() * 39)::int, public.day(-(random() * 200)::int), true, (random() * 1000)::numeric(12, 2) FROM generate_series(1, 50);
DELETE FROM deals WHERE deal_id % 17 = 0;
SELECT r, d.view, d.rows > 100 AS some, d.differ FROM unnest('{regress_cn,regress_two}'::text[]) r, LATERAL public.differ(r, 'actuals_check') d;
ROLLBACK TO months;

-- What was appended, once more from the tables.
SELECT count(*), count(*) FILTER (WHERE m.actual <> 0) > 0 AS some, count(*) FILTER (WHERE m.actual IS DISTINCT FROM (
	SELECT coalesce(sum(d.amount), 0) FROM unit_ancestors a JOIN deals d ON d.unit_id = a.unit_id
	WHERE a.ancestor_id = m.unit_id AND d.won AND d.closed_on BETWEEN m.starts_on AND m.ends_on)) AS differ
FROM month_board m;
SELECT m.month, m.is_current, m.starts_on <= today() AS begun, count(*), count(m.pace) AS paces, count(*) FILTER (WHERE abs(m.pace - m.actual / (m.amount
	* CASE WHEN m.is_current THEN today() - m.starts_on + 1 ELSE m.days END / m.days)) > 1e-9 AND NOT m.is_current) AS differ
FROM month_board m GROUP BY 1, 2, 3 ORDER BY 1;
-- A month in progress by its days: eleven of thirty are due, and what is dated later does not count.
SELECT count(*), count(*) FILTER (WHERE abs(m.pace - s.so_far / (m.amount * 11 / 30)) > 1e-9) AS differ
FROM month_board m CROSS JOIN LATERAL actuals_of_unit(m.unit_id, m.period, today()) s WHERE m.is_current;
-- A month's plans add up alone; over shadow and sandbox they would count it many times.
SELECT month, sum(amount) FROM month_board WHERE depth = 0 GROUP BY month ORDER BY month;
SELECT mode, status, sum(amount) FROM target_months WHERE depth = 0 AND period = 'running' GROUP BY 1, 2 ORDER BY 1;
SELECT count(*) FILTER (WHERE (m.name, m.region, m.depth, m.is_leaf) IS DISTINCT FROM (u.name, u.region, u.depth, u.is_leaf)) AS differ
FROM target_months m JOIN unit_tree u USING (unit_id);
SELECT count(*) FILTER (WHERE (b.name, b.region, b.depth) IS DISTINCT FROM (u.name, u.region, u.depth)) AS differ
FROM plan_balance b JOIN unit_tree u USING (unit_id);
SELECT count(*) > 0 AS some, count(*) FILTER (WHERE (b.region, b.depth) IS DISTINCT FROM (u.region, u.depth)) AS differ
FROM valve_advice b JOIN unit_tree u USING (unit_id);
SELECT count(*) FILTER (WHERE (h.region, h.depth) IS DISTINCT FROM (u.region, u.depth)) AS differ FROM health_trend h JOIN unit_tree u USING (unit_id);
-- Ranks are over all, whoever asks; one unit alone has the figures that it has among all.
CREATE TABLE public.ranks AS SELECT m.month, r.unit_id, r.rank, r.health FROM months m CROSS JOIN LATERAL health_ranking(lower(m.during)) r
WHERE m.month IN (SELECT month FROM health_trend);
GRANT SELECT ON public.ranks TO PUBLIC;
SELECT count(*) > 0 AS some, count(*) FILTER (WHERE (h.rank, h.health) IS DISTINCT FROM (r.rank, r.health)) AS differ
FROM health_trend h FULL JOIN public.ranks r USING (month, unit_id);
SELECT count(*) AS differ FROM units u CROSS JOIN LATERAL (SELECT h.month, h.health, h.coverage, h.attrition_rate FROM health_trend h WHERE h.unit_id = u.unit_id OFFSET 0) h
JOIN public.old_health_trend o ON o.unit_id = u.unit_id AND o.month = h.month
WHERE (h.health, h.coverage, h.attrition_rate) IS DISTINCT FROM (o.health, o.coverage, o.attrition_rate);
SET LOCAL ROLE regress_two;
SELECT count(*) > 0 AS some, count(*) FILTER (WHERE h.rank IS DISTINCT FROM r.rank) AS differ
FROM health_trend h JOIN public.ranks r USING (month, unit_id);
RESET ROLE;
-- The period that holds today.
SELECT period, is_current, starts_on - today() AS starts, ends_on - today() AS ends, count(*) FROM target_board GROUP BY 1, 2, 3, 4 ORDER BY 3;
SELECT period, is_current, starts_on - today() AS starts, ends_on - today() AS ends, count(*) FROM plan_board GROUP BY 1, 2, 3, 4 ORDER BY 3;
SELECT period, is_current, starts_on - today() AS starts, ends_on - today() AS ends, count(*) FROM credit_board GROUP BY 1, 2, 3, 4 ORDER BY 3;
SELECT month FROM calendar WHERE is_current;

-- What moved and whose request it was: above is not in the sight of those below, its request neither.
SELECT unit, period, why, before, after, reason, requested_by, signed_by, region, requested_for
FROM target_history h WHERE unit IN ('U2', 'U3', 'U9') OR requested_for = 'U9' ORDER BY h.unit_id, entry;
SELECT count(*) > 0 AS some, bool_and(why = 'adjustment') AS adjusted, bool_and(EXISTS (SELECT FROM unit_ancestors a
	WHERE a.unit_id = h.unit_id AND a.ancestor = h.requested_for)) AS above
FROM target_history h WHERE adjustment_id IS NOT NULL;
SET LOCAL ROLE regress_eye;
SELECT unit, period, why, adjustment_id, reason, requested_by, signed_by, region, requested_for FROM target_history WHERE unit = 'U3' ORDER BY entry;
RESET ROLE;

-- The record: the quarter that is closed, of every unit that had a target.
SELECT count(*), count(DISTINCT unit_id) FROM credit_history;
SELECT unit, region, depth, period, starts_on - today() AS starts, next_period, requests, lowering, refused, counts, denied_quarters, penalty_rate, penalty
FROM credit_history WHERE requests > 0 ORDER BY unit_id;
SELECT close_period('running');
SELECT unit, period, ends_on - today() AS ends, next_period, requests, lowering, refused, counts, denied_quarters, penalty_rate, penalty
FROM credit_history WHERE unit = 'U3' ORDER BY starts_on;
SELECT count(*) FROM allocate_targets('next', 95000);
SELECT publish_plan(5);
SELECT unit, period, counts, denied_quarters, penalty_rate, penalty, (SELECT t.penalty FROM target_board t WHERE t.period = 'next' AND t.unit = 'U3') AS pays
FROM credit_history WHERE unit = 'U3' ORDER BY starts_on;
SET LOCAL ROLE regress_two;
SELECT count(DISTINCT h.unit_id) = (SELECT count(*) FROM units) AS own FROM credit_history h;
RESET ROLE;

ROLLBACK;
