/*
 * base/locks.c
 *	  Locks that stand for one thing, a plan or a unit's chain in the ledger, and for something about a table.
 *
 * The server's table of locks has room for max_locks_per_transaction locks a connection (64, as it is delivered),
 * and a statement may touch a million things.  So a thing's lock has two levels:
 * - Its bucket, one of 256 of its table.  Whoever locks a thing takes the bucket in a mode that says what he
 *	 intends and keeps out nobody who locks things as well, then the thing itself.  Unrelated things never wait for
 *	 each other.
 * - Whoever has locked as many things in his transaction as is fair locks whole buckets from then on, and nothing
 *	 below them.  He waits for all who have locked something in the bucket, and they for him.
 *
 * Claims are something else: for how they are used see referenced.c.  A claim keeps out nobody but who asks for it
 * by rgt_await_claim(), and he looks at both levels; so a claim is on one level, and no claims conflict.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/lmgr.h"
#include "storage/lock.h"
#include "storage/proc.h"
#include "utils/inval.h"

#include "regtarget.h"

/* So many things a transaction may lock one by one. */
#define FAIR_SHARE 64

/* What the tag of a lock stands for, besides relation and key; 0 is left to locks of the server's own form. */
typedef enum LockKind
{
	THING = 1,
	BUCKET,
	CLAIM,
	CLAIMED_BUCKET
} LockKind;

#define KIND_BITS 3

/*
 * Take a lock that stands for something about a relation (the shape of the tree) until the end of the transaction,
 * without any conflict with the table's own locks.
 */
void
rgt_lock_object(Oid relation, LOCKMODE mode)
{
	LockDatabaseObject(RelationRelationId, relation, 1, mode);
}

/* ---- how many ------------------------------------------------------------------------------------------ */

static LocalTransactionId counted = InvalidLocalTransactionId;
static int	taken = 0;

/* May this transaction lock so many things more one by one?  What a savepoint took along is not subtracted. */
static bool
is_fair(int n)
{
	if (counted != rgt_local_transaction())
	{
		counted = rgt_local_transaction();
		taken = 0;
	}
	return n <= FAIR_SHARE - taken;
}

/* Keys below 2^45 have a tag each; greater ones may share one, which costs a wait and nothing else. */
static void
set_tag(LOCKTAG *tag, Oid relation, LockKind kind, uint64 key)
{
	SET_LOCKTAG_OBJECT(*tag, MyDatabaseId, relation, (uint32) key, (uint16) (key >> 32 << KIND_BITS | kind));
}

/* Take a lock until the end of the transaction; false when it was held already. */
static bool
take(Oid relation, LockKind kind, uint64 key, LOCKMODE mode)
{
	LOCKTAG		tag;

	set_tag(&tag, relation, kind, key);
	return LockAcquire(&tag, mode, false, false) == LOCKACQUIRE_OK;
}

static void
give_back(Oid relation, LockKind kind, uint64 key, LOCKMODE mode)
{
	LOCKTAG		tag;

	set_tag(&tag, relation, kind, key);
	LockRelease(&tag, mode, false);
}

static int
bucket_of(uint64 key)
{
	return (int) (key % RGT_LOCK_BUCKETS);
}

/* ---- things -------------------------------------------------------------------------------------------- */

/* The mode in which a bucket is taken before one of its things, and in which it is taken instead of them. */
static LOCKMODE
intention(LOCKMODE mode)
{
	Assert(mode == ShareLock || mode == RowExclusiveLock || mode == ExclusiveLock);
	return mode == ShareLock ? RowShareLock : RowExclusiveLock;
}

static LOCKMODE
of_bucket(LOCKMODE mode)
{
	return mode == ShareLock ? ShareLock : ExclusiveLock;
}

static bool
holds(Oid relation, LockKind kind, uint64 key, LOCKMODE mode)
{
	LOCKTAG		tag;

	set_tag(&tag, relation, kind, key);
	return rgt_holds_lock(&tag, mode);
}

/*
 * Is a thing locked already, by itself or with its bucket?  Then no more is asked for: whoever waits for the thing
 * intends something in its bucket, and would wait for us while we wait for him.
 */
static bool
is_locked(Oid relation, uint64 key, LOCKMODE mode)
{
	return holds(relation, THING, key, mode) || holds(relation, BUCKET, bucket_of(key), of_bucket(mode));
}

static void
lock_thing(Oid relation, uint64 key, LOCKMODE mode)
{
	take(relation, BUCKET, bucket_of(key), intention(mode));
	if (take(relation, THING, key, mode))
		taken++;
}

/* Lock a thing until the end of the transaction: in mode SHARE, ROW EXCLUSIVE or EXCLUSIVE. */
void
rgt_lock_thing(Oid relation, uint64 key, LOCKMODE mode)
{
	if (is_fair(1))
		lock_thing(relation, key, mode);
	else if (!is_locked(relation, key, mode))
		take(relation, BUCKET, bucket_of(key), of_bucket(mode));
	AcceptInvalidationMessages();
}

