/*
 * credit/inherit.h
 *	  What closing and judging ask about units that go on where others ended.
 */
#ifndef REGTARGET_CREDIT_INHERIT_H
#define REGTARGET_CREDIT_INHERIT_H

#include "regtarget.h"

/* ---- records.c ---------------------------------------------------------------------------------- */

/* Called for a unit that goes on with a record; rate is good until it returns. */
typedef void (*RgtHeirFn) (int32 unit_id, int denied, Numeric rate, void *arg);

extern void rgt_inherited(const RgtPeriod *period, RgtSnapshot snapshot, bool (*wanted) (int32 unit_id, void *arg),
						  RgtHeirFn heir, void *arg);
/* ---- inherit.c ---------------------------------------------------------------------------------- */

extern void rgt_write_inherited(const RgtPeriod *period);

#endif							/* REGTARGET_CREDIT_INHERIT_H */
