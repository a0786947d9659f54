/*
 * proof/tuning_verdict.c
 *	  tuning_verdict(): what to do with a tuned weighting, and how sure one can be.
 *
 * Whoever tunes on a history looks good on it.  So each period from the fourth on is also judged by the weighting that
 * the periods before it would have led to, which is all that anybody could have known; and whether that was closer than
 * the previous period's shares more often than chance alone would have it, the exact sign test says.
 */
#include "postgres.h"

#include <math.h>

#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/float.h"

#include "proof/tuning.h"

/* The first period that is judged by those before it. */
#define FIRST_ROLLING 3

/* With so many periods a smaller gain is trusted. */
#define MANY_PERIODS 8
#define GAIN_OF_MANY 0.10
#define GAIN_OF_FEW 0.20

/* By chance alone at most so often. */
#define SURE 0.05

enum
{
	ARG_FROM, ARG_TO, ARG_ROOT
};

enum
{
	OUT_FACTORS, OUT_PERIODS, OUT_ERROR, OUT_PREVIOUS, OUT_ROLLING, OUT_ROLLING_PREVIOUS, OUT_WINS, OUT_CHANCE, OUT_ADOPT,
	OUT_VERDICT, OUT_SAID, OUT_COLUMNS
};

/* Periods judged by what was known before them. */
typedef struct Rolling
{
	RgtOff		tuned;
	RgtOff		previous;
	int			periods;
	int			wins;
	int			ties;
	int			worst;			/* period; -1: none */
	double		worst_error;
	double		worst_previous; /* error of previous there */
} Rolling;

typedef struct Verdict
{
	RgtPanel   *panel;
	RgtTuned	tuned;
	double		error;			/* of the best; NaN: there is none */
	double		previous;
	Rolling		rolling;
	double		chance;
	bool		adopt;
	const char *verdict;
} Verdict;

/* ---- periods one by one ---------------------------------------------------------------------------------- */

static void
add_period(Rolling *rolling, int period, const RgtOff *tuned, const RgtOff *previous)
{
	rolling->periods++;
	rolling->tuned.off += tuned->off;
	rolling->tuned.actual += tuned->actual;
	rolling->previous.off += previous->off;
	rolling->previous.actual += previous->actual;
	rolling->wins += tuned->off < previous->off;
	rolling->ties += tuned->off == previous->off;
	if (tuned->actual <= 0 || (rolling->worst >= 0 && tuned->off / tuned->actual <= rolling->worst_error))
		return;
	rolling->worst = period;
	rolling->worst_error = tuned->off / tuned->actual;
	rolling->worst_previous = previous->off / previous->actual;
}

/* Judge the periods from the fourth on, each by the weighting tuned on those before it. */
static Rolling
judge_rolling(RgtPanel *panel, const bool *judged)
{
	Rolling		rolling = {.worst = -1};
	bool	   *before = palloc0(sizeof(bool) * Max(panel->n, 1));
	int			known = 0;

	for (int i = 0; i < panel->n; i++)
	{
		RgtTuned	tuned;
		RgtOff		off;
		RgtOff		previous;

		if (!judged[i])
			continue;
		if (known++ >= FIRST_ROLLING && rgt_panel_rival_off(panel, i, RGT_RIVAL_PREVIOUS, &previous))
		{
			tuned = rgt_tune(panel, before, RGT_NO_GRID, 1);
			if (tuned.n > 0 && rgt_off_of(panel, i, &tuned.best[0], &off))
				add_period(&rolling, i, &off, &previous);
		}
		before[i] = true;
	}
	return rolling;
}

/* ---- how sure ---------------------------------------------------------------------------------------------- */

/* That a fair coin falls on one side at least `wins` times of n. */
static double
chance_of(int wins, int n)
{
	double		chance = 0;

	for (int k = n; k >= wins; k--)
	{
		/* n over k, halved n times on the way. */
		double		term = 1;
		int			halved = 0;

		for (int i = 1; i <= k; i++)
		{
			term = term * (n - k + i) / i;
			while (term > 1e100 && halved < n)
			{
				term /= 2;
				halved++;
			}
		}
		chance += ldexp(term, halved - n);
	}
	return Min(chance, 1);
}

/* Wins of the periods that were won or lost. */
static void
judge(Verdict *verdict)
{
	const Rolling *rolling = &verdict->rolling;
	int			decided = rolling->periods - rolling->ties;

	verdict->chance = chance_of(rolling->wins, decided);
	if (chance_of(decided, decided) > SURE)
		verdict->verdict = "too few to say";
	else
		verdict->verdict = verdict->chance <= SURE ? "closer" : "not closer";
}

/* Was the weighting so much better on what it was tuned on that a loss is hardly to be feared? */
static bool
worth_adopting(const Verdict *verdict)
{
	double		gain = verdict->tuned.periods >= MANY_PERIODS ? GAIN_OF_MANY : GAIN_OF_FEW;

	return verdict->tuned.n > 0 && verdict->tuned.periods >= FIRST_ROLLING && verdict->previous > 0 &&
		verdict->error <= (1 - gain) * verdict->previous;
}

/* ---- in words ------------------------------------------------------------------------------------------------ */

static char *
percent(double share)
{
	return psprintf("%.1f %%", share * 100);
}

/* A small chance is none at all only on paper. */
static char *
percent_of_cases(double chance)
{
	return chance < 0.0005 ? pstrdup("fewer than 0.1 %") : percent(chance);
}

