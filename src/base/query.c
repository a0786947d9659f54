/*
 * base/query.c
 *	  Reading and writing our own relations, and what every trigger does first.
 *
 * Rules of the house:
 * - The text of a statement is constant and its values are parameters.  What triggers run qualifies relations,
 *	 functions and operators, because they run under the caller's search_path; public functions pin theirs.
 * - Statements run as the owner of the extension, as foreign keys do: what is computed and what is
 *	 guarded must not depend on what the caller may see.
 * - A saved plan lives as long as the backend; the plan cache revalidates it when the extension is
 *	 dropped and made again.  Nothing is planned over transition tables (a plan for one table would
 *	 silently be used for another): those are walked in C.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "executor/tstoreReceiver.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "tcop/dest.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/queryenvironment.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "regtarget.h"

/* A DestReceiver that hands each row to a callback. */
typedef struct RowReceiver
{
	DestReceiver pub;
	RgtRowFn	row;
	void	   *arg;
} RowReceiver;

/* The OID of the extension's schema; an error when it is not there. */
static Oid
our_schema(void)
{
	return get_namespace_oid("regtarget", false);
}

/* The role that owns the schema, and with it the tables. */
Oid
rgt_owner(void)
{
	HeapTuple	tuple = SearchSysCache1(NAMESPACEOID, ObjectIdGetDatum(our_schema()));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for schema regtarget");
	owner = ((Form_pg_namespace) GETSTRUCT(tuple))->nspowner;
	ReleaseSysCache(tuple);
	return owner;
}

static SPIPlanPtr
prepared(RgtQuery *query)
{
	if (query->plan == NULL)
	{
		SPIPlanPtr	plan = SPI_prepare_cursor(query->sql, query->nargs, query->argtypes,
											  query->by_key ? CURSOR_OPT_GENERIC_PLAN : 0);

		if (plan == NULL)
			elog(ERROR, "could not prepare \"%s\": %s", query->sql, SPI_result_code_string(SPI_result));
		if (SPI_keepplan(plan) != 0)
			elog(ERROR, "could not keep the plan of \"%s\"", query->sql);
		query->plan = plan;
	}
	return query->plan;
}

static ParamListInfo
parameters(const RgtQuery *query, const Datum *values, const char *nulls)
{
	ParamListInfo params;

	if (query->nargs == 0)
		return NULL;
	params = makeParamList(query->nargs);
	for (int i = 0; i < query->nargs; i++)
	{
		params->params[i].value = values[i];
		params->params[i].isnull = nulls != NULL && nulls[i] == 'n';
		params->params[i].pflags = PARAM_FLAG_CONST;
		params->params[i].ptype = query->argtypes[i];
	}
	return params;
}

/* Run a statement; its rows go to `dest`.  Returns how many there were. */
uint64
rgt_run_into(RgtQuery *query, RgtSnapshot snapshot, const Datum *values, const char *nulls,
			 DestReceiver *dest)
{
	SPIExecuteOptions options = {0};
	MemoryContext context = CurrentMemoryContext;
	int			result;

	options.params = parameters(query, values, nulls);
	options.read_only = snapshot != RGT_FRESH;
	options.dest = dest;
	if (snapshot == RGT_LATEST)
	{
		CommandCounterIncrement();
		PushActiveSnapshot(GetLatestSnapshot());
	}
	result = SPI_execute_plan_extended(prepared(query), &options);
	if (snapshot == RGT_LATEST)
		PopActiveSnapshot();
	if (result < 0)
		elog(ERROR, "could not run \"%s\": %s", query->sql, SPI_result_code_string(result));
	MemoryContextSwitchTo(context); /* SPI leaves another one in force */
	return SPI_processed;
}

/*
 * Run a statement that reads the rows of `rows` under the name "made_rows".  Planned each time: a
 * plan cannot outlive the rows' description.
 */
