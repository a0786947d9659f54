/*-------------------------------------------------------------------------
 *
 * tuning_line.c
 *		The errors of all points of a line, and the signs at one point.
 *
 * Everything is a whole number.  A double only guesses in which bin a root
 * lies; being off by one at most, the guess is put right in whole numbers.
 *
 *-------------------------------------------------------------------------
 */
#include "tuning_line.h"

#include <string.h>

__extension__ typedef unsigned __int128 uint128;

/* How much each row's sum changes from one point to the next, and one divided by its size (0: not at all). */
void
rgk_line_steps(const rgk_panel *panel, int i, int j, int64_t *step, double *inverse)
{
	const int64_t *more = panel->cell + (size_t) i * panel->rows;
	const int64_t *less = panel->cell + (size_t) j * panel->rows;

	for (size_t r = 0; r < panel->rows; r++)
	{
		int64_t		s = more[r] - less[r];

		step[r] = s;
		inverse[r] = s == 0 ? 0.0 : 1.0 / (double) (s < 0 ? -s : s);
	}
}

/* Add a factor's cells, so many times, to the rows' sums. */
static void
add_cells(const rgk_panel *panel, int factor, int64_t times, int64_t *sum)
{
	const int64_t *cell = panel->cell + (size_t) factor * panel->rows;

	if (times == 1)
		for (size_t r = 0; r < panel->rows; r++)
			sum[r] += cell[r];
	else if (times == -1)
		for (size_t r = 0; r < panel->rows; r++)
			sum[r] -= cell[r];
	else if (times != 0)
		for (size_t r = 0; r < panel->rows; r++)
			sum[r] += times * cell[r];
}

/* Bring the rows' sums to a weighting: from one line to the next few weights change, and mostly by one. */
static void
sum_rows(const rgk_panel *panel, const int32_t *weight, rgk_sums *sums)
{
	for (int f = 0; f < panel->factors; f++)
	{
		add_cells(panel, f, weight[f] - sums->weight[f], sums->row);
		sums->weight[f] = weight[f];
	}
}

/*
 * Some rows' sums at point 0 and their steps, each turned so that it begins at 0 or above; where it falls, its bin
 * behind the root takes it twice away.  bins: pairs of a constant and a slope; the last but one point's successor
 * takes what turns behind the end.
 */
static void
fill_bins(const int64_t *base, const int64_t *step, const double *inverse, size_t from, size_t to,
		  int32_t length, int64_t *bins)
{
	int64_t		constant = 0;
	int64_t		slope = 0;

	for (size_t r = from; r < to; r++)
	{
		int64_t		turn = -(int64_t) (base[r] < 0);
		int64_t		x = (base[r] ^ turn) - turn;
		int64_t		s = (step[r] ^ turn) - turn;
		double		guess = (double) x * inverse[r];
		int64_t		k = guess < (double) length ? (int64_t) guess : length;
		int64_t		there = x + k * s;
		int64_t    *bin;

		k += (int64_t) (there + s >= 0) - (int64_t) (there < 0);
		k = s < 0 && k < length ? k : length;
		bin = bins + 2 * (k + 1);
		constant += x;
		slope += s;
		bin[0] -= 2 * x;
		bin[1] -= 2 * s;
	}
	bins[0] += constant;
	bins[1] += slope;
}

/* What a group is off by, so that errors of all groups add up: in parts, whatever weight is alive. */
static int64_t
in_parts(int64_t off, int32_t weight, int32_t parts)
{
	if (weight == parts)
		return off;
	return (int64_t) ((uint128) (uint64_t) off * (uint64_t) parts / (uint64_t) weight);
}

/* The weight that is alive in a group, but for factors i and j. */
static int32_t
weight_alive(const rgk_panel *panel, size_t group, const int32_t *weight, int i, int j)
{
	int32_t		alive = 0;

	for (int f = 0; f < panel->factors; f++)
		alive += f != i && f != j && panel->alive[group] >> f & 1 ? weight[f] : 0;
	return alive;
}

/* From a group's bins to what it adds to the error of each point. */
static void
add_group(const rgk_line *line, size_t group, const int64_t *bins, int64_t *errors)
{
	int32_t		others = weight_alive(line->panel, group, line->weight, line->i, line->j);
	bool		alive_i = line->panel->alive[group] >> line->i & 1;
	bool		alive_j = line->panel->alive[group] >> line->j & 1;
	int64_t		constant = 0;
	int64_t		slope = 0;

	for (int32_t p = 0; p <= line->length; p++)
	{
		int32_t		alive = others + (alive_i ? p : 0) + (alive_j ? line->length - p : 0);

		constant += bins[2 * p];
		slope += bins[2 * p + 1];
		if (alive == 0 || errors[p] == RGK_NO_ERROR)
			errors[p] = RGK_NO_ERROR;
		else
			errors[p] += in_parts(constant + p * slope, alive, line->parts);
	}
}

/* The errors of all points; leaves the sums at point 0.  bins is scratch, of length + 2 pairs. */
void
rgk_line_errors(const rgk_line *line, rgk_sums *sums, int64_t *bins, int64_t *errors)
{
	const rgk_panel *panel = line->panel;
	size_t		points = (size_t) line->length + 1;
	int32_t		start[RGK_MAX_FACTORS];

	memcpy(start, line->weight, sizeof(start));
	start[line->i] = 0;
	start[line->j] = line->length;
	sum_rows(panel, start, sums);
	memset(errors, 0, points * sizeof(int64_t));
	for (size_t g = 0; g < panel->groups; g++)
	{
		memset(bins, 0, 2 * (points + 1) * sizeof(int64_t));
		fill_bins(sums->row, line->step, line->inverse, panel->first[g], panel->first[g + 1], line->length, bins);
		add_group(line, g, bins, errors);
	}
}

/*
 * The cut at a weighting, a slope for each group and factor: the signs of the rows' sums, applied to the cells.
 * turn is scratch, of a row.
 */
void
rgk_line_cut(const rgk_panel *panel, const int32_t *weight, rgk_sums *sums, int64_t *turn, int64_t *slope)
{
	sum_rows(panel, weight, sums);
	for (size_t r = 0; r < panel->rows; r++)
		turn[r] = -(int64_t) (sums->row[r] < 0);
	for (size_t g = 0; g < panel->groups; g++)
	{
		for (int f = 0; f < panel->factors; f++)
		{
			const int64_t *cell = panel->cell + (size_t) f * panel->rows;
			int64_t		sum = 0;

			for (size_t r = panel->first[g]; r < panel->first[g + 1]; r++)
				sum += (cell[r] ^ turn[r]) - turn[r];
			slope[g * (size_t) panel->factors + (size_t) f] = sum;
		}
	}
}

int64_t
rgk_tuning_error(const rgk_panel *panel, const int32_t *weight, int32_t parts)
{
	int64_t		error = 0;

	for (size_t g = 0; g < panel->groups; g++)
	{
		int32_t		alive = weight_alive(panel, g, weight, -1, -1);
		int64_t		off = 0;

		if (alive == 0)
			return RGK_NO_ERROR;
		for (size_t r = panel->first[g]; r < panel->first[g + 1]; r++)
		{
			int64_t		sum = 0;

			for (int f = 0; f < panel->factors; f++)
				sum += weight[f] * panel->cell[(size_t) f * panel->rows + r];
			off += sum < 0 ? -sum : sum;
		}
		error += in_parts(off, alive, parts);
	}
	return error;
}
