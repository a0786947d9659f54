/*
 * units/move.c
 *	  move_unit(): from a day on, a unit is below another parent.
 *
 * The parent that it had until then goes into past_parents, the new one into units.parent_id.  Moves wait for each
 * other and for whoever splits or publishes, by the lock that units_tree is checked under (see units.c).
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "access/access.h"
#include "ledger/ledger.h"
#include "regtarget.h"
#include "units/units.h"

typedef struct Move
{
	int32		unit_id;
	int32		from;			/* 0: none, as is `to` */
	int32		to;
	DateADT		day;
} Move;

/* A role decides over what is at the top as a planner there. */
static void
require_planner_of(int32 parent_id)
{
	if (parent_id == 0)
		rgt_require_top_planner();
	else
		rgt_require_planner(parent_id);
}

/* The parent that the unit has after the last move on record; 42704 when the unit is gone meanwhile. */
static int32
last_parent(const Move *move)
{
	static RgtQuery query = RGT_KEY_QUERY("SELECT coalesce(parent_id, 0) FROM regtarget.units WHERE unit_id = $1", INT4OID);
	Datum		argument = Int32GetDatum(move->unit_id);
	Datum		parent;
	bool		isnull;

	if (!rgt_one(&query, RGT_LATEST, &argument, NULL, &parent, &isnull, 1))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("unit %d does not exist", move->unit_id)));
	return DatumGetInt32(parent);
}

static void
require_open(int32 unit_id, DateADT day)
{
	static RgtQuery query = RGT_KEY_QUERY(
		"SELECT opened_on, closed_on FROM regtarget.units WHERE unit_id = $1 AND (opened_on > $2 OR closed_on < $2)",
		INT4OID, DATEOID);
	Datum		arguments[2] = {Int32GetDatum(unit_id), DateADTGetDatum(day)};
	Datum		days[2];
	bool		isnull[2];

	if (!rgt_one(&query, RGT_LATEST, arguments, NULL, days, isnull, 2))
		return;
	rgt_refuse_state("units", psprintf(rgt_text("unit \"%s\" is not open on %s"), rgt_unit_name(unit_id), rgt_date_text(day)),
					 psprintf(rgt_text("It is open from %s to %s."),
							  isnull[0] ? rgt_text("the beginning") : rgt_date_text(DatumGetDateADT(days[0])),
							  isnull[1] ? rgt_text("the end") : rgt_date_text(DatumGetDateADT(days[1]))),
					 rgt_text("Correct opened_on or closed_on of regtarget.units, or name another day."));
}

/* A move on that day or later would be overtaken by what was said before. */
static void
refuse_overtaken(const Move *move)
{
	static RgtQuery query = RGT_KEY_QUERY(
		"SELECT max(until_on) FROM regtarget.past_parents WHERE unit_id = $1", INT4OID);
	Datum		argument = Int32GetDatum(move->unit_id);
	Datum		last;
	bool		isnull;

	rgt_one(&query, RGT_LATEST, &argument, NULL, &last, &isnull, 1);
	if (isnull || DatumGetDateADT(last) < move->day)
		return;
	rgt_refuse_state("past_parents",
					 psprintf(rgt_text("a move of unit \"%s\" on %s is on record"), rgt_unit_name(move->unit_id),
							  rgt_date_text(DatumGetDateADT(last))),
					 psprintf(rgt_text("The move asked for is on %s."), rgt_date_text(move->day)),
					 rgt_text("Name a later day; or correct the record: rows of regtarget.past_parents, and parent_id of "
							  "regtarget.units."));
}

