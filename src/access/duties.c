/*
 * access/duties.c
 *	  grant_duty() and revoke_duty(): a role's duty at a unit, and the privileges that go with it.
 *
 * Privileges say which statements a role may try; row security and the functions themselves say on
 * which units.  So they depend on the kinds of a role's duties only, not on where they are.  They are
 * granted by the extension's owner, on objects of the extension: a dump carries them, and DROP OWNED
 * takes them away.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"

#include "access/access.h"
#include "ledger/ledger.h"
#include "regtarget.h"

typedef enum Needs
{
	OF_PLANNERS,
	OF_TOP_PLANNERS,			/* of a unit without a parent */
	OF_FINANCE
} Needs;

/*
 * A privilege on a table or view beyond SELECT, and who needs it.  INSERT on all columns of a view
 * that loads is less than INSERT on the view itself: see imports/rights.c.
 */
typedef struct TablePrivilege
{
	const char *table;
	const char *privileges;
	Needs		needs;
} TablePrivilege;

/* Keys that are generated, moments and what functions decide are nobody's to write. */
#define UNIT_COLUMNS "code, name, kind, parent_id, opened_on, closed_on"

static const TablePrivilege table_privileges[] = {
	{"targets", "INSERT (plan_id, unit_id, suggested), DELETE, UPDATE (suggested)", OF_PLANNERS},
	{"plans", "INSERT (period, root_unit_id, mode, label, total, step), DELETE, UPDATE (label, total)", OF_PLANNERS},
	{"bounds", "INSERT, UPDATE, DELETE", OF_PLANNERS},
	{"targets_in", "INSERT (period, unit, suggested)", OF_PLANNERS},
	{"units", "INSERT (" UNIT_COLUMNS "), UPDATE (" UNIT_COLUMNS "), DELETE", OF_TOP_PLANNERS},
	{"periods", "INSERT, UPDATE, DELETE", OF_TOP_PLANNERS},
	{"months", "INSERT, UPDATE, DELETE", OF_TOP_PLANNERS},
	{"ramp", "INSERT, UPDATE, DELETE", OF_TOP_PLANNERS},
	{"policies", "INSERT, UPDATE, DELETE", OF_TOP_PLANNERS},
	{"signal_kinds", "INSERT, UPDATE, DELETE", OF_TOP_PLANNERS},
	{"metrics", "INSERT, UPDATE, DELETE", OF_TOP_PLANNERS},
	{"factors", "INSERT, UPDATE, DELETE", OF_TOP_PLANNERS},
	{"aliases", "INSERT, UPDATE, DELETE", OF_TOP_PLANNERS},
	{"revenues_in", "INSERT (source, source_id, unit, employee, customer, booked_on, amount)", OF_FINANCE},
};

/*
 * Functions that every duty may try: all of the extension's but those of triggers and aggregates,
 * the owner's own, and what only planners of the whole organisation need.
 */
#define MEMBER_FUNCTIONS \
	"SELECT pg_catalog.string_agg(f.oid::pg_catalog.regprocedure::text, ', ' ORDER BY f.oid) FROM pg_catalog.pg_proc f " \
	"JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = f.oid AND d.deptype = 'e' " \
	"AND d.refclassid = 'pg_catalog.pg_extension'::regclass " \
	"AND d.refobjid = (SELECT e.oid FROM pg_catalog.pg_extension e WHERE e.extname = 'regtarget') " \
	"WHERE f.prorettype <> 'pg_catalog.trigger'::regtype " \
	"AND NOT EXISTS (SELECT FROM pg_catalog.pg_aggregate a " \
	"WHERE f.oid IN (a.aggtransfn, a.aggcombinefn, a.aggfinalfn, a.aggserialfn, a.aggdeserialfn)) "
#define OWNERS_FUNCTIONS \
	"'{rebuild_activity,fold_activity,refresh_activity,attach_facts,purge,schedule_jobs,unschedule_jobs," \
	"import_salesforce,import_dingtalk,retry_rejects}'"
#define TOP_FUNCTIONS "'{verify}'"

typedef enum FunctionKind
{
	FOR_EVERYONE,
	FOR_TOP_PLANNERS
} FunctionKind;

/* A list of functions for GRANT; NULL when there is none. */
static char *
functions(FunctionKind kind)
{
	static RgtQuery everyone = RGT_QUERY0(
		MEMBER_FUNCTIONS "AND f.proname <> ALL (" OWNERS_FUNCTIONS ") AND f.proname <> ALL (" TOP_FUNCTIONS ")");
	static RgtQuery top = RGT_QUERY0(MEMBER_FUNCTIONS "AND f.proname = ANY (" TOP_FUNCTIONS ")");
	Datum		list;
	bool		isnull;

	rgt_one(kind == FOR_EVERYONE ? &everyone : &top, RGT_LATEST, NULL, NULL, &list, &isnull, 1);
	return isnull ? NULL : TextDatumGetCString(list);
}

