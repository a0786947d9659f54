/*
 * imports/retry.c
 *	  retry_rejects(): rows that were refused are taken again, in the rights of whoever loaded them.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

#include "imports/services.h"
#include "regtarget.h"

/* Rejects that can be taken together: of one target and source, next to each other. */
typedef struct Retry
{
	MemoryContext context;
	RgtImport  *import;
	int64		came_in;
} Retry;

static void
end_retry(Retry *retry)
{
	if (retry->import == NULL)
		return;
	rgt_import_end(retry->import);
	retry->came_in += retry->import->accepted;
	MemoryContextDelete(retry->import->context);
	retry->import = NULL;
}

typedef struct Reject
{
	int64		reject_id;
	const RgtTarget *target;
	text	   *source;
	Jsonb	   *row;
	char	   *by_duty_of;		/* NULL: nobody's */
	Datum		row_key;
	bool		partial;
	char		decimal_mark;	/* that its column showed; 0: it was not refused for that */
} Reject;

static bool
same_role(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* Can the reject be taken with those that the import has already? */
static bool
goes_with(const RgtImport *import, const Reject *reject)
{
	if (import->target != reject->target || import->partial != reject->partial)
		return false;
	if (!same_role(import->by_duty_of, reject->by_duty_of))
		return false;
	if (import->source == NULL || reject->source == NULL)
		return import->source == NULL && reject->source == NULL;
	return rgt_import_compare_text(PointerGetDatum(import->source), PointerGetDatum(reject->source)) == 0;
}

/* The cells of a reject as a service would say them: what is neither text nor null is no cell. */
static RgtAnswerRow
raw_cells(Jsonb *row, const RgtTarget *target)
{
	RgtAnswerRow cells = {0};

	for (int c = 0; c < target->ncolumns; c++)
		rgt_answer_say(&cells, c, rgt_said(&row->root, target->column[c].name, 0));
	return cells;
}

static void
try_again(Retry *retry, const Reject *reject)
{
	RgtAnswerRow cells;
	RgtImport  *import;
	RgtImportRow *row;
	MemoryContext old;

	if (retry->import != NULL && !goes_with(retry->import, reject))
		end_retry(retry);
	if (retry->import == NULL)
	{
		old = MemoryContextSwitchTo(retry->context);
		retry->import = rgt_import_begin(reject->target, reject->source == NULL ? NULL :
										 DatumGetTextPCopy(PointerGetDatum(reject->source)), retry->context);
		retry->import->retry = true;
		retry->import->partial = reject->partial;
		if (reject->by_duty_of != NULL)
			rgt_import_limit_to(retry->import, reject->by_duty_of);
		MemoryContextSwitchTo(old);
	}
	import = retry->import;
	rgt_import_room(import);
	old = MemoryContextSwitchTo(import->batch);
	cells = raw_cells(reject->row, reject->target);
	row = rgt_import_add(import, cells.raw, VARSIZE_ANY(reject->row));
	row->unsaid = ~cells.said;
	row->odd = cells.odd;
	row->reject_id = reject->reject_id;
	row->kept_key = datumCopy(reject->row_key, false, -1);
	row->decimal_mark = reject->decimal_mark;
	MemoryContextSwitchTo(old);
}

typedef struct Rejects
{
	Reject	   *reject;
	int			n;
	int64		last;
	MemoryContext context;
} Rejects;

#define REJECTS_AT_ONCE 1000

/* A service's row: what it does not say has no key. */
static bool
is_partial(Jsonb *row, const RgtTarget *target)
{
	for (int c = 0; c < target->shown; c++)
	{
		JsonbValue	buffer;

		if (getKeyJsonValueFromContainer(&row->root, target->column[c].name, strlen(target->column[c].name), &buffer) == NULL)
			return true;
	}
	return false;
}

static void
note_reject(TupleTableSlot *slot, void *arg)
{
	Rejects    *rejects = arg;
	MemoryContext old = MemoryContextSwitchTo(rejects->context);
	Reject	   *reject = &rejects->reject[rejects->n++];

	reject->reject_id = rejects->last = DatumGetInt64(slot->tts_values[0]);
	reject->target = rgt_import_target(TextDatumGetCString(slot->tts_values[1]));
	reject->source = slot->tts_isnull[2] ? NULL : DatumGetTextPCopy(slot->tts_values[2]);
	reject->row = DatumGetJsonbPCopy(slot->tts_values[3]);
	reject->by_duty_of = slot->tts_isnull[4] ? NULL : TextDatumGetCString(slot->tts_values[4]);
	reject->decimal_mark = slot->tts_isnull[5] ? 0 : *VARDATA_ANY(DatumGetTextPP(slot->tts_values[5]));
	reject->row_key = PointerGetDatum(PG_DETOAST_DATUM_COPY(slot->tts_values[6]));
	reject->partial = reject->target != NULL && is_partial(reject->row, reject->target);
	MemoryContextSwitchTo(old);
}

/* The next rejects by id, as they stand now; false when there are no more. */
static bool
read_rejects(Rejects *rejects)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT reject_id, target, source, \"row\", by_duty_of, decimal_mark, row_key FROM regtarget.import_rejects "
		"WHERE reject_id > $1 ORDER BY reject_id LIMIT $2", INT8OID, INT8OID);
	Datum		arguments[2] = {Int64GetDatum(rejects->last), Int64GetDatum(REJECTS_AT_ONCE)};
	RgtSession	session;

	rejects->n = 0;
	MemoryContextReset(rejects->context);
	rgt_begin(&session);
	rgt_run(&query, RGT_FRESH, arguments, NULL, note_reject, rejects);
	rgt_end(&session);
	return rejects->n > 0;
}

/* retry_rejects(): tries every reject again, oldest first; returns how many came in. */
PG_FUNCTION_INFO_V1(rgt_retry_rejects);
Datum
rgt_retry_rejects(PG_FUNCTION_ARGS)
{
	Retry		retry = {.context = CurrentMemoryContext};
	Rejects		rejects = {
		.reject = palloc(sizeof(Reject) * REJECTS_AT_ONCE),
		.context = AllocSetContextCreate(CurrentMemoryContext, "regtarget rejects", ALLOCSET_DEFAULT_SIZES)
	};
	RgtSession	session;

	rgt_enter_to_write(&session, "regtarget.retry_rejects()");
	rgt_lock_object(rgt_relation("import_rejects"), ExclusiveLock);
	while (read_rejects(&rejects))
	{
		for (int i = 0; i < rejects.n; i++)
		{
			CHECK_FOR_INTERRUPTS();
			if (rejects.reject[i].target != NULL)
				try_again(&retry, &rejects.reject[i]);
		}
	}
	end_retry(&retry);
	rgt_end(&session);
	PG_RETURN_INT64(retry.came_in);
}
