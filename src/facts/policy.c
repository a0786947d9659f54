/*
 * facts/policy.c
 *	  The rules in force on a day: of a period, those on its first day; of a signal, those on its day.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "facts/facts.h"
#include "regtarget.h"

/* The policy in force on a day; false when there is none. */
bool
rgt_find_policy(DateADT day, RgtSnapshot snapshot, RgtPolicy *policy)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT effective_from, cap, penalty_rate, window_months, min_coverage::pg_catalog.float8, "
		"actuals OPERATOR(pg_catalog.=) 'revenues', penalty_quarters, silence_counts, regret_days, sign_levels, churn_days, "
		"(1 OPERATOR(pg_catalog.-) memory)::pg_catalog.float8 "
		"FROM regtarget.policies WHERE effective_from OPERATOR(pg_catalog.<=) $1 "
		"ORDER BY effective_from DESC LIMIT 1", DATEOID);
	Datum		argument = DateADTGetDatum(day);
	Datum		values[12];
	bool		isnull[12];

	if (!rgt_one(&query, snapshot, &argument, NULL, values, isnull, lengthof(values)))
		return false;
	policy->effective_from = DatumGetDateADT(values[0]);
	policy->cap = DatumGetNumeric(values[1]);
	policy->penalty_rate = DatumGetNumeric(values[2]);
	policy->window_months = DatumGetInt32(values[3]);
	policy->min_coverage = DatumGetFloat8(values[4]);
	policy->actuals_are_revenues = DatumGetBool(values[5]);
	policy->penalty_quarters = DatumGetInt32(values[6]);
	policy->silence_counts = DatumGetBool(values[7]);
	policy->regret_days = DatumGetInt32(values[8]);
	policy->sign_levels = isnull[9] ? PG_INT32_MAX : DatumGetInt32(values[9]);
	policy->churn_days = isnull[10] ? 0 : DatumGetInt32(values[10]);
	policy->fading = DatumGetFloat8(values[11]);
	return true;
}

/* The policy in force on a day, or 55000. */
RgtPolicy
rgt_policy(DateADT day, RgtSnapshot snapshot)
{
	RgtPolicy	policy;

	if (!rgt_find_policy(day, snapshot, &policy))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("no policy is in force on %s", rgt_date_text(day)),
				 errhint("Run SELECT regtarget.apply_profile(); or insert a row into regtarget.policies.")));
	return policy;
}
