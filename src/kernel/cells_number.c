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

void
rgk_decimal_text(const rgk_decimal *value, char *text, size_t size)
{
	const char *sign = value->negative ? "-" : "";

	if (value->decimals == 0)
		snprintf(text, size, "%s%lld", sign, (long long) value->whole);
	else
		snprintf(text, size, "%s%lld.%0*lld", sign, (long long) value->whole, value->decimals,
				 (long long) value->fraction);
}

/* ---------- why not ---------- */

/* The first other currency that the text names, or NULL. */
static const char *
foreign_currency(const char32_t *text)
{
	static const struct
	{
		const char32_t *word;
		const char *name;
	}			others[] = {
		{U"hk$", "HKD"}, {U"nt$", "TWD"}, {U"us$", "USD"}, {U"$", "dollars"}, {U"€", "EUR"},
		{U"£", "GBP"}, {U"₩", "KRW"}, {U"₹", "INR"}, {U"₽", "RUB"}, {U"฿", "THB"}, {U"₫", "VND"},
		{U"¢", "cents"}, {U"usd", "USD"}, {U"eur", "EUR"}, {U"gbp", "GBP"}, {U"jpy", "JPY"},
		{U"hkd", "HKD"}, {U"twd", "TWD"}, {U"ntd", "TWD"}, {U"krw", "KRW"}, {U"sgd", "SGD"},
		{U"aud", "AUD"}, {U"cad", "CAD"}, {U"nzd", "NZD"}, {U"chf", "CHF"}, {U"inr", "INR"},
		{U"rub", "RUB"}, {U"thb", "THB"}, {U"vnd", "VND"}, {U"myr", "MYR"}, {U"idr", "IDR"},
		{U"php", "PHP"}, {U"mop", "MOP"}, {U"brl", "BRL"}, {U"美元", "USD"}, {U"美金", "USD"},
		{U"欧元", "EUR"}, {U"英镑", "GBP"}, {U"日元", "JPY"}, {U"円", "JPY"}, {U"港元", "HKD"},
		{U"港币", "HKD"}, {U"台币", "TWD"}, {U"韩元", "KRW"}, {U"韩币", "KRW"}, {U"澳元", "AUD"},
		{U"加元", "CAD"}, {U"新元", "SGD"}, {U"瑞郎", "CHF"}, {U"卢布", "RUB"}, {U"卢比", "INR"},
		{U"泰铢", "THB"}
	};

	for (; *text != 0; text++)
		for (size_t i = 0; i < sizeof(others) / sizeof(others[0]) && !is_digit(*text); i++)
		{
			const char32_t *p = text;

			if (take(&p, others[i].word))
				return others[i].name;
		}
	return NULL;
}

static void
add_reading(rgk_refusal *why, quantity q, bool negative)
{
	char		text[RGK_DECIMAL_TEXT];
	rgk_decimal d = to_decimal(q, negative);

	if (q.units >= power_of_ten(WHOLE_DIGITS + RGK_MOST_DECIMALS))
		return;
	rgk_decimal_text(&d, text, sizeof(text));
	rgk_refusal_add(why, text);
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
	if (s->signs < 2 && !s->half)
		return RGK_CELL_VALUE;
	refuse(why, s->half ? RGK_HALF_UNIT : RGK_TWO_SIGNS);
	if (!sum_of(s, &q, &reason))
		return RGK_CELL_REFUSED;
	add_reading(why, q, s->negative);
	if (s->half)
		add_reading(why, (quantity) {s->half_units, q.decimals}, s->negative);
	else
		add_reading(why, q, !s->negative);
	return RGK_CELL_REFUSED;
}

