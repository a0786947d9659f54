/*
 * attached/relation.c
 *	  Which relations may be attached: what rows of facts look like, and who may let them count.
 *
 * Only the columns that are counted are asked for, in the very types that facts have: a cast in between would keep a
 * foreign server from making the sums.
 *
 * In whose name it is read: attaching, counting and seeing the sums is the extension's owner's affair, and takes the
 * right to read the relation besides.  The statement itself runs as the relation's owner (count.c), so that nothing
 * that he has put into a view runs with the rights of whoever counts.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rls.h"
#include "utils/syscache.h"

#include "access/access.h"
#include "attached/relation.h"
#include "regtarget.h"

static const RgtAttachedFact facts[] = {
	{"visits", "visited_on", false, false},
	{"deals", "closed_on", true, true},
	{"revenues", "booked_on", false, true},
};

/* The fact of that name, or 22023. */
const RgtAttachedFact *
rgt_attached_fact(text *fact)
{
	char	   *name = text_to_cstring(fact);

	for (int i = 0; i < (int) lengthof(facts); i++)
	{
		if (strcmp(facts[i].name, name) == 0)
			return &facts[i];
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("there is no fact \"%s\" to attach", name),
			 errhint("Facts are visits, deals and revenues.")));
}

/* A relation's name with its schema, quoted where that is needed; its number once it is gone, which only a lock prevents. */
char *
rgt_attached_name(Oid relation)
{
	char	   *schema = get_namespace_name(get_rel_namespace(relation));
	char	   *name = get_rel_name(relation);

	if (schema == NULL || name == NULL)
		return psprintf("%u", relation);
	return quote_qualified_identifier(schema, name);
}

/* 42501 without the rights of the extension's owner.  The format says what the role may not. */
void
rgt_require_attacher(const char *format)
{
	if (!rgt_may_everything(rgt_caller()))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg_internal(format, rgt_caller_name()),
				 errdetail("It takes the rights of the extension's owner.")));
}

/* 55000 in a function of a view that is being counted, or of whatever else runs restricted. */
void
rgt_require_unrestricted(const char *function)
{
	if (InSecurityRestrictedOperation())
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("%s cannot be called while a relation is counted, analyzed, indexed or refreshed", function),
				 errhint("Take the call out of the view's or index's function.")));
}

/* 55000 in a transaction that does not see what others have counted since. */
void
rgt_require_read_committed(const char *function)
{
	if (IsolationUsesXactSnapshot())
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("attached facts are counted at isolation level READ COMMITTED only"),
				 errhint("Call %s in a transaction of its own.", function)));
}

/* ---- its columns ------------------------------------------------------------------------------------------ */

typedef struct Column
{
	const char *name;
	Oid			type;
} Column;

#define MOST_COLUMNS 4

static int
columns_of(const RgtAttachedFact *fact, Column *columns)
{
	int			n = 0;

	columns[n++] = (Column) {"unit_id", INT4OID};
	columns[n++] = (Column) {fact->day, DATEOID};
	if (fact->has_won)
		columns[n++] = (Column) {"won", BOOLOID};
	if (fact->has_amount)
		columns[n++] = (Column) {"amount", NUMERICOID};
	return n;
}

/* Say of a list that it goes on. */
static void
add_to_list(StringInfo list, const char *item)
{
	appendStringInfo(list, "%s%s", list->len > 0 ? ", " : "", item);
}

/*
 * Which columns a relation lacks, and which are of another type, in words; NULL: none.  Is it a moment where a day should
 * be?
 */
char *
rgt_wrong_columns(const RgtAttachedFact *fact, Oid relation, bool *is_moment)
{
	Column		columns[MOST_COLUMNS];
	int			n = columns_of(fact, columns);
	StringInfoData lacking;
	StringInfoData unlike;

	initStringInfo(&lacking);
	initStringInfo(&unlike);
	*is_moment = false;
	for (int i = 0; i < n; i++)
	{
		AttrNumber	column = get_attnum(relation, columns[i].name);
		Oid			type = column <= 0 ? InvalidOid : get_atttype(relation, column);

		if (!OidIsValid(type))
			add_to_list(&lacking, psprintf("%s %s", columns[i].name, format_type_be(columns[i].type)));
		else if (type != columns[i].type)
			appendStringInfo(&unlike, rgt_text(" Column %s is %s and not %s."), columns[i].name, format_type_be(type),
							 format_type_be(columns[i].type));
		*is_moment = *is_moment || (columns[i].type == DATEOID && (type == TIMESTAMPTZOID || type == TIMESTAMPOID));
	}
	if (lacking.len + unlike.len == 0)
		return NULL;
	if (lacking.len == 0)
		return unlike.data + 1;
	return psprintf("%s%s", psprintf(rgt_text("It lacks %s."), lacking.data), unlike.data);
}

