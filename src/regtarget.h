/*
 * regtarget.h
 *	  Table of contents: what each file offers to the others.
 *
 * Calls go downwards only: entry points (one file a room) -> plumbing (compat, query, money, tree,
 * references) -> kernel (plain C, in src/kernel).  Entry points never call each other's static
 * helpers; what two rooms need is plumbing or is named here.
 */
#ifndef REGTARGET_H
#define REGTARGET_H

#include "access/genam.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "fmgr.h"
#include "storage/lockdefs.h"
#include "utils/date.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"
#include "utils/rel.h"

#include "compat.h"

/* ---- query.c: reading and writing our own relations --------------------------------------- */

#define RGT_MAX_ARGS 16

/*
 * A constant statement, prepared once a backend; declare it static with RGT_QUERY or, where the rows are
 * found by keys and so no better plan is to be had for certain values, with RGT_KEY_QUERY.
 */
typedef struct RgtQuery
{
	const char *sql;
	int			nargs;
	Oid			argtypes[RGT_MAX_ARGS];
	bool		by_key;			/* its parameters are keys: one plan serves them all */
	SPIPlanPtr	plan;
} RgtQuery;

#define RGT_QUERY(sql_text, ...) \
	{.sql = (sql_text), .nargs = lengthof(((Oid[]){__VA_ARGS__})), .argtypes = {__VA_ARGS__}}
#define RGT_KEY_QUERY(sql_text, ...) \
	{.sql = (sql_text), .nargs = lengthof(((Oid[]){__VA_ARGS__})), .argtypes = {__VA_ARGS__}, .by_key = true}
#define RGT_QUERY0(sql_text) {.sql = (sql_text)}

typedef enum RgtSnapshot
{
	RGT_CALLER,					/* read only, with the snapshot of the calling statement */
	RGT_FRESH,					/* read or write, with a new snapshot where the isolation level has one */
	RGT_LATEST					/* read only, all that is committed by now, under any isolation level */
} RgtSnapshot;

typedef struct RgtSession
{
	Oid			user;
	int			sec_context;
} RgtSession;

typedef enum RgtFiring
{
	RGT_BEFORE_ROW,
	RGT_AFTER_ROW,
	RGT_AFTER_STATEMENT
} RgtFiring;

/* Called for every row; all attributes of the slot are deformed. */
typedef void (*RgtRowFn) (TupleTableSlot *slot, void *arg);

extern void rgt_begin(RgtSession *session);
extern void rgt_end(RgtSession *session);
extern uint64 rgt_run(RgtQuery *query, RgtSnapshot snapshot, const Datum *values, const char *nulls,
					  RgtRowFn row, void *arg);
extern uint64 rgt_run_into(RgtQuery *query, RgtSnapshot snapshot, const Datum *values,
						   const char *nulls, DestReceiver *dest);
extern uint64 rgt_run_rows(const char *sql, Tuplestorestate *rows, TupleDesc desc, DestReceiver *dest);
extern bool rgt_one(RgtQuery *query, RgtSnapshot snapshot, const Datum *values, const char *nulls,
					Datum *result, bool *isnull, int nresults);

extern Oid	rgt_owner(void);
extern _Noreturn void rgt_too_new(const char *what);
extern bool rgt_restoring(void);
extern Oid	rgt_relation(const char *name);
extern void rgt_lock_object(Oid relation, LOCKMODE mode);
extern void rgt_lock_plan(int64 plan_id, LOCKMODE mode);
extern _Noreturn void rgt_wrong_trigger(const char *function);
extern TriggerData *rgt_trigger(FunctionCallInfo fcinfo, const char *function, const char *table,
								RgtFiring firing);
extern void rgt_each_row(Tuplestorestate *rows, TupleDesc desc, RgtRowFn row, void *arg);
extern AttrNumber rgt_attnum(TupleDesc desc, const char *name);

/* ---- lookup.c: rows of our tables, without a statement ------------------------------------- */

#define RGT_LOOKUP_KEYS 2

typedef struct RgtLookup
{
	Relation	table;
	Relation	index;
	int			nkeys;
	Snapshot	snapshot;
	IndexScanDesc scan;
	TupleTableSlot *slot;		/* the row that was found last */
} RgtLookup;

extern Snapshot rgt_snapshot(RgtSnapshot which);
extern void rgt_lookup_begin(RgtLookup *lookup, const char *table, const char *index, int nkeys, LOCKMODE mode,
							 Snapshot snapshot);
extern bool rgt_lookup_begin_by(RgtLookup *lookup, const char *table, AttrNumber column, int nkeys, LOCKMODE mode,
								Snapshot snapshot);
