/*
 * proof/race.c
 *	  Some periods of a panel as the kernel sees them.
 *
 * A cell is what a candidate alone gives a unit, less what the unit brought, as a whole number: the currency is scaled
 * so that the kernel's sums just stay within their range, some 2^-40 of all that was brought and less.  Periods in which
 * the same candidates have something are one group.  Units that all candidates give the same are one row together.
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"
#include "utils/memutils.h"

#include "proof/race.h"

/* ---- who takes part ---------------------------------------------------------------------------------- */

/* Has a candidate something in one of the periods, and nothing that cannot be split by in any? */
static bool
takes_part(const RgtPanel *panel, const bool *judged, int c)
{
	bool		any = false;

	for (int i = 0; i < panel->n; i++)
	{
		if (!judged[i])
			continue;
		if (panel->period[i].refused[c])
			return false;
		any |= panel->period[i].share[c] != NULL;
	}
	return any;
}

static void
find_factors(RgtRace *race, const RgtPanel *panel, const bool *judged)
{
	for (int c = 0; c < panel->candidates; c++)
	{
		if (!takes_part(panel, judged, c))
			continue;
		if (race->panel.factors == RGK_MAX_FACTORS)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("too many factors to tune"),
					 errdetail("At most %d factors with something to split by can be weighed against each other.",
							   RGK_MAX_FACTORS)));
		race->candidate[race->panel.factors++] = c;
	}
}

/* The weights in force of those that take part, as whole numbers. */
static void
set_in_force(RgtRace *race, const RgtPanel *panel)
{
	double		sum = 0;

	for (int f = 0; f < race->panel.factors; f++)
		sum += panel->candidate[race->candidate[f]].in_force;
	for (int f = 0; f < race->panel.factors && sum > 0; f++)
		race->in_force[f] = (int64) rint(panel->candidate[race->candidate[f]].in_force / sum * RGK_IN_FORCE);
}

/* ---- groups -------------------------------------------------------------------------------------------- */

static uint32
alive_in(const RgtRace *race, const RgtPanelPeriod *period)
{
	uint32		alive = 0;

	for (int f = 0; f < race->panel.factors; f++)
		alive |= period->share[race->candidate[f]] != NULL ? UINT32_C(1) << f : 0;
	return alive;
}

/* A group for each set of factors that have something; where none has, nothing can be judged, nor asked. */
static void
find_groups(RgtRace *race, const RgtPanel *panel, const bool *judged)
{
	race->convex = true;
	for (int i = 0; i < panel->n; i++)
	{
		uint32		alive;
		size_t		g = 0;

		if (!judged[i])
			continue;
		alive = alive_in(race, &panel->period[i]);
		race->convex &= alive == (UINT32_C(1) << race->panel.factors) - 1;
		while (g < race->panel.groups && race->alive[g] != alive)
			g++;
		if (g == race->panel.groups)
			race->alive[race->panel.groups++] = alive;
	}
}

/* ---- cells --------------------------------------------------------------------------------------------- */

/* What a factor alone is off by for a unit, in the currency; 0 when it has nothing. */
static double
off_by(const RgtRace *race, const RgtPanelPeriod *period, int unit, int f)
{
	const double *share = period->share[race->candidate[f]];

	return share == NULL ? 0 : ((double) period->total * share[unit] - (double) period->actual[unit]) * period->step;
}

/* What the greatest cells of all rows add up to, in the currency, and how many rows there may be. */
static double
measure(const RgtRace *race, const RgtPanel *panel, const bool *judged, Size *rows)
{
	double		sum = 0;

	*rows = 0;
	for (int i = 0; i < panel->n; i++)
	{
		if (!judged[i])
			continue;
		*rows += panel->period[i].n;
		for (int u = 0; u < panel->period[i].n; u++)
		{
			double		greatest = 0;

			for (int f = 0; f < race->panel.factors; f++)
				greatest = Max(greatest, fabs(off_by(race, &panel->period[i], u, f)));
			sum += greatest;
		}
	}
	return sum;
}

