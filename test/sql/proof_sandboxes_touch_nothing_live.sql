-- Sandbox plans: any number, any weights, any total, on history or the future; they bear no penalty, touch nothing live, and
-- purge() removes them.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied;
SELECT add_year(2020), add_year(2021), add_year(2099);
INSERT INTO units (unit_id, code, parent_id) VALUES (1, 'HQ', NULL), (2, 'N', 1), (3, 'S', 1);
INSERT INTO signals (unit_id, signal, as_of, value) VALUES (2, 'tender_amount', '2019-01-01', 3), (3, 'tender_amount', '2019-01-01', 1);
INSERT INTO standings (unit_id, period, denied_quarters, penalty_rate) VALUES (2, '2021Q1', 2, 0.05);
INSERT INTO bounds (period, unit_id, at_least) VALUES ('2021Q1', 3, 40);
SELECT unit_id, suggested, penalty FROM allocate_targets('2021Q1', 100);
SELECT publish_plan(1);
CREATE TABLE public.live AS SELECT (SELECT jsonb_agg(t ORDER BY target_id) FROM targets t WHERE plan_id = 1) AS targets,
	(SELECT to_jsonb(p) FROM plans p WHERE plan_id = 1) AS plan, (SELECT jsonb_agg(l ORDER BY unit_id, entry) FROM ledger l) AS ledger,
	(SELECT jsonb_agg(s) FROM standings s) AS standings, (SELECT jsonb_agg(b ORDER BY b.target_id) FROM target_board b) AS board;

-- A call, a plan: of a past period, of the published one, of one far ahead; without bounds and penalties.
SELECT DISTINCT plan_id FROM allocate_targets('2021Q1', 100, 'sandbox') ORDER BY 1;
SELECT DISTINCT plan_id FROM allocate_targets('2021Q1', 100, 'sandbox') ORDER BY 1;
SELECT DISTINCT plan_id FROM allocate_targets('2020Q1', 7, 'sandbox', factors => '{"potential": 0.000001}', label => 'small') ORDER BY 1;
SELECT DISTINCT plan_id FROM allocate_targets('2099Q4', 99999999999, 'sandbox', step => 3, factors => '{"potential": 12}') ORDER BY 1;
SELECT count(*) FROM generate_series(1, 20) i, LATERAL allocate_targets('2021Q1', i, 'sandbox', factors => '{"potential": 1}') t;
SELECT plan_id, unit_id, suggested, penalty, baseline FROM targets WHERE plan_id BETWEEN 2 AND 5 ORDER BY 1, 2;
SELECT public.error_of('SELECT publish_plan(2)');

-- Nothing live has changed: targets, plan, ledger, standings, board.
SELECT live IS NOT DISTINCT FROM (SELECT jsonb_agg(t ORDER BY target_id) FROM targets t WHERE plan_id = 1) AS targets FROM (SELECT targets AS live FROM public.live) l;
SELECT l.plan = (SELECT to_jsonb(p) FROM plans p WHERE plan_id = 1) AS plan,
	l.ledger = (SELECT jsonb_agg(x ORDER BY unit_id, entry) FROM ledger x) AS ledger, l.standings = (SELECT jsonb_agg(s) FROM standings s) AS standings,
	l.board = (SELECT jsonb_agg(b ORDER BY b.target_id) FROM target_board b) AS board
FROM public.live l;
SELECT count(*) FROM verify() WHERE NOT ok;

-- Purged by age, and nothing else goes.
SELECT purge('1 day');
ALTER TABLE plans DISABLE TRIGGER plans_guard;
UPDATE plans SET created_at = created_at - interval '10 days';
ALTER TABLE plans ENABLE TRIGGER plans_guard;
SELECT purge('1 day');
SELECT p.plan_id, mode, status, count(t.target_id) AS targets, (SELECT count(*) FROM targets) AS in_all, (SELECT count(DISTINCT plan_id) FROM plan_basis) AS bases
FROM plans p LEFT JOIN targets t USING (plan_id) GROUP BY p.plan_id;
ROLLBACK;
