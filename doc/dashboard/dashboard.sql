-- What the dashboard shows, as one jsonb: one SELECT over public views, so one snapshot, and nothing that the role in force
-- does not see. Texts are data only; words and sentences are keys of words.tsv. ASCII, so that any encoding takes it. read.sql
-- says where backtests and shadow plans come from (psql's variables backtest, shadow).
--
--   made      as whom, when, of what
--   panels    six: key, title (a sentence of words.tsv and what it is about), tables
--   tables    key, columns (k: its name, t: its type), rows (u: unit, p: the unit above, h: the whole, c: cells), more: left out
WITH clock AS (
	SELECT regtarget.today() AS today
), tree AS MATERIALIZED (
	SELECT t.unit_id, t.unit, t.name, t.kind, t.parent_id, t.region, t.path
	FROM regtarget.unit_tree t, clock c
	WHERE coalesce(t.opened_on <= c.today, true) AND coalesce(t.closed_on >= c.today, true)
), tops AS (
	SELECT t.* FROM tree t WHERE NOT EXISTS (SELECT FROM tree a WHERE a.unit_id = t.parent_id)
), candidates AS (
	-- Regions, the outermost; where a branch has none, its first unit below the root.
	SELECT t.* FROM tree t
	WHERE CASE WHEN t.kind = 'region' THEN NOT EXISTS (SELECT FROM regtarget.unit_ancestors a
				WHERE a.unit_id = t.unit_id AND a.distance > 0 AND a.ancestor_kind = 'region')
			ELSE t.region = t.unit AND NOT EXISTS (SELECT FROM tree b
				WHERE b.kind = 'region' AND starts_with(b.path, t.path || '/')) END
), whole AS (
	-- The one unit that holds all that is in sight, if there is one below which to look.
	SELECT w.* FROM (
		SELECT * FROM candidates WHERE (SELECT count(*) FROM candidates) = 1
		UNION ALL
		SELECT * FROM tops WHERE (SELECT count(*) FROM candidates) <> 1 AND (SELECT count(*) FROM tops) = 1
	) AS w
	WHERE EXISTS (SELECT FROM tree t WHERE t.parent_id = w.unit_id)
), shown AS MATERIALIZED (
	SELECT t.unit_id, t.unit, t.name, w.unit AS whole, false AS is_whole
	FROM tree t LEFT JOIN whole w ON true
	WHERE CASE (SELECT count(*) FROM candidates)
			WHEN 0 THEN CASE WHEN w.unit_id IS NULL THEN t.unit_id IN (SELECT unit_id FROM tops) ELSE t.parent_id = w.unit_id END
			WHEN 1 THEN CASE WHEN w.unit_id IS NULL THEN t.unit_id IN (SELECT unit_id FROM candidates) ELSE t.parent_id = w.unit_id END
			ELSE t.unit_id IN (SELECT unit_id FROM candidates) END
	UNION ALL SELECT unit_id, unit, name, NULL, true FROM whole
), below AS MATERIALIZED (
	SELECT t.unit_id, s.unit AS above FROM shown s JOIN tree t ON t.parent_id = s.unit_id WHERE NOT s.is_whole
),

-- ---- health ------------------------------------------------------------------------------------
health AS MATERIALIZED (
	SELECT h.*, s.is_whole, b.above
	FROM regtarget.region_health h LEFT JOIN shown s USING (unit_id) LEFT JOIN below b USING (unit_id)
	WHERE s.unit_id IS NOT NULL OR b.unit_id IS NOT NULL
), health_rows AS (
	SELECT is_whole IS NULL AS is_below, row_number() OVER (PARTITION BY is_whole IS NULL
			ORDER BY is_whole DESC NULLS LAST, above, health DESC NULLS LAST, unit_id) AS n,
		jsonb_build_object('u', unit, 'p', above, 'h', is_whole, 'c', jsonb_build_array(name, rank, health, change, coverage,
			visits_per_head, conversion_rate, output_per_head, attrition_rate, alert_level)) AS r
	FROM health
), health_columns AS (
	SELECT '[{"k": "name", "t": "text"}, {"k": "rank", "t": "count"}, {"k": "health", "t": "score"}, {"k": "change", "t": "points"},
		{"k": "coverage", "t": "percent"}, {"k": "visits_per_head", "t": "score"}, {"k": "conversion_rate", "t": "percent"},
		{"k": "output_per_head", "t": "round"}, {"k": "attrition_rate", "t": "percent"}, {"k": "alert_level", "t": "word"}]'::jsonb AS c
), trend AS MATERIALIZED (
	SELECT t.unit_id, t.unit, t.name, t.month, t.as_of, t.health, s.is_whole
	FROM regtarget.health_trend t JOIN shown s USING (unit_id), clock c
	WHERE t.as_of > (c.today - interval '1 year')::date
), trend_months AS (
	SELECT month, min(as_of) AS as_of FROM trend WHERE as_of >= (SELECT min(as_of) FROM trend WHERE health IS NOT NULL) GROUP BY month
), health_title AS (
	SELECT CASE WHEN count(health) = 0 THEN '["title_health_none"]' ELSE jsonb_build_array('title_health',
			count(*) FILTER (WHERE change > 0), count(*), (array_agg(name ORDER BY health, unit_id) FILTER (WHERE health IS NOT NULL))[1],
			round(min(health)::numeric, 1)) END AS t
	FROM health WHERE NOT is_whole
),

