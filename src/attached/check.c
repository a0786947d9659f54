/*
 * attached/check.c
 *	  Is what was counted of attached relations what they hold now?  For verify().
 *
 * All days up to the last one that was counted are compared, those before the first one, too: so a day that was left out
 * is found, and one that was counted twice.  Later days wait to be counted, and are no fault.  The relations are counted as
 * refresh_activity() does it, in the snapshot of the calling statement; years come one after the other, so that it takes
 * the memory of one of them.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/datetime.h"

#include "attached/attached.h"
#include "attached/relation.h"
#include "regtarget.h"

/* The first day that there is. */
#define FIRST_DAY (DATETIME_MIN_JULIAN - POSTGRES_EPOCH_JDATE)

/* A year at once, or more where that would be a great many statements. */
#define DAYS_AT_ONCE 366
#define MOST_STATEMENTS 16

#define IN_WORDS(of) \
	"coalesce(nullif(concat_ws(', ', " of ".visits, " of ".won, " of ".lost, trim_scale(" of ".won_amount), " \
	of ".revenues, trim_scale(" of ".revenue_amount)), ''), regtarget.translated('nothing'))"
#define STRAYS_IN_WORDS(of) \
	"coalesce(nullif(concat_ws(', ', " of ".rows, trim_scale(" of ".amount)), ''), regtarget.translated('nothing'))"
#define DAY_TEXT "to_jsonb(day) #>> '{}'"

/* A text as a literal of SQL, for format(). */
static char *
literal(const char *words)
{
	return quote_literal_cstr(words);
}

static void
compare_span(const RgtAttachment *attachment, DateADT from, DateADT to, RgtRowFn row, void *arg)
{
	RgtGrouped	grouped = rgt_count_attached(attachment, from, to, RGT_CALLER);
	char	   *of = psprintf("%s, %s", literal(attachment->fact->name), literal(attachment->name));
	char	   *kept = psprintf("attachment_id = %d AND day BETWEEN date '2000-01-01' + (%d) AND date '2000-01-01' + (%d)",
								attachment->id, from, to);

	rgt_read_rows(psprintf("SELECT format(%s, %s, unit_id, " DAY_TEXT ", "
						   IN_WORDS("a") ", " IN_WORDS("b") ") FROM (SELECT * FROM regtarget.attached_days WHERE %s) AS a "
						   "FULL JOIN (" RGT_GROUPED_COUNTS ") AS b USING (unit_id, day) "
						   "WHERE (a.visits, a.won, a.lost, a.won_amount, a.revenues, a.revenue_amount) IS DISTINCT FROM "
						   "(b.visits, b.won, b.lost, b.won_amount, b.revenues, b.revenue_amount) ORDER BY day, unit_id",
						   literal(rgt_text("%s of relation %s: of unit %s on %s counted are (%s), it has (%s)")), of, kept),
				  grouped.rows, grouped.desc, row, arg);
	rgt_read_rows(psprintf("SELECT format(%s, %s, " DAY_TEXT ", "
						   STRAYS_IN_WORDS("a") ", " STRAYS_IN_WORDS("b") ") "
						   "FROM (SELECT * FROM regtarget.attached_strays WHERE %s) AS a "
						   "FULL JOIN (" RGT_GROUPED_STRAYS ") AS b USING (day) "
						   "WHERE (a.rows, a.amount) IS DISTINCT FROM (b.rows, b.amount) ORDER BY day",
						   literal(rgt_text("%s of relation %s: of no unit on %s noted are (%s), it has (%s)")), of, kept),
				  grouped.rows, grouped.desc, row, arg);
	rgt_grouped_end(&grouped);
}

/* The days on which facts were counted; false: there are none. */
static bool
read_range(const RgtAttachment *attachment, DateADT *first, DateADT *last)
{
	static RgtQuery query = RGT_KEY_QUERY(
		"SELECT min(day), max(day) FROM regtarget.attached_days WHERE attachment_id = $1", INT4OID);
	Datum		value = Int32GetDatum(attachment->id);
	Datum		days[2];
	bool		isnull[2];

	rgt_one(&query, RGT_CALLER, &value, NULL, days, isnull, 2);
	*first = DatumGetDateADT(days[0]);
	*last = DatumGetDateADT(days[1]);
	return !isnull[0] && *last <= attachment->to;
}

