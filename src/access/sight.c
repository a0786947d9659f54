/*
 * access/sight.c
 *	  Who has which duty, and what is in sight of whom: kept in the backend, never stale.
 *
 * Row security asks about every row, so the answer must cost no query: tree and duties are read
 * once, and for each role that asks an array says which duties it has over each unit.
 *
 * What makes that safe:
 * - It is read in a snapshot of all that is committed by now, whatever the isolation level: a duty
 *	 that was taken away counts no longer in a transaction that began before.
 * - Statements that write units, duties or plans send an invalidation of duties (or of plans)
 *	 through a trigger that fires in every session, replicas too; changes of roles and memberships come
 *	 as invalidations of the system's own caches.  Both reach this backend at the end of its own
 *	 command, at its rollback, and when it takes the next lock or begins the next statement after
 *	 another session's commit.
 * - What was read while this transaction had changes of its own is forgotten when any of it is rolled
 *	 back, because an invalidation of the very command that failed is never delivered.
 * - In parallel mode no newer snapshot can be had than the statement's; what is read then is kept no
 *	 longer than the statement.
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "access/access.h"
#include "access/sight.h"
#include "ledger/ledger.h"
#include "regtarget.h"
#include "units/units.h"

/* Roles whose sight is kept; with one more all are forgotten. */
#define MOST_ROLES 64

typedef struct Duty
{
	Oid			role;
	int32		unit_id;
	int			bit;
} Duty;

/* What a role may whatever its duties: known without tree and duties, which may be large. */
typedef struct Rights
{
	Oid			role;
	uint64		changes;
	bool		everything;		/* the owner's rights, or a superuser */
	bool		sees_all;		/* that, or not bound by row security */
} Rights;

/* What one role has. */
typedef struct RoleSight
{
	Oid			role;
	int			anywhere;		/* duties it has at all */
	int			at_top;			/* at units without a parent */
	int			n;
	int		   *position;		/* of the units of its duties */
	int		   *bits;
	uint8	   *over;			/* by position: duties at the unit and at all above it */
	struct RoleSight *next;
} RoleSight;

typedef struct Sight
{
	RgtValidity	valid;
	MemoryContext context;
	RgtTree    *tree;
	Duty	   *duties;
	int			n;
	int			allocated;
	MemoryContext roles_context;
	RoleSight  *roles;			/* the last to ask comes first */
	int			nroles;
} Sight;

static Rights rights;
static Sight *sight = NULL;

static uint64 sight_changes = 1;
uint64		rgt_plan_changes = 1;
static Oid	duties_relation = InvalidOid;
static Oid	plans_relation = InvalidOid;

/* ---- when to forget ---------------------------------------------------------------------------- */

static void
relation_changed(Datum arg, Oid relation)
{
	if (relation == InvalidOid || relation == duties_relation)
		sight_changes++;
	if (relation == InvalidOid || relation == plans_relation)
		rgt_plan_changes++;
}

static void
roles_changed(Datum arg, int cache, uint32 hash)
{
	sight_changes++;
}

static void
rolled_back(void)
{
	if (sight != NULL && sight->valid.own_changes)
		sight_changes++;
	rgt_plans_rolled_back();
}

static void
transaction_ended(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_ABORT || event == XACT_EVENT_PREPARE)
		rolled_back();
}

static void
subtransaction_ended(SubXactEvent event, SubTransactionId id, SubTransactionId parent, void *arg)
{
	if (event == SUBXACT_EVENT_ABORT_SUB)
		rolled_back();
}

/* Listen from the first question on; what happened before was not kept. */
void
rgt_sight_listen(void)
{
	static bool listening = false;

	duties_relation = rgt_relation("duties");
	plans_relation = rgt_relation("plans");
	if (listening)
		return;
	CacheRegisterRelcacheCallback(relation_changed, (Datum) 0);
	CacheRegisterSyscacheCallback(AUTHOID, roles_changed, (Datum) 0);
	CacheRegisterSyscacheCallback(AUTHMEMROLEMEM, roles_changed, (Datum) 0);
	CacheRegisterSyscacheCallback(DATABASEOID, roles_changed, (Datum) 0);
	CacheRegisterSyscacheCallback(NAMESPACEOID, roles_changed, (Datum) 0);
	RegisterXactCallback(transaction_ended, NULL);
	RegisterSubXactCallback(subtransaction_ended, NULL);
	listening = true;
}

RgtValidity
rgt_valid_from_now_on(uint64 changes)
{
	RgtValidity	valid = {
		.changes = changes,
		.own_changes = TransactionIdIsValid(GetTopTransactionIdIfAny()),
		.lasting = !IsInParallelMode(),
		.statement = GetCurrentStatementStartTimestamp()
	};

	return valid;
}

