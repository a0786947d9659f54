\echo Use "CREATE EXTENSION regtarget" to load this file. \quit

SET LOCAL search_path = pg_catalog, pg_temp;

-- schema: where everything lives, and the trigger functions that several rooms share.

CREATE SCHEMA regtarget;

-- References between our tables are checked by these two (see src/references.c for the list and
-- for why they are no declared foreign keys): the first on the referencing side, the second on the
-- referenced one.

CREATE FUNCTION regtarget.check_references() RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'rgt_check_references';

CREATE FUNCTION regtarget.check_referenced() RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'rgt_check_referenced';

-- The day that it is for the company: now, in the time zone of the policy in force.
-- (SQL functions that read tables are in the rooms of those tables.)

CREATE FUNCTION regtarget.declared_references()
RETURNS TABLE (child text, child_column text, parent text, parent_column text)
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'rgt_declared_references';

-- duties: which role has which duty at which unit, and the questions that row security asks about it.
-- Its policies are with those of all tables, in access.

CREATE TABLE regtarget.duties (
	role    name NOT NULL CHECK (role <> ''),
	unit_id int NOT NULL,
	duty    text NOT NULL CHECK (duty IN ('planner', 'manager', 'finance', 'viewer')),
	PRIMARY KEY (role, unit_id, duty)
);
CREATE INDEX duties_unit_id_idx ON regtarget.duties (unit_id);

COMMENT ON TABLE regtarget.duties IS 'Who has which duty at which unit: it counts for the unit and all below it. Written by grant_duty() and revoke_duty(), which see to the privileges too.';
COMMENT ON COLUMN regtarget.duties.role IS 'Name of the role; the duty counts for roles that inherit it, too, and for nobody once the role is gone';
COMMENT ON COLUMN regtarget.duties.unit_id IS 'The unit';
COMMENT ON COLUMN regtarget.duties.duty IS 'planner, manager, finance or viewer';

CREATE FUNCTION regtarget.forget_sight() RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'rgt_forget_sight';
COMMENT ON FUNCTION regtarget.forget_sight() IS 'Trigger: every session forgets what it knew of units, duties and plans, and reads it anew when row security asks next';

CREATE FUNCTION regtarget.grant_duty(role name, unit text, duty text) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_grant_duty';
COMMENT ON FUNCTION regtarget.grant_duty(name, text, text) IS
'Gives a role a duty (planner, manager, finance or viewer) at a unit and all below it, and the privileges that it needs; twice is once. For planners of the unit at the top, and the extension''s owner. Error 42704 for an unknown role or unit, 42501 for others, 22023 for a null or an unknown duty.';

CREATE FUNCTION regtarget.revoke_duty(role name, unit text, duty text) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_revoke_duty';
COMMENT ON FUNCTION regtarget.revoke_duty(name, text, text) IS
'Takes a duty back, and the privileges that the role''s other duties do not need; twice is once. A role that is gone may be named while it has duties on record. For whoever may grant it. Errors as in grant_duty.';

-- What policies ask, of the role that reads or writes the table.  STABLE: a duty that is granted or
-- revoked counts from the next statement on.

CREATE FUNCTION regtarget.sees_unit(unit_id int) RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'rgt_sees_unit';
COMMENT ON FUNCTION regtarget.sees_unit(int) IS 'Row security: has the current role a duty at the unit or above it?';

CREATE FUNCTION regtarget.plans_unit(unit_id int) RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'rgt_plans_unit';
COMMENT ON FUNCTION regtarget.plans_unit(int) IS 'Row security: is the current role a planner of the unit or of one above it?';

CREATE FUNCTION regtarget.edits_unit(unit_id int) RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'rgt_edits_unit';
COMMENT ON FUNCTION regtarget.edits_unit(int) IS 'Row security: is the current role a planner of the unit without a parent that this one is below?';

CREATE FUNCTION regtarget.sees_plan(root_unit_id int, mode text, status text) RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'rgt_sees_plan';
COMMENT ON FUNCTION regtarget.sees_plan(int, text, text) IS 'Row security: has the current role a say in a plan of that root? Planners in drafts, shadow plans and sandboxes, too.';

CREATE FUNCTION regtarget.sees_target(plan_id bigint, unit_id int) RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'rgt_sees_target';
COMMENT ON FUNCTION regtarget.sees_target(bigint, int) IS 'Row security: does the current role see what the plan says of the unit? Planners see drafts, shadow plans and sandboxes, too.';

CREATE FUNCTION regtarget.writes_draft(plan_id bigint) RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'rgt_writes_draft';
COMMENT ON FUNCTION regtarget.writes_draft(bigint) IS 'Row security: is the current role a planner of the plan''s root or of a unit above it?';

CREATE FUNCTION regtarget.updates_target(plan_id bigint, unit_id int) RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'rgt_updates_target';
COMMENT ON FUNCTION regtarget.updates_target(bigint, int) IS 'Row security: does the current role plan the draft, or see the published target?';

CREATE FUNCTION regtarget.has_duty() RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'rgt_has_duty';
COMMENT ON FUNCTION regtarget.has_duty() IS 'Row security: has the current role any duty at all?';

CREATE FUNCTION regtarget.is_top_planner() RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'rgt_is_top_planner';
COMMENT ON FUNCTION regtarget.is_top_planner() IS 'Row security: is the current role a planner of a unit without a parent?';

CREATE FUNCTION regtarget.sees_unassigned(employee_id int) RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'rgt_sees_unassigned';
COMMENT ON FUNCTION regtarget.sees_unassigned(int) IS 'Row security: was the employee never assigned to a unit, and has the current role a duty at a unit without a parent?';

CREATE FUNCTION regtarget.sees_alias(kind text, means text) RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'rgt_sees_alias';
COMMENT ON FUNCTION regtarget.sees_alias(text, text) IS 'Row security: does the current role see the unit, person or customer that an alias means?';

CREATE FUNCTION regtarget.sees_duty(role name, unit_id int) RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'rgt_sees_duty';
COMMENT ON FUNCTION regtarget.sees_duty(name, int) IS 'Row security: is the duty one of the current role, or of a unit that it sees?';

-- The same, asked inside functions that run as the extension's owner, of the role that called them.

CREATE FUNCTION regtarget.caller_sees_unit(unit_id int) RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'rgt_caller_sees_unit';
COMMENT ON FUNCTION regtarget.caller_sees_unit(int) IS 'Inside functions that run as the owner: does their caller see the unit?';

CREATE FUNCTION regtarget.caller_has_duty() RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'rgt_caller_has_duty';
COMMENT ON FUNCTION regtarget.caller_has_duty() IS 'Inside functions that run as the owner: has their caller any duty at all?';

CREATE FUNCTION regtarget.caller_sees_target(plan_id bigint, unit_id int) RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'rgt_caller_sees_target';
COMMENT ON FUNCTION regtarget.caller_sees_target(bigint, int) IS 'Inside functions that run as the owner: does their caller see what the plan says of the unit?';

CREATE FUNCTION regtarget.caller_sees_plan(root_unit_id int, mode text, status text) RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'rgt_caller_sees_plan';
COMMENT ON FUNCTION regtarget.caller_sees_plan(int, text, text) IS 'Inside functions that run as the owner: has their caller a say in a plan of that root?';

SELECT pg_catalog.pg_extension_config_dump('regtarget.duties', '');

-- units: the organisation tree, its people, and the calendar.

CREATE TABLE regtarget.units (
	unit_id   int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
	code      text NOT NULL UNIQUE CHECK (code <> ''),
	name      text,
	kind      text,
	parent_id int,
	opened_on date CHECK (isfinite(opened_on)),
	closed_on date CHECK (isfinite(closed_on)),
	CONSTRAINT units_unit_id_check CHECK (unit_id > 0),
	CONSTRAINT units_days CHECK (closed_on >= opened_on)
);
CREATE INDEX units_parent_id_idx ON regtarget.units (parent_id);

CREATE TABLE regtarget.periods (
	period text PRIMARY KEY CHECK (period <> ''),
	during daterange NOT NULL,
	CONSTRAINT periods_bounded CHECK (isfinite(lower(during)) IS TRUE AND isfinite(upper(during)) IS TRUE),
	CONSTRAINT periods_overlap EXCLUDE USING gist (during WITH &&)
);

CREATE TABLE regtarget.months (
	month  text PRIMARY KEY CHECK (month <> ''),
	period text NOT NULL,
	during daterange NOT NULL,
	share  numeric CHECK (share >= 0 AND share <= 1),
	CONSTRAINT months_bounded CHECK (isfinite(lower(during)) IS TRUE AND isfinite(upper(during)) IS TRUE),
	CONSTRAINT months_overlap EXCLUDE USING gist (during WITH &&)
);
CREATE INDEX months_period_idx ON regtarget.months (period);

CREATE TABLE regtarget.employees (
	employee_id  int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
	source       text NOT NULL DEFAULT 'manual',
	source_id    text,
	name         text,
	email        text,
	hired_on     date CHECK (isfinite(hired_on)),
	left_on      date CHECK (isfinite(left_on)),
	leave_reason text,
	UNIQUE (source, source_id),
	CONSTRAINT employees_days CHECK (left_on >= hired_on)
);

CREATE TABLE regtarget.assignments (
	employee_id int NOT NULL,
	unit_id     int NOT NULL,
	during      daterange NOT NULL,
	PRIMARY KEY (employee_id, during),
	CONSTRAINT assignments_bounded CHECK (isfinite(lower(during)) IS TRUE AND isfinite(upper(during)) IS NOT FALSE),
	CONSTRAINT assignments_overlap EXCLUDE USING gist (employee_id WITH =, during WITH &&)
);
CREATE INDEX assignments_unit_id_idx ON regtarget.assignments (unit_id);

CREATE TABLE regtarget.ramp (
	months_of_service int PRIMARY KEY CHECK (months_of_service >= 0),
	share             numeric NOT NULL CHECK (share >= 0 AND share < 'Infinity')
);

CREATE FUNCTION regtarget.check_tree() RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'rgt_check_tree';

CREATE FUNCTION regtarget.check_months() RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'rgt_check_months';

CREATE TRIGGER units_tree_insert AFTER INSERT ON regtarget.units
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_tree();
CREATE TRIGGER units_tree_update AFTER UPDATE ON regtarget.units
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_tree();

CREATE TRIGGER months_inside AFTER INSERT OR UPDATE ON regtarget.months
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_months();
CREATE TRIGGER periods_around AFTER UPDATE ON regtarget.periods
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_months();

CREATE FUNCTION regtarget.add_year(year int, starts_on date DEFAULT NULL, pattern text DEFAULT 'calendar', weeks int DEFAULT 52)
RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_add_year';

-- Where each unit is in the tree, computed over all units; those in sight of the caller.
-- A unit's region is the nearest unit of kind "region" at or above it, else the one at depth 1.
CREATE FUNCTION regtarget.unit_places()
RETURNS TABLE (unit_id int, unit text, name text, kind text, parent_id int, parent text, depth int, path text,
	region text, is_leaf boolean, opened_on date, closed_on date)
LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on
BEGIN ATOMIC
	WITH RECURSIVE tree AS (
		SELECT u.unit_id, u.code, u.name, u.kind, u.parent_id, u.opened_on, u.closed_on, 0 AS depth, u.code AS path,
			NULL::text AS top, CASE WHEN u.kind = 'region' THEN u.code END AS region, NULL::text AS parent
		FROM regtarget.units u
		WHERE u.parent_id IS NULL
		UNION ALL
		SELECT u.unit_id, u.code, u.name, u.kind, u.parent_id, u.opened_on, u.closed_on, t.depth + 1, t.path || '/' || u.code,
			coalesce(t.top, u.code), CASE WHEN u.kind = 'region' THEN u.code ELSE t.region END, t.code
		FROM tree t JOIN regtarget.units u ON u.parent_id = t.unit_id
	)
	SELECT t.unit_id, t.code, t.name, t.kind, t.parent_id, t.parent, t.depth, t.path, coalesce(t.region, t.top),
		NOT EXISTS (SELECT FROM regtarget.units c WHERE c.parent_id = t.unit_id), t.opened_on, t.closed_on
	FROM tree t
	WHERE regtarget.caller_sees_unit(t.unit_id);
END;
COMMENT ON FUNCTION regtarget.unit_places() IS 'The rows of unit_tree: each unit in sight with its place in the tree of all units';

CREATE VIEW regtarget.unit_tree WITH (security_invoker = true) AS
SELECT t.unit_id, t.unit, t.name, t.kind, t.parent_id, t.parent, t.depth, t.path, t.region, t.is_leaf, t.opened_on, t.closed_on
FROM regtarget.unit_places() AS t;

-- Each unit in sight with itself and all units above it, whose figures stay hidden but not their names.
CREATE FUNCTION regtarget.unit_pairs()
RETURNS TABLE (unit_id int, unit text, ancestor_id int, ancestor text, ancestor_kind text, distance int)
LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on
BEGIN ATOMIC
	WITH RECURSIVE pairs AS (
		SELECT u.unit_id, u.unit_id AS ancestor_id, u.parent_id AS next_id, 0 AS distance
		FROM regtarget.units u
		WHERE regtarget.caller_sees_unit(u.unit_id)
		UNION ALL
		SELECT p.unit_id, u.unit_id, u.parent_id, p.distance + 1
		FROM pairs p JOIN regtarget.units u ON u.unit_id = p.next_id
	)
	SELECT p.unit_id, u.code, p.ancestor_id, a.code, a.kind, p.distance
	FROM pairs p
	JOIN regtarget.units u ON u.unit_id = p.unit_id
	JOIN regtarget.units a ON a.unit_id = p.ancestor_id;
END;
COMMENT ON FUNCTION regtarget.unit_pairs() IS 'The rows of unit_ancestors: each unit in sight with itself and each unit above it';

CREATE VIEW regtarget.unit_ancestors WITH (security_invoker = true) AS
SELECT p.unit_id, p.unit, p.ancestor_id, p.ancestor, p.ancestor_kind, p.distance
FROM regtarget.unit_pairs() AS p;

-- A month's weight is its share of the period's target; months without one share the rest by days,
-- and where the shares leave nothing to anybody, days decide alone.  Floats are summed in one order.
CREATE VIEW regtarget.calendar WITH (security_invoker = true) AS
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

