/*
 * valve/request.c
 *	  request_adjustment() and withdraw_adjustment(): a manager asks to move his unit's target.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "commands/async.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

#include "access/access.h"
#include "facts/facts.h"
#include "health/health.h"
#include "ledger/ledger.h"
#include "regtarget.h"
#include "units/units.h"
#include "valve/request.h"

/* ---- asking ------------------------------------------------------------------------------------------ */

enum
{
	ARG_UNIT, ARG_CHANGE, ARG_REASON, ARG_DAY
};

/* What is asked for, and the target that it is about. */
typedef struct Asking
{
	int32		unit_id;
	DateADT		day;
	text	   *month;
	text	   *period;
	DateADT		first;			/* of the period */
	Numeric		change;
	text	   *reason;
	int64		target_id;		/* 0: the unit has no published target */
	int64		plan_id;
	char	   *status;			/* of the plan */
	Numeric		baseline;
	Numeric		amount;
	Numeric		cap;
	RgtStep		step;
	Numeric		amount_after;
	int64		review_id;		/* that allows one more request; 0: an ordinary request */
} Asking;

/* The month that holds the day, or 42704. */
static void
find_month(Asking *asking)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT m.month, m.period, lower(p.during) FROM regtarget.months m "
		"JOIN regtarget.periods p ON p.period = m.period WHERE m.during @> $1", DATEOID);
	Datum		argument = DateADTGetDatum(asking->day);
	Datum		values[3];
	bool		isnull[3];

	if (!rgt_one(&query, RGT_LATEST, &argument, NULL, values, isnull, 3))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("no month holds %s", rgt_date_text(asking->day)),
				 errhint("See regtarget.calendar; add_year() adds months.")));
	asking->month = DatumGetTextPP(values[0]);
	asking->period = DatumGetTextPP(values[1]);
	asking->first = DatumGetDateADT(values[2]);
}

/* The unit's published live target of the period, if there is one. */
static void
find_target(Asking *asking)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT t.target_id, t.plan_id, p.status, t.baseline, t.amount, t.cap, p.step "
		"FROM regtarget.plans p JOIN regtarget.targets t ON t.plan_id = p.plan_id AND t.unit_id = $2 "
		"WHERE p.period = $1 AND p.mode = 'live' AND p.status IN ('published', 'closed')", TEXTOID, INT4OID);
	Datum		arguments[2] = {PointerGetDatum(asking->period), Int32GetDatum(asking->unit_id)};
	Datum		values[7];
	bool		isnull[7];

	asking->target_id = 0;
	if (!rgt_one(&query, RGT_LATEST, arguments, NULL, values, isnull, 7))
		return;
	asking->target_id = DatumGetInt64(values[0]);
	asking->plan_id = DatumGetInt64(values[1]);
	asking->status = TextDatumGetCString(values[2]);
	asking->baseline = DatumGetNumeric(values[3]);
	asking->amount = DatumGetNumeric(values[4]);
	asking->cap = DatumGetNumeric(values[5]);
	rgt_step_init(&asking->step, DatumGetNumeric(values[6]));
}

/* Unit and day, which name what it is about; whether the rest is any good only once the caller may ask. */
static void
read_objects(FunctionCallInfo fcinfo, Asking *asking)
{
	Datum		month;

	asking->unit_id = rgt_unit_by_code(rgt_required_text(fcinfo, ARG_UNIT, "unit"));
	if (PG_ARGISNULL(ARG_DAY) || DATE_NOT_FINITE(PG_GETARG_DATEADT(ARG_DAY)))
		return;
	asking->day = PG_GETARG_DATEADT(ARG_DAY);
	find_month(asking);
	month = PointerGetDatum(asking->month);
	if (rgt_await_takers("adjustments", "month", &month, 1))
		find_month(asking);
}

static void
read_change(FunctionCallInfo fcinfo, Asking *asking)
{
	rgt_required_day(fcinfo, ARG_DAY, "on_date");
	rgt_require(fcinfo, ARG_CHANGE, "change");
	asking->change = PG_GETARG_NUMERIC(ARG_CHANGE);
	asking->reason = rgt_required_text(fcinfo, ARG_REASON, "reason");
	if (!rgt_is_finite(asking->change) || rgt_sign_of(NumericGetDatum(asking->change)) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("change must be a finite number other than 0"),
				 errdetail("It is %s; -0.10 asks for 10 %% of the baseline less.", rgt_numeric_text(asking->change))));
}

