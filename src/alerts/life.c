/*
 * alerts/life.c
 *	  acknowledge_alert() and close_review(): what people do with an alert.
 *
 * Rows are looked up as all that is committed has them.  A transaction with an older snapshot cannot write what was made
 * after it, and has to start again (40001).
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "access/access.h"
#include "alerts/raise.h"
#include "regtarget.h"
#include "units/units.h"

/* A row of a table by its key, as it is by now; false when it is not there. */
static bool
read_row(const char *table, int64 key, const char *const *columns, int n, Datum *values, bool *isnull)
{
	Snapshot	snapshot = rgt_snapshot(RGT_LATEST);
	bool		found = rgt_row_by_key(table, key, snapshot, columns, n, values, isnull);

	UnregisterSnapshot(snapshot);
	return found;
}

static _Noreturn void
unknown(const char *format, int64 id)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 errmsg_internal(format, id)));
}

static _Noreturn void
not_his(int32 unit_id, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("role \"%s\" has no say in unit \"%s\"", rgt_caller_name(), rgt_unit_name(unit_id)),
			 errdetail_internal("%s", detail),
			 errhint("A planner of the unit at the top grants duties: regtarget.grant_duty().")));
}

static void
keep_moment(TupleTableSlot *slot, void *arg)
{
	*(TimestampTz *) arg = DatumGetTimestampTz(slot->tts_values[0]);
}

/* acknowledge_alert(alert_id, comment): somebody has seen it; once. */
PG_FUNCTION_INFO_V1(rgt_acknowledge_alert);
Datum
rgt_acknowledge_alert(PG_FUNCTION_ARGS)
{
	static RgtQuery query = RGT_QUERY(
		"UPDATE regtarget.alerts SET status = 'acknowledged', acknowledged_by = $2, acknowledged_at = clock_timestamp(), "
		"comment = $3 WHERE alert_id = $1 RETURNING acknowledged_at", INT8OID, TEXTOID, TEXTOID);
	static const char *const columns[] = {"unit_id", "status"};
	Datum		row[2];
	bool		isnull[2];
	Datum		values[3];
	RgtSession	session;
	RgtJson    *details;
	TimestampTz moment;
	int32		unit_id;

	rgt_require(fcinfo, 0, "alert_id");
	rgt_enter_to_write(&session, "regtarget.acknowledge_alert()");
	rgt_lock_alerts();
	if (!read_row("alerts", PG_GETARG_INT64(0), columns, 2, row, isnull) || !rgt_in_sight(rgt_caller(), DatumGetInt32(row[0])))
		unknown(rgt_text("alert %" PRId64 " does not exist"), PG_GETARG_INT64(0));
	unit_id = DatumGetInt32(row[0]);
	if (!rgt_may_everything(rgt_caller()) && (rgt_duties_over(rgt_caller(), unit_id) & (RGT_MANAGER | RGT_PLANNER)) == 0)
		not_his(unit_id, rgt_text("It takes duty manager or planner of that unit or of one above it."));
	if (strcmp(TextDatumGetCString(row[1]), "firing") != 0)
		rgt_refuse_state("alerts", psprintf(rgt_text("alert %" PRId64 " is %s"), PG_GETARG_INT64(0), TextDatumGetCString(row[1])),
						 NULL, NULL);
	values[0] = PG_GETARG_DATUM(0);
	values[1] = CStringGetTextDatum(rgt_caller_name());
	values[2] = PG_ARGISNULL(1) ? (Datum) 0 : PG_GETARG_DATUM(1);
	if (rgt_run(&query, RGT_FRESH, values, PG_ARGISNULL(1) ? "  n" : NULL, keep_moment, &moment) == 0)
		rgt_too_new(psprintf(rgt_text("could not serialize access to alert %" PRId64), PG_GETARG_INT64(0)));
	details = rgt_json();
	rgt_json_int(details, "alert_id", PG_GETARG_INT64(0));
	rgt_json_moment(details, "acknowledged_at", moment);
	if (!PG_ARGISNULL(1))
		rgt_json_text(details, "comment", text_to_cstring(PG_GETARG_TEXT_PP(1)));
	rgt_ledger_note(unit_id, "alert_acknowledged", details);
	rgt_end(&session);
	PG_RETURN_VOID();
}

