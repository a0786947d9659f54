/*-------------------------------------------------------------------------
 *
 * cells.h
 *		Reading one cell of what people export: an amount, a number, a day,
 *		a yes or no, an id.
 *
 * A cell is text by pointer and length, UTF-8, any bytes, never terminated.
 * What has one reading is read; what has two is refused, and the refusal has
 * both; what has none is refused.  Nothing but spaces is no value.
 *
 * A company's convention says in which currency it counts, whether a comma or
 * a point is its decimal mark, and in which order it writes a date whose year
 * is last.  The tables below are for yuan and decimal points.
 *
 * Before anything else full-width forms become the plain ones, capitals small
 * letters, every dash a hyphen (U+2010 .. U+2015, U+2212), and traditional
 * characters the simplified (萬 as 万).  Spaces around the value, and between
 * its parts, do not count: those of ASCII, U+0085, U+00A0, U+1680, U+2000 ..
 * U+200A, U+2028, U+2029, U+202F, U+205F, U+3000, and what cannot be seen:
 * U+180E, U+200B .. U+200F, U+202A .. U+202E, U+2060, U+2066 .. U+2069, U+FEFF.
 *
 * Amounts and numbers
 *
 *	1234  +12.50  .5  5.  007		points are decimal points: 1.234 is little
 *									more than one
 *	1,234,567.8  1 234 567  1'234	thousands parted alike by commas, by single
 *									spaces that can be seen, by apostrophes:
 *									1,234 is more than a thousand
 *	1,2345,6789						Chinese groups of four, two commas or more
 *	-5  5-  (5)						negative, in one of these ways
 *	1.2E+08							without groups, units, percent
 *	12%								0.12; without units and currency
 *	1.2亿  350万  3千万  2万亿		百, 千, 万, 亿, and 十, 百, 千 before 万 and 亿
 *	1亿2000万  1亿2000万5000		units that fall, each part smaller than the
 *									unit before it, decimals in the last alone
 *	¥ 元 圆 元整 RMB CNY CN¥ 人民币	in front, behind, or both; three at most;
 *									those of the convention's currency, which
 *									cells_currency.c lists
 *
 *	1,23  1234,567  1.234,50  0,123	refused: decimals or thousands?
 *	12,34,567  1.234.567  1 23		refused: parted as nobody here does
 *	3万5  1亿5  1亿5000  1亿5千		refused: 35000 or 30005?
 *	(-5)  -5-  --5					refused: less than nothing, or twice that?
 *	5.-								refused: 5 without cents, or -5?
 *	5兆								refused: 10^6 or 10^12?
 *	-  --							refused: nothing or zero?
 *	$5  5 EUR  HK$5  5美元			refused: another currency
 *	#N/A  N/A  5k  5m  5w  1/2  5-6	refused: no number
 *
 * Where the comma is the decimal mark, points and commas change places in all
 * of this; Chinese groups of four are not read there.
 *
 * A column speaks one language.  1,234 and 1.234 are each read in two ways by
 * people who write the decimal mark differently, and so a reader notes what
 * every cell shows (rgk_column).  When the whole column has been seen,
 * rgk_column_doubts says which of these cells have two readings after all:
 * in a column that shows the other decimal mark, and never shows its own
 * language where there is no mistaking it.
 *
 * Days
 *
 *	2025-07-01  2025/7/1  2025.7.1	year, month, day, parted alike, from the
 *	2025年7月1日  20250701			year 1000 on; 日, 号 or nothing at the end
 *	... 9:05  T09:05:30.123			a time of the day, also at once after 日;
 *	... 9:05 PM  下午3:05  9时5分30秒	without a zone it changes nothing
 *	... Z  UTC  +08  +0800  +08:00	a zone, after a time alone; UTC+8, GMT+8
 *	20250701090530					date and time in fourteen digits
 *	45839  45839.5					days of Excel, 1900 system, 1 .. 2958465;
 *									the 60th, 29 February 1900, never was
 *
 *	03/04/2025  31.12.2025			refused: the year last, whatever the day,
 *	03042025						unless the convention says which of the
 *									other two is the day
 *	1 July 2025						refused as well; the reading is named
 *	25-07-01  7/1/25				refused: which number is the year?
 *	2025  202507  250701  2025701	refused: a year, a month, a date that lacks
 *									a zero, or a day of Excel?
 *	1599494400000					refused: milliseconds since 1970; seconds
 *									as well
 *	2025-07-01 09:00-11:00			refused: a zone or the end of a meeting?
 *	2025-07-01 24:00				refused: this day or the next?
 *	2025-07-01 12:30 CST			refused: zones by name
 *
 * Booleans
 *
 *	yes no y n true false t f 1 0 是 否 won lost closed won closed lost 赢单 输单
 *
 * Ids
 *
 *	any text, spaces around it taken off
 *
 *	9.61565E+15  961.6E+13  1E+15	refused: a spreadsheet has dropped digits
 *	#N/A  #VALUE!  -				refused: names nobody, or all alike
 *
 * Part of the kernel: no memory is allocated, nothing is global, no callback.
 * Time is linear in the length of the cell.
 *
 *-------------------------------------------------------------------------
 */
