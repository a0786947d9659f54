/*
 * ledger/check.c
 *	  What the ledger must agree with: itself, entry by entry, the plans that were published, the amounts
 *	  of today, and the standings.
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

	if (row->entry != chain->last.entry + 1 && chain->last.entry == 0)
		return psprintf(rgt_text("entry %" PRId64 " of unit %d comes first"), row->entry, row->unit_id);
	if (row->entry != chain->last.entry + 1)
		return psprintf(rgt_text("entry %" PRId64 " of unit %d comes after entry %" PRId64), row->entry, row->unit_id,
						chain->last.entry);
	if (!is_hash(values[PREVIOUS], chain->last.hash, chain->last.length))
		return psprintf(rgt_text("entry %" PRId64 " of unit %d is not bound to the entry before"), row->entry, row->unit_id);
	rgt_hash_row(chain->hasher, &chain->last, row, hash);
	if (!is_hash(values[HASH], hash, RGT_HASH_LENGTH))
		return psprintf(rgt_text("entry %" PRId64 " of unit %d is not what its hash covers"), row->entry, row->unit_id);
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
		tell(chain->report, what);
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
	hex = rgt_hash_done(digest.hasher);
	rgt_hasher_free(digest.hasher);
	*units = digest.units;
	return hex;
}

/* The same of baselines as they were before the first move or transfer: those that were published. */
static char *
digest_as_published(int64 plan_id)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT t.unit_id, coalesce(l.baseline, t.baseline) FROM regtarget.targets t LEFT JOIN ("
		"SELECT DISTINCT ON (e.unit_id, e.details->'target_id') e.unit_id, e.details->'target_id' AS target_id, "
		"CASE jsonb_typeof(e.details->'baseline_before') WHEN 'number' THEN (e.details->'baseline_before')::numeric END AS "
		"baseline "
		"FROM regtarget.ledger e WHERE e.details ?& '{target_id,baseline_before}' AND e.details->'plan_id' = to_jsonb($1) "
		"ORDER BY e.unit_id, e.details->'target_id', e.entry) AS l "
		"ON l.unit_id = t.unit_id AND l.target_id = to_jsonb(t.target_id) WHERE t.plan_id = $1 ORDER BY t.unit_id", INT8OID);
	Digest		digest = {.hasher = rgt_hasher()};
	Datum		argument = Int64GetDatum(plan_id);
	char	   *hex;

	digest.context = AllocSetContextCreate(CurrentMemoryContext, "regtarget digest", ALLOCSET_SMALL_SIZES);
	rgt_run(&query, RGT_CALLER, &argument, NULL, add_baseline, &digest);
	MemoryContextDelete(digest.context);
	hex = rgt_hash_done(digest.hasher);
	rgt_hasher_free(digest.hasher);
	return hex;
}

typedef struct Recording
{
	RgtHasher  *hasher;
	MemoryContext context;		/* of one row */
} Recording;

/* The columns of a row that a plan was made with: a text, and then bytes in network order. */
static void
add_record(TupleTableSlot *slot, void *arg)
{
	Recording  *recording = arg;
	MemoryContext old = MemoryContextSwitchTo(recording->context);

	rgt_hash_text(recording->hasher, TextDatumGetCString(slot->tts_values[0]));
	for (int i = 1; i < slot->tts_tupleDescriptor->natts; i++)
	{
		if (!slot->tts_isnull[i])
			rgt_hash_bytes(recording->hasher, slot->tts_values[i]);
	}
	MemoryContextSwitchTo(old);
	MemoryContextReset(recording->context);
}

/*
 * SHA-256, in hexadecimal, over what a published plan is besides its baselines: its row, which never changes
 * but for its status, what its split was made of, and the bounds that it obeyed.  No setting of a session
 * changes any of the texts.
 */
