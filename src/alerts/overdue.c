/*
 * alerts/overdue.c
 *	  Reviews that nobody has decided by the day on which they were due: who should is told again, and the next superior.
 *
 * What is told is kept, so that it is told once, and again only after as many days as there were to decide it.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "alerts/alerts.h"
#include "alerts/raise.h"
#include "regtarget.h"
#include "units/units.h"

/* Told again after so many days. */
#define DAYS_BETWEEN 7

typedef struct Overdue
{
	RgtAlert	alert;
	RgtReminder reminder;
} Overdue;

typedef struct AllOverdue
{
	MemoryContext context;
	DateADT		as_of;
	Overdue    *overdue;
	int			n;
	int			allocated;
} AllOverdue;

/* Columns: review_id, unit_id, alert_id, rule, level, told unit. */
static void
add_overdue(TupleTableSlot *slot, void *arg)
{
	AllOverdue *all = arg;
	MemoryContext old = MemoryContextSwitchTo(all->context);
	Datum	   *values = slot->tts_values;

	RGT_GROW(all->overdue, all->n, all->allocated);
	all->overdue[all->n++] = (Overdue) {
		.alert = {.alert_id = DatumGetInt64(values[2]), .rule = TextDatumGetCString(values[3]),
		.level = TextDatumGetCString(values[4]), .unit_id = DatumGetInt32(values[1])},
		.reminder = {.review_id = DatumGetInt64(values[0]), .unit_id = DatumGetInt32(values[1]),
		.told_unit_id = DatumGetInt32(values[5]), .on_day = all->as_of}
	};
	MemoryContextSwitchTo(old);
}

/* Note that it is told. */
void
rgt_keep_reminder(const RgtReminder *reminder)
{
	static RgtQuery query = RGT_QUERY(
		"INSERT INTO regtarget.reminders (adjustment_id, review_id, unit_id, told_unit_id, on_day, told_at) "
		"VALUES ($1, $2, $3, $4, $5, clock_timestamp())", INT8OID, INT8OID, INT4OID, INT4OID, DATEOID);
	Datum		values[5] = {Int64GetDatum(reminder->adjustment_id), Int64GetDatum(reminder->review_id),
	Int32GetDatum(reminder->unit_id), Int32GetDatum(reminder->told_unit_id), DateADTGetDatum(reminder->on_day)};

	rgt_run(&query, RGT_FRESH, values, reminder->adjustment_id == 0 ? "n    " : " n   ", NULL, NULL);
	rgt_check_reference("reminders", "unit_id", &values[2], 1);
	rgt_check_reference("reminders", "told_unit_id", &values[3], 1);
}

/* Tell of reviews that are overdue on a day; how many notices. */
int64
rgt_remind_reviewers(DateADT as_of)
{
	static RgtQuery query = RGT_QUERY(
		"WITH waits AS (SELECT r.review_id, r.unit_id, a.alert_id, a.rule, a.level, (" RGT_PARENT_ON("u", "$1") ") AS superior "
		"FROM regtarget.reviews r JOIN regtarget.alerts a ON a.alert_id = r.alert_id JOIN regtarget.units u ON u.unit_id = "
		"r.unit_id "
		"WHERE r.status = 'open' AND r.due_on < $1), "
		"told AS (SELECT w.*, w.superior AS told FROM waits w UNION ALL "
		"SELECT w.*, (" RGT_PARENT_ON("u", "$1") ") FROM waits w JOIN regtarget.units u ON u.unit_id = w.superior) "
		"SELECT t.review_id, t.unit_id, t.alert_id, t.rule, t.level, t.told FROM told t WHERE t.told IS NOT NULL AND NOT EXISTS ("
		"SELECT FROM regtarget.reminders m WHERE m.review_id = t.review_id AND m.told_unit_id = t.told AND m.on_day > $1 - $2) "
		"ORDER BY t.review_id, t.told", DATEOID, INT4OID);
	AllOverdue	all = {.context = CurrentMemoryContext, .as_of = as_of, .allocated = 16};
	Datum		arguments[2] = {DateADTGetDatum(as_of), Int32GetDatum(DAYS_BETWEEN)};

	all.overdue = palloc(sizeof(Overdue) * (Size) all.allocated);
	rgt_run(&query, RGT_FRESH, arguments, NULL, add_overdue, &all);
	for (int i = 0; i < all.n; i++)
	{
		const Overdue *overdue = &all.overdue[i];

		CHECK_FOR_INTERRUPTS();
		rgt_keep_reminder(&overdue->reminder);
		rgt_notify_overdue(&overdue->alert, overdue->reminder.review_id, overdue->reminder.told_unit_id, as_of);
	}
	return all.n;
}
