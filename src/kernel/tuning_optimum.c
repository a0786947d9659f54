/*-------------------------------------------------------------------------
 *
 * tuning_optimum.c
 *		The weighting of least error, not bound to any grid.
 *
 * The error of weights that add up to 1 and are not negative is a sum of
 * absolute values: least absolute deviations.  Its least value is found at a
 * corner, where as many rows are met exactly, or weights 0, as there are
 * factors less one.  The search goes from corner to corner.  At each there is
 * one edge for every row or weight that holds it; along the steepest one that
 * falls it goes as far as the error falls, past any number of roots, to the
 * weighted median of those on the way.  The error being convex, a corner none
 * of whose edges falls is the optimum, provided that no more rows meet there
 * than hold it.  To that end every row is moved by a small amount of its own,
 * 2^-45 of the whole or so: far below what a rounded weight can show.
 *
 * Where groups have factors that are not alive, the error of a group is
 * divided by the weight that is.  Then the quotient is replaced by what touches
 * it at the weighting at hand, with the divisor's change as a linear term; the
 * optimum of that gives a direction, along which the true error must fall.
 * Repeated until it does not.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "tuning.h"

#define MOST_CORNERS 2000
#define MOST_ROUNDS 30

/* One holder of a corner is a row, or the weight of factor f as -1 - f. */
typedef struct corner
{
	int			factors;
	int64_t		holder[RGK_MAX_FACTORS];
	double		edge[RGK_MAX_FACTORS][RGK_MAX_FACTORS]; /* of each holder, the direction that leaves it alone */
	double		weight[RGK_MAX_FACTORS];
} corner;

typedef struct place
{
	double		at;				/* on the edge */
	double		turn;			/* by so much the slope grows there */
	int64_t		holder;
} place;

typedef struct problem
{
	const rgk_panel *panel;
	double	   *cell;			/* [row * factors + f], each group divided by what is alive there */
	double	   *moved;			/* of each row */
	double	   *sum;			/* of each row, at the corner */
	bool	   *holds;
	place	   *places;
	double		whole;			/* what the greatest cells add up to */
	bool		convex;			/* all factors are alive everywhere: the problem is the error itself */
	double		linear[RGK_MAX_FACTORS];
} problem;

/* ---------- the corner ---------- */

/* The coefficients of a holder's equation; returns what it is equal to. */
static double
equation(const problem *p, int64_t holder, double *coefficient)
{
	int			factors = p->panel->factors;

	if (holder >= 0)
	{
		memcpy(coefficient, p->cell + (size_t) holder * (size_t) factors, sizeof(double) * (size_t) factors);
		return -p->moved[holder];
	}
	memset(coefficient, 0, sizeof(double) * (size_t) factors);
	coefficient[-1 - holder] = 1;
	return 0;
}

/* Bring the greatest of a column on to the diagonal; false when all are 0. */
static bool
pivot(double matrix[][2 * RGK_MAX_FACTORS], int n, int column)
{
	int			best = column;
	double		swap[2 * RGK_MAX_FACTORS];

	for (int r = column + 1; r < n; r++)
		best = fabs(matrix[r][column]) > fabs(matrix[best][column]) ? r : best;
	if (matrix[best][column] == 0)
		return false;
	memcpy(swap, matrix[best], sizeof(swap));
	memcpy(matrix[best], matrix[column], sizeof(swap));
	memcpy(matrix[column], swap, sizeof(swap));
	return true;
}

/* Invert the left half of a matrix into its right half; false when it has no inverse. */
static bool
invert(double matrix[][2 * RGK_MAX_FACTORS], int n)
{
	for (int c = 0; c < n; c++)
	{
		double		by;

		if (!pivot(matrix, n, c))
			return false;
		by = matrix[c][c];
		for (int k = 0; k < 2 * n; k++)
			matrix[c][k] /= by;
		for (int r = 0; r < n; r++)
		{
			double		times = matrix[r][c];

			for (int k = 0; r != c && times != 0 && k < 2 * n; k++)
				matrix[r][k] -= times * matrix[c][k];
		}
	}
	return true;
}

