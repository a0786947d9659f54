/*
 * duties/duties.c
 *	  grant_duty() and revoke_duty(): a role's duty at a unit; grant_access() and revoke_access(): the
 *	  privileges of a duty without any unit, for a role whose members have theirs.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"

#include "access/access.h"
#include "duties/privileges.h"
#include "ledger/ledger.h"
#include "regtarget.h"

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

static void
unknown_duty(const char *duty, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown duty \"%s\"", duty),
			 errhint("%s", hint)));
}

/* One at a time: privileges of one object that two sessions change at once would be an error of one of them. */
static void
lock_duties(void)
{
	rgt_lock_object(rgt_relation("duties"), ExclusiveLock);
}

/* Role, unit and duty as values for a statement. */
static void
read_arguments(FunctionCallInfo fcinfo, Datum values[ARGS])
{
	int32		unit_id;
	char	   *duty;

	unit_id = rgt_unit_by_code(rgt_required_text(fcinfo, ARG_UNIT, "unit"));
	require_granter(unit_id);
	duty = text_to_cstring(rgt_required_text(fcinfo, ARG_DUTY, "duty"));
	if (rgt_duty_bit(duty) == 0)
		unknown_duty(duty, rgt_text("Duties are planner, manager, finance and viewer."));
	values[ARG_ROLE] = NameGetDatum(PG_GETARG_NAME(ARG_ROLE));
	values[ARG_UNIT] = Int32GetDatum(unit_id);
	values[ARG_DUTY] = CStringGetTextDatum(duty);
	lock_duties();
}

static bool
role_exists(Datum role)
{
	return OidIsValid(get_role_oid(NameStr(*DatumGetName(role)), true));
}

static void
note_visible(TupleTableSlot *slot, void *arg)
{
	bool	   *visible = arg;

	*visible = *visible || rgt_in_sight(rgt_caller(), DatumGetInt32(slot->tts_values[0]));
}

/* A role that does not exist any more may be on record still: known to whoever sees something of what is. */
static void
require_known_role(Datum role)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT unit_id FROM regtarget.duties WHERE role = $1 "
		"UNION ALL SELECT 0 FROM regtarget.access_grants WHERE role = $1", NAMEOID);
	bool		visible = false;

	if (!role_exists(role))
		rgt_run(&query, RGT_LATEST, &role, NULL, note_visible, &visible);
	if (!role_exists(role) && !visible)
		unknown_role(NameStr(*DatumGetName(role)));
}

/* Put something on record for a role, and give it the privileges that it needs.  False when it was there already. */
static bool
record(RgtQuery *query, const Datum *values, Datum role)
{
	RgtNeeds	before = rgt_needs_of(role);
	bool		is_new = rgt_run(query, RGT_FRESH, values, NULL, NULL, NULL) > 0;

	rgt_give_privileges(role, before, rgt_needs_of(role));
	return is_new;
}

/* Take something off the record, and the privileges that the rest does not need.  False when it was not there. */
static bool
take_off_record(RgtQuery *query, const Datum *values, Datum role)
{
	RgtNeeds	before = rgt_needs_of(role);
	bool		was_there = rgt_run(query, RGT_FRESH, values, NULL, NULL, NULL) > 0;

	if (was_there)
		rgt_take_privileges(role, before, rgt_needs_of(role));
	return was_there;
}

/* ---- duties ---------------------------------------------------------------------------------------- */

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
	RgtSession	session;

	rgt_require(fcinfo, ARG_ROLE, "role");
	if (!role_exists(PG_GETARG_DATUM(ARG_ROLE)))
		unknown_role(NameStr(*PG_GETARG_NAME(ARG_ROLE)));
	rgt_enter_to_write(&session, "regtarget.grant_duty()");
	read_arguments(fcinfo, values);
	if (record(&query, values, values[ARG_ROLE]))
		note_duty("duty_granted", values);
	rgt_end(&session);
	PG_RETURN_VOID();
}

/* revoke_duty(role, unit, duty): what else is on record for the role keeps its privileges. */
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
	require_known_role(PG_GETARG_DATUM(ARG_ROLE));
	read_arguments(fcinfo, values);
	if (take_off_record(&query, values, values[ARG_ROLE]))
		note_duty("duty_revoked", values);
	rgt_end(&session);
	PG_RETURN_VOID();
}

/* ---- access ---------------------------------------------------------------------------------------- */

enum
{
	ACCESS_ROLE, ACCESS_DUTY, ACCESS_ARGS
};

/* Role and duty; besides the duties there is what planners of a unit without a parent need. */
static void
read_access(FunctionCallInfo fcinfo, Datum values[ACCESS_ARGS])
{
	char	   *duty;

	rgt_require_top_planner();
	duty = text_to_cstring(rgt_required_text(fcinfo, ACCESS_DUTY, "duty"));
	if (rgt_duty_bit(duty) == 0 && strcmp(duty, "top planner") != 0)
		unknown_duty(duty, rgt_text("Duties are planner, top planner, manager, finance and viewer."));
	values[ACCESS_ROLE] = NameGetDatum(PG_GETARG_NAME(ACCESS_ROLE));
	values[ACCESS_DUTY] = CStringGetTextDatum(duty);
	lock_duties();
}

static void
note_access(const char *action, const Datum values[ACCESS_ARGS])
{
	RgtJson    *details = rgt_json();

	rgt_json_text(details, "role", NameStr(*DatumGetName(values[ACCESS_ROLE])));
	rgt_json_text(details, "duty", TextDatumGetCString(values[ACCESS_DUTY]));
	rgt_ledger_note(RGT_COMPANY, action, details);
}

/* grant_access(role, duty): the privileges of a duty, which members of the role then need not be given. */
PG_FUNCTION_INFO_V1(rgt_grant_access);
Datum
rgt_grant_access(PG_FUNCTION_ARGS)
{
	static RgtQuery query = RGT_QUERY(
		"INSERT INTO regtarget.access_grants (role, duty) VALUES ($1, $2) ON CONFLICT DO NOTHING", NAMEOID, TEXTOID);
	Datum		values[ACCESS_ARGS];
	RgtSession	session;

	rgt_require(fcinfo, ACCESS_ROLE, "role");
	if (!role_exists(PG_GETARG_DATUM(ACCESS_ROLE)))
		unknown_role(NameStr(*PG_GETARG_NAME(ACCESS_ROLE)));
	rgt_enter_to_write(&session, "regtarget.grant_access()");
	read_access(fcinfo, values);
	if (record(&query, values, values[ACCESS_ROLE]))
		note_access("access_granted", values);
	rgt_end(&session);
	PG_RETURN_VOID();
}

/* revoke_access(role, duty): what else is on record for the role keeps its privileges. */
PG_FUNCTION_INFO_V1(rgt_revoke_access);
Datum
rgt_revoke_access(PG_FUNCTION_ARGS)
{
	static RgtQuery query = RGT_QUERY(
		"DELETE FROM regtarget.access_grants WHERE role = $1 AND duty = $2", NAMEOID, TEXTOID);
	Datum		values[ACCESS_ARGS];
	RgtSession	session;

	rgt_require(fcinfo, ACCESS_ROLE, "role");
	rgt_enter_to_write(&session, "regtarget.revoke_access()");
	require_known_role(PG_GETARG_DATUM(ACCESS_ROLE));
	read_access(fcinfo, values);
	if (take_off_record(&query, values, values[ACCESS_ROLE]))
		note_access("access_revoked", values);
	rgt_end(&session);
	PG_RETURN_VOID();
}
