/*
 * base/references.h
 *	  What the two sides of references share: the list of them, and what is said about one that is broken.
 */
#ifndef REGTARGET_BASE_REFERENCES_H
#define REGTARGET_BASE_REFERENCES_H

#include "regtarget.h"

typedef struct RgtReference
{
	const char *child;
	const char *column;
	const char *parent;
	const char *key;
	bool		by_guard;		/* written under a guard or by functions alone, which look themselves */
	/* The parent's guard lets rows that are referred to stay as they are, or takes along what refers to them. */
	bool		parent_stays;
	const char *hint;			/* what to do when the parent cannot go, where that is not plain; NULL: none */
	RgtQuery	orphans;		/* the child's rows whose key the parent lacks, in words */
} RgtReference;

extern const RgtReference *rgt_next_reference(const char *parent, const RgtReference *last);
extern _Noreturn void rgt_reference_violation(const RgtReference *reference, const char *at, const char *key, bool missing);

#endif							/* REGTARGET_BASE_REFERENCES_H */