/* Edges and weights of a corner from its holders and the sum of all weights, which is 1. */
static bool
solve_corner(const problem *p, corner *at)
{
	int			n = at->factors;
	double		matrix[RGK_MAX_FACTORS][2 * RGK_MAX_FACTORS];
	double		equals[RGK_MAX_FACTORS];

	memset(matrix, 0, sizeof(matrix));
	for (int k = 0; k < n; k++)
	{
		double		size = 1;

		equals[k] = 1;
		for (int f = 0; f < n; f++)
			matrix[k][f] = 1;
		if (k < n - 1)
			equals[k] = equation(p, at->holder[k], matrix[k]);
		/* Rows of one size, so that pivots are well chosen. */
		for (int f = 0; f < n; f++)
			size = f == 0 || fabs(matrix[k][f]) > size ? fabs(matrix[k][f]) : size;
		if (size == 0)
			return false;
		for (int f = 0; f < n; f++)
			matrix[k][f] /= size;
		equals[k] /= size;
		matrix[k][n + k] = 1;
	}
	if (!invert(matrix, n))
		return false;
	for (int f = 0; f < n; f++)
	{
		at->weight[f] = 0;
		for (int k = 0; k < n; k++)
			at->weight[f] += matrix[f][n + k] * equals[k];
		for (int k = 0; k < n - 1; k++)
			at->edge[k][f] = matrix[f][n + k];
	}
	return true;
}

/* ---------- edges ---------- */

/* Every row's sum, and how the error changes with each weight, but for the rows that hold the corner. */
static void
sum_rows(const problem *p, const corner *at, double *gradient)
{
	int			n = at->factors;
	const double *cell = p->cell;

	memcpy(gradient, p->linear, sizeof(double) * (size_t) n);
	for (size_t r = 0; r < p->panel->rows; r++, cell += n)
	{
		double		sum = p->moved[r];

		for (int f = 0; f < n; f++)
			sum += cell[f] * at->weight[f];
		p->sum[r] = sum;
		if (p->holds[r])
			continue;
		for (int f = 0; f < n; f++)
			gradient[f] += sum < 0 ? -cell[f] : cell[f];
	}
}

static double
along(const double *a, const double *b, int n)
{
	double		sum = 0;

	for (int f = 0; f < n; f++)
		sum += a[f] * b[f];
	return sum;
}

/*
 * The steepest edge that falls: its holder's number, -1 when none does.  edge: its direction; slope: how the error
 * changes along it.
 */
static int
choose_edge(const problem *p, const corner *at, const double *gradient, double *edge, double *slope)
{
	int			n = at->factors;
	int			chosen = -1;
	double		steepest = -1e-13 * p->whole;

	for (int k = 0; k < n - 1; k++)
	{
		double		change = along(gradient, at->edge[k], n);
		bool		row = at->holder[k] >= 0;
		double		own[RGK_MAX_FACTORS];
		double		kink = 0;
		double		length = 0;
		double		sign = row && change > 0 ? -1 : 1;

		if (row)
		{
			equation(p, at->holder[k], own);
			kink = fabs(along(own, at->edge[k], n));
		}
		for (int f = 0; f < n; f++)
			length += fabs(at->edge[k][f]);
		if (!((sign * change + kink) / length < steepest))
			continue;
		steepest = (sign * change + kink) / length;
		*slope = sign * change + kink;
		chosen = k;
		for (int f = 0; f < n; f++)
			edge[f] = sign * at->edge[k][f];
	}
	return chosen;
}

/* Whether a holder is one of the corner's. */
static bool
is_holder(const corner *at, int64_t holder)
{
	for (int k = 0; k < at->factors - 1; k++)
	{
		if (at->holder[k] == holder)
			return true;
	}
	return false;
}

/* Where rows change sign along an edge, up to the first weight that reaches 0. */
static size_t
find_places(const problem *p, const corner *at, const double *edge)
{
	int			n = at->factors;
	const double *cell = p->cell;
	place		end = {INFINITY, INFINITY, 0};
	size_t		found = 0;

	for (int f = 0; f < n; f++)
	{
		double		reach = edge[f] < 0 ? fmax(at->weight[f], 0) / -edge[f] : INFINITY;

		/* What is left of an edge along which a weight does not change is noise. */
		if (!(fabs(edge[f]) > 0) || is_holder(at, -1 - f) || !(reach < end.at))
			continue;
		end.at = reach;
		end.holder = -1 - f;
	}
	for (size_t r = 0; r < p->panel->rows; r++, cell += n)
	{
		double		change;
		double		where;

		if (p->holds[r])
			continue;
		change = along(cell, edge, n);
		where = -p->sum[r] / change;
		if (!(where >= 0 && where < end.at))
			continue;
		p->places[found++] = (place) {where, 2 * fabs(change), (int64_t) r};
	}
	if (end.at < INFINITY)
		p->places[found++] = end;
	return found;
}

