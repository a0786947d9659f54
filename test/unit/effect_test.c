/*
 * What adoption did: panels worked out by hand, and what is promised of generated ones.  TAP on stdout.
 */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "draw.h"
#include "effect.h"

#define PANELS 1000
#define MOST_UNITS 40
#define MOST_PERIODS 12

static int	tests = 0;
static int	failures = 0;

static void
ok(bool good, const char *name)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++tests, name);
	if (!good)
		failures++;
}

static bool
is(rgk_figure figure, double value)
{
	return figure.known && fabs(figure.value - value) < 1e-12;
}

static rgk_effect
judge(const rgk_effect_panel *panel)
{
	void	   *scratch = malloc(rgk_effect_scratch(panel->units, panel->periods));
	rgk_effect_work *work;
	rgk_effect	result;

	if (scratch == NULL)
		abort();
	work = rgk_effect_begin(panel, 0.9, scratch);
	while (rgk_effect_more(work, 1000))
		;
	rgk_effect_end(work, &result);
	free(scratch);
	return result;
}

/* ---------- by hand ---------- */

/*
 * Four units, three periods; the first two adopt in the second.  The first two rise by 10 and 6, then 2 more each; the
 * others by 1 and 3, then not.  Cells: 8 - 2 and 10 - 2.  Assignments of two: {1,2} 7, {3,4} -7, {1,3} and {2,4}
 * ±((5.5 - 4.5) + (6.5 - 5.5)) / 2 = ±1, {1,4} and {2,3} ±3.
 */
static void
test_by_hand(void)
{
	const double value[] = {0, 0, 5, 5, 10, 6, 6, 8, 12, 8, 6, 8};
	const bool	known[] = {true, true, true, true, true, true, true, true, true, true, true, true};
	const int	adopted[] = {1, 1, 3, 3};
	const rgk_effect_panel panel = {.units = 4, .periods = 3, .value = value, .known = known, .adopted = adopted};
	rgk_effect	e = judge(&panel);

	ok(e.assignments == 6 && !e.drawn, "two of four are six assignments");
	ok(is(e.effect, 7), "the effect is the mean of its cells");
	ok(is(e.p_value, 2.0 / 6) && is(e.smallest_p, 2.0 / 6), "the mirror image is as large");
	ok(is(e.deviation, sqrt((49 + 49 + 1 + 1 + 9 + 9) / 6.0)), "the deviation is over all of them");
	ok(is(e.least, 5) && is(e.most, 9), "one adopter is left out");
	ok(!e.before.known && !e.before_p.known && !e.breaks_at.known, "there is no period before");
	ok(!e.low.known && !e.high.known, "nothing is refused at 10 % of six");
	ok(rgk_effect_verdict(&e) == RGK_CANNOT_BE_SHOWN, "so nothing can be shown");
}

/* Five periods, drift before: the adopter of two rises by 1 a period more than the other, and by 4 from adoption on. */
static void
test_drift(void)
{
	const double value[] = {0, 0, 1, 0, 2, 0, 6, 0, 7, 0};
	const bool	known[] = {true, true, true, true, true, true, true, true, true, true};
	const int	adopted[] = {3, 5};
	const rgk_effect_panel panel = {.units = 2, .periods = 5, .value = value, .known = known, .adopted = adopted};
	rgk_effect	e = judge(&panel);

	ok(is(e.effect, 4.5), "changes from the period before adoption: 4 and 5");
	ok(is(e.before, 1.5), "and up to it: 2 and 1");
	ok(is(e.breaks_at, 3), "a drift of three times the step before, over one period and two, makes the effect");
	ok(rgk_effect_verdict(&e) == RGK_CANNOT_BE_SHOWN, "one adopter shows nothing");
}

/* ---------- generated ---------- */

typedef struct generated
{
	double		value[MOST_UNITS * MOST_PERIODS];
	bool		known[MOST_UNITS * MOST_PERIODS];
	int			adopted[MOST_UNITS];
	rgk_effect_panel	panel;
} generated;

static double
uniform(uint64_t *chance)
{
	return (double) (rgk_draw(chance) >> 11) / 9007199254740992.0;
}

/* Near enough to normal, without the library's functions. */
static double
noise(uint64_t *chance)
{
	double		sum = -6;

	for (int i = 0; i < 12; i++)
		sum += uniform(chance);
	return sum;
}

