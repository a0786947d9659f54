/*-------------------------------------------------------------------------
 *
 * cells_day.c
 *		Reading one cell as a day.
 *
 * A date comes first; a time of the day and a zone, which cells_time.c reads,
 * may follow.  Digits that nothing parts are a compact date, a day number of
 * Excel, or too many things at once.
 *
 *-------------------------------------------------------------------------
 */
#include "cells_day.h"

#include <stdio.h>

/* Excel counts 1900-01-01 as day 1 and 1900-02-29 as day 60. */
#define SERIAL_LAST INT64_C(2958465)	/* 9999-12-31 */
#define SERIAL_GHOST 60
#define SERIAL_ORIGIN 25569		/* 1970-01-01 */

/* 1970-01-01 in days since 1 March of the year 0. */
#define EPOCH_ORIGIN 719468

/* Four digits that anyone would take for a year. */
#define LIKELY_YEAR(y) ((y) >= 1900 && (y) <= 2099)

/* Up to three fields and what parts them. */
typedef struct date
{
	field		f[3];
	int			n;
	char32_t	mark;			/* 0 when nothing follows the first */
} date;

/* ---------- the calendar ---------- */

static bool
is_day(int64_t year, int64_t month, int64_t day)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool		leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	if (year < 1000 || year > 9999 || month < 1 || month > 12 || day < 1)
		return false;
	return day <= lengths[month - 1] + (month == 2 && leap);
}

/* Days since 1970-01-01.  A year begins in March here, and ends in its leap day. */
static int32_t
to_number(int64_t year, int64_t month, int64_t day)
{
	int64_t		y = month > 2 ? year : year - 1;
	int64_t		m = month > 2 ? month - 3 : month + 9;

	return (int32_t) (y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1) -
		EPOCH_ORIGIN;
}

/* The way back, for days from the year 1 on. */
void
rgk_add_day_number(rgk_refusal *why, int32_t number, const char *note)
{
	char		text[RGK_DECIMAL_TEXT];
	int			n = number + EPOCH_ORIGIN;
	int			century = (4 * n + 3) / 146097;
	int			in_century = n - century * 146097 / 4;
	int			year = (4 * in_century + 3) / 1461;
	int			in_year = in_century - year * 1461 / 4;
	int			month = (5 * in_year + 2) / 153;

	snprintf(text, sizeof(text), "%04d-%02d-%02d%s", century * 100 + year + (month > 9),
			 month > 9 ? month - 9 : month + 3, in_year - (month * 153 + 2) / 5 + 1, note);
	rgk_refusal_add(why, text);
}

/* Add a reading if there is such a day. */
static void
add_day(rgk_refusal *why, int64_t year, int64_t month, int64_t day)
{
	if (is_day(year, month, day))
		rgk_add_day_number(why, to_number(year, month, day), "");
}

static void
add_month(rgk_refusal *why, int64_t year, int64_t month)
{
	char		text[RGK_DECIMAL_TEXT];

	if (!LIKELY_YEAR(year) || month < 1 || month > 12)
		return;
	snprintf(text, sizeof(text), "the month %d-%02d", (int) year, (int) month);
	rgk_refusal_add(why, text);
}

/* ---------- dates ---------- */

static bool
is_mark(char32_t c)
{
	return c == '-' || c == '/' || c == '.' || c == U'年';
}

/* The fields of a date, parted alike; what comes after them. */
static const char32_t *
scan_date(const char32_t *p, date *d)
{
	*d = (date) {.n = 1};
	d->f[0] = scan_field(&p);
	while (d->n < 3)
	{
		const char32_t *at = skip_spaces(p);

		if (d->n == 1 && is_mark(*at))
			d->mark = *at;
		else if (d->n == 1 || *at != (d->mark == U'年' ? U'月' : d->mark))
			return p;
		p = skip_spaces(at + 1);
		if (!is_digit(*p))
			return p;
		d->f[d->n++] = scan_field(&p);
	}
	if (d->mark == U'年')
	{
		const char32_t *at = skip_spaces(p);

		if (take(&at, U"日") || take(&at, U"号"))
			return at;
	}
	return p;
}

