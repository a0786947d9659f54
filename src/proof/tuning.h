/*
 * proof/tuning.h
 *	  The best weightings of a panel's candidates, by some of its periods.
 */
#ifndef REGTARGET_PROOF_TUNING_H
#define REGTARGET_PROOF_TUNING_H

#include "proof/panel.h"

/* Weights off the grid are whole multiples of 10^-6. */
#define RGT_FINE_PARTS 1000000
#define RGT_FINE_DIGITS 6

/* So many weightings are told. */
#define RGT_BEST 100

typedef struct RgtWeighting
{
	int32		parts;			/* all weights together */
	int32	   *weight;			/* of each candidate of the panel */
	double		error;			/* over the periods judged */
	double		distance;		/* from the weights in force */
} RgtWeighting;

typedef struct RgtTuned
{
	RgtWeighting *best;			/* in their order */
	int			n;
	bool	   *judged;			/* periods */
	int			periods;		/* so many */
	double		rival_error[RGT_RIVALS];	/* over the same periods; NaN: it has none in some of them */
} RgtTuned;

/* Which grid: so many parts, or RGT_FINEST and then off it; RGT_NO_GRID leaves out the grid where it adds nothing. */
#define RGT_FINEST 0
#define RGT_NO_GRID (-1)

extern RgtTuned rgt_tune(RgtPanel *panel, const bool *among, int32 parts, int keep);
extern bool rgt_off_of(RgtPanel *panel, int period, const RgtWeighting *weighting, RgtOff *off);
extern bool rgt_error_over(RgtPanel *panel, const bool *judged, const RgtWeighting *weighting, double *error);
extern bool rgt_rival_error_over(RgtPanel *panel, const bool *judged, RgtRival rival, bool all, double *error);
extern Datum rgt_weighting_jsonb(const RgtPanel *panel, const RgtWeighting *weighting);

#endif							/* REGTARGET_PROOF_TUNING_H */
