/*
 * Splits what stdin describes, for apportion_reference.py.
 *
 * A case is one line of words: the number of parts, the total, which bounds
 * there are (0 none, 1 floors, 2 ceilings, 3 both), the weights as strtod
 * reads them, then the floors, then the ceilings.  The answer is one line:
 * status, culprit (-1: nobody), amount, passes, and the parts if all is well.
 */
#define _POSIX_C_SOURCE 200809L

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apportion.h"

static char *rest;				/* of the line being read */

static void *
allocate(size_t size)
{
	void	   *memory = malloc(size > 0 ? size : 1);

	if (memory == NULL)
		exit(2);
	return memory;
}

static int64_t
read_integer(void)
{
	char	   *end;
	int64_t		value = strtoll(rest, &end, 10);

	if (end == rest)
	{
		fputs("apportion_driver: a line is too short\n", stderr);
		exit(2);
	}
	rest = end;
	return value;
}

static int64_t *
read_bounds(size_t n)
{
	int64_t    *bound = allocate(n * sizeof(int64_t));

	for (size_t i = 0; i < n; i++)
		bound[i] = read_integer();
	return bound;
}

static void
answer_case(void)
{
	size_t		n = (size_t) read_integer();
	int64_t		total = read_integer();
	int			bounds = (int) read_integer();
	double	   *weight = allocate(n * sizeof(double));
	int64_t    *part = allocate(n * sizeof(int64_t));
	int64_t    *at_least = NULL;
	int64_t    *at_most = NULL;
	void	   *scratch = allocate(rgk_apportion_scratch(n));
	rgk_trouble trouble;
	rgk_status	status;

	for (size_t i = 0; i < n; i++)
		weight[i] = strtod(rest, &rest);
	if (bounds & 1)
		at_least = read_bounds(n);
	if (bounds & 2)
		at_most = read_bounds(n);
	status = rgk_apportion(n, weight, at_least, at_most, total, part, scratch, &trouble);
	printf("%d %" PRId64 " %" PRId64 " %d", (int) status,
		   trouble.culprit == RGK_NOBODY ? -1 : (int64_t) trouble.culprit,
		   trouble.amount, trouble.passes);
	for (size_t i = 0; i < n && status == RGK_OK; i++)
		printf(" %" PRId64, part[i]);
	putchar('\n');
	free(weight);
	free(part);
	free(at_least);
	free(at_most);
	free(scratch);
}

int
main(void)
{
	char	   *line = NULL;
	size_t		size = 0;

	while (getline(&line, &size, stdin) > 0)
	{
		rest = line;
		answer_case();
	}
	free(line);
	return ferror(stdin) || fflush(stdout) != 0 ? 2 : 0;
}
