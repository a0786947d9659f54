-- V1: requests that are none. Where several reasons apply: unknown object, duty, argument, state, cap.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set company :srcdir '/sql/valve.psql'
\set ECHO none
\i :prelude
\i :company
\set ECHO all

-- Arguments: null, 0, NaN, infinities, what rounds to nothing, what no plan could hold.
SELECT c AS change, public.asks('a1', 'A1', c)
FROM unnest('{NULL,0,-0.000,NaN,Infinity,-Infinity,0.00001,-0.00001,1e30,-1e30}'::text[]) AS c;
SELECT public.error_for('a1', $$SELECT request_adjustment('A1', 'NaN', 'r', '2025-07-01')$$);
SELECT public.error_for('a1', $$SELECT request_adjustment('A1', NULL, 'r', '2025-07-01')$$);
SELECT public.as_role('a1', $$SELECT request_adjustment(NULL, 0.1, 'r', '2025-07-01')$$) AS unit,
	public.as_role('a1', $$SELECT request_adjustment('A1', 0.1, NULL, '2025-07-01')$$) AS reason,
	public.as_role('a1', $$SELECT request_adjustment('A1', 0.1, 'r', NULL)$$) AS on_date;
SELECT d AS on_date, public.asks('a1', 'A1', '0.1', d) FROM unnest('{infinity,-infinity,0001-01-01}'::text[]) AS d;
-- The cap, by one step up and down: 15 % of 360 are 54.
SELECT c AS change, public.asks('a1', 'A1', c) FROM unnest('{0.1500278,-0.1500278,1,-1,-1.1}'::text[]) AS c;
SELECT public.error_for('a1', $$SELECT request_adjustment('A1', 0.1500278, 'r', '2025-07-01')$$);

-- Unknown things, known ones without a target.
SELECT public.error_for('a1', $$SELECT request_adjustment('A9', 0.1, 'r', '2025-07-01')$$);
INSERT INTO units (unit_id, code, parent_id) VALUES (6, 'A3', 2);
SELECT grant_duty('regress_a1', 'A3', 'manager');
SELECT public.error_for('a1', $$SELECT request_adjustment('A3', 0.1, 'r', '2025-07-01')$$);

-- Plans that are no published live one: a draft, a proposed one, a shadow plan, a sandbox.
DELETE FROM factors;
INSERT INTO factors (signal) VALUES ('market');
INSERT INTO signals (unit_id, signal, as_of, value)
SELECT u, 'market', '2025-01-01', 1 FROM generate_series(2, 6) u;
SELECT plan_id AS draft FROM allocate_targets('2025Q4', 1000) LIMIT 1 \gset
SELECT public.asks('a1', 'A1', '0.1', '2025-10-01') AS draft;
SELECT propose_plan(:draft);
SELECT public.asks('a1', 'A1', '0.1', '2025-10-01') AS proposed;
SELECT count(*) FROM allocate_targets('2026Q1', 1000, 'shadow');
SELECT count(*) FROM allocate_targets('2026Q1', 1000, 'sandbox');
SELECT public.asks('a1', 'A1', '0.1', '2026-01-01') AS shadow_and_sandbox;

-- What comes first: object before duty, duty before argument, argument before state, state before
-- cap. (A2 is not a1's; 2025-10 has nothing published; -1 breaks every cap.)
SELECT public.as_role('a1', $$SELECT request_adjustment('A9', NULL, NULL, '2024-01-01')$$) AS unit,
	public.as_role('a1', $$SELECT request_adjustment('A9', NULL, NULL, NULL)$$) AS unit_null_day,
	public.as_role('a1', $$SELECT request_adjustment('A2', NULL, NULL, '2024-01-01')$$) AS month;
SELECT public.as_role('a1', $$SELECT request_adjustment('A2', NULL, NULL, '2025-10-01')$$) AS duty,
	public.as_role('a1', $$SELECT request_adjustment('A2', 'NaN', NULL, NULL)$$) AS duty_null_day;
SELECT public.as_role('a1', $$SELECT request_adjustment('A1', 0, 'r', '2025-10-01')$$) AS argument,
	public.as_role('a1', $$SELECT request_adjustment('A1', -1, 'r', '2025-10-01')$$) AS state;
SELECT public.asks('a1', 'A1', '0.1'), public.asks('a1', 'A1', '0.00001') AS argument_before_second,
	public.asks('a1', 'A1', '-1') AS second_before_cap;
-- Nobody to sign is a state, too.
SELECT revoke_duty('regress_cn', 'CN', 'planner');
SELECT public.asks('a', 'A', '-1'), public.asks('a', 'A', '0.1');
SELECT public.error_for('a', $$SELECT request_adjustment('A', 0.1, 'r', '2025-07-01')$$);
SELECT grant_duty('regress_cn', 'CN', 'planner');

-- Once a later period's plan is published: no more, though one may still be decided.
SELECT close_period('2025Q3');
SELECT public.error_for('a1', $$SELECT request_adjustment('A1', 0.1, 'r', '2025-08-01')$$);
SELECT public.asks('a1', 'A1', '0', '2025-08-01') AS argument, public.asks('a1', 'A1', '-1', '2025-08-01') AS state;
SELECT count(*) FROM allocate_targets('2025Q4', 1000);
SELECT publish_plan(:draft);
SELECT plan_id AS next FROM allocate_targets('2026Q1', 1000) LIMIT 1 \gset
SELECT publish_plan(:next);
SELECT public.error_for('a1', $$SELECT request_adjustment('A1', 0.1, 'r', '2025-10-01')$$);
SELECT public.asks('a1', 'A1', '-1', '2025-10-01') AS state_before_cap;
SELECT public.asks('a1', 'A1', '0.1', '2026-01-01') AS in_the_last;

-- Nothing came of all that was refused.
SELECT public.request(adjustment_id), public.signatures(adjustment_id) FROM adjustments ORDER BY adjustment_id;
SELECT public.broken();

-- A reason of 1 MB, in any letters; an empty one; quotes and backslashes.
SELECT public.as_role('a2', format('SELECT request_adjustment(''A2'', 0.1, %L, ''2026-01-01'')',
	repeat(U&'\7533\8BF7\+01F600', 110000)));
SELECT length(reason), octet_length(reason) FROM adjustments WHERE unit_id = 5;
SELECT public.as_role('b', $$SELECT request_adjustment('B', 0.1, '', '2026-01-01')$$) <> '' AS empty,
	public.as_role('a', $$SELECT request_adjustment('A', 0.1, E'\\''"\t\n{}', '2026-01-01')$$) <> '' AS quotes;
SELECT reason FROM adjustments WHERE adjustment_id = public.last_of('A');
SELECT public.broken();

ROLLBACK;
