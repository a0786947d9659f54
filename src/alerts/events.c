/*
 * alerts/events.c
 *	  report_event() and confirm_event(): what happens in the market raises alerts at once.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "access/access.h"
#include "alerts/raise.h"
#include "regtarget.h"
#include "units/units.h"

enum
{
	ARG_KIND, ARG_SUBJECT, ARG_UNIT, ARG_DAY, ARG_NOTE
};

typedef struct Event
{
	int64		event_id;
	int32		unit_id;		/* 0: every unit */
	DateADT		happened_on;
	bool		confirmed;
} Event;

/* ---- its alerts ---------------------------------------------------------------------------------- */

/* The alerts that are to be raised: gathered first, as a statement of ours does not run within another. */
typedef struct EventAlert
{
	RgtAlert	alert;
	bool		opens_review;
} EventAlert;

typedef struct Gathered
{
	MemoryContext context;
	EventAlert *alerts;
	int			n;
	int			allocated;
} Gathered;

/* An event that this transaction has written, as it is by now. */
static void
read_event_row(int64 event_id, const char *const *columns, int n, Datum *values, bool *isnull)
{
	Snapshot	snapshot = rgt_snapshot(RGT_FRESH);

	if (!rgt_row_by_key("market_events", event_id, snapshot, columns, n, values, isnull))
		elog(ERROR, "event " INT64_FORMAT " is not there", event_id);
	UnregisterSnapshot(snapshot);
}

/* Columns: rule, level, opens_review, unit_id. */
static void
gather(TupleTableSlot *slot, void *arg)
{
	Gathered   *gathered = arg;
	MemoryContext old = MemoryContextSwitchTo(gathered->context);
	EventAlert *alert;

	RGT_GROW(gathered->alerts, gathered->n, gathered->allocated);
	alert = &gathered->alerts[gathered->n++];
	*alert = (EventAlert) {.opens_review = DatumGetBool(slot->tts_values[2])};
	alert->alert.rule = TextDatumGetCString(slot->tts_values[0]);
	alert->alert.level = TextDatumGetCString(slot->tts_values[1]);
	alert->alert.unit_id = DatumGetInt32(slot->tts_values[3]);
	MemoryContextSwitchTo(old);
}

/* The columns of an event that say what alerts there are of it. */
static const char *const event_columns[] = {"unit_id", "happened_on", "kind", "subject"};

/*
 * Where it is of every unit: each region, which is a unit of kind region or, while there is none, one right below the top.
 */
static void
gather_regions(const Datum *event, Gathered *gathered)
{
	static RgtQuery query = RGT_QUERY(
		"WITH placed AS (SELECT u.unit_id, u.kind, u.opened_on, u.closed_on, " RGT_PARENT_ON("u", "$1") " AS parent_id "
		"FROM regtarget.units u), open AS (SELECT u.* FROM placed u WHERE coalesce(u.opened_on <= $1, true) "
		"AND coalesce(u.closed_on >= $1, true)) "
		"SELECT r.rule, r.level, r.opens_review, u.unit_id FROM regtarget.alert_rules r "
		"JOIN open u ON CASE WHEN EXISTS (SELECT FROM open WHERE kind = 'region') THEN u.kind = 'region' "
		"ELSE u.parent_id IN (SELECT unit_id FROM placed WHERE parent_id IS NULL) END "
		"WHERE r.event_kind = $2 AND r.enabled AND (r.unit_kind IS NULL OR r.unit_kind = u.kind) "
		"AND (NOT r.leading_only OR NOT EXISTS (SELECT FROM regtarget.competitors c WHERE c.\"leading\") "
		"OR EXISTS (SELECT FROM regtarget.competitors c WHERE c.\"leading\" AND c.name = $3)) "
		"ORDER BY r.rule COLLATE \"C\", u.unit_id", DATEOID, TEXTOID, TEXTOID);

	rgt_run(&query, RGT_FRESH, &event[1], NULL, gather, gathered);
}

static int
compare_rules(const void *a, const void *b)
{
	return strcmp(((const EventAlert *) a)->alert.rule, ((const EventAlert *) b)->alert.rule);
}

/* Of one unit: by keys, as an alert shall be there at once. */
static void
gather_unit(const Datum *event, Gathered *gathered)
{
	static RgtQuery query = RGT_KEY_QUERY(
		"SELECT r.rule, r.level, r.opens_review, $1 FROM regtarget.alert_rules r WHERE r.event_kind = $2 AND r.enabled "
		"AND (r.unit_kind IS NULL OR r.unit_kind = $4) "
		"AND (NOT r.leading_only OR NOT EXISTS (SELECT FROM regtarget.competitors c WHERE c.\"leading\") "
		"OR EXISTS (SELECT FROM regtarget.competitors c WHERE c.\"leading\" AND c.name = "
		"$3))", INT4OID, TEXTOID, TEXTOID, TEXTOID);
	static const char *const columns[] = {"kind", "opened_on", "closed_on"};
	Snapshot	snapshot = rgt_snapshot(RGT_FRESH);
	Datum		unit[3];
	bool		isnull[3];
	bool		found = rgt_row_by_key("units", DatumGetInt32(event[0]), snapshot, columns, 3, unit, isnull);
	DateADT		day = DatumGetDateADT(event[1]);
	Datum		values[4] = {event[0], event[2], event[3], unit[0]};

	UnregisterSnapshot(snapshot);
	if (!found || (!isnull[1] && DatumGetDateADT(unit[1]) > day) || (!isnull[2] && DatumGetDateADT(unit[2]) < day))
		return;
	rgt_run(&query, RGT_FRESH, values, isnull[0] ? "   n" : NULL, gather, gathered);
	qsort(gathered->alerts, gathered->n, sizeof(EventAlert), compare_rules);
}