#ifndef RGK_CELLS_H
#define RGK_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The most bytes of a cell, not counting the spaces around it. */
#define RGK_CELL_LONGEST 255

/* Amounts are below this, either way. */
#define RGK_AMOUNT_LIMIT INT64_C(1000000000000000)

/* Decimals of an amount; zeros at their end do not count. */
#define RGK_MOST_DECIMALS 18

/* Bytes that rgk_decimal_text, rgk_refusal_text may need, terminator included. */
#define RGK_DECIMAL_TEXT 40
#define RGK_REFUSAL_TEXT 800

typedef enum rgk_cell
{
	RGK_CELL_VALUE = 0,			/* read */
	RGK_CELL_EMPTY,				/* nothing but spaces: null */
	RGK_CELL_REFUSED			/* rgk_refusal has the reason */
} rgk_cell;

typedef enum rgk_kind
{
	RGK_AMOUNT,
	RGK_NUMBER,
	RGK_DAY,
	RGK_BOOLEAN,
	RGK_ID
} rgk_kind;

/* ---------- how a company writes ---------- */

/* Which comes first of a date whose year is last. */
typedef enum rgk_date_order
{
	RGK_NO_ORDER,				/* not known: such dates are refused */
	RGK_DAY_FIRST,
	RGK_MONTH_FIRST
} rgk_date_order;

typedef struct rgk_convention
{
	char		currency[4];	/* its ISO code, capitals */
	bool		decimal_comma;
	rgk_date_order date_order;
} rgk_convention;

/* What holds where nobody says otherwise. */
#define RGK_CONVENTION {"CNY", false, RGK_NO_ORDER}

/*
 * What amounts and numbers show of the language of their column.  "Own" is the
 * convention's.
 */
enum
{
	RGK_OWN_GROUPS = 1,			/* own thousands, surely: 1,234,567  1,234.5 */
	RGK_OWN_POINT = 2,			/* own decimals, surely: 12.5  0.123 */
	RGK_OTHER = 4,				/* commas and points the other way round: 12,5 */
	RGK_LONE_GROUP = 8,			/* 1,234 */
	RGK_LONE_POINT = 16			/* 1.234 */
};

/* A column, as far as its cells have been read; all zeros in the beginning. */
typedef struct rgk_column
{
	unsigned char seen;			/* what its cells have shown */
	unsigned char last;			/* what the one that was read last did */
} rgk_column;

/* Can what is yet to come change how cells of the column are taken that were read? */
static inline bool
rgk_column_open(const rgk_column *column)
{
	if ((column->seen & RGK_LONE_GROUP) && !(column->seen & RGK_OWN_GROUPS))
		return true;
	return (column->seen & RGK_LONE_POINT) && !(column->seen & (RGK_OWN_GROUPS | RGK_OWN_POINT));
}

/* Has a cell that showed `cell` two readings in a column that shows `seen`? */
static inline bool
rgk_column_doubts(unsigned int seen, unsigned int cell)
{
	if (!(seen & RGK_OTHER))
		return false;
	if ((cell & RGK_LONE_GROUP) && !(seen & RGK_OWN_GROUPS))
		return true;
	return (cell & RGK_LONE_POINT) && !(seen & (RGK_OWN_GROUPS | RGK_OWN_POINT));
}

/* ---------- values ---------- */

/* An amount, exactly: whole + fraction / 10^decimals, with its sign. */
typedef struct rgk_decimal
{
	bool		negative;		/* never of zero */
	int			decimals;		/* as written, 0 .. RGK_MOST_DECIMALS */
	int64_t		whole;			/* 0 .. RGK_AMOUNT_LIMIT - 1 */
	int64_t		fraction;		/* 0 .. 10^decimals - 1 */
} rgk_decimal;

/* A day, and the instant where the cell names one. */
typedef struct rgk_day
{
	int32_t		day;			/* as written, days since 1970-01-01 */
	bool		zoned;			/* a time with a zone: judge by the instant */
	int64_t		instant;		/* microseconds since 1970-01-01 00:00 UTC, what
								 * is below cut off; only when zoned */
} rgk_day;

/* ---------- refusals ---------- */

