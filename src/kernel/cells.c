/*-------------------------------------------------------------------------
 *
 * cells.c
 *		Reading one cell: its text, booleans, and the words of a refusal.
 *
 * Amounts and numbers are in cells_number.c, days in cells_day.c.
 *
 *-------------------------------------------------------------------------
 */
#include "cells_text.h"

#include <stdio.h>

/* ---------- text ---------- */

/*
 * The bytes of the first code point, 0 when they are no valid UTF-8: cut off,
 * longer than need be, a surrogate, beyond U+10FFFF.
 */
static size_t
decode(const unsigned char *s, size_t n, char32_t *c)
{
	static const char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t		length = s[0] < 0x80 ? 1 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;

	*c = s[0];
	if (length == 1)
		return 1;
	if (s[0] < 0xC2 || s[0] > 0xF4 || n < length)
		return 0;
	*c = s[0] & (0x7F >> length);
	for (size_t i = 1; i < length; i++)
	{
		if ((s[i] & 0xC0) != 0x80)
			return 0;
		*c = *c << 6 | (s[i] & 0x3F);
	}
	if (*c < least[length] || *c > 0x10FFFF || (*c >= 0xD800 && *c <= 0xDFFF))
		return 0;
	return length;
}

/* Spaces beyond ASCII; '\t' where they cannot part thousands. */
static char32_t
fold_space(char32_t c)
{
	if (c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x205F ||
		c == 0x3000)
		return ' ';
	if (c == 0x85 || c == 0x180E || (c >= 0x200B && c <= 0x200F) ||
		(c >= 0x2028 && c <= 0x202E) || c == 0x2060 || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF)
		return '\t';
	return c;
}

static char32_t
fold_ascii(char32_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c + ('a' - 'A');
	return c >= '\t' && c <= '\r' ? '\t' : c;
}

/* What stands for several ways of writing the same. */
static char32_t
fold(char32_t c)
{
	if (c < 0x80)
		return fold_ascii(c);
	if (c >= 0xFF01 && c <= 0xFF5E)
		return fold_ascii(c - 0xFF01 + '!');
	if ((c >= 0x2010 && c <= 0x2015) || c == 0x2212)
		return '-';
	switch (c)
	{
		case U'’':
			return '\'';
		case U'￠':
			return U'¢';
		case U'￡':
			return U'£';
		case U'￥':
			return U'¥';
		case U'￦':
			return U'₩';
		case U'拾':
			return U'十';
		case U'佰':
			return U'百';
		case U'仟':
			return U'千';
		case U'萬':
			return U'万';
		case U'億':
			return U'亿';
		case U'圆':
		case U'圓':
			return U'元';
		case U'幣':
			return U'币';
		case U'號':
			return U'号';
		case U'時':
			return U'时';
		case U'点':
		case U'點':
			return U'时';
		case U'贏':
			return U'赢';
		case U'輸':
			return U'输';
		case U'單':
			return U'单';
		default:
			return fold_space(c);
	}
}

static bool
is_space(char32_t c)
{
	c = fold(c);
	return c == ' ' || c == '\t';
}

/* The bytes of the space that the text ends in, or 0. */
static size_t
last_space(const unsigned char *s, size_t n)
{
	size_t		length = 1;
	char32_t	c;

	while (length < 4 && length < n && (s[n - length] & 0xC0) == 0x80)
		length++;
	return decode(s + n - length, length, &c) == length && is_space(c) ? length : 0;
}

size_t
rgk_cell_trim(const char **s, size_t n)
{
	const unsigned char *at = (const unsigned char *) *s;
	size_t		length;
	char32_t	c;

	while (n > 0 && (length = decode(at, n, &c)) > 0 && is_space(c))
	{
		at += length;
		n -= length;
	}
	while (n > 0 && (length = last_space(at, n)) > 0)
		n -= length;
	*s = (const char *) at;
	return n;
}

/* What may stand in a cell of any kind, and says nothing. */
static rgk_cell
judge_text(const char32_t *c, rgk_refusal *why)
{
	if (*c == '#')
		return refuse(why, RGK_SHEET_ERROR);
	while (*c == '-')
		c++;
	return *c == 0 ? refuse(why, RGK_LONE_DASH) : RGK_CELL_VALUE;
}

rgk_cell
rgk_cell_fold(const char *s, size_t n, cell_text *text, rgk_refusal *why)
{
	const unsigned char *at;
	char32_t   *to = text->c;

	n = rgk_cell_trim(&s, n);
	if (n == 0)
		return RGK_CELL_EMPTY;
	if (n > RGK_CELL_LONGEST)
		return refuse(why, RGK_TOO_LONG);
	at = (const unsigned char *) s;
	while (n > 0)
	{
		char32_t	c;
		size_t		length = decode(at, n, &c);

		if (length == 0 || c == 0)
			return refuse(why, RGK_BAD_TEXT);
		*to++ = fold(c);
		at += length;
		n -= length;
	}
	*to = 0;
	return judge_text(text->c, why);
}

