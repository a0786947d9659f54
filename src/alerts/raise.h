/*
 * alerts/raise.h
 *	  What the files of the room alerts share: an alert as it is raised, resolved and told.
 *
 * Whoever writes alerts, events or reviews holds the room's lock (rgt_lock_alerts) until the end of the transaction:
 * scans, reports, decisions are one after the other, and each reads what the one before has committed.  It comes
 * before the chains of the ledger.
 */
#ifndef REGTARGET_ALERTS_RAISE_H
#define REGTARGET_ALERTS_RAISE_H

#include "alerts/alerts.h"
#include "ledger/ledger.h"
#include "regtarget.h"

/* A decision is due so many days after its alert. */
#define RGT_REVIEW_DAYS 7
#define RGT_REVIEW_DAYS_TEXT CppAsString2(RGT_REVIEW_DAYS)

/* A number that may not be known. */
typedef struct RgtKnown
{
	double		value;
	bool		known;
} RgtKnown;

typedef struct RgtAlert
{
	int64		alert_id;
	char	   *rule;
	char	   *level;
	int32		unit_id;
	DateADT		on_day;
	int64		event_id;		/* 0: none */
	RgtKnown	before;
	RgtKnown	after;
	RgtKnown	certainty;
	int64		covered_by;		/* 0: none */
} RgtAlert;

/* What one call raised and resolved: the ledger's entries, which are written at the end in one go. */
typedef struct RgtRaising
{
	DateADT		day;			/* on which silences are asked about */
	MemoryContext context;
	RgtEntry   *entries;
	int			n;
	int			allocated;
	Datum	   *raised;			/* ids */
	int			nraised;
	int			raised_allocated;
} RgtRaising;

extern DateADT rgt_alert_day(FunctionCallInfo fcinfo, int arg, const char *name);
extern RgtRaising rgt_raising(DateADT day);
extern void rgt_raise(RgtRaising *raising, RgtAlert *alert, bool opens_review);
extern void rgt_review_later(RgtRaising *raising, const RgtAlert *alert, DateADT day, bool tell);
extern void rgt_resolve(RgtRaising *raising, const RgtAlert *alert, DateADT resolved_on);
extern void rgt_notify_overdue(const RgtAlert *alert, int64 review_id, int32 told_unit_id, DateADT day);
extern void rgt_raising_note(RgtRaising *raising, int32 unit_id, const char *action, RgtJson *details);
extern void rgt_raising_done(RgtRaising *raising);

#endif							/* REGTARGET_ALERTS_RAISE_H */
