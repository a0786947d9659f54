/*
 * regtarget.h
 *	  What every file of the extension may use: the plumbing in src/base.
 *
 * Each room (a folder of src/, or a file there) says in a header of its own name what it offers to the
 * others; other headers of a room are for its own files.
 */
#ifndef REGTARGET_H
#define REGTARGET_H

#include <inttypes.h>

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

/* In place of a unit's key: the company itself, in the ledger and where it is asked who sees what. */
#define RGT_COMPANY 0

/* ---- what C has no word for --------------------------------------------------------------- */

/* -1, 0 or 1 by the order of two numbers. */
#define RGT_ORDER(a, b) (((a) > (b)) - ((a) < (b)))

/*
 * Make room for one more element behind the first n of an array, of which so many are allocated, where it is
 * in memory.
 */
#define RGT_GROW(array, n, allocated) \
	do { \
		if ((n) == (allocated)) \
		{ \
			(allocated) *= 2; \
			(array) = repalloc_huge((array), sizeof(*(array)) * (Size) (allocated)); \
		} \
	} while (0)

/* Order elements that begin with a unit_id by it: for qsort() and bsearch(). */
static inline int
rgt_order_by_unit(const void *a, const void *b)
{
	return RGT_ORDER(*(const int32 *) a, *(const int32 *) b);
}

/* ---- base/languages.c: texts in the language of lc_messages ---------------------------------- */

/* Our own catalogues: what ereport() looks its texts up in, in every file that includes this one. */
#undef TEXTDOMAIN
#define TEXTDOMAIN PG_TEXTDOMAIN("regtarget")

/* A text that a user reads and that is not itself an argument of errmsg() and its like. */
#define rgt_text(english) dgettext(TEXTDOMAIN, english)

extern void rgt_bind_languages(void);
extern void rgt_next_sentence(StringInfo said);

/* ---- base/caller.c: on whose behalf, and which statements are our own ------------------------ */

/*
 * A stretch of work as the extension's owner.  In it, SPI is connected: what is allocated in the current memory
 * context goes with rgt_end(), which puts back the context that was current at the beginning.  So what outlives
 * a stretch is copied to a context of its caller's; rgt_run() and its like leave the current context as it was.
 */
typedef struct RgtSession
{
	Oid			user;			/* who was current before */
	int			sec_context;
	int			depth;			/* how many stretches were under way */
	int			guc_level;		/* of the search_path that was pinned; 0: it was already */
} RgtSession;

extern void rgt_enter(RgtSession *session);
extern void rgt_enter_to_write(RgtSession *session, const char *function);
extern void rgt_begin(RgtSession *session);
extern void rgt_end(RgtSession *session);
extern bool rgt_own_work(void);
extern bool rgt_own_statement(void);
extern Oid	rgt_caller(void);
extern char *rgt_caller_name(void);
extern char *rgt_login_name(void);
extern bool rgt_restoring(void);

/* ---- base/release.c: is the catalog of the library's own release? ------------------------------- */

extern bool rgt_release_is_known;
extern void rgt_check_release(void);
extern void rgt_watch_release(void);

/* ---- base/query.c: reading and writing our own relations ------------------------------------ */

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

/*
 * The moment of a step, in a statement: not that of its transaction, which may have begun long before, and never
 * before what the step follows, even if the server's clock has been put back.
 */
#define RGT_MOMENT_AFTER(moments) "greatest(clock_timestamp(), " moments ")"

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

typedef enum RgtFiring
{
	RGT_BEFORE_ROW,
	RGT_AFTER_ROW,
	RGT_AFTER_STATEMENT
} RgtFiring;

/* Called for every row; all attributes of the slot are deformed. */
typedef void (*RgtRowFn) (TupleTableSlot *slot, void *arg);

/* Called for each thing that verify() finds wrong, in words. */
typedef void (*RgtTellFn) (const char *what, void *arg);

extern uint64 rgt_run(RgtQuery *query, RgtSnapshot snapshot, const Datum *values, const char *nulls,
					  RgtRowFn row, void *arg);
extern uint64 rgt_run_into(RgtQuery *query, RgtSnapshot snapshot, const Datum *values,
						   const char *nulls, DestReceiver *dest);
