/*
 * adoption/effect.c
 *	  adoption_effect(): what adoption did to each outcome, judged by all other ways in which its dates could have
 *	  fallen on the same units; or why that cannot be said.
 *
 * The arithmetic is in kernel/effect.h, who is compared in panel.c.
 */
#include "postgres.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "access/access.h"
#include "adoption/panel.h"
#include "kernel/effect.h"
#include "regtarget.h"

/* Of the interval. */
#define CERTAINTY 0.9

/* So many cells are summed up between two looks at whether somebody wants to stop. */
#define CELLS_AT_ONCE 1000000

typedef struct Judged
{
	RgtOutcome	outcome;
	rgk_effect	effect;
	int			compared;		/* units, */
	int			adopters;		/* and those of them of whom the outcome is known */
	int			others;
} Judged;

/* ---- judging ---------------------------------------------------------------------------------------- */

/* 42501 unless the caller sees the whole organisation, and so all that goes into the figures. */
static void
require_sight_of_all(const RgtCompared *compared)
{
	Oid			caller = rgt_caller();
	bool		sees = rgt_in_sight(caller, RGT_COMPANY);

	for (int i = 0; sees && compared != NULL && i < compared->n; i++)
		sees = rgt_in_sight(caller, compared->unit_id[i]);
	if (!sees)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("role \"%s\" does not see all the units that are compared", rgt_caller_name()),
				 errdetail("It takes a duty (planner, manager, finance or viewer) of the unit at the top."),
				 errhint("A planner of the unit at the top grants duties: regtarget.grant_duty().")));
}

/* Units of which an outcome is known twice, as the kernel takes them. */
static rgk_effect_panel
make_panel(const RgtEffectSpan *span, const RgtCompared *compared, const double *value, const bool *known)
{
	Size		most = Max((Size) span->n * compared->n, 1);
	double	   *panel_value = palloc_extended(most * sizeof(double), MCXT_ALLOC_HUGE);
	bool	   *panel_known = palloc_extended(most * sizeof(bool), MCXT_ALLOC_HUGE);
	int		   *adopted = palloc_extended(sizeof(int) * (Size) Max(compared->n, 1), MCXT_ALLOC_HUGE);
	int		   *unit = palloc_extended(sizeof(int) * (Size) Max(compared->n, 1), MCXT_ALLOC_HUGE);
	int			n = 0;

	for (int u = 0; u < compared->n; u++)
	{
		int			times = 0;

		for (int t = 0; t < span->n; t++)
			times += known[(Size) t * compared->n + u];
		if (times >= 2)
			unit[n++] = u;
	}
	for (int i = 0; i < n; i++)
	{
		adopted[i] = compared->adopted[unit[i]];
		for (int t = 0; t < span->n; t++)
		{
			Size		from = (Size) t * compared->n + unit[i];

			panel_value[(Size) t * n + i] = value[from];
			panel_known[(Size) t * n + i] = known[from];
		}
	}
	return (rgk_effect_panel) {
		.units = n, .periods = span->n, .value = panel_value, .known = panel_known, .adopted = adopted
	};
}

static void
judge_panel(const rgk_effect_panel *panel, Judged *judged)
{
	void	   *scratch = palloc_extended(rgk_effect_scratch(panel->units, panel->periods), MCXT_ALLOC_HUGE);
	rgk_effect_work *work = rgk_effect_begin(panel, CERTAINTY, scratch);
	Size		cells = panel->units * panel->periods;

	do
		CHECK_FOR_INTERRUPTS();
	while (rgk_effect_more(work, 1 + CELLS_AT_ONCE / cells));
	rgk_effect_end(work, &judged->effect);
}

/* One outcome, in a memory context of its own. */
static Judged
judge_outcome(const RgtEffectSpan *span, const RgtCompared *compared, const RgtCells *cells, RgtOutcome outcome)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "regtarget effect", ALLOCSET_DEFAULT_SIZES);
	MemoryContext keep = MemoryContextSwitchTo(context);
	rgk_effect_panel	panel = make_panel(span, compared, cells->value[outcome], cells->known[outcome]);
	Judged		judged = {.outcome = outcome, .compared = compared->n};

	for (size_t i = 0; i < panel.units; i++)
	{
		if (panel.adopted[i] < (int) panel.periods)
			judged.adopters++;
		else
			judged.others++;
	}
	if (panel.units > 0 && panel.periods > 1)
		judge_panel(&panel, &judged);
	MemoryContextSwitchTo(keep);
	MemoryContextDelete(context);
	return judged;
}

/* ---- what is said of it ------------------------------------------------------------------------------- */

static const char *
verdict_of(const Judged *judged)
{
	switch (rgk_effect_verdict(&judged->effect))
	{
		case RGK_CANNOT_BE_SHOWN:
			return "cannot be shown";
		case RGK_NO_DIFFERENCE_SHOWN:
			return "no difference shown";
		case RGK_HIGHER:
			return rgt_higher_is_better(judged->outcome) ? "better" : "worse";
		case RGK_LOWER:
			return rgt_higher_is_better(judged->outcome) ? "worse" : "better";
	}
	pg_unreachable();
}

