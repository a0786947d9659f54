/*
 * imports/imports.c
 *	  The writable views: a statement's rows gathered, taken in batches, its failures told apart.
 *
 * A view fires a trigger before and after each statement and in place of each row.  The three share
 * the statement's import, which cannot hang on any one trigger's call info; so the imports of the
 * statements that are running stand in a list, innermost first.  A statement runs to its end before
 * the one that it is part of goes on, so the innermost import of a view is that of the statement
 * that fires.  What an error leaves in the list is taken out when its (sub)transaction ends, whose
 * memory it lives in.
 *
 * Two sessions that load the same rows must not wait for each other crosswise.  Each batch is written
 * in the order of its keys; a statement of more than one batch has the view to itself, and so has any
 * statement of a view whose rows depend on more than their key, or of a role that may not load all.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#include "imports/imports.h"
#include "regtarget.h"

/* A batch: enough rows to forget what its look-ups cost. */
#define BATCH_ROWS 32768
#define BATCH_BYTES (32 * 1024 * 1024)

/* Names kept from one batch to the next. */
#define MOST_NAMES 200000

static const RgtTarget *const targets[] = {
	&rgt_units_in, &rgt_employees_in, &rgt_assignments_in, &rgt_customers_in, &rgt_visits_in, &rgt_deals_in,
	&rgt_revenues_in, &rgt_signals_in, &rgt_targets_in
};

/* The imports of the statements that are running, innermost first. */
static RgtImport *statements = NULL;

const RgtTarget *
rgt_import_target(const char *view)
{
	for (int i = 0; i < (int) lengthof(targets); i++)
	{
		if (strcmp(targets[i]->view, view) == 0)
			return targets[i];
	}
	return NULL;
}

/* ---- taking a batch -------------------------------------------------------------------------------- */

static int
compare_rows(const void *a, const void *b, void *target)
{
	const RgtImportRow *left = *(RgtImportRow *const *) a;
	const RgtImportRow *right = *(RgtImportRow *const *) b;
	int			result = ((const RgtTarget *) target)->compare(left, right);

	if (result != 0)
		return result;
	return (left->line > right->line) - (left->line < right->line);
}

/* The last row of each key, in the order of the keys; returns how many. */
static int
thin_out(const RgtTarget *target, RgtImportRow **rows, int n)
{
	int			kept = 0;

	qsort_arg(rows, n, sizeof(RgtImportRow *), compare_rows, (void *) target);
	for (int i = 0; i < n; i++)
	{
		if (i == n - 1 || target->compare(rows[i], rows[i + 1]) != 0)
			rows[kept++] = rows[i];
	}
	return kept;
}

static void
take(RgtImport *import, RgtImportRow **rows, int n)
{
	RgtImportRow **good = MemoryContextAllocHuge(import->batch, sizeof(RgtImportRow *) * (Size) n);
	int			ngood;

	import->target->resolve(import, rows, n);
	ngood = rgt_import_good(rows, n, good);
	ngood = thin_out(import->target, good, ngood);
	if (ngood > 0)
	{
		import->target->write(import, good, ngood);
		rgt_rejects_settle(import, good, ngood);
	}
	pfree(good);
}

/* Errors that a row can be at fault for; all others are the statement's. */
static bool
is_about_rows(int sqlerrcode)
{
	switch (ERRCODE_TO_CATEGORY(sqlerrcode))
	{
		case MAKE_SQLSTATE('2', '2', '0', '0', '0'):	/* data exception */
		case MAKE_SQLSTATE('2', '3', '0', '0', '0'):	/* integrity constraint violation */
		case MAKE_SQLSTATE('4', '4', '0', '0', '0'):	/* WITH CHECK OPTION */
		case MAKE_SQLSTATE('P', '0', '0', '0', '0'):	/* raised by somebody's trigger */
			return true;
		default:
			return sqlerrcode == ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE ||
				sqlerrcode == ERRCODE_UNDEFINED_OBJECT ||
				sqlerrcode == ERRCODE_PROGRAM_LIMIT_EXCEEDED;	/* a key too long for its index */
	}
}

