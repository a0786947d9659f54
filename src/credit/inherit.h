/*
 * credit/inherit.h
 *	  What closing and judging ask about units that go on where others ended.
 */
#ifndef REGTARGET_CREDIT_INHERIT_H
#define REGTARGET_CREDIT_INHERIT_H

#include "regtarget.h"

extern void rgt_inherited(const RgtPeriod *period, RgtSnapshot snapshot, RgtRowFn row, void *arg);
extern void rgt_write_inherited(const RgtPeriod *before, const RgtPeriod *period);

#endif							/* REGTARGET_CREDIT_INHERIT_H */
