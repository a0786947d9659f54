/*
 * credit/records.c
 *	  Credit follows: a unit without a record of its own goes on with that of its predecessors, the longest run and the
 *	  highest penalty among them.
 *
 * What a predecessor brought into the last period that it had a standing for is its record, however long that is ago;
 * of one that never had any, what its own predecessors brought.
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

/* Its own, of this period or one before. */
static bool
has_own(const Records *records, Record *record)
{
	static RgtQuery query = RGT_KEY_QUERY(
		"SELECT t.denied_quarters, t.penalty_rate FROM regtarget.standings t "
		"JOIN regtarget.periods q ON q.period" OP(=) "t.period "
		"WHERE t.unit_id" OP(=) "$1 AND pg_catalog.lower(q.during)" OP(<=) "$2 "
		"ORDER BY pg_catalog.lower(q.during) DESC LIMIT 1", INT4OID, DATEOID);
	Datum		arguments[2] = {Int32GetDatum(record->unit_id), DateADTGetDatum(records->period->first)};
	Datum		values[2];
	bool		isnull[2];

	if (record->own == UNKNOWN)
	{
		record->own = NOTHING;
		if (rgt_one(&query, records->snapshot, arguments, NULL, values, isnull, 2))
		{
			record->own = record->all = SOMETHING;
			record->denied = DatumGetInt32(values[0]);
			record->rate = DatumGetNumeric(values[1]);
		}
	}
	return record->own == SOMETHING;
}

/* The longest run and the highest penalty among the predecessors, where the unit has no record of its own. */
static Record *
find_record(const Records *records, int32 unit_id)
{
	Record	   *record = record_of(records, unit_id);
	const RgtSuccessions *list = &records->successions;

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	if (record->all != UNKNOWN || has_own(records, record))
		return record;
	record->all = UNDER_WAY;	/* only damage makes a circle */
	record->rate = int64_to_numeric(0);
	for (int i = rgt_successions_of(list, unit_id); i < list->n && list->pairs[i].unit_id == unit_id; i++)
	{
		const Record *before = find_record(records, list->pairs[i].predecessor_id);

		if (before->all != SOMETHING)
			continue;
		record->denied = Max(record->denied, before->denied);
		if (rgt_compare_numerics(NumericGetDatum(before->rate), NumericGetDatum(record->rate)) > 0)
			record->rate = before->rate;
		record->all = SOMETHING;
	}
	if (record->all == UNDER_WAY)
		record->all = NOTHING;
	return record;
}

/*
 * Tell of every unit that has predecessors and no standing for this period or one before, and is wanted: the run and
 * the rate that it goes on with.
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
		const Record *record;

		if ((i > 0 && list->pairs[i - 1].unit_id == unit_id) || !wanted(unit_id, arg) ||
			has_own(&records, record_of(&records, unit_id)))
			continue;
		record = find_record(&records, unit_id);
		if (record->all == SOMETHING)
			heir(unit_id, record->denied, record->rate, arg);
	}
}
