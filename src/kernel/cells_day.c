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
#include "cells_calendar.h"
#include "cells_time.h"

#include <stdio.h>

/* Excel counts 1900-01-01 as day 1 and 1900-02-29 as day 60. */
#define SERIAL_LAST INT64_C(2958465)	/* 9999-12-31 */
#define SERIAL_GHOST 60
#define SERIAL_ORIGIN 25569		/* 1970-01-01 */

/* Four digits that anyone would take for a year. */
#define LIKELY_YEAR(y) ((y) >= 1900 && (y) <= 2099)

/* Up to three fields and what parts them. */
typedef struct date
{
	field		f[3];
	int			n;
	char32_t	mark;			/* 0 when nothing follows the first */
} date;

/* ---------- readings ---------- */

static void
add_month(rgk_refusal *why, int64_t year, int64_t month)
{
	char		text[RGK_DECIMAL_TEXT];

	if (!LIKELY_YEAR(year) || month < 1 || month > 12)
		return;
	snprintf(text, sizeof(text), "%d-%02d", (int) year, (int) month);
	rgk_refusal_add(why, RGK_MONTH, text);
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

/* Two numbers and the year, from front to back, in the convention's order; go on behind them. */
static rgk_cell
read_year_last(int64_t first, int64_t second, int64_t year, const char32_t *p, rgk_day *value, rgk_refusal *why)
{
	rgk_date_order order = why->convention.date_order;
	int64_t		month = order == RGK_DAY_FIRST ? second : first;
	int64_t		day = order == RGK_DAY_FIRST ? first : second;

	if (order != RGK_NO_ORDER && is_day(year, month, day))
		return read_day(year, month, day, p, value, why);
	refuse(why, order == RGK_NO_ORDER ? RGK_YEAR_LAST : RGK_NOT_IN_ORDER);
	rgk_add_day(why, year, first, second);
	rgk_add_day(why, year, second, first);
	if (why->readings == 0)
		why->reason = year < 1000 ? RGK_YEAR_RANGE : RGK_NO_SUCH_DAY;
	return RGK_CELL_REFUSED;
}

/* Three numbers of which none is sure to be the year. */
static rgk_cell
refuse_short_year(const date *d, rgk_refusal *why)
{
	rgk_date_order order = why->convention.date_order;
	const field *f = d->f;

	refuse(why, RGK_SHORT_YEAR);
	rgk_add_day(why, 2000 + f[0].value, f[1].value, f[2].value);
	if (d->mark == U'年')
		return RGK_CELL_REFUSED;
	if (order != RGK_MONTH_FIRST)
		rgk_add_day(why, 2000 + f[2].value, f[1].value, f[0].value);
	if (order != RGK_DAY_FIRST)
		rgk_add_day(why, 2000 + f[2].value, f[0].value, f[1].value);
	return RGK_CELL_REFUSED;
}

/* Three fields that do not begin with a year of four digits. */
static rgk_cell
read_turned(const date *d, const char32_t *p, rgk_day *value, rgk_refusal *why)
{
	const field *f = d->f;

	if (f[0].length > 2 || f[1].length > 2 || (f[2].length != 4 && f[2].length > 2))
		return refuse(why, RGK_NO_DATE);
	if (f[2].length == 4)
		return read_year_last(f[0].value, f[1].value, f[2].value, p, value, why);
	return refuse_short_year(d, why);
}

/* ---------- digits that nothing parts ---------- */

/* 20250701 */
static rgk_cell
read_compact(int64_t digits, const char32_t *p, rgk_day *value, rgk_refusal *why)
{
	int64_t		year = digits / 10000;
	int64_t		month = digits / 100 % 100;
	int64_t		day = digits % 100;

	if (!is_day(year, month, day) && LIKELY_YEAR(digits % 10000) &&
		(is_day(digits % 10000, year / 100, year % 100) || is_day(digits % 10000, year % 100, year / 100)))
		return read_year_last(year / 100, year % 100, digits % 10000, p, value, why);
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
		snprintf(text, sizeof(text), "%d", (int) v);
		if (why->readings == 0)
			rgk_refusal_add(why, RGK_YEAR, text);
	}
	else if (whole.length == 6)
	{
		rgk_add_day(why, 2000 + v / 10000, v / 100 % 100, v % 100);
		add_month(why, v / 100, v % 100);
	}
	else if (whole.length == 7 && LIKELY_YEAR(v / 1000))
	{
		rgk_add_day(why, v / 1000, v / 100 % 10, v % 100);
		rgk_add_day(why, v / 1000, v / 10 % 100, v % 10);
	}
}

