/*
 * apportion.h
 *	  The kernel of apportionment as a caller sees it: bounds, penalties and caps in steps, its troubles as errors.
 */
#ifndef REGTARGET_APPORTION_H
#define REGTARGET_APPORTION_H

#include "regtarget.h"

struct rgk_trouble;

extern int64 rgt_total_steps(const RgtStep *step, Numeric total);
extern int64 rgt_floor_steps(const RgtStep *step, Numeric at_least);
extern int64 rgt_ceiling_steps(const RgtStep *step, Numeric at_most);
extern void rgt_apportion_error(int status, const struct rgk_trouble *trouble, const RgtStep *step,
								const char *where, const char *who);

/* A fraction in [0, 1) as a whole number of 10^-18, for exact products with steps. */
typedef int64 RgtFraction;
#define RGT_ONE INT64CONST(1000000000000000000)

extern RgtFraction rgt_fraction(Numeric value);
extern int64 rgt_penalty_steps(int64 suggested, RgtFraction rate);
extern int64 rgt_cap_steps(int64 baseline, RgtFraction cap);

#endif							/* REGTARGET_APPORTION_H */
