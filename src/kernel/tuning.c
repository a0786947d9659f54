/*-------------------------------------------------------------------------
 *
 * tuning.c
 *		The grid of weightings, line by line.
 *
 * A prefix fixes the weights of all factors but the last two; what it leaves
 * is a line along those.  Prefixes are gone through depth first, so that a cut
 * passes over all prefixes that begin alike at once.  Before that a survey
 * follows the best points of lines through the best so far, in all directions,
 * until none betters it: the points of the last round say how good the answers
 * must be at least, and give the first cuts.  Factors that have little weight
 * where it ends are fixed first, as more weight for them is soon too much.
 *
 *-------------------------------------------------------------------------
 */
#include "tuning.h"

#include <string.h>

#include "tuning_line.h"

uint64_t
rgk_tuning_points(int factors, int32_t parts)
{
	uint64_t	points = 1;

	/* C(parts + k, k) from C(parts + k - 1, k - 1), which divides evenly. */
	for (int k = 1; k < factors; k++)
	{
		uint64_t	factor = (uint64_t) parts + (uint64_t) k;

		if (points > UINT64_MAX / factor)
			return UINT64_MAX;
		points = points * factor / (uint64_t) k;
	}
	return points;
}

/* ---------- memory ---------- */

static void *
carve(uintptr_t *room, size_t count, size_t size)
{
	void	   *piece = (void *) *room;

	*room += (count * size + 15) / 16 * 16;
	return piece;
}

/* Lay the arrays out behind `room`; returns where they end. */
static uintptr_t
lay_out(rgk_tuning *t, uintptr_t room)
{
	size_t		rows = t->panel.rows;
	size_t		points = (size_t) t->parts + 2;
	size_t		factors = (size_t) t->panel.factors;

	t->best = carve(&room, t->keep, sizeof(rgk_weighting));
	t->lowest = carve(&room, t->keep, sizeof(int64_t));
	t->cut = carve(&room, t->most_cuts, sizeof(rgk_cut));
	t->slope = carve(&room, t->most_cuts * t->panel.groups * factors, sizeof(int64_t));
	t->sums.row = carve(&room, rows, sizeof(int64_t));
	t->step = carve(&room, rows, sizeof(int64_t));
	t->other_step = carve(&room, rows, sizeof(int64_t));
	t->inverse = carve(&room, rows, sizeof(double));
	t->other_inverse = carve(&room, rows, sizeof(double));
	t->bins = carve(&room, 2 * points, sizeof(int64_t));
	t->errors = carve(&room, points, sizeof(int64_t));
	return room;
}

size_t
rgk_tuning_scratch(const rgk_panel *panel, int32_t parts, size_t keep, size_t cuts)
{
	rgk_tuning	t = {.panel = *panel, .parts = parts, .keep = keep, .most_cuts = cuts};

	return (size_t) lay_out(&t, 0);
}

/* ---------- the best so far ---------- */

int
rgk_tuning_order(const rgk_weighting *a, const rgk_weighting *b, int factors)
{
	if (a->error != b->error)
		return a->error < b->error ? -1 : 1;
	if (a->distance != b->distance)
		return a->distance < b->distance ? -1 : 1;
	for (int f = 0; f < factors; f++)
	{
		if (a->weight[f] != b->weight[f])
			return a->weight[f] > b->weight[f] ? -1 : 1;
	}
	return 0;
}

/* Let the element at `i` of a heap, whose worst comes first, sink to its place. */
static void
sink(rgk_tuning *t, size_t i, size_t n)
{
	rgk_weighting moving = t->best[i];

	for (;;)
	{
		size_t		child = 2 * i + 1;

		if (child >= n)
			break;
		if (child + 1 < n && rgk_tuning_order(&t->best[child], &t->best[child + 1], t->panel.factors) < 0)
			child++;
		if (rgk_tuning_order(&t->best[child], &moving, t->panel.factors) <= 0)
			break;
		t->best[i] = t->best[child];
		i = child;
	}
	t->best[i] = moving;
}

/* Once all places are taken, whatever is worse than the last is not wanted. */
static void
keep_weighting(rgk_tuning *t, const rgk_weighting *found)
{
	if (t->found < t->keep)
	{
		t->best[t->found++] = *found;
		if (t->found < t->keep)
			return;
		for (size_t i = t->keep / 2; i-- > 0;)
			sink(t, i, t->keep);
	}
	else if (rgk_tuning_order(found, &t->best[0], t->panel.factors) < 0)
	{
		t->best[0] = *found;
		sink(t, 0, t->keep);
	}
	if (t->best[0].error < t->limit)
		t->limit = t->best[0].error;
}

