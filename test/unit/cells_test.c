/*
 * The cell reader by golden values, and what must hold for every cell.
 * TAP on stdout: a line for each table, and a diagnostic for each cell in it
 * that is read otherwise.
 */
#define _POSIX_C_SOURCE 200809L

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cells.h"
#include "cells_golden.h"

static int	tests = 0;
static int	failures = 0;

static void
ok(bool good, const char *name)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++tests, name);
	if (!good)
		failures++;
}

/* ---------- a cell as text ---------- */

static void
tell_day(const rgk_day *day, char *text, size_t size)
{
	time_t		seconds = (time_t) day->day * 86400;
	size_t		length;
	struct tm	t;

	length = strftime(text, size, "%Y-%m-%d", gmtime_r(&seconds, &t));
	if (!day->zoned)
		return;
	seconds = (time_t) (day->instant / 1000000);
	strftime(text + length, size - length, " %Y-%m-%dT%H:%M:%S", gmtime_r(&seconds, &t));
	if (day->instant % 1000000 != 0)
		snprintf(text + strlen(text), size - strlen(text), ".%06d", (int) (day->instant % 1000000));
}

static const rgk_convention ours = RGK_CONVENTION;

/* The convention that cells are read by. */
static const rgk_convention *by = &ours;

static rgk_cell
read_cell(char kind, const char *s, size_t n, char *text, size_t size, rgk_refusal *why)
{
	rgk_column	column = {0};
	rgk_cell	result;
	rgk_decimal amount;
	double		number;
	rgk_day		day;
	bool		yes;

	*text = 0;
	switch (kind)
	{
		case 'a':
			if ((result = rgk_cell_amount(by, &column, s, n, &amount, why)) == RGK_CELL_VALUE)
				rgk_decimal_text(&amount, text, size);
			return result;
		case 'n':
			if ((result = rgk_cell_number(by, &column, s, n, &number, why)) == RGK_CELL_VALUE)
				snprintf(text, size, "%.17g", number);
			return result;
		case 'd':
			if ((result = rgk_cell_day(by, s, n, &day, why)) == RGK_CELL_VALUE)
				tell_day(&day, text, size);
			return result;
		case 'i':
			n = rgk_cell_trim(&s, n);
			if ((result = rgk_cell_id(by, s, n, why)) == RGK_CELL_VALUE)
				snprintf(text, size, "%.*s", (int) n, s);
			return result;
		default:
			if ((result = rgk_cell_boolean(by, s, n, &yes, why)) == RGK_CELL_VALUE)
				snprintf(text, size, "%s", yes ? "true" : "false");
			return result;
	}
}

/* What comes of a cell: the value, "" when it is empty, "!" and the reason. */
static void
tell_cell(char kind, const char *s, size_t n, char *text)
{
	/* To the byte, so that a checker sees what is read beyond it. */
	char	   *copy = malloc(n > 0 ? n : 1);
	rgk_refusal why;

	if (copy == NULL)
		abort();
	memcpy(copy, s, n);
	if (read_cell(kind, copy, n, text, RGK_REFUSAL_TEXT, &why) == RGK_CELL_REFUSED)
	{
		text[0] = '!';
		rgk_refusal_text(&why, false, NULL, text + 1, RGK_REFUSAL_TEXT);
	}
	free(copy);
}

static bool
is_as_wanted(const char *got, const char *want)
{
	return strcmp(got, want ? want : "") == 0;
}

static void
check_table(char kind, const golden *cells, size_t n, const char *name)
{
	bool		good = true;
	char		got[RGK_REFUSAL_TEXT + 1];

	for (size_t i = 0; i < n; i++)
	{
		tell_cell(kind, cells[i].cell, strlen(cells[i].cell), got);
		if (is_as_wanted(got, cells[i].want))
			continue;
		printf("# \"%s\": %s, not %s\n", cells[i].cell, got, cells[i].want ? cells[i].want : "empty");
		good = false;
	}
	ok(good, name);
}

#define CHECK(kind, cells, name) check_table(kind, cells, sizeof(cells) / sizeof(cells[0]), name)

