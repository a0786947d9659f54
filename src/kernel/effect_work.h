/*-------------------------------------------------------------------------
 *
 * effect_work.h
 *		What the files of effect.h share; for them alone.
 *
 *-------------------------------------------------------------------------
 */
#ifndef RGK_EFFECT_WORK_H
#define RGK_EFFECT_WORK_H

#include "effect.h"

struct rgk_effect_work
{
	const rgk_effect_panel *panel;
	size_t		units;
	size_t		periods;
	double		certainty;
	int			shift;			/* values are multiples of 2^-shift */
	double		tie;
	int64_t    *value;			/* value[u * periods + t]; 0 where not known */
	uint8_t    *known;
	bool	   *whole;			/* is all known of the unit? */
	int		   *label;			/* of each unit: the period that this assignment lets it adopt in */
	/* Of the assignment at hand, for each label how much there is below it, and of all at periods + 1. */
	size_t	   *first;			/* units */
	size_t	   *first_whole;	/* whole ones */
	int64_t    *sum_value;		/* of whole ones by period */
	int64_t    *sum_adopted;	/* and how many have truly adopted by then */
	size_t	   *first_gappy;	/* those that are not whole, which are gone through one by one, */
	size_t	   *gappy;			/* by label */
	size_t		total;			/* assignments to be judged */
	size_t		judged;
	bool		drawn;
	uint64_t	chance;
	double	   *effect;			/* of each assignment; NaN: it has no cell */
	double	   *of_adoption;
	double		before;			/* of the true one */
	bool		has_before;
	size_t		as_early;		/* assignments with a `before` as large */
	size_t		left_out;		/* so many units were left out, one after the other, once all assignments are judged */
	rgk_figure	least;			/* effects with one adopter left out */
	rgk_figure	most;
};

/* The mean over cells, each as often as it has adopters. */
typedef struct rgk_mean
{
	double		n;
	double		value;
	double		adopted;
	double		length;			/* periods from before the change to its end */
} rgk_mean;

/* ---- effect_cells.c: the statistic of the assignment at hand ---- */

extern rgk_mean rgk_mean_after(const rgk_effect_work *w);
extern rgk_mean rgk_mean_before(const rgk_effect_work *w);
extern rgk_mean rgk_mean_step(const rgk_effect_work *w, size_t distance);

/* ---- effect_assignments.c: one assignment after the other ---- */

extern void rgk_sum_by_label(rgk_effect_work *w);
extern void rgk_take_out(rgk_effect_work *w, size_t u);
extern void rgk_put_back(rgk_effect_work *w, size_t u);
extern void rgk_true_labels(rgk_effect_work *w);
extern void rgk_first_labels(rgk_effect_work *w);
extern void rgk_next_labels(rgk_effect_work *w);
extern size_t rgk_count_assignments(const rgk_effect_work *w);

#endif							/* RGK_EFFECT_WORK_H */