/* ---- reviews ---------------------------------------------------------------------------------------- */

enum
{
	ARG_REVIEW, ARG_DECISION, ARG_COMMENT, ARG_ADJUSTMENT
};

/* Somebody above the unit, as manager or planner, or 42501. */
static void
require_superior(int32 unit_id)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT " RGT_PARENT_ON("u", "$2") " FROM regtarget.units u WHERE u.unit_id = $1", INT4OID, DATEOID);
	Datum		arguments[2] = {Int32GetDatum(unit_id), DateADTGetDatum(rgt_today_of(RGT_LATEST))};
	Datum		parent;
	bool		isnull = true;

	if (rgt_may_everything(rgt_caller()))
		return;
	if (!rgt_one(&query, RGT_LATEST, arguments, NULL, &parent, &isnull, 1) || isnull ||
		(rgt_duties_over(rgt_caller(), DatumGetInt32(parent)) & (RGT_MANAGER | RGT_PLANNER)) == 0)
		not_his(unit_id, rgt_text("It takes duty manager or planner of a unit above it."));
}

/* The request that answers a review is one of its unit, or 42704. */
static void
require_request(FunctionCallInfo fcinfo, int32 unit_id)
{
	static const char *const columns[] = {"unit_id"};
	Datum		unit;
	bool		isnull;

	if (!PG_ARGISNULL(ARG_ADJUSTMENT) &&
		(!read_row("adjustments", PG_GETARG_INT64(ARG_ADJUSTMENT), columns, 1, &unit, &isnull) || DatumGetInt32(unit) != unit_id))
		unknown(rgt_text("request %" PRId64 " does not exist"), PG_GETARG_INT64(ARG_ADJUSTMENT));
}

/* A request answers one review, or 55000. */
static void
require_free(FunctionCallInfo fcinfo)
{
	static RgtQuery query = RGT_QUERY("SELECT review_id FROM regtarget.reviews WHERE adjustment_id = $1", INT8OID);
	Datum		argument = PG_ARGISNULL(ARG_ADJUSTMENT) ? (Datum) 0 : PG_GETARG_DATUM(ARG_ADJUSTMENT);
	Datum		review_id;
	bool		isnull;

	if (!PG_ARGISNULL(ARG_ADJUSTMENT) && rgt_one(&query, RGT_LATEST, &argument, NULL, &review_id, &isnull, 1))
		rgt_refuse_state("reviews", psprintf(rgt_text("request %" PRId64 " answers review %" PRId64 " already"),
											 PG_GETARG_INT64(ARG_ADJUSTMENT), DatumGetInt64(review_id)), NULL, NULL);
}

static char *
read_decision(FunctionCallInfo fcinfo)
{
	char	   *decision = text_to_cstring(rgt_required_text(fcinfo, ARG_DECISION, "decision"));
	bool		adjust = strcmp(decision, "adjust") == 0;

	rgt_require(fcinfo, ARG_COMMENT, "comment");
	if ((!adjust && strcmp(decision, "keep") != 0) || (!adjust && !PG_ARGISNULL(ARG_ADJUSTMENT)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a review is decided keep, or adjust, which may name a request"),
				 errdetail("decision is \"%s\".", decision)));
	return decision;
}

/* The alert of a review is resolved with it. */
static void
resolve_alert(int64 alert_id, RgtRaising *raising)
{
	static const char *const columns[] = {"rule", "level", "unit_id", "on_day", "event_id"};
	RgtAlert	alert = {.alert_id = alert_id};
	Datum		values[5];
	bool		isnull[5];

	if (!read_row("alerts", alert_id, columns, 5, values, isnull))
		return;
	alert.rule = TextDatumGetCString(values[0]);
	alert.level = TextDatumGetCString(values[1]);
	alert.unit_id = DatumGetInt32(values[2]);
	alert.on_day = DatumGetDateADT(values[3]);
	alert.event_id = isnull[4] ? 0 : DatumGetInt64(values[4]);
	rgt_resolve(raising, &alert, raising->day);
}

