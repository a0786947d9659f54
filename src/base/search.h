/*
 * base/search.h
 *	  Rows that have one of some keys in a column, found by whatever index there is.
 */
#ifndef REGTARGET_BASE_SEARCH_H
#define REGTARGET_BASE_SEARCH_H

#include "base/key_set.h"
#include "regtarget.h"

/* What is done with a row that was found; true: that is enough. */
typedef bool (*RgtFoundFn) (TupleTableSlot *slot, Datum key, void *arg);

extern void rgt_search(const char *table, const char *column, const RgtKeys *keys, Snapshot snapshot,
					   RgtFoundFn found, void *arg);

#endif							/* REGTARGET_BASE_SEARCH_H */
