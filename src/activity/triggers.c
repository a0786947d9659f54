/*
 * activity/triggers.c
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
 * How the tables are written is in store.c.
 *
 * Nothing is kept in memory across statements; a savepoint that is rolled back takes its deltas, its
 * folds and its lock along.  A restore session is nothing special: the triggers read no facts.
 */
#include "postgres.h"

#include "access/xact.h"
#include "commands/sequence.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "activity/days.h"
#include "activity/sources.h"
#include "regtarget.h"

/* So many deltas after the last fold, somebody folds. */
#define DELTAS_A_FOLD 20000

/* What a writer folds at most, for somebody else's great load may wait there too. */
#define FOLD_AT_MOST 50000

/* A statement with so many sums writes days and months itself rather than leave them to others. */
#define MANY_SUMS 4096

/* ---- folding ---------------------------------------------------------------------------------- */

/* As the owner: whoever may write facts need not be allowed to set the sequence. */
static void
set_ticks(int64 ticks, bool counted)
{
	RgtSession	session;

	rgt_begin(&session);
	DirectFunctionCall3(setval3_oid, ObjectIdGetDatum(rgt_relation("activity_ticks")), Int64GetDatum(ticks),
						BoolGetDatum(counted));
	rgt_end(&session);
}

/*
 * Count what was appended; true when it is time to fold.  Of a larger statement all at once: what others
 * count, or fold, at this very moment may be lost, and the next fold come a little later or sooner.
 */
static bool
tick(int64 n)
{
	Oid			ticks = rgt_relation("activity_ticks");
	int64		now = nextval_internal(ticks, false);

	for (; n > 1 && n <= 8; n--)
		now = nextval_internal(ticks, false);
	if (n > 8)
	{
		now += n - 1;
		set_ticks(now, true);
	}
	return now >= DELTAS_A_FOLD;
}

/* May this transaction write days and months now?  Never waits. */
static bool
try_fold_lock(void)
{
	return !IsolationUsesXactSnapshot() &&
		ConditionalLockRelationOid(rgt_relation("activity_ticks"), ShareUpdateExclusiveLock);
}

/* Fold so many deltas, or all of them (0).  Under the lock; returns how many there were. */
static int64
fold(int64 at_most)
{
	RgtDaySums	sums = rgt_day_sums_begin(1024);
	int64		taken;

	set_ticks(1, false);
	taken = rgt_deltas_take(at_most, &sums);
	rgt_day_sums_sort(&sums);
	rgt_days_add(&sums);
	rgt_day_sums_end(&sums);
	rgt_sources_fold();
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
	RgtSourceSums *sources;
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
	RgtChange	change;

	rgt_sources_count(counting->sources, slot);
	if (slot->tts_isnull[counting->day - 1] || (fact->won_or_lost && slot->tts_isnull[counting->won - 1]))
		return;
	if (fact->won_or_lost)
		won = DatumGetBool(slot->tts_values[counting->won - 1]);
	change.unit_id = DatumGetInt32(slot->tts_values[counting->unit_id - 1]);
	change.day = DatumGetDateADT(slot->tts_values[counting->day - 1]);
	change.count = fact->counts[won];
	change.n = counting->sign;
	change.amount_of = -1;
	if (fact->amount != NULL && won && !slot->tts_isnull[counting->amount - 1])
	{
		change.amount_of = fact->amount_of;
		change.amount = slot->tts_values[counting->amount - 1];
		change.sign = counting->sign;
	}
	rgt_day_sums_change(counting->sums, &change);
}

static void
count_rows(RgtDaySums *sums, RgtSourceSums *sources, const Fact *fact, TupleDesc desc, Tuplestorestate *rows, int sign)
{
	Counting	counting = {.sums = sums, .sources = sources, .fact = fact, .sign = sign};

	sources->sign = sign;
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
	RgtChange	change = {.sign = -1};

	change.unit_id = DatumGetInt32(slot->tts_values[UNIT_ID]);
	change.day = DatumGetDateADT(slot->tts_values[DAY]);
	for (int won = 0; won < (int) lengthof(fact->counts); won++)
	{
		/* Visits and revenues have one count, named twice. */
		if (!won && fact->counts[0] == fact->counts[1])
			continue;
		change.count = fact->counts[won];
		change.n = -DatumGetInt64(slot->tts_values[rgt_count_column[change.count]]);
		change.amount_of = won ? fact->amount_of : -1;
		if (change.amount_of >= 0)
			change.amount = slot->tts_values[rgt_amount_column[change.amount_of]];
		rgt_day_sums_change(counting->sums, &change);
	}
}

/*
 * After TRUNCATE nobody else has a change of the table under way (it took ACCESS EXCLUSIVE), so the
 * latest snapshot shows all that its rows added; an older one would leave some of it behind.  What was
 * counted elsewhere stays.
 */
