/*
 * access/hierarchy.h
 *	  Which unit is below which in today's tree, for sight.c.
 */
#ifndef REGTARGET_ACCESS_HIERARCHY_H
#define REGTARGET_ACCESS_HIERARCHY_H

#include "access/validity.h"
#include "regtarget.h"

/* From ids to places, where that takes but a look into an array. */
typedef struct RgtPlaceArray
{
	RgtValidity valid;
	uint64		version;		/* changes whenever places do */
	const int32 *by_id;			/* by_id[id - least_id] - 1 is the place; NULL: ids are too far apart */
	int32		least_id;
	int64		span;
} RgtPlaceArray;

extern RgtPlaceArray rgt_place_array;

/* A unit's place, as long as places are of that version; -1: ask for the way up. */
static inline int32
rgt_place_at_once(int32 unit_id, uint64 version)
{
	const RgtPlaceArray *a = &rgt_place_array;
	int64		offset = (int64) unit_id - a->least_id;

	if (a->version != version || a->by_id == NULL || offset < 0 || offset >= a->span ||
		!rgt_is_valid(&a->valid, RGT_OF_TREE))
		return -1;
	return a->by_id[offset] - 1;
}

/*
 * The way from a unit up: those that have no place, beginning with itself, then the place of the one
 * above them.  It holds until the next question.
 */
typedef struct RgtWay
{
	const int32 *units;
	int			n;
	int32		place;			/* -1: there is none above the last */
	bool		to_top;			/* the last, or the unit in the first place, has no parent; else it is missing */
} RgtWay;

extern uint64 rgt_places_version(void);
extern bool rgt_way_up(int32 unit_id, RgtWay *way);
extern int32 rgt_last_place_below(int32 place);
extern bool rgt_is_top_place(int32 place);
extern int32 rgt_parent_today(int32 unit_id);

#endif							/* REGTARGET_ACCESS_HIERARCHY_H */
