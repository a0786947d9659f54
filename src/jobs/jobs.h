/*
 * jobs/jobs.h
 *	  What the files of the room jobs share: the jobs there are.
 */
#ifndef REGTARGET_JOBS_JOBS_H
#define REGTARGET_JOBS_JOBS_H

#include "regtarget.h"

typedef struct RgtJob
{
	const char *name;
	const char *schedule;		/* as cron has it; %s: minute, hour of UTC, and of weekly jobs the weekday */
	RgtQuery	query;			/* its work: one number, how many */
} RgtJob;

extern RgtJob *rgt_job(int i);
extern void rgt_require_owner(const char *format);

#endif							/* REGTARGET_JOBS_JOBS_H */
