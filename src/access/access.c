/*
 * access/access.c
 *	  What the caller may do, and the functions that row security asks.
 *
 * Policies run with the rights of whoever reads the table, so their functions ask about that role.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/snapmgr.h"

#include "access/access.h"
#include "access/hierarchy.h"
#include "regtarget.h"

static bool
is_planner(Oid role, int32 unit_id)
{
	return rgt_may_everything(role) || (rgt_duties_over(role, unit_id) & RGT_PLANNER) != 0;
}

/* 42501 unless the caller plans the unit: has duty planner there or above, or the owner's rights. */
void
rgt_require_planner(int32 unit_id)
{
	if (is_planner(rgt_caller(), unit_id))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("role \"%s\" is not a planner of unit \"%s\"", rgt_caller_name(), rgt_unit_name(unit_id)),
			 errdetail("It takes duty planner of that unit or of one above it."),
			 errhint("A planner of the unit at the top grants duties: regtarget.grant_duty().")));
}

/*
 * Does a role decide over the unit, that is, on its bounds and its live plans?  What a unit is given is for planners
 * of those above it; at the top, where there are none, for its own.
 */
bool
rgt_is_planner_above(Oid role, int32 unit_id)
{
	int32		parent = rgt_may_everything(role) ? 0 : rgt_parent_today(unit_id);

	return is_planner(role, parent == 0 ? unit_id : parent);
}

/* Raise 42704 for a plan that is not there or, which nobody is to tell apart, not visible to who asks. */
void
rgt_unknown_plan(int64 plan_id)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 errmsg("plan %" PRId64 " does not exist", plan_id)));
}

/* 42501 unless the caller plans the root of the plan; 42704 when he does not see the plan. */
void
rgt_require_planner_of_plan(int64 plan_id, int32 root)
{
	if (!rgt_plan_is_known(rgt_caller(), plan_id))
		rgt_unknown_plan(plan_id);
	rgt_require_planner(root);
}

/* 42501 unless the caller plans a unit without a parent: what belongs to the whole company. */
void
rgt_require_top_planner(void)
{
	Oid			caller = rgt_caller();

	if (rgt_may_everything(caller) || (rgt_duties_at_top(caller) & RGT_PLANNER) != 0)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("role \"%s\" is not a planner of the whole organisation", rgt_caller_name()),
			 errdetail("It takes duty planner of a unit without a parent."),
			 errhint("A planner of the unit at the top grants duties: regtarget.grant_duty().")));
}

/* 42501 unless the caller has any duty over the unit. */
void
rgt_require_sight(int32 unit_id)
{
	Oid			caller = rgt_caller();

	if (rgt_in_sight(caller, unit_id))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("unit \"%s\" is not visible to role \"%s\"", rgt_unit_name(unit_id), rgt_caller_name()),
			 errdetail("It takes a duty (planner, manager, finance or viewer) of that unit or of one above it."),
			 errhint("A planner of the unit at the top grants duties: regtarget.grant_duty().")));
}

/* ---- what policies ask --------------------------------------------------------------------------- */

/*
 * Who reads the table.  At the first row of a statement, what others have granted and taken away by
 * now is taken in; a transaction that holds its locks already would not hear of it.
 */
static Oid
reader(FunctionCallInfo fcinfo)
{
	if (fcinfo->flinfo->fn_extra == NULL)
	{
		AcceptInvalidationMessages();
		fcinfo->flinfo->fn_extra = fcinfo->flinfo;
	}
	return GetUserId();
}

/* A null key, which a column's constraint will refuse, is nobody's. */
static int32
unit_argument(FunctionCallInfo fcinfo, int arg)
{
	return PG_ARGISNULL(arg) ? 0 : PG_GETARG_INT32(arg);
}

static int64
plan_argument(FunctionCallInfo fcinfo, int arg)
{
	return PG_ARGISNULL(arg) ? 0 : PG_GETARG_INT64(arg);
}

/* sees_unit(unit_id) */
PG_FUNCTION_INFO_V1(rgt_sees_unit);
Datum
rgt_sees_unit(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(!PG_ARGISNULL(0) && rgt_in_sight(reader(fcinfo), PG_GETARG_INT32(0)));
}

