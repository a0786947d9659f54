/*-------------------------------------------------------------------------
 *
 * cells_scan.c
 *		The grammar of amounts and numbers.
 *
 * The folded text is gone over once, from front to back: signs, brackets and
 * currencies, one figure or several with their units, and what may stand
 * behind them.  What would be another reading is noted on the way, for
 * cells_number.c to refuse, and so is what the figures show of the language
 * that their column is written in.
 *
 *-------------------------------------------------------------------------
 */
#include "cells_scan.h"

/* Exponents from here on need not be told apart. */
#define MOST_EXPONENT 100000

/* Currency words about a number: two in front and one behind, say. */
#define MOST_CURRENCIES 3

/* ---------- digits, groups, exponents ---------- */

static const char32_t *
scan_digits(const char32_t *p, figure *f)
{
	while (is_digit(*p))
		f->digit[f->n++] = (char) *p++;
	return p;
}

/* How digits were parted. */
typedef struct groups
{
	char32_t	mark;
	int			marks;
	int			first;			/* digits before the first mark */
	int			threes;			/* groups of three digits after it */
	int			fours;
} groups;

/* In threes; or in fours, as Chinese counts, if that is no accident. */
static bool
good_groups(const groups *g, char first_digit)
{
	if (g->marks == 0)
		return true;
	if (first_digit == '0')
		return false;
	return (g->first <= 3 && g->threes == g->marks) ||
		(g->first <= 4 && g->fours == g->marks && g->marks > 1 && g->mark == ',');
}

/* The digits before the point; NULL when they are badly parted. */
static const char32_t *
scan_whole(const char32_t *p, figure *f, char32_t group, groups *g)
{
	p = scan_digits(p, f);
	g->first = f->n;
	while (g->first > 0 && (*p == group || *p == ' ' || *p == '\'') && is_digit(p[1]))
	{
		int			before = f->n;

		if (g->marks++ > 0 && *p != g->mark)
			return NULL;
		g->mark = *p;
		p = scan_digits(p + 1, f);
		g->threes += f->n - before == 3;
		g->fours += f->n - before == 4;
	}
	f->grouped = g->marks > 0;
	return good_groups(g, f->digit[0]) ? p : NULL;
}

/* What a figure shows of its language: could it be read with the marks changed? */
static unsigned int
shown_by(const figure *f, const groups *g, bool pointed, char32_t group)
{
	if (g->marks > 0 && g->mark == group)
		return g->marks == 1 && !pointed ? RGK_LONE_GROUP : RGK_OWN_GROUPS;
	if (!pointed)
		return 0;
	if (g->marks == 0 && !f->scientific && f->n - f->whole == 3 && f->whole >= 1 && f->whole <= 3 && f->digit[0] != '0')
		return RGK_LONE_POINT;
	return RGK_OWN_POINT;
}

/* What several figures show together: one that is sure speaks for all. */
static unsigned int
shown_together(unsigned int a, unsigned int b)
{
	const unsigned int sure = RGK_OWN_GROUPS | RGK_OWN_POINT;

	return (a | b) & sure ? (a | b) & sure : a | b;
}

/* Step over e+08, if it is there. */
static const char32_t *
scan_exponent(const char32_t *p, figure *f)
{
	bool		negative;
	const char32_t *at = p + 1;

	if (*p != 'e' || f->grouped)
		return p;
	negative = *at == '-';
	if (*at == '+' || *at == '-')
		at++;
	if (!is_digit(*at))
		return p;
	f->scientific = true;
	for (; is_digit(*at); at++)
		if (f->exponent < MOST_EXPONENT)
			f->exponent = f->exponent * 10 + (int) (*at - '0');
	if (negative)
		f->exponent = -f->exponent;
	return at;
}

/* One figure; NULL and a reason when there is none. */
static const char32_t *
scan_figure(const char32_t *p, figure *f, const marks *by, rgk_reason *why)
{
	groups		g = {0};
	bool		pointed;

	f->n = f->exponent = 0;
	f->scientific = false;
	*why = RGK_BAD_GROUPS;
	p = scan_whole(p, f, by->group, &g);
	if (p == NULL)
		return NULL;
	f->whole = f->n;
	pointed = *p == by->point;
	if (pointed)
		p = scan_digits(p + 1, f);
	f->digit[f->n] = 0;
	f->bare_point = pointed && f->n == f->whole;
	*why = RGK_NO_NUMBER;
	if (f->n == 0)
		return NULL;
	p = scan_exponent(p, f);
	f->shows = shown_by(f, &g, pointed, by->group);
	return p;
}

/*
 * All decisions about range are made on the digits that count, without zeros
 * at either end.
 */
bool
rgk_to_quantity(const figure *f, int shift, quantity *q, rgk_reason *why)
{
	int			last = f->exponent + f->whole - f->n + shift;	/* the last digit's power */
	int			from = 0;
	int			to = f->n;

	q->decimals = last >= 0 ? 0 : last < -RGK_MOST_DECIMALS ? RGK_MOST_DECIMALS : -last;
	q->units = 0;
	while (from < to && f->digit[from] == '0')
		from++;
	for (; from < to && f->digit[to - 1] == '0'; to--)
		last++;
	if (from == to)
		return true;
	*why = last + to - from > WHOLE_DIGITS ? RGK_TOO_LARGE : RGK_TOO_FINE;
	if (*why == RGK_TOO_LARGE || last < -RGK_MOST_DECIMALS)
		return false;
	for (int i = from; i < to; i++)
		q->units = q->units * 10 + (rgk_uint128) (f->digit[i] - '0');
	q->units *= power_of_ten(last + RGK_MOST_DECIMALS);
	return true;
}