static void
put_in_order(rgk_tuning *t)
{
	/* A heap sorts itself; one that is not full was none yet. */
	for (size_t i = t->found / 2; i-- > 0;)
		sink(t, i, t->found);
	for (size_t n = t->found; n > 1; n--)
	{
		rgk_weighting worst = t->best[0];

		t->best[0] = t->best[n - 1];
		t->best[n - 1] = worst;
		sink(t, 0, n - 1);
	}
}

static int64_t
distance_of(const rgk_tuning *t, const int32_t *weight)
{
	int64_t		distance = 0;

	for (int f = 0; f < t->panel.factors; f++)
	{
		int64_t		apart = weight[f] * RGK_IN_FORCE - t->in_force[f] * t->parts;

		distance += apart < 0 ? -apart : apart;
	}
	return distance;
}

/* ---------- cuts ---------- */

/* What is left to the factors from some place in their order on costs at least the least of their slopes. */
static void
set_least(const rgk_tuning *t, size_t c)
{
	int			factors = t->panel.factors;
	const int64_t *slope = &t->slope[c * t->panel.groups * (size_t) factors];
	int64_t		least = INT64_MAX;

	for (int k = factors; k-- > 0;)
	{
		least = slope[t->order[k]] < least ? slope[t->order[k]] : least;
		t->cut[c].least[k] = least;
	}
}

/* Remember the cut at a weighting, in place of the oldest when there are too many. */
static void
add_cut(rgk_tuning *t, const int32_t *weight)
{
	int			factors = t->panel.factors;
	size_t		size = t->panel.groups * (size_t) factors;
	int64_t    *slope = &t->slope[t->next_cut * size];

	if (t->most_cuts == 0 || t->panel.groups == 0)
		return;
	rgk_line_cut(&t->panel, weight, &t->sums, t->other_step, slope);
	/* Groups that are all divided alike are one. */
	for (size_t i = (size_t) factors; t->whole && i < size; i++)
		slope[i % (size_t) factors] += slope[i];
	set_least(t, t->next_cut);
	t->next_cut = (t->next_cut + 1) % t->most_cuts;
	if (t->ncuts < t->most_cuts)
		t->ncuts++;
}

/* At least how far a cut says a group is off, by a prefix of n factors that leaves so much to the others. */
static double
least_of_group(const rgk_tuning *t, size_t group, const int64_t *slope, int n, int32_t left)
{
	uint32_t	alive = t->panel.alive[group];
	double		sum = 0;
	double		weight = 0;
	double		least = -1;

	for (int k = 0; k < n; k++)
	{
		int			f = t->order[k];

		sum += (double) slope[f] * t->weight[f];
		weight += alive >> f & 1 ? t->weight[f] : 0;
	}
	/* A quotient of two linear functions is least where all that is left goes to one factor. */
	for (int k = n; k < t->panel.factors; k++)
	{
		int			f = t->order[k];
		double		over = weight + (alive >> f & 1 ? left : 0);
		double		value = over > 0 ? (sum + (double) slope[f] * left) / over : 0;

		value = value > 0 ? value : 0;
		least = least < 0 || value < least ? value : least;
	}
	return least * t->parts;
}

/* Does this cut say that all that begins with a prefix is above the limit? */
static bool
cuts_off(const rgk_tuning *t, size_t c, int n, int32_t left)
{
	size_t		size = t->panel.groups * (size_t) t->panel.factors;
	const int64_t *slope = &t->slope[c * size];
	int64_t		exact;
	double		least = 0;

	if (t->whole)
	{
		exact = t->cut[c].least[n] * left;
		for (int k = 0; k < n; k++)
			exact += slope[t->order[k]] * t->weight[t->order[k]];
		return exact > t->limit;
	}
	for (size_t g = 0; g < t->panel.groups; g++)
		least += least_of_group(t, g, slope + g * (size_t) t->panel.factors, n, left);
	/* Far more than doubles and quotients rounded down can be wrong by. */
	return least * (1 - 1e-9) - (double) t->panel.groups > (double) t->limit;
}

/* Is all that begins with a prefix of n factors above the limit? */
static bool
passed_over(rgk_tuning *t, int n, int32_t left)
{
	if (t->limit == RGK_NO_ERROR || t->ncuts == 0)
		return false;
	if (cuts_off(t, t->last_hit, n, left))
		return true;
	for (size_t c = 0; c < t->ncuts; c++)
	{
		if (c == t->last_hit || !cuts_off(t, c, n, left))
			continue;
		t->last_hit = c;
		return true;
	}
	return false;
}

