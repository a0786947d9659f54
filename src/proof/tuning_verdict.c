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

/* What both were off by in one period. */
typedef struct Pair
{
	int			period;			/* -1: none */
	double		tuned;
	double		previous;
} Pair;

/* Periods judged by what was known before them. */
typedef struct Rolling
{
	RgtOff		tuned;
	RgtOff		previous;
	int			periods;
	int			wins;
	int			ties;
	Pair		worst;			/* where it was furthest off, */
	Pair		lost;			/* and where by most further off than previous */
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
	Pair		here;

	rolling->periods++;
	rolling->tuned.off += tuned->off;
	rolling->tuned.actual += tuned->actual;
	rolling->previous.off += previous->off;
	rolling->previous.actual += previous->actual;
	rolling->wins += tuned->off < previous->off;
	rolling->ties += tuned->off == previous->off;
	if (tuned->actual <= 0)
		return;
	here = (Pair) {period, tuned->off / tuned->actual, previous->off / previous->actual};
	if (rolling->worst.period < 0 || here.tuned > rolling->worst.tuned)
		rolling->worst = here;
	if (here.tuned > here.previous &&
		(rolling->lost.period < 0 || here.tuned - here.previous > rolling->lost.tuned - rolling->lost.previous))
		rolling->lost = here;
}

/* Judge the periods from the fourth on, each by the weighting tuned on those before it. */
static Rolling
judge_rolling(RgtPanel *panel, const bool *judged)
{
	Rolling		rolling = {.worst = {.period = -1}, .lost = {.period = -1}};
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

/* How much better than the previous period's shares a weighting must be on what it was tuned on. */
static double
gain_asked(const Verdict *verdict)
{
	return verdict->tuned.periods >= MANY_PERIODS ? GAIN_OF_MANY : GAIN_OF_FEW;
}

/* Was the weighting so much better that a loss is hardly to be feared? */
static bool
worth_adopting(const Verdict *verdict)
{
	return verdict->tuned.n > 0 && verdict->tuned.periods >= FIRST_ROLLING && verdict->previous > 0 &&
		verdict->error <= (1 - gain_asked(verdict)) * verdict->previous;
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

/* "in 2023Q4 (19.8 % against 19.7 %)". */
static void
say_pair(StringInfo said, const Verdict *verdict, const Pair *pair)
{
	appendStringInfo(said, "in %s (%s against %s)", text_to_cstring(verdict->panel->period[pair->period].period->period),
					 percent(pair->tuned), percent(pair->previous));
}

/* What it lost, first of all. */
static void
say_losses(StringInfo said, const Verdict *verdict)
{
	const Rolling *rolling = &verdict->rolling;
	int			lost = rolling->periods - rolling->ties - rolling->wins;

	appendStringInfoString(said, "Judged by what was known before each period alone, the tuned weighting was further off than the "
						   "previous period's shares in ");
	if (lost > 0)
		appendStringInfo(said, "%d", lost);
	else
		appendStringInfoString(said, "none");
	appendStringInfo(said, rolling->periods == 1 ? " of %d period" : " of %d periods", rolling->periods);
	if (rolling->lost.period >= 0)
	{
		appendStringInfoString(said, ", by most ");
		say_pair(said, verdict, &rolling->lost);
	}
	if (rolling->worst.period >= 0 && rolling->worst.period != rolling->lost.period)
	{
		appendStringInfoString(said, ". Its worst error was ");
		say_pair(said, verdict, &rolling->worst);
	}
	appendStringInfoString(said, ". ");
}

/* What the periods judged by those before them showed. */
static void
say_rolling(StringInfo said, const Verdict *verdict)
{
	const Rolling *rolling = &verdict->rolling;

	if (rolling->periods == 0)
	{
		appendStringInfoString(said, "No period could be judged by those before it alone: that takes four.");
		return;
	}
	say_losses(said, verdict);
	appendStringInfo(said, "Over all of them it was %s off, the previous period's shares %s, and it was closer in %d of %d",
					 percent(rolling->tuned.off / rolling->tuned.actual),
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

/* What was shown in hindsight, and what to do. */
static void
say_adoption(StringInfo said, const Verdict *verdict)
{
	int			gain = (int) rint(gain_asked(verdict) * 100);

	appendStringInfo(said, verdict->tuned.periods == 1 ? " On the %d period that it was tuned on it was %s off" :
					 " On the %d periods that it was tuned on it was %s off", verdict->tuned.periods, percent(verdict->error));
	if (!isnan(verdict->previous))
		appendStringInfo(said, ", the previous period's shares %s", percent(verdict->previous));
	if (verdict->adopt)
		appendStringInfo(said, ": better by the %d %% that it takes to adopt it.", gain);
	else if (verdict->tuned.periods < FIRST_ROLLING)
		appendStringInfo(said, ": too few periods to adopt anything; stay with what you have.");
	else
		appendStringInfo(said, ": not better by the %d %% that it takes to adopt it; stay with what you have.", gain);
}

static char *
say(const Verdict *verdict)
{
	StringInfoData said;

	initStringInfo(&said);
	if (verdict->tuned.n == 0)
		return "No weighting can be judged: in none of these periods could factors split what came among the units below "
			"the root.";
	say_rolling(&said, verdict);
	say_adoption(&said, verdict);
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
		verdict.rolling.worst.period = verdict.rolling.lost.period = -1;
	judge(&verdict);
	verdict.adopt = worth_adopting(&verdict);
	put_verdict(result, &verdict);
	rgt_end(&session);
	return (Datum) 0;
}