/* Why these data cannot answer. */
static char *
why_not(const Judged *judged)
{
	const rgk_effect *effect = &judged->effect;

	if (judged->compared == 0)
		return pstrdup(rgt_text("There is nobody to compare: no unit that was open all the time is known to have adopted."));
	if (judged->adopters + judged->others == 0)
		return pstrdup(rgt_text("It is not known in two of these periods of any unit that is compared."));
	if (judged->adopters == 0)
		return pstrdup(rgt_text("No unit of which it is known adopted after the first of these periods and by the end "
								"of the last."));
	if (judged->adopters == 1)
		return pstrdup(rgt_text("One unit adopted: whatever else happened to it looks the same."));
	if (!effect->effect.known)
		return pstrdup(rgt_text("It is not known before and after adoption of units that adopted and of others that had "
								"not by then."));
	if (effect->smallest_p.value >= 1)
		return pstrdup(rgt_text("It is the same however the dates of adoption are placed: there is nothing to tell apart."));
	return psprintf(rgt_text("%d units adopted and %d had not by the end: of the %d ways in which the dates could have fallen, "
							 "even the one with the largest effect is not rarer than %.1f %%."),
					judged->adopters, judged->others, (int) effect->assignments, 100 * effect->smallest_p.value);
}

/* What the figures say, to somebody who does not read p-values. */
static char *
say_effect(const Judged *judged)
{
	const rgk_effect *effect = &judged->effect;
	double		percent = 100 * effect->p_value.value;

	if (effect->p_value.value > RGK_EFFECT_LEVEL)
		return psprintf(rgt_text("The %d units that adopted changed by %.4g against those that had not: so much or more comes of "
								 "%.2g %% of the ways in which the dates could have fallen, so it may be chance."),
						judged->adopters, effect->effect.value, percent);
	if (effect->effect.value > 0)
		return psprintf(rgt_text("The %d units that adopted rose by %.4g against those that had not: so much or more comes of "
								 "%.2g %% of the ways in which the dates could have fallen."),
						judged->adopters, effect->effect.value, percent);
	return psprintf(rgt_text("The %d units that adopted fell by %.4g against those that had not: so much or more comes of "
							 "%.2g %% of the ways in which the dates could have fallen."),
					judged->adopters, -effect->effect.value, percent);
}

/* What makes the answer doubtful all the same. */
static const char *
doubt(const Judged *judged)
{
	if (judged->effect.before_p.known && judged->effect.before_p.value <= RGK_EFFECT_LEVEL)
		return rgt_text(" But they had gone apart before they adopted.");
	if (judged->outcome == RGT_ATTAINMENT_AMOUNT)
		return rgt_text(" But adjustments move the amount: what counts is attainment_baseline.");
	return "";
}

static char *
say(const Judged *judged)
{
	rgk_verdict verdict = rgk_effect_verdict(&judged->effect);

	if (verdict == RGK_CANNOT_BE_SHOWN)
		return why_not(judged);
	return psprintf("%s%s", say_effect(judged), verdict == RGK_NO_DIFFERENCE_SHOWN ? "" : doubt(judged));
}

static void
put_row(ReturnSetInfo *result, const Judged *judged)
{
	const rgk_effect *e = &judged->effect;
	const rgk_figure figures[] = {
		e->effect, e->p_value, e->smallest_p, e->low, e->high, e->deviation, e->before, e->before_p, e->breaks_at, e->least,
		e->most
	};
	Datum		values[1 + lengthof(figures) + 5];
	bool		nulls[lengthof(values)] = {false};
	int			n = 0;

	values[n++] = CStringGetTextDatum(rgt_outcome_names[judged->outcome]);
	for (int i = 0; i < (int) lengthof(figures); i++)
	{
		nulls[n] = !figures[i].known;
		values[n++] = Float8GetDatum(figures[i].value);
	}
	values[n++] = CStringGetTextDatum(verdict_of(judged));
	values[n++] = CStringGetTextDatum(say(judged));
	values[n++] = Int32GetDatum(judged->adopters);
	values[n++] = Int32GetDatum(judged->others);
	values[n] = Int32GetDatum((int32) e->assignments);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* ---- the function ------------------------------------------------------------------------------------- */

/* Whoever names a period that has not ended, or adopters that are no part of it, shall know. */
static void
tell_left_out(const RgtEffectSpan *span, const RgtCompared *compared)
{
	if (span->running > 0)
		ereport(NOTICE,
				(errmsg("periods that are not over are left out: %d", span->running)));
	if (compared->early > 0)
		ereport(NOTICE,
				(errmsg("units that adopted before the second of these periods are left out: %d", compared->early),
				 errdetail("What they were like before is not known here.")));
	if (compared->elsewhere > 0 && span->n > 0)
		ereport(NOTICE,
				(errmsg("units that adopted at another depth of the tree, or were not open all the time, are left out: %d",
						compared->elsewhere)));
}

/* adoption_effect(from_period, to_period): a row an outcome. */
PG_FUNCTION_INFO_V1(rgt_adoption_effect);
Datum
rgt_adoption_effect(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	RgtSession	session;
	RgtPeriod	from;
	RgtPeriod	to;
	RgtEffectSpan		span;
	RgtCompared compared;
	RgtCells	cells;

	InitMaterializedSRF(fcinfo, 0);
	rgt_enter(&session);
	from = rgt_period(rgt_required_text(fcinfo, 0, "from_period"));
	to = rgt_period(rgt_required_text(fcinfo, 1, "to_period"));
	require_sight_of_all(NULL);
	if (from.first > to.first)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("period \"%s\" is after period \"%s\"", text_to_cstring(from.period), text_to_cstring(to.period))));
	span = rgt_effect_span(&from, &to);
	compared = rgt_compared_units(&span);
	require_sight_of_all(&compared);
	tell_left_out(&span, &compared);
	cells = rgt_read_cells(&span, &compared);
	for (int o = 0; o < RGT_OUTCOMES; o++)
	{
		Judged		judged = judge_outcome(&span, &compared, &cells, (RgtOutcome) o);

		put_row(result, &judged);
	}
	rgt_end(&session);
	return (Datum) 0;
}
