/*
 * alerts/raise.c
 *	  An alert is raised or resolved: its row, its review, its notice, its entry in the ledger.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "commands/async.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/datetime.h"

#include "alerts/raise.h"
#include "ledger/ledger.h"
#include "regtarget.h"
#include "units/units.h"

/* One writer of this room at a time. */
void
rgt_lock_alerts(void)
{
	rgt_lock_object(rgt_relation("alerts"), ExclusiveLock);
}

/* A day that an alert may have: its year has four digits, as moments have that other systems read.  Else 22023. */
DateADT
rgt_alert_day(FunctionCallInfo fcinfo, int arg, const char *name)
{
	DateADT		day = rgt_required_day(fcinfo, arg, name);

	if (day < date2j(1, 1, 1) - POSTGRES_EPOCH_JDATE || day > date2j(9999, 12, 31) - POSTGRES_EPOCH_JDATE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"%s\" must be a day of the years 1 to 9999", name),
				 errdetail("It is %s.", rgt_date_text(day))));
	return day;
}

RgtRaising
rgt_raising(DateADT day)
{
	RgtRaising	raising = {.day = day, .context = CurrentMemoryContext, .allocated = 16, .raised_allocated = 16};

	raising.entries = palloc(sizeof(RgtEntry) * 16);
	raising.raised = palloc(sizeof(Datum) * 16);
	return raising;
}

/* An entry for the ledger, to be written at the end. */
void
rgt_raising_note(RgtRaising *raising, int32 unit_id, const char *action, RgtJson *details)
{
	RGT_GROW(raising->entries, raising->n, raising->allocated);
	raising->entries[raising->n++] = (RgtEntry) {unit_id, action, rgt_json_done(details)};
}

static int
compare_entries(const void *a, const void *b)
{
	const RgtEntry *left = *(RgtEntry *const *) a;
	const RgtEntry *right = *(RgtEntry *const *) b;

	return left->unit_id != right->unit_id ? RGT_ORDER(left->unit_id, right->unit_id) : RGT_ORDER(left, right);
}

/* Write the entries, by unit and in the order in which they came. */
void
rgt_raising_done(RgtRaising *raising)
{
	RgtEntry  **order = palloc(sizeof(RgtEntry *) * (Size) Max(raising->n, 1));
	RgtEntry   *sorted = palloc(sizeof(RgtEntry) * (Size) Max(raising->n, 1));

	for (int i = 0; i < raising->n; i++)
		order[i] = &raising->entries[i];
	qsort(order, raising->n, sizeof(RgtEntry *), compare_entries);
	for (int i = 0; i < raising->n; i++)
		sorted[i] = *order[i];
	if (raising->n > 0)
		rgt_ledger_append(sorted, raising->n);
}

/* ---- notices -------------------------------------------------------------------------------------- */

/* A notice has room for some 8,000 bytes. */
#define NOTICE_BYTES 7900

static void
note_silence(TupleTableSlot *slot, void *arg)
{
	*(bool *) arg |= slot->tts_isnull[0];
}

/* Does a silence of the day mute notices of the alert?  Mostly there is none, and nobody looks who is above whom. */
static bool
is_silenced(const RgtAlert *alert, DateADT day)
{
	static RgtQuery of_rule = RGT_KEY_QUERY(
		"SELECT unit_id FROM regtarget.silences WHERE during @> $2 AND (rule IS NULL OR rule = $1)", TEXTOID, DATEOID);
	static RgtQuery of_units_above = RGT_KEY_QUERY(
		"WITH RECURSIVE up (unit_id, parent_id) AS ("
		"SELECT u.unit_id, " RGT_PARENT_ON("u", "$2") " FROM regtarget.units u WHERE u.unit_id = $3 "
		"UNION SELECT u.unit_id, " RGT_PARENT_ON("u", "$2") " FROM up JOIN regtarget.units u ON u.unit_id = up.parent_id) "
		"SELECT true WHERE EXISTS (SELECT FROM regtarget.silences s WHERE s.during @> $2 AND (s.rule IS NULL OR s.rule = $1) "
		"AND s.unit_id IN (SELECT unit_id FROM up))", TEXTOID, DATEOID, INT4OID);
	Datum		values[3] = {CStringGetTextDatum(alert->rule), DateADTGetDatum(day), Int32GetDatum(alert->unit_id)};
	bool		all_units = false;

	if (rgt_run(&of_rule, RGT_FRESH, values, NULL, note_silence, &all_units) == 0)
		return false;
	return all_units || rgt_run(&of_units_above, RGT_FRESH, values, NULL, NULL, NULL) > 0;
}

