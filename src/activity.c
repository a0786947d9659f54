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
#include "common/hashfn.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

#include "regtarget.h"

/* A statement counts as one tick, and as one more for so many deltas. */
#define DELTAS_A_TICK 4

/* So many ticks after the last fold, somebody folds: before 50,000 deltas wait. */
#define TICKS_A_FOLD 10000

/* What a writer folds at most, for somebody else's great load may wait there too. */
#define FOLD_AT_MOST 50000

/* A statement with so many sums writes days and months itself rather than leave them to others. */
#define MANY_SUMS 4096

enum
{
	VISITS, WON, LOST, REVENUES, COUNTS
};

enum
{
	WON_AMOUNT, REVENUE_AMOUNT, AMOUNTS
};

/* What was added to (or, negative, taken from) a unit's day. */
typedef struct DaySum
{
	uint64		key;			/* orders by day, then unit; see day_key() */
	char		status;			/* of the hash table's slot */
	int64		count[COUNTS];
	Numeric		amount[AMOUNTS];	/* NULL: 0 */
} DaySum;

static inline uint32
hash_key(uint64 key)
{
	return murmurhash32((uint32) key ^ murmurhash32((uint32) (key >> 32)));
}

#define SH_PREFIX day_sums
#define SH_ELEMENT_TYPE DaySum
#define SH_KEY_TYPE uint64
#define SH_KEY key
#define SH_HASH_KEY(table, key) hash_key(key)
#define SH_EQUAL(table, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

typedef DaySum *DaySumPointer;

#define ST_SORT sort_by_key
#define ST_ELEMENT_TYPE DaySumPointer
#define ST_COMPARE(a, b) (((*(a))->key > (*(b))->key) - ((*(a))->key < (*(b))->key))
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

typedef struct Sums
{
	day_sums_hash *days;
	MemoryContext context;		/* of all the sums */
	MemoryContext scratch;		/* of one addition */
	Numeric		zero;
	DaySumPointer *sorted;		/* those that are not 0, by day and unit; made by sort_sums() */
	int64		n;
} Sums;

/* The columns of activity_days and of activity_deltas, in their order. */
enum
{
	UNIT_ID, DAY, C_VISITS, C_WON, C_LOST, C_WON_AMOUNT, C_REVENUES, C_REVENUE_AMOUNT, COLUMNS
};

static const int count_column[COUNTS] = {C_VISITS, C_WON, C_LOST, C_REVENUES};
static const int amount_column[AMOUNTS] = {C_WON_AMOUNT, C_REVENUE_AMOUNT};

/* ---- sums by unit and day -------------------------------------------------------------------- */

/* Both halves biased, so that keys as unsigned numbers are in the order of days and units. */
static uint64
day_key(int32 unit_id, DateADT day)
{
	return (uint64) ((uint32) day ^ 0x80000000U) << 32 | ((uint32) unit_id ^ 0x80000000U);
}

static int32
unit_of(const DaySum *sum)
{
	return (int32) ((uint32) sum->key ^ 0x80000000U);
}

static DateADT
day_of(const DaySum *sum)
{
	return (DateADT) ((uint32) (sum->key >> 32) ^ 0x80000000U);
}

static Sums
sums_begin(void)
{
	Sums		sums;

	sums.context = AllocSetContextCreate(CurrentMemoryContext, "regtarget activity", ALLOCSET_DEFAULT_SIZES);
	sums.scratch = AllocSetContextCreate(sums.context, "regtarget activity scratch", ALLOCSET_SMALL_SIZES);
	sums.days = day_sums_create(sums.context, 8, NULL);
	sums.zero = int64_to_numeric(0);
	return sums;
}

static void
sums_end(Sums *sums)
{
	MemoryContextDelete(sums->context);
}

static DaySum *
sum_of(Sums *sums, int32 unit_id, DateADT day)
{
	bool		found;
	DaySum	   *sum = day_sums_insert(sums->days, day_key(unit_id, day), &found);

	if (!found)
	{
		memset(sum->count, 0, sizeof(sum->count));
		memset(sum->amount, 0, sizeof(sum->amount));
	}
	return sum;
}