/* The change in steps, of which there must be one at least. */
static int64
steps_asked(const Asking *asking)
{
	int64		steps = rgt_change_steps(&asking->step, asking->baseline, asking->change);

	if (steps == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("change rounds to nothing"),
				 errdetail("%s of the baseline %s is less than a step of %s.", rgt_numeric_text(asking->change),
						   rgt_numeric_text(asking->baseline), rgt_numeric_text(asking->step.numeric))));
	return steps;
}

/* ---- the state that a request needs --------------------------------------------------------------- */

static void
require_published(const Asking *asking)
{
	if (asking->target_id == 0)
		rgt_refuse_state("adjustments",
						 psprintf(rgt_text("unit \"%s\" has no published target for period \"%s\""),
								  rgt_unit_name(asking->unit_id), text_to_cstring(asking->period)),
						 NULL, rgt_text("Targets of published live plans are adjusted; a draft is allocated again."));
	if (strcmp(asking->status, "published") != 0)
		rgt_refuse_state("adjustments", psprintf(rgt_text("period \"%s\" is closed"), text_to_cstring(asking->period)),
						 psprintf(rgt_text("Plan %" PRId64 " is %s."), asking->plan_id, asking->status), NULL);
}

static void
require_no_later_plan(const Asking *asking)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT p.period FROM regtarget.plans p JOIN regtarget.periods q ON q.period = p.period "
		"WHERE lower(q.during) > $1 AND p.mode = 'live' AND p.status IN ('published', 'closed') "
		"ORDER BY lower(q.during) LIMIT 1", DATEOID);
	Datum		argument = DateADTGetDatum(asking->first);
	Datum		period;
	bool		isnull;

	if (rgt_one(&query, RGT_LATEST, &argument, NULL, &period, &isnull, 1))
		rgt_refuse_state("adjustments", psprintf(rgt_text("period \"%s\" takes no more requests"),
												 text_to_cstring(asking->period)),
						 psprintf(rgt_text("A plan of the later period \"%s\" is published."), TextDatumGetCString(period)),
						 NULL);
}

/*
 * The review of the unit that was decided adjust, of an alert in the period, and that no request has answered yet;
 * 0: none.  Locked, so that it gives one request and no more.
 */
static int64
find_review(const Asking *asking)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT r.review_id FROM regtarget.reviews r JOIN regtarget.alerts a ON a.alert_id = r.alert_id "
		"JOIN regtarget.periods p ON p.during @> a.on_day "
		"WHERE r.unit_id = $1 AND p.period = $2 AND r.decision = 'adjust' AND r.adjustment_id IS NULL "
		"ORDER BY r.review_id LIMIT 1 FOR UPDATE OF r", INT4OID, TEXTOID);
	Datum		arguments[2] = {Int32GetDatum(asking->unit_id), PointerGetDatum(asking->period)};
	Datum		review_id;
	bool		isnull;

	return rgt_one(&query, RGT_FRESH, arguments, NULL, &review_id, &isnull, 1) ? DatumGetInt64(review_id) : 0;
}

/* One request a month, and one more for each review that was decided so. */
static void
require_no_other_request(Asking *asking)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT adjustment_id, status FROM regtarget.adjustments WHERE target_id = $1 AND month = $2 "
		"AND status IN ('requested', 'approved', 'applied') AND review_id IS NULL", INT8OID, TEXTOID);
	Datum		arguments[2] = {Int64GetDatum(asking->target_id), PointerGetDatum(asking->month)};
	Datum		values[2];
	bool		isnull[2];

	asking->review_id = 0;
	if (!rgt_one(&query, RGT_LATEST, arguments, NULL, values, isnull, 2))
		return;
	asking->review_id = find_review(asking);
	if (asking->review_id == 0)
		rgt_refuse_state("adjustments",
						 psprintf(rgt_text("unit \"%s\" already has a request in month \"%s\""),
								  rgt_unit_name(asking->unit_id), text_to_cstring(asking->month)),
						 psprintf(rgt_text("Request %" PRId64 " is %s."), DatumGetInt64(values[0]),
								  TextDatumGetCString(values[1])),
						 rgt_text("One request a month, and one more by a review that is decided adjust; an open one may be "
								  "withdrawn."));
}

