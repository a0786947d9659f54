/*-------------------------------------------------------------------------
 *
 * cells_number.c
 *		Reading one cell as an amount or a number.
 *
 * Most cells are plain digits: quick_decimal reads these and leaves everything
 * else, whatever is the matter with it, to the long way by cells_scan.c.  A
 * text that says nothing is gone over again with its commas and points taken
 * otherwise, so that the refusal can name what may have been meant.
 *
 *-------------------------------------------------------------------------
 */
#include "cells_scan.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* ---------- from what was scanned to values ---------- */

static rgk_decimal
to_decimal(quantity q, bool negative)
{
	rgk_uint128 one = (rgk_uint128) powers[RGK_MOST_DECIMALS];
	rgk_decimal d = {.negative = negative && q.units > 0, .decimals = q.decimals};

	d.whole = (int64_t) (q.units / one);
	d.fraction = (int64_t) (q.units % one) / powers[RGK_MOST_DECIMALS - q.decimals];
	return d;
}

/* The power of ten by which a single figure counts. */
static int
shift_of(const scan *s)
{
	return s->percent ? -2 : s->unit;
}

/* What a scan comes to; false when it is out of range. */
static bool
sum_of(const scan *s, quantity *q, rgk_reason *why)
{
	*q = s->sum;
	return s->parts > 1 || rgk_to_quantity(&s->first, shift_of(s), q, why);
}

/*
 * The double nearest to digits times a power of ten.  Without a point among
 * them the locale has no say in how strtod reads.
 */
static bool
to_double(const char *digits, int exponent, double *value, rgk_reason *why)
{
	char		text[RGK_CELL_LONGEST + 20];
	bool		zero = digits[strspn(digits, "0")] == 0;
	int			error = errno;

	snprintf(text, sizeof(text), "%se%d", digits, exponent);
	*value = zero ? 0.0 : strtod(text, NULL);
	errno = error;
	*why = *value > 1.0 ? RGK_TOO_LARGE : RGK_TOO_FINE;
	return zero || (isfinite(*value) && *value > 0.0);
}

/* The double nearest to what a scan comes to. */
static bool
double_of(const scan *s, double *value, rgk_reason *why)
{
	const figure *f = &s->first;
	char		digits[RGK_DECIMAL_TEXT];
	rgk_decimal d;

	if (s->parts == 1)
		return to_double(f->digit, f->exponent + f->whole - f->n + shift_of(s), value, why);
	d = to_decimal((quantity) {s->sum.units, RGK_MOST_DECIMALS}, false);
	snprintf(digits, sizeof(digits), "%lld%018lld", (long long) d.whole, (long long) d.fraction);
	return to_double(digits, -RGK_MOST_DECIMALS, value, why);
}

/* At least so many digits, in front of `end`; where they begin. */
static char *
write_digits(char *end, int64_t value, int least)
{
	for (; value > 0 || least > 0; value /= 10, least--)
		*--end = (char) ('0' + value % 10);
	return end;
}

void
rgk_decimal_text(const rgk_decimal *value, char *text, size_t size)
{
	char		buffer[RGK_DECIMAL_TEXT];
	char	   *end = buffer + sizeof(buffer) - 1;
	char	   *p = end;

	*end = 0;
	if (value->decimals > 0)
	{
		p = write_digits(p, value->fraction, value->decimals);
		*--p = '.';
	}
	p = write_digits(p, value->whole, 1);
	if (value->negative)
		*--p = '-';
	if (size > 0)
	{
		size_t		length = (size_t) (end - p) < size ? (size_t) (end - p) : size - 1;

		memcpy(text, p, length);
		text[length] = 0;
	}
}

/* ---------- why not ---------- */

