/*
 * base/money.c
 *	  Amounts as whole numbers of steps, and fractions of them.
 *
 * At the edge an amount is a numeric; inside, where sums and comparisons must be exact and fast, it
 * is an int64 count of the plan's step (0.01, 10000, ...), never above 10^16, so that products with
 * a fraction of 18 decimals fit into 128 bits.
 */
#include "postgres.h"

#include "common/int.h"
#include "utils/builtins.h"

#include "regtarget.h"

static Numeric
call2(PGFunction function, Numeric a, Numeric b)
{
	return DatumGetNumeric(DirectFunctionCall2(function, NumericGetDatum(a), NumericGetDatum(b)));
}

static int
compare(Numeric a, Numeric b)
{
	return rgt_compare_numerics(NumericGetDatum(a), NumericGetDatum(b));
}

static int64
to_int64(Numeric value)
{
	return DatumGetInt64(DirectFunctionCall1(numeric_int8, NumericGetDatum(value)));
}

/* The order of two numerics, of which NaN is the greatest. */
int
rgt_compare_numerics(Datum a, Datum b)
{
	return DatumGetInt32(DirectFunctionCall2(numeric_cmp, a, b));
}

/* The same by their distances from 0. */
int
rgt_compare_sizes(Datum a, Datum b)
{
	return rgt_compare_numerics(DirectFunctionCall1(numeric_abs, a), DirectFunctionCall1(numeric_abs, b));
}

int
rgt_sign_of(Datum value)
{
	return rgt_compare_numerics(value, NumericGetDatum(int64_to_numeric(0)));
}

/* A step as rgt_step_init() makes it: the parts of it that every amount passes through. */
static inline void
AssertCheckStep(const RgtStep *step)
{
	Assert(step->units > 0 && step->units <= INT64CONST(1000000000000000));
	Assert(step->scale >= 0 && step->scale <= 12);
}

/* Neither NaN nor an infinity. */
bool
rgt_is_finite(Numeric value)
{
	return !numeric_is_nan(value) && !numeric_is_inf(value);
}

/*
 * The same of a numeric as it is stored, for most without unpacking it: one that is no number has no digits, and so is
 * two bytes long, as 0 is.
 */
bool
rgt_is_finite_stored(Datum value)
{
	return VARSIZE_ANY_EXHDR(DatumGetPointer(value)) > sizeof(uint16) || rgt_is_finite(DatumGetNumeric(value));
}

/* An amount for a message. */
char *
rgt_numeric_text(Numeric value)
{
	return DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value)));
}

/*
 * Make a step of a numeric > 0.  At most 12 decimals, and its digits as a whole number at most
 * 10^15: more has no use and would not fit; 22003.
 */
void
rgt_step_init(RgtStep *step, Numeric value)
{
	int64		power = 1;
	Numeric		scaled;

	if (!rgt_is_finite(value) || rgt_sign_of(NumericGetDatum(value)) <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("step must be a number above 0"),
				 errdetail("Step is %s.", rgt_numeric_text(value))));
	step->numeric = DatumGetNumeric(DirectFunctionCall1(numeric_trim_scale, NumericGetDatum(value)));
	step->scale = DatumGetInt32(DirectFunctionCall1(numeric_scale, NumericGetDatum(step->numeric)));
	if (step->scale > 12)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("step has more than 12 decimals"),
				 errdetail("Step is %s.", rgt_numeric_text(value))));
	for (int i = 0; i < step->scale; i++)
		power *= 10;
	step->factor = int64_to_numeric(power);
	scaled = call2(numeric_mul, step->numeric, step->factor);
	if (compare(scaled, int64_to_numeric(INT64CONST(1000000000000000))) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("step is out of range"),
				 errdetail("Step is %s.", rgt_numeric_text(value))));
	step->units = to_int64(scaled);
	step->limit = call2(numeric_div, int64_to_numeric(INT64CONST(9000000000000000000)), step->factor);
	step->least = DatumGetNumeric(DirectFunctionCall1(numeric_uminus, NumericGetDatum(step->limit)));
}

