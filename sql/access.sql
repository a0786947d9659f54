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

ALTER TABLE regtarget.units ENABLE ROW LEVEL SECURITY;
ALTER TABLE regtarget.periods ENABLE ROW LEVEL SECURITY;
ALTER TABLE regtarget.months ENABLE ROW LEVEL SECURITY;
ALTER TABLE regtarget.ramp ENABLE ROW LEVEL SECURITY;
ALTER TABLE regtarget.policies ENABLE ROW LEVEL SECURITY;
ALTER TABLE regtarget.signal_kinds ENABLE ROW LEVEL SECURITY;
ALTER TABLE regtarget.metrics ENABLE ROW LEVEL SECURITY;
ALTER TABLE regtarget.factors ENABLE ROW LEVEL SECURITY;
ALTER TABLE regtarget.employees ENABLE ROW LEVEL SECURITY;
ALTER TABLE regtarget.assignments ENABLE ROW LEVEL SECURITY;
ALTER TABLE regtarget.customers ENABLE ROW LEVEL SECURITY;
ALTER TABLE regtarget.visits ENABLE ROW LEVEL SECURITY;
ALTER TABLE regtarget.deals ENABLE ROW LEVEL SECURITY;
ALTER TABLE regtarget.revenues ENABLE ROW LEVEL SECURITY;
ALTER TABLE regtarget.signals ENABLE ROW LEVEL SECURITY;
ALTER TABLE regtarget.duties ENABLE ROW LEVEL SECURITY;
ALTER TABLE regtarget.bounds ENABLE ROW LEVEL SECURITY;
ALTER TABLE regtarget.plans ENABLE ROW LEVEL SECURITY;
ALTER TABLE regtarget.plan_basis ENABLE ROW LEVEL SECURITY;
ALTER TABLE regtarget.plan_bounds ENABLE ROW LEVEL SECURITY;
ALTER TABLE regtarget.targets ENABLE ROW LEVEL SECURITY;
ALTER TABLE regtarget.standings ENABLE ROW LEVEL SECURITY;
ALTER TABLE regtarget.adjustments ENABLE ROW LEVEL SECURITY;
ALTER TABLE regtarget.signatures ENABLE ROW LEVEL SECURITY;
ALTER TABLE regtarget.filings ENABLE ROW LEVEL SECURITY;
ALTER TABLE regtarget.answers ENABLE ROW LEVEL SECURITY;

CREATE FUNCTION regtarget.make_policies() RETURNS int
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'rgt_make_policies';
COMMENT ON FUNCTION regtarget.make_policies() IS 'Makes those policies of row security that are not there, and says how many. By CREATE EXTENSION, and by the owner after an older dump was restored into a newer version; a session that restores makes none, because the dump brings them.';
SELECT regtarget.make_policies();

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA regtarget FROM PUBLIC;
