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
	Pair		here = {period, tuned->off / tuned->actual, previous->off / previous->actual};

	if (tuned->actual <= 0)
		return;
	rolling->periods++;
	rolling->tuned.off += tuned->off;
	rolling->tuned.actual += tuned->actual;
	rolling->previous.off += previous->off;
	rolling->previous.actual += previous->actual;
	rolling->wins += tuned->off < previous->off;
	rolling->ties += tuned->off == previous->off;
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
	return chance < 0.0005 ? rgt_text("fewer than 0.1 %") : percent(chance);
}

/* Append a sentence, and free it. */
static void
add_sentence(StringInfo said, char *sentence)
{
	appendStringInfo(said, "%s%s", said->len > 0 ? " " : "", sentence);
	pfree(sentence);
}

static char *
period_name(const Verdict *verdict, const Pair *pair)
{
	return text_to_cstring(verdict->panel->period[pair->period].period->period);
}

/* What it lost, first of all, and where it was furthest off. */
static void
say_losses(StringInfo said, const Verdict *verdict)
{
	const Rolling *rolling = &verdict->rolling;
	const Pair *lost = &rolling->lost;
	const Pair *worst = &rolling->worst;

	if (lost->period < 0)
		add_sentence(said,
					 psprintf(rgt_text("Judged by what was known before each period alone, the tuned weighting was further "
									   "off than the previous period's shares in none of %d periods."), rolling->periods));
	else
		add_sentence(said,
					 psprintf(rgt_text("Judged by what was known before each period alone, the tuned weighting was further "
									   "off than the previous period's shares in %d of %d periods, by most in %s "
									   "(%s against %s)."),
							  rolling->periods - rolling->ties - rolling->wins, rolling->periods,
							  period_name(verdict, lost), percent(lost->tuned), percent(lost->previous)));
	if (worst->period != lost->period)
		add_sentence(said, psprintf(rgt_text("Its worst error was in %s (%s against %s)."), period_name(verdict, worst),
									percent(worst->tuned), percent(worst->previous)));
}

/* What the periods judged by those before them showed. */
static void
say_rolling(StringInfo said, const Verdict *verdict)
{
	const Rolling *rolling = &verdict->rolling;
	char	   *tuned = percent(rolling->tuned.off / rolling->tuned.actual);
	char	   *previous = percent(rolling->previous.off / rolling->previous.actual);
	int			decided = rolling->periods - rolling->ties;

	say_losses(said, verdict);
	if (rolling->ties == 0)
		add_sentence(said,
					 psprintf(rgt_text("Over all of them it was %s off, the previous period's shares %s, and it was closer "
									   "in %d of %d."), tuned, previous, rolling->wins, decided));
	else
		add_sentence(said,
					 psprintf(rgt_text("Over all of them it was %s off, the previous period's shares %s, and it was closer "
									   "in %d of %d, equal in %d more."),
							  tuned, previous, rolling->wins, decided, rolling->ties));
	if (strcmp(verdict->verdict, "closer") == 0)
		add_sentence(said, psprintf(rgt_text("Chance alone does as well in %s of such cases: it is closer."),
									percent_of_cases(verdict->chance)));
	else if (strcmp(verdict->verdict, "not closer") == 0)
		add_sentence(said, psprintf(rgt_text("Chance alone does as well in %s of such cases: that is not shown to be more than "
											 "chance."), percent_of_cases(verdict->chance)));
	else
		add_sentence(said, pstrdup(rgt_text("These are too few to say, however they had gone.")));
}

/* What was shown in hindsight, and what to do. */
static void
say_adoption(StringInfo said, const Verdict *verdict)
{
	int			gain = (int) rint(gain_asked(verdict) * 100);
	int			periods = verdict->tuned.periods;

	if (isnan(verdict->previous))
		add_sentence(said, psprintf(rgt_text("On the periods that it was tuned on, %d, it was %s off."), periods,
									percent(verdict->error)));
	else
		add_sentence(said,
					 psprintf(rgt_text("On the periods that it was tuned on, %d, it was %s off, the previous period's "
									   "shares %s."), periods, percent(verdict->error), percent(verdict->previous)));
	if (verdict->adopt)
		add_sentence(said, psprintf(rgt_text("That is better by the %d %% that it takes to adopt it."), gain));
	else if (periods < FIRST_ROLLING)
		add_sentence(said, pstrdup(rgt_text("That is too few periods to adopt anything; stay with what you have.")));
	else
		add_sentence(said,
					 psprintf(rgt_text("That is not better by the %d %% that it takes to adopt it; stay with what you "
									   "have."), gain));
}

static char *
say(const Verdict *verdict)
{
	StringInfoData said;

	if (verdict->tuned.n == 0)
		return rgt_text("No weighting can be judged: in none of these periods could factors split what came among the units "
						"below the root.");
	initStringInfo(&said);
	if (verdict->rolling.periods > 0)
		say_rolling(&said, verdict);
	else
		add_sentence(&said, pstrdup(rgt_text("No period could be judged by those before it alone: that takes four.")));
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
