/*
 * activity/sources.h
 *	  What sources.c offers to the files of the room activity: how much of each fact each source has brought.
 */
#ifndef REGTARGET_ACTIVITY_SOURCES_H
#define REGTARGET_ACTIVITY_SOURCES_H

#include "commands/trigger.h"

#include "regtarget.h"

#define RGT_FACT_DAYS 2

struct source_sums_hash;

/* What a statement's rows of one fact come to, by source and day. */
typedef struct RgtSourceSums
{
	const char *fact;
	struct source_sums_hash *sums;
	MemoryContext context;
	text	  **sources;
	int			n;
	int			allocated;
	int			last;			/* the source of the row before */
	int			sign;			/* of the rows that come now: 1, or -1 for those that were taken away */
	AttrNumber	source;
	AttrNumber	day[RGT_FACT_DAYS]; /* 0: no such column */
} RgtSourceSums;

extern bool rgt_sources_begin(RgtSourceSums *sums, const char *fact, TupleDesc desc);
extern void rgt_sources_count(RgtSourceSums *sums, TupleTableSlot *slot);
extern void rgt_sources_take_all(RgtSourceSums *sums);
extern int64 rgt_sources_append(RgtSourceSums *sums);
extern void rgt_sources_fold(void);
extern void rgt_sources_rebuild(void);

/* What the facts say, for verify() and for whoever rebuilds: (fact, source, day, rows, dated), each fact by itself. */
#define RGT_COUNT_OF(fact, source, day, rows, where) \
	"SELECT '" fact "', " source ", " day ", " rows ", count(*) FROM regtarget." fact " " where " GROUP BY 2, 3 "
#define RGT_COUNT_UNDATED(fact, source, where) \
	"SELECT '" fact "', " source ", '0001-01-01', count(*), 0 FROM regtarget." fact " WHERE " where " GROUP BY 2 "
#define RGT_SOURCES_COUNTED \
	"SELECT fact, source, day, sum(rows)::bigint AS rows, sum(dated)::bigint AS dated FROM (" \
	RGT_COUNT_OF("visits", "source", "visited_on", "count(*)", "") \
	"UNION ALL " RGT_COUNT_OF("deals", "source", "coalesce(opened_on, closed_on)", "count(*)", \
							  "WHERE opened_on IS NOT NULL OR closed_on IS NOT NULL") \
	"UNION ALL " RGT_COUNT_OF("deals", "source", "closed_on", "0", "WHERE opened_on IS NOT NULL AND closed_on IS NOT NULL") \
	"UNION ALL " RGT_COUNT_UNDATED("deals", "source", "opened_on IS NULL AND closed_on IS NULL") \
	"UNION ALL " RGT_COUNT_OF("revenues", "source", "booked_on", "count(*)", "") \
	"UNION ALL " RGT_COUNT_OF("customers", "source", "acquired_on", "count(*)", "WHERE acquired_on IS NOT NULL") \
	"UNION ALL " RGT_COUNT_UNDATED("customers", "source", "acquired_on IS NULL") \
	"UNION ALL " RGT_COUNT_OF("employees", "source", "coalesce(hired_on, left_on)", "count(*)", \
							  "WHERE hired_on IS NOT NULL OR left_on IS NOT NULL") \
	"UNION ALL " RGT_COUNT_OF("employees", "source", "left_on", "0", "WHERE hired_on IS NOT NULL AND left_on IS NOT NULL") \
	"UNION ALL " RGT_COUNT_UNDATED("employees", "source", "hired_on IS NULL AND left_on IS NULL") \
	"UNION ALL " RGT_COUNT_OF("signals", "coalesce(source, '')", "as_of", "count(*)", "") \
	") AS f (fact, source, day, rows, dated) GROUP BY fact, source, day"

/* What is kept of them. */
#define RGT_SOURCES_KEPT \
	"SELECT fact, source, day, sum(rows)::bigint AS rows, sum(dated)::bigint AS dated FROM (" \
	"SELECT fact, source, day, rows, dated FROM regtarget.source_days " \
	"UNION ALL SELECT fact, source, day, rows, dated FROM regtarget.source_deltas) AS k " \
	"GROUP BY fact, source, day HAVING sum(rows) <> 0 OR sum(dated) <> 0"

#endif							/* REGTARGET_ACTIVITY_SOURCES_H */
