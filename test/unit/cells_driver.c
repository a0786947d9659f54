/*
 * Reads the cells that stdin holds, for cells_reference.py.
 *
 * A case is one line: the kind of cell (a amount, n number, d day, b boolean)
 * and its bytes in hexadecimal.  The answer is one line: "value" and what was
 * read, "empty", or "refused", the reason's number and its words.
 */
#define _POSIX_C_SOURCE 200809L

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cells.h"

/* The bytes of two digits each, from the second character of the line on. */
static size_t
read_bytes(const char *line, char *bytes)
{
	unsigned int byte;
	size_t		n = 0;

	for (line++; sscanf(line, "%2x", &byte) == 1; line += 2)
		bytes[n++] = (char) byte;
	return n;
}

static rgk_cell
answer(char kind, const char *s, size_t n, rgk_refusal *why)
{
	char		text[RGK_DECIMAL_TEXT];
	rgk_decimal amount;
	rgk_day		day;
	double		number;
	bool		yes;
	rgk_cell	result;

	switch (kind)
	{
		case 'a':
			if ((result = rgk_cell_amount(s, n, &amount, why)) == RGK_CELL_VALUE)
			{
				rgk_decimal_text(&amount, text, sizeof(text));
				printf("value %s\n", text);
			}
			return result;
		case 'n':
			if ((result = rgk_cell_number(s, n, &number, why)) == RGK_CELL_VALUE)
				printf("value %.17g\n", number);
			return result;
		case 'd':
			if ((result = rgk_cell_day(s, n, &day, why)) == RGK_CELL_VALUE)
			{
				printf("value %" PRId32, day.day);
				if (day.zoned)
					printf(" %" PRId64, day.instant);
				putchar('\n');
			}
			return result;
		default:
			if ((result = rgk_cell_boolean(s, n, &yes, why)) == RGK_CELL_VALUE)
				printf("value %d\n", yes);
			return result;
	}
}

int
main(void)
{
	char	   *line = NULL;
	size_t		size = 0;

	while (getline(&line, &size, stdin) > 0)
	{
		/* To the byte, so that a sanitizer sees what is read beyond it. */
		char	   *room = malloc(strlen(line));
		size_t		n = read_bytes(line, room);
		char	   *bytes = realloc(room, n > 0 ? n : 1);
		rgk_refusal why;
		char		text[RGK_REFUSAL_TEXT];

		switch (answer(line[0], bytes, n, &why))
		{
			case RGK_CELL_VALUE:
				break;
			case RGK_CELL_EMPTY:
				puts("empty");
				break;
			case RGK_CELL_REFUSED:
				rgk_refusal_text(&why, text, sizeof(text));
				printf("refused %d %s\n", (int) why.reason, text);
		}
		free(bytes);
	}
	free(line);
	return ferror(stdin) || fflush(stdout) != 0 ? 2 : 0;
}