/* Year, month and day are known; go on behind them. */
static rgk_cell
read_day(int64_t year, int64_t month, int64_t day, const char32_t *p, rgk_day *value,
		 rgk_refusal *why)
{
	if (year < 1000)
		return refuse(why, RGK_YEAR_RANGE);
	if (!is_day(year, month, day))
		return refuse(why, RGK_NO_SUCH_DAY);
	*value = (rgk_day) {.day = to_number(year, month, day)};
	return rgk_read_rest(p, value, why);
}

/* Three fields that do not begin with a year of four digits. */
static rgk_cell
refuse_order(const date *d, rgk_refusal *why)
{
	const field *f = d->f;

	if (f[0].length > 2 || f[1].length > 2 || (f[2].length != 4 && f[2].length > 2))
		return refuse(why, RGK_NO_DATE);
	if (f[2].length == 4)
	{
		refuse(why, RGK_YEAR_LAST);
		add_day(why, f[2].value, f[0].value, f[1].value);
		add_day(why, f[2].value, f[1].value, f[0].value);
		return RGK_CELL_REFUSED;
	}
	refuse(why, RGK_SHORT_YEAR);
	add_day(why, 2000 + f[0].value, f[1].value, f[2].value);
	if (d->mark == U'年')
		return RGK_CELL_REFUSED;
	add_day(why, 2000 + f[2].value, f[1].value, f[0].value);
	add_day(why, 2000 + f[2].value, f[0].value, f[1].value);
	return RGK_CELL_REFUSED;
}

/* ---------- digits that nothing parts ---------- */

/* 20250701 */
static rgk_cell
read_compact(int64_t digits, const char32_t *p, rgk_day *value, rgk_refusal *why)
{
	int64_t		year = digits / 10000;
	int64_t		month = digits / 100 % 100;
	int64_t		day = digits % 100;

	if (!is_day(year, month, day) && LIKELY_YEAR(digits % 10000))
	{
		refuse(why, RGK_YEAR_LAST);
		add_day(why, digits % 10000, year / 100, year % 100);
		add_day(why, digits % 10000, year % 100, year / 100);
		if (why->readings > 0)
			return RGK_CELL_REFUSED;
	}
	return read_day(year, month, day, p, value, why);
}

/* 20250701090530 */
static rgk_cell
read_compact_time(int64_t digits, const char32_t *p, rgk_day *value, rgk_refusal *why)
{
	rgk_cell	result = read_compact(digits / 1000000, U"", value, why);

	return result == RGK_CELL_VALUE ? rgk_read_digits(digits % 1000000, p, value, why) : result;
}

/* What else up to seven digits may be; the part behind a point may tell a month. */
static void
add_lookalikes(field whole, field part, rgk_refusal *why)
{
	int64_t		v = whole.value;
	char		text[RGK_DECIMAL_TEXT];

	if (whole.length == 4 && LIKELY_YEAR(v))
	{
		if (part.length == 1 || part.length == 2)
			add_month(why, v, part.value);
		snprintf(text, sizeof(text), "the year %d", (int) v);
		if (why->readings == 0)
			rgk_refusal_add(why, text);
	}
	else if (whole.length == 6)
	{
		add_day(why, 2000 + v / 10000, v / 100 % 100, v % 100);
		add_month(why, v / 100, v % 100);
	}
	else if (whole.length == 7 && LIKELY_YEAR(v / 1000))
	{
		add_day(why, v / 1000, v / 100 % 10, v % 100);
		add_day(why, v / 1000, v / 10 % 100, v % 10);
	}
}

/* 45839, 45839.5 */
static rgk_cell
read_serial(field whole, field part, bool zero, rgk_day *value, rgk_refusal *why)
{
	int64_t		serial = whole.value;

	if (zero && whole.length > 1)
		return refuse(why, RGK_NO_DATE);
	if (whole.length > 7 || serial < 1 || serial > SERIAL_LAST)
		return refuse(why, RGK_SERIAL_RANGE);
	refuse(why, RGK_BARE_DIGITS);
	add_lookalikes(whole, part, why);
	*value = (rgk_day) {.day = (int32_t) serial - SERIAL_ORIGIN + (serial < SERIAL_GHOST)};
	if (why->readings > 0)
	{
		rgk_add_day_number(why, value->day, " in Excel");
		return RGK_CELL_REFUSED;
	}
	return serial == SERIAL_GHOST ? refuse(why, RGK_SERIAL_60) : RGK_CELL_VALUE;
}

