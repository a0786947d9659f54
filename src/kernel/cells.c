/*-------------------------------------------------------------------------
 *
 * cells.c
 *		Reading one cell: its text, booleans, ids.
 *
 * Amounts and numbers are in cells_number.c, days in cells_day.c, the words of
 * a refusal in cells_words.c.
 *
 *-------------------------------------------------------------------------
 */
#include "cells_text.h"

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
rgk_cell_boolean(const rgk_convention *convention, const char *s, size_t n, bool *value, rgk_refusal *why)
{
	static const char32_t *const good[] = {
		U"1", U"true", U"yes", U"y", U"t", U"是", U"won", U"closed won", U"赢单", NULL
	};
	static const char32_t *const bad[] = {
		U"0", U"false", U"no", U"n", U"f", U"否", U"lost", U"closed lost", U"输单", NULL
	};
	cell_text	text;
	rgk_cell	result;

	begin_refusal(why, RGK_BOOLEAN, convention);
	result = rgk_cell_fold(s, n, &text, why);
	if (result != RGK_CELL_VALUE)
		return result;
	*value = is_one_of(text.c, good);
	if (!*value && !is_one_of(text.c, bad))
		return refuse(why, RGK_NO_BOOLEAN);
	return RGK_CELL_VALUE;
}

/* ---------- ids ---------- */

static bool
is_sheet_error(const char32_t *text)
{
	static const char32_t *const errors[] = {
		U"#n/a", U"#value!", U"#ref!", U"#name?", U"#div/0!", U"#num!", U"#null!", U"#spill!", U"#calc!", NULL
	};
	const char32_t *p = text;

	while (*p == '#')
		p++;
	return (p > text + 2 && *p == 0) || is_one_of(text, errors);
}

/*
 * A number as spreadsheets and programs write it when its digits do not fit:
 * 9.61565E+15, 9,61565E+15, 9.61565E15, 1E+15, as engineers do 961.6E+13.
 * 1E15, 2E-7 and 12.5E15 may be ids.
 */
static bool
is_shortened(const char32_t *p)
{
	const char32_t *digits;
	bool		single;
	bool		decimals = false;

	if (*p == '-')
		p++;
	for (digits = p; is_digit(*p); p++)
		;
	if (p == digits || p > digits + 3)
		return false;
	single = p == digits + 1;
	if ((*p == '.' || *p == ',') && is_digit(p[1]))
	{
		decimals = true;
		for (p++; is_digit(*p); p++)
			;
	}
	if (*p++ != 'e')
		return false;
	if (*p == '+' || (*p == '-' && decimals && single))
		p++;
	else if (!decimals || !single)
		return false;
	for (digits = p; is_digit(*p); p++)
		;
	return *p == 0 && p > digits && p <= digits + 3;
}

/* Could an id be something else?  It ends in digits behind a sign or an e, or begins as what it is not. */
static bool
is_suspect(const unsigned char *s, size_t n)
{
	size_t		i = n;

	if (s[0] == '#' || s[0] == '-' || s[0] == 0xE2 || s[0] == 0xEF || s[n - 1] >= 0x80)
		return true;
	while (i > 0 && i + 4 > n && s[i - 1] >= '0' && s[i - 1] <= '9')
		i--;
	return i > 0 && i < n && (s[i - 1] == '+' || s[i - 1] == '-' || (s[i - 1] | 0x20) == 'e' || s[i - 1] >= 0x80);
}

rgk_cell
rgk_cell_id(const rgk_convention *convention, const char *s, size_t n, rgk_refusal *why)
{
	cell_text	text;
	rgk_cell	result;

	if (n == 0)
		return RGK_CELL_EMPTY;
	if (n > RGK_CELL_LONGEST || !is_suspect((const unsigned char *) s, n))
		return RGK_CELL_VALUE;
	begin_refusal(why, RGK_ID, convention);
	result = rgk_cell_fold(s, n, &text, why);
	if (result == RGK_CELL_REFUSED && why->reason == RGK_LONE_DASH)
		return result;
	if (result == RGK_CELL_REFUSED && why->reason == RGK_BAD_TEXT)
		return RGK_CELL_VALUE;	/* somebody's own encoding */
	if (is_sheet_error(text.c))
		return refuse(why, RGK_SHEET_ERROR);
	return is_shortened(text.c) ? refuse(why, RGK_SHORTENED) : RGK_CELL_VALUE;
}
