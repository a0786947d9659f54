/*
 * valve/overdue.c
 *	  Signatures that are missing for longer than the policy gives: who should sign is told again, and the next superior.
 *
 * What is told is kept, so that it is told once, and again only after as many days as there were to sign.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "commands/async.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "alerts/alerts.h"
#include "regtarget.h"
#include "units/units.h"
#include "valve/valve.h"

typedef struct Missing
{
	RgtReminder reminder;
	char	   *month;
	int32		signer;			/* the unit whose signature is missing */
	int			days;			/* since it was asked for */
} Missing;

typedef struct AllMissing
{
	MemoryContext context;
	DateADT		as_of;
	Missing    *missing;
	int			n;
	int			allocated;
} AllMissing;

/* Columns: adjustment_id, unit_id, month, signer, told unit, days. */
static void
add_missing(TupleTableSlot *slot, void *arg)
{
	AllMissing *all = arg;
	MemoryContext old = MemoryContextSwitchTo(all->context);
	Datum	   *values = slot->tts_values;

	RGT_GROW(all->missing, all->n, all->allocated);
	all->missing[all->n++] = (Missing) {
		.reminder = {.adjustment_id = DatumGetInt64(values[0]), .unit_id = DatumGetInt32(values[1]),
		.told_unit_id = DatumGetInt32(values[4]), .on_day = all->as_of},
		.month = TextDatumGetCString(values[2]), .signer = DatumGetInt32(values[3]), .days = DatumGetInt32(values[5])
	};
	MemoryContextSwitchTo(old);
}

/* A notice has room for some 8,000 bytes, and everybody may listen: ids and codes, no amounts. */
#define NOTICE_BYTES 7900

static void
notify(const Missing *missing)
{
	RgtJson    *json = rgt_json();
	char	   *payload;

	rgt_json_int(json, "adjustment_id", missing->reminder.adjustment_id);
	rgt_json_text(json, "unit", rgt_unit_name(missing->reminder.unit_id));
	rgt_json_text(json, "month", missing->month);
	rgt_json_text(json, "signer", rgt_unit_name(missing->signer));
	rgt_json_text(json, "told", rgt_unit_name(missing->reminder.told_unit_id));
	rgt_json_int(json, "days_waiting", missing->days);
	rgt_json_text(json, "status", "overdue");
	payload = DatumGetCString(DirectFunctionCall1(jsonb_out, rgt_json_done(json)));
	if (strlen(payload) > NOTICE_BYTES)
		payload = psprintf("{\"adjustment_id\": " INT64_FORMAT ", \"status\": \"overdue\"}", missing->reminder.adjustment_id);
	Async_Notify("regtarget_todo", payload);
}

/*
 * Tell of signatures that are overdue on a day; how many notices.  A superior of several who have not signed, or one of them
 * himself, is told once.
 */
int64
rgt_remind_signers(DateADT as_of)
{
	static RgtQuery query = RGT_QUERY(
		"WITH waits AS (SELECT a.adjustment_id, a.unit_id, a.month, s.unit_id AS signer, s.level, y.sign_within_days, "
		"$1 - regtarget.local_time(a.requested_at)::date AS days FROM regtarget.adjustments a "
		"JOIN regtarget.signatures s ON s.adjustment_id = a.adjustment_id JOIN regtarget.periods q ON q.period = a.period "
		"CROSS JOIN LATERAL (SELECT p.sign_within_days FROM regtarget.policies p WHERE p.effective_from <= lower(q.during) "
		"ORDER BY p.effective_from DESC LIMIT 1) AS y WHERE a.status = 'requested' AND s.approved IS NULL), "
		"late AS (SELECT * FROM waits WHERE days > sign_within_days), "
		"told AS (SELECT l.*, l.signer AS told FROM late l UNION ALL "
		"SELECT l.*, (" RGT_PARENT_ON("u", "$1") ") FROM late l JOIN regtarget.units u ON u.unit_id = l.signer) "
		"SELECT DISTINCT ON (t.adjustment_id, t.told) t.adjustment_id, t.unit_id, t.month, t.signer, t.told, t.days FROM told t "
		"WHERE t.told IS NOT NULL AND NOT EXISTS (SELECT FROM regtarget.reminders m WHERE m.adjustment_id = t.adjustment_id "
		"AND m.told_unit_id = t.told AND m.on_day > $1 - greatest(t.sign_within_days, 1)) "
		"ORDER BY t.adjustment_id, t.told, t.told = t.signer DESC, t.level", DATEOID);
	AllMissing	all = {.context = CurrentMemoryContext, .as_of = as_of, .allocated = 16};
	Datum		argument = DateADTGetDatum(as_of);

	all.missing = palloc(sizeof(Missing) * (Size) all.allocated);
	rgt_run(&query, RGT_FRESH, &argument, NULL, add_missing, &all);
	for (int i = 0; i < all.n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		rgt_keep_reminder(&all.missing[i].reminder);
		notify(&all.missing[i]);
	}
	return all.n;
}
