/*
 * valve/valve.h
 *	  What the room valve offers: whether its tables hold what they may.
 */
#ifndef REGTARGET_VALVE_VALVE_H
#define REGTARGET_VALVE_VALVE_H

#include "regtarget.h"

extern void rgt_valve_check(RgtRowFn row, void *arg);

#endif							/* REGTARGET_VALVE_VALVE_H */