/* The new amount must be within the cap now already. */
static void
require_cap(Asking *asking, int64 steps)
{
	int64		baseline;
	int64		amount;
	int64		room;

	rgt_to_steps(&asking->step, asking->baseline, &baseline);
	rgt_to_steps(&asking->step, asking->amount, &amount);
	room = rgt_cap_steps(baseline, rgt_fraction(asking->cap));
	asking->amount_after = rgt_to_amount(&asking->step, amount + steps);
	if (amount + steps >= baseline - room && amount + steps <= baseline + room)
		return;
	rgt_refuse_row("targets", "targets_cap",
				   psprintf(rgt_text("target of unit \"%s\" would leave its cap"), rgt_unit_name(asking->unit_id)),
				   psprintf(rgt_text("Amount %s is outside %s to %s: baseline %s, cap %s either way; it is %s now."),
							rgt_numeric_text(asking->amount_after), rgt_amount_text(&asking->step, baseline - room),
							rgt_amount_text(&asking->step, baseline + room), rgt_numeric_text(asking->baseline),
							rgt_numeric_text(asking->cap), rgt_numeric_text(asking->amount)),
				   rgt_text("The cap is measured from the published baseline and is the same all period."));
}

/* ---- who must sign ----------------------------------------------------------------------------------- */

typedef struct Signers
{
	int32	   *unit_id;
	int			n;
	int			allocated;
} Signers;

static void
add_signer(TupleTableSlot *slot, void *arg)
{
	Signers    *signers = arg;

	RGT_GROW(signers->unit_id, signers->n, signers->allocated);
	signers->unit_id[signers->n++] = DatumGetInt32(slot->tts_values[0]);
}

static Signers
read_signers(const Asking *asking)
{
	static RgtQuery query = RGT_QUERY(
		"WITH RECURSIVE up(unit_id, level) AS ("
		"SELECT " RGT_PARENT_ON("u", "$4") ", 1 FROM regtarget.units u WHERE u.unit_id = $1 "
		"UNION ALL SELECT " RGT_PARENT_ON("u", "$4") ", up.level + 1 FROM up "
		"JOIN regtarget.units u ON u.unit_id = up.unit_id WHERE up.level < 100000) "
		"SELECT unit_id FROM up WHERE " RGT_SIGNER_OF("up.unit_id", "$2") " ORDER BY level LIMIT $3",
		INT4OID, TEXTOID, INT4OID, DATEOID);
	Signers		signers = {palloc(sizeof(int32) * 8), 0, 8};
	Datum		arguments[4] = {Int32GetDatum(asking->unit_id), CStringGetTextDatum(rgt_caller_name()),
	Int32GetDatum(rgt_policy(asking->first, RGT_LATEST).sign_levels), DateADTGetDatum(rgt_today_of(RGT_LATEST))};

	rgt_run(&query, RGT_LATEST, arguments, NULL, add_signer, &signers);
	return signers;
}

/* The superior units that have somebody to sign, nearest first; 55000 when none has. */
static Signers
find_signers(const Asking *asking)
{
	Signers		signers = read_signers(asking);
	Datum	   *units = palloc(sizeof(Datum) * Max(signers.n, 1));

	for (int i = 0; i < signers.n; i++)
		units[i] = Int32GetDatum(signers.unit_id[i]);
	if (rgt_await_takers("signatures", "unit_id", units, signers.n))
		signers = read_signers(asking);
	if (signers.n == 0)
		rgt_refuse_state("adjustments",
						 psprintf(rgt_text("nobody above unit \"%s\" can sign its request"), rgt_unit_name(asking->unit_id)),
						 rgt_text("No unit above it has a manager or planner other than who asks."),
						 rgt_text("Grant the duty with regtarget.grant_duty()."));
	return signers;
}

/* ---- the facts that go with a request ---------------------------------------------------------------- */

/* Signals of a unit on a day, as arguments of a statement: of those below it alone, whatever else there is. */
static void
measure(int32 unit_id, DateADT day, const char *const *names, int n, Datum *values, char *nulls)
{
	RgtTree    *tree = rgt_tree_below(RGT_LATEST, day, unit_id, RGT_FEW_UNITS);
	RgtSignals *signals = rgt_signals(tree, day, RGT_LATEST);
	int			p = rgt_tree_find(tree, unit_id);

	for (int i = 0; i < n; i++)
	{
		const RgtSignal *signal = rgt_signal(signals, names[i]);

		nulls[i] = p < 0 || !signal->known[p] ? 'n' : ' ';
		values[i] = nulls[i] == 'n' ? (Datum) 0 : Float8GetDatum(signal->value[p]);
	}
}

