/*
 * apportion.c
 *	  apportion(): the exact split of a total over the rows of a window's partition, and what the
 *	  kernel's statuses mean to a caller.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "windowapi.h"

#include "apportion.h"
#include "kernel/apportion.h"
#include "regtarget.h"

/* Kept for the rows of a partition after the first: everyone's part. */
typedef struct Partition
{
	bool		done;
	int64		units;			/* the step, as in RgtStep */
	int			scale;
	char		numeric[64];
	int64		part[FLEXIBLE_ARRAY_MEMBER];
} Partition;

/* The kernel's input, read from the partition's rows. */
typedef struct Rows
{
	int64		n;
	Numeric		total_given;	/* of the first row */
	Numeric		step_given;
	RgtStep		step;
	int64		total;
	double	   *weight;
	int64	   *at_least;
	int64	   *at_most;
	bool		bounded;
} Rows;

enum
{
	ARG_TOTAL, ARG_WEIGHT, ARG_STEP, ARG_AT_LEAST, ARG_AT_MOST
};

static Datum
row_argument(WindowObject window, int arg, int64 row, bool *isnull)
{
	bool		isout;

	return WinGetFuncArgInPartition(window, arg, row, WINDOW_SEEK_HEAD, false, isnull, &isout);
}

static Datum
required(WindowObject window, int arg, int64 row, const char *name)
{
	bool		isnull;
	Datum		value = row_argument(window, arg, row, &isnull);

	if (isnull)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("apportion: \"%s\" must not be null", name),
				 errdetail("Row %" PRId64 " of the partition has none.", row + 1)));
	return value;
}

/* Total and step come from the first row. */
static void
read_total(WindowObject window, Rows *rows)
{
	rows->total_given = DatumGetNumericCopy(required(window, ARG_TOTAL, 0, "total"));
	rows->step_given = DatumGetNumericCopy(required(window, ARG_STEP, 0, "step"));
	rgt_step_init(&rows->step, rows->step_given);
	rows->total = rgt_total_steps(&rows->step, rows->total_given);
}

/*
 * A total as a number of steps: finite, not negative, a whole number of them, at most 10^16.
 */
int64
rgt_total_steps(const RgtStep *step, Numeric total)
{
	int64		steps = 0;
	RgtFit		fit;

	if (!rgt_is_finite(total))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("total must be a finite number"),
				 errdetail("Total is %s.", rgt_numeric_text(total))));
	fit = rgt_to_steps(step, total, &steps);
	if (rgt_sign_of(NumericGetDatum(total)) < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a total must not be negative"),
				 errdetail("Total is %s.", rgt_numeric_text(total))));
	if (fit == RGT_TOO_LARGE)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("total is out of range"),
				 errdetail("Total %s is more than 10^16 steps of %s.",
						   rgt_numeric_text(total), rgt_numeric_text(step->numeric)),
				 errhint("Use a greater step.")));
	if (fit == RGT_OFF_STEP)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("total is not a multiple of the step"),
				 errdetail("Total is %s, step %s.",
						   rgt_numeric_text(total), rgt_numeric_text(step->numeric)),
				 errhint("Round the total, or use a finer step.")));
	return steps;
}

/*
 * Bounds round inwards to the step: a floor up, a ceiling down.  A floor above, or a ceiling below,
 * anything that can be split is kept as just that.
 */
int64
rgt_floor_steps(const RgtStep *step, Numeric at_least)
{
	int64		steps = 0;
	RgtFit		fit = rgt_to_steps(step, at_least, &steps);

	if (fit == RGT_TOO_LARGE)
		return RGT_MAX_STEPS;
	return steps + (fit == RGT_OFF_STEP ? 1 : 0);
}

int64
rgt_ceiling_steps(const RgtStep *step, Numeric at_most)
{
	int64		steps = 0;

	return rgt_to_steps(step, at_most, &steps) == RGT_TOO_LARGE ? RGK_NO_CEILING : steps;
}

/* Total and step must be one value in a partition. */
static void
check_same(WindowObject window, int arg, int64 row, const char *name, Numeric first)
{
	Numeric		here = DatumGetNumeric(required(window, arg, row, name));

	if (rgt_compare_numerics(NumericGetDatum(here), NumericGetDatum(first)) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("apportion: \"%s\" must be one value in a partition", name),
				 errdetail("Row 1 has %s, row %" PRId64 " has %s.",
						   rgt_numeric_text(first), row + 1, rgt_numeric_text(here))));
}

static Numeric
bound_argument(WindowObject window, int arg, int64 row, const char *name)
{
	bool		isnull;
	Datum		value = row_argument(window, arg, row, &isnull);
	Numeric		bound;

	if (isnull)
		return NULL;
	bound = DatumGetNumeric(value);
	if (!rgt_is_finite(bound) || rgt_sign_of(value) < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("apportion: \"%s\" must be a finite number that is not negative", name),
				 errdetail("Row %" PRId64 " has %s.", row + 1, rgt_numeric_text(bound))));
	return bound;
}

static void
read_row(WindowObject window, Rows *rows, int64 row)
{
	Numeric		bound;

	if (row > 0)
	{
		check_same(window, ARG_TOTAL, row, "total", rows->total_given);
		check_same(window, ARG_STEP, row, "step", rows->step_given);
	}
	rows->weight[row] = DatumGetFloat8(required(window, ARG_WEIGHT, row, "weight"));
	bound = bound_argument(window, ARG_AT_LEAST, row, "at_least");
	rows->at_least[row] = bound == NULL ? 0 : rgt_floor_steps(&rows->step, bound);
	bound = bound_argument(window, ARG_AT_MOST, row, "at_most");
	rows->at_most[row] = bound == NULL ? RGK_NO_CEILING : rgt_ceiling_steps(&rows->step, bound);
	if (rows->at_least[row] > 0 || rows->at_most[row] != RGK_NO_CEILING)
		rows->bounded = true;
}

