/*
 * ledger/check.c
 *	  What the ledger must agree with: itself, entry by entry, the baselines that were published, and
 *	  the amounts of today.
 *
 * A chain shows that an entry was changed, removed, put in or moved.  It does not show that its end
 * was cut off, unless an amount or a plan still tells of it, nor that somebody wrote all of it anew:
 * for that, heads are kept elsewhere (see ledger_digest()).
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "ledger/chain.h"
#include "ledger/ledger.h"
#include "regtarget.h"

/* Whom to tell what breaks a rule. */
typedef struct Report
{
	RgtTellFn	tell;
	void	   *arg;
} Report;

static void
tell(const Report *report, const char *what)
{
	report->tell(what, report->arg);
}

static void
tell_row(TupleTableSlot *slot, void *arg)
{
	tell(arg, TextDatumGetCString(slot->tts_values[0]));
}

/* ---- chains --------------------------------------------------------------------------------------------- */

typedef struct Chain
{
	Report	   *report;
	RgtHasher  *hasher;
	MemoryContext context;		/* of one entry */
	int32		unit_id;
	RgtLink		last;
} Chain;

enum
{
	UNIT_ID, ENTRY, AT, ACTOR, ACTION, DETAILS, PREVIOUS, HASH, LOGIN
};

static bool
is_hash(Datum value, const uint8 *hash, int length)
{
	bytea	   *bytes = DatumGetByteaPP(value);

	return (int) VARSIZE_ANY_EXHDR(bytes) == length && memcmp(VARDATA_ANY(bytes), hash, length) == 0;
}

/* What is wrong with an entry; NULL: nothing. */
static const char *
fault(const Chain *chain, const RgtLedgerRow *row, const Datum *values)
{
	uint8		hash[RGT_HASH_LENGTH];

	if (row->entry != chain->last.entry + 1)
		return chain->last.entry == 0 ? "comes first" : psprintf("comes after entry " INT64_FORMAT, chain->last.entry);
	if (!is_hash(values[PREVIOUS], chain->last.hash, chain->last.length))
		return "is not bound to the entry before";
	rgt_hash_row(chain->hasher, &chain->last, row, hash);
	if (!is_hash(values[HASH], hash, RGT_HASH_LENGTH))
		return "is not what its hash covers";
	return NULL;
}

/* Go on from this entry, whatever is wrong with it: one damage is told once. */
static void
move_on(Chain *chain, const RgtLedgerRow *row, Datum hash)
{
	bytea	   *bytes = DatumGetByteaPP(hash);

	chain->last.entry = row->entry;
	chain->last.length = Min(VARSIZE_ANY_EXHDR(bytes), RGT_HASH_LENGTH);
	memcpy(chain->last.hash, VARDATA_ANY(bytes), chain->last.length);
}

static void
check_entry(TupleTableSlot *slot, void *arg)
{
	Chain	   *chain = arg;
	const Datum *values = slot->tts_values;
	MemoryContext old = MemoryContextSwitchTo(chain->context);
	RgtLedgerRow row = {
		.unit_id = DatumGetInt32(values[UNIT_ID]),
		.entry = DatumGetInt64(values[ENTRY]),
		.at = DatumGetTimestampTz(values[AT]),
		.actor = TextDatumGetCString(values[ACTOR]),
		.login = slot->tts_isnull[LOGIN] ? NULL : TextDatumGetCString(values[LOGIN]),
		.action = TextDatumGetCString(values[ACTION]),
		.details = values[DETAILS]
	};
	const char *what;

	if (row.unit_id != chain->unit_id)
		chain->last.entry = chain->last.length = 0;
	chain->unit_id = row.unit_id;
	what = fault(chain, &row, values);
	if (what != NULL)
		tell(chain->report, psprintf("entry " INT64_FORMAT " of unit %d %s", row.entry, row.unit_id, what));
	move_on(chain, &row, values[HASH]);
	MemoryContextSwitchTo(old);
	MemoryContextReset(chain->context);
}

static void
check_chains(Report *report)
{
	static RgtQuery query = RGT_QUERY0(
		"SELECT unit_id, entry, at, actor, action, details, previous, hash, login "
		"FROM regtarget.ledger ORDER BY unit_id, entry");
	Chain		chain = {.report = report, .unit_id = -1};

	chain.hasher = rgt_hasher();
	chain.context = AllocSetContextCreate(CurrentMemoryContext, "regtarget ledger entry", ALLOCSET_DEFAULT_SIZES);
	rgt_run(&query, RGT_CALLER, NULL, NULL, check_entry, &chain);
	MemoryContextDelete(chain.context);
	rgt_hasher_free(chain.hasher);
}

/* ---- what was published ------------------------------------------------------------------------------------ */

typedef struct Digest
{
	RgtHasher  *hasher;
	MemoryContext context;		/* of one target */
	int64		units;
} Digest;

