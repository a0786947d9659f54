/*-------------------------------------------------------------------------
 *
 * cells_calendar.h
 *		Days of the calendar as numbers, and as readings of a refusal.
 *
 * Private to cells_day.c and cells_time.c.
 *
 *-------------------------------------------------------------------------
 */
#ifndef RGK_CELLS_CALENDAR_H
#define RGK_CELLS_CALENDAR_H

#include "cells_text.h"

/* 1970-01-01 in days since 1 March of the year 0. */
#define EPOCH_ORIGIN 719468

/* Is there such a day, in the years 1000 to 9999? */
static inline bool
is_day(int64_t year, int64_t month, int64_t day)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool		leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	if (year < 1000 || year > 9999 || month < 1 || month > 12 || day < 1)
		return false;
	return day <= lengths[month - 1] + (month == 2 && leap);
}

/* Days since 1970-01-01.  A year begins in March here, and ends in its leap day. */
static inline int32_t
to_number(int64_t year, int64_t month, int64_t day)
{
	int64_t		y = month > 2 ? year : year - 1;
	int64_t		m = month > 2 ? month - 3 : month + 9;

	return (int32_t) (y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1) -
		EPOCH_ORIGIN;
}

/* Add a day, as days since 1970-01-01, to the readings, with a note behind it. */
extern void rgk_add_day_number(rgk_refusal *why, int32_t number, rgk_form form, const char *note);

/* Add a day to the readings if there is such a day. */
extern void rgk_add_day(rgk_refusal *why, int64_t year, int64_t month, int64_t day);

#endif							/* RGK_CELLS_CALENDAR_H */
