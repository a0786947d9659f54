/*
 * attached/attach.c
 *	  attach_facts() and detach_facts(): which relations count.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "attached/relation.h"
#include "regtarget.h"

/* ---- attaching ---------------------------------------------------------------------------------------------- */

/* Say where the sums would be made, when that is not where the rows are; and when servers wait for each other. */
static void
tell_plan(const RgtAttachedFact *fact, const char *name, const RgtCountingPlan *plan)
{
	if (plan->fetched > 0)
		ereport(NOTICE,
				(errmsg("all rows of relation %s would be fetched to be summed up here", name),
				 errdetail("That is so of %d of the %d parts of it that are elsewhere.", plan->fetched, plan->elsewhere),
				 errhint("Let the view or foreign table have unit_id, %s%s as plain columns, without casts, functions or joins; "
						 "let partitions be by unit_id or %s; ANALYZE the foreign tables, or set use_remote_estimate on their "
						 "server.  A foreign data wrapper that cannot sum cannot be helped.",
						 fact->day, fact->has_won ? ", won, amount" : fact->has_amount ? ", amount" : "", fact->day)));
	else if (plan->elsewhere > 1 && plan->in_turn > 0)
		ereport(NOTICE,
				(errmsg("the %d parts of relation %s that are elsewhere would be asked one after the other", plan->elsewhere,
						name),
				 errhint("ALTER SERVER ... OPTIONS (ADD async_capable 'true') for each of their servers, and they work at the "
						 "same time.")));
}

static bool
is_any(Datum *values, RgtQuery *query)
{
	Datum		result;
	bool		isnull;

	return rgt_one(query, RGT_LATEST, values, NULL, &result, &isnull, 1);
}

/* Both count. */
static void
tell_of_facts_here(const RgtAttachedFact *fact)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT 1 WHERE CASE $1 WHEN 'visits' THEN EXISTS (SELECT FROM regtarget.visits) WHEN 'deals' THEN EXISTS (SELECT FROM "
		"regtarget.deals) ELSE EXISTS (SELECT FROM regtarget.revenues) END", TEXTOID);
	Datum		value = CStringGetTextDatum(fact->name);

	if (is_any(&value, &query))
		ereport(NOTICE,
				(errmsg("table regtarget.%s has rows, too", fact->name),
				 errdetail("Both count: what is in both would count twice.")));
}

static void
tell_of_reading(TupleTableSlot *slot, void *arg)
{
	ereport(NOTICE,
			(errmsg("view %s reads %s, whose rows count, too", TextDatumGetCString(slot->tts_values[0]),
					TextDatumGetCString(slot->tts_values[1])),
			 errdetail("Both count: what is in both would count twice.")));
}

/* A view may well take what the other relation has not; but whoever forgets that should know. */
static void
tell_of_views(const RgtAttachedFact *fact, Oid relation)
{
	static RgtQuery query = RGT_QUERY(
		"WITH RECURSIVE reads AS (SELECT w.ev_class AS view, d.refobjid AS relation FROM pg_depend d "
		"JOIN pg_rewrite w ON w.oid = d.objid WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass), "
		"counted AS (SELECT $2 AS relation UNION SELECT format('regtarget.%I', $1)::regclass UNION "
		"SELECT r.relation FROM regtarget.attached_relations r JOIN regtarget.attachments a ON a.attachment_id = r.attachment_id "
		"WHERE a.fact = $1), "
		"reached AS (SELECT relation AS view, relation FROM counted UNION "
		"SELECT f.view, r.relation FROM reached f JOIN reads r ON r.view = f.relation) "
		"SELECT f.view::regclass::text, f.relation::regclass::text FROM reached f JOIN counted c ON c.relation = f.relation "
		"WHERE f.view <> f.relation AND $2 IN (f.view, f.relation) ORDER BY 1, 2", TEXTOID, OIDOID);
	Datum		values[2] = {CStringGetTextDatum(fact->name), ObjectIdGetDatum(relation)};

	rgt_run(&query, RGT_LATEST, values, NULL, tell_of_reading, NULL);
}

/* The attachment of a relation as a fact, whether it is noted by number or by name; false: there is none. */
static bool
find_by_relation(const RgtAttachedFact *fact, Oid relation, RgtAttachment *found)
{
	int			n;
	RgtAttachment *list = rgt_attachments(RGT_LATEST, &n);

	for (int i = 0; i < n; i++)
	{
		*found = list[i];
		if (found->fact == fact && found->relation == relation)
			return true;
	}
	return false;
}

/* A new row of attachments.  What bore the name before and is gone makes way for it. */
static int32
add_attachment(const RgtAttachedFact *fact, Oid relation)
{
	static RgtQuery taken = RGT_QUERY(
		"SELECT a.attachment_id FROM regtarget.attachments a WHERE a.fact = $1 AND a.schema_name = $2 AND a.relation_name = $3",
		TEXTOID, TEXTOID, TEXTOID);
	static RgtQuery add = RGT_QUERY(
		"INSERT INTO regtarget.attachments (fact, schema_name, relation_name, made_there) VALUES ($1, $2, $3, true) "
		"RETURNING attachment_id", TEXTOID, TEXTOID, TEXTOID);
	Datum		values[3] = {CStringGetTextDatum(fact->name),
							 CStringGetTextDatum(get_namespace_name(get_rel_namespace(relation))),
							 CStringGetTextDatum(get_rel_name(relation))};
	Datum		id;
	bool		isnull;

	if (is_any(values, &taken))
		rgt_refuse_taken(fact->name, relation);
	rgt_one(&add, RGT_FRESH, values, NULL, &id, &isnull, 1);
	return DatumGetInt32(id);
}

