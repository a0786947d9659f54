/*
 * credit/records.c
 *	  Credit follows: a unit without a record of its own goes on with that of its predecessors, the longest run and the
 *	  highest penalty among them.
 *
 * What a predecessor brought into the last period that it had a standing for is its record, however long that is ago;
 * of one that never had any, what its own predecessors brought.
 *
 * A unit begins with its first published target.  Whoever is said to go on from another while a quarter runs may have a
 * standing for that quarter already, but no target in its plan: it has not begun, and what the quarter comes to for the
 * other still follows.  Nor does anybody begin while the plan of one that went before is open: whatever standing somebody
 * brings ahead of time, what the quarter comes to is awaited.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "credit/inherit.h"
#include "regtarget.h"
#include "units/units.h"

#define OP(symbol) " OPERATOR(pg_catalog." #symbol ") "

enum
{
	UNKNOWN, UNDER_WAY, NOTHING, SOMETHING
};

/* What a unit brought into the last period that it has a standing for, or would inherit. */
typedef struct Record
{
	int32		unit_id;
	char		own;
	char		all;			/* its own, or what it inherits */
	bool		left_out;		/* the plan of its own standing's period does not have it, nor has any other */
	bool		awaited;		/* it, or one that it goes on from, has yet to be judged */
	int			denied;
	Numeric		rate;
} Record;

typedef struct Records
{
	const RgtPeriod *period;
	RgtSnapshot snapshot;
	RgtSuccessions successions;
	Record	   *records;		/* by unit, of all that go on or went before */
	int			n;
} Records;

static Records
begin_records(const RgtPeriod *period, RgtSnapshot snapshot)
{
	Records		records = {.period = period, .snapshot = snapshot, .successions = rgt_successions(snapshot)};
	int32	   *units = rgt_succession_units(&records.successions, &records.n);

	records.records = palloc0(sizeof(Record) * Max(records.n, 1));
	for (int i = 0; i < records.n; i++)
		records.records[i].unit_id = units[i];
	return records;
}

static Record *
record_of(const Records *records, int32 unit_id)
{
	return bsearch(&unit_id, records->records, records->n, sizeof(Record), rgt_order_by_unit);
}

/* A published live plan, open or closed. */
#define IS_PUBLISHED "p.mode" OP(=) "'live' AND p.status" OP(=) "ANY ('{published,closed}'::pg_catalog.text[])"

/* Has it a target in a plan of a period before that is not closed? */
static bool
in_open_plan(const Records *records, int32 unit_id)
{
	static RgtQuery query = RGT_KEY_QUERY(
		"SELECT FROM regtarget.plans p JOIN regtarget.targets g ON g.plan_id" OP(=) "p.plan_id AND g.unit_id" OP(=) "$1 "
		"JOIN regtarget.periods q ON q.period" OP(=) "p.period WHERE p.mode" OP(=) "'live' AND p.status" OP(=) "'published' "
		"AND pg_catalog.lower(q.during)" OP(<) "$2 LIMIT 1", INT4OID, DATEOID);
	Datum		arguments[2] = {Int32GetDatum(unit_id), DateADTGetDatum(records->period->first)};

	return rgt_run(&query, records->snapshot, arguments, NULL, NULL, NULL) > 0;
}

static void
read_own(const Records *records, Record *record)
{
	static RgtQuery query = RGT_KEY_QUERY(
		"SELECT t.denied_quarters, t.penalty_rate, t.period" OP(=) "$3, t.period" OP(<>) "$3 "
		"AND EXISTS (SELECT FROM regtarget.plans p WHERE p.period" OP(=) "t.period AND " IS_PUBLISHED ") "
		"AND NOT EXISTS (SELECT FROM regtarget.plans p JOIN regtarget.targets g ON g.plan_id" OP(=) "p.plan_id "
		"AND g.unit_id" OP(=) "$1 WHERE " IS_PUBLISHED ") FROM regtarget.standings t "
		"JOIN regtarget.periods q ON q.period" OP(=) "t.period "
		"WHERE t.unit_id" OP(=) "$1 AND pg_catalog.lower(q.during)" OP(<=) "$2 "
		"ORDER BY pg_catalog.lower(q.during) DESC LIMIT 1", INT4OID, DATEOID, TEXTOID);
	Datum		arguments[3] = {Int32GetDatum(record->unit_id), DateADTGetDatum(records->period->first),
	PointerGetDatum(records->period->period)};
	Datum		values[4];
	bool		isnull[4];
	bool		found = rgt_one(&query, records->snapshot, arguments, NULL, values, isnull, 4);

	record->own = found ? SOMETHING : NOTHING;
	record->denied = found ? DatumGetInt32(values[0]) : 0;
	record->rate = found ? DatumGetNumeric(values[1]) : int64_to_numeric(0);
	record->left_out = found && DatumGetBool(values[3]);
	record->awaited = !(found && DatumGetBool(values[2])) && in_open_plan(records, record->unit_id);
}

/* One of its own, of this period or one before, with which it has begun. */
static bool
has_begun(const Records *records, Record *record)
{
	if (record->own == UNKNOWN)
		read_own(records, record);
	return record->own == SOMETHING && !record->left_out;
}

static Record *find_record(const Records *records, int32 unit_id);

/* The longest run and the highest penalty among the predecessors, in the place of its own; false: they have no record. */
static bool
take_inherited(const Records *records, Record *record)
{
	const RgtSuccessions *list = &records->successions;
	Record		all = {.rate = int64_to_numeric(0)};

	for (int i = rgt_successions_of(list, record->unit_id); i < list->n && list->pairs[i].unit_id == record->unit_id; i++)
	{
		const Record *before = find_record(records, list->pairs[i].predecessor_id);

		record->awaited |= before->awaited;
		if (before->all != SOMETHING)
			continue;
		all.all = SOMETHING;
		all.denied = Max(all.denied, before->denied);
		if (rgt_compare_numerics(NumericGetDatum(before->rate), NumericGetDatum(all.rate)) > 0)
			all.rate = before->rate;
	}
	if (all.all != SOMETHING)
		return false;
	record->denied = all.denied;
	record->rate = all.rate;
	return true;
}

/* Its own record where it has begun, else that of its predecessors, else whatever it has. */
static Record *
find_record(const Records *records, int32 unit_id)
{
	Record	   *record = record_of(records, unit_id);

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	if (record->all != UNKNOWN)
		return record;
	record->all = UNDER_WAY;	/* only damage makes a circle */
	if (has_begun(records, record) || take_inherited(records, record))
		record->all = SOMETHING;
	else
		record->all = record->own;
	return record;
}

/*
 * Tell of every unit that has predecessors with a record, all of them judged, and has not begun by this period, and is
 * wanted: the run and the rate that it goes on with.
 */
void
rgt_inherited(const RgtPeriod *period, RgtSnapshot snapshot, bool (*wanted) (int32 unit_id, void *arg), RgtHeirFn heir,
			  void *arg)
{
	Records		records = begin_records(period, snapshot);
	const RgtSuccessions *list = &records.successions;

	for (int i = 0; i < list->n; i++)
	{
		int32		unit_id = list->pairs[i].unit_id;
		Record	   *record = record_of(&records, unit_id);

		if ((i > 0 && list->pairs[i - 1].unit_id == unit_id) || !wanted(unit_id, arg) || has_begun(&records, record))
			continue;
		if (take_inherited(&records, record) && !record->awaited)
			heir(unit_id, record->denied, record->rate, arg);
	}
}