/* What a closed period was judged by stays: its tree too. */
static void
refuse_closed_period(DateADT day)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT q.period, upper(q.during) FROM regtarget.periods q WHERE upper(q.during) > $1 AND EXISTS ("
		"SELECT FROM regtarget.plans p WHERE p.period = q.period AND p.mode = 'live' AND p.status = 'closed') "
		"ORDER BY upper(q.during) DESC LIMIT 1", DATEOID);
	Datum		argument = DateADTGetDatum(day);
	Datum		values[2];
	bool		isnull[2];

	if (!rgt_one(&query, RGT_LATEST, &argument, NULL, values, isnull, 2))
		return;
	rgt_refuse_state("past_parents",
					 psprintf(rgt_text("period \"%s\" is closed"), TextDatumGetCString(values[0])),
					 psprintf(rgt_text("A move on %s would change the tree that it was closed with."), rgt_date_text(day)),
					 psprintf(rgt_text("Move the unit on %s or later."), rgt_date_text(DatumGetDateADT(values[1]))));
}

static void
check_state(const Move *move)
{
	refuse_overtaken(move);
	if (move->to == move->from)
		rgt_refuse_state("units", move->to == 0 ?
						 psprintf(rgt_text("unit \"%s\" is at the top already"), rgt_unit_name(move->unit_id)) :
						 psprintf(rgt_text("unit \"%s\" is below \"%s\" already"), rgt_unit_name(move->unit_id),
								  rgt_unit_name(move->to)),
						 rgt_text("So it is since the last move on record, or always was."),
						 rgt_text("Name another parent; what is wrong on record, rows of regtarget.past_parents say."));
	require_open(move->unit_id, move->day);
	if (move->to != 0)
		require_open(move->to, move->day);
	refuse_closed_period(move->day);
}

static void
write_move(const Move *move)
{
	static RgtQuery keep = RGT_QUERY(
		"INSERT INTO regtarget.past_parents (unit_id, until_on, parent_id) VALUES ($1, $2, nullif($3, 0))",
		INT4OID, DATEOID, INT4OID);
	static RgtQuery change = RGT_KEY_QUERY(
		"UPDATE regtarget.units SET parent_id = nullif($2, 0) WHERE unit_id = $1", INT4OID, INT4OID);
	Datum		kept[3] = {Int32GetDatum(move->unit_id), DateADTGetDatum(move->day), Int32GetDatum(move->from)};
	Datum		changed[2] = {Int32GetDatum(move->unit_id), Int32GetDatum(move->to)};

	rgt_run(&keep, RGT_FRESH, kept, NULL, NULL, NULL);
	if (rgt_run(&change, RGT_FRESH, changed, NULL, NULL, NULL) == 0)
		rgt_too_new(psprintf(rgt_text("could not serialize access to unit \"%s\""), rgt_unit_name(move->unit_id)));
}

static void
note_move(const Move *move)
{
	RgtJson    *details = rgt_json();

	rgt_json_text(details, "from", move->from == 0 ? NULL : rgt_unit_name(move->from));
	rgt_json_text(details, "to", move->to == 0 ? NULL : rgt_unit_name(move->to));
	rgt_json_text(details, "on", rgt_date_text(move->day));
	rgt_ledger_note(move->unit_id, "unit_moved", details);
}

/* move_unit(unit, parent, on_date): from that day on, the unit is below that parent (null: at the top). */
PG_FUNCTION_INFO_V1(rgt_move_unit);
Datum
rgt_move_unit(PG_FUNCTION_ARGS)
{
	RgtSession	session;
	Move		move;

	rgt_enter_to_write(&session, "regtarget.move_unit()");
	move.unit_id = rgt_unit_by_code(rgt_required_text(fcinfo, 0, "unit"));
	move.to = PG_ARGISNULL(1) ? 0 : rgt_unit_by_code(PG_GETARG_TEXT_PP(1));
	require_planner_of(move.to);
	rgt_lock_object(rgt_relation("units"), ExclusiveLock);
	move.from = last_parent(&move);
	require_planner_of(move.from);
	move.day = rgt_required_day(fcinfo, 2, "on_date");
	rgt_hold_periods(move.day);
	check_state(&move);
	write_move(&move);
	note_move(&move);
	rgt_end(&session);
	PG_RETURN_VOID();
}
