-- X3: what is hidden from a role does not exist for it. Every public function that takes an id, every plain
-- statement that a duty may try, by every kind of role, each with every id that is hidden from it:
-- SQLSTATE, message, detail, hint and rows are those of an id that was never there. (Views: pgTAP access_matrix.)
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

-- ---- a company with something of every kind --------------------------------------------------------------

SELECT apply_profile() <> '' AS applied, add_year(2025), add_year(2026);
INSERT INTO units (unit_id, code, parent_id) VALUES (501, 'CN', NULL), (502, 'EAST', 501), (503, 'WEST', 501), (504, 'SH', 502),
	(505, 'HZ', 502), (506, 'CD', 503), (507, 'HK', NULL), (508, 'HK1', 507), (509, 'SH1', 504);
ALTER SEQUENCE plans_plan_id_seq RESTART 7001;
ALTER SEQUENCE targets_target_id_seq RESTART 80001;
ALTER SEQUENCE adjustments_adjustment_id_seq RESTART 4001;
ALTER SEQUENCE filings_filing_id_seq RESTART 6001;
DELETE FROM factors;
INSERT INTO factors (signal) VALUES ('market');
INSERT INTO signals (unit_id, signal, as_of, value) SELECT unit_id, 'market', '2024-01-01', unit_id - 500 FROM units;
INSERT INTO bounds SELECT p, unit_id, unit_id, 1e9 FROM units, unnest('{2025Q3,2025Q4}'::text[]) p WHERE unit_id <> 507;
INSERT INTO shared_logins VALUES (session_user);
CREATE TABLE public.roles AS
SELECT duty || '_' || code AS role, duty, code FROM (VALUES ('planner', 'CN'), ('manager', 'CN'), ('planner', 'EAST'), ('manager', 'EAST'),
	('finance', 'EAST'), ('viewer', 'EAST'), ('planner', 'WEST'), ('manager', 'WEST'), ('planner', 'SH'), ('manager', 'SH'), ('manager', 'HZ'),
	('viewer', 'SH'), ('manager', 'CD'), ('planner', 'HK'), ('manager', 'HK'), ('manager', 'HK1')) AS v (duty, code)
UNION ALL VALUES ('two', 'manager', 'SH'), ('two', 'planner', 'WEST'), ('two', 'finance', 'HK'), ('stranger', NULL, NULL), ('bypass', NULL, NULL);
CREATE FUNCTION public.make_roles() RETURNS void LANGUAGE plpgsql
AS $$
DECLARE
	r record;
BEGIN
	FOR r IN SELECT DISTINCT role FROM public.roles LOOP
		EXECUTE format('CREATE ROLE %I', 'regress_hidden_' || r.role);
	END LOOP;
	FOR r IN SELECT role, duty, code FROM public.roles WHERE duty IS NOT NULL LOOP
		PERFORM grant_duty(('regress_hidden_' || r.role)::name, r.code, r.duty);
	END LOOP;
	GRANT USAGE ON SCHEMA regtarget TO regress_hidden_stranger, regress_hidden_bypass;
	GRANT ALL ON ALL TABLES IN SCHEMA regtarget TO regress_hidden_stranger, regress_hidden_bypass;
	GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA regtarget TO regress_hidden_stranger, regress_hidden_bypass;
	ALTER ROLE regress_hidden_bypass BYPASSRLS;
	-- Published amounts where the DBA lets.
	GRANT UPDATE (amount) ON targets TO "regress_hidden_manager_EAST", "regress_hidden_planner_EAST", "regress_hidden_viewer_SH";
END
$$;
SELECT public.make_roles();
CREATE FUNCTION public.by(role text, statement text) RETURNS void LANGUAGE plpgsql
AS $$
BEGIN
	PERFORM set_config('role', 'regress_hidden_' || role, true);
	EXECUTE statement;
	PERFORM set_config('role', 'none', true);
END
$$;

-- Closed, published, proposed, drafts of the company and of each region, shadow plans, sandboxes; another company's.
CREATE FUNCTION public.plan(period text, root text, mode text, label text, becomes text) RETURNS bigint LANGUAGE plpgsql
AS $$
DECLARE
	made bigint;
