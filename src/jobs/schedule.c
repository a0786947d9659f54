/*
 * jobs/schedule.c
 *	  schedule_jobs() and unschedule_jobs(): our jobs in pg_cron, where that is installed.
 *
 * pg_cron's clock is UTC, or cron.timezone where it has one.  Daily jobs run at about three in the morning by the policy's
 * time zone, weekly ones on Mondays; daylight saving moves them by an hour.  Jobs run as the extension's owner.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "commands/dbcommands.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "jobs/jobs.h"
#include "regtarget.h"

/* So many minutes after the job before, so that they do not all begin at once. */
#define MINUTES_BETWEEN 10

static void
require_cron(void)
{
	const char *database = get_database_name(MyDatabaseId);

	if (!OidIsValid(get_extension_oid("pg_cron", true)))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("jobs are scheduled by the extension pg_cron, which is not in this database"),
				 errhint("Add pg_cron to shared_preload_libraries, set cron.database_name = '%s', restart, and CREATE EXTENSION "
						 "pg_cron; or have another scheduler run SELECT regtarget.run_job('weekly_scan') and so on.", database)));
}

/* Minute, hour and weekday of pg_cron's clock at which it is a Monday, three o'clock and so many minutes, by the policy's. */
static void
moment_of(int minutes, char **minute, char **hour, char **weekday)
{
	static RgtQuery query = RGT_QUERY(
		"WITH m AS (SELECT (date_trunc('week', now() AT TIME ZONE z.zone) + interval '3 hours' + $1 * interval '1 minute') "
		"AT TIME ZONE z.zone AT TIME ZONE coalesce(nullif(current_setting('cron.timezone', true), ''), 'UTC') AS moment "
		"FROM (SELECT coalesce((SELECT p.timezone FROM regtarget.policies p WHERE p.effective_from <= regtarget.today() "
		"ORDER BY p.effective_from DESC LIMIT 1), current_setting('TimeZone')) AS zone) AS z) "
		"SELECT extract(minute FROM moment)::int::text, extract(hour FROM moment)::int::text, extract(dow FROM "
		"moment)::int::text "
		"FROM m", INT4OID);
	Datum		argument = Int32GetDatum(minutes);
	Datum		values[3];
	bool		isnull[3];

	rgt_one(&query, RGT_FRESH, &argument, NULL, values, isnull, 3);
	*minute = TextDatumGetCString(values[0]);
	*hour = TextDatumGetCString(values[1]);
	*weekday = TextDatumGetCString(values[2]);
}

/* The job's schedule, with what stands for %s put in, in their order. */
static char *
schedule_of(const RgtJob *job, int i)
{
	StringInfoData schedule;
	char	   *parts[3];
	int			part = 0;

	moment_of(i * MINUTES_BETWEEN, &parts[0], &parts[1], &parts[2]);
	initStringInfo(&schedule);
	for (const char *c = job->schedule; *c != '\0'; c++)
	{
		if (*c == '%')
		{
			appendStringInfoString(&schedule, parts[part++]);
			c++;
		}
		else
			appendStringInfoChar(&schedule, *c);
	}
	return schedule.data;
}

/* schedule_jobs(): registers them all, in place of what was registered before; how many. */
PG_FUNCTION_INFO_V1(rgt_schedule_jobs);
Datum
rgt_schedule_jobs(PG_FUNCTION_ARGS)
{
	static RgtQuery query = RGT_QUERY("SELECT cron.schedule($1, $2, $3)", TEXTOID, TEXTOID, TEXTOID);
	RgtSession	session;
	RgtJob	   *job;
	int			n;

	rgt_enter_to_write(&session, "regtarget.schedule_jobs()");
	rgt_require_owner(rgt_text("role \"%s\" may not schedule jobs"));
	require_cron();
	for (n = 0; (job = rgt_job(n)) != NULL; n++)
	{
		Datum		values[3] = {CStringGetTextDatum(psprintf("regtarget %s", job->name)),
			CStringGetTextDatum(schedule_of(job, n)),
		CStringGetTextDatum(psprintf("SELECT regtarget.run_job('%s')", job->name))};

		rgt_run(&query, RGT_FRESH, values, NULL, NULL, NULL);
	}
	rgt_end(&session);
	PG_RETURN_INT32(n);
}

/* unschedule_jobs(): takes them out of pg_cron again; how many there were. */
PG_FUNCTION_INFO_V1(rgt_unschedule_jobs);
Datum
rgt_unschedule_jobs(PG_FUNCTION_ARGS)
{
	static RgtQuery query = RGT_QUERY0(
		"SELECT cron.unschedule(j.jobid) FROM (SELECT jobid FROM cron.job WHERE database = current_database() "
		"AND jobname ~ '^regtarget ' AND command ~ '^SELECT regtarget\\.run_job' ORDER BY jobid OFFSET 0) AS j");
	RgtSession	session;
	int			n;

	rgt_enter_to_write(&session, "regtarget.unschedule_jobs()");
	rgt_require_owner(rgt_text("role \"%s\" may not schedule jobs"));
	require_cron();
	n = rgt_run(&query, RGT_FRESH, NULL, NULL, NULL, NULL);
	rgt_end(&session);
	PG_RETURN_INT32(n);
}