/* The same by another convention. */
#define CHECK_BY(convention, kind, cells, name) (by = (convention), CHECK(kind, cells, name), by = &ours)

/* ---------- amounts ---------- */

static void
test_amounts(void)
{
	CHECK('a', plain_amounts, "amounts: digits, signs, points, range");
	CHECK('a', grouped_amounts, "amounts: thousands, decimal commas");
	CHECK('a', signed_amounts, "amounts: brackets, trailing minus, lone dashes");
	CHECK('a', unit_amounts, "amounts: Chinese units");
	CHECK('a', currency_amounts, "amounts: currencies");
	CHECK('a', other_amounts, "amounts: exponents, percent, full-width forms, spaces, errors");
	CHECK('n', numbers, "numbers: the nearest double");
}

/* ---------- days ---------- */

static void
test_days(void)
{
	CHECK('d', written_days, "days: year, month, day");
	CHECK('d', turned_days, "days: the year last or short");
	CHECK('d', timed_days, "days: times of the day");
	CHECK('d', zoned_days, "days: zones make instants");
	CHECK('d', excel_days, "days: Excel's numbers, and what looks like them");
}

/* Every day of seven centuries, in every way of writing it. */
static void
test_calendar(void)
{
	static const char *const ways[] = {
		"%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d", "%Y-%m-%dT12:00", " %Y-%m-%d"
	};
	bool		good = true;
	char		cell[64];
	rgk_day		day;
	rgk_refusal why;
	struct tm	t;

	for (int32_t d = -200000; d < 60000; d++)
	{
		time_t		seconds = (time_t) d * 86400;
		size_t		n = strftime(cell, sizeof(cell), ways[(unsigned) d % 7], gmtime_r(&seconds, &t));

		good &= rgk_cell_day(&ours, cell, n, &day, &why) == RGK_CELL_VALUE && day.day == d && !day.zoned;
	}
	ok(good, "days: seven centuries in every way of writing");
}

/* The whole range of Excel's numbers. */
static void
test_serials(void)
{
	bool		good = true;
	char		cell[16];
	rgk_day		day;
	rgk_refusal why;

	for (int serial = 1; serial <= 2958465; serial++)
	{
		int			n = snprintf(cell, sizeof(cell), "%d", serial);

		if (rgk_cell_day(&ours, cell, (size_t) n, &day, &why) == RGK_CELL_VALUE)
			good &= day.day == serial - 25569 + (serial < 60);
		else
			good &= why.reason == (serial == 60 ? RGK_SERIAL_60 : RGK_BARE_DIGITS);
	}
	ok(good, "days: every number of Excel is its day, or looks like a date");
	good = true;
	for (int serial = 10000; serial <= 99999; serial++)
	{
		int			n = snprintf(cell, sizeof(cell), "%d", serial);

		good &= rgk_cell_day(&ours, cell, (size_t) n, &day, &why) == RGK_CELL_VALUE;
	}
	ok(good, "days: those of 1927 to 2173 are all read");
}

/* ---------- how others write ---------- */

static const rgk_convention german = {"EUR", true, RGK_DAY_FIRST};
static const rgk_convention american = {"USD", false, RGK_MONTH_FIRST};
static const rgk_convention hong_kong = {"HKD", false, RGK_DAY_FIRST};
static const rgk_convention japanese = {"JPY", false, RGK_NO_ORDER};
static const rgk_convention south_african = {"ZAR", true, RGK_NO_ORDER};

static void
test_conventions(void)
{
	CHECK_BY(&german, 'a', german_amounts, "a German company: amounts");
	CHECK_BY(&german, 'n', german_numbers, "a German company: numbers");
	CHECK_BY(&german, 'd', german_days, "a German company: days");
	CHECK_BY(&american, 'a', american_amounts, "an American company: amounts");
	CHECK_BY(&american, 'd', american_days, "an American company: days");
	CHECK_BY(&hong_kong, 'a', hong_kong_amounts, "a company in Hong Kong: dollars of its own");
	CHECK_BY(&japanese, 'a', japanese_amounts, "a Japanese company: the sign that yuan and yen share");
	CHECK_BY(&south_african, 'a', south_african_amounts, "a currency that is known by its code alone");
}