static void
note_plan(int32 id, const RgtCountingPlan *plan)
{
	static RgtQuery query = RGT_KEY_QUERY(
		"UPDATE regtarget.attachments SET made_there = $2 WHERE attachment_id = $1 AND made_there <> $2", INT4OID, BOOLOID);
	Datum		values[2] = {Int32GetDatum(id), BoolGetDatum(plan->fetched == 0)};

	rgt_run(&query, RGT_FRESH, values, NULL, NULL, NULL);
}

/* 42704 for a number that is no relation's. */
static void
require_relation(Oid relation)
{
	RgtAttachment attachment = {.relation = relation};

	if (!rgt_hold_relation(&attachment))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("relation with OID %u does not exist", relation)));
}

/* attach_facts(fact, relation): what was attached already is looked at again, and its name of now is noted. */
PG_FUNCTION_INFO_V1(rgt_attach_facts);
Datum
rgt_attach_facts(PG_FUNCTION_ARGS)
{
	text	   *name = rgt_required_text(fcinfo, 0, "fact");
	RgtAttachment attachment;
	const RgtAttachedFact *fact;
	RgtCountingPlan plan;
	RgtSession	session;
	Oid			relation;

	rgt_require(fcinfo, 1, "relation");
	relation = PG_GETARG_OID(1);
	rgt_enter_to_write(&session, "regtarget.attach_facts()");
	require_relation(relation);
	rgt_require_attacher(rgt_text("role \"%s\" may not attach facts"));
	fact = rgt_attached_fact(name);
	rgt_require_unrestricted("regtarget.attach_facts()");
	rgt_lock_attachments(ShareUpdateExclusiveLock);
	rgt_check_attachable(fact, relation);
	rgt_check_readable(fact, relation);
	plan = rgt_plan_count(fact, relation);
	rgt_note_names();
	if (!find_by_relation(fact, relation, &attachment))
		attachment.id = add_attachment(fact, relation);
	rgt_note_relation(attachment.id, relation);
	note_plan(attachment.id, &plan);
	tell_plan(fact, rgt_attached_name(relation), &plan);
	tell_of_facts_here(fact);
	tell_of_views(fact, relation);
	rgt_end(&session);
	PG_RETURN_VOID();
}

/* ---- detaching ---------------------------------------------------------------------------------------------- */

static void
take_away(int32 id)
{
	static RgtQuery queries[] = {
		RGT_KEY_QUERY("DELETE FROM regtarget.attached_days WHERE attachment_id = $1", INT4OID),
		RGT_KEY_QUERY("DELETE FROM regtarget.attached_strays WHERE attachment_id = $1", INT4OID),
		RGT_KEY_QUERY("DELETE FROM regtarget.attached_relations WHERE attachment_id = $1", INT4OID),
		RGT_KEY_QUERY("DELETE FROM regtarget.attachments WHERE attachment_id = $1", INT4OID)
	};
	Datum		value = Int32GetDatum(id);

	rgt_lock_attachment(id);
	for (int i = 0; i < (int) lengthof(queries); i++)
		rgt_run(&queries[i], RGT_FRESH, &value, NULL, NULL, NULL);
}

/* detach_facts(fact, relation): the relation may be gone; '-' (0) means all of that fact that are. */
PG_FUNCTION_INFO_V1(rgt_detach_facts);
Datum
rgt_detach_facts(PG_FUNCTION_ARGS)
{
	text	   *name = rgt_required_text(fcinfo, 0, "fact");
	const RgtAttachedFact *fact;
	RgtAttachment *list;
	RgtSession	session;
	Oid			relation;
	int			taken = 0;
	int			n;

	rgt_require(fcinfo, 1, "relation");
	relation = PG_GETARG_OID(1);
	rgt_enter_to_write(&session, "regtarget.detach_facts()");
	rgt_require_attacher(rgt_text("role \"%s\" may not detach facts"));
	fact = rgt_attached_fact(name);
	rgt_require_unrestricted("regtarget.detach_facts()");
	rgt_require_read_committed("regtarget.detach_facts()");
	rgt_lock_attachments(ShareUpdateExclusiveLock);
	list = rgt_attachments(RGT_LATEST, &n);
	for (int i = 0; i < n; i++)
	{
		bool		meant = list[i].fact == fact && (list[i].relation == relation ||
													 rgt_is_noted_as(list[i].id, relation));

		if (meant)
			take_away(list[i].id);
		taken += meant;
	}
	if (taken == 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 OidIsValid(relation) ?
				 errmsg("relation %s is not attached as %s", rgt_attached_name(relation), fact->name) :
				 errmsg("no relation that is gone is attached as %s", fact->name),
				 errhint("See regtarget.attached_facts.")));
	rgt_end(&session);
	PG_RETURN_VOID();
}