/* Exactly, whatever the scale: what is taken away again leaves 0. */
static void
add_amount(Sums *sums, Numeric *sum, Datum amount, int sign)
{
	MemoryContext old = MemoryContextSwitchTo(sums->scratch);
	Datum		before = NumericGetDatum(*sum == NULL ? sums->zero : *sum);
	Datum		after = DirectFunctionCall2(sign > 0 ? numeric_add : numeric_sub, before, amount);

	MemoryContextSwitchTo(sums->context);
	if (*sum != NULL)
		pfree(*sum);
	*sum = DatumGetNumericCopy(after);
	MemoryContextSwitchTo(old);
	MemoryContextReset(sums->scratch);
}

static bool
is_zero(const Sums *sums, const DaySum *sum)
{
	for (int i = 0; i < COUNTS; i++)
	{
		if (sum->count[i] != 0)
			return false;
	}
	for (int i = 0; i < AMOUNTS; i++)
	{
		if (sum->amount[i] != NULL &&
			!DatumGetBool(DirectFunctionCall2(numeric_eq, NumericGetDatum(sum->amount[i]), NumericGetDatum(sums->zero))))
			return false;
	}
	return true;
}

/* All that is complete: list the sums but those of zero, by day and unit. */
static void
sort_sums(Sums *sums)
{
	day_sums_iterator iterator;
	DaySum	   *sum;

	sums->sorted = MemoryContextAllocHuge(sums->context, sizeof(DaySumPointer) * Max(sums->days->members, 1));
	sums->n = 0;
	day_sums_start_iterate(sums->days, &iterator);
	while ((sum = day_sums_iterate(sums->days, &iterator)) != NULL)
	{
		if (!is_zero(sums, sum))
			sums->sorted[sums->n++] = sum;
	}
	sort_by_key(sums->sorted, sums->n);
}

/* A sum as a row of activity_deltas. */
static void
to_row(const Sums *sums, const DaySum *sum, Datum *values)
{
	values[UNIT_ID] = Int32GetDatum(unit_of(sum));
	values[DAY] = DateADTGetDatum(day_of(sum));
	for (int i = 0; i < COUNTS; i++)
		values[count_column[i]] = Int32GetDatum((int32) sum->count[i]);
	for (int i = 0; i < AMOUNTS; i++)
		values[amount_column[i]] = NumericGetDatum(sum->amount[i] == NULL ? sums->zero : sum->amount[i]);
}

/* And back: add a row of these columns. */
static void
add_row(TupleTableSlot *slot, void *arg)
{
	Sums	   *sums = arg;
	DaySum	   *sum = sum_of(sums, DatumGetInt32(slot->tts_values[UNIT_ID]), DatumGetDateADT(slot->tts_values[DAY]));

	for (int i = 0; i < COUNTS; i++)
		sum->count[i] += DatumGetInt32(slot->tts_values[count_column[i]]);
	for (int i = 0; i < AMOUNTS; i++)
		add_amount(sums, &sum->amount[i], slot->tts_values[amount_column[i]], 1);
}

/* ---- days and months ------------------------------------------------------------------------- */

#define OP(symbol) " OPERATOR(pg_catalog." #symbol ") "
#define ALL_COUNTS "visits, won, lost, won_amount, revenues, revenue_amount"
#define R_COUNTS "r.visits, r.won, r.lost, r.won_amount, r.revenues, r.revenue_amount"
#define OPPOSITE(column) "d." #column OP(=) OP(-) "r." #column
#define ADD(column) #column " = d." #column OP(+) "r." #column

/* What comes after MERGE INTO d USING r ON ...; the key's column has another name by day and by month. */
#define ADD_OR_DROP(key) \
	"WHEN MATCHED AND " OPPOSITE(visits) " AND " OPPOSITE(won) " AND " OPPOSITE(lost) " AND " OPPOSITE(revenues) \
	" THEN DELETE " \
	"WHEN MATCHED THEN UPDATE SET " ADD(visits) ", " ADD(won) ", " ADD(lost) ", " ADD(won_amount) ", " \
	ADD(revenues) ", " ADD(revenue_amount) " " \
	"WHEN NOT MATCHED THEN INSERT (unit_id, " key ", " ALL_COUNTS ") VALUES (r.unit_id, r.day, " R_COUNTS ")"

