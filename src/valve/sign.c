/*
 * valve/sign.c
 *	  countersign(): the superiors' signatures, and what they decide.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "access/access.h"
#include "regtarget.h"
#include "units/units.h"
#include "valve/request.h"

enum
{
	ARG_ID, ARG_APPROVE, ARG_COMMENT, ARG_GRANTED
};

/* The signatures of a request that are the caller's to give. */
typedef struct Mine
{
	Oid			caller;
	int32	   *unit_id;
	int			n;
	int			allocated;
	int			open;			/* of them, not given yet */
} Mine;

/*
 * A signature is for the managers and planners of its very unit or, when that has nobody left who
 * could, of a unit above.
 */
static bool
may_sign(Oid caller, int32 unit_id, bool nobody_left, int32 parent_id)
{
	const int	signers = RGT_MANAGER | RGT_PLANNER;

	if (rgt_duties_at(caller, unit_id) & signers)
		return true;
	return nobody_left && parent_id != 0 && (rgt_duties_over(caller, parent_id) & signers) != 0;
}

enum
{
	SIGNATURE_UNIT, SIGNATURE_OPEN, SIGNATURE_NOBODY_LEFT, SIGNATURE_PARENT
};

static void
add_mine(TupleTableSlot *slot, void *arg)
{
	Mine	   *mine = arg;
	int32		unit_id = DatumGetInt32(slot->tts_values[SIGNATURE_UNIT]);

	if (!may_sign(mine->caller, unit_id, DatumGetBool(slot->tts_values[SIGNATURE_NOBODY_LEFT]),
				  DatumGetInt32(slot->tts_values[SIGNATURE_PARENT])))
		return;
	RGT_GROW(mine->unit_id, mine->n, mine->allocated);
	mine->unit_id[mine->n++] = unit_id;
	if (DatumGetBool(slot->tts_values[SIGNATURE_OPEN]))
		mine->open++;
}

static Mine
find_mine(const RgtRequest *request)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT s.unit_id, s.approved IS NULL, NOT " RGT_SIGNER_OF("s.unit_id", "$2") ", coalesce(" RGT_PARENT_ON("u", "$3") ", "
		"0) "
		"FROM regtarget.signatures s LEFT JOIN regtarget.units u ON u.unit_id = s.unit_id "
		"WHERE s.adjustment_id = $1 ORDER BY s.level", INT8OID, TEXTOID, DATEOID);
	Datum		arguments[3] = {Int64GetDatum(request->adjustment_id), CStringGetTextDatum(request->requested_by),
	DateADTGetDatum(rgt_today_of(RGT_LATEST))};
	Mine		mine = {.caller = rgt_caller(), .unit_id = palloc(sizeof(int32) * 8), .allocated = 8};

	rgt_run(&query, RGT_LATEST, arguments, NULL, add_mine, &mine);
	return mine;
}

/* Do many people share the login, so that it does not tell who acts? */
static bool
is_shared(const char *login)
{
	static RgtQuery query = RGT_KEY_QUERY("SELECT FROM regtarget.shared_logins WHERE login = $1", NAMEOID);
	NameData	name;
	Datum		argument;

	namestrcpy(&name, login);
	argument = NameGetDatum(&name);
	return rgt_run(&query, RGT_LATEST, &argument, NULL, NULL, NULL) > 0;
}

static _Noreturn void
refuse_own_request(const char *detail, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("nobody signs a request of his own"),
			 errdetail_internal("%s", detail),
			 hint ? errhint("%s", hint) : 0));
}

/*
 * Nobody signs a request of his own: not with the role that asked, and not with the login that asked, under
 * whatever role.  Else who is a member of a manager's and of his superior's group role would sign for himself.
 */
