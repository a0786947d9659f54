/*
 * facts/profiles.c
 *	  Profiles: named sets of metrics, factors, signal kinds, alert rules and policy to start from.
 *
 * A fresh extension has none of these rows, so that every row in a database is its owner's and
 * survives a dump as it is.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "access/access.h"
#include "regtarget.h"

typedef struct Anchors
{
	const char *metric;
	double		worst;
	double		best;
} Anchors;

/* The anchors are documented guesses, which calibrate_metrics() replaces by the company's own. */
typedef struct Profile
{
	const char *name;
	Anchors		metrics[4];
	int			churn_days;		/* 0: null */
	int			churn_count;	/* customers gone, at least, for red */
	int			churn_weeks;
	double		certainty;		/* that red asks for before it opens a review; 0: none */
} Profile;

static const Profile profiles[] = {
	{"standard", {{"visits_per_head", 10, 100}, {"conversion_rate", 0.10, 0.60},
	{"output_per_head", 100000, 600000}, {"attrition_rate", 0.25, 0.00}}, 0, 5, 1, 0},
	{"fmcg", {{"visits_per_head", 100, 300}, {"conversion_rate", 0.20, 0.60},
	{"output_per_head", 200000, 600000}, {"attrition_rate", 0.25, 0.03}}, 60, 5, 1, 2.33},
	{"industrial", {{"visits_per_head", 8, 30}, {"conversion_rate", 0.10, 0.40},
	{"output_per_head", 150000, 700000}, {"attrition_rate", 0.15, 0.02}}, 365, 3, 4, 2.33},
};

static const Profile *
find_profile(const char *name)
{
	for (int i = 0; i < (int) lengthof(profiles); i++)
	{
		if (strcmp(profiles[i].name, name) == 0)
			return &profiles[i];
	}
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 errmsg("profile \"%s\" does not exist", name),
			 errhint("Profiles are standard, fmcg and industrial.")));
}

static void
fill_metrics(const Profile *profile)
{
	static RgtQuery clear = RGT_QUERY0("DELETE FROM regtarget.metrics");
	static RgtQuery add = RGT_QUERY(
		"INSERT INTO regtarget.metrics (metric, weight, worst, best) VALUES ($1, 0.25, $2, $3)",
		TEXTOID, FLOAT8OID, FLOAT8OID);

	rgt_run(&clear, RGT_FRESH, NULL, NULL, NULL, NULL);
	for (int i = 0; i < (int) lengthof(profile->metrics); i++)
	{
		Datum		values[3] = {CStringGetTextDatum(profile->metrics[i].metric),
		Float8GetDatum(profile->metrics[i].worst), Float8GetDatum(profile->metrics[i].best)};

		rgt_run(&add, RGT_FRESH, values, NULL, NULL, NULL);
	}
}

/*
 * The same in every profile: health 50, potential 30 in two halves, strategy 20.  Beside them the candidates, which count
 * for nothing until somebody names them: what the past says, and what people are expected to bring.
 */
static void
fill_factors(void)
{
	static RgtQuery clear = RGT_QUERY0("DELETE FROM regtarget.factors");
	static RgtQuery add = RGT_QUERY0(
		"INSERT INTO regtarget.factors (signal, factor, weight, scaled_by) VALUES "
		"('health', 'health', 0.50, 'capacity'), "
		"('tender_amount', 'potential', 0.15, NULL), "
		"('report_estimate', 'potential', 0.15, NULL), "
		"('strategic_tilt', 'strategy', 0.20, 'capacity'), "
		"('actual_previous', 'previous', 0, NULL), "
		"('actual_last_year', 'last_year', 0, NULL), "
		"('actual_trailing', 'trailing', 0, NULL), "
		"('actual_seasonal', 'seasonal', 0, NULL), "
		"('output_per_head', 'expected_output', 0, 'capacity')");
	static RgtQuery clear_kinds = RGT_QUERY0("DELETE FROM regtarget.signal_kinds");
	static RgtQuery add_kinds = RGT_QUERY0(
		"INSERT INTO regtarget.signal_kinds (signal, rollup, valid_days) VALUES "
		"('tender_amount', 'sum', NULL), ('report_estimate', 'sum', NULL), ('strategic_tilt', 'mean', NULL)");

	rgt_run(&clear, RGT_FRESH, NULL, NULL, NULL, NULL);
	rgt_run(&add, RGT_FRESH, NULL, NULL, NULL, NULL);
	rgt_run(&clear_kinds, RGT_FRESH, NULL, NULL, NULL, NULL);
	rgt_run(&add_kinds, RGT_FRESH, NULL, NULL, NULL, NULL);
}

