/*
 * ledger/chain.c
 *	  The chains of the ledger: how entries are appended.
 *
 * How chains stay whole with many sessions at once: whoever appends locks the chains first, in one
 * order and until his transaction ends, and only then reads their heads, with a snapshot of all that
 * is committed by now, under any isolation level.  What is rolled back leaves no gap, because an
 * entry's number comes from the head and not from a sequence.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "storage/lmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "ledger/chain.h"
#include "ledger/ledger.h"
#include "regtarget.h"

/* So many entries, or so many bytes of details, are written by one statement. */
#define MAX_BATCH 5000
#define MAX_BATCH_BYTES (16 * 1024 * 1024)

/* ---- locks ------------------------------------------------------------------------------------------ */

void
rgt_need_chain(RgtChainLocks *locks, int32 unit_id)
{
	uint32		lock = (uint32) unit_id % RGT_CHAIN_LOCKS;

	locks->needed[lock / 64] |= UINT64CONST(1) << lock % 64;
}

/*
 * Until the end of the transaction.  A statement takes them in ascending order; transactions that
 * append by several statements can still meet, as with rows, and then the server ends one of them.
 */
void
rgt_lock_chains(const RgtChainLocks *locks)
{
	Oid			ledger = rgt_relation("ledger");

	for (int word = 0; word < RGT_CHAIN_LOCKS / 64; word++)
	{
		for (uint64 needed = locks->needed[word]; needed != 0; needed &= needed - 1)
			LockDatabaseObject(ledger, (Oid) (word * 64 + pg_rightmost_one_pos64(needed)), 1, ExclusiveLock);
	}
}

/* ---- appending -------------------------------------------------------------------------------------- */

static void
set_link(RgtLink *link, Datum entry, Datum hash)
{
	bytea	   *bytes = DatumGetByteaPP(hash);

	link->entry = DatumGetInt64(entry);
	link->length = Min(VARSIZE_ANY_EXHDR(bytes), RGT_HASH_LENGTH);
	memcpy(link->hash, VARDATA_ANY(bytes), link->length);
}

static Datum
hash_datum(const uint8 *hash, int length)
{
	bytea	   *bytes = palloc(VARHDRSZ + length);

	SET_VARSIZE(bytes, VARHDRSZ + length);
	memcpy(VARDATA(bytes), hash, length);
	return PointerGetDatum(bytes);
}

/* Entries that are written by one statement, by chain. */
typedef struct Batch
{
	const RgtEntry *entries;
	int			n;
	int		   *order;			/* by unit_id, each chain's entries as they came */
	Datum	   *units;			/* of the chains */
	RgtLink    *heads;
	int			chains;
	TimestampTz at;
	char	   *actor;
	char	   *login;
} Batch;

enum
{
	UNIT_ID, ENTRY, ACTION, DETAILS, PREVIOUS, HASH, PER_ROW, AT = PER_ROW, ACTOR, LOGIN, COLUMNS
};

/* What is written, column by column. */
typedef struct Rows
{
	Datum	   *column[PER_ROW];
} Rows;

static int
compare_entries(const void *a, const void *b, void *arg)
{
	const RgtEntry *entries = arg;
	int			i = *(const int *) a;
	int			j = *(const int *) b;

	if (entries[i].unit_id != entries[j].unit_id)
		return RGT_ORDER(entries[i].unit_id, entries[j].unit_id);
	return RGT_ORDER(i, j);
}

/* The heads of the chains, by the primary key, backwards. */
static void
read_heads(Batch *batch)
{
	Snapshot	snapshot = rgt_snapshot(RGT_LATEST);
	RgtLookup	ledger;
	AttrNumber	entry;
	AttrNumber	hash;

	rgt_lookup_begin(&ledger, "ledger", NULL, 1, AccessShareLock, snapshot);
	entry = rgt_attnum(RelationGetDescr(ledger.table), "entry");
	hash = rgt_attnum(RelationGetDescr(ledger.table), "hash");
	for (int i = 0; i < batch->chains; i++)
	{
		bool		isnull;

		rgt_lookup_keys(&ledger, &batch->units[i]);
		if (rgt_lookup_next(&ledger, BackwardScanDirection))
			set_link(&batch->heads[i], slot_getattr(ledger.slot, entry, &isnull), slot_getattr(ledger.slot, hash, &isnull));
	}
	rgt_lookup_end(&ledger);
	UnregisterSnapshot(snapshot);
}

