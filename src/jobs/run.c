/*
 * jobs/run.c
 *	  run_job(): what a scheduler calls.  Each job may be run at any time and as often as one likes.
 *
 * Runs of one job are one after the other: whoever comes second finds nothing left to do.  A job that fails is undone and
 * noted with its error, which is a warning to whoever called: the scheduler goes on, and job_log tells.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/resowner.h"

#include "access/access.h"
#include "alerts/alerts.h"
#include "jobs/jobs.h"
#include "regtarget.h"
#include "units/units.h"
#include "valve/valve.h"

/* What was done is kept for so long. */
#define KEPT "interval '1 year'"

/* Weeks that nobody scanned are scanned first, each on its Monday, but no more than these. */
#define WEEKS_BACK "12"

static RgtJob jobs[] = {
	{"weekly_scan", "%s %s * * %s", RGT_QUERY0(
		"WITH t AS (SELECT regtarget.today() AS today, date_trunc('week', regtarget.today())::date AS monday), "
		"last AS (SELECT max(date_trunc('week', regtarget.local_time(r.started_at)))::date AS monday FROM regtarget.job_runs r "
		"WHERE r.job = 'weekly_scan' AND r.error IS NULL), "
		"days AS (SELECT d::date AS day FROM t, last, generate_series(greatest(last.monday, t.monday - 7 * " WEEKS_BACK ") + 7, "
		"t.monday - 7, interval '7 days') AS d WHERE last.monday IS NOT NULL UNION ALL SELECT today FROM t) "
		"SELECT count(s.alert_id) FROM (SELECT day FROM days ORDER BY day OFFSET 0) AS d CROSS JOIN LATERAL "
		"regtarget.scan_alerts(d.day) s")},
	{"monthly_scan", "30 12 1 * *", RGT_QUERY0(
		"SELECT count(*) FROM regtarget.scan_alerts(date_trunc('month', regtarget.today())::date)")},
	{"overdue", "%s %s * * *", RGT_QUERY0("SELECT regtarget.remind_overdue(regtarget.today())")},
	{"close_periods", "%s %s * * *", RGT_QUERY0(
		"SELECT count(regtarget.close_period(q.period)) FROM (SELECT q.period FROM regtarget.periods q "
		"WHERE upper(q.during) <= regtarget.today() AND EXISTS (SELECT FROM regtarget.plans p WHERE p.period = q.period "
		"AND p.mode = 'live' AND p.status = 'published') AND EXISTS (SELECT FROM regtarget.periods n "
		"WHERE lower(n.during) >= upper(q.during)) ORDER BY lower(q.during) OFFSET 0) AS q")},
	{"fold", "%s %s * * *", RGT_QUERY0("SELECT regtarget.fold_activity()")},
	{"purge", "%s %s * * %s", RGT_QUERY0("SELECT regtarget.purge(" KEPT ")")}
};

/* The jobs, one after the other; NULL: there are no more. */
RgtJob *
rgt_job(int i)
{
	return i < (int) lengthof(jobs) ? &jobs[i] : NULL;
}

/* Jobs and what they do are the owner's, or 42501; the message has a %s for the role. */
void
rgt_require_owner(const char *format)
{
	if (!rgt_may_everything(rgt_caller()))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg_internal(format, rgt_caller_name()),
				 errdetail("It takes the rights of the extension's owner.")));
}

static int
find_job(const char *name)
{
	for (int i = 0; i < (int) lengthof(jobs); i++)
	{
		if (strcmp(jobs[i].name, name) == 0)
			return i;
	}
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 errmsg("job \"%s\" does not exist", name),
			 errhint("Jobs are weekly_scan, monthly_scan, overdue, close_periods, fold and purge.")));
}