static rgk_cell
read_bare(const char32_t *text, rgk_day *value, rgk_refusal *why)
{
	const char32_t *p = text;
	field		whole = scan_field(&p);
	field		part = {0};

	if (whole.length == 8)
		return read_compact(whole.value, p, value, why);
	if (whole.length == 14)
		return read_compact_time(whole.value, p, value, why);
	if (*p == '.' && is_digit(p[1]))
	{
		p++;
		part = scan_field(&p);
	}
	if (*p != 0)
		return refuse(why, *skip_spaces(p) == U'月' ? RGK_PART_OF_DATE : RGK_NO_DATE);
	return read_serial(whole, part, *text == '0', value, why);
}

/* ---------- the cell ---------- */

static rgk_cell
read_text(const char32_t *text, rgk_day *value, rgk_refusal *why)
{
	date		d;
	const char32_t *p = scan_date(text, &d);

	if (d.f[0].length == 0)
		return refuse(why, RGK_NO_DATE);
	if (d.mark == 0 || (d.mark == '.' && d.n < 3) || d.f[0].length == 14)
		return read_bare(text, value, why);
	if (d.n < 3)
		return refuse(why, *p == 0 && (d.n == 2 || d.mark == U'年') ? RGK_PART_OF_DATE : RGK_NO_DATE);
	if (d.f[0].length != 4)
		return refuse_order(&d, why);
	if (d.f[1].length > 2 || d.f[2].length > 2)
		return refuse(why, RGK_NO_DATE);
	return read_day(d.f[0].value, d.f[1].value, d.f[2].value, p, value, why);
}

/* 1 July 2025, July 1, 2025: the reading of a text that is refused for its order. */
static void
add_named_month(const char32_t *text, rgk_refusal *why)
{
	static const char32_t *const names[] = {
		U"jan", U"feb", U"mar", U"apr", U"may", U"jun", U"jul", U"aug", U"sep", U"oct", U"nov", U"dec"
	};
	int64_t		month = 0;
	field		f[2] = {{0}, {0}};
	int			n = 0;

	while (*text != 0 && n < 2)
	{
		for (int i = 0; i < 12 && month == 0; i++)
			if (take(&text, names[i]))
				month = i + 1;
		if (is_digit(*text))
			f[n++] = scan_field(&text);
		else if (*text != 0)
			text++;
	}
	if (f[0].length <= 2 && f[1].length == 4)
		add_day(why, f[1].value, month, f[0].value);
	else if (f[0].length == 4 && f[1].length <= 2)
		add_day(why, f[0].value, month, f[1].value);
}

/* 2025-07-01 and 2025/07/01, and nothing else. */
static bool
quick_day(const char *s, size_t n, rgk_day *value)
{
	int			d[10];

	if (n != 10 || (s[4] != '-' && s[4] != '/') || s[7] != s[4])
		return false;
	for (int i = 0; i < 10; i++)
	{
		d[i] = s[i] - '0';
		if (i != 4 && i != 7 && (d[i] < 0 || d[i] > 9))
			return false;
	}
	d[0] = d[0] * 1000 + d[1] * 100 + d[2] * 10 + d[3];
	d[5] = d[5] * 10 + d[6];
	d[8] = d[8] * 10 + d[9];
	if (!is_day(d[0], d[5], d[8]))
		return false;
	*value = (rgk_day) {.day = to_number(d[0], d[5], d[8])};
	return true;
}

rgk_cell
rgk_cell_day(const char *s, size_t n, rgk_day *value, rgk_refusal *why)
{
	cell_text	text;
	rgk_day		found;
	rgk_cell	result;

	if (quick_day(s, n, value))
		return RGK_CELL_VALUE;
	result = rgk_cell_fold(s, n, &text, why);
	if (result != RGK_CELL_VALUE)
		return result;
	result = read_text(text.c, &found, why);
	if (result == RGK_CELL_VALUE)
		*value = found;
	else if (why->reason == RGK_NO_DATE)
		add_named_month(text.c, why);
	return result;
}