SELECT pg_catalog.pg_extension_config_dump('regtarget.units', '');
SELECT pg_catalog.pg_extension_config_dump('regtarget.units_unit_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('regtarget.periods', '');
SELECT pg_catalog.pg_extension_config_dump('regtarget.months', '');
SELECT pg_catalog.pg_extension_config_dump('regtarget.employees', '');
SELECT pg_catalog.pg_extension_config_dump('regtarget.employees_employee_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('regtarget.assignments', '');
SELECT pg_catalog.pg_extension_config_dump('regtarget.ramp', '');

-- facts: customers, visits, deals, revenues; signals; policies and the profiles that fill them.

CREATE TABLE regtarget.customers (
	customer_id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
	source      text NOT NULL DEFAULT 'manual',
	source_id   text,
	unit_id     int NOT NULL,
	name        text,
	acquired_on date CHECK (isfinite(acquired_on)),
	churned_on  date CHECK (isfinite(churned_on)),
	UNIQUE (source, source_id),
	CONSTRAINT customers_days CHECK (churned_on >= acquired_on)
);

CREATE TABLE regtarget.visits (
	visit_id    bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
	source      text NOT NULL DEFAULT 'manual',
	source_id   text,
	unit_id     int NOT NULL,
	employee_id int,
	customer_id bigint,
	visited_on  date NOT NULL DEFAULT CURRENT_DATE CHECK (isfinite(visited_on)),
	UNIQUE (source, source_id)
);

CREATE TABLE regtarget.deals (
	deal_id     bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
	source      text NOT NULL DEFAULT 'manual',
	source_id   text,
	unit_id     int NOT NULL,
	employee_id int,
	customer_id bigint,
	opened_on   date CHECK (isfinite(opened_on)),
	closed_on   date CHECK (isfinite(closed_on)),
	won         boolean,
	amount      numeric CHECK (abs(amount) < 1e15),
	UNIQUE (source, source_id)
);

CREATE TABLE regtarget.revenues (
	revenue_id  bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
	source      text NOT NULL DEFAULT 'manual',
	source_id   text,
	unit_id     int NOT NULL,
	employee_id int,
	customer_id bigint,
	booked_on   date NOT NULL DEFAULT CURRENT_DATE CHECK (isfinite(booked_on)),
	amount      numeric NOT NULL DEFAULT 0 CHECK (abs(amount) < 1e15),
	UNIQUE (source, source_id)
);

-- Names that are computed and so cannot be entered; src/signals.c computes them.
CREATE FUNCTION regtarget.is_computed_signal(signal text) RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'rgt_is_computed_signal';

CREATE TABLE regtarget.signals (
	unit_id int NOT NULL,
	signal  text NOT NULL CHECK (signal <> ''),
	as_of   date NOT NULL DEFAULT CURRENT_DATE CHECK (isfinite(as_of)),
	value   float8 NOT NULL CHECK (value > '-Infinity' AND value < 'Infinity'),
	source  text,
	PRIMARY KEY (unit_id, signal, as_of),
	CONSTRAINT signals_reserved CHECK (NOT regtarget.is_computed_signal(signal))
);

CREATE TABLE regtarget.signal_kinds (
	signal     text PRIMARY KEY CHECK (signal <> ''),
	rollup     text CHECK (rollup IN ('sum', 'mean')),
	valid_days int CHECK (valid_days >= 0)
);

-- The database's time zone: what ALTER DATABASE says, else what the connection began with, whatever
-- it has set since.
CREATE FUNCTION regtarget.default_timezone() RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(
		(SELECT split_part(entry, '=', 2)
		 FROM pg_db_role_setting s CROSS JOIN LATERAL unnest(s.setconfig) AS entry
		 WHERE s.setrole = 0 AND s.setdatabase = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
			AND lower(split_part(entry, '=', 1)) = 'timezone'),
		(SELECT g.reset_val FROM pg_settings g WHERE g.name = 'TimeZone'));
END;

CREATE TABLE regtarget.policies (
	effective_from   date PRIMARY KEY CHECK (isfinite(effective_from)),
	cap              numeric NOT NULL DEFAULT 0.15 CHECK (cap >= 0 AND cap < 1 AND scale(cap) <= 18),
	penalty_rate     numeric NOT NULL DEFAULT 0.05 CHECK (penalty_rate >= 0 AND penalty_rate < 1 AND scale(penalty_rate) <= 18),
	penalty_quarters int NOT NULL DEFAULT 2 CHECK (penalty_quarters >= 1),
	silence_counts   boolean NOT NULL DEFAULT true,
	regret_days      int NOT NULL DEFAULT 2 CHECK (regret_days >= 0),
	sign_levels      int CHECK (sign_levels >= 1),
	sign_within_days int NOT NULL DEFAULT 5 CHECK (sign_within_days >= 0),
	window_months    int NOT NULL DEFAULT 6 CHECK (window_months BETWEEN 1 AND 1200),
	min_coverage     numeric NOT NULL DEFAULT 0.5 CHECK (min_coverage >= 0 AND min_coverage <= 1),
	actuals          text NOT NULL DEFAULT 'deals' CHECK (actuals IN ('deals', 'revenues')),
	churn_days       int CHECK (churn_days >= 1),
	timezone         text NOT NULL DEFAULT regtarget.default_timezone()
		CHECK (timezone(timezone, timestamptz 'epoch') IS NOT NULL)
);

CREATE FUNCTION regtarget.apply_profile(profile text DEFAULT 'standard', effective_from date DEFAULT '0001-01-01')
RETURNS text
LANGUAGE c VOLATILE PARALLEL UNSAFE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_apply_profile';

-- The company's day: now, in the time zone of the policy in force (the session's while there is none).
CREATE FUNCTION regtarget.today() RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(
		(SELECT (now() AT TIME ZONE p.timezone)::date FROM regtarget.policies p
		 WHERE p.effective_from <= CURRENT_DATE ORDER BY p.effective_from DESC LIMIT 1),
		CURRENT_DATE);
END;

-- A moment as the company's clock shows it.
CREATE FUNCTION regtarget.local_time(moment timestamptz) RETURNS timestamp
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT moment AT TIME ZONE coalesce(
		(SELECT p.timezone FROM regtarget.policies p
		 WHERE p.effective_from <= CURRENT_DATE ORDER BY p.effective_from DESC LIMIT 1),
		current_setting('TimeZone'));
END;

SELECT pg_catalog.pg_extension_config_dump('regtarget.customers', '');
SELECT pg_catalog.pg_extension_config_dump('regtarget.customers_customer_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('regtarget.visits', '');
SELECT pg_catalog.pg_extension_config_dump('regtarget.visits_visit_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('regtarget.deals', '');
SELECT pg_catalog.pg_extension_config_dump('regtarget.deals_deal_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('regtarget.revenues', '');
SELECT pg_catalog.pg_extension_config_dump('regtarget.revenues_revenue_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('regtarget.signals', '');
SELECT pg_catalog.pg_extension_config_dump('regtarget.signal_kinds', '');
SELECT pg_catalog.pg_extension_config_dump('regtarget.policies', '');

-- activity: what each unit did on each day, kept by triggers as facts change (see src/activity.c).
--
-- All of it is derived from the facts: a dump leaves it out, and the triggers make it again while the
-- facts are restored.

-- Folded: a row for each unit and day that has facts.
CREATE TABLE regtarget.activity_days (
	unit_id        int NOT NULL,
	day            date NOT NULL,
	visits         int NOT NULL,
	won            int NOT NULL,
	lost           int NOT NULL,
	won_amount     numeric NOT NULL,
	revenues       int NOT NULL,
	revenue_amount numeric NOT NULL,
	PRIMARY KEY (day, unit_id)
) WITH (fillfactor = 90);

COMMENT ON TABLE regtarget.activity_days IS 'Derived: what each unit itself did on each day, counted from visits, deals and revenues, but for what still waits in activity_deltas. Read it through view activity. Not in a dump: triggers make it again.';
COMMENT ON COLUMN regtarget.activity_days.unit_id IS 'Unit';
COMMENT ON COLUMN regtarget.activity_days.day IS 'Day: visited_on, closed_on, booked_on';
COMMENT ON COLUMN regtarget.activity_days.visits IS 'Visits';
COMMENT ON COLUMN regtarget.activity_days.won IS 'Deals won';
COMMENT ON COLUMN regtarget.activity_days.lost IS 'Deals lost';
COMMENT ON COLUMN regtarget.activity_days.won_amount IS 'Amount of the deals won, exactly';
COMMENT ON COLUMN regtarget.activity_days.revenues IS 'Revenues booked, how many';
COMMENT ON COLUMN regtarget.activity_days.revenue_amount IS 'Amount booked, exactly';

-- The days added up by calendar month: windows are whole months, so health reads these.  The rows of
-- the current month change at every fold; room on their pages keeps that out of the indexes.
CREATE TABLE regtarget.activity_months (
	unit_id        int NOT NULL,
	month          date NOT NULL,
	visits         int NOT NULL,
	won            int NOT NULL,
	lost           int NOT NULL,
	won_amount     numeric NOT NULL,
	revenues       int NOT NULL,
	revenue_amount numeric NOT NULL,
	PRIMARY KEY (month, unit_id)
) WITH (fillfactor = 70);
CREATE INDEX activity_months_unit ON regtarget.activity_months (unit_id);

COMMENT ON TABLE regtarget.activity_months IS 'Derived: activity_days by calendar month, always equal to their sum';
COMMENT ON COLUMN regtarget.activity_months.unit_id IS 'Unit';
COMMENT ON COLUMN regtarget.activity_months.month IS 'First day of the calendar month';
COMMENT ON COLUMN regtarget.activity_months.visits IS 'Visits';
COMMENT ON COLUMN regtarget.activity_months.won IS 'Deals won';
COMMENT ON COLUMN regtarget.activity_months.lost IS 'Deals lost';
COMMENT ON COLUMN regtarget.activity_months.won_amount IS 'Amount of the deals won, exactly';
COMMENT ON COLUMN regtarget.activity_months.revenues IS 'Revenues booked, how many';
COMMENT ON COLUMN regtarget.activity_months.revenue_amount IS 'Amount booked, exactly';

-- Not yet folded: what statements added and took away.  No key and no index, because every write of
-- facts writes here.  Rows are deleted when they are folded; a publication of all tables would refuse
-- that without a replica identity.  Vacuum early: dead rows are read over until then.
CREATE TABLE regtarget.activity_deltas (
	unit_id        int NOT NULL,
	day            date NOT NULL,
	visits         int NOT NULL,
	won            int NOT NULL,
	lost           int NOT NULL,
	won_amount     numeric NOT NULL,
	revenues       int NOT NULL,
	revenue_amount numeric NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
ALTER TABLE regtarget.activity_deltas REPLICA IDENTITY FULL;

COMMENT ON TABLE regtarget.activity_deltas IS 'Derived: changes of activity that are not folded into activity_days and activity_months yet. It has no key, because every write of facts appends here.';
COMMENT ON COLUMN regtarget.activity_deltas.unit_id IS 'Unit';
COMMENT ON COLUMN regtarget.activity_deltas.day IS 'Day: visited_on, closed_on, booked_on';
COMMENT ON COLUMN regtarget.activity_deltas.visits IS 'Visits more, or fewer';
COMMENT ON COLUMN regtarget.activity_deltas.won IS 'Deals won more, or fewer';
COMMENT ON COLUMN regtarget.activity_deltas.lost IS 'Deals lost more, or fewer';
COMMENT ON COLUMN regtarget.activity_deltas.won_amount IS 'Amount won more, or less';
COMMENT ON COLUMN regtarget.activity_deltas.revenues IS 'Revenues more, or fewer';
COMMENT ON COLUMN regtarget.activity_deltas.revenue_amount IS 'Amount booked more, or less';

-- Counts the deltas since the last fold, without a lock that lasts; whoever folds holds
-- SHARE UPDATE EXCLUSIVE on it.
CREATE SEQUENCE regtarget.activity_ticks;

-- Both together: the facts as they are now.
CREATE VIEW regtarget.activity WITH (security_invoker = true) AS
SELECT p.unit_id, p.day,
	sum(p.visits)::bigint AS visits, sum(p.won)::bigint AS won, sum(p.lost)::bigint AS lost,
	sum(p.won_amount)::numeric(38, 6) AS won_amount,
	sum(p.revenues)::bigint AS revenues, sum(p.revenue_amount)::numeric(38, 6) AS revenue_amount
FROM (
	SELECT d.unit_id, d.day, d.visits, d.won, d.lost, d.won_amount, d.revenues, d.revenue_amount
	FROM regtarget.activity_days d
	UNION ALL
	SELECT d.unit_id, d.day, d.visits, d.won, d.lost, d.won_amount, d.revenues, d.revenue_amount
	FROM regtarget.activity_deltas d
) AS p
GROUP BY p.unit_id, p.day
HAVING sum(p.visits) <> 0 OR sum(p.won) <> 0 OR sum(p.lost) <> 0 OR sum(p.revenues) <> 0;

COMMENT ON VIEW regtarget.activity IS 'What each unit itself (not those below it) did on each day, by visits, deals and revenues as they are now';
COMMENT ON COLUMN regtarget.activity.unit_id IS 'Unit';
COMMENT ON COLUMN regtarget.activity.day IS 'Day: visited_on, closed_on, booked_on';
COMMENT ON COLUMN regtarget.activity.visits IS 'Visits';
COMMENT ON COLUMN regtarget.activity.won IS 'Deals won';
COMMENT ON COLUMN regtarget.activity.lost IS 'Deals lost';
COMMENT ON COLUMN regtarget.activity.won_amount IS 'Amount of the deals won, in the database''s currency';
COMMENT ON COLUMN regtarget.activity.revenues IS 'Revenues booked, how many';
COMMENT ON COLUMN regtarget.activity.revenue_amount IS 'Amount booked, in the database''s currency';

CREATE FUNCTION regtarget.keep_activity() RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'rgt_keep_activity';
COMMENT ON FUNCTION regtarget.keep_activity() IS
'Trigger on visits, deals and revenues: counts what a statement added and took away into the activity of its units and days.';

CREATE TRIGGER visits_activity_insert AFTER INSERT ON regtarget.visits
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.keep_activity();
CREATE TRIGGER visits_activity_update AFTER UPDATE ON regtarget.visits
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.keep_activity();
CREATE TRIGGER visits_activity_delete AFTER DELETE ON regtarget.visits
REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.keep_activity();
CREATE TRIGGER visits_activity_truncate AFTER TRUNCATE ON regtarget.visits
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.keep_activity();
CREATE TRIGGER deals_activity_insert AFTER INSERT ON regtarget.deals
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.keep_activity();
CREATE TRIGGER deals_activity_update AFTER UPDATE ON regtarget.deals
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.keep_activity();
CREATE TRIGGER deals_activity_delete AFTER DELETE ON regtarget.deals
REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.keep_activity();
CREATE TRIGGER deals_activity_truncate AFTER TRUNCATE ON regtarget.deals
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.keep_activity();
CREATE TRIGGER revenues_activity_insert AFTER INSERT ON regtarget.revenues
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.keep_activity();
CREATE TRIGGER revenues_activity_update AFTER UPDATE ON regtarget.revenues
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.keep_activity();
CREATE TRIGGER revenues_activity_delete AFTER DELETE ON regtarget.revenues
REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.keep_activity();
CREATE TRIGGER revenues_activity_truncate AFTER TRUNCATE ON regtarget.revenues
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.keep_activity();

CREATE FUNCTION regtarget.fold_activity() RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_fold_activity';
REVOKE ALL ON FUNCTION regtarget.fold_activity() FROM PUBLIC;
COMMENT ON FUNCTION regtarget.fold_activity() IS
'Folds all waiting changes of activity into its days and months, and says how many there were. Writers do so by themselves, every 20,000 changes or so; nothing else depends on it. Waits for another fold; 40001 where an older snapshot is in force.';

CREATE FUNCTION regtarget.rebuild_activity() RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_rebuild_activity';
REVOKE ALL ON FUNCTION regtarget.rebuild_activity() FROM PUBLIC;
COMMENT ON FUNCTION regtarget.rebuild_activity() IS
'Counts activity anew from all facts, and says how many unit-days it has. For facts that were written while triggers did not fire (session_replication_role = replica, disabled triggers). Writers of facts wait for the end of its transaction, readers do not. Error 55000 at REPEATABLE READ and above.';

-- health: signals of a unit on a day, the metrics among them that count, and the score they make.

CREATE TABLE regtarget.metrics (
	metric text PRIMARY KEY CHECK (metric <> ''),
	weight float8 NOT NULL DEFAULT 1 CHECK (weight >= 0 AND weight < 'Infinity'),
	worst  float8 NOT NULL DEFAULT 0 CHECK (worst > '-Infinity' AND worst < 'Infinity'),
	best   float8 NOT NULL DEFAULT 1 CHECK (best > '-Infinity' AND best < 'Infinity'),
	CONSTRAINT metrics_no_health CHECK (metric <> 'health'),
	CONSTRAINT metrics_anchors CHECK (worst <> best)
);
COMMENT ON TABLE regtarget.metrics IS 'What counts towards the health score: signals with their weights and anchors. Filled by apply_profile().';
COMMENT ON COLUMN regtarget.metrics.metric IS 'Name of a signal, entered or computed; not health itself';
COMMENT ON COLUMN regtarget.metrics.weight IS 'What it counts for; only the proportions between the metrics matter';
COMMENT ON COLUMN regtarget.metrics.worst IS 'The value that scores 0, in the signal''s own unit; values beyond it score 0 too';
COMMENT ON COLUMN regtarget.metrics.best IS 'The value that scores 100; best < worst reverses the scale: the smaller the better';

SELECT pg_catalog.pg_extension_config_dump('regtarget.metrics', '');

-- The aggregate. Its functions refuse to be called outside of one: they change their state in place.

CREATE FUNCTION regtarget.health_score_add(state point, value float8, worst float8, best float8, weight float8)
RETURNS point
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rgt_health_score_add';

CREATE FUNCTION regtarget.health_score_combine(state point, other point) RETURNS point
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rgt_health_score_combine';

CREATE FUNCTION regtarget.health_score_final(state point) RETURNS float8
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rgt_health_score_final';

CREATE AGGREGATE regtarget.health_score(value float8, worst float8, best float8, weight float8) (
	SFUNC = regtarget.health_score_add,
	STYPE = point,
	INITCOND = '(0,0)',
	COMBINEFUNC = regtarget.health_score_combine,
	FINALFUNC = regtarget.health_score_final,
	PARALLEL = SAFE
);

COMMENT ON FUNCTION regtarget.health_score_add(point, float8, float8, float8, float8) IS 'Transition function of the aggregate health_score';
COMMENT ON FUNCTION regtarget.health_score_combine(point, point) IS 'Combine function of the aggregate health_score';
COMMENT ON FUNCTION regtarget.health_score_final(point) IS 'Final function of the aggregate health_score';
COMMENT ON AGGREGATE regtarget.health_score(float8, float8, float8, float8) IS
'Health score, 0 to 100: 100 x the weighted mean of (value - worst) / (best - worst), each cut to 0..1. Rows without a value are left out; null when none has one or the weights add up to 0. Error 22023 for a null anchor or weight beside a value, worst = best, a negative weight, NaN or infinity; 22003 when the weights add up to more than float8 holds.';

-- Reports of a day. They compute over all units, whoever asks, and tell of those in sight; RESTRICTED, because each worker of a
-- parallel plan would do the whole work again.

CREATE FUNCTION regtarget.unit_signals(as_of date DEFAULT CURRENT_DATE)
RETURNS TABLE (unit_id int, signal text, value float8)
LANGUAGE c STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_unit_signals';
REVOKE ALL ON FUNCTION regtarget.unit_signals(date) FROM PUBLIC;
COMMENT ON FUNCTION regtarget.unit_signals(date) IS
'Every known signal of every unit on a day, computed and entered, by unit_id and signal; what is not known has no row. Computed ones are over the unit and all units below it, from what is dated up to and including the day. Error 22023 for a null or infinite day, 55000 when no policy is in force on it.';

CREATE FUNCTION regtarget.unit_health(as_of date DEFAULT CURRENT_DATE)
RETURNS TABLE (unit_id int, unit text, health float8, coverage float8,
	visits_per_head float8, conversion_rate float8, output_per_head float8, attrition_rate float8)
LANGUAGE c STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_unit_health';
REVOKE ALL ON FUNCTION regtarget.unit_health(date) FROM PUBLIC;
COMMENT ON FUNCTION regtarget.unit_health(date) IS
'Health (0 to 100) of every unit on a day, the share of the metrics'' weight that was known (0 to 1), and four metrics over the months of the window: visits per head and month, won / closed deals, won amount per head and month, leavers / average headcount. Null is not known; health is null below the policy''s min_coverage. Error 22023 for a null or infinite day, 55000 when no policy is in force on it.';

CREATE FUNCTION regtarget.health_ranking(as_of date DEFAULT CURRENT_DATE)
RETURNS TABLE (unit_id int, unit text, depth int, health float8, coverage float8, rank int,
	health_before float8, change float8,
	visits_per_head float8, conversion_rate float8, output_per_head float8, attrition_rate float8)
LANGUAGE c STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_health_ranking';
REVOKE ALL ON FUNCTION regtarget.health_ranking(date) FROM PUBLIC;
COMMENT ON FUNCTION regtarget.health_ranking(date) IS
'unit_health with each unit''s depth in the tree (a root: 0), its rank by health among the units of the same parent (1 is the best; equal health, equal rank; no health, no rank), and its health one month before with the change since. Errors as in unit_health.';

CREATE FUNCTION regtarget.health_points(as_of date DEFAULT CURRENT_DATE)
RETURNS TABLE (unit_id int, unit text, metric text, value float8, worst float8, best float8,
	weight float8, points_gained float8, points_lost float8)
LANGUAGE c STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_health_points';
REVOKE ALL ON FUNCTION regtarget.health_points(date) FROM PUBLIC;
COMMENT ON FUNCTION regtarget.health_points(date) IS
'What each metric adds to each unit''s health: its value and anchors, the share of the weight that it counts for (0 when not known: the others count for more), the points it gained and the points it could still gain. Points gained add up to health; null where health or the value is not known. Errors as in unit_health.';

CREATE FUNCTION regtarget.calibrate_metrics(as_of date DEFAULT CURRENT_DATE)
RETURNS TABLE (metric text, worst float8, best float8)
LANGUAGE c STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_calibrate_metrics';
REVOKE ALL ON FUNCTION regtarget.calibrate_metrics(date) FROM PUBLIC;
COMMENT ON FUNCTION regtarget.calibrate_metrics(date) IS
'Proposes anchors for the metrics from history and changes nothing: the 5th and the 95th percentile over the units without children on the first days of the last twelve months, as_of''s month included, the way round that the present anchors are. With fewer than 20 such values, units with children that are no roots count too. Metrics without any spread are left out. Errors as in unit_health.';

-- Views. The functions tell of the units in sight; figures and ranks are over all.

CREATE VIEW regtarget.region_health WITH (security_invoker = true) AS
SELECT h.unit_id, u.unit, u.name, u.kind, u.parent, h.depth, t.as_of,
	h.health, h.coverage, h.rank, h.health_before, h.change,
	h.visits_per_head, h.conversion_rate, h.output_per_head, h.attrition_rate
FROM (SELECT regtarget.today() AS as_of) t
JOIN LATERAL (SELECT FROM regtarget.policies y WHERE y.effective_from <= t.as_of LIMIT 1) y ON true
CROSS JOIN LATERAL regtarget.health_ranking(t.as_of) h
JOIN regtarget.unit_tree u ON u.unit_id = h.unit_id;

COMMENT ON VIEW regtarget.region_health IS 'Health of every unit today: score, coverage, rank among its siblings, change on the month before, and the four metrics behind it';
COMMENT ON COLUMN regtarget.region_health.unit_id IS 'Unit';
COMMENT ON COLUMN regtarget.region_health.unit IS 'Code of the unit';
COMMENT ON COLUMN regtarget.region_health.name IS 'Name of the unit';
COMMENT ON COLUMN regtarget.region_health.kind IS 'Kind of unit, as entered: company, region, group';
COMMENT ON COLUMN regtarget.region_health.parent IS 'Code of the unit above; null for a root';
COMMENT ON COLUMN regtarget.region_health.depth IS 'Levels below the root; 0 for a root';
COMMENT ON COLUMN regtarget.region_health.as_of IS 'Today, in the time zone of the policy';
COMMENT ON COLUMN regtarget.region_health.health IS 'Health score, 0 to 100; null when too little is known';
COMMENT ON COLUMN regtarget.region_health.coverage IS 'Share of the metrics'' weight that was known, 0 to 1';
COMMENT ON COLUMN regtarget.region_health.rank IS 'Rank by health among the units of the same parent, 1 is the best; null without health';
COMMENT ON COLUMN regtarget.region_health.health_before IS 'Health score one month before';
COMMENT ON COLUMN regtarget.region_health.change IS 'Points gained (or lost, negative) since one month before';
COMMENT ON COLUMN regtarget.region_health.visits_per_head IS 'Visits per average headcount and month of the window; null when not known';
COMMENT ON COLUMN regtarget.region_health.conversion_rate IS 'Won / closed deals of the window, 0 to 1; null when not known';
COMMENT ON COLUMN regtarget.region_health.output_per_head IS 'Won amount per average headcount and month of the window, in the database''s currency; null when not known';
COMMENT ON COLUMN regtarget.region_health.attrition_rate IS 'Leavers / average headcount of the window; null when not known';

CREATE VIEW regtarget.health_trend WITH (security_invoker = true) AS
SELECT h.unit_id, u.code AS unit, u.name, m.month, lower(m.during) AS as_of, h.health, h.coverage,
	h.visits_per_head, h.conversion_rate, h.output_per_head, h.attrition_rate
FROM regtarget.months m
CROSS JOIN LATERAL regtarget.unit_health(lower(m.during)) h
JOIN regtarget.units u ON u.unit_id = h.unit_id
WHERE lower(m.during) <= (SELECT regtarget.today())
	AND lower(m.during) >= (SELECT min(p.effective_from) FROM regtarget.policies p);

COMMENT ON VIEW regtarget.health_trend IS 'Health of every unit on the first day of every month that has begun and has a policy in force';
COMMENT ON COLUMN regtarget.health_trend.unit_id IS 'Unit';
COMMENT ON COLUMN regtarget.health_trend.unit IS 'Code of the unit';
COMMENT ON COLUMN regtarget.health_trend.name IS 'Name of the unit';
COMMENT ON COLUMN regtarget.health_trend.month IS 'Key of the month';
COMMENT ON COLUMN regtarget.health_trend.as_of IS 'First day of the month: the day of the figures';
COMMENT ON COLUMN regtarget.health_trend.health IS 'Health score, 0 to 100; null when too little was known';
COMMENT ON COLUMN regtarget.health_trend.coverage IS 'Share of the metrics'' weight that was known, 0 to 1';
COMMENT ON COLUMN regtarget.health_trend.visits_per_head IS 'Visits per average headcount and month of the window; null when not known';
COMMENT ON COLUMN regtarget.health_trend.conversion_rate IS 'Won / closed deals of the window, 0 to 1; null when not known';
COMMENT ON COLUMN regtarget.health_trend.output_per_head IS 'Won amount per average headcount and month of the window, in the database''s currency; null when not known';
COMMENT ON COLUMN regtarget.health_trend.attrition_rate IS 'Leavers / average headcount of the window; null when not known';

CREATE VIEW regtarget.health_breakdown WITH (security_invoker = true) AS
SELECT h.unit_id, u.code AS unit, u.name, h.metric, h.value, h.worst, h.best, h.weight,
	h.points_gained, h.points_lost
FROM (SELECT regtarget.today() AS as_of) t
JOIN LATERAL (SELECT FROM regtarget.policies y WHERE y.effective_from <= t.as_of LIMIT 1) y ON true
CROSS JOIN LATERAL regtarget.health_points(t.as_of) h
JOIN regtarget.units u ON u.unit_id = h.unit_id;

COMMENT ON VIEW regtarget.health_breakdown IS 'Today''s health of every unit, metric by metric; points gained add up to the score';
COMMENT ON COLUMN regtarget.health_breakdown.unit_id IS 'Unit';
COMMENT ON COLUMN regtarget.health_breakdown.unit IS 'Code of the unit';
COMMENT ON COLUMN regtarget.health_breakdown.name IS 'Name of the unit';
COMMENT ON COLUMN regtarget.health_breakdown.metric IS 'The signal that counts';
COMMENT ON COLUMN regtarget.health_breakdown.value IS 'Its value today, in its own unit; null when not known';
COMMENT ON COLUMN regtarget.health_breakdown.worst IS 'The value that scores 0';
COMMENT ON COLUMN regtarget.health_breakdown.best IS 'The value that scores 100';
COMMENT ON COLUMN regtarget.health_breakdown.weight IS 'Share of the score that it decides here, 0 to 1: its weight over that of all metrics known of the unit; 0 when its value is not known, null without a score';
COMMENT ON COLUMN regtarget.health_breakdown.points_gained IS 'Points that it adds to the score; null when not known';
COMMENT ON COLUMN regtarget.health_breakdown.points_lost IS 'Points that it could still add; null when not known';

-- apportion: splitting a total over the rows of a partition, exactly (see src/apportion.c).

CREATE FUNCTION regtarget.apportion(total numeric, weight float8, step numeric DEFAULT 0.01,
	at_least numeric DEFAULT NULL, at_most numeric DEFAULT NULL)
RETURNS numeric
LANGUAGE c WINDOW IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rgt_apportion';

-- plans: factors and bounds, the split of a total over the tree, publishing.

CREATE TABLE regtarget.factors (
	signal    text PRIMARY KEY CHECK (signal <> ''),
	factor    text CHECK (factor <> ''),
	weight    float8 NOT NULL DEFAULT 1 CHECK (weight >= 0 AND weight < 'Infinity'),
	scaled_by text CHECK (scaled_by <> '')
);

CREATE TABLE regtarget.bounds (
	period   text NOT NULL,
	unit_id  int NOT NULL,
	at_least numeric CHECK (at_least >= 0 AND at_least < 1e15),
	at_most  numeric CHECK (at_most >= 0 AND at_most < 1e15),
	PRIMARY KEY (period, unit_id),
	CONSTRAINT bounds_order CHECK (at_least <= at_most)
);

CREATE TABLE regtarget.plans (
	plan_id      bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
	period       text NOT NULL,
	root_unit_id int NOT NULL,
	mode         text NOT NULL DEFAULT 'live' CHECK (mode IN ('live', 'shadow', 'sandbox')),
	label        text,
	status       text NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'proposed', 'published', 'closed')),
	total        numeric NOT NULL CHECK (total >= 0 AND total < 1e15),
	step         numeric NOT NULL DEFAULT 0.01
		CHECK (step >= 0.0001 AND step < 1e15 AND scale(trim_scale(step)) <= 4),
	cap          numeric NOT NULL CHECK (cap >= 0 AND cap < 1 AND scale(cap) <= 18),
	created_by   text NOT NULL,
	created_at   timestamptz NOT NULL DEFAULT now(),
	published_at timestamptz,
	rules        jsonb,
	CONSTRAINT plans_steps CHECK (total <= step * 1e16),
	CONSTRAINT plans_published CHECK ((published_at IS NOT NULL) = (status IN ('published', 'closed')))
);
CREATE INDEX plans_period_idx ON regtarget.plans (period, mode, status);

-- What each split was made of: for each parent and signal, its children in one row of arrays, which
-- costs a tenth of a row a child.  The view target_basis unfolds it.
CREATE TABLE regtarget.plan_basis (
	plan_id        bigint NOT NULL,
	parent_unit_id int NOT NULL,
	signal         text NOT NULL,
	factor         text NOT NULL,
	weight         float8 NOT NULL CHECK (weight >= 0 AND weight < 'Infinity'),
	unit_ids       int[] NOT NULL,
	"values"       float8[] NOT NULL,
	imputed        boolean[] NOT NULL,
	scales         float8[],
	shares         float8[] NOT NULL,
	PRIMARY KEY (plan_id, parent_unit_id, signal)
);

-- The bounds that each split obeyed: a row a unit, so that nobody sees others'.
CREATE TABLE regtarget.plan_bounds (
	plan_id  bigint NOT NULL,
	unit_id  int NOT NULL,
	at_least numeric CHECK (at_least >= 0 AND at_least < 1e15),
	at_most  numeric CHECK (at_most >= 0 AND at_most < 1e15),
	PRIMARY KEY (plan_id, unit_id)
);

CREATE FUNCTION regtarget.guard_plans() RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'rgt_guard_plans';

CREATE TRIGGER plans_guard BEFORE INSERT OR UPDATE OR DELETE ON regtarget.plans
FOR EACH ROW EXECUTE FUNCTION regtarget.guard_plans();
CREATE TRIGGER plans_guard_truncate BEFORE TRUNCATE ON regtarget.plans
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.guard_plans();

CREATE FUNCTION regtarget.propose_plan(plan_id bigint) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_propose_plan';

CREATE FUNCTION regtarget.publish_plan(plan_id bigint) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_publish_plan';

CREATE FUNCTION regtarget.preview_targets(period text, total numeric, mode text DEFAULT 'live', root text DEFAULT NULL,
	step numeric DEFAULT 0.01, factors jsonb DEFAULT NULL)
RETURNS TABLE (unit_id int, parent_unit_id int, suggested numeric, penalty numeric, baseline numeric)
LANGUAGE c STABLE PARALLEL RESTRICTED
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_preview_targets';

SELECT pg_catalog.pg_extension_config_dump('regtarget.factors', '');
SELECT pg_catalog.pg_extension_config_dump('regtarget.bounds', '');
SELECT pg_catalog.pg_extension_config_dump('regtarget.plans', '');
SELECT pg_catalog.pg_extension_config_dump('regtarget.plans_plan_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('regtarget.plan_basis', '');
SELECT pg_catalog.pg_extension_config_dump('regtarget.plan_bounds', '');

-- targets: each unit's amount in a plan, under the guard; months, actuals, pace.

CREATE TABLE regtarget.targets (
	target_id      bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
	plan_id        bigint NOT NULL,
	unit_id        int NOT NULL,
	parent_unit_id int,
	period         text NOT NULL,
	suggested      numeric NOT NULL DEFAULT 0 CHECK (suggested >= 0 AND suggested < 1e15),
	penalty        numeric NOT NULL DEFAULT 0 CHECK (penalty >= 0 AND penalty < 1e15),
	baseline       numeric NOT NULL DEFAULT 0 CHECK (baseline >= 0 AND baseline < 1e15),
	amount         numeric NOT NULL DEFAULT 0 CHECK (amount < 1e15),
	cap            numeric NOT NULL DEFAULT 0 CHECK (cap >= 0 AND cap < 1),
	UNIQUE (plan_id, unit_id),
	CONSTRAINT targets_baseline CHECK (baseline = suggested + penalty),
	CONSTRAINT targets_cap CHECK (abs(amount - baseline) <= cap * baseline)
);
CREATE INDEX targets_parent_idx ON regtarget.targets (plan_id, parent_unit_id);

CREATE FUNCTION regtarget.guard_targets() RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'rgt_guard_targets';

CREATE TRIGGER targets_guard BEFORE INSERT OR UPDATE OR DELETE ON regtarget.targets
FOR EACH ROW EXECUTE FUNCTION regtarget.guard_targets();
CREATE TRIGGER targets_guard_truncate BEFORE TRUNCATE ON regtarget.targets
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.guard_targets();

CREATE FUNCTION regtarget.allocate_targets(period text, total numeric, mode text DEFAULT 'live', root text DEFAULT NULL,
	step numeric DEFAULT 0.01, factors jsonb DEFAULT NULL, label text DEFAULT NULL)
RETURNS SETOF regtarget.targets
LANGUAGE c VOLATILE PARALLEL UNSAFE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_allocate_targets';

CREATE FUNCTION regtarget.explain_target(unit text, period text, plan_id bigint DEFAULT NULL)
RETURNS TABLE (step int, what text, amount numeric, detail text)
LANGUAGE c STABLE PARALLEL RESTRICTED
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_explain_target';

-- Why a suggestion is what it is: each signal that counted, unfolded from plan_basis, whose rows hold
-- the figures of all siblings: so of one target, for whoever sees it.
CREATE FUNCTION regtarget.basis_of_target(plan_id bigint, parent_unit_id int, unit_id int)
RETURNS TABLE (signal text, factor text, value float8, imputed boolean, scale float8, share float8, weight float8)
LANGUAGE sql STABLE PARALLEL RESTRICTED ROWS 4
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on
BEGIN ATOMIC
	SELECT b.signal, b.factor, b."values"[e.place], b.imputed[e.place], b.scales[e.place], b.shares[e.place], b.weight
	FROM regtarget.plan_basis b
	CROSS JOIN LATERAL array_position(b.unit_ids, basis_of_target.unit_id) AS e (place)
	WHERE b.plan_id = basis_of_target.plan_id AND b.parent_unit_id = basis_of_target.parent_unit_id
		AND e.place IS NOT NULL AND regtarget.caller_sees_target(b.plan_id, basis_of_target.unit_id);
END;
COMMENT ON FUNCTION regtarget.basis_of_target(bigint, int, int) IS 'What each signal contributed to one unit''s suggestion in a plan; the rows of target_basis. Nothing for a target that is not in sight.';

CREATE VIEW regtarget.target_basis WITH (security_invoker = true) AS
SELECT t.target_id, b.signal, b.factor, b.value, b.imputed, b.scale, b.share, b.weight, t.plan_id, t.unit_id
FROM regtarget.targets t
CROSS JOIN LATERAL regtarget.basis_of_target(t.plan_id, t.parent_unit_id, t.unit_id) AS b;

CREATE VIEW regtarget.target_breakdown WITH (security_invoker = true) AS
SELECT b.target_id, b.plan_id, t.period, b.unit_id, u.code AS unit, u.name, b.factor, b.signal, b.weight, b.share,
	b.weight * b.share AS part,
	format('%s: %s%s is %s %% among its siblings%s and weighs %s %%', b.signal, trim_scale(round(b.value::numeric, 4)),
		CASE WHEN b.scale IS NULL THEN '' ELSE format(' times %s', trim_scale(round(b.scale::numeric, 4))) END,
		trim_scale(round((100 * b.share)::numeric, 2)),
		CASE WHEN b.imputed THEN ' (filled from its siblings)' ELSE '' END,
		trim_scale(round((100 * b.weight)::numeric, 2))) AS words
FROM regtarget.target_basis b
JOIN regtarget.targets t ON t.target_id = b.target_id
JOIN regtarget.units u ON u.unit_id = b.unit_id;

-- What a plan adds up to, over all its targets, for whoever sees its row.
CREATE FUNCTION regtarget.plan_totals(plan_id bigint)
RETURNS TABLE (root text, units bigint, penalty numeric)
LANGUAGE sql STABLE PARALLEL RESTRICTED ROWS 1
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on
BEGIN ATOMIC
	SELECT (SELECT u.code FROM regtarget.units u WHERE u.unit_id = p.root_unit_id), t.units, t.penalty
	FROM regtarget.plans p
	CROSS JOIN LATERAL (
		SELECT count(*) AS units, coalesce(sum(t.penalty), 0) AS penalty FROM regtarget.targets t WHERE t.plan_id = p.plan_id
	) AS t
	WHERE p.plan_id = plan_totals.plan_id AND regtarget.caller_sees_plan(p.root_unit_id, p.mode, p.status);
END;
COMMENT ON FUNCTION regtarget.plan_totals(bigint) IS 'Code of a plan''s root, number of its targets and sum of their penalties, whoever asks; nothing for a plan that is not in sight';

CREATE VIEW regtarget.plan_board WITH (security_invoker = true) AS
SELECT p.plan_id, p.period, p.mode, p.label, p.status, p.root_unit_id, t.root,
	p.total::numeric(19, 4) AS total, t.units,
	t.penalty::numeric(24, 4) AS penalty, p.step::numeric(19, 4) AS step, p.cap::numeric(19, 18) AS cap,
	p.created_by, regtarget.local_time(p.created_at) AS created_at,
	regtarget.local_time(p.published_at) AS published_at
FROM regtarget.plans p
CROSS JOIN LATERAL regtarget.plan_totals(p.plan_id) AS t;

-- Over-assignment in plain sight: what children's amounts add up to beyond their parent's.  Over all
-- children, for whoever sees the parent.
CREATE FUNCTION regtarget.plan_parents(plan_id bigint)
RETURNS TABLE (unit_id int, unit text, amount numeric, baseline numeric, children bigint, children_amount numeric,
	suggested numeric, penalty numeric, adjusted numeric)
LANGUAGE sql STABLE PARALLEL RESTRICTED
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on
BEGIN ATOMIC
	SELECT t.unit_id, u.code, t.amount, t.baseline, c.children, c.amount, c.suggested, c.penalty, c.adjusted
	FROM regtarget.targets t
	JOIN regtarget.units u ON u.unit_id = t.unit_id
	JOIN (
		SELECT t.parent_unit_id, count(*) AS children, sum(t.amount) AS amount, sum(t.suggested) AS suggested,
			sum(t.penalty) AS penalty, sum(t.amount - t.baseline) AS adjusted
		FROM regtarget.targets t WHERE t.plan_id = plan_parents.plan_id GROUP BY t.parent_unit_id
	) AS c ON c.parent_unit_id = t.unit_id
	WHERE t.plan_id = plan_parents.plan_id AND regtarget.caller_sees_target(t.plan_id, t.unit_id);
END;
COMMENT ON FUNCTION regtarget.plan_parents(bigint) IS 'The targets of a plan that have children in it, with what those add up to, whoever asks; of those targets that are in sight';

CREATE VIEW regtarget.plan_balance WITH (security_invoker = true) AS
SELECT p.plan_id, p.period, p.mode, p.status, t.unit_id, t.unit,
	t.amount::numeric(19, 4) AS amount, t.children, t.children_amount::numeric(24, 4) AS children_amount,
	(t.children_amount - t.amount)::numeric(24, 4) AS difference,
	t.penalty::numeric(24, 4) AS from_penalty,
	(t.adjusted - (t.amount - t.baseline))::numeric(24, 4) AS from_adjustment,
	(t.suggested - t.baseline)::numeric(24, 4) AS from_rounding
FROM regtarget.plans p
CROSS JOIN LATERAL regtarget.plan_parents(p.plan_id) AS t;

-- Each target over the months of its period, exactly: S4 with the calendar's weights.
CREATE VIEW regtarget.target_months WITH (security_invoker = true) AS
SELECT t.target_id, t.plan_id, t.unit_id, u.code AS unit, t.period, c.month, c.starts_on, c.ends_on, c.days,
	(regtarget.apportion(t.amount, c.weight, p.step)
		OVER (PARTITION BY t.target_id ORDER BY c.starts_on))::numeric(19, 4) AS amount
FROM regtarget.targets t
JOIN regtarget.plans p ON p.plan_id = t.plan_id
JOIN regtarget.units u ON u.unit_id = t.unit_id
JOIN regtarget.calendar c ON c.period = t.period;

-- What published live targets called for up to and including a day of their period.
CREATE FUNCTION regtarget.targets_due(day date) RETURNS TABLE (unit_id int, due float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT m.unit_id, sum(m.amount * least(greatest(targets_due.day - m.starts_on + 1, 0), m.days) / m.days)::float8
	FROM regtarget.periods q
	JOIN regtarget.plans p ON p.period = q.period AND p.mode = 'live' AND p.status IN ('published', 'closed')
	JOIN regtarget.target_months m ON m.plan_id = p.plan_id
	WHERE q.during @> targets_due.day
	GROUP BY m.unit_id;
END;

-- What each unit and all below it achieved in a period, and up to and including a day of it.
CREATE FUNCTION regtarget.period_actuals(period text, up_to date DEFAULT NULL)
RETURNS TABLE (unit_id int, actual numeric, so_far numeric)
LANGUAGE c STABLE PARALLEL RESTRICTED COST 100000 ROWS 1000
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_period_actuals';

-- Live targets, one a unit and period: the published one, else that of the newest live draft.
CREATE VIEW regtarget.target_board WITH (security_invoker = true) AS
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
JOIN regtarget.unit_tree u ON u.unit_id = t.unit_id
CROSS JOIN LATERAL (SELECT div(t.baseline * t.cap, p.step) AS steps) AS room
LEFT JOIN LATERAL (
	SELECT sum(m.amount * least(greatest(today.day - m.starts_on + 1, 0), m.days) / m.days) AS amount
	FROM regtarget.target_months m CROSS JOIN (SELECT regtarget.today() AS day) AS today
	WHERE m.target_id = t.target_id
) AS due ON true
LEFT JOIN (
	SELECT q.period, s.unit_id, s.actual, s.so_far
	FROM regtarget.periods q CROSS JOIN LATERAL regtarget.period_actuals(q.period, regtarget.today()) AS s
	WHERE EXISTS (SELECT FROM regtarget.plans l WHERE l.period = q.period AND l.mode = 'live')
) AS a ON a.period = p.period AND a.unit_id = t.unit_id
WHERE p.mode = 'live' AND (p.status IN ('published', 'closed') OR NOT EXISTS (
	SELECT FROM regtarget.plans o JOIN regtarget.targets other ON other.plan_id = o.plan_id AND other.unit_id = t.unit_id
	WHERE o.period = p.period AND o.mode = 'live' AND o.plan_id <> p.plan_id
		AND (o.status IN ('published', 'closed') OR o.plan_id > p.plan_id)));

SELECT pg_catalog.pg_extension_config_dump('regtarget.targets', '');
SELECT pg_catalog.pg_extension_config_dump('regtarget.targets_target_id_seq', '');

-- valve: requests to move a published target, the signatures they need, the filing that finance
-- receives; and what managers answer to their targets.  Written by functions alone, which keep what
-- CHECKs would say: the server reads each CHECK's expression from the catalog in every statement, and that
-- costs applying more than moving the target.  verify() looks again.

CREATE TABLE regtarget.adjustments (
	adjustment_id  bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
	target_id      bigint NOT NULL,
	unit_id        int NOT NULL,
	period         text NOT NULL,
	month          text NOT NULL,
	change         numeric NOT NULL,
	granted        numeric,
	reason         text NOT NULL,
	requested_by   text NOT NULL,
	requested_at   timestamptz NOT NULL,
	requested_on   date NOT NULL,
	status         text NOT NULL DEFAULT 'requested',
	amount_before  numeric NOT NULL,
	amount_after   numeric NOT NULL,
	health_at_plan float8,
	health         float8,
	pace           float8,
	review_id      bigint,
	decided_at     timestamptz,
	ended_at       timestamptz
);
CREATE UNIQUE INDEX adjustments_one_a_month ON regtarget.adjustments (target_id, month)
WHERE status IN ('requested', 'approved', 'applied') AND review_id IS NULL;
CREATE INDEX adjustments_period_idx ON regtarget.adjustments (period, status);
CREATE INDEX adjustments_unit_id_idx ON regtarget.adjustments (unit_id);

COMMENT ON TABLE regtarget.adjustments IS 'Requests to move a published target: one a unit and month that is requested, approved or applied. Written by functions alone.';
COMMENT ON COLUMN regtarget.adjustments.adjustment_id IS 'Key';
COMMENT ON COLUMN regtarget.adjustments.target_id IS 'The target to move';
COMMENT ON COLUMN regtarget.adjustments.unit_id IS 'Its unit, which asks';
COMMENT ON COLUMN regtarget.adjustments.period IS 'Its period';
COMMENT ON COLUMN regtarget.adjustments.month IS 'The month that the request falls in';
COMMENT ON COLUMN regtarget.adjustments.change IS 'What is asked for: fraction of the baseline, signed; -0.10 is ten per cent less';
COMMENT ON COLUMN regtarget.adjustments.granted IS 'What was granted, of the same sign; null: nothing yet, or nothing';
COMMENT ON COLUMN regtarget.adjustments.reason IS 'Why, in the words of who asks';
COMMENT ON COLUMN regtarget.adjustments.requested_by IS 'Role that asked';
COMMENT ON COLUMN regtarget.adjustments.requested_at IS 'When';
COMMENT ON COLUMN regtarget.adjustments.requested_on IS 'The day that decided the month';
COMMENT ON COLUMN regtarget.adjustments.status IS 'requested, approved, applied, rejected, withdrawn or lapsed';
COMMENT ON COLUMN regtarget.adjustments.amount_before IS 'Amount of the target when it was asked; once applied, when it was applied';
COMMENT ON COLUMN regtarget.adjustments.amount_after IS 'Amount that the request would make of it; once applied, that it made';
COMMENT ON COLUMN regtarget.adjustments.health_at_plan IS 'Health of the unit as the plan knew it, 0 to 100';
COMMENT ON COLUMN regtarget.adjustments.health IS 'Health on the day of the request';
COMMENT ON COLUMN regtarget.adjustments.pace IS 'Pace on the day of the request';
COMMENT ON COLUMN regtarget.adjustments.review_id IS 'The review that the request was born of; null: of none';
COMMENT ON COLUMN regtarget.adjustments.decided_at IS 'When the last signature or a refusal decided it';
COMMENT ON COLUMN regtarget.adjustments.ended_at IS 'When it was applied or withdrawn, or lapsed';

CREATE TABLE regtarget.signatures (
	adjustment_id  bigint NOT NULL,
	unit_id        int NOT NULL,
	asking_unit_id int NOT NULL,
	level          int NOT NULL,
	approved       boolean,
	granted        numeric,
	signed_by      text,
	signed_at      timestamptz,
	comment        text,
	PRIMARY KEY (adjustment_id, unit_id)
);

COMMENT ON TABLE regtarget.signatures IS 'Signatures that a request needs: a row for each superior unit, made with the request. Written by functions alone.';
COMMENT ON COLUMN regtarget.signatures.adjustment_id IS 'The request';
COMMENT ON COLUMN regtarget.signatures.unit_id IS 'The superior unit whose manager or planner signs';
COMMENT ON COLUMN regtarget.signatures.asking_unit_id IS 'The unit that asks';
COMMENT ON COLUMN regtarget.signatures.level IS '1 for the nearest, and so on up';
COMMENT ON COLUMN regtarget.signatures.approved IS 'true: approved; false: refused; null: not signed yet';
COMMENT ON COLUMN regtarget.signatures.granted IS 'What this signer grants at most; null: all that is asked for';
COMMENT ON COLUMN regtarget.signatures.signed_by IS 'Role that signed';
COMMENT ON COLUMN regtarget.signatures.signed_at IS 'When';
COMMENT ON COLUMN regtarget.signatures.comment IS 'What the signer has to say';

CREATE TABLE regtarget.filings (
	filing_id       bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
	adjustment_id   bigint NOT NULL UNIQUE,
	unit_id         int NOT NULL,
	amount_before   numeric NOT NULL,
	amount_after    numeric NOT NULL,
	filed_at        timestamptz NOT NULL,
	acknowledged_by text,
	acknowledged_at timestamptz,
	reference       text
);

COMMENT ON TABLE regtarget.filings IS 'What finance receives of each applied adjustment, and its receipt. Written by functions alone.';
COMMENT ON COLUMN regtarget.filings.filing_id IS 'Key';
COMMENT ON COLUMN regtarget.filings.adjustment_id IS 'The adjustment';
COMMENT ON COLUMN regtarget.filings.unit_id IS 'The unit that asked';
COMMENT ON COLUMN regtarget.filings.amount_before IS 'Amount of the target before';
COMMENT ON COLUMN regtarget.filings.amount_after IS 'Amount of the target after';
COMMENT ON COLUMN regtarget.filings.filed_at IS 'When it was applied';
COMMENT ON COLUMN regtarget.filings.acknowledged_by IS 'Role that acknowledged it; null: nobody yet';
COMMENT ON COLUMN regtarget.filings.acknowledged_at IS 'When';
COMMENT ON COLUMN regtarget.filings.reference IS 'Finance''s own reference';

CREATE TABLE regtarget.answers (
	answer_id   bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
	target_id   bigint NOT NULL,
	plan_id     bigint NOT NULL,
	unit_id     int NOT NULL,
	accepted    boolean NOT NULL,
	comment     text,
	answered_by text NOT NULL,
	answered_at timestamptz NOT NULL
);
CREATE INDEX answers_target_id_idx ON regtarget.answers (target_id, answer_id);
CREATE INDEX answers_plan_id_idx ON regtarget.answers (plan_id);

COMMENT ON TABLE regtarget.answers IS 'What managers answered to their proposed and published targets; the last answer counts. Written by functions alone; the answers to a draft go when it is allocated again.';
COMMENT ON COLUMN regtarget.answers.answer_id IS 'Key; the highest of a target counts';
COMMENT ON COLUMN regtarget.answers.target_id IS 'The target';
COMMENT ON COLUMN regtarget.answers.plan_id IS 'Its plan';
COMMENT ON COLUMN regtarget.answers.unit_id IS 'Its unit';
COMMENT ON COLUMN regtarget.answers.accepted IS 'true: accepted; false: disputed';
COMMENT ON COLUMN regtarget.answers.comment IS 'What the manager has to say';
COMMENT ON COLUMN regtarget.answers.answered_by IS 'Role that answered';
COMMENT ON COLUMN regtarget.answers.answered_at IS 'When';

CREATE FUNCTION regtarget.guard_valve() RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'rgt_guard_valve';
COMMENT ON FUNCTION regtarget.guard_valve() IS 'Trigger: requests, signatures, filings and answers are written by functions alone (55000), and a request''s status goes its way only';

CREATE TRIGGER adjustments_guard BEFORE INSERT OR UPDATE OR DELETE ON regtarget.adjustments
FOR EACH ROW EXECUTE FUNCTION regtarget.guard_valve();
CREATE TRIGGER adjustments_guard_truncate BEFORE TRUNCATE ON regtarget.adjustments
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.guard_valve();
CREATE TRIGGER signatures_guard BEFORE INSERT OR UPDATE OR DELETE ON regtarget.signatures
FOR EACH ROW EXECUTE FUNCTION regtarget.guard_valve();
CREATE TRIGGER signatures_guard_truncate BEFORE TRUNCATE ON regtarget.signatures
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.guard_valve();
CREATE TRIGGER filings_guard BEFORE INSERT OR UPDATE OR DELETE ON regtarget.filings
FOR EACH ROW EXECUTE FUNCTION regtarget.guard_valve();
CREATE TRIGGER filings_guard_truncate BEFORE TRUNCATE ON regtarget.filings
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.guard_valve();
CREATE TRIGGER answers_guard BEFORE INSERT OR UPDATE OR DELETE ON regtarget.answers
FOR EACH ROW EXECUTE FUNCTION regtarget.guard_valve();
CREATE TRIGGER answers_guard_truncate BEFORE TRUNCATE ON regtarget.answers
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.guard_valve();

-- The workflow.

CREATE FUNCTION regtarget.request_adjustment(unit text, change numeric, reason text, on_date date DEFAULT CURRENT_DATE)
RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_request_adjustment';
COMMENT ON FUNCTION regtarget.request_adjustment(text, numeric, text, date) IS
'The manager of a unit asks to move its published live target by change, a signed fraction of the baseline (-0.10: ten per cent less), on top of the amount that it has; rounded towards it to the step. Makes a signature row for each superior unit that has a manager or planner and notifies them (NOTIFY regtarget_todo). Returns the request''s id. Errors: 42704 unknown unit, or a day in no month; 42501 not the manager; 22023 a null, 0, NaN, or a change that rounds to nothing; 55000 nothing published, closed, a later period published, another request in the month, nobody to sign; 23514 (targets_cap) beyond the cap.';

CREATE FUNCTION regtarget.countersign(adjustment_id bigint, approve boolean, comment text DEFAULT NULL, granted numeric DEFAULT NULL)
RETURNS text
LANGUAGE c VOLATILE PARALLEL UNSAFE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_countersign';
COMMENT ON FUNCTION regtarget.countersign(bigint, boolean, text, numeric) IS
'Gives every signature of a request that is the caller''s to give, as a manager or planner of a superior unit or, where that has nobody left, of one above it. granted: a fraction of the baseline of the same sign, less than was asked; the smallest grant stands. One refusal refuses. Returns the status after it: requested, approved or rejected. Errors: 42704 unknown request; 42501 his own request, or no signature of his; 22023 a null, or a grant of the wrong sign or size; 55000 decided already, signed already.';

CREATE FUNCTION regtarget.withdraw_adjustment(adjustment_id bigint) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_withdraw_adjustment';
COMMENT ON FUNCTION regtarget.withdraw_adjustment(bigint) IS
'The manager of the unit that asked takes its request back, before it is applied. Errors: 42704 unknown request; 42501 not its manager; 55000 applied, refused, withdrawn or lapsed already.';

CREATE FUNCTION regtarget.apply_adjustment(adjustment_id bigint) RETURNS regtarget.targets
LANGUAGE c VOLATILE PARALLEL UNSAFE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_apply_adjustment';
COMMENT ON FUNCTION regtarget.apply_adjustment(bigint) IS
'A planner of the unit, or of one above it, applies an approved request, once: the target moves from the amount that it has, the targets below it follow within their caps, finance gets a filing, the ledger an entry for each amount; all in one transaction or nothing. Returns the target. Errors: 42704 unknown request; 42501 not a planner; 55000 not approved; 23514 (targets_cap) the cap does not hold it any more.';

CREATE FUNCTION regtarget.acknowledge_filing(filing_id bigint, reference text) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_acknowledge_filing';
COMMENT ON FUNCTION regtarget.acknowledge_filing(bigint, text) IS
'Finance''s receipt for a filing, with its own reference; once. Errors: 42704 unknown filing; 42501 no finance duty over the unit; 22023 a null; 55000 acknowledged already.';

CREATE FUNCTION regtarget.respread(plan_id bigint, unit text) RETURNS int
LANGUAGE c VOLATILE PARALLEL UNSAFE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_respread';
COMMENT ON FUNCTION regtarget.respread(bigint, text) IS
'Lets all targets below a unit of a published plan follow their parents again: at every level the children get their parent''s amount and their own penalties together, split by what they have, each within its cap. Returns how many changed. Errors: 42704 unknown plan, unit or target; 42501 not a planner of the unit; 22023 a null; 55000 the plan is not published, or closed.';

CREATE FUNCTION regtarget.answer_target(target_id bigint, accept boolean, comment text DEFAULT NULL) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_answer_target';
COMMENT ON FUNCTION regtarget.answer_target(bigint, boolean, text) IS
'The unit''s manager accepts or disputes its proposed or published target. The last answer counts; it decides nothing, it is measured. Errors: 42704 unknown target; 42501 not the manager; 22023 a null; 55000 the plan is a draft, closed, or no live one.';

-- Views. A request is shown to whoever sees its unit; so are the codes of the units that sign, which
-- stand above it.

CREATE VIEW regtarget.adjustment_queue WITH (security_invoker = true) AS
SELECT a.adjustment_id, a.unit_id, u.code AS unit, u.name, a.period, a.month, a.status,
	a.change::float8 AS change, a.granted::float8 AS granted,
	a.amount_before::numeric(19, 4) AS amount_before, a.amount_after::numeric(19, 4) AS amount_after, a.reason,
	a.requested_by, regtarget.local_time(a.requested_at) AS requested_at,
	s.signed, s.missing, s.waiting_for, s.next_signer,
	w.days AS days_waiting, w.days > y.sign_within_days AS overdue
FROM regtarget.adjustments a
JOIN regtarget.units u ON u.unit_id = a.unit_id
JOIN regtarget.periods q ON q.period = a.period
CROSS JOIN LATERAL (
	SELECT count(*) FILTER (WHERE s.approved IS NOT NULL) AS signed, count(*) FILTER (WHERE s.approved IS NULL) AS missing,
		string_agg(coalesce(up.ancestor, s.unit_id::text), ', ' ORDER BY s.level) FILTER (WHERE s.approved IS NULL) AS waiting_for,
		(array_agg(coalesce(up.ancestor, s.unit_id::text) ORDER BY s.level) FILTER (WHERE s.approved IS NULL))[1] AS next_signer
	FROM regtarget.signatures s
	LEFT JOIN regtarget.unit_ancestors up ON up.unit_id = a.unit_id AND up.ancestor_id = s.unit_id
	WHERE s.adjustment_id = a.adjustment_id
) AS s
CROSS JOIN LATERAL (
	SELECT regtarget.today() - regtarget.local_time(CASE a.status WHEN 'approved' THEN a.decided_at ELSE a.requested_at END)::date AS days
) AS w
LEFT JOIN LATERAL (
	SELECT p.sign_within_days FROM regtarget.policies p WHERE p.effective_from <= lower(q.during)
	ORDER BY p.effective_from DESC LIMIT 1
) AS y ON true
WHERE a.status IN ('requested', 'approved');

COMMENT ON VIEW regtarget.adjustment_queue IS 'Requests that wait: for signatures, and whose; or, once approved, to be applied';
COMMENT ON COLUMN regtarget.adjustment_queue.adjustment_id IS 'Request';
COMMENT ON COLUMN regtarget.adjustment_queue.unit_id IS 'Unit that asks';
COMMENT ON COLUMN regtarget.adjustment_queue.unit IS 'Its code';
COMMENT ON COLUMN regtarget.adjustment_queue.name IS 'Its name';
COMMENT ON COLUMN regtarget.adjustment_queue.period IS 'Period';
COMMENT ON COLUMN regtarget.adjustment_queue.month IS 'Month of the request';
COMMENT ON COLUMN regtarget.adjustment_queue.status IS 'requested: waits for signatures; approved: waits to be applied';
COMMENT ON COLUMN regtarget.adjustment_queue.change IS 'What is asked for: fraction of the baseline, signed';
COMMENT ON COLUMN regtarget.adjustment_queue.granted IS 'What was granted; null while signatures are missing';
COMMENT ON COLUMN regtarget.adjustment_queue.amount_before IS 'Amount when it was asked';
COMMENT ON COLUMN regtarget.adjustment_queue.amount_after IS 'Amount that all that is asked for would make of it';
COMMENT ON COLUMN regtarget.adjustment_queue.reason IS 'Why';
COMMENT ON COLUMN regtarget.adjustment_queue.requested_by IS 'Role that asked';
COMMENT ON COLUMN regtarget.adjustment_queue.requested_at IS 'When, by the company''s clock';
COMMENT ON COLUMN regtarget.adjustment_queue.signed IS 'Signatures given';
COMMENT ON COLUMN regtarget.adjustment_queue.missing IS 'Signatures missing';
COMMENT ON COLUMN regtarget.adjustment_queue.waiting_for IS 'Codes of the units that must still sign, nearest first';
COMMENT ON COLUMN regtarget.adjustment_queue.next_signer IS 'The nearest of them';
COMMENT ON COLUMN regtarget.adjustment_queue.days_waiting IS 'Days since it was asked or, once approved, since it was decided';
COMMENT ON COLUMN regtarget.adjustment_queue.overdue IS 'Longer than the policy''s sign_within_days?';

CREATE VIEW regtarget.adjustment_log WITH (security_invoker = true) AS
SELECT a.adjustment_id, a.target_id, a.unit_id, u.code AS unit, u.name, a.period, a.month, a.status,
	a.change::float8 AS change, a.granted::float8 AS granted,
	a.amount_before::numeric(19, 4) AS amount_before, a.amount_after::numeric(19, 4) AS amount_after, a.reason,
	a.health_at_plan, a.health, a.pace, a.requested_by, regtarget.local_time(a.requested_at) AS requested_at, a.requested_on,
	s.signatures, regtarget.local_time(a.decided_at) AS decided_at, regtarget.local_time(a.ended_at) AS ended_at,
	f.filing_id, a.review_id
FROM regtarget.adjustments a
JOIN regtarget.units u ON u.unit_id = a.unit_id
LEFT JOIN regtarget.filings f ON f.adjustment_id = a.adjustment_id
CROSS JOIN LATERAL (
	SELECT string_agg(concat_ws(' ', coalesce(up.ancestor, s.unit_id::text) || ':',
			CASE WHEN s.approved THEN 'approved by' WHEN NOT s.approved THEN 'refused by' ELSE 'not signed' END,
			s.signed_by, to_char(regtarget.local_time(s.signed_at), '"on" YYYY-MM-DD HH24:MI'),
			'granting ' || s.granted, '"' || left(s.comment, 1000) || '"'), '; ' ORDER BY s.level) AS signatures
	FROM regtarget.signatures s
	LEFT JOIN regtarget.unit_ancestors up ON up.unit_id = a.unit_id AND up.ancestor_id = s.unit_id
	WHERE s.adjustment_id = a.adjustment_id
) AS s;

COMMENT ON VIEW regtarget.adjustment_log IS 'Every request ever made, with the facts that its signers had and what each of them said';
COMMENT ON COLUMN regtarget.adjustment_log.adjustment_id IS 'Request';
COMMENT ON COLUMN regtarget.adjustment_log.target_id IS 'Target';
COMMENT ON COLUMN regtarget.adjustment_log.unit_id IS 'Unit that asked';
COMMENT ON COLUMN regtarget.adjustment_log.unit IS 'Its code';
COMMENT ON COLUMN regtarget.adjustment_log.name IS 'Its name';
COMMENT ON COLUMN regtarget.adjustment_log.period IS 'Period';
COMMENT ON COLUMN regtarget.adjustment_log.month IS 'Month of the request';
COMMENT ON COLUMN regtarget.adjustment_log.status IS 'requested, approved, applied, rejected, withdrawn or lapsed';
COMMENT ON COLUMN regtarget.adjustment_log.change IS 'What was asked for: fraction of the baseline, signed';
COMMENT ON COLUMN regtarget.adjustment_log.granted IS 'What was granted; null: nothing';
COMMENT ON COLUMN regtarget.adjustment_log.amount_before IS 'Amount when it was asked; once applied, when it was applied';
COMMENT ON COLUMN regtarget.adjustment_log.amount_after IS 'Amount that the request would make of it; once applied, that it made';
COMMENT ON COLUMN regtarget.adjustment_log.reason IS 'Why';
COMMENT ON COLUMN regtarget.adjustment_log.health_at_plan IS 'Health of the unit as the plan knew it';
COMMENT ON COLUMN regtarget.adjustment_log.health IS 'Health on the day of the request';
COMMENT ON COLUMN regtarget.adjustment_log.pace IS 'Pace on the day of the request';
COMMENT ON COLUMN regtarget.adjustment_log.requested_by IS 'Role that asked';
COMMENT ON COLUMN regtarget.adjustment_log.requested_at IS 'When, by the company''s clock';
COMMENT ON COLUMN regtarget.adjustment_log.requested_on IS 'The day that decided the month';
COMMENT ON COLUMN regtarget.adjustment_log.signatures IS 'Every signature in words, nearest superior first';
COMMENT ON COLUMN regtarget.adjustment_log.decided_at IS 'When it was approved or refused';
COMMENT ON COLUMN regtarget.adjustment_log.ended_at IS 'When it was applied or withdrawn, or lapsed';
COMMENT ON COLUMN regtarget.adjustment_log.filing_id IS 'Its filing, once applied';
COMMENT ON COLUMN regtarget.adjustment_log.review_id IS 'The review that it was born of';

CREATE VIEW regtarget.filing_queue WITH (security_invoker = true) AS
SELECT f.filing_id, f.adjustment_id, f.unit_id, u.code AS unit, u.name, a.period, a.month,
	f.amount_before::numeric(19, 4) AS amount_before, f.amount_after::numeric(19, 4) AS amount_after,
	(f.amount_after - f.amount_before)::numeric(19, 4) AS difference, a.reason, a.requested_by,
	regtarget.local_time(f.filed_at) AS filed_at,
	regtarget.today() - regtarget.local_time(f.filed_at)::date AS days_waiting
FROM regtarget.filings f
JOIN regtarget.adjustments a ON a.adjustment_id = f.adjustment_id
JOIN regtarget.units u ON u.unit_id = f.unit_id
WHERE f.acknowledged_at IS NULL;

COMMENT ON VIEW regtarget.filing_queue IS 'Filings that finance has not acknowledged yet';
COMMENT ON COLUMN regtarget.filing_queue.filing_id IS 'Filing';
COMMENT ON COLUMN regtarget.filing_queue.adjustment_id IS 'The adjustment';
COMMENT ON COLUMN regtarget.filing_queue.unit_id IS 'Unit whose target moved';
COMMENT ON COLUMN regtarget.filing_queue.unit IS 'Its code';
COMMENT ON COLUMN regtarget.filing_queue.name IS 'Its name';
COMMENT ON COLUMN regtarget.filing_queue.period IS 'Period';
COMMENT ON COLUMN regtarget.filing_queue.month IS 'Month of the request';
COMMENT ON COLUMN regtarget.filing_queue.amount_before IS 'Amount before';
COMMENT ON COLUMN regtarget.filing_queue.amount_after IS 'Amount after';
COMMENT ON COLUMN regtarget.filing_queue.difference IS 'Amount after - amount before';
COMMENT ON COLUMN regtarget.filing_queue.reason IS 'Why, in the words of who asked';
COMMENT ON COLUMN regtarget.filing_queue.requested_by IS 'Role that asked';
COMMENT ON COLUMN regtarget.filing_queue.filed_at IS 'When it was applied, by the company''s clock';
COMMENT ON COLUMN regtarget.filing_queue.days_waiting IS 'Days since';

-- How far health and pace have moved since the plan, and by how much one would ask. By health: what the
-- plan itself would make of the new score, which is the health factor's part of the suggestion times
-- the score's relative change. By pace: what it would take to come out at 100 %. Advised is the more
-- cautious of the two where they agree in direction, else nothing; within the room that is left, in
-- whole per cents.  Rounded where a tenth or a per cent would fall short by the last bit of a float8.
CREATE VIEW regtarget.valve_advice WITH (security_invoker = true) AS
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
	JOIN regtarget.periods q ON q.period = t.period AND q.during @> regtarget.today()
	LEFT JOIN regtarget.unit_health(regtarget.today()) h ON h.unit_id = t.unit_id
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

COMMENT ON VIEW regtarget.valve_advice IS 'Units whose health has moved by 5 points or more since the plan, or whose pace is off by a tenth or more, and by how much one would ask';
COMMENT ON COLUMN regtarget.valve_advice.target_id IS 'Target';
COMMENT ON COLUMN regtarget.valve_advice.plan_id IS 'Plan';
COMMENT ON COLUMN regtarget.valve_advice.period IS 'Period: the one that holds today';
COMMENT ON COLUMN regtarget.valve_advice.unit_id IS 'Unit';
COMMENT ON COLUMN regtarget.valve_advice.unit IS 'Its code';
COMMENT ON COLUMN regtarget.valve_advice.name IS 'Its name';
COMMENT ON COLUMN regtarget.valve_advice.health_at_plan IS 'Health that the plan was made with; null where it was not known';
COMMENT ON COLUMN regtarget.valve_advice.health IS 'Health today';
COMMENT ON COLUMN regtarget.valve_advice.health_change IS 'Points gained (or lost, negative) since the plan';
COMMENT ON COLUMN regtarget.valve_advice.pace IS 'Actual / what the months had called for up to and including today';
COMMENT ON COLUMN regtarget.valve_advice.by_health IS 'Change that the plan''s own rule would make of the new score, other units unchanged: fraction of the baseline';
COMMENT ON COLUMN regtarget.valve_advice.by_pace IS 'Change that would bring the pace to 1: pace - 1';
COMMENT ON COLUMN regtarget.valve_advice.advised IS 'What one would ask for: the more cautious of the two where both say the same direction, else 0; within the room, in whole per cents';
COMMENT ON COLUMN regtarget.valve_advice.room_up IS 'Room up: fraction of the baseline';
COMMENT ON COLUMN regtarget.valve_advice.room_down IS 'Room down: fraction of the baseline';

SELECT pg_catalog.pg_extension_config_dump('regtarget.adjustments', '');
SELECT pg_catalog.pg_extension_config_dump('regtarget.adjustments_adjustment_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('regtarget.signatures', '');
SELECT pg_catalog.pg_extension_config_dump('regtarget.filings', '');
SELECT pg_catalog.pg_extension_config_dump('regtarget.filings_filing_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('regtarget.answers', '');
SELECT pg_catalog.pg_extension_config_dump('regtarget.answers_answer_id_seq', '');

-- credit: each unit's standing, which the guard of targets obeys.

CREATE TABLE regtarget.standings (
	unit_id         int NOT NULL,
	period          text NOT NULL,
	denied_quarters int NOT NULL DEFAULT 0 CHECK (denied_quarters >= 0),
	penalty_rate    numeric NOT NULL DEFAULT 0
		CHECK (penalty_rate >= 0 AND penalty_rate < 1 AND scale(penalty_rate) <= 18),
	PRIMARY KEY (unit_id, period)
);
CREATE INDEX standings_punished_idx ON regtarget.standings (period) WHERE penalty_rate > 0;

CREATE FUNCTION regtarget.guard_standings() RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'rgt_guard_standings';

CREATE TRIGGER standings_guard BEFORE INSERT OR UPDATE OR DELETE ON regtarget.standings
FOR EACH ROW EXECUTE FUNCTION regtarget.guard_standings();
CREATE TRIGGER standings_guard_truncate BEFORE TRUNCATE ON regtarget.standings
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.guard_standings();

CREATE FUNCTION regtarget.close_period(period text) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_close_period';
COMMENT ON FUNCTION regtarget.close_period(text) IS
'Closes a period''s live plans: requests that nobody decided or applied lapse, nothing of the plans changes any more, and each of their units gets its standing for the next period (with rate 0 too). Earlier published plans that are still open are closed first; twice is once; it need not wait for the period''s end. Errors: 42704 unknown period; 42501 not a planner of a unit without a parent; 55000 nothing published, no next period.';

CREATE FUNCTION regtarget.credit_outlook(period text)
RETURNS TABLE (unit_id int, denied_before int, counts boolean, denied_now int, rate_now numeric, denied_if_refused int, rate_if_refused numeric)
LANGUAGE c STABLE PARALLEL RESTRICTED COST 100000 ROWS 1000
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_credit_outlook';
COMMENT ON FUNCTION regtarget.credit_outlook(text) IS
'What a period makes of the credit of each unit that has a published target in it: denied quarters running that it brought in; whether this one counts as things stand; the run and the penalty rate of the next period if it closed now; and if the unit asked for less now and were refused. Computed over all units, shown for those in sight. Errors: 42704 unknown period; 22023 a null; 55000 no policy in force.';

CREATE VIEW regtarget.credit_board WITH (security_invoker = true) AS
SELECT t.unit_id, u.code AS unit, u.name, q.period, n.period AS next_period,
	coalesce(s.penalty_rate, 0)::numeric(19, 18) AS penalty_rate, o.denied_before AS denied_quarters, o.counts,
	o.denied_now, o.rate_now::numeric(19, 18) AS rate_now,
	o.denied_if_refused, o.rate_if_refused::numeric(19, 18) AS rate_if_refused,
	round(o.rate_if_refused * t.baseline, 4)::numeric(19, 4) AS penalty_at_risk
FROM regtarget.periods q
CROSS JOIN LATERAL regtarget.credit_outlook(q.period) AS o
JOIN regtarget.plans p ON p.period = q.period AND p.mode = 'live' AND p.status = 'published'
JOIN regtarget.targets t ON t.plan_id = p.plan_id AND t.unit_id = o.unit_id
JOIN regtarget.units u ON u.unit_id = t.unit_id
LEFT JOIN regtarget.standings s ON s.unit_id = t.unit_id AND s.period = q.period
LEFT JOIN LATERAL (
	SELECT f.period FROM regtarget.periods f WHERE lower(f.during) >= upper(q.during) ORDER BY lower(f.during) LIMIT 1
) AS n ON true
WHERE EXISTS (SELECT FROM regtarget.plans l WHERE l.period = q.period AND l.mode = 'live' AND l.status = 'published');

COMMENT ON VIEW regtarget.credit_board IS 'Credit of every unit with a published target in a period that is not closed: what it brought in, whether this quarter counts as things stand, and what a refusal would cost';
COMMENT ON COLUMN regtarget.credit_board.unit_id IS 'Unit';
COMMENT ON COLUMN regtarget.credit_board.unit IS 'Its code';
COMMENT ON COLUMN regtarget.credit_board.name IS 'Its name';
COMMENT ON COLUMN regtarget.credit_board.period IS 'Period';
COMMENT ON COLUMN regtarget.credit_board.next_period IS 'The period that bears the consequences; null: not there yet';
COMMENT ON COLUMN regtarget.credit_board.penalty_rate IS 'Penalty rate of this period, by its standing';
COMMENT ON COLUMN regtarget.credit_board.denied_quarters IS 'Denied quarters running that it brought into this period';
COMMENT ON COLUMN regtarget.credit_board.counts IS 'Would this quarter count against it if it closed now?';
COMMENT ON COLUMN regtarget.credit_board.denied_now IS 'Denied quarters running if it closed now';
COMMENT ON COLUMN regtarget.credit_board.rate_now IS 'Penalty rate of the next period if it closed now';
COMMENT ON COLUMN regtarget.credit_board.denied_if_refused IS 'Denied quarters running if it asked for less now and were refused; 0 once a downward request was approved';
COMMENT ON COLUMN regtarget.credit_board.rate_if_refused IS 'Penalty rate of the next period then';
COMMENT ON COLUMN regtarget.credit_board.penalty_at_risk IS 'What that would be on a target like this period''s baseline';

SELECT pg_catalog.pg_extension_config_dump('regtarget.standings', '');

-- ledger: a chain of hashes a unit, of every step and every change of a published amount.

-- No CHECK: only functions write, verify() sees everything, and the server would read each one's
-- expression from the catalog again in every statement, which costs more than the row.
CREATE TABLE regtarget.ledger (
	unit_id  int NOT NULL,
	entry    bigint NOT NULL,
	at       timestamptz NOT NULL,
	actor    text NOT NULL,
	action   text NOT NULL,
	details  jsonb NOT NULL,
	previous bytea NOT NULL,
	hash     bytea NOT NULL,
	PRIMARY KEY (unit_id, entry)
);

COMMENT ON TABLE regtarget.ledger IS 'What happened, a chain of entries a unit: every step of the valve, every change of a published amount, publishing and closing. Written by functions alone; never changed.';
COMMENT ON COLUMN regtarget.ledger.unit_id IS 'Unit whose chain it is; 0: the company''s own';
COMMENT ON COLUMN regtarget.ledger.entry IS 'Number in the chain, from 1 without gaps';
COMMENT ON COLUMN regtarget.ledger.at IS 'When it was written';
COMMENT ON COLUMN regtarget.ledger.actor IS 'Role in force';
COMMENT ON COLUMN regtarget.ledger.action IS 'What was done: amount_changed, plan_published and so on';
COMMENT ON COLUMN regtarget.ledger.details IS 'The particulars, by action';
COMMENT ON COLUMN regtarget.ledger.previous IS 'Hash of the entry before; empty for the first';
COMMENT ON COLUMN regtarget.ledger.hash IS 'SHA-256 over the hash before and all of the entry';

CREATE FUNCTION regtarget.guard_ledger() RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'rgt_guard_ledger';
COMMENT ON FUNCTION regtarget.guard_ledger() IS 'Trigger: the ledger is written by functions alone, and no entry is changed or removed (55000)';

CREATE TRIGGER ledger_guard BEFORE INSERT OR UPDATE OR DELETE ON regtarget.ledger
FOR EACH ROW EXECUTE FUNCTION regtarget.guard_ledger();
CREATE TRIGGER ledger_guard_truncate BEFORE TRUNCATE ON regtarget.ledger
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.guard_ledger();

-- Every change of a published amount, by whatever statement, and every standing that is not 0.

CREATE FUNCTION regtarget.log_amounts() RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'rgt_log_amounts';
COMMENT ON FUNCTION regtarget.log_amounts() IS 'Trigger: each change of a published amount is an entry of the ledger';

CREATE TRIGGER targets_log AFTER UPDATE ON regtarget.targets
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.log_amounts();

CREATE FUNCTION regtarget.log_standings() RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'rgt_log_standings';
COMMENT ON FUNCTION regtarget.log_standings() IS 'Trigger: each standing with a penalty is an entry of the ledger';

CREATE TRIGGER standings_log AFTER INSERT ON regtarget.standings
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.log_standings();

CREATE FUNCTION regtarget.ledger_digest(unit text DEFAULT NULL)
RETURNS TABLE (unit_id int, unit text, entries bigint, head text)
LANGUAGE c STABLE PARALLEL RESTRICTED
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_ledger_digest';
COMMENT ON FUNCTION regtarget.ledger_digest(text) IS
'How many entries each chain of the ledger has and the hash of its last, in hexadecimal: keep them elsewhere, because a chain cannot show that its end was cut off or that all of it was written anew. unit: the chain of one unit; null: all that have entries, unit_id 0 being the company''s own. Error 42704 for an unknown unit.';

-- Every change of an amount, read from the ledger.
CREATE VIEW regtarget.target_history WITH (security_invoker = true) AS
SELECT t.target_id, l.entry, t.plan_id, t.period, t.unit_id, u.code AS unit, u.name,
	regtarget.local_time(l.at) AS changed_at, l.actor AS changed_by,
	l.details ->> 'why' AS why, (l.details ->> 'adjustment_id')::bigint AS adjustment_id,
	(l.details ->> 'before')::numeric(19, 4) AS before, (l.details ->> 'after')::numeric(19, 4) AS after,
	((l.details ->> 'after')::numeric - (l.details ->> 'before')::numeric)::numeric(20, 4) AS change
FROM regtarget.targets t
JOIN regtarget.ledger l ON l.unit_id = t.unit_id AND l.details -> 'target_id' = to_jsonb(t.target_id)
JOIN regtarget.units u ON u.unit_id = t.unit_id
WHERE l.details ?& '{target_id,before,after,why}';

COMMENT ON VIEW regtarget.target_history IS 'Every change of a published amount: when, who, why, before and after; read from the ledger';
COMMENT ON COLUMN regtarget.target_history.target_id IS 'Target';
COMMENT ON COLUMN regtarget.target_history.entry IS 'Entry of the unit''s chain in the ledger: orders the changes of a target';
COMMENT ON COLUMN regtarget.target_history.plan_id IS 'Plan';
COMMENT ON COLUMN regtarget.target_history.period IS 'Key of the period';
COMMENT ON COLUMN regtarget.target_history.unit_id IS 'Unit';
COMMENT ON COLUMN regtarget.target_history.unit IS 'Code of the unit';
COMMENT ON COLUMN regtarget.target_history.name IS 'Name of the unit';
COMMENT ON COLUMN regtarget.target_history.changed_at IS 'When, in the time zone of the policy';
COMMENT ON COLUMN regtarget.target_history.changed_by IS 'Role that was in force';
COMMENT ON COLUMN regtarget.target_history.why IS 'adjustment: one was applied, here or above; respread: the children followed their parent again; update: a statement by hand';
COMMENT ON COLUMN regtarget.target_history.adjustment_id IS 'The adjustment that was applied; null: none';
COMMENT ON COLUMN regtarget.target_history.before IS 'Amount before';
COMMENT ON COLUMN regtarget.target_history.after IS 'Amount after';
COMMENT ON COLUMN regtarget.target_history.change IS 'after - before';

SELECT pg_catalog.pg_extension_config_dump('regtarget.ledger', '');

-- references: the triggers that check references between our tables, on both sides.  Which references
-- there are is said once, in src/references.c.

-- The referencing side; rows of targets are checked by their guard, what the valve writes by its
-- functions.

CREATE TRIGGER units_references_insert AFTER INSERT ON regtarget.units
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_references();
CREATE TRIGGER units_references_update AFTER UPDATE ON regtarget.units
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_references();
CREATE TRIGGER duties_references_insert AFTER INSERT ON regtarget.duties
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_references();
CREATE TRIGGER duties_references_update AFTER UPDATE ON regtarget.duties
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_references();
CREATE TRIGGER months_references_insert AFTER INSERT ON regtarget.months
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_references();
CREATE TRIGGER months_references_update AFTER UPDATE ON regtarget.months
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_references();
CREATE TRIGGER assignments_references_insert AFTER INSERT ON regtarget.assignments
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_references();
CREATE TRIGGER assignments_references_update AFTER UPDATE ON regtarget.assignments
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_references();
CREATE TRIGGER customers_references_insert AFTER INSERT ON regtarget.customers
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_references();
CREATE TRIGGER customers_references_update AFTER UPDATE ON regtarget.customers
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_references();
CREATE TRIGGER visits_references_insert AFTER INSERT ON regtarget.visits
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_references();
CREATE TRIGGER visits_references_update AFTER UPDATE ON regtarget.visits
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_references();
CREATE TRIGGER deals_references_insert AFTER INSERT ON regtarget.deals
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_references();
CREATE TRIGGER deals_references_update AFTER UPDATE ON regtarget.deals
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_references();
CREATE TRIGGER revenues_references_insert AFTER INSERT ON regtarget.revenues
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_references();
CREATE TRIGGER revenues_references_update AFTER UPDATE ON regtarget.revenues
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_references();
CREATE TRIGGER signals_references_insert AFTER INSERT ON regtarget.signals
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_references();
CREATE TRIGGER signals_references_update AFTER UPDATE ON regtarget.signals
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_references();
CREATE TRIGGER bounds_references_insert AFTER INSERT ON regtarget.bounds
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_references();
CREATE TRIGGER bounds_references_update AFTER UPDATE ON regtarget.bounds
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_references();
CREATE TRIGGER standings_references_insert AFTER INSERT ON regtarget.standings
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_references();
CREATE TRIGGER standings_references_update AFTER UPDATE ON regtarget.standings
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_references();
CREATE TRIGGER plans_references_insert AFTER INSERT ON regtarget.plans
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_references();
CREATE TRIGGER plans_references_update AFTER UPDATE ON regtarget.plans
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_references();
CREATE TRIGGER plan_basis_references_insert AFTER INSERT ON regtarget.plan_basis
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_references();
CREATE TRIGGER plan_basis_references_update AFTER UPDATE ON regtarget.plan_basis
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_references();
CREATE TRIGGER plan_bounds_references_insert AFTER INSERT ON regtarget.plan_bounds
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_references();
CREATE TRIGGER plan_bounds_references_update AFTER UPDATE ON regtarget.plan_bounds
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_references();

-- The referenced side.  Targets that somebody asked about are published and so stay, requests stay.

CREATE TRIGGER units_referenced_update AFTER UPDATE ON regtarget.units
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_referenced();
CREATE TRIGGER units_referenced_delete AFTER DELETE ON regtarget.units
REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_referenced();
CREATE TRIGGER units_referenced_truncate AFTER TRUNCATE ON regtarget.units
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_referenced();
CREATE TRIGGER periods_referenced_update AFTER UPDATE ON regtarget.periods
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_referenced();
CREATE TRIGGER periods_referenced_delete AFTER DELETE ON regtarget.periods
REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_referenced();
CREATE TRIGGER periods_referenced_truncate AFTER TRUNCATE ON regtarget.periods
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_referenced();
CREATE TRIGGER months_referenced_update AFTER UPDATE ON regtarget.months
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_referenced();
CREATE TRIGGER months_referenced_delete AFTER DELETE ON regtarget.months
REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_referenced();
CREATE TRIGGER months_referenced_truncate AFTER TRUNCATE ON regtarget.months
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_referenced();
CREATE TRIGGER employees_referenced_update AFTER UPDATE ON regtarget.employees
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_referenced();
CREATE TRIGGER employees_referenced_delete AFTER DELETE ON regtarget.employees
REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_referenced();
CREATE TRIGGER employees_referenced_truncate AFTER TRUNCATE ON regtarget.employees
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_referenced();
CREATE TRIGGER customers_referenced_update AFTER UPDATE ON regtarget.customers
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_referenced();
CREATE TRIGGER customers_referenced_delete AFTER DELETE ON regtarget.customers
REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_referenced();
CREATE TRIGGER customers_referenced_truncate AFTER TRUNCATE ON regtarget.customers
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_referenced();
CREATE TRIGGER plans_referenced_update AFTER UPDATE ON regtarget.plans
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_referenced();
CREATE TRIGGER plans_referenced_delete AFTER DELETE ON regtarget.plans
REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_referenced();
CREATE TRIGGER plans_referenced_truncate AFTER TRUNCATE ON regtarget.plans
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.check_referenced();

-- verify: every invariant recomputed.

CREATE FUNCTION regtarget.verify(checks text[] DEFAULT NULL)
RETURNS TABLE (check_name text, ok boolean, detail text)
LANGUAGE c STABLE PARALLEL RESTRICTED
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_verify';

-- imports: data in.  Writable views that take rows as text, what they refused, who is who, and what
-- deserves a look (see src/imports.h).

-- Other systems' names for the same thing.  What an alias means is the key of a unit, a person or a
-- customer, or a reason for leaving: no one reference could say that, so a look-up passes over an
-- alias that leads nowhere and says so.
CREATE TABLE regtarget.aliases (
	kind      text NOT NULL CHECK (kind IN ('unit', 'employee', 'customer', 'leave_reason')),
	source    text NOT NULL,
	source_id text NOT NULL CHECK (source_id <> ''),
	means     text NOT NULL CHECK (means <> ''),
	PRIMARY KEY (kind, source, source_id),
	CONSTRAINT aliases_keys CHECK (kind NOT IN ('employee', 'customer') OR means ~ '^[1-9][0-9]{0,17}$')
);
-- The ..._in views show what their source calls a person or a customer.
CREATE INDEX aliases_means_idx ON regtarget.aliases (kind, source, means);
COMMENT ON TABLE regtarget.aliases IS 'Another system''s name for the same thing: what a name in a source means here';
COMMENT ON COLUMN regtarget.aliases.kind IS 'What is named: unit, employee, customer or leave_reason';
COMMENT ON COLUMN regtarget.aliases.source IS 'System that uses the name';
COMMENT ON COLUMN regtarget.aliases.source_id IS 'The name, number or code in that system';
COMMENT ON COLUMN regtarget.aliases.means IS 'What it means here: a unit''s code, an employee_id, a customer_id, or a reason for leaving';

-- Rows that could not be taken, whole, until they can.  Those of a duty are apart from all others: tried
-- again by whomever, they take no more than that duty may.
CREATE TABLE regtarget.import_rejects (
	reject_id  bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
	target     text NOT NULL CHECK (target <> ''),
	source     text,
	line       bigint NOT NULL,
	row        jsonb NOT NULL,
	reason     text NOT NULL,
	at         timestamptz NOT NULL DEFAULT now(),
	by_duty_of text CHECK (by_duty_of <> ''),
	outdated   boolean NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX import_rejects_row_idx
ON regtarget.import_rejects (target, coalesce(source, ''), coalesce(by_duty_of, ''), md5(row::text));
COMMENT ON TABLE regtarget.import_rejects IS 'Rows that an import could not take, whole, with the reason. Mend what is missing and call retry_rejects(); the same row refused again is not stored twice.';
COMMENT ON COLUMN regtarget.import_rejects.reject_id IS 'Key; generated unless given';
COMMENT ON COLUMN regtarget.import_rejects.target IS 'The view that it was bound for, such as deals_in';
COMMENT ON COLUMN regtarget.import_rejects.source IS 'System that the row comes from, where it says so';
COMMENT ON COLUMN regtarget.import_rejects.line IS 'Data row of the statement, counted from 1 (a header is not counted), the last one where it stood more than once; of a service''s answer: the record';
COMMENT ON COLUMN regtarget.import_rejects.row IS 'The row as it came: raw texts by column';
COMMENT ON COLUMN regtarget.import_rejects.reason IS 'Why it was refused, in words';
COMMENT ON COLUMN regtarget.import_rejects.at IS 'When it was refused first';
COMMENT ON COLUMN regtarget.import_rejects.by_duty_of IS 'Role that tried to load it by a duty, and in whose rights it is tried again; null: somebody who may load anything into the view';
COMMENT ON COLUMN regtarget.import_rejects.outdated IS 'Whether a good row of the same source and key stood below it in the same statement: then retry_rejects() passes it over and removes it';

SELECT pg_catalog.pg_extension_config_dump('regtarget.aliases', '');
SELECT pg_catalog.pg_extension_config_dump('regtarget.import_rejects', '');
SELECT pg_catalog.pg_extension_config_dump('regtarget.import_rejects_reject_id_seq', '');

-- A person is found by his e-mail address whatever its case and the spaces around it.
CREATE INDEX employees_email_idx ON regtarget.employees (lower(btrim(email)));

-- One trigger function serves all views and moments: it gathers the rows of a statement and writes
-- them in sets.
CREATE FUNCTION regtarget.import_rows() RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'rgt_import_rows';
COMMENT ON FUNCTION regtarget.import_rows() IS 'Trigger of the ..._in views: reads the rows of a statement and writes them in sets; not to be called';

CREATE FUNCTION regtarget.retry_rejects() RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_retry_rejects';
REVOKE ALL ON FUNCTION regtarget.retry_rejects() FROM PUBLIC;
COMMENT ON FUNCTION regtarget.retry_rejects() IS
'Tries every row of import_rejects again, oldest first: what is good now is loaded and leaves the table, the rest stays with its present reason. What was loaded by a duty takes that duty again. Returns how many came in. A row of which a later version has come in meanwhile is passed over and removed.';

CREATE FUNCTION regtarget.import_salesforce(payload jsonb, source text DEFAULT 'salesforce')
RETURNS TABLE (target text, accepted bigint, rejected bigint)
LANGUAGE c VOLATILE PARALLEL UNSAFE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_import_salesforce';
REVOKE ALL ON FUNCTION regtarget.import_salesforce(jsonb, text) FROM PUBLIC;
COMMENT ON FUNCTION regtarget.import_salesforce(jsonb, text) IS
'Takes one answer of Salesforce''s REST query: Opportunity becomes deals, Task and Event visits, Account customers, User employees. Ids of 15 characters are written as 18. Says by NOTICE where the next page is. Error 22023 with Salesforce''s own words for its error answer, and for records of another type.';

CREATE FUNCTION regtarget.import_dingtalk(payload jsonb, source text DEFAULT 'dingtalk')
RETURNS TABLE (target text, accepted bigint, rejected bigint)
LANGUAGE c VOLATILE PARALLEL UNSAFE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_import_dingtalk';
REVOKE ALL ON FUNCTION regtarget.import_dingtalk(jsonb, text) FROM PUBLIC;
COMMENT ON FUNCTION regtarget.import_dingtalk(jsonb, text) IS
'Takes one answer of DingTalk: departments become units, users, the roster and leavers employees. Milliseconds are read as days in China. Says by NOTICE which cursor comes next. Error 22023 with DingTalk''s own words for an errcode other than 0, and for an answer of another shape.';

-- ---- the writable views ----------------------------------------------------------------------------

-- Each shows what is there in the very shape that it takes, so that what was copied out can be copied
-- in again.

CREATE VIEW regtarget.units_in WITH (security_invoker = true) AS
SELECT t.unit AS code, t.name, t.kind, t.parent,
	to_char(t.opened_on, 'YYYY-MM-DD') AS opened_on, to_char(t.closed_on, 'YYYY-MM-DD') AS closed_on
FROM regtarget.unit_tree t;
CREATE TRIGGER units_in_begin BEFORE INSERT ON regtarget.units_in
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.import_rows();
CREATE TRIGGER units_in_row INSTEAD OF INSERT ON regtarget.units_in
FOR EACH ROW EXECUTE FUNCTION regtarget.import_rows();
CREATE TRIGGER units_in_end AFTER INSERT ON regtarget.units_in
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.import_rows();
COMMENT ON VIEW regtarget.units_in IS 'Units: one row each, the same row by code. Takes COPY and INSERT of text; rows that cannot be read go to import_rejects.';
COMMENT ON COLUMN regtarget.units_in.code IS 'Code of the unit';
COMMENT ON COLUMN regtarget.units_in.name IS 'Name for reports';
COMMENT ON COLUMN regtarget.units_in.kind IS 'Kind of unit: company, region, group, any word';
COMMENT ON COLUMN regtarget.units_in.parent IS 'Code of the unit above, which may come in the same statement; empty for a root';
COMMENT ON COLUMN regtarget.units_in.opened_on IS 'First day that it is open';
COMMENT ON COLUMN regtarget.units_in.closed_on IS 'Last day that it is open';

-- Where each person is today, or was last, whoever asks; of those who were ever in sight.
CREATE FUNCTION regtarget.employee_units()
RETURNS TABLE (employee_id int, unit text)
LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on
BEGIN ATOMIC
	SELECT DISTINCT ON (a.employee_id) a.employee_id, u.code
	FROM regtarget.assignments a
	JOIN regtarget.units u ON u.unit_id = a.unit_id
	WHERE a.employee_id IN (SELECT s.employee_id FROM regtarget.assignments s WHERE regtarget.caller_sees_unit(s.unit_id))
	ORDER BY a.employee_id, a.during @> regtarget.today() DESC, lower(a.during) DESC;
END;
COMMENT ON FUNCTION regtarget.employee_units() IS 'What employees_in shows as unit: where each person in sight is today, or was last';

CREATE VIEW regtarget.employees_in WITH (security_invoker = true) AS
SELECT e.source, e.source_id, e.name, e.email,
	a.unit,
	to_char(e.hired_on, 'YYYY-MM-DD') AS hired_on, to_char(e.left_on, 'YYYY-MM-DD') AS left_on, e.leave_reason
FROM regtarget.employees e
LEFT JOIN regtarget.employee_units() a ON a.employee_id = e.employee_id;
CREATE TRIGGER employees_in_begin BEFORE INSERT ON regtarget.employees_in
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.import_rows();
CREATE TRIGGER employees_in_row INSTEAD OF INSERT ON regtarget.employees_in
FOR EACH ROW EXECUTE FUNCTION regtarget.import_rows();
CREATE TRIGGER employees_in_end AFTER INSERT ON regtarget.employees_in
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.import_rows();
COMMENT ON VIEW regtarget.employees_in IS 'People: the same row by source and source_id; somebody whose e-mail address is known is that person. Takes COPY and INSERT of text; rows that cannot be read go to import_rejects.';
COMMENT ON COLUMN regtarget.employees_in.source IS 'System that the row comes from';
COMMENT ON COLUMN regtarget.employees_in.source_id IS 'Key in that system';
COMMENT ON COLUMN regtarget.employees_in.name IS 'Name';
COMMENT ON COLUMN regtarget.employees_in.email IS 'E-mail address';
COMMENT ON COLUMN regtarget.employees_in.unit IS 'Code of his unit: opens an assignment for a newcomer, moves others as of today; empty: stays where he is';
COMMENT ON COLUMN regtarget.employees_in.hired_on IS 'First day of service';
COMMENT ON COLUMN regtarget.employees_in.left_on IS 'Last day of service; empty: still employed';
COMMENT ON COLUMN regtarget.employees_in.leave_reason IS 'Why he left, as the source words it; aliases of kind leave_reason translate';

CREATE VIEW regtarget.assignments_in WITH (security_invoker = true) AS
SELECT e.source, e.source_id AS employee, u.code AS unit,
	to_char(lower(s.during), 'YYYY-MM-DD') AS from_date, to_char(upper(s.during) - 1, 'YYYY-MM-DD') AS to_date
FROM regtarget.assignments s
JOIN regtarget.employees e ON e.employee_id = s.employee_id
JOIN regtarget.units u ON u.unit_id = s.unit_id;
CREATE TRIGGER assignments_in_begin BEFORE INSERT ON regtarget.assignments_in
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.import_rows();
CREATE TRIGGER assignments_in_row INSTEAD OF INSERT ON regtarget.assignments_in
FOR EACH ROW EXECUTE FUNCTION regtarget.import_rows();
CREATE TRIGGER assignments_in_end AFTER INSERT ON regtarget.assignments_in
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.import_rows();
COMMENT ON VIEW regtarget.assignments_in IS 'Who works in which unit when: the same row by employee and from_date. Takes COPY and INSERT of text; rows that cannot be read go to import_rejects.';
COMMENT ON COLUMN regtarget.assignments_in.source IS 'System that names the employee';
COMMENT ON COLUMN regtarget.assignments_in.employee IS 'The employees key in that system, an alias, or his e-mail address';
COMMENT ON COLUMN regtarget.assignments_in.unit IS 'Code of the unit';
COMMENT ON COLUMN regtarget.assignments_in.from_date IS 'First day';
COMMENT ON COLUMN regtarget.assignments_in.to_date IS 'Last day; empty: still there';

CREATE VIEW regtarget.customers_in WITH (security_invoker = true) AS
SELECT c.source, c.source_id, c.name, u.code AS unit,
	to_char(c.acquired_on, 'YYYY-MM-DD') AS acquired_on, to_char(c.churned_on, 'YYYY-MM-DD') AS churned_on
FROM regtarget.customers c
JOIN regtarget.units u ON u.unit_id = c.unit_id;
CREATE TRIGGER customers_in_begin BEFORE INSERT ON regtarget.customers_in
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.import_rows();
CREATE TRIGGER customers_in_row INSTEAD OF INSERT ON regtarget.customers_in
FOR EACH ROW EXECUTE FUNCTION regtarget.import_rows();
CREATE TRIGGER customers_in_end AFTER INSERT ON regtarget.customers_in
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.import_rows();
COMMENT ON VIEW regtarget.customers_in IS 'Customers: the same row by source and source_id. Takes COPY and INSERT of text; rows that cannot be read go to import_rejects.';
COMMENT ON COLUMN regtarget.customers_in.source IS 'System that the row comes from';
COMMENT ON COLUMN regtarget.customers_in.source_id IS 'Key in that system';
COMMENT ON COLUMN regtarget.customers_in.name IS 'Name';
COMMENT ON COLUMN regtarget.customers_in.unit IS 'Code of the unit that he belongs to';
COMMENT ON COLUMN regtarget.customers_in.acquired_on IS 'First day that he is a customer';
COMMENT ON COLUMN regtarget.customers_in.churned_on IS 'First day that he is gone; empty: still a customer';

-- Of facts: row security lets an index be searched before a policy was asked only by what cannot leak
-- the row, which a cast might.  So the key is cast first, behind OFFSET 0; or else every fact would
-- read all aliases.
CREATE VIEW regtarget.visits_in WITH (security_invoker = true) AS
SELECT v.source, v.source_id, u.code AS unit,
	coalesce(CASE WHEN e.source = v.source THEN e.source_id END,
		(SELECT min(a.source_id) FROM (SELECT e.employee_id::text AS means OFFSET 0) AS key
		JOIN regtarget.aliases a ON a.kind = 'employee' AND a.source = v.source AND a.means = key.means), e.email) AS employee,
	coalesce(CASE WHEN c.source = v.source THEN c.source_id END,
		(SELECT min(a.source_id) FROM (SELECT c.customer_id::text AS means OFFSET 0) AS key
		JOIN regtarget.aliases a ON a.kind = 'customer' AND a.source = v.source AND a.means = key.means)) AS customer,
	to_char(v.visited_on, 'YYYY-MM-DD') AS visited_on
FROM regtarget.visits v
JOIN regtarget.units u ON u.unit_id = v.unit_id
LEFT JOIN regtarget.employees e ON e.employee_id = v.employee_id
LEFT JOIN regtarget.customers c ON c.customer_id = v.customer_id;
CREATE TRIGGER visits_in_begin BEFORE INSERT ON regtarget.visits_in
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.import_rows();
CREATE TRIGGER visits_in_row INSTEAD OF INSERT ON regtarget.visits_in
FOR EACH ROW EXECUTE FUNCTION regtarget.import_rows();
CREATE TRIGGER visits_in_end AFTER INSERT ON regtarget.visits_in
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.import_rows();
COMMENT ON VIEW regtarget.visits_in IS 'Visits to customers: the same row by source and source_id. Takes COPY and INSERT of text; rows that cannot be read go to import_rejects.';
COMMENT ON COLUMN regtarget.visits_in.source IS 'System that the row comes from';
COMMENT ON COLUMN regtarget.visits_in.source_id IS 'Key in that system';
COMMENT ON COLUMN regtarget.visits_in.unit IS 'Code of the unit; empty: the employees unit of that day';
COMMENT ON COLUMN regtarget.visits_in.employee IS 'The employees key in the source, an alias, or his e-mail address';
COMMENT ON COLUMN regtarget.visits_in.customer IS 'The customers key in the source, or an alias';
COMMENT ON COLUMN regtarget.visits_in.visited_on IS 'Day of the visit';

CREATE VIEW regtarget.deals_in WITH (security_invoker = true) AS
SELECT d.source, d.source_id, u.code AS unit,
	coalesce(CASE WHEN e.source = d.source THEN e.source_id END,
		(SELECT min(a.source_id) FROM (SELECT e.employee_id::text AS means OFFSET 0) AS key
		JOIN regtarget.aliases a ON a.kind = 'employee' AND a.source = d.source AND a.means = key.means), e.email) AS employee,
	coalesce(CASE WHEN c.source = d.source THEN c.source_id END,
		(SELECT min(a.source_id) FROM (SELECT c.customer_id::text AS means OFFSET 0) AS key
		JOIN regtarget.aliases a ON a.kind = 'customer' AND a.source = d.source AND a.means = key.means)) AS customer,
	to_char(d.opened_on, 'YYYY-MM-DD') AS opened_on, to_char(d.closed_on, 'YYYY-MM-DD') AS closed_on,
	d.won::text AS won, d.amount::text AS amount
FROM regtarget.deals d
JOIN regtarget.units u ON u.unit_id = d.unit_id
LEFT JOIN regtarget.employees e ON e.employee_id = d.employee_id
LEFT JOIN regtarget.customers c ON c.customer_id = d.customer_id;
CREATE TRIGGER deals_in_begin BEFORE INSERT ON regtarget.deals_in
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.import_rows();
CREATE TRIGGER deals_in_row INSTEAD OF INSERT ON regtarget.deals_in
FOR EACH ROW EXECUTE FUNCTION regtarget.import_rows();
CREATE TRIGGER deals_in_end AFTER INSERT ON regtarget.deals_in
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.import_rows();
COMMENT ON VIEW regtarget.deals_in IS 'Deals: the same row by source and source_id. Takes COPY and INSERT of text; rows that cannot be read go to import_rejects.';
COMMENT ON COLUMN regtarget.deals_in.source IS 'System that the row comes from';
COMMENT ON COLUMN regtarget.deals_in.source_id IS 'Key in that system';
COMMENT ON COLUMN regtarget.deals_in.unit IS 'Code of the unit; empty: the employees unit of that day';
COMMENT ON COLUMN regtarget.deals_in.employee IS 'The employees key in the source, an alias, or his e-mail address';
COMMENT ON COLUMN regtarget.deals_in.customer IS 'The customers key in the source, or an alias';
COMMENT ON COLUMN regtarget.deals_in.opened_on IS 'Day that it was opened';
COMMENT ON COLUMN regtarget.deals_in.closed_on IS 'Day that it was won or lost; empty: open';
COMMENT ON COLUMN regtarget.deals_in.won IS 'yes, Won: won; no, Lost: lost; empty: open';
COMMENT ON COLUMN regtarget.deals_in.amount IS 'Amount';

CREATE VIEW regtarget.revenues_in WITH (security_invoker = true) AS
SELECT r.source, r.source_id, u.code AS unit,
	coalesce(CASE WHEN e.source = r.source THEN e.source_id END,
		(SELECT min(a.source_id) FROM (SELECT e.employee_id::text AS means OFFSET 0) AS key
		JOIN regtarget.aliases a ON a.kind = 'employee' AND a.source = r.source AND a.means = key.means), e.email) AS employee,
	coalesce(CASE WHEN c.source = r.source THEN c.source_id END,
		(SELECT min(a.source_id) FROM (SELECT c.customer_id::text AS means OFFSET 0) AS key
		JOIN regtarget.aliases a ON a.kind = 'customer' AND a.source = r.source AND a.means = key.means)) AS customer,
	to_char(r.booked_on, 'YYYY-MM-DD') AS booked_on, r.amount::text AS amount
FROM regtarget.revenues r
JOIN regtarget.units u ON u.unit_id = r.unit_id
LEFT JOIN regtarget.employees e ON e.employee_id = r.employee_id
LEFT JOIN regtarget.customers c ON c.customer_id = r.customer_id;
CREATE TRIGGER revenues_in_begin BEFORE INSERT ON regtarget.revenues_in
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.import_rows();
CREATE TRIGGER revenues_in_row INSTEAD OF INSERT ON regtarget.revenues_in
FOR EACH ROW EXECUTE FUNCTION regtarget.import_rows();
CREATE TRIGGER revenues_in_end AFTER INSERT ON regtarget.revenues_in
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.import_rows();
COMMENT ON VIEW regtarget.revenues_in IS 'What finance booked: the same row by source and source_id. Takes COPY and INSERT of text; rows that cannot be read go to import_rejects.';
COMMENT ON COLUMN regtarget.revenues_in.source IS 'System that the row comes from';
COMMENT ON COLUMN regtarget.revenues_in.source_id IS 'Key in that system';
COMMENT ON COLUMN regtarget.revenues_in.unit IS 'Code of the unit; empty: the employees unit of that day';
COMMENT ON COLUMN regtarget.revenues_in.employee IS 'The employees key in the source, an alias, or his e-mail address';
COMMENT ON COLUMN regtarget.revenues_in.customer IS 'The customers key in the source, or an alias';
COMMENT ON COLUMN regtarget.revenues_in.booked_on IS 'Day that it was booked';
COMMENT ON COLUMN regtarget.revenues_in.amount IS 'Amount';

CREATE VIEW regtarget.signals_in WITH (security_invoker = true) AS
SELECT s.source, u.code AS unit, s.signal, to_char(s.as_of, 'YYYY-MM-DD') AS as_of, s.value::text AS value
FROM regtarget.signals s
JOIN regtarget.units u ON u.unit_id = s.unit_id;
CREATE TRIGGER signals_in_begin BEFORE INSERT ON regtarget.signals_in
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.import_rows();
CREATE TRIGGER signals_in_row INSTEAD OF INSERT ON regtarget.signals_in
FOR EACH ROW EXECUTE FUNCTION regtarget.import_rows();
CREATE TRIGGER signals_in_end AFTER INSERT ON regtarget.signals_in
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.import_rows();
COMMENT ON VIEW regtarget.signals_in IS 'Numbers about units: the same row by unit, signal and as_of; a second source for it is refused. Takes COPY and INSERT of text; rows that cannot be read go to import_rejects.';
COMMENT ON COLUMN regtarget.signals_in.source IS 'Where the number comes from';
COMMENT ON COLUMN regtarget.signals_in.unit IS 'Code of the unit';
COMMENT ON COLUMN regtarget.signals_in.signal IS 'Name of the signal; not a computed one';
COMMENT ON COLUMN regtarget.signals_in.as_of IS 'From which day it counts';
COMMENT ON COLUMN regtarget.signals_in.value IS 'The number; 12% is 0.12';

CREATE VIEW regtarget.targets_in WITH (security_invoker = true) AS
SELECT t.period, u.code AS unit, t.suggested::text AS suggested
FROM regtarget.plans p
JOIN regtarget.targets t ON t.plan_id = p.plan_id
JOIN regtarget.units u ON u.unit_id = t.unit_id
WHERE p.mode = 'live' AND p.status IN ('draft', 'proposed');
CREATE TRIGGER targets_in_begin BEFORE INSERT ON regtarget.targets_in
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.import_rows();
CREATE TRIGGER targets_in_row INSTEAD OF INSERT ON regtarget.targets_in
FOR EACH ROW EXECUTE FUNCTION regtarget.import_rows();
CREATE TRIGGER targets_in_end AFTER INSERT ON regtarget.targets_in
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.import_rows();
COMMENT ON VIEW regtarget.targets_in IS 'Targets typed elsewhere, into the one live draft of the period, which is made when there is none: the same row by period and unit. Takes COPY and INSERT of text; rows that cannot be read go to import_rejects.';
COMMENT ON COLUMN regtarget.targets_in.period IS 'Key of the period';
COMMENT ON COLUMN regtarget.targets_in.unit IS 'Code of the unit';
COMMENT ON COLUMN regtarget.targets_in.suggested IS 'Its target before penalties; the guard computes the rest';

-- ---- what to look at ---------------------------------------------------------------------------------

-- Rows of days to come do not make data fresh.  How fresh a source is does not depend on who asks: the
-- figures are of all rows, for whoever has a duty.
CREATE FUNCTION regtarget.source_freshness()
RETURNS TABLE (fact text, source text, rows bigint, last_on date, lag_days int, rejects bigint)
LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = on
BEGIN ATOMIC
	WITH t AS (SELECT regtarget.today() AS today),
	f AS (
		SELECT 'customers' AS fact, c.source, count(*) AS rows,
			max(c.acquired_on) FILTER (WHERE c.acquired_on <= t.today) AS last_on
		FROM t, regtarget.customers c GROUP BY c.source
		UNION ALL
		SELECT 'employees', e.source, count(*), greatest(max(e.hired_on) FILTER (WHERE e.hired_on <= t.today),
			max(e.left_on) FILTER (WHERE e.left_on <= t.today))
		FROM t, regtarget.employees e GROUP BY e.source
		UNION ALL
		SELECT 'visits', v.source, count(*), max(v.visited_on) FILTER (WHERE v.visited_on <= t.today)
		FROM t, regtarget.visits v GROUP BY v.source
		UNION ALL
		SELECT 'deals', d.source, count(*), greatest(max(d.opened_on) FILTER (WHERE d.opened_on <= t.today),
			max(d.closed_on) FILTER (WHERE d.closed_on <= t.today))
		FROM t, regtarget.deals d GROUP BY d.source
		UNION ALL
		SELECT 'revenues', r.source, count(*), max(r.booked_on) FILTER (WHERE r.booked_on <= t.today)
		FROM t, regtarget.revenues r GROUP BY r.source
		UNION ALL
		SELECT 'signals', coalesce(s.source, ''), count(*), max(s.as_of) FILTER (WHERE s.as_of <= t.today)
		FROM t, regtarget.signals s GROUP BY coalesce(s.source, '')
	),
	r AS (
		SELECT regexp_replace(i.target, '_in$', '') AS fact, coalesce(i.source, '') AS source, count(*) AS rejects
		FROM regtarget.import_rejects i GROUP BY 1, 2
	)
	SELECT fact, source, f.rows, f.last_on, t.today - f.last_on, coalesce(r.rejects, 0)
	FROM f FULL JOIN r USING (fact, source) CROSS JOIN t
	WHERE regtarget.caller_has_duty();
END;
COMMENT ON FUNCTION regtarget.source_freshness() IS 'The rows of data_freshness, over all units, for whoever has any duty';

CREATE VIEW regtarget.data_freshness WITH (security_invoker = true) AS
SELECT f.fact, f.source, f.rows, f.last_on, f.lag_days, f.rejects
FROM regtarget.source_freshness() AS f;

COMMENT ON VIEW regtarget.data_freshness IS 'Each source and fact: how much there is, how old the newest of it is, and what was refused';
COMMENT ON COLUMN regtarget.data_freshness.fact IS 'Table: customers, employees, visits, deals, revenues, signals; of rejects what they were bound for';
COMMENT ON COLUMN regtarget.data_freshness.source IS 'System that the rows come from; empty where none is said';
COMMENT ON COLUMN regtarget.data_freshness.rows IS 'Rows that are there; null where only rejects are, or rows have no source';
COMMENT ON COLUMN regtarget.data_freshness.last_on IS 'Last day, up to today, that a row is about';
COMMENT ON COLUMN regtarget.data_freshness.lag_days IS 'Days from then to today';
COMMENT ON COLUMN regtarget.data_freshness.rejects IS 'Rows in import_rejects';

-- Sums of a unit and all below it: finance may book where sales does not.
CREATE VIEW regtarget.actuals_check WITH (security_invoker = true) AS
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

COMMENT ON VIEW regtarget.actuals_check IS 'What sales won beside what finance booked, by unit (with all below it) and month';
COMMENT ON COLUMN regtarget.actuals_check.unit_id IS 'Unit';
COMMENT ON COLUMN regtarget.actuals_check.unit IS 'Code of the unit';
COMMENT ON COLUMN regtarget.actuals_check.name IS 'Name of the unit';
COMMENT ON COLUMN regtarget.actuals_check.month IS 'Key of the month';
COMMENT ON COLUMN regtarget.actuals_check.period IS 'Key of its period';
COMMENT ON COLUMN regtarget.actuals_check.deals_won IS 'Deals won in the month';
COMMENT ON COLUMN regtarget.actuals_check.won_amount IS 'Their amount, in the database''s currency';
COMMENT ON COLUMN regtarget.actuals_check.revenues IS 'Revenues booked in the month';
COMMENT ON COLUMN regtarget.actuals_check.revenue_amount IS 'Their amount, in the database''s currency';
COMMENT ON COLUMN regtarget.actuals_check.difference IS 'Booked less won';
COMMENT ON COLUMN regtarget.actuals_check.booked_share IS 'Booked / won; null when nothing was won';

-- Accepted but odd.  An amount is far from its unit's when it is thirty times their median or a
-- thirtieth, where ten are there to judge by: a thousand typed for ten thousand is further off.
CREATE VIEW regtarget.data_warnings WITH (security_invoker = true) AS
WITH t AS (SELECT regtarget.today() AS today),
amounts AS (
	SELECT 'deals' AS fact, d.deal_id AS fact_id, d.source, d.source_id, d.unit_id, d.employee_id, d.customer_id,
		coalesce(d.closed_on, d.opened_on) AS day, d.amount
	FROM regtarget.deals d WHERE d.amount <> 0
	UNION ALL
	SELECT 'revenues', r.revenue_id, r.source, r.source_id, r.unit_id, r.employee_id, r.customer_id, r.booked_on, r.amount
	FROM regtarget.revenues r WHERE r.amount <> 0
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
		FROM regtarget.visits v WHERE v.customer_id IS NOT NULL AND v.employee_id IS NOT NULL
	) AS a
	WHERE a.customer_id IS NOT NULL OR a.employee_id IS NOT NULL
	WINDOW w AS (PARTITION BY a.fact, a.unit_id, a.customer_id, a.employee_id, a.day, a.amount ORDER BY a.fact_id)
),
days AS (
	SELECT 'visits' AS fact, v.visit_id AS fact_id, v.source, v.source_id, v.unit_id, v.visited_on AS day, NULL::numeric AS amount,
		'visited_on' AS what
	FROM t, regtarget.visits v WHERE v.visited_on > t.today
	UNION ALL
	SELECT 'deals', d.deal_id, d.source, d.source_id, d.unit_id, d.closed_on, d.amount, 'closed_on'
	FROM t, regtarget.deals d WHERE d.closed_on > t.today AND d.won IS NOT NULL
	UNION ALL
	SELECT 'deals', d.deal_id, d.source, d.source_id, d.unit_id, d.opened_on, d.amount, 'opened_on'
	FROM t, regtarget.deals d WHERE d.opened_on > t.today
	UNION ALL
	SELECT 'revenues', r.revenue_id, r.source, r.source_id, r.unit_id, r.booked_on, r.amount, 'booked_on'
	FROM t, regtarget.revenues r WHERE r.booked_on > t.today
	UNION ALL
	SELECT 'customers', c.customer_id, c.source, c.source_id, c.unit_id, c.acquired_on, NULL, 'acquired_on'
	FROM t, regtarget.customers c WHERE c.acquired_on > t.today
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
	FROM regtarget.deals d WHERE d.won IS NOT NULL AND d.closed_on IS NULL
) AS w
LEFT JOIN regtarget.units u ON u.unit_id = w.unit_id;

COMMENT ON VIEW regtarget.data_warnings IS 'Rows that were accepted but look odd: amounts far from their unit''s, days in the future, likely doubles under other ids, deals that are decided without a day';
COMMENT ON COLUMN regtarget.data_warnings.fact_id IS 'Key of the row in its table: visit_id, deal_id, revenue_id, customer_id';
COMMENT ON COLUMN regtarget.data_warnings.fact IS 'Table: visits, deals, revenues, customers';
COMMENT ON COLUMN regtarget.data_warnings.unit_id IS 'Unit';
COMMENT ON COLUMN regtarget.data_warnings.unit IS 'Code of the unit';
COMMENT ON COLUMN regtarget.data_warnings.source IS 'System that the row comes from';
COMMENT ON COLUMN regtarget.data_warnings.source_id IS 'Key in that system';
COMMENT ON COLUMN regtarget.data_warnings.day IS 'Day that the row is about';
COMMENT ON COLUMN regtarget.data_warnings.amount IS 'Amount, where it has one';
COMMENT ON COLUMN regtarget.data_warnings.warning IS 'far amount, future day, likely double or no closing day';
COMMENT ON COLUMN regtarget.data_warnings.detail IS 'What is odd about it, in words';

-- comments: what every object is for, in English, which a database of any encoding takes.  Each room
-- may say it beside the object (as health does); what is not said there is said here.  The same in
-- Chinese: comments_zh.sql.

COMMENT ON SCHEMA regtarget IS 'Regional sales targets: organisation, facts, health scores, the split of a total, targets under a guard';

-- ---- schema -----------------------------------------------------------------------------------

COMMENT ON FUNCTION regtarget.check_references() IS
'Trigger, on the referencing side: every key that a statement wrote must exist (23503). Leaves the rows of a restored dump alone; verify() finds orphans.';
COMMENT ON FUNCTION regtarget.check_referenced() IS
'Trigger, on the referenced side: a key that is still referred to is neither changed nor deleted (23503).';
COMMENT ON FUNCTION regtarget.declared_references() IS
'Which column refers to which: references are checked by triggers and not declared as foreign keys, because pg_restore loads the tables of an extension in any order.';

-- ---- units ------------------------------------------------------------------------------------

COMMENT ON TABLE regtarget.units IS 'The sales organisation: company, regions, groups, to any depth. Parents form a tree: a cycle is 23514.';
COMMENT ON COLUMN regtarget.units.unit_id IS 'Key, above 0; generated unless given';
COMMENT ON COLUMN regtarget.units.code IS 'Code that people say out loud; functions name units by it';
COMMENT ON COLUMN regtarget.units.name IS 'Name for reports';
COMMENT ON COLUMN regtarget.units.kind IS 'Kind of unit, any word; "region" makes it the region of itself and of all below it';
COMMENT ON COLUMN regtarget.units.parent_id IS 'The unit above; null: a root';
COMMENT ON COLUMN regtarget.units.opened_on IS 'First day that it is open; null: always was';
COMMENT ON COLUMN regtarget.units.closed_on IS 'Last day that it is open; null: still is';

COMMENT ON TABLE regtarget.periods IS 'Planning periods, usually quarters; they never overlap (23P01). add_year() adds four.';
COMMENT ON COLUMN regtarget.periods.period IS 'Key, such as 2025Q3';
COMMENT ON COLUMN regtarget.periods.during IS 'Its days; bounded on both sides';

COMMENT ON TABLE regtarget.months IS 'Months of the periods, of any shape; each inside its period (23514), never overlapping (23P01)';
COMMENT ON COLUMN regtarget.months.month IS 'Key, such as 2025-07';
COMMENT ON COLUMN regtarget.months.period IS 'The period that it belongs to';
COMMENT ON COLUMN regtarget.months.during IS 'Its days; bounded on both sides';
COMMENT ON COLUMN regtarget.months.share IS 'Share of the period''s target, 0 to 1; months without one share the rest by their days';

COMMENT ON TABLE regtarget.employees IS 'People of the sales organisation';
COMMENT ON COLUMN regtarget.employees.employee_id IS 'Key; generated unless given';
COMMENT ON COLUMN regtarget.employees.source IS 'System that the row comes from';
COMMENT ON COLUMN regtarget.employees.source_id IS 'Key in that system; unique with source, so that a reload is idempotent';
COMMENT ON COLUMN regtarget.employees.name IS 'Name';
COMMENT ON COLUMN regtarget.employees.email IS 'E-mail address';
COMMENT ON COLUMN regtarget.employees.hired_on IS 'First day of service; null: not known, then he counts in full towards capacity and not towards tenure';
COMMENT ON COLUMN regtarget.employees.left_on IS 'Last day of service; null: still employed';
COMMENT ON COLUMN regtarget.employees.leave_reason IS 'Why he left; "pressure" for leaving under pressure. Recorded only: nothing reads it yet';

COMMENT ON TABLE regtarget.assignments IS 'Who works in which unit when; one unit at a time for each employee (23P01)';
COMMENT ON COLUMN regtarget.assignments.employee_id IS 'Employee';
COMMENT ON COLUMN regtarget.assignments.unit_id IS 'Unit';
COMMENT ON COLUMN regtarget.assignments.during IS 'Days of the assignment, from a first day on; it counts no further than the employee''s left_on';

COMMENT ON TABLE regtarget.ramp IS 'What a newcomer counts for in capacity, by months of service; empty: everyone counts 1';
COMMENT ON COLUMN regtarget.ramp.months_of_service IS 'From so many whole months of service on, until the next row; the lowest row holds below it too';
COMMENT ON COLUMN regtarget.ramp.share IS 'What one person counts for, 0 or more; 1 is a full one';

COMMENT ON FUNCTION regtarget.check_tree() IS 'Trigger: no unit is above itself (23514, constraint units_tree)';
COMMENT ON FUNCTION regtarget.check_months() IS 'Trigger: every month lies inside its period (23514, constraint months_inside_period)';

COMMENT ON FUNCTION regtarget.add_year(int, date, text, int) IS
'Adds the four periods (2025Q1 ...) and twelve months (2025-01 ...) of a fiscal year. year: 1 to 9999, names them; starts_on: first day, without it where the year before ended, or 1 January; pattern: calendar, 4-4-5, 4-5-4 or 5-4-4 weeks; weeks: 52, or 53 for a pattern of weeks, the 53rd goes to the last month. Error 22023 for a null or wrong argument, 23505 or 23P01 when the year or its days are there already.';

COMMENT ON VIEW regtarget.unit_tree IS 'Every unit with its place in the tree';
COMMENT ON COLUMN regtarget.unit_tree.unit_id IS 'Unit';
COMMENT ON COLUMN regtarget.unit_tree.unit IS 'Code of the unit';
COMMENT ON COLUMN regtarget.unit_tree.name IS 'Name of the unit';
COMMENT ON COLUMN regtarget.unit_tree.kind IS 'Kind of unit, as entered: company, region, group';
COMMENT ON COLUMN regtarget.unit_tree.parent_id IS 'The unit above; null for a root';
COMMENT ON COLUMN regtarget.unit_tree.parent IS 'Code of the unit above; null for a root';
COMMENT ON COLUMN regtarget.unit_tree.depth IS 'Levels below the root; 0 for a root';
COMMENT ON COLUMN regtarget.unit_tree.path IS 'Codes from the root down to the unit, separated by /';
COMMENT ON COLUMN regtarget.unit_tree.region IS 'Code of the nearest unit of kind region at or above it, else of the one below the root; null for a root that is no region';
COMMENT ON COLUMN regtarget.unit_tree.is_leaf IS 'No unit is below it';
COMMENT ON COLUMN regtarget.unit_tree.opened_on IS 'First day that it is open; null: always was';
COMMENT ON COLUMN regtarget.unit_tree.closed_on IS 'Last day that it is open; null: still is';

COMMENT ON VIEW regtarget.unit_ancestors IS 'Every unit with every unit above it, itself included: join a dashboard''s filter here';
COMMENT ON COLUMN regtarget.unit_ancestors.unit_id IS 'Unit';
COMMENT ON COLUMN regtarget.unit_ancestors.unit IS 'Code of the unit';
COMMENT ON COLUMN regtarget.unit_ancestors.ancestor_id IS 'The unit itself or one above it';
COMMENT ON COLUMN regtarget.unit_ancestors.ancestor IS 'Code of the ancestor';
COMMENT ON COLUMN regtarget.unit_ancestors.ancestor_kind IS 'Kind of the ancestor';
COMMENT ON COLUMN regtarget.unit_ancestors.distance IS 'Levels from the unit up to the ancestor; 0 for itself';

COMMENT ON VIEW regtarget.calendar IS 'Every month with its period and its weight in the period''s target';
COMMENT ON COLUMN regtarget.calendar.month IS 'Key of the month';
COMMENT ON COLUMN regtarget.calendar.period IS 'Key of its period';
COMMENT ON COLUMN regtarget.calendar.starts_on IS 'First day of the month';
COMMENT ON COLUMN regtarget.calendar.ends_on IS 'Last day of the month';
COMMENT ON COLUMN regtarget.calendar.days IS 'Days in the month';
COMMENT ON COLUMN regtarget.calendar.share IS 'Share of the period''s target as entered, 0 to 1; null: none was';
COMMENT ON COLUMN regtarget.calendar.weight IS 'Its part of the period''s target, 0 to 1: share / sum, after months without a share got what the others leave, by days; a period''s weights add up to 1';
COMMENT ON COLUMN regtarget.calendar.period_starts_on IS 'First day of the period';
COMMENT ON COLUMN regtarget.calendar.period_ends_on IS 'Last day of the period';

-- ---- facts ------------------------------------------------------------------------------------

COMMENT ON TABLE regtarget.customers IS 'Customers, each of one unit';
COMMENT ON COLUMN regtarget.customers.customer_id IS 'Key; generated unless given';
COMMENT ON COLUMN regtarget.customers.source IS 'System that the row comes from';
COMMENT ON COLUMN regtarget.customers.source_id IS 'Key in that system; unique with source, so that a reload is idempotent';
COMMENT ON COLUMN regtarget.customers.unit_id IS 'Unit that he belongs to';
COMMENT ON COLUMN regtarget.customers.name IS 'Name';
COMMENT ON COLUMN regtarget.customers.acquired_on IS 'First day that he is a customer; null: always was';
COMMENT ON COLUMN regtarget.customers.churned_on IS 'First day that he is gone; null: still a customer';

COMMENT ON TABLE regtarget.visits IS 'Visits to customers';
COMMENT ON COLUMN regtarget.visits.visit_id IS 'Key; generated unless given';
COMMENT ON COLUMN regtarget.visits.source IS 'System that the row comes from';
COMMENT ON COLUMN regtarget.visits.source_id IS 'Key in that system; unique with source, so that a reload is idempotent';
COMMENT ON COLUMN regtarget.visits.unit_id IS 'Unit that it counts for';
COMMENT ON COLUMN regtarget.visits.employee_id IS 'Who went, if known';
COMMENT ON COLUMN regtarget.visits.customer_id IS 'To whom, if known';
COMMENT ON COLUMN regtarget.visits.visited_on IS 'Day of the visit';

COMMENT ON TABLE regtarget.deals IS 'Deals, open, won and lost. A deal counts once it is closed: it has closed_on and won.';
COMMENT ON COLUMN regtarget.deals.deal_id IS 'Key; generated unless given';
COMMENT ON COLUMN regtarget.deals.source IS 'System that the row comes from';
COMMENT ON COLUMN regtarget.deals.source_id IS 'Key in that system; unique with source, so that a reload is idempotent';
COMMENT ON COLUMN regtarget.deals.unit_id IS 'Unit that it counts for';
COMMENT ON COLUMN regtarget.deals.employee_id IS 'Whose it is, if known';
COMMENT ON COLUMN regtarget.deals.customer_id IS 'With whom, if known';
COMMENT ON COLUMN regtarget.deals.opened_on IS 'Day that it was opened, if known';
COMMENT ON COLUMN regtarget.deals.closed_on IS 'Day that it was won or lost, on which it counts; null: open';
COMMENT ON COLUMN regtarget.deals.won IS 'Won or lost; null: open';
COMMENT ON COLUMN regtarget.deals.amount IS 'Amount in the database''s currency; counts when won, null as 0';

COMMENT ON TABLE regtarget.revenues IS 'Revenue as finance booked it';
COMMENT ON COLUMN regtarget.revenues.revenue_id IS 'Key; generated unless given';
COMMENT ON COLUMN regtarget.revenues.source IS 'System that the row comes from';
COMMENT ON COLUMN regtarget.revenues.source_id IS 'Key in that system; unique with source, so that a reload is idempotent';
COMMENT ON COLUMN regtarget.revenues.unit_id IS 'Unit that it counts for';
COMMENT ON COLUMN regtarget.revenues.employee_id IS 'Whose it is, if known';
COMMENT ON COLUMN regtarget.revenues.customer_id IS 'From whom, if known';
COMMENT ON COLUMN regtarget.revenues.booked_on IS 'Day of booking, on which it counts';
COMMENT ON COLUMN regtarget.revenues.amount IS 'Amount in the database''s currency; negative for a reversal';

COMMENT ON FUNCTION regtarget.is_computed_signal(text) IS
'Is the name one of the signals that are computed, and so refused in table signals?';

COMMENT ON TABLE regtarget.signals IS 'Numbers about units that somebody enters: estimates, tilts, anything. Names of computed signals are refused (23514, constraint signals_reserved).';
COMMENT ON COLUMN regtarget.signals.unit_id IS 'Unit';
COMMENT ON COLUMN regtarget.signals.signal IS 'Name of the signal, any that is not computed';
COMMENT ON COLUMN regtarget.signals.as_of IS 'Day from which the value counts, until a later entry, or as long as signal_kinds.valid_days says';
COMMENT ON COLUMN regtarget.signals.value IS 'Value, in the signal''s own unit; finite';
COMMENT ON COLUMN regtarget.signals.source IS 'Where it comes from';

COMMENT ON TABLE regtarget.signal_kinds IS 'How entered signals are rolled up and how long they count. A signal without a row is not rolled up and counts for good.';
COMMENT ON COLUMN regtarget.signal_kinds.signal IS 'Name of the signal';
COMMENT ON COLUMN regtarget.signal_kinds.rollup IS 'sum or mean: how a unit without a value of its own gets one from its open children; null: it gets none';
COMMENT ON COLUMN regtarget.signal_kinds.valid_days IS 'Days that an entry counts after its as_of; null: for good';

COMMENT ON TABLE regtarget.policies IS 'The rules by the day they take effect. The row in force on a period''s first day rules the period, the one in force on a day rules that day''s signals. Filled by apply_profile().';
COMMENT ON COLUMN regtarget.policies.effective_from IS 'First day in force, until the day before the next row''s';
COMMENT ON COLUMN regtarget.policies.cap IS 'How far an amount may move from its baseline either way, as a fraction of the baseline; 0 to below 1';
COMMENT ON COLUMN regtarget.policies.penalty_rate IS 'Penalty that close_period() writes into a standing: fraction of the suggestion, 0 to below 1';
COMMENT ON COLUMN regtarget.policies.penalty_quarters IS 'Denied quarters running that bring a penalty; each further one brings it again';
COMMENT ON COLUMN regtarget.policies.silence_counts IS 'Does a downward request that is undecided when the period is closed count as refused?';
COMMENT ON COLUMN regtarget.policies.regret_days IS 'Days, of 24 hours from the request, within which a withdrawn one does not count, if nobody had signed it';
COMMENT ON COLUMN regtarget.policies.sign_levels IS 'How many superior units sign a request at most, the nearest; null: all';
COMMENT ON COLUMN regtarget.policies.sign_within_days IS 'Days that a request may wait before adjustment_queue calls it overdue';
COMMENT ON COLUMN regtarget.policies.window_months IS 'Whole calendar months before the month of a day that health looks at';
COMMENT ON COLUMN regtarget.policies.min_coverage IS 'Share of the metrics'' weight that must be known for a health score, 0 to 1';
COMMENT ON COLUMN regtarget.policies.actuals IS 'What counts as achieved: deals (won amount by closed_on) or revenues (amount by booked_on)';
COMMENT ON COLUMN regtarget.policies.churn_days IS 'Days without a purchase after which a customer is gone; null: only by churned_on. Nothing reads it yet';
COMMENT ON COLUMN regtarget.policies.timezone IS 'Time zone of the company''s days and clocks; by default that of the session that inserts the row';

COMMENT ON FUNCTION regtarget.apply_profile(text, date) IS
'Fills metrics, factors, signal_kinds and the policy of effective_from with a profile''s figures, replacing what is there, and says what it did. profile: standard, fmcg or industrial (42704 for another); effective_from: a finite date, else 22023. Policies of other days stay.';
COMMENT ON FUNCTION regtarget.today() IS
'The company''s day: now, in the time zone of the policy in force; in the session''s while there is none';
COMMENT ON FUNCTION regtarget.default_timezone() IS
'The database''s time zone: what ALTER DATABASE says, else what the connection began with, whatever it has set since. The default of policies.timezone.';
COMMENT ON FUNCTION regtarget.local_time(timestamptz) IS
'A moment as the company''s clock shows it: in the time zone of the policy in force, in the session''s while there is none';

-- ---- apportion --------------------------------------------------------------------------------

COMMENT ON FUNCTION regtarget.apportion(numeric, float8, numeric, numeric, numeric) IS
'Window function: the row''s part of total, split over the partition in proportion to weight. Every part is a multiple of step and the parts add up to total exactly (Webster / Sainte-Lague with bounds, decided in integers; ties go to the earlier row; the frame plays no role). total: 0 or more, a multiple of step, one value per partition; weight: 0 or more, finite; step: above 0, at most 12 decimals; at_least, at_most: bounds of the row, rounded inwards to step, null for none. Error 22023 for a null, wrong or contradictory argument, bounds that cannot be met (DETAIL says by how much) and no positive weight; 22003 for a total above 10^16 steps; 0A000 without OVER.';

-- ---- plans ------------------------------------------------------------------------------------

COMMENT ON TABLE regtarget.factors IS 'What a total is split by: signals, gathered into factors. Filled by apply_profile().';
COMMENT ON COLUMN regtarget.factors.signal IS 'Name of a signal, entered or computed; its values must not be negative';
COMMENT ON COLUMN regtarget.factors.factor IS 'Factor that it belongs to; null: one of its own, of the same name';
COMMENT ON COLUMN regtarget.factors.weight IS 'What the signal counts for, 0 or more; only the proportions matter';
COMMENT ON COLUMN regtarget.factors.scaled_by IS 'Signal that multiplies the value before shares are taken, such as capacity for a score; null: plain shares';

COMMENT ON TABLE regtarget.bounds IS 'Guardrails of live and shadow plans: what a unit is given at least and at most. They hold for suggested; equal values lock a unit.';
COMMENT ON COLUMN regtarget.bounds.period IS 'Period';
COMMENT ON COLUMN regtarget.bounds.unit_id IS 'Unit';
COMMENT ON COLUMN regtarget.bounds.at_least IS 'Lower bound, 0 or more, rounded up to the plan''s step; null: none';
COMMENT ON COLUMN regtarget.bounds.at_most IS 'Upper bound, rounded down to the plan''s step; null: none';

COMMENT ON TABLE regtarget.plans IS 'One split of one total for one period. Made by allocate_targets() or by hand (an INSERT names period, root_unit_id, total); the status moves through functions alone (55000).';
COMMENT ON COLUMN regtarget.plans.plan_id IS 'Key; generated unless given';
COMMENT ON COLUMN regtarget.plans.period IS 'Period';
COMMENT ON COLUMN regtarget.plans.root_unit_id IS 'Unit at the top, whose target is the total';
COMMENT ON COLUMN regtarget.plans.mode IS 'live: can be published; shadow: beside the live one; sandbox: to try things, without bounds and penalties';
COMMENT ON COLUMN regtarget.plans.label IS 'Name that tells plans of one period, mode and root apart';
COMMENT ON COLUMN regtarget.plans.status IS 'draft, proposed, published or closed';
COMMENT ON COLUMN regtarget.plans.total IS 'What is split; 0 to below 10^15, a multiple of step';
COMMENT ON COLUMN regtarget.plans.step IS 'Every amount of the plan is a multiple of it; 0.0001 or more, itself a multiple of 0.0001';
COMMENT ON COLUMN regtarget.plans.cap IS 'How far amounts may move from their baselines, as a fraction: that of the policy in force on the period''s first day, whatever an INSERT says';
COMMENT ON COLUMN regtarget.plans.created_by IS 'Role that made it';
COMMENT ON COLUMN regtarget.plans.created_at IS 'When it was made; allocating again leaves it';
COMMENT ON COLUMN regtarget.plans.published_at IS 'When it was published; null while it is not';
COMMENT ON COLUMN regtarget.plans.rules IS 'The rules that its split obeyed, as they were: policy, factors, bounds; null for a plan typed by hand';

COMMENT ON TABLE regtarget.plan_basis IS 'What a split was made of: for each parent and signal, its children in arrays of the same order. Read it through target_basis.';
COMMENT ON COLUMN regtarget.plan_basis.plan_id IS 'Plan';
COMMENT ON COLUMN regtarget.plan_basis.parent_unit_id IS 'Parent whose baseline was split';
COMMENT ON COLUMN regtarget.plan_basis.signal IS 'Signal';
COMMENT ON COLUMN regtarget.plan_basis.factor IS 'Factor that it belongs to';
COMMENT ON COLUMN regtarget.plan_basis.weight IS 'Weight in effect among these children; those of all signals add up to 1';
COMMENT ON COLUMN regtarget.plan_basis.unit_ids IS 'The children, in the order of unit_id';
COMMENT ON COLUMN regtarget.plan_basis."values" IS 'Value of each child, gaps filled';
COMMENT ON COLUMN regtarget.plan_basis.imputed IS 'Value or scale of the child was filled from its siblings';
COMMENT ON COLUMN regtarget.plan_basis.scales IS 'Scale of each child, gaps filled; null: plain shares';
COMMENT ON COLUMN regtarget.plan_basis.shares IS 'Share of each child, 0 to 1: value x scale / sum';
COMMENT ON TABLE regtarget.plan_bounds IS 'The bounds that a split obeyed: those of its period when it was made. A row a unit, so that nobody sees others''.';
COMMENT ON COLUMN regtarget.plan_bounds.plan_id IS 'Plan';
COMMENT ON COLUMN regtarget.plan_bounds.unit_id IS 'Unit';
COMMENT ON COLUMN regtarget.plan_bounds.at_least IS 'Floor as it was entered; null: none';
COMMENT ON COLUMN regtarget.plan_bounds.at_most IS 'Ceiling as it was entered; null: none';

COMMENT ON FUNCTION regtarget.guard_plans() IS
'Trigger: a plan starts as a draft, with the cap of its policy and its maker''s name; of a draft total and label may be typed, all else is written by functions; what was published is not deleted (55000); a deleted draft takes its targets with it';

COMMENT ON FUNCTION regtarget.allocate_targets(text, numeric, text, text, numeric, jsonb, text) IS
'Splits total over the tree below root, writes the draft plan of that period, mode, root and label anew (a sandbox call: a new plan) and returns its targets, parents first. period: key; total: 0 or more, below 10^15, a multiple of step; mode: live, shadow, sandbox; root: code, null for the one unit without a parent; step: what every amount is a multiple of, 0.0001 or a multiple of it; factors: {"health": 0.6, "potential": 0.4}, those not named unused, null: as table factors has them; label: any name. Signals are read as of the period''s first day. Error 42704 for an unknown period or root, 22023 for a wrong argument, a negative value, bounds that cannot be met or nothing to split by, 55000 without a policy or over units published for the period (live), 22003 out of range.';
COMMENT ON FUNCTION regtarget.preview_targets(text, numeric, text, text, numeric, jsonb) IS
'What allocate_targets() would make of the same arguments, writing nothing; for a period that is published, too. Errors as there.';
COMMENT ON FUNCTION regtarget.propose_plan(bigint) IS
'Marks a live draft as proposed; allocating again makes it a draft again. Error 42704 for an unknown plan, 22023 for one that is not live, 55000 for one that is no draft.';
COMMENT ON FUNCTION regtarget.publish_plan(bigint) IS
'Freezes a live plan, draft or proposed, after checking that it has targets, stands alone for its units, that the period before is closed if it had a plan and requests, that its penalties are those of the standings and that children add up to their parents and the top to the total. Error 42704 for an unknown plan, 22023 for one that is not live, 55000 for what does not hold (DETAIL names the first find).';

COMMENT ON VIEW regtarget.plan_board IS 'Every plan: what was split, over how many units, by whom, when, and where it stands';
COMMENT ON COLUMN regtarget.plan_board.plan_id IS 'Plan';
COMMENT ON COLUMN regtarget.plan_board.period IS 'Key of its period';
COMMENT ON COLUMN regtarget.plan_board.mode IS 'live, shadow or sandbox';
COMMENT ON COLUMN regtarget.plan_board.label IS 'Name that tells it from others';
COMMENT ON COLUMN regtarget.plan_board.status IS 'draft, proposed, published or closed';
COMMENT ON COLUMN regtarget.plan_board.root_unit_id IS 'Unit at the top';
COMMENT ON COLUMN regtarget.plan_board.root IS 'Code of the unit at the top';
COMMENT ON COLUMN regtarget.plan_board.total IS 'What was split, in the database''s currency';
COMMENT ON COLUMN regtarget.plan_board.units IS 'Units that have a target in it';
COMMENT ON COLUMN regtarget.plan_board.penalty IS 'Sum of all penalties: what was assigned beyond the total';
COMMENT ON COLUMN regtarget.plan_board.step IS 'What every amount is a multiple of';
COMMENT ON COLUMN regtarget.plan_board.cap IS 'How far amounts may move from their baselines, as a fraction';
COMMENT ON COLUMN regtarget.plan_board.created_by IS 'Role that made it';
COMMENT ON COLUMN regtarget.plan_board.created_at IS 'When it was made, in the policy''s time zone';
COMMENT ON COLUMN regtarget.plan_board.published_at IS 'When it was published, in the policy''s time zone; null while it is not';

COMMENT ON VIEW regtarget.plan_balance IS 'Over-assignment in plain sight: for every plan and parent, what the children''s amounts add up to beyond the parent''s, and why';
COMMENT ON COLUMN regtarget.plan_balance.plan_id IS 'Plan';
COMMENT ON COLUMN regtarget.plan_balance.period IS 'Key of its period';
COMMENT ON COLUMN regtarget.plan_balance.mode IS 'live, shadow or sandbox';
COMMENT ON COLUMN regtarget.plan_balance.status IS 'draft, proposed, published or closed';
COMMENT ON COLUMN regtarget.plan_balance.unit_id IS 'The parent';
COMMENT ON COLUMN regtarget.plan_balance.unit IS 'Code of the parent';
COMMENT ON COLUMN regtarget.plan_balance.amount IS 'Amount of the parent';
COMMENT ON COLUMN regtarget.plan_balance.children IS 'How many children it has in the plan';
COMMENT ON COLUMN regtarget.plan_balance.children_amount IS 'Sum of the children''s amounts';
COMMENT ON COLUMN regtarget.plan_balance.difference IS 'children_amount - amount: the sum of the three parts that follow';
COMMENT ON COLUMN regtarget.plan_balance.from_penalty IS 'The children''s penalties';
COMMENT ON COLUMN regtarget.plan_balance.from_adjustment IS 'What the children''s amounts moved from their baselines, less what the parent''s moved';
COMMENT ON COLUMN regtarget.plan_balance.from_rounding IS 'The children''s suggested less the parent''s baseline: 0 in a plan that was allocated or published';

-- ---- targets ----------------------------------------------------------------------------------

COMMENT ON TABLE regtarget.targets IS 'Each unit''s target in a plan. A trigger computes all but suggested while the plan is a draft; once it is published only amount moves, on the step and within the cap.';
COMMENT ON COLUMN regtarget.targets.target_id IS 'Key; generated unless given';
COMMENT ON COLUMN regtarget.targets.plan_id IS 'Plan';
COMMENT ON COLUMN regtarget.targets.unit_id IS 'Unit: the plan''s root or one below it, open in the period; once a plan';
COMMENT ON COLUMN regtarget.targets.parent_unit_id IS 'The unit above when the plan was made; null for the plan''s root';
COMMENT ON COLUMN regtarget.targets.period IS 'Period of the plan';
COMMENT ON COLUMN regtarget.targets.suggested IS 'What the split gave the unit, or what was typed; 0 to below 10^15, a multiple of the plan''s step';
COMMENT ON COLUMN regtarget.targets.penalty IS 'suggested x the standing''s penalty_rate, rounded half up to the step; 0 for the plan''s root and in a sandbox';
COMMENT ON COLUMN regtarget.targets.baseline IS 'suggested + penalty: what the cap is measured from';
COMMENT ON COLUMN regtarget.targets.amount IS 'The target: the baseline at first; |amount - baseline| <= cap x baseline (23514, constraint targets_cap)';
COMMENT ON COLUMN regtarget.targets.cap IS 'Cap of the plan, as a fraction';

COMMENT ON FUNCTION regtarget.guard_targets() IS
'Trigger: in a draft, computes what follows from suggested; in a published plan, lets only amount move, on the step (22023) and within the cap (23514); else 55000';
COMMENT ON FUNCTION regtarget.explain_target(text, text, bigint) IS
'The derivation of a target, from the total down to the amount, one step a row; the last row''s amount is targets.amount. For each unit on the way: what each signal contributed (weight x share of what the parent had to hand down, to 4 decimals), the suggestion, the penalty, the baseline. unit: code; period: key; plan_id: null for the published live plan, else the newest live draft. Error 42704 when there is no such target.';
COMMENT ON FUNCTION regtarget.targets_due(date) IS
'What the published live targets of a day''s period had called for up to and including the day: whole months, and a month in progress by its days';
COMMENT ON FUNCTION regtarget.period_actuals(text, date) IS
'What every unit and all below it achieved in a period, 0 where nothing was: deals won by closed_on, or revenues by booked_on, as the policy on the period''s first day says. Error 42704 for an unknown period, 55000 without a policy.';

COMMENT ON VIEW regtarget.target_basis IS 'Why a suggestion is what it is: a row for each target and each signal that counted. A lone child has none.';
COMMENT ON COLUMN regtarget.target_basis.target_id IS 'Target';
COMMENT ON COLUMN regtarget.target_basis.signal IS 'Signal';
COMMENT ON COLUMN regtarget.target_basis.factor IS 'Factor that it belongs to';
COMMENT ON COLUMN regtarget.target_basis.value IS 'Its value on the period''s first day, in its own unit; filled when imputed';
COMMENT ON COLUMN regtarget.target_basis.imputed IS 'Value or scale was filled from the siblings';
COMMENT ON COLUMN regtarget.target_basis.scale IS 'What the value was multiplied by; null: plain shares';
COMMENT ON COLUMN regtarget.target_basis.share IS 'value x scale over the siblings'' sum, 0 to 1';
COMMENT ON COLUMN regtarget.target_basis.weight IS 'Weight in effect among the siblings, 0 to 1; those of a target''s signals add up to 1';
COMMENT ON COLUMN regtarget.target_basis.plan_id IS 'Plan';
COMMENT ON COLUMN regtarget.target_basis.unit_id IS 'Unit';

COMMENT ON VIEW regtarget.target_breakdown IS 'target_basis with names and in words';
COMMENT ON COLUMN regtarget.target_breakdown.target_id IS 'Target';
COMMENT ON COLUMN regtarget.target_breakdown.plan_id IS 'Plan';
COMMENT ON COLUMN regtarget.target_breakdown.period IS 'Key of its period';
COMMENT ON COLUMN regtarget.target_breakdown.unit_id IS 'Unit';
COMMENT ON COLUMN regtarget.target_breakdown.unit IS 'Code of the unit';
COMMENT ON COLUMN regtarget.target_breakdown.name IS 'Name of the unit';
COMMENT ON COLUMN regtarget.target_breakdown.factor IS 'Factor';
COMMENT ON COLUMN regtarget.target_breakdown.signal IS 'Signal';
COMMENT ON COLUMN regtarget.target_breakdown.weight IS 'Weight in effect among the siblings, 0 to 1';
COMMENT ON COLUMN regtarget.target_breakdown.share IS 'value x scale over the siblings'' sum, 0 to 1';
COMMENT ON COLUMN regtarget.target_breakdown.part IS 'weight x share: its part of what the parent had to hand down, 0 to 1';
COMMENT ON COLUMN regtarget.target_breakdown.words IS 'The same in one sentence';

COMMENT ON VIEW regtarget.target_months IS 'Every target over the months of its period, exactly: apportioned by calendar.weight in steps of the plan';
COMMENT ON COLUMN regtarget.target_months.target_id IS 'Target';
COMMENT ON COLUMN regtarget.target_months.plan_id IS 'Plan';
COMMENT ON COLUMN regtarget.target_months.unit_id IS 'Unit';
COMMENT ON COLUMN regtarget.target_months.unit IS 'Code of the unit';
COMMENT ON COLUMN regtarget.target_months.period IS 'Key of the period';
COMMENT ON COLUMN regtarget.target_months.month IS 'Key of the month';
COMMENT ON COLUMN regtarget.target_months.starts_on IS 'First day of the month';
COMMENT ON COLUMN regtarget.target_months.ends_on IS 'Last day of the month';
COMMENT ON COLUMN regtarget.target_months.days IS 'Days in the month';
COMMENT ON COLUMN regtarget.target_months.amount IS 'The month''s part of the target''s amount; the months add up to it';

COMMENT ON VIEW regtarget.target_board IS 'Live targets beside what was achieved, one row a unit and period: the published one, else that of the newest live draft';
COMMENT ON COLUMN regtarget.target_board.target_id IS 'Target';
COMMENT ON COLUMN regtarget.target_board.plan_id IS 'Plan';
COMMENT ON COLUMN regtarget.target_board.status IS 'Status of the plan: draft, proposed, published or closed';
COMMENT ON COLUMN regtarget.target_board.period IS 'Key of the period';
COMMENT ON COLUMN regtarget.target_board.unit_id IS 'Unit';
COMMENT ON COLUMN regtarget.target_board.unit IS 'Code of the unit';
COMMENT ON COLUMN regtarget.target_board.name IS 'Name of the unit';
COMMENT ON COLUMN regtarget.target_board.kind IS 'Kind of unit, as entered';
COMMENT ON COLUMN regtarget.target_board.parent IS 'Code of the unit above; null for a root';
COMMENT ON COLUMN regtarget.target_board.region IS 'Code of its region; see unit_tree';
COMMENT ON COLUMN regtarget.target_board.depth IS 'Levels below the root; 0 for a root';
COMMENT ON COLUMN regtarget.target_board.is_leaf IS 'No unit is below it: sum leaves only, parents contain their children';
COMMENT ON COLUMN regtarget.target_board.suggested IS 'What the split gave the unit';
COMMENT ON COLUMN regtarget.target_board.penalty IS 'What its standing adds';
COMMENT ON COLUMN regtarget.target_board.baseline IS 'suggested + penalty';
COMMENT ON COLUMN regtarget.target_board.amount IS 'The target now';
COMMENT ON COLUMN regtarget.target_board.actual IS 'Achieved in the period by the unit and all below it';
COMMENT ON COLUMN regtarget.target_board.attainment IS 'actual / amount, 1 is the whole target; null for a target of 0';
COMMENT ON COLUMN regtarget.target_board.pace IS 'actual / what the months called for up to and including today, a month in progress by its days; null while nothing was due';
COMMENT ON COLUMN regtarget.target_board.forecast IS 'Result at the end of the period at this pace: pace x amount; null without a pace';
COMMENT ON COLUMN regtarget.target_board.gap IS 'amount - actual; negative when the target is passed';
COMMENT ON COLUMN regtarget.target_board.room_up IS 'How much the amount can still rise within the cap, in whole steps';
COMMENT ON COLUMN regtarget.target_board.room_down IS 'How much the amount can still fall within the cap, in whole steps';

-- ---- credit -----------------------------------------------------------------------------------

COMMENT ON TABLE regtarget.standings IS 'What a unit brings into a period: denied quarters running, and the penalty that follows, often 0. Written by close_period() for the period after; or by the owner who brings history. A row once written never changes (55000), and a penalty comes before the plan it bears on is published.';
COMMENT ON COLUMN regtarget.standings.unit_id IS 'Unit';
COMMENT ON COLUMN regtarget.standings.period IS 'Period whose targets it bears on';
COMMENT ON COLUMN regtarget.standings.denied_quarters IS 'Denied quarters running that it brings, the last one being that of the period before';
COMMENT ON COLUMN regtarget.standings.penalty_rate IS 'Penalty as a fraction of the unit''s suggestion, 0 to below 1';

COMMENT ON FUNCTION regtarget.guard_standings() IS
'Trigger: standings are neither changed nor deleted, and a penalty comes before the plan that it bears on is published (55000)';

-- ---- verify -----------------------------------------------------------------------------------

COMMENT ON FUNCTION regtarget.verify(text[]) IS
'Recomputes the invariants from the tables, from one snapshot: sums, caps, penalties, statuses, ledger, references, tree. checks: names, null for all; an unknown or null name is 22023. detail: the first three finds and how many more, null when all is well.';

-- access: who may see and write which rows, and PUBLIC gets nothing.  Last, so that it covers every
-- table and function above.

-- What row security knows of units, duties and plans is forgotten when they change: after each
-- statement, whatever the session; in one that replicates, where those do not fire, after each row.

CREATE TRIGGER units_forget_sight AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON regtarget.units
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.forget_sight();
ALTER TABLE regtarget.units ENABLE ALWAYS TRIGGER units_forget_sight;
CREATE TRIGGER units_forget_sight_replica AFTER INSERT OR UPDATE OR DELETE ON regtarget.units
FOR EACH ROW EXECUTE FUNCTION regtarget.forget_sight();
ALTER TABLE regtarget.units ENABLE REPLICA TRIGGER units_forget_sight_replica;
CREATE TRIGGER duties_forget_sight AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON regtarget.duties
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.forget_sight();
ALTER TABLE regtarget.duties ENABLE ALWAYS TRIGGER duties_forget_sight;
CREATE TRIGGER duties_forget_sight_replica AFTER INSERT OR UPDATE OR DELETE ON regtarget.duties
FOR EACH ROW EXECUTE FUNCTION regtarget.forget_sight();
ALTER TABLE regtarget.duties ENABLE REPLICA TRIGGER duties_forget_sight_replica;
CREATE TRIGGER plans_forget_sight AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON regtarget.plans
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.forget_sight();
ALTER TABLE regtarget.plans ENABLE ALWAYS TRIGGER plans_forget_sight;
CREATE TRIGGER plans_forget_sight_replica AFTER INSERT OR UPDATE OR DELETE ON regtarget.plans
FOR EACH ROW EXECUTE FUNCTION regtarget.forget_sight();
ALTER TABLE regtarget.plans ENABLE REPLICA TRIGGER plans_forget_sight_replica;

-- Row security. Only the owner, superusers and roles that bypass it see what no policy shows.

-- A new unit is not in the tree yet, but its parent is: so that decides whether it is in sight.

ALTER TABLE regtarget.units ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.units FOR SELECT
USING (regtarget.sees_unit(unit_id) OR regtarget.sees_unit(parent_id));
CREATE POLICY add_by_top_planners ON regtarget.units FOR INSERT
WITH CHECK (regtarget.edits_unit(parent_id));
CREATE POLICY edit_by_top_planners ON regtarget.units FOR UPDATE
USING (regtarget.edits_unit(unit_id))
WITH CHECK (regtarget.edits_unit(unit_id) AND (parent_id IS NULL OR regtarget.edits_unit(parent_id)));
CREATE POLICY drop_by_top_planners ON regtarget.units FOR DELETE
USING (regtarget.edits_unit(unit_id));

-- Settings: read by whoever has a duty, written by planners of the whole organisation.

ALTER TABLE regtarget.periods ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.periods FOR SELECT
USING (regtarget.has_duty());
CREATE POLICY by_top_planners ON regtarget.periods FOR ALL
USING (regtarget.is_top_planner());

ALTER TABLE regtarget.months ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.months FOR SELECT
USING (regtarget.has_duty());
CREATE POLICY by_top_planners ON regtarget.months FOR ALL
USING (regtarget.is_top_planner());

ALTER TABLE regtarget.ramp ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.ramp FOR SELECT
USING (regtarget.has_duty());
CREATE POLICY by_top_planners ON regtarget.ramp FOR ALL
USING (regtarget.is_top_planner());

ALTER TABLE regtarget.policies ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.policies FOR SELECT
USING (regtarget.has_duty());
CREATE POLICY by_top_planners ON regtarget.policies FOR ALL
USING (regtarget.is_top_planner());

ALTER TABLE regtarget.signal_kinds ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.signal_kinds FOR SELECT
USING (regtarget.has_duty());
CREATE POLICY by_top_planners ON regtarget.signal_kinds FOR ALL
USING (regtarget.is_top_planner());

ALTER TABLE regtarget.metrics ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.metrics FOR SELECT
USING (regtarget.has_duty());
CREATE POLICY by_top_planners ON regtarget.metrics FOR ALL
USING (regtarget.is_top_planner());

ALTER TABLE regtarget.factors ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.factors FOR SELECT
USING (regtarget.has_duty());
CREATE POLICY by_top_planners ON regtarget.factors FOR ALL
USING (regtarget.is_top_planner());

-- People and facts: written by whom the DBA lets, each where he sees.

ALTER TABLE regtarget.employees ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.employees FOR ALL
USING (EXISTS (SELECT FROM regtarget.assignments a WHERE a.employee_id = employees.employee_id)
	OR regtarget.sees_unassigned(employee_id));

ALTER TABLE regtarget.assignments ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.assignments FOR ALL
USING (regtarget.sees_unit(unit_id));

ALTER TABLE regtarget.customers ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.customers FOR ALL
USING (regtarget.sees_unit(unit_id));

ALTER TABLE regtarget.visits ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.visits FOR ALL
USING (regtarget.sees_unit(unit_id));

ALTER TABLE regtarget.deals ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.deals FOR ALL
USING (regtarget.sees_unit(unit_id));

ALTER TABLE regtarget.revenues ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.revenues FOR ALL
USING (regtarget.sees_unit(unit_id));

ALTER TABLE regtarget.activity_days ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.activity_days FOR SELECT
USING (regtarget.sees_unit(unit_id));

ALTER TABLE regtarget.activity_months ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.activity_months FOR SELECT
USING (regtarget.sees_unit(unit_id));

ALTER TABLE regtarget.activity_deltas ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.activity_deltas FOR SELECT
USING (regtarget.sees_unit(unit_id));

ALTER TABLE regtarget.signals ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.signals FOR ALL
USING (regtarget.sees_unit(unit_id));

-- Written by functions.

ALTER TABLE regtarget.duties ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.duties FOR SELECT
USING (regtarget.sees_duty(role, unit_id));

-- Plans: planners see and write what is theirs; others see what is open to them.

ALTER TABLE regtarget.bounds ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.bounds FOR SELECT
USING (regtarget.sees_unit(unit_id));
CREATE POLICY by_planners ON regtarget.bounds FOR ALL
USING (regtarget.plans_unit(unit_id));

ALTER TABLE regtarget.plans ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.plans FOR SELECT
USING (regtarget.sees_plan(root_unit_id, mode, status));
CREATE POLICY by_planners ON regtarget.plans FOR ALL
USING (regtarget.plans_unit(root_unit_id));

ALTER TABLE regtarget.plan_basis ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.plan_basis FOR SELECT
USING (regtarget.sees_target(plan_id, parent_unit_id));

ALTER TABLE regtarget.plan_bounds ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.plan_bounds FOR SELECT
USING (regtarget.sees_target(plan_id, unit_id));

ALTER TABLE regtarget.targets ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.targets FOR SELECT
USING (regtarget.sees_target(plan_id, unit_id));
CREATE POLICY type_by_planners ON regtarget.targets FOR INSERT
WITH CHECK (regtarget.writes_draft(plan_id));
CREATE POLICY update_in_sight ON regtarget.targets FOR UPDATE
USING (regtarget.updates_target(plan_id, unit_id));
CREATE POLICY drop_by_planners ON regtarget.targets FOR DELETE
USING (regtarget.writes_draft(plan_id));

-- Written by functions alone, and standings by the owner.

ALTER TABLE regtarget.standings ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.standings FOR SELECT
USING (regtarget.sees_unit(unit_id));

ALTER TABLE regtarget.adjustments ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.adjustments FOR SELECT
USING (regtarget.sees_unit(unit_id));

ALTER TABLE regtarget.signatures ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.signatures FOR SELECT
USING (regtarget.sees_unit(asking_unit_id));

ALTER TABLE regtarget.filings ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.filings FOR SELECT
USING (regtarget.sees_unit(unit_id));

-- The company's own chain, unit 0, is for those with a duty at the top.

ALTER TABLE regtarget.ledger ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.ledger FOR SELECT
USING (regtarget.sees_unit(unit_id));

ALTER TABLE regtarget.answers ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.answers FOR SELECT
USING (regtarget.sees_target(plan_id, unit_id));

-- What imports could not take: for those who may load anything into the view that it was bound for, and
-- for whoever tried by a duty.  No function of ours is asked: an importer may have no duty.

ALTER TABLE regtarget.import_rejects ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.import_rejects FOR SELECT
USING (has_table_privilege(to_regclass('regtarget.' || quote_ident(target))::oid, 'INSERT')
	OR pg_has_role(to_regrole(quote_ident(by_duty_of))::oid, 'USAGE'));

-- Names of other systems, which may be people's e-mail addresses, go with whom they name.

ALTER TABLE regtarget.aliases ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.aliases FOR SELECT
USING (regtarget.sees_alias(kind, means));
CREATE POLICY by_top_planners ON regtarget.aliases FOR ALL
USING (regtarget.is_top_planner());

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA regtarget FROM PUBLIC;
