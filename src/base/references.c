/*
 * base/references.c
 *	  References between our tables, checked without declared foreign keys.
 *
 * Why not foreign keys: pg_restore -j loads an extension's tables in any order, while its
 * constraints are there from the start; every row that comes before the row it names would be lost.
 * A trigger of ours can tell a restore from ordinary work (see rgt_restoring), a foreign key cannot.
 *
 * How it is safe under concurrency without a lock of the rows referred to, which would be written for each
 * distinct key of each load:
 * - A statement that refers writes its rows and then looks for the keys it wrote, with a snapshot of all that is
 *	 committed by now; and at who is about to take such a key away, which the row itself tells.
 * - A statement that takes keys away marks the rows (deletes them), and then looks for rows that refer to them, those
 *	 of transactions under way as well (see referenced.c).
 * Both write before they look, so whoever looks last sees the other.  Nobody waits for who has other keys in hand,
 * and who looks for a million keys takes no lock at all.
 *
 * If both see each other, one waits: see check_contested() here, and referenced.c.
 *
 * A statement's keys are gathered in one walk over its transition table and looked up once each: a
 * million facts of 32 units are 32 look-ups.
 */
#include "postgres.h"

#include "access/transam.h"
#include "commands/trigger.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/procarray.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "base/key_set.h"
#include "base/references.h"
#include "regtarget.h"

