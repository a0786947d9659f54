/*
 * attached/attached.h
 *	  What the room attached offers: whether what was counted of facts elsewhere is what they are now.
 */
#ifndef REGTARGET_ATTACHED_ATTACHED_H
#define REGTARGET_ATTACHED_ATTACHED_H

#include "regtarget.h"

extern void rgt_stale_attached(RgtRowFn row, void *arg);

#endif							/* REGTARGET_ATTACHED_ATTACHED_H */