/* What the periods judged by those before them showed, the worst first. */
static void
say_rolling(StringInfo said, const Verdict *verdict)
{
	const Rolling *rolling = &verdict->rolling;

	if (rolling->periods == 0)
	{
		appendStringInfoString(said, "No period could be judged by those before it alone: that takes four.");
		return;
	}
	if (rolling->worst >= 0)
		appendStringInfo(said, "At its worst, in %s, the tuned weighting was %s off, the previous period's shares %s. ",
						 text_to_cstring(verdict->panel->period[rolling->worst].period->period),
						 percent(rolling->worst_error), percent(rolling->worst_previous));
	appendStringInfo(said, "Judged by what was known before each period alone, it was %s off over %d periods, the previous period's "
					 "shares %s, and closer than those in %d of %d",
					 percent(rolling->tuned.off / rolling->tuned.actual), rolling->periods,
					 percent(rolling->previous.off / rolling->previous.actual), rolling->wins,
					 rolling->periods - rolling->ties);
	if (rolling->ties > 0)
		appendStringInfo(said, rolling->ties == 1 ? " (%d more was equal)" : " (%d more were equal)", rolling->ties);
	if (rolling->ties < rolling->periods)
		appendStringInfo(said, "; chance alone does as well in %s of such cases", percent_of_cases(verdict->chance));
	if (strcmp(verdict->verdict, "closer") == 0)
		appendStringInfoString(said, ": it is closer.");
	else if (strcmp(verdict->verdict, "not closer") == 0)
		appendStringInfoString(said, ": that is not shown to be more than chance.");
	else
		appendStringInfoString(said, ": these are too few to say, however they had gone.");
}

static char *
say(const Verdict *verdict)
{
	StringInfoData said;

	initStringInfo(&said);
	if (verdict->tuned.n == 0)
		return "No weighting can be judged: in none of these periods could factors split what came among the units below the root.";
	say_rolling(&said, verdict);
	appendStringInfo(&said, " On the %d periods that it was tuned on it was %s off", verdict->tuned.periods,
					 percent(verdict->error));
	if (!isnan(verdict->previous))
		appendStringInfo(&said, ", the previous period's shares %s", percent(verdict->previous));
	appendStringInfo(&said, verdict->adopt ?
					 ": better by enough to adopt it." : ": not better by enough to adopt it; stay with what you have.");
	return said.data;
}

/* ---- the entry point ------------------------------------------------------------------------------------------ */

/* A figure, or null where it is none. */
static void
set_figure(Datum *values, bool *nulls, int column, double figure)
{
	nulls[column] = isnan(figure);
	values[column] = Float8GetDatum(figure);
}

static void
put_verdict(ReturnSetInfo *result, const Verdict *verdict)
{
	const Rolling *rolling = &verdict->rolling;
	Datum		values[OUT_COLUMNS] = {0};
	bool		nulls[OUT_COLUMNS] = {false};

	nulls[OUT_FACTORS] = verdict->tuned.n == 0;
	if (verdict->tuned.n > 0)
		values[OUT_FACTORS] = rgt_weighting_jsonb(verdict->panel, &verdict->tuned.best[0]);
	values[OUT_PERIODS] = Int32GetDatum(verdict->tuned.periods);
	set_figure(values, nulls, OUT_ERROR, verdict->error);
	set_figure(values, nulls, OUT_PREVIOUS, verdict->previous);
	set_figure(values, nulls, OUT_ROLLING, rolling->tuned.off / rolling->tuned.actual);
	set_figure(values, nulls, OUT_ROLLING_PREVIOUS, rolling->previous.off / rolling->previous.actual);
	values[OUT_WINS] = Int32GetDatum(rolling->wins);
	values[OUT_CHANCE] = Float8GetDatum(verdict->chance);
	values[OUT_ADOPT] = BoolGetDatum(verdict->adopt);
	values[OUT_VERDICT] = CStringGetTextDatum(verdict->verdict);
	values[OUT_SAID] = CStringGetTextDatum(say(verdict));
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/*
 * tuning_verdict(from_period, to_period, root): the best weighting of the periods, its errors beside those of the
 * previous period's shares, in hindsight and by what was known before each, and what follows.
 */
PG_FUNCTION_INFO_V1(rgt_tuning_verdict);
Datum
rgt_tuning_verdict(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Verdict		verdict = {0};
	RgtSession	session;
	RgtReplay	replay;
	bool	   *all;

	InitMaterializedSRF(fcinfo, 0);
	rgt_enter(&session);
	replay = rgt_replay(fcinfo, ARG_FROM, ARG_TO, ARG_ROOT);
	verdict.panel = rgt_panel(&replay);
	all = palloc0(sizeof(bool) * Max(replay.n, 1));
	for (int i = 0; i < replay.n; i++)
		all[i] = true;
	verdict.tuned = rgt_tune(verdict.panel, all, RGT_FINEST, 1);
	verdict.error = verdict.tuned.n > 0 ? verdict.tuned.best[0].error : get_float8_nan();
	verdict.previous = verdict.tuned.rival_error[RGT_RIVAL_PREVIOUS];
	if (verdict.tuned.n > 0)
		verdict.rolling = judge_rolling(verdict.panel, verdict.tuned.judged);
	else
		verdict.rolling.worst = -1;
	judge(&verdict);
	verdict.adopt = worth_adopting(&verdict);
	put_verdict(result, &verdict);
	rgt_end(&session);
	return (Datum) 0;
}