BEGIN
	SELECT plan_id INTO made FROM allocate_targets(period, 100000, mode, root, 0.01, NULL, label) LIMIT 1;
	IF becomes IN ('published', 'closed') THEN
		PERFORM publish_plan(made);
	ELSIF becomes = 'proposed' THEN
		PERFORM propose_plan(made);
	END IF;
	IF becomes = 'closed' THEN
		PERFORM close_period(period);
	END IF;
	RETURN made;
END
$$;
SELECT plan_id, public.plan(period, root, mode, NULL, becomes) = plan_id AS made FROM (VALUES
	(7001, '2025Q1', 'CN', 'live', 'closed'), (7002, '2025Q3', 'CN', 'live', 'published'), (7003, '2025Q3', 'HK', 'live', 'published'),
	(7004, '2025Q4', 'CN', 'live', 'draft'), (7005, '2025Q4', 'EAST', 'live', 'proposed'), (7006, '2025Q4', 'WEST', 'live', 'draft'),
	(7007, '2025Q4', 'SH', 'live', 'draft'), (7008, '2025Q3', 'CN', 'shadow', 'draft'), (7009, '2025Q3', 'WEST', 'shadow', 'draft'),
	(7010, '2025Q3', 'EAST', 'sandbox', 'draft'), (7011, '2025Q3', 'CN', 'sandbox', 'draft'), (7012, '2025Q4', 'HK', 'live', 'proposed'),
	(7013, '2025Q4', 'WEST', 'shadow', 'draft'), (7014, '2026Q1', 'WEST', 'live', 'proposed')) AS v (plan_id, period, root, mode, becomes);
-- Requests of everybody, in every status; one by a unit that moves away from its signer.
SELECT public.by('manager_' || unit, format('SELECT regtarget.request_adjustment(%L, -0.01, ''why'', %L)', unit, day)) FROM (VALUES
	('SH', '2025-07-01'), ('HZ', '2025-07-01'), ('CD', '2025-07-01'), ('EAST', '2025-07-01'), ('HK1', '2025-07-01'), ('SH', '2025-08-01'),
	('CD', '2025-08-01'), ('HZ', '2025-08-01'), ('HK1', '2025-08-01'), ('HZ', '2025-09-01')) AS v (unit, day);
SELECT public.by(role, format('SELECT regtarget.%s', step)) FROM (VALUES ('manager_EAST', 'countersign(4006, true)'), ('planner_CN', 'countersign(4006, true)'),
	('planner_CN', 'apply_adjustment(4006)'), ('manager_WEST', 'countersign(4007, true)'), ('planner_CN', 'countersign(4007, true)'),
	('planner_CN', 'apply_adjustment(4007)'), ('manager_HK', 'countersign(4009, true)'), ('planner_HK', 'apply_adjustment(4009)'),
	('planner_EAST', 'countersign(4008, false)'), ('manager_WEST', 'countersign(4003, true)'), ('planner_CN', 'countersign(4003, true)'),
	('manager_SH', 'answer_target((SELECT target_id FROM regtarget.targets WHERE plan_id = 7002 AND unit_id = 504), true)')) AS v (role, step);
UPDATE units SET parent_id = 503 WHERE code = 'HZ';
SELECT adjustment_id, status, (SELECT code FROM units u WHERE u.unit_id = a.unit_id) AS unit FROM adjustments a ORDER BY 1;
INSERT INTO standings VALUES (504, '2026Q2', 2, 0.05), (506, '2026Q2', 2, 0.05);
ALTER SEQUENCE market_events_event_id_seq RESTART 9101;
ALTER SEQUENCE alerts_alert_id_seq RESTART 9201;
ALTER SEQUENCE reviews_review_id_seq RESTART 9301;
SELECT report_event('policy_change', 'law', unit, '2025-07-01') FROM unnest('{EAST,WEST,SH,CD,HK1}'::text[]) unit;

-- ---- what each role does not see, by what it sees in the tables ----------------------------------------

CREATE TABLE public.hidden (role text, kind text, id bigint);
CREATE TABLE public.never (kind text, id bigint);
INSERT INTO public.never VALUES ('plan', 7999), ('target', 89999), ('request', 4999), ('filing', 6999), ('event', 9199), ('alert', 9299), ('review', 9399), ('unit', 599);
CREATE FUNCTION public.look() RETURNS void LANGUAGE plpgsql
AS $$
DECLARE
	r text;
	my_plans bigint[];
	my_targets bigint[];
	my_requests bigint[];
	my_filings bigint[];
	my_events bigint[];
	my_alerts bigint[];
	my_reviews bigint[];
	my_units bigint[];