-- ---- targets ------------------------------------------------------------------------------------
period AS MATERIALIZED (
	-- Today's; else the newest that has begun; else the next.
	SELECT period, starts_on, ends_on, bool_or(status IN ('published', 'closed')) AS published
	FROM regtarget.plan_board, clock c WHERE mode = 'live'
	GROUP BY period, starts_on, ends_on, today
	ORDER BY bool_or(is_current) DESC, starts_on <= today DESC, abs(starts_on - today) LIMIT 1
), target AS MATERIALIZED (
	SELECT b.*, s.is_whole, CASE WHEN s.unit_id IS NULL THEN a.unit END AS above
	FROM period p JOIN regtarget.target_board b USING (period)
	LEFT JOIN shown s USING (unit_id) LEFT JOIN shown a ON a.unit = b.parent AND NOT a.is_whole
	WHERE s.unit_id IS NOT NULL OR a.unit_id IS NOT NULL
), target_rows AS (
	SELECT is_whole IS NULL AS is_below, row_number() OVER (PARTITION BY is_whole IS NULL
			ORDER BY is_whole DESC NULLS LAST, above, amount DESC, unit_id) AS n,
		jsonb_build_object('u', unit, 'p', above, 'h', is_whole, 'c', jsonb_build_array(name, trim_scale(amount), trim_scale(actual), attainment, pace,
			round(forecast, scale(trim_scale(step))), trim_scale(baseline), trim_scale(room_down), trim_scale(room_up), alert_level)) AS r
	FROM target
), target_columns AS (
	SELECT '[{"k": "name", "t": "text"}, {"k": "amount", "t": "amount"}, {"k": "actual", "t": "amount"}, {"k": "attainment", "t": "percent"},
		{"k": "pace", "t": "percent"}, {"k": "forecast", "t": "amount"}, {"k": "baseline", "t": "amount"}, {"k": "room_down", "t": "amount"},
		{"k": "room_up", "t": "amount"}, {"k": "alert_level", "t": "word"}]'::jsonb AS c
), target_title AS (
	SELECT CASE WHEN count(*) = 0 THEN '["title_targets_none"]'
			WHEN count(pace) = 0 THEN jsonb_build_array('title_targets_new', count(*))
			ELSE jsonb_build_array('title_targets', count(*) FILTER (WHERE pace < 1), count(*),
				(array_agg(name ORDER BY pace, unit_id) FILTER (WHERE pace IS NOT NULL))[1], round(100 * min(pace)::numeric, 1)) END AS t
	FROM target WHERE NOT is_whole
), month_rows AS (
	SELECT NOT (s.is_whole OR w.unit_id IS NULL) AS is_below, row_number() OVER (PARTITION BY NOT (s.is_whole OR w.unit_id IS NULL)
			ORDER BY s.is_whole DESC, m.unit_id, m.starts_on) AS n,
		jsonb_build_object('u', m.unit, 'p', CASE WHEN NOT s.is_whole THEN m.unit END, 'h', s.is_whole,
			'c', jsonb_build_array(m.name, m.month, trim_scale(m.amount), trim_scale(m.actual), m.pace)) AS r
	FROM period p JOIN regtarget.month_board m USING (period) JOIN shown s USING (unit_id) LEFT JOIN whole w ON true
), month_columns AS (
	SELECT '[{"k": "name", "t": "text"}, {"k": "month", "t": "text"}, {"k": "amount", "t": "amount"}, {"k": "actual", "t": "amount"},
		{"k": "pace", "t": "percent"}]'::jsonb AS c
),