/* plans_unit(unit_id): is a planner of it, or of one above. */
PG_FUNCTION_INFO_V1(rgt_plans_unit);
Datum
rgt_plans_unit(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(is_planner(reader(fcinfo), unit_argument(fcinfo, 0)));
}

/* decides_over(unit_id): is a planner of one above it or, at the top, of it. */
PG_FUNCTION_INFO_V1(rgt_decides_over);
Datum
rgt_decides_over(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(rgt_is_planner_above(reader(fcinfo), unit_argument(fcinfo, 0)));
}

/* edits_unit(unit_id): is a planner of the unit without a parent that it is below. */
PG_FUNCTION_INFO_V1(rgt_edits_unit);
Datum
rgt_edits_unit(PG_FUNCTION_ARGS)
{
	Oid			role = reader(fcinfo);

	PG_RETURN_BOOL(rgt_may_everything(role) ||
				   (rgt_duties_at_top_of(role, unit_argument(fcinfo, 0)) & RGT_PLANNER) != 0);
}

/* Is a plan of that mode and status open to others than its planners?  Of a shadow plan the status here is "revealed". */
static bool
is_open(FunctionCallInfo fcinfo, int mode, int status)
{
	char	   *which;

	if (PG_ARGISNULL(mode) || PG_ARGISNULL(status))
		return false;
	which = text_to_cstring(PG_GETARG_TEXT_PP(mode));
	return (strcmp(which, "live") == 0 && strcmp(text_to_cstring(PG_GETARG_TEXT_PP(status)), "draft") != 0) ||
		(strcmp(which, "shadow") == 0 && strcmp(text_to_cstring(PG_GETARG_TEXT_PP(status)), "revealed") == 0);
}

/* sees_plan(root_unit_id, mode, status): the row of a plan. */
PG_FUNCTION_INFO_V1(rgt_sees_plan);
Datum
rgt_sees_plan(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(rgt_plan_row_in_sight(reader(fcinfo), unit_argument(fcinfo, 0), is_open(fcinfo, 1, 2)));
}

/* sees_target(plan_id, unit_id): what a plan says of a unit. */
PG_FUNCTION_INFO_V1(rgt_sees_target);
Datum
rgt_sees_target(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(rgt_plan_in_sight(reader(fcinfo), plan_argument(fcinfo, 0), unit_argument(fcinfo, 1)));
}

/* writes_draft(plan_id): is a planner of its root, or of one above. */
PG_FUNCTION_INFO_V1(rgt_writes_draft);
Datum
rgt_writes_draft(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(rgt_may_write_draft(reader(fcinfo), plan_argument(fcinfo, 0)));
}

/* updates_target(plan_id, unit_id): a draft's as its planner, a published one as whoever sees it. */
PG_FUNCTION_INFO_V1(rgt_updates_target);
Datum
rgt_updates_target(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(rgt_may_update_target(reader(fcinfo), plan_argument(fcinfo, 0), unit_argument(fcinfo, 1)));
}

/* has_duty(): of any kind, anywhere. */
PG_FUNCTION_INFO_V1(rgt_has_duty);
Datum
rgt_has_duty(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(rgt_sees_anything(reader(fcinfo)));
}

/* is_top_planner(): planner of a unit without a parent. */
PG_FUNCTION_INFO_V1(rgt_is_top_planner);
Datum
rgt_is_top_planner(PG_FUNCTION_ARGS)
{
	Oid			role = reader(fcinfo);

	PG_RETURN_BOOL(rgt_may_everything(role) || (rgt_duties_at_top(role) & RGT_PLANNER) != 0);
}

