-- From 0.1.0 to 0.2.0: what becomes of the tables that 0.1.0 had, and of their rows.
-- A constraint that rows break ends the update and changes nothing; the error names constraint and table.

-- Keys are above 0.

ALTER TABLE regtarget.employees ADD CONSTRAINT employees_employee_id_check CHECK (employee_id > 0);
ALTER TABLE regtarget.customers ADD CONSTRAINT customers_customer_id_check CHECK (customer_id > 0);
ALTER TABLE regtarget.plans ADD CONSTRAINT plans_plan_id_check CHECK (plan_id > 0);

-- New facts are vacuumed early.

ALTER TABLE regtarget.visits SET (autovacuum_vacuum_insert_scale_factor = 0.05);
ALTER TABLE regtarget.deals SET (autovacuum_vacuum_insert_scale_factor = 0.05);
ALTER TABLE regtarget.revenues SET (autovacuum_vacuum_insert_scale_factor = 0.05);

-- The company's conventions: what 0.1.0 took for granted.

ALTER TABLE regtarget.policies
	ADD COLUMN currency text NOT NULL DEFAULT 'CNY' CHECK (currency ~ '^[A-Z]{3}$'),
	ADD COLUMN decimal_comma boolean NOT NULL DEFAULT false,
	ADD COLUMN date_order text CHECK (date_order IN ('dmy', 'mdy')),
	ADD COLUMN memory numeric NOT NULL DEFAULT 0.8 CHECK (memory > 0 AND memory <= 1);

-- Plans, and what they were made of.

ALTER TABLE regtarget.plans
	ALTER COLUMN created_at SET DEFAULT clock_timestamp(),
	ADD CONSTRAINT plans_created_by_check CHECK (created_by <> ''),
	ADD CONSTRAINT plans_created_at_check CHECK (isfinite(created_at)),
	ADD CONSTRAINT plans_published_at_check CHECK (isfinite(published_at)),
	ADD CONSTRAINT plans_rules_check CHECK (jsonb_typeof(rules) = 'object');
ALTER TABLE regtarget.plan_basis
	DROP CONSTRAINT plan_basis_weight_check,
	ADD CONSTRAINT plan_basis_signal_check CHECK (signal <> ''),
	ADD CONSTRAINT plan_basis_factor_check CHECK (factor <> ''),
	ADD CONSTRAINT plan_basis_weight_check CHECK (weight >= 0 AND weight <= 1),
	ADD CONSTRAINT plan_basis_children CHECK (cardinality("values") = cardinality(unit_ids) AND cardinality(imputed) = cardinality(unit_ids)
		AND coalesce(cardinality(scales), cardinality(unit_ids)) = cardinality(unit_ids) AND cardinality(shares) = cardinality(unit_ids)),
	ADD CONSTRAINT plan_basis_numbers CHECK ((0 < ALL (unit_ids)) IS TRUE AND (0 <= ALL ("values") AND 'Infinity' > ALL ("values")) IS TRUE
		AND array_position(imputed, NULL) IS NULL AND (scales IS NULL OR 0 <= ALL (scales) AND 'Infinity' > ALL (scales)) IS TRUE
		AND (0 <= ALL (shares) AND 1 >= ALL (shares)) IS TRUE);
-- Bounds of units that the plan has not bound nothing.
DELETE FROM regtarget.plan_bounds b
WHERE NOT EXISTS (SELECT FROM regtarget.targets t WHERE t.plan_id = b.plan_id AND t.unit_id = b.unit_id);

-- Targets: the same rows pass.

ALTER TABLE regtarget.targets
	DROP CONSTRAINT targets_suggested_check,
	DROP CONSTRAINT targets_penalty_check,
	DROP CONSTRAINT targets_baseline_check,
	ADD CONSTRAINT targets_target_id_check CHECK (target_id > 0),
	ADD CONSTRAINT targets_suggested_check CHECK (suggested >= 0),
	ADD CONSTRAINT targets_penalty_check CHECK (penalty >= 0),
	ADD CONSTRAINT targets_baseline_check CHECK (baseline < 1e15);

-- Whose login it was: 0.1.0 did not keep it.

ALTER TABLE regtarget.adjustments ADD COLUMN requested_login text;
ALTER TABLE regtarget.signatures ADD COLUMN signed_login text;
ALTER TABLE regtarget.filings ADD COLUMN acknowledged_login text;
ALTER TABLE regtarget.answers
	ADD COLUMN answered_login text CHECK (answered_login <> ''),
	ADD CONSTRAINT answers_answered_by_check CHECK (answered_by <> ''),
	ADD CONSTRAINT answers_answered_at_check CHECK (isfinite(answered_at));
