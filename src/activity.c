/*
 * activity.c
 *	  Daily activity per unit, kept as facts change.
 *
 * A statement trigger walks the rows that the statement added and took away once, sums them by unit
 * and day, and appends what is left of it to activity_deltas.  Appending needs no lock and no key, so
 * that writers never wait for each other, on the busiest unit neither.  The activity of a day is its
 * row in activity_days plus its deltas, in any snapshot, whoever folds meanwhile.
 *
 * Folding moves deltas into activity_days and, in the same step, activity_months.  It is done by the
 * writer who finds that enough has been appended since the last fold, and only if nobody else is at
 * it.  Who folds is then the only one who touches days and months until his transaction ends (the
 * lock is SHARE UPDATE EXCLUSIVE on the sequence activity_ticks): hence no conflict on a row, ever.
 * A statement with very many sums goes there directly under the same lock.
 *
 * A transaction with a snapshot of its own (REPEATABLE READ and above) only appends: to fold it would
 * have to see what has been folded since.
 *
 * Nothing is kept in memory across statements; a savepoint that is rolled back takes its deltas, its
 * folds and its lock along.  A restore session is nothing special: the triggers read no facts.
 */
#include "postgres.h"

#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "commands/sequence.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/tuplestore.h"

#include "activity.h"

/* A statement counts as one tick, and as one more for so many deltas. */
#define DELTAS_A_TICK 4

/* So many ticks after the last fold, somebody folds: before 50,000 deltas wait. */
#define TICKS_A_FOLD 10000

/* What a writer folds at most, for somebody else's great load may wait there too. */
#define FOLD_AT_MOST 50000

/* A statement with so many sums writes days and months itself rather than leave them to others. */
#define MANY_SUMS 4096

/* ---- days and months ------------------------------------------------------------------------- */

#define OP(symbol) " OPERATOR(pg_catalog." #symbol ") "
#define ALL_COUNTS "visits, won, lost, won_amount, revenues, revenue_amount"
#define R_COUNTS "r.visits, r.won, r.lost, r.won_amount, r.revenues, r.revenue_amount"
#define OPPOSITE(column) "d." #column OP(=) OP(-) "r." #column
#define ADD(column) #column " = d." #column OP(+) "r." #column

/* What comes after MERGE INTO d USING r ON ...; the key's column has another name by day and by month. */
#define ADD_OR_DROP(key) \
	"WHEN MATCHED AND " OPPOSITE(visits) " AND " OPPOSITE(won) " AND " OPPOSITE(lost) " AND " \
	OPPOSITE(won_amount) " AND " OPPOSITE(revenues) " AND " OPPOSITE(revenue_amount) " THEN DELETE " \
	"WHEN MATCHED THEN UPDATE SET " ADD(visits) ", " ADD(won) ", " ADD(lost) ", " ADD(won_amount) ", " \
	ADD(revenues) ", " ADD(revenue_amount) " " \
	"WHEN NOT MATCHED THEN INSERT (unit_id, " key ", " ALL_COUNTS ") VALUES (r.unit_id, r.day, " R_COUNTS ")"

/* Sums as rows of the columns of activity_deltas, by day and unit. */
static Tuplestorestate *
made_rows(const RgtDaySums *sums, TupleDesc *desc)
{
	static const char *const names[COLUMNS] = {
		"unit_id", "day", "visits", "won", "lost", "won_amount", "revenues", "revenue_amount"
	};
	static const Oid types[COLUMNS] = {
		INT4OID, DATEOID, INT4OID, INT4OID, INT4OID, NUMERICOID, INT4OID, NUMERICOID
	};
	Tuplestorestate *rows = tuplestore_begin_heap(false, false, work_mem);

	*desc = CreateTemplateTupleDesc(COLUMNS);
	for (int i = 0; i < COLUMNS; i++)
		TupleDescInitEntry(*desc, i + 1, names[i], types[i], -1, 0);
	for (int64 i = 0; i < sums->n; i++)
	{
		Datum		values[COLUMNS];
		bool		nulls[COLUMNS] = {false};

		CHECK_FOR_INTERRUPTS();
		rgt_day_sum_to_row(sums, sums->sorted[i], values);
		tuplestore_putvalues(rows, *desc, values, nulls);
	}
	return rows;
}

