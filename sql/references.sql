-- references: the triggers that check references between our tables, on both sides.  Which references
-- there are is said once, in src/base/references.c.

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
