/*
 * credit/close.c
 *	  close_period(): requests that nobody decided lapse, the period's live plans are closed, and each
 *	  unit's standing for the next period is written.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "access/access.h"
#include "credit/inherit.h"
#include "credit/verdict.h"
#include "ledger/ledger.h"
#include "plans/plans.h"
#include "regtarget.h"
#include "units/units.h"

/* ---- requests that lapse ----------------------------------------------------------------------- */

typedef struct Lapsed
{
	RgtEntry   *entries;
	int			n;
	int			allocated;
	MemoryContext context;		/* outlasts the statement that lets them lapse */
} Lapsed;

static void
add_lapsed(TupleTableSlot *slot, void *arg)
{
	Lapsed	   *lapsed = arg;
	MemoryContext old = MemoryContextSwitchTo(lapsed->context);
	RgtJson    *details = rgt_json();

	RGT_GROW(lapsed->entries, lapsed->n, lapsed->allocated);
	rgt_json_int(details, "adjustment_id", DatumGetInt64(slot->tts_values[0]));
	rgt_json_int(details, "target_id", DatumGetInt64(slot->tts_values[2]));
	rgt_json_text(details, "month", TextDatumGetCString(slot->tts_values[3]));
	rgt_json_int(details, "ended_at", DatumGetInt64(slot->tts_values[4]));
	lapsed->entries[lapsed->n++] = (RgtEntry) {
		DatumGetInt32(slot->tts_values[1]), "adjustment_lapsed", rgt_json_done(details)
	};
	MemoryContextSwitchTo(old);
}

/* Returns how many. */
static int
lapse_requests(Datum period)
{
	static RgtQuery lapse = RGT_QUERY(
		"UPDATE regtarget.adjustments SET status = 'lapsed', "
		"ended_at = " RGT_MOMENT_AFTER("requested_at, decided_at") " "
		"WHERE period = $1 AND status IN ('requested', 'approved') RETURNING adjustment_id, unit_id, target_id, month, "
		"(extract(epoch FROM ended_at) * 1000000)::bigint", TEXTOID);
	static RgtQuery remaining = RGT_QUERY(
		"SELECT FROM regtarget.adjustments WHERE period = $1 AND status IN ('requested', 'approved') LIMIT 1", TEXTOID);
	Lapsed		lapsed = {palloc(sizeof(RgtEntry) * 16), 0, 16, CurrentMemoryContext};

	rgt_run(&lapse, RGT_FRESH, &period, NULL, add_lapsed, &lapsed);
	if (rgt_run(&remaining, RGT_LATEST, &period, NULL, NULL, NULL) > 0)
		rgt_too_new(psprintf(rgt_text("could not serialize access to the requests of period \"%s\""),
							 TextDatumGetCString(period)));
	if (lapsed.n > 0)
		rgt_ledger_append(lapsed.entries, lapsed.n);
	return lapsed.n;
}

/* ---- standings ------------------------------------------------------------------------------------- */

/*
 * A row for every unit that has a target in the period, but for those that have one already, which stays.
 * Notes how many of those written have denied quarters, and how many pay for them.
 */
static void
write_standings(const RgtPeriod *period, const RgtPeriod *next, RgtJson *details)
{
	static RgtQuery query = RGT_QUERY(
		"INSERT INTO regtarget.standings (unit_id, period, denied_quarters, penalty_rate) "
		"SELECT s.unit_id, $4, s.denied, CASE WHEN s.punished THEN $5 ELSE 0 END "
		"FROM unnest($1, $2, $3) AS s(unit_id, denied, punished) ON CONFLICT DO NOTHING",
		INT4ARRAYOID, INT4ARRAYOID, BOOLARRAYOID, TEXTOID, NUMERICOID);
	RgtCredit	credit = rgt_credit(rgt_tree_of_period(RGT_LATEST, period), period, next, RGT_LATEST);
	Size		size = sizeof(Datum) * Max(credit.tree->n, 1);
	Datum	   *units = palloc_extended(size, MCXT_ALLOC_HUGE);
	Datum	   *denied = palloc_extended(size, MCXT_ALLOC_HUGE);
	Datum	   *punished = palloc_extended(size, MCXT_ALLOC_HUGE);
	Datum		arguments[5];
	int			n = 0;
	int			refused = 0;
	int			paying = 0;

	for (int p = 0; p < credit.tree->n; p++)
	{
		const RgtVerdict *verdict = &credit.verdicts[p];

		if (!verdict->member || verdict->decided)
			continue;
		units[n] = Int32GetDatum(credit.tree->unit_id[p]);
		denied[n] = Int32GetDatum(verdict->denied);
		punished[n++] = BoolGetDatum(verdict->punished);
		refused += verdict->denied > 0;
		paying += verdict->punished;
	}
	arguments[0] = PointerGetDatum(construct_array(units, n, INT4OID, sizeof(int32), true, TYPALIGN_INT));
	arguments[1] = PointerGetDatum(construct_array(denied, n, INT4OID, sizeof(int32), true, TYPALIGN_INT));
	arguments[2] = PointerGetDatum(construct_array(punished, n, BOOLOID, sizeof(bool), true, TYPALIGN_CHAR));
	arguments[3] = PointerGetDatum(next->period);
	arguments[4] = NumericGetDatum(credit.policy.penalty_rate);
	rgt_run(&query, RGT_FRESH, arguments, NULL, NULL, NULL);
	rgt_json_int(details, "denied", refused);
	rgt_json_int(details, "punished", paying);
}