-- ---- what waits, credit ---------------------------------------------------------------------------
request_rows AS (
	SELECT row_number() OVER (ORDER BY overdue DESC, days_waiting DESC, adjustment_id) AS n,
		jsonb_build_object('u', unit, 'c', jsonb_build_array(name, change, trim_scale(amount_before), trim_scale(amount_after), status,
			coalesce(waiting_for, ''), days_waiting, to_char(requested_at, 'YYYY-MM-DD'), requested_by, overdue, reason)) AS r
	FROM regtarget.adjustment_queue
), filing_rows AS (
	SELECT row_number() OVER (ORDER BY days_waiting DESC, filing_id) AS n, jsonb_build_object('u', unit, 'c', jsonb_build_array(name,
			trim_scale(difference), trim_scale(amount_after), to_char(filed_at, 'YYYY-MM-DD'), days_waiting, reason)) AS r
	FROM regtarget.filing_queue
), request_title AS (
	SELECT CASE WHEN count(*) = 0 THEN '["title_requests_none"]'
			ELSE jsonb_build_array('title_requests', count(*), count(*) FILTER (WHERE overdue), max(days_waiting)) END AS t
	FROM regtarget.adjustment_queue
), credit AS MATERIALIZED (
	SELECT c.*, s.is_whole
	FROM period p JOIN regtarget.credit_board c USING (period) LEFT JOIN shown s USING (unit_id)
	WHERE s.unit_id IS NOT NULL OR c.denied_quarters > 0 OR c.counts OR c.penalty_rate > 0
), credit_rows AS (
	SELECT row_number() OVER (ORDER BY penalty_at_risk DESC, denied_now DESC, is_whole DESC NULLS LAST, unit_id) AS n,
		jsonb_build_object('u', unit, 'h', is_whole, 'c', jsonb_build_array(name, denied_quarters, penalty_rate, counts, denied_now, rate_now,
			denied_if_refused, rate_if_refused, trim_scale(penalty_at_risk))) AS r
	FROM credit
), credit_title AS (
	SELECT CASE WHEN count(*) = 0 THEN '["title_credit_none"]'
			WHEN coalesce(max(penalty_at_risk), 0) = 0 THEN jsonb_build_array('title_credit_clear', count(*) FILTER (WHERE counts))
			ELSE jsonb_build_array('title_credit', count(*) FILTER (WHERE penalty_at_risk > 0), count(*) FILTER (WHERE counts)) END AS t
	FROM credit
),

