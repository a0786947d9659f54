/*
 * health/health.c
 *	  Functions that tell the signals and the health of every unit on a day.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "access/access.h"
#include "facts/facts.h"
#include "health/health.h"
#include "health/signals.h"
#include "kernel/score.h"
#include "regtarget.h"
#include "units/units.h"

/* The names that are computed, and so refused in table signals. */
PG_FUNCTION_INFO_V1(rgt_is_computed_signal);
Datum
rgt_is_computed_signal(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(rgt_signal_is_computed(text_to_cstring(PG_GETARG_TEXT_PP(0))));
}

/* A function's rows on their way out. */
typedef struct Report
{
	Tuplestorestate *store;
	TupleDesc	desc;
	RgtTree    *tree;			/* all that the caller sees, at least */
	RgtSignals *signals;
	Oid			caller;
	void		(*tell) (struct Report *report, int position, Datum unit_code);
	void	   *what;			/* for `tell` */
} Report;

#define MAX_REPORT_COLUMNS 12

typedef struct ReportRow
{
	Datum		values[MAX_REPORT_COLUMNS];
	bool		nulls[MAX_REPORT_COLUMNS];
	int			n;
} ReportRow;

static void
add_value(ReportRow *row, Datum value, bool isnull)
{
	row->values[row->n] = isnull ? (Datum) 0 : value;
	row->nulls[row->n++] = isnull;
}

static void
add_signal(ReportRow *row, const RgtSignal *signal, int position)
{
	add_value(row, Float8GetDatum(signal->value[position]), !signal->known[position]);
}

static void
put_row(Report *report, ReportRow *row)
{
	Assert(row->n == report->desc->natts);
	tuplestore_putvalues(report->store, report->desc, row->values, row->nulls);
}

/* Columns: unit_id, code. */
static void
tell_unit(TupleTableSlot *slot, void *arg)
{
	Report	   *report = arg;
	int			position = rgt_tree_find(report->tree, DatumGetInt32(slot->tts_values[0]));

	CHECK_FOR_INTERRUPTS();
	if (position >= 0 && rgt_in_sight(report->caller, report->tree->unit_id[position]))
		report->tell(report, position, slot->tts_values[1]);
}

/*
 * Everything that is told about units passes here: each visible unit once, in the order of unit_id.
 * Figures and ranks are over all units, whoever asks.
 */
static void
tell_units(Report *report)
{
	static RgtQuery all = RGT_QUERY0(
		"SELECT unit_id, code FROM regtarget.units ORDER BY unit_id");
	static RgtQuery some = RGT_KEY_QUERY(
		"SELECT unit_id, code FROM regtarget.units WHERE unit_id OPERATOR(pg_catalog.=) ANY ($1) ORDER BY unit_id", INT4ARRAYOID);
	Datum		units;

	if (!report->tree->part)
		rgt_run(&all, RGT_CALLER, NULL, NULL, tell_unit, report);
	else
	{
		units = rgt_int_array(report->tree->unit_id, report->tree->n);
		rgt_run(&some, RGT_CALLER, &units, NULL, tell_unit, report);
	}
}

/* Of those in sight; with their siblings where ranks are told. */
static Report
start_report(FunctionCallInfo fcinfo, DateADT as_of, bool siblings)
{
	ReturnSetInfo *info = (ReturnSetInfo *) fcinfo->resultinfo;
	Report		report = {0};

	report.caller = rgt_caller();
	report.store = info->setResult;
	report.desc = info->setDesc;
	report.tree = rgt_tree_in_sight(RGT_CALLER, as_of, report.caller, siblings, rgt_most_in_part());
	report.signals = rgt_signals(report.tree, as_of, RGT_CALLER);
	return report;
}

/* ---- unit_signals --------------------------------------------------------------------------- */

typedef struct NamedSignal
{
	Datum		name;
	const RgtSignal *signal;
} NamedSignal;

typedef struct NamedSignals
{
	NamedSignal *named;
	int			n;
} NamedSignals;

