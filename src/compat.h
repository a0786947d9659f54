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

#endif							/* REGTARGET_COMPAT_H */
