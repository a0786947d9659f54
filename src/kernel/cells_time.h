/*-------------------------------------------------------------------------
 *
 * cells_time.h
 *		Reading what follows a date, for cells_day.c.
 *
 *
 *-------------------------------------------------------------------------
 */
#ifndef RGK_CELLS_TIME_H
#define RGK_CELLS_TIME_H

#include "cells_text.h"

/* Digits in a row; of more than 18 only how many they are is known. */
typedef struct field
{
	int64_t		value;
	int			length;
} field;

static inline field
scan_field(const char32_t **p)
{
	field		f = {0};

	for (; is_digit(**p); ++*p)
		if (++f.length <= 18)
			f.value = f.value * 10 + (int64_t) (**p - '0');
	return f;
}

/*
 * Read everything after the date, whose day is in *value, up to the end of the
 * cell.
 */
extern rgk_cell rgk_read_rest(const char32_t *p, rgk_day *value, rgk_refusal *why);

/* The same after a time in six digits. */
extern rgk_cell rgk_read_digits(int64_t hhmmss, const char32_t *p, rgk_day *value, rgk_refusal *why);

#endif							/* RGK_CELLS_TIME_H */
