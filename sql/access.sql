-- access: when visibility is forgotten, and what PUBLIC gets: nothing that tells anything.  Last, so that it covers every
-- function above.  Who sees and writes which rows of a table, its room says.

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
CREATE TRIGGER past_parents_forget_sight AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON regtarget.past_parents
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.forget_sight();
ALTER TABLE regtarget.past_parents ENABLE ALWAYS TRIGGER past_parents_forget_sight;
CREATE TRIGGER past_parents_forget_sight_replica AFTER INSERT OR UPDATE OR DELETE ON regtarget.past_parents
FOR EACH ROW EXECUTE FUNCTION regtarget.forget_sight();
ALTER TABLE regtarget.past_parents ENABLE REPLICA TRIGGER past_parents_forget_sight_replica;
-- The time zone says when the day of a move begins.
CREATE TRIGGER policies_forget_sight AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON regtarget.policies
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.forget_sight();
ALTER TABLE regtarget.policies ENABLE ALWAYS TRIGGER policies_forget_sight;
CREATE TRIGGER policies_forget_sight_replica AFTER INSERT OR UPDATE OR DELETE ON regtarget.policies
FOR EACH ROW EXECUTE FUNCTION regtarget.forget_sight();
ALTER TABLE regtarget.policies ENABLE REPLICA TRIGGER policies_forget_sight_replica;
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

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA regtarget FROM PUBLIC;

-- What row security and views ask answers whoever has no duty with nothing.  So everybody may call it: a role that has been
-- given SELECT on all tables and views, and no duty, sees them empty.
GRANT USAGE ON SCHEMA regtarget TO PUBLIC;
GRANT EXECUTE ON FUNCTION
	regtarget.sees_unit(int), regtarget.plans_unit(int), regtarget.decides_over(int), regtarget.edits_unit(int),
	regtarget.sees_plan(int, text, text), regtarget.sees_target(bigint, int), regtarget.writes_draft(bigint),
	regtarget.updates_target(bigint, int), regtarget.has_duty(), regtarget.is_top_planner(), regtarget.sees_unassigned(int),
	regtarget.sees_alias(text, text), regtarget.sees_duty(name, int),
	regtarget.translated(text), regtarget.today(), regtarget.local_time(timestamptz), regtarget.rfc3339(timestamp), regtarget.decimal_mark(), regtarget.reject_advice(text, text, text),
	regtarget.place_of_unit(int), regtarget.ancestors_of_unit(int), regtarget.health_ranking(date), regtarget.health_points(date),
	regtarget.health_of_unit(int, date), regtarget.health_row_of_unit(int, date), regtarget.health_rank_of_unit(int, date),
	regtarget.month_of_target(text, numeric, numeric, date), regtarget.due_of_target(text, numeric, numeric, date),
	regtarget.actuals_of_unit(int, text, date), regtarget.actuals_of_span(int, text, date, date, date),
	regtarget.sums_of_unit(int, date, date), regtarget.place_in_plan(bigint, int), regtarget.basis_of_target(bigint, int, int),
	regtarget.basis_in_words(text, float8, float8, float8, boolean, float8), regtarget.plan_totals(bigint),
	regtarget.plan_parents(bigint), regtarget.outlook_of_unit(int, text), regtarget.employee_units(),
	regtarget.source_freshness(), regtarget.data_warnings_since(date), regtarget.vital_signs(),
	regtarget.shadow_amount(bigint, int, numeric), regtarget.outcomes_of_unit(int, text), regtarget.fairness_of_unit(int, text)
TO PUBLIC;