static void
require_other(const RgtRequest *request)
{
	char	   *login = rgt_login_name();

	if (strcmp(request->requested_by, rgt_caller_name()) == 0)
		refuse_own_request(psprintf(rgt_text("Request %" PRId64 " was made by \"%s\"."), request->adjustment_id,
									request->requested_by),
						   NULL);
	if (strcmp(request->requested_by, login) != 0 &&
		(request->requested_login == NULL || strcmp(request->requested_login, login) != 0))
		return;
	if (!is_shared(login))
		refuse_own_request(psprintf(rgt_text("Request %" PRId64 " was made by \"%s\" with this login, \"%s\"."),
									request->adjustment_id, request->requested_by, login),
						   rgt_text("The owner lists logins that many people share in regtarget.shared_logins."));
}

static void
require_signer(const RgtRequest *request, const Mine *mine)
{
	/* Whoever has a signature to give knows the request, even if its unit has moved away from him. */
	if (mine->n == 0 && !rgt_in_sight(mine->caller, request->unit_id))
		rgt_unknown_request(request->adjustment_id);
	require_other(request);
	if (mine->n == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("role \"%s\" has no signature to give for request %" PRId64, rgt_caller_name(),
						request->adjustment_id),
				 errhint("Managers and planners of the units above sign; see regtarget.adjustment_queue.")));
}

static void
bad_grant(const char *message, const RgtRequest *request, Numeric granted)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg_internal("%s", message),
			 errdetail("Asked for is %s, granted %s.", rgt_numeric_text(request->change), rgt_numeric_text(granted))));
}

/* Less than was asked, of the same sign, and a step at least. */
static void
check_grant(const RgtRequest *request, bool approve, Numeric granted)
{
	if (!approve)
		bad_grant(rgt_text("a refusal grants nothing"), request, granted);
	if (!rgt_is_finite(granted))
		bad_grant(rgt_text("granted must be a finite number"), request, granted);
	if (rgt_sign_of(NumericGetDatum(granted)) != rgt_sign_of(NumericGetDatum(request->change)))
		bad_grant(rgt_text("granted must have the sign of what was asked for"), request, granted);
	if (rgt_compare_sizes(NumericGetDatum(granted), NumericGetDatum(request->change)) > 0)
		bad_grant(rgt_text("no more is granted than was asked for"), request, granted);
	if (rgt_change_steps(&request->step, request->baseline, granted) == 0)
		bad_grant(rgt_text("granted rounds to nothing"), request, granted);
}

static void
require_open(const RgtRequest *request, const Mine *mine)
{
	if (!rgt_request_has(request, "requested"))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("request %" PRId64 " is already %s", request->adjustment_id, request->status)));
	if (mine->open == 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("role \"%s\" has already signed request %" PRId64, rgt_caller_name(), request->adjustment_id)));
}

/* Give the signatures, one entry of the ledger for all, which says when each was given. */
static void
sign(const RgtRequest *request, const Mine *mine, bool approve, text *comment, Numeric granted)
{
	static RgtQuery query = RGT_QUERY(
		"UPDATE regtarget.signatures SET approved = $3, granted = $4, comment = $5, signed_by = $6, signed_login = session_user, "
		"signed_at = " RGT_MOMENT_AFTER("(SELECT a.requested_at FROM regtarget.adjustments a WHERE a.adjustment_id = $1)") " "
		"WHERE adjustment_id = $1 AND unit_id = $2 AND approved IS NULL RETURNING signed_at",
		INT8OID, INT4OID, BOOLOID, NUMERICOID, TEXTOID, TEXTOID);
	RgtJson    *details = rgt_request_details(request, comment == NULL ? NULL : text_to_cstring(comment), granted);
	RgtJson    *moments = rgt_json();

	for (int i = 0; i < mine->n; i++)
	{
		Datum		values[6] = {Int64GetDatum(request->adjustment_id), Int32GetDatum(mine->unit_id[i]), BoolGetDatum(approve),
			NumericGetDatum(granted), PointerGetDatum(comment), CStringGetTextDatum(rgt_caller_name())
		};
		char		nulls[] = {' ', ' ', ' ', granted == NULL ? 'n' : ' ', comment == NULL ? 'n' : ' ', ' ', '\0'};
		Datum		moment;
		bool		isnull;

		if (rgt_one(&query, RGT_FRESH, values, nulls, &moment, &isnull, 1))
			rgt_json_moment(moments, psprintf("%d", mine->unit_id[i]), DatumGetTimestampTz(moment));
	}
	rgt_json_object(details, "signed_at", moments);
	rgt_ledger_note(request->unit_id, approve ? "adjustment_signed" : "adjustment_refused", details);
}

