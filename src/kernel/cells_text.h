/*-------------------------------------------------------------------------
 *
 * cells_text.h
 *		The text of a cell as its readers want it.
 *
 * Private to cells*.c.
 *
 *-------------------------------------------------------------------------
 */
#ifndef RGK_CELLS_TEXT_H
#define RGK_CELLS_TEXT_H

#include "cells.h"

#include <string.h>
#include <uchar.h>

/*
 * Code points, folded as cells.h says, without the spaces around them.  Spaces
 * that may part thousands are ' ', all others '\t'.  A zero ends them, and no
 * other is among them.
 */
typedef struct cell_text
{
	char32_t	c[RGK_CELL_LONGEST + 1];
} cell_text;

/* The folded text of a cell; refuses what no reader wants. */
extern rgk_cell rgk_cell_fold(const char *s, size_t n, cell_text *text, rgk_refusal *why);

/* A text that is translated where it is told: for xgettext. */
#define RGK_TEXT(english) english

/* Add a reading, unless it is there or there is no room. */
extern void rgk_refusal_add(rgk_refusal *why, rgk_form form, const char *reading);

/* What every refusal of a cell says; to be called before it is read. */
static inline void
begin_refusal(rgk_refusal *why, rgk_kind kind, const rgk_convention *convention)
{
	why->kind = kind;
	why->convention = *convention;
}

static inline rgk_cell
refuse(rgk_refusal *why, rgk_reason reason)
{
	why->reason = reason;
	why->name = NULL;
	why->readings = 0;
	return RGK_CELL_REFUSED;
}

static inline bool
is_digit(char32_t c)
{
	return c >= '0' && c <= '9';
}

static inline const char32_t *
skip_spaces(const char32_t *p)
{
	while (*p == ' ' || *p == '\t')
		p++;
	return p;
}

/* Step over a word of folded characters if it is there. */
static inline bool
take(const char32_t **p, const char32_t *word)
{
	const char32_t *at = *p;

	for (; *word != 0; word++, at++)
		if (*at != *word)
			return false;
	*p = at;
	return true;
}

#endif							/* RGK_CELLS_TEXT_H */
