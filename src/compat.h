/*
 * compat.h
 *	  The differences between PostgreSQL 15 and 18, and nothing else.
 */
#ifndef REGTARGET_COMPAT_H
#define REGTARGET_COMPAT_H

#include "nodes/tidbitmap.h"

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

/* The same of a scan that gathers pages. */
#if PG_VERSION_NUM >= 180000
#define rgt_index_beginscan_bitmap(index, snapshot, nkeys) index_beginscan_bitmap(index, snapshot, NULL, nkeys)
#else
#define rgt_index_beginscan_bitmap(index, snapshot, nkeys) index_beginscan_bitmap(index, snapshot, nkeys)
#endif

/* The pages of a bitmap, in order. */
#if PG_VERSION_NUM >= 180000
typedef TBMPrivateIterator RgtPages;
#define rgt_pages_begin(bitmap) tbm_begin_private_iterate(bitmap)
#define rgt_pages_end(pages) tbm_end_private_iterate(pages)
#else
typedef TBMIterator RgtPages;
#define rgt_pages_begin(bitmap) tbm_begin_iterate(bitmap)
#define rgt_pages_end(pages) tbm_end_iterate(pages)
#endif

static inline bool
rgt_pages_next(RgtPages *pages, BlockNumber *page)
{
#if PG_VERSION_NUM >= 180000
	TBMIterateResult result;

	if (!tbm_private_iterate(pages, &result))
		return false;
	*page = result.blockno;
#else
	TBMIterateResult *result = tbm_iterate(pages);

	if (result == NULL)
		return false;
	*page = result->blockno;
#endif
	return true;
}

/* The number of this backend's transaction, of whatever level of savepoints. */
#if PG_VERSION_NUM >= 170000
#define rgt_local_transaction() (MyProc->vxid.lxid)
#else
#define rgt_local_transaction() (MyProc->lxid)
#endif

/* Has this transaction, or a savepoint of it, the lock in this very mode? */
#if PG_VERSION_NUM >= 170000
#define rgt_holds_lock(tag, mode) LockHeldByMe(tag, mode, false)
#else
#define rgt_holds_lock(tag, mode) LockHeldByMe(tag, mode)
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