static void
add_baseline(TupleTableSlot *slot, void *arg)
{
	Digest	   *digest = arg;
	MemoryContext old = MemoryContextSwitchTo(digest->context);

	rgt_hash_baseline(digest->hasher, DatumGetInt32(slot->tts_values[0]), slot->tts_values[1]);
	digest->units++;
	MemoryContextSwitchTo(old);
	MemoryContextReset(digest->context);
}

/* SHA-256, in hexadecimal, over unit_id and baseline of all targets of a plan; and how many they are. */
char *
rgt_plan_digest(int64 plan_id, RgtSnapshot snapshot, int64 *units)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT unit_id, baseline FROM regtarget.targets WHERE plan_id OPERATOR(pg_catalog.=) $1 ORDER BY unit_id",
		INT8OID);
	Digest		digest = {.hasher = rgt_hasher()};
	Datum		argument = Int64GetDatum(plan_id);
	char	   *hex;

	digest.context = AllocSetContextCreate(CurrentMemoryContext, "regtarget digest", ALLOCSET_SMALL_SIZES);
	rgt_run(&query, snapshot, &argument, NULL, add_baseline, &digest);
	MemoryContextDelete(digest.context);
	hex = rgt_hash_baselines_done(digest.hasher);
	rgt_hasher_free(digest.hasher);
	*units = digest.units;
	return hex;
}

/* A published plan and what the ledger has of it. */
typedef struct Published
{
	int64		plan_id;
	char	   *digest;			/* NULL: no entry */
	struct Published *next;
} Published;

typedef struct PublishedList
{
	Published  *first;
	MemoryContext context;
} PublishedList;

static void
add_published(TupleTableSlot *slot, void *arg)
{
	PublishedList *list = arg;
	MemoryContext old = MemoryContextSwitchTo(list->context);
	Published  *plan = palloc(sizeof(Published));

	plan->plan_id = DatumGetInt64(slot->tts_values[0]);
	plan->digest = slot->tts_isnull[1] ? NULL : TextDatumGetCString(slot->tts_values[1]);
	plan->next = list->first;
	list->first = plan;
	MemoryContextSwitchTo(old);
}

static void
check_published(Report *report)
{
	static RgtQuery query = RGT_QUERY0(
		"SELECT p.plan_id, CASE WHEN l.entry IS NOT NULL THEN coalesce(l.details->>'digest', '') END "
		"FROM regtarget.plans p LEFT JOIN regtarget.ledger l ON l.unit_id = 0 AND l.action = 'plan_published' "
		"AND l.details->'plan_id' = to_jsonb(p.plan_id) "
		"WHERE p.status IN ('published', 'closed') ORDER BY p.plan_id DESC, l.entry DESC");
	PublishedList list = {NULL, CurrentMemoryContext};

	rgt_run(&query, RGT_CALLER, NULL, NULL, add_published, &list);
	for (Published *plan = list.first; plan != NULL; plan = plan->next)
	{
		int64		units;

		if (plan->digest == NULL)
			tell(report, psprintf("no entry says that plan " INT64_FORMAT " was published", plan->plan_id));
		else if (strcmp(plan->digest, rgt_plan_digest(plan->plan_id, RGT_CALLER, &units)) != 0)
			tell(report, psprintf("the baselines of plan " INT64_FORMAT " are not those that were published", plan->plan_id));
	}
}

/* ---- amounts ------------------------------------------------------------------------------------------------- */

/* Compared as jsonb, so that no text in an entry that somebody made can end the check by an error. */
static void
check_amounts(Report *report)
{
	static RgtQuery query = RGT_QUERY0(
		"SELECT format('target %s: amount %s, by the ledger %s', t.target_id, t.amount, coalesce(l.after #>> '{}', t.baseline::text)) "
		"FROM regtarget.plans p JOIN regtarget.targets t ON t.plan_id = p.plan_id "
		"LEFT JOIN (SELECT DISTINCT ON (unit_id, details->'target_id') unit_id, details->'target_id' AS target_id, "
		"coalesce(details->'after', 'null') AS after FROM regtarget.ledger WHERE details ?& '{target_id,before,after,why}' "
		"ORDER BY unit_id, details->'target_id', entry DESC) AS l "
		"ON l.unit_id = t.unit_id AND l.target_id = to_jsonb(t.target_id) "
		"WHERE p.status IN ('published', 'closed') AND to_jsonb(t.amount) <> coalesce(l.after, to_jsonb(t.baseline)) "
		"ORDER BY t.target_id");

	rgt_run(&query, RGT_CALLER, NULL, NULL, tell_row, report);
}

/* verify('{ledger}'): what is wrong, one text each. */
void
rgt_ledger_check(RgtTellFn tell_it, void *arg)
{
	Report		report = {tell_it, arg};

	check_chains(&report);
	check_published(&report);
	check_amounts(&report);
}
