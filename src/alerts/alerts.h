/*
 * alerts/alerts.h
 *	  What the room alerts offers: alerts of market events that come in otherwise than by report_event().
 */
#ifndef REGTARGET_ALERTS_ALERTS_H
#define REGTARGET_ALERTS_ALERTS_H

#include "regtarget.h"

/* Whoever writes events, alerts or reviews takes it first: one of them at a time. */
extern void rgt_lock_alerts(void);

/* The alerts of an event that is confirmed, and their reviews and notices. */
extern void rgt_raise_event(int64 event_id, DateADT happened_on);

#endif							/* REGTARGET_ALERTS_ALERTS_H */