/* ---------- columns ---------- */

/* What comes of a cell once its whole column has been seen. */
static void
tell_in_column(unsigned int seen, const char *cell, char *text)
{
	rgk_column	column = {0};
	rgk_decimal amount;
	rgk_refusal why;
	rgk_cell	result = rgk_cell_amount(by, &column, cell, strlen(cell), &amount, &why);

	*text = 0;
	if (result == RGK_CELL_VALUE && rgk_column_doubts(seen, column.last))
	{
		rgk_cell_doubted(by, RGK_AMOUNT, cell, strlen(cell), &why);
		result = RGK_CELL_REFUSED;
	}
	if (result == RGK_CELL_VALUE)
		rgk_decimal_text(&amount, text, RGK_REFUSAL_TEXT);
	else if (result == RGK_CELL_REFUSED)
	{
		*text = '!';
		rgk_refusal_text(&why, false, NULL, text + 1, RGK_REFUSAL_TEXT);
	}
}

static bool
is_column_as_wanted(const golden_column *g, bool backwards)
{
	rgk_column	column = {0};
	rgk_decimal amount;
	rgk_refusal why;
	char		got[RGK_REFUSAL_TEXT + 1];
	bool		good = true;
	int			n = 0;

	while (n < MOST_CELLS && g->cells[n].cell != NULL)
		n++;
	for (int i = 0; i < n; i++)
	{
		const char *cell = g->cells[backwards ? n - 1 - i : i].cell;

		rgk_cell_amount(by, &column, cell, strlen(cell), &amount, &why);
	}
	for (int i = 0; i < n; i++)
	{
		tell_in_column(column.seen, g->cells[i].cell, got);
		if (is_as_wanted(got, g->cells[i].want))
			continue;
		printf("# \"%s\" in a column: %s, not %s\n", g->cells[i].cell, got, g->cells[i].want ? g->cells[i].want : "empty");
		good = false;
	}
	if (rgk_column_open(&column) != g->open)
	{
		printf("# a column that begins with \"%s\" is %s\n", g->cells[0].cell, g->open ? "settled" : "open");
		good = false;
	}
	return good;
}

static void
check_columns(const rgk_convention *convention, const golden_column *columns, size_t n, const char *name)
{
	bool		good = true;

	by = convention;
	for (size_t i = 0; i < n; i++)
		for (int backwards = 0; backwards < 2; backwards++)
			good &= is_column_as_wanted(&columns[i], backwards);
	by = &ours;
	ok(good, name);
}

static void
test_columns(void)
{
	check_columns(&ours, our_columns, sizeof(our_columns) / sizeof(our_columns[0]),
				  "a column speaks one language, whichever cell comes first");
	check_columns(&german, german_columns, sizeof(german_columns) / sizeof(german_columns[0]),
				  "and so does one with decimal commas");
}

/* ---------- any cell ---------- */

/*
 * A cell of ten million bytes: a beginning, what is repeated, an end.  If time
 * were not linear, this would not come to its end.
 */
static bool
is_long(const char *begin, const char *repeated, const char *end, const char *want)
{
	const size_t size = 10000000;
	size_t		unit = strlen(repeated);
	char	   *cell = malloc(size + 64);
	size_t		n = strlen(begin);
	char		got[4][RGK_REFUSAL_TEXT + 1];
	bool		good = true;

	if (cell == NULL)
		abort();
	memcpy(cell, begin, n);
	for (; n + unit <= size; n += unit)
		memcpy(cell + n, repeated, unit);
	memcpy(cell + n, end, strlen(end));
	n += strlen(end);
	for (int i = 0; i < 4; i++)
		tell_cell("andb"[i], cell, n, got[i]);
	free(cell);
	for (int i = 0; i < 4; i++)
		good &= strcmp(got[i], want) == 0;
	return good;
}

