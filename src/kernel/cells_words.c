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
rgk_refusal_add(rgk_refusal *why, rgk_form form, const char *reading)
{
	for (int i = 0; i < why->readings; i++)
		if (why->form[i] == form && strcmp(why->reading[i], reading) == 0)
			return;
	if (why->readings < RGK_READINGS)
	{
		char	   *to = why->reading[why->readings];

		why->form[why->readings++] = form;

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
			return required ? RGK_TEXT("a dash alone may mean zero or nothing known: write 0 if that is meant") :
				RGK_TEXT("a dash alone may mean zero or nothing known: write 0, or leave the cell empty");
		case RGK_DAY:
			return required ? RGK_TEXT("a dash alone is no day") : RGK_TEXT("a dash alone is no day: leave the cell empty if "
																			"there is none");
		case RGK_BOOLEAN:
			return required ? RGK_TEXT("a dash alone is neither yes nor no") :
				RGK_TEXT("a dash alone is neither yes nor no: leave the cell empty if nothing is decided");
		case RGK_ID:
			break;
	}
	return required ? RGK_TEXT("a dash alone names nothing") : RGK_TEXT("a dash alone names nothing: leave the cell empty if "
																		"nothing is meant");
}

static const char *
sheet_error(rgk_kind kind, bool required)
{
	if (kind == RGK_ID)
		return required ? RGK_TEXT("an error of the spreadsheet, not a name or number") :
			RGK_TEXT("an error of the spreadsheet, not a name or number: mend its formula, or leave the cell empty");
	return RGK_TEXT("an error of the spreadsheet, not a value");
}

/* What may be wrong with the marks of a number. */
static const char *
words_of_marks(rgk_reason reason, bool decimal_comma)
{
	if (reason == RGK_OTHER_MARK)
		return decimal_comma ? RGK_TEXT("the point may be a decimal point or part thousands") :
			RGK_TEXT("the comma may be a decimal point or part thousands");
	if (reason == RGK_OTHER_GROUPS)
		return decimal_comma ? RGK_TEXT("its thousands are parted by commas, which are decimal marks here") :
			RGK_TEXT("its thousands are parted by points, which are decimal points here");
	return decimal_comma ? RGK_TEXT("other cells of the column have decimal points") :
		RGK_TEXT("other cells of the column have decimal commas");
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
			return RGK_TEXT("not a number");
		case RGK_BAD_GROUPS:
			return RGK_TEXT("the digits are not parted in threes");
		case RGK_TWO_SIGNS:
			return RGK_TEXT("more than one sign or bracket for a negative number");
		case RGK_DASH_FOR_CENTS:
			return RGK_TEXT("the dash may stand for no decimals or make the number negative");
		case RGK_BAD_UNITS:
			return RGK_TEXT("the units do not fall from part to part");
		case RGK_HALF_UNIT:
			return RGK_TEXT("the last part lacks its unit");
		case RGK_VAGUE_UNIT:
			return RGK_TEXT("the unit zhao is a million to some and a million millions to others");
		case RGK_TOO_LARGE:
			return RGK_TEXT("the number is too large");
		case RGK_TOO_FINE:
			return why->kind == RGK_NUMBER ? RGK_TEXT("the number is too small to be told from 0") :
				RGK_TEXT("the number has too many decimals: round it");
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
			return RGK_TEXT("not a date such as 2025-07-01");
		case RGK_YEAR_LAST:
			return RGK_TEXT("the year is last");
		case RGK_NOT_IN_ORDER:
			return why->convention.date_order == RGK_DAY_FIRST ? RGK_TEXT("there is no such day when the day comes first") :
				RGK_TEXT("there is no such day when the month comes first");
		case RGK_SHORT_YEAR:
			return RGK_TEXT("the year has not four digits");
		case RGK_YEAR_RANGE:
			return RGK_TEXT("the year is before 1000");
		case RGK_NO_SUCH_DAY:
			return RGK_TEXT("there is no such day in the calendar");
		case RGK_PART_OF_DATE:
			return RGK_TEXT("a day needs year, month and day");
		case RGK_BARE_DIGITS:
			return RGK_TEXT("a date without its dashes, or a day number of Excel");
		case RGK_SINCE_1970:
			return RGK_TEXT("counted since 1970, not a day");
		case RGK_SERIAL_RANGE:
			return RGK_TEXT("not a day number of Excel: those go from 1 to 2958465");
		case RGK_SERIAL_60:
			return RGK_TEXT("Excel's day 60 is 29 February 1900, which never was");
		case RGK_NO_TIME:
			return RGK_TEXT("what follows the date is not a time of the day");
		case RGK_MIDNIGHT:
			return RGK_TEXT("24:00 may belong to either day");
		case RGK_NO_ZONE:
			return RGK_TEXT("an unknown time zone: write its distance from UTC, as in 12:30+08:00");
		case RGK_ZONE_OR_SPAN:
			return RGK_TEXT("what follows the time may be a time zone or the end of a meeting");
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
			return RGK_TEXT("the text is damaged (not valid UTF-8)");
		case RGK_TOO_LONG:
			return RGK_TEXT("the cell is too long");
		case RGK_SHEET_ERROR:
			return sheet_error(why->kind, required);
		case RGK_LONE_DASH:
			return lone_dash(why->kind, required);
		case RGK_NO_BOOLEAN:
			return RGK_TEXT("neither yes nor no");
		case RGK_SHORTENED:
			return RGK_TEXT("a spreadsheet has cut off its last digits: format the column as text before the file is opened "
				"there, and export again");
		default:
			words = words_of_number(why);
			if (words == NULL)
				words = words_of_day(why);
			return words != NULL ? words : RGK_TEXT("not readable");
	}
}

static const char *
as_it_is(const char *english)
{
	return english;
}

/* A reading in words. */
static void
reading_text(const rgk_refusal *why, int reading, rgk_translate translate, char *text, size_t size)
{
	static const char *const words[] = {
		[RGK_AS_IT_IS] = "%s",
		[RGK_MONTH] = RGK_TEXT("the month %s"),
		[RGK_YEAR] = RGK_TEXT("the year %s"),
		[RGK_IN_EXCEL] = RGK_TEXT("%s in Excel")
	};

	snprintf(text, size, translate(words[why->form[reading]]), why->reading[reading]);
}

void
rgk_refusal_text(const rgk_refusal *why, bool required, rgk_translate translate, char *text, size_t size)
{
	const char *words;
	char		reading[RGK_READINGS][2 * RGK_DECIMAL_TEXT];

	if (translate == NULL)
		translate = as_it_is;
	words = translate(words_of(why, required));
	for (int i = 0; i < why->readings; i++)
		reading_text(why, i, translate, reading[i], sizeof(reading[i]));
	if (why->reason == RGK_FOREIGN)
		snprintf(text, size, translate(RGK_TEXT("another currency than %s: %s")), why->convention.currency, translate(why->name));
	else if (why->readings == 3)
		snprintf(text, size, translate(RGK_TEXT("%s: this may be %s, %s or %s")), words, reading[0], reading[1], reading[2]);
	else if (why->readings == 2)
		snprintf(text, size, translate(RGK_TEXT("%s: this may be %s or %s")), words, reading[0], reading[1]);
	else if (why->readings == 1)
		snprintf(text, size, translate(RGK_TEXT("%s: write %s if that is meant")), words, reading[0]);
	else
		snprintf(text, size, "%s", words);
}
