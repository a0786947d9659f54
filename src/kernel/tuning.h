/*-------------------------------------------------------------------------
 *
 * tuning.h
 *		Which weighting of some factors would have split best, exactly.
 *
 * A panel has rows, one a unit and period, and factors.  A cell is what a
 * split by that factor alone gives the unit, less what the unit really did:
 * total x share - actual, a whole number of any unit that the caller likes.
 * A weighting is a whole number of parts for each factor, all together
 * `parts`.  Since the shares of a weighting are the mean of the factors'
 * shares, a row is off by |sum(weight x cell)| / parts, and the error is
 * the sum of that over all rows.
 *
 * Rows come in groups: in a group the same factors are alive.  A factor that
 * is not alive has cells of 0 there, and its weight goes to the others in
 * proportion: what the group is off by is divided by the weight of those that
 * are alive, rather than by all.  A weighting without weight on any of them
 * cannot split that group, so it is judged nowhere: it is no answer.
 *
 * Errors are whole numbers: sums over a group are exact, and where a group's
 * factors are not all alive its quotient is rounded down once.  So platform
 * and compiler change nothing.  Between equal errors the weighting that is
 * nearest to the one in force is better (sum of the differences of weights),
 * and between those the one that gives more to the first factor, then to the
 * second, and so on.
 *
 * On a line of the grid, where weight goes from one factor to another, every
 * row's sum is linear in the place on the line: its absolute value changes
 * slope once, at its root.  Each such change goes into the bin of its root,
 * and one pass over the bins gives the error at every point of the line: a
 * line costs its rows and its points, not their product.
 *
 * The error of a group is convex before it is divided.  So at every point
 * that was judged its signs give a plane that lies nowhere above the error: a
 * cut.  Where a cut shows that a part of the grid is worse than what is wanted
 * already, that part is passed over; the answer is that of judging them all.
 *
 * Part of the kernel: no memory is allocated, nothing is global, no callback.
 * Needs a compiler with a 128-bit integer (gcc and clang on 64-bit targets).
 *
 *-------------------------------------------------------------------------
 */
#ifndef RGK_TUNING_H
#define RGK_TUNING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RGK_MAX_FACTORS 31
#define RGK_MAX_CUTS 256

/* The most that the greatest cells of all rows may add up to, times parts. */
#define RGK_MAX_ERROR (INT64_C(1) << 60)

/* What the weights in force add up to. */
#define RGK_IN_FORCE INT64_C(1000000)

/* The error of a weighting that cannot split some group. */
#define RGK_NO_ERROR INT64_MAX

typedef struct rgk_panel
{
	int			factors;		/* 1 to RGK_MAX_FACTORS */
	size_t		rows;
	size_t		groups;
	const size_t *first;		/* row of each group, and behind them rows */
	const uint32_t *alive;		/* bit f of a group's: factor f is alive */
	const int64_t *cell;		/* of factor f and row i: [f * rows + i] */
} rgk_panel;

typedef struct rgk_weighting
{
	int64_t		error;			/* in parts of the cells' unit */
	int64_t		distance;		/* from the weights in force */
	int32_t		weight[RGK_MAX_FACTORS];
} rgk_weighting;

typedef enum rgk_tuning_status
{
	RGK_TUNING_DONE = 0,
	RGK_TUNING_MORE,			/* call again: the work allowed is done */
	RGK_TUNING_RANGE			/* cells, parts or factors are out of range */
} rgk_tuning_status;

/* One cut: at a weighting the signs of the rows, applied to the cells. */
typedef struct rgk_cut
{
	int64_t		least[RGK_MAX_FACTORS]; /* of the slopes of the factors from this place in their order on */
} rgk_cut;

/* What each row's cells add up to, by these weights. */
typedef struct rgk_sums
{
	int32_t		weight[RGK_MAX_FACTORS];
	int64_t    *row;
} rgk_sums;

/* A search under way; the caller reads best, found and judged alone. */
typedef struct rgk_tuning
{
	rgk_panel	panel;
	int32_t		parts;
	size_t		keep;
	rgk_weighting *best;		/* `found` of them, once done in order */
	size_t		found;
	uint64_t	lines;			/* that were judged */
	/* The rest is the search's own. */
	int64_t		in_force[RGK_MAX_FACTORS];
	bool		whole;			/* all factors are alive everywhere */
	int64_t		limit;			/* what is above it is not wanted */
	size_t		ncuts;
	size_t		most_cuts;
	size_t		next_cut;
	size_t		last_hit;
	rgk_cut    *cut;
	int64_t    *slope;			/* of a cut, group and factor */
	int			order[RGK_MAX_FACTORS]; /* in which factors are given their weights; the last two make the lines */
	int			depth;
	int32_t		weight[RGK_MAX_FACTORS];
	int32_t		left[RGK_MAX_FACTORS];	/* at each depth */
	bool		over;
	rgk_sums	sums;			/* of each row, */
	int64_t    *step;			/* their steps along the last two factors, */
	double	   *inverse;		/* and one divided by its size */
	int64_t    *other_step;		/* the same along any line */
	double	   *other_inverse;
	int64_t    *bins;			/* two for each point of a line */
	int64_t    *errors;			/* of each point */
	int64_t    *lowest;			/* the errors of a survey, a heap */
	size_t		nlowest;
} rgk_tuning;

/* How many weightings a grid has, UINT64_MAX when too many to count. */
extern uint64_t rgk_tuning_points(int factors, int32_t parts);

/*
 * Begin a search for the `keep` best weightings of the grid.  in_force adds
 * up to RGK_IN_FORCE.  cuts (0 to RGK_MAX_CUTS) is how many are remembered; 0:
 * every line is judged.  scratch holds rgk_tuning_scratch() bytes and is
 * aligned as malloc aligns; panel and scratch stay until the end.
 */
extern size_t rgk_tuning_scratch(const rgk_panel *panel, int32_t parts, size_t keep, size_t cuts);
extern rgk_tuning_status rgk_tuning_begin(rgk_tuning *tuning, const rgk_panel *panel, int32_t parts,
										  const int64_t *in_force, size_t keep, size_t cuts, void *scratch);

/*
 * Go on, for about so many rows: RGK_TUNING_MORE, or RGK_TUNING_DONE with
 * best[] in order.
 */
extern rgk_tuning_status rgk_tuning_run(rgk_tuning *tuning, uint64_t work);

/* The error of one weighting of so many parts. */
extern int64_t rgk_tuning_error(const rgk_panel *panel, const int32_t *weight, int32_t parts);

/* -1, 0 or 1: which of two weightings of as many parts is better. */
extern int	rgk_tuning_order(const rgk_weighting *a, const rgk_weighting *b, int factors);

/*
 * The weighting of least error among all that add up to 1, from the one that
 * weight[] has.  Where all factors are alive everywhere it is the optimum, but
 * for rounding, wherever it starts; otherwise one that is no worse than where it
 * started, and that small steps hardly ever better.  It is computed in doubles in
 * one order of operations.
 */
extern size_t rgk_optimum_scratch(const rgk_panel *panel);
extern void rgk_optimum(const rgk_panel *panel, double *weight, void *scratch);

#endif							/* RGK_TUNING_H */
