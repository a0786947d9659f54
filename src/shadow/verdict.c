/*
 * shadow/verdict.c
 *	  shadow_verdict(): who was closer, in figures and in a sentence that an owner reads.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "kernel/sign_test.h"
#include "shadow/shadow.h"
#include "units/units.h"

/* With fewer periods decided even as many wins leave chance more than 5 %. */
#define LEAST_TO_SAY 5

enum
{
	WINS, CASES, MONEY_ENGINE, MONEY_MANAGEMENT, LOST, LOST_BY, CHANCE, VERDICT, TOTAL_MISSED, LATE, SAID, COLUMNS
};

typedef struct Verdict
{
	int			cases;
	int			wins;
	int			losses;
	int			late;
	Numeric		engine;
	Numeric		management;
	Numeric		missed;
	const RgtCase *lost;		/* by most; NULL: none */
	Numeric		lost_by;
	double		chance;
	const char *verdict;
} Verdict;

static Numeric
plus(Numeric a, Numeric b)
{
	return DatumGetNumeric(DirectFunctionCall2(numeric_add, NumericGetDatum(a), NumericGetDatum(b)));
}

static Numeric
minus(Numeric a, Numeric b)
{
	return DatumGetNumeric(DirectFunctionCall2(numeric_sub, NumericGetDatum(a), NumericGetDatum(b)));
}

static void
add_case(Verdict *verdict, const RgtCase *this)
{
	Numeric		by = minus(this->engine, this->management);
	int			sign = rgt_sign_of(NumericGetDatum(by));

	verdict->cases++;
	verdict->wins += sign < 0;
	verdict->losses += sign > 0;
	verdict->engine = plus(verdict->engine, this->engine);
	verdict->management = plus(verdict->management, this->management);
	verdict->missed = plus(verdict->missed, this->missed);
	if (sign > 0 && (verdict->lost == NULL || rgt_compare_numerics(NumericGetDatum(by), NumericGetDatum(verdict->lost_by)) > 0))
	{
		verdict->lost = this;
		verdict->lost_by = by;
	}
}

static Verdict
add_up(const RgtCases *cases)
{
	Numeric		zero = int64_to_numeric(0);
	Verdict		verdict = {.late = cases->late, .engine = zero, .management = zero, .missed = zero};

	for (int i = 0; i < cases->n; i++)
		add_case(&verdict, &cases->cases[i]);
	verdict.chance = rgk_sign_test(verdict.wins, verdict.wins + verdict.losses);
	if (verdict.wins + verdict.losses < LEAST_TO_SAY)
		verdict.verdict = "too few to say";
	else
		verdict.verdict = verdict.chance <= 0.05 ? "closer" : "not closer";
	return verdict;
}

/* ---- in words ----------------------------------------------------------------------------------- */

/* The currency of the policy in force, with a blank before it; empty without one. */
static char *
currency(void)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT currency FROM regtarget.policies WHERE effective_from <= $1 ORDER BY effective_from DESC LIMIT 1", DATEOID);
	Datum		today = DateADTGetDatum(rgt_today_of(RGT_CALLER));
	Datum		code;
	bool		isnull;

	return rgt_one(&query, RGT_CALLER, &today, NULL, &code, &isnull, 1) ? psprintf(" %s", TextDatumGetCString(code)) : "";
}

/* An amount in whole units of the currency, its thousands apart: 1,234,568. */
static char *
in_words(Numeric amount)
{
	Datum		whole = DirectFunctionCall2(numeric_round, NumericGetDatum(amount), Int32GetDatum(0));
	char	   *digits = DatumGetCString(DirectFunctionCall1(numeric_out, whole));
	int			n = strlen(digits);
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < n; i++)
	{
		if (i > 0 && (n - i) % 3 == 0)
			appendStringInfoChar(&text, ',');
		appendStringInfoChar(&text, digits[i]);
	}
	return text.data;
}

static char *
money(Numeric amount, const char *code)
{
	return psprintf("%s%s", in_words(amount), code);
}

static void
say_wins(StringInfo said, const Verdict *verdict)
{
	if (verdict->cases > 1)
		appendStringInfo(said, rgt_text("The engine was closer than management in %d of %d periods."), verdict->wins,
						 verdict->cases);
	else if (verdict->wins > 0)
		appendStringInfoString(said, rgt_text("The engine was closer than management in the one period judged."));
	else if (verdict->losses > 0)
		appendStringInfoString(said, rgt_text("Management was closer than the engine in the one period judged."));
	else
		appendStringInfoString(said, rgt_text("Both were equally close in the one period judged."));
}