#define REFERENCE(from, from_column, to, to_key, ...) \
	{.child = (from), .column = (from_column), .parent = (to), .key = (to_key), ##__VA_ARGS__}

/* Every reference there is; verify() looks for orphans along the same list. */
static RgtReference references[] = {
	REFERENCE("units", "parent_id", "units", "unit_id"),
	REFERENCE("past_parents", "unit_id", "units", "unit_id"),
	REFERENCE("past_parents", "parent_id", "units", "unit_id"),
	REFERENCE("successions", "unit_id", "units", "unit_id"),
	REFERENCE("successions", "predecessor_id", "units", "unit_id"),
	REFERENCE("duties", "unit_id", "units", "unit_id"),
	REFERENCE("months", "period", "periods", "period"),
	REFERENCE("assignments", "employee_id", "employees", "employee_id"),
	REFERENCE("assignments", "unit_id", "units", "unit_id"),
	REFERENCE("customers", "unit_id", "units", "unit_id"),
	REFERENCE("visits", "unit_id", "units", "unit_id"),
	REFERENCE("visits", "employee_id", "employees", "employee_id"),
	REFERENCE("visits", "customer_id", "customers", "customer_id"),
	REFERENCE("deals", "unit_id", "units", "unit_id"),
	REFERENCE("deals", "employee_id", "employees", "employee_id"),
	REFERENCE("deals", "customer_id", "customers", "customer_id"),
	REFERENCE("revenues", "unit_id", "units", "unit_id"),
	REFERENCE("revenues", "employee_id", "employees", "employee_id"),
	REFERENCE("revenues", "customer_id", "customers", "customer_id"),
	REFERENCE("signals", "unit_id", "units", "unit_id"),
	REFERENCE("attached_days", "unit_id", "units", "unit_id",
			  .hint = gettext_noop("Give these facts another unit where they are and count their days again with "
								   "refresh_activity(), or take the relation away with detach_facts().  See "
								   "regtarget.attached_facts.")),
	REFERENCE("attached_days", "attachment_id", "attachments", "attachment_id", .by_guard = true, .parent_stays = true),
	REFERENCE("attached_relations", "attachment_id", "attachments", "attachment_id", .by_guard = true, .parent_stays = true),
	REFERENCE("attached_strays", "attachment_id", "attachments", "attachment_id", .by_guard = true, .parent_stays = true),
	REFERENCE("adoptions", "unit_id", "units", "unit_id"),
	REFERENCE("bounds", "period", "periods", "period"),
	REFERENCE("bounds", "unit_id", "units", "unit_id"),
	REFERENCE("standings", "period", "periods", "period"),
	REFERENCE("standings", "unit_id", "units", "unit_id"),
	REFERENCE("plans", "period", "periods", "period"),
	REFERENCE("plans", "root_unit_id", "units", "unit_id"),
	REFERENCE("plan_basis", "plan_id", "plans", "plan_id"),
	REFERENCE("plan_basis", "parent_unit_id", "units", "unit_id"),
	REFERENCE("adjustments", "target_id", "targets", "target_id", .by_guard = true, .parent_stays = true),
	REFERENCE("adjustments", "unit_id", "units", "unit_id", .by_guard = true),
	REFERENCE("adjustments", "period", "periods", "period", .by_guard = true),
	REFERENCE("adjustments", "month", "months", "month", .by_guard = true),
	REFERENCE("signatures", "adjustment_id", "adjustments", "adjustment_id", .by_guard = true, .parent_stays = true),
	REFERENCE("signatures", "unit_id", "units", "unit_id", .by_guard = true),
	REFERENCE("signatures", "asking_unit_id", "units", "unit_id", .by_guard = true),
	REFERENCE("filings", "adjustment_id", "adjustments", "adjustment_id", .by_guard = true, .parent_stays = true),
	REFERENCE("filings", "unit_id", "units", "unit_id", .by_guard = true),
	REFERENCE("answers", "target_id", "targets", "target_id", .by_guard = true, .parent_stays = true),
	REFERENCE("answers", "plan_id", "plans", "plan_id", .by_guard = true),
	REFERENCE("answers", "unit_id", "units", "unit_id", .by_guard = true),
	REFERENCE("silences", "unit_id", "units", "unit_id"),
	REFERENCE("market_events", "unit_id", "units", "unit_id", .by_guard = true),
	REFERENCE("alerts", "unit_id", "units", "unit_id", .by_guard = true),
	REFERENCE("alerts", "event_id", "market_events", "event_id", .by_guard = true, .parent_stays = true),
	REFERENCE("alerts", "covered_by", "alerts", "alert_id", .by_guard = true, .parent_stays = true),
	REFERENCE("reviews", "alert_id", "alerts", "alert_id", .by_guard = true, .parent_stays = true),
	REFERENCE("reviews", "unit_id", "units", "unit_id", .by_guard = true),
	REFERENCE("reminders", "unit_id", "units", "unit_id", .by_guard = true),
	REFERENCE("reminders", "told_unit_id", "units", "unit_id", .by_guard = true),
	REFERENCE("reminders", "adjustment_id", "adjustments", "adjustment_id", .by_guard = true, .parent_stays = true),
	REFERENCE("reminders", "review_id", "reviews", "review_id", .by_guard = true, .parent_stays = true),
	REFERENCE("reviews", "adjustment_id", "adjustments", "adjustment_id", .by_guard = true, .parent_stays = true),
	REFERENCE("adjustments", "review_id", "reviews", "review_id", .by_guard = true, .parent_stays = true),
	REFERENCE("plan_bounds", "plan_id", "plans", "plan_id"),
	REFERENCE("plan_bounds", "unit_id", "units", "unit_id"),
	REFERENCE("targets", "plan_id", "plans", "plan_id", .by_guard = true),
	REFERENCE("targets", "unit_id", "units", "unit_id", .by_guard = true),
	REFERENCE("targets", "parent_unit_id", "units", "unit_id", .by_guard = true),
};

/* Which tables of a reference need triggers of ours; false: there are no more references. */
bool
rgt_reference_sides(int i, RgtReferenceSides *sides)
{
	if (i >= (int) lengthof(references))
		return false;
	sides->referencing = references[i].by_guard ? NULL : references[i].child;
	sides->referenced = references[i].parent_stays ? NULL : references[i].parent;
	return true;
}

/* ---- what is wrong ------------------------------------------------------------------------------- */

static char *
constraint_name(const RgtReference *reference)
{
	return psprintf("%s_%s_fkey", reference->child, reference->column);
}

/* Raise 23503 as a foreign key would, naming the constraint, the key and both tables. */
void
rgt_reference_violation(const RgtReference *reference, const char *at, const char *key, bool missing)
{
	ereport(ERROR,
			(errcode(ERRCODE_FOREIGN_KEY_VIOLATION),
			 missing ?
			 errmsg("insert or update on table \"%s\" violates reference \"%s\"",
					reference->child, constraint_name(reference)) :
			 errmsg("update or delete on table \"%s\" violates reference \"%s\" of table \"%s\"",
					reference->parent, constraint_name(reference), reference->child),
			 missing ?
			 errdetail("Key (%s)=(%s) is not present in table \"%s\".", reference->column, key, reference->parent) :
			 errdetail("Key (%s)=(%s) is still referred to by table \"%s\".", reference->key, key, reference->child),
			 !missing && reference->hint != NULL ? errhint("%s", rgt_text(reference->hint)) : 0,
			 err_generic_string(PG_DIAG_SCHEMA_NAME, "regtarget"),
			 err_generic_string(PG_DIAG_TABLE_NAME, at),
			 err_generic_string(PG_DIAG_CONSTRAINT_NAME, constraint_name(reference))));
}

static const RgtReference *
find_reference(const char *child, const char *column)
{
	for (int i = 0; i < (int) lengthof(references); i++)
	{
		if (strcmp(references[i].child, child) == 0 && strcmp(references[i].column, column) == 0)
			return &references[i];
	}
	elog(ERROR, "no reference is declared from %s.%s", child, column);
}

/* The references to a table, one after the other; NULL: there are no more. */
const RgtReference *
rgt_next_reference(const char *parent, const RgtReference *last)
{
	for (int i = last == NULL ? 0 : last - references + 1; i < (int) lengthof(references); i++)
	{
		if (strcmp(references[i].parent, parent) == 0)
			return &references[i];
	}
	return NULL;
}

/* Raise 23503 for a key that a guard looked up itself. */
void
rgt_missing_reference(const char *child, const char *column, const char *key)
{
	rgt_reference_violation(find_reference(child, column), child, key, true);
}

/* ---- the referencing side ------------------------------------------------------------------------ */

static Oid
key_type(const RgtLookup *parent)
{
	return TupleDescAttr(RelationGetDescr(parent->index), 0)->atttypid;
}

/*
 * Who is taking a key away that we refer to, in the row that is its now: nobody, or a transaction that may still be
 * under way.  23503 when it is gone, or has never been.
 */
static TransactionId
look_up(const RgtReference *reference, RgtLookup *parent, Datum key)
{
	rgt_lookup_keys(parent, &key);
	if (!rgt_lookup_next(parent, ForwardScanDirection))
		rgt_reference_violation(reference, reference->child, rgt_key_text(key_type(parent), key), true);
	return rgt_key_taker(parent->slot);
}

/*
 * A key that somebody is taking away, or seems to: a change of any column that is unique looks the same.  He claims
 * it before he looks for rows that refer to it, and keeps the claim when he has found none.  As long as he has no claim,
 * he has yet to look, or to look again; then he finds our rows, which are there already, and waits for us.  So
 * we must not wait for him.
 */
static void
check_contested(const RgtReference *reference, Datum key)
{
	bool		claim_was_free = false;

	for (;;)
	{
		Snapshot	snapshot = rgt_snapshot(RGT_LATEST);
		RgtLookup	parent;
		TransactionId taker;
		Oid			relation;
		Oid			type;

		rgt_lookup_begin(&parent, reference->parent, NULL, 1, AccessShareLock, snapshot);
		relation = RelationGetRelid(parent.table);
		type = key_type(&parent);
		taker = look_up(reference, &parent, key);
		rgt_lookup_end(&parent);
		UnregisterSnapshot(snapshot);
		if (!TransactionIdIsValid(taker))
			return;
		if (TransactionIdIsInProgress(taker))
		{
			if (claim_was_free)
				return;
			rgt_await_claim(relation, rgt_key_number(type, key));
			claim_was_free = true;
		}
		else if (!TransactionIdDidCommit(taker))
			return;
	}
}

/* Every key that was written must be there, in the primary key of the table that it refers to, and stay. */
static void
check_keys(const RgtReference *reference, const Datum *keys, int64 n)
{
	Snapshot	snapshot = rgt_snapshot(RGT_LATEST);
	RgtLookup	parent;

	rgt_lookup_begin(&parent, reference->parent, NULL, 1, AccessShareLock, snapshot);
	for (int64 i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (TransactionIdIsValid(look_up(reference, &parent, keys[i])))
			check_contested(reference, keys[i]);
	}
	rgt_lookup_end(&parent);
	UnregisterSnapshot(snapshot);
}

/*
 * The same for rows that no trigger looks after, by whoever has written them.  Not before: between a look and the
 * write, a key could go.
 */
void
rgt_check_reference(const char *child, const char *column, const Datum *keys, int64 n)
{
	check_keys(find_reference(child, column), keys, n);
}

/*
 * Before such rows are computed: wait for whoever is taking away a key that was read, so that what is computed
 * need not be refused when it is written.  True: somebody was, so read again.
 */
bool
rgt_await_takers(const char *child, const char *column, const Datum *keys, int64 n)
{
	Snapshot	snapshot = rgt_snapshot(RGT_LATEST);
	bool		somebody = false;
	RgtLookup	parent;

	rgt_lookup_begin(&parent, find_reference(child, column)->parent, NULL, 1, AccessShareLock, snapshot);
	for (int64 i = 0; i < n; i++)
	{
		TransactionId taker = InvalidTransactionId;

		rgt_lookup_keys(&parent, &keys[i]);
		if (rgt_lookup_next(&parent, ForwardScanDirection))
			taker = rgt_key_taker(parent.slot);
		if (!TransactionIdIsValid(taker))
			continue;
		rgt_await_claim(RelationGetRelid(parent.table), rgt_key_number(key_type(&parent), keys[i]));
		somebody = true;
	}
	rgt_lookup_end(&parent);
	UnregisterSnapshot(snapshot);
	return somebody;
}

/* The references of a table that nobody else looks after; returns how many. */
static int
references_of(const char *child, RgtReference **found, const char **columns)
{
	int			n = 0;

	for (int i = 0; i < (int) lengthof(references); i++)
	{
		if (references[i].by_guard || strcmp(references[i].child, child) != 0)
			continue;
		columns[n] = references[i].column;
		found[n++] = &references[i];
	}
	return n;
}

/* AFTER INSERT or UPDATE, for each statement, with the new rows as transition table. */
PG_FUNCTION_INFO_V1(rgt_check_references);
Datum
rgt_check_references(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = rgt_trigger(fcinfo, "regtarget.check_references", NULL, RGT_AFTER_STATEMENT);
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	RgtReference *of_table[lengthof(references)];
	const char *columns[lengthof(references)];
	int			n = references_of(RelationGetRelationName(trigger->tg_relation), of_table, columns);
	RgtKeys    *before;
	RgtKeys    *after;

	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event) && rgt_restoring())
		return PointerGetDatum(NULL);
	before = rgt_keys_gather(trigger->tg_oldtable, desc, columns, n);
	after = rgt_keys_gather(trigger->tg_newtable, desc, columns, n);
	for (int i = 0; i < n; i++)
	{
		rgt_keys_subtract(&after[i], &before[i]);
		if (after[i].n > 0)
			check_keys(of_table[i], after[i].values, after[i].n);
	}
	return PointerGetDatum(NULL);
}

