/*
 * base/retired.c
 *	  Functions of earlier releases that are gone.
 *
 * pg_upgrade makes the old catalog anew before it is updated, and looks each function up in the library.  Calling
 * one is an error before it comes to that: see base/release.c.
 */
#include "postgres.h"

#include "fmgr.h"

#define RETIRED(function) \
	PG_FUNCTION_INFO_V1(function); \
	Datum \
	function(PG_FUNCTION_ARGS) \
	{ \
		elog(ERROR, "%s() is of an earlier release", #function); \
		PG_RETURN_NULL(); \
	} \
	extern int	no_such_thing

/* Since 0.1.0. */
RETIRED(rgt_caller_has_duty);
RETIRED(rgt_caller_sees_plan);
RETIRED(rgt_caller_sees_target);
RETIRED(rgt_caller_sees_unit);
