/*
 * adoption/panel.h
 *	  Who is compared with whom, and what is known of them.
 */
#ifndef REGTARGET_ADOPTION_PANEL_H
#define REGTARGET_ADOPTION_PANEL_H

#include "outcomes/outcomes.h"
#include "regtarget.h"

/* The periods that are looked at, in their order. */
typedef struct RgtEffectSpan
{
	RgtPeriod  *period;
	DateADT		first;			/* the first day of all */
	int			n;
	int			running;		/* periods left out, because they are not over */
} RgtEffectSpan;

/* The units that are compared, by unit_id. */
typedef struct RgtCompared
{
	int32	   *unit_id;
	int		   *adopted;		/* in which period, from 1 on; the number of periods: not by their end */
	int			n;
	int			early;			/* adopters left out: adopted before the second period */
	int			elsewhere;		/* adopters left out: at another depth, or not open all the time */
} RgtCompared;

/* ---- panel.c: who ------------------------------------------------------------------------------- */

extern RgtEffectSpan rgt_effect_span(const RgtPeriod *from, const RgtPeriod *to);
extern RgtCompared rgt_compared_units(const RgtEffectSpan *span);

/* ---- cells.c: what ------------------------------------------------------------------------------ */

extern bool rgt_higher_is_better(RgtOutcome outcome);

/* What is known of the units in the periods, an array for each outcome: value[outcome][period * units + unit]. */
typedef struct RgtCells
{
	double	   *value[RGT_OUTCOMES];
	bool	   *known[RGT_OUTCOMES];
} RgtCells;

extern RgtCells rgt_read_cells(const RgtEffectSpan *span, const RgtCompared *compared);

#endif							/* REGTARGET_ADOPTION_PANEL_H */
