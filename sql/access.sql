-- access: when visibility is forgotten, and that PUBLIC gets nothing.  Last, so that it covers every function
-- above.  Who sees and writes which rows of a table, its room says.

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