/* ---------- booleans ---------- */

static bool
is_one_of(const char32_t *text, const char32_t *const *words)
{
	for (; *words != NULL; words++)
	{
		const char32_t *p = text;

		if (take(&p, *words) && *p == 0)
			return true;
	}
	return false;
}

rgk_cell
rgk_cell_boolean(const char *s, size_t n, bool *value, rgk_refusal *why)
{
	static const char32_t *const good[] = {
		U"1", U"true", U"yes", U"y", U"t", U"是", U"won", U"closed won", U"赢单", NULL
	};
	static const char32_t *const bad[] = {
		U"0", U"false", U"no", U"n", U"f", U"否", U"lost", U"closed lost", U"输单", NULL
	};
	cell_text	text;
	rgk_cell	result = rgk_cell_fold(s, n, &text, why);

	if (result != RGK_CELL_VALUE)
		return result;
	*value = is_one_of(text.c, good);
	if (!*value && !is_one_of(text.c, bad))
		return refuse(why, RGK_NO_BOOLEAN);
	return RGK_CELL_VALUE;
}

/* ---------- the words of a refusal ---------- */

void
rgk_refusal_add(rgk_refusal *why, const char *reading)
{
	if (why->readings == 2 || (why->readings == 1 && strcmp(why->reading[0], reading) == 0))
		return;
	snprintf(why->reading[why->readings++], RGK_DECIMAL_TEXT, "%s", reading);
}

static const char *
words_of(rgk_reason reason)
{
	switch (reason)
	{
		case RGK_BAD_TEXT:
			return "the text is damaged (not valid UTF-8)";
		case RGK_TOO_LONG:
			return "the cell is too long";
		case RGK_SHEET_ERROR:
			return "an error of the spreadsheet, not a value";
		case RGK_LONE_DASH:
			return "a dash alone may mean zero or nothing known: write 0, or leave the cell empty";
		case RGK_NO_NUMBER:
			return "not a number";
		case RGK_DECIMAL_COMMA:
			return "the comma may be a decimal point or part thousands";
		case RGK_BAD_GROUPS:
			return "the digits are not parted in threes";
		case RGK_TWO_SIGNS:
			return "more than one sign or bracket for a negative number";
		case RGK_BAD_UNITS:
			return "the units do not fall from part to part";
		case RGK_HALF_UNIT:
			return "the last part lacks its unit";
		case RGK_VAGUE_UNIT:
			return "the unit zhao is a million to some and a million millions to others";
		case RGK_FOREIGN:
			return "another currency";
		case RGK_TOO_LARGE:
			return "the number is too large";
		case RGK_TOO_FINE:
			return "the number has too many decimals: round it";
		case RGK_NO_DATE:
			return "not a date such as 2025-07-01";
		case RGK_YEAR_LAST:
			return "the year is last";
		case RGK_SHORT_YEAR:
			return "the year has not four digits";
		case RGK_YEAR_RANGE:
			return "the year is before 1000";
		case RGK_NO_SUCH_DAY:
			return "there is no such day in the calendar";
		case RGK_PART_OF_DATE:
			return "a day needs year, month and day";
		case RGK_BARE_DIGITS:
			return "a date without its dashes, or a day number of Excel";
		case RGK_SERIAL_RANGE:
			return "not a day number of Excel: those go from 1 to 2958465";
		case RGK_SERIAL_60:
			return "Excel's day 60 is 29 February 1900, which never was";
		case RGK_NO_TIME:
			return "what follows the date is not a time of the day";
		case RGK_MIDNIGHT:
			return "24:00 may belong to either day";
		case RGK_NO_ZONE:
			return "an unknown time zone: write its distance from UTC, as in 12:30+08:00";
		case RGK_ZONE_OR_SPAN:
			return "what follows the time may be a time zone or the end of a meeting";
		case RGK_NO_BOOLEAN:
			return "neither yes nor no";
	}
	return "not readable";
}

void
rgk_refusal_text(const rgk_refusal *why, char *text, size_t size)
{
	const char *words = words_of(why->reason);

	if (why->readings == 2)
		snprintf(text, size, "%s: this may be %s or %s", words, why->reading[0], why->reading[1]);
	else if (why->readings == 1)
		snprintf(text, size, "%s: write %s if that is meant", words, why->reading[0]);
	else if (why->name != NULL)
		snprintf(text, size, "%s: %s", words, why->name);
	else
		snprintf(text, size, "%s", words);
}