static void
tell_signals(Report *report, int position, Datum unit_code)
{
	const NamedSignals *all = report->what;

	for (int i = 0; i < all->n; i++)
	{
		ReportRow	row = {.n = 0};

		if (!all->named[i].signal->known[position])
			continue;
		add_value(&row, Int32GetDatum(report->tree->unit_id[position]), false);
		add_value(&row, all->named[i].name, false);
		add_signal(&row, all->named[i].signal, position);
		put_row(report, &row);
	}
}

/* unit_signals(as_of): every known signal of every unit, by unit_id and the bytes of the name. */
PG_FUNCTION_INFO_V1(rgt_unit_signals);
Datum
rgt_unit_signals(PG_FUNCTION_ARGS)
{
	DateADT		as_of = rgt_required_day(fcinfo, 0, "as_of");
	NamedSignals all;
	char	  **names;
	Report		report;
	RgtSession	session;

	InitMaterializedSRF(fcinfo, 0);
	rgt_enter(&session);
	report = start_report(fcinfo, as_of, false);
	names = rgt_signal_names(report.signals, &all.n);
	all.named = palloc(sizeof(NamedSignal) * (Size) all.n);
	for (int i = 0; i < all.n; i++)
	{
		all.named[i].name = CStringGetTextDatum(names[i]);
		all.named[i].signal = rgt_signal(report.signals, names[i]);
	}
	report.what = &all;
	report.tell = tell_signals;
	tell_units(&report);
	rgt_end(&session);
	return (Datum) 0;
}

/* ---- unit_health ---------------------------------------------------------------------------- */

/* The four metrics that every report of health shows, whether they count or not. */
static const RgtComputed four_metrics[] = {
	RGT_VISITS_PER_HEAD, RGT_CONVERSION_RATE, RGT_OUTPUT_PER_HEAD, RGT_ATTRITION_RATE
};

static void
add_four_metrics(ReportRow *row, RgtSignals *signals, int position)
{
	for (int i = 0; i < (int) lengthof(four_metrics); i++)
		add_signal(row, rgt_signal_computed(signals, four_metrics[i]), position);
}

static void
tell_health(Report *report, int position, Datum unit_code)
{
	ReportRow	row = {.n = 0};

	add_value(&row, Int32GetDatum(report->tree->unit_id[position]), false);
	add_value(&row, unit_code, false);
	add_signal(&row, rgt_signal_computed(report->signals, RGT_HEALTH), position);
	add_signal(&row, rgt_signal_coverage(report->signals), position);
	add_four_metrics(&row, report->signals, position);
	put_row(report, &row);
}

/* Measure what unit_health tells: later, its rows are being read. */
static void
measure_health_and_metrics(RgtSignals *signals)
{
	rgt_signal_computed(signals, RGT_HEALTH);
	for (int i = 0; i < (int) lengthof(four_metrics); i++)
		rgt_signal_computed(signals, four_metrics[i]);
}

/* unit_health(as_of): health, coverage and the four metrics, a row for each unit. */
PG_FUNCTION_INFO_V1(rgt_unit_health);
Datum
rgt_unit_health(PG_FUNCTION_ARGS)
{
	DateADT		as_of = rgt_required_day(fcinfo, 0, "as_of");
	Report		report;
	RgtSession	session;

	InitMaterializedSRF(fcinfo, 0);
	rgt_enter(&session);
	report = start_report(fcinfo, as_of, false);
	measure_health_and_metrics(report.signals);
	report.tell = tell_health;
	tell_units(&report);
	rgt_end(&session);
	return (Datum) 0;
}

/* ---- health_ranking ------------------------------------------------------------------------- */

typedef struct Ranking
{
	int		   *rank;			/* 0: none */
	int		   *above;			/* how many units are above each root of the tree */
	const RgtSignal *before;	/* health a month before; NULL: no policy was in force */
} Ranking;

typedef struct Ranked
{
	double		health;
	int			position;
} Ranked;

