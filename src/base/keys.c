/*
 * base/keys.c
 *	  Generated keys are the extension's: whoever numbered rows by hand could occupy the numbers that others will
 *	  be given.
 *
 * No duty has the privilege to write one.  Whoever has it from the DBA is overruled by the guards; the owner, who
 * may restore rows as they were, is not.
 */
#include "postgres.h"

#include "commands/sequence.h"
#include "miscadmin.h"
#include "utils/acl.h"

#include "regtarget.h"

/* Could a statement of the current user say what is in this column, though he has not the owner's rights? */
bool
rgt_overruled(Relation relation, AttrNumber column)
{
	Oid			user = GetUserId();
	AclMode		writing = ACL_INSERT | ACL_UPDATE;

	return !has_privs_of_role(user, rgt_owner()) &&
		(pg_class_aclcheck(RelationGetRelid(relation), user, writing) == ACLCHECK_OK ||
		 pg_attribute_aclcheck(RelationGetRelid(relation), column, user, writing) == ACLCHECK_OK);
}

/* The next number that a sequence of ours gives out. */
int64
rgt_next_key(const char *sequence)
{
	return nextval_internal(rgt_relation(sequence), false);
}
