/*
 * access/validity.c
 *	  How long what a backend has read about visibility holds: until it changes, and never longer.
 *
 * Row security asks about every row, so the answers are kept in the backend: where units stand in the
 * tree (hierarchy.c), which duties a role has (sight.c), who may see which plan (plan_sight.c).  What makes
 * that safe:
 * - They are read in a snapshot of all that is committed by now, whatever the isolation level: a duty
 *	 that was taken away counts no longer in a transaction that began before.
 * - Statements that change duties, plans or the tree send an invalidation through a trigger that fires in
 *	 every session, replicas too; changes of roles and memberships come as invalidations of the system's
 *	 own caches.  Both reach this backend at the end of its own command, at its rollback, and when it
 *	 takes the next lock or begins the next statement after another session's commit.
 * - What was read while this transaction had changes of its own is forgotten when any of it is rolled
 *	 back, because an invalidation of the very command that failed is never delivered, and new units
 *	 send none.
 * - Today's tree is another one from the day of a move that lies ahead: what was read of it holds for statements
 *	 that begin before.
 * - In parallel mode no newer snapshot can be had than the statement's; what is read then is kept no
 *	 longer than the statement.
 *
 * An invalidation names a relation.  That of the tree names the primary key's index of units, because no
 * cached plan depends on an index: a unit that moves makes nobody plan anew.  (So do ALTER TABLE, GRANT and
 * ANALYZE of units, whose invalidations count, too: who disables our trigger is noticed when he enables it.)
 */
#include "postgres.h"

#include "access/xact.h"
#include "commands/trigger.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "access/access.h"
#include "access/validity.h"
#include "regtarget.h"

uint64		rgt_changes[RGT_TOPICS] = {1, 1, 1};

static bool read_own_changes[RGT_TOPICS];
static Oid	relations[RGT_TOPICS];	/* whose invalidations are the topic's */
static Oid	units_relation = InvalidOid;

/* ---- listening --------------------------------------------------------------------------------- */

static void
relation_changed(Datum arg, Oid relation)
{
	for (int topic = 0; topic < RGT_TOPICS; topic++)
	{
		if (relation == InvalidOid || relation == relations[topic] ||
			(topic == RGT_OF_TREE && relation == units_relation))
			rgt_changes[topic]++;
	}
}

static void
roles_changed(Datum arg, int cache, uint32 hash)
{
	rgt_changes[RGT_OF_DUTIES]++;
}

/* The extension may have been dropped and made again. */
static void
schema_changed(Datum arg, int cache, uint32 hash)
{
	for (int topic = 0; topic < RGT_TOPICS; topic++)
		rgt_changes[topic]++;
}

static void
rolled_back(void)
{
	for (int topic = 0; topic < RGT_TOPICS; topic++)
	{
		if (read_own_changes[topic])
			rgt_changes[topic]++;
		read_own_changes[topic] = false;
	}
}

static void
transaction_ended(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_ABORT || event == XACT_EVENT_PREPARE)
		rolled_back();
	else if (event == XACT_EVENT_COMMIT)
		memset(read_own_changes, 0, sizeof(read_own_changes));
}

static void
subtransaction_ended(SubXactEvent event, SubTransactionId id, SubTransactionId parent, void *arg)
{
	if (event == SUBXACT_EVENT_ABORT_SUB)
		rolled_back();
}

/* The relation whose invalidation tells of a topic. */
static Oid
relation_of(RgtTopic topic)
{
	Oid			index;

	switch (topic)
	{
		case RGT_OF_DUTIES:
			return rgt_relation("duties");
		case RGT_OF_PLANS:
			return rgt_relation("plans");
		default:
			index = get_relname_relid("units_pkey", get_rel_namespace(rgt_relation("units")));
			return OidIsValid(index) ? index : rgt_relation("units");
	}
}

/* Listen from the first question on; what happened before was not kept. */
static void
listen(void)
{
	static bool listening = false;

	for (int topic = 0; topic < RGT_TOPICS; topic++)
		relations[topic] = relation_of(topic);
	units_relation = rgt_relation("units");
	if (listening)
		return;
	CacheRegisterRelcacheCallback(relation_changed, (Datum) 0);
	CacheRegisterSyscacheCallback(AUTHOID, roles_changed, (Datum) 0);
	CacheRegisterSyscacheCallback(AUTHMEMROLEMEM, roles_changed, (Datum) 0);
	CacheRegisterSyscacheCallback(DATABASEOID, roles_changed, (Datum) 0);
	CacheRegisterSyscacheCallback(NAMESPACEOID, schema_changed, (Datum) 0);
	RegisterXactCallback(transaction_ended, NULL);
	RegisterSubXactCallback(subtransaction_ended, NULL);
	listening = true;
}

/* ---- reading ----------------------------------------------------------------------------------- */