/* What the signatures decide: one refusal refuses; all given, the smallest grant stands. */
static const char *
decide(const RgtRequest *request, Numeric *granted)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT bool_or(NOT approved), bool_and(approved IS NOT NULL), "
		"min(abs(coalesce(granted, $2))) * sign($2) FROM regtarget.signatures WHERE adjustment_id = $1",
		INT8OID, NUMERICOID);
	Datum		arguments[2] = {Int64GetDatum(request->adjustment_id), NumericGetDatum(request->change)};
	Datum		values[3];
	bool		isnull[3];

	rgt_one(&query, RGT_LATEST, arguments, NULL, values, isnull, 3);
	*granted = NULL;
	if (!isnull[0] && DatumGetBool(values[0]))
		return "rejected";
	if (!DatumGetBool(values[1]))
		return "requested";
	*granted = DatumGetNumeric(values[2]);
	return "approved";
}

static void
write_decision(const RgtRequest *request, const char *status, Numeric granted)
{
	static RgtQuery query = RGT_QUERY(
		"UPDATE regtarget.adjustments SET status = $2, granted = $3, decided_at = "
		RGT_MOMENT_AFTER("requested_at, (SELECT max(s.signed_at) FROM regtarget.signatures s WHERE s.adjustment_id = $1)") " "
		"WHERE adjustment_id = $1",
		INT8OID, TEXTOID, NUMERICOID);
	Datum		values[3] = {Int64GetDatum(request->adjustment_id), CStringGetTextDatum(status), NumericGetDatum(granted)};

	rgt_run(&query, RGT_FRESH, values, granted == NULL ? "  n" : NULL, NULL, NULL);
}

/*
 * countersign(adjustment_id, approve, comment, granted): gives every signature of the request that is
 * the caller's to give.  granted: fraction of the baseline, as the request's change; null: all that is
 * asked for.  Returns the request's status after it: requested, approved or rejected.
 */
PG_FUNCTION_INFO_V1(rgt_countersign);
Datum
rgt_countersign(PG_FUNCTION_ARGS)
{
	text	   *comment = PG_ARGISNULL(ARG_COMMENT) ? NULL : PG_GETARG_TEXT_PP(ARG_COMMENT);
	Numeric		granted = PG_ARGISNULL(ARG_GRANTED) ? NULL : PG_GETARG_NUMERIC(ARG_GRANTED);
	RgtSession	session;
	RgtRequest	request;
	Mine		mine;
	const char *status;
	Numeric		decided;
	bool		approve;

	rgt_require(fcinfo, ARG_ID, "adjustment_id");
	rgt_enter_to_write(&session, "regtarget.countersign()");
	request = rgt_request_read(PG_GETARG_INT64(ARG_ID));
	mine = find_mine(&request);
	require_signer(&request, &mine);
	rgt_require(fcinfo, ARG_APPROVE, "approve");
	approve = PG_GETARG_BOOL(ARG_APPROVE);
	if (granted != NULL)
		check_grant(&request, approve, granted);
	rgt_request_lock(&request);
	mine = find_mine(&request);
	require_signer(&request, &mine);
	require_open(&request, &mine);
	sign(&request, &mine, approve, comment, granted);
	status = decide(&request, &decided);
	if (strcmp(status, "requested") != 0)
	{
		write_decision(&request, status, decided);
		rgt_request_note(&request, decided == NULL ? "adjustment_rejected" : "adjustment_approved", "decided_at", decided);
	}
	rgt_end(&session);
	PG_RETURN_TEXT_P(cstring_to_text(status));
}
