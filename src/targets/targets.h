/*
 * targets/targets.h
 *	  What the room targets offers: exactly what units achieved in a period.
 */
#ifndef REGTARGET_TARGETS_TARGETS_H
#define REGTARGET_TARGETS_TARGETS_H

#include "regtarget.h"
#include "units/units.h"

/* ---- actuals.c ------------------------------------------------------------------------------ */

extern Numeric *rgt_period_sums(const RgtTree *tree, const RgtPeriod *period);

#endif							/* REGTARGET_TARGETS_TARGETS_H */
