/*
 * attached/relation.h
 *	  What the files of the room attached share: relations of others whose rows are facts.
 */
#ifndef REGTARGET_ATTACHED_RELATION_H
#define REGTARGET_ATTACHED_RELATION_H

#include "regtarget.h"

/* What rows of an attached relation may be. */
typedef struct RgtAttachedFact
{
	const char *name;			/* of the table beside which it counts */
	const char *day;			/* column */
	bool		has_won;
	bool		has_amount;
} RgtAttachedFact;

/* A relation that is attached; its name is what it was called when it was last attached or counted. */
typedef struct RgtAttachment
{
	int32		id;
	const RgtAttachedFact *fact;
	char	   *name;			/* quoted */
	Oid			relation;		/* InvalidOid: it is not there */
	bool		counted;
	DateADT		from;			/* the days that were counted */
	DateADT		to;
} RgtAttachment;

/* Facts of a span of days as they were counted elsewhere: rows of (unit_id, day, and the counts of attached_days). */
typedef struct RgtGrouped
{
	Tuplestorestate *rows;
	TupleDesc	desc;
	bool		made_there;		/* the sums were */
} RgtGrouped;

/* How a relation's sums would be made. */
typedef struct RgtCountingPlan
{
	int			elsewhere;		/* scans of what is not in this database */
	int			fetched;		/* of which the rows come over rather than sums */
	int			in_turn;		/* which do not run at the same time as others */
} RgtCountingPlan;

/* ---- relation.c: which facts and relations there are, and who may let them count ----------------------- */

extern const RgtAttachedFact *rgt_attached_fact(text *fact);
extern char *rgt_attached_name(Oid relation);
extern void rgt_check_attachable(const RgtAttachedFact *fact, Oid relation);
extern char *rgt_wrong_columns(const RgtAttachedFact *fact, Oid relation, bool *is_moment);
extern void rgt_check_columns(const RgtAttachedFact *fact, Oid relation);
extern void rgt_check_readable(const RgtAttachedFact *fact, Oid relation);
extern void rgt_require_attacher(const char *format);
extern void rgt_require_unrestricted(const char *function);
extern void rgt_require_read_committed(const char *function);

/* ---- attachments.c: those that are on record ------------------------------------------------------------- */

extern RgtAttachment *rgt_attachments(RgtSnapshot snapshot, int *n);
extern bool rgt_find_attachment(RgtSnapshot snapshot, int32 id, RgtAttachment *attachment);
extern void rgt_lock_attachments(LOCKMODE mode);
extern void rgt_lock_attachment(int32 id);
extern bool rgt_is_noted_as(int32 id, Oid relation);
extern bool rgt_hold_relation(RgtAttachment *attachment);
extern _Noreturn void rgt_refuse_taken(const char *fact, Oid relation);
extern void rgt_note_names(void);
extern void rgt_note_relation(int32 id, Oid relation);

/* ---- plan.c ------------------------------------------------------------------------------------------------ */

extern RgtCountingPlan rgt_counting_plan(SPIPlanPtr plan);

/* ---- count.c: the statement ---------------------------------------------------------------------------------- */

extern RgtCountingPlan rgt_plan_count(const RgtAttachedFact *fact, Oid relation);
extern RgtGrouped rgt_count_attached(const RgtAttachment *attachment, DateADT from, DateADT to, RgtSnapshot snapshot);
extern void rgt_grouped_end(RgtGrouped *grouped);

/* What grouped rows come to by unit and day, of units that there are; and the rest by day. */
#define RGT_GROUPED_COUNTS \
	"SELECT m.unit_id, m.day, sum(m.visits)::int AS visits, sum(m.won)::int AS won, sum(m.lost)::int AS lost, " \
	"sum(m.won_amount) AS won_amount, sum(m.revenues)::int AS revenues, sum(m.revenue_amount) AS revenue_amount " \
	"FROM made_rows m JOIN regtarget.units u ON u.unit_id = m.unit_id GROUP BY m.day, m.unit_id"
#define RGT_GROUPED_STRAYS \
	"SELECT m.day, sum(m.visits::bigint + m.won + m.lost + m.revenues)::bigint AS rows, " \
	"sum(m.won_amount + m.revenue_amount) AS amount " \
	"FROM made_rows m LEFT JOIN regtarget.units u ON u.unit_id = m.unit_id WHERE u.unit_id IS NULL GROUP BY m.day"

#endif							/* REGTARGET_ATTACHED_RELATION_H */
