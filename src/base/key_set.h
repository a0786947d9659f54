/*
 * base/key_set.h
 *	  The distinct keys that a statement wrote into a column, or took out of it: int, bigint or text.
 */
#ifndef REGTARGET_BASE_KEY_SET_H
#define REGTARGET_BASE_KEY_SET_H

#include "regtarget.h"

typedef struct RgtKeys
{
	Oid			type;
	Datum	   *values;			/* in order, each once */
	int64		n;
} RgtKeys;

extern RgtKeys *rgt_keys_gather(Tuplestorestate *rows, TupleDesc desc, const char *const *columns, int n);
extern void rgt_keys_subtract(RgtKeys *keys, const RgtKeys *others);
extern bool rgt_keys_have(const RgtKeys *keys, Datum value);
extern uint64 rgt_key_number(Oid type, Datum value);
extern char *rgt_key_text(Oid type, Datum value);

#endif							/* REGTARGET_BASE_KEY_SET_H */
