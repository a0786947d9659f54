-- activity: what each unit did on each day, kept by triggers as facts change (see src/activity/triggers.c).
--
-- All of it but attached_days is derived from the facts: a dump leaves it out, and the triggers make it again while
-- the facts are restored.

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

-- What was counted of facts that stay elsewhere (see src/attached/refresh.c), by relation: facts already summed up, as
-- far as activity is concerned.  A dump has it, because the other side may be away when it is restored.
CREATE TABLE regtarget.attached_days (
	unit_id        int NOT NULL,
	day            date NOT NULL CHECK (isfinite(day)),
	visits         int NOT NULL,
	won            int NOT NULL,
	lost           int NOT NULL,
	won_amount     numeric NOT NULL,
	revenues       int NOT NULL,
	revenue_amount numeric NOT NULL,
	attachment_id  int NOT NULL,
	PRIMARY KEY (day, unit_id, attachment_id)
);
CREATE INDEX attached_days_unit_idx ON regtarget.attached_days (unit_id);

COMMENT ON TABLE regtarget.attached_days IS 'What refresh_activity() counted of facts that stay in attached relations, by unit and day. Part of activity. Written by functions alone.';
COMMENT ON COLUMN regtarget.attached_days.unit_id IS 'Unit';
COMMENT ON COLUMN regtarget.attached_days.day IS 'Day: visited_on, closed_on, booked_on';
COMMENT ON COLUMN regtarget.attached_days.visits IS 'Visits';
COMMENT ON COLUMN regtarget.attached_days.won IS 'Deals won';
COMMENT ON COLUMN regtarget.attached_days.lost IS 'Deals lost';
COMMENT ON COLUMN regtarget.attached_days.won_amount IS 'Amount of the deals won, exactly';
COMMENT ON COLUMN regtarget.attached_days.revenues IS 'Revenues booked, how many';
COMMENT ON COLUMN regtarget.attached_days.revenue_amount IS 'Amount booked, exactly';
COMMENT ON COLUMN regtarget.attached_days.attachment_id IS 'Which of attachments it was counted of';

SELECT pg_catalog.pg_extension_config_dump('regtarget.attached_days', '');

-- Counts the deltas since the last fold, without a lock that lasts; whoever folds holds
-- SHARE UPDATE EXCLUSIVE on it.
CREATE SEQUENCE regtarget.activity_ticks;

-- What the sources have brought, kept in the same way: how many rows of each fact, and about which days.
CREATE TABLE regtarget.source_days (
	fact   text NOT NULL,
	source text NOT NULL,
	day    date NOT NULL,
	rows   bigint NOT NULL,
	dated  bigint NOT NULL,
	PRIMARY KEY (fact, source, day)
) WITH (fillfactor = 70);

COMMENT ON TABLE regtarget.source_days IS 'Derived: how much of each fact each source has brought and about which days, but for what still waits in source_deltas. Read it through view data_freshness. Not in a dump: triggers make it again.';
COMMENT ON COLUMN regtarget.source_days.fact IS 'Table: customers, employees, visits, deals, revenues, signals';
COMMENT ON COLUMN regtarget.source_days.source IS 'System that the rows come from; empty where none is said';
COMMENT ON COLUMN regtarget.source_days.day IS 'Day: acquired_on, hired_on and left_on, visited_on, opened_on and closed_on, booked_on, as_of; 0001-01-01 for rows without a day';
COMMENT ON COLUMN regtarget.source_days.rows IS 'Rows of which it is the first day';
COMMENT ON COLUMN regtarget.source_days.dated IS 'Rows of which it is one of the days';