/*
 * Have a statement planned as one index probe a row: what a fold costs must depend on what is folded,
 * not on how much history there is, nor on what statistics say of a table that is being filled.
 * Returns the level to go back from with AtEOXact_GUC().
 */
static int
plan_by_probes(void)
{
	static const char *const others[] = {"enable_hashjoin", "enable_mergejoin", "enable_seqscan", "enable_bitmapscan"};
	int			level = NewGUCNestLevel();

	for (int i = 0; i < (int) lengthof(others); i++)
		(void) set_config_option(others[i], "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	return level;
}

/*
 * Add sums to a table, and drop its rows of which nothing is left.  Under the lock, which is what
 * makes MERGE safe and spares us the dearer upsert.
 */
static void
merge(const char *sql, const RgtDaySums *sums)
{
	TupleDesc	desc;
	Tuplestorestate *rows;
	int			level;

	if (sums->n == 0)
		return;
	rows = made_rows(sums, &desc);
	level = sums->n < MANY_SUMS ? plan_by_probes() : NewGUCNestLevel();
	rgt_run_rows(sql, rows, desc, None_Receiver);
	AtEOXact_GUC(true, level);
	tuplestore_end(rows);
}

/* The same by month: what a month has added to it is the sum of what its days have. */
static RgtDaySums
by_month(const RgtDaySums *days)
{
	RgtDaySums	months = rgt_day_sums_begin();

	for (int64 d = 0; d < days->n; d++)
	{
		const RgtDaySum *day = days->sorted[d];
		RgtDaySum  *month = rgt_day_sum(&months, rgt_unit_of(day), rgt_month_start(rgt_day_of(day), 0));

		for (int i = 0; i < COUNTS; i++)
			month->count[i] += day->count[i];
		for (int i = 0; i < AMOUNTS; i++)
		{
			if (day->amount[i] != NULL)
				rgt_day_sum_add(&months, &month->amount[i], NumericGetDatum(day->amount[i]), 1);
		}
	}
	rgt_day_sums_sort(&months);
	return months;
}

static void
add_to_days(const RgtDaySums *sums)
{
	RgtDaySums	months = by_month(sums);

	merge("MERGE INTO regtarget.activity_days d USING made_rows r "
		  "ON d.day" OP(=) "r.day AND d.unit_id" OP(=) "r.unit_id " ADD_OR_DROP("day"), sums);
	merge("MERGE INTO regtarget.activity_months d USING made_rows r "
		  "ON d.month" OP(=) "r.day AND d.unit_id" OP(=) "r.unit_id " ADD_OR_DROP("month"), &months);
	rgt_day_sums_end(&months);
}

/* ---- deltas ---------------------------------------------------------------------------------- */

/*
 * Append the sums as they are.  By the executor rather than by a statement: a single row of facts
 * would pay for the difference.
 */
static void
append_deltas(const RgtDaySums *sums)
{
	Relation	deltas = table_open(rgt_relation("activity_deltas"), RowExclusiveLock);
	EState	   *estate = CreateExecutorState();
	ResultRelInfo *result = makeNode(ResultRelInfo);
	TupleTableSlot *slot = ExecInitExtraTupleSlot(estate, RelationGetDescr(deltas), &TTSOpsVirtual);

	InitResultRelInfo(result, deltas, 1, NULL, 0);
	ExecOpenIndices(result, false);
	for (int64 i = 0; i < sums->n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		ExecClearTuple(slot);
		memset(slot->tts_isnull, false, COLUMNS);
		rgt_day_sum_to_row(sums, sums->sorted[i], slot->tts_values);
		ExecStoreVirtualTuple(slot);
		ExecSimpleRelationInsert(result, estate, slot);
		ResetPerTupleExprContext(estate);
	}
	ExecCloseIndices(result);
	ExecResetTupleTable(estate->es_tupleTable, false);
	FreeExecutorState(estate);
	table_close(deltas, NoLock);
}

/* Count what was appended; true when it is time to fold. */
static bool
tick(int64 n)
{
	Oid			ticks = rgt_relation("activity_ticks");
	int64		now = 0;

	for (int64 i = 0; i <= n / DELTAS_A_TICK; i++)
		now = nextval_internal(ticks, false);
	return now >= TICKS_A_FOLD;
}

/* May this transaction write days and months now?  Never waits. */
static bool
try_fold_lock(void)
{
	return !IsolationUsesXactSnapshot() &&
		ConditionalLockRelationOid(rgt_relation("activity_ticks"), ShareUpdateExclusiveLock);
}

/*
 * Fold about so many deltas, or all of them (0).  Under the lock; returns how many there were.  Up to
 * a place in the table rather than by a list of places, which a plan for a small table would search
 * through for every row of a large one.
 */
static uint64
fold(int64 at_most)
{
	static RgtQuery take = RGT_QUERY(
		"DELETE FROM regtarget.activity_deltas WHERE ctid" OP(<=)
		"(SELECT pg_catalog.max(ctid) FROM (SELECT ctid FROM regtarget.activity_deltas LIMIT $1) AS d) "
		"RETURNING unit_id, day, " ALL_COUNTS,
		INT8OID);
	Datum		limit = Int64GetDatum(at_most);
	RgtDaySums	sums = rgt_day_sums_begin();
	uint64		taken;

	DirectFunctionCall3(setval3_oid, ObjectIdGetDatum(rgt_relation("activity_ticks")), Int64GetDatum(1), BoolGetDatum(false));
	taken = rgt_run(&take, RGT_FRESH, &limit, at_most == 0 ? "n" : NULL, rgt_day_sums_add_row, &sums);
	rgt_day_sums_sort(&sums);
	add_to_days(&sums);
	rgt_day_sums_end(&sums);
	return taken;
}

/* ---- the trigger ----------------------------------------------------------------------------- */

/* A table of facts: what makes a row count, and the counts and the amount that are its. */
typedef struct Fact
{
	const char *table;
	const char *day;
	bool		won_or_lost;
	const char *amount;
	int			counts[2];
	int			amount_of;
} Fact;

static const Fact facts[] = {
	{"visits", "visited_on", false, NULL, {VISITS, VISITS}, -1},
	{"deals", "closed_on", true, "amount", {LOST, WON}, WON_AMOUNT},
	{"revenues", "booked_on", false, "amount", {REVENUES, REVENUES}, REVENUE_AMOUNT},
};

typedef struct Counting
{
	RgtDaySums *sums;
	const Fact *fact;
	int			sign;
	AttrNumber	unit_id;
	AttrNumber	day;
	AttrNumber	won;			/* 0: no such column */
	AttrNumber	amount;
} Counting;

/* Count a row of facts; a deal counts once it is closed, its amount when it was won. */
static void
count_fact(TupleTableSlot *slot, void *arg)
{
	Counting   *counting = arg;
	const Fact *fact = counting->fact;
	bool		won = true;
	RgtDaySum  *sum;

	if (slot->tts_isnull[counting->day - 1] || (fact->won_or_lost && slot->tts_isnull[counting->won - 1]))
		return;
	if (fact->won_or_lost)
		won = DatumGetBool(slot->tts_values[counting->won - 1]);
	sum = rgt_day_sum(counting->sums, DatumGetInt32(slot->tts_values[counting->unit_id - 1]),
					  DatumGetDateADT(slot->tts_values[counting->day - 1]));
	sum->count[fact->counts[won]] += counting->sign;
	if (fact->amount != NULL && won && !slot->tts_isnull[counting->amount - 1])
		rgt_day_sum_add(counting->sums, &sum->amount[fact->amount_of], slot->tts_values[counting->amount - 1], counting->sign);
}

static void
count_rows(RgtDaySums *sums, const Fact *fact, TupleDesc desc, Tuplestorestate *rows, int sign)
{
	Counting	counting = {.sums = sums, .fact = fact, .sign = sign};

	counting.unit_id = rgt_attnum(desc, "unit_id");
	counting.day = rgt_attnum(desc, fact->day);
	if (fact->won_or_lost)
		counting.won = rgt_attnum(desc, "won");
	if (fact->amount != NULL)
		counting.amount = rgt_attnum(desc, fact->amount);
	rgt_each_row(rows, desc, count_fact, &counting);
}

/* Take away all that a table's facts had added to a unit's day. */
static void
take_all(TupleTableSlot *slot, void *arg)
{
	Counting   *counting = arg;
	const Fact *fact = counting->fact;
	RgtDaySum  *sum = rgt_day_sum(counting->sums, DatumGetInt32(slot->tts_values[UNIT_ID]), DatumGetDateADT(slot->tts_values[DAY]));

	for (int i = 0; i < (int) lengthof(fact->counts); i++)
		sum->count[fact->counts[i]] = -DatumGetInt64(slot->tts_values[rgt_count_column[fact->counts[i]]]);
	if (fact->amount != NULL)
		rgt_day_sum_add(counting->sums, &sum->amount[fact->amount_of], slot->tts_values[rgt_amount_column[fact->amount_of]], -1);
}

/*
 * After TRUNCATE nobody else has a change of the table under way (it took ACCESS EXCLUSIVE), so the
 * latest snapshot shows all that its rows added; an older one would leave some of it behind.
 */
static void
count_truncated(RgtDaySums *sums, const Fact *fact)
{
#define SUM(column) "pg_catalog.sum(" #column "), "
	static RgtQuery query = RGT_QUERY0(
		"SELECT unit_id, day, " SUM(visits) SUM(won) SUM(lost) SUM(won_amount) SUM(revenues)
		"pg_catalog.sum(revenue_amount) FROM ("
		"SELECT unit_id, day, " ALL_COUNTS " FROM regtarget.activity_days "
		"UNION ALL SELECT unit_id, day, " ALL_COUNTS " FROM regtarget.activity_deltas) AS p GROUP BY unit_id, day");
	Counting	counting = {.sums = sums, .fact = fact};
	RgtSession	session;

	rgt_begin(&session);
	rgt_run(&query, RGT_LATEST, NULL, NULL, take_all, &counting);
	rgt_end(&session);
}

/* Directly or as deltas; and fold when it is time to. */
static void
keep(RgtDaySums *sums)
{
	RgtSession	session;

	rgt_day_sums_sort(sums);
	if (sums->n == 0)
		return;
	if (sums->n >= MANY_SUMS && try_fold_lock())
	{
		rgt_begin(&session);
		add_to_days(sums);
		rgt_end(&session);
		return;
	}
	append_deltas(sums);
	if (tick(sums->n) && try_fold_lock())
	{
		rgt_begin(&session);
		fold(FOLD_AT_MOST);
		rgt_end(&session);
	}
}

static const Fact *
find_fact(const char *table)
{
	for (int i = 0; i < (int) lengthof(facts); i++)
	{
		if (strcmp(facts[i].table, table) == 0)
			return &facts[i];
	}
	return NULL;
}

/* AFTER INSERT, UPDATE, DELETE or TRUNCATE, for each statement, with the old and new rows. */
PG_FUNCTION_INFO_V1(rgt_keep_activity);
Datum
rgt_keep_activity(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = rgt_trigger(fcinfo, "regtarget.keep_activity", NULL, RGT_AFTER_STATEMENT);
	const Fact *fact = find_fact(RelationGetRelationName(trigger->tg_relation));
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	RgtDaySums	sums;

	if (fact == NULL)
		elog(ERROR, "table %s holds no facts", RelationGetRelationName(trigger->tg_relation));
	sums = rgt_day_sums_begin();
	if (trigger->tg_newtable != NULL)
		count_rows(&sums, fact, desc, trigger->tg_newtable, 1);
	if (trigger->tg_oldtable != NULL)
		count_rows(&sums, fact, desc, trigger->tg_oldtable, -1);
	if (TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event))
		count_truncated(&sums, fact);
	keep(&sums);
	rgt_day_sums_end(&sums);
	return PointerGetDatum(NULL);
}

/* fold_activity(): all that waits, after whoever is folding now. */
PG_FUNCTION_INFO_V1(rgt_fold_activity);
Datum
rgt_fold_activity(PG_FUNCTION_ARGS)
{
	RgtSession	session;
	uint64		taken;

	rgt_begin(&session);
	LockRelationOid(rgt_relation("activity_ticks"), ShareUpdateExclusiveLock);
	taken = fold(0);
	rgt_end(&session);
	PG_RETURN_INT64((int64) taken);
}