static int
compare_ranked(const void *a, const void *b)
{
	return RGT_ORDER(((const Ranked *) b)->health, ((const Ranked *) a)->health);
}

/* Rank the units at n positions by health, the best first; equal health, equal rank. */
static void
rank_siblings(const RgtSignal *health, int first, int n, Ranked *room, int *rank)
{
	int			known = 0;

	for (int p = first; p < first + n; p++)
	{
		if (health->known[p])
			room[known++] = (Ranked) {health->value[p], p};
	}
	qsort(room, known, sizeof(Ranked), compare_ranked);
	for (int i = 0; i < known; i++)
		rank[room[i].position] = i > 0 && room[i].health == room[i - 1].health ?
			rank[room[i - 1].position] : i + 1;
}

/* The rank of each unit of a tree by health among its siblings; 0: none. */
int *
rgt_health_ranks(const RgtTree *tree, const RgtSignal *health)
{
	Size		n = Max(tree->n, 1);
	Ranked	   *room = palloc_extended(mul_size(sizeof(Ranked), n), MCXT_ALLOC_HUGE);
	int		   *rank = palloc_extended(mul_size(sizeof(int), n), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);

	rank_siblings(health, 0, tree->roots, room, rank);
	for (int p = 0; p < tree->n; p++)
		rank_siblings(health, tree->first_child[p], tree->children[p], room, rank);
	pfree(room);
	return rank;
}

/* The same day of the month before, or that month's last. */
static DateADT
month_before(DateADT day)
{
	DateADT		this_month = rgt_month_start(day, 0);

	return Min(rgt_month_start(day, -1) + (day - this_month), this_month - 1);
}

/* Over the tree of the report's own day, so that a move makes no change that nobody caused. */
static const RgtSignal *
health_a_month_before(const Report *report)
{
	DateADT		day = month_before(report->signals->as_of);
	RgtPolicy	policy;

	if (!rgt_find_policy(day, RGT_CALLER, &policy))
		return NULL;
	return rgt_signal_computed(rgt_signals(report->tree, day, RGT_CALLER), RGT_HEALTH);
}

/* Of the whole tree nothing is above its roots. */
static int *
count_above(const Report *report)
{
	const RgtTree *tree = report->tree;
	int		   *above = palloc0(sizeof(int) * (Size) Max(tree->roots, 1));

	for (int p = 0; p < tree->roots && tree->part; p++)
	{
		const RgtTree *way = rgt_tree_above(RGT_CALLER, report->signals->as_of, tree->unit_id[p], RGT_FEW_UNITS);

		above[p] = rgt_tree_depth(way, rgt_tree_find(way, tree->unit_id[p]));
	}
	return above;
}

/* How many levels below the root a unit is. */
static int
depth_of(const Report *report, const Ranking *ranking, int position)
{
	int			root = position;

	while (report->tree->parent[root] >= 0)
		root = report->tree->parent[root];
	return ranking->above[root] + rgt_tree_depth(report->tree, position);
}

static void
tell_ranking(Report *report, int position, Datum unit_code)
{
	const Ranking *ranking = report->what;
	const RgtSignal *health = rgt_signal_computed(report->signals, RGT_HEALTH);
	const RgtSignal *before = ranking->before;
	bool		known_before = before != NULL && before->known[position];
	double		value_before = known_before ? before->value[position] : 0;
	ReportRow	row = {.n = 0};

	add_value(&row, Int32GetDatum(report->tree->unit_id[position]), false);
	add_value(&row, unit_code, false);
	add_value(&row, Int32GetDatum(depth_of(report, ranking, position)), false);
	add_signal(&row, health, position);
	add_signal(&row, rgt_signal_coverage(report->signals), position);
	add_value(&row, Int32GetDatum(ranking->rank[position]), ranking->rank[position] == 0);
	add_value(&row, Float8GetDatum(value_before), !known_before);
	add_value(&row, Float8GetDatum(health->value[position] - value_before),
			  !known_before || !health->known[position]);
	add_four_metrics(&row, report->signals, position);
	put_row(report, &row);
}

