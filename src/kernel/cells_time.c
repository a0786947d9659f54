/*-------------------------------------------------------------------------
 *
 * cells_time.c
 *		Reading what follows a date: a time of the day, a zone.
 *
 * A time without a zone only has to be one; its day is the day as written.
 *
 *-------------------------------------------------------------------------
 */
#include "cells_calendar.h"
#include "cells_time.h"

/* The farthest zones, in seconds. */
#define ZONE_EAST (14 * 3600)
#define ZONE_WEST (12 * 3600)

typedef struct moment
{
	int64_t		hour;
	int64_t		minute;
	int64_t		second;
	int64_t		micros;
	int			half;			/* 1 before noon, 2 after it, 0 not said */
	bool		seconds;		/* were they written? */
	bool		letter;			/* after a T */
	int64_t		offset;			/* of its zone, in seconds */
} moment;

/* ---------- the time of the day ---------- */

static const char32_t *
scan_half(const char32_t *p, moment *t)
{
	p = skip_spaces(p);
	if (t->half != 0)
		return p;
	if (take(&p, U"上午") || take(&p, U"am"))
		t->half = 1;
	else if (take(&p, U"下午") || take(&p, U"pm"))
		t->half = 2;
	return skip_spaces(p);
}

/* One or two digits; NULL when there are none or more. */
static const char32_t *
scan_two(const char32_t *p, int least, int64_t *value)
{
	field		f = scan_field(&p);

	*value = f.value;
	return f.length >= least && f.length <= 2 ? p : NULL;
}

/* :05:30.123 from the first colon on; what is finer than microseconds is cut off. */
static const char32_t *
scan_colons(const char32_t *p, moment *t)
{
	int64_t		worth = 100000;

	p = scan_two(p + 1, 2, &t->minute);
	if (p == NULL || *p != ':')
		return p;
	t->seconds = true;
	p = scan_two(p + 1, 2, &t->second);
	if (p == NULL || *p != '.' || !is_digit(p[1]))
		return p;
	for (p++; is_digit(*p); p++, worth /= 10)
		t->micros += (int64_t) (*p - '0') * worth;
	return p;
}

/* 时5分30秒, or only its beginning; the last unit may be left out. */
static const char32_t *
scan_chinese(const char32_t *p, moment *t)
{
	p = skip_spaces(p + 1);
	if (!is_digit(*p))
		return p;
	p = scan_two(p, 1, &t->minute);
	if (p == NULL)
		return NULL;
	p = skip_spaces(p);
	if (!take(&p, U"分"))
		return p;
	p = skip_spaces(p);
	if (!is_digit(*p))
		return p;
	t->seconds = true;
	p = scan_two(p, 1, &t->second);
	if (p == NULL)
		return NULL;
	p = skip_spaces(p);
	take(&p, U"秒");
	return p;
}

/* Is it a time?  The hour becomes that of the day. */
static bool
check_moment(moment *t)
{
	if (t->minute > 59 || t->second > 59 || t->hour > (t->half == 1 ? 12 : 23))
		return false;
	if (t->half == 1 && t->hour == 12)
		t->hour = 0;
	if (t->half == 2 && t->hour < 12)
		t->hour += 12;
	return true;
}

static bool
is_midnight(const moment *t)
{
	return t->hour == 24 && t->minute == 0 && t->second == 0 && t->micros == 0 && t->half == 0;
}

/* 9:05:30 PM and its like; NULL when there is no such thing. */
static const char32_t *
scan_time(const char32_t *p, moment *t)
{
	p = scan_two(scan_half(p, t), 1, &t->hour);
	if (p == NULL)
		return NULL;
	if (*p == ':')
		p = scan_colons(p, t);
	else
	{
		p = skip_spaces(p);
		p = *p == U'时' ? scan_chinese(p, t) : NULL;
	}
	return p != NULL ? scan_half(p, t) : NULL;
}

/* ---------- zones ---------- */