/* Milliseconds since 1970 in 12 or 13 digits, seconds in 10. */
static bool
refuse_since_1970(field whole, rgk_refusal *why)
{
	int64_t		v = whole.value;
	int64_t		seconds = whole.length == 10 ? v : v / 1000;
	char		time[] = "T00:00:00Z";

	if (whole.length != 10 && whole.length != 12 && whole.length != 13)
		return false;
	if (whole.length == 12 && is_day(v / 100000000, v / 1000000 % 100, v / 10000 % 100) && LIKELY_YEAR(v / 100000000))
	{
		refuse(why, RGK_NO_DATE);
		rgk_add_day(why, v / 100000000, v / 1000000 % 100, v / 10000 % 100);
		return true;
	}
	refuse(why, RGK_SINCE_1970);
	for (int i = 0; i < 3; i++)
	{
		int			part = (int) (i == 0 ? seconds / 3600 % 24 : i == 1 ? seconds / 60 % 60 : seconds % 60);

		time[3 * i + 1] = (char) ('0' + part / 10);
		time[3 * i + 2] = (char) ('0' + part % 10);
	}
	rgk_add_day_number(why, (int32_t) (seconds / 86400), RGK_AS_IT_IS, time);
	return true;
}

/* 31.12 or 7.1, which nobody means for a day of January 1900. */
static bool
looks_like_day_and_month(field whole, field part)
{
	if (whole.length > 2 || part.length < 1 || part.length > 2 || whole.value < 1 || part.value < 1)
		return false;
	return (whole.value <= 31 && part.value <= 12) || (whole.value <= 12 && part.value <= 31);
}

/* 45839, 45839.5 */
static rgk_cell
read_serial(field whole, field part, bool zero, rgk_day *value, rgk_refusal *why)
{
	int64_t		serial = whole.value;

	if (zero && whole.length > 1)
		return refuse(why, RGK_NO_DATE);
	if (refuse_since_1970(whole, why))
		return RGK_CELL_REFUSED;
	if (looks_like_day_and_month(whole, part))
		return refuse(why, RGK_PART_OF_DATE);
	if (whole.length > 7 || serial < 1 || serial > SERIAL_LAST)
		return refuse(why, RGK_SERIAL_RANGE);
	refuse(why, RGK_BARE_DIGITS);
	add_lookalikes(whole, part, why);
	*value = (rgk_day) {.day = (int32_t) serial - SERIAL_ORIGIN + (serial < SERIAL_GHOST)};
	if (why->readings > 0)
	{
		rgk_add_day_number(why, value->day, RGK_IN_EXCEL, "");
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
	if ((*p == '.' || (*p == ',' && why->convention.decimal_comma)) && is_digit(p[1]))
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
		return read_turned(&d, p, value, why);
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
		rgk_add_day(why, f[1].value, month, f[0].value);
	else if (f[0].length == 4 && f[1].length <= 2)
		rgk_add_day(why, f[0].value, month, f[1].value);
}

/* The digits of ten characters, and a mark twice at these places; false when there is anything else. */
static inline bool
quick_digits_at(const char *s, int first, int second, int d[10])
{
	if (s[first] != s[second])
		return false;
	for (int i = 0; i < 10; i++)
	{
		d[i] = s[i] - '0';
		if (i != first && i != second && (d[i] < 0 || d[i] > 9))
			return false;
	}
	return true;
}

/* 2025-07-01 and 2025/07/01, or 31.12.2025 in the convention's order, and nothing else. */
static bool
quick_day(const rgk_convention *convention, const char *s, size_t n, rgk_day *value)
{
	int			d[10];
	int			year;
	int			month;
	int			day;

	if (n != 10)
		return false;
	if (s[4] == '-' || s[4] == '/')
	{
		if (!quick_digits_at(s, 4, 7, d))
			return false;
		year = d[0] * 1000 + d[1] * 100 + d[2] * 10 + d[3];
		month = d[5] * 10 + d[6];
		day = d[8] * 10 + d[9];
	}
	else
	{
		bool		day_first = convention->date_order == RGK_DAY_FIRST;

		if (convention->date_order == RGK_NO_ORDER || s[2] < '-' || s[2] > '/' || !quick_digits_at(s, 2, 5, d))
			return false;
		year = d[6] * 1000 + d[7] * 100 + d[8] * 10 + d[9];
		month = day_first ? d[3] * 10 + d[4] : d[0] * 10 + d[1];
		day = day_first ? d[0] * 10 + d[1] : d[3] * 10 + d[4];
	}
	if (!is_day(year, month, day))
		return false;
	*value = (rgk_day) {.day = to_number(year, month, day)};
	return true;
}

rgk_cell
rgk_cell_day(const rgk_convention *convention, const char *s, size_t n, rgk_day *value, rgk_refusal *why)
{
	cell_text	text;
	rgk_day		found;
	rgk_cell	result;

	if (quick_day(convention, s, n, value))
		return RGK_CELL_VALUE;
	begin_refusal(why, RGK_DAY, convention);
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
