/*
 * apportion.h
 *	  The kernel of apportionment as a caller sees it: totals and bounds in steps, its troubles as errors.
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

#endif							/* REGTARGET_APPORTION_H */
