/*
 * duties/privileges.c
 *	  The privileges that go with duties and with access: which they are, giving them and taking them back.
 *
 * Privileges say which statements a role may try; row security and the functions themselves say on
 * which units.  So they depend on the kinds of a role's duties only, not on where they are.  They are
 * granted by the extension's owner, on objects of the extension: a dump carries them, and DROP OWNED
 * takes them away.
 *
 * An access list holds some hundred names and no more, so a role is given only what it has not: directly, by
 * a role that it inherits from, or by being who it is.  What it inherits from one on record in access_grants
 * counts as had even where the DBA has taken some of it from that role.
 *
 * What a role had directly before it was first given privileges of that kind was somebody else's to give.
 * PostgreSQL does not tell the two apart, so it is noted in kept_privileges, and is not taken back.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "duties/privileges.h"
#include "regtarget.h"
#include "units/units.h"

/* The kinds, as they are in the queries below: for any duty 1, for planners 2, for planners at the top 4, for finance 8. */
#define NEEDED_BY_ACCESS(duty) \
	"CASE " duty " WHEN 'planner' THEN 3 WHEN 'top planner' THEN 7 WHEN 'finance' THEN 9 ELSE 1 END"

/*
 * Privileges beyond those of any duty, by kind: table or view, privileges, and columns where not all are meant.
 * Keys that are generated, moments and what functions decide are nobody's to write.  INSERT on all columns of
 * a view that loads is less than INSERT on the view itself: see imports/rights.c.
 */
#define SPECIAL_PRIVILEGES \
	"(2, 'targets', 'INSERT', 'plan_id, unit_id, suggested'), " \
	"(2, 'targets', 'UPDATE', 'suggested'), " \
	"(2, 'targets', 'DELETE', NULL), " \
	"(2, 'plans', 'INSERT', 'period, root_unit_id, mode, label, total, step'), " \
	"(2, 'plans', 'UPDATE', 'label, total'), " \
	"(2, 'plans', 'DELETE', NULL), " \
	"(2, 'bounds', 'INSERT, UPDATE, DELETE', NULL), " \
	"(2, 'targets_in', 'INSERT', 'period, unit, suggested'), " \
	"(4, 'units', 'INSERT, UPDATE', 'code, name, kind, parent_id, opened_on, closed_on'), " \
	"(4, 'units', 'DELETE', NULL), " \
	"(4, 'past_parents', 'INSERT, UPDATE, DELETE', NULL), " \
	"(4, 'successions', 'INSERT, UPDATE, DELETE', NULL), " \
	"(4, 'adoptions', 'INSERT, UPDATE, DELETE', NULL), " \
	"(4, 'periods', 'INSERT, UPDATE, DELETE', NULL), " \
	"(4, 'months', 'INSERT, UPDATE, DELETE', NULL), " \
	"(4, 'ramp', 'INSERT, UPDATE, DELETE', NULL), " \
	"(4, 'policies', 'INSERT, UPDATE, DELETE', NULL), " \
	"(4, 'signal_kinds', 'INSERT, UPDATE, DELETE', NULL), " \
	"(4, 'metrics', 'INSERT, UPDATE, DELETE', NULL), " \
	"(4, 'factors', 'INSERT, UPDATE, DELETE', NULL), " \
	"(4, 'alert_rules', 'INSERT, UPDATE, DELETE', NULL), " \
	"(4, 'competitors', 'INSERT, UPDATE, DELETE', NULL), " \
	"(4, 'silences', 'INSERT, UPDATE', 'rule, unit_id, during, comment'), " \
	"(4, 'silences', 'DELETE', NULL), " \
	"(4, 'aliases', 'INSERT, UPDATE, DELETE', NULL), " \
	"(8, 'revenues_in', 'INSERT', 'source, source_id, unit, employee, customer, booked_on, amount')"

/* Functions that only the owner needs, and those that only planners of the whole organisation need. */
#define OWNERS_FUNCTIONS \
	"'{rebuild_activity,fold_activity,refresh_activity,attach_facts,detach_facts,purge,schedule_jobs,unschedule_jobs,run_job," \
	"remind_overdue,import_salesforce,import_dingtalk,retry_rejects}'"
#define TOP_FUNCTIONS "'{verify,record_verify}'"

/*
 * All that there is to give, a row each: usage of the schema, reading all tables and views, calling all functions
 * but those of triggers and aggregates and the owner's own; and what some kinds need besides.
 */