/* Add what the text says with commas and points swapped, or without commas. */
static void
try_commas(const char32_t *text, bool swap, rgk_refusal *why)
{
	cell_text	other;
	char32_t   *to = other.c;
	scan		s;
	quantity	q;
	rgk_reason	reason;

	for (; *text != 0; text++)
		if (swap && (*text == ',' || *text == '.'))
			*to++ = *text == ',' ? '.' : ',';
		else if (*text != ',')
			*to++ = *text;
	*to = 0;
	if (rgk_scan_cell(&s, other.c, &reason) && s.signs < 2 && !s.half && !s.vague &&
		sum_of(&s, &q, &reason))
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
	const char *name = foreign_currency(text);
	bool		comma = contains(text, ',');

	if (name != NULL)
	{
		refuse(why, RGK_FOREIGN);
		why->name = name;
		return RGK_CELL_REFUSED;
	}
	refuse(why, reason);
	if (reason != RGK_NO_NUMBER && reason != RGK_BAD_GROUPS)
		return RGK_CELL_REFUSED;
	try_commas(text, true, why);
	if (why->readings > 0)
		why->reason = comma ? RGK_DECIMAL_COMMA : RGK_BAD_GROUPS;
	if (comma)
		try_commas(text, false, why);
	if (why->readings > 0 && why->reason == RGK_NO_NUMBER)
		why->reason = RGK_BAD_GROUPS;
	return RGK_CELL_REFUSED;
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
quick_groups(const char *s, const char *end, int64_t *whole)
{
	while (s < end && *s == ',' && *whole < RGK_AMOUNT_LIMIT / 1000)
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
static inline bool
quick_decimal(const char *s, size_t n, rgk_decimal *value)
{
	const char *end = s + n;
	const char *first = n > 0 && *s == '-' ? s + 1 : s;
	const char *point;
	const char *p;
	int64_t		whole = 0;
	int64_t		fraction = 0;

	point = p = quick_digits(first, end, WHOLE_DIGITS, &whole);
	if (p == first)
		return false;
	if (p < end && *p == ',' && p - first <= 3 && *first != '0')
		point = p = quick_groups(p, end, &whole);
	if (p < end && *p == '.')
		p = quick_digits(++point, end, RGK_MOST_DECIMALS, &fraction);
	if (p != end)
		return false;
	value->negative = first != s && (whole | fraction) != 0;
	value->decimals = (int) (p - point);
	value->whole = whole;
	value->fraction = fraction;
	return true;
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

/* The long way up to a scan that has one reading. */
static rgk_cell
read_cell(const char *s, size_t n, scan *found, rgk_refusal *why)
{
	cell_text	text;
	rgk_reason	reason;
	rgk_cell	result = rgk_cell_fold(s, n, &text, why);

	if (result != RGK_CELL_VALUE)
		return result;
	if (!rgk_scan_cell(found, text.c, &reason))
		return explain(text.c, reason, why);
	return judge_readings(found, why);
}

static __attribute__((noinline)) rgk_cell
read_amount(const char *s, size_t n, rgk_decimal *value, rgk_refusal *why)
{
	scan		found;
	quantity	q;
	rgk_reason	reason;
	rgk_cell	result = read_cell(s, n, &found, why);

	if (result != RGK_CELL_VALUE)
		return result;
	if (!sum_of(&found, &q, &reason))
		return refuse(why, reason);
	*value = to_decimal(q, found.negative);
	return RGK_CELL_VALUE;
}

rgk_cell
rgk_cell_amount(const char *s, size_t n, rgk_decimal *value, rgk_refusal *why)
{
	if (quick_decimal(s, n, value))
		return RGK_CELL_VALUE;
	return read_amount(s, n, value, why);
}

static __attribute__((noinline)) rgk_cell
read_number(const char *s, size_t n, double *value, rgk_refusal *why)
{
	scan		found;
	double		size;
	rgk_reason	reason;
	rgk_cell	result = read_cell(s, n, &found, why);

	if (result != RGK_CELL_VALUE)
		return result;
	if (!double_of(&found, &size, &reason))
		return refuse(why, reason);
	*value = found.negative && size > 0.0 ? -size : size;
	return RGK_CELL_VALUE;
}

rgk_cell
rgk_cell_number(const char *s, size_t n, double *value, rgk_refusal *why)
{
	rgk_decimal d;

	if (quick_decimal(s, n, &d) && quick_double(&d, value))
		return RGK_CELL_VALUE;
	return read_number(s, n, value, why);
}