static void
say_money(StringInfo said, const Verdict *verdict)
{
	char	   *code = currency();

	appendStringInfoChar(said, ' ');
	appendStringInfo(said, rgt_text("The engine had put %s into the wrong region, management %s."), money(verdict->engine, code),
					 money(verdict->management, code));
	if (verdict->lost != NULL)
	{
		appendStringInfoChar(said, ' ');
		if (verdict->losses == 1)
			appendStringInfo(said, rgt_text("The engine lost %s, by %s."), text_to_cstring(verdict->lost->period),
							 money(verdict->lost_by, code));
		else
			appendStringInfo(said, rgt_text("The engine lost %d periods, %s by most: %s."), verdict->losses,
							 text_to_cstring(verdict->lost->period), money(verdict->lost_by, code));
	}
	if (rgt_sign_of(NumericGetDatum(verdict->missed)) > 0)
	{
		appendStringInfoChar(said, ' ');
		appendStringInfo(said, rgt_text("The total itself was off by %s, the same for both."), money(verdict->missed, code));
	}
}

static void
say_chance(StringInfo said, const Verdict *verdict)
{
	appendStringInfoChar(said, ' ');
	if (verdict->wins + verdict->losses < LEAST_TO_SAY && verdict->wins == 0)
		appendStringInfoString(said, rgt_text("So few periods prove nothing yet."));
	else if (verdict->wins + verdict->losses < LEAST_TO_SAY)
		appendStringInfo(said, rgt_text("So few periods prove nothing yet: by chance alone as many wins, or more, come with a "
										"probability of %.2f."), verdict->chance);
	else if (verdict->chance <= 0.05)
		appendStringInfo(said, rgt_text("By chance alone as many wins, or more, come with a probability of %.3f: this is hardly "
										"chance."), verdict->chance);
	else
		appendStringInfo(said, rgt_text("By chance alone as many wins, or more, come with a probability of %.3f: this may "
										"well be chance."), verdict->chance);
}

/* In whole sentences, each of which can be said in another language. */
static char *
say(const Verdict *verdict)
{
	StringInfoData said;

	initStringInfo(&said);
	if (verdict->cases == 0)
		appendStringInfoString(&said, rgt_text("No ended period has both a shadow plan that was made in time and a published "
											   "plan: there is nothing to judge."));
	else
	{
		say_wins(&said, verdict);
		say_money(&said, verdict);
		say_chance(&said, verdict);
	}
	if (verdict->late > 0)
	{
		appendStringInfoChar(&said, ' ');
		appendStringInfo(&said, rgt_text("Shadow plans allocated after the first day, which are not counted: %d."),
						 verdict->late);
	}
	return said.data;
}

/* ---- shadow_verdict ------------------------------------------------------------------------------ */

static int
read_periods(FunctionCallInfo fcinfo)
{
	rgt_require(fcinfo, 0, "periods");
	if (PG_GETARG_INT32(0) < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("periods must be 1 or more"),
				 errdetail("It is %d.", PG_GETARG_INT32(0))));
	return PG_GETARG_INT32(0);
}

/* The columns in the context of the call, which outlives the stretch of work. */
static void
fill_row(const Verdict *verdict, Datum *values, bool *nulls)
{
	values[WINS] = Int32GetDatum(verdict->wins);
	values[CASES] = Int32GetDatum(verdict->cases);
	nulls[MONEY_ENGINE] = nulls[MONEY_MANAGEMENT] = nulls[TOTAL_MISSED] = nulls[CHANCE] = nulls[VERDICT] = verdict->cases == 0;
	values[MONEY_ENGINE] = NumericGetDatum(verdict->engine);
	values[MONEY_MANAGEMENT] = NumericGetDatum(verdict->management);
	nulls[LOST] = nulls[LOST_BY] = verdict->lost == NULL;
	if (verdict->lost != NULL)
	{
		values[LOST] = PointerGetDatum(verdict->lost->period);
		values[LOST_BY] = NumericGetDatum(verdict->lost_by);
	}
	values[CHANCE] = Float8GetDatum(verdict->chance);
	values[VERDICT] = CStringGetTextDatum(verdict->verdict);
	values[TOTAL_MISSED] = NumericGetDatum(verdict->missed);
	values[LATE] = Int32GetDatum(verdict->late);
	values[SAID] = CStringGetTextDatum(say(verdict));
}

/* shadow_verdict(periods): one row, over the last so many ended periods that can be judged. */
PG_FUNCTION_INFO_V1(rgt_shadow_verdict);
Datum
rgt_shadow_verdict(PG_FUNCTION_ARGS)
{
	MemoryContext context = CurrentMemoryContext;
	Datum		values[COLUMNS] = {0};
	bool		nulls[COLUMNS] = {false};
	RgtSession	session;
	RgtCases	cases;
	Verdict		verdict;
	TupleDesc	desc;
	int			most;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "shadow_verdict() does not return a row");
	most = read_periods(fcinfo);
	rgt_enter(&session);
	cases = rgt_shadow_cases(most);
	MemoryContextSwitchTo(context);
	verdict = add_up(&cases);
	fill_row(&verdict, values, nulls);
	if (verdict.lost != NULL)
		values[LOST] = PointerGetDatum(DatumGetTextPCopy(values[LOST]));
	rgt_end(&session);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}