/* ---- the list --------------------------------------------------------------------------------------- */

/* Every row whose reference leads nowhere, as one text each; in the caller's snapshot. */
void
rgt_orphans(RgtRowFn row, void *arg)
{
	for (int i = 0; i < (int) lengthof(references); i++)
	{
		RgtReference *reference = &references[i];

		if (reference->orphans.sql == NULL)
			reference->orphans.sql = MemoryContextStrdup(TopMemoryContext, psprintf(
				"SELECT format(%5$s, '%1$s', '%2$s', c.%2$s, '%3$s') FROM regtarget.%1$s c "
				"WHERE c.%2$s IS NOT NULL AND NOT EXISTS (SELECT FROM regtarget.%3$s p WHERE p.%4$s = c.%2$s)",
				reference->child, reference->column, reference->parent, reference->key,
				"regtarget.translated('%s.%s %s is not in %s')"));
		rgt_run(&reference->orphans, RGT_CALLER, NULL, NULL, row, arg);
	}
}

/* The list, for verify() and for whoever draws a diagram. */
PG_FUNCTION_INFO_V1(rgt_declared_references);
Datum
rgt_declared_references(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < (int) lengthof(references); i++)
	{
		Datum		values[4] = {
			CStringGetTextDatum(references[i].child), CStringGetTextDatum(references[i].column),
			CStringGetTextDatum(references[i].parent), CStringGetTextDatum(references[i].key)
		};
		bool		nulls[4] = {false};

		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}