extern void rgt_lookup_keys(RgtLookup *lookup, const Datum *keys);
extern void rgt_lookup_from(RgtLookup *lookup, const Datum *keys);
extern void rgt_lookup_days(RgtLookup *lookup, DateADT first, DateADT past);
extern bool rgt_lookup_next(RgtLookup *lookup, ScanDirection direction);
extern void rgt_lookup_by_key(RgtLookup *lookup);
extern bool rgt_lookup_next_key(RgtLookup *lookup, int32 *key);
extern bool rgt_lookup_row(RgtLookup *lookup);
extern bool rgt_lock_row(Relation table, Snapshot snapshot, ItemPointer tid, TupleTableSlot *slot);
extern void rgt_lookup_end(RgtLookup *lookup);
extern void rgt_each_stored(const char *table, Snapshot snapshot, int columns, RgtRowFn row, void *arg);
extern bool rgt_row_by_key(const char *table, int64 key, Snapshot snapshot, const char *const *columns, int n,
						   Datum *values, bool *isnull);

/* ---- references.c: references between our tables ------------------------------------------- */

extern _Noreturn void rgt_missing_reference(const char *child, const char *column, const char *key);

extern void rgt_orphans(RgtRowFn row, void *arg);

/* ---- argument.c: the arguments of public functions ---------------------------------------- */

extern text *rgt_required_text(FunctionCallInfo fcinfo, int arg, const char *name);
extern void rgt_require(FunctionCallInfo fcinfo, int arg, const char *name);
extern DateADT rgt_required_day(FunctionCallInfo fcinfo, int arg, const char *name);
extern int32 rgt_unit_by_code(text *code);
extern char *rgt_unit_name(int32 unit_id);

typedef struct RgtPeriod
{
	text	   *period;
	DateADT		first;			/* first day */
	DateADT		end;			/* the day after the last */
} RgtPeriod;

extern RgtPeriod rgt_period(text *period);
extern DateADT rgt_month_start(DateADT day, int add);
extern char *rgt_date_text(DateADT day);

/* ---- periods.c: periods in their order --------------------------------------------------------- */

extern void rgt_lock_periods(DateADT last);
extern int64 *rgt_lock_open_plans(DateADT end, int *n);
extern bool rgt_next_period(const RgtPeriod *period, RgtSnapshot snapshot, RgtPeriod *next);

/* ---- policy.c: the rules in force ---------------------------------------------------------- */

typedef struct RgtPolicy
{
	DateADT		effective_from;
	Numeric		cap;
	Numeric		penalty_rate;
	int			window_months;
	double		min_coverage;
	bool		actuals_are_revenues;
	int			penalty_quarters;
	bool		silence_counts;
	int			regret_days;
	int			sign_levels;	/* PG_INT32_MAX: all */
} RgtPolicy;

extern RgtPolicy rgt_policy(DateADT day, RgtSnapshot snapshot);
extern bool rgt_find_policy(DateADT day, RgtSnapshot snapshot, RgtPolicy *policy);

/* ---- sight.c: who has which duty, and what is in sight of whom -------------------------------- */

/* Duties, as bits. */
#define RGT_PLANNER 1
#define RGT_MANAGER 2
#define RGT_FINANCE 4
#define RGT_VIEWER 8
#define RGT_ANY_DUTY 15

extern int	rgt_duty_bit(const char *duty);
extern bool rgt_may_everything(Oid role);
extern bool rgt_sees_all(Oid role);
extern int	rgt_duties_at(Oid role, int32 unit_id);
extern int	rgt_duties_over(Oid role, int32 unit_id);
extern int	rgt_duties_anywhere(Oid role);
extern int	rgt_duties_at_top(Oid role);
extern int	rgt_duties_at_top_of(Oid role, int32 unit_id);
extern bool rgt_in_sight(Oid role, int32 unit_id);
extern bool rgt_plan_row_in_sight(Oid role, int32 root, bool open);

/* ---- plan_sight.c: the same of what plans say --------------------------------------------------- */

extern bool rgt_plan_in_sight(Oid role, int64 plan_id, int32 unit_id);
extern bool rgt_may_write_draft(Oid role, int64 plan_id);
extern bool rgt_may_update_target(Oid role, int64 plan_id, int32 unit_id);

/* ---- access.c: the caller, and what he may do -------------------------------------------------- */

extern Oid	rgt_caller(void);
extern char *rgt_caller_name(void);
extern void rgt_require_planner(int32 unit_id);
extern void rgt_require_planner_of_plan(int64 plan_id);
extern void rgt_require_top_planner(void);
extern void rgt_require_sight(int32 unit_id);

/* ---- json.c: small objects for ledger and notices --------------------------------------------- */

typedef struct RgtJson RgtJson;

