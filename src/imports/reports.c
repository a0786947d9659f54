/*
 * imports/reports.c
 *	  What the views around imports are made of: computed over all rows, told as far as the caller sees.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "access/access.h"
#include "regtarget.h"

/* ---- where people are -------------------------------------------------------------------------------- */

/* The assignments of one person, the one to show first. */
typedef struct Person
{
	ReturnSetInfo *result;
	Oid			caller;
	int32		employee_id;	/* 0: none yet */
	Datum		unit;			/* code of the first */
	bool		in_sight;		/* any of them */
	MemoryContext context;		/* the last one is told when the query is over */
} Person;

static void
tell_person(Person *person)
{
	Datum		values[2] = {Int32GetDatum(person->employee_id), person->unit};
	bool		nulls[2] = {false, false};

	if (person->in_sight)
		tuplestore_putvalues(person->result->setResult, person->result->setDesc, values, nulls);
}

static void
add_assignment(TupleTableSlot *slot, void *arg)
{
	Person	   *person = arg;
	int32		employee_id = DatumGetInt32(slot->tts_values[0]);

	if (employee_id != person->employee_id)
	{
		MemoryContext old = MemoryContextSwitchTo(person->context);

		tell_person(person);
		if (person->employee_id != 0)
			pfree(DatumGetPointer(person->unit));
		person->employee_id = employee_id;
		person->unit = PointerGetDatum(DatumGetTextPCopy(slot->tts_values[1]));
		person->in_sight = false;
		MemoryContextSwitchTo(old);
	}
	person->in_sight = person->in_sight || rgt_in_sight(person->caller, DatumGetInt32(slot->tts_values[2]));
}

/*
 * employee_units(): (employee_id, unit), the code of the unit where each person is today, or was last, whoever
 * asks; of those who have ever been in a unit that the caller sees.
 */
PG_FUNCTION_INFO_V1(rgt_employee_units);
Datum
rgt_employee_units(PG_FUNCTION_ARGS)
{
	static RgtQuery query = RGT_QUERY0(
		"SELECT a.employee_id, u.code, a.unit_id FROM regtarget.assignments a JOIN regtarget.units u ON u.unit_id = a.unit_id "
		"ORDER BY a.employee_id, a.during @> regtarget.today() DESC, lower(a.during) DESC");
	Person		person = {.result = (ReturnSetInfo *) fcinfo->resultinfo};
	RgtSession	session;

	InitMaterializedSRF(fcinfo, 0);
	if (!rgt_sees_anything(rgt_caller()))
		return (Datum) 0;
	rgt_enter(&session);
	person.caller = rgt_caller();
	person.context = CurrentMemoryContext;
	rgt_run(&query, RGT_CALLER, NULL, NULL, add_assignment, &person);
	tell_person(&person);
	rgt_end(&session);
	return (Datum) 0;
}

/* ---- how fresh sources are --------------------------------------------------------------------------- */

/*
 * source_freshness(): (fact, source, rows, last_on, lag_days, rejects) of each fact and source, over all rows, for
 * whoever has any duty: how fresh a source is does not depend on who asks.  Rows of days to come do not make data
 * fresh.  The facts are not read: what is kept of their sources is.  An attached relation is a source of its own name.
 */
PG_FUNCTION_INFO_V1(rgt_source_freshness);
Datum
rgt_source_freshness(PG_FUNCTION_ARGS)
{
	static RgtQuery query = RGT_QUERY0(
		"WITH t AS (SELECT regtarget.today() AS today), f AS ("
		"SELECT k.fact, k.source, sum(k.rows)::bigint AS rows, "
		"max(k.day) FILTER (WHERE k.dated > 0 AND k.day <= t.today) AS last_on "
		"FROM t, (SELECT fact, source, day, sum(rows) AS rows, sum(dated) AS dated FROM ("
		"SELECT fact, source, day, rows, dated FROM regtarget.source_days "
		"UNION ALL SELECT fact, source, day, rows, dated FROM regtarget.source_deltas) AS d GROUP BY fact, source, day) AS k "
		"GROUP BY k.fact, k.source HAVING sum(k.rows) > 0 "
		"UNION ALL SELECT a.fact, format('%I.%I', a.schema_name, a.relation_name), a.rows, (SELECT d.day "
		"FROM regtarget.attached_days d WHERE d.attachment_id = a.attachment_id AND d.day <= t.today "
		"ORDER BY d.day DESC LIMIT 1) "
		"FROM t, regtarget.attachments a), "
		"r AS (SELECT regexp_replace(target, '_in$', '') AS fact, coalesce(source, '') AS source, count(*) AS rejects "
		"FROM regtarget.import_rejects GROUP BY 1, 2) "
		"SELECT fact, source, f.rows, f.last_on, t.today - f.last_on, coalesce(r.rejects, 0) "
		"FROM f FULL JOIN r USING (fact, source) CROSS JOIN t");
	DestReceiver *dest = rgt_result(fcinfo);
	RgtSession	session;

	rgt_enter(&session);
	if (rgt_sees_anything(rgt_caller()))
		rgt_run_arguments(&query, fcinfo, dest);
	rgt_end(&session);
	return (Datum) 0;
}
