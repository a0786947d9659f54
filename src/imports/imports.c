/*
 * imports/imports.c
 *	  An import: rows gathered, taken in batches, failures told apart.
 *
 * Two sessions that load the same rows must not wait for each other crosswise.  Each batch is written
 * in the order of its keys; a statement of more than one batch has the view to itself, and so has any
 * statement of a view whose rows depend on more than their key, of a service's answer, which depends on what
 * is on record, or of a role that may not load all.
 */
#include "postgres.h"

#include "access/xact.h"
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
	&rgt_revenues_in, &rgt_signals_in, &rgt_targets_in, &rgt_moves_in, &rgt_successions_in, &rgt_market_events_in
};

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

	if (import->partial)
	{
		n = rgt_import_fill(import, rows, n, good);
		rows = good;
	}
	import->target->resolve(import, rows, n);
	ngood = rgt_import_good(rows, n, good);
	ngood = thin_out(import->target, good, ngood);
	if (ngood > 0)
	{
		import->target->write(import, good, ngood);
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
		rgt_import_refuse(rows[0], rgt_cause_of_error(error), -1, error->detail == NULL || detail_is_row(error->sqlerrcode) ?
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
	import->convention = (rgk_convention) RGK_CONVENTION;
	import->figure = -1;
	for (int c = 0; c < target->ncolumns; c++)
	{
		if (target->column[c].cell == RGT_CELL_AMOUNT || target->column[c].cell == RGT_CELL_NUMBER)
			import->figure = c;
	}
	import->allocated = 64;
	import->rows = MemoryContextAlloc(context, sizeof(RgtImportRow *) * import->allocated);
	return import;
}

/* How cells are written: as the policy says, but what a service answers as machines do. */
static rgk_convention
convention_of(const RgtImport *import, const char *currency, bool decimal_comma, const char *date_order)
{
	rgk_convention convention = RGK_CONVENTION;

	strlcpy(convention.currency, currency, sizeof(convention.currency));
	if (import->partial)
		return convention;
	convention.decimal_comma = decimal_comma;
	if (date_order != NULL)
		convention.date_order = strcmp(date_order, "dmy") == 0 ? RGK_DAY_FIRST : RGK_MONTH_FIRST;
	return convention;
}

/* The day, the zone and the conventions of the policy that is in force now. */
static void
read_policy(RgtImport *import)
{
	static RgtQuery query = RGT_QUERY0(
		"SELECT regtarget.today(), coalesce(p.timezone, pg_catalog.current_setting('TimeZone')), p.currency, p.decimal_comma, "
		"p.date_order FROM (VALUES (CURRENT_DATE)) AS now(today) LEFT JOIN LATERAL (SELECT * FROM regtarget.policies y "
		"WHERE y.effective_from <= now.today ORDER BY y.effective_from DESC LIMIT 1) p ON true");
	Datum		values[5];
	bool		isnull[5];
	MemoryContext old = MemoryContextSwitchTo(import->context);

	rgt_one(&query, RGT_FRESH, NULL, NULL, values, isnull, lengthof(values));
	import->today = DatumGetDateADT(values[0]);
	import->zone = DatumGetTextPP(values[1]);
	if (!isnull[2])
		import->convention = convention_of(import, TextDatumGetCString(values[2]), DatumGetBool(values[3]),
										   isnull[4] ? NULL : TextDatumGetCString(values[4]));
	MemoryContextSwitchTo(old);
}

/* What the first batch finds out for all: the policy, rejects of earlier statements. */
static void
begin_writing(RgtImport *import, bool last)
{
	rgt_import_limit(import);
	import->exclusive = import->target->alone || import->partial || import->by_duty_of != NULL || !last;
	rgt_lock_object(rgt_relation(import->target->view), import->exclusive ? ExclusiveLock : ShareLock);
	read_policy(import);
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
		refused += import->rows[i]->reason != NULL && !import->rows[i]->came_in;
	import->rejected += refused;
	import->accepted += import->n - refused;
}

static void
read_rows(RgtImport *import)
{
	for (int i = 0; i < import->n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		rgt_import_read(import, import->rows[i]);
	}
}

static void
forget_rows(RgtImport *import)
{
	import->n = 0;
	import->bytes = 0;
	MemoryContextReset(import->batch);
	if (import->nnames > MOST_NAMES)
		rgt_names_forget(import);
}

/* Load the rows at hand, which have been read; what is refused is kept. */
static void
take_rows(RgtImport *import)
{
	RgtImportRow **readable = MemoryContextAllocHuge(import->batch, sizeof(RgtImportRow *) * (Size) Max(import->n, 1));

	rgt_import_same_ids(import->target, import->rows, import->n);
	rgt_import_doubt(import, import->rows, import->n);
	load(import, readable, rgt_import_good(import->rows, import->n, readable));
	rgt_rejects_write(import, import->rows, import->n);
	count_rows(import);
	forget_rows(import);
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

/* Are there as many rows as are taken at once? */
static bool
is_full(const RgtImport *import)
{
	return !import->target->whole && (import->n >= BATCH_ROWS || import->bytes >= BATCH_BYTES);
}

/* Take the rows at hand, which waited and have to be read again, by a connection of their own: it goes with the batch. */
static void
read_and_take(RgtImport *import)
{
	MemoryContext old = CurrentMemoryContext;

	SPI_connect();
	MemoryContextSwitchTo(import->batch);
	read_rows(import);
	take_rows(import);
	SPI_finish();
	MemoryContextSwitchTo(old);
}

/* Take all rows that waited, in their order; none are at hand. */
static void
take_held(RgtImport *import)
{
	struct RgtHeld *held = import->held;
	int64		lines = import->lines;
	MemoryContext old = MemoryContextSwitchTo(import->context); /* the batch's goes on the way */
	Datum		raw[RGT_IMPORT_COLUMNS];
	Size		bytes;
	int64		line;

	import->held = NULL;
	while (rgt_held_next(held, import->batch, raw, &bytes, &line))
	{
		CHECK_FOR_INTERRUPTS();
		rgt_import_add(import, raw, bytes)->line = line;
		if (is_full(import))
			read_and_take(import);
	}
	read_and_take(import);
	import->lines = lines;
	rgt_held_end(held);
	MemoryContextSwitchTo(old);
}

/* Take the rows at hand, unless they have to wait; `last` says that no more will come. */
static void
flush(RgtImport *import, bool last)
{
	RgtSession	session;
	int			level;

	if (import->n == 0 && !(last && import->begun))
		return;
	rgt_begin(&session);
	level = pin_settings();
	MemoryContextSwitchTo(import->batch);
	if (!import->begun)
		begin_writing(import, last);
	read_rows(import);
	if (import->held != NULL || (!last && rgt_import_waits(import)))
	{
		rgt_import_hold(import);
		forget_rows(import);
		if (last || !rgt_import_waits(import))
			take_held(import);
	}
	else
		take_rows(import);
	if (last && import->target->finish != NULL)
		import->target->finish(import);
	AtEOXact_GUC(true, level);
	rgt_end(&session);
}

/* Make room for the next row: to be called before its texts are made. */
void
rgt_import_room(RgtImport *import)
{
	if (is_full(import))
		flush(import, false);
}

/* No more rows will come.  What was counted stays to be read. */
void
rgt_import_end(RgtImport *import)
{
	flush(import, true);
}