RgtSnapshot
rgt_newest_snapshot(void)
{
	return IsInParallelMode() ? RGT_CALLER : RGT_LATEST;
}

/*
 * AFTER each statement that writes units, duties or plans (and after each row in a session that
 * replicates, where statement triggers do not fire): every backend forgets what it knew of them.
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
	CacheInvalidateRelcacheByRelid(rgt_relation(strcmp(table, "plans") == 0 ? "plans" : "duties"));
	return PointerGetDatum(NULL);
}

/* ---- rights whatever the duties ---------------------------------------------------------------- */

static void
read_rights(Oid role)
{
	Rights		made = {.role = role};

	rgt_sight_listen();
	made.changes = sight_changes;
	made.everything = superuser_arg(role) || has_privs_of_role(role, rgt_owner());
	made.sees_all = made.everything || has_bypassrls_privilege(role);
	rights = made;
}

/* A superuser, the owner of the extension, or whoever has the owner's privileges. */
bool
rgt_may_everything(Oid role)
{
	if (rights.role != role || rights.changes != sight_changes)
		read_rights(role);
	return rights.everything;
}

/* One of those, or a role that row security does not bind. */
bool
rgt_sees_all(Oid role)
{
	if (rights.role != role || rights.changes != sight_changes)
		read_rights(role);
	return rights.sees_all;
}

/* ---- tree and duties ---------------------------------------------------------------------------- */

/* The bit of a duty by its name; 0: there is none. */
int
rgt_duty_bit(const char *duty)
{
	static const struct
	{
		const char *name;
		int			bit;
	}			names[] = {
		{"planner", RGT_PLANNER}, {"manager", RGT_MANAGER}, {"finance", RGT_FINANCE}, {"viewer", RGT_VIEWER}
	};

	for (int i = 0; i < (int) lengthof(names); i++)
	{
		if (strcmp(names[i].name, duty) == 0)
			return names[i].bit;
	}
	return 0;
}

/* A duty of a role that exists; those of others count for nobody. */
static void
add_duty(TupleTableSlot *slot, void *arg)
{
	Sight	   *made = arg;
	Duty		duty = {
		.role = get_role_oid(NameStr(*DatumGetName(slot->tts_values[0])), true),
		.unit_id = DatumGetInt32(slot->tts_values[1]),
		.bit = rgt_duty_bit(TextDatumGetCString(slot->tts_values[2]))
	};

	if (!OidIsValid(duty.role))
		return;
	RGT_GROW(made->duties, made->n, made->allocated);
	made->duties[made->n++] = duty;
}

