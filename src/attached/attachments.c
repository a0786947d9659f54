/*
 * attached/attachments.c
 *	  The relations that are attached, as they are on record.
 *
 * A relation is known by its number as long as this database has noted it, so that it may be renamed; a dump carries
 * its name.  Who attaches, detaches or counts holds the lock of the attachment until his transaction ends.
 */
#include "postgres.h"

#include "access/relation.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "attached/relation.h"
#include "regtarget.h"

/* One after the other: who attaches or detaches (SHARE UPDATE EXCLUSIVE). */
void
rgt_lock_attachments(LOCKMODE mode)
{
	rgt_lock_object(rgt_relation("attachments"), mode);
}

/* One after the other: who counts an attachment, or takes it away. */
void
rgt_lock_attachment(int32 id)
{
	rgt_lock_thing(rgt_relation("attachments"), (uint64) id, ExclusiveLock);
}

/* Where the number is not noted, or the database is another one, the name tells. */
static Oid
find_relation(Datum number, bool noted, const char *schema, const char *name)
{
	Oid			relation = DatumGetObjectId(number);
	Oid			schema_oid;

	if (noted)
		return SearchSysCacheExists1(RELOID, ObjectIdGetDatum(relation)) ? relation : InvalidOid;
	schema_oid = get_namespace_oid(schema, true);
	return OidIsValid(schema_oid) ? get_relname_relid(name, schema_oid) : InvalidOid;
}

typedef struct Found
{
	RgtAttachment *list;
	int			n;
	int			allocated;
	MemoryContext context;
} Found;

static void
keep_attachment(TupleTableSlot *slot, void *arg)
{
	Found	   *found = arg;
	MemoryContext old = MemoryContextSwitchTo(found->context);
	Datum	   *values = slot->tts_values;
	char	   *schema = TextDatumGetCString(values[2]);
	char	   *name = TextDatumGetCString(values[3]);
	RgtAttachment *attachment;

	RGT_GROW(found->list, found->n, found->allocated);
	attachment = &found->list[found->n++];
	attachment->id = DatumGetInt32(values[0]);
	attachment->fact = rgt_attached_fact(DatumGetTextPP(values[1]));
	attachment->relation = find_relation(values[4], !slot->tts_isnull[4], schema, name);
	attachment->name = OidIsValid(attachment->relation) ? rgt_attached_name(attachment->relation) :
		quote_qualified_identifier(schema, name);
	attachment->counted = !slot->tts_isnull[5];
	attachment->from = DatumGetDateADT(values[5]);
	attachment->to = DatumGetDateADT(values[6]);
	MemoryContextSwitchTo(old);
}

#define ATTACHMENTS \
	"SELECT a.attachment_id, a.fact, a.schema_name, a.relation_name, r.relation, a.counted_from, a.counted_to " \
	"FROM regtarget.attachments a LEFT JOIN regtarget.attached_relations r ON r.attachment_id = a.attachment_id "

/* All of them, in the order in which they are locked. */
RgtAttachment *
rgt_attachments(RgtSnapshot snapshot, int *n)
{
	static RgtQuery query = RGT_QUERY0(ATTACHMENTS "ORDER BY a.attachment_id");
	Found		found = {.allocated = 8, .context = CurrentMemoryContext};

	found.list = palloc(sizeof(RgtAttachment) * found.allocated);
	rgt_run(&query, snapshot, NULL, NULL, keep_attachment, &found);
	*n = found.n;
	return found.list;
}

/* One of them; false when it is not on record any more. */
bool
rgt_find_attachment(RgtSnapshot snapshot, int32 id, RgtAttachment *attachment)
{
	static RgtQuery query = RGT_KEY_QUERY(ATTACHMENTS "WHERE a.attachment_id = $1", INT4OID);
	Datum		value = Int32GetDatum(id);
	Found		found = {.allocated = 1, .context = CurrentMemoryContext};

	found.list = palloc(sizeof(RgtAttachment));
	rgt_run(&query, snapshot, &value, NULL, keep_attachment, &found);
	if (found.n > 0)
		*attachment = found.list[0];
	return found.n > 0;
}

