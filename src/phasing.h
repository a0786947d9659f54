/*
 * phasing.h
 *	  Targets over the months of their period: what they had called for by a day.
 */
#ifndef REGTARGET_PHASING_H
#define REGTARGET_PHASING_H

#include "regtarget.h"

/* A target's unit, the unit that it is below in its plan (0: none), and what it had called for. */
typedef void (*RgtDueFn) (int32 unit_id, int32 parent_id, double due, void *arg);

extern void rgt_targets_due(RgtSnapshot which, const int32 *units, int n, DateADT day, RgtDueFn tell, void *arg);

#endif							/* REGTARGET_PHASING_H */