static Sight *
read_sight(void)
{
	static RgtQuery query = RGT_QUERY0("SELECT role, unit_id, duty FROM ONLY regtarget.duties");
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "regtarget sight", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old;
	RgtSession	session;
	Sight	   *made;

	rgt_sight_listen();
	rgt_begin(&session);
	old = MemoryContextSwitchTo(context);
	made = palloc0(sizeof(Sight));
	made->context = context;
	made->valid = rgt_valid_from_now_on(sight_changes);
	made->allocated = 64;
	made->duties = palloc(sizeof(Duty) * made->allocated);
	made->tree = rgt_tree_read(rgt_newest_snapshot());
	rgt_run(&query, rgt_newest_snapshot(), NULL, NULL, add_duty, made);
	made->roles_context = AllocSetContextCreate(context, "regtarget sight of roles", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(old);
	MemoryContextSetParent(context, TopMemoryContext);
	rgt_end(&session);
	return made;
}

static Sight *
current_sight(void)
{
	if (sight == NULL || !rgt_is_valid(&sight->valid, sight_changes))
	{
		Sight	   *made = read_sight();

		if (sight != NULL)
			MemoryContextDelete(sight->context);
		sight = made;
	}
	return sight;
}

/* ---- one role ------------------------------------------------------------------------------------ */

/*
 * Does a duty of that role count for this one?  For whoever inherits it; for a superuser, who has
 * everybody's privileges, only as a member, so that it is one on record.
 */
static bool
counts_for(Oid role, Oid of)
{
	return superuser_arg(role) ? is_member_of_role_nosuper(role, of) : has_privs_of_role(role, of);
}

static void
collect_duties(const Sight *s, RoleSight *r)
{
	const RgtTree *tree = s->tree;

	for (int i = 0; i < s->n; i++)
	{
		int			p = rgt_tree_find(tree, s->duties[i].unit_id);

		if (p < 0 || !counts_for(r->role, s->duties[i].role))
			continue;
		r->position[r->n] = p;
		r->bits[r->n++] = s->duties[i].bit;
		r->anywhere |= s->duties[i].bit;
		if (tree->parent[p] < 0)
			r->at_top |= s->duties[i].bit;
		r->over[p] |= s->duties[i].bit;
	}
	for (int p = tree->roots; p < tree->n; p++)
		r->over[p] |= r->over[tree->parent[p]];
}

static RoleSight *
read_role(Sight *s, Oid role)
{
	MemoryContext old;
	RoleSight  *r;

	if (s->nroles == MOST_ROLES)
	{
		s->roles = NULL;
		s->nroles = 0;
		MemoryContextReset(s->roles_context);
	}
	old = MemoryContextSwitchTo(s->roles_context);
	r = palloc0(sizeof(RoleSight));
	r->role = role;
	r->position = palloc(sizeof(int) * Max(s->n, 1));
	r->bits = palloc(sizeof(int) * Max(s->n, 1));
	r->over = palloc_extended(Max(s->tree->n, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	collect_duties(s, r);
	MemoryContextSwitchTo(old);
	r->next = s->roles;
	s->roles = r;
	s->nroles++;
	return r;
}

/* What a role has, and the tree that its positions are of. */
static const RoleSight *
sight_of(Oid role, const RgtTree **tree)
{
	Sight	   *s = current_sight();
	RoleSight **link = &s->roles;
	RoleSight  *r = s->roles;

	*tree = s->tree;
	if (r != NULL && r->role == role)
		return r;
	for (; (r = *link) != NULL; link = &r->next)
	{
		if (r->role != role)
			continue;
		*link = r->next;
		r->next = s->roles;
		s->roles = r;
		return r;
	}
	return read_role(s, role);
}

/* The duties that a role has on record at this very unit. */
int
rgt_duties_at(Oid role, int32 unit_id)
{
	const RgtTree *tree;
	const RoleSight *r = sight_of(role, &tree);
	int			bits = 0;

	for (int i = 0; i < r->n; i++)
	{
		if (tree->unit_id[r->position[i]] == unit_id)
			bits |= r->bits[i];
	}
	return bits;
}

/* The duties that it has on record at the unit and at all units above it. */
int
rgt_duties_over(Oid role, int32 unit_id)
{
	const RgtTree *tree;
	const RoleSight *r = sight_of(role, &tree);
	int			p = rgt_tree_find(tree, unit_id);

	return p < 0 ? 0 : r->over[p];
}

/* The duties that it has on record anywhere. */
int
rgt_duties_anywhere(Oid role)
{
	const RgtTree *tree;

	return sight_of(role, &tree)->anywhere;
}

/* The duties that it has on record at units without a parent. */
int
rgt_duties_at_top(Oid role)
{
	const RgtTree *tree;

	return sight_of(role, &tree)->at_top;
}

/* The duties that it has on record at the unit without a parent that this one is below. */
int
rgt_duties_at_top_of(Oid role, int32 unit_id)
{
	const RgtTree *tree;
	const RoleSight *r = sight_of(role, &tree);
	int			p = rgt_tree_find(tree, unit_id);

	while (p >= 0 && tree->parent[p] >= 0)
		p = tree->parent[p];
	return p < 0 ? 0 : r->over[p];
}

/* Has a role any duty, or the rights to do without? */
bool
rgt_sees_anything(Oid role)
{
	return rgt_sees_all(role) || rgt_duties_anywhere(role) != 0;
}

/* Does a role see a unit?  The company's chain of the ledger, unit 0, with a duty at a unit without a parent. */
bool
rgt_in_sight(Oid role, int32 unit_id)
{
	return rgt_sees_all(role) ||
		(unit_id == RGT_COMPANY ? rgt_duties_at_top(role) : rgt_duties_over(role, unit_id)) != 0;
}

/* ---- the row of a plan ------------------------------------------------------------------------------ */

/* Is a unit of one of these duties the root of a plan, above it, or below it? */
static bool
has_duty_along(const RgtTree *tree, const RoleSight *r, int32 root, int bits)
{
	int			top = rgt_tree_find(tree, root);

	if (top < 0)
		return false;
	if (r->over[top] & bits)
		return true;
	for (int i = 0; i < r->n; i++)
	{
		int			p = r->position[i];

		if ((r->bits[i] & bits) == 0)
			continue;
		while (p >= 0 && p != top)
			p = tree->parent[p];
		if (p == top)
			return true;
	}
	return false;
}

/*
 * Does a role see a plan's row?  Planners do who have a say anywhere in it; others once it is open to
 * them and they have a duty anywhere in it, or above.
 */
bool
rgt_plan_row_in_sight(Oid role, int32 root, bool open)
{
	const RgtTree *tree;
	const RoleSight *r;

	if (rgt_sees_all(role))
		return true;
	r = sight_of(role, &tree);
	return has_duty_along(tree, r, root, open ? RGT_ANY_DUTY : RGT_PLANNER);
}