/* 22023 naming them all. */
void
rgt_check_columns(const RgtAttachedFact *fact, Oid relation)
{
	bool		is_moment;
	char	   *wrong = rgt_wrong_columns(fact, relation, &is_moment);

	if (wrong == NULL)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("relation %s does not have the columns of %s", rgt_attached_name(relation), fact->name),
			 errdetail_internal("%s", wrong),
			 is_moment ?
			 errhint("Give it a date column where the rows are, written with each row: the day of a moment depends on a time "
					 "zone, and a cast in a view would have all rows fetched.") :
			 errhint("Attach a view that names the columns so, without casts, or change their types where the rows are.")));
}

/* ---- which relation ----------------------------------------------------------------------------------------- */

static void
refuse_relation(Oid relation, const char *why)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("relation %s cannot be attached", rgt_attached_name(relation)),
			 errdetail_internal("%s", why)));
}

/* Its rows would count twice: it is a partition of one that is attached as the same fact, or has one below it. */
static void
refuse_relatives(const RgtAttachedFact *fact, Oid relation)
{
	static RgtQuery query = RGT_QUERY(
		"WITH RECURSIVE up AS (SELECT $2 AS relation UNION "
		"SELECT i.inhparent FROM up JOIN pg_inherits i ON i.inhrelid = up.relation), "
		"down AS (SELECT $2 AS relation UNION SELECT i.inhrelid FROM down JOIN pg_inherits i ON i.inhparent = down.relation) "
		"SELECT r.relation FROM regtarget.attached_relations r JOIN regtarget.attachments a ON a.attachment_id = r.attachment_id "
		"WHERE a.fact = $1 AND r.relation <> $2 AND r.relation IN (SELECT relation FROM up UNION ALL SELECT relation FROM down)",
		TEXTOID, OIDOID);
	Datum		values[2] = {CStringGetTextDatum(fact->name), ObjectIdGetDatum(relation)};
	Datum		other;
	bool		isnull;

	if (rgt_one(&query, RGT_LATEST, values, NULL, &other, &isnull, 1))
		refuse_relation(relation, psprintf(rgt_text("Its rows would count twice: %s, of which it is a part or which is a part of "
													"it, is attached as %s already."),
										   rgt_attached_name(DatumGetObjectId(other)), fact->name));
}

/* Each count of it would count the last one, too: a view of what is counted here, however far below. */
static void
refuse_own_counts(Oid relation)
{
	static RgtQuery query = RGT_QUERY(
		"WITH RECURSIVE read AS (SELECT $1 AS relation UNION SELECT d.refobjid FROM read r "
		"JOIN pg_rewrite w ON w.ev_class = r.relation "
		"JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid "
		"AND d.refclassid = 'pg_class'::regclass) "
		"SELECT 1 FROM read WHERE relation IN ('regtarget.attached_days'::regclass, 'regtarget.activity_days'::regclass)",
		OIDOID);
	Datum		value = ObjectIdGetDatum(relation);
	Datum		result;
	bool		isnull;

	if (rgt_one(&query, RGT_LATEST, &value, NULL, &result, &isnull, 1))
		refuse_relation(relation, rgt_text("It reads what is counted here: each count would count the last one, too."));
}

/* 22023 for what holds no rows, holds them for a session only, or is counted already. */
void
rgt_check_attachable(const RgtAttachedFact *fact, Oid relation)
{
	switch (get_rel_relkind(relation))
	{
		case RELKIND_RELATION:
		case RELKIND_PARTITIONED_TABLE:
		case RELKIND_VIEW:
		case RELKIND_MATVIEW:
		case RELKIND_FOREIGN_TABLE:
			break;
		default:
			refuse_relation(relation, rgt_text("It is neither a table nor a view."));
	}
	if (get_rel_namespace(relation) == get_rel_namespace(rgt_relation("visits")))
		refuse_relation(relation, rgt_text("It belongs to schema regtarget, whose facts count already."));
	if (get_rel_persistence(relation) == RELPERSISTENCE_TEMP)
		refuse_relation(relation, rgt_text("It is temporary: no other session has its rows."));
	rgt_check_columns(fact, relation);
	refuse_relatives(fact, relation);
	refuse_own_counts(relation);
}

/* 42501 where the caller may not read what is counted, or not all of it. */
void
rgt_check_readable(const RgtAttachedFact *fact, Oid relation)
{
	Oid			caller = rgt_caller();
	Column		columns[MOST_COLUMNS];
	int			n = columns_of(fact, columns);

	for (int i = 0; i < n && pg_class_aclcheck(relation, caller, ACL_SELECT) != ACLCHECK_OK; i++)
	{
		if (pg_attribute_aclcheck(relation, get_attnum(relation, columns[i].name), caller, ACL_SELECT) != ACLCHECK_OK)
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("permission denied for relation %s", rgt_attached_name(relation)),
					 errdetail("Role \"%s\" may not read column %s.", rgt_caller_name(), columns[i].name)));
	}
	if (check_enable_rls(relation, caller, true) == RLS_ENABLED)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("row security hides rows of relation %s from role \"%s\"", rgt_attached_name(relation),
						rgt_caller_name()),
				 errhint("It is counted by a role that sees them all, such as its owner.")));
}