/* Put the entries into the order of their chains, and find the head of each. */
static void
arrange(Batch *batch)
{
	batch->order = palloc(sizeof(int) * batch->n);
	batch->units = palloc(sizeof(Datum) * batch->n);
	batch->heads = palloc0(sizeof(RgtLink) * batch->n);
	for (int i = 0; i < batch->n; i++)
		batch->order[i] = i;
	qsort_arg(batch->order, batch->n, sizeof(int), compare_entries, unconstify(RgtEntry *, batch->entries));
	batch->chains = 0;
	for (int i = 0; i < batch->n; i++)
	{
		int32		unit_id = batch->entries[batch->order[i]].unit_id;

		if (batch->chains == 0 || DatumGetInt32(batch->units[batch->chains - 1]) != unit_id)
			batch->units[batch->chains++] = Int32GetDatum(unit_id);
	}
	read_heads(batch);
}

/* Link one more entry to the head of its chain, and make it the head. */
static void
link_entry(RgtHasher *hasher, const Batch *batch, const RgtEntry *entry, RgtLink *head, Rows *rows, int i)
{
	RgtLedgerRow row = {entry->unit_id, head->entry + 1, batch->at, batch->actor, batch->login, entry->action, entry->details};
	uint8		hash[RGT_HASH_LENGTH];

	rgt_hash_row(hasher, head, &row, hash);
	rows->column[UNIT_ID][i] = Int32GetDatum(row.unit_id);
	rows->column[ENTRY][i] = Int64GetDatum(row.entry);
	rows->column[ACTION][i] = CStringGetTextDatum(row.action);
	rows->column[DETAILS][i] = row.details;
	rows->column[PREVIOUS][i] = hash_datum(head->hash, head->length);
	rows->column[HASH][i] = hash_datum(hash, RGT_HASH_LENGTH);
	head->entry = row.entry;
	head->length = RGT_HASH_LENGTH;
	memcpy(head->hash, hash, RGT_HASH_LENGTH);
}

static Rows
link_entries(const Batch *batch)
{
	RgtHasher  *hasher = rgt_hasher();
	Rows		rows;
	int			chain = 0;

	for (int c = 0; c < PER_ROW; c++)
		rows.column[c] = palloc(sizeof(Datum) * batch->n);
	for (int i = 0; i < batch->n; i++)
	{
		const RgtEntry *entry = &batch->entries[batch->order[i]];

		if (DatumGetInt32(batch->units[chain]) != entry->unit_id)
			chain++;
		Assert(chain < batch->chains && DatumGetInt32(batch->units[chain]) == entry->unit_id);
		Assert(batch->heads[chain].length >= 0 && batch->heads[chain].length <= RGT_HASH_LENGTH);
		link_entry(hasher, batch, entry, &batch->heads[chain], &rows, i);
	}
	rgt_hasher_free(hasher);
	return rows;
}

static void
write_one(const Batch *batch, const Rows *rows)
{
	static RgtQuery query = RGT_KEY_QUERY(
		"INSERT INTO regtarget.ledger (unit_id, entry, action, details, previous, hash, at, actor, login) "
		"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
		INT4OID, INT8OID, TEXTOID, JSONBOID, BYTEAOID, BYTEAOID, TIMESTAMPTZOID, TEXTOID, TEXTOID);
	Datum		values[COLUMNS];

	for (int c = 0; c < PER_ROW; c++)
		values[c] = rows->column[c][0];
	values[AT] = TimestampTzGetDatum(batch->at);
	values[ACTOR] = CStringGetTextDatum(batch->actor);
	values[LOGIN] = CStringGetTextDatum(batch->login);
	rgt_run(&query, RGT_FRESH, values, NULL, NULL, NULL);
}