/* Red by churn; yellow and blue are the same in every profile. */
static void
fill_alert_rules(const Profile *profile)
{
	static RgtQuery clear = RGT_QUERY0("DELETE FROM regtarget.alert_rules");
	static RgtQuery add = RGT_QUERY(
		"INSERT INTO regtarget.alert_rules (rule, level, signal, event_kind, compare, threshold, relative, span, spans, "
		"min_count, "
		"after_share, leading_only, certainty, opens_review) VALUES "
		"('churn', 'red', 'weekly_churn_rate', NULL, 'rise', 0.20, true, 'week', $1, $2, NULL, false, $3, true), "
		"('competitor_promotion', 'yellow', NULL, 'competitor_promotion', NULL, NULL, false, NULL, 1, NULL, NULL, true, NULL, "
		"true), "
		"('competitor_price_cut', 'yellow', NULL, 'competitor_price_cut', NULL, NULL, false, NULL, 1, NULL, NULL, true, NULL, "
		"true), "
		"('policy_change', 'blue', NULL, 'policy_change', NULL, NULL, false, NULL, 1, NULL, NULL, false, NULL, true), "
		"('health_fall', 'blue', 'health', NULL, 'fall', 10, false, 'month', 1, NULL, NULL, false, NULL, false), "
		"('slow_pace', 'blue', 'pace', NULL, 'below', 0.8, false, NULL, 1, NULL, 0.5, false, NULL, false)",
		INT4OID, INT4OID, FLOAT8OID);
	Datum		values[3] = {Int32GetDatum(profile->churn_weeks), Int32GetDatum(profile->churn_count),
							 Float8GetDatum(profile->certainty)};

	rgt_run(&clear, RGT_FRESH, NULL, NULL, NULL, NULL);
	rgt_run(&add, RGT_FRESH, values, profile->certainty == 0 ? "  n" : NULL, NULL, NULL);
}

/* The table's own defaults are the figures of the profiles; only churn_days differs. */
static void
fill_policy(const Profile *profile, DateADT effective_from)
{
	static RgtQuery clear = RGT_QUERY(
		"DELETE FROM regtarget.policies WHERE effective_from OPERATOR(pg_catalog.=) $1", DATEOID);
	static RgtQuery add = RGT_QUERY(
		"INSERT INTO regtarget.policies (effective_from, churn_days) VALUES ($1, $2)", DATEOID, INT4OID);
	Datum		values[2] = {DateADTGetDatum(effective_from), Int32GetDatum(profile->churn_days)};

	rgt_run(&clear, RGT_FRESH, values, NULL, NULL, NULL);
	rgt_run(&add, RGT_FRESH, values, profile->churn_days == 0 ? " n" : NULL, NULL, NULL);
}

/* apply_profile(profile, effective_from): replaces settings by the profile's and says what it did. */
PG_FUNCTION_INFO_V1(rgt_apply_profile);
Datum
rgt_apply_profile(PG_FUNCTION_ARGS)
{
	text	   *name = rgt_required_text(fcinfo, 0, "profile");
	const Profile *profile = find_profile(text_to_cstring(name));
	DateADT		effective_from;
	RgtSession	session;

	rgt_require_top_planner();
	rgt_require(fcinfo, 1, "effective_from");
	effective_from = PG_GETARG_DATEADT(1);
	if (DATE_NOT_FINITE(effective_from))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a policy cannot take effect on an infinite date")));
	rgt_enter_to_write(&session, "regtarget.apply_profile()");
	fill_metrics(profile);
	fill_factors();
	fill_alert_rules(profile);
	fill_policy(profile, effective_from);
	rgt_end(&session);
	PG_RETURN_TEXT_P(cstring_to_text(psprintf(rgt_text("profile %s: 4 metrics, 4 signals in 3 factors, 5 candidates of weight 0, "
													   "3 kinds of signals and 6 alert rules replaced; policy in force from %s"),
		profile->name, rgt_date_text(effective_from))));
}
