/*
 * alerts/alerts.h
 *	  What the room alerts offers: alerts of market events that come in otherwise than by report_event().
 */
#ifndef REGTARGET_ALERTS_ALERTS_H
#define REGTARGET_ALERTS_ALERTS_H

#include "regtarget.h"

/* ---- raise.c ------------------------------------------------------------------------------------ */

/* Whoever writes events, alerts or reviews takes it first: one of them at a time. */
extern void rgt_lock_alerts(void);

/* ---- check.c ------------------------------------------------------------------------------------ */

extern void rgt_alerts_check(RgtRowFn row, void *arg);

/* ---- events.c ------------------------------------------------------------------------------------ */

extern void rgt_event_step(int64 event_id, const char *action, bool raises);

/* ---- overdue.c ------------------------------------------------------------------------------------ */

/* Somebody is told again of a signature or a review that is overdue: one of the two ids is not 0. */
typedef struct RgtReminder
{
	int64		adjustment_id;
	int64		review_id;
	int32		unit_id;		/* whose request or review it is */
	int32		told_unit_id;	/* whose managers and planners are told */
	DateADT		on_day;
} RgtReminder;

extern void rgt_keep_reminder(const RgtReminder *reminder);
extern int64 rgt_remind_reviewers(DateADT as_of);

#endif							/* REGTARGET_ALERTS_ALERTS_H */