/* As much of a text as a share of the notice holds, cut between characters. */
static char *
clipped(const char *string, int bytes)
{
	int			length = strlen(string);

	return length <= bytes ? unconstify(char *, string) : pnstrdup(string, pg_mbcliplen(string, length, bytes));
}

static char *
payload_of(const RgtAlert *alert, const char *status, int64 review_id, int32 told_unit_id, int bytes)
{
	RgtJson    *json = rgt_json();

	rgt_json_int(json, "alert_id", alert->alert_id);
	rgt_json_text(json, "unit", clipped(rgt_unit_name(alert->unit_id), bytes));
	rgt_json_text(json, "rule", clipped(alert->rule, bytes));
	rgt_json_text(json, "level", alert->level);
	rgt_json_text(json, "status", status);
	if (review_id != 0)
		rgt_json_int(json, "review_id", review_id);
	if (alert->event_id != 0)
		rgt_json_int(json, "event_id", alert->event_id);
	if (told_unit_id != 0)
		rgt_json_text(json, "told", clipped(rgt_unit_name(told_unit_id), bytes));
	return DatumGetCString(DirectFunctionCall1(jsonb_out, rgt_json_done(json)));
}

static void
notify(const RgtAlert *alert, const char *status, int64 review_id, int32 told_unit_id, DateADT day)
{
	int			bytes = NOTICE_BYTES;
	char	   *payload;

	if (alert->covered_by != 0 || is_silenced(alert, day))
		return;
	payload = payload_of(alert, status, review_id, told_unit_id, bytes);
	while (strlen(payload) > NOTICE_BYTES)
	{
		bytes /= 2;
		payload = payload_of(alert, status, review_id, told_unit_id, bytes);
	}
	Async_Notify("regtarget_alert", payload);
}

/* The review of an alert is overdue: for the managers and planners of a unit. */
void
rgt_notify_overdue(const RgtAlert *alert, int64 review_id, int32 told_unit_id, DateADT day)
{
	notify(alert, "overdue", review_id, told_unit_id, day);
}

/* ---- an alert ---------------------------------------------------------------------------------------- */

static void
keep_id(TupleTableSlot *slot, void *arg)
{
	*(int64 *) arg = DatumGetInt64(slot->tts_values[0]);
}

static void
insert_alert(RgtAlert *alert)
{
	static RgtQuery query = RGT_KEY_QUERY(
		"INSERT INTO regtarget.alerts (rule, level, unit_id, on_day, event_id, value_before, value_after, certainty, covered_by) "
		"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING alert_id",
		TEXTOID, TEXTOID, INT4OID, DATEOID, INT8OID, FLOAT8OID, FLOAT8OID, FLOAT8OID, INT8OID);
	Datum		values[9] = {CStringGetTextDatum(alert->rule), CStringGetTextDatum(alert->level), Int32GetDatum(alert->unit_id),
		DateADTGetDatum(alert->on_day), Int64GetDatum(alert->event_id), Float8GetDatum(alert->before.value),
	Float8GetDatum(alert->after.value), Float8GetDatum(alert->certainty.value), Int64GetDatum(alert->covered_by)};
	char		nulls[10] = "         ";

	if (alert->event_id == 0)
		nulls[4] = 'n';
	if (!alert->before.known)
		nulls[5] = 'n';
	if (!alert->after.known)
		nulls[6] = 'n';
	if (!alert->certainty.known)
		nulls[7] = 'n';
	if (alert->covered_by == 0)
		nulls[8] = 'n';
	rgt_run(&query, RGT_FRESH, values, nulls, keep_id, &alert->alert_id);
	/* Its review names no other unit. */
	rgt_check_reference("alerts", "unit_id", &values[2], 1);
}

/* What the ledger says of it. */
static RgtJson *
details_of(const RgtAlert *alert)
{
	RgtJson    *details = rgt_json();

	rgt_json_int(details, "alert_id", alert->alert_id);
	rgt_json_text(details, "rule", alert->rule);
	rgt_json_text(details, "level", alert->level);
	rgt_json_text(details, "on_day", rgt_date_text(alert->on_day));
	if (alert->event_id != 0)
		rgt_json_int(details, "event_id", alert->event_id);
	if (alert->before.known)
		rgt_json_float(details, "value_before", alert->before.value);
	if (alert->after.known)
		rgt_json_float(details, "value_after", alert->after.value);
	if (alert->certainty.known)
		rgt_json_float(details, "certainty", alert->certainty.value);
	if (alert->covered_by != 0)
		rgt_json_int(details, "covered_by", alert->covered_by);
	return details;
}