/* A unit's cells into a row; false when they are all the same, as is what it adds to any weighting's error: that is told. */
static bool
set_row(RgtRace *race, const RgtPanelPeriod *period, int unit, uint32 alive, int exponent, Size rows, Size row, int64 *same)
{
	int64		first = 0;
	bool		any = false;
	bool		differ = false;

	for (int f = 0; f < race->panel.factors; f++)
	{
		int64		cell = (int64) rint(ldexp(off_by(race, period, unit, f), exponent));

		race->cell[f * rows + row] = cell;
		if ((alive >> f & 1) == 0)
			continue;
		differ |= any && cell != first;
		first = any ? first : cell;
		any = true;
	}
	if (!differ)
		*same += llabs(first);
	return differ;
}

/* The rows of a group; those that are the same for all become one. */
static Size
set_group(RgtRace *race, const RgtPanel *panel, const bool *judged, size_t g, int exponent, Size rows, Size row)
{
	int64		same = 0;

	for (int i = 0; i < panel->n; i++)
	{
		const RgtPanelPeriod *period = &panel->period[i];

		if (!judged[i] || alive_in(race, period) != race->alive[g])
			continue;
		CHECK_FOR_INTERRUPTS();
		for (int u = 0; u < period->n; u++)
			row += set_row(race, period, u, race->alive[g], exponent, rows, row, &same);
	}
	if (same == 0)
		return row;
	for (int f = 0; f < race->panel.factors; f++)
		race->cell[f * rows + row] = race->alive[g] >> f & 1 ? same : 0;
	return row + 1;
}

/* Bring each factor's cells to where they stand when there are no more rows than there are. */
static void
close_up(RgtRace *race, Size allocated)
{
	for (int f = 1; f < race->panel.factors; f++)
		memmove(race->cell + f * race->panel.rows, race->cell + f * allocated, sizeof(int64) * race->panel.rows);
}

static void
set_cells(RgtRace *race, const RgtPanel *panel, const bool *judged, int32 parts)
{
	Size		rows;
	double		sum = measure(race, panel, judged, &rows);
	int			exponent = 0;

	/* Half of the range, as each cell is rounded. */
	if (sum > 0)
		frexp((double) RGK_MAX_ERROR / 2 / parts / sum, &exponent);
	exponent = Min(exponent - 1, 900);
	rows += race->panel.groups;
	race->cell = palloc_extended(sizeof(int64) * rows * race->panel.factors, MCXT_ALLOC_HUGE);
	for (size_t g = 0; g < race->panel.groups; g++)
	{
		race->first[g] = race->panel.rows;
		race->panel.rows = set_group(race, panel, judged, g, exponent, rows, race->panel.rows);
	}
	race->first[race->panel.groups] = race->panel.rows;
	close_up(race, rows);
}

/* ---- from outside -------------------------------------------------------------------------------------- */

/* For searches on a grid of so many parts. */
RgtRace *
rgt_race(RgtPanel *panel, const bool *judged, int32 parts)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "regtarget tuning", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	RgtRace    *race = palloc0(sizeof(RgtRace));

	race->context = context;
	find_factors(race, panel, judged);
	if (race->panel.factors > 0)
	{
		race->first = palloc0(sizeof(size_t) * (panel->n + 1));
		race->alive = palloc0(sizeof(uint32) * (panel->n + 1));
		set_in_force(race, panel);
		find_groups(race, panel, judged);
		set_cells(race, panel, judged, parts);
		race->panel.first = race->first;
		race->panel.alive = race->alive;
		race->panel.cell = race->cell;
	}
	MemoryContextSwitchTo(old);
	return race;
}

void
rgt_race_end(RgtRace *race)
{
	MemoryContextDelete(race->context);
}
