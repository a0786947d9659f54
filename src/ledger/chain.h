/*
 * ledger/chain.h
 *	  What the files of the ledger share: the form of a chain.
 */
#ifndef REGTARGET_LEDGER_CHAIN_H
#define REGTARGET_LEDGER_CHAIN_H

#include "common/sha2.h"
#include "datatype/timestamp.h"

#include "ledger/ledger.h"
#include "regtarget.h"

#define RGT_HASH_LENGTH PG_SHA256_DIGEST_LENGTH

/* A link of a chain: its hash, or nothing (length 0) before the first entry. */
typedef struct RgtLink
{
	int64		entry;
	int			length;
	uint8		hash[RGT_HASH_LENGTH];
} RgtLink;

/* An entry as the hash covers it. */
typedef struct RgtLedgerRow
{
	int32		unit_id;
	int64		entry;
	TimestampTz at;
	const char *actor;
	const char *login;			/* NULL: an entry from before it was kept */
	const char *action;
	Datum		details;
} RgtLedgerRow;

typedef struct RgtHasher RgtHasher;

extern RgtHasher *rgt_hasher(void);
extern void rgt_hasher_free(RgtHasher *hasher);
extern void rgt_hash_row(RgtHasher *hasher, const RgtLink *previous, const RgtLedgerRow *row, uint8 *hash);
extern void rgt_hash_baseline(RgtHasher *hasher, int32 unit_id, Datum baseline);
extern void rgt_hash_text(RgtHasher *hasher, const char *text);
extern void rgt_hash_bytes(RgtHasher *hasher, Datum bytes);
extern char *rgt_hash_done(RgtHasher *hasher);

/* Chains share so many locks, because one statement may append to more than the lock table holds. */
#define RGT_CHAIN_LOCKS 1024

/* Which of the locks a statement needs. */
typedef struct RgtChainLocks
{
	uint64		needed[RGT_CHAIN_LOCKS / 64];	/* a bit each */
} RgtChainLocks;

extern void rgt_need_chain(RgtChainLocks *locks, int32 unit_id);
extern void rgt_lock_chains(const RgtChainLocks *locks);

/*
 * The entries of a statement that may be long, appended a batch at a time as they come.  Their chains
 * must be locked before.  Details are made in `context`, which lasts as long as the batch.
 */
typedef struct RgtEntries
{
	MemoryContext context;
	RgtEntry   *entries;
	int			n;
} RgtEntries;

extern void rgt_entries_begin(RgtEntries *entries);
extern void rgt_entries_add(RgtEntries *entries, int32 unit_id, const char *action, RgtJson *details);
extern void rgt_entries_end(RgtEntries *entries);

#endif							/* REGTARGET_LEDGER_CHAIN_H */
