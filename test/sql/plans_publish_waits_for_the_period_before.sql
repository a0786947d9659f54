-- T4: a plan is not published while the period before it has a published plan, is not closed, and has
-- requests of any status.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set company :srcdir '/sql/valve.psql'
\set ECHO none
\i :prelude
\i :company
\set ECHO all

CREATE FUNCTION public.try(period text) RETURNS text LANGUAGE plpgsql
AS $$
BEGIN
	RETURN public.plan(period);
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ': ' || SQLERRM;
END
$$;
-- Without any request it is; then the earlier one takes no more requests.
SAVEPOINT s;
SELECT public.try('2025Q4'), public.asks('a1', 'A1', '0.1');
ROLLBACK TO s;
-- Requests of every status.
SELECT public.asks('a1', 'A1', '0.1') AS requested;
SELECT public.try('2025Q4');
DELETE FROM factors;
INSERT INTO factors (signal) VALUES ('market');
INSERT INTO signals (unit_id, signal, as_of, value) SELECT u, 'market', '2025-01-01', 1 FROM generate_series(2, 5) u;
SELECT plan_id AS draft FROM allocate_targets('2025Q4', 1000) LIMIT 1 \gset
SELECT error_of(format('SELECT publish_plan(%s)', :draft));
-- A draft is proposed all the same.
SELECT propose_plan(:draft);
SELECT refusal(format('SELECT publish_plan(%s)', :draft));
SAVEPOINT s;
SELECT public.withdraws('a1', 1), refusal(format('SELECT publish_plan(%s)', :draft)) AS withdrawn;
ROLLBACK TO s;
SELECT public.refuses('a', 1), refusal(format('SELECT publish_plan(%s)', :draft)) AS rejected;
ROLLBACK TO s;
SELECT public.signs('a', 1), public.signs('cn', 1), refusal(format('SELECT publish_plan(%s)', :draft)) AS approved,
	public.applies('cn', 1), refusal(format('SELECT publish_plan(%s)', :draft)) AS applied;
ROLLBACK TO s;
-- Closed: it is.
SELECT close_period('2025Q3'), publish_plan(:draft);
-- Only the period right before counts: 2026Q2 is published past 2026Q1, which has none, while 2025Q4 is open
-- and has requests; but then that takes no more.
SELECT public.asks('a1', 'A1', '0.1', '2025-10-01'), public.try('2026Q1'), public.try('2026Q2');
SELECT public.asks('a1', 'A1', '0.1', '2025-11-01'), public.asks('a1', 'A1', '0.1', '2026-04-01');
-- The one in between waits for its own, and not for what comes after it.
SELECT public.try('2026Q1'), close_period('2025Q4'), public.try('2026Q1');
SELECT public.asks('a1', 'A1', '0.1', '2026-01-01');
-- Another root in the same period waits as well; the first period of all has nobody before it.
INSERT INTO units (unit_id, code) VALUES (50, 'HK');
INSERT INTO plans (plan_id, period, root_unit_id, total) VALUES (60, '2026Q3', 50, 1), (61, '2025Q1', 50, 1);
INSERT INTO targets (plan_id, unit_id, suggested) VALUES (60, 50, 1), (61, 50, 1);
SELECT refusal('SELECT publish_plan(60)'), refusal('SELECT publish_plan(61)');
SELECT period, root_unit_id, status FROM plans ORDER BY 1, 2;
SELECT public.broken();

ROLLBACK;