static void
add_reading(rgk_refusal *why, quantity q, bool negative)
{
	char		text[RGK_DECIMAL_TEXT];
	rgk_decimal d = to_decimal(q, negative);

	if (q.units >= power_of_ten(WHOLE_DIGITS + RGK_MOST_DECIMALS))
		return;
	rgk_decimal_text(&d, text, sizeof(text));
	if (why->convention.decimal_comma && strchr(text, '.') != NULL)
		*strchr(text, '.') = ',';
	rgk_refusal_add(why, RGK_AS_IT_IS, text);
}

/* The reading with one figure, whatever its unit, taken 10^shift times. */
static void
add_shifted(rgk_refusal *why, const scan *s, int shift)
{
	quantity	q;
	rgk_reason	reason;

	if (rgk_to_quantity(&s->first, shift, &q, &reason))
		add_reading(why, q, s->negative);
}

/* 5.- is five without cents to some. */
static bool
has_dash_for_cents(const scan *s)
{
	return s->bare_point && s->minus_behind;
}

/* Refuse what was scanned and has two readings. */
static rgk_cell
judge_readings(const scan *s, rgk_refusal *why)
{
	quantity	q;
	rgk_reason	reason;

	if (s->vague)
	{
		refuse(why, RGK_VAGUE_UNIT);
		add_shifted(why, s, 6);
		add_shifted(why, s, 12);
		return RGK_CELL_REFUSED;
	}
	if (s->signs < 2 && !s->half && !has_dash_for_cents(s))
		return RGK_CELL_VALUE;
	refuse(why, s->half ? RGK_HALF_UNIT : s->signs < 2 ? RGK_DASH_FOR_CENTS : RGK_TWO_SIGNS);
	if (!sum_of(s, &q, &reason))
		return RGK_CELL_REFUSED;
	add_reading(why, q, s->negative);
	if (s->half)
		add_reading(why, (quantity) {s->half_units, q.decimals}, s->negative);
	else
		add_reading(why, q, !s->negative);
	return RGK_CELL_REFUSED;
}

/* What a text says by these marks, where it has one reading. */
static bool
reads_as(const char32_t *text, const marks *by, scan *s, quantity *q)
{
	rgk_reason	reason;

	return rgk_scan_cell(s, text, by, &reason) && s->signs < 2 && !s->half && !s->vague && !has_dash_for_cents(s) &&
		sum_of(s, q, &reason);
}

/* Add what the text says with commas and points swapped; false when it says nothing so. */
static bool
add_swapped(const char32_t *text, rgk_refusal *why)
{
	marks		by = marks_of(&why->convention, true);
	scan		s;
	quantity	q;

	if (!reads_as(text, &by, &s, &q))
		return false;
	add_reading(why, q, s.negative);
	return true;
}

/* Add what the text says without the marks that part thousands. */
static void
add_ungrouped(const char32_t *text, rgk_refusal *why)
{
	marks		by = marks_of(&why->convention, false);
	cell_text	other;
	char32_t   *to = other.c;
	scan		s;
	quantity	q;

	for (; *text != 0; text++)
		if (*text != by.group)
			*to++ = *text;
	*to = 0;
	if (reads_as(other.c, &by, &s, &q))
		add_reading(why, q, s.negative);
}

static bool
contains(const char32_t *text, char32_t c)
{
	while (*text != 0 && *text != c)
		text++;
	return *text == c;
}

/* Why a text says nothing. */
static rgk_cell
explain(const char32_t *text, rgk_reason reason, rgk_refusal *why)
{
	marks		by = marks_of(&why->convention, false);
	const char *name = rgk_foreign_currency(text, &why->convention);
	bool		grouped = contains(text, by.group);

	if (name != NULL)
	{
		refuse(why, RGK_FOREIGN);
		why->name = name;
		return RGK_CELL_REFUSED;
	}
	refuse(why, reason);
	if ((grouped || contains(text, by.point)) && add_swapped(text, why))
		why->reason = grouped ? RGK_OTHER_MARK : RGK_OTHER_GROUPS;
	if (reason != RGK_NO_NUMBER && reason != RGK_BAD_GROUPS)
		return RGK_CELL_REFUSED;
	if (grouped)
		add_ungrouped(text, why);
	if (why->readings > 0 && why->reason == RGK_NO_NUMBER)
		why->reason = RGK_BAD_GROUPS;
	return RGK_CELL_REFUSED;
}

