/*
 * units/units.h
 *	  What the room units offers: the organisation in memory, and periods in their order.
 */
#ifndef REGTARGET_UNITS_UNITS_H
#define REGTARGET_UNITS_UNITS_H

#include "regtarget.h"

/* ---- tree.c: the organisation in memory ----------------------------------------------------- */

/*
 * Units in an order that puts every parent before its children and keeps siblings together, by
 * unit_id: the children of position p are first_child[p] .. first_child[p] + children[p] - 1.
 * Roots come first.  One pass from the back rolls sums up, one from the front hands totals down.
 */
typedef struct RgtTree
{
	bool		part;			/* of the organisation: what is asked of its units is read by their keys */
	RgtParents	moved;			/* of a part: all units that have another parent on the day than their rows say */
	int			n;
	int			roots;
	int32	   *unit_id;
	int		   *parent;			/* position, -1 for a root */
	int		   *first_child;
	int		   *children;
	DateADT    *opened_on;		/* DATEVAL_NOBEGIN when not known */
	DateADT    *closed_on;		/* DATEVAL_NOEND when open */
	/* From ids to positions: by_id[id - least_id] - 1, or where that is NULL by search. */
	int		   *by_id;
	int32		least_id;
	int64		span;
	int32	   *ids;			/* sorted, nids of them */
	int		   *position;
	int			nids;
} RgtTree;

/* Up to so many units are read by their keys rather than with all others. */
#define RGT_FEW_UNITS 1000

extern int	rgt_most_in_part(void);
extern RgtTree *rgt_tree_read(RgtSnapshot which, DateADT day);
extern RgtTree *rgt_tree_with(RgtSnapshot which, const RgtParents *parents);
extern RgtTree *rgt_tree_below(RgtSnapshot which, DateADT day, int32 unit_id, int most);
extern RgtTree *rgt_tree_below_all(RgtSnapshot which, DateADT day, const int32 *unit_id, int n, int most);
extern RgtTree *rgt_tree_above(RgtSnapshot which, DateADT day, int32 unit_id, int most);
extern RgtTree *rgt_tree_of_units(const int32 *unit_id, int n);
extern DateADT rgt_today_of(RgtSnapshot which);
extern DateADT *rgt_days_of_trees(RgtSnapshot which, int *n);
extern int	rgt_tree_find(const RgtTree *tree, int32 unit_id);
extern bool rgt_tree_open(const RgtTree *tree, int position, DateADT day);
extern int	rgt_tree_depth(const RgtTree *tree, int position);
extern void rgt_tree_sum_up(const RgtTree *tree, double *values);

/* A tree is as said above, and ids lead to their positions: one pass, for whoever made it or relies on it. */
#ifdef USE_ASSERT_CHECKING
extern void rgt_assert_tree(const RgtTree *tree);
#define AssertCheckTree(tree) rgt_assert_tree(tree)
#else
#define AssertCheckTree(tree) ((void) 0)
#endif

/* ---- in_sight.c: what somebody sees of the organisation ------------------------------------------ */

extern RgtTree *rgt_tree_in_sight(RgtSnapshot which, DateADT day, Oid role, bool siblings, int most);

/* ---- places.c: a tree with the names of its units ------------------------------------------------ */

/* What the tree does not know of a unit. */
typedef struct RgtLabel
{
	text	   *code;			/* NULL: there is no such unit */
	text	   *kind;			/* NULL: none */
	bool		is_region;
} RgtLabel;

/* A tree, whole or a unit with those above it, and its labels by position. */
typedef struct RgtPlaces
{
	const RgtTree *tree;
	RgtLabel   *label;
} RgtPlaces;

extern RgtPlaces rgt_places_read(const RgtTree *tree);

/* ---- period_tree.c: the tree of a period as its published plans have it ------------------------- */

extern RgtTree *rgt_tree_of_period(RgtSnapshot which, const RgtPeriod *period);
extern RgtTree *rgt_tree_of_period_below(RgtSnapshot which, const RgtPeriod *period, int32 unit_id, int most);
extern bool rgt_plans_differ(RgtSnapshot which, const RgtPeriod *period, const RgtTree *part);
extern RgtTree *rgt_tree_of_period_above(RgtSnapshot which, const RgtPeriod *period, int32 unit_id, int most);

/*
 * In SQL, the parent that a unit (a row of units, by its alias) has on a day.  Qualified to the last operator, for
 * triggers.
 */
#define RGT_PARENT_ON(unit, day) \
	"CASE WHEN EXISTS (SELECT FROM regtarget.past_parents m WHERE m.unit_id OPERATOR(pg_catalog.=) " unit ".unit_id " \
	"AND m.until_on OPERATOR(pg_catalog.>) " day ") THEN (SELECT m.parent_id FROM regtarget.past_parents m " \
	"WHERE m.unit_id OPERATOR(pg_catalog.=) " unit ".unit_id AND m.until_on OPERATOR(pg_catalog.>) " day " " \
	"ORDER BY m.until_on LIMIT 1) ELSE " unit ".parent_id END"

/* ---- leaving.c: units that somebody is deleting ---------------------------------------------- */

extern bool rgt_units_stay(const RgtTree *tree);
extern void rgt_await_leaving_units(text *root, text *period);

/* ---- succession_list.c: who goes on from whom ----------------------------------------------------- */

typedef struct RgtSuccession
{
	int32		unit_id;
	int32		predecessor_id;
} RgtSuccession;

typedef struct RgtSuccessions
{
	RgtSuccession *pairs;		/* by unit and predecessor */
	int			n;
} RgtSuccessions;

extern RgtSuccessions rgt_successions(RgtSnapshot which);
extern int	rgt_successions_of(const RgtSuccessions *list, int32 unit_id);
extern int32 *rgt_succession_units(const RgtSuccessions *list, int *n);
extern bool rgt_goes_back_to(const RgtSuccessions *list, int32 from, int32 to);

/* ---- lost_records.c: records that nobody goes on with -------------------------------------------- */

/* One was opened below a parent where another was closed that had been refused so many quarters running. */
typedef struct RgtLostRecord
{
	int32		opened;
	int32		closed;
	int32		parent;
	int			denied_quarters;
} RgtLostRecord;

typedef void (*RgtLostRecordFn) (const RgtLostRecord *lost, void *arg);

extern void rgt_lost_records(const RgtPeriod *period, RgtLostRecordFn tell, void *arg);
extern void rgt_name_lost_records(const RgtPeriod *period);

/* ---- periods.c: periods in their order ------------------------------------------------------ */

extern void rgt_lock_periods(DateADT last);
extern void rgt_hold_periods(DateADT day);
extern int64 *rgt_lock_open_plans(DateADT end, int *n);
extern bool rgt_next_period(const RgtPeriod *period, RgtSnapshot snapshot, RgtPeriod *next);

typedef struct RgtPeriods
{
	RgtPeriod  *period;
	int			n;
	int			running;		/* left out, because they are not over */
} RgtPeriods;

extern RgtPeriods rgt_periods_over(const RgtPeriod *from, const RgtPeriod *to);

#endif							/* REGTARGET_UNITS_UNITS_H */
