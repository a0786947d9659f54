/*
 * attached/refresh.c
 *	  refresh_activity(): counts a span of days anew in every attached relation.
 *
 * attached_days keeps a row for each unit and day of each relation.  Those of the span are made what was counted now; what
 * did not change is not written.  Statement triggers carry the difference over to activity as they do that of facts
 * (activity/triggers.c): so loads, folds and readers need to know nothing of it, and wait for nothing.
 *
 * Two who count the same relation come one after the other: the lock is taken before the relation is read, with a new
 * snapshot, and held until the transaction ends.  So it is always the newer count that stays.  All is one transaction: when
 * a server is away, nothing has changed.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/tstoreReceiver.h"
#include "miscadmin.h"
#include "tcop/dest.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "attached/relation.h"
#include "regtarget.h"

/* What was counted in a span of days, and what of it counts nowhere. */
typedef struct Counted
{
	int64		rows;
	int64		strays;
} Counted;

/* A finite day as an expression of SQL that no setting changes. */
static char *
day_in_sql(DateADT day)
{
	return psprintf("(date '2000-01-01' + (%d))", day);
}

static void
keep_counted(TupleTableSlot *slot, void *arg)
{
	Counted    *counted = arg;

	counted->rows = DatumGetInt64(slot->tts_values[0]);
	counted->strays = DatumGetInt64(slot->tts_values[1]);
}

/* What is kept of a span. */
static Counted
read_kept(int32 id, DateADT from, DateADT to)
{
	static RgtQuery query = RGT_KEY_QUERY(
		"SELECT (SELECT coalesce(sum(d.visits::bigint + d.won + d.lost + d.revenues), 0)::bigint FROM regtarget.attached_days d "
		"WHERE d.attachment_id = $1 AND d.day BETWEEN $2 AND $3), "
		"(SELECT coalesce(sum(s.rows), 0)::bigint FROM regtarget.attached_strays s "
		"WHERE s.attachment_id = $1 AND s.day BETWEEN $2 AND $3)", INT4OID, DATEOID, DATEOID);
	Datum		values[3] = {Int32GetDatum(id), DateADTGetDatum(from), DateADTGetDatum(to)};
	Counted		counted = {0};

	rgt_run(&query, RGT_FRESH, values, NULL, keep_counted, &counted);
	return counted;
}

#define COUNTS "visits, won, lost, won_amount, revenues, revenue_amount"
#define COUNTS_OF(of) of ".visits, " of ".won, " of ".lost, " of ".won_amount, " of ".revenues, " of ".revenue_amount"

/*
 * What is kept of a span and was not counted so, by its place (place), and what was counted and is not kept so (day).  A full
 * join is hashed or merged, whatever the planner believes of tables that have just been filled or emptied.
 */
static Tuplestorestate *
find_differences(const RgtAttachment *attachment, const char *span, const RgtGrouped *grouped, TupleDesc *desc)
{
	Tuplestorestate *differences = tuplestore_begin_heap(false, false, work_mem);
	DestReceiver *dest = CreateTuplestoreDestReceiver();
	static const struct
	{
		const char *name;
		Oid			type;
	}			columns[] = {
		{"place", TIDOID}, {"unit_id", INT4OID}, {"day", DATEOID}, {"visits", INT4OID}, {"won", INT4OID}, {"lost", INT4OID},
		{"won_amount", NUMERICOID}, {"revenues", INT4OID}, {"revenue_amount", NUMERICOID}
	};

	*desc = CreateTemplateTupleDesc(lengthof(columns));
	for (int c = 0; c < (int) lengthof(columns); c++)
		TupleDescInitEntry(*desc, c + 1, columns[c].name, columns[c].type, -1, 0);
	SetTuplestoreDestReceiverParams(dest, differences, CurrentMemoryContext, false, NULL, NULL);
	rgt_run_rows(psprintf("SELECT d.place, c.unit_id, c.day, " COUNTS_OF("c") " FROM ("
						  "SELECT d.ctid AS place, d.unit_id, d.day, " COUNTS_OF("d") " FROM regtarget.attached_days d WHERE %s"
						  ") AS d FULL JOIN (" RGT_GROUPED_COUNTS ") AS c ON c.day = d.day AND c.unit_id = d.unit_id "
						  "WHERE (" COUNTS_OF("d") ") IS DISTINCT FROM (" COUNTS_OF("c") ") ORDER BY c.day, c.unit_id", span),
				 grouped->rows, grouped->desc, dest);
	dest->rDestroy(dest);
	return differences;
}