static void
write_many(const Batch *batch, const Rows *rows)
{
	static RgtQuery query = RGT_KEY_QUERY(
		"INSERT INTO regtarget.ledger (unit_id, entry, action, details, previous, hash, at, actor, login) "
		"SELECT pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4), "
		"pg_catalog.unnest($5), pg_catalog.unnest($6), $7, $8, $9",
		INT4ARRAYOID, INT8ARRAYOID, TEXTARRAYOID, JSONBARRAYOID, BYTEAARRAYOID, BYTEAARRAYOID, TIMESTAMPTZOID, TEXTOID, TEXTOID);
	static const struct
	{
		Oid			type;
		int			length;
		char		align;
	}			types[PER_ROW] = {
		{INT4OID, sizeof(int32), TYPALIGN_INT},
		{INT8OID, sizeof(int64), TYPALIGN_DOUBLE},
		{TEXTOID, -1, TYPALIGN_INT},
		{JSONBOID, -1, TYPALIGN_INT},
		{BYTEAOID, -1, TYPALIGN_INT},
		{BYTEAOID, -1, TYPALIGN_INT}
	};
	Datum		values[COLUMNS];

	for (int c = 0; c < PER_ROW; c++)
		values[c] = PointerGetDatum(construct_array(rows->column[c], batch->n, types[c].type, types[c].length,
													types[c].length > 0, types[c].align));
	values[AT] = TimestampTzGetDatum(batch->at);
	values[ACTOR] = CStringGetTextDatum(batch->actor);
	values[LOGIN] = CStringGetTextDatum(batch->login);
	rgt_run(&query, RGT_FRESH, values, NULL, NULL, NULL);
}

/* How many of the entries go into one statement. */
static int
batch_length(const RgtEntry *entries, int n)
{
	Size		bytes = 0;
	int			length = 0;

	while (length < Min(n, MAX_BATCH) && bytes < MAX_BATCH_BYTES)
	{
		bytes += VARSIZE_ANY(DatumGetPointer(entries[length].details));
		length++;
	}
	return length;
}

static void
write_batch(Batch *batch)
{
	Rows		rows;

	arrange(batch);
	rows = link_entries(batch);
	if (batch->n == 1)
		write_one(batch, &rows);
	else
		write_many(batch, &rows);
}

/*
 * Append entries to the chains of their units, those of one unit in the order given; in a stretch of
 * rgt_begin().  The chains are locked until the end of the transaction.
 */
void
rgt_ledger_append(RgtEntry *entries, int n)
{
	RgtChainLocks locks = {{0}};
	Batch		batch = {.actor = rgt_caller_name(), .login = rgt_login_name()};
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "regtarget ledger batch", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);

	for (int i = 0; i < n; i++)
		rgt_need_chain(&locks, entries[i].unit_id);
	rgt_lock_chains(&locks);
	batch.at = GetCurrentTimestamp();
	for (int done = 0; done < n; done += batch.n)
	{
		CHECK_FOR_INTERRUPTS();
		batch.entries = entries + done;
		batch.n = batch_length(batch.entries, n - done);
		write_batch(&batch);
		MemoryContextReset(context);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}

/* ---- many entries ----------------------------------------------------------------------------------- */

void
rgt_entries_begin(RgtEntries *entries)
{
	entries->context = AllocSetContextCreate(CurrentMemoryContext, "regtarget ledger entries", ALLOCSET_DEFAULT_SIZES);
	entries->entries = palloc(sizeof(RgtEntry) * MAX_BATCH);
	entries->n = 0;
}

static void
append_batch(RgtEntries *entries)
{
	MemoryContext old = MemoryContextSwitchTo(entries->context);

	rgt_ledger_append(entries->entries, entries->n);
	entries->n = 0;
	MemoryContextSwitchTo(old);
	MemoryContextReset(entries->context);
}

/* One more; `details` was made in the context of the entries, and is gone afterwards. */
void
rgt_entries_add(RgtEntries *entries, int32 unit_id, const char *action, RgtJson *details)
{
	MemoryContext old = MemoryContextSwitchTo(entries->context);
	RgtEntry	entry = {unit_id, action, rgt_json_done(details)};

	MemoryContextSwitchTo(old);
	entries->entries[entries->n++] = entry;
	if (entries->n == MAX_BATCH)
		append_batch(entries);
}

void
rgt_entries_end(RgtEntries *entries)
{
	if (entries->n > 0)
		append_batch(entries);
	MemoryContextDelete(entries->context);
	pfree(entries->entries);
}

/* One entry; without details: an empty object. */
void
rgt_ledger_note(int32 unit_id, const char *action, RgtJson *details)
{
	RgtEntry	entry = {unit_id, action, rgt_json_done(details == NULL ? rgt_json() : details)};

	rgt_ledger_append(&entry, 1);
}
