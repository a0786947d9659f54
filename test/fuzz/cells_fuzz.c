/*
 * libFuzzer: one cell, read in every way by one convention, and what must hold for it.
 *
 * Nobody else computes the answer here (test/unit/cells_reference.py does);
 * but the same cell written otherwise must be read alike: with spaces of any
 * kind around it, in full-width forms, with a sign of our currency or its
 * opposite sign, as an amount and as a number, with commas and points changed
 * by whoever writes them so.  Values lie in their range, and what was read,
 * written down plainly, is read again as the same.  The bytes are allocated
 * exactly, so that the sanitizers see every slip.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cells.h"
#include "fuzz.h"

#define MOST_BYTES 4096

/* Conventions, each followed by the same with the other decimal mark. */
static const rgk_convention conventions[] = {
	RGK_CONVENTION, {"CNY", true, RGK_NO_ORDER}, {"EUR", true, RGK_DAY_FIRST}, {"EUR", false, RGK_DAY_FIRST},
	{"USD", false, RGK_MONTH_FIRST}, {"USD", true, RGK_MONTH_FIRST}, {"ZAR", true, RGK_NO_ORDER}, {"ZAR", false, RGK_NO_ORDER}
};

/* A sign of each one's currency. */
static const char *const signs[] = {"\xef\xbf\xa5", "\xef\xbf\xa5", "\xe2\x82\xac", "\xe2\x82\xac", "$", "$", "ZAR", "ZAR"};

/* A cell and what came of it. */
typedef struct cell
{
	char	   *s;
	size_t		n;
	int			by;				/* which convention */
	rgk_column	amounts;
	rgk_column	numbers;
	rgk_cell	id_is;
	rgk_cell	amount_is;
	rgk_cell	number_is;
	rgk_cell	day_is;
	rgk_cell	boolean_is;
	rgk_decimal amount;
	double		number;
	rgk_day		day;
	bool		boolean;
	rgk_reason	reason[5];
} cell;