/* An alert for each rule that asks for the event: of its unit or, where it is of every unit, of each region. */
static void
raise_alerts(RgtRaising *raising, int64 event_id)
{
	Gathered	gathered = {CurrentMemoryContext, palloc(sizeof(EventAlert) * 16), 0, 16};
	Datum		event[lengthof(event_columns)];
	bool		isnull[lengthof(event_columns)];

	read_event_row(event_id, event_columns, lengthof(event_columns), event, isnull);
	raising->day = DatumGetDateADT(event[1]);
	if (isnull[0])
		gather_regions(event, &gathered);
	else
		gather_unit(event, &gathered);
	for (int i = 0; i < gathered.n; i++)
	{
		EventAlert *alert = &gathered.alerts[i];

		alert->alert.on_day = raising->day;
		alert->alert.event_id = event_id;
		rgt_raise(raising, &alert->alert, alert->opens_review);
	}
}

/* ---- in the ledger ---------------------------------------------------------------------------------- */

/* A text of a row as it is; silence tells a null. */
static void
say(RgtJson *json, const char *key, Datum value, bool isnull)
{
	if (!isnull)
		rgt_json_text(json, key, TextDatumGetCString(value));
}

/* An entry about an event, as it is by now, in the chain of its unit or, where it is of every unit, the company's. */
static void
note_event(RgtRaising *raising, int64 event_id, const char *action)
{
	static const char *const columns[] = {"unit_id", "kind", "subject", "happened_on", "note", "source", "reported_by",
	"reported_at", "confirmed_by"};
	RgtJson    *details = rgt_json();
	Datum		values[lengthof(columns)];
	bool		isnull[lengthof(columns)];

	read_event_row(event_id, columns, lengthof(columns), values, isnull);
	rgt_json_int(details, "event_id", event_id);
	if (strcmp(action, "event_reported") == 0)
	{
		say(details, "kind", values[1], isnull[1]);
		say(details, "subject", values[2], isnull[2]);
		rgt_json_text(details, "happened_on", rgt_date_text(DatumGetDateADT(values[3])));
		say(details, "source", values[5], isnull[5]);
		say(details, "reported_by", values[6], isnull[6]);
		rgt_json_moment(details, "reported_at", DatumGetTimestampTz(values[7]));
	}
	if (strcmp(action, "event_confirmed") != 0)
		say(details, "note", values[4], isnull[4]);
	if (strcmp(action, "event_noted") != 0)
		say(details, "confirmed_by", values[8], isnull[8]);
	rgt_raising_note(raising, isnull[0] ? RGT_COMPANY : DatumGetInt32(values[0]), action, details);
}

/* A step of an event: event_reported, event_confirmed or event_noted, in the ledger, and its alerts where it raises them. */
void
rgt_event_step(int64 event_id, const char *action, bool raises)
{
	RgtRaising	raising = rgt_raising(DATEVAL_NOBEGIN);

	note_event(&raising, event_id, action);
	if (raises)
		raise_alerts(&raising, event_id);
	rgt_raising_done(&raising);
}

/* ---- reporting ------------------------------------------------------------------------------------- */

/* Does the caller's word count at once?  42501 when he has none. */
static bool
is_word_of_planner(const Event *event)
{
	Oid			caller = rgt_caller();
	int			duties;

	if (rgt_may_everything(caller))
		return true;
	if (event->unit_id == 0 ? (rgt_duties_at_top(caller) & RGT_PLANNER) != 0 :
		(rgt_duties_over(caller, event->unit_id) & RGT_PLANNER) != 0)
		return true;
	duties = event->unit_id == 0 ? rgt_duties_anywhere(caller) : rgt_duties_over(caller, event->unit_id);
	if ((duties & (RGT_MANAGER | RGT_PLANNER)) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("role \"%s\" does not report events", rgt_caller_name()),
				 errdetail("It takes duty planner or manager of the unit or of one above it.")));
	return false;
}

static void
keep_id(TupleTableSlot *slot, void *arg)
{
	*(int64 *) arg = DatumGetInt64(slot->tts_values[0]);
}

static text *
required_words(FunctionCallInfo fcinfo, int arg, const char *name)
{
	text	   *words = rgt_required_text(fcinfo, arg, name);

	if (VARSIZE_ANY_EXHDR(words) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"%s\" must not be empty", name)));
	return words;
}