char *
rgt_plan_record(int64 plan_id, RgtSnapshot snapshot)
{
	static RgtQuery queries[] = {
		RGT_QUERY("SELECT jsonb_build_array(plan_id, period, root_unit_id, mode, label, total, step, cap, created_by, "
				  "extract(epoch FROM created_at), extract(epoch FROM published_at), rules)::text "
				  "FROM regtarget.plans WHERE plan_id = $1", INT8OID),
		RGT_QUERY("SELECT jsonb_build_array(parent_unit_id, signal, factor)::text, float8send(weight), array_send(unit_ids), "
				  "array_send(\"values\"), array_send(imputed), array_send(scales), array_send(shares) "
				  "FROM regtarget.plan_basis WHERE plan_id = $1 ORDER BY parent_unit_id, signal COLLATE \"C\"", INT8OID),
		RGT_QUERY("SELECT jsonb_build_array(unit_id, at_least, at_most)::text "
				  "FROM regtarget.plan_bounds WHERE plan_id = $1 ORDER BY unit_id", INT8OID)
	};
	Recording	recording = {.hasher = rgt_hasher()};
	Datum		argument = Int64GetDatum(plan_id);
	char	   *hex;

	recording.context = AllocSetContextCreate(CurrentMemoryContext, "regtarget record", ALLOCSET_DEFAULT_SIZES);
	for (int i = 0; i < (int) lengthof(queries); i++)
		rgt_run(&queries[i], snapshot, &argument, NULL, add_record, &recording);
	MemoryContextDelete(recording.context);
	hex = rgt_hash_done(recording.hasher);
	rgt_hasher_free(recording.hasher);
	return hex;
}

/* A published plan and what the ledger has of it. */
typedef struct Published
{
	int64		plan_id;
	char	   *digest;			/* NULL: no entry */
	char	   *record;			/* NULL: none in the entry, which is older */
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
	plan->record = slot->tts_isnull[2] ? NULL : TextDatumGetCString(slot->tts_values[2]);
	plan->next = list->first;
	list->first = plan;
	MemoryContextSwitchTo(old);
}

static void
check_published(Report *report)
{
	static RgtQuery query = RGT_QUERY0(
		"SELECT p.plan_id, CASE WHEN l.entry IS NOT NULL THEN coalesce(l.details->>'digest', '') END, l.details->>'record' "
		"FROM regtarget.plans p LEFT JOIN regtarget.ledger l ON l.unit_id = 0 AND l.action = 'plan_published' "
		"AND l.details->'plan_id' = to_jsonb(p.plan_id) "
		"WHERE p.status IN ('published', 'closed') ORDER BY p.plan_id DESC, l.entry DESC");
	PublishedList list = {NULL, CurrentMemoryContext};

	rgt_run(&query, RGT_CALLER, NULL, NULL, add_published, &list);
	for (Published *plan = list.first; plan != NULL; plan = plan->next)
	{
		int64		units;

		if (plan->digest == NULL)
			tell(report, psprintf(rgt_text("no entry says that plan %" PRId64 " was published"), plan->plan_id));
		else if (strcmp(plan->digest, rgt_plan_digest(plan->plan_id, RGT_CALLER, &units)) != 0 &&
				 strcmp(plan->digest, digest_as_published(plan->plan_id)) != 0)
			tell(report, psprintf(rgt_text("the baselines of plan %" PRId64 " are not those that were published"),
								  plan->plan_id));
		if (plan->record != NULL && strcmp(plan->record, rgt_plan_record(plan->plan_id, RGT_CALLER)) != 0)
			tell(report, psprintf(rgt_text("the row, the basis or the bounds of plan %" PRId64 " are not those that were "
										   "published"),
								  plan->plan_id));
	}
}

/* What was put on record of shadow plans is what those say that are marked so; each of them has its entry. */
static void
check_shadows(Report *report)
{
	static RgtQuery query = RGT_QUERY0(
		"SELECT DISTINCT ON (p.plan_id) p.plan_id, CASE WHEN l.entry IS NOT NULL THEN coalesce(l.details->>'digest', '') END, "
		"l.details->>'record' FROM regtarget.plans p LEFT JOIN regtarget.ledger l ON l.unit_id = p.root_unit_id "
		"AND l.action = 'shadow_allocated' AND l.details->'plan_id' = to_jsonb(p.plan_id) "
		"WHERE p.mode = 'shadow' AND p.late IS NOT NULL ORDER BY p.plan_id, l.entry DESC");
	PublishedList list = {NULL, CurrentMemoryContext};
	int64		units;

	rgt_run(&query, RGT_CALLER, NULL, NULL, add_published, &list);
	for (Published *plan = list.first; plan != NULL; plan = plan->next)
	{
		if (plan->digest == NULL)
			tell(report, psprintf(rgt_text("no entry says that shadow plan %" PRId64 " was allocated"), plan->plan_id));
		else if (strcmp(plan->digest, rgt_plan_digest(plan->plan_id, RGT_CALLER, &units)) != 0)
			tell(report, psprintf(rgt_text("the targets of shadow plan %" PRId64 " are not those that were put on record"),
								  plan->plan_id));
		if (plan->record != NULL && strcmp(plan->record, rgt_plan_record(plan->plan_id, RGT_CALLER)) != 0)
			tell(report, psprintf(rgt_text("the row, the basis or the bounds of shadow plan %" PRId64 " are not those that were "
										   "put on record"), plan->plan_id));
	}
}