static void
swap_places(place *a, place *b)
{
	place		kept = *a;

	*a = *b;
	*b = kept;
}

/*
 * The first place at which the slope is no longer below 0: the weighted median, by selection.  Between places alike
 * the order does not matter.  NULL: there are none.
 */
static const place *
turning_place(place *places, size_t n, double slope)
{
	size_t		from = 0;
	size_t		to = n;

	while (to - from > 1)
	{
		double		middle = places[from + (to - from) / 2].at;
		size_t		low = from;
		size_t		high = to;
		double		turn = 0;

		/* Those before the middle, those at it, those behind it. */
		for (size_t i = from; i < high;)
		{
			if (places[i].at < middle)
			{
				turn += places[i].turn;
				swap_places(&places[i++], &places[low++]);
			}
			else if (places[i].at > middle)
				swap_places(&places[i], &places[--high]);
			else
				i++;
		}
		if (slope + turn >= 0)
		{
			to = low;
			continue;
		}
		slope += turn;
		for (size_t i = low; i < high; i++)
		{
			slope += places[i].turn;
			if (slope >= 0)
				return &places[i];
		}
		from = high;
	}
	return to > from ? &places[from] : NULL;
}

/* To the next corner; false when this one is the optimum. */
static bool
move_on(problem *p, corner *at)
{
	double		gradient[RGK_MAX_FACTORS];
	double		edge[RGK_MAX_FACTORS];
	double		slope;
	const place *next;
	corner		there = *at;
	int			leaves;

	sum_rows(p, at, gradient);
	leaves = choose_edge(p, at, gradient, edge, &slope);
	if (leaves < 0)
		return false;
	next = turning_place(p->places, find_places(p, at, edge), slope);
	if (next == NULL)
		return false;
	there.holder[leaves] = next->holder;
	if (!solve_corner(p, &there))
		return false;
	if (at->holder[leaves] >= 0)
		p->holds[at->holder[leaves]] = false;
	if (next->holder >= 0)
		p->holds[next->holder] = true;
	*at = there;
	return true;
}

/* ---------- the problem ---------- */

/* A number from 1 to 2 of each row's own. */
static double
own_number(size_t row)
{
	uint64_t	x = (uint64_t) row + UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return 1 + (double) ((x ^ x >> 31) >> 11) * 0x1p-53;
}

/* The weight that is alive in a group. */
static double
weight_alive(const rgk_panel *panel, size_t group, const double *weight)
{
	double		alive = 0;

	for (int f = 0; f < panel->factors; f++)
		alive += panel->alive[group] >> f & 1 ? weight[f] : 0;
	return alive;
}

/* What a group is off by at some weights, before it is divided by what is alive. */
static double
off_by(const rgk_panel *panel, size_t group, const double *weight)
{
	double		off = 0;

	for (size_t r = panel->first[group]; r < panel->first[group + 1]; r++)
	{
		double		sum = 0;

		for (int f = 0; f < panel->factors; f++)
			sum += weight[f] * (double) panel->cell[(size_t) f * panel->rows + r];
		off += fabs(sum);
	}
	return off;
}

/* The error at some weights; infinite where a group has nothing to split by. */
static double
error_at(const rgk_panel *panel, const double *weight)
{
	double		error = 0;

	for (size_t g = 0; g < panel->groups; g++)
	{
		double		alive = weight_alive(panel, g, weight);

		error += alive > 0 ? off_by(panel, g, weight) / alive : INFINITY;
	}
	return error;
}