typedef enum rgk_reason
{
	/* of any cell */
	RGK_BAD_TEXT,				/* invalid UTF-8, or a zero byte */
	RGK_TOO_LONG,
	RGK_SHEET_ERROR,			/* #VALUE! and its like */
	RGK_LONE_DASH,
	/* of amounts and numbers */
	RGK_NO_NUMBER,
	RGK_OTHER_MARK,				/* decimals or thousands? readings */
	RGK_OTHER_GROUPS,			/* thousands parted by decimal marks; a reading */
	RGK_COLUMN_MARK,			/* as OTHER_MARK, by what the column shows */
	RGK_BAD_GROUPS,				/* readings */
	RGK_TWO_SIGNS,				/* readings */
	RGK_DASH_FOR_CENTS,			/* 5.-: readings */
	RGK_BAD_UNITS,				/* they do not fall: 1万2亿 */
	RGK_HALF_UNIT,				/* readings: 3万5 */
	RGK_VAGUE_UNIT,				/* readings: 5兆 */
	RGK_FOREIGN,				/* name: the currency */
	RGK_TOO_LARGE,
	RGK_TOO_FINE,				/* more decimals than there is room for */
	/* of days */
	RGK_NO_DATE,				/* a reading where it has a month's name */
	RGK_YEAR_LAST,				/* readings */
	RGK_NOT_IN_ORDER,			/* the year last, and not in the convention's
								 * order; a reading */
	RGK_SHORT_YEAR,				/* of two digits; readings */
	RGK_YEAR_RANGE,				/* before 1000 */
	RGK_NO_SUCH_DAY,			/* month 13, 30 February */
	RGK_PART_OF_DATE,			/* a month or a year without its days */
	RGK_BARE_DIGITS,			/* readings: a date without its separators, or
								 * a day of Excel */
	RGK_SINCE_1970,				/* seconds or milliseconds; a reading */
	RGK_SERIAL_RANGE,			/* not a day of Excel's calendar */
	RGK_SERIAL_60,
	RGK_NO_TIME,				/* the time of the day makes no sense */
	RGK_MIDNIGHT,				/* readings: 24:00 */
	RGK_NO_ZONE,				/* unknown, by name, or without a time */
	RGK_ZONE_OR_SPAN,			/* 09:00-11:00 */
	/* of booleans */
	RGK_NO_BOOLEAN,
	/* of ids */
	RGK_SHORTENED				/* 9.61565E+15 */
} rgk_reason;

#define RGK_REASONS (RGK_SHORTENED + 1)
#define RGK_READINGS 3

/* What a reading is, where its figures do not say it. */
typedef enum rgk_form
{
	RGK_AS_IT_IS,
	RGK_MONTH,					/* a month, where a day is wanted */
	RGK_YEAR,					/* a year */
	RGK_IN_EXCEL				/* what Excel shows for a number */
} rgk_form;

/* Why a cell was refused.  Filled in on refusal only. */
typedef struct rgk_refusal
{
	rgk_reason	reason;
	rgk_kind	kind;			/* of the cell */
	rgk_convention convention;	/* that it was read by */
	const char *name;			/* ASCII, static; NULL where there is none */
	int			readings;		/* how many of these there are: */
	char		reading[RGK_READINGS][RGK_DECIMAL_TEXT];
	rgk_form	form[RGK_READINGS];
} rgk_refusal;

/*
 * What the cell says; *value is written to when it was read, *why when not,
 * and *column either way.
 */
extern rgk_cell rgk_cell_amount(const rgk_convention *convention, rgk_column *column, const char *s, size_t n,
								rgk_decimal *value, rgk_refusal *why);
extern rgk_cell rgk_cell_number(const rgk_convention *convention, rgk_column *column, const char *s, size_t n,
								double *value, rgk_refusal *why);
extern rgk_cell rgk_cell_day(const rgk_convention *convention, const char *s, size_t n, rgk_day *value,
							 rgk_refusal *why);
extern rgk_cell rgk_cell_boolean(const rgk_convention *convention, const char *s, size_t n, bool *value,
								 rgk_refusal *why);

/*
 * Is the text an id?  It is what rgk_cell_trim left, or, for n = 0, none.
 */
extern rgk_cell rgk_cell_id(const rgk_convention *convention, const char *s, size_t n, rgk_refusal *why);

/* Refuse an amount or a number that rgk_column_doubts has doubts about. */
extern void rgk_cell_doubted(const rgk_convention *convention, rgk_kind kind, const char *s, size_t n,
							 rgk_refusal *why);

/*
 * The cell without the spaces around it, for columns of plain text: its
 * length; *s moves to its start.
 */
extern size_t rgk_cell_trim(const char **s, size_t n);

/* 1234.50, terminated; what does not fit into size bytes is cut off. */
extern void rgk_decimal_text(const rgk_decimal *value, char *text, size_t size);

/* A text in the reader's language, the one that is given where there is none in it. */
typedef const char *(*rgk_translate) (const char *english);

/*
 * The reason in words that need no manual, no capital and no full stop,
 * terminated: "the year is last: this may be 2025-03-04 or 2025-04-03".  What
 * it advises is right for the cell: `required` says that its column may not be
 * empty.  Without a translator it is English, in ASCII.
 */
extern void rgk_refusal_text(const rgk_refusal *why, bool required, rgk_translate translate, char *text, size_t size);

/*
 * The amount as a whole number of 10^-decimals; false where that is beyond 64
 * bits (more than 18 digits), and then whole and fraction go separate ways.
 */
static inline bool
rgk_decimal_units(const rgk_decimal *value, int64_t *units)
{
	int64_t		power = 1;
	int64_t		sum;

	for (int i = 0; i < value->decimals; i++)
		power *= 10;
	if (__builtin_mul_overflow(value->whole, power, &sum) ||
		__builtin_add_overflow(sum, value->fraction, &sum))
		return false;
	*units = value->negative ? -sum : sum;
	return true;
}

#endif							/* RGK_CELLS_H */
