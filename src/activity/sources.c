/*
 * activity/sources.c
 *	  How much of each fact each source has brought, and about which days: kept by triggers as facts change.
 *
 * As with activity, a statement appends what it added and took away to source_deltas, without a lock, and whoever
 * folds adds that to source_days.  So how fresh a source is can be told without reading its facts.
 *
 * A row of facts counts once among the rows of its source, on the first of its days that it has (NO_DAY: it has none),
 * and on each of its days among those that are dated so.
 */
#include "postgres.h"

#include "access/table.h"
#include "access/tableam.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "activity/days.h"
#include "activity/sources.h"
#include "regtarget.h"

/* 0001-01-01, by its Julian day. */
#define NO_DAY (1721426 - POSTGRES_EPOCH_JDATE)

/* So many rows more (or, negative, fewer) of a source, and dated on a day. */
typedef struct Sum
{
	uint64		key;			/* number of the source in the upper half, day in the lower */
	int64		rows;
	int64		dated;
	char		status;
} Sum;

#define SH_PREFIX source_sums
#define SH_ELEMENT_TYPE Sum
#define SH_KEY_TYPE uint64
#define SH_KEY key
#define SH_HASH_KEY(table, key) murmurhash32((uint32) (key) ^ murmurhash32((uint32) ((key) >> 32)))
#define SH_EQUAL(table, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/* ---- what a statement did ------------------------------------------------------------------------- */

/* The tables of facts and their days, the one on which a row counts first. */
static const struct Fact
{
	const char *table;
	const char *day[RGT_FACT_DAYS];
}			facts[] = {
	{"customers", {"acquired_on", NULL}},
	{"deals", {"opened_on", "closed_on"}},
	{"employees", {"hired_on", "left_on"}},
	{"revenues", {"booked_on", NULL}},
	{"signals", {"as_of", NULL}},
	{"visits", {"visited_on", NULL}},
};

/* Start to count the rows of a fact; false for a table that is none. */
bool
rgt_sources_begin(RgtSourceSums *sums, const char *fact, TupleDesc desc)
{
	int			i = 0;

	while (i < (int) lengthof(facts) && strcmp(facts[i].table, fact) != 0)
		i++;
	if (i == (int) lengthof(facts))
		return false;
	memset(sums, 0, sizeof(RgtSourceSums));
	sums->fact = facts[i].table;
	sums->context = CurrentMemoryContext;
	sums->allocated = 4;
	sums->sources = palloc(sizeof(text *) * sums->allocated);
	sums->sums = source_sums_create(CurrentMemoryContext, 8, NULL);
	sums->source = rgt_attnum(desc, "source");
	for (int d = 0; d < RGT_FACT_DAYS; d++)
		sums->day[d] = facts[i].day[d] == NULL ? 0 : rgt_attnum(desc, facts[i].day[d]);
	return true;
}

static bool
is_source(const RgtSourceSums *sums, int i, const char *name, int length)
{
	return (int) VARSIZE_ANY_EXHDR(sums->sources[i]) == length && memcmp(VARDATA_ANY(sums->sources[i]), name, length) == 0;
}

/* The number of a source.  A statement has few, and mostly the one of the row before. */
static int
number_of(RgtSourceSums *sums, const char *name, int length)
{
	MemoryContext old;

	if (sums->n > 0 && is_source(sums, sums->last, name, length))
		return sums->last;
	for (int i = 0; i < sums->n; i++)
	{
		if (is_source(sums, i, name, length))
			return sums->last = i;
	}
	old = MemoryContextSwitchTo(sums->context);
	RGT_GROW(sums->sources, sums->n, sums->allocated);
	sums->sources[sums->n] = cstring_to_text_with_len(name, length);
	MemoryContextSwitchTo(old);
	return sums->last = sums->n++;
}

static void
add(RgtSourceSums *sums, int source, DateADT day, int64 rows, int64 dated)
{
	bool		found;
	Sum		   *sum = source_sums_insert(sums->sums, (uint64) source << 32 | (uint32) day, &found);

	if (!found)
		sum->rows = sum->dated = 0;
	sum->rows += rows;
	sum->dated += dated;
}

/* Count a row of the fact, of which all attributes are deformed; a signal may have no source. */
void
rgt_sources_count(RgtSourceSums *sums, TupleTableSlot *slot)
{
	bool		unnamed = slot->tts_isnull[sums->source - 1];
	text	   *name = unnamed ? NULL : DatumGetTextPP(slot->tts_values[sums->source - 1]);
	int			source = number_of(sums, unnamed ? "" : VARDATA_ANY(name), unnamed ? 0 : VARSIZE_ANY_EXHDR(name));
	int			rows = sums->sign;

	for (int d = 0; d < RGT_FACT_DAYS; d++)
	{
		if (sums->day[d] == 0 || slot->tts_isnull[sums->day[d] - 1])
			continue;
		add(sums, source, DatumGetDateADT(slot->tts_values[sums->day[d] - 1]), rows, sums->sign);
		rows = 0;
	}
	if (rows != 0)
		add(sums, source, NO_DAY, rows, 0);
}