/* Late or in time, and revealed or hidden, as their last entries say; amounts are baselines, which the digest covers. */
static void
check_marks_of_shadows(Report *report)
{
	static RgtQuery query = RGT_QUERY0(
		"SELECT format(CASE WHEN p.late THEN regtarget.translated('plan %s is late, by the ledger in time') "
		"ELSE regtarget.translated('plan %s is in time, by the ledger late') END, p.plan_id) FROM regtarget.plans p JOIN ("
		"SELECT DISTINCT ON (unit_id, details->'plan_id') unit_id, details->'plan_id' AS plan_id, details->'late' AS late "
		"FROM regtarget.ledger WHERE action = 'shadow_allocated' ORDER BY unit_id, details->'plan_id', entry DESC) AS l "
		"ON l.unit_id = p.root_unit_id AND l.plan_id = to_jsonb(p.plan_id) "
		"WHERE p.mode = 'shadow' AND to_jsonb(p.late) <> coalesce(l.late, 'null') "
		"UNION ALL "
		"SELECT format(regtarget.translated('target %s of shadow plan %s: amount %s, baseline %s'), t.target_id, p.plan_id, "
		"t.amount, t.baseline) "
		"FROM regtarget.plans p JOIN regtarget.targets t ON t.plan_id = p.plan_id "
		"WHERE p.mode = 'shadow' AND p.late IS NOT NULL AND t.amount <> t.baseline "
		"UNION ALL "
		"SELECT format(regtarget.translated('plan %s was revealed at %s, by the ledger at %s'), p.plan_id, "
		"coalesce(p.revealed_at::text, regtarget.translated('no time')), "
		"coalesce(to_timestamp((r.at::text)::numeric / 1000000)::text, regtarget.translated('no time'))) FROM regtarget.plans p "
		"LEFT JOIN (SELECT DISTINCT ON (unit_id, details->'plan_id') unit_id, details->'plan_id' AS plan_id, "
		"CASE jsonb_typeof(details->'revealed_at') WHEN 'number' THEN details->'revealed_at' END AS at FROM regtarget.ledger "
		"WHERE action = 'shadow_revealed' ORDER BY unit_id, details->'plan_id', entry DESC) AS r "
		"ON r.unit_id = p.root_unit_id AND r.plan_id = to_jsonb(p.plan_id) WHERE p.mode = 'shadow' "
		"AND coalesce(to_jsonb(extract(epoch FROM p.revealed_at) * 1000000), 'null') <> coalesce(r.at, 'null') ORDER BY 1");

	rgt_run(&query, RGT_CALLER, NULL, NULL, tell_row, report);
}

/* A plan is closed when its period was, after it had been published. */
static void
check_closings(Report *report)
{
	static RgtQuery query = RGT_QUERY0(
		"SELECT format(CASE WHEN c.entry IS NULL THEN regtarget.translated('plan %s is %s, by the ledger it is not closed') "
		"ELSE regtarget.translated('plan %s is %s, by the ledger it is closed') END, p.plan_id, p.status) "
		"FROM regtarget.plans p JOIN regtarget.ledger l ON l.unit_id = 0 AND l.action = 'plan_published' "
		"AND l.details->'plan_id' = to_jsonb(p.plan_id) "
		"LEFT JOIN (SELECT details->>'period' AS period, max(entry) AS entry FROM regtarget.ledger "
		"WHERE unit_id = 0 AND action = 'period_closed' GROUP BY 1) AS c ON c.period = p.period AND c.entry > l.entry "
		"WHERE p.mode = 'live' AND p.status IN ('published', 'closed') AND (p.status = 'closed') <> (c.entry IS NOT NULL) "
		"ORDER BY 1");

	rgt_run(&query, RGT_CALLER, NULL, NULL, tell_row, report);
}