/* Make what is kept of a span what was counted.  Nobody else writes these rows: they stay where they were found. */
static void
write_counted(const RgtAttachment *attachment, DateADT from, DateADT to, const RgtGrouped *grouped)
{
	char	   *span = psprintf("d.attachment_id = %d AND d.day BETWEEN %s AND %s", attachment->id, day_in_sql(from),
								day_in_sql(to));
	TupleDesc	desc;
	Tuplestorestate *differences = find_differences(attachment, span, grouped, &desc);

	rgt_run_rows("DELETE FROM regtarget.attached_days d USING made_rows m WHERE d.ctid = m.place",
				 differences, desc, None_Receiver);
	rgt_run_rows(psprintf("INSERT INTO regtarget.attached_days (unit_id, day, " COUNTS ", attachment_id) "
						  "SELECT m.unit_id, m.day, " COUNTS_OF("m") ", %d FROM made_rows m WHERE m.day IS NOT NULL",
						  attachment->id),
				 differences, desc, None_Receiver);
	tuplestore_end(differences);
	rgt_run_rows(psprintf("DELETE FROM regtarget.attached_strays d WHERE %s", span), grouped->rows, grouped->desc, None_Receiver);
	rgt_run_rows(psprintf("INSERT INTO regtarget.attached_strays (attachment_id, day, rows, amount) "
						  "SELECT %d, c.day, c.rows, c.amount FROM (" RGT_GROUPED_STRAYS ") AS c", attachment->id),
				 grouped->rows, grouped->desc, None_Receiver);
}

/*
 * Keep how much was counted, and up to which day.  Where all that ever was is counted anew, the totals do not rest on what
 * they were.
 */
static void
note_counted(const RgtAttachment *attachment, DateADT from, DateADT to, const Counted *before, const Counted *now,
			 bool made_there)
{
	static RgtQuery query = RGT_KEY_QUERY(
		"UPDATE regtarget.attachments SET "
		"rows = $7 + CASE WHEN $5 <= counted_from AND $6 >= counted_to THEN 0 ELSE rows - $2 END, "
		"unknown_rows = $8 + CASE WHEN $5 <= counted_from AND $6 >= counted_to THEN 0 ELSE unknown_rows - $3 END, "
		"made_there = $4, "
		"counted_from = least(counted_from, $5), counted_to = greatest(counted_to, $6), "
		"counted_at = " RGT_MOMENT_AFTER("counted_at") " WHERE attachment_id = $1",
		INT4OID, INT8OID, INT8OID, BOOLOID, DATEOID, DATEOID, INT8OID, INT8OID);
	Datum		values[8] = {
		Int32GetDatum(attachment->id), Int64GetDatum(before->rows), Int64GetDatum(before->strays), BoolGetDatum(made_there),
		DateADTGetDatum(from), DateADTGetDatum(to), Int64GetDatum(now->rows), Int64GetDatum(now->strays)
	};

	rgt_run(&query, RGT_FRESH, values, NULL, NULL, NULL);
	rgt_note_relation(attachment->id, attachment->relation);
}

/* Which units facts name that there are not. */
typedef struct Strays
{
	char	   *units;			/* the most frequent ones */
	int64		more;			/* others */
	char	   *first;			/* days */
	char	   *last;
	char	   *amount;
	MemoryContext context;
} Strays;

static void
keep_strays(TupleTableSlot *slot, void *arg)
{
	Strays	   *strays = arg;
	MemoryContext old = MemoryContextSwitchTo(strays->context);

	strays->units = TextDatumGetCString(slot->tts_values[0]);
	strays->more = DatumGetInt64(slot->tts_values[1]);
	strays->first = TextDatumGetCString(slot->tts_values[2]);
	strays->last = TextDatumGetCString(slot->tts_values[3]);
	strays->amount = TextDatumGetCString(slot->tts_values[4]);
	MemoryContextSwitchTo(old);
}