static void
need_bucket(RgtLocks *locks, uint64 key)
{
	int			bucket = bucket_of(key);

	locks->buckets[bucket / 64] |= UINT64CONST(1) << bucket % 64;
}

/* One more thing that a statement will lock. */
void
rgt_need_lock(RgtLocks *locks, uint64 key)
{
	need_bucket(locks, key);
	if (locks->n > RGT_FEW_LOCKS)
		return;
	for (int i = 0; i < locks->n; i++)
	{
		if (locks->keys[i] == key)
			return;
	}
	if (locks->n < RGT_FEW_LOCKS)
		locks->keys[locks->n] = key;
	locks->n++;
}

static int
compare_by_bucket(const void *a, const void *b)
{
	uint64		left = *(const uint64 *) a;
	uint64		right = *(const uint64 *) b;

	if (bucket_of(left) != bucket_of(right))
		return bucket_of(left) - bucket_of(right);
	return (left > right) - (left < right);
}

/* Call `use` for each bucket that is needed, in ascending order. */
static void
each_bucket(const RgtLocks *locks, void (*use) (Oid relation, int bucket, LOCKMODE mode), Oid relation, LOCKMODE mode)
{
	for (int word = 0; word < RGT_LOCK_BUCKETS / 64; word++)
	{
		for (uint64 needed = locks->buckets[word]; needed != 0; needed &= needed - 1)
			use(relation, word * 64 + pg_rightmost_one_pos64(needed), mode);
	}
}

static void
take_bucket(Oid relation, int bucket, LOCKMODE mode)
{
	take(relation, BUCKET, bucket, mode);
}

/* Of a few things, those that are locked already need nothing more. */
static void
leave_out_locked(RgtLocks *locks, Oid relation, LOCKMODE mode)
{
	int			n = 0;

	if (locks->n > RGT_FEW_LOCKS)
		return;
	memset(locks->buckets, 0, sizeof(locks->buckets));
	for (int i = 0; i < locks->n; i++)
	{
		uint64		key = locks->keys[i];

		if (is_locked(relation, key, mode))
			continue;
		need_bucket(locks, key);
		locks->keys[n++] = key;
	}
	locks->n = n;
}

/*
 * Lock what a statement needs, until the end of the transaction, in one order: by bucket, then by key.  Transactions
 * of several statements can still meet, as with rows, and then the server ends one of them.
 */
void
rgt_lock_things(RgtLocks *locks, Oid relation, LOCKMODE mode)
{
	leave_out_locked(locks, relation, mode);
	if (locks->n <= RGT_FEW_LOCKS && is_fair(locks->n))
	{
		qsort(locks->keys, locks->n, sizeof(uint64), compare_by_bucket);
		for (int i = 0; i < locks->n; i++)
			lock_thing(relation, locks->keys[i], mode);
	}
	else
		each_bucket(locks, take_bucket, relation, of_bucket(mode));
	AcceptInvalidationMessages();
}

/*
 * Lock that stands for a plan's status: SHARE by whoever writes its targets, EXCLUSIVE by whoever changes it.  Held
 * until the end of the transaction.
 */
void
rgt_lock_plan(int64 plan_id, LOCKMODE mode)
{
	rgt_lock_thing(rgt_relation("plans"), (uint64) plan_id, mode);
}

/* ---- claims -------------------------------------------------------------------------------------------- */

static void
claim_bucket(Oid relation, int bucket, LOCKMODE mode)
{
	take(relation, CLAIMED_BUCKET, bucket, mode);
}

static void
give_back_bucket(Oid relation, int bucket, LOCKMODE mode)
{
	give_back(relation, CLAIMED_BUCKET, bucket, mode);
}

/* Claim keys of a relation, until the end of the transaction or until they are given back.  Waits for nobody. */
void
rgt_claim(RgtLocks *keys, Oid relation)
{
	keys->by_bucket = keys->n > RGT_FEW_LOCKS || !is_fair(keys->n);
	keys->taken = 0;
	if (keys->by_bucket)
		each_bucket(keys, claim_bucket, relation, RowExclusiveLock);
	for (int i = 0; !keys->by_bucket && i < keys->n; i++)
		keys->taken += take(relation, CLAIM, keys->keys[i], RowExclusiveLock);
	taken += keys->taken;
}

/* Give them back; what an earlier statement of the transaction claimed stays claimed. */
void
rgt_give_back_claim(RgtLocks *keys, Oid relation)
{
	if (keys->by_bucket)
		each_bucket(keys, give_back_bucket, relation, RowExclusiveLock);
	for (int i = 0; !keys->by_bucket && i < keys->n; i++)
		give_back(relation, CLAIM, keys->keys[i], RowExclusiveLock);
	taken -= keys->taken;
}

/* Wait until nobody else has a claim on a key. */
void
rgt_await_claim(Oid relation, uint64 key)
{
	take(relation, CLAIM, key, ShareLock);
	give_back(relation, CLAIM, key, ShareLock);
	take(relation, CLAIMED_BUCKET, bucket_of(key), ShareLock);
	give_back(relation, CLAIMED_BUCKET, bucket_of(key), ShareLock);
}