/* ---------- the grid ---------- */

/* Judge the line that the prefix leaves: its wanted points are kept, its best gives a cut. */
static void
judge_line(rgk_tuning *t)
{
	int			i = t->order[t->panel.factors - 2];
	int			j = t->order[t->panel.factors - 1];
	int32_t		left = t->left[t->panel.factors - 2];
	rgk_line	line = {&t->panel, t->weight, i, j, left, t->parts, t->step, t->inverse};
	int32_t		least = 0;

	rgk_line_errors(&line, &t->sums, t->bins, t->errors);
	t->lines++;
	for (int32_t p = 0; p <= left; p++)
	{
		if (t->errors[p] < t->errors[least])
			least = p;
		if (t->errors[p] <= t->limit && t->errors[p] != RGK_NO_ERROR)
		{
			rgk_weighting found = {.error = t->errors[p]};

			memcpy(found.weight, t->weight, sizeof(found.weight));
			found.weight[i] = p;
			found.weight[j] = left - p;
			found.distance = distance_of(t, found.weight);
			keep_weighting(t, &found);
		}
	}
	t->weight[i] = least;
	t->weight[j] = left - least;
	add_cut(t, t->weight);
}

/* To the next prefix whose line is to be judged; false when there is none, or the work allowed is done. */
static bool
next_line(rgk_tuning *t, uint64_t *done, uint64_t work)
{
	int			deepest = t->panel.factors - 3;

	if (deepest < 0)
	{
		t->left[0] = t->parts;
		return !t->over && (t->over = true);
	}
	while (t->depth >= 0 && *done < work)
	{
		int			d = t->depth;
		int			f = t->order[d];
		int32_t		left;

		if (t->weight[f] >= t->left[d])
		{
			t->depth--;
			continue;
		}
		t->weight[f]++;
		*done += 1 + t->ncuts / 8;
		left = t->left[d] - t->weight[f];
		t->left[d + 1] = left;
		if (passed_over(t, d + 1, left))
			continue;
		if (d == deepest)
			return true;
		t->weight[t->order[++t->depth]] = -1;
	}
	t->over = t->depth < 0;
	return false;
}

/* ---------- the survey ---------- */

/* Among the lowest errors of a round, as many as are wanted: a heap whose greatest comes first. */
static void
note_error(rgk_tuning *t, int64_t error)
{
	size_t		i;

	if (error == RGK_NO_ERROR)
		return;
	if (t->nlowest < t->keep)
	{
		for (i = t->nlowest++; i > 0 && t->lowest[(i - 1) / 2] < error; i = (i - 1) / 2)
			t->lowest[i] = t->lowest[(i - 1) / 2];
		t->lowest[i] = error;
		return;
	}
	if (error >= t->lowest[0])
		return;
	for (i = 0; 2 * i + 1 < t->keep;)
	{
		size_t		child = 2 * i + 1;

		child += child + 1 < t->keep && t->lowest[child] < t->lowest[child + 1];
		if (t->lowest[child] <= error)
			break;
		t->lowest[i] = t->lowest[child];
		i = child;
	}
	t->lowest[i] = error;
}

/* All points of the line through a weighting along two factors but itself; moves `to` where one is better. */
static void
survey_line(rgk_tuning *t, const int32_t *weight, int64_t error, int i, int j, rgk_weighting *to)
{
	rgk_line	line = {&t->panel, weight, i, j, weight[i] + weight[j], t->parts, t->other_step, t->other_inverse};

	if (line.length == 0)
		return;
	rgk_line_steps(&t->panel, i, j, t->other_step, t->other_inverse);
	rgk_line_errors(&line, &t->sums, t->bins, t->errors);
	for (int32_t p = 0; p <= line.length; p++)
	{
		if (p == weight[i])
			continue;
		note_error(t, t->errors[p]);
		if (t->errors[p] >= error || t->errors[p] >= to->error)
			continue;
		memcpy(to->weight, weight, sizeof(to->weight));
		to->error = t->errors[p];
		to->weight[i] = p;
		to->weight[j] = line.length - p;
	}
}

/* Those of little weight first. */
static void
put_factors_in_order(rgk_tuning *t, const int32_t *weight)
{
	for (int k = 1; k < t->panel.factors; k++)
	{
		int			f = t->order[k];
		int			place = k;

		for (; place > 0 && weight[t->order[place - 1]] > weight[f]; place--)
			t->order[place] = t->order[place - 1];
		t->order[place] = f;
	}
	for (size_t c = 0; c < t->ncuts; c++)
		set_least(t, c);
}