/* Of facts that name no unit: which units they do name, for whoever mends them. */
static void
tell_strays(const RgtAttachment *attachment, const Counted *counted, const RgtGrouped *grouped)
{
	Strays		strays = {.context = CurrentMemoryContext};

	if (counted->strays == 0)
		return;
	rgt_read_rows("SELECT string_agg(u.unit, ', ' ORDER BY u.rows DESC, u.unit) FILTER (WHERE u.place <= 5), "
				  "greatest(count(*) - 5, 0), to_jsonb(min(u.first)) #>> '{}', to_jsonb(max(u.last)) #>> '{}', "
				  "trim_scale(sum(u.amount))::text FROM ("
				  "SELECT coalesce(m.unit_id::text, 'null') AS unit, "
				  "sum(m.visits::bigint + m.won + m.lost + m.revenues) AS rows, "
				  "sum(m.won_amount + m.revenue_amount) AS amount, min(m.day) AS first, max(m.day) AS last, "
				  "row_number() OVER (ORDER BY sum(m.visits::bigint + m.won + m.lost + m.revenues) DESC, m.unit_id) AS place "
				  "FROM made_rows m LEFT JOIN regtarget.units u ON u.unit_id = m.unit_id WHERE u.unit_id IS NULL "
				  "GROUP BY m.unit_id) AS u", grouped->rows, grouped->desc, keep_strays, &strays);
	if (strays.units == NULL)
		return;
	ereport(NOTICE,
			(errmsg("%" PRId64 " of the %s of relation %s name no unit that there is, and count nowhere", counted->strays,
					attachment->fact->name, attachment->name),
			 strays.more == 0 ?
			 errdetail("The keys of units are %s; from %s to %s, amounts come to %s.", strays.units, strays.first, strays.last,
					   strays.amount) :
			 errdetail("The keys of units are %s and %" PRId64 " more; from %s to %s, amounts come to %s.", strays.units,
					   strays.more, strays.first, strays.last, strays.amount),
			 errhint("Add the units, or mend unit_id where the rows are, and count these days again.")));
}

/* 55000 where there is nothing to count. */
static void
require_there(RgtAttachment *attachment)
{
	if (rgt_hold_relation(attachment))
		return;
	rgt_refuse_state("attachments",
					 psprintf(rgt_text("relation %s, which is attached as %s, does not exist"), attachment->name,
							  attachment->fact->name),
					 NULL,
					 psprintf(rgt_text("Take it away: SELECT regtarget.detach_facts('%s', '-'); after a restore, make it first."),
							  attachment->fact->name));
}

/* Count a span of one relation; returns how many facts count.  0 when somebody has just taken it away. */
static int64
refresh_one(int32 id, DateADT from, DateADT to, int i, int n)
{
	RgtAttachment attachment;
	RgtGrouped	grouped;
	Counted		before;
	Counted		now;

	rgt_lock_attachment(id);
	if (!rgt_find_attachment(RGT_LATEST, id, &attachment))
		return 0;
	require_there(&attachment);
	rgt_check_attachable(attachment.fact, attachment.relation);
	rgt_check_readable(attachment.fact, attachment.relation);
	grouped = rgt_count_attached(&attachment, from, to, RGT_FRESH);
	before = read_kept(id, from, to);
	write_counted(&attachment, from, to, &grouped);
	now = read_kept(id, from, to);
	note_counted(&attachment, from, to, &before, &now, grouped.made_there);
	ereport(NOTICE,
			(errmsg("%d of %d: %" PRId64 " %s of relation %s counted, from %s to %s", i + 1, n, now.rows,
					attachment.fact->name, attachment.name, rgt_date_text(from), rgt_date_text(to))));
	tell_strays(&attachment, &now, &grouped);
	rgt_grouped_end(&grouped);
	return now.rows;
}

/* refresh_activity(from_day, to_day): how many facts of these days count, over all attached relations. */
PG_FUNCTION_INFO_V1(rgt_refresh_activity);
Datum
rgt_refresh_activity(PG_FUNCTION_ARGS)
{
	RgtAttachment *list;
	RgtSession	session;
	DateADT		from;
	DateADT		to;
	int64		rows = 0;
	int			n;

	rgt_enter_to_write(&session, "regtarget.refresh_activity()");
	rgt_require_attacher(rgt_text("role \"%s\" may not count attached facts"));
	from = rgt_required_day(fcinfo, 0, "from_day");
	to = rgt_required_day(fcinfo, 1, "to_day");
	if (from > to)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the first day must not be after the last"),
				 errdetail("They are %s and %s.", rgt_date_text(from), rgt_date_text(to))));
	rgt_require_unrestricted("regtarget.refresh_activity()");
	rgt_require_read_committed("regtarget.refresh_activity()");
	rgt_note_names();
	list = rgt_attachments(RGT_LATEST, &n);
	for (int i = 0; i < n; i++)
		rows += refresh_one(list[i].id, from, to, i, n);
	rgt_end(&session);
	PG_RETURN_INT64(rows);
}