extern uint64 rgt_run_rows(const char *sql, Tuplestorestate *rows, TupleDesc desc, DestReceiver *dest);
extern uint64 rgt_read_rows(const char *sql, Tuplestorestate *rows, TupleDesc desc, RgtRowFn row, void *arg);
extern DestReceiver *rgt_result(FunctionCallInfo fcinfo);
extern uint64 rgt_run_arguments(RgtQuery *query, FunctionCallInfo fcinfo, DestReceiver *dest);
extern bool rgt_one(RgtQuery *query, RgtSnapshot snapshot, const Datum *values, const char *nulls,
					Datum *result, bool *isnull, int nresults);
extern Datum rgt_int_array(const int32 *values, int n);

extern Oid	rgt_owner(void);
extern _Noreturn void rgt_too_new(const char *message);
extern Oid	rgt_relation(const char *name);
extern _Noreturn void rgt_wrong_trigger(const char *function);
extern TriggerData *rgt_trigger(FunctionCallInfo fcinfo, const char *function, const char *table,
								RgtFiring firing);
extern void rgt_each_row(Tuplestorestate *rows, TupleDesc desc, RgtRowFn row, void *arg);
extern AttrNumber rgt_attnum(TupleDesc desc, const char *name);

/* ---- base/keys.c: generated keys ------------------------------------------------------------ */

extern bool rgt_overruled(Relation relation, AttrNumber column);
extern int64 rgt_next_key(const char *sequence);

/* ---- base/locks.c: locks of one thing, and of many ------------------------------------------ */

#define RGT_LOCK_BUCKETS 256
#define RGT_FEW_LOCKS 64

/* What a statement locks: the keys of a few things, or the buckets of many. */
typedef struct RgtLocks
{
	int			n;				/* different keys; not counted further than one more than a few */
	uint64		keys[RGT_FEW_LOCKS];
	uint64		buckets[RGT_LOCK_BUCKETS / 64]; /* a bit each */
	bool		by_bucket;		/* how they were claimed */
	int			taken;
} RgtLocks;

extern void rgt_lock_object(Oid relation, LOCKMODE mode);
extern void rgt_lock_thing(Oid relation, uint64 key, LOCKMODE mode);
extern void rgt_lock_plan(int64 plan_id, LOCKMODE mode);
extern void rgt_need_lock(RgtLocks *locks, uint64 key);
extern void rgt_lock_things(RgtLocks *locks, Oid relation, LOCKMODE mode);
extern void rgt_claim(RgtLocks *keys, Oid relation);
extern void rgt_give_back_claim(RgtLocks *keys, Oid relation);
extern void rgt_await_claim(Oid relation, uint64 key);

/* ---- base/lookup.c: rows of our tables, without a statement --------------------------------- */

#define RGT_LOOKUP_KEYS 3

typedef struct RgtLookup
{
	Relation	table;
	Relation	index;
	int			nkeys;
	Snapshot	snapshot;
	IndexScanDesc scan;
	TupleTableSlot *slot;		/* the row that was found last */
} RgtLookup;

/* The transactions that write, at some moment. */
typedef struct RgtWriters
{
	TransactionId next;			/* to begin */
	bool		others;			/* was another than ours under way? */
} RgtWriters;

extern Snapshot rgt_snapshot(RgtSnapshot which);
extern RgtWriters rgt_writers(void);
extern bool rgt_nobody_wrote_since(const RgtWriters *before);
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
extern TransactionId rgt_key_taker(TupleTableSlot *slot);
extern bool rgt_lock_row(Relation table, Snapshot snapshot, ItemPointer tid, TupleTableSlot *slot);
extern void rgt_lookup_end(RgtLookup *lookup);
extern void rgt_each_stored(const char *table, Snapshot snapshot, int columns, RgtRowFn row, void *arg);
extern AttrNumber rgt_column(const char *table, const char *column);
extern bool rgt_any_stored(const char *table, Snapshot snapshot, int columns,
						   bool (*wanted) (TupleTableSlot *slot, const void *arg), const void *arg);
extern void rgt_each_stored_of(const char *table, const char *column, const int32 *keys, int n, Snapshot snapshot,
							   RgtRowFn row, void *arg);
extern bool rgt_row_by_key(const char *table, int64 key, Snapshot snapshot, const char *const *columns, int n,
						   Datum *values, bool *isnull);

