/*
 * attached/count.c
 *	  The statement that counts a span of days of an attached relation, where the rows are.
 *
 * It has the one shape that postgres_fdw and Citus make all of elsewhere: plain columns, grouped by unit, day and outcome,
 * counted and summed.  So there is no coalesce, no cast and no join in it: what is null, or of no unit, is dealt with
 * here, on the grouped rows.
 *
 * It runs as the relation's owner, in an operation restricted as that of REFRESH MATERIALIZED VIEW: whatever he has put
 * into a view has his rights, and cannot become somebody else's; a foreign server is asked by his user mapping.  Where row
 * security would hide rows from him it is an error, for what is not seen would not be counted.
 */
#include "postgres.h"

#include "access/relation.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "attached/relation.h"
#include "regtarget.h"

/* ---- as the relation's owner ------------------------------------------------------------------------------ */

typedef struct Before
{
	Relation	relation;
	Oid			user;
	int			sec_context;
	int			guc_level;
} Before;

static void
set_option(const char *name, const char *value)
{
	(void) set_config_option(name, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

/*
 * Of a relation that is locked.  It is kept open: a function in a view, which runs in this very session, would pass the lock
 * and drop or alter what is being counted.  An error puts back user and settings, and closes it, by itself.
 */
static Before
become_owner_of(Oid relation)
{
	Before		before = {.relation = relation_open(relation, AccessShareLock)};

	GetUserIdAndSecContext(&before.user, &before.sec_context);
	before.guc_level = NewGUCNestLevel();
	set_option("enable_partitionwise_aggregate", "on");
	set_option("row_security", "off");
	SetUserIdAndSecContext(before.relation->rd_rel->relowner,
						   (before.sec_context & ~SECURITY_NOFORCE_RLS) | SECURITY_RESTRICTED_OPERATION);
	return before;
}

static void
become_again(const Before *before)
{
	SetUserIdAndSecContext(before->user, before->sec_context);
	AtEOXact_GUC(false, before->guc_level);
	relation_close(before->relation, NoLock);
}

/* ---- the statement ------------------------------------------------------------------------------------------ */

enum
{
	S_UNIT, S_DAY, S_WON, S_COUNT, S_AMOUNT, SELECTED
};

/* Where its columns are; -1: it has none. */
static void
columns_of(const RgtAttachedFact *fact, int *columns)
{
	int			n = 0;

	columns[S_UNIT] = n++;
	columns[S_DAY] = n++;
	columns[S_WON] = fact->has_won ? n++ : -1;
	columns[S_COUNT] = n++;
	columns[S_AMOUNT] = fact->has_amount ? n++ : -1;
}

static SPIPlanPtr
prepare(const RgtAttachedFact *fact, Oid relation)
{
	Oid			days[2] = {DATEOID, DATEOID};
	char	   *sql = psprintf("SELECT unit_id, %s%s, count(*)%s FROM %s WHERE %s BETWEEN $1 AND $2 GROUP BY 1, 2%s",
							   fact->day, fact->has_won ? ", won" : "", fact->has_amount ? ", sum(amount)" : "",
							   rgt_attached_name(relation), fact->day, fact->has_won ? ", 3" : "");
	SPIPlanPtr	plan = SPI_prepare_cursor(sql, lengthof(days), days, CURSOR_OPT_PARALLEL_OK);

	if (plan == NULL)
		elog(ERROR, "could not prepare \"%s\": %s", sql, SPI_result_code_string(SPI_result));
	return plan;
}

/* How the sums of a relation would be made. */
RgtCountingPlan
rgt_plan_count(const RgtAttachedFact *fact, Oid relation)
{
	MemoryContext context = CurrentMemoryContext;
	Before		before = become_owner_of(relation);
	SPIPlanPtr	plan = prepare(fact, relation);
	RgtCountingPlan found = rgt_counting_plan(plan);

	SPI_freeplan(plan);
	become_again(&before);
	MemoryContextSwitchTo(context);
	return found;
}

/* ---- the grouped rows ------------------------------------------------------------------------------------------ */

enum
{
	G_UNIT_ID, G_DAY, G_VISITS, G_WON, G_LOST, G_WON_AMOUNT, G_REVENUES, G_REVENUE_AMOUNT, GROUPED
};

typedef struct Receiver
{
	DestReceiver pub;
	const RgtAttachment *attachment;
	RgtGrouped *grouped;
	int			columns[SELECTED];
	Numeric		zero;
	Numeric		most;			/* no amount of a single row is as large */
	MemoryContext context;		/* of a row */
} Receiver;

/* 22023 for what is no number, 22003 for what no rows within the range add up to. */
static void
check_amount(const Receiver *receiver, DateADT day, int64 count, Datum amount)
{
	bool		is_finite = rgt_is_finite(DatumGetNumeric(amount));
	Datum		limit;

	if (is_finite && rgt_compare_sizes(amount, NumericGetDatum(receiver->most)) < 0)
		return;
	limit = DirectFunctionCall2(numeric_mul, NumericGetDatum(receiver->most), NumericGetDatum(int64_to_numeric(count)));
	if (is_finite && rgt_compare_sizes(amount, limit) < 0)
		return;
	ereport(ERROR,
			(errcode(is_finite ? ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE : ERRCODE_INVALID_PARAMETER_VALUE),
			 is_finite ? errmsg("relation %s has an amount that is out of range", receiver->attachment->name) :
			 errmsg("relation %s has an amount that is no finite number", receiver->attachment->name),
			 errdetail("The sum of %s is %s.", rgt_date_text(day), rgt_numeric_text(DatumGetNumeric(amount))),
			 errhint("Mend the row, or leave it out by a view.")));
}

/* 22003 for more facts of a unit and day than activity can hold. */
static void
check_count(const Receiver *receiver, DateADT day, int64 count)
{
	if (count <= PG_INT32_MAX)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("relation %s has more %s of a unit and day than can be counted", receiver->attachment->name,
					receiver->attachment->fact->name),
			 errdetail("There are %" PRId64 " on %s.", count, rgt_date_text(day))));
}

