/*
 * valve/record.c
 *	  The record of a request: read, locked, and noted in the ledger; and who may write on it.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "access/access.h"
#include "ledger/ledger.h"
#include "regtarget.h"
#include "valve/request.h"

/* What its target and the plan of that have to do with a request; false when they are not there. */
static bool
read_target(RgtRequest *request, Snapshot snapshot)
{
	Datum		target[2];
	Datum		plan[2];
	bool		isnull[2];

	if (!rgt_row_by_key("targets", request->target_id, snapshot, (const char *const[]) {"plan_id", "baseline"}, 2, target,
						isnull))
		return false;
	request->plan_id = DatumGetInt64(target[0]);
	request->baseline = DatumGetNumeric(target[1]);
	if (!rgt_row_by_key("plans", request->plan_id, snapshot, (const char *const[]) {"step", "cap"}, 2, plan, isnull))
		return false;
	rgt_step_init(&request->step, DatumGetNumeric(plan[0]));
	request->cap = DatumGetNumeric(plan[1]);
	return true;
}

enum
{
	REQUEST_TARGET, REQUEST_UNIT, REQUEST_MONTH, REQUEST_CHANGE, REQUEST_GRANTED, REQUEST_BY, REQUEST_LOGIN, REQUEST_STATUS,
		REQUEST_COLUMNS
};

static bool
read_request(RgtRequest *request, Snapshot snapshot)
{
	static const char *const columns[REQUEST_COLUMNS] = {
		"target_id", "unit_id", "month", "change", "granted", "requested_by", "requested_login", "status"
	};
	Datum		values[REQUEST_COLUMNS];
	bool		isnull[REQUEST_COLUMNS];

	if (!rgt_row_by_key("adjustments", request->adjustment_id, snapshot, columns, REQUEST_COLUMNS, values, isnull))
		return false;
	request->target_id = DatumGetInt64(values[REQUEST_TARGET]);
	request->unit_id = DatumGetInt32(values[REQUEST_UNIT]);
	request->month = DatumGetTextPP(values[REQUEST_MONTH]);
	request->change = DatumGetNumeric(values[REQUEST_CHANGE]);
	request->granted = isnull[REQUEST_GRANTED] ? NULL : DatumGetNumeric(values[REQUEST_GRANTED]);
	request->requested_by = TextDatumGetCString(values[REQUEST_BY]);
	request->requested_login = isnull[REQUEST_LOGIN] ? NULL : TextDatumGetCString(values[REQUEST_LOGIN]);
	request->status = TextDatumGetCString(values[REQUEST_STATUS]);
	return read_target(request, snapshot);
}

/* Raise 42704 for a request that is not there or, which nobody is to tell apart, not visible to who asks. */
void
rgt_unknown_request(int64 adjustment_id)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 errmsg("request %" PRId64 " does not exist", adjustment_id)));
}

/* The request of that id, or 42704. */
RgtRequest
rgt_request_read(int64 adjustment_id)
{
	RgtRequest	request = {.adjustment_id = adjustment_id};
	Snapshot	snapshot = rgt_snapshot(RGT_LATEST);

	if (!read_request(&request, snapshot))
		rgt_unknown_request(adjustment_id);
	UnregisterSnapshot(snapshot);
	return request;
}

/* The same of a request that must be visible to the caller. */
RgtRequest
rgt_request_of_caller(int64 adjustment_id)
{
	RgtRequest	request = rgt_request_read(adjustment_id);

	if (!rgt_in_sight(rgt_caller(), request.unit_id))
		rgt_unknown_request(adjustment_id);
	return request;
}

/* Lock a request against closing and against every other change of its own, and read it again. */
void
rgt_request_lock(RgtRequest *request)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT FROM regtarget.adjustments WHERE adjustment_id = $1 FOR UPDATE", INT8OID);
	Datum		argument = Int64GetDatum(request->adjustment_id);

	rgt_lock_plan(request->plan_id, ShareLock);
	if (rgt_run(&query, RGT_FRESH, &argument, NULL, NULL, NULL) == 0)
		rgt_too_new(psprintf(rgt_text("could not serialize access to request %" PRId64), request->adjustment_id));
	*request = rgt_request_read(request->adjustment_id);
}

bool
rgt_request_has(const RgtRequest *request, const char *status)
{
	return strcmp(request->status, status) == 0;
}