/*
 * Keep the relation from being dropped or altered until the transaction ends, and look what it is called by now; false
 * when it is not there any more.
 */
bool
rgt_hold_relation(RgtAttachment *attachment)
{
	Relation	relation = OidIsValid(attachment->relation) ? try_relation_open(attachment->relation, AccessShareLock) : NULL;

	if (relation == NULL)
		attachment->relation = InvalidOid;
	else
	{
		relation_close(relation, NoLock);
		attachment->name = rgt_attached_name(attachment->relation);
	}
	return relation != NULL;
}

/* Is it noted by that number, of a relation that may be gone? */
bool
rgt_is_noted_as(int32 id, Oid relation)
{
	static RgtQuery query = RGT_KEY_QUERY(
		"SELECT true FROM regtarget.attached_relations WHERE attachment_id = $1 AND relation = $2", INT4OID, OIDOID);
	Datum		values[2] = {Int32GetDatum(id), ObjectIdGetDatum(relation)};
	Datum		result;
	bool		isnull;

	return rgt_one(&query, RGT_LATEST, values, NULL, &result, &isnull, 1);
}

/* 55000: what bore the name before and is gone has to make way for it. */
void
rgt_refuse_taken(const char *fact, Oid relation)
{
	rgt_refuse_state("attachments",
					 psprintf(rgt_text("another relation that was called %s is attached as %s"), rgt_attached_name(relation),
							  fact),
					 rgt_text("It has been dropped or renamed since."),
					 rgt_text("Where it was dropped, take it away by detach_facts() with '-' for the relation; where it was "
							  "renamed, attach it once more under its new name."));
}

#define THERE \
	"pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN regtarget.attached_relations r ON r.relation = c.oid "

/* Note what all that are there are called by now: all at once, for they may have exchanged their names. */
void
rgt_note_names(void)
{
	static RgtQuery taken = RGT_QUERY0(
		"SELECT a.fact, c.oid FROM " THERE "JOIN regtarget.attachments a ON a.attachment_id = r.attachment_id "
		"JOIN regtarget.attachments b ON b.fact = a.fact AND b.schema_name = n.nspname AND b.relation_name = c.relname "
		"AND b.attachment_id <> a.attachment_id WHERE NOT EXISTS (SELECT FROM regtarget.attached_relations q "
		"JOIN pg_class k ON k.oid = q.relation WHERE q.attachment_id = b.attachment_id) ORDER BY c.oid");
	static RgtQuery rename = RGT_QUERY0(
		"UPDATE regtarget.attachments a SET schema_name = n.nspname, relation_name = c.relname FROM " THERE
		"WHERE r.attachment_id = a.attachment_id AND (a.schema_name, a.relation_name) IS DISTINCT FROM "
		"(n.nspname::text, c.relname::text)");
	Datum		found[2];
	bool		isnull[2];

	if (rgt_one(&taken, RGT_FRESH, NULL, NULL, found, isnull, lengthof(found)))
		rgt_refuse_taken(TextDatumGetCString(found[0]), DatumGetObjectId(found[1]));
	rgt_run(&rename, RGT_FRESH, NULL, NULL, NULL, NULL);
}

/* Note which relation it is. */
void
rgt_note_relation(int32 id, Oid relation)
{
	static RgtQuery note = RGT_KEY_QUERY(
		"INSERT INTO regtarget.attached_relations AS r (attachment_id, relation) VALUES ($1, $2) "
		"ON CONFLICT (attachment_id) DO UPDATE SET relation = excluded.relation WHERE r.relation <> excluded.relation",
		INT4OID, OIDOID);
	Datum		values[2] = {Int32GetDatum(id), ObjectIdGetDatum(relation)};

	rgt_run(&note, RGT_FRESH, values, NULL, NULL, NULL);
}
