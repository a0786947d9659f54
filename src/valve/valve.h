/*
 * valve/valve.h
 *	  What the room valve offers: writing its tables, past their guard.
 */
#ifndef REGTARGET_VALVE_VALVE_H
#define REGTARGET_VALVE_VALVE_H

#include "regtarget.h"

/* ---- guard.c: writing the tables of the valve ----------------------------------------------- */

extern uint64 rgt_valve_write(RgtQuery *query, const Datum *values, const char *nulls, RgtRowFn row, void *arg);

#endif							/* REGTARGET_VALVE_VALVE_H */
