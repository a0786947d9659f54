/*
 * valve/apply.c
 *	  apply_adjustment(): an approved request moves its target, and what hangs on it, in one
 *	  transaction; acknowledge_filing(): finance's receipt.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/datum.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "access/access.h"
#include "ledger/ledger.h"
#include "regtarget.h"
#include "valve/request.h"

/* ---- applying ---------------------------------------------------------------------------------- */

static void
require_approved(const RgtRequest *request)
{
	if (rgt_request_has(request, "approved"))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("request %" PRId64 " is %s", request->adjustment_id, request->status),
			 errdetail("Only an approved request is applied, and once.")));
}

/* Move the target by what was granted; those below follow as far as their caps let them. */
static void
move(const RgtRequest *request, RgtSpread *spread)
{
	rgt_spread_begin(spread, request->plan_id, &request->step, request->cap);
	rgt_spread_read(spread, request->unit_id);
	spread->rows[0].amount += rgt_change_steps(&request->step, request->baseline, request->granted);
	rgt_spread_pass_down(spread);
}

/*
 * The request is applied and filed; false when it is not approved any more.  Before the amounts are
 * written, because that takes the ledger's chains, which come after the request's row.
 */
static bool
finish(const RgtRequest *request, const RgtSpread *spread)
{
	static RgtQuery query = RGT_KEY_QUERY(
		"WITH applied AS (UPDATE regtarget.adjustments SET status = 'applied', amount_before = $2, amount_after = $3, "
		"ended_at = " RGT_MOMENT_AFTER("requested_at, decided_at") " WHERE adjustment_id = $1 AND status = 'approved' "
		"RETURNING adjustment_id, amount_before, amount_after, unit_id, ended_at) "
		"INSERT INTO regtarget.filings (adjustment_id, amount_before, amount_after, unit_id, filed_at) "
		"SELECT adjustment_id, amount_before, amount_after, unit_id, ended_at FROM applied", INT8OID, NUMERICOID, NUMERICOID);
	Datum		values[3] = {
		Int64GetDatum(request->adjustment_id),
		NumericGetDatum(rgt_to_amount(&spread->step, spread->rows[0].before)),
		NumericGetDatum(rgt_to_amount(&spread->step, spread->rows[0].amount))
	};

	return rgt_run(&query, RGT_FRESH, values, NULL, NULL, NULL) > 0;
}

/*
 * apply_adjustment(adjustment_id): target, the targets below it, filing and ledger in one transaction or
 * not at all; 23514 when the cap, measured from the published baseline, does not hold it any more.
 * Returns the target.
 */
PG_FUNCTION_INFO_V1(rgt_apply_adjustment);
Datum
rgt_apply_adjustment(PG_FUNCTION_ARGS)
{
	MemoryContext context = CurrentMemoryContext;
	RgtSession	session;
	RgtRequest	request;
	RgtSpread	spread;
	RgtWhy		cause = {.action = "adjustment_applied"};
	Datum		target;
	int			changed;

	rgt_require(fcinfo, 0, "adjustment_id");
	rgt_enter_to_write(&session, "regtarget.apply_adjustment()");
	request = rgt_request_of_caller(PG_GETARG_INT64(0));
	rgt_require_planner(request.unit_id);
	require_approved(&request);
	/* What was approved changes no more but in its status, and that is looked at again below. */
	rgt_lock_plan(request.plan_id, ShareLock);
	move(&request, &spread);
	if (!finish(&request, &spread))
	{
		/* Withdrawn, lapsed, or applied by another, while we waited for a lock. */
		request = rgt_request_read(request.adjustment_id);
		require_approved(&request);
		rgt_too_new(psprintf(rgt_text("could not serialize access to request %" PRId64), request.adjustment_id));
	}
	/* Last, so that who came too late is told so, and not that the cap has no room for him. */
	cause.adjustment_id = request.adjustment_id;
	cause.unit_id = request.unit_id;
	target = rgt_spread_write(&spread, &cause, &changed);
	MemoryContextSwitchTo(context);
	target = datumCopy(target, false, -1);
	rgt_end(&session);
	PG_RETURN_DATUM(target);
}

/* ---- finance's receipt --------------------------------------------------------------------------- */

/* The unit of a filing that is there and visible to the caller, or 42704; and whether finance has it already. */
static int32
unit_of_filing(int64 filing_id, bool *acknowledged)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT unit_id, acknowledged_at IS NOT NULL FROM regtarget.filings WHERE filing_id = $1", INT8OID);
	Datum		argument = Int64GetDatum(filing_id);
	Datum		values[2];
	bool		isnull[2];

	if (!rgt_one(&query, RGT_LATEST, &argument, NULL, values, isnull, 2) ||
		!rgt_in_sight(rgt_caller(), DatumGetInt32(values[0])))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("filing %" PRId64 " does not exist", filing_id)));
	*acknowledged = DatumGetBool(values[1]);
	return DatumGetInt32(values[0]);
}

/* 55000 where finance has it already; 40001 where this transaction's snapshot is older than the filing. */
static _Noreturn void
refuse_filing(int64 filing_id)
{
	bool		acknowledged;

	unit_of_filing(filing_id, &acknowledged);
	if (!acknowledged)
		rgt_too_new(psprintf(rgt_text("could not serialize access to filing %" PRId64), filing_id));
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("filing %" PRId64 " is already acknowledged", filing_id)));
}

static void
require_finance(int32 unit_id)
{
	if ((rgt_duties_over(rgt_caller(), unit_id) & RGT_FINANCE) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("role \"%s\" has no finance duty over unit \"%s\"", rgt_caller_name(), rgt_unit_name(unit_id))));
}

/* acknowledge_filing(filing_id, reference): finance has it, under its own reference; once. */
PG_FUNCTION_INFO_V1(rgt_acknowledge_filing);
Datum
rgt_acknowledge_filing(PG_FUNCTION_ARGS)
{
	static RgtQuery query = RGT_QUERY(
		"UPDATE regtarget.filings SET acknowledged_by = $2, acknowledged_at = " RGT_MOMENT_AFTER("filed_at") ", "
		"acknowledged_login = session_user, reference = $3 "
		"WHERE filing_id = $1 AND acknowledged_at IS NULL RETURNING acknowledged_at", INT8OID, TEXTOID, TEXTOID);
	RgtSession	session;
	RgtJson    *details;
	Datum		values[3];
	Datum		moment;
	bool		isnull;
	bool		acknowledged;
	int64		filing_id;
	int32		unit_id;

	rgt_require(fcinfo, 0, "filing_id");
	filing_id = PG_GETARG_INT64(0);
	rgt_enter_to_write(&session, "regtarget.acknowledge_filing()");
	unit_id = unit_of_filing(filing_id, &acknowledged);
	require_finance(unit_id);
	values[0] = Int64GetDatum(filing_id);
	values[1] = CStringGetTextDatum(rgt_caller_name());
	values[2] = PointerGetDatum(rgt_required_text(fcinfo, 1, "reference"));
	if (!rgt_one(&query, RGT_FRESH, values, NULL, &moment, &isnull, 1))
		refuse_filing(filing_id);
	details = rgt_json();
	rgt_json_int(details, "filing_id", filing_id);
	rgt_json_text(details, "reference", text_to_cstring(PG_GETARG_TEXT_PP(1)));
	rgt_json_moment(details, "acknowledged_at", DatumGetTimestampTz(moment));
	rgt_ledger_note(unit_id, "filing_acknowledged", details);
	rgt_end(&session);
	PG_RETURN_VOID();
}
