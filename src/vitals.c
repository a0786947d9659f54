/*
 * vitals.c
 *	  vital_signs(): the figures that a monitor looks at, over all units, for whoever has a duty at the top.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "funcapi.h"

#include "access/access.h"
#include "regtarget.h"

/* The unit whose chain in the ledger is the company's own: visible to those with a duty at the top. */
#define COMPANY 0

/*
 * vital_signs(): (name, about, value, measure, since, advice).  A figure of the whole has its row when it is 0 as well,
 * so that a monitor's series does not break off.
 */
PG_FUNCTION_INFO_V1(rgt_vital_signs);
Datum
rgt_vital_signs(PG_FUNCTION_ARGS)
{
#define DAY(moment) "regtarget.local_time(" moment ")"
	static RgtQuery query = RGT_QUERY0(
		"SELECT 'rejects_waiting', '', count(*)::float8, 'rows', " DAY("min(r.at)") ", "
		"regtarget.translated('see reject_causes, mend what is missing, call retry_rejects()') FROM regtarget.import_rejects r "
		"UNION ALL SELECT 'source_lag', concat_ws(' of ', f.fact, nullif(f.source, '')), f.lag_days, 'days', f.last_on, "
		"regtarget.translated('see whether its load has run') FROM regtarget.source_freshness() f WHERE f.rows > 0 "
		"UNION ALL SELECT 'unfolded_deltas', '', (SELECT count(*) FROM regtarget.activity_deltas) "
		"+ (SELECT count(*) FROM regtarget.source_deltas), 'rows', NULL, "
		"regtarget.translated('call fold_activity() every night') "
		"UNION ALL SELECT 'periods_to_close', '', count(*), 'periods', min(q.upper), "
		"regtarget.translated('call close_period() for each, the earliest first') "
		"FROM (SELECT upper(q.during) FROM regtarget.periods q WHERE upper(q.during) OPERATOR(pg_catalog.<=) regtarget.today() "
		"AND EXISTS (SELECT FROM regtarget.plans p WHERE p.period = q.period AND p.mode = 'live' "
		"AND p.status = 'published')) AS q "
		"UNION ALL SELECT 'requests_overdue', '', count(*), 'requests', min(a.requested_at), "
		"regtarget.translated('see adjustment_queue: who must sign, or apply what is approved') FROM "
		"regtarget.adjustment_queue a WHERE a.overdue "
		"UNION ALL SELECT 'reviews_overdue', '', count(*), 'reviews', min(v.due_on), "
		"regtarget.translated('see review_queue: whoever it waits on calls close_review()') FROM regtarget.review_queue v "
		"WHERE v.overdue "
		"UNION ALL SELECT 'filings_waiting', '', count(*), 'filings', " DAY("min(f.filed_at)") ", "
		"regtarget.translated('finance: acknowledge_filing()') FROM regtarget.filings f WHERE f.acknowledged_at IS NULL "
		"UNION ALL SELECT 'verify_failed', coalesce(v.found, ''), (NOT v.ok)::int, 'runs', " DAY("v.ran_at") ", "
		"regtarget.translated('run verify() as a planner of everything and read what it says') "
		"FROM (SELECT 1) AS one LEFT JOIN (SELECT * FROM regtarget.verify_runs ORDER BY run_id DESC LIMIT 1) AS v ON true "
		"UNION ALL SELECT 'verify_age', '', regtarget.today() - max(" DAY("v.ran_at") ")::date, 'days', "
		"max(" DAY("v.ran_at") "), "
		"regtarget.translated('call record_verify() every night') FROM regtarget.verify_runs v");
	DestReceiver *dest = rgt_result(fcinfo);
	RgtSession	session;

	rgt_enter(&session);
	if (rgt_in_sight(rgt_caller(), COMPANY))
		rgt_run_arguments(&query, fcinfo, dest);
	rgt_end(&session);
	return (Datum) 0;
}