/* How many steps a change is, rounded towards no change; 22003 when that is more than there can be. */
int64
rgt_change_steps(const RgtStep *step, Numeric baseline, Numeric change)
{
	Datum		exact = DirectFunctionCall2(numeric_mul, NumericGetDatum(baseline), NumericGetDatum(change));
	Datum		steps = DirectFunctionCall2(numeric_div_trunc, exact, NumericGetDatum(step->numeric));

	if (rgt_compare_sizes(steps, NumericGetDatum(int64_to_numeric(RGT_MAX_STEPS))) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("change is out of range"),
				 errdetail("%s of the baseline %s.", rgt_numeric_text(change), rgt_numeric_text(baseline))));
	return DatumGetInt64(DirectFunctionCall1(numeric_int8, steps));
}

/* ---- its steps in the ledger -------------------------------------------------------------------- */

/* What every step says of its request.  comment, granted: NULL: none. */
RgtJson *
rgt_request_details(const RgtRequest *request, const char *comment, Numeric granted)
{
	RgtJson    *details = rgt_json();

	rgt_json_int(details, "adjustment_id", request->adjustment_id);
	rgt_json_int(details, "target_id", request->target_id);
	rgt_json_text(details, "month", text_to_cstring(request->month));
	rgt_json_numeric(details, "change", request->change);
	if (granted != NULL)
		rgt_json_numeric(details, "granted", granted);
	if (comment != NULL)
		rgt_json_text(details, "comment", comment);
	return details;
}

/* Columns of the request's row as it is now. */
static void
read_columns(const RgtRequest *request, const char *const *columns, int n, Datum *values, bool *isnull)
{
	Snapshot	snapshot = rgt_snapshot(RGT_LATEST);

	if (!rgt_row_by_key("adjustments", request->adjustment_id, snapshot, columns, n, values, isnull))
		elog(ERROR, "request " INT64_FORMAT " is gone", request->adjustment_id);
	UnregisterSnapshot(snapshot);
}

/* A step of the workflow, for the ledger; when: the column that keeps its moment. */
void
rgt_request_note(const RgtRequest *request, const char *action, const char *when, Numeric granted)
{
	RgtJson    *details = rgt_request_details(request, NULL, granted);
	Datum		moment;
	bool		isnull;

	read_columns(request, &when, 1, &moment, &isnull);
	rgt_json_moment(details, when, DatumGetTimestampTz(moment));
	rgt_ledger_note(request->unit_id, action, details);
}

enum
{
	ASKED_REASON, ASKED_AT, ASKED_ON, ASKED_BEFORE, ASKED_AFTER, ASKED_HEALTH_AT_PLAN, ASKED_HEALTH, ASKED_PACE, ASKED_REVIEW,
		ASKED_COLUMNS
};

/* The first step, with all that the row will never change, or lose when it is applied; and who is to sign. */
void
rgt_request_note_asked(const RgtRequest *request, const int32 *signers, int n)
{
	static const char *const columns[ASKED_COLUMNS] = {
		"reason", "requested_at", "requested_on", "amount_before", "amount_after", "health_at_plan", "health", "pace", "review_id"
	};
	RgtJson    *details;
	RgtJson    *levels = rgt_json();
	Datum		values[ASKED_COLUMNS];
	bool		isnull[ASKED_COLUMNS];

	read_columns(request, columns, ASKED_COLUMNS, values, isnull);
	details = rgt_request_details(request, TextDatumGetCString(values[ASKED_REASON]), NULL);
	rgt_json_moment(details, columns[ASKED_AT], DatumGetTimestampTz(values[ASKED_AT]));
	rgt_json_text(details, columns[ASKED_ON], rgt_date_text(DatumGetDateADT(values[ASKED_ON])));
	rgt_json_numeric(details, columns[ASKED_BEFORE], DatumGetNumeric(values[ASKED_BEFORE]));
	rgt_json_numeric(details, columns[ASKED_AFTER], DatumGetNumeric(values[ASKED_AFTER]));
	for (int i = ASKED_HEALTH_AT_PLAN; i <= ASKED_PACE; i++)
	{
		if (!isnull[i])
			rgt_json_float(details, columns[i], DatumGetFloat8(values[i]));
	}
	if (!isnull[ASKED_REVIEW])
		rgt_json_int(details, columns[ASKED_REVIEW], DatumGetInt64(values[ASKED_REVIEW]));
	for (int i = 0; i < n; i++)
		rgt_json_int(levels, psprintf("%d", signers[i]), i + 1);
	rgt_json_object(details, "signers", levels);
	rgt_ledger_note(request->unit_id, "adjustment_requested", details);
}

/* ---- who may write on it ------------------------------------------------------------------------ */

/* The manager of the very unit, on record, or 42501. */
void
rgt_require_manager(int32 unit_id)
{
	if ((rgt_duties_at(rgt_caller(), unit_id) & RGT_MANAGER) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("role \"%s\" is not a manager of unit \"%s\"", rgt_caller_name(), rgt_unit_name(unit_id)),
				 errhint("The manager of the unit itself asks, withdraws and answers.")));
}