/* From the best factor alone downhill, and what the last round's points promise. */
static void
survey(rgk_tuning *t)
{
	int			factors = t->panel.factors;
	rgk_weighting at = {.error = RGK_NO_ERROR};

	for (int f = 0; f < factors; f++)
	{
		rgk_weighting alone = {.weight = {0}};

		alone.weight[f] = t->parts;
		alone.error = rgk_tuning_error(&t->panel, alone.weight, t->parts);
		if (f == 0 || alone.error < at.error)
			at = alone;
	}
	for (int round = 0; round < 100; round++)
	{
		rgk_weighting to = at;

		t->nlowest = 0;
		note_error(t, at.error);
		for (int i = 0; i < factors; i++)
			for (int j = i + 1; j < factors; j++)
				survey_line(t, at.weight, at.error, i, j, &to);
		add_cut(t, at.weight);
		if (to.error == at.error)
			break;
		at = to;
	}
	if (t->nlowest == t->keep)
		t->limit = t->lowest[0];
	put_factors_in_order(t, at.weight);
}

/* ---------- from outside ---------- */

/* Are sums within their range, and groups what they must be? */
static bool
in_range(const rgk_panel *panel, int32_t parts)
{
	__extension__ typedef unsigned __int128 uint128;
	uint128		sum = 0;

	for (size_t i = 0; i < panel->rows; i++)
	{
		uint64_t	greatest = 0;

		for (int f = 0; f < panel->factors; f++)
		{
			int64_t		cell = panel->cell[(size_t) f * panel->rows + i];
			uint64_t	size = cell < 0 ? -(uint64_t) cell : (uint64_t) cell;

			greatest = size > greatest ? size : greatest;
		}
		sum += greatest;
	}
	return sum * (uint64_t) parts <= (uint64_t) RGK_MAX_ERROR;
}

rgk_tuning_status
rgk_tuning_begin(rgk_tuning *t, const rgk_panel *panel, int32_t parts, const int64_t *in_force,
				 size_t keep, size_t cuts, void *scratch)
{
	int			factors = panel->factors;

	if (factors < 1 || factors > RGK_MAX_FACTORS || parts < 1 || keep < 1 || cuts > RGK_MAX_CUTS ||
		!in_range(panel, parts))
		return RGK_TUNING_RANGE;
	memset(t, 0, sizeof(*t));
	t->panel = *panel;
	t->parts = parts;
	t->keep = keep;
	t->most_cuts = cuts;
	t->limit = RGK_NO_ERROR;
	t->whole = true;
	for (size_t g = 0; g < panel->groups; g++)
		t->whole = t->whole && panel->alive[g] == (UINT32_C(1) << factors) - 1;
	memcpy(t->in_force, in_force, sizeof(int64_t) * (size_t) factors);
	for (int f = 0; f < factors; f++)
		t->order[f] = f;
	lay_out(t, (uintptr_t) scratch);
	memset(t->sums.row, 0, panel->rows * sizeof(int64_t));
	if (factors == 1)
		return RGK_TUNING_DONE;
	if (cuts > 0)
		survey(t);
	rgk_line_steps(panel, t->order[factors - 2], t->order[factors - 1], t->step, t->inverse);
	memset(t->weight, 0, sizeof(t->weight));
	t->weight[t->order[0]] = -1;
	t->left[0] = parts;
	return RGK_TUNING_DONE;
}

/* There is but one weighting of a single factor. */
static void
judge_alone(rgk_tuning *t)
{
	rgk_weighting alone = {.weight = {t->parts}};

	alone.error = rgk_tuning_error(&t->panel, alone.weight, t->parts);
	alone.distance = distance_of(t, alone.weight);
	if (alone.error != RGK_NO_ERROR)
		t->best[t->found++] = alone;
	t->over = true;
}

rgk_tuning_status
rgk_tuning_run(rgk_tuning *t, uint64_t work)
{
	uint64_t	done = 0;

	if (t->panel.factors == 1 && !t->over)
		judge_alone(t);
	while (done < work)
	{
		if (next_line(t, &done, work))
		{
			judge_line(t);
			done += t->panel.rows + 1;
		}
		else if (t->over)
		{
			put_in_order(t);
			return RGK_TUNING_DONE;
		}
	}
	return RGK_TUNING_MORE;
}