/* Say something that no query finds. */
static void
tell(char *what, RgtRowFn row, void *arg)
{
	static RgtQuery query = RGT_QUERY("SELECT $1", TEXTOID);
	Datum		value = CStringGetTextDatum(what);

	rgt_run(&query, RGT_CALLER, &value, NULL, row, arg);
}

/*
 * The first statement takes the days before the first fact that was counted along, the last one those after the last: there
 * ought to be nothing.  Of a relation that is gone nothing can be said; attached_facts shows it.
 */
static void
compare_one(RgtAttachment *attachment, RgtRowFn row, void *arg)
{
	DateADT		from = FIRST_DAY;
	DateADT		first;
	DateADT		last;
	char	   *wrong;
	bool		is_moment;

	if (!rgt_hold_relation(attachment))
		return;
	wrong = rgt_wrong_columns(attachment->fact, attachment->relation, &is_moment);
	if (wrong != NULL)
	{
		tell(psprintf(rgt_text("relation %s does not have the columns of %s: %s"), attachment->name,
					  attachment->fact->name, wrong),
			 row, arg);
		return;
	}
	if (read_range(attachment, &first, &last))
	{
		int64		days = Max(DAYS_AT_ONCE, ((int64) last - first) / MOST_STATEMENTS + 1);

		for (int64 past = first + days; past <= last; past += days)
		{
			compare_span(attachment, from, past - 1, row, arg);
			from = past;
		}
	}
	compare_span(attachment, from, attachment->to, row, arg);
}

/* What is kept disagrees with itself: of relations that are gone, too. */
static void
compare_totals(RgtRowFn row, void *arg)
{
	static RgtQuery query = RGT_QUERY0(
		"SELECT format(regtarget.translated('%s of relation %I.%I: %s and %s rows are noted, its days come to %s and %s'), "
		"a.fact, a.schema_name, "
		"a.relation_name, a.rows, a.unknown_rows, coalesce(d.rows, 0), coalesce(s.rows, 0)) "
		"FROM regtarget.attachments a "
		"LEFT JOIN (SELECT attachment_id, sum(visits::bigint + won + lost + revenues) AS rows FROM regtarget.attached_days "
		"GROUP BY 1) AS d USING (attachment_id) "
		"LEFT JOIN (SELECT attachment_id, sum(rows) AS rows FROM regtarget.attached_strays GROUP BY 1) AS s "
		"USING (attachment_id) "
		"WHERE a.rows <> coalesce(d.rows, 0) OR a.unknown_rows <> coalesce(s.rows, 0) "
		"UNION ALL SELECT format("
		"regtarget.translated('%s of relation %I.%I: days from %s to %s are counted, those noted are %s to %s'), a.fact, "
		"a.schema_name, a.relation_name, to_jsonb(d.first) #>> '{}', to_jsonb(d.last) #>> '{}', "
		"coalesce(to_jsonb(a.counted_from) #>> '{}', ''), coalesce(to_jsonb(a.counted_to) #>> '{}', '')) "
		"FROM regtarget.attachments a "
		"JOIN (SELECT attachment_id, min(day) AS first, max(day) AS last FROM ("
		"SELECT attachment_id, day FROM regtarget.attached_days "
		"UNION ALL SELECT attachment_id, day FROM regtarget.attached_strays) AS e GROUP BY 1) AS d USING (attachment_id) "
		"WHERE (d.first >= a.counted_from AND d.last <= a.counted_to) IS NOT TRUE");

	rgt_run(&query, RGT_CALLER, NULL, NULL, row, arg);
}

/* Every unit's day that was not counted as it is, as one text each.  A server that is away is an error. */
void
rgt_stale_attached(RgtRowFn row, void *arg)
{
	int			n;
	RgtAttachment *list = rgt_attachments(RGT_CALLER, &n);

	compare_totals(row, arg);
	for (int i = 0; i < n; i++)
	{
		if (list[i].counted)
			compare_one(&list[i], row, arg);
	}
}