/* Sums as rows of the columns of activity_deltas, by day and unit. */
static Tuplestorestate *
made_rows(const Sums *sums, TupleDesc *desc)
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
		to_row(sums, sums->sorted[i], values);
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
merge(const char *sql, const Sums *sums)
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
static Sums
by_month(const Sums *days)
{
	Sums		months = sums_begin();

	for (int64 d = 0; d < days->n; d++)
	{
		const DaySum *day = days->sorted[d];
		DaySum	   *month = sum_of(&months, unit_of(day), rgt_month_start(day_of(day), 0));

		for (int i = 0; i < COUNTS; i++)
			month->count[i] += day->count[i];
		for (int i = 0; i < AMOUNTS; i++)
		{
			if (day->amount[i] != NULL)
				add_amount(&months, &month->amount[i], NumericGetDatum(day->amount[i]), 1);
		}
	}
	sort_sums(&months);
	return months;
}

static void
add_to_days(const Sums *sums)
{
	Sums		months = by_month(sums);

	merge("MERGE INTO regtarget.activity_days d USING made_rows r "
		  "ON d.day" OP(=) "r.day AND d.unit_id" OP(=) "r.unit_id " ADD_OR_DROP("day"), sums);
	merge("MERGE INTO regtarget.activity_months d USING made_rows r "
		  "ON d.month" OP(=) "r.day AND d.unit_id" OP(=) "r.unit_id " ADD_OR_DROP("month"), &months);
	sums_end(&months);
}

/* ---- deltas ---------------------------------------------------------------------------------- */

/*
 * Append the sums as they are.  By the executor rather than by a statement: a single row of facts
 * would pay for the difference.
 */
static void
append_deltas(const Sums *sums)
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
		to_row(sums, sums->sorted[i], slot->tts_values);
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
	Sums		sums = sums_begin();
	uint64		taken;

	DirectFunctionCall3(setval3_oid, ObjectIdGetDatum(rgt_relation("activity_ticks")), Int64GetDatum(1), BoolGetDatum(false));
	taken = rgt_run(&take, RGT_FRESH, &limit, at_most == 0 ? "n" : NULL, add_row, &sums);
	sort_sums(&sums);
	add_to_days(&sums);
	sums_end(&sums);
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
	Sums	   *sums;
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
	DaySum	   *sum;

	if (slot->tts_isnull[counting->day - 1] || (fact->won_or_lost && slot->tts_isnull[counting->won - 1]))
		return;
	if (fact->won_or_lost)
		won = DatumGetBool(slot->tts_values[counting->won - 1]);
	sum = sum_of(counting->sums, DatumGetInt32(slot->tts_values[counting->unit_id - 1]),
				 DatumGetDateADT(slot->tts_values[counting->day - 1]));
	sum->count[fact->counts[won]] += counting->sign;
	if (fact->amount != NULL && won && !slot->tts_isnull[counting->amount - 1])
		add_amount(counting->sums, &sum->amount[fact->amount_of], slot->tts_values[counting->amount - 1], counting->sign);
}

static void
count_rows(Sums *sums, const Fact *fact, TupleDesc desc, Tuplestorestate *rows, int sign)
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
	DaySum	   *sum = sum_of(counting->sums, DatumGetInt32(slot->tts_values[UNIT_ID]), DatumGetDateADT(slot->tts_values[DAY]));

	for (int i = 0; i < (int) lengthof(fact->counts); i++)
		sum->count[fact->counts[i]] = -DatumGetInt64(slot->tts_values[count_column[fact->counts[i]]]);
	if (fact->amount != NULL)
		add_amount(counting->sums, &sum->amount[fact->amount_of], slot->tts_values[amount_column[fact->amount_of]], -1);
}

/*
 * After TRUNCATE nobody else has a change of the table under way (it took ACCESS EXCLUSIVE), so the
 * latest snapshot shows all that its rows added; an older one would leave some of it behind.
 */
static void
count_truncated(Sums *sums, const Fact *fact)
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
keep(Sums *sums)
{
	RgtSession	session;

	sort_sums(sums);
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
	Sums		sums;

	if (fact == NULL)
		elog(ERROR, "table %s holds no facts", RelationGetRelationName(trigger->tg_relation));
	sums = sums_begin();
	if (trigger->tg_newtable != NULL)
		count_rows(&sums, fact, desc, trigger->tg_newtable, 1);
	if (trigger->tg_oldtable != NULL)
		count_rows(&sums, fact, desc, trigger->tg_oldtable, -1);
	if (TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event))
		count_truncated(&sums, fact);
	keep(&sums);
	sums_end(&sums);
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
