-- What one user does reads as many rows in a large company as in a small one.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

-- Autovacuum stays away, or it would wait for what we analyze while we wait for it.
LOCK TABLE units, targets, plans, plan_basis, standings, adjustments, signals, customers, employees, assignments
IN SHARE UPDATE EXCLUSIVE MODE;

-- CN above A and B, A above A1 and A2, A1 above A11, B above as many groups as are asked for; everywhere people, customers and
-- facts of five months; the plan of 2025Q3 is published.
CREATE FUNCTION public.found(groups int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM apply_profile(), add_year(2025);
	INSERT INTO units (unit_id, code, parent_id) VALUES (1, 'CN', NULL), (2, 'A', 1), (3, 'B', 1), (4, 'A1', 2), (5, 'A2', 2), (6, 'A11', 4);
	INSERT INTO units (unit_id, code, parent_id) SELECT 10 + g, 'B' || g, 3 FROM generate_series(1, groups) g;
	INSERT INTO employees (employee_id, hired_on, left_on)
	SELECT unit_id, '2024-01-01', CASE WHEN unit_id % 10 = 0 THEN date '2025-06-01' END FROM units;
	INSERT INTO assignments (employee_id, unit_id, during) SELECT unit_id, unit_id, '[2024-01-01,)' FROM units;
	INSERT INTO customers (unit_id, acquired_on) SELECT unit_id, '2024-01-01' FROM units;
	INSERT INTO visits (unit_id, visited_on) SELECT unit_id, '2025-03-05'::date + 30 * m FROM units, generate_series(0, 4) m;
	INSERT INTO deals (unit_id, closed_on, won, amount)
	SELECT unit_id, '2025-03-06'::date + 30 * m, m % 2 = 0, 1000 FROM units, generate_series(0, 4) m;
	PERFORM fold_activity();
	-- Not folded yet, and elsewhere: as many in either company.
	INSERT INTO visits (unit_id, visited_on) SELECT 3, '2025-07-05'::date + d FROM generate_series(1, 5) d;
	INSERT INTO signals (unit_id, signal, as_of, value)
	SELECT unit_id, s, '2025-05-01', unit_id FROM units, unnest(ARRAY['tender_amount', 'report_estimate', 'strategic_tilt']) s;
	PERFORM FROM allocate_targets('2025Q3', 1000000);
	PERFORM publish_plan(plan_id) FROM plans;
	-- Since then some have moved, one from A1 and one from B, and one will.
	PERFORM move_unit('A11', 'B', '2025-08-20'), move_unit('B1', 'A2', '2025-08-20'), move_unit('B2', 'A', '2100-01-01');
	PERFORM grant_duty(('regress_' || lower(code))::name, code, CASE code WHEN 'CN' THEN 'planner' ELSE 'manager' END)
	FROM units WHERE code IN ('CN', 'A', 'A1', 'A2');
	PERFORM grant_duty('regress_money', 'CN', 'finance');
	INSERT INTO shared_logins (login) VALUES (session_user);
	ANALYZE units, targets, plans, plan_basis, standings, adjustments, signals, customers, employees, assignments;
END
$$;

CREATE TABLE public.steps (step int GENERATED ALWAYS AS IDENTITY, role text, what text);
INSERT INTO public.steps (role, what) VALUES
	('%1$s', 'request_adjustment(''%1$s'', -0.05, ''because'', ''2025-07-15'')'),
	('a', 'countersign(%2$s, true)'), ('cn', 'countersign(%2$s, true)'), ('cn', 'apply_adjustment(%2$s)'),
	('money', 'acknowledge_filing((SELECT max(filing_id) FROM filings), ''receipt'')'),
	('%1$s', 'request_adjustment(''%1$s'', 0.05, ''because'', ''2025-08-15'')'), ('%1$s', 'withdraw_adjustment(%2$s)'),
	('%1$s', 'answer_target((SELECT t.target_id FROM plans p JOIN targets t ON t.plan_id = p.plan_id
		AND t.unit_id = (SELECT unit_id FROM units WHERE code = ''%1$s'')), true)'),
	('cn', 'respread((SELECT plan_id FROM plans), ''A'')'), ('%1$s', 'explain_target(''%1$s'', ''2025Q3'')');
INSERT INTO public.steps (role, what)
SELECT '%1$s', format('(SELECT count(v) FROM %s v WHERE unit = ''%%1$s'')', view)
FROM unnest(ARRAY['unit_tree', 'unit_ancestors', 'target_board', 'target_months', 'target_breakdown', 'target_history',
	'credit_board', 'valve_advice', 'adjustment_log', 'adjustment_queue', 'filing_queue']) AS view;

CREATE FUNCTION public.rows_read() RETURNS bigint LANGUAGE sql VOLATILE AS
'SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint FROM pg_stat_xact_all_tables WHERE schemaname = ''regtarget''';

-- One after the other, by the unit's people; how many rows each has read.
CREATE FUNCTION public.take_steps(unit text) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
	step public.steps;
	request bigint;
	before bigint;
	reads bigint[];
BEGIN
	FOR step IN SELECT * FROM public.steps s ORDER BY s.step LOOP
		before := public.rows_read();
		SELECT max(adjustment_id) INTO request FROM adjustments;
		PERFORM set_config('role', format('regress_' || step.role, lower(unit)), true);
		EXECUTE 'SELECT ' || format(step.what, unit, request);
		PERFORM set_config('role', 'none', true);
		reads := reads || public.rows_read() - before;
	END LOOP;
	RETURN reads;
END
$$;

-- A2's steps come first: what a session reads once, such as its visibility, is not a matter of steps.
CREATE FUNCTION public.reads_in_company_of(groups int) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
	reads bigint[];
BEGIN
	BEGIN
		PERFORM public.found(groups);
		PERFORM public.take_steps('A2');
		reads := public.take_steps('A1');
		RAISE SQLSTATE 'UNDO0';
	EXCEPTION WHEN SQLSTATE 'UNDO0' THEN
	END;
	RETURN reads;
END
$$;

CREATE ROLE regress_cn;
CREATE ROLE regress_a;
CREATE ROLE regress_a1;
CREATE ROLE regress_a2;
CREATE ROLE regress_money;
GRANT SELECT ON public.steps TO PUBLIC;
CREATE TABLE public.read AS
SELECT s.step, s.what, r.small, r.large
FROM unnest(public.reads_in_company_of(10), public.reads_in_company_of(3000)) WITH ORDINALITY AS r (small, large, step)
JOIN public.steps s USING (step);
SELECT count(*) AS steps, min(small) > 0 AS all_read, max(large) < 1000 AS none_reads_much FROM public.read;
SELECT what, small, large FROM public.read WHERE large > small + 20 ORDER BY step;

ROLLBACK;
