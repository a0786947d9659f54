/*
 * valve/request.h
 *	  What the files of the valve share: requests as they are read, and how a change goes down the
 *	  plan's tree.
 *
 * Locks, in this order, by every function of the valve:
 * 1. the plan's lock, shared (rgt_lock_plan): whoever publishes or closes has it exclusively;
 * 2. for a new request, its target's (lock_target() of request.c), so that two at once are one after the other;
 * 3. rows of targets, by depth and unit_id;
 * 4. the request's row;
 * 5. the chains of the ledger, by unit_id.
 * After the first lock everything is read again, in a snapshot of all that is committed by then.
 */
#ifndef REGTARGET_VALVE_REQUEST_H
#define REGTARGET_VALVE_REQUEST_H

#include "ledger/ledger.h"
#include "regtarget.h"

/* A request as it stands. */
typedef struct RgtRequest
{
	int64		adjustment_id;
	int64		target_id;
	int64		plan_id;
	int32		unit_id;
	text	   *month;
	Numeric		change;
	Numeric		granted;		/* NULL: nothing yet */
	char	   *requested_by;
	char	   *requested_login;	/* NULL: from before it was kept */
	char	   *status;
	Numeric		baseline;		/* of the target */
	RgtStep		step;			/* of the plan */
	Numeric		cap;
} RgtRequest;

/* ---- record.c: a request as it stands ---------------------------------------------------------- */

extern _Noreturn void rgt_unknown_request(int64 adjustment_id);
extern RgtRequest rgt_request_read(int64 adjustment_id);
extern RgtRequest rgt_request_of_caller(int64 adjustment_id);
extern void rgt_request_lock(RgtRequest *request);
extern bool rgt_request_has(const RgtRequest *request, const char *status);
extern int64 rgt_change_steps(const RgtStep *step, Numeric baseline, Numeric change);
extern RgtJson *rgt_request_details(const RgtRequest *request, const char *comment, Numeric granted);
extern void rgt_request_note(const RgtRequest *request, const char *action, const char *when, Numeric granted);
extern void rgt_request_note_asked(const RgtRequest *request, const int32 *signers, int n);
extern void rgt_require_manager(int32 unit_id);

/* ---- sign.c: who may sign ---------------------------------------------------------------------- */

/* Is somebody on record who could sign for a unit $1 other than the role $2, in SQL? */
#define RGT_SIGNER_OF(unit, requester) \
	"EXISTS (SELECT FROM regtarget.duties d JOIN pg_catalog.pg_roles r ON r.rolname = d.role " \
	"WHERE d.unit_id = " unit " AND d.duty IN ('manager', 'planner') AND d.role <> " requester ")"

/* ---- spread.c: a change goes down the tree ----------------------------------------------------- */

/*
 * Targets of one plan from a unit down as far as they are read: level by level, each level by unit_id.  The children
 * of one are a chain, by unit_id; 0 ends it, because the first row is nobody's child.
 */
typedef struct RgtSpreadRow
{
	int32		unit_id;
	int			parent;			/* index, -1 for the first */
	int			first_child;
	int			next_sibling;
	int			children;
	int64		target_id;
	int64		baseline;		/* all in steps */
	int64		penalty;
	int64		before;
	int64		amount;			/* what it becomes */
} RgtSpreadRow;

typedef struct RgtSpread
{
	int64		plan_id;
	RgtStep		step;
	RgtFraction cap;
	RgtSpreadRow *rows;
	int			n;
	int			allocated;
} RgtSpread;

extern void rgt_spread_begin(RgtSpread *spread, int64 plan_id, const RgtStep *step, Numeric cap);
extern void rgt_spread_read(RgtSpread *spread, int32 unit_id);
extern void rgt_spread_pass_down(RgtSpread *spread);
extern void rgt_spread_settle(RgtSpread *spread);
extern Datum rgt_spread_write(const RgtSpread *spread, const RgtWhy *cause, int *changed);

#endif							/* REGTARGET_VALVE_REQUEST_H */