#define REQUIRE(c, condition) \
	do { if (!(condition)) give_up((c), #condition); } while (0)

static void
give_up(const cell *c, const char *what)
{
	fprintf(stderr, "violated: %s\ncell of %zu bytes: ", what, c->n);
	for (size_t i = 0; i < c->n; i++)
		fprintf(stderr, c->s[i] >= ' ' && c->s[i] <= '~' ? "%c" : "\\x%02x", (uint8_t) c->s[i]);
	fputc('\n', stderr);
	abort();
}

/* A refusal has words, in ASCII, and no more readings than it can hold. */
static rgk_reason
check_refusal(const cell *c, const rgk_refusal *why)
{
	char		text[RGK_REFUSAL_TEXT];

	REQUIRE(c, why->readings >= 0 && why->readings <= RGK_READINGS);
	for (int i = 0; i < why->readings; i++)
		REQUIRE(c, memchr(why->reading[i], 0, RGK_DECIMAL_TEXT) != NULL && why->reading[i][0] != 0);
	REQUIRE(c, why->readings < 2 || strcmp(why->reading[0], why->reading[1]) != 0);
	REQUIRE(c, memcmp(why->convention.currency, conventions[c->by].currency, 4) == 0);
	rgk_refusal_text(why, c->n % 2 == 0, NULL, text, sizeof(text));
	REQUIRE(c, *text != 0 && strlen(text) < sizeof(text) - 1);
	for (const char *p = text; *p != 0; p++)
		REQUIRE(c, *p >= ' ' && *p <= '~');
	return why->reason;
}

static cell
read_cell(const char *s, size_t n, int by)
{
	const rgk_convention *convention = &conventions[by];
	cell		c = {.s = malloc(n > 0 ? n : 1), .n = n, .by = by};
	const char *trimmed = c.s;
	rgk_refusal why;

	memcpy(c.s, s, n);
	c.amount_is = rgk_cell_amount(convention, &c.amounts, c.s, n, &c.amount, &why);
	if (c.amount_is == RGK_CELL_REFUSED)
		c.reason[0] = check_refusal(&c, &why);
	c.number_is = rgk_cell_number(convention, &c.numbers, c.s, n, &c.number, &why);
	if (c.number_is == RGK_CELL_REFUSED)
		c.reason[1] = check_refusal(&c, &why);
	c.day_is = rgk_cell_day(convention, c.s, n, &c.day, &why);
	if (c.day_is == RGK_CELL_REFUSED)
		c.reason[2] = check_refusal(&c, &why);
	c.boolean_is = rgk_cell_boolean(convention, c.s, n, &c.boolean, &why);
	if (c.boolean_is == RGK_CELL_REFUSED)
		c.reason[3] = check_refusal(&c, &why);
	n = rgk_cell_trim(&trimmed, n);
	c.id_is = rgk_cell_id(convention, trimmed, n, &why);
	if (c.id_is == RGK_CELL_REFUSED)
		c.reason[4] = check_refusal(&c, &why);
	return c;
}

/* ---------- the same cell, written otherwise ---------- */

static bool
same_amount(const rgk_decimal *a, const rgk_decimal *b)
{
	return a->negative == b->negative && a->decimals == b->decimals && a->whole == b->whole &&
		a->fraction == b->fraction;
}

static void
check_same(const cell *c, const char *s, size_t n)
{
	cell		other = read_cell(s, n, c->by);

	REQUIRE(&other, other.amount_is == c->amount_is && other.number_is == c->number_is &&
			other.day_is == c->day_is && other.boolean_is == c->boolean_is && other.id_is == c->id_is);
	REQUIRE(&other, other.amounts.seen == c->amounts.seen && other.numbers.seen == c->numbers.seen);
	REQUIRE(&other, c->amount_is != RGK_CELL_VALUE || same_amount(&other.amount, &c->amount));
	REQUIRE(&other, c->number_is != RGK_CELL_VALUE || other.number == c->number);
	REQUIRE(&other, c->day_is != RGK_CELL_VALUE ||
			(other.day.day == c->day.day && other.day.zoned == c->day.zoned));
	REQUIRE(&other, c->day_is != RGK_CELL_VALUE || !c->day.zoned || other.day.instant == c->day.instant);
	REQUIRE(&other, c->boolean_is != RGK_CELL_VALUE || other.boolean == c->boolean);
	REQUIRE(&other, memcmp(other.reason, c->reason, sizeof(c->reason)) == 0);
	free(other.s);
}

/* With spaces around it; a different pair by the cell's length. */
static void
add_spaces(const cell *c)
{
	static const char *const spaces[] = {
		" ", "\t", "\n", "\xc2\xa0", "\xe3\x80\x80", "\xef\xbb\xbf", "\xe2\x80\x8b", "\xe2\x80\x8e", "\xe2\x80\xa8"
	};
	const char *before = spaces[c->n % 9];
	const char *after = spaces[c->n / 9 % 9];
	size_t		n = strlen(before) + c->n + strlen(after);
	char	   *s = malloc(n);

	memcpy(s, before, strlen(before));
	memcpy(s + strlen(before), c->s, c->n);
	memcpy(s + strlen(before) + c->n, after, strlen(after));
	check_same(c, s, n);
	free(s);
}

/* In full-width forms, which take three bytes instead of one. */
static void
widen(const cell *c)
{
	char	   *s = malloc(c->n * 3 + 1);
	size_t		n = 0;

	for (size_t i = 0; i < c->n; i++)
		if (c->s[i] > ' ' && c->s[i] <= '~')
		{
			unsigned int wide = 0xFF01 + (unsigned int) (c->s[i] - '!');

			s[n++] = (char) (0xE0 | wide >> 12);
			s[n++] = (char) (0x80 | (wide >> 6 & 0x3F));
			s[n++] = (char) (0x80 | (wide & 0x3F));
		}
		else
			s[n++] = c->s[i];
	if (n <= RGK_CELL_LONGEST)
		check_same(c, s, n);
	free(s);
}

/* With something in front: what was read must be negated, or the same. */
static void
put_before(const cell *c, const char *front, bool negate)
{
	size_t		n = c->n + strlen(front);
	char	   *s = malloc(n);
	cell		other;

	memcpy(s, front, strlen(front));
	memcpy(s + strlen(front), c->s, c->n);
	other = read_cell(s, n, c->by);
	if (other.amount_is == RGK_CELL_VALUE)
	{
		rgk_decimal amount = c->amount;

		REQUIRE(&other, c->amount_is == RGK_CELL_VALUE);
		amount.negative ^= negate && (amount.whole > 0 || amount.fraction > 0);
		REQUIRE(&other, same_amount(&other.amount, &amount));
	}
	free(other.s);
	free(s);
}

/* Whether these are the first two bytes of a character in full-width form. */
static bool
is_wide(const char *s)
{
	return s[0] == '\xef' && s[1] == '\xbc';
}

/*
 * With commas and points changed, in full-width form too, by whoever writes them so.  In fours only commas
 * part digits.
 */
static void
swap_marks(const cell *c)
{
	char	   *s = malloc(c->n > 0 ? c->n : 1);
	cell		other;

	for (size_t i = 0; i < c->n; i++)
		if (i >= 2 && is_wide(c->s + i - 2))
			s[i] = c->s[i] == '\x8c' ? '\x8e' : c->s[i] == '\x8e' ? '\x8c' : c->s[i];
		else
			s[i] = c->s[i] == ',' ? '.' : c->s[i] == '.' ? ',' : c->s[i];
	other = read_cell(s, c->n, c->by ^ 1);
	if (c->amount_is == RGK_CELL_VALUE && other.amount_is == RGK_CELL_VALUE)
		REQUIRE(&other, same_amount(&other.amount, &c->amount) && other.amounts.seen == c->amounts.seen);
	else if (c->amount_is != other.amount_is)
		REQUIRE(&other, (c->amounts.seen | other.amounts.seen) & (RGK_OWN_GROUPS | RGK_OTHER));
	free(other.s);
	free(s);
}

/* ---------- what was read ---------- */

/* What a cell shows goes together, and a lone one has its readings. */
static void
check_shown(const cell *c)
{
	unsigned int shown = c->amounts.seen;
	rgk_refusal why;

	REQUIRE(c, shown == c->amounts.last && c->numbers.seen == c->numbers.last);
	REQUIRE(c, !(shown & RGK_OTHER) || (shown == RGK_OTHER && c->amount_is == RGK_CELL_REFUSED));
	REQUIRE(c, !(shown & (RGK_LONE_GROUP | RGK_LONE_POINT)) || !(shown & (RGK_OWN_GROUPS | RGK_OWN_POINT)));
	REQUIRE(c, !rgk_column_doubts(shown, shown));
	if (!rgk_column_doubts(shown | RGK_OTHER, shown))
		return;
	REQUIRE(c, c->amount_is == RGK_CELL_VALUE && rgk_column_open(&c->amounts));
	rgk_cell_doubted(&conventions[c->by], RGK_AMOUNT, c->s, c->n, &why);
	REQUIRE(c, why.reason == RGK_COLUMN_MARK && why.readings >= 1);
	check_refusal(c, &why);
}

/* A point as the convention writes it. */
static void
write_mark(const cell *c, char *text)
{
	if (conventions[c->by].decimal_comma && strchr(text, '.') != NULL)
		*strchr(text, '.') = ',';
}

static void
check_amount(const cell *c)
{
	const rgk_decimal *d = &c->amount;
	int64_t		most = 1;
	char		text[RGK_DECIMAL_TEXT];
	rgk_column	column = {0};
	rgk_decimal again;
	rgk_refusal why;
	double		number;
	int64_t		units;

	REQUIRE(c, d->whole >= 0 && d->whole < RGK_AMOUNT_LIMIT);
	REQUIRE(c, d->decimals >= 0 && d->decimals <= RGK_MOST_DECIMALS);
	for (int i = 0; i < d->decimals; i++)
		most *= 10;
	REQUIRE(c, d->fraction >= 0 && d->fraction < most);
	REQUIRE(c, !d->negative || d->whole > 0 || d->fraction > 0);
	rgk_decimal_text(d, text, sizeof(text));
	number = strtod(text, NULL);
	write_mark(c, text);
	REQUIRE(c, rgk_cell_amount(&conventions[c->by], &column, text, strlen(text), &again, &why) == RGK_CELL_VALUE);
	REQUIRE(c, same_amount(d, &again));
	REQUIRE(c, c->number_is == RGK_CELL_VALUE && c->number == number);
	if (rgk_decimal_units(d, &units))
		REQUIRE(c, units / most == (d->negative ? -d->whole : d->whole));
}

static void
check_number(const cell *c)
{
	char		text[64];
	rgk_column	column = {0};
	double		again;
	rgk_refusal why;

	REQUIRE(c, c->number - c->number == 0.0);
	snprintf(text, sizeof(text), "%.17g", c->number);
	write_mark(c, text);
	REQUIRE(c, rgk_cell_number(&conventions[c->by], &column, text, strlen(text), &again, &why) == RGK_CELL_VALUE);
	REQUIRE(c, again == c->number);
}

/* Years 1000 to 9999; an instant is at most a day and a zone away. */
static void
check_day(const cell *c)
{
	REQUIRE(c, c->day.day >= -354285 && c->day.day <= 2932896);
	if (c->day.zoned)
	{
		int64_t		since = c->day.instant - c->day.day * INT64_C(86400000000);

		REQUIRE(c, since >= INT64_C(-14) * 3600000000 && since < INT64_C(36) * 3600000000);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned int sum = 0;
	const char *trimmed;
	size_t		n;
	cell		c;

	size = size < MOST_BYTES ? size : MOST_BYTES;
	for (size_t i = 0; i < size; i++)
		sum += data[i];
	c = read_cell((const char *) data, size, (int) (sum % (sizeof(conventions) / sizeof(conventions[0]))));
	trimmed = c.s;
	n = rgk_cell_trim(&trimmed, c.n);
	REQUIRE(&c, (c.amount_is == RGK_CELL_EMPTY) == (n == 0));
	REQUIRE(&c, (c.number_is == RGK_CELL_EMPTY) == (n == 0));
	REQUIRE(&c, (c.day_is == RGK_CELL_EMPTY) == (n == 0));
	REQUIRE(&c, (c.boolean_is == RGK_CELL_EMPTY) == (n == 0));
	REQUIRE(&c, (c.id_is == RGK_CELL_EMPTY) == (n == 0));
	check_same(&c, trimmed, n);
	add_spaces(&c);
	widen(&c);
	swap_marks(&c);
	check_shown(&c);
	put_before(&c, "-", true);
	put_before(&c, signs[c.by], false);
	put_before(&c, "+", false);
	if (c.amount_is == RGK_CELL_VALUE)
		check_amount(&c);
	if (c.number_is == RGK_CELL_VALUE)
		check_number(&c);
	if (c.day_is == RGK_CELL_VALUE)
		check_day(&c);
	free(c.s);
	return 0;
}
