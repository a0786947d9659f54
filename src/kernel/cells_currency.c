/*-------------------------------------------------------------------------
 *
 * cells_currency.c
 *		Currencies by sign, code and name.
 *
 * A word that several currencies share ($, ¥, 元) means the convention's where
 * it is one of them, and another one where it is not.  A currency that is not
 * listed is known by its code alone.
 *
 *-------------------------------------------------------------------------
 */
#include "cells_scan.h"

#define MOST_WORDS 8

/* Of words that begin alike the longer one first. */
static const struct
{
	const char *code;
	const char32_t *words[MOST_WORDS];
}			currencies[] = {
	{"CNY", {U"人民币", U"元整", U"元", U"¥", U"rmb", U"cny", U"cn¥"}},
	{"USD", {U"$", U"us$", U"usd", U"美元", U"美金", U"dollars", U"dollar"}},
	{"EUR", {U"€", U"euros", U"euro", U"eur", U"欧元"}},
	{"GBP", {U"£", U"gbp", U"pounds", U"pound", U"英镑"}},
	{"JPY", {U"円", U"¥", U"jp¥", U"jpy", U"yen", U"日元"}},
	{"HKD", {U"hk$", U"$", U"hkd", U"港元", U"港币", U"元"}},
	{"TWD", {U"nt$", U"$", U"twd", U"ntd", U"新台币", U"台币", U"元"}},
	{"KRW", {U"₩", U"krw", U"韩元", U"韩币"}},
	{"SGD", {U"s$", U"$", U"sgd", U"新元", U"新加坡元"}},
	{"AUD", {U"a$", U"au$", U"$", U"aud", U"澳元"}},
	{"CAD", {U"c$", U"ca$", U"$", U"cad", U"加元"}},
	{"NZD", {U"nz$", U"$", U"nzd", U"新西兰元"}},
	{"CHF", {U"chf", U"sfr.", U"fr.", U"瑞郎"}},
	{"INR", {U"₹", U"inr", U"rs.", U"卢比"}},
	{"RUB", {U"₽", U"rub", U"卢布"}},
	{"THB", {U"฿", U"thb", U"泰铢"}},
	{"VND", {U"₫", U"vnd", U"越南盾"}},
	{"MYR", {U"rm", U"myr", U"令吉"}},
	{"IDR", {U"rp", U"idr", U"印尼盾"}},
	{"PHP", {U"₱", U"php"}},
	{"MOP", {U"mop$", U"mop", U"澳门元"}},
	{"BRL", {U"r$", U"brl"}},
	{"MXN", {U"mx$", U"$", U"mxn"}},
	{"SEK", {U"kr", U"sek"}},
	{"NOK", {U"kr", U"nok"}},
	{"DKK", {U"kr", U"dkk"}},
	{"PLN", {U"zł", U"pln"}},
	{"TRY", {U"₺", U"try"}},
	{"ZAR", {U"zar"}},
	{"AED", {U"aed"}},
	{"SAR", {U"sar"}},
	{"", {U"¢"}},				/* of many, and never an amount's unit */
};

#define CURRENCIES (sizeof(currencies) / sizeof(currencies[0]))

/* What a word of several currencies is called where it means none of them for sure. */
static const struct
{
	const char32_t *word;
	const char *name;
}			shared[] = {
	{U"$", RGK_TEXT("dollars")}, {U"dollar", RGK_TEXT("dollars")}, {U"dollars", RGK_TEXT("dollars")}, {U"¥",
		RGK_TEXT("yuan or yen")}, {U"kr", RGK_TEXT("crowns")},
	{U"¢", RGK_TEXT("cents")}
};

static bool
is_code(const char *a, const char *b)
{
	return strncmp(a, b, 4) == 0;
}

static bool
is_letter(char32_t c)
{
	return c >= 'a' && c <= 'z';
}

/* Step over a code in capitals, as the folded text has it. */
static bool
take_code(const char32_t **p, const char *code)
{
	const char32_t *at = *p;

	for (; *code != 0; code++, at++)
		if (*at != (char32_t) (*code + ('a' - 'A')))
			return false;
	*p = at;
	return true;
}

static bool
take_word(const char32_t **p, size_t currency)
{
	for (size_t i = 0; i < MOST_WORDS && currencies[currency].words[i] != NULL; i++)
		if (take(p, currencies[currency].words[i]))
			return true;
	return false;
}

/* May a currency begin here?  Nearly all that is looked at are digits and ends. */
static bool
may_begin(char32_t c)
{
	return c != 0 && !is_digit(c) && (c > '.' || c == '$');
}

bool
rgk_take_currency(const char32_t **p, const rgk_convention *convention)
{
	if (!may_begin(**p))
		return false;
	for (size_t i = 0; i < CURRENCIES; i++)
		if (is_code(currencies[i].code, convention->currency))
			return take_word(p, i);
	return take_code(p, convention->currency);
}

/* The longest word that begins here, of any currency: its end, or NULL. */
static const char32_t *
longest_word(const char32_t *p, size_t *currency)
{
	const char32_t *end = NULL;

	for (size_t i = 0; i < CURRENCIES; i++)
		for (size_t w = 0; w < MOST_WORDS && currencies[i].words[w] != NULL; w++)
		{
			const char32_t *at = p;

			if (!take(&at, currencies[i].words[w]) || (end != NULL && at <= end))
				continue;
			if (is_letter(at[-1]) && is_letter(*at))
				continue;		/* a part of some other word */
			end = at;
			*currency = i;
		}
	return end;
}

bool
rgk_take_any_currency(const char32_t **p)
{
	size_t		currency;
	const char32_t *end = may_begin(**p) ? longest_word(*p, &currency) : NULL;

	if (end != NULL)
		*p = end;
	return end != NULL;
}

static const char *
name_of(const char32_t *word, const char32_t *end, size_t currency)
{
	for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++)
	{
		const char32_t *at = word;

		if (take(&at, shared[i].word) && at == end)
			return shared[i].name;
	}
	return currencies[currency].code;
}

const char *
rgk_foreign_currency(const char32_t *text, const rgk_convention *convention)
{
	bool		in_word = false;

	while (*text != 0)
	{
		const char32_t *end = text;
		size_t		currency;

		if (!in_word && rgk_take_currency(&end, convention))
		{
			text = end;
			continue;
		}
		end = may_begin(*text) && !(in_word && is_letter(*text)) ? longest_word(text, &currency) : NULL;
		if (end != NULL)
			return name_of(text, end, currency);
		in_word = is_letter(*text++);
	}
	return NULL;
}