/* The tables and views of the extension, as a list for GRANT. */
static char *
relations(void)
{
	static RgtQuery query = RGT_QUERY0(
		"SELECT pg_catalog.string_agg(pg_catalog.format('regtarget.%I', c.relname), ', ' ORDER BY c.oid) "
		"FROM pg_catalog.pg_class c "
		"JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e' "
		"AND d.refclassid = 'pg_catalog.pg_extension'::regclass "
		"AND d.refobjid = (SELECT e.oid FROM pg_catalog.pg_extension e WHERE e.extname = 'regtarget') "
		"WHERE c.relkind IN ('r', 'p', 'v')");
	Datum		list;
	bool		isnull;

	rgt_one(&query, RGT_LATEST, NULL, NULL, &list, &isnull, 1);
	return TextDatumGetCString(list);
}

/* Grant or revoke; the names are the catalog's and quoted. */
static void
run_grant(bool grant, const char *privileges, const char *objects, const char *role)
{
	char	   *statement = psprintf("%s %s ON %s %s %s", grant ? "GRANT" : "REVOKE", privileges, objects,
									 grant ? "TO" : "FROM", quote_identifier(role));
	int			result = SPI_execute(statement, false, 0);

	if (result != SPI_OK_UTILITY)
		elog(ERROR, "could not run \"%s\": %s", statement, SPI_result_code_string(result));
}

/* What any duty needs. */
static void
change_common(bool grant, const char *role)
{
	run_grant(grant, "USAGE", "SCHEMA regtarget", role);
	run_grant(grant, "SELECT", psprintf("TABLE %s", relations()), role);
	run_grant(grant, "EXECUTE", psprintf("FUNCTION %s", functions(FOR_EVERYONE)), role);
}

/* What some duties need besides. */
static void
change_special(bool grant, Needs needs, const char *role)
{
	for (int i = 0; i < (int) lengthof(table_privileges); i++)
	{
		if (table_privileges[i].needs == needs)
			run_grant(grant, table_privileges[i].privileges,
					  psprintf("TABLE regtarget.%s", table_privileges[i].table), role);
	}
	if (needs == OF_TOP_PLANNERS && functions(FOR_TOP_PLANNERS) != NULL)
		run_grant(grant, "EXECUTE", psprintf("FUNCTION %s", functions(FOR_TOP_PLANNERS)), role);
}

/* The kinds of duties that are on record for a role by name. */
typedef struct Kinds
{
	bool		any;
	bool		planner;
	bool		top_planner;
	bool		finance;
} Kinds;

static Kinds
kinds_of(Datum role)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT pg_catalog.count(*) > 0, coalesce(pg_catalog.bool_or(d.duty = 'planner'), false), "
		"coalesce(pg_catalog.bool_or(d.duty = 'planner' AND u.parent_id IS NULL), false), "
		"coalesce(pg_catalog.bool_or(d.duty = 'finance'), false) "
		"FROM regtarget.duties d LEFT JOIN regtarget.units u ON u.unit_id = d.unit_id WHERE d.role = $1", NAMEOID);
	Datum		values[4];
	bool		isnull[4];
	Kinds		kinds;

	rgt_one(&query, RGT_LATEST, &role, NULL, values, isnull, 4);
	kinds.any = DatumGetBool(values[0]);
	kinds.planner = DatumGetBool(values[1]);
	kinds.top_planner = DatumGetBool(values[2]);
	kinds.finance = DatumGetBool(values[3]);
	return kinds;
}

/* ---- the arguments -------------------------------------------------------------------------------- */

enum
{
	ARG_ROLE, ARG_UNIT, ARG_DUTY, ARGS
};

static void
unknown_role(const char *role)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 errmsg("role \"%s\" does not exist", role)));
}

/* Who may grant: the owner, and planners of the unit without a parent that it is below. */
static void
require_granter(int32 unit_id)
{
	Oid			caller = rgt_caller();

	if (rgt_may_everything(caller) || (rgt_duties_at_top_of(caller, unit_id) & RGT_PLANNER) != 0)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("role \"%s\" may not grant or revoke duties of unit \"%s\"",
					rgt_caller_name(), rgt_unit_name(unit_id)),
			 errdetail("It takes duty planner of the unit at the top, or the extension's owner.")));
}

/*
 * Role, unit and duty as values for a statement; one at a time, because privileges of one object that
 * two sessions change at once would be an error of one of them.
 */