/* sees_unassigned(employee_id): who was never assigned is known at the top only. */
PG_FUNCTION_INFO_V1(rgt_sees_unassigned);
Datum
rgt_sees_unassigned(PG_FUNCTION_ARGS)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT FROM regtarget.assignments WHERE employee_id OPERATOR(pg_catalog.=) $1 LIMIT 1", INT4OID);
	Oid			role = reader(fcinfo);
	Datum		employee_id = PG_GETARG_DATUM(0);
	RgtSession	session;
	bool		assigned;

	if (!rgt_may_everything(role) && rgt_duties_at_top(role) == 0)
		PG_RETURN_BOOL(false);
	if (PG_ARGISNULL(0))
		PG_RETURN_BOOL(true);
	rgt_begin(&session);
	assigned = rgt_run(&query, RGT_CALLER, &employee_id, NULL, NULL, NULL) > 0;
	rgt_end(&session);
	PG_RETURN_BOOL(!assigned);
}

/* ---- other systems' names ------------------------------------------------------------------------ */

typedef struct UnitsSeen
{
	Oid			role;
	bool		any;
} UnitsSeen;

static void
see_unit(TupleTableSlot *slot, void *arg)
{
	UnitsSeen  *seen = arg;

	seen->any = seen->any || rgt_in_sight(seen->role, DatumGetInt32(slot->tts_values[0]));
}

/* Does the role see any of the units that the query finds for the key?  One who has no unit is known at the top. */
static bool
sees_owner(Oid role, RgtQuery *query, Datum key, bool known_at_top)
{
	UnitsSeen	seen = {.role = role};
	RgtSession	session;
	bool		none;

	rgt_begin(&session);
	none = rgt_run(query, RGT_CALLER, &key, NULL, see_unit, &seen) == 0;
	rgt_end(&session);
	return seen.any || (none && known_at_top);
}

/*
 * sees_alias(kind, means): whoever sees the unit, the person or the customer that is meant; a reason for
 * leaving, whoever has a duty.  Planners at the top see all of them, and those that lead nowhere.
 */
PG_FUNCTION_INFO_V1(rgt_sees_alias);
Datum
rgt_sees_alias(PG_FUNCTION_ARGS)
{
	static RgtQuery unit = RGT_KEY_QUERY(
		"SELECT unit_id FROM regtarget.units WHERE code OPERATOR(pg_catalog.=) $1", TEXTOID);
	static RgtQuery employee = RGT_KEY_QUERY(
		"SELECT unit_id FROM regtarget.assignments WHERE employee_id OPERATOR(pg_catalog.=) $1", INT8OID);
	static RgtQuery customer = RGT_KEY_QUERY(
		"SELECT unit_id FROM regtarget.customers WHERE customer_id OPERATOR(pg_catalog.=) $1", INT8OID);
	Oid			role = reader(fcinfo);
	int			at_top;
	char	   *kind;
	char	   *means;

	if (rgt_sees_all(role))
		PG_RETURN_BOOL(true);
	if (rgt_duties_anywhere(role) == 0 || PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_BOOL(false);
	at_top = rgt_duties_at_top(role);
	if (at_top & RGT_PLANNER)
		PG_RETURN_BOOL(true);
	kind = text_to_cstring(PG_GETARG_TEXT_PP(0));
	means = text_to_cstring(PG_GETARG_TEXT_PP(1));
	if (strcmp(kind, "unit") == 0)
		PG_RETURN_BOOL(sees_owner(role, &unit, PG_GETARG_DATUM(1), false));
	if (strcmp(kind, "employee") == 0)
		PG_RETURN_BOOL(sees_owner(role, &employee, Int64GetDatum(strtoll(means, NULL, 10)), at_top != 0));
	if (strcmp(kind, "customer") == 0)
		PG_RETURN_BOOL(sees_owner(role, &customer, Int64GetDatum(strtoll(means, NULL, 10)), false));
	PG_RETURN_BOOL(true);
}

/* ---- duties and callers ---------------------------------------------------------------------------- */

/* sees_duty(role, unit_id): one's own, and those of visible units. */
PG_FUNCTION_INFO_V1(rgt_sees_duty);
Datum
rgt_sees_duty(PG_FUNCTION_ARGS)
{
	Oid			role = reader(fcinfo);
	Oid			of = PG_ARGISNULL(0) ? InvalidOid : get_role_oid(NameStr(*PG_GETARG_NAME(0)), true);

	PG_RETURN_BOOL((OidIsValid(of) && has_privs_of_role(role, of)) ||
				   rgt_in_sight(role, unit_argument(fcinfo, 1)));
}