-- ---- alerts and reviews ----------------------------------------------------------------------------
alert AS MATERIALIZED (
	SELECT a.*, array_position('{red,yellow,blue}', level) AS place FROM regtarget.alert_board a
), alert_rows AS (
	SELECT row_number() OVER (ORDER BY place, certainty DESC NULLS LAST, alert_id) AS n,
		jsonb_build_object('u', unit, 'c', jsonb_build_array(level, name, rule, to_char(on_day, 'YYYY-MM-DD'), certainty,
			value_before, value_after, subject, status, review_status)) AS r
	FROM alert WHERE covered_by IS NULL
), review AS MATERIALIZED (
	SELECT * FROM regtarget.review_queue
), review_rows AS (
	SELECT row_number() OVER (ORDER BY due_on, review_id) AS n, jsonb_build_object('u', unit, 'c', jsonb_build_array(level, name, rule,
			to_char(due_on, 'YYYY-MM-DD'), waits_on, days_waiting, overdue, certainty)) AS r
	FROM review
), alert_title AS (
	SELECT CASE WHEN a.n + r.n = 0 THEN '["title_alerts_none"]'
			ELSE jsonb_build_array('title_alerts', a.n, a.red, r.n, coalesce(to_char(r.due, 'YYYY-MM-DD'), '-')) END AS t
	FROM (SELECT count(*), count(*) FILTER (WHERE level = 'red') FROM alert WHERE covered_by IS NULL) AS a (n, red),
		(SELECT count(*), min(due_on) FROM review) AS r (n, due)
),

-- ---- past periods -----------------------------------------------------------------------------------
-- The engine, the period before and management, each on the actual total of what is below the whole: the last eight periods that are
-- over, for planners; for others what shadow plans were revealed.
ended AS MATERIALIZED (
	SELECT c.period, max(c.ends_on) AS ends_on, w.unit
	FROM regtarget.calendar c JOIN whole w ON regtarget.plans_unit(w.unit_id)
	GROUP BY c.period, w.unit
	HAVING max(c.ends_on) < (SELECT today FROM clock) AND EXISTS (SELECT FROM regtarget.policies p WHERE p.effective_from <= min(c.starts_on))
	ORDER BY ends_on DESC LIMIT 8
), replayed AS MATERIALIZED (
	SELECT e.period, e.ends_on, max(s.error) FILTER (WHERE s.method = 'suggested') AS error_engine,
		max(s.error) FILTER (WHERE s.method = 'previous') AS error_previous, max(s.error) FILTER (WHERE s.method = 'official') AS error_official
	FROM ended e, LATERAL :backtest AS s WHERE s.depth = 1 GROUP BY e.period, e.ends_on
), shadow AS MATERIALIZED (
	SELECT m.*, s.is_whole FROM :shadow AS m JOIN shown s USING (unit_id) WHERE m.month IS NULL
), shadow_rows AS (
	SELECT row_number() OVER (ORDER BY starts_on DESC, is_whole DESC, management DESC, unit_id) AS n, jsonb_build_object('u', unit, 'h', is_whole,
			'c', jsonb_build_array(name, period, trim_scale(management), trim_scale(engine), trim_scale(actual), closer)) AS r
	FROM shadow
), past AS MATERIALIZED (
	SELECT * FROM replayed WHERE coalesce(error_engine, error_previous, error_official) IS NOT NULL
	UNION ALL
	SELECT period, ends_on, (sum(abs(engine - actual)) / nullif(sum(actual), 0))::float8, NULL, (sum(abs(management - actual)) / nullif(sum(actual), 0))::float8
	FROM shadow WHERE is_over AND NOT is_whole AND NOT EXISTS (SELECT FROM replayed) GROUP BY period, ends_on
), past_rows AS (
	SELECT row_number() OVER (ORDER BY ends_on) AS n,
		jsonb_build_object('c', jsonb_build_array(period, error_engine, error_previous, error_official)) AS r
	FROM past
), past_title AS (
	SELECT CASE WHEN count(*) = 0 THEN '["title_past_none"]' ELSE jsonb_build_array('title_past',
			count(*) FILTER (WHERE error_engine < error_official), count(error_official),
			count(*) FILTER (WHERE error_engine < error_previous), count(error_previous)) END AS t
	FROM past WHERE error_engine IS NOT NULL
),