/* The convex problem that touches the error at some weights. */
static void
touch(problem *p, const double *weight)
{
	const rgk_panel *panel = p->panel;
	int			n = panel->factors;

	memset(p->linear, 0, sizeof(p->linear));
	p->whole = 0;
	p->convex = true;
	for (size_t g = 0; g < panel->groups; g++)
	{
		double		alive = weight_alive(panel, g, weight);
		bool		whole = panel->alive[g] == (UINT32_C(1) << n) - 1;
		double		off = whole ? 0 : off_by(panel, g, weight) / alive / alive;

		alive = whole ? 1 : alive;
		p->convex = p->convex && whole;
		for (int f = 0; f < n; f++)
			p->linear[f] -= panel->alive[g] >> f & 1 ? off : 0;
		for (size_t r = panel->first[g]; r < panel->first[g + 1]; r++)
		{
			double		greatest = 0;

			for (int f = 0; f < n; f++)
			{
				double		cell = (double) panel->cell[(size_t) f * panel->rows + r] / alive;

				p->cell[r * (size_t) n + (size_t) f] = cell;
				greatest = fmax(greatest, fabs(cell));
			}
			p->whole += greatest;
		}
	}
	for (size_t r = 0; r < panel->rows; r++)
		p->moved[r] = (r % 2 == 0 ? 1 : -1) * own_number(r) * 0x1p-45 * p->whole;
}

/* The optimum of the problem, from the corner where one factor has all the weight. */
static void
solve(problem *p, int alone, double *weight)
{
	int			n = p->panel->factors;
	corner		at = {.factors = n};

	memset(p->holds, 0, p->panel->rows * sizeof(bool));
	for (int f = 0, k = 0; f < n; f++)
	{
		if (f != alone)
			at.holder[k++] = -1 - f;
	}
	if (!solve_corner(p, &at))
		return;
	for (int corners = 0; corners < MOST_CORNERS && move_on(p, &at); corners++)
		;
	memcpy(weight, at.weight, sizeof(double) * (size_t) n);
}

/* Weights that are noise become 0, and all add up to 1. */
static void
tidy(double *weight, int n)
{
	double		sum = 0;

	for (int f = 0; f < n; f++)
	{
		weight[f] = weight[f] > 1e-12 ? weight[f] : 0;
		sum += weight[f];
	}
	for (int f = 0; f < n; f++)
		weight[f] /= sum;
}

static int
greatest_of(const double *weight, int n)
{
	int			greatest = 0;

	for (int f = 1; f < n; f++)
		greatest = weight[f] > weight[greatest] ? f : greatest;
	return greatest;
}

/* From some weights towards others as far as halving finds a lower error; false when it finds none. */
static bool
walk(const rgk_panel *panel, double *weight, const double *to, double *error)
{
	for (double part = 1; part > 1e-6; part /= 2)
	{
		double		there[RGK_MAX_FACTORS];
		double		found;

		for (int f = 0; f < panel->factors; f++)
			there[f] = weight[f] + part * (to[f] - weight[f]);
		found = error_at(panel, there);
		if (!(found < *error * (1 - 1e-12)))
			continue;
		*error = found;
		memcpy(weight, there, sizeof(double) * (size_t) panel->factors);
		return true;
	}
	return false;
}

/* ---------- from outside ---------- */

static void *
carve(uintptr_t *room, size_t count, size_t size)
{
	void	   *piece = (void *) *room;

	*room += (count * size + 15) / 16 * 16;
	return piece;
}

static uintptr_t
lay_out(problem *p, uintptr_t room)
{
	size_t		rows = p->panel->rows;

	p->cell = carve(&room, rows * (size_t) p->panel->factors, sizeof(double));
	p->moved = carve(&room, rows, sizeof(double));
	p->sum = carve(&room, rows, sizeof(double));
	p->places = carve(&room, rows + 1, sizeof(place));
	p->holds = carve(&room, rows, sizeof(bool));
	return room;
}

size_t
rgk_optimum_scratch(const rgk_panel *panel)
{
	problem		p = {.panel = panel};

	return (size_t) lay_out(&p, 0);
}

void
rgk_optimum(const rgk_panel *panel, double *weight, void *scratch)
{
	problem		p = {.panel = panel};
	int			n = panel->factors;
	double		error = error_at(panel, weight);

	lay_out(&p, (uintptr_t) scratch);
	if (n < 2 || !(error < INFINITY))
		return;
	for (int round = 0; round < MOST_ROUNDS; round++)
	{
		double		to[RGK_MAX_FACTORS];

		memcpy(to, weight, sizeof(double) * (size_t) n);
		touch(&p, weight);
		solve(&p, greatest_of(weight, n), to);
		tidy(to, n);
		if (!walk(panel, weight, to, &error) || p.convex)
			break;
	}
}
