/*
 * activity/recount.c
 *	  Daily activity recounted from the facts: for verify(), and anew.
 *
 * How it is kept meanwhile: see triggers.c.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "storage/lmgr.h"

#include "activity/activity.h"
#include "activity/days.h"
#include "activity/sources.h"
#include "regtarget.h"

#define ALL_COUNTS "visits, won, lost, won_amount, revenues, revenue_amount"

/* ---- what the facts say ---------------------------------------------------------------------- */

/* By the facts themselves, and what was counted elsewhere: for verify() and for whoever rebuilds. */
#define COUNTED \
	"SELECT unit_id, day, sum(visits)::bigint AS visits, sum(won)::bigint AS won, sum(lost)::bigint AS lost, " \
	"sum(won_amount) AS won_amount, sum(revenues)::bigint AS revenues, sum(revenue_amount) AS revenue_amount FROM (" \
	"SELECT unit_id, visited_on AS day, 1 AS visits, 0 AS won, 0 AS lost, 0 AS won_amount, 0 AS revenues, " \
	"0::numeric AS revenue_amount FROM regtarget.visits " \
	"UNION ALL SELECT unit_id, closed_on, 0, won::int, (NOT won)::int, " \
	"CASE WHEN won THEN coalesce(amount, 0) ELSE 0 END, 0, 0 FROM regtarget.deals " \
	"WHERE closed_on IS NOT NULL AND won IS NOT NULL " \
	"UNION ALL SELECT unit_id, booked_on, 0, 0, 0, 0, 1, amount FROM regtarget.revenues " \
	"UNION ALL SELECT unit_id, day, " ALL_COUNTS " FROM regtarget.attached_days) AS f " \
	"GROUP BY unit_id, day"
#define TOTALS \
	"sum(visits)::bigint AS visits, sum(won)::bigint AS won, sum(lost)::bigint AS lost, " \
	"sum(won_amount) AS won_amount, sum(revenues)::bigint AS revenues, sum(revenue_amount) AS revenue_amount"
#define NOT_EMPTY "sum(visits) <> 0 OR sum(won) <> 0 OR sum(lost) <> 0 OR sum(won_amount) <> 0 " \
	"OR sum(revenues) <> 0 OR sum(revenue_amount) <> 0"
#define KEPT \
	"SELECT unit_id, day, " TOTALS " FROM (" \
	"SELECT unit_id, day, " ALL_COUNTS " FROM regtarget.activity_days " \
	"UNION ALL SELECT unit_id, day, " ALL_COUNTS " FROM regtarget.activity_deltas) AS p " \
	"GROUP BY unit_id, day HAVING " NOT_EMPTY
/* As rgt_month_start() has it: the first month begins with the first day that there is. */
#define MONTH_OF_DAY \
	"CASE WHEN isfinite(day) THEN day - least(extract(day FROM day)::int - 1, day - date '4714-11-24 BC') ELSE day END"
/* In ISO format under any DateStyle, with BC where it belongs. */
#define DAY_TEXT "to_jsonb(day) #>> '{}'"
#define MONTH_TEXT "concat(to_char(month, 'YYYY-MM'), CASE WHEN month < '0001-01-01' THEN ' BC' END)"
#define IN_WORDS(of) \
	"coalesce(nullif(concat_ws(', ', " of ".visits, " of ".won, " of ".lost, trim_scale(" of ".won_amount), " \
	of ".revenues, trim_scale(" of ".revenue_amount)), ''), regtarget.translated('nothing'))"
#define DIFFERENT \
	"(a.visits, a.won, a.lost, a.won_amount, a.revenues, a.revenue_amount) " \
	"IS DISTINCT FROM (b.visits, b.won, b.lost, b.won_amount, b.revenues, b.revenue_amount)"

/*
 * Every day and month, and every day of a source, that is not as the facts are, as one text each; in the caller's snapshot.
 * That all days and months are right is told without the statement that would name them, and several times as fast.
 */