static void
read_rows(WindowObject window, Rows *rows)
{
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext, "apportion row", ALLOCSET_SMALL_SIZES);

	rows->weight = palloc_extended(sizeof(double) * rows->n, MCXT_ALLOC_HUGE);
	rows->at_least = palloc_extended(sizeof(int64) * rows->n, MCXT_ALLOC_HUGE);
	rows->at_most = palloc_extended(sizeof(int64) * rows->n, MCXT_ALLOC_HUGE);
	for (int64 row = 0; row < rows->n; row++)
	{
		MemoryContext old = MemoryContextSwitchTo(scratch);

		CHECK_FOR_INTERRUPTS();
		read_row(window, rows, row);
		MemoryContextSwitchTo(old);
		if (row % 1024 == 1023)
			MemoryContextReset(scratch);
	}
	MemoryContextDelete(scratch);
}

/* What the kernel refused, in words; `where` names the partition or the parent. */
void
rgt_apportion_error(int status, const rgk_trouble *trouble, const RgtStep *step, const char *where,
					const char *who)
{
	int			code = ERRCODE_INVALID_PARAMETER_VALUE;

	switch ((rgk_status) status)
	{
		case RGK_OK:
			return;
		case RGK_BAD_WEIGHT:
			ereport(ERROR, (errcode(code), errmsg("a weight of %s is negative, NaN or infinite", where),
							errdetail("It is the weight of %s.", who)));
		case RGK_CROSSED:
			ereport(ERROR, (errcode(code), errmsg("the bounds of %s leave no multiple of the step between them", who),
							errdetail("Bounds are rounded inwards to the step of %s.", rgt_numeric_text(step->numeric))));
		case RGK_FLOORS:
			ereport(ERROR, (errcode(code), errmsg("the lower bounds in %s ask for more than there is to split", where),
							errdetail("They exceed it by %s.", rgt_amount_text(step, trouble->amount)),
							errhint("Lower some at_least, or raise the total.")));
		case RGK_CEILINGS:
			ereport(ERROR, (errcode(code), errmsg("the upper bounds in %s leave too little room", where),
							errdetail("%s would be left over.", rgt_amount_text(step, trouble->amount)),
							errhint("Raise some at_most, or lower the total.")));
		case RGK_NO_WEIGHT:
			ereport(ERROR, (errcode(code), errmsg("nobody in %s has a positive weight", where),
							errdetail("%s is left to split.", rgt_amount_text(step, trouble->amount))));
		case RGK_BAD_RANGE:
			ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
							errmsg("a bound or the number of parts of %s is out of range", where)));
	}
}

/* Split the partition; `part` has room for rows->n parts. */
static void
split_rows(const Rows *rows, int64 *part)
{
	void	   *scratch = palloc_extended(rgk_apportion_scratch(rows->n), MCXT_ALLOC_HUGE);
	rgk_trouble trouble;
	rgk_status	status = rgk_apportion(rows->n, rows->weight, rows->bounded ? rows->at_least : NULL,
									   rows->bounded ? rows->at_most : NULL, rows->total, part, scratch, &trouble);

	if (status != RGK_OK)
		rgt_apportion_error(status, &trouble, &rows->step, rgt_text("the partition"),
							trouble.culprit == RGK_NOBODY ? rgt_text("the partition") :
							psprintf(rgt_text("row %" PRId64), (int64) trouble.culprit + 1));
	pfree(scratch);
}

/* At the first row of a partition: read all of it and split. */
static Partition *
split_partition(WindowObject window)
{
	Rows		rows = {.n = WinGetPartitionRowCount(window)};
	Partition  *partition;
	Size		size = offsetof(Partition, part) + sizeof(int64) * rows.n;

	if (!AllocSizeIsValid(size))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("apportion: the partition has too many rows"),
				 errdetail("It has %" PRId64 ".", rows.n)));
	partition = WinGetPartitionLocalMemory(window, size);
	if (partition->done)
		return partition;
	read_total(window, &rows);
	read_rows(window, &rows);
	split_rows(&rows, partition->part);
	partition->units = rows.step.units;
	partition->scale = rows.step.scale;
	Assert(VARSIZE(rows.step.numeric) <= sizeof(partition->numeric));
	memcpy(partition->numeric, rows.step.numeric, VARSIZE(rows.step.numeric));
	pfree(rows.weight);
	pfree(rows.at_least);
	pfree(rows.at_most);
	partition->done = true;
	return partition;
}

/*
 * apportion(total, weight, step, at_least, at_most) OVER (PARTITION BY ... ORDER BY ...)
 *
 * The current row's part.  The frame plays no role; ties go to the earlier row of the partition.
 */
PG_FUNCTION_INFO_V1(rgt_apportion);
Datum
rgt_apportion(PG_FUNCTION_ARGS)
{
	WindowObject window = PG_WINDOW_OBJECT();
	Partition  *partition;
	RgtStep		step = {0};

	if (!WindowObjectIsValid(window))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("apportion must be called as a window function")));
	partition = split_partition(window);
	step.units = partition->units;
	step.scale = partition->scale;
	step.numeric = (Numeric) partition->numeric;
	PG_RETURN_NUMERIC(rgt_to_amount(&step, partition->part[WinGetCurrentPosition(window)]));
}