BEGIN
	FOR r IN SELECT DISTINCT role FROM public.roles LOOP
		PERFORM set_config('role', 'regress_hidden_' || r, true);
		my_plans := ARRAY(SELECT plan_id FROM regtarget.plans);
		my_targets := ARRAY(SELECT target_id FROM regtarget.targets);
		my_requests := ARRAY(SELECT adjustment_id FROM regtarget.adjustments);
		my_filings := ARRAY(SELECT filing_id FROM regtarget.filings);
		my_events := ARRAY(SELECT event_id FROM regtarget.market_events);
		my_alerts := ARRAY(SELECT alert_id FROM regtarget.alerts);
		my_reviews := ARRAY(SELECT review_id FROM regtarget.reviews);
		my_units := ARRAY(SELECT unit_id FROM regtarget.units UNION SELECT ancestor_id FROM regtarget.unit_ancestors);
		PERFORM set_config('role', 'none', true);
		INSERT INTO public.hidden
		SELECT r, 'plan', plan_id FROM regtarget.plans p WHERE plan_id <> ALL (my_plans)
			AND NOT EXISTS (SELECT FROM regtarget.targets t WHERE t.plan_id = p.plan_id AND t.target_id = ANY (my_targets))
		UNION ALL SELECT r, 'target', target_id FROM regtarget.targets WHERE target_id <> ALL (my_targets) AND unit_id IN (502, 504, 506, 508)
		UNION ALL SELECT r, 'request', adjustment_id FROM regtarget.adjustments WHERE adjustment_id <> ALL (my_requests)
		UNION ALL SELECT r, 'filing', filing_id FROM regtarget.filings WHERE filing_id <> ALL (my_filings)
		UNION ALL SELECT r, 'event', event_id FROM regtarget.market_events WHERE event_id <> ALL (my_events)
		UNION ALL SELECT r, 'alert', alert_id FROM regtarget.alerts WHERE alert_id <> ALL (my_alerts)
		UNION ALL SELECT r, 'review', review_id FROM regtarget.reviews WHERE review_id <> ALL (my_reviews)
		UNION ALL SELECT r, 'unit', unit_id FROM regtarget.units WHERE unit_id <> ALL (my_units);
	END LOOP;
END
$$;
SELECT public.look();
SELECT kind, count(*) FROM public.hidden GROUP BY 1 ORDER BY 1;

-- ---- what is tried --------------------------------------------------------------------------------------