/* Called before something of a topic is read: how long it will hold. */
RgtValidity
rgt_valid_from_now_on(RgtTopic topic)
{
	RgtValidity valid;

	listen();
	valid.changes = rgt_changes[topic];
	valid.lasting = !IsInParallelMode();
	valid.statement = GetCurrentStatementStartTimestamp();
	valid.until = DT_NOEND;
	if (TransactionIdIsValid(GetTopTransactionIdIfAny()))
		read_own_changes[topic] = true;
	return valid;
}

/*
 * May something that was read later be kept with what was read before?  Not when the topic has changed
 * in between.  All of it holds no longer than its shortest-lived part.
 */
bool
rgt_add_to(RgtValidity *kept, const RgtValidity *more, RgtTopic topic)
{
	if (kept->changes != rgt_changes[topic] || more->changes != rgt_changes[topic])
		return false;
	if (!more->lasting && kept->lasting)
	{
		kept->lasting = false;
		kept->statement = more->statement;
	}
	kept->until = Min(kept->until, more->until);
	return true;
}

RgtSnapshot
rgt_newest_snapshot(void)
{
	return IsInParallelMode() ? RGT_CALLER : RGT_LATEST;
}

/* ---- telling ----------------------------------------------------------------------------------- */

/* Every backend forgets what it knows of the topic, once this transaction commits; this one with its next command. */
void
rgt_tell_change(RgtTopic topic)
{
	CacheInvalidateRelcacheByRelid(relation_of(topic));
}

/* Where the columns of units are that make the tree. */
typedef struct Columns
{
	AttrNumber	unit_id;
	AttrNumber	parent_id;
} Columns;

static bool
same_value(TupleTableSlot *old, TupleTableSlot *new, AttrNumber column)
{
	bool		old_null;
	bool		new_null;
	Datum		old_value = slot_getattr(old, column, &old_null);
	Datum		new_value = slot_getattr(new, column, &new_null);

	return old_null == new_null && (old_null || DatumGetInt32(old_value) == DatumGetInt32(new_value));
}

static bool
same_link(TupleTableSlot *old, TupleTableSlot *new, const Columns *columns)
{
	return same_value(old, new, columns->unit_id) && same_value(old, new, columns->parent_id);
}

/* The rows of an UPDATE, old and new, stand in the same order; if they did not, the answer would be no. */
static bool
same_links(TriggerData *trigger, const Columns *columns)
{
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	TupleTableSlot *old = MakeSingleTupleTableSlot(desc, &TTSOpsMinimalTuple);
	TupleTableSlot *new = MakeSingleTupleTableSlot(desc, &TTSOpsMinimalTuple);
	bool		same = true;

	tuplestore_rescan(trigger->tg_oldtable);
	tuplestore_rescan(trigger->tg_newtable);
	while (same && tuplestore_gettupleslot(trigger->tg_newtable, true, false, new))
		same = tuplestore_gettupleslot(trigger->tg_oldtable, true, false, old) && same_link(old, new, columns);
	ExecDropSingleTupleTableSlot(old);
	ExecDropSingleTupleTableSlot(new);
	return same;
}

/* Did an UPDATE or DELETE of units change where any of them stands?  (An INSERT cannot: see hierarchy.c.) */
static bool
tree_changed(TriggerData *trigger)
{
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	Columns		columns;

	if (!TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ||
		(TRIGGER_FIRED_FOR_STATEMENT(trigger->tg_event) && (trigger->tg_oldtable == NULL || trigger->tg_newtable == NULL)))
		return true;
	columns.unit_id = rgt_attnum(desc, "unit_id");
	columns.parent_id = rgt_attnum(desc, "parent_id");
	if (TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
		return !same_link(trigger->tg_trigslot, trigger->tg_newslot, &columns);
	return !same_links(trigger, &columns);
}

/*
 * AFTER each statement that writes units, past_parents, duties, plans or policies, whose time zone says when a day
 * begins; and after each row in a session that replicates, where statement triggers do not fire.
 */
PG_FUNCTION_INFO_V1(rgt_forget_sight);
Datum
rgt_forget_sight(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	bool		row = CALLED_AS_TRIGGER(fcinfo) && TRIGGER_FIRED_FOR_ROW(trigger->tg_event);
	const char *table;

	trigger = rgt_trigger(fcinfo, "regtarget.forget_sight", NULL, row ? RGT_AFTER_ROW : RGT_AFTER_STATEMENT);
	table = RelationGetRelationName(trigger->tg_relation);
	if (strcmp(table, "plans") == 0)
		rgt_tell_change(RGT_OF_PLANS);
	else if (strcmp(table, "past_parents") == 0 || strcmp(table, "policies") == 0)
		rgt_tell_change(RGT_OF_TREE);
	else if (strcmp(table, "units") != 0)
		rgt_tell_change(RGT_OF_DUTIES);
	else if (tree_changed(trigger))
		rgt_tell_change(RGT_OF_TREE);
	return PointerGetDatum(NULL);
}