/*
 * What a text that was refused shows of its column's language: an amount in another currency is plain
 * to see, and so is one with commas and points the other way round.
 */
static unsigned int
shown_by_refused(const char32_t *text, const rgk_refusal *why)
{
	scan		s;
	quantity	q;

	if (why->reason == RGK_OTHER_MARK || why->reason == RGK_OTHER_GROUPS)
		return RGK_OTHER;
	if (!contains(text, ',') && !contains(text, '.'))
		return 0;
	for (int swapped = 0; swapped < 2; swapped++)
	{
		marks		by = marks_of(&why->convention, swapped);

		by.any_currency = true;
		if (reads_as(text, &by, &s, &q))
			return swapped ? RGK_OTHER : s.shows & (RGK_OWN_GROUPS | RGK_OWN_POINT);
	}
	return 0;
}

/* ---------- plain digits ---------- */

/* Up to `most` digits, added to *value; what comes after them. */
static inline const char *
quick_digits(const char *s, const char *end, int most, int64_t *value)
{
	const char *stop = end - s > most ? s + most : end;
	int64_t		sum = *value;

	while (s < stop && (unsigned char) (*s - '0') <= 9)
		sum = sum * 10 + (*s++ - '0');
	*value = sum;
	return s;
}

/* The groups of three after the first. */
static inline const char *
quick_groups(const char *s, const char *end, char mark, int64_t *whole)
{
	while (s < end && *s == mark && *whole < RGK_AMOUNT_LIMIT / 1000)
	{
		const char *next = quick_digits(s + 1, end, 3, whole);

		if (next != s + 4)
			return s;
		s = next;
	}
	return s;
}

/*
 * [-]digits, in threes or not parted, a point, digits: what a machine exports.
 * False says nothing about the cell but that it takes the long way.
 */
static inline __attribute__((always_inline)) bool
quick_marked(const char mark, const char other, rgk_column *column, const char *s, size_t n, rgk_decimal *value)
{
	const char *end = s + n;
	const char *first = n > 0 && *s == '-' ? s + 1 : s;
	const char *point;
	const char *p;
	int64_t		whole = 0;
	int64_t		fraction = 0;
	unsigned int shows = 0;

	point = p = quick_digits(first, end, WHOLE_DIGITS, &whole);
	if (p == first)
		return false;
	if (p < end && *p == other && p - first <= 3 && *first != '0')
	{
		point = p = quick_groups(p, end, other, &whole);
		shows = RGK_OWN_GROUPS;
	}
	if (p < end && *p == mark)
	{
		p = quick_digits(++point, end, RGK_MOST_DECIMALS, &fraction);
		if (shows == 0)
			shows = p - point == 3 && point - first <= 4 && *first != '0' ? RGK_LONE_POINT : RGK_OWN_POINT;
	}
	else if (shows != 0 && p - first <= 7)
		shows = RGK_LONE_GROUP;
	if (p != end)
		return false;
	column->last = (unsigned char) shows;
	column->seen |= (unsigned char) shows;
	value->negative = first != s && (whole | fraction) != 0;
	value->decimals = (int) (p - point);
	value->whole = whole;
	value->fraction = fraction;
	return true;
}

static inline __attribute__((always_inline)) bool
quick_decimal(const rgk_convention *convention, rgk_column *column, const char *s, size_t n, rgk_decimal *value)
{
	return convention->decimal_comma ? quick_marked(',', '.', column, s, n, value) :
		quick_marked('.', ',', column, s, n, value);
}