ALTER TABLE regtarget.ledger ADD COLUMN login text;

-- Answers to targets of drafts that are gone.
ALTER TABLE regtarget.answers DISABLE TRIGGER answers_guard;
DELETE FROM regtarget.answers a WHERE NOT EXISTS (SELECT FROM regtarget.targets t WHERE t.target_id = a.target_id);
ALTER TABLE regtarget.answers ENABLE TRIGGER answers_guard;

-- Rejects: those that had been overtaken are not kept; the others wait with cause database until they are tried again.

DELETE FROM regtarget.import_rejects WHERE outdated;
DROP INDEX IF EXISTS regtarget.import_rejects_row_idx;
ALTER TABLE regtarget.import_rejects
	DROP COLUMN outdated,
	ALTER COLUMN at SET DEFAULT clock_timestamp(),
	ADD COLUMN cause text NOT NULL DEFAULT 'database' CHECK (cause <> ''),
	ADD COLUMN column_name text,
	ADD COLUMN decimal_mark text CHECK (decimal_mark IN (',', '.')),
	ADD COLUMN row_key bytea NOT NULL DEFAULT uuid_send(gen_random_uuid()),
	ADD CONSTRAINT import_rejects_reject_id_check CHECK (reject_id > 0);
-- Deals from Salesforce, which name no unit, now say whether they are closed.
UPDATE regtarget.import_rejects SET "row" = "row" || CASE WHEN "row" ->> 'won' IS NOT NULL
	THEN jsonb '{"is_closed": "true"}' ELSE '{"is_closed": "false", "won": "false"}' END
WHERE target = 'deals_in' AND NOT "row" ? 'unit';

-- Shadow plans of 0.1.0 were not put on record when they were made: late stays null, and they count nowhere.
ALTER TABLE regtarget.plans
	ADD COLUMN late boolean,
	ADD COLUMN revealed_at timestamptz CHECK (isfinite(revealed_at));

-- It has a column more; view plan_balance, which is made of it, is replaced, and with it what others made of that.

ALTER FUNCTION regtarget.plan_parents(bigint) RENAME TO plan_parents_of_0_1_0;

-- Columns of another type: the view is made anew, with the privileges on it.

SELECT set_config('regtarget.on_credit_board', ARRAY(
	SELECT format('GRANT %s ON regtarget.credit_board TO %s%s', x.privilege_type || x.of_column,
		CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(x.grantee)) END,
		CASE WHEN x.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
	FROM (SELECT c.relowner, '' AS of_column, v.* FROM pg_class c, aclexplode(c.relacl) v WHERE c.oid = 'regtarget.credit_board'::regclass
		UNION ALL
		SELECT c.relowner, format(' (%I)', a.attname), v.* FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid, aclexplode(a.attacl) v
		WHERE c.oid = 'regtarget.credit_board'::regclass) x
	WHERE x.grantee <> x.relowner)::text, true);
DROP VIEW regtarget.credit_board;

-- ROOMS

DROP FUNCTION regtarget.plan_parents_of_0_1_0(bigint);

-- More names are those of computed signals.
ALTER TABLE regtarget.signals DROP CONSTRAINT IF EXISTS signals_reserved,
	ADD CONSTRAINT signals_reserved CHECK (NOT regtarget.is_computed_signal(signal));

-- What the sources have brought was not counted.
SELECT regtarget.rebuild_activity();

-- Of plans, targets and units, planners write the columns that are theirs.
CREATE FUNCTION regtarget.run_as_user(statements text[]) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'rgt_run_as_user';
SELECT regtarget.run_as_user(current_setting('regtarget.on_credit_board')::text[]);
SELECT regtarget.run_as_user(ARRAY(
	SELECT format('REVOKE %s ON regtarget.%I FROM %I', p.privileges, p.relation, r.rolname)
	FROM (VALUES ('INSERT', 'plans'), ('INSERT', 'targets'), ('INSERT, UPDATE', 'units')) AS p (privileges, relation),
		pg_roles r, pg_namespace n
	WHERE n.nspname = 'regtarget' AND r.oid <> n.nspowner
		AND r.rolname IN (SELECT d.role FROM regtarget.duties d WHERE d.duty = 'planner')));
DROP FUNCTION regtarget.run_as_user(text[]);