/* ---- base/past.c: where units stand on a day -------------------------------------------------- */

/* A unit and its parent (0: none). */
typedef struct RgtParent
{
	int32		unit_id;
	int32		parent_id;
} RgtParent;

/* Units that have another parent than units.parent_id says, by unit_id. */
typedef struct RgtParents
{
	RgtParent  *parents;
	int			n;
	DateADT		next;			/* the next day on which some unit moves; DATEVAL_NOEND: none */
} RgtParents;

extern RgtParents rgt_parents_on(Snapshot snapshot, DateADT day);
extern RgtParents rgt_parents_today(Snapshot snapshot, TimestampTz *until);
extern const RgtParent *rgt_find_parent(const RgtParents *parents, int32 unit_id);
extern DateADT rgt_today(Snapshot snapshot);
extern DateADT rgt_today_by_clock(Snapshot snapshot);

/* ---- base/memory.c: what a function remembers within a statement ---------------------------- */

/* A function's own struct begins with it. */
typedef struct RgtMemory
{
	MemoryContext context;
	TransactionId xmin;			/* the snapshot that it holds for */
	TransactionId xmax;
	uint32		xcnt;
	int32		subxcnt;		/* on a standby all that run are among these */
	CommandId	command;
	uint64		completed;
} RgtMemory;

extern void *rgt_memory(FunctionCallInfo fcinfo, Size size);
extern void *rgt_shared_memory(FunctionCallInfo fcinfo, const char *what, Size size);
extern Datum rgt_row(FunctionCallInfo fcinfo, RgtMemory *memory, TupleDesc *desc, Datum *values, bool *nulls);

/* ---- base/references.c: references between our tables --------------------------------------- */

extern _Noreturn void rgt_missing_reference(const char *child, const char *column, const char *key);
extern bool rgt_await_takers(const char *child, const char *column, const Datum *keys, int64 n);
extern void rgt_check_reference(const char *child, const char *column, const Datum *keys, int64 n);
extern void rgt_orphans(RgtRowFn row, void *arg);

/* The tables of a reference that triggers look after; NULL: a guard or our functions do. */
typedef struct RgtReferenceSides
{
	const char *referencing;
	const char *referenced;
} RgtReferenceSides;

extern bool rgt_reference_sides(int i, RgtReferenceSides *sides);

/* ---- base/refuse.c: what several guards refuse ---------------------------------------------- */

extern _Noreturn void rgt_refuse_state(const char *table, const char *message, const char *detail, const char *hint);
extern _Noreturn void rgt_refuse_row(const char *table, const char *constraint, const char *message,
									 const char *detail, const char *hint);

/* ---- base/argument.c: the arguments of public functions ------------------------------------- */

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

/* ---- base/json.c: small objects for ledger and notices -------------------------------------- */

typedef struct RgtJson RgtJson;

extern RgtJson *rgt_json(void);
extern void rgt_json_text(RgtJson *json, const char *key, const char *value);
extern void rgt_json_int(RgtJson *json, const char *key, int64 value);
extern void rgt_json_bool(RgtJson *json, const char *key, bool value);
extern void rgt_json_numeric(RgtJson *json, const char *key, Numeric value);
extern void rgt_json_moment(RgtJson *json, const char *key, TimestampTz moment);
extern void rgt_json_float(RgtJson *json, const char *key, double value);
extern void rgt_json_object(RgtJson *json, const char *key, RgtJson *object);
extern Datum rgt_json_done(RgtJson *json);

/* ---- base/money.c: amounts as whole numbers of steps ---------------------------------------- */

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
extern bool rgt_is_finite_stored(Datum value);

/* A fraction in [0, 1) as a whole number of 10^-18, for exact products with steps. */
typedef int64 RgtFraction;
#define RGT_ONE INT64CONST(1000000000000000000)

extern RgtFraction rgt_fraction(Numeric value);
extern int64 rgt_penalty_steps(int64 suggested, RgtFraction rate);
extern int64 rgt_cap_steps(int64 baseline, RgtFraction cap);

/* -1, 0 or 1; numerics as they are stored, packed ones too. */
extern int	rgt_compare_numerics(Datum a, Datum b);
extern int	rgt_compare_sizes(Datum a, Datum b);
extern int	rgt_sign_of(Datum value);

#endif							/* REGTARGET_H */