/* ---- amounts ------------------------------------------------------------------------------------------------- */

/* Compared as jsonb, so that no text in an entry that somebody made can end the check by an error. */
static void
check_amounts(Report *report)
{
	static RgtQuery query = RGT_QUERY0(
		"SELECT format(regtarget.translated('target %s: amount %s, by the ledger %s'), t.target_id, t.amount, coalesce(l.after "
		"#>> '{}', "
		"t.baseline::text)) "
		"FROM regtarget.plans p JOIN regtarget.targets t ON t.plan_id = p.plan_id "
		"LEFT JOIN (SELECT DISTINCT ON (unit_id, details->'target_id') unit_id, details->'target_id' AS target_id, "
		"coalesce(details->'after', 'null') AS after FROM regtarget.ledger WHERE details ?& '{target_id,before,after,why}' "
		"ORDER BY unit_id, details->'target_id', entry DESC) AS l "
		"ON l.unit_id = t.unit_id AND l.target_id = to_jsonb(t.target_id) "
		"WHERE p.status IN ('published', 'closed') AND to_jsonb(t.amount) <> coalesce(l.after, to_jsonb(t.baseline)) "
		"ORDER BY t.target_id");

	rgt_run(&query, RGT_CALLER, NULL, NULL, tell_row, report);
}

/*
 * What targets that were moved are made of and where they stand is what their last entry says; and each entry of one
 * goes on from the one before.
 */
static void
check_moved(Report *report)
{
	static RgtQuery query = RGT_QUERY0(
		"WITH moves AS (SELECT e.unit_id, e.entry, e.details, e.details->'target_id' AS target_id, "
		"lag(e.details) OVER w AS before, lead(e.entry) OVER w IS NULL AS is_last FROM regtarget.ledger e "
		"WHERE e.details ?& "
		"'{target_id,suggested_before,suggested_after,baseline_before,baseline_after,parent_before,parent_after}' "
		"WINDOW w AS (PARTITION BY e.unit_id, e.details->'target_id' ORDER BY e.entry)) "
		"SELECT format(regtarget.translated('target %s: suggested %s, baseline %s, parent %s, by the ledger %s, %s and %s'), "
		"t.target_id, t.suggested, "
		"t.baseline, coalesce(t.parent_unit_id, 0), m.details->>'suggested_after', m.details->>'baseline_after', "
		"m.details->>'parent_after') "
		"FROM moves m JOIN regtarget.targets t ON t.unit_id = m.unit_id AND to_jsonb(t.target_id) = m.target_id "
		"WHERE m.is_last AND (m.details->'suggested_after' <> to_jsonb(t.suggested) "
		"OR m.details->'baseline_after' <> to_jsonb(t.baseline) "
		"OR m.details->'parent_after' <> to_jsonb(coalesce(t.parent_unit_id, 0))) "
		"UNION ALL "
		"SELECT format(regtarget.translated('entry %s of unit %s does not go on from the one before'), m.entry, m.unit_id) "
		"FROM moves m "
		"WHERE m.before->'suggested_after' <> m.details->'suggested_before' "
		"OR m.before->'baseline_after' <> m.details->'baseline_before' "
		"OR m.before->'parent_after' <> m.details->'parent_before'");

	rgt_run(&query, RGT_CALLER, NULL, NULL, tell_row, report);
}

/* ---- successions ---------------------------------------------------------------------------------------------- */

