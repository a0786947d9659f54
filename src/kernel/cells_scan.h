/*-------------------------------------------------------------------------
 *
 * cells_scan.h
 *		What a cell with a number says, before it is given a type.
 *
 * Private to cells_scan.c, cells_currency.c and cells_number.c.
 *
 *-------------------------------------------------------------------------
 */
#ifndef RGK_CELLS_SCAN_H
#define RGK_CELLS_SCAN_H

#include "cells_text.h"

__extension__ typedef unsigned __int128 rgk_uint128;

/* Digits before the point of an amount. */
#define WHOLE_DIGITS 15

/* Digits as they are written, ddd.dd x 10^exponent; a zero ends them. */
typedef struct figure
{
	int			n;
	int			whole;			/* how many of them before the point */
	int			exponent;
	bool		scientific;		/* was an exponent written? */
	bool		grouped;
	bool		bare_point;		/* 5. */
	unsigned int shows;			/* of its language, RGK_OWN_GROUPS and so on */
	char		digit[RGK_CELL_LONGEST + 1];
} figure;

/* By which marks a text is read. */
typedef struct marks
{
	const rgk_convention *convention;
	char32_t	point;
	char32_t	group;
	bool		any_currency;	/* not the convention's alone */
} marks;

/* A number of 10^-18, below 10^33. */
typedef struct quantity
{
	rgk_uint128 units;
	int			decimals;		/* as written */
} quantity;

/* What a cell says. */
typedef struct scan
{
	const marks *by;
	const char32_t *p;			/* what is not read yet */
	unsigned int shows;			/* of its language, all parts together */
	int			parts;			/* if more than one, */
	quantity	sum;			/* their sum */
	int			unit;			/* power of ten of the last unit, 0 for none */
	bool		vague;			/* the unit is 10^6 or 10^12 */
	bool		percent;
	bool		negative;
	int			signs;			/* and brackets */
	int			brackets;		/* 1 open, 2 closed */
	int			currencies;
	bool		bare_point;		/* a point without decimals */
	bool		minus_behind;
	bool		half;			/* a part may lack its unit: */
	rgk_uint128 half_units;		/* the sum if it does */
	figure		first;			/* last, for it is not cleared */
} scan;

/* The powers of ten that 64 bits hold. */
static const int64_t powers[] = {
	1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000,
	100000000000, 1000000000000, 10000000000000, 100000000000000, 1000000000000000,
	10000000000000000, 100000000000000000, 1000000000000000000
};

/* Up to 10^36. */
static inline rgk_uint128
power_of_ten(int exponent)
{
	return (rgk_uint128) powers[exponent / 2] * (rgk_uint128) powers[exponent - exponent / 2];
}

/* ---------- cells_scan.c ---------- */

/* The marks of a convention, or those that others use. */
static inline marks
marks_of(const rgk_convention *convention, bool swapped)
{
	bool		comma = convention->decimal_comma != swapped;

	return (marks) {convention, comma ? ',' : '.', comma ? '.' : ',', false};
}

/* Read a whole cell; false and a reason when it says nothing. */
extern bool rgk_scan_cell(scan *s, const char32_t *text, const marks *by, rgk_reason *why);

/* A figure times 10^shift, or why not. */
extern bool rgk_to_quantity(const figure *f, int shift, quantity *q, rgk_reason *why);

/* ---------- cells_currency.c ---------- */

/* Step over a word for the convention's currency, or for any. */
extern bool rgk_take_currency(const char32_t **p, const rgk_convention *convention);
extern bool rgk_take_any_currency(const char32_t **p);

/* The first other currency that the text names, or NULL. */
extern const char *rgk_foreign_currency(const char32_t *text, const rgk_convention *convention);

#endif							/* RGK_CELLS_SCAN_H */
