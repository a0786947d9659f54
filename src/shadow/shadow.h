/*
 * shadow/shadow.h
 *	  What the files of the room shadow share: shadow plans beside published ones.
 */
#ifndef REGTARGET_SHADOW_SHADOW_H
#define REGTARGET_SHADOW_SHADOW_H

#include "regtarget.h"

/* ---- scale.c: to the total of the published plan ---------------------------------------------- */

/* What amounts of a shadow plan are multiplied by and then divided by; NULL: there is nothing to scale to, or by. */
typedef struct RgtScale
{
	Numeric		management;
	Numeric		engine;
} RgtScale;

extern RgtScale rgt_shadow_scale(int64 plan_id);

/* ---- cases.c: ended periods in which both can be judged --------------------------------------- */

/* A period, over all plans of it that count. */
typedef struct RgtCase
{
	text	   *period;
	Numeric		engine;			/* money in the wrong region */
	Numeric		management;
	Numeric		missed;			/* by the total */
} RgtCase;

typedef struct RgtCases
{
	int			n;				/* the latest first */
	RgtCase    *cases;
	int			late;			/* plans that are not counted, because they were late */
} RgtCases;

extern RgtCases rgt_shadow_cases(int most);

#endif							/* REGTARGET_SHADOW_SHADOW_H */
