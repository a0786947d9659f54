/*
 * proof/race.h
 *	  The candidates that take part in a search, and some periods of a panel as the kernel sees them.
 */
#ifndef REGTARGET_PROOF_RACE_H
#define REGTARGET_PROOF_RACE_H

#include "kernel/tuning.h"
#include "proof/panel.h"

typedef struct RgtRace
{
	rgk_panel	panel;			/* factors 0: nobody takes part */
	int			candidate[RGK_MAX_FACTORS]; /* of the panel of periods, for each factor */
	int64		in_force[RGK_MAX_FACTORS];
	bool		convex;			/* everybody has something in every period */
	size_t	   *first;
	uint32	   *alive;
	int64	   *cell;
	MemoryContext context;
} RgtRace;

extern RgtRace *rgt_race(RgtPanel *panel, const bool *judged, int32 parts);
extern void rgt_race_end(RgtRace *race);

#endif							/* REGTARGET_PROOF_RACE_H */
