/*
 * targets/targets.h
 *	  What the room targets offers: what months call for, and what units achieved in a period.
 */
#ifndef REGTARGET_TARGETS_TARGETS_H
#define REGTARGET_TARGETS_TARGETS_H

#include "regtarget.h"

/* ---- due.c: targets over the months of their period ------------------------------------------ */

typedef void (*RgtDueFn) (int32 unit_id, double due, void *arg);

extern void rgt_targets_due(RgtSnapshot which, const int32 *units, int n, DateADT day, RgtDueFn tell, void *arg);

#endif							/* REGTARGET_TARGETS_TARGETS_H */