/* 08, 0800, 08:00, 08:00:00 after the sign; NULL when it is none of these. */
static const char32_t *
scan_offset(const char32_t *p, moment *t, bool *long_form)
{
	field		f = scan_field(&p);
	int64_t		hours = f.length == 4 ? f.value / 100 : f.value;
	int64_t		minutes = f.length == 4 ? f.value % 100 : 0;
	int64_t		seconds = 0;

	if (f.length != 1 && f.length != 2 && f.length != 4)
		return NULL;
	if (f.length <= 2 && *p == ':')
	{
		p = scan_two(p + 1, 2, &minutes);
		*long_form = p != NULL && *p == ':';
		if (*long_form)
			p = scan_two(p + 1, 2, &seconds);
	}
	if (minutes > 59 || seconds > 59)
		return NULL;
	t->offset = hours * 3600 + minutes * 60 + seconds;
	return p;
}

/*
 * May what looks like a zone in the west be the end of a meeting?  09:00-11:00
 * may, 23:30-05:00 may not, for meetings end later than they begin.
 */
static bool
may_be_span(const moment *t, bool named, bool long_form)
{
	if (named || t->letter || (t->seconds && !long_form))
		return false;
	return t->offset > t->hour * 3600 + t->minute * 60 + t->second;
}

/* Everything from the zone on. */
static rgk_cell
read_zone(const char32_t *p, moment *t, rgk_refusal *why)
{
	bool		named = take(&p, U"utc") || take(&p, U"gmt");
	bool		long_form = false;
	bool		west;

	if (named || take(&p, U"z"))
	{
		if (*skip_spaces(p) == 0)
			return RGK_CELL_VALUE;
		if (!named)
			return refuse(why, RGK_NO_ZONE);
		p = skip_spaces(p);
	}
	west = *p == '-';
	if (!west && *p != '+')
		return refuse(why, *p >= 'a' && *p <= 'z' ? RGK_NO_ZONE : RGK_NO_TIME);
	if (west && skip_spaces(p + 1) != p + 1)
		return refuse(why, RGK_ZONE_OR_SPAN);
	p = scan_offset(p + 1, t, &long_form);
	if (p == NULL || *skip_spaces(p) != 0)
		return refuse(why, RGK_NO_ZONE);
	if (west && may_be_span(t, named, long_form))
		return refuse(why, RGK_ZONE_OR_SPAN);
	if (t->offset > (west ? ZONE_WEST : ZONE_EAST))
		return refuse(why, RGK_NO_ZONE);
	if (west)
		t->offset = -t->offset;
	return RGK_CELL_VALUE;
}

/* A time is known; the zone, if there is one, makes an instant of it. */
static rgk_cell
read_instant(const char32_t *p, moment *t, rgk_day *value, rgk_refusal *why)
{
	int64_t		seconds;

	if (!check_moment(t))
		return refuse(why, RGK_NO_TIME);
	if (*p == 0)
		return RGK_CELL_VALUE;
	if (read_zone(p, t, why) != RGK_CELL_VALUE)
		return RGK_CELL_REFUSED;
	seconds = t->hour * 3600 + t->minute * 60 + t->second - t->offset;
	value->zoned = true;
	value->instant = (value->day * INT64_C(86400) + seconds) * 1000000 + t->micros;
	return RGK_CELL_VALUE;
}

rgk_cell
rgk_read_rest(const char32_t *p, rgk_day *value, rgk_refusal *why)
{
	moment		t = {0};

	if (*skip_spaces(p) == 0)
		return RGK_CELL_VALUE;
	t.letter = take(&p, U"t");
	p = scan_time(p, &t);
	if (p == NULL)
		return refuse(why, RGK_NO_TIME);
	if (is_midnight(&t))
	{
		refuse(why, RGK_MIDNIGHT);
		rgk_add_day_number(why, value->day, RGK_AS_IT_IS, "");
		rgk_add_day_number(why, value->day + 1, RGK_AS_IT_IS, "");
		return RGK_CELL_REFUSED;
	}
	return read_instant(p, &t, value, why);
}

rgk_cell
rgk_read_digits(int64_t hhmmss, const char32_t *p, rgk_day *value, rgk_refusal *why)
{
	moment		t = {.seconds = true};

	t.hour = hhmmss / 10000;
	t.minute = hhmmss / 100 % 100;
	t.second = hhmmss % 100;
	return read_instant(skip_spaces(p), &t, value, why);
}