static void
insert_event(FunctionCallInfo fcinfo, Event *event)
{
	static RgtQuery query = RGT_QUERY(
		"INSERT INTO regtarget.market_events (unit_id, kind, subject, happened_on, note, reported_by, reported_at, confirmed_by) "
		"VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp(), CASE WHEN $7 THEN $6 END) RETURNING event_id",
		INT4OID, TEXTOID, TEXTOID, DATEOID, TEXTOID, TEXTOID, BOOLOID);
	Datum		values[7] = {Int32GetDatum(event->unit_id), PointerGetDatum(required_words(fcinfo, ARG_KIND, "kind")),
		PointerGetDatum(required_words(fcinfo, ARG_SUBJECT, "subject")), DateADTGetDatum(event->happened_on),
		PG_ARGISNULL(ARG_NOTE) ? (Datum) 0 : PG_GETARG_DATUM(ARG_NOTE), CStringGetTextDatum(rgt_caller_name()),
	BoolGetDatum(event->confirmed)};
	char		nulls[8] = "       ";

	if (event->unit_id == 0)
		nulls[0] = 'n';
	if (PG_ARGISNULL(ARG_NOTE))
		nulls[4] = 'n';
	rgt_run(&query, RGT_FRESH, values, nulls, keep_id, &event->event_id);
	if (event->unit_id != 0)
		rgt_check_reference("market_events", "unit_id", &values[0], 1);
}

/*
 * report_event(kind, subject, unit, happened_on, note): records a market event and, where a planner says so, raises
 * its alerts.  Returns its id.
 */
PG_FUNCTION_INFO_V1(rgt_report_event);
Datum
rgt_report_event(PG_FUNCTION_ARGS)
{
	Event		event = {0};
	RgtSession	session;

	rgt_enter_to_write(&session, "regtarget.report_event()");
	rgt_lock_alerts();
	if (!PG_ARGISNULL(ARG_UNIT))
	{
		event.unit_id = rgt_unit_by_code(PG_GETARG_TEXT_PP(ARG_UNIT));
		rgt_require_sight(event.unit_id);
	}
	event.confirmed = is_word_of_planner(&event);
	event.happened_on = rgt_alert_day(fcinfo, ARG_DAY, "happened_on");
	insert_event(fcinfo, &event);
	rgt_event_step(event.event_id, "event_reported", event.confirmed);
	rgt_end(&session);
	PG_RETURN_INT64(event.event_id);
}

/* ---- confirming ------------------------------------------------------------------------------------- */

/* The event of that id that the caller sees, or 42704. */
static Event
read_event(int64 event_id)
{
	static const char *const columns[] = {"unit_id", "happened_on", "confirmed_by"};
	Event		event = {.event_id = event_id};
	Snapshot	snapshot = rgt_snapshot(RGT_LATEST);
	Datum		values[3];
	bool		isnull[3];
	bool		found = rgt_row_by_key("market_events", event_id, snapshot, columns, 3, values, isnull);

	UnregisterSnapshot(snapshot);
	if (found && !isnull[0])
	{
		event.unit_id = DatumGetInt32(values[0]);
		found = rgt_in_sight(rgt_caller(), event.unit_id);
	}
	else if (found)
		found = rgt_sees_anything(rgt_caller());
	if (!found)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("event %" PRId64 " does not exist", event_id)));
	event.happened_on = DatumGetDateADT(values[1]);
	event.confirmed = !isnull[2];
	return event;
}

/* confirm_event(event_id): a planner confirms what a manager reported, which raises its alerts. */
PG_FUNCTION_INFO_V1(rgt_confirm_event);
Datum
rgt_confirm_event(PG_FUNCTION_ARGS)
{
	static RgtQuery query = RGT_QUERY(
		"UPDATE regtarget.market_events SET confirmed_by = $2 WHERE event_id = $1", INT8OID, TEXTOID);
	Event		event;
	RgtSession	session;
	Datum		values[2];

	rgt_require(fcinfo, 0, "event_id");
	rgt_enter_to_write(&session, "regtarget.confirm_event()");
	rgt_lock_alerts();
	event = read_event(PG_GETARG_INT64(0));
	if (event.unit_id == 0)
		rgt_require_top_planner();
	else
		rgt_require_planner(event.unit_id);
	if (event.confirmed)
		rgt_refuse_state("market_events", psprintf(rgt_text("event %" PRId64 " is confirmed already"), event.event_id), NULL,
						 NULL);
	values[0] = Int64GetDatum(event.event_id);
	values[1] = CStringGetTextDatum(rgt_caller_name());
	if (rgt_run(&query, RGT_FRESH, values, NULL, NULL, NULL) == 0)
		rgt_too_new(psprintf(rgt_text("could not serialize access to event %" PRId64), event.event_id));
	rgt_event_step(event.event_id, "event_confirmed", true);
	rgt_end(&session);
	PG_RETURN_VOID();
}
