/*-------------------------------------------------------------------------
 *
 * cells_words.c
 *		The words of a refusal, with what to write instead.
 *
 * What is advised depends on the cell: nobody is told to write 0 for a day, or
 * to leave a cell empty that may not be.
 *
 *-------------------------------------------------------------------------
 */
#include "cells_text.h"

#include <stdio.h>

void
rgk_refusal_add(rgk_refusal *why, const char *reading)
{
	for (int i = 0; i < why->readings; i++)
		if (strcmp(why->reading[i], reading) == 0)
			return;
	if (why->readings < RGK_READINGS)
	{
		char	   *to = why->reading[why->readings++];

		strncpy(to, reading, RGK_DECIMAL_TEXT - 1);
		to[RGK_DECIMAL_TEXT - 1] = 0;
	}
}

static const char *
lone_dash(rgk_kind kind, bool required)
{
	switch (kind)
	{
		case RGK_AMOUNT:
		case RGK_NUMBER:
			return required ? "a dash alone may mean zero or nothing known: write 0 if that is meant" :
				"a dash alone may mean zero or nothing known: write 0, or leave the cell empty";
		case RGK_DAY:
			return required ? "a dash alone is no day" : "a dash alone is no day: leave the cell empty if there is none";
		case RGK_BOOLEAN:
			return required ? "a dash alone is neither yes nor no" :
				"a dash alone is neither yes nor no: leave the cell empty if nothing is decided";
		case RGK_ID:
			break;
	}
	return required ? "a dash alone names nothing" : "a dash alone names nothing: leave the cell empty if nothing is meant";
}

static const char *
sheet_error(rgk_kind kind, bool required)
{
	if (kind == RGK_ID)
		return required ? "an error of the spreadsheet, not a name or number" :
			"an error of the spreadsheet, not a name or number: mend its formula, or leave the cell empty";
	return "an error of the spreadsheet, not a value";
}

/* What may be wrong with the marks of a number. */
static const char *
words_of_marks(rgk_reason reason, bool decimal_comma)
{
	if (reason == RGK_OTHER_MARK)
		return decimal_comma ? "the point may be a decimal point or part thousands" :
			"the comma may be a decimal point or part thousands";
	if (reason == RGK_OTHER_GROUPS)
		return decimal_comma ? "its thousands are parted by commas, which are decimal marks here" :
			"its thousands are parted by points, which are decimal points here";
	return decimal_comma ? "other cells of the column have decimal points" : "other cells of the column have decimal commas";
}

static const char *
words_of_number(const rgk_refusal *why)
{
	switch (why->reason)
	{
		case RGK_OTHER_MARK:
		case RGK_OTHER_GROUPS:
		case RGK_COLUMN_MARK:
			return words_of_marks(why->reason, why->convention.decimal_comma);
		case RGK_NO_NUMBER:
			return "not a number";
		case RGK_BAD_GROUPS:
			return "the digits are not parted in threes";
		case RGK_TWO_SIGNS:
			return "more than one sign or bracket for a negative number";
		case RGK_DASH_FOR_CENTS:
			return "the dash may stand for no decimals or make the number negative";
		case RGK_BAD_UNITS:
			return "the units do not fall from part to part";
		case RGK_HALF_UNIT:
			return "the last part lacks its unit";
		case RGK_VAGUE_UNIT:
			return "the unit zhao is a million to some and a million millions to others";
		case RGK_TOO_LARGE:
			return "the number is too large";
		case RGK_TOO_FINE:
			return why->kind == RGK_NUMBER ? "the number is too small to be told from 0" :
				"the number has too many decimals: round it";
		default:
			return NULL;
	}
}

static const char *
words_of_day(const rgk_refusal *why)
{
	switch (why->reason)
	{
		case RGK_NO_DATE:
			return "not a date such as 2025-07-01";
		case RGK_YEAR_LAST:
			return "the year is last";
		case RGK_NOT_IN_ORDER:
			return why->convention.date_order == RGK_DAY_FIRST ? "there is no such day when the day comes first" :
				"there is no such day when the month comes first";
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
		case RGK_SINCE_1970:
			return "counted since 1970, not a day";
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
		default:
			return NULL;
	}
}

static const char *
words_of(const rgk_refusal *why, bool required)
{
	const char *words;

	switch (why->reason)
	{
		case RGK_BAD_TEXT:
			return "the text is damaged (not valid UTF-8)";
		case RGK_TOO_LONG:
			return "the cell is too long";
		case RGK_SHEET_ERROR:
			return sheet_error(why->kind, required);
		case RGK_LONE_DASH:
			return lone_dash(why->kind, required);
		case RGK_NO_BOOLEAN:
			return "neither yes nor no";
		case RGK_SHORTENED:
			return "a spreadsheet has cut off its last digits: format the column as text before the file is opened "
				"there, and export again";
		default:
			words = words_of_number(why);
			if (words == NULL)
				words = words_of_day(why);
			return words != NULL ? words : "not readable";
	}
}

void
rgk_refusal_text(const rgk_refusal *why, bool required, char *text, size_t size)
{
	const char *words = words_of(why, required);

	if (why->reason == RGK_FOREIGN)
		snprintf(text, size, "another currency than %s: %s", why->convention.currency, why->name);
	else if (why->readings == 3)
		snprintf(text, size, "%s: this may be %s, %s or %s", words, why->reading[0], why->reading[1], why->reading[2]);
	else if (why->readings == 2)
		snprintf(text, size, "%s: this may be %s or %s", words, why->reading[0], why->reading[1]);
	else if (why->readings == 1)
		snprintf(text, size, "%s: write %s if that is meant", words, why->reading[0]);
	else
		snprintf(text, size, "%s", words);
}
