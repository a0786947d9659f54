/*
 * row_security.c
 *	  The policies of all tables, in one list.
 *
 * They are made by a function and not by statements of the install script, because pg_dump, unlike
 * for anything else of an extension, writes CREATE POLICY into the dump.  In a session that restores
 * one the function makes none: the dump brings them.  Until then, and if it brings none, row security
 * without a policy shows nothing.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/rls.h"

#include "regtarget.h"

typedef struct Policy
{
	const char *table;
	const char *name;
	const char *command;
	const char *using;			/* NULL: for INSERT */
	const char *check;			/* NULL: as `using` */
} Policy;

#define READ(table, condition) {table, "in_sight", "SELECT", condition, NULL}
#define ALL(table, name, condition) {table, name, "ALL", condition, NULL}
#define SETTINGS(table) \
	READ(table, "regtarget.has_duty()"), ALL(table, "by_top_planners", "regtarget.is_top_planner()")

/*
 * A new unit is not in the tree yet, but its parent is; so its parent decides whether it is in sight.
 * Facts are written by whom the DBA grants it, each where he sees.
 */
static const Policy policies[] = {
	READ("units", "regtarget.sees_unit(unit_id) OR regtarget.sees_unit(parent_id)"),
	{"units", "add_by_top_planners", "INSERT", NULL, "regtarget.edits_unit(parent_id)"},
	{"units", "edit_by_top_planners", "UPDATE", "regtarget.edits_unit(unit_id)",
	"regtarget.edits_unit(unit_id) AND (parent_id IS NULL OR regtarget.edits_unit(parent_id))"},
	{"units", "drop_by_top_planners", "DELETE", "regtarget.edits_unit(unit_id)", NULL},
	SETTINGS("periods"),
	SETTINGS("months"),
	SETTINGS("ramp"),
	SETTINGS("policies"),
	SETTINGS("signal_kinds"),
	SETTINGS("metrics"),
	SETTINGS("factors"),
	ALL("employees", "in_sight",
		"EXISTS (SELECT FROM regtarget.assignments a WHERE a.employee_id = employees.employee_id) "
		"OR regtarget.sees_unassigned(employee_id)"),
	ALL("assignments", "in_sight", "regtarget.sees_unit(unit_id)"),
	ALL("customers", "in_sight", "regtarget.sees_unit(unit_id)"),
	ALL("visits", "in_sight", "regtarget.sees_unit(unit_id)"),
	ALL("deals", "in_sight", "regtarget.sees_unit(unit_id)"),
	ALL("revenues", "in_sight", "regtarget.sees_unit(unit_id)"),
	ALL("signals", "in_sight", "regtarget.sees_unit(unit_id)"),
	READ("duties", "regtarget.sees_duty(role, unit_id)"),
	READ("bounds", "regtarget.sees_unit(unit_id)"),
	ALL("bounds", "by_planners", "regtarget.plans_unit(unit_id)"),
	READ("plans", "regtarget.sees_plan(root_unit_id, mode, status)"),
	ALL("plans", "by_planners", "regtarget.plans_unit(root_unit_id)"),
	READ("plan_basis", "regtarget.sees_target(plan_id, parent_unit_id)"),
	READ("plan_bounds", "regtarget.sees_target(plan_id, unit_id)"),
	READ("targets", "regtarget.sees_target(plan_id, unit_id)"),
	{"targets", "type_by_planners", "INSERT", NULL, "regtarget.writes_draft(plan_id)"},
	{"targets", "update_in_sight", "UPDATE", "regtarget.updates_target(plan_id, unit_id)", NULL},
	{"targets", "drop_by_planners", "DELETE", "regtarget.writes_draft(plan_id)", NULL},
	READ("standings", "regtarget.sees_unit(unit_id)"),
	READ("adjustments", "regtarget.sees_unit(unit_id)"),
	READ("signatures", "regtarget.sees_unit(asking_unit_id)"),
	READ("filings", "regtarget.sees_unit(unit_id)"),
	READ("answers", "regtarget.sees_target(plan_id, unit_id)"),
};

static bool
is_made(const Policy *policy)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT FROM pg_catalog.pg_policy p WHERE p.polrelid OPERATOR(pg_catalog.=) $1 "
		"AND p.polname OPERATOR(pg_catalog.=) $2", OIDOID, NAMEOID);
	Datum		values[2] = {ObjectIdGetDatum(rgt_relation(policy->table)),
	DirectFunctionCall1(namein, CStringGetDatum(policy->name))};

	return rgt_run(&query, RGT_LATEST, values, NULL, NULL, NULL) > 0;
}

static void
make(const Policy *policy)
{
	char	   *statement = psprintf("CREATE POLICY %s ON regtarget.%s FOR %s%s%s",
									 policy->name, policy->table, policy->command,
									 policy->using == NULL ? "" : psprintf(" USING (%s)", policy->using),
									 policy->check == NULL ? "" : psprintf(" WITH CHECK (%s)", policy->check));
	int			result = SPI_execute(statement, false, 0);

	if (result != SPI_OK_UTILITY)
		elog(ERROR, "could not run \"%s\": %s", statement, SPI_result_code_string(result));
}

/* make_policies(): makes the policies that are not there; how many those were. */
PG_FUNCTION_INFO_V1(rgt_make_policies);
Datum
rgt_make_policies(PG_FUNCTION_ARGS)
{
	RgtSession	session;
	int			made = 0;

	/* CREATE EXTENSION itself switches check_function_bodies off: only this setting tells a restore. */
	if (!row_security)
		PG_RETURN_INT32(0);
	rgt_begin(&session);
	for (int i = 0; i < (int) lengthof(policies); i++)
	{
		if (is_made(&policies[i]))
			continue;
		make(&policies[i]);
		made++;
	}
	rgt_end(&session);
	PG_RETURN_INT32(made);
}
