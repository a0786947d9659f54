-- What the catalog promises: comments, volatility, nobody's privileges, a short list of definers,
-- views that every BI client reads rightly, tables that a dump keeps, references with both their
-- sides.
BEGIN;
SET LOCAL search_path = public;
SET LOCAL client_min_messages = warning;
SELECT plan(38);

CREATE ROLE "catalog finance";
CREATE ROLE "catalog planner";
INSERT INTO regtarget.units (code) VALUES ('catalog');
SELECT regtarget.grant_duty('catalog finance', 'catalog', 'finance'), regtarget.grant_duty('catalog planner', 'catalog', 'planner');

-- Members of the extension.
CREATE VIEW functions AS
SELECT p.*, p.oid::regprocedure::text AS name FROM pg_proc p
	JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid
WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
	AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'regtarget');
CREATE VIEW relations AS
SELECT c.*, c.oid::regclass::text AS name FROM pg_class c
	JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid
WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
	AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'regtarget');
CREATE VIEW view_columns AS
SELECT r.name, a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, t.typtype, t.typcategory
	FROM relations r
JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
	JOIN pg_type t ON t.oid = a.atttypid
WHERE r.relkind = 'v';

-- Everything is there, and in one schema.
SELECT cmp_ok(count(*), '>', 20::bigint, 'there are functions') FROM functions;
SELECT cmp_ok(count(*), '>', 10::bigint, 'there are views') FROM relations WHERE relkind = 'v';
SELECT is_empty($$SELECT name FROM functions WHERE pronamespace <> 'regtarget'::regnamespace
	UNION ALL SELECT name FROM relations WHERE relnamespace <> 'regtarget'::regnamespace$$,
		'all of it in schema regtarget');

-- Comments.
SELECT is_empty($$SELECT name FROM functions WHERE obj_description(oid, 'pg_proc') IS NULL$$,
	'every function and aggregate has a comment');
SELECT is_empty($$SELECT name FROM relations WHERE relkind IN ('r', 'v')
	AND obj_description(oid, 'pg_class') IS NULL$$,
	'every table and view has a comment');
SELECT is_empty($$SELECT name, attname FROM view_columns WHERE col_description(attrelid,
	attnum) IS NULL$$, 'every column of a view has a comment');
SELECT is_empty($$SELECT d.description FROM pg_description d WHERE d.description ~ '[^ -~]' AND (
		d.classoid = 'pg_proc'::regclass AND d.objoid IN (SELECT oid FROM functions)
		OR d.classoid = 'pg_class'::regclass AND d.objoid IN (SELECT oid FROM relations))$$,
	'comments are ASCII, so that a database of any encoding takes them');

-- Volatility and parallel safety.
SELECT is_empty($$SELECT name FROM functions WHERE provolatile = 'v' AND proparallel <> 'u'$$,
	'what is volatile writes, and so is parallel unsafe');
SELECT is_empty($$SELECT name FROM functions WHERE provolatile <> 'v' AND proparallel = 'u'$$,
	'what only reads is not parallel unsafe');
SELECT is_empty($$SELECT name FROM functions WHERE prorettype = 'trigger'::regtype
	AND provolatile <> 'v'$$, 'trigger functions are volatile');
SELECT is_empty($$SELECT name FROM functions WHERE provolatile = 'i'
	AND proname NOT IN ('apportion', 'declared_references', 'is_computed_signal')
		AND prokind = 'f' AND proname NOT LIKE 'health_score%'$$,
	'immutable are only those that read nothing');
SELECT is_empty($$SELECT name FROM functions WHERE proname IN ('allocate_targets', 'publish_plan', 'move_unit', 'move_target',
	'transfer_target',
	'propose_plan', 'add_year', 'apply_profile', 'grant_duty', 'revoke_duty', 'retry_rejects', 'import_salesforce',
	'import_dingtalk', 'request_adjustment', 'countersign', 'withdraw_adjustment', 'apply_adjustment',
	'acknowledge_filing', 'respread', 'answer_target', 'close_period', 'fold_activity', 'rebuild_activity',
	'record_verify', 'attach_facts', 'detach_facts', 'refresh_activity', 'report_event', 'confirm_event', 'scan_alerts', 'acknowledge_alert', 'close_review', 'run_job', 'remind_overdue', 'purge',
	'schedule_jobs', 'unschedule_jobs', 'reveal_shadow')
	AND provolatile <> 'v'$$, 'what writes is volatile');
