-- access: who may see and write which rows, and PUBLIC gets nothing.  Last, so that it covers every
-- table and function above.

-- What row security knows of units, duties and plans is forgotten when they change: after each
-- statement, whatever the session; in one that replicates, where those do not fire, after each row.
-- Of units that are there already, because new ones are looked up; an UPDATE counts when it moves one.

CREATE TRIGGER units_forget_sight AFTER DELETE OR TRUNCATE ON regtarget.units
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.forget_sight();
ALTER TABLE regtarget.units ENABLE ALWAYS TRIGGER units_forget_sight;
CREATE TRIGGER units_forget_sight_update AFTER UPDATE ON regtarget.units
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.forget_sight();
ALTER TABLE regtarget.units ENABLE ALWAYS TRIGGER units_forget_sight_update;
CREATE TRIGGER units_forget_sight_replica AFTER UPDATE OR DELETE ON regtarget.units
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

ALTER TABLE regtarget.shared_logins ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.shared_logins FOR SELECT
USING (regtarget.has_duty());

-- Plans: planners see and write what is theirs; others see what is open to them.

ALTER TABLE regtarget.bounds ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.bounds FOR SELECT
USING (regtarget.sees_unit(unit_id));
CREATE POLICY by_planners_above ON regtarget.bounds FOR ALL
USING (regtarget.decides_over(unit_id));

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