void
rgt_stale_activity(RgtRowFn row, void *arg)
{
	static RgtQuery days = RGT_QUERY0(
		"SELECT format(regtarget.translated('unit %s on %s: kept are (%s), the facts are (%s)'), unit_id, " DAY_TEXT ", "
		IN_WORDS("a") ", " IN_WORDS("b") ") "
		"FROM (" KEPT ") AS a FULL JOIN (" COUNTED ") AS b USING (unit_id, day) WHERE " DIFFERENT
		" UNION ALL "
		"SELECT format(regtarget.translated('unit %s in %s: kept are (%s), its days are (%s)'), unit_id, " MONTH_TEXT ", "
		IN_WORDS("a") ", " IN_WORDS("b") ") "
		"FROM (SELECT unit_id, month, " TOTALS " FROM regtarget.activity_months GROUP BY 1, 2 HAVING " NOT_EMPTY ") AS a FULL "
		"JOIN ("
		"SELECT unit_id, " MONTH_OF_DAY " AS month, " TOTALS " FROM regtarget.activity_days "
		"GROUP BY 1, 2 HAVING " NOT_EMPTY ") AS b "
		"USING (unit_id, month) WHERE " DIFFERENT);
	static RgtQuery sources = RGT_QUERY0(
		"SELECT format(regtarget.translated('%s of source \"%s\" on %s: kept are (%s), the facts are (%s)'), fact, source, "
		"" DAY_TEXT ", "
		"coalesce(nullif(concat_ws(', ', a.rows, a.dated), ''), regtarget.translated('nothing')), "
		"coalesce(nullif(concat_ws(', ', b.rows, b.dated), ''), regtarget.translated('nothing'))) "
		"FROM (" RGT_SOURCES_KEPT ") AS a FULL JOIN (" RGT_SOURCES_COUNTED ") AS b USING (fact, source, day) "
		"WHERE (a.rows, a.dated) IS DISTINCT FROM (b.rows, b.dated)");

	if (!rgt_activity_is_right())
		rgt_run(&days, RGT_CALLER, NULL, NULL, row, arg);
	rgt_run(&sources, RGT_CALLER, NULL, NULL, row, arg);
}

/*
 * rebuild_activity(): all of it anew.  Facts are locked first, in one order, which waits for all who
 * have written some, folds included, and keeps others out; the snapshots come after that.  A snapshot
 * from before would see tables truncated since as empty, but not what was taken away for them.
 */
PG_FUNCTION_INFO_V1(rgt_rebuild_activity);
Datum
rgt_rebuild_activity(PG_FUNCTION_ARGS)
{
	static const char *const facts[] = {"employees", "customers", "visits", "deals", "revenues", "signals",
	"attached_days"};
	static RgtQuery clear[] = {
		RGT_QUERY0("DELETE FROM regtarget.activity_deltas"),
		RGT_QUERY0("DELETE FROM regtarget.activity_days"),
		RGT_QUERY0("DELETE FROM regtarget.activity_months")
	};
	static RgtQuery count = RGT_QUERY0(
		"INSERT INTO regtarget.activity_days (unit_id, day, " ALL_COUNTS ") "
		"SELECT unit_id, day, " ALL_COUNTS " FROM (" COUNTED ") AS c ORDER BY day, unit_id");
	static RgtQuery add_up = RGT_QUERY0(
		"INSERT INTO regtarget.activity_months (unit_id, month, " ALL_COUNTS ") "
		"SELECT unit_id, " MONTH_OF_DAY " AS month, " TOTALS " FROM regtarget.activity_days GROUP BY 1, 2 ORDER BY 2, 1");
	RgtSession	session;
	uint64		days;

	if (IsolationUsesXactSnapshot())
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("activity is rebuilt at isolation level READ COMMITTED only"),
				 errhint("Call regtarget.rebuild_activity() in a transaction of its own.")));
	rgt_enter_to_write(&session, "regtarget.rebuild_activity()");
	for (int i = 0; i < (int) lengthof(facts); i++)
		LockRelationOid(rgt_relation(facts[i]), ShareLock);
	LockRelationOid(rgt_relation("activity_ticks"), ShareUpdateExclusiveLock);
	rgt_require_own_tables();
	for (int i = 0; i < (int) lengthof(clear); i++)
		rgt_run(&clear[i], RGT_FRESH, NULL, NULL, NULL, NULL);
	days = rgt_run(&count, RGT_FRESH, NULL, NULL, NULL, NULL);
	rgt_run(&add_up, RGT_FRESH, NULL, NULL, NULL, NULL);
	rgt_sources_rebuild();
	rgt_end(&session);
	PG_RETURN_INT64((int64) days);
}