/* Is the detail of an error the row itself, in the language of the server's messages?  A reject has it anyway. */
static bool
detail_is_row(int sqlerrcode)
{
	return sqlerrcode == ERRCODE_NOT_NULL_VIOLATION || sqlerrcode == ERRCODE_CHECK_VIOLATION ||
		sqlerrcode == ERRCODE_WITH_CHECK_OPTION_VIOLATION;
}

/* Take the rows in a subtransaction.  Returns what it failed with, or NULL. */
static ErrorData *
try_to_take(RgtImport *import, RgtImportRow **rows, int n)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	ErrorData  *volatile error = NULL;

	BeginInternalSubTransaction(NULL);
	PG_TRY();
	{
		/* A connection of its own goes with the subtransaction, and what is registered there too. */
		SPI_connect();
		MemoryContextSwitchTo(context);
		take(import, rows, n);
		SPI_finish();
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	if (error != NULL && !is_about_rows(error->sqlerrcode))
		ReThrowError(error);
	return error;
}

/* Rows that others lean on first: row->other says how far they are from those that lean on none. */
static int
compare_leaning(const void *a, const void *b)
{
	const RgtImportRow *left = *(RgtImportRow *const *) a;
	const RgtImportRow *right = *(RgtImportRow *const *) b;

	if (left->other != right->other)
		return left->other < right->other ? -1 : 1;
	return (left->line > right->line) - (left->line < right->line);
}

/*
 * Load the rows; those at fault become rejects.  What was found wrong when all were looked at together
 * stays so: half of them may not show it.
 */
static void
load(RgtImport *import, RgtImportRow **rows, int n)
{
	ErrorData  *error = n == 0 ? NULL : try_to_take(import, rows, n);

	if (error == NULL)
		return;
	rgt_names_forget(import);
	n = rgt_import_good(rows, n, rows);
	if (import->target->whole)
		qsort(rows, n, sizeof(RgtImportRow *), compare_leaning);
	if (import->plain && error->sqlerrcode == ERRCODE_UNIQUE_VIOLATION)
	{
		import->plain = false;
		load(import, rows, n);
	}
	else if (n == 1)
		rgt_import_refuse(rows[0], error->detail == NULL || detail_is_row(error->sqlerrcode) ?
						  "%s" : "%s: %s", error->message, error->detail);
	else
	{
		load(import, rows, n / 2);
		load(import, rows + n / 2, n - n / 2);
	}
	FreeErrorData(error);
}

/* ---- an import ------------------------------------------------------------------------------------- */

RgtImport *
rgt_import_begin(const RgtTarget *target, text *source, MemoryContext parent)
{
	MemoryContext context = AllocSetContextCreate(parent, "regtarget import", ALLOCSET_DEFAULT_SIZES);
	RgtImport  *import = MemoryContextAllocZero(context, sizeof(RgtImport));

	import->target = target;
	import->role = GetUserId();
	import->source = source;
	import->context = context;
	import->batch = AllocSetContextCreate(context, "regtarget import batch", ALLOCSET_DEFAULT_SIZES);
	import->lookup = AllocSetContextCreate(context, "regtarget import names", ALLOCSET_DEFAULT_SIZES);
	import->allocated = 64;
	import->rows = MemoryContextAlloc(context, sizeof(RgtImportRow *) * import->allocated);
	return import;
}

/* What the first batch finds out for all: the policy's day and zone, rejects of earlier statements. */
static void
begin_writing(RgtImport *import, bool last)
{
	static RgtQuery query = RGT_QUERY0(
		"SELECT regtarget.today(), coalesce((SELECT p.timezone FROM regtarget.policies p "
		"WHERE p.effective_from <= CURRENT_DATE ORDER BY p.effective_from DESC LIMIT 1), "
		"pg_catalog.current_setting('TimeZone'))");
	Datum		values[2];
	bool		isnull[2];
	MemoryContext old;

	rgt_import_limit(import);
	rgt_lock_object(rgt_relation(import->target->view),
					import->target->alone || import->by_duty_of != NULL || !last ? ExclusiveLock : ShareLock);
	rgt_one(&query, RGT_FRESH, NULL, NULL, values, isnull, 2);
	old = MemoryContextSwitchTo(import->context);
	import->today = DatumGetDateADT(values[0]);
	import->zone = DatumGetTextPCopy(values[1]);
	MemoryContextSwitchTo(old);
	rgt_rejects_begin(import);
	/* A large load is mostly of new rows, and a plain INSERT takes a fifth less time than an upsert. */
	import->plain = !last;
	import->begun = true;
}