static void
test_long(void)
{
	static const char *const parts[][3] = {
		{"", "1", ""}, {"1", ",234", ""}, {"1", " ", "1"}, {"1.", "0", ""}, {"1e", "9", ""},
		{"", "(", ""}, {"-", "-", ""}, {"", "万", ""}, {"2025-07-01", " \u200b", "x"},
		{"", "\x80", ""}, {"", "\xff", ""}, {" ", "\xe3\x80", ""}
	};
	bool		good = true;

	ok(is_long("", " ", "", "") && is_long("", "\u3000", "", "") && is_long("", "\ufeff", "", ""),
	   "ten million bytes of spaces are nothing");
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		good &= is_long(parts[i][0], parts[i][1], parts[i][2], "!the cell is too long");
	ok(good, "ten million bytes of anything else are refused");
}

/* The longest cell that is read, and one byte more. */
static void
test_limit(void)
{
	char		cell[RGK_CELL_LONGEST + 4];
	char		got[RGK_REFUSAL_TEXT + 1];

	memset(cell, '0', sizeof(cell));
	cell[RGK_CELL_LONGEST - 1] = '7';
	tell_cell('a', cell, RGK_CELL_LONGEST, got);
	ok(strcmp(got, "7") == 0, "the longest cell is read");
	tell_cell('n', cell, RGK_CELL_LONGEST, got);
	ok(strcmp(got, "7") == 0, "as a number too");
	tell_cell('a', cell, RGK_CELL_LONGEST + 1, got);
	ok(strcmp(got, "!the cell is too long") == 0, "one byte more is not");
	memset(cell, ' ', sizeof(cell));
	cell[1] = '5';
	tell_cell('a', cell, sizeof(cell), got);
	ok(strcmp(got, "5") == 0, "spaces around it do not count");
	memset(cell, '1', sizeof(cell));
	tell_cell('n', cell, RGK_CELL_LONGEST, got);
	ok(strcmp(got, "1.1111111111111111e+254") == 0, "a number of many digits");
	tell_cell('a', "5\0", 2, got);
	ok(strcmp(got, DAMAGED) == 0, "a zero byte is no end");
}

static void
test_trim(void)
{
	static const char cell[] = "\ufeff \u3000a b\u00a0\t";
	static const char damaged[] = " \x80\xa0";
	const char *s = cell;
	size_t		n = rgk_cell_trim(&s, sizeof(cell) - 1);
	bool		good = n == 3 && memcmp(s, "a b", 3) == 0;

	s = damaged;
	n = rgk_cell_trim(&s, sizeof(damaged) - 1);
	ok(good && n == 2 && s == damaged + 1, "plain text loses the spaces around it, and nothing else");
}

/* Which kinds of cells a reason may be given for. */
static bool
is_for(rgk_reason reason, rgk_kind kind)
{
	if (reason == RGK_SHEET_ERROR || reason == RGK_LONE_DASH)
		return true;
	if (reason <= RGK_TOO_LONG)
		return kind != RGK_ID;
	if (reason <= RGK_TOO_FINE)
		return kind == RGK_AMOUNT || kind == RGK_NUMBER;
	if (reason <= RGK_ZONE_OR_SPAN)
		return kind == RGK_DAY;
	return kind == (reason == RGK_NO_BOOLEAN ? RGK_BOOLEAN : RGK_ID);
}

/* Advice that only some kinds of cells may be given. */
static bool
is_right_for(const char *text, rgk_kind kind, bool required)
{
	static const struct
	{
		const char *words;
		const char *kinds;		/* a amount, n number, d day, b boolean, i id */
	}			advice[] = {
		{"write 0", "an"}, {"number", "ani"}, {"decimal", "an"}, {"thousands", "an"}, {"currency", "an"}, {"Excel", "d"},
		{" day", "d"}, {" date", "d"}, {" year", "d"}, {"yes nor no", "b"}, {"names", "i"}, {"cut off", "i"}
	};

	for (size_t i = 0; i < sizeof(advice) / sizeof(advice[0]); i++)
		if (strstr(text, advice[i].words) != NULL && strchr(advice[i].kinds, "andbi"[kind]) == NULL &&
			!(kind == RGK_DAY && strcmp(advice[i].words, "number") == 0))
			return false;
	return !(required && strstr(text, "empty") != NULL);
}