/*
 * Units of their own level that wander and are struck each period, a season and a break that all share, some cells
 * missing; adopters, drawn, gain the effect from adoption on.
 */
static void
generate(generated *g, uint64_t *chance, size_t units, size_t periods, size_t adopters, double effect, double missing)
{
	double		shared[MOST_PERIODS];

	g->panel = (rgk_effect_panel) {.units = units, .periods = periods, .value = g->value, .known = g->known, .adopted = g->adopted};
	for (size_t u = 0; u < units; u++)
		g->adopted[u] = u < adopters ? 3 + (int) (u % 3) : (int) periods;
	rgk_shuffle(chance, g->adopted, units);
	for (size_t t = 0; t < periods; t++)
		shared[t] = 5 * (double) (t % 4) + (t > periods / 2 ? 20 : 0) + noise(chance);
	for (size_t u = 0; u < units; u++)
	{
		double		level = 100 + 30 * noise(chance);

		for (size_t t = 0; t < periods; t++)
		{
			level += 0.5 * noise(chance);
			g->value[t * units + u] = level + shared[t] + noise(chance) + ((size_t) g->adopted[u] <= t ? effect : 0);
			g->known[t * units + u] = uniform(chance) >= missing;
		}
	}
}

/* At most so many of 1,000, two standard errors allowed for. */
static bool
at_most(int found, double share)
{
	return found <= PANELS * share + 2 * sqrt(PANELS * share * (1 - share));
}

static void
test_promises(double missing, const char *cells)
{
	uint64_t	chance = 20260101;
	int			called = 0;
	int			covered = 0;
	int			seen = 0;
	generated	g;
	char		name[100];

	for (int i = 0; i < PANELS; i++)
	{
		rgk_effect	e;

		generate(&g, &chance, 8, 7, 4, 0, missing);
		e = judge(&g.panel);
		called += rgk_effect_verdict(&e) >= RGK_HIGHER;
		generate(&g, &chance, 8, 7, 4, 5, missing);
		e = judge(&g.panel);
		covered += (!e.low.known || e.low.value <= 5) && (!e.high.known || e.high.value >= 5);
		seen += rgk_effect_verdict(&e) == RGK_HIGHER;
	}
	printf("# %s: of %d panels %d without effect are called one, %d intervals hold theirs, %d of those are seen\n",
		   cells, PANELS, called, covered, seen);
	snprintf(name, sizeof(name), "%s: no effect is called one in at most 5 %%", cells);
	ok(at_most(called, 0.05), name);
	snprintf(name, sizeof(name), "%s: a known effect is inside its interval in at least 90 %%", cells);
	ok(at_most(PANELS - covered, 0.1), name);
	snprintf(name, sizeof(name), "%s: and an effect of five deviations is mostly seen", cells);
	ok(seen > PANELS / 2, name);
}

/* However large the effect, and however many there are to compare with. */
static void
test_one_adopter(void)
{
	uint64_t	chance = 7;
	bool		shown = false;
	generated	g;

	for (int i = 0; i < PANELS; i++)
	{
		rgk_effect	e;

		generate(&g, &chance, i % 2 == 0 ? 8 : 40, 8, 1, 50, 0);
		e = judge(&g.panel);
		shown |= rgk_effect_verdict(&e) != RGK_CANNOT_BE_SHOWN;
		if (i == 0)
			ok(is(e.smallest_p, 1.0 / 8), "one adopter of eight can never reach 5 %");
	}
	ok(!shown, "one adopter never shows anything");
}

static void
test_draws(void)
{
	uint64_t	chance = 3;
	bool		alike = true;
	generated	g;
	rgk_effect	one;
	rgk_effect	other;

	generate(&g, &chance, 40, 12, 20, 2, 0.05);
	one = judge(&g.panel);
	other = judge(&g.panel);
	alike = one.p_value.value == other.p_value.value && one.low.value == other.low.value;
	ok(one.drawn && one.assignments == RGK_DRAWN_ASSIGNMENTS + 1 && alike, "many are drawn, the same ones each time");
	ok(one.low.value < 2 && one.high.value > 2 && rgk_effect_verdict(&one) == RGK_HIGHER, "and show what is there");
}

int
main(void)
{
	test_by_hand();
	test_drift();
	test_promises(0, "all cells known");
	test_promises(0.1, "a tenth missing");
	test_one_adopter();
	test_draws();
	printf("1..%d\n", tests);
	return failures != 0;
}