static void
read_arguments(FunctionCallInfo fcinfo, Datum values[ARGS])
{
	int32		unit_id;
	char	   *duty;

	rgt_require(fcinfo, ARG_ROLE, "role");
	unit_id = rgt_unit_by_code(rgt_required_text(fcinfo, ARG_UNIT, "unit"));
	duty = text_to_cstring(rgt_required_text(fcinfo, ARG_DUTY, "duty"));
	require_granter(unit_id);
	if (rgt_duty_bit(duty) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown duty \"%s\"", duty),
				 errhint("Duties are planner, manager, finance and viewer.")));
	values[ARG_ROLE] = NameGetDatum(PG_GETARG_NAME(ARG_ROLE));
	values[ARG_UNIT] = Int32GetDatum(unit_id);
	values[ARG_DUTY] = CStringGetTextDatum(duty);
	rgt_lock_object(rgt_relation("duties"), ExclusiveLock);
}

static bool
role_exists(Datum role)
{
	return OidIsValid(get_role_oid(NameStr(*DatumGetName(role)), true));
}

/* On the company's chain, whoever's duty it is. */
static void
note_duty(const char *action, const Datum values[ARGS])
{
	RgtJson    *details = rgt_json();

	rgt_json_text(details, "role", NameStr(*DatumGetName(values[ARG_ROLE])));
	rgt_json_text(details, "unit", rgt_unit_name(DatumGetInt32(values[ARG_UNIT])));
	rgt_json_text(details, "duty", TextDatumGetCString(values[ARG_DUTY]));
	rgt_ledger_note(RGT_COMPANY, action, details);
}

/* grant_duty(role, unit, duty): once is as good as twice; again after an upgrade, for what is new. */
PG_FUNCTION_INFO_V1(rgt_grant_duty);
Datum
rgt_grant_duty(PG_FUNCTION_ARGS)
{
	static RgtQuery query = RGT_QUERY(
		"INSERT INTO regtarget.duties (role, unit_id, duty) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
		NAMEOID, INT4OID, TEXTOID);
	Datum		values[ARGS];
	const char *role;
	RgtSession	session;
	Kinds		kinds;

	rgt_require(fcinfo, ARG_ROLE, "role");
	if (!role_exists(PG_GETARG_DATUM(ARG_ROLE)))
		unknown_role(NameStr(*PG_GETARG_NAME(ARG_ROLE)));
	rgt_enter_to_write(&session, "regtarget.grant_duty()");
	read_arguments(fcinfo, values);
	if (rgt_run(&query, RGT_FRESH, values, NULL, NULL, NULL) > 0)
		note_duty("duty_granted", values);
	role = NameStr(*DatumGetName(values[ARG_ROLE]));
	kinds = kinds_of(values[ARG_ROLE]);
	change_common(true, role);
	if (kinds.planner)
		change_special(true, OF_PLANNERS, role);
	if (kinds.top_planner)
		change_special(true, OF_TOP_PLANNERS, role);
	if (kinds.finance)
		change_special(true, OF_FINANCE, role);
	rgt_end(&session);
	PG_RETURN_VOID();
}

/* Was the role known to us, though it does not exist any more? */
static bool
is_on_record(Datum role)
{
	return kinds_of(role).any;
}

/* Take from a role what the duties that are left do not need; a role that is gone has nothing. */
static void
revoke_privileges(Datum role)
{
	const char *name = NameStr(*DatumGetName(role));
	Kinds		kinds = kinds_of(role);

	if (!role_exists(role))
		return;
	if (!kinds.finance)
		change_special(false, OF_FINANCE, name);
	if (!kinds.top_planner)
		change_special(false, OF_TOP_PLANNERS, name);
	if (!kinds.planner)
		change_special(false, OF_PLANNERS, name);
	if (!kinds.any)
		change_common(false, name);
}

/* revoke_duty(role, unit, duty): what the role's other duties do not need goes with it. */
PG_FUNCTION_INFO_V1(rgt_revoke_duty);
Datum
rgt_revoke_duty(PG_FUNCTION_ARGS)
{
	static RgtQuery query = RGT_QUERY(
		"DELETE FROM regtarget.duties WHERE role = $1 AND unit_id = $2 AND duty = $3", NAMEOID, INT4OID, TEXTOID);
	Datum		values[ARGS];
	RgtSession	session;

	rgt_require(fcinfo, ARG_ROLE, "role");
	rgt_enter_to_write(&session, "regtarget.revoke_duty()");
	if (!role_exists(PG_GETARG_DATUM(ARG_ROLE)) && !is_on_record(PG_GETARG_DATUM(ARG_ROLE)))
		unknown_role(NameStr(*PG_GETARG_NAME(ARG_ROLE)));
	read_arguments(fcinfo, values);
	if (rgt_run(&query, RGT_FRESH, values, NULL, NULL, NULL) > 0)
	{
		note_duty("duty_revoked", values);
		revoke_privileges(values[ARG_ROLE]);
	}
	rgt_end(&session);
	PG_RETURN_VOID();
}
