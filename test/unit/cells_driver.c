/*
 * Reads the cells that stdin holds, for cells_reference.py.
 *
 * A case is one line: the kind of cell (a amount, n number, d day, b boolean,
 * i id), the convention (three letters of a currency, the decimal mark, and d,
 * m or - for the order of a date), and the cell's bytes in hexadecimal.  The
 * answer is one line: "value" and what was read, "empty", or "refused", the
 * reason's number and its words.  Amounts and numbers have what they show of
 * their column's language in front of it.
 *
 * A capital A or N is a column: cells parted by blanks, answers by tabs, each
 * "value" and what was read, "empty" or "refused", as its column decides.
 */
#define _POSIX_C_SOURCE 200809L

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cells.h"

#define PREFIX 6				/* kind and convention */

/* The bytes of two digits each, up to a blank or the end; to the byte, so that a sanitizer sees what is read beyond. */
static char *
read_bytes(const char **line, size_t *n)
{
	size_t		length = strcspn(*line, " \n");
	char	   *bytes = malloc(length > 0 ? length / 2 : 1);
	unsigned int byte;

	*n = 0;
	for (const char *p = *line; sscanf(p, "%2x", &byte) == 1 && *n < length / 2; p += 2)
		bytes[(*n)++] = (char) byte;
	*line += length;
	return bytes;
}

static rgk_convention
read_convention(const char *line)
{
	rgk_convention c = {.decimal_comma = line[4] == ','};

	memcpy(c.currency, line + 1, 3);
	c.date_order = line[5] == 'd' ? RGK_DAY_FIRST : line[5] == 'm' ? RGK_MONTH_FIRST : RGK_NO_ORDER;
	return c;
}

/* An amount or a number: the answer's text. */
static rgk_cell
read_figure(char kind, const rgk_convention *by, rgk_column *column, const char *s, size_t n, char *text, size_t size,
			rgk_refusal *why)
{
	rgk_decimal amount;
	double		number;
	rgk_cell	result;

	if (kind == 'a')
	{
		if ((result = rgk_cell_amount(by, column, s, n, &amount, why)) == RGK_CELL_VALUE)
			rgk_decimal_text(&amount, text, size);
	}
	else if ((result = rgk_cell_number(by, column, s, n, &number, why)) == RGK_CELL_VALUE)
		snprintf(text, size, "%.17g", number);
	return result;
}

static rgk_cell
answer(char kind, const rgk_convention *by, const char *s, size_t n, rgk_refusal *why)
{
	char		text[RGK_DECIMAL_TEXT];
	rgk_column	column = {0};
	rgk_day		day;
	bool		yes;
	rgk_cell	result;

	switch (kind)
	{
		case 'a':
		case 'n':
			result = read_figure(kind, by, &column, s, n, text, sizeof(text), why);
			printf("%d ", column.last);
			if (result == RGK_CELL_VALUE)
				printf("value %s\n", text);
			return result;
		case 'd':
			if ((result = rgk_cell_day(by, s, n, &day, why)) == RGK_CELL_VALUE)
			{
				printf("value %" PRId32, day.day);
				if (day.zoned)
					printf(" %" PRId64, day.instant);
				putchar('\n');
			}
			return result;
		case 'i':
			n = rgk_cell_trim(&s, n);
			if ((result = rgk_cell_id(by, s, n, why)) == RGK_CELL_VALUE)
			{
				fputs("value ", stdout);
				for (size_t i = 0; i < n; i++)
					printf("%02x", (unsigned char) s[i]);
				putchar('\n');
			}
			return result;
		default:
			if ((result = rgk_cell_boolean(by, s, n, &yes, why)) == RGK_CELL_VALUE)
				printf("value %d\n", yes);
			return result;
	}
}

static void
answer_cell(const char *line, const rgk_convention *by)
{
	const char *p = line + PREFIX;
	size_t		n;
	char	   *bytes = read_bytes(&p, &n);
	rgk_refusal why;
	char		text[RGK_REFUSAL_TEXT];

	switch (answer(line[0], by, bytes, n, &why))
	{
		case RGK_CELL_VALUE:
			break;
		case RGK_CELL_EMPTY:
			puts("empty");
			break;
		case RGK_CELL_REFUSED:
			rgk_refusal_text(&why, false, NULL, text, sizeof(text));
			printf("refused %d %s\n", (int) why.reason, text);
	}
	free(bytes);
}

/* Once to see what the column shows, once to judge by it. */
static void
answer_column(const char *line, const rgk_convention *by)
{
	char		kind = line[0] == 'A' ? 'a' : 'n';
	rgk_column	column = {0};

	for (int judging = 0; judging < 2; judging++)
	{
		const char *p = line + PREFIX;

		for (int i = 0; *p != '\n' && *p != 0; i++, p += *p == ' ')
		{
			char		text[RGK_DECIMAL_TEXT];
			rgk_refusal why;
			size_t		n;
			char	   *bytes = read_bytes(&p, &n);
			rgk_cell	result = read_figure(kind, by, &column, bytes, n, text, sizeof(text), &why);

			if (result == RGK_CELL_VALUE && rgk_column_doubts(column.seen, column.last))
			{
				rgk_cell_doubted(by, kind == 'a' ? RGK_AMOUNT : RGK_NUMBER, bytes, n, &why);
				result = why.reason == RGK_COLUMN_MARK ? RGK_CELL_REFUSED : RGK_CELL_EMPTY;
			}
			free(bytes);
			if (judging)
				printf("%s%s%s", i > 0 ? "\t" : "",
					   result == RGK_CELL_VALUE ? "value " : result == RGK_CELL_EMPTY ? "empty" : "refused",
					   result == RGK_CELL_VALUE ? text : "");
		}
	}
	putchar('\n');
}

int
main(void)
{
	char	   *line = NULL;
	size_t		size = 0;

	while (getline(&line, &size, stdin) > PREFIX)
	{
		rgk_convention by = read_convention(line);

		if (line[0] == 'A' || line[0] == 'N')
			answer_column(line, &by);
		else
			answer_cell(line, &by);
	}
	free(line);
	return ferror(stdin) || fflush(stdout) != 0 ? 2 : 0;
}
