/*
 * jobs/purge.c
 *	  purge(): sandboxes, rejects and closed alerts without a review that are older than somebody wants to keep.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "alerts/alerts.h"
#include "jobs/jobs.h"
#include "ledger/ledger.h"
#include "regtarget.h"
#include "units/units.h"

static Interval *
required_age(FunctionCallInfo fcinfo)
{
	Interval   *age;
	Interval	none = {0};

	rgt_require(fcinfo, 0, "older_than");
	age = PG_GETARG_INTERVAL_P(0);
	if (DatumGetBool(DirectFunctionCall2(interval_lt, PointerGetDatum(age), PointerGetDatum(&none))))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"older_than\" must not be negative")));
	return age;
}

/*
 * Alerts that ended before a day and opened no review.  One that speaks for others goes after them: each pass takes what
 * nobody names any more.
 */
static int64
purge_alerts(DateADT before)
{
	static RgtQuery query = RGT_QUERY(
		"DELETE FROM regtarget.alerts a WHERE a.status = 'resolved' AND a.resolved_on < $1 "
		"AND NOT EXISTS (SELECT FROM regtarget.reviews r WHERE r.alert_id = a.alert_id) "
		"AND NOT EXISTS (SELECT FROM regtarget.alerts c WHERE c.covered_by = a.alert_id)", DATEOID);
	Datum		argument = DateADTGetDatum(before);
	int64		gone = 0;
	int64		n;

	rgt_lock_alerts();
	while ((n = rgt_run(&query, RGT_FRESH, &argument, NULL, NULL, NULL)) > 0)
	{
		CHECK_FOR_INTERRUPTS();
		gone += n;
	}
	return gone;
}

/* purge(older_than): removes what is older, and says how many rows of plans, rejects and alerts. */
PG_FUNCTION_INFO_V1(rgt_purge);
Datum
rgt_purge(PG_FUNCTION_ARGS)
{
	/* Of what is older than the calendar there is nothing. */
	static RgtQuery moment = RGT_QUERY(
		"SELECT CASE WHEN $1 < '5000 years' THEN now() - $1 ELSE '-infinity' END, "
		"CASE WHEN $1 < '5000 years' THEN (regtarget.today() - $1)::date ELSE '-infinity' END", INTERVALOID);
	static RgtQuery sandboxes = RGT_QUERY(
		"DELETE FROM regtarget.plans WHERE mode = 'sandbox' AND created_at < $1", TIMESTAMPTZOID);
	static RgtQuery rejects = RGT_QUERY("DELETE FROM regtarget.import_rejects WHERE at < $1", TIMESTAMPTZOID);
	RgtSession	session;
	RgtJson    *details;
	Datum		age;
	Datum		before[2];
	bool		isnull[2];
	int64		plans;
	int64		refused;
	int64		alerts;

	rgt_enter_to_write(&session, "regtarget.purge()");
	rgt_require_owner(rgt_text("role \"%s\" may not purge"));
	age = PointerGetDatum(required_age(fcinfo));
	rgt_one(&moment, RGT_FRESH, &age, NULL, before, isnull, 2);
	plans = rgt_run(&sandboxes, RGT_FRESH, before, NULL, NULL, NULL);
	refused = rgt_run(&rejects, RGT_FRESH, before, NULL, NULL, NULL);
	alerts = purge_alerts(DatumGetDateADT(before[1]));
	if (alerts > 0)
	{
		details = rgt_json();
		rgt_json_int(details, "alerts", alerts);
		rgt_json_text(details, "resolved_before", rgt_date_text(DatumGetDateADT(before[1])));
		rgt_ledger_note(RGT_COMPANY, "alerts_purged", details);
	}
	rgt_end(&session);
	PG_RETURN_INT64(plans + refused + alerts);
}