/* The health that the plan was made with, where it was split by it; else of the period's first day. */
static void
health_at_plan(const Asking *asking, Datum *value, char *null)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT b.\"values\"[array_position(b.unit_ids, t.unit_id)] FROM regtarget.targets t "
		"JOIN regtarget.plan_basis b ON b.plan_id = t.plan_id AND b.parent_unit_id = t.parent_unit_id AND b.signal = 'health' "
		"WHERE t.target_id = $1 AND NOT b.imputed[array_position(b.unit_ids, t.unit_id)]", INT8OID);
	Datum		argument = Int64GetDatum(asking->target_id);
	bool		isnull;

	*null = ' ';
	if (!rgt_one(&query, RGT_LATEST, &argument, NULL, value, &isnull, 1) || isnull)
		measure(asking->unit_id, asking->first, (const char *const[]) {"health"}, 1, value, null);
}

enum
{
	NEW_TARGET, NEW_UNIT, NEW_PERIOD, NEW_MONTH, NEW_CHANGE, NEW_REASON, NEW_BY, NEW_ON, NEW_BEFORE, NEW_AFTER,
	NEW_HEALTH_AT_PLAN, NEW_HEALTH, NEW_PACE, NEW_REVIEW, NEW_COLUMNS
};

static void
keep_id(TupleTableSlot *slot, void *arg)
{
	*(int64 *) arg = DatumGetInt64(slot->tts_values[0]);
}

static int64
insert_request(const Asking *asking)
{
	static RgtQuery query = RGT_QUERY(
		"INSERT INTO regtarget.adjustments (target_id, unit_id, period, month, change, reason, requested_by, requested_on, "
		"amount_before, amount_after, health_at_plan, health, pace, review_id, requested_at, requested_login) "
		"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, clock_timestamp(), session_user) "
		"RETURNING adjustment_id",
		INT8OID, INT4OID, TEXTOID, TEXTOID, NUMERICOID, TEXTOID, TEXTOID, DATEOID, NUMERICOID, NUMERICOID,
		FLOAT8OID, FLOAT8OID, FLOAT8OID, INT8OID);
	Datum		values[NEW_COLUMNS] = {
		[NEW_TARGET] = Int64GetDatum(asking->target_id),
		[NEW_UNIT] = Int32GetDatum(asking->unit_id),
		[NEW_PERIOD] = PointerGetDatum(asking->period),
		[NEW_MONTH] = PointerGetDatum(asking->month),
		[NEW_CHANGE] = NumericGetDatum(asking->change),
		[NEW_REASON] = PointerGetDatum(asking->reason),
		[NEW_BY] = CStringGetTextDatum(rgt_caller_name()),
		[NEW_ON] = DateADTGetDatum(asking->day),
		[NEW_BEFORE] = NumericGetDatum(asking->amount),
		[NEW_AFTER] = NumericGetDatum(asking->amount_after),
		[NEW_REVIEW] = Int64GetDatum(asking->review_id)
	};
	char		nulls[NEW_COLUMNS + 1];
	int64		adjustment_id = 0;

	memset(nulls, ' ', sizeof(nulls));
	if (asking->review_id == 0)
		nulls[NEW_REVIEW] = 'n';
	health_at_plan(asking, &values[NEW_HEALTH_AT_PLAN], &nulls[NEW_HEALTH_AT_PLAN]);
	measure(asking->unit_id, asking->day, (const char *const[]) {"health", "pace"}, 2, &values[NEW_HEALTH], &nulls[NEW_HEALTH]);
	rgt_run(&query, RGT_FRESH, values, nulls, keep_id, &adjustment_id);
	/* The target is published, and so its unit and period stay. */
	rgt_check_reference("adjustments", "month", &values[NEW_MONTH], 1);
	return adjustment_id;
}

/* The review is answered, once. */
static void
answer_review(const Asking *asking, int64 adjustment_id)
{
	static RgtQuery query = RGT_QUERY("UPDATE regtarget.reviews SET adjustment_id = $2 WHERE review_id = $1", INT8OID, INT8OID);
	Datum		arguments[2] = {Int64GetDatum(asking->review_id), Int64GetDatum(adjustment_id)};

	if (asking->review_id != 0)
		rgt_run(&query, RGT_FRESH, arguments, NULL, NULL, NULL);
}

static void
insert_signatures(const Asking *asking, int64 adjustment_id, const Signers *signers)
{
	static RgtQuery query = RGT_QUERY(
		"INSERT INTO regtarget.signatures (adjustment_id, unit_id, asking_unit_id, level) VALUES ($1, $2, $3, $4)",
		INT8OID, INT4OID, INT4OID, INT4OID);

	for (int i = 0; i < signers->n; i++)
	{
		Datum		values[4] = {Int64GetDatum(adjustment_id), Int32GetDatum(signers->unit_id[i]),
		Int32GetDatum(asking->unit_id), Int32GetDatum(i + 1)};

		rgt_run(&query, RGT_FRESH, values, NULL, NULL, NULL);
		rgt_check_reference("signatures", "unit_id", &values[1], 1);
	}
}