/* Do it in a subtransaction; what it failed with, or NULL.  Who cancels it or ends the session is not put off. */
static ErrorData *
try_job(RgtJob *job, int64 *done)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	ErrorData  *volatile error = NULL;

	BeginInternalSubTransaction(NULL);
	PG_TRY();
	{
		Datum		n = (Datum) 0;
		bool		isnull = true;

		SPI_connect();
		MemoryContextSwitchTo(context);
		rgt_one(&job->query, RGT_FRESH, NULL, NULL, &n, &isnull, 1);
		*done = isnull ? 0 : DatumGetInt64(n);
		SPI_finish();
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	if (error != NULL && ERRCODE_TO_CATEGORY(error->sqlerrcode) == ERRCODE_OPERATOR_INTERVENTION)
		ReThrowError(error);
	return error;
}

/* Keep what was done, and forget what was done long ago. */
static void
keep_run(const char *name, Datum started_at, int64 done, const char *error)
{
	static RgtQuery add = RGT_QUERY(
		"INSERT INTO regtarget.job_runs (job, started_at, ended_at, done, error) VALUES ($1, $2, "
		"greatest($2, clock_timestamp()), $3, $4)", TEXTOID, TIMESTAMPTZOID, INT8OID, TEXTOID);
	static RgtQuery forget = RGT_QUERY0(
		"DELETE FROM regtarget.job_runs WHERE started_at < now() - " KEPT);
	static RgtQuery forget_reminders = RGT_QUERY0(
		"DELETE FROM regtarget.reminders WHERE told_at < now() - " KEPT);
	Datum		values[4] = {CStringGetTextDatum(name), started_at, Int64GetDatum(done),
							 error == NULL ? (Datum) 0 : CStringGetTextDatum(error)};

	rgt_run(&add, RGT_FRESH, values, error == NULL ? "   n" : "  n ", NULL, NULL);
	rgt_run(&forget, RGT_FRESH, NULL, NULL, NULL, NULL);
	rgt_run(&forget_reminders, RGT_FRESH, NULL, NULL, NULL, NULL);
}

/* run_job(job): does it, and says how many; null when it failed. */
PG_FUNCTION_INFO_V1(rgt_run_job);
Datum
rgt_run_job(PG_FUNCTION_ARGS)
{
	static RgtQuery clock = RGT_QUERY0("SELECT clock_timestamp()");
	char	   *name = text_to_cstring(rgt_required_text(fcinfo, 0, "job"));
	RgtSession	session;
	ErrorData  *error;
	Datum		started_at;
	bool		isnull;
	int64		done = 0;
	int			job;

	rgt_enter_to_write(&session, "regtarget.run_job()");
	job = find_job(name);
	rgt_require_owner(rgt_text("role \"%s\" may not run jobs"));
	rgt_lock_thing(rgt_relation("job_runs"), job, ExclusiveLock);
	rgt_one(&clock, RGT_FRESH, NULL, NULL, &started_at, &isnull, 1);
	error = try_job(&jobs[job], &done);
	keep_run(name, started_at, done, error == NULL ? NULL : error->message);
	if (error != NULL)
		ereport(WARNING,
				(errcode(error->sqlerrcode),
				 errmsg("job \"%s\" failed: %s", name, error->message),
				 error->detail != NULL ? errdetail_internal("%s", error->detail) : 0,
				 error->hint != NULL ? errhint("%s", error->hint) : 0));
	rgt_end(&session);
	if (error != NULL)
		PG_RETURN_NULL();
	PG_RETURN_INT64(done);
}

/* remind_overdue(as_of): tells who has not signed or decided in time, and the next superior; how many notices. */
PG_FUNCTION_INFO_V1(rgt_remind_overdue);
Datum
rgt_remind_overdue(PG_FUNCTION_ARGS)
{
	RgtSession	session;
	DateADT		as_of;
	int64		told;

	rgt_enter_to_write(&session, "regtarget.remind_overdue()");
	rgt_require_owner(rgt_text("role \"%s\" may not remind of what is overdue"));
	as_of = rgt_required_day(fcinfo, 0, "as_of");
	rgt_lock_alerts();
	told = rgt_remind_signers(as_of) + rgt_remind_reviewers(as_of);
	rgt_end(&session);
	PG_RETURN_INT64(told);
}