CREATE TABLE regtarget.source_deltas (
	fact   text NOT NULL,
	source text NOT NULL,
	day    date NOT NULL,
	rows   bigint NOT NULL,
	dated  bigint NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
ALTER TABLE regtarget.source_deltas REPLICA IDENTITY FULL;

COMMENT ON TABLE regtarget.source_deltas IS 'Derived: changes that are not folded into source_days yet. It has no key, because every write of facts appends here.';
COMMENT ON COLUMN regtarget.source_deltas.fact IS 'Table of facts';
COMMENT ON COLUMN regtarget.source_deltas.source IS 'System that the rows come from';
COMMENT ON COLUMN regtarget.source_deltas.day IS 'Day; 0001-01-01 for rows without a day';
COMMENT ON COLUMN regtarget.source_deltas.rows IS 'Rows more, or fewer, of which it is the first day';
COMMENT ON COLUMN regtarget.source_deltas.dated IS 'Rows more, or fewer, of which it is one of the days';

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

CREATE FUNCTION regtarget.keep_attached() RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'rgt_keep_attached';
COMMENT ON FUNCTION regtarget.keep_attached() IS
'Trigger on attached_days: adds what was counted elsewhere to activity, and takes away what was before.';

CREATE TRIGGER attached_days_activity_insert AFTER INSERT ON regtarget.attached_days
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.keep_attached();
CREATE TRIGGER attached_days_activity_update AFTER UPDATE ON regtarget.attached_days
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.keep_attached();
CREATE TRIGGER attached_days_activity_delete AFTER DELETE ON regtarget.attached_days
REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.keep_attached();

CREATE FUNCTION regtarget.keep_sources() RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'rgt_keep_sources';
COMMENT ON FUNCTION regtarget.keep_sources() IS
'Trigger on customers, employees and signals: counts what a statement added and took away to what their sources have brought; for visits, deals and revenues keep_activity() does.';

CREATE TRIGGER customers_sources_insert AFTER INSERT ON regtarget.customers
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.keep_sources();
CREATE TRIGGER customers_sources_update AFTER UPDATE ON regtarget.customers
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.keep_sources();
CREATE TRIGGER customers_sources_delete AFTER DELETE ON regtarget.customers
REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.keep_sources();
CREATE TRIGGER customers_sources_truncate AFTER TRUNCATE ON regtarget.customers
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.keep_sources();
CREATE TRIGGER employees_sources_insert AFTER INSERT ON regtarget.employees
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.keep_sources();
CREATE TRIGGER employees_sources_update AFTER UPDATE ON regtarget.employees
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.keep_sources();
CREATE TRIGGER employees_sources_delete AFTER DELETE ON regtarget.employees
REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.keep_sources();
CREATE TRIGGER employees_sources_truncate AFTER TRUNCATE ON regtarget.employees
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.keep_sources();
CREATE TRIGGER signals_sources_insert AFTER INSERT ON regtarget.signals
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.keep_sources();
CREATE TRIGGER signals_sources_update AFTER UPDATE ON regtarget.signals
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.keep_sources();
CREATE TRIGGER signals_sources_delete AFTER DELETE ON regtarget.signals
REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.keep_sources();
CREATE TRIGGER signals_sources_truncate AFTER TRUNCATE ON regtarget.signals
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.keep_sources();

CREATE FUNCTION regtarget.fold_activity() RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_fold_activity';
REVOKE ALL ON FUNCTION regtarget.fold_activity() FROM PUBLIC;
COMMENT ON FUNCTION regtarget.fold_activity() IS
'Folds all waiting changes of activity into its days and months, and says how many there were. Writers do so by themselves, every 20,000 changes or so; nothing else depends on it. Waits for another fold; 40001 where an older snapshot is in force.';

CREATE FUNCTION regtarget.rebuild_activity() RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_rebuild_activity';
REVOKE ALL ON FUNCTION regtarget.rebuild_activity() FROM PUBLIC;
COMMENT ON FUNCTION regtarget.rebuild_activity() IS
'Counts activity anew from all facts and from attached_days, and says how many unit-days it has. Attached relations are not read: refresh_activity() does that. For facts that were written while triggers did not fire (session_replication_role = replica, disabled triggers). Writers of facts wait for the end of its transaction, readers do not. Error 55000 at REPEATABLE READ and above.';

-- Row security: only the owner, superusers and roles that bypass it see what no policy shows.

ALTER TABLE regtarget.activity_days ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.activity_days FOR SELECT
USING (regtarget.sees_unit(unit_id));

ALTER TABLE regtarget.activity_months ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.activity_months FOR SELECT
USING (regtarget.sees_unit(unit_id));

ALTER TABLE regtarget.activity_deltas ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.activity_deltas FOR SELECT
USING (regtarget.sees_unit(unit_id));

ALTER TABLE regtarget.attached_days ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.attached_days FOR SELECT
USING (regtarget.sees_unit(unit_id));

-- How fresh a source is does not depend on who asks.

ALTER TABLE regtarget.source_days ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.source_days FOR SELECT
USING (regtarget.has_duty());

ALTER TABLE regtarget.source_deltas ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.source_deltas FOR SELECT
USING (regtarget.has_duty());