SELECT is_empty($$SELECT name FROM functions WHERE proname IN ('unit_signals', 'unit_health', 'unit_tree_on',
	'calibrate_metrics', 'explain_target', 'ledger_digest', 'verify',
	'period_actuals', 'preview_targets', 'backtest', 'backtest_summary', 'backtest_totals', 'compare_plans', 'sensitivity', 'plan_check', 'tune_factors',
	'tuning_verdict',
	'targets_due', 'today', 'local_time', 'credit_outlook', 'employee_units',
	'source_freshness', 'vital_signs', 'shadow_verdict', 'outcomes_of_unit', 'fairness_of_unit', 'shadow_amount', 'adoption_effect',
	'draw_adoption_order', 'translated')
		AND provolatile <> 's'$$, 'what reads tables is stable');
SELECT is_empty($$SELECT name FROM functions WHERE proisstrict
	AND proname NOT IN ('declared_references', 'is_computed_signal')$$,
	'no function answers a null with silence');

-- PUBLIC gets what row security and views ask, which tells nobody anything who has no duty, and nothing else.
SELECT set_eq($$SELECT a.privilege_type FROM pg_namespace n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a
	WHERE n.nspname = 'regtarget' AND a.grantee = 0$$, $$VALUES ('USAGE')$$, 'of the schema USAGE is granted to PUBLIC');