/*
 * Our statements run as the owner: whatever operators the caller has in his search_path must not.
 * Returns the level to go back to.
 */
static int
pin_settings(void)
{
	int			level = NewGUCNestLevel();

	set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	set_config_option("row_security", "on", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	return level;
}

static void
count_rows(RgtImport *import)
{
	int			refused = 0;

	for (int i = 0; i < import->n; i++)
		refused += import->rows[i]->reason != NULL;
	import->rejected += refused;
	import->accepted += import->n - refused;
}

/* Take the rows at hand; `last` says that no more will come. */
static void
flush(RgtImport *import, bool last)
{
	RgtSession	session;
	RgtImportRow **readable;
	int			level;

	if (import->n == 0 && !(last && import->begun))
		return;
	rgt_begin(&session);
	level = pin_settings();
	MemoryContextSwitchTo(import->batch);
	if (!import->begun)
		begin_writing(import, last);
	for (int i = 0; i < import->n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		rgt_import_read(import, import->rows[i]);
	}
	readable = MemoryContextAllocHuge(import->batch, sizeof(RgtImportRow *) * (Size) Max(import->n, 1));
	load(import, readable, rgt_import_good(import->rows, import->n, readable));
	rgt_rejects_write(import, import->rows, import->n);
	count_rows(import);
	if (last && import->target->finish != NULL)
		import->target->finish(import);
	AtEOXact_GUC(true, level);
	rgt_end(&session);
	import->n = 0;
	import->bytes = 0;
	MemoryContextReset(import->batch);
	if (import->nnames > MOST_NAMES)
		rgt_names_forget(import);
}

/* Add a row of texts that live in the batch's context, `bytes` of them. */
RgtImportRow *
rgt_import_add(RgtImport *import, const Datum *raw, Size bytes)
{
	RgtImportRow *row = MemoryContextAllocZero(import->batch, sizeof(RgtImportRow));

	if (import->n == import->allocated)
	{
		import->allocated *= 2;
		import->rows = repalloc_huge(import->rows, sizeof(RgtImportRow *) * (Size) import->allocated);
	}
	row->line = ++import->lines;
	memcpy(row->raw, raw, sizeof(Datum) * import->target->ncolumns);
	import->rows[import->n++] = row;
	import->bytes += bytes + sizeof(RgtImportRow);
	return row;
}

/* Make room for the next row: to be called before its texts are made. */
void
rgt_import_room(RgtImport *import)
{
	if (!import->target->whole && (import->n >= BATCH_ROWS || import->bytes >= BATCH_BYTES))
		flush(import, false);
}

/* No more rows will come.  What was counted stays to be read. */
void
rgt_import_end(RgtImport *import)
{
	flush(import, true);
}

/* ---- statements ------------------------------------------------------------------------------------ */

static void
at_subtransaction(SubXactEvent event, SubTransactionId subid, SubTransactionId parent, void *arg)
{
	if (event != SUBXACT_EVENT_ABORT_SUB)
		return;
	while (statements != NULL && statements->subid >= subid)
		statements = statements->outer;
}

static void
at_transaction(XactEvent event, void *arg)
{
	if (event != XACT_EVENT_PRE_COMMIT && event != XACT_EVENT_PARALLEL_PRE_COMMIT && event != XACT_EVENT_PRE_PREPARE)
		statements = NULL;
}

static void
begin_statement(Oid view, const RgtTarget *target)
{
	static bool registered = false;
	RgtImport  *import;

	if (!registered)
	{
		RegisterSubXactCallback(at_subtransaction, NULL);
		RegisterXactCallback(at_transaction, NULL);
		registered = true;
	}
	import = rgt_import_begin(target, NULL, CurTransactionContext);
	import->view = view;
	import->subid = GetCurrentSubTransactionId();
	import->outer = statements;
	statements = import;
}

static RgtImport *
find_statement(Oid view)
{
	for (RgtImport *import = statements; import != NULL; import = import->outer)
	{
		if (import->view == view)
			return import;
	}
	elog(ERROR, "no statement has begun on view %u", view);
}

static void
end_statement(RgtImport *import)
{
	RgtImport **link = &statements;

	rgt_import_end(import);
	if (import->rejected > 0)
		ereport(NOTICE,
				(errmsg(INT64_FORMAT " of " INT64_FORMAT " rows for %s were refused: see regtarget.import_rejects",
						import->rejected, import->lines, import->target->view)));
	while (*link != import)
		link = &(*link)->outer;
	*link = import->outer;
	MemoryContextDelete(import->context);
}

static void
take_tuple(RgtImport *import, HeapTuple tuple, TupleDesc desc)
{
	MemoryContext old;
	Datum		raw[RGT_IMPORT_COLUMNS] = {0};
	bool		nulls[RGT_IMPORT_COLUMNS];
	HeapTuple	copy;
	Size		bytes = 0;

	rgt_import_room(import);
	old = MemoryContextSwitchTo(import->batch);
	copy = heap_copytuple(tuple);
	heap_deform_tuple(copy, desc, raw, nulls);
	for (int c = 0; c < import->target->shown; c++)
	{
		Datum		stored = raw[c];

		raw[c] = nulls[c] ? (Datum) 0 : PointerGetDatum(PG_DETOAST_DATUM_PACKED(stored));
		if (raw[c] != stored)	/* read from another table it was stored apart or compressed */
			bytes += VARSIZE_ANY(DatumGetPointer(raw[c]));
	}
	rgt_import_add(import, raw, copy->t_len + bytes);
	MemoryContextSwitchTo(old);
}

/* The target of the view that fires; an error for any other table or moment. */
static const RgtTarget *
check_trigger(FunctionCallInfo fcinfo)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	const RgtTarget *target = NULL;

	if (CALLED_AS_TRIGGER(fcinfo) && TRIGGER_FIRED_BY_INSERT(trigger->tg_event) &&
		(TRIGGER_FIRED_FOR_ROW(trigger->tg_event) != 0) == TRIGGER_FIRED_INSTEAD(trigger->tg_event) &&
		trigger->tg_relation->rd_rel->relkind == RELKIND_VIEW &&
		RelationGetNamespace(trigger->tg_relation) == get_namespace_oid("regtarget", false))
		target = rgt_import_target(RelationGetRelationName(trigger->tg_relation));
	if (target == NULL)
		rgt_wrong_trigger("regtarget.import_rows");
	return target;
}

/* BEFORE and AFTER INSERT for each statement, INSTEAD OF INSERT for each row, of the ..._in views. */
PG_FUNCTION_INFO_V1(rgt_import_rows);
Datum
rgt_import_rows(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	RgtImport  *import = fcinfo->flinfo->fn_extra;

	if (import == NULL)
	{
		const RgtTarget *target = check_trigger(fcinfo);
		Oid			view = RelationGetRelid(trigger->tg_relation);

		if (TRIGGER_FIRED_BEFORE(trigger->tg_event))
			begin_statement(view, target);
		import = find_statement(view);
		if (TRIGGER_FIRED_AFTER(trigger->tg_event))
			end_statement(import);
		if (!TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
			return PointerGetDatum(NULL);
		/* The call info lives as long as the statement, and so does its import. */
		fcinfo->flinfo->fn_extra = import;
	}
	take_tuple(import, trigger->tg_trigtuple, RelationGetDescr(trigger->tg_relation));
	return PointerGetDatum(trigger->tg_trigtuple);
}