/* Open, on a day, the review of a unit that has a superior then and none open; 0: no review. */
static int64
open_review(RgtRaising *raising, const RgtAlert *alert, DateADT day)
{
	static RgtQuery query = RGT_KEY_QUERY(
		"INSERT INTO regtarget.reviews (alert_id, unit_id, due_on, certainty) SELECT $1, u.unit_id, $3, $5 FROM regtarget.units "
		"u "
		"WHERE u.unit_id = $2 AND (" RGT_PARENT_ON("u", "$4") ") IS NOT NULL AND NOT EXISTS (SELECT FROM regtarget.reviews r "
		"WHERE r.unit_id = $2 AND r.status = 'open') RETURNING review_id", INT8OID, INT4OID, DATEOID, DATEOID, FLOAT8OID);
	Datum		values[5] = {Int64GetDatum(alert->alert_id), Int32GetDatum(alert->unit_id),
		DateADTGetDatum(day + RGT_REVIEW_DAYS), DateADTGetDatum(day), Float8GetDatum(alert->certainty.value)};
	int64		review_id = 0;
	RgtJson    *details;

	rgt_run(&query, RGT_FRESH, values, alert->certainty.known ? NULL : "    n", keep_id, &review_id);
	if (review_id == 0)
		return 0;
	details = rgt_json();
	rgt_json_int(details, "review_id", review_id);
	rgt_json_int(details, "alert_id", alert->alert_id);
	rgt_json_text(details, "due_on", rgt_date_text(day + RGT_REVIEW_DAYS));
	if (alert->certainty.known)
		rgt_json_float(details, "certainty", alert->certainty.value);
	rgt_raising_note(raising, alert->unit_id, "review_opened", details);
	return review_id;
}

/*
 * An alert that was not certain enough for a review when it was raised has become so, with the certainty that it has here: the
 * review is opened now.
 */
void
rgt_review_later(RgtRaising *raising, const RgtAlert *alert, DateADT day, bool tell)
{
	int64		review_id = open_review(raising, alert, day);

	if (review_id != 0 && tell)
		notify(alert, "firing", review_id, 0, raising->day);
}

/* Raise an alert, and open its review.  Where another speaks for it, without either review or notice. */
void
rgt_raise(RgtRaising *raising, RgtAlert *alert, bool opens_review)
{
	int64		review_id = 0;

	insert_alert(alert);
	RGT_GROW(raising->raised, raising->nraised, raising->raised_allocated);
	raising->raised[raising->nraised++] = Int64GetDatum(alert->alert_id);
	rgt_raising_note(raising, alert->unit_id, "alert_raised", details_of(alert));
	if (opens_review && alert->covered_by == 0)
		review_id = open_review(raising, alert, alert->on_day);
	notify(alert, "firing", review_id, 0, raising->day);
}

static void
keep_status(TupleTableSlot *slot, void *arg)
{
	*(bool *) arg = slot->tts_isnull[0];
}

/* An alert that does not hold any more, or whose review is closed.  Of one that somebody has acknowledged no notice comes. */
void
rgt_resolve(RgtRaising *raising, const RgtAlert *alert, DateADT resolved_on)
{
	static RgtQuery query = RGT_QUERY(
		"UPDATE regtarget.alerts SET status = 'resolved', resolved_on = greatest(on_day, $2) "
		"WHERE alert_id = $1 AND status <> 'resolved' RETURNING acknowledged_by", INT8OID, DATEOID);
	Datum		values[2] = {Int64GetDatum(alert->alert_id), DateADTGetDatum(resolved_on)};
	RgtJson    *details = rgt_json();
	bool		unseen = false;

	if (rgt_run(&query, RGT_FRESH, values, NULL, keep_status, &unseen) == 0)
		return;
	rgt_json_int(details, "alert_id", alert->alert_id);
	rgt_json_text(details, "resolved_on", rgt_date_text(Max(alert->on_day, resolved_on)));
	rgt_raising_note(raising, alert->unit_id, "alert_resolved", details);
	if (unseen)
		notify(alert, "resolved", 0, 0, raising->day);
}