/* A notice has room for some 8,000 bytes, and everybody may listen: ids and codes, no amounts. */
#define NOTICE_BYTES 7900

static void
notify_signers(const Asking *asking, int64 adjustment_id, const Signers *signers)
{
	for (int i = 0; i < signers->n; i++)
	{
		RgtJson    *json = rgt_json();
		char	   *payload;

		rgt_json_int(json, "adjustment_id", adjustment_id);
		rgt_json_text(json, "unit", rgt_unit_name(asking->unit_id));
		rgt_json_text(json, "month", text_to_cstring(asking->month));
		rgt_json_text(json, "signer", rgt_unit_name(signers->unit_id[i]));
		payload = DatumGetCString(DirectFunctionCall1(jsonb_out, rgt_json_done(json)));
		if (strlen(payload) > NOTICE_BYTES)
			payload = psprintf("{\"adjustment_id\": " INT64_FORMAT "}", adjustment_id);
		Async_Notify("regtarget_todo", payload);
	}
}

/* ---- entry points ------------------------------------------------------------------------------------ */

/* Two requests for one target are one after the other. */
static void
lock_target(int64 target_id)
{
	rgt_lock_thing(rgt_relation("adjustments"), target_id, ExclusiveLock);
}

/*
 * request_adjustment(unit, change, reason, on_date): asks to move the unit's published live target by a
 * fraction of its baseline, on top of the amount that it has.  Returns the request's id.
 */
PG_FUNCTION_INFO_V1(rgt_request_adjustment);
Datum
rgt_request_adjustment(PG_FUNCTION_ARGS)
{
	Asking		asking;
	Signers		signers;
	RgtSession	session;
	RgtRequest	request;
	int64		adjustment_id;
	int64		steps;

	rgt_enter_to_write(&session, "regtarget.request_adjustment()");
	read_objects(fcinfo, &asking);
	rgt_require_manager(asking.unit_id);
	read_change(fcinfo, &asking);
	find_target(&asking);
	if (asking.target_id != 0)
	{
		rgt_lock_plan(asking.plan_id, ShareLock);
		lock_target(asking.target_id);
		find_target(&asking);
	}
	steps = asking.target_id == 0 ? 0 : steps_asked(&asking);
	require_published(&asking);
	require_no_later_plan(&asking);
	require_no_other_request(&asking);
	signers = find_signers(&asking);
	require_cap(&asking, steps);
	adjustment_id = insert_request(&asking);
	answer_review(&asking, adjustment_id);
	insert_signatures(&asking, adjustment_id, &signers);
	request = rgt_request_read(adjustment_id);
	rgt_request_note_asked(&request, signers.unit_id, signers.n);
	notify_signers(&asking, adjustment_id, &signers);
	rgt_end(&session);
	PG_RETURN_INT64(adjustment_id);
}

/* withdraw_adjustment(adjustment_id): by the unit that asked, before it is applied. */
PG_FUNCTION_INFO_V1(rgt_withdraw_adjustment);
Datum
rgt_withdraw_adjustment(PG_FUNCTION_ARGS)
{
	static RgtQuery query = RGT_QUERY(
		"UPDATE regtarget.adjustments SET status = 'withdrawn', "
		"ended_at = " RGT_MOMENT_AFTER("requested_at, decided_at") " WHERE adjustment_id = $1", INT8OID);
	RgtRequest	request;
	RgtSession	session;
	Datum		argument;

	rgt_require(fcinfo, 0, "adjustment_id");
	rgt_enter_to_write(&session, "regtarget.withdraw_adjustment()");
	request = rgt_request_of_caller(PG_GETARG_INT64(0));
	rgt_require_manager(request.unit_id);
	rgt_request_lock(&request);
	if (!rgt_request_has(&request, "requested") && !rgt_request_has(&request, "approved"))
		rgt_refuse_state("adjustments", psprintf(rgt_text("request %" PRId64 " is %s"), request.adjustment_id, request.status),
						 NULL, rgt_text("A request is withdrawn before it is applied."));
	argument = Int64GetDatum(request.adjustment_id);
	rgt_run(&query, RGT_FRESH, &argument, NULL, NULL, NULL);
	rgt_request_note(&request, "adjustment_withdrawn", "ended_at", request.granted);
	rgt_end(&session);
	PG_RETURN_VOID();
}