/* The exact way for amounts beyond int64 in units of 10^-scale: numeric division. */
static RgtFit
to_steps_slowly(const RgtStep *step, Numeric amount, int64 *steps)
{
	Numeric		quotient = call2(numeric_div_trunc, amount, step->numeric);
	int			exact;

	if (rgt_compare_sizes(NumericGetDatum(quotient), NumericGetDatum(int64_to_numeric(RGT_MAX_STEPS))) > 0)
		return RGT_TOO_LARGE;
	*steps = to_int64(quotient);
	exact = compare(call2(numeric_mul, quotient, step->numeric), amount);
	if (exact > 0)
		(*steps)--;
	return exact == 0 ? RGT_FITS : RGT_OFF_STEP;
}

/* Is an amount a whole number of 10^-scale by the way it is written?  If not, it may still be one. */
static bool
has_decimals_beyond(Numeric amount, int scale)
{
	return DatumGetInt32(DirectFunctionCall1(numeric_scale, NumericGetDatum(amount))) > scale;
}

/*
 * An amount, which must be finite, as a number of steps; between two steps the lower one.
 */
RgtFit
rgt_to_steps(const RgtStep *step, Numeric amount, int64 *steps)
{
	Numeric		scaled;
	int64		units;
	int			exact = 0;

	AssertCheckStep(step);
	Assert(rgt_is_finite(amount));
	if (compare(amount, step->limit) >= 0 || compare(amount, step->least) <= 0)
		return to_steps_slowly(step, amount, steps);
	scaled = call2(numeric_mul, amount, step->factor);
	units = to_int64(scaled);
	if (has_decimals_beyond(amount, step->scale))
		exact = compare(int64_to_numeric(units), scaled);
	if (exact > 0)
		units--;				/* numeric_int8 rounded up */
	*steps = units / step->units;
	if (units % step->units < 0)
		(*steps)--;
	if (*steps > RGT_MAX_STEPS || *steps < -RGT_MAX_STEPS)
		return RGT_TOO_LARGE;
	return exact == 0 && units % step->units == 0 ? RGT_FITS : RGT_OFF_STEP;
}

/* A number of steps as an amount with the decimals of the step. */
Numeric
rgt_to_amount(const RgtStep *step, int64 steps)
{
	int64		units;

	AssertCheckStep(step);
	if (!pg_mul_s64_overflow(steps, step->units, &units))
		return int64_div_fast_to_numeric(units, step->scale);
	return call2(numeric_mul, int64_to_numeric(steps), step->numeric);
}

char *
rgt_amount_text(const RgtStep *step, int64 steps)
{
	return rgt_numeric_text(rgt_to_amount(step, steps));
}

/* A fraction in [0, 1) of at most 18 decimals, as the tables' constraints have it, exactly. */
RgtFraction
rgt_fraction(Numeric value)
{
	RgtFraction fraction = to_int64(call2(numeric_mul, value, int64_to_numeric(RGT_ONE)));

	Assert(fraction >= 0 && fraction < RGT_ONE);
	return fraction;
}

/* suggested x rate, rounded half up to a whole step.  suggested >= 0. */
int64
rgt_penalty_steps(int64 suggested, RgtFraction rate)
{
	Assert(suggested >= 0);
	Assert(rate >= 0 && rate < RGT_ONE);
	return (int64) (((int128) suggested * rate + RGT_ONE / 2) / RGT_ONE);
}

/* The most that an amount may differ from its baseline: cap x baseline, rounded down to a step. */
int64
rgt_cap_steps(int64 baseline, RgtFraction cap)
{
	Assert(baseline >= 0);
	Assert(cap >= 0 && cap < RGT_ONE);
	return (int64) ((int128) baseline * cap / RGT_ONE);
}
