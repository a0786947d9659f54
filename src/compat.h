/*
 * compat.h
 *	  The differences between PostgreSQL 15 and 18, and nothing else.
 */
#ifndef REGTARGET_COMPAT_H
#define REGTARGET_COMPAT_H

#if PG_VERSION_NUM < 150000
#error "regtarget needs PostgreSQL 15 or later"
#endif

/* Entry points must stay visible under -fvisibility=hidden, also where PGDLLEXPORT is empty. */
#if PG_VERSION_NUM < 160000 && defined(__GNUC__)
#undef PGDLLEXPORT
#define PGDLLEXPORT __attribute__((visibility("default")))
#endif

/* index_beginscan() of a forward or backward scan without order by operators. */
#if PG_VERSION_NUM >= 180000
#define rgt_index_beginscan(heap, index, snapshot, nkeys) index_beginscan(heap, index, snapshot, NULL, nkeys, 0)
#else
#define rgt_index_beginscan(heap, index, snapshot, nkeys) index_beginscan(heap, index, snapshot, nkeys, 0)
#endif

/* EvalPlanQualInit() for what has no plan to check again. */
#if PG_VERSION_NUM >= 160000
#define rgt_epq_init(epq, estate) EvalPlanQualInit(epq, estate, NULL, NIL, -1, NIL)
#else
#define rgt_epq_init(epq, estate) EvalPlanQualInit(epq, estate, NULL, NIL, -1)
#endif

/* ExecInsertIndexTuples() of a new row, unique as usual. */
#if PG_VERSION_NUM >= 160000
#define rgt_insert_index_tuples(result, slot, estate) \
	ExecInsertIndexTuples(result, slot, estate, false, false, NULL, NIL, false)
#else
#define rgt_insert_index_tuples(result, slot, estate) \
	ExecInsertIndexTuples(result, slot, estate, false, false, NULL, NIL)
#endif

#endif							/* REGTARGET_COMPAT_H */
