/*-------------------------------------------------------------------------
 *
 * effect.h
 *		What the adoption of something did to an outcome, judged by all the
 *		other ways in which its dates could have fallen on the same units.
 *
 * A panel has units and periods.  Some units adopt, in a period after the
 * first.  For every group g of units that adopted in period g and every
 * period t from g on, a cell compares changes from g - 1 to t: the mean of
 * the group less the mean of the units that have not adopted by t.  The
 * effect is the mean of the cells, each counted as often as it has adopters.
 * A value that is not known takes its unit out of the cells that need it; a
 * cell without either side is left out.
 *
 * If adoption does nothing, the dates could as well stand at other units, and
 * the effect found is one among those of all re-assignments.  So nothing is
 * supposed about distributions, seasons, or what all units share.
 *
 * Values are rounded to whole multiples of one power of two, fine enough for
 * all 53 bits of the largest as long as the units are fewer than 128 (a bit
 * less for each doubling), and summed as integers: the order of units changes
 * nothing, and no platform either.
 *
 * Part of the kernel: no memory is allocated, nothing is global, no callback.
 *
 *-------------------------------------------------------------------------
 */
#ifndef RGK_EFFECT_H
#define RGK_EFFECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Up to so many re-assignments are all gone through; of more, so many are drawn besides the true one. */
#define RGK_ALL_ASSIGNMENTS 20000
#define RGK_DRAWN_ASSIGNMENTS 9999

/* Where the generator of draw.h begins: 2^64 times the golden ratio's fraction, nothing up the sleeve. */
#define RGK_ASSIGNMENT_SEED UINT64_C(0x9E3779B97F4A7C15)

typedef struct rgk_effect_panel
{
	size_t		units;
	size_t		periods;		/* two at least */
	const double *value;		/* value[t * units + u], finite where known */
	const bool *known;			/* the same way */
	const int  *adopted;		/* of each unit: a period from 1 on; `periods`: not within the panel */
} rgk_effect_panel;

/* A figure that there may be none of. */
typedef struct rgk_figure
{
	bool		known;
	double		value;
} rgk_figure;

typedef struct rgk_effect
{
	size_t		adopters;		/* within the panel, and the others that they are compared with */
	size_t		others;
	size_t		assignments;	/* judged, the true one included */
	bool		drawn;			/* not all there are */
	rgk_figure	effect;
	rgk_figure	p_value;		/* share of the assignments with an effect as large, either way */
	rgk_figure	smallest_p;		/* the same of the one with the largest */
	rgk_figure	low;			/* of the constant effects that a test at 1 - certainty does not refuse */
	rgk_figure	high;
	rgk_figure	deviation;		/* standard deviation over the assignments */
	rgk_figure	before;			/* the same before: mean change of t to g - 1, t < g - 1, against those not in g or earlier */
	rgk_figure	before_p;
	rgk_figure	breaks_at;		/* a drift of so many times the largest step seen before explains the effect */
	rgk_figure	least;			/* with one adopter left out */
	rgk_figure	most;
} rgk_effect;

/* An effect is called one from here on. */
#define RGK_EFFECT_LEVEL 0.05

typedef enum rgk_verdict
{
	RGK_CANNOT_BE_SHOWN,		/* no assignment of the dates could have shown anything, or one adopter stands alone */
	RGK_NO_DIFFERENCE_SHOWN,
	RGK_HIGHER,
	RGK_LOWER
} rgk_verdict;

/*
 * What may be said of an effect.  One adopter never shows anything, however many he is compared with: whatever else
 * happened to him looks the same.
 */
static inline rgk_verdict
rgk_effect_verdict(const rgk_effect *e)
{
	if (!e->effect.known || e->adopters < 2 || e->smallest_p.value > RGK_EFFECT_LEVEL)
		return RGK_CANNOT_BE_SHOWN;
	if (e->p_value.value > RGK_EFFECT_LEVEL)
		return RGK_NO_DIFFERENCE_SHOWN;
	return e->effect.value > 0 ? RGK_HIGHER : RGK_LOWER;
}

typedef struct rgk_effect_work rgk_effect_work;

/* Bytes of scratch that a panel of that size needs, aligned as malloc aligns. */
extern size_t rgk_effect_scratch(size_t units, size_t periods);

/*
 * Begin to judge a panel, which stays where it is until the end; certainty is
 * that of the interval, 0.9 say.  Then rgk_effect_more() judges up to so many
 * assignments, or leaves out so many units one by one, and says whether there
 * is more to do; and once there is not, rgk_effect_end() tells.
 */
extern rgk_effect_work *rgk_effect_begin(const rgk_effect_panel *panel, double certainty, void *scratch);
extern bool rgk_effect_more(rgk_effect_work *work, size_t most);
extern void rgk_effect_end(rgk_effect_work *work, rgk_effect *result);

#endif							/* RGK_EFFECT_H */
