/*
 * tuning_line.h
 *		A line of the grid of weightings: what the files of tuning share.
 */
#ifndef RGK_TUNING_LINE_H
#define RGK_TUNING_LINE_H

#include "tuning.h"

/* Points 0 .. length: so much weight for factor i, the rest of length for j; the others as they are in weight. */
typedef struct rgk_line
{
	const rgk_panel *panel;
	const int32_t *weight;
	int			i;
	int			j;
	int32_t		length;
	int32_t		parts;
	const int64_t *step;		/* as rgk_line_steps() has them */
	const double *inverse;
} rgk_line;

extern void rgk_line_steps(const rgk_panel *panel, int i, int j, int64_t *step, double *inverse);
extern void rgk_line_errors(const rgk_line *line, rgk_sums *sums, int64_t *bins, int64_t *errors);
extern void rgk_line_cut(const rgk_panel *panel, const int32_t *weight, rgk_sums *sums, int64_t *turn,
						 int64_t *slope);

#endif							/* RGK_TUNING_LINE_H */
