/*
 * module.c
 *	  The loadable module: its magic block.
 */
#include "postgres.h"

#include "fmgr.h"

PG_MODULE_MAGIC;
