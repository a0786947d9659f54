/*
 * base/caller.c
 *	  On whose behalf a function of ours runs, and which statements are our own.
 *
 * The role in force is the one whose rights PostgreSQL itself would check where a function is called: after
 * SET ROLE that role; inside a SECURITY DEFINER function, a trigger or a foreign key's action the role that it
 * runs as, whoever stands outside.  That is GetUserId() at the entry of a function that is not SECURITY
 * DEFINER.  So no public function of ours is: rgt_enter() takes the role down and then makes the extension's
 * owner the current user, because what is computed and what is guarded must not depend on what the caller may
 * see.
 *
 * A stretch of work as the owner lasts from rgt_enter() or rgt_begin() to rgt_end().  Stretches nest: a
 * statement of ours fires triggers of ours, which begin stretches of their own on behalf of the same caller,
 * and perhaps a trigger of somebody else, whose calls are on behalf of the role that the trigger runs as.
 * Which of the two it is, the depth of triggers tells: our statement fires its triggers one level deeper than
 * its stretch began.
 *
 * An error ends a stretch without rgt_end().  PostgreSQL puts the current user back; what is noted here is
 * dropped when the (sub)transaction that it began in aborts.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "miscadmin.h"
#include "tcop/utility.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/rls.h"

#include "regtarget.h"

#define SEARCH_PATH "pg_catalog, pg_temp"

typedef struct Stretch
{
	Oid			caller;			/* role in force where it began */
	Oid			owner;			/* current user in it */
	int			trigger_depth;	/* how many triggers it began inside of */
	int			nest_level;		/* of the (sub)transaction that it began in */
} Stretch;

static Stretch *stretches = NULL;	/* the innermost last */
static int	nstretches = 0;
static int	allocated = 0;

static void
drop_from_level(int nest_level)
{
	while (nstretches > 0 && stretches[nstretches - 1].nest_level >= nest_level)
		nstretches--;
}

static void
transaction_ended(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_ABORT || event == XACT_EVENT_COMMIT || event == XACT_EVENT_PREPARE)
		nstretches = 0;
}

static void
subtransaction_ended(SubXactEvent event, SubTransactionId id, SubTransactionId parent, void *arg)
{
	if (event == SUBXACT_EVENT_ABORT_SUB)
		drop_from_level(GetCurrentTransactionNestLevel());
}

static int
trigger_depth(void)
{
	return DatumGetInt32(DirectFunctionCall1(pg_trigger_depth, (Datum) 0));
}

/* Is what is running so many triggers below the innermost stretch, and with its rights? */
static bool
is_inside(int triggers)
{
	const Stretch *innermost;

	if (nstretches == 0)
		return false;
	innermost = &stretches[nstretches - 1];
	return GetUserId() == innermost->owner && innermost->trigger_depth + triggers == trigger_depth();
}

static void
note_stretch(Oid caller)
{
	if (stretches == NULL)
	{
		RegisterXactCallback(transaction_ended, NULL);
		RegisterSubXactCallback(subtransaction_ended, NULL);
		stretches = MemoryContextAlloc(TopMemoryContext, sizeof(Stretch) * 8);
		allocated = 8;
	}
	RGT_GROW(stretches, nstretches, allocated);
	stretches[nstretches].caller = caller;
	stretches[nstretches].owner = GetUserId();
	stretches[nstretches].trigger_depth = trigger_depth();
	stretches[nstretches++].nest_level = GetCurrentTransactionNestLevel();
}

/*
 * Names in our statements must not mean what the caller has put in his search_path: what stands there would run
 * with the owner's rights.  An error unwinds the setting with the (sub)transaction.
 */
static int
pin_search_path(void)
{
	int			level;

	if (strcmp(namespace_search_path, SEARCH_PATH) == 0)
		return 0;
	level = NewGUCNestLevel();
	(void) set_config_option("search_path", SEARCH_PATH, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	return level;
}

static void
check_release(void)
{
	if (unlikely(!rgt_release_is_known))
		rgt_check_release();
}

static void
become_owner(RgtSession *session)
{
	rgt_bind_languages();
	check_release();
	GetUserIdAndSecContext(&session->user, &session->sec_context);
	session->depth = nstretches;
	session->guc_level = 0;
	SetUserIdAndSecContext(rgt_owner(), session->sec_context | SECURITY_LOCAL_USERID_CHANGE |
						   SECURITY_NOFORCE_RLS);
	SPI_connect();
}

/* Start a stretch at the entry of a public function: on behalf of the role that is in force there. */
void
rgt_enter(RgtSession *session)
{
	Oid			caller = GetUserId();

	become_owner(session);
	session->guc_level = pin_search_path();
	note_stretch(caller);
}

/*
 * The same for a function that writes: 25006 on a standby and in a transaction that is read only, before any lock
 * is asked for that cannot be had there.
 */
void
rgt_enter_to_write(RgtSession *session, const char *function)
{
	PreventCommandIfReadOnly(function);
	PreventCommandDuringRecovery(function);
	rgt_enter(session);
}

/*
 * Start a stretch in a trigger or in row security.  Their statements are qualified to the last operator, so no
 * search_path is pinned.  Within a function of ours, and in a trigger that its statement fires, the caller is that
 * function's; elsewhere it is the role in force.
 */
void
rgt_begin(RgtSession *session)
{
	Oid			caller = rgt_own_work() || rgt_own_statement() ? stretches[nstretches - 1].caller : GetUserId();

	become_owner(session);
	note_stretch(caller);
}

/* End a stretch: back to the role that was in force, and to the memory context from before it. */
void
rgt_end(RgtSession *session)
{
	nstretches = session->depth;
	SPI_finish();
	SetUserIdAndSecContext(session->user, session->sec_context);
	if (session->guc_level != 0)
		AtEOXact_GUC(true, session->guc_level);
}

/* Is the innermost stretch the code that is running, not a trigger that it fired? */
bool
rgt_own_work(void)
{
	return is_inside(0);
}

/*
 * In a trigger: is the statement that fires it one that a function of ours runs?  Only then do the guards let
 * it write what nobody writes by hand.
 */
bool
rgt_own_statement(void)
{
	return is_inside(1);
}

/*
 * The role on whose behalf: of the stretch that is at work, else the role in force.  What others have granted
 * and taken away by now counts.
 */
Oid
rgt_caller(void)
{
	AcceptInvalidationMessages();
	check_release();
	return rgt_own_work() || rgt_own_statement() ? stretches[nstretches - 1].caller : GetUserId();
}

char *
rgt_caller_name(void)
{
	return GetUserNameFromId(rgt_caller(), false);
}

/* Who has logged in, whatever role is in force. */
char *
rgt_login_name(void)
{
	return GetUserNameFromId(GetSessionUserId(), false);
}

/*
 * Is this a session that restores a dump?  pg_dump and pg_restore switch both settings off.  There our
 * triggers leave rows as they are and read no other table, because tables may be loaded in any order.  A user
 * can set both, too; so it takes the owner's rights besides, who could disable the triggers as well, and a
 * statement that no function of ours runs.  What must hold is checked again when a plan is published, and
 * verify() finds the rest.
 */
bool
rgt_restoring(void)
{
	return !check_function_bodies && !row_security && !rgt_own_statement() &&
		has_privs_of_role(GetUserId(), rgt_owner());
}
