/*
 * proof/panel.h
 *	  What each factor would have made of past periods among the root's children, kept in memory, so that any weighting
 *	  of them can be judged without reading anything again.
 */
#ifndef REGTARGET_PROOF_PANEL_H
#define REGTARGET_PROOF_PANEL_H

#include "kernel/tuning.h"
#include "proof/replay.h"

typedef enum RgtRival
{
	RGT_RIVAL_PREVIOUS, RGT_RIVAL_LAST_YEAR, RGT_RIVALS
} RgtRival;

/* A factor, of one signal or several: whoever names it gives it one weight. */
typedef struct RgtCandidate
{
	const char *name;
	double		in_force;		/* its share of the weights as the table has them */
	double		whole;			/* what its signals' weights add up to, 0: they count alike */
	int			signals;
} RgtCandidate;

typedef struct RgtPanelPeriod
{
	const RgtPeriod *period;
	bool		usable;			/* the root was open, has children, and brought something */
	int			n;				/* children */
	int64		total;			/* in steps of so much */
	double		step;
	int64	   *actual;			/* of each child */
	double		brought;		/* all of them, in steps */
	RgtWeights *weights;		/* what the signals say of them */
	double	  **share;			/* of each candidate alone; NULL: it has nothing to split by */
	bool	   *refused;		/* candidates with a negative value */
} RgtPanelPeriod;

typedef struct RgtPanel
{
	RgtFactors	factors;		/* signals of the table, and behind them the rivals' */
	int			nsignals;		/* of the table */
	int		   *candidate_of;	/* of each */
	RgtCandidate *candidate;
	int			candidates;
	int			alone[RGT_RIVALS];	/* the candidate that is a rival; -1: none */
	RgtPanelPeriod *period;
	int			n;
	double	   *signal_weight;	/* scratch, of each signal; */
	double	   *weight;			/* of each child, */
	int64	   *part;
	void	   *scratch;
} RgtPanel;

/* What a split of a period was off by, and what came, in the currency. */
typedef struct RgtOff
{
	double		off;
	double		actual;
} RgtOff;

extern int	rgt_count_candidates(void);
extern RgtPanel *rgt_panel(const RgtReplay *replay);
extern bool rgt_panel_off(RgtPanel *panel, int period, const double *weight, RgtOff *off);
extern bool rgt_panel_rival_off(RgtPanel *panel, int period, RgtRival rival, RgtOff *off);

#endif							/* REGTARGET_PROOF_PANEL_H */