CREATE TABLE public.tries AS
SELECT * FROM (VALUES
	('plan', 'SELECT regtarget.propose_plan(%s)'), ('plan', 'SELECT regtarget.publish_plan(%s)'),
	('plan', 'SELECT regtarget.plan_check(%s)'), ('plan', 'SELECT regtarget.sensitivity(%s)'),
	('plan', 'SELECT regtarget.compare_plans(%1$s, %1$s)'),
	('plan', 'SELECT regtarget.writes_draft(%s)'), ('plan', 'SELECT regtarget.plan_totals(%s)'), ('plan', 'SELECT regtarget.plan_parents(%s)'),
	('plan', 'DELETE FROM regtarget.plans WHERE plan_id = %s'), ('plan', 'UPDATE regtarget.plans SET label = ''x'' WHERE plan_id = %s'),
	('plan', 'UPDATE regtarget.plans SET total = 0.001 WHERE plan_id = %s'), ('plan', 'DELETE FROM regtarget.targets WHERE plan_id = %s'),
	('plan', 'UPDATE regtarget.targets SET suggested = 0.001 WHERE plan_id = %s'),
	('plan', 'UPDATE regtarget.targets SET amount = amount + 1e9 WHERE plan_id = %s'),
	('target', 'SELECT regtarget.answer_target(%s, true)'), ('target', 'SELECT regtarget.answer_target(%s, NULL)'),
	('target', 'UPDATE regtarget.targets SET amount = amount + 1e9 WHERE target_id = %s'),
	('request', 'SELECT regtarget.countersign(%s, true)'), ('request', 'SELECT regtarget.countersign(%s, NULL, NULL, 5)'),
	('request', 'SELECT regtarget.withdraw_adjustment(%s)'), ('request', 'SELECT regtarget.apply_adjustment(%s)'),
	('filing', 'SELECT regtarget.acknowledge_filing(%s, ''x'')'), ('filing', 'SELECT regtarget.acknowledge_filing(%s, NULL)'),
	('event', 'SELECT regtarget.confirm_event(%s)'), ('alert', 'SELECT regtarget.acknowledge_alert(%s, ''x'')'),
	('review', 'SELECT regtarget.close_review(%s, ''keep'', ''x'')'), ('review', 'SELECT regtarget.close_review(%s, NULL, NULL, 4001)'),
	('unit', 'SELECT regtarget.sees_unit(%s)'), ('unit', 'SELECT regtarget.plans_unit(%s)'), ('unit', 'SELECT regtarget.decides_over(%s)'),
	('unit', 'SELECT regtarget.edits_unit(%s)'), ('unit', 'SELECT regtarget.sees_duty(''regress_hidden_stranger'', %s)'),
	('unit', 'SELECT regtarget.sees_plan(%s, ''live'', ''published'')'), ('unit', 'SELECT regtarget.sees_plan(%s, ''shadow'', ''draft'')'),
	('unit', 'SELECT regtarget.sees_plan(%s, ''shadow'', ''revealed'')'), ('unit', 'SELECT regtarget.outcomes_of_unit(%s, ''2025Q3'')'),
	('unit', 'SELECT regtarget.fairness_of_unit(%s, ''2025Q3'')'),
	('unit', 'INSERT INTO regtarget.bounds VALUES (''2025Q3'', %s, 1, 2)'),
	('unit', 'INSERT INTO regtarget.plans (period, root_unit_id, total) VALUES (''2025Q3'', %s, 1)'),
	('unit', 'INSERT INTO regtarget.units (code, parent_id) VALUES (''NEW'', %s)'),
	('unit', 'UPDATE regtarget.units SET parent_id = %s WHERE code IN (''SH1'', ''HK1'')'),
	('unit', 'DELETE FROM regtarget.units WHERE unit_id = %s'), ('unit', 'UPDATE regtarget.bounds SET at_least = 5 WHERE unit_id = %s'),
	('unit', 'SELECT regtarget.place_of_unit(%s)'), ('unit', 'SELECT regtarget.ancestors_of_unit(%s)'),
	('unit', 'SELECT regtarget.actuals_of_unit(%s, ''2025Q3'')'), ('unit', 'SELECT regtarget.sums_of_unit(%s, ''2025-07-01'', ''2025-08-01'')'),
	('unit', 'SELECT regtarget.actuals_of_span(%s, ''2025Q3'', ''2025-07-01'', ''2025-07-31'', ''2025-07-20'')'), ('unit', 'SELECT regtarget.outlook_of_unit(%s, ''2025Q3'')'),
	('unit', 'SELECT regtarget.health_of_unit(%s, ''2025-07-01'')'),
	('unit', 'SELECT regtarget.health_row_of_unit(%s, ''2025-07-01'')'), ('unit', 'SELECT regtarget.health_rank_of_unit(%s, ''2025-07-01'')')) AS v (kind, statement)
UNION ALL SELECT 'plan', format('SELECT regtarget.respread(%%s, %L)', code) FROM units WHERE code IN ('CN', 'EAST', 'SH', 'CD', 'HK1')
UNION ALL SELECT 'plan', format('SELECT * FROM regtarget.explain_target(%L, %L, %%s)', code, p) FROM units, unnest('{2025Q3,2025Q4}'::text[]) p WHERE code IN ('EAST', 'SH', 'CD', 'HK')
UNION ALL SELECT 'plan', format(s, unit_id) FROM units, unnest(ARRAY['SELECT regtarget.sees_target(%%s, %s)', 'SELECT regtarget.updates_target(%%s, %s)',
	'SELECT regtarget.basis_of_target(%%s, 502, %s)', 'SELECT regtarget.place_in_plan(%%s, %s)', 'SELECT regtarget.shadow_amount(%%s, %s, 5)', 'INSERT INTO regtarget.targets (plan_id, unit_id, suggested) VALUES (%%s, %s, 1)',
	'INSERT INTO regtarget.targets (plan_id, unit_id, suggested) VALUES (%%s, %s, ''NaN'')']) s WHERE code IN ('EAST', 'SH', 'CD', 'HK')