/* Every reason, for every kind of cell that it may be given for, by every convention. */
static bool
check_words(rgk_reason reason, rgk_kind kind, bool required)
{
	bool		good = true;

	for (int readings = 0; readings <= RGK_READINGS; readings++)
	{
		rgk_refusal why = {.reason = reason, .kind = kind, .convention = readings % 2 ? ours : german, .readings = readings,
		.name = "dollars"};
		char		text[RGK_REFUSAL_TEXT];

		memset(why.reading, 'x', sizeof(why.reading));
		for (int i = 0; i < RGK_READINGS; i++)
			why.reading[i][RGK_DECIMAL_TEXT - 1] = 0;
		rgk_refusal_text(&why, required, NULL, text, sizeof(text));
		good &= strlen(text) > 5 && strlen(text) < sizeof(text) - 1 && strstr(text, "readable") == NULL;
		good &= is_right_for(text, kind, required);
		for (const char *c = text; *c != 0; c++)
			good &= *c >= ' ' && *c <= '~';
		if (!good)
			printf("# reason %d, kind %d%s: %s\n", (int) reason, (int) kind, required ? ", required" : "", text);
	}
	return good;
}

static void
test_words(void)
{
	bool		good = true;

	for (int reason = 0; reason < RGK_REASONS; reason++)
		for (int kind = RGK_AMOUNT; kind <= RGK_ID; kind++)
			for (int required = 0; required < 2; required++)
				if (is_for((rgk_reason) reason, (rgk_kind) kind))
					good &= check_words((rgk_reason) reason, (rgk_kind) kind, required);
	ok(good, "every reason has words that are right for every kind of cell");
}

/* No cell of any kind is refused for what another kind's cells are. */
static void
test_advice(void)
{
	static const char *const cells[] = {
		"-", "--", "#N/A", "####", "\xff", "$5", "5.-", "3万5", "5兆", "1,23", "1.234.567", "1e400", "1e-400", "7/1/25",
		"03/04/2025", "31.12.2025", "1599494400000", "1599494400", "202507010905", "60", "0", "maybe", "9.61565E+15",
		"2025-02-30", "2025-07", "24:00", "2025-07-01 24:00", "2025-07-01 09:00-11:00", "x", "12%%", "1000000000000000"
	};
	static const rgk_convention *const conventions[] = {&ours, &german, &american};
	bool		good = true;

	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++)
		for (int k = 0; k < 5; k++)
			for (int c = 0; c < 3; c++)
			{
				char		text[RGK_REFUSAL_TEXT];
				rgk_refusal why;

				by = conventions[c];
				if (read_cell("andbi"[k], cells[i], strlen(cells[i]), text, sizeof(text), &why) != RGK_CELL_REFUSED)
					continue;
				if (why.kind != (rgk_kind) k || !is_for(why.reason, why.kind))
				{
					printf("# \"%s\", kind %d: reason %d, kind %d\n", cells[i], k, (int) why.reason, (int) why.kind);
					good = false;
				}
			}
	by = &ours;
	ok(good, "no cell is refused for what cells of another kind are");
}

/* More than 64 bits go separate ways. */
static void
test_units(void)
{
	rgk_decimal d = {.negative = true, .decimals = 3, .whole = RGK_AMOUNT_LIMIT - 1, .fraction = 7};
	int64_t		units = 0;
	bool		good = rgk_decimal_units(&d, &units) && units == -INT64_C(999999999999999007);

	d.decimals = 18;
	ok(good && !rgk_decimal_units(&d, &units), "amounts as whole numbers where they fit");
}

int
main(void)
{
	test_amounts();
	test_days();
	CHECK('b', booleans, "booleans: yes and no in two languages");
	test_calendar();
	test_serials();
	test_long();
	test_limit();
	test_conventions();
	CHECK('i', ids, "ids: what a spreadsheet has shortened or broken is none");
	test_columns();
	test_trim();
	test_words();
	test_advice();
	test_units();
	printf("1..%d\n", tests);
	return failures > 0;
}