SELECT set_eq($$SELECT f.name FROM functions f, aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) a WHERE a.grantee = 0$$,
	$$SELECT f.name FROM functions f WHERE f.prorettype <> 'trigger'::regtype AND (EXISTS (SELECT FROM pg_depend d JOIN pg_policy p ON p.oid = d.objid
		WHERE d.classid = 'pg_policy'::regclass AND d.refclassid = 'pg_proc'::regclass AND d.refobjid = f.oid)
	OR EXISTS (SELECT FROM pg_depend d JOIN pg_rewrite w ON w.oid = d.objid
		WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_proc'::regclass AND d.refobjid = f.oid))$$,
	'of functions those that policies and views ask');
SELECT is_empty($$SELECT r.name, a.privilege_type
	FROM relations r, aclexplode(coalesce(r.relacl, acldefault((CASE r.relkind WHEN 'S' THEN 's'
		ELSE 'r' END)::"char", r.relowner))) a
	WHERE a.grantee = 0 UNION ALL
	SELECT c.attrelid::regclass::text, a.privilege_type FROM pg_attribute c
		JOIN relations r ON r.oid = c.attrelid, aclexplode(c.attacl) a
	WHERE a.grantee = 0$$, 'no table, view, sequence or column is');

-- In force is the role at the entry of a function: none is SECURITY DEFINER.  Those that then work as the
-- extension's owner are these, safe from the caller's settings.
SELECT is_empty($$SELECT name FROM functions WHERE prosecdef$$, 'no function is SECURITY DEFINER');
SELECT set_eq($$SELECT proname::text FROM functions WHERE proconfig IS NOT NULL$$,
	ARRAY['acknowledge_alert', 'acknowledge_filing', 'add_year', 'adoption_effect', 'allocate_targets', 'answer_target',
	'apply_adjustment', 'apply_profile', 'attach_facts', 'backtest', 'backtest_summary', 'backtest_totals', 'calibrate_metrics', 'compare_plans',
	'detach_facts', 'refresh_activity',
	'close_period', 'close_review', 'confirm_event', 'countersign', 'credit_outlook', 'draw_adoption_order', 'employee_units', 'explain_target',
	'fold_activity', 'grant_access', 'grant_duty', 'health_points', 'health_ranking', 'import_dingtalk',
	'import_salesforce', 'ledger_digest', 'move_target', 'move_unit', 'period_actuals', 'plan_check', 'plan_parents', 'plan_totals',
	'preview_targets', 'propose_plan', 'publish_plan', 'purge', 'rebuild_activity', 'record_verify', 'remind_overdue', 'report_event',
	'request_adjustment', 'respread', 'retry_rejects', 'reveal_shadow', 'revoke_access', 'revoke_duty', 'run_job', 'scan_alerts', 'schedule_jobs', 'sensitivity',
	'shadow_verdict', 'source_freshness',
	'targets_due',
	'transfer_target', 'tune_factors', 'tuning_verdict',
	'unit_health', 'unit_signals', 'unit_tree_on', 'unschedule_jobs', 'verify', 'vital_signs',
	'withdraw_adjustment'],
	'settings are pinned by these functions and no other');
SELECT is_empty($$SELECT name, proconfig FROM functions WHERE proconfig IS NOT NULL
	AND proconfig IS DISTINCT FROM ARRAY['search_path=pg_catalog, pg_temp', 'row_security=on']$$,
	'each of them pins search_path and row_security');
SELECT is_empty($$SELECT name FROM functions WHERE proconfig IS NOT NULL AND prorettype = 'trigger'::regtype$$,
	'no trigger function does');

-- Row security: every table is known to hold rows of units, settings of all, or what was not taken, and
-- each is under it.
CREATE VIEW of_units AS SELECT 'regtarget.' || unnest(ARRAY['units', 'employees', 'assignments', 'customers',
	'visits', 'deals', 'revenues', 'signals', 'duties', 'past_parents', 'successions', 'adoptions', 'bounds', 'plans', 'plan_basis', 'plan_bounds',
	'targets', 'standings', 'adjustments', 'signatures', 'filings', 'answers', 'ledger', 'market_events', 'alerts', 'reviews', 'reminders',
	'activity_days', 'activity_months', 'activity_deltas', 'attached_days']) AS name;
CREATE VIEW of_all AS SELECT 'regtarget.' || unnest(ARRAY['periods', 'months', 'ramp', 'policies',
	'signal_kinds', 'metrics', 'factors', 'alert_rules', 'competitors', 'silences', 'aliases', 'shared_logins', 'access_grants', 'kept_privileges',
	'source_days', 'source_deltas', 'verify_runs', 'job_runs', 'attachments', 'attached_relations', 'attached_strays']) AS name;
CREATE VIEW of_loads AS SELECT 'regtarget.import_rejects' AS name;
SELECT set_eq($$SELECT name FROM relations WHERE relkind = 'r'$$,
	$$SELECT name FROM of_units UNION ALL SELECT name FROM of_all UNION ALL SELECT name FROM of_loads$$,
	'tables hold rows of units, settings of all, or what was not taken');
SELECT is_empty($$SELECT name FROM relations WHERE relkind = 'r' AND (NOT relrowsecurity
	OR NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = relations.oid AND p.polcmd IN ('r', '*')))$$,
	'each is under row security, with a policy for its readers');
SELECT is_empty($$SELECT r.name, p.polname FROM relations r JOIN pg_policy p ON p.polrelid = r.oid
	JOIN of_units u ON u.name = r.name
	WHERE pg_get_expr(p.polqual, p.polrelid) !~ 'unit_id|plan_id|employee_id'$$,
	'policies of rows of units ask about unit, plan or person');
SELECT is_empty($$SELECT r.name, p.polname FROM relations r JOIN pg_policy p ON p.polrelid = r.oid
	JOIN of_loads l ON l.name = r.name WHERE pg_get_expr(p.polqual, p.polrelid) ~ 'regtarget\.[a-z_]+\('$$,
	'what was not taken is shown without a function of ours, which an importer may not call');
