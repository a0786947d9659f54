/*
 * units/lost_records.c
 *	  Records of refusals that a new code would wash away: they are named, so that somebody says who goes on with them.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "access/access.h"
#include "regtarget.h"
#include "units/units.h"

/* Whom they are told to, and what is needed to tell whether somebody goes on with one. */
typedef struct Search
{
	RgtLostRecordFn tell;
	void	   *arg;
	RgtSuccessions successions;
	Oid			caller;
} Search;

static void
find_lost(TupleTableSlot *slot, void *arg)
{
	Search	   *search = arg;
	RgtLostRecord lost = {
		DatumGetInt32(slot->tts_values[0]), DatumGetInt32(slot->tts_values[1]), DatumGetInt32(slot->tts_values[2]),
		DatumGetInt32(slot->tts_values[3])
	};

	if (!rgt_goes_back_to(&search->successions, lost.opened, lost.closed) && rgt_in_sight(search->caller, lost.opened) &&
		rgt_in_sight(search->caller, lost.closed))
		search->tell(&lost, search->arg);
}

/*
 * Each unit opened since the last period, up to the first day of this one, below a parent where a unit with quarters
 * refused running was closed, if no succession says that the one goes on from the other.  Of units in the caller's
 * sight.  A run is what the closed unit brought into the period, or brought into the last one.
 */
void
rgt_lost_records(const RgtPeriod *period, RgtLostRecordFn tell, void *arg)
{
	static RgtQuery query = RGT_KEY_QUERY(
		"WITH last AS (SELECT q.period, lower(q.during) AS first FROM regtarget.periods q WHERE lower(q.during) < $2 "
		"ORDER BY lower(q.during) DESC LIMIT 1), "
		"runs AS (SELECT s.unit_id, s.denied_quarters FROM regtarget.standings s "
		"WHERE s.period = $1 AND s.denied_quarters > 0 "
		"UNION ALL SELECT s.unit_id, s.denied_quarters FROM last l JOIN regtarget.standings s ON s.period = l.period "
		"WHERE s.denied_quarters > 0 AND NOT EXISTS (SELECT FROM regtarget.standings x WHERE x.unit_id = s.unit_id "
		"AND x.period = $1)), "
		"closed AS (SELECT w.unit_id, r.denied_quarters, " RGT_PARENT_ON("w", "w.closed_on") " AS parent_id "
		"FROM runs r JOIN regtarget.units w ON w.unit_id = r.unit_id WHERE w.closed_on < $2), "
		"opened AS (SELECT u.unit_id, " RGT_PARENT_ON("u", "u.opened_on") " AS parent_id FROM last l "
		"JOIN regtarget.units u ON u.opened_on > l.first AND u.opened_on <= $2 WHERE EXISTS (SELECT FROM closed)) "
		"SELECT o.unit_id, c.unit_id, c.parent_id, c.denied_quarters FROM closed c "
		"JOIN opened o ON o.parent_id = c.parent_id WHERE o.unit_id <> c.unit_id "
		"ORDER BY o.unit_id, c.unit_id", TEXTOID, DATEOID);
	Datum		arguments[2] = {PointerGetDatum(period->period), DateADTGetDatum(period->first)};
	Search		search = {tell, arg, rgt_successions(RGT_LATEST), rgt_caller()};

	rgt_run(&query, RGT_LATEST, arguments, NULL, find_lost, &search);
}

/* So many are named one by one. */
#define MOST_NAMED 20

typedef struct Named
{
	const RgtPeriod *period;
	int			n;
} Named;

static void
name_record(const RgtLostRecord *lost, void *arg)
{
	Named	   *named = arg;

	if (++named->n > MOST_NAMED)
		return;
	ereport(NOTICE,
			(errmsg("unit \"%s\" was opened below \"%s\", where unit \"%s\" was closed: its record does not follow",
					rgt_unit_name(lost->opened), rgt_unit_name(lost->parent), rgt_unit_name(lost->closed)),
			 errdetail("Refused quarters running of \"%s\": %d. No succession says that \"%s\" goes on from it.",
					   rgt_unit_name(lost->closed), lost->denied_quarters, rgt_unit_name(lost->opened)),
			 errhint("If it does, record it in regtarget.successions before its plan for \"%s\" is published.",
					 text_to_cstring(named->period->period))));
}

/* A NOTICE for each of them. */
void
rgt_name_lost_records(const RgtPeriod *period)
{
	Named		named = {period, 0};

	rgt_lost_records(period, name_record, &named);
	if (named.n > MOST_NAMED)
		ereport(NOTICE,
				(errmsg_plural("so it is of %d more unit", "so it is of %d more units", named.n - MOST_NAMED,
							   named.n - MOST_NAMED)));
}
