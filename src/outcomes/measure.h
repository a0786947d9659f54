/*
 * outcomes/measure.h
 *	  What the files of the room outcomes share: what a period is measured by.
 */
#ifndef REGTARGET_OUTCOMES_MEASURE_H
#define REGTARGET_OUTCOMES_MEASURE_H

#include "nodes/pg_list.h"

#include "outcomes/outcomes.h"

/* ---- people.c ----------------------------------------------------------------------------------- */

/* Somebody's stay in a unit. */
typedef struct RgtStay
{
	int32		unit_id;
	DateADT		since;
	DateADT		past;			/* the day after its last; DATEVAL_NOEND: none yet */
	DateADT		hired_on;		/* DATEVAL_NOBEGIN: not known */
	DateADT		left_on;		/* DATEVAL_NOEND: has not left */
	bool		pressed;		/* and left under pressure */
	bool		first;			/* of his stays */
	bool		last;			/* of those begun by the day he left */
} RgtStay;

/* The stays of some units or all, and since when leavers, and reasons of leaving, are on record in the whole database. */
typedef struct RgtStays
{
	RgtStay    *stays;
	int64		n;
	int64		allocated;
	DateADT		first_leaver;	/* DATEVAL_NOEND: none */
	DateADT		first_reason;
} RgtStays;

extern RgtStays *rgt_stays_read(const RgtTree *tree);

/* ---- customers.c -------------------------------------------------------------------------------- */

/* Of every unit itself, all periods that have begun. */
typedef struct RgtCustomers
{
	const RgtTree *units;		/* each by itself */
	int			n;
	struct RgtChurnSpan *spans;
} RgtCustomers;

extern RgtCustomers *rgt_customers_read(const RgtTree *tree, DateADT today);
extern void rgt_customers_count(const RgtCustomers *customers, const RgtTree *tree, DateADT first, DateADT past,
								DateADT today, double *active, double *gone);

/* ---- measure.c ---------------------------------------------------------------------------------- */

/* A period over a tree, and what the fairness of its targets is judged by. */
typedef struct RgtMeasure
{
	text	   *period;			/* key */
	DateADT		first;
	DateADT		end;			/* the day after its last */
	DateADT		past;			/* the same, or tomorrow while it runs */
	RgtOutcomes outcomes;
	bool	   *leaf;			/* has a target, and none below it in the plan has */
	double	   *baseline;		/* NaN: no target */
} RgtMeasure;

extern RgtMeasure *rgt_measure_period(const RgtPeriod *period, const RgtTree *tree, DateADT today, const RgtStays *stays,
									  const RgtCustomers *customers);

/* ---- known.c: what a statement remembers ---------------------------------------------------------- */

/* One memory for all functions of the room in a statement. */
typedef struct RgtOutcomeMemory
{
	RgtMemory	memory;
	TupleDesc	desc;
	TupleDesc	fairness_desc;
	List	   *known;			/* of RgtMeasure, all units or parts, the newest in front */
	List	   *fair;			/* what fairness.c keeps of them */
	DateADT		today;			/* 0: not known yet */
	const RgtStays *stays;		/* of all units; NULL: not read */
	const RgtCustomers *customers;
	const RgtStays *part_stays; /* of the part that was read last */
	const RgtTree *part;
} RgtOutcomeMemory;

extern const RgtMeasure *rgt_measure_known(const RgtOutcomeMemory *memory, const text *period, int32 unit_id);
extern const RgtMeasure *rgt_measure_with(RgtOutcomeMemory *memory, text *period, int32 unit_id);

#endif							/* REGTARGET_OUTCOMES_MEASURE_H */