SELECT set_eq($$SELECT d.view || '.' || a.attname FROM (VALUES ('revenues_in', 'finance'), ('targets_in', 'planner')) AS d (view, duty)
	JOIN pg_attribute a ON a.attrelid = ('regtarget.' || d.view)::regclass AND a.attnum > 0
	WHERE has_column_privilege('catalog ' || d.duty, a.attrelid, a.attnum, 'INSERT')
		AND NOT has_table_privilege('catalog ' || d.duty, a.attrelid, 'INSERT')$$,
	$$SELECT substr(name, 11) || '.' || attname FROM view_columns WHERE name IN ('regtarget.revenues_in', 'regtarget.targets_in')$$,
	'a duty gives INSERT on all columns of the view that it loads, and not on the view');
SELECT is_empty($$SELECT name FROM functions WHERE name ~ '^regtarget.(sees|plans|edits|writes|updates|has|is_top|caller)_'
	AND (prosecdef OR prolang <> (SELECT oid FROM pg_language WHERE lanname = 'c') OR provolatile <> 's'
		OR proparallel <> 's' OR proleakproof)$$,
	'what policies ask is plain C, stable, safe in parallel workers, and not taken for leakproof');
SELECT is_empty($$SELECT name FROM functions WHERE prosecdef AND prosrc = '' AND pg_get_functiondef(oid) !~ 'caller_(sees|has)_'$$,
	'SQL that runs as the owner asks what its caller sees, or has');

-- Views for BI tools.
SELECT is_empty($$SELECT name, attname, format_type(atttypid, atttypmod) FROM view_columns
	WHERE (typtype <> 'b' OR typcategory = 'A' OR atttypid = 'numeric'::regtype AND atttypmod = -1
		OR atttypid IN ('jsonb'::regtype, 'interval'::regtype, 'timestamptz'::regtype))
			AND name NOT LIKE '%\_in'$$,
	'views have base types only, numerics with their precision, moments without a zone');
SELECT is_empty($$SELECT name, attname, format_type(atttypid, atttypmod) FROM view_columns
	WHERE format_type(atttypid, NULL) NOT IN ('integer', 'bigint', 'text', 'boolean', 'date',
		'timestamp without time zone',
		'numeric', 'double precision') AND name NOT LIKE '%\_in'$$,
			'and of those only the ones that clients read alike');
SELECT is_empty($$SELECT name, min(attname) FILTER (WHERE attnum = 1) FROM view_columns
	WHERE name NOT LIKE '%\_in' GROUP BY name
	HAVING bool_or(attname LIKE '%\_id' AND atttypid IN ('int'::regtype, 'bigint'::regtype))
		AND NOT bool_or(attnum = 1 AND atttypid IN ('int'::regtype, 'bigint'::regtype))$$,
			'a view that has integer keys begins with one');
SELECT is_empty($$SELECT name FROM relations WHERE relkind = 'v'
	AND NOT coalesce('security_invoker=true' = ANY (reloptions), false)$$,
	'every view is security_invoker');

-- Tables: a primary key, for logical replication; kept by a dump, or known to be rebuilt.  Every
-- write of facts appends to the deltas, which a key would slow down: there the whole row is it.
SELECT is_empty($$SELECT name FROM relations r WHERE relkind = 'r'
	AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = r.oid AND i.indisprimary)
	AND (name NOT IN ('regtarget.activity_deltas', 'regtarget.source_deltas') OR relreplident <> 'f')$$,
		'every table has a primary key');
SELECT is_empty($$SELECT name FROM relations WHERE relkind IN ('r', 'S')
	AND name NOT IN ('regtarget.activity_days', 'regtarget.activity_months',
		'regtarget.activity_deltas', 'regtarget.activity_ticks', 'regtarget.source_days', 'regtarget.source_deltas',
		'regtarget.attached_relations')
	AND oid NOT IN (SELECT unnest(extconfig) FROM pg_extension WHERE extname = 'regtarget')$$,
		'every table and sequence is registered for dumps, but those that triggers make again');