static void
count_truncated(RgtDaySums *sums, const Fact *fact)
{
#define SUM(column) "pg_catalog.sum(" #column "), "
#define COUNTS_AND_AMOUNTS "visits, won, lost, won_amount, revenues, revenue_amount"
#define LESS(column) "OPERATOR(pg_catalog.-) " #column
#define OF_OTHERS LESS(visits) ", " LESS(won) ", " LESS(lost) ", " LESS(won_amount) ", " LESS(revenues) ", " \
	LESS(revenue_amount)
	static RgtQuery query = RGT_QUERY0(
		"SELECT unit_id, day, " SUM(visits) SUM(won) SUM(lost) SUM(won_amount) SUM(revenues)
		"pg_catalog.sum(revenue_amount) FROM ("
		"SELECT unit_id, day, " COUNTS_AND_AMOUNTS " FROM regtarget.activity_days "
		"UNION ALL SELECT unit_id, day, " COUNTS_AND_AMOUNTS " FROM regtarget.activity_deltas "
		"UNION ALL SELECT unit_id, day, " OF_OTHERS " FROM regtarget.attached_days) AS p GROUP BY unit_id, day");
	Counting	counting = {.sums = sums, .fact = fact};
	RgtSession	session;

	rgt_begin(&session);
	rgt_run(&query, RGT_LATEST, NULL, NULL, take_all, &counting);
	rgt_end(&session);
}

/* Fold when so many more are enough. */
static void
fold_in_time(int64 appended)
{
	if (appended > 0 && tick(appended) && try_fold_lock())
		fold(FOLD_AT_MOST);
}

/* Directly or as deltas; and fold when it is time to.  Sources NULL: no facts came or went. */
static void
keep(RgtDaySums *sums, RgtSourceSums *sources)
{
	int64		of_sources = sources == NULL ? 0 : rgt_sources_append(sources);

	rgt_day_sums_sort(sums);
	if (sums->n > 0)
		rgt_require_own_tables();
	if (sums->n >= MANY_SUMS && try_fold_lock())
	{
		rgt_days_add(sums);
		return;
	}
	if (sums->n > 0)
		rgt_deltas_append(sums);
	fold_in_time(Max(sums->n, of_sources));
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
	RgtSourceSums sources;
	RgtDaySums	sums;

	if (fact == NULL || !rgt_sources_begin(&sources, fact->table, desc))
		rgt_wrong_trigger("regtarget.keep_activity");
	sums = rgt_day_sums_begin(8);
	if (trigger->tg_newtable != NULL)
		count_rows(&sums, &sources, fact, desc, trigger->tg_newtable, 1);
	if (trigger->tg_oldtable != NULL)
		count_rows(&sums, &sources, fact, desc, trigger->tg_oldtable, -1);
	if (TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event))
	{
		count_truncated(&sums, fact);
		rgt_sources_take_all(&sources);
	}
	keep(&sums, &sources);
	rgt_day_sums_end(&sums);
	return PointerGetDatum(NULL);
}

static void
add_attached(TupleTableSlot *slot, void *arg)
{
	rgt_day_sums_add_row(slot, arg);
}

static void
take_attached(TupleTableSlot *slot, void *arg)
{
	rgt_day_sums_take_row(slot, arg);
}

/* The same for what was counted elsewhere, which comes summed up. */
PG_FUNCTION_INFO_V1(rgt_keep_attached);
Datum
rgt_keep_attached(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = rgt_trigger(fcinfo, "regtarget.keep_attached", "attached_days", RGT_AFTER_STATEMENT);
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	RgtDaySums	sums = rgt_day_sums_begin(1024);

	if (trigger->tg_newtable != NULL)
		rgt_each_row(trigger->tg_newtable, desc, add_attached, &sums);
	if (trigger->tg_oldtable != NULL)
		rgt_each_row(trigger->tg_oldtable, desc, take_attached, &sums);
	keep(&sums, NULL);
	rgt_day_sums_end(&sums);
	return PointerGetDatum(NULL);
}

static void
count_source(TupleTableSlot *slot, void *arg)
{
	rgt_sources_count(arg, slot);
}

/* The same for facts that are no activity: what their sources have brought. */
PG_FUNCTION_INFO_V1(rgt_keep_sources);
Datum
rgt_keep_sources(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = rgt_trigger(fcinfo, "regtarget.keep_sources", NULL, RGT_AFTER_STATEMENT);
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	RgtSourceSums sources;

	if (!rgt_sources_begin(&sources, RelationGetRelationName(trigger->tg_relation), desc))
		rgt_wrong_trigger("regtarget.keep_sources");
	sources.sign = 1;
	if (trigger->tg_newtable != NULL)
		rgt_each_row(trigger->tg_newtable, desc, count_source, &sources);
	sources.sign = -1;
	if (trigger->tg_oldtable != NULL)
		rgt_each_row(trigger->tg_oldtable, desc, count_source, &sources);
	if (TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event))
		rgt_sources_take_all(&sources);
	fold_in_time(rgt_sources_append(&sources));
	return PointerGetDatum(NULL);
}

/* fold_activity(): all that waits, after whoever is folding now. */
PG_FUNCTION_INFO_V1(rgt_fold_activity);
Datum
rgt_fold_activity(PG_FUNCTION_ARGS)
{
	RgtSession	session;
	int64		folded;

	rgt_enter_to_write(&session, "regtarget.fold_activity()");
	LockRelationOid(rgt_relation("activity_ticks"), ShareUpdateExclusiveLock);
	folded = fold(0);
	rgt_end(&session);
	PG_RETURN_INT64(folded);
}
