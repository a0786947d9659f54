/*
 * adoption/draw.c
 *	  draw_adoption_order(): units in an order that nobody chose, and that anybody can draw again.
 *
 * Units that choose themselves are those that would have done well anyway; adoption_effect() could not tell.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "access/access.h"
#include "kernel/draw.h"
#include "regtarget.h"

typedef struct Drawn
{
	text	   *code;
	char	   *bytes;			/* in UTF-8, so that the database's encoding changes nothing */
} Drawn;

static void
refuse(const char *message, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg_internal("%s", message),
			 detail != NULL ? errdetail_internal("%s", detail) : 0));
}

/* 42704 for a unit that is not there, 42501 for one that the caller does not see. */
static void
require_known(Datum *codes, const bool *nulls, int n)
{
	int32	   *units = palloc(sizeof(int32) * Max(n, 1));

	for (int i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		units[i] = nulls[i] ? 0 : rgt_unit_by_code(DatumGetTextPP(codes[i]));
	}
	for (int i = 0; i < n; i++)
	{
		if (!nulls[i])
			rgt_require_sight(units[i]);
	}
}

static int
compare_codes(const void *a, const void *b)
{
	return strcmp(((const Drawn *) a)->bytes, ((const Drawn *) b)->bytes);
}

static char *
utf8_of(text *code)
{
	char	   *bytes = text_to_cstring(code);

	return pg_server_to_any(bytes, strlen(bytes), PG_UTF8);
}

/* The units by their codes: in which order they are named shall not matter. */
static Drawn *
sort_units(Datum *codes, const bool *nulls, int n)
{
	Drawn	   *units = palloc(sizeof(Drawn) * Max(n, 1));

	for (int i = 0; i < n; i++)
	{
		if (nulls[i])
			refuse(rgt_text("a unit must not be null"), NULL);
		units[i].code = DatumGetTextPP(codes[i]);
		units[i].bytes = utf8_of(units[i].code);
	}
	qsort(units, n, sizeof(Drawn), compare_codes);
	for (int i = 1; i < n; i++)
	{
		if (strcmp(units[i - 1].bytes, units[i].bytes) == 0)
			refuse(psprintf(rgt_text("unit \"%s\" is named twice"), text_to_cstring(units[i].code)),
				   rgt_text("Each unit has one place in an order."));
	}
	return units;
}

static void
put_order(FunctionCallInfo fcinfo, const Drawn *units, int n, int32 seed)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	uint64_t	chance = (uint64_t) (int64_t) seed;
	int		   *order = palloc(sizeof(int) * Max(n, 1));

	for (int i = 0; i < n; i++)
		order[i] = i;
	rgk_shuffle(&chance, order, n);
	for (int i = 0; i < n; i++)
	{
		Datum		values[2] = {Int32GetDatum(i + 1), PointerGetDatum(units[order[i]].code)};
		bool		isnull[2] = {false, false};

		tuplestore_putvalues(result->setResult, result->setDesc, values, isnull);
	}
}

/* draw_adoption_order(units, seed): (place, unit). */
PG_FUNCTION_INFO_V1(rgt_draw_adoption_order);
Datum
rgt_draw_adoption_order(PG_FUNCTION_ARGS)
{
	RgtSession	session;
	ArrayType  *array;
	Datum	   *codes;
	bool	   *nulls;
	int			n;

	InitMaterializedSRF(fcinfo, 0);
	rgt_enter(&session);
	rgt_require(fcinfo, 0, "units");
	array = PG_GETARG_ARRAYTYPE_P(0);
	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &codes, &nulls, &n);
	require_known(codes, nulls, n);
	if (ARR_NDIM(array) > 1)
		refuse(rgt_text("units must be a list"), psprintf(rgt_text("The array has %d dimensions."), ARR_NDIM(array)));
	rgt_require(fcinfo, 1, "seed");
	put_order(fcinfo, sort_units(codes, nulls, n), n, PG_GETARG_INT32(1));
	rgt_end(&session);
	return (Datum) 0;
}
