/*
 * plans/factors.c
 *	  Which signals count in a split, and how much: the table of factors, or the caller's weights.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/jsonb.h"

#include "plans/plans.h"
#include "regtarget.h"

typedef struct FactorList
{
	RgtFactors	factors;
	int			allocated;
} FactorList;

static void
add_factor(TupleTableSlot *slot, void *arg)
{
	FactorList *list = arg;
	RgtFactor  *factor;
	MemoryContext old = MemoryContextSwitchTo(GetMemoryChunkContext(list->factors.factor));

	RGT_GROW(list->factors.factor, list->factors.n, list->allocated);
	factor = &list->factors.factor[list->factors.n++];
	factor->signal = TextDatumGetCString(slot->tts_values[0]);
	factor->factor = TextDatumGetCString(slot->tts_values[1]);
	factor->weight = DatumGetFloat8(slot->tts_values[2]);
	factor->scaled_by = slot->tts_isnull[3] ? NULL : TextDatumGetCString(slot->tts_values[3]);
	MemoryContextSwitchTo(old);
}

/* The table of factors, in one fixed order. */
static RgtFactors
read_table(RgtSnapshot snapshot)
{
	static RgtQuery query = RGT_QUERY0(
		"SELECT signal, coalesce(factor, signal) AS factor, weight, scaled_by FROM regtarget.factors "
		"ORDER BY coalesce(factor, signal) COLLATE \"C\", signal COLLATE \"C\"");
	FactorList	list = {{0, palloc(sizeof(RgtFactor) * 8)}, 8};

	rgt_run(&query, snapshot, NULL, NULL, add_factor, &list);
	return list.factors;
}

static void
refuse_factor(const char *message)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg_internal("%s", message),
			 errhint("Write it as {\"health\": 0.6, \"potential\": 0.4}, with factors of regtarget.factors.")));
}

typedef struct Override
{
	RgtFactors *factors;
	double	   *weight;			/* new weight of each signal */
} Override;

/* One entry of the caller's weights: spread over the factor's signals as the table has them. */
static void
override_factor(TupleTableSlot *slot, void *arg)
{
	Override   *override = arg;
	RgtFactors *factors = override->factors;
	char	   *name = TextDatumGetCString(slot->tts_values[0]);
	double		weight = slot->tts_isnull[1] ? -1 : DatumGetFloat8(slot->tts_values[1]);
	double		whole = 0;
	int			signals = 0;

	for (int f = 0; f < factors->n; f++)
	{
		if (strcmp(factors->factor[f].factor, name) != 0)
			continue;
		signals++;
		whole += factors->factor[f].weight;
	}
	if (signals == 0)
		refuse_factor(psprintf(rgt_text("factor \"%s\" does not exist"), name));
	if (!(weight >= 0))
		refuse_factor(psprintf(rgt_text("factor \"%s\" must have a number as weight that is not negative"), name));
	for (int f = 0; f < factors->n; f++)
	{
		if (strcmp(factors->factor[f].factor, name) == 0)
			override->weight[f] = whole > 0 ? weight * (factors->factor[f].weight / whole) : weight / signals;
	}
}

/* Weights of factors given by the caller; those not named are unused. */
static void
override_factors(RgtFactors *factors, Jsonb *weights, RgtSnapshot snapshot)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT key, CASE WHEN pg_catalog.jsonb_typeof(value) OPERATOR(pg_catalog.=) 'number' "
		"AND value::pg_catalog.numeric OPERATOR(pg_catalog.<) 1.7e308 "
		"THEN value::pg_catalog.float8 END FROM pg_catalog.jsonb_each($1)", JSONBOID);
	Datum		argument = JsonbPGetDatum(weights);
	Override	override = {factors, palloc0(sizeof(double) * Max(factors->n, 1))};

	if (!JB_ROOT_IS_OBJECT(weights))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("factors must be an object of weights"),
				 errhint("Write it as {\"health\": 0.6, \"potential\": 0.4}.")));
	rgt_run(&query, snapshot, &argument, NULL, override_factor, &override);
	for (int f = 0; f < factors->n; f++)
		factors->factor[f].weight = override.weight[f];
}

/* Only proportions of weights matter: make huge ones smaller, all alike, before anybody adds them. */
static void
keep_sums_finite(RgtFactors *factors)
{
	bool		huge = false;

	for (int f = 0; f < factors->n; f++)
		huge |= factors->factor[f].weight > 1e150;
	for (int f = 0; f < factors->n && huge; f++)
		factors->factor[f].weight = ldexp(factors->factor[f].weight, -512);
}

/*
 * The factors of a split.  `weights` (NULL: as the table has them) is {"factor": weight, ...}; a
 * factor that it does not name is unused.
 */
RgtFactors
rgt_factors(Jsonb *weights, RgtSnapshot snapshot)
{
	RgtFactors	factors = read_table(snapshot);

	keep_sums_finite(&factors);
	if (weights != NULL)
	{
		override_factors(&factors, weights, snapshot);
		keep_sums_finite(&factors);
	}
	return factors;
}