UNION ALL SELECT 'unit', format('INSERT INTO regtarget.targets (plan_id, unit_id, suggested) VALUES (%s, %%s, 1)', p) FROM unnest(ARRAY[7004, 7005, 7006, 7012]) p
UNION ALL SELECT 'unit', format('SELECT regtarget.sees_target(%s, %%s)', p) FROM unnest(ARRAY[7002, 7004]) p
UNION ALL SELECT 'unit', format('SELECT regtarget.updates_target(%s, %%s)', p) FROM unnest(ARRAY[7002, 7004]) p
UNION ALL SELECT 'unit', format('SELECT regtarget.place_in_plan(%s, %%s)', p) FROM unnest(ARRAY[7002, 7004]) p
UNION ALL SELECT 'unit', format('SELECT regtarget.shadow_amount(%s, %%s, 5)', p) FROM unnest(ARRAY[7008, 7009]) p
UNION ALL SELECT 'unit', 'SELECT regtarget.basis_of_target(7002, 502, %s)' UNION ALL SELECT 'unit', 'SELECT regtarget.basis_of_target(7002, %s, 504)';

-- None is left out: functions that a duty may call, with an id among their arguments. (Whether somebody was ever
-- assigned, row security asks of people who are not there yet, too.)
SELECT DISTINCT p.proname AS not_tried
FROM pg_proc p, unnest(p.proargnames, p.proargmodes) AS a (name, mode)
WHERE p.pronamespace = 'regtarget'::regnamespace AND a.name ~ '_id$' AND coalesce(a.mode, 'i') = 'i'
	AND has_function_privilege('regress_hidden_planner_CN', p.oid, 'EXECUTE')
	AND NOT EXISTS (SELECT FROM public.tries t WHERE t.statement LIKE '%regtarget.' || p.proname || '(%')
ORDER BY 1;

-- What a role gets: rows or refusal in full, with the id taken out; nothing of it stays.
CREATE FUNCTION public.answer_to(role text, statement text, id bigint) RETURNS text LANGUAGE plpgsql
AS $$
DECLARE
	answer text;
	line record;
	n bigint := 0;
	message text;
	detail text;
	hint text;
	constraint_name text;
BEGIN
	BEGIN
		PERFORM set_config('role', 'regress_hidden_' || role, true);
		answer := '';
		IF statement LIKE 'SELECT%' THEN
			FOR line IN EXECUTE format(statement, id) LOOP
				answer := answer || E'\n' || line::text;
			END LOOP;
		ELSE
			EXECUTE format(statement, id);
			GET DIAGNOSTICS n = ROW_COUNT;
			answer := n || ' rows';
		END IF;
		RAISE EXCEPTION USING errcode = 'TEST0';
	EXCEPTION WHEN sqlstate 'TEST0' THEN
		NULL;
	WHEN OTHERS THEN
		GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT, constraint_name = CONSTRAINT_NAME;
		answer := concat_ws(' | ', SQLSTATE, message, nullif(detail, ''), nullif(hint, ''), nullif(constraint_name, ''));
	END;
	-- A row that row security or a constraint refuses is told whole to whoever wrote it.
	RETURN regexp_replace(regexp_replace(answer, '\m' || id || '\M', '#', 'g'), 'Failing row contains \(.*\)\.', 'Failing row.');
END
$$;
CREATE TABLE public.nevers AS
SELECT r.role, t.kind, t.statement, public.answer_to(r.role, t.statement, n.id) AS answer
FROM (SELECT DISTINCT role FROM public.roles) r, public.tries t JOIN public.never n USING (kind);
CREATE TABLE public.answers AS
SELECT h.role, h.kind, h.id, t.statement, n.answer AS never, public.answer_to(h.role, t.statement, h.id) AS hidden
FROM public.hidden h JOIN public.tries t USING (kind) JOIN public.nevers n USING (role, kind, statement);

-- Who has a signature to give is told of the request, wherever its unit has moved.
CREATE VIEW public.signers AS
SELECT DISTINCT r.role, s.adjustment_id FROM public.roles r JOIN units u ON u.code = r.code JOIN signatures s ON s.unit_id = u.unit_id
WHERE r.duty IN ('manager', 'planner');
SELECT a.role, a.id, a.hidden FROM public.answers a WHERE a.statement = 'SELECT regtarget.countersign(%s, true)'
	AND (a.role, a.id) IN (SELECT role, adjustment_id FROM public.signers) ORDER BY 1, 2;
