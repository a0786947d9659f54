-- Reading health, signals and actuals never touches the tables of facts, and follows what changes.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set fill :srcdir '/tap/fill.sql'
\o /dev/null
\i :fill
-- Churn by silence is told from each customer's purchases, which activity does not have.
UPDATE policies SET churn_days = NULL;
\o
\set ECHO all

CREATE VIEW public.touched AS
SELECT relname, seq_scan + coalesce(idx_scan, 0) AS scans, seq_tup_read + coalesce(idx_tup_fetch, 0) AS rows
FROM pg_stat_xact_user_tables WHERE schemaname = 'regtarget' AND relname IN ('visits', 'deals', 'revenues');
CREATE TABLE public.before AS TABLE public.touched;

-- Half full windows, whole ones, before everything, after it; units of all kinds.
SELECT count(*) > 0 AS read FROM generate_series(date '2024-12-01', '2026-12-01', '73 days') d, unit_signals(d::date);
SELECT count(*) > 0 AS read FROM unit_health('2025-07-01');
SELECT count(*) > 0 AS read FROM health_ranking('2025-07-01');
SELECT count(*) > 0 AS read FROM calibrate_metrics('2025-07-01');
SELECT count(*) > 0 AS read FROM periods p, period_actuals(p.period);
SELECT count(*) > 0 AS read FROM periods p, period_actuals(p.period, lower(during) + 40);
SELECT count(*) > 0 AS read FROM target_board;
SELECT count(*) > 0 AS read FROM preview_targets('2025Q3', 120000000, root => 'CN');
SELECT * FROM public.touched EXCEPT TABLE public.before;

-- A period's actual adds up, whole months and the days around them, folded or not.
CREATE TABLE public.below AS SELECT unit_id, ancestor_id FROM unit_ancestors;
CREATE FUNCTION public.compared() RETURNS bigint LANGUAGE sql
RETURN (SELECT count(*) FROM periods p
	CROSS JOIN LATERAL (VALUES (upper(p.during) - 1), (lower(p.during) + 40), (lower(p.during) - 1)) AS d (up_to)
	CROSS JOIN LATERAL period_actuals(p.period, d.up_to) t
	WHERE (t.actual, t.so_far) IS DISTINCT FROM (
		SELECT (coalesce(sum(f.amount), 0), coalesce(sum(f.amount) FILTER (WHERE f.day <= d.up_to), 0)) FROM (
			SELECT unit_id, closed_on, amount, 'deals' FROM deals WHERE won
			UNION ALL SELECT unit_id, booked_on, amount, 'revenues' FROM revenues) AS f (unit_id, day, amount, kind)
		JOIN public.below b ON b.unit_id = f.unit_id AND b.ancestor_id = t.unit_id
		WHERE f.day <@ p.during AND f.kind = (SELECT y.actuals FROM policies y
			WHERE y.effective_from <= lower(p.during) ORDER BY y.effective_from DESC LIMIT 1)));
SELECT public.compared() AS unlike;
INSERT INTO periods VALUES ('mid', '[2027-01-12,2027-01-20)'), ('two', '[2027-02-10,2027-04-20)');
INSERT INTO revenues (unit_id, booked_on, amount)
SELECT 3, date '2027-01-01' + g, g FROM generate_series(1, 120) g;
SELECT public.compared() AS unlike;
SELECT fold_activity() > 0 AS folded;
SELECT public.compared() AS unlike;

ROLLBACK;