/*
 * health_ranking(as_of): unit_health with each unit's depth, its rank among its siblings and its
 * health a month before.  Ranks are made here and not in a view, because they must not depend on
 * which units the reader may see.
 */
PG_FUNCTION_INFO_V1(rgt_health_ranking);
Datum
rgt_health_ranking(PG_FUNCTION_ARGS)
{
	DateADT		as_of = rgt_required_day(fcinfo, 0, "as_of");
	Ranking		ranking;
	Report		report;
	RgtSession	session;

	InitMaterializedSRF(fcinfo, 0);
	if (!rgt_sees_anything(rgt_caller()))
		return (Datum) 0;
	rgt_enter(&session);
	report = start_report(fcinfo, as_of, true);
	measure_health_and_metrics(report.signals);
	ranking.rank = rgt_health_ranks(report.tree, rgt_signal_computed(report.signals, RGT_HEALTH));
	ranking.above = count_above(&report);
	ranking.before = health_a_month_before(&report);
	report.what = &ranking;
	report.tell = tell_ranking;
	tell_units(&report);
	rgt_end(&session);
	return (Datum) 0;
}

/* ---- health_points -------------------------------------------------------------------------- */

typedef struct MetricSignals
{
	const RgtMetric *metrics;
	const RgtSignal **signals;
	int			n;
} MetricSignals;

/* The weight of the metrics that are known of a unit. */
static double
known_weight(const MetricSignals *all, int position)
{
	double		weight = 0;

	for (int m = 0; m < all->n; m++)
	{
		if (all->signals[m]->known[position])
			weight += all->metrics[m].weight;
	}
	return weight;
}

static void
tell_points(Report *report, int position, Datum unit_code)
{
	const MetricSignals *all = report->what;
	bool		scored = rgt_signal_computed(report->signals, RGT_HEALTH)->known[position];
	double		weight = known_weight(all, position);

	for (int m = 0; m < all->n; m++)
	{
		const RgtMetric *metric = &all->metrics[m];
		const RgtSignal *signal = all->signals[m];
		bool		counts = scored && signal->known[position];
		double		share = counts ? metric->weight / weight : 0;
		double		gained = counts ? 100 * share *
			rgk_points(signal->value[position], metric->worst, metric->best) : 0;
		ReportRow	row = {.n = 0};

		add_value(&row, Int32GetDatum(report->tree->unit_id[position]), false);
		add_value(&row, unit_code, false);
		add_value(&row, CStringGetTextDatum(metric->name), false);
		add_signal(&row, signal, position);
		add_value(&row, Float8GetDatum(metric->worst), false);
		add_value(&row, Float8GetDatum(metric->best), false);
		add_value(&row, Float8GetDatum(share), !scored);
		add_value(&row, Float8GetDatum(gained), !counts);
		add_value(&row, Float8GetDatum(100 * share - gained), !counts);
		put_row(report, &row);
	}
}

/* health_points(as_of): what each metric adds to each unit's health, and what it leaves to gain. */
PG_FUNCTION_INFO_V1(rgt_health_points);
Datum
rgt_health_points(PG_FUNCTION_ARGS)
{
	DateADT		as_of = rgt_required_day(fcinfo, 0, "as_of");
	MetricSignals all;
	Report		report;
	RgtSession	session;

	InitMaterializedSRF(fcinfo, 0);
	if (!rgt_sees_anything(rgt_caller()))
		return (Datum) 0;
	rgt_enter(&session);
	report = start_report(fcinfo, as_of, false);
	rgt_signal_computed(report.signals, RGT_HEALTH);
	all.metrics = rgt_metrics(report.signals, &all.n);
	all.signals = rgt_signals_array(report.signals, sizeof(RgtSignal *), all.n);
	for (int m = 0; m < all.n; m++)
		all.signals[m] = rgt_signal(report.signals, all.metrics[m].name);
	report.what = &all;
	report.tell = tell_points;
	tell_units(&report);
	rgt_end(&session);
	return (Datum) 0;
}
