/*
 * access.c
 *	  Who may see and do what.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "regtarget.h"

/* The role in force: SET ROLE included, whatever function of ours runs as its owner. */
Oid
rgt_caller(void)
{
	return GetOuterUserId();
}

char *
rgt_caller_name(void)
{
	return GetUserNameFromId(rgt_caller(), false);
}
