/*
 * base/referenced.c
 *	  The side of a reference that is referred to: a key that is taken away may not be referred to any more.
 *
 * Deleting one unit, employee or customer is a daily thing, and loads run for minutes.  So whoever deletes waits for
 * nobody but who has the same key in hand, and reads only what may have it, without a lock that keeps anybody from
 * writing.
 *
 * A statement that took keys away, which marks their rows as its own, does at its end:
 * 1. It claims the keys (rgt_claim).  From now on whoever writes a row that refers to one waits when he
 *	 looks at it: see check_contested() in references.c.
 * 2. It looks for rows that refer to them, those of transactions under way as well.  One that is there for good is an
 *	 error.
 * 3. If a transaction under way has such a row, to write or to delete it: it gives back the claim, waits for that
 *	 transaction to end, and starts again.  Giving back is what prevents a deadlock: that transaction, which may be about
 *	 to look at the key itself, need not wait for us, because we look again.  A claim that we keep says that we have looked,
 *	 and found nobody.
 * 4. Else it looks once more, with a snapshot of all that is committed by now.  The first look sees each row as it
 *	 is when it comes by, so it can miss one that somebody moves from a page not read yet to one that has been, and
 *	 commits, meanwhile.  Who has been under way all the time cannot hide that way: his old row is there.
 *
 * Two transactions can still deadlock when each refers to a key that the other takes away.
 */
#include "postgres.h"

#include "commands/trigger.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"

#include "base/key_set.h"
#include "base/references.h"
#include "base/search.h"
#include "regtarget.h"

/* ---- looking ------------------------------------------------------------------------------------------- */

typedef struct Look
{
	const RgtReference *reference;
	Oid			type;			/* of the keys */
	SnapshotData under_way;		/* shows rows of transactions under way, and tells which these are */
	TransactionId other;		/* one of them; invalid: none was met */
	bool		found;			/* what is committed */
} Look;

/* A row in the first look: of another's transaction, or an error. */
static bool
judge(TupleTableSlot *slot, Datum key, void *arg)
{
	Look	   *look = arg;

	if (TransactionIdIsValid(look->under_way.xmin))
		look->other = look->under_way.xmin;
	else if (TransactionIdIsValid(look->under_way.xmax))
		look->other = look->under_way.xmax;
	else
		rgt_reference_violation(look->reference, look->reference->parent, rgt_key_text(look->type, key), false);
	return false;
}

/* Does a transaction under way refer to one of the keys, or stop to?  23503 when somebody does for good. */
static TransactionId
who_refers(const char *parent, const RgtKeys *gone)
{
	Look		look = {.type = gone->type, .other = InvalidTransactionId};

	InitDirtySnapshot(look.under_way);
	while ((look.reference = rgt_next_reference(parent, look.reference)) != NULL)
		rgt_search(look.reference->child, look.reference->column, gone, &look.under_way, judge, &look);
	return look.other;
}

static bool
note_found(TupleTableSlot *slot, Datum key, void *arg)
{
	((Look *) arg)->found = true;
	return true;
}

/* Does anybody, by all that is committed by now? */
static bool
is_referred_to(const char *parent, const RgtKeys *gone)
{
	Snapshot	snapshot = rgt_snapshot(RGT_LATEST);
	Look		look = {.found = false};

	while (!look.found && (look.reference = rgt_next_reference(parent, look.reference)) != NULL)
		rgt_search(look.reference->child, look.reference->column, gone, snapshot, note_found, &look);
	UnregisterSnapshot(snapshot);
	return look.found;
}

/* ---- the trigger --------------------------------------------------------------------------------------- */

static void
check_gone(Relation parent, const RgtKeys *gone)
{
	const char *name = RelationGetRelationName(parent);
	RgtLocks	claim = {0};

	for (int64 i = 0; i < gone->n; i++)
		rgt_need_lock(&claim, rgt_key_number(gone->type, gone->values[i]));
	for (;;)
	{
		RgtWriters	before;
		TransactionId other;

		rgt_claim(&claim, RelationGetRelid(parent));
		before = rgt_writers();
		other = who_refers(name, gone);
		if (!TransactionIdIsValid(other) && (rgt_nobody_wrote_since(&before) || !is_referred_to(name, gone)))
			return;
		rgt_give_back_claim(&claim, RelationGetRelid(parent));
		if (TransactionIdIsValid(other))
			XactLockTableWait(other, NULL, NULL, XLTW_None);
	}
}

/* The keys that a statement took away: those of the old rows that none of the new rows has. */
static RgtKeys *
keys_gone(TriggerData *trigger, const char *column)
{
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	RgtKeys    *gone = rgt_keys_gather(trigger->tg_oldtable, desc, &column, 1);

	rgt_keys_subtract(gone, rgt_keys_gather(trigger->tg_newtable, desc, &column, 1));
	return gone;
}

/*
 * After TRUNCATE every key is gone: any row that refers to one is too much.  Nobody is under way: who has looked at
 * the table has a lock of it, and who will look waits.
 */
static void
check_truncated(const char *parent)
{
	const RgtReference *reference = NULL;
	RgtSession	session;

	rgt_begin(&session);
	while ((reference = rgt_next_reference(parent, reference)) != NULL)
	{
		RgtQuery	query = RGT_QUERY0(psprintf("SELECT %s::pg_catalog.text FROM regtarget.%s WHERE %s IS NOT NULL LIMIT 1",
												reference->column, reference->child, reference->column));
		Datum		key;
		bool		isnull;
		bool		found = rgt_one(&query, RGT_LATEST, NULL, NULL, &key, &isnull, 1);

		SPI_freeplan(query.plan);
		if (found)
			rgt_reference_violation(reference, parent, TextDatumGetCString(key), false);
	}
	rgt_end(&session);
}

/* AFTER DELETE, UPDATE or TRUNCATE, for each statement, with the old (and new) rows. */
PG_FUNCTION_INFO_V1(rgt_check_referenced);
Datum
rgt_check_referenced(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = rgt_trigger(fcinfo, "regtarget.check_referenced", NULL, RGT_AFTER_STATEMENT);
	const char *table = RelationGetRelationName(trigger->tg_relation);
	const RgtReference *any = rgt_next_reference(table, NULL);
	RgtKeys    *gone;

	if (TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event))
		check_truncated(table);
	else if (any != NULL)
	{
		/* All references to a table are to the same column. */
		gone = keys_gone(trigger, any->key);
		if (gone->n > 0)
			check_gone(trigger->tg_relation, gone);
	}
	return PointerGetDatum(NULL);
}