/* Which count, and which amount, a row adds to; -1: none. */
static void
place_of(const RgtAttachedFact *fact, bool won, int *count, int *amount)
{
	*amount = -1;
	if (fact->has_won)
	{
		*count = won ? G_WON : G_LOST;
		if (won)
			*amount = G_WON_AMOUNT;
	}
	else if (fact->has_amount)
	{
		*count = G_REVENUES;
		*amount = G_REVENUE_AMOUNT;
	}
	else
		*count = G_VISITS;
}

/* A column of the row that has come. */
static Datum
selected(const Receiver *receiver, TupleTableSlot *slot, int column, bool *isnull)
{
	int			i = receiver->columns[column];

	*isnull = i < 0 || slot->tts_isnull[i];
	return *isnull ? (Datum) 0 : slot->tts_values[i];
}

/* Deals that are neither won nor lost do not count. */
static void
keep_grouped(const Receiver *receiver, TupleTableSlot *slot)
{
	const RgtAttachedFact *fact = receiver->attachment->fact;
	Datum		values[GROUPED];
	bool		nulls[GROUPED] = {false};
	bool		isnull;
	bool		won;
	int64		count;
	Datum		sum;
	int			count_at;
	int			amount_at;

	won = DatumGetBool(selected(receiver, slot, S_WON, &isnull));
	if (fact->has_won && isnull)
		return;
	for (int i = G_VISITS; i < GROUPED; i++)
		values[i] = i == G_WON_AMOUNT || i == G_REVENUE_AMOUNT ? NumericGetDatum(receiver->zero) : Int32GetDatum(0);
	values[G_UNIT_ID] = selected(receiver, slot, S_UNIT, &nulls[G_UNIT_ID]);
	values[G_DAY] = selected(receiver, slot, S_DAY, &isnull);
	count = DatumGetInt64(selected(receiver, slot, S_COUNT, &isnull));
	place_of(fact, won, &count_at, &amount_at);
	check_count(receiver, DatumGetDateADT(values[G_DAY]), count);
	values[count_at] = Int32GetDatum((int32) count);
	sum = selected(receiver, slot, S_AMOUNT, &isnull);
	if (!isnull)
		check_amount(receiver, DatumGetDateADT(values[G_DAY]), count, sum);
	if (!isnull && amount_at >= 0)
		values[amount_at] = sum;
	tuplestore_putvalues(receiver->grouped->rows, receiver->grouped->desc, values, nulls);
}