static void
note_closed(FunctionCallInfo fcinfo, RgtRaising *raising, int32 unit_id, const char *decision, TimestampTz moment)
{
	RgtJson    *details = rgt_json();

	rgt_json_int(details, "review_id", PG_GETARG_INT64(ARG_REVIEW));
	rgt_json_text(details, "decision", decision);
	rgt_json_moment(details, "closed_at", moment);
	rgt_json_text(details, "comment", text_to_cstring(PG_GETARG_TEXT_PP(ARG_COMMENT)));
	if (!PG_ARGISNULL(ARG_ADJUSTMENT))
		rgt_json_int(details, "adjustment_id", PG_GETARG_INT64(ARG_ADJUSTMENT));
	rgt_raising_note(raising, unit_id, "review_closed", details);
}

/* close_review(review_id, decision, comment, adjustment_id): a superior decides whether the target may move; once. */
PG_FUNCTION_INFO_V1(rgt_close_review);
Datum
rgt_close_review(PG_FUNCTION_ARGS)
{
	static RgtQuery query = RGT_QUERY(
		"UPDATE regtarget.reviews SET status = 'closed', decision = $2, comment = $3, adjustment_id = $4, closed_by = $5, "
		"closed_at = clock_timestamp() WHERE review_id = $1 RETURNING closed_at", INT8OID, TEXTOID, TEXTOID, INT8OID, TEXTOID);
	static const char *const columns[] = {"unit_id", "status", "alert_id"};
	Datum		row[3];
	bool		isnull[3];
	Datum		values[5];
	RgtSession	session;
	RgtRaising	raising;
	char	   *decision;
	TimestampTz moment;
	int32		unit_id;

	rgt_require(fcinfo, ARG_REVIEW, "review_id");
	rgt_enter_to_write(&session, "regtarget.close_review()");
	rgt_lock_alerts();
	if (!read_row("reviews", PG_GETARG_INT64(ARG_REVIEW), columns, 3, row, isnull) ||
		!rgt_in_sight(rgt_caller(), DatumGetInt32(row[0])))
		unknown(rgt_text("review %" PRId64 " does not exist"), PG_GETARG_INT64(ARG_REVIEW));
	unit_id = DatumGetInt32(row[0]);
	require_request(fcinfo, unit_id);
	require_superior(unit_id);
	decision = read_decision(fcinfo);
	if (strcmp(TextDatumGetCString(row[1]), "open") != 0)
		rgt_refuse_state("reviews", psprintf(rgt_text("review %" PRId64 " is closed"), PG_GETARG_INT64(ARG_REVIEW)), NULL, NULL);
	require_free(fcinfo);
	values[0] = PG_GETARG_DATUM(ARG_REVIEW);
	values[1] = CStringGetTextDatum(decision);
	values[2] = PG_GETARG_DATUM(ARG_COMMENT);
	values[3] = PG_ARGISNULL(ARG_ADJUSTMENT) ? (Datum) 0 : PG_GETARG_DATUM(ARG_ADJUSTMENT);
	values[4] = CStringGetTextDatum(rgt_caller_name());
	if (rgt_run(&query, RGT_FRESH, values, PG_ARGISNULL(ARG_ADJUSTMENT) ? "   n " : NULL, keep_moment, &moment) == 0)
		rgt_too_new(psprintf(rgt_text("could not serialize access to review %" PRId64), PG_GETARG_INT64(ARG_REVIEW)));
	raising = rgt_raising(rgt_today_of(RGT_LATEST));
	note_closed(fcinfo, &raising, unit_id, decision, moment);
	resolve_alert(DatumGetInt64(row[2]), &raising);
	rgt_raising_done(&raising);
	rgt_end(&session);
	PG_RETURN_VOID();
}