/* ---------- units and parts ---------- */

/* The power of ten of 万, 亿, 千万, ...; 0 when there is none. */
static int
scan_unit(const char32_t **p)
{
	const char32_t *at = *p;
	int			power = *at == U'十' ? 1 : *at == U'百' ? 2 : *at == U'千' ? 3 : 0;

	if (power > 0)
		at++;
	if (*at == U'万')
	{
		power += 4;
		at++;
	}
	if (*at == U'亿')
	{
		power += 8;
		at++;
	}
	if (power < 2)
		return 0;
	*p = at;
	return power;
}

/*
 * The power of ten that a part may lack which follows a unit: 3万5 is said for
 * 3.5万, and 1亿5000 for 1亿5000万.  0 when it means what it says.
 */
static int
missing_power(const figure *f, int unit, int before)
{
	if (unit == 0 && f->whole == 1)
		return before - 1;
	if (before >= 8 && unit < 4)
		return before >= 12 ? 8 : 4;
	return 0;
}

/* Add a part to the sum. */
static bool
add_part(scan *s, const figure *f, int unit, rgk_reason *why)
{
	int			missing = missing_power(f, unit, s->unit);
	quantity	part;

	if (!rgk_to_quantity(f, unit, &part, why))
		return false;
	*why = RGK_BAD_UNITS;
	if (unit >= s->unit || part.units >= power_of_ten(s->unit + RGK_MOST_DECIMALS) || f->scientific)
		return false;
	if (missing > 0 && part.units < power_of_ten(missing + RGK_MOST_DECIMALS))
	{
		s->half = true;
		s->half_units = s->sum.units + part.units * power_of_ten(missing);
	}
	s->sum.units += part.units;
	s->sum.decimals = part.decimals;
	s->shows = shown_together(s->shows, f->shows);
	s->bare_point = f->bare_point;
	s->unit = unit;
	s->parts++;
	return true;
}

/* 1亿2000万5000 from its second part on. */
static bool
scan_more_parts(scan *s, rgk_reason *why)
{
	bool		decimals = s->first.whole < s->first.n;
	figure		f;

	if (!rgk_to_quantity(&s->first, s->unit, &s->sum, why))
		return false;
	while (is_digit(*s->p))
	{
		const char32_t *p = scan_figure(s->p, &f, s->by, why);
		int			unit;

		if (p == NULL)
			return false;
		p = skip_spaces(p);
		unit = scan_unit(&p);
		*why = RGK_BAD_UNITS;
		if (decimals || s->unit == 0 || !add_part(s, &f, unit, why))
			return false;
		decimals = f.whole < f.n;
		s->p = skip_spaces(p);
	}
	return true;
}

/* ---------- the cell ---------- */

static bool
take_currency(scan *s)
{
	bool		taken = s->by->any_currency ? rgk_take_any_currency(&s->p) : rgk_take_currency(&s->p, s->by->convention);

	s->currencies += taken;
	return taken;
}

static void
skip_currencies(scan *s)
{
	do
		s->p = skip_spaces(s->p);
	while (take_currency(s));
}

static void
scan_front(scan *s)
{
	for (skip_currencies(s);; skip_currencies(s))
	{
		if (*s->p == '(' && s->brackets == 0)
			s->brackets = 1;
		else if (*s->p != '-' && *s->p != '+')
			return;
		s->negative |= *s->p != '+';
		s->signs++;
		s->p++;
	}
}

static void
scan_back(scan *s)
{
	for (skip_currencies(s);; skip_currencies(s))
	{
		if (*s->p == '%' && !s->percent)
			s->percent = true;
		else if (*s->p == ')' && s->brackets == 1)
			s->brackets = 2;
		else if (*s->p == '-')
		{
			s->negative = s->minus_behind = true;
			s->signs++;
		}
		else
			return;
		s->p++;
	}
}

/* Do the things that stand together go together? */
static bool
goes_together(const scan *s)
{
	bool		united = s->unit > 0 || s->vague || s->parts > 1;

	if (*s->p != 0 || s->brackets == 1 || s->currencies > MOST_CURRENCIES)
		return false;
	if (s->percent)
		return s->currencies == 0 && !united && !s->first.scientific;
	return !united || !s->first.scientific;
}

bool
rgk_scan_cell(scan *s, const char32_t *text, const marks *by, rgk_reason *why)
{
	const char32_t *p;

	memset(s, 0, offsetof(scan, first));
	s->by = by;
	s->p = text;
	s->parts = 1;
	scan_front(s);
	p = scan_figure(s->p, &s->first, by, why);
	if (p == NULL)
	{
		if (*s->p == 0 && s->signs == 1 && s->brackets == 0 && s->negative)
			*why = RGK_LONE_DASH;
		return false;
	}
	s->shows = s->first.shows;
	s->bare_point = s->first.bare_point;
	s->p = skip_spaces(p);
	s->vague = take(&s->p, U"兆");
	s->unit = scan_unit(&s->p);
	s->p = skip_spaces(s->p);
	if (s->unit > 0 && is_digit(*s->p) && !scan_more_parts(s, why))
		return false;
	scan_back(s);
	*why = RGK_NO_NUMBER;
	return goes_together(s);
}