/* What is recorded is what its last entry says, and what was removed is gone; each entry goes on from the one before. */
static void
check_successions(Report *report)
{
	static RgtQuery query = RGT_QUERY0(
		"WITH said AS (SELECT e.unit_id, e.entry, e.details->'from' AS predecessor, "
		"coalesce(e.details->'share', 'null') AS share, coalesce(e.details->'share_before', 'null') AS share_before, "
		"lag(coalesce(e.details->'share', 'null'), 1, 'null') OVER w AS before, lead(e.entry) OVER w IS NULL AS is_last "
		"FROM regtarget.ledger e WHERE e.action IN ('succession_recorded', 'succession_removed') "
		"WINDOW w AS (PARTITION BY e.unit_id, e.details->'from' ORDER BY e.entry)) "
		"SELECT format(regtarget.translated('succession of unit %s from %s: share %s, by the ledger %s'), coalesce(s.unit_id, "
		"l.unit_id), "
		"coalesce(s.predecessor_id::text, l.predecessor #>> '{}'), coalesce(s.share::text, regtarget.translated('none')), "
		"coalesce(l.share #>> '{}', regtarget.translated('none'))) "
		"FROM regtarget.successions s FULL JOIN (SELECT * FROM said WHERE is_last) AS l "
		"ON l.unit_id = s.unit_id AND l.predecessor = to_jsonb(s.predecessor_id) "
		"WHERE coalesce(to_jsonb(s.share), 'null') <> coalesce(l.share, 'null') "
		"UNION ALL "
		"SELECT format(regtarget.translated('entry %s of unit %s does not go on from the one before'), entry, unit_id) FROM said "
		"WHERE share_before <> before ORDER BY 1");

	rgt_run(&query, RGT_CALLER, NULL, NULL, tell_row, report);
}

/* ---- standings ------------------------------------------------------------------------------------------------- */

/*
 * A standing that says something has its entry, an entry its standing, and so has each unit of a plan that is
 * closed.  Before 0.2.0 only those with a
 * penalty had one: where no closing by a later version says how many it wrote, others need none.
 */
static void
check_standings(Report *report)
{
	static RgtQuery query = RGT_QUERY0(
		"SELECT format("
		"regtarget.translated('standing of unit %s for %s: %s denied quarters and a penalty of %s, by the ledger %s'), "
		"coalesce(s.unit_id, l.unit_id), coalesce(s.period, l.period), coalesce(s.denied_quarters::text, "
		"regtarget.translated('no')), "
		"coalesce(s.penalty_rate::text, regtarget.translated('nothing')), CASE WHEN l.unit_id IS NULL THEN "
		"regtarget.translated('nothing') "
		"ELSE format(regtarget.translated('%s and %s'), l.denied, l.rate) END) "
		"FROM (SELECT * FROM regtarget.standings WHERE denied_quarters <> 0 OR penalty_rate <> 0) AS s "
		"FULL JOIN (SELECT unit_id, details->>'period' AS period, details->'denied_quarters' AS denied, details->'penalty_rate' "
		"AS rate "
		"FROM regtarget.ledger WHERE action = 'standing_written') AS l ON l.unit_id = s.unit_id AND l.period = s.period "
		"WHERE CASE WHEN l.unit_id IS NULL THEN s.penalty_rate <> 0 OR s.period IN (SELECT c.details->>'next_period' "
		"FROM regtarget.ledger c WHERE c.unit_id = 0 AND c.action = 'period_closed' AND c.details ? 'denied') "
		"ELSE to_jsonb(s.denied_quarters) IS DISTINCT FROM l.denied OR to_jsonb(s.penalty_rate) IS DISTINCT FROM l.rate END "
		"ORDER BY 1");
	static RgtQuery missing = RGT_QUERY0(
		"SELECT format(regtarget.translated('unit %s has no standing for %s, although by the ledger %s is closed'), t.unit_id, "
		"c.details->>'next_period', p.period) FROM regtarget.ledger c "
		"JOIN regtarget.plans p ON p.period = c.details->>'period' AND p.mode = 'live' AND p.status = 'closed' "
		"JOIN regtarget.targets t ON t.plan_id = p.plan_id "
		"LEFT JOIN regtarget.standings s ON s.unit_id = t.unit_id AND s.period = c.details->>'next_period' "
		"WHERE c.unit_id = 0 AND c.action = 'period_closed' AND s.unit_id IS NULL ORDER BY 1");

	rgt_run(&query, RGT_CALLER, NULL, NULL, tell_row, report);
	rgt_run(&missing, RGT_CALLER, NULL, NULL, tell_row, report);
}

/* verify('{ledger}'): what is wrong, one text each. */
void
rgt_ledger_check(RgtTellFn tell_it, void *arg)
{
	Report		report = {tell_it, arg};

	check_chains(&report);
	check_published(&report);
	check_shadows(&report);
	check_marks_of_shadows(&report);
	check_closings(&report);
	check_amounts(&report);
	check_moved(&report);
	check_successions(&report);
	check_standings(&report);
}