-- ---- all of it ---------------------------------------------------------------------------------------
tables AS (
	SELECT panel, key, place, columns, r, n, most
	FROM (
		SELECT 'health', 'health', 1, c.c, r.r, r.n, 60 FROM health_columns c LEFT JOIN health_rows r ON NOT r.is_below
		UNION ALL SELECT 'health', 'trend', 2,
			'[{"k": "name", "t": "text"}]'::jsonb || coalesce((SELECT jsonb_agg(jsonb_build_object('k', month, 't', 'score') ORDER BY as_of) FROM trend_months), '[]'),
			t.r, t.n, 60
			FROM (SELECT 1) AS one LEFT JOIN (
				SELECT jsonb_build_object('u', t.unit, 'h', t.is_whole, 'c', jsonb_build_array(t.name) || jsonb_agg(t.health ORDER BY t.as_of)) AS r,
					row_number() OVER (ORDER BY t.is_whole DESC, (array_agg(t.health ORDER BY t.as_of DESC))[1] DESC NULLS LAST, t.unit_id) AS n
				FROM trend t JOIN trend_months USING (month) GROUP BY t.unit_id, t.unit, t.name, t.is_whole) AS t ON true
		UNION ALL SELECT 'health', 'health_below', 3, c.c, r.r, r.n, 2000 FROM health_columns c LEFT JOIN health_rows r ON r.is_below
		UNION ALL SELECT 'targets', 'targets', 1, c.c, r.r, r.n, 60 FROM target_columns c LEFT JOIN target_rows r ON NOT r.is_below
		UNION ALL SELECT 'targets', 'months', 2, c.c, r.r, r.n, 60 FROM month_columns c LEFT JOIN month_rows r ON NOT r.is_below
		UNION ALL SELECT 'targets', 'targets_below', 3, c.c, r.r, r.n, 2000 FROM target_columns c LEFT JOIN target_rows r ON r.is_below
		UNION ALL SELECT 'targets', 'months_below', 4, c.c, r.r, r.n, 2000 FROM month_columns c LEFT JOIN month_rows r ON r.is_below
		UNION ALL SELECT 'requests', 'requests', 1, '[{"k": "name", "t": "text"}, {"k": "change_asked", "t": "signed"},
			{"k": "amount_before", "t": "amount"}, {"k": "amount_after", "t": "amount"}, {"k": "status", "t": "word"}, {"k": "waiting_for", "t": "text"},
			{"k": "days_waiting", "t": "count"}, {"k": "requested_at", "t": "text"}, {"k": "requested_by", "t": "text"}, {"k": "overdue", "t": "flag"},
			{"k": "reason", "t": "text"}]', r.r, r.n, 10 FROM (SELECT 1) AS one LEFT JOIN request_rows r ON true
		UNION ALL SELECT 'requests', 'filings', 2, '[{"k": "name", "t": "text"}, {"k": "difference", "t": "amount"}, {"k": "amount_after", "t": "amount"},
			{"k": "filed_at", "t": "text"}, {"k": "days_waiting", "t": "count"}, {"k": "reason", "t": "text"}]',
			r.r, r.n, 5 FROM (SELECT 1) AS one LEFT JOIN filing_rows r ON true
		UNION ALL SELECT 'credit', 'credit', 1, '[{"k": "name", "t": "text"}, {"k": "denied_quarters", "t": "count"}, {"k": "penalty_rate", "t": "percent"},
			{"k": "counts", "t": "flag"}, {"k": "denied_now", "t": "count"}, {"k": "rate_now", "t": "percent"}, {"k": "denied_if_refused", "t": "count"},
			{"k": "rate_if_refused", "t": "percent"}, {"k": "penalty_at_risk", "t": "amount"}]',
			r.r, r.n, 12 FROM (SELECT 1) AS one LEFT JOIN credit_rows r ON true
		UNION ALL SELECT 'alerts', 'alerts', 1, '[{"k": "level", "t": "word"}, {"k": "name", "t": "text"}, {"k": "rule", "t": "word"}, {"k": "on_day", "t": "text"},
			{"k": "certainty", "t": "score"}, {"k": "value_before", "t": "number"}, {"k": "value_after", "t": "number"}, {"k": "subject", "t": "text"},
			{"k": "status", "t": "word"}, {"k": "review_status", "t": "word"}]', r.r, r.n, 10 FROM (SELECT 1) AS one LEFT JOIN alert_rows r ON true
		UNION ALL SELECT 'alerts', 'reviews', 2, '[{"k": "level", "t": "word"}, {"k": "name", "t": "text"}, {"k": "rule", "t": "word"}, {"k": "due_on", "t": "text"},
			{"k": "waits_on", "t": "text"}, {"k": "days_waiting", "t": "count"}, {"k": "overdue", "t": "flag"}, {"k": "certainty", "t": "score"}]',
			r.r, r.n, 6 FROM (SELECT 1) AS one LEFT JOIN review_rows r ON true
		UNION ALL SELECT 'past', 'past', 1, '[{"k": "period_column", "t": "text"}, {"k": "error_engine", "t": "percent"}, {"k": "error_previous", "t": "percent"},
			{"k": "error_official", "t": "percent"}]', r.r, r.n, 8 FROM (SELECT 1) AS one LEFT JOIN past_rows r ON true
		UNION ALL SELECT 'past', 'shadow', 2, '[{"k": "name", "t": "text"}, {"k": "period_column", "t": "text"}, {"k": "management", "t": "amount"},
			{"k": "engine", "t": "round"}, {"k": "actual", "t": "amount"}, {"k": "closer", "t": "word"}]', r.r, r.n, 10
			FROM (SELECT 1) AS one LEFT JOIN shadow_rows r ON true
	) AS t (panel, key, place, columns, r, n, most)
), made_tables AS (
	SELECT panel, place, jsonb_build_object('key', key, 'columns', columns,
			'rows', coalesce(jsonb_agg(r ORDER BY n) FILTER (WHERE r IS NOT NULL AND n <= most), '[]'),
			'more', count(*) FILTER (WHERE n > most)) AS t
	FROM tables GROUP BY panel, key, place, columns
)
SELECT jsonb_build_object(
	'made', jsonb_build_object('role', current_user, 'login', session_user, 'database', current_database(),
		'at', to_char(regtarget.local_time(statement_timestamp()), 'YYYY-MM-DD HH24:MI'), 'today', to_char(c.today, 'YYYY-MM-DD'),
		'version', (SELECT extversion FROM pg_extension WHERE extname = 'regtarget'),
		'company', (SELECT coalesce(name, unit) FROM whole), 'units', (SELECT count(*) FROM tree),
		'currency', (SELECT currency FROM regtarget.policies WHERE effective_from <= c.today ORDER BY effective_from DESC LIMIT 1),
		'cap', coalesce((SELECT max(cap) FROM regtarget.plan_board b JOIN period USING (period) WHERE b.mode = 'live'),
			(SELECT cap FROM regtarget.policies WHERE effective_from <= c.today ORDER BY effective_from DESC LIMIT 1)),
		'period', p.period, 'starts_on', to_char(p.starts_on, 'YYYY-MM-DD'), 'ends_on', to_char(p.ends_on, 'YYYY-MM-DD'), 'published', p.published,
		'day', least(greatest(c.today - p.starts_on + 1, 0), p.ends_on - p.starts_on + 1), 'days', p.ends_on - p.starts_on + 1),
	'panels', (
		SELECT jsonb_agg(jsonb_build_object('key', t.key, 'title', t.title,
			'tables', (SELECT jsonb_agg(m.t ORDER BY m.place) FROM made_tables m WHERE m.panel = t.key)) ORDER BY t.place)
		FROM (
			SELECT 1, 'health', t FROM health_title
			UNION ALL SELECT 2, 'targets', t FROM target_title
			UNION ALL SELECT 3, 'requests', t FROM request_title
			UNION ALL SELECT 4, 'credit', t FROM credit_title
			UNION ALL SELECT 5, 'alerts', t FROM alert_title
			UNION ALL SELECT 6, 'past', t FROM past_title
		) AS t (place, key, title))) AS page
FROM clock c LEFT JOIN period p ON true;