#define PRIVILEGES \
	"WITH ours AS (SELECT d.classid, d.objid FROM pg_depend d WHERE d.deptype = 'e' " \
	"AND d.refclassid = 'pg_extension'::regclass " \
	"AND d.refobjid = (SELECT e.oid FROM pg_extension e WHERE e.extname = 'regtarget')), " \
	"relations AS (SELECT c.oid, c.relname, format('regtarget.%I', c.relname) AS object, c.relacl FROM pg_class c " \
	"JOIN ours o ON o.classid = 'pg_class'::regclass AND o.objid = c.oid WHERE c.relkind IN ('r', 'p', 'v')), " \
	"special (kind, relname, privileges, columns) AS (VALUES " SPECIAL_PRIVILEGES "), " \
	"privileges (kind, what, oid, object, privilege, col, acl) AS (" \
	"SELECT 1, 'SCHEMA', n.oid, 'regtarget', 'USAGE', NULL, n.nspacl FROM pg_namespace n WHERE n.nspname = 'regtarget' " \
	"UNION ALL " \
	"SELECT 1, 'TABLE', r.oid, r.object, 'SELECT', NULL, r.relacl FROM relations r " \
	"UNION ALL " \
	"SELECT CASE WHEN f.proname = ANY (" TOP_FUNCTIONS ") THEN 4 ELSE 1 END, 'FUNCTION', f.oid, f.oid::regprocedure::text, " \
	"'EXECUTE', NULL, f.proacl FROM pg_proc f JOIN ours o ON o.classid = 'pg_proc'::regclass AND o.objid = f.oid " \
	"WHERE f.prorettype <> 'trigger'::regtype AND f.proname <> ALL (" OWNERS_FUNCTIONS ") " \
	"AND NOT EXISTS (SELECT FROM pg_aggregate a " \
	"WHERE f.oid IN (a.aggtransfn, a.aggcombinefn, a.aggfinalfn, a.aggserialfn, a.aggdeserialfn)) " \
	"UNION ALL " \
	"SELECT s.kind, 'TABLE', r.oid, r.object, p.privilege, c.col, CASE WHEN c.col IS NULL THEN r.relacl ELSE " \
	"(SELECT a.attacl FROM pg_attribute a WHERE a.attrelid = r.oid AND a.attname = c.col) END " \
	"FROM special s JOIN relations r ON r.relname = s.relname " \
	"CROSS JOIN unnest(string_to_array(s.privileges, ', ')) AS p (privilege) " \
	"CROSS JOIN unnest(coalesce(string_to_array(s.columns, ', '), '{NULL}')) AS c (col)) "

/* Has the role $1 the privilege, from wherever? */
#define IS_HAD \
	"CASE WHEN p.what = 'SCHEMA' THEN has_schema_privilege($1, p.oid, p.privilege) " \
	"WHEN p.what = 'FUNCTION' THEN has_function_privilege($1, p.oid, p.privilege) " \
	"WHEN p.col IS NULL THEN has_table_privilege($1, p.oid, p.privilege) " \
	"ELSE has_column_privilege($1, p.oid, p.col, p.privilege) END"

/* Has it been granted it itself, by the owner, as we grant it? */
#define IS_DIRECT \
	"EXISTS (SELECT FROM aclexplode(p.acl) x WHERE x.privilege_type = p.privilege " \
	"AND x.grantee = (SELECT r.oid FROM pg_roles r WHERE r.rolname = $1) " \
	"AND x.grantor = (SELECT n.nspowner FROM pg_namespace n WHERE n.nspname = 'regtarget'))"

/* As they are noted. */
#define OBJECT "p.what || ' ' || p.object"
#define PRIVILEGE "p.privilege || coalesce(' (' || quote_ident(p.col) || ')', '')"

/* The statements that grant or revoke those that meet a condition. */
#define STATEMENTS(grant, to, condition) \
	PRIVILEGES ", chosen AS (SELECT p.what, p.object, p.privilege " \
	"|| coalesce(' (' || string_agg(quote_ident(p.col), ', ' ORDER BY p.col) || ')', '') AS privilege " \
	"FROM (SELECT DISTINCT p.what, p.object, p.privilege, p.col FROM privileges p WHERE " condition ") AS p " \
	"GROUP BY p.what, p.object, p.privilege, p.col IS NULL) " \
	"SELECT format('" grant " %s ON %s %s " to " %I', c.privilege, c.what, string_agg(c.object, ', ' ORDER BY c.object), $1) " \
	"FROM chosen c GROUP BY c.privilege, c.what ORDER BY c.what, c.privilege"

/* ---- what a role needs ----------------------------------------------------------------------------- */

/*
 * What the duties and the access need that are on record for a role by name, in the tree of today.  A planner whose
 * unit has a parent now may have been given what planners at the top need while it had none.
 */
RgtNeeds
rgt_needs_of(Datum role)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT coalesce(bit_or(n.needed), 0), coalesce(bit_or(n.given), 0) FROM ("
		"SELECT CASE d.duty WHEN 'planner' THEN CASE WHEN u.unit_id IS NOT NULL AND (" RGT_PARENT_ON("u", "$2") ") IS NULL "
		"THEN 7 ELSE 3 END "
		"WHEN 'finance' THEN 9 ELSE 1 END, CASE d.duty WHEN 'planner' THEN 7 WHEN 'finance' THEN 9 ELSE 1 END "
		"FROM regtarget.duties d LEFT JOIN regtarget.units u ON u.unit_id = d.unit_id WHERE d.role = $1 "
		"UNION ALL "
		"SELECT " NEEDED_BY_ACCESS("g.duty") ", " NEEDED_BY_ACCESS("g.duty") " FROM regtarget.access_grants g WHERE g.role = $1"
		") AS n (needed, given)", NAMEOID, DATEOID);
	Datum		arguments[2] = {role, DateADTGetDatum(rgt_today_of(RGT_LATEST))};
	Datum		values[2];
	bool		isnull[2];
	RgtNeeds	needs;

	rgt_one(&query, RGT_LATEST, arguments, NULL, values, isnull, 2);
	needs.needed = DatumGetInt32(values[0]);
	needs.given = DatumGetInt32(values[1]);
	return needs;
}