SELECT is_empty($$SELECT conname FROM pg_constraint c JOIN relations r ON r.oid = c.conrelid
	WHERE c.contype = 'f'$$,
	'no foreign key is declared, which a parallel restore would trip over');

-- References: what the list says exists, with a trigger on either side.
SELECT is_empty($$SELECT * FROM regtarget.declared_references() r
	WHERE NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = format('regtarget.%I',
		child)::regclass AND attname = child_column AND attnum > 0)
		OR NOT EXISTS (SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid
			AND a.attnum = i.indkey[0]
			WHERE i.indrelid = format('regtarget.%I', parent)::regclass AND i.indisunique
				AND i.indnkeyatts = 1 AND a.attname = parent_column)$$,
	'every reference is of a column that exists to a key');
CREATE VIEW fired AS
SELECT t.tgrelid::regclass::text AS t, p.proname::text AS f, e.event
FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
CROSS JOIN (VALUES (4, 'insert'), (8, 'delete'), (16, 'update'), (32, 'truncate')) AS e (bit, event)
WHERE t.tgtype::int & e.bit > 0 AND t.tgenabled IN ('O', 'A');
SELECT is_empty($$
	SELECT 'regtarget.' || child, 'check_references', event FROM regtarget.declared_references(),
		(VALUES ('insert'), ('update')) e (event)
		WHERE child NOT IN ('targets', 'adjustments', 'signatures', 'filings', 'answers', 'market_events', 'alerts', 'reviews', 'reminders',
			'attached_relations', 'attached_strays')
	UNION SELECT 'regtarget.targets', 'guard_targets', event FROM (VALUES ('insert'),
		('update')) e (event)
	UNION SELECT 'regtarget.' || t, 'guard_valve', event FROM unnest('{adjustments,signatures,filings,answers}'::text[]) t,
		(VALUES ('insert'), ('update'), ('delete'), ('truncate')) e (event)
	UNION SELECT 'regtarget.' || t, 'guard_attached', event FROM unnest('{attachments,attached_relations,attached_strays,attached_days}'::text[]) t,
		(VALUES ('insert'), ('update'), ('delete'), ('truncate')) e (event)
	UNION SELECT 'regtarget.' || parent, 'check_referenced', event
		FROM regtarget.declared_references(), (VALUES ('update'), ('delete'),
			('truncate')) e (event)
		WHERE parent NOT IN ('targets', 'adjustments', 'market_events', 'alerts', 'reviews', 'attachments')
	EXCEPT SELECT t, f, event FROM fired$$, 'and checked on both sides, whatever the statement');

-- A trigger function serves its own table and event only: nobody else's, and no plain call.
CREATE FUNCTION misuse() RETURNS SETOF text LANGUAGE plpgsql
AS $$
DECLARE
	f record;
	timing text;
BEGIN
	CREATE TABLE victim (plan_id bigint, unit_id int, period text);
	FOR f IN SELECT proname FROM functions WHERE prorettype = 'trigger'::regtype LOOP
		FOREACH timing IN ARRAY ARRAY['BEFORE INSERT ON victim FOR EACH ROW',
			'AFTER INSERT ON victim FOR EACH ROW',
			'BEFORE INSERT ON victim FOR EACH STATEMENT',
				'AFTER INSERT ON victim FOR EACH STATEMENT'] LOOP
			BEGIN
				EXECUTE format('CREATE TRIGGER t %s EXECUTE FUNCTION regtarget.%I()', timing,
					f.proname);
				INSERT INTO victim VALUES (1, 1, 'P');
				RAISE EXCEPTION USING ERRCODE = 'RT000';
			EXCEPTION WHEN SQLSTATE 'RT000' THEN
				RETURN NEXT f.proname || ' ' || timing;
			WHEN OTHERS THEN
				NULL;
			END;
		END LOOP;
	END LOOP;
END
$$;
SELECT is_empty('SELECT misuse()', 'trigger functions refuse other tables and other moments');

SELECT * FROM finish();
ROLLBACK;
