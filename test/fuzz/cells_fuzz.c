/*
 * libFuzzer: one cell, read in every way, and what must hold for it.
 *
 * Nobody else computes the answer here (test/unit/cells_reference.py does);
 * but the same cell written otherwise must be read alike: with spaces of any
 * kind around it, in full-width forms, with a sign of our currency or its
 * opposite sign, as an amount and as a number.  Values lie in their range, and
 * what was read, written down plainly, is read again as the same.  The bytes
 * are allocated exactly, so that the sanitizers see every slip.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cells.h"

#define MOST_BYTES 4096

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A cell and what came of it. */
typedef struct cell
{
	char	   *s;
	size_t		n;
	rgk_cell	amount_is;
	rgk_cell	number_is;
	rgk_cell	day_is;
	rgk_cell	boolean_is;
	rgk_decimal amount;
	double		number;
	rgk_day		day;
	bool		boolean;
	rgk_reason	reason[4];
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

	REQUIRE(c, why->readings >= 0 && why->readings <= 2);
	for (int i = 0; i < why->readings; i++)
		REQUIRE(c, memchr(why->reading[i], 0, RGK_DECIMAL_TEXT) != NULL && why->reading[i][0] != 0);
	REQUIRE(c, why->readings < 2 || strcmp(why->reading[0], why->reading[1]) != 0);
	rgk_refusal_text(why, text, sizeof(text));
	REQUIRE(c, *text != 0 && strlen(text) < sizeof(text) - 1);
	for (const char *p = text; *p != 0; p++)
		REQUIRE(c, *p >= ' ' && *p <= '~');
	return why->reason;
}

static cell
read_cell(const char *s, size_t n)
{
	cell		c = {.s = malloc(n > 0 ? n : 1), .n = n};
	rgk_refusal why;

	memcpy(c.s, s, n);
	c.amount_is = rgk_cell_amount(c.s, n, &c.amount, &why);
	if (c.amount_is == RGK_CELL_REFUSED)
		c.reason[0] = check_refusal(&c, &why);
	c.number_is = rgk_cell_number(c.s, n, &c.number, &why);
	if (c.number_is == RGK_CELL_REFUSED)
		c.reason[1] = check_refusal(&c, &why);
	c.day_is = rgk_cell_day(c.s, n, &c.day, &why);
	if (c.day_is == RGK_CELL_REFUSED)
		c.reason[2] = check_refusal(&c, &why);
	c.boolean_is = rgk_cell_boolean(c.s, n, &c.boolean, &why);
	if (c.boolean_is == RGK_CELL_REFUSED)
		c.reason[3] = check_refusal(&c, &why);
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
	cell		other = read_cell(s, n);

	REQUIRE(&other, other.amount_is == c->amount_is && other.number_is == c->number_is &&
			other.day_is == c->day_is && other.boolean_is == c->boolean_is);
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
	other = read_cell(s, n);
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

/* ---------- what was read ---------- */

static void
check_amount(const cell *c)
{
	const rgk_decimal *d = &c->amount;
	int64_t		most = 1;
	char		text[RGK_DECIMAL_TEXT];
	rgk_decimal again;
	rgk_refusal why;
	int64_t		units;

	REQUIRE(c, d->whole >= 0 && d->whole < RGK_AMOUNT_LIMIT);
	REQUIRE(c, d->decimals >= 0 && d->decimals <= RGK_MOST_DECIMALS);
	for (int i = 0; i < d->decimals; i++)
		most *= 10;
	REQUIRE(c, d->fraction >= 0 && d->fraction < most);
	REQUIRE(c, !d->negative || d->whole > 0 || d->fraction > 0);
	rgk_decimal_text(d, text, sizeof(text));
	REQUIRE(c, rgk_cell_amount(text, strlen(text), &again, &why) == RGK_CELL_VALUE);
	REQUIRE(c, same_amount(d, &again));
	REQUIRE(c, c->number_is == RGK_CELL_VALUE && c->number == strtod(text, NULL));
	if (rgk_decimal_units(d, &units))
		REQUIRE(c, units / most == (d->negative ? -d->whole : d->whole));
}

static void
check_number(const cell *c)
{
	char		text[64];
	double		again;
	rgk_refusal why;

	REQUIRE(c, c->number - c->number == 0.0);
	snprintf(text, sizeof(text), "%.17g", c->number);
	REQUIRE(c, rgk_cell_number(text, strlen(text), &again, &why) == RGK_CELL_VALUE);
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
	cell		c = read_cell((const char *) data, size < MOST_BYTES ? size : MOST_BYTES);
	const char *trimmed = c.s;
	size_t		n = rgk_cell_trim(&trimmed, c.n);

	REQUIRE(&c, (c.amount_is == RGK_CELL_EMPTY) == (n == 0));
	REQUIRE(&c, (c.number_is == RGK_CELL_EMPTY) == (n == 0));
	REQUIRE(&c, (c.day_is == RGK_CELL_EMPTY) == (n == 0));
	REQUIRE(&c, (c.boolean_is == RGK_CELL_EMPTY) == (n == 0));
	check_same(&c, trimmed, n);
	add_spaces(&c);
	widen(&c);
	put_before(&c, "-", true);
	put_before(&c, "\xef\xbf\xa5", false);
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