/* A decimal as a double by one division of numbers that doubles hold exactly. */
static inline bool
quick_double(const rgk_decimal *d, double *value)
{
	const int64_t most = INT64_C(1) << 53;
	int64_t		units;

	if (!rgk_decimal_units(d, &units) || units > most || units < -most)
		return false;
	*value = (double) units / (double) powers[d->decimals];
	return true;
}

/* ---------- what is offered ---------- */

static void
note_shown(rgk_column *column, unsigned int shows)
{
	column->last = (unsigned char) shows;
	column->seen |= (unsigned char) shows;
}

/* The long way up to a scan that has one reading. */
static rgk_cell
read_text(const char32_t *text, scan *found, rgk_refusal *why)
{
	marks		by = marks_of(&why->convention, false);
	rgk_reason	reason;

	if (!rgk_scan_cell(found, text, &by, &reason))
		return explain(text, reason, why);
	return judge_readings(found, why);
}

static __attribute__((noinline)) rgk_cell
read_amount(const rgk_convention *convention, rgk_column *column, const char *s, size_t n, rgk_decimal *value,
			rgk_refusal *why)
{
	cell_text	text;
	scan		found;
	quantity	q;
	rgk_reason	reason;
	rgk_cell	result;

	begin_refusal(why, RGK_AMOUNT, convention);
	note_shown(column, 0);
	result = rgk_cell_fold(s, n, &text, why);
	if (result != RGK_CELL_VALUE)
		return result;
	result = read_text(text.c, &found, why);
	if (result == RGK_CELL_VALUE && !sum_of(&found, &q, &reason))
		result = refuse(why, reason);
	note_shown(column, result == RGK_CELL_VALUE ? found.shows : shown_by_refused(text.c, why));
	if (result == RGK_CELL_VALUE)
		*value = to_decimal(q, found.negative);
	return result;
}

rgk_cell
rgk_cell_amount(const rgk_convention *convention, rgk_column *column, const char *s, size_t n, rgk_decimal *value,
				rgk_refusal *why)
{
	if (quick_decimal(convention, column, s, n, value))
		return RGK_CELL_VALUE;
	return read_amount(convention, column, s, n, value, why);
}

static __attribute__((noinline)) rgk_cell
read_number(const rgk_convention *convention, rgk_column *column, const char *s, size_t n, double *value,
			rgk_refusal *why)
{
	cell_text	text;
	scan		found;
	double		size;
	rgk_reason	reason;
	rgk_cell	result;

	begin_refusal(why, RGK_NUMBER, convention);
	note_shown(column, 0);
	result = rgk_cell_fold(s, n, &text, why);
	if (result != RGK_CELL_VALUE)
		return result;
	result = read_text(text.c, &found, why);
	if (result == RGK_CELL_VALUE && !double_of(&found, &size, &reason))
		result = refuse(why, reason);
	note_shown(column, result == RGK_CELL_VALUE ? found.shows : shown_by_refused(text.c, why));
	if (result == RGK_CELL_VALUE)
		*value = found.negative && size > 0.0 ? -size : size;
	return result;
}

rgk_cell
rgk_cell_number(const rgk_convention *convention, rgk_column *column, const char *s, size_t n, double *value,
				rgk_refusal *why)
{
	rgk_decimal d;

	if (quick_decimal(convention, column, s, n, &d) && quick_double(&d, value))
		return RGK_CELL_VALUE;
	return read_number(convention, column, s, n, value, why);
}

void
rgk_cell_doubted(const rgk_convention *convention, rgk_kind kind, const char *s, size_t n, rgk_refusal *why)
{
	marks		by = marks_of(convention, false);
	cell_text	text;
	scan		found;
	quantity	q;

	begin_refusal(why, kind, convention);
	if (rgk_cell_fold(s, n, &text, why) != RGK_CELL_VALUE)
		return;
	refuse(why, RGK_COLUMN_MARK);
	add_swapped(text.c, why);
	if (reads_as(text.c, &by, &found, &q))
		add_reading(why, q, found.negative);
}