DELETE FROM public.answers WHERE statement LIKE '%countersign%' AND (role, id) IN (SELECT role, adjustment_id FROM public.signers);

-- The same, whatever was asked of whatever.
SELECT kind, statement, count(*) AS differ, min(role || ' ' || id || ': ' || hidden || '   NEVER: ' || never) AS one
FROM public.answers WHERE hidden IS DISTINCT FROM never GROUP BY 1, 2 ORDER BY 1, 2;
SELECT count(*) > 5000 AS many, count(DISTINCT statement) > 70 AS of_many, count(DISTINCT role) AS roles FROM public.answers;

-- And what was never there is always told by 42704 where a function of ours acts on it.
SELECT DISTINCT statement, never FROM public.answers
WHERE statement ~ '(propose_plan|publish_plan|respread|explain_target|answer_target|countersign|withdraw_adjustment|apply_adjustment|acknowledge_filing)\('
	AND never !~ '^42704|^42501 . (unit ".*" is not visible|role ".*" is not a planner of unit)' ORDER BY 1, 2;
-- What is not hidden is not told so: everything that a role sees gets another answer from each function that acts.
SELECT DISTINCT t.statement, r.role
FROM (SELECT DISTINCT role FROM public.roles WHERE role IN ('planner_CN', 'planner_HK', 'bypass', 'manager_SH', 'finance_EAST')) r
JOIN public.tries t ON t.statement ~ '(propose_plan|publish_plan|answer_target|countersign|withdraw_adjustment|apply_adjustment|acknowledge_filing)\('
JOIN (SELECT 'plan' AS kind, plan_id AS id FROM plans UNION ALL SELECT 'target', target_id FROM targets WHERE unit_id IN (502, 504, 506, 508)
	UNION ALL SELECT 'request', adjustment_id FROM adjustments
	UNION ALL SELECT 'filing', filing_id FROM filings) o ON o.kind = t.kind
WHERE NOT EXISTS (SELECT FROM public.hidden h WHERE (h.role, h.kind, h.id) = (r.role, o.kind, o.id))
	AND public.answer_to(r.role, t.statement, o.id) LIKE '42704%';

-- Roles that are gone are known by duties that one sees.
INSERT INTO duties VALUES ('regress_hidden_gone', 507, 'viewer'), ('regress_hidden_gone', 504, 'viewer'), ('regress_hidden_gone_hk', 507, 'viewer');
SELECT r.role, public.answer_to(r.role, format('SELECT regtarget.revoke_duty(%L, ''SH'', ''viewer'')', w), 0) AS says, w AS of
FROM unnest('{planner_CN,manager_SH,manager_CD,stranger,planner_HK}'::text[]) WITH ORDINALITY AS r (role, n),
	unnest('{regress_hidden_gone,regress_hidden_gone_hk,regress_hidden_never}'::text[]) WITH ORDINALITY AS g (w, m) ORDER BY r.n, g.m;
-- Publishing tells how many requests the period before has, of those that one sees.
SELECT role, public.answer_to(role, format('SELECT regtarget.publish_plan(%s)', plan_id), 0) AS says
FROM (VALUES ('planner_CN', 7007), ('planner_EAST', 7007)) AS v (role, plan_id);
SELECT error_of('SELECT publish_plan(7007)');
SET LOCAL session_replication_role = replica;
DELETE FROM adjustments WHERE unit_id IN (502, 504);
SET LOCAL session_replication_role = origin;
SELECT public.answer_to('planner_EAST', 'SELECT regtarget.publish_plan(%s)', 7007) AS says;
-- verify() tells a planner at one of two tops how much is wrong; whoever sees the whole company, what.
SET LOCAL session_replication_role = replica;
UPDATE plans SET total = 5 WHERE plan_id IN (7002, 7003);
SET LOCAL session_replication_role = origin;
SELECT public.answer_to('planner_CN', 'SELECT * FROM regtarget.verify(''{sums,caps}'')', 0) AS says;
SELECT * FROM verify('{sums,caps}');
SELECT grant_duty('regress_hidden_planner_CN', 'HK', 'viewer');
SELECT public.answer_to('planner_CN', 'SELECT * FROM regtarget.verify(''{sums,caps}'')', 0) AS says;

ROLLBACK;