/* Columns: source, day, rows, dated. */
static void
take_sum(TupleTableSlot *slot, void *arg)
{
	RgtSourceSums *sums = arg;
	text	   *name = DatumGetTextPP(slot->tts_values[0]);

	add(sums, number_of(sums, VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name)), DatumGetDateADT(slot->tts_values[1]),
		-DatumGetInt64(slot->tts_values[2]), -DatumGetInt64(slot->tts_values[3]));
}

/* Take away all that is kept of a fact, whose table nobody else writes: it is being emptied. */
void
rgt_sources_take_all(RgtSourceSums *sums)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT source, day, pg_catalog.sum(rows)::pg_catalog.int8, pg_catalog.sum(dated)::pg_catalog.int8 FROM ("
		"SELECT fact, source, day, rows, dated FROM regtarget.source_days "
		"UNION ALL SELECT fact, source, day, rows, dated FROM regtarget.source_deltas) AS k "
		"WHERE fact OPERATOR(pg_catalog.=) $1 GROUP BY source, day", TEXTOID);
	Datum		fact = CStringGetTextDatum(sums->fact);
	RgtSession	session;

	rgt_begin(&session);
	rgt_run(&query, RGT_LATEST, &fact, NULL, take_sum, sums);
	rgt_end(&session);
}

/* ---- what is kept ------------------------------------------------------------------------------------ */

enum
{
	S_FACT, S_SOURCE, S_DAY, S_ROWS, S_DATED, S_COLUMNS
};

static const Oid types[S_COLUMNS] = {TEXTOID, TEXTOID, DATEOID, INT8OID, INT8OID};

/* Append the sums that are not 0 as deltas; returns how many there were. */
int64
rgt_sources_append(RgtSourceSums *sums)
{
	Relation	deltas = NULL;
	TupleTableSlot *row = NULL;
	Datum		fact = CStringGetTextDatum(sums->fact);
	int64		n = 0;
	source_sums_iterator iterator;
	const Sum  *sum;

	source_sums_start_iterate(sums->sums, &iterator);
	while ((sum = source_sums_iterate(sums->sums, &iterator)) != NULL)
	{
		if (sum->rows == 0 && sum->dated == 0)
			continue;
		CHECK_FOR_INTERRUPTS();
		if (deltas == NULL)
		{
			deltas = table_open(rgt_relation("source_deltas"), RowExclusiveLock);
			rgt_require_own_table(deltas, types, S_COLUMNS);
			row = MakeSingleTupleTableSlot(RelationGetDescr(deltas), &TTSOpsVirtual);
		}
		ExecClearTuple(row);
		memset(row->tts_isnull, true, row->tts_tupleDescriptor->natts);
		memset(row->tts_isnull, false, S_COLUMNS);
		row->tts_values[S_FACT] = fact;
		row->tts_values[S_SOURCE] = PointerGetDatum(sums->sources[sum->key >> 32]);
		row->tts_values[S_DAY] = DateADTGetDatum((DateADT) (uint32) sum->key);
		row->tts_values[S_ROWS] = Int64GetDatum(sum->rows);
		row->tts_values[S_DATED] = Int64GetDatum(sum->dated);
		ExecStoreVirtualTuple(row);
		simple_table_tuple_insert(deltas, row);
		n++;
	}
	if (deltas != NULL)
	{
		ExecDropSingleTupleTableSlot(row);
		table_close(deltas, NoLock);
	}
	return n;
}

/* Move all deltas into the days, under the lock of the fold. */
void
rgt_sources_fold(void)
{
	static RgtQuery fold = RGT_QUERY0(
		"WITH taken AS (DELETE FROM regtarget.source_deltas RETURNING fact, source, day, rows, dated) "
		"INSERT INTO regtarget.source_days AS d (fact, source, day, rows, dated) "
		"SELECT fact, source, day, pg_catalog.sum(rows), pg_catalog.sum(dated) FROM taken GROUP BY fact, source, day "
		"HAVING pg_catalog.sum(rows) OPERATOR(pg_catalog.<>) 0 OR pg_catalog.sum(dated) OPERATOR(pg_catalog.<>) 0 "
		"ON CONFLICT (fact, source, day) DO UPDATE SET rows = d.rows OPERATOR(pg_catalog.+) excluded.rows, "
		"dated = d.dated OPERATOR(pg_catalog.+) excluded.dated");
	static RgtQuery drop_empty = RGT_QUERY0(
		"DELETE FROM regtarget.source_days WHERE rows OPERATOR(pg_catalog.=) 0 AND dated OPERATOR(pg_catalog.=) 0");
	RgtSession	session;

	rgt_begin(&session);
	rgt_run(&fold, RGT_FRESH, NULL, NULL, NULL, NULL);
	rgt_run(&drop_empty, RGT_FRESH, NULL, NULL, NULL, NULL);
	rgt_end(&session);
}

/* Count all of it anew, under the locks of rebuild_activity(). */
void
rgt_sources_rebuild(void)
{
	static RgtQuery steps[] = {
		RGT_QUERY0("DELETE FROM regtarget.source_deltas"),
		RGT_QUERY0("DELETE FROM regtarget.source_days"),
		RGT_QUERY0("INSERT INTO regtarget.source_days (fact, source, day, rows, dated) " RGT_SOURCES_COUNTED)
	};

	for (int i = 0; i < (int) lengthof(steps); i++)
		rgt_run(&steps[i], RGT_FRESH, NULL, NULL, NULL, NULL);
}
