/*
 * valve/valve.h
 *	  What the room valve offers: whether its tables hold what they may, and who is late.
 */
#ifndef REGTARGET_VALVE_VALVE_H
#define REGTARGET_VALVE_VALVE_H

#include "regtarget.h"

extern void rgt_valve_check(RgtRowFn row, void *arg);
extern int64 rgt_remind_signers(DateADT as_of);

#endif							/* REGTARGET_VALVE_VALVE_H */