extern RgtJson *rgt_json(void);
extern void rgt_json_text(RgtJson *json, const char *key, const char *value);
extern void rgt_json_int(RgtJson *json, const char *key, int64 value);
extern void rgt_json_bool(RgtJson *json, const char *key, bool value);
extern void rgt_json_numeric(RgtJson *json, const char *key, Numeric value);
extern Datum rgt_json_done(RgtJson *json);

/* ---- ledger.c: the chains ---------------------------------------------------------------------- */

/* The chain of the company itself: publishing, closing, duties. */
#define RGT_COMPANY 0

typedef struct RgtEntry
{
	int32		unit_id;
	const char *action;
	Datum		details;		/* jsonb */
} RgtEntry;

extern void rgt_ledger_append(RgtEntry *entries, int n);
extern void rgt_ledger_note(int32 unit_id, const char *action, RgtJson *details);

/* Why the amounts of the next statement change; the entries of the changes say so. */
typedef struct RgtCause
{
	const char *action;			/* a constant, of the entry of the unit itself: adjustment_applied, respread */
	int64		adjustment_id;	/* 0: none */
	int32		unit_id;		/* the unit whose own change it is; 0: none */
} RgtCause;

extern void rgt_ledger_cause(const RgtCause *cause);

extern char *rgt_plan_digest(int64 plan_id, RgtSnapshot snapshot, int64 *units);

/* Called for each thing that is wrong, in words. */
typedef void (*RgtTellFn) (const char *what, void *arg);

extern void rgt_ledger_check(RgtTellFn tell, void *arg);

/* ---- valve_guard.c: writing the tables of the valve ------------------------------------------- */

extern uint64 rgt_valve_write(RgtQuery *query, const Datum *values, const char *nulls, RgtRowFn row, void *arg);

/* ---- activity_read.c: what units did in a span of days ------------------------------------------ */

/* What a unit itself did, not those below it. */
typedef struct RgtActivity
{
	int32		unit_id;
	int64		visits;
	int64		won;
	int64		lost;
	int64		revenues;		/* 0 when not asked for */
	Numeric		won_amount;		/* exactly; NULL: 0, or not asked for */
	Numeric		revenue_amount;
} RgtActivity;

typedef void (*RgtActivityFn) (const RgtActivity *activity, void *arg);

/* What is read besides visits, won and lost. */
#define RGT_WON_AMOUNT 1
#define RGT_REVENUE_AMOUNT 2
#define RGT_REVENUES 4

extern void rgt_activity(RgtSnapshot which, DateADT first, DateADT past, int wanted, RgtActivityFn tell, void *arg);
extern void rgt_activity_before(RgtSnapshot which, DateADT past, const int32 *units, int n, RgtActivityFn tell, void *arg);

/* ---- activity_recount.c: what the facts say ----------------------------------------------------- */

extern void rgt_stale_activity(RgtRowFn row, void *arg);

/* ---- plan_status.c: the plan's row ---------------------------------------------------------- */

extern void rgt_write_plan(RgtQuery *query, const Datum *values, const char *nulls, int64 plan_id);
extern uint64 rgt_plan_writes(void);

/* ---- money.c: amounts as whole numbers of steps -------------------------------------------- */

#define RGT_MAX_STEPS INT64CONST(10000000000000000) /* 10^16 */

typedef struct RgtStep
{
	Numeric		numeric;		/* the step as given */
	int64		units;			/* step = units x 10^-scale */
	int			scale;
	Numeric		factor;			/* 10^scale */
	Numeric		limit;			/* amounts from here on take the slow way, */
	Numeric		least;			/* and those from here downwards */
} RgtStep;

typedef enum RgtFit
{
	RGT_FITS,					/* a whole number of steps */
	RGT_OFF_STEP,				/* between two; rounded towards minus infinity */
	RGT_TOO_LARGE				/* above 10^16 steps either way */
} RgtFit;

extern void rgt_step_init(RgtStep *step, Numeric value);
extern RgtFit rgt_to_steps(const RgtStep *step, Numeric amount, int64 *steps);
extern Numeric rgt_to_amount(const RgtStep *step, int64 steps);
extern char *rgt_amount_text(const RgtStep *step, int64 steps);
extern char *rgt_numeric_text(Numeric value);
extern bool rgt_is_finite(Numeric value);

/* ---- apportion.c: the kernel as a caller sees it -------------------------------------------- */

struct rgk_trouble;

extern int64 rgt_total_steps(const RgtStep *step, Numeric total);
extern int64 rgt_floor_steps(const RgtStep *step, Numeric at_least);
extern int64 rgt_ceiling_steps(const RgtStep *step, Numeric at_most);
extern void rgt_apportion_error(int status, const struct rgk_trouble *trouble, const RgtStep *step,
								const char *where, const char *who);

/* A fraction in [0, 1) as a whole number of 10^-18, for exact products with steps. */
typedef int64 RgtFraction;
#define RGT_ONE INT64CONST(1000000000000000000)