static uint64
run_rows(const char *sql, Tuplestorestate *rows, TupleDesc desc, bool read_only, DestReceiver *dest)
{
	EphemeralNamedRelation relation = palloc0(sizeof(EphemeralNamedRelationData));
	SPIExecuteOptions options = {.read_only = read_only, .dest = dest};
	MemoryContext context = CurrentMemoryContext;
	int			result;

	relation->md.name = "made_rows";
	relation->md.tupdesc = desc;
	relation->md.enrtype = ENR_NAMED_TUPLESTORE;
	relation->md.enrtuples = tuplestore_tuple_count(rows);
	relation->reldata = rows;
	if (SPI_register_relation(relation) != SPI_OK_REL_REGISTER)
		elog(ERROR, "could not register the rows of \"%s\"", sql);
	result = SPI_execute_extended(sql, &options);
	if (result < 0)
		elog(ERROR, "could not run \"%s\": %s", sql, SPI_result_code_string(result));
	SPI_unregister_relation(relation->md.name);
	MemoryContextSwitchTo(context);
	return SPI_processed;
}

uint64
rgt_run_rows(const char *sql, Tuplestorestate *rows, TupleDesc desc, DestReceiver *dest)
{
	return run_rows(sql, rows, desc, false, dest);
}

static void
receiver_startup(DestReceiver *self, int operation, TupleDesc desc)
{
}

static bool
receiver_row(TupleTableSlot *slot, DestReceiver *self)
{
	RowReceiver *receiver = (RowReceiver *) self;

	if (receiver->row != NULL)
	{
		slot_getallattrs(slot);
		receiver->row(slot, receiver->arg);
	}
	return true;
}

static void
receiver_shutdown(DestReceiver *self)
{
}

static RowReceiver
row_receiver(RgtRowFn row, void *arg)
{
	RowReceiver receiver = {
		.pub = {receiver_row, receiver_startup, receiver_shutdown, receiver_shutdown, DestNone},
		.row = row,
		.arg = arg
	};

	return receiver;
}

/*
 * Run a statement and call `row` for each row it returns (NULL: for none).  Returns the number of
 * rows returned or, for a statement without RETURNING, written.
 */
uint64
rgt_run(RgtQuery *query, RgtSnapshot snapshot, const Datum *values, const char *nulls,
		RgtRowFn row, void *arg)
{
	RowReceiver receiver = row_receiver(row, arg);

	return rgt_run_into(query, snapshot, values, nulls, &receiver.pub);
}

/* The same of a statement that reads such rows as rgt_run_rows() does, in the snapshot of the calling statement. */
uint64
rgt_read_rows(const char *sql, Tuplestorestate *rows, TupleDesc desc, RgtRowFn row, void *arg)
{
	RowReceiver receiver = row_receiver(row, arg);

	return run_rows(sql, rows, desc, true, &receiver.pub);
}

/* Where the rows of a set-returning function go: its result, materialized. */
DestReceiver *
rgt_result(FunctionCallInfo fcinfo)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	DestReceiver *dest;

	InitMaterializedSRF(fcinfo, 0);
	dest = CreateTuplestoreDestReceiver();
	SetTuplestoreDestReceiverParams(dest, result->setResult, result->econtext->ecxt_per_query_memory, false,
									result->setDesc, "the rows of a function are not of the type that it returns");
	return dest;
}

/* Run a statement whose parameters are the arguments of a function, in the snapshot of the calling statement. */
uint64
rgt_run_arguments(RgtQuery *query, FunctionCallInfo fcinfo, DestReceiver *dest)
{
	Datum		values[RGT_MAX_ARGS];
	char		nulls[RGT_MAX_ARGS];

	for (int i = 0; i < query->nargs; i++)
	{
		values[i] = PG_GETARG_DATUM(i);
		nulls[i] = PG_ARGISNULL(i) ? 'n' : ' ';
	}
	return rgt_run_into(query, RGT_CALLER, values, nulls, dest);
}

typedef struct OneRow
{
	Datum	   *values;
	bool	   *nulls;
	int			n;
	bool		found;
	MemoryContext context;
} OneRow;