/* What it inherits from roles that have access. */
static int
inherited(Datum role)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT coalesce(bit_or(" NEEDED_BY_ACCESS("g.duty") "), 0) FROM regtarget.access_grants g "
		"JOIN pg_roles r ON r.rolname = g.role WHERE g.role <> $1 AND pg_has_role($1, r.oid, 'USAGE')", NAMEOID);
	Datum		value;
	bool		isnull;

	rgt_one(&query, RGT_LATEST, &role, NULL, &value, &isnull, 1);
	return DatumGetInt32(value);
}

/* ---- giving and taking ----------------------------------------------------------------------------- */

static void
add_statement(TupleTableSlot *slot, void *arg)
{
	StringInfo	statements = arg;

	appendStringInfo(statements, "%s; ", TextDatumGetCString(slot->tts_values[0]));
}

/* Run the statements that a query makes of the catalog's names. */
static void
run_statements(RgtQuery *query, const Datum *values)
{
	StringInfoData statements;
	int			result;

	initStringInfo(&statements);
	rgt_run(query, RGT_LATEST, values, NULL, add_statement, &statements);
	if (statements.len == 0)
		return;
	result = SPI_execute(statements.data, false, 0);
	if (result != SPI_OK_UTILITY)
		elog(ERROR, "could not run \"%s\": %s", statements.data, SPI_result_code_string(result));
}

/* Forget which privileges a role had before, but for those of some kinds. */
static void
forget_kept(Datum role, int but_for)
{
	static RgtQuery query = RGT_QUERY(
		PRIVILEGES "DELETE FROM regtarget.kept_privileges k WHERE k.role = $1 AND NOT EXISTS (SELECT FROM privileges p "
		"WHERE " OBJECT " = k.object AND " PRIVILEGE " = k.privilege AND p.kind & $2 <> 0)", NAMEOID, INT4OID);
	Datum		values[2] = {role, Int32GetDatum(but_for)};

	rgt_run(&query, RGT_FRESH, values, NULL, NULL, NULL);
}

/* Note which privileges of these kinds a role has already. */
static void
note_kept(Datum role, int kinds)
{
	static RgtQuery query = RGT_QUERY(
		PRIVILEGES "INSERT INTO regtarget.kept_privileges (role, object, privilege) "
		"SELECT DISTINCT $1, " OBJECT ", " PRIVILEGE " FROM privileges p WHERE p.kind & $2 <> 0 AND " IS_DIRECT
		" ON CONFLICT DO NOTHING", NAMEOID, INT4OID);
	Datum		values[2] = {role, Int32GetDatum(kinds)};

	if (kinds != 0)
		rgt_run(&query, RGT_FRESH, values, NULL, NULL, NULL);
}

/* Give a role what it needs now and has not. */
void
rgt_give_privileges(Datum role, RgtNeeds before, RgtNeeds now)
{
	static RgtQuery missing = RGT_QUERY(STATEMENTS("GRANT", "TO", "p.kind & $2 <> 0 AND NOT " IS_HAD), NAMEOID, INT4OID);
	Datum		values[2] = {role, Int32GetDatum(now.needed & ~inherited(role))};

	if (before.needed == 0)
		forget_kept(role, 0);
	note_kept(role, now.given & ~before.given);
	run_statements(&missing, values);
}

/* Take from a role what it was given for what was on record before, and does not need any more. */
void
rgt_take_privileges(Datum role, RgtNeeds before, RgtNeeds now)
{
	static RgtQuery left_over = RGT_QUERY(
		STATEMENTS("REVOKE", "FROM", "p.kind & $2 <> 0 AND " IS_DIRECT " AND NOT EXISTS (SELECT FROM privileges n "
				   "WHERE n.kind & $3 <> 0 AND (n.what, n.oid, n.privilege) = (p.what, p.oid, p.privilege) "
				   "AND n.col IS NOT DISTINCT FROM p.col) "
				   "AND NOT EXISTS (SELECT FROM regtarget.kept_privileges k "
				   "WHERE k.role = $1 AND k.object = " OBJECT " AND k.privilege = " PRIVILEGE ")"),
		NAMEOID, INT4OID, INT4OID);
	Datum		values[3] = {role, Int32GetDatum(before.given), Int32GetDatum(now.needed)};

	run_statements(&left_over, values);
	forget_kept(role, now.given);
}