extern RgtFraction rgt_fraction(Numeric value);
extern int64 rgt_penalty_steps(int64 suggested, RgtFraction rate);
extern int64 rgt_cap_steps(int64 baseline, RgtFraction cap);

/* ---- tree.c: the organisation in memory ---------------------------------------------------- */

/*
 * Units in an order that puts every parent before its children and keeps siblings together, by
 * unit_id: the children of position p are first_child[p] .. first_child[p] + children[p] - 1.
 * Roots come first.  One pass from the back rolls sums up, one from the front hands totals down.
 */
typedef struct RgtTree
{
	int			n;
	int			roots;
	int32	   *unit_id;
	int		   *parent;			/* position, -1 for a root */
	int		   *first_child;
	int		   *children;
	DateADT    *opened_on;		/* DATEVAL_NOBEGIN when not known */
	DateADT    *closed_on;		/* DATEVAL_NOEND when open */
	/* From ids to positions: by_id[id - least_id] - 1, or where that is NULL by search. */
	int		   *by_id;
	int32		least_id;
	int64		span;
	int32	   *ids;			/* sorted, nids of them */
	int		   *position;
	int			nids;
} RgtTree;

extern RgtTree *rgt_tree_read(RgtSnapshot which);
extern int	rgt_tree_find(const RgtTree *tree, int32 unit_id);
extern bool rgt_tree_open(const RgtTree *tree, int position, DateADT day);
extern int	rgt_tree_depth(const RgtTree *tree, int position);
extern void rgt_tree_sum_up(const RgtTree *tree, double *values);

/* ---- signals.c: every number about a unit on a day ------------------------------------------ */

/* One signal of every unit of a tree; known[p] says whether value[p] means anything. */
typedef struct RgtSignal
{
	double	   *value;
	bool	   *known;
} RgtSignal;

typedef struct RgtSignals RgtSignals;

extern RgtSignals *rgt_signals(const RgtTree *tree, DateADT as_of, RgtSnapshot snapshot);
extern const RgtSignal *rgt_signal(RgtSignals *signals, const char *name);
extern const RgtSignal *rgt_signal_coverage(RgtSignals *signals);
extern bool rgt_signal_is_computed(const char *name);

/* ---- factors.c, weights.c: from signals to the weights of siblings --------------------------- */

/* One signal that counts in a split, as table `factors` or the caller has it. */
typedef struct RgtFactor
{
	char	   *signal;
	char	   *factor;
	double		weight;
	char	   *scaled_by;		/* NULL: plain shares */
} RgtFactor;

typedef struct RgtFactors
{
	int			n;
	RgtFactor  *factor;
} RgtFactors;

extern RgtFactors rgt_factors(Jsonb *weights, RgtSnapshot snapshot);

/* What one signal contributed to the split of one parent: arrays over the n children. */
typedef struct RgtBasis
{
	const RgtFactor *factor;
	double		weight;			/* in effect here; those of all signals add up to 1 */
	int			n;
	double	   *value;
	bool	   *imputed;
	double	   *scale;			/* NULL: plain shares */
	double	   *share;
} RgtBasis;

typedef void (*RgtBasisFn) (int32 parent, const int32 *unit_ids, const RgtBasis *basis, void *arg);

typedef struct RgtWeights RgtWeights;

extern RgtWeights *rgt_weights_begin(const RgtTree *tree, RgtSignals *signals, RgtFactors factors, int largest);
extern bool rgt_weights_of(RgtWeights *weights, const int *positions, int n, double *weight);
extern const RgtBasis *rgt_weights_basis(const RgtWeights *weights, int *n);

/* ---- split.c: a total handed down a tree ------------------------------------------------------ */

/* What to split; arrays run over the positions of the tree and may be NULL. */
typedef struct RgtSplitJob
{
	const RgtTree *tree;
	RgtSignals *signals;
	RgtFactors	factors;
	int			root;			/* position */
	DateADT		day;			/* units open on it take part */
	RgtStep		step;
	int64		total;
	int64	   *at_least;
	int64	   *at_most;
	RgtFraction *rate;			/* penalty of each unit */
	RgtBasisFn	basis;			/* called for each parent and signal */
	void	   *basis_arg;
} RgtSplitJob;

/* The parts: member 0 is the root; parents before their children, siblings together by unit_id. */
typedef struct RgtSplit
{
	int			n;
	int		   *position;
	int		   *parent;			/* member, -1 for the root */
	int		   *first_child;
	int		   *children;
	int64	   *suggested;
	int64	   *penalty;
} RgtSplit;

extern RgtSplit *rgt_split_members(const RgtSplitJob *job);
extern void rgt_split(const RgtSplitJob *job, RgtSplit *split);

#endif							/* REGTARGET_H */
