/*
 * module.c
 *	  The loadable module: its magic block, and what is done when it is loaded.
 */
#include "postgres.h"

#include "regtarget.h"

PG_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_init(void);

void
_PG_init(void)
{
	rgt_bind_languages();
	rgt_watch_release();
}