static bool
receive(TupleTableSlot *slot, DestReceiver *self)
{
	Receiver   *receiver = (Receiver *) self;
	MemoryContext old = MemoryContextSwitchTo(receiver->context);

	CHECK_FOR_INTERRUPTS();
	slot_getallattrs(slot);
	keep_grouped(receiver, slot);
	MemoryContextSwitchTo(old);
	MemoryContextReset(receiver->context);
	return true;
}

static void
startup(DestReceiver *self, int operation, TupleDesc desc)
{
}

static void
no_more(DestReceiver *self)
{
}

static RgtGrouped
begin_grouped(void)
{
	static const struct
	{
		const char *name;
		Oid			type;
	}			columns[GROUPED] = {
		[G_UNIT_ID] = {"unit_id", INT4OID}, [G_DAY] = {"day", DATEOID}, [G_VISITS] = {"visits", INT4OID},
		[G_WON] = {"won", INT4OID}, [G_LOST] = {"lost", INT4OID}, [G_WON_AMOUNT] = {"won_amount", NUMERICOID},
		[G_REVENUES] = {"revenues", INT4OID}, [G_REVENUE_AMOUNT] = {"revenue_amount", NUMERICOID}
	};
	RgtGrouped	grouped = {.rows = tuplestore_begin_heap(false, false, work_mem)};

	grouped.desc = CreateTemplateTupleDesc(GROUPED);
	for (int c = 0; c < GROUPED; c++)
		TupleDescInitEntry(grouped.desc, c + 1, columns[c].name, columns[c].type, -1, 0);
	return grouped;
}

void
rgt_grouped_end(RgtGrouped *grouped)
{
	tuplestore_end(grouped->rows);
}

/* ---- counting ------------------------------------------------------------------------------------------------ */

/* An error of the other side says nothing of what it was asked for. */
static void
add_context(void *arg)
{
	const RgtAttachment *attachment = arg;

	errcontext("counting %s of relation %s", attachment->fact->name, attachment->name);
}

/*
 * The facts of an attached relation from one day to another, grouped; to be freed by rgt_grouped_end().  With the snapshot
 * of the calling statement (RGT_CALLER) or a new one (RGT_FRESH).
 */
RgtGrouped
rgt_count_attached(const RgtAttachment *attachment, DateADT from, DateADT to, RgtSnapshot snapshot)
{
	RgtGrouped	grouped = begin_grouped();
	Receiver	receiver = {
		.pub = {receive, startup, no_more, no_more, DestNone},
		.attachment = attachment, .grouped = &grouped, .zero = int64_to_numeric(0),
		.most = int64_to_numeric(INT64CONST(1000000000000000))
	};
	ErrorContextCallback context = {.previous = error_context_stack, .callback = add_context, .arg = (void *) attachment};
	MemoryContext old = CurrentMemoryContext;
	Datum		days[2] = {DateADTGetDatum(from), DateADTGetDatum(to)};
	SPIExecuteOptions options = {.read_only = snapshot == RGT_CALLER, .dest = &receiver.pub};
	RgtCountingPlan found;
	SPIPlanPtr	plan;
	Before		before;
	int			result;

	columns_of(attachment->fact, receiver.columns);
	receiver.context = AllocSetContextCreate(CurrentMemoryContext, "regtarget grouped row", ALLOCSET_DEFAULT_SIZES);
	error_context_stack = &context;
	before = become_owner_of(attachment->relation);
	plan = prepare(attachment->fact, attachment->relation);
	found = rgt_counting_plan(plan);
	options.params = makeParamList(2);
	for (int i = 0; i < 2; i++)
		options.params->params[i] = (ParamExternData) {.value = days[i], .pflags = PARAM_FLAG_CONST, .ptype = DATEOID};
	result = SPI_execute_plan_extended(plan, &options);
	if (result < 0)
		elog(ERROR, "could not count relation %s: %s", attachment->name, SPI_result_code_string(result));
	SPI_freeplan(plan);
	become_again(&before);
	error_context_stack = context.previous;
	MemoryContextSwitchTo(old);
	MemoryContextDelete(receiver.context);
	grouped.made_there = found.fetched == 0;
	return grouped;
}