static void
keep_first_row(TupleTableSlot *slot, void *arg)
{
	OneRow	   *one = arg;
	MemoryContext old;

	if (one->found)
		return;
	one->found = true;
	old = MemoryContextSwitchTo(one->context);
	for (int i = 0; i < one->n; i++)
	{
		Form_pg_attribute att = TupleDescAttr(slot->tts_tupleDescriptor, i);

		one->nulls[i] = slot->tts_isnull[i];
		one->values[i] = slot->tts_isnull[i] ? (Datum) 0 :
			datumCopy(slot->tts_values[i], att->attbyval, att->attlen);
	}
	MemoryContextSwitchTo(old);
}

/* Run a statement for its first row; false when there is none.  Values are copied to the caller. */
bool
rgt_one(RgtQuery *query, RgtSnapshot snapshot, const Datum *values, const char *nulls,
		Datum *result, bool *isnull, int nresults)
{
	OneRow		one = {result, isnull, nresults, false, CurrentMemoryContext};

	rgt_run(query, snapshot, values, nulls, keep_first_row, &one);
	return one.found;
}

/*
 * Raise 40001, in such words, for something that a newer snapshot shows and the transaction's own does not: it has
 * to start again.
 */
void
rgt_too_new(const char *message)
{
	ereport(ERROR,
			(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
			 errmsg_internal("%s", message),
			 errdetail("It was made or changed after this transaction's snapshot was taken."),
			 errhint("The transaction might succeed if retried.")));
}

/* The OID of one of our relations. */
Oid
rgt_relation(const char *name)
{
	Oid			relation = get_relname_relid(name, our_schema());

	if (!OidIsValid(relation))
		elog(ERROR, "relation regtarget.%s does not exist", name);
	return relation;
}

/* Raise 39P01: somebody has made a trigger of his own of a function of ours. */
void
rgt_wrong_trigger(const char *function)
{
	ereport(ERROR,
			(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
			 errmsg("function \"%s\" must be called by the trigger it was made for", function)));
}

/*
 * The preamble of every trigger of ours: it must have been called as one, on the table that it is
 * for (NULL: any of ours), and at the moment that it is for.
 * TRUNCATE has no rows either way.
 */
TriggerData *
rgt_trigger(FunctionCallInfo fcinfo, const char *function, const char *table, RgtFiring firing)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	bool		right = CALLED_AS_TRIGGER(fcinfo);

	if (right && !TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event))
		right = (firing == RGT_AFTER_STATEMENT) == TRIGGER_FIRED_FOR_STATEMENT(trigger->tg_event) &&
			(firing == RGT_BEFORE_ROW) == TRIGGER_FIRED_BEFORE(trigger->tg_event);
	if (right)
		right = RelationGetNamespace(trigger->tg_relation) == our_schema() &&
			(table == NULL || strcmp(RelationGetRelationName(trigger->tg_relation), table) == 0);
	if (!right)
		rgt_wrong_trigger(function);
	return trigger;
}

/* Call `row` for every row of a transition table. */
void
rgt_each_row(Tuplestorestate *rows, TupleDesc desc, RgtRowFn row, void *arg)
{
	TupleTableSlot *slot = MakeSingleTupleTableSlot(desc, &TTSOpsMinimalTuple);

	tuplestore_rescan(rows);
	while (tuplestore_gettupleslot(rows, true, false, slot))
	{
		CHECK_FOR_INTERRUPTS();
		slot_getallattrs(slot);
		row(slot, arg);
	}
	ExecDropSingleTupleTableSlot(slot);
}

/* A column's number by its name: an upgraded table may have dropped columns before it. */
AttrNumber
rgt_attnum(TupleDesc desc, const char *name)
{
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (!att->attisdropped && namestrcmp(&att->attname, name) == 0)
			return att->attnum;
	}
	elog(ERROR, "column \"%s\" does not exist", name);
}

/* An array of integers, for a parameter. */
Datum
rgt_int_array(const int32 *values, int n)
{
	Datum	   *datums = palloc(sizeof(Datum) * (Size) Max(n, 1));

	for (int i = 0; i < n; i++)
		datums[i] = Int32GetDatum(values[i]);
	return PointerGetDatum(construct_array(datums, n, INT4OID, sizeof(int32), true, TYPALIGN_INT));
}
