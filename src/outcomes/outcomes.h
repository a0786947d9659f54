/*
 * outcomes/outcomes.h
 *	  What the room outcomes offers: what came of a period, unit by unit.
 */
#ifndef REGTARGET_OUTCOMES_OUTCOMES_H
#define REGTARGET_OUTCOMES_OUTCOMES_H

#include "regtarget.h"
#include "units/units.h"

/* In the order of the columns of outcomes_of_unit(). */
typedef enum RgtOutcome
{
	RGT_ATTAINMENT_AMOUNT,
	RGT_ATTAINMENT_BASELINE,
	RGT_ATTRITION,
	RGT_ATTRITION_PRESSURE,
	RGT_NEWCOMERS_KEPT,
	RGT_CUSTOMER_CHURN,
	RGT_REQUESTS,
	RGT_REFUSALS,
	RGT_DAYS_TO_DECIDE,
	RGT_DISPUTED_SHARE,
	RGT_DAYS_TO_PUBLISH,
	RGT_WITHIN_20,
	RGT_OUTCOMES				/* how many there are */
} RgtOutcome;

/* Of each unit of a tree and all below it, by position; NaN where it cannot be known. */
typedef struct RgtOutcomes
{
	const RgtTree *tree;
	double	   *value[RGT_OUTCOMES];
} RgtOutcomes;

/* The names of the columns. */
extern const char *const rgt_outcome_names[RGT_OUTCOMES];

/* Of all units, whoever asks, in the tree of the period's plans; in the current memory context. */
extern RgtOutcomes *rgt_outcomes(const RgtPeriod *period);

#endif							/* REGTARGET_OUTCOMES_OUTCOMES_H */
