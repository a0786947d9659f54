/*-------------------------------------------------------------------------
 *
 * cells_calendar.c
 *		Days as readings of a refusal.
 *
 *-------------------------------------------------------------------------
 */
#include "cells_calendar.h"

#include <stdio.h>

/* The way back from to_number, for days from the year 1 on. */
void
rgk_add_day_number(rgk_refusal *why, int32_t number, rgk_form form, const char *note)
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
	rgk_refusal_add(why, form, text);
}

void
rgk_add_day(rgk_refusal *why, int64_t year, int64_t month, int64_t day)
{
	if (is_day(year, month, day))
		rgk_add_day_number(why, to_number(year, month, day), RGK_AS_IT_IS, "");
}