/* ---- closing ------------------------------------------------------------------------------------------ */

/* Returns how many. */
static int
close_plans(Datum period)
{
	static RgtQuery open = RGT_QUERY(
		"SELECT plan_id FROM regtarget.plans WHERE period = $1 AND mode = 'live' AND status = 'published' "
		"ORDER BY plan_id LIMIT 1", TEXTOID);
	static RgtQuery close = RGT_QUERY("UPDATE regtarget.plans SET status = 'closed' WHERE plan_id = $1", INT8OID);
	Datum		plan_id;
	bool		isnull;
	int			n;

	for (n = 0; rgt_one(&open, RGT_LATEST, &period, NULL, &plan_id, &isnull, 1); n++)
		rgt_write_plan(&close, &plan_id, NULL, DatumGetInt64(plan_id));
	return n;
}

static void
close_one(const RgtPeriod *period)
{
	Datum		key = PointerGetDatum(period->period);
	RgtJson    *details = rgt_json();
	RgtPeriod	next;

	if (!rgt_next_period(period, RGT_LATEST, &next))
		rgt_refuse_state(NULL, psprintf(rgt_text("period \"%s\" has no next period"), text_to_cstring(period->period)),
						 rgt_text("Its standings are for the next one."), rgt_text("Add it with regtarget.add_year()."));
	rgt_json_text(details, "period", text_to_cstring(period->period));
	rgt_json_text(details, "next_period", text_to_cstring(next.period));
	rgt_json_int(details, "lapsed", lapse_requests(key));
	rgt_json_int(details, "plans", close_plans(key));
	write_standings(period, &next, details);
	rgt_write_inherited(&next);
	rgt_ledger_note(RGT_COMPANY, "period_closed", details);
}

/*
 * What is said by the time of a period that is closed: successions recorded since then bring their standings into the
 * next one, and records that nobody goes on with are named.
 */
static void
follow_up(const RgtPeriod *period)
{
	RgtPeriod	next;

	if (!rgt_next_period(period, RGT_LATEST, &next))
		return;
	rgt_write_inherited(&next);
	rgt_name_lost_records(&next);
}

/* The earliest period up to `last` with a published live plan; false when there is none. */
static bool
earliest_open(DateADT last, RgtPeriod *period)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT q.period, lower(q.during), upper(q.during) FROM regtarget.periods q WHERE lower(q.during) <= $1 "
		"AND EXISTS (SELECT FROM regtarget.plans p WHERE p.period = q.period AND p.mode = 'live' AND p.status = 'published') "
		"ORDER BY lower(q.during) LIMIT 1", DATEOID);
	Datum		argument = DateADTGetDatum(last);
	Datum		values[3];
	bool		isnull[3];

	if (!rgt_one(&query, RGT_LATEST, &argument, NULL, values, isnull, 3))
		return false;
	period->period = DatumGetTextPP(values[0]);
	period->first = DatumGetDateADT(values[1]);
	period->end = DatumGetDateADT(values[2]);
	return true;
}

/* Something of it must have been published. */
static void
require_published(const RgtPeriod *period)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT FROM regtarget.plans WHERE period = $1 AND mode = 'live' AND status IN ('published', 'closed') LIMIT 1", TEXTOID);
	Datum		argument = PointerGetDatum(period->period);

	if (rgt_run(&query, RGT_LATEST, &argument, NULL, NULL, NULL) == 0)
		rgt_refuse_state(NULL, psprintf(rgt_text("period \"%s\" has no published plan to close"),
										text_to_cstring(period->period)),
						 NULL, NULL);
}

/*
 * close_period(period): open requests lapse, the live plans are closed, the standings of the next period
 * are written; earlier published plans that are still open go first.  Twice is once, but for standings that units
 * inherit by successions recorded since.
 */
PG_FUNCTION_INFO_V1(rgt_close_period);
Datum
rgt_close_period(PG_FUNCTION_ARGS)
{
	RgtSession	session;
	RgtPeriod	period;
	RgtPeriod	next;
	RgtPeriod	open;
	int			plans;

	rgt_enter_to_write(&session, "regtarget.close_period()");
	period = rgt_period(rgt_required_text(fcinfo, 0, "period"));
	rgt_require_top_planner();
	rgt_lock_periods(rgt_next_period(&period, RGT_LATEST, &next) ? next.first : period.first);
	rgt_lock_open_plans(period.end, &plans);
	require_published(&period);
	while (earliest_open(period.first, &open))
	{
		CHECK_FOR_INTERRUPTS();
		close_one(&open);
	}
	follow_up(&period);
	rgt_end(&session);
	PG_RETURN_VOID();
}
