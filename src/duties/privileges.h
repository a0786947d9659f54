/*
 * duties/privileges.h
 *	  Privileges that go with a role's duties and access, for duties.c.
 */
#ifndef REGTARGET_DUTIES_PRIVILEGES_H
#define REGTARGET_DUTIES_PRIVILEGES_H

#include "regtarget.h"

/* Kinds of privileges, as bits. */
typedef struct RgtNeeds
{
	int			needed;			/* by what is on record for a role */
	int			given;			/* and what the same may have been given where the tree was another */
} RgtNeeds;

extern RgtNeeds rgt_needs_of(Datum role);
extern void rgt_give_privileges(Datum role, RgtNeeds before, RgtNeeds now);
extern void rgt_take_privileges(Datum role, RgtNeeds before, RgtNeeds now);

#endif							/* REGTARGET_DUTIES_PRIVILEGES_H */
